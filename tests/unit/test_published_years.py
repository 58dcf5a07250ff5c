"""Every published year and level that is here, read to the numbers that plain pandas finds in it."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geowoonzorg.files import read_table
from geowoonzorg.opendata.areas import join_figures, read_areas
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.opendata.leefbaarometer import read_leefbaarometer
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.town.areas import figure_areas

CBS, ODATA, PDOK = "cbs", "recorded/cbs_odata", "recorded/pdok_wijkenbuurten"
# File, column of codes, and what its columns of counts of people and households are called.
FILES = {
    "wijk_2016": (f"{CBS}/wijk_2016.dbf", "WK_CODE", {}),
    "kwb_2023": (f"{CBS}/kwb-2023-utrecht.xlsx", "gwb_code_10", {"inhabitants": "a_inw", "households": "a_hh"}),
    "nabijheid_2023": (f"{CBS}/nabijheid-2023-utrecht.csv", None, {}),
    "odata_2020": (
        f"{ODATA}/v3_84799NED_TypedDataSet_head_amsterdam_kampen.values.json", "WijkenEnBuurten",
        {"inhabitants": "AantalInwoners_5", "households": "HuishoudensTotaal_28"},
    ),
    "buurt_2024": (f"{PDOK}/wijkenbuurten_2024_buurten_baarn_first6.geojson", "buurtcode", {}),
    "delft_2022": ("recorded/cbs_statline/nabijheid_delft_en_odata.csv", "Encoding_3", {}),
}  # fmt: skip


def plain_table(path):
    """Read a file with pandas and nothing of ours."""
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype=str)
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig") as file:
            sep = ";" if ";" in file.readline() else ","
        return pd.read_csv(path, sep=sep, dtype=str, encoding="utf-8-sig")
    if path.name.endswith(".values.json"):
        return pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    return pd.DataFrame(pyogrio.read_dataframe(path, read_geometry=False))


def ours(path):
    """Read a table or a layer, and tell which column each figure was taken from."""
    if path.suffix == ".geojson":
        areas = read_areas(path)
        return areas.frame, areas.provenance.set_index("column")["source_column"].to_dict()
    figures = read_figures(read_table(path), where=path)
    return figures.numbers, figures.taken


def plain_numbers(cells):
    text = cells.astype("str").str.strip().str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(text, errors="coerce")
    return numbers.mask(numbers <= -99_990)


@pytest.mark.parametrize("name", FILES)
def test_key_figures_are_those_of_plain_pandas(shared_data, name):
    file, code, counts = FILES[name]
    path = shared_data / file
    if not path.is_file():
        pytest.skip(f"{file} is not here")
    numbers, taken = ours(path)
    table = plain_table(path)
    table.columns = [str(c).strip() for c in table.columns]
    code = code or next(c for c in table if "(code)" in c)
    codes = table[code].astype("str").str.strip()
    used = codes.isin(numbers.index) & ~codes.duplicated()
    assert used.sum() == len(numbers)
    table, codes = table[used], codes[used]
    assert taken
    for column, published in taken.items():
        expected = plain_numbers(table[published]).set_axis(codes)
        about = read_catalogue().columns[column]
        # What belongs to a distance is called by its own part alone: "Binnen1Km_6".
        reading = next(
            r for r in about.readings if r.name.rpartition(" > ")[2].lower() in published.lower()
        )
        if reading.per:
            expected = expected / plain_numbers(table[counts[reading.per]]).set_axis(codes)
            expected = expected.replace([np.inf, -np.inf], np.nan)
        elif about.kind == "share":
            expected = expected / 100
        found = numbers[column].reindex(codes)
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=f"{column} of {published}")


@pytest.mark.parametrize("level", ["wijken", "PC4"])
def test_the_leefbaarometer_of_every_year_is_that_of_plain_pandas(shared_data, level):
    path = shared_data / "leefbaarometer" / f"Leefbaarometer-scores {level} 2002-2022.csv"
    table = pd.read_csv(path, dtype=str)
    code = "wk_code" if level == "wijken" else "PC4"
    years = sorted(set(table["jaar"]))
    assert len(years) == 8
    for year in years:
        figures = read_leefbaarometer(path, year=int(year))
        rows = table[table["jaar"] == year].set_index(code)
        assert list(figures.numbers.index) == list(rows.index)
        for column in ("afw", "fys", "onv", "soc", "vrz", "won"):
            np.testing.assert_array_equal(
                figures.numbers[f"lbm_{column}"], rows[column].astype(float)
            )


def test_utrecht_2023_has_no_balance_and_says_what_would_give_one(shared_data, tmp_path):
    path = shared_data / "cbs" / "kwb-2023-utrecht.xlsx"
    codes = read_figures(read_table(path), where=path).numbers.index
    buurten = codes[codes.str.startswith("BU")]
    x = 130_000 + 100.0 * np.arange(len(buurten))
    layer = gpd.GeoDataFrame(
        {"buurtcode": buurten, "jaar": 2023},
        geometry=shapely.box(x, 455_000, x + 100, 455_100),
        crs=28992,
    )
    layer.to_file(tmp_path / "b.gpkg")
    figures = figure_areas(join_figures(read_areas(tmp_path / "b.gpkg"), path))
    assert figures.balance["balans"].isna().all()
    assert "no balance in 2023" in str(figures.advice)
    assert "figures of 2022 have them" in str(figures.advice)
    known = figures.known.set_index("column")["own"]
    assert known["inhabitants"] > 100
    assert known["wmo_per_1000"] == known["labour_participation_pct"] == 0
    (empty,) = [n for n in figures.notes if "no figure in any row" in n]
    assert len(empty) < 400, "of 45 empty columns the ten that matter are named"
