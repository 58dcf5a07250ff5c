"""Sites judged before a change, and kept with their town until the next change is tried on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from geowoonzorg.measure import Reach, measure_reach, spread
from geowoonzorg.ranking.accounting import explain
from geowoonzorg.ranking.scoring import score
from geowoonzorg.town.given import hash_frame

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geowoonzorg.progress import Progress
    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.town import Town

_KEPT: Final = "sites as they are"


class Judged(NamedTuple):
    """Sites as they were or will be: what was measured, and what it comes to."""

    measures: pd.DataFrame
    scores: pd.DataFrame
    parts: pd.DataFrame


class AsTheyAre(NamedTuple):
    """Sites before any change: of which content, how judged, and what one can reach there."""

    content: str
    profile: ScoringProfile
    reach: Reach
    judged: Judged


def as_they_are(
    town: Town, places: gpd.GeoDataFrame, profile: ScoringProfile, names: pd.Series, progress: Progress
) -> AsTheyAre:  # fmt: skip
    """Judge the sites as they are, unless that was done for the last change that was tried.

    What is kept is taken away while it is used, so that two questions at once do not work in the same reach.
    """
    content, kept = hash_frame(places), town.kept.pop(_KEPT, None)
    if kept is not None and kept.content == content and kept.profile == profile:
        kept.reach.tell_of(progress)
        return kept
    reach = Reach(town, places, progress=progress)
    measures = measure_reach(reach, profile.criteria)
    return AsTheyAre(content, profile, reach, judge(measures, profile, names, reach.ids))


def keep(town: Town, was: AsTheyAre) -> None:
    """Keep what was found with its town, in place of what was kept before."""
    town.kept[_KEPT] = was


def judge(
    measures: pd.DataFrame, profile: ScoringProfile, names: pd.Series, ids: pd.Index
) -> Judged:
    """Score the sites; what ranks rest on is not drawn, as only the ranks themselves are told."""
    raw, low, high = (spread(measures, c, ids) for c in ("raw", "raw_low", "raw_high"))
    scores = score(raw, profile, raw_low=low, raw_high=high, names=names, draws=0)
    return Judged(measures, scores, explain(scores, profile))
