// What scrolls sideways can be scrolled with the keys: formulas, tables, code.
function reachable() {
  for (const each of document.querySelectorAll("div.math, .pst-scrollable-table-container, .highlight pre")) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
  }
}
addEventListener("load", () => setTimeout(reachable, 300));
addEventListener("resize", reachable);
