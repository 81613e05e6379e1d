// The form of a question: Alt and the arrows move the row that the focus is in, by its own button.
document.addEventListener("keydown", (event) => {
  const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!way || !event.altKey || event.isComposing || !(event.target instanceof Element)) return;
  const button = event.target.closest("[data-form-row]")?.querySelector(`[data-form-move="${way}"]`);
  if (!button) return;
  event.preventDefault();
  if (button.getAttribute("aria-disabled") !== "true") button.click();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.('[data-form-move][aria-disabled="true"]')) event.preventDefault();
});
