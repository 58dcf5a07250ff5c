"""Whether two places on the ground of a square see each other: whether their straight line leaves it nowhere.

The ground is closed: a line may run along the outline, or touch a corner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg._jit import bare_kernel
from geowoonzorg.walk.kernels.grid import columns_in_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is this near a line lies on it (m): many times the rounding of a coordinate.
NEAR_M = 1e-6
#: A stretch between two touches that is shorter than this is not looked at (m).
GAP_M = 1e-4
#: What hides two places from each other, where it is not one side.
NOTHING, NO_ONE_SIDE = -1, -2


class Ground(NamedTuple):
    """The ground of squares: closed rings with the ground on their left, corners, and a grid of the ring's sides.

    ``start`` (n_squares + 1,) points into ``ring_start`` (n_rings + 1,), and that into ``xy``.
    ``corner_start`` (n_squares + 1,) points into the corners: ``corner_xy``, its neighbours ``before`` and
    ``after`` on the ring, ``free`` where a way may leave it in any direction, as at an entrance, and
    ``bends`` where it sticks into the ground. Cells of square s are ``cell_start[cell_base[s]:]``, into
    ``side``, the first point of each side; ``frame`` is x, y and side of its grid, ``shape`` its columns and rows.
    """

    start: NDArray[np.int64]
    ring_start: NDArray[np.int64]
    xy: NDArray[np.float64]
    corner_start: NDArray[np.int64]
    corner_xy: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    free: NDArray[np.bool_]
    bends: NDArray[np.bool_]
    cell_base: NDArray[np.int64]
    cell_start: NDArray[np.int64]
    side: NDArray[np.int64]
    frame: NDArray[np.float64]
    shape: NDArray[np.int64]


@bare_kernel
def note(hits, n, t):
    """Keep a share of a line among those noted, ascending and each once; returns how many there are."""
    k = n
    while k > 0 and hits[k - 1] > t:
        k -= 1
    if (k > 0 and t - hits[k - 1] < NEAR_M) or (k < n and hits[k] - t < NEAR_M) or n == hits.size:
        return n
    for i in range(n, k, -1):
        hits[i] = hits[i - 1]
    hits[k] = t
    return n + 1


@bare_kernel
def _join(spans, n, low, high):
    """Keep a span among those kept, ascending and apart: what touches becomes one. Returns how many there are."""
    last = n
    while last > 0 and spans[last - 1, 0] > high:
        last -= 1
    first = last
    while first > 0 and spans[first - 1, 1] >= low:
        first -= 1
        low, high = min(low, spans[first, 0]), max(high, spans[first, 1])
    if first == last:  # it touches none
        if n == len(spans):
            return n
        for i in range(n, first, -1):
            spans[i, 0], spans[i, 1] = spans[i - 1, 0], spans[i - 1, 1]
        n += 1
    else:
        for i in range(last, n):
            spans[first + 1 + i - last, 0], spans[first + 1 + i - last, 1] = (
                spans[i, 0],
                spans[i, 1],
            )
        n -= last - first - 1
    spans[first, 0], spans[first, 1] = low, high
    return n


@bare_kernel
def within(ground, s, x, y, axis):
    """Say whether a place that is on no ring lies on the ground of a square, looking west (axis 0) or south (1).

    The nearest side there tells, since the ground is on the left of each; where two are as near, all of them do.
    """
    side = ground.frame[s, 2]
    begin, across = ground.frame[s, axis], ground.frame[s, 1 - axis]
    u, v = (x, y) if axis == 0 else (y, x)
    row, last = int(np.floor((v - across) / side)), int(np.floor((u - begin) / side))
    if row < 0 or row >= ground.shape[s, 1 - axis] or last < 0:
        return False
    odd = tie = facing = False
    nearest = -np.inf
    last = min(last, ground.shape[s, axis] - 1)
    for back in range(last + 1):
        column = last - back
        c = ground.cell_base[s]
        c += row * ground.shape[s, 0] + column if axis == 0 else column * ground.shape[s, 0] + row
        for i in range(ground.cell_start[c], ground.cell_start[c + 1]):
            k = ground.side[i]
            a, b = ground.xy[k, 1 - axis], ground.xy[k + 1, 1 - axis]
            if (a > v) != (b > v):
                first = ground.xy[k, axis]
                at = first + (ground.xy[k + 1, axis] - first) * (v - a) / (b - a)
                # a side is listed in every cell that it touches, and counts in one
                if at < u and int(np.floor((at - begin) / side)) == column:
                    odd = not odd
                    if at > nearest + NEAR_M:
                        nearest, tie, facing = at, False, (b < a) == (axis == 0)
                    elif at >= nearest - NEAR_M:
                        nearest, tie = max(nearest, at), True
        if nearest > begin + column * side + NEAR_M and not tie:
            return facing
    return odd


@bare_kernel
def sees(ground, s, px, py, qx, qy, hits, spans):
    """Say whether two places on the ground of a square see each other. ``hits`` and ``spans`` (n, 2) are for work."""
    return what_hides(ground, s, px, py, qx, qy, hits, spans) == NOTHING


@bare_kernel
def crosses(ground, v, px, py, qx, qy):
    """Say whether the side from point ``v`` is crossed between its ends by the line between two places."""
    ux, uy = qx - px, qy - py
    length = np.sqrt(ux * ux + uy * uy)
    if length <= NEAR_M:
        return False
    ux, uy = ux / length, uy / length
    ax, ay = ground.xy[v, 0] - px, ground.xy[v, 1] - py
    bx, by = ground.xy[v + 1, 0] - px, ground.xy[v + 1, 1] - py
    a_off, b_off = ux * ay - uy * ax, ux * by - uy * bx
    if not (min(a_off, b_off) < -NEAR_M and max(a_off, b_off) > NEAR_M):
        return False
    a_at, b_at = ux * ax + uy * ay, ux * bx + uy * by
    t = a_at + (b_at - a_at) * a_off / (a_off - b_off)
    slope = abs(a_off - b_off) / np.hypot(bx - ax, by - ay)
    return t * slope > NEAR_M and (length - t) * slope > NEAR_M


@bare_kernel
def what_hides(ground, s, px, py, qx, qy, hits, spans):
    """Find what hides two places on the ground of a square from each other: the first point of a side, or a constant.

    A side that is crossed between its ends hides one from the other. Where the line only touches the
    outline, the middles of the stretches between touches must lie on the ground, or along it.
    """
    ux, uy = qx - px, qy - py
    length = np.sqrt(ux * ux + uy * uy)
    if length <= NEAR_M:
        return NOTHING
    ux, uy = ux / length, uy / length
    x0, y0, side = ground.frame[s, 0], ground.frame[s, 1], ground.frame[s, 2]
    nx, ny = ground.shape[s, 0], ground.shape[s, 1]
    n = n_spans = 0
    first_row = max(int(np.floor((min(py, qy) - NEAR_M - y0) / side)), 0)
    last_row = min(int(np.floor((max(py, qy) + NEAR_M - y0) / side)), ny - 1)
    # from the one to the other, since what hides is mostly near
    upwards, eastwards = qy >= py, qx >= px
    for k_row in range(last_row - first_row + 1):
        row = first_row + k_row if upwards else last_row - k_row
        low, high = columns_in_row(x0, y0, side, px, py, qx, qy, row)
        low, high = max(low, 0), min(high, nx - 1)
        for k_column in range(high - low + 1):
            column = low + k_column if eastwards else high - k_column
            c = ground.cell_base[s] + row * nx + column
            for i in range(ground.cell_start[c], ground.cell_start[c + 1]):
                v = ground.side[i]
                ax, ay = ground.xy[v, 0] - px, ground.xy[v, 1] - py
                bx, by = ground.xy[v + 1, 0] - px, ground.xy[v + 1, 1] - py
                a_off, b_off = ux * ay - uy * ax, ux * by - uy * bx
                if min(a_off, b_off) > NEAR_M or max(a_off, b_off) < -NEAR_M:
                    continue
                a_at, b_at = ux * ax + uy * ay, ux * bx + uy * by
                if max(a_at, b_at) < -NEAR_M or min(a_at, b_at) > length + NEAR_M:
                    continue
                a_near, b_near = abs(a_off) <= NEAR_M, abs(b_off) <= NEAR_M
                if not a_near and not b_near:
                    t = a_at + (b_at - a_at) * a_off / (a_off - b_off)
                    if t < -NEAR_M or t > length + NEAR_M:
                        continue
                    slope = abs(a_off - b_off) / np.hypot(bx - ax, by - ay)
                    if t * slope > NEAR_M and (length - t) * slope > NEAR_M:
                        return v
                    n = note(hits, n, min(max(t, 0.0), length))
                    continue
                if a_near and -NEAR_M <= a_at <= length + NEAR_M:
                    n = note(hits, n, min(max(a_at, 0.0), length))
                if b_near and -NEAR_M <= b_at <= length + NEAR_M:
                    n = note(hits, n, min(max(b_at, 0.0), length))
                if a_near and b_near:
                    n_spans = _join(spans, n_spans, min(a_at, b_at), max(a_at, b_at))
    if n == 0 and n_spans == 0:
        return NOTHING
    begin, i = 0.0, 0
    across = 0 if abs(uy) > abs(ux) else 1  # what runs along the line would be far to seek along it
    for k in range(n + 1):
        end = hits[k] if k < n else length
        if end - begin > GAP_M:
            middle = (begin + end) / 2
            while i < n_spans and spans[i, 1] < middle:
                i += 1
            along = i < n_spans and spans[i, 0] <= middle
            if not along and not within(ground, s, px + middle * ux, py + middle * uy, across):
                return NO_ONE_SIDE
        begin = end
    return NOTHING
