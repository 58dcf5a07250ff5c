"""OSM files: facilities by class, each once with where people enter; addresses and benches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from osm_writer import EDITED, at, write_osm

from geowoonzorg.errors import StudyError
from geowoonzorg.osm import read_facility_classes, read_osm
from geowoonzorg.osm.classes import words

# ── facilities ────────────────────────────────────────────────────────────────────────────────


EVERY_CLASS = tuple(read_facility_classes())


def facilities(tmp_path, nodes, ways=(), relations=(), classes=EVERY_CLASS):
    path = write_osm(tmp_path / "f.osm.pbf", nodes, ways, relations)
    return read_osm(path, facility_classes=classes)


@pytest.mark.parametrize(
    ("tags", "classes"),
    [
        ("amenity=doctors", "huisarts"),
        ("healthcare=doctor", "huisarts"),
        ("amenity=doctors healthcare:speciality=general", "huisarts"),
        ("amenity=doctors healthcare:speciality=surgery;general", "huisarts"),
        ("amenity=doctors healthcare:speciality=orthodontics", ""),
        ("amenity=doctors name=Tandartspraktijk_Zuid", ""),
        ("amenity=doctors name=Huisartsenpost_Zwolle", ""),
        ("amenity=doctors name=Fysio_Plus", "fysiotherapeut"),
        ("amenity=clinic", ""),
        ("amenity=clinic name=Gezondheidscentrum_De_Brug", "huisarts"),
        ("healthcare=centre name=Huisartsenpraktijk_Aa", "huisarts"),
        ("amenity=dentist", ""),
        ("shop=supermarket", "supermarkt"),
        ("shop=convenience", "buurtwinkel"),
        ("shop=supermarket disused=yes", ""),
        ("disused:shop=supermarket", ""),
        ("amenity=pharmacy", "apotheek"),
        ("healthcare=pharmacy", "apotheek"),
        ("shop=chemist", ""),
        ("amenity=community_centre", "inloopvoorziening buurthuis"),
        ("amenity=community_centre name=goedzorg_IJsselmuiden", "zorgkantoor"),
        (
            "amenity=community_centre name=Wijkcentrum_Welzijn_en_Zorg",
            "inloopvoorziening buurthuis",
        ),
        ("amenity=community_centre name=Inloop_De_Haven", "inloopvoorziening inloophuis"),
        ("amenity=community_centre community_centre=youth_centre", ""),
        ("amenity=community_centre name=Jeugdsoos_Remix", ""),
        ("amenity=community_centre name=Jongerencentrum", ""),
        ("amenity=social_centre", "inloopvoorziening buurthuis"),
        (
            "amenity=social_facility social_facility=day_care",
            "inloopvoorziening dagopvang respijtzorg",
        ),
        ("amenity=social_facility social_facility=drop_in", "inloopvoorziening inloophuis"),
        ("amenity=social_facility social_facility=community_centre", "inloopvoorziening buurthuis"),
        ("amenity=social_facility social_facility=outreach", "zorgkantoor"),
        (
            "amenity=social_facility social_facility=outreach social_facility:for=senior",
            "inloopvoorziening inloophuis",
        ),
        (
            "amenity=social_facility social_facility=outreach name=Odensehuis_Zuid",
            "inloopvoorziening inloophuis",
        ),
        ("amenity=social_facility social_facility=ambulatory_care", "zorgkantoor"),
        ("office=association name=Thuiszorg_X", "zorgkantoor"),
        ("office=association name=Buurtzorg", "zorgkantoor"),
        ("amenity=social_facility name=Respijthuis_De_Boei", "logeeropvang respijtzorg"),
        (
            "amenity=social_facility social_facility=group_home name=Logeerhuis_Kampen",
            "logeeropvang respijtzorg",
        ),
        ("amenity=social_facility social_facility=shelter", "nachtopvang"),
        ("amenity=social_facility social_facility=shelter social_facility:for=refugee", ""),
        ("amenity=social_facility social_facility=day_care social_facility:for=child", ""),
        ("amenity=social_facility social_facility=food_bank", ""),
        (
            "amenity=social_facility social_facility:for=mental_health",
            "inloopvoorziening inloophuis",
        ),
        ("amenity=social_facility name=Huis_van_de_Wijk_Oost", "inloopvoorziening buurthuis"),
        ("amenity=events_venue name=Kulturhus_Wezep", "inloopvoorziening buurthuis"),
        ("amenity=events_venue name=Feestzaal", ""),
        ("public_transport=platform", "ov_halte"),
        ("highway=bus_stop", "ov_halte"),
        ("railway=tram_stop", "ov_halte"),
        ("railway=station", "ov_halte"),
        ("public_transport=stop_position", ""),
        ("amenity=school isced:level=1", "basisschool"),
        ("amenity=school isced:level=0;1", "basisschool"),
        ("amenity=school isced:level=2", ""),
        ("amenity=school isced:level=2 name=Basisschool_X", ""),
        ("amenity=school school=primary", "basisschool"),
        ("amenity=school name=CBS_De_Morgenster", "basisschool"),
        ("amenity=school name=Koningin_Emmaschool", "basisschool"),
        ("amenity=school name=Ichthus_College", ""),
        ("amenity=school", ""),
        ("healthcare=physiotherapist", "fysiotherapeut"),
        ("amenity=nursing_home", "verpleeghuis"),
        ("amenity=social_facility social_facility=nursing_home", "verpleeghuis"),
        (
            "amenity=social_facility social_facility=assisted_living social_facility:for=senior",
            "verpleeghuis",
        ),
        (
            "amenity=social_facility social_facility=group_home social_facility:for=mental_disabled",
            "",
        ),
        ("amenity=bench", "bank"),
        ("shop=alcohol", "drankenhandel"),
        ("shop=wine", "drankenhandel"),
        ("shop=beverages", "drankenhandel"),
    ],
)
def test_class(tags, classes):
    pairs = {
        k: v.replace("_", " ") if k == "name" else v
        for k, v in (t.split("=", 1) for t in tags.split())
    }
    said = words(pairs.get("name", ""))
    taken = [key for key, c in read_facility_classes().items() if c.judge(pairs, said) == "taken"]
    assert taken == classes.split()


def test_a_point_and_its_polygon_are_one_facility_and_the_polygon_stays(tmp_path):
    nodes = {
        1: (0, 0),
        2: (0.3, 0),
        3: (0.3, 0.3, {"entrance": "main"}),
        4: (0, 0.3, {"entrance": "emergency"}),
        5: (0.1, 0.1, {"shop": "supermarket", "name": "ALBERT HEIJN"}),
        6: (0.1, 0.12, {"shop": "supermarket", "name": "Jumbo"}),
        7: (9, 9, {"shop": "supermarket", "name": "Albert Heijn"}),
    }
    ways = [(1, [1, 2, 3, 4, 1], {"shop": "supermarket", "name": "Albert Heijn"})]
    found = facilities(tmp_path, nodes, ways)
    table = found.facilities
    assert table["id"].tolist() == ["n6", "n7", "w1"]
    assert table["name"].tolist() == ["Jumbo", "Albert Heijn", "Albert Heijn"]
    assert table.geom_type.tolist() == ["Point", "Point", "Polygon"]
    assert found.counts["facilities"]["supermarkt: merged"] == 1
    assert list(found.entrances[2].geoms) == [shapely.Point(at(0.3, 0.3))]
    assert found.entrances[:2].isna().all()
    assert table.crs == "EPSG:4326"
    assert list(table.columns) == [
        "id",
        "facility_class",
        "name",
        "osm_id",
        "last_edit",
        "geometry",
    ]
    assert (table["last_edit"] == pd.Timestamp(EDITED)).all()


@pytest.mark.parametrize(
    ("first", "second", "metres", "kept"),
    [
        ("Huisarts Jansen", "huisarts jansen", 20, 1),
        ("Huisarts Jansen", "Huisartsenpraktijk Pietersen", 20, 2),
        ("Huisarts Jansen", "Huisarts Janssen", 20, 1),
        ("Jansen", "Huisarts Jansen", 24.9, 1),
        ("Huisarts Jansen", "Huisarts Jansen", 25.5, 2),
        ("", "", 1, 2),
        ("", "Huisarts Jansen", 1, 2),
    ],
)
def test_two_points_are_one_when_near_and_alike(tmp_path, first, second, metres, kept):
    doctor = {"amenity": "doctors"}
    north = metres / 111.264  # thousandths of a degree of latitude at 52.55°
    nodes = {1: (0, 0, doctor | {"name": first}), 2: (0, north, doctor | {"name": second})}
    assert len(facilities(tmp_path, nodes).facilities) == kept


def test_ids_stay_unique_and_do_not_depend_on_what_is_asked(tmp_path):
    both = {"amenity": "pharmacy", "healthcare": "doctor", "name": "Apotheekhoudende huisarts"}
    table = facilities(tmp_path, {5: (0, 0, both)}).facilities
    assert table["id"].tolist() == ["n5", "n5-apotheek"]
    assert table["osm_id"].tolist() == ["n5", "n5"]
    alone = facilities(tmp_path, {5: (0, 0, both)}, classes=["apotheek"]).facilities
    assert alone["id"].tolist() == ["n5-apotheek"]


def test_platforms_of_a_stop_are_one_with_all_of_them_as_entrances(tmp_path):
    stop = {"public_transport": "platform", "name": "Markt"}
    nodes = {
        1: (0, 0, stop),
        2: (0, 0.3, stop),
        3: (0, 0.6, stop),  # a chain of 33 m steps
        4: (0.1, 0, {"highway": "bus_stop"}),  # no name: the nearest that has one
        5: (20, 0, stop),  # far: another stop
        6: (30, 0, stop | {"name": "Station A"}),
        7: (31, 0, stop | {"name": "B-zijde"}),  # a stop area
        8: (40, 0, stop | {"name": "Spoor 1"}),
        9: (40.2, 0, {"railway": "station", "name": "Kampen"}),
        10: (50, 0, {"public_transport": "stop_position", "name": "Markt"}),
    }
    area = {"type": "public_transport", "public_transport": "stop_area"}
    relations = [(1, [("n", 6, "platform"), ("n", 7, "platform"), ("n", 10, "stop")], area)]
    found = facilities(tmp_path, nodes, (), relations, ["ov_halte"])
    table = found.facilities
    # Two names in one stop area, each once: the first by alphabet.
    assert sorted(table["name"]) == ["B-zijde", "Kampen", "Markt", "Markt"]
    assert sorted(len(points.geoms) for points in found.entrances) == [1, 2, 2, 4]
    assert found.counts["facilities"]["ov_halte: merged"] == 5
    platforms = shapely.MultiPoint([at(*nodes[i][:2]) for i in nodes])
    assert all(platforms.covers(points) for points in found.entrances)
    assert all(platforms.covers(point) for point in table.geometry)


def test_a_multipolygon_is_a_polygon_with_its_hole(tmp_path):
    nodes = {1: (0, 0), 2: (3, 0), 3: (3, 3), 4: (0, 3), 5: (1, 1), 6: (2, 1), 7: (2, 2), 8: (1, 2)}
    ways = [(1, [1, 2, 3], {}), (2, [3, 4, 1], {"building": "yes"}), (3, [5, 6, 7, 8, 5], {})]
    members = [("w", 1, "outer"), ("w", 2, "outer"), ("w", 3, "inner")]
    tags = {"type": "multipolygon", "amenity": "nursing_home", "name": "De Amandelboom"}
    found = facilities(tmp_path, nodes, ways, [(7, members, tags), (8, [("w", 99, "outer")], tags)])
    assert found.facilities["id"].tolist() == ["r7"]
    outside = shapely.Polygon(
        [at(*nodes[i]) for i in (1, 2, 3, 4)], [[at(*nodes[i]) for i in (5, 6, 7, 8)]]
    )
    assert found.facilities.geometry[0].equals(outside)
    assert found.counts["facilities"]["dropped: members missing"] == 1


def test_broken_outlines_are_repaired_or_dropped_and_counted(tmp_path):
    nodes = {1: (0, 0), 2: (2, 2), 3: (2, 0), 4: (0, 2)}
    school = {"amenity": "school", "isced:level": "1"}
    ways = [
        (1, [1, 2, 3, 4, 1], school | {"name": "Bow"}),  # a bow tie
        (2, [1, 2, 99, 1], school),
        (3, [1, 2], school | {"name": "Lijn"}),
    ]
    found = facilities(tmp_path, nodes, ways, classes=["basisschool"])
    assert found.facilities["id"].tolist() == ["w1", "w3"]
    bow, middle = found.facilities.geometry
    assert bow.is_valid
    assert bow.area == pytest.approx(2e-6)
    assert middle.distance(shapely.Point(at(1, 1))) < 1e-6
    assert found.counts["facilities"]["repaired: self-intersection"] == 1
    assert found.counts["facilities"]["dropped: nodes missing"] == 1


HOSTILE = [
    "<script>alert(1)</script>",
    "</script>",
    "${7*7}",
    "`id`",
    "a,b=c %20% d@e",
    "\"quotes'",
    "=1+1",
    "\u202etfel ot thgir",
    "🏥" * 10,
    "x" * 1_024,
    "tab\tand\nnewline\r",
    "\u2028",
    "%",
    "%%",
]


def test_names_are_kept_as_they_are(tmp_path):
    nodes = {i: (i * 10, 0, {"shop": "supermarket", "name": n}) for i, n in enumerate(HOSTILE, 1)}
    table = facilities(tmp_path, nodes).facilities
    assert table["name"].tolist() == HOSTILE


def test_an_unknown_class_is_told_with_the_known_ones(tmp_path):
    with pytest.raises(StudyError, match=r"'huisart'.*huisarts, supermarkt"):
        facilities(tmp_path, {1: (0, 0)}, classes=["huisart"])


def test_a_file_of_ones_own_classes(tmp_path):
    own = tmp_path / "klassen.toml"
    own.write_text("""
        [class.kapper]
        title = "Kapper"
        source = "eigen keuze"
        [[class.kapper.take]]
        all = { shop = ["hairdresser"] }
        not_name = ["hond*"]
    """)
    kapper = read_facility_classes(own)["kapper"]
    nodes = {
        1: (0, 0, {"shop": "hairdresser"}),
        2: (5, 0, {"shop": "hairdresser", "name": "Hondenkapper"}),
    }
    found = facilities(tmp_path, nodes, classes=[kapper, "supermarkt"])
    assert found.facilities["facility_class"].tolist() == ["kapper"]
    assert found.counts["facilities"]["kapper: passed over, another kind by its name"] == 1
    own.write_text('[class.kapper]\ntitel = "Kapper"\n[[class.kapper.take]]\nnone = {shop = "x"}')
    with pytest.raises(StudyError) as told:
        read_facility_classes(own)
    for place in ("kapper.titel", "kapper.title", "kapper.source", "take[1]: takes", "none.shop"):
        assert place in str(told.value)


def test_kampen_has_its_facilities(shared_data):
    found = read_osm(
        shared_data / "kampen" / "kampen.osm.pbf",
        facility_classes=EVERY_CLASS,
        addresses=True,
        benches=True,
    )
    table = found.facilities
    assert table["id"].is_unique
    per_class = table["facility_class"].value_counts()
    for key, n in per_class.items():
        counts = found.counts["facilities"]
        assert counts[f"{key}: kept"] == n == counts[f"{key}: read"] - counts[f"{key}: merged"]
    # Counted by hand in the file: 14 supermarkets, 3 pharmacies, one slijterij, none doubled.
    assert (per_class["supermarkt"], per_class["apotheek"], per_class["drankenhandel"]) == (
        14,
        3,
        1,
    )
    # The extract's own account names 25,819 address points with a postcode.
    assert (
        found.addresses["id"].str.startswith("n").sum()
        <= 25_819
        <= found.counts["addresses"]["read"]
    )
    assert len(found.benches) == per_class["bank"] + found.counts["facilities"]["bank: merged"]
    assert table["last_edit"].isna().all()  # this extract has no dates


# ── addresses and benches ─────────────────────────────────────────────────────────────────────


def address(number, **more):
    return {
        "addr:street": "Oudestraat",
        "addr:housenumber": number,
        "addr:postcode": "8261CD",
        "addr:city": "Kampen",
    } | more


def test_addresses_of_points_buildings_and_relations_each_once(tmp_path):
    nodes = {
        1: (0, 0, address("1")),
        2: (1, 0, address("1", shop="bakery")),
        3: (2, 0, address("2")),
        4: (0, 0),
        5: (2, 0),
        6: (2, 2),
        7: (0, 2),
        8: (9, 9, {"addr:housenumber": "4"}),
        9: (9, 8, {"addr:housenumber": "4"}),
    }
    ways = [
        (1, [4, 5, 6, 7, 4], address("3", building="yes")),
        (2, [4, 5, 6, 7, 4], {}),
        (3, [4, 77], address("9")),
    ]
    relations = [(1, [("w", 2, "outer")], address("5", type="multipolygon"))]
    path = write_osm(tmp_path / "a.osm.pbf", nodes, ways, relations)
    found = read_osm(path, addresses=True)
    table = found.addresses
    assert table["id"].tolist() == ["n1", "n3", "n8", "n9", "w1", "r1"]
    assert list(table.columns) == ["id", "street", "housenumber", "postcode", "city", "geometry"]
    assert table["street"].isna().tolist() == [False, False, True, True, False, False]
    middle = shapely.Point(at(1, 1))
    assert (shapely.distance(table.geometry[4:].to_numpy(), middle) < 1e-9).all()
    assert found.counts["addresses"] == {
        "read": 8,
        "dropped: same address twice": 1,
        "dropped: nodes missing": 1,
        "without street": 2,
    }
    assert found.walkways is None
    assert not len(found.facilities)


def test_benches(tmp_path):
    bench = {"amenity": "bench"}
    path = write_osm(
        tmp_path / "b.osm", {1: (0, 0, bench), 2: (1, 1), 3: (1, 3)}, [(1, [2, 3], bench)]
    )
    found = read_osm(path, benches=True).benches
    np.testing.assert_allclose(found, [at(0, 0), at(1, 2)], atol=1e-9)
