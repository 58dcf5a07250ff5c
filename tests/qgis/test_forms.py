"""Forms and map tips: rounded figures with their range, a score's parts, and unknown as a word, never 0."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from contextlib import closing

import pytest

from reading import dressed, evaluated, tip


@pytest.fixture
def layers(plugin, demo):
    from qgis.core import QgsProject

    yield dressed(demo)
    QgsProject.instance().clear()


def null(value) -> bool:
    return value is None or (hasattr(value, "isNull") and value.isNull())


def by_id(layer):
    return {feature["id"]: feature for feature in layer.getFeatures()}


def test_a_form_has_a_tab_for_each_question(layers):
    def tabs(name):
        config = layers[name].editFormConfig()
        assert config.layout() == config.EditorLayout.TabLayout
        return [tab.name() for tab in config.tabs()]

    assert tabs("sites") == ["Score", "Delen", "Bereik", "Balans", "Bron", "Alle kolommen"]
    assert tabs("areas") == ["Gebied", "Vragers en dragers", "Leefbaarheid", "Bron", "Alle kolommen"]
    assert tabs("addresses") == ["Adres", "Loopafstand", "Alle kolommen"]
    assert tabs("facilities") == ["Voorziening", "Bron", "Alle kolommen"]
    shown = {child.name() for tab in layers["sites"].editFormConfig().tabs()[:5] for child in tab.children()}
    keys = {name.removesuffix("_value") for name in layers["sites"].fields().names() if name.endswith("_value")}
    assert {f"{key}_part_text" for key in keys} <= shown, "a part of the score has no line"


def test_figures_are_rounded_with_their_range_and_unknown_is_a_word(layers):
    sites = layers["sites"]
    seen = set()
    for ident, site in by_id(sites).items():
        said = site["score_text"]
        numbers = [int(number) for number in re.findall(r"\d+", said)]
        wanted = [site[name] for name in ("score", "score_low", "score_high") if not null(site[name])]
        if len(numbers) < len(wanted):  # a range that rounding closes is not said
            assert round(site["score_low"]) == round(site["score_high"])
        assert numbers == [round(value) for value in wanted][: len(numbers)], ident
        assert said.startswith("onbekend") == null(site["score"])
        seen.add(null(site["score"]))
        for name in ("people_65plus", "balans_before", "supermarkt_raw", "ontmoetingsruimte_raw"):
            text = site["supermarkt_part_text" if name.startswith("super") else name.replace("_raw", "_part") + "_text"]
            if null(site[name]):
                assert text.startswith("onbekend"), (ident, name, text)
            else:
                assert "onbekend" not in text, (ident, name, text)
    assert seen == {True, False}, "the demo has no site without a score"


def test_who_drops_out_has_no_rank_but_its_reason(layers):
    out = [site for site in layers["sites"].getFeatures() if site["knocked_out"]]
    assert out
    assert all(site["rank_text"] == f"valt af: {site['knock_out_reason']}" for site in out)


def test_the_texts_are_no_columns_of_the_file_nor_of_the_table(layers, demo):
    with closing(sqlite3.connect(demo / "result.gpkg")) as file:
        stored = {row[1] for row in file.execute("PRAGMA table_info(sites)")}
    assert not [name for name in stored if name.endswith("_text")]
    shown = [column.name for column in layers["sites"].attributeTableConfig().columns() if not column.hidden]
    assert "score" in shown
    assert not [name for name in shown if name.endswith("_text")]


def test_what_is_rounded_cannot_be_saved_rounded(layers):
    sites = layers["sites"]
    config, fields = sites.editFormConfig(), sites.fields()
    assert config.readOnly(fields.lookupField("score"))
    assert sites.editorWidgetSetup(fields.lookupField("score")).config()["Precision"] == 0
    assert not config.readOnly(fields.lookupField("name"))


def test_an_address_far_from_everything_is_not_at_nought_metres(layers):
    for address in list(layers["addresses"].getFeatures())[:200]:
        if null(address["apotheek_m"]):
            assert address["apotheek_m_text"] == "onbekend of niet binnen bereik"
        else:
            assert address["apotheek_m_text"] == f"{address['apotheek_m']:,.0f} m".replace(",", ".")


def test_a_balance_says_what_it_is_not(layers):
    for name in ("sites", "areas"):
        assert "geen norm" in next(layers[name].getFeatures())["balans_note_text"]


def test_every_style_of_a_layer_has_form_and_tip(layers):
    areas = layers["areas"]
    manager = areas.styleManager()
    assert len(manager.styles()) > 1
    for name in manager.styles():
        manager.setCurrentStyle(name)
        assert areas.editFormConfig().tabs()[0].name() == "Gebied"
        assert areas.mapTipTemplate()


def test_tips_tell_name_figures_and_what_is_unknown(layers):
    for name, layer in layers.items():
        if name == "criteria":
            continue
        told = tip(layer, next(layer.getFeatures()))
        assert told.count("<td>") >= 2, (name, told)
        assert "[%" not in told
        assert not re.search(r">(NULL|nan)?</b></td>", told), (name, told)
    unknown = next(site for site in layers["sites"].getFeatures() if null(site["score"]) and not site["knocked_out"])
    assert "<b>onbekend (" in tip(layers["sites"], unknown)


def test_a_name_is_text_on_the_map_too(plugin):
    from geowoonzorg_qgis import finish
    from qgis.core import QgsFeature, QgsVectorLayer

    layer = QgsVectorLayer("Point?field=id:string&field=name:string&field=facility_class:string", "x", "memory")
    feature = QgsFeature(layer.fields())
    feature.setAttributes(["a", "<img src=x onerror=alert(1)> & 'zo' \"\"", "<b>"])
    layer.dataProvider().addFeature(feature)
    finish.dress(layer, preset="facilities", provenance={})
    told = tip(layer, next(layer.getFeatures()))
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; 'zo'" in told
    assert "<img" not in told
    assert "&lt;b&gt;" in told


def test_a_profiles_texts_cannot_break_out_of_the_expression(plugin):
    from geowoonzorg_qgis import finish
    from qgis.core import QgsFeature, QgsVectorLayer

    label = "Afstand' || 1/0 || '<script>[% 1 %]"
    provenance = {"provenance": json.dumps({"profiles": {"scoring": {"criterion": [{"key": "x", "label": label, "unit": "m"}]}}})}
    columns = "".join(f"&field={name}:double" for name in ("x_raw", "x_value", "x_contribution", "score", "rank", "knocked_out"))
    layer = QgsVectorLayer(f"Point?field=id:string&field=name:string{columns}", "x", "memory")
    feature = QgsFeature(layer.fields())
    feature.setAttributes(["a", "A", 12.4, 0.5, 4.25, None, None, 0])
    layer.dataProvider().addFeature(feature)
    finish.dress(layer, preset="sites", provenance=provenance)
    one = next(layer.getFeatures())
    assert one["x_part_text"] == "12 m · 4,3 punten"
    assert one["score_text"] == "onbekend"
    assert "<script>" not in tip(layer, one)
    assert one["rank_text"] == "onbekend"  # without the column of reasons too


def test_a_form_opens_and_reads(layers, tmp_path):
    """Each form is opened; KEEP_SHOTS names a folder to keep the pictures in."""
    from qgis.gui import QgsAttributeForm, QgsGui
    from qgis.PyQt.QtWidgets import QApplication, QLineEdit, QTabWidget

    QgsGui.editorWidgetRegistry().initEditors()
    for name in ("sites", "areas", "addresses", "facilities"):
        layer = layers[name]
        feature = next(layer.getFeatures())
        form = QgsAttributeForm(layer, feature)
        form.resize(620, 560)
        form.show()
        tabs = form.findChildren(QTabWidget)[0]
        for place in range(tabs.count() - 1):
            tabs.setCurrentIndex(place)
            QApplication.processEvents()
            page = tabs.widget(place)
            texts = [box.text() for box in page.findChildren(QLineEdit) if box.isVisible()]
            assert texts, (name, tabs.tabText(place))
            assert "NULL" not in texts
            if keep := os.environ.get("KEEP_SHOTS"):
                form.grab().save(f"{keep}/form_{name}_{place}.png")
        form.deleteLater()


def test_every_text_of_every_layer_can_be_worked_out(layers):
    for layer in layers.values():
        feature = next(layer.getFeatures())
        for index in range(layer.fields().count()):
            if expression := layer.expressionField(index):
                assert evaluated(layer, feature, expression), layer.fields().at(index).name()
