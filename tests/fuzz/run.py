"""Makes mutants, has them read, and keeps those on which the readers differ."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from .mutants import mutate
from .seeds import seeds

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parents[1]
#: A mutant has a few hundred bytes: who reads longer at it, compiling included, will not come back.
PATIENCE_S = 300


def mutant(seed: int) -> bytes:
    """Make the mutant of a seed, always the same one."""
    dice = Random(seed)  # noqa: S311 - not for secrets
    files = _seeds()
    return mutate(deepcopy(files[seed % len(files)]), dice)


_seeds = cache(seeds)


class Child:
    """The process that reads; a new one after each that died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._said = b""

    def ask(self, path: Path) -> tuple[str | None, str]:
        """Have a file read: what is wrong, and who refused it."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fuzz.child"], cwd=TESTS, bufsize=0,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self._said = b""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died since
            self._process.stdin.write(f"{path}\n".encode())
        who = "the child"
        while True:
            line = self._line()
            if line is None:
                process = self._process
                code = process.poll()
                self.close()
                how = f"read for {PATIENCE_S} s" if code is None else f"ended with {code}"
                return f"{who} {how}", "x"
            if line.startswith("["):
                wrong, kind = json.loads(line)
                return wrong, kind
            who = line

    def _line(self) -> str | None:
        """Give the next line that the process says; None when it ended or takes too long."""
        assert self._process is not None
        assert self._process.stdout is not None
        while b"\n" not in self._said:
            ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
            more = os.read(self._process.stdout.fileno(), 1 << 16) if ready else b""
            if not more:
                if ready:
                    self._process.wait()
                return None
            self._said += more
        line, self._said = self._said.split(b"\n", 1)
        return line.decode()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def look_at(numbers: Iterator[int], folder: Path) -> tuple[dict[int, str], Counter[str]]:
    """Have the mutants of some seeds read; gives what is wrong by seed, and how many were refused by whom."""
    folder.mkdir(parents=True, exist_ok=True)
    wrong: dict[int, str] = {}
    kinds: Counter[str] = Counter()
    child = Child()
    path = folder / "mutant.osm.pbf"
    try:
        for seed in numbers:
            path.write_bytes(mutant(seed))
            why, kind = child.ask(path)
            kinds[kind] += 1
            if why is not None:
                wrong[seed] = why
                path.rename(folder / f"{seed}.osm.pbf")
    finally:
        child.close()
        path.unlink(missing_ok=True)
    return wrong, kinds
