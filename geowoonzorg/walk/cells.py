"""Walking distance for every cell of a raster, by the rule that `nearest` uses for an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine

from geowoonzorg.errors import StudyError
from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.chunks import run_chunks
from geowoonzorg.walk.kernels import cell_distance
from geowoonzorg.walk.polygons import check_cell, pool_seeds, read_streets
from geowoonzorg.walk.pool import Pool
from geowoonzorg.walk.reach import check_limits, search_within
from geowoonzorg.walk.snapping import check_max_snap

if TYPE_CHECKING:
    from numpy.typing import NDArray

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

    def distances(
        self, seeds: Seeds, *, limit_m: float, access_legs: bool = True
    ) -> NDArray[np.float64]:
        """Measure from every cell's centre to the nearest of some places.

        Parameters
        ----------
        seeds
            Where the places join the network, as ``join_network(...).seeds``.
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
        if not access_legs:
            seeds = seeds._replace(access=np.zeros_like(seeds.access))
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
        return out


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
    return WalkCells(net, transform, edge, offset, access_m)
