"use strict";
/* The map as a picture: its layers drawn anew on a canvas, between title and legend, scale, date and sources. Tiles
   come from elsewhere and would make the canvas unreadable; the streets of the study stand in for them. Whatever a
   name holds, it is drawn as text. */
function makePicture(page) {
  const { map, streets, streetWeight, fill, byId, words } = page;
  const WIDE = 1600, MOST = 16e6; // pixels: enough to print, and no more than an old telephone can hold
  const EDGE = 14, GAP = 18, HATCH = 7;
  const INK = "#1b1f23", SOFT = "#53595f";
  const family = getComputedStyle(document.body).fontFamily;
  const font = (size, weight = 400) => `${weight} ${size}px ${family}`;
  const plain = (text) => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "").replace(/\s+/g, " ").trim(); // no turning of the rest of a line

  // ------------------------------------------------------------------ what stands on the map, as it stands
  function hatch(ctx) {
    const cell = Object.assign(document.createElement("canvas"), { width: HATCH, height: HATCH });
    const pen = cell.getContext("2d");
    for (const node of document.querySelectorAll("#hatch > *")) trace(pen, node);
    const pattern = ctx.createPattern(cell, "repeat");
    pattern.setTransform(new DOMMatrix().rotate(45));
    return pattern;
  }

  function trace(ctx, node) {
    const style = getComputedStyle(node), of = (key) => Number(node.getAttribute(key) || 0);
    const shape = new Path2D(node.getAttribute("d") || "");
    if (node.tagName === "line") { shape.moveTo(of("x1"), of("y1")); shape.lineTo(of("x2"), of("y2")); }
    if (node.tagName === "rect") shape.rect(of("x"), of("y"), of("width"), of("height"));
    ctx.save();
    if (style.fill !== "none" && node.tagName !== "line") {
      ctx.globalAlpha = Number(style.fillOpacity);
      ctx.fillStyle = style.fill.startsWith("url") ? hatch(ctx) : style.fill;
      ctx.fill(shape, style.fillRule);
    }
    if (style.stroke !== "none") {
      ctx.globalAlpha = Number(style.strokeOpacity);
      Object.assign(ctx, { strokeStyle: style.stroke, lineWidth: parseFloat(style.strokeWidth), lineCap: style.strokeLinecap, lineJoin: style.strokeLinejoin });
      ctx.setLineDash(style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[ ,]+/).map(parseFloat));
      ctx.stroke(shape);
    }
    ctx.restore();
  }

  // A sign as the page styles it: ground, border, letters. `home` is where the corner of the drawing lies in the window.
  function paint(ctx, node, home, light = 1) {
    const style = getComputedStyle(node), at = node.getBoundingClientRect();
    const [x, y, w, h] = [at.left - home.left, at.top - home.top, at.width, at.height];
    ctx.save();
    ctx.globalAlpha = light * Number(style.opacity);
    if (node.tagName === "svg") {
      ctx.translate(x, y);
      for (const part of node.children) trace(ctx, part);
      return void ctx.restore();
    }
    const line = parseFloat(style.borderTopWidth) || 0, given = style.borderTopLeftRadius;
    const round = Math.min(given.endsWith("%") ? (parseFloat(given) / 100) * w : parseFloat(given) || 0, w / 2, h / 2);
    const shape = new Path2D();
    shape.roundRect(x + line / 2, y + line / 2, w - line, h - line, Math.max(0, round - line / 2));
    ctx.fillStyle = style.backgroundColor;
    ctx.fill(shape);
    if (line) {
      Object.assign(ctx, { strokeStyle: style.borderTopColor, lineWidth: line });
      ctx.setLineDash({ dashed: [4, 3], dotted: [2, 2] }[style.borderTopStyle] || []);
      ctx.stroke(shape);
    }
    if (!node.children.length && node.textContent) {
      Object.assign(ctx, { font: font(parseFloat(style.fontSize), style.fontWeight), textAlign: "center", textBaseline: "middle", fillStyle: style.color });
      if (style.textShadow !== "none") {
        Object.assign(ctx, { strokeStyle: "#ffffff", lineWidth: 3 });
        ctx.strokeText(node.textContent, x + w / 2, y + h / 2);
      }
      ctx.fillText(node.textContent, x + w / 2, y + h / 2);
      if (style.textDecorationLine === "line-through") ctx.fillRect(x + 2, y + h / 2, w - 4, 1.5);
    }
    for (const child of node.children) paint(ctx, child, home, light * Number(style.opacity));
    ctx.restore();
  }

  function drawMap(ctx, w, h) {
    const home = map.getContainer().getBoundingClientRect(), moved = L.DomUtil.getPosition(map.getPane("mapPane"));
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, 0, w, h);
    ctx.clip();
    ctx.fillStyle = getComputedStyle(map.getContainer()).backgroundColor;
    ctx.fillRect(0, 0, w, h);
    ctx.beginPath();
    for (const line of streets.getLatLngs()) line.forEach((at, i) => { const p = map.latLngToContainerPoint(at); if (i) ctx.lineTo(p.x, p.y); else ctx.moveTo(p.x, p.y); });
    Object.assign(ctx, { strokeStyle: streets.options.color, lineWidth: streetWeight() });
    ctx.stroke();
    const level = (node) => Number(getComputedStyle(node).zIndex) || 0;
    const panes = Object.entries(map.getPanes()).filter(([key]) => !["mapPane", "tilePane", "popupPane"].includes(key)).map(([, pane]) => pane);
    for (const pane of panes.sort((a, b) => level(a) - level(b))) {
      ctx.save();
      ctx.translate(moved.x, moved.y);
      if (pane === map.getPane("dots") && page.dots.count()) ctx.drawImage(page.dots.canvas, -moved.x, -moved.y, w, h);
      for (const path of pane.querySelectorAll("path")) trace(ctx, path);
      ctx.restore();
      for (const mark of [...pane.querySelectorAll(".mark")].sort((a, b) => level(a) - level(b))) for (const sign of mark.children) paint(ctx, sign, home);
    }
    drawScale(ctx, h);
    ctx.restore();
  }

  function drawScale(ctx, h) {
    const line = document.querySelector(".leaflet-control-scale-line"), length = line.offsetWidth;
    ctx.fillStyle = "rgb(255 255 255 / 85%)";
    ctx.fillRect(12, h - 32, length, 20);
    Object.assign(ctx, { strokeStyle: INK, lineWidth: 2, fillStyle: INK, font: font(12), textAlign: "left", textBaseline: "middle" });
    ctx.beginPath();
    for (const [x, y] of [[13, h - 22], [13, h - 12], [11 + length, h - 12], [11 + length, h - 22]]) ctx.lineTo(x, y);
    ctx.stroke();
    ctx.fillText(line.textContent, 18, h - 22);
  }

  // ------------------------------------------------------------------------------------ words around it
  function lines(ctx, text, width) {
    const found = [""];
    const fits = (more) => ctx.measureText(more).width <= width;
    for (const word of plain(text).split(" ")) {
      const longer = found[found.length - 1] + (found[found.length - 1] ? " " : "") + word;
      if (fits(longer)) found[found.length - 1] = longer;
      else if (fits(word)) found.push(word);
      else for (const letter of (found[found.length - 1] ? " " : "") + word) { // wider than the picture
        if (fits(found[found.length - 1] + letter)) found[found.length - 1] += letter;
        else found.push(letter);
      }
    }
    return found;
  }

  // Everything is laid out twice by the same code: once for the height, then in ink.
  function write(ctx, text, y, width, { size = 13, weight = 400, colour = INK, x = 0 } = {}) {
    Object.assign(ctx, { font: font(size, weight), fillStyle: colour, textAlign: "left", textBaseline: "top" });
    const all = lines(ctx, text, width - x);
    all.forEach((line, n) => ctx.fillText(line, x, y + n * size * 1.4));
    return y + all.length * size * 1.4 + 4;
  }

  function head(ctx, width) {
    let y = write(ctx, document.querySelector("h1").textContent, 0, width, { size: 18, weight: 600 });
    y = write(ctx, document.querySelector(".outcome").textContent, y, width);
    if (!byId("own-weights").hidden) y = write(ctx, byId("own-said").textContent, y, width, { weight: 600 });
    const facts = [...document.querySelectorAll(".facts div")].map((one) => [...one.children].map((part) => part.textContent).join(" "));
    return write(ctx, facts.join(" · "), y, width, { size: 12, colour: SOFT }) + 4;
  }

  function legend(ctx, width) {
    let y = write(ctx, words.legend.title, 8, width, { size: 14, weight: 600 });
    for (const block of byId("legend-body").children) {
      if (block.tagName === "P") { y = write(ctx, block.textContent, y, width, { size: 12, colour: SOFT }); continue; }
      const title = block.querySelector("h2");
      if (title) y = write(ctx, title.textContent, y, width, { weight: 600 });
      let x = 0, deep = 0;
      for (const row of block.querySelectorAll("li")) {
        const sign = row.firstElementChild, at = sign.getBoundingClientRect(), text = row.lastElementChild.textContent;
        ctx.font = font(13);
        const wants = at.width + 7 + ctx.measureText(plain(text)).width;
        if (x && x + wants > width) { x = 0; y += deep; deep = 0; }
        paint(ctx, sign, { left: at.left - x, top: at.top - y });
        const end = write(ctx, text, y + Math.max(0, at.height - 14) / 2, width, { x: x + at.width + 7 });
        deep = Math.max(deep, end - y, at.height + 5);
        x += wants + GAP;
      }
      y += deep;
    }
    return y;
  }

  function foot(ctx, width) {
    const sources = document.querySelector(".on-paper").cloneNode(true);
    for (const tiles of sources.querySelectorAll(".of-tiles")) tiles.remove();
    const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(new Date());
    const y = write(ctx, words.files.sources + " " + sources.textContent, legend(ctx, width) + 4, width, { size: 11, colour: SOFT });
    return write(ctx, fill(words.files.made, { date: day }), y, width, { size: 11, colour: SOFT });
  }

  // The canvas with the map as it is in view.
  return function drawPicture() {
    const fold = byId("legend"), folded = !fold.open;
    fold.open = true; // a folded sign has no size
    const { x: w, y: h } = map.getSize(), inner = w - 2 * EDGE;
    const canvas = document.createElement("canvas"), ctx = canvas.getContext("2d");
    const [top, bottom] = [EDGE + head(ctx, inner), foot(ctx, inner) + EDGE];
    const whole = top + h + bottom;
    const scale = Math.min(Math.max(2, WIDE / w), Math.sqrt(MOST / (w * whole)));
    Object.assign(canvas, { width: Math.round(w * scale), height: Math.round(whole * scale) });
    ctx.scale(scale, scale);
    ctx.fillStyle = "#ffffff";
    ctx.fillRect(0, 0, w, whole);
    for (const [x, y, draw] of [[EDGE, EDGE, () => head(ctx, inner)], [0, top, () => drawMap(ctx, w, h)], [EDGE, top + h, () => foot(ctx, inner)]]) {
      ctx.save();
      ctx.translate(x, y);
      draw();
      ctx.restore();
    }
    fold.open = !folded;
    return canvas;
  };
}
