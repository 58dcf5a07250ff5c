"""What one criterion comes to at every place: the measure, its range, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = [
    "place", "criterion", "raw", "word", "raw_low", "raw_high", "certainty", "reason", "source", "year",
    "coverage", "fallback",
]  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """The outcome of one criterion, each on the places' order.

    Attributes
    ----------
    key
        The criterion.
    raw
        In the criterion's unit; NaN where unknown; infinite for the distance to what is known not to exist.
    reason
        Why it is unknown, as a key of the screen texts; looked at only there.
    origin
        Source and year.
    low, high
        The lowest and highest that the unknown leaves possible, infinite where there is no end; NaN, or None for
        all, where the measure is what it is.
    certainty
        0–1: the chance that the measure is no less than it is given; NaN, or None for all, where nothing is known
        of that.
    coverage
        0–1: the share of the people (of an area figure) or of the surface (of a raster) that is known.
    fallback
        0–1: the share of the people for whom a larger area or an older year stood in.
    word
        The outcome in words, instead of ``raw``.
    """

    key: str
    raw: NDArray[np.float64]
    reason: NDArray[np.object_]
    origin: tuple[str, int | None] = ("", None)
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    certainty: NDArray[np.float64] | None = None
    coverage: NDArray[np.float64] | None = None
    fallback: NDArray[np.float64] | None = None
    word: NDArray[np.object_] | None = None

    @property
    def ends(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The lowest and the highest at every place; the measure itself where nothing else is possible."""

        def end(given: NDArray[np.float64] | None) -> NDArray[np.float64]:
            if given is None:
                return self.raw
            return np.where(np.isnan(given) | np.isnan(self.raw), self.raw, given)

        # The last bits of a mean never put it outside its range.
        return np.fmin(end(self.low), self.raw), np.fmax(end(self.high), self.raw)

    @property
    def outcome(self) -> NDArray[np.float64] | NDArray[np.object_]:
        """The measure, or for a criterion with levels its word, where any place has one."""
        spoken = self.word is not None and bool(pd.notna(self.word).any())
        return self.word if self.word is not None and spoken else self.raw

    def rows(self, places: pd.Index) -> pd.DataFrame:
        """Lay the outcome out as rows of the long table.

        Parameters
        ----------
        places
            The ids of the places.

        Returns
        -------
        pandas.DataFrame
            As `measure` gives them.

        Examples
        --------
        >>> one = Measured("groen", np.array([0.2]), np.array([""], dtype=object))
        >>> one.rows(pd.Index(["a"]))[["place", "criterion", "raw", "raw_low"]].values.tolist()
        [['a', 'groen', 0.2, 0.2]]
        """
        n = len(places)
        unknown = np.full(n, np.nan)
        source, year = self.origin
        word = pd.Series(self.word if self.word is not None else [None] * n, dtype="object")
        known = np.isfinite(self.raw) if self.word is None else word.notna().to_numpy()

        lowest, highest = self.ends
        return pd.DataFrame(
            {
                "place": places,
                "criterion": self.key,
                "raw": self.raw,
                "word": word.to_numpy(),
                "raw_low": lowest,
                "raw_high": highest,
                "certainty": unknown if self.certainty is None else self.certainty,
                "reason": np.where(known, "", self.reason),
                "source": source,
                "year": pd.array([year] * n, dtype="Int64"),
                "coverage": unknown if self.coverage is None else self.coverage,
                "fallback": unknown if self.fallback is None else self.fallback,
            }
        )[COLUMNS]
