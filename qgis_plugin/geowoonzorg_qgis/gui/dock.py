"""The panel for who does not know the toolbox: choose, run, read the ranking, move a weight, export."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsExpression,
    QgsExpressionContextUtils,
    QgsMapLayerProxyModel,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsDockWidget, QgsFileWidget, QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableView,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .. import layouts, own_profile, ranking, results, settings
from ..study import FILES, FOLDER, MAP, REPORT
from ..texts import tr
from .tables import BarDelegate, PartsTable, RankingModel

# Variables of layers that the styles read.
RANKS_VARIABLE = "geowoonzorg_ranks"
SITE_VARIABLE = "geowoonzorg_site"
_OF_ONE_SITE = {"site_areas", "routes"}


class SitesDock(QgsDockWidget):
    """The panel."""

    def __init__(self, iface) -> None:
        super().__init__("Geowoonzorg", iface.mainWindow())
        self.setObjectName("geowoonzorg_dock")
        self.iface = iface
        self._task = None
        self._run_context = None
        self._run_feedback = None
        self._files: dict[str, str] = {}
        self._outcome = results.Outcome()
        self._sites_layer_id = ""
        self._of_site_ids: list[str] = []

        body = QWidget()
        body.setMinimumWidth(420)  # narrower, and the columns would hide each other
        layout = QVBoxLayout(body)
        layout.addWidget(self._make_inputs())
        layout.addLayout(self._make_run_row())
        self.note = QLabel()
        self.note.setWordWrap(True)
        layout.addWidget(self.note)

        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self._make_ranking())
        splitter.addWidget(self._make_parts())
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        layout.addWidget(splitter, 1)
        layout.addLayout(self._make_exports())
        self.setWidget(body)
        self._show_state()

    # --- the parts of the panel

    def _make_inputs(self) -> QTabWidget:
        self.inputs = QTabWidget()
        study = QWidget()
        form = QFormLayout(study)
        self.study = QgsFileWidget()
        self.study.setFilter("TOML (*.toml)")
        self.study.lineEdit().setPlaceholderText(tr("A study.toml; empty: the demo"))
        form.addRow(tr("Study"), self.study)
        self.inputs.addTab(study, tr("Study"))

        layers = QWidget()
        form = QFormLayout(layers)
        self.sites = QgsMapLayerComboBox()
        self.sites.setFilters(QgsMapLayerProxyModel.Filter.PointLayer | QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.sites.setAllowEmptyLayer(True)
        form.addRow(tr("Candidate sites"), self.sites)
        self.network = QgsFileWidget()
        self.network.lineEdit().setPlaceholderText(tr("OpenStreetMap file or saved network"))
        form.addRow(tr("Walking network"), self.network)
        self.areas = QgsFileWidget()
        self.areas.lineEdit().setPlaceholderText(tr("CBS Wijk- en buurtkaart; may be empty"))
        form.addRow(tr("Buurten"), self.areas)
        self.profile = QComboBox()
        for entry in settings.catalogue()["scoring"]:
            self.profile.addItem(entry["title"], entry["name"])
        form.addRow(tr("Profile"), self.profile)
        more = QPushButton(tr("All choices…"))
        more.clicked.connect(self.open_dialog)
        form.addRow("", more)
        self.inputs.addTab(layers, tr("Layers"))
        self.inputs.currentChanged.connect(self._fit_inputs)
        self._fit_inputs()
        return self.inputs

    def _fit_inputs(self, *_ignored) -> None:
        """Let the tabs take only the room that the one in front needs."""
        hint = self.inputs.currentWidget().layout().sizeHint().height()
        self.inputs.setMaximumHeight(hint + self.inputs.tabBar().sizeHint().height() + 8)

    def _make_run_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.run_button = QPushButton(tr("Run"))
        self.run_button.clicked.connect(self.run)
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.clicked.connect(self.cancel)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        row.addWidget(self.run_button)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel_button)
        return row

    def _make_ranking(self) -> QTableView:
        self.model = RankingModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setItemDelegateForColumn(RankingModel.SCORE, BarDelegate(self.table))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(RankingModel.NAME, QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().currentRowChanged.connect(self._show_current)
        self.table.clicked.connect(lambda _index: self.zoom_to_current())
        return self.table

    def _make_parts(self) -> QWidget:
        parts = QWidget()
        inside = QVBoxLayout(parts)
        inside.setContentsMargins(0, 0, 0, 0)
        top = QHBoxLayout()
        self.site_title = QLabel(tr("Click a site to take its score apart."))
        self.site_title.setWordWrap(True)
        top.addWidget(self.site_title, 1)
        self.restore = QPushButton(tr("Weights of the profile"))
        self.restore.setEnabled(False)
        top.addWidget(self.restore)
        inside.addLayout(top)
        self.parts = PartsTable()
        self.parts.weights_moved.connect(self._weights_moved)
        self.restore.clicked.connect(self.parts.restore_weights)
        inside.addWidget(self.parts)
        return parts

    def _make_exports(self) -> QVBoxLayout:
        self.exports_note = QLabel(tr("Map and report show the weights of the profile, not those moved here."))
        self.exports_note.setWordWrap(True)
        row = QHBoxLayout()
        self.exports = {}
        for name, title in ((MAP, tr("Map")), (REPORT, tr("Report"))):
            button = QToolButton()
            button.setText(title)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
            button.clicked.connect(lambda _checked=False, name=name: self.open_file(name))
            menu = QMenu(button)
            menu.addAction(tr("Open in the browser"), lambda name=name: self.open_file(name))
            menu.addAction(tr("Save as…"), lambda name=name: self.save_file(name))
            button.setMenu(menu)
            row.addWidget(button)
            self.exports[name] = button
        row.addStretch(1)
        self.keep = QToolButton()
        self.keep.setText(tr("Keep the weights"))
        self.keep.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.keep)
        menu.addAction(tr("Save as a scoring profile…"), self.save_profile)
        menu.addAction(tr("Write the ranks into the layer"), self.write_ranks)
        self.keep.setMenu(menu)
        row.addWidget(self.keep)
        column = QVBoxLayout()
        column.addWidget(self.exports_note)
        column.addLayout(row)
        return column

    # --- running

    def request(self) -> tuple[str, dict]:
        """Give the algorithm and parameters that the panel's choices mean."""
        sinks = dict.fromkeys((output.name for output in results.layers_to_load()), "TEMPORARY_OUTPUT")
        if self.inputs.currentIndex() == 0:
            study = self.study.filePath().strip()
            if not study:
                return "geowoonzorg:demo", {**sinks, FOLDER: "TEMPORARY_OUTPUT"}
            return "geowoonzorg:run_study", {"STUDY": study, **sinks, FOLDER: str(Path(study).parent / "out")}
        layer = self.sites.currentLayer()
        values = {
            "SITES": layer.id() if layer else None,
            "NETWORK": self.network.filePath().strip(),
            "AREAS": self.areas.filePath().strip(),
            "PROFILE": self.profile.currentData(),
        }
        return "geowoonzorg:score_sites", {**values, **sinks, FOLDER: "TEMPORARY_OUTPUT"}

    def run(self) -> None:
        """Run in the background; QGIS stays free."""
        name, values = self.request()
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(name)
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        fine, message = algorithm.checkParameterValues(values, context)
        if not fine:
            self._tell(message, Qgis.MessageLevel.Warning)
            return
        feedback = results.Listener()
        feedback.progressChanged.connect(lambda percent: self.bar.setValue(int(percent)))
        self._run_context, self._run_feedback = context, feedback
        self._task = QgsProcessingAlgRunnerTask(algorithm, values, context, feedback)
        self._task.executed.connect(self._executed)
        self.bar.setValue(0)
        self.note.setText(tr("Running…"))
        self._show_state()
        QgsApplication.taskManager().addTask(self._task)

    def cancel(self) -> None:
        """Stop the run."""
        if self._run_feedback is not None:
            self._run_feedback.cancel()

    def _executed(self, succeeded: bool, outputs: dict) -> None:
        context, feedback = self._run_context, self._run_feedback
        self._task = self._run_context = self._run_feedback = None
        if feedback.isCanceled():
            self.note.setText(tr("Cancelled; nothing was written."))
        elif not succeeded:
            self._tell("\n".join(feedback.errors) or tr("The run failed."), Qgis.MessageLevel.Critical)
        else:
            self.show_outputs(outputs, context)
        self._show_state()

    def show_outputs(self, outputs: dict, context: QgsProcessingContext) -> None:
        """Load the layers, and fill the tables from the sites."""
        self._files = {name: outputs[name] for name in FILES if outputs.get(name)}
        folder = Path(outputs[FOLDER])
        self._outcome = results.read_outcome(folder)
        for output in results.layers_to_load():
            layer = context.takeResultLayer(outputs.get(output.name, ""))
            if isinstance(layer, QgsVectorLayer):
                # The areas of all facilities together would hide the rest: one click away, not on top.
                results.load(layer, output, self._outcome.provenance, shown=output.layer != "service_areas")
                if output.layer in _OF_ONE_SITE:
                    self._of_site_ids.append(layer.id())
                if output.layer == "sites":
                    self._sites_layer_id = layer.id()
                    self.fill(layer)
                    self._zoom(layer)
        layouts.add_all(QgsProject.instance())

    def fill(self, layer: QgsVectorLayer) -> None:
        """Show the sites of a layer."""
        sites, weights = results.read_sites(layer, self._outcome)
        labels = {key: self._outcome.labels.get(key, key) for key in weights}
        standings = self._stand(sites, weights)
        self.parts.fill(labels, weights, self._outcome.sources)
        self.model.fill(sites, standings)
        self.note.setText(results.headline(sites, standings))
        if sites:
            self.table.selectRow(0)
        self._show_state()

    def _stand(self, sites: list[ranking.Site], weights: dict[str, float]) -> dict[str, ranking.Standing]:
        outcome = self._outcome
        return ranking.stand(
            sites, weights, least_known_share=outcome.least_known_share, best=outcome.best_values(), told=outcome.told()
        )

    # --- looking

    def current_site(self) -> ranking.Site | None:
        """Give the site of the selected row."""
        row = self.table.currentIndex().row()
        return self.model.sites[row] if 0 <= row < len(self.model.sites) else None

    def zoom_to_current(self) -> None:
        """Show the selected site on the map."""
        layer, site = self._sites_layer(), self.current_site()
        if layer is None or site is None:
            return
        canvas = self.iface.mapCanvas()
        extent = self._reach(site.ident)
        if extent is None:
            canvas.zoomToFeatureIds(layer, [site.feature_id])
            canvas.zoomScale(results.CLOSEST_SCALE)
        else:
            extent.scale(1.15)
            canvas.setExtent(extent)
            canvas.refresh()
        canvas.flashFeatureIds(layer, [site.feature_id])

    def _reach(self, ident: str) -> QgsRectangle | None:
        """Give the extent of what can be walked to from a site, in the map's reference system."""
        extent = QgsRectangle()
        for layer in filter(None, map(QgsProject.instance().mapLayer, self._of_site_ids)):
            if layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry:
                settings_ = self.iface.mapCanvas().mapSettings()
                for feature in layer.getFeatures(QgsExpression.createFieldEqualityExpression("site_id", ident)):
                    box = settings_.layerExtentToOutputExtent(layer, feature.geometry().boundingBox())
                    extent.combineExtentWith(box)
        return None if extent.isEmpty() else extent

    def _sites_layer(self) -> QgsVectorLayer | None:
        return QgsProject.instance().mapLayer(self._sites_layer_id)

    def _zoom(self, layer: QgsVectorLayer) -> None:
        canvas = self.iface.mapCanvas()
        if not QgsProject.instance().crs().isValid():
            QgsProject.instance().setCrs(layer.crs())
        extent = canvas.mapSettings().layerExtentToOutputExtent(layer, layer.extent())
        extent.scale(1.3)
        canvas.setExtent(extent)
        canvas.refresh()

    def _weights_moved(self) -> None:
        standings = self._stand(self.model.sites, self.parts.weights())
        self.model.move(standings, own_weights=self.parts.is_moved())
        self.note.setText(results.headline(self.model.sites, standings, own_weights=self.parts.is_moved()))
        self._show_current()
        self._show_state()
        if (layer := self._sites_layer()) is not None:
            ranks = {ident: standing.rank for ident, standing in standings.items()} if self.parts.is_moved() else {}
            QgsExpressionContextUtils.setLayerVariable(layer, RANKS_VARIABLE, json.dumps(ranks))
            layer.triggerRepaint()

    def _show_current(self, *_ignored) -> None:
        site = self.current_site()
        standing = self._stand(self.model.sites, self.parts.weights()).get(site.ident) if site else None
        reasons = self._outcome.reasons.get(site.ident, {}) if site else {}
        self.parts.show_site(site, standing, self._outcome.units, reasons)
        for layer in filter(None, map(QgsProject.instance().mapLayer, self._of_site_ids)):
            QgsExpressionContextUtils.setLayerVariable(layer, SITE_VARIABLE, site.ident if site else "")
            layer.triggerRepaint()
        if site is not None:
            title = tr("{name}: dropped out, {reason}") if site.knocked_out else tr("{name}: where its score comes from")
            self.site_title.setText(title.format(name=site.name, reason=site.reason))

    def _show_state(self) -> None:
        busy = self._task is not None
        self.run_button.setEnabled(not busy)
        self.cancel_button.setVisible(busy)
        self.bar.setVisible(busy)
        for name, button in self.exports.items():
            button.setEnabled(name in self._files)
        moved = self.parts.is_moved()
        self.restore.setEnabled(moved)
        self.keep.setEnabled(moved)
        self.exports_note.setVisible(moved and bool(self._files))

    # --- handing on

    def open_file(self, name: str) -> None:
        """Open map or report in the browser."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._files[name]))

    def save_file(self, name: str) -> None:
        """Save map or report elsewhere."""
        target, _kind = QFileDialog.getSaveFileName(self, tr("Save as…"), FILES[name], "HTML (*.html)")
        if target:
            self.export(name, target)

    def export(self, name: str, target: str) -> None:
        """Copy map or report."""
        try:
            shutil.copyfile(self._files[name], target)
        except OSError as error:
            self._tell(tr("The disk says: {reason}").format(reason=error), Qgis.MessageLevel.Critical)
        else:
            self._tell(tr("Saved: {path}").format(path=target), Qgis.MessageLevel.Success)

    def save_profile(self) -> None:
        """Ask where, and save the weights as a scoring profile."""
        start = str(Path(self.study.filePath() or "").parent / "eigen-gewichten.toml")
        target, _kind = QFileDialog.getSaveFileName(self, tr("Save as a scoring profile…"), start, "TOML (*.toml)")
        if target:
            self.keep_profile(target)

    def keep_profile(self, target: str) -> None:
        """Write the weights as they are now as a profile that a study can name."""
        if not self._outcome.profile:
            self._tell(tr("This run did not write down its whole profile; run it again first."), Qgis.MessageLevel.Warning)
            return
        weights = self.parts.weights()
        if not sum(weights.values()):
            self._tell(tr("All weights are 0, so there is nothing to keep."), Qgis.MessageLevel.Warning)
            return
        path = Path(target if target.lower().endswith(".toml") else f"{target}.toml")
        document = own_profile.with_weights(self._outcome.profile, weights, name=path.stem)
        try:
            path.write_text(own_profile.as_toml(document), encoding="utf-8")
        except OSError as error:
            self._tell(tr("The disk says: {reason}").format(reason=error), Qgis.MessageLevel.Critical)
            return
        said = tr('Saved: {path}\nIn a study.toml: [scoring] profile = "{name}"; in the toolbox: Scoring profile, own file.')
        self._tell(said.format(path=path, name=path.name), Qgis.MessageLevel.Success)

    def write_ranks(self) -> None:
        """Write the ranks under the weights as they are now into the layer of sites."""
        layer = self._sites_layer()
        if layer is None:
            self._tell(tr("The layer of sites is no longer in the project."), Qgis.MessageLevel.Warning)
            return
        problem = own_profile.write_ranks(layer, self._stand(self.model.sites, self.parts.weights()))
        if problem:
            self._tell(problem, Qgis.MessageLevel.Critical)
        else:
            said = tr("Written into {layer}: {rank} and {score}.")
            said = said.format(layer=layer.name(), rank=own_profile.RANK, score=own_profile.SCORE)
            self._tell(said, Qgis.MessageLevel.Success)

    def open_dialog(self) -> None:
        """Open the toolbox's dialog, which has every choice."""
        from processing import execAlgorithmDialog

        _name, values = self.request()
        execAlgorithmDialog("geowoonzorg:score_sites", values if "SITES" in values else {})

    def _tell(self, message: str, level: Qgis.MessageLevel) -> None:
        self.note.setText(message)
        self.iface.messageBar().pushMessage("Geowoonzorg", message.split("\n", maxsplit=1)[0], level)

    def close_down(self) -> None:
        """End a run that is going on; called when the plugin is unloaded."""
        self.cancel()
