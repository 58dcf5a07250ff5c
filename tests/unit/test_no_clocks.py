"""A test that measures seconds fails on a busy machine: they are measured by `make bench`.

What is run by hand for a time, `make fuzz`, may know how long; and the gate on growth divides one by another.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
CLOCK = re.compile(r"\btime\.(monotonic|perf_counter|process_time|thread_time|time)(_ns)?\(")
BY_HAND = ("benchmarks/", "fuzz/__main__.py", "fuzz/properties.py", "growth/test_growth.py")


@pytest.mark.parametrize(
    "name",
    [
        name
        for path in sorted(TESTS.rglob("*.py"))
        if not (name := path.relative_to(TESTS).as_posix()).startswith(BY_HAND)
    ],
)
def test_it_reads_no_clock(name):
    lines = (TESTS / name).read_text(encoding="utf-8").splitlines()
    found = [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(lines, 1)
        if CLOCK.search(line)
    ]
    assert not found
