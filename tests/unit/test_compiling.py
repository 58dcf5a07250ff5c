"""The list of loops is what the commands use, each for one set of types; what is compiled ahead is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from geowoonzorg import compiling, doctor
from geowoonzorg._argument_kinds import type_of, words_of, words_of_type
from geowoonzorg._jit import COMPILED, unchangeable
from geowoonzorg.cli import run_command
from geowoonzorg.errors import StudyError
from geowoonzorg.walk.chunks import threads
from geowoonzorg.walk.kernels.search import HALF, Seeds

ROOT = Path(__file__).resolve().parents[2]
needs_numba = pytest.mark.skipif(not COMPILED, reason="numba is not installed")

#: Loops that are for more than one kind of array on purpose: what makes one larger, and heaps of two.
SEVERAL = {
    "walk.kernels.search:doubled": 3, "walk.kernels.rings:wider": 2, "walk.kernels.search:push": 2,
    "walk.kernels.search:pop": 2,
}  # fmt: skip
#: All together; a loop more is a loop more to wait for on every first run.
MOST = 125


def test_no_loop_is_compiled_twice_over():
    counts = Counter(loop.name for loop in compiling.all_loops())
    assert {name: n for name, n in counts.items() if n > 1} == SEVERAL
    assert counts.total() <= MOST


def test_callees_stand_before_their_callers():
    seen = set()
    for loop in compiling.all_loops():
        assert {*loop.calls} <= seen, loop.name
        seen.add(loop.name)


@needs_numba
def test_types_are_read_as_they_are_written():
    for loop in compiling.all_loops():
        for text in loop.types:
            assert words_of_type(type_of(text)) == text


@needs_numba
def test_the_commands_use_what_is_listed(tmp_path):
    """Anything else, and a first run compiles what ``geowoonzorg compile`` did not."""
    osm = ROOT / "data" / "demo" / "wierhaven.osm.pbf"
    homes = ROOT / "data" / "demo" / "kandidaten.gpkg"
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.list_kernels",
         "nearest", osm, homes, homes, "-o", tmp_path / "near.gpkg"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    listed = {
        (loop.name, loop.types) for loop in compiling.all_loops() if "nearest" in loop.commands
    }
    used = {(name, tuple(kinds)) for name, kinds, *_ in json.loads(done.stdout.splitlines()[-1])}
    assert len(used) > 20
    assert used <= listed
    called = {name for name, *_, way_in in json.loads(done.stdout.splitlines()[-1]) if way_in}
    assert called <= {loop.name for loop in compiling.all_loops() if loop.way_in}


@needs_numba
@pytest.mark.parametrize("value", [
    True, 3, 2.5, b"ab", np.int64(3), np.float64(2.5), np.bool_(1), np.zeros(2), np.zeros((2, 3), np.int32),
    np.zeros((2, 3)).T, np.zeros((4, 4))[::2, ::2], np.zeros(2, HALF), np.zeros(0, np.uint8), (1, 2.0), (1, 2),
    Seeds(*np.zeros((4, 2))), unchangeable(np.zeros(2)), unchangeable(np.zeros(2, HALF)),
    np.frombuffer(bytes(17), np.uint8)[1:].view(np.float64),
])  # fmt: skip
def test_a_value_is_told_as_numba_types_it(value):
    from numba import typeof

    assert words_of(value) == words_of_type(typeof(value))


@needs_numba
@pytest.mark.parametrize(
    "value", ["text", None, [1], np.zeros(2, ">f8"), np.zeros(2, complex), (1, "a")]
)
def test_what_is_not_told_is_left_to_numba(value):
    assert words_of(value) is None


def loops(**calls):
    return tuple(
        compiling.Loop(name, (), seconds=1.0, calls=tuple(of)) for name, of in calls.items()
    )


def test_helpers_get_callees_first_and_what_holds_up_most(monkeypatch):
    listed = loops(a=(), b=(), c=("b",), d=("c",))
    monkeypatch.setattr(compiling, "all_loops", lambda: listed)
    work = compiling._Work(listed)
    first, second = work.take(), work.take()
    assert [listed[at].name for at in (first, second)] == ["b", "a"]
    work.put(first, compiled=True)
    third = work.take()
    assert listed[third].name == "c"
    work.put(second, compiled=False)
    work.put(third, compiled=True)
    work.put(work.take(), compiled=True)
    assert work.take() is None
    assert work.done == 3


def test_what_is_waited_for_goes_first_with_all_that_it_calls(monkeypatch):
    listed = loops(a=(), b=(), c=("b",), d=("c",), e=("a",))
    monkeypatch.setattr(compiling, "all_loops", lambda: listed)
    work = compiling._Work(listed)
    work.want("e")
    first = work.take()
    assert listed[first].name == "a"
    work.put(first, compiled=True)
    assert listed[work.take()].name == "e"
    assert listed[work.take()].name == "b"


@needs_numba
def test_what_helpers_compile_is_kept(tmp_path):
    code = (
        "from geowoonzorg.compiling import all_loops, compile_loops, missing_loops\n"
        "few = [loop for loop in all_loops() if loop.name.startswith('walk.kernels.rings:wider')]\n"
        "print(len(few), compile_loops(few, processes=1)[0], len(all_loops()) - len(missing_loops()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.split() == ["2", "2", "2"]


def test_threads_are_as_asked(monkeypatch):
    monkeypatch.setenv("GEOWOONZORG_THREADS", "3")
    assert threads() == 3
    monkeypatch.delenv("GEOWOONZORG_THREADS")
    assert 1 <= threads() <= 4
    for wrong in ("0", "many", "-1", "1.5"):
        monkeypatch.setenv("GEOWOONZORG_THREADS", wrong)
        with pytest.raises(StudyError, match="GEOWOONZORG_THREADS"):
            threads()


@needs_numba
def test_the_command_says_how_many_where_and_how_long(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    n = len(compiling.all_loops())
    missing = [compiling.all_loops()[:3], ()]
    monkeypatch.setattr(compiling, "missing_loops", lambda: missing.pop(0))
    monkeypatch.setattr(compiling, "compile_loops", lambda **_: (3, 0.4))
    assert run_command(["compile", "--progress", "json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["compiled"], told["kept"]) == (3, n - 3)
    assert Path(told["output"]).is_relative_to(tmp_path)


@needs_numba
def test_the_command_fails_where_nothing_can_be_kept(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "a file"))
    (tmp_path / "a file").write_text("")
    assert run_command(["compile", "--lang", "en"]) == 5
    assert "cannot be kept there" in capsys.readouterr().err
    assert run_command(["compile", "--processes", "0"]) == 2


@needs_numba
def test_doctor_says_whether_they_are_compiled(monkeypatch):
    assert str(doctor._compiled()).startswith("loops: ")
    monkeypatch.setattr(compiling, "missing_loops", list)
    assert str(doctor._compiled()).endswith("are compiled")
