"""What if something opens, closes, moves or is built? Before and after, and only what can change walked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.ask._asked import as_profile, asked_of, background_streets, site_source, take_sites
from geowoonzorg.ask._held import hold_ways
from geowoonzorg.ask._judged import as_they_are, judge, keep
from geowoonzorg.ask._registry import question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.provenance import account_for, name_files
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.change import Change, read_change
from geowoonzorg.knowledge import faults_error, write_document
from geowoonzorg.measure import Reach, measure_reach
from geowoonzorg.measure.building import balance_with_homes
from geowoonzorg.measure.changed_reach import ChangedReach
from geowoonzorg.measure.differences import by_area, handover, ledger, walks_before_and_after
from geowoonzorg.messages import listed, tell
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.show.question_page import question_map
from geowoonzorg.town.changing import change_town, nearest_ids

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from geowoonzorg.messages import Message
    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile
    from geowoonzorg.town import Town

OUTPUTS = Outputs(
    layers={"addresses.gpkg": ("addresses",), "facilities.gpkg": ("facilities",)},
    tables={
        "ledger.csv": "ledger", "sites.csv": "sites", "criteria.csv": "criteria", "areas.csv": "areas",
        "handover.csv": "handover", "homes.csv": "homes",
    },
    pages=False,
    documents={"map.html": question_map},
)  # fmt: skip
_HOMES: Final = "n_woningen"
_TIMES: Final = ("before", "after")
_OF_SITE: Final = ("score", "score_low", "score_high", "rank", "knocked_out")
_OF_CRITERION: Final = ("raw", "value", "contribution")
_SAME: Final = 1e-9  # points: what differs less is the same


@question("what-if", OUTPUTS, section="what_if")
def what_if(
    town: Town,
    sites: gpd.GeoDataFrame | None,
    change: Change | str | Path,
    *,
    profile: str | Path | Mapping[str, Any] | ScoringProfile = "geclusterd",
    progress: Progress = silent,
) -> Answer:
    """Try a change: who gains, who loses, which sites change.

    Parameters
    ----------
    town
        As it is.
    sites
        As `score_sites`; None where there are none.
    change
        What is tried, or its TOML file.
    profile
        How sites are judged: as `geowoonzorg.read_scoring_profile` takes it, or a profile.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        Tables ``ledger`` (whom each facility serves, as `geowoonzorg.measure.differences.ledger`), ``areas`` (per
        area, and all together, who comes within the first limit and who falls out), ``handover`` (from which
        facility to which), ``sites`` (on the index of ``sites``: ``id, name``; of before and after ``score_…,
        score_low_…, score_high_…, rank_…, knocked_out_…``; ``why``, the criteria that change with the points that
        each brings more or less, most first; ``homes_around, balans_before, balans_after``), ``criteria`` (those that
        change), ``homes`` (those that are built, and what they are near), and the layers ``addresses`` (those of
        which a walk changes: ``id, facility_class, distance_before_m, distance_after_m, change``) and ``facilities``.

    Raises
    ------
    StudyError
        When the change is wrong for this town or these sites, or the profile is; all faults at once.
    CrsError, DuplicateIdError, GeometryError, InputError, FormatError, SourceError
        As `score_sites`.
    Cancelled
        When ``progress`` asks to stop.

    Notes
    -----
    Homes that are built are no addresses: today's figures count nobody in them. They change what the site says of
    itself, the balance around every site that can walk to them, and are told by themselves in ``homes``. The streets
    and facilities count for everybody as they will be.

    Examples
    --------
    >>> from geowoonzorg.change import Change
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> answer = what_if(town, None, Change(close=town.places("apotheek")["id"].tolist()[:1]))
    >>> answer.ledger["state"].value_counts()["closes"], sorted(answer.addresses["change"].unique())
    (np.int64(1), ['further', 'lost'])
    """
    judged = as_profile(profile)
    tried = change if isinstance(change, Change) else read_change(change)
    places = None if sites is None else take_sites(sites, town)
    _check_sites(tried, places)
    after = change_town(town, tried)
    classes = changed_classes(town, after, tried)
    walks = walks_before_and_after(town, after, classes, progress=part(progress, 0.0, 0.5))
    table = ledger(town, after, walks, classes)
    of_sites = _no_sites()
    if sites is not None and places is not None:
        of_sites = _sites_before_and_after(
            town, after, places, tried, classes, judged, part(progress, 0.5, 1.0)
        )
        of_sites["sites"] = of_sites["sites"].set_axis(sites.index, axis="index")
    progress(1.0, "done")
    given = [] if sites is None else [site_source(sites)]
    notes = [*after.notes, *([] if places is None else places.attrs["notes"])]
    made = account_for(after, sources=given, profile=judged)
    return Answer(
        question="what-if",
        asked=asked_of(after),
        tables={
            "addresses": _changed_addresses(town, walks),
            "facilities": gpd.GeoDataFrame(table, crs=town.crs),
            "ledger": table.drop(columns="geometry"),
            "areas": _named(town, by_area(town, walks)),
            "handover": handover(walks),
            **of_sites,
            "streets": background_streets(after.network),
        },
        profile=judged,
        notes=name_files([*after.sources, *given], notes),
        provenance={**made, "change": _document(tried)},
        outputs=OUTPUTS,
        summary=(
            *_summary(town, walks),
            *(note for note in after.notes if note not in town.notes),  # such as: it lies in water
            *_site_summary(of_sites["sites"]),
        ),
        inputs=tuple(one.path for one in (*after.sources, *given) if one.path is not None),
    )


def changed_classes(town: Town, after: Town, change: Change) -> list[str]:
    """Name the classes whose walks can differ after a change: all of them where the streets change.

    Parameters
    ----------
    town, after
        Before and after.
    change
        What is tried.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> from geowoonzorg.town.changing import change_town
    >>> town = Town.demo()
    >>> change = Change(open={"class": "apotheek", "x": 146_000, "y": 507_000})
    >>> changed_classes(town, change_town(town, change), change)
    ['apotheek']
    """
    both = pd.concat([town.facilities, after.facilities])
    if change.on_streets:
        return sorted(both["facility_class"].unique())
    touched = {one.id for one in change.close} | {one.id for one in change.move}
    of_touched = both.loc[both["id"].astype(str).isin(touched), "facility_class"]
    return sorted({*of_touched, *(one.facility_class for one in change.open)})


def _check_sites(change: Change, places: gpd.GeoDataFrame | None) -> None:
    """Refuse homes on sites that are not there."""
    ids = [] if places is None else places["id"].astype(str).tolist()
    faults = [
        (
            f"homes[{number}].site",
            tell(
                "no site has the id {id!r}; near it are {near}",
                id=one.site, near=", ".join(nearest_ids(one.site, ids)) or "-",
            ),
        )
        for number, one in enumerate(change.homes, start=1)
        if one.site not in ids
    ]  # fmt: skip
    if faults:
        raise faults_error(str(change.source or "change"), faults)


def _sites_before_and_after(
    town: Town, after: Town, places: gpd.GeoDataFrame, change: Change, classes: Collection[str],
    profile: ScoringProfile, progress: Progress,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Judge the sites as they are and as they will be; what cannot change is measured once."""
    built = pd.Series({one.site: one.n for one in change.homes}, dtype="float64")
    later = _with_homes(places, built)
    names = pd.Series(places["name"].to_numpy(), pd.Index(places["id"], name="id"))
    was = as_they_are(town, places, profile, names, progress)
    reach, first, one = was.reach, was.judged.measures, was.judged
    if change.on_streets:
        reach_after = Reach(after, later)
        again: Sequence[Criterion] = profile.criteria
    else:
        reach_after = ChangedReach(after, reach, classes)
        reach_after.places = later
        again = [c for c in profile.criteria if _can_change(c, classes, homes=bool(len(built)))]
    second = _measured_again(first, reach_after, profile.criteria, again)
    other = judge(second, profile, names, reach.ids)
    kept = hold_ways(first, second, one.parts, other.parts, change, profile.criteria)
    if kept is not None:
        other = judge(kept, profile, names, reach.ids)
    criteria = _changed_criteria(one.parts, other.parts)
    table = pd.DataFrame({"id": reach.ids, "name": names.to_numpy()}, index=reach.ids)
    for column in _OF_SITE:
        for time, scores in zip(_TIMES, (one.scores, other.scores), strict=True):
            table[f"{column}_{time}"] = scores[column]
    table["why"] = _why(criteria).reindex(reach.ids, fill_value="")
    balance = balance_with_homes(reach_after, built)
    if change.on_streets:  # around a place that can walk elsewhere live others
        none = pd.Series(dtype="float64")
        balance["balans_before"] = balance_with_homes(reach, none)["balans_before"]
    keep(town, was)  # only now: what was stopped half-way is not used again
    return {
        "sites": table.join(balance),
        "criteria": criteria,
        "homes": _homes(after, later, reach_after, built),
    }


def _no_sites() -> dict[str, pd.DataFrame]:
    columns = [f"{column}_{time}" for column in _OF_SITE for time in _TIMES]
    both = [f"{column}_{time}" for column in _OF_CRITERION for time in _TIMES]
    around = ["homes_around", "balans_before", "balans_after"]
    return {
        "sites": pd.DataFrame(columns=["id", "name", *columns, "why", *around]),
        "criteria": pd.DataFrame(columns=["site_id", "criterion", *both]),
        "homes": pd.DataFrame(columns=_HOMES_COLUMNS),
    }


def _with_homes(places: gpd.GeoDataFrame, built: pd.Series) -> gpd.GeoDataFrame:
    """Give the sites on which homes are built their number, in place of the planned one."""
    if not len(built):
        return places
    later = places.copy()
    planned = (
        places[_HOMES] if _HOMES in places else pd.Series(np.nan, places.index, dtype="float64")
    )
    later[_HOMES] = (
        places["id"].astype(str).map(built).fillna(pd.to_numeric(planned, errors="coerce"))
    )
    later.attrs = dict(places.attrs)
    return later


def _can_change(criterion: Criterion, classes: Collection[str], *, homes: bool) -> bool:
    """Tell whether a criterion can differ when only facilities of some classes and homes do."""
    if criterion.column == _HOMES and criterion.metric == "site":
        return homes
    return bool({criterion.facility_class, *criterion.facility_classes} & set(classes))


def _measured_again(
    first: pd.DataFrame, reach: Reach, criteria: Sequence[Criterion], again: Sequence[Criterion]
) -> pd.DataFrame:
    """Measure some criteria and take the others as they were, in the order of the table."""
    if not again:
        return first
    fresh = measure_reach(reach, again)
    if len(again) == len(criteria):
        return fresh
    keys = ["place", "criterion"]
    both = pd.concat([first[~first["criterion"].isin(fresh["criterion"])], fresh])
    order = pd.MultiIndex.from_frame(first[keys])
    return both.set_index(keys).reindex(order).reset_index()[list(first.columns)]


def _changed_criteria(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """List what was measured otherwise, per site and criterion."""
    table = before[["site_id", "criterion"]].copy()
    differs = np.zeros(len(table), bool)
    for column in _OF_CRITERION:
        one, other = before[column], after[column]
        table[f"{column}_before"], table[f"{column}_after"] = one.to_numpy(), other.to_numpy()
        differs |= _differ(one, other)
    return table[differs].reset_index(drop=True)


def _differ(one: pd.Series, other: pd.Series) -> np.ndarray:
    """Tell where two columns differ; what is unknown in both does not."""
    a, b = (c.astype(object).to_numpy() for c in (one, other))
    unknown = pd.isna(a), pd.isna(b)
    numbers = [pd.to_numeric(pd.Series(c), errors="coerce").to_numpy(np.float64) for c in (a, b)]
    both = ~np.isnan(numbers[0]) & ~np.isnan(numbers[1])
    far = np.abs(np.nan_to_num(numbers[0]) - np.nan_to_num(numbers[1])) > _SAME
    return np.where(both, far, (unknown[0] != unknown[1]) | (~unknown[0] & ~unknown[1] & (a != b)))


def _why(criteria: pd.DataFrame) -> pd.Series:
    """Name the criteria that change a site's score, with their points, those that do most first."""
    points = criteria["contribution_after"].fillna(0.0) - criteria["contribution_before"].fillna(
        0.0
    )
    told = criteria.assign(points=points.astype("float64"))
    told = told[told["points"].abs() > _SAME]
    told = told.iloc[np.argsort(-told["points"].abs(), kind="stable")]
    shown = [f"{key} {n:+.1f}" for key, n in zip(told["criterion"], told["points"], strict=True)]
    words = pd.Series(shown, told.index, dtype="str")
    return words.groupby(told["site_id"]).agg("; ".join)


_HOMES_COLUMNS: Final = [
    "site_id",
    "homes",
    "residents",
    "facility_class",
    "facility_id",
    "distance_m",
    "within",
]


def _homes(after: Town, places: gpd.GeoDataFrame, reach: Reach, built: pd.Series) -> pd.DataFrame:
    """Say of homes that are built to which facility of each class their people will walk, and how far."""
    if not len(built):
        return pd.DataFrame(columns=_HOMES_COLUMNS)
    profile = read_balance_profile() if after.figures is None else after.figures.profile
    walks = reach.walks[reach.walks["origin_id"].astype(str).isin(built.index)]
    homes = walks["origin_id"].astype(str).map(built)
    table = pd.DataFrame({
        "site_id": walks["origin_id"], "homes": homes.astype("int64"),
        "residents": homes * profile.persons_per_home, "facility_class": walks["facility_class"],
        "facility_id": walks["facility_id"], "distance_m": walks["distance_m"],
        "within": walks["distance_m"] <= after.walking.limits_m[0],
    })  # fmt: skip
    order = {name: i for i, name in enumerate(places["id"])}
    at = table["site_id"].map(order).to_numpy()
    return table.iloc[np.argsort(at, kind="stable")].reset_index(drop=True)


def _changed_addresses(town: Town, walks: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give the addresses of which a walk changes, once for every class of which it does."""
    told = walks.loc[
        walks["change"] != "",
        ["id", "facility_class", "distance_before_m", "distance_after_m", "change"],
    ]
    where = town.addresses.set_index("id").geometry.reindex(told["id"])
    shown = told.astype({"change": "str"}).reset_index(drop=True)
    return gpd.GeoDataFrame(shown, geometry=where.to_numpy(), crs=town.crs)


def _named(town: Town, areas: pd.DataFrame) -> pd.DataFrame:
    """Give areas their names."""
    names = pd.Series(dtype="str") if town.figures is None else town.figures.frame["name"]
    areas.insert(1, "name", areas["area_code"].map(names))
    return areas


def _document(change: Change) -> dict[str, Any]:
    """Give what was tried, without where its file lies."""
    tables = write_document(change)
    return {key: value for key, value in tables.items() if key != "source"}


def _summary(town: Town, walks: pd.DataFrame) -> list[Message]:
    """Tell per class how many addresses come within reach and how many fall out."""
    limit_m = town.walking.limits_m[0]
    lines = []
    for name, rows in walks.groupby("facility_class", observed=True):
        counts = rows["change"].value_counts()
        lines.append(
            tell(
                "{name}: {gained:,} addresses come within {limit:limit}, {lost:,} fall out, {further:,} walk "
                "further and {nearer:,} less far",
                name=name, limit=limit_m,
                **{kind: int(counts.get(kind, 0)) for kind in ("gained", "lost", "further", "nearer")},
            )
        )  # fmt: skip
    return lines


def _site_summary(sites: pd.DataFrame) -> list[Message]:
    """Tell which sites change."""
    if sites.empty:
        return []
    changed = _differ(sites["score_before"], sites["score_after"])
    return [
        tell("{n} of {all} sites get another score", n=int(changed.sum()), all=len(sites)),
        *(
            tell("{name}: {before} → {after} ({why})", name=row["name"], why=_in_words(row["why"]),
                 before=_points(row["score_before"]), after=_points(row["score_after"]))
            for row in sites[changed].to_dict("records")
        ),
    ]  # fmt: skip


def _points(score: float) -> str:
    return "-" if pd.isna(score) else tell("{points:.1f}", points=score)


def _in_words(why: str) -> str:
    """Write what changes with the reader's decimals; the column keeps those of files."""
    parts = [part.rpartition(" ") for part in why.split("; ") if part]
    told = [tell("{key} {points:+.1f}", key=key, points=float(points)) for key, _, points in parts]
    return listed(told, between="; ") if told else "-"
