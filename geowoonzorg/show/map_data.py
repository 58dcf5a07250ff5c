"""What the map page's script reads: sites, facilities and areas with their words, as one JSON text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.files import bring_to
from geowoonzorg.ranking.values import told_by_applicant
from geowoonzorg.show.addresses import street_data
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.crowd import other_facilities, other_sites
from geowoonzorg.show.drawing import coordinates, to_degrees
from geowoonzorg.show.map_styles import (
    class_order,
    class_style,
    classify,
    list_indicators,
    read_styles,
)
from geowoonzorg.show.reasons import gap_words
from geowoonzorg.show.site_account import profile_of
from geowoonzorg.show.standing import possible, standing
from geowoonzorg.show.trials import trial_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.account import Account
    from geowoonzorg.show.drawing import Detail, Shapes
    from geowoonzorg.show.site_account import Part, SiteAccount
    from geowoonzorg.show.texts import Texts

MOST_FACILITIES: Final = 1_500  # on the map
NAMED_CLASSES: Final = 3  # drawn at the first look
TOGGLED_CLASSES: Final = 6  # with the points and the background that makes eight toggles
_VALUE_DECIMALS: Final = 10  # so that scores and ties are the library's
_NOT_IN_SCRIPT: Final = {
    "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029",
}  # fmt: skip
_UNSAFE: Final = re.compile("[<>&\u2028\u2029]")


def to_json(data: object) -> str:
    r"""Write JSON that cannot end the script it stands in, whatever the strings hold.

    Parameters
    ----------
    data
        Dictionaries, lists, strings, numbers and None; no NaN.

    Returns
    -------
    str
        JSON with ``<``, ``>``, ``&`` and the two line separators as ``\u`` escapes.

    Raises
    ------
    ValueError
        When a number is NaN or infinite: JSON has no such thing.

    Examples
    --------
    >>> to_json({"a": "</script>"})
    '{"a":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: _NOT_IN_SCRIPT[found[0]], text)


def make_page_data(
    findings: Findings,
    account: Account,
    *,
    texts: Texts,
    background: bool = True,
    others: Sequence[SiteAccount] = (),
) -> dict[str, Any]:
    r"""Collect what the page's script shows, but for the shapes.

    Parameters
    ----------
    findings
        What was found about sites.
    account
        The same in words; its order of sites is the page's.
    texts
        The screen texts.
    background
        Whether background tiles are asked for.
    others
        The sites that come after those of the account, of which only place and score are shown.

    Returns
    -------
    dict
        Ready for `to_json` once `draw_shapes` has filled in the shapes; places are
        [latitude, longitude] in degrees.

    Examples
    --------
    >>> from geowoonzorg.show.account import make_account
    >>> from geowoonzorg.show.texts import read_texts
    >>> nl = read_texts("nl")
    >>> data = make_page_data(findings, make_account(findings, texts=nl), texts=nl)
    >>> data["sites"][0]["name"], data["limit"].replace("\xa0", " ")
    ('De Oude Werf', '400 m')
    """
    classes = class_order(findings)
    index = {name: i for i, name in enumerate(classes)}
    facilities = _facilities_drawn(findings)
    indicators = list_indicators(findings, texts=texts)
    sites = _sites(findings, account, index, texts)
    return {
        "texts": {
            section: dict(texts.table[section])
            for section in (
                "panel",
                "popup",
                "legend",
                "layers",
                "map",
                "weights",
                "find",
                "trial",
                "files",
                "crowd",
            )
        },
        "limit": texts.limit(account.limit_m),
        "limitM": account.limit_m,
        "balanceHelp": account.balance_help,
        "credits": sorted({one.citation for one in account.sources if one.citation and one.drawn}),
        "named": NAMED_CLASSES,
        "toggled": TOGGLED_CLASSES,
        "classes": [class_style(name, texts=texts) for name in classes],
        "sites": sites,
        "others": other_sites(findings, others, texts=texts),
        "view": first_look(sites if not others else _places(findings)),
        "tiles": _tiles(texts, on_tap=findings.asked.background_on_tap) if background else None,
        "rule": _rule(findings),
        "criteria": [{"key": key, "label": label} for key, label, _ in account.criteria],
        "facilityIds": facilities["id"].astype(str).tolist(),
        "facilities": _facilities(facilities, index, texts),
        "moreFacilities": other_facilities(findings.tables["facilities"], facilities, index),
        "areas": _areas(findings, indicators, texts),
        "trial": trial_data(findings, account, index, facilities["id"].astype(str).tolist()),
        "addresses": street_data(findings, classes),
        "indicators": [{k: v for k, v in one.items() if k != "find"} for one in indicators],
    }


def _places(findings: Findings) -> list[dict[str, Any]]:
    """Give where every site is, whether it is told whole or not."""
    points = to_degrees(findings.tables["sites"].geometry.representative_point())
    return [{"at": at} for at in shapely.get_coordinates(points).tolist()]


def _rule(findings: Findings) -> dict[str, Any]:
    """Give what the scoring rule needs besides the values, so that weights can be moved in the page."""
    profile = profile_of(findings)
    return {
        "keys": [criterion.key for criterion in profile.criteria],
        "weights": [float(weight) for weight in 100 * profile.weights],
        "told": told_by_applicant(profile).tolist(),
        "best": [float(criterion.best_value) for criterion in profile.criteria],
        "least": profile.least_known_share,
    }


def _tiles(texts: Texts, *, on_tap: bool) -> dict[str, Any]:
    tiles = read_styles().background
    credit = (
        f"{texts('map.tiles_of')} {tiles.attribution}"  # markup, and nothing in it from outside
    )
    return {
        "url": tiles.url,
        "attribution": credit,
        "min_zoom": tiles.min_zoom,
        "max_zoom": tiles.max_zoom,
        "on_tap": on_tap,
    }


def draw_shapes(data: dict[str, Any], shapes: Shapes, *, texts: Texts, detail: Detail) -> None:
    """Fill in the shapes of areas, service areas, reach and routes, replacing what was there.

    Parameters
    ----------
    data
        From `make_page_data`.
    shapes
        Of the same findings.
    texts
        The screen texts.
    detail
        How finely to draw.

    Examples
    --------
    >>> from geowoonzorg.show.drawing import Detail, Shapes
    >>> data = {"areas": [], "classes": [], "facilityIds": [], "sites": []}
    >>> bare = {name: table.iloc[:0] for name, table in findings.tables.items()}
    >>> from dataclasses import replace
    >>> shapes = Shapes(replace(findings, tables=bare), limit_m=400.0)
    >>> draw_shapes(data, shapes, texts=None, detail=Detail(2.0, 50))
    >>> data["serviceAreas"]
    []
    """
    index = {style["key"]: i for i, style in enumerate(data["classes"])}
    facility = {name: i for i, name in enumerate(data["facilityIds"])}
    for area, shape in zip(data["areas"], shapes.areas(detail), strict=True):
        area["shape"] = shape
    within = [
        {
            "c": index[name],
            "m": limit_m,
            "limit": texts.limit(limit_m),
            "filled": shape.geom_type.endswith("Polygon"),
            "shape": drawn,
        }
        for (name, limit_m, shape), drawn in zip(
            shapes.within, shapes.service_areas(detail), strict=True
        )
    ]
    data["serviceAreas"] = sorted(within, key=lambda one: (one["m"], one["c"]))
    leave_out(data, 0)
    drawn = data["sites"][: detail.drawn_sites]
    for site, reach in zip(drawn, shapes.reach([s["id"] for s in drawn], detail), strict=True):
        site["reach"] = reach
        site["routes"] = [
            {"c": index[name], "f": facility.get(to, -1), "near": near, "line": line}
            for name, to, near, line in shapes.routes(site["id"])
        ]


def leave_out(data: dict[str, Any], drawn_sites: int) -> None:
    """Take the reach and the routes of all but the best sites out again.

    Parameters
    ----------
    data
        From `draw_shapes`.
    drawn_sites
        How many sites keep theirs.

    Examples
    --------
    >>> data = {"sites": [{"id": "a", "reach": []}, {"id": "b", "reach": []}]}
    >>> leave_out(data, 1)
    >>> data["sites"][1]
    {'id': 'b'}
    """
    for site in data["sites"][drawn_sites:]:
        site.pop("reach", None)
        site.pop("routes", None)


def _sites(
    findings: Findings, account: Account, index: dict[str, int], texts: Texts
) -> list[dict[str, Any]]:
    sites = findings.tables["sites"]
    row_of = {plain(name): i for i, name in enumerate(sites["id"])}
    shapes = to_degrees(sites.geometry)
    centres = to_degrees(sites.geometry.representative_point())
    rows = []
    for site in account.sites:
        row = row_of[site.id]
        data = _site_words(site, index, texts, account.ranked)
        data["at"] = shapely.get_coordinates(centres[row])[0].tolist()
        if shapes[row].geom_type not in {"Point", "MultiPoint"}:
            data["shape"] = coordinates(shapes[row])
        rows.append(data)
    return rows


def _site_words(
    site: SiteAccount, index: dict[str, int], texts: Texts, ranked: int
) -> dict[str, Any]:
    walks = [
        {
            "c": index[walk.facility_class],
            "name": walk.name,
            "m": walk.said,
            "told": walk.told or walk.said,
            "ok": walk.within,
            "perhaps": walk.perhaps,
            "bound": walk.nearest_known,
            "none": not walk.known,
        }
        for walk in site.walks
    ]
    return {
        "id": site.id,
        "name": site.name,
        "rank": site.rank,
        "score": texts.number(site.score, 0) if site.score is not None else None,
        "range": texts("page.possible", range=said) if (said := possible(site, texts)) else "",
        "standing": standing(site, ranked, texts),
        "out": site.knock_out_reason,
        "dropped": site.knock_out_reason is not None,
        # What the rule weighs; see `_weighed`.
        "v": [_weighed(part) for part in site.parts],
        "walks": walks,
        "lift": site.lift,
        "residents": site.residents,
        # Positions, not names: there are as many of these as sites times criteria.
        "parts": [
            [
                part.raw,
                texts.number(part.points, 1) if part.points is not None else "",
                texts.number(part.most, 1),
                part.reason,
                part.source,
                part.remark,
            ]
            for part in site.parts
        ],
    }


def _weighed(part: Part) -> float | list[float | None] | None:
    """Give a value as short as it can be: alone where it has no range, None where all is possible."""
    value = None if part.value is None else round(part.value, _VALUE_DECIMALS)
    low, high = (round(end, _VALUE_DECIMALS) for end in (part.value_low, part.value_high))
    if value is None and (low, high) == (0.0, 1.0):
        return None
    return value if low == value == high else [value, low, high]


def _facilities_drawn(findings: Findings) -> gpd.GeoDataFrame:
    """Those the routes lead to first, then the nearest to any site."""
    layer = findings.tables["facilities"]
    layer = layer[layer.geometry.notna()]
    if len(layer) <= MOST_FACILITIES:
        return layer
    sites = shapely.STRtree(
        np.asarray(bring_to(findings.tables["sites"].geometry, layer.geometry.crs))
    )
    _, distance = sites.query_nearest(
        np.asarray(layer.geometry), return_distance=True, all_matches=False
    )
    distance = np.where(layer["id"].isin(findings.tables["routes"]["facility_id"]), -1.0, distance)
    return layer.iloc[np.sort(np.argsort(distance, kind="stable")[:MOST_FACILITIES])]


def _facilities(layer: gpd.GeoDataFrame, index: dict[str, int], texts: Texts) -> list[list[Any]]:
    points = to_degrees(layer.geometry.representative_point())
    osm = layer["osm_id"] if "osm_id" in layer else [None] * len(layer)
    edited = layer["last_edit"] if "last_edit" in layer else [None] * len(layer)
    return [
        [
            index[str(klasse)],
            *shapely.get_coordinates(point)[0].tolist(),
            plain(name) or texts("facilities.nameless"),
            texts("popup.facility_source_osm", osm_id=plain(osm_id))
            if is_known(osm_id)
            else texts("popup.facility_source_own"),
            texts("popup.last_edit", date=texts.date(edit)) if is_known(edit) else "",
        ]
        for klasse, point, name, osm_id, edit in zip(
            layer["facility_class"], points, layer["name"], osm, edited, strict=True
        )
    ]


def _areas(
    findings: Findings, indicators: Iterable[dict[str, Any]], texts: Texts
) -> list[dict[str, Any]]:
    areas = findings.tables["areas"]
    areas = areas[areas.geometry.notna()]
    labels = to_degrees(areas.geometry.representative_point())
    said: dict[tuple[str, str], list[str]] = {}
    listed: Iterable[Any] = findings.tables["area_gaps"].itertuples(index=False)
    for gap in listed:
        said.setdefault((gap.code, gap.column), []).append(gap_words(gap, texts=texts))
    rows = []
    for number, row in enumerate(areas.to_dict("records")):
        figures, gaps = {}, {}
        for one in indicators:
            key = one["key"]
            if is_known(row[key]):
                figures[key] = _with_range(row, key, classify(row, one, texts=texts), texts)
            # A figure without a class is drawn as unknown, so it is the class that is told of.
            untold = [key, one["find"].classes] if figures.get(key, [-1])[0] < 0 else [key]
            if words := next(
                filter(None, (said.get((row["code"], name)) for name in untold)), None
            ):
                gaps[key] = " ".join(words)
        rows.append(
            {
                "name": plain(row["name"]) or plain(row["code"]),
                "code": plain(row["code"]),
                "gaps": gaps,
                "at": shapely.get_coordinates(labels[number])[0].tolist(),
                "v": figures,
            }
        )
    return rows


def _with_range(row: Mapping[Any, Any], key: str, told: list[Any], texts: Texts) -> list[Any]:
    """Say between what a figure may lie, where that is known and does not round away."""
    name = key.removesuffix("_index")
    low: Any = row.get(f"{name}_low")
    high: Any = row.get(f"{name}_high")
    if not is_known(low) or not is_known(high):
        return told
    signed = key == "balans"
    ends = [texts.number(float(end), 2, signed=signed) for end in (low, high)]
    between = texts("span.between", raw=told[1], low=ends[0], high=ends[1])
    return told if ends[0] == ends[1] else [told[0], between, *told[2:]]


def first_look(sites: Sequence[dict[str, Any]]) -> list[list[float]]:
    """Find the corners of what the map shows first: every site.

    Parameters
    ----------
    sites
        The page's sites, each with its place ``at`` as [latitude, longitude] in degrees.

    Returns
    -------
    list
        [[south, west], [north, east]] in degrees; the Netherlands when there is no site.

    Examples
    --------
    >>> first_look([{"at": [52.5, 5.9]}, {"at": [52.6, 5.8]}])
    [[52.5, 5.8], [52.6, 5.9]]
    """
    points = np.array([site["at"] for site in sites])
    if not len(points):
        return [[50.7, 3.3], [53.6, 7.3]]
    return [points.min(axis=0).tolist(), points.max(axis=0).tolist()]
