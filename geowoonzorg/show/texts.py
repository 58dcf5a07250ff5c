"""Words as the reader sees them: screen texts from TOML, plurals and lists by Babel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml
from geowoonzorg.messages import LANGUAGES, translate
from geowoonzorg.show.cells import plain
from geowoonzorg.show.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

_KNOWLEDGE: Final = Path(__file__).parents[1] / "knowledge"


@dataclass(frozen=True)
class Texts(Numbers):
    """The screen texts of one language, and its way of writing numbers.

    Parameters
    ----------
    code
        ``nl`` or ``en``.
    table
        The texts by section and key.
    """

    def __call__(self, key: str, **values: object) -> str:
        """Fill the text ``section.name`` with values.

        Parameters
        ----------
        key
            Section and name with a dot between them.
        **values
            What goes into the braces of the text.

        Returns
        -------
        str
            The text; not escaped.

        Examples
        --------
        >>> read_texts("nl")("page.rank", rank=3)
        'rang 3'
        """
        section, _, name = key.partition(".")
        return str(self.table[section][name]).format(**values)

    def lines(self, key: str, **values: object) -> list[str]:
        """Fill each line of a list of texts.

        Parameters
        ----------
        key
            Section and name with a dot between them.
        **values
            What goes into the braces.

        Returns
        -------
        list of str
            The lines; not escaped.

        Examples
        --------
        >>> len(read_texts("nl").lines("method.lines", walking="rollator", limit="400 m"))
        12
        """
        section, _, name = key.partition(".")
        return [str(line).format(**values) for line in self.table[section][name]]

    def get(self, section: str, name: str) -> str:
        """Look up a name from the data; what has no text of its own is told in this language, if it can be.

        Parameters
        ----------
        section
            A section of the texts.
        name
            A word from the data, such as a status.

        Returns
        -------
        str
            The text, or the name, translated where it is a message, and made harmless.

        Examples
        --------
        >>> read_texts("nl").get("status", "island")
        'alleen een los stuk looproute dichtbij'
        """
        return str(self.table[section].get(name) or plain(translate(name, self.code), longest=900))

    def count(self, key: str, n: int) -> str:
        """Say how many, in the singular or plural.

        Parameters
        ----------
        key
            A name in the section ``count``.
        n
            How many.

        Returns
        -------
        str
            For instance ``"3 locaties"``.

        Examples
        --------
        >>> read_texts("nl").count("sites", 1), read_texts("nl").count("sites", 2)
        ('1 locatie', '2 locaties')
        """
        return self.plural(f"count.{key}", n, n=self.number(n))

    def plural(self, key: str, count: int, /, **values: object) -> str:
        """Fill the singular or the plural of a text.

        Parameters
        ----------
        key
            Section and name with a dot between them; the text is a pair.
        count
            How many there are.
        **values
            What goes into the braces.

        Returns
        -------
        str
            The text; not escaped.

        Examples
        --------
        >>> read_texts("nl").plural("outcome.unreachable", 2, classes="de huisarts en de halte")
        'de huisarts en de halte zijn niet te voet bereikbaar'
        """
        from babel import Locale

        section, _, name = key.partition(".")
        one, other = self.table[section][name]
        form = Locale.parse(self.locale).plural_form(count)
        return str(one if form == "one" else other).format(**values)

    def join(self, names: Sequence[str]) -> str:
        """Write a list as a sentence does.

        Parameters
        ----------
        names
            The words, in order.

        Returns
        -------
        str
            For instance ``"huisarts, supermarkt en halte"``.

        Examples
        --------
        >>> read_texts("nl").join(["a", "b", "c"])
        'a, b en c'
        """
        from babel.lists import format_list

        return format_list(names, locale=self.locale)

    def the_class(self, key: str) -> str:
        """Name a facility class with its article, where it has one.

        Parameters
        ----------
        key
            A class such as ``huisarts``.

        Returns
        -------
        str
            For instance ``"de huisarts"``.

        Examples
        --------
        >>> read_texts("nl").the_class("verpleeghuis"), read_texts("nl").the_class("eigen_klasse")
        ('het verpleeghuis', 'eigen klasse')
        """
        return str(self.table["facility_the"].get(key) or self.facility_class(key)[0])

    def a_class(self, key: str) -> str:
        """Name a facility class as one of its kind.

        Parameters
        ----------
        key
            A class such as ``huisarts``.

        Returns
        -------
        str
            For instance ``"a GP practice"``; Dutch has no article there.

        Examples
        --------
        >>> read_texts("en").a_class("huisarts"), read_texts("nl").a_class("huisarts")
        ('a GP practice', 'huisarts')
        """
        return str(self.table["facility_a"].get(key) or self.facility_class(key)[0])

    def facility_class(self, key: str) -> tuple[str, str, str]:
        """Name a facility class, for one, for many and in at most two letters.

        Parameters
        ----------
        key
            A class such as ``huisarts``; a class of the user's own is named by its key.

        Returns
        -------
        tuple of str
            Singular, plural, letters.

        Examples
        --------
        >>> read_texts("nl").facility_class("ov_halte")
        ('halte', 'haltes', 'OV')
        """
        if names := self.table["facility_class"].get(key):
            return (names[0], names[1], names[2])
        name = plain(key).replace("_", " ")
        return (name, name, name[:2].upper())


@cache
def read_texts(lang: str = "nl") -> Texts:
    """Read the screen texts of a language from the package.

    Parameters
    ----------
    lang
        ``nl`` or ``en``.

    Returns
    -------
    Texts
        The texts.

    Raises
    ------
    StudyError
        When the language is not one of the two.

    Examples
    --------
    >>> read_texts("en")("page.rank", rank=3)
    'rank 3'
    """
    if lang not in LANGUAGES:
        raise StudyError(
            "no screen texts in language {lang!r}; choose one of {languages}",
            lang=lang,
            languages=", ".join(LANGUAGES),
        )
    return Texts(lang, read_toml(_KNOWLEDGE / f"texts_{lang}.toml"))
