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

  // Where there are more places than signs have room for, the best have one, and the others are dots.
  const AT_ONCE = 400;
  const fallen = new Set(data.others ? data.others.out : []);
  const others = data.others && data.others.ids.map((id, k) => ({ id, name: data.others.names[k] || id, rank: data.others.ranks[k], score: data.others.scores[k], out: fallen.has(k) }));
  const crowded = Boolean(others) || data.moreFacilities.length > 0 || data.sites.length + data.facilities.length > AT_ONCE;
  function unfold(steps) {
    const places = [];
    for (let i = 0, lat = 0, lon = 0; i < steps.length; i += 2) places.push([(lat += steps[i]) / 1e5, (lon += steps[i + 1]) / 1e5]);
    return places;
  }
  const otherPlaces = others ? unfold(data.others.at) : [];
  const inks = crowded && {
    sites: page.dots.prepare(data.sites.map((site) => site.at)), others: page.dots.prepare(otherPlaces),
    facilities: page.dots.prepare(data.facilities.map(([, lat, lon]) => [lat, lon])),
    more: data.moreFacilities.map((one) => page.dots.prepare(unfold(one.at))),
  };
  const EVERY = (n) => Array.from({ length: n }, (_, k) => k);
  const moreWhich = data.moreFacilities.map((one) => EVERY(one.at.length / 2));
  const otherWhich = EVERY(otherPlaces.length);

  // Which signs stand at this zoom in and around the view: first come, first served, and none over another.
  let room = null;
  function clearRoom() {
    const size = map.getSize(), scale = 2 ** map.getZoom(), corner = map.getPixelBounds().min.subtract(size.divideBy(2)), far = size.multiplyBy(2);
    const CELL = 40, taken = new Map();
    room = (places, k, half, always) => {
      const x = places[2 * k] * scale - corner.x, y = places[2 * k + 1] * scale - corner.y;
      if (!always && (x < 0 || y < 0 || x > far.x || y > far.y)) return false;
      const [column, row] = [Math.floor(x / CELL), Math.floor(y / CELL)];
      if (!always) for (let c = column - 1; c <= column + 1; c += 1) for (let r = row - 1; r <= row + 1; r += 1) {
        for (const [x0, y0, half0] of taken.get(c + "|" + r) || []) if (Math.max(Math.abs(x - x0), Math.abs(y - y0)) < half + half0) return false;
      }
      const key = column + "|" + row;
      if (!taken.has(key)) taken.set(key, []);
      taken.get(key).push([x, y, half]);
      return true;
    };
  }

  function drawCrowd() {
    clearRoom();
    const wanted = new Set([state.site, ...state.beside].filter((i) => i >= 0));
    const order = EVERY(data.sites.length).sort((a, b) => wanted.has(b) - wanted.has(a) || (data.sites[a].rank || 1e9) - (data.sites[b].rank || 1e9) || a - b);
    const dots = [];
    for (const i of order) {
      const there = room(inks.sites, i, 15, wanted.has(i));
      if (there && !map.hasLayer(siteMarkers[i])) siteMarkers[i].addTo(map);
      else if (!there) { siteMarkers[i].remove(); dots.push(i); }
    }
    const named = drawNamed((i, goal) => room(inks.facilities, i, 14, goal));
    const groups = data.classes.map((style, c) => ({ colour: style.colour, places: inks.facilities, which: named.filter((i) => data.facilities[i][0] === c), tell: tellFacility }));
    if (state.facilities) data.moreFacilities.forEach((one, n) => {
      const style = data.classes[one.c];
      if (state.classes.has(one.c)) groups.unshift({ colour: style.colour, places: inks.more[n], which: moreWhich[n], tell: (k) => say(unfold(one.at)[k], el("h2", {}, style.name), words.crowd.nameless) });
    });
    groups.push({ colour: "#5c6b70", places: inks.others, which: otherWhich, tell: (k) => page.chooseOther(k) }, { colour: "#12343b", places: inks.sites, which: dots, tell: (i) => page.choose(i) });
    page.dots.show(groups);
  }
  function tellFacility(i) {
    const [c, lat, lon, title, source, edited] = data.facilities[i];
    say([lat, lon], el("h2", {}, name(title)), data.classes[c].name, source, edited);
  }

  let facilityMarks = [];
  function drawFacilities() {
    if (crowded) drawCrowd();
    else drawNamed(() => true);
  }
  // Draw the facilities that have a sign; those that have none, by number.
  function drawNamed(hasRoom) {
    layers.facilities.clearLayers();
    facilityMarks = [];
    const without = [];
    if (!state.facilities) return without;
    const site = data.sites[state.site];
    const goals = new Set(site && site.routes ? site.routes.map((route) => route.f) : []);
    data.facilities.forEach(([c, lat, lon], i) => {
      if (!state.classes.has(c) && !goals.has(i)) return;
      if (!hasRoom(i, goals.has(i))) return void without.push(i);
      const style = data.classes[c];
      const sign = badge(style, (site && !goals.has(i) ? "dim" : "") + (page.trial && page.trial.closed(i) ? " closed" : ""));
      const mark = L.marker([lat, lon], { pane: "marks", keyboard: false, icon: icon(sign, [22, 22]) }).addTo(layers.facilities);
      facilityMarks.push({ i, at: [lat, lon], sign, goal: goals.has(i) });
      mark.getElement().setAttribute("aria-hidden", "true");
      mark.on("click", () => tellFacility(i));
    });
    return without;
  }

  const called = (site) => (site.rank === null ? "" : site.rank + ". ") + site.name + (site.out !== null ? ". " + words.map.drops_out : "");
  const siteMarkers = [];
  const siteMarks = data.sites.map((site, i) => {
    if (site.shape) L.polygon(site.shape, { pane: "reach", color: "#12343b", weight: 2, fillColor: "#12343b", fillOpacity: 0.25 }).on("click", () => page.choose(i)).addTo(map);
    const mark = el("span", { class: "site-mark" + (site.out !== null ? " out" : site.rank === null ? " none" : site.rank <= 3 ? " top" : site.rank > 99 ? " long" : "") }, site.out !== null ? "×" : site.rank === null ? "?" : String(site.rank));
    const marker = L.marker(site.at, { pane: "sites", icon: icon(mark, [30, 30]), riseOnHover: false, zIndexOffset: 1000 - i });
    marker.on("add", () => {
      const sign = marker.getElement();
      sign.setAttribute("aria-label", called(data.sites[i]));
      sign.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        page.choose(i, sign);
      });
    });
    marker.on("click", () => page.choose(i, marker.getElement()));
    siteMarkers.push(marker);
    if (!crowded) marker.addTo(map);
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
    const first = siteMarks.map((sign, i) => ({ i, at: data.sites[i].at, sign, half: i === state.site ? 18 : small ? 12 : 14, steps: [18, 26, 34] })).filter((one) => map.hasLayer(siteMarkers[one.i]));
    first.sort((a, b) => (b.i === state.site) - (a.i === state.site));
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
  if (crowded) map.on("moveend", () => { drawFacilities(); settle(); });
  return { others, otherPlaces, crowded, drawWithin, drawFacilities, settle, called, siteMarks, settled: () => settled, facilityMarks: () => facilityMarks };
}
