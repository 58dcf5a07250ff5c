"""The panel's button: runs an algorithm in the background, says each step, and can be stopped."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication, QgsProcessingAlgRunnerTask, QgsProcessingContext, QgsProject
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from .. import results
from ..texts import tr

_STEPS_SHOWN = 30


class RunRow(QWidget):
    """Run, Cancel, a bar, and which step it is at."""

    done = pyqtSignal(dict)
    failed = pyqtSignal(str)
    cancelled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task: QgsProcessingAlgRunnerTask | None = None
        self._context = self._feedback = None
        self._steps: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        self.run_button = QPushButton(tr("Run"))
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.clicked.connect(self.cancel)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setMinimumWidth(60)
        row.addWidget(self.run_button)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel_button)
        column.addLayout(row)
        self.step = QLabel()
        self.step.setWordWrap(True)
        column.addWidget(self.step)
        self._show_state()

    def start(self, name: str, values: dict[str, Any]) -> str:
        """Start a run; give what is wrong with the choices, empty where nothing is."""
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(name)
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        fine, message = algorithm.checkParameterValues(values, context)
        if not fine:
            return message
        feedback = results.Listener()
        feedback.progressChanged.connect(self._show_progress)
        feedback.said.connect(self.hear)
        self._context, self._feedback = context, feedback
        self.task = QgsProcessingAlgRunnerTask(algorithm, values, context, feedback)
        self.task.executed.connect(self._executed)
        self.bar.setValue(0)
        self._steps = []
        self.step.setText(tr("Running…"))
        self.step.setToolTip("")
        self._show_state()
        QgsApplication.taskManager().addTask(self.task)
        return ""

    def cancel(self) -> None:
        """Stop the run."""
        if self._feedback is not None:
            self._feedback.cancel()

    def hear(self, text: str) -> None:
        """Show a step, with those before it as tool tip."""
        if self.task is None or (self._steps and self._steps[-1] == text):
            return
        self._steps.append(text)
        self.step.setText(tr("Step {number}: {text}").format(number=len(self._steps), text=text))
        self.step.setToolTip("\n".join(self._steps[-_STEPS_SHOWN:]))

    def _show_progress(self, percent: float) -> None:
        self.bar.setValue(int(percent))

    def _executed(self, succeeded: bool, outputs: dict) -> None:
        feedback = self._feedback
        self.task = self._context = self._feedback = None
        self._show_state()
        if feedback.isCanceled():
            self.cancelled.emit()
        elif not succeeded:
            self.failed.emit("\n".join(feedback.errors) or tr("The run failed."))
        else:
            self.done.emit(outputs)

    def _show_state(self) -> None:
        busy = self.task is not None
        self.run_button.setEnabled(not busy)
        for part in (self.cancel_button, self.bar, self.step):
            part.setVisible(busy)
