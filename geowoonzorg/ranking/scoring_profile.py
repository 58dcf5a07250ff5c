"""Scoring profiles: which criteria count, over which anchors and with what weight, as data.

A profile is a TOML file, ours in ``knowledge/scoring`` or a user's own. Everything in it is checked
here, once and all at once, so that `scoring` can trust it.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geowoonzorg._faults import Faults, is_number
from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import profile_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

PROFILES_DIR: Final = Path(__file__).parents[1] / "knowledge" / "scoring"
LEAST_KNOWN_SHARE: Final = 0.5  # our choice: at least half of the weight rests on something
METRICS: Final[Mapping[str, frozenset[str]]] = {
    "distance": frozenset({"facility_class"}),
    "area_mean": frozenset({"column"}),
    "raster": frozenset({"raster", "kind"}),
    "people_within": frozenset(),
    "site": frozenset({"column"}),
}
RASTER_KINDS: Final = frozenset({"decibel", "share", "mean"})
_COMMON_KEYS: Final = frozenset(
    {"key", "metric", "label", "unit", "weight", "source", "anchors", "levels", "knock_out"}
    | {"label_en", "unit_en", "source_en", "levels_en"}
)
_TWO: Final = 2
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class KnockOut:
    """A limit beyond which a site falls out, and why; the limit itself is still allowed."""

    reason: str
    above: float | None = None
    below: float | None = None
    reason_en: str | None = None


@dataclass(frozen=True)
class Criterion:
    """One thing a site is judged on.

    Attributes
    ----------
    key
        The prefix of its columns: ``<key>_raw``, ``<key>_value``, ``<key>_contribution``.
    metric
        Where the raw measure comes from: ``distance`` (metres walking to the nearest facility of
        ``facility_class``), ``area_mean`` (mean of the areas' ``column`` over the people in the
        walking catchment), ``raster`` (``raster`` over the catchment, averaged by ``kind``),
        ``people_within`` (addresses within the limit) or ``site`` (``column`` of the sites' table).
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
        When a site falls out altogether.
    """

    key: str
    metric: str
    label: str
    unit: str
    weight: float
    source: str
    anchors: tuple[tuple[float, float], ...] = ()
    levels: tuple[tuple[str, float], ...] = ()
    facility_class: str | None = None
    column: str | None = None
    raster: str | None = None
    kind: str | None = None
    knock_out: KnockOut | None = None
    label_en: str | None = None
    unit_en: str | None = None
    source_en: str | None = None
    levels_en: tuple[tuple[str, str], ...] = ()

    @property
    def best_value(self) -> float:
        """The highest value (0–1) that any measure of it brings."""
        return max(value for _, value in self.anchors or self.levels)

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
    criteria
        In the order in which they are shown.
    least_known_share
        0–1: a site of which less of the weight is known gets no score and no rank, because they would
        say more about what is missing than about the place.
    """

    name: str
    title: str
    description: str
    criteria: tuple[Criterion, ...]
    least_known_share: float = LEAST_KNOWN_SHARE
    title_en: str | None = None
    description_en: str | None = None

    @property
    def hash(self) -> str:
        """The SHA-256 (64 hexadecimal digits) of everything in the profile but its English, as printed on outputs."""
        return profile_hash(asdict(self))

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights as shares that sum to 1, shape ``(n_criteria,)``."""
        weights = np.array([criterion.weight for criterion in self.criteria])
        return weights / weights.sum()

    def document(self) -> dict[str, Any]:
        """Give the profile as a TOML document again, from which anybody can go on.

        Returns
        -------
        dict
            ``name``, ``title``, ``description``, ``least_known_share`` and the ``criterion`` tables, as
            `parse_scoring_profile` takes them.

        Examples
        --------
        >>> profile = read_scoring_profile("geclusterd")
        >>> parse_scoring_profile(profile.document()) == profile
        True
        """
        content = {k: v for k, v in asdict(self).items() if k != "criteria" and v is not None}
        return content | {"criterion": [_table(criterion) for criterion in self.criteria]}


def read_scoring_profile(name_or_path: str | Path) -> ScoringProfile:
    """Read a scoring profile that ships with the package, or a user's own.

    Parameters
    ----------
    name_or_path
        ``"geclusterd"`` or ``"zorggeschikt"``, or the path of a TOML file.

    Returns
    -------
    ScoringProfile
        The profile, wholly checked.

    Raises
    ------
    StudyError
        When no profile has that name, or when anything in the file is wrong: all faults at once,
        each with its key path.
    SourceError
        When the file is not there or cannot be read.

    Examples
    --------
    >>> profile = read_scoring_profile("zorggeschikt")
    >>> profile.title, len(profile.criteria)
    ('Zorggeschikt wonen', 12)
    """
    if str(name_or_path).endswith(".toml"):
        return parse_scoring_profile(read_toml(name_or_path), where=str(name_or_path))
    known = sorted(path.stem for path in PROFILES_DIR.glob("*.toml"))
    if str(name_or_path) not in known:
        raise StudyError(
            f"no scoring profile is called {str(name_or_path)!r}; choose from {', '.join(known)}, "
            "or give the path of a .toml file"
        )
    return parse_scoring_profile(
        read_toml(PROFILES_DIR / f"{name_or_path}.toml"), where=f"profile {name_or_path}"
    )


def parse_scoring_profile(content: Mapping[str, Any], *, where: str = "profile") -> ScoringProfile:
    """Check the content of a profile file and turn it into a profile.

    Parameters
    ----------
    content
        The parsed TOML document: ``name``, ``title``, ``description`` and ``[[criterion]]`` tables.
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

    Examples
    --------
    >>> parse_scoring_profile({"name": "leeg"}, where="leeg.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: leeg.toml has 3 faults:
      title: is missing
      description: is missing
      criterion: at least one [[criterion]] is needed
    """
    faults = Faults(where)
    faults.check_keys(
        content,
        {
            "name",
            "title",
            "description",
            "criterion",
            "least_known_share",
            "title_en",
            "description_en",
        },
    )
    least = content.get("least_known_share", LEAST_KNOWN_SHARE)
    if not is_number(least) or not 0 <= least <= 1:
        faults.add("least_known_share", f"must be a number from 0 to 1, not {least!r}")
    texts = {key: faults.text(content, key) for key in ("name", "title", "description")}
    criteria: list[Criterion] = []
    for path, table in faults.tables(content, "criterion"):
        criterion = _parse_criterion(table, path, faults)
        if criterion.key in {earlier.key for earlier in criteria} - {""}:
            faults.add(f"{path}.key", f"{criterion.key!r} is used before")
        criteria.append(criterion)
    if criteria and sum(criterion.weight for criterion in criteria) == 0:
        faults.add("criterion", "the weights sum to 0; at least one must be positive")
    faults.raise_any()
    more: dict[str, Any] = {key: faults.other(content, key) for key in ("title_en", "description_en")}
    faults.raise_any()
    return ScoringProfile(criteria=tuple(criteria), least_known_share=float(least), **texts, **more)


def _table(criterion: Criterion) -> dict[str, Any]:
    """Give a criterion as it stands in a file: without what it does not have."""
    table = {key: value for key, value in asdict(criterion).items() if value not in (None, ())}
    if criterion.levels:
        table["levels"] = dict(criterion.levels)
    if criterion.levels_en:
        table["levels_en"] = dict(criterion.levels_en)
    if criterion.anchors:
        table["anchors"] = [list(pair) for pair in criterion.anchors]
    if criterion.knock_out is not None:
        table["knock_out"] = {
            key: value for key, value in asdict(criterion.knock_out).items() if value is not None
        }
    return table


def _parse_criterion(table: Mapping[str, Any], path: str, faults: Faults) -> Criterion:
    """Check one ``[[criterion]]``; faults are reported, what is returned is then of no use."""
    metric = faults.text(table, "metric", path)
    own: frozenset[str] = METRICS.get(metric, frozenset())
    if metric in METRICS:
        faults.check_keys(table, _COMMON_KEYS | own, path)
    elif metric:
        faults.add(f"{path}.metric", f"{metric!r} is unknown; choose from {', '.join(METRICS)}")
    key = faults.text(table, "key", path)
    if key and not _KEY.fullmatch(key):
        faults.add(f"{path}.key", f"{key!r} must be lower-case letters, digits and _")
    texts = {name: faults.text(table, name, path) for name in sorted(own)}
    if texts.get("kind") and texts["kind"] not in RASTER_KINDS:
        choice = ", ".join(sorted(RASTER_KINDS))
        faults.add(f"{path}.kind", f"{texts['kind']!r} is unknown; choose from {choice}")
    unit = table.get("unit")
    if not isinstance(unit, str):
        faults.add(f"{path}.unit", f"must be a text, which may be empty, not {unit!r}")
    anchors, levels = _parse_scale(table, path, faults)
    return Criterion(
        key=key,
        metric=metric,
        label=faults.text(table, "label", path),
        unit=str(unit),
        weight=faults.weight(table, path),
        source=faults.text(table, "source", path),
        label_en=faults.other(table, "label_en", path),
        unit_en=faults.other(table, "unit_en", path),
        source_en=faults.other(table, "source_en", path),
        levels_en=tuple((str(k), str(v)) for k, v in table.get("levels_en", {}).items()),
        anchors=anchors,
        levels=levels,
        knock_out=_parse_knock_out(table, path, faults),
        **texts,
    )


def _parse_scale(
    table: Mapping[str, Any], path: str, faults: Faults
) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[str, float], ...]]:
    """Check ``anchors`` or ``levels``, of which a criterion has exactly one."""
    if ("anchors" in table) == ("levels" in table):
        faults.add(path, "needs either anchors or levels")
    elif "levels" in table:
        return (), _parse_levels(table, path, faults)
    elif not isinstance(anchors := table["anchors"], list) or (
        len(anchors) < _TWO or not all(map(_is_pair, anchors))
    ):
        faults.add(f"{path}.anchors", "must be two or more pairs of numbers [raw, value]")
    else:
        if any(left[0] >= right[0] for left, right in pairwise(anchors)):
            raws = [pair[0] for pair in anchors]
            faults.add(f"{path}.anchors", f"raw must rise from pair to pair, not {raws}")
        if outside := [value for _, value in anchors if not 0 <= value <= 1]:
            faults.add(f"{path}.anchors", f"values must lie from 0 to 1, not {outside}")
        return tuple((float(raw), float(value)) for raw, value in anchors), ()
    return (), ()


def _parse_levels(
    table: Mapping[str, Any], path: str, faults: Faults
) -> tuple[tuple[str, float], ...]:
    """Check ``levels``: the value of each word."""
    path = f"{path}.levels"
    levels = table["levels"]
    if table.get("metric") != "site":
        faults.add(path, "only go with metric 'site'; other metrics are numbers")
    if not isinstance(levels, dict) or not levels:
        faults.add(path, "must be a table of words and values, as { ja = 1, nee = 0 }")
        return ()
    wrong = {word for word, value in levels.items() if not is_number(value) or not 0 <= value <= 1}
    for word in sorted(wrong):
        faults.add(f"{path}.{word}", f"must be a value from 0 to 1, not {levels[word]!r}")
    return tuple((w.strip().casefold(), float(v)) for w, v in levels.items() if w not in wrong)


def _parse_knock_out(table: Mapping[str, Any], path: str, faults: Faults) -> KnockOut | None:
    """Check ``knock_out``: a reason and at least one of ``above`` and ``below``."""
    limit = table.get("knock_out")
    if limit is None:
        return None
    path = f"{path}.knock_out"
    if not isinstance(limit, dict):
        faults.add(path, "must be a table, as { above = 800, reason = '…' }")
        return None
    faults.check_keys(limit, {"above", "below", "reason", "reason_en"}, path)
    if "levels" in table:
        faults.add(path, "only goes with anchors; give the word a value of 0 instead")
    if not limit.keys() & {"above", "below"}:
        faults.add(path, "needs above or below")
    limits = {key: faults.number(limit, key, path) for key in ("above", "below") if key in limit}
    return KnockOut(
        reason=faults.text(limit, "reason", path),
        reason_en=faults.other(limit, "reason_en", path),
        **limits,
    )


def _is_pair(pair: object) -> bool:
    """Tell whether an anchor is two numbers."""
    return isinstance(pair, list) and len(pair) == _TWO and all(map(is_number, pair))
