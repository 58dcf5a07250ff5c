"""Counts of which some are not known exactly: cells as a region writes them, and arithmetic on their bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError
from geowoonzorg.files import as_message, parse_numbers
from geowoonzorg.messages import tell
from geowoonzorg.opendata.telling import first_told

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How far a written decimal may be from what was meant, before a number is rounded down or up.
NEAR: Final = 1e-9
_LARGE: Final = 1e5  # above which the numbers themselves are less precise
_RANGE: Final = r"(\d[\d.]*)\s*(?:-|–|tot en met|t/m)\s*(\d[\d.]*)"
_UNDER: Final = r"<\s*(\d[\d.]*)"


class Span(NamedTuple):
    """The least and the most that each count may be, of the same shape; the same where it is known."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def exact(self) -> bool:
        """Whether every count is known."""
        return bool((self.low == self.high).all())


def span_of(frame: pd.DataFrame, name: str) -> Span:
    """Give the bounds of a column of counts.

    Parameters
    ----------
    frame
        Has the column, and ``<name>_low`` and ``<name>_high`` where some of it is not known exactly.
    name
        The column.

    Returns
    -------
    Span
        On the order of the rows; from 0 without end where nothing is known.

    Examples
    --------
    >>> span_of(pd.DataFrame({"n": [3, None], "n_low": [3, 0], "n_high": [3, 7]}), "n").high.tolist()
    [3.0, 7.0]
    """
    known = frame[name].to_numpy(dtype=float)
    sides = []
    for side, unknown in (("low", 0.0), ("high", np.inf)):
        told = frame.get(f"{name}_{side}", pd.Series(np.nan, index=frame.index))
        bound = told.to_numpy(dtype=float)
        sides.append(np.where(np.isnan(known), np.where(np.isnan(bound), unknown, bound), known))
    return Span(*sides)


def with_span(name: str, span: Span, *, whole: bool = False) -> dict[str, pd.Series]:
    """Give bounds as the three columns of a table.

    Parameters
    ----------
    name
        What the column is called.
    span
        Its bounds.
    whole
        Whether they are whole numbers (Int64) instead of numbers.

    Returns
    -------
    dict of pandas.Series
        ``<name>``, NaN where it is not known exactly, ``<name>_low`` and ``<name>_high``, which are NaN
        where there is no end to them.

    Examples
    --------
    >>> with_span("n", Span(np.array([1.0, 0.0]), np.array([1.0, np.inf])))["n"].tolist()
    [1.0, nan]
    """
    columns = {
        name: np.where(span.low == span.high, span.low, np.nan),
        f"{name}_low": np.where(np.isfinite(span.low), span.low, np.nan),
        f"{name}_high": np.where(np.isfinite(span.high), span.high, np.nan),
    }
    told = {key: pd.Series(bound) for key, bound in columns.items()}
    return {key: one.astype("Int64") for key, one in told.items()} if whole else told


def read_counts(
    cells: pd.Series[str], *, where: str, suppressed_high: float, whole: bool = False
) -> pd.DataFrame:
    """Read counts as a region writes them: whole, suppressed, a range, or left open.

    Parameters
    ----------
    cells
        Text, as `geowoonzorg.files.read_table` gives it.
    where
        The file and column, used in messages.
    suppressed_high
        The most that ``?`` stands for.
    whole
        Whether a decimal is a fault.

    Returns
    -------
    pandas.DataFrame
        On the index of ``cells``: ``value``, NaN where it is not known exactly, ``low`` and ``high``. An empty
        cell is empty in all three; ``?`` runs from 0; ``10-15`` and ``<5`` are ranges.

    Raises
    ------
    FormatError
        When a cell is something else.
    InputError
        When a count is negative, a range runs backwards, or a decimal stands where a count must be whole.

    Examples
    --------
    >>> cells = pd.Series(["1.250", "?", "10-15", None])
    >>> read_counts(cells, where="table1.csv", suppressed_high=7)["high"].tolist()
    [1250.0, 7.0, 15.0, nan]
    """
    text = (
        cells.astype("str").str.strip().mask(cells.isna() | (cells.astype("str").str.strip() == ""))
    )
    hidden = (text == "?").to_numpy(dtype=bool, na_value=False)
    ranges, under = text.str.extract(f"^{_RANGE}$"), text.str.extract(f"^{_UNDER}$")[0]
    ranged, below = ranges[0].notna().to_numpy(), under.notna().to_numpy()
    plain = text.mask(hidden | ranged | below)
    value: NDArray[np.float64] = np.asarray(
        parse_numbers(plain, where=where, thousands=True), dtype=np.float64
    )
    low, high = value.copy(), value.copy()
    low[hidden], high[hidden] = 0.0, suppressed_high
    if ranged.any():
        for side, bound in ((0, low), (1, high)):
            ends = parse_numbers(ranges[side], where=where, thousands=True)
            bound[ranged] = ends.to_numpy()[ranged]
    if below.any():
        low[below] = 0.0
        high[below] = parse_numbers(under, where=where, thousands=True).to_numpy()[below] - 1
    _refuse_counts(text, low, high, where=where, whole=whole)
    return pd.DataFrame({"value": value, "low": low, "high": high}, index=cells.index)


def _refuse_counts(
    text: pd.Series[str],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    where: str,
    whole: bool,
) -> None:
    """Refuse what no count can be."""
    negative, backwards = low < 0, high < low
    odd = ((low % 1 > 0) | (high % 1 > 0)) & whole
    if negative.any():
        raise InputError(
            "{where}: counts are 0 or more, not {cells}; correct them, or leave them empty where unknown",
            where=as_message(where),
            cells=_cells(text[negative]),
        )
    if backwards.any():
        raise InputError(
            "{where}: a range runs from the least to the most, not {cells}; turn them round",
            where=as_message(where),
            cells=_cells(text[backwards]),
        )
    if odd.any():
        raise InputError(
            "{where}: counts are whole numbers, not {cells}; round them, or leave them empty where unknown",
            where=as_message(where),
            cells=_cells(text[odd]),
        )


def _cells(text: pd.Series[str]) -> str:
    """Name cells with the line that they are on, or the row where its name is all that is known."""
    # A table that lost rows keeps the row numbers of its file as index.
    numbered = pd.api.types.is_integer_dtype(text.index)
    return first_told([
        tell("{cell!r} on line {line}", cell=cell, line=int(row) + 2)  # type: ignore[call-overload]
        if numbered else tell("{cell!r} of {row}", cell=cell, row=row)
        for row, cell in text.items()
    ])  # fmt: skip


def share_span(counts: Span) -> Span:
    """Give each count's share of the sum, as tight as counts that do not depend on each other allow.

    Parameters
    ----------
    counts
        Bounds of counts of 0 or more, shape (n,).

    Returns
    -------
    Span
        From 0 to 1. The least share is that of the least count among the most of the others.

    Examples
    --------
    >>> share_span(Span(np.array([10.0, 0.0]), np.array([10.0, 10.0]))).low.tolist()
    [0.5, 0.0]
    """
    if counts.exact:
        share = counts.low / counts.low.sum()
        return Span(share, share)
    endless = np.isinf(counts.high)
    finite = np.where(endless, 0.0, counts.high)
    others_low = _others(counts.low)
    others_high = np.where(endless.sum() - endless > 0, np.inf, _others(finite))
    alone = (others_high == 0) & (
        counts.high > 0
    )  # whose count, if there is any at all, is all there is
    low = np.where(alone, 1.0, _part(counts.low, others_high))
    high = np.where(endless, 1.0, _part(finite, others_low))
    return Span(low, np.maximum(high, low))


def _others(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum all but each; added up, as a difference would leave crumbs where there is nothing."""
    before = np.concatenate([[0.0], np.cumsum(counts)[:-1]])
    after = np.concatenate([np.cumsum(counts[::-1])[::-1][1:], [0.0]])
    return before + after


def _part(count: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    whole = count + others
    return np.divide(count, whole, out=np.zeros_like(count), where=whole > 0)


def down(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round down to whole numbers, but for what floating point has left under one.

    Parameters
    ----------
    numbers
        Any numbers.

    Returns
    -------
    numpy.ndarray
        Whole numbers of the same shape.

    Examples
    --------
    >>> down(np.array([100 * 0.29, 28.9])).tolist()
    [29.0, 28.0]
    """
    return np.floor(numbers + _crumb(numbers))


def up(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round up to whole numbers, but for what floating point has left above one.

    Parameters
    ----------
    numbers
        Any numbers.

    Returns
    -------
    numpy.ndarray
        Whole numbers of the same shape.

    Examples
    --------
    >>> up(np.array([100 * 1.1, 2.1])).tolist()
    [110.0, 3.0]
    """
    return np.ceil(numbers - _crumb(numbers))


def _crumb(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what floating point may have added; nothing to what has no end."""
    return np.where(np.isfinite(numbers), NEAR * np.maximum(1.0, np.abs(numbers) / _LARGE), 0.0)
