"""The models that come with the plugin: in the toolbox, in the user's language, and through to an answer."""

from __future__ import annotations

import pytest

from test_every_question import street  # noqa: F401 - a fixture
from test_process import process, table  # noqa: F401 - a fixture

IDENT = "geowoonzorg:reach_of_facilities"


@pytest.fixture
def model(plugin):
    from qgis.core import QgsApplication

    made = QgsApplication.processingRegistry().createAlgorithmById(IDENT)
    assert made is not None
    return made


def test_every_file_is_a_model_in_the_toolbox(plugin):
    from geowoonzorg_qgis.models import MODELS, Model

    files = {path.stem for path in MODELS.glob("*.model3")}
    assert files == {one.name() for one in plugin.provider.algorithms() if isinstance(one, Model)}
    plugin.provider.refreshAlgorithms()
    assert files == {one.name() for one in plugin.provider.algorithms() if isinstance(one, Model)}


def test_it_speaks_the_users_language_and_its_id_does_not_change(plugin, model):
    from geowoonzorg_qgis import models
    from qgis.core import QgsProcessingModelAlgorithm

    assert (model.id(), model.displayName(), model.group()) == (IDENT, "Bereik van voorzieningen", "2. Lopen")
    shown = {d.description() for d in model.parameterDefinitions()}
    assert {"Vertrekplekken", "Voorzieningen", "Hoeveel op loopafstand"} <= shown, shown
    assert "looproutenetwerk" in model.shortHelpString()
    for path in models.MODELS.glob("*.model3"):
        plain = QgsProcessingModelAlgorithm()
        assert plain.fromFile(str(path))
        told = {plain.displayName(), *(d.description() for d in plain.parameterDefinitions() if not d.isDestination())}
        assert told | set(plain.helpContent().values()) <= set(models.texts())  # what is not there stays English


def test_its_steps_are_there_and_it_can_be_saved(model, tmp_path):
    assert model.canExecute()[0]
    steps = {child.algorithmId() for child in model.childAlgorithms().values()}
    assert steps == {"geowoonzorg:network", "geowoonzorg:service_rings", "geowoonzorg:within"}
    assert len(model.destinationParameterDefinitions()) == 2
    assert model.toFile(str(tmp_path / "eigen.model3"))


def test_it_answers_both_questions(process, street, tmp_path):  # noqa: F811
    out = {"rings:RINGS": tmp_path / "rings.gpkg", "within:WITHIN": tmp_path / "within.gpkg"}
    process("reach_of_facilities", **street, LIMITS_M="150; 500", PROFILE="wandelaar", **out)
    columns, rows = table(tmp_path / "rings.gpkg", "rings")
    wanted = [columns.index(name) for name in ("from_m", "limit_m", "n_facilities")]
    assert {tuple(row[at] for at in wanted) for row in rows} == {(0, 150, 2), (150, 500, 2)}
    columns, rows = table(tmp_path / "within.gpkg", "within")
    wanted = [columns.index(name) for name in ("origin_id", "limit_m", "count")]
    assert {tuple(row[at] for at in wanted) for row in rows} == {("a", 150, 1), ("a", 500, 2), ("b", 150, 0), ("b", 500, 1)}
