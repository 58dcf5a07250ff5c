"""Loops over the ground between streets: which street a place belongs to, how far it walks, where a limit lies.

Every place belongs to its nearest street. The border of an area is found by splitting squares of
ground: a square is settled at once when every street that is nearest to some place in it gives
walking distances on one side of the limit all over the square, because no step over the ground
changes a walking distance by more than the square root of two times its length (along the street and
away from it). Only squares that stay open down to `LEAF` grid steps are sampled, and the border is
drawn through them alone, so the work grows with the border and not with the ground.
"""
# ruff: noqa: ANN001, ANN202, PLR0912, PLR0913, PLR0917, C901, PLR0915
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geowoonzorg._jit import kernel
from geowoonzorg.walk._ground import (
    DX,
    DY,
    EPSILON_M,
    FROM_FIRST,
    FROM_LAST,
    INVERSE,
    LENGTH,
    N_COLUMNS,
    SCALE,
    X,
    Y,
    gather,
    locate,
    metres_from,
    tabulate,
)
from geowoonzorg.walk._rings import link, longer, nest, simplify, wider

#: Grid steps along the side of a square that is sampled.
LEAF = 2
#: A jump is placed within 1 / 2**7 of a grid step.
_HALVINGS = 6
#: A crossing whose own distance is within this of the limit needs no halving (m).
_CLOSE_M = 0.01
#: Share of a grid step that a border keeps from the points of the grid.
_MARGIN_SHARE = 1e-3
#: Blocks of ground whose pieces of street are kept, and the most pieces kept for one.
_SHELVES, _SHELF = 4096, 128
#: No block has this column.
_NOWHERE = 1 << 40
#: Makes the numbers of grid points positive.
_OFFSET = 1 << 29
# Marching squares. Corners of a square are numbered 0 (low x, low y), 1 (high x), 2 (both high), 3
# (high y); side k runs from corner k to corner k + 1. For each code (bit k: corner k within) the
# directed pieces of border (from side, to side) that keep the inside on their left; code + 16 is a
# saddle whose inside is connected through the middle.
_CORNER = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
_SADDLES = (5, 10)
_ALL = 15
_SIDE = np.array([[0, 0], [1, 0], [0, 1], [0, 0]])
_PIECES = np.full((32, 4), -1, np.int8)
for _code, _pieces in {
    1: (0, 3), 2: (1, 0), 3: (1, 3), 4: (2, 1), 6: (2, 0), 7: (2, 3), 8: (3, 2), 9: (0, 2),
    11: (1, 2), 12: (3, 1), 13: (0, 1), 14: (3, 0),
    5: (0, 3, 2, 1), 10: (1, 0, 3, 2), 21: (0, 1, 2, 3), 26: (3, 0, 1, 2),
}.items():  # fmt: skip
    _PIECES[_code, : len(_pieces)] = _pieces


class Rule(NamedTuple):
    """What is within: ``lower < distance <= upper`` and a leg of at most ``max_snap`` (m).

    ``leg_weight`` is 1 where legs count and 0 where they do not.
    """

    lower: float
    upper: float
    max_snap: float
    leg_weight: float


@kernel
def _settle(table, near, level, n, x, y, half_diagonal, rule, legs2, shares):
    """Decide whether a square lies wholly within (1), wholly without (0) or is open (-1).

    The pieces that may be nearest to some place in the square are copied from ``near[level]`` to
    ``near[level + 1]``; returns how many.
    """
    nearest2 = np.inf
    for i in range(n):
        leg2, share = locate(table, near[level, i], x, y)
        legs2[i], shares[i] = leg2, share
        nearest2 = min(nearest2, leg2)
    bound = np.sqrt(nearest2) + 2 * half_diagonal + EPSILON_M
    maybe_in = maybe_out = False
    n_kept = 0
    for i in range(n):
        if legs2[i] > bound * bound:
            continue
        k = near[level, i]
        near[level + 1, n_kept] = k
        n_kept += 1
        if maybe_in and maybe_out:
            continue
        scale, length = table[k, SCALE], table[k, LENGTH]
        leg = np.sqrt(legs2[i]) * scale
        done = shares[i] * length
        metres = min(table[k, FROM_FIRST] + done, table[k, FROM_LAST] + length - done)
        metres += rule.leg_weight * leg
        change = half_diagonal * scale
        if leg - change > rule.max_snap:
            maybe_out = True
            continue
        if leg + change > rule.max_snap:
            maybe_out = True
        change = change * 1.4142135623730951 + EPSILON_M
        if metres - change > rule.upper or metres + change <= rule.lower:
            maybe_out = True
        else:
            maybe_in = True
            if metres + change > rule.upper or metres - change <= rule.lower:
                maybe_out = True
    if maybe_in and maybe_out:
        return -1, n_kept
    return (1 if maybe_in else 0), n_kept


@kernel
def _crossing(table, pair, rule, x, y, dx, dy, metres_in, metres_out):
    """Give the share of the way from a grid point within to its neighbour without where the border lies.

    ``pair`` holds the nearest pieces of the two.
    """
    n = 1 if pair[0] == pair[1] else 2
    if n == 1:
        # on one piece the distance changes evenly, but for the bend half-way between its ends
        bound = rule.upper if metres_out > rule.upper else rule.lower
        share = (bound - metres_in) / (metres_out - metres_in)
        _, metres = metres_from(
            table, pair, n, x + share * dx, y + share * dy, rule.max_snap, rule.leg_weight
        )
        if abs(metres - bound) < _CLOSE_M:
            return min(max(share, _MARGIN_SHARE), 1.0 - _MARGIN_SHARE)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        _, metres = metres_from(
            table, pair, n, x + share * dx, y + share * dy, rule.max_snap, rule.leg_weight
        )
        if rule.lower < metres <= rule.upper:
            low = share
        else:
            high = share
    return min(max((low + high) / 2, _MARGIN_SHARE), 1.0 - _MARGIN_SHARE)


@kernel
def _list_rows(found, n_found, row_of, piece_of, n_rows, near):
    """Write the rows of the pieces found to the first row of ``near``; returns how many."""
    m = 0
    for f in range(n_found):
        v = found[f]
        k = np.int64(row_of[v])
        while k < n_rows and piece_of[k] == v:
            near[0, m] = k
            m += 1
            k += 1
    return m


@kernel
def _sample(table, near, n, i, j, pitch, rule, leg2s, shares, nearest, metres, within):
    """Find the nearest piece, the walking distance and whether it is within, at the grid points of a leaf."""
    points = (LEAF + 1) * (LEAF + 1)
    for p in range(points):
        leg2s[p] = np.inf
    flat = nearest.ravel()
    for c in range(n):
        k = near[c]
        x0, y0, dx, dy, inverse = (
            table[k, X],
            table[k, Y],
            table[k, DX],
            table[k, DY],
            table[k, INVERSE],
        )
        for p in range(points):
            x = (i + p // (LEAF + 1)) * pitch - x0
            y = (j + p % (LEAF + 1)) * pitch - y0
            share = min(max((x * dx + y * dy) * inverse, 0.0), 1.0)
            x -= share * dx
            y -= share * dy
            leg2 = x * x + y * y
            if leg2 < leg2s[p]:
                leg2s[p] = leg2
                shares[p] = share
                flat[p] = k
    for p in range(points):
        k = flat[p]
        leg = np.sqrt(leg2s[p]) * table[k, SCALE]
        done = shares[p] * table[k, LENGTH]
        m = min(table[k, FROM_FIRST] + done, table[k, FROM_LAST] + table[k, LENGTH] - done)
        m = m + rule.leg_weight * leg if leg <= rule.max_snap else np.inf
        metres[p // (LEAF + 1), p % (LEAF + 1)] = m
        within[p // (LEAF + 1), p % (LEAF + 1)] = rule.lower < m <= rule.upper


@kernel
def _emit(
    table, near, n_near, rule, i, j, pitch, nearest, metres, a, b, code, pair, side, point, n
):
    """Add the pieces of border in one square of the grid to ``side`` and ``point``; return how many there are."""
    if code == _SADDLES[0] or code == _SADDLES[1]:
        x, y = (i + a + 0.5) * pitch, (j + b + 0.5) * pitch
        _, m = metres_from(table, near, n_near, x, y, rule.max_snap, rule.leg_weight)
        if rule.lower < m <= rule.upper:
            code |= 16
    for piece in range(0, 4, 2):
        if _PIECES[code, piece] < 0:
            break
        for end in range(2):
            k = _PIECES[code, piece + end]
            # the side's own first grid point: that of corner 1 for side 1, of corner 3 for side 2
            column, row = i + a + _SIDE[k, 0] + _OFFSET, j + b + _SIDE[k, 1] + _OFFSET
            side[n, end] = (((column << 31) | row) << 1) | (k & 1)
        within = _PIECES[code, piece]
        without = (within + 1) & 3
        if not (code >> within) & 1:
            within, without = without, within
        p, q = a + _CORNER[within, 0], b + _CORNER[within, 1]
        r, s = a + _CORNER[without, 0], b + _CORNER[without, 1]
        x, y = (i + p) * pitch, (j + q) * pitch
        dx, dy = (r - p) * pitch, (s - q) * pitch
        pair[0], pair[1] = min(nearest[p, q], nearest[r, s]), max(nearest[p, q], nearest[r, s])
        share = _crossing(table, pair, rule, x, y, dx, dy, metres[p, q], metres[r, s])
        point[n, 0] = x + share * dx
        point[n, 1] = y + share * dy
        n += 1
    return n


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
    """Draw the border through the blocks named, as directed pieces from grid side to grid side.

    ``shelf`` keeps the pieces found for a block, for the next area and limit there; ``shelved`` says
    for which column and row, and how many. Returns for every piece of border the sides where it starts
    and ends, the point where it starts, and the number of the last visit to ``seen``.
    """
    found, away2 = np.empty(256, np.int32), np.empty(256)
    table, piece_of, n_rows = np.empty((1024, N_COLUMNS)), np.empty(1024, np.int32), np.int64(0)
    near = np.empty((levels + 2, len(table)), np.uint32)
    legs2, shares = np.empty(len(table)), np.empty(len(table))
    n_near = np.empty(levels + 2, np.int64)
    todo = np.empty((4 * levels + 4, 3), np.int64)
    nearest = np.empty((LEAF + 1, LEAF + 1), np.uint32)
    metres = np.empty((LEAF + 1, LEAF + 1))
    within = np.empty((LEAF + 1, LEAF + 1), np.int64)
    side, point, pair = np.empty((256, 2), np.int64), np.empty((256, 2)), np.empty(2, np.uint32)
    n = np.int64(0)  # a plain 0 would compile what it is passed to twice
    top = 1 << levels
    for block in range(columns.size):
        slot = (columns[block] * 73_856_093 ^ rows[block] * 19_349_663) & (_SHELVES - 1)
        if shelved[slot, 0] == columns[block] and shelved[slot, 1] == rows[block]:
            n_found = shelved[slot, 2]
            for f in range(n_found):
                found[f] = shelf[slot, f]
        else:
            visit += 1
            x, y = (columns[block] + 0.5) * top * pitch, (rows[block] + 0.5) * top * pitch
            # a little further than asked, for the projection's scale
            n_found, found, away2 = gather(
                streets,
                x,
                y,
                top * pitch * np.sqrt(0.5),
                rule.max_snap * 1.01,
                seen,
                visit,
                found,
                away2,
            )
            if n_found <= _SHELF:
                shelved[slot, 0], shelved[slot, 1] = columns[block], rows[block]
                shelved[slot, 2] = n_found
                for f in range(n_found):
                    shelf[slot, f] = found[f]
        table, piece_of, n_rows = tabulate(
            streets, seeds, place, node_m, found, n_found, row_of, table, piece_of, n_rows
        )
        if len(table) > legs2.size:
            near = np.empty((levels + 2, len(table)), np.uint32)
            legs2, shares = np.empty(len(table)), np.empty(len(table))
        m = _list_rows(found, n_found, row_of, piece_of, n_rows, near)
        n_near[0] = m
        todo[0, 0], todo[0, 1], todo[0, 2] = 0, columns[block] * top, rows[block] * top
        n_todo = 1
        while n_todo > 0:
            n_todo -= 1
            level, i, j = todo[n_todo, 0], todo[n_todo, 1], todo[n_todo, 2]
            size = top >> level
            state, kept = _settle(
                table, near, level, n_near[level], (i + size / 2) * pitch, (j + size / 2) * pitch,
                size * pitch * np.sqrt(0.5), rule, legs2, shares,
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
            here = near[level + 1]
            _sample(table, here, kept, i, j, pitch, rule, legs2, shares, nearest, metres, within)
            if n + 2 * LEAF * LEAF > len(side):
                side, point = wider(side), wider(point)
            for b in range(LEAF):
                for a in range(LEAF):
                    code = within[a, b] | within[a + 1, b] << 1 | within[a + 1, b + 1] << 2
                    code |= within[a, b + 1] << 3
                    if 0 < code < _ALL:
                        n = _emit(
                            table, here, kept, rule, i, j, pitch, nearest, metres,
                            a, b, code, pair, side, point, n,
                        )  # fmt: skip
    return side[:n], point[:n], visit


@kernel
def _add_box(xy, v, leg, box, n):
    """Add the box around a piece of street within a leg of it; returns the boxes, grown, and how many."""
    if n == len(box):
        box = wider(box)
    box[n, 0] = min(xy[v, 0], xy[v + 1, 0]) - leg
    box[n, 1] = min(xy[v, 1], xy[v + 1, 1]) - leg
    box[n, 2] = max(xy[v, 0], xy[v + 1, 0]) + leg
    box[n, 3] = max(xy[v, 1], xy[v + 1, 1]) + leg
    return box, n + 1


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
                    metres = seeds.leg[seed] + max(0.0, before, offset[p] - seeds.offset[seed])
                if x == u:
                    metres = node_m[x] + offset[p]
                if x == v:
                    metres = min(metres, node_m[x] + length - offset[p + 1])
                if metres <= rule.upper + EPSILON_M:
                    # a little further, for the projection's scale and rounding
                    leg = rule.max_snap
                    if rule.leg_weight > 0.0:
                        leg = min(leg, rule.upper - metres)
                    box, n = _add_box(streets.vertex_xy, p, leg * 1.01 + 1e-3, box, n)
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
def draw(streets, seeds, reached, places, bounds, ground, node_m, seen, row_of):
    """Draw the areas around each of ``places`` on its own, one for each pair of bounds.

    ``reached`` tells, per place, which nodes are within the upper limits and how far: CSR start, nodes,
    metres. ``bounds`` holds lower and upper limits (n_bounds, 2); ``ground`` is the longest leg (m), whether
    legs count, the grid step (m), halvings from a block to a grid step, tolerance (m), and the smallest
    ring (m²). ``node_m`` is full of inf and left so; ``seen`` and ``row_of`` are
    working arrays per vertex.

    Returns coordinates, where each ring starts, where each polygon starts among the rings, and where
    each area starts among the polygons (n_places * n_bounds + 1,).
    """
    max_snap, leg_weight, pitch, levels, tolerance, smallest = ground
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
            rule = Rule(bounds[which, 0], bounds[which, 1], max_snap, leg_weight)
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
                    ring_start, polygon_start = longer(ring_start), longer(polygon_start)
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
