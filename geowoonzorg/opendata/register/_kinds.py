"""Which facility class each row of an own list is of, in the words people write for it."""

from __future__ import annotations

import difflib
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from geowoonzorg.errors import InputError, MissingColumnError, StudyError, first_ids
from geowoonzorg.files import plain_header, read_synonyms
from geowoonzorg.messages import tell
from geowoonzorg.opendata.register._words import cells
from geowoonzorg.opendata.telling import first_told

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONE: Mapping[str, str] = {}
_EMPTY = tell("(empty)")
_TYPO = 0.85  # a word this much like one we know is that one misspelt; huisartsenpost is under it


def check_classes_of(classes_of: Mapping[str, str]) -> None:
    """Refuse what a study calls a kind of place where the class is none."""
    strange = sorted(set(classes_of.values()) - set(read_synonyms().classes))
    if strange:
        raise StudyError(
            "classes_of: {names} {n:is|are} no facility {n:class|classes}; known are {known}",
            names=", ".join(strange),
            n=len(strange),
            known=", ".join(read_synonyms().classes),
        )


def given_classes(
    places: pd.DataFrame,
    facility_class: str | None,
    where: str,
    classes_of: Mapping[str, str] = _NONE,
) -> pd.Series[str]:
    """Take the column with the class of each place; the class of the whole list where it has none."""
    check_classes_of(classes_of)
    whole = pd.Series(facility_class, index=places.index, dtype="str", name="facility_class")
    if facility_class is not None and understood(whole).isna().any():
        raise StudyError(
            "register_class: {facility_class!r} is no facility class; known are {names}",
            facility_class=facility_class,
            names=", ".join(read_synonyms().classes),
        )
    names = {plain_header(n) for n in read_synonyms().columns["facility_class"]}
    columns = [c for c in places.columns if plain_header(str(c)) in names]
    if not columns:
        if facility_class is not None:
            return whole
        raise MissingColumnError(
            "{where} has no column with the class of each facility (klasse, type, …); "
            "where all are of one class, name it in the study: [facilities] "
            "register_class; it has {names}",
            where=where,
            names=", ".join(map(str, places.columns[:10])),
        )
    taken = [cells(places[c]) for c in columns]
    # `type` may hold codes and `soort` the words: that in which most is understood says what they are.
    given = max(taken, key=lambda cells: int(understood(cells, classes_of).notna().sum()))
    if facility_class is None:
        return given
    return given.fillna(whole) if understood(given, classes_of).notna().any() else whole


def understood(given: pd.Series[str], classes_of: Mapping[str, str] = _NONE) -> pd.Series[str]:
    own = {_plain(word): name for word, name in classes_of.items()}
    return given.map(_plain, na_action="ignore").map({**_known_words(), **own})


def _plain(word: str) -> str:
    return " ".join(word.lower().replace("_", " ").replace("-", " ").split())


@cache
def _known_words() -> dict[str, str]:
    """Give what people write for a class, in plain words → the class."""
    classes = read_synonyms().classes
    return {_plain(word): name for name, known in classes.items() for word in [name, *known]}


def read_classes(
    given: pd.Series[str], where: str, notes: list[str], classes_of: Mapping[str, str] = _NONE
) -> pd.Series[str]:
    """Understand the classes; NaN for rows of a kind that is none of ours, which a note names."""
    found = understood(given, classes_of)
    unknown = found.isna()
    if not unknown.any():
        return found
    words = [
        *([_EMPTY] if given[unknown].isna().any() else []),
        *sorted(set(given[unknown].dropna())),
    ]
    known = ", ".join(read_synonyms().classes)
    typos = {}
    for word in words:
        alike = difflib.get_close_matches(word.lower(), list(_known_words()), n=1, cutoff=_TYPO)
        if alike:
            typos[word] = _known_words()[alike[0]]
    if typos or unknown.all():
        meant = ", ".join(dict.fromkeys(typos.values()))
        hint = tell("; did you mean {names}?", names=meant) if typos else ""
        raise InputError(
            "{where}: unknown facility classes: {ids}{hint}; known are {known}",
            where=where,
            ids=first_ids(typos or words),
            hint=hint,
            known=known,
        )
    notes.append(
        tell(
            "{where}: {n} of {total} rows left out, of kinds that are not known here: {kinds}; known "
            "are {known}",
            where=where,
            n=int(unknown.sum()),
            total=len(given),
            kinds=first_told(words),
            known=", ".join(read_synonyms().classes),
        )
    )
    return found
