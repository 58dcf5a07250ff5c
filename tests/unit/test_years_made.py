"""Key figures, balance and Leefbaarometer of 2013-2025 in the form of each year, read to plain pandas' numbers."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geowoonzorg.files import read_table
from geowoonzorg.opendata.areas import join_figures, read_areas
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.opendata.leefbaarometer import read_leefbaarometer
from geowoonzorg.people.vragers_dragers import compute_balance

YEARS = range(2013, 2026)
LEVELS = ("gemeente", "wijk", "buurt")
PARTS = ["fys", "onv", "soc", "vrz", "won"]


def codes_of(year):
    """Give the codes of a gemeente, its wijken and buurten; from 2022 on with the letters of Amsterdam."""
    wijken = ("AA", "AB") if year >= 2022 else ("00", "01")
    rows = [("gemeente", "GM0363")]
    rows += [("wijk", f"WK0363{w}") for w in wijken]
    rows += [("buurt", f"BU0363{w}{n:02d}") for w in wijken for n in range(4)]
    return pd.DataFrame(rows, columns=["level", "code"])


def figures_of(year):
    """Give what is true in a year: counts of people and homes, and per cents as they are printed."""
    rows, rng = codes_of(year), np.random.default_rng(year)
    n = len(rows)
    people = rng.integers(40, 900, n) * 5
    homes = (people / 2.1).astype(int)
    told = {
        "people": people, "homes": homes, "p65": rng.integers(5, 40, n), "p1": rng.integers(10, 60, n),
        "density": rng.integers(10, 5000, n), "urban": rng.integers(1, 6, n),
        "bijstand": people * rng.integers(1, 8, n) // 1000 * 10, "ao": people * rng.integers(2, 9, n) // 1000 * 10,
        "wmo": rng.integers(10, 120, n), "minimum": rng.integers(10, 200, n) / 10,
        "work": rng.integers(45, 80, n), "low": people // 50 * 10, "middle": people // 40 * 10,
        "high": people * rng.integers(1, 5, n) // 100 * 10, "rich": rng.integers(50, 400, n) / 10,
    }  # fmt: skip
    frame = pd.DataFrame(told, dtype="float64").assign(**rows)
    frame.loc[3, ["bijstand", "work"]] = (
        np.nan
    )  # a buurt without dragers enough to tell, as so many are
    frame.loc[5, ["minimum"]] = np.nan
    return frame


#: Ours → (what is true, how the numbers are made of it)
PLAIN = {
    "inhabitants": lambda f: f["people"], "households": lambda f: f["homes"],
    "bijstand_count": lambda f: f["bijstand"], "ao_count": lambda f: f["ao"], "wmo_per_1000": lambda f: f["wmo"],
    "social_minimum_pct": lambda f: f["minimum"], "labour_participation_pct": lambda f: f["work"],
    "education_low_count": lambda f: f["low"], "education_middle_count": lambda f: f["middle"],
    "education_high_count": lambda f: f["high"], "high_income_pct": lambda f: f["rich"],
    "address_density": lambda f: f["density"], "urbanity": lambda f: f["urban"],
}  # fmt: skip
MAP_LATE = {
    "people": "aantal_inwoners", "homes": "aantal_huishoudens", "p65": "percentage_personen_65_jaar_en_ouder",
    "p1": "percentage_eenpersoonshuishoudens", "density": "omgevingsadressendichtheid",
    "urban": "stedelijkheid_adressen_per_km2", "bijstand": "aantal_personen_met_een_alg_bijstandsuitkering_tot",
    "ao": "aantal_personen_met_een_ao_uitkering_totaal", "wmo": "aantal_wmo_clienten_per_1000_inwoners",
    "minimum": "percentage_huishoudens_onder_of_rond_sociaal_minimum", "work": "netto_arbeidsparticipatie",
    "rich": "percentage_huishoudens_met_hoog_inkomen",
}  # fmt: skip
MAP_EARLY = {
    "people": "AANT_INW", "homes": "AANTAL_HH", "p65": "P_65_EO_JR", "p1": "P_EENP_HH", "density": "OAD",
    "urban": "STED",
}  # fmt: skip
KWB = {
    "people": "a_inw", "homes": "a_hh", "n65": "a_65_oo", "n1": "a_1p_hh", "density": "ste_oad", "urban": "ste_mvs",
    "bijstand": "a_soz_wb", "ao": "a_soz_ao", "wmo": "p_wmo_t", "minimum": "p_hh_osm", "work": "p_arb_pp",
    "rich": "p_hh_hi",
}  # fmt: skip
ODATA = {
    "people": "AantalInwoners", "homes": "HuishoudensTotaal", "n65": "k_65JaarOfOuder",
    "n1": "Eenpersoonshuishoudens", "density": "Omgevingsadressendichtheid", "urban": "MateVanStedelijkheid",
    "wmo": "WmoClientenRelatief", "minimum": "HuishOnderOfRondSociaalMinimum", "work": "Nettoarbeidsparticipatie",
}  # fmt: skip


def names_of(form, year):
    """Name the columns of a year's publication: education, benefits and income have changed names."""
    late = year >= 2024
    more = {
        "map": dict(zip(("low", "middle", "high"), (
            f"aantal_personen_met_{one}_als_hoogst_beh_ond_niv" for one in ("bvm", "hvm", "hw")
        ), strict=True)) if late else {f"{k}": f"opleidingsniveau_{v}" for k, v in
            (("low", "laag"), ("middle", "middelbaar"), ("high", "hoog"))},
        "kwb": {k: f"a_opl_{v}" for k, v in zip(
            ("low", "middle", "high"), ("bvm", "hvm", "hw") if late else ("lg", "md", "hg"), strict=True)},
        "odata": dict(zip(
            ("low", "middle", "high", "bijstand", "ao", "rich"),
            ("BasisonderwijsVmboMbo1", "HavoVwoMbo24", "HboWo", "PersonenPerSoortUitkeringBijstand",
             "PersonenPerSoortUitkeringAO", "k_20HuishoudensMetHoogsteInkomen") if year >= 2019 else
            ("OpleidingsniveauLaag", "OpleidingsniveauMiddelbaar", "OpleidingsniveauHoog",
             "PersonenMetEenWWBUitkeringTotaal", "PersonenMetEenAOUitkeringTotaal", "HuishoudensMetHoogInkomen"),
            strict=True)),
    }  # fmt: skip
    if form == "map":
        return MAP_LATE | more["map"] if year >= 2023 else MAP_EARLY
    return {"kwb": KWB, "odata": ODATA}[form] | more[form]


def counted(frame):
    """Add the counts of which the other form has the per cents."""
    return frame.assign(
        n65=(frame["p65"] * frame["people"] / 500).round() * 5, n1=(frame["p1"] * frame["homes"] / 100).round()
    )  # fmt: skip


def write_kwb(path, year, frame):
    """Write the table with all levels in one: numbers with a decimal comma, a dot where there is none."""
    names = names_of("kwb", year)
    table = counted(frame)[list(names)].rename(columns=names)
    text = table.map(lambda v: "." if np.isnan(v) else f"{v:g}".replace(".", ","))
    text.insert(0, "gwb_code_10", frame["code"])
    text.insert(1, "regio", "Naam " + frame["code"])
    text.insert(2, "recs", frame["level"].str.capitalize())
    if path.suffix == ".xlsx":
        text.to_excel(path, index=False)
    else:
        padded = text.rename(columns=lambda name: f"{name} ")
        padded.to_csv(path, sep=";", index=False, encoding="utf-8-sig")
    return path


def write_odata(path, year, frame):
    """Write the feed: padded keys, nulls, a number behind each name that changes with the year."""
    names = names_of("odata", year)
    table = counted(frame)[list(names)]
    rows = []
    for i, (code, values) in enumerate(zip(frame["code"], table.to_dict("records"), strict=True)):
        about = {"ID": i, "WijkenEnBuurten": f"{code:<10}", "Codering_3": f"{code:<10}"}
        told = {
            f"{names[key]}_{number + year - 2000}": None if np.isnan(value) else value
            for number, (key, value) in enumerate(values.items(), 5)
        }
        rows.append(about | told)
    path.write_text(json.dumps({"odata.metadata": f"x/{year}", "value": rows}), encoding="utf-8")
    return path


def write_map(path, year, frame):
    """Write the map: a layer per level, every missing figure as a code of its time."""
    names = names_of("map", year)
    missing = -99999999 if year < 2019 else -99997 if year < 2023 else -99995
    for layer, level, old in (
        ("buurten", "buurt", "BU"),
        ("wijken", "wijk", "WK"),
        ("gemeenten", "gemeente", "GM"),
    ):
        rows = frame[frame["level"] == level].reset_index(drop=True)
        early = year < 2023
        about = {f"{old}_CODE" if early else f"{level}code": rows["code"]}
        for up, short in (("wijk", "WK"), ("gemeente", "GM")):
            if LEVELS.index(up) < LEVELS.index(level):
                own = short + rows["code"].str[2 : 6 if up == "gemeente" else 8]
                about[f"{short}_CODE" if early else f"{up}code"] = own
        about |= {"WATER" if early else "water": "NEE", "JAAR" if early else "jaar": str(year)}
        values = rows[list(names)].fillna(missing).rename(columns=names)
        x = 1000.0 * np.arange(len(rows))
        boxes = shapely.box(120_000 + x, 487_000, 121_000 + x, 488_000)
        whole = pd.DataFrame(about).assign(**values)
        gpd.GeoDataFrame(whole, geometry=boxes, crs=28992).to_file(path, layer=layer)
    return path


def expected_of(frame, form):
    numbers = pd.DataFrame({name: make(frame) for name, make in PLAIN.items()}).set_axis(
        frame["code"]
    )
    for share, per_cent, count, of in (
        ("share_65plus", "p65", "n65", "people"), ("one_person_share", "p1", "n1", "homes"),
    ):  # fmt: skip
        with_counts = counted(frame)
        part = frame[per_cent] / 100 if form == "map" else with_counts[count] / frame[of]
        numbers[share] = part.to_numpy()
    return numbers


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("form", ["csv", "xlsx", "odata"])
def test_a_table_of_every_year_and_level_is_read_to_plain_numbers(tmp_path, form, year):
    frame = figures_of(year)
    path = tmp_path / f"kwb-{year}.{'json' if form == 'odata' else form}"
    (write_odata if form == "odata" else write_kwb)(path, year, frame)
    figures = read_figures(read_table(path), where=path)
    expected = expected_of(frame, form)
    assert figures.level.tolist() == frame["level"].tolist()
    assert set(expected) <= set(figures.numbers), set(expected) - set(figures.numbers)
    for column in expected:
        np.testing.assert_allclose(
            figures.numbers[column],
            expected[column].reindex(figures.numbers.index),
            rtol=1e-12,
            err_msg=column,
        )


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("level", ["buurt", "wijk"])
def test_a_map_of_every_year_and_level_is_read_to_plain_numbers(tmp_path, year, level):
    frame = figures_of(year)
    areas = read_areas(write_map(tmp_path / "kaart.gpkg", year, frame), level=level)
    known = [k for k in expected_of(frame, "map") if k in set(areas.provenance["column"])]
    assert {"inhabitants", "households", "share_65plus", "one_person_share"} <= set(known)
    assert year < 2023 or set(PLAIN) <= set(known)
    expected = expected_of(frame, "map")
    own = areas.frame.set_index("code") if "code" in areas.frame else areas.frame
    stands_in = areas.fallbacks.set_axis(own.index)
    for column in known:
        wanted = expected[column].reindex(own.index)
        found = own[column].where(stands_in[column] == "")
        np.testing.assert_allclose(found, wanted, rtol=1e-12, err_msg=column)
    assert areas.year == year


def plain_balance(frame, level):
    """Reckon both sides and the balance with pandas alone, where enough is known of an area itself."""
    rows = frame[frame["level"] == level].set_index("code")
    (whole,) = frame[frame["level"] == "gemeente"].to_dict("records")

    def measures(row):
        people, schooled = row["people"], row["low"] + row["middle"] + row["high"]
        vragers = [row["bijstand"] / people, row["ao"] / people, row["wmo"], row["minimum"]]
        return vragers, [row["work"], row["high"] / schooled, row["rich"]]

    def side(own, of, weights, least):
        q = [np.clip(a / b, 1 / 3, 3) for a, b in zip(own, of, strict=True)]
        known = [(w, v) for w, v in zip(weights, q, strict=True) if not np.isnan(v)]
        if len(known) < least:
            return np.nan
        return sum(w * v for w, v in known) / sum(w for w, _ in known)

    out = {}
    for code, row in rows.iterrows():
        (v, d), (rv, rd) = measures(row), measures(whole)
        vragers, dragers = side(v, rv, [0.25] * 4, 3), side(d, rd, [0.5, 0.25, 0.25], 2)
        out[code] = (vragers, dragers, np.log2(vragers / dragers))
    return pd.DataFrame(out, index=["vragers_index", "dragers_index", "balans"]).T


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("level", ["buurt", "wijk"])
def test_the_balance_of_every_year_and_level_is_that_of_plain_pandas(tmp_path, year, level):
    frame = figures_of(year)
    areas = read_areas(write_map(tmp_path / "kaart.gpkg", year, frame), level=level)
    table = write_kwb(tmp_path / f"kwb-{year}.csv", year, frame)
    balance = compute_balance(join_figures(areas, table), reference="gemeente")
    expected = plain_balance(frame, level)
    assert expected["balans"].notna().sum() >= 2
    own = expected["balans"].notna()
    for column in expected:
        np.testing.assert_allclose(
            balance[column].reindex(expected.index)[own], expected[column][own], rtol=1e-9
        )


@pytest.mark.parametrize("year", [2014, 2016, 2018, 2020, 2022, 2024])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", ["csv", "wfs"])
def test_a_leefbaarometer_of_every_year_and_level_is_read_to_plain_numbers(
    tmp_path, form, level, year
):
    codes = codes_of(year)
    codes = codes[codes["level"] == level]["code"].to_numpy()
    parts = np.random.default_rng(year).normal(0, 0.1, (len(codes), len(PARTS)))
    rows = pd.DataFrame(parts, columns=PARTS)
    rows.insert(0, "afw", parts.sum(axis=1))
    if form == "wfs":
        rows = rows.map(lambda v: float(f"{v:.6g}"))
        table = rows.assign(id=codes, name="x", year=str(year), kscore=5)
    else:
        key = {"buurt": "bu_code", "wijk": "wk_code", "gemeente": "gm_code"}[level]
        table = pd.concat([rows.assign(jaar=y, **{key: codes}) for y in (year - 2, year)])
        table.loc[table["jaar"] != year, "afw"] += 0.0
    table.to_csv(tmp_path / "lbm.csv", index=False)
    plain = pd.read_csv(tmp_path / "lbm.csv")
    plain = plain[plain["year" if form == "wfs" else "jaar"] == year]
    figures = read_leefbaarometer(tmp_path / "lbm.csv", year=year)
    assert figures.numbers.index.tolist() == codes.tolist()
    for part in ("afw", *PARTS):
        np.testing.assert_array_equal(figures.numbers[f"lbm_{part}"], plain[part])
