"use strict";
/* The panel of a site: its score in its parts and in words, its walks, and up to two others beside it. */
function makePanel(page) {
  const { data, words, state, byId, el, name, number, fill, badge, bar, panel } = page;
  // ------------------------------------------------------------------------------------- the panel
  function drawPanel() {
    const site = data.sites[state.site];
    const together = [state.site, ...state.beside];
    panel.hidden = false;
    panel.classList.toggle("wide", together.length > 1);
    const close = el("button", { type: "button", class: "close", "aria-label": words.panel.close, on: { click: page.letGo } }, "×");
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
    if (!page.trial.any()) return [];
    const back = el("button", { type: "button", class: "link", on: { click: () => { page.trial.reset(); byId("panel-title").focus(); } } }, words.weights.back);
    return [el("p", { class: "own" }, page.trial.said() + " ", back)];
  }

  // What it lacks and what is not sure, in words and the most first.
  const MOST_TOLD = 3;
  const SEEN = 0.05; // points: less is nought on the screen
  function inWords(site) {
    const found = page.ranking()[state.site], given = page.weights.now(), sum = given.reduce((all, one) => all + one, 0);
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
    const f = page.trial.nearestOf(state.site, walk.c);
    if (f === null) return null;
    return el("button", { type: "button", class: "link what-if", "aria-label": words.trial.what_if + " " + data.facilities[f][3], on: { click: () => { page.trial.close(f); byId("panel-title").focus(); } } }, words.trial.what_if);
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
        i === state.site ? null : el("button", { type: "button", class: "close", "aria-label": fill(words.panel.compare_remove, { name: site.name }), on: { click: () => { state.beside = state.beside.filter((other) => other !== i); drawPanel(); page.remember(true); byId("panel-title").focus({ preventScroll: true }); } } }, "×"));
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
    const add = el("button", { type: "button", class: "action", on: { click: () => { state.beside.push(Number(select.value)); drawPanel(); page.remember(true); byId("panel-title").focus({ preventScroll: true }); } } }, words.panel.compare_add);
    return el("section", { class: "chooser" }, el("label", { for: "beside" }, words.panel.compare), el("div", { class: "line" }, select, add));
  }
  return { drawPanel };
}
