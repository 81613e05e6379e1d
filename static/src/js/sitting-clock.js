// The clock of a sitting. What is left is the server's deadline less the server's time, counted on from when it was told.
import { announce } from "./words.js";

const TICK_MS = 500;
const ASK_MS = 30_000;
const AMBER_MS = 300_000;
const RED_MS = 60_000;

let head = null;
let told = null; // {now, deadline, whole, phase}: by the server, at `toldAt` of this page
let toldAt = 0;
let said = null;
let over = false;

/** Shows the clock in `element`, if there is one. */
export function startClock(element) {
  if (!element) return;
  head = element;
  const { now, deadline, whole } = head.dataset;
  set({ now: Number(now), deadline: Number(deadline), whole: Number(whole), phase: null });
  said = level(left("deadline"));
  show();
  setInterval(show, TICK_MS);
  setInterval(ask, ASK_MS);
  addEventListener("online", ask);
  addEventListener("pageshow", ask); // also from the browser's memory of pages
  document.addEventListener("visibilitychange", () => document.hidden || ask()); // after sleep the counting may lag
}

/** What the server said of its clock, beside something else. */
export function resync(clock) {
  if (!head) return;
  set(clock);
  show();
}

function set(clock) {
  const before = told?.phase ?? clock.phase;
  told = clock;
  toldAt = performance.now();
  if (before !== null && clock.phase !== null && before !== clock.phase) reload();
}

async function ask() {
  try {
    const response = await fetch(head.dataset.url);
    if (response.ok) resync(await response.json());
  } catch {
    // Without a connection the page counts on by itself.
  }
}

function left(name) {
  return Math.max(told[name] - told.now - (performance.now() - toldAt), 0);
}

function show() {
  for (const place of head.querySelectorAll("[data-left]")) place.textContent = clockText(left(place.dataset.left));
  if (head.dataset.paused === "yes") {
    if (left("deadline") === 0) reload();
    return;
  }
  const now = level(left("deadline"));
  head.dataset.level = now;
  if (now !== said) {
    said = now;
    if (now === "amber") announce(head.dataset.five);
    if (now === "red") announce(head.dataset.one);
  }
  if (left("deadline") === 0 && !over) end();
}

/** The last words are saved before the server is asked where to go on. */
function end() {
  over = true;
  announce(head.dataset.over);
  dispatchEvent(new Event("whetstone:time-over"));
  setTimeout(reload, 1200);
}

function reload() {
  const [, sitting] = /^(\/interviews\/\d+)/.exec(location.pathname) ?? [];
  if (sitting) location.replace(sitting);
}

function level(leftMs) {
  if (leftMs <= RED_MS) return "red";
  return leftMs <= AMBER_MS ? "amber" : "calm";
}

/** `12:05`, or `1:02:05`; a second that has begun is shown. */
function clockText(leftMs) {
  const seconds = Math.ceil(leftMs / 1000);
  const two = (count) => String(count).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
