"""Commands about whole studies: demo, init, check, run, indicators and plausibility."""

from __future__ import annotations

from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import (
    FILE,
    OUTPUT,
    TABLE,
    Console,
    check_output,
    one_line,
    shared,
)
from geowoonzorg.messages import tell
from geowoonzorg.progress import part

if TYPE_CHECKING:
    import pandas as pd

_FORCE_FOLDER = click.option(
    "--force", is_flag=True, help="Replace files in the output folder that no earlier run wrote."
)


@commands.command()
@click.option(
    "--out", type=FILE, default=Path("geowoonzorg-demo"), show_default=True, help="Output folder."
)
@_FORCE_FOLDER
@shared
def demo(console: Console, out: Path, *, force: bool) -> None:
    """Do the whole job on a fictional municipality, offline."""
    from geowoonzorg.prepare import demo_study

    _run(console, demo_study(), out, force=force)


@commands.command()
@click.argument("study", type=FILE)
@click.option("--out", type=FILE, help="Output folder; default: out, beside the study.")
@_FORCE_FOLDER
@shared
def run(console: Console, study: Path, out: Path | None, *, force: bool) -> None:
    """Do the whole job on a study: ranked sites, map and report."""
    _run(console, study, out or study.parent / "out", force=force)


def _run(console: Console, study: Path, out: Path, *, force: bool) -> None:
    from geowoonzorg.result import check_output_folder
    from geowoonzorg.study import study_files
    from geowoonzorg.study_file import read_study

    question = read_study(study)
    check_output_folder(out, force=force, inputs=[study, *study_files(question)])
    from geowoonzorg import pipeline

    result = pipeline.run(question, progress=part(console.progress, 0.0, 0.9))
    told = part(console.progress, 0.9, 1.0)
    written = result.write(out, lang=console.lang, force=force, progress=told)
    columns = [
        "id", "rank", "rank_low", "rank_high", "score", "score_low", "score_high", "known_weight_share",
        "name", "knocked_out", "knock_out_reason",
    ]  # fmt: skip
    console.result(
        *_ranking(result.sites[columns]),
        "",
        *(str(path) for path in written),
        output=str(out),
        files=[str(path) for path in written],
        notes=list(result.notes),
    )


def _ranking(sites: pd.DataFrame) -> list[str]:
    """Lay the ranking out for a terminal; sites without a rank come last and say why."""
    from pandas import notna

    lines: list[str] = [tell("rank  from-to  score   known  site")]
    row: Any
    order = sites.sort_values(["rank", "knocked_out", "id"], na_position="last")
    shared = set(sites["rank"][sites["rank"].duplicated()].dropna())
    for row in order.itertuples():
        rank = (
            f"{row.rank:4.0f}  {row.rank_low:3.0f}-{row.rank_high:<3.0f}"
            if notna(row.rank)
            else "   -     -   "
        )
        points = f"{row.score:5.1f}" if notna(row.score) else "    -"
        why = tell("")
        if row.knocked_out:
            why = tell(": drops out, {reason}", reason=one_line(row.knock_out_reason, most=100))
        elif not notna(row.rank):
            least, most = floor(row.score_low), ceil(row.score_high)
            why = tell(
                ": too little is known for a rank, {least}-{most} possible", least=least, most=most
            )
        elif row.rank in shared:
            why = tell(": shared {rank:.0f}", rank=row.rank)
        lines.append(
            tell(
                "{rank}  {points}    {known:4.0%}  {name}{why}",
                rank=rank, points=points, known=row.known_weight_share, name=one_line(row.name), why=why,
            )
        )  # fmt: skip
    return lines


@commands.command()
@click.argument("directory", type=FILE)
@shared
def init(console: Console, directory: Path) -> None:
    """Write a commented study.toml to start from."""
    from geowoonzorg.prepare import write_template

    path = write_template(directory)
    console.result(
        tell("{file} written: fill in your files, then run: geowoonzorg check {file}", file=path),
        output=str(path),
    )


@commands.command()
@click.argument("study", type=FILE)
@shared
def check(console: Console, study: Path) -> None:
    """Tell every problem of a study at once; computes nothing."""
    from geowoonzorg.prepare import check_study

    lines = check_study(study)
    told = tell("{study}: no problems found", study=study)
    console.result(*lines, told, study=str(study), notes=lines)


@commands.command()
@click.argument("study", type=FILE)
@OUTPUT
@shared
def indicators(console: Console, study: Path, output: Path, *, force: bool) -> None:
    """Measure a study's sites on every criterion, unscored."""
    from geowoonzorg.files import write_layers
    from geowoonzorg.pipeline import site_indicators
    from geowoonzorg.study import study_files
    from geowoonzorg.study_file import read_study

    question = read_study(study)
    check_output(output, force=force, inputs=[study, *study_files(question)])
    found = site_indicators(question, progress=console.progress)
    write_layers(output, {"indicators": found})
    console.result(
        tell("{n} sites measured", n=len(found)),
        tell("{file} written", file=output),
        output=str(output),
    )


@commands.command()
@click.argument("study", type=FILE)
@TABLE
@shared
def plausibility(console: Console, study: Path, output: Path, *, force: bool) -> None:
    """Hold walks against the car-road averages of CBS."""
    from geowoonzorg.files import write_csv
    from geowoonzorg.opendata.plausibility import summarise
    from geowoonzorg.pipeline import check_plausibility
    from geowoonzorg.study import study_files
    from geowoonzorg.study_file import read_study

    question = read_study(study)
    check_output(output, ".csv", force=force, inputs=[study, *study_files(question)])
    table = check_plausibility(question, progress=console.progress)
    write_csv(output, table)
    lines = summarise(table)
    console.result(*lines, tell("{file} written", file=output), output=str(output), notes=lines)
