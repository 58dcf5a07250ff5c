"use strict";
/* What is on the screen as a file to go on with: the ranking as csv, the sites as GeoJSON, the map as a picture. */
function makeFiles(page) {
  const { data, words, el, byId } = page;
  const say = words.files;
  const named = (ending) => (document.title.normalize("NFD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "geowoonzorg") + ending;

  function save(text, type, ending) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    const link = el("a", { href: address, download: named(ending) });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  // A spreadsheet must not run a name as a formula.
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value !== "string") return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
    return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };

  // With the weights, and what is tried, as they are now.
  function rows() {
    const found = page.ranking();
    return data.sites.map((site, i) => {
      const one = found[i];
      const parts = Object.fromEntries(data.rule.keys.flatMap((key, k) => [[key + "_value", (one.site || site).v[k][0]], [key + "_points", one.parts[k]], [key + "_weight", page.weights.now()[k]]]));
      return { id: site.id, name: site.name, rank: one.rank, score: one.score, score_low: one.low, score_high: one.high, known_weight_share: one.known, knocked_out: site.out !== null, knock_out_reason: site.out || "", ...parts };
    }).sort((a, b) => (a.rank === null) - (b.rank === null) || a.rank - b.rank);
  }
  function asCsv() {
    const table = rows();
    const columns = Object.keys(table[0] || { id: "" });
    save("\ufeff" + [columns.join(","), ...table.map((row) => columns.map((name) => cell(row[name])).join(","))].join("\r\n") + "\r\n", "text/csv", ".csv");
  }

  const turned = (shape) => (typeof shape[0] === "number" ? [shape[1], shape[0]] : shape.map(turned));
  const closed = (ring) => [...ring, ring[0]];
  function geometry(site) {
    if (!site.shape) return { type: "Point", coordinates: turned(site.at) };
    const many = typeof site.shape[0][0][0] !== "number";
    const rings = turned(site.shape);
    return many ? { type: "MultiPolygon", coordinates: rings.map((part) => part.map(closed)) } : { type: "Polygon", coordinates: rings.map(closed) };
  }
  function asGeoJson() {
    const at = new Map(data.sites.map((site) => [site.id, site]));
    const features = rows().map((row) => ({ type: "Feature", id: row.id, geometry: geometry(at.get(row.id)), properties: row }));
    save(JSON.stringify({ type: "FeatureCollection", features }), "application/geo+json", ".geojson");
  }

  const drawPicture = makePicture(page);
  const said = el("p", { class: "help", role: "status" });
  function asPicture() {
    said.textContent = "";
    drawPicture().toBlob((picture) => {
      if (picture) save(picture, "image/png", ".png");
      else said.textContent = say.picture_failed; // more than this browser can hold
    }, "image/png");
  }

  const button = (text, run) => el("button", { type: "button", class: "action", on: { click: run } }, text);
  byId("files").append(el("h2", {}, say.title), el("p", { class: "help" }, say.help), el("p", { class: "line" }, button(say.csv, asCsv), button(say.geojson, asGeoJson), button(say.picture, asPicture)), said, el("p", { class: "help" }, say.picture_help));
}
