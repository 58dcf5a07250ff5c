"""What a search looks at: cells or buildings, without those that are forbidden or off the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.files import as_points, is_osm, witnessed
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import level_code
from geowoonzorg.opendata.listed import read_listed
from geowoonzorg.osm import read_buildings
from geowoonzorg.people.catchment import locate_in_areas
from geowoonzorg.town._data import Source
from geowoonzorg.town.given import hash_frame
from geowoonzorg.town.ground import lay_ground, read_ground_layer
from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.snapping import OK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from geowoonzorg.messages import Message
    from geowoonzorg.town import Town
    from geowoonzorg.town.ground import Ground, Layer

    _Given: TypeAlias = str | Path | gpd.GeoDataFrame

#: Why there is no score, as the band ``why`` of a suitability grid has it.
SCORED, TOO_LITTLE_KNOWN, KNOCKED_OUT, NOT_ALLOWED, OFF_NETWORK = range(5)
#: A block of places is taken from a square of so many cells along a side, so that it lies together.
_TILE: Final = 64


@dataclass(frozen=True, eq=False)
class Buildings:
    """Which buildings are looked at instead of cells.

    Attributes
    ----------
    source
        The path of a list of buildings, as of the BAG, or of an OSM file; or buildings with ``use``, ``floor_m2``
        and ``year``, called after ``name``, else ``id``, else their index.
    use
        One of these uses, such as ``kantoorfunctie``; any by default.
    min_floor_m2
        The least floor (m2).
    built_from, built_until
        The first and the last year in which they may be built.
    """

    source: str | Path | gpd.GeoDataFrame
    use: tuple[str, ...] = ()
    min_floor_m2: float | None = None
    built_from: int | None = None
    built_until: int | None = None


@dataclass(frozen=True, eq=False)
class Looked:
    """The places that a search looks at.

    Attributes
    ----------
    places
        ``id``, ``wijk_code``, ``piece_m2`` (the piece of allowed ground that each is part of) and geometry, a row
        each, in the town's CRS; what lies near each other stands near each other.
    cell
        The number of the cell that each lies in, row by row from the north-west, shape (n,).
    ground
        The cells.
    why
        Shape ``(rows, columns)``: why a cell is not looked at, 0 where it is.
    sources
        The layers that were read.
    notes
        What people should know of it.
    """

    places: gpd.GeoDataFrame
    cell: NDArray[np.intp]
    ground: Ground
    why: NDArray[np.int8]
    sources: tuple[Source, ...]
    notes: tuple[Message, ...]


def look_at(
    town: Town,
    cell_m: float,
    *,
    allow: _Given | Sequence[_Given] = (),
    forbid: _Given | Sequence[_Given] = (),
    dragers_to_spare: bool = False,
    buildings: Buildings | None = None,
) -> Looked:
    """Find the places in a town that may be looked at and that join its network.

    Parameters
    ----------
    town
        The town.
    cell_m
        The side of a cell (m).
    allow, forbid
        Ground that alone is looked at, and ground that is not; polygons or rasters.
    dragers_to_spare
        Only in areas with more dragers to vragers than the reference.
    buildings
        What is looked at instead of cells.

    Returns
    -------
    Looked
        At least one place.

    Raises
    ------
    StudyError
        When ``cell_m`` does not fit, or the town has no balance that ``dragers_to_spare`` needs.
    InputError
        When nothing is left; the message says what took how much.
    CrsError, GeometryError, FormatError, SourceError, MissingColumnError
        When a layer cannot be used.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> looked = look_at(Town.demo(), 500.0)
    >>> len(looked.places) == (looked.why == 0).sum()
    np.True_
    """
    allowed, forbidden = (
        [read_ground_layer(one, role=role, crs=town.crs) for one in _several(given)]
        for role, given in (("allow", allow), ("forbid", forbid))
    )
    ground = lay_ground(town, cell_m)
    every = _cells(ground) if buildings is None else _buildings(town, buildings, ground)
    inside = every.cell >= 0
    open_, spare = _opened(town, every.xy, allowed, forbidden), np.ones(len(every.xy), dtype=bool)
    code = _areas_of(town, every.xy)
    if dragers_to_spare:
        spare = _with_dragers(town, code)
    free = inside & open_ & spare
    joined = np.zeros(len(free), dtype=bool)
    joined[free] = _joins(town, every.shapes[free])
    counts = {
        "n": len(free), "outside": int((~inside).sum()), "closed": int((inside & ~open_).sum()),
        "full": int((inside & open_ & ~spare).sum()), "off": int((free & ~joined).sum()),
    }  # fmt: skip
    told = tell(
        "of {n} places {outside} lie outside the town's ground, {closed} on ground that is not allowed, {full} in "
        "an area without dragers to spare and {off} off the network",
        **counts,
    )
    if not joined.any():
        raise InputError("there is no place to look at: {told}; allow more ground", told=told)
    why = np.full(ground.shape, NOT_ALLOWED, dtype=np.int8)
    np.put(why, every.cell[free & ~joined], OFF_NETWORK)
    np.put(why, every.cell[joined], SCORED)
    # Of buildings the ground is their own plot; of cells it is what they are part of.
    piece = every.area_m2 if buildings is not None else ground.pieces_m2(free)
    keep = np.flatnonzero(joined)
    keep = keep[_by_tile(every.cell[keep], ground.shape[1])]
    wijk = level_code(code, "wijk")
    places = every.rows(keep)
    places.insert(1, "wijk_code", wijk.to_numpy()[keep])
    places.insert(2, "piece_m2", piece[keep])
    sources = [one.source for one in (*allowed, *forbidden)] + list(every.sources)
    notes = (*every.notes, tell("{told}; {left} are looked at", told=told, left=len(keep)))
    return Looked(places, every.cell[keep], ground, why, tuple(sources), notes)


def _several(given: _Given | Sequence[_Given]) -> Sequence[_Given]:
    """Take one layer for a list of it."""
    return (given,) if isinstance(given, str | Path | gpd.GeoDataFrame) else given


@dataclass(frozen=True, eq=False)
class _Every:
    """All places there are before anything is left out; of cells only those that stay become a layer."""

    rows: Callable[[NDArray[np.intp]], gpd.GeoDataFrame]
    shapes: NDArray[np.object_]
    xy: NDArray[np.float64]
    cell: NDArray[np.intp]
    area_m2: NDArray[np.float64]
    sources: tuple[Source, ...] = ()
    notes: tuple[Message, ...] = ()


def _cells(ground: Ground) -> _Every:
    """Take every cell of the ground, at its centre."""
    cell = np.flatnonzero(ground.within)
    xy = ground.centres(cell)
    shapes = np.asarray(shapely.points(xy))

    def rows(at: NDArray[np.intp]) -> gpd.GeoDataFrame:
        named = {"id": ground.names(cell[at])}
        return gpd.GeoDataFrame(named, geometry=shapes[at], crs=ground.crs)

    return _Every(rows, shapes, xy, cell, np.full(len(cell), ground.cell_m**2))


def _buildings(town: Town, asked: Buildings, ground: Ground) -> _Every:
    """Take the buildings that are asked for, each where it stands."""
    if isinstance(asked.source, gpd.GeoDataFrame):
        found, source, name = asked.source, Source("buildings", None, hash_frame(asked.source)), ""
        notes: list[Message] = []
    else:
        path, name = Path(asked.source), Path(asked.source).name
        with witnessed(path) as seen:
            source = Source("buildings", path, seen.sha256, seen=seen)
            found = (
                read_buildings(path, crs=town.crs)
                if is_osm(path)
                else read_listed(path, "pand", crs=town.crs)
            )
        notes = list(found.attrs["notes"])
    if not isinstance(found, gpd.GeoDataFrame):
        raise InputError("buildings: {file} has no places; give a layer of them", file=name)
    chosen = np.ones(len(found), dtype=bool)
    for column, holds in _wishes(asked):
        if column not in found:
            raise InputError(
                "buildings: there is no {column} to choose by; give it, or leave that choice out",
                column=column,
            )
        chosen &= holds(found[column]).to_numpy(dtype=bool)
    if not chosen.any():
        raise InputError(
            "buildings: none of the {n} has the use, floor and year asked for; what is unknown of a building does "
            "not count as having it",
            n=len(found),
        )  # fmt: skip
    found = found[chosen]
    if "name" in found:  # the number that the register gives a building
        found = found.drop(columns="id", errors="ignore").rename(columns={"name": "id"})
    frame = as_points(found, where="buildings", crs=town.crs)
    shown = [c for c in ("use", "floor_m2", "year") if c in frame]
    columns = frame[["id", *shown]]
    frame = gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=frame.crs)
    inside = frame.geometry.representative_point()
    xy = np.column_stack([inside.x, inside.y])
    notes.append(
        tell("buildings: {n} of {all} have what is asked for", n=len(frame), all=len(chosen))
    )
    area = frame.geometry.area.to_numpy(dtype=np.float64)

    def rows(at: NDArray[np.intp]) -> gpd.GeoDataFrame:
        return frame.iloc[at].reset_index(drop=True)

    shapes = frame.geometry.to_numpy()
    return _Every(rows, shapes, xy, ground.cell_of(xy), area, (source,), tuple(notes))


def _wishes(asked: Buildings) -> Iterator[tuple[str, Callable[[pd.Series], pd.Series]]]:
    """Give what buildings must have, by column; what is not known of one it does not have."""
    uses = {one.strip().casefold() for one in asked.use}
    if uses:
        yield "use", lambda cells: cells.map(lambda told: _has_use(told, uses))
    if asked.min_floor_m2 is not None:
        yield "floor_m2", lambda cells: (cells >= asked.min_floor_m2).fillna(value=False)
    if asked.built_from is not None:
        yield "year", lambda cells: (cells >= asked.built_from).fillna(value=False)
    if asked.built_until is not None:
        yield "year", lambda cells: (cells <= asked.built_until).fillna(value=False)


def _has_use(told: object, uses: set[str]) -> bool:
    """Say whether a building has one of some uses; the BAG puts commas between several."""
    return isinstance(told, str) and any(
        one.strip().casefold() in uses for one in told.replace(";", ",").split(",")
    )


def _opened(
    town: Town, xy: NDArray[np.float64], allowed: list[Layer], forbidden: list[Layer]
) -> NDArray[np.bool_]:
    """Say which places lie on allowed ground, where any is named, and on none that is forbidden."""
    open_ = np.full(len(xy), not allowed)
    for layer in allowed:
        open_ |= layer.holds(xy, crs=town.crs)
    for layer in forbidden:
        open_ &= ~layer.holds(xy, crs=town.crs)
    return open_


def _areas_of(town: Town, xy: NDArray[np.float64]) -> pd.Series[str]:
    """Give the code of the area that each place lies in."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=town.crs)
    if town.figures is None:
        return pd.Series(np.nan, points.index, dtype="str")
    return locate_in_areas(points, town.figures.frame)


def _with_dragers(town: Town, code: pd.Series[str]) -> NDArray[np.bool_]:
    """Say which places lie in an area that has more dragers to vragers than the reference."""
    areas = town.areas
    known = None if areas.empty else areas.set_index("code")["balans"]
    if known is None or known.isna().all():
        raise StudyError(
            "dragers_to_spare: of no area the balance is known; give [areas] with the figures that it needs"
        )
    return (code.map(known) < 0).to_numpy(dtype=bool)


def _joins(town: Town, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which places join the network, as every walk from them does."""
    layer = gpd.GeoDataFrame(geometry=shapes, crs=town.crs)
    access = join_network(town.network, layer, max_snap_m=town.walking.max_snap_m, leaving=True)
    return np.asarray(access.status == OK)


def _by_tile(cell: NDArray[np.intp], columns: int) -> NDArray[np.intp]:
    """Order cells tile by tile, so that neighbours are measured together."""
    row, column = np.divmod(cell, columns)
    return np.lexsort((column, row, column // _TILE, row // _TILE))
