"""Every question as an algorithm: its command line, and its answer on the demo municipality against the command's own."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest
from qgis.core import QgsExpression, QgsExpressionContext, QgsExpressionContextUtils, QgsFeatureRequest, QgsVectorLayer

from conftest import DEMO
from test_algorithms import context, run  # noqa: F401 - a fixture
from test_layers import memory
from test_process import OSM, command, process, table  # noqa: F401 - fixtures

STUDY = DEMO / "study.toml"
SITES = str(DEMO / "kandidaten.gpkg")
QUESTIONS = ("search", "locate", "what_if", "programme", "compare", "region", "coverage")
# Of the engine's options those that a dialog has in another form.
ELSEWHERE = {"out", "output", "lang", "progress", "debug", "help", "candidates"}


@pytest.fixture
def line(algorithms, fake, context):  # noqa: F811
    """Give the command line that an algorithm starts, without what every run adds."""
    log = fake("good")

    def ask(name: str, **values) -> list[str]:
        run(algorithms[name], values, context)
        started = [entry["argv"][5:] for entry in log() if entry["argv"][5] != "--version"]
        return started[-1][: started[-1].index("--lang")]

    return ask


def test_every_option_of_the_command_is_a_parameter(algorithms, real_engine):
    for name in (*QUESTIONS, "matrix"):
        words = [real_engine, "-I", "-m", "geowoonzorg", name.replace("_", "-"), "--help"]
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        options = set(re.findall(r"^  (?:-\w, )?--([\w-]+)", said, re.MULTILINE)) - ELSEWHERE
        assert options
        declared = {d.name() for d in algorithms[name].parameterDefinitions()}
        if name == "matrix":  # of a yes that is the default
            options = options - {"no-access-legs", "force"}
        missing = {option.upper().replace("-", "_") for option in options} - declared
        assert not missing, (name, missing)


def test_what_is_left_empty_is_left_to_the_study(line):
    for name in ("search", "programme"):
        said = line(name, STUDY=str(STUDY), FOLDER="TEMPORARY_OUTPUT")
        assert said[:2] == [name, str(STUDY)]
        assert said[2] == "--out"
        assert len(said) == 4
    said = line("locate", STUDY=str(STUDY), OUTPUT="TEMPORARY_OUTPUT")
    assert said[:3] == ["locate", str(STUDY), "-o"]
    assert len(said) == 4


def test_values_become_options(line, tmp_path):
    own = tmp_path / "eigen.toml"
    own.write_text("", encoding="utf-8")
    said = line(
        "search", STUDY=str(STUDY), PROFILE="geclusterd", CELL_M=50, HOMES=24, SPOTS=3, APART_M=800.5, MAX_PER_WIJK=1,
        ASSUME="ontmoetingsruimte=ja; n_woningen=8", DRAGERS_TO_SPARE=True, FORCE=True,
    )  # fmt: skip
    assert said[2:-2] == [
        "--profile", "geclusterd", "--cell-m", "50", "--homes", "24", "--spots", "3", "--apart-m", "800.5",
        "--max-per-wijk", "1", "--assume", "ontmoetingsruimte=ja", "--assume", "n_woningen=8", "--dragers-to-spare", "true",
        "--force",
    ]  # fmt: skip
    said = line("programme", STUDY=str(STUDY), HOMES=60, PROFILE_FILE=str(own), MAX_SHARE_PER_WIJK=0.5, BY_YEAR=2030)
    assert said[2:-2] == [
        "--homes", "60", "--profile", str(own), "--max-share-per-wijk", "0.5", "--by-year", "2030",
    ]  # fmt: skip
    said = line("locate", STUDY=str(STUDY), CLASS="huisarts", K=2, WEIGHT="65plus", TRY_AT="addresses", OUTPUT="TEMPORARY_OUTPUT")
    assert said[2:-2] == ["--class", "huisarts", "--k", "2", "--weight", "65plus", "--candidates", "addresses"]


def test_layers_of_the_project_are_handed_over(line, plugin):
    from qgis.core import QgsProject

    square = "POLYGON((145000 506000,146000 506000,146000 507000,145000 507000,145000 506000))"
    areas = [memory("Polygon?crs=EPSG:28992&field=id:string", [(square, [name])]) for name in "ab"]
    plots = memory("Point?crs=EPSG:28992&field=id:string", [("POINT(145500 506500)", ["p"])])
    for layer in (*areas, plots):
        QgsProject.instance().addMapLayer(layer, False)
    said = line("search", STUDY=str(STUDY), ALLOW=[layer.id() for layer in areas], FORBID=[str(DEMO / "geluid_lden_2022.tif")])
    assert [Path(value).name for key, value in zip(said, said[1:]) if key == "--allow"] == ["allow0.gpkg", "allow1.gpkg"]
    assert [value for key, value in zip(said, said[1:]) if key == "--forbid"] == [str(DEMO / "geluid_lden_2022.tif")]
    said = line("locate", STUDY=str(STUDY), CANDIDATES=plots.id(), TRY_AT="cells", OUTPUT="TEMPORARY_OUTPUT")
    assert [Path(value).name for key, value in zip(said, said[1:]) if key == "--candidates"] == ["candidates.gpkg"]
    for layer in (*areas, plots):
        QgsProject.instance().removeMapLayer(layer.id())


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("search", {"STUDY": "/no/study.toml"}),
        ("search", {"STUDY": str(STUDY), "OUT_SUITABILITY": "raster.png"}),  # never written
        ("search", {"STUDY": str(STUDY), "ALLOW": ["/no/layer.gpkg"]}),
        ("what_if", {"STUDY": str(STUDY), "CHANGE": "/no/change.toml"}),
        ("programme", {"STUDY": str(STUDY), "PROFILE_FILE": "/no/profile.toml"}),
        ("matrix", {"NETWORK": str(OSM), "ORIGINS": SITES, "FACILITIES": SITES, "LIMIT_M": -1, "OUTPUT": "TEMPORARY_OUTPUT"}),
        ("compare", {"BEFORE": "/no/a", "AFTER": "/no/b"}),
        ("region", {"REGION": "/no/region.toml"}),
    ],
)
def test_what_cannot_be_is_refused_before_the_run(algorithms, fake, context, name, values):  # noqa: F811
    log = fake("good")
    fine, message = algorithms[name].checkParameterValues(values, context)
    assert not fine
    assert message
    run(algorithms[name], values, context)
    assert log() == []


def test_an_input_is_never_an_output(algorithms, fake, context, tmp_path):  # noqa: F811
    raster = tmp_path / "grond.tif"
    raster.write_bytes((DEMO / "geluid_lden_2022.tif").read_bytes())
    plots = tmp_path / "kandidaten.gpkg"
    plots.write_bytes((DEMO / "kandidaten.gpkg").read_bytes())
    for values in (
        {"FORBID": [str(raster)], "OUT_SUITABILITY": str(raster)},
        {"ALLOW": [str(plots)], "OUTPUT": str(plots)},
    ):
        fine, message = algorithms["search"].checkParameterValues({"STUDY": str(STUDY), **values}, context)
        assert not fine
        assert "ook een invoer" in message


@pytest.mark.parametrize(
    ("preset", "geometry"),
    [("changes", "Point"), ("locations", "Point"), ("programme", "Point"), ("programme", "MultiPolygon")],
)
def test_answers_have_styles_of_their_own(plugin, preset, geometry):
    from geowoonzorg_qgis import finish

    columns = "field=change:string&field=order:integer&field=homes:integer"
    layer = memory(f"{geometry}?crs=EPSG:28992&{columns}", [])
    finish.dress(layer, preset=preset, provenance={})
    assert layer.renderer().type() != "singleSymbol"
    assert layer.labelsEnabled() == (preset != "changes")


def test_the_raster_is_drawn_in_the_steps_of_the_page(plugin, context, tmp_path):  # noqa: F811
    from geowoonzorg_qgis import finish
    from geowoonzorg_qgis.algorithm import Output
    from qgis.core import QgsProcessingFeedback, QgsRasterLayer

    layer = QgsRasterLayer(str(DEMO / "geluid_lden_2022.tif"), "raster")
    made = finish.Finish("key", Output("OUT", "", "Geschiktheid", "", "suitability"), {"engine": "geowoonzorg 0"})
    made.postProcessLayer(layer, context, QgsProcessingFeedback())
    assert layer.renderer().type() == "singlebandpseudocolor"
    assert len(layer.renderer().shader().rasterShaderFunction().colorRampItemList()) == 5
    assert "geowoonzorg 0" in layer.metadata().abstract()


def test_a_table_keeps_the_zeros_of_its_codes(plugin, tmp_path):
    from geowoonzorg_qgis import layers

    path = tmp_path / "t.csv"
    path.write_text('id,code,n,whole,words,empty\n007,0166,1.5,3,"a, b",\n008,0193,,-4,2,\n', encoding="utf-8")
    layer = layers.open_table(path)
    rows = [feature.attributes() for feature in layer.getFeatures()]
    plain = [[None if hasattr(value, "isNull") and value.isNull() else value for value in row] for row in rows]
    assert plain == [["007", "0166", 1.5, 3, "a, b", None], ["008", "0193", None, -4, "2", None]]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def same_table(ours: Path, theirs: Path) -> None:
    """Hold a table that QGIS wrote against the command's csv, numbers to the last digit."""
    columns, rows = table(ours, ours.stem)
    expected = rows_of(theirs)
    assert columns == list(expected[0])

    def as_read(column: str, text: str):
        held = next((value for row in rows if (value := row[columns.index(column)]) is not None), "")
        return type(held)(text) if text else None

    wanted = sorted((tuple(as_read(c, row[c]) for c in columns) for row in expected), key=str)
    assert sorted(rows, key=str) == wanted


def test_search(process, command, tmp_path):  # noqa: F811
    values = {"STUDY": DEMO / "verhaal.toml", "CELL_M": 200, "SPOTS": 2, "FOLDER": tmp_path / "map"}
    said = process("search", **values, OUT_SUITABILITY=tmp_path / "raster.tif", OUTPUT=tmp_path / "spots.gpkg")
    assert (tmp_path / "raster.tif").read_bytes() == (tmp_path / "map" / "suitability.tif").read_bytes()
    assert table(tmp_path / "spots.gpkg", "spots") == table(tmp_path / "map" / "spots.gpkg", "spots")
    assert len(table(tmp_path / "spots.gpkg", "spots")[1]) == 2
    assert "REPORT" in said
    assert (tmp_path / "map" / "map.html").is_file()


def test_locate(process, command, tmp_path):  # noqa: F811
    process(
        "locate", STUDY=STUDY, CLASS="inloopvoorziening", K=2, TRY_AT="cells", CELL_M=100, FOLDER=tmp_path / "map",
        OUTPUT=tmp_path / "qgis.gpkg",
    )  # fmt: skip
    options = ("--class", "inloopvoorziening", "--k", 2, "--candidates", "cells", "--cell-m", 100)
    command("locate", STUDY, *options, "-o", tmp_path / "cli.gpkg")
    columns, rows = table(tmp_path / "qgis.gpkg", "qgis")
    assert (columns, rows) == table(tmp_path / "cli.gpkg", "locations")
    assert len(rows) == 2
    told = json.loads((tmp_path / "map" / "locations.json").read_text(encoding="utf-8"))
    gained = sum(row[columns.index("reached_new")] for row in rows)
    assert told["reached_after"] - told["reached_before"] == gained > 0


def test_what_if(process, command, tmp_path):  # noqa: F811
    change = DEMO / "wat-als.toml"
    sinks = {name: tmp_path / f"{name.lower()}.gpkg" for name in ("OUTPUT", "OUT_LEDGER", "OUT_SITES", "OUT_FACILITIES")}
    process("what_if", STUDY=STUDY, CHANGE=change, **sinks)
    command("what-if", STUDY, change, "--out", tmp_path / "cli")
    assert table(sinks["OUTPUT"], "output") == table(tmp_path / "cli" / "addresses.gpkg", "addresses")
    assert table(sinks["OUT_FACILITIES"], "out_facilities") == table(tmp_path / "cli" / "facilities.gpkg", "facilities")
    same_table(sinks["OUT_LEDGER"], tmp_path / "cli" / "ledger.csv")
    same_table(sinks["OUT_SITES"], tmp_path / "cli" / "sites.csv")


def test_programme(process, command, tmp_path):  # noqa: F811
    process("programme", STUDY=STUDY, HOMES=60, OUTPUT=tmp_path / "qgis.gpkg")
    command("programme", STUDY, "--homes", 60, "--out", tmp_path / "cli")
    columns, rows = table(tmp_path / "qgis.gpkg", "qgis")
    assert (columns, rows) == table(tmp_path / "cli" / "programme.gpkg", "sites")
    assert sum(row[columns.index("homes")] or 0 for row in rows) == 60


def test_coverage(process, command, tmp_path):  # noqa: F811
    process("coverage", STUDY=STUDY, OUTPUT=tmp_path / "q.gpkg", OUT_COVERAGE=tmp_path / "t.gpkg")
    command("coverage", STUDY, "--out", tmp_path / "cli")
    assert table(tmp_path / "q.gpkg", "q") == table(tmp_path / "cli" / "coverage.gpkg", "areas")
    same_table(tmp_path / "t.gpkg", tmp_path / "cli" / "coverage_per_area.csv")


def test_compare(process, command, tmp_path):  # noqa: F811
    for name, profile in (("before", "geclusterd"), ("after", "zorggeschikt")):
        command("run", STUDY, "--profile", profile, "--draws", 50, "--out", tmp_path / name)
    process("compare", BEFORE=tmp_path / "before", AFTER=tmp_path / "after", OUTPUT=tmp_path / "q.gpkg")
    command("compare", tmp_path / "before", tmp_path / "after", "--out", tmp_path / "cli")
    same_table(tmp_path / "q.gpkg", tmp_path / "cli" / "changes.csv")


def test_region(process, command, tmp_path):  # noqa: F811
    files = {
        "kengetallen.csv": (
            "gemeente;code;inwoners;huishoudens;kwetsbaar;sociale huur;vrijkomend\n"
            "Stad;GM0001;60000;27000;900;9000;500\nDorp;GM0002;20000;8500;100;1500;80\n"
        ),
        "region.toml": (
            '[region]\nname = "Proef"\nhomes = 100\nfigures = "kengetallen.csv"\n[keys]\ninwoners = { inhabitants = 1 }\n'
        ),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    process("region", REGION=tmp_path / "region.toml", FOLDER=tmp_path / "map", OUTPUT=tmp_path / "q.gpkg")
    command("region", tmp_path / "region.toml", "--out", tmp_path / "cli")
    same_table(tmp_path / "q.gpkg", tmp_path / "cli" / "verdeelsleutels.csv")
    assert (tmp_path / "map" / "report.html").is_file()


def test_the_maps_of_a_region_are_a_style_each(process, tmp_path, qgis_new_project):  # noqa: F811
    """One is shown at a time; the polygons of all lie over each other."""
    from geowoonzorg_qgis import finish
    from geowoonzorg_qgis.texts import tr

    process("region", REGION=DEMO / "regio" / "region.toml", OUT_MAPS=tmp_path / "maps.gpkg")
    layer = QgsVectorLayer(str(tmp_path / "maps.gpkg"), "maps", "ogr")
    finish.dress(layer, preset="region_maps", provenance={})
    names = layer.styleManager().styles()
    assert {"Ouderen", "Statushouders", tr("Does it fit")} <= set(names)
    assert layer.styleManager().currentStyle() == "Ouderen"
    assert len(names) * 3 == layer.featureCount()
    for name in names:
        layer.styleManager().setCurrentStyle(name)
        (rule,) = layer.renderer().rootRule().children()
        chosen = list(layer.getFeatures(QgsFeatureRequest().setFilterExpression(rule.filterExpression())))
        assert len(chosen) == 3, name
        labelled = QgsExpression(layer.labeling().settings().fieldName)
        scope = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
        said = []
        for feature in layer.getFeatures():
            scope.setFeature(feature)
            said.append(labelled.evaluate(scope))
        assert sorted(filter(None, said)) == ["Schorrendijk", "Wierhaven", "Zilverduin"]


def test_matrix(process, command, tmp_path):  # noqa: F811
    sites = DEMO / "kandidaten.gpkg"
    process("matrix", NETWORK=OSM, ORIGINS=sites, FACILITIES=sites, LIMIT_M=800, OUTPUT=tmp_path / "q.gpkg")
    command("matrix", OSM, sites, sites, "--limit-m", 800, "-o", tmp_path / "cli.csv")
    same_table(tmp_path / "q.gpkg", tmp_path / "cli.csv")


def test_no_folder_is_needed_and_none_is_left(process, tmp_path):  # noqa: F811
    process("programme", STUDY=STUDY, HOMES=20, OUTPUT=tmp_path / "q.gpkg")
    with sqlite3.connect(tmp_path / "q.gpkg") as database:
        assert database.execute("SELECT sum(homes) FROM q").fetchone() == (20,)
