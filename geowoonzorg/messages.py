"""What the program says to people: English where it is raised, told in their language where it is read.

The English template is the key, as in gettext: the translations stand in ``knowledge/messages``, one file a
wing. A message without a translation is told in English, so a test holds that there is none.
"""

from __future__ import annotations

import json
import math
import re
import string
import tomllib
from contextlib import suppress
from decimal import Decimal
from functools import cache
from importlib.resources import files as package_files
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LANGUAGES: Final = ("nl", "en")
_KILOMETRE: Final = 1000  # metres
_CHOSEN: Final = "limit"
_DISTANCES: Final = ("walk", _CHOSEN)  # metres that were measured, and those that somebody chose
#: A line of a file of translations, in what TOML and JSON have in common.
_PAIR: Final = re.compile(r'^("(?:[^"\\]|\\.)*") = ("(?:[^"\\]|\\.)*")$', re.MULTILINE)
_INERT: Final = {ord(sign): f"&#{ord(sign)};" for sign in "&<>\"'`$\\{}"}


class Message(str):
    """An English sentence that still knows its template and its values."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Any]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as template and values, so that a child process can pass a message on."""
        return _again, (self.template, dict(self.values))


def tell(template: str, /, **values: object) -> Message:
    """Make a message of a template and what belongs in it.

    Parameters
    ----------
    template
        English, with the names of the values in braces, as `str.format` takes them; ``{n:site|sites}``
        is the first word where n is 1, else the second, ``{far:walk}`` a distance that was measured in metres,
        and ``{far:limit}`` one that was chosen.
    **values
        Numbers, names, or messages, which are then translated with it.

    Returns
    -------
    Message
        The English sentence.

    Examples
    --------
    >>> tell("{n} sites have no name", n=3)
    '3 sites have no name'
    >>> tell("{n} {n:site has|sites have} no name", n=1)
    '1 site has no name'
    >>> tell("{m:walk} away, {edge:limit} was asked", m=2338.0, edge=400)
    '2.3 km away, 400 m was asked'
    """
    message = Message(_FILLER.vformat(template, (), values))
    message.template, message.values = template, values
    return message


def listed(messages: Iterable[str], *, between: str = "\n") -> Message:
    """Put sentences after each other, each of which is still translated.

    Parameters
    ----------
    messages
        Messages, or words that have no translation.
    between
        What stands between two.

    Returns
    -------
    Message
        One message; empty where there are none.

    Examples
    --------
    >>> listed(["3 sites", tell("{n} areas", n=2)], between="; ")
    '3 sites; 2 areas'
    """
    values = {f"line{number}": message for number, message in enumerate(messages)}
    return tell(between.join(f"{{{name}}}" for name in values), **values)


def renamed(text: str, old: str, new: str) -> str:
    """Replace a name in a sentence that stays one which can be translated.

    Parameters
    ----------
    text
        From `tell`, or plain text.
    old, new
        What is replaced by what, in the values of a message.

    Returns
    -------
    str
        A message where it was one.

    Examples
    --------
    >>> renamed(tell("{file} is empty", file="a/b/list.csv"), "a/b/", "")
    'list.csv is empty'
    """
    if not isinstance(text, Message):
        return text.replace(old, new)
    if not text.values:  # a text that was made a message whole, such as a file's name
        return tell(text.template.replace(old, new))
    values = {
        name: value if isinstance(value, Real) else renamed(_text(value), old, new)
        for name, value in text.values.items()
    }
    return tell(text.template, **values)


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def _again(template: str, values: Mapping[str, Any]) -> Message:
    return tell(template, **values)


def translate(text: str, lang: str) -> str:
    """Say a message in a language.

    Parameters
    ----------
    text
        From `tell`, or words that have no values.
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    str
        The translation; the English where there is none, and what is no message of ours as it is.

    Examples
    --------
    >>> translate(tell("cancelled; nothing was written"), "nl")
    'afgebroken; er is niets geschreven'
    """
    if isinstance(text, Message):
        found = read_messages(lang).get(text.template, text.template)
        return _Translator(lang).vformat(found, (), text.values)
    return text if lang == "en" else read_messages(lang).get(text, text)


@cache
def read_messages(lang: str) -> dict[str, str]:
    """Read the translations of one language.

    Parameters
    ----------
    lang
        ``"nl"`` or ``"en"``, which has only the names of facility classes.

    Returns
    -------
    dict
        English template → translation, and the key of each facility class → its name.

    Examples
    --------
    >>> read_messages("nl")["cancelled; nothing was written"]
    'afgebroken; er is niets geschreven'
    """
    knowledge = package_files("geowoonzorg") / "knowledge"
    texts = tomllib.loads((knowledge / f"texts_{lang}.toml").read_text("utf-8"))
    found = {key: one for key, (one, *_) in texts["facility_class"].items()}
    for path in sorted((knowledge / "messages").iterdir(), key=str):
        if path.name.endswith(".toml"):
            found |= _read_pairs(path.read_text("utf-8")).get(lang, {})
    return found


def spoken_distance(
    metres: float, *, limit_m: float | None = None, exact: bool = False
) -> tuple[float, int, str]:
    """Say a distance as people do: in metres under a kilometre, else in kilometres.

    Parameters
    ----------
    metres
        A finite number.
    limit_m
        A limit beside which it is read: what is printed lies on the same side of it.
    exact
        Whether it was chosen, not measured: then it is not rounded but to whole metres.

    Returns
    -------
    number : float
        In that unit.
    decimals : int
        With how many decimals it is written: of kilometres one, or more where the limit or ``exact`` asks it.
    unit : str
        ``m`` or ``km``.

    Notes
    -----
    In Dutch 2.338 m reads as two metres and a bit. Pages have the same rule in ``assets/page/tools.js``.

    Examples
    --------
    >>> spoken_distance(388.2), spoken_distance(2338.0), spoken_distance(1240.0, limit_m=1200.0)
    ((388.0, 0, 'm'), (2.3, 1, 'km'), (1.24, 2, 'km'))
    """
    shown = math.floor(metres + 0.5)
    if limit_m is not None:
        edge = math.floor(limit_m + 0.5)
        shown = max(shown, edge + 1) if metres > limit_m else min(shown, edge)
    if shown < _KILOMETRE:
        return float(shown), 0, "m"
    decimals, rounded = 3, shown
    for fewer in range(0 if exact else 1, 3):
        step = 10 ** (3 - fewer)
        near = (shown + step // 2) // step * step
        same_side = limit_m is None or (near > edge) == (shown > edge)
        if same_side and (near == shown or not exact):
            decimals, rounded = fewer, near
            break
    return rounded / _KILOMETRE, decimals, "km"


def _read_pairs(text: str) -> dict[str, dict[str, str]]:
    """Read a document of one table, a pair of texts a line: as JSON, in a tenth of the time that TOML takes."""
    head, _, rows = text.partition("\n[nl]\n")
    pairs = _PAIR.findall(rows)
    told = [line for line in rows.splitlines() if line and not line.startswith("#")]
    if len(pairs) == len(told) and all(line.startswith("#") for line in head.splitlines()):
        with suppress(ValueError):
            return {
                "nl": json.loads("{" + ",".join(f"{one}:{other}" for one, other in pairs) + "}")
            }
    return tomllib.loads(text)


def inert(text: object) -> str:
    """Make a text from outside harmless wherever a map page puts it: HTML, a script, or folium's templates.

    Parameters
    ----------
    text
        Anything.

    Returns
    -------
    str
        Entities for every sign that means something to HTML, JavaScript or Jinja, which folium runs on texts.

    Examples
    --------
    >>> inert("<b>{{ 7*7 }}")
    '&#60;b&#62;&#123;&#123; 7*7 &#125;&#125;'
    """
    return str(text).translate(_INERT)


class _Filler(string.Formatter):
    """Fills a template: as `str.format` does, and with a choice of words by number."""

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401
        one, bar, other = format_spec.partition("|")
        if bar:
            return one if value == 1 else other
        if format_spec in _DISTANCES and isinstance(value, Real):
            return self._distance(float(value), exact=format_spec == _CHOSEN)
        return format(value, format_spec)

    def _distance(self, metres: float, *, exact: bool) -> str:
        if not math.isfinite(metres):
            return format(metres)
        number, decimals, unit = spoken_distance(metres, exact=exact)
        return f"{self.format_field(number, f'.{decimals}f')} {unit}"


class _Translator(_Filler):
    """Fills a template in a language: messages within it are translated, numbers written as people do."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401
        if isinstance(value, Message):
            value = translate(value, self.lang)
        plain = "|" not in format_spec and format_spec not in _DISTANCES
        if self.lang != "en" and plain and _is_amount(value, format_spec):
            return _written(value, format_spec, self.lang)
        return super().format_field(value, format_spec)


_FILLER: Final = _Filler()


def _is_amount(value: object, spec: str) -> bool:
    """Whether a value has decimals or a unit; a whole number may be a year or a code, unless grouping is asked."""
    if isinstance(value, Integral):
        return "," in spec or spec.endswith("%")
    return isinstance(value, Real) and math.isfinite(value)


def _written(value: Any, spec: str, lang: str) -> str:  # noqa: ANN401
    """Write a number with as many decimals as Python does, in signs of the language; as wide or wider."""
    from babel.numbers import format_decimal

    text = format(value, spec)
    number = Decimal(text.strip().rstrip("%").replace(",", ""))
    if not spec and number == number.to_integral_value():
        number = number.to_integral_value()  # 400.0 is Python's word for 400
    decimals = max(0, -int(number.as_tuple().exponent))
    digits = format_decimal(abs(number), "#,##0." + "0" * decimals, locale=lang)
    sign = "\u2212" if number < 0 else "+" if text.strip().startswith("+") else ""
    percent = "\u00a0%" if text.strip().endswith("%") else ""
    return f"{sign}{digits}{percent}".rjust(len(text) if text[:1] == " " else 0)
