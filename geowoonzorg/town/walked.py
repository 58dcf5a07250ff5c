"""The walks of places in a town, as a whole or tile by tile: the same walks on the same index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.town.tiling import Asking, in_order, notes_of, over_tiles
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS, combine_labels, labels_of
from geowoonzorg.walk.nearest_arrays import NearestArrays, arrays_of, nearest_array
from geowoonzorg.walk.pairs import reached_pairs
from geowoonzorg.walk.reach import check_limits
from geowoonzorg.walk.service_area import nearest
from geowoonzorg.walk.tally import Tally, tally_reached

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.town._data import TownData
    from geowoonzorg.town.tiling import Tile

#: How far a walk without a limit is looked for in a tile; what lies further is looked for in the whole town (m).
_LOOK_M: Final = 3_000.0


def walk_to_nearest(
    town: TownData,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: float | None = None,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Walk from places to the nearest facility of every class.

    Parameters
    ----------
    town
        Its streets, how people walk, and whether it is asked in tiles.
    places, facilities
        From where and to where, in the town's CRS.
    limit_m
        Look no further than this (m); by default everywhere.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        As `geowoonzorg.nearest`.

    Raises
    ------
    StudyError, InputError, SourceError, OutputError, Cancelled
        As `geowoonzorg.nearest` and `over_tiles`.

    Notes
    -----
    In tiles a walk without a limit is looked for up to 3 km: one that is found there is the nearest of all, for
    whoever is nearer is known, too. Who finds none there, in either answer, is asked again of the whole town.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> whole, cut = (walk_to_nearest(t, t.addresses, t.facilities) for t in (town, town.in_tiles(tiles_km=1)))
    >>> np.allclose(whole["distance_m"], cut["distance_m"], atol=1e-6, equal_nan=True)
    True
    """
    if town.tiling is None or places.empty or facilities.empty:
        return nearest(
            town.network, places, facilities, limit_m=limit_m, progress=progress,
            **town.walking.access,
        )  # fmt: skip
    far = _LOOK_M if limit_m is None else float(check_limits(limit_m)[-1])
    step = "nearest" if limit_m is not None else "nearest_at_first"
    asking = Asking(_nearest, step, far, {"limit_m": far}, one_of_each="facility_class")
    found = over_tiles(town, asking, places, facilities, progress=part(progress, 0.0, 0.9))
    table, row = in_order(found)
    table = table.drop(columns="geometry", errors="ignore")
    if limit_m is None:
        table = _look_further(town, places, facilities, table, row)
    labels = labels_of(places, role=ORIGINS)
    names = table["facility_class"].iloc[: len(table) // len(places)]
    if len(names) > 1:
        which = np.tile(np.arange(len(names)), len(places))
        labels = combine_labels((labels, row), (pd.Index(names.tolist()), which))
    result = gpd.GeoDataFrame(
        table.set_axis(labels), geometry=places.geometry.array.take(row), crs=places.crs
    )
    result.attrs["notes"] = notes_of(town, (places, ORIGINS), (facilities, FACILITIES))
    progress(1.0, "nearest")
    return result


def walk_to_arrays(
    town: TownData,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: float | None = None,
    dtype: Literal["float32", "float64"] = "float32",
    progress: Progress = silent,
) -> NearestArrays:
    """Walk from places to the nearest facility of every class, and keep columns of numbers.

    Parameters
    ----------
    town, places, facilities, limit_m, progress
        As `walk_to_nearest`.
    dtype
        As `geowoonzorg.nearest_array`.

    Returns
    -------
    NearestArrays
        As `geowoonzorg.nearest_array`.

    Raises
    ------
    StudyError, InputError, SourceError, OutputError, Cancelled
        As `geowoonzorg.nearest_array` and `over_tiles`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> whole, cut = (
    ...     walk_to_arrays(t, t.addresses, t.facilities, limit_m=400) for t in (town, town.in_tiles(tiles_km=1))
    ... )
    >>> np.array_equal(whole.facility, cut.facility)
    True
    """
    if town.tiling is None or places.empty or facilities.empty:
        return nearest_array(
            town.network, places, facilities, limit_m=limit_m, dtype=dtype, progress=progress,
            **town.walking.access,
        )  # fmt: skip
    walks = walk_to_nearest(town, places, facilities, limit_m=limit_m, progress=progress)
    return arrays_of(walks, places=len(places), facility_id=facilities["id"], dtype=dtype)


def _nearest(tile: Tile, *, limit_m: float, progress: Progress = silent) -> pd.DataFrame:
    found = nearest(
        tile.network, tile.places, tile.beside, limit_m=limit_m, progress=progress, **tile.access
    )
    return pd.DataFrame(found.drop(columns="geometry")).reset_index(drop=True)


def _look_further(
    town: TownData,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    table: pd.DataFrame,
    row: NDArray[np.intp],
) -> pd.DataFrame:
    """Ask the whole town about who found nothing near, or nothing in the cautious answer; class by class."""
    table, columns = table.copy(), [c for c in table if c != "facility_class"]
    known = table["status"].isin(["off_network", "island"]) | table["distance_high_m"].notna()
    left = table[~known]
    for name, own in left.groupby("facility_class", dropna=False):
        some = facilities
        if "facility_class" in facilities and isinstance(name, str):
            some = facilities[facilities["facility_class"] == name]
        at = own.index.to_numpy()
        anew = nearest(town.network, places.iloc[row[at]], some, **town.walking.access)
        for column in columns:
            table.loc[at, column] = anew[column].to_numpy()
    return table


def count_reached(
    town: TownData,
    origins: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    zone: NDArray[np.intp],
    *,
    limit_m: float,
    progress: Progress = silent,
) -> Tally:
    """Count the origins within the limit of every place, by zone.

    Parameters
    ----------
    town
        Its streets, how people walk, and whether it is asked in tiles.
    origins, places
        Who walks and to where, in the town's CRS.
    zone
        The number of the zone of every origin, -1 for none, shape (n_origins,).
    limit_m
        The limit, inclusive (m).
    progress
        Hears how far the work is.

    Returns
    -------
    Tally
        As `tally_reached`.

    Raises
    ------
    StudyError, InputError, SourceError, OutputError, Cancelled
        As `tally_reached` and `over_tiles`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> zone, near = np.zeros(len(town.addresses), int), town.addresses.head(3)
    >>> cut = count_reached(town.in_tiles(tiles_km=1), town.addresses, near, zone, limit_m=400)
    >>> (cut.near == count_reached(town, town.addresses, near, zone, limit_m=400).near).all()
    np.True_
    """
    if town.tiling is None or places.empty or origins.empty:
        return tally_reached(
            town.network, origins, places, zone, limit_m=limit_m, progress=progress,
            **town.walking.access,
        )  # fmt: skip
    asking = Asking(_tally, "reached", limit_m, {"limit_m": limit_m})
    found = over_tiles(town, asking, places, origins.assign(zone=zone), progress=progress)
    place = np.concatenate([one.own[one.frame["place"].to_numpy()] for one in found])
    rest = (
        np.concatenate([one.frame[name].to_numpy() for one in found])
        for name in ("zone", "near", "sure")
    )
    at, near, sure = rest
    order = np.lexsort((at, place))
    return Tally(place[order].astype(np.int64), at[order], near[order], sure[order])


def _tally(tile: Tile, *, limit_m: float, progress: Progress = silent) -> pd.DataFrame:
    if tile.beside.empty:
        return pd.DataFrame({name: np.zeros(0, np.int64) for name in Tally._fields})
    codes, zone = np.unique(tile.beside["zone"].to_numpy(), return_inverse=True)
    none = int(len(codes) > 0 and codes[0] == -1)  # -1 is the first, and stays what it is
    found = tally_reached(
        tile.network, tile.beside.drop(columns="zone"), tile.places, zone - none, limit_m=limit_m,
        progress=progress, **tile.access,
    )  # fmt: skip
    return pd.DataFrame(
        {
            "place": found.place,
            "zone": np.where(found.zone < 0, -1, codes[found.zone + none]).astype(np.int64),
            "near": found.near,
            "sure": found.sure,
        }
    )


def pair_reached(
    town: TownData,
    origins: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    *,
    limit_m: float,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Find which origins lie in which place's area, with the distance of each pair.

    Parameters
    ----------
    town
        Its streets, how people walk, and whether it is asked in tiles.
    origins, places
        Who walks and to where, in the town's CRS.
    limit_m
        The limit, inclusive (m).
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        As `reached_pairs`.

    Raises
    ------
    StudyError, InputError, SourceError, OutputError, Cancelled
        As `reached_pairs` and `over_tiles`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> near = town.addresses.head(3)
    >>> cut = pair_reached(town.in_tiles(tiles_km=1), town.addresses, near, limit_m=400)
    >>> len(cut) == len(pair_reached(town, town.addresses, near, limit_m=400))
    True
    """
    if town.tiling is None or places.empty or origins.empty:
        return reached_pairs(
            town.network, origins, places, limit_m=limit_m, progress=progress, **town.walking.access
        )
    asking = Asking(_pairs, "pairs", limit_m, {"limit_m": limit_m})
    found = over_tiles(town, asking, places, origins, progress=progress)
    pairs = pd.concat([one.frame for one in found], ignore_index=True)
    at = [
        pd.Index(layer["id"]).get_indexer(pd.Index(pairs[name]))
        for layer, name in ((origins, "origin_id"), (places, "facility_id"))
    ]
    order = np.lexsort(at[::-1])
    labels = labels_of(origins, role=ORIGINS), labels_of(places, role=FACILITIES)
    index = combine_labels(*((own, rows[order]) for own, rows in zip(labels, at, strict=True)))
    return pairs.iloc[order].set_axis(index)


def _pairs(tile: Tile, *, limit_m: float, progress: Progress = silent) -> pd.DataFrame:
    if tile.beside.empty:
        columns = {
            "origin_id": "str",
            "facility_id": "str",
            "distance_m": "float64",
            "distance_high_m": "float64",
        }
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    found = reached_pairs(
        tile.network, tile.beside, tile.places, limit_m=limit_m, progress=progress, **tile.access
    )
    return found.reset_index(drop=True)
