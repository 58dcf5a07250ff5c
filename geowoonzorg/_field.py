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

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg._grid import Grid
    from geowoonzorg._kernels import Graph

#: Grid steps along the side of a square that is sampled.
LEAF = 2
#: What rounding may move a distance (m): squares within it of a limit are sampled, not settled.
_EPSILON_M = 1e-6
#: A jump is placed within 1 / 2**7 of a grid step.
_HALVINGS = 6
#: A crossing whose own distance is within this of the limit needs no halving (m).
_CLOSE_M = 0.01
#: Share of a grid step that a border keeps from the points of the grid.
_MARGIN_SHARE = 1e-3
#: Makes the numbers of grid points positive.
_OFFSET = 1 << 29
#: Columns of a table of pieces of street: the first end, the way to the last, 1 / its square; metres
#: from the first and the last end to the nearest facility (inf where that way may not be walked);
#: metres along; metres on the ground per metre of the projection.
X, Y, DX, DY, INVERSE, FROM_FIRST, FROM_LAST, LENGTH, SCALE, N_COLUMNS = range(10)

# Marching squares. Corners of a square are numbered 0 (low x, low y), 1 (high x), 2 (both high), 3
# (high y); side k runs from corner k to corner k + 1. For each code (bit k: corner k within) the
# directed pieces of border (from side, to side) that keep the inside on their left; code + 16 is a
# saddle whose inside is connected through the middle.
_CORNER = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
_SIDE = np.array([[0, 0], [1, 0], [0, 1], [0, 0]])
_PIECES = np.full((32, 4), -1, np.int8)
for _code, _pieces in {
    1: (0, 3), 2: (1, 0), 3: (1, 3), 4: (2, 1), 6: (2, 0), 7: (2, 3), 8: (3, 2), 9: (0, 2),
    11: (1, 2), 12: (3, 1), 13: (0, 1), 14: (3, 0),
    5: (0, 3, 2, 1), 10: (1, 0, 3, 2), 21: (0, 1, 2, 3), 26: (3, 0, 1, 2),
}.items():  # fmt: skip
    _PIECES[_code, : len(_pieces)] = _pieces


class Streets(NamedTuple):
    """What a network tells about the ground: its graph toward facilities, its lines and its grid."""

    graph: Graph
    grid: Grid
    vertex_start: NDArray[np.int64]
    vertex_xy: NDArray[np.float64]
    vertex_offset: NDArray[np.float64]
    vertex_edge: NDArray[np.int32]


class Rule(NamedTuple):
    """What is within: ``lower < distance <= upper`` and a leg of at most ``max_snap`` (m).

    ``leg_weight`` is 1 where legs count and 0 where they do not.
    """

    lower: float
    upper: float
    max_snap: float
    leg_weight: float


@kernel
def _locate(table, k, x, y):
    """Give the square of the leg from a place to a piece, and the share of the piece where it lands."""
    x -= table[k, X]
    y -= table[k, Y]
    dx, dy = table[k, DX], table[k, DY]
    share = min(max((x * dx + y * dy) * table[k, INVERSE], 0.0), 1.0)
    x -= share * dx
    y -= share * dy
    return x * x + y * y, share


@kernel
def _distance(table, near, n, x, y, max_snap, leg_weight):
    """Give the nearest piece and the walking distance of a place; inf where no street is near enough."""
    best = near[0]
    best2 = np.inf
    best_share = 0.0
    for i in range(n):
        leg2, share = _locate(table, near[i], x, y)
        if leg2 < best2:
            best, best2, best_share = near[i], leg2, share
    leg = np.sqrt(best2) * table[best, SCALE]
    if leg > max_snap:
        return best, np.inf
    done = best_share * table[best, LENGTH]
    metres = min(
        table[best, FROM_FIRST] + done, table[best, FROM_LAST] + table[best, LENGTH] - done
    )
    return best, metres + leg_weight * leg


@kernel
def gather(streets, x, y, half_diagonal, max_snap, seen, visit, found, away2):
    """Collect every piece of street that may be nearest to a place within ``half_diagonal`` of (x, y).

    Writes the pieces' first vertices to ``found``; returns how many, ``found`` and ``away2``, grown.
    """
    grid, xy = streets.grid, streets.vertex_xy
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
        for row in range(max(cy - ring, 0), min(cy + ring, grid.ny - 1) + 1):
            step = 1 if row in (cy - ring, cy + ring) or ring == 0 else 2 * ring
            dy = max(y0 + row * side - y, y - y0 - (row + 1) * side, 0.0)
            for column in range(cx - ring, cx + ring + 1, step):
                dx = max(x0 + column * side - x, x - x0 - (column + 1) * side, 0.0)
                bound = nearest + 2 * half_diagonal + _EPSILON_M
                if column < 0 or column >= grid.nx or dx * dx + dy * dy > bound * bound:
                    continue
                c = row * grid.nx + column
                for i in range(grid.start[c], grid.start[c + 1]):
                    v = grid.piece[i]
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
                        bound = nearest + 2 * half_diagonal + _EPSILON_M
                    if n == found.size:
                        found = np.append(found, np.empty_like(found))
                        away2 = np.append(away2, np.empty_like(away2))
                    found[n] = v
                    away2[n] = d2
                    n += 1
        ring += 1
    kept = 0
    for i in range(n):
        if away2[i] <= (nearest + 2 * half_diagonal + _EPSILON_M) ** 2:
            found[kept] = found[i]
            kept += 1
    return kept, found, away2


@kernel
def _tabulate(streets, seeds, first_seed, last_seed, node_m, v, table, piece, rows):
    """Add the piece of street after vertex ``v`` to the table; returns table and piece, grown, and the rows in use.

    A piece is split where a facility joins it, so in every row the metres run from the ends alone.
    Seeds ascend by edge and by offset.
    """
    graph = streets.graph
    e = streets.vertex_edge[v]
    low, high = first_seed, last_seed
    while low < high:
        middle = (low + high) // 2
        if seeds.edge[middle] < e:
            low = middle + 1
        else:
            high = middle
    while high < last_seed and seeds.edge[high] == e:
        high += 1
    while rows + 2 * (high - low) + 3 > len(table):
        table, piece = _wider(table), np.append(piece, piece)
    x, y = streets.vertex_xy[v, 0], streets.vertex_xy[v, 1]
    dx, dy = streets.vertex_xy[v + 1, 0] - x, streets.vertex_xy[v + 1, 1] - y
    begin, end = streets.vertex_offset[v], streets.vertex_offset[v + 1]
    projected = np.sqrt(dx * dx + dy * dy)
    scale = (end - begin) / projected if projected > 0.0 else 1.0
    length = graph.edge_length[e]
    from_u, from_v = node_m[graph.edge_node[e, 0]], node_m[graph.edge_node[e, 1]]
    u_open, v_open = graph.to_v[e], graph.to_u[e]
    first_row = rows
    oneway = not (u_open and v_open)
    here, k = begin, low
    while True:
        while k < high and seeds.offset[k] <= here:
            k += 1
        there = min(end, seeds.offset[k]) if k < high else end
        from_first = from_u + here if u_open else np.inf
        from_last = from_v + length - there if v_open else np.inf
        for j in range(low, high):
            t = seeds.offset[j]
            if t <= here and u_open:
                from_first = min(from_first, here - t + seeds.leg[j])
            if t >= there and v_open:
                from_last = min(from_last, t - there + seeds.leg[j])
        a = (here - begin) / (end - begin) if end > begin else 0.0
        b = (there - begin) / (end - begin) if end > begin else 1.0
        if oneway and end > begin:
            # Whoever stands at the very end of the edge, or of the way to a facility, has arrived
            # whatever the direction: a point of its own, which the piece stops just short of.
            for at_end in range(2):
                t = there if at_end else here
                m = np.inf
                if t == 0.0:
                    m = from_u
                elif t == length:
                    m = from_v
                for j in range(low, high):
                    if seeds.offset[j] == t:
                        m = min(m, seeds.leg[j])
                if m < np.inf:
                    share = b if at_end else a
                    _write(table, rows, x + share * dx, y + share * dy, 0.0, 0.0, m, m, 0.0, scale)
                    rows += 1
            a, b = a + 1e-9, b - 1e-9
        _write(
            table, rows, x + a * dx, y + a * dy, (b - a) * dx, (b - a) * dy,
            from_first, from_last, there - here, scale,
        )  # fmt: skip
        rows += 1
        if there >= end:
            break
        here = there
    piece[first_row:rows] = v
    return table, piece, rows


@kernel
def _write(table, k, x, y, dx, dy, from_first, from_last, length, scale):
    """Fill a row of the table."""
    square = dx * dx + dy * dy
    table[k, X], table[k, Y], table[k, DX], table[k, DY] = x, y, dx, dy
    table[k, INVERSE] = 1.0 / square if square > 0.0 else 0.0
    table[k, FROM_FIRST], table[k, FROM_LAST] = from_first, from_last
    table[k, LENGTH], table[k, SCALE] = length, scale


@kernel
def _settle(table, near, n, x, y, half_diagonal, rule, legs2, shares, kept):
    """Decide whether a square lies wholly within (1), wholly without (0) or is open (-1).

    The pieces that may be nearest to some place in the square are copied to ``kept``; returns how many.
    """
    nearest2 = np.inf
    for i in range(n):
        leg2, share = _locate(table, near[i], x, y)
        legs2[i], shares[i] = leg2, share
        nearest2 = min(nearest2, leg2)
    bound = np.sqrt(nearest2) + 2 * half_diagonal + _EPSILON_M
    maybe_in = maybe_out = False
    n_kept = 0
    for i in range(n):
        if legs2[i] > bound * bound:
            continue
        k = near[i]
        kept[n_kept] = k
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
        change = change * 1.4142135623730951 + _EPSILON_M
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
def _crossing(table, near, n, rule, x, y, dx, dy, k_in, metres_in, k_out, metres_out):
    """Give the share of the way from a grid point within to its neighbour without where the border lies."""
    low, high = 0.0, 1.0
    if k_in == k_out:
        # on one piece the distance changes evenly, but for the bend half-way between its ends
        bound = rule.upper if metres_out > rule.upper else rule.lower
        share = (bound - metres_in) / (metres_out - metres_in)
        _, metres = _distance(
            table, near, n, x + share * dx, y + share * dy, rule.max_snap, rule.leg_weight
        )
        if abs(metres - bound) < _CLOSE_M:
            return min(max(share, _MARGIN_SHARE), 1.0 - _MARGIN_SHARE)
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        _, metres = _distance(
            table, near, n, x + share * dx, y + share * dy, rule.max_snap, rule.leg_weight
        )
        if rule.lower < metres <= rule.upper:
            low = share
        else:
            high = share
    return min(max((low + high) / 2, _MARGIN_SHARE), 1.0 - _MARGIN_SHARE)


@kernel
def _wider(array):
    """Copy an array of rows into one of twice its length."""
    out = np.empty((2 * len(array), array.shape[1]), array.dtype)
    out[: len(array)] = array
    return out


@kernel
def _emit(table, near, n_near, rule, i, j, pitch, nearest, metres, a, b, side, point, n):
    """Add the pieces of border in one square of the grid to ``side`` and ``point``; return how many there are."""
    code = 0
    for corner in range(4):
        m = metres[a + _CORNER[corner, 0], b + _CORNER[corner, 1]]
        if rule.lower < m <= rule.upper:
            code |= 1 << corner
    if code in (0, 15):
        return n
    if code in (5, 10):
        x, y = (i + a + 0.5) * pitch, (j + b + 0.5) * pitch
        _, m = _distance(table, near, n_near, x, y, rule.max_snap, rule.leg_weight)
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
        share = _crossing(
            table, near, n_near, rule, x, y, dx, dy,
            nearest[p, q], metres[p, q], nearest[r, s], metres[r, s],
        )  # fmt: skip
        point[n, 0] = x + share * dx
        point[n, 1] = y + share * dy
        n += 1
    return n


@kernel
def _trace(streets, seeds, place, node_m, rule, columns, rows, pitch, levels, seen, row_of, visit):
    """Draw the border through the blocks named, as directed pieces from grid side to grid side.

    Returns for every piece the sides where it starts and ends, the point where it starts, and the
    number of the last visit to ``seen``.
    """
    found, away2 = np.empty(256, np.int32), np.empty(256)
    table, piece_of, n_rows = np.empty((1024, N_COLUMNS)), np.empty(1024, np.int32), 0
    near = np.empty((levels + 2, 256), np.uint32)
    legs2, shares = np.empty(256), np.empty(256)
    n_near = np.empty(levels + 2, np.int64)
    todo = np.empty((4 * levels + 4, 3), np.int64)
    nearest = np.empty((LEAF + 1, LEAF + 1), np.uint32)
    metres = np.empty((LEAF + 1, LEAF + 1))
    side, point = np.empty((256, 2), np.int64), np.empty((256, 2))
    n = 0
    top = 1 << levels
    for block in range(columns.size):
        visit += 1
        x, y = (columns[block] + 0.5) * top * pitch, (rows[block] + 0.5) * top * pitch
        half_diagonal = top * pitch * np.sqrt(0.5)
        # a little further than asked, for the projection's scale
        n_found, found, away2 = gather(
            streets, x, y, half_diagonal, rule.max_snap * 1.01, seen, visit, found, away2
        )
        m = 0
        for f in range(n_found):
            v = found[f]
            k = row_of[v]
            if k >= n_rows or piece_of[k] != v:
                k = n_rows
                row_of[v] = k
                table, piece_of, n_rows = _tabulate(
                    streets,
                    seeds,
                    seeds.start[place],
                    seeds.start[place + 1],
                    node_m,
                    v,
                    table,
                    piece_of,
                    n_rows,
                )
            while k < n_rows and piece_of[k] == v:
                if m == legs2.size:
                    near = np.concatenate((near, near), axis=1)
                    legs2, shares = np.empty(2 * m), np.empty(2 * m)
                near[0, m] = k
                m += 1
                k += 1
        n_near[0] = m
        todo[0, 0], todo[0, 1], todo[0, 2] = 0, columns[block] * top, rows[block] * top
        n_todo = 1
        while n_todo > 0:
            n_todo -= 1
            level, i, j = todo[n_todo, 0], todo[n_todo, 1], todo[n_todo, 2]
            size = top >> level
            state, kept = _settle(
                table, near[level], n_near[level], (i + size / 2) * pitch, (j + size / 2) * pitch,
                size * pitch * np.sqrt(0.5), rule, legs2, shares, near[level + 1],
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
            for b in range(LEAF + 1):
                for a in range(LEAF + 1):
                    nearest[a, b], metres[a, b] = _distance(
                        table,
                        here,
                        kept,
                        (i + a) * pitch,
                        (j + b) * pitch,
                        rule.max_snap,
                        rule.leg_weight,
                    )
            if n + 2 * LEAF * LEAF > len(side):
                side, point = _wider(side), _wider(point)
            for b in range(LEAF):
                for a in range(LEAF):
                    n = _emit(
                        table, here, kept, rule, i, j, pitch, nearest, metres, a, b, side, point, n
                    )
    return side[:n], point[:n], visit


@kernel
def _add_box(xy, v, leg, box, n):
    """Add the box around a piece of street within a leg of it; returns the boxes, grown, and how many."""
    if n == len(box):
        box = _wider(box)
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
    n = 0
    for t in range(touched.size + seeds.start[place + 1] - seeds.start[place]):
        # first the edges at nodes that were reached, then the edges the place itself stands on
        seed = seeds.start[place] + t - touched.size
        x = touched[t] if t < touched.size else -1
        first, last = (graph.start[x], graph.start[x + 1]) if x >= 0 else (seed, seed + 1)
        for h in range(first, last):
            e = graph.edge[h] if x >= 0 else seeds.edge[seed]
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
                if metres <= rule.upper + _EPSILON_M:
                    # a little further, for the projection's scale and rounding
                    leg = rule.max_snap
                    if rule.leg_weight > 0.0:
                        leg = min(leg, rule.upper - metres)
                    box, n = _add_box(streets.vertex_xy, p, leg * 1.01 + 1e-3, box, n)
    if n == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    block = np.floor(box[:n] / size_m).astype(np.int64)
    column, row = block[:, 0].min(), block[:, 1].min()
    n_columns = block[:, 2].max() - column + 1
    marked = np.zeros((block[:, 3].max() - row + 1) * n_columns, np.bool_)
    for k in range(n):
        for r in range(block[k, 1] - row, block[k, 3] - row + 1):
            for c in range(block[k, 0] - column, block[k, 2] - column + 1):
                marked[r * n_columns + c] = True
    which = np.flatnonzero(marked)
    return which % n_columns + column, which // n_columns + row


@kernel
def link(side):
    """Join directed pieces into rings: pieces in order, and where each ring starts (n_rings + 1,)."""
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
    n_rings = len(start) - 1
    xy = np.empty((len(order) + n_rings, 2))
    ring = np.zeros(n_rings + 1, np.int64)
    area = np.empty(n_rings)
    kept_rings = 0
    n = 0
    for r in range(n_rings):
        first, last = start[r], start[r + 1]
        x0, y0 = point[order[first]]
        twice = 0.0
        for k in range(first, last):
            p = point[order[k]]
            q = point[order[k + 1 if k + 1 < last else first]]
            twice += (p[0] - x0) * (q[1] - y0) - (q[0] - x0) * (p[1] - y0)
        if abs(twice) < 2 * min_area_m2:
            continue
        area[kept_rings] = twice / 2
        begin = n
        xy[n] = point[order[first]]
        n += 1
        # The sleeve: directions from the last kept vertex between (lx, ly) and (rx, ry) are open.
        open_ = False
        lx = ly = rx = ry = far = 0.0
        for k in range(first + 1, last + 1):
            p = point[order[k if k < last else first]]
            while True:
                vx, vy = p[0] - xy[n - 1, 0], p[1] - xy[n - 1, 1]
                d2 = vx * vx + vy * vy
                if open_ and (lx * vy - ly * vx > 0 or rx * vy - ry * vx < 0 or d2 < far):
                    xy[n] = point[order[k - 1]]
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
        xy[n] = xy[begin]
        n += 1
        kept_rings += 1
        ring[kept_rings] = n
    return xy[:n], ring[: kept_rings + 1], area[:kept_rings]


@kernel
def nest(xy, ring, area):
    """Give every hole the smallest outer ring around it; outer rings are their own parents."""
    n = len(area)
    parent = np.arange(n)
    box = np.empty((n, 4))
    for r in range(n):
        part = xy[ring[r] : ring[r + 1]]
        box[r] = (part[:, 0].min(), part[:, 1].min(), part[:, 0].max(), part[:, 1].max())
    outer = np.flatnonzero(area > 0)
    for hole in np.flatnonzero(area < 0):
        x, y = xy[ring[hole]]
        best = -1
        for r in outer:
            if (
                area[r] > -area[hole]
                and box[r, 0] < x < box[r, 2]
                and box[r, 1] < y < box[r, 3]
                and (best < 0 or area[r] < area[best])
            ):
                inside = False
                for k in range(ring[r], ring[r + 1] - 1):
                    if (xy[k, 1] > y) != (xy[k + 1, 1] > y) and x < xy[k, 0] + (y - xy[k, 1]) * (
                        xy[k + 1, 0] - xy[k, 0]
                    ) / (xy[k + 1, 1] - xy[k, 1]):
                        inside = not inside
                if inside:
                    best = r
        parent[hole] = best
    return parent


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
    ring_start, polygon_start = [0], [0]
    area_start = np.zeros(places.size * n_bounds + 1, np.int64)
    n = visit = 0
    seen[:] = 0
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
            )
            order, loop_start = link(side)
            xy, ring, area = simplify(point, order, loop_start, tolerance, smallest)
            parent = nest(xy, ring, area)
            while n + len(xy) > len(coordinates):
                coordinates = _wider(coordinates)
            # every outer ring, then its holes
            for r in np.argsort(2 * parent + (area < 0), kind="mergesort"):
                if area[r] > 0 and len(ring_start) > 1:
                    polygon_start.append(len(ring_start) - 1)
                size = ring[r + 1] - ring[r]
                coordinates[n : n + size] = xy[ring[r] : ring[r + 1]]
                n += size
                ring_start.append(n)
            here = i * n_bounds + which + 1
            area_start[here] = area_start[here - 1] + (area > 0).sum()
        for x in touched:
            node_m[x] = np.inf
    if len(ring_start) > 1:
        polygon_start.append(len(ring_start) - 1)
    return coordinates[:n].copy(), np.array(ring_start), np.array(polygon_start), area_start
