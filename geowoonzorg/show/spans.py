"""Between what a measure or a rank may lie, in words, and why it is not known closer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geowoonzorg.show.cells import is_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from geowoonzorg.show.texts import Texts


@dataclass(frozen=True)
class Span:
    """A measure that may be lower or higher than the number found; ``high`` is infinite where it has no end."""

    raw: float
    low: float
    high: float

    @classmethod
    def of(cls, row: Any) -> Span | None:  # noqa: ANN401 - a row of the criteria
        """Read the range of a part of a score.

        Parameters
        ----------
        row
            With ``raw, raw_low, raw_high, value`` and ``value_low``.

        Returns
        -------
        Span or None
            None where the measure is unknown, a word or has no finite number.

        Examples
        --------
        >>> from types import SimpleNamespace
        >>> Span.of(SimpleNamespace(raw=400.0, raw_low=0.0, raw_high=400.0))
        Span(raw=400.0, low=0.0, high=400.0)
        """
        if not is_known(row.raw) or isinstance(row.raw, str) or not math.isfinite(row.raw):
            return None
        raw = float(row.raw)
        low = float(row.raw_low) if is_known(row.raw_low) else raw
        # a file has no way to write that there is no end
        open_end = not is_known(row.raw_high) and is_known(row.raw_low)
        high = math.inf if open_end else float(row.raw_high) if is_known(row.raw_high) else raw
        return cls(raw, low, high)


def span_words(span: Span, write: Callable[[float], str], *, walked: bool, texts: Texts) -> str:
    r"""Write a measure with the range it may lie in.

    Parameters
    ----------
    span
        The measure.
    write
        Writes one number with its unit.
    walked
        Whether it is a distance, of which the low end says that another may be nearer.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        Only the number where its ends are printed the same.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> nl = read_texts("nl")
    >>> span_words(Span(602.0, 0.0, 602.0), nl.distance, walked=True, texts=nl).replace("\xa0", " ")
    'hoogstens 602 m'
    """
    said, low = write(span.raw), write(span.low)
    high = write(span.high) if math.isfinite(span.high) else ""
    if low == said == high:
        return said
    if not walked:
        return _with_ends(said, low, high, texts)
    if not high:
        return texts("span.open_end", raw=said)
    if low == said:
        return texts("span.up_to", raw=said, high=high)
    if said == high:
        return texts("span.at_most", high=high)
    return texts("span.found", raw=said, high=high)


def _with_ends(said: str, low: str, high: str, texts: Texts) -> str:
    """Write a measure and its ends with the unit once, and what it means once."""
    number, meaning, _ = said.partition(" (")
    low, high = (end.partition(" (")[0] for end in (low, high))
    (bare, space, unit), (_, _, same) = low.partition("\u00a0"), high.partition("\u00a0")
    if high and space and unit == same:
        low = bare
    key = "span.between" if high else "span.between_open"
    if meaning:
        key += "_meant"
    return texts(
        key, raw=number, meaning=meaning and said[len(number) + 2 : -1], low=low, high=high
    )


def span_reasons(span: Span, write: Callable[[float], str], *, texts: Texts) -> str:
    """Say why a distance is not known closer.

    Parameters
    ----------
    span
        The distance (m).
    write
        Writes one number with its unit: what is printed the same needs no reason.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        Empty where there is nothing to say.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> nl = read_texts("nl")
    >>> span_reasons(Span(602.0, 0.0, 602.0), nl.distance, texts=nl)
    'er kan er een dichterbij zijn die niet in de gegevens staat'
    """
    said, why = write(span.raw), []
    if write(span.low) != said:
        why.append(texts("span.nearer"))
    if not math.isfinite(span.high):
        why.append(texts("span.unreachable"))
    elif write(span.high) != said:
        why.append(texts("span.further", high=write(span.high)))
    return "; ".join(why)
