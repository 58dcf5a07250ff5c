"""Numbers in OSM tags: widths, kerbs and slopes, and NaN for whatever cannot be read as one."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The tags that number attributes are read from, the first that is present and readable counting.
ATTRIBUTE_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "width_m": ("width", "est_width"),
    "incline_pct": ("incline",),
    # The `width` of a bollard is its own, not that of the gap beside it.
    "opening_m": ("maxwidth:physical", "opening"),
    "kerb_height_m": ("kerb:height",),
}

_LENGTH: Final = re.compile(r"(\d{1,6}(?:[.,]\d{1,6})?)\s{0,3}(m|cm|mm|ft|')?")
_FEET_INCHES: Final = re.compile(r"(\d{1,4})'\s{0,3}(\d{1,3}(?:\.\d{1,3})?)(?:\"|'')")
_METRES: Final = {"m": 1.0, "cm": 0.01, "mm": 0.001, "ft": 0.3048, "'": 0.3048, None: 1.0}
_INCH_M: Final = 0.0254
_INCLINE: Final = re.compile(r"([+-]?\d{1,4}(?:[.,]\d{1,6})?)\s{0,3}(%|°)")
_RATIO: Final = re.compile(r"([+-]?)1\s{0,3}:\s{0,3}(\d{1,4}(?:\.\d{1,3})?)")
_UPRIGHT_DEGREES: Final = 90


def read_attribute(tags: Mapping[str, str], attribute: str) -> float:
    """Read a number attribute from the tags of a way or node.

    Parameters
    ----------
    tags
        OSM key → value.
    attribute
        One of ``width_m``, ``incline_pct``, ``opening_m``, ``kerb_height_m``.

    Returns
    -------
    float
        Metres, or per cent along the way (downwards negative); NaN when absent or unreadable.

    Examples
    --------
    >>> read_attribute({"width": "150 cm"}, "width_m")
    1.5
    >>> round(read_attribute({"incline": "1:12"}, "incline_pct"), 1)
    8.3
    >>> read_attribute({"incline": "up"}, "incline_pct")
    nan
    """
    parse = parse_incline_pct if attribute == "incline_pct" else parse_metres
    for key in ATTRIBUTE_KEYS[attribute]:
        if key in tags:
            number = parse(tags[key])
            if not math.isnan(number):
                return number
    return math.nan


def parse_metres(text: str) -> float:
    """Read a length as OSM writes it.

    Parameters
    ----------
    text
        ``1.5``, ``1,5``, ``1.5 m``, ``150 cm``, ``5'``, ``5'3"``.

    Returns
    -------
    float
        Metres; NaN when it is none of these (a range, a word).

    Notes
    -----
    wiki.openstreetmap.org/wiki/Key:width; metres where no unit is given.

    Examples
    --------
    >>> parse_metres("1,5 m"), parse_metres("0.8-1.2")
    (1.5, nan)
    """
    text = text.strip()
    if found := _LENGTH.fullmatch(text):
        return float(found[1].replace(",", ".")) * _METRES[found[2]]
    if found := _FEET_INCHES.fullmatch(text):
        return int(found[1]) * _METRES["ft"] + float(found[2]) * _INCH_M
    return math.nan


def parse_incline_pct(text: str) -> float:
    """Read a slope as OSM writes it.

    Parameters
    ----------
    text
        ``5%``, ``-8 %``, ``10°``, ``1:12``.

    Returns
    -------
    float
        Per cent, negative downwards; NaN for ``up``, ``down`` and numbers without a unit.

    Notes
    -----
    wiki.openstreetmap.org/wiki/Key:incline.

    Examples
    --------
    >>> parse_incline_pct("-8 %"), parse_incline_pct("steep")
    (-8.0, nan)
    """
    text = text.strip()
    if found := _INCLINE.fullmatch(text):
        number = float(found[1].replace(",", "."))
        if found[2] == "%":
            return number
        return math.tan(math.radians(number)) * 100 if abs(number) < _UPRIGHT_DEGREES else math.nan
    if (found := _RATIO.fullmatch(text)) and float(found[2]) > 0:
        return float(f"{found[1]}{100 / float(found[2])}")
    return math.nan
