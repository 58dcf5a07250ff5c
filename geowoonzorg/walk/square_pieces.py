"""Squares as drawn and the ground that those make which share a side: which of them a way over it crosses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geowoonzorg.walk.squares import Squares, areas_of, as_complex, no_squares, rings_of, starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is nearer to each other than this is the same place (m).
_NEAR_M = 1e-6


class Pieces(NamedTuple):
    """Squares as drawn, without corners, and the ground of which each is a part, shape (n_drawn,)."""

    drawn: Squares
    square: NDArray[np.int32]


def no_pieces() -> Pieces:
    """Give the pieces of a network without squares.

    Returns
    -------
    Pieces
        None.

    Examples
    --------
    >>> len(no_pieces().square)
    0
    """
    return Pieces(no_squares(), np.empty(0, np.int32))


class SquaresLeft(NamedTuple):
    """Squares of a network that stay, with its nodes at their corners; as drawn; the square of each of its edges."""

    squares: Squares
    pieces: Pieces
    edge_square: NDArray[np.int32]


class Stretches(NamedTuple):
    """Straight ways as stretches over squares as drawn: row of the way, shares of it, row of ``way_attributes``."""

    row: NDArray[np.int64]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    way: NDArray[np.int32]


def stretches_over(
    pieces: Pieces,
    square: NDArray[np.int64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> Stretches:
    """Tell which squares, as drawn, straight ways over squares cross.

    Parameters
    ----------
    pieces
        The squares as drawn.
    square
        The square that each way crosses, -1 for none, shape (n,).
    start, end
        Where it begins and ends, shape (n, 2) (m).

    Returns
    -------
    Stretches
        By way, and then in the order walked; a way without metres has one. Where squares as drawn lie over each
        other it is the first of them.

    Examples
    --------
    >>> stretches_over(no_pieces(), np.array([-1]), np.zeros((1, 2)), np.ones((1, 2))).way.tolist()
    [-1]
    """
    n = len(square)
    size = np.bincount(pieces.square, minlength=int(square.max(initial=-1)) + 1)
    first = np.zeros(len(size), np.int64)
    first[pieces.square[::-1]] = np.arange(len(pieces.square))[::-1]
    of = np.where(square >= 0, np.append(first, 0)[square], -1)
    row, begin, stop = np.arange(n), np.zeros(n), np.ones(n)
    shared = np.flatnonzero((square >= 0) & (np.append(size, 0)[square] > 1))
    if len(shared):
        areas = areas_of(pieces.drawn)
        row, begin, stop, of = [np.delete(a, shared) for a in (row, begin, stop, of)]
        found = [(row, begin, stop, of)]
        for s in np.unique(square[shared]).tolist():
            own, rows = np.flatnonzero(pieces.square == s), shared[square[shared] == s]
            which, *shares, piece = _cut(areas[own], start[rows], end[rows])
            found.append((rows[which], *shares, own[piece]))
        row, begin, stop, of = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.lexsort((begin, row))
        row, begin, stop, of = row[order], begin[order], stop[order], of[order]
    way = np.append(pieces.drawn.way, np.int32(-1))[of]
    return Stretches(row, begin, stop, way.astype(np.int32))


def _cut(
    areas: NDArray[np.object_], start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Cut straight ways where they come from one area into another: way, shares, and the first area of each."""
    long = np.hypot(*(end - start).T)
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    tree = shapely.STRtree(areas)
    line, area = tree.query(lines, predicate="intersects")
    cuts = shapely.intersection(lines[line], shapely.boundary(areas[area]))
    xy, of = shapely.get_coordinates(cuts, return_index=True)
    line = line[of]
    off = np.hypot(*(xy - start[line]).T)
    share = np.divide(off, long[line], out=np.zeros(len(off)), where=long[line] > 0.0)
    n = len(lines)
    line = np.concatenate([line, np.arange(n), np.arange(n)])
    share = np.concatenate([np.clip(share, 0.0, 1.0), np.zeros(n), np.ones(n)])
    order = np.lexsort((share, line))
    line, share = line[order], share[order]
    same = (line[1:] == line[:-1]) & ((share[1:] - share[:-1]) * long[line[1:]] > _NEAR_M)
    row, begin, stop = line[:-1][same], share[:-1][same], share[1:][same]
    none = np.setdiff1d(np.arange(n), row)  # too short to have stretches
    row = np.append(row, none)
    begin, stop = np.append(begin, np.zeros(len(none))), np.append(stop, np.ones(len(none)))
    middle = start[row] + ((begin + stop) / 2)[:, None] * (end - start)[row]
    at, near = tree.query_nearest(shapely.points(middle), all_matches=True)
    piece = np.full(len(row), len(areas))
    np.minimum.at(piece, at, near)
    # one stretch for each area that is crossed at once, without holes between them
    order = np.lexsort((begin, row))
    row, begin, stop, piece = row[order], begin[order], stop[order], piece[order]
    fresh = np.ones(len(row), bool)
    fresh[1:] = (row[1:] != row[:-1]) | (piece[1:] != piece[:-1])
    first = np.flatnonzero(fresh)
    head = np.append(True, row[first][1:] != row[first][:-1])
    begin = np.where(head, 0.0, begin[first])
    stop = np.append(np.where(head[1:], 1.0, begin[1:]), 1.0)
    return row[first], begin, stop, piece[first]


def share_a_side(drawn: Squares) -> NDArray[np.int64]:
    """Find which squares hang together by sides; private ground and streets never do.

    Parameters
    ----------
    drawn
        The squares as drawn.

    Returns
    -------
    numpy.ndarray
        For each the number of what it is a part of, by the first of its squares, shape (n_squares,).

    Examples
    --------
    >>> share_a_side(no_squares()).tolist()
    []
    """
    group = list(range(len(drawn.way)))

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    inner = np.ones(len(drawn.xy), bool)
    inner[drawn.ring_start[1:] - 1] = False
    at = np.flatnonzero(inner)
    where = as_complex(drawn.xy)
    sides = np.sort(np.column_stack([where[at], where[np.minimum(at + 1, len(where) - 1)]]), axis=1)
    square = np.searchsorted(drawn.ring_start[drawn.start], at, side="right") - 1
    owner: dict[tuple[complex, complex, int], int] = {}
    layer = drawn.layer[square].tolist()
    for (a, b), on, i in zip(sides.tolist(), layer, square.tolist(), strict=True):
        low, high = sorted((root(i), root(owner.setdefault((a, b, on), i))))
        group[high] = low
    return np.unique([root(i) for i in group], return_inverse=True)[1].astype(np.int64)


def unite(drawn: Squares) -> tuple[Squares, NDArray[np.int64]]:
    """Make one ground of the squares that share a side: nothing keeps a walker from crossing it.

    Parameters
    ----------
    drawn
        The squares as drawn; their corners are not looked at.

    Returns
    -------
    squares : Squares
        The ground, without corners; ``way`` is that of the first that was drawn.
    square : numpy.ndarray
        For every square as drawn which ground it is a part of, shape (n_drawn,).

    Examples
    --------
    >>> len(unite(no_squares())[0].way)
    0
    """
    part = share_a_side(drawn)
    areas = areas_of(drawn)
    rings: list[NDArray[np.float64]] = []
    n_rings, way, layer = [], [], []
    for number in range(int(part.max(initial=-1)) + 1):
        members = np.flatnonzero(part == number)
        if len(members) == 1:
            first = drawn.ring_start[drawn.start[members[0]] : drawn.start[members[0] + 1] + 1]
            own = np.split(drawn.xy[first[0] : first[-1]], first[1:-1] - first[0])
        else:
            own = rings_of(shapely.union_all(areas[members]))
        rings += own
        n_rings.append(len(own))
        way.append(drawn.way[members[0]])
        layer.append(drawn.layer[members[0]])
    return no_squares()._replace(
        start=starts(n_rings), ring_start=starts([len(ring) for ring in rings]),
        xy=np.concatenate([np.empty((0, 2)), *rings]), corner_start=starts([0] * len(way)),
        way=np.array(way, np.int32), layer=np.array(layer, np.int8),
    ), part  # fmt: skip
