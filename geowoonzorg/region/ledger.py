"""The ledger: how many homes each gemeente took against its share, year after year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, InputError, MissingColumnError, first_ids
from geowoonzorg.region.counts import Span, span_of, with_span

_WHERE = ("gemeente", "year")


def keep_ledger(taken: pd.DataFrame, due: pd.DataFrame) -> pd.DataFrame:
    """Set what gemeenten took beside what they were due, and carry the difference over.

    Parameters
    ----------
    taken
        ``gemeente``, ``year`` and ``homes``, whole numbers; empty where nobody told, with ``homes_low`` and
        ``homes_high`` where something is known.
    due
        The same of what each was to take, as one key of `geowoonzorg.region.keys.share_out` per year.

    Returns
    -------
    pandas.DataFrame
        A row per gemeente and year of ``due``, ordered by both: ``gemeente``, ``year``, ``due``, ``taken``,
        ``difference`` (taken less due), ``balance`` (all differences so far; negative is behind) and ``to_take`` (due
        and what was behind before this year, at least 0). Each has bounds beside it; a year that nobody told leaves
        the balance open from then on.

    Raises
    ------
    MissingColumnError
        When a column is not there.
    DuplicateIdError
        When a gemeente has a year twice.
    InputError
        When homes are negative or no whole numbers, or a gemeente or year of ``taken`` is not in ``due``.

    Examples
    --------
    >>> due = pd.DataFrame({"gemeente": ["A"] * 3, "year": [2023, 2024, 2025], "homes": [30, 30, 32]})
    >>> taken = pd.DataFrame({"gemeente": ["A"] * 3, "year": [2023, 2024, 2025], "homes": [25, 32, 32]})
    >>> keep_ledger(taken, due)[["year", "due", "taken", "balance", "to_take"]]
       year  due  taken  balance  to_take
    0  2023   30     25       -5       30
    1  2024   30     32       -3       35
    2  2025   32     32       -3       35
    """
    for frame, what in ((taken, "taken"), (due, "due")):
        _refuse(frame, what)
    places = pd.MultiIndex.from_frame(due[list(_WHERE)])
    strange = pd.MultiIndex.from_frame(taken[list(_WHERE)]).difference(places)
    if len(strange):
        raise InputError(
            "taken: {rows} have no share they are due; correct the name or year, or add a share for that year",
            rows=first_ids(f"{name} {year}" for name, year in strange),
        )
    rows = due[list(_WHERE)].sort_values(list(_WHERE), kind="stable").reset_index(drop=True)
    at = pd.MultiIndex.from_frame(rows)
    owed, took = (_along(frame, at) for frame in (due, taken))
    apart = Span(took.low - owed.high, took.high - owed.low)
    by = rows["gemeente"]
    balance = Span(
        *(np.asarray(pd.Series(bound).groupby(by).cumsum(), dtype=np.float64) for bound in apart)
    )
    before = Span(
        *(
            np.asarray(pd.Series(bound).groupby(by).shift(fill_value=0), dtype=np.float64)
            for bound in balance
        )
    )
    todo = Span(np.maximum(owed.low - before.high, 0.0), np.maximum(owed.high - before.low, 0.0))
    columns: dict[str, object] = {}
    told = {"due": owed, "taken": took, "difference": apart, "balance": balance, "to_take": todo}
    for name, span in told.items():
        columns |= with_span(name, span, whole=True)
    return pd.concat([rows, pd.DataFrame(columns)], axis=1)


def _along(frame: pd.DataFrame, at: pd.MultiIndex) -> Span:
    """Give the homes of gemeenten and years, open where there is no row."""
    known = frame.set_index(list(_WHERE)).filter(regex="^homes").astype("float64").reindex(at)
    return span_of(known, "homes")


def _refuse(frame: pd.DataFrame, what: str) -> None:
    absent = [name for name in (*_WHERE, "homes") if name not in frame]
    if absent:
        raise MissingColumnError(
            "{what}: the columns {columns} are missing; give gemeente, year and homes",
            what=what,
            columns=", ".join(absent),
        )
    names = frame["gemeente"].astype("str") + " " + frame["year"].astype("str")
    twice = frame.duplicated(list(_WHERE))
    if twice.any():
        raise DuplicateIdError(
            "{what}: {rows} stand there more than once; leave one row of each",
            what=what,
            rows=first_ids(names[twice]),
        )
    homes = frame["homes"].astype("float64")
    wrong = (homes < 0) | (homes % 1 > 0)
    if wrong.any():
        raise InputError(
            "{what}: homes are whole numbers of 0 or more, not so for {rows}; correct them, or leave them empty where"
            " unknown",
            what=what,
            rows=first_ids(names[wrong]),
        )
