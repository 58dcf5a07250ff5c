"""The panel without a screen: its button pressed as a first user does, and everything it then says is so."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import DEMO, press_run


def test_the_first_click_with_an_empty_study_shows_the_demo(panel, real_engine):
    from geowoonzorg_qgis import engine

    engine.forget_found()
    press_run(panel)
    assert len(panel.model.sites) > 3, panel.note.text()
    assert "bovenaan" in panel.note.text()
    assert {Path(path).is_file() for path in panel._files.values()} == {True}
    assert set(panel._files) == {"MAP", "REPORT", "SCORES", "RESULT"}


def test_the_tab_with_layers_runs_to_a_ranking(panel, real_engine):
    from geowoonzorg_qgis import engine
    from qgis.core import QgsProject, QgsVectorLayer

    engine.forget_found()
    sites = QgsVectorLayer(str(DEMO / "kandidaten.gpkg"), "kandidaten", "ogr")
    QgsProject.instance().addMapLayer(sites)
    panel.inputs.tabs.setCurrentIndex(1)
    files = {"NETWORK": str(DEMO / "wierhaven.osm.pbf"), "AREAS": str(DEMO / "wijkenbuurten_2023_v3.gpkg")}
    panel.inputs.of_layers.set_values({"SITES": sites.id(), **files})
    press_run(panel)
    assert len(panel.model.sites) == sites.featureCount(), panel.note.text()
    assert (Path(panel._files["MAP"]).parent / "studie" / "study.toml").is_file()


def move(panel, key: str, step: int) -> None:
    """Move the slider of a criterion, as a hand would."""
    panel.parts._sliders[key].setValue(step)


def texts(panel, column: int) -> list[str]:
    return [str(panel.model.data(panel.model.index(row, column)) or "") for row in range(panel.model.rowCount())]


def heads(panel) -> list[str]:
    from qgis.PyQt.QtCore import Qt

    return [panel.model.headerData(column, Qt.Orientation.Horizontal) for column in range(panel.model.columnCount())]


@pytest.fixture
def moved(demo_in_panel):
    """Weights moved until another site is first."""
    first = demo_in_panel.model.sites[0].ident
    for key in demo_in_panel.parts._sliders:
        move(demo_in_panel, key, demo_in_panel.parts.STEPS)
        if demo_in_panel.model.sites[0].ident != first:
            return demo_in_panel
        demo_in_panel.parts.restore_weights()
    pytest.fail("no weight alone brings another site in front")


def map_label(panel, ident: str):
    """Work out what the map writes at a site, and under which rule it is drawn."""
    from qgis.core import QgsExpression, QgsExpressionContext, QgsExpressionContextUtils

    layer = panel._sites_layer()
    feature = next(layer.getFeatures(QgsExpression.createFieldEqualityExpression("id", ident)))
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.layerScope(layer))
    context.setFeature(feature)
    label = QgsExpression(layer.labeling().settings().fieldName).evaluate(context)
    rules = [
        rule.label()
        for rule in layer.renderer().rootRule().children()
        if QgsExpression(rule.filterExpression()).evaluate(context)
    ]
    return label, rules


def test_headline_table_and_map_agree_on_moved_weights_and_back(moved):
    from geowoonzorg_qgis.gui.tables import RankingModel

    panel, first = moved, moved.model.sites[0]
    assert panel.note.text().startswith("Met de verschoven gewichten:")
    assert first.name in panel.note.text()
    assert int(map_label(panel, first.ident)[0]) == 1
    assert heads(panel)[RankingModel.RANGE] == "Bandbreedte\n(profiel)"
    assert any(text.startswith("(") for text in texts(panel, RankingModel.RANGE))
    assert not panel.handing.note.isHidden()
    assert "gewichten van het profiel" in panel.handing.note.text()
    panel.restore.click()
    assert panel.note.text().startswith(panel.model.sites[0].name)
    assert panel.model.sites[0].ident != first.ident
    assert heads(panel)[RankingModel.RANGE] == "Bandbreedte"
    assert not any(text.startswith("(") for text in texts(panel, RankingModel.RANGE))
    assert panel.handing.note.isHidden()
    assert not panel.handing.keep.isEnabled()


def test_a_site_that_loses_its_rank_by_moved_weights_loses_it_on_the_map(demo_in_panel):
    panel = demo_in_panel
    unknown = {
        key for site in panel.model.sites for key in panel.parts._sliders if key not in site.values and not site.knocked_out
    }
    assert unknown, "every site of the demo is known on every criterion"
    for key in unknown:
        for other in panel.parts._sliders:
            move(panel, other, panel.parts.STEPS if other == key else 0)
        for site in panel.model.sites:
            rank = panel._stand(panel.model.sites, panel.parts.weights())[site.ident].rank
            label, rules = map_label(panel, site.ident)
            assert (label is None or str(label) == "NULL") == (rank is None), site.ident
            unsure = bool(rules) and all(rule.startswith("locatie waarvan te weinig bekend is") for rule in rules)
            assert unsure == (rank is None and not site.knocked_out), (site.ident, rules)


def test_moved_weights_are_kept_as_a_profile_that_gives_the_same_ranks(moved, real_engine, tmp_path):
    panel, target = moved, tmp_path / "ons profiel"
    panel.keep_profile(str(target))
    profile = tmp_path / "ons profiel.toml"
    assert profile.is_file(), panel.note.text()
    assert str(profile) in panel.note.text()
    assert "verschoven in QGIS van" in profile.read_text(encoding="utf-8")
    study = tmp_path / "demo"
    shutil.copytree(DEMO, study, ignore=shutil.ignore_patterns("out"))
    text = (study / "study.toml").read_text(encoding="utf-8")
    text = re.sub(r'(\[scoring\]\s*\nprofile = )"[^"]*"', r'\1"../ons profiel.toml"', text)
    assert "ons profiel" in text
    (study / "study.toml").write_text(text, encoding="utf-8")
    line = [
        real_engine,
        "-I",
        "-m",
        "geowoonzorg",
        "run",
        str(study / "study.toml"),
        "--out",
        str(study / "out"),
    ]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with (study / "out" / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file, delimiter=_delimiter(study / "out" / "scores.csv"))}
    standings = panel._stand(panel.model.sites, panel.parts.weights())
    for ident, standing in standings.items():
        assert rows[ident]["rank"] == ("" if standing.rank is None else str(standing.rank)), ident


def _delimiter(path: Path) -> str:
    return ";" if ";" in path.read_text(encoding="utf-8-sig").splitlines()[0] else ","


def test_ranks_under_moved_weights_are_written_into_the_layer(moved):
    panel, layer = moved, moved._sites_layer()
    panel.write_ranks()
    assert "rank_own" in panel.note.text()
    standings = panel._stand(panel.model.sites, panel.parts.weights())
    for feature in layer.getFeatures():
        rank, standing = feature["rank_own"], standings[feature["id"]]
        assert (None if hasattr(rank, "isNull") else rank) == standing.rank
    assert layer.attributeAlias(layer.fields().lookupField("rank_own")) == "Rang met eigen gewichten"
    before = layer.fields().count()
    panel.write_ranks()  # again: the same columns
    assert layer.fields().count() == before
    layer.startEditing()
    panel.write_ranks()
    assert "bewerkt" in panel.note.text()
    layer.rollBack()


def test_a_run_that_does_not_tell_its_profile_cannot_keep_it(demo_in_panel, tmp_path):
    from dataclasses import replace

    demo_in_panel._outcome = replace(demo_in_panel._outcome, profile={})
    demo_in_panel.keep_profile(str(tmp_path / "x.toml"))
    assert "opnieuw" in demo_in_panel.note.text()
    assert not (tmp_path / "x.toml").exists()


def test_the_headline_tells_ties_and_what_has_no_score(plugin):
    from geowoonzorg_qgis import ranking, results

    sites = [
        ranking.Site("a", "Het Erf", {"x": 1.0}),
        ranking.Site("b", "De Hoek", {"x": 1.0}),
        ranking.Site("c", "De Brink", {}),
        ranking.Site("d", "De Dijk", {"x": 0.2}, knocked_out=True),
    ]
    said = results.headline(sites, ranking.stand(sites, {"x": 1.0}))
    assert said == "Het Erf, De Hoek delen de eerste plaats van 4 locaties. Afgevallen: 1. Te weinig bekend voor een score: 1."


def test_the_table_lists_what_has_no_score_with_its_range_before_what_dropped_out(plugin):
    from geowoonzorg_qgis import ranking
    from geowoonzorg_qgis.gui.tables import RankingModel

    sites = [
        ranking.Site("d", "Afgevallen", {"x": 1.0, "y": 1.0}, knocked_out=True),
        ranking.Site("c", "Weinig bekend", {"x": 0.4}),
        ranking.Site("a", "Bekend", {"x": 0.1, "y": 0.1}),
    ]
    model = RankingModel()
    model.fill(sites, ranking.stand(sites, {"x": 1.0, "y": 3.0}, least_known_share=0.5))
    assert [site.ident for site in model.sites] == ["a", "c", "d"]
    assert model.data(model.index(1, RankingModel.SCORE)) == "10–85"
    assert model.data(model.index(1, RankingModel.RANK)) == "–"
