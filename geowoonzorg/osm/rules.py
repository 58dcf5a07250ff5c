"""Rules of a walking profile: what must be tagged for a way to close, or for a node to cut it."""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from geowoonzorg.knowledge import NOT_NEGATIVE, Bound
from geowoonzorg.messages import tell
from geowoonzorg.osm.access_tags import split_values
from geowoonzorg.osm.tag_values import ATTRIBUTE_KEYS, read_attribute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geowoonzorg.messages import Message

_ATTRIBUTE: Final = Bound(
    tell("one of {choice}", choice=", ".join(ATTRIBUTE_KEYS)), lambda name: name in ATTRIBUTE_KEYS
)
TAGS: Final = Bound(tell("a table of key = [values]"))


@dataclass(frozen=True)
class Rule:
    """What closes a way or cuts a node: tags that must be there, or a number beyond a limit.

    Attributes
    ----------
    when
        Key → values; every key must have one of its values. ``"*"`` is any value; ``"@allowed"``,
        ``"@blocked"``, ``"@last_leg"`` and ``"@firm"`` are the profile's lists of that name. Of a tag
        that lists several values one is enough.
    unless
        Key → values; one match lifts the rule.
    attribute, above, below
        A number attribute (unit in its name) and the limit beyond which the rule holds; an
        unknown number never closes. Slopes count both ways.
    junctions
        For nodes: whether the rule also holds where three or more branches meet.
    reason
        What the count of dropped ways or cut nodes calls it.
    source
        Where the rule comes from.
    """

    reason: str
    source: str
    when: Mapping[str, frozenset[str]] = field(default_factory=dict, metadata={"must_be": TAGS})
    unless: Mapping[str, frozenset[str]] = field(default_factory=dict, metadata={"must_be": TAGS})
    attribute: str | None = field(default=None, metadata={"must_be": _ATTRIBUTE})
    above: float = field(default=math.inf, metadata={"must_be": NOT_NEGATIVE})
    below: float = field(default=-math.inf, metadata={"must_be": NOT_NEGATIVE})
    junctions: bool = True

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        limits = {"above": self.above < math.inf, "below": self.below > -math.inf}
        if not self.when and self.attribute is None:
            yield "", tell("would hold everywhere; give it when, or an attribute")
        if self.attribute and not any(limits.values()):
            yield "", tell("an attribute needs above or below")
        for name, given in limits.items():
            if given and self.attribute is None:
                yield name, tell("needs an attribute")

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Tell whether the rule holds for a set of tags.

        Parameters
        ----------
        tags
            OSM key → value.

        Returns
        -------
        bool
            True when the way is closed or the node cut by this rule.

        Examples
        --------
        >>> Rule("steps", "", when={"highway": frozenset({"steps"})}).holds({"highway": "steps"})
        True
        """
        for (
            key,
            values,
        ) in self.when.items():  # plain loops: this is asked of every rule for every set of tags
            if not _has(tags, key, values):
                return False
        if self.attribute is not None:
            number = abs(read_attribute(tags, self.attribute))
            if not (number > self.above or number < self.below):  # NaN is neither
                return False
        for key, values in self.unless.items():  # noqa: SIM110
            if _has(tags, key, values):
                return False
        return True


def _has(tags: Mapping[str, str], key: str, values: frozenset[str]) -> bool:
    """Tell whether a tag has one of these values, or any where ``"*"`` is among them."""
    return key in tags and ("*" in values or not values.isdisjoint(split_values(tags[key])))


def rule_keys(rules: Sequence[Rule], *, presence: bool = False) -> frozenset[str]:
    """Give the tags that rules look at.

    Parameters
    ----------
    rules
        Any rules.
    presence
        Whether only those of which no rule looks at the value.

    Returns
    -------
    frozenset of str
        Keys.

    Examples
    --------
    >>> sorted(rule_keys([Rule("narrow", "", attribute="width_m", below=0.9)]))
    ['est_width', 'width']
    """
    tests = [test for rule in rules for test in (*rule.when.items(), *rule.unless.items())]
    numbers = {key for rule in rules if rule.attribute for key in ATTRIBUTE_KEYS[rule.attribute]}
    if presence:
        return frozenset({key for key, _ in tests} - numbers - {k for k, v in tests if v != {"*"}})
    return frozenset({key for key, _ in tests} | numbers)


def name_lists(
    rules: Sequence[Rule], lists: Mapping[str, frozenset[str]], where: str
) -> tuple[tuple[Rule, ...], list[tuple[str, Message]]]:
    """Put the values of lists where rules name them.

    Parameters
    ----------
    rules
        Rules that may have the name of a list, which begins with ``@``, among their values.
    lists
        Name → values.
    where
        The rules, as faults call them.

    Returns
    -------
    rules : tuple of Rule
        With all values written out.
    faults : list of tuple
        (key path, what is wrong) of every name of a list that there is not.

    Examples
    --------
    >>> rules = [Rule("x", "", when={"access": frozenset({"@shut"})}, unless={"foot": frozenset({"@open"})})]
    >>> named, faults = name_lists(rules, {"@shut": frozenset({"no"})}, "cut")
    >>> named[0].when["access"], [str(what) for _, what in faults], faults[0][0]
    (frozenset({'no'}), ["no list '@open'; choose from @shut"], 'cut[1].unless.foot')
    """
    known = ", ".join(lists)
    faults = [
        (f"{where}[{i}].{side}.{key}", tell("no list {name!r}; choose from {known}", name=value, known=known))
        for i, rule in enumerate(rules, 1)
        for side in ("when", "unless")
        for key, values in getattr(rule, side).items()
        for value in sorted(values)
        if value.startswith("@") and value not in lists
    ]  # fmt: skip

    def whole(tags: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
        return {
            key: frozenset().union(*(lists.get(value, {value}) for value in values))
            for key, values in tags.items()
        }

    named = (replace(rule, when=whole(rule.when), unless=whole(rule.unless)) for rule in rules)
    return tuple(named), faults
