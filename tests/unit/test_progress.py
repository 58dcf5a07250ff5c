"""What is told while one waits."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from geowoonzorg._jit import COMPILED
from geowoonzorg.cli._console import Console
from geowoonzorg.progress import hear_compiling, tell_compiling

LOOP = """
from geowoonzorg._jit import kernel
from geowoonzorg.progress import hear_compiling

@kernel
def add(a, b):
    return a + b

if __name__ == "__main__":
    changes = []
    with hear_compiling(changes.append):
        add(1, 2)
    add(1.5, 2.5)
    print(changes)
"""


@pytest.mark.skipif(not COMPILED, reason="numba is not installed")
def test_compiling_is_heard_once_on_a_machine(tmp_path):
    script = tmp_path / "loop.py"
    script.write_text(LOOP)
    told = [
        subprocess.run(
            [sys.executable, script], env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for _ in range(2)
    ]  # fmt: skip
    assert told == ["[1, -1]", "[]"]


def test_the_console_says_so_for_as_long_as_it_lasts(capsys):
    console = Console(as_json=True, lang="en")
    console.progress(0.25, "walking")
    with hear_compiling(console.compiling):
        for change in (1, 1, -1, -1):
            tell_compiling(change)
    tell_compiling(1)
    console.progress(1.0, "done")
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["fraction"], line["message"]) for line in said] == [
        (0.25, "walking"), (0.25, "walking (compiling, only on the first run)"),
        (1.0, "done"),
    ]  # fmt: skip


def test_a_hundred_loops_compiled_after_each_other_are_one_line(capsys):
    console = Console(as_json=True, lang="en")
    console.progress(0.25, "walking")
    for change in (1, -1) * 100:
        console.compiling(change)
    assert len(capsys.readouterr().out.splitlines()) == 2
