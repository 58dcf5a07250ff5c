"""The spots of a search: the best set of its places, and each of them told as a site is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg.ask._named import named
from geowoonzorg.ask.sites import criteria_of, site_layer
from geowoonzorg.choosing.spots import SpotsChosen, choose_spots
from geowoonzorg.errors import StudyError
from geowoonzorg.measure import Reach, measure_reach, spread
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, silent
from geowoonzorg.ranking.scoring import score
from geowoonzorg.walk.pairs import reached_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.ask._looked import Looked
    from geowoonzorg.messages import Message
    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.town import Town


@dataclass(frozen=True, eq=False)
class Picked:
    """The places that were picked.

    Attributes
    ----------
    chosen
        Their rows, the best first.
    record
        ``objective, bound, gap, spots, apart_m, max_per_wijk, status, costs``, as JSON holds it.
    proof
        What they come to together, and how sure it is that no other set is better; nothing where none was asked.
    costs
        What each bound costs.
    """

    chosen: NDArray[np.int64]
    record: Mapping[str, Any]
    proof: tuple[Message, ...] = ()
    costs: tuple[Message, ...] = ()


def pick_spots(
    looked: Looked,
    points: NDArray[np.float64],
    *,
    n: int | None,
    apart_m: float | None = None,
    max_per_wijk: int | None = None,
    seconds: float = 60.0,
    progress: Progress = silent,
) -> Picked:
    """Pick the spots that together score most.

    Parameters
    ----------
    looked
        The places.
    points
        Their scores (0-100); NaN for what a spot may not be, shape (n_places,).
    n
        How many; None for none.
    apart_m
        How far apart at least (m).
    max_per_wijk
        At most so many in a wijk.
    seconds
        How long is looked for a better set.
    progress
        Hears how far the work is.

    Returns
    -------
    Picked
        With the proof of how good they are.

    Raises
    ------
    StudyError
        When a bound makes no sense, cannot be met, or nothing was found in time.

    Examples
    --------
    >>> from geowoonzorg.ask._looked import look_at
    >>> from geowoonzorg.town import Town
    >>> looked = look_at(Town.demo(), 500.0)
    >>> pick_spots(looked, np.arange(len(looked.places)) / 1.0, n=1).chosen[0] == len(looked.places) - 1
    np.True_
    """
    wijk = looked.places["wijk_code"]
    if not seconds > 0:
        raise StudyError("seconds is {seconds}: give a number above 0", seconds=seconds)
    if max_per_wijk is not None and wijk.isna().all():
        raise StudyError("max_per_wijk: the town has no areas with a wijk; leave it out")
    asked = {"spots": n or 0, "apart_m": apart_m, "max_per_wijk": max_per_wijk}
    if n is None:
        nothing: dict[str, Any] = {
            "objective": None,
            "bound": None,
            "gap": None,
            "status": "not_asked",
            "costs": {},
        }
        return Picked(np.empty(0, np.int64), {**asked, **nothing})
    shapes = looked.places.geometry.representative_point()
    found = choose_spots(
        points, np.column_stack([shapes.x, shapes.y]), k=n, apart_m=apart_m or 0.0,
        group=None if max_per_wijk is None else wijk.to_numpy(dtype=object, na_value=None),
        max_per_group=max_per_wijk, seconds=seconds, progress=progress,
    )  # fmt: skip
    if not len(found.chosen):
        raise StudyError(
            "spots: no {n} places within these bounds were found in time, nor proof that there are none; "
            "ask for fewer, let them lie nearer to each other, or give more seconds",
            n=n,
        )
    record = {
        **asked, "objective": found.objective, "bound": found.bound, "gap": found.gap, "status": found.status,
        "costs": {_NAMES.get(name, name): points for name, points in found.costs.items()},
    }  # fmt: skip
    return Picked(
        np.asarray(found.chosen, dtype=np.int64),
        record,
        _proof(found),
        _costs(found, apart_m, max_per_wijk),
    )


_NAMES = {"max_per_group": "max_per_wijk"}


def _proof(found: SpotsChosen) -> tuple[Message, ...]:
    """Say what the spots come to, and how sure it is that no other set has more."""
    together = {"n": len(found.chosen), "objective": found.objective}
    if found.status != "cut_short":
        return (
            tell("{n} spots of {objective:.1f} points together; no other set has more", **together),
        )
    return (
        tell(
            "{n} spots of {objective:.1f} points together; no other set has more than {bound:.1f}",
            **together, bound=found.bound,
        ),
        tell("stopped before it was proven best; at most {gap:.1%} better is possible", gap=found.gap),
    )  # fmt: skip


def _costs(
    found: SpotsChosen, apart_m: float | None, max_per_wijk: int | None
) -> tuple[Message, ...]:
    """Say what each bound costs."""
    said = {
        "apart_m": tell("that they lie at least {m:limit} apart", m=apart_m or 0.0),
        "max_per_group": tell("that at most {n} of a wijk are chosen", n=max_per_wijk or 0),
    }
    return tuple(
        tell("{what} costs {points:.1f} points", what=said[name], points=points)
        for name, points in found.costs.items()
    )


def spots_of(
    town: Town, chosen: gpd.GeoDataFrame, profile: ScoringProfile
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Tell of spots as of sites.

    Parameters
    ----------
    town
        The town.
    chosen
        The places, with what is assumed of them.
    profile
        What they are judged on.

    Returns
    -------
    spots : geopandas.GeoDataFrame
        ``id, rank`` (among themselves), the columns of a site, ``wijk_code, homes, piece_m2``, and how far the
        nearest other spot is: ``apart_m`` straight and ``apart_walk_m`` on foot (m).
    criteria : pandas.DataFrame
        The parts of every score, as `score_sites` gives them.

    Examples
    --------
    >>> from geowoonzorg.ask._looked import look_at
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> spots, criteria = spots_of(town, look_at(town, 500.0).places.head(2), read_scoring_profile("geclusterd"))
    >>> len(criteria) / len(spots)
    15.0
    """
    places = chosen.reset_index(drop=True)
    reach = Reach(town, places)
    measures = measure_reach(reach, profile.criteria)
    raw, low, high = (spread(measures, c, reach.ids) for c in ("raw", "raw_low", "raw_high"))
    scores = score(
        raw.reindex(columns=[c.key for c in profile.criteria]), profile, raw_low=low, raw_high=high, draws=0
    )  # fmt: skip
    apart = _apart(town, places)
    places = places.assign(name=named(town, places))
    if "homes" not in places:
        places = places.assign(homes=pd.array([pd.NA] * len(places), dtype="Int64"))
    layer = site_layer(places, pd.concat([scores, apart], axis=1))
    first = [
        "id",
        "rank",
        "score",
        "score_low",
        "score_high",
        "known_weight_share",
        "wijk_code",
        "homes",
    ]
    drawn = [
        c for c in map(str, scores) if c.startswith("rank_") or c in {"first_share", "top3_share"}
    ]
    layer = layer[[*first, *(c for c in layer.columns if c not in {*first, *drawn})]]
    return layer, criteria_of(scores, profile, measures, reach.ids)


def _apart(town: Town, places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure from every spot to the nearest other one, straight and on foot (m)."""
    index = pd.Index(places["id"], name="id")
    straight, walked = np.full(len(index), np.nan), pd.Series(np.nan, index, dtype="float64")
    if len(index) > 1:
        shapes = places.geometry.representative_point()  # as they were chosen
        straight = np.array([shapes.drop(i).distance(one).min() for i, one in shapes.items()])
        only = places[["id", "geometry"]]
        pairs = reached_pairs(
            town.network, only, only, limit_m=_FAR_M, **town.walking.access
        ).query("origin_id != facility_id")  # fmt: skip
        walked = pairs.groupby("origin_id")["distance_m"].min().reindex(index)
    return pd.DataFrame({"apart_m": straight, "apart_walk_m": walked.to_numpy()}, index=index)


_FAR_M = 100_000.0  # as far as any walk is looked for
