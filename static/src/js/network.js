// Requests that fail say so, and leave the page with everything on it.
import { hush, sound } from "./alarm.js";
import { word } from "./words.js";

document.querySelector("#alarm button")?.addEventListener("click", hush);
document.addEventListener("htmx:beforeRequest", hush);
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => sound(word("unreachable")));
}
document.addEventListener("htmx:responseError", () => sound(word("failed")));

// An error page that answers a fragment's request goes into the fragment's place without its frame.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, shouldSwap } = event.detail;
  if (!shouldSwap || !/^\s*<!doctype/i.test(xhr.responseText)) return;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  event.detail.serverResponse = page.querySelector("main")?.innerHTML ?? "";
});
