"""Putting outputs in place: a file or a folder of files at once or not at all, the old kept until then."""

from __future__ import annotations

import errno
import glob
import os
import secrets
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geowoonzorg.errors import GeowoonzorgError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TEMPORARY = ".geowoonzorg-tmp-"
_LOCK = ".geowoonzorg.lock"


def _output_error(path: Path, error: OSError) -> OutputError:
    cures = {
        errno.ENOSPC: "the disk is full; free some space",
        errno.EACCES: "no permission to write there; choose another folder",
        errno.EPERM: "no permission to write there; choose another folder",
        errno.EROFS: "the folder is read-only; choose another",
        errno.EFBIG: "the file would be larger than allowed there",
        errno.ENOENT: "the folder does not exist; make it first",
    }
    what = cures.get(error.errno or 0, error.strerror or str(error))
    return OutputError(f"{path} could not be written: {what}; the old file, if any, is unchanged")


def remove_leftovers(folder: Path) -> int:
    """Remove temporary files that a killed run left in a folder.

    Parameters
    ----------
    folder
        Where outputs are written.

    Returns
    -------
    int
        How many were removed. Those of a process that still lives are left alone.

    Examples
    --------
    >>> remove_leftovers(Path("no such folder"))
    0
    """
    removed = 0
    for path in folder.glob(f"{_TEMPORARY}*"):
        owner = path.name.removeprefix(_TEMPORARY).split("-")[0]
        if owner.isdigit() and _is_alive(int(owner)):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed += 1
    return removed


def _is_alive(process: int) -> bool:
    if os.name == "nt":  # signal 0 would end the process there
        return process != os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _temporary(folder: Path, name: str) -> Path:
    return folder / f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}-{name}"


def write_file(path: str | Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a temporary file beside ``path``, then put it in its place at once."""
    target = Path(path)
    temporary = _temporary(target.parent, target.name)
    try:
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        remove_leftovers(target.parent)
        _refuse_open_database(target)
        fill(temporary)
        _sync(temporary)
        temporary.replace(target)
    except OutputError:
        raise
    except OSError as error:
        raise _output_error(target, error) from error
    finally:
        for extra in temporary.parent.glob(f"{glob.escape(temporary.name)}*"):
            extra.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _refuse_open_database(path: Path) -> None:
    """Refuse to replace an open GeoPackage: its last changes are still in a file beside it."""
    if Path(f"{path}-wal").exists() or Path(f"{path}-journal").exists():
        msg = f"{path} is open in another program (QGIS?); remove the layer there or choose another name"
        raise OutputError(msg)


@contextmanager
def output_folder(folder: str | Path) -> Iterator[Path]:
    """Give a folder to write several files in, which appear together when all are done.

    Parameters
    ----------
    folder
        The output folder; it is made where it does not exist, but not its parents.

    Yields
    ------
    pathlib.Path
        An empty temporary folder. What is in it when the block ends takes the place of the files
        of the same names in ``folder``; when the block raises, nothing there changes.

    Raises
    ------
    OutputError
        When the folder cannot be made or written, when another run is writing in it, or when one
        of its files is open in another program.

    Examples
    --------
    >>> with output_folder("no/such/parent/out") as stage:
    ...     pass
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/parent/out could not be written: the folder does not ...
    """
    target = Path(folder)
    stage = _temporary(target, "stage")
    made = not target.exists()
    with ExitStack() as cleanup:
        with _told(target):
            target.mkdir(exist_ok=True)
            if made:
                cleanup.callback(_remove_empty, target)
            cleanup.enter_context(_lock(target))
            remove_leftovers(target)
            cleanup.callback(shutil.rmtree, stage, ignore_errors=True)
            stage.mkdir()
        try:
            yield stage
        except OutputError as error:  # people know the folder, not where it is made ready
            raise OutputError(str(error).replace(str(stage), str(target))) from error
        with _told(target):
            _move_all(stage, target)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """Turn what the operating system says about a folder into what its user can do."""
    try:
        yield
    except GeowoonzorgError:  # some are an OSError, too, and say more than we can
        raise
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(f"{target} is a file, not a folder; choose another name") from error
    except OSError as error:
        raise _output_error(target, error) from error


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _move_all(stage: Path, target: Path) -> None:
    """Move all staged files into place; when one fails, put the old ones back."""
    files = sorted(p for p in stage.iterdir() if p.is_file())
    for file in files:
        _refuse_open_database(target / file.name)
        _sync(file)
    backup = stage / "old"
    backup.mkdir()
    moved: list[Path] = []
    try:
        for file in files:
            old = target / file.name
            if old.exists():
                os.link(old, backup / file.name) if hasattr(os, "link") else shutil.copy2(
                    old, backup / file.name
                )
            file.replace(old)
            moved.append(old)
    except BaseException:
        for path in moved:
            kept = backup / path.name
            if kept.exists():
                kept.replace(path)
            else:
                path.unlink(missing_ok=True)
        raise


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the operating system lets go when the process ends."""
    path = folder / _LOCK
    with path.open("a+b") as file:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = f"another run is writing in {folder}; wait for it or choose another folder"
            raise OutputError(msg) from error
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
