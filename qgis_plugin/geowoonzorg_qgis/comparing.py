"""Two runs side by side: the rank and score of each site in both, what changed, and whether the ranges allow for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """What a run wrote of a site; what it does not know is None."""

    name: str
    score: float | None = None
    score_low: float | None = None
    score_high: float | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    known_share: float | None = None
    knocked_out: bool = False

    def ends(self) -> tuple[float | None, float | None]:
        """Give between which scores it can still land."""
        return self.score_low, self.score_high


@dataclass(frozen=True)
class Pair:
    """A site in two runs; None where a run did not have it."""

    ident: str
    one: Written | None
    other: Written | None

    @property
    def name(self) -> str:
        """What it is called, in the first run where it is there."""
        return (self.one or self.other).name

    def rank_gained(self) -> int | None:
        """Give how many places it is higher in the first run; None where it has no rank in one of them."""
        if self.one is None or self.other is None or self.one.rank is None or self.other.rank is None:
            return None
        return self.other.rank - self.one.rank

    def score_gained(self) -> float | None:
        """Give how many points more it has in the first run."""
        if self.one is None or self.other is None or self.one.score is None or self.other.score is None:
            return None
        return self.one.score - self.other.score

    def is_clear(self) -> bool:
        """Whether its scores differ whatever is still unknown: their ranges have nothing in common.

        Examples
        --------
        >>> low, high = Written("A", 20.0, 10.0, 30.0), Written("A", 40.0, 35.0, 50.0)
        >>> Pair("a", high, low).is_clear(), Pair("a", high, Written("A", 34.0, 20.0, 36.0)).is_clear()
        (True, False)
        """
        if self.one is None or self.other is None:
            return False
        low, high, other_low, other_high = (*self.one.ends(), *self.other.ends())
        if None in (low, high, other_low, other_high):
            return False
        return low > other_high or other_low > high


def pairs(one: Mapping[str, Written], other: Mapping[str, Written]) -> list[Pair]:
    """Pair two runs by the ids of their sites: in the first one's order of ranks, then what only the second has.

    Examples
    --------
    >>> [pair.ident for pair in pairs({"b": Written("B", rank=1), "c": Written("C")}, {"a": Written("A", rank=1)})]
    ['b', 'c', 'a']
    """

    def order(ident: str) -> tuple:
        first, second = one.get(ident), other.get(ident)
        site = first or second
        return (first is None, site.knocked_out, site.rank is None, site.rank or 0, ident)

    idents = sorted({*one, *other}, key=order)
    return [Pair(ident, one.get(ident), other.get(ident)) for ident in idents]
