"""Runs that stay: in their GeoPackage, in the project, in another process, and in the panel that opens it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from conftest import ROOT, press_run

NOW = datetime(2026, 5, 4, 13, 2, 1, tzinfo=timezone.utc)
READ = """
import json, sys
from qgis.core import QgsApplication, QgsProject
app = QgsApplication([], False)
app.initQgis()
sys.path.insert(0, sys.argv[2])
from geowoonzorg_qgis import finish, keeping, results, runs
project = QgsProject.instance()
fine = project.read(sys.argv[1])
said = {"fine": fine, "runs": []}
for run in runs.runs_in(project):
    layer = project.mapLayer(run.sites_id)
    node = project.layerTreeRoot().findLayer(run.sites_id)
    outcome = results.read_outcome(layer)
    sites, weights = results.read_sites(layer, outcome)
    said["runs"].append({
        "title": run.title, "group": node.parent().name(), "above": node.parent().parent().name(),
        "layers": {name: project.mapLayer(one).featureCount() for name, one in run.layer_ids.items()},
        "renderer": layer.renderer().type(), "alias": layer.attributeAlias(layer.fields().lookupField("score")),
        "profile": outcome.profile.get("name"), "weights": keeping.kept_weights(layer),
        "ranks": {site.ident: site.rank_low for site in sites}, "sites": len(sites), "labels": len(outcome.labels),
    })
    del layer, node
print("SAID" + json.dumps(said))
project.clear()
app.exitQgis()
"""


@pytest.fixture
def placed(panel, demo, tmp_path):
    """The panel with the demo's run in a folder of its own, as after a run."""
    folder = tmp_path / "runs" / "eerste"
    shutil.copytree(demo, folder)
    panel.show_folder(folder, json.dumps(["geowoonzorg:run_study", {"STUDY": "x/study.toml", "PROFILE": "ggz"}]))
    return panel


@pytest.fixture
def two_runs(placed, demo, tmp_path):
    """A second run, of which one site scores 10 more, one lost its rank, and one is not there."""
    folder = tmp_path / "runs" / "tweede"
    shutil.copytree(demo, folder)
    with sqlite3.connect(folder / "result.gpkg") as file:
        for (trigger,) in file.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            file.execute(f'drop trigger "{trigger}"')
        file.execute(
            "update sites set score = score + 10, score_low = score_low + 10, score_high = score_high + 10 where id = 'K05'"
        )
        file.execute("update sites set rank = null, score = null where id = 'K04'")
        file.execute("delete from sites where id = 'K03'")
    placed.show_folder(folder)
    return placed


def test_the_layers_lie_in_the_runs_own_geopackage_with_styles_aliases_and_provenance(placed, demo):
    from geowoonzorg_qgis import finish, results, runs
    from qgis.core import QgsProject, QgsVectorLayer

    run = placed._shown
    wanted = {output.layer for output in results.layers_to_load()}
    assert set(run.layer_ids) == wanted
    for name, ident in run.layer_ids.items():
        layer = QgsProject.instance().mapLayer(ident)
        assert runs.place_of(layer) == (run.key, name)
        # What anyone sees who opens the GeoPackage without the plugin.
        bare = QgsVectorLayer(f"{run.key}|layername={name}", "bare", "ogr")
        if layer.isSpatial():
            assert bare.renderer().type() == layer.renderer().type(), name
        assert bare.attributeAliases() == layer.attributeAliases(), name
        assert any(bare.attributeAliases().values()), name
        assert json.loads(finish.story(bare)) == json.loads((demo / "provenance.json").read_text(encoding="utf-8"))
    with sqlite3.connect(run.key) as file:
        kept = dict(file.execute("select f_table_name, count(*) from layer_styles group by 1").fetchall())
        first = dict(file.execute("select f_table_name, sum(useAsDefault) from layer_styles group by 1").fetchall())
    layers = {name: QgsProject.instance().mapLayer(ident) for name, ident in run.layer_ids.items()}
    assert kept == {name: len(layer.styleManager().styles()) for name, layer in layers.items()}
    assert {name for name, n in kept.items() if n > 1} == {"areas", "addresses", "service_areas"}
    assert first == dict.fromkeys(wanted, 1)


def test_a_style_that_is_written_again_replaces_the_one_before_without_asking(demo, plugin, tmp_path):
    from geowoonzorg_qgis import finish
    from qgis.core import QgsVectorLayer
    from qgis.PyQt.QtWidgets import QApplication

    shutil.copyfile(demo / "result.gpkg", tmp_path / "r.gpkg")
    asked = []
    for title in ("Eerst", "Later"):
        layer = QgsVectorLayer(f"{tmp_path / 'r.gpkg'}|layername=areas", "x", "ogr")
        finish.dress(layer, preset="areas", provenance={"provenance": f'{{"study": {{"name": "{title}"}}}}'})
        assert finish.seal(layer) == []
        asked.append(QApplication.activeModalWidget())
        shown = layer.styleManager().currentStyle()
        del layer
    assert asked == [None, None]
    with sqlite3.connect(tmp_path / "r.gpkg") as file:
        rows = file.execute("select styleName, useAsDefault from layer_styles where f_table_name = 'areas'").fetchall()
    assert sorted(rows) == [(name, int(name == shown)) for name in ("Grenzen", "Leefbaarheid", "Vragers en dragers")]
    assert "Later" in finish.story(QgsVectorLayer(f"{tmp_path / 'r.gpkg'}|layername=areas", "x", "ogr"))


def test_a_geopackage_alone_tells_as_much_as_its_folder(placed, tmp_path):
    from geowoonzorg_qgis import results
    from qgis.core import QgsVectorLayer

    alone = tmp_path / "gemaild.gpkg"
    shutil.copyfile(placed._shown.key, alone)
    layer = QgsVectorLayer(f"{alone}|layername=sites", "x", "ogr")
    assert results.read_outcome(layer) == placed._outcome
    assert placed._outcome.profile["criterion"]


def test_a_saved_project_has_everything_in_another_process(placed, plugin, tmp_path):
    from qgis.core import QgsProject

    key = next(iter(placed.parts._sliders))
    placed.parts._sliders[key].setValue(placed.parts.STEPS)
    project = tmp_path / "runs" / "project.qgz"
    assert QgsProject.instance().write(str(project))
    moved = tmp_path / "elders"
    QgsProject.instance().clear()
    shutil.move(str(tmp_path / "runs"), moved)  # the whole folder, to a colleague
    done = subprocess.run(
        [sys.executable, "-c", READ, str(moved / "project.qgz"), str(ROOT / "qgis_plugin")],
        capture_output=True, text=True, check=False, env={**os.environ},
    )  # fmt: skip
    assert "SAID" in done.stdout, done.stderr[-2000:]
    said = json.loads(done.stdout.partition("SAID")[2].splitlines()[0])
    (run,) = said["runs"]
    assert said["fine"]
    assert run["title"] == run["group"]
    assert run["title"].startswith("Wierhaven")
    assert run["above"] == "Geowoonzorg"
    assert (run["renderer"], run["alias"]) == ("RuleRenderer", "Score (0-100)")
    assert set(run["layers"]) >= {"sites", "areas", "facilities", "service_areas", "site_areas", "routes"}
    assert min(run["layers"].values()) > 0
    assert run["profile"] == "geclusterd"
    assert run["weights"][key] == 1.0
    assert run["sites"] == len(run["ranks"]) == 16
    assert run["labels"] >= 10


def test_the_panel_goes_with_the_project(placed, qgis_app, tmp_path):
    from qgis.core import QgsProject

    project = QgsProject.instance()
    key = next(iter(placed.parts._sliders))
    placed.parts._sliders[key].setValue(placed.parts.STEPS)
    order = [site.ident for site in placed.model.sites]
    said = placed.note.text()
    first = tmp_path / "eerste.qgz"
    assert project.write(str(first))
    project.clear()
    assert placed.model.sites == []
    assert (placed._shown, placed._files, placed.note.text()) == (None, {}, "")
    assert not placed.choice.shown.isVisibleTo(placed)
    placed.inputs.study.setFilePath("")
    assert project.read(str(first))
    assert [site.ident for site in placed.model.sites] == order
    assert placed.note.text() == said
    assert placed.parts.weights()[key] == 1.0
    assert placed.inputs.study.filePath() == "x/study.toml"
    assert placed.inputs.request()[1]["PROFILE"] == "ggz"


def test_a_project_whose_files_are_gone_says_which(placed, tmp_path):
    from qgis.core import QgsProject

    project, saved = QgsProject.instance(), tmp_path / "runs" / "p.qgz"
    assert project.write(str(saved))
    project.clear()
    shutil.move(str(tmp_path / "runs" / "eerste"), tmp_path / "weg")
    project.read(str(saved))
    assert placed.model.sites == []
    assert "result.gpkg" in placed.note.text()


def test_layers_that_are_removed_do_no_harm(placed, qgis_app):
    from qgis.core import QgsProject

    project, ids = QgsProject.instance(), placed._shown.layer_ids
    for name in ("site_areas", "routes", "facilities"):
        project.removeMapLayer(ids[name])
        placed.table.selectRow(2)
        placed.zoom_to_current()
        qgis_app.processEvents()
        assert len(placed.model.sites) == 16
    project.removeMapLayer(ids["sites"])
    placed.zoom_to_current()
    placed.write_ranks()
    next(iter(placed.parts._sliders.values())).setValue(3)
    qgis_app.processEvents()
    assert placed.model.sites == []


def test_several_runs_in_one_project_are_chosen_from(two_runs, qgis_app):
    from qgis.core import QgsProject

    panel, root = two_runs, QgsProject.instance().layerTreeRoot()
    second, first = panel._runs
    assert panel._shown.key == second.key
    assert len(panel.model.sites) == 15
    panel.show_run(first.key)
    assert len(panel.model.sites) == 16
    assert root.findLayer(first.sites_id).isVisible()
    assert not root.findLayer(second.sites_id).isVisible()
    QgsProject.instance().removeMapLayers(list(first.layer_ids.values()))
    qgis_app.processEvents()
    assert panel._shown.key == second.key
    assert len(panel.model.sites) == 15


def test_two_runs_stand_side_by_side_with_the_difference_and_the_ranges(two_runs):
    from geowoonzorg_qgis import results
    from geowoonzorg_qgis.gui.compare_table import CompareModel as Column
    from qgis.core import QgsProject

    panel = two_runs
    second, first = panel._runs
    panel.compare_with(first.key)
    assert panel.tables.currentWidget() is panel.side_by_side
    model = panel.compared
    rows = {pair.ident: row for row, pair in enumerate(model.pairs)}

    def cell(ident: str, column: int) -> str:
        return model.data(model.index(rows[ident], column))

    now, before = (results.read_written(QgsProject.instance().mapLayer(run.sites_id)) for run in (second, first))
    assert set(rows) == set(now) | set(before)
    for ident in now.keys() & before.keys():
        one, other = now[ident], before[ident]
        if one.score is not None and other.score is not None:
            gained = float(cell(ident, Column.GAINED).replace(",", "."))
            assert gained == pytest.approx(one.score - other.score, abs=0.05), ident
    assert cell("K05", Column.GAINED) == "+10,0"
    assert cell("K05", Column.SCORE_OTHER) == f"{before['K05'].score:.1f}".replace(".", ",")
    assert cell("K05", Column.RANGE) == f"{now['K05'].rank_low}–{now['K05'].rank_high}"
    assert (cell("K04", Column.SCORE), cell("K04", Column.GAINED), cell("K04", Column.MOVED)) == ("–", "", "")
    assert (cell("K03", Column.SCORE), cell("K03", Column.SCORE_OTHER)) == ("", "39,6")
    assert rows["K03"] == len(rows) - 1
    panel.side_by_side.clicked.emit(model.index(rows["K05"], 0))
    assert panel.current_site().ident == "K05"
    panel.compare_with("")
    assert panel.tables.currentWidget() is panel.table


def test_map_and_table_select_each_other(placed):
    panel, layer = placed, placed._sites_layer()
    assert layer.selectedFeatureCount() == 0
    panel.table.selectRow(4)
    panel.table.clicked.emit(panel.model.index(4, 0))
    assert layer.selectedFeatureIds() == [panel.model.sites[4].feature_id]
    for row in (7, 0, 15):
        layer.selectByIds([panel.model.sites[row].feature_id])
        assert panel.table.currentIndex().row() == row
        assert panel.model.sites[row].name in panel.site_title.text()
    layer.removeSelection()
    assert panel.table.currentIndex().row() == 15


def test_a_temporary_outcome_says_so_and_is_kept_elsewhere(panel, demo, plugin, tmp_path):
    from geowoonzorg_qgis import runs
    from qgis.core import QgsProject

    folder = runs.new_folder(runs.temporary_place(), NOW)
    shutil.copytree(demo, folder, dirs_exist_ok=True)
    panel.show_folder(folder)
    assert panel._shown.is_temporary()
    assert panel.choice.vanishing.isVisibleTo(panel)
    assert QgsProject.instance().write(str(tmp_path / "p.qgz"))
    assert "tijdelijke map" in panel.note.text()
    sites = panel._sites_layer()
    renderer, order = sites.renderer().type(), [site.ident for site in panel.model.sites]
    panel.keep_run(tmp_path)
    assert not panel._shown.is_temporary()
    assert panel._shown.folder.parent == tmp_path
    assert not panel.choice.vanishing.isVisibleTo(panel)
    shutil.rmtree(folder)
    kept = panel._sites_layer()
    assert (kept.renderer().type(), kept.featureCount()) == (renderer, 16)
    assert [site.ident for site in panel.model.sites] == order
    assert set(panel._files) == {"MAP", "REPORT", "SCORES", "RESULT"}
    assert all(str(folder) not in layer.source() for layer in QgsProject.instance().mapLayers().values())


def test_where_nothing_can_be_written_the_run_goes_on_and_says_what_to_do(panel, demo, fake, monkeypatch, tmp_path):
    wall = tmp_path / "alleen-lezen"
    wall.write_text("a file, where a folder cannot be made", encoding="utf-8")
    panel.inputs.place.setFilePath(str(wall))
    monkeypatch.setenv("FAKE_STUDY", str(demo))
    fake("good")
    press_run(panel)
    assert len(panel.model.sites) == 16
    assert panel._shown.is_temporary()
    assert str(wall) in panel._told
    assert "Bewaren…" in panel._told
    key = panel._shown.key
    panel.keep_run(wall)
    assert "Er is niets verloren" in panel.note.text()
    assert panel._shown.key == key


def test_a_geopackage_that_cannot_be_written_still_gives_a_dressed_map(panel, demo, monkeypatch, tmp_path):
    from geowoonzorg_qgis import finish

    monkeypatch.setattr(finish, "seal", lambda _layer: ["attempt to write a readonly database"])
    folder = tmp_path / "run"
    shutil.copytree(demo, folder)
    panel.show_folder(folder)
    assert "readonly" in panel.note.text()
    assert len(panel.model.sites) == 16
    assert panel._sites_layer().renderer().type() == "RuleRenderer"


def test_the_results_are_saved_with_what_qgis_still_holds(placed, tmp_path):
    placed.handing.export("RESULT", str(tmp_path / "los.gpkg"))
    assert "Opgeslagen" in placed.note.text()
    with sqlite3.connect(tmp_path / "los.gpkg") as file:
        assert file.execute("select count(*) from layer_styles").fetchone()[0] > 5
    placed.handing.export("RESULT", str(tmp_path / "nergens" / "los.gpkg"))
    assert "De schijf" in placed.note.text()


@pytest.fixture
def read_only(tmp_path):
    """Make a folder a share on which nothing can be written, whoever one is."""
    share = tmp_path / "schijf"

    def make():
        for words in (["--bind", share, share], ["-o", "remount,bind,ro", share]):
            done = subprocess.run(["mount", *map(str, words)], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"nothing can be mounted here: {done.stderr}")
        with pytest.raises(OSError, match="Read-only"):
            (share / "x").touch()

    share.mkdir()
    yield share, make
    subprocess.run(["umount", "-l", str(share)], capture_output=True, check=False)  # QGIS may still hold a file


def test_a_project_on_a_share_that_is_read_only_is_read_and_run_and_loses_nothing(
    panel, demo, fake, monkeypatch, read_only, plugin, qgis_app
):
    """A colleague's project: its runs are shown, weights can be moved, a new run goes elsewhere and says so."""
    from qgis.core import QgsProject

    share, make = read_only
    project = QgsProject.instance()
    shutil.copytree(demo, share / "eerste")
    panel.show_folder(share / "eerste")
    assert project.write(str(share / "p.qgz"))
    project.clear()
    make()
    before = {path: path.stat().st_mtime_ns for path in share.rglob("*") if path.is_file()}
    assert project.read(str(share / "p.qgz"))
    qgis_app.processEvents()
    assert len(panel.model.sites) == 16
    key = next(iter(panel.parts._sliders))
    panel.parts._sliders[key].setValue(panel.parts.STEPS)
    assert panel.parts.weights()[key] == 1.0
    panel.write_ranks()
    assert panel.note.text()
    monkeypatch.setenv("FAKE_STUDY", str(demo))
    fake("good")
    panel.inputs.place.setFilePath(str(share))
    press_run(panel)
    assert len(panel.model.sites) == 16
    assert panel._shown.is_temporary()
    assert str(share) in panel._told
    assert not project.write(str(share / "p.qgz"))
    assert {path: path.stat().st_mtime_ns for path in share.rglob("*") if path.is_file()} == before


def test_two_windows_that_begin_at_once_each_get_a_folder(tmp_path, plugin):
    from geowoonzorg_qgis import runs

    made = [runs.new_folder(tmp_path / "runs", NOW) for _ in range(4)]
    assert [folder.name for folder in made] == ["2026-05-04_13.02.01", *(f"2026-05-04_13.02.01_{n}" for n in (2, 3, 4))]
    assert all(folder.is_dir() for folder in made)


def test_a_run_that_ends_in_another_project_is_told_and_not_added(panel, demo, fake, monkeypatch, tmp_path):
    from qgis.core import QgsProject

    monkeypatch.setenv("FAKE_STUDY", str(demo))
    fake("good")
    panel.inputs.place.setFilePath(str(tmp_path))

    def open_another() -> None:
        panel._generation += 1

    panel.row.run_button.clicked.connect(open_another)  # right after it began
    press_run(panel)
    assert "gewisseld" in panel.note.text()
    assert panel._asked[1] in panel.note.text()
    assert not QgsProject.instance().mapLayers()
    assert Path(panel._asked[1], "result.gpkg").is_file()


def test_spots_are_ranked_together_with_the_sites(placed, demo, tmp_path, qgis_app):
    """Spots of a search come from its own file; here they are sites of the demo under other names."""
    from qgis.core import QgsProject, QgsVectorLayer

    panel = placed
    first = panel.model.sites[0]
    score = panel._stand(panel.model.sites, panel.parts.weights())[first.ident].score
    spots = tmp_path / "spots.gpkg"
    shutil.copyfile(demo / "result.gpkg", spots)
    layer = QgsVectorLayer(f"{spots}|layername=sites", "Plekken", "ogr")
    QgsProject.instance().addMapLayer(layer)
    qgis_app.processEvents()
    assert len(panel._runs) == 2
    panel.rank_along(str(spots))
    assert len(panel.model.sites) == 32
    top = panel.model.sites[:2]
    assert {site.ident for site in top} == {first.ident, f"+{first.ident}"}
    standings = panel._stand(panel.model.sites, panel.parts.weights())
    assert {(standings[site.ident].rank, standings[site.ident].score) for site in top} == {(1, score)}
    spot = next(row for row, site in enumerate(panel.model.sites) if site.ident.startswith("+"))
    panel.table.selectRow(spot)
    panel.zoom_to_current()
    assert layer.selectedFeatureIds() == [panel.model.sites[spot].feature_id]
    assert panel._sites_layer().selectedFeatureIds() == []
    QgsProject.instance().removeMapLayer(layer.id())
    qgis_app.processEvents()
    assert len(panel.model.sites) == 16


def test_spots_on_other_scales_are_refused_with_a_reason(placed, demo, tmp_path, qgis_app):
    from geowoonzorg_qgis import finish
    from qgis.core import QgsProject, QgsVectorLayer

    spots = tmp_path / "spots.gpkg"
    shutil.copyfile(demo / "result.gpkg", spots)
    layer = QgsVectorLayer(f"{spots}|layername=sites", "Plekken", "ogr")
    said = json.loads((demo / "provenance.json").read_text(encoding="utf-8"))
    said["profiles"]["scoring"]["criterion"][0]["anchors"][0][0] += 1
    layer.setMetadata(finish.metadata(layer, {"provenance": json.dumps(said)}))
    QgsProject.instance().addMapLayer(layer)
    qgis_app.processEvents()
    placed.rank_along(str(spots))
    assert len(placed.model.sites) == 16
    assert "andere schalen" in placed.note.text()


def test_moved_weights_are_run_again_as_a_profile_of_the_new_run(placed, demo, fake, monkeypatch, tmp_path):
    import tomllib

    panel, told = placed, fake("good")
    monkeypatch.setenv("FAKE_STUDY", str(demo))
    study = tmp_path / "study.toml"
    study.write_text("", encoding="utf-8")
    key = list(panel.parts._sliders)[1]
    panel.parts._sliders[key].setValue(panel.parts.STEPS)
    weights = panel.parts.weights()
    layer = panel._sites_layer()
    layer.setCustomProperty("geowoonzorg/request", json.dumps(["geowoonzorg:run_study", {"STUDY": str(study)}]))
    before = panel._shown.key
    press_run(panel, panel.run_with_weights)
    line = next(one["argv"] for one in told() if "run" in one.get("argv", ()))
    profile = Path(line[line.index("--profile") + 1])
    assert profile.parent == panel._shown.folder
    assert panel._shown.folder.parent == tmp_path / "runs"
    assert panel._shown.key != before
    written = {one["key"]: one["weight"] for one in tomllib.loads(profile.read_text(encoding="utf-8"))["criterion"]}
    total, wanted = sum(written.values()), sum(weights.values())
    assert {one: round(weight / total, 9) for one, weight in written.items()} == {
        one: round(weight / wanted, 9) for one, weight in weights.items()
    }


def test_the_steps_of_a_run_are_said(panel, demo, fake, monkeypatch, tmp_path):
    heard = []
    panel.row.hear, hear = heard.append, panel.row.hear
    monkeypatch.setenv("FAKE_STUDY", str(demo))
    fake("good")
    panel.inputs.place.setFilePath(str(tmp_path))
    press_run(panel)
    assert "reading" in heard
    panel.row.task = object()
    for text in ("lezen", "lezen", "rekenen"):
        hear(text)
    assert panel.row.step.text() == "Stap 2: rekenen"
    assert panel.row.step.toolTip() == "lezen\nrekenen"
    panel.row.task = None


def test_it_fits_in_320_pixels_with_every_name_readable(placed, qgis_app):
    from geowoonzorg_qgis.gui.tables import PartsTable, RankingModel

    panel = placed
    panel.setFloating(True)
    panel.show()
    for width in (320, 900):
        panel.resize(width, 800)
        qgis_app.processEvents()
        assert panel.width() == width
        assert panel.widget().minimumSizeHint().width() <= 320
        assert panel.table.columnWidth(RankingModel.NAME) >= 100
        assert panel.parts.isColumnHidden(PartsTable.VALUE) == (width == 320)


def test_every_choice_of_the_algorithms_is_in_the_panel(panel, algorithms):
    for form, name in ((panel.inputs.of_study, "run_study"), (panel.inputs.of_layers, "score_sites")):
        wanted = {one.name() for one in algorithms[name].parameterDefinitions() if not one.isDestination()}
        assert set(form.values()) == wanted
    form = panel.inputs.of_layers
    box = form.widgets["PROFILE"]
    assert box.itemText(box.findData("ouderen_rollator")) == "Ouderen met een rollator"
    form.set_values({"PROFILE": "ouderen_rollator", "LIMITS_M": "300; 500", "LEEFBAAROMETER_YEAR": 2022})
    assert form.values()["PROFILE"] == "ouderen_rollator"
    assert form.values()["LIMITS_M"] == "300; 500"
    panel.inputs.tabs.setCurrentIndex(1)
    written = panel.inputs.as_text()
    form.set_values({"PROFILE": "ggz", "LIMITS_M": "1"})
    panel.inputs.tabs.setCurrentIndex(0)
    panel.inputs.fill_from(written)
    assert panel.inputs.request()[0] == "geowoonzorg:score_sites"
    assert (form.values()["PROFILE"], form.values()["LIMITS_M"]) == ("ouderen_rollator", "300; 500")


def test_choices_that_cannot_be_read_leave_the_panel_as_it_was(panel):
    before = panel.inputs.as_text()
    for text in ("", "null", "[1]", '["x", 3]', '["geowoonzorg:run_study", {"NIETS": 1}]', "{"):
        panel.inputs.fill_from(text)
        assert panel.inputs.as_text() == before, text
