"""The cautious answer: what it takes where OSM is silent, what it closes, and what is said of that."""

from __future__ import annotations

import itertools
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from both_oracle import CORNER, Ways
from osm_writer import at, write_osm
from reach_oracle import TO_DEGREES

from geowoonzorg.errors import StudyError
from geowoonzorg.messages import translate
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.people.coverage import cover_classes
from geowoonzorg.town.streets import open_network
from geowoonzorg.walk import class_walks, service_area
from geowoonzorg.walk.assembly import GATE
from geowoonzorg.walk.both_answers import nearest_with_unknown
from geowoonzorg.walk.kernels.search import Seeds
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest, service_areas
from tests.walk_columns import as_arrays

EAST_M, NORTH_M = 67.8, 111.3
#: From before the street to below its end.
STRAIGHT_M = 15.1 * EAST_M + 0.1 * NORTH_M
KNOWN = {"surface": "asphalt", "smoothness": "good", "width": "2", "incline": "0%"}
CORNERS = {
    1: (0, 0),
    2: (7, 0),
    4: (15, 0),
    5: (0, 3),
    6: (15, 3),
    7: (16, 0),
    8: (17, 0),
    9: (7, 0.5),
}
#: A path between 1 and 4, a street round it over 5 and 6, and a piece of street beyond a second path.
ROUND = (11, [1, 5, 6, 4], {"highway": "residential"})
BEYOND = [(12, [4, 7], {"highway": "path"}), (13, [7, 8], {"highway": "residential"})]
DRIVE = (14, [2, 9], {"highway": "service", "access": "private"})


def places(*spots):
    """Points so many thousandths of a degree from the corner."""
    ids = [f"p{i}" for i in range(len(spots))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points([at(*s) for s in spots]), crs=4326)


def town(folder, path_tags, *, profile="rollator", nodes=None, ways=()):
    short = (10, [1, 2, 4], {"highway": "path", **path_tags})
    file = write_osm(
        folder / "town.osm.pbf", CORNERS | (nodes or {}), [short, ROUND, *BEYOND, *ways]
    )
    return WalkNetwork.from_osm(file, profile=profile)


def walk(net, home=(-0.1, 0), shop=(15, -0.1), **options):
    return nearest(net, places(home), places(shop), **options).iloc[0]


def test_the_way_round_is_the_cautious_answer(tmp_path):
    """A path of which nothing is tagged: 15 thousandths straight on, or 3 up, 15 along and 3 down."""
    found = walk(town(tmp_path, {}))
    assert found["distance_m"] == pytest.approx(STRAIGHT_M, rel=2e-3)
    assert found["distance_high_m"] == pytest.approx(STRAIGHT_M + 6 * NORTH_M, rel=2e-3)
    assert found["unknown_share"] == 1.0


def test_nothing_unknown_is_one_answer(tmp_path):
    net = town(tmp_path, KNOWN)
    found = walk(net)
    assert found["distance_high_m"] == found["distance_m"]
    assert found["unknown_share"] == 0.0
    # a third of the way over the path, the rest not known
    half = walk(net, shop=(7.5, 3.01), home=(10, 0.01))
    over_path = 5 * EAST_M
    rest = 7.5 * EAST_M + 3 * NORTH_M
    assert half["unknown_share"] == pytest.approx(rest / (over_path + rest), rel=5e-3)


def test_on_foot_nothing_matters_and_nothing_is_searched_twice(tmp_path, monkeypatch):
    net = town(tmp_path, {}, profile="wandelaar")
    assert net.cautious is net
    monkeypatch.setattr(class_walks, "nearest_seeds", None)
    monkeypatch.setattr(service_area, "cut_cautiously", None)
    found = walk(net)
    assert (found["unknown_share"], found["distance_high_m"]) == (0.0, found["distance_m"])
    area = service_areas(net, places((1, 0))).iloc[0]
    assert (area["unknown_share"], area["length_low_m"]) == (0.0, area["length_m"])


def test_a_place_joins_what_is_open_in_each_answer(tmp_path):
    """Beside the path: near enough to the street round only where one looks far enough."""
    net = town(tmp_path, {})
    near, far = (walk(net, home=(7, 0.4), max_snap_m=m) for m in (100, 400))
    assert near["distance_m"] == far["distance_m"]
    assert math.isnan(near["distance_high_m"])
    assert near["status"] == "ok"
    assert far["distance_high_m"] == pytest.approx(8 * EAST_M + (2.6 + 3 + 0.1) * NORTH_M, rel=5e-3)


def test_a_piece_that_only_a_closed_path_joins_is_an_island(tmp_path):
    net = town(tmp_path, {})
    found = walk(net, home=(16.5, 0.01))
    assert found["distance_m"] == pytest.approx(1.5 * EAST_M + 0.11 * NORTH_M, rel=5e-3)
    assert math.isnan(found["distance_high_m"])
    area = service_areas(net, places((16.5, 0.01)), limit_m=40).iloc[0]
    assert area["length_m"] > 50
    assert area["length_low_m"] == 0.0
    drawn = service_areas(net, places((16.5, 0.01)), limit_m=40, cautious=True).iloc[0]
    assert drawn.geometry.is_empty
    polygon = service_areas(net, places((16.5, 0.01)), shape="polygons", cautious=True).iloc[0]
    assert (polygon.geometry.is_empty, polygon["area_m2"]) == (True, 0.0)


def test_private_ground_behind_a_closed_path_is_closed(tmp_path):
    """It leads nowhere then, so a home on it joins another street, where there is one."""
    net = town(tmp_path, {}, ways=[DRIVE])
    assert net.describe()["private_edges"] == 1
    assert net.cautious.describe()["private_edges"] == 0
    assert (
        town(tmp_path, KNOWN, ways=[(*DRIVE[:2], DRIVE[2] | KNOWN)]).cautious.describe()[
            "private_edges"
        ]
        == 1
    )


def test_a_drive_at_a_point_that_stops_people_leads_nowhere(tmp_path):
    """What stands on the street stands at the drive's end, too."""
    drive = (*DRIVE[:2], DRIVE[2] | KNOWN)
    stops = {2: (7, 0, {"barrier": "cycle_barrier"})}
    net = town(tmp_path, KNOWN, nodes=stops, ways=[drive])
    assert net.describe()["private_edges"] == 1
    assert net.cautious.describe()["private_edges"] == 0
    assert not (net.cautious.edge_layer == GATE).any()


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"barrier": "cycle_barrier"}, False),
        ({"barrier": "cycle_barrier", "opening": "1.2"}, True),
        ({"barrier": "bollard"}, True),
        ({"kerb": "yes"}, False),
        ({"kerb": "lowered"}, True),
    ],
)
def test_what_stops_people_at_a_point(tmp_path, tags, passes):
    net = town(tmp_path, KNOWN, nodes={2: (7, 0, tags)})
    found = walk(net)
    assert found["distance_m"] == pytest.approx(STRAIGHT_M, rel=2e-3)
    assert (found["distance_high_m"] == found["distance_m"]) == passes
    if not passes:  # one still comes up to it from either side
        assert walk(net, home=(6, 0))["distance_high_m"] == pytest.approx(
            21 * EAST_M + 6.1 * NORTH_M, rel=5e-3
        )


def test_nothing_open_is_no_answer(tmp_path):
    file = write_osm(tmp_path / "path.osm.pbf", CORNERS, [(10, [1, 2, 4], {"highway": "path"})])
    net = WalkNetwork.from_osm(file, profile="rolstoel")
    assert net.cautious is None
    found = walk(net)
    assert found["distance_m"] > 0
    assert math.isnan(found["distance_high_m"])
    for shape in ("lines", "polygons"):
        area = service_areas(net, places((1, 0)), shape=shape, cautious=True).iloc[0]
        assert area["length_low_m"] == 0.0
        assert area.geometry.is_empty


def test_the_cautious_polygon_lies_in_the_other(tmp_path):
    net = town(tmp_path, {})
    shop = places((0.5, 0.6))
    wide, narrow = (
        service_areas(net, shop, limit_m=500, shape="polygons", cautious=c)
        .to_crs(28992)
        .geometry.iloc[0]
        for c in (False, True)
    )
    assert wide.contains(narrow.buffer(-0.01))
    assert 0 < narrow.area < 0.9 * wide.area


def made(xy, ends, known):
    """Ways that all stay open; points may lie on top of each other."""
    yes = np.ones(len(ends), bool)
    lonlat = np.column_stack(TO_DEGREES.transform(*(CORNER + np.array(xy, float)).T))
    nowhere = np.zeros(len(xy), bool)
    return Ways(lonlat, np.array(ends), yes, np.array(known, bool), nowhere, yes, yes)


def test_of_equally_short_ways_the_better_known_counts():
    """Twice the same bend, mapped over different points: the tie does not go by the order of the ways."""
    xy = [[0, 0], [200, 0], [100, 50], [100, 50], [-90, 0], [290, 0]]
    ends = [[0, 2], [2, 1], [0, 3], [3, 1], [4, 0], [1, 5]]
    home, shop = (
        gpd.GeoDataFrame(geometry=shapely.points([CORNER + [x, 0]]), crs=28992) for x in (-60, 260)
    )
    for unknown in (0, 2):
        ways = made(xy, ends, [i != unknown for i in range(6)])
        for order in itertools.islice(itertools.permutations(range(6)), 0, 720, 31):
            found = nearest(ways.network(np.array(order)), home, shop).iloc[0]
            assert found["unknown_share"] == 0.0


@pytest.mark.parametrize("first", [0, 1])
def test_of_equally_near_places_the_way_is_to_the_one_that_is_told(first):
    """Two places as far, the way to one of them unknown: the share is that of the walk to the first."""
    #            home   fork    before each     each       a spur at each
    xy = [[0, 0], [100, 0], [200, 0], [200, 0], [300, 0], [300, 0], [200, 50], [200, 50]]
    ends = [[0, 1], [1, 2], [1, 3], [2, 4], [3, 5], [2, 6], [3, 7]]
    net = made(xy, ends, [True, False, True, True, True, True, True]).network()
    edges = net.edges().reset_index().set_index("osm_id")
    far = [3, 4] if first == 0 else [4, 3]
    where = edges.loc[far]
    at_end = (net.node_xy[where["v"], 0] > net.node_xy[where["u"], 0]) * where["length_m"]
    seeds = Seeds(np.arange(3), where["edge"].to_numpy(np.int32), at_end.to_numpy(), np.zeros(2))
    begin = edges.loc[0]
    from_u = net.node_xy[begin["u"], 0] < net.node_xy[begin["v"], 0]
    home = Seeds(
        np.arange(2), np.array([begin["edge"]], np.int32),
        np.array([0.0 if from_u else begin["length_m"]]), np.zeros(1),
    )  # fmt: skip
    metres, seed, share = nearest_with_unknown(net, seeds, home, np.inf)
    assert metres[0] == pytest.approx(300, abs=0.1)
    assert seed.tolist() == [0]
    assert share[0] == pytest.approx([1 / 3, 0.0][first], abs=1e-5)


OPEN = (
    {"highway": "residential"}, {"highway": "footway"}, {"highway": "pedestrian"}, {"highway": "tertiary"},
    {"highway": "path", "surface": "asphalt"}, {"highway": "cycleway", "surface": "asphalt"},
    {"highway": "service", "surface": "paving_stones"}, {"highway": "residential", "bridge": "yes"},
    {"highway": "primary", "sidewalk": "both"}, {"highway": "path", "wheelchair": "yes"},
    {"highway": "path", **KNOWN},
    {"highway": "footway", "surface": "asphalt;paving_stones"},
    {"highway": "secondary", "sidewalk:both": "yes"}, {"highway": "primary", "sidewalk:left": "yes"},
    {"railway": "platform", "surface": "paving_stones"}, {"public_transport": "platform", "surface": "asphalt"},
    {"man_made": "pier", "surface": "concrete"}, {"man_made": "pier", "surface": "wood", "smoothness": "good"},
)  # fmt: skip
CLOSED = (
    {"highway": "path"}, {"highway": "track"}, {"highway": "service"}, {"highway": "cycleway"},
    {"highway": "primary"}, {"highway": "footway", "bridge": "yes"}, {"highway": "footway", "incline": "up"},
    {"highway": "footway", "surface": "sett"}, {"highway": "footway", "width": "0.5"},
    {"highway": "footway", "smoothness": "horrible"}, {"highway": "path", "surface": "fine_gravel"},
    {"railway": "platform"}, {"railway": "platform", "surface": "gravel"}, {"man_made": "pier"},
    {"man_made": "pier", "surface": "wood"}, {"railway": "platform", "surface": "asphalt", "width": "0.5"},
    {"man_made": "pier", "surface": "concrete", "floating": "yes"},
)  # fmt: skip


@pytest.mark.parametrize("name", ["rollator", "rolstoel"])
def test_defaults_by_class(name):
    """As the profile argues them: hard streets and pavements pass, what nobody told of does not."""
    profile = read_profile(name)
    assert [t for t in OPEN if not profile.stays_open(t)] == []
    assert [t for t in CLOSED if profile.stays_open(t)] == []
    assert all(read_profile("wandelaar").stays_open(t) for t in OPEN + CLOSED)


def test_an_own_profile_says_what_matters_and_what_is_taken(tmp_path):
    own = tmp_path / "own.toml"
    head = 'extends = "rollator"\nname = "own"\ntitle = "Eigen"\n'
    own.write_text(head + 'matters = ["lit"]\n')
    assert not read_profile(str(own)).stays_open({"highway": "residential"})
    own.write_text(
        head + '[[cautious]]\nwhen = { highway = ["path"] }\nsource = "ours"\n'
        'take = { surface = "asphalt", width = "0.5" }\n'
    )
    assert not read_profile(str(own)).stays_open({"highway": "path"})  # its own come first
    own.write_text(
        head
        + '[[cautious]]\nwhen = { highway = ["path"] }\nsource = "ours"\ntake = { width = "wide" }\n'
    )
    with pytest.raises(StudyError, match=r"cautious\[1\].take.width.*'wide'"):
        read_profile(str(own))


def test_a_profile_that_can_hardly_be_told_from_on_foot_says_so(tmp_path):
    file = write_osm(tmp_path / "t.osm.pbf", CORNERS, [(10, [1, 2, 4], {"highway": "path"}), ROUND])
    assert open_network(file, profile="wandelaar").notes == ()
    for _ in range(2):  # made, and taken from the cache
        (note,) = open_network(file, profile="rollator", cache=tmp_path / "net.npz").notes
        assert "hardly other than on foot: of 0.0%" in note
        assert "niet te onderscheiden van te voet: van 0,0" in translate(note, "nl")
    steps = (15, [2, 9], {"highway": "steps"})
    known = [
        (i, refs, tags | KNOWN) for i, refs, tags in ((10, [1, 2, 4], {"highway": "path"}), ROUND)
    ]
    write_osm(file, CORNERS, [*known, steps])
    net = open_network(file, profile="rollator")
    assert net.notes == ()
    assert net.counts["ways"]["metres_on_foot_only"] == pytest.approx(0.5 * NORTH_M, abs=1)
    assert net.describe()["unknown_m"] == 0.0


def test_a_line_layer_tells_of_nothing(tmp_path):
    """Nothing is known of its lines, and nothing closes them."""
    line = shapely.LineString(CORNER + [[0, 0], [900, 0]])
    gpd.GeoDataFrame(geometry=[line], crs=28992).to_file(tmp_path / "lines.gpkg")
    net = open_network(tmp_path / "lines.gpkg", profile="rolstoel")
    assert net.cautious is net
    home, shop = (
        gpd.GeoDataFrame(geometry=shapely.points([CORNER + [x, 0]]), crs=28992) for x in (100, 400)
    )
    found = nearest(net, home, shop).iloc[0]
    assert (found["distance_high_m"], found["unknown_share"]) == (found["distance_m"], 1.0)
    assert "does not tell what its streets are like" in net.notes[0]


def test_coverage_counts_who_is_surely_near():
    walks = pd.DataFrame({
        "origin_id": list("abc"), "facility_class": "huisarts", "status": "ok",
        "distance_m": [100.0, 200.0, 500.0], "distance_high_m": [100.0, np.nan, 500.0],
    })  # fmt: skip
    zone = pd.Series("BU1", index=list("abc"))
    elderly = pd.DataFrame({"least": [8.0], "most": [12.0]}, index=["BU1"])
    rows = cover_classes(
        as_arrays(walks), zone.index, limit_m=400, zone=zone, elderly=elderly, classes=["apotheek"]
    )
    rows = rows.set_index("facility_class")
    assert rows.loc["huisarts", ["addresses_within", "within_low"]].tolist() == [2, 1]
    assert rows.loc["apotheek", ["addresses_within", "within_low"]].isna().all()
