"use strict";
/* Trying a change for the sites that were compared: a facility closes, one opens beside a site, homes are built.
   Every distance was walked when the page was made; here they are only chosen between. */
function makeTrial(page) {
  const { data, words, el, fill, byId, number, distance, badge, name } = page;
  const say = words.trial;
  const about = data.trial;
  let changes = []; // {close: facility} | {open: class, at: site} | {homes: n, at: site}
  if (!about) return { values: (site) => site, any: () => false, closed: () => false, nearestOf: () => null, tell() {}, apply() {}, reset() {} };
  const classOf = (f) => data.facilities[f][0];
  const facilityName = (f) => data.facilities[f][3];
  const inPlay = data.classes.map((_, c) => c).filter((c) => about.near.some((rows) => rows.some((row) => row[0] === c)));

  // ------------------------------------------------------------------------------------- arithmetic
  // A value over its anchors, and its least and most over a range; as the library does it.
  function value(anchors, raw) {
    if (raw <= anchors[0][0]) return anchors[0][1];
    for (let i = 1; i < anchors.length; i += 1) {
      const [[x0, y0], [x1, y1]] = [anchors[i - 1], anchors[i]];
      if (raw <= x1) return y0 + ((y1 - y0) * (raw - x0)) / (x1 - x0);
    }
    return anchors[anchors.length - 1][1];
  }
  function ranged(anchors, raw, low, high) {
    const all = [value(anchors, low), value(anchors, high), ...anchors.filter(([at]) => low < at && at < high).map(([, v]) => v)];
    return [raw === null ? null : value(anchors, raw), Math.min(...all), Math.max(...all)];
  }

  // The nearest of a class from a site after the changes: metres, cautious metres, and what it is.
  function nearest(i, c) {
    const closed = new Set(changes.filter((one) => "close" in one).map((one) => one.close));
    const rows = about.near[i].filter((row) => row[0] === c);
    const there = rows.filter((row) => !closed.has(row[1])).map(([, f, m, high, ...met]) => [m, high === null ? Infinity : high, f >= 0 ? facilityName(f) : "", met]);
    const opened = changes.filter((one) => one.open === c).flatMap((one) => about.beside[i].filter((row) => row[0] === one.at).map(([, m, high, ...met]) => [m, high === null ? Infinity : high, fill(say.new_at, { site: data.sites[one.at].name }), met]));
    const all = [...there, ...opened].sort((a, b) => a[0] - b[0]);
    const gone = rows.length > 0 && !there.length && about.more[c] && !opened.length;
    const best = all[0] || [Infinity, Infinity, "", null];
    return { m: best[0], high: Math.min(...all.map((one) => one[1]), Infinity), what: best[2], met: best[3], beyond: gone ? Math.max(...rows.map((row) => row[2])) : null };
  }
  const touched = () => new Set(changes.map((one) => ("close" in one ? classOf(one.close) : one.open)).filter((c) => c !== undefined));
  const homesOf = (i) => changes.filter((one) => "homes" in one && one.at === i).reduce((sum, one) => sum + one.homes, (about.homes && about.homes.given[i]) || 0);
  const moreHomes = (i) => changes.some((one) => "homes" in one && one.at === i);

  function otherWay(i, c) {
    const before = about.near[i].filter((row) => row[0] === c).map((row) => row[2]), now = nearest(i, c);
    return now.beyond !== null || now.m !== (before.length ? Math.min(...before) : Infinity);
  }

  // A class of which it is known that there are none: the worst of the ways passes it over, as in the library
  // (measure/ways.py, town/frames.py).
  function isGone(c) {
    const all = data.facilities.map((one, f) => [one[0], f]).filter(([of]) => of === c);
    const closed = new Set(changes.map((one) => one.close));
    if (changes.some((one) => one.open === c)) return false;
    return all.length ? all.every(([, f]) => closed.has(f)) : about.absent.includes(c);
  }

  // The worst of the ways to the nearest of classes, and between what it lies (measure/ways.py); null where not known.
  function worst(i, classes, n, metric) {
    let low = -Infinity, high = -Infinity, least = -Infinity, most = -Infinity;
    const walks = classes.map((one) => nearest(i, one));
    const longest = metric === "way_bench_gap" ? walks.map((now) => now.m) : walks.map(() => Infinity);
    for (const [at, now] of walks.entries()) {
      const met = now.beyond === null && now.met ? now.met[n] : null;
      if (met === null || met === undefined) return null;
      const [from, to] = Array.isArray(met) ? [met[0], met[1] === null ? Infinity : met[1]] : [met, met];
      const sure = about.sure[i].includes(classes[at]);
      [low, high] = [Math.max(low, from), Math.max(high, to)];
      [least, most] = [Math.max(least, sure ? from : 0), Math.max(most, sure ? to : Math.max(to, longest[at]))];
    }
    if (!walks.length) return null;
    const raw = { way_steps: low, way_kerbs: low > 0 || low === high ? low : null, way_slope: low === high ? low : null, way_bench_gap: high }[metric];
    return [raw, least, most];
  }

  // A site with the values that the changes give it.
  function values(site, i) {
    if (!changes.length) return site;
    const v = site.v.map((one) => one);
    const out = new Set(about.outBy[i]);
    const classes = touched();
    const walks = {}, raws = {}, remarks = {}, measures = {};
    const judge = (k, anchors, limits, raw, low, high) => {
      v[k] = ranged(anchors, raw, low, high);
      if (!limits) return;
      const fell = (limits[0] !== null && high < limits[0]) || (limits[1] !== null && low > limits[1]);
      if (fell) out.add(k);
      else out.delete(k);
    };
    for (const { k, c, anchors, out: limits } of about.walks) {
      if (!classes.has(c)) continue;
      const now = nearest(i, c);
      const lost = now.m === Infinity && !isGone(c) && now.beyond === null; // there are, and none can be walked to
      if (lost && !about.near[i].some((row) => row[0] === c)) continue; // nor could one before
      walks[c] = { ...now, other: otherWay(i, c) };
      measures[k] = now.beyond === null ? now.m : now.beyond;
      if (now.beyond !== null) { // only that it is farther than the last that is known
        const [, low, high] = ranged(anchors, now.beyond, now.beyond, Infinity);
        v[k] = [low === high ? low : null, low, high];
        if (limits && limits[1] !== null && now.beyond > limits[1]) out.add(k);
        else out.delete(k);
        raws[k] = fill(say.beyond, { m: distance(now.beyond, data.limitM) });
      } else if (lost) {
        const all = anchors.map(([, at]) => at);
        v[k] = [null, Math.min(...all), Math.max(...all)];
        out.delete(k);
        raws[k] = words.panel.route_none;
      } else {
        judge(k, anchors, limits, now.m, about.sure[i].includes(c) || now.m === Infinity ? now.m : 0, Math.max(now.m, now.high));
        raws[k] = now.m === Infinity ? words.panel.route_none : distance(now.m, data.limitM);
      }
    }
    about.ways.forEach(({ k, c, ends, raw: metric, unit, anchors, out: limits }, n) => {
      if (!c.some((one) => classes.has(one) && (otherWay(i, one) || isGone(one)))) return;
      const found = worst(i, c.filter((one) => !isGone(one)), n, metric);
      if (found) {
        const [raw, low, high] = found;
        judge(k, anchors, limits, raw, low, high);
        raws[k] = raw === null ? words.panel.unknown : unit === "m" ? distance(raw) : number(raw, metric === "way_slope" ? 1 : 0) + (unit ? " " + unit : "");
        if (raw !== null) measures[k] = raw;
      } else {
        v[k] = [null, ...ends];
        out.delete(k);
        raws[k] = c.some((one) => nearest(i, one).beyond !== null) ? say.way_not_seen : words.panel.unknown;
      }
    });
    if (moreHomes(i)) for (const { k, anchors, out: limits } of about.homes.judged) {
      judge(k, anchors, limits, homesOf(i), homesOf(i), homesOf(i));
      raws[k] = number(homesOf(i), 0);
      measures[k] = homesOf(i);
    }
    return { ...site, v, dropped: out.size > 0, walks, raws, remarks, measures, balance: moreHomes(i) ? balance(i) : "" };
  }

  // The balance around a site and in the building once its homes are there (people/added_homes.py).
  function balance(i) {
    if (!about.balance) return "";
    const [people, vragers, dragers, share] = about.balance.sites[i];
    if ([people, vragers, dragers, share].includes(null) || !people) return "";
    const { base, perHome } = about.balance;
    const added = homesOf(i) * perHome;
    const after = Math.log2(((people * vragers + (added * share) / base) / (people + added)) / ((people * dragers + (added * (1 - share)) / (1 - base)) / (people + added)));
    const signed = (x) => (x < 0 ? "−" : "+") + number(Math.abs(x), 2);
    return fill(say.balance, { before: signed(Math.log2(vragers / dragers)), homes: number(homesOf(i), 0), after: signed(after) });
  }

  // ---------------------------------------------------------------------------------------- the tab
  const list = el("ul", { class: "sets" });
  const effect = el("p", { class: "help", role: "status" });
  const select = (id, options) => el("select", { id }, ...options.map(([value, text]) => el("option", { value }, text)));
  const sites = data.sites.map((site, i) => [i, (site.rank === null ? "" : site.rank + ". ") + site.name]);

  const closing = select("close-one", []);
  const drawClosing = () => {
    const closed = new Set(changes.map((one) => one.close));
    const rows = inPlay.flatMap((c) => data.facilities.map((one, f) => [f, one]).filter(([f, one]) => one[0] === c && !closed.has(f) && about.near.some((near) => near.some((row) => row[1] === f))));
    closing.replaceChildren(...rows.map(([f, one]) => el("option", { value: f }, data.classes[one[0]].name + ": " + one[3])));
  };
  const opening = select("open-class", inPlay.map((c) => [c, data.classes[c].name]));
  const openAt = select("open-at", sites);
  const building = select("homes-at", sites);
  const homes = el("input", { type: "number", id: "homes-n", min: 1, max: 1000, step: 1, value: 24 });
  const group = (title, ...content) => el("fieldset", {}, el("legend", {}, title), ...content);
  const act = (text, run) => el("button", { type: "button", class: "action", on: { click: run } }, text);
  const MOST = 20;
  function add(one) {
    if (changes.length >= MOST || changes.some((other) => JSON.stringify(other) === JSON.stringify(one))) return;
    changes.push(one);
    changed();
  }
  byId("pane-trial").append(
    el("p", { class: "help" }, say.help), effect, list,
    group(say.close, el("div", { class: "line" }, el("label", { for: "close-one", class: "sr" }, say.close), closing, act(say.close_it, () => closing.value && add({ close: Number(closing.value) })))),
    ...(about.beside.some((rows) => rows.length) ? [group(say.open, el("div", { class: "line" }, el("label", { for: "open-class", class: "sr" }, say.open), opening, el("label", { for: "open-at" }, say.at), openAt, act(say.open_it, () => add({ open: Number(opening.value), at: Number(openAt.value) }))))] : []),
    ...(about.homes ? [group(say.homes, el("div", { class: "line" }, el("label", { for: "homes-n", class: "sr" }, say.homes), homes, el("label", { for: "homes-at" }, say.at), building, act(say.build, () => Number.isInteger(Number(homes.value)) && Number(homes.value) > 0 && add({ homes: Math.min(Number(homes.value), 1000), at: Number(building.value) }))))] : []),
  );

  const told = (one) => ("close" in one ? fill(say.closed, { what: data.classes[classOf(one.close)].name, name: facilityName(one.close) })
    : "open" in one ? fill(say.opened, { what: data.classes[one.open].name, site: data.sites[one.at].name })
    : fill(say.built, { n: number(one.homes, 0), site: data.sites[one.at].name }));
  const written = (one) => ("close" in one ? ["close", data.facilityIds[one.close]] : "open" in one ? ["open", data.classes[one.open].key + "@" + data.sites[one.at].id] : ["homes", one.homes + "@" + data.sites[one.at].id]);

  function show() {
    list.replaceChildren(...changes.map((one, n) => el("li", {}, el("bdi", {}, told(one)),
      el("button", { type: "button", class: "close", "aria-label": fill(say.forget, { what: told(one) }), on: { click: () => { changes.splice(n, 1); changed(); closing.focus(); } } }, "×"))));
    drawClosing();
  }
  // What changes and how the sites stand then, in words.
  const said = () => effects() + " " + fill(say.first, { sites: page.firstThree() });
  const tell = () => { effect.textContent = changes.length ? said() : ""; };

  // The facility of a weighed class that a site walks to, after the changes; null where there is none to close.
  function nearestOf(i, c) {
    if (changes.length >= MOST || !about.walks.some((one) => one.c === c)) return null;
    const closed = new Set(changes.map((one) => one.close));
    const rows = about.near[i].filter((row) => row[0] === c && row[1] >= 0 && !closed.has(row[1])).sort((a, b) => a[2] - b[2]);
    return rows.length ? rows[0][1] : null;
  }
  // Whose nearest changes, and by how much: the answer to "what if".
  function effects() {
    const lines = [];
    for (const c of touched()) {
      const moved = data.sites.map((site, i) => {
        const before = about.near[i].filter((row) => row[0] === c).map((row) => row[2]), now = nearest(i, c);
        return [site.name, before.length ? Math.min(...before) : Infinity, now.beyond === null ? now.m : now.beyond, i];
      }).filter(([, , , i]) => otherWay(i, c));
      const limit = data.limitM, out = moved.filter(([, before, after]) => before <= limit && after > limit).map(([site]) => site), into = moved.filter(([, before, after]) => before > limit && after <= limit).map(([site]) => site);
      lines.push(fill(say.moved, { what: data.classes[c].name, n: number(moved.length, 0), all: number(data.sites.length, 0) }) + (out.length ? " " + fill(say.out_of, { limit: data.limit, sites: out.join(", ") }) : "") + (into.length ? " " + fill(say.into, { limit: data.limit, sites: into.join(", ") }) : ""));
    }
    const seen = data.sites.some((site, i) => about.ways.some(({ c }) => c.some((one) => touched().has(one) && otherWay(i, one))));
    if (seen) lines.push(say.ways_unknown);
    return lines.join(" ");
  }

  function changed() {
    show();
    page.rescore();
    const said = { close: [], open: [], homes: [] };
    for (const one of changes) { const [key, text] = written(one); said[key].push(text); }
    page.link.write(said, true);
  }

  function understood(said) {
    const found = [];
    const site = (id) => data.sites.findIndex((one) => one.id === id);
    const split = (text) => { const at = text.indexOf("@"); return [text.slice(0, at), site(text.slice(at + 1))]; };
    for (const id of said.getAll("close")) { const f = data.facilityIds.indexOf(id); if (f >= 0) found.push({ close: f }); }
    for (const text of said.getAll("open")) { const [key, at] = split(text), c = data.classes.findIndex((one) => one.key === key); if (inPlay.includes(c) && at >= 0) found.push({ open: c, at }); }
    for (const text of said.getAll("homes")) { const [n, at] = split(text); if (about.homes && Number.isInteger(Number(n)) && Number(n) > 0 && Number(n) <= 1000 && at >= 0) found.push({ homes: Number(n), at }); }
    return found.slice(0, MOST);
  }
  show();
  return {
    nearestOf, tell, said, close: (f) => add({ close: f }),
    values, any: () => changes.length > 0, closed: (f) => changes.some((one) => one.close === f),
    apply(said) { changes = understood(said); show(); },
    reset() { changes = []; changed(); },
  };
}
