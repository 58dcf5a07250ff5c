"""Names as people spell them, matched with the names that are known."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Two spellings of which this share of the letters agree are one name, where no other name is as near.
_ALIKE: Final = 0.86
_APART: Final = 0.04
_NUMBER: Final = re.compile(r"^\s*(?:\d{1,2}|[a-z])\s*[.)]\s+", re.IGNORECASE)


class Matched(NamedTuple):
    """What each name that was given is known as.

    Attributes
    ----------
    keys
        By name as given: its key.
    guessed
        The names that are only nearly spelled as a known one.
    unknown
        The names that are like none.
    """

    keys: Mapping[str, str]
    guessed: Sequence[str]
    unknown: Sequence[str]


def plain_name(name: str) -> str:
    """Bring a name into the form that names are compared in.

    Parameters
    ----------
    name
        As somebody wrote it.

    Returns
    -------
    str
        Small letters and digits with single spaces: no accents, signs, nor a number in front.

    Examples
    --------
    >>> plain_name("1. (Dreigend) dak- en thuislozen "), plain_name("'s-Hertogenbosch")
    ('dreigend dak en thuislozen', 's hertogenbosch')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", _NUMBER.sub("", bare).casefold()).strip()


def match_names(given: Iterable[str], known: Mapping[str, Sequence[str]]) -> Matched:
    """Find what names stand for.

    Parameters
    ----------
    given
        Names as they stand in a table.
    known
        By key every spelling that is known.

    Returns
    -------
    Matched
        A name is known by any spelling, whatever its capitals, accents, signs and spaces; else by one that is nearly
        the same, where no other key is as near.

    Examples
    --------
    >>> match_names(["KAMPEN", "Ijselmuiden"], {"k": ["Kampen"], "ij": ["IJsselmuiden"]}).keys
    {'KAMPEN': 'k', 'Ijselmuiden': 'ij'}
    """
    spelled = {plain_name(name): key for key, names in known.items() for name in (*names, key)}
    keys: dict[str, str] = {}
    guessed, unknown = [], []
    for name in dict.fromkeys(given):
        plain = plain_name(name)
        if plain in spelled:
            keys[name] = spelled[plain]
        elif near := _nearest(plain, spelled):
            keys[name] = near
            guessed.append(name)
        else:
            unknown.append(name)
    return Matched(keys, guessed, unknown)


def _nearest(plain: str, spelled: Mapping[str, str]) -> str | None:
    """Find the one key that a spelling is nearly; None where two are as near, or none is."""
    best: dict[str, float] = {}
    for other, key in spelled.items():
        alike = difflib.SequenceMatcher(None, plain, other, autojunk=False).ratio()
        best[key] = max(best.get(key, 0.0), alike)
    ranked = sorted(best, key=lambda key: -best[key])
    if not ranked or best[ranked[0]] < _ALIKE:
        return None
    second = best[ranked[1]] if len(ranked) > 1 else 0.0
    return ranked[0] if best[ranked[0]] - second >= _APART else None
