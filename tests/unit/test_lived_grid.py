"""The Leefbaarometer where people live: squares of 100 m before buurten, words and gemeente beside it."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box
from small_town import X0, Y0, areas, points, small_town
from told import dutch

from geowoonzorg.errors import CoverageError, DuplicateIdError
from geowoonzorg.files import read_table
from geowoonzorg.measure.metrics import average_over_people
from geowoonzorg.measure.reach import Reach
from geowoonzorg.opendata.area_rules import deviation_words, read_area_rules
from geowoonzorg.opendata.squares import read_leefbaarometer_grid, squares_at
from geowoonzorg.people.lived_beside import leefbaarometer_beside
from geowoonzorg.prepare import demo_study
from geowoonzorg.study import read_study
from geowoonzorg.town import Town
from geowoonzorg.town.area_input import read_grid_input


def cells(years=(2022,)):
    """Clipped cells as published: of the squares at 0 and 100 m along the street, none further on."""
    rows = [
        {"jaar": year, "afw": afw, "kscore": k, "geometry": box(X0 + x + 20, Y0 - 30, X0 + x + 60, Y0 - 5)}
        for year in years for x, afw, k in ((0, 0.5, 9), (100, -0.3, 2))
    ]  # fmt: skip
    return gpd.GeoDataFrame(rows, crs=28992)


@pytest.fixture
def grid(tmp_path):
    cells((2020, 2022)).to_file(tmp_path / "grid.gpkg")
    return read_leefbaarometer_grid(tmp_path / "grid.gpkg", year=2022)


def town_with(grid):
    # The street lies on the border of two rows of squares; people live on the southern side.
    town = small_town(addresses=points([50, 150, 250, 350, 900], y=-10.0, id=list("abcde")))
    return replace(town, figures=replace(town.figures, grid=grid))


def test_one_year_of_the_grid_is_read_with_its_classes(grid, tmp_path):
    assert grid.index.tolist() == ["E1900N4999", "E1901N4999"]
    assert grid["lbm_class"].tolist() == [9, 2]
    assert grid["clipped_share"].tolist() == pytest.approx([0.1, 0.1])
    with pytest.raises(CoverageError, match="no measurement of 2024; it has 2020, 2022"):
        read_leefbaarometer_grid(tmp_path / "grid.gpkg", year=2024)
    with pytest.raises(DuplicateIdError, match="E1900N4999"):
        read_leefbaarometer_grid(tmp_path / "grid.gpkg")


def test_the_square_of_every_home_goes_before_its_buurt(grid):
    town = town_with(grid)
    assert squares_at(town.addresses.geometry).tolist()[:2] == ["E1900N4999", "E1901N4999"]
    found = average_over_people(Reach(town, points([150], id=["s"])), ["lbm_afw", "share_65plus"])
    # Within 400 m live a, b, c (area A, 0.2) and d (area B, -0.1); only a and b have a square.
    lived = found["lbm_afw"].loc["s"]
    assert lived["mean"] == pytest.approx((0.5 - 0.3 + 0.2 - 0.1) / 4)
    assert lived["coverage"] == 1
    assert lived["fallback"] == pytest.approx(0.5), (
        "half of the people have a figure of their buurt"
    )
    assert found["share_65plus"].loc["s", "mean"] == pytest.approx((3 * 0.2 + 0.5) / 4)
    assert found["share_65plus"].loc["s", "fallback"] == 0


def test_without_a_grid_nothing_changes():
    town = town_with(None)
    found = average_over_people(Reach(town, points([150], id=["s"])), ["lbm_afw"])
    assert found["lbm_afw"].loc["s", "mean"] == pytest.approx((3 * 0.2 - 0.1) / 4)


def test_a_square_without_an_area_counts_as_well(grid):
    town = town_with(grid)
    far = town.figures.frame.assign(geometry=lambda t: t.translate(100_000))
    lost = replace(town.figures, areas=replace(town.figures.areas, frame=far))
    found = average_over_people(
        Reach(replace(town, figures=lost), points([150], id=["s"])), ["lbm_afw"]
    )
    assert found["lbm_afw"].loc["s", ["mean", "coverage"]].tolist() == pytest.approx([0.1, 0.5])


def test_a_study_reads_its_grid_and_says_so(tmp_path):
    town = Town.demo()
    homes = town.addresses.to_crs(28992)
    square = squares_at(homes.geometry).drop_duplicates()
    pd.DataFrame({"grid_id": square, "jaar": 2022, "afw": 0.25}).to_csv(
        tmp_path / "grid.csv", index=False
    )
    given = replace(
        read_study(demo_study()).areas,
        leefbaarometer_grid=tmp_path / "grid.csv",
        leefbaarometer_year=2022,
    )
    areas, grid = read_grid_input(given, town.figures.areas)
    assert len(grid) == len(square)
    assert any(f"van {len(square)} vierkanten" in note for note in dutch(areas.notes))
    figures = replace(town.figures, areas=areas, grid=grid)
    assert figures.origins["lbm_afw"] == ("leefbaarometer", 2022)
    assert len(figures.known) == len(town.figures.known), "squares are no areas"
    assert figures.layer["status"].tolist() == town.figures.layer["status"].tolist()
    reach = Reach(replace(town, figures=figures), town.addresses.head(2))
    found = average_over_people(reach, ["lbm_afw"])["lbm_afw"]
    assert found["mean"].tolist() == pytest.approx([0.25, 0.25])
    assert found["fallback"].tolist() == [0, 0]


def test_what_a_new_source_says_is_averaged_over_people_as_any_figure():
    given = areas(volunteers_share=[0.4, 0.2], inhabitants=[100.0, 60.0], households=[50.0, 30.0])
    town = small_town(areas=given)
    found = average_over_people(Reach(town, points([150], id=["s"])), ["volunteers_share"])
    assert found["volunteers_share"].loc["s", "mean"] == pytest.approx((3 * 0.4 + 0.2) / 4)
    assert "volunteers_share" in town.figures.layer
    assert "households" not in town.figures.numbers, "a count is no mean"


# ------------------------------------------------------------------------------ words and beside


def test_the_spread_of_each_dimension_is_that_of_the_published_wijken(shared_data):
    path = shared_data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv"
    wijken = read_table(path).query("jaar == '2022'")
    for column, spread in read_area_rules().deviation.spread.items():
        found = wijken[column.removeprefix("lbm_")].astype(float).std()
        assert spread == pytest.approx(found, abs=0.0005), column


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-0.17, "duidelijk onder gemiddeld"), (-0.16, "iets onder gemiddeld"), (0.0, "ongeveer gemiddeld"),
        (0.1, "iets boven gemiddeld"), (0.2, "duidelijk boven gemiddeld"), (np.nan, ""),
    ],
)  # fmt: skip
def test_a_deviation_has_words(value, words):
    assert deviation_words("lbm_afw", value) == words
    assert deviation_words("inhabitants", value) == ""


def test_gemeente_region_and_country_stand_beside_it():
    frame = pd.DataFrame({
        "lbm_afw": [0.1, 0.3, -0.2], "inhabitants": [100.0, 300.0, 100.0],
        "gemeente_code": ["GM0166", "GM0166", "GM0193"], "gemeente_name": ["Kampen", "Kampen", np.nan],
    })  # fmt: skip
    frame = frame.assign(**{f"lbm_{d}": np.nan for d in ("fys", "onv", "soc", "vrz", "won")})
    town = Town.demo().figures.areas
    whole = pd.DataFrame({"lbm_afw": [-0.11]}, index=["GM0193"])
    found = leefbaarometer_beside(
        replace(town, frame=frame, parents={**town.parents, "gemeente": whole})
    )
    rows = found.set_index(["level", "code"])
    assert set(found["column"]) == {"lbm_afw"}
    assert rows.loc[("gemeente", "GM0166"), ["value", "basis", "n_areas"]].tolist() == [
        0.25,
        "mean",
        2,
    ]
    assert rows.loc[("gemeente", "GM0193"), ["value", "basis"]].tolist() == [-0.11, "row"]
    assert rows.loc[("region", ""), "value"] == pytest.approx(
        (0.1 * 100 + 0.3 * 300 - 0.2 * 100) / 500
    )
    assert rows.loc[("land", "NL00"), ["value", "words"]].tolist() == [0.0, "ongeveer gemiddeld"]


def test_the_demo_says_it_in_its_notes_and_layer():
    figures = Town.demo().figures
    assert any(n.startswith("Leefbaarometer van Wierhaven: ") for n in dutch(figures.notes))
    layer = figures.layer.set_index("code")
    assert (
        layer["lbm_words"] == layer["lbm_afw"].map(lambda v: deviation_words("lbm_afw", v))
    ).all()
    assert len(set(layer["lbm_words"])) > 1
