"""Every source of the fetch away, slow, changed and empty, one at a time: the folder is always ready to run."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
import replay
import small_country
from english import run_command
from loopback import Reply, as_json
from replay import BAG, EXTRACT, INDEX, LATEST, LBM, ODATA, OVERPASS, SQUARES, WCS

GEMEENTEN, WIJKEN, BUURTEN = (
    replay.ITEMS.format(year=2023, layer=layer) for layer in ("gemeenten", "wijken", "buurten")
)
KWB, KWB_2022 = (ODATA.format(table=replay.TABLES[year]) for year in ("2023", "2022"))
ALL_KWB = [ODATA.format(table=table) for table in replay.TABLES.values()]
NEAR = ODATA.format(table=replay.NEARNESS["2023"])
ALL_NEAR = [ODATA.format(table=table) for table in replay.NEARNESS.values()]
#: What of a site is not known without which parts.
UNKNOWN = {"geluid_plek_raw": {"noise"}, "lbm_onv_raw": {"leefbaarometer", "areas"}}


def away(_):
    return Reply(b"", 503)


def trickle(_):
    def pieces():
        while True:
            yield b" "

    return Reply(pieces=pieces)


def late(good):
    """Answer that it is busy first, and then in pieces."""
    asked = []

    def serve(query):
        asked.append(query)
        if len(asked) == 1:
            return Reply(b"", 429, {"Retry-After": "0"})
        reply = good(query)
        step = 1 + len(reply.body) // 5
        pieces = [reply.body[i : i + step] for i in range(0, len(reply.body), step)]
        return Reply(status=reply.status, headers=reply.headers, pieces=lambda: iter(pieces))

    return serve


def renamed(good, old, new):
    def serve(query):
        reply = good(query)
        return Reply(reply.body.replace(old, new), reply.status, reply.headers)

    return serve


def nothing(_):
    return as_json({"features": [], "numberReturned": 0})


def no_rows(_):
    return as_json({"value": []})


def noise(_):
    return (replay.DEMO / "geluid_lden_2022.tif").read_bytes()


def rows_of(layer, frame, *which):
    """Serve some rows of a layer, made when somebody asks."""

    def serve(query):
        return replay.wfs({layer: frame().iloc[slice(*which)]})(query)

    return serve


#: part → its addresses; what it answers when its form has changed (several, each alone); and when it is empty.
SOURCES = {
    "areas": (
        [GEMEENTEN, WIJKEN, BUURTEN],
        {
            "no gemeente of a buurt": lambda r: {BUURTEN: renamed(r[BUURTEN], b'"gemeentecode"', b'"gm"')},
            "no code of a buurt": lambda r: {BUURTEN: renamed(r[BUURTEN], b'"buurtcode"', b'"code"')},
            "no name of a gemeente": lambda r: {GEMEENTEN: renamed(r[GEMEENTEN], b'"gemeentenaam"', b'"n"')},
        },
        {"all": dict.fromkeys((GEMEENTEN, WIJKEN, BUURTEN), nothing), "wijken": {WIJKEN: nothing}},
    ),
    "figures": (
        ALL_KWB,
        {"other names": lambda r: {p: renamed(r[p], b"_", b"Q") for p in (KWB, KWB_2022)}},
        {"all": dict.fromkeys(ALL_KWB, no_rows)},
    ),
    "proximity": (
        ALL_NEAR,
        {"other names": lambda r: {NEAR: renamed(r[NEAR], b"Afstand", b"Verte")}},
        {"all": dict.fromkeys(ALL_NEAR, no_rows)},
    ),
    "leefbaarometer": (
        [LBM],
        {
            "no codes": lambda r: {LBM: renamed(r[LBM], b'"id": "BU', b'"id": "')},
            "no score": lambda r: {LBM: renamed(r[LBM], b'"afw"', b'"deviation"')},
        },
        {"all": {LBM: rows_of("lbm3:buurtscore22", replay.scores, 0)}},
    ),
    "addresses": (
        [BAG],
        {"other functions": lambda r: {BAG: renamed(r[BAG], b"woonfunctie", b"wonen")}},
        {
            "all": {BAG: rows_of("bag:verblijfsobject", replay.homes, 0)},
            "no home": {BAG: rows_of("bag:verblijfsobject", replay.homes, 3, 4)},
        },
    ),
    "squares": (
        [SQUARES],
        {"no ids": lambda r: {SQUARES: renamed(r[SQUARES], b'"crs28992res100m"', b'"vak"')}},
        {"all": {SQUARES: rows_of("vierkantstatistieken100m:vierkant_100m", replay.squares, 0)}},
    ),
    "noise": (
        [WCS],
        {"another layer": lambda _: {WCS: replay.wcs(b"", ids=("alo__rivm_Geluid_lden_actueel",))}},
        {"all": {WCS: replay.wcs(b"")}, "half": {WCS: replay.wcs(noise(None)[:2000])}},
    ),
}  # fmt: skip

#: What is asked elsewhere where one does not answer: nothing is missing at the end.
BESIDE = {
    "the newest figures": (
        [KWB],
        {"no codes": lambda r: {KWB: renamed(r[KWB], b'"WijkenEnBuurten"', b'"RegioS"')}},
        {"all": {KWB: no_rows}},
    ),
    "older figures": (
        [KWB_2022],
        {"no codes": lambda r: {KWB_2022: renamed(r[KWB_2022], b'"WijkenEnBuurten"', b'"RegioS"')}},
        {"all": {KWB_2022: no_rows}},
    ),
    "the newest proximity": (
        [NEAR],
        {"no codes": lambda r: {NEAR: renamed(r[NEAR], b'"WijkenEnBuurten"', b'"RegioS"')}},
        {"all": {NEAR: no_rows}},
    ),
    "the index of extracts": (
        [INDEX],
        {"another form": lambda _: {INDEX: lambda _: as_json({"features": [{"id": 1}]})}},
        {"all": {INDEX: nothing}},
    ),
    "the extract": (
        [LATEST, EXTRACT],
        {
            "a zip": lambda _: {EXTRACT: lambda _: Reply(b"PK" + 500 * b"0")},
            "half": lambda _: {EXTRACT: lambda _: Reply(small_country.extract()[:5000])},
        },
        {"all": {EXTRACT: lambda _: Reply(b"")}},
    ),
}


def table():
    """Give every fault: the part that will be missing, the paths that never end, and the routes."""
    rows = {}
    for sources, lost in ((SOURCES, True), (BESIDE, False)):
        for part, (paths, changed, empty) in sources.items():
            missing = part if lost else None
            rows[part, "away"] = missing, (), dict.fromkeys(paths, away)
            rows[part, "slow"] = None, (), lambda r, p=paths: {x: late(r[x]) for x in p if x in r}
            rows[part, "too slow"] = missing, paths, dict.fromkeys(paths, trickle)
            rows |= {
                (part, f"changed, {how}"): (missing, (), route) for how, route in changed.items()
            }
            rows |= {(part, f"empty, {how}"): (missing, (), route) for how, route in empty.items()}
    return rows


TABLE = table()


@pytest.fixture
def country(monkeypatch):
    with small_country.SmallNetherlands() as server:
        monkeypatch.setattr(
            "geowoonzorg.fetch._study.Client",
            lambda *, cache, progress, **_: server.client(None, progress=progress),
        )
        yield server


def fetched(capsys, folder):
    capsys.readouterr()
    words = ["sources", "fetch", folder, "--gemeente", "Kampen", "--year", 2023]
    code = run_command([*words, "--progress", "json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    results = [line for line in lines if line["type"] == "result"]
    return code, {row["part"]: row for row in results[0]["sources"]}, results[0]["notes"]


_PROVEN: dict[str, pd.Series] = {}


def checked_and_run(capsys, folder):
    """Check and run a folder, once for all folders with the same study and files; the scores of its site."""
    study = (folder / "study.toml").read_text(encoding="utf-8")
    keys = [line for line in study.splitlines() if not line.startswith("#")]
    files = {
        file["name"]: file["sha256"]
        for file in json.loads((folder / "sources.json").read_text(encoding="utf-8"))["files"]
    }
    same = hashlib.sha256(json.dumps([keys, files]).encode()).hexdigest()
    if same not in _PROVEN:
        capsys.readouterr()
        assert run_command(["check", folder / "study.toml"]) == 0, capsys.readouterr().err
        assert "no problems found" in capsys.readouterr().out
        assert run_command(["run", folder / "study.toml", "--out", folder / "uit"]) == 0
        (row,) = pd.read_csv(folder / "uit" / "scores.csv").to_dict("records")
        _PROVEN[same] = pd.Series(row)
    return _PROVEN[same]


@pytest.mark.parametrize("fault", TABLE, ids=", ".join)
def test_whatever_a_source_does_the_folder_is_ready(country, tmp_path, capsys, fault):
    missing, endless, routes = TABLE[fault]
    good = dict(country.routes)
    country.endless |= set(endless)
    country.routes |= routes(country.routes) if callable(routes) else routes
    folder = tmp_path / "kampen"
    code, sources, notes = fetched(capsys, folder)
    assert code == 0
    assert {part: row["reason"] for part, row in sources.items() if row["reason"]}.keys() == (
        {missing} if missing else set()
    )
    assert set(sources) == {*SOURCES, "osm"}, "nothing else is lost"
    if missing:
        assert ".geowoonzorg" not in sources[missing]["reason"], "no path of a folder that is gone"
        assert any("fetches only what is missing" in note for note in notes)
    there = {row["file"] for row in sources.values()}
    left = {path.name for path in folder.iterdir()} - {
        "study.toml",
        "sources.json",
        "kandidaten.csv",
    }
    assert {name.partition("-20")[0] for name in left} == {
        name.partition("-20")[0] for name in there if name
    }, "half a part is no part"
    scores = checked_and_run(capsys, folder)
    assert np.isfinite(scores["supermarkt_raw"])
    for criterion, without in UNKNOWN.items():
        assert np.isfinite(scores[criterion]) == (missing not in without)
    if missing and fault[1].startswith(("changed", "empty")):
        country.endless.clear()
        country.routes |= good
        code, sources, _ = fetched(capsys, folder)
        assert code == 0
        assert not [row["reason"] for row in sources.values() if row["reason"]]


@pytest.mark.parametrize("how", ["away", "too slow", "changed", "empty"])
def test_without_any_streets_the_rest_is_kept_and_told_how_to_go_on(
    country, tmp_path, capsys, monkeypatch, how
):
    monkeypatch.setattr("geowoonzorg.fetch._overpass._DEADLINE_S", 0.2 if how == "too slow" else 60)
    country.routes |= {LATEST: away} | {
        "away": {OVERPASS: away},
        "too slow": {OVERPASS: trickle},
        "changed": {OVERPASS: lambda _: Reply(b"<html>busy</html>")},
        "empty": {OVERPASS: replay.overpass([])},
    }[how]  # fmt: skip
    words = ["sources", "fetch", tmp_path / "kampen", "--gemeente", "Kampen", "--year", 2023]
    assert run_command(words) == 4
    told = capsys.readouterr()
    assert "not fetched: OpenStreetMap" in told.out
    assert "the same command fetches only what is missing" in told.err.replace("\n", " ")
    assert (tmp_path / "kampen" / "adressen.gpkg").exists()
