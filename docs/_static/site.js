// What scrolls sideways can be scrolled with the keys: formulas, tables, code.
function reachable() {
  const wide = "mjx-container[display=true], .pst-scrollable-table-container, .highlight pre";
  for (const each of document.querySelectorAll(wide)) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
  }
}

// What Sphinx and the theme leave unsaid to those who do not see the page.
function named() {
  for (const each of document.querySelectorAll("nav summary")) {
    const beside = each.closest("li")?.querySelector("a");
    if (!each.textContent.trim() && beside) each.setAttribute("aria-label", beside.textContent.trim());
  }
}

addEventListener("DOMContentLoaded", named);
addEventListener("load", () => {
  named();
  reachable();
  window.MathJax?.startup?.promise?.then(reachable);
});
addEventListener("resize", reachable);
