"""A study says all that is wrong with it at once, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geowoonzorg.errors import StudyError
from geowoonzorg.study import Study, parse_study, read_study

MINIMAL = {
    "study": {"name": "Proefstad"},
    "network": {"source": "town.osm.pbf"},
    "sites": {"source": "sites.gpkg"},
}


def parse(**changes):
    return parse_study({**MINIMAL, **changes}, folder=Path("folder"))


def faults(**changes):
    with pytest.raises(StudyError) as caught:
        parse(**changes)
    return str(caught.value).splitlines()[1:]


def test_the_smallest_study_has_the_documented_defaults():
    study = parse()
    assert study.network.source == Path("folder/town.osm.pbf")
    assert study.network.limits_m == (400.0,)
    assert study.network.max_snap_m == 100.0
    assert study.network.profile == "rollator"
    assert study.addresses.source == "osm"
    assert study.facilities.osm
    assert study.areas is None
    assert study.crs == "EPSG:28992"


def test_paths_are_relative_to_the_file_and_keep_their_layer(tmp_path):
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "x"\n[network]\nsource = "../town.osm.pbf"\n[sites]\nsource = "s.gpkg|layername=a"\n'
    )
    study = read_study(tmp_path / "study.toml")
    assert study.network.source == tmp_path / "../town.osm.pbf"
    assert str(study.sites.source) == str(tmp_path / "s.gpkg|layername=a")
    assert len(study.hash) == 64


def test_every_fault_is_listed_at_once():
    found = faults(
        network={"source": 3, "limits_m": [400, -1, "x"], "profiel": "rollator"},
        rasters=[{"name": "geluid", "source": "a.tif", "kind": "loud"}],
        scoring={"draws": 0},
        colour={},
    )
    text = "\n".join(found)
    assert len(found) == 7
    for path in ("network.source", "network.limits_m[2]", "network.limits_m[3]", "network.profiel",
                 "rasters[1].kind", "scoring.draws", "colour"):  # fmt: skip
        assert f"  {path}: " in text
    assert "did you mean profile?" in text


@pytest.mark.parametrize("limit", [0, -400, float("nan"), float("inf"), 1e6, True])
def test_a_limit_that_is_no_walking_distance_is_refused(limit):
    assert "network.limits_m[1]" in faults(network={"source": "a.osm.pbf", "limits_m": [limit]})[0]


@pytest.mark.parametrize("key", ["max_snap_m", "limits_m"])
def test_a_whole_number_that_no_float_can_hold_is_refused(key):
    huge = 10**400
    network = {"source": "a.osm.pbf", key: [huge] if key == "limits_m" else huge}
    assert f"network.{key}" in faults(network=network)[0]
    assert "scoring.seed: must be a whole number" in faults(scoring={"seed": huge})[0]


def test_a_layer_may_have_any_name():
    for source in ("a.gpkg|layername=wijken/buurten", "/|layername=a", "|layername=a"):
        study = parse_study(MINIMAL | {"sites": {"source": source}}, folder=Path())
        assert str(study.sites.source) == source


def test_what_is_no_layer_is_a_fault_like_any_other():
    found = faults(network={"source": "a.osm.pbf|layer=x", "profiel": "rollator"})
    assert found[1].startswith("  network.source: a.osm.pbf|layer=x: expected FILE|layername=NAME")


def test_a_leefbaarometer_needs_its_year():
    assert "leefbaarometer_year" in faults(areas={"source": "a.gpkg", "leefbaarometer": "l.csv"})[0]


@pytest.mark.parametrize("source", ["roads.gpkg", "town.osm.gpkg", "roads.gpkg|layername=a.osm"])
def test_a_line_layer_needs_a_register_and_addresses(source):
    text = "\n".join(faults(network={"source": source}))
    assert "facilities.osm" in text
    assert "addresses.source" in text


def test_two_rasters_of_one_name_are_refused():
    raster = {"name": "a", "source": "a.tif"}
    assert faults(rasters=[raster, raster]) == ["  rasters[2].name: 'a' is used before"]


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 50_000])
def test_toml_that_cannot_be_taken_apart_is_refused(tmp_path, value):
    (tmp_path / "study.toml").write_text(f"draws = {value}\n")
    with pytest.raises(StudyError, match="is not valid TOML"):
        read_study(tmp_path / "study.toml")


def test_toml_that_is_broken_names_the_line(tmp_path):
    (tmp_path / "study.toml").write_text("[study\n")
    with pytest.raises(StudyError, match="line 1"):
        read_study(tmp_path / "study.toml")


toml_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from([*MINIMAL, "areas", "rasters", "scoring", "addresses"]), toml_values
    )
)
def test_any_document_gives_a_study_or_a_study_error(changes):
    try:
        study = parse(**changes)
    except StudyError as error:
        assert " fault" in str(error)
    else:
        assert isinstance(study, Study)


def test_words_with_a_meaning_are_no_paths():
    assert parse(addresses={"source": "osm"}).addresses.source == "osm"
    assert parse(addresses={"source": "osm.gpkg"}).addresses.source == Path("folder/osm.gpkg")
