"use strict";
/* What was chosen stands in the address after "#", so that a link opens the same view and Back goes back. What an
   older or newer page wrote there and this one does not know is left alone. */
function makeLink(apply) {
  const MOST = 8000; // characters: longer addresses are cut by mail programs and old browsers
  let mine = null; // what was written here last, so that it is not read as somebody else's

  function read() {
    return new URLSearchParams(location.hash.slice(1));
  }

  // `step`: whether Back comes here again.
  function write(pairs, step) {
    const said = read();
    for (const [key, values] of Object.entries(pairs)) {
      said.delete(key);
      for (const value of [values].flat()) if (value !== "" && value !== null && value !== undefined) said.append(key, value);
    }
    const text = said.toString();
    if (text.length > MOST || text === location.hash.slice(1)) return text.length <= MOST;
    mine = text;
    try {
      history[step ? "pushState" : "replaceState"](null, "", "#" + text);
    } catch { // a page inside another may not
      location.replace("#" + text);
    }
    return true;
  }

  const changed = () => {
    if (location.hash.slice(1) === mine) return;
    mine = null;
    apply(read());
  };
  window.addEventListener("popstate", changed);
  window.addEventListener("hashchange", changed);
  return { read, write };
}
