"""Classes made of others, and what an own list or OSM tells of a facility: capacity, access, for whom."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from english import run_command
from osm_writer import write_osm
from small_town import CRS, points, small_town
from told import dutch

import geowoonzorg
from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.files import write_layers
from geowoonzorg.opendata.reconcile import reconcile
from geowoonzorg.opendata.register import as_register, classes_held, for_classes, merge_register
from geowoonzorg.osm import read_facility_classes
from geowoonzorg.osm.classes import whole_classes
from geowoonzorg.show.texts import read_texts
from geowoonzorg.town.facilities import read_facilities

X, Y = 190_000, 507_000


def own(**columns):
    n = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(
        columns, geometry=[shapely.Point(X + 100 * i, Y) for i in range(n)], crs=CRS
    )


def from_osm(*rows):
    """Facilities of OSM: (id, class, name, metres east)."""
    ids, kinds, names, east = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"id": ids, "facility_class": kinds, "name": names, "osm_id": [i.split("-")[0] for i in ids],
         "last_edit": pd.NaT},
        geometry=[shapely.Point(X + x, Y) for x in east], crs=CRS,
    )  # fmt: skip


# ── wholes and parts ──────────────────────────────────────────────────────────────────────────


def test_a_whole_is_all_that_is_one_of_its_parts(tmp_path):
    community = {"amenity": "community_centre"}
    day = {"amenity": "social_facility", "social_facility": "day_care"}
    nodes = {1: (0, 0, community), 2: (9, 0, day), 3: (18, 0, {"amenity": "doctors"})}
    path = write_osm(tmp_path / "f.osm.pbf", nodes)
    found = read_facilities(path, ["inloopvoorziening", "buurthuis", "respijtzorg"])
    assert found[["id", "facility_class"]].to_numpy().tolist() == [
        ["n1", "inloopvoorziening"], ["n2", "inloopvoorziening"], ["n1-buurthuis", "buurthuis"],
        ["n2-respijtzorg", "respijtzorg"],
    ]  # fmt: skip
    assert read_facilities(path)["id"].tolist() == ["n3", "n1", "n2"]  # each once


def test_every_class_that_ships_has_its_words():
    for key, one in read_facility_classes().items():
        for lang in ("nl", "en"):
            table = read_texts(lang).table
            assert len(table["facility_class"][key]) == 3
            assert table["facility_a"][key]
            assert table["facility_the"][key]
        assert all(whole_classes(part)[1:] for part in one.includes)
    letters = [names[2] for names in read_texts("nl").table["facility_class"].values()]
    assert len(set(letters)) == len(letters)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "class.een: takes nothing; give it take or includes"),
        ('includes = ["drie"]', "class.een.includes: drie is no class here"),
        ('includes = ["twee"]', "class.een.includes: twee includes others itself"),
    ],
)
def test_a_class_of_nothing_or_of_what_is_no_part_is_refused(tmp_path, said, told):
    file = tmp_path / "own.toml"
    file.write_text(
        f'[class.een]\ntitle = "E"\nsource = "s"\n{said}\n'
        '[class.twee]\ntitle = "T"\nsource = "s"\nincludes = ["vier"]\n'
        '[class.vier]\ntitle = "V"\nsource = "s"\n[[class.vier.take]]\nall = { shop = ["x"] }\n'
    )
    with pytest.raises(StudyError) as caught:
        read_facility_classes(file)
    assert told in str(caught.value)


def test_an_entry_of_a_part_counts_for_the_whole_and_wins_over_osm():
    listed = as_register(own(id=["V1", "V2"], klasse=["Buurthuis", "Huisarts"]))
    osm = from_osm(("n1", "inloopvoorziening", "X", 900), ("n2", "huisarts", "Y", 900))
    merged, notes = merge_register(osm, listed, classes=["inloopvoorziening"])
    assert merged[["id", "facility_class"]].to_numpy().tolist() == [
        ["n2", "huisarts"], ["V1", "inloopvoorziening"],
    ]  # fmt: skip
    assert any(
        "inloopvoorziening: 1 van de lijst in plaats van 1" in note for note in dutch(notes)
    ), dutch(notes)
    both, _ = merge_register(osm, listed, classes=["inloopvoorziening", "buurthuis"])
    assert sorted(both["id"]) == ["V1", "V1-buurthuis", "n2"]
    again = for_classes(for_classes(listed, ["inloopvoorziening"]), ["inloopvoorziening"])
    assert again["id"].tolist() == ["V1", "V2"]


def test_a_part_that_is_closed_closes_the_whole_where_nothing_is_left():
    listed = as_register(own(id=["V1"], klasse=["Dorpshuis"], gesloten=["ja"]))
    assert classes_held(for_classes(listed, ["inloopvoorziening"])) == {"inloopvoorziening"}
    assert for_classes(listed, ["inloopvoorziening"]).empty


def test_an_entry_of_the_whole_is_none_of_its_parts():
    listed = as_register(own(id=["V1"], klasse=["Inloopvoorziening"]))
    assert classes_held(for_classes(listed, ["buurthuis"])) == {"inloopvoorziening"}


def test_wholes_and_parts_of_one_list_are_laid_beside_osm_once():
    listed = as_register(own(id=["V1", "V2"], klasse=["Buurthuis", "Inloopvoorziening"]))
    osm = from_osm(
        ("n1", "inloopvoorziening", "A", 5), ("n1-buurthuis", "buurthuis", "A", 5),
        ("n2", "inloopvoorziening", "B", 105),
    )  # fmt: skip
    table = reconcile(listed, osm)
    assert table["status"].tolist() == ["matched", "matched"]
    assert table["osm_id"].tolist() == ["n1", "n2"]
    alone = reconcile(as_register(own(id=["V1"], klasse=["Buurthuis"])), osm)
    assert alone[["id", "status"]].to_numpy().tolist() == [["V1", "matched"]]


def test_of_kampen_neither_care_office_is_a_place_to_drop_in(shared_data):
    found = read_facilities(
        shared_data / "kampen" / "kampen.osm.pbf", ["inloopvoorziening", "buurthuis", "zorgkantoor"]
    )
    names = found.groupby("facility_class")["name"].agg(set)
    assert names["zorgkantoor"] == {"Stichting Philadelphia Zorg", "goedzorg IJsselmuiden"}
    assert names["inloopvoorziening"] == names["buurthuis"]
    assert names["buurthuis"] == {
        "Wijkcentrum Reyersdam", "Multifunctioneel Centrum 'de Toekomst'", "Oosterholthoeve",
    }  # fmt: skip


# ── what is told of a facility ────────────────────────────────────────────────────────────────


def test_a_list_tells_capacity_access_and_for_whom():
    rows = own(
        id=["a", "b", "c", "d"], klasse=["inloop"] * 4, capaciteit=["80", "1.200", "ca. 40", None],
        toegankelijk=["ja", "nee", None, "deels"], doelgroep=["ouderen", None, "ggz", None],
    )  # fmt: skip
    listed = as_register(rows, where="register: own.csv")
    assert listed["capaciteit"].tolist()[:2] == [80.0, 1200.0]
    assert listed["capaciteit"].isna().tolist() == [False, False, True, True]
    assert listed["toegankelijk"].tolist()[:2] == ["ja", "nee"]
    assert listed["doelgroep"].tolist()[::2] == ["ouderen", "ggz"]
    told = "register: own.csv: een capaciteit die geen getal is geldt als onbekend: 1 (ca. 40)"
    assert told in dutch(listed.attrs["notes"])


def test_an_entry_that_stands_in_the_list_twice_is_told():
    rows = own(id=list("abc"), klasse=["Apotheek"] * 3, naam=["De Zwaan", "de zwaan", "De Zwaan"])
    rows.geometry = [shapely.Point(X, Y), shapely.Point(X, Y), shapely.Point(X + 40, Y)]
    told = "register: regels met dezelfde klasse, naam en plek: 2 (a, b); houd er één"
    assert told in dutch(as_register(rows).attrs["notes"])
    assert told in dutch(as_register(rows.to_crs(4326)).attrs["notes"])
    assert not any("houd er" in note for note in dutch(as_register(rows.iloc[1:]).attrs["notes"]))


def test_a_capacity_under_nothing_is_refused_by_its_id():
    with pytest.raises(InputError, match=r"capaciteit cannot be under 0, as it is for 1 \(b\)"):
        as_register(own(id=["a", "b"], klasse=["inloop"] * 2, bedden=["4", "-3"]))


def test_capacity_stays_through_merging_the_town_and_its_files(tmp_path):
    demo = geowoonzorg.Town.demo()
    kept = demo.facilities.set_index("id")
    told = ["capaciteit", "toegankelijk", "doelgroep"]
    assert kept.loc["V12", told].tolist() == [80.0, "ja", "iedereen"]
    of_osm = kept[kept["facility_class"] == "ov_halte"]
    assert of_osm[told].isna().all(axis=None)
    write_layers(tmp_path / "f.gpkg", {"facilities": demo.facilities})
    written = gpd.read_file(tmp_path / "f.gpkg").set_index("id")
    assert written.loc["V12", told].tolist() == [80.0, "ja", "iedereen"]


@pytest.mark.parametrize("wrong", [-1, "veel", np.inf])
def test_a_capacity_in_memory_is_checked(wrong):
    good = points([300, 900], facility_class=["huisarts"] * 2, capaciteit=[12, None])
    town = small_town(facilities=good)
    assert town.facilities["capaciteit"].tolist()[0] == 12.0
    assert np.isnan(town.facilities["capaciteit"].tolist()[1])
    assert town.replace(facilities=town.facilities).facilities["capaciteit"].tolist()[0] == 12.0
    bad = good.assign(capaciteit=pd.Series([12, wrong], dtype=object))
    with pytest.raises(InputError, match="a capaciteit is a number of 0 or more"):
        small_town(facilities=bad)


def test_osm_tells_of_beds_where_people_stay_and_nowhere_else(tmp_path):
    home = {"amenity": "social_facility", "social_facility": "nursing_home"}
    nodes = {
        1: (0, 0, home | {"capacity": "60", "beds": "70"}), 2: (9, 0, home | {"beds": "24"}),
        3: (18, 0, home | {"capacity": "20-30"}), 4: (27, 0, {"shop": "supermarket", "capacity": "9"}),
        5: (36, 0, home), 6: (45, 0, home | {"name": "De Brug", "capacity": "8"}),
        7: (45, 0.1, home | {"name": "De Brug"}),
    }  # fmt: skip
    found = read_facilities(
        write_osm(tmp_path / "f.osm.pbf", nodes), ["verpleeghuis", "supermarkt"]
    ).set_index("osm_id")["capaciteit"]
    assert found[["n1", "n2", "n6"]].tolist() == [60.0, 24.0, 8.0]
    assert found[["n3", "n4", "n5"]].isna().all()


def test_the_command_says_how_many_to_expect(tmp_path, capsys):
    address = {"addr:street": "Straat"}
    homes = {i: (i * 0.01, 1, address | {"addr:housenumber": str(i)}) for i in range(10, 1_010)}
    nodes = {1: (0, 0, {"amenity": "doctors"}), 2: (9, 0, {"amenity": "bench"})} | homes
    path = write_osm(tmp_path / "f.osm.pbf", nodes)
    out = tmp_path / "out.gpkg"
    classes = ["--class", "huisarts", "--class", "apotheek", "--class", "bank"]
    ask = ["facilities", str(path), "-o", str(out), *classes]
    assert run_command([*ask, "--lang", "nl"]) == 0
    # 1,000 addresses are 1,909 people, of whom one practice has 3,609 and one pharmacy 9,018
    assert capsys.readouterr().out.splitlines()[:3] == [
        "     0 Apotheek",
        "     1 Zitbank",
        "     1 Huisarts, ongeveer 1 verwacht (Nivel 2022, naar 1.000 adressen)",
    ]
    assert run_command([*ask, "--lang", "nl", "--force", "--no-expected"]) == 0
    plain = ["     0 Apotheek", "     1 Zitbank", "     1 Huisarts"]
    assert capsys.readouterr().out.splitlines()[:3] == plain
