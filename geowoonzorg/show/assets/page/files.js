"use strict";
/* What is on the screen as a file to go on with: the ranking as csv, the sites or all that is drawn as GeoJSON, the map as a picture. */
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
    const text = /^[\s\u200b\ufeff]*[=+\-@\t\r＝＋－＠]/.test(value) ? "'" + value : value;
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

  // How deep the lists of a shape lie says what it is: points, lines, then rings and parts.
  const depth = (shape) => (typeof shape === "number" ? 0 : 1 + depth(shape[0]));
  function drawn(shape, filled) {
    if (!shape || !shape.length) return null;
    const at = turned(shape), deep = depth(shape);
    if (deep === 1) return { type: "Point", coordinates: at };
    if (!filled) return { type: deep === 2 ? "LineString" : "MultiLineString", coordinates: at };
    return deep === 3 ? { type: "Polygon", coordinates: at.map(closed) } : { type: "MultiPolygon", coordinates: at.map((part) => part.map(closed)) };
  }
  // All layers in one file, as QGIS opens it from the desktop: `layer` says which an object is of.
  function asLayers() {
    const key = (c) => data.classes[c].key;
    const figures = (area) => Object.fromEntries(Object.entries(area.v).map(([name, [, told]]) => [name, told]));
    const of = (layer, geometry, properties) => ({ type: "Feature", geometry, properties: { layer, ...properties } });
    const at = new Map(data.sites.map((site) => [site.id, site]));
    const features = [
      ...rows().map((row) => of("sites", geometry(at.get(row.id)), row)),
      ...data.facilities.map(([c, lat, lon, name, source, edited], i) => of("facilities", drawn([lat, lon]), { id: data.facilityIds[i], name, facility_class: key(c), source, last_edit: edited })),
      ...data.sites.filter((site) => site.reach).map((site) => of("reach", drawn(site.reach, true), { id: site.id, name: site.name, limit_m: data.limitM })),
      ...data.sites.flatMap((site) => (site.routes || []).map((route) => of("routes", drawn(route.line, false), { id: site.id, name: site.name, facility_class: key(route.c), facility_id: data.facilityIds[route.f] ?? null }))),
      ...data.serviceAreas.map((one) => of("service_areas", drawn(one.shape, one.filled), { facility_class: key(one.c), limit_m: one.m })),
      ...data.areas.map((area) => of("areas", drawn(area.shape, true), { id: area.code, name: area.name, ...figures(area) })),
    ].filter((one) => one.geometry);
    save(JSON.stringify({ type: "FeatureCollection", features }), "application/geo+json", "-lagen.geojson");
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
  byId("files").append(el("h2", {}, say.title), el("p", { class: "help" }, say.help), el("p", { class: "line" }, button(say.csv, asCsv), button(say.geojson, asGeoJson), button(say.layers, asLayers), button(say.picture, asPicture)), said, el("p", { class: "help" }, say.layers_help), el("p", { class: "help" }, say.picture_help));
}
