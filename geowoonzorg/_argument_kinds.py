"""What a compiled loop is for: the types of its arguments, in words that are the same for values and for numba.

The words are those of ``knowledge/kernels.toml``, so that a loop kept compiled is found without loading numba.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What of an array's flags makes another type of it.
_C, _F, _WRITEABLE = 0x001, 0x002, 0x400
_FLAGS: Final = _C | _F | _WRITEABLE
_SCALARS: Final = {bool: "bool", int: "int64", float: "float64", bytes: "bytes"}


def kind_of(value: object) -> Any:  # noqa: ANN401 - whatever can be a key
    """Give a key that is the same for all arguments of one type, as fast as can be: it is asked at every call.

    Parameters
    ----------
    value
        An argument of a loop.

    Returns
    -------
    object
        Hashable.

    Examples
    --------
    >>> kind_of(1.5) is float
    True
    """
    kind = type(value)
    if kind is np.ndarray:
        return value.dtype, value.ndim, value.flags.num & _FLAGS  # type: ignore[attr-defined]
    if issubclass(kind, tuple):
        return kind, *map(kind_of, value)  # type: ignore[call-overload]
    return kind


def words_of(value: object) -> str | None:
    """Say of what type an argument is.

    Parameters
    ----------
    value
        An argument of a loop.

    Returns
    -------
    str or None
        As `type_of` reads it; None for a type that only numba can name.

    Examples
    --------
    >>> words_of((1, np.zeros(2)))
    '(int64; float64 1C)'
    """
    if isinstance(value, np.ndarray):
        item, flags = _words_of_item(value.dtype), value.flags.num
        if item is None or type(value) not in {np.ndarray, np.memmap}:
            return None
        order = "C" if flags & _C else "F" if flags & _F else "A"
        loose = (
            value.dtype.names and not value.dtype.isalignedstruct
        )  # as numba has it: where an array lies is no matter
        words = [item, f"{value.ndim}{order}", *(["readonly"] if not flags & _WRITEABLE else ())]
        return " ".join([*words, "unaligned"] if loose else words)
    if isinstance(value, tuple):
        parts = [words_of(part) for part in value]
        return None if None in parts else f"{_place(type(value))}({'; '.join(map(str, parts))})"
    if isinstance(value, np.generic):
        return _words_of_item(value.dtype)
    return _SCALARS.get(type(value))


def _place(made: type) -> str:
    """Say where a class of named tuples is defined; nothing for a plain tuple."""
    return (
        "" if made is tuple else f"{made.__module__.removeprefix('geowoonzorg.')}:{made.__name__}"
    )


def _words_of_item(dtype: np.dtype[Any]) -> str | None:
    if not dtype.isnative:
        return None
    if dtype.names is None:
        return dtype.name if dtype.kind in "biuf" else None
    fields = {name: dtype[name] for name in dtype.names}
    packed = np.dtype(list(fields.items()))
    if packed != dtype or any(kind.kind not in "biuf" for kind in fields.values()):
        return None
    return "{" + ",".join(f"{name}:{kind.name}" for name, kind in fields.items()) + "}"


def words_of_type(kind: Any) -> str:  # noqa: ANN401 - numba's
    """Say the same of one of numba's types.

    Parameters
    ----------
    kind
        A type of an argument.

    Returns
    -------
    str
        As `words_of` says it of a value.

    Examples
    --------
    >>> import pytest; numba = pytest.importorskip("numba")
    >>> words_of_type(numba.types.float64)
    'float64'
    """
    from numba import types
    from numba.np.numpy_support import as_dtype

    if isinstance(kind, types.Bytes):
        return "bytes"
    if isinstance(kind, types.Array):
        item = str(kind.dtype)
        if isinstance(kind.dtype, types.Record):
            item = _words_of_item(as_dtype(kind.dtype)) or item
        words = [item, f"{kind.ndim}{kind.layout}"]
        words += ["readonly"] * (not kind.mutable) + ["unaligned"] * (not kind.aligned)
        return " ".join(words)
    if isinstance(kind, types.BaseTuple):
        inside = "; ".join(words_of_type(part) for part in kind)
        return f"{_place(getattr(kind, 'instance_class', tuple))}({inside})"
    return str(types.unliteral(kind))


def type_of(text: str) -> Any:  # noqa: ANN401 - numba's
    """Make the type of an argument from its words.

    Parameters
    ----------
    text
        ``int64``, ``float64 1C``, ``uint32 2A readonly``, ``{length:float64,node:uint32} 1C``,
        ``(float64; float64)`` or a named tuple with the place of its class before it.

    Returns
    -------
    numba.types.Type
        The type.

    Raises
    ------
    ValueError
        Where it is no such words.

    Examples
    --------
    >>> import pytest; numba = pytest.importorskip("numba")
    >>> type_of("float64 2C readonly").mutable
    False
    """
    from numba import from_dtype, types

    before, bracket, inside = text.partition("(")
    if bracket:
        parts = [type_of(part) for part in _split(inside[:-1])]
        if not before:
            return types.Tuple(parts)
        module, _, name = before.partition(":")
        kind = getattr(importlib.import_module(f"geowoonzorg.{module}"), name)
        if len({*parts}) == 1:
            return types.NamedUniTuple(parts[0], len(parts), kind)
        return types.NamedTuple(parts, kind)
    if text == "bytes":
        return types.Bytes(types.uint8, 1, "C", readonly=True)
    words = text.split()
    if len(words) == 1:
        return getattr(types, text)
    if words[0].startswith("{"):
        fields = [field.split(":") for field in words[0][1:-1].split(",")]
        item = from_dtype(np.dtype([(name, kind) for name, kind in fields]))
    else:
        item = getattr(types, words[0])
    rest = words[2:]
    return types.Array(
        item, int(words[1][0]), words[1][1], readonly="readonly" in rest, aligned="unaligned" not in rest
    )  # fmt: skip


def _split(text: str) -> Iterable[str]:
    """Part what stands between semicolons, outside brackets."""
    depth, part = 0, ""
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == ";" and not depth:
            yield part.strip()
            part = ""
        else:
            part += sign
    yield part.strip()
