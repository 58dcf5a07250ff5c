"""A number that a file keeps as a number is never taken for text with a dot of thousands."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geowoonzorg.files import parse_numbers, read_table

VALUES = [254.875, -1.125, 12.5, 1000.0, 0.125]


@pytest.mark.parametrize("suffix", [".xlsx", ".json", ".gpkg"])
def test_three_decimals_are_decimals(tmp_path, suffix):
    path = tmp_path / f"cijfers{suffix}"
    frame = pd.DataFrame({"homes": VALUES})
    if suffix == ".xlsx":
        frame.to_excel(path, index=False)
    elif suffix == ".json":
        path.write_text(json.dumps(frame.to_dict("records")), encoding="utf-8")
    else:
        gpd.GeoDataFrame(frame, geometry=[shapely.Point(0, 0)] * 5, crs=28992).to_file(path)
    cells = read_table(path, role="figures")["homes"]
    assert parse_numbers(cells, where="x", thousands=True).tolist() == VALUES
