"""A study asked: its town and its sites read, its question asked with what it says, its answer given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geowoonzorg.ask._registry import TILING, said_of
from geowoonzorg.ask.questions import questions
from geowoonzorg.ask.together import (
    NOTHING,
    answers_together,
    nothing_beside,
    outputs_together,
)
from geowoonzorg.errors import StudyError
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.study import Study, read_study
from geowoonzorg.town import Town
from geowoonzorg.town.reading import read_sites
from geowoonzorg.town.tiling import check_cluster

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from geowoonzorg.ask._registry import Question
    from geowoonzorg.ask.answer import Answer
    from geowoonzorg.ask.writing import Outputs


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
        The question's own keyword arguments, and those of `Town.in_tiles` for a town that is asked tile by tile.

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
    tiles = {one.name: chosen.pop(one.name) for one in TILING if one.name in chosen}
    check_cluster(tiles.get("scheduler"))  # reading may take long
    asked = study if isinstance(study, Study) else read_study(study)
    said = {**said_of(asked, question), **chosen}
    for option in question.options:
        if option.default is option.empty and option.name not in said:
            raise StudyError(
                "{command} needs {name}: give --{name}, or name it in the study under [{section}]",
                command=command, name=question.spelled(option.name), section=question.section,
            )  # fmt: skip
    more = further_questions(asked) if command == "run" else {}
    alone = asked.sites is None and _do_without(more)
    # The sites first: they are small, and most mistakes are in them.
    sites = [None] if alone else _sites(asked, question)
    town = Town.read(asked, progress=part(progress, 0.0, 0.25))
    town = town.in_tiles(**tiles) if tiles else town
    n = len(more) + (not alone)
    steps = [part(progress, 0.25 + 0.75 * i / n, 0.25 + 0.75 * (i + 1) / n) for i in range(n)]
    answer = None if alone else question.ask(town, *sites, *given, **said, progress=steps.pop(0))
    others = {}
    for (name, one), heard in zip(more.items(), steps, strict=True):
        asked_of = [*(sites if "sites" in one.takes else []), *_given(asked, one)]
        # One folder, one profile: what is given for the whole holds for each question that knows it.
        own = {option.name for option in one.options} & {"profile"}
        said = {**said_of(asked, one), **{key: chosen[key] for key in own & set(chosen)}}
        others[name] = one.ask(town, *asked_of, **said, progress=heard)
    return answers_together(answer or nothing_beside(next(iter(others.values()))), others)


def further_questions(study: Study) -> dict[str, Question]:
    """List what a study asks besides its sites: the questions whose own section it has.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    dict
        By command, in alphabetical order.

    Examples
    --------
    >>> from geowoonzorg.town.reading import demo_study
    >>> list(further_questions(read_study(demo_study())))
    []
    """
    return {
        name: one
        for name, one in sorted(questions().items())
        if one.section and getattr(study, one.section) is not None
    }


def _do_without(more: Mapping[str, Question]) -> bool:
    """Whether these questions are all there is to answer of a study without sites."""
    return bool(more) and not any(one.needs_sites for one in more.values())


def outputs_of(command: str, study: Study) -> Outputs:
    """Say which files a command writes of a study: those of its question, and for ``run`` of all that it asks.

    Parameters
    ----------
    command
        The name of the question's command.
    study
        The study.

    Returns
    -------
    Outputs
        For what must be checked before the work.

    Examples
    --------
    >>> from geowoonzorg.town.reading import demo_study
    >>> outputs_of("run", read_study(demo_study())).names[:3]
    ('map.html', 'report.html', 'scores.csv')
    """
    first = questions()[command].outputs
    more = further_questions(study) if command == "run" else {}
    if study.sites is None and _do_without(more):
        first = NOTHING
    return outputs_together(first, {name: one.outputs for name, one in more.items()})


def _sites(study: Study, question: Question) -> list[gpd.GeoDataFrame | None]:
    """Read the sites where a question takes them; None where it can do without and the study names none."""
    if "sites" not in question.takes:
        return []
    return [read_sites(study) if question.needs_sites or study.sites is not None else None]


def _given(study: Study, question: Question) -> list[Any]:
    """Give what a question is asked of besides a town and its sites, as the study's own section names it."""
    own = getattr(study, question.section)
    return [getattr(own, name) for name in question.takes if name not in {"town", "sites"}]


def run(study: str | Path | Study, *, progress: Progress = silent, **tiling: Any) -> Answer:  # noqa: ANN401
    """Do the whole job: from streets, facilities and figures to scored sites.

    Parameters
    ----------
    study
        The path of a ``study.toml``, or a `Study`.
    progress
        Hears how far the work is.
    **tiling
        As `Town.in_tiles` takes it: asks it tile by tile, in this process or on a Dask cluster.

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
    return ask_study("run", study, progress=progress, **tiling)
