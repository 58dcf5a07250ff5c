"""The exceptions, one tree: what went wrong is the class, and the class has the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from geowoonzorg.messages import tell, translate

if TYPE_CHECKING:
    from collections.abc import Iterable


class GeowoonzorgError(Exception):
    """Base of every error this package raises on purpose; the command returns its ``exit_code``.

    ``InputError("{file} has {n} rows without an id", file=path, n=3)`` reads as that English sentence, and
    `told` says it in another language.
    """

    exit_code = 3

    def __new__(cls, *args: object, **_values: object) -> Self:  # noqa: D102 - OSError takes no keywords
        return super().__new__(cls, *args)

    def __init__(self, text: str = "", /, **values: object) -> None:
        super().__init__(text)
        self.args = (tell(text, **values) if values else text,)  # OSError has made its own already

    @property
    def message(self) -> str:
        """What it says, as a message when it has values; to be told by another one."""
        return self.args[0]

    def told(self, lang: str) -> str:
        """Say it in a language.

        Parameters
        ----------
        lang
            ``"nl"`` or ``"en"``.

        Returns
        -------
        str
            The sentence; in English where it has no translation.

        Examples
        --------
        >>> Cancelled("cancelled; nothing was written").told("nl")
        'afgebroken; er is niets geschreven'
        """
        return translate(self.message, lang)


class StudyError(GeowoonzorgError, ValueError):
    """A study, profile or option is wrong: usage, not data."""

    exit_code = 2


class InputError(GeowoonzorgError, ValueError):
    """The content of an input cannot be used."""


class CrsError(InputError):
    """Coordinates are in another reference system than they say, or say none."""


class CrsChoiceError(CrsError, StudyError):
    """The CRS that is asked for is unknown, or cannot be worked in: usage, not data."""

    exit_code = 2


class MissingColumnError(InputError, KeyError):
    """A column that is needed is not there."""

    __str__ = Exception.__str__  # KeyError would show the repr of the message


class DuplicateIdError(InputError):
    """An id that must be unique occurs more than once."""


class GeometryError(InputError):
    """Geometries are of the wrong kind, empty or broken beyond repair."""


class CoverageError(InputError):
    """A layer does not cover the place that is asked about."""


class FormatError(GeowoonzorgError, ValueError):
    """A file is not, or not wholly, of the format its name says."""


class SourceError(GeowoonzorgError, OSError):
    """A source could not be read or fetched."""

    exit_code = 4


class OutputError(GeowoonzorgError, OSError):
    """An output could not be written."""

    exit_code = 5


class OutOfMemoryError(GeowoonzorgError):
    """The machine has too little memory; a smaller input may do, so its exit code is an input's."""


class InternalError(GeowoonzorgError, RuntimeError):
    """A fault of this program, whatever it was given; its exit code is that of sysexits' EX_SOFTWARE."""

    exit_code = 70


class Cancelled(GeowoonzorgError):  # noqa: N818 - it is an event, not an error
    """The user stopped the work."""

    exit_code = 130


def first_ids(ids: Iterable[object], *, shown: int = 5) -> str:
    """Count ids and name the first few, for use in a message.

    Parameters
    ----------
    ids
        Any ids; they are shown in the order given.
    shown
        How many are named.

    Returns
    -------
    str
        ``"3 (a, b, c)"``, or ``"7 (a, b, c, d, e, …)"`` when there are more.

    Examples
    --------
    >>> first_ids(["a", "b"])
    '2 (a, b)'
    """
    known = [str(i) for i in ids]
    more = ", …" if len(known) > shown else ""
    return f"{len(known)} ({', '.join(known[:shown])}{more})"
