"""What changed between two runs, and through what: of sites data, scoring profile or streets; of a region its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.ask._asked import take_sites
from geowoonzorg.ask._region_runs import is_region, take_region
from geowoonzorg.ask._regions import compare_regions
from geowoonzorg.ask._registry import question
from geowoonzorg.ask._runs import Run, take_run
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.provenance import versions
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.errors import InputError, StudyError, first_ids
from geowoonzorg.findings import Asked
from geowoonzorg.measure import Reach, measure_reach, spread
from geowoonzorg.messages import Message, tell
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.ranking.attribution import SCORE, attribute_change, contributions
from geowoonzorg.study import read_study
from geowoonzorg.town import Town
from geowoonzorg.town.reading import read_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile
    from geowoonzorg.study import Study

OUTPUTS = Outputs(layers={}, tables={"changes.csv": "changes", "sites.csv": "sites"}, pages=False)
DATA, PROFILE, NETWORK = "data", "profile", "network"
_PARTS: Final = (DATA, PROFILE, NETWORK)
OF_REGIONS = Outputs(
    layers={}, tables={"changes.csv": "changes", "gemeenten.csv": "gemeenten"}, pages=False
)
_MEASURES: Final = "measures"
_SAME: Final = 1e-9  # points


@question("compare", OUTPUTS)
def compare(
    before: Answer | str | Path,
    after: Answer | str | Path,
    *,
    before_study: str | Path | Study | None = None,
    after_study: str | Path | Study | None = None,
    progress: Progress = silent,
) -> Answer:
    """Compare two runs: what changed, and through what.

    Parameters
    ----------
    before, after
        Two folders that ``run`` wrote, or two answers of `geowoonzorg.run`; or both of ``region``.
    before_study, after_study
        The studies of both runs, which are needed where both the data and the streets changed: then both are
        measured again with the streets of the other. Of regions their ``region.toml``, which are needed where more
        than one of figures, agreements and borders changed.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        Tables ``changes``: per site that is in both, a row for its ``score`` and for each criterion of either
        profile: ``id, criterion, before, after`` (points of 100), ``through_data, through_profile,
        through_network`` (which add up to the change), ``raw_before, raw_after`` (the measure); and ``sites``:
        ``id, name, status`` (stayed, came, went), ``score_before, score_after, rank_before, rank_after``. What is not
        known is missing. Of regions ``changes`` has a row per number: ``table, measure, about, gemeente, code``,
        ``before, after, change`` (each with ``_low, _high``: a change is certain where both ends have one sign), and
        ``through_data`` (figures and counts), ``through_rules`` (homes, keys, rates, bounds) and ``through_borders``
        (which gemeenten are of the region); and ``gemeenten``: ``gemeente, code, status``.

    Raises
    ------
    StudyError
        When one study is given and not the other.
    InputError
        When what is given is no run, the two have no site in common, or a study does not measure what its run did.
    FormatError, SourceError, CrsError
        When a folder or a study cannot be read.
    Cancelled
        When ``progress`` asks to stop.

    Notes
    -----
    Each part is the mean, over all orders, of what swapping it changes (`attribute_change`). From the runs alone
    scores can be made anew with the other's profile; of the measures it is told from the hashes of all inputs whether
    the data or the streets changed. A criterion that one run has not measured is taken as the other measured it: that
    it counts now comes through the profile.

    Examples
    --------
    >>> import geowoonzorg
    >>> from geowoonzorg.prepare import demo_study
    >>> from geowoonzorg.town import Town
    >>> from geowoonzorg.town.reading import read_sites
    >>> town, sites = Town.demo(), read_sites(geowoonzorg.read_study(demo_study()))
    >>> one, other = (geowoonzorg.score_sites(town, sites, profile=name) for name in ("geclusterd", "zorggeschikt"))
    >>> changes = compare(one, other).changes
    >>> bool((changes["through_data"].dropna() == 0).all()), bool((changes["through_profile"].abs() > 1).any())
    (True, True)
    """
    if (before_study is None) != (after_study is None):
        raise StudyError("give the studies of both runs, or of neither")
    if is_region(before) or is_region(after):
        return _of_regions((before, after), (before_study, after_study), progress)
    runs = (take_run(before), take_run(after))
    ids = runs[0].raw.index.intersection(runs[1].raw.index, sort=False)
    if not len(ids):
        raise InputError(
            "the two runs have no site in common: {one} and {other}; compare runs that have sites of one id",
            one=first_ids(runs[0].raw.index), other=first_ids(runs[1].raw.index),
        )  # fmt: skip
    keys = list(dict.fromkeys(c.key for run in runs for c in run.profile.criteria))
    if before_study is not None and after_study is not None:
        outcome = _of_studies(runs, (before_study, after_study), ids, keys, progress)
        shares, notes = attribute_change(outcome, _PARTS), list[Message]()
    else:
        shares, notes = _of_runs(runs, ids, keys)
    table = _changes(runs, ids, keys, shares)
    sites = _sites(runs)
    progress(1.0, "done")
    return Answer(
        question="compare",
        asked=Asked(
            name=" → ".join(dict.fromkeys(run.name for run in runs)),
            crs=str(runs[1].provenance.get("study", {}).get("crs", "EPSG:28992")),
        ),
        tables={"changes": table, "sites": sites},
        profile=runs[1].profile,
        notes=tuple(notes),
        provenance={
            "versions": versions(), "before": dict(runs[0].provenance), "after": dict(runs[1].provenance),
        },
        outputs=OUTPUTS,
        inputs=tuple(Path(one) for one in (before, after) if not isinstance(one, Answer)),
        summary=tuple(_summary(table, sites)),
    )  # fmt: skip


def _of_regions(
    given: tuple[Answer | str | Path, Answer | str | Path],
    studies: tuple[Any, Any],
    progress: Progress,
) -> Answer:
    """Compare two answers about a region."""
    one, other = (take_region(each) for each in given)
    regions = None if studies[0] is None else studies
    tables, notes, summary = compare_regions((one, other), regions, progress=progress)
    return Answer(
        question="compare",
        asked=Asked(name=" → ".join(dict.fromkeys((one.name, other.name)))),
        tables=tables,
        notes=tuple(dict.fromkeys(notes)),
        provenance={
            "versions": versions(), "before": dict(one.provenance), "after": dict(other.provenance),
        },
        outputs=OF_REGIONS,
        inputs=tuple(Path(each) for each in given if not isinstance(each, Answer)),
        summary=tuple(summary),
    )  # fmt: skip


def _of_runs(
    runs: tuple[Run, Run], ids: pd.Index, keys: list[str]
) -> tuple[dict[str, pd.DataFrame], list[Message]]:
    """Divide the change by what two runs hold: the profile by scoring anew, the measures by what was read."""
    lent = _lent(runs, keys)

    def outcome(after: frozenset[str]) -> pd.DataFrame:
        measured, judged = runs[_MEASURES in after], runs[PROFILE in after]
        tables = [
            pd.DataFrame({
                key: _measured_by(measured, judged, key, name) for key in keys
            }).reindex(ids)
            for name in ("raw", "low", "high")
        ]  # fmt: skip
        own = [c.key for c in judged.profile.criteria]
        raw, low, high = (table.reindex(columns=own) for table in tables)
        return contributions(raw, judged.profile, keys, raw_low=low, raw_high=high)

    shares = attribute_change(outcome, (_MEASURES, PROFILE))
    of_measures = shares.pop(_MEASURES)
    same = runs[0].streets == runs[1].streets, runs[0].data == runs[1].data
    nothing, unknown = of_measures * 0.0 + 0.0, of_measures * np.nan
    notes = list(lent)
    if same[0]:
        shares |= {DATA: of_measures, NETWORK: nothing}
    elif same[1]:
        shares |= {DATA: nothing, NETWORK: of_measures}
    else:
        # What did not change at all did not change through either.
        still = of_measures.abs() <= _SAME
        shares |= dict.fromkeys((DATA, NETWORK), unknown.mask(still, 0.0))
        notes.append(
            tell(
                "both the data and the streets changed: what comes through which is not known from the runs "
                "alone; give the two studies"
            )
        )
    return shares, notes


def _measured_by(run: Run, judged: Run, key: str, table: str) -> pd.Series:
    """Give a measure as one run has it; of a criterion that it has not, or has otherwise, as the other has it."""
    own = run if _measures_alike(run.profile, judged.profile, key) else judged
    frame: pd.DataFrame = getattr(own, table)
    return frame[key] if key in frame else pd.Series(np.nan, run.raw.index)


def _criterion(profile: ScoringProfile, key: str) -> Criterion | None:
    return next((c for c in profile.criteria if c.key == key), None)


def _measures_alike(one: ScoringProfile, other: ScoringProfile, key: str) -> bool:
    """Tell whether two profiles measure the same under one key."""
    a, b = (_criterion(profile, key) for profile in (one, other))
    names = (
        "metric", "facility_class", "facility_classes", "column", "raster", "kind", "over", "measured",
    )  # fmt: skip
    return a is not None and b is not None and all(getattr(a, n) == getattr(b, n) for n in names)


def _lent(runs: tuple[Run, Run], keys: list[str]) -> list[Message]:
    """Tell of criteria that only one of the runs measured."""
    lent = [key for key in keys if not _measures_alike(runs[0].profile, runs[1].profile, key)]
    if not lent:
        return []
    return [
        tell(
            "criteria that only one of the runs measured, so of which the other is taken to have measured the same: "
            "{keys}",
            keys=", ".join(lent),
        )
    ]


def _of_studies(
    runs: tuple[Run, Run],
    given: tuple[Any, Any],
    ids: pd.Index,
    keys: list[str],
    progress: Progress,
) -> Callable[[frozenset[str]], pd.DataFrame]:
    """Measure every mix of data and streets of two studies, each for both profiles."""
    studies = [read_study(one) if not hasattr(one, "network") else one for one in given]
    sites = [read_sites(one) for one in studies]
    towns = [
        Town.read(one, progress=part(progress, 0.3 * i, 0.3 * (i + 1)))
        for i, one in enumerate(studies)
    ]
    measures: dict[tuple[bool, bool, bool], tuple[pd.DataFrame, ...]] = {}
    for data in (False, True):
        for streets in (False, True):
            town = towns[data]
            if data != streets:
                town = town.replace(network=towns[streets].network, walking=towns[streets].walking)
            reach = Reach(town, take_sites(sites[data], town))
            for judged in (False, True):
                found = measure_reach(reach, runs[judged].profile.criteria)
                measures[data, streets, judged] = tuple(
                    spread(found, name, reach.ids).set_axis(reach.ids.astype(str)).reindex(ids)
                    for name in ("raw", "raw_low", "raw_high")
                )

    def outcome(after: frozenset[str]) -> pd.DataFrame:
        judged = PROFILE in after
        raw, low, high = measures[DATA in after, NETWORK in after, judged]
        return contributions(raw, runs[judged].profile, keys, raw_low=low, raw_high=high)

    for run, known in zip(runs, (outcome(frozenset()), outcome(frozenset(_PARTS))), strict=True):
        own = run.sites["score"].reindex(ids)
        off = ~np.isclose(own, known[SCORE], atol=1e-6, rtol=0.0, equal_nan=True)
        if off.any():
            raise InputError(
                "{name}: its study gives other scores than the run has, for {ids}; give the study as it was run",
                name=run.name, ids=first_ids(ids[off]),
            )  # fmt: skip
    return outcome


def _changes(
    runs: tuple[Run, Run], ids: pd.Index, keys: list[str], shares: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Lay the change out, a row per site and criterion, the score first."""
    ends = [
        contributions(
            run.raw.loc[ids],
            run.profile,
            keys,
            raw_low=run.low.loc[ids],
            raw_high=run.high.loc[ids],
        )
        for run in runs
    ]
    columns = {"before": ends[0], "after": ends[1]}
    columns |= {f"through_{name}": shares[name] for name in _PARTS}
    table = pd.DataFrame({
        name: frame[[SCORE, *keys]].to_numpy(np.float64).ravel() for name, frame in columns.items()
    })  # fmt: skip
    table.insert(0, "criterion", np.tile(np.array([SCORE, *keys], object), len(ids)))
    table.insert(0, "id", np.repeat(ids.to_numpy(), len(keys) + 1))
    for time, run in zip(("before", "after"), runs, strict=True):
        raw = run.raw.loc[ids].reindex(columns=[SCORE, *keys]).astype(object)
        # A walk without end is none in a file, as elsewhere.
        table[f"raw_{time}"] = [
            None if isinstance(one, float) and np.isinf(one) else one
            for one in raw.to_numpy().ravel()
        ]
    return table


def _sites(runs: tuple[Run, Run]) -> pd.DataFrame:
    """List every site of either run, and whether it stayed, came or went."""
    one, other = (run.sites for run in runs)
    ids = one.index.append(other.index.difference(one.index, sort=False))
    status = np.where(
        ~ids.isin(other.index), "went", np.where(ids.isin(one.index), "stayed", "came")
    )
    name = other["name"].reindex(ids).fillna(one["name"].reindex(ids))
    table = pd.DataFrame({"id": ids, "name": name.to_numpy(), "status": status})
    for column in ("score", "rank"):
        for time, sites in (("before", one), ("after", other)):
            table[f"{column}_{time}"] = sites[column].reindex(ids).to_numpy()
    return table.astype({"rank_before": "Int64", "rank_after": "Int64"})


def _summary(changes: pd.DataFrame, sites: pd.DataFrame) -> list[Message]:
    """Tell how many sites stayed, came and went, and through what their scores changed."""
    counts = sites["status"].value_counts()
    scores = changes[changes["criterion"] == SCORE]
    moved = (scores["after"] - scores["before"]).abs() > _SAME
    lines = [
        tell(
            "{stayed} sites stayed, {came} came, {went} went; {n} have another score",
            n=int(moved.sum()),
            **{name: int(counts.get(name, 0)) for name in ("stayed", "came", "went")},
        )
    ]
    names = sites.set_index("id")["name"]
    for row in scores[moved].to_dict("records"):
        shown = {name: _points(row[f"through_{name}"]) for name in _PARTS}
        lines.append(
            tell(
                "{name}: {before:.1f} → {after:.1f}; through data {data}, profile {profile}, network {network}",
                name=names[row["id"]], before=row["before"], after=row["after"], **shown,
            )
        )  # fmt: skip
    return lines


def _points(points: float) -> str:
    return "?" if pd.isna(points) else tell("{points:+.1f}", points=round(points, 1) + 0.0)
