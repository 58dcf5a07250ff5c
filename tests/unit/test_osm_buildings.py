"""Buildings of an OSM file, as candidates of a search: what is told of them, and what is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
from osm_writer import LAT, LON, write_osm
from small_town import X0, Y0, small_town

from geowoonzorg.ask import search
from geowoonzorg.errors import InputError
from geowoonzorg.osm import read_buildings
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile

PROFILE = parse_scoring_profile({
    "name": "toets", "title": "Toets", "description": "Voor een toets",
    "criterion": [
        {"key": "huisarts", "metric": "distance", "facility_class": "huisarts", "label": "Huisarts", "unit": "m",
         "weight": 1, "source": "toets", "anchors": [[0, 1], [1000, 0]]},
    ],
})  # fmt: skip


def corner(x, y):
    """Give a place along the street of the small town as the OSM writer takes it."""
    lon, lat = pyproj.Transformer.from_crs(28992, 4326, always_xy=True).transform(X0 + x, Y0 + y)
    return (lon - LON) * 1000, (lat - LAT) * 1000


@pytest.fixture
def path(tmp_path):
    """Squares of 20 m beside the street: an office, a shop with a court, two of which little is told, a site."""
    nodes, ways = {}, []

    def ring(number, x, side, tags, y=10):
        first = 10 * number
        for i, (east, north) in enumerate([(0, 0), (side, 0), (side, side), (0, side)]):
            nodes[first + i] = corner(x + east, y + north)
        ways.append((number, [first, first + 1, first + 2, first + 3, first], tags))

    ring(1, 100, 20, {"building": "office", "building:levels": "3", "start_date": "1976-05-01"})
    ring(2, 280, 20, {})
    ring(3, 285, 10, {}, y=15)
    ring(4, 500, 20, {"building": "yes", "building:levels": "many", "start_date": "~1890"})
    ring(5, 600, 20, {"building": "construction"})
    ring(6, 700, 20, {"building": "retail", "start_date": "2003"})
    court = (7, [("w", 2, "outer"), ("w", 3, "inner")], {
        "type": "multipolygon", "building": "retail", "building:levels": "2",
    })  # fmt: skip
    return write_osm(tmp_path / "klein.osm.pbf", nodes, ways, [court])


def test_what_the_tags_tell_of_a_building_and_what_they_do_not(path):
    found = read_buildings(path).set_index("id")
    assert sorted(found.index) == ["r7", "w1", "w4", "w6"]
    assert found["use"].dropna().to_dict() == {
        "w1": "kantoorfunctie", "w6": "winkelfunctie", "r7": "winkelfunctie",
    }  # fmt: skip
    assert found.loc["w1", "floor_m2"] == pytest.approx(3 * 400, rel=1e-3)
    assert found.loc["r7", "floor_m2"] == pytest.approx(2 * (400 - 100), rel=1e-3)
    assert found["floor_m2"].isna().to_dict() == {"w1": False, "w4": True, "w6": True, "r7": False}
    assert found["year"].dropna().to_dict() == {"w1": 1976, "w6": 2003}
    told = str(found.attrs["notes"][0])
    assert "of 4 the use of 3 is told, the floor of 2 and the year of 2" in told


def test_a_search_looks_at_the_buildings_of_an_osm_file(path):
    asked = {"profile": PROFILE, "cell_m": 50, "spots": 1, "buildings": path}
    town = small_town().replace(complete=frozenset({"huisarts"}))
    assert search(town, **asked).spots["id"].tolist() == ["r7"]  # the huisarts is at 300 m
    of_offices = search(town, building_use=["kantoorfunctie"], **asked)
    assert of_offices.spots["id"].tolist() == ["w1"]
    assert of_offices.records["search"]["scored"] == 1
    assert search(town, built_from=2000, **asked).spots["id"].tolist() == ["w6"]
    with pytest.raises(InputError, match="none of the 4 has the use, floor and year"):
        search(town, min_floor_m2=5_000, **asked)


def test_a_file_without_buildings_is_refused(tmp_path):
    empty = write_osm(tmp_path / "leeg.osm.pbf", {1: (0, 0, {"building": "yes"})})
    with pytest.raises(InputError, match=r"leeg\.osm\.pbf draws none"):
        read_buildings(empty)


def test_unknown_columns_keep_their_kind(path):
    found = read_buildings(path)
    assert found["floor_m2"].dtype == np.float64
    assert found["year"].dtype == pd.Int64Dtype()
