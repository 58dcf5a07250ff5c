"""What whoever is cautious takes where OSM does not say: defaults by class of way, and what stays unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from geowoonzorg.knowledge import Bound
from geowoonzorg.messages import tell
from geowoonzorg.osm.tag_values import ATTRIBUTE_KEYS, read_attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geowoonzorg.messages import Message

#: A property of points, not of ways: it has no metres, and `cautious_cut` is about it.
OF_POINTS: Final = frozenset({"kerb"})
_TAGS: Final = Bound(tell("a table of key = [values]"))


@dataclass(frozen=True)
class CautiousDefault:
    """What a way of some class is taken to be where it has no tag that says so.

    Attributes
    ----------
    when
        Key → values; every key must have one of its values (``"*"`` is any value), its own or taken before.
    unless
        Key → values; one match, and nothing is taken.
    take
        Key → the value it is taken to have, where what it tells of is not known.
    source
        Where that comes from.
    """

    when: Mapping[str, frozenset[str]] = field(metadata={"must_be": _TAGS})
    take: Mapping[str, str]
    source: str
    unless: Mapping[str, frozenset[str]] = field(default_factory=dict, metadata={"must_be": _TAGS})

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if not self.when:
            yield "when", tell("would hold everywhere; give it when")
        for key, value in self.take.items():
            name = _attribute_of(key)
            if name in ATTRIBUTE_KEYS and math.isnan(read_attribute({key: value}, name)):
                yield (
                    f"take.{key}",
                    tell("{value!r} is not a number that OSM has there", value=value),
                )

    def fits(self, tags: Mapping[str, str]) -> bool:
        """Tell whether it is about a way with these tags.

        Parameters
        ----------
        tags
            OSM key → value.

        Returns
        -------
        bool
            Whether every key of ``when`` matches and none of ``unless``. Of a tag with several values
            (``asphalt;paving_stones``) all must match ``when``, and one is enough for ``unless``.

        Examples
        --------
        >>> street = CautiousDefault({"highway": frozenset({"residential"})}, {"surface": "paved"}, "ours")
        >>> street.fits({"highway": "residential"}), street.fits({"highway": "path"})
        (True, False)
        """
        for key, values in self.when.items():
            if not all(_match(tags, key, values)):
                return False
        for key, values in self.unless.items():  # noqa: SIM110
            if any(_match(tags, key, values)):
                return False
        return True


def is_known(tags: Mapping[str, str], attribute: str) -> bool:
    """Tell whether a way's own tags say something of an attribute.

    Parameters
    ----------
    tags
        OSM key → value.
    attribute
        A column of the ways: ``surface``, ``width_m``, …

    Returns
    -------
    bool
        For a number, whether it can be read as one.

    Examples
    --------
    >>> is_known({"width": "1.5"}, "width_m"), is_known({"incline": "up"}, "incline_pct")
    (True, False)
    """
    if attribute in ATTRIBUTE_KEYS:
        return not math.isnan(read_attribute(tags, attribute))
    return attribute in tags


def with_defaults(
    tags: Mapping[str, str], matters: Iterable[str], defaults: Iterable[CautiousDefault]
) -> dict[str, str] | None:
    """Fill in what is not known of a way but matters.

    Parameters
    ----------
    tags
        OSM key → value.
    matters
        The attributes that must be known.
    defaults
        What to take, the first that fits counting.

    Returns
    -------
    dict or None
        The tags with what was taken; None where something that matters is still not known.

    Examples
    --------
    >>> street = CautiousDefault({"highway": frozenset({"residential"})}, {"surface": "paved"}, "ours")
    >>> with_defaults({"highway": "residential"}, ["surface"], [street])
    {'highway': 'residential', 'surface': 'paved'}
    >>> with_defaults({"highway": "path"}, ["surface"], [street]) is None
    True
    """
    filled = dict(tags)
    wanted = {name for name in matters if name not in OF_POINTS and not is_known(tags, name)}
    for default in defaults:
        if wanted and default.fits(filled):
            for key, value in default.take.items():
                if (name := _attribute_of(key)) in wanted:
                    filled[key] = value
                    wanted.discard(name)
    return None if wanted else filled


def _attribute_of(key: str) -> str:
    """Name the attribute that an OSM key tells of."""
    return next((name for name, keys in ATTRIBUTE_KEYS.items() if key in keys), key)


def _match(tags: Mapping[str, str], key: str, values: frozenset[str]) -> list[bool]:
    """Tell of each value of a tag whether it is one of these; OSM joins what holds together with a semicolon."""
    if key not in tags:
        return [False]
    return ["*" in values or told.strip() in values for told in tags[key].split(";")]
