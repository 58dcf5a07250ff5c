"""Service areas as rings, per class, and the difference between two: on a grid with plain metres, and boxes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from english import run_command
from hypothesis import given
from hypothesis import strategies as st
from test_within import DEMO, SIDE, SOUTH, WEST, N, grid, places  # noqa: F401 - a fixture

import geowoonzorg
from geowoonzorg.errors import GeometryError, InputError, StudyError
from geowoonzorg.walk.rings import area_difference, service_rings
from geowoonzorg.walk.service_area import service_areas

LIMITS = [150.0, 250.0, 350.0]
STEP = 0.5


@pytest.fixture(scope="module")
def shops():
    at = [(0, 0), (1, 0), (3, 4), (6, 6), (3, 3), (80, 80)]
    kinds = ["bakker", "bakker", "huisarts", "bakker", "huisarts", "kapper"]
    return places(at, id=list("abcdef"), facility_class=kinds)


def sampled(at):
    """Give the walk from the middle of every half metre of street to the nearest of some corners: an own measure."""
    along = np.arange(STEP / 2, SIDE, STEP)
    metres = []
    for x in range(N):
        for y in range(N):
            for dx, dy in ((1, 0), (0, 1)):
                if x + dx >= N or y + dy >= N:
                    continue
                ways = [
                    np.minimum(
                        (abs(x - a) + abs(y - b)) * SIDE + along,
                        (abs(x + dx - a) + abs(y + dy - b)) * SIDE + SIDE - along,
                    )
                    for a, b in at
                ]
                metres.append(np.min(ways, axis=0))
    return np.concatenate(metres)


@pytest.mark.parametrize("rings", [True, False])
@pytest.mark.parametrize("dissolve", [True, False])
def test_streets_between_limits_are_those_of_every_half_metre(grid, shops, rings, dissolve):  # noqa: F811
    found = service_rings(
        grid, shops, limit_m=LIMITS, shape="lines", rings=rings, dissolve=dissolve
    )
    corners = dict(
        zip(shops["id"], np.rint((shapely.get_coordinates(shops.geometry) - [WEST, SOUTH]) / SIDE), strict=True)
    )  # fmt: skip
    groups = (
        shops.groupby("facility_class")["id"].agg(list)
        if dissolve
        else {i: [i] for i in shops["id"]}
    )
    assert len(found) == len(groups) * len(LIMITS)
    for row in found.itertuples():
        own = groups[row.facility_class if dissolve else row.facility_id]
        if own == ["f"]:
            assert row.status == "off_network"
            assert np.isnan(row.length_m)
            assert row.geometry is None
            assert row.n_facilities == 0
            continue
        metres = sampled([corners[i] for i in own])
        least = LIMITS[LIMITS.index(row.limit_m) - 1] if rings and row.limit_m > LIMITS[0] else 0.0
        assert row.from_m == least
        wanted = ((metres > least) & (metres < row.limit_m)).sum() * STEP
        assert row.length_m == pytest.approx(wanted, rel=5e-4, abs=0.1)
        assert row.geometry.length == pytest.approx(row.length_m, rel=5e-4)
        assert row.n_facilities == len(own)
        assert row.status == "ok"
    if rings:
        lines = found.groupby("facility_class" if dissolve else "facility_id")["geometry"]
        for _, some in lines:
            first, second, third = some
            if first is not None:
                assert shapely.intersection(first, second).length < 1e-6
                assert shapely.intersection(second, third).length < 1e-6


def test_on_the_demo_rings_add_up_and_a_class_is_its_facilities_together():
    net = geowoonzorg.open_network(DEMO / "wierhaven.osm.pbf")
    doctors = geowoonzorg.read_facilities(DEMO / "wierhaven.osm.pbf", classes=["huisarts"])
    limits = [200.0, 400.0]
    whole = service_areas(net, doctors, limit_m=limits, shape="polygons")
    rings = service_rings(net, doctors, limit_m=limits)
    for name, tolerance in (("length_m", 1e-6), ("area_m2", 20.0)):
        added = np.cumsum(rings[name].to_numpy().reshape(-1, 2), axis=1).ravel()
        assert added == pytest.approx(whole[name].to_numpy(), abs=tolerance, nan_ok=True)
    assert rings["status"].tolist() == whole["status"].tolist()
    together = service_rings(net, doctors, limit_m=limits, rings=False, dissolve=True)
    for row in together.itertuples():
        union = shapely.union_all(whole.geometry[whole["limit_m"] == row.limit_m].dropna())
        apart = shapely.symmetric_difference(union, row.geometry).area
        assert apart < 1e-4 * union.area
    assert set(together["facility_id"].isna()) == {True}


CORNERS = st.lists(st.integers(0, 20), min_size=4, max_size=4)


@given(st.lists(CORNERS, min_size=1, max_size=4), st.lists(CORNERS, min_size=1, max_size=4))
def test_gained_and_lost_are_what_whole_squares_say(one, other):
    def layer(boxes):
        shapes = [
            shapely.box(min(a, b), min(c, d), max(a, b) + 1, max(c, d) + 1) for a, b, c, d in boxes
        ]
        ids = [f"f{i}" for i in range(len(shapes))]
        return gpd.GeoDataFrame({"facility_id": ids, "limit_m": 400.0}, geometry=shapes, crs=28992)

    def squares(boxes, i):
        if i >= len(boxes):
            return set()
        a, b, c, d = boxes[i]
        xs, ys = range(min(a, b), max(a, b) + 1), range(min(c, d), max(c, d) + 1)
        return {(x, y) for x in xs for y in ys}

    found = area_difference(layer(one), layer(other))
    told = {(row.facility_id, row.change): row.area_m2 for row in found.itertuples()}
    wanted = {}
    for i in range(max(len(one), len(other))):
        before, after = squares(one, i), squares(other, i)
        parts = {"gained": after - before, "lost": before - after, "both": before & after}
        wanted |= {(f"f{i}", change): len(part) for change, part in parts.items() if part}
    assert told == pytest.approx(wanted)
    assert found.geometry.area.to_numpy() == pytest.approx(found["area_m2"].to_numpy())


def test_what_is_not_known_is_neither_gained_nor_lost():
    box = shapely.box(0, 0, 10, 10)
    one = gpd.GeoDataFrame({"facility_id": ["a"], "limit_m": [400.0]}, geometry=[box], crs=28992)
    other = one.set_geometry(gpd.GeoSeries([None], crs=28992))
    found = area_difference(one, other)
    assert found["change"].tolist() == ["unknown"]
    assert found["area_m2"].isna().all()


def test_layers_that_cannot_be_compared_are_refused():
    box = shapely.box(0, 0, 10, 10)
    one = gpd.GeoDataFrame({"facility_id": ["a"], "limit_m": [400.0]}, geometry=[box], crs=28992)
    with pytest.raises(InputError, match="both layers need limit_m"):
        area_difference(one, one.drop(columns="facility_id"))
    with pytest.raises(InputError, match="rows with the same facility_id, limit_m"):
        area_difference(one, gpd.pd.concat([one, one], ignore_index=True))
    with pytest.raises(GeometryError, match="1 rows are no polygons"):
        area_difference(one, one.set_geometry(one.boundary))


def test_the_commands(grid, shops, tmp_path, capsys):  # noqa: F811
    grid.edges()[["geometry"]].to_file(tmp_path / "net.gpkg")
    shops.to_file(tmp_path / "shops.gpkg")
    two = [
        "service-areas",
        tmp_path / "net.gpkg",
        tmp_path / "shops.gpkg",
        "--limit-m",
        150,
        "--limit-m",
        250,
    ]
    assert run_command([*two, "--rings", "-o", tmp_path / "r.gpkg"]) == 0
    found = gpd.read_file(tmp_path / "r.gpkg", layer="service_areas")
    wanted = service_rings(grid, shops, limit_m=[150, 250], shape="lines")
    assert found["length_m"].tolist() == pytest.approx(wanted["length_m"].tolist(), nan_ok=True)
    assert run_command([*two, "--rings", "--cautious", "-o", tmp_path / "no.gpkg"]) == 2
    areas = ["--shape", "polygons", "--dissolve", "-o"]
    assert run_command([*two, *areas, tmp_path / "a.gpkg"]) == 0
    shops.iloc[:4].to_file(tmp_path / "fewer.gpkg")
    two[2] = tmp_path / "fewer.gpkg"
    assert run_command([*two, *areas, tmp_path / "b.gpkg"]) == 0
    pair = [tmp_path / "a.gpkg", tmp_path / "b.gpkg"]
    assert run_command(["area-difference", *pair, "-o", tmp_path / "d.gpkg"]) == 0
    assert "2 lost" in capsys.readouterr().out
    changes = gpd.read_file(tmp_path / "d.gpkg", layer="area_difference")
    assert set(changes.loc[changes["facility_class"] == "bakker", "change"]) == {"both"}
    with pytest.raises(StudyError, match="shape is"):
        service_rings(grid, shops, shape="points")
