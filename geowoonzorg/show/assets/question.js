"use strict";
/* The map of a question's answer: streets, a grid as a picture, and places with what is told of them. Every string
   goes in as text, never as markup. */
(function drawQuestion() {
  const data = JSON.parse(document.getElementById("data").textContent);
  const map = L.map("map", { zoomSnap: 0.5, zoomDelta: 0.5, maxZoom: 19, minZoom: 6, zoomControl: false });
  map.fitBounds(data.view, { padding: [30, 30], maxZoom: 16 });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: data.words.zoom_in, zoomOutTitle: data.words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  for (const [pane, z] of Object.entries({ picture: 330, streets: 340, shapes: 360, signs: 610 })) map.createPane(pane).style.zIndex = z;

  function el(tag, name, ...children) {
    const node = document.createElement(tag);
    if (name) node.className = name;
    node.append(...children);
    return node;
  }

  L.polyline(data.streets.map((steps) => {
    const line = [];
    for (let i = 0, lat = 0, lon = 0; i < steps.length; i += 2) line.push([(lat += steps[i]) / 1e5, (lon += steps[i + 1]) / 1e5]);
    return line;
  }), { pane: "streets", renderer: L.canvas({ pane: "streets", padding: 0.3 }), interactive: false, color: "#8d9399", weight: 0.8 }).addTo(map);

  const dots = L.canvas({ pane: "shapes", padding: 0.3 });
  const most = (layer) => Math.max(1, ...layer.marks.map((mark) => mark.size || 0));
  function tell(mark) {
    const content = el("div", "say", el("h2", "", mark.name), ...mark.told.map((line) => el("p", "", line)));
    L.popup({ maxWidth: 300 }).setLatLng(mark.at).setContent(content).openOn(map);
    const close = document.querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", data.words.close);
  }
  for (const layer of data.layers) {
    if (layer.look === "image") {
      L.imageOverlay(layer.url, layer.bounds, { pane: "picture", opacity: 0.8, className: "sharp" }).addTo(map);
      continue;
    }
    for (const mark of layer.marks) {
      if (mark.shape) L.polygon(mark.shape, { pane: "shapes", color: "#12343b", weight: 2, fillOpacity: 0.2 }).on("click", () => tell(mark)).addTo(map);
      if (layer.look === "change") {
        L.circleMarker(mark.at, { pane: "shapes", renderer: dots, radius: 4, weight: 0.5, color: "#1b1f23", fillColor: mark.colour, fillOpacity: 0.9 }).on("click", () => tell(mark)).addTo(map);
        continue;
      }
      if (layer.look === "homes" && !mark.size) {
        L.circleMarker(mark.at, { pane: "shapes", radius: 5, weight: 2, dashArray: "2 3", color: "#6c6c67", fillColor: "#fff", fillOpacity: 1 }).on("click", () => tell(mark)).addTo(map);
        continue;
      }
      const side = layer.look === "homes" ? 24 + 26 * Math.sqrt(mark.size / most(layer)) : layer.look === "facility" ? 22 : 30;
      const sign = el("span", layer.look === "facility" ? "badge " + (mark.state || "") : "site-mark top", mark.sign || "");
      if (layer.look === "facility") sign.style.setProperty("--of-class", mark.colour);
      else { sign.style.width = side + "px"; sign.style.height = side + "px"; }
      const marker = L.marker(mark.at, { pane: "signs", icon: L.divIcon({ html: sign, className: "mark", iconSize: [side, side], iconAnchor: [side / 2, side / 2] }) }).addTo(map);
      marker.getElement().setAttribute("aria-label", [mark.name, ...mark.told].join(". "));
      marker.on("click", () => tell(mark));
      marker.getElement().addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); tell(mark); } });
    }
  }

  document.getElementById("legend").append(...data.legend.map(([colour, text]) => {
    const sign = el("i", "");
    sign.style.backgroundColor = colour;
    return el("p", "", sign, text);
  }), ...(data.cut ? [el("p", "", data.cut)] : []));
})();
