"""Files of the schemas that CBS and the Leefbaarometer publish, made at test time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from pathlib import Path

GPKG_COLUMNS = {
    "aantal_inwoners": (0, 5000),
    "aantal_huishoudens": (0, 2500),
    "woningvoorraad": (0, 2500),
    "percentage_personen_65_jaar_en_ouder": (0, 100),
    "percentage_eenpersoonshuishoudens": (0, 100),
    "perc_huurwoningen_in_bezit_woningcorporaties": (0, 100),
    "omgevingsadressendichtheid": (10, 5000),
    "stedelijkheid_adressen_per_km2": (1, 5),
    "aantal_personen_met_een_alg_bijstandsuitkering_tot": (0, 300),
    "aantal_personen_met_een_ao_uitkering_totaal": (0, 300),
    "aantal_wmo_clienten_per_1000_inwoners": (0, 120),
    "percentage_huishoudens_onder_of_rond_sociaal_minimum": (0, 30),
    "netto_arbeidsparticipatie": (40, 90),
    "aantal_personen_met_bvm_als_hoogst_beh_ond_niv": (0, 900),
    "aantal_personen_met_hvm_als_hoogst_beh_ond_niv": (0, 900),
    "aantal_personen_met_hw_als_hoogst_beh_ond_niv": (0, 900),
    "percentage_huishoudens_met_hoog_inkomen": (0, 60),
    "huisartsenpraktijk_gemiddelde_afstand_in_km": (0, 5),
}


def squares_of(n: int, *, side_m: float = 500.0, x0: float = 100_000, y0: float = 400_000):
    """Lay n squares side by side in RD New."""
    across = int(np.ceil(np.sqrt(n)))
    x = x0 + side_m * (np.arange(n) % across)
    y = y0 + side_m * (np.arange(n) // across)
    return shapely.box(x, y, x + side_m, y + side_m)


def buurt_codes(n: int) -> list[str]:
    """Give n buurt codes: 8 buurten in a wijk, 5 wijken in a gemeente, from gemeente 0166 on."""
    i = np.arange(n)
    return [f"BU{166 + k // 40:04d}{k // 8 % 5:02d}{k % 8:02d}" for k in i]


def frame_of(codes: list[str], *, columns: int = 0, seed: int = 1) -> pd.DataFrame:
    """Fill a table of the published columns, and of others up to a total, with plausible figures."""
    rng = np.random.default_rng(seed)
    data = {
        name: rng.integers(low, high + 1, len(codes)) for name, (low, high) in GPKG_COLUMNS.items()
    }
    for k in range(columns - len(data)):
        data[f"other_column_{k}"] = rng.integers(0, 1000, len(codes))
    return pd.DataFrame(data)


def write_wijkenbuurten(
    path: Path, n: int = 80, *, columns: int = 0, year: int = 2023
) -> dict[str, gpd.GeoDataFrame]:
    """Write a GeoPackage like wijkenbuurten_2023_v3.gpkg: three layers, with some water."""
    codes = buurt_codes(n)
    buurten = frame_of(codes, columns=columns)
    buurten.insert(0, "buurtcode", codes)
    buurten.insert(1, "buurtnaam", [f"Buurt {c[-4:]}" for c in codes])
    buurten.insert(2, "wijkcode", ["WK" + c[2:8] for c in codes])
    buurten.insert(3, "gemeentecode", ["GM" + c[2:6] for c in codes])
    buurten.insert(
        4, "gemeentenaam", ["Kampen" if c[2:6] == "0166" else f"Plaats {c[2:6]}" for c in codes]
    )
    buurten.insert(5, "water", "NEE")
    buurten["jaar"] = year
    layers = {"buurten": gpd.GeoDataFrame(buurten, geometry=squares_of(n), crs=28992)}
    for layer, key, name in (
        ("wijken", "wijkcode", "wijknaam"),
        ("gemeenten", "gemeentecode", "gemeentenaam"),
    ):
        merged = layers["buurten"][[key, "geometry"]].dissolve(key).reset_index()
        rows = frame_of(list(merged[key]), seed=2)
        rows.insert(0, key, merged[key])
        rows.insert(1, name, [f"Naam {c}" for c in merged[key]])
        rows["gemeentecode"] = ["GM" + c[2:6] for c in merged[key]]
        if layer == "gemeenten":
            rows[name] = ["Kampen" if c == "GM0166" else f"Plaats {c[2:]}" for c in merged[key]]
        rows["water"], rows["jaar"] = "NEE", year
        layers[layer] = gpd.GeoDataFrame(rows, geometry=merged.geometry, crs=28992)
    # The published layers hold the water of a gemeente as a second feature with the same code.
    wet = layers["gemeenten"].iloc[:1].assign(water="JA")
    layers["gemeenten"] = pd.concat([layers["gemeenten"], wet], ignore_index=True)
    wet = layers["buurten"].iloc[:1].assign(water="JA", buurtcode="BU01669999")
    layers["buurten"] = pd.concat([layers["buurten"], wet], ignore_index=True)
    for name, layer in layers.items():
        layer.to_file(path, layer=name, engine="pyogrio")
    return layers
