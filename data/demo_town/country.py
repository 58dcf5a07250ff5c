"""What lies around the town: railway and main road, polder, the village of Rietkoog, the island."""

from __future__ import annotations

from shapely import LineString, Point, Polygon

from demo_town.centre import SHORE
from demo_town.plan import Plan, Plots, Tags, block, rounded, straight_at

RAIL = [(940, 3300), (985, 1900), (1020, 1100), (1062, 300), (1085, -100), (1150, -900),
        (1300, -1900), (1480, -3000)]  # fmt: skip
FARM = Plots(16.0, 22.0, 28.0, (1, 1), 240.0, fill_share=0.6, building="farm")
LINT = Plots(11.0, 11.0, 10.0, (1, 3), 6.0, fill_share=0.85, building="detached")
VILLAGE = Plots(6.4, 9.5, 8.0, (2, 6), 5.0, fill_share=0.9)
CHALET = Plots(9.0, 7.0, 7.0, (1, 1), 14.0, fill_share=0.8, sides=(1,), building="bungalow")


def draw_country(plan: Plan) -> None:
    """Draw everything outside the built-up town."""
    _transport(plan)
    _rietkoog(plan)
    _polder(plan)
    _island(plan)


def _transport(plan: Plan) -> None:
    rail = rounded(LineString(RAIL))
    plan.way("rail", rail, over=["water"], level=["road"])
    plan.way("primary", rail.offset_curve(78), "Markerwaardweg", over=["water"], level=["rail"],
             ref="N799")  # fmt: skip
    # The station: two platforms; the eastern one is reached by steps or by the lift of the tunnel.
    for y0, x_shift, ref in ((90, -8.0, "1"), (90, 8.0, "2")):
        start = rail.project(Point(1072, y0 + 170))
        spots = [straight_at(rail, start + d).across(-x_shift) for d in (0, 80, 160)]
        platform: Tags = {"railway": "platform", "public_transport": "platform", "ref": ref,
                          "name": "Wierhaven"}  # fmt: skip
        shape = LineString(spots).buffer(2.2, cap_style="flat")
        plan.ground.append((shape, platform))


def _rietkoog(plan: Plan) -> None:
    plan.way("unclassified", [(960, 1010), (1000, 1180), (1120, 1300), (1330, 1400), (1700, 1640)],
             "Rietkogerweg", level=["rail", "road"], over=["water"], plots=FARM, curve=True)  # fmt: skip
    street = plan.way(
        "tertiary", [(1700, 1640), (1900, 1745), (2130, 1830), (2370, 1960), (2640, 2060), (2900, 2090)],
        "Dorpsstraat", plots=LINT, curve=True, maxspeed="30", sidewalk="both",
    )  # fmt: skip
    for name, points in {
        "Kerkepad": [(2240, 1885), (2190, 2010), (2260, 2110)],
        "Schoolstraat": [(2085, 1812), (2030, 1950), (2190, 2010)],
        "Molenstraat": [(2370, 1960), (2450, 1830), (2400, 1700)],
        "Boomgaard": [(2270, 1905), (2330, 1790), (2420, 1765)],
        "Koggestraat": [(2330, 1790), (2180, 1700), (2060, 1790)],
        "Terpweg": [(2260, 2110), (2420, 2080), (2470, 1995)],
    }.items():
        plan.way("residential", points, name, plots=VILLAGE, curve=True)
    plan.way("footway", [(2250, 1780), (2235, 1880)])
    plan.way("path", [(2190, 2010), (2100, 2080), (2000, 2200), (1900, 2340)], surface="ground")
    plan.ground.append((block((2210, 1925), 30, 14, 70), {"building": "church", "name": "Koogkerk",
                        "amenity": "place_of_worship", "religion": "christian"}))  # fmt: skip
    for at in (380, 590, 680):
        spot = straight_at(street.line, at).across(5.0)
        plan.points.append((Point(spot), {"amenity": "bench"}))


def _polder(plan: Plan) -> None:
    roads = {
        "Noorderweg": [(-120, 860), (-122, 1400), (-90, 2300), (-80, 3100)],
        "Noorder Kavelweg": [(-1215, 2250), (-92, 2280), (900, 2310)],
        "Middenweg": [(-960, 1480), (-122, 1500), (930, 1530)],
        "Zuiderweg": [(-70, -1500), (-40, -2000), (20, -2900)],
        "Lage Kavelweg": [(-1250, -2010), (-40, -2010), (1105, -2005)],
        "Vaartweg": [(-70, -1500), (300, -1525), (660, -1545), (870, -1740), (1240, -2140)],
        "Koogweg": [(2640, 2060), (2690, 1200), (2720, 0), (2740, -1500), (2720, -2400)],
        "Sterweg": [(2240, 60), (2720, 60)],
        "Oosterkavelweg": [(1345, -1500), (2000, -1480), (2740, -1460)],
        "Rietkavel": [(1700, 1640), (1690, 2400), (1700, 3100)],
        "Noordkavel": [(1690, 2580), (2300, 2600), (3100, 2610)],
        "Kogerdreef": [(2640, 2060), (2660, 2600)],
    }
    for name, points in roads.items():
        plan.way("unclassified", points, name, plots=FARM)
    shore = LineString(SHORE)
    for start, end, name in ((230, 2600, "Noorderdijk"), (3560, 6300, "Zuiderdijk")):
        dike = LineString([shore.interpolate(at) for at in range(start, end, 60)])
        plan.way("unclassified", dike.offset_curve(26), name, plots=None)
        crown = plan.way("cycleway", dike.offset_curve(12), foot="-", surface="asphalt", width="3")
        for at in range(300, int(crown.line.length) - 200, 640):
            here = straight_at(crown.line, at)
            plan.way("steps", [here.across(0), here.across(14)],
                     **({"ramp": "yes"} if at % 1280 == 300 else {}))  # fmt: skip
        for at in range(200, 1300, 350):
            plan.points.append(
                (Point(straight_at(crown.line, at).across(-3)), {"amenity": "bench"})
            )
    for x in range(-900, 900, 300):
        for low, high in ((1560, 2250), (2330, 3050)):
            plan.way(
                "track", [(x + 90, low - 50), (x + 90, (low + high) / 2)], access="agricultural"
            )
            plan.waterlines.append((LineString([(x, low), (x + 8, high)]), {"waterway": "ditch"}))
    for y in range(-1300, 1500, 280):
        plan.waterlines.append((LineString([(2380, y), (2660, y + 4)]), {"waterway": "ditch"}))
        plan.waterlines.append((LineString([(2780, y), (3200, y + 4)]), {"waterway": "ditch"}))


def _island(plan: Plan) -> None:
    plan.way("path", [(-1160, 400), (-1195, 470), (-1310, 480), (-1360, 410), (-1330, 320),
                      (-1270, 290), (-1190, 330), (-1160, 400)], "Schansweg", plots=CHALET,
             surface="compacted", foot="yes")  # fmt: skip
    plan.way("footway", [(-1310, 480), (-1270, 390), (-1190, 330)], surface="grass")
    plan.ground.append((Polygon(block((-1265, 400), 60, 44, 20)), {"historic": "fort",
                                                                  "name": "De Schans"}))  # fmt: skip
    ferry = LineString([(-1160, 400), (-1000, 300), (-640, 5)])
    plan.waterlines.append((ferry, {"route": "ferry", "name": "Pontje De Schans", "foot": "yes"}))
