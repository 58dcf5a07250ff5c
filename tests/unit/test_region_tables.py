"""Tables of people per group in every form of the databank, and what is known of each count in them."""

from __future__ import annotations

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geowoonzorg.errors import DuplicateIdError, FormatError, InputError
from geowoonzorg.region.gemeenten import code_of
from geowoonzorg.region.known import know_counts
from geowoonzorg.region.moved import follow_merges
from geowoonzorg.region.study import TableInput
from geowoonzorg.region.tables import read_tables


@pytest.fixture
def write(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def known(*paths, codes=None, **options):
    cells, _ = read_tables(paths, codes=codes or {})
    return know_counts(cells, **options)


def of(counts, group, sub="", part="", code=None):
    mine = counts[(counts["groep"] == group) & (counts["sub"] == sub) & (counts["part"] == part)]
    return mine[mine["code"] == code].iloc[0] if code else mine.iloc[0]


def test_the_monitor_as_published(shared_data):
    """Rotterdam's statushouders in a COA home at the end of the year: 4,805 less 770 and 4,035, each rounded."""
    files = sorted((shared_data / "monitor").glob("*_2021.csv"))
    counts, notes = known(*files)
    coa = of(counts, "Statushouders", "COA 31 december")
    assert 0 <= coa["persons_low"] <= coa["persons_high"] <= 7
    assert coa["known"] == "suppressed"
    assert np.isnan(coa["persons"])
    older = of(counts, "Ouderen", code="GM0599")
    assert older["persons"] == 179_060, (
        "the four rows add up to 179,065: rounding is no contradiction"
    )
    assert older["persons_low"] <= 179_060 <= older["persons_high"]
    assert len(counts[(counts["sub"] == "") & (counts["part"] == "")]) == 13 * 4 + 4
    assert not counts["source"].str.strip().eq("").any()
    assert any("rounded to 5" in note for note in notes)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_row_per_gemeente_spelled_three_ways_with_a_total_among_them(tmp_path, suffix):
    rows = [
        ["Gemeente", "Ouderen", "Vergunninghouder"],
        ["KAMPEN", "1.205", "?"],
        ["gemeente Zwolle", "2.000", "40"],
        ["Totaal", "3.205", "45"],
        ["Nederland", "9.000.000", "90.000"],
    ]
    path = tmp_path / f"personen_2021.{suffix}"
    if suffix == "csv":
        path.write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([int(c.replace(".", "")) if c[0].isdigit() else c for c in row])
        book.save(path)
    counts, _ = known(path)
    assert sorted(counts["code"].unique()) == ["GM0166", "GM0193"]
    hidden = of(counts, "Statushouders", code="GM0166")
    assert (hidden["persons_low"], hidden["persons_high"]) == (1, 9), "45 ± 2 less 40 ± 2"


def test_long_tables_and_years_in_headers_say_the_same(write):
    long = write(
        "lang.csv",
        "gemeente,groep,jaar,aantal\nKampen,Ouderen,2020,10\nKampen,Ouderen,2021,15\n",
    )
    wide = write("ouderen.csv", "gemeente,2020,2021\nKampen,10,15\n")
    headed = write("breed.csv", "gemeente,Ouderen 2020,Ouderen 2021\nKampen,10,15\n")
    made = [known(path)[0] for path in (long, wide, headed)]
    for counts in made:
        assert counts[["groep", "year", "persons"]].to_numpy().tolist() == [
            ["Ouderen", 2020, 10.0], ["Ouderen", 2021, 15.0],
        ]  # fmt: skip


def test_an_overlap_is_the_same_from_both_sides_and_no_more_than_either(write):
    table = (
        ";Ouderen;Studenten\nAantal personen;40;1.005\nOverlap met ouderen;40;?\n"
        "Overlap met studenten;25;1.005\n"
    )
    counts, _ = known(write("kampen_overlap_2021.csv", table))
    seen = of(counts, "Studenten", part="overlap met Ouderen")
    assert (seen["persons_low"], seen["persons_high"]) == (23, 26), (
        "as 25 is told, and under the least told"
    )
    with pytest.raises(InputError, match="more than rounding explains"):
        known(write("kampen_overlap_2022.csv", table.replace(";?", ";500")))


def test_a_bound_that_is_written_is_a_bound(write):
    text = "groep;Aantal personen\nOuderen;<5\nStudenten;10-15\nTotaal;20\n"
    counts, _ = known(write("kampen_2021.csv", text))
    told = counts[["groep", "persons_low", "persons_high", "known"]].to_numpy().tolist()
    assert told == [["Ouderen", 0, 4, "suppressed"], ["Studenten", 10, 15, "suppressed"]]


def test_what_contradicts_is_told_with_its_cells(write):
    table = "groep;Aantal personen\nStudent: in;100\nStudent: uit;200\nStudenten;150\n"
    with pytest.raises(InputError, match=r"kampen_2021\.csv, 2, .*against kampen_2021\.csv, 4"):
        known(write("kampen_2021.csv", table))
    with pytest.raises(InputError, match=r"15 / 100 in a_2021\.csv, 2, Ouderen; b_2021\.csv"):
        known(
            write("a_2021.csv", "gemeente;Ouderen\nKampen;15\n"),
            write("b_2021.csv", "gemeente;Ouderen\nKampen;100\n"),
        )


def test_a_suppressed_count_that_may_protect_another_is_bounded_from_above_alone(write):
    """Either 495 is suppressed, or there are other students: nobody knows which."""
    table = "groep;Aantal personen\nStudent: in;?\nStudent: uit;10\nStudenten;505\n"
    counts, notes = known(write("kampen_2021.csv", table))
    hidden = of(counts, "Studenten", "in")
    assert (hidden["persons_low"], hidden["persons_high"]) == (0, 499)
    assert any("or a suppressed one is not small" in note for note in notes)


def test_a_total_is_firmer_than_that_suppressed_counts_are_small(write):
    table = "gemeente;Ouderen\nKampen;?\nZwolle;25\nOmmen;?\nTotaal;520\n"
    counts, _ = known(write("a_2021.csv", table))
    assert counts["persons_low"].tolist() == [0, 23, 0]
    both = counts[counts["known"] == "suppressed"]
    assert both["persons_high"].tolist() == [499, 499], "520 + 2 less 25 - 2"


@given(st.data())
def test_the_true_counts_lie_inside_whatever_is_suppressed(data):
    """Parts by owner of a group by gemeente with totals; any cell may be suppressed, all others are rounded."""
    number = st.integers(0, 60)
    true, rows = {}, []
    names = ["Kampen", "Zwolle", "Ommen"]
    for name in names:
        for sub in ("a", "b"):
            owned, rented, rest = (data.draw(number) for _ in range(3))
            true |= {
                (name, sub, "koop"): owned,
                (name, sub, "huur"): rented,
                (name, sub, ""): owned + rented + rest,
            }
        for part in ("", "koop", "huur"):
            true[name, "", part] = true[name, "a", part] + true[name, "b", part]
    for sub in ("a", "b", ""):
        for part in ("", "koop", "huur"):
            true["Totaal", sub, part] = sum(true[name, sub, part] for name in names)
    small = data.draw(st.booleans())
    for key, count in true.items():
        hidden = count < 10 if small else data.draw(st.integers(0, 3)) == 0
        rows.append((*key, np.nan if hidden else 5.0 * round(count / 5), hidden))
    cells = pd.DataFrame(rows, columns=["gemeente", "sub", "part", "persons", "suppressed"])
    cells = cells.assign(
        file="a.csv", line=range(2, 2 + len(cells)), column=cells["part"],
        code=cells["gemeente"].replace("Totaal", ""),
        row=np.where(cells["gemeente"] == "Totaal", "total", "gemeente"), groep="Ouderen", year=2021, low=0.0,
        high=np.inf,
    )  # fmt: skip
    counts, _ = know_counts(cells, suppressed_most=None if small else 1e9)
    for row in counts.itertuples(index=False):
        count = true[row.code, row.sub, row.part]
        assert row.persons_low <= count
        assert not row.persons_high < count


def test_only_question_marks_have_no_end(write):
    counts, notes = known(write("kampen_2021.csv", "gemeente;Ouderen;Studenten\nKampen;?;?\n"))
    assert counts["persons_low"].tolist() == [0, 0]
    assert counts["persons_high"].isna().all()
    assert any("no published one" in note for note in notes)
    told, _ = known(write("k_2021.csv", "gemeente;Ouderen\nKampen;?\n"), suppressed_most=9)
    assert told["persons_high"].tolist() == [9]


@given(
    st.lists(st.integers(0, 60), min_size=3, max_size=6),
    st.integers(5, 20),
)
def test_the_true_counts_lie_inside_whatever_is_suppressed_under_a_threshold(people, threshold):
    """Gemeenten with a total; what is under the threshold is suppressed, all else rounded to 5."""
    names = ["Kampen", "Zwolle", "Ommen", "Raalte", "Dalfsen", "Hardenberg"][: len(people)]
    rows = [*zip(names, people, strict=True), ("Totaal", sum(people))]
    cells = pd.DataFrame({
        "file": "a.csv", "line": range(2, 2 + len(rows)), "column": "x",
        "row": ["gemeente"] * len(names) + ["total"], "gemeente": [n for n, _ in rows],
        "code": [*(f"GM{i:04}" for i in range(len(names))), ""], "groep": "Ouderen", "sub": "", "part": "",
        "year": 2021,
        "persons": [np.nan if n < threshold else 5.0 * round(n / 5) for _, n in rows],
        "suppressed": [n < threshold for _, n in rows],
    })  # fmt: skip
    cells["low"], cells["high"] = 0.0, np.inf
    counts, _ = know_counts(cells)
    high = counts["persons_high"].fillna(np.inf)
    assert (counts["persons_low"] <= people).all()
    assert (people <= high).all()


def test_gemeenten_that_merged_are_followed(write):
    path = write(
        "personen_2021.csv",
        "gemeente;Ouderen\nBrielle;10\nHellevoetsluis;20\nWestvoorne;30\nBeemster;5\nPurmerend;50\n"
        "Uden;15\nHaaren;40\nBoxtel;100\n",
    )
    counts, _ = known(path)
    found, notes = follow_merges(counts, {"GM1992": "Voorne aan Zee"})
    rows = found.set_index("gemeente")
    assert rows.loc["Voorne aan Zee", "persons"] == 60
    assert rows.loc["Purmerend", "persons"] == 55
    assert rows.loc["Purmerend", "source"].startswith("sum(")
    assert np.isnan(rows.loc["Maashorst", "persons"]), "Landerd is not in the table"
    assert np.isnan(rows.loc["Maashorst", "persons_high"])
    boxtel = rows.loc["Boxtel"]
    assert np.isnan(boxtel["persons"]), "a part of Haaren, and nobody knows which"
    assert boxtel["persons_low"] <= 100
    assert boxtel["persons_high"] >= 140 - 5
    assert any("Landerd" in note for note in notes)
    alone, _ = follow_merges(counts[counts["gemeente"] == "Beemster"], {})
    assert np.isnan(alone["persons"].iloc[0]), "Purmerend was there before, and is not told"
    stays, _ = follow_merges(counts, {"GM0501": "Brielle"})
    assert "Brielle" in set(stays["gemeente"]), "a region of then keeps its borders"


@pytest.mark.parametrize(
    ("name", "text", "error", "says"),
    [
        ("a_2021.csv", "gemeente;Ouderen\nKampn;10\n", InputError, r"'Kampn' on line 2.*spell it as CBS"),
        ("a_2021.csv", "gemeente;Ouderen\nKampen;10\nKAMPEN;10\n", DuplicateIdError, "KAMPEN on line 3"),
        ("a.csv", "gemeente;Ouderen\nKampen;10\n", InputError, "no year is told"),
        ("a_2021.csv", "groep;Aantal\nOuderen;10\n", InputError, "no gemeente is told"),
        ("a_2021.csv", "gemeente;Aantal\nKampen;10\n", InputError, "no group is told"),
        ("a_2021.csv", "gemeente;Ouderen\nKampen;-5\n", InputError, "0 or more"),
        ("a_2021.csv", "gemeente;Ouderen\nKampen;10,5\n", InputError, "whole numbers"),
        ("a_2021.csv", "gemeente;Ouderen\nKampen;veel\n", FormatError, "'veel' on line 2"),
        ("a_2021.csv", "gemeente\nKampen\n", InputError, "no counts in it"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused_with_rows_and_a_cure(write, name, text, error, says):
    with pytest.raises(error, match=says) as told:
        read_tables([write(name, text)], codes={})
    assert str(told.value) != told.value.told("nl"), "in Dutch, too"


def test_what_a_file_does_not_say_can_be_said(write):
    path = write("export.csv", "groep;Aantal personen\nOuderen;10\n")
    cells, _ = read_tables([TableInput(path, gemeente="Kampen", year=2021)], codes={})
    assert cells[["code", "year", "persons"]].to_numpy().tolist() == [["GM0166", 2021, 10.0]]


def test_the_regions_own_row_is_a_total_and_a_sum_over_groups_is_left_out(write):
    text = (
        "gemeente;Ouderen;Studenten;Totaal\nKampen;?;10;20\nZwolle;20;30;50\nNoordregio;45;40;70\n"
    )
    cells, notes = read_tables([write("a_2021.csv", text)], codes={}, region="Noordregio")
    counts, _ = know_counts(cells, suppressed_most=60)
    hidden = of(counts, "Ouderen", code="GM0166")
    assert (hidden["persons_low"], hidden["persons_high"]) == (21, 29)
    assert set(counts["groep"]) == {"Ouderen", "Studenten"}
    assert any("several groups" in note for note in notes)


def test_parts_owners_and_gemeenten_in_one_table(write):
    text = (
        "gemeente;groep;Aantal personen;Koopwoning;Huurwoning\nKampen;Ouderen: totaal;105;60;40\n"
        "Kampen;Ouderen: 85+;?;5;?\nKampen;Ouderen: jonger;100;55;?\n"
    )
    counts, _ = known(write("b_2021.csv", text))
    old = of(counts, "Ouderen", "85+")
    assert old["persons_low"] >= 3, "at least who owns"
    assert old["persons_high"] <= 9, "105 + 2 less 100 - 2"
    rent = counts[(counts["part"] == "Huurwoning") & (counts["sub"] != "")].set_index("sub")
    assert rent.loc["jonger", "persons_high"] <= 42
    assert rent.loc["85+", "persons_high"] <= 6, "what ownership leaves of nine"


def test_codes_are_those_that_public_bodies_use(shared_data):
    """Lists of the regional atlas, of 390 gemeenten then: every name has the code that stands beside it."""
    lists = sorted((shared_data / "recorded" / "gemeente").glob("regioatlas_*.csv"))
    assert lists
    for path in lists:
        table = pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig")
        assert len(table) == 390
        assert table["Gemeente"].map(code_of).tolist() == ("GM" + table["CBS"]).tolist()
