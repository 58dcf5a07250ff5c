"""Who gains how much from which candidate, as a table: made small without losing the best choice, and added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import sparse

from geowoonzorg._jit import kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]


@kernel
def _price(start, demand, gain, had, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Add up, per candidate, what it brings beyond what everybody has."""
    for j in range(len(out)):
        total = 0.0
        for at in range(start[j], start[j + 1]):
            more = gain[at] - had[demand[at]]
            if more > 0.0:
                total += more
        out[j] = total


@kernel
def _find_worse(start, demand, gain, row_start, row_candidate, worse):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Mark every candidate than which another brings nobody less; of equals the first stays."""
    for j in range(len(worse)):
        a, b = start[j], start[j + 1]
        rare = demand[a]
        for at in range(a, b):
            i = demand[at]
            if row_start[i + 1] - row_start[i] < row_start[rare + 1] - row_start[rare]:
                rare = i
        # Only who brings something to the demand that has fewest can bring as much to all.
        for other_at in range(row_start[rare], row_start[rare + 1]):
            other = row_candidate[other_at]
            c, d = start[other], start[other + 1]
            if other == j or worse[other] or d - c < b - a:
                continue
            at, equal = a, d - c == b - a
            while at < b and d - c >= b - at:
                if demand[c] < demand[at]:
                    c += 1
                    continue
                if demand[c] > demand[at] or gain[c] < gain[at]:
                    break
                equal = equal and gain[c] == gain[at]
                at += 1
                c += 1
            if at == b and (not equal or other < j):
                worse[j] = True
                break


@dataclass(frozen=True, eq=False)
class GainTable:
    """What every demand gains from every candidate; a demand takes the best of those that are chosen.

    Attributes
    ----------
    gains
        Sparse, by column, shape (n_demands, n_candidates); all more than 0.
    candidate
        Shape (n_candidates,): the number that each had before others were left out, rising.

    Examples
    --------
    >>> table = GainTable.of(sparse.csc_array([[1.0, 1.0, 0.0], [0.0, 2.0, 2.0]]))
    >>> table.worth(np.zeros(2)).tolist(), table.had([0, 2]).tolist()
    ([1.0, 3.0, 2.0], [1.0, 2.0])
    """

    gains: sparse.csc_array
    candidate: IntArray

    @classmethod
    def of(cls, gains: sparse.sparray) -> Self:
        """Take a table in, without what nobody gains from.

        Parameters
        ----------
        gains
            Shape (n_demands, n_candidates), none negative.

        Returns
        -------
        GainTable
            Of the candidates from which somebody gains.
        """
        table = sparse.csc_array(gains, dtype=np.float64, copy=True)
        table.sum_duplicates()
        table.eliminate_zeros()
        whole = cls(table, np.arange(table.shape[1]))
        return whole.keep(np.flatnonzero(np.diff(table.indptr)))

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return int(self.gains.shape[1])

    def keep(self, columns: IntArray) -> Self:
        """Keep some candidates, and the demands that gain from them.

        Parameters
        ----------
        columns
            Which, rising.

        Returns
        -------
        GainTable
            Of those.
        """
        table = self.gains[:, columns]
        rows = np.unique(table.indices)
        number = np.zeros(table.shape[0], table.indices.dtype)
        number[rows] = np.arange(len(rows))
        made = sparse.csc_array(
            (table.data, number[table.indices], table.indptr), shape=(len(rows), len(columns))
        )
        return type(self)(made, self.candidate[columns])

    def had(self, columns: Sequence[int] | IntArray) -> FloatArray:
        """Say what every demand has of some candidates: the best of them.

        Parameters
        ----------
        columns
            The candidates that are there.

        Returns
        -------
        numpy.ndarray
            Shape (n_demands,).
        """
        table = self.gains
        best = np.zeros(table.shape[0])
        for j in columns:
            own = slice(table.indptr[j], table.indptr[j + 1])
            rows = table.indices[own]
            best[rows] = np.maximum(best[rows], table.data[own])
        return best

    def worth(self, had: FloatArray) -> FloatArray:
        """Say what every candidate brings beyond what all have.

        Parameters
        ----------
        had
            Shape (n_demands,).

        Returns
        -------
        numpy.ndarray
            Shape (n_candidates,).
        """
        out = np.empty(self.size)
        table = self.gains
        _price(table.indptr, table.indices, table.data, had, out)
        return out

    def small(self) -> Self:
        """Join demands that are alike, and leave out candidates than which another is never worse.

        Returns
        -------
        GainTable
            With the same best choice, of the lowest numbers.

        Notes
        -----
        Demands are alike when the same candidates bring them the same, but for a factor. The reductions of Toregas
        and ReVelle (*Binary logic solutions to a class of location problem*, 1973), for gains that differ, too.
        """
        if not self.size:
            return self
        table = self.without_twins().joined()
        table = table.without_worse()
        return table.joined()

    def without_twins(self) -> Self:
        """Of candidates that bring everybody the same, keep the first."""
        table, first = self.gains, dict[bytes, int]()
        for j, (a, b) in enumerate(zip(table.indptr[:-1], table.indptr[1:], strict=True)):
            key = table.indices[a:b].tobytes() + table.data[a:b].tobytes()
            first.setdefault(key, j)
        kept = np.fromiter(first.values(), np.int64, len(first))
        return self if len(kept) == self.size else self.keep(kept)

    def joined(self) -> Self:
        """Make one demand of those that are alike: what they gain is added up."""
        rows = sparse.csr_array(self.gains)
        most = rows.max(axis=1).toarray().ravel()
        alike: dict[bytes, int] = {}
        number = np.empty(rows.shape[0], rows.indices.dtype)
        shape = rows.data / np.repeat(most, np.diff(rows.indptr))
        for i, (a, b) in enumerate(zip(rows.indptr[:-1], rows.indptr[1:], strict=True)):
            key = rows.indices[a:b].tobytes() + shape[a:b].tobytes()
            number[i] = alike.setdefault(key, len(alike))
        if len(alike) == rows.shape[0]:
            return self
        table = self.gains
        made = sparse.csc_array(
            (table.data.copy(), number[table.indices], table.indptr.copy()),
            shape=(len(alike), self.size),
        )
        made.sum_duplicates()
        return type(self)(made, self.candidate)

    def without_worse(self) -> Self:
        """Leave out every candidate than which another brings nobody less; of equals the first stays."""
        table, rows = self.gains, sparse.csr_array(self.gains)
        worse = np.zeros(self.size, np.bool_)
        _find_worse(table.indptr, table.indices, table.data, rows.indptr, rows.indices, worse)
        return self.keep(np.flatnonzero(~worse)) if worse.any() else self

    def levels(self) -> tuple[sparse.csr_array, FloatArray]:
        """Write what demands gain as demands that are reached or not.

        Returns
        -------
        reached : scipy.sparse.csr_array
            Shape (n_levels, n_candidates), ones: which candidates bring a demand so much, or more.
        weight : numpy.ndarray
            Shape (n_levels,): what a level adds to the one under it.

        Notes
        -----
        The radius formulation (García, Labbé and Marín, *Solving large p-median problems with a radius
        formulation*, 2011): a demand gains the sum of the weights of its levels that are reached.
        """
        if not self.size:
            return sparse.csr_array((0, 0)), np.zeros(0)
        rows = sparse.csr_array(self.gains)
        of_row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
        order = np.lexsort([rows.indices, -rows.data, of_row])
        row, gain, column = of_row[order], rows.data[order], rows.indices[order]
        first = np.searchsorted(row, np.arange(rows.shape[0]))
        last_of_level = np.append((row[1:] != row[:-1]) | (gain[1:] != gain[:-1]), True)
        end = np.flatnonzero(last_of_level)  # a level holds its row's candidates up to here
        size = end + 1 - first[row[end]]
        start = np.concatenate([[0], np.cumsum(size)])
        at = np.arange(start[-1]) - np.repeat(start[:-1], size) + np.repeat(first[row[end]], size)
        under = np.append(gain[end][1:], 0.0)
        under[np.append(row[end][1:] != row[end][:-1], True)] = 0.0
        reached = sparse.csr_array(
            (np.ones(len(at)), column[at], start), shape=(len(end), self.size)
        )
        return reached, gain[end] - under
