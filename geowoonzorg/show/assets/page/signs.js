"use strict";
/* What stands on the map: the walking distances, the facilities and the sites, each sign clear of the others. */
function makeSigns(page) {
  const { data, words, state, el, name, badge, map, layers, icon, say, ring, overlaps } = page;
  function drawWithin() {
    layers.within.clearLayers();
    const quiet = state.site >= 0 || Boolean(page.indicator());
    let step = 0;
    for (const within of data.serviceAreas) {
      if (!state.classes.has(within.c) || within.m !== state.limit) continue;
      const style = data.classes[within.c];
      const look = { pane: "within", interactive: false, color: style.colour, dashArray: style.dash, weight: quiet ? 1.2 : 2, opacity: state.site >= 0 ? 0.4 : quiet ? 0.65 : 0.9 };
      if (within.filled) L.polygon(within.shape, { ...look, fillColor: "#0b7285", fillOpacity: quiet ? 0 : 0.13 }).addTo(layers.within);
      else L.polyline(within.shape, { ...look, dashArray: null, weight: 8 - 2 * Math.min(step, 3), opacity: quiet ? 0.35 : 0.6 }).addTo(layers.within);
      step += 1;
    }
  }

  let facilityMarks = [];
  function drawFacilities() {
    layers.facilities.clearLayers();
    facilityMarks = [];
    if (!state.facilities) return;
    const site = data.sites[state.site];
    const goals = new Set(site && site.routes ? site.routes.map((route) => route.f) : []);
    data.facilities.forEach(([c, lat, lon, title, source, edited], i) => {
      if (!state.classes.has(c) && !goals.has(i)) return;
      const style = data.classes[c];
      const sign = badge(style, (site && !goals.has(i) ? "dim" : "") + (page.trial && page.trial.closed(i) ? " closed" : ""));
      const mark = L.marker([lat, lon], { pane: "marks", keyboard: false, icon: icon(sign, [22, 22]) }).addTo(layers.facilities);
      facilityMarks.push({ i, at: [lat, lon], sign, goal: goals.has(i) });
      mark.getElement().setAttribute("aria-hidden", "true");
      mark.on("click", () => say([lat, lon], el("h2", {}, name(title)), style.name, source, edited));
    });
  }

  const called = (site) => (site.rank === null ? "" : site.rank + ". ") + site.name + (site.out !== null ? ". " + words.map.drops_out : "");
  const siteMarks = data.sites.map((site, i) => {
    if (site.shape) L.polygon(site.shape, { pane: "reach", color: "#12343b", weight: 2, fillColor: "#12343b", fillOpacity: 0.25 }).on("click", () => page.choose(i)).addTo(map);
    const mark = el("span", { class: "site-mark" + (site.out !== null ? " out" : site.rank === null ? " none" : site.rank <= 3 ? " top" : "") }, site.out !== null ? "×" : site.rank === null ? "?" : String(site.rank));
    const marker = L.marker(site.at, { pane: "sites", icon: icon(mark, [30, 30]), riseOnHover: false, zIndexOffset: 1000 - i }).addTo(map);
    marker.getElement().setAttribute("aria-label", called(site));
    marker.on("click", () => page.choose(i, marker.getElement()));
    marker.getElement().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      page.choose(i, marker.getElement());
    });
    return mark;
  });

  // Signs that would lie on each other stand apart, a thin line tying each to its own place: the chosen
  // site first, then the sites by rank, then where the routes lead, then the other facilities.
  const FAR_M = 1100; // per 100 pixels: from there on signs are smaller
  let settled = [];
  function settle() {
    layers.leaders.clearLayers();
    settled = [];
    const small = map.distance(map.containerPointToLatLng([0, 0]), map.containerPointToLatLng([100, 0])) > FAR_M;
    map.getContainer().classList.toggle("far", small);
    const first = siteMarks.map((sign, i) => ({ at: data.sites[i].at, sign, half: i === state.site ? 18 : small ? 12 : 14, steps: [18, 26, 34] }));
    if (state.site >= 0) first.unshift(...first.splice(state.site, 1));
    const rest = facilityMarks.map((one) => Object.assign(one, { half: small ? 7 : 10, steps: small ? [12, 18, 24] : [16, 24, 32] })).sort((a, b) => b.goal - a.goal);
    for (const one of [...first, ...rest]) {
      const home = map.latLngToLayerPoint(one.at);
      let best = [0, 0], least = overlaps(settled, home.x, home.y, one.half, one.half);
      for (const step of one.steps) for (const [x, y] of ring) {
        if (least === 0) break;
        const covered = overlaps(settled, home.x + x * step, home.y + y * step, one.half, one.half);
        if (covered < least * 0.7) { least = covered; best = [x * step, y * step]; }
      }
      one.sign.style.translate = best[0] || best[1] ? best.map((n) => n.toFixed(1) + "px").join(" ") : "";
      const now = one.now = home.add(best);
      settled.push([now.x, now.y, one.half, one.half]);
      if ((!best[0] && !best[1]) || one.sign.classList.contains("dim")) continue;
      L.polyline([one.at, map.layerPointToLatLng(now)], { pane: "leaders", interactive: false, color: "#1b1f23", weight: 1.2 }).addTo(layers.leaders);
      L.circleMarker(one.at, { pane: "leaders", interactive: false, radius: 2.5, color: "#ffffff", weight: 1, fillColor: "#1b1f23", fillOpacity: 1 }).addTo(layers.leaders);
    }
    page.labelAreas();
  }
  return { drawWithin, drawFacilities, settle, called, siteMarks, settled: () => settled, facilityMarks: () => facilityMarks };
}
