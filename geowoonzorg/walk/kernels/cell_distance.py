"""Loops over the cells of a raster: the street each belongs to, and how far it walks."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import kernel
from geowoonzorg.walk.kernels.segment_table import gather


@kernel
def snap_cells(streets, bands, block, corner, cell, max_snap, seen, edge, offset, access_m):
    """Write the nearest edge, the metres along it and the access distance for the centres of cells, in bands of rows.

    A band is ``block`` rows high; ``corner`` is column and row, in cells, of the raster's north-west
    corner on the absolute grid. Rows run south.
    """
    found, away2 = np.empty(256, np.int32), np.empty(256)
    n_rows, n_columns = edge.shape
    west, north = corner
    half_diagonal = block * cell * np.sqrt(0.5)
    xy, at_vertex = streets.vertex_xy, streets.vertex_offset
    for v in range(seen.size):
        seen[v] = 0
    visit = 0
    for band in bands:
        for first in range(0, n_columns, block):
            visit += 1
            x = (west + first + block / 2) * cell
            y = (north - band * block - block / 2) * cell
            n, found, away2 = gather(
                streets, x, y, half_diagonal, max_snap * 1.01, seen, visit, found, away2
            )
            for r in range(band * block, min((band + 1) * block, n_rows)):
                for c in range(first, min(first + block, n_columns)):
                    x, y = (west + c + 0.5) * cell, (north - r - 0.5) * cell
                    best, best2, best_share = np.int32(-1), np.inf, 0.0
                    for f in range(n):
                        v = found[f]
                        dx, dy = xy[v + 1, 0] - xy[v, 0], xy[v + 1, 1] - xy[v, 1]
                        px, py = x - xy[v, 0], y - xy[v, 1]
                        along, square = px * dx + py * dy, dx * dx + dy * dy
                        if along <= 0.0:
                            share = 0.0
                        elif along >= square:
                            share = 1.0
                            px, py = x - xy[v + 1, 0], y - xy[v + 1, 1]
                        else:
                            share = along / square
                            px -= share * dx
                            py -= share * dy
                        snap2 = px * px + py * py
                        if snap2 < best2 or (snap2 == best2 and v < best):
                            best, best2, best_share = v, snap2, share
                    if best < 0:
                        continue
                    begin, end = at_vertex[best], at_vertex[best + 1]
                    projected = np.hypot(
                        xy[best + 1, 0] - xy[best, 0], xy[best + 1, 1] - xy[best, 1]
                    )
                    away = np.sqrt(best2) * ((end - begin) / projected if projected > 0.0 else 1.0)
                    if away <= max_snap:
                        edge[r, c] = streets.vertex_edge[best]
                        offset[r, c] = (
                            end if best_share == 1.0 else begin + best_share * (end - begin)
                        )
                        access_m[r, c] = away


@kernel
def measure_cells(graph, seeds, node_m, edge, offset, access_m, access_weight, limit, out):
    """Write the walking distance of every cell within the limit; the seeds are one place's, by edge."""
    for i in range(edge.size):
        e = edge[i]
        if e < 0:
            continue
        t, rest = offset[i], graph.edge_length[e] - offset[i]
        metres = np.inf
        if graph.to_v[e] or t == 0.0:
            metres = node_m[graph.edge_node[e, 0]] + t
        if graph.to_u[e] or rest == 0.0:
            metres = min(metres, node_m[graph.edge_node[e, 1]] + rest)
        low, high = 0, seeds.edge.size
        while low < high:
            middle = (low + high) // 2
            if seeds.edge[middle] < e:
                low = middle + 1
            else:
                high = middle
        while low < seeds.edge.size and seeds.edge[low] == e:
            ahead = seeds.offset[low] - t
            if ahead == 0.0 or (graph.to_u[e] if ahead > 0.0 else graph.to_v[e]):
                metres = min(metres, abs(ahead) + seeds.access[low])
            low += 1
        metres += access_weight * access_m[i]
        if metres <= limit:
            out[i] = metres
