"use strict";
/* Of a long list or table the rows that are in view, with buttons to the next: a keyboard and a screen reader meet no
   more rows than an eye, and hear how many there are. */
function makePages(page, box, pager, label, most) {
  const { el, fill, number, words } = page;
  let order = [], from = 0; // nodes, or functions that make one
  const turn = (step) => () => {
    from += step;
    draw();
    const other = step < 0 ? before : after;
    if (document.activeElement.disabled || !pager.contains(document.activeElement)) (other.disabled ? (step < 0 ? after : before) : other).focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  };
  const before = el("button", { type: "button", class: "action", on: { click: turn(-most) } }, words.crowd.previous);
  const after = el("button", { type: "button", class: "action", on: { click: turn(most) } }, words.crowd.next);
  const said = el("span", { role: "status" });
  pager.setAttribute("aria-label", label);
  pager.append(before, said, after);

  const table = box.closest("table");
  function draw() {
    const shown = order.slice(from, from + most).map((one) => (typeof one === "function" ? one() : one));
    const many = order.length > most;
    box.replaceChildren(...shown);
    pager.hidden = !many;
    before.disabled = from === 0;
    after.disabled = from + most >= order.length;
    said.textContent = many ? fill(words.crowd.shown, { first: number(from + 1, 0), last: number(from + shown.length, 0), all: number(order.length, 0) }) : "";
    if (table && many) table.setAttribute("aria-rowcount", order.length + 1); // with its head
    shown.forEach((row, k) => {
      if (!many) return;
      if (table) row.setAttribute("aria-rowindex", from + k + 2);
      else { row.setAttribute("aria-posinset", from + k + 1); row.setAttribute("aria-setsize", order.length); }
    });
  }

  return {
    set(now) { order = now; from = 0; draw(); },
    // Turn to the page of one of them.
    reveal(k) {
      const page_ = Math.floor(k / most) * most;
      if (k < 0 || page_ === from) return;
      from = page_;
      draw();
    },
  };
}
