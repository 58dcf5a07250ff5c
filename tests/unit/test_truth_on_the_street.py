"""The rules of the walk on the street: small OSM files, and how far one walks in them."""

from __future__ import annotations

import csv
from pathlib import Path

import geopandas as gpd
import pytest
from osm_writer import at, write_osm

from geowoonzorg.osm.profile import read_profile
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest

DATA = Path(__file__).parents[1] / "data"
STREET = {"highway": "residential"}
#: A street round a block, and straight across from 1 to 4 by way of 7.
CORNERS = {1: (0, 0), 2: (0, 9), 3: (3, 9), 4: (3, 0), 5: (-20, 0), 6: (23, 0), 7: (1.5, 0)}
ACROSS_M = 203.6


def walked(folder, way=STREET, node=None, profile="wandelaar", drawn=(1, 7, 4)):
    """Walk from 1 to 4, in metres: across where that is open, else round the block."""
    nodes = {i: (*place, node) if i == 7 and node else place for i, place in CORNERS.items()}
    ways = [(1, [5, 1, 2, 3, 4, 6], STREET), (2, drawn, way)]
    net = WalkNetwork.from_osm(write_osm(folder / "t.osm.pbf", nodes, ways), profile=profile)
    here, there = (
        gpd.GeoDataFrame({"id": ["p"]}, geometry=gpd.points_from_xy([x], [y]), crs=4326)
        for x, y in (at(*CORNERS[1]), at(*CORNERS[4]))
    )
    return nearest(net, here, there)["distance_m"].iloc[0], net


def sample():
    """Take the first row of every subject and kind of answer: each needs a file of its own."""
    with (DATA / "dutch_walking.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    taken = {}
    for row in rows:
        for profile in ("wandelaar", "rolstoel"):
            taken.setdefault((row["subject"], row["object"], profile, row[profile]), row)
    return [
        pytest.param(row["object"], row["tags"], profile, mark, id=f"{profile} {row['tags']}")
        for (_, _, profile, mark), row in taken.items()
    ]


@pytest.mark.parametrize(("kind", "text", "profile", "mark"), sample())
def test_a_way_across_is_walked_or_gone_round(tmp_path, kind, text, profile, mark):
    tags = dict(tag.split("=", 1) for tag in text.split())
    tags = {key: v.replace("_", " ") if "conditional" in key else v for key, v in tags.items()}
    metres, _ = walked(tmp_path, **{kind: tags}, profile=profile)
    assert (metres < ACROSS_M + 1) == (mark in "+>o")
    if mark in "+>o":
        assert metres == pytest.approx(ACROSS_M, abs=0.5)


def test_a_way_against_its_direction_is_gone_round(tmp_path):
    assert walked(tmp_path, {"highway": "footway", "oneway:foot": "-1"})[0] > 2000


def test_private_ground_is_begun_and_ended_on_but_not_walked_through(tmp_path):
    for way in (
        {"highway": "service", "service": "driveway"},
        {"highway": "path", "access": "private;customers"},
    ):
        metres, net = walked(tmp_path, way)
        assert metres > 2000
        assert net.describe()["private_length_m"] == pytest.approx(ACROSS_M, abs=0.5)


def test_what_is_open_at_times_is_walked_counted_and_told_with_its_ids(tmp_path):
    hours = {"foot:conditional": "no @ (22:00-06:00)"}
    metres, net = walked(tmp_path, STREET | hours, {"barrier": "gate", "tidal": "yes"})
    assert metres == pytest.approx(ACROSS_M, abs=0.5)
    assert net.counts["ways"]["at_times"] == 2
    assert [str(note) for note in net.notes] == [
        "ways and barriers that may be passed at certain hours, seasons or tides only count as open: 2 (w2, n7)"
    ]
    assert walked(tmp_path)[1].notes == ()


def test_what_is_closed_anyway_is_not_told_as_open_at_times(tmp_path):
    motorway = {"highway": "motorway", "foot:conditional": "no @ (22:00-06:00)"}
    shut = {"barrier": "gate", "foot": "no", "opening_hours": "08:00-18:00"}
    for way, node in ((motorway, None), (STREET, shut)):
        assert walked(tmp_path, way, node)[1].notes == ()


@pytest.mark.parametrize(
    ("tags", "over"),
    [
        ({"railway": "platform"}, True),
        ({"public_transport": "platform", "area": "yes"}, True),
        ({"railway": "platform", "area": "no"}, False),
        ({"man_made": "pier", "area": "yes"}, True),
        ({"man_made": "pier"}, False),
    ],
)
def test_a_platform_or_pier_that_is_an_area_is_walked_all_over(tmp_path, tags, over):
    nodes = {1: (0, 0), 2: (0, 2), 3: (2, 2), 4: (2, 0), 11: (-2, -2), 13: (4, 4)}
    ways = [(1, [1, 2, 3, 4, 1], tags), (2, [11, 1], STREET), (3, [3, 13], STREET)]
    net = WalkNetwork.from_osm(write_osm(tmp_path / "t.osm.pbf", nodes, ways), profile="rolstoel")
    start, end = (
        gpd.GeoDataFrame({"id": ["p"]}, geometry=gpd.points_from_xy([x], [y]), crs=4326)
        for x, y in (at(0, 0), at(2, 2))
    )
    metres = nearest(net, start, end)["distance_m"].iloc[0]
    assert (metres < 262) == over  # 261 m straight across, 358 m round


def test_names_do_not_make_kinds_of_ways_though_a_named_driveway_is_a_street(tmp_path):
    drive = {"highway": "service", "service": "driveway"}
    assert walked(tmp_path, drive | {"name": "IJsseldijk"})[0] == pytest.approx(ACROSS_M, abs=0.5)
    assert {"name", "maxspeed"} <= read_profile("wandelaar").presence_keys
    assert "maxspeed" not in read_profile("rollator").presence_keys  # there it is read
