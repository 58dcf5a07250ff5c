"""Facility classes: which tags and names make an OSM object a huisarts or a supermarkt, as data."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg._faults import Faults, is_number
from geowoonzorg.files import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

CLASSES_FILE: Final = Path(__file__).parents[1] / "knowledge" / "facility_classes.toml"
TAKEN: Final = "taken"
_CLASS_KEYS: Final = frozenset(
    {"title", "title_en", "note", "note_en", "source", "group_m", "nameless", "take"}
)
_TAKE_KEYS: Final = frozenset({"any", "all", "none", "name", "not_name"})

Condition = tuple[str, frozenset[str]]
Words = tuple[str, ...]


@dataclass(frozen=True)
class Take:
    """One way for an object to belong to a class; see ``knowledge/facility_classes.toml``."""

    any_of: tuple[Condition, ...]
    all_of: tuple[Condition, ...]
    none_of: tuple[Condition, ...]
    name: tuple[Words, ...]
    not_name: tuple[Words, ...]

    def judge(self, tags: Mapping[str, str], name: Words) -> str | None:
        """Give ``taken``, why an object of the right kind is passed over, or None for another kind."""
        if self.any_of and not any(_has(tags, condition) for condition in self.any_of):
            return None
        if not all(_has(tags, condition) for condition in self.all_of):
            return None
        if any(_has(tags, condition) for condition in self.none_of):
            return "another kind by its tags"
        if any(_says(name, pattern) for pattern in self.not_name):
            return "another kind by its name"
        if self.name and not any(_says(name, pattern) for pattern in self.name):
            return "its name does not tell"
        return TAKEN


@dataclass(frozen=True)
class FacilityClass:
    """A class of facilities.

    Attributes
    ----------
    key
        Its name in columns and options: ``huisarts``.
    title, title_en
        What a reader sees.
    takes
        The ways for an object to belong to it.
    group_m
        Metres within which objects of one name are one facility; 0 for none.
    nameless
        First words of names that name a part (``spoor 1``), not the facility.
    source
        Where the choice of tags comes from.
    note, note_en
        What a reader must mind; may be empty.
    """

    key: str
    title: str
    takes: tuple[Take, ...]
    group_m: float
    nameless: frozenset[str]
    source: str
    note: str
    title_en: str | None = None
    note_en: str | None = None

    def judge(self, tags: Mapping[str, str], name: Words) -> str | None:
        """Tell whether an object belongs to the class.

        Parameters
        ----------
        tags
            OSM key → value.
        name
            The words of its name, from `words`.

        Returns
        -------
        str or None
            ``"taken"``, or why an object with the right tags is passed over all the same; None for
            an object of another kind.

        Examples
        --------
        >>> supermarkt, school = (read_facility_classes()[k] for k in ("supermarkt", "basisschool"))
        >>> supermarkt.judge({"shop": "supermarket"}, words("Jumbo"))
        'taken'
        >>> school.judge({"amenity": "school"}, words("Prisma"))
        'its name does not tell'
        """
        verdicts = [take.judge(tags, name) for take in self.takes]
        if TAKEN in verdicts:
            return TAKEN
        return next((verdict for verdict in verdicts if verdict), None)

    @property
    def keys(self) -> frozenset[str]:
        """Keys of which an object of this class carries at least one."""
        return frozenset(key for t in self.takes for key, _ in (t.any_of or t.all_of[:1]))

    @property
    def tag_keys(self) -> frozenset[str]:
        """All keys the class looks at."""
        return frozenset(key for t in self.takes for key, _ in (*t.any_of, *t.all_of, *t.none_of))


def words(name: str) -> Words:
    """Split a name into words without capitals, accents and punctuation.

    Parameters
    ----------
    name
        Any text.

    Returns
    -------
    tuple of str
        Its words.

    Examples
    --------
    >>> words("Café 't Trefpunt (wijkcentrum)")
    ('cafe', 't', 'trefpunt', 'wijkcentrum')
    """
    plain = unicodedata.normalize("NFKD", name[:200].casefold())
    return tuple(
        "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split()
    )


def _has(tags: Mapping[str, str], condition: Condition) -> bool:
    key, values = condition
    value = tags.get(key)
    if value is None:
        return False
    return (
        value in values
        or "*" in values
        or (";" in value and not values.isdisjoint(_several(value)))
    )


def _several(value: str) -> list[str]:
    return [one.strip() for one in value.split(";")]


def _says(name: Words, pattern: Words) -> bool:
    n = len(pattern)
    return any(
        all(_is_word(word, wanted) for word, wanted in zip(name[i : i + n], pattern, strict=True))
        for i in range(len(name) - n + 1)
    )


def _is_word(word: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return word.startswith(wanted[:-1])
    if wanted.startswith("*"):
        return word.endswith(wanted[1:])
    return word == wanted


def read_facility_classes(path: str | Path | None = None) -> dict[str, FacilityClass]:
    """Read the facility classes, ours or those of a user's own file.

    Parameters
    ----------
    path
        A TOML file of the same form as ``knowledge/facility_classes.toml``; None for that one.

    Returns
    -------
    dict
        Class name → `FacilityClass`, in the file's order.

    Raises
    ------
    StudyError
        When anything in the file is wrong: every fault at once, with its key path.
    SourceError
        When the file cannot be read.

    Examples
    --------
    >>> list(read_facility_classes())[:3]
    ['huisarts', 'supermarkt', 'apotheek']
    """
    source = path or CLASSES_FILE
    document = read_toml(source)
    faults = Faults(f"{source}")
    faults.check_keys(document, {"never", "class"})
    never = _conditions(document, "never", "never", faults)
    classes = document.get("class")
    if not isinstance(classes, dict) or not classes:
        faults.add("class", "at least one [class.NAME] is needed")
        classes = {}
    found = {key: _read_class(key, table, never, faults) for key, table in classes.items()}
    faults.raise_any()
    return found


def _read_class(
    key: str, table: dict[str, Any], never: tuple[Condition, ...], faults: Faults
) -> FacilityClass:
    where = f"class.{key}"
    faults.check_keys(table, _CLASS_KEYS, where)
    group_m = table.get("group_m", 0.0)
    if not (is_number(group_m) and group_m >= 0):
        faults.add(f"{where}.group_m", f"must be a number of 0 or more, not {group_m!r}")
    takes = []
    for path, take in faults.tables(table, "take", where):
        faults.check_keys(take, _TAKE_KEYS, path)
        any_of, all_of, none_of = (
            _conditions(take, kind, f"{path}.{kind}", faults) for kind in ("any", "all", "none")
        )
        if not any_of and not all_of:
            faults.add(path, "takes everything; give it any or all")
        name, not_name = (
            tuple(_pattern(text) for text in _texts(take.get(kind, []), f"{path}.{kind}", faults))
            for kind in ("name", "not_name")
        )
        takes.append(Take(any_of, all_of, none_of + never, name, not_name))
    return FacilityClass(
        key=key,
        title=faults.text(table, "title", where),
        takes=tuple(takes),
        group_m=group_m,
        nameless=frozenset(_texts(table.get("nameless", []), f"{where}.nameless", faults)),
        source=faults.text(table, "source", where),
        note=table.get("note", ""),
        title_en=faults.other(table, "title_en", where),
        note_en=faults.other(table, "note_en", where),
    )


def _conditions(
    table: Mapping[str, Any], kind: str, path: str, faults: Faults
) -> tuple[Condition, ...]:
    content = table.get(kind, {})
    if not isinstance(content, dict):
        faults.add(path, "must be a table of key = [values]")
        return ()
    return tuple(
        (key, frozenset(_texts(values, f"{path}.{key}", faults))) for key, values in content.items()
    )


def _texts(values: object, path: str, faults: Faults) -> list[str]:
    if isinstance(values, list) and all(isinstance(v, str) and v.strip() for v in values):
        return values
    faults.add(path, "must be a list of texts")
    return []


def _pattern(text: str) -> Words:
    """Split a name pattern into words, keeping the star at either end of a word."""
    return tuple(
        "*" * part.startswith("*") + "".join(words(part)) + "*" * part.endswith("*")
        for part in text.split()
    )
