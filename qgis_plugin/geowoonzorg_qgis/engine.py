"""The engine beside QGIS: found, started, listened to and stopped.

The engine never runs in QGIS's own Python: its libraries carry a PROJ and a GEOS of their own, and two of those in
one process end it. It is another interpreter's ``python -m geowoonzorg``, which tells its progress in JSON lines.
"""

from __future__ import annotations

import collections
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from . import settings
from .texts import tr

VARIABLE = "GEOWOONZORG_PYTHON"
# What QGIS sets for itself and would lead another Python, PROJ or GDAL astray.
FOREIGN = ("PYTHON", "PROJ_", "GDAL_", "OGR_", "GEOTIFF_", "QT_", "QGIS_", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_")
HANDSHAKE_S = 60.0  # a first start on a slow, virus-scanned disk
SILENCE_S = 60.0  # after this long without a word the user is told that waiting may be in vain
GRACE_S = 1.5  # what the engine gets to clean up after a cancel, before it is killed
LONGEST_LINE = 1 << 20
_LAST_LINES, _KEPT_LINES = 30, 1000
_SHOWN_LINES, _SHOWN_LETTERS = 10, 300


class EngineError(Exception):
    """The engine is missing, unfit, or said no; the text is meant for the user."""

    def __init__(self, message: str, *, ids: Sequence[str] = (), exit_code: int | None = None) -> None:
        super().__init__(message)
        self.ids = list(ids)
        self.exit_code = exit_code


class EngineCancelledError(EngineError):
    """The user cancelled; nothing was written."""


@dataclass(frozen=True)
class Engine:
    """An interpreter in which the engine was found to work."""

    python: str
    version: str
    origin: str


class Candidate(NamedTuple):
    """An interpreter that may have the engine, and who named it."""

    python: str
    origin: str


def clean_environment() -> dict[str, str]:
    """Give this process's environment without what belongs to QGIS's own Python and libraries."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(FOREIGN)}


def command(python: str, arguments: Sequence[str]) -> list[str]:
    """Give the command line: isolated (``-I``), so that no folder or variable of QGIS is seen."""
    return [python, "-I", "-X", "utf8", "-m", "geowoonzorg", *arguments]


def candidate() -> Candidate | None:
    """Give the interpreter to use: the setting, else the variable, else the managed environment."""
    from . import environment

    if chosen := settings.get("python"):
        return Candidate(chosen, tr("the setting in QGIS"))
    if variable := os.environ.get(VARIABLE):
        return Candidate(variable, tr("the variable {name}").format(name=VARIABLE))
    if environment.is_ready():
        return Candidate(str(environment.python_path()), tr("the plugin's own environment"))
    return None


_found: dict[tuple[str, float], Engine] = {}


def find() -> Engine:
    """Find the engine and check that its version goes with the plugin's.

    Raises
    ------
    EngineError
        There is none, it does not start, or it is of another version; the text says what to do.
    """
    choice = candidate()
    if choice is None:
        raise EngineError(missing_message())
    try:
        key = (choice.python, Path(choice.python).stat().st_mtime)
    except OSError as error:
        raise EngineError(
            tr("{origin} names an interpreter that is not there: {python}.").format(**choice._asdict()) + "\n" + missing_message()
        ) from error
    if key not in _found:
        version = ask_version(choice)
        check_version(version, choice)
        _found[key] = Engine(choice.python, version, choice.origin)
    return _found[key]


def forget_found() -> None:
    """Look again at the next call: an environment was made, repaired or removed."""
    _found.clear()


def wheel_name() -> str:
    """Give the file name of the engine that goes with this plugin; it lies beside the plugin's zip."""
    return f"geowoonzorg-{settings.plugin_version()}-py3-none-any.whl"


def missing_message() -> str:
    """Say exactly how to get the engine: from its file, never by its name alone, which anybody may have taken."""
    return tr(
        "The geowoonzorg engine was not found. It lies beside the plugin's zip, as {wheel}. Install it in one of these ways:\n"
        "1. in QGIS: Settings > Options > Geowoonzorg > Install, with the folder in which zip and wheel lie;\n"
        '2. in a Python of your own (3.11 or newer): python -m pip install "FOLDER/{wheel}", '
        "and choose that Python in Settings > Options > Geowoonzorg, or name it in the variable {variable}.\n"
        "Do not let pip fetch it by its name alone: what a package index has under that name need not be this engine."
    ).format(wheel=wheel_name(), variable=VARIABLE)


def ask_version(choice: Candidate) -> str:
    """Start the engine once and read its version."""
    try:
        answer = subprocess.run(  # noqa: S603 - the interpreter the user chose, no shell
            command(choice.python, ["--version"]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=clean_environment(),
            timeout=HANDSHAKE_S,
            check=False,
            **window_flags(),
        )
    except subprocess.TimeoutExpired as error:
        message = tr("{python} ({origin}) does not answer within {seconds:.0f} seconds.")
        raise EngineError(message.format(seconds=HANDSHAKE_S, **choice._asdict())) from error
    except OSError as error:
        message = tr("{python} ({origin}) cannot be started: {reason}.")
        raise EngineError(message.format(reason=error.strerror or error, **choice._asdict())) from error
    said = answer.stdout.decode("utf-8", "replace").strip()
    # A site's own start-up may have said something before.
    match = next(filter(None, (re.fullmatch(r"geowoonzorg, version (\S+)", line.strip()) for line in said.splitlines())), None)
    if match is None:
        heard = (answer.stderr.decode("utf-8", "replace").strip() or said).splitlines()
        message = tr("{python} ({origin}) has no working geowoonzorg engine. It says: {answer}")
        raise EngineError(
            message.format(answer=_legible(heard[-1]) if heard else tr("nothing"), **choice._asdict()) + "\n" + missing_message()
        )
    return match[1]


def check_version(version: str, choice: Candidate) -> None:
    """Refuse an engine whose first two version numbers are not the plugin's: its options may differ."""
    wanted = settings.plugin_version()
    if version.split(".")[:2] != wanted.split(".")[:2]:
        message = tr(
            "The engine in {python} ({origin}) is version {version}, this plugin needs {wanted}. "
            'Install the one that lies beside the plugin\'s zip: "{python}" -m pip install "FOLDER/{wheel}", or update the plugin.'
        )
        raise EngineError(message.format(version=version, wanted=wanted, wheel=wheel_name(), **choice._asdict()))


def run(
    arguments: Sequence[str],
    *,
    report: Callable[[float | None, str], None],
    cancelled: Callable[[], bool],
    json_lines: bool = True,
) -> dict:
    """Run one engine command to its end.

    Parameters
    ----------
    arguments
        The command and its options, without ``--lang`` and ``--progress``.
    report
        Called with the fraction done (0-1, or None for a remark) and what is being done.
    cancelled
        Asked ten times a second; when it says yes the engine is ended within two seconds.
    json_lines
        Whether the command speaks JSON lines; else its text comes back under ``"text"``.

    Raises
    ------
    EngineError
        As the engine wrote it, or what is known of its crash.
    EngineCancelledError
        The user cancelled.
    """
    found = find()
    if cancelled():
        raise EngineCancelledError(tr("Cancelled."))
    told = ["--lang", settings.language(), "--progress", "json"]
    line = command(found.python, [*arguments, *told] if json_lines else list(arguments))
    return listen(line, report=report, cancelled=cancelled, json_lines=json_lines)


def listen(
    line: Sequence[str],
    *,
    report: Callable[[float | None, str], None],
    cancelled: Callable[[], bool],
    json_lines: bool = True,
) -> dict:
    """Start a command line and follow what it says until it ends; see ``run``."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the interpreter the user chose, no shell
            list(line),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(),
            **window_flags(),
        )
    except OSError as error:
        raise EngineError(tr("{python} cannot be started: {reason}.").format(python=line[0], reason=error)) from error
    lines: queue.Queue[bytes | None] = queue.Queue()
    last_words: collections.deque[str] = collections.deque(maxlen=_LAST_LINES)
    threading.Thread(target=_pump, args=(process.stdout, lines), daemon=True).start()
    threading.Thread(target=_keep_last, args=(process.stderr, last_words), daemon=True).start()

    outcome: dict = {}
    text: list[str] = []
    try:
        for raw in _heard(lines, report=report, cancelled=cancelled):
            said = parse(raw) if json_lines else None
            if said is None:
                text.append(raw.decode("utf-8", "replace").rstrip())
                del text[:-_KEPT_LINES]
                if not json_lines:
                    report(None, text[-1])
            elif said["type"] == "progress":
                report(_fraction(said.get("fraction")), str(said.get("message", "")))
            else:
                outcome = said
        exit_code = process.wait(timeout=GRACE_S * 10)
    except subprocess.TimeoutExpired as error:
        raise EngineError(tr("The engine closed its output but does not end; it was stopped.")) from error
    finally:
        end(process)
    if outcome.get("type") == "error":
        ids = [str(i) for i in outcome.get("ids") or []]
        raise EngineError(str(outcome.get("message", "")), ids=ids, exit_code=outcome.get("exit_code", exit_code))
    if exit_code == 0 and (outcome or not json_lines):
        return {**outcome, "text": "\n".join(text)}
    raise EngineError(_crash_message(exit_code, [*last_words] or text[-_LAST_LINES:]), exit_code=exit_code)


def _heard(lines: queue.Queue, *, report: Callable[[float | None, str], None], cancelled: Callable[[], bool]) -> Iterator[bytes]:
    """Give the engine's lines as they come; ask ten times a second whether the user cancelled."""
    heard = time.monotonic()
    while True:
        if cancelled():
            raise EngineCancelledError(tr("Cancelled; nothing was written."))
        try:
            raw = lines.get(timeout=0.1)
        except queue.Empty:
            if time.monotonic() - heard > SILENCE_S:
                heard = time.monotonic()
                report(None, tr("The engine has been silent for a minute. You can wait, or cancel."))
            continue
        if raw is None:
            return
        heard = time.monotonic()
        yield raw


def parse(raw: bytes) -> dict | None:
    """Read one JSON line of the engine; None for anything else it may print."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and said.get("type") in {"progress", "result", "error"} else None


def end(process: subprocess.Popen) -> None:
    """End the engine if it still runs: asked first, killed when it does not listen."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    # The pumps read to the end of the pipes and close them.


def _fraction(value: object) -> float | None:
    if isinstance(value, (int, float)) and 0 <= value <= 1:
        return float(value)
    return None


def _crash_message(exit_code: int, last_words: Sequence[str]) -> str:
    if exit_code == 0:
        start = tr("The engine ended without saying what came of it; there is no result.")
    else:
        start = tr("The engine stopped unexpectedly (exit code {code}).").format(code=exit_code)
    said = "\n".join(filter(None, map(_legible, last_words[-_SHOWN_LINES:])))
    return start + ("\n" + tr("Its last words:") + "\n" + said if said else "")


def _legible(line: str) -> str:
    """Keep what a person can read of what a broken program printed."""
    return "".join(letter for letter in line if letter.isprintable() and letter != "\ufffd")[:_SHOWN_LETTERS].strip()


def _pump(stream, lines: queue.Queue) -> None:
    with stream:
        while raw := stream.readline(LONGEST_LINE):
            lines.put(raw)
    lines.put(None)


def _keep_last(stream, kept: collections.deque) -> None:
    with stream:
        while raw := stream.readline(LONGEST_LINE):
            kept.append(raw.decode("utf-8", "replace").rstrip())


def window_flags() -> dict:
    """Keep a console window from flashing up on Windows."""
    return {"creationflags": subprocess.CREATE_NO_WINDOW} if sys.platform == "win32" else {}
