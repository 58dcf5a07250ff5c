"""Whole numbers that add up: a row by largest remainder, a table by a transportation step that keeps its margins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.errors import InternalError
from geowoonzorg.region.counts import NEAR, down, up

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A whole number further from its cell than the two beside it: only where rounding to those cannot keep the margins.
_FAR: Final = 1_000.0
# Of solutions as near, the one that rounds up the first cells; far less than any remainder can matter.
_FIRST: Final = 1e-5


def largest_remainder(
    shares: NDArray[np.float64],
    total: int,
    *,
    low: NDArray[np.float64] | None = None,
    high: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Divide a number into whole parts by largest remainder (Hamilton).

    Parameters
    ----------
    shares
        What each gets of it, shape (n,), 0 or more, with sum 1.
    total
        The number, 0 or more.
    low, high
        The least and the most share of each, within which ``shares`` lie; who stands at its least is rounded up
        first, who stands at its most last.

    Returns
    -------
    numpy.ndarray
        Whole numbers, shape (n,), with sum ``total``; each the quota rounded down or up.

    Notes
    -----
    Of remainders as large the larger share goes first, then the one that stands first.

    Examples
    --------
    >>> largest_remainder(np.array([0.5, 0.3, 0.2]), 7).tolist()
    [4, 2, 1]
    """
    quota = total * np.asarray(shares, dtype=float)
    parts = down(quota)
    rest = np.round(np.maximum(quota - parts, 0.0), 9)
    turn = np.ones(len(quota))
    if low is not None:
        turn[(np.abs(shares - low) < NEAR) & (rest > 0)] = 0.0
    if high is not None:
        turn[np.abs(shares - high) < NEAR] = 2.0
    turn[rest == 0] = 3.0
    order = np.lexsort((np.arange(len(quota)), -np.round(shares, 12), -rest, turn))
    parts[order[: round(total - parts.sum())]] += 1
    return parts.astype(np.int64)


def round_table(
    table: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64] | None = None,
    *,
    allowed: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Round a table to whole numbers that keep the sum of every row and column.

    Parameters
    ----------
    table
        Numbers of 0 or more, shape (r, c).
    rows
        The sum of each row, whole numbers of shape (r,); those of the table itself but for roundings.
    columns
        The sum of each column, shape (c,), with the same sum as ``rows``; None for those of the table, each rounded
        down or up.
    allowed
        Cells that may hold anything, shape (r, c); all by default. Another stays 0.

    Returns
    -------
    numpy.ndarray
        Whole numbers, shape (r, c): those beside each cell, of all such tables one with the least sum of differences.

    Raises
    ------
    InternalError
        When no such table exists: `geowoonzorg.region.fitting.unmet` tells that beforehand.

    Notes
    -----
    Controlled rounding as a transportation problem (Cox, 1987, JASA 82: 520-524), solved by linear programming: its
    corners are whole. A number further off than the two beside it costs more than all roundings together, and comes
    in only where the margins leave no other.

    Examples
    --------
    >>> round_table(np.array([[1.5, 0.5], [1.5, 0.5]]), np.array([2, 2]), np.array([3, 1])).tolist()
    [[2, 0], [1, 1]]
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, hstack, vstack

    shape = table.shape
    free = np.ones(shape, dtype=bool) if allowed is None else allowed
    at = np.flatnonzero(free)
    if not len(at):
        return np.zeros(shape, dtype=np.int64)
    base = np.where(free, down(table), 0.0).ravel()[at]
    rest = np.maximum(np.where(free, table, 0.0).ravel()[at] - base, 0.0)
    row, column = np.unravel_index(at, shape)
    ones, number = np.ones(len(at)), np.arange(len(at))
    sums = csr_array(
        (
            np.concatenate([ones, ones]),
            (np.concatenate([row, column + shape[0]]), np.tile(number, 2)),
        ),
        shape=(sum(shape), len(at)),
    )
    moves = hstack([sums, sums, -sums]).tocsr()
    have, n_rows = sums @ base, shape[0]
    if columns is None:
        least, most = down(table.sum(axis=0)), up(table.sum(axis=0))
    else:
        least = most = columns.astype(float)
    near = 1 - 2 * rest + _FIRST * np.sqrt(number / len(at))
    answer = linprog(
        np.concatenate([near, ones * _FAR, ones * _FAR]),
        A_eq=moves[:n_rows],
        b_eq=rows - have[:n_rows],
        A_ub=vstack([moves[n_rows:], -moves[n_rows:]]).tocsr(),
        b_ub=np.concatenate([most - have[n_rows:], have[n_rows:] - least]),
        bounds=np.column_stack(
            [
                np.zeros(3 * len(at)),
                np.concatenate([(rest > NEAR).astype(float), np.full(len(at), np.inf), base]),
            ]
        ),
        method="highs-ds",
    )
    if answer.x is None:
        raise InternalError("a table could not be rounded ({why})", why=str(answer.message))
    step = answer.x.reshape(3, -1)
    whole = np.zeros(shape, dtype=np.int64)
    whole[row, column] = np.rint(base + step[0] + step[1] - step[2]).astype(np.int64)
    total = whole.sum(axis=0)
    if (whole.sum(axis=1) != rows).any() or (total < least).any() or (total > most).any():
        raise InternalError("a table could not be rounded ({why})", why="sums are not kept")
    return whole
