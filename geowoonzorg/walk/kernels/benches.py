"""The loop that finds the longest stretch without a bench on drawn routes."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel


@bare_kernel
def _share_along(x, y, ax, ay, bx, by):
    """Say how far along a straight the point nearest to (x, y) lies, as a share that may lie outside 0-1."""
    if x == ax and y == ay:
        return 0.0
    if x == bx and y == by:
        return 1.0
    dx, dy = bx - ax, by - ay
    return ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)


@bare_kernel
def _distance(x, y, ax, ay, bx, by, share):
    """Measure from a point to a straight."""
    if share <= 0.0:
        return np.sqrt((x - ax) * (x - ax) + (y - ay) * (y - ay))
    if share >= 1.0:
        return np.sqrt((x - bx) * (x - bx) + (y - by) * (y - by))
    square = (bx - ax) * (bx - ax) + (by - ay) * (by - ay)
    across = ((ay - y) * (bx - ax) - (ax - x) * (by - ay)) / square
    return abs(across) * np.sqrt(square)


@bare_kernel
def _first_from(xs, x):
    """Find the first of ascending numbers that is at least ``x``."""
    low, high = 0, xs.size
    while low < high:
        middle = (low + high) // 2
        if xs[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def longest_gaps(start, xy, length, bench_x, bench_y, near_m):
    """Measure the longest stretch of every route between benches, its ends being the route's or a bench.

    Routes are lines ``xy[start[i]:start[i + 1]]`` with ``length[i]`` metres; benches ascend by x, and one
    within ``near_m`` of a route is on it, where the route comes nearest to it first.
    """
    out = np.zeros(length.size)
    nearest, at = np.empty(bench_x.size), np.empty(bench_x.size)
    of = np.full(bench_x.size, -1, np.int64)
    met = np.empty(bench_x.size, np.int64)
    for i in range(length.size):
        n, walked = 0, 0.0
        for k in range(start[i], start[i + 1] - 1):
            ax, ay, bx, by = xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1]
            straight = np.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
            low, high = min(ay, by) - near_m, max(ay, by) + near_m
            b = _first_from(bench_x, min(ax, bx) - near_m)
            while b < bench_x.size and bench_x[b] <= max(ax, bx) + near_m:
                if low <= bench_y[b] <= high:
                    share = _share_along(bench_x[b], bench_y[b], ax, ay, bx, by)
                    d = _distance(bench_x[b], bench_y[b], ax, ay, bx, by, share)
                    if d <= near_m and (of[b] != i or d < nearest[b]):
                        if of[b] != i:
                            of[b] = i
                            met[n] = b
                            n += 1
                        nearest[b] = d
                        at[b] = walked + min(max(share, 0.0), 1.0) * straight
                b += 1
            walked += straight
        # sorted by insertion: few benches stand along one route
        for j in range(1, n):
            b = met[j]
            k = j
            while k > 0 and at[met[k - 1]] > at[b]:
                met[k] = met[k - 1]
                k -= 1
            met[k] = b
        last, longest = 0.0, 0.0
        for j in range(n):
            here = at[met[j]] / walked * length[i] if walked > 0.0 else 0.0
            longest = max(longest, here - last)
            last = here
        out[i] = max(longest, length[i] - last)
    return out
