"""The faults of one file, collected so that its user hears all of them at once."""

from __future__ import annotations

import difflib
import math
import sys
from typing import TYPE_CHECKING, Any, TypeGuard

from geowoonzorg.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a TOML value is a finite number; true and false are not."""
    # Compared, as isfinite cannot take a whole number that no float can hold.
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= sys.float_info.max
    )


class Faults:
    """A list of faults, each with its key path.

    Where a check finds a fault it still gives a value of the right type, so that the checks after
    it can go on; nothing made of such values survives `raise_any`.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.found: list[str] = []

    def add(self, path: str, what: str) -> None:
        """Add a fault."""
        self.found.append(f"{path}: {what}")

    def raise_any(self) -> None:
        """Raise a ``StudyError`` with every fault, when there is one."""
        if self.found:
            count = "1 fault" if len(self.found) == 1 else f"{len(self.found)} faults"
            raise StudyError("\n  ".join([f"{self.where} has {count}:", *self.found]))

    def check_keys(self, table: Mapping[str, Any], known: Iterable[str], path: str = "") -> None:
        """Add every key that is not known, with the nearest one that is."""
        known = sorted(known)
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = (
                    f"did you mean {near[0]}?"
                    if near
                    else f"known are {', '.join(k for k in known if not k.endswith('_en'))}"
                )
                self.add(_join(path, key), f"unknown key; {hint}")

    def text(self, table: Mapping[str, Any], key: str, path: str = "") -> str:
        """Give a text that must be there and not be blank."""
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.add(
            _join(path, key), "is missing" if value is None else f"must be a text, not {value!r}"
        )
        return ""

    def other(self, table: Mapping[str, Any], key: str, path: str = "") -> str | None:
        """Give a text in another language, which need not be there."""
        return self.text(table, key, path) if key in table else None

    def number(
        self, table: Mapping[str, Any], key: str, path: str = "", *, above: float = -math.inf
    ) -> float:
        """Give a number that must be there, be finite and lie above a limit."""
        value = table.get(key)
        if is_number(value) and value > above:
            return float(value)
        limit = "" if above == -math.inf else f" above {above:g}"
        self.add(
            _join(path, key),
            "is missing" if value is None else f"must be a number{limit}, not {value!r}",
        )
        return math.nan

    def weight(self, table: Mapping[str, Any], path: str) -> float:
        """Give ``weight``, which must be a number of 0 or more."""
        value = table.get("weight")
        if is_number(value) and value >= 0:
            return float(value)
        self.add(
            f"{path}.weight",
            "is missing" if value is None else f"must be a number of 0 or more, not {value!r}",
        )
        return math.nan

    def tables(
        self, content: Mapping[str, Any], key: str, path: str = ""
    ) -> list[tuple[str, dict[str, Any]]]:
        """Give the ``[[key]]`` tables, of which there must be one or more, each with its path."""
        path = _join(path, key)
        tables = content.get(key)
        if not isinstance(tables, list) or not tables:
            self.add(path, f"at least one [[{path}]] is needed")
            return []
        numbered = [(f"{path}[{number}]", table) for number, table in enumerate(tables, start=1)]
        for where, table in numbered:
            if not isinstance(table, dict):
                self.add(where, f"must be a table, written as [[{path}]]")
        return [(where, table) for where, table in numbered if isinstance(table, dict)]


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
