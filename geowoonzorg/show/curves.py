"""How every measure becomes a value: the curve of each criterion, with the sites on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geowoonzorg.knowledge import said
from geowoonzorg.show.cells import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.show.site_account import SiteAccount
    from geowoonzorg.show.texts import Texts

WIDTH: Final = 120
HEIGHT: Final = 44
_BEYOND: Final = 0.08  # of the scale, on either side: what lies beyond is worth no more and no less


@dataclass(frozen=True)
class Curve:
    """One criterion: its part of the weight, its curve as an SVG line, the sites on it, and the same in words."""

    label: str
    weight: str
    line: str
    dots: tuple[tuple[float, float], ...]
    words: str


def value_curves(
    profile: ScoringProfile, sites: Sequence[SiteAccount], *, texts: Texts
) -> tuple[Curve, ...]:
    r"""Draw the value curve of each criterion of a profile.

    Parameters
    ----------
    profile
        The criteria with their anchors or levels.
    sites
        Whose known measures are drawn as dots.
    texts
        The screen texts.

    Returns
    -------
    tuple of Curve
        In the order of the profile; without a line where the outcome is a word.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> from geowoonzorg.show.texts import read_texts
    >>> first = value_curves(read_scoring_profile("geclusterd"), (), texts=read_texts("en"))[0]
    >>> first.words.replace("\xa0", " ")
    '100 m: 1 · 400 m: 0.8 · 500 m: 0.6 · 800 m: 0.2 · 1.2 km: 0'
    """
    curves = []
    for number, (criterion, share) in enumerate(
        zip(profile.criteria, profile.weights, strict=True)
    ):
        unit = plain(said(criterion, "unit", texts.code))
        label = plain(said(criterion, "label", texts.code))
        steps = criterion.anchors or criterion.levels
        said_steps = [
            (texts.quantity(at, criterion.unit, shown=unit, exact=True), texts.number(value, 2))
            for at, value in _in_words(steps, dict(criterion.levels_en), texts)
        ]
        told = " · ".join(f"{at}: {value.rstrip('0').rstrip('.,')}" for at, value in said_steps)
        line = ""
        dots: tuple[tuple[float, float], ...] = ()
        if criterion.anchors:
            low, high = criterion.anchors[0][0], criterion.anchors[-1][0]
            line = _line(criterion.anchors)
            measured = [site.parts[number] for site in sites if number < len(site.parts)]
            dots = tuple(
                (_across(part.sort_key, low, high), _up(part.value))
                for part in measured
                if part.sort_key is not None and part.value is not None
            )
        curves.append(Curve(label, texts.percent(float(share)), line, dots, told))
    return tuple(curves)


def _in_words(
    steps: Sequence[tuple[object, float]], english: dict[str, str], texts: Texts
) -> list[tuple[object, float]]:
    if texts.code != "en":
        return list(steps)
    return [(english.get(at, at) if isinstance(at, str) else at, value) for at, value in steps]


def _line(anchors: Sequence[tuple[float, float]]) -> str:
    low, high = anchors[0][0], anchors[-1][0]
    points = [(0.0, _up(anchors[0][1]))]
    points += [(_across(at, low, high), _up(value)) for at, value in anchors]
    points.append((float(WIDTH), _up(anchors[-1][1])))
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _across(measure: float, low: float, high: float) -> float:
    share = (measure - low) / (high - low) if high > low else 0.5
    part = _BEYOND + (1 - 2 * _BEYOND) * share
    return round(WIDTH * min(max(part, 0.02), 0.98), 1)


def _up(value: float) -> float:
    return round(4 + (HEIGHT - 8) * (1 - value), 1)
