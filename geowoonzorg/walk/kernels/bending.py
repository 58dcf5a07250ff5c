"""Loops over the bends of walks over squares: which follows which, and where one goes on from a corner."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel
from geowoonzorg.walk.kernels.search import doubled
from geowoonzorg.walk.kernels.seeing import NEAR_M

#: Who comes at a smaller angle than this comes along a side (radians).
_ALONG = 1e-7


@bare_kernel
def _clockwise(x, y, angle):
    """Measure the angle from one direction clockwise to another, from 0 to a whole turn."""
    return (np.arctan2(y, x) - angle) % (2.0 * np.pi)


@kernel
def behind_corners(first, size, angles, xy, came, before, after):
    """List, of the stretches that corners see, those that a walk bends to there.

    Those of corner k are ``first[k]`` and the ``size[k] - 1`` after it, and ``angles`` (n, 2) are under which its
    ends are seen. A walk that came from ``came[k]`` bends to what lies between going straight on and the side, to
    ``before[k]`` or ``after[k]``, that hides it; one that came from nowhere (NaN) goes to all of them. Returns the
    corner and the stretch.
    """
    corner, stretch, total = np.empty(1024, np.int64), np.empty(1024, np.int64), 0
    for k in range(first.size):
        x, y = came[k, 0] - xy[k, 0], came[k, 1] - xy[k, 1]
        free = np.isnan(x)
        low, high = 2.0 * np.pi, 0.0
        if not free:
            # along a side one comes free of it
            dx, dy = before[k, 0] - xy[k, 0], before[k, 1] - xy[k, 1]
            angle = _clockwise(x, y, np.arctan2(dy, dx))
            if angle >= _ALONG and (dx != 0.0 or dy != 0.0):
                low = angle
            dx, dy = after[k, 0] - xy[k, 0], after[k, 1] - xy[k, 1]
            angle = _clockwise(x, y, np.arctan2(dy, dx))
            if angle <= 2.0 * np.pi - _ALONG and (dx != 0.0 or dy != 0.0):
                high = angle
        for i in range(first[k], first[k] + size[k]):
            found = free
            if not free:
                a, b = _clockwise(x, y, angles[i, 0]), _clockwise(x, y, angles[i, 1])
                least, most = min(a, b), max(a, b)
                wraps = most - least > np.pi
                for side in range(2):
                    begin, end = (low, np.pi) if side == 0 else (np.pi, high)
                    if begin <= end + _ALONG:
                        if wraps:
                            found |= most <= end + _ALONG or least >= begin - _ALONG
                        else:
                            found |= most >= begin - _ALONG and least <= end + _ALONG
            if found:
                if total == corner.size:
                    corner, stretch = doubled(corner), doubled(stretch)
                corner[total], stretch[total] = k, i
                total += 1
    return corner[:total], stretch[:total]


@kernel
def may_follow(xy, walked, start, least, most):
    """List the pairs of places of one group of which a walk may go straight from the latter to the former.

    Group g is ``start[g]`` to ``start[g + 1]``, ascending by metres ``walked``; a metre of a map is ``least`` to
    ``most`` on the ground. Returns the former, and the latter.
    """
    one, other, total = np.empty(1024, np.int64), np.empty(1024, np.int64), 0
    for g in range(start.size - 1):
        for i in range(start[g], start[g + 1]):
            for j in range(start[g], i):
                gap = walked[i] - walked[j]
                long = np.hypot(xy[i, 0] - xy[j, 0], xy[i, 1] - xy[j, 1])
                if gap > NEAR_M and least * long - NEAR_M <= gap <= most * long + NEAR_M:
                    if total == one.size:
                        one, other = doubled(one), doubled(other)
                    one[total], other[total] = i, j
                    total += 1
    return one[:total], other[:total]
