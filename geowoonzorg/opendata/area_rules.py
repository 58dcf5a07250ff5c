"""The rules for figures of areas that are choices of ours, from ``knowledge/area_rules.toml``."""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, SHARE, read_document


@dataclass(frozen=True)
class CrosswalkRules:
    """When borders are the same, and what a figure carried over them must rest on."""

    same_shape_share: float = field(metadata={"must_be": SHARE})
    outside_share: float = field(metadata={"must_be": SHARE})
    least_known_share: float = field(metadata={"must_be": SHARE})
    sliver_share: float = field(metadata={"must_be": SHARE})
    least_count: float = field(metadata={"must_be": NOT_NEGATIVE})


@dataclass(frozen=True)
class _Words:
    """The words for deviations up to and with a number of standard deviations."""

    nl: str
    en: str
    to: float = math.inf


@dataclass(frozen=True)
class Deviation:
    """In which words a deviation is told, and the spread of each dimension."""

    words: tuple[_Words, ...]
    spread: Mapping[str, float]


@dataclass(frozen=True)
class ForecastWords:
    """What a forecast calls its columns and variants, and from which ages people are counted."""

    ages: tuple[int, ...]
    age: tuple[str, ...]
    variant: tuple[str, ...]
    people: tuple[str, ...]
    variants: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class AreaRules:
    """The rules; see ``knowledge/area_rules.toml``."""

    forecast: ForecastWords
    crosswalk: CrosswalkRules
    deviation: Deviation


@cache
def read_area_rules() -> AreaRules:
    """Read the rules that come with the package.

    Returns
    -------
    AreaRules
        The same object every time.

    Raises
    ------
    StudyError
        When the file is not as it should be, which is a fault of the installation.

    Examples
    --------
    >>> read_area_rules().crosswalk.least_known_share
    0.8
    """
    with as_file(files("geowoonzorg") / "knowledge" / "area_rules.toml") as path:
        return read_document(read_toml(path), AreaRules, where=path.name)


def deviation_words(column: str, value: float, *, lang: str = "nl") -> str:
    """Say a deviation of the Leefbaarometer from the national mean in words.

    Parameters
    ----------
    column
        ``lbm_afw`` or one of its dimensions.
    value
        The deviation as published; NaN where unknown.
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    str
        The words; empty where the value is unknown or the column is no deviation.

    Notes
    -----
    The thresholds are multiples of the standard deviation of the dimension over all wijken: a choice
    of ours, argued in ``knowledge/area_rules.toml``. They are no classes of the Leefbaarometer.

    Examples
    --------
    >>> deviation_words("lbm_afw", -0.08), deviation_words("lbm_vrz", -0.08, lang="en")
    ('iets onder gemiddeld', 'slightly below average')
    """
    rules = read_area_rules().deviation
    spread = rules.spread.get(column)
    if spread is None or math.isnan(value):
        return ""
    found = next(words for words in rules.words if value <= words.to * spread)
    return found.nl if lang == "nl" else found.en
