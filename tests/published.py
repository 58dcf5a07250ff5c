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


_NAMES = {"0166": "Kampen", "0363": "Amsterdam"}


def squares_of(n: int, *, side_m: float = 500.0, x0: float = 100_000, y0: float = 400_000):
    """Lay n squares side by side in RD New."""
    across = int(np.ceil(np.sqrt(n)))
    x = x0 + side_m * (np.arange(n) % across)
    y = y0 + side_m * (np.arange(n) // across)
    return shapely.box(x, y, x + side_m, y + side_m)


AMSTERDAM = 363


def buurt_codes(n: int) -> list[str]:
    """Give n buurt codes: 8 buurten in a wijk, 5 wijken in a gemeente.

    The first gemeente is 0166, Kampen; the second Amsterdam, whose codes have letters (BU0363AA00).
    """
    codes = []
    for k in range(n):
        gemeente = {167: AMSTERDAM, AMSTERDAM: 167}.get(166 + k // 40, 166 + k // 40)
        wijk = f"A{'ABCDE'[k // 8 % 5]}" if gemeente == AMSTERDAM else f"{k // 8 % 5:02d}"
        codes.append(f"BU{gemeente:04d}{wijk}{k % 8:02d}")
    return codes


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
    """Write a GeoPackage like wijkenbuurten_2023_v3.gpkg: three layers, with what is odd in them.

    Codes with letters, water under a code of digits, figures of a later version as whole numbers and as
    floats, secret ones, and a column that is empty.
    """
    codes = buurt_codes(n)
    buurten = frame_of(codes, columns=columns)
    buurten.insert(0, "buurtcode", codes)
    buurten.insert(1, "buurtnaam", [f"Buurt {c[-4:]}" for c in codes])
    buurten.insert(2, "wijkcode", ["WK" + c[2:8] for c in codes])
    buurten.insert(3, "gemeentecode", ["GM" + c[2:6] for c in codes])
    buurten.insert(4, "gemeentenaam", [_NAMES.get(c[2:6], f"Plaats {c[2:6]}") for c in codes])
    buurten.insert(5, "water", "NEE")
    buurten["jaar"] = year
    buurten.loc[::7, "netto_arbeidsparticipatie"] = -99995
    buurten["percentage_huishoudens_met_hoog_inkomen"] = (
        buurten["percentage_huishoudens_met_hoog_inkomen"]
        .astype(float)
        .mask(buurten.index % 5 == 1, -99995.0)
    )
    buurten.loc[::11, "aantal_personen_met_een_ao_uitkering_totaal"] = -99997
    buurten["percentage_gescheid"] = -99995
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
            rows[name] = [_NAMES.get(c[2:], f"Plaats {c[2:]}") for c in merged[key]]
        rows["water"], rows["jaar"] = "NEE", year
        layers[layer] = gpd.GeoDataFrame(rows, geometry=merged.geometry, crs=28992)
    # The published layers hold the water of a gemeente as a second feature with the same code.
    wet = layers["gemeenten"].iloc[:1].assign(water="JA")
    layers["gemeenten"] = pd.concat([layers["gemeenten"], wet], ignore_index=True)
    # The water of Amsterdam keeps digits where its land has letters.
    wet = layers["buurten"].iloc[:1].assign(water="JA", buurtcode="BU01669999")
    more = layers["buurten"].iloc[-1:].assign(water="JA", buurtcode="BU03639997")
    layers["buurten"] = pd.concat([layers["buurten"], wet, more], ignore_index=True)
    for name, layer in layers.items():
        layer.to_file(path, layer=name, engine="pyogrio")
    return layers


def write_table(path: Path, frame: pd.DataFrame) -> Path:
    """Write a csv as CBS publishes its tables: BOM, `;`, headers and codes padded with spaces."""
    text = frame.astype("str").rename(columns=lambda name: f"{name} ")
    first = text.columns[0]
    text[first] = text[first].where(frame.iloc[:, 0].isna(), text[first] + "  ")
    text = text.mask(frame.isna().to_numpy(), "")
    text.to_csv(path, sep=";", index=False, encoding="utf-8-sig")
    return path


def leefbaarometer_rows(codes: list[str], *, year: int = 2022, seed: int = 1) -> pd.DataFrame:
    """Give scores as the live service does: six significant digits, so that no sum is exact."""
    parts = np.random.default_rng(seed).normal(0, 0.1, (5, len(codes)))
    names = ["fys", "onv", "soc", "vrz", "won"]
    rows = pd.DataFrame(dict(zip(["afw", *names], [parts.sum(axis=0), *parts], strict=True)))
    rows = rows.map(lambda value: float(f"{value:.6g}"))
    rows.insert(0, "bu_code", codes)
    rows.insert(1, "jaar", year)
    return rows
