"use strict";
/* The weights as sliders: what matters more to whoever looks, and what that does to the ranking. */
function makeWeights(page) {
  const { data, words, el, fill, byId, number } = page;
  const say = words.weights;
  const { weights: given, keys } = data.rule;
  const MOST_SETS = 50; // a list that can still be read
  const SETS_TOP = 3;
  let now = [...given];
  let sets = []; // {name, weights}

  const same = (one, other) => one.every((weight, k) => Math.abs(weight - other[k]) < 1e-9);
  const own = () => !same(now, given);
  const most = Math.max(40, 2 * Math.ceil(Math.max(...given)));

  // ------------------------------------------------------------------------------------ the sliders
  const sliders = data.criteria.map((criterion, k) => {
    const id = "weight-" + k;
    const input = el("input", { type: "range", id, min: 0, max: most, step: 0.5, "aria-describedby": id + "-said" });
    const said = el("output", { id: id + "-said", for: id });
    // The last one that weighs anything cannot go to nothing.
    input.addEventListener("input", () => { now[k] = Number(input.value) || (now.some((weight, other) => other !== k && weight > 0) ? 0 : 0.5); changed(false); });
    input.addEventListener("change", () => changed(true));
    return { input, said, row: el("li", {}, el("label", { for: id }, criterion.label), said, input) };
  });

  function show() {
    const sum = now.reduce((all, one) => all + one, 0);
    sliders.forEach(({ input, said }, k) => {
      input.value = now[k];
      const share = number((100 * now[k]) / sum, 0) + " %";
      said.textContent = share;
      input.setAttribute("aria-valuetext", share);
    });
    reset.disabled = !own();
    drawSets();
  }

  function changed(step) {
    show();
    page.rescore();
    page.link.write({ w: own() ? written(now) : "", set: sets.map((one) => one.name + "|" + written(one.weights)) }, step);
  }

  // -------------------------------------------------------------------------- weights as text, and back
  function written(weights) {
    return keys.map((key, k) => [key, weights[k]]).filter(([, weight], k) => Math.abs(weight - given[k]) > 1e-9)
      .map(([key, weight]) => key + ":" + Number(weight.toFixed(2))).join(",");
  }

  // A criterion that this page does not have is left out, one that the text does not name keeps its weight.
  function understood(text) {
    const weights = [...given];
    for (const pair of (text || "").split(",")) {
      const at = pair.lastIndexOf(":"), k = keys.indexOf(pair.slice(0, at)), weight = Number(pair.slice(at + 1));
      if (k >= 0 && Number.isFinite(weight) && weight >= 0) weights[k] = Math.min(weight, most);
    }
    return weights.some((weight) => weight > 0) ? weights : [...given];
  }

  // ----------------------------------------------------------------------------------- sets by name
  const list = el("ul", { class: "sets" });
  const firm = el("p", { class: "firmly", role: "status" });
  function drawSets() {
    list.replaceChildren(...sets.map((one, i) => el("li", {},
      el("button", { type: "button", class: "link", "aria-pressed": String(same(one.weights, now)), on: { click: () => { now = [...one.weights]; changed(true); } } }, el("bdi", {}, one.name)),
      el("button", { type: "button", class: "close", "aria-label": fill(say.forget, { name: one.name }), on: { click: () => { sets.splice(i, 1); changed(true); field.focus(); } } }, "×"))));
  }

  const tell = () => { firm.textContent = sets.length ? firmly() : ""; };

  // Which sites are among the first under every set, the profile's own included, with what is tried.
  function firmly() {
    const every = [{ weights: given }, ...sets].map((one) => page.ranking(one.weights));
    const always = data.sites.filter((_, i) => every.every((found) => found[i].rank !== null && found[i].rank <= SETS_TOP));
    const n = number(every.length, 0);
    return always.length ? fill(say.always_top, { n, sites: always.map((site) => site.name).join(", ") }) : fill(say.never_top, { n });
  }

  const field = el("input", { type: "text", id: "set-name", maxlength: 60, autocomplete: "off" });
  const keep = el("button", { type: "submit", class: "action" }, say.keep);
  const form = el("form", { class: "line" }, el("label", { for: "set-name" }, say.name), field, keep);
  const full = el("p", { class: "help", role: "status" });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const called = field.value.trim();
    if (!called) return void field.focus();
    sets = sets.filter((one) => one.name !== called);
    full.textContent = sets.length >= MOST_SETS ? fill(say.full, { n: MOST_SETS }) : "";
    if (sets.length >= MOST_SETS) return;
    sets.push({ name: called, weights: [...now] });
    field.value = "";
    changed(true);
  });

  const reset = el("button", { type: "button", class: "action", on: { click: () => { now = [...given]; changed(true); } } }, say.reset);
  byId("pane-weights").append(
    firm, el("p", { class: "help" }, say.help), el("ul", { class: "weights" }, ...sliders.map(({ row }) => row)),
    el("p", {}, reset), el("h2", {}, say.sets), el("p", { class: "help" }, say.sets_help), form, full, list);
  show();

  return {
    // What a link says.
    apply(said) {
      sets = said.getAll("set").slice(0, MOST_SETS).map((text) => {
        const at = text.lastIndexOf("|");
        return { name: text.slice(0, Math.max(at, 0)).slice(0, 60), weights: understood(text.slice(at + 1)) };
      }).filter((one) => one.name);
      full.textContent = said.getAll("set").length > MOST_SETS ? fill(say.full, { n: MOST_SETS }) : "";
      now = understood(said.get("w"));
      show();
    },
    own, tell, now: () => now,
    reset() { now = [...given]; changed(true); },
  };
}
