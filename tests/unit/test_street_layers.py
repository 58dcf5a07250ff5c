"""A network laid out as layers: what was dropped is what a plain reading finds, and the streets open again."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from english import run_command
from osm_writer import at, write_osm

from geowoonzorg.osm import read_dropped
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.town.street_layers import GAP_M, street_layers
from geowoonzorg.town.streets import open_network
from geowoonzorg.walk.network import WalkNetwork


@pytest.mark.parametrize("profile", ["wandelaar", "rolstoel"])
def test_what_kampen_drops_is_what_a_plain_reading_finds(shared_data, profile):
    path = shared_data / "kampen" / "kampen.osm.pbf"
    walker = read_profile(profile)
    expected = {}
    ways = osmium.FileProcessor(path).with_locations()
    ways.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    for way in ways.with_filter(osmium.filter.KeyFilter(*walker.kind_keys)):
        tags = dict(way.tags)
        verdict = walker.judge_way(tags)
        if walker.kind_of(tags) and verdict.reason and not verdict.last_leg and len(way.nodes) > 1:
            expected[way.id] = verdict.reason, [(n.lon, n.lat) for n in way.nodes]
    found = read_dropped(path, profile=walker)
    assert dict(zip(found["osm_id"], found["reason"], strict=True)) == {
        way: reason for way, (reason, _) in expected.items()
    }
    for way, line in zip(found["osm_id"], found.geometry, strict=True):
        assert list(line.coords) == expected[way][1]


@pytest.fixture
def town(tmp_path):
    """A street with a locked gate halfway, steps beside it, and a path behind."""
    nodes = {
        1: (0, 0),
        2: (1, 0, {"barrier": "gate", "access": "private", "locked": "yes"}),
        3: (2, 0),
        4: (2, 1),
        5: (3, 0),
    }
    ways = [
        (10, [1, 2, 3], {"highway": "footway"}),
        (11, [3, 4], {"highway": "steps"}),
        (12, [3, 5], {"highway": "footway", "surface": "asphalt"}),
    ]
    return write_osm(tmp_path / "town.osm.pbf", nodes, ways)


def test_the_streets_open_again_with_the_gate_shut(town, tmp_path):
    net = open_network(town, profile="rolstoel")
    layers = street_layers(net, town, profile="rolstoel")
    assert layers["dropped"][["osm_id", "reason"]].to_numpy().tolist() == [[11, "steps"]]
    ends = gpd.GeoSeries(
        gpd.points_from_xy(*zip(at(2, 0), at(2, 1), strict=True)), crs=4326
    ).to_crs(net.crs)
    dropped = shapely.get_coordinates(layers["dropped"].geometry)
    assert dropped == pytest.approx(shapely.get_coordinates(ends), abs=1e-3)
    (gate,) = layers["barriers"].geometry
    expected = gpd.GeoSeries(gpd.points_from_xy(*[[c] for c in at(1, 0)]), crs=4326).to_crs(net.crs)
    assert gate.distance(expected[0]) < 1e-3
    assert layers["barriers"]["cut"].notna().all()
    streets = layers["streets"]
    assert shapely.distance(streets.geometry.to_numpy(), gate).min() == pytest.approx(
        GAP_M, rel=1e-6
    )
    again = WalkNetwork.from_lines(streets)
    count, lengths = (
        [one.describe()[name] for one in (net, again)]
        for name in ("components", "longest_components_m")
    )
    assert count == [2, 2]
    assert lengths[1] == pytest.approx(lengths[0], abs=2.5 * GAP_M)
    assert net.describe()["length_m"] - again.describe()["length_m"] == pytest.approx(
        2 * GAP_M, abs=1e-3
    )


def test_the_command_writes_them_and_a_line_layer_drops_nothing(town, tmp_path, capsys):
    made = tmp_path / "lines.gpkg"
    assert run_command(["network", town, "--profile", "rolstoel", "--lines", made]) == 0
    assert set(gpd.list_layers(made)["name"]) == {"streets", "barriers", "dropped"}
    streets = gpd.read_file(made, layer="streets")
    assert streets["osm_id"].dropna().tolist() == [10]  # the other line is of two ways
    assert streets["length_m"].sum() == pytest.approx(streets.length.sum(), rel=1e-3)
    capsys.readouterr()
    again = tmp_path / "again.gpkg"
    assert (
        run_command(
            ["network", f"{made}|layername=streets", "--profile", "rolstoel", "--lines", again]
        )
        == 0
    )
    assert "only an OSM file tells" in capsys.readouterr().out
    assert set(gpd.list_layers(again)["name"]) == {"streets"}
    assert np.isclose(gpd.read_file(again).length.sum(), streets.length.sum())
    assert run_command(["network", town, "--lines", town]) != 0
