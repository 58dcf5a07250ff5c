"""Shares of homes per area: against plain counting, whole and in tiles, on from a stop, and on a cluster."""

from __future__ import annotations

import json
import os
import signal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_town import facilities, points, small_town

import geowoonzorg
from geowoonzorg import coverage, errors
from geowoonzorg.ask import tiling
from geowoonzorg.people.area_coverage import KEY, add_up, cover_areas, tally_arrays
from geowoonzorg.people.coverage import count_elderly
from tests.walk_columns import as_arrays

COLUMNS = ["addresses", "addresses_within", "within_low"]


@pytest.fixture(scope="module")
def demo():
    return geowoonzorg.Town.demo()


@pytest.fixture(scope="module")
def whole(demo):
    return coverage(demo)


def test_every_row_is_what_plain_counting_gives(demo, whole):
    walks = pd.DataFrame(demo.nearest().drop(columns="geometry"))
    walks["area"] = demo.home.reindex(walks["origin_id"]).to_numpy()
    known = walks[walks["status"].isin(["ok", "beyond_limit"])]
    rows = whole.coverage.set_index(list(KEY))
    assert len(rows) == known["area"].nunique() * known["facility_class"].nunique() * 2
    for (area, name), here in known.groupby(["area", "facility_class"]):
        for limit in demo.walking.limits_m:
            near = int((here["distance_m"] <= limit).sum())
            sure = int((here["distance_high_m"] <= limit).sum())
            assert rows.loc[(area, name, limit), COLUMNS].tolist() == [len(here), near, sure]
            assert rows.loc[(area, name, limit), "share_within"] == near / len(here)
    off = walks[~walks["status"].isin(["ok", "beyond_limit"])].drop_duplicates("origin_id")
    once = whole.coverage.drop_duplicates("area_code").set_index("area_code")["addresses_off"]
    assert once.sum() == off["area"].notna().sum() > 0


def test_elderly_lie_in_their_interval_and_who_is_wholly_within_reach_has_all(whole, demo):
    rows = whole.coverage
    told = rows[rows["people_65plus"].notna()]
    assert (told["people_65plus_min"] <= told["people_65plus"] + 2.5).all()  # an estimate in fives
    assert (told["people_65plus"] <= told["people_65plus_max"] + 2.5).all()
    whole = rows[(rows["addresses_within"] == rows["addresses"]) & (rows["addresses_off"] == 0)]
    everyone = count_elderly(demo.figures.frame).reindex(whole["area_code"])
    assert whole["people_65plus_max"].tolist() == pytest.approx(
        everyone["most"].tolist(), nan_ok=True
    )
    nobody = rows[(rows["addresses_within"] == 0) & rows["people_65plus"].notna()]
    assert (nobody["people_65plus_max"] == 0).all()
    secret = demo.figures.frame["share_65plus"]
    unknown = set(secret.index[secret.isna()]) & set(rows["area_code"])
    assert rows.loc[rows["area_code"].isin(unknown), "people_65plus"].isna().all()


def test_the_layer_has_the_shares_of_the_first_limit(whole):
    rows = whole.coverage[whole.coverage["limit_m"] == 400].set_index(
        ["area_code", "facility_class"]
    )
    layer = whole.areas.set_index("code")
    for code in layer.index.intersection(whole.coverage["area_code"]):
        assert layer.loc[code, "share_huisarts"] == rows.loc[(code, "huisarts"), "share_within"]
        assert layer.loc[code, "share_huisarts_low"] == rows.loc[(code, "huisarts"), "share_low"]
    empty = layer.index.difference(whole.coverage["area_code"])
    assert layer.loc[empty, "share_huisarts"].isna().all()


def test_nobody_lives_near_what_is_nowhere_and_nothing_is_said_of_what_is_unheard_of():
    town = small_town(absent={"apotheek"}, classes=["huisarts", "supermarkt", "bank"])
    found = coverage(town)
    rows = found.coverage.set_index(["area_code", "facility_class"])
    assert (rows.xs("apotheek", level=1)["addresses_within"] == 0).all()
    assert (rows.xs("apotheek", level=1)["share_within"] == 0).all()
    assert "bank" not in rows.index.get_level_values(1)
    assert any("bank" in note for note in found.notes)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_tallies_of_parts_add_up_however_addresses_are_shared(data):
    n = data.draw(st.integers(1, 30))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    walks = pd.DataFrame({
        "origin_id": np.repeat([str(i) for i in range(n)], 2), "facility_class": ["a", "b"] * n,
        "distance_m": rng.uniform(0, 1_000, 2 * n), "status": "ok",
    })  # fmt: skip
    walks["distance_high_m"] = walks["distance_m"] * rng.uniform(1, 2, 2 * n)
    zone = pd.Series(rng.choice(["x", "y", None], n), index=[str(i) for i in range(n)])
    part, limits = rng.integers(0, 3, n), [400.0, 800.0]
    parts = [
        tally_arrays(as_arrays(walks[np.repeat(part == k, 2)]), zone[part == k], limits)
        for k in range(3)
        if (part == k).any()
    ]
    whole = tally_arrays(as_arrays(walks), zone, limits)
    pd.testing.assert_frame_equal(add_up(parts), whole)
    rows = walks.assign(area_code=zone.reindex(walks["origin_id"]).to_numpy())
    for (area, name, limit), told in whole.iterrows():
        own = rows[(rows["area_code"] == area) & (rows["facility_class"] == name)]
        near = own["distance_m"] <= limit, own["distance_high_m"] <= limit
        assert told.tolist() == [len(own), near[0].sum(), near[1].sum()]
    assert len(whole) == 4 * zone.nunique()


def test_an_area_without_figure_has_counts_and_no_people():
    index = pd.MultiIndex.from_tuples(
        [("A", "huisarts", 400.0), ("B", "huisarts", 400.0)], names=KEY
    )
    tally = pd.DataFrame([[4, 1, 0], [2, 0, 0]], index=index, columns=COLUMNS)
    elderly = pd.DataFrame({"least": [18.0, np.nan], "most": [22.0, np.nan]}, index=["A", "B"])
    found = cover_areas(tally, sizes=pd.Series({"A": 5, "B": 2}), elderly=elderly)
    assert found["addresses_off"].tolist() == [1, 0]
    assert found["share_within"].tolist() == [0.25, 0.0]
    assert found["people_65plus"].tolist()[0] == 5.0  # a fifth of all its addresses: 4, in fives
    assert found[["people_65plus", "people_65plus_min", "people_65plus_max"]].loc[1].isna().all()


@pytest.mark.parametrize("km", [0.6, 5.0])
def test_in_tiles_it_is_the_same_to_the_last_address(demo, whole, km):
    cut = coverage(demo, tiles_km=km)
    pd.testing.assert_frame_equal(cut.coverage, whole.coverage)


def test_after_a_stop_it_goes_on_and_mixes_nothing(demo, whole, tmp_path, monkeypatch):
    folder = tmp_path / "parts"

    def stop(share, said):
        if share > 0.3:
            raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        coverage(demo, tiles_km=1, parts=str(folder), progress=stop)
    kept = sorted(folder.glob("tile-*.json"))
    assert kept
    seen = []
    alone = tiling._alone
    monkeypatch.setattr(tiling, "_alone", lambda tile: seen.append(1) or alone(tile))
    found = coverage(demo, tiles_km=1, parts=str(folder))
    pd.testing.assert_frame_equal(found.coverage, whole.coverage)
    assert len(seen) == len(list(folder.glob("tile-*.json"))) - len(kept) > 0
    for other, options in ((demo, {"tiles_km": 2}), (small_town(), {"tiles_km": 1})):
        with pytest.raises(errors.StudyError, match="another question"):
            coverage(other, parts=str(folder), **options)
    for damaged in ("{", "{}"):
        kept[0].write_text(damaged, "utf-8")
        with pytest.raises(errors.GeowoonzorgError, match="tile-00000"):
            coverage(demo, tiles_km=1, parts=str(folder))
    with pytest.raises(errors.OutputError, match="could not be made"):
        coverage(demo, tiles_km=1, parts=str(kept[0]))


def test_of_a_class_that_may_be_incomplete_the_share_is_at_least_this(whole):
    rows = whole.coverage
    sure = rows["found"] >= rows["expected_high"]
    assert 0 < sure.mean() < 1
    assert (rows["share_high"] == rows["share_within"].where(sure, 1.0)).all()
    words = {line.partition(":")[0]: line for line in map(str, whole.summary)}
    for name, certain in sure.groupby(rows["facility_class"]).all().items():
        assert ("at least" in words[name]) == (not certain)


@pytest.mark.parametrize(
    ("town", "options", "words"),
    [
        (lambda: small_town(areas=None), {}, r"no \[areas\]"),
        (lambda: small_town(addresses=points([])), {}, "no addresses"),
        (lambda: small_town(addresses=points([])), {"tiles_km": 1}, "no addresses"),
        (lambda: small_town(facilities=facilities().iloc[:0]), {}, "no facilities"),
        (small_town, {"tiles_km": 0}, "no size"),
        (small_town, {"scheduler": "tcp://127.0.0.1:1"}, "no Dask scheduler answers"),
        (small_town, {"scheduler": "here"}, "no Dask scheduler answers"),
    ],
)
def test_what_cannot_be_asked_is_told(town, options, words, monkeypatch):
    monkeypatch.setattr(tiling, "_PATIENCE_S", 0.5)
    with pytest.raises(errors.GeowoonzorgError, match=words) as caught:
        coverage(town(), **options)
    assert caught.value.told("nl") != str(caught.value)


def test_on_a_cluster_it_is_the_same_though_a_worker_dies(demo, whole, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in os.sys.path if p))
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    ) as cluster:
        workers = [worker.process.pid for worker in cluster.workers.values()]

        def kill(share, said):
            if workers and share > 0.1:
                os.kill(workers.pop(), signal.SIGKILL)
                workers.clear()

        found = coverage(demo, tiles_km=1, scheduler=cluster.scheduler_address, progress=kill)
        assert not workers
        pd.testing.assert_frame_equal(found.coverage, whole.coverage)
        monkeypatch.setattr(tiling.importlib.metadata, "version", lambda name: "0.0.1")
        with pytest.raises(errors.StudyError, match="another geowoonzorg than"):
            coverage(demo, tiles_km=1, scheduler=cluster.scheduler_address)


def test_written_it_has_table_layer_and_provenance(whole, tmp_path):
    files = {file.name for file in whole.write(tmp_path / "coverage", lang="nl")}
    assert files == {"map.html", "coverage_per_area.csv", "coverage.gpkg", "provenance.json"}
    table = pd.read_csv(tmp_path / "coverage" / "coverage_per_area.csv")
    assert len(table) == len(whole.coverage)
    assert json.loads((tmp_path / "coverage" / "provenance.json").read_text("utf-8"))
