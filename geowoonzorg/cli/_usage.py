"""What is wrong with the words of a command line, said as the rest is: of click's errors only the kind is used."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

import click

from geowoonzorg.errors import StudyError
from geowoonzorg.messages import listed, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geowoonzorg.messages import Message


def usage_error(error: click.ClickException) -> StudyError:
    """Say what is wrong with a command line.

    Parameters
    ----------
    error
        As click raised it.

    Returns
    -------
    StudyError
        In words of our own, and where the help is; what click says itself of a kind that is not known.

    Examples
    --------
    >>> usage_error(click.NoSuchOption("--out", possibilities=["--output"])).told("nl")
    '--out is geen optie; bedoeld is misschien --output; zie geowoonzorg --help'
    """
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "geowoonzorg"
    return StudyError("{what}; see {command} --help", what=_what(error), command=command)


def _what(error: click.ClickException) -> Message | str:  # noqa: PLR0911 - one for each kind
    told = error.format_message()
    if isinstance(error, click.NoSuchOption):
        return _or_near(
            tell("{name} is not an option", name=error.option_name), error.possibilities
        )
    if isinstance(error, click.MissingParameter):
        return tell("{name} is missing", name=_name(error.param))
    if isinstance(error, click.BadParameter):
        return _bad(error)
    if isinstance(error, click.BadOptionUsage):
        if "not take" in told:
            return tell("{name} takes no value", name=error.option_name)
        return tell("{name} needs a value", name=error.option_name)
    if found := re.match(r"No such command '(.*?)'", told):
        return _or_near(
            tell("{name} is not a command", name=found[1]), _commands_like(found[1], error)
        )
    if found := re.search(r"unexpected extra arguments? \((.*)\)", told):
        return tell("too many words: {words}", words=found[1])
    return told


def _commands_like(name: str, error: click.ClickException) -> list[str]:
    context = getattr(error, "ctx", None)
    if not context or not isinstance(context.command, click.Group):
        return []
    return difflib.get_close_matches(name, context.command.list_commands(context))


def _or_near(what: Message, near: Sequence[str] | None) -> Message:
    if not near:
        return what
    return tell("{what}; did you mean {near}?", what=what, near=near[0])


def _name(param: click.Parameter | None) -> str:
    if param is None:
        return ""
    return " / ".join(param.opts) if isinstance(param, click.Option) else param.human_readable_name


def _bad(error: click.BadParameter) -> Message | str:
    """Say what a value must be; click has the value in its sentence alone."""
    value, of_kind, _ = error.message.partition(" is not ")
    kind = error.param.type if error.param else None
    if not of_kind:
        return error.format_message()
    name = _name(error.param)
    if isinstance(kind, click.Choice):
        *first, last = map(str, kind.choices)
        choice = tell("{first} or {last}", first=listed(first, between=", "), last=last)
        return tell("{name} must be {choice}, not {value}", name=name, choice=choice, value=value)
    if kind is click.INT:
        return tell("{name} must be a whole number, not {value}", name=name, value=value)
    return tell("{name} must be a number, not {value}", name=name, value=value)
