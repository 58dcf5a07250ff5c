"""Walking profiles: what may be walked, on which tags that rests, and what OSM leaves unsaid.

A profile is a TOML file, ours in ``knowledge/walking`` or a user's own, that may extend another.
Everything in it is checked here, once and all at once. What is known to be bad closes; what is not
known stays open and is counted as unknown by whoever walks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg._tag_values import ATTRIBUTE_KEYS, read_attribute
from geowoonzorg._walking_file import load_profile, profile_names
from geowoonzorg.knowledge import profile_hash

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Rule", "WalkProfile", "WayVerdict", "profile_names", "read_profile"]

#: The only tags by which a way is one-way for feet; `oneway` is about vehicles.
DIRECTION_KEYS: Final = frozenset({"oneway:foot", "foot:forward", "foot:backward", "conveying"})


@dataclass(frozen=True)
class Rule:
    """What closes a way or cuts a node: tags that must be there, or a number beyond a limit.

    Attributes
    ----------
    when
        Key → values; every key must have one of its values (``"*"`` is any value).
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

    when: Mapping[str, frozenset[str]]
    unless: Mapping[str, frozenset[str]]
    attribute: str | None
    above: float
    below: float
    junctions: bool
    reason: str
    source: str

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
        >>> read_profile("rollator").close[0].holds({"highway": "steps"})
        True
        """
        for key, values in self.when.items():
            value = tags.get(key)
            if value is None or not (value in values or "*" in values):
                return False
        if self.attribute is not None:
            number = abs(read_attribute(tags, self.attribute))
            if not (number > self.above or number < self.below):  # NaN is neither
                return False
        return not any(
            key in tags and (tags[key] in values or "*" in values)
            for key, values in self.unless.items()
        )


@dataclass(frozen=True)
class WayVerdict:
    """Whether a way may be walked, in which directions, and if not, why."""

    forward: bool
    backward: bool
    reason: str | None = None
    last_leg: bool = False  # private ground that leads to a door: closed to who passes through


@dataclass(frozen=True)
class WalkProfile:
    """What may be walked, as data.

    Attributes
    ----------
    name, title, description, source, title_en, description_en
        The profile's name, and what a reader sees.
    hash
        The SHA-256 of the resolved profile but its English, whatever the order or layout of its file.
    matters
        The attributes of which an answer says what share of its metres is unknown.
    highway_open, highway_with_foot, motorroad
        Values of ``highway`` that are open, or open only where tagged for feet; values of
        ``motorroad`` that make any road one of the second kind.
    access_keys, access_allowed, access_blocked
        The access tags in order of authority, and what their values say.
    last_leg, last_leg_highway
        Access values and ``highway`` values of private ground that may be a last leg.
    close, cut
        Rules that close ways and that cut at nodes.
    """

    name: str
    title: str
    description: str
    source: str
    hash: str
    matters: tuple[str, ...]
    highway_open: frozenset[str]
    highway_with_foot: frozenset[str]
    motorroad: frozenset[str]
    access_keys: tuple[str, ...]
    access_allowed: frozenset[str]
    access_blocked: frozenset[str]
    last_leg: frozenset[str]
    last_leg_highway: frozenset[str]
    close: tuple[Rule, ...]
    cut: tuple[Rule, ...]
    title_en: str | None = None
    description_en: str | None = None

    @property
    def way_keys(self) -> frozenset[str]:
        """The tags by which ways are judged."""
        own = {"highway", "motorroad", *self.access_keys, *DIRECTION_KEYS}
        return _rule_keys(self.close) | own

    @property
    def node_keys(self) -> frozenset[str]:
        """The tags by which nodes are judged."""
        return _rule_keys(self.cut)

    def judge_way(self, tags: Mapping[str, str]) -> WayVerdict:
        """Say whether a way may be walked.

        Parameters
        ----------
        tags
            The way's tags, OSM key → value.

        Returns
        -------
        WayVerdict
            The directions that may be walked, seen along the way, and the reason when closed; those of
            private ground are of who may be there.

        Notes
        -----
        ``highway`` decides first, then access (feet before everybody), then the rules in order.

        Examples
        --------
        >>> rollator = read_profile("rollator")
        >>> rollator.judge_way({"highway": "cycleway"})
        WayVerdict(forward=True, backward=True, reason=None, last_leg=False)
        >>> rollator.judge_way({"highway": "cycleway", "foot": "use_sidepath"}).reason
        'access'
        """
        highway = tags.get("highway")
        forward, backward = _directions(tags)
        feet, value = self._access(tags, self.access_keys[:1])
        restricted = highway in self.highway_with_foot or tags.get("motorroad") in self.motorroad
        if highway not in self.highway_open and highway not in self.highway_with_foot:
            return _closed("highway")
        if restricted and not feet:
            return _closed("highway")
        if feet is None:
            feet, value = self._access(tags, self.access_keys[1:])
        reason = next((rule.reason for rule in self.close if rule.holds(tags)), None)
        if feet is False:
            private = value in self.last_leg and highway in self.last_leg_highway and not reason
            if private and (forward or backward):
                return WayVerdict(forward, backward, "access", last_leg=True)
            return _closed("access")
        if reason:
            return _closed(reason)
        return WayVerdict(forward, backward, None if forward or backward else "direction")

    def judge_node(self, tags: Mapping[str, str], *, private: bool = False) -> Rule | None:
        """Say by which rule, if any, a node cuts the way it lies on.

        Parameters
        ----------
        tags
            The node's tags, OSM key → value.
        private
            Whether the way is private ground: who may be there may open a gate that is as private.

        Returns
        -------
        Rule or None
            The first rule that holds, one that also cuts at junctions before one that does not;
            None when the node lets this profile through.

        Examples
        --------
        >>> bollard, stile = {"barrier": "bollard"}, {"barrier": "stile"}
        >>> read_profile("rollator").judge_node(bollard) is None
        True
        >>> read_profile("rollator").judge_node(stile).reason
        'stile'
        >>> read_profile("wandelaar").judge_node(stile) is None
        True
        """
        if private:
            own = [key for key in self.access_keys if tags.get(key) in self.last_leg]
            tags = {key: value for key, value in tags.items() if key not in own}
        holding = [rule for rule in self.cut if rule.holds(tags)]
        return next((rule for rule in holding if rule.junctions), holding[0] if holding else None)

    def _access(self, tags: Mapping[str, str], keys: tuple[str, ...]) -> tuple[bool | None, str]:
        for key in keys:
            value = tags.get(key, "")
            if value in self.access_allowed:
                return True, value
            if value in self.access_blocked:
                return False, value
        return None, ""


def _closed(reason: str) -> WayVerdict:
    return WayVerdict(forward=False, backward=False, reason=reason)


def _directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    oneway = tags.get("oneway:foot")
    conveying = tags.get("conveying")
    forward = not (
        oneway in {"-1", "reverse"} or conveying == "backward" or tags.get("foot:forward") == "no"
    )
    backward = not (
        oneway in {"yes", "1", "true"}
        or conveying == "forward"
        or tags.get("foot:backward") == "no"
    )
    return forward, backward


def _rule_keys(rules: tuple[Rule, ...]) -> frozenset[str]:
    keys = {key for rule in rules for key in (*rule.when, *rule.unless)}
    attributes = {rule.attribute for rule in rules if rule.attribute}
    return frozenset(keys.union(*(ATTRIBUTE_KEYS[a] for a in attributes)))


def read_profile(name_or_path: str | Path) -> WalkProfile:
    """Read a walking profile, ours by its name or a user's by its path.

    Parameters
    ----------
    name_or_path
        ``wandelaar``, ``rollator``, ``rolstoel``, or the path of a TOML file.

    Returns
    -------
    WalkProfile
        The profile, with everything it extends resolved.

    Raises
    ------
    StudyError
        When no such profile exists, when the file is not TOML, or when anything in it is wrong:
        every fault at once, with its key path.
    SourceError
        When the file cannot be read.

    Notes
    -----
    With ``extends`` a profile takes over another's tables key by key, and adds its own ``close``
    and ``cut`` rules after the other's.

    Examples
    --------
    >>> read_profile("rolstoel").title
    'Met de rolstoel'
    >>> read_profile("step")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: no walking profile 'step'; choose rollator, rolstoel, wandelaar or give a TOML file
    """
    return _read_own(name_or_path) if name_or_path in profile_names() else _read(name_or_path)


def _read(name_or_path: str | Path) -> WalkProfile:
    return _build(load_profile(name_or_path))


#: Ours are read once: they do not change, unlike a user's.
_read_own = cache(_read)


def _build(document: dict[str, Any]) -> WalkProfile:
    highway, access = document["highway"], document["access"]
    rules = {
        kind: tuple(
            Rule(
                when={k: frozenset(v) for k, v in rule.get("when", {}).items()},
                unless={k: frozenset(v) for k, v in rule.get("unless", {}).items()},
                attribute=rule.get("attribute"),
                above=float(rule.get("above", "inf")),
                below=float(rule.get("below", "-inf")),
                junctions=rule.get("junctions", True),
                reason=rule["reason"],
                source=rule["source"],
            )
            for rule in document[kind]
        )
        for kind in ("close", "cut")
    }
    return WalkProfile(
        name=document["name"],
        title=document["title"],
        description=document["description"],
        source=document["source"],
        hash=profile_hash({k: v for k, v in document.items() if k != "extends"}),
        matters=tuple(document["matters"]),
        highway_open=frozenset(highway["open"]),
        highway_with_foot=frozenset(highway["with_foot"]),
        motorroad=frozenset(highway["motorroad"]),
        access_keys=tuple(access["keys"]),
        access_allowed=frozenset(access["allowed"]),
        access_blocked=frozenset(access["blocked"]),
        last_leg=frozenset(access["last_leg"]),
        last_leg_highway=frozenset(access["last_leg_highway"]),
        **rules,
        title_en=document.get("title_en"),
        description_en=document.get("description_en"),
    )
