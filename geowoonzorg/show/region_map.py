"""Small maps of a region: spread, what is short and what fits, in fixed classes; hatched where not certain."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, read_document
from geowoonzorg.region.words import group_title
from geowoonzorg.show.cells import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from shapely import Geometry

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.texts import Texts

UNSURE: Final = "unsure"
Span = tuple[float, float]


@dataclass(frozen=True)
class MapKnowledge:
    """What ``knowledge/region/maps.toml`` says: classes and how they are drawn."""

    source: str
    spread_bounds: tuple[float, ...]
    gap_bounds: tuple[float, ...]
    colours: tuple[str, ...]
    fit_colours: tuple[str, ...]
    width: float = field(metadata={"must_be": NOT_NEGATIVE})
    tolerance: float = field(metadata={"must_be": NOT_NEGATIVE})
    most_names: int = field(metadata={"must_be": NOT_NEGATIVE})


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


@cache
def read_map_knowledge() -> MapKnowledge:
    """Read in which classes maps are coloured.

    Returns
    -------
    MapKnowledge
        Wholly checked.

    Examples
    --------
    >>> len(read_map_knowledge().colours) - len(read_map_knowledge().spread_bounds)
    1
    """
    with as_file(files("geowoonzorg") / "knowledge" / "region" / "maps.toml") as path:
        return read_document(read_toml(path), MapKnowledge, where=path.name)


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


def class_of(span: Span, bounds: Sequence[float]) -> str:
    """Give the class of a number that lies between two, where it can only be in one.

    Parameters
    ----------
    span
        The least and the most that it can be; NaN where not even that is known.
    bounds
        Between classes, rising; a number on one is in the class above it.

    Returns
    -------
    str
        ``s0`` and on, or ``unsure``.

    Examples
    --------
    >>> class_of((0.9, 1.1), (0.8, 1.25)), class_of((0.7, 0.9), (0.8, 1.25)), class_of((1.25, np.inf), (0.8, 1.25))
    ('s1', 'unsure', 's2')
    """
    if np.isnan(span[0]) or np.isnan(span[1]):
        return UNSURE
    low, high = (bisect_right(bounds, end) for end in span)
    return f"s{low}" if low == high else UNSURE


def region_atlas(findings: Findings, t: Texts) -> Atlas | None:
    """Draw the maps of a region, those that have anything on them.

    Parameters
    ----------
    findings
        With the tables ``outlines, spreiding, opgave, past_het, figures``.
    t
        The screen texts.

    Returns
    -------
    Atlas or None
        None where there are no outlines; nothing in it is escaped.
    """
    tables = findings.tables
    shapes = tables["outlines"]
    if shapes.empty:
        return None
    names = dict(zip(tables["figures"]["code"], tables["figures"]["gemeente"], strict=True))
    outlines, height = _outlines(shapes, {code[2:]: plain(name) for code, name in names.items()})
    known = read_map_knowledge()
    parts = []
    gaps = _gaps(tables["opgave"], outlines, t, findings.records["region"]["year"])
    for title, help_, bounds, kind, spans in (
        ("map_spread", "map_spread_help", known.spread_bounds, "times", _spread(tables["spreiding"], t)),
        ("map_gap", "map_gap_help", known.gap_bounds, "points", gaps),
    ):  # fmt: skip
        legend = _legend(bounds, kind, t)
        maps = [
            _map(heading, {code: class_of(s, bounds) for code, s in of.items()}, outlines, legend)
            for heading, of in spans
        ]
        if maps:
            parts.append(Maps(t(f"region.{title}"), t(f"region.{help_}"), legend, tuple(maps)))
    fitting = _fitting(tables["past_het"])
    if fitting:
        legend = (
            ("f0", t("region.fit_all")), ("f1", t("region.fit_some")), (UNSURE, t("region.map_unsure")),
        )  # fmt: skip
        made = _map(t("region.fits"), fitting, outlines, legend)
        parts.append(Maps(t("region.map_fits"), t("region.map_fits_help"), legend, (made,)))
    if not parts:
        return None
    named = len(outlines) <= known.most_names
    return Atlas(known.width, height, outlines, named, tuple(parts), known.source)


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
    classes: Mapping[str, str],
    outlines: Sequence[Outline],
    legend: Sequence[tuple[str, str]],
) -> RegionMap:
    """Put classes on the outlines, and say in words what the map shows."""
    words = dict(legend)
    found = tuple(classes.get(one.code, UNSURE) for one in outlines)
    told = "; ".join(f"{o.name}: {words[c]}" for o, c in zip(outlines, found, strict=True))
    return RegionMap(title, f"{title}. {told}", found)


def _legend(bounds: Sequence[float], kind: str, t: Texts) -> tuple[tuple[str, str], ...]:
    """Say what each class means."""

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
    return (*((f"s{i}", one) for i, one in enumerate(told)), (UNSURE, t("region.map_unsure")))


def _ratio(part: float, whole: float) -> float:
    """Divide; what cannot be told is not a number."""
    if whole == 0:
        return np.inf if part > 0 else np.nan
    return part / whole if np.isfinite(whole) else 0.0


def _spread(spread: pd.DataFrame, t: Texts) -> Iterator[tuple[str, dict[str, Span]]]:
    """Give each group's people per 1,000 as a multiple of the region's, by gemeente."""
    if spread.empty:
        return
    for group, of in spread[spread["can_spread"].astype(bool)].groupby("groep", sort=False):
        columns = ("per_1000_low", "per_1000_high", "region_per_1000_low", "region_per_1000_high")
        ends = of[list(columns)].astype("float64").to_numpy()
        yield (
            plain(group_title(str(group), t.code)),
            {
                str(code): (_ratio(low, most), _ratio(np.nan_to_num(high, nan=np.inf), least))
                for code, (low, high, least, most) in zip(of["code"], ends, strict=True)
            },
        )


def _gaps(
    gaps: pd.DataFrame, outlines: Sequence[Outline], t: Texts, base: int | None
) -> Iterator[tuple[str, dict[str, Span]]]:
    """Give the share of each need that is short, less the region's share, in the first year ahead."""
    drawn = gaps[gaps["area"].isin([one.code for one in outlines])]
    for (group, need), of in drawn.groupby(["groep", "need"], sort=False):
        ahead = of[of["year"] > (base or 0)]
        now = of[of["year"] == (ahead if len(ahead) else of)["year"].min()]
        amount, supply, plans = (
            now[[f"{name}_low", f"{name}_high"]].astype("float64").to_numpy()
            for name in ("amount", "supply", "plans")
        )
        met = np.nan_to_num(supply + plans, nan=np.inf)
        asked = np.nan_to_num(amount, nan=np.inf)
        region = _short(asked.sum(axis=0), met.sum(axis=0))
        title = t("region.map_gap_of", group=plain(group_title(str(group), t.code)),
                  need=t.get("region_need", str(need)), year=now["year"].iloc[0])  # fmt: skip
        found = {}
        for code, one, there in zip(now["area"], asked, met, strict=True):
            low, high = _short(one, there)
            found[str(code)] = (low - region[1], high - region[0])
        yield title, found


def _short(asked: Sequence[float], met: Sequence[float]) -> Span:
    """Give the least and the most share of a need that can be short."""
    return 1 - _ratio(met[1], asked[0]), 1 - _ratio(met[0], asked[1])


def _fitting(fits: pd.DataFrame) -> dict[str, str]:
    """Tell of every gemeente whether all its homes have a place."""
    found = {}
    for code, of in fits.groupby("code", sort=False):
        all_fit = bool((of["short_high"] == 0).fillna(value=False).all())
        some = bool((of["short_low"] > 0).fillna(value=False).any())
        found[str(code)] = "f0" if all_fit else "f1" if some else UNSURE
    return found
