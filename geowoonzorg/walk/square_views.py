"""What is seen of the ground of squares, drawn."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geowoonzorg.walk.outlooks import Outlooks, look_out

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geowoonzorg.walk.arrays import NetworkArrays
    from geowoonzorg.walk.crossing import Spots
    from geowoonzorg.walk.outlooks import Sources

#: What is seen at angles that differ by less is seen side by side (radians).
_SAME_ANGLE = 1e-9


class Views:
    """What corners of squares see of the ground, drawn when it is asked for."""

    def __init__(self, net: NetworkArrays) -> None:
        self._net = net
        xy, rings = net.squares.xy, net.squares.ring_start
        is_side = np.ones(len(xy), bool)
        is_side[rings[1:] - 1] = False
        side = np.flatnonzero(is_side)
        start = np.searchsorted(side, rings[net.squares.start]).astype(np.int64)
        lines = np.column_stack([xy[side], xy[np.minimum(side + 1, len(xy) - 1)]]).reshape(-1, 4)
        self._lines, self._outlooks = lines, Outlooks(net, start, lines)

    def of(self, sources: Sources, spots: Spots) -> list[BaseGeometry]:
        """Draw what each source adds to what is seen, the first of which are ``spots``, as `look_out` finds it."""
        seen = look_out(self._net, self._outlooks, sources, spots)
        begin, end = self._outlooks.ends(seen)
        first = np.searchsorted(seen.row, np.arange(len(sources.place) + 1))
        return [
            _view(xy, begin[a:b], end[a:b])
            for xy, (a, b) in zip(sources.xy, pairwise(first.tolist()), strict=True)
        ]


def _view(
    place: NDArray[np.float64], begin: NDArray[np.float64], end: NDArray[np.float64]
) -> BaseGeometry:
    """Draw the ground between a place and stretches that it sees: round by their angle, in parts where it ends."""
    a, b = begin - place, end - place
    wide = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    some = np.abs(wide) > 0.0  # who is in line with a side sees none of it
    begin, end, a, b, wide = begin[some], end[some], a[some], b[some], wide[some]
    if not len(a):
        return shapely.Polygon()
    back = (wide < 0.0)[:, None]
    begin, end = np.where(back, end, begin), np.where(back, begin, end)
    a, b = np.where(back, b, a), np.where(back, a, b)
    order = np.argsort(np.arctan2(*(a + b).T[::-1]), kind="stable")
    begin, end, a, b = begin[order], end[order], a[order], b[order]
    following = np.roll(a, -1, axis=0)
    across = b[:, 0] * following[:, 1] - b[:, 1] * following[:, 0]
    ahead = (b * following).sum(axis=1) > 0.0
    ends = ~ahead | (np.abs(across) > _SAME_ANGLE * np.hypot(*b.T) * np.hypot(*following.T))
    last = int(np.flatnonzero(ends)[-1]) + 1 if ends.any() else 0
    xy = np.stack([np.roll(begin, -last, axis=0), np.roll(end, -last, axis=0)], axis=1)
    parts = np.split(xy, np.flatnonzero(np.roll(ends, -last))[:-1] + 1)
    rings = [_ring(part.reshape(-1, 2), place if ends.any() else None) for part in parts]
    view = shapely.multipolygons([shapely.polygons(ring) for ring in rings])
    if view.is_valid:
        return view
    fans = shapely.polygons(np.stack([np.broadcast_to(place, begin.shape), begin, end], axis=1))
    return shapely.union_all(fans[shapely.area(fans) > 0.0])


def _ring(xy: NDArray[np.float64], place: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Close a ring, by way of a place if any, with no point twice on end."""
    xy = np.concatenate([xy, xy[:1] if place is None else place[None], xy[:1]])
    fresh = np.append(True, (xy[1:] != xy[:-1]).any(axis=1))
    return xy[fresh]
