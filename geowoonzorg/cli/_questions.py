"""One command per question, made from its signature: a study in, its answer written."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import click

from geowoonzorg.cli._console import (
    FILE,
    FORCE_FOLDER,
    PDF,
    Console,
    check_output,
    output_option,
    shared,
)
from geowoonzorg.errors import StudyError
from geowoonzorg.messages import tell
from geowoonzorg.progress import part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from geowoonzorg.ask import Question

_ANSWERS = {"run": "sites"}  # what the answer to a command is called, where that is not its name
_KINDS = {"int": int, "float": float, "bool": bool}


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
    arguments = _arguments(question)
    # Each its own: what another question wrote is not to be replaced by the way.
    folder = "out" if question.command == "run" else question.command

    @shared
    def command(console: Console, **given: Any) -> None:  # noqa: ANN401 - its own options
        named = given.pop("out" if question.output == "folder" else "output")
        asked_of = [given.pop(name) for name in arguments]
        output = named or asked_of[0].parent / folder
        ask_and_write(
            console, question, *asked_of, output=output, force=given.pop("force"),
            pdf=given.pop("pdf", False), options=given,
        )  # fmt: skip

    for option in reversed(list(_options(question, doc))):
        command = option(command)
    if question.output == "folder":
        out = click.option(
            "--out", type=FILE, help=f"Output folder; default: {folder}, beside the study."
        )
        command = out(FORCE_FOLDER(PDF(command) if question.outputs.pages else command))
    else:
        command = output_option(question.output)(command)
    for name in reversed(arguments):
        command = click.argument(name, type=FILE)(command)
    return click.command(question.command, help=doc.partition("\n\nParameters")[0])(command)


def _arguments(question: Question) -> list[str]:
    """Name what a command is asked of: a study where the question is of a town, then what else it takes."""
    of_study = ["study"] if "town" in question.takes else []
    return [*of_study, *(name for name in question.takes if name not in {"town", "sites"})]


def ask_and_write(
    console: Console,
    question: Question,
    first: Path,
    *given: Path,
    output: Path,
    force: bool,
    options: dict[str, Any],
    pdf: bool = False,
) -> None:
    """Refuse first what could not be written, then read, ask, write and tell."""
    from geowoonzorg.ask import ask_study, check_output_folder, outputs_of
    from geowoonzorg.files import check_replaceable
    from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    from geowoonzorg.study import read_study, study_files

    _check_options(question, options)
    asked: Any = first
    inputs = [first, *given]
    if "town" in question.takes:
        asked = read_study(first)
        inputs += study_files(asked)
        if "profile" in options:
            read_scoring_profile(options["profile"] or asked.scoring.profile)
    if question.output == "folder":
        outputs = question.outputs
        if "town" in question.takes:
            outputs = outputs_of(question.command, asked)
        names = replace(outputs, printed=pdf).names
        about = _ANSWERS.get(question.command, question.command)
        check_output_folder(output, names, force=force, inputs=inputs, question=about)
    else:
        layers = next(iter(question.outputs.layers.values()), ())
        check_output(output, question.output, force=force, inputs=inputs, layers=len(layers))
        for beside in question.outputs.beside(output):
            check_replaceable(beside, force=force, inputs=inputs)
    answer = ask_study(
        question.command, asked, *given, progress=part(console.progress, 0.0, 0.9), **options
    )
    written = answer.write(
        output, lang=console.lang, force=force, pdf=pdf, progress=part(console.progress, 0.9, 1.0)
    )
    lines = [*answer.summary, "", *map(str, written), *(_not_printed(written) if pdf else ())]
    if question.output != "folder":
        lines = [*answer.summary, *(tell("{file} written", file=path) for path in written)]
    console.result(
        *lines,
        output=str(output),
        files=[str(path) for path in written],
        notes=list(answer.notes),
    )


def _not_printed(written: Sequence[Path]) -> Iterator[str]:
    """Say why there is no PDF where there is none; the answer itself is whole."""
    from geowoonzorg.show.printing import find_browser

    files = {file.name: file for file in written}
    if "report.pdf" in files:
        return
    report = files.get("report.html")
    if report is None:
        yield tell("report.pdf was not made: without sites there is no report")
    elif (browser := find_browser()) is None:
        yield tell(
            "report.pdf was not made: this computer has no Chromium, Chrome or Edge; open {file} in a browser and "
            "print it there",
            file=report,
        )
    else:
        yield tell(
            "report.pdf was not made: {browser} did not print it; open {file} in a browser and print it there",
            browser=browser, file=report,
        )  # fmt: skip


def _check_options(question: Question, options: dict[str, Any]) -> None:
    """Hold what is given against the bounds of what a study says itself, and see that nothing is missing."""
    from geowoonzorg.study import ScoringInput, sections

    for kind in (sections().get(question.section), ScoringInput):
        for item in fields(kind) if kind else ():
            value, bound = options.get(item.name), item.metadata.get("must_be")
            if value is not None and bound and not bound.holds(value):
                raise StudyError(
                    "--{name} must be {words}, not {value}",
                    name=question.spelled(item.name), words=bound.words, value=value,
                )  # fmt: skip


def _options(question: Question, doc: str) -> Iterator[Callable[..., Any]]:
    """Give every option with its type and help; an option that is not given is what the study says."""
    for parameter in question.options:
        name, annotation = parameter.name, str(parameter.annotation)
        found = re.search(
            rf"^(?:\w+, )*{name}(?:, \w+)*\n((?: {{4}}.*\n)+)", f"{doc}\n", re.MULTILINE
        )
        text = " ".join(found[1].split()) if found else ""
        kinds = re.split(r"\s*\|\s*", annotation)
        words = re.search(r"Literal\[(.*?)\]", annotation)
        kind: Any = next((_KINDS[k] for k in kinds if k in _KINDS), str)
        if words:
            kind = click.Choice(re.findall(r"[\"'](.*?)[\"']", words[1]))
        spelled = {"help": text[:1].upper() + text[1:], "type": kind}
        if annotation.startswith("Mapping["):
            yield click.option(
                f"--{question.spelled(name)}",
                name,
                multiple=True,
                metavar="KEY=VALUE",
                callback=_as_mapping,
                **spelled,
            )
        elif annotation.startswith("Sequence["):
            yield click.option(f"--{question.spelled(name)}", name, multiple=True, **spelled)
        else:
            yield click.option(f"--{question.spelled(name)}", name, **spelled)


def _as_mapping(
    _context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str] | None:
    """Read KEY=VALUE, once per option."""
    pairs = [one.partition("=") for one in given]
    if wrong := [key for key, sign, _ in pairs if not (key and sign)]:
        raise StudyError(
            "--{name} {given}: write it as KEY=VALUE", name=option.name, given=wrong[0]
        )
    return {key.strip(): value.strip() for key, _, value in pairs} or None
