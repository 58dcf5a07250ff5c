"""Commands about whole studies, but for the questions: demo, init and check."""

from __future__ import annotations

from pathlib import Path

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import FILE, FORCE_FOLDER, PDF, Console, shared
from geowoonzorg.messages import tell


@commands.command()
@click.option(
    "--out", type=FILE, default=Path("geowoonzorg-demo"), show_default=True, help="Output folder."
)
@click.option(
    "--questions",
    "all_questions",
    is_flag=True,
    help="Answer every further question, too: search, locate, what-if and programme.",
)
@click.option("--profile", help="How sites are judged, where not as the demo's study says.")
@PDF
@FORCE_FOLDER
@shared
def demo(
    console: Console, out: Path, *, all_questions: bool, profile: str | None, pdf: bool, force: bool
) -> None:
    """Do the whole job on a fictional municipality, offline."""
    from geowoonzorg.ask import questions
    from geowoonzorg.cli._questions import ask_and_write
    from geowoonzorg.prepare import demo_study

    study = demo_study().with_name("verhaal.toml") if all_questions else demo_study()
    options = {"profile": profile} if profile else {}
    ask_and_write(
        console, questions()["run"], study, output=out, force=force, pdf=pdf, options=options
    )


@commands.command()
@click.argument("directory", type=FILE)
@shared
def init(console: Console, directory: Path) -> None:
    """Write a commented study.toml to start from."""
    from geowoonzorg.prepare import write_template

    path = write_template(directory, lang=console.lang)
    console.result(
        tell("{file} written: fill in your files, then run: geowoonzorg check {file}", file=path),
        output=str(path),
    )


@commands.command()
@click.argument("study", type=FILE)
@shared
def check(console: Console, study: Path) -> None:
    """Tell every problem of a study at once; writes nothing."""
    from geowoonzorg.prepare import check_study

    lines = check_study(study)
    told = tell("{study}: no problems found", study=study)
    console.result(*lines, told, study=str(study), notes=lines)


@commands.command()
@shared
def profiles(console: Console) -> None:
    """List the scoring profiles.

    What and whom each is for, and what it builds upon.
    """
    from geowoonzorg.knowledge import said
    from geowoonzorg.ranking.scoring_profile import read_shipped_profiles

    lines: list[str] = []
    rows = []
    for profile in read_shipped_profiles():
        title = said(profile, "title", console.lang)
        lines.append(f"{profile.name:22} {title}")
        if profile.inherits:
            lines.append(tell("{indent}builds upon {name}", indent=" " * 23, name=profile.inherits))
        rows.append({
            "name": profile.name,
            "title": title,
            "group": said(profile, "group", console.lang) if profile.group else None,
            "description": said(profile, "description", console.lang),
            "inherits": profile.inherits,
        })  # fmt: skip
    console.result(*lines, profiles=rows)
