"""What cannot be run here: Qt 6 and QGIS 4, and plugins.qgis.org. Read from the source instead."""

from __future__ import annotations

import ast
import email
import hashlib
import io
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT

PLUGIN = ROOT / "qgis_plugin" / "geowoonzorg_qgis"
RULE = ROOT / "geowoonzorg" / "ranking" / "rule.py"  # the engine's, which the zip takes along
FILES = [*sorted(PLUGIN.rglob("*.py")), RULE]
MANY_ARGUMENTS, EIGHT_NUMBERS = 4, 8
ASKED = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
sys.path.insert(0, str(ROOT / "qgis_plugin"))

# Gone in Qt 6, PyQt 6 or QGIS 4.
REMOVED = re.compile(
    r"\.exec_\(|\bQRegExp\b|\bQtWidgets import [^\n]*\bQ(?:Action|Shortcut|ActionGroup)\b|\bQ(?:String|Text)Codec\b"
    r"|\.toTime_t\(|\bQMatrix\b|\bevent\.(?:pos|x|y|globalPos)\(\)|\bQDesktopWidget\b|\bqgis\.PyQt\.QtWebKit|\.setMargin\(|\bQVariant\.Type\b|\bQgis\.WkbType\b"
    r"|\bQgsVectorFileWriter\.writeAsVectorFormat\(|\bqVersion\b"
)


def chains(tree: ast.AST) -> list[list[str]]:
    """List every name with what is asked of it: ``Qt.AlignmentFlag.AlignRight`` as its three parts."""
    found = []
    for node in ast.walk(tree):
        parts, at = [], node
        while isinstance(at, ast.Attribute):
            parts.insert(0, at.attr)
            at = at.value
        if isinstance(at, ast.Name) and parts:
            found.append([at.id, *parts])
    return found


def unscoped(code: str) -> list[str]:
    """List enum members that are asked of a class instead of their enum: gone in PyQt 6 and from QGIS 4."""
    import qgis.core
    import qgis.gui
    from qgis.PyQt import QtCore, QtGui, QtWidgets

    modules = (qgis.core, qgis.gui, QtCore, QtGui, QtWidgets)
    found = []
    for first, name, *_rest in chains(ast.parse(code)):
        owner = next((getattr(module, first) for module in modules if hasattr(module, first)), None)
        member = getattr(owner, name, None) if isinstance(owner, type) else None
        if member is not None and type(type(member)).__name__ in {"enumtype", "EnumMeta", "EnumType"}:
            found.append(f"{first}.{name}")
    return found


@ASKED
def test_enums_are_scoped_and_nothing_removed_is_used(qgis_app, path):
    code = path.read_text(encoding="utf-8")
    assert unscoped(code) == []
    code = "\n".join(line for line in code.splitlines() if "# Qt 5" not in line)
    assert not (found := REMOVED.findall(code)), found


def to_convert(code: str) -> list[str]:
    """List what QGIS's own converter, ``pyqt5_to_pyqt6``, changes or warns of, but for enums, which `unscoped` finds."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            names = {name.name for name in node.names}
            if (
                (node.module or "").startswith("PyQt5")
                or node.module == "qgis.PyQt.Qt"
                or names & {"QRegExp", "resources_rc", "qApp"}
            ):
                found.append(f"import of {node.module}")
        elif isinstance(node, ast.FunctionDef) and node.name == "exec_":
            found.append("def exec_")
        elif isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "activated":
            found.append("activated[str]")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            said = f"{node.value.id}.{node.attr}"
            gone = {"Qt.MidButton", "Qt.TextColorRole", "Qt.BackgroundColorRole", "QPainter.HighQualityAntialiasing"}
            if node.value.id in {"QVariant", "qApp"} or said in gone:
                found.append(said)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            inside = getattr(getattr(node.func, "value", None), "func", None)
            if (
                name in {"exec_", "QVariant"}
                or (name == "addAction" and len(node.args) >= MANY_ARGUMENTS)
                or (name == "desktop" and not node.args)
                or (name == "QDateTime" and (len(node.args) == EIGHT_NUMBERS or any(isinstance(a, ast.Call) for a in node.args)))
                or (name == "width" and getattr(inside, "attr", getattr(inside, "id", "")) in {"fontMetrics", "QFontMetrics"})
            ):
                found.append(f"{name}()")
    return found


@ASKED
def test_the_converter_to_qt_6_has_nothing_to_do(path):
    assert to_convert(path.read_text(encoding="utf-8")) == []


def test_what_the_converter_would_change_is_seen():
    for code in (
        "from PyQt5.QtCore import Qt", "from qgis.PyQt.Qt import Qt", "from qgis.PyQt.QtCore import QRegExp", "import_ = QVariant()",
        "kind = QVariant.Int", "dialog.exec_()", "menu.addAction(icon, text, slot, key)", "QApplication.desktop()", "box.activated[str]",
        "QDateTime(QDate(2020, 1, 1))", "QDateTime(1, 2, 3, 4, 5, 6, 7, 8)", "self.fontMetrics().width('x')", "Qt.MidButton",
        "def exec_(self): pass", "QFontMetrics(font).width('x')",
    ):  # fmt: skip
        assert to_convert(code), code


def test_the_rules_see_what_they_must(qgis_app):
    bad = (
        "Qt.AlignRight", "QgsWkbTypes.MultiPolygon", "Qgis.Warning", "QMessageBox.Yes", "QgsProcessing.TypeVectorLine",
        "QgsFeatureRequest.NoGeometry", "QgsRasterFileWriter.NoError", "QFrame.NoFrame", "QgsVectorFileWriter.NoError",
    )  # fmt: skip
    for one in bad:
        assert unscoped(f"x = {one} if y else [{one}]") == [one] * 2, one
    for good in (
        "Qt.AlignmentFlag.AlignRight",
        "QgsWkbTypes.Type.MultiPolygon",
        "Qgis.MessageLevel.Warning",
        "QgsSettings.Format",
    ):
        assert unscoped(good) == [], good
    for gone in ("dialog.exec_()", "QRegExp('x')", "from qgis.PyQt.QtWidgets import QAction", "event.pos()", "QVariant.Type"):
        assert REMOVED.search(gone), gone


@ASKED
def test_only_qgis_and_the_standard_library_are_imported(path):
    """And numpy for the rule of the ranking: QGIS's own Processing imports it when it is loaded."""
    allowed = {"qgis", "processing", *(["numpy"] if path in {RULE, PLUGIN / "ranking.py"} else [])}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module]
        for module in modules:
            top = module.split(".")[0]
            assert top in allowed or top in sys.stdlib_module_names, module
            assert not module.startswith(("PyQt5", "PyQt6"))


@ASKED
def test_it_parses_as_python_3_9(path):
    """QGIS 3.22 on Windows carries Python 3.9: no match, no except*, no zip(strict=)."""
    code = path.read_text(encoding="utf-8")
    ast.parse(code, feature_version=(3, 9))
    assert "strict=" not in code
    assert not re.search(r"isinstance\([^()]*\|[^()]*\)", code)


def test_every_scoped_enum_exists_here(qgis_app):
    """In this QGIS, whichever it is: a scoped name that is not there would only show at a click."""
    import qgis.core
    import qgis.gui
    from qgis.PyQt import QtCore, QtGui, QtWidgets

    modules = (qgis.core, qgis.gui, QtCore, QtGui, QtWidgets)
    name = re.compile(r"\b((?:Qgs|Q)[A-Z]?\w*(?:\.[A-Z]\w*){1,2})\b")
    for path in FILES:
        code = re.sub(r'"""(?:.|\n)*?"""', "", path.read_text(encoding="utf-8"))
        for found in set(name.findall(code)):
            first, *rest = found.split(".")
            owner = next((getattr(module, first) for module in modules if hasattr(module, first)), None)
            if owner is None or first == "QVariant":
                continue
            for part in rest:
                assert hasattr(owner, part), f"{path.name}: {found}"
                owner = getattr(owner, part)


@pytest.fixture(scope="module")
def build():
    import build

    return build


def test_what_the_plugin_says_of_itself_is_real(build, monkeypatch):
    said = build.described()
    assert build.lacking_for_site() == [key for key in build.NEEDED_BY_SITE if key not in said]
    assert not {"supportsqt6", *build.NEEDED_BY_SITE} & set(said)  # until there is an address
    monkeypatch.setattr(build, "described", lambda: {**said, "tracker": "https://example.org/issues", "author": ""})
    found = build.problems()
    assert "metadata.txt has an address of nobody's: tracker" in found
    assert "metadata.txt has no author" in found


def test_nothing_that_the_site_refuses(build):
    assert build.problems() + build.gate_problems(needed=True) == []


def test_the_zip_is_small_whole_and_the_same_every_time(build, tmp_path):
    first, second = build.pack(tmp_path / "a" / "one.zip", b"wheel"), build.pack(tmp_path / "b" / "two.zip", b"wheel")
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < build.MAX_BYTES
    archive = zipfile.ZipFile(first)
    names = archive.namelist()
    needed = ("metadata.txt", "LICENSE", "__init__.py", "i18n/nl.qm", "icon.svg", "engine.txt", "pins.txt")
    assert {f"geowoonzorg_qgis/{name}" for name in needed} <= set(names)
    assert not [name for name in names if "pycache" in name or "test" in name.lower()]
    said = archive.read("geowoonzorg_qgis/engine.txt").decode()
    assert said == f"geowoonzorg-0.2.0-py3-none-any.whl --hash=sha256:{hashlib.sha256(b'wheel').hexdigest()}\n"


def test_the_rule_of_the_ranking_is_one_file(build, tmp_path, monkeypatch):
    """In the sources it is the engine's; the zip has the same bytes, and the plugin from the zip reads those."""
    archive = zipfile.ZipFile(build.pack(tmp_path / "one.zip", b"wheel"))
    inside = f"geowoonzorg_qgis/{build.RULE}"
    assert archive.read(inside) == RULE.read_bytes()
    assert not (PLUGIN / build.RULE).exists()
    archive.extractall(tmp_path / "plugins")
    ask = "import geowoonzorg_qgis.ranking as r; print(r.rule.__file__); print(r.stand([r.Site('a', 'A', {'x': 0.5})], {'x': 1})['a'])"
    standings = set()
    for folder, expected in ((tmp_path / "plugins", tmp_path / "plugins" / inside), (PLUGIN.parent, RULE)):
        line = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {ask}"]
        done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        file, standing = done.stdout.splitlines()
        assert Path(file) == expected
        standings.add(standing)
    assert len(standings) == 1
    monkeypatch.setattr(build, "RULE", "ranking.py")  # a file that is there
    assert [problem for problem in build.problems() if "second one" in problem]


def test_the_wheel_is_what_the_build_backend_makes(build, tmp_path):
    line = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"pip cannot make a wheel here: {done.stderr[-200:]}")
    (theirs,) = (zipfile.ZipFile(path) for path in tmp_path.glob("*.whl"))
    ours = zipfile.ZipFile(io.BytesIO(build.engine_wheel.content()))
    left_behind = ".aux.xml"  # by GDAL, where a raster was opened; the backend leaves it out only in a clone
    assert sorted(ours.namelist()) == sorted(name for name in theirs.namelist() if not name.endswith(left_behind))
    info = "geowoonzorg-0.2.0.dist-info"
    for name in ours.namelist():
        if not name.startswith(info):
            assert ours.read(name) == theirs.read(name), name
    for name in ("entry_points.txt", "licenses/LICENSE"):
        assert ours.read(f"{info}/{name}").split() == theirs.read(f"{info}/{name}").split()
    one, other = (email.message_from_bytes(archive.read(f"{info}/METADATA")) for archive in (ours, theirs))
    for key in ("Name", "Version", "Summary", "Author", "License-Expression", "License-File", "Requires-Python"):
        assert one[key] == other[key], key
    assert one.get_payload() == other.get_payload()
    needs = [{r for r in about.get_all("Requires-Dist") if "extra" not in r} for about in (one, other)]
    assert needs[0] == needs[1]
    assert sorted(one.get_all("Provides-Extra")) == sorted(other.get_all("Provides-Extra"))


@pytest.fixture
def elsewhere(tmp_path):
    """Copy the sources to a machine without Qt's tools, Bandit or detect-secrets, and run the build there."""
    folder = tmp_path / "map met spatie"
    left_out = shutil.ignore_patterns("__pycache__", "out")
    for name in ("qgis_plugin", "geowoonzorg", "data/demo"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    tools, called = tmp_path / "tools", tmp_path / "called"
    tools.mkdir()
    for name in ("apt-get", "sudo"):
        (tools / name).write_text(f"#!/bin/sh\necho {name} >> {called}\n")
        (tools / name).chmod(0o755)
    python = str(Path(sys.base_prefix) / "bin" / "python3")

    def run(*options: str):
        line = [python, "-I", str(folder / "qgis_plugin" / "build.py"), *options]
        environment = {"PATH": str(tools), "HOME": str(tmp_path)}
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert not called.exists(), "the build called apt-get"
        return done

    run.folder = folder
    return run


def test_it_builds_without_qts_tools(elsewhere):
    done = elsewhere()
    assert done.returncode == 0, done.stdout + done.stderr
    dist = elsewhere.folder / "dist"
    assert sorted(path.name for path in dist.iterdir()) == [
        "geowoonzorg-0.2.0-py3-none-any.whl", "geowoonzorg_qgis-0.2.0.zip", "pins.txt",
    ]  # fmt: skip
    archive = zipfile.ZipFile(dist / "geowoonzorg_qgis-0.2.0.zip")
    assert archive.read("geowoonzorg_qgis/i18n/nl.qm") == (PLUGIN / "i18n" / "nl.qm").read_bytes()
    digest = hashlib.sha256((dist / "geowoonzorg-0.2.0-py3-none-any.whl").read_bytes()).hexdigest()
    assert digest in archive.read("geowoonzorg_qgis/engine.txt").decode()


def test_without_the_sites_checks_it_says_so_and_the_gate_stays_shut(elsewhere):
    if (
        subprocess.run(
            [Path(sys.base_prefix) / "bin" / "python3", "-c", "import bandit"], capture_output=True, check=False
        ).returncode
        == 0
    ):
        pytest.skip("Bandit is installed for the whole machine")
    assert "NOT CHECKED by bandit" in elsewhere().stderr
    shutil.rmtree(elsewhere.folder / "dist")
    done = elsewhere("--gate")
    assert done.returncode != 0
    assert "bandit" in done.stderr
    assert not (elsewhere.folder / "dist").exists()


def test_a_translation_that_was_not_compiled_anew_is_noticed(elsewhere):
    source = elsewhere.folder / "qgis_plugin" / "geowoonzorg_qgis" / "i18n" / "nl.ts"
    text = source.read_bytes()
    source.write_bytes(text.replace(b"\n", b"\r\n"))  # as Git may check it out on Windows
    assert elsewhere("--dev").returncode == 0
    source.write_bytes(text.replace(b"Rekenen", b"Berekenen"))
    done = elsewhere("--dev")
    assert done.returncode != 0
    assert "nl.qm is not of this nl.ts" in done.stderr
    assert "qttools5-dev-tools" in done.stderr


def test_the_tools_of_the_tests_are_found_on_windows_too(build, monkeypatch, tmp_path):
    python = tmp_path / ".qgis-venv" / "Scripts" / "python.exe"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build.sys, "executable", str(tmp_path / "none"))
    assert build._python_with("bandit") == str(python)


def test_nothing_tells_anybody_to_fetch_the_engine_by_its_name():
    """On an index that name may be anybody's: a wheel or the sources are named instead."""
    advice = re.compile(r"pip3? (?:install|download|wheel)(?: -\S+)* [\"']?geowoonzorg(?:\[|==|\s|[\"'`,.;)]|$)", re.MULTILINE)
    assert advice.search('pip install "geowoonzorg==1"')
    assert not advice.search("pip install dist/geowoonzorg-0.2.0-py3-none-any.whl")
    told = [*(ROOT / "geowoonzorg").rglob("*.py"), *FILES, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    told += [PLUGIN / "i18n" / "nl.ts", PLUGIN / "metadata.txt"]
    assert [path.name for path in told if advice.search(path.read_text(encoding="utf-8"))] == []


def test_styles_are_those_of_the_engines_map(tmp_path):
    """The colours in the presets are the ones the engine's own map uses."""
    import tomllib

    knowledge = tomllib.loads((ROOT / "geowoonzorg" / "knowledge" / "map_styles.toml").read_text(encoding="utf-8"))
    for preset, colours in {
        "areas": knowledge["indicator"]["lbm_afw"]["colours"],
        "areas_deviation": knowledge["indicator"]["lbm_afw"]["without_classes"]["colours"],
        "areas_balance": knowledge["indicator"]["balans"]["colours"],
        "facilities": [style["colour"] for style in knowledge["facility_class"].values()],
    }.items():
        text = (PLUGIN / "styles" / f"{preset}.qml").read_text(encoding="utf-8")
        for colour in colours:
            red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
            assert f"{red},{green},{blue}," in text, (preset, colour)


def test_the_catalogue_is_the_engines(build):
    import json

    assert json.loads((PLUGIN / "catalogue.json").read_text(encoding="utf-8")) == build.catalogue()
    pins = [line for line in (PLUGIN / "pins.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(pins) > 20
    for pin in pins:
        assert re.match(r"[\w.-]+==\S+( ;[^-]+)?( --hash=sha256:[0-9a-f]{64})+$", pin), pin[:80]
        assert not pin.startswith("geowoonzorg")
