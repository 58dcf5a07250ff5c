"""Every algorithm in the real QGIS process, where wheels would crash it, on the demo municipality."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from conftest import DEMO, FAKE

OSM = DEMO / "wierhaven.osm.pbf"
LAST_RESORT_S = 900
CHOSEN = ["huisarts", "supermarkt", "inloopvoorziening", "apotheek", "ov_halte"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")


@pytest.fixture(scope="session")
def process(tmp_path_factory, real_engine):
    """Call an algorithm in qgis_process and give its outputs; a failure shows what it said."""
    if not OSM.exists():
        pytest.skip("the demo municipality is not there")
    environment = {**os.environ, "GEOWOONZORG_PYTHON": real_engine}
    enable = ["qgis_process.bin", "plugins", "enable", "geowoonzorg_qgis"]
    enabled = subprocess.run(enable, env=environment, check=False, capture_output=True, text=True)
    assert enabled.returncode == 0 or "already enabled" in enabled.stdout + enabled.stderr, enabled.stdout + enabled.stderr

    def call(name: str, *, fails: bool = False, **values):
        given = [f"{key}={value}" for key, value in values.items()]
        done = subprocess.run(
            ["qgis_process.bin", "run", f"geowoonzorg:{name}", "--", *given],
            env={**environment, **{k: v for k, v in os.environ.items() if k.startswith(("FAKE", "GEOWOONZORG"))}},
            capture_output=True,
            text=True,
            timeout=LAST_RESORT_S,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode in (0, 1), said  # 134 and 139 are QGIS falling over
        assert (done.returncode != 0) == fails, said
        return said

    return call


@pytest.fixture(scope="session")
def command(real_engine):
    """Call the engine's command directly."""

    def call(*arguments: object) -> None:
        subprocess.run([real_engine, "-I", "-m", "geowoonzorg", *map(str, arguments)], check=True, capture_output=True)

    return call


def table(path: Path, layer: str) -> tuple[list[str], set[tuple]]:
    """Read a layer's columns and rows, without key and geometry, bit for bit."""
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
        names = [row[1] for row in database.execute(f'PRAGMA table_info("{layer}")')]
        kept = [name for name in names if name not in {"fid", "geom", "geometry"}]
        columns = ", ".join(f'"{name}"' for name in kept)
        rows = database.execute(f'SELECT {columns} FROM "{layer}"').fetchall()  # noqa: S608 - names of our own
    return kept, {tuple(_as_qgis_writes(value) for value in row) for row in rows}


def _as_qgis_writes(value: object) -> object:
    # QGIS 3.22 writes a moment as 12:00:00.000, the engine as 12:00:00Z.
    return value[:19] if isinstance(value, str) and MOMENT.fullmatch(value) else value


@pytest.fixture(scope="session")
def facilities(tmp_path_factory, process, command):
    folder = tmp_path_factory.mktemp("facilities")
    process("facilities", OSM=OSM, OUTPUT=folder / "qgis.gpkg")
    return folder / "qgis.gpkg"


def test_facilities(facilities, command, tmp_path):
    command("facilities", OSM, "-o", tmp_path / "cli.gpkg", *[part for name in CHOSEN for part in ("--class", name)])
    assert table(facilities, "qgis") == table(tmp_path / "cli.gpkg", "facilities")


def test_service_areas(process, command, facilities, tmp_path):
    options = {"NETWORK": OSM, "FACILITIES": f"{facilities}|layername=qgis", "LIMITS_M": "400,800"}
    process("service_areas", **options, OUTPUT=tmp_path / "qgis.gpkg")
    limits = ("--limit-m", 400, "--limit-m", 800, "--shape", "polygons")
    command("service-areas", OSM, facilities, "-o", tmp_path / "cli.gpkg", *limits)
    columns, rows = table(tmp_path / "qgis.gpkg", "qgis")
    assert (columns, rows) == table(tmp_path / "cli.gpkg", "service_areas")
    assert {row[columns.index("status")] for row in rows} >= {"ok"}


def test_nearest_from_a_subset_in_another_reference_system(process, command, facilities, tmp_path):
    subset = tmp_path / "wgs84.gpkg"
    subprocess.run(
        ["ogr2ogr", "-t_srs", "EPSG:4326", "-where", "facility_class = 'ov_halte'", str(subset), str(facilities)], check=True
    )
    options = {"NETWORK": OSM, "ORIGINS": subset, "FACILITIES": facilities, "PROFILE": "wandelaar"}
    process("nearest", **options, OUTPUT=tmp_path / "qgis.gpkg")
    command("nearest", OSM, subset, facilities, "-o", tmp_path / "cli.gpkg", "--profile", "wandelaar")
    assert table(tmp_path / "qgis.gpkg", "qgis") == table(tmp_path / "cli.gpkg", "nearest")


def test_walks_to_the_plugins_points_are_walks_to_the_buildings(process, command, facilities, tmp_path):
    command("facilities", OSM, "-o", tmp_path / "buildings.gpkg", *[part for name in CHOSEN for part in ("--class", name)])
    sites = DEMO / "kandidaten.gpkg"
    command("nearest", OSM, sites, tmp_path / "buildings.gpkg", "-o", tmp_path / "cli.gpkg")
    process("nearest", NETWORK=OSM, ORIGINS=sites, FACILITIES=facilities, OUTPUT=tmp_path / "qgis.gpkg")
    assert table(tmp_path / "qgis.gpkg", "qgis") == table(tmp_path / "cli.gpkg", "nearest")


def test_a_saved_network_gives_the_same(process, command, facilities, tmp_path):
    said = process("network", NETWORK=OSM, OUTPUT=tmp_path / "net.npz")
    assert "net.npz" in said
    options = {"NETWORK": tmp_path / "net.npz", "FACILITIES": facilities, "SHAPE": 1}
    process("service_areas", **options, OUTPUT=tmp_path / "qgis.gpkg")
    command("service-areas", OSM, facilities, "-o", tmp_path / "cli.gpkg", "--limit-m", 400)
    assert table(tmp_path / "qgis.gpkg", "qgis") == table(tmp_path / "cli.gpkg", "service_areas")


@pytest.fixture(scope="session")
def library(tmp_path_factory, command):
    """The demo study as the library itself runs it."""
    folder = tmp_path_factory.mktemp("library")
    command("run", DEMO / "study.toml", "--out", folder)
    return folder


def test_a_study_gives_the_librarys_numbers_to_the_last_digit(process, library, tmp_path):
    layers = ("sites", "facilities", "service_areas", "areas", "addresses", "routes", "site_areas")
    sinks = {f"OUT_{name.upper()}": tmp_path / f"{name}.gpkg" for name in layers}
    process("run_study", STUDY=DEMO / "study.toml", FOLDER=tmp_path / "out", **sinks)
    for name in layers:
        assert table(tmp_path / f"{name}.gpkg", name) == table(library / "result.gpkg", name), name
    assert (tmp_path / "out" / "scores.csv").read_bytes() == (library / "scores.csv").read_bytes()
    for file in ("map.html", "report.html", "provenance.json"):
        assert (tmp_path / "out" / file).stat().st_size > 1000


def test_the_demo_runs_and_runs_again_into_the_same_folder(process, tmp_path):
    for _ in range(2):
        said = process("demo", FOLDER=tmp_path / "uit", OUT_SITES="TEMPORARY_OUTPUT")
        assert "map.html" in said


def test_sites_scored_from_layers_rank_as_the_same_study_does(process, library, tmp_path):
    """Site layers, areas and a register from QGIS give what the study file gives: only the ids' order may differ."""
    register = tmp_path / "register.gpkg"
    csv = DEMO / "voorzieningen.csv"
    lines = ["-s_srs", "EPSG:28992", "-oo", "X_POSSIBLE_NAMES=x", "-oo", "Y_POSSIBLE_NAMES=y", "-oo", "KEEP_GEOM_COLUMNS=NO"]
    subprocess.run(["ogr2ogr", *lines, "-t_srs", "EPSG:28992", str(register), str(csv)], check=True)
    columns, rows = table(register, "voorzieningen")
    assert rows, columns
    classes = ["huisarts", "supermarkt", "apotheek", "inloopvoorziening", "ov_halte", "fysiotherapeut", "basisschool"]
    process(
        "score_sites",
        SITES=DEMO / "kandidaten.gpkg",
        NETWORK=OSM,
        CLASSES=",".join([*classes, "drankenhandel"]),
        REGISTER=register,
        AREAS=DEMO / "wijkenbuurten_2023_v3.gpkg",
        GEMEENTE="GM9801",
        LEEFBAAROMETER=DEMO / "Leefbaarometer-scores buurten 2002-2022.csv",
        LEEFBAAROMETER_YEAR=2022,
        NOISE=DEMO / "geluid_lden_2022.tif",
        LIMITS_M="400,800",
        OUT_SITES=tmp_path / "sites.gpkg",
        FOLDER=tmp_path / "uit",
    )
    wanted = ("id", "score", "rank", "known_weight_share")
    assert _columns(tmp_path / "sites.gpkg", "sites", wanted) == _columns(library / "result.gpkg", "sites", wanted)
    assert (tmp_path / "uit" / "studie" / "study.toml").is_file()


def _columns(path: Path, layer: str, wanted: tuple[str, ...]) -> set[tuple]:
    names, rows = table(path, layer)
    return {tuple(row[names.index(name)] for name in wanted) for row in rows}


def test_walks_with_diagnosis(process, command, facilities, tmp_path):
    sites = DEMO / "kandidaten.gpkg"
    process("route", NETWORK=OSM, ORIGINS=sites, FACILITIES=facilities, OUTPUT=tmp_path / "qgis.gpkg")
    command("route", OSM, sites, facilities, "-o", tmp_path / "cli.gpkg")
    columns, rows = table(tmp_path / "qgis.gpkg", "qgis")
    assert (columns, rows) == table(tmp_path / "cli.gpkg", "routes")
    assert any(row[columns.index("steps_m")] is not None for row in rows)


def test_walks_over_a_saved_network_tell_the_same_of_benches(process, facilities, tmp_path):
    process("network", NETWORK=OSM, OUTPUT=tmp_path / "net.npz")
    for name, network in {"saved": tmp_path / "net.npz", "osm": OSM}.items():
        options = {"ORIGINS": DEMO / "kandidaten.gpkg", "FACILITIES": facilities}
        process("route", NETWORK=network, **options, OUTPUT=tmp_path / f"{name}.gpkg")
    columns, rows = table(tmp_path / "saved.gpkg", "saved")
    assert any(row[columns.index("bench_gap_m")] is not None for row in rows)
    assert (columns, rows) == table(tmp_path / "osm.gpkg", "osm")


def test_indicators_at_sites(process, library, tmp_path):
    options = {"SITES": DEMO / "kandidaten.gpkg", "NETWORK": OSM, "NOISE": DEMO / "geluid_lden_2022.tif"}
    process("indicators", **options, OUTPUT=tmp_path / "qgis.gpkg")
    columns, rows = table(tmp_path / "qgis.gpkg", "qgis")
    assert len(rows) == len(table(library / "result.gpkg", "sites")[1])
    assert any("geluid" in column for column in columns)


def test_vragers_and_dragers(process, command, tmp_path):
    areas, scores = DEMO / "wijkenbuurten_2023_v3.gpkg", DEMO / "Leefbaarometer-scores buurten 2002-2022.csv"
    options = {"AREAS": areas, "GEMEENTE": "GM9801", "LEEFBAAROMETER": scores, "LEEFBAAROMETER_YEAR": 2022}
    process("balance", **options, OUTPUT=tmp_path / "qgis.gpkg")
    given = ("--gemeente", "GM9801", "--leefbaarometer", scores, "--leefbaarometer-year", 2022)
    command("balance", areas, *given, "-o", tmp_path / "cli.gpkg")
    assert table(tmp_path / "qgis.gpkg", "qgis") == table(tmp_path / "cli.gpkg", "areas")


def test_check_study(process, tmp_path):
    process("check_study", STUDY=DEMO / "study.toml")
    broken = tmp_path / "study.toml"
    broken.write_text('[study]\nnaam = "x"\n', encoding="utf-8")
    said = process("check_study", STUDY=broken, fails=True)
    assert "study.naam" in said


def test_doctor(process):
    said = process("doctor")
    assert "geowoonzorg" in said
    assert "HEALTHY" in said


def test_duplicate_ids_come_back_with_the_ids(process, facilities, tmp_path):
    twice = tmp_path / "twice.gpkg"
    subprocess.run(
        ["ogr2ogr", "-sql", "SELECT 'zelfde' AS id, facility_class, geom FROM qgis", str(twice), str(facilities)], check=True
    )
    said = process("service_areas", fails=True, NETWORK=OSM, FACILITIES=twice, OUTPUT=tmp_path / "out.gpkg")
    assert "zelfde" in said
    assert not (tmp_path / "out.gpkg").exists()


def test_a_crashing_engine_leaves_qgis_standing(process, facilities, tmp_path, monkeypatch):
    monkeypatch.setenv("GEOWOONZORG_PYTHON", str(FAKE))
    monkeypatch.setenv("FAKE_ENGINE", "crash")
    said = process("service_areas", fails=True, NETWORK=OSM, FACILITIES=facilities, OUTPUT=tmp_path / "out.gpkg")
    assert "onverwacht gestopt" in said
