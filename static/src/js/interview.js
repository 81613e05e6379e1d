// A sitting: its clock, answers saved as one writes; and the report that waits for the graders.
import { openAnswer } from "./sitting-answer.js";
import { startClock } from "./sitting-clock.js";
import { openReport } from "./sitting-report.js";

startClock(document.querySelector("[data-clock]"));
openAnswer(document.querySelector("[data-sitting-answer]"));
openReport(document.querySelector(".report-score"));
