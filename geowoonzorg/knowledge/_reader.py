"""TOML read into dataclasses: types from their annotations, bounds from their fields, every fault at once.

A dataclass is the definition of its file. What a field's ``metadata`` may say:

``must_be``, ``each_must_be``
    A `Bound` on the value, or on each one in it.
``key``
    What the file calls it, ``"study.name"`` for one in a table; None when it does not stand in the file.
``named``
    It is the name of the table itself: ``[class.NAME]``.
``blank``
    The text, or each text in it, may be empty.
``unique``
    The key by which no two tables of a list may be the same.

A method ``_contradictions`` yields what single keys cannot tell, as (key, message).
"""

from __future__ import annotations

import difflib
import functools
import math
import typing
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from geowoonzorg.errors import StudyError
from geowoonzorg.knowledge._forms import (
    Bound,
    fits,
    holds_tables,
    is_pairs,
    missing,
    options,
    shown,
    words_of,
)
from geowoonzorg.messages import Message, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
_NOTHING: Final[Mapping[str, Any]] = {}
_UNSAID: Final[tuple[object, ...]] = (None, (), frozenset(), {}, math.inf, -math.inf)


def read_document(
    content: object,
    kind: type[T],
    *,
    where: str,
    to_path: Callable[[str], Path] = Path,
    partial: bool = False,
) -> T:
    """Check a TOML document against a dataclass and make one of it.

    Parameters
    ----------
    content
        The document.
    kind
        The dataclass, of texts, numbers, truths, paths, literals, tuples, frozensets, mappings and dataclasses.
    where
        What messages call the document.
    to_path
        Makes paths whole; a ``StudyError`` of it is a fault like any other.
    partial
        Whether keys may be missing, because another document has them; what comes back is then of no use.

    Returns
    -------
    object
        The dataclass.

    Raises
    ------
    StudyError
        When any key is unknown, missing or wrong, or keys that are right by themselves contradict each
        other; all are listed with their key path.

    Examples
    --------
    >>> from dataclasses import dataclass, field
    >>> @dataclass(frozen=True)
    ... class Walker:
    ...     name: str
    ...     speed_ms: float = 1.2
    >>> read_document({"name": "Jo", "speed_ms": 1}, Walker, where="jo.toml")
    Walker(name='Jo', speed_ms=1.0)
    >>> read_document({"nam": "Jo"}, Walker, where="jo.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: jo.toml has 2 faults:
      nam: unknown key; did you mean name?
      name: is missing
    """
    made, faults = find_faults(content, kind, to_path=to_path, partial=partial)
    if faults:
        raise faults_error(where, faults)
    return made


def find_faults(
    content: object,
    kind: type[T],
    *,
    to_path: Callable[[str], Path] = Path,
    partial: bool = False,
) -> tuple[T, list[tuple[str, Message]]]:
    """Read a document as `read_document` does, and give its faults to whoever knows of more.

    Parameters
    ----------
    content, kind, to_path, partial
        As `read_document`.

    Returns
    -------
    made : object
        The dataclass, of no use when there are faults.
    faults : list of (str, Message)
        Key paths and what is wrong there.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Walker:
    ...     name: str
    >>> [path for path, _ in find_faults({}, Walker)[1]]
    ['name']
    """
    reading = _Reading(to_path)
    made = reading.table(content, kind, "", partial=partial)
    return typing.cast("T", made), reading.found


def faults_error(where: str, faults: Iterable[tuple[str, Message]]) -> StudyError:
    """Make the error that tells every fault of one file.

    Parameters
    ----------
    where
        The file.
    faults
        Key paths and what is wrong there.

    Returns
    -------
    StudyError
        To be raised.

    Examples
    --------
    >>> print(faults_error("a.toml", [("cap", tell("is missing"))]))
    a.toml has 1 fault:
      cap: is missing
    """
    lines = [tell("{path}: {what}", path=path, what=what) for path, what in faults]
    head = tell("{where} has {n} {n:fault|faults}:", where=where, n=len(lines))
    if len(lines) == 1:
        head = tell("{where} has 1 fault:", where=where)
    return StudyError("{lines}", lines=_joined([head, *lines]))


def _joined(lines: list[Message]) -> Message:
    """Put messages below each other, halved so that thousands of them do not nest as deep."""
    if len(lines) == 1:
        return lines[0]
    half = len(lines) // 2
    return tell("{one}\n  {other}", one=_joined(lines[:half]), other=_joined(lines[half:]))


def write_document(thing: object) -> dict[str, Any]:
    """Give a dataclass as the TOML document that `read_document` would make it of.

    Parameters
    ----------
    thing
        A dataclass whose files `read_document` reads.

    Returns
    -------
    dict
        Tables and keys, without what is none, empty or infinite as it is where a file does not say.

    Examples
    --------
    >>> from geowoonzorg.study import SitesInput
    >>> write_document(SitesInput(Path("sites.gpkg")))
    {'source': 'sites.gpkg'}
    """
    content: dict[str, Any] = {}
    for item in fields(thing):  # type: ignore[arg-type] # whoever calls it has a dataclass
        key, value = _key(item), getattr(thing, item.name)
        unsaid = item.default if item.default_factory is MISSING else item.default_factory()
        if key and not (value == unsaid and value in _UNSAID):
            table, _, last = key.rpartition(".")
            (content.setdefault(table, {}) if table else content)[last] = _plain(value)
    return content


def _plain(value: object) -> object:
    """Give a value as TOML has it: pairs of a text and a value are a table."""
    if is_dataclass(value):
        return write_document(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        if value and all(isinstance(one, tuple) and isinstance(one[0], str) for one in value):
            return {key: _plain(one) for key, one in value}
        return [_plain(one) for one in value]
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value) if isinstance(value, Path) else value


class _FaultyError(AttributeError):
    """A check came upon a value that is wrong by itself."""


class _Faulty:
    """Stands for a value that is wrong or missing: a check that wants to use it goes no further."""

    def _stop(self, *_: object) -> Any:  # noqa: ANN401 - it never comes to that
        raise _FaultyError

    __bool__ = __contains__ = __getattr__ = __getitem__ = __iter__ = __len__ = __str__ = _stop
    __eq__ = __ge__ = __gt__ = __hash__ = __le__ = __lt__ = __radd__ = _stop


_FAULTY: Final = _Faulty()


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    """Give the types of a dataclass's fields: each is a text that Python compiles whenever it is asked."""
    return typing.get_type_hints(kind)


class _Reading:
    """One document being read, and the faults found so far; nothing comes of it when there is one."""

    def __init__(self, to_path: Callable[[str], Path]) -> None:
        self.to_path = to_path
        self.found: list[tuple[str, Message]] = []

    def wrong(self, path: str, words: Message | Callable[[], Message], value: object) -> None:
        """Add that a value is not what it must be."""
        words = words if isinstance(words, Message) else words()
        what = tell("must be {words}, not {value}", words=words, value=shown(value))
        self.found.append((path, what))

    def table(
        self, content: object, kind: type, path: str, *, name: str = "", partial: bool = False
    ) -> object:
        """Turn a table into the dataclass it fills, with stand-ins for what is wrong."""
        values: dict[str, object] = {}
        tables: dict[str, dict[str, Field[Any]]] = {}
        for item in fields(kind):
            table, _, key = _key(item).rpartition(".")
            if item.metadata.get("named"):
                values[item.name] = name
            elif key:
                tables.setdefault(table, {})[key] = item
        tables.setdefault("", {})  # whatever is in it is unknown
        hints = _hints(kind)
        for table, items in tables.items():
            inner = content.get(table, {}) if table and isinstance(content, Mapping) else content
            where = _join(path, table)
            if self.is_known(inner, [*items, *("" if table else filter(None, tables))], where):
                values |= self.keys(inner, items, hints, where, partial=partial)
            else:
                values |= {item.name: _FAULTY for item in items.values()}
        made = kind(**values)
        with suppress(_FaultyError):
            for key, what in getattr(made, "_contradictions", tuple)():
                self.found.append((_join(path, key), what))
        return made

    def is_known(
        self, table: object, known: list[str], path: str
    ) -> typing.TypeGuard[Mapping[str, Any]]:
        """Tell whether it is a table; add every key that is not known, with the nearest that is."""
        if not isinstance(table, Mapping):
            self.wrong(path, tell("a table, written as [{header}]", header=path), table)
            return False
        for key in sorted(set(table).difference(known)):
            if near := difflib.get_close_matches(key, known, n=1):
                what = tell("unknown key; did you mean {near}?", near=near[0])
            else:
                what = tell("unknown key; known are {known}", known=", ".join(sorted(known)))
            self.found.append((_join(path, key), what))
        return True

    def keys(
        self,
        table: Mapping[str, Any],
        items: Mapping[str, Field[Any]],
        hints: Mapping[str, Any],
        path: str,
        *,
        partial: bool,
    ) -> dict[str, object]:
        """Give the fields that a table holds, and add those it should."""
        values = {}
        for key, item in items.items():
            where, hint = _join(path, key), hints[item.name]
            needed = item.default is MISSING and item.default_factory is MISSING
            if key in table and not (needed and holds_tables(hint) and table[key] in ([], {})):
                values[item.name] = self.value(table[key], hint, where, item.metadata)
            elif needed:
                values[item.name] = _FAULTY
                if not partial:
                    self.found.append((where, missing(hint, where)))
        return values

    def value(
        self, value: object, hint: object, path: str, about: Mapping[str, Any] = _NOTHING
    ) -> object:
        """Turn one TOML value into the type that the dataclass asks for, within its bounds."""
        before = len(self.found)
        bound: Bound | None = about.get("must_be")
        option = next((one for one in options(hint) if fits(value, one)), None)
        if option is None:
            self.wrong(path, bound.words if bound else words_of(hint, path), value)
            return _FAULTY
        made = self.made(value, option, path, about)
        if len(self.found) > before:
            return _FAULTY
        if isinstance(value, str) and not (value.strip() or about.get("blank")):
            self.found.append((path, tell("must not be empty")))
        elif bound and not bound.holds(made):
            self.wrong(path, bound.words, value)
        return made if len(self.found) == before else _FAULTY

    def made(self, value: Any, hint: Any, path: str, about: Mapping[str, Any]) -> object:  # noqa: ANN401
        """Turn a value of the right form into what the dataclass asks for."""
        if is_dataclass(hint) and isinstance(hint, type):
            return self.table(value, hint, path)
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        within = {"must_be": about.get("each_must_be"), "blank": about.get("blank")}
        if origin is Mapping or is_pairs(hint):
            of = inner[1] if origin is Mapping else typing.get_args(inner[0])[1]
            made = {
                key: self.table(one, of, f"{path}.{key}", name=key)
                if is_dataclass(of) and isinstance(of, type) and isinstance(one, Mapping)
                else self.value(one, of, f"{path}.{key}", within)
                for key, one in value.items()
            }
            return made if origin is Mapping else tuple(made.items())
        if origin in {tuple, frozenset}:
            self.repeated(value, path, about.get("unique"))
            hints = inner if origin is tuple and inner[-1] is not ... else (inner[0],) * len(value)
            several = [
                self.value(one, of, f"{path}[{number}]", within)
                for number, (one, of) in enumerate(zip(value, hints, strict=True), start=1)
            ]
            return _FAULTY if any(one is _FAULTY for one in several) else origin(several)
        if hint is Path:
            return self.whole(value, path)
        return float(value) if hint is float else value

    def repeated(self, tables: list[Any], path: str, key: str | None) -> None:
        """Add every table that is called as one before it."""
        names = [table.get(key) if isinstance(table, Mapping) else None for table in tables]
        for number, name in enumerate(names, start=1):
            if isinstance(name, str) and name in names[: number - 1]:
                what = tell("{value} is used before", value=shown(name))
                self.found.append((f"{path}[{number}].{key}", what))

    def whole(self, text: str, path: str) -> Path:
        """Make the path of a file whole."""
        try:
            return self.to_path(text)
        except StudyError as error:
            self.found.append((path, tell("{what}", what=error.message)))
            return Path()


def _key(item: Field[Any]) -> str:
    """Give what the file calls a field; empty for one that does not stand in it as a key."""
    return "" if item.metadata.get("named") else item.metadata.get("key", item.name) or ""


def _join(path: str, key: str) -> str:
    return f"{path}.{key}".strip(".")
