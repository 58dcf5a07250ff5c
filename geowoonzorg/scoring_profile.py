"""Scoring profiles: which criteria count, over which anchors and with what weight, as data.

A profile is a TOML file, ours in ``knowledge/scoring`` or a user's own. Everything in it is checked
here, once and all at once, so that `scoring` can trust it.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeGuard

import numpy as np

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

PROFILES_DIR: Final = Path(__file__).parent / "knowledge" / "scoring"
METRICS: Final[Mapping[str, frozenset[str]]] = {
    "distance": frozenset({"facility_class"}),
    "area_mean": frozenset({"column"}),
    "raster": frozenset({"raster", "kind"}),
    "people_within": frozenset(),
    "site": frozenset({"column"}),
}
RASTER_KINDS: Final = frozenset({"decibel", "share", "mean"})
_COMMON_KEYS: Final = frozenset({"key", "metric", "label", "unit", "weight", "source"})
_SCALE_KEYS: Final = frozenset({"anchors", "levels"})
_TWO: Final = 2
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class KnockOut:
    """A limit beyond which a site falls out, and why; the limit itself is still allowed."""

    reason: str
    above: float | None = None
    below: float | None = None


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
    label, unit
        What a reader sees, in Dutch.
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

    def value(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn raw measures into values over the anchors.

        Parameters
        ----------
        raw
            Raw measures in the criterion's unit, NaN where unknown.

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
    """A named set of criteria with their weights."""

    name: str
    title: str
    description: str
    criteria: tuple[Criterion, ...]

    @property
    def hash(self) -> str:
        """The SHA-256 (64 hexadecimal digits) of everything in the profile, as printed on outputs."""
        content = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights as shares that sum to 1, shape ``(n_criteria,)``."""
        weights = np.array([criterion.weight for criterion in self.criteria])
        return weights / weights.sum()


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
    - title: missing
    - description: missing
    - criterion: at least one [[criterion]] is needed
    """
    faults: list[str] = []

    def fault(path: str, what: str) -> None:
        faults.append(f"{path}: {what}")

    for key in sorted(content.keys() - {"name", "title", "description", "criterion"}):
        fault(key, "unknown key")
    texts = {key: _text(content, key, "", fault) for key in ("name", "title", "description")}
    tables = content.get("criterion", [])
    criteria: list[Criterion] = []
    if not isinstance(tables, list) or not tables:
        fault("criterion", "at least one [[criterion]] is needed")
        tables = []
    seen: set[str] = set()
    for number, table in enumerate(tables, start=1):
        path = f"criterion[{number}]"
        if not isinstance(table, dict):
            fault(path, "must be a table, written as [[criterion]]")
            continue
        criterion = _parse_criterion(table, path, fault)
        if criterion.key and criterion.key in seen:
            fault(f"{path}.key", f"{criterion.key!r} is used before")
        seen.add(criterion.key)
        criteria.append(criterion)
    if criteria and sum(criterion.weight for criterion in criteria) == 0:
        fault("criterion", "the weights sum to 0; at least one must be positive")
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise StudyError("\n- ".join([f"{where} has {count}:", *faults]))
    return ScoringProfile(criteria=tuple(criteria), **texts)


def _parse_criterion(
    table: Mapping[str, Any], path: str, fault: Callable[[str, str], None]
) -> Criterion:
    """Check one ``[[criterion]]``; faults are reported, what is returned is then of no use."""
    metric = _text(table, "metric", path, fault)
    own: frozenset[str] = METRICS.get(metric, frozenset())
    if metric and metric not in METRICS:
        fault(f"{path}.metric", f"{metric!r} is unknown; choose from {', '.join(METRICS)}")
    else:
        for key in sorted(table.keys() - _COMMON_KEYS - _SCALE_KEYS - {"knock_out"} - own):
            fault(f"{path}.{key}", f"unknown key for metric {metric!r}")
    key = _text(table, "key", path, fault)
    if key and not _KEY.fullmatch(key):
        fault(f"{path}.key", f"{key!r} must be lower-case letters, digits and _")
    weight = table.get("weight", math.nan)
    if not _is_number(weight) or weight < 0:
        fault(f"{path}.weight", f"must be a number of 0 or more, not {table.get('weight')!r}")
        weight = math.nan
    anchors, levels = _parse_scale(table, path, fault)
    texts = {name: _text(table, name, path, fault) for name in sorted(own)}
    if texts.get("kind") and texts["kind"] not in RASTER_KINDS:
        fault(
            f"{path}.kind",
            f"{texts['kind']!r} is unknown; choose from {', '.join(sorted(RASTER_KINDS))}",
        )
    unit = table.get("unit")
    if not isinstance(unit, str):
        fault(f"{path}.unit", "must be a text, which may be empty")
    return Criterion(
        key=key,
        metric=metric,
        label=_text(table, "label", path, fault),
        unit=str(unit),
        weight=float(weight),
        source=_text(table, "source", path, fault),
        anchors=anchors,
        levels=levels,
        knock_out=_parse_knock_out(table, path, fault),
        **texts,
    )


def _parse_scale(
    table: Mapping[str, Any], path: str, fault: Callable[[str, str], None]
) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[str, float], ...]]:
    """Check ``anchors`` or ``levels``, of which a criterion has exactly one."""
    if ("anchors" in table) == ("levels" in table):
        fault(path, "needs either anchors or levels")
        return (), ()
    if "levels" in table:
        levels = table["levels"]
        if not isinstance(levels, dict) or not levels:
            fault(f"{path}.levels", "must be a table of words and values, as { ja = 1, nee = 0 }")
            return (), ()
        if table.get("metric") != "site":
            fault(f"{path}.levels", "only go with metric 'site'; other metrics are numbers")
        for word, value in levels.items():
            if not _is_number(value) or not 0 <= value <= 1:
                fault(f"{path}.levels.{word}", f"must be a value from 0 to 1, not {value!r}")
                return (), ()
        return (), tuple((word.strip().casefold(), float(value)) for word, value in levels.items())
    anchors = table["anchors"]
    if not isinstance(anchors, list) or len(anchors) < _TWO or not all(map(_is_pair, anchors)):
        fault(f"{path}.anchors", "must be two or more pairs of numbers [raw, value]")
        return (), ()
    if any(left[0] >= right[0] for left, right in pairwise(anchors)):
        fault(
            f"{path}.anchors",
            f"raw must rise from pair to pair, not {[pair[0] for pair in anchors]}",
        )
    if outside := [value for _, value in anchors if not 0 <= value <= 1]:
        fault(f"{path}.anchors", f"values must lie from 0 to 1, not {outside}")
    return tuple((float(raw), float(value)) for raw, value in anchors), ()


def _parse_knock_out(
    table: Mapping[str, Any], path: str, fault: Callable[[str, str], None]
) -> KnockOut | None:
    """Check ``knock_out``: a reason and at least one of ``above`` and ``below``."""
    limit = table.get("knock_out")
    if limit is None:
        return None
    path = f"{path}.knock_out"
    if not isinstance(limit, dict):
        fault(path, "must be a table, as { above = 800, reason = '…' }")
        return None
    for key in sorted(limit.keys() - {"above", "below", "reason"}):
        fault(f"{path}.{key}", "unknown key")
    if "levels" in table:
        fault(path, "only goes with anchors; give the word a value of 0 instead")
    if not limit.keys() & {"above", "below"}:
        fault(path, "needs above or below")
    for key in sorted(limit.keys() & {"above", "below"}):
        if not _is_number(limit[key]):
            fault(f"{path}.{key}", f"must be a number, not {limit[key]!r}")
    return KnockOut(
        reason=_text(limit, "reason", path, fault),
        above=limit.get("above"),
        below=limit.get("below"),
    )


def _text(table: Mapping[str, Any], key: str, path: str, fault: Callable[[str, str], None]) -> str:
    """Give a text that must be there and not be blank."""
    text = table.get(key)
    path = f"{path}.{key}" if path else key
    if text is None:
        fault(path, "missing")
    elif not isinstance(text, str) or not text.strip():
        fault(path, f"must be a text, not {text!r}")
    else:
        return text
    return ""


def _is_number(number: object) -> TypeGuard[float]:
    """Tell whether a TOML value is a finite number; true and false are not."""
    return (
        isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
    )


def _is_pair(pair: object) -> bool:
    """Tell whether an anchor is two numbers."""
    return isinstance(pair, list) and len(pair) == _TWO and all(map(_is_number, pair))
