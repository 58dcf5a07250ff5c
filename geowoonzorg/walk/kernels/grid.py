"""The loops that find the nearest street: a uniform grid over every straight segment of every edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg._jit import kernel, unchangeable

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Side of a cell (m); wider only where an extent is so empty that cells would outnumber streets.
CELL_M = 50.0
#: Cells that streets may touch in all, unless there are very many streets.
_MOST_TOUCHES = 100_000_000


class Grid(NamedTuple):
    """Straight segments per square cell: CSR ``start`` (nx·ny + 1,) into ``segment``, the index of its first vertex.

    A segment of an island is stored as ``-1 - segment``. ``frame`` is x and y of the lower left corner and
    the side of a cell (m).
    """

    start: NDArray[np.int32]
    segment: NDArray[np.int32]
    nx: int
    ny: int
    frame: tuple[float, float, float]


def build_grid(
    vertex_start: NDArray[np.int64],
    vertex_xy: NDArray[np.float64],
    edge_length_m: NDArray[np.float64],
    edge_island: NDArray[np.bool_],
) -> Grid:
    """Put every straight segment of some edges in a uniform grid.

    Parameters
    ----------
    vertex_start
        Where each edge's vertices start, shape (n_edges + 1,).
    vertex_xy
        Vertices, shape (n_vertices, 2) (m); the grid spans them all.
    edge_length_m
        Metres of each edge, shape (n_edges,).
    edge_island
        Whether each is part of an island, shape (n_edges,).

    Returns
    -------
    Grid
        The grid; memory is about 4 bytes a cell and 8 to 12 a segment.

    Examples
    --------
    >>> street = np.array([[0.0, 0.0], [60.0, 0.0]])
    >>> grid = build_grid(np.array([0, 2]), street, np.array([60.0]), np.array([False]))
    >>> grid.nx, grid.ny, grid.segment.tolist()
    (2, 1, [0, 0])
    """
    low, high = vertex_xy.min(axis=0) - 1.0, vertex_xy.max(axis=0) + 1.0
    width, height = (float(d) for d in high - low)
    most_cells = max(1_000_000, 8 * len(vertex_xy))
    side = max(CELL_M, (width * height / most_cells) ** 0.5)
    metres, segments = float(edge_length_m.sum()), int(vertex_start[-1])
    # streets that run to and fro over the whole extent would fill the memory with the cells they touch
    while 4.5 * metres / side + 6 * segments > max(_MOST_TOUCHES, 16 * segments):
        side *= 2.0
    nx, ny = int(width / side) + 1, int(height / side) + 1
    frame = (float(low[0]), float(low[1]), side)
    start, segment = fill_grid(
        unchangeable(vertex_start),
        unchangeable(vertex_xy),
        unchangeable(edge_island),
        frame,
        nx,
        ny,
    )
    return Grid(start, segment, nx, ny, frame)


@kernel
def columns_in_row(x0, y0, side, ax, ay, bx, by, row):
    """Give the first and last column a straight line touches in one row of cells."""
    bottom, top = y0 + row * side, y0 + (row + 1) * side
    left, right = min(ax, bx), max(ax, bx)
    if ay != by:
        at_bottom = ax + (bx - ax) * (bottom - ay) / (by - ay)
        at_top = ax + (bx - ax) * (top - ay) / (by - ay)
        left, right = (
            max(left, min(at_bottom, at_top) - 1e-6),
            min(right, max(at_bottom, at_top) + 1e-6),
        )
    return int((left - x0) / side), int((right - x0) / side)


@kernel
def _visit(first, xy, island, frame, nx, fill, segment):
    """Count the segments per cell in ``fill``, or list them where ``fill`` says if ``segment`` is not empty."""
    x0, y0, side = frame
    for e in range(first.size - 1):
        for v in range(first[e], first[e + 1] - 1):
            ax, ay, bx, by = xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1]
            for row in range(int((min(ay, by) - y0) / side), int((max(ay, by) - y0) / side) + 1):
                low, high = columns_in_row(x0, y0, side, ax, ay, bx, by, row)
                for c in range(row * nx + low, row * nx + high + 1):
                    if segment.size:
                        segment[fill[c]] = -1 - v if island[e] else v
                    fill[c] += 1


@kernel
def fill_grid(first, xy, island, frame, nx, ny):
    """List in every cell the straight segments that touch it, by ascending index: CSR start and segment."""
    start = np.zeros(nx * ny + 1, np.int32)
    _visit(first, xy, island, frame, nx, start[1:], np.empty(0, np.int32))
    for c in range(nx * ny):
        start[c + 1] += start[c]
    segment = np.empty(start[nx * ny], np.int32)
    _visit(first, xy, island, frame, nx, start[:-1].copy(), segment)
    return start, segment


@kernel
def nearest_segments(grid, xy, points, radius):
    """Find the nearest straight segment to every point, exactly; equal distances go to the lowest index.

    An island's segment counts only where no other is within ``radius`` (m). Returns the segment's first
    vertex (-1 for none), how far along it (0–1) and whether it is an island's.
    """
    n = points.shape[0]
    found = np.full(n, -1, np.int32)
    share = np.zeros(n)
    on_island = np.zeros(n, np.bool_)
    x0, y0, side = grid.frame
    for p in range(n):
        px, py = points[p, 0], points[p, 1]
        cx, cy = int(np.floor((px - x0) / side)), int(np.floor((py - y0) / side))
        # how far the point is from the border of its own cell: what ring r has certainly covered
        margin = min(
            px - (x0 + cx * side),
            x0 + (cx + 1) * side - px,
            py - (y0 + cy * side),
            y0 + (cy + 1) * side - py,
        )
        best = island_best = radius * radius
        which = island_which = -1
        best_share = island_share = 0.0
        ring = 0
        while True:
            for row in range(max(cy - ring, 0), min(cy + ring, grid.ny - 1) + 1):
                step = 1 if row in (cy - ring, cy + ring) or ring == 0 else 2 * ring
                dy = max(y0 + row * side - py, py - (y0 + (row + 1) * side), 0.0)
                for column in range(cx - ring, cx + ring + 1, step):
                    if column < 0 or column >= grid.nx:
                        continue
                    dx = max(x0 + column * side - px, px - (x0 + (column + 1) * side), 0.0)
                    if dx * dx + dy * dy > best:
                        continue
                    c = row * grid.nx + column
                    for i in range(grid.start[c], grid.start[c + 1]):
                        v = grid.segment[i]
                        island = v < 0
                        if island:
                            v = -1 - v
                        ax, ay = xy[v, 0], xy[v, 1]
                        bx, by = xy[v + 1, 0], xy[v + 1, 1]
                        ux, uy = bx - ax, by - ay
                        square = ux * ux + uy * uy
                        t = ((px - ax) * ux + (py - ay) * uy) / square if square > 0.0 else 0.0
                        if t <= 0.0:
                            t, fx, fy = 0.0, ax, ay
                        elif t >= 1.0:
                            t, fx, fy = 1.0, bx, by
                        else:
                            fx, fy = ax + t * ux, ay + t * uy
                        d = (px - fx) * (px - fx) + (py - fy) * (py - fy)
                        if island:
                            if d < island_best or (
                                d == island_best and (v < island_which or island_which < 0)
                            ):
                                island_best, island_which, island_share = d, v, t
                        elif d < best or (d == best and (v < which or which < 0)):
                            best, which, best_share = d, v, t
            covered = ring * side + margin
            if covered >= radius or (which >= 0 and best < covered * covered):
                break
            ring += 1
        if which >= 0:
            found[p], share[p] = which, best_share
        elif island_which >= 0:
            found[p], share[p], on_island[p] = island_which, island_share, True
    return found, share, on_island


@kernel
def segments_in_boxes(grid, boxes):
    """List the straight segments in the cells that touch each box (x0, y0, x1, y1), a segment perhaps twice.

    Returns index of box and segment as stored in the grid.
    """
    x0, y0, side = grid.frame
    total = 0
    out_box, out_segment = np.empty(0, np.int32), np.empty(0, np.int32)
    for writing in range(2):
        if writing:
            out_box, out_segment = np.empty(total, np.int32), np.empty(total, np.int32)
            total = 0
        for b in range(boxes.shape[0]):
            low, high = (
                max(int((boxes[b, 0] - x0) / side), 0),
                min(int((boxes[b, 2] - x0) / side), grid.nx - 1),
            )
            for row in range(
                max(int((boxes[b, 1] - y0) / side), 0),
                min(int((boxes[b, 3] - y0) / side), grid.ny - 1) + 1,
            ):
                for column in range(low, high + 1):
                    c = row * grid.nx + column
                    for i in range(grid.start[c], grid.start[c + 1]):
                        if writing:
                            out_box[total] = b
                            out_segment[total] = grid.segment[i]
                        total += 1
    return out_box, out_segment
