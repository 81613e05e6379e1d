// The bar at the foot of the page that says what failed.

const bar = () => document.getElementById("alarm");

export function sound(text) {
  const alarm = bar();
  if (!alarm) return;
  alarm.querySelector("p").textContent = text;
  alarm.hidden = false;
}

export function hush() {
  const alarm = bar();
  if (alarm) alarm.hidden = true;
}
