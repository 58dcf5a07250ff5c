"use strict";
/* Very many places as dots on one canvas: what has no room for a sign of its own is still where it is. */
function makeDots(page) {
  const { map } = page;
  const NEAR = 9; // pixels: a finger or a pointer takes the nearest dot within this
  const RADIUS = 3;
  const canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", map.getPane("dots"));
  canvas.setAttribute("aria-hidden", "true");
  const pen = canvas.getContext("2d");
  let groups = []; // {colour, places, tell}: places from `prepare`, tell(k) when the k-th is chosen
  let drawn = []; // [x, y in the window of the map, group, k]

  // Where places are on the world of zoom 0, worked out once.
  function prepare(places) {
    const at = new Float64Array(2 * places.length);
    places.forEach((place, k) => {
      const point = map.options.crs.latLngToPoint(L.latLng(place), 0);
      at[2 * k] = point.x;
      at[2 * k + 1] = point.y;
    });
    return at;
  }

  function draw() {
    const size = map.getSize(), sharp = window.devicePixelRatio || 1;
    const scale = 2 ** map.getZoom(), corner = map.getPixelBounds().min;
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    Object.assign(canvas, { width: size.x * sharp, height: size.y * sharp });
    Object.assign(canvas.style, { width: size.x + "px", height: size.y + "px" });
    pen.scale(sharp, sharp);
    drawn = [];
    for (const group of groups) {
      const path = new Path2D();
      for (const k of group.which) {
        const x = group.places[2 * k] * scale - corner.x, y = group.places[2 * k + 1] * scale - corner.y;
        if (x < -RADIUS || y < -RADIUS || x > size.x + RADIUS || y > size.y + RADIUS) continue;
        drawn.push([x, y, group, k]);
        path.moveTo(x + RADIUS, y);
        path.arc(x, y, RADIUS, 0, 2 * Math.PI);
      }
      Object.assign(pen, { fillStyle: group.colour, strokeStyle: "#ffffff", lineWidth: 1 });
      pen.stroke(path);
      pen.fill(path);
    }
  }

  map.on("click", ({ containerPoint: { x, y } }) => {
    let nearest = null, least = NEAR;
    for (const dot of drawn) {
      const away = Math.hypot(dot[0] - x, dot[1] - y);
      if (away < least) { least = away; nearest = dot; }
    }
    if (nearest) nearest[2].tell(nearest[3]);
  });
  map.on("resize", draw);

  return { dots: { prepare, canvas, count: () => drawn.length, show(now) { groups = now; draw(); } } };
}
