"""The notebooks run from top to bottom, without the internet."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"

# The kernel is a process of its own, out of reach of pytest-socket: it refuses the network itself.
OFFLINE = """
import socket

def refuse(*args, **kwargs):
    raise AssertionError("a notebook reached for the network")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
"""


def run_notebook(path: Path, folder: Path) -> nbformat.NotebookNode:
    """Execute a copy of a notebook in a folder, with the network off and warnings as errors."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(OFFLINE))
    client = NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(folder)}})
    return client.execute()


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_output(path):
    cells = nbformat.read(path, as_version=4).cells
    assert cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_the_kernel_really_has_no_network(tmp_path):
    notebook = nbformat.v4.new_notebook()
    call = "import urllib.request; urllib.request.urlopen('https://example.org', timeout=5)"
    notebook.cells = [nbformat.v4.new_code_cell(call)]
    nbformat.write(notebook, tmp_path / "online.ipynb")
    with pytest.raises(Exception, match="reached for the network"):
        run_notebook(tmp_path / "online.ipynb", tmp_path)


@pytest.fixture(scope="module")
def first_map(tmp_path_factory):
    """What the first notebook shows, as text, and the folder it ran in."""
    folder = tmp_path_factory.mktemp("notebook")
    done = run_notebook(NOTEBOOKS / "01_eerste_kaart.ipynb", folder)
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    return [o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs], folder


def test_the_first_map_shows_a_ranking_and_what_is_unknown(first_map):
    shown = "".join(first_map[0])
    assert "Voormalige Marktschool" in shown
    assert "K15" in shown  # on the island: no distance, and a reason instead


def test_a_score_is_the_sum_of_its_parts(first_map):
    line = next(text for text in first_map[0] if "punten" in text)
    score, parts = line.split(": ")[1].replace(" punten", "").split(" = ")
    assert float(score) == float(parts) > 0


def test_the_first_map_leaves_its_files(first_map):
    written = {path.name for path in (first_map[1] / "out").iterdir()}
    assert written >= {"map.html", "report.html", "scores.csv", "result.gpkg", "provenance.json"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("03_plekken_zoeken", ["samen", "met geen ander stel meer dan", "spots.gpkg"]),
        ("04_wat_als", ["dicht: -441; bij de andere praktijken: +441", "inloopvoorziening"]),
        ("05_woningen_verdelen", ["60 woningen moeten een plek krijgen", "programme.csv"]),
    ],
)
def test_a_further_question_runs_from_top_to_bottom(name, words, tmp_path):
    done = run_notebook(NOTEBOOKS / f"{name}.ipynb", tmp_path)
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    shown = "".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)
    assert [word for word in words if word not in shown] == []
