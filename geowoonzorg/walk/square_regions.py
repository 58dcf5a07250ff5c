"""The ground of squares within walking distance, and what the ground outside must know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geowoonzorg.walk.kernels.search import Seeds
from geowoonzorg.walk.outlooks import look_out, sources_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geowoonzorg.walk.crossing import Spots
    from geowoonzorg.walk.network import WalkNetwork
    from geowoonzorg.walk.outlooks import Reached, Sources
    from geowoonzorg.walk.square_views import Views

#: A quarter of a circle is drawn in so many steps: it is 4 cm too narrow at most at 500 m.
_QUARTER = 64
#: Ground that differs by less than this is the same (m²).
_SAME_M2 = 1e-4
#: A walk over the square to its outline counts where it is shorter by this (m).
_SHORTER_M = 1e-3
#: Places whose squares are looked at in one go.
_PLACES = 16


def seeds_along(
    net: WalkNetwork, seeds: Seeds, spots: Spots, reached: Reached, limit_m: float, step_m: float
) -> Seeds:
    """Let places also join the outlines of squares where a walk over the square comes to them first.

    Parameters
    ----------
    net
        The network.
    seeds
        Where the places join it.
    spots
        Where they stand on squares, with the legs that count.
    reached
        The nodes within the limit of each place.
    limit_m
        The limit (m).
    step_m
        How far apart the outline is looked at (m).

    Returns
    -------
    Seeds
        The seeds, and one at every step where the walk over the square is shorter than along the outline;
        ascending by edge and offset within a place.
    """
    sample_piece, share, sample_start = _samples(net, step_m)
    n_places = len(seeds.start) - 1
    own_place = np.repeat(np.arange(n_places), np.diff(seeds.start))
    found = [(own_place, seeds.edge, seeds.offset, seeds.access)]
    for first in range(0, n_places, _PLACES):
        last = min(first + _PLACES, n_places)
        own = spots.of(np.arange(first, last))
        here = reached.of(first, last)
        sources = sources_of(net, here, own)
        seen = look_out(net, net.outlooks, sources, own)
        size = np.diff(sample_start)[seen.piece]
        row = np.repeat(np.arange(len(size)), size)
        sample = np.repeat(sample_start[seen.piece] - (np.cumsum(size) - size), size)
        sample = sample + np.arange(size.sum())
        near = (share[sample] >= seen.begin[row] - 1e-9) & (share[sample] <= seen.end[row] + 1e-9)
        row, sample = seen.row[row[near]], sample[near]
        line = net.outline.xy[sample_piece[sample]]
        xy = line[:, :2] + share[sample][:, None] * (line[:, 2:] - line[:, :2])
        metres = sources.metres[row] + net.scale.lengths(sources.xy[row], xy)
        place = sources.place[row]
        order = np.lexsort((metres, sample, place))
        order = order[metres[order] <= limit_m]
        fresh = np.ones(len(order), bool)
        fresh[1:] = (np.diff(place[order]) != 0) | (np.diff(sample[order]) != 0)
        place, sample, metres = (column[order[fresh]] for column in (place, sample, metres))
        piece = sample_piece[sample]
        edge, (low, high) = net.outline.edge[piece], net.outline.span_m[piece].T
        offset = low + share[sample] * (high - low)
        shorter = metres < _along(net, here, place, edge, offset) - _SHORTER_M
        found.append((place[shorter] + first, edge[shorter], offset[shorter], metres[shorter]))
    place, edge, offset, metres = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((metres, offset, edge, place))
    start = np.searchsorted(place[order], np.arange(n_places + 1)).astype(np.int64)
    return Seeds(start, edge[order].astype(np.int32), offset[order], metres[order])


def _samples(
    net: WalkNetwork, step_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Choose places on the outlines: the piece and the share of it for each, and where those of each piece start.

    A way that crosses a square is none: who comes along it steps on the square at nodes only.
    """
    outline = net.outline
    long = np.hypot(*(outline.xy[:, 2:] - outline.xy[:, :2]).T)
    square = np.repeat(np.arange(len(net.squares.way)), np.diff(outline.start))
    own = net.edge_square[outline.edge] == square
    size = np.where(own, np.ceil(long / step_m).astype(np.int64) + 1, 0)
    start = np.append(0, np.cumsum(size))
    piece = np.repeat(np.arange(len(size)), size)
    share = (np.arange(start[-1]) - start[piece]) / np.maximum(size[piece] - 1, 1)
    return piece, share, start


def _along(
    net: WalkNetwork,
    reached: Reached,
    place: NDArray[np.int64],
    edge: NDArray[np.int32],
    offset: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Measure from points on edges to places by the ends of the edge (m); inf where those are out of reach."""
    n_nodes = len(net.node_xy)
    code = np.repeat(np.arange(len(reached.start) - 1), np.diff(reached.start)) * n_nodes
    code = code + reached.node
    order = np.argsort(code)
    code, metres = code[order], np.append(reached.metres[order], np.inf)
    best = np.full(len(place), np.inf)
    for end, rest in enumerate((offset, net.edge_length_m[edge] - offset)):
        wanted = place * n_nodes + net.edge_node[edge, end]
        at = np.searchsorted(code, wanted)
        there = np.append(code, -1)[at] == wanted
        best = np.minimum(best, np.where(there, metres[at], np.inf) + rest)
    return best


def ground_within(
    net: WalkNetwork,
    views: Views,
    sources: Sources,
    spots: Spots,
    limits: NDArray[np.float64],
) -> dict[int, list[BaseGeometry]]:
    """Draw the ground of squares from which one place is within walking distance.

    Parameters
    ----------
    net
        The network.
    views
        What corners see.
    sources
        Where walks from the place come on squares, its own ``spots`` first.
    spots
        Those.
    limits
        Limits (m).

    Returns
    -------
    dict
        Per square, one geometry for each limit.
    """
    drawn = views.of(sources, spots)
    found: dict[int, list[BaseGeometry]] = {}
    for square in np.unique(sources.square).tolist():
        rows = np.flatnonzero(sources.square == square)
        rows = rows[np.argsort(sources.metres[rows], kind="stable")]
        whole = net.square_areas[square]
        scale = float(net.scale.lengths(sources.xy[rows[:1]], sources.xy[rows[:1]] + [1.0, 0.0])[0])
        found[square] = [
            _within(whole, [drawn[k] for k in rows], sources.rows(rows), limit, scale)
            for limit in limits.tolist()
        ]
    return found


def _within(
    whole: BaseGeometry, views: list[BaseGeometry], sources: Sources, limit: float, scale: float
) -> BaseGeometry:
    """Draw what lies within a limit of sources on one square, the nearest source first."""
    parts: list[BaseGeometry] = []
    for view, xy, walked in zip(views, sources.xy, sources.metres.tolist(), strict=True):
        radius = (limit - walked) / scale
        if radius <= 0.0:
            break
        if shapely.hausdorff_distance(shapely.Point(xy), view) > radius:
            circle = shapely.buffer(shapely.Point(xy), radius, quad_segs=_QUARTER)
            view = shapely.intersection(view, circle)  # noqa: PLW2901
        parts.append(view)
        if whole.area - view.area < _SAME_M2:
            return whole
    ground = shapely.union_all(parts)
    return whole if whole.area - ground.area < _SAME_M2 else ground


def put_ground(
    net: WalkNetwork, drawn: BaseGeometry, ground: dict[int, BaseGeometry], speck_m2: float
) -> BaseGeometry:
    """Replace what was drawn on squares by the ground of them that is within reach.

    Parameters
    ----------
    net
        The network.
    drawn
        An area, drawn as if all ground belonged to its nearest street.
    ground
        Per square, what of it is within reach.
    speck_m2
        Parts and holes smaller than this are left out (m²).

    Returns
    -------
    shapely.Geometry
        A Polygon or a MultiPolygon.
    """
    touched = net.square_tree.query(drawn, predicate="intersects")
    squares = sorted({*touched[net.open_squares[touched]].tolist(), *ground})
    if not squares:
        return drawn
    if not drawn.is_valid:  # what is drawn by cells may cross itself at a corner
        drawn = shapely.make_valid(drawn)
    outside = shapely.difference(drawn, shapely.union_all(net.square_areas[squares]))
    area = shapely.union_all([outside, *ground.values()])
    rings = [
        (ring, hole > 0)
        for part in shapely.get_parts(area)
        if shapely.get_dimensions(part) == 2 and part.area >= speck_m2  # noqa: PLR2004 - a surface
        for hole, ring in enumerate(shapely.get_rings(part))
    ]
    parts: list[list[BaseGeometry]] = []
    for ring, is_hole in rings:
        if not is_hole:
            parts.append([ring])
        elif shapely.Polygon(ring).area >= speck_m2:
            parts[-1].append(ring)
    polygons = [shapely.Polygon(shell, holes) for shell, *holes in parts]
    if not polygons:
        return shapely.Polygon()
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
