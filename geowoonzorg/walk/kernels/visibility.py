"""Loops over the ground of squares: what sees what, and how much of a line can be seen from a place.

The shortest way over a square bends only at corners that stick into its ground (Lozano-Pérez and Wesley,
1979), so what is looked for is who sees whom.
"""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel
from geowoonzorg.walk.kernels.rings import wider
from geowoonzorg.walk.kernels.search import doubled
from geowoonzorg.walk.kernels.seeing import NEAR_M, NOTHING, crosses, note, sees, what_hides

#: Directions for each of which the side that hid the last corner there is kept.
_DIRECTIONS = 128
#: Rounding of an angle, and what is as wide as half a turn: who sees a line so stands on it.
_SLACK, _HALF_TURN = 1e-9, 3.0
#: So much further than where a walk may go on from a corner it is looked at (radians).
_BESIDE = 1e-5


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


@bare_kernel
def _direction(dx, dy):
    """Give the number of the direction of a step, going round."""
    far = abs(dx) + abs(dy)
    part = dx / far if far > 0.0 else 1.0
    round_ = 1.0 - part if dy >= 0.0 else 3.0 + part
    return min(int(round_ * (_DIRECTIONS / 4)), _DIRECTIONS - 1)


@kernel
def sight_lines(ground):
    """List the pairs of corners of one square that see each other and that a shortest way may join.

    What hides one corner mostly hides the next in about the same direction, so that is looked at first: of the
    corners that are out of sight hardly one is looked for over the ground.
    """
    out, total = np.empty((1024, 2), np.int64), 0
    hiding = np.empty(_DIRECTIONS, np.int64)
    for s in range(ground.start.size - 1):
        hits, spans = _room(ground, s)
        first, last = ground.corner_start[s], ground.corner_start[s + 1]
        for i in range(first, last):
            x, y = ground.corner_xy[i, 0], ground.corner_xy[i, 1]
            hiding[:] = NOTHING
            for j in range(i + 1, last):
                ox, oy = ground.corner_xy[j, 0], ground.corner_xy[j, 1]
                if not (
                    _turns(ground, i, ox, oy)
                    and _turns(ground, j, x, y)
                    and _opens(ground, i, ox, oy)
                    and _opens(ground, j, x, y)
                ):
                    continue
                d = _direction(ox - x, oy - y)
                if hiding[d] >= 0 and crosses(ground, hiding[d], x, y, ox, oy):
                    continue
                by = what_hides(ground, s, x, y, ox, oy, hits, spans)
                if by >= 0:
                    hiding[d] = by
                if by == NOTHING:
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
            n = note(cuts, note(cuts, 0, 0.0), length)
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
                        n = note(cuts, n, t * length)
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
