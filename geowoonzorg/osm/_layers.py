"""Streets or private ground as one reads them: with numbers of their own for the nodes along them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Geod

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.osm._selection import Selected


@dataclass(frozen=True)
class Layer:
    """Streets or private ground, with numbers of their own for the nodes along them.

    ``used`` are the nodes of the file that they have, ``node_id`` their ids, ascending, and ``way_node``
    which of these each ref is.
    """

    ways: Selected
    used: NDArray[np.bool_]
    node_id: NDArray[np.int64]
    way_node: NDArray[np.int32]
    private: bool

    def branches(self) -> NDArray[np.int64]:
        """Count the ways on from each node."""
        start = self.ways.refs.start
        ends = self.way_node[np.concatenate([start[:-1], start[1:] - 1])]
        n = len(self.node_id)
        return 2 * np.bincount(self.way_node, minlength=n) - np.bincount(ends, minlength=n)

    def find(
        self, osm_id: NDArray[np.int64], wanted: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find its nodes, ascending, among wanted ones."""
        at = np.searchsorted(self.node_id, osm_id)
        row = np.flatnonzero(wanted & (at < len(self.node_id)))
        row = row[self.node_id[at[row]] == osm_id[row]]
        row = row[np.argsort(at[row])]
        return at[row], row


def number_nodes(ways: Selected, *, private: bool = False) -> Layer:
    """Give the nodes along some ways numbers of their own.

    Parameters
    ----------
    ways
        Streets or private ground, no way without a node of the file.
    private
        Whether they are private ground.

    Returns
    -------
    Layer
        Numbered by the ids of the nodes.
    """
    used = np.zeros(len(ways.refs.nodes.id), bool)
    used[ways.refs.row] = True
    way_node = (np.cumsum(used, dtype=np.int32) - 1)[ways.refs.row]
    return Layer(ways, used, ways.refs.nodes.id[used], way_node, private)


def street_metres(ways: Selected) -> float:
    """Add up the metres on the ground of ways.

    Parameters
    ----------
    ways
        The ways.

    Returns
    -------
    float
        Metres.
    """
    lonlat = ways.refs.nodes.lonlat[ways.refs.row]
    inside = np.ones(max(len(lonlat) - 1, 0), bool)
    inside[ways.refs.start[1:-1] - 1] = False
    ends = np.column_stack([lonlat[:-1], lonlat[1:]])[inside]
    return float(Geod(ellps="WGS84").inv(*ends.T)[2].sum()) if len(ends) else 0.0
