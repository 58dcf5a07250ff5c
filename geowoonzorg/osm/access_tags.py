"""What access tags say: of a list of values the most open, and of a condition that it holds at times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

CONDITIONAL: Final = ":conditional"
#: ``no @ (Mo-Fr 22:00-06:00); yes @ (…)``: a value, and when it holds.
_CLAUSE: Final = re.compile(r"\s*([^@;()]{1,40})@\s*(?:\([^)]{0,200}\)|[^;]{0,200})")
_SAYS_NOTHING: Final = -1
#: The rank of what lets everybody through.
OPEN: Final = 3


def split_values(text: str) -> list[str]:
    """Split a list of values as OSM writes it.

    Parameters
    ----------
    text
        Such as ``private;customers``.

    Returns
    -------
    list of str
        Its values without spaces around them.

    Notes
    -----
    wiki.openstreetmap.org/wiki/Semi-colon_value_separator.

    Examples
    --------
    >>> split_values("private; customers")
    ['private', 'customers']
    """
    return [part.strip() for part in text.split(";")] if ";" in text else [text]


@dataclass(frozen=True)
class AccessWords:
    """The access keys of a profile and what their values say.

    Attributes
    ----------
    keys
        Access keys in order of authority.
    ranks
        Value → how open it is, the more the higher; `OPEN` for everybody.
    at_times
        Other keys that say something holds only at times → their values that do not.
    """

    keys: tuple[str, ...]
    ranks: Mapping[str, int]
    at_times: Mapping[str, frozenset[str]]

    @property
    def asked(self) -> frozenset[str]:
        """All keys that are looked at."""
        return frozenset(self.keys) | {key + CONDITIONAL for key in self.keys} | set(self.at_times)

    def settle(self, tags: Mapping[str, str]) -> tuple[Mapping[str, str], bool]:
        """Give every access key one value, the most open of its list and of its conditions.

        Parameters
        ----------
        tags
            OSM key → value.

        Returns
        -------
        tags : mapping
            The same with one value per access key.
        at_times : bool
            Whether they hold only at certain hours, seasons or tides.

        Notes
        -----
        Who makes a rule for certain hours lets people through at others, and a walk is not asked at an
        hour: so it counts as open, and is told. wiki.openstreetmap.org/wiki/Conditional_restrictions.

        Examples
        --------
        >>> words = AccessWords(("foot",), {"yes": 3, "customers": 2, "no": 0}, {"tidal": frozenset({"no"})})
        >>> words.settle({"foot": "no;customers"})
        ({'foot': 'customers'}, False)
        >>> words.settle({"foot": "no", "foot:conditional": "yes @ (08:00-18:00)"})[0]["foot"]
        'yes'
        >>> words.settle({"tidal": "yes"})[1], words.settle({"tidal": "no"})[1]
        (True, False)
        """
        settled = dict(tags)
        bound = any(tags[key] not in never for key, never in self.at_times.items() if key in tags)
        for key in self.keys:
            if key not in tags and key + CONDITIONAL not in tags:
                continue
            values = split_values(tags[key]) if key in tags else []
            said = [v.strip() for v in _CLAUSE.findall(tags.get(key + CONDITIONAL, ""))]
            said = [value for value in said if value in self.ranks]
            bound = bound or bool(said)
            if not values:  # what says nothing at other times is not closed by what it says at some
                said = [value for value in said if self._rank(value) == OPEN]
            if any(value in self.ranks for value in (*values, *said)):
                settled[key] = max([*values, *said], key=self._rank)
        return settled, bound

    def _rank(self, value: str) -> int:
        return self.ranks.get(value, _SAYS_NOTHING)
