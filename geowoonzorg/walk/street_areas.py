"""The street metres within reach of each place, in both answers: how many, of how many something is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.both_answers import edges_of, unknown_of_parts
from geowoonzorg.walk.street_parts import cut_streets, draw_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.both_answers import Cautious
    from geowoonzorg.walk.crossing import Spots
    from geowoonzorg.walk.kernels.search import Seeds
    from geowoonzorg.walk.network import WalkNetwork


class StreetAreas(NamedTuple):
    """Areas, as place × n_limits + index of the limit; NaN and None for a place that does not join the network.

    ``length_m`` and ``unknown_m`` are metres of street and those of which something is not known; ``geometry``
    is the lines, where they were to be drawn; ``kept`` the parts (``area, edge, begin, end``) of places that were
    to be kept.
    """

    length_m: NDArray[np.float64]
    unknown_m: NDArray[np.float64]
    geometry: NDArray[np.object_]
    kept: pd.DataFrame


def cut_areas(
    net: WalkNetwork,
    seeds: Seeds,
    limits: NDArray[np.float64],
    *,
    draw: bool,
    spots: Spots | None = None,
    keep: NDArray[np.bool_] | None = None,
    progress: Progress = silent,
) -> StreetAreas:
    """Add up, and draw, the street metres within each limit of each place.

    Parameters
    ----------
    net, seeds, limits, spots, progress
        As `street_parts.cut_streets`.
    draw
        Whether the lines are wanted.
    keep
        The places of which the parts are wanted, shape (n_places,).

    Returns
    -------
    StreetAreas
        Shape (n_places × n_limits,).

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> shop = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([200.0]), np.array([10.0]))
    >>> cut_areas(net, shop, np.array([50.0]), draw=False).length_m.tolist()
    [80.0]
    """
    n = (len(seeds.start) - 1) * len(limits)
    found = StreetAreas(np.full(n, np.nan), np.full(n, np.nan), np.full(n, None, object), _parts())
    kept = []
    for area, start, edge, begin, end in cut_streets(
        net, seeds, limits, spots=spots, progress=progress
    ):
        of = np.repeat(np.arange(len(area)), np.diff(start))
        found.length_m[area] = np.bincount(of, weights=end - begin, minlength=len(area))
        unknown = unknown_of_parts(net, edge, begin, end)
        found.unknown_m[area] = np.bincount(of, weights=unknown, minlength=len(area))
        if draw:
            found.geometry[area] = draw_areas(net, start, edge, begin, end)
        if keep is not None and keep[area // len(limits)].any():
            some = keep[area // len(limits)][of]
            kept.append(_parts(area[of][some], edge[some], begin[some], end[some]))
    return found._replace(kept=pd.concat(kept)) if kept else found


def cut_cautiously(
    net: WalkNetwork,
    other: Cautious,
    limits: NDArray[np.float64],
    parts: pd.DataFrame,
    elsewhere: NDArray[np.bool_],
    *,
    access_legs: bool,
    draw: bool,
) -> StreetAreas:
    """Add up, and draw, the street metres from which each place is within each limit in both answers.

    Parameters
    ----------
    net
        The network.
    other
        How the places join the streets that stay open in the cautious answer.
    limits
        Ascending limits, inclusive (m).
    parts
        What is within the limits in the other answer, of the places that join elsewhere.
    elsewhere
        Which those are, shape (n_places,).
    access_legs
        Whether access distances count.
    draw
        Whether the lines are wanted.

    Returns
    -------
    StreetAreas
        Shape (n_places × n_limits,).

    Notes
    -----
    A place that joins where it does in the other answer has fewer streets to reach, so what it reaches is part of
    what it reached. One that joins elsewhere may reach others, which are left out here.
    """
    seeds = other.access.counted(access_legs=access_legs)
    spots = other.access.spots.counted(access_legs=access_legs)
    found = cut_areas(other.net, seeds, limits, draw=draw, spots=spots, keep=elsewhere)
    if not elsewhere.any():
        return found
    own = found.kept.assign(edge=edges_of(net, other)[found.kept["edge"]])
    both = own.merge(parts, on=["area", "edge"], suffixes=("", "_other"))
    both["begin"] = both[["begin", "begin_other"]].max(axis=1)
    both["end"] = both[["end", "end_other"]].min(axis=1)
    both = both[both["end"] > both["begin"]].sort_values(["area", "edge", "begin"])
    area = np.flatnonzero(np.repeat(elsewhere, len(limits)))
    area = area[~np.isnan(found.length_m[area])]
    start = np.searchsorted(both["area"].to_numpy(), np.append(area, len(found.length_m)))
    edge, begin, end = (both[name].to_numpy() for name in ("edge", "begin", "end"))
    of = np.repeat(np.arange(len(area)), np.diff(start))
    found.length_m[area] = np.bincount(of, weights=end - begin, minlength=len(area))
    if draw:
        found.geometry[area] = draw_areas(net, start, edge.astype(np.int32), begin, end)
    return found


def _parts(*columns: NDArray[np.generic]) -> pd.DataFrame:
    """Make a table of parts of edges."""
    kinds = {"area": np.int64, "edge": np.int64, "begin": np.float64, "end": np.float64}
    values = columns or [np.empty(0)] * len(kinds)
    return pd.DataFrame(dict(zip(kinds, values, strict=True))).astype(kinds)


def draw_areas(
    net: WalkNetwork,
    start: NDArray[np.int64],
    edge: NDArray[np.int32],
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Draw one set of lines per area; an empty one where it has no street.

    Parameters
    ----------
    net
        The network.
    start
        Where the parts of each area start, shape (n + 1,).
    edge, begin, end
        The parts, as `street_parts.draw_parts` takes them.

    Returns
    -------
    numpy.ndarray
        MultiLineStrings, shape (n,).

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> parts = np.zeros(1, np.int32), np.array([0.0]), np.array([500.0])
    >>> round(draw_areas(net, np.array([0, 1]), *parts)[0].length)
    500
    """
    lines = np.full(len(start) - 1, shapely.MultiLineString(), object)
    some = np.diff(start) > 0
    xy, at = draw_parts(net, edge, begin, end)
    parts = np.append(start[:-1][some], start[-1])
    lines[some] = shapely.from_ragged_array(shapely.GeometryType.MULTILINESTRING, xy, (at, parts))
    return lines
