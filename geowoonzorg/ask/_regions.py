"""Two answers about a region beside each other: what changed, and through figures, agreements or borders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.ask._region_runs import (
    AGREED,
    BORDERS,
    COMPARED,
    DATA,
    ENDS,
    INDEX,
    OF_STUDIES,
    PARTS,
    RULES,
    numbers_of,
)
from geowoonzorg.errors import GeowoonzorgError, InputError, first_ids
from geowoonzorg.messages import Message, tell
from geowoonzorg.progress import Progress, silent
from geowoonzorg.ranking.attribution import attribute_change
from geowoonzorg.region.keys import TOGETHER
from geowoonzorg.region.outcome import work_out
from geowoonzorg.region.study import Region, read_region

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geowoonzorg.ask._region_runs import RegionRun
from geowoonzorg.region.outcome import Outcome

_SAME: Final = 1e-6
_MOST_LINES: Final = 12
_ORDER: Final = {(one.table, one.measure): at for at, one in enumerate(COMPARED)}


def compare_regions(
    runs: tuple[RegionRun, RegionRun],
    regions: tuple[str | Path | Region, str | Path | Region] | None = None,
    *,
    progress: Progress = silent,
) -> tuple[dict[str, pd.DataFrame], list[Message], list[Message]]:
    """Lay two regions beside each other.

    Parameters
    ----------
    runs
        What they came to, before and after.
    regions
        Both regions, where each change is to be divided over what it comes through.
    progress
        Hears how far the work is.

    Returns
    -------
    tables : dict of pandas.DataFrame
        ``changes`` and ``gemeenten``, as `geowoonzorg.ask.compare.compare` tells.
    notes : list of Message
        What could not be divided.
    summary : list of Message
        What changed, in a few lines.

    Raises
    ------
    InputError
        When the two have no gemeente in common, or a region does not give the numbers of its run.
    StudyError, InputError, SourceError
        When a region cannot be worked out.
    """
    common = sorted(set(runs[0].codes.values()).intersection(runs[1].codes.values()))
    if not common:
        raise InputError(
            "the two regions have no gemeente in common: {one} and {other}",
            one=first_ids(runs[0].codes), other=first_ids(runs[1].codes),
        )  # fmt: skip
    index = runs[1].numbers.index.union(runs[0].numbers.index, sort=False)
    order = pd.MultiIndex.from_frame(
        index.to_frame(index=False).assign(
            at=lambda t: [_ORDER[pair] for pair in zip(t["table"], t["measure"], strict=True)]
        ).sort_values("at", kind="stable")[list(INDEX)]
    )  # fmt: skip
    ends = [run.numbers.reindex(order) for run in runs]
    if regions is None:
        shares, notes = _told_by_inputs(runs, ends)
    else:
        shares, notes = _divided(runs, regions, order, progress)
    table = _changes(ends, shares, runs)
    progress(1.0, "done")
    return {"changes": table, "gemeenten": _gemeenten(runs)}, notes, _summary(table, runs)


def _told_by_inputs(
    runs: tuple[RegionRun, RegionRun], ends: list[pd.DataFrame]
) -> tuple[dict[str, pd.Series[float]], list[Message]]:
    """Say through what numbers changed where only one thing did."""
    change = ends[1][""] - ends[0][""]
    one, other = (run.made_of for run in runs)
    moved = [name for name in PARTS if one[name] != other[name]]
    still = change.abs() <= _SAME
    shares = {name: change.where(still).fillna(np.nan) * 0.0 for name in PARTS}
    if len(moved) == 1:
        return {name: change if name == moved[0] else change * 0.0 for name in PARTS}, []
    if not moved or bool(still[change.notna()].all()):
        return shares, []
    return shares, [
        tell(
            "several of figures, agreements and borders changed: what comes through which is not known from the "
            "answers alone; give both region.toml files"
        )
    ]


def _divided(
    runs: tuple[RegionRun, RegionRun],
    given: tuple[str | Path | Region, str | Path | Region],
    order: pd.MultiIndex,
    progress: Progress,
) -> tuple[dict[str, pd.Series[float]], list[Message]]:
    """Work out every mix of two regions, and divide each change over what was swapped."""
    one, other = (region if isinstance(region, Region) else read_region(region) for region in given)
    regions = (one, other)
    borders = tuple(tuple(sorted(run.codes.values())) for run in runs)
    apart = borders[0] != borders[1]
    notes: list[Message] = []
    known: dict[frozenset[str], pd.DataFrame] = {}
    compared = [c for c in COMPARED if c.table != OF_STUDIES]
    total = 8 if apart else 4

    def outcome(after: frozenset[str]) -> pd.DataFrame:
        if after not in known:
            progress(min(0.95, len(known) / total), "working out a mix of both regions")
            region = _mix(regions, after, borders)
            try:
                found: Outcome | None = work_out(region)
            except GeowoonzorgError as error:
                if after in {frozenset(), frozenset(PARTS)}:
                    raise
                found = None
                notes.append(
                    tell(
                        "one mix of both regions cannot be worked out, so some changes are not divided: {why}",
                        why=error.message,
                    )
                )
            values = pd.Series(np.nan, order)
            if found is not None:
                values = numbers_of(found.tables, found.year, compared)[""].reindex(order)
            known[after] = values.to_frame("value")
        return known[after]

    for run, ended in zip(runs, (frozenset[str](), frozenset(PARTS)), strict=True):
        told, now = run.numbers[""].reindex(order), outcome(ended)["value"]
        of_region = order.get_level_values("table") != OF_STUDIES
        off = of_region & ~np.isclose(told, now, rtol=1e-9, atol=1e-6, equal_nan=True)
        if off.any():
            raise InputError(
                "{name}: its region gives other numbers than its run has, in {tables}; give the region as it was run",
                name=run.name, tables=", ".join(order[off].get_level_values("table").unique()),
            )  # fmt: skip
    parts = PARTS if apart else (DATA, RULES)
    if not apart:  # both have the same borders, so an outcome of both parts is the last of all
        known[frozenset(parts)] = known[frozenset(PARTS)]
    shares = {name: frame["value"] for name, frame in attribute_change(outcome, parts).items()}
    if not apart:
        shares[BORDERS] = shares[DATA] * 0.0
    # What did not change at all did not change through anything.
    still = ((runs[1].numbers[""] - runs[0].numbers[""]).abs() <= _SAME).reindex(
        order, fill_value=False
    )
    fits = order.get_level_values("table") == OF_STUDIES
    return {name: share.mask(still & fits, 0.0) for name, share in shares.items()}, notes


def _mix(
    regions: tuple[Region, Region], after: frozenset[str], borders: tuple[tuple[str, ...], ...]
) -> Region:
    """Make a region of the figures, the agreements and the borders of two."""
    counted, agreed = regions[DATA in after], regions[RULES in after]
    form = counted.form
    if form is not None and agreed.form is not None:
        form = replace(form, persons_per_home=agreed.form.persons_per_home)
    made = {name: getattr(agreed, name) for name in AGREED if name != "fits"}
    if counted.forecast is None:
        made["rates"] = {}
    lacks = not made["keys"]
    taken = None if lacks else counted.taken
    return replace(
        counted, **made, form=form, taken=taken, studies={}, fits=None, gemeenten=borders[BORDERS in after]
    )  # fmt: skip


def _changes(
    ends: list[pd.DataFrame],
    shares: Mapping[str, pd.Series[float]],
    runs: tuple[RegionRun, RegionRun],
) -> pd.DataFrame:
    """Lay the changes out, a row per number."""
    one, other = ends
    index = one.index
    codes = {**runs[0].codes, **runs[1].codes}
    table = index.to_frame(index=False)
    names = table["gemeente"]
    table["code"] = [codes.get(name, name.rpartition(" ")[2]) for name in names]
    for time, end in zip(("before", "after"), ends, strict=True):
        for side in ENDS:
            table[f"{time}{side}"] = end[side].to_numpy()
    spans = {
        "": other[""] - one[""], "_low": other["_low"] - one["_high"], "_high": other["_high"] - one["_low"],
    }  # fmt: skip
    for side, values in spans.items():
        table[f"change{side}"] = values.to_numpy()
    for name in PARTS:
        table[f"through_{name}"] = shares[name].to_numpy()
    numbers = [column for column in table.columns if column not in {*INDEX, "code"}]
    table[numbers] = table[numbers].round(9) + 0.0
    told = [f"{time}{side}" for time in ("before", "after") for side in ENDS]
    return table[table[told].notna().any(axis=1)].reset_index(drop=True)


def _gemeenten(runs: tuple[RegionRun, RegionRun]) -> pd.DataFrame:
    """List every gemeente of either, and whether it stayed, came or went."""
    names = [{code: name for name, code in run.codes.items()} for run in runs]
    codes = sorted(names[0].keys() | names[1].keys())
    status = [
        "went" if code not in names[1] else "stayed" if code in names[0] else "came"
        for code in codes
    ]
    named = [names[1].get(code, names[0].get(code)) for code in codes]
    return pd.DataFrame({"gemeente": named, "code": codes, "status": status})


def _summary(changes: pd.DataFrame, runs: tuple[RegionRun, RegionRun]) -> list[Message]:
    """Tell which gemeenten came and went, how many numbers changed, and what each key gives now."""
    listed = _gemeenten(runs)
    counts = listed["status"].value_counts()
    certain = (changes["change_low"] > _SAME) | (changes["change_high"] < -_SAME)
    same = changes["change"].abs() <= _SAME
    lines = [
        tell(
            "{stayed} {stayed:gemeente|gemeenten} stayed, {came} came, {went} went; of {n} numbers {moved} changed, "
            "{same} did not, and of the others it is not known",
            n=len(changes), moved=int(certain.sum()), same=int(same.sum()),
            **{name: int(counts.get(name, 0)) for name in ("stayed", "came", "went")},
        )
    ]  # fmt: skip
    homes = changes[(changes["table"] == "verdeelsleutels") & (changes["measure"] == "homes")]
    homes = homes[homes["about"].str.endswith("; now") & (homes["change"].abs() > _SAME)]
    most = homes["change"].abs().nlargest(_MOST_LINES).index
    for row in homes.loc[homes.index.isin(most)].to_dict("records"):
        shown = {name: _shown(row[f"through_{name}"]) for name in PARTS}
        about = row["about"].removesuffix("; now")
        key = tell("each group by its own key") if about == TOGETHER else about
        lines.append(
            tell(
                "{key}, {gemeente}: {before:.0f} → {after:.0f} homes; through figures {data}, agreements {rules}, "
                "borders {borders}",
                key=key, gemeente=row["gemeente"], before=row["before"],
                after=row["after"], **shown,
            )
        )  # fmt: skip
    if len(homes) > len(most):
        lines.append(
            tell("{n} more keys and gemeenten stand in changes.csv", n=len(homes) - len(most))
        )
    return lines


def _shown(homes: float) -> str:
    return "?" if pd.isna(homes) else tell("{points:+.1f}", points=round(homes, 1) + 0.0)
