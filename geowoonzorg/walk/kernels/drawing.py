"""Loops over the ground between streets: which street a place belongs to, how far it walks, where a limit lies.

Every place belongs to its nearest street. The border of an area is found by splitting squares of
ground: a square is settled at once when every street that is nearest to some place in it gives
walking distances on one side of the limit all over the square, because no step over the ground
changes a walking distance by more than the square root of two times its length (along the street and
away from it). Only squares that stay open down to `LEAF` grid steps are sampled, and the border is
drawn through them alone, so the work grows with the border and not with the ground.
"""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel
from geowoonzorg.walk.kernels.contours import (
    ALL_WITHIN,
    FINER,
    Rule,
    code_of,
    drop_shared,
    emit,
    sample,
    settle,
    shut_sides,
)
from geowoonzorg.walk.kernels.rings import link, nest, simplify, wider
from geowoonzorg.walk.kernels.search import doubled
from geowoonzorg.walk.kernels.segment_table import EPSILON_M, N_COLUMNS, gather, tabulate

#: Grid steps along the side of a square that is sampled.
LEAF = 2
#: Blocks of ground whose segments of street are kept, and the most segments kept for one.
_SHELVES, _SHELF = 4096, 128
#: No block has this column.
_NOWHERE = 1 << 40


@bare_kernel
def _list_rows(found, n_found, row_of, segment_of, n_rows, near):
    """Write the rows of the segments found to the first row of ``near``; returns how many."""
    m = 0
    for f in range(n_found):
        v = found[f]
        k = np.int64(row_of[v])
        while k < n_rows and segment_of[k] == v:
            near[0, m] = k
            m += 1
            k += 1
    return m


@bare_kernel
def _look_up(shelf, shelved, column, row, found):
    """Read what was shelved for a block into ``found``; returns its slot, and how many or -1 for nothing."""
    slot = (column * 73_856_093 ^ row * 19_349_663) & (_SHELVES - 1)
    if shelved[slot, 0] != column or shelved[slot, 1] != row:
        return slot, np.int64(-1)
    for f in range(shelved[slot, 2]):
        found[f] = shelf[slot, f]
    return slot, shelved[slot, 2]


@kernel
def _near_block(
    streets, column, row, size, max_snap, seen, visit, shelf, shelved, found, away2
):  # fmt: skip
    """Find the segments that may be nearest to some place in a block, from the shelf where they are on it.

    Returns how many, ``found`` and ``away2``, grown, and the number of the last visit to ``seen``.
    """
    slot, n_found = _look_up(shelf, shelved, column, row, found)
    if n_found >= 0:
        return n_found, found, away2, visit
    visit += 1
    x, y = (column + 0.5) * size, (row + 0.5) * size
    # a little further than asked, for the projection's scale
    n_found, found, away2 = gather(
        streets, x, y, size * np.sqrt(0.5), max_snap * 1.01, seen, visit, found, away2
    )
    if n_found <= _SHELF:
        shelved[slot, 0], shelved[slot, 1], shelved[slot, 2] = column, row, n_found
        for f in range(n_found):
            shelf[slot, f] = found[f]
    return n_found, found, away2, visit


@kernel
def _trace(
    streets,
    seeds,
    place,
    node_m,
    rule,
    columns,
    rows,
    pitch,
    levels,
    seen,
    row_of,
    visit,
    shelf,
    shelved,
):
    """Draw the border through the blocks named, as directed segments from grid side to grid side.

    ``shelf`` keeps the segments found for a block, for the next area and limit there; ``shelved`` says
    for which column and row, and how many. Returns for every segment of border the sides where it starts
    and ends, the point where it starts, and the number of the last visit to ``seen``.
    """
    found, away2 = np.empty(256, np.int32), np.empty(256)
    table, segment_of, n_rows = np.empty((1024, N_COLUMNS)), np.empty(1024, np.int32), np.int64(0)
    near = np.empty((levels + 3, len(table)), np.uint32)
    snaps2, shares = np.empty(len(table)), np.empty(len(table))
    n_near = np.empty(levels + 2, np.int64)
    todo = np.empty((4 * levels + 4, 3), np.int64)
    points, finer_points = (LEAF + 1) * (LEAF + 1), (FINER + 1) * (FINER + 1)
    nearest, finer_nearest = np.empty(points, np.uint32), np.empty(finer_points, np.uint32)
    metres, finer_metres = np.empty(points), np.empty(finer_points)
    within, finer_within = np.empty(points, np.int64), np.empty(finer_points, np.int64)
    side, point = np.empty((256, 2), np.int64), np.empty((256, 2))
    shut, shut_at, n_shut = np.empty((64, 2), np.int64), np.empty((64, 2)), np.int64(0)
    n = np.int64(0)  # a plain 0 would compile what it is passed to twice
    top = 1 << levels
    for block in range(columns.size):
        n_found, found, away2, visit = _near_block(
            streets, columns[block], rows[block], top * pitch, rule.max_snap, seen, visit, shelf, shelved,
            found, away2,
        )  # fmt: skip
        table, segment_of, n_rows = tabulate(
            streets, seeds, place, node_m, found, n_found, row_of, table, segment_of, n_rows
        )
        if len(table) > snaps2.size:
            near = np.empty((levels + 3, len(table)), np.uint32)
            snaps2, shares = np.empty(len(table)), np.empty(len(table))
        m = _list_rows(found, n_found, row_of, segment_of, n_rows, near)
        n_near[0] = m
        todo[0, 0], todo[0, 1], todo[0, 2] = 0, columns[block] * top, rows[block] * top
        n_todo = 1
        while n_todo > 0:
            n_todo -= 1
            level, i, j = todo[n_todo, 0], todo[n_todo, 1], todo[n_todo, 2]
            size = top >> level
            state, kept = settle(
                table, near, level, n_near[level], (i + size / 2) * pitch, (j + size / 2) * pitch,
                size / 2 * pitch, rule, snaps2, shares,
            )  # fmt: skip
            if state >= 0:
                continue
            n_near[level + 1] = kept
            if size > LEAF:
                for quarter in range(4):
                    todo[n_todo, 0] = level + 1
                    todo[n_todo, 1] = i + size // 2 * (quarter & 1)
                    todo[n_todo, 2] = j + size // 2 * (quarter >> 1)
                    n_todo += 1
                continue
            sample(
                table, near, level + 1, kept, i, j, LEAF, pitch, rule, snaps2, shares,
                nearest, metres, within,
            )  # fmt: skip
            if n + 2 * LEAF * LEAF > len(side):
                side, point = wider(side), wider(point)
            n = emit(
                table, near, level + 1, kept, rule, i, j, LEAF, pitch, nearest, metres, within,
                side, point, n,
            )  # fmt: skip
            for a in range(LEAF if kept > 1 else 0):
                for b in range(LEAF):
                    # alike at its corners, but something else may lie between two streets
                    if code_of(within, a, b, LEAF) % ALL_WITHIN != 0:
                        continue
                    state, few = settle(
                        table, near, level + 1, kept, (i + a + 0.5) * pitch, (j + b + 0.5) * pitch,
                        pitch / 2, rule, snaps2, shares,
                    )  # fmt: skip
                    if state >= 0:
                        continue
                    column, row, step = (i + a) * FINER, (j + b) * FINER, pitch / FINER
                    n_within = sample(
                        table, near, level + 2, few, column, row, FINER, step, rule, snaps2, shares,
                        finer_nearest, finer_metres, finer_within,
                    )  # fmt: skip
                    if n_within % finer_within.size == 0:
                        continue
                    while n + 2 * FINER * FINER > len(side):
                        side, point = wider(side), wider(point)
                    n = emit(
                        table, near, level + 2, few, rule, column, row, FINER, step,
                        finer_nearest, finer_metres, finer_within, side, point, n,
                    )  # fmt: skip
                    if n_shut + 2 * FINER > len(shut):
                        shut, shut_at = wider(shut), wider(shut_at)
                    n_shut = shut_sides(
                        table, rule, column, row, FINER, step,
                        finer_nearest, finer_metres, finer_within, shut, shut_at, n_shut,
                    )  # fmt: skip
    n_shut = drop_shared(shut[:n_shut], shut_at)
    while n + n_shut > len(side):
        side, point = wider(side), wider(point)
    for k in range(n_shut):
        side[n, 0], side[n, 1] = shut[k, 0], shut[k, 1]
        point[n, 0], point[n, 1] = shut_at[k, 0], shut_at[k, 1]
        n += 1
    return side[:n], point[:n], visit


@bare_kernel
def _write_box(xy, v, away, box, n):
    """Write the box around a segment of street within an access distance of it."""
    box[n, 0] = min(xy[v, 0], xy[v + 1, 0]) - away
    box[n, 1] = min(xy[v, 1], xy[v + 1, 1]) - away
    box[n, 2] = max(xy[v, 0], xy[v + 1, 0]) + away
    box[n, 3] = max(xy[v, 1], xy[v + 1, 1]) + away


@kernel
def _blocks(streets, seeds, place, rule, touched, node_m, size_m):
    """List the blocks, columns and rows of squares of ``size_m``, that may hold a place within the limit."""
    graph, offset = streets.graph, streets.vertex_offset
    box = np.empty((1024, 4))
    n = np.int64(0)
    for t in range(touched.size + seeds.start[place + 1] - seeds.start[place]):
        # first the edges at nodes that were reached, then the edges the place itself stands on
        seed = seeds.start[place] + t - touched.size
        x = touched[t] if t < touched.size else -1
        first, last = (graph.start[x], graph.start[x + 1]) if x >= 0 else (seed, seed + 1)
        for h in range(first, last):
            e = graph.half[h]["edge"] if x >= 0 else seeds.edge[seed]
            u, v = graph.edge_node[e, 0], graph.edge_node[e, 1]
            length = graph.edge_length[e]
            for p in range(streets.vertex_start[e], streets.vertex_start[e + 1] - 1):
                metres = np.inf
                if x < 0:
                    before = seeds.offset[seed] - offset[p + 1]
                    metres = seeds.access[seed] + max(0.0, before, offset[p] - seeds.offset[seed])
                if x == u:
                    metres = node_m[x] + offset[p]
                if x == v:
                    metres = min(metres, node_m[x] + length - offset[p + 1])
                if metres <= rule.upper + EPSILON_M:
                    # a little further, for the projection's scale and rounding
                    away = rule.max_snap
                    if rule.access_weight > 0.0:
                        away = min(away, rule.upper - metres)
                    if n == len(box):
                        box = wider(box)
                    _write_box(streets.vertex_xy, p, away * 1.01 + 1e-3, box, n)
                    n += 1
    block = np.empty((n, 4), np.int64)
    first_column = first_row = np.int64(1 << 60)
    last_column = last_row = np.int64(-(1 << 60))
    for k in range(n):
        for c in range(4):
            block[k, c] = int(np.floor(box[k, c] / size_m))
        first_column, first_row = min(first_column, block[k, 0]), min(first_row, block[k, 1])
        last_column, last_row = max(last_column, block[k, 2]), max(last_row, block[k, 3])
    n_columns = last_column - first_column + 1 if n else 0
    marked = np.zeros((last_row - first_row + 1) * n_columns if n else 0, np.bool_)
    n_marked = 0
    for k in range(n):
        for r in range(block[k, 1] - first_row, block[k, 3] - first_row + 1):
            for c in range(block[k, 0] - first_column, block[k, 2] - first_column + 1):
                n_marked += not marked[r * n_columns + c]
                marked[r * n_columns + c] = True
    columns, rows = np.empty(n_marked, np.int64), np.empty(n_marked, np.int64)
    filled = 0
    for k in range(marked.size):
        if marked[k]:
            columns[filled], rows[filled] = k % n_columns + first_column, k // n_columns + first_row
            filled += 1
    return columns, rows


@kernel
def draw(streets, seeds, reached, places, bounds, settings, node_m, seen, row_of):
    """Draw the areas around each of ``places`` on its own, one for each pair of bounds.

    ``reached`` tells, per place, which nodes are within the upper limits and how far: CSR start, nodes,
    metres. ``bounds`` holds lower and upper limits (n_bounds, 2); ``settings`` is the longest access distance
    (m), whether access distances count, the grid step (m), halvings from a block to a grid step,
    tolerance (m), and the smallest ring (m²). ``node_m`` is full of inf and left so; ``seen`` and ``row_of`` are
    working arrays per vertex.

    Returns coordinates, where each ring starts, where each polygon starts among the rings, and where
    each area starts among the polygons (n_places * n_bounds + 1,).
    """
    max_snap, access_weight, pitch, levels, tolerance, smallest = settings
    start, node, distance = reached
    n_bounds = len(bounds)
    coordinates = np.empty((4096, 2))
    ring_start, polygon_start = np.zeros(256, np.int64), np.zeros(256, np.int64)
    area_start = np.zeros(places.size * n_bounds + 1, np.int64)
    n = n_rings = n_polygons = visit = np.int64(0)
    for v in range(seen.size):
        seen[v] = 0
    shelf, shelved = np.empty((_SHELVES, _SHELF), np.int32), np.zeros((_SHELVES, 3), np.int64)
    for slot in range(_SHELVES):
        shelved[slot, 0] = _NOWHERE
    for i in range(places.size):
        place = places[i]
        touched = node[start[place] : start[place + 1]]
        for t in range(start[place], start[place + 1]):
            node_m[node[t]] = distance[t]
        for which in range(n_bounds):
            rule = Rule(bounds[which, 0], bounds[which, 1], max_snap, access_weight)
            columns, rows = _blocks(
                streets, seeds, place, rule, touched, node_m, pitch * (1 << levels)
            )
            side, point, visit = _trace(
                streets, seeds, place, node_m, rule, columns, rows, pitch, levels,
                seen, row_of, visit, shelf, shelved,
            )  # fmt: skip
            order, loop_start = link(side)
            xy, ring, area = simplify(point, order, loop_start, tolerance, smallest)
            while n + len(xy) > len(coordinates):
                coordinates = wider(coordinates)
            for r in nest(xy, ring, area):
                if n_rings + 2 > ring_start.size:
                    ring_start, polygon_start = doubled(ring_start), doubled(polygon_start)
                if area[r] > 0.0:
                    polygon_start[n_polygons] = n_rings
                    n_polygons += 1
                for k in range(ring[r], ring[r + 1]):
                    coordinates[n, 0], coordinates[n, 1] = xy[k, 0], xy[k, 1]
                    n += 1
                n_rings += 1
                ring_start[n_rings] = n
            area_start[i * n_bounds + which + 1] = n_polygons
        for x in touched:
            node_m[x] = np.inf
    polygon_start[n_polygons] = n_rings
    return (
        coordinates[:n].copy(), ring_start[: n_rings + 1].copy(), polygon_start[: n_polygons + 1].copy(), area_start,
    )  # fmt: skip
