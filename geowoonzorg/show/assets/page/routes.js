"use strict";
/* The chosen site on the map: its reach, and the walk to the nearest of each class with its metres. */
function makeRoutes(page) {
  const { data, state, el, map, layers, icon, overlaps } = page;
  function alongLine(line, share) {
    const points = line.map((at) => map.latLngToLayerPoint(at));
    const lengths = points.slice(1).map((point, i) => point.distanceTo(points[i]));
    let left = share * lengths.reduce((sum, length) => sum + length, 0);
    for (let i = 0; i < lengths.length; i += 1) {
      if (left <= lengths[i] && lengths[i] > 0) return points[i].add(points[i + 1].subtract(points[i]).multiplyBy(left / lengths[i]));
      left -= lengths[i];
    }
    return points[points.length - 1];
  }

  // The ways that are drawn: not to what is no longer the nearest, as no other way was drawn beforehand.
  const waysOf = (site) => site.routes.filter((route) => !(site.tried && site.tried.has(route.c)));

  function drawChosen() {
    layers.chosen.clearLayers();
    layers.routes.clearLayers();
    const site = data.sites[state.site];
    if (!site || !site.reach) return;
    if (site.reach.length) L.polygon(site.reach, { pane: "reach", interactive: false, color: "#12343b", weight: 2.5, fillColor: "#12343b", fillOpacity: 0.14 }).addTo(layers.chosen);
    for (const route of waysOf(site)) {
      if (!route.line.length) continue;
      const style = data.classes[route.c];
      L.polyline(route.line, { pane: "routes", interactive: false, color: "#ffffff", weight: 7, opacity: 0.9 }).addTo(layers.chosen);
      L.polyline(route.line, { pane: "routes", interactive: false, color: style.colour, weight: 4, dashArray: style.dash }).addTo(layers.chosen);
    }
    labelRoutes(site);
  }

  function labelRoutes(site) {
    layers.routes.clearLayers();
    // Boxes [x, y, half width, half height] that a label should not cover.
    const taken = page.settled().map(([x, y, w, h]) => [x, y, w + 3, h + 3]);
    for (const route of waysOf(site)) {
      if (!route.line.length) continue;
      const style = data.classes[route.c];
      const text = style.letters + " " + site.walks.find((one) => one.c === route.c).m;
      const half = 11 + 4 * text.length;
      // On the line where there is room, else against the facility it leads to.
      const goal = page.facilityMarks().find((one) => one.i === route.f);
      const end = goal ? goal.now : alongLine(route.line, 1);
      const beside = [1, 1.7].flatMap((far) => [[half + 15, 0], [-half - 15, 0], [0, 29], [0, -29], [half, 29], [-half, 29], [half, -29], [-half, -29]].map(([x, y]) => end.add([x * far, y * far])));
      const places = [...[0.55, 0.7, 0.4, 0.85, 0.25].map((share) => alongLine(route.line, share)), ...beside];
      const covered = places.map((at) => page.overlaps(taken, at.x, at.y, half, 14));
      const best = places[covered.indexOf(Math.min(...covered))];
      taken.push([best.x, best.y, half, 14]);
      const label = el("span", { class: "route-mark", "aria-hidden": "true" }, text);
      label.style.setProperty("--of-class", style.colour);
      L.marker(map.layerPointToLatLng(best), { pane: "labels", interactive: false, keyboard: false, icon: icon(label, [0, 0]) }).addTo(layers.routes);
    }
  }
  return { drawChosen, labelRoutes };
}
