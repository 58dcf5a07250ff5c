"use strict";
/* The page's behaviour. Words and numbers come ready-made in the data; every string goes in as
   textContent, never as markup. */
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
if (calm) L.Map.mergeOptions({ zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false });

(function drawPage() {
  // In a frame of another page: without what that page has of its own. Said behind "?" or "#".
  const embedded = (said) => [said, new URLSearchParams(location.search)].some((one) => one.has("embed") && one.get("embed") !== "0");
  document.documentElement.classList.toggle("embed", embedded(new URLSearchParams(location.hash.slice(1))));
  document.querySelector('[role="tablist"]').hidden = false; // from here on the page has its map, and the map its size
  const data = JSON.parse(document.getElementById("data").textContent);
  // A value that has no range stands alone, one of which all is possible is nothing; then of each part what is said of
  // it, and in the middle its value with its range.
  for (const site of data.sites) site.v = site.v.map((one) => (one === null ? [null, 0, 1] : Array.isArray(one) ? one : [one, one, one]));
  for (const site of data.sites) site.parts = site.parts.map(([raw, points, most, reason, source, remark], k) => [raw, site.v[k][0], points, most, reason, source, remark, site.v[k][1], site.v[k][2]]);
  const { flat } = pageTools;
  const byId = (id) => document.getElementById(id);
  const panel = byId("panel");
  const wide = () => window.matchMedia("(min-width: 860px)").matches;
  const drawable = data.classes.map((_, i) => i).filter((i) => data.serviceAreas.some((one) => one.c === i));
  const state = {
    site: -1, other: -1, beside: [], indicator: "", facilities: true, tiles: true,
    classes: new Set(drawable.slice(0, data.named)),
    limit: data.serviceAreas.length ? data.serviceAreas[0].m : 0,
    opener: null,
  };
  // What each part of the page gives the others; a part may call what another one that comes later gives.
  const page = { ...pageTools, data, words: data.texts, calm, byId, panel, wide, drawable, state, choose, chooseOther, letGo, redraw, remember };
  for (const make of [makeStage, makeAreas, makeDots, makeSigns, makeRoutes, makePanel, makeLayers, makeRanking]) Object.assign(page, make(page));
  const { map, sought } = page;

  // -------------------------------------------------------------------------------- choosing a site
  function choose(i, opener, step = true) {
    state.site = i;
    state.other = -1;
    sought.remove();
    state.opener = opener || state.opener;
    state.beside = state.beside.filter((other) => other !== i);
    redraw();
    page.drawPanel();
    remember(step);
    const site = data.sites[i];
    const bounds = L.latLngBounds([site.at]);
    if (site.reach && site.reach.length) bounds.extend(flat(site.reach));
    // A far walk is drawn, but the view stays with what is near.
    for (const route of site.routes || []) if (route.line.length && route.near) bounds.extend(route.line);
    const cover = wide() ? panel.offsetWidth + 24 : 16;
    map.fitBounds(bounds, { paddingTopLeft: [48, 24], paddingBottomRight: [cover, page.underLegend()], maxZoom: 17, animate: !calm });
    const stage = panel.parentElement.getBoundingClientRect();
    if (!wide()) panel.scrollIntoView(); // with the site still in sight above it
    else if (stage.top < 0 || stage.top > window.innerHeight * 0.6) panel.parentElement.scrollIntoView();
    byId("panel-title").focus({ preventScroll: true });
  }

  // One that comes after those that are told whole: where it is, its rank and its score.
  function chooseOther(k, opener, step = true) {
    const one = page.others[k], { fill, number, words } = page;
    const n = [...data.sites, ...page.others].reduce((most, other) => Math.max(most, other.rank || 0), 0);
    page.showPlace(page.otherPlaces[k], page.name(one.name),
      one.rank === null ? page.el("p", {}, one.out ? words.map.drops_out : words.map.no_score) : page.el("p", { class: "standing" }, fill(words.crowd.rank, { rank: number(one.rank, 0), n: number(n, 0) })),
      one.score === null ? "" : page.el("p", { class: "standing" }, fill(words.crowd.score, { score: one.score })),
      page.el("p", { class: "help" }, fill(words.crowd.brief, { n: number(data.sites.length, 0) })));
    state.other = k;
    page.markRows();
    state.opener = opener || state.opener;
    if (page.link) page.link.write({ site: one.id, beside: [], find: "" }, step);
    byId("panel-title").focus({ preventScroll: true });
  }

  function letGo() {
    state.site = state.other = -1;
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
    page.drawWithin();
    page.drawFacilities();
    page.settle();
    page.drawChosen();
    page.drawLegend();
    page.siteMarks.forEach((mark, i) => mark.classList.toggle("on", i === state.site));
    page.markRows();
  }

  // --------------------------------------------------------------------------- what a link remembers
  const firstClasses = [...state.classes].map((i) => data.classes[i].key).join(" ");
  function remember(step) {
    if (!page.link) return;
    const classes = [...state.classes].sort((a, b) => a - b).map((i) => data.classes[i].key).join(" ");
    page.link.write({
      site: state.site >= 0 ? data.sites[state.site].id : "", beside: state.beside.map((i) => data.sites[i].id),
      layer: state.indicator, limit: data.serviceAreas.length && state.limit !== data.serviceAreas[0].m ? String(state.limit) : "",
      classes: classes === firstClasses ? "" : classes || "-",
      ...(map.hasLayer(sought) ? {} : { find: "" }),
    }, step);
  }

  // A site, layer or class that this page does not have is left out: the link may be of an older study.
  function open(said) {
    const at = (id) => data.sites.findIndex((site) => site.id === id);
    if (document.documentElement.classList.toggle("embed", embedded(said)) !== embeds) embed();
    state.indicator = data.indicators.some((one) => one.key === said.get("layer")) ? said.get("layer") : "";
    if (data.serviceAreas.length) state.limit = data.serviceAreas.some((one) => String(one.m) === said.get("limit")) ? Number(said.get("limit")) : data.serviceAreas[0].m;
    const keys = said.get("classes") === null ? firstClasses.split(" ") : said.get("classes").split(" ");
    state.classes = new Set(drawable.filter((i) => keys.includes(data.classes[i].key)));
    for (const box of byId("layers").elements) {
      if (box.name === "class") box.checked = box.value === "*" ? drawable.slice(data.toggled).some((i) => state.classes.has(i)) : state.classes.has(data.classes.findIndex((style) => style.key === box.value));
      if (box.name === "limit") box.checked = Number(box.value) === state.limit;
      if (box.name === "indicator") box.checked = box.value === state.indicator;
    }
    page.weights.apply(said);
    page.trial.apply(said);
    page.rescore();
    const site = at(said.get("site"));
    state.beside = said.getAll("beside").map(at).filter((i) => i >= 0 && i !== site).slice(0, 2);
    page.drawAreas();
    if (site >= 0) choose(site, null, false);
    else {
      state.site = state.other = -1;
      panel.hidden = true;
      sought.remove();
      redraw();
      const other = page.others ? page.others.findIndex((one) => one.id === said.get("site")) : -1;
      if (other >= 0) chooseOther(other, null, false);
      else page.find.apply(said);
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

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-site], [data-other]");
    if (!button) return;
    if ("other" in button.dataset) chooseOther(Number(button.dataset.other), button);
    else choose(Number(button.dataset.site), button);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !panel.hidden) letGo(); });

  // A wheel that turns the surrounding page zooms no map that nobody chose; and the whole page is one tap away.
  let embeds = false;
  const whole = page.el("a", { class: "whole", target: "_blank", rel: "noopener", href: "#" }, page.words.crowd.whole);
  whole.addEventListener("click", () => {
    const address = new URL(location.href), said = new URLSearchParams(address.hash.slice(1));
    said.delete("embed");
    address.searchParams.delete("embed");
    address.hash = said.toString();
    whole.href = address.href;
  });
  function embed() {
    embeds = document.documentElement.classList.contains("embed");
    if (embeds) document.querySelector("header").append(whole);
    else whole.remove();
    map.scrollWheelZoom[embeds ? "disable" : "enable"]();
    map.invalidateSize({ animate: false, pan: false });
  }
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => { if (embeds) map.scrollWheelZoom.disable(); });
  embed();

  map.on("moveend", page.labelAreas);
  map.on("zoomend", page.weighStreets);
  map.on("zoomend", page.settle);
  map.on("zoomend", () => { if (state.site >= 0 && data.sites[state.site].routes) page.labelRoutes(data.sites[state.site]); });
  if (!wide() || panel.parentElement.clientHeight < 440) byId("legend").open = false; // else it hides the map
  page.drawLayers();
  page.drawLegend();
  page.showAll(false);
  if (!page.tiles || page.waits) page.drawStreets(true);
  page.drawAreas();
  redraw();
  page.link = makeLink(open);
  page.trial = makeTrial(page);
  page.weights = makeWeights(page);
  page.find = makeFind(page);
  makeFiles(page);
  makePaper(page);
  byId("own-reset").addEventListener("click", () => { page.weights.reset(); page.trial.reset(); byId("tab-sites").focus(); });
  if (location.hash.length > 1) open(page.link.read());
})();
