"""The command that measures every origin to every facility, on a street of which the metres are plain."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from english import run_command

WEST, SOUTH, LONG = 190_000, 500_000, 1_000
SCALE = 2e-4  # a metre in the projection is so near a metre on the ground
HOMES = {"a": 100, "b": 350, "007": 900}
SHOPS = {"x": 200, "y": 800}


@pytest.fixture
def street(tmp_path):
    """A straight street with homes and shops on it."""
    line = shapely.LineString([(WEST, SOUTH), (WEST + LONG, SOUTH)])
    gpd.GeoDataFrame(geometry=[line], crs=28992).to_file(tmp_path / "straat.gpkg")
    for name, places in {"homes": HOMES, "shops": SHOPS}.items():
        at = gpd.points_from_xy([WEST + along for along in places.values()], [SOUTH] * len(places))
        layer = gpd.GeoDataFrame({"id": list(places)}, geometry=at, crs=28992)
        layer.to_file(tmp_path / f"{name}.gpkg")
    return tmp_path


def matrix(folder, *more):
    names = ("straat.gpkg", "homes.gpkg", "shops.gpkg")
    return run_command([
        "matrix", *(folder / name for name in names), "-o", folder / "uit.csv", *more,
    ])  # fmt: skip


def test_it_has_every_pair_within_the_limit_and_no_other(street):
    assert matrix(street, "--limit-m", 500) == 0
    found = pd.read_csv(street / "uit.csv", dtype={"origin_id": str})
    assert list(found) == ["origin_id", "facility_id", "distance_m", "distance_high_m"]
    plain = {(h, s): abs(at - to) for h, at in HOMES.items() for s, to in SHOPS.items()}
    wanted = {pair: metres for pair, metres in plain.items() if metres <= 500}
    keys = zip(found["origin_id"], found["facility_id"], strict=True)
    measured = dict(zip(keys, found["distance_m"], strict=True))
    assert measured == pytest.approx(wanted, rel=SCALE)
    assert 0 < len(wanted) < len(plain)
    assert (found["distance_high_m"] >= found["distance_m"]).all()


def test_none_within_reach_is_a_table_without_rows(street):
    assert matrix(street, "--limit-m", 1) == 0
    assert (street / "uit.csv").read_text(encoding="utf-8").count("\n") == 1


@pytest.mark.parametrize("more", [(), ("--limit-m", -5), ("--limit-m", "x")])
def test_a_limit_that_makes_no_sense_is_refused_and_nothing_written(street, more):
    assert matrix(street, *more) == 2
    assert not (street / "uit.csv").exists()


def test_a_table_that_is_there_is_not_replaced_unasked(street):
    (street / "uit.csv").write_text("van een ander\n", encoding="utf-8")
    assert matrix(street, "--limit-m", 500) != 0
    assert (street / "uit.csv").read_text(encoding="utf-8") == "van een ander\n"
    assert matrix(street, "--limit-m", 500, "--force") == 0
