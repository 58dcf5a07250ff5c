"""Map themes and print layouts: each question one click, each site a page, and all of it kept in the project."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from reading import dressed, tip

THEMES = ["Ranglijst", "Eén locatie", "Bereik", "Dekking", "Leefbaarheid", "Balans"]
NAME = "Geowoonzorg: een bladzijde per locatie, {}"


@pytest.fixture(scope="module")
def run(plugin, demo, tmp_path_factory):
    """The demo's layers from disk, with themes and layouts."""
    from geowoonzorg_qgis import layouts
    from qgis.core import QgsProject

    loaded = dressed(demo, on_disk=tmp_path_factory.mktemp("layers"))
    layouts.add_all(QgsProject.instance())
    yield loaded
    QgsProject.instance().clear()


@pytest.fixture
def project(run):
    from qgis.core import QgsProject

    return QgsProject.instance()


def page(project, paper: str, ident: str):
    """Turn a layout's atlas to a site."""
    layout = project.layoutManager().layoutByName(NAME.format(paper))
    atlas = layout.atlas()
    assert atlas.beginRender()
    for number in range(atlas.count()):
        atlas.seekTo(number)
        if layout.reportContext().feature()["id"] == ident:
            atlas.refreshCurrentFeature()
            return layout
    raise AssertionError(ident)


def labels(layout) -> str:
    from qgis.core import QgsLayoutItemLabel

    return "\n".join(item.currentText() for item in layout.items() if isinstance(item, QgsLayoutItemLabel))


def rows(layout) -> list[list[str]]:
    from qgis.core import QgsLayoutItemAttributeTable

    table = next(frame for frame in layout.multiFrames() if isinstance(frame, QgsLayoutItemAttributeTable))
    table.refreshAttributes()
    return [[str(cell).replace("\n", " ") for cell in row] for row in table.contents()]


def feature(layer, ident: str):
    return next(one for one in layer.getFeatures() if one["id"] == ident)


def test_a_click_on_a_theme_shows_what_answers_its_question(project, run):
    collection = project.mapThemeCollection()
    assert set(collection.mapThemes()) == set(THEMES)
    root = project.layerTreeRoot()

    def shown(theme):
        from qgis.core import QgsLayerTreeModel

        collection.applyTheme(theme, root, QgsLayerTreeModel(root))
        return {name for name, layer in run.items() if root.findLayer(layer.id()) and root.findLayer(layer.id()).isVisible()}

    visible = {theme: shown(theme) - {"criteria"} for theme in THEMES}
    assert visible["Bereik"] == {"service_areas", "sites", "facilities"}
    assert visible["Eén locatie"] == {"site_areas", "sites", "facilities", "routes", "areas"}
    assert visible["Ranglijst"] == {"sites", "facilities", "areas"}
    for theme, style in {"Balans": "Vragers en dragers", "Leefbaarheid": "Leefbaarheid", "Ranglijst": "Grenzen"}.items():
        shown(theme)
        assert run["areas"].styleManager().currentStyle() == style


def test_every_site_has_a_page_in_the_order_of_the_ranks(project, run):
    layout = project.layoutManager().layoutByName(NAME.format("A4"))
    atlas = layout.atlas()
    assert atlas.beginRender()
    found = []
    for number in range(atlas.count()):
        atlas.seekTo(number)
        rank = layout.reportContext().feature()["rank"]
        found.append(None if hasattr(rank, "isNull") else rank)
    assert len(found) == run["sites"].featureCount()
    ranks = [rank for rank in found if rank is not None]
    assert found == sorted(ranks) + [None] * (len(found) - len(ranks))


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_a_page_takes_the_score_apart_and_says_what_is_unknown(project, run, paper):
    best = next(site for site in run["sites"].getFeatures() if site["rank"] == 1)
    layout = page(project, paper, best["id"])
    text = labels(layout)
    assert best["name"] in text
    assert best["score_text"] in text
    told = {row[0]: row for row in rows(layout)}
    parts = [part for part in run["criteria"].getFeatures() if part["site_id"] == best["id"]]
    assert len(told) == len(parts)
    points = sum(float(row[3].replace(",", ".")) for row in told.values() if row[3] != "onbekend")
    assert points == pytest.approx(best["score"], abs=0.05 * len(parts))
    weights = [int(row[2].removesuffix(" %")) for row in rows(layout)]
    assert weights == sorted(weights, reverse=True)
    unknown = next(site for site in run["sites"].getFeatures() if str(site["score_text"]).startswith("onbekend"))
    assert [row[1] for row in rows(page(project, paper, unknown["id"])) if row[1].startswith("onbekend: ")]


def test_a_page_names_sources_profile_and_what_it_is_not(project, run):
    import json

    text = labels(page(project, "A4", "K01"))
    kept = json.loads(run["sites"].customProperty("geowoonzorg/page"))
    assert "geen norm en geen oordeel over mensen" in text
    assert "OpenStreetMap contributors" in text
    assert kept["hash"] in text
    assert re.search(r"afgedrukt op \d{4}-\d\d-\d\d\. Bladzijde \d+ / 16", text)
    assert "[%" not in text


def test_all_that_can_be_walked_to_is_on_the_map_at_one_scale(project, run):
    from qgis.core import QgsLayoutItemMap

    scales = set()
    for ident in ("K01", "K11"):
        layout = page(project, "A4", ident)
        map_ = next(item for item in layout.items() if isinstance(item, QgsLayoutItemMap))
        scales.add(round(map_.scale()))
        reach = [one.geometry().boundingBox() for one in run["site_areas"].getFeatures() if one["site_id"] == ident]
        assert reach
        assert all(map_.extent().contains(box) for box in reach)
        assert {layer.id() for layer in map_.layers()} == {
            run[name].id() for name in ("sites", "facilities", "routes", "site_areas", "areas")
        }
    assert len(scales) == 1


def test_only_the_sites_own_reach_and_walks_are_on_its_page(run):
    from qgis.core import QgsExpression, QgsExpressionContext, QgsExpressionContextScope, QgsExpressionContextUtils

    sites, routes = run["sites"], run["routes"]
    chosen = routes.renderer().rootRule().children()[0].filterExpression()
    page_ = QgsExpressionContextScope()
    page_.setVariable("atlas_feature", feature(sites, "K01"))
    page_.setVariable("atlas_featureid", feature(sites, "K01").id())
    for scope, wanted in ((page_, {"K01"}), (QgsExpressionContextScope(), {one["site_id"] for one in routes.getFeatures()})):
        context = QgsExpressionContext()
        context.appendScope(QgsExpressionContextUtils.layerScope(routes))
        context.appendScope(QgsExpressionContextScope(scope))
        seen = set()
        for one in routes.getFeatures():
            context.setFeature(one)
            if QgsExpression(chosen).evaluate(context):
                seen.add(one["site_id"])
        assert seen == wanted


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_a_page_prints(project, run, tmp_path, paper):
    """KEEP_SHOTS names a folder to keep the page in."""
    from qgis.core import QgsLayoutExporter

    layout = page(project, paper, "K01")
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.dpi = 100
    target = tmp_path / f"{paper}.pdf"
    assert QgsLayoutExporter(layout).exportToPdf(str(target), settings) == QgsLayoutExporter.ExportResult.Success
    assert target.read_bytes()[:5] == b"%PDF-"
    sizes = {"A4": (595, 842), "A3": (1191, 842)}
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", target.read_bytes())
    assert tuple(round(float(side)) for side in box.groups()) == pytest.approx(sizes[paper], abs=1)
    if keep := os.environ.get("KEEP_SHOTS"):
        subprocess.run(["pdftoppm", "-r", "80", "-png", str(target), f"{keep}/page_{paper}"], check=True)


def test_saved_and_opened_again_it_is_all_there(project, run, tmp_path):
    from qgis.core import QgsProject

    path = str(tmp_path / "studie.qgz")
    assert project.write(path)
    again = QgsProject()
    assert again.read(path)
    try:
        assert set(again.mapThemeCollection().mapThemes()) == set(THEMES)
        sites = again.mapLayersByName("Locaties")[0]
        one = feature(sites, "K01")
        assert one["score_text"] == feature(run["sites"], "K01")["score_text"]
        assert [tab.name() for tab in sites.editFormConfig().tabs()][:2] == ["Score", "Delen"]
        assert tip(sites, one) == tip(run["sites"], feature(run["sites"], "K01"))
        assert sites.attributeAlias(sites.fields().lookupField("planfase")) == "Planfase"
        assert sites.renderer().rootRule().children()[0].label() == "locatie, met de rang"
        areas = again.mapLayersByName("Buurten")[0]
        assert areas.styleManager().styles() == ["Grenzen", "Leefbaarheid", "Vragers en dragers"]
        layout = page(again, "A3", "K01")
        assert rows(layout) == rows(page(project, "A3", "K01"))
        assert kept_text(labels(layout)) == kept_text(labels(page(project, "A3", "K01")))
    finally:
        again.clear()


def kept_text(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d", "", text)


def test_a_second_time_nothing_is_made_twice_and_a_users_layout_is_left(project, run):
    from geowoonzorg_qgis import layouts

    manager = project.layoutManager()
    first = manager.layoutByName(NAME.format("A4"))
    count = len(manager.printLayouts())
    layouts.add_all(project)
    assert len(manager.printLayouts()) == count
    assert manager.layoutByName(NAME.format("A4")) is first


def test_the_pages_of_an_earlier_run_stay_its_own(project, run, demo):
    from geowoonzorg_qgis import layouts
    from qgis.core import QgsLayoutItemMap

    first = project.layoutManager().layoutByName(NAME.format("A4"))
    later = dressed(demo)
    layouts.add_all(project)
    second = project.layoutManager().layoutByName(NAME.format("A4") + " (2)")
    for layout, loaded in ((first, run), (second, later)):
        assert layout.atlas().coverageLayer().id() == loaded["sites"].id()
        map_ = next(item for item in layout.items() if isinstance(item, QgsLayoutItemMap))
        assert loaded["site_areas"].id() in {layer.id() for layer in map_.layers()}
    assert set(project.mapThemeCollection().mapThemes()) == set(THEMES)
    shown = project.mapThemeCollection().mapThemeVisibleLayers("Ranglijst")
    assert later["sites"].id() in {layer.id() for layer in shown}
    for layer in later.values():
        project.removeMapLayer(layer.id())


def test_without_the_parts_of_the_scores_there_is_no_layout(plugin):
    from geowoonzorg_qgis import layouts
    from qgis.core import QgsProject

    empty = QgsProject()
    layouts.add_all(empty)
    assert not empty.layoutManager().printLayouts()
    assert not empty.mapThemeCollection().mapThemes()
