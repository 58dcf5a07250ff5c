"""Walking distance for every cell of a raster, by the rule that `nearest` uses for an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from affine import Affine

from geowoonzorg.errors import StudyError
from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.chunks import run_chunks
from geowoonzorg.walk.crossing import Looks, Spots, look_around, meet, no_spots
from geowoonzorg.walk.kernels import cell_distance
from geowoonzorg.walk.polygons import check_cell, counted, pool_seeds, read_streets
from geowoonzorg.walk.pool import Pool
from geowoonzorg.walk.reach import check_limits, search_within
from geowoonzorg.walk.snapping import check_max_snap
from geowoonzorg.walk.street_parts import draw_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.access import Access
    from geowoonzorg.walk.kernels.search import Seeds, Workspace
    from geowoonzorg.walk.network import WalkNetwork

#: Cells along the side of a block whose streets are gathered at once.
_BLOCK = 8
#: A raster of more cells than this does not fit a common machine: 16 bytes a cell.
_MOST_CELLS = 400_000_000


@dataclass(frozen=True, eq=False)
class WalkCells:
    """Which street each cell's centre belongs to: computed once, good for any facilities.

    Parameters
    ----------
    net
        The network.
    transform
        From column and row to coordinates, north up (m).
    edge
        The nearest walkable edge, shape (n_rows, n_columns); -1 where none is near enough.
    offset_m
        Metres along that edge from its u, same shape.
    access_m
        Straight metres on the ground to that edge, same shape.
    spots
        Which cells' centres stand on squares or join their outline; ``place`` is row × n_columns + column. One on
        the ground of a square has no edge and an access distance of 0.

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> cells = snap_cells(net, (190_000, 499_980, 190_060, 500_020), cell_m=20)
    >>> shop = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([0.0]), np.array([0.0]))
    >>> cells.distances(shop, limit_m=50).round(0)
    array([[20., 40., nan],
           [20., 40., nan]])
    """

    net: WalkNetwork
    transform: Affine
    edge: NDArray[np.int32]
    offset_m: NDArray[np.float64]
    access_m: NDArray[np.float32]
    spots: Spots = field(default_factory=no_spots)

    @cached_property
    def looks(self) -> Looks:
        """What the cells on squares see of their corners; looked for at first use."""
        return look_around(self.net, self.spots)

    def distances(
        self, seeds: Seeds | Access, *, limit_m: float, access_legs: bool = True
    ) -> NDArray[np.float64]:
        """Measure from every cell's centre to the nearest of some places.

        Parameters
        ----------
        seeds
            Where the places join the network, as `join_network` gives it; or its seeds, which do not tell who
            stands in the middle of a square.
        limit_m
            The longest walking distance looked for, inclusive (m).
        access_legs
            Whether access distances count.

        Returns
        -------
        numpy.ndarray
            Walking distances, shape (n_rows, n_columns) (m); NaN beyond the limit or off the network.

        Raises
        ------
        StudyError
            When ``limit_m`` makes no sense.
        """
        limit = float(check_limits(limit_m)[-1])
        seeds, standing = counted(self.net, seeds, access_legs=access_legs)
        _, pooled = pool_seeds(seeds, np.zeros(len(seeds.start) - 1, np.int64))
        out = np.full(self.edge.shape, np.nan)
        if not len(pooled.edge):
            return out
        _, node, metres = search_within(self.net, pooled, limit)
        node_m = np.full(len(self.net.node_xy), np.inf)
        node_m[node] = metres
        cell_distance.measure_cells(
            self.net.toward, pooled, node_m, self.edge.ravel(), self.offset_m.ravel(), self.access_m.ravel(),
            float(access_legs), limit, out.ravel(),
        )  # fmt: skip
        if len(self.spots.place):
            self._walk_over(node_m, standing, limit, out.reshape(-1), access_legs=access_legs)
        return out

    def _walk_over(
        self,
        node_m: NDArray[np.float64],
        standing: Spots,
        limit: float,
        out: NDArray[np.float64],
        *,
        access_legs: bool,
    ) -> None:
        """Write the distances of cells on squares: by the corners that they see, and straight to places."""
        own, looks = self.spots.counted(access_legs=access_legs), self.looks
        metres = own.leg_m[looks.spot] + looks.metres + node_m[looks.node]
        straight = meet(self.net, own, standing, limit)
        cell = own.place[np.append(looks.spot, straight.one)]
        metres = np.append(metres, straight.metres)
        near = metres <= limit
        np.fmin.at(out, cell[near], metres[near])


def snap_cells(
    net: WalkNetwork,
    bounds: tuple[float, float, float, float],
    *,
    cell_m: float = 5.0,
    max_snap_m: float = 100.0,
    progress: Progress = silent,
) -> WalkCells:
    """Find the nearest street of every cell's centre.

    Parameters
    ----------
    net
        The network.
    bounds
        West, south, east and north in the network's system (m); widened to whole cells, whose borders
        are multiples of ``cell_m``.
    cell_m
        Side of a cell (m).
    max_snap_m
        The longest access distance (m).
    progress
        Hears how far the work is.

    Returns
    -------
    WalkCells
        The cells; 16 bytes each.

    Raises
    ------
    StudyError
        When ``cell_m`` or ``max_snap_m`` makes no sense, ``bounds`` hold no ground, or there would be
        more than 400 million cells.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> snap_cells(net, (190_000, 499_980, 190_060, 500_020), cell_m=20).edge.tolist()
    [[0, 0, 0], [0, 0, 0]]
    """
    check_cell(cell_m)
    longest_snap_m = check_max_snap(max_snap_m)
    if not (np.isfinite(bounds).all() and bounds[0] < bounds[2] and bounds[1] < bounds[3]):
        raise StudyError("bounds are {bounds}: give west, south, east, north (m)", bounds=bounds)
    west, south = (int(np.floor(b / cell_m)) for b in bounds[:2])
    east, north = (int(np.ceil(b / cell_m)) for b in bounds[2:])
    shape = north - south, east - west
    if shape[0] * shape[1] > _MOST_CELLS:
        raise StudyError(
            "{n:,} cells of {cell_m} m are more than {most:,}: take larger cells or a smaller area",
            n=shape[0] * shape[1],
            cell_m=cell_m,
            most=_MOST_CELLS,
        )
    edge = np.full(shape, -1, np.int32)
    offset, access_m = np.full(shape, np.nan), np.full(shape, np.nan, np.float32)
    streets = read_streets(net)
    marks = Pool(lambda: np.zeros(len(net.vertex_xy), np.int64))

    def task(bands: NDArray[np.int64], _: Workspace) -> None:
        with marks.borrow() as seen:
            cell_distance.snap_cells(
                streets, bands, _BLOCK, (west, north), float(cell_m), longest_snap_m, seen,
                edge, offset, access_m,
            )  # fmt: skip

    bands = np.arange(-(-shape[0] // _BLOCK))
    for _ in run_chunks(net, task, bands, progress=progress, message="cells"):
        pass
    transform = Affine(cell_m, 0.0, west * cell_m, 0.0, -cell_m, north * cell_m)
    spots = _stand(net, transform, edge, offset, access_m)
    return WalkCells(net, transform, edge, offset, access_m, spots)


def _stand(
    net: WalkNetwork,
    transform: Affine,
    edge: NDArray[np.int32],
    offset: NDArray[np.float64],
    access_m: NDArray[np.float32],
) -> Spots:
    """Find the cells on squares, which have no edge then, and those that join the outline of one."""
    if not len(net.squares.way):
        return no_spots()
    on = [np.empty((0, 4))]
    n_columns = edge.shape[1]
    for square in np.flatnonzero(net.open_squares).tolist():
        west, south, east, north = net.square_areas[square].bounds
        first, last = (
            ((x - transform.c) / transform.a, (y - transform.f) / transform.e)
            for x, y in ((west, north), (east, south))
        )
        columns = np.arange(max(int(first[0]) - 1, 0), min(int(last[0]) + 2, n_columns))
        rows = np.arange(max(int(first[1]) - 1, 0), min(int(last[1]) + 2, len(edge)))
        column, row = (axis.ravel() for axis in np.meshgrid(columns, rows))
        x = transform.c + (column + 0.5) * transform.a
        y = transform.f + (row + 0.5) * transform.e
        inside = shapely.intersects_xy(net.square_areas[square], x, y)
        cell = (row * n_columns + column)[inside]
        on.append(np.column_stack([cell, np.full(len(cell), square), x[inside], y[inside]]))
    ground = np.concatenate(on)
    cell = ground[:, 0].astype(np.int64)
    edge.ravel()[cell], offset.ravel()[cell], access_m.ravel()[cell] = -1, np.nan, 0.0
    beside = np.flatnonzero((edge.ravel() >= 0) & (net.edge_square[edge.ravel()] >= 0))
    of, at_m = edge.ravel()[beside], offset.ravel()[beside]
    xy, at = draw_parts(net, of, at_m, at_m)
    spots = Spots(
        np.append(cell, beside), np.append(ground[:, 1].astype(np.int64), net.edge_square[of]),
        np.concatenate([ground[:, 2:], xy[at[:-1]]]),
        np.append(np.zeros(len(cell)), access_m.ravel()[beside].astype(np.float64)),
    )  # fmt: skip
    return spots.rows(np.argsort(spots.place, kind="stable"))
