"""Facility classes: which tags and names make an OSM object a huisarts or a supermarkt, as data."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, Bound, read_document
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geowoonzorg.messages import Message

CLASSES_FILE: Final = Path(__file__).parents[1] / "knowledge" / "facility_classes.toml"
TAKEN: Final = "taken"
_TAGS: Final = Bound(tell("a table of key = [values]"))
_COUNT: Final = Bound(tell("a number above 0"), lambda value: value > 0)

Condition = tuple[str, frozenset[str]]
Words = tuple[str, ...]


@dataclass(frozen=True)
class Take:
    """One way for an object to belong to a class; see ``knowledge/facility_classes.toml``."""

    any_of: tuple[Condition, ...] = field(default=(), metadata={"key": "any", "must_be": _TAGS})
    all_of: tuple[Condition, ...] = field(default=(), metadata={"key": "all", "must_be": _TAGS})
    none_of: tuple[Condition, ...] = field(default=(), metadata={"key": "none", "must_be": _TAGS})
    name: tuple[str, ...] = ()
    not_name: tuple[str, ...] = ()

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if not self.any_of and not self.all_of:
            yield "", tell("takes everything; give it any or all")

    @cached_property
    def _patterns(self) -> tuple[tuple[Words, ...], tuple[Words, ...]]:
        """The words of names that make it one, and of names that make it none."""
        wanted, unwanted = (tuple(map(_pattern, texts)) for texts in (self.name, self.not_name))
        return wanted, unwanted

    def judge(self, tags: Mapping[str, str], name: Words) -> str | None:
        """Give ``taken``, why an object of the right kind is passed over, or None for another kind."""
        if self.any_of and not any(_has(tags, condition) for condition in self.any_of):
            return None
        if not all(_has(tags, condition) for condition in self.all_of):
            return None
        if any(_has(tags, condition) for condition in self.none_of):
            return "another kind by its tags"
        wanted, unwanted = self._patterns
        if any(_says(name, pattern) for pattern in unwanted):
            return "another kind by its name"
        if wanted and not any(_says(name, pattern) for pattern in wanted):
            return "its name does not tell"
        return TAKEN


@dataclass(frozen=True)
class Expected:
    """How many of a class there are in the whole country, as published, to tell how many to expect.

    Attributes
    ----------
    count
        How many there are in the Netherlands.
    least, most
        What it may be when it is not certain what counts as one: practices or the addresses they share.
    inhabitants
        People in the Netherlands in that year.
    year
        Of the count.
    source
        Who published it, in a word.
    citation
        Where.
    """

    count: float = field(metadata={"must_be": _COUNT})
    inhabitants: float = field(metadata={"must_be": _COUNT})
    year: int
    source: str
    citation: str
    least: float | None = field(default=None, metadata={"must_be": _COUNT})
    most: float | None = field(default=None, metadata={"must_be": _COUNT})

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if self.least is not None and self.least > self.count:
            yield "least", tell("must be at most count")
        if self.most is not None and self.most < self.count:
            yield "most", tell("must be at least count")

    @property
    def rates(self) -> tuple[float, float, float]:
        """The number for one inhabitant: at least, likely, at most."""
        least, most = self.least or self.count, self.most or self.count
        return (
            least / self.inhabitants,
            self.count / self.inhabitants,
            most / self.inhabitants,
        )


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
        The ways for an object to belong to it, those of what it includes among them.
    includes
        Classes that it is made of: what is one of them is one of it, too.
    capacity
        Keys that tell how many people it holds, the first that is there counts; empty where none does.
    group_m
        Metres within which objects of one name are one facility; 0 for none.
    nameless
        First words of names that name a part (``spoor 1``), not the facility.
    source
        Where the choice of tags comes from.
    note, note_en
        What a reader must mind; may be empty.
    expected
        How many there are in the country, or None where nobody counts them.
    """

    key: str = field(metadata={"named": True})
    title: str
    source: str
    takes: tuple[Take, ...] = field(default=(), metadata={"key": "take"})
    includes: tuple[str, ...] = ()
    capacity: tuple[str, ...] = ()
    group_m: float = field(default=0.0, metadata={"must_be": NOT_NEGATIVE})
    nameless: frozenset[str] = frozenset()
    note: str = field(default="", metadata={"blank": True})
    title_en: str | None = None
    note_en: str | None = None
    expected: Expected | None = None

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if not self.takes and not self.includes:
            yield "", tell("takes nothing; give it take or includes")

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


@dataclass(frozen=True)
class _Classes:
    """The file of the classes."""

    classes: Mapping[str, FacilityClass] = field(metadata={"key": "class"})
    never: tuple[Condition, ...] = field(default=(), metadata={"must_be": _TAGS})

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        for key, one in self.classes.items():
            for part in one.includes:
                known = self.classes.get(part)
                if known is None:
                    yield f"class.{key}.includes", tell("{name} is no class here", name=part)
                elif known.includes:
                    yield (
                        f"class.{key}.includes",
                        tell("{name} includes others itself; name those", name=part),
                    )


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
    return dict(_read_own()) if path is None else _read(path)


def _read(source: str | Path) -> dict[str, FacilityClass]:
    found = read_document(read_toml(source), _Classes, where=str(source))

    def takes(key: str) -> Iterator[Take]:
        one = found.classes[key]
        yield from (replace(take, none_of=take.none_of + found.never) for take in one.takes)
        for part in one.includes:
            yield from takes(part)

    return {key: replace(one, takes=tuple(takes(key))) for key, one in found.classes.items()}


@cache
def _read_own() -> dict[str, FacilityClass]:
    """Read ours once: they do not change, unlike a user's."""
    return _read(CLASSES_FILE)


def whole_classes(name: str) -> tuple[str, ...]:
    """Name the classes that what is of a class belongs to: itself, and those that include it.

    Parameters
    ----------
    name
        A class such as ``buurthuis``.

    Returns
    -------
    tuple of str
        Itself first.

    Examples
    --------
    >>> whole_classes("buurthuis")
    ('buurthuis', 'inloopvoorziening')
    """
    return (name, *_including().get(name, ()))


def classes_once() -> tuple[str, ...]:
    """Name classes that together hold every facility, without a part beside its whole.

    Returns
    -------
    tuple of str
        In the file's order; of a whole that shares a part with one before it, only its other parts.

    Examples
    --------
    >>> {"inloopvoorziening", "buurthuis", "respijtzorg", "logeeropvang"} & set(classes_once()) == {
    ...     "inloopvoorziening", "logeeropvang"}
    True
    """
    known = read_facility_classes()
    wholes: list[str] = []
    covered: set[str] = set()
    for key, one in known.items():
        if one.includes and covered.isdisjoint(one.includes):
            wholes.append(key)
            covered.update(one.includes)
    return tuple(
        key for key, one in known.items() if key in wholes or not (one.includes or key in covered)
    )


@cache
def _including() -> dict[str, tuple[str, ...]]:
    """Give, by class, those that include it."""
    wholes: dict[str, list[str]] = {}
    for key, one in read_facility_classes().items():
        for part in one.includes:
            wholes.setdefault(part, []).append(key)
    return {part: tuple(keys) for part, keys in wholes.items()}


def _pattern(text: str) -> Words:
    """Split a name pattern into words, keeping the star at either end of a word."""
    return tuple(
        "*" * part.startswith("*") + "".join(words(part)) + "*" * part.endswith("*")
        for part in text.split()
    )
