"""The commands: arguments in, one public function each, and a message or a table out."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import click

from geowoonzorg.cli._console import Console
from geowoonzorg.errors import Cancelled, GeowoonzorgError, InputError, StudyError
from geowoonzorg.progress import hear_compiling

if TYPE_CHECKING:
    from collections.abc import Sequence

_USAGE_CODE = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="geowoonzorg", prog_name="geowoonzorg")
def commands() -> None:
    """Find good places for people who need a home with care nearby."""


def run_command(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; every error has been told.

    Parameters
    ----------
    arguments
        The words after ``geowoonzorg``.

    Returns
    -------
    int
        0 done, 2 wrong usage or configuration, 3 bad input, 4 a source could not be read or
        fetched, 5 output could not be written, 130 cancelled.

    Examples
    --------
    >>> run_command(["--version"])
    geowoonzorg, version ...
    0
    """
    as_json = "json" in _option(arguments, "--progress")
    console = Console(as_json=as_json, debug="--debug" in arguments)
    try:
        with hear_compiling(console.compiling):
            commands.main(
                args=list(arguments), prog_name="geowoonzorg", standalone_mode=False, obj=console
            )
    except click.ClickException as error:
        if console.as_json:
            console.error(StudyError(error.format_message()))
        else:
            error.show()
        return _USAGE_CODE
    except GeowoonzorgError as error:
        return _fail(console, error)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _fail(console, Cancelled("cancelled; nothing was written"))
    except MemoryError:
        return _fail(
            console, InputError("not enough memory; use a smaller extract or fewer limits")
        )
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback for users
        what = f"unexpected {type(error).__name__}: {error}; run again with --debug and report it"
        return _fail(console, InputError(what))
    return 0


def _fail(console: Console, error: GeowoonzorgError) -> int:
    console.error(error)
    if console.debug:
        traceback.print_exc()
    return error.exit_code


def _option(arguments: Sequence[str], name: str) -> str:
    """Find an option's value before click has parsed the rest."""
    for number, argument in enumerate(arguments):
        if argument == name:
            return arguments[number + 1] if number + 1 < len(arguments) else ""
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return ""


# Each module adds its commands to the group above.
from geowoonzorg.cli import _data, _studies, _walks  # noqa: E402, F401
