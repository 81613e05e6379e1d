// The report: printing, and the verdicts as they come in.

const PAUSE_MS = 2000;

/** Minds the report whose head is `score`, if there is one. */
export function openReport(score) {
  if (!score) return;
  armPrint();
  if ("grading" in score.dataset) setTimeout(refresh, PAUSE_MS);
}

function armPrint() {
  const print = document.querySelector("[data-print]");
  if (!print) return;
  print.hidden = false;
  print.addEventListener("click", () => globalThis.print());
}

/** What has changed since is put in its place; what the reader has opened stays as it is. */
async function refresh() {
  let page;
  try {
    const response = await fetch(location.pathname);
    if (!response.ok) throw new Error(String(response.status));
    page = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    setTimeout(refresh, PAUSE_MS);
    return;
  }
  const fresh = page.querySelector(".report-score");
  const here = document.querySelector(".report-score");
  if (!fresh) return;
  if (!("grading" in fresh.dataset)) {
    location.reload(); // everything is known: totals and topics have changed too
    return;
  }
  if (fresh.textContent !== here.textContent && !here.contains(document.activeElement)) {
    here.replaceWith(fresh);
    armPrint();
  }
  setTimeout(refresh, PAUSE_MS);
}
