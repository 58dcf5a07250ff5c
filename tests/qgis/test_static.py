"""What cannot be run here: Qt 6 and QGIS 4, and plugins.qgis.org. Read from the source instead."""

from __future__ import annotations

import ast
import re
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT

PLUGIN = ROOT / "qgis_plugin" / "geowoonzorg_qgis"
FILES = sorted(PLUGIN.rglob("*.py"))
sys.path.insert(0, str(ROOT / "qgis_plugin"))

# Enum members that Qt 6 and PyQt 6 only have under the enum's own name.
UNSCOPED = re.compile(
    r"\bQt\.(?:Align(?!mentFlag)|Horizontal|Vertical|UserRole|DisplayRole|ToolTipRole|Left|Right|Checked|Unchecked|ItemIs|Wait(?=[A-Z])|NoPen)\w*\b"
    r"|\b(?:QgsWkbTypes|QgsProcessing|QgsFeatureSink|QgsTask|QgsMapLayer|QgsUnitTypes)\.(?:Type[A-Z]\w+|Point\b|Polygon\b|Multi\w+"
    r"|FastInsert|CanCancel|Symbology|Meters)"
    r"|\bQgis\.(?:Warning|Info|Critical|Success)\b"
    r"|\bQgsProcessingParameter\w+\.(?:Double|Integer|File|Folder|FlagAdvanced|FlagOptional)\b"
    r"|\bQMessageBox\.(?:Yes|No|Ok|Cancel)\b|\bQSizePolicy\.(?:Expanding|Preferred|Fixed)\b"
)
# Gone in Qt 6, PyQt 6 or QGIS 4.
REMOVED = re.compile(
    r"\.exec_\(|\bQRegExp\b|\bQDesktopWidget\b|\bqgis\.PyQt\.QtWebKit|\.setMargin\(|\bQVariant\.Type\b|\bQgis\.WkbType\b"
    r"|\bsetMapTipTemplate\(|\bQgsVectorFileWriter\.writeAsVectorFormat\(|\bqVersion\b"
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGIN)))
def test_enums_are_scoped_and_nothing_removed_is_used(path):
    code = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if "# Qt 5" not in line)
    assert not (found := UNSCOPED.findall(code)), found
    assert not (found := REMOVED.findall(code)), found


def test_the_rules_see_what_they_must():
    for bad in ("Qt.AlignRight", "QgsWkbTypes.MultiPolygon", "Qgis.Warning", "QMessageBox.Yes", "QgsProcessing.TypeVectorLine"):
        assert UNSCOPED.search(bad), bad
    for good in ("Qt.AlignmentFlag.AlignRight", "QgsWkbTypes.Type.MultiPolygon", "Qgis.MessageLevel.Warning"):
        assert not UNSCOPED.search(good), good
    assert REMOVED.search("dialog.exec_()")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGIN)))
def test_only_qgis_and_the_standard_library_are_imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module]
        for module in modules:
            top = module.split(".")[0]
            assert top in {"qgis", "processing"} or top in sys.stdlib_module_names, module
            assert not module.startswith(("PyQt5", "PyQt6"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGIN)))
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


def test_nothing_that_the_site_refuses(build):
    assert build.problems() == []


def test_the_zip_is_small_whole_and_the_same_every_time(build, tmp_path):
    first, second = build.pack(tmp_path / "a" / "one.zip"), build.pack(tmp_path / "b" / "two.zip")
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < build.MAX_BYTES
    names = zipfile.ZipFile(first).namelist()
    assert {f"geowoonzorg_qgis/{name}" for name in ("metadata.txt", "LICENSE", "__init__.py", "i18n/nl.qm", "icon.svg")} <= set(
        names
    )
    assert not [name for name in names if "pycache" in name or "test" in name.lower()]


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
    assert Path(PLUGIN / "pins.txt").read_text(encoding="utf-8").count("==") > 20
