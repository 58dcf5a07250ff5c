"""Which gemeente a name means, its official code, and what became of gemeenten that are no more."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from geowoonzorg.errors import InputError
from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import read_document
from geowoonzorg.messages import tell
from geowoonzorg.opendata.telling import first_told
from geowoonzorg.region.names import plain_name

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Merged:
    """A gemeente that went whole into another."""

    name: str
    into: str
    year: int


@dataclass(frozen=True)
class Divided:
    """A gemeente of which several others each got a part."""

    name: str
    into: tuple[str, ...]
    year: int


@dataclass(frozen=True)
class Gemeenten:
    """The official list, and what changed in it; see ``knowledge/region/gemeenten.toml``.

    Attributes
    ----------
    also_called
        Name → code, besides the official ones.
    founded
        Code → the year since which it is there, where that is after 2016.
    names
        Code → official name.
    merged, divided
        Code of one that is no more → its name, where it went and in which year.
    """

    also_called: Mapping[str, str]
    founded: Mapping[str, int]
    names: Mapping[str, str]
    merged: Mapping[str, Merged]
    divided: Mapping[str, Divided]


@cache
def read_gemeenten() -> Gemeenten:
    """Read the official list of gemeenten from the package.

    Returns
    -------
    Gemeenten
        The same object every time.

    Raises
    ------
    StudyError
        When the file is not as it should be, which is a fault of the installation.

    Examples
    --------
    >>> len(read_gemeenten().names), read_gemeenten().merged["GM0457"].into
    (342, 'GM0363')
    """
    with as_file(files("geowoonzorg") / "knowledge" / "region" / "gemeenten.toml") as path:
        return read_document(read_toml(path), Gemeenten, where=path.name)


def plain_gemeente(name: str) -> str:
    """Bring a gemeente's name into the form that names are compared in.

    Parameters
    ----------
    name
        As somebody wrote it.

    Returns
    -------
    str
        As `geowoonzorg.region.names.plain_name`, without the word *gemeente*, and with what stands behind a comma
        in front.

    Examples
    --------
    >>> plain_gemeente("Gemeente Súdwest Fryslân") == plain_gemeente("SUDWEST-FRYSLAN")
    True
    >>> plain_gemeente("Gravenhage, 's-") == plain_gemeente("'s-Gravenhage")
    True
    """
    turned = re.fullmatch(r"\s*([^,]+),\s*('?s|'?t|de|den|het)\W*", name, re.IGNORECASE)
    plain = plain_name(f"{turned[2]} {turned[1]}" if turned else name)
    return plain.removeprefix("gemeente ").removesuffix(" gemeente")


@cache
def _codes_by_name() -> Mapping[str, str]:
    known = read_gemeenten()
    found = {plain_gemeente(one.name): code for code, one in known.divided.items()}
    found |= {plain_gemeente(one.name): code for code, one in known.merged.items()}
    found |= {plain_gemeente(name): code for name, code in known.also_called.items()}
    return found | {plain_gemeente(name): code for code, name in known.names.items()}


def code_of(name: str) -> str | None:
    """Give the official code of a gemeente, of today or of before.

    Parameters
    ----------
    name
        Its name, as somebody wrote it.

    Returns
    -------
    str or None
        ``GM`` and four digits; None for a name that is not on the list.

    Examples
    --------
    >>> code_of("den haag"), code_of("'S-GRAVENHAGE"), code_of("Weesp"), code_of("Wierhaven")
    ('GM0518', 'GM0518', 'GM0457', None)
    """
    return _codes_by_name().get(plain_gemeente(name))


def codes_of(
    names: pd.Series[str],
    *,
    own: Mapping[str, str],
    where: str,
    given: pd.Series[str] | None = None,
) -> pd.Series[str]:
    """Give the code of every row's gemeente.

    Parameters
    ----------
    names
        As a table has them, with the line of each less 2 as index.
    own
        Name → code, besides the official list and before it.
    where
        The file, which starts the message.
    given
        Codes that the table has itself, NaN where it has none.

    Returns
    -------
    pandas.Series of str
        On the same index.

    Raises
    ------
    InputError
        When a row's gemeente has no code.

    Examples
    --------
    >>> import pandas as pd
    >>> codes_of(pd.Series(["KAMPEN", "Wierhaven"]), own={"Wierhaven": "GM9901"}, where="x").tolist()
    ['GM0166', 'GM9901']
    """
    plain = {plain_gemeente(name): code for name, code in own.items()}
    told = names.where(names.notna(), "").astype("str")
    found = told.map(lambda name: plain.get(plain_gemeente(name)) or code_of(name))
    found = found if given is None else given.where(given.notna(), found)
    refuse_without_code(told[found.isna()], where)
    return found.astype("str")


def refuse_without_code(names: pd.Series[str], where: str) -> None:
    """Refuse rows of a gemeente without a code, where there are any.

    Parameters
    ----------
    names
        Of those rows, with the line of each less 2 as index.
    where
        The file, which starts the message.

    Raises
    ------
    InputError
        When there is one.

    Examples
    --------
    >>> import pandas as pd
    >>> refuse_without_code(pd.Series(["Kampn"]), "people.csv")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: people.csv: rows of a gemeente without a code: 1 ('Kampn' on line 2); ...
    """
    if len(names):
        told = [tell("{name!r} on line {line}", name=n, line=int(i) + 2) for i, n in names.items()]  # type: ignore[call-overload]
        raise InputError(
            "{where}: rows of a gemeente without a code: {rows}; spell it as CBS does, or give its code in the "
            "figures or in a column code",
            where=where,
            rows=first_told(told),
        )


def now_in(code: str, *, year: int | None = None) -> tuple[str, ...]:
    """Tell in which gemeenten the people of a gemeente live in a year.

    Parameters
    ----------
    code
        Of a gemeente, of today or of before.
    year
        The year of the borders; None for those of today.

    Returns
    -------
    tuple of str
        One code: its own, or that of the one it went into; several where it was divided.

    Examples
    --------
    >>> now_in("GM0457"), now_in("GM0457", year=2021), now_in("GM0457", year=2022)
    (('GM0363',), ('GM0457',), ('GM0363',))
    >>> now_in("GM0053")
    ('GM1966', 'GM1969')
    """
    known = read_gemeenten()
    one = known.merged.get(code) or known.divided.get(code)
    if one is None or (year is not None and year < one.year):
        return (code,)
    into = (one.into,) if isinstance(one, Merged) else one.into
    return tuple(dict.fromkeys(c for part in into for c in now_in(part, year=year)))
