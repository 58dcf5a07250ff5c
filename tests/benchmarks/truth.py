"""The exact answer the slow way: networkx over the raw segments of the file, none of the library's loops.

What is walked is the same (the library read the file); everything after that is done again here:
joining, cutting, searching, measuring.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import shapely
from scipy.spatial import cKDTree

from tests.benchmarks.measure import SkipError
from tests.reach_oracle import Oracle, ground_m

if TYPE_CHECKING:
    from tests.benchmarks.towns import Town

STEP_M = 2.0
#: Streets that any method can name lie within this of the place (m).
AROUND_M = 900.0


@dataclass
class Truth:
    """Places, addresses and a point on every two metres of street, and who is within the limit of whom."""

    town: Town
    places: np.ndarray
    limit_m: float = 400.0

    def __post_init__(self) -> None:
        xy, segments = self.town.raw
        self.oracle = oracle = Oracle.of(xy, segments)
        if self.town.directed:
            raise SkipError("the exact answer here is for streets walkable both ways")
        self.segment, foot, self.leg = oracle.snap(self.places)
        self.graph = nx.Graph(oracle.split(self.segment, foot))
        self.at = _along(oracle, self.segment, foot)
        self._sample()

    def _sample(self) -> None:
        """Put a point in the middle of every piece of at most ``STEP_M`` of street."""
        metres = self.oracle.length
        count = np.maximum(np.ceil(metres / STEP_M).astype(int), 1)
        self.sample_segment = np.repeat(np.arange(len(metres)), count)
        number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        self.sample_share = (number + 0.5) / np.repeat(count, count)
        self.sample_m = np.repeat(metres / count, count)
        ends = self.oracle.xy[self.oracle.ends[self.sample_segment]]
        share = self.sample_share[:, None]
        self.sample_xy = ends[:, 0] * (1 - share) + ends[:, 1] * share
        tree = cKDTree(self.sample_xy)
        self.near = [np.sort(tree.query_ball_point(p, AROUND_M)) for p in self.places]

    def _read(self, node_m: np.ndarray, segment: np.ndarray, at_m: np.ndarray) -> np.ndarray:
        """Measure from points on segments to the nearest of their ends' distances."""
        ends, metres = self.oracle.ends[segment], self.oracle.length[segment]
        return np.minimum(node_m[ends[:, 0]] + at_m, node_m[ends[:, 1]] + metres - at_m)

    @cached_property
    def streets(self) -> list[np.ndarray]:
        """Of the samples near every place, which are within the limit of it."""
        return [self._street_within(place) for place in range(len(self.places))]

    def _street_within(self, place: int) -> np.ndarray:
        """Say which of the samples near a place are within the limit of it, shape (n_near,)."""
        rest = self.limit_m - self.leg[place]
        node_m = np.full(len(self.oracle.xy), np.inf)
        if rest >= 0:
            found = nx.single_source_dijkstra_path_length(self.graph, ("s", place), cutoff=rest)
            for node, metres in found.items():
                if not isinstance(node, tuple):
                    node_m[node] = metres
        near = self.near[place]
        segment = self.sample_segment[near]
        at_m = self.sample_share[near] * self.oracle.length[segment]
        walked = self._read(node_m, segment, at_m)
        own = segment == self.segment[place]
        walked[own] = np.minimum(walked[own], np.abs(at_m[own] - self.at[place]))
        return walked <= rest

    def nearest(self, xy: np.ndarray) -> np.ndarray:
        """Measure from points to the nearest place, legs and all; NaN where none is within the limit."""
        segment, foot, leg = self.oracle.snap(xy)
        graph = self.graph.copy()
        for i, metres in enumerate(self.leg):
            graph.add_edge("all", ("s", i), weight=float(metres))
        node_m = np.full(len(self.oracle.xy), np.inf)
        for node, metres in nx.single_source_dijkstra_path_length(
            graph, "all", cutoff=self.limit_m
        ).items():
            if isinstance(node, int):
                node_m[node] = metres
        at_m = _along(self.oracle, segment, foot)
        walked = self._read(node_m, segment, at_m)
        for place, own in enumerate(self.segment):
            here = np.flatnonzero(segment == own)
            direct = self.leg[place] + np.abs(at_m[here] - self.at[place])
            walked[here] = np.minimum(walked[here], direct)
        walked += leg
        return np.where((walked <= self.limit_m) & (leg <= 100.0), walked, np.nan)

    def compare_streets(self, areas: np.ndarray) -> tuple[float, float]:
        """Give recall and precision, in metres of street, of one geometry per place."""
        both = found = true = 0.0
        shapely.prepare(areas)
        for place, area in enumerate(areas):
            near = self.near[place]
            metres, points = self.sample_m[near], shapely.points(self.sample_xy[near])
            named = (
                shapely.dwithin(area, points, 1e-5)
                if area is not None
                else np.zeros(len(near), bool)
            )
            right = self.streets[place]
            both += metres[named & right].sum()
            found += metres[named].sum()
            true += metres[right].sum()
        return both / true, both / found if found else np.nan


def _along(oracle: Oracle, segment: np.ndarray, foot: np.ndarray) -> np.ndarray:
    """Give the ground metres of points on segments from the segments' first ends."""
    return ground_m(oracle.xy[oracle.ends[segment, 0]], foot)


def wrong_side(mine: np.ndarray, true: np.ndarray) -> float:
    """Give the share of points on the wrong side of the limit, of those that either answer puts within it."""
    return float((mine ^ true).sum() / max((mine | true).sum(), 1))
