"""A test area in the form in which BGT and AHN are published: what OSM does not say is filled in, and by how much."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from osm_writer import at, write_osm
from pyproj import Transformer
from shapely import LineString, box

from geowoonzorg.ask.provenance import account_for
from geowoonzorg.errors import InputError, SourceError, StudyError
from geowoonzorg.prepare import check_study
from geowoonzorg.study import NetworkInput, read_study
from geowoonzorg.town import Town
from geowoonzorg.town.streets import read_streets
from geowoonzorg.town.surveyed import surveyor

RD = "EPSG:28992"
TO_RD = Transformer.from_crs(4326, RD, always_xy=True)
FOOT, ROAD = {"highway": "footway"}, {"highway": "residential"}
#: A road with three paths off it, one of them narrow, a track of which OSM says grade3, and a bridge.
NODES = {
    1: (0, 0), 2: (3, 0), 3: (6, 0), 4: (9, 0), 11: (0, 1), 12: (3, 1), 13: (6, 1), 14: (9, 1),
    15: (-12, 0), 16: (20, 0),
}  # fmt: skip
WAYS = [
    (1, [15, 1, 2, 3, 4, 16], ROAD | {"surface": "asphalt"}),
    (2, [1, 11], FOOT),
    (3, [2, 12], FOOT),
    (4, [3, 13], {"highway": "track", "tracktype": "grade3"}),
    (5, [4, 14], FOOT | {"bridge": "yes", "layer": "1"}),
    (6, [11, 12, 13, 14], FOOT | {"surface": "asphalt", "width": "2", "incline": "1%"}),
]
#: Way → how wide its wegdeel is, and of what.
WEGDELEN = {
    2: (1.5, "voetpad", "open verharding", "tegels", 0),
    3: (0.7, "voetpad", "open verharding", "tegels", 0),
    4: (3.0, "rijbaan lokale weg", "gesloten verharding", "asfalt", 0),
    5: (2.0, "voetpad", "gesloten verharding", "beton element", 1),
    6: (4.0, "voetpad", "onverhard", None, 0),  # OSM says otherwise, and is believed
}


def lines():
    """Draw the ways in RD, all but what stands on nodes."""
    place = {node: TO_RD.transform(*at(*where)) for node, where in NODES.items()}
    return {way: LineString([place[n] for n in nodes]) for way, nodes, _ in WAYS}


@pytest.fixture(scope="module")
def area(tmp_path_factory):
    """Write the area's OSM file, wegdelen and heights: flat, with a rise of 7 % along the narrow path."""
    folder = tmp_path_factory.mktemp("area")
    osm = write_osm(folder / "area.osm.pbf", NODES, WAYS)
    drawn = lines()
    rows = [(*about[1:4], None, about[4]) for about in WEGDELEN.values()]
    names = (
        "bgt_functie",
        "bgt_fysiek_voorkomen",
        "plus_fysiek_voorkomen",
        "eind_registratie",
        "relatieve_hoogteligging",
    )
    shapes = [
        drawn[way].buffer(about[0] / 2, cap_style="square") for way, about in WEGDELEN.items()
    ]
    table = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    gpd.GeoDataFrame(table, geometry=shapes, crs=RD).to_file(folder / "bgt.gpkg")
    west, south, east, north = shapely.total_bounds(list(drawn.values())) + [-20, -20, 20, 20]
    columns, rows_ = int((east - west) / 0.5), int((north - south) / 0.5)
    y, x = np.mgrid[:rows_, :columns]
    steep = drawn[2].buffer(20).bounds
    up = np.maximum(north - y / 2 - steep[1] - 25, 0)  # metres from 5 m north of the road on
    z = 1 + np.where((west + x / 2 > steep[0]) & (west + x / 2 < steep[2]), 0.07 * up, 0)
    z[:, -400:] = 3.4028235e38  # a hole in the east, as at water
    for name in ("dtm.tif", "dsm.tif"):
        grid = Affine(0.5, 0, west, 0, -0.5, north)
        with rasterio.open(
            folder / name, "w", driver="GTiff", width=columns, height=rows_, count=1, dtype="float32",
            crs=RD, transform=grid, nodata=3.4028235e38,
        ) as file:  # fmt: skip
            file.write((z if name == "dtm.tif" else np.full_like(z, 4.0)).astype(np.float32), 1)
    return osm


def network(osm, profile="wandelaar", **files):
    given = NetworkInput(osm, **{key: osm.parent / name for key, name in files.items()})
    fill = surveyor(given, crs=RD)
    return read_streets(osm, profile=profile, crs=RD, fill=fill).network


def segments(net):
    """Give the straight segments of the network: their metres, and what is known of the way each is of."""
    metres = np.diff(net.vertex_offset_m, append=0)
    here = net.segment_way >= 0
    return net.way_attributes.iloc[net.segment_way[here]].assign(metres=metres[here])


def unknown_m(net, attribute):
    """Add up the metres of which an attribute is not known."""
    parts = segments(net)
    return parts.loc[parts[attribute].isna(), "metres"].sum()


ALL = {"bgt": "bgt.gpkg", "ahn": "dtm.tif"}


def test_unknown_metres_fall_by_the_metres_that_lie_on_pavement(area):
    before, after = network(area), network(area, **ALL)
    assert before.describe()["length_m"] == pytest.approx(after.describe()["length_m"])
    drawn = {way: line.length for way, line in lines().items()}
    # width: ways 2 to 5; the road has no wegdeel, and of 6 OSM says it
    gained = unknown_m(before, "width_m") - unknown_m(after, "width_m")
    assert gained == pytest.approx(sum(drawn[way] for way in (2, 3, 4, 5)), rel=1e-3)
    assert gained > 400
    gained = unknown_m(before, "surface") - unknown_m(after, "surface")
    assert gained == pytest.approx(sum(drawn[way] for way in (2, 3, 4, 5)), rel=1e-3)
    assert unknown_m(after, "surface") == 0


def test_what_is_found_is_what_was_drawn_and_says_by_whom(area):
    found = segments(network(area, **ALL))
    of = {way: found[found["osm_id"] == way].iloc[0] for way in (2, 3, 5, 6)}
    for way in (2, 3, 5):
        assert of[way]["width_m"] == pytest.approx(WEGDELEN[way][0], abs=0.02)
        assert of[way]["width_m_source"] == "bgt.gpkg"
    assert (of[2]["surface"], of[2]["surface_source"]) == ("paving_stones", "bgt.gpkg")
    assert of[2]["incline_pct"] == pytest.approx(7.0, abs=0.11)
    assert of[2]["incline_pct_source"] == "dtm.tif"
    assert np.isnan(of[5]["incline_pct"])  # ground heights tell nothing of a bridge
    assert (of[6]["surface"], of[6]["surface_source"]) == ("asphalt", "OSM")
    assert of[6]["width_m"] == 2
    assert "surface_source" not in network(area).way_attributes.columns


def test_found_attributes_close_and_open_ways_before_they_are_walked(area):
    def walked(profile, **files):
        return set(segments(network(area, profile, **files))["osm_id"])

    assert walked("rollator") == {1, 2, 3, 5, 6}  # a track of grade3 is rough …
    assert walked("rollator", **ALL) == {
        1,
        2,
        4,
        5,
        6,
    }  # … until asphalt is found; 0.7 m is too narrow
    assert walked("rolstoel", **ALL) == {1, 4, 5, 6}  # 7 % is too steep as well
    assert walked("wandelaar", **ALL) == {1, 2, 3, 4, 5, 6}
    counts = network(area, "rolstoel", **ALL).counts["ways"]
    assert (counts["found closed: narrow"], counts["found closed: steep"]) == (1, 1)
    assert counts["filled in: width_m"] == 4


def test_heights_of_surfaces_tell_of_bridges_and_holes_stay_unknown(area):
    found = segments(network(area, ahn="dtm.tif", ahn_surface="dsm.tif"))
    bridge = found[found["osm_id"] == 5].iloc[0]
    assert (bridge["incline_pct"], bridge["incline_pct_source"]) == (0, "dsm.tif")
    road = found[found["osm_id"] == 1]
    assert road["incline_pct"].isna().any()  # towards the hole in the east
    assert (road["incline_pct"] == 0).any()


def test_without_files_nothing_changes(area):
    assert surveyor(NetworkInput(area), crs=RD) is None


def test_a_layer_or_raster_of_another_place_is_refused(area, tmp_path):
    far = gpd.GeoDataFrame(
        {"bgt_functie": ["voetpad"]}, geometry=[box(1e5, 4e5, 1e5 + 9, 4e5 + 9)], crs=RD
    )
    far.to_file(tmp_path / "far.gpkg")
    fill = surveyor(NetworkInput(area, bgt=tmp_path / "far.gpkg"), crs=RD)
    with pytest.raises(InputError, match=r"bgt: .*far.gpkg does not lie where the streets are"):
        read_streets(area, profile="rollator", crs=RD, fill=fill)


def study(area, text):
    path = area.parent / "study.toml"
    path.write_text(
        f'[study]\nname = "Proef"\n[network]\n{text}\n[sites]\nsource = "sites.csv"\n'
        '[facilities]\nclasses = ["huisarts"]\n'
    )
    east, north = TO_RD.transform(*at(1, 0))
    (area.parent / "sites.csv").write_text(f"id,name,x,y\na,A,{east:.1f},{north:.1f}\n")
    return path


def test_a_study_names_the_files_and_its_account_does_too(area):
    path = study(area, 'source = "area.osm.pbf"\nbgt = "bgt.gpkg"\nahn = "dtm.tif"')
    town = Town.read(path)
    assert {2, 4} <= set(segments(town.network)["osm_id"])
    inputs = {one["file"]: one for one in account_for(town)["inputs"]}
    assert (inputs["bgt.gpkg"]["role"], inputs["dtm.tif"]["role"]) == ("pavement", "heights")
    assert len(inputs["bgt.gpkg"]["sha256"]) == 64
    assert "BGT" in inputs["bgt.gpkg"]["citation"]
    assert check_study(path) is not None


def test_check_finds_a_wrong_layer_and_a_network_that_has_no_tags(area):
    (area.parent / "none.gpkg").unlink(missing_ok=True)
    path = study(area, 'source = "area.osm.pbf"\nbgt = "none.gpkg"')
    with pytest.raises(SourceError, match=r"bgt: .*none.gpkg does not exist"):
        check_study(path)
    path = study(area, 'source = "bgt.gpkg"\nahn = "dtm.tif"')
    with pytest.raises(StudyError, match=r"network\.ahn: fills in what OSM does not say"):
        read_study(path)


def test_a_fill_that_finds_nothing_changes_no_walk(shared_data):
    path = shared_data / "kampen" / "kampen.osm.pbf"

    def nothing(lines):
        empty = dict.fromkeys(("surface", "width_m", "incline_pct"))
        return pd.DataFrame(empty, index=lines.index)

    plain, filled = (
        read_streets(path, profile="rollator", crs=RD, fill=fill).network
        for fill in (None, nothing)
    )
    for name in ("node_xy", "edge_node", "edge_length_m", "vertex_xy", "edge_island"):
        assert np.array_equal(getattr(plain, name), getattr(filled, name)), name
