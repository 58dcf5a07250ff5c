"use strict";
/* The scoring rule of the library (ranking/scoring.py), so that weights can be moved in the page: values with
   their ranges in, points and ranks out. It knows nothing of the page. */
const scoringRule = (() => {
  const SLACK = 1e-9; // summing shares may lose the last bits
  const TIE = 1e7; // of 100 points: what differs by less than one over this is a tie

  // One site. `values` holds [point or null, low, high] per criterion, `share` the weights, which sum to 1,
  // `told` which criteria the applicant could have told, `least` the share that must be known
  // for a score, `highest` the best value of each criterion.
  function points(values, share, told, least, highest) {
    let whole = 0, known = 0, low = 0, high = 0, most = 0, mean = 0;
    values.forEach(([point, from, to], k) => {
      const counts = point !== null || told[k];
      if (counts) whole += share[k];
      known += (1 - (to - from)) * share[k];
      low += from * share[k];
      high += to * share[k];
      most += (point === null && counts ? from : to) * share[k];
    });
    const at = (sum) => Math.min(100 * sum, 100);
    known = Math.min(known, 1);
    const nothing = { score: null, low: at(low), high: at(high), known, parts: values.map(() => null), best: share.map((one, k) => 100 * highest[k] * one) };
    if (!(whole > 0) || known < least - SLACK || known <= 0) return nothing;
    const brought = values.map(([point, from], k) => (point === null && !told[k] ? null : (100 * (point === null ? from : point) * share[k]) / whole));
    mean = brought.reduce((sum, part) => sum + (part || 0), 0);
    const score = Math.max(at(low), Math.min(at(most), mean));
    const scale = mean > SLACK ? score / mean : 1;
    const parts = brought.map((part, k) => (mean <= SLACK && part === null && values[k][1] > 0 ? 100 * values[k][1] * share[k] : part === null ? null : part * scale));
    const best = values.map(([point], k) => (100 * highest[k] * share[k]) / (point !== null || told[k] ? whole : 1));
    return { score, low: Math.min(at(low), score), high: Math.max(at(high), score), known, parts, best };
  }

  // All sites: equal scores share the lowest rank; who falls out has none.
  function rank(sites, weights, { told, least, best }) {
    const sum = weights.reduce((all, one) => all + one, 0);
    const share = weights.map((one) => one / sum);
    const found = sites.map((site) => points(site.v, share, told, least, best));
    const round = (score) => Math.round(score * TIE);
    const running = found.filter((one, i) => one.score !== null && !sites[i].dropped).map((one) => round(one.score)).sort((a, b) => b - a);
    const above = new Map(), level = new Map(); // score → how many have more, and as much
    running.forEach((score, n) => { if (!above.has(score)) above.set(score, n); level.set(score, (level.get(score) || 0) + 1); });
    found.forEach((one, i) => {
      const ranked = one.score !== null && !sites[i].dropped;
      one.rank = ranked ? 1 + above.get(round(one.score)) : null;
      one.shared = ranked && level.get(round(one.score)) > 1;
    });
    return found;
  }

  return { points, rank };
})();
