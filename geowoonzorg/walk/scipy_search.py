"""Where numba is missing: the search from all places at once by scipy, whose loops are compiled too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.kernels.multi_source import Labels
    from geowoonzorg.walk.kernels.search import Graph, Seeds


def minimum_matrix(
    row: NDArray[np.int64], column: NDArray[np.int64], metres: NDArray[np.float64], n: int
) -> csr_array:
    """Make a matrix with the *least* of the lengths given for a cell, which scipy itself would add up.

    Parameters
    ----------
    row, column
        From and to, shape (m,).
    metres
        Lengths, shape (m,) (m); inf is no connection, 0 is one.
    n
        How many rows and columns.

    Returns
    -------
    scipy.sparse.csr_array
        Shape (n, n) (m).

    Examples
    --------
    >>> zero = np.zeros(2, int)
    >>> minimum_matrix(zero, zero + 1, np.array([70.0, 50.0]), 2).data.tolist()
    [50.0]
    """
    order = np.lexsort([metres, column, row])
    order = order[np.isfinite(metres[order])]
    row, column, metres = row[order], column[order], metres[order]
    first = np.ones(len(row), bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    start = np.searchsorted(row[first], np.arange(n + 1))
    return csr_array(
        (metres[first], column[first].astype(np.int32), start.astype(np.int32)), shape=(n, n)
    )


def label_nodes(graph: Graph, seeds: Seeds, limit: float, labels: Labels) -> None:
    """Give every node its metres to the nearest place, and that place's seed, in ``labels``.

    Parameters
    ----------
    graph
        The graph, read toward the places.
    seeds
        Where the places join it; each becomes a node of its own for scipy.
    limit
        The limit, inclusive (m); inf for none.
    labels
        Empty labels, which are filled.
    """
    n_nodes, n_seeds = len(labels.dist), len(seeds.edge)
    labels.dist.fill(np.inf)
    if not n_seeds:
        return
    from_node = np.repeat(np.arange(n_nodes), np.diff(graph.start))
    rows, columns, metres = (
        [from_node],
        [graph.half["node"].astype(np.int64)],
        [graph.half["length"]],
    )
    rest = graph.edge_length[seeds.edge] - seeds.offset
    for end, along, open_ in ((0, seeds.offset, graph.to_u), (1, rest, graph.to_v)):
        rows.append(n_nodes + np.arange(n_seeds))
        columns.append(graph.edge_node[seeds.edge, end].astype(np.int64))
        metres.append(np.where(open_[seeds.edge] | (along == 0.0), seeds.access + along, np.inf))
    matrix = minimum_matrix(
        np.concatenate(rows), np.concatenate(columns), np.concatenate(metres), n_nodes + n_seeds
    )
    dist, _, source = dijkstra(
        matrix,
        indices=n_nodes + np.arange(n_seeds),
        min_only=True,
        limit=limit,
        return_predecessors=True,
    )
    labels.dist[:] = dist[:n_nodes]
    labels.seed[:] = np.where(np.isfinite(dist[:n_nodes]), source[:n_nodes] - n_nodes, -1)
