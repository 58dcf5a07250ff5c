"""The same questions put to the peers: how long they take, and how far off their answers are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import pyproj
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from tests.benchmarks import engine
from tests.benchmarks.measure import ROOT, Row, SkipError, interleave, show
from tests.benchmarks.towns import CRS, Town, layer, near_streets, seeds_of, town
from tests.benchmarks.truth import Truth, wrong_side

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_M = 400.0
QGIS_PYTHON = Path("/usr/bin/python3")
#: How many areas are timed, and every how manyth is held against the brute force.
N_PLACES, EVERY = 1000, 10


@dataclass
class Case:
    """The question: an area for every place, and for every address whether a place is within the limit."""

    town: Town
    timed: np.ndarray
    homes: np.ndarray

    @property
    def xy(self) -> np.ndarray:
        """The places whose answer is held against the brute force."""
        return self.timed[::EVERY]

    @property
    def net(self):
        """The network that all but Valhalla walk on."""
        return self.town.streets_alone


@dataclass
class Answer:
    """What a method says: seconds for all areas, a geometry per checked place, which addresses are within.

    ``layers`` is whether the seconds include making geometries, or only numbers.
    """

    what: str
    seconds: float
    areas: np.ndarray | None = None
    within: np.ndarray | None = None
    layers: bool = True


def measure() -> None:
    """Print the section."""
    place = town()
    homes = np.column_stack([place.addresses.geometry.x, place.addresses.geometry.y])
    case = Case(place, near_streets(place.streets_alone, N_PLACES, seed=3), homes)
    truth = Truth(place, case.xy, LIMIT_M)
    true = np.isfinite(truth.nearest(homes))
    rows, notes, ours = [], [], {}
    methods: list[Callable[[Case], Answer]] = [
        exact_arrays, exact_lines, exact_polygons, with_networkx, with_scipy, with_osmnx, with_pandana, with_valhalla,
        with_qgis,
        with_convex_hulls, with_concave_hulls, with_discs,
    ]  # fmt: skip
    for method in methods:
        try:
            answer = method(case)
        except (SkipError, ImportError) as reason:
            notes.append(f"{method.__name__.removeprefix('with_')}: skipped: {reason}")
            continue
        ours.setdefault(answer.layers, answer.seconds)
        errors = []
        if answer.areas is not None:
            recall, precision = truth.compare_streets(answer.areas)
            errors.append(f"recall {recall:.3f} precision {precision:.3f}")
        if answer.within is not None:
            errors.append(f"{wrong_side(answer.within, true):.1%} wrong side")
        rows.append(Row(
            answer.what, answer.seconds, N_PLACES, "area", ratio=answer.seconds / ours[answer.layers],
            of="our layer" if answer.layers else "our arrays",
            error=", ".join(errors),
        ))  # fmt: skip
    show(
        f"peers: {N_PLACES} separate areas of {LIMIT_M:g} m in {place.name}, {len(homes):,} addresses",
        rows,
        *notes,
        "recall, precision: metres of street against the brute force, on our network of what may be walked.",
        "wrong side: addresses on the wrong side of 400 m, of those that either answer puts within it.",
        "All but Valhalla were given our network, so what they miss is their method's, not the map's.",
    )


def best_of(job: Callable[[], object], repeats: int = 3) -> tuple[float, object]:
    """Give the best seconds of a job, and what came out."""
    timing = interleave({"job": job}, repeats=repeats, warm=repeats > 1)["job"]
    return timing.wall_s, timing.result


# --- ours ---------------------------------------------------------------------------------------


def exact_arrays(case: Case) -> Answer:
    """Cut lines as arrays of edge, begin and end, from places that have joined the network."""
    seeds, limits = seeds_of(case.net, case.timed), np.array([LIMIT_M])
    seconds, _ = best_of(lambda: list(engine.cut_streets(case.net, seeds, limits)), 9)
    return Answer("geowoonzorg, cut lines as arrays", seconds, layers=False)


def exact_lines(case: Case) -> Answer:
    """Cut lines, and the nearest place."""
    places = layer(case.timed)
    seconds, areas = best_of(lambda: engine.service_areas(case.net, places, limit_m=LIMIT_M), 5)
    walks = engine.nearest(case.net, layer(case.homes), places.iloc[::EVERY], limit_m=LIMIT_M)
    return Answer(
        "geowoonzorg, service_areas(): layer in, layer out", seconds, areas.geometry.to_numpy()[::EVERY],
        walks["distance_m"].notna().to_numpy(),
    )  # fmt: skip


def exact_polygons(case: Case) -> Answer:
    """Polygons."""
    places = layer(case.timed)
    seconds, found = best_of(
        lambda: engine.service_areas(case.net, places, limit_m=LIMIT_M, shape="polygons"), 3
    )
    areas = found.geometry.to_numpy()[::EVERY]
    return Answer(
        "geowoonzorg, polygons (cells of 5 m)", seconds, areas, _in_any(areas, case.homes)
    )


# --- exact, but slow ----------------------------------------------------------------------------


def junction_graph(net) -> tuple[csr_matrix, nx.Graph]:
    """Give the junctions as a matrix and as a graph, with the shortest of parallel edges."""
    pairs = np.sort(net.edge_node, axis=1)
    order = np.lexsort([net.edge_length_m, pairs[:, 1], pairs[:, 0]])
    order = order[(pairs[order, 0] != pairs[order, 1])]
    first = np.append(True, (np.diff(pairs[order], axis=0) != 0).any(axis=1))
    kept = order[first]
    u, v, metres = pairs[kept, 0], pairs[kept, 1], net.edge_length_m[kept]
    n = len(net.node_xy)
    matrix = csr_matrix((np.r_[metres, metres], (np.r_[u, v], np.r_[v, u])), shape=(n, n))
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(zip(u.tolist(), v.tolist(), metres.tolist(), strict=True))
    return matrix, graph


def with_networkx(case: Case) -> Answer:
    """Dijkstra's search with a cutoff from each place, to the junctions only."""
    _, graph = junction_graph(case.net)
    seeds = seeds_of(case.net, case.timed)
    for i, (e, offset, leg) in enumerate(zip(seeds.edge, seeds.offset, seeds.access, strict=True)):
        u, v = case.net.edge_node[e].tolist()
        graph.add_edge(-1 - i, u, weight=float(leg + offset))
        graph.add_edge(-1 - i, v, weight=float(leg + case.net.edge_length_m[e] - offset))
    seconds, _ = best_of(
        lambda: [
            nx.single_source_dijkstra_path_length(graph, -1 - i, cutoff=LIMIT_M)
            for i in range(len(case.timed))
        ]
    )
    return Answer("networkx, distances of junctions only", seconds, layers=False)


def with_scipy(case: Case) -> Answer:
    """scipy's Dijkstra with a limit: a dense row of all nodes per place."""
    matrix, _ = junction_graph(case.net)
    first = case.net.edge_node[seeds_of(case.net, case.timed).edge, 0]
    seconds, _ = best_of(lambda: dijkstra(matrix, indices=first, limit=LIMIT_M))
    return Answer("scipy, distances of junctions only", seconds, layers=False)


# --- the usual ways -----------------------------------------------------------------------------


def with_osmnx(case: Case) -> Answer:
    """The recipe that most scripts follow: nearest junction, ego_graph, its whole edges."""
    import osmnx as ox

    net = case.net
    lines = _edge_lines(net)
    graph = nx.MultiDiGraph(crs=CRS)
    for i, (x, y) in enumerate(net.node_xy.tolist()):
        graph.add_node(i, x=x, y=y)
    for (u, v), metres, line in zip(
        net.edge_node.tolist(), net.edge_length_m.tolist(), lines, strict=True
    ):
        graph.add_edge(u, v, length=metres, geometry=line)
        graph.add_edge(v, u, length=metres, geometry=line)

    def recipe() -> list:
        nodes = ox.distance.nearest_nodes(graph, *case.timed.T)
        return [_ego_lines(graph, node) for node in nodes]

    seconds, areas = best_of(recipe, 1)
    tree = cKDTree(net.node_xy)
    sources = set(tree.query(case.xy)[1].tolist())
    reached = nx.multi_source_dijkstra_path_length(graph, sources, cutoff=LIMIT_M, weight="length")
    within = np.isin(tree.query(case.homes)[1], list(reached))
    return Answer(
        "osmnx recipe: nearest junction, whole edges",
        seconds,
        np.array(areas[::EVERY], object),
        within,
    )


def _ego_lines(graph, node: int):
    part = nx.ego_graph(graph, node, radius=LIMIT_M, distance="length")
    return shapely.MultiLineString([line for *_, line in part.edges(data="geometry")])


def _edge_lines(net) -> np.ndarray:
    of = np.repeat(np.arange(len(net.edge_length_m)), np.diff(net.vertex_start))
    return shapely.linestrings(net.vertex_xy, indices=of)


def pandana_network(net):
    """Give pandana every vertex as a node, as its own loader does, and the seconds it prepares."""
    import pandana
    import pandas as pd

    n = len(net.vertex_xy)
    ends = np.zeros(n, bool)
    ends[net.vertex_start[:-1]] = ends[net.vertex_start[1:] - 1] = True
    number = np.empty(n, np.int64)
    number[net.vertex_start[:-1]], number[net.vertex_start[1:] - 1] = net.edge_node.T
    number[~ends] = len(net.node_xy) + np.arange((~ends).sum())
    last = np.zeros(n, bool)
    last[net.vertex_start[1:] - 1] = True
    at = np.flatnonzero(~last)
    u, v = number[at], number[at + 1]
    metres = net.vertex_offset_m[at + 1] - net.vertex_offset_m[at]
    xy = np.concatenate([net.node_xy, net.vertex_xy[~ends]])
    began = time.perf_counter()
    with _silent():
        network = pandana.Network(
            pd.Series(xy[:, 0]), pd.Series(xy[:, 1]), pd.Series(u), pd.Series(v), pd.DataFrame({"m": metres}),
            twoway=True,
        )  # fmt: skip
    return network, xy, np.column_stack([u, v]), time.perf_counter() - began


def with_pandana(case: Case) -> Answer:
    """Nearest vertices; all that is within range of them."""
    network, xy, pairs, _ = pandana_network(case.net)
    tree = cKDTree(xy)
    nodes = tree.query(case.timed)[1]
    with _silent():
        seconds, table = best_of(lambda: network.nodes_in_range(nodes.tolist(), LIMIT_M))
        network.set_pois("place", LIMIT_M, 1, *map(_series, case.xy.T))
        reached = network.nearest_pois(LIMIT_M, "place", num_pois=1)[1] < LIMIT_M
    areas = []
    for node in nodes[::EVERY]:
        inside = np.zeros(len(xy), bool)
        inside[table.loc[table["source"] == node, "destination"].to_numpy()] = True
        areas.append(shapely.multilinestrings(xy[pairs[inside[pairs].all(axis=1)]]))
    homes = tree.query(case.homes)[1]
    return Answer(
        "pandana: nearest vertex, nodes in range",
        seconds,
        np.array(areas, object),
        reached.to_numpy()[homes],
        layers=False,
    )


def _series(values: np.ndarray):
    import pandas as pd

    return pd.Series(values)


@contextmanager
def _silent():
    """Keep pandana from printing: it does so from C++, past Python's own streams."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("w") as nothing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.dup2(nothing.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


def with_valhalla(case: Case) -> Answer:
    """Valhalla's isochrone by distance, on tiles built here from the same file."""
    import valhalla

    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    builder = shutil.which("valhalla_build_tiles", path=path)
    if builder is None:
        raise SkipError("valhalla_build_tiles is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tiles").mkdir()
        config = valhalla.get_config(tile_extract="", tile_dir=str(folder / "tiles"))
        (folder / "config.json").write_text(json.dumps(config))
        done = subprocess.run(
            [builder, "-c", str(folder / "config.json"), str(case.town.path)],
            capture_output=True, text=True, check=False, env={**os.environ, "PATH": path},
        )  # fmt: skip
        if done.returncode:
            raise SkipError(f"valhalla_build_tiles: {done.stderr.strip()[-200:]}")
        actor = valhalla.Actor(str(folder / "config.json"))
        lonlat = np.column_stack(
            pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(*case.timed.T)
        )
        asked = [
            json.dumps({
                "locations": [{"lon": lon, "lat": lat}], "costing": "pedestrian",
                "contours": [{"distance": LIMIT_M / 1000}], "polygons": True, "generalize": 0,
            })
            for lon, lat in lonlat.tolist()
        ]  # fmt: skip
        seconds, answers = best_of(lambda: [actor.isochrone(question) for question in asked], 1)
    to_rd = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    shapes = [
        shapely.from_geojson(json.dumps(json.loads(a)["features"][0]["geometry"]))
        for a in answers[::EVERY]
    ]
    areas = shapely.transform(
        np.array(shapes, object), lambda c: np.column_stack(to_rd.transform(*c.T))
    )
    areas = shapely.make_valid(areas)
    return Answer("Valhalla isochrone, generalize 0", seconds, areas, _in_any(areas, case.homes))


def with_qgis(case: Case) -> Answer:
    """Let QGIS's own algorithm walk over our streets as a layer, from the places that are checked."""
    if not QGIS_PYTHON.exists() or shutil.which("qgis_process") is None:
        raise SkipError("QGIS is not installed")
    asked = layer(case.xy)
    with tempfile.TemporaryDirectory() as name:
        streets, places, out = (
            Path(name) / f"{what}.gpkg" for what in ("streets", "places", "out")
        )
        case.net.edges()[["geometry"]].to_file(streets)
        asked.to_file(places)
        told = subprocess.run(
            [QGIS_PYTHON, ROOT / "tests/benchmarks/peer_in_qgis.py", streets, places, str(LIMIT_M), out],
            capture_output=True, text=True, check=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""},
        )  # fmt: skip
        walked = gpd.read_file(out).set_index("id").geometry.reindex(asked["id"])
    seconds = json.loads(told.stdout.splitlines()[-1])["cpu_s"] * len(case.timed) / len(asked)
    return Answer("QGIS, service area (from layer)", seconds, walked.to_numpy())


# --- shapes around the exact lines --------------------------------------------------------------


def _lines(case: Case) -> np.ndarray:
    return engine.service_areas(case.net, layer(case.timed), limit_m=LIMIT_M).geometry.to_numpy()


def with_convex_hulls(case: Case) -> Answer:
    """Convex hulls of the exact lines."""
    lines = _lines(case)
    seconds, hulls = best_of(lambda: shapely.convex_hull(lines))
    return Answer(
        "convex hull of our lines (hull only)",
        seconds,
        hulls[::EVERY],
        _in_any(hulls[::EVERY], case.homes),
    )


def with_concave_hulls(case: Case) -> Answer:
    """Concave hulls of the exact lines."""
    lines = _lines(case)
    seconds, hulls = best_of(lambda: shapely.concave_hull(lines, ratio=0.3))
    return Answer(
        "concave hull 0.3 of our lines (hull only)",
        seconds,
        hulls[::EVERY],
        _in_any(hulls[::EVERY], case.homes),
    )


def with_discs(case: Case) -> Answer:
    """As the crow flies."""
    seconds, discs = best_of(
        lambda: shapely.buffer(shapely.points(case.timed), LIMIT_M, quad_segs=64)
    )
    return Answer(
        "disc of 400 m", seconds, discs[::EVERY], cKDTree(case.xy).query(case.homes)[0] <= LIMIT_M
    )


def _in_any(areas: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Say which points lie in any of some areas."""
    tree = shapely.STRtree(shapely.points(xy))
    inside = np.zeros(len(xy), bool)
    inside[tree.query(areas, predicate="covers")[1]] = True
    return inside
