"""Loops that follow the true line of parts of edges: their coordinates, and what they pass."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import kernel
from geowoonzorg.walk.kernels.lengths import line_length


@kernel
def part_sizes(first, offset, edge, begin, end):
    """Count the coordinates of parts of edges: both cut ends and the vertices strictly between them."""
    size = np.empty(edge.size, np.int64)
    for i in range(edge.size):
        low, high = min(begin[i], end[i]), max(begin[i], end[i])
        n = 2
        for v in range(first[edge[i]], first[edge[i] + 1]):
            if low < offset[v] < high:
                n += 1
        size[i] = n
    return size


@kernel
def part_coordinates(first, offset, xy, edge, begin, end, at, coefficients, frame):
    """Write the coordinates of parts of edges, from ``begin`` to ``end`` (either way round).

    ``at`` is where each part starts in the result (n_parts + 1,); ``coefficients`` and ``frame`` are
    the projection's scale.
    """
    out = np.empty((at[at.size - 1], 2))
    for i in range(edge.size):
        e, n = edge[i], at[i]
        _interpolate(first[e], first[e + 1], offset, xy, begin[i], out, n, coefficients, frame)
        n += 1
        low, high = min(begin[i], end[i]), max(begin[i], end[i])
        for k in range(first[e + 1] - first[e]):
            v = first[e] + k if begin[i] <= end[i] else first[e + 1] - 1 - k
            if low < offset[v] < high:
                out[n, 0], out[n, 1] = xy[v, 0], xy[v, 1]
                n += 1
        _interpolate(first[e], first[e + 1], offset, xy, end[i], out, n, coefficients, frame)
    return out


@kernel
def _interpolate(low, high, offset, xy, at_m, out, n, coefficients, frame):
    """Write the point ``at_m`` metres along the vertices low..high-1 to ``out[n]``; a vertex stays itself."""
    last = high - 1
    if at_m <= 0.0:
        out[n, 0], out[n, 1] = xy[low, 0], xy[low, 1]
        return
    if at_m >= offset[last]:
        out[n, 0], out[n, 1] = xy[last, 0], xy[last, 1]
        return
    while last - low > 1:
        middle = (low + last) // 2
        if offset[middle] <= at_m:
            low = middle
        else:
            last = middle
    dx, dy = xy[last, 0] - xy[low, 0], xy[last, 1] - xy[low, 1]
    whole, wanted = offset[last] - offset[low], at_m - offset[low]
    share = wanted / whole
    if coefficients.shape[1]:
        # the projection's scale changes along a long straight: by a few hundredths of a millimetre in 500 m
        x, y = xy[low, 0] + share * dx, xy[low, 1] + share * dy
        share += (wanted - line_length(xy[low, 0], xy[low, 1], x, y, coefficients, frame)) / whole
    out[n, 0] = xy[low, 0] + share * dx
    out[n, 1] = xy[low, 1] + share * dy


@kernel
def passed(first, offset, edge, begin, end, most):
    """List, in walking order, the straight segments that parts cover and the vertices they come to.

    Returns part, first vertex and metres per segment, and part and vertex per vertex come to: all
    after the first point of a part, its last included when it is a vertex. ``most`` bounds both.
    """
    of, segment, metres = (
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most),
    )
    vertex_of, vertex = np.empty(most, np.int64), np.empty(most, np.int64)
    n = m = 0
    for i in range(edge.size):
        ahead = end[i] >= begin[i]
        low, high = min(begin[i], end[i]), max(begin[i], end[i])
        start, last = first[edge[i]], first[edge[i] + 1] - 1
        for k in range(last - start):
            v = start + k if ahead else last - 1 - k
            covered = min(high, offset[v + 1]) - max(low, offset[v])
            if covered > 0.0:
                of[n], segment[n], metres[n] = i, v, covered
                n += 1
                come_to = v + 1 if ahead else v
                if low <= offset[come_to] <= high:
                    vertex_of[m], vertex[m] = i, come_to
                    m += 1
    return of[:n], segment[:n], metres[:n], vertex_of[:m], vertex[:m]
