"""The street metres within walking distance: cut out of the edges, and drawn along their true line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geowoonzorg._jit import unchangeable
from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.chunks import run_chunks, spatial_order
from geowoonzorg.walk.crossing import no_spots
from geowoonzorg.walk.kernels import cutting, edge_parts
from geowoonzorg.walk.outline_parts import Parts, add_outlines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geowoonzorg.walk.crossing import Spots
    from geowoonzorg.walk.kernels.search import Seeds, Workspace
    from geowoonzorg.walk.network import WalkNetwork

#: Areas cut in one go: their parts stay in the processor's cache until they are handed on.
AREAS_AT_ONCE = 512


def cut_streets(
    net: WalkNetwork,
    seeds: Seeds,
    limits: NDArray[np.float64],
    *,
    spots: Spots | None = None,
    progress: Progress = silent,
) -> Iterator[
    tuple[
        NDArray[np.int64],
        NDArray[np.int64],
        NDArray[np.int32],
        NDArray[np.float64],
        NDArray[np.float64],
    ]
]:
    """Cut out the street metres from which each place is within each limit, each metre once.

    Parameters
    ----------
    net
        The network.
    seeds
        Where the places join it.
    limits
        Ascending limits, inclusive, shape (n_limits,) (m).
    spots
        Where the places stand on squares, with the legs that count.
    progress
        Hears how far the work is.

    Yields
    ------
    area : numpy.ndarray
        Some areas, as place × n_limits + index of the limit; in all, each area of a place that joins.
    start : numpy.ndarray
        Where the parts of each of these areas start, one longer than ``area``.
    edge : numpy.ndarray
        The edge of each part.
    begin_m, end_m : numpy.ndarray
        Where on the edge the part begins and ends (m from u).

    Notes
    -----
    An edge is cut from both its ends at what remains of the limit there; where the two reaches meet
    it is whole. The edge a place stands on is also covered from the place itself, and the outline of a
    square from wherever it is seen over the square. Private ground and sight lines over squares count in
    the distance, but are no street and left out.

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> shop = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([200.0]), np.array([10.0]))
    >>> area, start, edge, begin_m, end_m = next(cut_streets(net, shop, np.array([50.0])))
    >>> begin_m.tolist(), end_m.tolist()
    ([160.0], [240.0])
    """
    graph, n_limits = net.toward, len(limits)
    standing = no_spots() if spots is None else spots

    def task(places: NDArray[np.int64], workspace: Workspace) -> tuple[NDArray[Any], ...]:
        start, *parts = cutting.cut_edges(graph, seeds, places, limits, workspace)
        street = parts[0] < net.n_streets
        start = np.append(0, np.cumsum(street))[start]
        cut = [column[street] for column in parts]
        if len(net.squares.way):
            area = np.repeat(np.arange(len(start) - 1), np.diff(start))
            area, *cut = add_outlines(
                net, seeds, standing, places, limits, Parts(area, *cut), workspace
            )
            start = np.searchsorted(area, np.arange(len(start)))
        return start, *cut

    for places, (start, edge, begin, end) in run_chunks(
        net,
        task,
        spatial_order(seeds),
        progress=progress,
        message="service areas",
        most=max(1, AREAS_AT_ONCE // n_limits),
    ):
        area = (places[:, None] * n_limits + np.arange(n_limits)).ravel()
        yield area, start, edge, begin, end


def draw_parts(
    net: WalkNetwork,
    edge: NDArray[np.int32],
    begin_m: NDArray[np.float64],
    end_m: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Follow the true line of edges from one cut to another, either way round.

    Parameters
    ----------
    net
        The network.
    edge
        The edge of each part, shape (n,).
    begin_m, end_m
        Where it begins and ends (m from u).

    Returns
    -------
    xy : numpy.ndarray
        Coordinates of all parts (m).
    at : numpy.ndarray
        Where each part starts in them, shape (n + 1,).

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> xy, at = draw_parts(net, np.zeros(1, np.int32), np.array([0.0]), np.array([500.0]))
    >>> xy.round().tolist(), at.tolist()
    ([[190000.0, 500000.0], [190500.0, 500000.0]], [0, 2])
    """
    begin_m, end_m = unchangeable(begin_m), unchangeable(end_m)
    sizes = edge_parts.part_sizes(net.vertex_start, net.vertex_offset_m, edge, begin_m, end_m)
    at = np.concatenate([[0], np.cumsum(sizes)])
    xy = edge_parts.part_coordinates(
        net.vertex_start, net.vertex_offset_m, net.vertex_xy, edge, begin_m, end_m, at,
        net.scale.coefficients, net.scale.frame,
    )  # fmt: skip
    return xy, at
