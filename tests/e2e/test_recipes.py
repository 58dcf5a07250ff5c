"""The recipes of docs/recipes.md on Kampen's files: the commands are the document's own."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shlex
import tomllib
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

import geowoonzorg
from geowoonzorg import cli

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "recipes.md"
FETCH = "geowoonzorg sources fetch --gemeente Kampen kampen"
SECTION = r"^\[{name}\]\n(?:(?!\[).*\n?)*"  # a section of a study, up to the next


def chapters() -> dict[str, str]:
    """Give the text of each chapter of the document, by title."""
    parts = re.split(r"^## (.*)$", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def steps(text: str) -> list[tuple[str, str]]:
    """List the blocks of a chapter in their order: the file that is written, or nothing, and what is in the block."""
    blocks = re.findall(
        r"(?:^|\n)((?:[^\n]+\n)*)\n```(\w*)\n(.*?)```", text, flags=re.DOTALL
    )  # the paragraph before, the kind, the content
    found = []
    for paragraph, kind, content in blocks:
        names = re.findall(r"`(kampen/[\w.-]+)`", paragraph)
        found.append((names[-1] if kind else "", content))
    return found


def put(path: Path, content: str) -> None:
    """Write a file as the document says; of a study each section takes the place of the one of its name."""
    if path.name != "study.toml":
        path.write_text(content, "utf-8")
        return
    study = path.read_text("utf-8")
    for name in tomllib.loads(content):
        study = re.sub(SECTION.format(name=name), "", study, flags=re.MULTILINE)
    path.write_text(study + "\n" + content, "utf-8")


def follow(text: str, folder: Path) -> None:
    """Do what a chapter says, in a folder that has what was fetched."""
    for name, content in steps(text):
        if name:
            put(folder / name, content)
            continue
        for line in content.splitlines():
            if line != FETCH:
                words = [
                    str(folder / word) if word.startswith("kampen/") else word
                    for word in shlex.split(line)
                ]
                assert words[0] == "geowoonzorg"
                assert cli.run_command(words[1:]) == 0, line


def fetched(folder: Path, data: Path) -> None:
    """Lay down what is at hand of Kampen as a study that was fetched."""
    (folder / "kampen").mkdir()
    study = (HERE / "kampen" / "study.toml").read_text("utf-8")
    study = re.sub(SECTION.format(name="facilities"), "", study, flags=re.MULTILINE)
    study = study.replace("../../../../shared/data", data.as_posix())
    (folder / "kampen" / "study.toml").write_text(study, "utf-8")
    (folder / "kampen" / "kandidaten.csv").write_text(
        "id;naam;x;y\nvoorbeeld;VOORBEELD;190783;508123\n", "utf-8"
    )


def cook(title: str, folder: Path) -> Path:
    follow(chapters()[title], folder)
    return folder / "kampen"


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory, shared_data):
    """One folder for all recipes, as who reads them one after the other has."""
    folder = tmp_path_factory.mktemp("recepten")
    fetched(folder, shared_data)
    cook("Vooraf", folder)
    return folder


def check_page(path: Path) -> None:
    """A page has its data and one script, which its policy names by hash, and fetches nothing of its own."""
    text = path.read_text("utf-8")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text, flags=re.DOTALL)
    assert len(scripts) == 2
    policy = html.unescape(re.search(r'"Content-Security-Policy" content="([^"]*)"', text)[1])
    assert "default-src 'none'" in policy
    allowed = re.findall(r"'sha256-([^']+)'", re.search(r"script-src ([^;]*)", policy)[1])
    runs = [
        base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        for kind, content in scripts
        if "application/json" not in kind
    ]
    assert runs == allowed
    data = json.loads(next(content for kind, content in scripts if "application/json" in kind))
    assert data.get("layers") or data["sites"]


def test_every_command_of_the_document_is_one_that_is_followed():
    blocks = [block for text in chapters().values() for block in steps(text)]
    followed = [line for name, block in blocks if not name for line in block.splitlines()]
    written = re.findall(r"^geowoonzorg .*$", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)
    assert followed == written
    assert followed[0] == FETCH
    assert len(followed) >= 8


@pytest.fixture(scope="module")
def spots(kitchen):
    return cook("Drie keer 24 geclusterde woningen, zonder lijst van locaties", kitchen)


def test_three_spots_lie_apart_in_three_wijken_and_no_set_scores_more(spots):
    found = gpd.read_file(spots / "plekken" / "spots.gpkg", layer="spots")
    assert len(found) == 3
    assert found["homes"].tolist() == [24, 24, 24]
    assert found["wijk_code"].is_unique
    assert all(a.distance(b) >= 800 for a, b in combinations(found.geometry, 2))
    told = json.loads((spots / "plekken" / "search.json").read_text("utf-8"))
    assert told["gap"] == 0
    assert told["objective"] == pytest.approx(found["score"].sum(), abs=1e-6)
    check_page(spots / "plekken" / "map.html")


def test_spots_as_sites_have_the_scores_they_were_found_with(spots):
    out = spots / "drie-plekken"
    found = gpd.read_file(spots / "plekken" / "spots.gpkg", layer="spots").set_index("id")
    sites = gpd.read_file(out / "result.gpkg", layer="sites").set_index("id")
    columns = ["score", "score_low", "score_high", "known_weight_share"]
    pd.testing.assert_frame_equal(sites.loc[found.index, columns], found[columns], atol=1e-9)
    for page in ("map.html", "search.html"):
        check_page(out / page)


@pytest.fixture(scope="module")
def programmes(spots):
    return cook("60 zorggeschikte woningen tot 2035", spots.parent)


def told_of(folder: Path) -> dict[str, object]:
    return json.loads((folder / "programme.json").read_text("utf-8"))


def test_sixty_homes_fit_within_what_each_site_and_wijk_can_have(programmes):
    sites = pd.read_csv(programmes / "kandidaten.csv", sep=";").set_index("id")
    homes = pd.read_csv(programmes / "zestig" / "programme.csv").set_index("site_id")
    assert homes["homes"].sum() == 60
    own = sites.loc[homes.index]
    assert (homes["homes"] <= own["n_woningen"]).all()
    assert (homes["homes"] >= own["min_woningen"]).all()
    assert own["opleverjaar"].max() <= 2035
    assert homes.groupby("wijk_code")["homes"].sum().max() <= 36
    told = told_of(programmes / "zestig")
    assert [told["status"], told["gap"]] == ["optimal", 0]
    assert told["objective"] == pytest.approx((homes["homes"] * homes["score"]).sum())


def test_bounds_that_conflict_are_told_in_dutch_with_what_fits(programmes):
    told = told_of(programmes / "te-krap")
    assert told["status"] == "infeasible"
    assert told["fits"] == 3 * 12  # there are sites before 2035 in three wijken
    words = [one["text"] for one in told["conflict"]]
    assert words[0] == "60 woningen moeten een plek krijgen"
    assert [one["bound"] for one in told["conflict"][1:]] == ["max_share_per_wijk"] * 3
    page = (programmes / "te-krap" / "map.html").read_text("utf-8").replace("\u00a0", " ")
    assert all(word in page for word in words)


def test_a_run_shares_the_homes_as_the_command_of_their_own(programmes):
    out = programmes / "zestig-woningen"
    pd.testing.assert_frame_equal(
        pd.read_csv(out / "programme.csv"), pd.read_csv(programmes / "zestig" / "programme.csv")
    )
    for page in (out / "map.html", out / "programme.html", programmes / "te-krap" / "map.html"):
        check_page(page)


@pytest.fixture(scope="module")
def village(programmes):
    return cook("De huisarts in een dorp sluit, en één nieuwe inloopvoorziening", programmes.parent)


def test_what_a_closed_huisarts_loses_the_others_get(village):
    ledger = pd.read_csv(village / "huisarts-dicht" / "ledger.csv").set_index("facility_id")
    assert ledger.loc["H2", "state"] == "closes"
    change = ledger["addresses_after"] - ledger["addresses_before"]
    assert change["H2"] == -ledger.loc["H2", "addresses_before"] < 0
    # From all addresses one can walk to another huisarts, but for those on a piece of streets of their own.
    handed = pd.read_csv(village / "huisarts-dicht" / "handover.csv")
    assert handed["from_id"].eq("H2").all()
    moved = handed.dropna(subset=["to_id"]).groupby("to_id")["addresses"].sum()
    assert change.drop("H2")[lambda c: c > 0].to_dict() == moved.to_dict()
    assert -change["H2"] == handed["addresses"].sum()
    areas = pd.read_csv(village / "huisarts-dicht" / "areas.csv")
    assert areas.loc[1:, "lost"].sum() <= areas.loc[0, "lost"]
    assert areas.loc[0, "gained"] == 0


def test_the_new_place_adds_exactly_what_a_town_with_it_has(village):
    place = gpd.read_file(village / "inloop.gpkg", layer="locations").iloc[0]
    told = json.loads((village / "inloop.json").read_text("utf-8"))
    town = geowoonzorg.Town.read(village / "study.toml")
    new = gpd.GeoDataFrame(
        {"id": ["nieuw"], "facility_class": ["inloopvoorziening"], "name": ["nieuw"]},
        geometry=[place.geometry],
        crs=town.facilities.crs,
    )
    more = town.replace(facilities=pd.concat([town.facilities, new]))
    before, after = (
        (one.nearest("inloopvoorziening")["distance_m"] <= 400).sum() for one in (town, more)
    )
    assert [told["reached_before"], told["reached_after"]] == [before, after]
    assert after - before == place["reached_new"] > 0
    # No other of the plots reaches more.
    plots = pd.read_csv(village / "panden.csv", sep=";").set_index("id")
    for xy in plots.drop(place["id"])[["x", "y"]].itertuples(index=False):
        other = town.replace(facilities=pd.concat([town.facilities, new.set_geometry([Point(xy)])]))
        assert (other.nearest("inloopvoorziening")["distance_m"] <= 400).sum() <= after


def test_the_document_opens_the_place_that_was_found_and_a_run_says_the_same(village):
    place = gpd.read_file(village / "inloop.gpkg", layer="locations").iloc[0]
    opened = tomllib.loads((village / "samen.toml").read_text("utf-8"))["open"][0]
    assert Point(opened["x"], opened["y"]).equals(place.geometry)
    out = village / "dorp"
    areas = pd.read_csv(out / "areas.csv")
    whole = areas[areas["area_code"].isna()].set_index("facility_class")
    assert whole.loc["inloopvoorziening", "gained"] == place["reached_new"]
    alone = pd.read_csv(village / "huisarts-dicht" / "areas.csv").loc[0, "lost"]
    assert whole.loc["huisarts", "lost"] == alone
    for page in (
        out / "map.html",
        out / "what-if.html",
        out / "locate.html",
        village / "huisarts-dicht" / "map.html",
    ):
        check_page(page)
