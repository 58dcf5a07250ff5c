"""An engine that stays: started when first asked, one for a QGIS window, ended with it, and never waited for.

It is ``geowoonzorg warm STUDY`` in another interpreter, which reads a study once and then answers JSON lines.
"""

from __future__ import annotations

import collections
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from qgis.PyQt.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTimer, pyqtSignal

from . import engine, settings
from .texts import tr

PROTOCOL = 1
LONGEST_ANSWER = 64 << 20  # bytes; the engine bounds its tables, so more is no answer
OFF, STARTING, READING, READY = "off", "starting", "reading", "ready"
_LAST_WORDS = 20
_CHANGED = "changed"  # the engine's code for a file that is no longer what it read


class _Asked(NamedTuple):
    """A request that waits for its answer."""

    make: Callable[[], dict]
    answered: Callable[[dict], None]
    failed: Callable[[str], None]
    is_second: bool = False


class WarmEngine(QObject):
    """The process, what is asked of it, and how it is with it."""

    changed = pyqtSignal(str)
    said = pyqtSignal(float, str)
    failed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = OFF
        self.about: dict = {}
        self._study = ""
        self._process: QProcess | None = None
        self._leaving: list[QProcess] = []
        self._waiting: list[_Asked] = []
        self._sent: dict[int, _Asked] = {}
        self._number = 0
        self._held = b""
        self._last: collections.deque[str] = collections.deque(maxlen=_LAST_WORDS)
        self._handshake = QTimer(self)
        self._handshake.setSingleShot(True)
        self._handshake.timeout.connect(self._nobody_there)
        QCoreApplication.instance().aboutToQuit.connect(self.end)

    def use(self, study: str) -> None:
        """Choose the study; another one ends the engine of the one before, the next question starts its own."""
        if study != self._study:
            self.let_go()
            self._study = study

    def is_busy(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._waiting or self._sent)

    def ask(self, make: Callable[[], dict], answered: Callable[[dict], None], failed: Callable[[str], None]) -> None:
        """Ask something, starting the engine if it is not there; returns at once.

        ``make`` gives the request when the engine is ready, and may then raise an ``EngineError``.
        """
        self._waiting.append(_Asked(make, answered, failed))
        if self.state == READY:
            self._send_waiting()
        elif self.state == OFF:
            self._start()

    def _start(self) -> None:
        choice = engine.candidate()
        if choice is None:
            self._give_up(engine.missing_message())
            return
        if not Path(choice.python).exists():
            said = tr("{origin} names an interpreter that is not there: {python}.").format(**choice._asdict())
            self._give_up(said + "\n" + engine.missing_message())
            return
        self._held, self.about = b"", {}
        self._last.clear()
        process = self._process = QProcess(self)
        environment = QProcessEnvironment()
        for name, value in engine.clean_environment().items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        line = engine.command(choice.python, ["warm", self._study, "--lang", settings.language()])
        process.setProgram(line[0])
        process.setArguments(line[1:])
        process.readyReadStandardOutput.connect(self._hear)
        process.readyReadStandardError.connect(self._hear_log)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._not_started)
        self._handshake.start(int(1000 * engine.HANDSHAKE_S))
        self._be(STARTING)
        process.start()

    # --- hearing

    def _hear(self) -> None:
        process = self._process
        if process is None:
            return
        self._held += bytes(process.readAllStandardOutput())
        *lines, self._held = self._held.split(b"\n")
        for raw in lines:
            said = _parse(raw)
            if said is not None:
                self._take(said)
            if self._process is not process:  # what it said ended it
                return
        if len(self._held) > LONGEST_ANSWER:
            self._give_up(tr("The engine's answer is too long; it was stopped."))

    def _take(self, said: dict) -> None:
        if isinstance(said.get("hello"), dict):
            self._greet(said["hello"])
        elif self.state == STARTING:
            self._give_up(tr("What answers is no geowoonzorg engine of this plugin's kind; install the one beside its zip."))
        elif isinstance(said.get("progress"), dict):
            fraction = said["progress"].get("fraction")
            self.said.emit(
                float(fraction) if isinstance(fraction, (int, float)) else 0.0, str(said["progress"].get("message", ""))
            )
        elif isinstance(said.get("ready"), dict):
            self.about = said["ready"]
            self._be(READY)
            self._send_waiting()
        elif "id" in said:
            self._answer(said)
        elif isinstance(said.get("error"), dict):  # it cannot go on, and says why
            self._give_up(in_words(said["error"]))

    def _greet(self, hello: dict) -> None:
        """See that it is of the plugin's own version, before anything is asked of it."""
        self._handshake.stop()
        choice = engine.candidate() or engine.Candidate("?", "?")
        version = str(hello.get("version", ""))
        try:
            engine.check_version(version, choice)
        except engine.EngineError as error:
            self._give_up(str(error))
            return
        if hello.get("program") != "geowoonzorg" or hello.get("protocol") != PROTOCOL:
            self._give_up(tr("What answers is no geowoonzorg engine of this plugin's kind; install the one beside its zip."))
            return
        self._be(READING)

    def _answer(self, said: dict) -> None:
        asked = self._sent.get(said["id"]) if isinstance(said["id"], int) else None
        if asked is None:
            return
        error = said.get("error")
        if isinstance(error, dict) and error.get("code") == _CHANGED and not asked.is_second:
            self._read_again()
            return
        try:
            if isinstance(error, dict):
                asked.failed(in_words(error))
            else:
                answer = said.get("answer")
                asked.answered(answer if isinstance(answer, dict) else {})
        finally:
            self._sent.pop(said["id"], None)
            self.changed.emit(self.state)

    def _read_again(self) -> None:
        """Start anew, as files have changed, and ask everything once more."""
        self._waiting = [one._replace(is_second=True) for one in self._sent.values()] + self._waiting
        self._sent = {}
        self._leave()
        self._be(OFF)
        self._start()

    def _hear_log(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError()).decode("utf-8", "replace")
            self._last.extend(line for line in text.splitlines() if line.strip())

    def _send_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for asked in waiting:
            try:
                request = asked.make()
            except engine.EngineError as error:
                asked.failed(str(error))
                continue
            self._number += 1
            self._sent[self._number] = asked
            line = json.dumps({**request, "id": self._number}) + "\n"
            self._process.write(line.encode())
        self.changed.emit(self.state)

    # --- ending

    def _nobody_there(self) -> None:
        choice = engine.candidate() or engine.Candidate("?", "?")
        said = tr("{python} ({origin}) does not answer within {seconds:.0f} seconds.")
        self._give_up(said.format(seconds=engine.HANDSHAKE_S, **choice._asdict()))

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            said = tr("{python} cannot be started: {reason}.")
            self._give_up(said.format(python=self._process.program(), reason=self._process.errorString()))

    def _ended(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        """Say why it ended, as nobody asked it to."""
        self._hear()  # it may have said why
        if self._process is None:
            return
        self._hear_log()
        last = self._last[-1][:300] if self._last else tr("nothing")
        if status == QProcess.ExitStatus.CrashExit or exit_code < 0:
            said = tr(
                "The engine was ended from outside or crashed; this happens when the memory is full. "
                "Close other programs, or take a smaller study; your next question starts it again. Its last words: {last}"
            ).format(last=last)
        else:
            said = tr("The engine ended by itself (code {code}); your next question starts it again. Its last words: {last}")
            said = said.format(code=exit_code, last=last)
        self._give_up(said)

    def _give_up(self, message: str) -> None:
        """End the process, and tell everybody who waits, once each, and whoever listens."""
        self._leave()
        waiting = [*self._sent.values(), *self._waiting]
        self._sent, self._waiting = {}, []
        self._be(OFF)
        for asked in waiting:
            asked.failed(message)
        self.failed.emit(message)

    def let_go(self) -> None:
        """End the process without waiting for it; what was asked stays unanswered."""
        self._sent, self._waiting = {}, []
        self._leave()
        self._be(OFF)

    def _leave(self) -> None:
        """Ask the process to end, and see to it that it does."""
        self._handshake.stop()
        process, self._process = self._process, None
        if process is None:
            return
        for signal in (process.readyReadStandardOutput, process.readyReadStandardError, process.finished, process.errorOccurred):
            signal.disconnect()
        if process.state() == QProcess.ProcessState.NotRunning:
            process.deleteLater()
            return
        self._leaving.append(process)
        process.finished.connect(lambda *_: self._left(process))
        process.closeWriteChannel()
        process.terminate()
        QTimer.singleShot(int(1000 * engine.GRACE_S), lambda: self._kill(process))

    def _left(self, process: QProcess) -> None:
        if process in self._leaving:
            self._leaving.remove(process)
            process.deleteLater()

    def _kill(self, process: QProcess) -> None:
        if process in self._leaving:
            process.kill()

    def end(self) -> None:
        """End the process and wait until it is gone: QGIS closes, or the plugin goes."""
        self.let_go()
        for process in list(self._leaving):
            if not process.waitForFinished(int(1000 * engine.GRACE_S)):
                process.kill()
                process.waitForFinished(1000)
        self._leaving.clear()

    def _be(self, state: str) -> None:
        self.state = state
        self.changed.emit(state)


def _parse(raw: bytes) -> dict | None:
    """Read one line of the engine; None for anything else it may print."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def in_words(error: dict) -> str:
    """Give an error of the engine as a sentence: what is wrong, and what to do."""
    parts = [str(error.get(name) or "").rstrip(".") for name in ("what", "cure")]
    said = "; ".join(part for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}."
