"""The demo municipality: the script still makes what is committed, and it holds what it promises."""

from __future__ import annotations

import math
import sys
from collections import Counter
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pytest
import rasterio
import shapely
from geopandas.testing import assert_geodataframe_equal
from pyproj import Transformer

from geowoonzorg.opendata.areas import join_leefbaarometer, read_areas
from geowoonzorg.osm import read_osm
from geowoonzorg.people.vragers_dragers import compute_balance
from geowoonzorg.study import read_study
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.snapping import STATUS

DATA = Path(__file__).resolve().parents[2] / "data"
DEMO = DATA / "demo"
OSM, AREAS, SITES = "wierhaven.osm.pbf", "wijkenbuurten_2023_v3.gpkg", "kandidaten.gpkg"
LEEFBAAROMETER = "Leefbaarometer-scores buurten 2002-2022.csv"
TO_RD = Transformer.from_crs(4326, 28992, always_xy=True)
CLASSES = (
    "huisarts", "supermarkt", "apotheek", "inloopvoorziening", "ov_halte", "basisschool",
    "fysiotherapeut", "verpleeghuis", "bank", "drankenhandel",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The demo, made again."""
    sys.path.insert(0, str(DATA))
    try:
        from make_demo import make_demo
    finally:
        sys.path.remove(str(DATA))
    folder = tmp_path_factory.mktemp("demo")
    make_demo(folder)
    return folder


class Elements:
    """Everything in an OSM file: ``nodes``, ``ways`` and ``relations`` by id."""

    def __init__(self, path: Path) -> None:
        self.nodes: dict[int, tuple[float, float]] = {}
        self.node_tags: dict[int, dict[str, str]] = {}
        self.ways: dict[int, tuple[list[int], dict[str, str]]] = {}
        self.relations: dict[int, tuple[list[tuple[str, int, str]], dict[str, str]]] = {}
        for item in osmium.FileProcessor(str(path)):
            tags = dict(item.tags)
            if item.is_node():
                self.nodes[item.id] = (item.location.lon, item.location.lat)
                if tags:
                    self.node_tags[item.id] = tags
            elif item.is_way():
                self.ways[item.id] = ([node.ref for node in item.nodes], tags)
            else:
                self.relations[item.id] = ([(m.type, m.ref, m.role) for m in item.members], tags)

    def line(self, way: int) -> shapely.LineString:
        return shapely.LineString(self._rd(self.ways[way][0]))

    def point(self, node: int) -> shapely.Point:
        return shapely.Point(self._rd([node])[0])

    def _rd(self, nodes: list[int]) -> np.ndarray:
        return np.column_stack(TO_RD.transform(*np.array([self.nodes[n] for n in nodes]).T))

    def tagged(self, key: str, value: str | None = None) -> list[dict[str, str]]:
        """All elements with a tag."""
        rest = [tags for _, tags in [*self.ways.values(), *self.relations.values()]]
        everything = [*self.node_tags.values(), *rest]
        return [t for t in everything if key in t and value in {None, t[key]}]

    def walkable(self) -> dict[int, tuple[list[int], dict[str, str]]]:
        """Ways on which someone walks, whatever the profile."""
        return {i: w for i, w in self.ways.items() if w[1].get("highway", "primary") != "primary"}


@pytest.fixture(scope="module")
def town():
    return Elements(DEMO / OSM)


@pytest.fixture(scope="module")
def areas():
    found = read_areas(DEMO / AREAS, gemeente="GM9801")
    return join_leefbaarometer(found, DEMO / LEEFBAAROMETER, 2022)


# --------------------------------------------------------------------------- made by the script


def test_the_script_makes_the_committed_streets(made, town):
    again = Elements(made / OSM)
    assert again.ways == town.ways
    assert again.relations == town.relations
    assert again.node_tags == town.node_tags
    assert again.nodes.keys() == town.nodes.keys()
    # Seven decimals are a centimetre; another PROJ may round the last one the other way.
    apart = np.array(list(again.nodes.values())) - np.array(list(town.nodes.values()))
    assert np.abs(apart).max() < 2e-7


@pytest.mark.parametrize(
    ("file", "layer"),
    [(AREAS, "buurten"), (AREAS, "wijken"), (AREAS, "gemeenten"), (SITES, "kandidaten")],
)
def test_the_script_makes_the_committed_layers(made, file, layer):
    again, kept = (gpd.read_file(folder / file, layer=layer) for folder in (made, DEMO))
    again.geometry, kept.geometry = again.geometry.normalize(), kept.geometry.normalize()
    assert_geodataframe_equal(again, kept, check_less_precise=True)


@pytest.mark.parametrize("file", [LEEFBAAROMETER, "voorzieningen.csv"])
def test_the_script_makes_the_committed_tables(made, file):
    assert (made / file).read_text(encoding="utf-8") == (DEMO / file).read_text(encoding="utf-8")


def test_sums_in_the_committed_tables_are_those_of_every_python():
    """The built-in sum of floats differs in its last bit before and since 3.12."""
    rows = pd.read_csv(DEMO / LEEFBAAROMETER, dtype=str).dropna()
    parts = rows[["fys", "onv", "soc", "vrz", "won"]].map(float)
    assert rows["afw"].map(float).tolist() == [math.fsum(row) for row in parts.to_numpy().tolist()]


def test_the_script_makes_the_committed_raster(made):
    with rasterio.open(made / "geluid_lden_2022.tif") as again, rasterio.open(
        DEMO / "geluid_lden_2022.tif"
    ) as kept:  # fmt: skip
        assert again.profile == kept.profile
        np.testing.assert_array_equal(again.read(1), kept.read(1))


def test_everything_together_is_small():
    assert sum(path.stat().st_size for path in DEMO.iterdir()) < 5e6


# ---------------------------------------------------------------------- a town that does not exist


def test_nothing_can_be_taken_for_a_real_place(town, areas):
    assert min(*town.nodes, *town.ways, *town.relations) >= 900_000_000_000
    x, y = TO_RD.transform(*np.array(list(town.nodes.values())).T)
    assert (x.min(), y.min()) > (141_500, 503_400)  # the open water of the Markermeer
    assert (x.max(), y.max()) < (149_200, 510_000)
    assert set(areas.frame["gemeente_code"]) == {"GM9801"}
    postcodes = {tags["addr:postcode"][:4] for tags in town.tagged("addr:postcode")}
    assert postcodes == {"8257", "8258", "8259"}


def test_no_postcode_is_in_use(town, shared_data):
    table = pd.read_csv(
        shared_data / "leefbaarometer" / "Leefbaarometer-scores PC4 2002-2022.csv", dtype=str
    )
    used = {tags["addr:postcode"][:4] for tags in town.tagged("addr:postcode")}
    assert not used & set(table["PC4"])


# ------------------------------------------------------------------------------------- streets


def test_all_streets_are_one_network_but_for_the_island(town):
    graph = nx.Graph()
    for nodes, _ in town.walkable().values():
        nx.add_path(graph, nodes)
    _, island = sorted(nx.connected_components(graph), key=len, reverse=True)
    names = {tags.get("name") for nodes, tags in town.walkable().values() if set(nodes) & island}
    assert names == {"Schansweg", None}


def test_water_is_crossed_on_bridges_only(town):
    water = shapely.union_all(
        [shapely.Polygon(town.line(i).coords) for i, (_, t) in town.ways.items() if "water" in t]
    )
    lake = next(members for members, t in town.relations.values() if t.get("water") == "lake")
    shore, *holes = [town.line(way).coords for _, way, _ in lake]
    water = shapely.union_all([water, shapely.Polygon(shore, holes)])
    crossing = {
        i for i, (_, tags) in town.ways.items()
        if tags.keys() & {"highway", "railway"} and tags.get("railway") != "platform"
        and town.line(i).intersects(water)
    }  # fmt: skip
    assert len(crossing) > 20
    assert {town.ways[i][1].get("bridge") for i in crossing} == {"yes"}


def test_the_railway_is_passed_by_tunnel_or_level_crossing_only(town):
    rails = {i for i, (_, tags) in town.ways.items() if tags.get("railway") == "rail"}
    rail_nodes = {node for i in rails for node in town.ways[i][0]}
    rail = shapely.union_all([town.line(i) for i in rails])
    over = [(nodes, tags) for i, (nodes, tags) in town.walkable().items()
            if town.line(i).intersects(rail)]  # fmt: skip
    level = [tags["name"] for nodes, tags in over if set(nodes) & rail_nodes]
    tunnels = [tags for nodes, tags in over if not set(nodes) & rail_nodes]
    assert level == ["Rietkogerweg"]
    assert len(tunnels) >= 4
    assert all(tags["layer"] == "-1" for tags in tunnels)


def test_bridges_and_tunnels_touch_other_streets_at_their_ends_only(town):
    uses = Counter(node for nodes, _ in town.walkable().values() for node in set(nodes))
    for nodes, tags in town.walkable().values():
        if "layer" in tags:
            assert all(uses[node] == 1 for node in nodes[1:-1])
            assert all(uses[end] > 1 for end in (nodes[0], nodes[-1]))


def test_what_a_walker_meets_is_there(town):
    highways = Counter(tags["highway"] for _, tags in town.walkable().values())
    assert {"residential", "living_street", "pedestrian", "footway", "cycleway", "steps", "path",
            "track", "service", "tertiary", "unclassified"} <= highways.keys()  # fmt: skip
    assert {t.get("foot") for t in town.tagged("highway", "cycleway")} == {"yes", "no", None}
    steps = town.tagged("highway", "steps")
    assert any(t.get("ramp") == "yes" for t in steps)
    assert any("ramp" not in t for t in steps)
    assert any("conveying" in t for t in steps)
    assert [t["access"] for t in town.tagged("barrier", "gate")] == ["no"]
    assert any(t.get("access") == "private" for t in town.tagged("highway", "service"))
    assert {t["kerb"] for t in town.tagged("kerb")} == {"lowered", "flush", "raised"}
    assert {t["crossing"] for t in town.tagged("highway", "crossing")} > {"uncontrolled"}
    assert town.tagged("area", "yes")
    square = [tags for _, tags in town.relations.values() if tags.get("highway") == "pedestrian"]
    assert [tags["type"] for tags in square] == ["multipolygon"]
    assert {t["entrance"] for t in town.tagged("entrance")} == {"main", "yes"}


# ------------------------------------------------------------------- homes, facilities and benches


def test_addresses_are_whole_and_unique(town):
    keys = ["addr:street", "addr:housenumber", "addr:postcode", "addr:city"]
    homes = [
        tuple(tags[key] for key in keys) for tags in town.node_tags.values()
        if set(keys) == tags.keys()
    ]  # fmt: skip
    assert 8_000 <= len(homes) == len(set(homes)) <= 13_000
    streets = pd.DataFrame(homes, columns=keys)[["addr:postcode", "addr:street"]].drop_duplicates()
    assert streets["addr:postcode"].is_unique  # a postcode lies along one street


def test_facilities_of_every_class_are_there_and_pairs_count_once(town):
    data = read_osm(DEMO / OSM, facility_classes=CLASSES, addresses=True)
    found = data.facilities
    assert set(found["facility_class"]) == set(CLASSES)
    assert data.counts["facilities"]["supermarkt: merged"] == 1
    assert data.counts["facilities"]["ov_halte: merged"] > 10
    supermarkets = found.loc[found["facility_class"].eq("supermarkt"), "osm_id"].str[0]
    assert set(supermarkets) == {"n", "w"}
    assert not found["name"].str.contains("<", regex=False).any()  # it is a shop window
    assert "Jongerencentrum De Loods" not in set(found["name"])
    assert len(data.addresses) >= 8_000


def test_benches_cover_the_town_unevenly(town, areas):
    benches = [town.point(i) for i, t in town.node_tags.items() if t.get("amenity") == "bench"]
    per_buurt = areas.frame.geometry.apply(lambda shape: sum(map(shape.contains, benches)))
    assert per_buurt["BU98010000"] > 15  # Binnenstad
    assert per_buurt["BU98010200"] < 3  # Componistenbuurt


# --------------------------------------------------------------------------------- areas and figures


def test_the_buurten_fill_the_gemeente_once(areas):
    layers = {
        name: gpd.read_file(DEMO / AREAS, layer=name) for name in ("buurten", "wijken", "gemeenten")
    }
    land = layers["buurten"].query("water == 'NEE'")
    assert len(land) == 15
    assert set(layers["buurten"]["water"]) == {"NEE", "JA"}
    whole = layers["gemeenten"].area.sum()
    assert land.area.sum() == pytest.approx(whole, rel=1e-6)
    assert land.union_all().area == pytest.approx(whole, rel=1e-6)
    assert set("WK" + land["buurtcode"].str[2:8]) == set(layers["wijken"]["wijkcode"])
    people = land.groupby("wijkcode")["aantal_inwoners"].sum()
    wijken = layers["wijken"].set_index("wijkcode")["aantal_inwoners"]
    assert ((people - wijken).abs() <= 2.5 * 4).all()  # each number is rounded to five


def test_small_buurten_keep_their_figures_secret():
    buurten = gpd.read_file(DEMO / AREAS, layer="buurten").query("water == 'NEE'")
    numbers = buurten.select_dtypes("number")
    assert set(numbers.to_numpy()[numbers.to_numpy() < 0]) == {-99997, -99995}
    income = buurten["percentage_huishoudens_met_hoog_inkomen"]
    assert (income.lt(0) == buurten["aantal_huishoudens"].lt(100)).all()


def test_the_figures_tell_a_story(areas):
    balance = compute_balance(areas)["balans"]
    assert balance["BU98010200"] > 1  # Componistenbuurt: twice as many vragers per drager
    assert balance["BU98010301"] < -1  # Sterrenwijk-Oost: half as many
    both = pd.concat([balance, areas.frame["lbm_afw"]], axis=1).dropna()
    assert both.corr(method="spearman").iloc[0, 1] < -0.4


def test_the_leefbaarometer_adds_up_and_misses_buurten(areas):
    table = pd.read_csv(DEMO / LEEFBAAROMETER, dtype={"jaar": int})
    dimensions = table[["fys", "onv", "soc", "vrz", "won"]]
    known = dimensions.notna().all(axis=1)
    assert set(table.loc[~known, "jaar"]) == {2002, 2008, 2012}
    parts = dimensions[known]
    total = parts["fys"] + parts["onv"] + parts["soc"] + parts["vrz"] + parts["won"]
    assert (total - table.loc[known, "afw"]).abs().max() < 1e-15
    assert set(areas.frame.index) - set(table["bu_code"]) == {"BU98010102", "BU98010302"}


def test_the_noise_has_a_hole_that_it_does_not_declare():
    with rasterio.open(DEMO / "geluid_lden_2022.tif") as raster:
        lden = raster.read(1)
        assert raster.nodata == 0
        assert raster.res == (10, 10)
        assert raster.crs.to_epsg() == 28992
    hole = lden < -1e38
    assert 0 < hole.mean() < 0.01
    assert 35 < lden[~hole].min() < lden[~hole].max() < 85


# --------------------------------------------------------------------------------------- the study


def test_the_sites_are_as_different_as_sites_are():
    sites = gpd.read_file(DEMO / SITES)
    assert 12 <= len(sites) <= 16
    assert sites["id"].is_unique
    assert {"Point", "Polygon"} == set(sites.geom_type)
    net = WalkNetwork.from_osm(DEMO / OSM, profile="rollator")
    snap = net.snap(shapely.get_coordinates(sites.geometry.centroid))
    status = {site: STATUS[s] for site, s in zip(sites["id"], snap.status, strict=True)}
    assert {site: s for site, s in status.items() if s != "ok"} == {
        "K15": "island",
        "K16": "off_network",
    }


def test_the_study_reads_and_names_only_what_is_there():
    study = read_study(DEMO / "study.toml")
    assert len(study.facilities.classes) == 9
    assert study.areas.gemeente == "GM9801"
