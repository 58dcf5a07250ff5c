"""The environment the plugin manages: made from a folder of wheels, broken, repaired, removed."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

MAIN = """
import sys
print("geowoonzorg, version 0.1.0") if "--version" in sys.argv else print('{"type": "result", "message": "yes"}')
"""


def wheel(folder: Path, version: str = "0.1.0", body: str = MAIN) -> None:
    """Write a wheel that answers as the engine does."""
    info = f"geowoonzorg-{version}.dist-info"
    files = {
        "geowoonzorg/__init__.py": "",
        "geowoonzorg/__main__.py": body,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: geowoonzorg\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(text.encode())}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"geowoonzorg-{version}-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


@pytest.fixture
def environment(plugin, tmp_path, monkeypatch):
    from geowoonzorg_qgis import engine, environment

    monkeypatch.setattr(environment, "folder", lambda: tmp_path / "local" / "geowoonzorg_qgis" / "engine-0.1.0")
    monkeypatch.delenv(engine.VARIABLE, raising=False)
    engine.forget_found()
    yield environment
    engine.forget_found()


@pytest.fixture
def wheels(tmp_path):
    folder = tmp_path / "map met wielen"
    folder.mkdir()
    wheel(folder)
    return folder


def make(environment, wheels, *, cancelled=lambda: False):
    said = []
    environment.create(wheels=str(wheels), report=lambda f, m: said.append((f, m)), cancelled=cancelled)
    return said


def test_an_interpreter_that_talks_is_understood_or_passed_over(environment, tmp_path, monkeypatch):
    from geowoonzorg_qgis import engine

    paths = {said: tmp_path / f"python{i}" for i, said in enumerate(("hello\n3 99", "hello", "", "3 2"))}
    for said, path in paths.items():
        path.write_text(f"#!/bin/sh\nprintf '%s' '{said}'\n")
        path.chmod(0o755)
    monkeypatch.setattr(environment, "_bases", lambda: list(map(str, reversed(paths.values()))))
    assert environment.base_python() == str(paths["hello\n3 99"])
    paths["hello\n3 99"].unlink()
    with pytest.raises(engine.EngineError, match="python1"):
        environment.base_python()


def test_nothing_is_made_until_asked(environment):
    from geowoonzorg_qgis import engine

    assert engine.candidate() is None
    assert not environment.folder().exists()


def test_it_is_made_from_wheels_without_the_internet_used_and_removed(environment, wheels, monkeypatch, tmp_path):
    from geowoonzorg_qgis import engine

    for name in ("http_proxy", "https_proxy"):  # whatever tried the internet would fail
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    said = make(environment, wheels)
    fractions = [fraction for fraction, _ in said if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    found = engine.find()
    assert (found.version, found.python) == ("0.1.0", str(environment.python_path()))
    assert engine.run(["doctor"], report=lambda f, m: None, cancelled=lambda: False)["message"] == "yes"
    assert environment.size_mb() > 1
    environment.remove()
    assert engine.candidate() is None
    assert not (tmp_path / "local" / "geowoonzorg_qgis").exists()


def test_a_broken_one_is_noticed_and_repaired(environment, wheels):
    make(environment, wheels)
    (environment.folder() / "ready").unlink()
    assert environment.is_broken()
    assert not environment.is_ready()
    make(environment, wheels)
    assert environment.is_ready()


@pytest.mark.parametrize("kind", ["empty", "other version", "broken engine"])
def test_when_it_fails_nothing_is_left_and_pip_is_quoted(environment, tmp_path, kind):
    from geowoonzorg_qgis import engine

    folder = tmp_path / "wheels"
    folder.mkdir()
    if kind == "other version":
        wheel(folder, version="0.0.9")
    elif kind == "broken engine":
        wheel(folder, body="raise SystemExit('kapot')")
    with pytest.raises(engine.EngineError, match="kapot" if kind == "broken engine" else r"geowoonzorg==0\.1\.0"):
        make(environment, folder)
    assert not environment.folder().exists()


def test_cancelled_halfway_nothing_is_left(environment, wheels, tmp_path):
    from geowoonzorg_qgis import engine

    calls = iter(range(1000))
    with pytest.raises(engine.EngineCancelledError):
        make(environment, wheels, cancelled=lambda: next(calls) > 5)
    assert not (tmp_path / "local" / "geowoonzorg_qgis").exists()


def test_a_place_without_permission_is_told(environment, wheels, monkeypatch):
    from geowoonzorg_qgis import engine

    monkeypatch.setattr(environment, "folder", lambda: Path("/proc/nowhere/engine-0.1.0"))
    with pytest.raises(engine.EngineError, match="/proc/nowhere"):
        make(environment, wheels)


def test_qgis_own_python_is_not_touched(environment, wheels):
    listed = ["/usr/bin/python3", "-c", "import sys, os; print(sorted(os.listdir(p) for p in sys.path if os.path.isdir(p)))"]
    before = subprocess.run(listed, capture_output=True, check=True).stdout
    make(environment, wheels)
    assert subprocess.run(listed, capture_output=True, check=True).stdout == before
    assert not any("geowoonzorg_qgis/engine" in path for path in os.sys.path)
