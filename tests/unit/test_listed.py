"""Lists of housing with care, plans and buildings, as people keep them and as they are published."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from told import dutch

from geowoonzorg.errors import FormatError, InputError, MissingColumnError, StudyError
from geowoonzorg.opendata.listed import read_listed


def write(path, **columns):
    pd.DataFrame(columns).to_csv(path, sep=";", index=False)
    return path


def test_housing_with_care_as_practice_lists_it(tmp_path):
    path = write(
        tmp_path / "woonvormen.csv", Naam=["De Hoeve", "'t Erf"], gemeente="Kampen",
        postcode=["8261 AA", None], eenheden=["1.024", "?"], Type=["verpleeghuis", ""],
        eigendom="corporatie", wlz_aandeel=["80%", "35 %"], telefoon="038",
    )  # fmt: skip
    found = read_listed(path, "woonvorm")
    assert found["name"].tolist() == ["De Hoeve", "'t Erf"]
    assert found["homes"].iloc[0] == 1024
    assert found["homes"].isna().tolist() == [False, True], "a suppressed count is no number"
    assert found["wlz_share"].tolist() == pytest.approx([0.8, 0.35])
    assert found["type"].isna().tolist() == [False, True]
    assert found["telefoon"].tolist() == ["038", "038"]
    assert "homes uit eenheden" in dutch(found.attrs["notes"])[0]


def test_plans_are_polygons_with_homes_per_period_and_status(tmp_path):
    plans = gpd.GeoDataFrame(
        {
            "Plannaam": ["Noord", "Zuid"], "Planstatus": ["hard", "zacht"], "h2020-2024": [10, None],
            "z2025-2029": [5, None], "oplevering": ["2027", "2031-01-01"],
        },
        geometry=[box(0, 0, 50, 50), box(60, 0, 90, 30)], crs=28992,
    )  # fmt: skip
    plans.geometry = plans.translate(190_000, 500_000)
    plans.to_file(tmp_path / "plannen.gpkg")
    found = read_listed(tmp_path / "plannen.gpkg", "plan")
    assert found["homes"].isna().all(), "hard and soft are never added up"
    assert found["homes_hard"].iloc[0] == 10
    assert found["homes_soft"].iloc[0] == 5
    assert found[["homes_hard", "homes_soft"]].isna().all(axis=1).iloc[1], "no number is not none"
    assert found["year"].tolist() == [2027, 2031]
    assert found.geometry.area.tolist() == [2500, 900]


def test_net_plans_may_be_under_nought_and_no_year_counts_twice(tmp_path):
    path = write(
        tmp_path / "plannen.csv", naam=["Sloop", "Bouw", "Leeg"], h2025=["-30", "10", ""],
        **{"h2025-2029": ["-25", "60", ""], "h2030+": ["5", "", ""], "Z2030 e.v.": ["-5", "1.200", ""]},
        **{"onbekend_2021-2024": ["", "7", ""]},
    )  # fmt: skip
    homes = read_listed(path, "plan").filter(like="homes_").fillna(-1.0)
    assert homes["homes_hard"].tolist() == [-20, 60, -1], "2025 lies in 2025-2029"
    assert homes["homes_soft"].tolist() == [-5, 1200, -1]
    assert homes["homes_unsaid"].tolist() == [-1, 7, -1]
    assert homes["homes_fewer"].tolist() == [30, 0, -1]
    plain = read_listed(write(tmp_path / "net.csv", plan=["A"], netto=["-12"]), "plan")
    assert plain[["homes", "homes_fewer"]].iloc[0].tolist() == [-12, 12]


def test_the_plans_of_the_provinces_are_read_as_they_publish_them(shared_data):
    path = shared_data / "recorded" / "gemeente" / "plancapaciteit_databewijst_2021_4sheets.xlsx"
    if not path.is_file():
        pytest.skip("the recorded answers are not here")
    own = pd.read_excel(path, sheet_name=0).dropna(how="all")
    found = read_listed(path, "plan").loc[own.index]
    hard, soft = (
        own.filter(regex=f"^{c}20").apply(pd.to_numeric).sum(axis=1, min_count=1) for c in "hz"
    )
    assert found["homes_hard"].to_numpy() == pytest.approx(hard.to_numpy(), nan_ok=True)
    assert found["homes_soft"].to_numpy() == pytest.approx(soft.to_numpy(), nan_ok=True)
    under = own.filter(regex="^(h|z|onbekend_)20").clip(upper=0).sum(axis=1)
    assert under.sum() < 0
    assert found["homes_fewer"].sum() == pytest.approx(-under.sum())


def test_buildings_that_are_not_there_are_left_out(tmp_path):
    panden = gpd.GeoDataFrame(
        {
            "identificatie": ["0166100000000001", "0166100000000002"], "bouwjaar": [1974, 2026],
            "gebruiksdoel": ["kantoorfunctie", ""], "oppervlakte": [850.5, 0],
            "status": ["Pand in gebruik", "Bouwvergunning verleend"],
        },
        geometry=gpd.points_from_xy([190_000, 190_100], [500_000, 500_000]), crs=28992,
    )  # fmt: skip
    panden.to_file(tmp_path / "panden.gpkg")
    found = read_listed(tmp_path / "panden.gpkg", "pand")
    assert found["name"].tolist() == ["0166100000000001"]
    assert found[["use", "floor_m2", "year"]].iloc[0].tolist() == ["kantoorfunctie", 850.5, 1974]
    (note,) = [n for n in dutch(found.attrs["notes"]) if "weggelaten" in n]
    assert "Bouwvergunning verleend" in note
    assert isinstance(found, gpd.GeoDataFrame)


def test_a_recorded_answer_of_the_bag_is_read(shared_data):
    path = shared_data / "recorded" / "bag" / "bag_wfs_pand_haarlem_2022.json"
    if not path.is_file():
        pytest.skip("the recorded answers are not here")
    import json

    published = [f["properties"] for f in json.loads(path.read_text())["features"]]
    found = read_listed(path, "pand")
    assert found["year"].tolist() == [p["bouwjaar"] for p in published]
    assert found["use"].isna().sum() == sum(not p["gebruiksdoel"] for p in published)


def test_columns_are_named_where_they_have_another_name(tmp_path):
    path = write(tmp_path / "x.csv", Complexje=["A"], n=["12"])
    with pytest.raises(
        MissingColumnError, match=r"no column with name \(naam, complex, .*columns = \{name = …\}"
    ):
        read_listed(path, "woonvorm")
    found = read_listed(path, "woonvorm", columns={"name": "complexje", "homes": "n"})
    assert found[["name", "homes"]].to_numpy().tolist() == [["A", 12.0]]


@pytest.mark.parametrize(
    ("columns", "error", "match"),
    [
        ({"naam": ["A"], "eenheden": ["veel"]}, FormatError, "'veel' on line 2"),
        ({"naam": ["A"], "wlz_aandeel": ["80"]}, InputError, r"shares over 1: 1 \(80\)"),
        ({"naam": ["A"], "eenheden": ["-5"]}, FormatError, "cannot be"),
    ],
)
def test_cells_that_are_no_such_number_are_told(tmp_path, columns, error, match):
    with pytest.raises(error, match=match):
        read_listed(write(tmp_path / "x.csv", **columns), "woonvorm")


def test_years_that_are_none_and_names_that_are_not_known(tmp_path):
    path = write(tmp_path / "x.csv", woningen=["5"], jaar=["later"])
    with pytest.raises(FormatError, match=r"years that are none: 1 \(later\)"):
        read_listed(path, "plan")
    with pytest.raises(StudyError, match="no column of a list of plan; known are name, homes"):
        read_listed(path, "plan", columns={"rooms": "x"})
