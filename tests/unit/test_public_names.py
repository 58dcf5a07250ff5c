"""What ``import geowoonzorg`` offers: to a person, to a type checker, and for how little."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import geowoonzorg

ROOT = Path(__file__).resolve().parents[2]
INIT = Path(geowoonzorg.__file__)
HEAVY = (
    "numpy",
    "pandas",
    "shapely",
    "geopandas",
    "numba",
    "scipy",
    "pyproj",
    "pyogrio",
    "click",
    "folium",
)


def static_names():
    """Give what the block for type checkers imports: name → module."""
    found = {}
    for node in ast.walk(ast.parse(INIT.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("geowoonzorg."):
            for name in node.names:
                assert name.asname == name.name, name.name  # else no re-export
                found[name.name] = node.module.removeprefix("geowoonzorg.")
    return found


def test_a_type_checker_and_a_program_see_the_same_names():
    assert static_names() == geowoonzorg._HOMES


def test_only_public_names_are_shown():
    assert dir(geowoonzorg) == sorted([*geowoonzorg.__all__, "__version__"])


@pytest.mark.parametrize("name", geowoonzorg.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(geowoonzorg, name).__doc__


def test_another_name_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'red_study'"):
        geowoonzorg.red_study  # noqa: B018


def test_importing_brings_nothing_heavy_in():
    code = f"import sys, geowoonzorg; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_type_checker_sees_a_wrong_name_and_a_wrong_keyword(tmp_path):
    pytest.importorskip("mypy")
    script = tmp_path / "user.py"
    script.write_text(
        "import geowoonzorg as gw\n"
        'gw.red_study("x")\n'
        'gw.open_network("x", profle="y")\n'
        'study: int = gw.read_study("x")\n'
        'gw.read_study("x").network.profile.upper()\n'
    )
    line = ["-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml"), str(script)]
    done = subprocess.run(
        [sys.executable, *line], capture_output=True, text=True, check=False, cwd=ROOT
    )
    told = re.findall(r"user\.py:(\d+): error: .*\[([a-z-]+)\]", done.stdout)
    assert told == [("2", "attr-defined"), ("3", "call-arg"), ("4", "assignment")], done.stdout
