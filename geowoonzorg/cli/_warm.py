"""The command that keeps a town read for a program beside it: requests come in as lines, answers go out as lines."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import FILE, Console, shared
from geowoonzorg.errors import Cancelled, GeowoonzorgError
from geowoonzorg.messages import tell, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO, TextIO

PROTOCOL: Final = 1  # goes up when requests or answers are no longer what they were
_HELD_BYTES: Final = 1 << 21  # of one line; what is longer is cut off, and refused by who reads it
_HELD_LINES: Final = 64
_LOOK_S: Final = 0.5
_PROGRESS_STEP: Final = 0.01


@commands.command(hidden=True)
@click.argument("study", type=FILE)
@shared
def warm(console: Console, study: Path) -> None:
    """Keep a study's town read, and answer requests as JSON lines until the input ends."""
    out = sys.stdout
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    lines = Lines(sys.stdin.buffer, when_idle=lambda: os._exit(0))
    with contextlib.redirect_stdout(sys.stderr):  # whatever prints is a log, no answer
        serve(study, lines, out, lang=console.lang)


def _end_with(parent: int) -> None:
    """End this process when the one that started it is gone, however busy it is."""
    while os.getppid() == parent:
        threading.Event().wait(_LOOK_S)
    os._exit(Cancelled.exit_code)


class Lines:
    """Requests as they come, read beside the work, so that it is noticed at once when nobody will ask any more.

    Parameters
    ----------
    source
        Where the requests come from, until its end or a request to end.
    when_idle
        Called at that end when everything that was asked is answered, even while a town is being read.
    """

    def __init__(self, source: BinaryIO, *, when_idle: Callable[[], None] = lambda: None) -> None:
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_HELD_LINES)
        self._when_idle = when_idle
        threading.Thread(target=self._read, args=(source,), daemon=True).start()

    def _read(self, source: BinaryIO) -> None:
        while line := source.readline(_HELD_BYTES):
            if _is_end(line):
                break
            more = line
            while more and not more.endswith(b"\n"):  # the rest of a line that is too long
                more = source.readline(_HELD_BYTES)
            if line.strip():
                self._waiting.put(line)
        if not self._waiting.unfinished_tasks:
            self._when_idle()
        self._waiting.put(None)

    def __iter__(self) -> Iterator[bytes]:
        """Give every line until the end; one is done when the next is asked for."""
        while (line := self._waiting.get()) is not None:
            yield line
            self._waiting.task_done()


def _is_end(line: bytes) -> bool:
    """Whether the request is to end."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(asked, dict) and asked.get("ask") == "end"


def serve(study: Path, lines: Lines, out: TextIO, *, lang: str) -> None:
    """Say who this is, read the study, say that it is ready, and answer until the requests end.

    Parameters
    ----------
    study
        Its file.
    lines
        The requests.
    out
        Where the answers go, each on a line.
    lang
        Of the answers.

    Raises
    ------
    GeowoonzorgError
        When the study cannot be read; it has been told as an error line, too.
    """

    def say(content: dict[str, Any]) -> None:
        try:
            out.write(json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")
            out.flush()
        except OSError as error:  # whoever started this has closed the pipe
            raise Cancelled("cancelled; nothing was written") from error

    told = [-1.0]

    def progress(fraction: float, message: str) -> None:
        if fraction - told[0] >= _PROGRESS_STEP:
            told[0] = fraction
            shown = {"fraction": round(fraction, 4), "message": translate(message, lang)}
            say({"progress": shown})

    from importlib.metadata import version

    hello = {"program": "geowoonzorg", "version": version("geowoonzorg"), "protocol": PROTOCOL}
    say({"hello": hello})
    from geowoonzorg.ask.warm import Fault, WarmTown, fault_of

    try:
        town = WarmTown.read(study, lang=lang, progress=progress)
        say({"ready": town.about()})
        for line in lines:
            say(town.answer(line))
    except Cancelled:
        raise
    except GeowoonzorgError as error:
        say({"error": fault_of(error).told(lang)})
        raise
    except MemoryError:
        what = tell("this machine has too little memory for this study")
        cure = tell("close other programs, or take a smaller extract")
        say({"error": Fault(what, "study", cure, "memory").told(lang)})
        raise
