"""Whether a way may be walked, in which directions, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The only tags by which a way is one-way for feet; `oneway` is about vehicles.
DIRECTION_KEYS: Final = frozenset({"oneway:foot", "foot:forward", "foot:backward", "conveying"})


@dataclass(frozen=True)
class WayVerdict:
    """Whether a way may be walked, in which directions, and if not, why."""

    forward: bool
    backward: bool
    reason: str | None = None
    last_leg: bool = False  # private ground that leads to a door: closed to who passes through
    at_times: bool = False  # open at certain hours, seasons or tides, which counts as open


def closed(reason: str) -> WayVerdict:
    """Say that a way may not be walked.

    Parameters
    ----------
    reason
        Why not.

    Returns
    -------
    WayVerdict
        In neither direction.

    Examples
    --------
    >>> closed("steps").reason
    'steps'
    """
    return WayVerdict(forward=False, backward=False, reason=reason)


def directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Say in which directions feet may go.

    Parameters
    ----------
    tags
        The way's tags, OSM key → value.

    Returns
    -------
    forward, backward : bool
        Along the way as it is drawn, and against it.

    Examples
    --------
    >>> directions({"oneway:foot": "yes"}), directions({"oneway": "yes"})
    ((True, False), (True, True))
    """
    oneway = tags.get("oneway:foot")
    conveying = tags.get("conveying")
    forward = not (
        oneway in {"-1", "reverse"} or conveying == "backward" or tags.get("foot:forward") == "no"
    )
    backward = not (
        oneway in {"yes", "1", "true"}
        or conveying == "forward"
        or tags.get("foot:backward") == "no"
    )
    return forward, backward
