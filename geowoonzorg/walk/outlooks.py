"""What is seen over squares of their outlines, and which metres of these a walk over the square reaches."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.walk.assembly import WAY_IN
from geowoonzorg.walk.kernels import bending, visibility
from geowoonzorg.walk.kernels.grid import segments_in_boxes
from geowoonzorg.walk.snapping import offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.arrays import NetworkArrays
    from geowoonzorg.walk.crossing import Spots

#: A piece of a street on a square that is shorter is a touch (m).
_SHORTEST_M = 1e-6
#: Walks that differ by less are equally long (m).
_TIE_M = 1e-6
#: How the scale is looked at, and by how much it may differ over one square (a share).
_UNIT_STEPS, _SCALE_DRIFT = np.array([[1.0, 0.0], [0.7, 0.7], [0.0, 1.0], [0.7, -0.7]]), 1e-3
#: Steps by which the end of a reach is brought to the metres on the ground (Newton).
_STEPS = 2


class Outline(NamedTuple):
    """The straight pieces of street on squares, by square: along their outline, and of ways that cross them.

    ``start`` (n_squares + 1,) points into ``xy``, shape (n, 4), x and y of both ends; ``edge``, and ``span_m``,
    shape (n, 2), where both ends are along it; of private squares the outline is private ground on the way out.
    ``on_edge`` and ``on_square`` list which streets are on which squares, by street; ``metres`` (n_squares,) adds
    these streets up.
    """

    start: NDArray[np.int64]
    xy: NDArray[np.float64]
    edge: NDArray[np.int32]
    span_m: NDArray[np.float64]
    on_edge: NDArray[np.int64]
    on_square: NDArray[np.int64]
    metres: NDArray[np.float64]


def outline_of(net: NetworkArrays) -> Outline:
    """List the straight pieces of street on the squares of a network.

    Parameters
    ----------
    net
        The network.

    Returns
    -------
    Outline
        The pieces. Bridges and tunnels lie above or below a square, not on it.
    """
    n = len(net.squares.way)
    edge = np.flatnonzero(net.edge_square[: net.n_streets + net.n_private] >= 0)
    size = np.diff(net.vertex_start)[edge] - 1
    first = np.cumsum(size) - size
    vertex = np.repeat(net.vertex_start[edge] - first, size) + np.arange(size.sum())
    square = net.edge_square[np.repeat(edge, size)].astype(np.int64)
    xy = np.column_stack([net.vertex_xy[vertex], net.vertex_xy[vertex + 1]])
    inner_square, inner, inner_xy = _crossing_pieces(net)
    square, vertex = np.append(square, inner_square), np.append(vertex, inner)
    xy = np.concatenate([xy, inner_xy])
    order = np.argsort(square, kind="stable")
    square, vertex, xy = square[order], vertex[order], xy[order].reshape(-1, 4)
    of = np.searchsorted(net.vertex_start, vertex, side="right") - 1
    span = np.column_stack([offsets_of(net, vertex, end) for end in (xy[:, :2], xy[:, 2:])])
    pairs = np.column_stack([of, square])[of < net.n_streets]
    on_edge, on_square = np.unique(pairs, axis=0).reshape(-1, 2).T
    metres = np.zeros(n)
    np.add.at(metres, on_square, net.edge_length_m[on_edge])
    start = np.searchsorted(square, np.arange(n + 1)).astype(np.int64)
    return Outline(start, xy, of.astype(np.int32), span, on_edge, on_square, metres)


def _crossing_pieces(
    net: NetworkArrays,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """List the pieces of street in squares that are none of their outline: square, first vertex, and both ends."""
    areas = net.square_areas
    box, segment = segments_in_boxes(
        net.grid, np.ascontiguousarray(shapely.bounds(areas).reshape(-1, 4))
    )
    segment = np.where(segment < 0, -1 - segment, segment).astype(np.int64)
    edge = np.searchsorted(net.vertex_start, segment, side="right") - 1
    level = _is_level(net, segment)
    kept = (edge < net.n_streets) & (net.edge_square[edge] != box) & level
    kept &= net.squares.layer[box] != WAY_IN  # nobody's walk starts there
    pairs = np.unique(np.column_stack([box[kept], segment[kept]]), axis=0).reshape(-1, 2)
    box, segment = pairs[:, 0].astype(np.int64), pairs[:, 1]
    lines = shapely.linestrings(
        np.stack([net.vertex_xy[segment], net.vertex_xy[segment + 1]], axis=1)
    )
    parts, of = shapely.get_parts(shapely.intersection(lines, areas[box]), return_index=True)
    long = shapely.length(parts) > _SHORTEST_M
    parts, of = parts[long], of[long]
    ends = shapely.get_coordinates([*shapely.get_point(parts, 0), *shapely.get_point(parts, -1)])
    first, last = ends[: len(parts)], ends[len(parts) :]
    begin = net.vertex_xy[segment[of]]
    turned = ((last - first) * (net.vertex_xy[segment[of] + 1] - begin)).sum(axis=1) < 0.0
    first[turned], last[turned] = last[turned], first[turned].copy()
    return box[of], segment[of], np.column_stack([first, last])


def _is_level(net: NetworkArrays, segment: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which pieces of street are no bridge and no tunnel."""
    level, way = np.ones(len(segment), bool), net.segment_way[segment]
    for name in ("bridge", "tunnel"):
        if name in net.way_attributes.columns:
            said = net.way_attributes[name].astype(object).to_numpy()
            raised = np.array([isinstance(word, str) and word != "no" for word in said], bool)
            level &= ~(raised[way] & (way >= 0))
    return level


class Stretches(NamedTuple):
    """Stretches of the outline that are seen: row of who sees, piece of the outline, and shares of it."""

    row: NDArray[np.int64]
    piece: NDArray[np.int64]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]


class Outlooks:
    """What the corners of squares see of lines on them, looked for when it is asked for first.

    Parameters
    ----------
    net
        The network.
    start, xy
        Lines of each square, shape (n_squares + 1,) into (n, 4) (m).
    """

    def __init__(
        self, net: NetworkArrays, start: NDArray[np.int64], xy: NDArray[np.float64]
    ) -> None:
        self._net, self._start, self._xy = net, start, xy
        self._facing = _sides_of(net, start, xy)
        n = len(net.squares.corner_node)
        self._known = np.zeros(len(start) - 1, bool)
        self._first, self._size = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self._seen = Stretches(*(np.empty(0, np.int64),) * 2, *(np.empty(0),) * 2)
        self._angles = np.empty((0, 2))  # under which both ends of each are seen
        self._lock = threading.Lock()

    def _learn(self, squares: NDArray[np.int64]) -> None:
        """Look for what is not known yet."""
        new = np.unique(squares[~self._known[squares]])
        if not len(new):
            return
        corners = self._net.squares.corner_start
        corner = np.concatenate([np.arange(corners[s], corners[s + 1]) for s in new])
        square = np.repeat(new, corners[new + 1] - corners[new])
        xy = self._net.ground.corner_xy[corner]
        row, *seen = self._survey(square, xy, corner)
        added = Stretches(corner[row], *seen)
        away = [(end - xy[row]).T for end in self.ends(added)]
        size = np.bincount(row, minlength=len(corner))
        self._first[corner] = len(self._seen.row) + np.cumsum(size) - size
        self._size[corner] = size
        self._seen = Stretches(*(np.append(a, b) for a, b in zip(self._seen, added, strict=True)))
        angles = np.column_stack([np.arctan2(y, x) for x, y in away])
        self._angles = np.concatenate([self._angles, angles])
        self._known[new] = True

    def ends(self, seen: Stretches) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give where stretches begin and end, each of shape (n, 2) (m)."""
        line = self._xy[seen.piece]
        begin, end = (
            line[:, :2] + share[:, None] * (line[:, 2:] - line[:, :2])
            for share in (seen.begin, seen.end)
        )
        return begin, end

    def of_corners(
        self, corner: NDArray[np.int64], square: NDArray[np.int64], came: NDArray[np.float64]
    ) -> Stretches:
        """Give what corners of squares see that a walk bends to that ``came`` there from a place, NaN for nowhere.

        ``row`` is the row of the corner as given.
        """
        ground = self._net.ground
        # of who comes from nowhere to a corner at which one only bends not all that is seen is known
        odd = np.isnan(came[:, 0]) & ground.bends[corner] & ~ground.free[corner]
        asked = np.flatnonzero(~odd)
        k = corner[asked]
        with self._lock:
            self._learn(square[asked])
            first, size, seen, angles = self._first, self._size, self._seen, self._angles
        row, at = bending.behind_corners(
            first[k],
            size[k],
            angles,
            ground.corner_xy[k],
            came[asked],
            ground.before[k],
            ground.after[k],
        )
        known = Stretches(asked[row], seen.piece[at], seen.begin[at], seen.end[at])
        if not odd.any():
            return known
        rest = np.flatnonzero(odd)
        row, *more = self._survey(square[rest], ground.corner_xy[corner[rest]])
        merged = [np.append(a, b) for a, b in zip(known, (rest[row], *more), strict=True)]
        order = np.argsort(merged[0], kind="stable")
        return Stretches(*(column[order] for column in merged))

    def of_spots(self, spots: Spots) -> Stretches:
        """Give what spots see; ``row`` is the row of the spot."""
        return Stretches(*self._survey(spots.square, spots.xy))

    def _survey(
        self,
        square: NDArray[np.int64],
        xy: NDArray[np.float64],
        corner: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[Any], ...]:
        """Find what places see, or corners of what a walk may go on to there."""
        corner = np.full(len(square), -1) if corner is None else corner
        found: tuple[NDArray[Any], ...] = visibility.survey(
            self._net.ground,
            square,
            np.ascontiguousarray(xy),
            corner,
            self._start,
            self._xy,
            self._facing,
        )
        return found


def _sides_of(
    net: NetworkArrays, start: NDArray[np.int64], xy: NDArray[np.float64]
) -> NDArray[np.int8]:
    """Tell on which side alone of lines on squares the ground is: 1 left, -1 right; 0 where that is not told."""
    squares = net.squares
    inner = np.ones(len(squares.xy), bool)
    inner[squares.ring_start[1:] - 1] = False
    first = np.flatnonzero(inner)
    columns = ["square", "ax", "ay", "bx", "by"]
    of = np.searchsorted(squares.ring_start[squares.start], first, side="right") - 1
    last = np.minimum(first + 1, max(len(squares.xy) - 1, 0))
    sides = [of, *squares.xy[first].T, *squares.xy[last].T]
    lines = [np.repeat(np.arange(len(start) - 1), np.diff(start)), *xy.T]
    known, asked = (pd.DataFrame(dict(zip(columns, of, strict=True))) for of in (sides, lines))
    known = known.drop_duplicates()
    back = known.set_axis(["square", "bx", "by", "ax", "ay"], axis=1)
    there = [
        (asked.merge(one, how="left", on=columns, indicator=True)["_merge"] == "both").to_numpy()
        for one in (known, back)
    ]
    return there[0].astype(np.int8) - there[1].astype(np.int8)


class Reached(NamedTuple):
    """Nodes within reach of places (CSR) and how far each is (m)."""

    start: NDArray[np.int64]
    node: NDArray[np.int32]
    metres: NDArray[np.float64]

    def of(self, first: int, last: int) -> Reached:
        """Give those of some places that follow each other."""
        a, b = self.start[first], self.start[last]
        return Reached(self.start[first : last + 1] - a, self.node[a:b], self.metres[a:b])


class Sources(NamedTuple):
    """Where walks come on squares: whose they are, square, corner (-1 for a spot), where that is, metres walked."""

    place: NDArray[np.int64]
    square: NDArray[np.int64]
    corner: NDArray[np.int64]
    xy: NDArray[np.float64]
    metres: NDArray[np.float64]

    def rows(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Sources:
        """Select some rows."""
        columns: tuple[NDArray[Any], ...] = self
        return Sources(*(column[which] for column in columns))


def sources_of(net: NetworkArrays, reached: Reached, spots: Spots) -> Sources:
    """List the corners of squares that walks reach, and the spots where the places themselves stand.

    Parameters
    ----------
    net
        The network.
    reached
        The nodes within reach of each place.
    spots
        Where the places stand, numbered as those, with the legs that count.

    Returns
    -------
    Sources
        Spots first.
    """
    start, node, metres = reached
    corners = net.squares.corner_node
    order = np.argsort(corners, kind="stable")
    low, high = (
        np.searchsorted(corners, node, side=side, sorter=order) for side in ("left", "right")
    )
    hit = np.flatnonzero(high > low)
    size = (high - low)[hit]
    row = np.repeat(hit, size)
    corner = order[np.repeat(low[hit] - (np.cumsum(size) - size), size) + np.arange(size.sum())]
    square = np.searchsorted(net.squares.corner_start, corner, side="right") - 1
    place = np.searchsorted(start, row, side="right") - 1
    return Sources(
        np.append(spots.place, place), np.append(spots.square, square),
        np.append(np.full(len(spots.place), -1), corner),
        np.concatenate([spots.xy, net.ground.corner_xy[corner]]),
        np.append(spots.leg_m, metres[row]),
    )  # fmt: skip


def look_out(net: NetworkArrays, outlooks: Outlooks, sources: Sources, spots: Spots) -> Stretches:
    """Find what each source adds to what is seen.

    Parameters
    ----------
    net
        The network.
    outlooks
        What corners see.
    sources
        Where walks come on squares: all of them of each place on each square.
    spots
        The first of those.

    Returns
    -------
    Stretches
        By source, ``row`` its row. Nothing is seen less: a walk over the square that comes to a corner goes on from
        it only behind the corner, and what lies elsewhere is nearer another way.
    """
    n = len(spots.place)
    near = outlooks.of_spots(spots)
    came = _came_from(net, sources)[n:]
    far = outlooks.of_corners(sources.corner[n:], sources.square[n:], came)
    far = far._replace(row=far.row + n)
    return Stretches(*(np.append(a, b) for a, b in zip(near, far, strict=True)))


def _came_from(net: NetworkArrays, sources: Sources) -> NDArray[np.float64]:
    """Find for each source the last bend of a walk to it straight over the square; NaN for none."""
    found = np.full((len(sources.place), 2), np.nan)
    if not len(found):
        return found
    order = np.lexsort((sources.metres, sources.square, sources.place))
    xy, walked, square = sources.xy[order], sources.metres[order], sources.square[order]
    fresh = (np.diff(sources.place[order], prepend=-1) != 0) | (np.diff(square, prepend=-1) != 0)
    start = np.append(np.flatnonzero(fresh), len(order))
    steps = [net.scale.lengths(xy[start[:-1]], xy[start[:-1]] + step) for step in _UNIT_STEPS]
    one, other = bending.may_follow(
        xy,
        walked,
        start,
        np.min(steps) * (1.0 - _SCALE_DRIFT),
        np.max(steps) * (1.0 + _SCALE_DRIFT),
    )
    metres = net.scale.lengths(xy[other], xy[one])
    tight = np.abs(walked[other] + metres - walked[one]) <= _TIE_M
    one, other, metres = one[tight], other[tight], metres[tight]
    clear = visibility.see_each_other(
        net.ground, square[one], np.ascontiguousarray(xy[other]), np.ascontiguousarray(xy[one])
    )
    one, other, metres = one[clear], other[clear], metres[clear]
    last = np.lexsort((metres, one))
    last = last[np.flatnonzero(np.diff(one[last], prepend=-1))]
    found[order[one[last]]] = xy[other[last]]
    # where the outline touches itself a walk may bend either way
    corner = np.flatnonzero(sources.corner >= 0)
    found[corner[net.touching_corners[sources.corner[corner]]]] = np.nan
    return found


def chords(
    net: NetworkArrays,
    centre: NDArray[np.float64],
    radius_m: NDArray[np.float64],
    line: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find which part of a line lies within some metres of a place.

    Parameters
    ----------
    net
        The network.
    centre
        The places, shape (n, 2) (m).
    radius_m
        Metres on the ground, shape (n,).
    line
        x and y of both ends, shape (n, 4) (m).

    Returns
    -------
    first, last : numpy.ndarray
        Shares of the line, not bounded by its ends, shape (n,); NaN where it is further away.
    """
    first, way = line[:, :2], line[:, 2:] - line[:, :2]
    long = np.hypot(*way.T)
    unit = way / np.where(long > 0.0, long, 1.0)[:, None]
    scale = net.scale.lengths(centre, centre + unit)
    rel = first - centre
    along, square = (rel * way).sum(axis=1), (way * way).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        radius = np.where(radius_m >= 0.0, radius_m / scale, np.nan)
        off = (rel * rel).sum(axis=1) - along * along / square
        half = np.sqrt(radius * radius - off) / long
        ends = [-along / square - half, -along / square + half]
        for _ in range(_STEPS):
            for k, share in enumerate(ends):
                at = first + share[:, None] * way
                away = at - centre
                slope = scale * (away * way).sum(axis=1) / np.hypot(*away.T)
                known = np.isfinite(slope) & (np.abs(slope) > 1e-3 * long)
                miss = np.zeros(len(share))
                miss[known] = radius_m[known] - net.scale.lengths(centre[known], at[known])
                ends[k] = share + np.where(known, miss / np.where(known, slope, 1.0), 0.0)
    return ends[0], ends[1]
