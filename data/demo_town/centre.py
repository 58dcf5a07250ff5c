"""The old harbour town: the lake, the canal ring, the gracht through it, and the station quarter."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from shapely import LineString, Polygon

from demo_town.plan import Plan, Plots, Tags, Xy, block, rounded, straight_at

SHORE: list[Xy] = [
    (-1500, 3300), (-1260, 2300), (-1000, 1500), (-800, 900), (-640, 480), (-575, 240),
    (-570, -190), (-640, -420), (-780, -800), (-1010, -1300), (-1350, -2000), (-1700, -3000),
]  # fmt: skip
RING: list[Xy] = [
    (-640, 205), (-470, 240), (-330, 268), (-110, 305), (120, 288), (262, 205), (318, 35),
    (292, -150), (165, -252), (-50, -290), (-270, -262), (-440, -212), (-660, -170),
]  # fmt: skip
GRACHT: list[Xy] = [(-325, 2), (-230, -8), (-110, -14), (10, 4), (130, 24), (230, 26), (322, 32)]
VAART: list[Xy] = [
    (298, -120), (400, -190), (500, -290), (640, -500), (760, -780), (890, -1200), (1080, -1650),
    (1400, -2080), (2100, -2420), (3500, -2760),
]  # fmt: skip
HARBOUR: list[Xy] = [
    (-640, -46), (-350, -38), (-322, -16), (-322, 18), (-350, 44), (-520, 50), (-640, 58),
]  # fmt: skip

OLD = Plots(6.2, 11.0, 4.6, (2, 7), 0.8, fill_share=0.93, upstairs_share=0.22)
SHOPS = Plots(6.6, 13.0, 5.2, (2, 6), 0.6, fill_share=0.95, upstairs_share=0.45, building="retail")
ALLEY = Plots(5.4, 8.0, 3.2, (1, 4), 2.0, fill_share=0.45)
VILLA = Plots(13.0, 11.0, 11.0, (1, 2), 7.0, fill_share=0.75, building="detached")
CITY = Plots(6.0, 11.5, 6.5, (4, 9), 3.0, fill_share=0.84, upstairs_share=0.25)

LANES: list[tuple[float, str]] = [
    (-478, "Touwslagersgang"), (-405, "Zoutsteeg"), (-318, "Kuiperssteeg"), (-236, "Havenstraat"),
    (-150, "Waagsteeg"), (-62, "Kerksteeg"), (38, "Marktstraat"), (118, "Bagijnensteeg"),
    (196, "Poortstraat"),
]  # fmt: skip
BRIDGES = {"Havenstraat", "Waagsteeg", "Marktstraat", "Poortstraat"}


def draw_centre(plan: Plan) -> None:
    """Draw the water, the town inside the ring and the quarter between ring and station."""
    _water(plan)
    inside = _ring_area().buffer(-19, join_style="mitre")
    _squares(plan)
    _quays(plan, inside)
    _long_streets(plan, inside)
    _lanes(plan, inside)
    _gates(plan)
    _station_quarter(plan)


def organic(points: list[Xy], amount_m: float = 5.0) -> list[Xy]:
    """Move points a little by a smooth wave, so that no old street is ruled."""
    return [
        (
            x + amount_m * (math.sin(y / 61 + x / 97) + 0.5 * math.sin(y / 23)),
            y + amount_m * (math.sin(x / 83 - y / 140) + 0.6 * math.cos(x / 31)),
        )
        for x, y in points
    ]


def _ring_line() -> LineString:
    return rounded(LineString(RING))


def _ring_area() -> Polygon:
    return Polygon([*_ring_line().coords, (-575, -165), (-575, 200)]).buffer(0)


def _water(plan: Plan) -> None:
    lake = Polygon([*SHORE, (-3600, -3000), (-3600, 3300)])
    island = rounded(LineString([(-1290, 250), (-1160, 290), (-1120, 400), (-1190, 510), (-1330, 520),
                                 (-1400, 420), (-1370, 300), (-1290, 250)]))  # fmt: skip
    plan.water.append(
        (Polygon(lake.exterior, [island.coords]), {"water": "lake", "name": "Wiermeer"})
    )
    plan.water.append((Polygon(HARBOUR), {"water": "harbour", "name": "Oude Haven"}))
    for points, width_m, name in ((RING, 18.0, "Singelgracht"), (GRACHT, 11.0, "Oudegracht"),
                                  (VAART, 20.0, "Wiervaart")):  # fmt: skip
        line = rounded(LineString(points))
        shape = line.buffer(width_m / 2, cap_style="flat")
        plan.water.append((shape.simplify(0.4), {"water": "canal", "name": name}))
        plan.waterlines.append((line, {"waterway": "canal", "name": name}))


def _squares(plan: Plan) -> None:
    paved: Tags = {"highway": "pedestrian", "area": "yes", "surface": "sett"}
    market = Polygon([(46, 47), (122, 58), (118, 122), (40, 112)])
    plan.squares.append((market, paved | {"name": "Markt"}))
    churchyard = Polygon([(-112, 88), (-14, 96), (-18, 172), (-118, 164)])
    church = block((-66, 130), 52, 24, 4)
    plan.squares.append(
        (Polygon(churchyard.exterior, [church.exterior]), paved | {"name": "Kerkplein"})
    )
    plan.reserved += [market.buffer(3), churchyard.buffer(3)]
    plan.ground.append((church, {"building": "church", "amenity": "place_of_worship",
                                 "religion": "christian", "name": "Grote Kerk"}))  # fmt: skip
    for x, y in ((50, 60), (82, 116), (112, 70), (108, 112), (-104, 100), (-24, 150), (-60, 166)):
        plan.points.append((LineString([(x, y), (x, y)]).centroid, {"amenity": "bench"}))


def _quays(plan: Plan, inside: Polygon) -> None:
    gracht = rounded(LineString(GRACHT))
    for offset, side in ((15.0, 1), (-15.0, -1)):
        quay = LineString(gracht.offset_curve(offset).coords)
        plots = replace(OLD, sides=(side,), setback_m=6.0, upstairs_share=0.35)
        name = "Oudegracht Noordzijde" if side > 0 else "Oudegracht Zuidzijde"
        plan.way("residential", quay.intersection(inside), name, plots=plots, surface="sett",
                 maxspeed="30")  # fmt: skip
        for at in range(45, int(quay.length) - 40, 85):
            spot = straight_at(quay, at).across(-side * 4.5)
            plan.points.append((LineString([spot, spot]).centroid, {"amenity": "bench"}))
    ring = _ring_line()
    inner, outer = ring.offset_curve(-19), ring.offset_curve(20)
    names = ("Noordersingel", "Oostersingel", "Zuidersingel")
    for line, side, prefix, plots in (
        (inner, -1, "", replace(OLD, sides=(-1,))),
        (outer, 1, "Buiten", replace(VILLA, sides=(1,))),
    ):
        dry = line.intersection(inside.buffer(0.5)) if side < 0 else line
        whole = max(getattr(dry, "geoms", [dry]), key=lambda part_: part_.length)
        cuts = [0.0, whole.length * 0.38, whole.length * 0.58, whole.length]
        for (start, end), name in zip(pairwise(cuts), names, strict=True):
            pieces = [whole.interpolate(at) for at in _steps(start, end)]
            label = f"{prefix}{name.lower()}" if prefix else name
            plan.way("residential", LineString(pieces), label, plots=plots)
    for name, points in {
        "Haven Noordzijde": [(-552, 196), (-548, 70), (-345, 58), (-312, 30), (-306, 14)],
        "Haven Zuidzijde": [(-552, -160), (-550, -62), (-345, -53), (-312, -30), (-306, -18)],
    }.items():
        side = 1 if name.endswith("Noordzijde") else -1
        quay = replace(OLD, sides=(side,), setback_m=7.0)
        plan.way("residential", points, name, plots=quay, surface="sett")
    plan.way("footway", [(-306, 14), (-306, -18)], "Havenbrug", over=["water"], surface="wood")


def _steps(start: float, end: float) -> list[float]:
    count = max(2, round((end - start) / 22))
    return [start + (end - start) * i / count for i in range(count + 1)]


def _long_streets(plan: Plan, inside: Polygon) -> None:
    for name, y, kind, plots in (
        ("Hoogstraat", 84, "pedestrian", SHOPS),
        ("Achterstraat", 150, "residential", OLD),
        ("Kloosterstraat", 212, "residential", OLD),
        ("Visserstraat", -74, "residential", OLD),
        ("Breestraat", -136, "residential", OLD),
        ("Lange Bogen", -196, "residential", OLD),
    ):
        line = LineString(organic([(x, y + 0.05 * x) for x in range(-600, 421, 34)], 6.0))
        line = line.intersection(inside)
        whole = max(getattr(line, "geoms", [line]), key=lambda part_: part_.length)
        plan.way(kind, whole, name, plots=plots, lit="yes")
        if name == "Hoogstraat":
            for at in range(60, int(whole.length), 95):
                spot = straight_at(whole, at).across(3.0)
                plan.points.append((LineString([spot, spot]).centroid, {"amenity": "bench"}))


def _lanes(plan: Plan, inside: Polygon) -> None:
    """Draw the lanes from street to street, each stretch a little out of line with the last."""
    gracht = rounded(LineString(GRACHT))
    levels = [-285, -196, -136, -74, -18, 18, 84, 150, 212, 300]
    for x, name in LANES:
        wide = name in BRIDGES
        if wide:
            here = straight_at(gracht, x - GRACHT[0][0])
            plan.way("residential", [here.across(-15), here.across(15)], name, over=["water"])
        for south, north in pairwise(levels):
            if south == -18 or (x < -300 and abs(south) < 60):
                continue
            shift = plan.rng.uniform(-20, 20)
            if name != "Marktstraat" and plan.rng.random() < 0.13:
                continue
            points = [
                (x + shift + plan.rng.uniform(-4, 4), y + 0.05 * x)
                for y in (south, (south + north) / 2, north)
            ]
            line = LineString(organic(points, 4.0)).intersection(inside)
            if line.is_empty or line.geom_type != "LineString" or line.length < 25:
                continue
            narrow = plan.rng.choice(["footway", "pedestrian", "residential"])
            plan.way("residential" if wide else narrow, line, name, plots=OLD if wide else ALLEY)
    steps = [(118, 8), (119, 40)]
    plan.way("steps", steps, "Hoge Brug", over=["water"], incline="up", step_count="14")


def _gates(plan: Plan) -> None:
    """Draw the bridges over the ring: for cars at the old gates, on foot in between."""
    for kind, name, points in (
        ("tertiary", "Noorderpoort", [(-118, 282), (-122, 330)]),
        ("tertiary", "Zuiderpoort", [(-52, -264), (-58, -316)]),
        ("tertiary", "Oosterpoort", [(292, 52), (345, 56)]),
        ("cycleway", "", [(242, 186), (292, 226), (322, 300)]),
        ("footway", "Vissersbrug", [(-352, -214), (-366, -262)]),
        ("footway", "", [(205, -202), (238, -246)]),
        ("footway", "Kloosterbrug", [(-372, 232), (-380, 280)]),
    ):
        plan.way(kind, points, name, over=["water"])
    plan.way("steps", [(277, -98), (318, -90)], over=["water"], ramp__bicycle="yes")


def _station_quarter(plan: Plan) -> None:
    station = plan.way(
        "tertiary", [(345, 56), (520, 74), (760, 108), (1000, 148)], "Stationsweg",
        plots=replace(CITY, setback_m=11.0), sidewalk="separate", maxspeed="30",
    )  # fmt: skip
    plan.along(station, 7.0, "footway", footway="sidewalk", surface="paving_stones")
    plan.along(station, -7.0, "footway", footway="sidewalk", surface="paving_stones")
    plan.crossings(station, 135, 7.0, ["uncontrolled", "zebra", "traffic_signals"])
    for at in range(40, 640, 110):
        spot = straight_at(station.line, at).across(8.6)
        plan.points.append((LineString([spot, spot]).centroid, {"amenity": "bench"}))
    columns = [(455, 440, "Tasmanstraat"), (585, 568, "De Ruyterstraat"), (712, 694, "Trompstraat"),
               (842, 826, "Piet Heinstraat")]  # fmt: skip
    for low, high, name in columns:
        plan.way(
            "residential", [(low, -205), ((low + high) / 2, 60), (high, 312)], name, plots=CITY
        )
    for name, points in {
        "Evertsenstraat": [(297, 296), (560, 318), (830, 326), (1010, 318)],
        "Van Speijkstraat": [(286, 202), (570, 212), (830, 232), (975, 240)],
        "Barentszstraat": [(440, -62), (590, -52), (850, -34), (1020, -22)],
        "Houtmanstraat": [(448, -134), (850, -124), (1042, -110)],
        "Linschotenstraat": [(455, -205), (850, -200), (1056, -192)],
    }.items():
        plan.way("residential", points, name, plots=CITY)
    plan.way("residential", [(1010, 318), (1000, 148), (1022, -22), (1056, -192)], "Parallelweg",
             plots=replace(CITY, sides=(-1,)), curve=True)  # fmt: skip
    square = Polygon([(1000, 130), (1046, 128), (1044, 186), (1000, 186)])
    plan.squares.append((square, {"highway": "pedestrian", "area": "yes", "name": "Stationsplein"}))
    plan.reserved.append(square.buffer(2))
