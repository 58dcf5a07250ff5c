"""Walking distances against CBS's car roads: flagged only where walking cannot explain it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published import write_wijkenbuurten

from geowoonzorg.errors import MissingColumnError
from geowoonzorg.opendata.areas import read_areas
from geowoonzorg.opendata.plausibility import compare_with_cbs, summarise


@pytest.fixture(scope="module")
def areas(tmp_path_factory):
    path = tmp_path_factory.mktemp("cbs") / "wijkenbuurten_2023_v3.gpkg"
    write_wijkenbuurten(path, 8)
    areas = read_areas(path)
    areas.frame["road_huisarts_km"] = [1.0, 1.0, 1.0, 1.0, np.nan, 1.0, 1.0, 0.0]
    return areas


def walks_of(areas, metres):
    """Two addresses per area, both walking so far."""
    rows = [
        (f"{code}-{k}", code, d)
        for code, ds in zip(areas.frame.index, metres, strict=True)
        for k, d in enumerate(ds)
    ]
    walks = pd.DataFrame(
        {
            "origin_id": [r[0] for r in rows],
            "facility_class": "huisarts",
            "distance_m": [r[2] for r in rows],
        }
    )
    return walks, pd.Series({r[0]: r[1] for r in rows})


def test_flags(areas):
    metres = [
        [900, 1100],  # as by car
        [1700, 1700],  # 1.3 × 1000 + 250 = 1550: longer
        [200, 200],  # 0.5 × 1000 - 250 = 250: shorter
        [1550, 1550],  # on the bound
        [900, 900],  # CBS does not know
        [900, np.nan],  # half of the addresses reach none
        [],  # nobody lives there
        [200, 240],  # CBS rounds to nothing
    ]
    table = compare_with_cbs(areas, *walks_of(areas, metres)).set_index("code")
    assert table["flag"].tolist() == [
        "ok", "walk_longer", "walk_shorter", "ok", "unknown", "unknown", "unknown", "ok",
    ]  # fmt: skip
    assert table["walk_m"].iloc[0] == 1000
    assert table["difference_m"].iloc[1] == 700
    assert table["ratio"].iloc[1] == 1.7
    assert np.isnan(table["ratio"].iloc[7])
    assert table["reached_share"].iloc[5] == 0.5
    assert table["n_addresses"].iloc[6] == 0
    assert "missing" in table["hint"].iloc[1]
    (sentence,) = summarise(table.reset_index())
    assert sentence.startswith(
        "huisarts: 5 of 8 areas could be compared with CBS; 1 walks much longer"
    )


@given(detour=st.floats(0.8, 1.2), road_m=st.floats(100, 5000))
@settings(max_examples=30, deadline=None)
def test_a_walk_like_the_road_is_never_flagged(areas, detour, road_m):
    frame = areas.frame.assign(road_huisarts_km=round(road_m / 1000, 1))
    walks, where = walks_of(areas, [[road_m * detour]] * 8)
    assert set(compare_with_cbs(replace(areas, frame=frame), walks, where)["flag"]) == {"ok"}


def test_walks_without_distances_are_refused(areas):
    with pytest.raises(MissingColumnError, match="distance_m"):
        compare_with_cbs(areas, pd.DataFrame({"origin_id": [], "facility_class": []}), pd.Series())
