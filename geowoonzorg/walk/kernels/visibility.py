"""Loops over the ground of squares: what sees what, and how much of a line can be seen from a place.

The shortest way over a square bends only at corners that stick into its ground (Lozano-Pérez and Wesley,
1979), so what is looked for is who sees whom: whose straight line leaves the ground nowhere. The ground is
closed: a line may run along the outline, or touch a corner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel
from geowoonzorg.walk.kernels.grid import columns_in_row
from geowoonzorg.walk.kernels.rings import wider
from geowoonzorg.walk.kernels.search import doubled

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is this near a line lies on it (m): many times the rounding of a coordinate.
NEAR_M = 1e-6
#: A stretch between two touches that is shorter than this is not looked at (m).
GAP_M = 1e-4
#: Rounding of an angle, and what is as wide as half a turn: who sees a line so stands on it.
_SLACK, _HALF_TURN = 1e-9, 3.0
#: So much further than where a walk may go on from a corner it is looked at (radians).
_BESIDE = 1e-5


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
def _note(hits, n, t):
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
def within(ground, s, x, y):
    """Say whether a place that is on no ring lies on the ground of a square."""
    side = ground.frame[s, 2]
    x0, y0 = ground.frame[s, 0], ground.frame[s, 1]
    row, last = int(np.floor((y - y0) / side)), int(np.floor((x - x0) / side))
    if row < 0 or row >= ground.shape[s, 1] or last < 0:
        return False
    odd = False
    for column in range(min(last + 1, ground.shape[s, 0])):
        c = ground.cell_base[s] + row * ground.shape[s, 0] + column
        for i in range(ground.cell_start[c], ground.cell_start[c + 1]):
            v = ground.side[i]
            ay, by = ground.xy[v, 1], ground.xy[v + 1, 1]
            if (ay > y) != (by > y):
                ax, bx = ground.xy[v, 0], ground.xy[v + 1, 0]
                at = ax + (bx - ax) * (y - ay) / (by - ay)
                # a side is listed in every cell that it touches, and counts in one
                if at < x and int(np.floor((at - x0) / side)) == column:
                    odd = not odd
    return odd


@bare_kernel
def sees(ground, s, px, py, qx, qy, hits, spans):
    """Say whether two places on the ground of a square see each other. ``hits`` and ``spans`` (n, 2) are for work.

    A side that is crossed between its ends hides one from the other. Where the line only touches the
    outline, the middles of the stretches between touches must lie on the ground.
    """
    ux, uy = qx - px, qy - py
    length = np.sqrt(ux * ux + uy * uy)
    if length <= NEAR_M:
        return True
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
                        return False
                    n = _note(hits, n, min(max(t, 0.0), length))
                    continue
                if a_near and -NEAR_M <= a_at <= length + NEAR_M:
                    n = _note(hits, n, min(max(a_at, 0.0), length))
                if b_near and -NEAR_M <= b_at <= length + NEAR_M:
                    n = _note(hits, n, min(max(b_at, 0.0), length))
                if a_near and b_near and n_spans < len(spans):
                    spans[n_spans, 0], spans[n_spans, 1] = min(a_at, b_at), max(a_at, b_at)
                    repeated = False
                    for k in range(n_spans):
                        repeated |= (
                            spans[k, 0] == spans[n_spans, 0] and spans[k, 1] == spans[n_spans, 1]
                        )
                    n_spans += not repeated
    if n == 0 and n_spans == 0:
        return True
    begin = 0.0
    for k in range(n + 1):
        end = hits[k] if k < n else length
        if end - begin > GAP_M:
            middle = (begin + end) / 2
            along = False
            for i in range(n_spans):
                along |= spans[i, 0] <= middle <= spans[i, 1]
            if not along and not within(ground, s, px + middle * ux, py + middle * uy):
                return False
        begin = end
    return True


@bare_kernel
def _turns(ground, k, px, py):
    """Say whether a shortest way from a place to corner ``k`` may go on: it leaves there, or bends round it."""
    if ground.free[k]:
        return True
    wx, wy = ground.corner_xy[k, 0] - px, ground.corner_xy[k, 1] - py
    slack = NEAR_M * np.sqrt(wx * wx + wy * wy)
    before = wx * (ground.before[k, 1] - ground.corner_xy[k, 1]) - wy * (
        ground.before[k, 0] - ground.corner_xy[k, 0]
    )
    after = wx * (ground.after[k, 1] - ground.corner_xy[k, 1]) - wy * (
        ground.after[k, 0] - ground.corner_xy[k, 0]
    )
    return not (min(before, after) < -slack and max(before, after) > slack)


@bare_kernel
def turns_only(ground, k):
    """Say whether a walk comes to corner ``k`` over the square alone, and goes on only where it bends."""
    return ground.bends[k] and not ground.free[k]


@bare_kernel
def _opens(ground, k, x, y):
    """Say whether corner ``k`` may see a place at all: it lies not in what the sides at the corner shut off.

    Where the outline touches itself, or one may leave in any direction, only `sees` can tell.
    """
    if ground.free[k]:
        return True
    cx, cy = ground.corner_xy[k, 0], ground.corner_xy[k, 1]
    wx, wy = x - cx, y - cy
    slack = NEAR_M * (np.abs(wx) + np.abs(wy)) + NEAR_M * NEAR_M
    ax, ay = ground.after[k, 0] - cx, ground.after[k, 1] - cy
    bx, by = ground.before[k, 0] - cx, ground.before[k, 1] - cy
    left_of_after, right_of_before = ax * wy - ay * wx >= -slack, bx * wy - by * wx <= slack
    if ax * by - ay * bx < 0.0:  # it sticks into the ground
        return left_of_after or right_of_before
    return True


@kernel
def _room(ground, s):
    """Make what `sees` works in, for the largest that a square can need."""
    points = ground.ring_start[ground.start[s + 1]] - ground.ring_start[ground.start[s]]
    return np.empty(2 * points + 8), np.empty((points + 8, 2))


@kernel
def sight_lines(ground):
    """List the pairs of corners of one square that see each other and that a shortest way may join."""
    out, total = np.empty((1024, 2), np.int64), 0
    for s in range(ground.start.size - 1):
        hits, spans = _room(ground, s)
        first, last = ground.corner_start[s], ground.corner_start[s + 1]
        for i in range(first, last):
            x, y = ground.corner_xy[i, 0], ground.corner_xy[i, 1]
            for j in range(i + 1, last):
                ox, oy = ground.corner_xy[j, 0], ground.corner_xy[j, 1]
                if (
                    _turns(ground, i, ox, oy)
                    and _turns(ground, j, x, y)
                    and _opens(ground, i, ox, oy)
                    and _opens(ground, j, x, y)
                    and sees(ground, s, x, y, ox, oy, hits, spans)
                ):
                    if total == len(out):
                        out = wider(out)
                    out[total, 0], out[total, 1] = i, j
                    total += 1
    return out[:total]


@kernel
def look(ground, square, xy):
    """List the corners that each place on a square sees and that a shortest way from it may go on from.

    Returns place and corner.
    """
    place, corner, total = np.empty(1024, np.int64), np.empty(1024, np.int64), 0
    for p in range(square.size):
        s = square[p]
        hits, spans = _room(ground, s)
        for k in range(ground.corner_start[s], ground.corner_start[s + 1]):
            if (
                _turns(ground, k, xy[p, 0], xy[p, 1])
                and _opens(ground, k, xy[p, 0], xy[p, 1])
                and sees(
                    ground, s, xy[p, 0], xy[p, 1], ground.corner_xy[k, 0], ground.corner_xy[k, 1], hits, spans
                )
            ):  # fmt: skip
                if total == place.size:
                    place, corner = doubled(place), doubled(corner)
                place[total], corner[total] = p, k
                total += 1
    return place[:total], corner[:total]


@kernel
def see_each_other(ground, square, start, end):
    """Say of pairs of places on one square each whether they see each other."""
    out = np.zeros(square.size, np.bool_)
    if square.size == 0:
        return out
    hits, spans = _room(ground, square[0])
    for p in range(square.size):
        if p > 0 and square[p] != square[p - 1]:
            hits, spans = _room(ground, square[p])
        out[p] = sees(
            ground, square[p], start[p, 0], start[p, 1], end[p, 0], end[p, 1], hits, spans
        )
    return out


@bare_kernel
def _span(ax, ay, bx, by):
    """Give where the angle begins under which a line is seen, and how wide it is, with some slack."""
    first, last = np.arctan2(ay, ax), np.arctan2(by, bx)
    wide = last - first
    if wide > np.pi:
        wide -= 2.0 * np.pi
    elif wide < -np.pi:
        wide += 2.0 * np.pi
    low = first if wide >= 0.0 else last
    low -= _SLACK
    if low < -np.pi:
        low += 2.0 * np.pi
    return low, abs(wide) + 2.0 * _SLACK


@bare_kernel
def _onward(ground, k):
    """Give where the directions in which a walk may go on from a corner begin, and how wide they are, on two sides.

    Who bends round a corner that sticks into the ground goes on between a side of it and where one comes to who
    walks along the other.
    """
    cx, cy = ground.corner_xy[k, 0], ground.corner_xy[k, 1]
    after = np.arctan2(ground.after[k, 1] - cy, ground.after[k, 0] - cx)
    before = np.arctan2(ground.before[k, 1] - cy, ground.before[k, 0] - cx)
    wide = (before - after) % (2.0 * np.pi) - np.pi
    return after - _BESIDE, before - wide - _BESIDE, wide + 2.0 * _BESIDE


@bare_kernel
def _overlap(low, wide, begin, long):
    """Say whether two spans of angles have anything in common."""
    return (begin - low) % (2.0 * np.pi) <= wide or (low - begin) % (2.0 * np.pi) <= long


@kernel
def survey(ground, square, xy, corner, line_start, line, facing):
    """Find which stretches of the lines on its square each place sees.

    Lines of square s are ``line[line_start[s]:line_start[s + 1]]``, shape (n, 4): x and y of both ends; ``facing``
    is 1 where the ground is on the left of one alone, -1 on the right, 0 on both. ``corner`` is which corner a
    place is at which one comes over the square, -1 for none: of such a one only lines are looked at on which a walk
    may go on, if it bends there at all. Returns place, line, and the shares of the line where a stretch begins and
    ends.

    What is seen of a line changes only where a line of sight passes a corner, so between two such
    places its middle tells. Which these are is found by angle.
    """
    place, which = np.empty(1024, np.int64), np.empty(1024, np.int64)
    begin, end = np.empty(1024), np.empty(1024)
    total = 0
    for p in range(square.size):
        s = square[p]
        x, y = xy[p, 0], xy[p, 1]
        hits, spans = _room(ground, s)
        first, last = ground.corner_start[s], ground.corner_start[s + 1]
        rays, n_rays = np.empty((last - first, 2)), 0
        for k in range(first, last):
            dx, dy = ground.corner_xy[k, 0] - x, ground.corner_xy[k, 1] - y
            if (
                ground.bends[k]
                and dx * dx + dy * dy > NEAR_M * NEAR_M
                and _turns(ground, k, x, y)
                and _opens(ground, k, x, y)
                and sees(ground, s, x, y, x + dx, y + dy, hits, spans)
            ):
                rays[n_rays, 0], rays[n_rays, 1] = dx, dy
                n_rays += 1
        angle = np.arctan2(rays[:n_rays, 1], rays[:n_rays, 0])
        by_angle = np.argsort(angle)
        angle = angle[by_angle]
        cuts = np.empty(n_rays + 2)
        bends = corner[p] >= 0 and turns_only(ground, corner[p])
        one, other, onward = _onward(ground, corner[p]) if bends else (0.0, 0.0, 0.0)
        for g in range(line_start[s], line_start[s + 1]):
            ax, ay = line[g, 0] - x, line[g, 1] - y
            ex, ey = line[g, 2] - line[g, 0], line[g, 3] - line[g, 1]
            length = np.sqrt(ex * ex + ey * ey)
            if facing[g] * (ax * ey - ay * ex) < -NEAR_M * length:
                continue  # one would see it from behind
            low, wide = _span(ax, ay, ax + ex, ay + ey)
            if bends and not (
                _overlap(one, onward, low, wide) or _overlap(other, onward, low, wide)
            ):
                continue
            n = _note(cuts, _note(cuts, 0, 0.0), length)
            r = np.searchsorted(angle, low)
            for _ in range(n_rays):
                turn = 2.0 * np.pi if r >= n_rays else 0.0
                if wide < _HALF_TURN and angle[r % n_rays] + turn > low + wide:
                    break
                dx, dy = rays[by_angle[r % n_rays], 0], rays[by_angle[r % n_rays], 1]
                r += 1
                across = dx * ey - dy * ex
                if abs(across) > 1e-12 * length:
                    u = (ax * ey - ay * ex) / across
                    t = (ax * dy - ay * dx) / across
                    if u > 1.0 - 1e-9 and 0.0 < t < 1.0:
                        n = _note(cuts, n, t * length)
            seen = False
            for k in range(n - 1):
                middle = (cuts[k] + cuts[k + 1]) / (2 * length)
                clear = sees(
                    ground, s, x, y, line[g, 0] + middle * ex, line[g, 1] + middle * ey, hits, spans
                )
                if clear and not seen:
                    if total == which.size:
                        place, which = doubled(place), doubled(which)
                        begin, end = doubled(begin), doubled(end)
                    place[total], which[total], begin[total] = p, g, cuts[k] / length
                    total += 1
                if clear:
                    end[total - 1] = cuts[k + 1] / length
                seen = clear
    return place[:total], which[:total], begin[:total], end[:total]
