"""From the outlines of OSM to the ground of squares and its corners."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geowoonzorg.messages import tell
from geowoonzorg.walk.square_pieces import Pieces, unite
from geowoonzorg.walk.squares import BENDS, FREE, Squares, as_complex, no_squares, rings_of, starts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

#: How many names a note gives.
_FIRST = 5


class Outline(NamedTuple):
    """One square as drawn: its name, its lines as points of the streets (-1: none of them) with their places (m)."""

    name: str
    points: list[NDArray[np.int64]]
    lines: list[NDArray[np.float64]]


class Plan(NamedTuple):
    """Squares before the streets have been joined into edges: corners are points of the streets, -1 for a new one.

    ``sides`` are the straight pieces of the outlines, shape (n, 2), places as complex numbers, and
    ``side_square`` the square of each. ``stops`` are the points where the streets, but nobody on the ground itself,
    may turn out to end.
    """

    squares: Squares
    pieces: Pieces
    corner_point: NDArray[np.int64]
    corner_xy: NDArray[np.float64]
    sides: NDArray[np.complex128]
    side_square: NDArray[np.int64]
    counts: dict[str, int]
    notes: tuple[str, ...]
    stops: NDArray[np.int64]


def plan_squares(
    outlines: list[Outline], way: NDArray[np.int32], is_entrance: Iterable[NDArray[np.bool_]]
) -> Plan:
    """Find the ground of squares and the corners at which a way over it may turn or leave it.

    Parameters
    ----------
    outlines
        The squares as drawn.
    way
        What is known of each, as a row of a table, shape (n,).
    is_entrance
        Per square, in order, of all points of its lines one after the other: whether another way runs through
        it, so that a walk may come or go there.

    Returns
    -------
    Plan
        The squares that enclose ground. Squares that share a side are one: nothing keeps a walker from
        crossing it. A line that crosses itself is taken as the parts that it encloses, which hang together
        where it does.

    Examples
    --------
    >>> ring = np.array([[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [5.0, 2.0], [0.0, 0.0]])
    >>> drawn = Outline("w7", [np.array([4, 5, 6, 7, 4])], [ring])
    >>> plan = plan_squares([drawn], np.zeros(1, np.int32), [np.array([1, 0, 0, 0, 1], bool)])
    >>> plan.corner_point.tolist(), plan.squares.corner_kind.tolist()
    ([4, 7], [1, 2])
    """
    areas = [_area(outline.lines) for outline in outlines]
    flat = [outline.name for outline, area in zip(outlines, areas, strict=True) if area.is_empty]
    odd = [o.name for o, area in zip(outlines, areas, strict=True) if _is_odd(o, area)]
    ground = [i for i, area in enumerate(areas) if not area.is_empty]
    own = [rings_of(areas[i]) for i in ground]
    drawn = no_squares()._replace(
        start=starts([len(rings) for rings in own]),
        ring_start=starts([len(ring) for rings in own for ring in rings]),
        xy=np.concatenate([np.empty((0, 2)), *(ring for rings in own for ring in rings)]),
        corner_start=starts([0] * len(ground)),
        way=way[ground].astype(np.int32),
        layer=np.zeros(len(ground), np.int8),
    )
    squares, square = unite(drawn)
    entrances = list(is_entrance)
    corners: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]] = []
    for number in range(len(squares.way)):
        members = [ground[k] for k in np.flatnonzero(square == number)]
        first = squares.ring_start[squares.start[number] : squares.start[number + 1] + 1].tolist()
        rings = [squares.xy[slice(*pair)] for pair in pairwise(first)]
        points = np.concatenate([p for i in members for p in outlines[i].points])
        xy = np.concatenate([line for i in members for line in outlines[i].lines])
        corners.append(_corners(rings, points, xy, np.concatenate([entrances[i] for i in members])))
    squares = squares._replace(
        corner_start=starts([len(kind) for _, _, kind in corners]),
        corner_kind=np.concatenate([np.empty(0, np.int8), *(kind for _, _, kind in corners)]),
    )
    sides = [_sides(outlines[i].lines) for i in ground]
    return Plan(
        squares,
        Pieces(drawn, square.astype(np.int32)),
        np.concatenate([np.empty(0, np.int64), *(point for point, _, _ in corners)]),
        np.concatenate([np.empty((0, 2)), *(xy for _, xy, _ in corners)]),
        np.concatenate([np.empty((0, 2), np.complex128), *sides]),
        np.repeat(square, [len(own) for own in sides]),
        {"squares_not_closed": len(flat), "squares_that_cross_themselves": len(odd)},
        tuple(_notes(flat, odd)),
        np.empty(0, np.int64),
    )


def _notes(flat: list[str], odd: list[str]) -> Iterable[str]:
    if flat:
        yield tell(
            "squares that enclose no ground, so one walks along their outline only: {n} ({ids}); close"
            " their outline in OpenStreetMap",
            n=len(flat),
            ids=", ".join(flat[:_FIRST]),
        )
    if odd:
        yield tell(
            "squares that cross or touch themselves, taken as the parts that they enclose: {n} ({ids})",
            n=len(odd),
            ids=", ".join(odd[:_FIRST]),
        )


def _area(lines: list[NDArray[np.float64]]) -> BaseGeometry:
    """Give the ground that lines enclose, what is within an odd number of their rings; empty where they enclose none.

    So a building that shares a side with the outline, or pokes through it, is no ground either.
    """
    drawn = [line for line in lines if len(np.unique(line, axis=0)) > 1]
    if not drawn:
        return shapely.Polygon()
    noded = shapely.union_all([shapely.LineString(line) for line in drawn])
    faces = shapely.get_parts(shapely.polygonize([noded]))
    faces = faces[shapely.area(faces) > 0.0]
    start, end = (np.concatenate([line[k : len(line) - 1 + k] for line in drawn]) for k in (0, 1))
    odd = [
        _crossings(start, end, shapely.get_coordinates(p)[0]) % 2
        for p in shapely.point_on_surface(faces)
    ]
    area = shapely.union_all(faces[np.array(odd, bool)])
    return area if area.area > 0.0 else shapely.Polygon()


def _crossings(
    start: NDArray[np.float64], end: NDArray[np.float64], place: NDArray[np.float64]
) -> int:
    """Count the straight pieces that lie west of a place."""
    x, y = place
    meets = (start[:, 1] > y) != (end[:, 1] > y)
    (ax, ay), (bx, by) = start[meets].T, end[meets].T
    return int((ax + (bx - ax) * (y - ay) / (by - ay) < x).sum())


def _is_odd(outline: Outline, area: BaseGeometry) -> bool:
    """Tell whether the ground has points that were not drawn, where its outline crosses itself, or one twice."""
    xy = as_complex(shapely.get_coordinates(area))
    if not len(xy):
        return False
    rings = shapely.get_rings(shapely.get_parts(area))
    twice = len(xy) - len(rings) > len(np.unique(xy))
    return (
        twice or not np.isin(xy, np.concatenate([as_complex(line) for line in outline.lines])).all()
    )


def _sides(lines: list[NDArray[np.float64]]) -> NDArray[np.complex128]:
    """List the straight pieces of lines, each by its two places, the lower first."""
    pieces = [np.column_stack([as_complex(line)[:-1], as_complex(line)[1:]]) for line in lines]
    return np.sort(np.concatenate([np.empty((0, 2), np.complex128), *pieces]), axis=1)


def _corners(
    rings: list[NDArray[np.float64]],
    points: NDArray[np.int64],
    xy: NDArray[np.float64],
    is_entrance: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]:
    """Find the corners of one square: their points, where they are and what they are."""
    place, bends = [], []
    for ring in rings:
        corner = ring[:-1]
        came, goes = corner - np.roll(corner, 1, axis=0), np.roll(corner, -1, axis=0) - corner
        place.append(as_complex(corner))
        bends.append(came[:, 0] * goes[:, 1] - came[:, 1] * goes[:, 0] < 0.0)
    where, first, times = np.unique(np.concatenate(place), return_index=True, return_counts=True)
    sticks_in = np.concatenate(bends)[first]
    kind = np.where(times > 1, FREE | BENDS, np.where(sticks_in, BENDS, 0)).astype(np.int8)
    # every entrance is a corner, also one within the ground of squares that are one
    own = as_complex(xy)
    point, at = np.unique(points, return_index=True)
    enters = np.zeros(len(point), bool)
    np.logical_or.at(enters, np.searchsorted(point, points), is_entrance)
    real = point >= 0
    point, at, enters = point[real], at[real], enters[real]
    rank = np.minimum(np.searchsorted(where, own[at]), len(where) - 1)
    on_ring = where[rank] == own[at]
    known = np.where(on_ring, kind[rank], 0).astype(np.int8)
    if (
        not enters.any()
    ):  # by which whoever stands on a square that nothing leads to is on the network
        enters[:] = True
    chosen = enters | (known > 0)
    point, known, at, rank = point[chosen], known[chosen], at[chosen], rank[chosen]
    known[enters[chosen]] |= FREE
    # a corner where no street can be joined still turns a walker
    left = kind > 0
    left[rank[on_ring[chosen]]] = False
    corner_xy = np.concatenate([xy[at], np.column_stack([where[left].real, where[left].imag])])
    return (
        np.concatenate([point, np.full(int(left.sum()), -1)]),
        corner_xy,
        np.concatenate([known, kind[left]]),
    )
