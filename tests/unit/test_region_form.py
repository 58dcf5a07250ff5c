"""The form: read as regions fill it, filled in its own order, and gemeente by kind of home derived from it."""

from __future__ import annotations

import io
import re

import numpy as np
import openpyxl
import pandas as pd
import pytest

from geowoonzorg.errors import DuplicateIdError, InputError, MissingColumnError, StudyError
from geowoonzorg.files import read_table, write_bytes
from geowoonzorg.messages import translate
from geowoonzorg.region.fitting import fit_woningtypes
from geowoonzorg.region.form import read_form
from geowoonzorg.region.form_filled import fill_form, render_form
from geowoonzorg.region.form_layout import read_form_layout
from geowoonzorg.region.household import persons_to_homes
from geowoonzorg.region.names import match_names

LAYOUT = read_form_layout()
CELLS = ["persons", "persons_low", "persons_high"]


def table(**columns):
    return pd.DataFrame(columns, dtype="str")


TABLE1 = table(
    Aandachtsgroep=["1. Studenten", "STATUSHOUDERS", "dak en thuislozen", "Ouderen", "Totaal"],
    Kampen=["1.200", "?", "0", "50", "1.250"],
    Zwolle=["1.800", "30-40", None, "150", "1.980"],
)
TABLE2 = table(
    Groep=["studenten", None, "Ouderen", None],
    Rij=["Beschikbaar", "Toe te voegen", "beschikbaar", "toe te voegen"],
    **{"Regulier": ["500", "0", "10", "20"], "Kamers (onzelfstandig)": ["1.000", "1.000", None, None],
       "geclusterde woningen": ["0", "0", "40", "100"], "Totaal": ["1.500", "1.000", "50", "120"]},
)  # fmt: skip
TABLE2 = TABLE2.rename(columns={"Kamers (onzelfstandig)": "Kamers"})


@pytest.fixture
def form():
    return read_form(TABLE1, TABLE2, where1="tabel1.csv", where2="tabel2.csv")


def test_the_form_has_its_fourteen_groups_and_no_row_for_the_elderly():
    assert [one.key for one in LAYOUT.groups if one.outside] == ["ouderen"]
    assert len(LAYOUT.groups) == 15


def test_no_two_things_of_the_form_are_spelled_alike():
    for names in (LAYOUT.groups, LAYOUT.woningtypes, LAYOUT.rows):
        known = {one.key: (one.name, one.name_en, *one.also) for one in names}
        spelled = [(name, key) for key, of in known.items() for name in of]
        assert match_names([name for name, _ in spelled], known).keys == dict(spelled)


def test_cells_stay_what_they_are(form):
    at = form.table1.set_index(["groep", "gemeente"])
    assert at.loc[("studenten", "Kampen"), CELLS].tolist() == [1200, 1200, 1200]
    hidden = at.loc[("vergunninghouders", "Kampen"), CELLS].tolist()
    assert np.isnan(hidden[0])
    assert hidden[1:] == [0, LAYOUT.suppressed_high]
    assert at.loc[("vergunninghouders", "Zwolle"), CELLS].tolist()[1:] == [30, 40]
    assert at.loc[("dakloos", "Zwolle"), CELLS].isna().all()
    assert at.loc[("dakloos", "Kampen"), "persons"] == 0
    assert at.loc[("studenten", "Kampen"), "source"] == "tabel1.csv: 1. Studenten × Kampen"


def test_groups_come_in_the_order_of_the_form(form):
    order = [one.key for one in LAYOUT.groups]
    found = list(dict.fromkeys(form.table1["groep"]))
    assert found == sorted(found, key=order.index)


def test_a_table_that_lies_the_other_way_is_the_same_table(form):
    turned = TABLE1.set_index("Aandachtsgroep").T.rename_axis("gemeente").reset_index()
    turned.columns = pd.Index([str(c) for c in turned.columns])
    other = read_form(turned, TABLE2)
    assert other.table1.drop(columns="source").equals(form.table1.drop(columns="source"))


def test_three_spellings_of_a_gemeente_are_one():
    for name in ("Gemeente Kampen", "KAMPEN", " kampen", "Kampn"):
        read = read_form(
            TABLE1.rename(columns={"Kampen": name}), TABLE2, gemeenten=["Kampen", "Zwolle"]
        )
        assert read.table1["gemeente"].unique().tolist() == ["Kampen", "Zwolle"]
    assert translate(read.notes[0], "nl") == "tabel 1: Kampn is gelezen als Kampen"
    coded = TABLE1.rename(columns={"Kampen": "GM0166"})
    read = read_form(coded, TABLE2, gemeenten={"Kampen": ["GM0166"], "Zwolle": []})
    assert read.table1["gemeente"].unique().tolist() == ["Kampen", "Zwolle"]
    assert read.notes == ()


def test_a_printed_total_is_no_row_and_is_held_against_its_parts():
    read = read_form(TABLE1, TABLE2, where1="t1")
    assert not any("Totaal" in source for source in read.table1["source"])
    assert read.notes == ()  # 1,980 lies among what Zwolle's parts can add up to
    wrong = TABLE1.copy()
    wrong.loc[4, "Kampen"] = "1.300"
    (note,) = read_form(wrong, TABLE2, where1="t1").notes
    assert translate(note, "nl") == (
        "t1: het totaal van Kampen staat er als 1.300, de delen tellen op tot 1.250 tot 1.257; gerekend is"
        " met de delen"
    )


def test_rounding_to_fives_is_no_difference():
    rounded = table(g=["studenten", "starters", "Totaal"], A=["15", "20", "40"])
    assert read_form(rounded, TABLE2).notes == ()


@pytest.mark.parametrize(
    ("kind", "one", "other", "said"),
    [
        (InputError, table(g=["Studenten", "Kabouters"], A=["1", "2"]), TABLE2, r"groepen die .* 1 \(Kabouters\)"),
        (InputError, TABLE1, TABLE2.rename(columns={"Kamers": "Luchtkasteel"}), r"woningtypen .*\(Luchtkasteel\)"),
        (InputError, TABLE1, TABLE2.replace("toe te voegen", "gesloopt"), r"soorten rijen .*\(gesloopt\)"),
        (MissingColumnError, TABLE1, TABLE2.drop(columns="Rij"), "met Beschikbaar, Toe te voegen"),
        (InputError, table(g=["Studenten"], A=["-1"]), TABLE2, r"0 of meer, niet 1 \('-1' op regel 2\)"),
        (InputError, table(g=["Studenten"], A=["1,5"]), TABLE2, r"hele getallen, niet 1 \('1,5' op regel 2\)"),
        (InputError, TABLE1, TABLE2.replace("500", "0,5"), "hele getallen"),
        (InputError, table(g=["Studenten"], A=["7-3"]), TABLE2, r"niet 1 \('7-3' op regel 2\); draai"),
        (DuplicateIdError, table(g=["Studenten", "student"], A=["1", "1"]), TABLE2, r"1 \(studenten\)"),
        (DuplicateIdError, TABLE1, pd.concat([TABLE2, TABLE2]), "ouderen available"),
        (InputError, table(g=["Studenten", None], A=["1", "1"]), TABLE2, "regel 3"),
        (InputError, TABLE1.assign(jaar="2023"), TABLE2.assign(jaar="2024"), "1 is van 2023 en tabel 2 van 2024"),
        (InputError, table(g=["studenten"] * 2, jaar=["1", "2"], A=["1", "2"]), TABLE2, "verschillende jaren"),
        (InputError, table(g=["Studenten"]), TABLE2, "geen gemeente in"),
        (InputError, TABLE1, TABLE2[["Groep", "Rij"]], "geen woningtype in"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_its_rows_and_cure(kind, one, other, said):
    with pytest.raises(kind) as caught:
        read_form(one, other)
    assert re.search(said, caught.value.told("nl")), caught.value.told("nl")


def test_a_gemeente_that_nobody_knows_is_refused():
    with pytest.raises(InputError, match=r"gemeenten that the form does not know: 1 \(Zwolle\)"):
        read_form(TABLE1, TABLE2, gemeenten=["Kampen", "Dalfsen"])


def test_persons_become_homes_by_the_stated_size(form):
    homes = persons_to_homes(form.table1, 1.5).set_index(["groep", "gemeente"])["homes"]
    assert homes["studenten"].tolist() == [800, 1200]
    assert homes["ouderen"].tolist() == [33, 100]  # 133.3 in all
    assert homes["dakloos"].isna().tolist() == [False, True]
    assert homes["dakloos"].tolist()[0] == 0
    with pytest.raises(StudyError, match="more than 0, not 0"):
        persons_to_homes(form.table1, 0)


def test_the_workbook_is_read_again_as_it_was(form, tmp_path):
    write_bytes(tmp_path / "hulpmiddel.xlsx", fill_form(form, 1.2))
    one, other = (read_table(f"{tmp_path}/hulpmiddel.xlsx|layername=Tabel {n}") for n in (1, 2))
    again = read_form(one, other)
    assert again.notes == ()
    cells = (
        again.table1.drop(columns="source").dropna(subset=["persons_low"]).reset_index(drop=True)
    )
    assert cells.equals(
        form.table1.drop(columns="source").dropna(subset=["persons_low"]).reset_index(drop=True)
    )
    cells = again.table2.drop(columns="source").dropna(subset=["homes_low"]).reset_index(drop=True)
    assert cells.equals(
        form.table2.drop(columns="source").dropna(subset=["homes_low"]).reset_index(drop=True)
    )


def test_the_workbook_has_every_group_in_its_order_and_open_cells_empty(form):
    book = openpyxl.load_workbook(io.BytesIO(fill_form(form, 1.2)))
    assert book.sheetnames == ["Tabel 1", "Tabel 1 in woningen", "Tabel 2", "Toelichting"]
    rows = list(book["Tabel 1"].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [one.name for one in LAYOUT.groups]
    by_name = {row[0]: row[1:] for row in rows}
    assert by_name["Studenten"] == (1200, 1800, 3000)
    assert by_name["Vergunninghouders"] == ("0–7", "30–40", "30–47")
    assert by_name["(Dreigend) dak- en thuislozen"] == (0, None, None)
    assert by_name["Starters"] == (None, None, None)


def test_two_workbooks_are_the_same_bytes_and_hold_no_moment(form, monkeypatch):
    one = fill_form(form, 1.2)
    import openpyxl.writer.excel as writer

    class Later(writer.datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2099, 1, 1, tzinfo=tz)

    monkeypatch.setattr(writer.datetime, "datetime", Later)
    assert fill_form(form, 1.2) == one


def test_what_people_write_runs_nowhere(form):
    evil = '=HYPERLINK("http://x")<script>alert(1)</script>\x07'
    read = read_form(TABLE1.rename(columns={"Kampen": evil}), TABLE2)
    book = openpyxl.load_workbook(io.BytesIO(fill_form(read, 1.2)))
    cell = book["Tabel 1"]["B1"]
    assert (cell.data_type, cell.value) == ("s", evil.rstrip("\x07"))
    page = render_form(read, 1.2)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_page_is_told_in_either_language(form):
    fitted = fit_woningtypes(form.table1, form.table2, 1.2)
    dutch, english = (render_form(form, 1.2, fitted=fitted, lang=lang) for lang in ("nl", "en"))
    assert "<caption>Woningen per aandachtsgroep en woningtype</caption>" in dutch
    assert '<th scope="row">Studenten</th><td>1.200</td>' in dutch
    assert "1,2 personen per woning" in dutch
    assert '<th scope="row">Students</th><td>1,200</td>' in english
    assert not re.search(r"\b(Toe te voegen|woningen|onbekend|Totaal)\b", english)
    assert "Woningen per gemeente en woningtype (afgeleid)" in dutch


def test_what_is_derived_has_a_sheet_of_its_own(form):
    fitted = fit_woningtypes(form.table1, form.table2, 1.2)
    book = openpyxl.load_workbook(io.BytesIO(fill_form(form, 1.2, fitted=fitted)))
    rows = list(book["Gemeente x woningtype"].iter_rows(values_only=True))
    assert rows[0] == (
        "Gemeente",
        "Aandachtsgroep",
        "Rij",
        "Regulier zelfstandig",
        "Geclusterd",
        "Onzelfstandig",
        "Totaal",
    )
    assert rows[1] == ("Kampen", "Studenten", "Beschikbaar", 200, 0, 400, 600)
    elderly = {row[:3]: row[3:] for row in rows}[
        ("Zwolle", "Ouderen (buiten het formulier)", "Toe te voegen")
    ]
    assert elderly == (15, 75, None, None)


def test_gemeente_by_kind_keeps_both_margins(form):
    fitted = fit_woningtypes(form.table1, form.table2, 1.2)
    students = fitted[fitted["groep"] == "studenten"]
    assert students.groupby("gemeente")["homes"].sum().tolist() == [1000, 1500]
    margin = students.groupby(["row", "woningtype"])["homes"].sum()
    assert margin[("available", "onzelfstandig")] == 1000
    assert margin[("to_add", "onzelfstandig")] == 1000
    assert margin[("available", "regulier")] == 500
    assert students["derived"].all()
    assert (
        "tabel1.csv: 1. Studenten × Kampen; tabel2.csv: studenten (Beschikbaar) × Regulier"
        in students["source"].iloc[0]
    )


def test_what_the_tables_leave_open_stays_open(form):
    fitted = fit_woningtypes(form.table1, form.table2, 1.2)
    elderly = fitted[fitted["groep"] == "ouderen"].set_index(["gemeente", "row", "woningtype"])
    assert elderly.loc[("Zwolle", "to_add", "geclusterd"), "homes"] == 75
    assert (
        elderly.loc[("Zwolle", "to_add", "onzelfstandig"), ["homes", "homes_low", "homes_high"]]
        .isna()
        .all()
    )
    told = [translate(note, "nl") for note in fitted.attrs["notes"]]
    assert "tabel 2 zegt niets over 2 (dakloos, vergunninghouders)" in told[0]


def test_tables_that_contradict_each_other_are_told_with_both_numbers():
    one = pd.DataFrame({"groep": "starters", "gemeente": ["A", "B"], "persons": [12, 11]})
    other = pd.DataFrame(
        {"groep": "starters", "row": "to_add", "woningtype": ["regulier"], "homes": [40]}
    )
    (note,) = fit_woningtypes(one, other, 1.0).attrs["notes"]
    assert translate(note, "nl").startswith(
        "starters: de personen van tabel 1 hebben 23 woningen nodig bij 1"
    )
    told = [
        len(fit_woningtypes(one, other.assign(homes=n), 1.0).attrs["notes"])
        for n in (21, 22, 24, 25)
    ]
    assert told == [1, 0, 0, 1]  # one home is rounding


def test_persons_in_fives_may_differ_by_their_rounding():
    one = pd.DataFrame({"groep": "starters", "gemeente": ["A", "B"], "persons": [10, 15]})
    other = pd.DataFrame(
        {"groep": "starters", "row": "to_add", "woningtype": ["regulier"], "homes": [0]}
    )
    told = [
        len(fit_woningtypes(one, other.assign(homes=n), 1.0).attrs["notes"])
        for n in (18, 19, 31, 32)
    ]
    assert told == [1, 0, 0, 1]  # two times 2.5, and one


def test_margins_that_cannot_meet_are_refused_with_the_groups():
    one = pd.DataFrame({"groep": ["starters", "ggz"], "gemeente": "A", "persons": [0, 5]})
    other = pd.DataFrame(
        {"groep": ["starters", "ggz"], "row": "to_add", "woningtype": "regulier", "homes": [4, 0]}
    )
    with pytest.raises(InputError) as caught:
        fit_woningtypes(one, other, 1.0)
    told = caught.value.told("nl")
    assert "geen woning in tabel 2: 1 (ggz)" in told
    assert "niemand in tabel 1: 1 (starters)" in told


def test_what_is_impossible_stays_nothing_and_homes_without_a_place_are_told():
    one = pd.DataFrame({"groep": "woonwagenbewoners", "gemeente": ["A", "B"], "persons": [10, 10]})
    other = pd.DataFrame(
        {
            "groep": "woonwagenbewoners",
            "row": "to_add",
            "woningtype": ["standplaats", "regulier"],
            "homes": [8, 12],
        }
    )
    nowhere = pd.DataFrame({"gemeente": ["A"], "woningtype": ["standplaats"]})
    fitted = fit_woningtypes(one, other, 1.0, impossible=nowhere)
    assert fitted["homes"].tolist() == [0, 10, 8, 2]
    assert fitted["homes_high"].tolist() == [0, 10, 8, 10]
    with pytest.raises(
        InputError, match=r"woonwagenbewoners: 2 homes have no place: in 1 .A., of 1 .standplaats."
    ):
        fit_woningtypes(one, other.assign(homes=[12, 8]), 1.0, impossible=nowhere)
    with pytest.raises(InputError, match="what is impossible names"):
        fit_woningtypes(one, other, 1.0, impossible=nowhere.assign(gemeente="C"))


def test_suppressed_persons_leave_bounds_and_no_number():
    one = pd.DataFrame(
        {
            "groep": "ggz",
            "gemeente": ["A", "B"],
            "persons": [10, np.nan],
            "persons_low": [10, 0],
            "persons_high": [10, 10],
        }
    )
    other = pd.DataFrame(
        {"groep": "ggz", "row": "to_add", "woningtype": ["regulier", "begeleid"], "homes": [4, 6]}
    )
    fitted = fit_woningtypes(one, other, 1.0)
    assert fitted["homes"].isna().all()
    assert fitted["homes_low"].tolist() == [0, 1, 0, 0]
    assert fitted["homes_high"].tolist() == [4, 6, 4, 5]


def test_a_table_of_the_databank_is_a_table_1_as_it_stands(shared_data):
    path = shared_data / "monitor" / "personen_per_groep_gemeenten_2021.csv"
    form = read_form(read_table(path), TABLE2, where1=path.name)
    assert form.table1["groep"].unique().tolist() == [
        "detentie",
        "vergunninghouders",
        "studenten",
        "ouderen",
    ]
    at = form.table1.set_index(["groep", "gemeente"])
    assert at.loc[("ouderen", "Alkmaar"), "persons"] == 37_970
    assert at.loc[("detentie", "Aalten"), ["persons_low", "persons_high"]].tolist() == [0, 7]
    assert at.loc[("vergunninghouders", "Alkmaar"), "persons"] == 1_060


def test_homes_of_a_kind_that_the_others_cannot_hold_are_surely_there():
    one = pd.DataFrame({"groep": "ggz", "gemeente": ["A", "B"], "persons": [9, 1]})
    other = pd.DataFrame(
        {"groep": "ggz", "row": "to_add", "woningtype": ["regulier", "begeleid"], "homes": [9, np.nan],
         "homes_low": [9, 0], "homes_high": [9, 10]}
    )  # fmt: skip
    fitted = fit_woningtypes(one, other, 1.0)
    assert fitted["homes_low"].tolist() == [7, 0, 0, 0]  # of 9 to 19 homes B has 2 at most
    assert fitted["homes_high"].tolist() == [9, 10, 2, 2]


def test_bounds_of_homes_leave_room_for_rounding_the_whole_group_first():
    truth = pd.DataFrame({"groep": "ggz", "gemeente": [*"ABCDEF"], "persons": [30, 1, 1, 1, 1, 1]})
    exact = persons_to_homes(truth, 10.0)["homes"]
    assert exact.tolist() == [4, 0, 0, 0, 0, 0]  # 3.5 in all is 4, and A's remainder the largest
    known = truth.astype({"persons": float}).assign(
        persons_low=truth["persons"], persons_high=truth["persons"]
    )
    known.loc[5, ["persons", "persons_low", "persons_high"]] = [np.nan, 0, 7]
    told = persons_to_homes(known, 10.0)
    assert told["homes_high"].tolist()[0] >= 4
    assert told["homes_low"].tolist()[0] <= 3


def test_a_spelling_that_is_as_near_to_two_names_is_neither():
    known = {"a": ["Noorderdorp"], "b": ["Noorderdorf"]}
    assert match_names(["Noorderdorx"], known).unknown == ["Noorderdorx"]
    assert match_names(["Noorderdrp"], {"a": ["Noorderdorp"]}).guessed == ["Noorderdrp"]
