"""What a command tells while it works, and the options that commands share."""

from __future__ import annotations

import functools
import json
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geowoonzorg._argv import DEFAULT_LANG
from geowoonzorg._kernel_cache import call_on_miss, is_first
from geowoonzorg.errors import Cancelled, GeowoonzorgError, StudyError
from geowoonzorg.messages import LANGUAGES, tell, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_REPORT_S = 0.1


@dataclass
class Console:
    """A bar and a text for people, or JSON lines for programs, both in the reader's language."""

    as_json: bool = False
    debug: bool = False
    lang: str = DEFAULT_LANG
    _last_s: float = field(default=-1.0, repr=False)
    _width: int = field(default=0, repr=False)
    _last: tuple[float, str] = field(default=(0.0, ""), repr=False)
    _compiling: int = field(default=0, repr=False)
    _says_compiling: bool = field(default=False, repr=False)

    def compiling(self, change: int) -> None:
        """Say that loops are being compiled, until the work itself is told again.

        There are a hundred of them: that one ends is not told, as the next begins at once.
        """
        self._compiling += change
        if self._last[1] and self._compiling and not self._says_compiling:
            self._tell(*self._last)

    def progress(self, fraction: float, message: str) -> None:
        """Show how far the work is, at most ten times a second."""
        self._last = fraction, message
        if time.monotonic() - self._last_s < _REPORT_S and fraction < 1:
            return
        self._tell(fraction, message)

    def _tell(self, fraction: float, message: str) -> None:
        self._last_s = time.monotonic()
        self._says_compiling = self._compiling > 0
        if not (self.as_json or sys.stderr.isatty()):
            return
        message = translate(message, self.lang)
        if self._says_compiling:
            compiling = tell("{work} (compiling, only on the first run)", work=message)
            message = translate(compiling, self.lang)
        if self.as_json:
            try:
                _line({"type": "progress", "fraction": round(fraction, 4), "message": message})
            except OSError as error:  # whoever started this has closed the pipe
                raise Cancelled("cancelled; nothing was written") from error
        else:
            bar = "█" * round(20 * fraction)
            text = f"\r{bar:░<20} {fraction:4.0%} {message}"
            click.echo(text.ljust(self._width), err=True, nl=False)
            self._width = len(text)

    def _clear(self) -> None:
        if self._width:
            click.echo("\r" + " " * self._width + "\r", err=True, nl=False)
            self._width = 0

    def say(self, *lines: str) -> None:
        """Say something to people before the work is done; programs hear it with the result."""
        if self.as_json:
            return
        self._clear()
        try:
            click.echo("\n".join(self.said(lines)))
        except OSError as error:
            raise Cancelled("cancelled; nothing was written") from error

    def result(self, *lines: str, **details: object) -> None:
        """Say what came out: ``lines`` for people, ``details`` for programs; their ``notes`` are sentences."""
        text = "\n".join(self.said(lines))
        if "notes" in details:
            details["notes"] = self.said(details["notes"])  # type: ignore[arg-type]
        try:
            if self.as_json:
                _line({"type": "result", "message": text, **details})
            else:
                self._clear()
                click.echo(text)
        except OSError as error:  # the work itself is done
            raise Cancelled("what came out could not be told: nobody reads it any more") from error

    def said(self, lines: Iterable[str]) -> list[str]:
        """Give sentences in the reader's language."""
        return [translate(line, self.lang) for line in lines]

    def error(self, error: GeowoonzorgError) -> None:
        """Say what went wrong."""
        told = error.told(self.lang)
        if self.as_json:
            kind = type(error).__name__
            with suppress(OSError):  # nobody listens any more: what went wrong stays what is told
                _line(
                    {"type": "error", "message": told, "kind": kind, "exit_code": error.exit_code}
                )
        with suppress(OSError):
            self._clear()
            click.echo(f"geowoonzorg: {told}", err=True)


def _line(content: dict[str, object]) -> None:
    click.echo(json.dumps(content, ensure_ascii=False))
    sys.stdout.flush()


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command has, and hand it the console."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback."),
        click.option(
            "--progress", type=click.Choice(["bar", "json"]), default="bar", expose_value=False,
            help="A bar on the terminal, or JSON lines on standard output.",
        ),
        click.option(
            "--lang", type=click.Choice(LANGUAGES), default=DEFAULT_LANG, show_default=True,
            expose_value=False, help="Of all that is told and made: Dutch or English.",
        ),
    ):  # fmt: skip
        command = option(command)
    return click.pass_obj(_with_loops(command))


def _with_loops(command: Callable[..., Any]) -> Callable[..., Any]:
    """Have what a command is the first to use compiled on all cores, beside its own work.

    The first time on a machine that begins at once; later, when a loop turns out to be missing.
    """

    @functools.wraps(command)
    def started(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - the command's own
        name = " ".join([click.get_current_context().info_name or "", *_shape_of(options)])
        ahead = _LateAhead(name)
        if is_first(name):
            ahead.begin()
        call_on_miss(ahead.wait_for)
        try:
            return command(*given, **options)
        finally:
            call_on_miss(None)
            ahead.stop()

    return started


def _shape_of(options: dict[str, Any]) -> list[str]:
    return ["polygons"] if options.get("shape") == "polygons" else []


class _LateAhead:
    """What compiles ahead of need, loaded when there is something to compile."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._ahead: Any = None

    def begin(self) -> None:
        self._made().begin(if_listed=True)

    def wait_for(self, name: str, words: tuple[str, ...]) -> None:
        self._made().wait_for(name, words)

    def stop(self) -> None:
        if self._ahead is not None:
            self._ahead.stop()

    def _made(self) -> Any:  # noqa: ANN401 - loaded late
        if self._ahead is None:
            from geowoonzorg.compiling import Ahead

            self._ahead = Ahead(self._command)
        return self._ahead


CRS = click.option(
    "--crs", default="EPSG:28992", show_default=True, help="The metric CRS to work in."
)
PROFILE = click.option(
    "--profile",
    default="rollator",
    show_default=True,
    help="Who walks: wandelaar, rollator, rolstoel or a TOML file.",
)


def walking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that walks."""
    for option in (
        CRS,
        click.option(
            "--no-access-legs", is_flag=True, help="Leave out the lines from place to street."
        ),
        click.option(
            "--max-snap-m", default=100.0, show_default=True, help="How far from a street, metres."
        ),
        PROFILE,
    ):
        command = option(command)
    return command


FILE = click.Path(path_type=Path)
FORCE = click.option(
    "--force", is_flag=True, help="Replace a file that this program did not write."
)


def _output(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the option that names the output, and the one that lets it replace another's file."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        return click.option("-o", "--output", required=True, type=FILE, help=text)(FORCE(command))

    return add


OUTPUT = _output("A GeoPackage, or a GeoParquet for its one layer.")
TABLE = _output("A csv file.")
FORCE_FOLDER = click.option(
    "--force", is_flag=True, help="Replace files in the output folder that no earlier run wrote."
)
PDF = click.option(
    "--pdf",
    is_flag=True,
    help="Also print the report as report.pdf, with the Chromium, Chrome or Edge of this computer.",
)


def output_option(suffix: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give the option that names the one output file of a question."""
    return {".gpkg": OUTPUT, ".csv": TABLE}[suffix]


def check_output(
    output: Path,
    suffix: str = ".gpkg",
    *,
    force: bool,
    inputs: Iterable[str | Path | None],
    layers: int = 1,
) -> None:
    """Refuse before the work what could not, or should not, be written after it; one layer may be GeoParquet."""
    from geowoonzorg.files import check_can_write, check_replaceable, check_writable, is_parquet

    if suffix == ".gpkg" and is_parquet(output):
        check_can_write(output, layers)
    elif output.suffix.lower() != suffix:
        raise StudyError(
            "--output {output}: give a name that ends in {suffix}", output=output, suffix=suffix
        )
    check_writable(output)
    check_replaceable(output, force=force, inputs=inputs)
