// What scrolls sideways can be scrolled with the keys: formulas, tables, code.
function reachable() {
  const wide = "mjx-container[display=true], .pst-scrollable-table-container, .highlight pre";
  for (const each of document.querySelectorAll(wide)) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
    if (each.matches(TABLES)) shown(each);
  }
}

// Where a table has more than is seen, its edge fades.
const TABLES = ".pst-scrollable-table-container";
function shown(table) {
  const rest = table.scrollWidth - table.clientWidth - table.scrollLeft;
  table.classList.toggle("more-before", table.scrollLeft > 1);
  table.classList.toggle("more-after", rest > 1);
}

// Cells with sentences get room for more than a word a line.
function tabled() {
  for (const table of document.querySelectorAll(TABLES)) {
    for (const cell of table.querySelectorAll("td")) cell.classList.toggle("wordy", cell.textContent.length > 40);
    table.addEventListener("scroll", () => shown(table), { passive: true });
  }
}

// What Sphinx and the theme leave unsaid to those who do not see the page.
function named() {
  for (const each of document.querySelectorAll("nav summary")) {
    const beside = each.closest("li")?.querySelector("a");
    if (!each.textContent.trim() && beside) each.setAttribute("aria-label", beside.textContent.trim());
  }
}

addEventListener("DOMContentLoaded", () => {
  named();
  tabled();
});
addEventListener("load", () => {
  named();
  reachable();
  window.MathJax?.startup?.promise?.then(reachable);
});
addEventListener("resize", reachable);
