"""The environment the plugin manages: made from a folder of wheels, broken, repaired, removed."""

from __future__ import annotations

import base64
import hashlib
import http.server
import os
import re
import shutil
import subprocess
import threading
import zipfile
from pathlib import Path

import pytest

MAIN = """
import sys
print("geowoonzorg, version 0.2.0") if "--version" in sys.argv else print('{"type": "result", "message": "yes"}')
"""


def wheel(folder: Path, version: str = "0.2.0", body: str = MAIN, name: str = "geowoonzorg") -> Path:
    """Write a wheel; as it is, one that answers as the engine does."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": "",
        f"{name}/__main__.py": body,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text.encode())}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    made = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return made


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def environment(plugin, tmp_path, monkeypatch):
    from geowoonzorg_qgis import engine, environment

    monkeypatch.setattr(environment, "folder", lambda: tmp_path / "local" / "geowoonzorg_qgis" / "engine-0.2.0")
    monkeypatch.setattr(environment, "PINS", tmp_path / "pins.txt")
    monkeypatch.setattr(environment, "ENGINE", tmp_path / "engine.txt")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv(engine.VARIABLE, raising=False)
    engine.forget_found()
    yield environment
    engine.forget_found()


@pytest.fixture
def needed(tmp_path):
    """Make the one thing this engine needs, which lies in a folder of its own."""
    folder = tmp_path / "index"
    folder.mkdir()
    return wheel(folder, version="1.0", name="nodig")


@pytest.fixture
def release(environment, needed, tmp_path):
    """Make the folder in which the plugin's zip lay: with the engine's wheel, and here with what it needs too."""
    folder = tmp_path / "map met wielen"
    folder.mkdir()
    goes_with_the_plugin(environment, wheel(folder))
    environment.PINS.write_text(f"# a remark\nnodig==1.0 --hash=sha256:{sha256(needed)}\n", encoding="utf-8")
    shutil.copy(needed, folder)
    return folder


def goes_with_the_plugin(environment, made: Path) -> None:
    environment.ENGINE.write_text(f"{made.name} --hash=sha256:{sha256(made)}\n", encoding="utf-8")


def make(environment, release, *, cancelled=lambda: False):
    said = []
    environment.create(release=str(release), report=lambda f, m: said.append((f, m)), cancelled=cancelled)
    return said


@pytest.fixture
def index(needed, monkeypatch):
    """Serve a package index on this machine that also holds things under the engine's name; give what it was asked."""
    asked = []
    folder = needed.parent
    for version in ("0.2.0", "0.2.1", "9.0"):  # whoever took the name
        wheel(folder, version=version, body="raise SystemExit('somebody else')")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            part = self.path.strip("/").split("/")[-1]
            if part.endswith(".whl"):
                body, kind = (folder / part).read_bytes(), "application/octet-stream"
            else:
                names = [path.name for path in sorted(folder.glob(f"{part}-*.whl"))]
                body, kind = "".join(f'<a href="/files/{n}">{n}</a>' for n in names).encode(), "text/html"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    yield asked
    server.shutdown()
    server.server_close()


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


def test_it_is_made_from_wheels_without_the_internet_used_and_removed(environment, release, monkeypatch, tmp_path):
    from geowoonzorg_qgis import engine

    for name in ("http_proxy", "https_proxy"):  # whatever tried the internet would fail
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    said = make(environment, release)
    fractions = [fraction for fraction, _ in said if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    found = engine.find()
    assert (found.version, found.python) == ("0.2.0", str(environment.python_path()))
    assert engine.run(["doctor"], report=lambda f, m: None, cancelled=lambda: False)["message"] == "yes"
    assert environment.size_mb() > 1
    environment.remove()
    assert engine.candidate() is None
    assert not (tmp_path / "local" / "geowoonzorg_qgis").exists()


def test_a_broken_one_is_noticed_and_repaired(environment, release):
    make(environment, release)
    (environment.folder() / "ready").unlink()
    assert environment.is_broken()
    assert not environment.is_ready()
    make(environment, release)
    assert environment.is_ready()


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("empty", "geowoonzorg-0.2.0-py3-none-any.whl"),
        ("another", "niet de engine die met deze plugin is gemaakt"),
        ("other version", "0.0.9"),
        ("broken engine", "kapot"),
        ("needs changed", "(?i)hash"),
        ("needs missing", "nodig==1.0"),
        ("from sources", "build.py"),
    ],
)
def test_when_it_fails_nothing_is_left_and_it_is_said_why(environment, release, kind, word):
    from geowoonzorg_qgis import engine

    made, needs = release / "geowoonzorg-0.2.0-py3-none-any.whl", release / "nodig-1.0-py3-none-any.whl"
    if kind == "empty":
        made.unlink()
    elif kind == "another":
        wheel(release, body="print('geowoonzorg, version 0.2.0')")
    elif kind == "other version":
        goes_with_the_plugin(environment, wheel(release, version="0.0.9", body=MAIN.replace("0.2.0", "0.0.9")))
    elif kind == "broken engine":
        goes_with_the_plugin(environment, wheel(release, body="raise SystemExit('kapot')"))
    elif kind == "needs changed":
        wheel(release, version="1.0", name="nodig", body="raise SystemExit('somebody else')")
    elif kind == "needs missing":
        needs.rename(release / "anders-1.0-py3-none-any.whl")
    else:
        environment.ENGINE.unlink()
    with pytest.raises(engine.EngineError, match=word):
        make(environment, release)
    assert not environment.folder().exists()


def test_what_it_needs_comes_from_the_index_and_the_engine_never(environment, release, index):
    """A name on an index says nothing about who put it there: the index is asked for what is pinned, and for nothing else."""
    from geowoonzorg_qgis import engine

    (release / "nodig-1.0-py3-none-any.whl").unlink()
    make(environment, release)
    assert engine.find().version == "0.2.0"
    assert engine.run(["doctor"], report=lambda f, m: None, cancelled=lambda: False)["message"] == "yes"
    assert "/simple/nodig/" in index
    assert [path for path in index if "geowoonzorg" in path] == []


def test_without_the_engines_wheel_the_index_is_asked_for_nothing(environment, release, index, tmp_path):
    from geowoonzorg_qgis import engine

    empty = tmp_path / "leeg"
    empty.mkdir()
    for folder in (empty, ""):
        with pytest.raises(engine.EngineError, match=r"geowoonzorg-0\.2\.0-py3-none-any\.whl"):
            make(environment, folder)
    assert index == []


def test_what_another_put_on_the_index_is_refused_by_its_hash(environment, release, index, needed):
    from geowoonzorg_qgis import engine

    (release / "nodig-1.0-py3-none-any.whl").unlink()
    wheel(needed.parent, version="1.0", name="nodig", body="raise SystemExit('somebody else')")
    with pytest.raises(engine.EngineError, match=r"(?i)hash"):
        make(environment, release)
    assert not environment.folder().exists()


def test_no_advice_names_the_engine_for_pip_to_fetch(environment, fake, monkeypatch):
    from geowoonzorg_qgis import engine

    said = [engine.missing_message()]
    for mode in ("old", "no_engine"):
        fake(mode)
        with pytest.raises(engine.EngineError) as caught:
            engine.find()
        said.append(str(caught.value))
    for text in said:
        assert "geowoonzorg==" not in text
        assert not re.search(r'pip install "?geowoonzorg', text), text
        assert "geowoonzorg-0.2.0-py3-none-any.whl" in text


def test_the_folder_of_the_last_zip_is_offered_if_the_engine_lies_there(environment, release):
    from qgis.core import QgsSettings

    key = "app/plugin_installer/lastZipDirectory"
    try:
        QgsSettings().setValue(key, str(release.parent))
        assert environment.release_folder() == ""
        QgsSettings().setValue(key, str(release))
        assert environment.release_folder() == str(release)
    finally:
        QgsSettings().remove(key)


def test_cancelled_halfway_nothing_is_left(environment, release, tmp_path):
    from geowoonzorg_qgis import engine

    calls = iter(range(1000))
    with pytest.raises(engine.EngineCancelledError):
        make(environment, release, cancelled=lambda: next(calls) > 5)
    assert not (tmp_path / "local" / "geowoonzorg_qgis").exists()


def test_a_place_without_permission_is_told(environment, release, monkeypatch):
    from geowoonzorg_qgis import engine

    monkeypatch.setattr(environment, "folder", lambda: Path("/proc/nowhere/engine-0.2.0"))
    with pytest.raises(engine.EngineError, match="/proc/nowhere"):
        make(environment, release)


def test_qgis_own_python_is_not_touched(environment, release):
    listed = ["/usr/bin/python3", "-c", "import sys, os; print(sorted(os.listdir(p) for p in sys.path if os.path.isdir(p)))"]
    before = subprocess.run(listed, capture_output=True, check=True).stdout
    make(environment, release)
    assert subprocess.run(listed, capture_output=True, check=True).stdout == before
    assert not any("geowoonzorg_qgis/engine" in path for path in os.sys.path)


# --- set by an office, and gone without a trace


@pytest.fixture
def office(tmp_path, monkeypatch):
    """Give QGIS a file of settings for everybody, as an office hands out; return how it is written."""
    from geowoonzorg_qgis import settings
    from qgis.core import QgsSettings

    mine = settings.get("python")

    def write(**values: str) -> None:
        path = tmp_path / "qgis_global_settings.ini"
        path.write_text("[geowoonzorg]\n" + "".join(f"{key}={value}\n" for key, value in values.items()), encoding="utf-8")
        assert QgsSettings.setGlobalSettingsPath(str(path))

    yield write
    write()  # an empty one: QGIS keeps the last that was there
    settings.put("python", mine)
    settings.put("language", "nl")


def test_an_office_sets_the_engine_for_everybody(environment, office, release):
    from geowoonzorg_qgis import engine, settings
    from geowoonzorg_qgis.gui.options import OptionsPage

    office(python="/srv/geowoonzorg/bin/python", release=str(release))
    assert engine.candidate().python == "/srv/geowoonzorg/bin/python"
    assert environment.release_folder() == str(release)
    page = OptionsPage()
    assert page.python.filePath() == "/srv/geowoonzorg/bin/python"
    page.apply()  # OK, with nothing changed: what the office sets later must still count
    office(python="/srv/anders/bin/python")
    assert engine.candidate().python == "/srv/anders/bin/python"
    page.python.setFilePath("/home/ik/bin/python")
    page.apply()
    assert engine.candidate().python == "/home/ik/bin/python"
    settings.forget()
    assert engine.candidate().python == "/srv/anders/bin/python"
    page.deleteLater()


def test_after_removal_nothing_is_left_in_python_profile_or_temporary_folder(
    plugin, environment, release, fake, monkeypatch, tmp_path, request
):
    import sys
    import tempfile

    from geowoonzorg_qgis import settings
    from geowoonzorg_qgis.gui.options import OptionsPage
    from qgis.core import QgsApplication, QgsProcessingContext, QgsSettings
    from qgis.PyQt.QtWidgets import QMessageBox

    from test_algorithms import run
    from test_layers import memory

    def left() -> list[str]:
        QgsSettings().sync()
        profile = Path(QgsApplication.qgisSettingsDirPath())
        files = [path for path in profile.rglob("*") if path.is_file()]
        lines = [f"{path}: {line}" for path in files for line in (path.name, *_text(path).splitlines())]
        return [line for line in lines if "geowoonzorg" in line.lower().partition(": ")[2]] + [
            str(path) for path in temporary.iterdir()
        ]

    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    paths, language = list(sys.path), settings.get("language")
    settings.forget()
    request.addfinalizer(lambda: (settings.forget(), settings.put("language", language)))  # if it fails, others need not
    by_qgis = set(left())  # which algorithms were used last, which plugins are on
    settings.put("python", "/home/ik/bin/python")
    assert set(left()) > by_qgis
    settings.put("python", "")
    make(environment, release)
    layer = memory("Point?crs=EPSG:28992&field=id:string", [("POINT(1 2)", ["a"])])
    network = tmp_path / "straten.osm.pbf"
    network.write_bytes(b"")
    fake("error")
    context = QgsProcessingContext()
    values = {"NETWORK": str(network), "PLACES": layer, "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, _results, feedback = run(plugin.provider.algorithm("snap"), values, context)
    assert (fine, len(feedback.errors)) == (False, 1)
    page = OptionsPage()
    monkeypatch.setattr(QMessageBox, "question", lambda *_words: QMessageBox.StandardButton.Yes)
    page.remove_all()
    page.apply()  # the OK that comes after it
    page.deleteLater()
    assert set(left()) <= by_qgis
    assert not environment.folder().parent.exists()
    assert sys.path == paths


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8", errors="replace") if path.suffix in {".ini", ".json", ".xml"} else ""
    return re.sub(r"^geowoonzorg_qgis=\w+$", "", text, flags=re.MULTILINE)  # QGIS's own note of what is on, which it takes out
