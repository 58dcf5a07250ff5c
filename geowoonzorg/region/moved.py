"""Counts of gemeenten that are no more, counted where their people live now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg.errors import first_ids
from geowoonzorg.messages import tell
from geowoonzorg.region.gemeenten import now_in, read_gemeenten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geowoonzorg.messages import Message

_ABOUT = ["groep", "sub", "part", "year"]


def follow_merges(
    counts: pd.DataFrame, region: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Message]]:
    """Follow gemeenten over the years: what has merged is added up.

    Parameters
    ----------
    counts
        As `geowoonzorg.region.known.know_counts` gives them.
    region
        Code of each gemeente of the region → its name. A gemeente of an earlier year that is one of these stays.

    Returns
    -------
    counts : pandas.DataFrame
        The same columns, on the borders of the region's gemeenten, else on today's. A sum of which a part is not
        told, or is divided among several gemeenten, has no ``persons`` and wider bounds.
    notes : list of Message
        What was added up, and of what a part is missing.

    Examples
    --------
    >>> counts = pd.DataFrame({
    ...     "code": ["GM0363", "GM0457"], "groep": "Studenten", "sub": "", "part": "", "year": 2021,
    ...     "gemeente": ["Amsterdam", "Weesp"], "persons": [900.0, 10.0], "persons_low": [900.0, 10.0],
    ...     "persons_high": [900.0, 10.0], "known": "exact", "source": ["a.csv, 2, x", "a.csv, 3, x"]})
    >>> follow_merges(counts, {})[0][["gemeente", "persons", "source"]].values.tolist()
    [['Amsterdam', 910.0, 'sum(a.csv, 2, x; a.csv, 3, x)']]
    """
    codes = [str(code) for code in counts["code"].unique()]
    goes = {code: _targets(code, region) for code in codes}
    moved = {code for code, into in goes.items() if into != (code,)}
    names = {**read_gemeenten().names, **region}
    if not moved:
        return _with_names(counts, names), []
    reached = {target for code in moved for target in goes[code]}
    calm = counts[~counts["code"].isin([*moved, *reached])]
    rows = [
        _added(target, about, of, region)
        for target in sorted(reached)
        for about, of in counts[
            counts["code"].map(lambda code, t=target: t in goes[str(code)])
        ].groupby(_ABOUT, sort=False)
    ]
    added = pd.DataFrame([row for row, _ in rows])[list(counts.columns)]
    found = pd.concat([calm, added], ignore_index=True)
    found = _with_names(found, names)
    notes = [
        tell(
            "gemeenten that have merged are counted where they are now: {pairs}",
            pairs=first_ids(
                f"{_old_name(code)} → {', '.join(names.get(t, t) for t in goes[code])}"
                for code in sorted(moved)
            ),
        )
    ]
    lacking = sorted({
        f"{names.get(target, target)} {about[3]}: {', '.join(map(_old_name, missing))}"
        for (about, target), missing in _lacking(rows)
    })  # fmt: skip
    if lacking:
        notes.append(
            tell(
                "not every gemeente that merged is in the tables, so the whole is not known: {rows}",
                rows=first_ids(lacking),
            )
        )
    return found, notes


def _with_names(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Call gemeenten as the region does, else as CBS does, else as the table did."""
    known = frame["code"].astype("str").map(names.get)
    return frame.assign(gemeente=known.where(known.notna(), frame["gemeente"]).astype("str"))


def _old_name(code: str) -> str:
    known = read_gemeenten()
    one = known.merged.get(code) or known.divided.get(code)
    return one.name if one else known.names.get(code, code)


def _targets(code: str, region: Mapping[str, str]) -> tuple[str, ...]:
    """Tell where a gemeente is counted."""
    if code in region:
        return (code,)
    return now_in(code)


def _whole(target: str, year: int) -> set[str]:
    """Name the gemeenten of a year that are a gemeente of today, or later went whole into it."""
    known = read_gemeenten()
    itself = {target} if year >= known.founded.get(target, 0) else set()
    return itself | {
        code
        for code in known.merged
        if now_in(code) == (target,) and now_in(code, year=year) == (code,)
    }


def _added(
    target: str,
    about: Any,  # noqa: ANN401 - a group's key
    of: pd.DataFrame,
    region: Mapping[str, str],
) -> tuple[dict[str, object], tuple[Any, str, set[str]]]:
    """Add up the counts of one gemeente as it is now."""
    group, sub, part, year = about
    own = of["code"] == target
    there = set(of["code"])
    missing = set() if own.all() else _whole(target, int(year)).difference(there, region)
    divided = of["code"].map(lambda code: len(now_in(str(code))) > 1 and code != target)
    high = of["persons_high"].sum(skipna=False) if not missing else np.nan
    known = not missing and not divided.any()
    row = {
        "code": target,
        "groep": group,
        "sub": sub,
        "part": part,
        "year": year,
        "gemeente": target,
        "persons": of["persons"].sum(skipna=False) if known else np.nan,
        "persons_low": of["persons_low"].mask(divided, 0.0).sum(),
        "persons_high": high,
        "known": of["known"].iloc[0] if len(of) == 1 and own.all() else "sum",
        "source": of["source"].iloc[0] if len(of) == 1 else f"sum({'; '.join(of['source'])})",
    }
    return row, (about, target, missing)


def _lacking(
    rows: list[tuple[dict[str, object], tuple[Any, str, set[str]]]],
) -> list[tuple[tuple[Any, str], list[str]]]:
    return [((about, target), sorted(missing)) for _, (about, target, missing) in rows if missing]
