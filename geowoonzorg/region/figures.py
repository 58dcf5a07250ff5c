"""The figures of a region's gemeenten: an own table, or key figures of CBS; each with its code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.files import read_table
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import parse_codes
from geowoonzorg.opendata.figures import read_figures as read_published
from geowoonzorg.region.gemeenten import code_of, plain_gemeente, read_gemeenten
from geowoonzorg.region.key_figures import check_figures, read_figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geowoonzorg.messages import Message

# Columns that only key figures of CBS have.
_CBS: Final = {
    "gwb_code_10", "gwb_code", "wijkenenbuurten", "codering_3", "jrstatcode",
    "perc_huurwoningen_in_bezit_woningcorporaties",
}  # fmt: skip
# Of CBS: our figure → the published one, and the count that a share is of.
_FROM_CBS: Final = {
    "inhabitants": ("inhabitants", None),
    "households": ("households", None),
    "dwellings": ("dwellings", None),
    "social_homes": ("corporatie_share", "dwellings"),
    "people_65plus": ("share_65plus", "inhabitants"),
}


@dataclass(frozen=True, eq=False)
class RegionFigures:
    """The figures of a region.

    Attributes
    ----------
    table
        One row per gemeente, ordered by code: ``gemeente, code``, and what is known of ``inhabitants, households,
        vulnerable, social_homes, free_homes, dwellings, people_65plus``, with bounds where a figure has them.
    notes
        What was taken for what.
    published
        Whether they are key figures of CBS.
    every
        Name of each gemeente of the file, also of who is not of the region → its code: so others know them too.
    """

    table: pd.DataFrame
    notes: tuple[Message, ...]
    published: bool
    every: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> dict[str, str]:
        """Name of a gemeente → its code."""
        return dict(zip(self.table["gemeente"], self.table["code"], strict=True))


def read_region_figures(
    path: Path, *, gemeenten: Sequence[str] = (), need_codes: bool = True
) -> RegionFigures:
    r"""Read the figures of a region's gemeenten.

    Parameters
    ----------
    path
        As `geowoonzorg.region.key_figures.read_figures`, or key figures of CBS (kerncijfers, or the layer
        ``gemeenten`` of the wijk- en buurtkaart).
    gemeenten
        Names or codes of the region's; all in the table when empty.
    need_codes
        Whether other tables are joined on codes; else one without a code goes by its name, which is noted.

    Returns
    -------
    RegionFigures
        Of those gemeenten.

    Raises
    ------
    InputError
        When a gemeente has no code, two have the same, or one that is asked for is not there.
    MissingColumnError, DuplicateIdError, FormatError, SourceError
        As the readers of both.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "figures.csv"
    ...     _ = file.write_text("gemeente,inwoners\nKAMPEN,55000\nZwolle,130000\n")
    ...     figures = read_region_figures(file)
    >>> figures.table.values.tolist()
    [['Kampen', 'GM0166', 55000.0], ['Zwolle', 'GM0193', 130000.0]]
    """
    table = read_table(path, role="figures")
    where = str(path)
    published = bool(_CBS.intersection(c.lower() for c in table.columns))
    if published:
        figures, notes = _of_cbs(table, where)
        codes = figures["code"]
    else:
        figures = read_figures(table, where=where)
        notes, codes = tuple(figures.attrs["notes"]), _codes(figures)
    lost = figures["gemeente"][codes.isna()]
    if len(lost) and not need_codes:
        codes = codes.where(codes.notna(), figures["gemeente"])
        notes += (
            tell(
                "{where}: gemeenten without a code go by their name: {names}",
                where=where,
                names=first_ids(lost),
            ),
        )
    elif len(lost):
        raise InputError(
            "{where}: gemeenten without a code: {names}; spell them as CBS does, or give their code in a column code",
            where=where, names=first_ids(lost),
        )  # fmt: skip
    twice = figures["gemeente"][codes.duplicated(keep=False)]
    if len(twice):
        raise InputError(
            "{where}: gemeenten with the same code: {names}; keep one row of each",
            where=where, names=first_ids(twice),
        )  # fmt: skip
    official = read_gemeenten().names
    figures = figures.drop(columns="code", errors="ignore")
    figures.insert(1, "code", codes.astype("str"))
    figures["gemeente"] = [
        official.get(c, n) for c, n in zip(codes, figures["gemeente"], strict=True)
    ]
    every = dict(zip(figures["gemeente"], figures["code"], strict=True))
    if gemeenten:
        figures = _chosen(figures, gemeenten, where)
    figures = figures.sort_values("code", kind="stable").reset_index(drop=True)
    check_figures(figures, where=where)
    figures.attrs = {}  # pandas copies them with every step; they are told once
    return RegionFigures(figures, notes, published, every)


def _codes(figures: pd.DataFrame) -> pd.Series[str]:
    """Give each gemeente its code: the table's, else that of its name."""
    named = figures["gemeente"].map(code_of)
    if "code" not in figures:
        return named
    given = parse_codes(figures["code"], level="gemeente")
    return given.where(given.notna(), named)


def _of_cbs(table: pd.DataFrame, where: str) -> tuple[pd.DataFrame, tuple[Message, ...]]:
    """Take the gemeenten out of key figures of CBS."""
    found = read_published(table, where=where)
    mine = (found.level == "gemeente").to_numpy()
    if not mine.any():
        raise InputError(
            "{where}: key figures without gemeenten; download them with the gemeenten in it",
            where=where,
        )
    numbers = found.numbers[mine]
    official = read_gemeenten().names
    names = found.name[mine].fillna("")
    made = {
        "gemeente": [official.get(str(c), n) for c, n in zip(numbers.index, names, strict=True)],
        "code": numbers.index.astype("str"),
    }
    for name, (column, of) in _FROM_CBS.items():
        if column in numbers and (of is None or of in numbers):
            share_of = numbers[column] if of is None else numbers[column] * numbers[of]
            made[name] = np.rint(share_of.to_numpy(dtype=float))
    figures = pd.DataFrame(made)
    derived = [n for n, (_, of) in _FROM_CBS.items() if of and n in made]
    notes: tuple[Message, ...] = tuple(found.notes)  # type: ignore[arg-type]
    if derived:
        notes += (
            tell(
                "{where}: {columns} are shares of CBS times a count, and as exact as those shares",
                where=where, columns=", ".join(derived),
            ),
        )  # fmt: skip
    return figures, notes


def _chosen(figures: pd.DataFrame, gemeenten: Sequence[str], where: str) -> pd.DataFrame:
    """Keep the gemeenten of the region."""
    own = {plain_gemeente(n): c for n, c in zip(figures["gemeente"], figures["code"], strict=True)}
    wanted = {
        name: own.get(plain_gemeente(name)) or code_of(name) or parse_codes(pd.Series([name]))[0]
        for name in gemeenten
    }
    absent = [name for name, code in wanted.items() if code not in set(figures["code"])]
    if absent:
        raise InputError(
            "{where}: gemeenten of the region that have no row: {names}; add them, or take them out of "
            "region.gemeenten",
            where=where, names=first_ids(absent),
        )  # fmt: skip
    return figures[figures["code"].isin(list(wanted.values()))]
