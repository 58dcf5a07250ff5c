"""Polygons: how long one takes, and whether it can contradict a distance."""

from __future__ import annotations

import numpy as np
import shapely

from tests.benchmarks import engine
from tests.benchmarks.measure import Row, interleave, one_core, show
from tests.benchmarks.towns import layer, near_streets, seeds_of, town

LIMIT_M = 400.0
#: Cell (m) → most milliseconds an area may take, and least IoU with the rule on a 1 m grid.
AIMS = {5.0: (2.0, 0.98), 2.5: (6.0, 0.99)}
N_TIMED, N_GRIDS, N_PLACES, N_POINTS = 500, 20, 200, 100_000


def measure() -> None:
    """Print the section."""
    place = town()
    net = place.net
    seeds = seeds_of(net, near_streets(net, N_TIMED, seed=1))
    xy = near_streets(net, N_PLACES, seed=5)
    asked = seeds_of(net, xy)
    rule = _rule(net, xy[:: N_PLACES // N_GRIDS])
    near = _points_near(xy)
    rows = []
    for cell_m, (most_ms, least_iou) in AIMS.items():

        def draw(cell_m: float = cell_m) -> np.ndarray:
            return engine.reach_polygons(net, seeds, limit_m=LIMIT_M, cell_m=cell_m)

        both = interleave({"all": draw}, repeats=3)["all"]
        with one_core():
            one = interleave({"one": draw}, repeats=9)["one"]
        valid = int((~shapely.is_valid(both.result)).sum())
        rows += [
            Row(
                f"{cell_m:g} m cells, processor time on one core", one.cpu_s, N_TIMED, "area",
                error=f"{valid} of {N_TIMED} not valid", aim=f"< {most_ms:g} ms, valid",
                met=one.cpu_s / N_TIMED * 1000 < most_ms and not valid,
            ),
            Row(f"{cell_m:g} m cells, on the clock with all cores", both.wall_s, N_TIMED, "area"),
        ]  # fmt: skip
        areas = engine.reach_polygons(net, asked, limit_m=LIMIT_M, cell_m=cell_m)
        iou = _iou(areas[:: N_PLACES // N_GRIDS], rule)
        rows.append(Row(
            f"{cell_m:g} m cells, {N_GRIDS} areas against the rule on a 1 m grid",
            error=f"IoU {iou.mean():.4f}, least {iou.min():.4f}", aim=f"IoU ≥ {least_iou}",
            met=iou.mean() >= least_iou,
        ))  # fmt: skip
        share, furthest_m = _contradictions(net, xy, near, areas)
        diagonal_m = cell_m * 2**0.5
        rows.append(Row(
            f"{cell_m:g} m cells, {N_POINTS:,} places near them against nearest()",
            error=f"{share:.3%} on another side, at most {furthest_m:.2f} m from the border",
            aim=f"≤ 1 %, ≤ {diagonal_m:.2f} m", met=share <= 0.01 and furthest_m <= diagonal_m,
        ))  # fmt: skip
    show(f"polygons: {LIMIT_M:g} m in {place.name}", rows)


def _rule(net, xy: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Ask for the own walking distance of the middle of every square metre around each place."""
    found = []
    for at in xy:
        axis = np.arange(-LIMIT_M - 20.5, LIMIT_M + 21.0)
        grid = np.stack(
            np.meshgrid(np.floor(at[0]) + axis, np.floor(at[1]) + axis), axis=-1
        ).reshape(-1, 2)
        found.append((grid, walked(net, grid, at) <= LIMIT_M))
    return found


def walked(net, xy: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Measure from points to one place by the rule of `nearest`: leg, network, leg (m); inf without a street."""
    seeds = seeds_of(net, place[None])
    _, node, metres = engine.search_within(net, seeds, LIMIT_M)
    node_m = np.full(len(net.node_xy), np.inf)
    node_m[node] = metres
    snap = net.snap(xy)
    edge = np.maximum(snap.edge, 0)
    ends, length = net.edge_node[edge], net.edge_length_m[edge]
    on = snap.offset_m
    out = snap.access_m + np.minimum(
        np.where(net.edge_backward[edge], node_m[ends[:, 0]] + on, np.inf),
        np.where(net.edge_forward[edge], node_m[ends[:, 1]] + length - on, np.inf),
    )
    own = np.flatnonzero(edge == seeds.edge[0])
    for i in own:
        direct, _ = engine.along_edge(net.toward, seeds, 0, edge[i], on[i])
        out[i] = min(out[i], snap.access_m[i] + direct)
    return np.where(snap.status == 0, out, np.inf)


def _iou(areas: np.ndarray, rule: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    out = []
    for area, (grid, within) in zip(areas, rule, strict=True):
        shapely.prepare(area)
        inside = shapely.contains_xy(area, grid)
        out.append((inside & within).sum() / (inside | within).sum())
    return np.array(out)


def _points_near(xy: np.ndarray) -> np.ndarray:
    """Choose places at random in the square around each place that its area can reach, (n, m, 2)."""
    rng = np.random.default_rng(6)
    n = N_POINTS // len(xy)
    return xy[:, None] + rng.uniform(-LIMIT_M, LIMIT_M, (len(xy), n, 2))


def _contradictions(
    net, xy: np.ndarray, near: np.ndarray, areas: np.ndarray
) -> tuple[float, float]:
    """Say which share of places is on another side than `nearest` says, and how far from the border they are."""
    wrong, furthest_m = 0, 0.0
    for at, points, area in zip(xy, near, areas, strict=True):
        walks = engine.nearest(net, layer(points), layer(at[None]), limit_m=LIMIT_M)
        within = walks["distance_m"].notna().to_numpy()
        shapely.prepare(area)
        other = within != shapely.intersects_xy(area, points)
        wrong += int(other.sum())
        if other.any():
            away = shapely.distance(shapely.boundary(area), shapely.points(points[other]))
            furthest_m = max(furthest_m, float(away.max()))
    return wrong / near[..., 0].size, furthest_m
