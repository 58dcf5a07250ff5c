// The page on paper: a sheet with the map, the panel whole on sheets of its own, and the table in parts
// that fit the width. What is moved for it goes back when the printing is done.
"use strict";

function makePaper({ map, byId }) {
  // Columns beside rank and name that are still readable over the width of the sheet.
  const SHEETS = { a3: { size: "A3 landscape", columns: 14 }, a4: { size: "A4 landscape", columns: 10 } };
  const root = document.documentElement, panel = byId("panel"), table = byId("sites-table");
  const stage = panel.parentElement, screen = document.querySelector(".screen");
  const rule = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).find((one) => one instanceof CSSPageRule);
  const snap = map.options.zoomSnap;
  let sheet = "a3", before = null, closed = [], parts = [];

  function partsOf(columns) {
    const rest = table.tHead.rows[0].cells.length - 2;
    const size = Math.ceil(rest / Math.ceil(rest / columns));
    return Array.from({ length: Math.ceil(rest / size) }, (_, part) => {
      const copy = table.cloneNode(true);
      copy.removeAttribute("id");
      copy.className = "of-paper";
      for (const row of copy.rows) {
        for (let i = row.cells.length - 1; i >= 2; i -= 1) if (Math.floor((i - 2) / size) !== part) row.deleteCell(i);
      }
      return copy;
    });
  }

  function toPaper() {
    if (before) return;
    before = map.getBounds();
    root.classList.add("printing", sheet);
    if (rule) rule.style.setProperty("size", SHEETS[sheet].size);
    closed = [...document.querySelectorAll("details")].filter((fold) => !fold.open);
    for (const fold of closed) fold.open = true;
    screen.after(panel);
    parts = partsOf(SHEETS[sheet].columns);
    table.after(...parts);
    map.options.zoomSnap = 0; // as large as the sheet allows, and not a whole step less
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(before, { animate: false });
  }
  function fromPaper() {
    if (!before) return;
    root.classList.remove("printing", ...Object.keys(SHEETS));
    for (const fold of closed) fold.open = false;
    for (const part of parts) part.remove();
    stage.append(panel);
    map.options.zoomSnap = snap;
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(before, { animate: false });
    before = null;
    sheet = "a3";
  }
  window.addEventListener("beforeprint", toPaper);
  window.addEventListener("afterprint", fromPaper);
  for (const name of Object.keys(SHEETS)) {
    const button = byId("print-" + name);
    button.hidden = false;
    button.addEventListener("click", () => { sheet = name; window.print(); });
  }
}
