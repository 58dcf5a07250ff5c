"""How a question is registered: a function of a town that gives an answer, where it is written."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from geowoonzorg.errors import StudyError
from geowoonzorg.town import Town

if TYPE_CHECKING:
    from collections.abc import Callable

    from geowoonzorg.ask.answer import Answer
    from geowoonzorg.ask.writing import Outputs
    from geowoonzorg.study import Study


Asking = TypeVar("Asking", bound="Callable[..., Answer]")

#: How a town can be asked tile by tile: options of the command of every question of a town.
TILING: Final = tuple(
    one for one in inspect.signature(Town.in_tiles).parameters.values() if one.name != "self"
)


@dataclass(frozen=True)
class Question:
    """A question and how it is asked on the command line.

    Attributes
    ----------
    command
        The name of its command.
    ask
        The function: what it is asked of by position (a town, sites, a change, …), then keyword arguments that
        become options.
    outputs
        Which files its answer is written as.
    output
        ``"folder"``, or the suffix of the one file that ``-o`` names.
    section
        The table of a study that says what its options do not; empty for ``scoring`` alone.
    """

    command: str
    ask: Callable[..., Answer]
    outputs: Outputs
    output: str = "folder"
    section: str = ""

    @property
    def takes(self) -> tuple[str, ...]:
        """What the function is asked of, by position: ``town``, ``sites``, …."""
        given = inspect.signature(self.ask).parameters.values()
        return tuple(one.name for one in given if one.kind is not inspect.Parameter.KEYWORD_ONLY)

    @property
    def needs_sites(self) -> bool:
        """Whether it cannot be asked without sites: what takes them does not say that they may be None."""
        sites = inspect.signature(self.ask).parameters.get("sites")
        return sites is not None and "None" not in str(sites.annotation)

    @property
    def options(self) -> tuple[inspect.Parameter, ...]:
        """The keyword arguments that are options of its command."""
        given = inspect.signature(self.ask).parameters.values()
        keywords = (one for one in given if one.kind is inspect.Parameter.KEYWORD_ONLY)
        return tuple(one for one in keywords if one.name != "progress")

    @staticmethod
    def spelled(name: str) -> str:
        """Spell a keyword argument as its option: a facility class is just a class on the command line.

        Parameters
        ----------
        name
            Of the argument.

        Returns
        -------
        str
            Without the dashes before it.

        Examples
        --------
        >>> Question.spelled("limit_m")
        'limit-m'
        """
        return "class" if name == "facility_class" else name.replace("_", "-")


REGISTERED: Final[dict[str, Question]] = {}


def question(
    command: str, outputs: Outputs, *, output: str = "folder", section: str = ""
) -> Callable[[Asking], Asking]:
    """Register a question: a decorator that leaves its function as it is.

    Parameters
    ----------
    command
        The name of its command.
    outputs
        Which files its answer is written as.
    output
        ``"folder"``, or the suffix of the one file that ``-o`` names.
    section
        The table of a study that says what its options do not.

    Returns
    -------
    callable
        Takes the function and gives it back.

    Raises
    ------
    StudyError
        When the command is taken.

    Examples
    --------
    >>> from geowoonzorg.ask.writing import Outputs
    >>> question("run", Outputs({}, {}))
    <function question.<locals>.register at ...>
    """

    def register(ask: Asking) -> Asking:
        if command in REGISTERED:
            raise StudyError("the question {command} is registered twice", command=command)
        REGISTERED[command] = Question(command, ask, outputs, output, section)
        return ask

    return register


def said_of(study: Study, question: Question) -> dict[str, Any]:
    """Give what a study says of a question's options: in its own section, else under ``scoring``.

    Parameters
    ----------
    study
        The study.
    question
        The question.

    Returns
    -------
    dict
        By the name of an option.

    Examples
    --------
    >>> from geowoonzorg.ask.questions import questions
    >>> from geowoonzorg.study import read_study
    >>> from geowoonzorg.town.reading import demo_study
    >>> said_of(read_study(demo_study()), questions()["search"])["profile"]
    'geclusterd'
    """
    own = getattr(study, question.section, None) if question.section else None
    said: dict[str, Any] = {}
    for option in question.options:
        for section in (own, study.scoring):
            value = getattr(section, option.name, None)
            if value is not None:
                said[option.name] = value
                break
    return said
