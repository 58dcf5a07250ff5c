"""Extracts of several provinces are read as one: against libosmium's own merge of them, and over every border."""

from __future__ import annotations

import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from osm_writer import write_osm

import geowoonzorg as gw
from geowoonzorg.errors import FormatError, SourceError, StudyError
from geowoonzorg.osm import read_osm
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.study import read_study
from geowoonzorg.town.streets import read_streets
from tests.synthetic.land import CLASSES, Land, Size
from tests.synthetic.published import write_land


@pytest.fixture(scope="module")
def land(tmp_path_factory):
    """Write a land of four provinces, and the same as one file."""
    folder = tmp_path_factory.mktemp("land")
    write_land(Land(Size(4_000, provinces=4)), folder)
    merged = osmium.MergeInputReader()
    for file in sorted(folder.glob("provincie-*.osm.pbf")):
        merged.add_file(str(file))
    with osmium.SimpleWriter(str(folder / "whole.osm.pbf")) as writer:
        merged.apply(writer)
    study = (folder / "study.toml").read_text()
    lines = [line for line in study.splitlines() if not line.startswith("adjoining")]
    whole = "\n".join(lines).replace("provincie-00.osm.pbf", "whole.osm.pbf")
    (folder / "whole.toml").write_text(whole)
    return folder


def streets_of(folder, *names):
    first, *rest = (folder / name for name in names)
    return read_streets(
        first, adjoining=rest, profile="rollator", crs="EPSG:28992", classes=CLASSES, addresses=True
    )


def test_provinces_are_read_as_the_whole_is(land):
    parts = sorted(file.name for file in land.glob("provincie-*.osm.pbf"))
    found, whole = streets_of(land, *parts), streets_of(land, "whole.osm.pbf")
    for name in ("edge_length_m", "edge_node", "vertex_xy", "edge_cautious", "vertex_unknown_m"):
        np.testing.assert_array_equal(getattr(found.network, name), getattr(whole.network, name))
    for name in ("addresses", "facilities"):
        one, other = (
            getattr(these, name).sort_values("id", ignore_index=True) for these in (found, whole)
        )
        assert_geodataframe_equal(one, other)
    assert len(found.addresses) == 4_000
    assert found.network.counts["twice"]["ways"] > 0  # the test sees a border at all


@pytest.mark.parametrize("order", [[3, 2, 1, 0], [2, 0, 3, 1]])
def test_the_order_of_the_provinces_does_not_matter(land, order):
    parts = np.array(sorted(file.name for file in land.glob("provincie-*.osm.pbf")))
    found, whole = streets_of(land, *parts[order]), streets_of(land, *parts)
    np.testing.assert_array_equal(found.network.vertex_xy, whole.network.vertex_xy)
    assert set(found.addresses["id"]) == set(whole.addresses["id"])


def test_coverage_of_provinces_is_that_of_the_whole(land, tmp_path):
    found, whole = (gw.coverage(gw.Town.read(land / name)) for name in ("study.toml", "whole.toml"))
    pd.testing.assert_frame_equal(found.coverage, whole.coverage)
    # A province alone has other shares along its border: without the streets beyond it people walk no further.
    alone = (land / "study.toml").read_text().splitlines()
    (land / "alone.toml").write_text(
        "\n".join(line for line in alone if not line.startswith("adjoining"))
    )
    assert (
        not gw.coverage(gw.Town.read(land / "alone.toml"))
        .coverage["addresses_within"]
        .equals(found.coverage["addresses_within"])
    )


def test_a_walk_goes_over_a_border(tmp_path):
    """One street of 300 m, drawn in two files that share its middle node: the shop lies in the other."""
    home = {"addr:housenumber": "1", "addr:street": "Grens"}
    west = write_osm(
        tmp_path / "west.osm.pbf",
        {1: (0, 0), 2: (2, 0), 10: (0, 0.05, home)},
        [(1, [1, 2], {"highway": "footway"})],
    )
    east = write_osm(
        tmp_path / "east.osm.pbf", {2: (2, 0), 3: (4, 0), 11: (4, 0.05, {"shop": "supermarket"})},
        [(2, [2, 3], {"highway": "footway"})],
    )  # fmt: skip
    read = read_streets(
        west,
        adjoining=[east],
        profile="wandelaar",
        crs="EPSG:28992",
        classes=["supermarkt"],
        addresses=True,
    )
    found = gw.nearest(read.network, read.addresses, read.facilities)
    straight = read.addresses.distance(read.facilities.geometry.iloc[0]).iloc[0]
    assert found["distance_m"].iloc[0] == pytest.approx(straight + 2 * 5.56, abs=0.5)
    assert found["status"].iloc[0] == "ok"


def test_a_way_that_one_province_lacks_nodes_of_is_whole(tmp_path):
    """An extract that is cut through its ways: the other one has the rest of the nodes."""
    ways = [(1, [1, 2, 3], {"highway": "footway"})]
    west = write_osm(tmp_path / "west.osm.pbf", {1: (0, 0), 2: (2, 0)}, ways)
    east = write_osm(tmp_path / "east.osm.pbf", {2: (2, 0), 3: (4, 0)}, ways)
    data = read_osm([west, east], profile=read_profile("wandelaar"))
    assert len(data.walkways.lonlat) == 3
    assert data.counts["ways"]["missing_nodes"] == 0
    assert shapely.LineString(data.walkways.lonlat[data.walkways.way_node]).length == pytest.approx(
        0.004
    )


def test_one_broken_province_is_named(land, tmp_path):
    text = (
        (land / "study.toml").read_text().replace('"provincie-', f'"{land.as_posix()}/provincie-')
    )
    for name in ("wijkenbuurten", "kwb", "Leefbaarometer", "geluid_lden", "plekken"):
        text = text.replace(f'"{name}', f'"{land.as_posix()}/{name}')
    broken = tmp_path / "provincie-02.osm.pbf"
    whole = (land / broken.name).read_bytes()
    (tmp_path / "study.toml").write_text(text.replace(str(land / broken.name), str(broken)))
    with pytest.raises(SourceError, match="provincie-02"):
        gw.Town.read(tmp_path / "study.toml")
    for rubbish in (
        whole[: len(whole) // 2],
        b"<html>404</html>",
        whole[:200] + bytes(900) + whole[1100:],
    ):
        broken.write_bytes(rubbish)
        with pytest.raises(FormatError, match=r"provincie-02\.osm\.pbf") as error:
            gw.Town.read(tmp_path / "study.toml")
        assert "provincie-01" not in str(error.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('adjoining = ["provincie-00.osm.pbf"]', "more than once"),
        ('adjoining = ["straten.gpkg"]', "goes with OSM files"),
    ],
)
def test_what_cannot_adjoin_is_a_fault_of_the_study(land, tmp_path, line, said):
    lines = (land / "study.toml").read_text().splitlines()
    text = "\n".join(line if one.startswith("adjoining") else one for one in lines)
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(StudyError, match=said):
        read_study(tmp_path / "study.toml")
