"""How a question is registered: a function of a town that gives an answer, where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from geowoonzorg.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from geowoonzorg.ask.answer import Answer
    from geowoonzorg.ask.writing import Outputs


Asking = TypeVar("Asking", bound="Callable[..., Answer]")


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


REGISTERED: Final[dict[str, Question]] = {}


def question(
    command: str, outputs: Outputs, *, output: str = "folder"
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
        REGISTERED[command] = Question(command, ask, outputs, output)
        return ask

    return register
