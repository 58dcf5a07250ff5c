"""The commands as others' scripts use them: files in, files out, exit codes, JSON lines."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from english import in_english, run_command

from geowoonzorg import cli
from geowoonzorg.cli._data import fill_in
from geowoonzorg.errors import Cancelled
from geowoonzorg.files import read_places
from geowoonzorg.messages import tell, translate
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.ranking.scoring_profile import read_scoring_profile
from geowoonzorg.show.terminal import ranking_lines
from geowoonzorg.show.texts import read_texts
from geowoonzorg.town.streets import read_streets
from geowoonzorg.walk.cropping import street_lines
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest

ROOT = Path(__file__).resolve().parents[2]

CORNER = np.array([190_000.0, 507_000.0])
LAST_RESORT_S = 300


def command(*arguments, env=None, cwd=None, timeout=300):
    return subprocess.run(
        [sys.executable, "-I", "-m", "geowoonzorg", *in_english(arguments)],
        capture_output=True, text=True, timeout=timeout, check=False, cwd=cwd,
        env={**os.environ, **(env or {})},
    )  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A grid of streets every 100 m over 2 km, two facilities and three origins."""
    folder = tmp_path_factory.mktemp("town")
    steps = np.arange(0, 2001, 100.0)
    lines = [
        shapely.LineString([CORNER + (x, y), CORNER + (x + 100, y)])
        for x in steps[:-1]
        for y in steps
    ] + [
        shapely.LineString([CORNER + (x, y), CORNER + (x, y + 100)])
        for x in steps
        for y in steps[:-1]
    ]
    gpd.GeoDataFrame(geometry=lines, crs=28992).to_file(folder / "streets.gpkg")
    places("facility", [(500, 510), (1500, 1500)]).assign(facility_class="huisarts").to_file(
        folder / "facilities.gpkg"
    )
    places("origin", [(500, 910), (505, 1000), (1000, 9000)]).to_file(folder / "origins.gpkg")
    return folder


def places(prefix, offsets):
    xy = CORNER + np.array(offsets, dtype=float)
    ids = [f"{prefix}{i}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(*xy.T), crs=28992)


def test_nearest_has_the_documented_columns_and_the_right_metres(town, tmp_path):
    out = tmp_path / "nearest.gpkg"
    done = command(
        "nearest", town / "streets.gpkg", town / "origins.gpkg", town / "facilities.gpkg", "-o", out
    )
    assert done.returncode == 0, done.stderr
    found = gpd.read_file(out, layer="nearest")
    assert list(found.columns) == [
        "origin_id", "facility_class", "facility_id", "distance_m", "distance_high_m", "unknown_share",
        "access_leg_origin_m", "access_leg_facility_m", "status", "geometry",
    ]  # fmt: skip
    rows = found.set_index("origin_id")
    # RD's scale is within 1e-4 of the ground here. Both places lie 10 m off their street:
    # from (500,910) 10 m to the street (500,900), 400 m along x=500... and 10 m to the facility.
    assert rows.loc["origin0", "distance_m"] == pytest.approx(400, rel=2e-4)
    assert rows.loc["origin0", "status"] == "ok"
    assert rows.loc["origin2", "status"] == "off_network"
    assert np.isnan(rows.loc["origin2", "distance_m"])


@pytest.mark.parametrize("shape", ["lines", "polygons"])
def test_the_cautious_areas_are_drawn_where_they_are_asked_for(demo, tmp_path, shape):
    """In the demo a paved street passes and a path does not; the metres told are those of both answers."""
    streets, places = demo / "wierhaven.osm.pbf", tmp_path / "places.gpkg"
    assert command("facilities", streets, "-o", places, "--class", "huisarts").returncode == 0
    layers = {}
    for extra in ((), ("--cautious",)):
        out = tmp_path / "areas.gpkg"
        done = command(
            "service-areas",
            streets,
            places,
            "-o",
            out,
            "--limit-m",
            "400",
            "--shape",
            shape,
            "--force",
            *extra,
        )
        assert done.returncode == 0, done.stderr
        layers[bool(extra)] = gpd.read_file(out).sort_values("facility_id", ignore_index=True)
    hopeful, cautious = layers[False], layers[True]
    same = ["facility_id", "length_m", "length_low_m", "unknown_share"]
    assert hopeful[same].equals(cautious[same])
    assert (hopeful["length_low_m"] < hopeful["length_m"]).any()
    if shape == "lines":
        np.testing.assert_allclose(cautious.geometry.length, cautious["length_low_m"], rtol=2e-4)
    else:
        assert (cautious["area_m2"] < hopeful["area_m2"]).any()
        assert "hardly other than on foot" in done.stdout


@pytest.mark.parametrize("shape", ["lines", "polygons"])
def test_service_areas_have_the_documented_columns(town, tmp_path, shape):
    out = tmp_path / "areas.gpkg"
    done = command(
        "service-areas", town / "streets.gpkg", town / "facilities.gpkg", "-o", out,
        "--limit-m", "400", "--limit-m", "800", "--shape", shape,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = gpd.read_file(out, layer="service_areas")
    expected = [
        "facility_id", "facility_class", "limit_m", "length_m", "length_low_m", "unknown_share",
        "access_leg_m", "status",
    ]  # fmt: skip
    assert set(expected) <= set(found.columns)
    assert ("area_m2" in found.columns) == (shape == "polygons")
    assert sorted(found["limit_m"].unique()) == [400, 800]
    assert found.geometry.is_valid.all()


def test_the_json_lines_end_in_a_result(town, tmp_path):
    done = command(
        "nearest", town / "streets.gpkg", town / "origins.gpkg", town / "facilities.gpkg",
        "-o", tmp_path / "n.gpkg", "--progress", "json",
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["type"] for line in lines[:-1]} <= {"progress"}
    assert lines[-1]["type"] == "result"
    fractions = [line["fraction"] for line in lines[:-1]]
    assert fractions == sorted(fractions)
    assert all(0 <= f <= 1 for f in fractions)


@pytest.mark.parametrize("limit", ["0", "-400", "nan", "1000000", "abc"])
def test_a_limit_that_is_no_distance_is_wrong_usage(town, tmp_path, limit):
    done = command(
        "service-areas", town / "streets.gpkg", town / "facilities.gpkg",
        "-o", tmp_path / "a.gpkg", "--limit-m", limit,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_each_kind_of_failure_has_its_exit_code(town, tmp_path):
    streets, origins, facilities = (
        town / f"{n}.gpkg" for n in ("streets", "origins", "facilities")
    )
    out = tmp_path / "n.gpkg"
    cases = {
        2: [
            ("nearest", streets, origins, facilities, "-o", out, "--profile", "hardloper"),
            ("nearest", streets, origins, facilities, "-o", tmp_path / "n.csv"),
            ("nearest", streets),
            ("dance",),
            ("nearest", streets, origins, facilities, "-o", out, "--crs", "EPSG:4326"),
        ],
        3: [
            ("nearest", streets, origins, streets, "-o", out),
            ("nearest", origins, origins, facilities, "-o", out),
        ],
        4: [("nearest", tmp_path / "absent.gpkg", origins, facilities, "-o", out)],
        5: [("nearest", streets, origins, facilities, "-o", tmp_path / "no" / "folder" / "n.gpkg")],
    }
    for code, commands in cases.items():
        for words in commands:
            done = command(*words)
            assert done.returncode == code, (words, done.stderr)
            assert "Traceback" not in done.stderr
            assert len(done.stderr) < 2000
    assert not list(tmp_path.iterdir())


def test_a_failure_is_told_in_json_too(tmp_path):
    done = command("check", tmp_path / "absent.toml", "--progress", "json")
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["type"], last["exit_code"], done.returncode) == ("error", 4, 4)
    assert "absent.toml" in last["message"]


def test_layers_in_other_systems_give_the_same_distances(town, tmp_path):
    distances = []
    for crs in (28992, 4326, 3857):
        for name in ("streets", "origins", "facilities"):
            gpd.read_file(town / f"{name}.gpkg").to_crs(crs).to_file(tmp_path / f"{name}{crs}.gpkg")
        out = tmp_path / f"n{crs}.gpkg"
        done = command(
            "nearest",
            *(tmp_path / f"{n}{crs}.gpkg" for n in ("streets", "origins", "facilities")),
            "-o",
            out,
        )
        assert done.returncode == 0, done.stderr
        distances.append(gpd.read_file(out)["distance_m"].to_numpy())
    for other in distances[1:]:
        assert np.allclose(other, distances[0], atol=1e-3, equal_nan=True)


@pytest.mark.parametrize("how", ["terminate", "interrupt", "close"])
def test_cancel_stops_in_the_middle_and_leaves_the_old_output(town, tmp_path, how):
    """No result comes after the request, and no work goes on to its end.

    Where a busy machine takes too long to unwind, the process just ends: what it hid goes at the next run.
    """
    out = tmp_path / "n.gpkg"
    out.write_bytes(b"old")
    rng = np.random.default_rng(1)
    places("o", rng.uniform(0, 2000, (400_000, 2))).to_file(tmp_path / "many.gpkg")
    words = [
        "nearest",
        town / "streets.gpkg",
        tmp_path / "many.gpkg",
        town / "facilities.gpkg",
        "-o",
        out,
        "--force",
    ]
    child = subprocess.Popen(
        [sys.executable, "-I", "-m", "geowoonzorg", *map(str, words), "--progress", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    child.stdout.readline()  # it is at work
    if how == "terminate":
        child.terminate()
    elif how == "interrupt":
        child.send_signal(signal.SIGINT)
    else:
        child.stdout.close()
    told = [] if how == "close" else [json.loads(line) for line in child.stdout]
    code = child.wait(timeout=LAST_RESORT_S)
    child.stdout.close()
    assert code == 130
    assert all(line.get("exit_code", 130) == 130 for line in told)
    assert all(line["type"] == "error" or line["fraction"] < 1 for line in told)
    assert out.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir() if p.name[0] != ".") == ["many.gpkg", "n.gpkg"]


def test_importing_opens_nothing_but_its_own_modules_and_nothing_heavy():
    """How long it takes is measured by `make bench`; what it may not do is here."""
    code = (
        "import sys; asked = [];"
        "sys.addaudithook(lambda event, args: asked.append((event, str(args[0])))"
        " if event == 'open' or event.startswith(('socket', 'subprocess')) else None);"
        "import geowoonzorg;"
        "print([a for a in asked if not a[1].endswith(('.py', '.pyc')) and '.pyc.' not in a[1]]);"
        "print([m for m in ('numpy', 'pandas', 'shapely', 'geopandas', 'numba', 'folium', 'rasterio')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]


def test_init_then_check_lists_what_is_still_missing(tmp_path):
    assert command("init", tmp_path / "new").returncode == 0
    done = command("check", tmp_path / "new" / "study.toml")
    assert done.returncode in {3, 4}
    for name in ("mijn_gemeente.osm.pbf", "kandidaten.gpkg", "wijkenbuurten_2023_v3.gpkg"):
        assert name in done.stderr
    assert command("init", tmp_path / "new").returncode == 5  # never over an existing study


def test_a_cached_network_gives_the_same_numbers(town, tmp_path):
    cache = tmp_path / "streets.npz"
    assert command("network", town / "streets.gpkg", "-o", cache).returncode == 0
    for name, source in (("a", town / "streets.gpkg"), ("b", cache)):
        done = command(
            "nearest",
            source,
            town / "origins.gpkg",
            town / "facilities.gpkg",
            "-o",
            tmp_path / f"{name}.gpkg",
        )
        assert done.returncode == 0, done.stderr
    read = [pyogrio.read_dataframe(tmp_path / f"{n}.gpkg") for n in "ab"]
    assert read[0].equals(read[1])


def test_the_commands_about_data_and_routes_on_the_demo(tmp_path, capsys):
    demo = tmp_path / "demo"
    shutil.copytree(ROOT / "data" / "demo", demo)
    osm, sites, study = demo / "wierhaven.osm.pbf", demo / "kandidaten.gpkg", demo / "study.toml"
    # an own list would win from the facilities of the OSM file, which are what `facilities` writes
    text = study.read_text().replace('register = "voorzieningen.csv"', "")
    (demo / "osm_only.toml").write_text(text)
    commands = {
        "facilities": ["facilities", osm, "-o", tmp_path / "facilities.gpkg"],
        "route": ["route", osm, sites, tmp_path / "facilities.gpkg", "-o", tmp_path / "route.gpkg"],
        "nearest": [
            "nearest",
            osm,
            sites,
            tmp_path / "facilities.gpkg",
            "-o",
            tmp_path / "nearest.gpkg",
        ],
        "balance": [
            "balance",
            demo / "wijkenbuurten_2023_v3.gpkg",
            "-o",
            tmp_path / "balance.gpkg",
        ],
        "reconcile": [
            "reconcile",
            osm,
            demo / "voorzieningen.csv",
            "-o",
            tmp_path / "reconcile.csv",
        ],
        "plausibility": ["plausibility", demo / "study.toml", "-o", tmp_path / "plausibility.csv"],
        "indicators": ["indicators", demo / "osm_only.toml", "-o", tmp_path / "indicators.gpkg"],
        "network": ["network", osm, "-o", tmp_path / "streets.npz"],
        "route on the saved network": [
            "route",
            tmp_path / "streets.npz",
            sites,
            tmp_path / "facilities.gpkg",
            "-o",
            tmp_path / "saved.gpkg",
        ],
        "route without benches": [
            "route",
            tmp_path / "lines.gpkg",
            sites,
            tmp_path / "facilities.gpkg",
            "-o",
            tmp_path / "benchless.gpkg",
        ],
    }
    net = WalkNetwork.from_osm(osm)
    box = [*net.node_xy.min(axis=0), *net.node_xy.max(axis=0)]
    street_lines(net, bounds=box).to_file(tmp_path / "lines.gpkg")
    for name, words in commands.items():
        assert run_command([str(word) for word in words]) == 0, (name, capsys.readouterr().err)
    told = capsys.readouterr().out
    assert "GP practice: 15 of 15 areas could be compared with CBS" in told
    walks = gpd.read_file(tmp_path / "nearest.gpkg").set_index(["origin_id", "facility_class"])
    routes = gpd.read_file(tmp_path / "route.gpkg").set_index(["origin_id", "facility_class"])
    assert np.allclose(routes["distance_m"], walks.loc[routes.index, "distance_m"], atol=1e-6)
    assert routes["bench_gap_m"].notna().all()  # an OSM file tells of benches
    balance = gpd.read_file(tmp_path / "balance.gpkg", layer="areas")
    known = balance["balans"].notna()
    expected = np.log2(balance["vragers_index"] / balance["dragers_index"])
    assert known.any()
    assert np.allclose(balance["balans"][known], expected[known])
    table = pd.read_csv(tmp_path / "reconcile.csv", sep=None, engine="python")
    assert len(table) >= 19  # the register's own entries, each on a row
    saved = gpd.read_file(tmp_path / "saved.gpkg").set_index(routes.index.names)
    assert saved.equals(routes)  # with the benches
    assert gpd.read_file(tmp_path / "benchless.gpkg")["bench_gap_m"].isna().all()
    assert told.count("benches unknown: only an OSM file tells of them") == 1
    assert re.search(r"\n *edges +[\d,]+\n", told)
    assert not re.search(r"\d\.\d{3}", told)  # whole metres
    compared = pd.read_csv(tmp_path / "plausibility.csv")
    for name, rows in compared.groupby("facility_class"):
        known = rows["flag"].ne("unknown").sum()
        assert (
            f"{read_texts('en').facility_class(name)[0]}: {known} of {len(rows)} areas could be compared with CBS"
            in told
        )
    assert set(compared["flag"]) <= {"ok", "walk_longer", "walk_shorter", "unknown"}
    measured = gpd.read_file(tmp_path / "indicators.gpkg").set_index("id")
    assert (measured["supermarkt_reason"].ne("") == measured["supermarkt"].isna()).all()
    # The layer carries doors and platforms, so a walk on it is a study's walk, to the last bit.
    metres = walks["distance_m"].unstack("facility_class")
    criteria = ["supermarkt", "huisarts", "inloopvoorziening", "ov_halte", "apotheek"]
    assert metres[criteria].equals(measured.loc[metres.index, criteria])
    town = read_streets(osm, profile="rollator", crs="EPSG:28992", classes=list(metres.columns))
    assert town.facilities["entrances"].notna().sum() > 20
    own = nearest(town.network, read_places(sites, role="sites"), town.facilities)
    own = own.set_index(["origin_id", "facility_class"])["distance_m"].unstack("facility_class")
    assert own.shape == (16, 11)
    assert metres.equals(own)
    # and it would not be without them
    bare = town.facilities.drop(columns="entrances")
    to_walls = nearest(town.network, read_places(sites, role="sites"), bare)["distance_m"]
    assert np.nanmax(np.abs(to_walls.to_numpy() - walks["distance_m"].to_numpy())) > 50


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["facilities", "wierhaven.osm.pbf", "-o", "o.gpkg", "--crs", "x"], 2, "x is not a known"),
        (["balance", "wijkenbuurten_2023_v3.gpkg", "-o", "o.gpkg", "--crs", "x"], 2, "x is not a known"),
        (["reconcile", "wierhaven.osm.pbf", "voorzieningen.csv", "-o", "o.csv", "--crs", "EPSG:4326"], 2, "metres"),
        (["network", "wierhaven.osm.pbf", "-o", "o.txt"], 2, "ends in .npz"),
        (["network", "wierhaven.osm.pbf", "-o", "no/o.npz"], 5, "the folder does not exist"),
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_is_told(monkeypatch, capsys, tmp_path, words, code, told):
    shutil.copytree(ROOT / "data" / "demo", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    assert run_command(words) == code
    error = capsys.readouterr().err
    assert told in error
    assert "unexpected" not in error


def test_the_catalogue_is_shown(capsys):
    assert run_command(["sources"]) == 0
    told = capsys.readouterr().out
    for key in ("osm", "cbs_wijken_buurten", "leefbaarometer"):
        assert key in told
    for source in read_catalogue().sources.values():  # other messages promise the addresses
        assert {fill_in(address) for address in source.addresses.values()} <= set(told.split())
    assert "{" not in told


def test_the_catalogue_is_dutch_where_nothing_else_is_asked_for(capsys):
    assert cli.run_command(["sources", "list"]) == 0
    told = capsys.readouterr().out
    for words in (
        "CBS Kerncijfers wijken",
        "(de gebruiker)",
        "zoals bij de laag staat",
        "(publiek domein)",
    ):
        assert words in told
    assert run_command(["sources", "list"]) == 0
    english = capsys.readouterr().out
    assert "CBS key figures" in english
    assert "(the user)" in english


def test_the_list_of_commands_tells_each_in_a_whole_sentence(capsys):
    for group in ([], ["sources"]):
        assert run_command([*group, "--help"]) == 0
        assert "..." not in capsys.readouterr().out.replace("[ARGS]...", "")


@pytest.fixture
def demo(tmp_path):
    shutil.copytree(ROOT / "data" / "demo", tmp_path / "demo")
    return tmp_path / "demo"


def change(study, *changes):
    text = study.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    study.write_text(text, "utf-8")
    return str(study)


def test_check_refuses_a_reference_that_there_is_not(demo, capsys):
    study = change(demo / "study.toml", ('reference = "gemeente"', 'reference = "GM9999"'))
    assert run_command(["check", study]) == 3
    assert "reference 'GM9999': there are no figures of it" in capsys.readouterr().err


def test_check_tells_problems_of_every_kind_at_once(demo, capsys):
    (demo / "walk.toml").write_text("stairs = 1\n")
    study = change(
        demo / "study.toml",
        ('profile = "rollator"', 'profile = "walk.toml"'), ('profile = "geclusterd"', 'profile = "geclustert"'),
        ('register = "voorzieningen.csv"', 'register = "nowhere.csv"'), ('"huisarts"', '"kapper"'),
        ("GM9801", "GM1234"), ("leefbaarometer_year = 2022", "leefbaarometer_year = 2021"),
    )  # fmt: skip
    assert run_command(["check", study]) == 2
    told = capsys.readouterr().err
    assert "has 6 problems" in told
    for word in (
        "walk.toml has 1 fault",
        "'geclustert'",
        "unknown kapper",
        "nowhere.csv",
        "GM1234",
        "2021",
    ):
        assert word in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--draws", "-1"], "--draws must be a whole number from 1 to 1000000, not -1"),
        (["--draws", "1000001"], "--draws must be a whole number from 1 to 1000000, not 1000001"),
        (["--seed", "-4"], "--seed must be a whole number of 0 or more, not -4"),
        (["--profile", "nonsense"], "no scoring profile is called 'nonsense'"),
    ],
)
def test_a_wrong_option_of_a_question_is_told_before_any_work(
    demo, monkeypatch, capsys, words, told
):
    monkeypatch.setattr("geowoonzorg.town.Town.read", lambda *_, **__: pytest.fail("it is at work"))
    assert run_command(["run", str(demo / "study.toml"), "--out", str(demo / "o"), *words]) == 2
    assert told in capsys.readouterr().err
    assert not (demo / "o").exists()


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another thing there")
@pytest.mark.parametrize(
    "words", [["sources"], ["sources", "--progress", "json"], ["--help"]], ids=" ".join
)
def test_a_closed_pipe_is_a_cancelled_command(words):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-I", "-m", "geowoonzorg", *words],
        stdout=writer, stderr=subprocess.PIPE, text=True, timeout=LAST_RESORT_S, check=False,
    )  # fmt: skip
    os.close(writer)
    assert done.returncode == 130
    assert "nothing was written" not in done.stderr
    assert "Traceback" not in done.stderr


def test_what_went_wrong_is_told_although_nobody_reads_the_json(monkeypatch, capsys):
    def closed(_line):
        raise BrokenPipeError

    monkeypatch.setattr(cli._console, "_line", closed)
    cli._console.Console(as_json=True, lang="en").error(
        Cancelled("cancelled; {told}", told="the tables are in x")
    )
    assert capsys.readouterr().err == "geowoonzorg: cancelled; the tables are in x\n"


@pytest.mark.parametrize(
    ("n", "lang", "told"),
    [
        (1, "nl", "1 rij: 1 bekend"),
        (1, "en", "1 row: 1 known"),
        (0, "nl", "0 rijen\n"),
        (0, "en", "0 rows\n"),
    ],
)
def test_one_row_and_none_are_told_as_people_do(town, tmp_path, capsys, n, lang, told):
    gpd.read_file(town / "origins.gpkg").head(1).to_file(tmp_path / "one.gpkg")
    found = pd.DataFrame({"status": ["ok"] * n, "geometry": [shapely.Point(0, 0)] * n})
    cli._walks.write_found(
        cli._console.Console(lang=lang),
        tmp_path / "n.gpkg",
        "nearest",
        gpd.GeoDataFrame(found, crs=28992),
    )
    assert told in capsys.readouterr().out


def test_statuses_of_an_own_list_are_words(demo, capsys):
    words = [
        "reconcile",
        demo / "wierhaven.osm.pbf",
        demo / "voorzieningen.csv",
        "-o",
        demo / "r.csv",
    ]
    assert cli.run_command([*map(str, words), "--lang", "nl"]) == 0
    assert "alleen in de lijst" in capsys.readouterr().out
    assert (
        cli.run_command(
            [*map(str, words[:-1]), str(demo / "s.csv"), "--progress", "json", "--lang", "en"]
        )
        == 0
    )
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "only in the list" in told["message"]
    assert "only_list" in told["counts"]


def test_the_ranking_is_in_the_readers_words_and_signs():
    profile = read_scoring_profile("geclusterd")
    out = next(c.knock_out for c in profile.criteria if c.knock_out)
    row = {
        "id": "a",
        "name": "De Werf",
        "rank_low": None,
        "rank_high": None,
        "score": 79.2,
        "known_weight_share": 1.0,
    }
    sites = pd.DataFrame(
        [{**row, "rank": 1, "knocked_out": False, "knock_out_reason": ""},
         {**row, "rank": None, "knocked_out": True, "knock_out_reason": out.reason}]
    )  # fmt: skip
    _, first, second = ranking_lines(sites, profile)
    for lang in ("nl", "en"):
        said = translate(first, lang)
        assert translate(tell("{n:.1f}", n=79.2), lang) in said
        assert "NA" not in said
        assert translate(second, lang).endswith(
            ": " + getattr(out, {"nl": "reason", "en": "reason_en"}[lang])
        )
    assert "; valt af: " in translate(second, "nl")
