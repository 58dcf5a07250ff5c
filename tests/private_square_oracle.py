"""Walks that begin or end on private squares, the slow way: streets and private ground searched apart."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import shapely
from square_oracle import Oracle

#: Streets and private ground that are as near as this are equally near (m).
TIE_M = 1e-6
#: Who is further away joins nothing (m).
FARTHEST_M = 100.0


class TwoGrounds:
    """Walking distances in a plan: at most one piece of private ground at either end, and what is public between."""

    def __init__(self, plan):
        public = [rings for k, rings in enumerate(plan.squares) if k not in plan.private]
        private = [rings for k, rings in enumerate(plan.squares) if k in plan.private]
        self.public = Oracle(replace(plan, squares=public, private=set()))
        self.plots = Oracle(replace(plan, squares=private, streets=plan.drives, private=set()))
        self.gates = sorted(set(self.public.graph) & set(self.plots.graph))

    def stands(self, xy):
        """On which grounds a place stands, or joins: the public one, the private one."""
        point = shapely.Point(xy)
        on = [oracle.ground.dwithin(point, TIE_M) for oracle in (self.public, self.plots)]
        near, near_plot = (
            shapely.distance(oracle.lines, point).min() for oracle in (self.public, self.plots)
        )
        if any(on):
            return on[0] or near <= TIE_M, on[1]
        return near <= near_plot + TIE_M, near_plot < near - TIE_M

    def leg(self, xy):
        """Straight metres from a place to its foot."""
        return min(
            oracle.leg(xy)
            for oracle, here in zip((self.public, self.plots), self.stands(xy), strict=True)
            if here
        )

    def _from(self, name, xy):
        """Metres from a place over the ground that it stands on: public, private; empty where it is not there."""
        found = []
        for oracle, here in zip((self.public, self.plots), self.stands(xy), strict=True):
            if not here:
                found.append({})
                continue
            leg = oracle.add(name, xy)
            found.append((leg, name) if leg <= FARTHEST_M else {})
        return found

    def metres(self, origins, facilities):
        """Walking distances between places, shape (n_origins, n_facilities); inf where there is no way."""
        joined = {}
        for kind, places in (("o", origins), ("f", facilities)):
            for i, xy in enumerate(places):
                joined[kind, i] = self._from((kind, i), xy)
        reach = {
            name: [
                {node: leg + metres for node, metres in _lengths(oracle, own[1]).items()}
                if own and (leg := own[0]) is not None
                else {}
                for oracle, own in zip((self.public, self.plots), both, strict=True)
            ]
            for name, both in joined.items()
        }
        between = {gate: _lengths(self.public, gate) for gate in self.gates}
        out = np.full((len(origins), len(facilities)), np.inf)
        for i in range(len(origins)):
            public, plot = reach["o", i]
            doors = [(gate, plot[gate]) for gate in self.gates if gate in plot]
            for j in range(len(facilities)):
                (leg, plot_leg), (there, plot_there) = (
                    [own[0] if own else np.inf for own in joined["f", j]],
                    reach["f", j],
                )
                ways = [public.get(("f", j), np.inf) + leg, plot.get(("f", j), np.inf) + plot_leg]
                ways += [m + there.get(gate, np.inf) for gate, m in doors]
                for gate in self.gates:
                    if gate in plot_there:
                        ways.append(public.get(gate, np.inf) + plot_there[gate])
                        ways += [
                            m + between[door].get(gate, np.inf) + plot_there[gate]
                            for door, m in doors
                        ]
                out[i, j] = min(ways)
        return out


def _lengths(oracle, node):
    return nx.single_source_dijkstra_path_length(oracle.graph, node)
