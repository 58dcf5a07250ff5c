"""Every question, by the name of its command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geowoonzorg.ask import indicators, locating, plausibility, sites  # noqa: F401 - each registers itself
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
    ['indicators', 'locate', 'plausibility', 'run']
    """
    return REGISTERED
