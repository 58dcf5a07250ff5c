"""What does not exist, what is not known and what is far: three things, in scores, coverage and words."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from english import run_command
from osm_writer import at, write_osm
from told import dutch

import geowoonzorg
from geowoonzorg.ask import ask_study
from geowoonzorg.errors import GeometryError, InputError, StudyError
from geowoonzorg.people.coverage import cover_classes
from geowoonzorg.prepare import check_study
from geowoonzorg.show.account import make_account
from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.report import render_report
from geowoonzorg.show.texts import read_texts
from geowoonzorg.town.completeness import class_completeness
from tests.walk_columns import as_arrays

X, Y = 190_000.0, 507_000.0
HOMES = np.arange(50.0, 2000.0, 100.0)  # along one street of two kilometres


def criterion(key, facility_class, anchors):
    return (
        f'[[criterion]]\nkey = "{key}"\nmetric = "distance"\nfacility_class = "{facility_class}"\n'
        f'label = "{key}"\nunit = "m"\nanchors = {anchors}\nweight = 1\nsource = "toets"\n'
    )


PROFILE = 'name = "toets"\ntitle = "Toets"\ndescription = "Voor een toets"\n' + "".join(
    [
        criterion("huisarts", "huisarts", "[[100, 1], [400, 0.8], [1200, 0.1]]"),
        criterion("supermarkt", "supermarkt", "[[100, 1], [400, 0.8], [1200, 0]]"),
        criterion("slijter", "drankenhandel", "[[100, 0], [500, 0.9]]"),  # one to stay away from
    ]
)
HEAD = "id,klasse,naam,x,y,gesloten"
SHOP = f"S1,supermarkt,Super,{X + 500},{Y},"
DOCTOR = f"H1,huisarts,Dokter,{X + 900},{Y},"
CLOSED = DOCTOR + "ja"


@pytest.fixture
def study(tmp_path):
    """A street with homes and two sites; give it rows for the own list and what is said of it."""

    def make(*rows, said="", head=HEAD):
        line = gpd.GeoDataFrame(geometry=[shapely.LineString([(X, Y), (X + 2000, Y)])], crs=28992)
        line.to_file(tmp_path / "street.gpkg")
        places = {"homes": HOMES, "sites": [450.0, 1950.0]}
        for name, along in places.items():
            rows_of = [f"{name}{i},{X + x},{Y}" for i, x in enumerate(along)]
            (tmp_path / f"{name}.csv").write_text("\n".join(["id,x,y", *rows_of]))
        (tmp_path / "own.csv").write_text("\n".join([head, *rows]) + "\n")
        (tmp_path / "profile.toml").write_text(PROFILE)
        (tmp_path / "study.toml").write_text(
            '[study]\nname = "Straat"\nbackground = false\n[network]\nsource = "street.gpkg"\n'
            '[facilities]\nclasses = ["huisarts", "supermarkt", "drankenhandel"]\nosm = false\n'
            f'register = "own.csv"\n{said}\n[addresses]\nsource = "homes.csv"\n'
            '[sites]\nsource = "sites.csv"\n[scoring]\nprofile = "profile.toml"\ndraws = 20\n'
        )
        return tmp_path / "study.toml"

    return make


def outcome(path):
    result = geowoonzorg.run(geowoonzorg.read_study(path))
    return result, result.sites.set_index("id"), result.coverage.set_index("facility_class")


def test_closing_the_last_of_a_class_gives_none_and_not_unknown(study):
    result, sites, coverage = outcome(study(SHOP, CLOSED))
    assert sites["huisarts_raw"].isna().all()
    assert sites["huisarts_value"].tolist() == [0.1, 0.1]  # as at the far end
    assert sites["slijter_value"].isna().all()  # of which the list says nothing
    # None is known; a supermarket is more than so few homes would have; of the third 0.1 of 1.
    assert sites["known_weight_share"].tolist() == pytest.approx([2.1 / 3, 2.1 / 3])
    assert sites.loc["sites0", "score"] == pytest.approx(100 * (0.1 + 1.0) / 2)
    assert sites.loc["sites0", "score_low"] == pytest.approx(100 * 1.1 / 3)
    assert sites.loc["sites0", "score_high"] == pytest.approx(
        100 * 2.0 / 3
    )  # 0.9 at best to stay away
    parts = result.criteria.set_index(["site_id", "criterion"])
    assert parts.loc[("sites0", "huisarts"), ["known", "reason", "source"]].tolist() == [
        True, "none", "own.csv",
    ]  # fmt: skip
    assert parts.loc[("sites0", "slijter"), ["known", "reason"]].tolist() == [
        False,
        "no_facilities",
    ]
    assert result.asked.absent == {"huisarts"}
    assert coverage.loc[
        "huisarts", ["addresses", "addresses_within", "people_65plus"]
    ].tolist() == [20, 0, 0]
    assert coverage.loc["huisarts", "share_within"] == 0.0
    assert coverage.loc["drankenhandel", "addresses"] == 20
    unknown = ["addresses_within", "share_within", "people_65plus", "people_65plus_max"]
    assert coverage.loc["drankenhandel", unknown].isna().all()
    # 500 m along the street, 400 m either way: the homes at 150 to 850
    assert coverage.loc["supermarkt", "addresses_within"] == 8
    assert coverage.loc["supermarkt", "share_within"] == pytest.approx(8 / 20)


def test_measured_and_not_scored_it_is_empty_with_its_reason(study):
    found = ask_study("indicators", study(SHOP, CLOSED)).indicators.set_index("id")
    assert found["huisarts"].isna().all()
    assert found["huisarts_reason"].tolist() == ["none", "none"]
    assert found["slijter_reason"].tolist() == ["no_facilities"] * 2
    assert found.loc["sites0", "supermarkt"] == pytest.approx(50, abs=0.1)


def test_map_and_report_say_that_it_is_not_there(study):
    result, *_ = outcome(study(SHOP, CLOSED))
    account = make_account(result, texts=read_texts("nl"))
    site = account.sites[0]
    said = {walk.facility_class: walk.said for walk in site.walks}
    assert said["huisarts"] == "is er niet"
    assert said["drankenhandel"] == "onbekend"
    parts = {part.key: part for part in site.parts}
    assert (parts["huisarts"].raw, parts["huisarts"].value) == ("is er niet", 0.1)
    assert parts["huisarts"].sort_key is None
    assert parts["slijter"].value is None
    assert "huisarts: die is er niet; op 100\u00a0m levert dat 45,0 punten op" in site.lift
    assert "; er is geen huisarts; 30\u00a0% van de punten is nog onbekend." in account.outcome
    assert not [line for line in account.unknown if line.startswith("huisarts")]
    for page in (render_map(result), render_report(result)):
        assert "is er niet" in page


def test_a_list_that_is_complete_speaks_for_what_it_does_not_name(study):
    _, sites, coverage = outcome(study(SHOP, said="complete = true"))
    assert sites["known_weight_share"].tolist() == [1.0, 1.0]
    assert sites["slijter_value"].tolist() == [0.9, 0.9]  # nothing to stay away from
    assert sites.loc["sites0", ["score", "score_low", "score_high"]].tolist() == pytest.approx(
        [100 * (0.1 + 1.0 + 0.9) / 3] * 3
    )
    assert coverage["addresses_within"].tolist() == [0, 0, 8]
    result, sites, _ = outcome(study(SHOP, said='complete = ["huisarts"]'))
    assert result.asked.absent == {"huisarts"}
    assert sites["slijter_value"].isna().all()


def test_an_empty_list_says_nothing_unless_it_is_complete(study, capsys):
    empty = study(head="id,klasse,naam,x,y")
    _, sites, coverage = outcome(empty)
    assert sites["score"].isna().all()
    assert sites["score_low"].tolist() == pytest.approx(
        [100 * 0.1 / 3] * 2
    )  # wherever a huisarts is
    assert coverage.index.tolist() == ["drankenhandel", "huisarts", "supermarkt"]
    assert coverage[["addresses_within", "share_within", "people_65plus"]].isna().all(axis=None)
    hints = check_study(empty)
    assert sum("lists no facility" in hint for hint in hints) == 1
    assert sum("will be unknown: the register has no" in hint for hint in hints) == 3
    assert run_command(["run", str(empty), "--out", str(empty.parent / "out")]) == 0, (
        capsys.readouterr()
    )
    written = pd.read_csv(empty.parent / "out" / "coverage.csv")
    assert written["facility_class"].notna().all()
    assert written["addresses_within"].isna().all()
    addresses = gpd.read_file(empty.parent / "out" / "result.gpkg", layer="addresses")
    assert list(addresses.columns) == ["id", "area_code", "status", "geometry"]
    full = study(head="id,klasse,naam,x,y", said="complete = true")
    result, sites, coverage = outcome(full)
    assert result.asked.absent == {"drankenhandel", "huisarts", "supermarkt"}
    assert sites["known_weight_share"].tolist() == [1.0, 1.0]
    assert coverage["addresses_within"].tolist() == [0, 0, 0]
    hints = check_study(full)
    assert [hint for hint in hints if "unknown" in hint] == []
    told = "says that there is no drankenhandel, no huisarts, no supermarkt"
    assert sum(told in hint for hint in hints) == 1


def test_check_names_the_criteria_that_run_leaves_unknown(study):
    path = study(SHOP, CLOSED)
    result, *_ = outcome(path)
    unknown = set(result.criteria.loc[~result.criteria["known"], "criterion"])
    assert unknown == {"slijter"}
    hints = check_study(path)
    assert [hint for hint in hints if "will be unknown" in hint] == [
        "criterion slijter will be unknown: the register has no drankenhandel, and osm = false"
    ]
    assert any("says that there is no huisarts" in hint for hint in hints)


def test_of_a_facility_that_is_not_found_it_is_not_known_that_there_is_none(study):
    homes = "\n".join(["id,x,y,postcode,housenumber", f"h,{X + 50},{Y},8261 AA,1"])
    path = study("S1,supermarkt,Super,8261 AA,1", "H1,huisarts,Dokter,9999 ZZ,7", said="complete = true",
                 head="id,klasse,naam,postcode,huisnummer")  # fmt: skip
    (path.parent / "homes.csv").write_text(homes)
    result, sites, _ = outcome(path)
    assert result.asked.absent == {"drankenhandel"}
    assert sites["huisarts_value"].isna().all()


@pytest.mark.parametrize(
    "said", ["gesloten", "GESLOTEN", "opgeheven", "Gesloten per 1-1-2024", "tijdelijk gesloten."]
)
def test_a_status_may_say_that_a_facility_is_closed(study, said):
    head = "id,klasse,naam,x,y,status"
    result, *_ = outcome(study(f"{DOCTOR}{said}", f"{SHOP}niet gesloten", head=head))
    assert result.asked.absent == {"huisarts"}
    assert result.facilities["id"].tolist() == ["S1"]
    read = f"gelezen als gesloten 1 ({said}); als open 1 (niet gesloten)"
    assert any(read in note for note in dutch(result.notes))


def test_a_closed_facility_without_a_place_is_told_what_to_do(study):
    with pytest.raises(GeometryError, match=r"1 \(H1\).*closed needs.*\[facilities\] complete"):
        outcome(study("H1,huisarts,Dokter,,,ja", f"{SHOP}nee"))


def test_what_is_neither_open_nor_closed_is_refused(study):
    with pytest.raises(InputError, match=r"gesloten must be ja or nee, not 1 \(misschien\)"):
        outcome(study(f"{DOCTOR}misschien"))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'complete = ["apotheek"]',
            "facilities.complete: apotheek is not one of facilities.classes",
        ),
        ('complete = "ja"', "facilities.complete: must be true or false or a list of texts"),
        (
            'complete = ["huisarts", "huisarts"]',
            "facilities.complete: huisarts is named more than once",
        ),
        ("complete = [1]", "facilities.complete[1]: must be a text, not 1"),
    ],
)
def test_a_list_cannot_be_complete_in_what_is_not_asked(study, said, told):
    with pytest.raises(StudyError) as caught:
        geowoonzorg.read_study(study(SHOP, said=said))
    assert told in str(caught.value)


def test_what_a_complete_list_says_stands_in_the_coverage(study):
    _, _, coverage = outcome(study(SHOP, said="complete = true"))
    told = coverage[["found", "expected", "complete_share"]]
    assert told.loc["supermarkt"].tolist() == [1, 1.0, 1.0]
    assert told.loc["huisarts"].tolist() == [0, 0.0, 1.0]
    assert dutch(coverage["complete_source"]) == ["own.csv is volgens opgave volledig"] * 3


def test_of_a_list_that_says_nothing_the_number_to_expect_goes_by_addresses(study):
    """Twenty homes at 1.909 people, and 4.874 practices for 17.590.672 people; nobody counts liquor stores."""
    _, _, coverage = outcome(study(SHOP))
    people = 20 * 17_590_672 / 9_213_833
    assert coverage.loc["huisarts", "expected"] == pytest.approx(people * 4_874 / 17_590_672)
    assert coverage.loc["huisarts", ["found", "complete_share"]].tolist() == [0, 0.0]
    assert coverage.loc["drankenhandel", ["expected", "complete_share"]].isna().all()
    assert coverage.loc["drankenhandel", "complete_source"] == ""


def test_of_an_entry_without_a_place_the_class_is_not_complete(study):
    homes = "\n".join(["id,x,y,postcode,housenumber", f"h,{X + 50},{Y},8261 AA,1"])
    path = study("S1,supermarkt,Super,8261 AA,1", "H1,huisarts,Dokter,9999 ZZ,7", said="complete = true",
                 head="id,klasse,naam,postcode,huisnummer")  # fmt: skip
    (path.parent / "homes.csv").write_text(homes)
    town = geowoonzorg.Town.read(path)
    assert town.complete == {"supermarkt", "drankenhandel"}
    assert class_completeness(town).loc["huisarts", "complete_share"] == 0.0


def test_check_says_of_which_classes_the_list_is_short(study, tmp_path):
    areas = gpd.GeoDataFrame(
        {"buurtcode": ["BU01660000"], "buurtnaam": ["Straat"], "aantal_inwoners": [20_000]},
        geometry=[shapely.box(X - 100, Y - 100, X + 2100, Y + 100)], crs=28992,
    )  # fmt: skip
    areas.to_file(tmp_path / "areas.gpkg", layer="buurten")
    path = study(SHOP, DOCTOR, said='[areas]\nsource = "areas.gpkg"')
    hints = [hint for hint in dutch(check_study(path)) if "verwacht" in hint]
    assert hints == [
        "eigen lijst: huisarts: 1 genoemd, ongeveer 6 verwacht (Nivel 2022)",
        "eigen lijst: supermarkt: 1 genoemd, ongeveer 5 verwacht (CBRE 2023)",
    ]


def test_nothing_is_complete_without_a_list(study):
    path = study(SHOP, said="complete = true")
    path.write_text(path.read_text().replace('register = "own.csv"\n', ""))
    with pytest.raises(StudyError, match=r"facilities.complete: says something about a register"):
        geowoonzorg.read_study(path)


def test_who_lives_near_is_counted_by_address_and_by_area():
    """Ten homes in each of two areas of 100 and 200 people, 20 and 25 % of whom are 65 or over."""
    homes = [f"h{i}" for i in range(20)] + ["off"]
    zone = pd.Series(["a"] * 10 + ["b"] * 10 + [np.nan], homes)
    elderly = pd.DataFrame({"least": [18.0, 45.0], "most": [22.0, 55.0]}, ["a", "b"])
    metres = {
        "huisarts": [
            *np.arange(100.0, 1100, 100),
            *[np.nan] * 10,
            np.nan,
        ],  # a's first four within 400
        "supermarkt": [*[50.0] * 10, *[400.0] * 5, *[400.1] * 5, np.nan],  # all of a, half of b
        "apotheek": [*[900.0] * 20, np.nan],  # nobody
    }
    walks = pd.concat(
        pd.DataFrame(
            {"origin_id": homes, "facility_class": name, "distance_m": far,
             "status": np.where(np.isnan(far), "beyond_limit", "ok")}
        )
        for name, far in metres.items()
    )  # fmt: skip
    walks.loc[walks["origin_id"] == "off", "status"] = "off_network"
    found = cover_classes(
        as_arrays(walks),
        zone.index,
        limit_m=400,
        zone=zone,
        elderly=elderly,
        classes=["bank", "ov_halte"],
        absent=["bank"],
    ).set_index("facility_class")
    assert found.index.tolist() == ["apotheek", "bank", "huisarts", "ov_halte", "supermarkt"]
    assert (found["addresses"] == 20).all()
    columns = [
        "addresses_within",
        "share_within",
        "people_65plus",
        "people_65plus_min",
        "people_65plus_max",
    ]
    # four tenths of 20 people, none of them for certain; all 20 and half of 50
    assert found.loc["huisarts", columns].tolist() == [4, 0.2, 10, 0, 20]
    assert found.loc["supermarkt", columns].tolist() == [15, 0.75, 45, 30, 60]
    for none in ("apotheek", "bank"):
        assert found.loc[none, columns].tolist() == [0, 0, 0, 0, 0]
    assert found.loc["ov_halte", columns].isna().all()


@pytest.fixture
def town(tmp_path):
    """An OSM file of one street with a doctor, a shop and a home; give it what the study says of facilities."""

    def make(said, *rows, data_date=None):
        places = {
            1: (0.0, 0.0), 2: (10.0, 0.0),
            3: (1.0, 0.0, {"amenity": "doctors", "name": "Dokter"}), 4: (2.0, 0.0, {"shop": "supermarket"}),
            5: (3.0, 0.0, {"addr:housenumber": "1", "addr:street": "Straat"}),
        }  # fmt: skip
        header = {} if data_date is None else {"osmosis_replication_timestamp": data_date}
        write_osm(
            tmp_path / "town.osm.pbf",
            places,
            [(1, [1, 2], {"highway": "residential"})],
            header=header,
        )
        east, north = at(4.0, 0.0)
        (tmp_path / "sites.csv").write_text(f"id,lon,lat\nsite,{east:.7f},{north:.7f}\n")
        (tmp_path / "own.csv").write_text(
            "\n".join(["id,klasse,naam,x,y,gesloten,gebruik", *rows]) + "\n"
        )
        (tmp_path / "profile.toml").write_text(PROFILE)
        (tmp_path / "study.toml").write_text(
            '[study]\nname = "Straat"\nbackground = false\n[network]\nsource = "town.osm.pbf"\n[facilities]\n'
            f'classes = ["huisarts", "supermarkt", "drankenhandel"]\n{said}\n[sites]\nsource = "sites.csv"\n'
            '[scoring]\nprofile = "profile.toml"\ndraws = 20\n'
        )
        return tmp_path / "study.toml"

    return make


def test_what_osm_lacks_is_unknown_and_no_zero(town):
    result, sites, coverage = outcome(town(""))
    assert result.asked.absent == frozenset()
    assert coverage.loc["supermarkt", ["addresses", "addresses_within"]].tolist() == [1, 1]
    assert coverage.loc["drankenhandel", "addresses"] == 1
    assert (
        coverage.loc["drankenhandel", ["addresses_within", "share_within", "people_65plus"]]
        .isna()
        .all()
    )
    assert sites["slijter_value"].isna().all()


@pytest.mark.parametrize("gone", ["ja,", ",nee"])
def test_what_the_list_closed_or_refused_is_never_taken_from_osm_again(town, gone):
    east, north = 190_000, 507_000  # wherever: what is gone needs no true place
    path = town('register = "own.csv"', f"H1,huisarts,Dokter,{east},{north},{gone}")
    result, sites, coverage = outcome(path)
    assert sorted(result.facilities["facility_class"]) == ["supermarkt"]
    assert result.asked.absent == {"huisarts"}
    assert sites["huisarts_value"].tolist() == [0.1]
    assert coverage.loc["huisarts", "addresses_within"] == 0


def test_a_complete_list_takes_a_class_from_osm(town):
    result, *_ = outcome(town('register = "own.csv"\ncomplete = ["huisarts"]'))
    assert sorted(result.facilities["facility_class"]) == ["supermarkt"]
    assert result.asked.absent == {"huisarts"}


def test_check_says_which_classes_are_taken_from_osm_and_how_one_is_closed(town):
    path = town('register = "own.csv"', "S1,supermarkt,Super,190000,507000,,")
    told = "noemt geen huisarts, drankenhandel: die van OpenStreetMap gelden; zeg het in facilities.complete"
    assert sum(told in hint for hint in dutch(check_study(path))) == 1
    closed = town('register = "own.csv"\ncomplete = true', "S1,supermarkt,Super,190000,507000,,")
    assert not any("gelden" in hint for hint in dutch(check_study(closed)))


def test_the_day_of_the_data_is_the_files_own(town):
    result, *_ = outcome(town("", data_date="2023-01-30T01:00:12Z"))
    streets = next(one for one in result.provenance["inputs"] if one["role"] == "network")
    assert (streets["date"], streets["year"]) == ("2023-01-30", 2023)
    of = result.criteria.set_index("criterion")
    assert of.loc["supermarkt", ["source", "year"]].tolist() == ["OpenStreetMap", 2023]
    without, *_ = outcome(town(""))
    streets = next(one for one in without.provenance["inputs"] if one["role"] == "network")
    assert (streets["date"], streets["year"]) == (None, None)


def test_a_network_made_before_keeps_the_day_of_its_data(town):
    path = town("", data_date="2023-01-30T01:00:12Z")
    cache = path.parent / "town.npz"
    made = geowoonzorg.open_network(path.parent / "town.osm.pbf", cache=cache)
    assert made.provenance["data_date"] == "2023-01-30"
    assert geowoonzorg.open_network(cache).provenance["data_date"] == "2023-01-30"
