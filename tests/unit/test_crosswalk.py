"""Figures of one year on the borders of another, worked out by hand and on Amsterdam's real borders."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point, box
from told import dutch

from geowoonzorg.errors import CoverageError, CrsError, DuplicateIdError, InputError
from geowoonzorg.files import read_table
from geowoonzorg.opendata.areas import area_status, join_figures, join_leefbaarometer, read_areas
from geowoonzorg.opendata.figures import Figures
from geowoonzorg.people.carrying import BordersCarrier
from geowoonzorg.people.crosswalk import carry_over, cross_borders
from geowoonzorg.prepare import demo_study
from geowoonzorg.study import read_study
from geowoonzorg.study_areas import AreasInput
from geowoonzorg.town import Town
from geowoonzorg.town.area_input import read_area_input
from geowoonzorg.town.areas import figure_areas

X, Y = 190_000, 500_000
# Before: 01 | 02 | 03, each 100 m wide. After: 01 as it was, 02 and the left half of 03 together, the rest.
BEFORE = {"BU01660001": (0, 100), "BU01660002": (100, 200), "BU01660003": (200, 300)}
AFTER = {"BU01660001": (0, 100), "BU01660012": (100, 250), "BU01660013": (250, 300)}


def layer(spans, **columns):
    shapes = [box(X + a, Y, X + b, Y + 100) for a, b in spans.values()]
    return gpd.GeoDataFrame(columns, geometry=shapes, index=pd.Index(spans, name="code"), crs=28992)


def homes(*at):
    return gpd.GeoDataFrame(geometry=[Point(X + x, Y + 50) for x in at], crs=28992)


PEOPLE = homes(10, 20, 110, 120, 130, 140, 210, 220, 230, 290)  # of 03: three left, one right


@pytest.fixture
def values():
    return pd.DataFrame(
        {
            "inhabitants": [50.0, 100.0, 80.0],
            "share_65plus": [0.1, 0.2, 0.5],
            "urbanity": [1.0, 3.0, 3.0],
            "bijstand_count": [10.0, np.nan, 8.0],
        },
        index=list(BEFORE),
    )


def test_counts_are_shared_out_and_shares_weighed_by_people(values):
    walk = cross_borders(layer(BEFORE), layer(AFTER), homes=PEOPLE)
    found = carry_over(values, walk)
    assert found.method.tolist() == ["same", "homes", "homes"]
    assert found.numbers["inhabitants"].tolist() == [50, 100 + 0.75 * 80, 0.25 * 80]
    assert found.numbers["share_65plus"].tolist() == pytest.approx(
        [0.1, (100 * 0.2 + 60 * 0.5) / 160, 0.5]
    )
    assert found.numbers["urbanity"].tolist() == [1, 3, 3]
    # Secret in 02: unknown wherever its people go; a quarter of 8 is too small to be told.
    assert found.numbers["bijstand_count"].iloc[0] == 10
    assert found.reasons["bijstand_count"].tolist() == ["", "secret", "too_small"]
    assert found.known_share["bijstand_count"].tolist() == pytest.approx([1, 3 / 7, 1])


def test_without_homes_surface_shares_out_and_says_so(values):
    found = carry_over(values, cross_borders(layer(BEFORE), layer(AFTER)))
    assert found.method.tolist() == ["same", "surface", "surface"]
    assert found.numbers["inhabitants"].tolist() == pytest.approx([50, 140, 40])


def test_classes_that_differ_are_no_class(values):
    values["urbanity"] = [1.0, 2.0, 3.0]
    found = carry_over(values, cross_borders(layer(BEFORE), layer(AFTER), homes=PEOPLE))
    assert found.reasons["urbanity"].tolist() == ["", "changed_borders", ""]


def test_squares_weigh_by_their_people():
    counts = pd.Series([30.0, 10.0])
    walk = cross_borders(
        layer({"BU01660003": (200, 300)}), layer({k: AFTER[k] for k in list(AFTER)[1:]}),
        homes=homes(210, 290), weights=counts,
    )  # fmt: skip
    assert walk.pairs["share"].tolist() == [0.75, 0.25]


def test_part_of_an_old_area_that_is_not_asked_for_takes_its_people_along(values):
    only = layer({"BU01660013": AFTER["BU01660013"]})
    by_homes = carry_over(values, cross_borders(layer(BEFORE), only, homes=PEOPLE))
    assert by_homes.numbers["inhabitants"].tolist() == [20]
    # Half of 03 lies outside and no home is known there: its homes cannot tell, so surface does.
    inside = carry_over(values, cross_borders(layer(BEFORE), only, homes=homes(290)))
    assert inside.method.tolist() == ["surface"]
    assert inside.numbers["inhabitants"].tolist() == pytest.approx([40])


def test_layers_that_cannot_be_laid_over_each_other_are_refused():
    old, new = layer(BEFORE), layer(AFTER)
    with pytest.raises(CrsError, match="must have a CRS"):
        cross_borders(old.set_crs(None, allow_override=True), new)
    with pytest.raises(CrsError, match="no square metres"):
        cross_borders(old, new.to_crs(4326))
    with pytest.raises(DuplicateIdError, match="BU01660001"):
        cross_borders(pd.concat([old, old.iloc[:1]]), new)
    with pytest.raises(InputError, match="not median"):
        carry_over(
            pd.DataFrame({"a": [1.0]}, old.index[:1]),
            cross_borders(old, new),
            kinds={"a": "median"},
        )


# ------------------------------------------------------------------------------------- in a study


@pytest.fixture
def study(tmp_path):
    """Borders of 2022 and of 2024, and a table of 2022."""
    for year, spans in ((2022, BEFORE), (2024, AFTER)):
        named = layer(spans, jaar=year, gemeentecode="GM0166", gemeentenaam="Kampen").reset_index()
        named.rename(columns={"code": "buurtcode"}).to_file(tmp_path / f"buurten_{year}.gpkg")
    table = pd.DataFrame(
        {
            "gwb_code_10": [*BEFORE, "GM0166"],
            "a_inw": [50, 100, 80, 230],
            "a_65_oo": [5, 20, 40, 65],
        }
    )
    table.to_csv(tmp_path / "kwb-2022.csv", index=False)
    return tmp_path


def given(folder, **more):
    return AreasInput(
        folder / "buurten_2024.gpkg", figures=(folder / "kwb-2022.csv",),
        figures_borders=folder / "buurten_2022.gpkg", **more,
    )  # fmt: skip


def test_a_study_carries_figures_over_and_flags_them(study):
    areas = read_area_input(given(study), crs="EPSG:28992", homes=PEOPLE)
    assert areas.frame["inhabitants"].tolist() == [50, 160, 20]
    assert areas.frame["share_65plus"].tolist() == pytest.approx([0.1, 50 / 160, 0.5])
    assert areas.gemeenten.loc["GM0166", "inhabitants"] == 230
    status = area_status(areas, lang="en")
    assert status.iloc[0] == "ok"
    assert "carried over from the borders of 2022 by homes (known for 100%)" in status.iloc[1]
    (note,) = [n for n in dutch(areas.notes) if "omgerekend naar die van deze studie" in n]
    assert "1 onveranderd, 2 naar woningen, 0 naar oppervlakte" in note
    figures = figure_areas(areas)
    assert figures.layer["carried_share"].isna().tolist() == [True, False, False]
    remarks = figures.gaps.query("kind == 'remark' and column == 'inhabitants'")
    assert remarks["what"].str.startswith("omgerekend van de grenzen van 2022 naar woningen").all()
    assert len(remarks) == 2
    assert set(areas.provenance["year"]) == {2022}


def test_figures_of_the_borders_own_year_are_never_mixed_with_those_carried_over(study):
    (study / "kwb-2024.csv").write_text("gwb_code_10,a_inw,a_65_oo\n" + "\n".join(
        f"{code},{n},." for code, n in zip(AFTER, (60, 170, 30), strict=True)))  # fmt: skip
    tables = (study / "kwb-2024.csv", study / "kwb-2022.csv")
    question = AreasInput(
        study / "buurten_2024.gpkg", figures=tables, figures_borders=study / "buurten_2022.gpkg"
    )
    areas = read_area_input(question, crs="EPSG:28992", homes=PEOPLE)
    assert areas.frame["inhabitants"].tolist() == [60, 170, 30]
    assert areas.frame["share_65plus"].tolist() == pytest.approx([0.1, 50 / 160, 0.5])
    assert set(areas.fallbacks["share_65plus"]) == {"2022"}


def test_codes_that_match_under_half_point_to_the_borders(study):
    with pytest.raises(CoverageError, match=r"rows for only 33%.*\[areas\] figures_borders"):
        join_figures(read_areas(study / "buurten_2024.gpkg"), _unyeared(study))


def _unyeared(folder):
    path = folder / "kwb.csv"
    path.write_text((folder / "kwb-2022.csv").read_text())
    return path


def test_a_table_without_a_year_is_known_by_its_codes(study):
    areas = read_areas(study / "buurten_2024.gpkg")
    carrier = BordersCarrier(read_areas(study / "buurten_2022.gpkg"), areas, PEOPLE)
    joined = join_figures(areas, _unyeared(study), carrier=carrier)
    assert joined.frame["inhabitants"].tolist() == [50, 160, 20]


def test_amsterdams_old_codes_on_its_new_borders(shared_data, tmp_path):
    """Wijk 05 of the older division is wijk AA of 2022, and lies in its six buurten; both borders are real."""
    recorded = shared_data / "recorded"
    table = read_table(recorded / "gemeente" / "amsterdam_wijken_wkt_first8rows.csv")
    shapes = shapely.from_wkt(table["geometrie"].to_numpy())
    old = gpd.GeoDataFrame({"WK_CODE": table["cbsCode"]}, geometry=shapes, crs=28992)
    old.to_file(tmp_path / "wijken_2019.gpkg")
    scores = shared_data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv"
    new = recorded / "pdok_wijkenbuurten" / "amsterdam_dso_wfs_buurten_2022codes_first12.geojson"
    areas = read_areas(new)
    with pytest.raises(CoverageError, match="figures_borders"):
        join_leefbaarometer(areas, scores, 2022)
    question = AreasInput(
        new,
        figures_borders=tmp_path / "wijken_2019.gpkg",
        leefbaarometer=scores,
        leefbaarometer_year=2022,
    )
    found = read_area_input(question, crs="EPSG:28992")
    published = read_table(scores).query("jaar == '2022'").set_index("wk_code")["afw"].astype(float)
    of_aa = found.frame.index.str.startswith("BU0363AA")
    assert of_aa.sum() == 6
    np.testing.assert_allclose(found.frame["lbm_afw"][of_aa], published["WK036305"], rtol=1e-9)
    np.testing.assert_allclose(found.frame["lbm_afw"][~of_aa], published["WK036306"], rtol=1e-9)
    assert set(found.fallbacks["lbm_afw"]) == {"wijk"}
    assert any("1 onveranderd" in note for note in dutch(found.notes))


def test_a_town_is_read_with_homes_and_every_table_keeps_its_source(tmp_path):
    """The demo's borders of 2023 shifted by a street are another division; homes carry the figures."""
    study = read_study(demo_study())
    now = read_areas(study.areas.source)
    before = now.frame[["geometry"]].translate(40).to_frame("geometry").reset_index()
    before = before.assign(
        buurtcode="BU9801" + before["code"].str[6:].str.replace("01", "07"), jaar=2021
    )
    before.drop(columns="code").to_file(tmp_path / "b.gpkg")
    rows = pd.DataFrame(
        {"code": before["buurtcode"], "a_inw": now.frame["inhabitants"].to_numpy() * 10}
    )
    rows.to_csv(tmp_path / "kwb-2021.csv", index=False)
    asked = replace(
        study.areas, figures=(tmp_path / "kwb-2021.csv",), figures_borders=tmp_path / "b.gpkg"
    )
    town = Town.read(replace(study, areas=asked))
    older = town.figures.areas.older[2021]["inhabitants"].reindex(now.frame.index)
    assert older.sum() == pytest.approx(10 * now.frame["inhabitants"].sum(), rel=0.05)
    carried = town.figures.areas.carried
    assert set(carried["method"]) <= {"homes", "surface"}
    assert (carried["method"] == "homes").sum() > (carried["method"] == "surface").sum()
    (table,) = [s for s in town.sources if s.path == tmp_path / "kwb-2021.csv"]
    assert (table.role, table.key, table.dated) == ("figures", "cbs_kerncijfers", 2021)


def test_of_equal_codes_the_leefbaarometer_is_of_the_division_nearest_to_its_year(study):
    old = read_areas(study / "buurten_2022.gpkg")
    shifted = replace(old, frame=old.frame.assign(year=2018, geometry=old.frame.translate(20)))
    index = pd.Index(old.frame.index, name="code")
    blank = pd.Series("", index)
    scores = Figures(
        pd.DataFrame({"lbm_afw": 0.1}, index), blank.to_frame("lbm_afw"), blank.replace("", "buurt"), blank,
        {"lbm_afw": "afw"}, 2018, "lbm.csv", (),
    )  # fmt: skip
    carrier = BordersCarrier(shifted, old)
    assert carrier.fits(scores, old)
    assert not carrier.fits(replace(scores, year=2022), old)
