"use strict";
/* The page's behaviour. Words and numbers come ready-made in the data; every string goes in as
   textContent, never as markup. */
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
if (calm) L.Map.mergeOptions({ zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false });

(function drawPage() {
  document.querySelector('[role="tablist"]').hidden = false; // from here on the page has its map, and the map its size
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.texts;
  // A value that has no range stands alone, one of which all is possible is nothing; then of each part what is said of
  // it, and in the middle its value with its range.
  for (const site of data.sites) site.v = site.v.map((one) => (one === null ? [null, 0, 1] : Array.isArray(one) ? one : [one, one, one]));
  for (const site of data.sites) site.parts = site.parts.map(([raw, points, most, reason, source, remark], k) => [raw, site.v[k][0], points, most, reason, source, remark, site.v[k][1], site.v[k][2]]);
  const byId = (id) => document.getElementById(id);
  const panel = byId("panel");
  const wide = () => window.matchMedia("(min-width: 860px)").matches;
  const drawable = data.classes.map((_, i) => i).filter((i) => data.serviceAreas.some((one) => one.c === i));
  const state = {
    site: -1, beside: [], indicator: "", facilities: true, tiles: true,
    classes: new Set(drawable.slice(0, data.named)),
    limit: data.serviceAreas.length ? data.serviceAreas[0].m : 0,
    opener: null,
  };
  let trial = null, weights = null; // what is tried and weighed, once the page stands
  let link = null; // once everything that it opens is there

  const number = (value, digits) => new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
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

  // ------------------------------------------------------------------------------------ the map
  const [[south, west], [north, east]] = data.view;
  const map = L.map("map", { center: [(south + north) / 2, (west + east) / 2], zoom: 10, zoomControl: false, zoomSnap: 0.5, zoomDelta: 0.5, maxZoom: 19, minZoom: 6 });
  const tiles = data.tiles && L.tileLayer(data.tiles.url, { attribution: data.tiles.attribution, minZoom: data.tiles.min_zoom, maxZoom: data.tiles.max_zoom }).addTo(map);
  const panes = { streets: 340, leaders: 585, areas: 350, within: 360, reach: 370, routes: 410, marks: 590, labels: 610, sites: 650 };
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
    if (state.site >= 0) letGo();
    sought.setLatLng(at).addTo(map);
    const close = el("button", { type: "button", class: "close", "aria-label": words.panel.close, on: { click: letGo } }, "×");
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
      if (overlaps(settled, at.x, at.y, 9, 9) === 0 && (!step || inside(edges, at))) return map.layerPointToLatLng(at);
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

  function flat(shape) { return typeof shape[0][0] === "number" ? shape : shape.flatMap(flat); }

  function drawWithin() {
    layers.within.clearLayers();
    const quiet = state.site >= 0 || Boolean(indicator());
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
      const sign = badge(style, (site && !goals.has(i) ? "dim" : "") + (trial && trial.closed(i) ? " closed" : ""));
      const mark = L.marker([lat, lon], { pane: "marks", keyboard: false, icon: icon(sign, [22, 22]) }).addTo(layers.facilities);
      facilityMarks.push({ i, at: [lat, lon], sign, goal: goals.has(i) });
      mark.getElement().setAttribute("aria-hidden", "true");
      mark.on("click", () => say([lat, lon], el("h2", {}, name(title)), style.name, source, edited));
    });
  }

  const called = (site) => (site.rank === null ? "" : site.rank + ". ") + site.name + (site.out !== null ? ". " + words.map.drops_out : "");
  const siteMarks = data.sites.map((site, i) => {
    if (site.shape) L.polygon(site.shape, { pane: "reach", color: "#12343b", weight: 2, fillColor: "#12343b", fillOpacity: 0.25 }).on("click", () => choose(i)).addTo(map);
    const mark = el("span", { class: "site-mark" + (site.out !== null ? " out" : site.rank === null ? " none" : site.rank <= 3 ? " top" : "") }, site.out !== null ? "×" : site.rank === null ? "?" : String(site.rank));
    const marker = L.marker(site.at, { pane: "sites", icon: icon(mark, [30, 30]), riseOnHover: false, zIndexOffset: 1000 - i }).addTo(map);
    marker.getElement().setAttribute("aria-label", called(site));
    marker.on("click", () => choose(i, marker.getElement()));
    marker.getElement().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(i, marker.getElement());
    });
    return mark;
  });

  // Signs that would lie on each other stand apart, a thin line tying each to its own place: the chosen
  // site first, then the sites by rank, then where the routes lead, then the other facilities.
  const FAR_M = 1100; // per 100 pixels: from there on signs are smaller
  let settled = [];
  const overlaps = (boxes, x, y, w, h) => boxes.reduce((sum, box) => sum + Math.max(0, w + box[2] - Math.abs(x - box[0])) * Math.max(0, h + box[3] - Math.abs(y - box[1])), 0);
  const ring = [0, 4, 2, 6, 1, 3, 5, 7].map((i) => [Math.cos(i * Math.PI / 4), Math.sin(i * Math.PI / 4)]);
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
    labelAreas();
  }

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
    const taken = settled.map(([x, y, w, h]) => [x, y, w + 3, h + 3]);
    for (const route of waysOf(site)) {
      if (!route.line.length) continue;
      const style = data.classes[route.c];
      const text = style.letters + " " + site.walks.find((one) => one.c === route.c).m;
      const half = 11 + 4 * text.length;
      // On the line where there is room, else against the facility it leads to.
      const goal = facilityMarks.find((one) => one.i === route.f);
      const end = goal ? goal.now : alongLine(route.line, 1);
      const beside = [1, 1.7].flatMap((far) => [[half + 15, 0], [-half - 15, 0], [0, 29], [0, -29], [half, 29], [-half, 29], [half, -29], [-half, -29]].map(([x, y]) => end.add([x * far, y * far])));
      const places = [...[0.55, 0.7, 0.4, 0.85, 0.25].map((share) => alongLine(route.line, share)), ...beside];
      const covered = places.map((at) => overlaps(taken, at.x, at.y, half, 14));
      const best = places[covered.indexOf(Math.min(...covered))];
      taken.push([best.x, best.y, half, 14]);
      const label = el("span", { class: "route-mark", "aria-hidden": "true" }, text);
      label.style.setProperty("--of-class", style.colour);
      L.marker(map.layerPointToLatLng(best), { pane: "labels", interactive: false, keyboard: false, icon: icon(label, [0, 0]) }).addTo(layers.routes);
    }
  }

  // -------------------------------------------------------------------------------- choosing a site
  function choose(i, opener, step = true) {
    state.site = i;
    sought.remove();
    state.opener = opener || state.opener;
    state.beside = state.beside.filter((other) => other !== i);
    redraw();
    drawPanel();
    remember(step);
    const site = data.sites[i];
    const bounds = L.latLngBounds([site.at]);
    if (site.reach && site.reach.length) bounds.extend(flat(site.reach));
    // A far walk is drawn, but the view stays with what is near.
    for (const route of site.routes || []) if (route.line.length && route.near) bounds.extend(route.line);
    const cover = wide() ? panel.offsetWidth + 24 : 16;
    map.fitBounds(bounds, { paddingTopLeft: [48, 24], paddingBottomRight: [cover, underLegend()], maxZoom: 17, animate: !calm });
    const stage = panel.parentElement.getBoundingClientRect();
    if (!wide()) panel.scrollIntoView(); // with the site still in sight above it
    else if (stage.top < 0 || stage.top > window.innerHeight * 0.6) panel.parentElement.scrollIntoView();
    byId("panel-title").focus({ preventScroll: true });
  }

  function letGo() {
    state.site = -1;
    state.beside = [];
    panel.hidden = true;
    panel.replaceChildren();
    redraw();
    sought.remove();
    remember(true);
    if (state.opener && state.opener.isConnected) state.opener.focus({ preventScroll: true });
    state.opener = null;
  }

  function redraw() {
    drawWithin();
    drawFacilities();
    settle();
    drawChosen();
    drawLegend();
    siteMarks.forEach((mark, i) => mark.classList.toggle("on", i === state.site));
    for (const button of document.querySelectorAll("[data-site]")) {
      if (Number(button.dataset.site) === state.site) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  // ---------------------------------------------------------------------------------- other weights
  // What the page was made with, to come back to.
  const shown = new Map([...document.querySelectorAll("ol.sites > li")].map((row) => [Number(row.firstElementChild.dataset.site), { row, made: [...row.firstElementChild.childNodes] }]));
  const tableRows = [...document.querySelectorAll("#sites-table tbody tr")];
  const made = data.sites.map((site) => ({ rank: site.rank, score: site.score, range: site.range, standing: site.standing, lift: site.lift, out: site.out, walks: site.walks, residents: site.residents, tried: null, parts: site.parts }));
  const tableMade = tableRows.map((row) => [...row.cells].map((cell) => [cell.textContent, cell.dataset.v]));
  const ranked = (found) => found.filter((one) => one.rank !== null).length;

  // Weigh the values, with what is tried, by the weights as they are now or by others.
  function ranking(by = weights.now()) {
    const sites = data.sites.map((site, i) => trial.values({ v: site.v, dropped: made[i].out !== null }, i));
    const found = scoringRule.rank(sites, by, data.rule);
    found.forEach((one, i) => Object.assign(one, { site: sites[i] }));
    return found;
  }
  function rescore() {
    rerank(weights.own() || trial.any() ? ranking() : null);
    weights.tell();
    trial.tell();
  }

  const firstThree = () => data.sites.filter((site) => site.rank !== null).sort((a, b) => a.rank - b.rank).slice(0, 3)
    .map((site) => site.rank + ". " + site.name + " (" + site.score + ")").join(", ") || words.map.no_score;

  // Show the ranking under other weights (from scoringRule.rank), or with null the profile's own again.
  function rerank(found) {
    data.sites.forEach((site, i) => {
      Object.assign(site, made[i], { parts: made[i].parts.map((part) => [...part]) });
      if (found) take(site, found[i], ranked(found));
      const label = site.out !== null ? "×" : site.rank === null ? "?" : String(site.rank);
      siteMarks[i].textContent = label;
      siteMarks[i].parentElement.setAttribute("aria-label", called(site));
      siteMarks[i].className = "site-mark" + (site.out !== null ? " out" : site.rank === null ? " none" : site.rank <= 3 ? " top" : "") + (i === state.site ? " on" : "");
      listRow(i, found && found[i]);
      tableRow(i, found && found[i]);
    });
    const order = data.sites.map((_, i) => i).sort((a, b) => (found ? place(found[a], a) - place(found[b], b) : 0) || a - b);
    document.querySelector("ol.sites").append(...order.filter((i) => shown.has(i)).map((i) => shown.get(i).row));
    document.querySelector("#sites-table tbody").append(...order.map((i) => tableRows[i]).filter(Boolean));
    heads.forEach((head, column) => (column ? head.removeAttribute("aria-sort") : head.setAttribute("aria-sort", "ascending")));
    const told = byId("own-weights");
    told.hidden = !found;
    if (found) byId("own-said").textContent = fill(weights.own() ? (trial.any() ? words.trial.told_both : words.weights.told) : words.trial.told, { sites: firstThree() });
    drawFacilities();
    settle();
    if (state.site >= 0) {
      drawPanel();
      drawChosen();
    }
  }
  const place = (one, i) => (data.sites[i].out !== null ? 1e9 : one.rank === null ? 1e8 : one.rank);

  function take(site, one, n) {
    const range = one.high - one.low > 0.05 ? fill(words.weights.possible, { low: number(one.low, 0), high: number(one.high, 0) }) : "";
    const known = fill(words.weights.known, { share: number(100 * one.known, 0) });
    Object.assign(site, {
      rank: one.rank, score: one.score === null ? null : number(one.score, 0), range, lift: words.weights.lift,
      standing: [one.rank === null ? words.weights.no_rank : fill(one.shared ? words.weights.shared_of : words.weights.rank_of, { rank: one.rank, n }), known].join(" · "),
    });
    one.parts.forEach((points, k) => { site.parts[k][2] = points === null ? "" : number(points, 1); site.parts[k][3] = number(one.best[k], 1); });
    if (!trial.any()) return;
    // What is tried changes values, walks and who falls out, too.
    site.out = one.site.dropped ? site.out || words.trial.drops_out : null;
    for (const [k, raw] of Object.entries(one.site.raws || {})) {
      const [value, low, high] = one.site.v[k];
      Object.assign(site.parts[k], { 0: raw, 1: value, 4: raw, 6: words.trial.tried, 7: low, 8: high });
    }
    for (const [k, remark] of Object.entries(one.site.remarks || {})) {
      const [, low, high] = one.site.v[k];
      Object.assign(site.parts[k], { 6: remark, 7: low, 8: high });
    }
    site.tried = new Set(Object.entries(one.site.walks || {}).filter(([, now]) => now.other).map(([c]) => Number(c)));
    site.walks = site.walks.map((walk) => {
      const now = (one.site.walks || {})[walk.c];
      if (!now || !now.other) return walk;
      const at = now.beyond === null ? now.m : now.beyond;
      const told = at === Infinity ? words.panel.route_none : now.beyond === null ? number(at, 0) + " m" : fill(words.trial.beyond, { m: number(at, 0) });
      return { ...walk, name: now.what, m: told, told, ok: at <= data.limitM, perhaps: false, none: at === Infinity };
    });
    if (one.site.balance) site.residents = [...site.residents, one.site.balance];
  }

  function listRow(i, one) {
    if (!shown.has(i)) return;
    const { row, made: before } = shown.get(i), button = row.firstElementChild, site = data.sites[i];
    if (!one) return void button.replaceChildren(...before);
    const bars = el("span", { class: "bar" }, scoreBar(one));
    const reason = before.filter((node) => node.className === "reason" && site.out !== null);
    button.replaceChildren(el("span", { class: "rank" }, siteMarks[i].textContent), el("span", { class: "name" }, name(site.name)), el("span", { class: "points" }, site.score === null ? words.panel.unknown : site.score), bars,
      ...(site.range ? [el("span", { class: "range" }, site.range)] : []), ...reason);
  }

  function tableRow(i, one) {
    const row = tableRows[i];
    if (!row) return;
    const texts = tableMade[i].map((made) => [...made]), site = data.sites[i], last = row.cells.length - 1;
    if (one) {
      texts[0] = [one.rank === null ? "–" : String(one.rank), place(one, i)];
      texts[2] = one.score === null ? [words.panel.unknown, ""] : [number(one.score, 1), one.score];
      texts[3] = [number(one.low, 0) + "–" + number(one.high, 0), one.low];
      texts[4] = ["–", ""];
      texts[5] = [number(100 * one.known, 0) + "\u00a0%", one.known];
      for (const [k, raw] of Object.entries((one.site && one.site.raws) || {})) texts[6 + Number(k)] = [raw, one.site.measures[k] === undefined ? "" : one.site.measures[k]];
      texts[last] = [site.out || "", undefined];
    }
    [...row.cells].forEach((cell, k) => {
      if (k === 1) return; // its name
      (k === last ? cell.querySelector("bdi") || cell : cell).textContent = texts[k][0];
      if (texts[k][1] !== undefined) cell.dataset.v = texts[k][1];
    });
  }

  function scoreBar(one) {
    const svg = el("svg", { class: "scorebar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, el("rect", { width: 100, height: 8, class: "track" }), el("rect", { x: one.low, width: Math.max(0, one.high - one.low), height: 8, class: "possible" }));
    if (one.score !== null) svg.append(el("rect", { width: one.low, height: 8, class: "fill" }), el("rect", { x: Math.max(one.score - 0.8, 0), width: 0.8, height: 8, class: "fill" }));
    return svg;
  }

  // ------------------------------------------------------------------------------------- the panel
  function drawPanel() {
    const site = data.sites[state.site];
    const together = [state.site, ...state.beside];
    panel.hidden = false;
    panel.classList.toggle("wide", together.length > 1);
    const close = el("button", { type: "button", class: "close", "aria-label": words.panel.close, on: { click: letGo } }, "×");
    const heading = el("h2", { id: "panel-title", tabindex: "-1" }, together.length > 1 ? words.panel.compare_title : name(site.name));
    const body = together.length > 1 ? compared(together) : [...summary(site), ...inWords(site), walks(site), parts(site), lift(site), residents(site)];
    panel.replaceChildren(el("div", { class: "panel-head" }, heading, close), ...tried(), ...body.filter(Boolean), chooser());
    panel.scrollTop = 0;
  }

  function summary(site) {
    return [
      el("p", { class: "big" + (site.rank === null ? " unranked" : "") + (site.score === null ? " unscored" : "") }, el("strong", {}, site.score === null ? words.map.no_score : site.score), site.score === null ? null : el("span", {}, words.map.of_100), site.range ? el("span", {}, site.range) : null),
      el("p", { class: "standing" }, site.standing),
      site.out !== null ? el("p", { class: "knocked" }, el("strong", {}, words.map.drops_out), ": ", name(site.out)) : null,
    ].filter(Boolean);
  }

  // What is tried, said where the panel is: on a phone the sentence at the top is out of sight.
  function tried() {
    if (!trial.any()) return [];
    const back = el("button", { type: "button", class: "link", on: { click: () => { trial.reset(); byId("panel-title").focus(); } } }, words.weights.back);
    return [el("p", { class: "own" }, trial.said() + " ", back)];
  }

  // What it lacks and what is not sure, in words and the most first.
  const MOST_TOLD = 3;
  const SEEN = 0.05; // points: less is nought on the screen
  function inWords(site) {
    const found = ranking()[state.site], given = weights.now(), sum = given.reduce((all, one) => all + one, 0);
    const rows = data.criteria.map(({ label }, k) => {
      const [raw, value, , , reason, , , low, high] = site.parts[k];
      return { label, raw, value, reason, lost: value === null || found.parts[k] === null ? 0 : found.best[k] - found.parts[k], open: (100 * (high - low) * given[k]) / sum };
    });
    const told = (key, by, say) => {
      const some = rows.filter((row) => row[by] >= SEEN).sort((a, b) => b[by] - a[by]);
      const more = some.length > MOST_TOLD ? [fill(words.panel.more, { n: number(some.length - MOST_TOLD, 0) })] : [];
      return el("p", { class: "in-words" }, el("strong", {}, words.panel[key]), " ", some.length ? [...some.slice(0, MOST_TOLD).map(say), ...more].join("; ") + "." : words.panel[key + "_nothing"]);
    };
    const lost = (row) => fill(words.panel.lacks_part, { label: row.label, raw: row.raw, points: number(row.lost, 1) });
    const open = (row) => row.label + ": " + (row.value === null ? words.panel.unknown + (row.reason ? ", " + row.reason : "") : row.raw);
    return [found.score === null ? null : told("lacks", "lost", lost), told("unsure", "open", open)].filter(Boolean);
  }

  // To try what happens when it closes, from where it stands.
  function closing(walk) {
    const f = trial.nearestOf(state.site, walk.c);
    if (f === null) return null;
    return el("button", { type: "button", class: "link what-if", "aria-label": words.trial.what_if + " " + data.facilities[f][3], on: { click: () => { trial.close(f); byId("panel-title").focus(); } } }, words.trial.what_if);
  }

  function walks(site) {
    const list = el("ul", { class: "walks" }, ...site.walks.map((walk) => el("li", {}, badge(data.classes[walk.c]),
      el("span", { class: "to" }, data.classes[walk.c].name, walk.name ? el("span", { class: "facility" }, name(walk.name)) : null, closing(walk)),
      el("span", { class: "metres" + (walk.ok ? "" : " far") }, walk.told, walk.none ? null : el("small", {}, fill(walk.ok ? words.panel.within : walk.perhaps ? words.panel.perhaps : walk.bound ? words.panel.beyond_known : words.panel.beyond, { limit: data.limit }))))));
    return el("section", {}, el("h3", {}, words.panel.routes), list);
  }

  function parts(site) {
    const rows = data.criteria.map((criterion, i) => {
      const [raw, value, points, most, reason, source, remark, low, high] = site.parts[i];
      return el("li", { class: value === null ? "unknown" : "" },
        el("div", { class: "line" }, el("span", { class: "label" }, criterion.label), el("span", { class: "raw" }, value === null ? words.panel.unknown : raw)),
        el("div", { class: "line" }, bar(value, low, high), el("span", { class: "gain" }, points === "" ? "–" : fill(words.panel.points, { points, most }))),
        value === null ? el("p", { class: "why" }, fill(words.panel.unknown_because, { reason })) : null,
        source || remark ? el("p", { class: "source" }, [source && fill(words.panel.source, { source }), remark].filter(Boolean).join("; ")) : null);
    });
    return el("section", {}, el("h3", {}, words.panel.parts, el("span", { class: "head-right" }, words.panel.points_head)), el("ul", { class: "parts" }, ...rows));
  }

  function lift(site) {
    return el("section", { class: "lift" }, el("h3", {}, words.panel.lift), el("p", {}, site.out !== null ? words.panel.lift_knock_out : site.lift));
  }

  function residents(site) {
    if (!site.residents.length) return null;
    return el("section", { class: "residents" }, el("h3", {}, words.panel.residents), ...site.residents.map((line) => el("p", {}, line)),
      data.balanceHelp ? el("p", { class: "source" }, data.balanceHelp) : null);
  }

  function compared(together) {
    const head = el("tr", {}, ...together.map((i) => {
      const site = data.sites[i];
      return el("th", { scope: "col" }, el("span", { class: "small-rank" }, site.out !== null ? "×" : site.rank === null ? "?" : String(site.rank)), name(site.name),
        i === state.site ? null : el("button", { type: "button", class: "close", "aria-label": fill(words.panel.compare_remove, { name: site.name }), on: { click: () => { state.beside = state.beside.filter((other) => other !== i); drawPanel(); remember(true); byId("panel-title").focus({ preventScroll: true }); } } }, "×"));
    }));
    const rows = [el("tr", {}, ...together.map((i) => el("td", {}, el("strong", { class: "mid" + (data.sites[i].rank === null ? " unranked" : "") }, data.sites[i].score === null ? words.map.no_score : data.sites[i].score), data.sites[i].range ? el("small", { class: "remark" }, data.sites[i].range) : null, " ", el("small", {}, data.sites[i].standing),
      data.sites[i].out !== null ? el("p", { class: "knocked" }, words.map.drops_out, ": ", name(data.sites[i].out)) : null)))];
    data.criteria.forEach((criterion, k) => {
      rows.push(el("tr", {}, el("th", { scope: "colgroup", colspan: together.length, class: "criterion" }, criterion.label)));
      rows.push(el("tr", {}, ...together.map((i) => {
        const [raw, value, points, most, reason, , remark, low, high] = data.sites[i].parts[k];
        return el("td", { class: value === null ? "unknown" : "" }, el("span", { class: "raw" }, value === null ? words.panel.unknown : raw), bar(value, low, high),
          el("small", {}, value === null ? reason : points === "" ? "–" : fill(words.panel.points, { points, most }) + " " + words.panel.points_head),
          remark ? el("small", { class: "remark" }, remark) : null);
      })));
    });
    if (together.some((i) => data.sites[i].residents.length)) {
      rows.push(el("tr", {}, el("th", { scope: "colgroup", colspan: together.length, class: "criterion" }, words.panel.residents)));
      rows.push(el("tr", {}, ...together.map((i) => el("td", {}, ...data.sites[i].residents.map((line) => el("p", {}, line))))));
    }
    return [el("table", { class: "compared" }, el("thead", {}, head), el("tbody", {}, ...rows))];
  }

  function chooser() {
    if (data.sites.length < 2) return el("div", {});
    if (state.beside.length >= 2) return el("p", { class: "help" }, words.panel.compare_full);
    const others = data.sites.map((site, i) => [site, i]).filter(([, i]) => i !== state.site && !state.beside.includes(i));
    if (!others.length) return el("div", {});
    const select = el("select", { id: "beside" }, ...others.map(([site, i]) => el("option", { value: i }, (site.rank === null ? "" : site.rank + ". ") + site.name)));
    const add = el("button", { type: "button", class: "action", on: { click: () => { state.beside.push(Number(select.value)); drawPanel(); remember(true); byId("panel-title").focus({ preventScroll: true }); } } }, words.panel.compare_add);
    return el("section", { class: "chooser" }, el("label", { for: "beside" }, words.panel.compare), el("div", { class: "line" }, select, add));
  }

  // ------------------------------------------------------------------------- layers and the legend
  function swatch(style, letters) {
    const svg = el("svg", { viewBox: "0 0 34 12", width: 34, height: 12, "aria-hidden": "true" }, el("line", { x1: 1, y1: 6, x2: 33, y2: 6, stroke: style.colour, "stroke-width": 3, "stroke-dasharray": style.dash }));
    return el("span", { class: "swatch" }, letters ? badge(style) : null, svg);
  }

  function choice(type, group, label, checked, change, extra, value) {
    return el("label", { class: "choice" }, el("input", { type, name: group, value, checked, on: { change } }), extra || null, el("span", {}, label));
  }

  function drawLayers() {
    const form = byId("layers");
    form.addEventListener("submit", (event) => event.preventDefault());
    const first = drawable.slice(0, data.toggled).map((i) => [data.classes[i], i]);
    const rest = drawable.slice(data.toggled);
    const toggle = (list) => (event) => { for (const i of list) event.target.checked ? state.classes.add(i) : state.classes.delete(i); redraw(); remember(true); };
    const limits = [...new Set(data.serviceAreas.map((one) => one.m))];
    const within = el("fieldset", {}, el("legend", {}, words.layers.within),
      ...(limits.length > 1 ? limits.map((m) => choice("radio", "limit", data.serviceAreas.find((one) => one.m === m).limit, m === state.limit, () => { state.limit = m; redraw(); remember(true); }, null, m)) : []),
      ...first.map(([style, i]) => choice("checkbox", "class", style.name, state.classes.has(i), toggle([i]), swatch(style, true), style.key)),
      rest.length ? choice("checkbox", "class", words.layers.other_classes, false, toggle(rest), null, "*") : null);
    const show = el("fieldset", {}, el("legend", {}, words.layers.show),
      choice("checkbox", "facilities", words.layers.facilities, true, (event) => { state.facilities = event.target.checked; redraw(); }),
      tiles ? choice("checkbox", "tiles", words.layers.background, true, (event) => { if (event.target.checked) tiles.addTo(map); else tiles.remove(); drawStreets(!event.target.checked || !tilesLoaded); }) : null);
    form.append(within, show);
    if (!data.indicators.length) return;
    const pick = (key) => () => { state.indicator = key; drawAreas(); redraw(); retellArea(); remember(true); };
    const colour = el("fieldset", {}, el("legend", {}, words.layers.indicator), choice("radio", "indicator", words.layers.indicator_none, true, pick(""), null, ""));
    let group = "";
    for (const one of data.indicators) {
      if (one.group !== group) colour.append(el("p", { class: "group" }, words.layers["group_" + one.group]));
      group = one.group;
      colour.append(choice("radio", "indicator", one.title, false, pick(one.key), null, one.key));
    }
    form.append(colour);
  }

  function drawLegend() {
    const body = byId("legend-body");
    const now = indicator();
    const on = drawable.filter((i) => state.classes.has(i)).map((i) => [data.classes[i], i]);
    const row = (sign, text) => el("li", {}, sign, el("span", {}, text));
    const limit = (data.serviceAreas.find((one) => one.m === state.limit) || { limit: data.limit }).limit;
    const blocks = [];
    const block = (title, ...rows) => el("div", {}, title ? el("h2", {}, title) : null, el("ul", {}, ...rows));
    if (now) blocks.push(block(now.long, ...now.classes.map((one) => {
      const sign = el("span", { class: "class-sign", "aria-hidden": "true" }, one.mark);
      sign.style.backgroundColor = one.colour + "cc"; // as see-through as on the map
      sign.style.color = one.dark ? "#fff" : "#1b1f23";
      return row(sign, one.label);
    }), ...(now.missing ? [row(el("svg", { viewBox: "0 0 22 18", width: 22, height: 18, "aria-hidden": "true" }, el("rect", { width: 22, height: 18, fill: "url(#hatch)" })), words.legend.missing)] : [])));
    if (on.length) blocks.push(block(fill(words.layers.within_of, { limit }), ...on.map(([style]) => row(swatch(style, true), style.plural))));
    const signs = [row(el("span", { class: "site-mark top small", "aria-hidden": "true" }, "1"), words.legend.site)];
    if (data.sites.some((site) => site.out !== null)) signs.push(row(el("span", { class: "site-mark out small", "aria-hidden": "true" }, "×"), words.legend.site_out));
    if (data.sites.some((site) => site.out === null && site.rank === null)) signs.push(row(el("span", { class: "site-mark none small", "aria-hidden": "true" }, "?"), words.legend.site_unranked));
    if (state.site >= 0) signs.push(row(el("span", { class: "reach-sign", "aria-hidden": "true" }), fill(words.legend.reach, { limit: data.limit })));
    blocks.push(block("", ...signs));
    if (!now && state.site < 0 && on.length > 1) blocks.push(el("p", {}, words.layers.overlap));
    body.replaceChildren(...blocks);
  }

  // --------------------------------------------------------------------------- what a link remembers
  const firstClasses = [...state.classes].map((i) => data.classes[i].key).join(" ");
  function remember(step) {
    if (!link) return;
    const classes = [...state.classes].sort((a, b) => a - b).map((i) => data.classes[i].key).join(" ");
    link.write({
      site: state.site >= 0 ? data.sites[state.site].id : "", beside: state.beside.map((i) => data.sites[i].id),
      layer: state.indicator, limit: data.serviceAreas.length && state.limit !== data.serviceAreas[0].m ? String(state.limit) : "",
      classes: classes === firstClasses ? "" : classes || "-",
      ...(map.hasLayer(sought) ? {} : { find: "" }),
    }, step);
  }

  // A site, layer or class that this page does not have is left out: the link may be of an older study.
  function open(said) {
    const at = (id) => data.sites.findIndex((site) => site.id === id);
    document.documentElement.classList.toggle("embed", said.get("embed") === "1");
    state.indicator = data.indicators.some((one) => one.key === said.get("layer")) ? said.get("layer") : "";
    if (data.serviceAreas.length) state.limit = data.serviceAreas.some((one) => String(one.m) === said.get("limit")) ? Number(said.get("limit")) : data.serviceAreas[0].m;
    const keys = said.get("classes") === null ? firstClasses.split(" ") : said.get("classes").split(" ");
    state.classes = new Set(drawable.filter((i) => keys.includes(data.classes[i].key)));
    for (const box of byId("layers").elements) {
      if (box.name === "class") box.checked = box.value === "*" ? drawable.slice(data.toggled).some((i) => state.classes.has(i)) : state.classes.has(data.classes.findIndex((style) => style.key === box.value));
      if (box.name === "limit") box.checked = Number(box.value) === state.limit;
      if (box.name === "indicator") box.checked = box.value === state.indicator;
    }
    weights.apply(said);
    trial.apply(said);
    rescore();
    const site = at(said.get("site"));
    state.beside = said.getAll("beside").map(at).filter((i) => i >= 0 && i !== site).slice(0, 2);
    drawAreas();
    if (site >= 0) choose(site, null, false);
    else {
      state.site = -1;
      panel.hidden = true;
      sought.remove();
      redraw();
      find.apply(said);
    }
  }

  // ------------------------------------------------------------------------------ tabs, table, print
  if (!data.trial) for (const id of ["tab-trial", "pane-trial"]) byId(id).remove();
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  openTab(tabs[0]);
  function openTab(tab) {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      byId(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
  }
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => {
      openTab(tab);
      if (!wide()) tab.parentElement.scrollIntoView(); // what it holds lies below the map there
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      openTab(next);
      next.focus();
    });
  });

  // A row of the table shows its area on the map, under the colouring that is on, or the first.
  for (const button of document.querySelectorAll("[data-area]")) button.addEventListener("click", () => {
    const area = data.areas[Number(button.dataset.area)];
    if (!indicator()) {
      state.indicator = data.indicators[0].key;
      for (const box of byId("layers").elements) if (box.name === "indicator") box.checked = box.value === state.indicator;
      drawAreas();
      redraw();
      remember(true);
    }
    panel.parentElement.scrollIntoView();
    map.fitBounds(L.latLngBounds(flat(area.shape)), { maxZoom: 16, animate: false });
    tellArea(area, area.at);
    document.querySelector(".leaflet-popup-close-button").focus({ preventScroll: true });
  });
  for (const button of document.querySelectorAll("[data-site]")) button.addEventListener("click", () => choose(Number(button.dataset.site), button));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !panel.hidden) letGo(); });

  const heads = [...document.querySelectorAll("#sites-table thead th")];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = document.querySelector("#sites-table tbody");
    const key = (row) => { const cell = row.cells[column]; return "v" in cell.dataset ? cell.dataset.v : cell.textContent.trim(); };
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = Number.isNaN(Number(x)) || Number.isNaN(Number(y)) ? x.localeCompare(y) : Number(x) - Number(y);
      return down ? -order : order;
    });
    body.append(...rows);
  }));

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
    setTimeout(missing, 4000); // a network that never answers
  }
  map.on("moveend", labelAreas);
  map.on("zoomend", weighStreets);
  map.on("zoomend", settle);
  map.on("zoomend", () => { if (state.site >= 0 && data.sites[state.site].routes) labelRoutes(data.sites[state.site]); });
  if (!wide() || panel.parentElement.clientHeight < 440) byId("legend").open = false; // else it hides the map
  drawLayers();
  drawLegend();
  showAll(false);
  if (!tiles) drawStreets(true);
  drawAreas();
  redraw();
  link = makeLink(open);
  const page = { data, words, el, fill, byId, number, name, badge, ranking, rescore, firstThree, map, streets, streetWeight, showPlace, link, weightsNow: () => weights.now() };
  trial = makeTrial(page);
  weights = makeWeights(page);
  const find = makeFind(page);
  makeFiles(page);
  makePaper(page);
  byId("own-reset").addEventListener("click", () => { weights.reset(); trial.reset(); byId("tab-sites").focus(); });
  if (location.hash.length > 1) open(link.read());
})();
