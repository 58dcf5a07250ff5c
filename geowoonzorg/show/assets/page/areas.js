"use strict";
/* The wijken and buurten under one colouring: drawn, numbered, told and found from their table. */
function makeAreas(page) {
  const { data, words, state, byId, el, name, fill, flat, panel, map, layers, icon, say, ring, overlaps } = page;
  const indicator = () => data.indicators.find((one) => one.key === state.indicator);

  function drawAreas() {
    layers.areas.clearLayers();
    layers.labels.clearLayers();
    const now = indicator();
    for (const area of data.areas) {
      const figure = now && area.v[now.key];
      const known = figure && figure[0] >= 0;
      L.polygon(area.shape, {
        pane: "areas", className: "area", weight: now ? 1 : 1, color: now ? "#55585c" : "#8d9399", opacity: 0.8, dashArray: now ? null : "1 4",
        fill: Boolean(now), fillColor: known ? now.classes[figure[0]].colour : "url(#hatch)", fillOpacity: 0.8, interactive: Boolean(now),
      }).on("click", (event) => tellArea(area, event.latlng)).addTo(layers.areas);
    }
  }

  // What is missing or stands in is told at the figure that has it, and the popup follows the colouring.
  let told = null;
  function tellArea(area, at) {
    const now = indicator();
    const figure = area.v[now.key];
    say(at, el("h2", {}, name(area.name)), now.title + ": " + (figure ? figure[1] : words.panel.unknown),
      area.gaps[now.key] || (figure ? "" : fill(words.panel.unknown_because, { reason: words.panel.no_reason })));
    told = { area, at };
  }
  map.on("popupclose", () => { told = null; });
  function retellArea() {
    if (!told) return;
    const { area, at } = told;
    map.closePopup();
    if (indicator()) tellArea(area, at);
  }

  function labelAreas() {
    layers.labels.clearLayers();
    const now = indicator();
    if (!now) return;
    const view = map.getBounds();
    let shown = 0;
    for (const area of data.areas) {
      if (shown > 300 || !view.contains(area.at)) continue;
      const size = map.latLngToLayerPoint(L.latLngBounds(flat(area.shape)).getNorthEast())
        .subtract(map.latLngToLayerPoint(L.latLngBounds(flat(area.shape)).getSouthWest()));
      if (Math.min(size.x, -size.y) < 34) continue;
      const figure = area.v[now.key];
      const mark = figure && figure[0] >= 0 ? now.classes[figure[0]].mark : "?";
      L.marker(clear(area), { pane: "labels", interactive: false, keyboard: false, icon: icon(el("span", { class: "class-mark", "aria-hidden": "true" }, mark), [20, 20]) }).addTo(layers.labels);
      shown += 1;
    }
  }

  // Where in an area its number lies under no sign; its middle when there is no such place near it.
  function clear(area) {
    const home = map.latLngToLayerPoint(area.at);
    const rings = typeof area.shape[0][0][0] === "number" ? area.shape : area.shape.flat();
    const edges = rings.map((ring) => ring.map((at) => map.latLngToLayerPoint(at)));
    for (const step of [0, 18, 30, 44]) for (const [x, y] of step ? ring : [[0, 0]]) {
      const at = home.add([x * step, y * step]);
      if (page.overlaps(page.settled(), at.x, at.y, 9, 9) === 0 && (!step || inside(edges, at))) return map.layerPointToLatLng(at);
    }
    return area.at;
  }

  function inside(edges, at) {
    let odd = false;
    for (const edge of edges) edge.forEach((a, i) => {
      const b = edge[(i + 1) % edge.length];
      if (a.y > at.y !== b.y > at.y && at.x < a.x + (b.x - a.x) * (at.y - a.y) / (b.y - a.y)) odd = !odd;
    });
    return odd;
  }

  // A row of the table shows its area on the map, under the colouring that is on, or the first.
  for (const button of document.querySelectorAll("[data-area]")) button.addEventListener("click", () => {
    const area = data.areas[Number(button.dataset.area)];
    if (!indicator()) {
      state.indicator = data.indicators[0].key;
      for (const box of byId("layers").elements) if (box.name === "indicator") box.checked = box.value === state.indicator;
      drawAreas();
      page.redraw();
      page.remember(true);
    }
    panel.parentElement.scrollIntoView();
    map.fitBounds(L.latLngBounds(flat(area.shape)), { maxZoom: 16, animate: false });
    tellArea(area, area.at);
    document.querySelector(".leaflet-popup-close-button").focus({ preventScroll: true });
  });
  return { indicator, drawAreas, labelAreas, retellArea };
}
