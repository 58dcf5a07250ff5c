"use strict";
/* The map itself: its background, the streets below it, what is told on it and where it looks. */
function makeStage(page) {
  const { data, words, state, byId, el, panel, wide, calm } = page;
  const [[south, west], [north, east]] = data.view;
  const map = L.map("map", { center: [(south + north) / 2, (west + east) / 2], zoom: 10, zoomControl: false, zoomSnap: 0.5, zoomDelta: 0.5, maxZoom: 19, minZoom: 6 });
  const tiles = data.tiles && L.tileLayer(data.tiles.url, { attribution: data.tiles.attribution, minZoom: data.tiles.min_zoom, maxZoom: data.tiles.max_zoom });
  const waits = Boolean(tiles && data.tiles.on_tap); // until somebody asks for it: a map service sees who looks where
  if (tiles && !waits) tiles.addTo(map);
  const panes = { streets: 340, leaders: 585, areas: 350, within: 360, reach: 370, routes: 410, dots: 580, marks: 590, labels: 610, sites: 650 };
  for (const [pane, z] of Object.entries(panes)) map.createPane(pane).style.zIndex = z;
  map.attributionControl.setPrefix(false);
  for (const credit of data.credits) map.attributionControl.addAttribution(el("span", {}, credit).innerHTML); // escaped by being text first
  const zoom = L.control.zoom({ zoomInTitle: words.popup.zoom_in, zoomOutTitle: words.popup.zoom_out }).addTo(map);
  const all = el("a", { href: "#", role: "button", title: words.popup.zoom_all, "aria-label": words.popup.zoom_all, on: { click: (event) => { event.preventDefault(); showAll(); } } },
    el("svg", { viewBox: "0 0 18 18", "aria-hidden": "true" }, el("path", { d: "M2 6V2h4M12 2h4v4M16 12v4h-4M6 16H2v-4" })));
  zoom.getContainer().append(all);
  L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 140 }).addTo(map);

  // The legend lies over the bottom of the map: no site should start under it.
  function underLegend() { return wide() ? byId("legend").offsetHeight + 56 : 44; }
  function showAll(animate = !calm) {
    map.fitBounds(data.view, { paddingTopLeft: wide() ? [60, 36] : [24, 24], paddingBottomRight: [wide() ? 40 : 24, underLegend()], maxZoom: 16, animate });
  }

  const layers = { areas: L.layerGroup(), labels: L.layerGroup(), within: L.layerGroup(), facilities: L.layerGroup(), chosen: L.layerGroup(), routes: L.layerGroup(), leaders: L.layerGroup() };
  for (const layer of Object.values(layers)) layer.addTo(map);

  function icon(node, size) {
    return L.divIcon({ html: node, className: "mark", iconSize: size, iconAnchor: [size[0] / 2, size[1] / 2] });
  }

  function say(at, ...lines) {
    const content = el("div", { class: "say" }, ...lines.filter(Boolean).map((line) => (typeof line === "string" ? el("p", {}, line) : line)));
    L.popup({ maxWidth: 280, autoPan: false }).setLatLng(at).setContent(content).openOn(map);
    const close = document.querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", words.popup.close);
  }

  // A place that somebody looked up.
  const sought = L.circleMarker([0, 0], { pane: "sites", radius: 8, color: "#1b1f23", weight: 3, fillColor: "#ffb000", fillOpacity: 1, interactive: false });
  function showPlace(at, heading, ...lines) {
    if (state.site >= 0) page.letGo();
    state.other = -1;
    page.markRows();
    sought.setLatLng(at).addTo(map);
    const close = el("button", { type: "button", class: "close", "aria-label": words.panel.close, on: { click: page.letGo } }, "×");
    panel.classList.remove("wide");
    panel.replaceChildren(el("div", { class: "panel-head" }, el("h2", { id: "panel-title", tabindex: "-1" }, heading), close), ...lines);
    panel.hidden = false;
    map.fitBounds([at, at], { paddingBottomRight: [wide() ? panel.offsetWidth + 24 : 16, underLegend()], maxZoom: 16, animate: !calm });
  }

  // The streets of the study, where the background tiles are not: a town without names is still that town.
  const streets = L.polyline(data.streets.map((steps) => {
    const line = [];
    for (let i = 0, lat = 0, lon = 0; i < steps.length; i += 2) line.push([(lat += steps[i]) / 1e5, (lon += steps[i + 1]) / 1e5]);
    return line;
  }), { pane: "streets", renderer: L.canvas({ pane: "streets", padding: 0.3 }), interactive: false, color: "#b3b7b3", weight: 1 });
  function drawStreets(wanted) {
    if (!wanted || !data.streets.length) return void streets.remove();
    streets.addTo(map);
    weighStreets();
  }
  const streetWeight = () => Math.min(2, Math.max(0.7, (map.getZoom() - 12) * 0.38));
  function weighStreets() {
    if (map.hasLayer(streets)) streets.setStyle({ weight: streetWeight() });
  }

  let tilesLoaded = false;
  if (tiles) {
    tiles.on("tileload", () => { if (tilesLoaded) return; tilesLoaded = true; byId("notice").hidden = true; drawStreets(false); });
    const missing = () => {
      if (tilesLoaded || !byId("notice").hidden) return;
      byId("notice").textContent = words.popup.tiles_missing;
      byId("notice").hidden = false;
      drawStreets(true);
    };
    tiles.on("tileerror", missing);
    tiles.on("add", () => setTimeout(missing, 4000)); // a network that never answers
    if (map.hasLayer(tiles)) setTimeout(missing, 4000);
    if (waits) {
      const load = el("button", { type: "button", class: "action", on: { click: () => { byId("layers").elements.tiles.click(); map.getContainer().focus({ preventScroll: true }); } } }, words.crowd.load_tiles);
      byId("notice").replaceChildren(el("span", {}, words.crowd.tiles_wait), " ", load);
      byId("notice").hidden = false;
      tiles.on("add", () => { byId("notice").hidden = true; });
    }
  }
  return { map, tiles, waits, drawStreets, tilesLoaded: () => tilesLoaded, streets, streetWeight, weighStreets, layers, icon, say, sought, showPlace, showAll, underLegend };
}
