"""One command per question, made from its signature: a study in, its answer written."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from geowoonzorg.cli._console import (
    FILE,
    FORCE_FOLDER,
    Console,
    check_output,
    output_option,
    shared,
)
from geowoonzorg.errors import StudyError
from geowoonzorg.messages import tell
from geowoonzorg.progress import part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geowoonzorg.ask import Question

_KINDS = {"int": int, "float": float, "bool": bool}
_NOT_ASKED = {"town", "sites", "progress"}


class Commands(click.Group):
    """The commands, with one for every question; those are only loaded when they are looked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command."""
        from geowoonzorg.ask import questions

        return sorted({*super().list_commands(ctx), *questions()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give a command by its name."""
        known = super().get_command(ctx, cmd_name)
        if known is not None:
            return known
        from geowoonzorg.ask import questions

        found = questions().get(cmd_name)
        return None if found is None else command_for(found)


def command_for(question: Question) -> click.Command:
    """Make the command of a question: its keyword arguments are options, told by its docstring."""
    doc = inspect.cleandoc(question.ask.__doc__ or "")
    options = dict(_options(question, doc))

    @click.argument("study", type=FILE)
    @shared
    def command(console: Console, study: Path, **given: Any) -> None:  # noqa: ANN401 - its own options
        named = given.pop("out" if question.output == "folder" else "output")
        output = named or study.parent / "out"
        ask_and_write(console, question, study, output, force=given.pop("force"), options=given)

    for name, (kind, text) in reversed(options.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, type=kind, help=text)(command)
    if question.output == "folder":
        out = click.option(
            "--out", type=FILE, help="Output folder; default: out, beside the study."
        )
        command = out(FORCE_FOLDER(command))
    else:
        command = output_option(question.output)(command)
    return click.command(question.command, help=doc.partition("\n\nParameters")[0])(command)


def ask_and_write(
    console: Console,
    question: Question,
    study: Path,
    output: Path,
    *,
    force: bool,
    options: dict[str, Any],
) -> None:
    """Refuse first what could not be written, then read, ask, write and tell."""
    from geowoonzorg.ask import ask_study, check_output_folder
    from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    from geowoonzorg.study import read_study, study_files

    _check_options(options)
    asked = read_study(study)
    if "profile" in options:
        read_scoring_profile(options["profile"] or asked.scoring.profile)
    inputs = [study, *study_files(asked)]
    if question.output == "folder":
        check_output_folder(output, question.outputs.names, force=force, inputs=inputs)
    else:
        check_output(output, question.output, force=force, inputs=inputs)
    answer = ask_study(
        question.command, asked, progress=part(console.progress, 0.0, 0.9), **options
    )
    written = answer.write(
        output, lang=console.lang, force=force, progress=part(console.progress, 0.9, 1.0)
    )
    lines = [*answer.summary, "", *map(str, written)]
    if question.output != "folder":
        lines = [*answer.summary, *(tell("{file} written", file=path) for path in written)]
    console.result(
        *lines,
        output=str(output),
        files=[str(path) for path in written],
        notes=list(answer.notes),
    )


def _check_options(options: dict[str, Any]) -> None:
    """Hold what is given against the bounds of what a study says itself."""
    from geowoonzorg.study import ScoringInput

    for item in fields(ScoringInput):
        value, bound = options.get(item.name), item.metadata.get("must_be")
        if value is not None and bound and not bound.holds(value):
            raise StudyError(
                "--{name} must be {words}, not {value}",
                name=item.name, words=bound.words, value=value,
            )  # fmt: skip


def _options(question: Question, doc: str) -> Iterator[tuple[str, tuple[Any, str]]]:
    """Give the name, type and help of every option; an option that is not given is what the study says."""
    for name, parameter in inspect.signature(question.ask).parameters.items():
        if name in _NOT_ASKED:
            continue
        kinds = re.split(r"\s*\|\s*", str(parameter.annotation))
        kind = next((_KINDS[k] for k in kinds if k in _KINDS), str)
        found = re.search(rf"^{name}\n((?: {{4}}.*\n)+)", f"{doc}\n", re.MULTILINE)
        text = " ".join(found[1].split()) if found else ""
        yield name, (kind, text[:1].upper() + text[1:])
