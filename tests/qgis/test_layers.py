"""Layers handed over to the engine: what QGIS shows is what goes, whole, with its id."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def layers(plugin):
    from geowoonzorg_qgis import layers

    return layers


def memory(definition: str, rows: list[tuple[str | None, list]]):
    """Make a layer in memory from WKT and attributes."""
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

    layer = QgsVectorLayer(definition, "laag", "memory")
    assert layer.isValid()
    for wkt, attributes in rows:
        feature = QgsFeature(layer.fields())
        if wkt is not None:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        assert layer.dataProvider().addFeature(feature)
    return layer


def hand_over(layers, source, tmp_path, **shape):
    from qgis.core import QgsProcessingFeedback, QgsVectorLayer

    path, given = str(tmp_path / "over.gpkg"), layers.Shape(**shape)
    layers.hand_over(source, path, title="Laag", feedback=QgsProcessingFeedback(), shape=given)
    return QgsVectorLayer(path, "over", "ogr")


def rows(layer, *names):
    return [tuple(feature[name] for name in names) for feature in layer.getFeatures()]


def test_attributes_and_ids_go_over(layers, tmp_path):
    layer = memory(
        "Point?crs=EPSG:28992&field=ID:integer&field=naam:string&field=n_woningen:double&field=klasse:string",
        [("POINT(1 2)", [7, "Het Erf & <b>", 12.5, "huisarts"]), ("POINT(3 4)", [8, None, None, None])],
    )
    over = hand_over(layers, layer, tmp_path, class_field="klasse")
    assert over.crs().authid() == "EPSG:28992"
    assert [field.name() for field in over.fields()] == ["fid", "id", "naam", "n_woningen", "facility_class"]
    assert rows(over, "id", "facility_class", "naam", "n_woningen")[0] == ("7", "huisarts", "Het Erf & <b>", 12.5)
    second = rows(over, "naam", "n_woningen")[1]
    assert all(value is None or value.isNull() for value in second)


def test_a_long_text_goes_over_whole(layers, tmp_path):
    text = f"MULTIPOINT ({', '.join(f'(5.{i} 52.5)' for i in range(1000, 2000))})"
    layer = memory("Point?crs=EPSG:28992&field=id:string&field=entrances:string(0,0)", [("POINT(1 2)", ["a", text])])
    assert rows(hand_over(layers, layer, tmp_path), "entrances") == [(text,)]


def test_without_an_id_the_features_number_is_it(layers, tmp_path):
    layer = memory("Point?crs=EPSG:28992&field=fid:integer", [("POINT(1 2)", [40]), ("POINT(3 4)", [41])])
    over = hand_over(layers, layer, tmp_path)
    assert rows(over, "id") == [(str(feature.id()),) for feature in layer.getFeatures()]


def test_a_chosen_key_of_real_numbers_stays_whole(layers, tmp_path):
    layer = memory("Point?crs=EPSG:28992&field=nr:double&field=id:string", [("POINT(1 2)", [12.0, "x"])])
    assert rows(hand_over(layers, layer, tmp_path, id_field="nr"), "id") == [("12",)]


def test_edits_that_are_not_saved_go_over(layers, tmp_path):
    from qgis.core import QgsGeometry

    layer = memory("Point?crs=EPSG:28992&field=id:string", [("POINT(1 2)", ["a"]), ("POINT(3 4)", ["b"])])
    layer.startEditing()
    first = next(layer.getFeatures())
    layer.changeGeometry(first.id(), QgsGeometry.fromWkt("POINT(9 9)"))
    layer.deleteFeature(max(feature.id() for feature in layer.getFeatures()))
    over = hand_over(layers, layer, tmp_path)
    assert [(f["id"], f.geometry().asWkt()) for f in over.getFeatures()] == [("a", "Point (9 9)")]
    layer.rollBack()


def test_only_the_selection_goes_over_when_asked(layers, tmp_path):
    from qgis.core import QgsProcessingContext, QgsProcessingFeatureSourceDefinition, QgsProject

    layer = memory("Point?crs=EPSG:28992&field=id:string", [(f"POINT({n} 0)", [f"s{n}"]) for n in range(9)])
    QgsProject.instance().addMapLayer(layer, False)
    layer.selectByIds([feature.id() for feature in layer.getFeatures() if feature["id"] in {"s2", "s5"}])
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    from geowoonzorg_qgis.algorithms.service_areas import ServiceAreas

    algorithm = ServiceAreas().create()
    chosen = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    source = algorithm.parameterAsSource({"FACILITIES": chosen}, "FACILITIES", context)
    assert sorted(rows(hand_over(layers, source, tmp_path), "id")) == [("s2",), ("s5",)]
    QgsProject.instance().removeMapLayer(layer.id())


@pytest.mark.parametrize(
    ("kind", "wkt"),
    [
        ("MultiPoint", "MULTIPOINT((1 2))"),
        ("MultiPoint", "MULTIPOINT((1 2),(3 4))"),
        ("PointZM", "POINT ZM (1 2 3 4)"),
        ("Polygon", "POLYGON((0 0,1 0,1 1,0 0))"),
        ("CurvePolygon", "CURVEPOLYGON(CIRCULARSTRING(0 0,4 0,4 4,0 4,0 0))"),
        ("MultiPolygon", "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"),
    ],
)
def test_every_kind_of_geometry_goes_over_as_it_is(layers, tmp_path, kind, wkt):
    layer = memory(f"{kind}?crs=EPSG:28992&field=id:string", [(wkt, ["a"])])
    over = hand_over(layers, layer, tmp_path)
    before, after = next(layer.getFeatures()).geometry(), next(over.getFeatures()).geometry()
    assert after.isGeosEqual(before)


def test_null_geometries_go_over_empty_for_the_engine_to_judge(layers, tmp_path):
    layer = memory("Point?crs=EPSG:28992&field=id:string", [(None, ["a"]), ("POINT(1 2)", ["b"])])
    over = hand_over(layers, layer, tmp_path)
    assert [(f["id"], f.geometry().isEmpty()) for f in over.getFeatures()] == [("a", True), ("b", False)]


def test_without_reference_system_is_refused_in_words(layers, tmp_path):
    from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingException

    layer = memory("Point?field=id:string", [("POINT(1 2)", ["a"])])
    layer.setCrs(QgsCoordinateReferenceSystem())
    with pytest.raises(QgsProcessingException, match="coördinatenstelsel"):
        hand_over(layers, layer, tmp_path)


def test_an_empty_layer_is_refused_in_words(layers, tmp_path):
    from qgis.core import QgsProcessingException

    layer = memory("Point?crs=EPSG:28992&field=id:string", [])
    with pytest.raises(QgsProcessingException, match="geen objecten"):
        hand_over(layers, layer, tmp_path)


def test_a_folder_without_permission_is_told(layers):
    from qgis.core import QgsProcessingException, QgsProcessingFeedback

    layer = memory("Point?crs=EPSG:28992&field=id:string", [("POINT(1 2)", ["a"])])
    with pytest.raises(QgsProcessingException, match="kon niet worden overgedragen"):
        layers.hand_over(layer, "/proc/no/over.gpkg", title="Laag", feedback=QgsProcessingFeedback())


def test_many_addresses_go_over_in_one_pass_without_an_index(layers, tmp_path):
    from qgis.core import QgsProcessingFeedback, QgsVectorLayer

    layer = memory(
        "Point?crs=EPSG:28992&field=id:string&field=straat:string&field=huisnummer:integer&field=postcode:string",
        [(f"POINT({190000 + n} {500000 + n % 997})", [f"a{n}", "Burgwalstraat", n % 200, "8261AA"]) for n in range(25_000)],
    )
    passes, asked = [], []

    class Source:
        """The layer, which notes how often it is read."""

        def __getattr__(self, name):
            return getattr(layer, name)

        def getFeatures(self):
            passes.append("read")
            return layer.getFeatures()

    class Feedback(QgsProcessingFeedback):
        def isCanceled(self):
            asked.append("cancelled?")
            return False

    path = layers.hand_over(Source(), str(tmp_path / "over.gpkg"), title="Laag", feedback=Feedback())
    assert QgsVectorLayer(path, "over", "ogr").featureCount() == 25_000
    assert passes == ["read"]
    assert len(asked) == 5
    with closing(sqlite3.connect(path)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert not {name for name in tables if name.startswith("rtree")}


@pytest.mark.parametrize(
    ("known", "shown", "column"),
    [
        ((6, 0.12, 0.5), "Leefbaarheid", "lbm_class"),
        ((None, 0.12, 0.5), "Vragers en dragers", "balans"),
        ((None, 0.12, None), "Leefbaarheid", "lbm_afw"),  # a source without the nine classes
    ],
)
def test_areas_open_with_a_style_that_shows_what_is_known(plugin, known, shown, column):
    from geowoonzorg_qgis import finish
    from qgis.core import QgsRenderContext

    layer = memory(
        "Polygon?crs=EPSG:28992&field=lbm_class:integer&field=lbm_afw:double&field=balans:double",
        [("POLYGON((0 0, 1 0, 1 1, 0 0))", list(known))],
    )
    finish.set_style(layer, "areas")
    assert layer.styleManager().currentStyle() == shown
    assert layer.styleManager().styles() == ["Leefbaarheid", "Vragers en dragers"]
    assert column in layer.renderer().usedAttributes(QgsRenderContext())


def test_what_was_measured_is_written_as_map_and_report_write_it(plugin):
    from geowoonzorg_qgis.gui.tables import measured

    assert measured(0.0712, "aandeel") == ("7 %", "7 %")
    assert measured(-1.553, "log2") == ("-1,55", "-1,55")
    assert measured(-0.0032, "afwijking van Nederland") == ("0,00", "0,00 afwijking van Nederland")
    assert measured(1059.86, "m") == ("1.060 m", "1.060 m")
    assert measured("ja", "") == ("ja", "ja")


def test_columns_keep_their_place_and_what_cannot_go_is_told(layers, tmp_path):
    from qgis.core import QgsFeature, QgsField, QgsGeometry, QgsProcessingFeedback
    from qgis.PyQt.QtCore import QDateTime, Qt, QVariant

    layer = memory("Point?crs=EPSG:28992&field=naam:string&field=nr:integer", [])
    layer.dataProvider().addAttributes([QgsField("lijst", QVariant.StringList), QgsField("bijgewerkt", QVariant.DateTime)])
    layer.updateFields()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt("POINT(1 2)"))
    feature.setAttributes(["x", 7, ["a", "b"], QDateTime.fromString("2024-05-06T07:08:09Z", Qt.DateFormat.ISODate)])
    assert layer.dataProvider().addFeature(feature)
    feedback = QgsProcessingFeedback()
    path = layers.hand_over(layer, str(tmp_path / "o.gpkg"), title="Laag", feedback=feedback, shape=layers.Shape(id_field="nr"))
    with closing(sqlite3.connect(path)) as database:
        names = [row[1] for row in database.execute("PRAGMA table_info(layer)")]
        rows = database.execute("SELECT naam, id, bijgewerkt FROM layer").fetchall()
    assert names == ["fid", "geom", "naam", "id", "bijgewerkt"]
    assert [(*row[:2], row[2][:19]) for row in rows] == [("x", "7", "2024-05-06T07:08:09")]
    assert "weggelaten: lijst" in feedback.textLog()


@pytest.mark.parametrize(("own", "wanted"), [("field=a_inw:integer&", ["a_inw", "kwb_a_inw"]), ("", ["a_inw"])])
def test_a_name_is_only_changed_where_no_other_has_it(layers, tmp_path, own, wanted):
    layer = memory(f"NoGeometry?{own}field=kwb_a_inw:integer", [(None, [1, 2][: 1 + bool(own)])])
    over = hand_over(layers, layer, tmp_path, renamed={"kwb_a_inw": "a_inw"}, table=True, numbered=False)
    assert [field.name() for field in over.fields()][1:] == wanted
