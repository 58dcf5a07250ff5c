"""What one meets on a route: steps, kerbs, crossings, slopes and benches, and how much of it nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg._jit import unchangeable
from geowoonzorg.walk.kernels import edge_parts
from geowoonzorg.walk.kernels.benches import longest_gaps
from geowoonzorg.walk.line_layers import project

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.network import WalkNetwork

#: A bench this near the route is on it (m).
BENCH_M = 15.0
#: A level change above this stops people (m): Bouwbesluit 4.27.
KERB_M = 0.02
#: Kerbs that are no obstacle whatever their height.
FLAT_KERBS = ("no", "flush", "lowered")
#: The attributes of which the unknown share is reported.
REPORTED = ("surface", "smoothness", "width_m", "incline_pct")


class RouteParts(NamedTuple):
    """Routes as parts of edges in walking order.

    ``route`` ascends and says whose each part is; ``edge``, ``begin`` and ``end`` are the part
    (metres from the edge's u); ``length`` is the length of each route (m), NaN where there is none.
    ``over`` are the ways over squares beside these: route, row of ``way_attributes`` and metres.
    """

    route: NDArray[np.int64]
    edge: NDArray[np.int32]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    length: NDArray[np.float64]
    over: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]] | None = None


class _Passed(NamedTuple):
    """What routes pass: per straight segment its route, way and metres; per described point its route and row."""

    on: NDArray[np.int64]
    way: NDArray[np.int32]
    metres: NDArray[np.float64]
    by: NDArray[np.int64]
    feature: NDArray[np.int32]


def bench_gaps(
    net: WalkNetwork,
    start: NDArray[np.int64],
    xy: NDArray[np.float64],
    length: NDArray[np.float64],
    bench_lonlat: ArrayLike,
) -> NDArray[np.float64]:
    """Measure the longest stretch without a bench on every route.

    Parameters
    ----------
    net
        The network.
    start, xy
        The routes as drawn: line ``i`` is ``xy[start[i]:start[i + 1]]``, without points twice in a row (m).
    length
        Their metres on the network, shape (n,) (m).
    bench_lonlat
        Benches, shape (n_benches, 2), in degrees (WGS 84); one within 15 m of a route is on it.

    Returns
    -------
    numpy.ndarray
        The longest stretch, its ends being the route's or a bench, shape (n,) (m).

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> line = np.array([(190_000.0, 500_000.0), (190_100.0, 500_000.0)])
    >>> bench_gaps(net, np.array([0, 2]), line, np.array([100.0]), np.empty((0, 2))).tolist()
    [100.0]
    """
    benches = project(np.asarray(bench_lonlat, np.float64).reshape(-1, 2), "EPSG:4326", net.crs)
    benches = benches[np.argsort(benches[:, 0], kind="stable")]
    found: NDArray[np.float64] = longest_gaps(
        start, xy, length, benches[:, 0].copy(), benches[:, 1].copy(), BENCH_M
    )
    return found


def count_encounters(net: WalkNetwork, parts: RouteParts) -> dict[str, Any]:
    """Add up what routes meet.

    Parameters
    ----------
    net
        The network, which keeps what is known of its ways and of points on them.
    parts
        The routes.

    Returns
    -------
    dict of str to array
        ``steps_count`` (flights), ``steps_m``; ``kerbs_high`` (over 2 cm), ``kerbs_unknown``;
        ``crossings``; ``steepest_pct`` (either way); ``<attribute>_unknown_share`` of the metres.
        Each of length n, missing where not known at all.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> parts = RouteParts(np.array([0]), np.zeros(1, np.int32), np.zeros(1), np.array([60.0]), np.array([60.0]))
    >>> count_encounters(net, parts)["surface_unknown_share"].tolist()
    [1.0]
    """
    begin, end = unchangeable(parts.begin), unchangeable(parts.end)
    most = int(
        edge_parts.part_sizes(net.vertex_start, net.vertex_offset_m, parts.edge, begin, end).sum()
    )
    part, segment, metres, vertex_part, vertex = edge_parts.passed(
        net.vertex_start, net.vertex_offset_m, parts.edge, parts.begin, parts.end, most
    )
    feature = net.vertex_feature[vertex]
    described = feature >= 0
    on, way = parts.route[part], net.segment_way[segment]
    if parts.over is not None:
        over_on, over_way, over_m = parts.over
        on, way = np.append(on, over_on), np.append(way, over_way)
        metres = np.append(metres, over_m)
    passed = _Passed(on, way, metres, parts.route[vertex_part][described], feature[described])
    return {
        **_meet_steps(net, passed, parts.length),
        **_meet_points(net, passed, parts.length),
        "steepest_pct": _steepest(net, passed, len(parts.length)),
        **{f"{name}_unknown_share": _unknown(net, passed, parts.length, name) for name in REPORTED},
    }


def _of_ways(net: WalkNetwork, way: NDArray[np.int32], name: str) -> pd.Series[Any] | None:
    """Look an attribute of ways up, missing where the way is not known; None where no way has it."""
    if name not in net.way_attributes.columns:
        return None
    return net.way_attributes[name].reindex(way)


def _meet_steps(
    net: WalkNetwork, passed: _Passed, length: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    """Count flights of steps, each a run of segments, and their metres."""
    n, steps = len(length), _of_ways(net, passed.way, "steps")
    if steps is None:
        return {
            "steps_count": _whole(np.zeros(n), np.full(n, np.nan)),
            "steps_m": np.full(n, np.nan),
        }
    climb = (steps == True).to_numpy()  # noqa: E712 - missing is not a flight
    begins = climb.copy()
    begins[1:] &= ~climb[:-1] | (passed.on[1:] != passed.on[:-1])
    return {
        "steps_count": _whole(np.bincount(passed.on[begins], minlength=n), length),
        "steps_m": np.bincount(passed.on, weights=passed.metres * climb, minlength=n) + 0 * length,
    }


def _meet_points(
    net: WalkNetwork, passed: _Passed, length: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    """Count high kerbs, kerbs of unknown height, and crossings; missing where the network tells of no points."""
    points = net.node_attributes.iloc[passed.feature].reset_index(drop=True)

    def count(column: str, *, here: NDArray[np.bool_] | None) -> dict[str, NDArray[Any]]:
        if here is None:
            return {column: _whole(np.zeros(len(length)), np.full(len(length), np.nan))}
        return {column: _whole(np.bincount(passed.by[here], minlength=len(length)), length)}

    high = unknown = crossing = None
    if "kerb_height_m" in points.columns:
        high = (points["kerb_height_m"] > KERB_M).to_numpy()
    if {"kerb", "kerb_height_m"} <= set(points.columns):
        kerb = points["kerb"].astype(object)
        raised = kerb.notna() & ~kerb.isin(FLAT_KERBS)
        unknown = (raised & points["kerb_height_m"].isna()).to_numpy()
    if "crossing" in points.columns:
        kind = points["crossing"].astype(object)
        crossing = (kind.notna() & (kind != "no")).to_numpy()
    return (
        count("kerbs_high", here=high)
        | count("kerbs_unknown", here=unknown)
        | count("crossings", here=crossing)
    )


def _steepest(net: WalkNetwork, passed: _Passed, n: int) -> NDArray[np.float64]:
    """Find the steepest slope that is known (%), up or down; NaN where none is."""
    steepest, slope = np.full(n, np.nan), _of_ways(net, passed.way, "incline_pct")
    if slope is not None:
        np.fmax.at(steepest, passed.on, slope.abs().to_numpy(np.float64))
    return steepest


def _unknown(
    net: WalkNetwork, passed: _Passed, length: NDArray[np.float64], name: str
) -> NDArray[np.float64]:
    """Give the share of the metres whose attribute is unknown; NaN for a route without length."""
    values = _of_ways(net, passed.way, name)
    unknown = np.ones(len(passed.on)) if values is None else values.isna().to_numpy(np.float64)
    metres = np.bincount(passed.on, weights=passed.metres * unknown, minlength=len(length))
    return np.divide(metres, length, out=np.full(len(length), np.nan), where=length > 0)


def _whole(numbers: NDArray[Any], known: NDArray[np.float64]) -> Any:  # noqa: ANN401 - a pandas array
    """Give whole numbers, missing where ``known`` is NaN."""
    return pd.array(np.where(np.isnan(known), np.nan, numbers), dtype="Int64")
