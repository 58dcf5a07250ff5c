"""Legends: a layer's own limits, near over far, a style per class, and English where the plugin is English."""

from __future__ import annotations

import json
import re

import pytest

from conftest import ROOT
from reading import dressed, tip

STYLES = ROOT / "qgis_plugin" / "geowoonzorg_qgis" / "styles"
DUTCH = re.compile(r"\b(tot|van|en|meer|minder|onder|keer|verder|punten|lopen|niet|geen|onbekend)\b")


@pytest.fixture
def english(plugin):
    """The plugin in English, and Dutch again afterwards."""
    from geowoonzorg_qgis import settings
    from qgis.PyQt.QtCore import QCoreApplication

    QCoreApplication.removeTranslator(plugin.translator)
    settings.put("language", "en")
    yield
    settings.put("language", "nl")
    QCoreApplication.installTranslator(plugin.translator)


@pytest.fixture
def emptied(plugin):
    from qgis.core import QgsProject

    yield QgsProject.instance()
    QgsProject.instance().clear()


def labels_in_styles() -> set[str]:
    found = set()
    for path in STYLES.glob("*.qml"):
        found |= set(re.findall(r'\blabel="([^"]+)"', path.read_text(encoding="utf-8")))
    return found - {"spread", "gap", "fits"}  # keys, which are replaced by the map's name


def test_every_label_of_every_style_has_its_english(plugin):
    from geowoonzorg_qgis import legend

    same = {label for label in labels_in_styles() if legend.in_english(label) == label}
    assert not {label for label in same if re.search("[a-z]{2}", label)}, same
    for label in labels_in_styles():
        assert not DUTCH.search(legend.in_english(label)), legend.in_english(label)
    known = json.loads((STYLES / "legend_en.json").read_text(encoding="utf-8"))
    assert set(known["labels"]) <= labels_in_styles(), "no style has these labels any more"


def areas_with(limits):
    from geowoonzorg_qgis import finish
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

    definition = "Polygon?crs=EPSG:28992&field=facility_id:string&field=facility_class:string&field=limit_m:double"
    layer = QgsVectorLayer(definition, "x", "memory")
    for number, (key, limit) in enumerate((key, limit) for key in ("huisarts", "supermarkt") for limit in limits):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(f"POLYGON((0 0,{number + 1} 0,1 1,0 0))"))
        feature.setAttributes([f"f{number}", key, limit])
        assert layer.dataProvider().addFeature(feature)
    finish.dress(layer, preset="service_areas", provenance={})
    return layer


@pytest.mark.parametrize(
    ("limits", "labels"),
    [
        ((400.0, 800.0), ["tot 800 m lopen", "tot 400 m lopen"]),
        ((250.0, 500.0, 800.0), ["tot 500, 800 m lopen", "tot 250 m lopen"]),
        ((1000.0,), ["tot 1000 m lopen"]),
    ],
)
def test_the_legend_has_the_layers_own_limits_and_near_lies_over_far(plugin, limits, labels):
    from qgis.core import QgsExpression, QgsExpressionContext

    layer = areas_with(limits)
    rules = layer.renderer().rootRule().children()
    assert [rule.label() for rule in rules] == labels
    assert layer.renderer().orderByEnabled()
    clause = layer.renderer().orderBy().list()[0]
    assert (clause.expression().expression(), clause.ascending()) == ('"limit_m"', False)
    context = QgsExpressionContext()
    for feature in layer.getFeatures():
        context.setFeature(feature)
        drawn = [rule.label() for rule in rules if QgsExpression(rule.filterExpression()).evaluate(context)]
        assert drawn == [labels[-1] if feature["limit_m"] == min(limits) else labels[0]]


def test_each_class_has_a_style_that_draws_it_alone(plugin):
    layer = areas_with((400.0, 800.0))
    manager = layer.styleManager()
    assert set(manager.styles()) == {"Alle soorten", "Huisarts", "Supermarkt"}
    assert manager.currentStyle() == "Alle soorten"
    assert [rule.active() for rule in layer.renderer().rootRule().children()] == [False, True]
    manager.setCurrentStyle("Supermarkt")
    rules = layer.renderer().rootRule().children()
    assert [rule.active() for rule in rules] == [True, True]
    assert [[leaf.label() for leaf in rule.children()] for rule in rules] == [["Supermarkten"], ["Supermarkten"]]


def test_of_an_address_every_class_is_drawn_by_its_distance(emptied, demo):
    layer = dressed(demo, ["addresses"])["addresses"]
    manager = layer.styleManager()
    assert manager.currentStyle() == "Dagelijkse voorzieningen"
    assert "Supermarkt" in manager.styles()
    from qgis.core import QgsExpression, QgsExpressionContext

    leaves = layer.renderer().rootRule().children()
    context = QgsExpressionContext()
    for address in list(layer.getFeatures())[:300]:
        context.setFeature(address)
        drawn = [leaf.label() for leaf in leaves if QgsExpression(leaf.filterExpression()).evaluate(context)]
        walks = [address[f"{key}_m"] for key in ("huisarts", "supermarkt", "inloopvoorziening", "apotheek", "ov_halte")]
        near = sum(isinstance(metres, float) and metres <= 400 for metres in walks)
        if address["status"] == "ok":
            assert drawn == [f"{near} van de 5 soorten binnen 400 m"]
        else:
            assert drawn == ["onbekend"]
    manager.setCurrentStyle("Supermarkt")
    assert all('"supermarkt_m"' in rule.filterExpression() for rule in layer.renderer().rootRule().children())


def test_in_english_all_that_is_read_is_english(english, emptied, demo):
    from geowoonzorg_qgis import layouts, themes
    from qgis.core import QgsLayoutItemLabel

    loaded = dressed(demo)
    assert [tab.name() for tab in loaded["sites"].editFormConfig().tabs()] == [
        "Score", "Parts", "Reach", "Balance", "Source", "All columns",
    ]  # fmt: skip
    assert loaded["sites"].renderer().rootRule().children()[0].label() == "site, with its rank"
    unknown = next(site for site in loaded["sites"].getFeatures() if str(site["score_text"]).startswith("unknown ("))
    assert "Walking distance to a supermarket" in tip(loaded["sites"], unknown)
    assert "1,307 m" in {site["supermarkt_raw_text"].partition(" (")[0] for site in loaded["sites"].getFeatures()}
    layouts.add_all(emptied)
    assert "Reach" in emptied.mapThemeCollection().mapThemes()
    assert themes.one_site() == "One site"
    layout = emptied.layoutManager().layoutByName("Geowoonzorg: a page for each site, A4")
    text = "\n".join(item.text() for item in layout.items() if isinstance(item, QgsLayoutItemLabel))
    assert "no norm, and no judgement of persons" in text
    assert "Clustered homes" in text


@pytest.mark.parametrize("name", ["sites", "facilities"])
@pytest.mark.parametrize("first", ["points", "areas"])
def test_points_and_areas_in_one_layer_are_all_drawn(plugin, demo, name, first, tmp_path):
    """As the engine writes them, whichever kind comes first, which is what QGIS takes the layer for."""
    import shutil
    import sqlite3

    from geowoonzorg_qgis import finish
    from qgis.core import QgsExpression, QgsExpressionContext, QgsExpressionContextUtils, QgsSymbol, QgsVectorLayer, QgsWkbTypes

    copy = shutil.copy(demo / "result.gpkg", tmp_path / "result.gpkg")
    layer = QgsVectorLayer(f"{copy}|layername={name}", name, "ogr")
    kinds = {one.geometry().type() for one in layer.getFeatures()}
    assert kinds == {QgsWkbTypes.GeometryType.PointGeometry, QgsWkbTypes.GeometryType.PolygonGeometry}
    wanted = QgsWkbTypes.GeometryType.PointGeometry if first == "points" else QgsWkbTypes.GeometryType.PolygonGeometry
    if layer.geometryType() != wanted:  # put one of the other kind in front
        moved = next(one.id() for one in layer.getFeatures() if one.geometry().type() == wanted)
        del layer
        with sqlite3.connect(copy) as file:
            for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                file.execute(f'DROP TRIGGER "{trigger}"')
            file.execute(f"UPDATE {name} SET fid = -1 WHERE fid = ?", (moved,))  # noqa: S608 - the name is ours
        layer = QgsVectorLayer(f"{copy}|layername={name}", name, "ogr")
    assert layer.geometryType() == wanted
    finish.dress(layer, preset=name, provenance={})
    marker, fill = QgsSymbol.SymbolType.Marker, QgsSymbol.SymbolType.Fill
    rules = layer.renderer().rootRule().children()
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.layerScope(layer))
    for feature in layer.getFeatures():
        context.setFeature(feature)
        suits = {
            rule.symbol().type()
            for rule in rules
            if not rule.isElse() and QgsExpression(rule.filterExpression()).evaluate(context)
        }
        suits |= set() if suits else {rule.symbol().type() for rule in rules if rule.isElse()}
        is_point = feature.geometry().type() == QgsWkbTypes.GeometryType.PointGeometry
        assert (marker if is_point else fill) in suits, feature["id"]
    assert layer.attributeAlias(layer.fields().lookupField("name")) == "Naam"
