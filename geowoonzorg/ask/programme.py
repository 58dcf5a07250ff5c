"""How do so many homes fit on these sites? In whole numbers, within every bound, or which of those conflict."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.ask._asked import as_profile, asked_of, background_streets, site_source, take_sites
from geowoonzorg.ask._registry import question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.build_or_bring import COLUMNS, Shared, build_or_bring
from geowoonzorg.ask.programme_words import (
    OTHERS,
    bound_words,
    left_words,
    no_words,
    record_of,
    summary_of,
)
from geowoonzorg.ask.provenance import account_for, name_files
from geowoonzorg.ask.site_homes import (
    Surroundings,
    left_out,
    read_site_homes,
    share_bounds,
    wijk_of,
)
from geowoonzorg.ask.sites import like_given
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.choosing.homes import CAPACITY, MINIMUM, HomesAsked, HomesShared
from geowoonzorg.choosing.programmes import work_out
from geowoonzorg.errors import Cancelled, StudyError
from geowoonzorg.measure import Reach, measure_reach, spread
from geowoonzorg.messages import tell
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.ranking.scoring import score
from geowoonzorg.show.question_page import question_map
from geowoonzorg.show.terminal import one_line
from geowoonzorg.study_questions import ProgrammeInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from geowoonzorg.choosing.homes import Bound
    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.town import Town

OUTPUTS = Outputs(
    layers={"programme.gpkg": ("sites",)},
    tables={"programme.csv": "programme", "build_or_bring.csv": "build_or_bring"},
    records={"programme.json": "programme"},
    pages=False,
    documents={"map.html": question_map},
)
_BESIDE: Final = "inloopvoorziening"


@question("programme", OUTPUTS, section="programme")
def programme(  # noqa: PLR0913 - each is an option
    town: Town,
    sites: gpd.GeoDataFrame,
    *,
    homes: int | None = None,
    profile: str | Path | Mapping[str, Any] | ScoringProfile = "geclusterd",
    max_share_per_wijk: float | None = None,
    max_balance: float | None = None,
    by_year: int | None = None,
    woonvorm: str | None = None,
    min_per_site: int | None = None,
    unscored: bool | None = None,
    facility_class: str | None = None,
    seconds: float = 60.0,
    progress: Progress = silent,
) -> Answer:
    """Share so many homes out over the sites, in whole numbers.

    Parameters
    ----------
    town
        What the sites are judged in.
    sites
        As `score_sites`, with ``n_woningen``: what each can take at most. Where they have it: ``min_woningen`` (at
        least so many, or none), ``phase_year``, ``woonvorm`` and ``vragers_aandeel`` (0–1, of the new residents).
    homes
        How many in all.
    profile
        How sites are judged: as `geowoonzorg.read_scoring_profile` takes it, or a profile.
    max_share_per_wijk
        At most this share (0–1) of the homes in one wijk.
    max_balance
        The balance of vragers and dragers that no site's surroundings may exceed afterwards, where homes come; those
        of other sites that can be walked to from there count too.
    by_year
        Only sites whose phase is no later.
    woonvorm
        Only sites of this woonvorm.
    min_per_site
        At least so many on a site that has no minimum of its own, or none.
    unscored
        Let sites of which too little is known for a score take part, with the least that their score can be.
    facility_class
        Of which class it is told whom moving homes reaches, and whom adding facilities; inloopvoorziening by default.
    seconds
        At most so long for the best; then the best so far is given, with its gap.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        Table ``programme``: ``site_id, homes, score, wijk_code, phase_year``, the sites with homes. Layer
        ``sites``, on the index and in the CRS of ``sites``: ``id, name, homes, score, score_low, score_high,
        wijk_code, phase_year, balans_before, balans_after`` (with all homes that come within walking distance),
        ``homes_around`` and ``why`` (a site has none; a key). Table ``build_or_bring``. Record ``programme``:
        ``status`` (``optimal``, ``cut_short`` or ``infeasible``), ``objective`` (the sum of score times homes),
        ``bound``, ``gap``, ``binding``, ``conflict``, ``next_best``, ``fits`` (how many homes do) and ``range``
        (whether the choice stays when every score is the lowest, or the highest, that it can be).

    Raises
    ------
    StudyError
        When an option is missing or makes no sense, or a bound asks for what nobody told.
    InputError
        When homes are no whole numbers, or a minimum is above the capacity.
    CrsError, DuplicateIdError, GeometryError, MissingColumnError, FormatError, SourceError
        When the sites or a raster cannot be used.
    Cancelled
        When ``progress`` asks to stop before there is any programme.

    Notes
    -----
    For the programme of whole numbers see `geowoonzorg.choosing.homes.share_homes`, for which bounds conflict
    `geowoonzorg.choosing.conflicts.conflicting`. A site that is knocked out, or of which a bound asks what is not
    known, has no homes, and it is told.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> from geowoonzorg.study import read_study
    >>> from geowoonzorg.town import Town
    >>> from geowoonzorg.town.reading import read_sites
    >>> sites = read_sites(read_study(demo_study()))
    >>> answer = programme(Town.demo(), sites, homes=60, max_share_per_wijk=0.5)
    >>> answer.programme["homes"].sum(), answer.records["programme"]["status"]
    (np.int64(60), 'optimal')
    """
    given = ProgrammeInput(
        homes=_asked_homes(homes), max_share_per_wijk=max_share_per_wijk, max_balance=max_balance, by_year=by_year,
        woonvorm=woonvorm, min_per_site=min_per_site, unscored=unscored, facility_class=facility_class or _BESIDE,
    )  # fmt: skip
    _check(given)
    judged, places = as_profile(profile), take_sites(sites, town)
    about = read_site_homes(places, min_per_site=min_per_site)
    reach = Reach(town, places, progress=part(progress, 0.0, 0.5))
    about = pd.concat([about, wijk_of(town, places), _scores(reach, judged)], axis=1)
    figures = town.figures
    balance = figures.profile if figures else read_balance_profile()
    around = Surroundings.of(reach, balance)
    asked = _asked(about, around, given)
    ends = {e: about[f"score_{e}"].fillna(0.0).to_numpy(dtype=np.float64) for e in ("low", "high")}
    worked = work_out(asked, ends, seconds=seconds, progress=part(progress, 0.5, 0.8))
    found = worked.found
    beside = pd.DataFrame(columns=list(COLUMNS))
    if found.status == "optimal" and not worked.stopped:
        shared = Shared(asked, found, around.near, balance.persons_per_home)
        try:
            beside = build_or_bring(
                reach, shared, str(given.facility_class), seconds=seconds,
                progress=part(progress, 0.8, 1.0),
            )  # fmt: skip
            progress(1.0, "done")
        except Cancelled:
            worked = replace(worked, stopped=True)
    layer = _layer(places, about, around, found, asked)
    names = dict(zip(layer["id"].astype("str"), layer["name"].map(one_line), strict=True))
    words = bound_words(given, asked, about, names)
    source = site_source(sites)
    return Answer(
        question="programme",
        asked=asked_of(town),
        tables={
            "programme": _programme(about, found), "sites": like_given(sites, layer), "build_or_bring": beside,
            "streets": background_streets(town.network),
        },
        profile=judged,
        notes=name_files([*town.sources, source], [*places.attrs["notes"], *left_words(layer, given)]),
        provenance=account_for(town, sources=[source], profile=judged),
        outputs=OUTPUTS,
        records={"programme": record_of(worked, about.index, words)},
        summary=summary_of(worked, layer, given.homes, words),
        inputs=tuple(one.path for one in (*town.sources, source) if one.path is not None),
    )  # fmt: skip


def _asked_homes(homes: int | None) -> int:
    if homes is None:
        raise StudyError("how many homes? give --homes N, or homes under [programme] in the study")
    return homes


def _check(given: ProgrammeInput) -> None:
    """Hold what is given against the bounds that a study's section has."""
    for item in fields(given):
        value, bound = getattr(given, item.name), item.metadata.get("must_be")
        if value is not None and bound and not bound.holds(value):
            raise no_words(item.name, bound.words, value)
    for name in ("homes", "min_per_site"):
        value = getattr(given, name)
        if value is not None and value != int(value):
            raise no_words(name, tell("a whole number of 1 or more"), value)


def _scores(reach: Reach, profile: ScoringProfile) -> pd.DataFrame:
    """Score every site: ``score, score_low, score_high, knocked_out``."""
    measures = measure_reach(reach, profile.criteria)
    raw, low, high = (spread(measures, c, reach.ids) for c in ("raw", "raw_low", "raw_high"))
    found = score(raw, profile, raw_low=low, raw_high=high, draws=0)
    return found[["score", "score_low", "score_high", "knocked_out"]]


def _asked(about: pd.DataFrame, around: Surroundings, given: ProgrammeInput) -> HomesAsked:
    """Put together what is maximised, and under which bounds."""
    points = about["score"]
    if given.unscored:
        points = points.fillna(about["score_low"])
    bounds: list[Bound] = [
        *left_out("score", points.isna().to_numpy(dtype=bool)),
        *left_out("knocked_out", about["knocked_out"].to_numpy(dtype=bool)),
    ]
    if given.by_year is not None:
        years = about["phase_year"]
        if years.isna().all():
            raise StudyError(
                "by_year was asked for, and no site tells a year; add a column phase_year to the sites"
            )
        bounds += left_out(
            "by_year", ~(years <= given.by_year).fillna(value=False).to_numpy(dtype=bool)
        )
    if given.woonvorm is not None:
        kinds = about["woonvorm"].str.casefold()
        if not (kinds == given.woonvorm.casefold()).any():
            raise StudyError(
                "no site has the woonvorm {asked}; the sites have {known}",
                asked=given.woonvorm,
                known=", ".join(sorted(set(about["woonvorm"]) - {""})) or tell("none"),
            )
        bounds += left_out("woonvorm", (kinds != given.woonvorm.casefold()).to_numpy(dtype=bool))
    if given.max_share_per_wijk is not None:
        if about["wijk_code"].isna().all():
            raise StudyError(
                "a share per wijk was asked for, and of none of the sites is the wijk known; give areas with "
                "codes of wijken or buurten that the sites lie in"
            )
        bounds += share_bounds(about["wijk_code"], given.max_share_per_wijk, given.homes)
    if given.max_balance is not None:
        bounds += around.bounds(given.max_balance)
    return HomesAsked(
        points.fillna(0.0).to_numpy(dtype=np.float64), about["least"].to_numpy(), about["most"].to_numpy(),
        int(given.homes), tuple(bounds),
    )  # fmt: skip


def _programme(about: pd.DataFrame, found: HomesShared) -> pd.DataFrame:
    """Give the sites that have homes, in their own order."""
    table = about[["score", "wijk_code", "phase_year"]].assign(homes=found.homes)
    table = table.rename_axis("site_id").reset_index()
    order = ["site_id", "homes", "score", "wijk_code", "phase_year"]
    return table.loc[table["homes"] > 0, order].reset_index(drop=True)


def _layer(
    places: gpd.GeoDataFrame,
    about: pd.DataFrame,
    around: Surroundings,
    found: HomesShared,
    asked: HomesAsked,
) -> gpd.GeoDataFrame:
    """Give every site its homes, or why it has none."""
    why = _why_none(about, found, asked)
    columns = pd.concat(
        [
            about[["score", "score_low", "score_high", "wijk_code", "phase_year"]],
            around.after(found.homes),
        ],
        axis=1,
    ).reset_index(drop=True)
    front = pd.DataFrame({"id": places["id"], "name": places["name"], "homes": found.homes})
    table = pd.concat([front.reset_index(drop=True), columns], axis=1).assign(why=why)
    return gpd.GeoDataFrame(table, geometry=places.geometry.to_numpy(), crs=places.crs)


def _why_none(about: pd.DataFrame, found: HomesShared, asked: HomesAsked) -> NDArray[np.object_]:
    """Say why each site has no homes; empty where it has."""
    why = np.full(len(about), OTHERS, dtype=object)
    if found.status == "infeasible":
        why[:] = "infeasible"
    for bound in asked.bounds:
        if bound.touched_by is not None and bound.at_most < 0 and (bound.per_home >= 0).all():
            why[bound.touched_by] = bound.kind  # out of balance, and no home mends it
    why[asked.least > asked.most] = MINIMUM
    for bound in asked.bounds:
        if bound.is_exclusion:
            why[bound.per_home > 0] = bound.kind
    why[~about["told"].to_numpy(dtype=bool)] = CAPACITY
    why[found.homes > 0] = ""
    return why
