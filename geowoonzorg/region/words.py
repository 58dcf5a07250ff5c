"""How tables of a region are written: headers, rows that are no gemeente, signs, and names of groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import read_document
from geowoonzorg.region.form_layout import read_form_layout
from geowoonzorg.region.names import Matched, match_names, plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable

# Groups that are read out of figures and forecasts.
_OWN_ENGLISH: Final = {
    "65-plussers": "People of 65 and over",
    "75-plussers": "People of 75 and over",
    "Kwetsbare inwoners": "Vulnerable inhabitants",
}


@dataclass(frozen=True)
class DatabankGroup:
    """A group as the databank calls it, its key in the form, and what people call it."""

    key: str
    form: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class TableWords:
    """What ``knowledge/region/tables.toml`` says, each list as people write it."""

    gemeente: tuple[str, ...]
    group: tuple[str, ...]
    feature: tuple[str, ...]
    persons: tuple[str, ...]
    total: tuple[str, ...]
    larger: tuple[str, ...]
    larger_ends: tuple[str, ...]
    overlap: tuple[str, ...]
    rest: tuple[str, ...]
    suppressed: tuple[str, ...]
    missing: tuple[str, ...]
    databank: tuple[DatabankGroup, ...] = field(metadata={"unique": "key"})

    def means(self, word: str, text: object) -> bool:
        """Tell whether a text is one of the words of a list.

        Parameters
        ----------
        word
            The list, such as ``"total"``.
        text
            A header or a cell.

        Returns
        -------
        bool
            Whatever its capitals, signs and spaces.

        Examples
        --------
        >>> read_table_words().means("total", " TOTAAL "), read_table_words().means("total", "Kampen")
        (True, False)
        """
        return plain_name(str(text)) in {plain_name(one) for one in getattr(self, word)}

    def is_larger(self, text: str) -> bool:
        """Tell whether a row is of a larger area, such as a province.

        Parameters
        ----------
        text
            What it is called.

        Returns
        -------
        bool
            Whether it is.

        Examples
        --------
        >>> read_table_words().is_larger("Provincie Utrecht"), read_table_words().is_larger("Utrecht (PV)")
        (True, True)
        """
        plain = f"{plain_name(text)} "
        return plain.startswith(self.larger) or plain.rstrip().endswith(self.larger_ends)


@cache
def read_table_words() -> TableWords:
    """Read how tables are written.

    Returns
    -------
    TableWords
        Wholly checked; the same object every time.

    Examples
    --------
    >>> [one.key for one in read_table_words().databank][:2]
    ['Ouderen', 'Studenten']
    """
    with as_file(files("geowoonzorg") / "knowledge" / "region" / "tables.toml") as path:
        return read_document(read_toml(path), TableWords, where=path.name)


def match_groups(names: Iterable[str]) -> Matched:
    """Find which groups names stand for.

    Parameters
    ----------
    names
        As tables have them.

    Returns
    -------
    geowoonzorg.region.names.Matched
        Names by key, those that were only nearly right, and those of no known group.

    Examples
    --------
    >>> match_groups(["Statushouder", "ouderen", "Ouderren"]).keys
    {'Statushouder': 'Statushouders', 'ouderen': 'Ouderen', 'Ouderren': 'Ouderen'}
    """
    return match_names(names, _known_groups())


@cache
def _known_groups() -> dict[str, tuple[str, ...]]:
    """List every group: those of the form, under the databank's name where it has one."""
    form = {one.key: one for one in read_form_layout().groups}
    found: dict[str, tuple[str, ...]] = {}
    for own in read_table_words().databank:
        one = form.pop(own.form)
        found[own.key] = (*own.names, one.name, *one.also)
    return found | {one.name: (one.key, *one.also) for one in form.values()}


def group_title(name: str, lang: str) -> str:
    """Name a group in a language.

    Parameters
    ----------
    name
        As `match_groups` has it, or of a region's own.
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    str
        The form's English for a group that it knows; else the name itself.

    Examples
    --------
    >>> group_title("Studenten", "en"), group_title("Studenten", "nl"), group_title("Zeelui", "en")
    ('Students', 'Studenten', 'Zeelui')
    """
    if lang != "en":
        return name
    form = {one.key: one for one in read_form_layout().groups}
    by_name = {one.key: form[one.form].name_en for one in read_table_words().databank}
    by_name |= {one.name: one.name_en for one in form.values()} | _OWN_ENGLISH
    return by_name.get(name, name)
