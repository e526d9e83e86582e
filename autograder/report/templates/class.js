// The page is complete without this.
// Click a column's head to sort by it.
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
      // Numbers as such; among texts, "numeric" takes 87.33 for more than 87.5.
      const order = (one, other) => one - other || one.localeCompare(other, undefined, { numeric: true });
      const rows = [...body.rows].sort((a, b) => order(value(a), value(b)));
      body.append(...(down ? rows.reverse() : rows));
    });
  });
}
// Only what is wider than the page is said to scroll.
for (const region of document.querySelectorAll(".scrolls + .scroll")) {
  const say = () => { region.previousElementSibling.hidden = region.scrollWidth <= region.clientWidth; };
  say();
  new ResizeObserver(say).observe(region);
}
