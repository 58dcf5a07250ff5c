"""Run the benchmarks: ``python -m tests.benchmarks [SECTION …]``, by default all; ``--help`` names them."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import subprocess
import sys
import time

from tests.benchmarks.measure import ROOT, SkipError, peak_mb, say

SECTIONS = (
    "kampen", "reading_osm", "reach", "peers", "polygons", "country", "lands", "growth", "data", "what_if", "locate",
    "searching", "choosing", "region", "plugin", "starting", "large", "whole_run",
)  # fmt: skip


def main() -> int:
    """Measure each section in a process of its own, so that none inherits another's memory."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("section", nargs="*", help=f"of {', '.join(SECTIONS)}; by default all")
    parser.add_argument("--here", action="store_true", help="in this process (one section)")
    chosen = parser.parse_args()
    wrong = set(chosen.section) - set(SECTIONS)
    if wrong:
        parser.error(
            f"unknown section {', '.join(sorted(wrong))}; choose from {', '.join(SECTIONS)}"
        )
    if chosen.here:
        return _measure(chosen.section[0])
    began, failed = time.monotonic(), 0
    say(f"geowoonzorg benchmarks, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC")
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    say(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}{load}")
    for name in chosen.section or SECTIONS:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks", "--here", name], cwd=ROOT, check=False
        )
        failed += done.returncode != 0
    say(f"\nall in {time.monotonic() - began:.0f} s")
    return int(failed > 0)


def _measure(name: str) -> int:
    began = time.monotonic()
    try:
        importlib.import_module(f"tests.benchmarks.{name}").measure()
    except SkipError as reason:
        say(f"\n{name}: skipped: {reason}")
    say(f"  ({name}: {time.monotonic() - began:.0f} s, peak {peak_mb():,.0f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
