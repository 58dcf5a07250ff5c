"""Walking profiles: what may be walked, on which tags that rests, and what OSM leaves unsaid.

A profile is a TOML file, ours in ``knowledge/walking`` or a user's own, that may extend another.
Everything in it is checked here, once and all at once. What is known to be bad closes; what is not
known stays open and is counted as unknown by whoever walks it.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import SHARE, faults_error, profile_hash, read_document
from geowoonzorg.messages import tell
from geowoonzorg.osm.access_tags import AccessWords
from geowoonzorg.osm.cautious import OF_POINTS, CautiousDefault, with_defaults
from geowoonzorg.osm.rules import TAGS, Rule, name_lists, rule_keys
from geowoonzorg.osm.verdicts import DIRECTION_KEYS, WayVerdict, closed, directions

if TYPE_CHECKING:
    from geowoonzorg.messages import Message

PROFILES_DIR: Final = Path(__file__).parents[1] / "knowledge" / "walking"
_LONGEST_CHAIN: Final = 8
#: The lists of rules of a profile.
RULES: Final = ("close", "cut", "private", "cautious_cut")
#: An attribute that a profile may say matters; all but ``kerb`` are columns of the ways.
Attribute = Literal[
    "surface", "smoothness", "width_m", "incline_pct", "kerb", "wheelchair", "lit", "crossing"
]


@dataclass(frozen=True)
class WalkProfile:
    """What may be walked, as data.

    Attributes
    ----------
    name, title, description, source, highway_source, access_source, title_en, description_en
        The profile's name, and what a reader sees.
    hash
        The SHA-256 of the resolved profile but its English, whatever the order or layout of its file.
    matters
        The attributes that must be known of a way to be sure that it can be walked. An answer says of what
        share of its metres one of them is not known, and what is left when that turns out badly.
    highway_open, highway_with_foot, motorroad
        Values of ``highway`` that are open, or open only where tagged for feet; values of
        ``motorroad`` that make any road one of the second kind.
    highway_also
        Tags, key → values, that make a way one to walk on though it has no ``highway``, or one of the
        same name: the value then stands for ``highway``.
    areas, areas_when_closed
        Values of ``highway`` that are walked all over where ``area=yes``, and those of them that are
        areas wherever they are drawn as a ring.
    access_keys, access_allowed, access_blocked
        The access tags in order of authority, and what their values say.
    last_leg, last_leg_highway
        Access values and ``highway`` values of private ground that may be a last leg.
    at_times
        Keys that say something holds only at times, and their values that do not.
    surface_firm
        Values of ``surface`` that are firm: where a rule for what is loose does not hold.
    close, cut, private
        Rules that close ways, that cut at nodes, and that make a way private ground where no access tag
        says anything; those of the profile it extends first.
    cautious, cautious_cut
        What the cautious answer takes where something that matters is not known, those of the profile it
        extends last, the first that fits counting; and rules that cut at nodes in that answer only.
    told_apart_share
        An answer says that it is hardly other than on foot where less of the street than this (0–1) is known to be
        fit or not.
    extends
        The profile whose tables and rules it took over.
    """

    name: str
    title: str
    description: str
    source: str
    matters: tuple[Attribute, ...]
    highway_open: frozenset[str] = field(metadata={"key": "highway.open"})
    highway_with_foot: frozenset[str] = field(metadata={"key": "highway.with_foot"})
    motorroad: frozenset[str] = field(metadata={"key": "highway.motorroad"})
    access_keys: tuple[str, ...] = field(metadata={"key": "access.keys"})
    access_allowed: frozenset[str] = field(metadata={"key": "access.allowed"})
    access_blocked: frozenset[str] = field(metadata={"key": "access.blocked"})
    last_leg: frozenset[str] = field(metadata={"key": "access.last_leg"})
    last_leg_highway: frozenset[str] = field(metadata={"key": "access.last_leg_highway"})
    highway_also: Mapping[str, frozenset[str]] = field(
        default_factory=dict, metadata={"key": "highway.also", "must_be": TAGS}
    )
    areas: frozenset[str] = field(
        default=frozenset({"pedestrian", "footway"}), metadata={"key": "highway.areas"}
    )
    areas_when_closed: frozenset[str] = field(
        default=frozenset(), metadata={"key": "highway.areas_when_closed"}
    )
    at_times: Mapping[str, frozenset[str]] = field(
        default_factory=dict, metadata={"key": "access.at_times", "must_be": TAGS}
    )
    surface_firm: frozenset[str] = field(default=frozenset(), metadata={"key": "surface.firm"})
    highway_source: str | None = field(default=None, metadata={"key": "highway.source"})
    access_source: str | None = field(default=None, metadata={"key": "access.source"})
    close: tuple[Rule, ...] = ()
    cut: tuple[Rule, ...] = ()
    private: tuple[Rule, ...] = ()
    cautious: tuple[CautiousDefault, ...] = ()
    cautious_cut: tuple[Rule, ...] = ()
    told_apart_share: float = field(default=0.0, metadata={"must_be": SHARE})
    title_en: str | None = None
    description_en: str | None = None
    extends: str | None = None
    hash: str = field(default="", metadata={"key": None})

    @property
    def way_matters(self) -> tuple[str, ...]:
        """What matters of ways; a kerb is a point and has no metres."""
        return tuple(name for name in self.matters if name not in OF_POINTS)

    @property
    def way_keys(self) -> frozenset[str]:
        """The tags by which ways are judged."""
        own = {"motorroad", *self.kind_keys, *DIRECTION_KEYS, *self._taken_keys}
        return rule_keys(self.close + self.private) | self._words.asked | own

    @property
    def kind_keys(self) -> frozenset[str]:
        """The tags of which a way that may be walked has at least one."""
        return frozenset({"highway", *self.highway_also})

    @property
    def _taken_keys(self) -> frozenset[str]:
        return frozenset(k for one in self.cautious for k in (*one.when, *one.unless, *one.take))

    @property
    def node_keys(self) -> frozenset[str]:
        """The tags by which nodes are judged."""
        return rule_keys(self.cut + self.cautious_cut) | self._words.asked

    @property
    def presence_keys(self) -> frozenset[str]:
        """The tags of ways of which only counts that they are there, so that names need not be told apart."""
        told = {
            "motorroad", *self.kind_keys, *DIRECTION_KEYS, *self._words.asked, *self._taken_keys,
        }  # fmt: skip
        return rule_keys(self.close + self.private, presence=True) - told

    @cached_property
    def _words(self) -> AccessWords:
        # Private ground that a node lets nobody onto (private) is less open than that of customers.
        some = self.access_blocked & self.last_leg
        order = (self.access_blocked - some, some, self.last_leg - some, self.access_allowed)
        ranks = {value: rank for rank, values in enumerate(order) for value in values}
        return AccessWords(self.access_keys, ranks, self.at_times)

    def kind_of(self, tags: Mapping[str, str]) -> str | None:
        """Say as which value of ``highway`` a way is judged.

        Parameters
        ----------
        tags
            The way's tags, OSM key → value.

        Returns
        -------
        str or None
            Its ``highway``, or that of what else is walked on, such as a pier; None where it is no way.

        Examples
        --------
        >>> read_profile("wandelaar").kind_of({"man_made": "pier"})
        'pier'
        """
        highway = tags.get("highway")
        for key, values in self.highway_also.items():
            value = tags.get(key)
            if value in values and highway in {None, value}:
                return value
        return highway

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
        WayVerdict(forward=True, backward=True, reason=None, last_leg=False, at_times=False)
        >>> rollator.judge_way({"highway": "cycleway", "foot": "use_sidepath"}).reason
        'access'
        """
        tags, at_times = self._words.settle(tags)
        kind = self.kind_of(tags)
        named = any(
            kind in values and tags.get(key) == kind for key, values in self.highway_also.items()
        )
        forward, backward = directions(tags)
        feet, value = self._access(tags, self.access_keys[:1])
        restricted = kind in self.highway_with_foot or tags.get("motorroad") in self.motorroad
        if not named and kind not in self.highway_open and kind not in self.highway_with_foot:
            return closed("highway")
        if restricted and not named and not feet:
            return closed("highway")
        if feet is None:
            feet, value = self._access(tags, self.access_keys[1:])
        reason = next((rule.reason for rule in self.close if rule.holds(tags)), None)
        private = value in self.last_leg and kind in self.last_leg_highway
        if feet is None and any(rule.holds(tags) for rule in self.private):
            feet, private = False, True
        if feet is False:
            if private and not reason and (forward or backward):
                return WayVerdict(forward, backward, "access", last_leg=True, at_times=at_times)
            return closed("access")
        if reason:
            return closed(reason)
        nowhere = None if forward or backward else "direction"
        return WayVerdict(forward, backward, nowhere, at_times=at_times)

    def stays_open(self, tags: Mapping[str, str]) -> bool:
        """Say whether a way (tags) stays open when what is not known of it is taken at its class's cautious default.

        Returns
        -------
        bool
            False also where something that matters is not known and has no default.

        Examples
        --------
        >>> rollator = read_profile("rollator")
        >>> [rollator.stays_open({"highway": highway}) for highway in ("residential", "path")]
        [True, False]
        """
        judged = {**tags, "highway": self.kind_of(tags) or ""}
        filled = with_defaults(judged, self.matters, self.cautious)
        verdict = None if filled is None else self.judge_way(filled)
        return verdict is not None and (verdict.reason is None or verdict.last_leg)

    def judge_node(
        self, tags: Mapping[str, str], *, private: bool = False, cautious: bool = False
    ) -> Rule | None:
        """Say by which rule, if any, a node cuts the way it lies on.

        Parameters
        ----------
        tags
            The node's tags, OSM key → value.
        private
            Whether the way is private ground: who may be there may open a gate that is as private.
        cautious
            By the rules that hold in the cautious answer only.

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
        tags, _ = self._words.settle(tags)
        if private:
            own = [key for key in self.access_keys if tags.get(key) in self.last_leg]
            tags = {key: value for key, value in tags.items() if key not in own}
        rules = self.cautious_cut if cautious else self.cut
        holding = [rule for rule in rules if rule.holds(tags)]
        return next((rule for rule in holding if rule.junctions), holding[0] if holding else None)

    def is_at_times(self, tags: Mapping[str, str]) -> bool:
        """Say whether what tags allow or close holds only at certain hours, seasons or tides.

        Parameters
        ----------
        tags
            The tags of a way or node, OSM key → value.

        Returns
        -------
        bool
            True where it does.

        Examples
        --------
        >>> read_profile("wandelaar").is_at_times({"barrier": "gate", "opening_hours": "08:00-18:00"})
        True
        """
        return self._words.settle(tags)[1]

    def _access(self, tags: Mapping[str, str], keys: tuple[str, ...]) -> tuple[bool | None, str]:
        for key in keys:
            value = tags.get(key, "")
            if value in self.access_allowed:
                return True, value
            if value in self.access_blocked or value in self.last_leg:
                return False, value
        return None, ""


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
    With ``extends`` a profile takes over another's tables key by key, adds its own ``close``, ``cut`` and
    ``cautious_cut`` rules after the other's, and puts its own ``cautious`` defaults before them.

    Examples
    --------
    >>> read_profile("rolstoel").title
    'Met de rolstoel'
    >>> read_profile("step")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: no walking profile 'step'; choose rollator, rolstoel, wandelaar or give a TOML file
    """
    return _read_own(name_or_path) if name_or_path in profile_names() else _read(name_or_path)


def profile_names() -> list[str]:
    """Name the walking profiles that come with the package.

    Returns
    -------
    list of str
        Their names, in alphabetical order.

    Examples
    --------
    >>> profile_names()
    ['rollator', 'rolstoel', 'wandelaar']
    """
    return sorted(p.stem for p in PROFILES_DIR.glob("*.toml"))


def _read(name_or_path: str | Path) -> WalkProfile:
    path = _locate(str(name_or_path), Path())
    if path is None:
        raise StudyError(
            "no walking profile {name!r}; choose {known} or give a TOML file",
            name=str(name_or_path),
            known=", ".join(profile_names()),
        )
    document = {"close": [], "cut": [], "private": []} | _resolve(path)
    profile = _with_lists(read_document(document, WalkProfile, where=_where(path)), path)
    content = {key: value for key, value in document.items() if key != "extends"}
    return replace(profile, hash=profile_hash(content))


def _with_lists(profile: WalkProfile, path: Path) -> WalkProfile:
    """Put the values of the profile's lists where its rules name them."""
    lists = {
        "@allowed": profile.access_allowed,
        "@blocked": profile.access_blocked,
        "@last_leg": profile.last_leg,
        "@firm": profile.surface_firm,
    }
    named = {name: name_lists(getattr(profile, name), lists, name) for name in RULES}
    if faults := [fault for _, wrong in named.values() for fault in wrong]:
        raise faults_error(_where(path), faults)
    rules: dict[str, Any] = {name: found for name, (found, _) in named.items()}
    return replace(profile, **rules)


#: Ours are read once: they do not change, unlike a user's.
_read_own = cache(_read)


def _where(path: Path) -> Message:
    return tell("walking profile {path}", path=path)


def _locate(name: str, folder: Path) -> Path | None:
    if name in profile_names():
        return PROFILES_DIR / f"{name}.toml"
    return folder / name if name.endswith(".toml") else None


def _resolve(path: Path, chain: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a file and merge it with all it extends: tables key by key, rules after the other's."""
    document = read_toml(path)
    read_document(document, WalkProfile, where=_where(path), partial=True)
    if "extends" not in document:
        return document
    parent = _locate(document["extends"], path.parent)
    chain = (*chain, path.resolve())
    if parent is None:
        what = tell("no walking profile {name!r}", name=document["extends"])
        raise faults_error(_where(path), [("extends", what)])
    if len(chain) > _LONGEST_CHAIN or parent.resolve() in chain:
        what = tell("{name!r} comes back to itself", name=document["extends"])
        raise faults_error(_where(path), [("extends", what)])
    merged = _resolve(parent, chain)
    for key, value in document.items():
        before = merged.get(key)
        if f"{key}_en" not in document:
            merged.pop(f"{key}_en", None)  # the other's English is not of this Dutch
        if isinstance(value, dict):
            merged[key] = (before or {}) | value
        elif key in RULES:
            merged[key] = [*(before or []), *value]
        elif key == "cautious":  # of defaults the first that fits counts
            merged[key] = [*value, *(before or [])]
        else:
            merged[key] = value
    return merged
