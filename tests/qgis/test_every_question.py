"""The algorithms that ask one thing of a network or a list: their command lines, groups, help, and answers on the demo."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import DEMO, ROOT
from test_algorithms import context, run  # noqa: F401 - a fixture
from test_destinations import write
from test_layers import memory
from test_process import OSM
from test_questions import line  # noqa: F401 - a fixture

SITES = str(DEMO / "kandidaten.gpkg")
STUDY = str(DEMO / "study.toml")
AREAS = str(DEMO / "wijkenbuurten_2023_v3.gpkg")
REGISTER = str(DEMO / "voorzieningen.csv")
WALK = {"NETWORK": str(OSM), "ORIGINS": SITES, "FACILITIES": SITES, "OUTPUT": "TEMPORARY_OUTPUT"}
FIELDS = "crs=EPSG:28992&field=id:string&field=facility_class:string"
ENDS = ["--profile", "rollator", "--max-snap-m", "100", "--crs", "EPSG:28992"]


def test_every_algorithm_stands_in_a_group_of_its_subject(algorithms):
    from geowoonzorg_qgis.subjects import subjects

    names = subjects()
    assert {algorithm.groupId() for algorithm in algorithms.values()} == set(names)
    for algorithm in algorithms.values():
        assert algorithm.group() == names[algorithm.groupId()]
        assert algorithm.shortHelpString()
    assert names["walking"] == "2. Lopen"  # in the language of the plugin
    assert re.fullmatch(r"[a-z]+", "".join(names))


def test_help_is_a_section_of_a_page_in_the_plugin(plugin):
    from urllib.parse import unquote, urlsplit

    for algorithm in plugin.provider.algorithms():
        address = urlsplit(algorithm.helpUrl())
        page = Path(unquote(address.path))
        assert (address.scheme, page.name) == ("file", "nl.html")
        text = page.read_text(encoding="utf-8")
        assert f'<section id="{address.fragment}">' in text
        assert f"<code>{algorithm.id()}</code>" in text
    check = [sys.executable, str(ROOT / "qgis_plugin" / "help_pages.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_values_become_the_words_of_the_command(line):  # noqa: F811
    said = line("within", **WALK, LIMITS_M="400; 800", PER="facilities")
    assert said[0] == "within"
    assert said[4:-2] == ["--limit-m", "400", "--limit-m", "800", "--per", "facilities", *ENDS]
    said = line("k_nearest", **WALK, K=2, LIMIT_M=900)
    assert (said[0], said[4:-2]) == ("nearest", ["--k", "2", "--limit-m", "900", *ENDS])
    said = line("snap", NETWORK=str(OSM), PLACES=SITES, OUTPUT="TEMPORARY_OUTPUT")
    assert (said[0], said[3:-2]) == ("snap", ENDS)
    said = line("service_rings", **WALK, LIMITS_M="200; 400", SHAPE="lines")
    streets = ["--profile", "rollator", "--shape", "lines", *ENDS[2:]]
    assert (said[0], said[3:-2]) == (
        "service-areas", ["--limit-m", "200", "--limit-m", "400", "--rings", "--dissolve", *streets],
    )  # fmt: skip
    said = line("service_rings", **WALK, LIMITS_M="200", FORM="cumulative", DISSOLVE=False)
    assert "--rings" not in said
    assert "--dissolve" not in said
    said = line("area_difference", BEFORE=AREAS, AFTER=AREAS, OUTPUT="TEMPORARY_OUTPUT")
    assert [said[0], said[-2]] == ["area-difference", "-o"]
    said = line("reconcile", OSM=str(OSM), REGISTER=REGISTER, CLASS="huisarts", OUTPUT="TEMPORARY_OUTPUT")
    assert said[:-2] == ["reconcile", str(OSM), REGISTER, "--class", "huisarts", "--crs", "EPSG:28992"]
    said = line("plausibility", STUDY=STUDY, OUTPUT="TEMPORARY_OUTPUT")
    assert said[:-1] == ["plausibility", STUDY, "-o"]


def test_a_folder_is_fetched_or_begun(line, tmp_path):  # noqa: F811
    folder = str(tmp_path / "map")
    assert line("init", FOLDER=folder) == ["init", folder]
    said = line("fetch_sources", FOLDER=folder, GEMEENTE="GM0166", YEAR=2023, STREETS="overpass", REFRESH=True)
    assert said == [
        "sources", "fetch", folder, "--gemeente", "GM0166", "--year", "2023", "--streets", "overpass", "--refresh",
    ]  # fmt: skip
    assert line("fetch_sources", FOLDER=folder, GEMEENTE="Kampen")[3:] == ["--gemeente", "Kampen", "--streets", "extract"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("within", {**WALK, "LIMITS_M": "400,5"}),
        ("k_nearest", {**WALK, "K": 0}),
        ("reconcile", {"OSM": str(OSM), "OUTPUT": "TEMPORARY_OUTPUT"}),
        ("reconcile", {"OSM": str(OSM), "REGISTER": REGISTER, "REGISTER_LAYER": SITES, "OUTPUT": "TEMPORARY_OUTPUT"}),
        ("plausibility", {"STUDY": "/no/study.toml", "OUTPUT": "TEMPORARY_OUTPUT"}),
        ("fetch_sources", {"FOLDER": "TEMPORARY_OUTPUT", "GEMEENTE": " "}),
    ],
)
def test_what_cannot_be_is_refused_before_the_run(algorithms, fake, context, name, values):  # noqa: F811
    log = fake("good")
    fine, message = algorithms[name].checkParameterValues(values, context)
    assert not fine
    assert message
    assert log() == []


@pytest.fixture
def street(tmp_path):
    """Give a straight street of a kilometre, with homes and shops on it and one shop 30 m beside it, as the dialog has them."""
    at = "POINT({} {})".format
    layers = {
        "NETWORK": memory("LineString?crs=EPSG:28992", [("LINESTRING(190000 500000, 191000 500000)", [])]),
        "ORIGINS": memory(f"Point?{FIELDS}", [(at(190100, 500000), ["a", ""]), (at(190900, 500000), ["b", ""])]),
        "FACILITIES": memory(
            f"Point?{FIELDS}", [(at(190200, 500000), ["x", "huisarts"]), (at(190500, 500030), ["y", "huisarts"])]
        ),
    }
    for name, layer in layers.items():
        write(layer, tmp_path / f"{name}.gpkg", name)
    return {name: str(tmp_path / f"{name}.gpkg") for name in layers}


def answer(algorithm, values, context, *columns, output="OUTPUT"):  # noqa: F811
    """Run the real engine, and give some columns of what it gives, numbers in whole metres."""
    outputs = {d.name(): "TEMPORARY_OUTPUT" for d in algorithm.destinationParameterDefinitions()}
    fine, results, feedback = run(algorithm, {**outputs, **values}, context)
    assert fine, feedback.errors
    features = context.takeResultLayer(results[output]).getFeatures()
    rows = [[feature[name] for name in columns] for feature in features]
    plain = [[None if hasattr(one, "isNull") and one.isNull() else one for one in row] for row in rows]
    return [tuple(round(one) if isinstance(one, float) else one for one in row) for row in plain]


def test_how_many_the_nearest_few_and_where_they_join(algorithms, real_engine, street, context):  # noqa: F811
    asked = {**street, "LIMITS_M": "150; 500"}
    found = answer(algorithms["within"], asked, context, "origin_id", "limit_m", "count", "status")
    assert found == [("a", 150, 1, "ok"), ("a", 500, 2, "ok"), ("b", 150, 0, "ok"), ("b", 500, 1, "ok")]
    found = answer(algorithms["k_nearest"], {**street, "K": 2}, context, "origin_id", "rank", "facility_id", "distance_m")
    assert found == [("a", 1, "x", 100), ("a", 2, "y", 430), ("b", 1, "y", 430), ("b", 2, "x", 700)]
    asked = {"NETWORK": street["NETWORK"], "PLACES": street["FACILITIES"]}
    found = answer(algorithms["snap"], asked, context, "id", "access_leg_m", output="OUT_LEGS")
    assert found == [("y", 30)]


def test_rings_of_a_class_and_what_a_walker_gains(algorithms, real_engine, street, context):  # noqa: F811
    asked = {"NETWORK": street["NETWORK"], "FACILITIES": street["FACILITIES"], "LIMITS_M": "100; 300"}
    columns = ("facility_class", "from_m", "limit_m", "n_facilities", "length_m")
    found = answer(algorithms["service_rings"], {**asked, "SHAPE": "lines"}, context, *columns)
    # shops at 200 and, with a leg of 30 m, at 500: 100 to 300, 430 to 570; then 0 to 770 but for those
    assert found == [("huisarts", 0, 100, 2, 340), ("huisarts", 100, 300, 2, 430)]
    paths = []
    for limit in ("100", "200"):
        outputs = {"OUTPUT": str(Path(street["NETWORK"]).with_name(f"areas{limit}.gpkg"))}
        values = {**asked, "LIMITS_M": limit, "FORM": "cumulative", **outputs}
        fine, _results, feedback = run(algorithms["service_rings"], values, context)
        assert fine, feedback.errors
        paths.append(outputs["OUTPUT"])
    found = answer(algorithms["area_difference"], dict(zip(("BEFORE", "AFTER"), paths)), context, "limit_m", "change")
    assert found == [(100, "lost"), (200, "gained")]


@pytest.mark.parametrize(
    ("preset", "geometry"),
    [
        ("service_rings", "MultiPolygon"), ("service_rings", "MultiLineString"), ("area_difference", "MultiPolygon"),
        ("streets", "MultiLineString"), ("barriers", "Point"), ("within", "Point"), ("snapped", "Point"), ("access_legs", "MultiLineString"),
    ],
)  # fmt: skip
def test_answers_have_styles_of_their_own(plugin, preset, geometry):
    from geowoonzorg_qgis import finish

    layer = memory(f"{geometry}?crs=EPSG:28992&field=limit_m:double&field=count:integer&field=change:string", [])
    finish.dress(layer, preset=preset, provenance={})
    assert layer.renderer().type() == "RuleRenderer"
    assert layer.labelsEnabled() == (preset == "within")


def test_the_network_is_layers_and_what_is_not_there_is_left_out(algorithms, real_engine, street, context):  # noqa: F811
    asked = {"NETWORK": street["NETWORK"], "PROFILE": "wandelaar"}
    assert answer(algorithms["network_lines"], asked, context, "length_m", "island") == [(1000, False)]
    outputs = {d.name(): "TEMPORARY_OUTPUT" for d in algorithms["network_lines"].destinationParameterDefinitions()}
    fine, results, _feedback = run(algorithms["network_lines"], {**outputs, **asked}, context)
    assert fine
    assert set(results) == {"OUTPUT"}


def test_the_catalogue_and_a_study_to_start_from(algorithms, real_engine, context, tmp_path):  # noqa: F811
    found = answer(algorithms["sources"], {}, context, "key", "publisher", "licence", "addresses")
    assert len(found) > 5
    assert all(key and publisher and licence for key, publisher, licence, _ in found)
    assert any(addresses for *_, addresses in found)
    fine, results, _feedback = run(algorithms["init"], {"FOLDER": str(tmp_path / "studie")}, context)
    assert fine
    assert results["STUDY"] == str(tmp_path / "studie" / "study.toml")
    assert "[study]" in (tmp_path / "studie" / "study.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "values"),
    [("reconcile", {"OSM": str(OSM), "REGISTER": REGISTER}), ("plausibility", {"STUDY": STUDY})],
)
def test_a_table_of_the_command_is_a_table_here(algorithms, fake, context, monkeypatch, tmp_path, name, values):  # noqa: F811
    written = tmp_path / "written.csv"
    written.write_text("\ufeffid,status,afstand_m\n007,matched,12.5\n008,only_osm,\n", encoding="utf-8")
    monkeypatch.setenv("FAKE_OUTPUT", str(written))
    fake("good")
    found = answer(algorithms[name], values, context, "id", "status", "afstand_m")
    assert found == [("007", "matched", 12), ("008", "only_osm", None)]
