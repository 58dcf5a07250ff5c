"""Weights by swing questions: what going from worst to best on each criterion is worth."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.errors import InputError, first_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile

MOST: Final = 100.0  # points of the swing that is worth most; the others are a share of it
_DIGITS: Final = 12
_NOW: Final = "; gewicht nu: swingvraag, "
_NOW_EN: Final = "; weight now: swing question, "


def swing_of(criterion: Criterion) -> tuple[Any, Any]:
    """Give the worst and the best measure of a criterion: the swing that is asked about.

    Parameters
    ----------
    criterion
        Of a scoring profile.

    Returns
    -------
    tuple
        A measure, or a word, with the lowest value and one with the highest.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> swing_of(read_scoring_profile("geclusterd").criteria[0])
    (1200.0, 100.0)
    """
    scale: tuple[tuple[Any, float], ...] = criterion.anchors or criterion.levels
    worst, best = (pick(scale, key=lambda pair: pair[1])[0] for pick in (min, max))
    return worst, best


def swing_weights(points: Mapping[str, float], profile: ScoringProfile) -> dict[str, float]:
    """Turn the points of swings into weights.

    Parameters
    ----------
    points
        Per criterion's key what its swing from worst to best is worth, 0 to 100, with 100 for the swing that is
        worth most. Only their proportions matter.
    profile
        Whose criteria.

    Returns
    -------
    dict
        Key → weight, which sum to 1, in the order of the profile.

    Raises
    ------
    InputError
        When a criterion has no points or there are points of none, one is not a number from 0 to 100, all are 0, or
        a criterion that got points has only one value, so that there is no swing.

    Notes
    -----
    Swing weighting (Von Winterfeldt & Edwards, *Decision Analysis and Behavioral Research*, 1986, ch. 8): imagine a
    site that is at its worst on everything; which criterion would one lift to its best first, and what is each of
    the others worth beside it? The weights are the points over their sum, each divided by how far the criterion's
    value can rise, so that the points a full swing brings are in proportion to the answers also where a value does
    not run from 0 to 1.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> profile = read_scoring_profile("geclusterd")
    >>> points = {c.key: 0.0 for c in profile.criteria} | {"supermarkt": 100.0, "huisarts": 60.0, "geluid": 40.0}
    >>> weights = swing_weights(points, profile)
    >>> [weights[key] for key in ("supermarkt", "huisarts", "geluid")]
    [0.5, 0.3, 0.2]
    """
    keys = [criterion.key for criterion in profile.criteria]
    if absent := [key for key in keys if key not in points]:
        raise InputError(
            "swings without points: {names}; give each 0 to 100", names=first_ids(absent)
        )
    if strange := [str(key) for key in points if key not in keys]:
        raise InputError(
            "points of what is no criterion of profile {profile!r}: {names}; choose from {known}",
            profile=profile.name, names=first_ids(strange), known=", ".join(keys),
        )  # fmt: skip
    wrong = [
        f"{key}: {value}" for key, value in points.items()
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST
    ]  # fmt: skip
    if wrong:
        raise InputError("points must be numbers from 0 to 100: {shown}", shown=first_ids(wrong))
    rises = {c.key: _rise(c) for c in profile.criteria}
    if flat := [key for key in keys if points[key] > 0 and rises[key] == 0]:
        raise InputError(
            "criteria with one value have no swing: {names}; give them 0 points",
            names=first_ids(flat),
        )
    weights = {key: points[key] / rises[key] if points[key] > 0 else 0.0 for key in keys}
    whole = math.fsum(weights.values())
    if whole == 0:
        raise InputError("all points are 0; give the swing that is worth most {most:g}", most=MOST)
    return {key: weight / whole for key, weight in weights.items()}


def weigh(
    profile: ScoringProfile, points: Mapping[str, float], *, name: str | None = None
) -> ScoringProfile:
    """Give a profile the weights that swing questions came to.

    Parameters
    ----------
    profile
        The profile to start from.
    points
        As `swing_weights` takes them.
    name
        What the new profile is called; the old name with ``-gewogen`` when None.

    Returns
    -------
    ScoringProfile
        The same criteria over the same anchors, with weights that sum to 100; each says in its source that its
        weight comes of swing questions, and of how many points.

    Raises
    ------
    InputError
        As `swing_weights`.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> profile = read_scoring_profile("geclusterd")
    >>> made = weigh(profile, {c.key: 50.0 for c in profile.criteria} | {"supermarkt": 100.0})
    >>> made.name, round(made.criteria[0].weight / made.criteria[1].weight, 3)
    ('geclusterd-gewogen', 2.0)
    """
    weights = swing_weights(points, profile)
    criteria = tuple(
        replace(
            one,
            weight=float(f"{100 * weights[one.key]:.{_DIGITS}g}"),
            source=_told(one.source, _NOW, f"{points[one.key]:g} van {MOST:g} punten"),
            source_en=one.source_en
            and _told(one.source_en, _NOW_EN, f"{points[one.key]:g} of {MOST:g} points"),
        )
        for one in profile.criteria
    )
    return replace(profile, name=name or f"{profile.name}-gewogen", criteria=criteria)


def _told(source: str, now: str, points: str) -> str:
    """Say in a criterion's source where its weight is from, once."""
    return f"{source.split(now, maxsplit=1)[0]}{now}{points}"


def _rise(criterion: Criterion) -> float:
    values = [value for _, value in criterion.anchors or criterion.levels]
    return max(values) - min(values)
