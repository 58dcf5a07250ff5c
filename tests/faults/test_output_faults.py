"""Nothing of the user's is lost: what an output may replace, and what a kill, a full disk or a second run leaves."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from english import run_command
from make_result import make_result

from geowoonzorg import WalkNetwork, ask, errors, files
from geowoonzorg.files import _stages
from geowoonzorg.show import map_page
from geowoonzorg.town.streets import open_network

DEMO = Path(__file__).parents[2] / "data" / "demo"
POSIX = pytest.mark.skipif(os.name == "nt", reason="needs fork and flock")


def points(*ids):
    at = gpd.points_from_xy([145_554.0] * len(ids), 506_642.0 + np.arange(len(ids)))
    return gpd.GeoDataFrame({"id": list(ids)}, geometry=at, crs=28992)


def texts(folder):
    return {p.name: p.read_text() for p in folder.iterdir()}


@pytest.fixture
def demo(tmp_path):
    folder = tmp_path / "studie"
    shutil.copytree(DEMO, folder)
    return folder


@pytest.fixture
def no_work(monkeypatch):
    """Whoever gets as far as the work fails the test."""

    def work(*_args, **_options):
        pytest.fail("the work began")

    monkeypatch.setattr(ask, "ask_study", work)


# --- what an output may replace -----------------------------------------------------------------


def layers(path):
    return [str(name) for name in pyogrio.list_layers(path)[:, 0]]


def facilities(demo, output, *options):
    words = [
        "facilities",
        demo / "wierhaven.osm.pbf",
        "-o",
        output,
        "--class",
        "huisarts",
        *options,
    ]
    return run_command([str(word) for word in words])


def test_a_geopackage_of_ours_names_its_layers_without_showing_that_as_one(tmp_path):
    path = tmp_path / "a.gpkg"
    files.write_layers(path, {"x": points("a"), "y": pd.DataFrame({"n": [1]})})
    assert layers(path) == ["x", "y"]
    assert files.foreign_layers(path) == []
    gpd.read_file(path, layer="x")
    assert [p.name for p in tmp_path.iterdir()] == [
        "a.gpkg"
    ]  # nor does reading leave anything beside it
    files.check_replaceable(path)


def add_layer(path):
    points("b").to_file(path, layer="inventarisatie", mode="a")
    return "inventarisatie"


def add_table(path):
    with sqlite3.connect(path) as database:
        database.execute("create table layer_styles (id integer primary key, styleQML text)")
    database.close()
    return "layer_styles"


def add_view(path):
    with sqlite3.connect(path) as database:
        database.execute("create view mijn_view as select * from x")
    database.close()
    return "mijn_view"


def change_layer(path):
    pyogrio.write_dataframe(points("b"), path, layer="x", driver="GPKG", append=True)
    return "x"


def delete_by_sql(path):
    with sqlite3.connect(path) as database:
        database.execute("delete from x")
    database.close()
    return "x"


def describe_layer(path):
    with sqlite3.connect(path) as database:
        database.execute(
            "insert into gpkg_metadata values (99, 'dataset', 'http://mrcc.com/qgis.dtd', 'text/xml', '')"
        )
    database.close()
    return "qgis.dtd"


@pytest.mark.parametrize(
    "work", [add_layer, add_table, add_view, change_layer, delete_by_sql, describe_layer]
)
def test_a_geopackage_of_ours_in_which_others_worked_is_not_replaced(tmp_path, work):
    path = tmp_path / "a.gpkg"
    files.write_layers(path, {"x": points("a")}, metadata={"provenance": '["x", "inventarisatie"]'})
    named = work(path)
    with pytest.raises(errors.OutputError, match=rf"{named}.*--force"):
        files.check_replaceable(path)
    files.check_replaceable(path, force=True)


def test_layers_of_others_are_kept_unless_forced(demo, tmp_path, capsys):
    project = tmp_path / "mijnproject.gpkg"
    points("a").to_file(project, layer="inventarisatie")
    points("b").to_file(project, layer="nog_iets", mode="a")
    before = project.read_bytes()
    assert facilities(demo, project) == 5
    told = capsys.readouterr().err
    for word in ("inventarisatie, nog_iets", "mijnproject.gpkg", "--force"):
        assert word in told
    assert project.read_bytes() == before
    assert facilities(demo, project, "--force") == 0
    assert layers(project) == ["facilities"]
    assert facilities(demo, project) == 0  # what we wrote is replaced without a word


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("o.gpkg", b"old", 5),
        ("o.gpkg", b"SQLite format 3\x00" + b"x" * 500, 5),
        ("o.gpkg", b"", 0),  # as a temporary file of another program is
        ("o.csv", b"id,naam\n1,met de hand verbeterd\n", 5),
        ("o.csv", b"", 0),
        ("o.npz", b"PK\x03\x04 an archive of somebody", 5),
    ],
)
def test_other_files_are_kept_unless_forced(demo, tmp_path, name, content, code):
    out = tmp_path / name
    out.write_bytes(content)
    osm, own = demo / "wierhaven.osm.pbf", demo / "voorzieningen.csv"
    words = {
        ".gpkg": ["facilities", osm, "-o", out, "--class", "huisarts"],
        ".csv": ["reconcile", osm, own, "-o", out],
        ".npz": ["network", osm, "-o", out],
    }[out.suffix]
    assert run_command([str(word) for word in words]) == code
    assert (out.read_bytes() == content) == (code == 5)
    assert run_command([*map(str, words), "--force"]) == 0
    assert out.read_bytes() != content


def test_a_cached_network_is_replaced_also_when_damaged_and_other_arrays_are_not(tmp_path):
    streets, cache = tmp_path / "streets.geojson", tmp_path / "streets.npz"
    line = gpd.GeoSeries.from_wkt(["LINESTRING (145500 506600, 145600 506600)"], crs=28992)
    line.to_frame("geometry").to_file(streets)
    open_network(streets, cache=cache)
    whole = cache.read_bytes()
    cache.write_bytes(whole[: len(whole) // 2])
    assert any("made anew" in note for note in open_network(streets, cache=cache).notes)
    assert len(WalkNetwork.load(cache).edge_length_m) == 1
    np.savez(cache, x=np.arange(3))
    with pytest.raises(errors.OutputError, match=r"streets\.npz exists already"):
        open_network(streets, cache=cache)
    assert np.load(cache)["x"].tolist() == [0, 1, 2]


def test_what_is_fetched_replaces_nothing(tmp_path):
    (tmp_path / "b.csv").write_text("mine")
    with (
        pytest.raises(errors.OutputError, match=r"holds b\.csv already"),
        files.output_folder(tmp_path, replace=False) as stage,
    ):
        (stage / "a.csv").write_text("new")
        (stage / "b.csv").write_text("new")
    assert texts(tmp_path) == {"b.csv": "mine"}


# --- an output that is also an input ------------------------------------------------------------

OSM, SITES, AREAS, OWN = (
    "wierhaven.osm.pbf", "kandidaten.gpkg", "wijkenbuurten_2023_v3.gpkg", "voorzieningen.csv",
)  # fmt: skip
COMMANDS = {
    "network": (["network", "{net}.npz", "-o"], "{net}.npz"),
    "network of lines": (["network", "lines.npz", "-o"], "lines.npz"),
    "service-areas, network": (["service-areas", SITES, "f.gpkg", "--limit-m", "400", "-o"], SITES),
    "service-areas, facilities": (
        ["service-areas", OSM, "f.gpkg", "--limit-m", "400", "-o"],
        "f.gpkg",
    ),
    "nearest, network": (["nearest", "f.gpkg", SITES, OWN, "-o"], "f.gpkg"),
    "nearest, origins": (["nearest", OSM, SITES, "f.gpkg", "-o"], SITES),
    "nearest, facilities": (["nearest", OSM, SITES, "f.gpkg", "-o"], "f.gpkg"),
    "nearest, a layer": (["nearest", OSM, f"{SITES}|layername=kandidaten", "f.gpkg", "-o"], SITES),
    "route, network": (["route", "f.gpkg", SITES, OWN, "-o"], "f.gpkg"),
    "route, origins": (["route", OSM, SITES, "f.gpkg", "-o"], SITES),
    "route, facilities": (["route", OSM, SITES, "f.gpkg", "-o"], "f.gpkg"),
    "balance, areas": (["balance", AREAS, "-o"], AREAS),
    "balance, figures": (["balance", AREAS, "--figures", "f.gpkg", "-o"], "f.gpkg"),
    "balance, leefbaarometer": (["balance", AREAS, "--leefbaarometer", "f.gpkg", "-o"], "f.gpkg"),
    "balance, profile": (["balance", AREAS, "--balance", "profile.toml", "-o"], "profile.toml"),
    "facilities": (["facilities", OSM, "-o"], OSM),
    "reconcile, register": (["reconcile", OSM, OWN, "-o"], OWN),
    "reconcile, osm": (["reconcile", OSM, OWN, "-o"], OSM),
    "indicators, sites": (["indicators", "study.toml", "-o"], SITES),
    "indicators, areas": (["indicators", "study.toml", "-o"], AREAS),
    "indicators, raster": (["indicators", "study.toml", "-o"], "geluid_lden_2022.tif"),
    "plausibility, register": (["plausibility", "study.toml", "-o"], OWN),
    "plausibility, study": (["plausibility", "study.toml", "-o"], "study.toml"),
}
WRITES = {"network": ".npz", "reconcile": ".csv", "plausibility": ".csv"}


def same_path(path, suffix):
    return path if path.suffix == suffix else hard_link(path, suffix)


def other_spelling(path, suffix):
    return path.parent / "." / ".." / path.parent.name / same_path(path, suffix).name


def symbolic_link(path, suffix):
    link = path.parent / f"link{suffix}"
    link.symlink_to(path)
    return link


def hard_link(path, suffix):
    link = path.parent / f"link{suffix}"
    os.link(path, link)
    return link


@pytest.mark.parametrize("name", [same_path, other_spelling, symbolic_link, hard_link])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_replaces_its_input_by_whatever_name(demo, monkeypatch, capsys, command, name):
    words, role = COMMANDS[command]
    words, path = [word.format(net="streets") for word in words], demo / role.format(net="streets")
    monkeypatch.chdir(demo)
    points("a").to_file(demo / "f.gpkg")
    (demo / "profile.toml").write_text("")
    for cache in ("streets.npz", "lines.npz"):
        np.savez(demo / cache, x=np.arange(3))
    before = path.read_bytes()
    output = name(path, WRITES.get(words[0], ".gpkg"))
    assert run_command([*words, str(output), "--force"]) == 5
    told = capsys.readouterr().err
    assert f"{output} is also an input" in told
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("key", "file", "name"),
    [
        ("kandidaten.gpkg", "kandidaten.gpkg", "result.gpkg"),
        ("voorzieningen.csv", "voorzieningen.csv", "scores.csv"),
        ("geluid_lden_2022.tif", "geluid_lden_2022.tif", "map.html"),
    ],
)
@pytest.mark.usefixtures("no_work")
def test_a_run_does_not_replace_what_it_is_made_of(demo, capsys, key, file, name):
    out = demo / "out"
    out.mkdir()
    shutil.move(demo / file, out / name)
    study = demo / "study.toml"
    if (out / name).suffix == Path(file).suffix:
        study.write_text(study.read_text().replace(f'"{key}"', f'"out/{name}"'))
    else:
        os.link(out / name, demo / file)
    before = (out / name).read_bytes()
    for words in ([], ["--force"]):
        assert run_command(["run", str(study), "--out", str(out), *words]) == 5
        assert f"{name} is also an input" in capsys.readouterr().err
    assert (out / name).read_bytes() == before


def test_a_result_in_python_is_held_to_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(map_page, "render_map", lambda *_, **__: "map")
    (tmp_path / "scores.csv").write_text("mine")
    result = make_result()
    with pytest.raises(errors.OutputError, match=r"has scores\.csv that no earlier run wrote"):
        result.write(tmp_path)
    assert texts(tmp_path) == {"scores.csv": "mine"}
    result.write(tmp_path, force=True)
    points("b").to_file(tmp_path / "result.gpkg", layer="van_mij", mode="a")
    with pytest.raises(errors.OutputError, match=r"van_mij.*--force"):
        result.write(tmp_path)
    monkeypatch.chdir(tmp_path)  # the sites of this study are ./kandidaten.gpkg
    os.link("result.gpkg", "kandidaten.gpkg")
    with pytest.raises(errors.OutputError, match="also an input"):
        result.write(tmp_path, force=True)


# --- found out before the work ------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "demo"])
@pytest.mark.usefixtures("no_work")
def test_a_run_finds_out_before_the_work_that_it_cannot_write(
    demo, tmp_path, monkeypatch, capsys, command
):
    words = [command, str(demo / "study.toml")] if command == "run" else [command]
    (tmp_path / "file").write_text("mine")
    for out, told in (("file", "is a file"), ("no/such/out", "make it first")):
        assert run_command([*words, "--out", str(tmp_path / out)]) == 5
        assert told in capsys.readouterr().err
    made = Path.mkdir

    def refuse(self, *args, **options):
        if "read_only" in self.parts:
            raise OSError(errno.EROFS, "Read-only file system", str(self))
        made(self, *args, **options)

    monkeypatch.setattr(Path, "mkdir", refuse)
    (tmp_path / "new").mkdir()
    for out in ("read_only", "new/read_only"):
        assert run_command([*words, "--out", str(tmp_path / out)]) == 5
        assert "read-only" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.usefixtures("no_work")
def test_a_run_into_a_folder_that_is_written_in_is_refused_before_the_work(demo, tmp_path, capsys):
    with files.output_folder(tmp_path / "out"):
        assert run_command(["run", str(demo / "study.toml"), "--out", str(tmp_path / "out")]) == 5
    assert "another run is writing" in capsys.readouterr().err


def test_a_command_finds_out_before_the_work_that_it_cannot_write(
    demo, tmp_path, monkeypatch, capsys
):
    made = Path.mkdir

    def refuse(self, *args, **options):
        if self.name.startswith(".geowoonzorg-tmp-"):
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        made(self, *args, **options)

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(
        "geowoonzorg.town.facilities.read_facilities", lambda *_, **__: pytest.fail("read")
    )
    assert facilities(demo, tmp_path / "o.gpkg") == 5
    assert "o.gpkg could not be written: no permission" in capsys.readouterr().err


@pytest.mark.parametrize(
    "said",
    [
        f"sqlite3_exec(CREATE TABLE t ({'a TEXT,' * 99}b TEXT)) failed: database or disk is full",
        "Failed to commit transaction",
    ],
)
def test_a_full_disk_is_told_in_plain_words(tmp_path, monkeypatch, said):
    def fail(*_args, **_options):
        raise pyogrio.errors.DataSourceError(said)

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    with pytest.raises(errors.OutputError, match=r"the disk is full") as told:
        files.write_layers(tmp_path / "a.gpkg", {"x": points("a")})
    assert "CREATE" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


# --- putting in place ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV, None]
)
def test_a_disk_without_second_names_for_a_file_works(tmp_path, monkeypatch, number):
    def refuse(*_args, **_options):
        raise OSError(number, "no hard links here")

    if number is None:
        monkeypatch.delattr(os, "link")
    else:
        monkeypatch.setattr(os, "link", refuse)
    for turn in ("first", "second"):
        with files.output_folder(tmp_path / "out") as stage:
            (stage / "a.txt").write_text(turn)
            (stage / "b.txt").write_text(turn)
        assert texts(tmp_path / "out") == {"a.txt": turn, "b.txt": turn}
    fail_at(monkeypatch, "b.txt")
    with pytest.raises(errors.OutputError), files.output_folder(tmp_path / "out") as stage:
        (stage / "a.txt").write_text("third")
        (stage / "b.txt").write_text("third")
    assert texts(tmp_path / "out") == {"a.txt": "second", "b.txt": "second"}


def fail_at(monkeypatch, name):
    """Let the move of one new file into its place fail, as where another program has it open."""
    moved = Path.replace

    def replace(self, target):
        if self.parent.name == "new" and self.name == name:
            raise OSError(errno.EACCES, "in use", str(target))
        return moved(self, target)

    monkeypatch.setattr(Path, "replace", replace)


def test_a_move_that_fails_brings_all_old_files_back(tmp_path, monkeypatch):
    old = {"a.txt": "old", "c.txt": "old", "d.html": "old", "mine.txt": "mine"}
    for name, text in old.items():
        (tmp_path / name).write_text(text)
    fail_at(monkeypatch, "c.txt")
    with pytest.raises(errors.OutputError), files.output_folder(tmp_path) as stage:
        for name in ("a.txt", "b.txt", "c.txt"):
            (stage / name).write_text("new")
    assert texts(tmp_path) == old


# Kills itself at every moment of a placing, and then at every moment of what finishes it.
KILLS = """
import os, shutil, sys
from pathlib import Path
from geowoonzorg import files

root, fails = Path(sys.argv[1]), sys.argv[2] == "fails"
OLD = {"a.txt": "old", "b.txt": "old", "mine.txt": "mine"}
NEW = {"a.txt": "new", "b.txt": "new", "c.txt": "new", "mine.txt": "mine"}
CHANGES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "shutil.copyfile"}

def in_child(work, moment):
    child = os.fork()
    if child == 0:
        left = [moment]
        def hook(event, args):
            opened = event == "open" and isinstance(args[1], str) and args[1][:1] in "wax"
            if opened or event in CHANGES:
                if left[0] == 0:
                    os._exit(9)
                left[0] -= 1
        if moment is not None:
            sys.addaudithook(hook)
        try:
            work()
        except OSError:
            os._exit(5)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def write(out):
    if fails:  # the second move cannot be done: all that has moved goes back
        moved = Path.replace
        def replace(self, target):
            if (self.parent.name, self.name) == ("new", "b.txt"):
                raise OSError("in use")
            return moved(self, target)
        Path.replace = replace
    with files.output_folder(out) as stage:
        for name in ("a.txt", "b.txt", "c.txt"):
            (stage / name).write_text("new")

def finish(out):
    with files.output_folder(out):
        pass

def visible(out):
    return {p.name: p.read_text() for p in out.iterdir() if not p.name.startswith(".")}

moment = mixed = again = 0
while True:
    out = root / f"{moment}"
    out.mkdir()
    for name, text in OLD.items():
        (out / name).write_text(text)
    code = in_child(lambda: write(out), moment)
    if code != 9:
        break
    mixed += visible(out) not in (OLD, NEW)
    begun = any(out.glob("*/placing.json"))
    second = 0
    while True:
        copy = root / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(out, copy)
        if in_child(lambda: finish(copy), second if begun else None) == 9:
            assert in_child(lambda: finish(copy), None) == 0
            again += 1
            done = False
        else:
            done = True
        assert visible(copy) in (OLD, NEW), (moment, second, visible(copy))
        assert len(list(copy.iterdir())) == len(visible(copy)), list(copy.iterdir())
        if done:
            break
        second += 1
    moment += 1
assert visible(out) == (OLD if fails else NEW)
print(moment, mixed, again)
"""


@POSIX
@pytest.mark.parametrize("how", ["moves", "fails"])
def test_killed_at_any_moment_the_next_run_finds_all_old_files_or_all_new_ones(tmp_path, how):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLS, str(tmp_path), how],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    moments, mixed, again = map(int, done.stdout.split())
    assert moments > 20
    assert mixed > 0  # the moments that this is about are among them
    assert again > 50


def test_a_journal_moves_nothing_outside_its_folder(tmp_path):
    (tmp_path / "secret.txt").write_text("mine")
    out = tmp_path / "out"
    stage = out / ".geowoonzorg-tmp-1-abcd"
    (stage / "new").mkdir(parents=True)
    (stage / "old").mkdir()
    plan = {"new": ["../secret.txt"], "old": [], "back": True}
    (stage / "placing.json").write_text(json.dumps(plan))
    with files.output_folder(out):
        pass
    assert (tmp_path / "secret.txt").read_text() == "mine"


# --- two runs, dead runs ------------------------------------------------------------------------


@POSIX
def test_two_writers_never_both_hold_a_folder(tmp_path, monkeypatch):
    """The second has the lock file open when the first removes it, and a third makes a new one."""
    import fcntl

    locked = fcntl.flock
    first, third, refused = ExitStack(), ExitStack(), []
    first.enter_context(files.output_folder(tmp_path))

    def flock(file, operation):
        if threading.current_thread().name == "second" and file.name.endswith(".lock"):
            monkeypatch.setattr(fcntl, "flock", locked)
            first.close()
            third.enter_context(files.output_folder(tmp_path))
        return locked(file, operation)

    def second():
        try:
            with files.output_folder(tmp_path):
                refused.append("written")
        except errors.OutputError as error:
            refused.append(str(error))

    monkeypatch.setattr(fcntl, "flock", flock)
    thread = threading.Thread(target=second, name="second")
    thread.start()
    thread.join()
    assert len(refused) == 1
    assert "another run is writing" in refused[0]
    third.close()
    with files.output_folder(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_leftovers_go_also_where_their_process_number_lives_again(tmp_path):
    """As in a container, where every run has the same number."""
    stage = tmp_path / f".geowoonzorg-tmp-{os.getpid()}-abcd"
    (stage / "new").mkdir(parents=True)
    (stage / "new" / "a.txt").touch()
    (stage / "lock").touch()
    files.write_text(tmp_path / "a.txt", "x")
    assert texts(tmp_path) == {"a.txt": "x"}


def test_what_a_living_run_is_making_stays(tmp_path):
    with _stages.staged(tmp_path) as stage:
        (stage / "new" / "a.txt").write_text("half")
        assert files.remove_leftovers(tmp_path) == 0
        files.write_text(tmp_path / "b.txt", "x")
        assert (stage / "new" / "a.txt").read_text() == "half"
    assert texts(tmp_path) == {"b.txt": "x"}


@POSIX
def test_a_disk_without_locks_works_and_a_dead_run_is_known_by_its_number(tmp_path, monkeypatch):
    import fcntl

    def refuse(*_args):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    for owner in (dead, str(os.getpid())):
        (tmp_path / f".geowoonzorg-tmp-{owner}-abcd").mkdir()
    with files.output_folder(tmp_path) as stage:
        (stage / "a.txt").write_text("x")
    left = {p.name for p in tmp_path.iterdir()}
    assert left == {"a.txt", f".geowoonzorg-tmp-{os.getpid()}-abcd"}


# --- tables before pages ------------------------------------------------------------------------

TABLES = {"scores.csv", "coverage.csv", "lenses.csv", "result.gpkg", "provenance.json"}
PAGES = {"map.html", "report.html"}


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (RuntimeError("no such style"), errors.OutputError, r"RuntimeError: no such style.*tables are in"),
        (errors.InputError("no such style"), errors.InputError, r"no such style.*tables are in"),
        (errors.Cancelled("cancelled; nothing was written"), errors.Cancelled, "^cancelled; the new tables are in"),
    ],
)  # fmt: skip
def test_when_no_map_can_be_drawn_the_tables_are_there_and_so_is_the_old_result(
    tmp_path, monkeypatch, error, kind, told
):
    def fail(*_args, **_options):
        raise error

    fresh, again = tmp_path / "fresh", tmp_path / "again"
    make_result(n_sites=3).write(again)
    before = bytes_in(again)
    assert set(before) == TABLES | PAGES
    drawn = map_page.render_map
    monkeypatch.setattr(map_page, "render_map", fail)
    for out, ready in ((fresh, fresh), (again, again / "unfinished")):
        with pytest.raises(kind, match=told) as caught:
            make_result(n_sites=4).write(out)
        assert f"{ready}," in str(caught.value)
        assert {p.name for p in ready.iterdir()} == TABLES
        assert len(pd.read_csv(ready / "scores.csv")) == 4
        assert len(gpd.read_file(ready / "result.gpkg", layer="sites")) == 4
    assert bytes_in(again) == before
    monkeypatch.setattr(map_page, "render_map", drawn)
    for out in (fresh, again):
        make_result(n_sites=5).write(out)
        assert {p.name for p in out.iterdir()} == TABLES | PAGES
        assert len(pd.read_csv(out / "scores.csv")) == 5


@POSIX
def test_when_the_map_is_killed_the_tables_are_there_and_so_is_the_old_result(tmp_path):
    code = (
        "import os, sys\n"
        "from make_result import make_result\n"
        "from geowoonzorg.show import map_page\n"
        "map_page.render_map = lambda *_, **__: os._exit(9)\n"
        "make_result(n_sites=4).write(sys.argv[1])\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    fresh, again = tmp_path / "fresh", tmp_path / "again"
    make_result(n_sites=3).write(again)
    before = bytes_in(again)
    for out, ready in ((fresh, fresh), (again, again / "unfinished")):
        done = subprocess.run([sys.executable, "-c", code, str(out)], env=env, check=False)
        assert done.returncode == 9
        assert {p.name for p in ready.iterdir() if not p.name.startswith(".")} == TABLES
        assert len(pd.read_csv(ready / "scores.csv")) == 4
    assert bytes_in(again) == before
    for out in (fresh, again):
        make_result(n_sites=4).write(out)
        assert {p.name for p in out.iterdir()} == TABLES | PAGES


def test_what_a_kill_left_of_the_tables_that_waited_does_not_stop_the_next_run(tmp_path):
    """Nothing is left half under that name; an empty folder is nobody's."""
    (tmp_path / "unfinished").mkdir()
    make_result(n_sites=3).write(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == TABLES | PAGES


def test_tables_that_waited_go_at_once(tmp_path, monkeypatch):
    """Killed while they are removed, they have no name of ours left that somebody could take for a result."""
    waiting = tmp_path / "unfinished"
    waiting.mkdir()
    (waiting / "scores.csv").touch()
    monkeypatch.setattr(_stages.shutil, "rmtree", lambda *_, **__: None)
    files.remove_folder(waiting)
    assert [p.name[0] for p in tmp_path.iterdir()] == ["."]
    monkeypatch.undo()
    files.remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_work")
def test_a_run_finds_out_before_the_work_that_its_layers_are_open_elsewhere(tmp_path, capsys):
    out = tmp_path / "out"
    make_result(n_sites=3).write(out)
    (out / "result.gpkg-wal").touch()
    assert run_command(["demo", "--out", str(out)]) == 5
    assert "open in another program" in capsys.readouterr().err


def test_a_command_finds_out_before_the_work_that_its_output_is_open_elsewhere(
    demo, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "f.gpkg"
    assert facilities(demo, out) == 0
    Path(f"{out}-wal").touch()
    monkeypatch.setattr(
        "geowoonzorg.town.facilities.read_facilities", lambda *_, **__: pytest.fail("work")
    )
    capsys.readouterr()
    assert facilities(demo, out) == 5
    assert "open in another program" in capsys.readouterr().err


def test_an_output_with_capitals_is_that_file_and_no_other(demo, tmp_path):
    points("mine").to_file(tmp_path / "a.gpkg", layer="mine")
    before = (tmp_path / "a.gpkg").read_bytes()
    assert facilities(demo, tmp_path / "a.GPKG") == 0
    assert (tmp_path / "a.gpkg").read_bytes() == before
    assert layers(tmp_path / "a.GPKG") == ["facilities"]
    assert facilities(demo, tmp_path / "a.GPKG") == 0, "our own is replaced unasked"


def test_a_cached_network_may_be_kept_under_another_name(demo, tmp_path):
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    assert run_command(["network", str(demo / "wierhaven.osm.pbf"), "-o", str(first)]) == 0
    assert run_command(["network", str(first), "-o", str(second)]) == 0
    assert second.read_bytes() == first.read_bytes()


def test_a_folder_of_the_user_that_is_called_unfinished_stays(tmp_path):
    mine = tmp_path / "unfinished"
    mine.mkdir()
    (mine / "letter.txt").write_text("mine")
    with pytest.raises(errors.OutputError, match=r"unfinished is not of an earlier run; move it"):
        make_result(n_sites=3).write(tmp_path, force=True)
    assert [p.name for p in tmp_path.iterdir()] == ["unfinished"]
    assert (mine / "letter.txt").read_text() == "mine"


def bytes_in(folder):
    """Give the files that show in a folder, and what is in them."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.name[0] != "."}


def test_when_tables_cannot_be_written_the_old_result_is_whole(tmp_path, monkeypatch):
    make_result(n_sites=3).write(tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    fail_at(monkeypatch, "result.gpkg")
    with pytest.raises(errors.OutputError):
        make_result(n_sites=4).write(tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
