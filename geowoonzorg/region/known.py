"""What is known of every count: tables linked by their sums, and each suppressed count as narrow as they allow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError
from geowoonzorg.messages import listed, tell
from geowoonzorg.region.intervals import Sum, rounded_interval, rounding_base, tighten
from geowoonzorg.region.tables import KEY, OVERLAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from geowoonzorg.messages import Message

COLUMNS: Final = (*KEY, "gemeente", "persons", "persons_low", "persons_high", "known", "source")
_SHOWN: Final = 5


class _Stage(NamedTuple):
    """What is taken for certain; where that contradicts itself, less."""

    whole: bool  # counts are whole numbers, rounded to the nearest
    small: bool  # a suppressed count is a small one
    firm: int  # sums at least as firm as this are exact; those under it may lack parts


# How firmly parts are all of a sum: those of a group are as a rule, rows are all of what calls itself a total.
_PARTS, _TOTAL, _SURE = 1, 2, 3
_STAGES: Final = (
    _Stage(whole=True, small=True, firm=_PARTS),
    # Either a count was suppressed to protect another, or parts are not all: neither is taken for certain.
    _Stage(whole=True, small=False, firm=_TOTAL),
    _Stage(whole=False, small=False, firm=_TOTAL),
    _Stage(whole=False, small=False, firm=_SURE),
)


@dataclass
class _Count:
    """One count, in however many tables it stands."""

    persons: float = np.nan
    low: float = 0.0
    high: float = np.inf
    spans: list[tuple[float, float, int]] = field(default_factory=list)  # low, high, rounding base
    suppressed: bool = False
    sources: list[str] = field(default_factory=list)
    gemeente: str = ""
    parts: list[int] = field(default_factory=list)  # it is told by no table but the sum of these


@dataclass
class _Linked:
    """All counts and their sums."""

    counts: list[_Count] = field(default_factory=list)
    place: dict[tuple[Any, ...], int] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    firm: list[int] = field(default_factory=list)  # per sum

    def find(self, key: tuple[Any, ...]) -> int:
        if key not in self.place:
            self.place[key] = len(self.counts)
            self.counts.append(_Count())
        return self.place[key]

    def add(
        self, parts: Iterable[int], total: int, *, exact: bool = True, firm: int = _SURE
    ) -> None:
        self.sums.append(Sum(tuple(parts), total, exact))
        self.firm.append(firm)


def know_counts(
    cells: pd.DataFrame, *, suppressed_most: float | None = None
) -> tuple[pd.DataFrame, list[Message]]:
    r"""Tell of every count what it is, or between which bounds.

    Parameters
    ----------
    cells
        As `geowoonzorg.region.tables.read_tables` gives them.
    suppressed_most
        The largest count that is suppressed; inferred from the smallest that is not when None.

    Returns
    -------
    counts : pandas.DataFrame
        A row per count of a gemeente: ``code, groep, sub, part, year, gemeente``; ``persons`` as published, NaN where
        it is not; ``persons_low, persons_high`` (float64 whole numbers; NaN where nothing bounds it from above);
        ``known`` (``exact``, ``rounded``, ``suppressed``, ``unknown`` or ``sum``), and ``source``: file, line and
        column, or the sum that it is.
    notes : list of Message
        To what tables were rounded, which small counts were suppressed, and which parts are not all of their group.

    Raises
    ------
    InputError
        When counts contradict each other beyond rounding; the message names their cells.

    Notes
    -----
    The base of rounding is inferred per file. A suppressed count is smaller than every published one of these
    tables. Where that contradicts a sum, either it was suppressed to protect another or the parts are not all of
    their group: then neither is taken for certain, and sums bound it from above alone.
    Parts of a group add up to it, owners' parts and overlaps are no more than it, an overlap is the same seen from
    both groups, and gemeenten add up to the total of their table. Rounding alone is no contradiction: n parts and
    their total may differ by (n + 1) · base / 2.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geowoonzorg.region.tables import read_tables
    >>> text = "groep;Aantal personen\nStatushouder: nieuw;770\nStatushouder: eerder;4.035\nStatushouder: COA;?\n"
    >>> total = "gemeente;Statushouders\nRotterdam;4.805\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = [Path(folder) / "rotterdam_2021.csv", Path(folder) / "groepen_2021.csv"]
    ...     for file, content in zip(files, (text, total)):
    ...         _ = file.write_text(content)
    ...     cells, notes = read_tables(files, codes={})
    >>> counts, notes = know_counts(cells)
    >>> counts.loc[counts["sub"] == "COA", ["persons_low", "persons_high", "known"]].values.tolist()
    [[0.0, 6.0, 'suppressed']]
    """
    notes: list[Message] = []
    bases = {
        str(file): rounding_base(of["persons"]) for file, of in cells.groupby("file", sort=False)
    }
    linked = _link(cells, bases)
    most = suppressed_most if suppressed_most is not None else _largest_small(cells, bases)
    _refuse_clashes(linked)
    _link_sums(linked, cells)
    _narrow(linked, most, notes)
    notes = [*_told(cells, bases, most), *notes]
    return _as_frame(linked), notes


def _link(cells: pd.DataFrame, bases: Mapping[str, int]) -> _Linked:
    """Make one count of every cell that is about the same people."""
    linked = _Linked()
    cell: Any
    for cell in cells.itertuples(index=False):
        one = linked.counts[linked.find(_key(cell))]
        base = bases[cell.file]
        one.sources.append(f"{cell.file}, {cell.line}, {cell.column}")
        one.gemeente = one.gemeente or cell.gemeente
        one.suppressed |= bool(cell.suppressed)
        if not np.isnan(cell.persons):
            one.spans.append((cell.persons, cell.persons, base))
            one.persons = cell.persons if np.isnan(one.persons) else one.persons
        elif cell.low > 0 or np.isfinite(cell.high):
            one.spans.append((cell.low, cell.high, 1))
    return linked


def _key(cell: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a row
    """Name a count; totals and larger areas are those of their own table."""
    key = tuple(getattr(cell, name) for name in KEY)
    return key if cell.row == "gemeente" else (cell.row, cell.file, cell.line, cell.column, *key)


def _largest_small(cells: pd.DataFrame, bases: Mapping[str, int]) -> float:
    """Give the largest count that can be suppressed: under the least that any published one can have been."""
    most = np.inf
    for file, of in cells.groupby("file", sort=False):
        published = of["persons"][of["persons"] > 0]
        if len(published):
            most = min(most, np.floor(published.min() + _half(bases[str(file)])) - 1)
    return float(most)


def _half(base: int) -> float:
    return 0.0 if base == 1 else base / 2


def _bounds(linked: _Linked, stage: _Stage, most: float) -> tuple[NDArray[Any], NDArray[Any]]:
    low, high = np.zeros(len(linked.counts)), np.full(len(linked.counts), np.inf)
    for i, one in enumerate(linked.counts):
        for least, greatest, base in one.spans:
            start, end = rounded_interval(np.array([least, greatest]), base, whole=stage.whole)
            low[i], high[i] = max(low[i], start[0]), min(high[i], end[1])
        if one.suppressed and not one.spans and stage.small:
            high[i] = min(high[i], max(most, 0.0))
    return low, high


def _refuse_clashes(linked: _Linked) -> None:
    """Refuse counts that two tables give differently."""
    low, high = _bounds(linked, _Stage(whole=False, small=False, firm=_PARTS), np.inf)
    wrong = [linked.counts[i] for i in np.flatnonzero(low > high)]
    if wrong:
        told = [
            tell(
                "{numbers} in {sources}",
                numbers=" / ".join(f"{span[0]:.0f}" for span in one.spans),
                sources="; ".join(one.sources),
            )
            for one in wrong
        ]
        raise InputError(
            "{n} {n:count is|counts are} given twice with numbers that differ by more than rounding: {rows}; "
            "correct one, or leave its table out",
            n=len(told), rows=listed(told[:_SHOWN], between="; "),
        )  # fmt: skip


def _link_sums(linked: _Linked, cells: pd.DataFrame) -> None:
    """Add every sum that the tables have among them."""
    mine = [key for key in linked.place if len(key) == len(KEY)]
    subs: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    features: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for key in mine:
        code, group, sub, part, year = key
        if sub:
            subs.setdefault((code, group, part, year), []).append(key)
        if part and ":" not in part and not part.startswith(OVERLAP):
            features.setdefault((code, group, sub, year), []).append(key)
    for (code, group, part, year), keys in subs.items():
        told = (code, group, "", part, year) in linked.place
        total = linked.find((code, group, "", part, year))
        parts = [linked.place[key] for key in keys]
        if not told:
            linked.counts[total].parts = parts
            linked.counts[total].gemeente = linked.counts[parts[0]].gemeente
        linked.add(parts, total, firm=_PARTS if told else _SURE)
        if part and ":" not in part and not part.startswith(OVERLAP) and not told:
            features.setdefault((code, group, "", year), []).append((code, group, "", part, year))
    for (code, group, sub, year), keys in features.items():
        if (whole := linked.place.get((code, group, sub, "", year))) is not None:
            linked.add([linked.place[key] for key in keys], whole, exact=False)
    _link_overlaps(linked, mine)
    _link_totals(linked, cells)


def _link_overlaps(linked: _Linked, mine: list[tuple[Any, ...]]) -> None:
    for key in mine:
        code, group, sub, part, year = key
        if not part.startswith(OVERLAP):
            continue
        other = part.removeprefix(OVERLAP)
        for one in (group, other):
            if (total := linked.place.get((code, one, "", "", year))) is not None:
                linked.add([linked.place[key]], total, exact=False)
        mirrored = linked.place.get((code, other, sub, OVERLAP + group, year))
        if mirrored is not None and group < other:
            linked.add([linked.place[key]], mirrored)


def _link_totals(linked: _Linked, cells: pd.DataFrame) -> None:
    """Link the rows of all gemeenten together, and of larger areas, to the gemeenten of their table."""
    if not (cells["row"] != "gemeente").any():
        return
    among = ["file", "column", "groep", "sub", "part", "year"]
    rows = dict(iter(cells[cells["row"] == "gemeente"].groupby(among, sort=False)))
    cell: Any
    for cell in cells[cells["row"] != "gemeente"].itertuples(index=False):
        of = rows.get(tuple(getattr(cell, name) for name in among))
        if of is not None:
            parts = [linked.place[_key(one)] for one in of.itertuples(index=False)]
            total = linked.place[_key(cell)]
            linked.add(parts, total, exact=cell.row == "total", firm=_TOTAL)


def _narrow(linked: _Linked, most: float, notes: list[Message]) -> None:
    """Narrow all counts; where the sums contradict each other, with less taken for certain."""
    wanted = np.array([not one.spans for one in linked.counts], dtype=bool)
    left = list(range(len(linked.sums)))
    broken: tuple[tuple[int, ...], ...] = ()
    for number, stage in enumerate(_STAGES):
        low, high = _bounds(linked, stage, most)
        sums = [
            replace(one, exact=one.exact and firm >= stage.firm)
            for one, firm in zip(linked.sums, linked.firm, strict=True)
        ]
        found = tighten(low, high, [sums[i] for i in left], wanted=wanted)
        done = set(left).difference(left[i] for i in found.stuck)
        cells = {c for i in done for c in (*sums[i].parts, sums[i].total)}
        loose = set() if number else set(range(len(linked.counts))).difference(
            c for one in linked.sums for c in (*one.parts, one.total)
        )  # fmt: skip
        for i in cells | loose:
            linked.counts[i].low, linked.counts[i].high = found.low[i], found.high[i]
        if number:
            notes += [_eased(linked, i) for i in sorted(done) if linked.firm[i] < stage.firm]
        broken = tuple(tuple(left[i] for i in clash) for clash in found.broken)
        left = [left[i] for i in sorted(found.stuck)]
        if not left:
            return
    told = [_sum_told(linked, i) for clash in broken for i in clash]
    raise InputError(
        "{n} {n:sum contradicts its parts|sums contradict their parts} by more than rounding explains: {sums}; "
        "correct a count, or leave a table out",
        n=len(told), sums=listed(told[:_SHOWN], between="; "),
    )  # fmt: skip


def _eased(linked: _Linked, number: int) -> Message:
    return tell(
        "parts are not all of their total, or a suppressed one is not small: {sum}",
        sum=_sum_told(linked, number),
    )


def _sum_told(linked: _Linked, number: int) -> Message:
    one = linked.sums[number]
    total, parts = linked.counts[one.total], [linked.counts[p] for p in one.parts]
    known = [part.persons for part in parts if not np.isnan(part.persons)]
    return tell(
        "{parts} ({n} {n:part|parts}, {m} known, together {together:,.0f}) against {total} ({persons})",
        parts=parts[0].sources[0] if parts[0].sources else "…",
        n=len(parts),
        m=len(known),
        together=sum(known),
        total=total.sources[0] if total.sources else "…",
        persons="?" if np.isnan(total.persons) else tell("{n:,.0f}", n=total.persons),
    )


def _told(cells: pd.DataFrame, bases: Mapping[str, int], most: float) -> list[Message]:
    notes = [
        tell("{file}: counts are rounded to {base}", file=file, base=base)
        for file, base in bases.items()
        if base > 1
    ]
    n = int(cells["suppressed"].sum())
    if n and np.isfinite(most):
        notes.append(
            tell(
                "{n} suppressed {n:count|counts}: at most {most:.0f}, as they are smaller than every published "
                "one, which may be rounded, and as much less as sums allow",
                n=n, most=most,
            )
        )  # fmt: skip
    elif n:
        notes.append(
            tell(
                "{n} suppressed {n:count|counts}, and no published one to tell how small: bounded by sums alone",
                n=n,
            )
        )
    return notes


def _as_frame(linked: _Linked) -> pd.DataFrame:
    rows = []
    for key, i in linked.place.items():
        if len(key) != len(KEY):
            continue
        one = linked.counts[i]
        persons = one.persons
        if one.parts:
            persons = float(sum(linked.counts[p].persons for p in one.parts))
        rows.append((
            *key, one.gemeente, persons, one.low, one.high if np.isfinite(one.high) else np.nan,
            _kind(one), _source(one, linked),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _kind(one: _Count) -> str:
    if one.parts:
        return "sum"
    if not np.isnan(one.persons):
        return "exact" if one.low == one.high else "rounded"
    return "suppressed" if one.suppressed else "unknown"


def _source(one: _Count, linked: _Linked) -> str:
    if one.parts:
        return f"sum({'; '.join(linked.counts[p].sources[0] for p in one.parts)})"
    return "; ".join(one.sources)
