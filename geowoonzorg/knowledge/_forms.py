"""What each type of a dataclass looks like in TOML: whether a value has that form, and the words for it."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from geowoonzorg.messages import Message, tell

if TYPE_CHECKING:
    from collections.abc import Callable


class Bound(NamedTuple):
    """What a value must be, in words that follow "must be", and how to tell."""

    words: Message | Callable[[], Message]
    holds: Callable[[Any], object] = lambda _: True


NOT_NEGATIVE: Final = Bound(tell("a number of 0 or more"), lambda value: value >= 0)
SHARE: Final = Bound(tell("a number from 0 to 1"), lambda value: 0 <= value <= 1)


def is_number(value: object) -> typing.TypeGuard[float]:
    """Tell whether a TOML value is a finite number; true and false are not."""
    # Compared, as isfinite cannot take a whole number that no float can hold.
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= sys.float_info.max
    )


_LONGEST_SHOWN: Final = 80
# What each type accepts, its name in a message, and that of several.
_SCALARS: Final[dict[object, tuple[Callable[[object], bool], Message, Message]]] = {
    str: (lambda value: isinstance(value, str), tell("a text"), tell("a list of texts")),
    Path: (lambda value: isinstance(value, str), tell("a path"), tell("a list of paths")),
    bool: (lambda value: isinstance(value, bool), tell("true or false"), tell("a list")),
    int: (
        lambda value: isinstance(value, int) and is_number(value),
        tell("a whole number"),
        tell("a list of numbers"),
    ),
    float: (is_number, tell("a number"), tell("a list of numbers")),
}


def shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        return "…"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def options(hint: Any) -> list[Any]:  # noqa: ANN401 - an annotation can be anything
    """Give the types that an annotation allows, words with a meaning of their own before other texts.

    None only stands for a key that is not there.
    """
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        inner = [a for a in typing.get_args(hint) if a is not types.NoneType]
        return sorted(inner, key=lambda one: not _is_literal(one))
    return [hint]


def _is_literal(hint: Any) -> bool:  # noqa: ANN401
    origin: Any = typing.get_origin(hint)
    return origin is Literal


def is_pairs(hint: object) -> bool:
    """Tell whether it is a tuple of pairs of a text and a value, which the file has as a table."""
    inner = typing.get_args(hint)
    is_tuple = typing.get_origin(hint) is tuple and typing.get_origin(inner[0]) is tuple
    return is_tuple and typing.get_args(inner[0])[0] is str


def holds_tables(hint: object) -> bool:
    inner = [a for a in typing.get_args(hint) if a is not ...]
    return typing.get_origin(hint) in {tuple, Mapping} and is_dataclass(inner[-1])


def header_of(hint: object, path: str) -> str:
    return f"[{path}.NAME]" if typing.get_origin(hint) is Mapping else f"[[{path}]]"


def fits(value: object, hint: Any) -> bool:  # noqa: ANN401
    """Tell whether a TOML value has the form of a type, whatever is in it."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return any(value == one and type(value) is type(one) for one in inner)
    if is_dataclass(hint) or origin is Mapping or is_pairs(hint):
        return isinstance(value, Mapping)
    if origin in {tuple, frozenset}:
        any_length = origin is frozenset or inner[-1] is ...
        return isinstance(value, list) and (any_length or len(value) == len(inner))
    return _SCALARS[hint][0](value)


def words_of(hint: Any, path: str) -> Message:  # noqa: ANN401, PLR0911 - one way of saying it for each kind of type
    """Say what form a type has."""
    first, *others = options(hint)
    if others:
        words = [words_of(option, path) for option in (first, *others)]
        return reduce(lambda one, other: tell("{one} or {other}", one=one, other=other), words)
    origin, inner = typing.get_origin(first), typing.get_args(first)
    if origin is Literal:
        return tell("one of {choice}", choice=", ".join(map(str, inner)))
    if is_dataclass(first):  # one of a list is [[such]], one by itself [such]
        header = f"[{path.rpartition('[')[0]}]" if path.endswith("]") else path
        return tell("a table, written as [{header}]", header=header)
    if holds_tables(first):
        return tell("tables, each written as {header}", header=header_of(first, path))
    if origin is Mapping or is_pairs(first):
        return tell("a table")
    if origin in {tuple, frozenset}:
        return _SCALARS[inner[0]][2] if inner[0] in _SCALARS else tell("a list")
    return _SCALARS[first][1]


def missing(hint: object, path: str) -> Message:
    """Say that a key must be there."""
    if holds_tables(hint):
        return tell("at least one {header} is needed", header=header_of(hint, path))
    return tell("is missing")
