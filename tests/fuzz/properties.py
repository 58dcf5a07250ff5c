"""``python -m fuzz.properties [--minutes 10] [--seed N]``, from the folder of the tests.

The tests that make their own examples, with other examples than in `make test`, where they are always the same.
"""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def passes(seed: int, rest: list[str]) -> bool:
    """Run every property once, with the examples of a seed."""
    line = [
        sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider",
        "-m", "hypothesis and not internet",
        "--hypothesis-profile=fuzz", f"--hypothesis-seed={seed}", *(rest or ["tests"]),
    ]  # fmt: skip
    return subprocess.run(line, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Go on with seed after seed; stop at the first one that finds something."""
    asked = argparse.ArgumentParser(prog="python -m fuzz.properties", description=__doc__)
    asked.add_argument("--minutes", type=float, default=10.0)
    asked.add_argument("--seed", type=int, default=None, help="only this one")
    told, rest = asked.parse_known_args()
    until = time.monotonic() + 60 * told.minutes
    done = 0
    while done == 0 or (told.seed is None and time.monotonic() < until):
        seed = secrets.randbelow(10**9) if told.seed is None else told.seed
        sys.stdout.write(f"properties with seed {seed}\n")
        sys.stdout.flush()
        if not passes(seed, rest):
            sys.stdout.write(f"again: make fuzz-properties SEED={seed}\n")
            return 1
        done += 1
    sys.stdout.write(
        f"{done} passes over all properties, each with other examples: nothing found\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
