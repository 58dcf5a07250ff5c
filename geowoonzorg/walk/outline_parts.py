"""The parts of streets on squares within walking distance, also where a walk comes to them over the square."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geowoonzorg.walk.assembly import WAY_OUT
from geowoonzorg.walk.kernels import search
from geowoonzorg.walk.kernels.cutting import SLIVER_M
from geowoonzorg.walk.outlooks import Reached, chords, look_out, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from geowoonzorg.walk.crossing import Spots
    from geowoonzorg.walk.kernels.search import Seeds, Workspace
    from geowoonzorg.walk.network import WalkNetwork

#: Metres on the ground may differ by this share from those in the plane.
_SLACK = 1.01


class Parts(NamedTuple):
    """Parts of streets: whose area, by which they ascend, edge, and metres along it from u."""

    area: NDArray[np.int64]
    edge: NDArray[np.int32]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]

    def rows(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Parts:
        """Select some rows."""
        columns: tuple[NDArray[Any], ...] = self
        return Parts(*(column[which] for column in columns))


def add_outlines(
    net: WalkNetwork,
    seeds: Seeds,
    spots: Spots,
    places: NDArray[np.int64],
    limits: NDArray[np.float64],
    parts: Parts,
    workspace: Workspace,
) -> Parts:
    """Add the metres of outlines that are reached over squares to the parts of areas.

    Parameters
    ----------
    net
        The network.
    seeds
        Where places join it.
    spots
        Where they stand on squares, with the legs that count.
    places
        The places whose areas these are, shape (n,).
    limits
        Ascending, shape (n_limits,) (m).
    parts
        What is reached along the streets; areas are index of the place × n_limits + index of the limit.
    workspace
        For a search.

    Returns
    -------
    Parts
        Each metre once.
    """
    own = spots.of(places)
    pair = _open_pairs(net, parts, own, len(limits))
    pair = np.union1d(pair, _private_pairs(net, seeds, places, float(limits[-1])))
    if not len(pair):
        return parts
    n_squares = len(net.squares.way)
    which = np.unique(pair // n_squares)
    reached = Reached(
        *search.settle(net.toward, seeds, places[which], float(limits[-1]), workspace)
    )
    standing = spots.of(places[which])
    sources = sources_of(net, reached, standing)
    kept = np.isin(which[sources.place] * n_squares + sources.square, pair)
    kept[: len(standing.place)] = True
    sources = sources.rows(kept)
    seen = look_out(net, net.outlooks, sources, standing)
    edge, line = net.outline.edge[seen.piece], net.outline.xy[seen.piece]
    low_m, high_m = net.outline.span_m[seen.piece].T
    centre, walked = sources.xy[seen.row], sources.metres[seen.row]
    found = [parts]
    for k, limit in enumerate(limits):
        first, last = chords(net, centre, limit - walked, line)
        first, last = np.maximum(first, seen.begin), np.minimum(last, seen.end)
        some = (last > first) & (walked < limit) & (edge < net.n_streets)
        area = which[sources.place[seen.row]] * len(limits) + k
        begin = low_m + first * (high_m - low_m)
        end = low_m + last * (high_m - low_m)
        found.append(Parts(area, edge, begin, end).rows(some))
    return _merged(net, Parts(*(np.concatenate(column) for column in zip(*found, strict=True))))


def _open_pairs(net: WalkNetwork, parts: Parts, spots: Spots, n_limits: int) -> NDArray[np.int64]:
    """List the places and squares (place × n_squares + square) of whose outline something is reached, and not all."""
    n_squares, outline = len(net.squares.way), net.outline
    low, high = (
        np.searchsorted(outline.on_edge, parts.edge, side=side) for side in ("left", "right")
    )
    size = high - low
    part = np.repeat(np.arange(len(size)), size)
    square = outline.on_square[
        np.repeat(low - (np.cumsum(size) - size), size) + np.arange(size.sum())
    ]
    code, back = np.unique(parts.area[part] * n_squares + square, return_inverse=True)
    covered = np.bincount(back, weights=(parts.end - parts.begin)[part], minlength=len(code))
    whole = covered >= net.outline.metres[code % n_squares] - SLIVER_M
    area = code[~whole] // n_squares
    return np.unique(
        np.append(
            area // n_limits * n_squares + code[~whole] % n_squares,
            spots.place * n_squares + spots.square,
        )
    )


def _private_pairs(
    net: WalkNetwork, seeds: Seeds, places: NDArray[np.int64], limit_m: float
) -> NDArray[np.int64]:
    """List the places and private squares near each other that streets cross, as `_open_pairs` does.

    Who stands on such a street is on the square as well, and may leave it where no street comes.
    """
    n_squares, own = len(net.squares.way), net.squares.layer == WAY_OUT
    crossed = np.flatnonzero(own & (net.outline.metres > 0.0))
    if not len(crossed):
        return crossed
    size = np.diff(seeds.start)[places]
    row = np.repeat(np.arange(len(places)), size)
    seed = np.repeat(seeds.start[places] - (np.cumsum(size) - size), size) + np.arange(size.sum())
    edge = seeds.edge[seed]
    xy, farthest = net.node_xy[net.edge_node[edge, 0]], limit_m + net.edge_length_m[edge]
    found = []
    for square in crossed.tolist():
        box = np.array(net.square_areas[square].bounds).reshape(2, 2)
        near = np.hypot(*(xy - np.clip(xy, *box)).T) <= farthest * _SLACK
        found.append(row[near] * n_squares + square)
    return np.unique(np.concatenate(found))


def _merged(net: WalkNetwork, parts: Parts) -> Parts:
    """Merge the parts of one area on the same piece of outline, and order all by area."""
    on = np.isin(parts.edge, net.outline.on_edge)
    outline = parts.rows(on)
    outline = outline.rows(np.lexsort((outline.begin, outline.edge, outline.area)))
    group = np.cumsum(
        (np.diff(outline.area, prepend=-1) != 0) | (np.diff(outline.edge, prepend=-1) != 0)
    )
    # of ends that rise from group to group the highest so far is the group's own
    lift = group * (2.0 * float(outline.end.max(initial=0.0)) + 1.0)
    reached = np.maximum.accumulate(outline.end + lift) - lift
    fresh = np.ones(len(group), bool)
    fresh[1:] = (group[1:] != group[:-1]) | (outline.begin[1:] > reached[:-1] + SLIVER_M)
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(group))[: len(first)] - 1  # nobody may reach any outline
    outline = outline.rows(first)._replace(end=reached[last])
    outline = outline.rows(outline.end - outline.begin > SLIVER_M)
    both: Iterable[tuple[NDArray[Any], NDArray[Any]]] = zip(parts.rows(~on), outline, strict=True)
    every = Parts(*(np.concatenate(columns) for columns in both))
    return every.rows(np.argsort(every.area, kind="stable"))
