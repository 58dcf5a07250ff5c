"""Words and numbers as the reader sees them: screen texts from TOML, numbers, dates and plurals by Babel."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml
from geowoonzorg.messages import LANGUAGES, translate
from geowoonzorg.show.cells import as_number, is_known, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from babel.numbers import NumberPattern

_KNOWLEDGE: Final = Path(__file__).parents[1] / "knowledge"
_LOCALES: Final = {"nl": "nl", "en": "en_GB"}


@cache
def _pattern(decimals: int) -> NumberPattern:
    from babel.numbers import parse_pattern

    return parse_pattern("#,##0." + "0" * decimals if decimals else "#,##0")


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

    @property
    def _locale(self) -> str:
        return _LOCALES[self.code]

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
        """Look up a name from the data; what has no text of its own is told in this language, if it can be.

        Parameters
        ----------
        section
            A section of the texts.
        name
            A word from the data, such as a status.

        Returns
        -------
        str
            The text, or the name, translated where it is a message, and made harmless.

        Examples
        --------
        >>> read_texts("nl").get("status", "island")
        'alleen een los stuk looproute dichtbij'
        """
        return str(self.table[section].get(name) or plain(translate(name, self.code), longest=900))

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
        return self.plural(f"count.{key}", n, n=self.number(n))

    def plural(self, key: str, count: int, /, **values: object) -> str:
        """Fill the singular or the plural of a text.

        Parameters
        ----------
        key
            Section and name with a dot between them; the text is a pair.
        count
            How many there are.
        **values
            What goes into the braces.

        Returns
        -------
        str
            The text; not escaped.

        Examples
        --------
        >>> read_texts("nl").plural("outcome.unreachable", 2, classes="de huisarts en de halte")
        'de huisarts en de halte zijn niet te voet bereikbaar'
        """
        from babel import Locale

        section, _, name = key.partition(".")
        one, other = self.table[section][name]
        form = Locale.parse(self._locale).plural_form(count)
        return str(one if form == "one" else other).format(**values)

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
        from babel.lists import format_list

        return format_list(names, locale=self._locale)

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
        text = _pattern(decimals).apply(abs(rounded), self._locale)
        sign = "\u2212" if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + text

    def metres(self, value: float, *, limit_m: float | None = None) -> str:
        r"""Write a distance in whole metres.

        Parameters
        ----------
        value
            Metres.
        limit_m
            A limit in metres beside which it is read: what lies beyond is never rounded to it.

        Returns
        -------
        str
            With a space that does not break before the unit.

        Examples
        --------
        >>> nl = read_texts("nl")
        >>> nl.metres(1234.4), nl.metres(400.4), nl.metres(400.4, limit_m=400.0)
        ('1.234\xa0m', '400\xa0m', '401\xa0m')
        """
        if not is_known(value):
            return self.number(value)
        shown = round(value)
        if limit_m is not None and shown <= limit_m < value:
            shown = math.floor(limit_m) + 1
        return f"{self.number(shown)}\u00a0m"

    def distance(self, value: float, *, limit_m: float | None = None) -> str:
        r"""Write a distance as one says it: metres under a kilometre, else kilometres with one decimal.

        Parameters
        ----------
        value
            Metres.
        limit_m
            A limit in metres beside which it is read: what lies beyond is never rounded to it.

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
        kilometres = round(value / 1000, 1) if is_known(value) else 0.0
        at_limit = limit_m is not None and 1000 * kilometres <= limit_m < value
        if not is_known(value) or round(value) < 1000 or at_limit:  # noqa: PLR2004
            return self.metres(value, limit_m=limit_m)
        return f"{self.number(kilometres, 1)}\u00a0km"

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

    def quantity(
        self, value: object, unit: str, *, shown: str = "", limit_m: float | None = None
    ) -> str:
        r"""Write a raw value with the unit its criterion gives.

        Parameters
        ----------
        value
            A number, or a word such as ``ja``.
        unit
            ``m``, ``dB``, ``aandeel`` (a share of 0–1), ``log2``, ``afwijking van Nederland`` or any
            other word, which is written after the number.
        shown
            The unit in this language, where that is another word.
        limit_m
            A limit in metres beside which a distance is read.

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
        number = as_number(value)
        if number is None:
            return plain(value)
        if unit == "m":
            return self.metres(number, limit_m=limit_m)
        if unit in {"aandeel", "share"}:
            return self.percent(number)
        if unit in {"log2", "afwijking van Nederland"}:
            return self.number(number, 2, signed=True)
        decimals = 1 if unit == "dB" else 0 if number == round(number) else 2
        return f"{self.number(number, decimals)}\u00a0{plain(shown or unit)}".rstrip("\u00a0")

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
        from babel.dates import format_date

        text = plain(value)
        try:
            day = dt.date.fromisoformat(text[:10])
        except ValueError:
            return text
        return format_date(day, "long", locale=self._locale)

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
        raise StudyError(
            "no screen texts in language {lang!r}; choose one of {languages}",
            lang=lang,
            languages=", ".join(LANGUAGES),
        )
    return Texts(lang, read_toml(_KNOWLEDGE / f"texts_{lang}.toml"))
