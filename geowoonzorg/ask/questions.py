"""The questions: each is a function of a town that gives an answer, registered where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geowoonzorg.ask.answer import Answer
    from geowoonzorg.ask.writing import Outputs


@dataclass(frozen=True)
class Question:
    """A question and how it is asked on the command line.

    Attributes
    ----------
    command
        The name of its command.
    ask
        The function: a town, sites where it takes them, then keyword arguments that become options.
    outputs
        Which files its answer is written as.
    output
        ``"folder"``, or the suffix of the one file that ``-o`` names.
    """

    command: str
    ask: Callable[..., Answer]
    outputs: Outputs
    output: str = "folder"


_QUESTIONS: Final[dict[str, Question]] = {}


def question(
    command: str, outputs: Outputs, *, output: str = "folder"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a question: a decorator that leaves its function as it is.

    Parameters
    ----------
    command
        The name of its command.
    outputs
        Which files its answer is written as.
    output
        ``"folder"``, or the suffix of the one file that ``-o`` names.

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
    >>> sorted(questions())
    ['indicators', 'plausibility', 'run']
    """

    def register(ask: Callable[..., Any]) -> Callable[..., Any]:
        if command in _QUESTIONS:
            raise StudyError("the question {command} is registered twice", command=command)
        _QUESTIONS[command] = Question(command, ask, outputs, output)
        return ask

    return register


def questions() -> Mapping[str, Question]:
    """Give every question by the name of its command.

    Returns
    -------
    mapping
        Command → question.

    Examples
    --------
    >>> questions()["run"].output
    'folder'
    """
    import geowoonzorg.ask.indicators
    import geowoonzorg.ask.plausibility
    import geowoonzorg.ask.sites  # noqa: F401 - each registers itself

    return _QUESTIONS
