"""A town asked tile by tile: here, on from a stop, on a full disk, and on a cluster that loses what it has."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from same_answer import same_answer, same_table
from small_town import points, small_town, streets

import geowoonzorg
from geowoonzorg import Change, coverage, errors, score_sites
from geowoonzorg.ask import ask_study, measure_sites
from geowoonzorg.cli import run_command
from geowoonzorg.files import check_parquet
from geowoonzorg.study import read_study
from geowoonzorg.town import Walking, _cluster, _parts, tiling
from geowoonzorg.town.reading import demo_study, read_sites
from geowoonzorg.town.tiles import Streets, plan_cuts

QUESTIONS = {
    "coverage": lambda town, sites: coverage(town),
    "run": lambda town, sites: score_sites(town, sites, draws=100),
    "indicators": measure_sites,
    "search": lambda town, sites: geowoonzorg.search(town, cell_m=150, homes=24, spots=2),
    "locate": lambda town, sites: geowoonzorg.locate(town, facility_class="inloopvoorziening", k=2),
    "programme": lambda town, sites: geowoonzorg.programme(town, sites, homes=30),
    "what-if": lambda town, sites: geowoonzorg.what_if(
        town, sites, Change(close=[town.places("huisarts")["id"].iloc[0]])
    ),
}


@pytest.fixture(scope="module")
def demo():
    return geowoonzorg.Town.demo()


@pytest.fixture(scope="module")
def sites():
    return read_sites(read_study(demo_study()))


@pytest.fixture(scope="module")
def whole(demo):
    return coverage(demo)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_the_answer_of_the_whole(demo, sites, name):
    ask = QUESTIONS[name]
    same_answer(ask(demo, sites), ask(demo.in_tiles(tiles_km=1.1), sites))


def test_walks_without_a_limit_are_those_of_the_whole(demo, monkeypatch):
    monkeypatch.setattr("geowoonzorg.town.walked._LOOK_M", 500.0)  # few are found so near
    near = demo.nearest(limit_m=500)
    assert near["distance_m"].isna().mean() > 0.2
    same_table(demo.nearest(), demo.in_tiles(tiles_km=0.7).nearest())


@pytest.mark.parametrize("shape", ["lines", "polygons"])
@pytest.mark.parametrize("cautious", [False, True])
def test_ground_is_that_of_the_whole(demo, shape, cautious):
    asked = {"limit_m": [300, 500], "shape": shape, "cautious": cautious}
    found = demo.in_tiles(tiles_km=0.9).service_areas(["huisarts", "supermarkt"], **asked)
    same_table(demo.service_areas(["huisarts", "supermarkt"], **asked), found)


def test_a_tile_without_streets_and_a_place_far_from_all(demo):
    far = points([0, 60_000], id=["far", "farther"])
    homes = pd.concat([demo.addresses[["id", "geometry"]].iloc[::40], far], ignore_index=True)
    town = demo.replace(addresses=homes)
    found = town.in_tiles(tiles_km=2).nearest(limit_m=800)
    assert set(found.loc[found["origin_id"].isin(["far", "farther"]), "status"]) == {"off_network"}
    same_table(town.nearest(limit_m=800), found)


def test_on_a_border_and_in_two_halos_everything_counts_once():
    """The huisarts stands on the border of two tiles, the addresses on either side in each other's halo."""
    homes = points([250, 290, 300, 310, 350], id=list("abcde"))
    town = small_town(addresses=homes, walking=Walking((50.0,), max_snap_m=10.0))
    cut = town.in_tiles(tiles_km=0.05)  # two, that meet at 300 m
    assert [cut.own.tolist() for cut in plan_cuts(homes, km=0.05, margin_m=50)] == [
        [0, 1],
        [2, 3, 4],
    ]
    same_table(town.nearest(limit_m=50), cut.nearest(limit_m=50))
    metres = cut.nearest("huisarts", limit_m=50)["distance_m"]
    assert metres.round(2).fillna(-1).tolist() == [-1, 10, 0, 10, -1]  # 50.004 m on the ground
    same_answer(coverage(town), coverage(cut))


@pytest.mark.parametrize("legs", [True, False])
def test_what_lies_at_the_limit_sees_its_own_street(legs):
    """The nearest street of a facility lies beyond what can be walked to; the next one is no stand-in for it."""
    net = streets()
    homes = points([50], id=["a"], y=99.0)
    shops = points([640], id=["s"], y=-30.0, facility_class=["huisarts"])
    town = geowoonzorg.Town.from_frames(
        net, facilities=shops, addresses=homes, walking=Walking((400.0,), access_legs=legs)
    )
    for limit in (400, 590, 689, 719.5):
        same_table(town.nearest(limit_m=limit), town.in_tiles(tiles_km=0.2).nearest(limit_m=limit))


def test_equal_distances_go_to_the_first_id_in_every_tile():
    shops = points([100, 300, 500], id=["z", "b", "a"], facility_class=["huisarts"] * 3)
    town = small_town(facilities=shops, addresses=points([200, 400], id=["x", "y"]))
    cut = town.in_tiles(tiles_km=0.1)
    assert cut.nearest("huisarts", limit_m=400)["facility_id"].tolist() == ["b", "a"]


def test_streets_cut_by_columns_are_those_cut_at_once(demo):
    cuts = plan_cuts(demo.addresses, km=0.4, margin_m=300)
    pieces = Streets(demo.network, cuts)
    assert max(pd.Series([cut.column for cut in cuts]).value_counts()) >= 3
    for cut in cuts:
        here, there = pieces.of(cut), demo.network.crop(cut.box)
        np.testing.assert_array_equal(here.vertex_xy, there.vertex_xy)
        np.testing.assert_array_equal(here.edge_island, there.edge_island)
        np.testing.assert_array_equal(here.edge_length_m, there.edge_length_m)


def test_a_tile_with_too_many_places_is_halved(demo):
    cuts = plan_cuts(demo.addresses, km=50, margin_m=10, most=100)
    assert max(len(cut.own) for cut in cuts) <= 100
    assert sorted(np.concatenate([cut.own for cut in cuts])) == [*range(len(demo.addresses))]


def stop_at(share):
    """Give a progress that stops the work there."""

    def progress(fraction, message):
        if fraction > share:
            raise errors.Cancelled

    return progress


def test_after_a_stop_it_goes_on_and_mixes_nothing(demo, whole, tmp_path, monkeypatch):
    folder = tmp_path / "parts"
    with pytest.raises(errors.Cancelled):
        coverage(demo.in_tiles(tiles_km=1, parts=folder), progress=stop_at(0.3))
    kept = sorted(folder.glob("coverage/part.*.parquet"))
    assert kept
    cut = []
    of = Streets.of
    monkeypatch.setattr(Streets, "of", lambda self, one: cut.append(one) or of(self, one))
    found = coverage(demo.in_tiles(tiles_km=1, parts=folder))
    pd.testing.assert_frame_equal(found.coverage, whole.coverage)
    # what is done is not even cut out again
    assert len(cut) == len(list(folder.glob("coverage/*"))) - len(kept) > 0
    for town, km in ((demo, 2), (small_town(), 1)):
        with pytest.raises(errors.StudyError, match="another question"):
            coverage(town.in_tiles(tiles_km=km, parts=folder))
    kept[0].write_bytes(b"PAR1 and no more")
    with pytest.raises(errors.InputError, match=r"part\.00000") as caught:
        coverage(demo.in_tiles(tiles_km=1, parts=folder))
    assert "tegel" in caught.value.told("nl")
    with pytest.raises(errors.OutputError, match="could not be made"):
        coverage(demo.in_tiles(tiles_km=1, parts=kept[0]))
    with pytest.raises(errors.StudyError, match="other files"):
        coverage(demo.in_tiles(tiles_km=1, parts=folder / "coverage"))


def test_parts_are_one_data_set_for_geopandas_and_for_dask(demo, sites, tmp_path):
    dask_geopandas = pytest.importorskip("dask_geopandas")
    town = demo.in_tiles(tiles_km=1, parts=tmp_path)
    score_sites(town, sites, draws=10)
    whole = demo.nearest(limit_m=max(demo.walking.limits_m)).reset_index(drop=True)
    key = ["origin_id", "facility_class"]
    assert len(list((tmp_path / "nearest").glob("*.parquet"))) > 3
    one = gpd.read_parquet(tmp_path / "nearest")
    many = dask_geopandas.read_parquet(tmp_path / "nearest")
    assert many.npartitions == len(list((tmp_path / "nearest").glob("*.parquet")))
    for found in (one, many.compute()):
        assert found.crs == demo.crs
        found = found.sort_values(key, ignore_index=True)  # noqa: PLW2901
        same_table(whole.sort_values(key, ignore_index=True), gpd.GeoDataFrame(found)[list(whole)])
    areas = gpd.read_parquet(tmp_path / "service_areas_polygons")
    assert sorted(areas["facility_id"].unique()) == sorted(demo.facilities["id"])
    assert {one.name for one in tmp_path.iterdir() if one.is_dir()} >= {
        "service_areas_polygons-2",
        "reached",
    }


def test_a_full_disk_leaves_what_was_done(demo, whole, tmp_path, monkeypatch):
    town, write, written = demo.in_tiles(tiles_km=1, parts=tmp_path), _parts.write_parquet, []

    def fill(path, frame):
        if len(written) == 3:
            monkeypatch.setattr("pathlib.Path.write_bytes", full)
        write(path, frame)
        written.append(path)

    def full(path, content):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(_parts, "write_parquet", fill)
    with pytest.raises(errors.OutputError, match=r"disk is full.*3 tiles are kept") as caught:
        coverage(town)
    assert caught.value.exit_code == 5
    assert "3 tegels staan in" in caught.value.told("nl")
    monkeypatch.undo()
    assert sorted(tmp_path.glob("coverage/*")) == sorted(written)
    pd.testing.assert_frame_equal(coverage(town).coverage, whole.coverage)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tiles_km": 0}, "no size"),
        ({"tiles_km": float("nan")}, "no size"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "no Dask scheduler answers"),
        ({"scheduler": "here"}, "no Dask scheduler answers"),
    ],
)
def test_what_cannot_be_asked_is_told(options, words, monkeypatch):
    monkeypatch.setattr(_cluster, "_PATIENCE_S", 0.5)
    with pytest.raises(errors.StudyError, match=words) as caught:
        coverage(small_town().in_tiles(**options))
    assert caught.value.told("nl") != str(caught.value)
    if "scheduler" in options:  # before anything is read
        with pytest.raises(errors.StudyError, match=words):
            ask_study("run", demo_study(), **options)


def test_a_tile_is_not_cut_into_tiles(demo):
    with pytest.raises(errors.StudyError, match="a tile is not cut"):
        next(demo.tiles(km=1)).in_tiles()


def test_without_dask_or_pyarrow_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(errors.StudyError, match=r"Dask; install geowoonzorg\[scale\]"):
        coverage(small_town().in_tiles(scheduler="tcp://127.0.0.1:1"))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(errors.StudyError, match=r"GeoParquet; install geowoonzorg\[scale\]"):
        check_parquet()


@pytest.fixture
def cluster(monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in os.sys.path if p))
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    ) as found:
        yield found
    sweep()


def sweep():
    """Take away the pipes of processes that are gone, before they are a warning in another test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_on_a_cluster_it_is_the_same_though_a_worker_dies(
    demo, whole, sites, cluster, tmp_path, monkeypatch
):
    workers = [worker.process.pid for worker in cluster.workers.values()]

    def kill(share, said):
        if workers and share > 0.1:
            os.kill(workers.pop(), signal.SIGKILL)
            workers.clear()

    address = cluster.scheduler_address
    found = coverage(demo.in_tiles(tiles_km=1, scheduler=address, parts=tmp_path), progress=kill)
    assert not workers
    pd.testing.assert_frame_equal(found.coverage, whole.coverage)
    assert not gpd.pd.read_parquet(tmp_path / "coverage").empty
    # a client of one's own does as well, and stays
    with __import__("distributed").Client(address, set_as_default=False) as client:
        same_answer(
            QUESTIONS["run"](demo, sites),
            QUESTIONS["run"](demo.in_tiles(tiles_km=1, scheduler=client), sites),
        )
        assert client.status == "running"
    monkeypatch.setattr(_cluster.importlib.metadata, "version", lambda name: "0.0.1")
    with pytest.raises(errors.StudyError, match="another geowoonzorg than"):
        coverage(demo.in_tiles(tiles_km=1, scheduler=address))


@pytest.fixture
def lonely_cluster(tmp_path, monkeypatch):
    """A scheduler and a worker that are processes of their own."""
    pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in os.sys.path if p))
    told = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-m"]
    scheduler = subprocess.Popen(
        [*command, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
         "--no-dashboard", "--scheduler-file", told], **quiet,
    )  # fmt: skip
    worker = subprocess.Popen(
        [*command, "distributed.cli.dask_worker", "--scheduler-file", told, "--nthreads", "1",
         "--no-nanny", "--no-dashboard"], **quiet,
    )  # fmt: skip
    try:
        while not told.exists() or not told.read_text():
            assert scheduler.poll() is None
            time.sleep(0.1)
        yield json.loads(told.read_text())["address"], scheduler
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
        sweep()


@pytest.mark.parametrize("parts", [True, False])
def test_a_scheduler_that_is_lost_on_the_way_is_one_error(
    demo, whole, lonely_cluster, tmp_path, monkeypatch, parts
):
    address, scheduler = lonely_cluster
    folder = tmp_path / "parts" if parts else None
    monkeypatch.setattr(_cluster, "_PATIENCE_S", 60.0)
    with _cluster._connect(address) as client:
        client.wait_for_workers(1)
    monkeypatch.setattr(_cluster, "_PATIENCE_S", 3.0)

    def lose(share, said):
        if share > 0.1:
            scheduler.kill()

    town = demo.in_tiles(tiles_km=0.7, scheduler=address, parts=folder)
    with pytest.raises(errors.SourceError, match="was lost on the way") as caught:
        coverage(town, progress=lose)
    assert address in str(caught.value)
    assert ("kept in" in str(caught.value)) == parts
    assert "viel onderweg weg" in caught.value.told("nl")
    assert caught.value.exit_code == 4
    if parts:  # and without it the rest is done here
        done = len(list(folder.glob("coverage/*")))
        assert done > 0
        found = coverage(demo.in_tiles(tiles_km=0.7, parts=folder))
        pd.testing.assert_frame_equal(found.coverage, whole.coverage)


def test_a_worker_that_came_later_with_another_version_is_refused(monkeypatch):
    sent = _cluster.pickle.dumps(("0.0.1", len, None, {}))
    with pytest.raises(errors.StudyError, match="another geowoonzorg"):
        _cluster._work_on(sent)


def test_one_of_its_own_errors_comes_from_a_worker_as_it_is(demo, cluster):
    asking = tiling.Asking(refuse, "refuse", 400.0, {})
    town = demo.in_tiles(tiles_km=1, scheduler=cluster.scheduler_address)
    with pytest.raises(errors.InputError, match="not this one"):
        tiling.over_tiles(town, asking, demo.addresses)


def refuse(tile):
    """Refuse a tile."""
    raise errors.InputError("not this one")


def test_the_command_nearest_goes_in_tiles_too(demo, tmp_path, capsys):
    osm = demo_study().parent / "wierhaven.osm.pbf"
    demo.addresses[["id", "geometry"]].iloc[::100].to_crs(4326).to_file(tmp_path / "homes.gpkg")
    demo.facilities[["id", "facility_class", "geometry"]].to_file(tmp_path / "shops.gpkg")
    asked = ["nearest", osm, tmp_path / "homes.gpkg", tmp_path / "shops.gpkg", "--limit-m", 800]
    tiles = ["--tiles-km", 1, "--parts", tmp_path / "parts"]
    for name, more in (("whole", []), ("cut", tiles)):
        words = [*asked, *more, "-o", tmp_path / f"{name}.gpkg"]
        assert run_command([*map(str, words)]) == 0
    same_table(*(gpd.read_file(tmp_path / f"{name}.gpkg") for name in ("whole", "cut")))
    assert len(list((tmp_path / "parts" / "nearest").iterdir())) > 1
    assert run_command([*map(str, [*asked, *tiles, "--k", 2, "-o", tmp_path / "k.gpkg"])]) == 2
    assert "laat het weg" in capsys.readouterr().err
