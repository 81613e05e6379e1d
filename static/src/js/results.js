// Results: sent, waited for, shown, and marked stale once the code has moved on.
import { announce } from "./words.js";

const FRAGMENT = { "HX-Request": "true" };
const PAUSE_MS = 2000;
const QUIET_MS = 5000; // a stream speaks at once
const SILENT_MS = 25000; // and then at least every ten seconds

export class Results {
  #slot;
  #side;
  #onLost;
  #onNews;
  #round = 0;
  #sent = null;
  #text = "";
  #staying = false;
  #stream = null;

  /** `side` is the address of hints and ratings, fetched anew after an accepted submission. */
  constructor(slot, { side, onLost, onNews }) {
    this.#slot = slot;
    this.#side = side;
    this.#onLost = onLost;
    this.#onNews = onNews;
    slot.addEventListener("submit", (event) => this.#cancel(event));
    addEventListener("pagehide", () => this.#leave());
    document.addEventListener("htmx:load", (event) => event.detail.elt.id === "code-side" && this.#uncover());
  }

  /** The page is about to be loaded again at once: what runs goes on. */
  stay() {
    this.#staying = true;
  }

  /** Takes up what the page came with. */
  start(text) {
    this.compare(text);
    if (this.#busy()) this.#follow(++this.#round);
  }

  /** Sends `fields`; false if the server could not be reached. */
  async submit(url, fields) {
    const round = ++this.#round;
    this.#slot.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers: FRAGMENT });
      const html = await response.text();
      if (round !== this.#round) return true;
      if (response.status >= 500 && !html.includes("results")) return false;
      this.#sent = fields.code;
      this.#show(html);
      this.#onNews();
      if (this.#busy()) this.#follow(round);
      else this.#finish();
      return true;
    } catch {
      return false;
    } finally {
      if (round === this.#round && !this.#busy()) this.#slot.removeAttribute("aria-busy");
    }
  }

  /** Marks the results as stale if they are of other code than `text`. */
  async compare(text) {
    this.#text = text;
    const mark = this.#slot.querySelector("[data-stale]");
    if (!mark) return;
    const stale = await this.#isStale(text);
    if (text !== this.#text) return;
    mark.hidden = !stale;
    this.#slot.classList.toggle("is-stale", stale);
  }

  /** By the text that was sent from here, else by its hash, which plain http on other machines does not offer. */
  async #isStale(text) {
    if (this.#sent !== null) return text !== this.#sent;
    if (!globalThis.crypto?.subtle) return false;
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex !== this.#root()?.dataset.sha256;
  }

  #root() {
    return this.#slot.querySelector("[data-status]");
  }

  #busy() {
    return ["queued", "running"].includes(this.#root()?.dataset.status);
  }

  #show(html) {
    const before = this.#slot.contains(document.activeElement);
    this.#slot.innerHTML = fragment(html);
    document.dispatchEvent(new Event("whetstone:results"));
    if (before) this.#slot.querySelector("[data-verdict]")?.focus({ preventScroll: true });
    this.compare(this.#text);
  }

  /** Shows what comes until the end: as the server tells it, else by asking. */
  async #follow(round) {
    this.#stream?.close();
    if (!(await this.#listen(round))) await this.#ask(round);
    if (round === this.#round) this.#finish();
  }

  /** Follows the server's events; false if it can't, or if something on the way holds them back. */
  #listen(round) {
    return new Promise((resolve) => {
      const stream = new EventSource(`/code/submissions/${this.#root().dataset.id}/events`);
      this.#stream = stream;
      let timer;
      const stop = (came) => {
        clearTimeout(timer);
        stream.close();
        resolve(came);
      };
      const expect = (ms) => {
        clearTimeout(timer);
        timer = setTimeout(() => stop(false), ms);
      };
      const hear = (event) => {
        if (round !== this.#round) return stop(true);
        if (event.type !== "still") this.#show(event.data);
        return this.#busy() ? expect(SILENT_MS) : stop(true);
      };
      for (const name of ["progress", "still", "end"]) stream.addEventListener(name, hear);
      stream.onerror = () => stop(false);
      expect(QUIET_MS);
    });
  }

  /** Asks again and again; each question is answered when something has changed. */
  async #ask(round) {
    let lost = false;
    while (round === this.#round && this.#busy()) {
      try {
        const { id, progress } = this.#root().dataset;
        const seen = encodeURIComponent(progress);
        const response = await fetch(`/code/submissions/${id}?wait=1&seen=${seen}`, { headers: FRAGMENT });
        if (!response.ok) throw new Error(String(response.status));
        const html = await response.text();
        if (round !== this.#round) return;
        this.#show(html);
        lost = false;
      } catch {
        if (!lost) this.#onLost();
        lost = true;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /** Says the verdict; an accepted submission brings the rating buttons and the solution. */
  async #finish() {
    this.#slot.removeAttribute("aria-busy");
    const verdict = this.#slot.querySelector("[data-verdict]");
    if (!verdict) return;
    announce(this.#slot.querySelector(".results").firstElementChild.innerText);
    this.#slot.closest(".reading").scrollTop = 0;
    const { ok, mode } = this.#root().dataset;
    if (ok !== "yes" || mode !== "submit") return;
    const response = await fetch(this.#side, { headers: FRAGMENT }).catch(() => null);
    if (!response?.ok) return;
    document.getElementById("code-side").outerHTML = await response.text();
    const side = document.getElementById("code-side");
    window.htmx.process(side);
    document.dispatchEvent(new Event("whetstone:results"));
    side.querySelector("[data-focus]")?.focus({ preventScroll: true });
  }

  /** Nobody waits for a run any more; a submission counts, so it goes on. */
  #leave() {
    if (this.#staying || !this.#busy() || this.#root().dataset.mode !== "run") return;
    navigator.sendBeacon(`/code/submissions/${this.#root().dataset.id}/cancel?leaving=true`);
  }

  /** Who has given up may see what hidden cases kept to themselves. */
  async #uncover() {
    if (!this.#slot.querySelector("[data-withheld]")) return;
    const round = this.#round;
    const response = await fetch(`/code/submissions/${this.#root().dataset.id}`, { headers: FRAGMENT }).catch(() => null);
    if (response?.ok && round === this.#round) this.#show(await response.text());
  }

  async #cancel(event) {
    if (!event.target.matches("[data-cancel]")) return;
    event.preventDefault();
    const response = await fetch(event.target.action, { method: "POST", headers: FRAGMENT }).catch(() => null);
    if (!response?.ok) this.#onLost();
    else {
      const round = ++this.#round;
      this.#show(await response.text());
      if (this.#busy()) this.#follow(round);
      else this.#finish();
    }
  }
}

/** An error page answered where a fragment was due: only its message. */
function fragment(html) {
  if (!/^\s*<!doctype/i.test(html)) return html;
  const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  return `<div class="results" data-status="refused">${main?.innerHTML ?? ""}</div>`;
}
