"""Loops that list the streets near a block of ground, with what a place needs to measure its distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel
from geowoonzorg.walk.kernels.rings import wider
from geowoonzorg.walk.kernels.search import doubled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.kernels.grid import Grid
    from geowoonzorg.walk.kernels.search import Graph

#: What rounding may move a distance (m): squares within it of a limit are sampled, not settled.
EPSILON_M = 1e-6
#: Share of a segment that is just beyond its end.
_JUST = 1e-9
#: Columns of a table of segments of street: the first end, the way to the last, 1 / its square; metres
#: from the first and the last end to the nearest facility (inf where that way may not be walked);
#: metres along; metres on the ground per metre of the projection; the most that the way along and the access distance
#: together change for a step of one metre along both axes, halved.
X, Y, DX, DY, INVERSE, FROM_FIRST, FROM_LAST, LENGTH, SCALE, STEEP, N_COLUMNS = range(11)


class Streets(NamedTuple):
    """What a network tells about the ground: its graph toward facilities, its lines and its grid."""

    graph: Graph
    grid: Grid
    vertex_start: NDArray[np.int64]
    vertex_xy: NDArray[np.float64]
    vertex_offset: NDArray[np.float64]
    vertex_edge: NDArray[np.int32]


@bare_kernel
def locate(table, k, x, y):
    """Give the square of the metres from a place to a segment, and the share of the segment where it lands."""
    x -= table[k, X]
    y -= table[k, Y]
    dx, dy = table[k, DX], table[k, DY]
    share = min(max((x * dx + y * dy) * table[k, INVERSE], 0.0), 1.0)
    x -= share * dx
    y -= share * dy
    return x * x + y * y, share


@kernel
def gather(streets, x, y, half_diagonal, max_snap, seen, visit, found, away2):
    """Collect every segment of street that may be nearest to a place within ``half_diagonal`` of (x, y).

    Writes the segments' first vertices to ``found``, ascending, so that of segments equally near the lowest
    is met first wherever one looks from; returns how many, ``found`` and ``away2``, grown.
    """
    grid, xy = streets.grid, streets.vertex_xy
    start, segment, nx, ny = grid.start, grid.segment, grid.nx, grid.ny
    x0, y0, side = grid.frame
    cx, cy = int(np.floor((x - x0) / side)), int(np.floor((y - y0) / side))
    margin = min(
        x - (x0 + cx * side),
        x0 + (cx + 1) * side - x,
        y - (y0 + cy * side),
        y0 + (cy + 1) * side - y,
    )
    nearest = max_snap + half_diagonal
    n = ring = 0
    while ring == 0 or (ring - 1) * side + margin <= nearest + 2 * half_diagonal:
        for row in range(max(cy - ring, 0), min(cy + ring, ny - 1) + 1):
            step = 1 if row in (cy - ring, cy + ring) or ring == 0 else 2 * ring
            dy = max(y0 + row * side - y, y - y0 - (row + 1) * side, 0.0)
            for column in range(cx - ring, cx + ring + 1, step):
                dx = max(x0 + column * side - x, x - x0 - (column + 1) * side, 0.0)
                bound = nearest + 2 * half_diagonal + EPSILON_M
                if column < 0 or column >= nx or dx * dx + dy * dy > bound * bound:
                    continue
                c = row * nx + column
                for i in range(start[c], start[c + 1]):
                    v = segment[i]
                    if v < 0 or seen[v] == visit:  # an island's, or seen in another cell
                        continue
                    seen[v] = visit
                    ax, ay = xy[v, 0], xy[v, 1]
                    ux, uy = xy[v + 1, 0] - ax, xy[v + 1, 1] - ay
                    square = ux * ux + uy * uy
                    t = ((x - ax) * ux + (y - ay) * uy) / square if square > 0.0 else 0.0
                    t = min(max(t, 0.0), 1.0)
                    ax, ay = x - ax - t * ux, y - ay - t * uy
                    d2 = ax * ax + ay * ay
                    if d2 > bound * bound:
                        continue
                    if d2 < nearest * nearest:
                        nearest = np.sqrt(d2)
                        bound = nearest + 2 * half_diagonal + EPSILON_M
                    if n == found.size:
                        found, away2 = doubled(found), doubled(away2)
                    found[n] = v
                    away2[n] = d2
                    n += 1
        ring += 1
    kept = 0
    bound = nearest + 2 * half_diagonal + EPSILON_M
    for i in range(n):
        if away2[i] <= bound * bound:
            v = found[i]
            k = kept
            while k > 0 and found[k - 1] > v:
                found[k] = found[k - 1]
                k -= 1
            found[k] = v
            kept += 1
    return kept, found, away2


@kernel
def tabulate(streets, seeds, place, node_m, found, n_found, row_of, table, segment_of, rows):
    """Add the segments found to the table, unless they are there; returns both arrays, grown, and the rows.

    A segment is split where the place joins it, so in every row the metres run from the ends alone.
    The rows of a segment follow each other from ``row_of`` on. Seeds ascend by edge and by offset.
    """
    graph = streets.graph
    edge_of, vertex_xy, vertex_offset = (
        streets.vertex_edge,
        streets.vertex_xy,
        streets.vertex_offset,
    )
    edge_node, edge_length, to_u, to_v = graph.edge_node, graph.edge_length, graph.to_u, graph.to_v
    seed_edge, seed_offset, seed_access = seeds.edge, seeds.offset, seeds.access
    first_seed, last_seed = seeds.start[place], seeds.start[place + 1]
    for f in range(n_found):
        v = found[f]
        if row_of[v] < rows and segment_of[row_of[v]] == v:
            continue
        row_of[v] = rows
        e = edge_of[v]
        low, high = first_seed, last_seed
        while low < high:
            middle = (low + high) // 2
            if seed_edge[middle] < e:
                low = middle + 1
            else:
                high = middle
        while high < last_seed and seed_edge[high] == e:
            high += 1
        while rows + 3 * (high - low) + 4 > len(table):
            table, segment_of = wider(table), doubled(segment_of)
        x, y = vertex_xy[v, 0], vertex_xy[v, 1]
        dx, dy = vertex_xy[v + 1, 0] - x, vertex_xy[v + 1, 1] - y
        begin, end = vertex_offset[v], vertex_offset[v + 1]
        projected = np.sqrt(dx * dx + dy * dy)
        scale = (end - begin) / projected if projected > 0.0 else 1.0
        length = edge_length[e]
        from_u, from_v = node_m[edge_node[e, 0]], node_m[edge_node[e, 1]]
        u_open, v_open = to_v[e], to_u[e]
        here, k = begin, low
        while True:
            while k < high and seed_offset[k] <= here:
                k += 1
            there = min(end, seed_offset[k]) if k < high else end
            from_first = from_u + here if u_open else np.inf
            from_last = from_v + length - there if v_open else np.inf
            for j in range(low, high):
                t = seed_offset[j]
                if t <= here and u_open:
                    from_first = min(from_first, here - t + seed_access[j])
                if t >= there and v_open:
                    from_last = min(from_last, t - there + seed_access[j])
            a, b = 0.0, 1.0
            if end > begin:
                a, b = (here - begin) / (end - begin), (there - begin) / (end - begin)
            if not (u_open and v_open) and end > begin:
                # Whoever stands at the very end of the edge, or of the way to a facility, has
                # arrived whatever the direction: a point of its own, just beyond the segment.
                for at_end in range(2):
                    t = there if at_end else here
                    arrived = np.inf
                    if t == 0.0:
                        arrived = from_u
                    elif t == length:
                        arrived = from_v
                    for j in range(low, high):
                        if seed_offset[j] == t:
                            arrived = min(arrived, seed_access[j])
                    if arrived < np.inf or t in (0.0, length):
                        share = b if at_end else a
                        segment_of[rows] = v
                        rows = _write(
                            table,
                            rows,
                            x + share * dx,
                            y + share * dy,
                            0.0,
                            0.0,
                            arrived,
                            arrived,
                            0.0,
                            scale,
                        )
                a, b = a + _JUST, b - _JUST
            segment_of[rows] = v
            # the last end without rounding: at a gate a street and private ground are equally near
            ax, ay = x + a * dx, y + a * dy
            rows = _write(
                table, rows, ax, ay, x + b * dx - ax, y + b * dy - ay,
                from_first, from_last, there - here, scale,
            )  # fmt: skip
            if there >= end:
                break
            here = there
    return table, segment_of, rows


@bare_kernel
def _write(table, k, x, y, dx, dy, from_first, from_last, length, scale):
    """Fill a row of the table; returns the next."""
    square = dx * dx + dy * dy
    table[k, X], table[k, Y], table[k, DX], table[k, DY] = x, y, dx, dy
    table[k, INVERSE] = 1.0 / square if square > 0.0 else 0.0
    table[k, FROM_FIRST], table[k, FROM_LAST] = from_first, from_last
    table[k, LENGTH], table[k, SCALE] = length, scale
    # along and away are at right angles: of (dx - dy, dx + dy) the absolute values add up to twice the longer
    table[k, STEEP] = scale * (
        max(abs(dx), abs(dy)) / np.sqrt(square) if square > 0.0 else np.sqrt(0.5)
    )
    return k + 1
