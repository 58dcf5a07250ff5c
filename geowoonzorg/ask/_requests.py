"""A request to a warm town: one line of JSON, read strictly and of a size that is answered soon."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from geowoonzorg.change import Change
from geowoonzorg.errors import FormatError, GeowoonzorgError, InputError, SourceError, StudyError
from geowoonzorg.knowledge import Bound, find_faults
from geowoonzorg.messages import listed, tell, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_LINE: Final = 1 << 20  # bytes of one request
LONGEST_ID: Final = 200
_MOST_PARTS: Final = 100
_MOST_VERTICES: Final = 2_000
_MOST_LIMITS: Final = 5
_FARTHEST_M: Final = 10_000.0
_CHANGES: Final = ("open", "close", "move", "path", "cut")

_METRES = Bound(tell("more than 0 and at most 10,000 m"), lambda m: 0 < m <= _FARTHEST_M)
_SOME = Bound(tell("at most {most}", most=_MOST_LIMITS), lambda some: len(some) <= _MOST_LIMITS)
_FEW = Bound(tell("at most {most}", most=_MOST_PARTS), lambda some: len(some) <= _MOST_PARTS)
_LINE = Bound(
    tell("2 to {most} pairs of coordinates", most=_MOST_VERTICES),
    lambda some: 1 < len(some) <= _MOST_VERTICES,
)


class Fault(NamedTuple):
    """What a request's error says: what is wrong, where, what to do, and a keyword for programs."""

    what: str
    where: str
    cure: str
    code: str

    def told(self, lang: str) -> dict[str, str]:
        """Say it in a language."""
        what, cure = (translate(words, lang) for words in (self.what, self.cure))
        return {"what": what, "where": self.where, "cure": cure, "code": self.code}


class RefusedError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


@dataclass(frozen=True)
class Nearest:
    """The nearest walk to each class."""

    x: float
    y: float
    classes: tuple[str, ...] = field(default=(), metadata={"must_be": _FEW})
    limit_m: float | None = field(default=None, metadata={"must_be": _METRES})


@dataclass(frozen=True)
class Area:
    """The service area of a point or a facility."""

    x: float | None = None
    y: float | None = None
    facility: str | None = None
    limits_m: tuple[float, ...] = field(
        default=(), metadata={"must_be": _SOME, "each_must_be": _METRES}
    )
    shape: Literal["polygons", "lines"] = "polygons"
    cautious: bool = False


@dataclass(frozen=True)
class Snapped:
    """A line that is drawn by hand, of which the ends are to lie on a street."""

    points: tuple[tuple[float, float], ...] = field(metadata={"must_be": _LINE})
    within_m: float = field(default=10.0, metadata={"must_be": _METRES})


@dataclass(frozen=True)
class WhatIf:
    """What is tried, and whether the study's sites are judged too; the change itself is checked as its file is."""

    sites: bool = False


@dataclass(frozen=True)
class Nothing:
    """A request without keys of its own."""


def read_request(line: str | bytes) -> dict[str, Any]:
    """Read a request, strictly."""
    cure = tell("send one JSON object on one line, of at most {most} bytes", most=LONGEST_LINE)
    if len(line) > LONGEST_LINE:
        raise RefusedError(Fault(tell("the request is too long"), "", cure, "too-long"))
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        request = json.loads(text, parse_constant=_no_number, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise RefusedError(Fault(tell("the request is no JSON"), "", cure, "json")) from error
    if not isinstance(request, dict):
        raise RefusedError(Fault(tell("the request is no JSON object"), "", cure, "json"))
    return request


def _no_number(name: str) -> float:
    raise ValueError(name)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError(pairs)
    return made


def take_number(request: dict[str, Any]) -> object:
    """Take a request's own id, which is given back."""
    number = request.pop("id", None)
    if number is None or (isinstance(number, int | str) and len(str(number)) <= LONGEST_ID):
        return number
    raise RefusedError(
        Fault(tell("the id is no number and no short text"), "id", tell("leave it out, or number the requests"),
              "request")
    )  # fmt: skip


def as_asked(kind: type, request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of that kind
    """Read what is asked as its dataclass; the first fault says where."""
    made: Any
    made, faults = find_faults(request, kind)
    if faults:
        raise RefusedError(
            Fault(listed([tell("{path}: {what}", path=path, what=what) for path, what in faults], between="; "),
                  faults[0][0], tell("mend the request and ask again"), "request")
        )  # fmt: skip
    return made


def read_tried(change: object) -> Change:
    """Read what is tried, of a size that is answered soon."""
    kinds = ", ".join(_CHANGES)
    cure = tell("give a table of {kinds}, each a list of tables", kinds=kinds)
    if not isinstance(change, dict):
        raise RefusedError(Fault(tell("the change is no table"), "change", cure, "request"))
    for name, parts in change.items():
        where = f"change.{short(name)}"
        if name not in _CHANGES:
            raise RefusedError(
                Fault(tell("{name!r} is no kind of change", name=short(name)), where, cure, "request")
            )  # fmt: skip
        if not isinstance(parts, list):
            raise RefusedError(Fault(tell("must be a list"), where, cure, "request"))
        if len(parts) > _MOST_PARTS or any(_vertices(one) > _MOST_VERTICES for one in parts):
            raise RefusedError(
                Fault(tell("the change is too large"), where,
                      tell("try at most {parts} at once, and lines of at most {vertices} points",
                           parts=_MOST_PARTS, vertices=_MOST_VERTICES), "too-long")
            )  # fmt: skip
    try:
        return Change(**change)
    except StudyError as error:
        raise RefusedError(
            Fault(error.message, "change", tell("mend the change and try again"), "change")
        ) from error  # fmt: skip


def _vertices(one: object) -> int:
    """Count the points of a line."""
    lines = [one.get(key) for key in ("coordinates", "lonlat")] if isinstance(one, dict) else []
    return max((len(line) for line in lines if isinstance(line, list)), default=0)


def short(given: object) -> str:
    """Show what was given, no longer than a line."""
    text = str(given)
    return text if len(text) <= LONGEST_ID else f"{text[:LONGEST_ID]}…"


def fault_in(error: GeowoonzorgError, asked: str) -> Fault:
    """Say what the library refuses; what it says itself names the place and often the cure."""
    where = "change" if asked == "what-if" else asked
    if isinstance(error, StudyError):
        return Fault(error.message, where, tell("mend the change and try again"), "change")
    if isinstance(error, InputError | FormatError | SourceError):
        return Fault(error.message, "study", tell("mend the study's file and start again"), "input")
    return Fault(error.message, where, tell("try something else, or start again"), "refused")


def fault_of(error: GeowoonzorgError) -> Fault:
    """Say why a study cannot be kept warm.

    Parameters
    ----------
    error
        What reading it raised.

    Returns
    -------
    Fault
        What is wrong with the study, and what to do.

    Examples
    --------
    >>> fault_of(StudyError("nothing there")).told("en")["where"]
    'study'
    """
    return Fault(
        error.message, "study", tell("mend the study; geowoonzorg check tells all of it"), "study"
    )
