"""Time, memory, and one table per section."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).resolve().parents[2]


class SkipError(Exception):
    """A section, or a line of it, cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Timing:
    """The best of several runs: seconds on the clock, seconds of processor, and what came out."""

    wall_s: float
    cpu_s: float
    result: Any


def interleave(
    jobs: dict[str, Callable[[], Any]], *, repeats: int = 5, warm: bool = True
) -> dict[str, Timing]:
    """Run jobs in turn, so that what disturbs one disturbs all, and keep the best of each."""
    best: dict[str, Timing] = {}
    if warm:
        for job in jobs.values():
            job()
    for _ in range(repeats):
        for name, job in jobs.items():
            cpu, wall = time.process_time(), time.perf_counter()
            result = job()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if name not in best or wall < best[name].wall_s:
                least = min(cpu, best[name].cpu_s) if name in best else cpu
                best[name] = Timing(wall, least, result)
    return best


@contextmanager
def one_core():
    """Keep to one core, so that a parallel job and a plain loop are compared like with like."""
    if not hasattr(os, "sched_setaffinity"):  # not on every system
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def peak_mb() -> float:
    """Most memory this process ever held (MB)."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what the parent held before it started us
        line = next(s for s in status.read_text().splitlines() if s.startswith("VmHWM"))
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def in_child(module: str, *words: object) -> Any:
    """Run ``python -m tests.benchmarks.<module> words…`` and read the JSON on its last line."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    wall_s = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{module} {words}: {done.stderr.strip()[-2000:]}")
    return {"process_s": wall_s, **json.loads(done.stdout.splitlines()[-1])}


def say(text: str = "") -> None:
    """Print a line now."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Row:
    """One line: what was done, how long it took, against what, and how far off the answer is."""

    what: str
    seconds: float | None = None
    items: int = 0
    item: str = ""
    memory_mb: float | None = None
    ratio: float | None = None
    of: str = ""
    error: str = ""
    aim: str = ""
    met: bool | None = None

    def cells(self) -> list[str]:
        """Give the cells of the table."""
        per = (
            f"{span(self.seconds / self.items)}/{self.item}" if self.items and self.seconds else ""
        )
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}× {self.of}".strip()
        verdict = {True: "yes", False: "NO", None: ""}[self.met]
        return [
            self.what,
            "" if self.seconds is None else span(self.seconds),
            per,
            "" if self.memory_mb is None else f"{self.memory_mb:,.0f} MB",
            ratio,
            self.error,
            self.aim,
            verdict,
        ]


HEADER = ["what", "time", "per item", "memory", "against", "error", "aim", "met"]


def span(seconds: float) -> str:
    """Write a duration in a unit that suits it."""
    for limit, factor, unit in ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (1e9, 1.0, "s")):
        if seconds < limit:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"


def show(title: str, rows: Iterable[Row], *notes: str) -> None:
    """Print one table; the last words of what could not be measured say why."""
    table = [HEADER, *(row.cells() for row in rows)]
    kept = [
        i for i, name in enumerate(HEADER) if any(row[i] for row in table[1:]) or name == "what"
    ]
    widths = [max(len(row[i]) for row in table) for i in kept]
    say()
    say(title)
    for n, row in enumerate(table):
        texts = [
            row[i].ljust(w) if i in (0, 4, 5, 6) else row[i].rjust(w)
            for i, w in zip(kept, widths, strict=True)
        ]
        say("  " + "  ".join(texts).rstrip())
        if n == 0:
            say("  " + "  ".join("-" * w for w in widths))
    for note in notes:
        say(f"  {note}")
