"""Squares of 100 m: ids in both forms, and intervals where people are few."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.errors import CrsError, DuplicateIdError, InputError, MissingColumnError
from geowoonzorg.opendata.squares import (
    count_intervals,
    parse_square_ids,
    read_leefbaarometer_grid,
    read_squares,
    square_ids,
)


@given(
    x=st.integers(0, 2999).map(lambda v: v * 100), y=st.integers(3000, 6199).map(lambda v: v * 100)
)
@settings(max_examples=80, deadline=None)
def test_both_forms_of_an_id_name_the_same_square(x, y):
    hectometres, metres = f"E{x // 100:04d}N{y // 100:04d}", f"E{x}N{y}"
    assert parse_square_ids(pd.Series([hectometres, metres])).tolist() == [[x, y], [x, y]]
    assert square_ids(np.array([[x, y]])).tolist() == [hectometres]


@pytest.mark.parametrize(
    "european",
    ["CRS3035RES100mN3200000E4000000", "100mN32000E40000", "E4000000N3200000", "E40000N32000"],
)
def test_european_ids_are_refused(european):
    with pytest.raises(CrsError, match="EPSG:3035"):
        parse_square_ids(pd.Series(["E0975N4520", european]))


def test_ids_that_are_no_squares_are_named():
    with pytest.raises(InputError, match=r"no squares: 1 \(x1\)"):
        parse_square_ids(pd.Series(["E0975N4520", "x1"]))
    with pytest.raises(InputError, match="outside the Netherlands"):
        parse_square_ids(pd.Series(["E9975N4520"]))


@given(true=st.integers(0, 400))
@settings(max_examples=100, deadline=None)
def test_the_interval_holds_every_count_that_is_published_so(true):
    """CBS rounds to five and keeps fewer than five secret."""
    secret = true < 5
    published = pd.Series([np.nan if secret else 5.0 * np.floor(true / 5 + 0.5)])
    least, most = count_intervals(published, pd.Series(["secret" if secret else ""]))
    assert least[0] <= true <= most[0]
    assert most[0] - least[0] <= 4


def test_a_published_zero_may_hide_a_few_and_other_gaps_stay_unknown():
    least, most = count_intervals(pd.Series([0.0, np.nan]), pd.Series(["", "later"]))
    assert [least[0], most[0]] == [0, 4]
    assert np.isnan([least[1], most[1]]).all()


def vk100(ids, **columns):
    return gpd.GeoDataFrame(
        {"crs28992res100m": ids, **columns},
        geometry=[shapely.box(x, y, x + 100, y + 100) for x, y in parse_square_ids(pd.Series(ids))],
        crs=28992,
    )


@pytest.mark.parametrize(
    ("people", "old"),
    [
        ("aantal_inwoners", "aantal_inwoners_65_jaar_en_ouder"),
        ("aantalInwoners", "aantalInwoners65JaarEnOuder"),
    ],
)
def test_the_published_layer_reads_with_its_intervals(tmp_path, people, old):
    layer = vk100(["E0975N4520", "E97600N452000"], **{people: [25, -99997], old: [-99997, -99997]})
    layer.to_file(tmp_path / "cbs_vk100_2023_v1.gpkg", engine="pyogrio")
    squares = read_squares(tmp_path / "cbs_vk100_2023_v1.gpkg")
    assert list(squares.index) == ["E0975N4520", "E0976N4520"]
    assert squares["square_inhabitants"].tolist()[0] == 25
    assert squares[["square_inhabitants_min", "square_inhabitants_max"]].to_numpy().tolist() == [
        [23, 27],
        [0, 4],
    ]
    assert squares["square_65plus"].isna().all()
    assert squares["square_inhabitants_reason"].tolist() == ["", "secret"]
    assert (squares["square_dwellings_reason"] == "no_column").all()
    assert squares.area.tolist() == [10_000, 10_000]


def test_squares_from_a_csv_and_doubles(tmp_path):
    table = pd.DataFrame(
        {"crs28992res100m": ["E0975N4520", "E97500N452000"], "aantal_inwoners": [5, 10]}
    )
    table.to_csv(tmp_path / "vk100.csv", index=False)
    with pytest.raises(DuplicateIdError, match="E0975N4520"):
        read_squares(tmp_path / "vk100.csv")
    table.iloc[:1].to_csv(tmp_path / "vk100.csv", index=False)
    assert read_squares(tmp_path / "vk100.csv")["square_inhabitants"].tolist() == [5]
    table.drop(columns="crs28992res100m").to_csv(tmp_path / "vk100.csv", index=False)
    with pytest.raises(MissingColumnError, match="crs28992res100m"):
        read_squares(tmp_path / "vk100.csv")


@given(
    corner=st.tuples(st.integers(900, 2000), st.integers(4000, 6000)),
    cuts=st.lists(
        st.tuples(st.floats(5, 95), st.floats(5, 95)), min_size=3, max_size=6, unique=True
    ),
)
@settings(max_examples=60, deadline=None)
def test_a_clipped_cell_gives_back_its_square(tmp_path_factory, corner, cuts):
    x, y = corner[0] * 100, corner[1] * 100
    cell = shapely.MultiPoint([(x + a, y + b) for a, b in cuts]).convex_hull.buffer(2)
    path = tmp_path_factory.mktemp("grid") / "grid.gpkg"
    gpd.GeoDataFrame({"afw": [0.1]}, geometry=[cell], crs=28992).to_file(path, engine="pyogrio")
    grid = read_leefbaarometer_grid(path)
    assert list(grid.index) == [f"E{corner[0]:04d}N{corner[1]:04d}"]
    assert grid["clipped_share"].iloc[0] == pytest.approx(cell.area / 10_000)


def test_cells_larger_than_a_square_are_refused(tmp_path):
    cell = shapely.box(100_000, 400_000, 100_500, 400_500)
    gpd.GeoDataFrame({"afw": [0.1]}, geometry=[cell], crs=28992).to_file(tmp_path / "g.gpkg")
    with pytest.raises(InputError, match="larger than 100 m"):
        read_leefbaarometer_grid(tmp_path / "g.gpkg")
