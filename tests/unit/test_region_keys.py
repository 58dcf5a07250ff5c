"""Verdeelsleutels: the published worked example, limits, groups, the dial, growth and the ledger, by pencil."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from geowoonzorg.errors import DuplicateIdError, InputError, MissingColumnError, StudyError
from geowoonzorg.files import read_table
from geowoonzorg.messages import translate
from geowoonzorg.region.dial import turn_dial
from geowoonzorg.region.growing import after_woondeal, social_rent_path
from geowoonzorg.region.key_figures import read_figures, read_key_knowledge
from geowoonzorg.region.key_shares import key_shares
from geowoonzorg.region.keys import share_out, share_out_groups
from geowoonzorg.region.ledger import keep_ledger

# Platform31, Handvatten, bijlage 5, in its own words and with its own total of 1,650.
EXAMPLE = pd.DataFrame(
    {
        "kengetal": ["inwoners", "kwetsbare_inwoners", "woningen", "sociale_huurwoningen",
                     "beschikbare_sociale_huurwoningen", "mutatiegraad_pct"],
        "Centrumgemeente": ["150000", "54000", "60000", "19200", "1540", "8"],
        "Regiogemeente": ["30000", "6000", "13000", "1950", "120", "6"],
        "Regio": ["180000", "60000", "73000", "21150", "1650", "8"],
    },
    dtype="str",
)  # fmt: skip
KEYS = {
    "inwoners": {"inhabitants": 1},
    "sociale_huur": {"social_homes": 1},
    "beschikbaar": {"free_homes": 1},
    "kwetsbaar": {"vulnerable": 1},
}


@pytest.fixture
def figures():
    return read_figures(EXAMPLE, where="voorbeeld.csv")


def frame(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"gemeente": [*"ABCDEFGH"[:n]], **columns})


def test_the_worked_example_comes_out(figures):
    shared = share_out(figures, KEYS, 200).set_index(["key", "gemeente"])
    percent = (shared["share"] * 100).round(1).unstack(sort=False)
    assert percent.to_numpy().tolist() == [[83.3, 16.7], [90.8, 9.2], [92.8, 7.2], [90.0, 10.0]]
    homes = shared["homes"].unstack(sort=False)
    assert homes.to_numpy().tolist() == [[167, 33], [182, 18], [186, 14], [180, 20]]
    taken = (shared["free_homes_share"] * 100).round(1).unstack(sort=False)
    assert taken.to_numpy().tolist()[:3] == [[10.8, 27.5], [11.8, 15.0], [12.1, 11.7]]
    left = shared["regular_homes_left"].unstack(sort=False)
    assert left.loc["inwoners"].tolist() == [1540 - 167, 120 - 33]


def test_the_published_file_is_read_as_it_stands(shared_data):
    table = read_table(shared_data / "monitor" / "verdeelsleutel_voorbeeld.csv")
    figures = read_figures(table, where="voorbeeld")
    shared = share_out(figures, KEYS, 200)
    assert shared["homes"].tolist() == [167, 33, 182, 18, 186, 14, 180, 20]


def test_a_printed_total_that_differs_is_told_in_dutch_and_not_used(figures):
    (told,) = [note for note in figures.attrs["notes"] if "total" in note]
    assert translate(told, "nl") == (
        "voorbeeld.csv: het totaal van free_homes staat er als 1.650, de delen tellen op tot 1.660;"
        " aandelen zijn van 1.660"
    )
    assert "sum" in share_out(figures, KEYS, 1)["source"][0]


def test_vulnerable_share_after_is_by_hand(figures):
    shared = share_out(figures, {"inwoners": {"inhabitants": 1}}, 200, persons_per_home=1.5)
    assert shared["vulnerable_share"].tolist() == [54 / 150, 6 / 30]
    by_hand = [
        (54_000 + 167 * 1.5) / (150_000 + 167 * 1.5),
        (6_000 + 33 * 1.5) / (30_000 + 33 * 1.5),
    ]
    assert shared["vulnerable_share_after"].tolist() == pytest.approx(by_hand)


def test_regular_seekers_wait_behind_more(figures):
    figures = figures.assign(seekers=[15_400, 2_400])
    shared = share_out(figures, {"inwoners": {"inhabitants": 1}}, 200)
    assert shared["seekers_per_home_before"].tolist() == [10.0, 20.0]
    assert shared["seekers_per_home_after"].tolist() == pytest.approx([15_400 / 1373, 2_400 / 87])


def test_a_mixture_weighs_shares_and_not_figures():
    figures = frame(inhabitants=[300, 100], free_homes=[1, 3])
    mixed = key_shares(figures, {"inhabitants": 0.5, "free_homes": 0.5}, key="helft")
    assert mixed.low.tolist() == [0.5, 0.5]
    assert key_shares(figures, {"inhabitants": 3, "free_homes": 1}, key="x").low.tolist() == [
        0.625,
        0.375,
    ]


def test_liveability_weighs_inhabitants_by_the_published_span():
    span = read_key_knowledge().liveability_span
    figures = frame(inhabitants=[100, 100, 100], liveability=[-span, 0.0, span])
    shares = key_shares(figures, {"liveability": 1}, key="leefbaarheid")
    assert shares.low.tolist() == pytest.approx([0, 1 / 3, 2 / 3])
    figures = frame(inhabitants=[100, 100], liveability=[0.0, np.nan])
    assert key_shares(figures, {"liveability": 1}, key="l").high.tolist() == [1.0, 1.0]


def test_who_is_not_vulnerable_carries():
    figures = frame(inhabitants=[150, 30], vulnerable=[54, 6])
    assert key_shares(figures, {"not_vulnerable": 1}, key="d").low.tolist() == [96 / 120, 24 / 120]


def test_limits_hold_and_the_others_stay_in_proportion():
    figures = frame(inhabitants=[60, 30, 10])
    held = key_shares(figures, {"inhabitants": 1}, key="i", min_share={"C": 0.25}).low
    assert held.tolist() == pytest.approx([0.5, 0.25, 0.25])
    held = key_shares(figures, {"inhabitants": 1}, key="i", max_share={"A": 0.2}).low
    assert held.tolist() == pytest.approx([0.2, 0.6, 0.2])
    held = key_shares(figures, {"inhabitants": 1}, key="i", min_share=0.2, max_share=0.5).low
    assert held.tolist() == pytest.approx([0.5, 0.3, 0.2])


def test_a_least_share_is_held_in_whole_homes():
    figures = frame(inhabitants=[97, 1, 2])
    shared = share_out(figures, {"i": {"inhabitants": 1}}, 11, min_share={"B": 0.1})
    assert shared["homes"].tolist()[1] == 2  # 1.1 homes: 1 would be less than a tenth


def test_the_order_of_rows_does_not_decide():
    figures = frame(inhabitants=[1, 1, 1])
    one = share_out(figures, {"i": {"inhabitants": 1}}, 10)
    other = share_out(figures.iloc[::-1], {"i": {"inhabitants": 1}}, 10)
    assert one.equals(other)
    assert one["homes"].tolist() == [4, 3, 3]


def test_suppressed_figures_give_intervals_and_no_number():
    table = pd.DataFrame({"gemeente": ["A", "B"], "inwoners": ["93", "?"]}, dtype="str")
    shared = share_out(read_figures(table, where="t.csv"), {"i": {"inhabitants": 1}}, 100)
    assert shared["share"].isna().all()
    assert shared["share_low"].tolist() == [0.93, 0.0]
    assert shared["share_high"].tolist() == [1.0, 0.07]
    assert shared["homes"].isna().all()
    assert shared[["homes_low", "homes_high"]].to_numpy().tolist() == [[93, 100], [0, 7]]


def test_an_open_figure_leaves_every_share_open():
    shared = share_out(
        frame(inhabitants=[93, np.nan]), {"i": {"inhabitants": 1}}, 100, min_share=0.1
    )
    assert shared["share_low"].tolist() == pytest.approx([0.1, 0.1])
    assert shared["share_high"].tolist() == pytest.approx([0.9, 0.9])


def test_where_nothing_becomes_free_the_share_of_it_is_unknown():
    shared = share_out(frame(inhabitants=[1, 1], free_homes=[5, 0]), {"i": {"inhabitants": 1}}, 2)
    assert shared["free_homes_share"].isna().tolist() == [False, True]
    assert "B" in shared.attrs["notes"][0]


def test_each_group_by_its_own_key_adds_up_both_ways(figures):
    homes = {"starters": 7, "studenten": 5, "ggz": 3, "jeugdzorg": 3}
    key_of = {
        "starters": "inwoners",
        "studenten": "beschikbaar",
        "ggz": "kwetsbaar",
        "jeugdzorg": "kwetsbaar",
    }
    per_group, together = share_out_groups(figures, KEYS, homes, key_of)
    assert per_group.groupby("groep")["homes"].sum().to_dict() == homes
    assert together["homes"].sum() == 18
    assert per_group.groupby("gemeente")["homes"].sum().tolist() == together["homes"].tolist()
    quota = 7 / 6 + 5 * 120 / 1660 + 6 * 0.1
    assert together["share"].tolist()[1] == pytest.approx(quota / 18)
    assert abs(together["homes"].tolist()[1] - quota) < 1


def test_small_groups_do_not_round_one_gemeente_away():
    figures = frame(inhabitants=[80, 20])
    homes = {f"g{i}": 2 for i in range(10)}  # a fifth of 2 is rounded to nothing, ten times
    _, together = share_out_groups(
        figures, {"i": {"inhabitants": 1}}, homes, dict.fromkeys(homes, "i")
    )
    assert together["homes"].tolist() == [16, 4]


def test_the_dial_runs_from_the_one_key_to_the_other(figures):
    turned = turn_dial(figures, KEYS["inwoners"], KEYS["beschikbaar"], 200, steps=5)
    regio = turned[turned["gemeente"] == "Regiogemeente"]
    assert regio["homes"].tolist()[0] == 33
    assert regio["homes"].tolist()[-1] == 14
    assert regio["homes"].is_monotonic_decreasing
    assert regio["dissimilarity"].tolist()[0] == 0
    last = 120 / 1660
    assert regio["concentration"].tolist()[-1] == pytest.approx(last**2 + (1 - last) ** 2)
    assert regio["dissimilarity"].tolist()[-1] == pytest.approx(1 / 6 - last)
    assert regio["free_homes_share"].tolist()[0] == 33 / 120


def test_the_path_to_thirty_percent_is_that_of_the_example(figures):
    path = social_rent_path(figures, start=2025, end=2030)
    regio = path[path["gemeente"] == "Regiogemeente"].set_index("year")
    assert regio.loc[2030, ["added_social", "converted_social"]].tolist() == [2786, 1950]
    assert regio.loc[2025, ["added_social", "social_share"]].tolist() == [0, 0.15]
    assert regio.loc[2030, "social_share"] >= 0.30
    assert (1950 + 2785) / (13_000 + 2785) < 0.30
    centrum = path[path["gemeente"] == "Centrumgemeente"]
    assert (centrum["added_social"] == 0).all()


def test_a_path_of_what_is_not_known_runs_between_bounds():
    figures = frame(
        dwellings=[1000.0],
        social_homes=[np.nan],
        social_homes_low=[100.0],
        social_homes_high=[200.0],
    )
    end = social_rent_path(figures, start=2025, end=2026).iloc[-1]
    assert [end["converted_social_low"], end["converted_social_high"]] == [100, 200]
    assert pd.isna(end["converted_social"])


def test_after_the_woondeal_the_rate_of_today_holds(figures):
    planned = figures.assign(added_dwellings=[0, 1000], added_social=[0, 650])
    after = after_woondeal(planned)
    assert after["free_homes"].tolist() == [1540, 120 * (1950 + 650) / 1950]
    shared = share_out(after, {"beschikbaar": {"free_homes": 1}}, 200)
    assert shared["share"].tolist()[1] == pytest.approx(160 / 1700)
    assert "added_social" not in after


def test_the_ledger_carries_what_was_not_taken():
    due = pd.DataFrame(
        {"gemeente": ["A", "B"] * 2, "year": [2023, 2023, 2024, 2024], "homes": [10, 20, 10, 20]}
    )
    taken = pd.DataFrame(
        {"gemeente": ["A", "B", "A"], "year": [2023, 2023, 2024], "homes": [7, 25, 12]}
    )
    kept = keep_ledger(taken, due).set_index(["gemeente", "year"])
    assert kept.loc[("A", 2024), ["difference", "balance", "to_take"]].tolist() == [2, -1, 13]
    assert kept.loc[("B", 2024), "to_take"] == 15
    assert pd.isna(kept.loc[("B", 2024), "balance"])  # nobody told
    assert kept.loc[("B", 2024), "balance_low"] == -15


@pytest.mark.parametrize(
    ("kind", "how", "said"),
    [
        (StudyError, {"homes": -1}, "heel getal van 0 of meer, niet -1"),
        (StudyError, {"homes": 2.5}, "heel getal van 0 of meer, niet 2,5"),
        (StudyError, {"keys": {}}, "geen sleutel"),
        (StudyError, {"keys": {"k": {"inhabitants": 0}}}, "sleutel k weegt niets"),
        (StudyError, {"keys": {"k": {"inhabitants": -1}}}, r"niet bij 1 \(inhabitants\)"),
        (MissingColumnError, {"keys": {"k": {"inhabitant": 1}}}, "daarin staan inhabitants"),
        (StudyError, {"min_share": {"A": 0.6}, "max_share": {"A": 0.5}}, r"bij 1 \(A\); verlaag"),
        (StudyError, {"min_share": 0.6}, "tellen op tot 120,0"),
        (StudyError, {"max_share": 0.4}, "tellen op tot 80,0"),
        (StudyError, {"min_share": {"Z": 0.1}}, r"1 \(Z\); er zijn A, B"),
        (StudyError, {"min_share": {"A": 1.1}, "max_share": {"A": 2}}, "van 0 tot en met 1"),
        (InputError, {"figures": frame(inhabitants=[0, 0])}, "telt op tot niets"),
        (InputError, {"figures": frame(inhabitants=[5, -1])}, r"negatief in 1 \(B\)"),
        (InputError, {"figures": frame(inhabitants=[5, 1.5])}, r"geen heel getal in 1 \(B\)"),
        (InputError, {"figures": frame(inhabitants=[5, 3], vulnerable=[6, 3])}, r"meer dan inhabitants in 1 \(A\)"),
        (DuplicateIdError, {"figures": frame(inhabitants=[5, 3]).assign(gemeente="A")}, r"1 \(A\); laat"),
        (InputError, {"figures": frame(inhabitants=[5]).iloc[:0]}, "geen gemeente in"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_its_rows_and_cure(kind, how, said):
    given = {
        "figures": frame(inhabitants=[50, 50]),
        "keys": {"k": {"inhabitants": 1}},
        "homes": 10,
    } | how
    figures, keys, homes = (given.pop(name) for name in ("figures", "keys", "homes"))
    with pytest.raises(kind) as caught:
        share_out(figures, keys, homes, **given)
    assert re.search(said, caught.value.told("nl"))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"gemeente": ["A", None], "inwoners": ["1", "2"]}, "regel 3"),
        ({"gemeente": ["A", "B"], "jaar": ["2021", "2022"], "inwoners": ["1", "2"]}, "2021, 2022"),
        ({"gemeente": ["A", "B"], "inwoners": ["1", "-2"]}, "niet 1 ('-2' op regel 3)"),
        ({"gemeente": ["A", "B"], "inwoners": ["1", "9-3"]}, "niet 1 ('9-3' op regel 3)"),
        ({"plaats": ["A", "B"], "inwoners": ["1", "2"]}, "geen kolom zegt"),
        ({"gemeente": ["A", "B"], "inwoners": ["1", "2"], "a_inw": ["1", "2"]}, "twee kolommen"),
        (
            {"gemeente": ["A", "B"], "woningen": ["9", "9"], "sociale huur": ["0,3", "2"]},
            "geen heel getal",
        ),
    ],
)
def test_figures_that_cannot_be_read_are_refused_in_dutch(table, said):
    with pytest.raises(InputError) as caught:
        figures = read_figures(pd.DataFrame(table, dtype="str"), where="t.csv")
        share_out(figures, {"i": {"inhabitants": 1}}, 1)
    assert said in caught.value.told("nl")


def test_a_ledger_of_what_nobody_is_due_is_refused():
    due = pd.DataFrame({"gemeente": ["A"], "year": [2023], "homes": [10]})
    with pytest.raises(InputError, match="1 \\(Aa 2023\\)"):
        keep_ledger(due.assign(gemeente="Aa"), due)
    with pytest.raises(DuplicateIdError, match="A 2023"):
        keep_ledger(pd.concat([due, due]), due)
    with pytest.raises(InputError, match="whole numbers"):
        keep_ledger(due.assign(homes=1.5), due)
    with pytest.raises(MissingColumnError, match="homes"):
        keep_ledger(due.drop(columns="homes"), due)


def test_growth_that_cannot_be_is_refused(figures):
    with pytest.raises(StudyError, match="ends after its start"):
        social_rent_path(figures, start=2030, end=2030)
    with pytest.raises(StudyError, match="share above 0 and under 1"):
        social_rent_path(figures, start=2025, end=2030, floor=1.0)
    with pytest.raises(MissingColumnError, match="added_dwellings, added_social"):
        after_woondeal(figures)
    with pytest.raises(StudyError, match="2 to 1001 steps"):
        turn_dial(figures, KEYS["inwoners"], KEYS["kwetsbaar"], 5, steps=1)


def test_what_nobody_is_known_to_be_due_stays_open():
    due = pd.DataFrame({"gemeente": ["A", "A"], "year": [2023, 2024], "homes": [np.nan, 10]})
    kept = keep_ledger(due.assign(homes=[5, 5]), due)
    assert kept["balance"].isna().all()
    assert kept["difference_high"].tolist()[0] == 5
    assert kept["to_take_low"].tolist() == [0, 5]


def test_a_million_homes_add_up():
    figures = frame(inhabitants=[333_333, 333_333, 333_334, 7, 1])
    shared = share_out(figures, {"i": {"inhabitants": 1}}, 1_000_003)
    assert shared["homes"].sum() == 1_000_003


def test_no_more_than_everybody_is_vulnerable():
    figures = frame(inhabitants=[10, 10], vulnerable=[np.nan, 4])
    shared = share_out(figures, {"i": {"inhabitants": 1}}, 4)
    assert shared["vulnerable_share_after_high"].tolist() == [1.0, 0.5]
    assert shared["vulnerable_share_after_low"].tolist() == pytest.approx([2 / 12, 0.5])


@pytest.mark.parametrize(("printed", "told"), [("399", 1), ("400", 0), ("401", 1)])
def test_a_total_is_told_when_it_is_more_or_less_than_its_parts(printed, told):
    table = pd.DataFrame(
        {"gemeente": ["A", "B", "Totaal"], "inwoners": ["300", "100", printed]}, dtype="str"
    )
    notes = read_figures(table, where="t.csv").attrs["notes"]
    assert sum("is printed as" in note for note in notes) == told
