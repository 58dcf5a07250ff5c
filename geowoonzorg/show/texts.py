"""Words and numbers as the reader sees them: screen texts from TOML, Dutch decimals, harmless names."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANGUAGES: Final = ("nl", "en")
_KNOWLEDGE: Final = Path(__file__).parents[1] / "knowledge"
_LONGEST_NAME: Final = 160
# What changes how other characters are read or shown: control characters, and the marks that turn
# the direction of the text around them. A visible sign in their place keeps the name honest.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SPACE: Final = re.compile(r"\s+")


def is_known(value: Any) -> bool:  # noqa: ANN401 - a cell
    """Tell whether a cell holds something: not None, NaN, NA, nor an empty text.

    Parameters
    ----------
    value
        One cell of a table.

    Returns
    -------
    bool
        False where the cell is missing.

    Examples
    --------
    >>> is_known(0.0), is_known(float("nan")), is_known("")
    (True, False, False)
    """
    return bool(value.strip()) if isinstance(value, str) else not pd.isna(value)


def plain(value: object, *, longest: int = _LONGEST_NAME) -> str:
    r"""Make a text from outside safe to look at: one line, no hidden characters, not endless.

    It is not escaped here: the templates and the JSON encoder do that, once, for every string.

    Parameters
    ----------
    value
        Anything from a table; missing becomes an empty text.
    longest
        Where to cut, in characters.

    Returns
    -------
    str
        The text on one line; control and direction marks are shown as U+FFFD.

    Examples
    --------
    >>> plain("De\x00 Haven\u202e\n 3")
    'De� Haven� 3'
    """
    if not is_known(value):
        return ""
    text = _UNSAFE.sub("\ufffd", str(value))
    text = _SPACE.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


@dataclass(frozen=True)
class Texts:
    """The screen texts of one language, and its way of writing numbers.

    Parameters
    ----------
    code
        ``nl`` or ``en``.
    table
        The texts by section and key.
    """

    code: str
    table: Mapping[str, Any] = field(repr=False)

    def __call__(self, key: str, **values: object) -> str:
        """Fill the text ``section.name`` with values.

        Parameters
        ----------
        key
            Section and name with a dot between them.
        **values
            What goes into the braces of the text.

        Returns
        -------
        str
            The text; not escaped.

        Examples
        --------
        >>> read_texts("nl")("page.rank", rank=3)
        'rang 3'
        """
        section, _, name = key.partition(".")
        return str(self.table[section][name]).format(**values)

    def lines(self, key: str, **values: object) -> list[str]:
        """Fill each line of a list of texts.

        Parameters
        ----------
        key
            Section and name with a dot between them.
        **values
            What goes into the braces.

        Returns
        -------
        list of str
            The lines; not escaped.

        Examples
        --------
        >>> len(read_texts("nl").lines("method.lines", walking="rollator", limit="400 m"))
        10
        """
        section, _, name = key.partition(".")
        return [str(line).format(**values) for line in self.table[section][name]]

    def get(self, section: str, name: str) -> str:
        """Look up a name from the data; what has no text of its own is shown as it is.

        Parameters
        ----------
        section
            A section of the texts.
        name
            A word from the data, such as a status.

        Returns
        -------
        str
            The text, or the name made harmless.

        Examples
        --------
        >>> read_texts("nl").get("status", "island")
        'alleen een los stuk looproute dichtbij'
        """
        return str(self.table[section].get(name) or plain(name))

    def count(self, key: str, n: int) -> str:
        """Say how many, in the singular or plural.

        Parameters
        ----------
        key
            A name in the section ``count``.
        n
            How many.

        Returns
        -------
        str
            For instance ``"3 plekken"``.

        Examples
        --------
        >>> read_texts("nl").count("sites", 1), read_texts("nl").count("sites", 2)
        ('1 plek', '2 plekken')
        """
        one, many = self.table["count"][key]
        return str(one if n == 1 else many).format(n=self.number(n))

    def in_words(self, n: int) -> str:
        """Write a small number in letters.

        Parameters
        ----------
        n
            A whole number, 0 or more.

        Returns
        -------
        str
            The word, or the number from 11 up.

        Examples
        --------
        >>> read_texts("nl").in_words(2), read_texts("nl").in_words(11)
        ('twee', '11')
        """
        words = self.table["language"]["numbers"]
        return str(words[n]) if n < len(words) else self.number(n)

    def join(self, names: Sequence[str]) -> str:
        """Write a list as a sentence does.

        Parameters
        ----------
        names
            The words, in order.

        Returns
        -------
        str
            For instance ``"huisarts, supermarkt en halte"``.

        Examples
        --------
        >>> read_texts("nl").join(["a", "b", "c"])
        'a, b en c'
        """
        if len(names) < 2:  # noqa: PLR2004
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.table['language']['and']} {names[-1]}"

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """Write a number with this language's decimal mark and a real minus sign.

        Parameters
        ----------
        value
            The number; NaN is written as unknown.
        decimals
            How many decimals.
        signed
            Whether a plus sign is written.

        Returns
        -------
        str
            The number.

        Examples
        --------
        >>> nl = read_texts("nl")
        >>> nl.number(1234.5, 1), nl.number(-0.25, 2, signed=True), nl.number(-0.001, 1)
        ('1.234,5', '\u22120,25', '0,0')
        """
        if not is_known(value) or not math.isfinite(value):
            return str(self.table["language"]["unknown"])
        rounded = round(float(value), decimals) + 0.0  # -0.0 + 0.0 is 0.0
        text = f"{abs(rounded):,.{decimals}f}"
        marks = {",": self.table["language"]["thousands"], ".": self.table["language"]["decimal"]}
        text = "".join(marks.get(letter, letter) for letter in text)
        sign = "\u2212" if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + text

    def metres(self, value: float) -> str:
        r"""Write a distance in whole metres.

        Parameters
        ----------
        value
            Metres.

        Returns
        -------
        str
            With a space that does not break before the unit.

        Examples
        --------
        >>> read_texts("nl").metres(1234.4)
        '1.234\xa0m'
        """
        return f"{self.number(value)}\u00a0m" if is_known(value) else self.number(value)

    def distance(self, value: float) -> str:
        r"""Write a distance as one says it: metres under a kilometre, else kilometres with one decimal.

        Parameters
        ----------
        value
            Metres.

        Returns
        -------
        str
            With a space that does not break before the unit.

        Examples
        --------
        >>> nl = read_texts("nl")
        >>> nl.distance(2338.0), nl.distance(388.2), nl.distance(999.7)
        ('2,3\xa0km', '388\xa0m', '1,0\xa0km')
        """
        if not is_known(value) or round(value) < 1000:  # noqa: PLR2004
            return self.metres(value)
        return f"{self.number(value / 1000, 1)}\u00a0km"

    def percent(self, share: float) -> str:
        r"""Write a share as whole percents.

        Parameters
        ----------
        share
            Between 0 and 1.

        Returns
        -------
        str
            Percents.

        Examples
        --------
        >>> read_texts("nl").percent(0.254)
        '25\xa0%'
        """
        return f"{self.number(100 * share)}\u00a0%" if is_known(share) else self.number(share)

    def quantity(self, value: object, unit: str) -> str:
        r"""Write a raw value with the unit its criterion gives.

        Parameters
        ----------
        value
            A number, or a word such as ``ja``.
        unit
            ``m``, ``dB``, ``aandeel`` (a share of 0–1), ``log2``, ``afwijking van Nederland`` or any
            other word, which is written after the number.

        Returns
        -------
        str
            Decimals follow the unit: none for counts and metres, one for decibels, two else.

        Examples
        --------
        >>> nl = read_texts("nl")
        >>> nl.quantity(312.4, "m"), nl.quantity(0.213, "aandeel"), nl.quantity(-0.5, "log2")
        ('312\xa0m', '21\xa0%', '\u22120,50')
        """
        if not is_known(value):
            return str(self.table["language"]["unknown"])
        number = _as_number(value)
        if number is None:
            return plain(value)
        if unit == "m":
            return self.metres(number)
        if unit in {"aandeel", "share"}:
            return self.percent(number)
        if unit in {"log2", "afwijking van Nederland"}:
            return self.number(number, 2, signed=True)
        decimals = 1 if unit == "dB" else 0 if number == round(number) else 2
        return f"{self.number(number, decimals)}\u00a0{plain(unit)}".rstrip("\u00a0")

    def date(self, value: object) -> str:
        """Write a date as people do; what is not an ISO date is shown as it is.

        Parameters
        ----------
        value
            ``YYYY-MM-DD``, with or without a time after it.

        Returns
        -------
        str
            For instance ``"3 maart 2024"``.

        Examples
        --------
        >>> read_texts("nl").date("2024-03-03T10:00:00")
        '3 maart 2024'
        """
        text = plain(value)
        found = re.match(r"(\d{4})-(\d{2})-(\d{2})", text)
        if not found or not 1 <= int(found[2]) <= 12:  # noqa: PLR2004
            return text
        month = self.table["language"]["months"][int(found[2]) - 1]
        return f"{int(found[3])} {month} {found[1]}"

    def the_class(self, key: str) -> str:
        """Name a facility class with its article, where it has one.

        Parameters
        ----------
        key
            A class such as ``huisarts``.

        Returns
        -------
        str
            For instance ``"de huisarts"``.

        Examples
        --------
        >>> read_texts("nl").the_class("verpleeghuis"), read_texts("nl").the_class("eigen_klasse")
        ('het verpleeghuis', 'eigen klasse')
        """
        return str(self.table["facility_the"].get(key) or self.facility_class(key)[0])

    def facility_class(self, key: str) -> tuple[str, str, str]:
        """Name a facility class, for one, for many and in at most two letters.

        Parameters
        ----------
        key
            A class such as ``huisarts``; a class of the user's own is named by its key.

        Returns
        -------
        tuple of str
            Singular, plural, letters.

        Examples
        --------
        >>> read_texts("nl").facility_class("ov_halte")
        ('halte', 'haltes', 'OV')
        """
        if names := self.table["facility_class"].get(key):
            return (names[0], names[1], names[2])
        name = plain(key).replace("_", " ")
        return (name, name, name[:2].upper())


def _as_number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


@cache
def read_texts(lang: str = "nl") -> Texts:
    """Read the screen texts of a language from the package.

    Parameters
    ----------
    lang
        ``nl`` or ``en``.

    Returns
    -------
    Texts
        The texts.

    Raises
    ------
    StudyError
        When the language is not one of the two.

    Examples
    --------
    >>> read_texts("en")("page.rank", rank=3)
    'rank 3'
    """
    if lang not in LANGUAGES:
        msg = f"no screen texts in language {lang!r}; choose one of {', '.join(LANGUAGES)}"
        raise StudyError(msg)
    return Texts(lang, read_toml(_KNOWLEDGE / f"texts_{lang}.toml"))
