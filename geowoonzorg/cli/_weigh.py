"""The command that asks what weighs most, and writes a scoring profile with the weights that come of it."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import FILE, FORCE, Console, check_output, shared
from geowoonzorg.errors import StudyError
from geowoonzorg.messages import tell, translate

if TYPE_CHECKING:
    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile


@commands.command()
@click.option(
    "--profile", default="geclusterd", show_default=True,
    help="The scoring profile to start from: its name or a TOML file.",
)  # fmt: skip
@click.option("-o", "--output", required=True, type=FILE, help="The new profile, a TOML file.")
@click.option("--name", help="What the new profile is called.")
@click.option(
    "--answers", type=FILE,
    help="A TOML file with the points of each criterion, 0 to 100, instead of questions.",
)  # fmt: skip
@click.option(
    "--answer", "each", multiple=True, metavar="CRITERION=POINTS",
    help="The points of one criterion; may be repeated, and wins over --answers.",
)  # fmt: skip
@FORCE
@shared
def weigh(
    console: Console,
    profile: str,
    output: Path,
    name: str | None,
    answers: Path | None,
    each: tuple[str, ...],
    *,
    force: bool,
) -> None:
    """Ask what weighs most and write a profile of it.

    Swing questions: what is it worth to go from the worst to the best on each criterion?
    """
    from geowoonzorg.files import read_toml, toml_text, write_text
    from geowoonzorg.ranking import swing
    from geowoonzorg.ranking.scoring_profile import read_scoring_profile

    start = read_scoring_profile(profile)
    own = Path(profile) if profile.endswith(".toml") else None
    check_output(output, ".toml", force=force, inputs=[own, answers])
    given = {} if answers is None else dict(read_toml(answers))
    given |= dict(_answer(text) for text in each)
    if answers is None and not each:
        given = _ask(console, start)
    made = swing.weigh(start, given, name=name)
    write_text(output, toml_text(made.document()))
    console.result(
        *(
            tell("{weight:6.1f}  {label}", weight=one.weight, label=_label(console, one))
            for one in sorted(made.criteria, key=lambda one: (-one.weight, one.key))
        ),
        tell("{file} written", file=output),
        output=str(output), weights={one.key: one.weight for one in made.criteria},
    )  # fmt: skip


def _answer(text: str) -> tuple[str, float]:
    """Take the points of one criterion as they are typed."""
    key, _, points = text.partition("=")
    try:
        return key.strip(), float(points)
    except ValueError as error:
        raise StudyError(
            "--answer {text}: write CRITERION=POINTS, as supermarkt=100", text=text
        ) from error


def _ask(console: Console, profile: ScoringProfile) -> dict[str, float]:
    """Ask at the terminal which swing is worth most, and what each other is worth beside it."""
    if console.as_json or not sys.stdin.isatty():
        raise StudyError(
            "nobody can be asked here; give the points with --answers FILE.toml or --answer CRITERION=POINTS"
        )
    weighed = list(profile.criteria)
    _say(
        console,
        tell(
            "Imagine a site where everything is at its worst. One thing may be lifted to its best."
        ),
    )
    _say(console, *(
        tell("{n:3d}  {swing}", n=n, swing=_swing(console, one)) for n, one in enumerate(weighed, 1)
    ))  # fmt: skip
    number = click.prompt(
        translate(tell("Which improvement is worth most? Its number"), console.lang),
        type=click.IntRange(1, len(weighed)), err=True,
    )  # fmt: skip
    first = weighed[number - 1]
    _say(console, tell("{label} is worth 100 points.", label=_label(console, first)))
    points = {first.key: 100.0}
    for one in weighed:
        if one is not first:
            points[one.key] = float(
                click.prompt(
                    translate(tell("{swing}: how many points, 0 to 100", swing=_swing(console, one)), console.lang),
                    type=click.FloatRange(0, 100), err=True,
                )
            )  # fmt: skip
    return points


def _say(console: Console, *lines: str) -> None:
    """Say something beside the questions, which are no result."""
    for line in console.said(lines):
        click.echo(line, err=True)


def _label(console: Console, criterion: Criterion) -> str:
    from geowoonzorg.knowledge import said

    return str(said(criterion, "label", console.lang))


def _swing(console: Console, criterion: Criterion) -> str:
    """Write a criterion with its worst and its best measure."""
    from geowoonzorg.knowledge import said
    from geowoonzorg.ranking.swing import swing_of

    unit = str(said(criterion, "unit", console.lang))
    words = dict(criterion.levels_en) if console.lang == "en" else {}
    worst, best = (_measure(at, unit, words) for at in swing_of(criterion))
    told = tell(
        "{label}: from {worst} to {best}", label=_label(console, criterion), worst=worst, best=best
    )
    return translate(told, console.lang)


def _measure(at: object, unit: str, words: dict[str, str]) -> str:
    if isinstance(at, float):
        number = f"{at:.0f}" if math.isclose(at, round(at)) else f"{at:g}"
        return f"{number} {unit}".strip()
    return words.get(str(at), str(at))
