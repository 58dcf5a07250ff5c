"""The loops run whatever numba there is: without the parts that are not documented, or without a cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from geowoonzorg._jit import COMPILED

LOOPS = """
import numpy as np
from geowoonzorg import _jit

@_jit.kernel
def total(array):
    out = 0.0
    for i in range(array.size):
        _jit_prefetch(array, i)
        out += first(array[i:])
    return out

@_jit.bare_kernel
def first(array):
    return array[0]

_jit_prefetch = _jit.prefetch
print(_jit.COMPILED, total(np.arange(5.0)))
"""


def run(code, tmp_path, **environment):
    script = tmp_path / "loops.py"
    script.write_text(code)
    return subprocess.run(
        [sys.executable, "-W", "error", script], capture_output=True, text=True, check=False,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache"), **environment},
    )  # fmt: skip


def stub(tmp_path, njit):
    """Make a numba that has ``njit`` and nothing else."""
    folder = tmp_path / "stub" / "numba"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(njit)
    paths = [str(folder.parent), str(Path(__file__).resolve().parents[2])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


def test_a_numba_without_inner_parts_compiles_the_loops(tmp_path):
    plain = stub(tmp_path, "def njit(**options):\n    return lambda function: function\n")
    done = run(LOOPS, tmp_path, **plain)
    assert done.stdout == "True 10.0\n", done.stderr


def test_a_numba_that_cannot_cache_compiles_without(tmp_path):
    refuses = stub(
        tmp_path,
        "def njit(cache=False, **options):\n"
        "    def compile(function):\n"
        "        if cache: raise RuntimeError('cannot cache function: no locator available')\n"
        "        return function\n"
        "    return compile\n",
    )
    done = run(LOOPS, tmp_path, **refuses)
    assert done.stdout == "True 10.0\n", done.stderr


@pytest.mark.skipif(not COMPILED, reason="numba is not installed")
@pytest.mark.parametrize(
    "part", ["numba.np.arrayobj", "numba.core.event", "numba.core.cpu", "numba.extending"]
)
def test_each_inner_part_may_be_missing(tmp_path, part):
    gone = f"""
import sys, {part}
kept, sys.modules[{part!r}] = sys.modules[{part!r}], None
import geowoonzorg._jit
sys.modules[{part!r}] = kept  # numba itself has it
"""
    done = run(gone + LOOPS, tmp_path)
    assert done.stdout == "True 10.0\n", done.stderr


@pytest.mark.skipif(not COMPILED, reason="numba is not installed")
def test_an_inner_part_that_does_something_else_costs_nothing_but_the_prefetch(tmp_path):
    changed = """
import numba.np.arrayobj as inner
make, inner.make_array = inner.make_array, lambda *given: None
import geowoonzorg._jit
inner.make_array = make
"""
    done = run(changed + LOOPS, tmp_path)
    assert done.stdout == "True 10.0\n", done.stderr


@pytest.mark.skipif(not COMPILED, reason="numba is not installed")
def test_no_folder_to_keep_machine_code_in_is_no_error(tmp_path):
    """As for a user without a home on a machine where the package belongs to another."""
    # who is root can write anywhere, so numba is told that nowhere will do
    nowhere = "from numba.core.caching import CacheImpl\nCacheImpl._locator_classes = []\n"
    done = run(nowhere + LOOPS, tmp_path)
    assert done.stdout == "True 10.0\n", done.stderr
