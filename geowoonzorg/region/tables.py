"""Tables of people per group as a databank exports them: every cell with whose it is, of what and of when."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, FormatError, InputError, first_ids
from geowoonzorg.files import read_table, split_layer
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import find_codes
from geowoonzorg.opendata.table_forms import years_of
from geowoonzorg.opendata.telling import first_told
from geowoonzorg.region.counts import read_counts
from geowoonzorg.region.gemeenten import (
    code_of,
    plain_gemeente,
    read_gemeenten,
    refuse_without_code,
)
from geowoonzorg.region.names import plain_name
from geowoonzorg.region.study import TableInput
from geowoonzorg.region.words import match_groups, read_table_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geowoonzorg.messages import Message

OVERLAP: Final = "overlap met "
KEY: Final = ("code", "groep", "sub", "part", "year")
CELLS: Final = (
    "file", "line", "column", "row", "gemeente", *KEY, "persons", "low", "high", "suppressed",
)  # fmt: skip
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass
class _Table:
    """One table being read: what its columns are."""

    where: str
    rows: pd.DataFrame
    region: str = ""
    gemeente: str | None = None
    group: str | None = None
    feature: str | None = None
    codes: pd.Series[str] | None = None
    years: pd.Series[str] | None = None
    counted: list[str] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)


def read_tables(
    inputs: Sequence[Path | TableInput],
    *,
    codes: Mapping[str, str],
    year: int | None = None,
    region: str = "",
) -> tuple[pd.DataFrame, list[Message]]:
    r"""Read tables of people per group.

    Parameters
    ----------
    inputs
        Files, each in any form of the databank: a row per gemeente and a column per group; of one gemeente a row
        per group, with parts of it as ``Ouderen: 55-64 jaar`` and columns by ownership; rows of any feature by
        group; who is also in another group; or a row per gemeente, group and year.
    codes
        Name of a gemeente → its code, besides the official list.
    year
        Of tables that tell none.
    region
        What the region is called: a row of that name is the total of its table.

    Returns
    -------
    cells : pandas.DataFrame
        A row per cell: ``file, line, column`` (where it stands), ``row`` (``gemeente``, ``total`` of the gemeenten
        in the table, or ``larger`` area), ``gemeente, code, groep``, ``sub`` (part of the group, or empty), ``part``
        (feature, or empty for everybody), ``year``, ``persons`` (NaN where not published), ``low, high`` (float64;
        ``inf`` without an end), ``suppressed``.
    notes : list of Message
        What was taken for what, and what was left out.

    Raises
    ------
    InputError
        When gemeenten have no code, a table has no gemeente or no year, or a count is none.
    DuplicateIdError
        When a table has a count twice.
    FormatError, SourceError
        As `geowoonzorg.files.read_table`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "personen_2021.csv"
    ...     _ = file.write_text("gemeente;Ouderen;Statushouders\nKAMPEN;11.445;?\n")
    ...     cells, notes = read_tables([file], codes={})
    >>> cells[["code", "groep", "year", "persons", "suppressed"]].values.tolist()
    [['GM0166', 'Ouderen', 2021, 11445.0, False], ['GM0166', 'Statushouders', 2021, nan, True]]
    """
    known = {plain_gemeente(name): code for name, code in codes.items()}
    made: list[pd.DataFrame] = []
    notes: list[Message] = []
    for one in inputs:
        given = one if isinstance(one, TableInput) else TableInput(one)
        table = _open(given, known)
        table.region = plain_name(region)
        cells = _cells(table, given, known, year)
        _refuse_twice(cells, table.where)
        made.append(cells)
        notes += table.notes
    cells = pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=list(CELLS))
    return cells, notes


def _open(given: TableInput, known: Mapping[str, str]) -> _Table:
    """Read a file and find what its columns are."""
    words, rows = read_table_words(), read_table(given.file, role="table")
    table = _Table(str(given.file), rows)
    if rows.empty or len(rows.columns) < 2:  # noqa: PLR2004 - whose and how many
        raise InputError(
            "{where}: there are no counts in it; give a row per gemeente or group and a column of counts",
            where=table.where,
        )
    aside: set[str] = set()
    table.codes = find_codes(rows, where=table.where)
    if table.codes is not None:
        aside.add(str(table.codes.name))
    table.years = years_of(rows)
    aside |= {c for c in rows.columns if c.lower() in {"jaar", "year", "perioden", "periode"}}
    for meaning in ("gemeente", "group", "feature"):
        found = [c for c in rows.columns if c not in aside and words.means(meaning, c)]
        if found:
            setattr(table, meaning, found[0])
            aside.add(found[0])
    first = str(rows.columns[0])
    if first not in aside and table.gemeente is table.group is table.feature is None:
        meaning = _meaning(rows[first], known)
        setattr(table, meaning, first)
        aside.add(first)
    table.counted = [str(c) for c in rows.columns if c not in aside]
    if table.group is None and match_groups(table.counted).keys:
        sums = [c for c in table.counted if words.means("persons", c) or words.means("total", c)]
        table.counted = [c for c in table.counted if c not in sums]
        if sums:
            table.notes.append(
                tell(
                    "{where}: left out, as one may be in several groups: {columns}",
                    where=table.where, columns=first_ids(sums),
                )
            )  # fmt: skip
    return table


def _meaning(cells: pd.Series[str], known: Mapping[str, str]) -> str:
    """Tell from its cells what a column without a known header is: gemeenten, groups, or features of them."""
    told = [str(c) for c in cells.dropna()]
    if sum(_code(one, known) is not None for one in told) * 2 > len(told):
        return "gemeente"
    heads = [one.partition(":")[0] for one in told]
    return "group" if len(match_groups(heads).keys) * 2 > len(set(heads)) else "feature"


def _code(name: str, known: Mapping[str, str]) -> str | None:
    return known.get(plain_gemeente(name)) or code_of(name)


def _cells(
    table: _Table, given: TableInput, known: Mapping[str, str], year: int | None
) -> pd.DataFrame:
    """Give every cell of a table with all that is told of it."""
    whose = _whose(table, given, known)
    heads, subs = _groups_of_rows(table)
    parts = _parts_of_rows(table)
    counts = _counts(table)
    made = []
    for column in table.counted:
        name, its_year = _named(column)
        group, part = _group_of_column(table, name)
        its_counts = {name: numbers[column] for name, numbers in counts.items()}
        when = _years(table, given, its_year, year)
        frame = pd.DataFrame({
            "file": Path(split_layer(given.file)[0]).name,
            "line": table.rows.index + 2,
            "column": column,
            **whose,
            "groep": heads if heads is not None else group,
            "sub": subs if subs is not None else "",
            "part": _joined(parts, part) if parts is not None else part,
            "year": when,
            **its_counts,
        }, index=table.rows.index)  # fmt: skip
        made.append(_as_overlap(frame, group) if heads is not None and group else frame)
    cells = pd.concat(made, ignore_index=True)
    cells = _without_sums_of_groups(cells[cells["row"] != "rest"], table)
    cells = _with_group_keys(cells, table)
    own = cells["part"] == OVERLAP + cells["groep"]  # the diagonal is the group itself
    return cells.loc[~own, list(CELLS)]


def _without_sums_of_groups(cells: pd.DataFrame, table: _Table) -> pd.DataFrame:
    """Leave out rows of all groups together."""
    words = read_table_words()
    sums = cells["groep"].map(lambda one: words.means("total", one)).astype(bool)
    if sums.any():
        table.notes.append(
            tell(
                "{where}: left out, as one may be in several groups: {columns}",
                where=table.where, columns=first_ids(cells["groep"][sums].unique()),
            )
        )  # fmt: skip
    return cells[~sums]


def _joined(rows: pd.Series[str], part: str) -> pd.Series[str]:
    return rows if not part else (rows + ", " + part).str.removeprefix(", ")


def _named(column: str) -> tuple[str, int | None]:
    """Take the year out of a header."""
    years = _YEAR.findall(column)
    if len(years) != 1:
        return column, None
    return _YEAR.sub("", column).strip(" ()|-_,:"), int(years[0])


def _group_of_column(table: _Table, name: str) -> tuple[str, str]:
    """Tell of which group a column is, and of which part."""
    words = read_table_words()
    if not name or words.means("persons", name):
        if table.group is None and (found := _group_in_name(table)):
            return found, ""
        if table.group is None:
            raise InputError(
                "{where}, column {column}: no group is told; name the group in the header, or give a column groep",
                where=table.where, column=name,
            )  # fmt: skip
        return "", ""
    if match_groups([name]).keys:
        return name, ""
    if table.group is not None:
        return "", name
    head, colon, tail = name.partition(":")
    return (head.strip(), tail.strip()) if colon else (name, "")


def _group_in_name(table: _Table) -> str | None:
    """Find the group that a file is named after."""
    stem = re.sub(r"[_\W]+", " ", Path(table.where).stem)
    words = stem.split()
    names = [" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)]
    return next((n for n in sorted(names, key=len, reverse=True) if match_groups([n]).keys), None)


def _groups_of_rows(table: _Table) -> tuple[pd.Series[str] | None, pd.Series[str] | None]:
    """Split ``Ouderen: 55-64 jaar`` into the group and its part."""
    if table.group is None:
        return None, None
    cells = table.rows[table.group].astype("str")
    if (blank := table.rows[table.group].isna()).any():
        raise InputError(
            "{where}: rows without a group: lines {lines}; name each, or take it out",
            where=table.where, lines=first_ids(table.rows.index[blank] + 2),
        )  # fmt: skip
    split, words = cells.str.partition(":"), read_table_words()
    subs = split[2].str.strip()
    whole = subs.map(lambda sub: words.means("total", sub) or words.means("persons", sub))
    return split[0].str.strip(), subs.mask(whole, "")


def _parts_of_rows(table: _Table) -> pd.Series[str] | None:
    """Tell which feature each row is of; everybody where it is the number of people."""
    if table.feature is None:
        return None
    words, header = read_table_words(), table.feature
    found = []
    for cell in table.rows[header].astype("str").where(table.rows[header].notna(), ""):
        overlap = next((w for w in words.overlap if cell.lower().startswith(w)), None)
        if not cell or words.means("persons", cell):
            found.append("")
        elif overlap:
            other = cell[len(overlap) :].strip(" :")
            found.append(OVERLAP + match_groups([other]).keys.get(other, other))
        else:
            known = not header or words.means("feature", header)
            found.append(cell if known else f"{header}: {cell}")
    return pd.Series(found, index=table.rows.index, dtype="str")


def _as_overlap(frame: pd.DataFrame, group: str) -> pd.DataFrame:
    """Read a column of a group beside rows of groups: who is in both."""
    key = match_groups([group]).keys.get(group, group)
    mine = match_groups(frame["groep"]).keys
    same = frame["groep"].map(lambda one: mine.get(one, one)) == key
    return frame.assign(part=np.where(same, "", OVERLAP + key))


def _counts(table: _Table) -> dict[str, pd.DataFrame]:
    """Read the counts of all columns, on the rows and columns of the table; what is suppressed has no end yet."""
    words = read_table_words()
    cells = pd.concat([table.rows[column] for column in table.counted], keys=table.counted)
    plain = cells.astype("str").str.strip().str.lower()
    hidden = plain.isin(words.suppressed) & cells.notna()
    cells = cells.mask(plain.isin(words.missing)).mask(hidden, "?")
    try:
        found = read_counts(cells, where=table.where, suppressed_high=0.0, whole=True)
    except (FormatError, InputError):
        for column in table.counted:  # once more, to say in which column it is
            where = tell("{where}, column {column}", where=table.where, column=column)
            read_counts(cells.loc[column], where=where, suppressed_high=0.0, whole=True)
        raise
    high = found["high"].fillna(np.inf).mask(hidden, np.inf)
    bounded = found["value"].isna() & found["high"].notna()  # <5, 10-15
    made = {
        "persons": found["value"],
        "low": found["low"].fillna(0.0),
        "high": high,
        "suppressed": hidden | bounded,
    }
    return {name: numbers.unstack(level=0) for name, numbers in made.items()}


def _years(table: _Table, given: TableInput, its_own: int | None, year: int | None) -> object:
    """Tell the year of each row: of its cells, its header, what was said, its file's name, or the region."""
    named = _YEAR.findall(Path(table.where).stem)
    one = its_own or given.year or (int(named[0]) if len(set(named)) == 1 else year)
    if table.years is not None and table.years.notna().all() and its_own is None:
        return table.years.astype("int64")
    if one is None:
        raise InputError(
            "{where}: no year is told; give a column jaar, or name it: {{ file = …, year = 2021 }}",
            where=table.where,
        )
    return one


def _whose(
    table: _Table, given: TableInput, known: Mapping[str, str]
) -> dict[str, pd.Series[str] | str]:
    """Tell of which gemeente each row is."""
    if table.gemeente is None and table.codes is None:
        name = given.gemeente or _gemeente_in_name(table.where, known)
        code = None if name is None else _code(name, known)
        if code is None:
            raise InputError(
                "{where}: no gemeente is told{named}; name it: {{ file = …, gemeente = … }}",
                where=table.where,
                named=tell(" that is known ({name})", name=name) if name else "",
            )  # fmt: skip
        official = read_gemeenten().names.get(code, name or "")
        return {"row": "gemeente", "gemeente": official, "code": code}
    words, index = read_table_words(), table.rows.index
    column = table.gemeente if table.gemeente is not None else str(table.codes.name)  # type: ignore[union-attr]
    names = table.rows[column].astype("str").where(table.rows[column].notna(), "")
    codes = names.map(lambda name: _code(name, known))
    if table.codes is not None:
        codes = table.codes.where(table.codes.notna(), codes)
    kinds = pd.Series("gemeente", index=index, dtype="str")
    for kind, is_so in (
        ("larger", words.is_larger),
        ("rest", lambda name: words.means("rest", name)),
        ("total", lambda name: words.means("total", name) or plain_name(name) == table.region),
    ):
        kinds = kinds.mask(names.map(is_so) & (codes.isna() | (kind == "larger")), kind)
    lost = (kinds == "gemeente") & codes.isna()
    refuse_without_code(names[lost], table.where)
    if (kinds == "rest").any():
        table.notes.append(
            tell(
                "{where}: rows of no gemeente are left out: {rows}",
                where=table.where, rows=first_ids(names[kinds == "rest"].unique()),
            )
        )  # fmt: skip
    return {
        "row": kinds,
        "gemeente": names,
        "code": codes.where(kinds == "gemeente", "").astype("str"),
    }


def _gemeente_in_name(where: str, known: Mapping[str, str]) -> str | None:
    """Find the gemeente that a file is named after: the longest name at its start, else anywhere."""
    words = plain_gemeente(re.sub(r"[_\W]+", " ", Path(where).stem)).split()
    runs = [
        (i, " ".join(words[i:j])) for i in range(len(words)) for j in range(i + 1, len(words) + 1)
    ]
    found = [(i, run) for i, run in runs if _code(run, known) is not None]
    return min(found, key=lambda one: (one[0] > 0, -len(one[1]), one[0]))[1] if found else None


def _with_group_keys(cells: pd.DataFrame, table: _Table) -> pd.DataFrame:
    """Call groups by one name each, and say which names were guessed or are not known."""
    matched = match_groups(cells["groep"].unique())
    if matched.guessed:
        pairs = [f"{name} → {matched.keys[name]}" for name in matched.guessed]
        table.notes.append(
            tell("{where}: groups taken for: {pairs}", where=table.where, pairs=first_ids(pairs))
        )
    if matched.unknown:
        table.notes.append(
            tell(
                "{where}: groups that the databank does not know, taken as they are called: {names}",
                where=table.where, names=first_ids(matched.unknown),
            )
        )  # fmt: skip
    return cells.assign(groep=cells["groep"].map(lambda one: matched.keys.get(one, one)))


def _refuse_twice(cells: pd.DataFrame, where: str) -> None:
    """Refuse a table that has the count of a gemeente twice, however it spells the name."""
    mine = cells[cells["row"] == "gemeente"]
    twice = mine[mine.duplicated(list(KEY), keep=False)]
    if len(twice):
        told = [
            tell("{name} on line {line}", name=name, line=int(line))
            for name, line in twice[["gemeente", "line"]].drop_duplicates().to_numpy()
        ]
        raise DuplicateIdError(
            "{where}: rows about the same gemeente, group and year: {rows}; keep one of each",
            where=where, rows=first_told(told),
        )  # fmt: skip
