"""From nothing to a ranking: a gemeente fetched by the command, checked and run; faults: `test_fetch_table`."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import replay
from english import in_english, run_command
from loopback import Reply, as_json
from replay import (
    BAG,
    INDEX,
    ITEMS,
    LATEST,
    LBM,
    OUTLINES,
    OVERPASS,
    WCS,
)

from geowoonzorg import cli
from geowoonzorg.opendata.sources import read_catalogue

GEMEENTEN = ITEMS.format(year=2023, layer="gemeenten")


@pytest.fixture
def netherlands(monkeypatch):
    with replay.Netherlands() as server:

        def client(*, cache, progress, **_):
            return server.client(None, progress=progress)

        monkeypatch.setattr("geowoonzorg.fetch._study.Client", client)
        monkeypatch.setattr("geowoonzorg.fetch._probe.Client", client)
        yield server


def fetched(capsys, folder, *more):
    """Run the command as a program does; its exit code and what it says came."""
    capsys.readouterr()
    words = ["sources", "fetch", folder, "--gemeente", "Kampen", "--progress", "json", *more]
    code = run_command(words)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    results = [line for line in lines if line["type"] == "result"]
    return code, {row["part"]: row for row in results[0]["sources"]} if results else {}


def checked(capsys, folder):
    capsys.readouterr()
    assert run_command(["check", folder / "study.toml"]) == 0
    return capsys.readouterr().out


def ran(folder):
    assert run_command(["run", folder / "study.toml", "--out", folder / "uit"]) == 0
    return pd.read_csv(folder / "uit" / "scores.csv")


def away(_):
    return Reply(b"", 503)


def moved(_):
    return Reply(b"", 404)


def renamed(good, old, new):
    """Answer with another name for a column."""

    def serve(query):
        reply = good(query)
        return Reply(reply.body.replace(old, new), reply.status, reply.headers)

    return serve


def test_a_gemeente_is_fetched_checked_and_run(netherlands, tmp_path, capsys):
    folder = tmp_path / "kampen"
    assert cli.run_command(["sources", "fetch", str(folder), "--gemeente", "Kampen"]) == 0
    told = capsys.readouterr().out
    assert "CBS Wijk- en buurtkaart" in told
    assert "2023" in told.split("kerncijfers-2023.csv")[0]
    assert "springen die van 2022 in, met vermelding" in told
    said = checked(capsys, folder)
    assert "no problems found" in said
    assert "will be unknown" not in said, "every criterion has its source"
    scores = ran(folder)
    assert scores["score"].notna().all()
    assert scores["balans_raw"].notna().all(), "the figures of 2022 stand in"
    code, sources = fetched(capsys, folder)
    assert code == 0
    assert set(sources) == {
        "areas",
        "figures",
        "proximity",
        "leefbaarometer",
        "addresses",
        "squares",
        "noise",
        "osm",
    }
    short = {part: row for part, row in sources.items() if not row["complete"]}
    assert set(short) <= {"areas", "figures"}, [str(v) for v in short.values()]


def test_without_streets_all_else_is_kept_and_the_next_time_completes_it(
    netherlands, tmp_path, capsys
):
    good = {path: netherlands.routes[path] for path in (LATEST, OVERPASS)}
    netherlands.routes |= {
        LATEST: away,
        OVERPASS: replay.overpass(remark="runtime error: timed out"),
    }
    folder = tmp_path / "kampen"
    code, sources = fetched(capsys, folder)
    assert code == 4
    assert "timed out" in sources["osm"]["reason"]
    assert sources["addresses"]["rows"] > 1000
    assert run_command(["check", folder / "study.toml"]) == 4, "its streets are not there"
    netherlands.routes |= good
    code, sources = fetched(capsys, folder)
    assert (code, sources["osm"]["reason"]) == (0, "")
    assert "no problems found" in checked(capsys, folder)


def test_with_no_borders_at_all_nothing_is_written(netherlands, tmp_path, capsys):
    netherlands.routes |= {GEMEENTEN: away, OUTLINES: away}
    code, _ = fetched(capsys, tmp_path / "kampen", "--year", 2023)
    assert code == 4
    assert not (tmp_path / "kampen").exists()


def test_what_did_not_come_is_told_in_dutch_down_to_the_cure(netherlands, tmp_path, capsys):
    netherlands.routes[WCS] = lambda _: Reply(b"", 403)
    words = ["sources", "fetch", str(tmp_path / "kampen"), "--gemeente", "Kampen"]
    assert cli.run_command(words) == 0
    told = capsys.readouterr().out
    line = next(line for line in told.splitlines() if line.startswith("niet opgehaald: Geluid"))
    assert "om zonder internet te werken" in line
    assert run_command(["sources", "fetch", tmp_path / "kampen", "--gemeente", "Kampen"]) == 0
    assert "not fetched: Noise in the Netherlands" in capsys.readouterr().out


def test_wrong_words_and_places_are_told_by_their_code(netherlands, tmp_path, capsys):
    assert fetched(capsys, tmp_path / "a", "--year", 1999)[0] == 3
    assert run_command(["sources", "fetch", tmp_path / "a", "--gemeente", "Atlantis"]) == 3
    assert run_command(["sources", "fetch", tmp_path / "a"]) == 2
    assert run_command(["sources", "fetch", tmp_path / "no" / "a", "--gemeente", "Kampen"]) == 5
    (tmp_path / "study.toml").write_text("mine", encoding="utf-8")
    assert run_command(["sources", "fetch", tmp_path, "--gemeente", "Kampen"]) == 5


def test_a_place_by_name_becomes_an_osm_file(netherlands, tmp_path, capsys):
    target = tmp_path / "kampen.osm.pbf"
    assert run_command(["sources", "streets", "Kampen, Nederland", "-o", target]) == 0
    assert target.stat().st_size > 10_000
    assert run_command(["sources", "streets", "Atlantis", "-o", tmp_path / "a.osm.pbf"]) == 3
    assert run_command(["sources", "streets", "Kampen", "-o", tmp_path / "a.txt"]) == 2
    other = tmp_path / "mine.osm.pbf"
    other.write_bytes(b"mine")
    assert run_command(["sources", "streets", "Kampen", "-o", other]) == 5
    assert other.read_bytes() == b"mine"


# --------------------------------------------------------------------------------------- probe


def probed(capsys):
    capsys.readouterr()
    code = cli.run_command(in_english(["sources", "probe", "--progress", "json"]))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (result,) = [line for line in lines if line["type"] == "result"]
    return code, {(row["source"], row["kind"]): row for row in result["sources"]}


def test_services_that_answer_as_expected_are_said_to(netherlands, capsys):
    code, found = probed(capsys)
    assert code == 0
    asked = {(s.key, kind) for s in read_catalogue().sources.values() for kind in s.expects}
    assert set(found) == asked
    assert {row["status"] for row in found.values()} == {"as_expected"}


BAG_KEY, LBM_KEY = ("bag", "wfs"), ("leefbaarometer", "wfs")


@pytest.mark.parametrize(
    ("path", "answer", "key", "status", "said"),
    [
        (BAG, away, BAG_KEY, "away", "HTTP 503"),
        (BAG, lambda _: Reply(b"<!DOCTYPE html>"), BAG_KEY, "away", "web page"),
        (BAG, moved, BAG_KEY, "changed", "HTTP 404"),
        (BAG, lambda _: as_json({"features": []}), BAG_KEY, "changed", "lacks identificatie"),
        (BAG, lambda _: as_json([]), BAG_KEY, "changed", "a list came"),
        (LBM, lambda _: as_json({"value": []}), LBM_KEY, "changed", "another form"),
        (WCS, replay.wcs(b"", ids=("alo__x",)), ("rivm_geluid", "wcs"), "changed", "lacks rivm_2022"),
        (OVERPASS, replay.overpass(remark="timed out"), ("osm", "overpass"), "away", "timed out"),
        (INDEX, lambda _: as_json({"features": []}), ("osm", "index"), "changed", "netherlands"),
        ("/search", lambda _: as_json([]), ("osm", "nominatim"), "changed", "another form"),
    ],
)  # fmt: skip
def test_a_service_that_changed_or_is_away_is_named(
    netherlands, capsys, path, answer, key, status, said
):
    netherlands.routes[path] = answer
    code, found = probed(capsys)
    assert code == 4
    assert found[key]["status"] == status
    assert said in found[key]["message"]
    assert {k for k, row in found.items() if row["status"] != "as_expected"} == {key}


def test_a_renamed_column_is_named(netherlands, capsys):
    netherlands.routes[LBM] = renamed(netherlands.routes[LBM], b'"afw"', b'"deviation"')
    _, found = probed(capsys)
    assert found[LBM_KEY]["message"] == "changed: it lacks afw"


def test_it_is_told_in_dutch(netherlands, capsys):
    netherlands.routes[BAG] = away
    capsys.readouterr()
    assert cli.run_command(["sources", "probe"]) == 4
    told = capsys.readouterr()
    assert "BAG verblijfsobjecten, wfs: niet bereikbaar: " in told.out
    assert "antwoorden niet zoals verwacht: bag (wfs)" in told.err
