"""A study folder fetched from services that answer as the real ones do."""

from __future__ import annotations

import json
import threading

import geopandas as gpd
import pytest
import replay
import shapely
from loopback import Reply, as_json
from replay import (
    BAG,
    EXTRACT,
    INDEX,
    ITEMS,
    LATEST,
    LBM,
    ODATA,
    OUTLINES,
    OVERPASS,
    SQUARES,
    TABLES,
    WCS,
)
from told import dutch

from geowoonzorg.errors import Cancelled, CoverageError, OutputError, SourceError
from geowoonzorg.fetch import (
    fetch_study,
)
from geowoonzorg.fetch._place import MARGIN_M
from geowoonzorg.fetch._study import _Steps
from geowoonzorg.fetch._written import source_of
from geowoonzorg.files import content_hash, read_toml, read_vector
from geowoonzorg.opendata.areas import join_figures, join_leefbaarometer, read_areas
from geowoonzorg.opendata.squares import read_squares
from geowoonzorg.osm import read_osm
from geowoonzorg.ranking.scoring_profile import read_scoring_profile
from geowoonzorg.study import read_study

GEMEENTEN = ITEMS.format(year=2023, layer="gemeenten")
KWB_2023, KWB_2022 = (ODATA.format(table=TABLES[year]) for year in ("2023", "2022"))


@pytest.fixture
def netherlands():
    with replay.Netherlands() as server:
        yield server


@pytest.fixture
def client(netherlands, tmp_path):
    return netherlands.client(tmp_path / "cache")


def test_progress_rises_also_while_a_part_is_downloaded(netherlands, tmp_path):
    told = []
    steps = _Steps(lambda *said: told.append(said))
    fetch_study(
        "kampen",
        tmp_path / "study",
        client=netherlands.client(None, progress=steps),
        progress=steps,
    )
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert any(0.1 < fraction < 0.9 and message.endswith(" MB") for fraction, message in told)


def test_a_study_folder_is_ready_to_run(client, tmp_path):
    report = fetch_study("kampen", tmp_path / "study", client=client)
    assert report.missing == {}
    study = read_study(report.study)
    assert study.areas.gemeente == "GM0166"
    for path in (
        study.network.source,
        study.areas.source,
        study.addresses.source,
        study.sites.source,
    ):
        assert path.is_file()
    areas = read_areas(study.areas.source, gemeente=study.areas.gemeente)
    assert set(areas.gemeenten.index) == {"GM0166", "GM0363"}
    assert areas.year == 2023, "the newest that is published: of 2025 and 2024 there is none"
    areas = join_figures(areas, study.areas.figures, older_years=study.areas.older_years)
    known = replay.known()["buurten"].set_index("buurtcode")["aantal_inwoners"]
    assert areas.frame["inhabitants"].to_dict() == known.reindex(areas.frame.index).to_dict()
    areas = join_leefbaarometer(areas, study.areas.leefbaarometer, study.areas.leefbaarometer_year)
    assert set(areas.frame["lbm_class"].dropna()) == {6}
    assert read_squares(tmp_path / "study" / "cbs_vk100_2023.gpkg").index.is_unique
    assert study.rasters[0].kind == "decibel"
    site = read_toml(report.study)["sites"]["source"]
    assert "VOORBEELD" in (tmp_path / "study" / site).read_text(encoding="utf-8")


def test_of_addresses_homes_are_kept_and_what_is_not_built_is_none(client, tmp_path):
    fetch_study("Kampen", tmp_path / "study", client=client, parts=["addresses"])
    kept = read_vector(tmp_path / "study" / "adressen.gpkg")
    homes = replay.homes()
    near = replay.known()["gemeenten"].geometry.iloc[0].buffer(MARGIN_M)
    near = homes[homes.within(near)]
    expected = set(near["identificatie"]) - {f"01660100{i:08d}" for i in (3, 4, 6)}
    assert set(kept["id"]) == expected, (
        "a shop, one that is used for nothing, and one not built yet"
    )
    assert f"01660100{5:08d}" in expected, "a home that is something else as well"


def test_figures_that_are_still_to_come_are_those_of_the_newest_complete_year(
    client, netherlands, tmp_path
):
    report = fetch_study("Kampen", tmp_path / "study", client=client, parts=["areas", "figures"])
    study = read_study(report.study)
    assert [path.name for path in study.areas.figures] == [
        "kerncijfers-2023.csv",
        "kerncijfers-2022.csv",
    ]
    assert study.areas.older_years
    told = report.table.query("part != 'osm'").set_index("file")
    assert told["complete"].drop("wijkenbuurten_2023.gpkg").to_dict() == {
        "kerncijfers-2023.csv": False, "kerncijfers-2022.csv": True,
    }  # fmt: skip
    assert any("van 2022 in, met vermelding" in line for line in dutch(report.notes))
    assert ODATA.format(table=TABLES["2021"]) not in netherlands.paths(), (
        "no older year than is needed"
    )
    areas = read_areas(study.areas.source, gemeente="GM0166")
    areas = join_figures(areas, study.areas.figures, older_years=True)
    own = replay.known()["buurten"].set_index("buurtcode")["netto_arbeidsparticipatie"]
    expected = own.reindex(areas.frame.index)
    stands_in = areas.older[2022]["labour_participation_pct"].reindex(areas.frame.index)
    assert stands_in.tolist() == pytest.approx(expected.where(expected >= 0).tolist(), nan_ok=True)
    assert stands_in.notna().sum() > 10


def test_a_year_that_tells_nothing_new_is_left_out(client, netherlands, tmp_path):
    whole = replay.odata(replay.odata_rows("cbs_kerncijfers", 2023, complete=True), KWB_2023)
    netherlands.routes[KWB_2023] = whole
    report = fetch_study("Kampen", tmp_path / "study", client=client, parts=["areas", "figures"])
    study = read_study(report.study)
    assert [path.name for path in study.areas.figures] == ["kerncijfers-2023.csv"]
    assert not study.areas.older_years
    assert KWB_2022 not in netherlands.paths()


def test_a_year_whose_table_is_away_leaves_the_year_before_it(client, netherlands, tmp_path):
    netherlands.routes[KWB_2023] = lambda _: Reply(b"", 404)
    report = fetch_study("Kampen", tmp_path / "study", client=client, parts=["areas", "figures"])
    assert [path.name for path in read_study(report.study).areas.figures] == [
        "kerncijfers-2022.csv"
    ]
    assert any("HTTP 404" in note for note in report.notes)


def test_a_year_with_other_wijken_and_buurten_does_not_stand_in(client, netherlands, tmp_path):
    """Amsterdam got letters in its codes: figures under the old ones are of other areas."""
    rows = replay.odata_rows("cbs_kerncijfers", 2022, complete=True)
    for row in rows:
        row["WijkenEnBuurten"] = row["WijkenEnBuurten"].replace("0363A", "03630")
    netherlands.routes[KWB_2022] = replay.odata(rows, KWB_2022)
    parts = ["areas", "figures"]
    report = fetch_study("Amsterdam", tmp_path / "study", client=client, parts=parts)
    study = read_study(report.study)
    assert [path.name for path in study.areas.figures] == ["kerncijfers-2023.csv"]
    assert not study.areas.older_years
    assert any("van 2022 heeft andere wijken en buurten" in line for line in dutch(report.notes))


@pytest.mark.parametrize("asked", ["Amsterdam", "GM0363", "0363"])
def test_a_gemeente_whose_codes_have_letters_is_fetched_whole(client, tmp_path, asked):
    parts = ["areas", "figures", "leefbaarometer"]
    report = fetch_study(asked, tmp_path / "study", year=2023, client=client, parts=parts)
    study = read_study(report.study)
    areas = read_areas(study.areas.source, gemeente=study.areas.gemeente)
    assert areas.frame.index.str.startswith("BU0363A").all()
    areas = join_figures(areas, study.areas.figures, older_years=True)
    assert areas.frame["inhabitants"].notna().all()
    areas = join_leefbaarometer(areas, study.areas.leefbaarometer, study.areas.leefbaarometer_year)
    assert areas.frame["lbm_afw"].notna().sum() == 13
    assert not any("niet de som" in note for note in dutch(areas.notes))


def test_every_file_is_accounted_for(client, tmp_path):
    report = fetch_study("GM0166", tmp_path / "study", client=client)
    account = json.loads((tmp_path / "study" / "sources.json").read_text(encoding="utf-8"))
    assert {f["name"] for f in account["files"]} == {f.name for f in report.files}
    for file in account["files"]:
        assert file["sha256"] == content_hash(tmp_path / "study" / file["name"])
        assert file["licence"]
        assert all(a.startswith("https://") for a in file["addresses"])
        assert file["addresses"]
    noise = next(f for f in report.files if f.source == "rivm_geluid")
    assert replay.NOISE in noise.citation
    table = report.table
    assert table["part"].value_counts().to_dict() == {
        "figures": 2, "areas": 1, "proximity": 1, "leefbaarometer": 1, "addresses": 1, "squares": 1,
        "noise": 1, "osm": 1,
    }  # fmt: skip
    years = table.set_index("file")["year"].dropna().to_dict()
    assert years["nabijheid-2023.csv"] == years["kerncijfers-2023.csv"] == 2023
    assert years["leefbaarometer-2022.csv"] == 2022


def test_a_fetch_elsewhere_comes_from_the_cache_and_is_the_same(client, netherlands, tmp_path):
    fetch_study("Kampen", tmp_path / "one", client=client)
    asked = len(netherlands.asked)
    fetch_study("Kampen", tmp_path / "two", client=client)
    gone = [path for path, _ in netherlands.asked[asked:]]
    assert all("2025" in path or "2024" in path for path in gone), (
        "what is not there is asked again"
    )
    for name in ("study.toml", "kerncijfers-2023.csv", "leefbaarometer-2022.csv", "kampen.osm.pbf"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


AWAY = {
    "leefbaarometer": [LBM],
    "addresses": [BAG],
    "squares": [SQUARES],
    "noise": [WCS],
    "areas": [GEMEENTEN],
    "osm": [LATEST, OVERPASS],
}


@pytest.mark.parametrize("part", AWAY)
def test_a_part_that_cannot_be_had_is_left_out_and_fetched_the_next_time(
    netherlands, tmp_path, part
):
    folder = tmp_path / "study"
    good = {path: netherlands.routes[path] for path in AWAY[part]}
    netherlands.routes |= dict.fromkeys(good, lambda _: Reply(b"", 403))
    client = netherlands.client(None)
    parts = {"areas", "figures", "noise", part}
    report = fetch_study("Kampen", folder, client=client, parts=parts)
    assert set(report.missing) == {part, "osm"}, "streets were asked for only in their own turn"
    told = f"# {source_of(part).title}: "
    assert told in report.study.read_text(encoding="utf-8")
    assert "HTTP 403" in report.missing[part]
    read_study(report.study)
    row = report.table.query("part == @part").iloc[0]
    assert (row["part"], row["complete"], row["file"]) == (part, False, "")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    sites = folder / "kandidaten.csv"
    sites.write_text("id,x,y\nmijn plek,1,2\n", encoding="utf-8")

    netherlands.routes |= good
    netherlands.asked.clear()
    again = fetch_study("Kampen", folder, client=client, parts=parts)
    assert part not in again.missing
    wanted = {*good, GEMEENTEN}
    if part == "areas":
        wanted |= {ITEMS.format(year=2023, layer=layer) for layer in ("wijken", "buurten")}
    if part == "osm":
        wanted = {GEMEENTEN, INDEX, LATEST, EXTRACT}
    assert set(netherlands.paths()) == wanted
    assert told not in again.study.read_text(encoding="utf-8")
    assert "mijn plek" in sites.read_text(encoding="utf-8"), "what the user wrote stays"
    for name in set(before) - {"study.toml", "sources.json", "kandidaten.csv"}:
        assert (folder / name).read_bytes() == before[name]
    read_study(again.study)
    netherlands.asked.clear()
    fetch_study("GM0166", folder, client=client, parts=parts)
    assert netherlands.asked == [], "nothing is missing, nothing is asked"


def test_where_the_borders_are_away_the_gemeente_is_found_all_the_same(
    client, netherlands, tmp_path
):
    for layer in ("gemeenten", "wijken", "buurten"):
        netherlands.routes[ITEMS.format(year=2023, layer=layer)] = lambda _: Reply(b"", 503)
    report = fetch_study("Kampen", tmp_path / "study", year=2023, client=client)
    assert set(report.missing) == {"areas"}
    assert OUTLINES in netherlands.paths()
    study = read_study(report.study)
    assert study.areas is None
    assert study.network.source.is_file()


def test_without_any_borders_nothing_is_written(client, netherlands, tmp_path):
    for path in (GEMEENTEN, OUTLINES):
        netherlands.routes[path] = lambda _: Reply(b"", 503)
    with pytest.raises(SourceError, match="HTTP 503"):
        fetch_study("Kampen", tmp_path / "study", year=2023, client=client)
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("path", "answer", "part"),
    [
        (KWB_2023, as_json({"value": [{"RegioS": "GM0166"}]}), "figures"),
        (LBM, as_json({"features": []}), "leefbaarometer"),
        (BAG, as_json({"features": []}), "addresses"),
        (SQUARES, as_json({"features": "none"}), "squares"),
        (WCS, Reply(b"<html>maintenance"), "noise"),
        (WCS, Reply(b"<wcs:CoverageId>other</wcs:CoverageId>"), "noise"),
    ],
)
def test_a_service_that_answers_otherwise_loses_only_its_own_part(
    client, netherlands, tmp_path, path, answer, part
):
    netherlands.routes |= {path: lambda _: answer, KWB_2022: lambda _: Reply(b"", 404)}
    report = fetch_study("Kampen", tmp_path / "study", client=client, parts={"areas", part})
    assert set(report.missing) == {part, "osm"}
    read_study(report.study)


def test_streets_come_from_overpass_where_the_extract_does_not(client, netherlands, tmp_path):
    netherlands.routes[LATEST] = lambda _: Reply(b"", 503)
    report = fetch_study("Kampen", tmp_path / "study", client=client, parts=["osm"])
    assert report.missing == {}
    assert any(
        "straten komen van Overpass" in note and "503" in note for note in dutch(report.notes)
    )
    data = read_osm(tmp_path / "study" / "kampen.osm.pbf", addresses=True)
    assert len(data.addresses) > 1000
    assert data.data_date.isoformat() == "2026-02-15"


def test_a_file_of_ones_own_is_referred_to_where_it_is(client, netherlands, tmp_path):
    extract = tmp_path / "mijn uittreksel.osm.pbf"
    extract.write_bytes(replay.PBF.read_bytes())
    report = fetch_study(
        "Kampen", tmp_path / "study", streets=extract, client=client, parts=["osm"]
    )
    assert report.missing == {}
    assert read_study(report.study).network.source == extract
    assert not {INDEX, OVERPASS} & set(netherlands.paths())


def test_a_study_that_was_edited_is_left_alone(netherlands, tmp_path):
    client, folder = netherlands.client(None), tmp_path / "study"
    good = netherlands.routes[WCS]
    netherlands.routes[WCS] = lambda _: Reply(b"", 403)
    edited = fetch_study("Kampen", folder, client=client).study
    edited.write_text(edited.read_text(encoding="utf-8") + "# van mij\n", encoding="utf-8")
    netherlands.routes[WCS] = good
    report = fetch_study("Kampen", folder, client=client)
    assert report.study.name == "study.new.toml"
    assert read_study(report.study).rasters
    assert "# van mij" in edited.read_text(encoding="utf-8")


def test_what_was_changed_by_hand_is_not_fetched_again(netherlands, tmp_path):
    client, folder = netherlands.client(None), tmp_path / "study"
    fetch_study("Kampen", folder, client=client, parts=["areas", "figures"])
    table = folder / "kerncijfers-2022.csv"
    table.write_text("mine", encoding="utf-8")
    with pytest.raises(
        OutputError, match=r"kerncijfers-2022.csv were changed after they were fetched"
    ):
        fetch_study("Kampen", folder, client=client, parts=["areas", "figures"], refresh=True)
    assert table.read_text(encoding="utf-8") == "mine"
    table.unlink()
    netherlands.asked.clear()
    fetch_study("Kampen", folder, client=client, parts=["areas", "figures"], refresh=True)
    assert {KWB_2022, KWB_2023, GEMEENTEN} <= set(netherlands.paths())


def test_another_place_or_year_does_not_go_in_the_same_folder(client, tmp_path):
    fetch_study("Kampen", tmp_path / "study", client=client, parts=["noise"])
    with pytest.raises(OutputError, match="holds Kampen of 2023, not Amsterdam of 2023"):
        fetch_study("Amsterdam", tmp_path / "study", client=client, parts=["noise"])


def test_a_file_that_no_fetch_wrote_is_never_replaced(client, tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "geluid-2022.tif").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"holds geluid-2022\.tif already"):
        fetch_study("Kampen", folder, client=client, parts=["noise"])
    assert [path.name for path in folder.iterdir() if path.is_file()] == ["geluid-2022.tif"]


def test_a_damaged_account_is_told(client, tmp_path):
    (tmp_path / "sources.json").write_text("[]", encoding="utf-8")
    with pytest.raises(OutputError, match=r"sources\.json is not as it was written"):
        fetch_study("Kampen", tmp_path, client=client)


def test_a_name_that_is_not_there_gets_a_hint(client, tmp_path):
    with pytest.raises(CoverageError, match="did you mean Kampen"):
        fetch_study("Kamper", tmp_path / "study", client=client)
    with pytest.raises(CoverageError, match="of 1999 is not in the catalogue"):
        fetch_study("Kampen", tmp_path / "study", year=1999, client=client)


def test_a_folder_with_a_study_is_left_alone(client, tmp_path):
    (tmp_path / "study.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="holds a study"):
        fetch_study("Kampen", tmp_path, client=client)


@pytest.mark.parametrize(("path", "host"), [(LATEST, "geofabrik"), (OVERPASS, "overpass")])
def test_cancel_leaves_nothing_behind(netherlands, tmp_path, path, host):
    held = threading.Event()
    netherlands.routes[path] = lambda _: held.wait(60) and Reply(b"")

    def cancel(fraction, message):
        if host in message and path in netherlands.paths():
            raise Cancelled("stop")

    client = netherlands.client(None, progress=cancel)
    streets = "overpass" if path == OVERPASS else "extract"
    try:
        with pytest.raises(Cancelled):
            fetch_study("Kampen", tmp_path / "study", client=client, streets=streets)
        assert not held.is_set(), "the streets had not come"
        assert not [p for p in (tmp_path / "study").glob("*") if not p.name.startswith(".")]
    finally:
        held.set()


def test_what_is_fetched_around_the_gemeente_reaches_as_far_as_any_distance_counts():
    profile = read_scoring_profile("geclusterd")
    walks = [
        c
        for c in profile.criteria
        if c.metric == "distance" and c.facility_class != "drankenhandel"
    ]
    farthest = max(raw for c in walks for raw, _ in c.anchors)
    assert farthest + 2 * 100 <= MARGIN_M


def test_the_outline_in_degrees_holds_all_that_can_be_walked_to(client, tmp_path):
    from geowoonzorg.fetch._place import find_place

    job = find_place(client, tmp_path, "Kampen", 2023)
    outline = job.in_degrees()
    back = gpd.GeoSeries([outline], crs=4326).to_crs(28992).iloc[0]
    assert back.buffer(1.0).contains(job.around)
    assert shapely.get_num_coordinates(outline) < 500
