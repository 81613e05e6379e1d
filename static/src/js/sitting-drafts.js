// Saving an answer of a sitting: on top of the revision that this page knows, and never after the time is over.
import { resync } from "./sitting-clock.js";

/**
 * What `Draft` sends with. A newer answer of another page and a section that is over are said in the page's notice;
 * neither is tried again. `onSaved(said)` hears when it was saved.
 */
export function sender(url, revision, type, onSaved) {
  let base = revision;
  return async (text, leaving) => {
    try {
      const headers = { "content-type": type, "x-revision": base };
      const response = await fetch(url, { method: "PUT", body: text, headers, keepalive: leaving });
      if (!response.headers.get("content-type")?.startsWith("application/json")) return false; // logged out, no room, too long
      const told = await response.json();
      if (told.clock) resync(told.clock);
      if (response.ok) {
        base = String(told.revision);
        onSaved(told.said);
        return true;
      }
      if (response.status !== 409) return false;
      refuse(`${told.said} ${told.kept}`);
      return null;
    } catch {
      return false;
    }
  };
}

function refuse(text) {
  const notice = document.querySelector("[data-refused]");
  if (!notice) return;
  notice.textContent = text;
  notice.hidden = false;
}
