"use strict";
/* The list and the table: sorted, and ranked anew under other weights or with what is tried. */
function makeRanking(page) {
  const { data, words, state, byId, el, name, number, distance, fill, scoreBar, siteMarks } = page;
  const heads = [...document.querySelectorAll("#sites-table thead th")];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => { const cell = row.cells[column]; return "v" in cell.dataset ? cell.dataset.v : cell.textContent.trim(); };
    tableOrder.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = Number.isNaN(Number(x)) || Number.isNaN(Number(y)) ? x.localeCompare(y) : Number(x) - Number(y);
      return down ? -order : order;
    });
    tablePages.set(tableOrder);
  }));

  // ---------------------------------------------------------------------------------- other weights
  // What the page was made with, to come back to.
  const rest = (id) => (byId(id) ? [...byId(id).content.querySelectorAll("li, tr")] : []);
  const listRows = [...document.querySelectorAll("ol.sites > li"), ...rest("list-rest")];
  const shown = new Map(listRows.map((row) => [Number(row.firstElementChild.dataset.site), { row, made: [...row.firstElementChild.childNodes] }]));
  const tableRows = [...document.querySelectorAll("#sites-table tbody tr"), ...rest("table-rest")];
  const tableOrder = [...tableRows];
  const AT_ONCE = 100;
  const listPages = makePages(page, document.querySelector("ol.sites"), byId("list-pager"), words.crowd.pager, AT_ONCE);
  const tablePages = makePages(page, document.querySelector("#sites-table tbody"), byId("table-pager"), words.crowd.pager_table, AT_ONCE);
  const otherRow = (k) => () => {
    const one = page.others[k];
    return el("li", {}, el("button", { type: "button", class: "site" + (one.rank === null ? " out" : ""), "data-other": k, "aria-current": state.other === k ? "true" : null },
      el("span", { class: "rank" + (one.rank > 999 ? " longer" : one.rank > 99 ? " long" : "") }, one.out ? "×" : one.rank === null ? "?" : String(one.rank)), el("span", { class: "name" }, name(one.name)), el("span", { class: "points" }, one.score === null ? words.panel.unknown : one.score)));
  };
  const otherRows = (page.others || []).map((_, k) => otherRow(k));
  let listOrder = data.sites.map((_, i) => i).filter((i) => shown.has(i));
  function showRows() {
    listPages.set([...listOrder.map((i) => shown.get(i).row), ...(page.weighed ? [] : otherRows)]);
    tablePages.set(tableOrder);
  }
  const buttons = [...listRows, ...tableRows].map((row) => row.querySelector("[data-site]"));
  // Mark the site that is chosen, and turn the list to it.
  function markRows() {
    for (const button of buttons) {
      if (Number(button.dataset.site) === state.site) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    if (state.site >= 0) listPages.reveal(listOrder.indexOf(state.site));
    if (state.other >= 0 && !page.weighed) listPages.reveal(listOrder.length + state.other);
    for (const button of document.querySelectorAll("[data-other]")) {
      if (Number(button.dataset.other) === state.other) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
  const made = data.sites.map((site) => ({ rank: site.rank, score: site.score, range: site.range, standing: site.standing, lift: site.lift, out: site.out, walks: site.walks, residents: site.residents, tried: null, parts: site.parts }));
  const tableMade = tableRows.map((row) => [...row.cells].map((cell) => [cell.textContent, cell.dataset.v]));
  const ranked = (found) => found.filter((one) => one.rank !== null).length;
  showRows();

  // Weigh the values, with what is tried, by the weights as they are now or by others.
  function ranking(by = page.weights.now()) {
    const sites = data.sites.map((site, i) => page.trial.values({ v: site.v, dropped: made[i].out !== null }, i));
    const found = scoringRule.rank(sites, by, data.rule);
    found.forEach((one, i) => Object.assign(one, { site: sites[i] }));
    return found;
  }
  function rescore() {
    rerank(page.weights.own() || page.trial.any() ? ranking() : null);
    page.weights.tell();
    page.trial.tell();
  }

  const firstThree = () => data.sites.filter((site) => site.rank !== null).sort((a, b) => a.rank - b.rank).slice(0, 3)
    .map((site) => site.rank + ". " + site.name + " (" + site.score + ")").join(", ") || words.map.no_score;

  // Show the ranking under other weights (from scoringRule.rank), or with null the profile's own again.
  function rerank(found) {
    const n = found && ranked(found);
    data.sites.forEach((site, i) => {
      Object.assign(site, made[i], { parts: made[i].parts.map((part) => [...part]) });
      if (found) take(site, found[i], n);
      const label = site.out !== null ? "×" : site.rank === null ? "?" : String(site.rank);
      siteMarks[i].textContent = label;
      if (siteMarks[i].parentElement) siteMarks[i].parentElement.setAttribute("aria-label", page.called(site));
      siteMarks[i].className = "site-mark" + (site.out !== null ? " out" : site.rank === null ? " none" : site.rank <= 3 ? " top" : site.rank > 99 ? " long" : "") + (i === state.site ? " on" : "");
      listRow(i, found && found[i]);
      tableRow(i, found && found[i]);
    });
    const order = data.sites.map((_, i) => i).sort((a, b) => (found ? place(found[a], a) - place(found[b], b) : 0) || a - b);
    listOrder = order.filter((i) => shown.has(i));
    tableOrder.splice(0, tableOrder.length, ...order.map((i) => tableRows[i]).filter(Boolean));
    page.weighed = Boolean(found);
    showRows();
    heads.forEach((head, column) => (column ? head.removeAttribute("aria-sort") : head.setAttribute("aria-sort", "ascending")));
    const told = byId("own-weights");
    told.hidden = !found;
    if (found) byId("own-said").textContent = fill(page.weights.own() ? (page.trial.any() ? words.trial.told_both : words.weights.told) : words.trial.told, { sites: firstThree() })
      + (page.others ? " " + fill(words.crowd.weighed, { n: number(data.sites.length, 0), all: number(data.sites.length + page.others.length, 0) }) : "");
    page.drawFacilities();
    page.settle();
    if (state.site >= 0) {
      page.drawPanel();
      page.drawChosen();
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
    if (!page.trial.any()) return;
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
      const told = at === Infinity ? words.panel.route_none : now.beyond === null ? distance(at, data.limitM) : fill(words.trial.beyond, { m: distance(at, data.limitM) });
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
    button.replaceChildren(el("span", { class: "rank" + (site.rank > 99 ? " long" : "") }, siteMarks[i].textContent), el("span", { class: "name" }, name(site.name)), el("span", { class: "points" }, site.score === null ? words.panel.unknown : site.score), bars,
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
  return { ranking, rescore, firstThree, markRows };
}
