"""Stages: the hidden folders that outputs are made in, gone when their process is."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from geowoonzorg.files._locks import hold, try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPORARY = ".geowoonzorg-tmp-"
# What a stage holds: the lock of who makes the outputs, the new files, the old ones until all new ones
# are in place, and what is to go where.
_HELD, NEW, OLD, JOURNAL = "lock", "new", "old", "placing.json"
_TRIES = 100


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a hidden folder to make outputs in, locked while its process lives and then removed."""
    for _ in range(_TRIES):
        stage = folder / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
        stage.mkdir()
        file = None
        with suppress(FileNotFoundError):  # who cleans up took it for a dead one
            file = hold(stage / _HELD)
        if file is not None:
            break
    else:
        raise OSError(errno.EAGAIN, "another program removes what is made there")
    try:
        (stage / NEW).mkdir()
        yield stage
    finally:
        file.close()
        if not (stage / JOURNAL).exists():  # else the next run finishes what this one could not
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
    >>> from pathlib import Path
    >>> remove_leftovers(Path("no such folder"))
    0
    """
    return sum(_remove_dead(path) for path in folder.glob(f"{TEMPORARY}*"))


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
        locked = try_lock(file)
        if locked is False or (locked is None and _is_alive(path)) or (path / JOURNAL).exists():
            return False
        if os.name != "nt":
            shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)
    return True


def _is_alive(path: Path) -> bool:
    """Tell by its number whether the process of a leftover lives, where no lock can tell it."""
    owner = path.name.removeprefix(TEMPORARY).split("-")[0]
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


def remove_folder(folder: Path) -> None:
    """Remove a folder of ours at once for whoever looks, so that a kill never leaves half of it.

    Parameters
    ----------
    folder
        The folder; it need not be there.

    Examples
    --------
    >>> from pathlib import Path
    >>> remove_folder(Path("no such folder"))
    """
    hidden = folder.parent / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
    with suppress(FileNotFoundError):
        folder.replace(hidden)
        shutil.rmtree(hidden, ignore_errors=True)
