"""Buurten, wijken and gemeente with their figures, to the schemas of CBS and the Leefbaarometer."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from shapely import MultiPolygon, Point, Polygon, box
from shapely.ops import unary_union

from demo_town.centre import RING, VAART

if TYPE_CHECKING:
    from pathlib import Path

    from demo_town.houses import Address
    from demo_town.plan import Plan

YEAR = 2023
GEMEENTE = ("GM9801", "Wierhaven")
WIJKEN = {"WK980100": "Wijk 00 Binnenstad", "WK980101": "Wijk 01 Noord", "WK980102": "Wijk 02 Zuid",
          "WK980103": "Wijk 03 Sterrenwijk", "WK980104": "Wijk 04 Buitengebied"}  # fmt: skip
WATER = ("BU98019997", "Wiermeer")
SECRET, LATER = -99997, -99995  # CBS: secret or absent; published in a later version
LBM_MEAN = 4.102264370850171  # what a deviation of 0 is on the Leefbaarometer's own scale
LBM_YEARS = (2002, 2008, 2012, 2014, 2016, 2018, 2020, 2022)
DIMENSIONS = ("fys", "onv", "soc", "vrz", "won")

# Each takes what those before it have left.
_OUTLINES: dict[str, list[tuple[float, float]]] = {
    "BU98010002": [(250, 340), (1058, 345), (1100, -232), (440, -232), (300, -125), (150, 0)],
    "BU98010100": [(-900, 150), (318, 150), (318, 340), (326, 780), (300, 862), (-900, 862)],
    "BU98010101": [(300, 300), (1066, 330), (1028, 1030), (326, 1040)],
    "BU98010102": [(-1100, 1420), (-1000, 800), (340, 800), (340, 1420)],
    "BU98010200": [(-62, -240), (150, -200), *VAART[:5], (790, -884), (-68, -896)],
    "BU98010201": [(-62, -200), (-70, -1030), (-950, -1030), (-700, -100)],
    "BU98010202": [(-140, -1025), (-70, -896), (790, -884), (880, -1190), (960, -1440), (-140, -1520)],
    "BU98010302": [(300, -125), (440, -232), (1105, -240), (1152, -900), (1243, -1500), (1010, -1500),
                   (880, -1190), (760, -780)],
    "BU98010300": [(1024, 1050), (1066, 300), (1090, -150), (1152, -900), (1640, -920), (1666, -250),
                   (1668, 150), (1640, 480), (1560, 760), (1420, 1120), (1250, 1270)],
    "BU98010301": [(1640, -700), (2330, -700), (2340, 830), (1500, 830)],
    "BU98010400": [(1720, 1610), (2050, 1600), (2440, 1640), (2960, 1960), (2930, 2200), (2300, 2190),
                   (1950, 2100), (1690, 1700)],
    "BU98010401": [(-2300, 1040), (3200, 1040), (3200, 3100), (-2300, 3100)],
    "BU98010402": [(-2300, 1100), (3200, 1100), (3200, -2800), (-2300, -2800)],
}  # fmt: skip
_GEMEENTE = [(-2250, 2980), (-300, 3040), (3080, 3010), (3150, 800), (3110, -2560), (200, -2690),
             (-2260, -2600)]  # fmt: skip


def draw_areas(plan: Plan) -> dict[str, Polygon | MultiPolygon]:
    """Draw the buurten of the gemeente, and the lake as the buurt that is water."""
    gemeente = Polygon(_GEMEENTE)
    lake = next(shape for shape, tags in plan.water if tags.get("name") == "Wiermeer")
    lake = shapely.intersection(lake, gemeente, grid_size=0.01)
    inside_ring = Polygon([*RING, (-760, -150), (-760, 190)])
    island = unary_union([Polygon(ring) for ring in lake.interiors])
    drawn = {
        "BU98010001": unary_union([inside_ring & box(-900, -500, -200, 500), island]),
        "BU98010000": inside_ring & box(-200, -500, 500, 500),
    } | {code: Polygon(points) for code, points in _OUTLINES.items()}
    free = shapely.difference(gemeente, lake, grid_size=0.01)
    areas = {}
    for code, shape in drawn.items():
        areas[code] = shapely.intersection(free, shape, grid_size=0.01)
        free = shapely.difference(free, shape, grid_size=0.01)
    return dict(sorted(areas.items())) | {WATER[0]: lake}


def read_story(path: Path) -> pd.DataFrame:
    """Read what each buurt is like: the table from which its published figures are made."""
    return pd.read_csv(path, dtype={"pc4": str}, keep_default_na=False).set_index("code")


def look_around(
    addresses: list[Address],
    areas: dict[str, Polygon | MultiPolygon],
    doors: dict[str, list[Point]],
) -> pd.DataFrame:
    """Say of every home its buurt and what CBS measures around it.

    ``doors`` holds places per class of facility. CBS publishes kilometres over car roads; here they
    are the straight line and a third.
    """
    xy = np.array([(address.place.x, address.place.y) for address in addresses])
    tree = cKDTree(xy)
    homes = pd.DataFrame({
        "code": [buurt_at(areas, address.place) for address in addresses],
        "pc4": [address.postcode[:4] for address in addresses],
        "omgevingsadressendichtheid": tree.query_ball_point(xy, 1000, return_length=True) / np.pi,
    })  # fmt: skip
    for column, places in doors.items():
        away_m = cKDTree([(place.x, place.y) for place in places]).query(xy)[0]
        homes[column] = away_m * 1.33 / 1000
    return homes


def make_figures(
    areas: dict[str, Polygon | MultiPolygon], story: pd.DataFrame, homes: pd.DataFrame
) -> dict[str, gpd.GeoDataFrame]:
    """Make the layers ``buurten``, ``wijken`` and ``gemeenten`` with the published columns.

    Wijk and gemeente hold what their buurten add up to, before small numbers are kept secret.
    """
    land = [code for code in areas if code != WATER[0]]
    n_homes = homes["code"].value_counts()
    whole = pd.DataFrame({code: _count(story.loc[code], int(n_homes[code])) for code in land}).T
    layers = {}
    for layer, column, group in (
        ("buurten", "buurtcode", lambda code: code),
        ("wijken", "wijkcode", lambda code: "WK" + code[2:8]),
        ("gemeenten", "gemeentecode", lambda _: GEMEENTE[0]),
    ):
        counted = whole.groupby(group).sum()
        shapes = pd.Series([areas[code] for code in land], index=land).groupby(group).agg(
            lambda parts: shapely.union_all(list(parts), grid_size=0.01)
        )  # fmt: skip
        around = homes.set_index("code").groupby(group)
        rows = [
            _surroundings(around.get_group(code))
            | _publish(counts, story["geheim"].get(code, "niets"))
            for code, counts in counted.iterrows()
        ]
        frame = gpd.GeoDataFrame(rows, geometry=list(shapes[counted.index]), crs=28992)
        layers[layer] = _named(frame, column, list(counted.index), story)
    water = dict.fromkeys(layers["buurten"].columns, SECRET) | {"meest_voorkomende_postcode": ""}
    water |= dict(zip(_HEAD, [WATER[0], WATER[1], "WK980199", *GEMEENTE, "JA", f"{YEAR}{WATER[0]}",
                              YEAR], strict=True))  # fmt: skip
    water["geometry"] = areas[WATER[0]]
    lake = gpd.GeoDataFrame([water], crs=28992)[layers["buurten"].columns]
    layers["buurten"] = gpd.GeoDataFrame(
        pd.concat([layers["buurten"], lake], ignore_index=True), crs=28992
    )
    return layers


_HEAD = ("buurtcode", "buurtnaam", "wijkcode", "gemeentecode", "gemeentenaam", "water", "jrstatcode",
         "jaar")  # fmt: skip


def _surroundings(homes: pd.DataFrame) -> dict[str, float]:
    """Average over homes what is around them."""
    density = round(homes["omgevingsadressendichtheid"].mean())
    row: dict[str, float] = {
        "meest_voorkomende_postcode": homes["pc4"].mode()[0],
        "omgevingsadressendichtheid": density,
        "stedelijkheid_adressen_per_km2": 5 - int(np.searchsorted((500, 1000, 1500, 2500), density, "right")),
    }  # fmt: skip
    return row | {
        column: round(homes[column].mean(), 1)
        for column in homes.columns
        if column.endswith("_in_km")
    }


def _count(row: pd.Series, homes: int) -> dict[str, float]:
    """Turn a buurt's shares into numbers of people, households and homes, which can be added."""
    people = homes * row.huishouden * 0.98
    grown = people * (row.p15_25 + row.p25_45 + row.p45_65) / 100 * 0.96
    named = {
        "mensen": people,
        "huishoudens": homes * 0.98,
        "woningen": homes,
        "opgeleid": grown,
        "hoog": grown * row.hoog_opgeleid / 100,
        "laag": grown * row.laag_opgeleid / 100,
        "woz": row.woz_1000 * homes,
    }
    named |= {
        f"n_{k}": people * row[k] / 100 for k in ("p0_15", "p15_25", "p25_45", "p45_65", "p65")
    }
    named |= {f"n_{k}": people * row[f"{k}_1000"] / 1000 for k in ("bijstand", "ao", "ww", "wmo")}
    named |= {f"n_{k}": homes * 0.98 * row[k] / 100
              for k in ("alleen", "met_kinderen", "minimum", "hoog_inkomen", "laag_inkomen")}  # fmt: skip
    named |= {f"n_{k}": homes * row[k] / 100 for k in ("koop", "corporatie")}
    return named | {"n_participatie": grown * row.participatie / 100}


def _publish(n: pd.Series, hidden: str) -> dict[str, float]:
    """Round as CBS rounds, and keep secret what CBS keeps secret."""
    small = n.huishoudens < 100
    people, households = _fives(n.mensen), _fives(n.huishoudens)
    percent = {name: round(100 * n[f"n_{key}"] / n.mensen) for name, key in (
        ("percentage_personen_0_tot_15_jaar", "p0_15"), ("percentage_personen_15_tot_25_jaar", "p15_25"),
        ("percentage_personen_25_tot_45_jaar", "p25_45"), ("percentage_personen_45_tot_65_jaar", "p45_65"),
        ("percentage_personen_65_jaar_en_ouder", "p65"))}  # fmt: skip
    wmo = _fives(n.n_wmo)
    row: dict[str, float] = {"aantal_inwoners": people, **percent, "aantal_huishoudens": households}
    row |= {
        "percentage_eenpersoonshuishoudens": round(100 * n.n_alleen / n.huishoudens),
        "percentage_huishoudens_met_kinderen": round(100 * n.n_met_kinderen / n.huishoudens),
        "gemiddelde_huishoudsgrootte": round(n.mensen / n.huishoudens, 1),
        "woningvoorraad": round(n.woningen),
        "gemiddelde_woningwaarde": round(n.woz / n.woningen),
        "percentage_koopwoningen": round(100 * n.n_koop / n.woningen),
        "percentage_huurwoningen": 100 - round(100 * n.n_koop / n.woningen),
        "perc_huurwoningen_in_bezit_woningcorporaties": round(100 * n.n_corporatie / n.woningen),
        "aantal_personen_met_een_alg_bijstandsuitkering_tot": _fives(n.n_bijstand),
        "aantal_personen_met_een_ao_uitkering_totaal": _fives(n.n_ao),
        "aantal_personen_met_een_ww_uitkering_totaal": _fives(n.n_ww),
        "aantal_wmo_clienten": wmo,
        "aantal_wmo_clienten_per_1000_inwoners": round(1000 * wmo / people),
        "percentage_huishoudens_onder_of_rond_sociaal_minimum": round(
            100 * n.n_minimum / n.huishoudens, 1
        ),
        "percentage_huishoudens_met_laag_inkomen": round(100 * n.n_laag_inkomen / n.huishoudens, 1),
        "percentage_huishoudens_met_hoog_inkomen": round(100 * n.n_hoog_inkomen / n.huishoudens, 1),
        "netto_arbeidsparticipatie": round(100 * n.n_participatie / n.opgeleid),
        "opleidingsniveau_laag": _tens(n.laag),
        "opleidingsniveau_middelbaar": _tens(n.opgeleid - n.laag - n.hoog),
        "opleidingsniveau_hoog": _tens(n.hoog),
    }
    if small:
        row |= {key: SECRET for key in row if "inkomen" in key or "minimum" in key}
    if wmo < 10:
        row |= {key: SECRET for key in row if "wmo" in key}
    if hidden == "alles":
        row |= {
            key: SECRET for key in row if "uitkering" in key or "opleiding" in key or "netto" in key
        }
    if hidden == "later":
        row |= {key: LATER for key in row if "uitkering" in key or "wmo" in key}
    return row


def _fives(count: float) -> int:
    return 5 * round(count / 5)


def _tens(count: float) -> int:
    return 10 * round(count / 10)


def _named(
    frame: gpd.GeoDataFrame, column: str, codes: list[str], story: pd.DataFrame
) -> gpd.GeoDataFrame:
    names = {
        "buurtcode": story["naam"].to_dict(),
        "wijkcode": WIJKEN,
        "gemeentecode": dict([GEMEENTE]),
    }
    head = pd.DataFrame({column: codes})
    if column == "buurtcode":
        head["buurtnaam"] = [names[column][code] for code in codes]
        head["wijkcode"] = ["WK" + code[2:8] for code in codes]
    elif column == "wijkcode":
        head["wijknaam"] = [names[column][code] for code in codes]
    if column != "gemeentecode":
        head["gemeentecode"] = GEMEENTE[0]
    head["gemeentenaam"], head["water"] = GEMEENTE[1], "NEE"
    head["jrstatcode"], head["jaar"] = [f"{YEAR}{code}" for code in codes], YEAR
    return gpd.GeoDataFrame(pd.concat([head, frame], axis=1), crs=28992)


def write_leefbaarometer(path: Path, story: pd.DataFrame) -> None:
    """Write the Leefbaarometer per buurt: years in rows, dimensions from 2014 on.

    Buurten with hardly any homes have no score, so no rows; ``afw`` is the sum of the dimensions.
    """
    rng = np.random.default_rng(3)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["bu_code", "bu_naam", "jaar", "lbm", "afw", *DIMENSIONS])
        for code, row in story[story["leefbaarometer"].eq("ja")].iterrows():
            for year in LBM_YEARS:
                drift = rng.normal(0, 0.0012 * (LBM_YEARS[-1] - year), len(DIMENSIONS))
                parts = [float(row[d]) + float(x) for d, x in zip(DIMENSIONS, drift, strict=True)]
                afw = math.fsum(parts)  # the same in every Python: `sum` compensates since 3.12
                shown = parts if year >= 2014 else ["NA"] * len(DIMENSIONS)
                out.writerow([code, row["naam"], year, LBM_MEAN + afw, afw, *shown])


def buurt_at(areas: dict[str, Polygon | MultiPolygon], place: Point) -> str:
    """Find the buurt of a place, the nearest one when it lies on a border or over water."""
    land = [(shape.distance(place), code) for code, shape in areas.items() if code != WATER[0]]
    return min(land)[1]
