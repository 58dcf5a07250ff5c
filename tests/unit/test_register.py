"""An own list and OSM: read by coordinates or addresses, laid side by side, corrected and read back."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from told import dutch

from geowoonzorg.errors import DuplicateIdError, InputError, MissingColumnError, StudyError
from geowoonzorg.files import write_csv
from geowoonzorg.messages import translate
from geowoonzorg.opendata.reconcile import names_alike, reconcile, write_reconciled
from geowoonzorg.opendata.register import as_register, locate, merge_register, read_register
from geowoonzorg.osm import read_osm
from geowoonzorg.town.facilities import reconcile_register
from geowoonzorg.town.reading import demo_study

CRS = "EPSG:28992"
X, Y = 190_000.0, 507_000.0


def osm_frame(rows):
    """Facilities as OSM gives them: (osm_id, class, name, x offset, y offset)."""
    return gpd.GeoDataFrame(
        {
            "id": [r[0] for r in rows],
            "facility_class": [r[1] for r in rows],
            "name": [r[2] for r in rows],
            "osm_id": [r[0] for r in rows],
            "last_edit": pd.to_datetime(["2022-01-01"] * len(rows)),
        },
        geometry=[shapely.Point(X + r[3], Y + r[4]) for r in rows],
        crs=CRS,
    )


def own_frame(rows):
    """Build an own list: (id, class, name, x offset, y offset)."""
    frame = gpd.GeoDataFrame(
        {"id": [r[0] for r in rows], "klasse": [r[1] for r in rows], "naam": [r[2] for r in rows]},
        geometry=[shapely.Point(X + r[3], Y + r[4]) for r in rows],
        crs=CRS,
    )
    return as_register(frame.assign(peildatum="31-12-2023"))


OSM = osm_frame(
    [
        ("n1", "huisarts", "Huisartsenpraktijk Bos", 0, 0),
        ("n2", "huisarts", "Praktijk De Vries", 100, 0),
        ("n3", "huisarts", "Dokter Ver", 3000, 0),
        ("w4", "supermarkt", "Boni", 0, 500),
    ]
)


def test_each_case_is_told_apart():
    own = own_frame(
        [
            ("a", "huisarts", "Huisarts Bos", 10, 0),  # matched by name and place
            ("b", "huisarts", "De Vries", 400, 0),  # moved 300 m
            ("c", "huisarts", "Nieuwe Praktijk", 1000, 0),  # only in the list
        ]
    )
    table = reconcile(own, OSM, as_of=dt.date(2024, 12, 31))
    status = table.set_index("id")["status"]
    assert status.to_dict() == {"a": "matched", "b": "moved", "c": "only_list", "n3": "only_osm"}
    assert table.set_index("id").loc["b", "distance_m"] == 300.0
    assert table.set_index("id").loc["b", "osm_id"] == "n2"
    assert table["list_age_years"].dropna().tolist() == [1.0, 1.0, 1.0]
    assert table.set_index("id").loc["n3", "osm_age_years"] == 3.0
    assert "w4" not in set(table["osm_id"]), "a class the list does not hold is not compared"
    assert reconcile(own, OSM)["list_age_years"].isna().all()


def test_two_practices_in_one_building_are_paired_by_name():
    osm = osm_frame([("n1", "huisarts", "Jansen", 0, 0), ("n2", "huisarts", "Pietersen", 5, 0)])
    own = own_frame([("p", "huisarts", "Pietersen", 0, 0), ("j", "huisarts", "Jansen", 5, 0)])
    table = reconcile(own, osm).set_index("id")
    assert table["osm_id"].to_dict() == {"p": "n2", "j": "n1"}


@given(
    own=st.lists(
        st.tuples(
            st.sampled_from(["huisarts", "apotheek"]),
            st.sampled_from(["Bos", "Vries", "Hanze", "Apotheek"]),
            st.integers(0, 900),
            st.integers(0, 900),
        ),
        min_size=1,
        max_size=8,
    ),
    osm=st.lists(
        st.tuples(
            st.sampled_from(["huisarts", "apotheek"]),
            st.sampled_from(["Bos", "Vries", "Hanze", "Apotheek"]),
            st.integers(0, 900),
            st.integers(0, 900),
        ),
        max_size=8,
    ),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_everything_is_counted_once_and_order_does_not_matter(own, osm, seed):
    mine = own_frame([(f"l{i}", *row) for i, row in enumerate(own)])
    theirs = osm_frame([(f"n{i}", *row) for i, row in enumerate(osm)])
    table = reconcile(mine, theirs)
    held = theirs[theirs["facility_class"].isin(set(mine["facility_class"]))]
    listed = table[table["status"] != "only_osm"]
    assert sorted(listed["id"]) == sorted(mine["id"])
    assert sorted(table["osm_id"].dropna()) == sorted(held["osm_id"])
    rng = np.random.default_rng(seed)
    shuffled = reconcile(
        mine.iloc[rng.permutation(len(mine))], theirs.iloc[rng.permutation(len(theirs))]
    )
    pd.testing.assert_frame_equal(
        table.sort_values("id").reset_index(drop=True),
        shuffled.sort_values("id").reset_index(drop=True),
    )


def test_the_corrected_table_reads_back_and_wins(tmp_path):
    own = own_frame([("a", "huisarts", "Huisarts Bos", 10, 0), ("c", "huisarts", "Nieuw", 900, 0)])
    write_reconciled(tmp_path / "controle.csv", reconcile(own, OSM))
    table = pd.read_csv(tmp_path / "controle.csv", dtype=str)
    assert set(table["status"]) == {"in beide", "alleen in de lijst", "alleen in OSM"}
    table.loc[table["id"] == "c", "x"] = str(X + 950)  # moved by hand
    table.loc[table["id"] == "n2", "gebruik"] = "nee"  # closed
    table.to_csv(tmp_path / "controle.csv", index=False)
    corrected = read_register(tmp_path / "controle.csv")
    merged, notes = merge_register(OSM, corrected, classes=["huisarts", "supermarkt"])
    ids = merged.set_index("id")
    assert set(ids.index) == {"a", "c", "n3", "w4"}
    assert ids.loc["c"].geometry.x == X + 950
    assert ids.loc["n3"].geometry == OSM.geometry[2]
    assert any("niet te gebruiken volgens de lijst: 1 (n2)" in note for note in dutch(notes))
    assert any("huisarts: 3 van de lijst in plaats van 3 van OSM" in note for note in dutch(notes))


def test_an_untouched_table_keeps_the_buildings_of_osm(tmp_path):
    osm = OSM.copy()
    osm.loc[2, "geometry"] = shapely.box(X + 3000, Y, X + 3020, Y + 30)
    own = own_frame([("a", "huisarts", "Huisarts Bos", 10, 0)])
    write_reconciled(tmp_path / "controle.csv", reconcile(own, osm))
    merged, _ = merge_register(osm, read_register(tmp_path / "controle.csv"), classes=["huisarts"])
    assert merged.set_index("id").loc["n3"].geometry.area == 600


@given(
    name=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20)
)
@settings(max_examples=40, deadline=None)
def test_names_survive_the_round_trip(tmp_path_factory, name):
    path = tmp_path_factory.mktemp("register") / "controle.csv"
    own = own_frame([("a", "huisarts", name, 0, 0)])
    write_reconciled(path, reconcile(own, OSM))
    back = read_register(path)
    kept = back.loc[back["id"] == "a", "name"].iloc[0]
    expected = own["name"].iloc[0]
    assert (pd.isna(kept) and pd.isna(expected)) or kept == expected


# ------------------------------------------------------------------------------------- addresses

KNOWN = gpd.GeoDataFrame(
    {
        "street": ["Oudestraat", "Oudestraat", "Oudestraat", "Plantage"],
        "housenumber": ["12", "12a", "14", "3"],
        "postcode": ["8261 CA", "8261CA", "8261CA", None],
        "city": ["Kampen", "Kampen", "Kampen", "Kampen"],
    },
    geometry=[shapely.Point(X + d, Y) for d in (0, 10, 20, 400)],
    crs=CRS,
)


@pytest.mark.parametrize(
    ("row", "offset"),
    [
        ({"adres": "Oudestraat 12a, 8261 CA Kampen"}, 10),
        ({"adres": "Oudestraat 14, Kampen"}, 20),
        ({"postcode": "8261ca", "huisnummer": "14"}, 20),
        ({"postcode": "8261 CA", "huisnummer": "12", "toevoeging": "A"}, 10),
        ({"straat": "plantage", "huisnummer": "3", "plaats": "KAMPEN"}, 400),
        ({"adres": "Plantage 3"}, 400),
        ({"adres": "Nergens 1, 9999 ZZ Nergenshuizen"}, None),
        ({"adres": "alleen tekst"}, None),
    ],
)
def test_addresses_are_found_as_people_write_them(row, offset):
    (point,) = locate(pd.DataFrame([row]), KNOWN, where="list.csv")
    assert point is None if offset is None else point.x == X + offset


def test_an_address_that_is_an_area_is_its_middle():
    plot = gpd.GeoDataFrame(
        {"postcode": ["8261AA"], "housenumber": ["12"]},
        geometry=[shapely.box(190_000, 507_000, 190_010, 507_020)],
        crs=28992,
    )
    found = locate(pd.DataFrame({"adres": ["Oudestraat 12, 8261AA"]}), plot, where="x")
    assert found[0] == shapely.Point(190_005, 507_010)


def test_a_number_in_two_towns_is_no_place():
    known = pd.concat([KNOWN, KNOWN.assign(city="Elders", geometry=KNOWN.translate(5000))])
    found = locate(pd.DataFrame({"adres": ["Plantage 3", "Plantage 3"]}), known, where="x")
    assert found.isna().all()


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"straat": "Plantage", "huisnummer": "3", "plaats": "Norg"}, False),
        ({"straat": "Plantage", "huisnummer": "3", "plaats": "Kampen", "postcode": "9331AV"}, True),
        ({"straat": "Oudestraat", "huisnummer": "14", "postcode": "9331AV"}, False),
        ({"straat": "Plantage", "huisnummer": "3", "postcode": "9331AV"}, True),  # ours has none
        ({"straat": "Plantage", "huisnummer": "3"}, True),
    ],
)
def test_a_street_and_number_of_another_town_is_not_ours(row, found):
    """A list of the whole country has a Schoolstraat 3 in many towns."""
    (point,) = locate(pd.DataFrame([row]), KNOWN, where="list.csv")
    assert (point is not None) is found


def test_entries_that_are_not_found_are_named_and_left_out(tmp_path):
    table = pd.DataFrame(
        {"naam": ["Bos", "Weg"], "type": "huisarts", "adres": ["Oudestraat 14", "Nergens 1"]}
    )
    write_csv(tmp_path / "lijst.csv", table)
    register = read_register(tmp_path / "lijst.csv", addresses=KNOWN)
    assert register["name"].tolist() == ["Bos"]
    assert any("on lines 1 (3)" in note for note in register.attrs["notes"])
    with pytest.raises(InputError, match="no addresses to look"):
        read_register(tmp_path / "lijst.csv")
    write_csv(tmp_path / "lijst.csv", table.iloc[1:])
    with pytest.raises(InputError, match="not one of its 1 addresses"):
        read_register(tmp_path / "lijst.csv", addresses=KNOWN)
    write_csv(tmp_path / "lijst.csv", table.drop(columns="adres"))
    with pytest.raises(MissingColumnError, match="no coordinates"):
        read_register(tmp_path / "lijst.csv", addresses=KNOWN)


def test_a_kampen_list_by_address_finds_osms_own_places(shared_data, tmp_path):
    """Made of the extract's own huisartsen and the address nearest to each."""
    data = read_osm(
        shared_data / "kampen" / "kampen.osm.pbf",
        facility_classes=["huisarts", "apotheek"],
        addresses=True,
    )
    places = data.facilities.to_crs(CRS)
    addresses = data.addresses.to_crs(CRS)
    near = addresses.iloc[addresses.sindex.nearest(places.geometry, return_all=False)[1]]
    table = pd.DataFrame(
        {
            "naam": places["name"].to_numpy(),
            "klasse": places["facility_class"].to_numpy(),
            "postcode": near["postcode"].to_numpy(),
            "huisnummer": near["housenumber"].to_numpy(),
        }
    )
    write_csv(tmp_path / "lijst.csv", table)
    register = read_register(tmp_path / "lijst.csv", addresses=addresses)
    assert len(register) == len(places)
    table = reconcile(register, places)
    assert (table["status"] == "matched").sum() == len(places)


# ------------------------------------------------------------------------------------ bad lists


def test_classes_are_understood_or_a_hint_is_given():
    own = gpd.GeoDataFrame(
        {"soort": ["Huisartsen", "huis van de wijk", "OV-halte", "Supermarkt"][:2]},
        geometry=[shapely.Point(X, Y)] * 2,
        crs=CRS,
    )
    assert as_register(own)["facility_class"].tolist() == ["huisarts", "buurthuis"]
    with pytest.raises(InputError, match="did you mean apotheek"):
        as_register(own.assign(soort="apoteek"))
    with pytest.raises(MissingColumnError, match="class"):
        as_register(own.drop(columns="soort"))


def places(**columns):
    n = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(X + i, Y) for i in range(n)], crs=CRS)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Wijkgezondheidscentrum", "huisarts"),
        ("Huis van de Wijk", "buurthuis"),
        ("buurtsuper", "supermarkt"),
        ("Bushalte", "ov_halte"),
        ("OV-halte", "ov_halte"),
        ("ov_halte", "ov_halte"),
        ("VERPLEEGHUIZEN", "verpleeghuis"),
        ("Dorpshuis", "buurthuis"),
        ("Inloop", "inloophuis"),
        ("Inloopvoorziening", "inloopvoorziening"),
        ("Dagbesteding", "dagopvang"),
        ("Respijthuis", "logeeropvang"),
        ("Respijtzorg", "respijtzorg"),
        ("Nachtopvang", "nachtopvang"),
        ("Zorgkantoor", "zorgkantoor"),
    ],
)
def test_the_words_of_the_field_are_classes(written, read):
    assert as_register(places(Klasse=[written]))["facility_class"].tolist() == [read]


def test_rows_of_another_kind_are_left_out_and_named():
    words = ["apotheek", "kapper", "Huisartsenpost", "supermarkt", None]
    own = as_register(places(klasse=words, naam=["A", "B", "C", "D", "E"]))
    assert own["name"].tolist() == ["A", "D"]
    assert own["id"].tolist() == ["lijst1", "lijst4"], "the rows of the list as one sees them"
    (note,) = [n for n in dutch(own.attrs["notes"]) if "weggelaten" in n]
    assert "3 van 5 rijen" in note
    assert "3 ((leeg), Huisartsenpost, kapper)" in note
    assert "bekend zijn huisarts, supermarkt" in note


def test_a_known_class_misspelt_is_asked_about_and_not_left_out():
    with pytest.raises(
        InputError, match=r"unknown facility classes: 1 \(apoteek\); did you mean apotheek"
    ):
        as_register(places(klasse=["apoteek", "supermarkt", "kapper"]))
    with pytest.raises(InputError, match=r"2 \(kapper, speeltuin\); known are huisarts"):
        as_register(places(klasse=["kapper", "speeltuin"]))


def test_of_a_code_and_a_word_the_one_that_is_understood_is_the_class():
    own = as_register(places(type=["KDV", "HA"], soort=["Apotheek", "Huisarts"]))
    assert own["facility_class"].tolist() == ["apotheek", "huisarts"]


def test_a_list_of_one_class_is_told_so_once():
    schools = places(VESTIGINGSNAAM=["De Ark"])
    with pytest.raises(MissingColumnError, match="register_class"):
        as_register(schools)
    own = as_register(schools, facility_class="basisschool")
    assert own[["facility_class", "name"]].loc[0].tolist() == ["basisschool", "De Ark"]
    mixed = as_register(places(klasse=["apotheek", None]), facility_class="huisarts")
    assert mixed["facility_class"].tolist() == ["apotheek", "huisarts"]
    of_codes = as_register(places(type=["KDV", "BSO"]), facility_class="basisschool")
    assert of_codes["facility_class"].tolist() == ["basisschool"] * 2
    with pytest.raises(StudyError, match="'kapper' is no facility class; known are huisarts"):
        as_register(schools, facility_class="kapper")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("longitude,latitude", "5.9123,52.5551"),
        ("Longitude,Latitude", "5.912,52.555"),
        ("X_coord,Y_coord", "190600,507600"),
        ("RD_X,RD_Y", "190600.5,507600"),
    ],
)
def test_a_list_has_coordinates_under_any_usual_header(tmp_path, header, cells):
    path = tmp_path / "lijst.csv"
    path.write_text(f"id,Naam,Type,{header}\n1,A,huisarts,{cells}\n", encoding="utf-8-sig")
    own = read_register(path)
    assert own["name"].tolist() == ["A"]
    assert own.geometry[0].distance(shapely.Point(190_600, 507_600)) < 50


def test_duos_columns_are_an_address(tmp_path):
    path = tmp_path / "scholen.csv"
    rows = "BRIN NUMMER,VESTIGINGSNAAM,STRAATNAAM,HUISNUMMER-TOEVOEGING,POSTCODE,PLAATSNAAM\n"
    rows += '16AH,"De Ark, openbaar",Oudestraat,12-a,8261 CA,KAMPEN\n'
    rows += f"16BX,Café é,Plantage,3,{' ' * 80},KAMPEN\n"
    path.write_bytes(rows.encode("latin-1"))
    own = read_register(path, addresses=KNOWN, facility_class="basisschool")
    assert own["name"].tolist() == ["De Ark, openbaar", "Café é"]
    assert own.geometry.x.tolist() == [X + 10, X + 400]


def test_ids_that_clash_with_osm_are_refused():
    own = own_frame([("n4", "huisarts", "Bos", 0, 0)])
    osm = osm_frame([("n4", "supermarkt", "Boni", 0, 0)])
    with pytest.raises(DuplicateIdError, match="n4"):
        merge_register(osm, own, classes=["huisarts", "supermarkt"])


def test_a_list_wins_only_for_the_classes_it_holds():
    own = own_frame([("a", "huisarts", "Bos", 0, 0), ("z", "apotheek", "Zee", 0, 0)])
    merged, notes = merge_register(OSM, own, classes=["huisarts", "supermarkt"])
    assert sorted(merged["id"]) == ["a", "w4"]
    assert any(
        "1 voorziening van niet gevraagde soorten (apotheek)" in note for note in dutch(notes)
    )
    assert list(merged.columns) == list(OSM.columns)
    assert merge_register(OSM, None, classes=["huisarts"])[0] is OSM


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Albert Heijn", "AH Albert Heijn", True),
        ("Huisartsen Hanzepraktijk", "Hanzepraktijk", True),
        ("Apotheek", "Apotheek", False),  # says what it is, not which one
        ("Bos", None, False),
    ],
)
def test_names(one, other, same):
    assert names_alike(one, other) is same
    assert names_alike(other, one) is same


def test_notes_name_a_class_in_the_language_of_their_reader():
    own = own_frame([("a", "ov_halte", "Markt", 10, 0), ("b", "bank", "", 10, 0)])
    notes = merge_register(OSM, own, classes=["ov_halte"])[1]
    assert notes[-1] == "register: ov_halte: 1 of the list instead of 0 of OSM"
    assert [translate(note, "en") for note in notes[-2:]] == [
        "register: 1 facility of kinds that are not asked for (bench)",
        "register: transit stop: 1 of the list instead of 0 of OSM",
    ]
    assert dutch(notes[-2:]) == [
        "register: 1 voorziening van niet gevraagde soorten (bankje)",
        "register: halte: 1 van de lijst in plaats van 0 van OSM",
    ]


def test_what_a_comparison_leaves_out_of_the_list_is_told(tmp_path):
    folder = demo_study().parent
    rows = "id,naam,klasse,x,y\n1,Aa,heliport,146000,507000\n2,Bb,huisarts,146000,507000\n"
    (tmp_path / "lijst.csv").write_text(rows, encoding="utf-8")
    found = reconcile_register(folder / "wierhaven.osm.pbf", tmp_path / "lijst.csv")
    assert found["id"].tolist()[0] == "2"
    assert any("heliport" in str(note) for note in found.attrs["notes"])
