"""Compile loops ahead of need, in as many processes as there are cores: those a command will use, or all.

Which loops there are, for which types, and what calls what stands in ``knowledge/kernels.toml``, as running the
commands found it. numba compiles one loop at a time in a process, so helpers are processes; each is given the next
loop all of whose callees are there, those first that hold up most.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import subprocess
import sys
import threading
import time
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any, Final

from geowoonzorg._argument_kinds import type_of
from geowoonzorg._jit import COMPILED
from geowoonzorg._kernel_cache import is_kept
from geowoonzorg._kernel_folders import write_for_all, writing_to
from geowoonzorg.knowledge import read_document
from geowoonzorg.progress import Progress, silent, tell_compiling

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: A helper takes about a second to start; for less work than this none is called (s).
_WORTH_S: Final = 2.0
_MOST_HELPERS: Final = 8
_HELPER: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    f"from {__name__} import help_compile; help_compile(sys.argv[2:], sys.stdin, sys.stdout)"
)


@dataclass(frozen=True)
class Loop:
    """A loop for some types of arguments, as the commands call it."""

    name: str
    types: tuple[str, ...]
    seconds: float
    calls: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    #: Whether Python calls it; what only other loops call is compiled for them alone.
    way_in: bool = True

    @property
    def roles(self) -> tuple[bool, ...]:
        """For whom it is compiled: False for Python, True for loops that call it."""
        return tuple([False] * self.way_in + [True] * (self.name in _called()))


@dataclass(frozen=True)
class _Listed:
    """What stands in ``knowledge/kernels.toml``."""

    loop: tuple[Loop, ...]


@functools.cache
def all_loops() -> tuple[Loop, ...]:
    """List every loop that the commands use, for the types that they use it for.

    Returns
    -------
    tuple of Loop
        Callees are named before their callers.

    Examples
    --------
    >>> "walk.kernels.search:search" in {loop.name for loop in all_loops()}
    True
    """
    name = "kernels.toml"
    text = (files("geowoonzorg") / "knowledge" / name).read_text("utf-8")
    return read_document(tomllib.loads(text), _Listed, where=name).loop


@functools.cache
def _called() -> frozenset[str]:
    """Name the loops that others call."""
    return frozenset(name for loop in all_loops() for name in loop.calls)


def _found(loop: Loop) -> Any:  # noqa: ANN401 - a loop of our own
    module, _, name = loop.name.partition(":")
    return getattr(importlib.import_module(f"geowoonzorg.{module}"), name)


def missing_loops(command: str = "") -> list[Loop]:
    """List the loops that are not kept compiled.

    Parameters
    ----------
    command
        Only those that this command uses.

    Returns
    -------
    list of Loop
        Empty where all are, and where numba is missing.

    Examples
    --------
    >>> len(missing_loops()) <= len(all_loops())
    True
    """
    if not COMPILED:
        return []
    return [
        loop
        for loop in all_loops()
        if (not command or command in loop.commands)
        and not all(is_kept(loop.name, loop.types, called=called) for called in loop.roles)
    ]


class _Work:
    """What is left to compile, given out to whoever asks: first what is waited for, then what holds up most.

    Or ``in_order``, for a command that may be done before the last of the list are needed at all.
    """

    def __init__(self, loops: Sequence[Loop], *, in_order: bool = False) -> None:
        self.in_order = in_order
        self.left = {at: loop for at, loop in enumerate(all_loops()) if loop in set(loops)}
        self.total = sum(loop.seconds for loop in self.left.values())
        self.busy: dict[int, Loop] = {}
        self.done = 0
        self.done_s = 0.0
        self.change = threading.Condition()
        self.wanted: set[str] = set()
        # how long it takes from the start of a loop to the end of all that waits for it
        self.urgency: dict[str, float] = {}
        callers: dict[str, list[Loop]] = {}
        for loop in self.left.values():
            for name in loop.calls:
                callers.setdefault(name, []).append(loop)
        for loop in reversed(list(self.left.values())):
            after = max(
                (self.urgency.get(c.name, 0.0) for c in callers.get(loop.name, ())), default=0.0
            )
            self.urgency[loop.name] = max(self.urgency.get(loop.name, 0.0), loop.seconds + after)

    def waiting(self) -> list[Loop]:
        """Give what is not done yet."""
        return [*self.left.values(), *self.busy.values()]

    def want(self, name: str) -> None:
        """Have a loop, and all that it calls, compiled before any other."""
        calls: dict[str, set[str]] = {}
        for loop in self.waiting():
            calls.setdefault(loop.name, set()).update(loop.calls)
        new = {name}
        while new:
            self.wanted |= new
            new = {one for caller in new for one in calls.get(caller, ())} - self.wanted

    def take(self) -> int | None:
        """Wait for a loop whose callees are compiled; None when there is nothing left."""
        with self.change:
            while self.left:
                waiting = {loop.name for loop in self.waiting()}
                ready = [
                    (
                        loop.name in self.wanted,
                        -at if self.in_order else self.urgency[loop.name],
                        at,
                    )
                    for at, loop in self.left.items()
                    if not (waiting - {loop.name}).intersection(loop.calls)
                ]
                if ready:
                    at = max(ready)[-1]
                    self.busy[at] = self.left.pop(at)
                    return at
                self.change.wait(0.5)
            return None

    def put(self, at: int, *, compiled: bool) -> None:
        """Say that a loop is compiled, or will not be."""
        with self.change:
            loop = self.busy.pop(at)
            self.done += compiled
            self.done_s += loop.seconds
            self.change.notify_all()


class _Helpers:
    """Other processes that compile what is given out, until they are stopped."""

    def __init__(self, work: _Work, count: int, *, for_all: bool = False) -> None:
        self.work = work
        self._processes: list[subprocess.Popen[str]] = []
        with suppress(OSError):  # no more processes: with as many as there are
            self._processes.extend(_start(for_all=for_all) for _ in range(count))
        self._threads = [
            threading.Thread(target=_lead, args=(helper, work), daemon=True)
            for helper in self._processes
        ]
        for thread in self._threads:
            thread.start()

    def are_busy(self) -> bool:
        """Say whether any of them still works."""
        return any(thread.is_alive() for thread in self._threads)

    def wait_for(self, name: str, words: tuple[str, ...]) -> None:
        """Wait for one loop, which goes before all others; not longer than there is anybody to compile it."""
        with self.work.change:
            self.work.want(name)
            self.work.change.notify_all()
            tell_compiling(1)
            try:
                while self.are_busy() and any(
                    (loop.name, loop.types) == (name, words) for loop in self.work.waiting()
                ):
                    self.work.change.wait(0.2)
            finally:
                tell_compiling(-1)

    def stop(self) -> None:
        """End them, whatever they are at; what is not compiled is compiled when it is needed."""
        with self.work.change:
            self.work.left.clear()
            self.work.change.notify_all()
        for helper in self._processes:
            helper.kill()
            helper.wait()
        for thread in self._threads:
            thread.join()
        for helper in self._processes:
            for pipe in (helper.stdin, helper.stdout):
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]


def compile_loops(
    loops: Sequence[Loop] | None = None,
    *,
    processes: int | None = None,
    for_all: bool = False,
    progress: Progress = silent,
) -> tuple[int, float]:
    """Compile loops in other processes, into the folder where they are kept.

    Parameters
    ----------
    loops
        Which, default all that are missing.
    processes
        How many, default as many as this process may use cores, at most 8.
    for_all
        Keep them with the code, for all users of this installation, instead of for this user.
    progress
        Heard a few times a second.

    Returns
    -------
    tuple
        How many were compiled, and how long it took (s). One that fails is not counted: whoever needs it compiles it.

    Examples
    --------
    >>> compile_loops([])[0]
    0
    """
    began = time.monotonic()
    work = _Work(missing_loops() if loops is None else loops)
    tell_compiling(1)
    helpers = _Helpers(
        work, min(processes or _cores(), _MOST_HELPERS, len(work.left)), for_all=for_all
    )
    try:
        while helpers.are_busy():
            with work.change:
                work.change.wait(0.2)
            progress(min(work.done_s / max(work.total, 1e-9), 1.0), "compiling loops")
    finally:
        tell_compiling(-1)
        helpers.stop()
    return work.done, time.monotonic() - began


def _start(*, for_all: bool) -> subprocess.Popen[str]:
    """Start a helper, which finds modules where this process does and nowhere else, such as where the user stands."""
    return subprocess.Popen(  # noqa: S603 - Python itself
        [sys.executable, "-I", "-c", _HELPER, json.dumps(sys.path), *(["for-all"] if for_all else [])],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )  # fmt: skip


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _lead(helper: subprocess.Popen[str], work: _Work) -> None:
    """Give one helper loop after loop."""
    to, back = helper.stdin, helper.stdout
    assert to is not None  # noqa: S101 - both are pipes
    assert back is not None  # noqa: S101
    while (at := work.take()) is not None:
        try:
            to.write(f"{at}\n")
            to.flush()
            answer = back.readline().strip()
        except OSError:
            answer = ""
        work.put(at, compiled=answer == "compiled")
        if not answer:  # it has died; the others go on
            return


class Ahead:
    """Compiles, beside the work of a command, the loops that it will use; whoever needs one waits for that one.

    Parameters
    ----------
    command
        Its name; of one that is not in the list, all that ``run`` uses.

    Examples
    --------
    >>> ahead = Ahead("network")
    >>> ahead.stop()
    """

    def __init__(self, command: str) -> None:
        self._command = command
        self._helpers: _Helpers | None = None
        self._looked = False

    def begin(self, *, if_listed: bool = False) -> None:
        """Start, where anything is missing and that is worth the start of other processes.

        Parameters
        ----------
        if_listed
            Not for a command of which it is not known that it uses any loop.
        """
        known = any(self._command in loop.commands for loop in all_loops())
        if self._looked or (if_listed and not known):
            return
        self._looked = True
        missing = missing_loops(self._command if known else "run")
        enough = sum(loop.seconds for loop in missing) > _WORTH_S
        if enough and _cores() > 1 and writing_to() is not None:
            self._helpers = _Helpers(
                _Work(missing, in_order=True), min(_cores(), _MOST_HELPERS, len(missing))
            )

    def wait_for(self, name: str, words: tuple[str, ...]) -> None:
        """Wait until a loop is compiled by a helper, or will not be.

        Parameters
        ----------
        name, words
            The loop, and the types of its arguments.
        """
        self.begin()
        if self._helpers is not None:
            self._helpers.wait_for(name, words)

    def stop(self) -> None:
        """End what is still being compiled: the command did without."""
        if self._helpers is not None:
            self._helpers.stop()


def help_compile(words: Sequence[str], lines: Iterable[str], answers: IO[str]) -> None:
    """Compile the loops whose numbers are read, one a line, and answer to each.

    Parameters
    ----------
    words
        ``for-all`` to keep them with the code.
    lines
        The numbers.
    answers
        Where is told that one is compiled.

    Examples
    --------
    >>> help_compile([], [], sys.stdout)
    """
    if "for-all" in words:
        write_for_all()
    _open_without_its_own("osm")
    for part in (
        "blas",
        "lapack",
    ):  # numba asks for them when it starts; no loop does, and scipy.linalg is large
        sys.modules.setdefault(f"scipy.linalg.cython_{part}", None)  # type: ignore[arg-type]
    gc.set_threshold(200_000, 50, 50)  # compiling makes many objects and hardly any garbage
    with suppress(KeyboardInterrupt, BrokenPipeError):  # who asked is gone
        _answer(lines, answers)


def _open_without_its_own(name: str) -> None:
    """Make a package whose loops can be imported without all the rest that it imports."""
    whole = f"geowoonzorg.{name}"
    package = ModuleType(whole)
    package.__path__ = [str(Path(__file__).with_name(name))]
    sys.modules.setdefault(whole, package)


def _answer(lines: Iterable[str], answers: IO[str]) -> None:
    for line in lines:
        loop = all_loops()[int(line)]
        answer = "compiled"
        try:
            types = tuple(map(type_of, loop.types))
            for called in loop.roles:
                (_found(loop).called if called else _found(loop).compiled).compile(types)
        except Exception as error:  # noqa: BLE001 - whoever needs it hears why
            answer = f"failed: {type(error).__name__}"
        answers.write(f"{answer}\n")
        answers.flush()
