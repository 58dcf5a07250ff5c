"""Loops that turn loose segments of border into rings: linked, simplified, and holes with their outer ring."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import kernel


@kernel
def wider(array):
    """Copy an array of rows into one of twice its length."""
    # element by element: whole-slice assignment takes seconds to compile
    out = np.empty((2 * array.shape[0], array.shape[1]), array.dtype)
    for i in range(array.shape[0]):
        for j in range(array.shape[1]):
            out[i, j] = array[i, j]
    return out


@kernel
def link(side):
    """Join directed segments into rings: segments in order, and where each ring starts (n_rings + 1,)."""
    n = len(side)
    size = 4
    while size < 2 * n:
        size *= 2
    table = np.full(size, -1, np.int64)
    for k in range(n):
        slot = ((side[k, 0] * np.int64(-7046029254386353131)) >> 20) & (size - 1)
        while table[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = k
    used = np.zeros(n, np.bool_)
    order = np.empty(n, np.int64)
    start = np.zeros(n // 4 + 2, np.int64)
    n_rings = 0
    filled = 0
    for first in range(n):
        k = first
        if used[k]:
            continue
        while not used[k]:
            used[k] = True
            order[filled] = k
            filled += 1
            slot = ((side[k, 1] * np.int64(-7046029254386353131)) >> 20) & (size - 1)
            while table[slot] >= 0 and side[table[slot], 0] != side[k, 1]:
                slot = (slot + 1) & (size - 1)
            if table[slot] < 0:
                raise RuntimeError("a border of an area does not close")
            k = table[slot]
        n_rings += 1
        start[n_rings] = filled
    return order, start[: n_rings + 1]


@kernel
def simplify(point, order, start, tolerance_m, min_area_m2):
    """Drop the vertices of rings that lie within a tolerance of the line, and rings that are specks.

    A line is drawn on for as long as one direction passes every vertex within the tolerance
    (the sleeve of Zhao and Saalfeld, 1997). Returns closed rings, where each starts, and their
    signed areas in m2.
    """
    # coordinates one by one: a row taken from an array is counted as one more user of it, which costs more
    n_rings = len(start) - 1
    xy = np.empty((len(order) + n_rings, 2))
    ring = np.zeros(n_rings + 1, np.int64)
    area = np.empty(n_rings)
    kept_rings = 0
    n = 0
    for r in range(n_rings):
        first, last = start[r], start[r + 1]
        x0, y0 = point[order[first], 0], point[order[first], 1]
        twice = 0.0
        for k in range(first, last):
            p, q = order[k], order[k + 1 if k + 1 < last else first]
            twice += (point[p, 0] - x0) * (point[q, 1] - y0)
            twice -= (point[q, 0] - x0) * (point[p, 1] - y0)
        if abs(twice) < 2 * min_area_m2:
            continue
        area[kept_rings] = twice / 2
        xy[n, 0], xy[n, 1] = x0, y0
        n += 1
        # The sleeve: directions from the last kept vertex between (lx, ly) and (rx, ry) are open.
        open_ = False
        lx = ly = rx = ry = far = 0.0
        for k in range(first + 1, last + 1):
            p = order[k if k < last else first]
            while True:
                vx, vy = point[p, 0] - xy[n - 1, 0], point[p, 1] - xy[n - 1, 1]
                d2 = vx * vx + vy * vy
                if open_ and (lx * vy - ly * vx > 0 or rx * vy - ry * vx < 0 or d2 < far):
                    q = order[k - 1]
                    xy[n, 0], xy[n, 1] = point[q, 0], point[q, 1]
                    n += 1
                    open_ = False
                    continue
                break
            d = np.sqrt(d2)
            if d <= tolerance_m:
                continue
            # the two tangents from the last kept vertex to the circle of the tolerance around p
            s = tolerance_m / d
            c = np.sqrt(1 - s * s)
            ax, ay = vx * c - vy * s, vx * s + vy * c
            bx, by = vx * c + vy * s, vy * c - vx * s
            if not open_:
                lx, ly, rx, ry = ax, ay, bx, by
                open_ = True
            else:
                if lx * ay - ly * ax < 0:
                    lx, ly = ax, ay
                if rx * by - ry * bx > 0:
                    rx, ry = bx, by
            far = max(0.0, d2)
        xy[n, 0], xy[n, 1] = x0, y0
        n += 1
        kept_rings += 1
        ring[kept_rings] = n
    return xy[:n], ring[: kept_rings + 1], area[:kept_rings]


@kernel
def nest(xy, ring, area):
    """Order rings so that every outer one is followed by its holes; returns their indices.

    A hole belongs to the smallest outer ring around it. Outer rings have a positive area.
    """
    n = len(area)
    n_holes = np.zeros(n + 1, np.int64)
    parent = np.arange(n)
    box = np.empty((n, 4))
    outer = np.empty(n, np.int64)
    n_outer = 0
    for r in range(n):
        if area[r] <= 0.0:
            continue
        outer[n_outer] = r
        n_outer += 1
        box[r, 0] = box[r, 1] = np.inf
        box[r, 2] = box[r, 3] = -np.inf
        for k in range(ring[r], ring[r + 1]):
            box[r, 0], box[r, 2] = min(box[r, 0], xy[k, 0]), max(box[r, 2], xy[k, 0])
            box[r, 1], box[r, 3] = min(box[r, 1], xy[k, 1]), max(box[r, 3], xy[k, 1])
    for hole in range(n):
        if area[hole] > 0.0:
            continue
        x, y = xy[ring[hole], 0], xy[ring[hole], 1]
        best = -1
        for o in range(n_outer):
            r = outer[o]
            if not (
                area[r] > -area[hole]
                and box[r, 0] < x < box[r, 2]
                and box[r, 1] < y < box[r, 3]
                and (best < 0 or area[r] < area[best])
            ):
                continue
            inside = False
            for k in range(ring[r], ring[r + 1] - 1):
                if (xy[k, 1] > y) != (xy[k + 1, 1] > y):
                    share = (y - xy[k, 1]) / (xy[k + 1, 1] - xy[k, 1])
                    if x < xy[k, 0] + share * (xy[k + 1, 0] - xy[k, 0]):
                        inside = not inside
            if inside:
                best = r
        parent[hole] = best
        n_holes[best] += 1
    at = np.empty(n, np.int64)
    filled = 0
    order = np.empty(n, np.int64)
    for o in range(n_outer):
        order[filled] = outer[o]
        at[outer[o]] = filled + 1
        filled += 1 + n_holes[outer[o]]
    for hole in range(n):
        if parent[hole] >= 0 and area[hole] <= 0.0:
            order[at[parent[hole]]] = hole
            at[parent[hole]] += 1
    return order[:filled]
