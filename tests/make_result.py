"""A small, plausible outcome for tests of map and report, made without running a study."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, box, unary_union

from geowoonzorg.ask import Answer
from geowoonzorg.ask.sites import OUTPUTS
from geowoonzorg.findings import Asked, Findings
from geowoonzorg.messages import tell
from geowoonzorg.ranking.accounting import explain
from geowoonzorg.ranking.lenses import compare_lenses
from geowoonzorg.ranking.scoring import read_scoring_profile, score

CRS = "EPSG:28992"
ORIGIN = np.array([190_500.0, 507_300.0])
CLASSES = ("huisarts", "supermarkt", "inloopvoorziening", "apotheek", "ov_halte")
HOSTILE = (
    "<script>window.executed=1</script>",
    "</script><script>window.executed=2</script>",
    "${window.executed=3}`${window.executed=4}`",
    '"><img src=x onerror="window.executed=5">',
    "'; window.executed=6; '",
    "Haven\u202egpj.exe\u2028\u2029\x00 \u200f",
    "{{ 7*7 }}{% raw %}",
    "=1+1",
    "🏡" * 40,
    "lang " * 2048,
    "<!--<script>",
    "&lt;b&gt;&amp;",
)
SITE_NAMES = (
    "De Oude Werf", "Stationskwartier", "Kloostertuin", "Zuiderkade", "Melkfabriek", "Brugzicht",
    "Parkrand Noord", "Het Weeshuis", "Sluisplein", "Burgemeester Blauwlaan", "De Meerpaal",
    "Nieuwe Veldweg",
)  # fmt: skip
AREA_NAMES = ("Binnenstad", "Stationsbuurt", "Zuid", "Hanzebuurt", "Noorderpark", "Buitengebied")


def make_result(
    *, hostile: bool = False, n_sites: int = 12, date: str | None = "2025-03-14"
) -> Answer:
    """Make an answer that can be written."""
    findings = make_findings(hostile=hostile, n_sites=n_sites, date=date)
    given = {item.name: getattr(findings, item.name) for item in fields(findings)}
    inputs = tuple(map(Path, ("kampen.osm.pbf", "kandidaten.gpkg", "buurten.gpkg", "lden.tif")))
    return Answer(**given, outputs=OUTPUTS, inputs=inputs)


def with_tables(findings: Findings, **tables: pd.DataFrame) -> Findings:
    """Give the same findings with other tables in place of theirs."""
    return replace(findings, tables={**findings.tables, **tables})


def make_findings(
    *, hostile: bool = False, n_sites: int = 12, date: str | None = "2025-03-14"
) -> Findings:
    """Make findings of a town of 2 × 1.5 km with sites, facilities, buurten and every kind of gap."""
    rng = np.random.default_rng(7)
    names = [SITE_NAMES[i % len(SITE_NAMES)] + (f" {i}" if i >= 12 else "") for i in range(n_sites)]
    if hostile:
        names = [HOSTILE[i % len(HOSTILE)] for i in range(n_sites)]
    at = ORIGIN + rng.uniform([150, 150], [1850, 1350], (n_sites, 2))
    ids = pd.Index([f"P{i + 1:02d}" for i in range(n_sites)])
    facilities = _facilities(rng, hostile=hostile)
    profile = read_scoring_profile("geclusterd")
    walked = {name: _nearest(at, facilities, name) for name in CLASSES}
    raw = pd.DataFrame(
        {
            **{name: distance for name, (distance, _) in walked.items()},
            "ontmoetingsruimte": rng.choice(["ja", "nee"], n_sites),
            "n_woningen": rng.choice([3.0, 12, 18, 24, 60], n_sites, p=[0.2, 0.2, 0.2, 0.2, 0.2]),
            "lbm_onv": rng.normal(0.03, 0.06, n_sites),
            "bankjes": 300 + 1_000 * rng.normal(0.03, 0.04, n_sites),
            "lbm_fys": rng.normal(0.0, 0.03, n_sites),
            "balans": rng.normal(0.0, 0.5, n_sites),
            "share_65plus": rng.uniform(0.1, 0.35, n_sites),
            "geluid": rng.uniform(44, 66, n_sites),
            "adressen": np.round(rng.uniform(40, 900, n_sites)),
        },
        index=ids,
    )
    raw["geluid_plek"] = raw["geluid"] - 2  # a plot is a little quieter than what lies around it
    raw.loc[ids[1::4], ["balans", "share_65plus"]] = np.nan
    raw.loc[ids[2::5], "geluid"] = np.nan
    raw.loc[ids[-1:], "apotheek"] = np.nan
    reasons = pd.DataFrame(index=ids, data={"geluid": "raster_hole"})
    reasons["balans"] = "secret"
    reasons["share_65plus"] = "secret"
    reasons["apotheek"] = "beyond_limit"
    scores = score(raw, profile, names=pd.Series(names, index=ids), draws=100)
    criteria = explain(scores, profile, reasons=reasons)
    criteria[["coverage_share", "fallback_share"]] = np.nan
    criteria["source"] = "OpenStreetMap"
    criteria["year"] = 2025
    social = criteria["criterion"].isin(["balans", "share_65plus", "lbm_onv", "lbm_fys"])
    criteria.loc[social, ["source", "year"]] = ["CBS Wijk- en buurtkaart", 2023]
    means = social & criteria["known"]
    criteria.loc[means, "coverage_share"] = rng.choice([1.0, 0.839, 1.0], means.sum())
    criteria.loc[means, "fallback_share"] = rng.choice([0.0, 0.391, 0.0], means.sum())
    criteria.loc[criteria["criterion"].eq("geluid") & criteria["known"], "coverage_share"] = 0.5
    shapes = [
        Point(xy) if i % 3 else box(*(xy - [35, 25]), *(xy + [35, 25])) for i, xy in enumerate(at)
    ]
    sites = gpd.GeoDataFrame(scores.rename_axis("id").reset_index(), geometry=shapes, crs=CRS)
    sites["n_woningen"] = raw["n_woningen"].to_numpy()
    sites["people_65plus"] = np.where(np.arange(n_sites) % 5 == 4, np.nan, 230.0)
    sites["people_65plus_min"] = sites["people_65plus"] - 217.6
    sites["people_65plus_max"] = sites["people_65plus"] + 180.2
    sites["balans_before"] = raw["balans"].to_numpy()
    sites["balans_after"] = raw["balans"].to_numpy() * 0.9
    areas = _areas(hostile=hostile)
    tables = {
        "sites": sites,
        "facilities": facilities,
        "service_areas": _service_areas(facilities),
        "areas": areas,
        "addresses": gpd.GeoDataFrame({"id": []}, geometry=[], crs=CRS),
        "routes": _routes(ids, at, facilities, walked),
        "site_areas": gpd.GeoDataFrame(
            {"site_id": ids, "limit_m": 400.0}, geometry=[_reach(Point(xy)) for xy in at], crs=CRS
        ),
        "criteria": criteria,
        "coverage": _coverage(),
        "lenses": compare_lenses(scores, profile, draws=20).rename_axis("id").reset_index(),
        "area_gaps": pd.DataFrame(
            [
                ("BU01660002", "balans", "stand_in", "wijk", ""),
                (
                    "BU01660002",
                    "balans",
                    "remark",
                    HOSTILE[2] if hostile else "zonder opleiding (geheim)",
                    "without education (secret)",
                ),
                ("BU01660004", "lbm_afw", "missing", "secret", ""),
                (
                    "BU01660004",
                    "balans",
                    "missing",
                    "0 van 4 cijfers over vragers bekend",
                    "0 of 4 measures of vragers known",
                ),
            ],
            columns=["code", "column", "kind", "what", "what_en"],
        ),
        "streets": _streets(),
    }
    return Findings(
        question="sites",
        asked=Asked(
            name=HOSTILE[0] if hostile else "Kampen 2025",
            date=date,
            walking="rollator",
            classes=CLASSES,
            added_vragers_share=0.4,
            leefbaarometer_year=2022,
        ),
        tables=tables,
        profile=profile,
        provenance={
            "inputs": [
                {
                    "role": "network",
                    "title": "OpenStreetMap",
                    "file": "kampen.osm.pbf",
                    "sha256": "ab" * 32,
                    "year": 2025,
                    "date": "2025-01-30",
                    "licence": "ODbL 1.0",
                    "citation": "© OpenStreetMap contributors, openstreetmap.org/copyright",
                },
                {
                    "role": "leefbaarometer",
                    "title": "Leefbaarometer 3.0",
                    "file": HOSTILE[1] if hostile else "Leefbaarometer-scores wijken.csv",
                    "sha256": "cd" * 32,
                    "year": 2022,
                    "licence": "CC BY 4.0",
                },
            ],
            "profiles": {
                "walking": {"name": "rollator", "title": "rollator", "hash": "ef" * 32},
                "scoring": {"name": profile.name, "title": profile.title, "hash": profile.hash},
            },
            "versions": {"geowoonzorg": "0.1.0", "shapely": "2.1"},
        },
        notes=(HOSTILE[3] if hostile else tell("without {measures}", measures="5, 6"),),
    )


def _coverage() -> pd.DataFrame:
    """Four classes: known, partly known, unknown, and none within reach."""
    return pd.DataFrame(
        {
            "facility_class": ["apotheek", "huisarts", "ov_halte", "supermarkt"],
            "limit_m": 400.0,
            "addresses": 4_000,
            "addresses_within": [1_000, 500, 3_000, 0],
            "share_within": [0.25, 0.125, 0.75, 0.0],
            "people_65plus": [935.0, 410.0, np.nan, 0.0],
            "people_65plus_min": [12.6, 0.0, np.nan, 0.0],
            "people_65plus_max": [2774.2, 1690.1, np.nan, 0.0],
            "coverage_share": [1.0, 0.839, 0.0, np.nan],
        }
    )


def _streets() -> gpd.GeoDataFrame:
    """A grid of streets, 100 m apart, over the town and half a kilometre beyond."""
    (x, y), far = ORIGIN, 500
    rows = [
        *(LineString([(x - far, y + i), (x + 2000 + far, y + i)]) for i in range(0, 1501, 100)),
        *(LineString([(x + i, y - far), (x + i, y + 1500 + far)]) for i in range(0, 2001, 100)),
    ]
    return gpd.GeoDataFrame(geometry=rows, crs=CRS)


def _facilities(rng: np.random.Generator, *, hostile: bool) -> gpd.GeoDataFrame:
    rows = []
    for name, count in zip(CLASSES, (4, 4, 3, 3, 9), strict=True):
        for i in range(count):
            xy = ORIGIN + rng.uniform([100, 100], [1900, 1400])
            title = f"{name.replace('_', ' ').capitalize()} {i + 1}"
            rows.append(
                (name, HOSTILE[(i + count) % len(HOSTILE)] if hostile else title, Point(xy))
            )
    frame = gpd.GeoDataFrame(rows, columns=["facility_class", "name", "geometry"], crs=CRS)
    frame.insert(0, "id", [f"f{i}" for i in range(len(frame))])
    frame["osm_id"] = [f"n{900 + i}" for i in range(len(frame))]
    frame["last_edit"] = "2023-05-06"
    frame.loc[0, "name"] = None
    return frame


def _nearest(at, facilities, name):
    own = facilities[facilities["facility_class"] == name]
    xy = np.column_stack([own.geometry.x, own.geometry.y])
    distance = np.abs(at[:, None, :] - xy[None]).sum(axis=2)  # a town of straight streets
    return distance.min(axis=1), own["id"].to_numpy()[distance.argmin(axis=1)]


def _routes(ids, at, facilities, walked):
    where = facilities.set_index("id").geometry
    rows = [
        (
            site,
            name,
            found[i],
            distance[i],
            LineString([xy, (where[found[i]].x, xy[1]), where[found[i]]]),
        )
        for name, (distance, found) in walked.items()
        for i, (site, xy) in enumerate(zip(ids, at, strict=True))
    ]
    columns = ["site_id", "facility_class", "facility_id", "distance_m", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs=CRS)


def _reach(point):
    square = point.buffer(400, cap_style="square").buffer(-90)
    return unary_union([point.buffer(250), square, point.buffer(330, quad_segs=2)])


def _service_areas(facilities):
    return gpd.GeoDataFrame(
        {
            "facility_id": facilities["id"],
            "facility_class": facilities["facility_class"],
            "limit_m": 400.0,
            "length_m": 5000.0,
            "access_leg_m": 5.0,
            "status": "ok",
        },
        geometry=[_reach(point) for point in facilities.geometry],
        crs=CRS,
    )


def _areas(*, hostile: bool):
    xs, ys = np.array([0, 700, 1300, 2000]) + ORIGIN[0], np.array([0, 800, 1500]) + ORIGIN[1]
    shapes = [box(xs[i], ys[j], xs[i + 1], ys[j + 1]) for j in range(2) for i in range(3)]
    unknown = np.array([1.0, 1, 1, 1, np.nan, 1])
    afw = np.array([0.12, -0.21, 0.03, 0.31, 0.18, -0.05])
    return gpd.GeoDataFrame(
        {
            "code": [f"BU0166000{i}" for i in range(6)],
            "name": [HOSTILE[i] for i in range(6)] if hostile else AREA_NAMES,
            "level": "buurt",
            "year": 2023,
            "lbm_afw": afw * unknown,
            "lbm_fys": afw / 5 * unknown,
            "lbm_onv": afw / 4 * unknown,
            "lbm_soc": afw / 6 * unknown,
            "lbm_vrz": afw / 7 * unknown,
            "lbm_won": afw / 8 * unknown,
            "lbm_class": np.array([6, 3, 5, 9, 7, 4]) * unknown,
            "vragers_index": [0.8, 1.7, 1.1, 0.6, np.nan, 1.0],
            "dragers_index": [1.1, 0.7, 1.0, 1.3, np.nan, 0.9],
            "quadrant": [
                "minder vragers, meer dragers",
                "meer vragers, minder dragers",
                "meer vragers, meer dragers",
                "minder vragers, meer dragers",
                "",
                "meer vragers, minder dragers",
            ],
            "balans": [-0.46, 1.28, 0.14, -1.12, np.nan, 0.15],
            "inhabitants": [2400, 1800, 3100, 2600, 40, 900],
            "share_65plus": [0.24, 0.12, 0.19, 0.28, np.nan, 0.31],
            "status": "ok",
        },
        geometry=shapes,
        crs=CRS,
    )
