"""The desktop under Xvfb: the panel runs a study, its tables answer, and every picture shows something."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import DEMO, ROOT

PICTURES = ("toolbox", "first", "defaults", "dialog_ran", "running", "result", "site", "weights", "balance", "dialog", "settings")


@pytest.fixture(scope="module")
def desktop(tmp_path_factory, real_engine):
    """Run shot.py in QGIS's desktop; KEEP_SHOTS names a folder to keep the pictures in."""
    if not (DEMO / "study.toml").exists():
        pytest.skip("the demo municipality is not there")
    folder = tmp_path_factory.mktemp("desktop")
    study = folder / "demo"
    shutil.copytree(DEMO, study)
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    environment |= {"SHOT_DIR": str(folder), "SHOT_STUDY": str(study / "study.toml"), "GEOWOONZORG_PYTHON": real_engine}
    script = str(ROOT / "tests" / "qgis" / "shot.py")
    line = ["xvfb-run", "-a", "-s", "-screen 0 1500x900x24", "qgis.bin", "--nologo", "--noversioncheck", "--code", script]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=1500, check=False)
    if not (folder / "done.json").exists():
        pytest.fail(done.stdout[-3000:] + done.stderr[-3000:])
    if keep := os.environ.get("KEEP_SHOTS"):
        for picture in folder.glob("*.png"):
            shutil.copy(picture, keep)
    report = json.loads((folder / "done.json").read_text(encoding="utf-8"))
    return folder, report


def test_it_ran_to_the_end(desktop):
    _folder, report = desktop
    assert "error" not in report, report["error"]
    assert report["done"]


def test_the_first_click_with_an_empty_study_gives_the_demo(desktop):
    _folder, report = desktop
    assert report["first_started"]
    assert report["first_sites"] > 3, report["first_note"]
    assert "bovenaan van" in report["first_note"]
    assert report["first_files"] == dict.fromkeys(("MAP", "REPORT", "SCORES", "RESULT"), True)


def test_the_toolboxs_dialog_runs_as_it_opens(desktop):
    _folder, report = desktop
    assert report["dialog_folder"], report["dialog_results"]
    assert {"Locaties", "Voorzieningen", "Buurten"} <= set(report["dialog_layers"])


def test_the_panel_shows_the_sites_and_the_layers(desktop):
    _folder, report = desktop
    assert report["started"]
    assert report["sites"] > 3
    assert set(report["layers"]) >= {"Locaties", "Voorzieningen", "Verzorgingsgebieden", "Buurten"}
    assert "Geowoonzorg" in report["groups"]
    assert "bovenaan van" in report["note"]


def test_a_moved_weight_moves_the_ranks_and_back(desktop):
    _folder, report = desktop
    assert report["ranks_moved"]
    assert report["moved_note"].startswith("Met de verschoven gewichten:")
    assert report["moved_first"] in report["moved_note"]
    assert report["ranks_back"]


def test_a_layer_from_the_toolbox_comes_named_grouped_and_styled(desktop):
    _folder, report = desktop
    name, group, renderer, count = report["from_toolbox"]
    assert (name, group, renderer) == ("Voorzieningen", "Geowoonzorg", "categorizedSymbol")
    assert count > 10


def test_qgis_gets_round_to_its_user_while_a_run_goes_on(desktop):
    _folder, report = desktop
    assert report["turns_during_run"] > 20


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_shows_something(desktop, qgis_app, name):
    from qgis.PyQt.QtGui import QImage

    folder, _report = desktop
    image = QImage(str(Path(folder) / f"{name}.png"))
    assert not image.isNull()
    step = max(1, image.width() // 60)
    colours = {image.pixel(x, y) for x in range(0, image.width(), step) for y in range(0, image.height(), step)}
    assert len(colours) > 10
