"""The notebooks run from top to bottom, without the internet, and what they say in numbers is so."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from notebook_cells import run_cells
from pytest_socket import SocketConnectBlockedError
from small_country import SmallNetherlands

from geowoonzorg import Town, score_sites

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture(scope="module")
def demo():
    return Town.demo()


@pytest.fixture
def run(tmp_path, demo, monkeypatch):
    """Run a notebook; a town is never changed, so all may have the same."""
    monkeypatch.setattr(Town, "demo", staticmethod(lambda: demo))
    return lambda name: run_cells(NOTEBOOKS / f"{name}.ipynb", tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_kept_without_output_and_as_it_should_be(name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[0]["cell_type"] == "markdown", "it begins with what it is about"
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


def test_every_notebook_that_is_named_anywhere_is_there():
    numbers = [name[:2] for name in NAMES]
    assert numbers == [f"{n:02}" for n in range(1, len(NAMES) + 1)]
    told = (NOTEBOOKS.parent / "docs" / "index.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"notebooks/{name}.ipynb" not in told] == []


def test_a_cell_that_reaches_for_the_network_fails(tmp_path):
    notebook = nbformat.v4.new_notebook()
    call = "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=5)"
    notebook.cells = [nbformat.v4.new_code_cell(call)]
    nbformat.write(notebook, tmp_path / "online.ipynb")
    refused = (
        SocketConnectBlockedError,
        UserWarning,
    )  # it warns first, and a warning is an error here
    with pytest.raises(refused, match="tried to use socket"):
        run_cells(tmp_path / "online.ipynb", tmp_path)


def test_a_notebook_runs_in_a_kernel_of_its_own(tmp_path):
    """The other tests run cells in this process; here the kernel that a reader has."""
    notebook = nbformat.read(NOTEBOOKS / "01_eerste_kaart.ipynb", as_version=4)
    notebook.cells = notebook.cells[:3]
    resources = {"metadata": {"path": str(tmp_path)}}
    done = NotebookClient(notebook, timeout=240, resources=resources).execute()
    assert "Wierhaven" in done.cells[2]["outputs"][0]["text"]


def test_the_first_map_ranks_says_what_is_unknown_and_leaves_its_files(run, tmp_path):
    shown = run("01_eerste_kaart").shown
    assert "Voormalige Marktschool" in shown
    assert "K15" in shown  # on the island: no distance, and a reason instead
    line = next(line for line in shown.splitlines() if line.endswith(" punten"))
    score, parts = line.split(": ")[1].replace(" punten", "").split(" = ")
    assert float(score) == float(parts) > 0, "a score is the sum of its parts"
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written >= {"map.html", "report.html", "scores.csv", "result.gpkg", "provenance.json"}


def test_only_the_walk_itself_agrees_with_a_reading_metre_by_metre(run):
    ran = run("02_400_meter")
    verdict, near = ran.held["verdict"], ran.held["near"]["distance_m"]
    exact = verdict.index.str.startswith("precies")
    assert exact.sum() == 2
    assert (verdict.loc[exact, "grens"] <= 1.0).all(), "what differs lies within one piece"
    assert (verdict.loc[exact, "fout"] < 0.005 * ran.held["truth"].sum()).all()
    assert (verdict.loc[~exact, "fout"] > 20 * verdict.loc[exact, "fout"].max()).all()
    assert verdict.loc["cirkel", "gemist"] == 0, "nobody walks less than as the crow flies"
    walked = ran.held["judged"]
    close = np.isfinite(walked) & (near < 395)
    off = (walked - near)[close].abs()
    assert off.median() < 0.5
    assert (off > 2).mean() < 0.002, "two streets as near: another one was joined"
    assert f"{verdict.loc['cirkel', 'te veel']:.0f} adressen ten onrechte" in ran.shown


def test_weighed_anew_is_as_measured_anew_and_the_lenses_are_told(run):
    ran = run("03_scoren")
    held = ran.held
    anew = score_sites(held["town"], held["sites"], profile=held["own"]).sites.set_index("id")
    for column in ("score", "score_low", "score_high", "first_share"):
        np.testing.assert_allclose(held["again"][column], anew[column], rtol=1e-12)
    assert held["ranks"]["prikkels_en_zorg"].equals(anew["rank"].rename("prikkels_en_zorg"))
    assert (held["ranks"]["geclusterd"] != held["ranks"]["prikkelgevoelig"]).any()
    same = (held["lenses"]["rank_difference"] == 0).sum()
    assert f"{same} van de 13 locaties staan in alle drie" in ran.shown
    assert "prikkels_en_zorg bouwt voort op prikkelgevoelig bouwt voort op geclusterd" in ran.shown
    assert "Fort De Schans: 20 tot 98 punten" in ran.shown


def test_a_region_is_shared_out_whole_and_what_is_unknown_stays_so(run, tmp_path):
    ran = run("07_een_regio")
    homes = ran.held["homes"]
    assert homes.shape == (3, 3)
    assert (homes.sum() == 120).all()
    assert homes.loc["Wierhaven"].to_dict() == {"helft": 73, "inwoners": 61, "vrijkomend": 85}
    assert "Wierhaven, zorggeschikt: 102 van de 110 passen" in ran.shown
    assert "folium.folium.Map" in ran.shown
    assert "Zilverduin, " not in ran.shown, "a gemeente without a study is not told to have none"
    assert (tmp_path / "wierstreek" / "hulpmiddel.xlsx").exists()


def test_a_gemeente_is_fetched_and_scored_and_fetched_once(run, monkeypatch, tmp_path):
    with SmallNetherlands() as server:
        monkeypatch.setattr(
            "geowoonzorg.fetch._study.Client",
            lambda *, cache, progress, **_: server.client(None, progress=progress),
        )
        ran = run("08_opgehaalde_gegevens")
        asked = len(server.asked)
        ran.held["fetch_study"](ran.held["gemeente"], tmp_path / "kampen")
    report, answer = ran.held["report"], ran.held["answer"]
    assert report.missing == {}
    assert "0 bestanden erbij" in ran.shown
    assert set(report.table["part"]) >= {"areas", "addresses", "osm", "noise"}
    assert len(server.asked) == asked, "what is there is not fetched again"
    assert answer.sites["score"].notna().all()
    assert "Kampen 2023" in ran.shown
    assert "ODbL" in ran.shown


def test_own_places_are_scored_and_a_doctor_beside_one_is_nearer(run):
    ran = run("09_zelf_vragen")
    assert "Bij de markt" in ran.shown
    assert "report.html" in ran.shown
    before, after = (ran.held[name].sites["huisarts_raw"] for name in ("answer", "after"))
    assert after["rand"] < before["rand"]
    assert after["markt"] == before["markt"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("04_plekken_zoeken", ["samen", "met geen ander stel meer dan", "spots.gpkg"]),
        ("05_wat_als", ["dicht: -441; bij de andere praktijken: +441", "inloopvoorziening"]),
        ("06_woningen_verdelen", ["60 woningen moeten een plek krijgen", "programme.csv"]),
    ],
)
def test_a_further_question_runs_from_top_to_bottom(name, words, run):
    shown = run(name).shown
    assert [word for word in words if word not in shown] == []
