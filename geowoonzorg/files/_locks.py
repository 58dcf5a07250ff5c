"""Who is writing: locks that the operating system lets go of when their process ends."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from geowoonzorg.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK = ".geowoonzorg.lock"
_TRIES = 100


def try_lock(file: IO[bytes]) -> bool | None:
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


def hold(path: Path) -> IO[bytes] | None:
    """Open and lock a file, made where it is not there; None when another has it.

    Who locks a file that its last holder has just removed holds nothing: the next one makes another
    file of that name. So what was locked must still be what the name stands for. (Windows removes no
    file that is open.)
    """
    for _ in range(_TRIES):
        file = path.open("a+b")
        if try_lock(file) is False:
            break
        with suppress(FileNotFoundError):
            if os.name == "nt" or os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()
    file.close()
    return None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the operating system lets go when the process ends."""
    path = folder / _LOCK
    file = hold(path)
    if file is None:
        raise OutputError(
            "another run is writing in {folder}; wait for it or choose another folder",
            folder=folder,
        )
    try:
        yield
    finally:
        if os.name == "nt":  # an open file cannot be removed there, nor one that another has open
            file.close()
        with suppress(OSError):
            path.unlink()
        file.close()
