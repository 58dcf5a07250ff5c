"""A test that measures seconds fails on a busy machine: they are measured by `make bench`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
CLOCK = re.compile(r"\btime\.(monotonic|perf_counter|process_time|thread_time|time)(_ns)?\(")
MEASURING = {"benchmarks"}


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(TESTS.rglob("*.py")) if not MEASURING & set(p.relative_to(TESTS).parts)],
    ids=lambda path: str(path.relative_to(TESTS)),
)
def test_it_reads_no_clock(path):
    found = [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CLOCK.search(line)
    ]
    assert not found
