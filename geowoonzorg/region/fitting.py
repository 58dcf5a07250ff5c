"""Gemeente × woningtype, which the form does not ask: derived from both its tables, in whole homes, margins kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.messages import tell
from geowoonzorg.region.counts import Span, down, share_span, span_of, up
from geowoonzorg.region.form_layout import read_form_layout
from geowoonzorg.region.household import refuse_size
from geowoonzorg.region.rounding import largest_remainder, round_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.messages import Message

_TURNS: Final = 5_000
_CLOSE: Final = 1e-10


class _Group(NamedTuple):
    """One group's part of both tables: persons by gemeente, homes by kind, and which cells may hold anything."""

    key: str
    persons: pd.DataFrame
    homes: pd.DataFrame
    allowed: NDArray[np.bool_]


def fit_woningtypes(
    table1: pd.DataFrame,
    table2: pd.DataFrame,
    persons_per_home: float,
    *,
    impossible: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Derive how many homes of each kind each gemeente has, and has to add, for each group.

    Parameters
    ----------
    table1, table2
        As in a `geowoonzorg.region.form.Form`.
    persons_per_home
        How many persons live in a home.
    impossible
        Kinds of homes that a gemeente cannot have: ``gemeente``, ``woningtype`` and, where it is so for one group
        only, ``groep``; those cells stay 0.

    Returns
    -------
    pandas.DataFrame
        A row per group, gemeente and cell of table 2, in their order: ``gemeente``, ``groep``,
        ``row``, ``woningtype``, ``homes``, whole and derived; ``homes_low`` and ``homes_high``,
        between which both tables leave it; ``derived``, always true, and ``source``. Where persons
        or homes are not known exactly ``homes`` is empty
        unless only one number is possible; where a cell of table 2 is open all three are. A group of which one table
        has nothing has no rows. ``attrs["notes"]`` names those, and where the tables contradict each other.

    Raises
    ------
    StudyError
        When the size is not more than 0.
    InputError
        When a group has persons but no homes or homes but no persons, ``impossible`` names what is not there, or
        leaves homes no place.

    Notes
    -----
    Iterative proportional fitting (Deming and Stephan, 1940, Annals of Mathematical Statistics 11: 427-444) from
    ``T1 * T2 / sum(T2)``, so that a group's homes are of the same kinds in every gemeente as far as nothing says
    otherwise; then whole numbers by `geowoonzorg.region.rounding.round_table`. Table 2 gives the number of homes;
    table 1 how they lie over the gemeenten. Bounds after Frechet, 1951.

    Examples
    --------
    >>> table1 = pd.DataFrame({"groep": "studenten", "gemeente": ["A", "B"], "persons": [60, 36]})
    >>> table2 = pd.DataFrame({"groep": "studenten", "row": "to_add", "woningtype": ["regulier", "onzelfstandig"],
    ...                        "homes": [30, 50]})
    >>> fitted = fit_woningtypes(table1, table2, 1.2)
    >>> fitted[["gemeente", "woningtype", "homes", "homes_low", "homes_high"]]
      gemeente     woningtype  homes  homes_low  homes_high
    0        A       regulier     19          0          30
    1        A  onzelfstandig     31         20          50
    2        B       regulier     11          0          30
    3        B  onzelfstandig     19          0          30
    """
    refuse_size(persons_per_home)
    notes: list[Message] = []
    groups = _groups(table1, table2, impossible, notes)
    _refuse_one_sided(groups)
    frames = []
    for group in groups:
        notes += _contradicted(group, persons_per_home)
        frames.append(_fit_group(group))
    columns = [
        "gemeente",
        "groep",
        "row",
        "woningtype",
        "homes",
        "homes_low",
        "homes_high",
        "derived",
        "source",
    ]
    fitted = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    fitted.attrs["notes"] = notes
    return fitted[columns]


def fit_proportions(
    start: NDArray[np.float64], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Scale a table, row by row and column by column, to given sums.

    Parameters
    ----------
    start
        Numbers of 0 or more, shape (r, c); zeros stay.
    rows, columns
        The sums, shape (r,) and (c,), which add up to the same.

    Returns
    -------
    numpy.ndarray
        Shape (r, c); as near to the sums as the zeros leave it.

    Notes
    -----
    Iterative proportional fitting, Deming and Stephan, 1940.

    Examples
    --------
    >>> fit_proportions(np.ones((2, 2)), np.array([3.0, 1.0]), np.array([2.0, 2.0])).tolist()
    [[1.5, 1.5], [0.5, 0.5]]
    """
    table = start.astype(float)
    for _ in range(_TURNS):
        table *= _factor(rows, table.sum(axis=1))[:, np.newaxis]
        table *= _factor(columns, table.sum(axis=0))
        if np.abs(table.sum(axis=1) - rows).max(initial=0.0) < _CLOSE * max(1.0, rows.sum()):
            break
    return table


def _factor(wanted: NDArray[np.float64], have: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(wanted, have, out=np.zeros(len(wanted)), where=have > 0)


def unmet(
    rows: NDArray[np.int64], columns: NDArray[np.int64], allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Say how much of a table's sums has no place in the cells that are allowed.

    Parameters
    ----------
    rows, columns
        Whole sums, shape (r,) and (c,), which add up to the same.
    allowed
        Cells that may hold anything, shape (r, c).

    Returns
    -------
    rows, columns : numpy.ndarray
        What is left of each sum when as much as possible has been placed; zeros when all has.

    Examples
    --------
    >>> unmet(np.array([2, 1]), np.array([3, 0]), np.array([[False, True], [True, True]]))
    (array([2, 0]), array([2, 0]))
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    n_rows, n_columns = allowed.shape
    end = n_rows + n_columns + 1
    row, column = np.nonzero(allowed)
    edges = [
        (np.zeros(n_rows, dtype=int), 1 + np.arange(n_rows), rows),
        (1 + row, 1 + n_rows + column, np.minimum(rows[row], columns[column])),
        (1 + n_rows + np.arange(n_columns), np.full(n_columns, end), columns),
    ]
    tails, heads, most = (np.concatenate(part) for part in zip(*edges, strict=True))
    graph = csr_array((most.astype(np.int32), (tails, heads)), shape=(end + 1, end + 1))
    flow = maximum_flow(graph, 0, end).flow.toarray()
    return rows - flow[0, 1 : 1 + n_rows], columns - flow[1 + n_rows : end, end]


def _groups(
    table1: pd.DataFrame,
    table2: pd.DataFrame,
    impossible: pd.DataFrame | None,
    notes: list[Message],
) -> list[_Group]:
    """Lay both tables beside each other by group."""
    if impossible is not None:
        _refuse_strange(impossible, table1, table2)
    found, lacking = [], {"1": [], "2": []}  # type: ignore[var-annotated]
    for key in dict.fromkeys([*table1["groep"], *table2["groep"]]):
        persons = table1[table1["groep"] == key].reset_index(drop=True)
        homes = table2[table2["groep"] == key].reset_index(drop=True)
        sides = {
            "1": np.isinf(span_of(persons, "persons").high),
            "2": np.isinf(span_of(homes, "homes").high),
        }
        empty = [table for table, cells in sides.items() if cells.all()]
        for table in empty:
            lacking[table].append(key)
        if not empty:
            found.append(_Group(key, persons, homes, _allowed(persons, homes, key, impossible)))
    for table, keys in lacking.items():
        if keys:
            note = tell(
                "table {table} says nothing of {groups}, so their homes by gemeente and kind are not derived",
                table=table,
                groups=first_ids(keys, shown=len(keys)),
            )
            notes.append(note)
    return found


def _allowed(
    persons: pd.DataFrame, homes: pd.DataFrame, key: str, impossible: pd.DataFrame | None
) -> NDArray[np.bool_]:
    allowed = np.ones((len(persons), len(homes)), dtype=bool)
    if impossible is None:
        return allowed
    mine = impossible
    if "groep" in impossible:
        mine = impossible[impossible["groep"].isna() | (impossible["groep"] == key)]
    for gemeente, woningtype in zip(mine["gemeente"], mine["woningtype"], strict=True):
        there = (persons["gemeente"] == gemeente).to_numpy()[:, np.newaxis]
        allowed &= ~(there & (homes["woningtype"] == woningtype).to_numpy())
    return allowed


def _refuse_strange(impossible: pd.DataFrame, table1: pd.DataFrame, table2: pd.DataFrame) -> None:
    known = {
        "gemeente": table1["gemeente"],
        "woningtype": table2["woningtype"],
        "groep": table1["groep"],
    }
    for column in known.keys() & set(impossible.columns):
        strange = impossible.loc[
            impossible[column].notna() & ~impossible[column].isin(known[column]), column
        ]
        if len(strange):
            raise InputError(
                "what is impossible names what the tables do not have: {names}; correct or leave out",
                names=first_ids(strange.unique()),
            )


def _refuse_one_sided(groups: list[_Group]) -> None:
    """Refuse groups that one table has people or homes of and the other knows to have none."""
    homeless, empty = [], []
    for group in groups:
        persons, homes = span_of(group.persons, "persons"), span_of(group.homes, "homes")
        if persons.low.sum() > 0 and not homes.high.sum() > 0:
            homeless.append(group.key)
        if homes.low.sum() > 0 and not persons.high.sum() > 0:
            empty.append(group.key)
    if homeless or empty:
        raise InputError(
            "the tables cannot be met together: groups with persons in table 1 and no home in table 2: {homeless};"
            " with homes in table 2 and nobody in table 1: {empty}; correct one of the two, or leave open what is not"
            " known",
            homeless=first_ids(homeless),
            empty=first_ids(empty),
        )


def _contradicted(group: _Group, persons_per_home: float) -> list[Message]:
    """Say it where the persons of table 1 need another number of homes than table 2 has, but for rounding."""
    persons, homes = span_of(group.persons, "persons"), span_of(group.homes, "homes")
    base = read_form_layout().rounded_to
    known = group.persons["persons"].dropna()
    rounded = len(known) > 0 and not (known % base).any()
    slack = 1 + (len(persons.low) * base / 2 / persons_per_home if rounded else 0.0)
    low, high = persons.low.sum() / persons_per_home, persons.high.sum() / persons_per_home
    if homes.low.sum() <= high + slack and homes.high.sum() >= low - slack:
        return []
    return [
        tell(
            "{group}: the persons of table 1 need {need:,.0f} homes at {size} persons each, table 2 has {have:,.0f};"
            " those of table 2 are divided as the persons of table 1 are; correct one of the two, or the size",
            group=group.key,
            need=low,
            size=persons_per_home,
            have=homes.low.sum(),
        )
    ]


def _fit_group(group: _Group) -> pd.DataFrame:
    """Derive one group's homes by gemeente and kind."""
    persons, homes = span_of(group.persons, "persons"), span_of(group.homes, "homes")
    told = np.isfinite(homes.high)
    kinds = Span(homes.low[told], homes.high[told])
    allowed = group.allowed[:, told]
    shape = (len(persons.low), len(homes.low))
    whole, low, high = (np.full(shape, np.nan) for _ in range(3))
    if persons.exact and kinds.exact and persons.low.sum() > 0:
        margin = kinds.low.astype(np.int64)
        share = persons.low / persons.low.sum()
        rows = largest_remainder(share, int(margin.sum()))
        _refuse_unmet(group, rows, margin, told)
        start = np.where(allowed, np.outer(share, kinds.low), 0.0)
        fitted = fit_proportions(start, rows.astype(float), kinds.low)
        whole[:, told] = round_table(fitted, rows, margin, allowed=allowed)
        sums = Span(rows.astype(float), rows.astype(float))
    else:
        share_of = share_span(persons) if persons.high.sum() > 0 else persons
        total = (kinds.low.sum(), kinds.high.sum())
        sums = Span(down(share_of.low * total[0]), up(share_of.high * total[1]))
    least, most = _between(sums, kinds, allowed)
    if (
        not told.all()
    ):  # how much of a gemeente's homes is of the kinds that are left open nobody knows
        least = np.zeros_like(least)
        most = np.where(allowed, np.broadcast_to(kinds.high, most.shape), 0.0)
    low[:, told], high[:, told] = least, most
    whole = np.where(low == high, low, whole)
    return _as_rows(group, whole, low, high)


def _between(
    sums: Span, kinds: Span, allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the least and most of each cell that its row and column leave it."""
    most = np.where(allowed, np.minimum(sums.high[:, np.newaxis], kinds.high), 0.0)
    beside = most.sum(axis=1, keepdims=True) - most
    above = most.sum(axis=0, keepdims=True) - most
    by_row = sums.low[:, np.newaxis] - np.minimum(beside, kinds.high.sum() - kinds.high)
    by_column = kinds.low - np.minimum(above, (sums.high.sum() - sums.high)[:, np.newaxis])
    least = np.maximum(np.maximum(by_row, by_column), 0.0)
    return np.where(allowed, np.minimum(least, most), 0.0), most


def _refuse_unmet(
    group: _Group, rows: NDArray[np.int64], columns: NDArray[np.int64], told: NDArray[np.bool_]
) -> None:
    if group.allowed.all():
        return
    left, of = unmet(rows, columns, group.allowed[:, told])
    if left.any():
        kinds = group.homes[told].reset_index(drop=True)
        raise InputError(
            "{group}: {n} homes have no place: in {gemeenten}, of {kinds}; fewer kinds can be impossible there",
            group=group.key,
            n=int(left.sum()),
            gemeenten=first_ids(group.persons["gemeente"][left > 0]),
            kinds=first_ids(kinds["woningtype"][of > 0].unique()),
        )


def _as_rows(
    group: _Group, whole: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> pd.DataFrame:
    n, kinds = len(group.persons), len(group.homes)
    frame = pd.DataFrame(
        {
            "gemeente": np.repeat(group.persons["gemeente"].to_numpy(), kinds),
            "groep": group.key,
            "row": np.tile(group.homes["row"].to_numpy(), n),
            "woningtype": np.tile(group.homes["woningtype"].to_numpy(), n),
        }
    )
    for name, cells in (("homes", whole), ("homes_low", low), ("homes_high", high)):
        frame[name] = pd.Series(cells.ravel()).astype("Int64")
    frame["derived"] = True
    sources = (
        part.get("source", pd.Series(part["groep"])) for part in (group.persons, group.homes)
    )
    one, other = next(sources), next(sources)
    frame["source"] = [f"T1 * T2 / sum(T2): {a}; {b}" for a in one for b in other]
    return frame
