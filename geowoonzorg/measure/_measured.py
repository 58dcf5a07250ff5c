"""What one criterion comes to at every place: the measure, its range, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = [
    "place", "criterion", "raw", "word", "raw_low", "raw_high", "reason", "source", "year", "coverage",
    "fallback",
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
        The lowest and highest that the unknown leaves possible; NaN where there is no such range.
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
    coverage: NDArray[np.float64] | None = None
    fallback: NDArray[np.float64] | None = None
    word: NDArray[np.object_] | None = None

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
        >>> one.rows(pd.Index(["a"]))[["place", "criterion", "raw"]].values.tolist()
        [['a', 'groen', 0.2]]
        """
        n = len(places)
        unknown = np.full(n, np.nan)
        source, year = self.origin
        word = pd.Series(self.word if self.word is not None else [None] * n, dtype="object")
        known = np.isfinite(self.raw) if self.word is None else word.notna().to_numpy()
        return pd.DataFrame(
            {
                "place": places,
                "criterion": self.key,
                "raw": self.raw,
                "word": word.to_numpy(),
                "raw_low": unknown if self.low is None else self.low,
                "raw_high": unknown if self.high is None else self.high,
                "reason": np.where(known, "", self.reason),
                "source": source,
                "year": pd.array([year] * n, dtype="Int64"),
                "coverage": unknown if self.coverage is None else self.coverage,
                "fallback": unknown if self.fallback is None else self.fallback,
            }
        )[COLUMNS]
