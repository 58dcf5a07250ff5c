"""Values of sites on criteria with their ranges, and how they enter a score: what of every criterion is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.ranking.ranges import chances, kept_values

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geowoonzorg.ranking.scoring_profile import ScoringProfile

_TOLD_BY_APPLICANT: Final = "site"  # the metric that takes what the sites' own table says


@dataclass(frozen=True, eq=False)
class Values:
    """Values of sites (rows) on criteria (columns), with their ranges, and how they enter a score.

    Attributes
    ----------
    keys
        The criteria's keys, shape ``(n_criteria,)``.
    weights
        Their shares of the weight, which sum to 1.
    told
        Of which criteria the applicant could have told the measure.
    point, low, high
        Values 0-1, shape ``(n_sites, n_criteria)``; ``point`` is NaN where unknown, its bounds never are.
    certainty
        The chance (0-1) that a measure is no less than it is given, and not anything in its range; None for 0.
    kept_low, kept_high
        The range of each value when it is not; None for its point.
    """

    keys: tuple[str, ...]
    weights: NDArray[np.float64]
    told: NDArray[np.bool_]
    point: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    certainty: NDArray[np.float64] | None = None
    kept_low: NDArray[np.float64] | None = None
    kept_high: NDArray[np.float64] | None = None

    @classmethod
    def of(
        cls, scores: pd.DataFrame, profile: ScoringProfile, *, certainty: pd.DataFrame | None = None
    ) -> Values:
        """Take the values out of a table of scores.

        Parameters
        ----------
        scores
            What `score` returned.
        profile
            The profile it was scored on.
        certainty
            As `score` was given.

        Returns
        -------
        Values
            On the order of the table and of the profile.

        Examples
        --------
        >>> import pandas as pd
        >>> from geowoonzorg.ranking.scoring import read_scoring_profile, score
        >>> profile = read_scoring_profile("geclusterd")
        >>> found = score(pd.DataFrame({"supermarkt": [400.0]}, index=["a"]), profile)
        >>> Values.of(found, profile).point[0, :2].round(2).tolist()
        [0.8, nan]
        """
        keys = [criterion.key for criterion in profile.criteria]

        kept = np.stack([kept_values(criterion, scores) for criterion in profile.criteria], axis=2)

        def take(ending: str) -> NDArray[np.float64]:
            return scores[[key + ending for key in keys]].to_numpy(dtype=np.float64)

        return cls(
            keys=tuple(keys), weights=profile.weights, told=told_by_applicant(profile),
            point=take("_value"), low=take("_value_low"), high=take("_value_high"),
            certainty=np.column_stack([
                chances(key, scores[f"{key}_value"].notna().to_numpy(), scores.index, certainty) for key in keys
            ]),
            kept_low=kept[0], kept_high=kept[1],
        )  # fmt: skip

    def rows(self, sites: NDArray[np.intp]) -> Values:
        """Take some of the sites.

        Parameters
        ----------
        sites
            The numbers of their rows.

        Returns
        -------
        Values
            In that order.

        Examples
        --------
        >>> point = np.array([[0.2], [0.8]])
        >>> Values(("a",), np.ones(1), np.zeros(1, bool), point, point, point).rows(np.array([1])).point.tolist()
        [[0.8]]
        """

        def some(table: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
            return None if table is None else table[sites]

        return replace(
            self, point=self.point[sites], low=self.low[sites], high=self.high[sites],
            certainty=some(self.certainty), kept_low=some(self.kept_low), kept_high=some(self.kept_high),
        )  # fmt: skip

    @cached_property
    def mass(self) -> NDArray[np.float64]:
        """Whether (1 or 0) each criterion takes part in a score: known, or left blank by who could have told it."""
        return (~np.isnan(self.point) | self.told).astype(np.float64)

    @cached_property
    def counted(self) -> NDArray[np.float64]:
        """The values (0-1) that a score is the weighted mean of; a blank counts as the worst answer."""
        return np.where(np.isnan(self.point), self.low * self.mass, self.point)

    @cached_property
    def whole(self) -> NDArray[np.float64]:
        """The weight (0-1) that each site's score is a mean over, shape ``(n_sites,)``; NaN where there is none."""
        whole = (self.mass * self.weights).sum(axis=1)
        return np.where(whole > 0, whole, np.nan)

    @cached_property
    def known_share(self) -> NDArray[np.float64]:
        """The share (0-1) of the weight that is known: of each criterion all but the width of its range."""
        known = ((1.0 - (self.high - self.low)) * self.weights).sum(axis=1)
        return np.fmin(known, 1.0)  # the weights may sum to a bit more


def told_by_applicant(profile: ScoringProfile) -> NDArray[np.bool_]:
    """Say of which criteria the applicant could have told the measure.

    Parameters
    ----------
    profile
        A scoring profile.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_criteria,)``.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> profile = read_scoring_profile("geclusterd")
    >>> [c.key for c, told in zip(profile.criteria, told_by_applicant(profile)) if told]
    ['ontmoetingsruimte', 'n_woningen']
    """
    return np.array([c.metric == _TOLD_BY_APPLICANT for c in profile.criteria], dtype=bool)
