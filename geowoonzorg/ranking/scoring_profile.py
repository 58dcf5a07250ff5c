"""Scoring profiles: which criteria count, over which anchors and with what weight, as data.

A profile is a TOML file, ours in ``knowledge/scoring`` or a user's own, and may build upon another
(`inheriting`). Everything in it is checked here, once and all at once, so that `scoring` can trust it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import (
    NOT_NEGATIVE,
    SHARE,
    Bound,
    faults_error,
    find_faults,
    profile_hash,
    write_document,
)
from geowoonzorg.measure import metrics
from geowoonzorg.messages import tell
from geowoonzorg.ranking.inheriting import inherit, locate_profile, scoring_profile_names
from geowoonzorg.ranking.rule import shares_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geowoonzorg.messages import Message

LEAST_KNOWN_SHARE: Final = 0.5  # our choice: at least half of the weight rests on something
_IS_KEY: Final = Bound(
    tell("lower-case letters, digits and _"), re.compile(r"[a-z][a-z0-9_]*").fullmatch
)
_IS_METRIC: Final = Bound(
    lambda: tell("one of {choice}", choice=", ".join(sorted(metrics()))),
    lambda name: name in metrics(),
)
_VALUE: Final = Bound(tell("a value from 0 to 1"), lambda value: 0 <= value <= 1)
_LEVELS: Final = Bound(tell("a table of words and values, as {{ ja = 1, nee = 0 }}"), bool)
_ANCHORS: Final = Bound(
    tell("two or more pairs of numbers [raw, value]"), lambda pairs: len(pairs) > 1
)
_KNOCK_OUT: Final = Bound(tell("a table, as {{ above = 800, reason = '…' }}"))
_OVERLAPS: Final = Bound(tell("a table of keys and reasons, as {{ lbm_soc = 'why both count' }}"))
# The keys of which a metric needs some, may take others, and can do nothing with the rest.
_OF_METRICS: Final = (
    "facility_class", "facility_classes", "column", "raster", "kind", "over", "measured",
)  # fmt: skip


@dataclass(frozen=True)
class KnockOut:
    """A limit beyond which a site falls out, and why; the limit itself is still allowed."""

    reason: str
    above: float | None = None
    below: float | None = None
    reason_en: str | None = None

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if self.above is None and self.below is None:
            yield "", tell("needs above or below")


@dataclass(frozen=True)
class Criterion:
    """One thing a site is judged on.

    Attributes
    ----------
    key
        The prefix of its columns: ``<key>_raw``, ``<key>_value``, ``<key>_contribution``.
    metric
        Where the raw measure comes from: ``distance`` (metres to the nearest facility of
        ``facility_class``), ``area_mean`` (mean of the areas' ``column`` over the people in the
        walking catchment), ``raster`` (``raster`` over the catchment or the plot, averaged by ``kind``),
        ``people_within`` (addresses within the limit), ``site`` (``column`` of the sites' table), or
        what the ways to the nearest of ``facility_classes`` meet: ``way_steps``, ``way_kerbs``,
        ``way_slope`` and ``way_bench_gap``.
    label, unit, label_en, unit_en, source_en, levels_en
        What a reader sees; `said` chooses the language.
    weight
        Its weight, not negative; only the share in the profile's sum matters.
    source
        Where the anchors and the weight come from.
    anchors
        Pairs (raw, value 0–1), raw rising: linear between them, flat outside.
    levels
        For a measure in words, instead of anchors: pairs (word in lower case, value 0–1).
    knock_out
        When a site falls out altogether; ``below`` is the radius around what must not be near.
    measured
        Of ``distance``: ``walk``, along the streets, as what is to be reached is; or ``straight``, as noise
        and nuisance go. Walking when nothing is said.
    over
        Of ``raster``: ``site``, where people sleep (the plot, or 25 m around a point), or ``catchment``, all
        that can be walked to. What the study says of the raster when nothing is said.
    overlaps
        Pairs (key of another criterion, why both count although they measure nearly one thing).
    """

    key: str = field(metadata={"must_be": _IS_KEY})
    metric: str = field(metadata={"must_be": _IS_METRIC})
    label: str
    unit: str = field(metadata={"blank": True})
    weight: float = field(metadata={"must_be": NOT_NEGATIVE})
    source: str
    anchors: tuple[tuple[float, float], ...] = field(default=(), metadata={"must_be": _ANCHORS})
    levels: tuple[tuple[str, float], ...] = field(
        default=(), metadata={"must_be": _LEVELS, "each_must_be": _VALUE}
    )
    facility_class: str | None = None
    facility_classes: tuple[str, ...] = ()
    column: str | None = None
    raster: str | None = None
    kind: Literal["decibel", "share", "mean"] | None = None
    over: Literal["site", "catchment"] | None = None
    measured: Literal["walk", "straight"] | None = None
    overlaps: tuple[tuple[str, str], ...] = field(default=(), metadata={"must_be": _OVERLAPS})
    knock_out: KnockOut | None = field(default=None, metadata={"must_be": _KNOCK_OUT})
    label_en: str | None = None
    unit_en: str | None = None
    source_en: str | None = None
    levels_en: tuple[tuple[str, str], ...] = ()

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        known = metrics()[self.metric]
        needed, taken = known.needs, known.needs | known.takes
        for name in _OF_METRICS:
            given = getattr(self, name) not in (None, ())
            if given and name not in taken:
                yield name, tell("does not go with metric {metric!r}", metric=self.metric)
            elif name in needed and not given:
                yield name, tell("is missing")
        if bool(self.anchors) == bool(self.levels):
            yield "", tell("needs either anchors or levels")
        raws = [raw for raw, _ in self.anchors]
        if any(left >= right for left, right in pairwise(raws)):
            yield "anchors", tell("raw must rise from pair to pair, not {raws}", raws=raws)
        if outside := [value for _, value in self.anchors if not 0 <= value <= 1]:
            yield "anchors", tell("values must lie from 0 to 1, not {values}", values=outside)
        if self.levels and self.metric != "site":
            yield "levels", tell("only go with metric 'site'; other metrics are numbers")
        if self.levels and self.knock_out:
            what = tell("only goes with anchors; give the word a value of 0 instead")
            yield "knock_out", what

    @property
    def best_value(self) -> float:
        """The highest value (0–1) that any measure of it brings."""
        return max(value for _, value in self.anchors or self.levels)

    @property
    def is_avoidance(self) -> bool:
        """Whether it is about a facility to stay away from: its value rises with the distance."""
        return self.metric == "distance" and self.anchors[0][1] < self.anchors[-1][1]

    def value(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn raw measures into values over the anchors.

        Parameters
        ----------
        raw
            Raw measures in the criterion's unit, NaN where unknown; infinite where a distance has no end,
            because there is nothing to walk to.

        Returns
        -------
        numpy.ndarray
            Values 0–1 of the same shape, NaN where unknown.

        Examples
        --------
        >>> supermarkt = read_scoring_profile("geclusterd").criteria[0]
        >>> supermarkt.value(np.array([50.0, 450.0, 5000.0, np.nan])).round(2).tolist()
        [1.0, 0.7, 0.0, nan]
        """
        at, value = zip(*self.anchors, strict=True)
        return np.interp(raw, at, value)


@dataclass(frozen=True)
class ScoringProfile:
    """A named set of criteria with their weights.

    Attributes
    ----------
    name, title, description, title_en, description_en
        What is printed on outputs.
    group, group_en
        Who it is for, as policy calls them; empty for a way of living that is for many.
    source, source_en
        Where it is from what this group needs.
    inherits, without
        The profile that its file builds upon, and the criteria of that one that it leaves out. What is
        taken over stands in ``criteria``; of two profiles that ask the same it makes no difference.
    ancestors
        The profiles it builds upon, the nearest first.
    criteria
        In the order in which they are shown.
    least_known_share
        0–1: a site of which less of the weight is known gets no score and no rank, because they would
        say more about what is missing than about the place.
    """

    name: str
    title: str
    description: str
    criteria: tuple[Criterion, ...] = field(metadata={"key": "criterion", "unique": "key"})
    least_known_share: float = field(default=LEAST_KNOWN_SHARE, metadata={"must_be": SHARE})
    group: str | None = None
    source: str | None = None
    title_en: str | None = None
    description_en: str | None = None
    group_en: str | None = None
    source_en: str | None = None
    inherits: str | None = field(default=None, compare=False)
    without: tuple[str, ...] = field(default=(), compare=False)
    ancestors: tuple[str, ...] = field(default=(), compare=False, metadata={"key": None})

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if sum(criterion.weight for criterion in self.criteria) == 0:
            yield "criterion", tell("the weights sum to 0; at least one must be positive")
        keys = {criterion.key for criterion in self.criteria}
        for number, criterion in enumerate(self.criteria, start=1):
            for other, _ in criterion.overlaps:
                if other not in keys - {criterion.key}:
                    where = f"criterion[{number}].overlaps.{other}"
                    yield where, tell("is no other criterion of this profile")
        if self.without and self.inherits is None:
            yield "without", tell("leaves out what is inherited; it needs inherits")

    @property
    def hash(self) -> str:
        """The SHA-256 (64 hexadecimal digits) of everything in the profile but its English, as printed on outputs."""
        apart = ("inherits", "without", "ancestors")  # what was taken over counts, not from where
        return profile_hash({k: v for k, v in asdict(self).items() if k not in apart})

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights as shares that sum to 1, shape ``(n_criteria,)``."""
        return shares_of(np.array([criterion.weight for criterion in self.criteria]))

    def document(self) -> dict[str, Any]:
        """Give the profile as a TOML document again, from which anybody can go on.

        Returns
        -------
        dict
            ``name``, ``title``, ``description``, ``least_known_share`` and the ``criterion`` tables, as
            `parse_scoring_profile` takes them; what was inherited is in it, whatever becomes of its source.

        Examples
        --------
        >>> profile = read_scoring_profile("geclusterd")
        >>> parse_scoring_profile(profile.document()) == profile
        True
        """
        return write_document(replace(self, inherits=None, without=()))


def read_scoring_profile(profile: str | Path | Mapping[str, Any]) -> ScoringProfile:
    """Read a scoring profile that ships with the package, or a user's own.

    Parameters
    ----------
    profile
        A name, such as ``"geclusterd"`` or ``"zorggeschikt"`` (`scoring_profile_names` has them all), the
        path of a TOML file, or what would stand in one, as `parse_scoring_profile` takes it.

    Returns
    -------
    ScoringProfile
        The profile, wholly checked, with what it inherits.

    Raises
    ------
    StudyError
        When no profile has that name, or when anything in the file is wrong: all faults at once,
        each with its key path.
    SourceError
        When the file is not there or cannot be read.

    Examples
    --------
    >>> profile = read_scoring_profile("ouderen_rollator")
    >>> profile.group, profile.ancestors
    ('Ouderen met een rollator', ('geclusterd',))
    >>> own = {"inherits": "geclusterd", "name": "stil", "title": "Stil", "description": "Zonder apotheek."}
    >>> len(read_scoring_profile(own | {"without": ["apotheek"]}).criteria)
    14
    """
    if isinstance(profile, Mapping):
        return parse_scoring_profile(profile)
    name = str(profile)
    path = locate_profile(name, Path())
    if path is None:
        raise StudyError(
            "no scoring profile is called {name!r}; choose from {known}, or give the path of a .toml file",
            name=name, known=", ".join(scoring_profile_names()),
        )  # fmt: skip
    where = str(path) if name.lower().endswith(".toml") else tell("profile {name}", name=name)
    return _parse(read_toml(path), where=where, folder=path.parent, seen=(str(path.resolve()),))


def read_shipped_profiles() -> list[ScoringProfile]:
    """Read every profile that comes with the package.

    Returns
    -------
    list of ScoringProfile
        Ways of living first, then groups, each by name.

    Examples
    --------
    >>> [profile.name for profile in read_shipped_profiles()][:2]
    ['geclusterd', 'zorggeschikt']
    """
    every = [read_scoring_profile(name) for name in scoring_profile_names()]
    return sorted(every, key=lambda profile: (profile.group is not None, profile.name))


def parse_scoring_profile(content: Mapping[str, Any], *, where: str = "profile") -> ScoringProfile:
    """Check the content of a profile file and turn it into a profile.

    Parameters
    ----------
    content
        The parsed TOML document: ``name``, ``title``, ``description`` and ``[[criterion]]`` tables, and
        ``inherits`` where it builds upon another profile.
    where
        What messages call the document.

    Returns
    -------
    ScoringProfile
        The profile.

    Raises
    ------
    StudyError
        When anything is wrong: all faults at once, each with its key path.
    SourceError
        When a file that it inherits is not there or cannot be read.

    Examples
    --------
    >>> parse_scoring_profile({"name": "leeg"}, where="leeg.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: leeg.toml has 3 faults:
      title: is missing
      description: is missing
      criterion: at least one [[criterion]] is needed
    """
    return _parse(content, where=where, folder=Path(), seen=())


def _parse(
    content: Mapping[str, Any], *, where: str, folder: Path, seen: tuple[str, ...]
) -> ScoringProfile:
    """Check a document with what it inherits; without that, only what can be judged alone."""
    whole = inherit(content, folder=folder, seen=seen)
    if whole.parent is not None:
        read_scoring_profile(whole.parent)  # what is wrong there is told as being there
    alone = (
        "inherits" in content and not whole.ancestors
    )  # what cannot be found cannot be laid below it
    asked = {k: v for k, v in whole.content.items() if not (alone and k == "criterion")}
    profile, faults = find_faults(asked, ScoringProfile, partial=alone)
    if faults := [*whole.faults, *faults]:
        raise faults_error(where, faults)
    by_key = {one.key: one for one in profile.criteria}
    criteria = (
        replace(one, levels=tuple((word.strip().casefold(), value) for word, value in one.levels))
        for one in (by_key[key] for key in whole.order)
    )
    return replace(profile, criteria=tuple(criteria), ancestors=whole.ancestors)
