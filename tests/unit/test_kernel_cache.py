"""Compiled loops: found again by another environment of the same versions, and never read where others write."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geowoonzorg import _kernel_folders as kept
from geowoonzorg import _machine_code
from geowoonzorg._jit import COMPILED

pytestmark = pytest.mark.skipif(not COMPILED, reason="numba is not installed")
PACKAGE = Path(kept.__file__).parent
USE = """
import sys
import numpy as np
from geowoonzorg.progress import hear_compiling
from geowoonzorg.walk.kernels import rings
changes = []
with hear_compiling(changes.append):
    rings.wider(np.zeros((2, 2)))
print(rings.__file__, len(changes) > 0)
"""


def use(place, cache):
    """Use a loop of the package at ``place``, and say whether it was compiled."""
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=place, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(place), "NUMBA_CACHE_DIR": str(cache)},
    )  # fmt: skip
    file, compiled = done.stdout.split()
    assert Path(file).is_relative_to(place)
    return compiled == "True"


def test_another_place_of_the_same_package_does_not_compile_again(tmp_path):
    def install(place):
        shutil.copytree(
            PACKAGE, place / "geowoonzorg", ignore=shutil.ignore_patterns("__pycache__", "demo")
        )
        return place

    first, second = (install(tmp_path / name / "lib") for name in ("one", "other"))
    cache = tmp_path / "cache"
    assert use(first, cache)
    assert not use(first, cache)
    assert not use(second, cache)
    # one that is called by others changed: all are compiled anew
    source = second / "geowoonzorg" / "walk" / "kernels" / "search.py"
    source.write_text(source.read_text().replace("HALF = ", "HALF = HALF_ALSO = "))
    assert use(second, cache)
    # what is damaged is not read
    for path in [*cache.rglob("*.loop"), *cache.rglob("*.code")]:
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert use(first, cache)
    assert not use(first, cache)


WITHOUT = """
import sys
import numpy as np
from geowoonzorg.walk.kernels import bending, compression, rings
parts = compression.components(5, np.array([[0, 1], [3, 2]], np.int32))
turned = bending._clockwise(1.0, 2.0, 3.0)
print(parts, turned, rings.wider(np.arange(4.0).reshape(2, 2))[:2], "numba.core" in sys.modules)
"""


@pytest.mark.skipif(not _machine_code.is_tried(), reason="another numba than it was tried with")
def test_what_is_kept_is_called_without_numba_and_gives_the_same(tmp_path):
    """Arrays made in a loop, plain numbers and tuples come out the same, and numba may be loaded after it."""
    then = (
        "import numba; print(numba.njit(lambda x: x + 1)(1), rings.wider(np.zeros((2, 2))).shape)"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", WITHOUT + then], cwd=PACKAGE.parent, capture_output=True, text=True, check=True,
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        ).stdout.rstrip().rpartition("\n")
        for _ in range(2)
    ]  # fmt: skip
    (first, _, last), (again, _, last_again) = told
    assert first.endswith(" True")
    assert again == first.replace(" True", " False")
    assert last == last_again
    assert last.startswith("2 (")


def test_a_numba_that_was_never_tried_calls_its_loops_itself(tmp_path):
    never = "from geowoonzorg import _machine_code\n_machine_code._TRIED = ('0.0',)\n"
    told = [
        subprocess.run(
            [sys.executable, "-c", before + WITHOUT], cwd=PACKAGE.parent, capture_output=True, text=True, check=True,
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        ).stdout.rstrip()
        for before in ("", never)
    ]  # fmt: skip
    assert told[0] == told[1]
    assert told[1].endswith(" True")


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions as on Linux and macOS")
def test_no_folder_that_others_write_in_is_read(tmp_path):
    mine = tmp_path / "mine" / "kernels"
    mine.mkdir(parents=True)
    assert kept.is_ours_alone(mine)
    mine.chmod(0o777)
    assert not kept.is_ours_alone(mine)
    mine.chmod(0o1777)  # nobody takes away another's, but may add his own
    assert not kept.is_ours_alone(mine)
    mine.chmod(0o700)
    mine.parent.chmod(0o777)  # somebody puts another folder in its place
    assert not kept.is_ours_alone(mine)
    mine.parent.chmod(0o1777)
    assert kept.is_ours_alone(mine)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions as on Linux and macOS")
def test_an_open_folder_is_not_used(tmp_path, monkeypatch):
    kept._made.cache_clear()
    tmp_path.chmod(0o777)
    try:
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "caches"))
        assert kept.own_folder() is None
        assert kept.folders() == [kept.folder_beside()]
    finally:
        tmp_path.chmod(0o700)


def test_old_versions_go(tmp_path, monkeypatch):
    kept._made.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    for age in range(9):
        (tmp_path / "kernels" / f"v{age}").mkdir(parents=True)
        os.utime(tmp_path / "kernels" / f"v{age}", (1e9 - age, 1e9 - age))
    own = kept.own_folder()
    assert sorted(path.name for path in (tmp_path / "kernels").iterdir()) == sorted(
        [own.name, "v0", "v1", "v2", "v3", "v4"]
    )


def test_every_file_with_a_loop_names_the_version():
    named = {path for pattern in kept._SOURCES for path in PACKAGE.glob(pattern)}
    decorated = re.compile(r"^@(_jit\.)?(bare_)?kernel$", re.MULTILINE)
    with_loops = {
        path for path in PACKAGE.rglob("*.py") if decorated.search(path.read_text(encoding="utf-8"))
    }
    assert len(with_loops) > 20
    assert with_loops <= named
