// The code page: editor, drafts, runs and their results, tabs.
import { openDesk } from "./desk.js";

openDesk(document.getElementById("editor-form"));
