// Every page: htmx, keyboard, focus, ordering, failed requests. Each file below minds one of them.
import htmx from "htmx.org/dist/htmx.esm.js";
import "./form-rows.js";
import "./forms.js";
import "./keys.js";
import "./network.js";
import "./ordering.js";
import "./small.js";
import "./stage.js";

window.htmx = htmx; // the code page hands htmx the fragments it fetched itself
