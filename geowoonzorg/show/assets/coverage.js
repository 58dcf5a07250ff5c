"use strict";
/* Coverage per area: a grid of areas that is coloured here, by class and answer, and the table of the same. Every
   string goes in as text, never as markup. */
(async function drawCoverage() {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const UNKNOWN = 255, NOBODY_KNOWS = 65535, ROWS = 50, EDGE = 0xff5f5953, CHOSEN = 0xff123be0;
  const number = new Intl.NumberFormat(data.locale);

  async function unpack(text, Kind) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Kind(await new Response(stream).arrayBuffer());
  }

  const { width, height, bounds } = data.grid;
  const cell = await unpack(data.grid.cells, Uint32Array);
  for (let i = width; i < cell.length; i++) cell[i] = (cell[i] + cell[i - width]) >>> 0;
  for (const of of Object.values(data.numbers)) {
    for (const [key, Kind] of [["near", Uint8Array], ["low", Uint8Array], ["least", Uint16Array], ["most", Uint16Array]]) of[key] = await unpack(of[key], Kind);
  }
  const gemeente = data.code.map((code) => (/^(BU|WK)/.test(code) ? code.slice(2, 6) : code));

  const map = L.map("map", { zoomSnap: 0.25, zoomDelta: 0.5, maxZoom: 18, minZoom: 5, zoomControl: false });
  map.fitBounds(bounds, { padding: [10, 10] });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: data.words.zoom_in, zoomOutTitle: data.words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);

  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  const Picture = L.ImageOverlay.extend({
    _initImage() {
      this._image = canvas;
      L.DomUtil.addClass(canvas, "leaflet-image-layer sharp");
      if (this._zoomAnimated) L.DomUtil.addClass(canvas, "leaflet-zoom-animated");
    },
  });
  new Picture("", bounds).addTo(map);

  const colours = data.legend.map(([colour]) => (0xff000000 | (parseInt(colour.slice(5, 7), 16) << 16) | (parseInt(colour.slice(3, 5), 16) << 8) | parseInt(colour.slice(1, 3), 16)) >>> 0);
  const last = colours.length - 1;
  let chosen = -1, page = 0;
  const kind = () => at("class").value;
  const answer = () => document.querySelector('input[name="answer"]:checked').value;

  const THICK = Math.max(1, Math.round(Math.max(width, height) / 450));
  const lighter = (colour) => [0, 8, 16].reduce((sum, bits) => sum + ((((colour >>> bits) & 255) * 0.65 + 90 * 0.35) << bits), 0xff000000) >>> 0;
  function paint() {
    const own = chosen + 1 || -1;
    const share = data.numbers[kind()][answer()];
    const of = new Uint32Array(share.length + 1);
    share.forEach((value, row) => { of[row + 1] = value === UNKNOWN ? 0 : colours[Math.min(last - 1, Math.floor(value / 20))]; });
    const image = pen.createImageData(width, height);
    const pixel = new Uint32Array(image.data.buffer);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const area = cell[i];
        if (!area) continue;
        pixel[i] = of[area] || ((x + y) % 2 ? colours[last] : 0xffffffff);
        const right = x + 1 < width ? cell[i + 1] : area, below = y + 1 < height ? cell[i + width] : area;
        const edge = (other) => other && gemeente[other - 1] !== gemeente[area - 1];
        if (edge(right) || edge(below)) pixel[i] = EDGE;
        else if (right !== area || below !== area) pixel[i] = lighter(pixel[i]);
        if (area === own && (cell[i + THICK] !== area || cell[i - THICK] !== area || cell[i + THICK * width] !== area || cell[i - THICK * width] !== area)) pixel[i] = CHOSEN;
      }
    }
    pen.putImageData(image, 0, 0);
  }

  const percent = (value) => (value === UNKNOWN ? data.words.not_known : value + " %");
  function people(row) {
    const { least, most } = data.numbers[kind()];
    if (least[row] === NOBODY_KNOWS || most[row] === NOBODY_KNOWS) return data.words.not_known;
    return least[row] === most[row] ? number.format(least[row]) : number.format(least[row]) + " – " + number.format(most[row]);
  }
  function tell(row) {
    const of = data.numbers[kind()];
    at("told").textContent = row < 0 ? data.words.choose : [
      data.name[row] + " (" + data.code[row] + ")", number.format(data.homes[row]) + " " + data.words.homes.toLowerCase(),
      data.words.hopeful + ": " + percent(of.near[row]), data.words.cautious + ": " + percent(of.low[row]),
      data.words.elderly + ": " + people(row)].join("; ") + (of.known ? "" : ". " + data.words.at_least);
  }
  function boundsOf(row) {
    let west = width, east = -1, north = height, south = -1;
    for (let i = 0; i < cell.length; i++) {
      if (cell[i] !== row + 1) continue;
      const x = i % width, y = Math.floor(i / width);
      west = Math.min(west, x); east = Math.max(east, x); north = Math.min(north, y); south = Math.max(south, y);
    }
    if (east < 0) return null;
    const a = L.CRS.EPSG3857.project(L.latLng(bounds[1][0], bounds[0][1])), b = L.CRS.EPSG3857.project(L.latLng(bounds[0][0], bounds[1][1]));
    const place = (x, y) => L.CRS.EPSG3857.unproject(L.point(a.x + (x / width) * (b.x - a.x), a.y + (y / height) * (b.y - a.y)));
    return L.latLngBounds(place(west, north), place(east + 1, south + 1));
  }
  function choose(row, go) {
    chosen = row;
    tell(row);
    paint();
    list();
    const box = go && row >= 0 && boundsOf(row);
    if (!box) return;
    map.fitBounds(box, { padding: [60, 60], maxZoom: 14 });
    at("map").scrollIntoView({ block: "nearest" });
  }
  map.on("click", (event) => {
    const a = L.CRS.EPSG3857.project(L.latLng(bounds[1][0], bounds[0][1])), b = L.CRS.EPSG3857.project(L.latLng(bounds[0][0], bounds[1][1]));
    const p = L.CRS.EPSG3857.project(event.latlng);
    const x = Math.floor(((p.x - a.x) / (b.x - a.x)) * width), y = Math.floor(((p.y - a.y) / (b.y - a.y)) * height);
    choose(x >= 0 && x < width && y >= 0 && y < height ? cell[y * width + x] - 1 : -1, false);
  });

  function el(tag, name, ...children) {
    const node = document.createElement(tag);
    if (name) node.className = name;
    node.append(...children);
    return node;
  }
  function list() {
    const of = data.numbers[kind()], share = of[answer()], wanted = at("find").value.trim().toLocaleLowerCase(data.locale);
    const rows = [...data.code.keys()].filter((row) => !wanted || (data.name[row] + " " + data.code[row]).toLocaleLowerCase(data.locale).includes(wanted));
    const order = at("order").value, turn = order === "most" ? -1 : 1;
    rows.sort((one, other) => order === "name" ? data.name[one].localeCompare(data.name[other], data.locale) :
      (share[one] === UNKNOWN) - (share[other] === UNKNOWN) || turn * (share[one] - share[other]) || data.homes[other] - data.homes[one]);
    at("at-least").hidden = of.known;
    page = Math.max(0, Math.min(page, Math.ceil(rows.length / ROWS) - 1));
    at("rows").replaceChildren(...rows.slice(page * ROWS, (page + 1) * ROWS).map((row) => {
      const name = el("button", "", data.name[row]);
      name.type = "button";
      name.setAttribute("aria-pressed", String(row === chosen));
      name.addEventListener("click", () => { choose(row, true); const own = document.querySelector('#rows [aria-pressed="true"]'); if (own) own.focus({ preventScroll: true }); });
      return el("tr", "", el("td", "", name), ...[number.format(data.homes[row]), percent(of.near[row]), percent(of.low[row]), people(row)].map((text) => el("td", "n", text)));
    }));
    const from = rows.length ? page * ROWS + 1 : 0;
    at("which").textContent = data.words.rows.replace("{from}", number.format(from)).replace("{to}", number.format(Math.min(rows.length, (page + 1) * ROWS))).replace("{all}", number.format(rows.length));
    at("back").disabled = page === 0;
    at("on").disabled = (page + 1) * ROWS >= rows.length;
  }

  at("legend").append(...data.legend.map(([colour, text]) => {
    const sign = el("i", "");
    sign.style.backgroundColor = colour;
    return el("p", "", sign, text);
  }));
  for (const id of ["choose", "look", "pages"]) {
    at(id).hidden = false;
    if (id !== "pages") at(id).addEventListener("submit", (event) => event.preventDefault());
  }
  at("choose").addEventListener("change", () => { page = 0; choose(chosen, false); });
  at("look").addEventListener("input", () => { page = 0; list(); });
  at("back").addEventListener("click", () => { page -= 1; list(); });
  at("on").addEventListener("click", () => { page += 1; list(); });
  map.invalidateSize();
  choose(-1, false);
})();
