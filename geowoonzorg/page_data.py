"""The map page's data: layers in WGS84 with five decimals, classes and legends, in one JSON text.

Everything is computed in the study's CRS; this is the edge where it becomes longitude and latitude.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.account import standing
from geowoonzorg.files import read_toml
from geowoonzorg.texts import Texts, is_known, plain

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.account import Account, SiteAccount
    from geowoonzorg.result import Result

DECIMALS: Final = 5  # of a degree: about a metre
NAMED_CLASSES: Final = 3  # drawn at the first look
TOGGLED_CLASSES: Final = 6  # with the points and the background that makes eight toggles
_STYLES: Final = Path(__file__).parent / "knowledge" / "map_styles.toml"
_NOT_IN_SCRIPT: Final = {
    "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029",
}  # fmt: skip
_UNSAFE: Final = re.compile("[<>&\u2028\u2029]")


@dataclass(frozen=True)
class Detail:
    """How finely a map is drawn.

    Attributes
    ----------
    tolerance_m
        How far a drawn border may lie from the computed one, in metres.
    drawn_sites
        Of how many sites, best first, the reach and routes are drawn.
    facilities
        How many facilities are drawn.
    """

    tolerance_m: float
    drawn_sites: int
    facilities: int


@cache
def read_styles() -> dict[str, Any]:
    """Read how the map draws classes.

    Returns
    -------
    dict
        ``limit_features``, ``limit_bytes``, ``facility_class`` and ``indicator`` tables.

    Examples
    --------
    >>> len(read_styles()["indicator"]["lbm_afw"]["colours"])
    9
    """
    return read_toml(_STYLES)


def to_json(data: object) -> str:
    """Write JSON that cannot end the script it stands in, whatever the strings hold.

    Parameters
    ----------
    data
        Dictionaries, lists, strings, numbers and None; no NaN.

    Returns
    -------
    str
        JSON with ``<``, ``>``, ``&`` and the two line separators as ``\\u`` escapes.

    Raises
    ------
    ValueError
        When a number is NaN or infinite: JSON has no such thing.

    Examples
    --------
    >>> to_json({"a": "</script>"})
    '{"a":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: _NOT_IN_SCRIPT[found[0]], text)


def make_page_data(result: Result, account: Account, *, texts: Texts, detail: Detail) -> dict[str, Any]:
    """Collect everything the page's script draws.

    Parameters
    ----------
    result
        What a run found.
    account
        The same in words; its order of sites is the page's.
    texts
        The screen texts.
    detail
        How finely to draw.

    Returns
    -------
    dict
        Ready for `to_json`; coordinates as [latitude, longitude] in degrees.

    Examples
    --------
    >>> make_page_data(result, account, texts=texts, detail=Detail(2.0, 50, 1500))  # doctest: +SKIP
    """
    classes = _class_order(result)
    index = {name: i for i, name in enumerate(classes)}
    drawn = _facilities_drawn(result, detail.facilities)
    facility = {str(name): i for i, name in enumerate(drawn["id"])}
    indicators = _indicators(result, texts)
    sites = _sites(result, account, index, facility, texts, detail)
    return {
        "texts": {
            section: dict(texts.table[section])
            for section in ("panel", "popup", "legend", "layers", "map")
        },
        "limit": texts.metres(account.limit_m),
        "classes": [_class_style(name, texts) for name in classes],
        "sites": sites,
        "view": first_look(sites),
        "criteria": [{"key": key, "label": label} for key, label, _ in account.criteria],
        "serviceAreas": _service_areas(result, index, texts, detail),
        "facilities": _facilities(drawn, index, texts),
        "areas": _areas(result, indicators, texts, detail),
        "indicators": [{k: v for k, v in one.items() if k != "find"} for one in indicators],
    }


def _class_order(result: Result) -> list[str]:
    found = {str(name) for name in result.facilities["facility_class"]}
    found |= {str(name) for name in result.routes["facility_class"]}
    asked = [name for name in result.study.facilities.classes if name in found]
    return asked + sorted(found.difference(asked))


def _class_style(key: str, texts: Texts) -> dict[str, Any]:
    styles = read_styles()["facility_class"]
    style = styles.get(key, styles["other"])
    one, many, letters = texts.facility_class(key)
    return {"key": key, "name": one, "plural": many, "letters": letters, **style}


def _degrees(frame: gpd.GeoDataFrame) -> NDArray[Any]:
    """Bring geometries to latitude, longitude in that order, rounded."""
    shapes = np.asarray(frame.geometry.to_crs("EPSG:4326"))
    return np.asarray(
        shapely.transform(shapely.force_2d(shapes), lambda xy: np.round(xy[:, ::-1], DECIMALS))
    )


def _coordinates(shape: Any) -> list[Any]:  # noqa: ANN401
    """List coordinates the way Leaflet nests them: a ring or line is a list of pairs, and so on."""
    if shape is None or shape.is_empty:
        return []
    if shape.geom_type in {"MultiPolygon", "MultiLineString", "GeometryCollection"}:
        return [part for part in map(_coordinates, shape.geoms) if part]
    if shape.geom_type == "Polygon":
        rings = [_without_repeats(ring) for ring in (shape.exterior, *shape.interiors)]
        return [ring[:-1] for ring in rings if len(ring) > 3]  # noqa: PLR2004 - a ring of rounding
    return _without_repeats(shape)


def _without_repeats(line: Any) -> list[list[float]]:  # noqa: ANN401
    points = shapely.get_coordinates(line)
    changed = np.ones(len(points), dtype=bool)
    changed[1:] = (points[1:] != points[:-1]).any(axis=1)
    kept: list[list[float]] = points[changed].tolist()
    return kept


def _sites(
    result: Result,
    account: Account,
    index: dict[str, int],
    facility: dict[str, int],
    texts: Texts,
    detail: Detail,
) -> list[dict[str, Any]]:
    row_of = {plain(name): i for i, name in enumerate(result.sites["id"])}
    shapes = _degrees(result.sites)
    centres = _degrees(result.sites.set_geometry(result.sites.geometry.representative_point()))
    limit = result.site_areas["limit_m"] == account.limit_m
    near = result.site_areas[limit]
    near = near.set_geometry(near.geometry.simplify(detail.tolerance_m))
    reach = dict(zip(map(plain, near["site_id"]), _degrees(near), strict=True))
    routes: dict[str, list[dict[str, Any]]] = {}
    for row, line in zip(
        result.routes.itertuples(index=False), _degrees(result.routes), strict=True
    ):
        routes.setdefault(plain(row.site_id), []).append(
            {
                "c": index[str(row.facility_class)],
                "f": facility.get(str(row.facility_id), -1),
                "line": _coordinates(line),
            }
        )
    rows = []
    for number, site in enumerate(account.sites):
        row = row_of[site.id]
        data = _site_words(site, index, texts, account.ranked)
        data["at"] = shapely.get_coordinates(centres[row])[0].tolist()
        if shapes[row].geom_type not in {"Point", "MultiPoint"}:
            data["shape"] = _coordinates(shapes[row])
        if number < detail.drawn_sites:
            data["reach"] = _coordinates(reach.get(site.id))
            data["routes"] = routes.get(site.id, [])
        rows.append(data)
    return rows


def _site_words(site: SiteAccount, index: dict[str, int], texts: Texts, ranked: int) -> dict[str, Any]:
    walks = [
        {
            "c": index[walk.facility_class],
            "name": walk.name,
            "m": texts.metres(walk.metres) if walk.metres is not None else texts("panel.route_none"),
            "ok": walk.within,
        }
        for walk in site.walks
    ]
    return {
        "id": site.id,
        "name": site.name,
        "rank": site.rank,
        "score": texts.number(site.score, 0) if site.score is not None else None,
        "standing": standing(site, ranked, texts),
        "known": texts("page.known_share", share=texts.percent(site.known_share)),
        "out": site.knock_out_reason,
        "walks": walks,
        "lifts": site.lifts,
        # Positions, not names: there are as many of these as sites times criteria.
        "parts": [
            [
                part.raw,
                None if part.value is None else round(part.value, 3),
                texts.number(part.points, 1) if part.points is not None else "",
                texts.number(part.most, 1),
                part.reason,
                part.source,
            ]
            for part in site.parts
        ],
    }


def _service_areas(
    result: Result, index: dict[str, int], texts: Texts, detail: Detail
) -> list[dict[str, Any]]:
    """One shape per class and limit: where any facility of the class is within walking distance."""
    layer = result.service_areas
    layer = layer[layer.geometry.notna() & ~layer.geometry.is_empty]
    rows = []
    for (name, limit_m), group in layer.groupby(["facility_class", "limit_m"], sort=True):
        shape = shapely.union_all(np.asarray(group.geometry)).simplify(detail.tolerance_m)
        degrees = _degrees(group.iloc[:1].set_geometry([shape], crs=layer.crs))[0]
        rows.append(
            {
                "c": index[str(name)],
                "m": float(limit_m),
                "limit": texts.metres(limit_m),
                "filled": shape.geom_type.endswith("Polygon"),
                "shape": _coordinates(degrees),
            }
        )
    return sorted(rows, key=lambda row: (row["m"], row["c"]))


def _facilities_drawn(result: Result, most: int) -> gpd.GeoDataFrame:
    """Those the routes lead to first, then the nearest to any site."""
    layer = result.facilities[result.facilities.geometry.notna()]
    if len(layer) <= most:
        return layer
    sites = shapely.STRtree(np.asarray(result.sites.geometry))
    _, distance = sites.query_nearest(
        np.asarray(layer.geometry), return_distance=True, all_matches=False
    )
    distance = np.where(layer["id"].isin(result.routes["facility_id"]), -1.0, distance)
    return layer.iloc[np.sort(np.argsort(distance, kind="stable")[:most])]


def _facilities(
    layer: gpd.GeoDataFrame, index: dict[str, int], texts: Texts
) -> list[list[Any]]:
    points = _degrees(layer.set_geometry(layer.geometry.representative_point()))
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


def _indicators(result: Result, texts: Texts) -> list[dict[str, Any]]:
    """List the indicators that any area has, each with its legend and how to find an area's class."""
    areas, year = result.areas, result.study.areas.leefbaarometer_year if result.study.areas else None
    rows = []
    for key, style in read_styles()["indicator"].items():
        if key not in areas or not areas[key].map(is_known).any():
            continue
        breaks = style.get("breaks", ())
        if "categories" in style:
            labels = [texts.get("quadrant", name) for name in style["categories"]]
        elif "classes" in style:
            labels = list(texts.table["classes"][style["classes"]])
        else:
            labels = _class_labels(breaks, style, texts)
        rows.append(
            {
                "key": key,
                "group": style["group"],
                "title": texts(f"indicator.{key}"),
                "long": texts(f"indicator_long.{key}", year=year or "").replace("  ", " "),
                "classes": [
                    {
                        "label": label,
                        "colour": colour,
                        "mark": str(number),
                        "dark": _is_dark(colour),
                    }
                    for number, (label, colour) in enumerate(
                        zip(labels, style["colours"], strict=True), start=1
                    )
                ],
                "missing": not areas[key].map(is_known).all(),
                "find": style,
            }
        )
    return rows


def _class_labels(breaks: Sequence[float], style: dict[str, Any], texts: Texts) -> list[str]:
    written = [_figure(value, style, texts) for value in breaks]
    return [
        texts("classes.below", high=written[0]),
        *(
            texts("classes.between", low=low, high=high)
            for low, high in zip(written, written[1:], strict=False)
        ),
        texts("classes.above", low=written[-1]),
    ]


def _is_dark(colour: str) -> bool:
    """Tell whether white reads better on a colour than ink (WCAG 2 relative luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]  # noqa: PLR2004
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] < 0.12  # noqa: PLR2004


def _figure(value: float, style: dict[str, Any], texts: Texts) -> str:
    if style.get("share"):
        return texts.percent(value)
    return texts.number(value, style["decimals"], signed=style.get("signed", False))


def _areas(
    result: Result, indicators: Iterable[dict[str, Any]], texts: Texts, detail: Detail
) -> list[dict[str, Any]]:
    areas = result.areas[result.areas.geometry.notna()]
    if not len(areas):
        return []
    simple = shapely.coverage_simplify(np.asarray(areas.geometry), detail.tolerance_m)
    shapes = _degrees(areas.set_geometry(simple, crs=areas.crs))
    labels = _degrees(areas.set_geometry(areas.geometry.representative_point()))
    rows = []
    for number, row in enumerate(areas.to_dict("records")):
        figures = {}
        for one in indicators:
            if is_known(row[one["key"]]):
                figures[one["key"]] = _classify(row, one, texts)
        status = row.get("status")
        rows.append(
            {
                "name": plain(row["name"]) or plain(row["code"]),
                "code": plain(row["code"]),
                "status": "" if not is_known(status) or status == "ok" else plain(status, longest=300),
                "shape": _coordinates(shapes[number]),
                "at": shapely.get_coordinates(labels[number])[0].tolist(),
                "v": figures,
            }
        )
    return rows


def _classify(row: dict[Any, Any], one: dict[str, Any], texts: Texts) -> list[Any]:
    style = one["find"]
    if "categories" in style:
        found = style["categories"].index(row[one["key"]])
        return [found, one["classes"][found]["label"]]
    value = float(row[one["key"]])
    written = _figure(value, style, texts)
    if "classes" not in style:
        return [int(np.searchsorted(style["breaks"], value, side="right")), written]
    if not is_known(row.get(style["classes"])):
        return [-1, written]
    found = int(row[style["classes"]]) - 1
    return [found, f"{found + 1} {one['classes'][found]['label']} ({written})"]


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
