"""Ground drawn around places in a town, as a whole or tile by tile: the same ground on the same index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.progress import Progress, silent
from geowoonzorg.town.tiling import Asking, in_order, notes_of, over_tiles
from geowoonzorg.walk.caller_index import FACILITIES, combine_labels, labels_of
from geowoonzorg.walk.catchments import draw_ground, draw_sure_ground
from geowoonzorg.walk.reach import check_limits
from geowoonzorg.walk.service_area import service_areas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geowoonzorg.town._data import TownData
    from geowoonzorg.town.tiling import Given, Tile

#: Places whose ground is drawn in one tile: enough to be worth the streets around them, few enough to be many jobs.
_MOST_DRAWN: Final = 4_096


def draw_areas(
    town: TownData,
    places: gpd.GeoDataFrame,
    *,
    limit_m: float | Sequence[float],
    shape: str = "polygons",
    cautious: bool = False,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Find what lies within walking distance of places.

    Parameters
    ----------
    town
        Its streets, how people walk, and whether it is asked in tiles.
    places
        Facilities or sites, in the town's CRS.
    limit_m, shape, cautious
        As `geowoonzorg.service_areas`.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        As `geowoonzorg.service_areas`.

    Raises
    ------
    StudyError, InputError, SourceError, OutputError, Cancelled
        As `geowoonzorg.service_areas` and `over_tiles`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> whole, cut = (draw_areas(t, t.facilities, limit_m=400) for t in (town, town.in_tiles(tiles_km=1)))
    >>> np.allclose(whole["length_m"], cut["length_m"], atol=1e-6, equal_nan=True)
    True
    """
    options: dict[str, Any] = {"shape": shape, "cautious": cautious}
    if town.tiling is None or places.empty:
        return service_areas(
            town.network, places, limit_m=limit_m, progress=progress, **options, **town.walking.access
        )  # fmt: skip
    limits = check_limits(limit_m).tolist()
    step = f"service_areas_{shape}"
    options |= {"limits_m": limits}
    asking = Asking(_areas, step, limits[-1], options, most=_MOST_DRAWN)
    table, row = in_order(over_tiles(town, asking, places, progress=progress))
    labels = labels_of(places, role=FACILITIES)
    if len(limits) > 1:
        which = np.tile(np.arange(len(limits)), len(places))
        labels = combine_labels((labels, row), (pd.Index(limits), which))
    result = gpd.GeoDataFrame(table.set_axis(labels), crs=places.crs)
    result.attrs["notes"] = notes_of(town, (places, FACILITIES))
    return result


def _areas(
    tile: Tile, *, limits_m: list[float], shape: Any, cautious: bool, progress: Progress = silent  # noqa: ANN401
) -> pd.DataFrame:  # fmt: skip
    found = service_areas(
        tile.network, tile.places, limit_m=limits_m, shape=shape, cautious=cautious,
        progress=progress, **tile.access,
    )  # fmt: skip
    return found.reset_index(drop=True)


def draw_around(
    town: TownData, places: gpd.GeoDataFrame, *, limit_m: float, progress: Progress = silent
) -> NDArray[np.object_]:
    """Draw the ground within walking distance of each place.

    Parameters
    ----------
    town
        Its streets, how people walk, and whether it is asked in tiles.
    places
        Where from, in the town's CRS.
    limit_m
        The walking distance (m).
    progress
        Hears how far the work is.

    Returns
    -------
    numpy.ndarray
        As `draw_ground`.

    Raises
    ------
    StudyError, InputError, SourceError, OutputError, Cancelled
        As `draw_ground` and `over_tiles`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> len(draw_around(town.in_tiles(tiles_km=1), town.addresses.head(3), limit_m=400))
    3
    """
    if town.tiling is None or places.empty:
        return draw_ground(
            town.network, places, limit_m=limit_m, progress=progress, **town.walking.access
        )
    asking = Asking(_ground, "ground", limit_m, {"limit_m": limit_m}, most=_MOST_DRAWN)
    return _shapes(over_tiles(town, asking, places, progress=progress))


def _ground(tile: Tile, *, limit_m: float, progress: Progress = silent) -> pd.DataFrame:
    drawn = draw_ground(
        tile.network, tile.places, limit_m=limit_m, progress=progress, **tile.access
    )
    return _layer_of(tile, drawn)


def draw_surely_around(
    town: TownData,
    places: gpd.GeoDataFrame,
    drawn: NDArray[np.object_],
    *,
    limit_m: float,
    progress: Progress = silent,
) -> NDArray[np.object_]:
    """Draw what of the ground within walking distance is so in the cautious answer, too.

    Parameters
    ----------
    town, places, limit_m, progress
        As `draw_around`.
    drawn
        What it gave for them.

    Returns
    -------
    numpy.ndarray
        As `draw_sure_ground`.

    Raises
    ------
    StudyError, InputError, SourceError, OutputError, Cancelled
        As `draw_sure_ground` and `over_tiles`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town, homes = Town.demo(), Town.demo().addresses.head(3)
    >>> ground = draw_around(town, homes, limit_m=400)
    >>> len(draw_surely_around(town, homes, ground, limit_m=400))
    3
    """
    if town.tiling is None or places.empty:
        return draw_sure_ground(
            town.network, places, drawn, limit_m=limit_m, progress=progress, **town.walking.access
        )
    asking = Asking(_sure_ground, "sure_ground", limit_m, {"limit_m": limit_m}, most=_MOST_DRAWN)
    shapes = gpd.GeoSeries(drawn, places.index, crs=places.crs)
    return _shapes(over_tiles(town, asking, places.assign(drawn=shapes), progress=progress))


def _sure_ground(tile: Tile, *, limit_m: float, progress: Progress = silent) -> pd.DataFrame:
    drawn = tile.places["drawn"].to_numpy(copy=True)
    sure = draw_sure_ground(
        tile.network, tile.places.drop(columns="drawn"), drawn, limit_m=limit_m, progress=progress,
        **tile.access,
    )  # fmt: skip
    return _layer_of(tile, sure)


def _layer_of(tile: Tile, shapes: NDArray[np.object_]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": tile.places["id"].to_numpy()}, geometry=shapes, crs=tile.network.crs
    )


def _shapes(found: list[Given]) -> NDArray[np.object_]:
    table, _ = in_order(found)
    return np.asarray(table["geometry"].to_numpy(copy=True), dtype=object)
