"""Persons turned into homes, by a size of the household that is stated."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.region.counts import Span, down, span_of, up, with_span
from geowoonzorg.region.rounding import largest_remainder


def persons_to_homes(table1: pd.DataFrame, persons_per_home: float) -> pd.DataFrame:
    """Turn persons into homes by a size of the household that is stated.

    Parameters
    ----------
    table1
        As in a `Form`.
    persons_per_home
        How many persons live in a home, more than 0.

    Returns
    -------
    pandas.DataFrame
        The same, with ``homes``, ``homes_low`` and ``homes_high``: per group the nearest whole number of homes,
        divided over gemeenten by largest remainder. Where a group is not known in every gemeente only between which
        whole numbers its homes lie; nothing where a cell is open.

    Raises
    ------
    StudyError
        When the size is not more than 0.

    Examples
    --------
    >>> table = pd.DataFrame({"groep": "studenten", "gemeente": ["A", "B"], "persons": [10, 5]})
    >>> persons_to_homes(table, 1.2)["homes"].tolist()
    [9, 4]
    """
    refuse_size(persons_per_home)
    low, high = np.full(len(table1), np.nan), np.full(len(table1), np.nan)
    spans = span_of(table1, "persons")
    for at in table1.groupby("groep", sort=False).indices.values():
        persons = Span(spans.low[at], spans.high[at])
        total = persons.low.sum()
        if persons.exact:
            whole = np.zeros(len(at))
            if total > 0:
                n = int(down(np.array(total / persons_per_home + 0.5)))
                whole = largest_remainder(persons.low / total, n).astype(float)
            low[at] = high[at] = whole
        else:
            # The whole of the group is rounded first, which moves each by half a home at most.
            some = np.where(persons.high > 0, 0.5, 0.0)
            low[at] = down(np.maximum(persons.low / persons_per_home - some, 0.0))
            high[at] = up(persons.high / persons_per_home + some)
    open_cells = np.isinf(high)
    homes = with_span("homes", Span(low, high), whole=True)
    told = {name: column.mask(open_cells).to_numpy() for name, column in homes.items()}
    return table1.assign(**{name: pd.array(column, dtype="Int64") for name, column in told.items()})


def refuse_size(persons_per_home: float) -> None:
    """Refuse a size of household that cannot be.

    Parameters
    ----------
    persons_per_home
        How many persons live in a home.

    Raises
    ------
    StudyError
        When it is not more than 0.

    Examples
    --------
    >>> refuse_size(0)
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: persons_per_home is more than 0, not 0
    """
    if not 0 < persons_per_home < np.inf:
        raise StudyError("persons_per_home is more than 0, not {size}", size=persons_per_home)
