"""Squares that share sides, in both answers: as a town in which the ways that close were never drawn."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from reach_oracle import TO_DEGREES

from geowoonzorg.errors import InputError
from geowoonzorg.walk.access import join_network, read_layer
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.pairs import nearest_few, reached_pairs
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import nearest

CORNER = np.array([190_000.0, 500_000.0])
FAR_M = 20_000.0
KNOWN = {"surface": "asphalt", "smoothness": "good", "width": "3", "incline": "0%"}
STREETS = [
    {"highway": "residential"}, {"highway": "footway"}, {"highway": "path"}, {"highway": "cycleway"},
    {"highway": "path", "surface": "asphalt"}, {"highway": "footway"} | KNOWN, {"highway": "service"},
    {"highway": "service", "access": "private"},
]  # fmt: skip
SQUARES = [
    {"highway": "pedestrian", "area": "yes"}, {"highway": "footway", "area": "yes"} | KNOWN,
    {"highway": "pedestrian", "area": "yes", "surface": "sett"}, {"railway": "platform", "area": "yes"},
    {"highway": "footway", "area": "yes", "informal": "yes"},
    {"highway": "pedestrian", "area": "yes", "access": "customers"},
    {"highway": "footway", "area": "yes", "informal": "yes", "access": "private"},
]  # fmt: skip
#: A barrier that stops the cautious, and one that stops all.
MAY_STOP = {"barrier": "cycle_barrier"}
STOPS = MAY_STOP | {"cycle_barrier": "squeeze"}


class Town:
    """Ways as drawn in OSM, on a crooked grid of which many fields are squares."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.xy, self.ways, self.barriers = [], [], []
        at = {
            (i, j): self.add(80 * np.array([i, j]) + rng.uniform(-15, 15, 2))
            for i in range(5)
            for j in range(4)
        }
        for i, j in np.ndindex(4, 3):
            if rng.random() < 0.5:
                ring = [at[i, j], at[i + 1, j], at[i + 1, j + 1], at[i, j + 1]]
                if rng.random() < 0.5:
                    inner = np.mean([self.xy[k] for k in ring], axis=0) + rng.uniform(-10, 10, 2)
                    ring.insert(int(rng.integers(1, 4)), self.add(inner))
                self.draw([*ring, ring[0]], SQUARES[rng.integers(len(SQUARES))])
        for (i, j), node in at.items():
            for step in ((1, 0), (0, 1), (1, 1)):
                end = at.get((i + step[0], j + step[1]))
                if end is not None and rng.random() < (0.2 if step == (1, 1) else 0.6):
                    self.draw([node, end], STREETS[rng.integers(len(STREETS))])
        for _ in range(2):
            node = int(rng.integers(len(self.xy)))
            x, y = self.xy[node]
            self.draw([node, self.add((x, y + 1500))], {"highway": "residential"})
        if rng.random() < 0.5:
            self.barriers = np.flatnonzero(rng.random(len(self.xy)) < 0.08).tolist()

    def add(self, xy):
        self.xy.append(np.asarray(xy, float))
        return len(self.xy) - 1

    def draw(self, nodes, tags):
        self.ways.append((nodes, tags))

    def network(self, *, left_out=frozenset(), barrier=MAY_STOP, order=None):
        order = range(1, len(self.ways) + 1) if order is None else order
        lines = ['<?xml version="1.0"?><osm version="0.6">']
        lonlat = np.column_stack(TO_DEGREES.transform(*(np.array(self.xy) + CORNER).T))
        for node, (lon, lat) in enumerate(lonlat.tolist()):
            tags = _tags(barrier if node in self.barriers else {})
            lines.append(
                f'<node id="{node + 1}" version="1" lat="{lat:.8f}" lon="{lon:.8f}">{tags}</node>'
            )
        for way in sorted(range(len(self.ways)), key=list(order).__getitem__):
            number, (nodes, tags) = list(order)[way], self.ways[way]
            if number not in left_out:
                refs = "".join(f'<nd ref="{node + 1}"/>' for node in nodes)
                lines.append(f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>')
        with TemporaryDirectory() as folder:
            path = Path(folder) / "town.osm"
            path.write_text("".join([*lines, "</osm>"]))
            return WalkNetwork.from_osm(path, profile="rollator")


def _tags(tags):
    return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())


def layers(town, net, seed):
    """Homes and shops, but for those whose nearest point is a barrier: which of its ends they join is a tie."""
    rng = np.random.default_rng(seed + 1)
    stops = shapely.multipoints(np.reshape([town.xy[k] + CORNER for k in town.barriers], (-1, 2)))
    for prefix, n in (("h", 14), ("s", 3)):
        xy = rng.uniform([-20, -20], [340, 260], (n, 2)) + CORNER
        ids = [f"{prefix}{i:02d}" for i in range(n)]
        layer = gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(xy), crs=28992)
        tied = np.zeros(n, bool)
        for each in {net, net.cautious} - {None}:
            access = join_network(each, read_layer(net, layer, role="origins"))
            tied[access.place[shapely.dwithin(shapely.points(access.xy), stops, 0.01)]] = True
        yield layer[~tied]


def matrix(net, homes, shops, column):
    pairs = reached_pairs(net, homes, shops, limit_m=FAR_M)
    return pairs.set_index(["origin_id", "facility_id"])[column]


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_cautious_walk_over_squares_is_that_of_a_town_without_what_closes(seed):
    town = Town(seed)
    net = town.network()
    known = net.way_attributes
    closed = {abs(int(i)) for i in known["osm_id"][~known["cautious"].to_numpy(bool)]}
    homes, shops = layers(town, net, seed)
    if homes.empty or shops.empty:
        return
    first, high = (matrix(net, homes, shops, f"distance_{k}m") for k in ("", "high_"))
    try:
        plain = town.network(left_out=closed, barrier=STOPS)
    except InputError:
        assert high.isna().all()
        return
    other = matrix(plain, homes, shops, "distance_m").reindex(high.index)
    expected = np.maximum(first, other).where(other.notna())
    np.testing.assert_allclose(high, expected, atol=1e-3)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_the_cautious_nearest_is_the_nearest_of_the_cautious_pairs(seed):
    """So `nearest`, `nearest_few`, pairs, routes and what is drawn tell the same."""
    town = Town(seed)
    net = town.network()
    homes, shops = layers(town, net, seed)
    if homes.empty or shops.empty:
        return
    pairs = reached_pairs(net, homes, shops, limit_m=FAR_M)
    ranked = pairs.sort_values("distance_high_m").groupby("origin_id")["distance_high_m"]
    found = nearest(net, homes, shops, limit_m=FAR_M).set_index("origin_id")
    best = found["distance_high_m"].reindex(homes["id"])
    np.testing.assert_allclose(best, ranked.min().reindex(homes["id"]), atol=1e-6)
    few = nearest_few(net, homes, shops, k=2, limit_m=FAR_M)
    for rank in (1, 2):
        row = few[few["rank"] == rank].set_index("origin_id")["distance_high_m"]
        wanted = ranked.nth(rank - 1).set_axis(pairs.loc[ranked.nth(rank - 1).index, "origin_id"])
        np.testing.assert_allclose(row, wanted.reindex(row.index), atol=1e-6)
    near = found.dropna(subset="facility_id").reset_index()
    ways = routes(net, homes, shops, near[["origin_id", "facility_id"]])
    np.testing.assert_allclose(ways["unknown_share"], near["unknown_share"], atol=1e-6)


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_no_order_of_ids_shows(seed):
    town = Town(seed)
    net = town.network()
    other = town.network(order=np.random.default_rng(seed).permutation(len(town.ways)) + 1)
    homes, shops = layers(town, net, seed)
    if homes.empty or shops.empty:
        return
    one, two = (nearest(each, homes, shops) for each in (net, other))
    columns = ["distance_m", "distance_high_m", "unknown_share"]
    assert one[columns].to_numpy() == pytest.approx(two[columns].to_numpy(), abs=1e-5, nan_ok=True)
