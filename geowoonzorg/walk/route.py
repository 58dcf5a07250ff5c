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
from geowoonzorg.walk.access import Access, join_network, read_layer
from geowoonzorg.walk.both_answers import (
    join_cautiously,
    no_less,
    unknown_of_parts,
    unknown_shares,
)
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS
from geowoonzorg.walk.chunks import run_chunks
from geowoonzorg.walk.encounters import RouteParts, bench_gaps, count_encounters
from geowoonzorg.walk.kernels import tracing
from geowoonzorg.walk.service_area import nearest
from geowoonzorg.walk.snapping import BEYOND_LIMIT, OK, STATUS
from geowoonzorg.walk.square_parts import metres_over
from geowoonzorg.walk.street_parts import draw_parts
from geowoonzorg.walk.strides import Strides, Traced, stride_over

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.kernels.search import Workspace
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
    home_access = join_network(net, homes, max_snap_m=max_snap_m, leaving=True)
    place_access = join_network(net, places, max_snap_m=max_snap_m)
    asked = pairs["facility_id"].notna().to_numpy()
    origin = _find(homes, pairs["origin_id"], np.ones(len(pairs), bool), tell("origin"))
    facility = _find(places, pairs["facility_id"], asked, tell("facility"))
    traced = _trace_all(
        net, home_access, place_access, origin, facility, access_legs=access_legs, progress=progress
    )
    traced, strides = stride_over(
        net, home_access, place_access, origin, facility, traced, access_legs=access_legs
    )
    metres, start, edge, begin, end, _ = traced
    status = np.where(home_access.status[origin] != OK, home_access.status[origin], BEYOND_LIMIT)
    found = np.isfinite(metres)
    status[found] = OK
    high = metres
    from_home = join_cautiously(net, homes, max_snap_m=max_snap_m, leaving=True)
    to_place = join_cautiously(net, places, max_snap_m=max_snap_m)
    if from_home and to_place:
        ways = from_home.net, from_home.access, to_place.access, origin, facility
        cautious = _trace_all(*ways, access_legs=access_legs, progress=silent)
        (high, *_), _ = stride_over(*ways, cautious, access_legs=access_legs)
    of = np.repeat(np.arange(len(pairs)), np.diff(start))
    length = np.bincount(of, weights=np.abs(end - begin), minlength=len(pairs)).astype(np.float64)
    length += np.bincount(strides.route, weights=strides.metres, minlength=len(pairs))
    unknown = np.zeros(len(pairs))
    np.add.at(unknown, of, unknown_of_parts(net, edge, begin, end))
    row, over_way, over_m = metres_over(net, strides.square, strides.xy, strides.corner_xy)
    np.add.at(unknown, strides.route[row], over_m * net.way_unknown[over_way])
    geometry = _draw(net, traced, strides)
    columns: dict[str, Any] = {
        "origin_id": homes["id"].to_numpy()[origin],
        "facility_id": pairs["facility_id"].to_numpy(),
        "distance_m": np.where(found, metres, np.nan),
        "distance_high_m": no_less(high, metres),
        "length_m": np.where(found, length, np.nan),
        "unknown_share": unknown_shares(unknown, np.where(found, length, np.nan)),
        "status": np.array(STATUS, object)[status],
        "bench_gap_m": np.full(len(pairs), np.nan),
    }
    benches = net.bench_lonlat if bench_lonlat is None else bench_lonlat
    if benches is not None:
        columns["bench_gap_m"] = np.where(found, bench_gaps(net, geometry, length, benches), np.nan)
    columns |= count_encounters(
        net,
        RouteParts(
            of, edge, begin, end, np.where(found, length, np.nan),
            (strides.route[row], over_way, over_m),
        ),
    )  # fmt: skip
    geometry[~found] = None
    frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=net.crs, index=pairs.index)
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


def _trace_all(
    net: WalkNetwork,
    home_access: Access,
    place_access: Access,
    origin: NDArray[np.int64],
    facility: NDArray[np.int64],
    *,
    access_legs: bool,
    progress: Progress,
) -> Traced:
    """Trace every route, facility by facility."""
    points, seeds = (
        home_access.counted(access_legs=access_legs),
        place_access.counted(access_legs=access_legs),
    )
    asked = np.flatnonzero(facility >= 0)
    by_place = asked[np.argsort(facility[asked], kind="stable")]
    wanted, first = np.unique(facility[by_place], return_index=True)
    first = np.append(first, len(by_place))

    def task(which: NDArray[np.int64], workspace: Workspace) -> tuple[NDArray[Any], ...]:
        start = first[which[0] : which[-1] + 2]
        result: tuple[NDArray[Any], ...] = tracing.trace(
            net.toward,
            seeds,
            wanted[which],
            points,
            start - start[0],
            origin[by_place[start[0] : start[-1]]],
            workspace.dist,
        )
        return result

    metres = np.full(len(origin), np.inf)
    joins = np.full((len(origin), 2), -1, np.int64)
    size = np.zeros(len(origin), np.int64)
    chunks = []
    for which, (chunk_metres, chunk_joins, part_start, edge, begin, end) in run_chunks(
        net, task, np.arange(len(wanted)), progress=progress, message="routes"
    ):
        rows = by_place[first[which[0]] : first[which[-1] + 1]]
        metres[rows], joins[rows], size[rows] = chunk_metres, chunk_joins, np.diff(part_start)
        chunks.append((np.repeat(rows, np.diff(part_start)), edge, begin, end))
    chunks.append((np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0), np.empty(0)))
    of, edge, begin, end = (np.concatenate(column) for column in zip(*chunks, strict=True))
    order = np.argsort(of, kind="stable")
    start = np.concatenate([[0], np.cumsum(size)])
    return Traced(metres, start, edge[order], begin[order], end[order], joins)


def _draw(net: WalkNetwork, traced: Traced, strides: Strides) -> NDArray[np.object_]:
    """Draw one line per route; an empty one where both ends join the network at the same point."""
    start = traced.start
    xy, at = draw_parts(net, traced.edge, traced.begin, traced.end)
    of = np.repeat(np.repeat(np.arange(len(start) - 1), np.diff(start)), np.diff(at))
    of, xy = _with_ends(strides, of, xy)
    again = np.zeros(len(xy), bool)
    again[1:] = (of[1:] == of[:-1]) & (xy[1:] == xy[:-1]).all(axis=1)
    xy, of = xy[~again], of[~again]
    several = np.bincount(of, minlength=len(start) - 1)[of] > 1
    xy, of = xy[several], of[several]
    lines = np.full(len(start) - 1, shapely.LineString(), object)
    drawn, first = np.unique(of, return_index=True)
    lines[drawn] = shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING, xy, (np.append(first, len(of)),)
    )
    return lines


def _with_ends(
    strides: Strides, of: NDArray[np.int64], xy: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Put the ends that lie on squares before and behind the points of routes; ``of`` says whose each point is."""
    side = np.where(strides.last, 1, -1)
    rank = np.concatenate([2 * side, side, np.zeros(len(of), np.int64)])
    of = np.concatenate([strides.route, strides.route, of])
    order = np.lexsort((rank, of))
    return of[order], np.concatenate([strides.xy, strides.corner_xy, xy])[order]
