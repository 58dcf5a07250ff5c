"""``python -m fuzz [--minutes 10] [--seed N] [--only SEED …]``, from the folder of the tests."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .run import TESTS, look_at

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = TESTS.parent / ".fuzz"


def main() -> int:
    """Fuzz for a while; fails when something was found."""
    asked = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    asked.add_argument("--minutes", type=float, default=10.0)
    asked.add_argument(
        "--seed", type=int, default=None, help="the first seed; a random one by default"
    )
    asked.add_argument(
        "--only", type=int, nargs="+", action="extend", help="the seeds of single mutants"
    )
    asked.add_argument("--folder", type=Path, default=FOLDER, help="where findings are kept")
    told = asked.parse_args()
    first = secrets.randbelow(10**9) if told.seed is None else told.seed
    until = time.monotonic() + 60 * told.minutes

    def numbers() -> Iterator[int]:
        seed = first
        while time.monotonic() < until:
            yield seed
            seed += 1

    _say(f"seeds from {first}; findings in {told.folder}")
    wrong, kinds = look_at(iter(told.only) if told.only else numbers(), told.folder)
    _say(
        f"{kinds.total()} mutants: {dict(sorted(kinds.items()))} (we, libosmium: f read, r refused)"
    )
    for seed, why in wrong.items():
        _say(f"{seed}: {why}\n  again: make fuzz ONLY={seed}")
    return 1 if wrong else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
