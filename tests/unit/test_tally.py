"""Origins within reach, counted by zone, against the pairs themselves."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from geowoonzorg.measure import Reach
from geowoonzorg.town import Town
from geowoonzorg.walk.pairs import reached_pairs
from geowoonzorg.walk.tally import tally_reached
from tests.small_town import points, streets


def test_a_street_can_be_counted_with_a_pencil():
    homes = points([50, 150, 250, 350, 900], y=0)
    found = tally_reached(
        streets(), homes, points([0, 300]), np.array([0, 0, 1, -1, 1]), limit_m=200
    )
    # from 0 m: the homes at 50 and 150; from 300 m: those at 150, 250 and 350
    assert [tuple(map(int, row)) for row in zip(*found, strict=True)] == [
        (0, 0, 2, 2), (1, -1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("limit_m", [120.0, 400.0])
def test_counts_are_those_of_the_pairs(limit_m):
    town = Town.demo()
    homes = town.addresses.iloc[::7].reset_index(drop=True)
    places = pd.concat([town.addresses.iloc[::211], town.facilities[["id", "geometry"]]])
    places = places.drop_duplicates("id").reset_index(drop=True)[["id", "geometry"]]
    rng = np.random.default_rng(4)
    zone = rng.integers(-1, 9, len(homes))
    asked = dict(limit_m=limit_m, **town.walking.access)
    pairs = reached_pairs(town.network, homes, places, **asked)
    found = tally_reached(town.network, homes, places, zone, **asked)
    at = pd.Index(homes["id"]).get_indexer(pairs["origin_id"])
    place = pd.Index(places["id"]).get_indexer(pairs["facility_id"])
    pairs = pd.DataFrame({
        "place": place, "zone": zone[at], "sure": pairs["distance_high_m"].to_numpy() <= limit_m,
    })  # fmt: skip
    wanted = pairs.groupby(["place", "zone"])["sure"].agg(["size", "sum"]).reset_index()
    assert np.column_stack(found).tolist() == wanted.to_numpy().tolist()
    assert 0 < found.sure.sum() < found.near.sum()  # both answers are at work


def test_who_lives_at_several_entrances_or_across_a_square_counts_once():
    town = Town.demo()
    pairs = Reach(town, town.facilities.head(40)).pairs
    found = tally_reached(
        town.network, town.addresses, town.facilities.head(40), np.zeros(len(town.addresses), int),
        limit_m=town.walking.limits_m[0], **town.walking.access,
    )  # fmt: skip
    assert found.near.sum() == len(pairs)
    assert found.sure.sum() == pairs["sure"].sum()


def test_a_cautious_area_is_a_polygon_where_outlines_only_touch():
    town = Town.demo()
    spot = gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(147_700, 506_300)], crs=28992)
    areas = Reach(town, spot).sure_catchments
    assert areas.geom_type.isin(["Polygon", "MultiPolygon"]).all()
