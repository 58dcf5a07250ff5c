"""Small maps of a region: spread, what is short and what fits, in fixed classes; hatched where not certain."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from geowoonzorg.region.classes import (
    ALL_FIT,
    FITS,
    GAP,
    SOME_DO_NOT,
    SPREAD,
    UNSURE,
    read_map_knowledge,
)
from geowoonzorg.region.words import group_title
from geowoonzorg.show.cells import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from shapely import Geometry

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.texts import Texts


@dataclass(frozen=True)
class Outline:
    """An area as it is drawn: its code, its path, and where its name stands."""

    code: str
    path: str
    x: float
    y: float
    name: str


@dataclass(frozen=True)
class RegionMap:
    """A map: its title, what it says in words, and the class of each outline in their order."""

    title: str
    label: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Maps:
    """Maps that are read the same way: title, help, what each class means, and the maps."""

    title: str
    help: str
    legend: tuple[tuple[str, str], ...]
    maps: tuple[RegionMap, ...]


@dataclass(frozen=True)
class Atlas:
    """All maps of a report, on the same outlines."""

    width: float
    height: float
    outlines: tuple[Outline, ...]
    named: bool
    parts: tuple[Maps, ...]
    source: str


def map_style() -> str:
    """Write the style of the maps.

    Returns
    -------
    str
        CSS.

    Examples
    --------
    >>> ".s0 { fill: #5e3c99; }" in map_style()
    True
    """
    known = read_map_knowledge()
    colours = {f"s{i}": c for i, c in enumerate(known.colours)}
    colours |= {f"f{i}": c for i, c in enumerate(known.fit_colours)} | {UNSURE: "url(#hatch)"}
    return (
        ".maps { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; margin: 0.5rem 0; }\n"
        ".maps figure { margin: 0; width: 14rem; break-inside: avoid; }\n"
        ".regionmap { width: 100%; height: auto; display: block; stroke: #53595f; stroke-width: 0.8; }\n"
        ".regionmap text { font-size: 9px; text-anchor: middle; fill: #1b1f23; stroke: #fff; stroke-width: 2.5;"
        " paint-order: stroke; }\n"
        ".legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; }\n"
        ".swatch { width: 1.2em; height: 0.9em; vertical-align: -0.1em; stroke: #53595f; }\n"
        ".hidden { position: absolute; width: 0; height: 0; }\n"
    ) + "".join(f".{name} {{ fill: {colour}; }}\n" for name, colour in colours.items())


def region_atlas(findings: Findings, t: Texts) -> Atlas | None:
    """Draw the maps of a region, those that have anything on them.

    Parameters
    ----------
    findings
        With the tables ``outlines, maps, figures``.
    t
        The screen texts.

    Returns
    -------
    Atlas or None
        None where there are no outlines; nothing in it is escaped.
    """
    tables = findings.tables
    shapes, shown = tables["outlines"], tables["maps"]
    if shapes.empty or shown.empty:
        return None
    names = dict(zip(tables["figures"]["code"], tables["figures"]["gemeente"], strict=True))
    outlines, height = _outlines(shapes, {code[2:]: plain(name) for code, name in names.items()})
    known = read_map_knowledge()
    parts = []
    for theme, title, bounds in (
        (SPREAD, "map_spread", known.spread_bounds), (GAP, "map_gap", known.gap_bounds), (FITS, "map_fits", ()),
    ):  # fmt: skip
        legend = _legend(theme, bounds, t)
        of_theme = shown[shown["theme"] == theme]
        maps = [
            _map(_title(of.iloc[0], t), list(of["class"]), outlines, legend)
            for _, of in of_theme.groupby(["groep", "need", "year"], sort=False, dropna=False)
        ]
        if maps:
            parts.append(Maps(t(f"region.{title}"), t(f"region.{title}_help"), legend, tuple(maps)))
    named = len(outlines) <= known.most_names
    return Atlas(known.width, height, outlines, named, tuple(parts), known.source)


def _title(row: pd.Series, t: Texts) -> str:
    """Say what one map is about, by any of its rows."""
    if row["theme"] == FITS:
        return t("region.fits")
    named = plain(group_title(row["groep"], t.code))
    if row["theme"] == SPREAD:
        return named
    need = t.get("region_need", row["need"])
    return t("region.map_gap_of", group=named, need=need, year=row["year"])


def _outlines(shapes: Any, names: Mapping[str, str]) -> tuple[tuple[Outline, ...], float]:  # noqa: ANN401
    """Bring shapes to the size of the map, north up."""
    known = read_map_knowledge()
    west, south, east, north = shapes.total_bounds
    scale = known.width / max(east - west, north - south)
    flat = shapes.geometry.affine_transform([scale, 0, 0, -scale, -west * scale, north * scale])
    made = []
    for code, shape in zip(shapes["code"], flat, strict=True):
        point, name = shape.representative_point(), names.get(code[2:6], "")
        told = name if code[:2] == "GM" else f"{name} {code}"
        path = _path(shape.simplify(known.tolerance))
        made.append(Outline(code, path, round(point.x, 1), round(point.y, 1), told))
    return tuple(made), round(float((north - south) * scale), 1)


def _path(shape: Geometry) -> str:
    """Write polygons as the path of an SVG."""
    rings = (
        ring
        for part in getattr(shape, "geoms", [shape])
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    )
    return "".join(
        "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in list(ring.coords)[:-1]) + "Z"
        for ring in rings
    )


def _map(
    title: str,
    classes: Sequence[str],
    outlines: Sequence[Outline],
    legend: Sequence[tuple[str, str]],
) -> RegionMap:
    """Put classes on the outlines, and say in words what the map shows."""
    words = dict(legend)
    told = "; ".join(f"{o.name}: {words[c]}" for o, c in zip(outlines, classes, strict=True))
    return RegionMap(title, f"{title}. {told}", tuple(classes))


def _legend(theme: str, bounds: Sequence[float], t: Texts) -> tuple[tuple[str, str], ...]:
    """Say what each class means."""
    unsure = (UNSURE, t("region.map_unsure"))
    if theme == FITS:
        return (ALL_FIT, t("region.fit_all")), (SOME_DO_NOT, t("region.fit_some")), unsure
    kind = "times" if theme == SPREAD else "points"

    def word(bound: float) -> str:
        if kind == "times":
            return t.number(bound, 2)
        return t.number(100 * bound, 0, signed=True)

    told = [t(f"region.{kind}_under", high=word(bounds[0]))]
    told += [
        t(f"region.{kind}_between", low=word(one), high=word(other))
        for one, other in pairwise(bounds)
    ]
    told.append(t(f"region.{kind}_over", low=word(bounds[-1])))
    return (*((f"s{i}", one) for i, one in enumerate(told)), unsure)
