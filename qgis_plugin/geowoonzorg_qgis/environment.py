"""The environment the plugin manages: a Python of its own for the engine, made only when the user asks.

The engine comes from the wheel that lies beside the plugin's zip, and only if it is the very wheel that was made with
this plugin: nobody vouches for what a package index may hold under the engine's name, so no index is asked for it. What
the engine needs comes from the same folder or from the index that pip is set to use, each file known by its hash.

It lies outside QGIS's profile, so that an office's roaming profile does not carry it along, and nothing of it is
ever put on QGIS's own search path. A file ``ready`` is written last: without it the environment is broken.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QStandardPaths

from . import engine, settings
from .texts import FOLDER, tr

MINIMUM_PYTHON = (3, 11)
PINS = FOLDER / "pins.txt"
ENGINE = FOLDER / "engine.txt"  # written into the zip: which wheel goes with this plugin, and its hash
Report = Callable[[float | None, str], None]


def folder() -> Path:
    """Give the environment's place, which carries the plugin's version: another version is another environment."""
    local = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(local) / "geowoonzorg_qgis" / f"engine-{settings.plugin_version()}"


def python_path() -> Path:
    """Give the environment's interpreter."""
    return folder() / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def is_ready() -> bool:
    """Whether the environment was made to the end."""
    return (folder() / "ready").is_file() and python_path().exists()


def is_broken() -> bool:
    """Whether something is there that was not made to the end, or lost its interpreter."""
    return folder().exists() and not is_ready()


def base_python() -> str:
    """Find an interpreter that can make environments and is new enough for the engine.

    Raises
    ------
    EngineError
        There is none; the text names what was looked at.
    """
    looked_at = []
    for path in _bases():
        if path in looked_at or not Path(path).is_file():
            continue
        looked_at.append(path)
        line = [path, "-I", "-c", "import ensurepip, sys, venv; print(*sys.version_info[:2])"]
        try:
            answer = subprocess.run(  # noqa: S603 - an interpreter that is there, no shell
                line,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=engine.clean_environment(),
                timeout=engine.HANDSHAKE_S,
                check=False,
                **engine.window_flags(),
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        version = answer.stdout.split()[-2:]  # a site's own start-up may have said something before
        if answer.returncode == 0 and all(part.isdigit() for part in version) and tuple(map(int, version)) >= MINIMUM_PYTHON:
            return path
    message = tr(
        "No Python {minimum} or newer that can make an environment was found (looked at: {paths}). "
        "Install one (Windows: python.org; Debian and Ubuntu: apt install python3-venv) and try again."
    )
    raise engine.EngineError(message.format(minimum=".".join(map(str, MINIMUM_PYTHON)), paths=", ".join(looked_at) or "-"))


def _bases() -> list[str]:
    # On Windows and macOS sys.executable is QGIS itself: its Python lies beside it, or in its prefix.
    names = ["python.exe", "python3.exe"] if sys.platform == "win32" else ["bin/python3", "bin/python"]
    found = [str(Path(sys.base_exec_prefix) / name) for name in names]
    if Path(sys.executable).name.lower().startswith("python"):
        found.insert(0, sys.executable)
    elif sys.platform == "darwin":
        found.insert(0, str(Path(sys.executable).parent / "bin" / "python3"))
    names = ("python3.13", "python3.12", "python3.11", "python3", "python")
    return [*found, *filter(None, map(shutil.which, names))]


def release_folder() -> str:
    """Give the folder where this plugin's engine lies: the office's setting, else that of the last plugin from a zip."""
    zipped = str(QgsSettings().value("app/plugin_installer/lastZipDirectory", "") or "")
    there = (folder for folder in (settings.get("release"), zipped) if folder and (Path(folder) / engine.wheel_name()).is_file())
    return next(there, "")


def expected() -> tuple[str, str]:
    """Give the name and the SHA-256 of the wheel that was made with this plugin.

    Raises
    ------
    EngineError
        The plugin runs from its sources, and knows of no wheel.
    """
    try:
        name, _, digest = ENGINE.read_text(encoding="utf-8").strip().partition(" --hash=sha256:")
    except OSError as error:
        message = tr(
            "This plugin runs from its sources, so no engine was made with it. Make both with: python qgis_plugin/build.py, "
            "and install the zip; or choose a Python that has the engine."
        )
        raise engine.EngineError(message) from error
    return name, digest


def read_wheel(release: str) -> tuple[str, bytes]:
    """Read the engine's wheel from the folder in which the plugin's zip lay.

    Raises
    ------
    EngineError
        It is not there, or is another than the one that was made with this plugin.
    """
    name, digest = expected()
    path = Path(release) / name
    try:
        wheel = path.read_bytes() if release else b""
    except OSError:
        wheel = b""
    if not wheel:
        message = tr(
            "The engine lies beside the plugin's zip, as {wheel}. Choose the folder where they lie together"
            "; it is not in: {folder}."
        )
        raise engine.EngineError(message.format(wheel=name, folder=release or "-"))
    if hashlib.sha256(wheel).hexdigest() != digest:
        message = tr(
            "{wheel} in {folder} is not the engine that was made with this plugin, and was not installed. "
            "Take zip and wheel from the same release."
        )
        raise engine.EngineError(message.format(wheel=name, folder=release))
    return name, wheel


def create(*, release: str, report: Report, cancelled: Callable[[], bool]) -> None:
    """Make the environment, in place of what may be there.

    Parameters
    ----------
    release
        The folder in which the plugin's zip lay, with the engine's wheel. Where the wheels of what the engine needs
        lie there too, nothing is downloaded; else they come from the package index that pip is set to use, so a
        proxy or an office's own index is honoured.
    report, cancelled
        As for ``engine.run``.

    Raises
    ------
    EngineError
        No wheel or another one, no fit Python, no room, no permission, or pip failed; what was made so far is removed.
    """
    name, wheel = read_wheel(release)
    base = base_python()
    where = folder()
    try:
        remove()
        where.parent.mkdir(parents=True, exist_ok=True)
        report(0.02, tr("Making an environment in {folder}").format(folder=where))
        _step([base, "-I", "-m", "venv", str(where)], report=report, cancelled=cancelled)
        _install_needs(release, report=report, cancelled=cancelled)
        # What was checked is what is installed: the folder may be on a network, where others write.
        copy = where / name
        copy.write_bytes(wheel)
        _step(_pip("--no-index", "--no-deps", str(copy)), report=report, cancelled=cancelled)
        copy.unlink()
        report(0.97, tr("Trying the engine"))
        choice = engine.Candidate(str(python_path()), tr("the plugin's own environment"))
        version = engine.ask_version(choice)
        engine.check_version(version, choice)
        (where / "ready").write_text(version, encoding="utf-8")
    except OSError as error:
        _discard(where)
        message = tr("The environment could not be made in {folder}: {reason}.")
        raise engine.EngineError(message.format(folder=where, reason=error.strerror or error)) from error
    except BaseException:
        _discard(where)
        raise
    engine.forget_found()
    report(1.0, tr("The engine, version {version}, is ready.").format(version=version))


def remove() -> None:
    """Remove the environment, and those of other versions of the plugin."""
    home = folder().parent
    engine.forget_found()
    if home.is_dir():
        shutil.rmtree(home)


def _discard(where: Path) -> None:
    shutil.rmtree(where, ignore_errors=True)
    if where.parent.is_dir() and not any(where.parent.iterdir()):
        where.parent.rmdir()


def _pip(*arguments: str) -> list[str]:
    line = [str(python_path()), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    return [*line, "--progress-bar=off", "--only-binary=:all:", "--no-cache-dir", *arguments]


def _install_needs(release: str, *, report: Report, cancelled: Callable[[], bool]) -> None:
    """Install what the engine needs: exactly the pinned files, whoever hands them out."""
    others = [path for path in Path(release).glob("*.whl") if not path.name.startswith("geowoonzorg-")]
    source = ["--no-index", f"--find-links={release}"] if others else []
    pinned = sum(1 for pin in PINS.read_text(encoding="utf-8").splitlines() if "==" in pin)
    seen: set[str] = set()

    def follow(_fraction: float | None, message: str) -> None:
        if match := re.match(r"(?:Collecting|Processing) (\S+)", message):
            seen.add(match[1])
        report(0.1 + 0.8 * min(1.0, len(seen) / (pinned + 1)), message[:300])

    line = _pip("--require-hashes", "--no-deps", *source, f"--requirement={PINS}")
    _step(line, report=follow, cancelled=cancelled)


def _step(line: list[str], *, report: Report, cancelled: Callable[[], bool]) -> None:
    try:
        engine.listen(line, report=report, cancelled=cancelled, json_lines=False)
    except engine.EngineCancelledError:
        raise
    except engine.EngineError as error:
        shown = " ".join(f'"{part}"' if " " in part else part for part in line)
        message = tr("A step of the installation failed: {command}\n{reason}").format(command=shown, reason=error)
        raise engine.EngineError(message) from error


def size_mb() -> float:
    """Give what the environment takes on disk, in megabytes."""
    total = 0
    for root, _folders, files in os.walk(folder()):
        total += sum(Path(root, name).lstat().st_size for name in files)
    return total / 1e6
