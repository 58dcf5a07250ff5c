"use strict";
/* Making nodes, and writing words and numbers in them; every string goes in as textContent, never as markup. */
const pageTools = (() => {
  const writers = new Map(); // digits → how to write: made once, as making one takes far longer than writing
  const number = (value, digits) => {
    if (!writers.has(digits)) writers.set(digits, new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
    return writers.get(digits).format(value);
  };
  // A distance as one says it: the rule of the library (messages.py, spoken_distance), which a test holds it to.
  function distance(metres, limit = null, exact = false) {
    let shown = Math.floor(metres + 0.5);
    const edge = limit === null ? null : Math.floor(limit + 0.5);
    if (edge !== null) shown = metres > limit ? Math.max(shown, edge + 1) : Math.min(shown, edge);
    if (shown < 1000) return number(shown, 0) + "\u00a0m";
    for (const digits of exact ? [0, 1, 2] : [1, 2]) {
      const step = 10 ** (3 - digits), near = Math.floor((shown + Math.floor(step / 2)) / step) * step;
      if ((edge === null || near > edge === shown > edge) && (near === shown || !exact)) return number(near / 1000, digits) + "\u00a0km";
    }
    return number(shown / 1000, 3) + "\u00a0km";
  }
  function fill(text, values) { return text.replace(/\{(\w+)\}/g, (_, key) => values[key]); }

  function el(tag, attributes, ...children) {
    const svg = ["svg", "rect", "line", "path"].includes(tag);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const name = (text) => el("bdi", {}, text);

  function badge(style, extra) {
    const node = el("span", { class: "badge " + (extra || ""), "aria-hidden": "true" }, style.letters);
    node.style.setProperty("--of-class", style.colour);
    return node;
  }

  // Dark what is sure, light what the value can still become.
  function bar(value, low, high) {
    if (value === null) return el("svg", { class: "valuebar", "aria-hidden": "true" }, el("rect", { width: "100%", height: "100%", fill: "url(#hatch)" }));
    const svg = el("svg", { class: "valuebar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
    svg.append(el("rect", { width: 100, height: 8, class: "track" }), el("rect", { x: 100 * low, width: 100 * (high - low), height: 8, class: "possible" }), el("rect", { width: 100 * low, height: 8, class: "fill" }), el("rect", { x: Math.max(0, 100 * value - 1), width: 1, height: 8, class: "fill" }));
    return svg;
  }

  function scoreBar(one) {
    const svg = el("svg", { class: "scorebar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, el("rect", { width: 100, height: 8, class: "track" }), el("rect", { x: one.low, width: Math.max(0, one.high - one.low), height: 8, class: "possible" }));
    if (one.score !== null) svg.append(el("rect", { width: one.low, height: 8, class: "fill" }), el("rect", { x: Math.max(one.score - 0.8, 0), width: 0.8, height: 8, class: "fill" }));
    return svg;
  }

  function flat(shape) { return typeof shape[0][0] === "number" ? shape : shape.flatMap(flat); }

  // How much of a box lies over others; the eight ways to go from a place.
  const overlaps = (boxes, x, y, w, h) => boxes.reduce((sum, box) => sum + Math.max(0, w + box[2] - Math.abs(x - box[0])) * Math.max(0, h + box[3] - Math.abs(y - box[1])), 0);
  const ring = [0, 4, 2, 6, 1, 3, 5, 7].map((i) => [Math.cos(i * Math.PI / 4), Math.sin(i * Math.PI / 4)]);

  return { number, distance, fill, el, name, badge, bar, scoreBar, flat, overlaps, ring };
})();
