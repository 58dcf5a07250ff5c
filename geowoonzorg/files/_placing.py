"""Putting outputs in place: a file or a folder of files at once or not at all, the old kept until then."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from geowoonzorg.errors import GeowoonzorgError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TEMPORARY = ".geowoonzorg-tmp-"
_LOCK = ".geowoonzorg.lock"
# What a stage, the hidden folder that outputs are made in, holds: the lock of who makes them, the
# new files, the old ones until all new ones are in place, and what is to go where.
_HELD, _NEW, _OLD, _JOURNAL = "lock", "new", "old", "placing.json"
_TRIES = 100


def _output_error(path: Path, error: OSError) -> OutputError:
    cures = {
        errno.ENOSPC: "the disk is full; free some space",
        errno.EDQUOT: "your share of the disk is full; free some space",
        errno.EACCES: "no permission to write there; choose another folder",
        errno.EPERM: "no permission to write there; choose another folder",
        errno.EROFS: "the folder is read-only; choose another",
        errno.EFBIG: "the file would be larger than allowed there",
        errno.ENOENT: "the folder does not exist; make it first",
    }
    what = cures.get(error.errno or 0, error.strerror or str(error))
    return OutputError(f"{path} could not be written: {what}; the old file, if any, is unchanged")


# --- who is writing -----------------------------------------------------------------------------


def _try_lock(file: IO[bytes]) -> bool | None:
    """Lock an open file until it is closed or its process ends; None where a disk knows no locks."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held = {errno.EAGAIN, errno.EACCES, errno.EDEADLK, errno.EWOULDBLOCK}
        return False if error.errno in held else None
    return True


def _hold(path: Path) -> IO[bytes] | None:
    """Open and lock a file, made where it is not there; None when another has it.

    Who locks a file that its last holder has just removed holds nothing: the next one makes another
    file of that name. So what was locked must still be what the name stands for. (Windows removes no
    file that is open.)
    """
    for _ in range(_TRIES):
        file = path.open("a+b")
        if _try_lock(file) is False:
            break
        with suppress(FileNotFoundError):
            if os.name == "nt" or os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()
    file.close()
    return None


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the operating system lets go when the process ends."""
    path = folder / _LOCK
    file = _hold(path)
    if file is None:
        msg = f"another run is writing in {folder}; wait for it or choose another folder"
        raise OutputError(msg)
    try:
        yield
    finally:
        if os.name == "nt":  # an open file cannot be removed there, nor one that another has open
            file.close()
        with suppress(OSError):
            path.unlink()
        file.close()


@contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    """Give a hidden folder to make outputs in, locked while its process lives and then removed."""
    for _ in range(_TRIES):
        stage = folder / f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
        stage.mkdir()
        file = None
        with suppress(FileNotFoundError):  # who cleans up took it for a dead one
            file = _hold(stage / _HELD)
        if file is not None:
            break
    else:
        raise OSError(errno.EAGAIN, "another program removes what is made there")
    try:
        (stage / _NEW).mkdir()
        yield stage
    finally:
        file.close()
        if not (stage / _JOURNAL).exists():  # else the next run finishes what this one could not
            shutil.rmtree(stage, ignore_errors=True)


def remove_leftovers(folder: Path) -> int:
    """Remove what a killed run left in a folder.

    Parameters
    ----------
    folder
        Where outputs are written.

    Returns
    -------
    int
        How many were removed. Those of a process that still lives are left alone, and so is what
        was being put in place when its run was killed: the next `output_folder` finishes that.

    Examples
    --------
    >>> remove_leftovers(Path("no such folder"))
    0
    """
    return sum(_remove_dead(path) for path in folder.glob(f"{_TEMPORARY}*"))


def _remove_dead(path: Path) -> bool:
    if not path.is_dir() or path.is_symlink():  # of an earlier version of this program
        dead = not _is_alive(path)
        if dead:
            path.unlink(missing_ok=True)
        return dead
    try:
        file = (path / _HELD).open("a+b")
    except OSError:  # it went in the meantime, or is not for us to remove
        return False
    with file:
        locked = _try_lock(file)
        if locked is False or (locked is None and _is_alive(path)) or (path / _JOURNAL).exists():
            return False
        if os.name != "nt":
            shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)
    return True


def _is_alive(path: Path) -> bool:
    """Tell by its number whether the process of a leftover lives, where no lock can tell it."""
    owner = path.name.removeprefix(_TEMPORARY).split("-")[0]
    if not owner.isdigit():
        return False
    if os.name == "nt":  # signal 0 would end the process there
        return int(owner) != os.getpid()
    try:
        os.kill(int(owner), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


# --- one file -----------------------------------------------------------------------------------


def write_file(path: str | Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a temporary file of the same name, then put it in its place at once."""
    target = Path(path)
    try:
        with _file_stage(target.parent) as stage:
            refuse_open_database(target)
            temporary = stage / _NEW / target.name
            fill(temporary)
            _sync(temporary)
            temporary.replace(target)
    except OutputError:
        raise
    except OSError as error:
        raise _output_error(target, error) from error


def check_writable(path: str | Path) -> None:
    """Find out before the work whether a file could be written after it.

    Parameters
    ----------
    path
        The file; it is not touched.

    Raises
    ------
    OutputError
        When nothing can be written in its folder, or it is open in another program.

    Examples
    --------
    >>> check_writable("no/such/folder/a.gpkg")
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/a.gpkg could not be written: the folder does not ...
    """
    refuse_open_database(Path(path))
    try:
        with _file_stage(Path(path).parent):
            pass
    except OSError as error:
        raise _output_error(Path(path), error) from error


@contextmanager
def _file_stage(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    remove_leftovers(folder)
    with _stage(folder) as stage:
        yield stage


def _sync(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk, too, where the system can be asked for that."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def refuse_open_database(path: Path) -> None:
    """Refuse to replace an open GeoPackage: its last changes are still in a file beside it.

    Parameters
    ----------
    path
        A file that would be replaced.

    Raises
    ------
    OutputError
        When another program has it open.

    Examples
    --------
    >>> refuse_open_database(Path("no/such/file.gpkg"))
    """
    if Path(f"{path}-wal").exists() or Path(f"{path}-journal").exists():
        msg = f"{path} is open in another program (QGIS?); remove the layer there or choose another name"
        raise OutputError(msg)


# --- a folder of files --------------------------------------------------------------------------


@contextmanager
def output_folder(folder: str | Path, *, replace: bool = True) -> Iterator[Path]:
    """Give a folder to write several files in, which appear together when all are done.

    Parameters
    ----------
    folder
        The output folder; it is made where it does not exist, but not its parents.
    replace
        Whether files of the same names may be replaced.

    Yields
    ------
    pathlib.Path
        An empty temporary folder. What is in it when the block ends takes the place of the files
        of the same names in ``folder``; when the block raises, nothing there changes. Nothing
        staged is a trial: it finds out what would keep files from being written.

    Raises
    ------
    OutputError
        When the folder cannot be made or written, when another run is writing in it, when one
        of its files is open in another program, or is there and may not be replaced.

    Notes
    -----
    Before the first file moves, a journal says what goes where. A run that is killed between two
    moves leaves it behind with all that is needed, and the next one brings it to its end.

    Examples
    --------
    >>> with output_folder("no/such/parent/out") as stage:
    ...     pass
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/parent/out could not be written: the folder does not ...
    """
    target = Path(folder)
    made = not target.exists()
    with ExitStack() as cleanup:
        with _told(target):
            target.mkdir(exist_ok=True)
            if made:
                cleanup.callback(_remove_empty, target)
            cleanup.enter_context(_lock(target))
            _finish_killed(target)
            remove_leftovers(target)
            stage = cleanup.enter_context(_stage(target)) / _NEW
        try:
            yield stage
        except OutputError as error:  # people know the folder, not where it is made ready
            raise OutputError(str(error).replace(str(stage), str(target))) from error
        place(stage, replace=replace)


def place(stage: Path, *, replace: bool = True) -> None:
    """Put what is staged so far in its place; `output_folder` does so at its end.

    Parameters
    ----------
    stage
        What `output_folder` gave.
    replace
        Whether files of the same names may be replaced.

    Raises
    ------
    OutputError
        When it cannot; then all old files are there.

    Examples
    --------
    >>> with output_folder("out") as stage:  # doctest: +SKIP
    ...     write_text(stage / "scores.csv", "id")
    ...     place(stage)
    """
    whole, target = stage.parent, stage.parent.parent
    with _told(target):
        names = sorted(p.name for p in stage.iterdir() if p.is_file())
        there = [n for n in names if os.path.lexists(target / n)]
        if there and not replace:
            msg = f"{target} holds {', '.join(there)} already; move them away, or choose another folder"
            raise OutputError(msg)
        if not names:
            return
        for name in names:
            refuse_open_database(target / name)
            _sync(stage / name)
        shutil.rmtree(whole / _OLD, ignore_errors=True)
        (whole / _OLD).mkdir()
        for name in there:
            _keep(target / name, whole / _OLD / name)
        _sync_folder(stage)
        _write_journal(whole, {"new": names, "old": there, "back": False})
        _settle(whole, target)


def set_aside(stage: Path, name: str) -> Path:
    """Have what is staged so far in a folder of its own as well, beside what it will replace.

    Parameters
    ----------
    stage
        What `output_folder` gave.
    name
        Of that folder in the output folder; one that is there is replaced.

    Returns
    -------
    pathlib.Path
        The folder, to be removed when all is in its place.

    Raises
    ------
    OutputError
        When it cannot be made.

    Examples
    --------
    >>> with output_folder("out") as stage:  # doctest: +SKIP
    ...     write_text(stage / "scores.csv", "id")
    ...     set_aside(stage, "unfinished")
    """
    whole, target = stage.parent, stage.parent.parent
    with _told(target):
        draft = whole / name
        draft.mkdir()
        for file in stage.iterdir():
            _sync(file)
            _keep(file, draft / file.name)
        _sync_folder(draft)
        remove_folder(target / name)
        draft.replace(target / name)
        _sync_folder(target)
    return target / name


def remove_folder(folder: Path) -> None:
    """Remove a folder of ours at once for whoever looks, so that a kill never leaves half of it.

    Parameters
    ----------
    folder
        The folder; it need not be there.

    Examples
    --------
    >>> remove_folder(Path("no such folder"))
    """
    hidden = folder.parent / f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
    with suppress(FileNotFoundError):
        folder.replace(hidden)
        shutil.rmtree(hidden, ignore_errors=True)


def _keep(path: Path, copy: Path) -> None:
    """Keep an old file under a second name, or as a copy on a disk that has no second names."""
    try:
        os.link(path, copy, follow_symlinks=False)
    except (OSError, AttributeError, NotImplementedError):
        shutil.copy2(path, copy, follow_symlinks=False)


def _write_journal(stage: Path, plan: dict[str, Any]) -> None:
    draft = stage / f"{_JOURNAL}.draft"
    draft.write_text(json.dumps(plan), encoding="utf-8")
    _sync(draft)
    draft.replace(stage / _JOURNAL)
    _sync_folder(stage)


def _settle(stage: Path, target: Path) -> None:
    """Bring a placing that has begun to its end: all the new files, or else all the old ones.

    It may be killed at any moment and begun again: what is done is not there to be done twice.
    """
    plan = json.loads((stage / _JOURNAL).read_text(encoding="utf-8"))
    plan = {k: v if k == "back" else [n for n in v if Path(n).name == n] for k, v in plan.items()}
    if plan["back"]:
        _put_back(stage, target, plan)
    else:
        try:
            for name in plan["new"]:
                if (stage / _NEW / name).exists():
                    (stage / _NEW / name).replace(target / name)
            _sync_folder(target)
        except BaseException:
            _write_journal(stage, {**plan, "back": True})
            _put_back(stage, target, plan)
            (stage / _JOURNAL).unlink()
            raise
    (stage / _JOURNAL).unlink()


def _put_back(stage: Path, target: Path, plan: dict[str, Any]) -> None:
    for name in plan["new"]:
        if name not in plan["old"]:
            (target / name).unlink(missing_ok=True)
    for name in plan["old"]:
        if os.path.lexists(stage / _OLD / name):
            (stage / _OLD / name).replace(target / name)
    _sync_folder(target)


def _finish_killed(target: Path) -> None:
    """Finish what a killed run was putting in place; who holds the folder's lock may do so."""
    for stage in target.glob(f"{_TEMPORARY}*"):
        if (stage / _JOURNAL).is_file() and not stage.is_symlink():
            _settle(stage, target)
            shutil.rmtree(stage, ignore_errors=True)


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
