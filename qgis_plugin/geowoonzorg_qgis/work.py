"""Long work beside the user interface: QGIS's task manager, with a message when it fails."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsApplication, QgsTask
from qgis.PyQt.QtCore import pyqtSignal

from .engine import EngineCancelledError, EngineError
from .texts import tr


class Work(QgsTask):
    """Runs a function that takes ``report`` and ``cancelled`` in a thread of QGIS's."""

    said = pyqtSignal(str)
    ended = pyqtSignal(bool, str)

    def __init__(self, title: str, function: Callable) -> None:
        super().__init__(title, QgsTask.Flag.CanCancel)
        self._function = function
        self._message = ""

    def run(self) -> bool:
        """Do the work; called in another thread."""
        try:
            answer = self._function(report=self._report, cancelled=self.isCanceled)
        except EngineCancelledError:
            self._message = tr("Cancelled.")
            return False
        except EngineError as error:
            self._message = str(error)
            return False
        except OSError as error:
            self._message = tr("The disk says: {reason}").format(reason=error)
            return False
        self._message = "" if answer is None else str(answer)
        return True

    def finished(self, succeeded: bool) -> None:
        """Tell how it ended; called in the main thread."""
        self.ended.emit(succeeded, self._message)

    def _report(self, fraction: float | None, message: str) -> None:
        if fraction is not None:
            self.setProgress(100 * fraction)
        if message:
            self.said.emit(message)


def start(title: str, function: Callable) -> Work:
    """Start work; the caller keeps what is returned until it has ended."""
    work = Work(title, function)
    QgsApplication.taskManager().addTask(work)
    return work
