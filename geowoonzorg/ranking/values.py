"""Values of sites on criteria, with their ranges, out of a table of scores; what the applicant could have told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.ranking.ranges import chances, kept_values
from geowoonzorg.ranking.rule import Values

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geowoonzorg.ranking.scoring_profile import ScoringProfile

_TOLD_BY_APPLICANT: Final = "site"  # the metric that takes what the sites' own table says


def values_of(
    scores: pd.DataFrame, profile: ScoringProfile, *, certainty: pd.DataFrame | None = None
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
    >>> values_of(found, profile).point[0, :2].round(2).tolist()
    [0.8, nan]
    """
    keys = [criterion.key for criterion in profile.criteria]
    kept = np.stack([kept_values(criterion, scores) for criterion in profile.criteria], axis=2)

    def take(ending: str) -> NDArray[np.float64]:
        return scores[[key + ending for key in keys]].to_numpy(dtype=np.float64)

    return Values(
        keys=tuple(keys), weights=profile.weights, told=told_by_applicant(profile),
        point=take("_value"), low=take("_value_low"), high=take("_value_high"),
        certainty=np.column_stack([
            chances(key, scores[f"{key}_value"].notna().to_numpy(), scores.index, certainty) for key in keys
        ]),
        kept_low=kept[0], kept_high=kept[1],
    )  # fmt: skip


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
