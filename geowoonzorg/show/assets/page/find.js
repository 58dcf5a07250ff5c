"use strict";
/* Looking up one's own street: the walk from each address of the study, without asking any service. */
function makeFind(page) {
  const { data, words, el, fill, byId, name, badge, distance } = page;
  const say = words.find;
  const form = byId("find");
  if (!data.addresses) return { apply() {} };
  const { streets, classes, whole, far } = data.addresses;
  const SHOWN = 12; // suggestions at once
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const known = streets.map((street) => plain(street[0]));

  const field = el("input", { type: "search", id: "find-field", autocomplete: "off", role: "combobox", "aria-expanded": "false", "aria-controls": "find-list", "aria-autocomplete": "list", placeholder: say.example });
  const list = el("ul", { id: "find-list", role: "listbox", "aria-label": say.label, hidden: true });
  const told = el("p", { class: "sr", role: "status" });
  form.append(el("label", { for: "find-field", class: "sr" }, say.label), field, list, told);
  form.hidden = false;

  // Street first, then the house number: "kerkstr 12" finds Kerkstraat 12.
  function matches(text) {
    const whole_ = plain(text);
    if (!whole_) return [];
    // A street may have a number in its name: the longest that is one comes first.
    const cuts = [[whole_, ""]];
    for (let at = whole_.lastIndexOf(" "); at > 0; at = whole_.lastIndexOf(" ", at - 1)) if (/^\d/.test(whole_.slice(at + 1))) cuts.push([whole_.slice(0, at), whole_.slice(at + 1)]);
    for (const [asked, digits] of cuts) {
      const found = ofStreet(asked, digits);
      if (found.length) return found;
    }
    return [];
  }
  function ofStreet(asked, digits) {
    const found = [];
    for (const [begins, ends] of [[true, false], [false, true]]) known.forEach((street, i) => {
      if (found.length >= SHOWN || (begins ? !street.startsWith(asked) : street.startsWith(asked) || !ends || !street.includes(" " + asked))) return;
      if (!whole || !digits) return void found.push({ i, k: -1 });
      const wanted = streets[i][1].split("|");
      wanted.forEach((one, k) => { if (found.length < SHOWN && plain(one).startsWith(digits)) found.push({ i, k }); });
    });
    return found;
  }
  const label = ({ i, k }) => streets[i][0] + (k >= 0 ? " " + streets[i][1].split("|")[k] : "");

  let options = [], active = -1;
  function suggest() {
    options = matches(field.value);
    active = -1;
    list.replaceChildren(...options.map((one, n) => el("li", { id: "find-" + n, role: "option", "aria-selected": "false", on: { mousedown: (event) => { event.preventDefault(); open(one); } } }, name(label(one)))));
    list.hidden = !options.length;
    field.setAttribute("aria-expanded", String(options.length > 0));
    field.removeAttribute("aria-activedescendant");
    told.textContent = field.value.trim() ? (options.length ? fill(say.found, { n: options.length }) : say.nothing) : "";
  }
  function move(step) {
    if (!options.length) return;
    active = (active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === active)));
    field.setAttribute("aria-activedescendant", "find-" + active);
  }
  field.addEventListener("input", suggest);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); }
    if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); close(); }
  });
  field.addEventListener("blur", () => close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!options.length) suggest();
    const one = options[Math.max(active, 0)];
    if (one) open(one);
    else told.textContent = say.nothing;
  });
  function close() {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
  }

  // The place of an address, and its metres by class; of a whole street the least and the most.
  function about({ i, k }) {
    const [, numbers, steps, metres] = streets[i];
    const n = whole ? numbers.split("|").length : 1;
    const rows = [...Array(n).keys()];
    const at = [];
    for (let a = 0, lat = 0, lon = 0; a < n; a += 1) at.push([(lat += steps[2 * a]) / 1e5, (lon += steps[2 * a + 1]) / 1e5]);
    const walks = classes.map((c, j) => {
      if (!whole) return [metres[2 * j], metres[2 * j + 1]];
      const all = (k >= 0 ? [k] : rows).map((a) => metres[a * classes.length + j]);
      if (all.length && all.every((m) => m === UNKNOWN)) return [UNKNOWN, UNKNOWN];
      const near = all.filter((m) => m >= 0);
      return [near.length ? Math.min(...near) : -1, near.length === all.length ? Math.max(...near) : -1];
    });
    return { at: k >= 0 ? at[k] : at[Math.floor((n - 1) / 2)], walks };
  }
  const UNKNOWN = -2; // the address joins no street, or a loose piece of one
  const metres = (m) => (m === UNKNOWN ? words.panel.unknown : m < 0 ? fill(say.beyond, { limit: distance(far, null, true) }) : distance(m, data.limitM));

  function open(one, step = true) {
    const { at, walks } = about(one);
    field.value = label(one);
    close();
    const lines = classes.map((c, j) => {
      const [low, high] = walks[j];
      return el("li", {}, badge(data.classes[c]), el("span", {}, data.classes[c].name), el("strong", {}, low === high ? metres(low) : low < 0 ? metres(-1) : fill(say.between, { low: metres(low), high: metres(high) })));
    });
    page.showPlace(at, name(label(one)), el("ul", { class: "found-walks" }, ...lines));
    told.textContent = label(one) + ". " + lines.map((line) => line.textContent).join(". ");
    page.link.write({ find: label(one) }, step);
  }

  return {
    apply(said) {
      const asked = said.get("find");
      if (!asked) return;
      const exact = matches(asked).find((one) => label(one) === asked);
      if (exact) open(exact, false);
    },
  };
}
