"""Pavement as the BGT draws it, and how wide and of what surface it is under a way.

Width: across the way every two metres and on both sides of every corner of the pavement, between which it
changes evenly, to both edges of the pavement that the way lies on; the least counts. Surface: that of the
pavement under it. What lies beside the pavement is not measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import GeometryError, InputError, MissingColumnError
from geowoonzorg.files import bring_to, plain_header, read_toml, read_vector
from geowoonzorg.knowledge import NOT_NEGATIVE, SHARE, read_document

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

_ROLE = "bgt"


@dataclass(frozen=True)
class Match:
    """Which functions of a wegdeel tell of ways of which classes."""

    highway: frozenset[str]
    function: frozenset[str]


@dataclass(frozen=True)
class Measuring:
    """How widths and slopes are measured; see ``knowledge/pavement.toml``."""

    columns: Mapping[str, tuple[str, ...]]
    current: frozenset[str] = field(metadata={"key": "current.status"})
    match: tuple[Match, ...]
    surface: Mapping[str, str]
    surface_plus: Mapping[str, str]
    step_m: float = field(metadata={"key": "width.step_m", "must_be": NOT_NEGATIVE})
    beside_m: float = field(metadata={"key": "width.beside_m", "must_be": NOT_NEGATIVE})
    reach_m: float = field(metadata={"key": "width.reach_m", "must_be": NOT_NEGATIVE})
    clear_m: float = field(metadata={"key": "width.clear_m", "must_be": NOT_NEGATIVE})
    gap_m: float = field(metadata={"key": "width.gap_m", "must_be": NOT_NEGATIVE})
    inside_share: float = field(metadata={"key": "width.inside_share", "must_be": SHARE})
    most_levels: float = field(metadata={"key": "level.most", "must_be": NOT_NEGATIVE})
    stretch_m: float = field(metadata={"key": "slope.stretch_m", "must_be": NOT_NEGATIVE})
    steep_pct: float = field(metadata={"key": "slope.steep_pct", "must_be": NOT_NEGATIVE})
    lowest_m: float = field(metadata={"key": "slope.lowest_m"})
    highest_m: float = field(metadata={"key": "slope.highest_m"})
    source: str = field(metadata={"key": "slope.source"})


@cache
def read_measuring() -> Measuring:
    """Read how widths and slopes are measured.

    Returns
    -------
    Measuring
        The same object every time.

    Raises
    ------
    StudyError
        When the file is not as it should be, which is a fault of the installation.

    Examples
    --------
    >>> read_measuring().surface["onverhard"]
    'unpaved'
    """
    with as_file(files("geowoonzorg") / "knowledge" / "pavement.toml") as path:
        return read_document(read_toml(path), Measuring, where=path.name)


def read_pavement(path: str | Path, *, crs: str | CRS) -> gpd.GeoDataFrame:
    """Read wegdelen of the BGT as PDOK publishes them.

    Parameters
    ----------
    path
        A layer of polygons: GeoPackage, GeoJSON, FlatGeobuf, shapefile or GeoParquet.
    crs
        The metric system to bring it to.

    Returns
    -------
    geopandas.GeoDataFrame
        Only what is there now: ``function`` (text), ``surface`` (OSM's word, None unknown), ``level``
        (whole number, 0 on the ground) and ``geometry``.

    Raises
    ------
    MissingColumnError
        When there is no column with the function.
    GeometryError
        When there are no polygons.
    InputError
        When all of it is of the past.
    FormatError, SourceError, CrsError
        As `read_vector`.

    Examples
    --------
    >>> read_pavement("wegdeel.gml", crs="EPSG:28992")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: bgt: wegdeel.gml has suffix .gml; allowed are ...
    """
    how = read_measuring()
    frame = read_vector(path, role=_ROLE)
    column = {
        meaning: next((c for c in frame.columns if plain_header(str(c)) in names), None)
        for meaning, names in how.columns.items()
    }
    if column["function"] is None:
        raise MissingColumnError(
            "bgt: {file} has no column with the function of a wegdeel ({names}); give the layer"
            " wegdeel as PDOK has it",
            file=path,
            names=", ".join(how.columns["function"]),
        )

    def words(meaning: str) -> pd.Series[Any]:
        name = column[meaning]
        if name is None:
            return pd.Series("", index=frame.index, dtype=object)
        text = frame[name].astype(object).where(frame[name].notna(), "")
        return text.map(lambda value: str(value).strip())

    polygon = np.isin(shapely.get_type_id(frame.geometry.to_numpy()), (3, 6))
    if not polygon.any():
        raise GeometryError("bgt: {file} has no polygons; give the layer wegdeel", file=path)
    status = words("status").str.lower()
    there = polygon & (words("ended") == "") & (status.isin(how.current) | (status == ""))
    if not there.any():
        raise InputError(
            "bgt: {file}: all {n} wegdelen have an end or are not there yet; fetch it again",
            file=path,
            n=int(polygon.sum()),
        )
    fine, coarse = words("surface_plus").str.lower(), words("surface").str.lower()
    surface = fine.map(how.surface_plus).fillna(coarse.map(how.surface)).astype(object)
    level = pd.to_numeric(words("level"), errors="coerce")
    there_now = gpd.GeoDataFrame(
        {
            "function": words("function").str.lower(),
            "surface": surface.where(surface.notna(), None),
            # A code for missing is no level: then it lies on the ground, where nearly all does.
            "level": level.where(level.abs() <= how.most_levels, 0.0).astype(int),
        },
        geometry=frame.geometry,
        crs=frame.crs,
    )[there]
    return bring_to(there_now, crs).explode(ignore_index=True)


def measure_pavement(lines: gpd.GeoDataFrame, pavement: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure the pavement under ways.

    Parameters
    ----------
    lines
        LineStrings in the pavement's system, with ``highway`` (text) and ``level`` (whole number: above
        0 a bridge, below 0 a tunnel).
    pavement
        As `read_pavement` gives it.

    Returns
    -------
    pandas.DataFrame
        On the lines' index: ``width_m``, the least width of the pavement of its kind that the way lies
        on (NaN unknown), and ``surface``, OSM's word, several with ``;`` between (None unknown).

    Notes
    -----
    A way that lies for less than half on pavement of its kind is not measured, and neither is the last
    metre before it leaves it. Wegdelen of one kind that touch are one pavement.

    Examples
    --------
    >>> from shapely.geometry import LineString, box
    >>> about = {"function": ["voetpad"], "surface": ["asphalt"], "level": [0]}
    >>> path = gpd.GeoDataFrame(about, geometry=[box(0, 0, 40, 1.5)])
    >>> way = gpd.GeoDataFrame({"highway": ["footway"], "level": [0]}, geometry=[LineString([(0, 1), (40, 1)])])
    >>> measure_pavement(way, path).round(2).values.tolist()
    [[1.5, 'asphalt']]
    """
    how = read_measuring()
    out = pd.DataFrame(
        {"width_m": np.nan, "surface": pd.Series(None, index=lines.index, dtype=object)},
        index=lines.index,
    )
    geometry = lines.geometry.to_numpy()
    length = shapely.length(geometry)
    line, share, n_of = _stations(geometry, how.step_m)
    if not len(line) or pavement.empty:
        return out
    kinds = _kinds(lines, pavement, how)
    tree = shapely.STRtree(pavement.geometry.to_numpy())
    place, ahead = _directions(geometry[line], share)
    station, under = tree.query(shapely.points(place), predicate="intersects")
    fits = kinds(line[station], under)
    station, under = station[fits], under[fits]
    inside = np.zeros(len(line), bool)
    inside[station] = True
    enough = np.bincount(line[inside], minlength=len(lines)) >= how.inside_share * n_of
    clear = _is_clear(line, inside, math.ceil(how.clear_m / how.step_m))
    corner = _corners(geometry, np.flatnonzero(enough), tree, kinds, how)
    sound = inside & clear & _is_off(corner, line, share, length)
    width = _widths(line, place, ahead, sound, tree, kinds, how)
    at, along = _beside(corner, length, how)
    step = (np.cumsum(n_of) - n_of)[at] + (along * n_of[at]).astype(np.int64)
    sound = clear[step] & _is_off(corner, at, along, length)
    at, along = at[sound], along[sound]
    place, ahead = _directions(geometry[at], along)
    also = _widths(at, place, ahead, np.ones(len(at), bool), tree, kinds, how)
    line, width = np.append(line, at), np.append(width, also)
    least = np.full(len(lines), np.inf)
    np.fmin.at(least, line, width)
    out["width_m"] = np.where(enough & np.isfinite(least), least, np.nan)
    out["surface"] = _surfaces(line[station], pavement["surface"].to_numpy()[under], enough)
    return out


def _stations(
    geometry: NDArray[np.object_], step_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Divide each line in equal steps: of each middle its line and share of it, and how many a line has."""
    length = shapely.length(geometry)
    n_of = np.maximum(np.ceil(length / step_m).astype(np.int64), 1) * (length > 0)
    line = np.repeat(np.arange(len(geometry)), n_of)
    number = np.arange(len(line)) - np.repeat(np.cumsum(n_of) - n_of, n_of)
    return line, (number + 0.5) / n_of[line], n_of


def _directions(
    own: NDArray[np.object_], share: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the places at shares of lines, and the directions in which the lines go there."""
    length = shapely.length(own)
    near = np.minimum(0.05 / np.maximum(length, 0.1), np.minimum(share, 1.0 - share))
    place, before, after = (
        shapely.get_coordinates(shapely.line_interpolate_point(own, at, normalized=True))
        for at in (share, share - near, share + near)
    )
    ahead = after - before
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-12)[:, None]
    return place, ahead


#: Where lines pass corners of their pavement is told in whole parts of a metre.
_PER_M = 1_000
#: More parts than a line has.
_LINE = 10**10
#: Parts of a metre from a corner within which an edge across the way is not told from the line of measuring.
_GRAZE = 3


def _corners(
    geometry: NDArray[np.object_],
    chosen: NDArray[np.int64],
    tree: shapely.STRtree,
    kinds: Any,  # noqa: ANN401
    how: Measuring,
) -> NDArray[np.int64]:
    """Find where lines pass the corners of their pavement: `_key` of each, ascending."""
    row, part = tree.query(geometry[chosen], predicate="dwithin", distance=how.reach_m)
    line = chosen[row]
    fits = kinds(line, part)
    line, part = line[fits], part[fits]
    xy, of = shapely.get_coordinates(tree.geometries[part], return_index=True)
    line, corner = line[of], shapely.points(xy)
    near = shapely.dwithin(geometry[line], corner, how.reach_m)
    line, corner = line[near], corner[near]
    return np.unique(_key(line, shapely.line_locate_point(geometry[line], corner)))


def _key(line: NDArray[np.int64], along_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """Tell where on which line as one number."""
    return line * _LINE + np.round(along_m * _PER_M).astype(np.int64)


def _beside(
    corner: NDArray[np.int64], length: NDArray[np.float64], how: Measuring
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the places just before and behind corners, as lines and shares of them.

    Not within the last metre of a line, where it may leave the pavement through a corner.
    """
    line, along = np.divmod(corner, _LINE)
    line, along = np.tile(line, 2), np.tile(along / _PER_M, 2)
    along += np.repeat([-how.beside_m, how.beside_m], len(corner))
    within = (along > how.clear_m) & (along < length[line] - how.clear_m)
    line, along = line[within], along[within]
    return line, along / length[line]


def _is_off(
    corner: NDArray[np.int64],
    line: NDArray[np.int64],
    share: NDArray[np.float64],
    length: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell which places on lines are not right at a corner, where one might measure along an edge."""
    key = _key(line, share * length[line])
    known = np.concatenate([[-_LINE], corner, [np.iinfo(np.int64).max]])
    after = np.searchsorted(known, key)
    return (np.minimum(known[after] - key, key - known[after - 1]) > _GRAZE).astype(bool)


def _kinds(lines: gpd.GeoDataFrame, pavement: gpd.GeoDataFrame, how: Measuring) -> Any:  # noqa: ANN401 - a function of two arrays
    """Give what tells whether pavement is of the kind and level of lines, both as rows."""
    highway, of_way = np.unique(lines["highway"].astype(str).to_numpy(), return_inverse=True)
    function, of_part = np.unique(pavement["function"].astype(str).to_numpy(), return_inverse=True)
    table = np.array(
        [[any(h in m.highway and f in m.function for m in how.match) for f in function] for h in highway],
        bool,
    )  # fmt: skip
    level, own = np.sign(lines["level"].to_numpy()), np.sign(pavement["level"].to_numpy())

    def fits(way: NDArray[np.int64], part: NDArray[np.int64]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = table[of_way[way], of_part[part]] & (level[way] == own[part])
        return found

    return fits


def _is_clear(line: NDArray[np.int64], inside: NDArray[np.bool_], n_next: int) -> NDArray[np.bool_]:
    """Tell which stations are on the pavement with so many before and after them on the same line."""
    clear = inside.copy()
    for shift in range(1, n_next + 1):
        same = line[shift:] == line[:-shift]
        clear[shift:] &= ~same | inside[:-shift]
        clear[:-shift] &= ~same | inside[shift:]
    return clear


def _widths(
    line: NDArray[np.int64],
    place: NDArray[np.float64],
    ahead: NDArray[np.float64],
    inside: NDArray[np.bool_],
    tree: shapely.STRtree,
    kinds: Any,  # noqa: ANN401
    how: Measuring,
) -> NDArray[np.float64]:
    """Measure across the way at each station on the pavement; NaN elsewhere."""
    width = np.full(len(line), np.nan)
    rows = np.flatnonzero(inside)
    if not len(rows):
        return width
    aside = how.reach_m * np.column_stack([-ahead[rows, 1], ahead[rows, 0]])
    across = shapely.linestrings(np.stack([place[rows] - aside, place[rows] + aside], axis=1))
    which, part = tree.query(across, predicate="intersects")
    fits = kinds(line[rows[which]], part)
    which, part = which[fits], part[fits]
    cut = shapely.intersection(across[which], tree.geometries[part])
    pieces, of = shapely.get_parts(cut, return_index=True)
    lengthy = shapely.get_type_id(pieces) == 1
    pieces, of = pieces[lengthy], which[of[lengthy]]
    ends = shapely.line_locate_point(
        across[of][:, None],
        shapely.points(shapely.get_coordinates(pieces)[_ends(pieces)]).reshape(-1, 2),
    )
    begin, end = ends.min(axis=1), ends.max(axis=1)
    width[rows] = _around_the_middle(of, begin, end, len(rows), how)
    return width


def _ends(pieces: NDArray[np.object_]) -> NDArray[np.int64]:
    """Give the first and last coordinate of each line, one after the other."""
    last = np.cumsum(shapely.get_num_coordinates(pieces)) - 1
    first = np.append(0, last[:-1] + 1) if len(last) else last
    return np.column_stack([first, last]).ravel()


def _around_the_middle(
    of: NDArray[np.int64],
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    n: int,
    how: Measuring,
) -> NDArray[np.float64]:
    """Join stretches of one transect that touch, and give the length of the one around its middle."""
    far = 4 * how.reach_m  # so that the stretches of different transects never touch
    begin, end = begin + far * of, end + far * of
    order = np.argsort(begin, kind="stable")
    begin, end, of = begin[order], np.maximum.accumulate(end[order]), of[order]
    fresh = np.ones(len(begin), bool)
    fresh[1:] = begin[1:] > end[:-1] + how.gap_m
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(begin)) - 1
    middle = far * of[first] + how.reach_m
    holds = (begin[first] <= middle + how.gap_m) & (end[last] >= middle - how.gap_m)
    width = np.full(n, np.nan)
    width[of[first[holds]]] = (end[last] - begin[first])[holds]
    return width


def _surfaces(
    line: NDArray[np.int64], surface: NDArray[np.object_], enough: NDArray[np.bool_]
) -> list[str | None]:
    """Name the surfaces under each line; one met at a single step of many is its edge."""
    met = pd.DataFrame({"line": line, "surface": surface})
    if met["surface"].isna().any():  # a stretch of unknown surface leaves the whole unknown
        enough = enough.copy()
        enough[met.loc[met["surface"].isna(), "line"].unique()] = False
    counted = met.groupby(["line", "surface"]).size().reset_index(name="n")
    most = counted.groupby("line")["n"].transform("max")
    counted = counted[(counted["n"] > 1) | (most == 1)]
    names = counted.groupby("line")["surface"].agg(";".join)
    found: list[str | None] = [None] * len(enough)
    for row, text in zip(names.index.to_numpy(), names.tolist(), strict=True):
        if enough[row]:
            found[row] = text
    return found
