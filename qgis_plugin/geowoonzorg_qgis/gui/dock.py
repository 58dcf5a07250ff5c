"""The panel for who does not know the toolbox: choose, run, read the ranking, move a weight, export."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsProject, QgsVectorLayer
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QFileDialog

from .. import comparing, keeping, layouts, ranking, results, runs
from ..study import FOLDER
from ..texts import tr
from .body import Body
from .inputs import PROFILE_FILE
from .looking import MapSide


class SitesDock(QgsDockWidget):
    """The panel: a view of the runs that lie in the project."""

    def __init__(self, iface) -> None:
        super().__init__("Geowoonzorg", iface.mainWindow())
        self.setObjectName("geowoonzorg_dock")
        self.iface = iface
        self._runs: list[runs.Run] = []
        self._shown: runs.Run | None = None
        self._other = self._along = ""
        self._outcome = results.Outcome()
        self._generation = 0  # of projects: a run belongs to the one that was open when it began
        self._asked = (0, "", "")  # the generation, the folder and the choices of the run that goes on
        self._told = ""
        self.map = MapSide(iface.mapCanvas())
        self.map.picked.connect(self._picked_on_map)
        self._make_body()
        # Many layers come and go at once; one look afterwards is enough.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.look_again)
        project = QgsProject.instance()
        self._heard = (
            (project.readProject, self._project_read),
            (project.cleared, self._project_cleared),
            (project.layersAdded, self._layers_changed),
            (project.layersRemoved, self._layers_changed),
            (project.projectSaved, self._project_saved),
        )
        for signal, slot in self._heard:
            signal.connect(slot)
        self.look_again()

    def _make_body(self) -> None:
        body = Body(self.iface)
        self.inputs, self.row, self.choice, self.handing, self.note = body.inputs, body.row, body.choice, body.handing, body.note
        self.model, self.table, self.parts = body.model, body.table, body.parts
        self.compared, self.side_by_side, self.tables = body.compared, body.side_by_side, body.tables
        self.site_title, self.restore, self.choices = body.site_title, body.restore, body.choices
        self.row.run_button.clicked.connect(self.run)
        self.row.done.connect(self._done)
        self.row.failed.connect(self._failed)
        self.row.cancelled.connect(self._cancelled)
        self.choice.chosen.connect(self.show_run)
        self.choice.compared.connect(self.compare_with)
        self.choice.added.connect(self.rank_along)
        self.choice.keep_asked.connect(self._ask_keep)
        self.table.selectionModel().currentRowChanged.connect(self._show_current)
        self.table.clicked.connect(lambda _index: self.zoom_to_current())
        self.side_by_side.clicked.connect(lambda index: self._select(self.compared.pairs[index.row()].ident))
        self.parts.weights_moved.connect(self._weights_moved)
        self.handing.saved.connect(lambda said: self._tell(said, Qgis.MessageLevel.Success))
        self.handing.failed.connect(lambda said: self._tell(said, Qgis.MessageLevel.Critical))
        self.handing.profile_asked.connect(self.save_profile)
        self.handing.rerun_asked.connect(self.run_with_weights)
        self.handing.ranks_asked.connect(self.write_ranks)
        self.setWidget(body)

    # --- running

    @property
    def _task(self):
        return self.row.task

    def run(self) -> None:
        """Run what is chosen, in the background; QGIS stays free."""
        name, values = self.inputs.request()
        self._start(name, values, self._make_folder())

    def run_with_weights(self) -> None:
        """Run again with the weights as they are now, as a profile in the new run's folder: for map, report and layer."""
        if not self._can_keep():
            return
        if self._shown is not None:  # what it was made of, not what was filled in since
            layer = QgsProject.instance().mapLayer(self._shown.sites_id)
            self.inputs.fill_from(str(layer.customProperty(runs.REQUEST) or "") if layer is not None else "")
        name, values = self.inputs.request()
        folder = self._make_folder() or runs.new_folder(runs.temporary_place(), runs.this_moment())
        written, problem = keeping.write_profile(self._outcome.profile, self.parts.weights(), folder / "eigen-gewichten")
        if problem:
            self._tell(problem, Qgis.MessageLevel.Critical)
            return
        self._start(name, {**values, PROFILE_FILE: str(written)}, folder)

    def _make_folder(self) -> Path | None:
        """Make the folder of a new run; None, and said why, where that cannot be: then a temporary one serves."""
        self._told = ""
        place = self.inputs.chosen_place()
        if place is None:
            return None
        try:
            return runs.new_folder(place, runs.this_moment())
        except OSError as error:
            said = tr(
                "{place} cannot be written to ({reason}), so the results go to a temporary folder. "
                "Choose another folder at Results in, or click Keep it… when the run is done."
            )
            self._told = said.format(place=place, reason=error.strerror or error)
            self.iface.messageBar().pushMessage("Geowoonzorg", self._told, Qgis.MessageLevel.Warning)
            return None

    def _start(self, name: str, values: Mapping[str, Any], folder: Path | None) -> None:
        where = str(folder or runs.new_folder(runs.temporary_place(), runs.this_moment()))
        problem = self.row.start(name, {**values, "OUT_SITES": "TEMPORARY_OUTPUT", FOLDER: where})
        if problem:
            runs.drop_empty(where)
            self._tell(problem, Qgis.MessageLevel.Warning)
            return
        self._asked = (self._generation, where, self.inputs.as_text())
        self.note.setText(self._told)

    def cancel(self) -> None:
        """Stop the run."""
        self.row.cancel()

    def _cancelled(self) -> None:
        runs.drop_empty(self._asked[1])
        self.note.setText(tr("Cancelled; nothing was written."))

    def _failed(self, message: str) -> None:
        runs.drop_empty(self._asked[1])
        self._tell(message, Qgis.MessageLevel.Critical)

    def _done(self, outputs: dict) -> None:
        folder = Path(outputs[FOLDER])
        generation, _where, request = self._asked
        if generation != self._generation:
            said = tr("The project was changed during the run. Its results are in {folder}: add result.gpkg from there.")
            self._tell(said.format(folder=folder), Qgis.MessageLevel.Warning)
            return
        self.show_folder(folder, request)

    def show_folder(self, folder: Path, request: str = "") -> None:
        """Put a run's layers on the map, and show it."""
        story = results.read_story(folder)
        title = runs.title_of(results.study_name(story) or folder.name, runs.this_moment())
        added, problems = runs.add(
            folder,
            results.layers_to_load(),
            title=title,
            provenance={"folder": str(folder), "provenance": story},
            request=request,
        )
        if runs.SITES not in added:
            self._tell(tr("{folder} has no result with sites.").format(folder=folder), Qgis.MessageLevel.Critical)
            return
        layouts.add_all(QgsProject.instance())
        QgsProject.instance().setDirty(True)
        self._other = self._along = ""
        self._runs = runs.runs_in(QgsProject.instance())
        self.show_run(runs.place_of(added[runs.SITES])[0])
        self.map.zoom_to_layer(added[runs.SITES])
        if problems:
            said = tr("The styles could not be written into {file}; they are in the project only. {reason}")
            self._tell(said.format(file=folder, reason=problems[0]), Qgis.MessageLevel.Warning)
        elif self._shown is not None and self._shown.is_temporary():
            said = tr("The outcome lies in a temporary folder and is gone when QGIS closes; Keep it… puts it elsewhere.")
            self.iface.messageBar().pushMessage("Geowoonzorg", said, Qgis.MessageLevel.Warning, 15)  # the panel goes on saying it

    # --- the project

    def _project_read(self, *_ignored) -> None:
        self._forget()
        self.look_again()
        if lost := runs.lost_in(QgsProject.instance()):
            said = tr("Not there any more: {files}. Bring them back, or right-click a layer > Change Data Source.")
            self._tell(said.format(files=", ".join(lost)), Qgis.MessageLevel.Warning)

    def _project_cleared(self) -> None:
        self._generation += 1
        self.look_again()

    def _project_saved(self) -> None:
        self.inputs.show_place()
        if any(run.is_temporary() for run in self._runs):
            said = tr("The project is saved, but an outcome in it is in a temporary folder; click Keep it… before QGIS closes.")
            self._tell(said, Qgis.MessageLevel.Warning)

    def _layers_changed(self, *_ignored) -> None:
        self._later.start(0)

    def _forget(self) -> None:
        """Know nothing of the project before."""
        self._shown, self._other, self._along, self._runs = None, "", "", []

    def look_again(self) -> None:
        """See which runs the project holds now, and go on with the one that was shown if it is still there."""
        self.inputs.show_place()
        before = self._shown.key if self._shown is not None else ""
        found = runs.runs_in(QgsProject.instance())
        if found == self._runs and before:
            return
        self._runs = found
        keys = [run.key for run in found]
        if before in keys:
            self._shown = found[keys.index(before)]
            gone = [key for key in (self._other, self._along) if key and key not in keys]
            if gone:
                self._other, self._along = (key if key in keys else "" for key in (self._other, self._along))
                self.show_run(before)
            else:
                self.choice.fill(found, before, self._other, self._along)
        elif found:
            self.show_run(runs.on_map(found).key)
        else:
            self._empty()

    def _empty(self) -> None:
        self._forget()
        self.choices.setCollapsed(False)
        self._outcome = results.Outcome()
        self.map.watch([], {})
        self.model.fill([], {})
        self.parts.fill({}, {}, {})
        self.compared.fill([])
        self.tables.setCurrentWidget(self.table)
        self.choice.fill([], "", "", "")
        self.site_title.setText(tr("Click a site to take its score apart."))
        if self.row.task is None:
            self.note.setText("")
        self._show_state()

    def show_run(self, key: str) -> None:
        """Show a run of the project."""
        run = next((one for one in self._runs if one.key == key), None)
        layer = QgsProject.instance().mapLayer(run.sites_id) if run is not None else None
        if layer is None:
            self._empty()
            return
        if self._shown is None or self._shown.key != key:
            self._along = ""
            self._other = "" if self._other == key else self._other
            runs.show_only(run, self._runs)
            self.choices.setCollapsed(True)  # the ranking is what one looks at now
            if self.row.task is None:
                self.inputs.fill_from(str(layer.customProperty(runs.REQUEST) or ""))
        self._shown = run
        self._outcome = results.read_outcome(layer)
        self.choice.fill(self._runs, key, self._other, self._along)
        self.fill(layer)
        self.compare_with(self._other)

    def fill(self, layer: QgsVectorLayer) -> None:
        """Show the sites of a layer, under the weights that were moved when the project was saved."""
        sites, weights = results.read_sites(layer, self._outcome)
        labels = {key: self._outcome.labels.get(key, key) for key in weights}
        along = self._layer_along()
        if along is not None:
            sites = results.put_along(sites, results.read_sites(along, self._outcome)[0])
        watched = [layer, along] if along is not None else [layer]
        self.map.watch(watched, self._shown.layer_ids if self._shown else {})
        self.parts.fill(labels, weights, self._outcome.sources)
        self.model.fill(sites, self._stand(sites, weights))
        self.parts.set_weights(keeping.kept_weights(layer))
        self._weights_moved(is_new=False)
        if sites:
            self.table.selectRow(0)

    def _layer_along(self) -> QgsVectorLayer | None:
        run = next((one for one in self._runs if one.key == self._along), None)
        return QgsProject.instance().mapLayer(run.sites_id) if run is not None else None

    def rank_along(self, key: str) -> None:
        """Put the sites or spots of another run into this ranking; empty takes them out again."""
        if self._shown is None:
            return
        self._along = key
        layer, problem = self._layer_along(), ""
        if layer is not None:
            problem = results.along_problem(self._outcome, results.read_outcome(layer), layer)
            self._along = "" if problem else key
        self.show_run(self._shown.key)
        if problem:
            self._tell(problem, Qgis.MessageLevel.Warning)

    def compare_with(self, key: str) -> None:
        """Show the run beside another; empty shows the ranking again."""
        other = next((one for one in self._runs if one.key == key), None)
        chosen = [self._shown, other]
        layers = [QgsProject.instance().mapLayer(run.sites_id) if run is not None else None for run in chosen]
        if None in layers:
            if self._other:  # the note was about two runs
                self._other = ""
                self._weights_moved(is_new=False)
            self.tables.setCurrentWidget(self.table)
            return
        self._other = key
        self.compared.fill(comparing.pairs(*map(results.read_written, layers)), self._shown.title, other.title)
        self.tables.setCurrentWidget(self.side_by_side)
        said = tr("As the runs were written, under the profile of each: {run} beside {other}.")
        self.note.setText(said.format(run=self._shown.title, other=other.title))
        first, second = (results.read_outcome(layer).profile for layer in layers)
        if first.get("criterion") != second.get("criterion"):
            self.note.setText(tr("The two runs have different profiles or weights: their scores are not of one scale."))

    # --- looking

    def _stand(self, sites: list[ranking.Site], weights: Mapping[str, float]) -> dict[str, ranking.Standing]:
        outcome = self._outcome
        return ranking.stand(
            sites, weights, least_known_share=outcome.least_known_share, best=outcome.best_values(), told=outcome.told()
        )

    def current_site(self) -> ranking.Site | None:
        """Give the site of the selected row."""
        row = self.table.currentIndex().row()
        return self.model.sites[row] if 0 <= row < len(self.model.sites) else None

    def zoom_to_current(self) -> None:
        """Show the selected site on the map."""
        if (site := self.current_site()) is not None:
            self.map.select(site)
            self.map.zoom_to(site)

    def _select(self, ident: str) -> None:
        for row, site in enumerate(self.model.sites):
            if site.ident == ident:
                self.table.selectRow(row)
                self.zoom_to_current()

    def _picked_on_map(self, layer_id: str, feature_id: int) -> None:
        for row, site in enumerate(self.model.sites):
            if (site.layer_id, site.feature_id) == (layer_id, feature_id):
                self.table.selectRow(row)
                for at, pair in enumerate(self.compared.pairs):
                    if pair.ident == site.ident:
                        self.side_by_side.selectRow(at)

    def _sites_layer(self) -> QgsVectorLayer | None:
        return QgsProject.instance().mapLayer(self._shown.sites_id) if self._shown is not None else None

    def _weights_moved(self, *, is_new: bool = True) -> None:
        weights, moved = self.parts.weights(), self.parts.is_moved()
        standings = self._stand(self.model.sites, weights)
        self.model.move(standings, own_weights=moved or bool(self._along))
        self.note.setText(results.headline(self.model.sites, standings, own_weights=moved))
        self._show_current()
        self._show_state()
        if (layer := self._sites_layer()) is not None:
            if is_new:
                keeping.keep_weights(layer, weights if moved else {})
            self.map.show_ranks(standings if moved or self._along else {})

    def _show_current(self, *_ignored) -> None:
        site = self.current_site()
        standing = self._stand(self.model.sites, self.parts.weights()).get(site.ident) if site else None
        reasons = self._outcome.reasons.get(site.ident, {}) if site else {}
        self.parts.show_site(site, standing, self._outcome.units, reasons)
        self.map.show_only_of(site.ident if site else "")
        if site is not None:
            title = tr("{name}: dropped out, {reason}") if site.knocked_out else tr("{name}: where its score comes from")
            self.site_title.setText(title.format(name=site.name, reason=site.reason))

    def _show_state(self) -> None:
        moved = self.parts.is_moved()
        self.restore.setEnabled(moved)
        self.restore.setVisible(moved)
        self.handing.show_state(files=self._files, moved=moved)

    @property
    def _files(self) -> dict[str, str]:
        return self._shown.files() if self._shown is not None else {}

    # --- handing on

    def _ask_keep(self) -> None:
        start = QgsProject.instance().absolutePath() or str(Path.home())
        if place := QFileDialog.getExistingDirectory(self, tr("Keep it…"), start):
            self.keep_run(Path(place))

    def keep_run(self, place: Path) -> None:
        """Copy the shown run to a folder that stays, and read its layers from there."""
        try:
            target = runs.keep(self._shown, place, QgsProject.instance())
        except OSError as error:
            said = tr("{place} cannot be written to ({reason}); choose another folder. Nothing was lost.")
            self._tell(said.format(place=place, reason=error.strerror or error), Qgis.MessageLevel.Critical)
            return
        self._runs = runs.runs_in(QgsProject.instance())
        self._shown = None
        self.show_run(next(run.key for run in self._runs if run.folder == target))
        self._tell(tr("Kept in {folder}. Save the project, too.").format(folder=target), Qgis.MessageLevel.Success)

    def _can_keep(self) -> bool:
        problem = keeping.problem(self._outcome.profile, self.parts.weights())
        if problem:
            self._tell(problem, Qgis.MessageLevel.Warning)
        return not problem

    def save_profile(self) -> None:
        """Ask where, and save the weights as a scoring profile."""
        study = self.inputs.study.filePath()
        start = str(Path(study).parent / "eigen-gewichten.toml") if study else "eigen-gewichten.toml"
        target, _kind = QFileDialog.getSaveFileName(self, tr("Save as a scoring profile…"), start, "TOML (*.toml)")
        if target:
            self.keep_profile(target)

    def keep_profile(self, target: str) -> None:
        """Write the weights as they are now as a profile that a study can name."""
        if not self._can_keep():
            return
        path, problem = keeping.write_profile(self._outcome.profile, self.parts.weights(), Path(target))
        if problem:
            self._tell(problem, Qgis.MessageLevel.Critical)
            return
        said = tr('Saved: {path}\nIn a study.toml: [scoring] profile = "{name}"; in the toolbox: Scoring profile, own file.')
        self._tell(said.format(path=path, name=path.name), Qgis.MessageLevel.Success)

    def write_ranks(self) -> None:
        """Write the ranks under the weights as they are now into the layer of sites."""
        layer = self._sites_layer()
        if layer is None:
            self._tell(tr("The layer of sites is no longer in the project."), Qgis.MessageLevel.Warning)
            return
        self._tell(*keeping.ranks_written(layer, self._stand(self.model.sites, self.parts.weights())))

    def _tell(self, message: str, level: Qgis.MessageLevel) -> None:
        self.note.setText(message)
        self.iface.messageBar().pushMessage("Geowoonzorg", message.split("\n", maxsplit=1)[0], level)

    def close_down(self) -> None:
        """End a run that is going on, and listen to the project no more; called when the plugin is unloaded."""
        self.cancel()
        self._later.stop()
        for signal, slot in self._heard:
            with suppress(TypeError, RuntimeError):  # a project that QGIS has already put away
                signal.disconnect(slot)
        self.map.watch([], {})
