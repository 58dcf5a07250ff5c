"""A study asked: its town and its sites read, its question asked with what it says, its answer given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geowoonzorg.ask.questions import questions
from geowoonzorg.errors import StudyError
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.study import Study, read_study
from geowoonzorg.town import Town
from geowoonzorg.town.reading import read_sites

if TYPE_CHECKING:
    from pathlib import Path

    from geowoonzorg.ask._registry import Question
    from geowoonzorg.ask.answer import Answer


def ask_study(
    command: str,
    study: str | Path | Study,
    *given: object,
    progress: Progress = silent,
    **options: Any,  # noqa: ANN401
) -> Answer:
    """Ask a question of a study: what is not given as an option is what the study says.

    Parameters
    ----------
    command
        The name of the question's command, such as ``run``.
    study
        The path of a ``study.toml``, or a `Study`; of a question about something else than a town what that is.
    *given
        What else the question is asked of, such as a change.
    progress
        Hears how far the work is.
    **options
        The question's own keyword arguments.

    Returns
    -------
    Answer
        What it comes to.

    Raises
    ------
    StudyError, InputError, FormatError, SourceError, CrsError, Cancelled
        When the study or an input is wrong, or as the question.

    Examples
    --------
    >>> from geowoonzorg.town.reading import demo_study
    >>> len(ask_study("indicators", demo_study()).indicators)
    16
    """
    question = questions()[command]
    chosen = {k: v for k, v in options.items() if v is not None and v != ()}
    if "town" not in question.takes:
        return question.ask(study, *given, **chosen, progress=progress)
    asked = study if isinstance(study, Study) else read_study(study)
    said = {**_said(asked, question), **chosen}
    for option in question.options:
        if option.default is option.empty and option.name not in said:
            raise StudyError(
                "{command} needs {name}: give --{name}, or name it in the study under [{section}]",
                command=command, name=question.spelled(option.name), section=question.section,
            )  # fmt: skip
    # The sites first: they are small, and most mistakes are in them.
    sites = [read_sites(asked)] if "sites" in question.takes else []
    town = Town.read(asked, progress=part(progress, 0.0, 0.25))
    return question.ask(town, *sites, *given, **said, progress=part(progress, 0.25, 1.0))


def _said(study: Study, question: Question) -> dict[str, Any]:
    """Give what a study says of a question's options: in its own section, else under ``scoring``."""
    own = getattr(study, question.section, None) if question.section else None
    said: dict[str, Any] = {}
    for option in question.options:
        for section in (own, study.scoring):
            value = getattr(section, option.name, None)
            if value is not None:
                said[option.name] = value
                break
    return said


def run(study: str | Path | Study, *, progress: Progress = silent) -> Answer:
    """Do the whole job: from streets, facilities and figures to scored sites.

    Parameters
    ----------
    study
        The path of a ``study.toml``, or a `Study`.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        As `score_sites` gives it.

    Raises
    ------
    StudyError
        When the study, a profile or an option is wrong.
    InputError, FormatError, SourceError
        When an input cannot be used; the message says which, what and how to mend it.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> from geowoonzorg.town.reading import demo_study
    >>> run(demo_study()).sites["rank"].min()
    np.int64(1)
    """
    return ask_study("run", study, progress=progress)
