"use strict";
/* Which layers are on, and the legend that says what is. */
function makeLayers(page) {
  const { data, words, state, byId, el, fill, badge, drawable, map, tiles, drawStreets } = page;
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
    const toggle = (list) => (event) => { for (const i of list) event.target.checked ? state.classes.add(i) : state.classes.delete(i); page.redraw(); page.remember(true); };
    const limits = [...new Set(data.serviceAreas.map((one) => one.m))];
    const within = el("fieldset", {}, el("legend", {}, words.layers.within),
      ...(limits.length > 1 ? limits.map((m) => choice("radio", "limit", data.serviceAreas.find((one) => one.m === m).limit, m === state.limit, () => { state.limit = m; page.redraw(); page.remember(true); }, null, m)) : []),
      ...first.map(([style, i]) => choice("checkbox", "class", style.name, state.classes.has(i), toggle([i]), swatch(style, true), style.key)),
      rest.length ? choice("checkbox", "class", words.layers.other_classes, false, toggle(rest), null, "*") : null);
    const show = el("fieldset", {}, el("legend", {}, words.layers.show),
      choice("checkbox", "facilities", words.layers.facilities, true, (event) => { state.facilities = event.target.checked; page.redraw(); }),
      tiles ? choice("checkbox", "tiles", words.layers.background, !page.waits, (event) => { if (event.target.checked) tiles.addTo(map); else tiles.remove(); drawStreets(!event.target.checked || !page.tilesLoaded()); }) : null);
    form.append(within, show);
    if (!data.indicators.length) return;
    const pick = (key) => () => { state.indicator = key; page.drawAreas(); page.redraw(); page.retellArea(); page.remember(true); };
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
    const now = page.indicator();
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
    if (page.crowded) {
      const dot = (colour) => el("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" }, el("path", { d: "M2 6a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", fill: colour }));
      if (data.sites.length + (page.others || []).length > 1) signs.push(row(dot("#12343b"), words.crowd.dot_site));
      if (on.length) signs.push(row(dot(on[0][0].colour), words.crowd.dot_facility));
    }
    blocks.push(block("", ...signs));
    if (!now && state.site < 0 && on.length > 1) blocks.push(el("p", {}, words.layers.overlap));
    body.replaceChildren(...blocks);
  }
  return { drawLayers, drawLegend };
}
