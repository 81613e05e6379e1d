// Drafts: saved as one types, with a copy in this browser for as long as the server has not taken it.

const REST_MS = 800;
const RETRY_MS = 5000;
const GOING_MS = 10000; // a page that is still here so long after it set out to leave has stayed

/**
 * Keeps a draft up to date under `url`. `show(state)` hears saved | saving | unsaved | restored | refused.
 * `send(text, leaving)` saves it: true once it is, false to be tried again, null where it will never be taken.
 */
export class Draft {
  #send;
  #key;
  #show;
  #timer;
  #pending = null;
  #sending = false;
  #going = false;

  constructor(url, key, show, send = (text, leaving) => put(url, text, leaving)) {
    this.#send = send;
    this.#key = key;
    this.#show = show;
    addEventListener("beforeunload", () => this.#leave());
    addEventListener("pagehide", () => this.flush({ leaving: true }));
    addEventListener("online", () => this.flush());
  }

  /** Text that this browser kept because the server could not, unlike what it has, `served`; null if there is none. */
  kept(served) {
    const text = stored(() => localStorage.getItem(this.#key));
    if (text !== served) return text;
    stored(() => localStorage.removeItem(this.#key));
    return null;
  }

  changed(text) {
    this.#pending = text;
    stored(() => localStorage.setItem(this.#key, text));
    this.#show("saving");
    this.#later(REST_MS);
  }

  /** Forgets what waits: the page is about to save it another way. */
  drop() {
    clearTimeout(this.#timer);
    this.#pending = null;
    stored(() => localStorage.removeItem(this.#key));
  }

  /** Sends what waits. `leaving`: the page goes away, so the request must outlive it. */
  async flush({ leaving = false } = {}) {
    clearTimeout(this.#timer);
    const text = this.#pending;
    if (text === null || (this.#sending && !leaving)) return;
    this.#sending = true;
    const saved = await this.#send(text, leaving);
    this.#sending = false;
    if (saved === null) {
      this.#pending = null;
      stored(() => localStorage.removeItem(this.#key));
      this.#show("refused");
      return;
    }
    if (!saved) {
      this.#show("unsaved");
      this.#later(RETRY_MS);
      return;
    }
    if (this.#pending !== text) {
      this.#later(REST_MS);
      return;
    }
    this.#pending = null;
    if (!this.#going) stored(() => localStorage.removeItem(this.#key));
    this.#show("saved");
  }

  /** From here on the next page may have been made before a save under way: it needs the copy. */
  #leave() {
    this.#going = true;
    setTimeout(() => (this.#going = false), GOING_MS);
  }

  #later(delayMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), delayMs);
  }
}

async function put(url, text, keepalive) {
  try {
    const headers = { "content-type": "text/plain; charset=utf-8" };
    const response = await fetch(url, { method: "PUT", body: text, headers, keepalive });
    return response.ok && !response.redirected;
  } catch {
    return false;
  }
}

/** Private windows and full disks refuse storage; drafts then live on the server alone. */
function stored(use) {
  try {
    return use();
  } catch {
    return null;
  }
}
