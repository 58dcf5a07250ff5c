"""The commands: arguments in, one public function each, and a message or a table out."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import click

from geowoonzorg._argv import option_value, spoken_language
from geowoonzorg.cli._console import Console
from geowoonzorg.cli._questions import Commands
from geowoonzorg.cli._usage import usage_error
from geowoonzorg.errors import (
    Cancelled,
    GeowoonzorgError,
    InternalError,
    OutOfMemoryError,
)
from geowoonzorg.progress import hear_compiling

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="geowoonzorg", prog_name="geowoonzorg")
@click.pass_context
def commands(context: click.Context) -> None:
    """Find good places for people who need a home with care nearby."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def run_command(arguments: Sequence[str]) -> int:  # noqa: PLR0911 - one for each outcome
    """Run one command and give its exit code; every error has been told.

    Parameters
    ----------
    arguments
        The words after ``geowoonzorg``.

    Returns
    -------
    int
        0 done, 2 wrong usage or configuration, 3 bad input, 4 a source could not be read or
        fetched, 5 output could not be written, 70 a fault of this program, 130 cancelled.

    Examples
    --------
    >>> run_command(["--version"])
    geowoonzorg, version ...
    0
    """
    console = Console(
        as_json=option_value(arguments, "--progress") == "json",
        debug="--debug" in arguments,
        lang=spoken_language(arguments),
    )
    try:
        with hear_compiling(console.compiling):
            commands.main(
                args=list(arguments), prog_name="geowoonzorg", standalone_mode=False, obj=console
            )
    except click.ClickException as error:
        return _fail(console, usage_error(error))
    except GeowoonzorgError as error:
        return _fail(console, error)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _fail(console, Cancelled("cancelled; nothing was written"))
    except MemoryError:
        return _fail(
            console,
            OutOfMemoryError(
                "this machine has too little memory for this; use a smaller extract or fewer limits, "
                "or close other programs"
            ),
        )
    except SystemExit:  # how click itself answers to a pipe that is closed
        return Cancelled.exit_code
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback for users
        return _fail(console, _fault(error))
    return 0


def _fault(error: Exception) -> InternalError:
    """Say that it is the program that is wrong, and what its makers need to repair it."""
    return InternalError(
        "this is a fault in geowoonzorg, not in your files ({kind}: {what}); run the same command again with "
        "--debug, and send what it prints, with what 'geowoonzorg doctor' tells, to who maintains geowoonzorg",
        kind=type(error).__name__,
        what=str(error),
    )


def _fail(console: Console, error: GeowoonzorgError) -> int:
    console.error(error)
    if console.debug:
        traceback.print_exc()
    return error.exit_code


# Each module adds its commands to the group above.
from geowoonzorg.cli import _compile, _data, _near, _studies, _walks, _warm, _weigh  # noqa: E402, F401
