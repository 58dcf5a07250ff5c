"""A line layer with columns: how they are read, and both answers against the slow way."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from both_oracle import CORNER, Ways, walks
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.errors import InputError
from geowoonzorg.messages import tell, translate
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.osm.tag_values import read_attribute
from geowoonzorg.osm.verdicts import closed
from geowoonzorg.town.streets import open_network
from geowoonzorg.town.told_lines import judge_lines, network_of_lines, read_line_columns
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest

ROLLATOR = read_profile("rollator")
#: Lines as a gemeente may write them → why closed, and whether open to the cautious too.
ROWS = [
    ({"wegsoort": "Voetpad"}, None, True),
    ({"wegsoort": "pad"}, None, False),
    ({}, None, False),  # of unknown class nothing is assumed but that it is flat
    ({"verharding": "open verharding", "breedte": 1.5}, None, True),
    ({"verharding": "open verharding"}, None, False),
    ({"verharding": "Onverhard", "breedte": 1.5}, "surface", False),
    ({"wegsoort": "voetpad", "breedte": 0.5}, "narrow", False),
    ({"wegsoort": "voetpad", "breedte": 0.0}, None, True),  # 0 says nothing
    ({"wegsoort": "voetpad", "breedte": -9999.0}, None, True),
    ({"wegsoort": "voetpad", "helling": "12"}, "steep", False),
    ({"wegsoort": "voetpad", "helling": "-1:8"}, "steep", False),
    ({"wegsoort": "voetpad", "helling": "5 %"}, None, True),
    ({"wegsoort": "voetpad", "brug": "ja"}, None, False),  # a bridge of unknown slope
    ({"wegsoort": "voetpad", "brug": "nee"}, None, True),
    ({"wegsoort": "voetpad", "brug": "ja", "helling": "4"}, None, True),
    ({"wegsoort": "voetpad", "stoeprand": "verhoogd"}, "kerb", False),
    ({"wegsoort": "voetpad", "stoeprand": "ja"}, None, False),
    ({"wegsoort": "voetpad", "stoeprand": "verlaagd"}, None, True),
    ({"wegsoort": "voetpad", "stoeprandhoogte": 0.12}, "kerb", False),
    ({"wegsoort": "voetpad", "stoeprand": "ja", "stoeprandhoogte": 0.02}, None, True),
    ({"wegsoort": "trap"}, "steps", False),
    ({"wegsoort": "motorway"}, None, False),  # a layer holds what may be walked
    ({"wegsoort": "gangetje"}, None, False),  # no class that anybody knows
    ({"wegsoort": "voetpad", "gladheid": "zeer slecht"}, "smoothness", False),
    ({"wegsoort": "voetpad", "verharding": "asfalt;zand"}, "surface", False),
]  # fmt: skip


def layer_of(rows):
    ends = [[CORNER + (i, 0), CORNER + (i, 9)] for i in range(len(rows))]
    return gpd.GeoDataFrame(rows, geometry=shapely.linestrings(ends), crs=28992)


def test_every_row_is_judged_by_what_its_columns_say():
    told = judge_lines(layer_of([row for row, _, _ in ROWS]), ROLLATOR)
    assert told.reason.tolist() == [reason for _, reason, _ in ROWS]
    assert told.ways["cautious"].tolist() == [is_open for _, _, is_open in ROWS]
    notes = [translate(note, "nl") for note in told.notes]
    assert [note.rpartition(": ")[2] for note in notes] == ["gangetje", "0.0, -9999.0"]
    assert "kolom wegsoort: 1 waarden" in notes[0]


def test_whoever_walks_minds_nothing_and_on_wheels_a_rule_of_its_own_counts():
    rows = layer_of([row for row, _, _ in ROWS])
    on_foot = judge_lines(rows, read_profile("wandelaar"))
    assert set(on_foot.reason.tolist()) == {None}
    assert on_foot.ways["cautious"].all()
    wheels = judge_lines(
        layer_of([{"wheelchair": False}, {"wheelchair": True}]), read_profile("rolstoel")
    )
    assert wheels.reason.tolist() == ["wheelchair_no", None]
    assert wheels.ways["cautious"].tolist() == [False, True]


def test_numbers_keep_their_value_whatever_they_are_written_as():
    columns = {"width_m": ["150 cm", "1,5 m", 1.5, np.float32(1.5), "1.5", None, "breed"]}
    ways = judge_lines(layer_of(pd.DataFrame(columns).to_dict("records")), ROLLATOR).ways
    assert ways["width_m"].tolist()[:5] == [1.5] * 5
    assert ways["width_m"].isna().tolist()[5:] == [True, True]
    slopes = layer_of(
        [{"Helling %": 1}, {"helling": -7.25}, {"helling": "7,25%"}, {"helling": "up"}]
    )
    found = judge_lines(slopes, ROLLATOR).ways["incline_pct"]
    assert found.isna().tolist() == [True, False, False, True]
    assert found.tolist()[1:3] == [-7.25, 7.25]


def test_a_layer_without_such_columns_tells_nothing():
    plain = layer_of([{"naam": "Dorpsstraat"}])
    assert judge_lines(plain, ROLLATOR) is None
    net = network_of_lines(plain, ROLLATOR, crs="EPSG:28992", where=tell("streets"))
    assert net.matters == ROLLATOR.way_matters
    assert net.cautious is net


def test_what_others_write_is_brought_to_words_that_are_known():
    for one in read_line_columns().words:
        every = read_profile("wandelaar")
        known = (
            {*one.known} if one.key != "highway" else every.highway_open | every.highway_with_foot
        )
        assert set(one.means.values()) <= known
        assert not {*one.means} & known
        for value in known:
            assert judge_lines(layer_of([{one.key: value}]), ROLLATOR).notes == ()
    for number in read_line_columns().numbers:
        assert not math.isnan(read_attribute({number.key: f"1{number.unit}"}, number.attribute))
    assert ROLLATOR.judge_way({"highway": read_line_columns().highway}) != closed("highway")


def test_the_file_is_opened_with_what_it_tells_and_kept_so(tmp_path):
    path, cache = tmp_path / "straten.gpkg", tmp_path / "net.npz"
    xy = CORNER + [[0, 0], [700, 0], [1_400, 0], [700, 300]]
    lines = [(0, 1), (1, 2), (0, 3), (3, 2)]
    frame = gpd.GeoDataFrame(
        {"verharding": ["tegels", None, "tegels", "tegels"], "breedte": [2.0, 2.0, 2.0, 2.0]},
        geometry=[shapely.LineString(xy[list(pair)]) for pair in lines], crs=28992,
    )  # fmt: skip
    frame.to_file(path)
    spots = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=shapely.points(xy[[0, 2]]), crs=28992)
    wanted = [1_400, 2 * math.hypot(700, 300)]
    for made in (open_network(path, cache=cache), WalkNetwork.load(cache)):
        found = nearest(made, spots[:1], spots[1:]).iloc[0]
        assert found[["distance_m", "distance_high_m"]].tolist() == pytest.approx(wanted, rel=2e-4)
    assert any("hardly other than on foot" in note for note in open_network(path).notes)
    frame.assign(breedte=0.5).to_file(path)
    with pytest.raises(InputError, match="nothing in it may be walked with the profile rollator"):
        open_network(path)
    assert open_network(path, profile="wandelaar").counts["lines"]["read"] == 4
    half = network_of_lines(
        frame.assign(breedte=[2.0, 0.5, None, 2.0]),
        ROLLATOR,
        crs="EPSG:28992",
        where=tell("streets"),
    )
    assert half.counts["lines"] == {"read": 4, "without_geometry": 0, "closed: narrow": 1}
    assert half.counts["ways"] == {"metres_on_foot_only": 700}


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_both_answers_are_those_of_the_slow_way(seed):
    """Lines that are open to all, or to the hopeful, or to nobody, in a layer in any order."""
    ways = Ways.drawn(seed)
    ways.stops[:] = False
    rng = np.random.default_rng(seed)
    all_known = {"surface": "asphalt", "smoothness": "good", "width": 2.0, "incline_pct": 0.0}
    rows = []
    for cautious, known in zip(ways.cautious, ways.known, strict=True):
        if not cautious:
            rows.append({"highway": "path"})
        elif known:
            rows.append(all_known)
        else:  # by default, or because all but one thing is known
            rows.append(
                [{"highway": "footway"}, {**all_known, "smoothness": None}][rng.integers(2)]
            )
    ways.known &= ways.cautious  # of what the cautious may not walk something is not known
    geometry = list(shapely.linestrings(ways.xy[ways.ends]))
    extra = rng.integers(0, len(rows), 2)  # the same line once more, too narrow
    rows += [{**all_known, "width": 0.4}] * 2
    geometry += [geometry[i] for i in extra]
    order = rng.permutation(len(rows))
    frame = gpd.GeoDataFrame(rows, geometry=geometry, crs=28992).iloc[order]
    net = network_of_lines(frame, ROLLATOR, crs="EPSG:28992", where=tell("streets"))
    xy = rng.uniform(-20, 920, (12, 2)) + CORNER
    homes, shops = xy[:8], xy[8:]
    spots = gpd.GeoDataFrame(
        {"id": [f"p{i:02d}" for i in range(12)]}, geometry=shapely.points(xy), crs=28992
    )
    found = nearest(net, spots[:8], spots[8:], max_snap_m=2_000)
    metres, unknown = walks(ways, homes, shops).T
    high = np.full(len(homes), np.inf)
    left = ways.cautiously()
    for shop in shops if len(left.ends) else ():
        pair = [walks(one, homes, shop[None])[:, 0] for one in (ways, left)]
        high = np.minimum(high, np.max(pair, axis=0))
    there = np.isfinite(metres)
    assert found["distance_m"].notna().tolist() == there.tolist()
    np.testing.assert_allclose(found["distance_m"][there], metres[there], atol=1e-6)
    high = np.where(np.isfinite(high), high, np.nan)
    np.testing.assert_allclose(found["distance_high_m"], high, atol=1e-6)
    walked = found["distance_m"] - found["access_leg_origin_m"] - found["access_leg_facility_m"]
    np.testing.assert_allclose((found["unknown_share"] * walked)[there], unknown[there], atol=1e-5)
