"""Private ground at either end of a walk: beside the streets, once to leave by and once to come in by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geowoonzorg.walk.assembly import (
    GATE,
    LAYERS,
    WAY_IN,
    WAY_OUT,
    Segments,
    assemble,
    find_components,
)
from geowoonzorg.walk.kernels import compression
from geowoonzorg.walk.square_laying import Laid, joined_nodes, lay_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.square_plan import Plan

#: What every layer has of its own, but for where its edges' vertices start.
_STACKED = (
    "node_xy", "edge_node", "edge_length_m", "edge_forward", "edge_backward",
    "edge_square", "vertex_xy", "vertex_offset_m", "segment_way", "vertex_feature",
)  # fmt: skip


class Private(NamedTuple):
    """Private ground before it has been joined into edges, which end wherever it meets a street.

    ``meets`` is its point that each point of the streets is, or -1; ``plan`` are the squares among it, if any.
    """

    segments: Segments
    meets: NDArray[np.int64]
    plan: Plan | None = None


def add_private(
    streets: dict[str, Any],
    street_point: NDArray[np.int64],
    private: Private,
    squares: Plan | None = None,
) -> tuple[dict[str, Any], list[Laid], dict[str, int]]:
    """Add the private ground that hangs on the streets, so that no walk can pass through it.

    Parameters
    ----------
    streets
        The streets, as `assemble` gives them; they end wherever they meet private ground.
    street_point
        The point of each of their nodes, shape (n_nodes,).
    private
        The private ground.
    squares
        Those of the streets, over which these hang together, if any.

    Returns
    -------
    core : dict
        Streets and private ground; the edges and nodes of the streets keep their numbers.
    laid : list of Laid
        Its squares, on the way out and on the way in; none by default.
    counts : dict
        How many plots (private ways that hang together) and gates there are, and the metres of private
        ground; the plots and metres left out because no gate leads to a street that is no island.

    Notes
    -----
    A walk may begin and end on private ground, and have none in between. So every plot is there twice:
    at its gates, edges without length lead from the *way out* to the streets, and from the streets to
    the *way in*. Who has come to a street can only enter the ground where the walk ends. An origin
    stands on the way out, and a facility on both, so that within a plot one is reached from the other
    without leaving it. The searches need to know nothing of it. A square is ground on both copies alike.

    Within a plot everything may be walked, also past the points where a public path crosses it.
    Driveways that meet in one point of a street are one plot.

    Examples
    --------
    >>> xy, both = np.array([[190_000.0, 500_000.0], [190_100.0, 500_000.0]]), np.ones(1, bool)
    >>> street = Segments.plain(xy, np.array([[0, 1]], np.int32), both, both)
    >>> core, _, point = assemble(street, "EPSG:28992")
    >>> drive = Segments.plain(xy + [100.0, 0.0], np.array([[0, 1]], np.int32), both, both)
    >>> core, _, counts = add_private(core, point, Private(drive, np.array([-1, 0])))
    >>> counts["metres"], core["edge_layer"].tolist(), core["edge_node"][1:].tolist()
    (100, [0, 1, 2, 3, 3], [[2, 3], [4, 5], [1, 2], [1, 4]])
    """
    names = ("plots", "gates", "metres", "plots_without_gate", "metres_without_gate")
    ways, meets, plan = private
    if not ((ways.a != ways.b) & (ways.forward | ways.backward)).any():
        return streets, [], dict.fromkeys(names, 0)
    plots, _, plot_point = assemble(ways, streets["scale"].crs, scale=streets["scale"])
    joined = joined_nodes(street_point, squares)
    street_node, plot_node = _gates(streets, meets[street_point], plot_point, joined)
    over = joined_nodes(plot_point, plan)
    root = compression.components(
        len(plot_point), np.concatenate([plots["edge_node"], over]).astype(np.int32)
    )
    open_ = np.isin(root, root[plot_node])
    kept, metres = open_[plots["edge_node"][:, 0]], plots["edge_length_m"]
    numbers = (
        len(np.unique(root[open_])), len(street_node), metres[kept].sum(),
        len(np.unique(root[~open_])), metres[~kept].sum(),
    )  # fmt: skip
    counts = {name: round(float(n)) for name, n in zip(names, numbers, strict=True)}
    rank = np.cumsum(open_) - 1
    plots = _select(plots, open_, kept) | {"edge_node": rank[plots["edge_node"][kept]]}
    laid, n_streets = [], len(streets["node_xy"])
    if plan is not None:
        point = plot_point[open_]
        copies = (n_streets, WAY_OUT), (n_streets + len(point), WAY_IN)
        laid = [lay_squares(plan, point, *copy) for copy in copies]
        counts["squares"] = len(laid[0].squares.way)
    return _stack(streets, plots, street_node, rank[plot_node]), laid, counts


def _gates(
    streets: dict[str, Any],
    meets: NDArray[np.int64],
    plot_point: NDArray[np.int64],
    joined: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the nodes of streets and of plots that meet: several of a street where a barrier cuts it there."""
    node = streets["edge_node"]
    _, _, island = find_components(len(meets), node, streets["edge_length_m"], joined)
    on_main = np.zeros(len(meets), bool)
    on_main[node[~island]] = True
    node_of = np.full(max(meets.max(), plot_point.max()) + 1, -1)
    node_of[plot_point] = np.arange(len(plot_point))
    street_node = np.flatnonzero(on_main & (meets >= 0))
    plot_node = node_of[meets[street_node]]
    return street_node[plot_node >= 0], plot_node[plot_node >= 0]


def _select(
    core: dict[str, Any], nodes: NDArray[np.bool_], edges: NDArray[np.bool_]
) -> dict[str, Any]:
    """Select some nodes and edges, with the edges' vertices."""
    sizes = np.diff(core["vertex_start"])
    vertices = np.repeat(edges, sizes)
    rows = {"node": nodes, "edge": edges, "vertex": vertices, "segment": vertices}
    selected = {name: core[name][rows[name.split("_")[0]]] for name in _STACKED}
    return selected | {"vertex_start": np.append(0, np.cumsum(sizes[edges]))}


def _stack(
    streets: dict[str, Any],
    plots: dict[str, Any],
    street_node: NDArray[np.int64],
    plot_node: NDArray[np.int64],
) -> dict[str, Any]:
    """Lay the streets, the ways out, the ways in and the gates behind each other."""
    n_streets, n_plots, n_gates = len(streets["node_xy"]), len(plots["node_xy"]), 2 * len(plot_node)
    out, back = np.column_stack([street_node, n_streets + plot_node]), np.array([0, n_plots])
    leads_out = np.arange(n_gates) < len(plot_node)
    gates = {
        "node_xy": np.empty((0, 2)),
        "edge_node": np.concatenate([out, out + back]),
        "edge_length_m": np.zeros(n_gates),
        "edge_forward": ~leads_out,
        "edge_backward": leads_out,
        "edge_square": np.full(n_gates, -1),
        "vertex_xy": np.tile(np.repeat(streets["node_xy"][street_node], 2, axis=0), (2, 1)),
        "vertex_offset_m": np.zeros(2 * n_gates),
        "segment_way": np.full(2 * n_gates, -1),
        "vertex_feature": np.full(2 * n_gates, -1),
    }
    ways = [plots | {"edge_node": plots["edge_node"] + n_streets + shift} for shift in (0, n_plots)]
    layers = [streets, *ways, gates]
    stacked = {
        name: np.concatenate([layer[name] for layer in layers]).astype(streets[name].dtype)
        for name in _STACKED
    }
    sizes = [*(np.diff(layer["vertex_start"]) for layer in layers[:-1]), np.full(n_gates, 2)]
    layer = np.repeat(
        np.array(LAYERS[: GATE + 1], np.int8), [len(each["edge_node"]) for each in layers]
    )
    return streets | stacked | {
        "vertex_start": np.append(0, np.cumsum(np.concatenate(sizes))), "edge_layer": layer,
    }  # fmt: skip
