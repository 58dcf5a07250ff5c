"""The nearest facility of every class as columns, twelve bytes an origin and class: for a province or a country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import GeometryError, StudyError, first_ids
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.walk.access import classes_of, join_network, read_layer
from geowoonzorg.walk.both_answers import join_both, no_less
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS
from geowoonzorg.walk.class_walks import nearest_in_both, nearest_walks
from geowoonzorg.walk.reach import check_limits
from geowoonzorg.walk.snapping import OK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.network import WalkNetwork

_TYPES = ("float32", "float64")


@dataclass(frozen=True, eq=False)
class NearestArrays:
    """How far the nearest facility of every class is, as arrays: see `nearest_array`.

    Attributes
    ----------
    classes
        The classes, in the order of the columns; one that is None where facilities have no class.
    distance_m
        Over the network and to it at both ends, on the ground, shape (n_origins, n_classes) (m); NaN where none is
        within the limit, or the origin does not join the network.
    distance_high_m
        Within which one is in both answers, also when what is not known of the ways is taken at its class's
        cautious default, shape as before (m); NaN where none is left within the limit. Where both answers are the
        same it is the same array.
    facility
        The row of the nearest facility in ``facility_id``, shape as before; -1 where there is none.
    facility_id
        The keys of the facilities, in the order of the layer, shape (n_facilities,).
    joins
        Whether each origin joins the network, shape (n_origins,): 0 does, 1 is too far from it, 2 is near an island
        only, as ``geowoonzorg.walk.snapping.STATUS`` names them.
    """

    classes: tuple[str | None, ...]
    distance_m: NDArray[Any]
    distance_high_m: NDArray[Any]
    facility: NDArray[np.int32]
    facility_id: NDArray[np.object_]
    joins: NDArray[np.int8]

    def __repr__(self) -> str:
        n, k = self.distance_m.shape
        return f"<NearestArrays: {n:,} origins × {k} classes, {self.distance_m.dtype}>"

    @property
    def on_network(self) -> NDArray[np.bool_]:
        """Which origins join the network, shape (n_origins,)."""
        return np.asarray(self.joins == OK)

    def of(self, classes: Iterable[str]) -> NearestArrays:
        """Give the columns of some classes; of one that is not there everything is missing.

        Parameters
        ----------
        classes
            Their names, in the order wanted.

        Returns
        -------
        NearestArrays
            With those columns, copied.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> found = nearest_array(town.network, town.addresses.head(2), town.facilities).of(["huisarts", "casino"])
        >>> np.isnan(found.distance_m).tolist()
        [[False, True], [False, True]]
        """
        asked = tuple(classes)
        at = [self.classes.index(name) if name in self.classes else -1 for name in asked]

        def picked(table: NDArray[Any], missing: float) -> NDArray[Any]:
            out = np.full((len(table), len(at)), missing, table.dtype, order="F")
            for column, source in enumerate(at):
                if source >= 0:
                    out[:, column] = table[:, source]
            return out

        metres = picked(self.distance_m, np.nan)
        same = self.distance_high_m is self.distance_m
        return NearestArrays(
            asked,
            metres,
            metres if same else picked(self.distance_high_m, np.nan),
            picked(self.facility, -1),
            self.facility_id,
            self.joins,
        )


def nearest_array(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame | gpd.GeoSeries | ArrayLike,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: float | None = None,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    dtype: Literal["float32", "float64"] = "float32",
    progress: Progress = silent,
) -> NearestArrays:
    """Find the nearest facility of every class for every origin, as one column of numbers a class.

    Parameters
    ----------
    net
        The network.
    origins
        Points or polygons with a CRS, with or without other columns; or x and y in the network's CRS, shape (n, 2)
        (m).
    facilities
        Points or polygons with a CRS; the key is the column ``id``, else the index. Without ``facility_class``
        they are one class.
    limit_m
        Look no further than this, inclusive (m); by default look everywhere.
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.
    dtype
        ``"float32"``, four bytes a number; or ``"float64"``, the very numbers of `nearest`.
    progress
        Hears how far the work is.

    Returns
    -------
    NearestArrays
        ``classes`` in alphabetical order, ``distance_m``, ``distance_high_m``, ``facility``, ``facility_id`` and
        ``joins``; rows in the order of ``origins``.

    Raises
    ------
    StudyError
        When ``limit_m``, ``max_snap_m`` or ``dtype`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When origins or facilities cannot be used; also when coordinates are not finite or not of shape (n, 2).

    Notes
    -----
    The facilities and metres are those of `nearest`, whose table says more, and takes some three hundred bytes
    an origin and class. As ``float32`` every distance is rounded up to the next number that there is
    (at 400 m within 0.00003 m), so that it is on the same side of every limit that is itself such a number, as all
    whole metres are; which are not, `fits_float32` tells.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> shops = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=gpd.points_from_xy([190_400, 190_900], [500_000] * 2),
    ...                          crs=28992)
    >>> found = nearest_array(net, [[190_100, 500_010], [190_800, 500_000], [196_000, 500_000]], shops)
    >>> found.distance_m.ravel().round(1).tolist(), found.facility.ravel().tolist(), found.joins.tolist()
    ([310.0, 100.0, nan], [0, 1, -1], [0, 0, 1])
    """
    if dtype not in _TYPES:
        raise StudyError("dtype is {dtype!r}: choose float32 or float64", dtype=dtype)
    limit = np.inf if limit_m is None else float(check_limits(limit_m)[-1])
    homes = _as_layer(net, origins)
    places = read_layer(net, facilities, role=FACILITIES)
    # as `nearest` has them: of equal distances the first id counts
    by_id = places["id"].argsort(kind="stable").to_numpy()
    sorted_places = places.iloc[by_id].reset_index(drop=True)
    access = join_network(net, homes, max_snap_m=max_snap_m, leaving=True)
    place_access = join_network(net, sorted_places, max_snap_m=max_snap_m)
    from_home = join_both(net, access, homes, max_snap_m=max_snap_m, leaving=True)
    to_place = join_both(net, place_access, sorted_places, max_snap_m=max_snap_m)
    both = from_home is not None and to_place is not None
    code, names = pd.factorize(classes_of(sorted_places), sort=True, use_na_sentinel=False)
    kinds = tuple(None if pd.isna(name) else str(name) for name in names)
    n, k = len(homes), len(kinds)
    metres = np.full((n, k), np.nan, dtype, order="F")
    high = np.full((n, k), np.nan, dtype, order="F") if both else metres
    facility = np.full((n, k), -1, np.int32, order="F")
    for column in range(k):
        step = part(progress, column / k, (column + 1) / k)
        chosen = np.flatnonzero(code == column)
        some = place_access.select(chosen)
        found, which = nearest_walks(
            net, access, some, limit, access_legs=access_legs, progress=step
        )
        there = which >= 0
        facility[there, column] = by_id[chosen[which[there]]]
        _lay_down(metres[:, column], np.where(there, found, np.nan))
        if from_home is not None and to_place is not None:
            cautious = nearest_in_both(
                from_home, to_place.select(chosen), limit, access_legs=access_legs
            )
            _lay_down(high[:, column], no_less(cautious, np.where(there, found, np.nan)))
    progress(1.0, "nearest")
    ids = places["id"].to_numpy(dtype=object)
    return NearestArrays(kinds, metres, high, facility, ids, access.status)


def fits_float32(limits_m: ArrayLike) -> bool:
    """Tell whether limits are numbers that four bytes hold, as all whole metres are.

    Parameters
    ----------
    limits_m
        Metres.

    Returns
    -------
    bool
        Whether `nearest_array` puts distances in ``float32`` on the same side of each of them as in ``float64``.

    Examples
    --------
    >>> fits_float32([400, 812.5]), fits_float32(400.1)
    (True, False)
    """
    limits = np.asarray(limits_m, np.float64)
    return bool((limits.astype(np.float32) == limits).all())


def round_up(metres: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round up to the next number that four bytes hold, so that no distance comes within a limit that it is beyond.

    Parameters
    ----------
    metres
        Shape (n,) (m).

    Returns
    -------
    numpy.ndarray
        Shape (n,) (m).

    Examples
    --------
    >>> bool(round_up(np.array([400.000001]))[0] > 400), float(round_up(np.array([400.0]))[0])
    (True, 400.0)
    """
    short = metres.astype(np.float32)
    low = short < metres
    short[low] = np.nextafter(short[low], np.float32(np.inf))
    return short


def _lay_down(column: NDArray[Any], metres: NDArray[np.float64]) -> None:
    """Put distances in a column, in its own type."""
    column[:] = round_up(metres) if column.dtype == np.float32 else metres


def _as_layer(
    net: WalkNetwork, origins: gpd.GeoDataFrame | gpd.GeoSeries | ArrayLike
) -> gpd.GeoDataFrame:
    """Bring origins of any kind into the network's system."""
    if isinstance(origins, gpd.GeoDataFrame):
        return read_layer(net, origins, role=ORIGINS)
    if isinstance(origins, gpd.GeoSeries):
        layer = gpd.GeoDataFrame(geometry=origins.reset_index(drop=True))
        return read_layer(net, layer, role=ORIGINS)
    xy = np.asarray(origins, np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2:  # noqa: PLR2004 - x and y
        raise GeometryError(
            "{role}: coordinates of shape {shape}; give x and y, shape (n, 2)",
            role=ORIGINS, shape=str(xy.shape),
        )  # fmt: skip
    wrong = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if len(wrong):
        raise GeometryError(
            "{role}: coordinates that are no numbers in rows {rows}; give every place x and y",
            role=ORIGINS, rows=first_ids(wrong),
        )  # fmt: skip
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=net.crs)
