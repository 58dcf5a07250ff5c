"""One study that tells a whole story: its sites, where else, what if, and how the homes fit; each with a page."""

from __future__ import annotations

import json
import re
import shutil

import pandas as pd
import pyogrio
import pytest
import rasterio
from english import run_command

from geowoonzorg.prepare import demo_study

FILES = {
    "map.html", "report.html", "scores.csv", "coverage.csv", "lenses.csv", "result.gpkg", "provenance.json",
    "search.html", "suitability.tif", "spots.gpkg", "search.json",
    "locate.html", "locations.gpkg", "locations.json",
    "what-if.html", "ledger.csv", "sites.csv", "criteria.csv", "areas.csv", "handover.csv", "homes.csv",
    "addresses.gpkg", "facilities.gpkg",
    "programme.html", "programme.csv", "programme.gpkg", "programme.json", "build_or_bring.csv",
}  # fmt: skip
MORE = """
[search]
cell_m = 200
homes = 24
assume = { ontmoetingsruimte = "ja" }
spots = 2
apart_m = 500

[locate]
class = "inloopvoorziening"
k = 1

[what_if]
change = "change.toml"

[programme]
homes = 40
"""
HOSTILE = '"><script>window.executed=1</script>'


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story") / "demo"
    shutil.copytree(demo_study().parent, folder)
    study = folder / "study.toml"
    study.write_text(study.read_text("utf-8") + MORE, "utf-8")
    (folder / "change.toml").write_text(
        f'[[close]]\nid = "V01"\n[[open]]\nclass = "huisarts"\nx = 146000\ny = 507000\nname = \'{HOSTILE}\'\n',
        "utf-8",
    )
    out = folder / "out"
    assert run_command(["run", str(study), "--out", str(out)]) == 0
    return out


def test_everything_is_in_one_folder(told):
    assert {file.name for file in told.iterdir()} == FILES
    assert [name for name, _ in pyogrio.list_layers(told / "spots.gpkg")] == ["spots", "criteria"]
    assert pyogrio.read_dataframe(told / "spots.gpkg", layer="spots")["rank"].tolist() == [1, 2]
    with rasterio.open(told / "suitability.tif") as grid:
        assert grid.descriptions[0] == "score"
    assert pd.read_csv(told / "programme.csv")["homes"].sum() == 40
    assert "V01" in set(pd.read_csv(told / "ledger.csv")["facility_id"])
    assert json.loads((told / "locations.json").read_text("utf-8"))["k"] == 1
    told_of = json.loads((told / "provenance.json").read_text("utf-8"))["questions"]
    assert sorted(told_of) == ["locate", "programme", "search", "what-if"]


@pytest.mark.parametrize("page", ["search", "locate", "what-if", "programme"])
def test_a_page_of_each_holds_its_data_and_nothing_that_runs(told, page):
    text = (told / f"{page}.html").read_text("utf-8")
    assert HOSTILE not in text
    assert len(re.findall(r"<script", text)) == 2
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["streets"]
    assert data["layers"]


def test_a_second_run_replaces_the_first(told):
    study = told.parent / "study.toml"
    before = (told / "programme.csv").read_bytes()
    assert run_command(["run", str(study), "--out", str(told)]) == 0
    assert (told / "programme.csv").read_bytes() == before
