"""How far the nearest places are in both answers at once: pairs of places, and for whom only those can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.walk.crossing import met_places
from geowoonzorg.walk.reach import OnEdges, Pairs, iter_reached, lay_on_edges

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    columns = [found[name].to_numpy() for name in ("facility", "distance_m", "origin")]
    found = found.iloc[np.lexsort(columns)].drop_duplicates(["origin", "facility"])
    found = found.assign(rank=found.groupby("origin").cumcount() + 1)
    return found[found["rank"] <= k]


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
    doubt = homes.moved[table["origin"].to_numpy()] | places.moved[table["facility"].to_numpy()]
    left = np.unique(table["origin"].to_numpy()[doubt])
    columns = ["origin", "rank", "distance_m"]
    sure = [table.loc[~table["origin"].isin(left), columns]]
    bound = min(2.0 * float(table["distance_m"][doubt].median()), limit_m) if len(left) else limit_m
    while len(left):
        pairs = [
            _measured(net, home.select(left), place, bound, access_legs=access_legs)
            for net, home, place in zip(homes.nets, homes.accesses, places.accesses, strict=True)
        ]
        both = pairs[0].merge(pairs[1], on=["origin", "facility"], suffixes=("", "_high"))
        both["distance_m"] = both[["distance_m", "distance_m_high"]].max(axis=1)
        ranked = rank_places(both, k)
        ready = np.bincount(ranked["origin"], minlength=len(left)) == k
        if bound >= limit_m:
            ready[:] = True
        ranked = ranked[ready[ranked["origin"].to_numpy()]]
        sure.append(ranked.assign(origin=left[ranked["origin"].to_numpy()])[columns])
        left = left[~ready]
        bound = min(_WIDER * bound, limit_m) if bound < _FAR_M else limit_m
    return pd.concat(sure)


def _measured(
    net: WalkNetwork,
    homes: Access,
    places: Access,
    limit_m: float,
    *,
    access_legs: bool,
) -> pd.DataFrame:
    """Measure every pair within the limit."""
    joined = Joined.of(net, homes, places, limit_m, access_legs=access_legs)
    place, origin, metres = joined.pairs()
    return pd.DataFrame({"origin": origin, "facility": place, "distance_m": metres})
