"""One yardstick for what is compared: the gemeente, or the region where the places lie in more than one."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from test_vragers_dragers import PROFILE, figures_of, town

from geowoonzorg.errors import StudyError
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.people.vragers_dragers import choose_reference, compute_balance
from geowoonzorg.study import SitesInput, parse_study, read_study, study_files
from geowoonzorg.town.area_input import read_area_input
from geowoonzorg.town.areas import figure_areas
from geowoonzorg.town.reading import _gemeenten_of_sites, demo_study

ONE, BOTH = frozenset({"GM0166"}), frozenset({"GM0166", "GM0167"})


@pytest.mark.parametrize(
    ("asked", "gemeenten", "chosen"),
    [
        ("auto", None, "region"), (None, None, "region"), ("auto", ONE, "gemeente"), ("auto", BOTH, "region"),
        ("auto", frozenset(), "gemeente"), ("gemeente", BOTH, "gemeente"), ("country", ONE, "country"),
        ("GM0167", BOTH, "GM0167"),
    ],
)  # fmt: skip
def test_what_lies_in_two_gemeenten_is_compared_with_the_region(asked, gemeenten, chosen):
    areas = town()
    assert choose_reference(areas, asked, profile=PROFILE, gemeenten=gemeenten) == chosen


def test_an_own_profile_that_says_what_to_compare_with_is_heard():
    own = replace(PROFILE, reference="country")
    assert choose_reference(town(), "auto", profile=own) == "country"
    assert choose_reference(town(), "region", profile=own) == "region"


def test_both_are_shown_whichever_is_chosen():
    areas = town()
    expected = {
        name: compute_balance(areas, reference=name)["balans"] for name in ("gemeente", "region")
    }
    for gemeenten, chosen in ((ONE, "gemeente"), (BOTH, "region")):
        found = figure_areas(areas, gemeenten=gemeenten)
        assert found.reference == chosen
        pd.testing.assert_series_equal(found.balance["balans"], expected[chosen])
        for name, balance in expected.items():
            assert found.balance[f"balans_{name}"].tolist() == pytest.approx(balance.tolist())
        assert any("more than one gemeente" in note for note in found.notes) == (chosen == "region")
    # The two yardsticks differ by one number in a gemeente where nothing is held at the cap.
    apart = (expected["gemeente"] - expected["region"]).groupby(areas.frame["gemeente_code"])
    assert apart.mean().abs().max() > 0.05


def test_a_reference_without_figures_leaves_its_column_empty():
    areas = town(parents=())
    found = figure_areas(areas, reference="gemeente", gemeenten=ONE)
    assert found.balance["balans_gemeente"].notna().all()
    areas.frame["gemeente_code"] = np.nan
    areas.parents["land"] = figures_of(["NL00"], 5)
    alone = figure_areas(areas, reference="country")
    assert alone.balance["balans"].notna().all()
    assert alone.balance["balans_gemeente"].isna().all()


# ------------------------------------------------------------------------- dragers of another kind


def test_dragers_may_be_those_who_do_something_for_another():
    areas = town()
    rng = np.random.default_rng(4)
    for of in (areas.frame, areas.parents["gemeente"], areas.parents["wijk"]):
        of["volunteers_share"] = rng.uniform(0.15, 0.45, len(of)).round(3)
        of["carers_share"] = rng.uniform(0.08, 0.2, len(of)).round(3)
    areas.frame.loc[areas.frame.index[0], "carers_share"] = np.nan
    areas.reasons[["volunteers_share", "carers_share"]] = ""
    profile = read_balance_profile("dragers_ggd")
    found = compute_balance(areas, profile=profile, reference="gemeente")
    weights = {"volunteers_share": 0.4, "carers_share": 0.2, "labour_participation_pct": 0.4}
    for code, row in areas.frame.iterrows():
        reference = areas.gemeenten.loc[row["gemeente_code"]]
        known = {k: w for k, w in weights.items() if not np.isnan(row[k])}
        d = sum(w * min(max(row[k] / reference[k], 1 / 3), 3) for k, w in known.items()) / sum(
            known.values()
        )
        assert found.loc[code, "dragers_index"] == pytest.approx(d)
        assert found.loc[code, "dragers_low"] <= d <= found.loc[code, "dragers_high"]
    same = compute_balance(areas, reference="gemeente")
    assert found["vragers_index"].tolist() == pytest.approx(same["vragers_index"].tolist())


def study_of(**areas):
    return {
        "study": {"name": "x"}, "network": {"source": "a.osm.pbf"}, "sites": {"source": "s.gpkg"},
        "areas": {"source": "b.gpkg"} | areas,
    }  # fmt: skip


def test_a_study_names_a_balance_or_its_file(tmp_path):
    assert parse_study(study_of(), folder=tmp_path).areas.balance == "vragers_dragers"
    named = parse_study(study_of(balance="dragers_ggd"), folder=tmp_path)
    assert named.areas.balance == "dragers_ggd"
    own = parse_study(study_of(balance="eigen.toml"), folder=tmp_path)
    assert own.areas.balance == str(tmp_path / "eigen.toml")
    assert tmp_path / "eigen.toml" in list(study_files(own))
    assert not [path for path in study_files(named) if "ggd" in str(path)]


def test_a_balance_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(StudyError, match="choose from dragers_ggd, vragers_dragers") as caught:
        read_balance_profile("vragers")
    assert "kies uit" in caught.value.told("nl")


def test_the_sites_decide_and_not_how_far_the_map_reaches(tmp_path):
    study = read_study(demo_study())
    frame = read_area_input(study.areas, crs=study.crs).frame
    assert _gemeenten_of_sites(study, SimpleNamespace(frame=frame)) is None  # there is only one
    frame.loc[frame["wijk_code"] == "WK980104", "gemeente_code"] = "GM9802"
    areas = SimpleNamespace(frame=frame)
    assert _gemeenten_of_sites(study, areas) == {"GM9801", "GM9802"}
    for code, rows in frame.groupby("gemeente_code"):
        point = rows.geometry.iloc[0].representative_point()
        (tmp_path / f"{code}.csv").write_text(f"id,x,y\na,{point.x},{point.y}\n", encoding="utf-8")
        there = replace(study, sites=SitesInput(tmp_path / f"{code}.csv"))
        assert _gemeenten_of_sites(there, areas) == {code}
    nowhere = replace(study, sites=SitesInput(tmp_path / "weg.csv"))
    assert _gemeenten_of_sites(nowhere, areas) is None
