"""Walks that begin and end on private ground, the slow way: every plot and the streets searched apart by networkx."""

from __future__ import annotations

from dataclasses import dataclass, field

import networkx as nx
import numpy as np
import pandas as pd
import pyproj
import shapely
from reach_oracle import Oracle, ground_m

from geowoonzorg.osm import Walkways
from geowoonzorg.walk.line_layers import project
from geowoonzorg.walk.network import WalkNetwork

RD = "EPSG:28992"
TO_DEGREES = pyproj.Transformer.from_crs(RD, "EPSG:4326", always_xy=True)


def walkways(lonlat, segments, forward, backward):
    """Each segment as a way of its own; only the nodes it needs, by their number."""
    node_id, way_node = np.unique(segments, return_inverse=True)
    n = len(segments)
    return Walkways(
        node_id=node_id.astype(np.int64),
        lonlat=lonlat[node_id],
        way_start=np.arange(0, 2 * n + 1, 2),
        way_node=way_node.ravel().astype(np.int32),
        way_id=np.arange(n),
        forward=np.asarray(forward, bool),
        backward=np.asarray(backward, bool),
        node_cut=np.zeros(len(node_id), bool),
        way_attributes=pd.DataFrame({"steps": np.zeros(n, bool)}),
        node_attributes=pd.DataFrame(index=pd.Index([], dtype="int64")),
    )


@dataclass
class Plots:
    """Streets and private ground as raw segments between points they share.

    ``copies`` holds, for a street cut at a barrier that private ground is not cut at, the points of the
    street and of the private ground.
    """

    xy: np.ndarray
    street: Oracle
    plot: Oracle
    copies: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def build(cls, xy, segments, private, forward=None, backward=None):
        """Make the network, and the oracle for it from the very same coordinates."""
        segments, private = np.asarray(segments), np.asarray(private, bool)
        forward, backward = (
            np.ones(len(segments), bool) if way is None else np.asarray(way, bool)
            for way in (forward, backward)
        )
        lonlat = np.column_stack(TO_DEGREES.transform(*np.asarray(xy, float).T))
        ways, oracles = [], []
        same = project(lonlat, "EPSG:4326", RD)
        for part in (~private, private):
            chosen = segments[part], forward[part], backward[part]
            ways.append(walkways(lonlat, *chosen))
            oracles.append(Oracle.of(same, *chosen))
        return WalkNetwork.from_walkways(ways[0], private_ways=ways[1]), cls(same, *oracles)

    def __post_init__(self):
        on_main = {n for s in self.street.main for n in self.street.segments[s]}
        self.gates: dict[int, set[tuple[int, int]]] = {}
        for street, plot in [*((node, node) for node in self.plot.component), *self.copies]:
            if street in on_main:
                self.gates.setdefault(self.plot.component[plot], set()).add((street, plot))
        self.usable = np.array(
            [
                s
                for s, (a, _) in enumerate(self.plot.segments)
                if self.plot.component[a] in self.gates
            ],
            int,
        )

    def snap(self, points):
        """Whether each point stands on private ground; segment, foot and leg; and whether that is a close call."""
        private, segment, feet, close = [], [], [], []
        for point in points:
            p = shapely.Point(point)
            found = []
            for oracle, among in ((self.street, self.street.main), (self.plot, self.usable)):
                away = shapely.distance(oracle.lines[among], p)
                if not len(away):
                    found.append((np.inf, -1, point))
                    continue
                s = among[away.argmin()]
                foot = shapely.get_coordinates(shapely.shortest_line(oracle.lines[s], p))[0]
                found.append((away.min(), s, foot))
            (near, s, foot), (near_plot, s_plot, foot_plot) = found
            tie = abs(near - near_plot) < 1e-6
            is_private = bool(near_plot < near and not tie)
            close.append(tie and np.hypot(*(foot - foot_plot)) > 1e-6)
            private.append(is_private)
            segment.append(s_plot if is_private else s)
            feet.append(foot_plot if is_private else foot)
        feet = np.array(feet).reshape(-1, 2)
        return np.array(private), np.array(segment), feet, ground_m(feet, points), np.array(close)

    def distances(self, origins, facilities, cutoff=None):
        """Metres from every origin to every facility (n_origins, n_facilities); inf where there is no way."""
        points = np.concatenate([origins, facilities])
        private, segment, foot, leg, _ = self.snap(points)
        graphs, name = [], {}
        for oracle, chosen in ((self.street, ~private), (self.plot, private)):
            here = np.flatnonzero(chosen)
            graphs.append(oracle.split(segment[here], foot[here]))
            name |= {int(i): ("s", k) for k, i in enumerate(here)}
        streets, plots = (graph.reverse() for graph in graphs)
        gates = sorted(set().union(*self.gates.values()))
        leaving = {
            i: nx.single_source_dijkstra_path_length(graphs[1], name[i])
            for i in range(len(origins))
            if private[i]
        }
        out = np.full((len(origins), len(facilities)), np.inf)
        for j in range(len(facilities)):
            at = len(origins) + j
            inside = {}
            if private[at]:
                inside = nx.single_source_dijkstra_path_length(plots, name[at])
                doors = [
                    (("door",), street, inside[plot]) for street, plot in gates if plot in inside
                ]
            else:
                doors = [(("door",), name[at], 0.0)]
            graph = streets.copy() if cutoff is None else streets
            graph.add_node(("door",))
            graph.add_weighted_edges_from(doors)
            reached = nx.single_source_dijkstra_path_length(graph, ("door",), cutoff=cutoff)
            graph.remove_node(("door",))
            for i in range(len(origins)):
                if not private[i]:
                    metres = reached.get(name[i], np.inf)
                else:
                    out_of = leaving[i]
                    ways = [
                        out_of[plot] + reached.get(street, np.inf)
                        for street, plot in gates
                        if plot in out_of
                    ]
                    if private[at]:
                        ways.append(inside.get(name[i], np.inf))
                    metres = min(ways, default=np.inf)
                out[i, j] = leg[i] + metres + leg[at]
        return out
