"""Every question, by the name of its command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geowoonzorg.ask import (  # noqa: F401 - each registers itself
    compare,
    coverage,
    indicators,
    locating,
    plausibility,
    programme,
    region,
    search,
    sites,
    what_if,
)
from geowoonzorg.ask._registry import REGISTERED, Question

if TYPE_CHECKING:
    from collections.abc import Mapping


def questions() -> Mapping[str, Question]:
    """Give every question by the name of its command.

    Returns
    -------
    mapping
        Command → question.

    Examples
    --------
    >>> sorted(questions())
    ['compare', 'coverage', 'indicators', 'locate', 'plausibility', 'programme', 'region', 'run', 'search', 'what-if']
    """
    return REGISTERED
