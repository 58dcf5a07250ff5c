"""Loops that draw the border of an area through one square of ground, from samples of it.

Between two streets the walking distance jumps, so a wedge or a hole may lie between four corners that
agree. A square where that may be is sampled finer and drawn by itself. It is shut along its sides,
and what two such squares share falls away, so the border stays one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel
from geowoonzorg.walk.kernels.segment_table import (
    DX,
    DY,
    EPSILON_M,
    FROM_FIRST,
    FROM_LAST,
    INVERSE,
    LENGTH,
    SCALE,
    STEEP,
    X,
    Y,
    locate,
)

#: A square that may hide something is sampled in this many steps each way.
FINER = 8
#: A jump is placed within 1 / 2**7 of a grid step.
_HALVINGS = 6
#: A crossing whose own distance is within this of the limit needs no halving (m).
_CLOSE_M = 0.01
#: Share of a grid step that a border keeps from the points of the grid.
_MARGIN_SHARE = 1e-3
#: Makes the numbers of grid points positive.
_OFFSET = 1 << 29
# Marching squares. Corners of a square are numbered 0 (low x, low y), 1 (high x), 2 (both high), 3
# (high y); side k runs from corner k to corner k + 1. For each code (bit k: corner k within) the
# directed segments of border (from side, to side) that keep the inside on their left; code + 16 is a
# saddle whose inside is connected through the middle.
_CORNER = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
_SADDLES = (5, 10)
#: The code of a square with all corners within.
ALL_WITHIN = 15
_SEGMENTS = np.full((32, 4), -1, np.int8)
for _code, _segments in {
    1: (0, 3), 2: (1, 0), 3: (1, 3), 4: (2, 1), 6: (2, 0), 7: (2, 3), 8: (3, 2), 9: (0, 2),
    11: (1, 2), 12: (3, 1), 13: (0, 1), 14: (3, 0),
    5: (0, 3, 2, 1), 10: (1, 0, 3, 2), 21: (0, 1, 2, 3), 26: (3, 0, 1, 2),
}.items():  # fmt: skip
    _SEGMENTS[_code, : len(_segments)] = _segments


class Rule(NamedTuple):
    """What is within: ``lower < distance <= upper`` and an access distance of at most ``max_snap`` (m).

    ``access_weight`` is 1 where access distances count and 0 where they do not.
    """

    lower: float
    upper: float
    max_snap: float
    access_weight: float


@bare_kernel
def settle(table, near, level, n, x, y, half, rule, snaps2, shares):
    """Decide whether a square around (x, y) lies wholly within (1), wholly without (0) or is open (-1).

    ``half`` is half its side (m). The segments that may be nearest to some place in the square are copied
    from ``near[level]`` to ``near[level + 1]``; returns how many.
    """
    best, best2 = 0, np.inf
    for i in range(n):
        snap2, share = locate(table, near[level, i], x, y)
        snaps2[i], shares[i] = snap2, share
        if snap2 < best2:
            best, best2 = i, snap2
    half_diagonal = half * 1.4142135623730951
    bound = np.sqrt(best2) + 2 * half_diagonal + EPSILON_M
    # the metres to the segment nearest to the centre, at the corners
    a = b = c = d = np.inf
    if n > 1:
        k = near[level, best]
        a = np.sqrt(locate(table, k, x - half, y - half)[0]) + EPSILON_M
        b = np.sqrt(locate(table, k, x + half, y - half)[0]) + EPSILON_M
        c = np.sqrt(locate(table, k, x - half, y + half)[0]) + EPSILON_M
        d = np.sqrt(locate(table, k, x + half, y + half)[0]) + EPSILON_M
    maybe_in = maybe_out = False
    n_kept = 0
    for i in range(n):
        if snaps2[i] > bound * bound:
            continue
        k = near[level, i]
        away = np.sqrt(snaps2[i])
        if i != best and away > 0.0:
            # That distance is convex: it lies above its tangent plane, and so, if it does at the corners, all over
            # the square above that to the nearest segment.
            to_x = (x - table[k, X] - shares[i] * table[k, DX]) * (half / away)
            to_y = (y - table[k, Y] - shares[i] * table[k, DY]) * (half / away)
            if (
                a < away - to_x - to_y
                and b < away + to_x - to_y
                and c < away - to_x + to_y
                and d < away + to_x + to_y
            ):
                continue
        near[level + 1, n_kept] = k
        n_kept += 1
        if maybe_in and maybe_out:
            continue
        length = table[k, LENGTH]
        away *= table[k, SCALE]
        done = shares[i] * length
        metres = min(table[k, FROM_FIRST] + done, table[k, FROM_LAST] + length - done)
        metres += rule.access_weight * away
        change = half_diagonal * table[k, SCALE]
        if away - change > rule.max_snap:
            maybe_out = True
            continue
        if away + change > rule.max_snap:
            maybe_out = True
        change = 2 * half * table[k, STEEP] + EPSILON_M
        if metres - change > rule.upper or metres + change <= rule.lower:
            maybe_out = True
        else:
            maybe_in = True
            if metres + change > rule.upper or metres - change <= rule.lower:
                maybe_out = True
    if maybe_in and maybe_out:
        return -1, n_kept
    return (1 if maybe_in else 0), n_kept


@bare_kernel
def _metres(table, k, snap2, share, rule):
    """Give the walking distance of a place from how far its nearest segment is; inf where that is too long."""
    away = np.sqrt(snap2) * table[k, SCALE]
    done = share * table[k, LENGTH]
    metres = min(table[k, FROM_FIRST] + done, table[k, FROM_LAST] + table[k, LENGTH] - done)
    return metres + rule.access_weight * away if away <= rule.max_snap else np.inf


@bare_kernel
def _crossing(table, j, k, rule, x, y, dx, dy, metres_in, metres_out):
    """Give the share of the way from a grid point within to its neighbour without where the border lies.

    ``j`` and ``k`` are the nearest segments of the two, the lower first.
    """
    if j == k:
        # on one segment the distance changes evenly, but for the bend half-way between its ends
        bound = rule.upper if metres_out > rule.upper else rule.lower
        share = (bound - metres_in) / (metres_out - metres_in)
        snap2, along = locate(table, j, x + share * dx, y + share * dy)
        if abs(_metres(table, j, snap2, along, rule) - bound) < _CLOSE_M:
            return min(max(share, _MARGIN_SHARE), 1.0 - _MARGIN_SHARE)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        nearest = j
        snap2, along = locate(table, j, x + share * dx, y + share * dy)
        other2, other = locate(table, k, x + share * dx, y + share * dy)
        if other2 < snap2:
            nearest, snap2, along = k, other2, other
        if rule.lower < _metres(table, nearest, snap2, along, rule) <= rule.upper:
            low = share
        else:
            high = share
    return min(max((low + high) / 2, _MARGIN_SHARE), 1.0 - _MARGIN_SHARE)


@bare_kernel
def sample(
    table, near, level, n, i, j, steps, pitch, rule, snap2s, shares, nearest, metres, within
):
    """Find the nearest segment, the walking distance and whether it is within, at the grid points of a square.

    The square begins at grid point (i, j) and is ``steps`` of ``pitch`` wide; points are written column by
    column. ``near[level]`` lists its ``n`` segments. Returns how many points are within.
    """
    points = (steps + 1) * (steps + 1)
    for p in range(points):
        snap2s[p] = np.inf
    for c in range(n):
        k = near[level, c]
        x0, y0, dx, dy = table[k, X], table[k, Y], table[k, DX], table[k, DY]
        inverse = table[k, INVERSE]
        p = 0
        for a in range(steps + 1):
            for b in range(steps + 1):
                x, y = (i + a) * pitch - x0, (j + b) * pitch - y0
                share = min(max((x * dx + y * dy) * inverse, 0.0), 1.0)
                x -= share * dx
                y -= share * dy
                snap2 = x * x + y * y
                if snap2 < snap2s[p]:
                    snap2s[p] = snap2
                    shares[p] = share
                    nearest[p] = k
                p += 1
    n_within = 0
    for p in range(points):
        m = _metres(table, nearest[p], snap2s[p], shares[p], rule)
        metres[p] = m
        within[p] = rule.lower < m <= rule.upper
        n_within += within[p]
    return n_within


@bare_kernel
def _side(column, row, unit):
    """Give the side between two neighbouring grid points a number, by its middle, so that no size repeats another's.

    ``column`` and ``row`` are the sums of those of the two, in grid steps of ``unit`` finest steps.
    """
    return ((column * unit + _OFFSET) << 31) | (row * unit + _OFFSET)


@bare_kernel
def _cross(table, rule, nearest, metres, i, j, a, b, c, d, steps, pitch, point, n):
    """Write where the border lies between the grid points (a, b) within and (c, d) without to ``point``."""
    p, q = a * (steps + 1) + b, c * (steps + 1) + d
    x, y = (i + a) * pitch, (j + b) * pitch
    dx, dy = (c - a) * pitch, (d - b) * pitch
    first, last = min(nearest[p], nearest[q]), max(nearest[p], nearest[q])
    share = _crossing(table, first, last, rule, x, y, dx, dy, metres[p], metres[q])
    point[n, 0], point[n, 1] = x + share * dx, y + share * dy


@bare_kernel
def _middle_within(table, near, level, n, x, y, rule):
    """Say whether the middle of a saddle is within."""
    best, best2, best_share = near[level, 0], np.inf, 0.0
    for i in range(n):
        snap2, share = locate(table, near[level, i], x, y)
        if snap2 < best2:
            best, best2, best_share = near[level, i], snap2, share
    return rule.lower < _metres(table, best, best2, best_share, rule) <= rule.upper


@bare_kernel
def emit(
    table, near, level, n_near, rule, i, j, steps, pitch, nearest, metres, within, side, point, n
):  # fmt: skip
    """Add the segments of border in the sampled squares to ``side`` and ``point``; return how many there are."""
    unit = FINER // steps
    for p in range(steps * steps):
        a, b = p // steps, p % steps
        code = code_of(within, a, b, steps)
        if code % ALL_WITHIN == 0:
            continue
        if (code == _SADDLES[0] or code == _SADDLES[1]) and _middle_within(
            table, near, level, n_near, (i + a + 0.5) * pitch, (j + b + 0.5) * pitch, rule
        ):
            code |= 16
        for segment in range(0, 4, 2):
            if _SEGMENTS[code, segment] < 0:
                break
            for end in range(2):
                k = _SEGMENTS[code, segment + end]
                m = (k + 1) & 3
                column = 2 * (i + a) + _CORNER[k, 0] + _CORNER[m, 0]
                row = 2 * (j + b) + _CORNER[k, 1] + _CORNER[m, 1]
                side[n, end] = _side(column, row, unit)
            k = _SEGMENTS[code, segment]
            m = (k + 1) & 3
            if not (code >> k) & 1:
                k, m = m, k
            _cross(
                table, rule, nearest, metres, i, j, a + _CORNER[k, 0], b + _CORNER[k, 1],
                a + _CORNER[m, 0], b + _CORNER[m, 1], steps, pitch, point, n,
            )  # fmt: skip
            n += 1
    return n


@bare_kernel
def code_of(within, a, b, steps):
    """Give the code of one square among the sampled grid points."""
    p = a * (steps + 1) + b
    q = p + steps + 1
    return within[p] | within[q] << 1 | within[q + 1] << 2 | within[p + 1] << 3


@bare_kernel
def shut_sides(table, rule, i, j, steps, pitch, nearest, metres, within, side, point, n):
    """Add the segments that shut a finely sampled square, whose corners agree, along its sides; return how many."""
    # round the square, with it on the left: border leaves it where a place without follows one within
    a = b = 0
    second = False
    for t in range(4 * steps):
        k = t // steps
        m = (k + 1) & 3
        c, d = a + _CORNER[m, 0] - _CORNER[k, 0], b + _CORNER[m, 1] - _CORNER[k, 1]
        here = within[a * (steps + 1) + b]
        if here != within[c * (steps + 1) + d]:
            if here:
                side[n, 1] = _side(2 * i + a + c, 2 * j + b + d, 1)
            else:
                side[n, 0] = _side(2 * i + a + c, 2 * j + b + d, 1)
                _cross(table, rule, nearest, metres, i, j, c, d, a, b, steps, pitch, point, n)
            n += second
            second = not second
        a, b = c, d
    return n


@kernel
def drop_shared(side, point):
    """Drop the sides that two finely drawn squares share, and keep the others in front; returns how many."""
    n = len(side)
    size = 4
    while size < 2 * n:
        size *= 2
    table = np.full(size, -1, np.int64)
    shared = np.zeros(n, np.bool_)
    for k in range(n):
        key = min(side[k, 0], side[k, 1])
        slot = ((key * np.int64(-7046029254386353131)) >> 20) & (size - 1)
        while table[slot] >= 0:
            other = table[slot]
            if side[other, 0] == side[k, 1] and side[other, 1] == side[k, 0]:
                shared[other] = shared[k] = True
                break
            slot = (slot + 1) & (size - 1)
        if not shared[k]:
            table[slot] = k
    kept = 0
    for k in range(n):
        if not shared[k]:
            side[kept, 0], side[kept, 1] = side[k, 0], side[k, 1]
            point[kept, 0], point[kept, 1] = point[k, 0], point[k, 1]
            kept += 1
    return kept
