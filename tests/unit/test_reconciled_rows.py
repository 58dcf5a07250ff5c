"""What a list says of closed facilities and of capacity stays in the table that is laid beside OSM."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
from told import dutch

from geowoonzorg.opendata.reconcile import reconcile, write_reconciled
from geowoonzorg.opendata.register import merge_register, read_register

X, Y = 190_000, 507_000
OSM = gpd.GeoDataFrame(
    {
        "id": ["n1", "n2", "n3"], "facility_class": ["apotheek", "apotheek", "buurthuis"],
        "name": ["Apotheek Oost", "Apotheek West", "De Brug"], "osm_id": ["n1", "n2", "n3"],
        "last_edit": pd.Timestamp("2024-05-01", tz="UTC"), "capaciteit": [float("nan")] * 3,
        "toegankelijk": None, "doelgroep": None,
    },
    geometry=[shapely.Point(X + d, Y) for d in (0, 900, 2000)], crs=28992,
)  # fmt: skip


def written(tmp_path):
    rows = {
        "id": ["a", "b", "c", "d"], "naam": ["Apotheek Oost", "Wijkhuis", "Apotheek West", "Kelder"],
        "klasse": ["apotheek", "buurthuis", "apotheek", "buurthuis"],
        "x": [X, X + 2000, X + 910, X + 5000], "y": Y, "status": ["per 1 mei gesloten", "", "open", ""],
        "gebruik": ["", "", "", "nee"], "capaciteit": ["", "ca. 40", "12", ""],
        "toegankelijk": ["", "ja", "", ""], "doelgroep": ["", "ouderen", "", ""],
    }  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "lijst.csv", index=False)
    own = read_register(tmp_path / "lijst.csv", keep_gone=True)
    write_reconciled(tmp_path / "controle.csv", reconcile(own, OSM))
    return own, tmp_path / "controle.csv"


def test_a_closed_facility_keeps_its_row_and_is_not_taken_from_osm_again(tmp_path):
    own, path = written(tmp_path)
    table = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("id")
    assert table["gesloten"].to_dict() == {"a": "ja", "b": "", "c": "", "d": ""}
    assert table.loc["a", ["status", "osm_id"]].tolist() == ["in beide", "n1"]
    assert table["gebruik"].to_dict() == {"a": "lijst", "b": "lijst", "c": "lijst", "d": "nee"}
    assert any("closed, says the list: 1 (a)" in note for note in own.attrs["notes"])
    back = read_register(path)
    assert back["id"].tolist() == ["b", "c"]
    assert back.attrs["closed"] == ["apotheek", "buurthuis"]
    merged, _ = merge_register(OSM, back, classes=["apotheek", "buurthuis"])
    assert sorted(merged["id"]) == ["b", "c"], "the pharmacy that closed stays closed"


def test_capacity_access_and_group_are_carried_along(tmp_path):
    own, path = written(tmp_path)
    table = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("id")
    assert float(table.loc["c", "capaciteit"]) == 12
    assert table.loc["b", ["capaciteit", "toegankelijk", "doelgroep"]].tolist() == [
        "",
        "ja",
        "ouderen",
    ]
    assert any("ca. 40" in note for note in dutch(own.attrs["notes"])), "what is no number is told"
    back = read_register(path).set_index("id")
    assert back.loc["c", "capaciteit"] == 12
    assert back.loc["b", "doelgroep"] == "ouderen"


def test_a_facility_of_osm_alone_has_osms_capacity(tmp_path):
    own, _ = written(tmp_path)
    far = OSM.assign(capaciteit=[1.0, 2.0, 30.0], geometry=OSM.translate(0, 9000))
    table = reconcile(own, far).set_index("id")
    assert table.loc["n3", ["status", "capaciteit"]].tolist() == ["only_osm", 30.0]
    assert not table["closed"].loc[["n1", "n2", "n3"]].any()
