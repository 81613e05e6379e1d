// Tabs of the code page and of others with parts beside one another. On a wide screen the editor is always there, and Question and Results share the other half.

/** Opens the tabs of `page`, the one named `first` first; `open(name)` shows one. */
export function openTabs(page, first = "question") {
  const bar = page.querySelector("[role=tablist]");
  const tabs = [...bar.querySelectorAll("[role=tab]")];
  bar.hidden = false;
  for (const tab of tabs) {
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    panel.setAttribute("role", "tabpanel");
    panel.removeAttribute("aria-label");
    panel.setAttribute("aria-labelledby", tab.id);
  }

  function open(name, { focus = false } = {}) {
    page.dataset.tab = name;
    for (const tab of tabs) {
      const on = tab.dataset.tabName === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      if (on && focus) tab.focus();
    }
  }

  bar.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) open(tab.dataset.tabName);
  });

  bar.addEventListener("keydown", (event) => {
    const shown = tabs.filter((tab) => tab.checkVisibility());
    const at = shown.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    open(shown.at(to % shown.length).dataset.tabName, { focus: true });
  });

  // Leaving the phone's layout with the editor's tab open would leave the other half empty.
  const wide = matchMedia("(min-width: 56rem)");
  const settle = () => wide.matches && page.dataset.tab === "code" && open(first);
  wide.addEventListener("change", settle);
  open(first);
  return { open };
}
