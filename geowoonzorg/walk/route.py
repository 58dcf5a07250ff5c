"""The way itself from an origin to a facility, and what one meets on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import InputError, MissingColumnError, first_ids
from geowoonzorg.files import bring_to
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.walk.access import read_layer
from geowoonzorg.walk.both_answers import (
    join_cautiously,
    no_less,
    unknown_shares,
)
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS
from geowoonzorg.walk.service_area import nearest
from geowoonzorg.walk.snapping import BEYOND_LIMIT, OK, STATUS
from geowoonzorg.walk.strides import stride_over
from geowoonzorg.walk.ways import trace_all, trace_ways

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.network import WalkNetwork


def routes(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    pairs: pd.DataFrame,
    *,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    bench_lonlat: ArrayLike | None = None,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Find the shortest way for pairs of an origin and a facility, and what one meets on it.

    Parameters
    ----------
    net
        The network.
    origins, facilities
        Points or polygons with a CRS; the key is the column ``id``, else the index.
    pairs
        Columns ``origin_id`` and ``facility_id``, such as rows of `nearest`; a row without a facility
        gets no route.
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count in the distance.
    bench_lonlat
        Benches, shape (n, 2), in degrees (WGS 84); by default those that the network knows of.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per pair, on the pairs' index and in the origins' CRS: ``origin_id``, ``facility_id``,
        ``distance_m`` (as in `nearest`), ``distance_high_m`` (between the same two in the cautious answer,
        and at least ``distance_m``; NaN where no way is left), ``length_m`` (on the network),
        ``unknown_share`` (0–1, of ``length_m``, of which something that matters to who walks is not known),
        ``status``; ``bench_gap_m``,
        the longest stretch without a bench within 15 m; ``steps_count`` (flights), ``steps_m``;
        ``kerbs_high``, over 2 cm, and ``kerbs_unknown``, of unknown height; ``crossings``;
        ``steepest_pct``, either way, of what is known; ``<attribute>_unknown_share`` of the metres, for
        surface, smoothness, width_m and incline_pct; and ``geometry``, the line from where the origin
        joins the network to where the facility does. What is not known at all is missing.

    Raises
    ------
    MissingColumnError
        When ``pairs`` lacks a column.
    InputError
        When ``pairs`` names an origin or facility that is not there, or the layers cannot be used.
    StudyError
        When ``max_snap_m`` makes no sense.

    Notes
    -----
    One search around each facility serves all its pairs and stops when the last is settled. The way of the cautious
    answer itself is drawn by ``routes(net.cautious, …)``.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_300, 500_000], [190_300, 500_400]], [[0, 1], [1, 2]])
    >>> home = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([190_000], [500_010]), crs=28992)
    >>> shop = gpd.GeoDataFrame({"id": ["b"]}, geometry=gpd.points_from_xy([190_310], [500_400]), crs=28992)
    >>> way = routes(net, home, shop, pd.DataFrame({"origin_id": ["a"], "facility_id": ["b"]}))
    >>> way.distance_m.round().tolist(), way.length_m.round().tolist(), way.geometry.get_coordinates().shape
    ([720.0], [700.0], (3, 2))
    """
    for column in ("origin_id", "facility_id"):
        if column not in pairs.columns:
            raise MissingColumnError(
                "pairs: no column {column}: give origin_id and facility_id", column=column
            )
    homes = read_layer(net, origins, role=ORIGINS)
    places = read_layer(net, facilities, role=FACILITIES)
    asked = pairs["facility_id"].notna().to_numpy()
    origin = _find(homes, pairs["origin_id"], np.ones(len(pairs), bool), tell("origin"))
    facility = _find(places, pairs["facility_id"], asked, tell("facility"))
    ways = trace_ways(
        net, homes, places, origin, facility, max_snap_m=max_snap_m, access_legs=access_legs,
        progress=progress,
    )  # fmt: skip
    metres, found, length = ways.metres, ways.found, ways.length_m
    status = np.where(ways.home_status != OK, ways.home_status, BEYOND_LIMIT)
    status[found] = OK
    high = metres
    from_home = join_cautiously(net, homes, max_snap_m=max_snap_m, leaving=True)
    to_place = join_cautiously(net, places, max_snap_m=max_snap_m)
    if from_home and to_place:
        left = from_home.net, from_home.access, to_place.access, origin, facility
        cautious = trace_all(*left, access_legs=access_legs, progress=silent)
        (high, *_), _ = stride_over(*left, cautious, access_legs=access_legs)
    columns: dict[str, Any] = {
        "origin_id": homes["id"].to_numpy()[origin],
        "facility_id": pairs["facility_id"].to_numpy(),
        "distance_m": np.where(found, metres, np.nan),
        "distance_high_m": no_less(high, metres),
        "length_m": length,
        "unknown_share": unknown_shares(ways.unknown_m, length),
        "status": np.array(STATUS, object)[status],
        "bench_gap_m": ways.bench_gaps(bench_lonlat),
    }
    frame = gpd.GeoDataFrame(
        columns | ways.encounters, geometry=ways.lines, crs=net.crs, index=pairs.index
    )
    frame = bring_to(frame, origins.crs or net.crs)
    frame = frame.astype({"origin_id": "str", "facility_id": "str", "status": "str"})
    frame.attrs["notes"] = [note for layer in (homes, places) for note in layer.attrs["notes"]]
    return frame


def nearest_routes(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: float | None = None,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    bench_lonlat: ArrayLike | None = None,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Find the way from each origin to the nearest facility of each class, and what one meets on it.

    Parameters
    ----------
    net, origins, facilities, limit_m, max_snap_m, access_legs
        As `nearest`.
    bench_lonlat
        As `routes`.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        As `routes`, with ``facility_class``; one row per origin and class that has a facility
        within reach, indexed as `nearest`.

    Raises
    ------
    InputError, StudyError
        As `nearest` and `routes`.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_300, 500_000]], [[0, 1]])
    >>> home = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([190_000], [500_000]), crs=28992)
    >>> shop = gpd.GeoDataFrame({"id": ["b"]}, geometry=gpd.points_from_xy([190_300], [500_000]), crs=28992)
    >>> nearest_routes(net, home, shop.assign(facility_class="supermarkt"))["facility_class"].tolist()
    ['supermarkt']
    """
    walks = nearest(
        net, origins, facilities, limit_m=limit_m, max_snap_m=max_snap_m, access_legs=access_legs,
        progress=part(progress, 0.0, 0.5),
    )  # fmt: skip
    walked = walks[walks["facility_id"].notna()]
    paths = routes(
        net, origins, facilities, walked[["origin_id", "facility_id"]], max_snap_m=max_snap_m,
        access_legs=access_legs, bench_lonlat=bench_lonlat, progress=part(progress, 0.5, 1.0),
    )  # fmt: skip
    paths.insert(1, "facility_class", walked["facility_class"])
    return paths


def route(
    net: WalkNetwork,
    origin_xy: ArrayLike,
    facility_xy: ArrayLike,
    *,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    bench_lonlat: ArrayLike | None = None,
) -> pd.Series[Any]:
    """Find the shortest way between two points, and what one meets on it.

    Parameters
    ----------
    net
        The network.
    origin_xy, facility_xy
        x and y in the network's system (m).
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count in the distance.
    bench_lonlat
        As `routes`.

    Returns
    -------
    pandas.Series
        The one row of `routes`, without the ids.

    Raises
    ------
    StudyError
        When ``max_snap_m`` makes no sense.
    CrsError
        When a point cannot be in the network's system.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_300, 500_000]], [[0, 1]])
    >>> way = route(net, [190_100, 500_000], [190_200, 500_000])
    >>> float(way["length_m"].round(2)), way["geometry"].wkt
    (100.01, 'LINESTRING (190100 500000, 190200 500000)')
    """
    home, shop = (
        gpd.GeoDataFrame(
            {"id": ["0"]}, geometry=[shapely.Point(np.asarray(xy, float))], crs=net.crs
        )
        for xy in (origin_xy, facility_xy)
    )
    table = routes(
        net, home, shop, pd.DataFrame({"origin_id": ["0"], "facility_id": ["0"]}), max_snap_m=max_snap_m,
        access_legs=access_legs, bench_lonlat=bench_lonlat,
    )  # fmt: skip
    return table.iloc[0].drop(["origin_id", "facility_id"])


def _find(
    layer: gpd.GeoDataFrame, ids: pd.Series[Any], asked: NDArray[np.bool_], what: str
) -> NDArray[np.int64]:
    """Look ids up in a layer; -1 where none was asked."""
    at = pd.Index(layer["id"]).get_indexer(ids.where(asked).astype("str"))
    unknown = asked & (at < 0)
    if unknown.any():
        raise InputError(
            "pairs: {what} ids that are not in the layer: {ids}",
            what=what,
            ids=first_ids(ids[unknown].unique()),
        )
    return np.where(asked, at, -1).astype(np.int64)
