"""Whatever the network looks like, distances and areas obey their definition, and an independent brute force."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from reach_oracle import Oracle, ground_m

from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.reach import search_within
from geowoonzorg.walk.service_area import (
    count_within,
    iter_pairs,
    nearest,
    nearest_few,
    reached_pairs,
    service_areas,
)
from geowoonzorg.walk.street_parts import cut_streets, draw_parts

EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
CORNER = np.array([190_000.0, 500_000.0])


@st.composite
def towns(draw, *, oneway=False):
    """Draw points and segments: loops, twins, segments without length, dead ends, crossings, islands."""
    n = draw(st.integers(2, 12))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    xy = (
        CORNER
        + rng.integers(0, 8, (n, 2)) * 50
        + (rng.normal(0, 9, (n, 2)) if draw(st.booleans()) else 0)
    )
    m = draw(st.integers(1, 2 * n))
    segments = rng.integers(0, n, (m, 2))
    forward = rng.random(m) < (0.8 if oneway else 2)
    backward = ~forward | (rng.random(m) < (0.7 if oneway else 2))
    assume((segments[:, 0] != segments[:, 1]).any())
    assume(len(np.unique(xy[segments.ravel()], axis=0)) > 1)
    return xy, segments, forward, backward, rng


def at(points, prefix):
    """Places at coordinates, with ids in their order."""
    points = np.asarray(points).reshape(-1, 2)
    ids = [f"{prefix}{i:03d}" for i in range(len(points))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(points), crs=28992)


def places_near(xy, rng, n):
    return xy[rng.integers(0, len(xy), n)] + rng.normal(0, 25, (n, 2))


def matrix(net, origins, facilities, **options):
    """All distances as (n_origins, n_facilities), inf where there is none."""
    out = np.full((len(origins), len(facilities)), np.inf)
    for table in iter_pairs(net, origins, facilities, **options):
        out[table["origin_id"].cat.codes, table["facility_id"].cat.codes] = table["distance_m"]
    return out


def brute_force(oracle, origins, facilities):
    """Distances by an explicitly split graph, and that graph searched from every facility."""
    points = np.concatenate([origins, facilities])
    segment, foot, leg = oracle.snap(points)
    graph = oracle.split(segment, foot)
    n = len(origins)
    out = np.full((n, len(facilities)), np.inf)
    reached = []
    for j in range(len(facilities)):
        dist = nx.single_source_dijkstra_path_length(graph.reverse(copy=False), ("s", n + j))
        reached.append(dist)
        for i in range(n):
            if leg[i] <= 100 and leg[n + j] <= 100:
                out[i, j] = leg[i] + dist.get(("s", i), np.inf) + leg[n + j]
    return out, graph, reached, leg[n:]


@EXAMPLES
@given(towns(oneway=True))
def test_distances_and_areas_equal_brute_force(town):
    xy, segments, forward, backward, rng = town
    oracle = Oracle.of(xy, segments, forward, backward)
    homes, shops = places_near(xy, rng, 5), places_near(xy, rng, 4)
    assume(not any(oracle.is_tie(p) for p in [*homes, *shops]))
    net = WalkNetwork.from_arrays(xy, segments, forward=forward, backward=backward)
    expected, graph, reached, leg = brute_force(oracle, homes, shops)
    found = matrix(net, at(homes, "h"), at(shops, "s"))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    near = nearest(net, at(homes, "h"), at(shops, "s"))
    best = np.where(np.isfinite(expected.min(axis=1)), expected.min(axis=1), np.nan)
    np.testing.assert_allclose(near["distance_m"], best, rtol=0, atol=1e-6)
    areas = service_areas(net, at(shops, "s"), limit_m=[120, 300])
    for j in range(len(shops)):
        for limit in (120, 300):
            row = areas[(areas["facility_id"] == f"s{j:03d}") & (areas["limit_m"] == limit)].iloc[0]
            if leg[j] > 100:
                assert row["status"] in ("off_network", "island")
                assert np.isnan(row["length_m"])
                continue
            street = oracle.street_within(
                graph, {k: d + leg[j] for k, d in reached[j].items()}, limit
            )
            np.testing.assert_allclose(row["length_m"], street, rtol=0, atol=1e-5)


@EXAMPLES
@given(towns())
def test_symmetric_where_no_street_is_one_way(town):
    xy, segments, _, _, rng = town
    net = WalkNetwork.from_arrays(xy, segments)
    homes, shops = at(places_near(xy, rng, 4), "h"), at(places_near(xy, rng, 4), "s")
    np.testing.assert_allclose(
        matrix(net, homes, shops), matrix(net, shops, homes).T, rtol=0, atol=1e-9
    )


@EXAMPLES
@given(towns(oneway=True))
def test_nearest_is_the_minimum_and_the_few_are_the_smallest(town):
    xy, segments, forward, backward, rng = town
    net = WalkNetwork.from_arrays(xy, segments, forward=forward, backward=backward)
    homes, shops = at(places_near(xy, rng, 5), "h"), at(places_near(xy, rng, 6), "s")
    all_m = matrix(net, homes, shops)
    for limit in (None, 200.0):
        within = np.where(all_m <= (limit or np.inf), all_m, np.inf)
        near = nearest(net, homes, shops, limit_m=limit)
        np.testing.assert_allclose(
            near["distance_m"].fillna(np.inf), within.min(axis=1), rtol=0, atol=1e-9
        )
        few = nearest_few(net, homes, shops, k=3, limit_m=limit)
        for i, home in enumerate(homes["id"]):
            smallest = np.sort(within[i])[:3]
            got = few[few["origin_id"] == home]
            np.testing.assert_allclose(
                got["distance_m"], smallest[np.isfinite(smallest)], rtol=0, atol=1e-9
            )
            assert got["facility_id"].is_unique
            assert got["rank"].tolist() == list(range(1, len(got) + 1))
    joined = join_network(net, homes).status == 0
    counts = count_within(net, homes, shops, limit_m=200.0)["all"]
    assert counts[joined].tolist() == (all_m <= 200.0).sum(axis=1)[joined].tolist()
    pairs = reached_pairs(net, homes, shops, limit_m=200.0)
    assert len(pairs) == (all_m <= 200.0).sum()
    assert not pairs.duplicated(["origin_id", "facility_id"]).any()


@settings(EXAMPLES, max_examples=8)
@given(towns())
def test_more_facilities_never_lengthen_and_fewer_streets_never_shorten(town):
    xy, segments, _, _, rng = town
    homes, shops = places_near(xy, rng, 5), places_near(xy, rng, 4)
    oracle = Oracle.of(xy, segments)
    assume(not any(oracle.is_tie(p) for p in [*homes, *shops]))
    homes, shops = at(homes, "h"), at(shops, "s")
    net = WalkNetwork.from_arrays(xy, segments)
    all_m = matrix(net, homes, shops)
    few = nearest(net, homes, shops.iloc[:3])["distance_m"].fillna(np.inf)
    more = nearest(net, homes, shops)["distance_m"].fillna(np.inf)
    assert (more <= few).all()
    # keep the streets that places join, so that only the network between them changes
    joins = {tuple(np.sort(s)) for s in segments[: len(segments) // 2].tolist()}
    kept = np.array([tuple(np.sort(s)) in joins for s in segments.tolist()])
    assume((segments[kept, 0] != segments[kept, 1]).any())
    less = WalkNetwork.from_arrays(xy, segments[kept])
    both = [join_network(n, p) for n in (net, less) for p in (homes, shops)]
    same = all(
        np.array_equal(a.status, b.status) and np.array_equal(a.xy, b.xy)
        for a, b in zip(both[:2], both[2:], strict=True)
    )
    assume(same)
    assert (matrix(less, homes, shops) >= all_m - 1e-9).all()


@EXAMPLES
@given(towns(oneway=True), st.floats(0.1, 0.9))
def test_splitting_reversing_and_renumbering_change_nothing(town, share):
    xy, segments, forward, backward, rng = town
    homes, shops = places_near(xy, rng, 4), places_near(xy, rng, 4)
    oracle = Oracle.of(xy, segments, forward, backward)
    assume(not any(oracle.is_tie(p) for p in [*homes, *shops]))
    homes, shops = at(homes, "h"), at(shops, "s")
    net = WalkNetwork.from_arrays(xy, segments, forward=forward, backward=backward)
    expected = matrix(net, homes, shops)
    street = service_areas(net, shops, limit_m=250)["length_m"]
    # renumber points, shuffle and turn segments round
    shuffle = rng.permutation(len(xy))
    order = rng.permutation(len(segments))
    turned = rng.random(len(segments)) < 0.5
    renumbered = np.argsort(shuffle)[segments]
    renumbered[turned] = renumbered[turned][:, ::-1]
    there, back = np.where(turned, backward, forward), np.where(turned, forward, backward)
    other = WalkNetwork.from_arrays(
        xy[shuffle], renumbered[order], forward=there[order], backward=back[order]
    )
    # a point snaps to a street that runs the other way to within some nanometres
    np.testing.assert_allclose(matrix(other, homes, shops), expected, rtol=0, atol=1e-7)
    np.testing.assert_allclose(
        service_areas(other, shops, limit_m=250)["length_m"], street, rtol=0, atol=1e-7
    )
    # split one segment (and its twins, which are the same street)
    pairs = np.sort(segments, axis=1)
    one = (pairs == pairs[rng.integers(len(pairs))]).all(axis=1)
    assume(pairs[one][0, 0] != pairs[one][0, 1])
    a, b = xy[segments[one, 0][0]], xy[segments[one, 1][0]]
    new = len(xy)
    halves = np.concatenate([
        segments[~one], np.column_stack([segments[one, 0], np.full(one.sum(), new)]),
        np.column_stack([np.full(one.sum(), new), segments[one, 1]]),
    ])  # fmt: skip
    flags = [np.concatenate([f[~one], f[one], f[one]]) for f in (forward, backward)]
    split = WalkNetwork.from_arrays(
        np.vstack([xy, a + share * (b - a)]), halves, forward=flags[0], backward=flags[1]
    )
    np.testing.assert_allclose(matrix(split, homes, shops), expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        service_areas(split, shops, limit_m=250)["length_m"], street, rtol=0, atol=1e-5
    )


@EXAMPLES
@given(towns(oneway=True))
def test_areas_grow_with_the_limit_and_lie_in_the_disc(town):
    xy, segments, forward, backward, rng = town
    net = WalkNetwork.from_arrays(xy, segments, forward=forward, backward=backward)
    points = places_near(xy, rng, 4)
    limits = [60, 61, 200, 2000]
    areas = service_areas(net, at(points, "s"), limit_m=limits)
    for i, (_, rows) in enumerate(areas.groupby("facility_id")):
        if rows["status"].eq("off_network").any() or rows["status"].eq("island").any():
            assert rows["length_m"].isna().all()
            assert rows.geometry.isna().all()
            continue
        assert (np.diff(rows["length_m"]) >= -1e-9).all()
        for row in rows.itertuples():
            corners = shapely.get_coordinates(row.geometry)
            # no street is shorter than the straight line, so nothing lies outside the disc
            assert (
                ground_m(np.tile(points[i], (len(corners), 1)), corners) <= row.limit_m + 1e-6
            ).all()
            parts = [shapely.get_coordinates(p) for p in row.geometry.geoms]
            drawn = sum(ground_m(p[:-1], p[1:]).sum() for p in parts)
            np.testing.assert_allclose(drawn, row.length_m, rtol=0, atol=1e-6)


@EXAMPLES
@given(towns())
def test_cut_ends_lie_at_the_limit(town):
    xy, segments, _, _, rng = town
    net = WalkNetwork.from_arrays(xy, segments)
    access = join_network(net, at(places_near(xy, rng, 4), "s"))
    limits = np.array([150.0])
    start, node, metres = search_within(net, access.seeds, 150.0)
    for area, first, edge, begin, end in cut_streets(net, access.seeds, limits):
        xy_drawn, drawn_at = draw_parts(net, edge, begin, end)
        for i, place in enumerate(area):
            dist = np.full(len(net.node_xy), np.inf)
            dist[node[start[place] : start[place + 1]]] = metres[start[place] : start[place + 1]]
            seeds = slice(access.seeds.start[place], access.seeds.start[place + 1])
            for k in range(first[i], first[i + 1]):
                e = edge[k]
                own = access.seeds.edge[seeds] == e
                for cut, corner in ((begin[k], drawn_at[k]), (end[k], drawn_at[k + 1] - 1)):
                    if 0 < cut < net.edge_length_m[e]:
                        ways = [
                            dist[net.edge_node[e, 0]] + cut,
                            dist[net.edge_node[e, 1]] + net.edge_length_m[e] - cut,
                        ]
                        ways += (
                            access.seeds.access[seeds][own]
                            + np.abs(access.seeds.offset[seeds][own] - cut)
                        ).tolist()
                        assert abs(min(ways) - 150.0) < 1e-6
                        # and the point drawn is that far along the edge
                        low = np.searchsorted(
                            net.vertex_offset_m[net.vertex_start[e] : net.vertex_start[e + 1]], cut
                        )
                        v = net.vertex_start[e] + low - 1
                        along = (
                            net.vertex_offset_m[v] + ground_m(net.vertex_xy[v], xy_drawn[corner])[0]
                        )
                        assert abs(along - cut) < 1e-6


@EXAMPLES
@given(towns())
def test_lengths_and_limit_scaled_together_change_nothing(town):
    xy, segments, _, _, rng = town
    net = WalkNetwork.from_arrays(xy, segments)
    access = join_network(net, at(places_near(xy, rng, 4), "s"))
    double = scaled(net, 2.0)
    seeds = access.seeds._replace(offset=2 * access.seeds.offset, access=2 * access.seeds.access)
    ours = search_within(net, access.seeds, 200.0)
    theirs = search_within(double, seeds, 400.0)
    assert [sorted(a.tolist()) for a in ours[:2]] == [sorted(a.tolist()) for a in theirs[:2]]
    assert np.array_equal(np.sort(2 * ours[2]), np.sort(theirs[2]))


def scaled(net, factor):
    """The same network with all lengths multiplied."""
    from dataclasses import replace

    changed = {
        name: factor * getattr(net, name)
        for name in ("edge_length_m", "vertex_offset_m", "component_length_m")
    }
    for name in ("adj_away", "adj_toward"):
        changed[name] = getattr(net, name).copy()
        changed[name]["length"] *= factor
    return replace(net, **changed)


@settings(EXAMPLES, max_examples=10)
@given(towns())
def test_a_graph_with_a_node_every_metre_agrees_to_a_metre(town):
    xy, segments, _, _, rng = town
    net = WalkNetwork.from_arrays(xy, segments)
    shops = places_near(xy, rng, 2)
    oracle = Oracle.of(xy, segments)
    assume(not any(oracle.is_tie(p) for p in shops))
    assume((oracle.length > 0).all())
    lines = shapely.segmentize(oracle.lines, 1.0)
    graph = nx.Graph()
    names = {}
    for line, (a, b) in zip(lines, oracle.segments, strict=True):
        coordinates = shapely.get_coordinates(line)
        chain = [a, *((a, b, k) for k in range(1, len(coordinates) - 1)), b]
        names.update(zip(chain, coordinates, strict=True))
        for u, v, metres in zip(
            chain[:-1], chain[1:], ground_m(coordinates[:-1], coordinates[1:]), strict=True
        ):
            if not graph.has_edge(u, v) or graph[u][v]["weight"] > metres:
                graph.add_edge(u, v, weight=metres)
    keys, where = list(names), np.array(list(names.values()))
    areas = service_areas(net, at(shops, "s"), limit_m=180)
    segment, foot, leg = oracle.snap(shops)
    for j in range(len(shops)):
        if leg[j] > 100:
            continue
        a, b = oracle.segments[segment[j]]
        on = [
            k
            for k, key in enumerate(keys)
            if key in (a, b) or (isinstance(key, tuple) and key[:2] == (a, b))
        ]
        near = on[int(np.argmin(np.hypot(*(where[on] - foot[j]).T)))]
        dist = nx.single_source_dijkstra_path_length(graph, keys[near])
        street = sum(
            d["weight"] * (leg[j] + min(dist.get(u, np.inf), dist.get(v, np.inf)) <= 180)
            for u, v, d in graph.edges(data=True)
        )
        # each of the cut ends may be a metre off, and there are at most two a segment
        assert abs(street - areas["length_m"].iloc[j]) <= 2 + 2 * len(oracle.segments)
