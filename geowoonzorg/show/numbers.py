"""Numbers, distances and dates as the reader writes them: decimals, thousands and months by Babel."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.messages import spoken_distance
from geowoonzorg.show.cells import as_number, is_known, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel import Locale
    from babel.numbers import NumberPattern

_LOCALES: Final = {"nl": "nl", "en": "en_GB"}


@cache
def _pattern(decimals: int) -> NumberPattern:
    from babel.numbers import parse_pattern

    return parse_pattern("#,##0." + "0" * decimals if decimals else "#,##0")


@cache
def _locale(name: str) -> Locale:
    from babel import Locale

    return Locale.parse(name)  # once: Babel would do it for every number


@dataclass(frozen=True)
class Numbers:
    """One language's way of writing numbers.

    Parameters
    ----------
    code
        ``nl`` or ``en``.
    table
        The texts by section and key; of section ``language`` the words ``unknown`` and ``numbers`` and
        how to write ``percent`` are used.
    """

    code: str
    table: Mapping[str, Any] = field(repr=False)

    @property
    def locale(self) -> str:
        """What Babel calls the language."""
        return _LOCALES[self.code]

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
        >>> from geowoonzorg.show.texts import read_texts
        >>> read_texts("nl").in_words(2), read_texts("nl").in_words(11)
        ('twee', '11')
        """
        words = self.table["language"]["numbers"]
        return str(words[n]) if n < len(words) else self.number(n)

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
        >>> from geowoonzorg.show.texts import read_texts
        >>> nl = read_texts("nl")
        >>> nl.number(1234.5, 1), nl.number(-0.25, 2, signed=True), nl.number(-0.001, 1)
        ('1.234,5', '\u22120,25', '0,0')
        """
        if not is_known(value) or not math.isfinite(value):
            return str(self.table["language"]["unknown"])
        rounded = round(float(value), decimals) + 0.0  # -0.0 + 0.0 is 0.0
        text = _pattern(decimals).apply(abs(rounded), _locale(self.locale))
        sign = "\u2212" if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + text

    def distance(self, value: float, *, limit_m: float | None = None) -> str:
        r"""Write a distance as one says it: metres under a kilometre, else kilometres with one decimal.

        Parameters
        ----------
        value
            Metres.
        limit_m
            A limit in metres beside which it is read: neither is what lies beyond ever rounded to it, nor what lies
            within over it.

        Returns
        -------
        str
            With a space that does not break before the unit.

        Examples
        --------
        >>> from geowoonzorg.show.texts import read_texts
        >>> nl = read_texts("nl")
        >>> nl.distance(2338.0), nl.distance(388.2), nl.distance(999.7), nl.distance(400.4, limit_m=400.0)
        ('2,3\xa0km', '388\xa0m', '1,0\xa0km', '401\xa0m')
        """
        if not is_known(value) or not math.isfinite(value):
            return self.number(value)
        number, decimals, unit = spoken_distance(value, limit_m=limit_m)
        return f"{self.number(number, decimals)}\u00a0{unit}"

    def limit(self, value: float) -> str:
        r"""Write a distance that somebody chose, such as a limit: never rounded but to whole metres.

        Parameters
        ----------
        value
            Metres.

        Returns
        -------
        str
            With as many decimals as it takes.

        Examples
        --------
        >>> from geowoonzorg.show.texts import read_texts
        >>> nl = read_texts("nl")
        >>> nl.limit(400.0), nl.limit(1000.0), nl.limit(1250.0)
        ('400\xa0m', '1\xa0km', '1,25\xa0km')
        """
        if not is_known(value) or not math.isfinite(value):
            return self.number(value)
        number, decimals, unit = spoken_distance(value, exact=True)
        return f"{self.number(number, decimals)}\u00a0{unit}"

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
        >>> from geowoonzorg.show.texts import read_texts
        >>> read_texts("nl").percent(0.254), read_texts("en").percent(0.254)
        ('25\xa0%', '25%')
        """
        if not is_known(share):
            return self.number(share)
        return str(self.table["language"]["percent"]).format(n=self.number(100 * share))

    def quantity(
        self,
        value: object,
        unit: str,
        *,
        shown: str = "",
        limit_m: float | None = None,
        exact: bool = False,
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
        exact
            Whether it was chosen, not measured: then a distance is not rounded.

        Returns
        -------
        str
            Decimals follow the unit: none for counts and metres, one for decibels and kilometres, two else.

        Examples
        --------
        >>> from geowoonzorg.show.texts import read_texts
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
            return self.limit(number) if exact else self.distance(number, limit_m=limit_m)
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
        >>> from geowoonzorg.show.texts import read_texts
        >>> read_texts("nl").date("2024-03-03T10:00:00")
        '3 maart 2024'
        """
        from babel.dates import format_date

        text = plain(value)
        try:
            day = dt.date.fromisoformat(text[:10])
        except ValueError:
            return text
        return format_date(day, "long", locale=self.locale)
