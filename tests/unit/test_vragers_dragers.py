"""The balance against plain arithmetic, its stand-ins and its references."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from geowoonzorg.errors import CoverageError, InputError, MissingColumnError
from geowoonzorg.files import read_table
from geowoonzorg.opendata.areas import Areas
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.people import vragers_dragers
from geowoonzorg.people.balance_profile import (
    PROFILES_DIR,
    parse_balance_profile,
    read_balance_profile,
)
from geowoonzorg.people.beside import correlate_leefbaarometer

PROFILE = read_balance_profile()
FILE = PROFILES_DIR / "vragers_dragers.toml"
compute_balance = partial(vragers_dragers.compute_balance, reference="gemeente")
COLUMNS = list(dict.fromkeys(("inhabitants", *PROFILE.columns)))


def figures_of(codes, seed):
    """Plausible figures for areas of any level."""
    rng = np.random.default_rng(seed)
    n = len(codes)
    people = rng.integers(200, 4000, n).astype(float)
    return pd.DataFrame(
        {
            "inhabitants": people,
            "bijstand_count": (people * rng.uniform(0.005, 0.08, n)).round(),
            "ao_count": (people * rng.uniform(0.01, 0.09, n)).round(),
            "wmo_per_1000": rng.uniform(10, 120, n).round(),
            "social_minimum_pct": rng.uniform(1, 20, n).round(1),
            "labour_participation_pct": rng.uniform(45, 80, n).round(),
            "education_low_count": (people * rng.uniform(0.1, 0.4, n)).round(),
            "education_middle_count": (people * rng.uniform(0.2, 0.4, n)).round(),
            "education_high_count": (people * rng.uniform(0.1, 0.5, n)).round(),
            "high_income_pct": rng.uniform(5, 40, n).round(1),
        },
        index=pd.Index(codes, name="code"),
    )


def town(*, buurten=12, parents=("wijk", "gemeente"), seed=1):
    """Two gemeenten of three wijken each, with rows of their own at the levels asked."""
    codes = [f"BU01{66 + i % 2}{i // 2 % 3:02d}{i // 6:02d}" for i in range(buurten)]
    frame = figures_of(codes, seed)
    frame["wijk_code"] = ["WK" + c[2:8] for c in codes]
    frame["gemeente_code"] = ["GM" + c[2:6] for c in codes]
    frame["gemeente_name"] = frame["gemeente_code"]
    frame[[f"lbm_{part}" for part in ("afw", "fys", "onv", "soc", "vrz", "won")]] = np.nan
    frame["level"], frame["year"] = "buurt", 2023
    rows = {
        level: figures_of(sorted(frame[f"{level}_code"].unique()), seed + k)
        for k, level in enumerate(("wijk", "gemeente"), start=1)
    }
    empty = pd.DataFrame(columns=COLUMNS, dtype="float64")
    texts = pd.DataFrame("", index=frame.index, columns=COLUMNS)
    return Areas(
        frame=frame,
        reasons=texts,
        fallbacks=texts,
        parents={
            "wijk": rows["wijk"] if "wijk" in parents else empty,
            "gemeente": rows["gemeente"] if "gemeente" in parents else empty,
            "land": empty,
        },
    )


def forget(areas, code, *columns, reason="secret"):
    areas.frame.loc[code, list(columns)] = np.nan
    areas.reasons.loc[code, list(columns)] = reason


def plain_measures(row):
    """Name the seven measures of the default as domain arithmetic, NaN where a part is missing."""
    people = row["inhabitants"]
    schooled = (
        row["education_low_count"] + row["education_middle_count"] + row["education_high_count"]
    )
    vragers = [
        row["bijstand_count"] / people,
        row["ao_count"] / people,
        row["wmo_per_1000"],
        row["social_minimum_pct"],
    ]
    dragers = [
        row["labour_participation_pct"],
        row["education_high_count"] / schooled,
        row["high_income_pct"],
    ]
    return vragers, dragers


def plain_balance(row, reference):
    sides = []
    for mine, theirs, weights, least in zip(
        plain_measures(row),
        plain_measures(reference),
        ([0.25] * 4, [0.5, 0.25, 0.25]),
        (3, 2),
        strict=True,
    ):
        known = [
            (w, min(max(x / r, 1 / 3), 3.0))
            for w, x, r in zip(weights, mine, theirs, strict=True)
            if not math.isnan(x) and not math.isnan(r)
        ]
        enough = len(known) >= least
        sides.append(
            sum(w * q for w, q in known) / sum(w for w, _ in known) if enough else math.nan
        )
    return (
        sides[0],
        sides[1],
        math.log2(sides[0] / sides[1]) if not any(map(math.isnan, sides)) else math.nan,
    )


def test_v_d_and_balance_equal_plain_arithmetic():
    areas = town()
    forget(areas, areas.frame.index[0], "wmo_per_1000")
    forget(areas, areas.frame.index[1], "high_income_pct")
    found = compute_balance(areas)
    assert (found["basis"] == "own").all()
    for code, row in areas.frame.iterrows():
        expected = plain_balance(row, areas.gemeenten.loc[row["gemeente_code"]])
        assert found.loc[
            code, ["vragers_index", "dragers_index", "balans"]
        ].tolist() == pytest.approx(expected)


def test_an_area_like_its_reference_has_balance_zero_and_doubling_adds_one():
    areas = town()
    code = areas.frame.index[0]
    areas.frame.loc[code, COLUMNS] = areas.gemeenten.loc["GM0166", COLUMNS]
    found = compute_balance(areas).loc[code]
    assert found[["vragers_index", "dragers_index", "balans"]].tolist() == pytest.approx([1, 1, 0])
    vragers = ["bijstand_count", "ao_count", "wmo_per_1000", "social_minimum_pct"]
    areas.frame.loc[code, vragers] *= 2
    assert compute_balance(areas).loc[code, "balans"] == pytest.approx(1)
    areas.frame.loc[code, vragers] *= 100  # far over the cap of 3
    assert compute_balance(areas).loc[code, "vragers_index"] == pytest.approx(3)
    areas.frame.loc[code, vragers] = 0
    assert compute_balance(areas).loc[code, "vragers_index"] == pytest.approx(1 / 3)


def test_two_unknown_vragers_bring_the_whole_of_the_wijk():
    areas = town()
    code = areas.frame.index[0]
    forget(areas, code, "bijstand_count", "wmo_per_1000")
    found = compute_balance(areas).loc[code]
    wijk = areas.wijken.loc[areas.frame.loc[code, "wijk_code"]]
    expected = plain_balance(wijk, areas.gemeenten.loc["GM0166"])
    assert found[["vragers_index", "dragers_index", "balans"]].tolist() == pytest.approx(expected)
    assert found["basis"] == "wijk"
    assert found["status"] == (
        "V, D en balans van wijk WK016600 (zelf: 2 van 4 cijfers over vragers en 3 van 3 over dragers bekend)"
    )


def test_then_an_older_year_and_then_unknown():
    areas = town(parents=("gemeente",))
    own, wijk_only, nothing = areas.frame.index[:3]
    for code in (own, wijk_only, nothing):
        forget(areas, code, "labour_participation_pct", "high_income_pct")
    old_wijk = areas.frame.loc[wijk_only, "wijk_code"]
    areas.older[2021] = figures_of([own, old_wijk, "GM0166", "GM0167"], 8)
    areas.older[2019] = figures_of([own, "GM0166", "GM0167"], 9)
    found = compute_balance(areas)
    older = areas.older[2021]
    assert found.loc[own, "balans"] == pytest.approx(
        plain_balance(older.loc[own], older.loc["GM0166"])[2]
    )
    assert found.loc[own, ["basis", "basis_year"]].tolist() == ["older", 2021]
    assert found.loc[own, "status"].startswith("V, D en balans van 2021 (zelf: 4 van 4")
    reference = older.loc[areas.frame.loc[wijk_only, "gemeente_code"]]
    assert found.loc[wijk_only, "balans"] == pytest.approx(
        plain_balance(older.loc[old_wijk], reference)[2]
    )
    assert found.loc[wijk_only, "basis"] == "wijk older"
    assert found.loc[nothing, ["vragers_index", "dragers_index", "balans"]].isna().all()
    assert found.loc[nothing, "basis"] == "unknown"
    assert found.loc[nothing, "quadrant"] == ""
    assert found.loc[nothing, "status"] == (
        "balans onbekend: 4 van 4 cijfers over vragers en 1 van 3 over dragers bekend"
    )


def test_status_names_what_is_missing_and_why():
    areas = town()
    code = areas.frame.index[0]
    forget(areas, code, "wmo_per_1000", reason="later")
    forget(areas, code, "education_low_count", reason="secret")
    found = compute_balance(areas)
    assert found.loc[code, "status"] == (
        "zonder Wmo-cliënten per 1.000 inwoners (verschijnt in een latere versie); "
        "aandeel hbo of wo (geheim of niet aanwezig)"
    )
    assert (found["status"].drop(code) == "ok").all()


def test_without_a_row_of_its_own_the_reference_is_the_mean_weighted_by_inhabitants():
    areas = town(parents=())
    found = compute_balance(areas)
    for gemeente, rows in areas.frame.groupby("gemeente_code"):
        people = rows["inhabitants"]
        reference = {}
        means = (
            "wmo_per_1000",
            "social_minimum_pct",
            "labour_participation_pct",
            "high_income_pct",
        )
        for column in means:
            reference[column] = np.average(rows[column], weights=people)
        schooled = rows[
            ["education_low_count", "education_middle_count", "education_high_count"]
        ].sum(axis=1)
        reference |= {
            "inhabitants": people.sum(),
            "bijstand_count": rows["bijstand_count"].sum(),
            "ao_count": rows["ao_count"].sum(),
            "education_high_count": np.average(
                rows["education_high_count"] / schooled, weights=people
            ),
            "education_low_count": 0.0,
        }
        # a share h of schooled people, written as counts: h high and 1 - h middle
        reference["education_middle_count"] = 1 - reference["education_high_count"]
        for code, row in rows.iterrows():
            assert found.loc[code, "balans"] == pytest.approx(plain_balance(row, reference)[2])
        words = f"referentie is naar inwoners gewogen gemiddelde van {len(rows)} gebieden"
        assert (found.loc[rows.index, "status"] == words).all(), gemeente


def test_a_reference_known_for_under_half_of_its_people_is_unknown():
    areas = town(parents=())
    mine = areas.frame.index[areas.frame["gemeente_code"] == "GM0166"]
    few = areas.frame.loc[mine, "inhabitants"].nsmallest(4).index
    for code in few.difference(few[:1]).union(mine.difference(few)):
        forget(areas, code, "wmo_per_1000")
    found = compute_balance(areas)
    assert "referentie niet bekend" in found.loc[few[0], "status"]
    row = areas.frame.loc[few[0]]
    assert np.isfinite(row["wmo_per_1000"])


def test_references_by_code_region_and_country():
    areas = town()
    by_code = compute_balance(areas, reference="GM0167")
    row = areas.frame.iloc[0]
    assert by_code["balans"].iloc[0] == pytest.approx(
        plain_balance(row, areas.gemeenten.loc["GM0167"])[2]
    )
    code = areas.frame.index[3]
    assert compute_balance(areas, reference=code).loc[code, "balans"] == pytest.approx(0)
    both = areas.gemeenten
    people = both["inhabitants"]
    region = compute_balance(areas, reference="region")
    wmo = np.average(both["wmo_per_1000"], weights=people)
    alone = parse_balance_profile(
        tomllib.loads(FILE.read_text(encoding="utf-8"))
        | {"vragers": one_measure("wmo_per_1000"), "dragers": one_measure("high_income_pct")}
    )
    income = np.average(both["high_income_pct"], weights=people)
    simple = compute_balance(areas, profile=alone, reference="region")
    expected = np.log2(
        np.clip(areas.frame["wmo_per_1000"] / wmo, 1 / 3, 3)
        / np.clip(areas.frame["high_income_pct"] / income, 1 / 3, 3)
    )
    assert simple["balans"].tolist() == pytest.approx(expected.tolist())
    assert region["status"].str.contains("gemiddelde van 2 gebieden").all()
    with pytest.raises(CoverageError, match="country"):
        compute_balance(areas, reference="country")
    areas.parents["land"] = figures_of(["NL00"], 5)
    country = compute_balance(areas, reference="country")
    assert country["balans"].iloc[0] == pytest.approx(
        plain_balance(row, areas.parents["land"].loc["NL00"])[2]
    )


def one_measure(column):
    measure = {"key": column, "label": column, "columns": [column], "weight": 1, "source": "toets"}
    return {"minimum_known": 1, "measure": [measure]}


def test_a_reference_that_is_nothing_is_refused():
    with pytest.raises(InputError, match="choose gemeente, region, country or an area's code"):
        compute_balance(town(), reference="provincie")
    with pytest.raises(CoverageError, match="GM9999"):
        compute_balance(town(), reference="GM9999")
    areas = town()
    with pytest.raises(MissingColumnError, match="wmo_per_1000"):
        compute_balance(
            Areas(
                areas.frame.drop(columns="wmo_per_1000"),
                areas.reasons,
                areas.fallbacks,
                areas.parents,
            )
        )


def test_no_column_of_the_leefbaarometer_or_about_age_or_origin_takes_part():
    assert not [c for c in PROFILE.columns if c.startswith("lbm") or "65" in c or "origin" in c]
    areas = town()
    before = compute_balance(areas)
    areas.frame["lbm_afw"] = np.arange(len(areas.frame))
    pd.testing.assert_frame_equal(compute_balance(areas), before)


def test_the_cap_of_an_own_profile_is_kept_to():
    own = replace(PROFILE, cap=1.1)
    indices = ["vragers_index", "dragers_index"]
    assert (compute_balance(town())[indices] > 1.1).any(axis=None)
    capped = compute_balance(town(), profile=own)[indices]
    assert capped.max(axis=None) == pytest.approx(1.1)
    assert capped.min(axis=None) > 1 / 1.1 - 1e-9


def test_quadrants_follow_v_and_d():
    found = compute_balance(town(buurten=60))
    for _, row in found.iterrows():
        v = "meer" if row["vragers_index"] >= 1 else "minder"
        d = "meer" if row["dragers_index"] >= 1 else "minder"
        assert row["quadrant"] == f"{v} vragers, {d} dragers"
    assert found["quadrant"].nunique() == 4


def test_utrecht_as_first_published_is_unknown_and_never_computed_from_what_is_left(shared_data):
    path = shared_data / "cbs" / "kwb-2023-utrecht.xlsx"
    figures = read_figures(read_table(path, role="figures"), where=path)
    rows = figures.numbers.reindex(columns=COLUMNS)
    reasons = figures.reasons.reindex(columns=COLUMNS, fill_value="no_column")
    buurt = figures.level == "buurt"
    frame = rows[buurt].assign(level="buurt", year=2023, gemeente_code="GM0344")
    frame["wijk_code"] = "WK" + frame.index.str[2:8]
    found = compute_balance(
        Areas(
            frame=frame,
            reasons=reasons[buurt],
            fallbacks=reasons[buurt],
            parents={level: rows[figures.level == level] for level in ("wijk", "gemeente", "land")},
        )
    )
    assert len(found) > 100
    assert (found["basis"] == "unknown").all()
    assert found[["vragers_index", "dragers_index", "balans"]].isna().all(axis=None)
    assert found["status"].str.startswith("balans onbekend: ").all()


# ------------------------------------------------------------------------------------- correlation


def test_the_correlation_within_one_gemeente_is_spearmans_rho():
    rng = np.random.default_rng(3)
    n = 40
    balance = pd.DataFrame({"balans": rng.normal(size=n), "basis": "own"})
    frame = pd.DataFrame({"lbm_afw": rng.normal(size=n).round(1), "gemeente_code": "GM0166"})
    frame.loc[3, "lbm_afw"] = np.nan
    balance.loc[5, "basis"] = "wijk"  # not its own: left out
    keep = ~frame.index.isin([3, 5])
    found = correlate_leefbaarometer(balance, frame).loc["lbm_afw"]
    expected = stats.spearmanr(balance.loc[keep, "balans"], frame.loc[keep, "lbm_afw"]).statistic
    assert found["spearman_rho"] == pytest.approx(expected)
    assert found["n_areas"] == 38
    assert found["n_values"] == frame.loc[keep, "lbm_afw"].nunique()


def test_between_gemeenten_nothing_is_compared():
    # Within each gemeente they fall together; the gemeenten differ the other way round.
    balance = pd.DataFrame({"balans": [1.0, 2.0, 3.0, 11.0, 12.0, 13.0], "basis": "own"})
    frame = pd.DataFrame(
        {"lbm_onv": [30.0, 20.0, 10.0, 130.0, 120.0, 110.0], "gemeente_code": list("AAABBB")}
    )
    assert correlate_leefbaarometer(balance, frame).loc["lbm_onv", "spearman_rho"] == pytest.approx(
        -1
    )
    constant = correlate_leefbaarometer(balance, frame.assign(lbm_onv=1.0))
    assert np.isnan(constant.loc["lbm_onv", "spearman_rho"])


def test_the_whole_country_has_a_balance():
    areas = town()
    n = 14_500
    codes = [f"BU{i // 40:04d}{i // 8 % 5:02d}{i % 8:02d}" for i in range(n)]
    frame = figures_of(codes, 3).assign(level="buurt", year=2023)
    frame["wijk_code"], frame["gemeente_code"] = (
        "WK" + frame.index.str[2:8],
        "GM" + frame.index.str[2:6],
    )
    texts = pd.DataFrame("", index=frame.index, columns=COLUMNS)
    whole = Areas(gpd.GeoDataFrame(frame), texts, texts, areas.parents)
    found = compute_balance(whole)
    assert len(found) == n
    assert found["balans"].notna().all()
