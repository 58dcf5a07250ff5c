"""The quarters of the twentieth century and after: each drawn in the manner of its time."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from shapely import LineString, Point, Polygon
from shapely.affinity import rotate

from demo_town.plan import Plan, Plots, Xy, arc, block, part, rounded, straight_at

GARDEN = Plots(6.0, 9.5, 8.5, (3, 7), 5.0)  # 1920–1950: short rows with front gardens
ROWS = Plots(5.7, 9.5, 8.0, (5, 10), 5.0)  # 1955–1970
WOONERF = Plots(5.6, 10.0, 6.5, (3, 6), 5.0)  # 1970–1985: staggered rows
VINEX = Plots(5.6, 10.5, 7.5, (5, 11), 7.0, fill_share=0.92)  # 1995–2015
TWINS = Plots(8.0, 11.0, 9.0, (2, 2), 5.0, building="semidetached_house")
SHED = Plots(32.0, 42.0, 16.0, (1, 2), 14.0, fill_share=0.85, building="industrial")


def draw_quarters(plan: Plan) -> None:
    """Draw the quarters around the old town, and the main roads that tie them together."""
    _main_roads(plan)
    _oranjebuurt(plan)
    _bloemenbuurt(plan)
    _wierbos(plan)
    _componistenbuurt(plan)
    _vogelbuurt(plan)
    _de_hoven(plan)
    _bedrijventerrein(plan)
    _sterrenwijk(plan)


def _turned(points: list[Xy], degrees: float, about: Xy) -> list[Xy]:
    return list(rotate(LineString(points), degrees, origin=about).coords)


def _benches(plan: Plan, line: LineString, spacing_m: float, left_m: float = 3.5) -> None:
    for at in range(30, int(line.length), round(spacing_m)):
        plan.points.append((Point(straight_at(line, at).across(left_m)), {"amenity": "bench"}))


def _main_roads(plan: Plan) -> None:
    north = plan.way("tertiary", [(-122, 330), (-124, 560), (-118, 860)], "Oranjelaan",
                     plots=replace(GARDEN, setback_m=14.0, upstairs_share=0.15), foot="use_sidepath")  # fmt: skip
    south = plan.way("tertiary", [(-58, -316), (-66, -700), (-72, -1180), (-70, -1500)], "Zuiderlaan",
                     foot="use_sidepath", plots=replace(ROWS, setback_m=16.0, fill_share=0.5))  # fmt: skip
    ring = plan.way(
        "tertiary",
        [(-70, -905), (300, -890), (640, -868), (900, -872), (1100, -880), (1330, -880)],
        "Zuiderrondweg", over=["water"], under=["rail"], level=["road"], foot="no", maxspeed="50",
    )  # fmt: skip
    sun = plan.way(
        "tertiary",
        [(1330, -880), (1430, -640), (1475, -260), (1480, 120), (1450, 520), (1370, 860), (1260, 1120),
         (1235, 1345)],
        "Zonnelaan", foot="use_sidepath", curve=True,
    )  # fmt: skip
    # Beside the same kind of road the paths are tagged differently, as mappers do.
    for way, offset, foot in ((north, 8.0, "yes"), (north, -8.0, "-"), (south, 9.0, "yes"),
                              (south, -9.0, "-"), (ring, 9.0, "-"), (ring, -9.0, "no"),
                              (sun, 9.0, "yes"), (sun, -9.0, "-")):  # fmt: skip
        plan.along(way, offset, "cycleway", foot=foot, oneway="yes")
    for way, spacing in ((north, 120), (south, 210), (sun, 190)):
        plan.crossings(way, spacing, 9.0, ["uncontrolled", "traffic_signals", "zebra", "unmarked"])
    # Over or under railway and main road, from north to south.
    plan.way("cycleway", [(880, 655), (990, 660), (1150, 664), (1240, 668)], "Bloementunnel",
             under=["rail", "road"], foot="yes")  # fmt: skip
    plan.way("cycleway", [(1044, 150), (1090, 150), (1170, 152), (1262, 150)], "Stationstunnel",
             under=["rail", "road"], foot="yes", lit="yes")  # fmt: skip
    plan.way("cycleway", [(1010, -420), (1110, -420), (1200, -420), (1300, -424)],
             under=["rail", "road"], foot="-")  # fmt: skip
    # The lift and the steps from the tunnel to the second platform.
    plan.way("steps", [(1092, 150), (1084, 172)], incline="up", step_count="28", ramp="no")
    plan.on_way.append((Point(1084, 172), {"highway": "elevator"}))
    plan.way("footway", [(1084, 172), (1080, 215)])
    plan.way("steps", [(1058, 150), (1052, 176)], conveying="forward", incline="up")
    plan.way("footway", [(1052, 176), (1050, 215)])
    plan.way("footway", [(1052, 176), (1040, 178)])


def _oranjebuurt(plan: Plan) -> None:
    names = ["Emmastraat", "Julianastraat", "Wilhelminastraat", "Beatrixstraat", "Irenestraat"]
    for index, name in enumerate(names):
        y = 408 + 92 * index
        points: list[Xy] = [(-492 + 14 * index, y - 14), (-300, y + 6), (-120, y + 12), (80, y + 6),
                            (300, y - 12)]  # fmt: skip
        plan.way("residential", points, name, plots=GARDEN, curve=True)
    for x, low, name in ((-478, 270, "Prins Hendrikstraat"), (-352, 292, "Bernhardstraat"),
                         (-236, 310, "Mauritsstraat"), (-10, 330, "Frederikstraat"),
                         (104, 320, "Margrietstraat"), (206, 280, "Claasstraat"),
                         (296, 240, "Nassaustraat")):  # fmt: skip
        shift = 10 if x < 0 else -8
        plan.way("residential", [(x, low), (x + shift, 570), (x + 3 * shift, 790)], name, curve=True,
                 plots=replace(GARDEN, fill_share=0.7))  # fmt: skip
    plan.way("residential", [(-455, 836), (-120, 842), (290, 800)], "Koningin Annalaan",
             plots=replace(TWINS, sides=(-1,)), curve=True)  # fmt: skip
    park = Polygon([(-226, 512), (-134, 516), (-132, 586), (-222, 584)])
    plan.ground.append((park, {"leisure": "park", "name": "Oranjeplantsoen"}))
    plan.reserved.append(park)
    path = plan.way("footway", [(-232, 506), (-180, 548), (-128, 592)], surface="fine_gravel")
    _benches(plan, path.line, 60)


def _bloemenbuurt(plan: Plan) -> None:
    """Draw the first post-war quarter: a turned grid, rows at the edge and portiekflats inside."""
    about = (620.0, 600.0)
    columns = [("Rozenstraat", 360), ("Tulpstraat", 480), ("Dahliastraat", 610), ("Lelielaan", 735),
               ("Irisstraat", 850)]  # fmt: skip
    rows = [("Anemoonstraat", 400), ("Asterstraat", 515), ("Begoniastraat", 640),
            ("Fresiastraat", 760), ("Krokusstraat", 880), ("Leeuwenbekstraat", 985)]  # fmt: skip
    for name, x in columns:
        plots = ROWS if x in (360, 850) else replace(ROWS, fill_share=0.45)
        plan.way(
            "residential", _turned([(x, 385), (x, 690), (x, 1000)], -6, about), name, plots=plots
        )
    for name, y in rows:
        plots = ROWS if y in (400, 985) else None
        street = plan.way("residential", _turned([(340, y), (600, y), (880, y)], -6, about), name,
                          plots=plots)  # fmt: skip
        if plots is None:
            for at in (75, 205, 330, 455):
                plan.strips(street, [at - 22, at + 28], side=1, length_m=52, floors=4, per_floor=6)
    lawn = Polygon(_turned([(495, 655), (600, 655), (600, 745), (495, 745)], -6, about))
    plan.ground.append((lawn, {"leisure": "park", "name": "Lelieplantsoen"}))
    plan.way("residential", [(210, 420), (300, 412), (350, 420)], "Nassaustraat")
    plan.way("residential", [(300, 790), (345, 800)], "Nassaustraat")
    plan.way("unclassified", [(860, 900), (920, 985), (960, 1010)], "Rietkogerweg", maxspeed="50")
    for x, y in ((520, 690), (575, 722), (702, 470)):
        plan.points.append((Point(x, y), {"amenity": "bench"}))


def _wierbos(plan: Plan) -> None:
    wood = rounded(LineString([(-640, 870), (-150, 880), (-150, 1330), (-800, 1330), (-640, 870)]))
    plan.ground.append((Polygon(wood), {"natural": "wood", "name": "Wierbos"}))
    plan.reserved.append(Polygon(wood).buffer(-30))
    loop = rounded(LineString([(-455, 836), (-560, 960), (-640, 1180), (-420, 1280), (-230, 1150),
                               (-300, 950), (-455, 836)]))  # fmt: skip
    plan.way("path", loop, foot="designated", surface="fine_gravel")
    plan.way("footway", [(-120, 1010), (-300, 1010), (-420, 1060), (-640, 1180)])
    plan.way("cycleway", [(-122, 1330), (-420, 1280), (-820, 1330), (-850, 1300)], foot="-")
    _benches(plan, loop, 170)
    lane = plan.way("residential", [(290, 800), (330, 900), (310, 1060), (120, 1100), (-122, 1110)],
                    "Sportlaan", plots=replace(TWINS, fill_share=0.35, sides=(1,)), curve=True)  # fmt: skip
    for x, y in ((20, 985), (140, 985)):
        pitch = block((x, y), 105, 68, 4)
        plan.ground.append((pitch, {"leisure": "pitch", "sport": "soccer"}))
        plan.reserved.append(pitch.buffer(10))
    # The allotments: behind a gate that is always locked.
    plan.way("footway", [(120, 1100), (126, 1180), (60, 1250)])
    plan.on_way.append((Point(123.6, 1148), {"barrier": "gate", "access": "no"}))
    plan.ground.append((block((90, 1240), 150, 90, 0), {"landuse": "allotments"}))
    plan.along(lane, -6.0, "footway", footway="sidewalk")


def _componistenbuurt(plan: Plan) -> None:
    """Draw the 1960s: large blocks, galerijflats of eight floors, rows of family homes between."""
    about = (240.0, -600.0)
    columns = [
        ("Bachlaan", 20),
        ("Mozartstraat", 150),
        ("Schubertstraat", 285),
        ("Chopinstraat", 420),
    ]
    rows = [("Beethovenlaan", -350), ("Händelstraat", -470), ("Brahmsstraat", -590),
            ("Verdistraat", -705), ("Lisztstraat", -825)]  # fmt: skip
    for name, x in columns:
        plan.way("residential", _turned([(x, -338), (x, -600), (x, -845)], 5, about), name,
                 plots=replace(ROWS, fill_share=0.55))  # fmt: skip
    for index, (name, y) in enumerate(rows):
        street = plan.way("residential", _turned([(-55, y), (250, y), (450 + 34 * index, y)], 5, about),
                          name, plots=ROWS if index in (0, 2, 4) else replace(ROWS, sides=(-1,)))  # fmt: skip
        if index == 1:
            plan.strips(street, [140, 270], side=1, length_m=72, floors=8, per_floor=9, gap_m=16)
        if index == 3:
            plan.strips(
                street, [140, 272, 405], side=1, length_m=66, floors=6, per_floor=8, gap_m=16
            )
    plan.way("footway", [(238, -246), (236, -300), (244, -345)])
    plan.way("footway", [(345, -330), (420, -300), (470, -330)], surface="asphalt")
    plan.way("cycleway", [(80, -316), (60, -345)], foot="-")
    plan.way("cycleway", [(470, -560), (620, -545), (720, -560)], over=["water"], foot="yes")
    plan.points.append((Point(215, -520), {"amenity": "bench"}))


def _woonerven(plan: Plan, spine: LineString, names: list[str], *, spacing_m: float,
               lengths_m: tuple[float, float]) -> None:  # fmt: skip
    """Hang woonerven off a road, left and right in turn; each bends, and footpaths tie their heads."""
    heads: dict[int, list[tuple[Xy, Xy]]] = {1: [], -1: []}
    for index, name in enumerate(names):
        at = 45.0 + spacing_m * (index // 2) + (spacing_m * 0.35 if index % 2 else 0.0)
        if at > spine.length - 25:
            break
        side = 1 if index % 2 == 0 else -1
        here = straight_at(spine, at)
        length = plan.rng.uniform(*lengths_m)
        bend = plan.rng.choice([-1, 1]) * plan.rng.uniform(18, 26)
        half = length * 0.55
        points = [here.place(0, 0), here.place(0, side * half * 0.6),
                  here.place(bend * 0.5, side * half), here.place(bend, side * length)]  # fmt: skip
        plan.way("living_street", points, name, plots=WOONERF)
        head = (here.place(bend - 20, side * length), here.place(bend + 20, side * length))
        plan.way("living_street", head, name, plots=replace(WOONERF, row=(2, 3)))
        heads[side].append(head)
    for row in heads.values():
        for before, after in pairwise(row):
            if math.dist(before[1], after[0]) < 1.1 * spacing_m:
                middle = ((before[1][0] + after[0][0]) / 2 + plan.rng.uniform(-6, 6),
                          (before[1][1] + after[0][1]) / 2 + plan.rng.uniform(-6, 6))  # fmt: skip
                plan.way("footway", [before[1], middle, after[0]])


def _vogelbuurt(plan: Plan) -> None:
    """Draw the 1970s: one winding road, woonerven like a cauliflower on both sides."""
    spine = rounded(LineString([(-66, -440), (-190, -420), (-330, -400), (-460, -450), (-500, -580),
                                (-520, -730), (-470, -850), (-330, -900), (-200, -880), (-72, -900)]))  # fmt: skip
    plan.way("residential", spine, "Reigerlaan", plots=replace(WOONERF, fill_share=0.5))
    inner = rounded(
        LineString([(-66, -660), (-180, -650), (-270, -620), (-350, -660), (-512, -660)])
    )
    plan.way("residential", inner, "Spechtlaan", plots=replace(WOONERF, fill_share=0.5))
    names = ["Kievit", "Grutto", "Tureluur", "Wulp", "Scholekster", "Kluut", "Plevier", "Strandloper",
             "Fuut", "Meerkoet", "Smient", "Slobeend", "Bergeend", "Krakeend", "Aalscholver", "Visdief",
             "Kokmeeuw", "Lepelaar", "Roerdomp", "Purperreiger", "Karekiet", "Rietzanger"]  # fmt: skip
    _woonerven(plan, spine, names, spacing_m=118, lengths_m=(70, 92))
    _woonerven(plan, inner, ["Merel", "Lijster", "Roodborst", "Winterkoning", "Koolmees", "Pimpelmees",
                             "Boomklever", "Zwartkop"], spacing_m=112, lengths_m=(62, 78))  # fmt: skip
    belt = plan.way("cycleway", rounded(LineString([(-366, -262), (-400, -320), (-600, -400),
                    (-640, -600), (-650, -800), (-560, -980), (-340, -1010), (-72, -1000)])), foot="-")  # fmt: skip
    _benches(plan, belt.line, 340)
    plan.way("footway", [(-460, -450), (-560, -420), (-600, -400)])
    plan.way("footway", [(-520, -730), (-600, -740), (-648, -745)])
    plan.way("footway", [(-330, -900), (-335, -960), (-340, -1010)])


def _de_hoven(plan: Plan) -> None:
    spine = rounded(LineString([(-72, -1050), (80, -1030), (240, -980), (420, -1000), (560, -1060),
                                (600, -1180), (520, -1290), (330, -1330), (140, -1310), (-71, -1330)]))  # fmt: skip
    plan.way("residential", spine, "Gildenlaan", plots=replace(WOONERF, fill_share=0.5))
    names = ["Weverhof", "Smidshof", "Kuipershof", "Bakkershof", "Looiershof", "Molenaarshof",
             "Timmerhof", "Metselhof", "Zeilmakershof", "Touwslagershof", "Leidekkershof",
             "Pottenbakkershof", "Glazeniershof", "Zadelmakershof", "Kaarsenmakershof",
             "Goudsmidshof", "Mandenmakershof", "Boekbindershof", "Steenhouwershof", "Drukkershof"]  # fmt: skip
    _woonerven(plan, spine, names, spacing_m=125, lengths_m=(74, 100))
    plan.way("residential", [(240, -890), (240, -980)], "Gildenlaan")
    green = plan.way("footway", [(240, -980), (250, -1160), (330, -1330)], surface="asphalt")
    _benches(plan, green.line, 120)


def _bedrijventerrein(plan: Plan) -> None:
    main = plan.way("unclassified", [(850, -205), (840, -420), (880, -640), (930, -872), (985, -1080),
                    (1050, -1290)], "Industrieweg", plots=SHED, maxspeed="50", sidewalk="no")  # fmt: skip
    for name, points in {
        "Ampèrestraat": [(560, -300), (845, -330), (1050, -330)],
        "Voltstraat": [(700, -530), (858, -530), (1090, -530)],
        "Ohmstraat": [(790, -730), (902, -730), (1105, -725)],
        "Wattstraat": [(900, -1060), (980, -1060), (1130, -1050)],
    }.items():
        plan.way("residential", points, name, plots=SHED, maxspeed="50", surface="asphalt")
    plan.way(
        "service", [(560, -300), (600, -370), (700, -530), (790, -730)], "Vaartkade", maxspeed="30"
    )
    plan.way("cycleway", [(840, -420), (1010, -420)], foot="-")
    plan.way("service", [(1050, -330), (1060, -400)], access="private", service="driveway")
    plan.way("track", [(1050, -1290), (1000, -1480), (870, -1740)])
    plan.along(main, 7.0, "cycleway", foot="-")


def _sterrenwijk(plan: Plan) -> None:
    """Draw the VINEX quarter: rows along a singel in the west, crescents around a park in the east."""
    singel = rounded(
        LineString([(1655, -560), (1668, -250), (1668, 150), (1640, 480), (1580, 700)])
    )
    plan.water.append(
        (singel.buffer(11, cap_style="round"), {"water": "canal", "name": "Sterrensingel"})
    )
    planets = ["Mercuriusstraat", "Venusstraat", "Marsstraat", "Jupiterstraat", "Saturnusstraat",
               "Uranusstraat", "Neptunusstraat", "Plutostraat", "Ceresstraat", "Europastraat"]  # fmt: skip
    for index, name in enumerate(planets):
        y = -520 + 118 * index
        far = 1640 if index not in (1, 5, 8) else 1800
        start = 1440 - (0 if index < 7 else 22 * (index - 6))
        points: list[Xy] = [(start, y), ((start + far) / 2, y + 6), (far, y)]
        plan.way("residential", points, name, over=["water"], plots=VINEX)
    for points, name in (
        ([(1290, -560), (1330, -200), (1335, 150), (1320, 480), (1262, 800)], "Komeetstraat"),
        ([(1385, -520), (1410, -200), (1412, 150), (1392, 460), (1330, 760)], "Meteoorstraat"),
    ):
        plan.way("residential", points, name, plots=VINEX, curve=True)
    for y, name in ((-500, "Phobosstraat"), (-260, "Titanstraat"), (150, "Maanstraat"),
                    (420, "Ganymedesstraat"), (690, "Callistostraat")):  # fmt: skip
        plan.way("residential", [(1298, y), (1330, y), (1478, y + 4)], name)
    for offset, name in ((-20.0, "Oostkade"), (20.0, "Westkade")):
        side = 1 if offset > 0 else -1
        quay = plan.way("residential", LineString(singel.offset_curve(offset).coords), name,
                        plots=replace(VINEX, sides=(side,)))  # fmt: skip
        _benches(plan, quay.line, 130, -side * 4.0)
    about = (1890.0, 60.0)
    park = Polygon(arc(about, 62, 0, 360).coords)
    plan.ground.append((park, {"leisure": "park", "name": "Zonnepark"}))
    plan.reserved.append(park)
    for radius, half, name in ((75, 180, "Poolster"), (135, 118, "Grote Beer"),
                               (196, 104, "Kleine Beer"), (258, 92, "Orion"),
                               (322, 47, "Cassiopeia"), (386, 52, "Andromeda")):  # fmt: skip
        ring = arc(about, radius, -half, half)
        plan.way(
            "residential", ring, name, plots=VINEX if radius > 75 else replace(VINEX, sides=(-1,))
        )
    for degrees, name in ((-50, "Pollux"), (-12, "Melkweg"), (34, "Castor")):
        spoke = rotate(LineString([(about[0] + 75, about[1]), (about[0] + 395, about[1])]), degrees,
                       origin=about)  # fmt: skip
        plan.way("residential", spoke, name)
    plan.way("residential", [(1800, 70), (1816, 66)], "Melkweg")
    plan.way("residential", [(1688, -402), (1800, -402), (1910, -345), (2050, -300), (2144, -243)], "Zuiderkruis",
             plots=VINEX, curve=True)  # fmt: skip
    plan.way("residential", [(1688, 424), (1800, 424), (1950, 412), (2060, 395), (2127, 364)], "Regulus",
             plots=VINEX, curve=True)  # fmt: skip
    for low, high in pairwise([-402, -180, 70, 250, 424]):
        plan.way("residential", [(1760, low), (1766, (low + high) / 2), (1760, high)], "Sirius",
                 plots=VINEX)  # fmt: skip
    for name, flip in (("Kreeft", 1), ("Steenbok", -1)):
        points = [(1853, 124), (1827, 179), (1843, 250), (1881, 318), (1896, 440)]
        plan.way("residential", [(x, 60 + flip * (y - 60)) for x, y in points], name)
    cross = plan.way("footway", [(1828, 60), (1890, 60), (1952, 56)], surface="paving_stones")
    _benches(plan, cross.line, 35)
    for y in (-330, -60, 300):
        plan.way("footway", [(1636, y), (1696, y + 3)], over=["water"], surface="wood")
    plan.way("cycleway", part(arc(about, 400, -65, 65), 0, 900), foot="yes")
    plan.way("unclassified", [(2285, -20), (2240, 60)], "Sterweg")
