"""How far the nearest places are in both answers at once: pairs of places, and for whom only those can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.walk.crossing import met_places
from geowoonzorg.walk.reach import OnEdges, Pairs, iter_reached, lay_on_edges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geowoonzorg.walk.access import Access
    from geowoonzorg.walk.both_answers import BothAnswers
    from geowoonzorg.walk.kernels.search import Seeds
    from geowoonzorg.walk.network import WalkNetwork

#: Pairs are first looked for within twice the usual distance, and then within as many times more.
_WIDER = 3.0
#: Beyond this everything is looked for at once (m).
_FAR_M = 100_000.0


class Joined(NamedTuple):
    """Origins and places that join a network, made ready once for searches from any of the places."""

    net: WalkNetwork
    seeds: Seeds
    points: OnEdges
    straight: Pairs | None
    limit_m: float

    @classmethod
    def of(
        cls, net: WalkNetwork, origins: Access, places: Access, limit_m: float, *, access_legs: bool
    ) -> Joined:
        """Make ready.

        Parameters
        ----------
        net
            The network.
        origins, places
            Where they join it.
        limit_m
            The limit, inclusive (m).
        access_legs
            Whether access distances count.

        Returns
        -------
        Joined
            Ready.
        """
        straight = met_places(
            net, places.spots.counted(access_legs=access_legs),
            origins.spots.counted(access_legs=access_legs), limit_m,
        )  # fmt: skip
        seeds, points = (a.counted(access_legs=access_legs) for a in (places, origins))
        return cls(net, seeds, lay_on_edges(net, points), straight, limit_m)

    def iter_pairs(self, **how: Any) -> Iterator[Pairs]:  # noqa: ANN401 - as `iter_reached` takes them
        """Measure every pair within the limit, over the streets or straight over a square.

        Parameters
        ----------
        how
            ``only``, ``memory_mb`` and ``progress`` as `reach.iter_reached`.

        Yields
        ------
        Pairs
            Place, origin and metres, each pair once.
        """
        yield from iter_reached(
            self.net, self.seeds, self.points, self.limit_m, straight=self.straight, **how
        )

    def pairs(self, **how: Any) -> Pairs:  # noqa: ANN401 - handed on
        """Measure every pair at once, as `iter_pairs`."""
        none = np.empty(0, np.int64)
        found = [(none, none, np.empty(0)), *self.iter_pairs(**how)]
        place, origin, metres = (np.concatenate(column) for column in zip(*found, strict=True))
        return place, origin, metres


def rank_places(found: pd.DataFrame, k: int) -> pd.DataFrame:
    """Keep the k nearest facilities of every origin, each by the best of its ways.

    Parameters
    ----------
    found
        ``origin``, ``facility`` and ``distance_m``, a row a way.
    k
        How many at most.

    Returns
    -------
    pandas.DataFrame
        The same with ``rank``, from 1, by origin and rank.

    Examples
    --------
    >>> found = pd.DataFrame({"origin": [0, 0], "facility": [4, 3], "distance_m": [9.0, 8.0]})
    >>> rank_places(found, 1)["facility"].tolist()
    [3]
    """
    origin, facility, metres = (
        found[name].to_numpy() for name in ("origin", "facility", "distance_m")
    )
    at, rank = _ranked(origin, facility, metres, k)
    return found.iloc[at].assign(rank=rank)


def _ranked(
    origin: NDArray[np.int64], facility: NDArray[np.int64], metres: NDArray[np.float64], k: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the rows of the k nearest facilities of every origin, by origin and rank, and their ranks from 1."""
    order = np.lexsort((facility, metres, origin))
    if k > 1:  # the best of the ways to one facility; of the nearest one it comes first anyway
        alike = np.lexsort((facility[order], origin[order]))
        two = origin[order[alike]], facility[order[alike]]
        best = (np.diff(two[0], prepend=-1) != 0) | (np.diff(two[1], prepend=-1) != 0)
        order = order[np.sort(alike[best])]
    first = np.flatnonzero(np.diff(origin[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order)))) + 1
    near = rank <= k
    return order[near], rank[near]


def rank_surely(
    table: pd.DataFrame,
    homes: BothAnswers,
    places: BothAnswers,
    *,
    k: int,
    limit_m: float,
    access_legs: bool,
) -> pd.DataFrame:
    """Correct what is nearest in the cautious answer to what is so near in both.

    Parameters
    ----------
    table
        What is nearest in the cautious answer, as `rank_places` gives it.
    homes, places
        Where origins and facilities, numbered as in ``table``, join the network in either answer.
    k, limit_m, access_legs
        As that was found.

    Returns
    -------
    pandas.DataFrame
        ``origin``, ``rank`` and ``distance_m``: the distances in the longer of both answers, ascending.

    Notes
    -----
    Only who joins elsewhere can be nearer in the cautious answer. So the distance is right already where neither
    an origin nor any of the places that are nearest to it does; only for others are pairs measured in both answers.
    """
    origin, metres = table["origin"].to_numpy(), table["distance_m"].to_numpy()
    doubt = homes.moved[origin] | places.moved[table["facility"].to_numpy()]
    left = np.unique(origin[doubt])
    right = ~np.isin(origin, left)
    sure = [(origin[right], table["rank"].to_numpy()[right], metres[right])]
    bound = min(2.0 * float(np.median(metres[doubt])), limit_m) if len(left) else limit_m
    while len(left):
        both = _in_both(homes, places, left, bound, access_legs=access_legs)
        at, rank = _ranked(*both, k)
        whose, _, far = (column[at] for column in both)
        ready = np.bincount(whose, minlength=len(left)) == k
        if bound >= limit_m:
            ready[:] = True
        known = ready[whose]
        sure.append((left[whose[known]], rank[known], far[known]))
        left = left[~ready]
        bound = min(_WIDER * bound, limit_m) if bound < _FAR_M else limit_m
    columns = (np.concatenate(column) for column in zip(*sure, strict=True))
    return pd.DataFrame(dict(zip(("origin", "rank", "distance_m"), columns, strict=True)))


def _in_both(
    homes: BothAnswers,
    places: BothAnswers,
    some: NDArray[np.int64],
    limit_m: float,
    *,
    access_legs: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Measure every pair within the limit in both answers: number of the origin in some, facility, longer metres."""
    pairs: list[NDArray[np.int64]] = []
    metres: list[NDArray[np.float64]] = []
    for net, home, place in zip(homes.nets, homes.accesses, places.accesses, strict=True):
        joined = Joined.of(net, home.select(some), place, limit_m, access_legs=access_legs)
        to, whose, far = joined.pairs()
        pairs.append(whose * len(places.moved) + to)
        metres.append(far)
    pair, one, other = np.intersect1d(pairs[0], pairs[1], assume_unique=True, return_indices=True)
    whose, to = np.divmod(pair, max(1, len(places.moved)))
    return whose, to, np.maximum(metres[0][one], metres[1][other])
