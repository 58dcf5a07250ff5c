"""What a cell of a table says: something or nothing, a number, and a name from outside made harmless."""

from __future__ import annotations

import math
import re
from typing import Any, Final

import pandas as pd

_LONGEST_NAME: Final = 160
# What changes how other characters are read or shown: control characters, and the marks that turn
# the direction of the text around them. A visible sign in their place keeps the name honest.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SPACE: Final = re.compile(r"\s+")


def is_known(value: Any) -> bool:  # noqa: ANN401 - a cell
    """Tell whether a cell holds something: not None, NaN, NA, nor an empty text.

    Parameters
    ----------
    value
        One cell of a table.

    Returns
    -------
    bool
        False where the cell is missing.

    Examples
    --------
    >>> is_known(0.0), is_known(float("nan")), is_known("")
    (True, False, False)
    """
    return bool(value.strip()) if isinstance(value, str) else not pd.isna(value)


def plain(value: object, *, longest: int = _LONGEST_NAME) -> str:
    r"""Make a text from outside safe to look at: one line, no hidden characters, not endless.

    It is not escaped here: the templates and the JSON encoder do that, once, for every string.

    Parameters
    ----------
    value
        Anything from a table; missing becomes an empty text.
    longest
        Where to cut, in characters.

    Returns
    -------
    str
        The text on one line; control and direction marks are shown as U+FFFD.

    Examples
    --------
    >>> plain("De\x00 Haven\u202e\n 3")
    'De� Haven� 3'
    """
    if not is_known(value):
        return ""
    text = _UNSAFE.sub("\ufffd", str(value))
    text = _SPACE.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def as_number(value: object) -> float | None:
    """Read a cell as a number, where it is one.

    Parameters
    ----------
    value
        One cell of a table.

    Returns
    -------
    float or None
        None for words, for yes and no, and for what is not finite.

    Examples
    --------
    >>> as_number("12.5"), as_number("ja"), as_number(True)
    (12.5, None, None)
    """
    if isinstance(value, bool):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
