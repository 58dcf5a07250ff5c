"""Places in facilities per head within reach: the enhanced two-step floating catchment, on pairs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import SHARE, read_document
from geowoonzorg.messages import tell
from geowoonzorg.people.catchment import divide, sum_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_PATH: Final = Path(__file__).parents[1] / "knowledge" / "floating_catchment.toml"


@dataclass(frozen=True)
class Zone:
    """Walks that count alike.

    Attributes
    ----------
    within_share
        Up to this share (0-1) of the walking limit.
    weight
        How much (0-1) they count.
    """

    within_share: float = field(metadata={"must_be": SHARE})
    weight: float = field(metadata={"must_be": SHARE})


@dataclass(frozen=True)
class Decay:
    """How use falls with distance.

    Attributes
    ----------
    source
        Where that was published.
    zones
        The nearest first.
    """

    source: str
    zones: tuple[Zone, ...] = field(metadata={"key": "zone", "unique": "within_share"})

    def within(self, limit_m: float) -> dict[float, float]:
        """Give the zones of a walking limit, as `floating_catchment` takes them.

        Parameters
        ----------
        limit_m
            The limit (m).

        Returns
        -------
        dict
            Metres → weight.

        Examples
        --------
        >>> read_decay().within(300)
        {100.0: 1.0, 200.0: 0.68, 300.0: 0.22}
        """
        return {limit_m * one.within_share: one.weight for one in self.zones}


@cache
def read_decay() -> Decay:
    """Read how use falls with distance.

    Returns
    -------
    Decay
        Wholly checked.

    Examples
    --------
    >>> len(read_decay().zones)
    3
    """
    return read_document(read_toml(_PATH), Decay, where=tell("how far people come to a facility"))


class FloatingCatchment(NamedTuple):
    """The outcome of both steps.

    Attributes
    ----------
    per_head
        By facility: its places per head of those who come, as far as they come.
    within_reach
        By address: the places per head that are within its reach.
    """

    per_head: pd.Series[float]
    within_reach: pd.Series[float]


def floating_catchment(
    pairs: pd.DataFrame,
    people: pd.Series[float],
    places: pd.Series[float],
    zones: Mapping[float, float],
) -> FloatingCatchment:
    """Share out the places of facilities over all who can come, and add up what everybody has within reach.

    Parameters
    ----------
    pairs
        ``address_id``, ``facility_id`` and ``distance_m`` (m), each pair once, of **all** who can come.
    people
        How many live at each address, by address id; NaN where unknown.
    places
        The capacity of each facility, by facility id; NaN where unknown.
    zones
        Metres → how much (0-1) a walk up to there counts; beyond the last it does not.

    Returns
    -------
    FloatingCatchment
        On the indices given. A facility to which nobody can come has no number per head; of unknown capacity, or
        with unknown people within reach, neither. An address has 0 where nothing is within reach, and no number
        where something is that has none itself.

    Notes
    -----
    ``R_j = S_j / sum_k P_k W(d_kj)`` and ``A_i = sum_j R_j W(d_ij)`` (Luo and Qi, *An enhanced two-step floating
    catchment area (E2SFCA) method for measuring spatial accessibility to primary care physicians*, Health & Place
    15, 2009). All places are shared out: the people's ``A`` add up to the facilities' places.

    Examples
    --------
    >>> pairs = pd.DataFrame({"address_id": ["a", "b"], "facility_id": ["h", "h"], "distance_m": [50.0, 300.0]})
    >>> found = floating_catchment(
    ...     pairs, pd.Series({"a": 10.0, "b": 40.0}), pd.Series({"h": 30.0}), {100: 1.0, 400: 0.5})
    >>> found.per_head.tolist(), found.within_reach.tolist()
    ([1.0], [1.0, 0.5])
    """
    ends = np.array(sorted(zones), dtype=np.float64)
    counts = np.array([zones[end] for end in sorted(zones)] + [0.0])
    weight = counts[np.searchsorted(ends, pairs["distance_m"].to_numpy(dtype=np.float64))]
    near = weight > 0
    weight = weight[near]
    address = people.index.get_indexer(pd.Index(pairs["address_id"][near]))
    facility = places.index.get_indexer(pd.Index(pairs["facility_id"][near]))
    come = sum_by(facility, people.to_numpy(dtype=np.float64)[address] * weight, len(places))
    supply: NDArray[np.float64] = np.asarray(places, dtype=np.float64)
    per_head = divide(supply, come)
    within = sum_by(address, per_head[facility] * weight, len(people))
    return FloatingCatchment(pd.Series(per_head, places.index), pd.Series(within, people.index))
