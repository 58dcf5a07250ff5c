"""A region's answer as it is compared with another: its numbers in one long table, and what it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geowoonzorg.ask.answer import Answer
from geowoonzorg.errors import FormatError, GeowoonzorgError, InputError
from geowoonzorg.files import read_json, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATA, RULES, BORDERS = PARTS = ("data", "rules", "borders")
_PROVENANCE: Final = "provenance.json"
# What fits is asked of studies, which are compared by themselves: no mix of two regions is worked out for it.
OF_STUDIES: Final = "past_het"
#: Of a region, what is agreed on; all else is counted, or where its borders are.
AGREED: Final = (
    "homes", "per", "cannot_spread", "ahead", "rates", "keys", "per_group", "fits",
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """A number that is compared: its table and column, and by which columns its rows are told apart."""

    table: str
    measure: str
    by: tuple[str, ...] = ()
    file: str = ""

    @property
    def path(self) -> str:
        """The file that the table is written as."""
        return f"{self.file or self.table}.csv"


COMPARED: Final = (
    Compared("spreiding", "persons", ("groep",)),
    Compared("spreiding", "per_1000", ("groep",)),
    Compared("sociale_huur", "social_share"),
    Compared("verdeelsleutels", "share", ("key", "moment")),
    Compared("verdeelsleutels", "homes", ("key", "moment")),
    Compared("per_groep", "homes", ("groep", "key"), "verdeelsleutels_per_groep"),
    Compared("behoefte", "amount", ("groep", "need", "ahead")),
    Compared("aanbod", "homes", ("category", "stay", "funding", "groep")),
    Compared("opgave", "gap", ("groep", "need", "ahead")),
    Compared("hulpmiddel", "homes", ("groep", "row", "woningtype"), "hulpmiddel_gemeente_woningtype"),
    Compared(OF_STUDIES, "fits", ("woningtype",)),
    Compared(OF_STUDIES, "short", ("woningtype",)),
)  # fmt: skip
INDEX: Final = ("table", "measure", "about", "gemeente")
ENDS: Final = ("", "_low", "_high")


@dataclass(frozen=True, eq=False)
class RegionRun:
    """What a region came to: its numbers, and what they were made of.

    Attributes
    ----------
    name
        What the region is called.
    numbers
        By table, measure, what it is about and gemeente: the number, ``_low`` and ``_high`` (float64).
    codes
        Name of a gemeente → its code.
    provenance
        What it was made of.
    """

    name: str
    numbers: pd.DataFrame
    codes: Mapping[str, str]
    provenance: Mapping[str, Any]

    @property
    def made_of(self) -> dict[str, object]:
        """What data, rules and borders it was made of, to tell whether they changed."""
        known = self.provenance
        rules = {name: known.get(name) for name in (*AGREED, "persons_per_home")}
        files = sorted(one["sha256"] for one in known.get("inputs", []))
        about = (known.get("study", {}).get("year"), known.get("suppressed_most"))
        return {DATA: (files, about), RULES: rules, BORDERS: sorted(self.codes.values())}


def is_region(given: Answer | str | Path) -> bool:
    """Tell whether an answer, or a folder with one, is about a region.

    Parameters
    ----------
    given
        An answer or a folder.

    Returns
    -------
    bool
        False as well for what is no answer.

    Examples
    --------
    >>> is_region("nowhere")
    False
    """
    if isinstance(given, Answer):
        return given.question == "region"
    try:
        known = read_json(Path(given) / _PROVENANCE)
    except GeowoonzorgError:
        return False
    return bool(known.get("question") == "region")


def take_region(given: Answer | str | Path) -> RegionRun:
    """Take what a region came to from the folder it was written in, or from its answer.

    Parameters
    ----------
    given
        A folder that ``geowoonzorg region`` wrote, or what `geowoonzorg.ask_region` gave.

    Returns
    -------
    RegionRun
        What is needed to compare it.

    Raises
    ------
    InputError
        When it is of another question.
    FormatError, SourceError
        When a file of the folder is not there or cannot be read.
    """
    if not is_region(given):
        raise InputError(
            "{which} is no answer about a region, and the other is; compare two regions, or two runs of sites",
            which=given.question if isinstance(given, Answer) else str(given),
        )  # fmt: skip
    if isinstance(given, Answer):
        found, tables = given.provenance, dict(given.tables)
    else:
        folder = Path(given)
        found = read_json(folder / _PROVENANCE)
        tables = {one.table: read_table(folder / one.path, role="run") for one in COMPARED}
    try:
        about, codes = found["study"], dict(found["gemeenten"])
        return RegionRun(str(about["name"]), numbers_of(tables, about["year"]), codes, found)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(
            "{folder} is not as the region was written: a column, or in provenance.json its gemeenten or year, is "
            "missing; run the region again",
            folder=str(given),
        ) from error  # fmt: skip


def numbers_of(
    tables: Mapping[str, pd.DataFrame], year: int | None, compared: Iterable[Compared] = COMPARED
) -> pd.DataFrame:
    """Bring every number that is compared into one long table.

    Parameters
    ----------
    tables
        As `geowoonzorg.region.outcome.work_out` gives them, or as they were written.
    year
        From which years ahead are counted.
    compared
        Which numbers.

    Returns
    -------
    pandas.DataFrame
        By ``table, measure, about, gemeente``: the number, ``_low`` and ``_high`` (float64). What stands in several
        rows that nothing tells apart is left out.
    """
    made = []
    for one in compared:
        rows = tables[one.table]
        if rows.empty or one.measure not in rows:
            continue
        if one.table == "sociale_huur":  # the path that follows is drawn from the first year
            rows = rows[rows["year"] == rows["year"].min()]
        rows = rows.reset_index(drop=True)
        if "ahead" in one.by:
            rows = rows.assign(ahead=pd.to_numeric(rows["year"]) - (year or 0))
        about = pd.Series("", rows.index, dtype="object")
        for name in one.by:
            word = rows[name].astype("object").where(rows[name].notna(), "")
            text = word.map(lambda w: f"{w:g}" if isinstance(w, int | float) else str(w))
            about = about.where(about == "", about + "; ") + text
        where = rows["area"] if "area" in rows else rows["gemeente"]
        named = rows["gemeente"].astype("str")
        # Below a gemeente a row is of its area.
        finer = where.astype("str").str.match(r"^(?:WK|BU)\d")
        value = _floats(rows[one.measure])
        low, high = (
            _floats(rows[f"{one.measure}{end}"]).fillna(value)
            if f"{one.measure}{end}" in rows else value
            for end in ("_low", "_high")
        )  # fmt: skip
        made.append(
            pd.DataFrame(
                {
                    "table": one.table, "measure": one.measure, "about": about,
                    "gemeente": named.where(~finer, named + " " + where.astype("str")),
                    "": value, "_low": low, "_high": high,
                }
            )
        )  # fmt: skip
    if not made:
        empty = pd.MultiIndex.from_arrays([[]] * len(INDEX), names=INDEX)
        return pd.DataFrame(columns=list(ENDS), index=empty, dtype="float64")
    table = pd.concat(made, ignore_index=True)
    # What stands in several rows (a plan and its parts, say) cannot be told apart: it is not compared.
    table = table[~table.duplicated(list(INDEX), keep=False)]
    return table.set_index(list(INDEX))


def _floats(column: pd.Series) -> pd.Series[float]:
    return pd.to_numeric(column, errors="coerce").astype("float64")
