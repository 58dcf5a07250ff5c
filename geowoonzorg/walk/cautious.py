"""The network that is left when what is not known of a way is taken at its class's cautious default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geowoonzorg.walk.arrays import select_edges
from geowoonzorg.walk.assembly import GATE, SIGHT, STREET, WAY_IN, WAY_OUT, complete
from geowoonzorg.walk.kernels import compression
from geowoonzorg.walk.square_parts import ground_left

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.arrays import NetworkArrays

#: What the cautious answer makes of an edge.
CLOSED, OPEN, ISLAND = range(3)
#: Stands for the network itself, where nothing closes.
SAME: Final[dict[str, Any]] = {}


def judge_edges(net: NetworkArrays) -> NDArray[np.int8]:
    """Say what the cautious answer makes of every edge.

    Parameters
    ----------
    net
        The network.

    Returns
    -------
    numpy.ndarray
        0 closed, 1 open, 2 open but an island among what is open, shape (n_edges,). Private ground of which
        no gate leads to a street that is open and no island is closed, as it is left out of the network itself.

    Notes
    -----
    An edge is open or closed as a whole: `osm_ways.split_ways` ends edges where that changes.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> judge_edges(WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])).tolist()
    [1]
    """
    if net.edge_cautious is not None:
        return net.edge_cautious
    kept = vars(net)  # a network never changes, and each of its parts asks again
    if "_judged" not in kept:
        kept["_judged"] = _judge(net)
        kept["_judged"].flags.writeable = False
    judged: NDArray[np.int8] = kept["_judged"]
    return judged


def _judge(net: NetworkArrays) -> NDArray[np.int8]:
    """Judge the edges of a whole network."""
    is_open, cut = _open_edges(net), _cut_nodes(net)
    state = np.where(net.edge_island, ISLAND, OPEN).astype(np.int8)
    if is_open.all() and not cut.any():
        return state
    layer, (edge_node, node_xy) = net.edge_layer, _split_nodes(net, cut)
    state = np.full(len(layer), CLOSED, np.int8)
    streets = np.flatnonzero(is_open & (layer == STREET))
    if not len(streets):
        return state
    on_private = np.isin(layer, (WAY_OUT, WAY_IN))
    on_private |= (layer == SIGHT) & np.append(net.squares.layer != STREET, False)[net.edge_square]
    sights = np.flatnonzero(
        is_open & (layer == SIGHT) & ~on_private
    )  # by which streets around a square hang together
    own = select_edges(net, np.append(streets, sights), edge_node=edge_node, node_xy=node_xy)
    state[streets] = np.where(complete(own)["edge_island"][: len(streets)], ISLAND, OPEN)
    state[sights] = OPEN
    plots = np.flatnonzero(is_open & on_private)
    gates = np.flatnonzero(layer == GATE)  # one at a point that stops people has nothing beside it
    joined, there = np.zeros(len(node_xy), bool), np.zeros(len(node_xy), bool)
    joined[edge_node[state == OPEN]] = True
    there[edge_node[plots]] = True
    gates = gates[joined[edge_node[gates, 0]] & there[edge_node[gates, 1]]]
    root = compression.components(len(node_xy), edge_node[plots].astype(np.int32))
    leads = np.zeros(len(node_xy), bool)
    leads[root[edge_node[gates, 1]]] = True
    state[plots[leads[root[edge_node[plots, 0]]]]] = OPEN
    state[gates] = OPEN
    return state


def cautious_fields(net: NetworkArrays) -> dict[str, Any] | None:
    """Make the network of what is open in the cautious answer.

    Parameters
    ----------
    net
        The network.

    Returns
    -------
    dict or None
        The fields of a network of its own, with ends wherever somebody cannot pass; `SAME` where it would be the
        network itself, None where nothing is open.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> cautious_fields(net) is SAME
    True
    """
    state, cut = judge_edges(net), _cut_nodes(net)
    stays = _open_ways(net)[net.pieces.drawn.way]
    if (
        not cut.any()
        and stays.all()
        and np.array_equal(state == ISLAND, net.edge_island)
        and (state != CLOSED).all()
    ):
        return SAME
    kept = np.flatnonzero(state != CLOSED)
    if not len(kept):
        return None
    edge_node, node_xy = _split_nodes(net, cut)
    left = ground_left(net, stays)
    core = select_edges(net, kept, edge_node=edge_node, node_xy=node_xy, left=left)
    core["edge_cautious"] = None
    core["node_attributes"] = net.node_attributes.drop(columns="cautious_cut", errors="ignore")
    return complete(core) | {"edge_island": state[kept] == ISLAND}


def _open_edges(net: NetworkArrays) -> NDArray[np.bool_]:
    """Tell which edges lie on ways that stay open; a way of which nothing is told does."""
    return np.logical_and.reduceat(_open_ways(net)[net.segment_way], net.vertex_start[:-1])


def _open_ways(net: NetworkArrays) -> NDArray[np.bool_]:
    """Tell which ways stay open, shape (n_ways + 1,); the last is no way, which does.

    Of a layer of lines nothing is told: there is no other answer than the one over all of its lines.
    """
    if "cautious" not in net.way_attributes.columns:
        return np.ones(len(net.way_attributes) + 1, bool)
    return np.append(net.way_attributes["cautious"].to_numpy(bool), True)


def _cut_nodes(net: NetworkArrays) -> NDArray[np.bool_]:
    """Tell at which nodes nobody passes."""
    cut = np.zeros(len(net.node_xy), bool)
    if "cautious_cut" in net.node_attributes.columns:
        stops = np.append(net.node_attributes["cautious_cut"].notna().to_numpy(), False)
        for side, vertex in enumerate((net.vertex_start[:-1], net.vertex_start[1:] - 1)):
            cut[net.edge_node[stops[net.vertex_feature[vertex]], side]] = True
    return cut


def _split_nodes(
    net: NetworkArrays, cut: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give every edge end at a node where nobody passes a node of its own; the order of nodes stays.

    Sight lines over one square share one: who walks round a corner of it passes nothing there.
    """
    n_ends = net.edge_node.size
    own = np.arange(1, n_ends + 1).reshape(-1, 2)
    sight = net.edge_layer == SIGHT
    own[sight] = n_ends + 1 + net.edge_square[sight][:, None]
    n_own = n_ends + 1 + len(net.squares.way)
    keys = net.edge_node.astype(np.int64) * n_own + own * cut[net.edge_node]
    nodes, number = np.unique(keys, return_inverse=True)
    return number.reshape(-1, 2), net.node_xy[nodes // n_own]
