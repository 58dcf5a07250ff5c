"""What a disk does with outputs: its errors as what their user can do, and the wait until it has them."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from geowoonzorg.errors import GeowoonzorgError, OutputError
from geowoonzorg.files._paths import reason_of
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def output_error(path: Path, error: OSError) -> OutputError:
    """Say what keeps a file or folder from being written, and what to do."""
    full = tell("the disk is full; free some space")
    forbidden = tell("no permission to write there; choose another folder")
    cures = {
        errno.ENOSPC: full,
        errno.EDQUOT: tell("your share of the disk is full; free some space"),
        errno.EACCES: forbidden,
        errno.EPERM: forbidden,
        errno.EROFS: tell("the folder is read-only; choose another"),
        errno.EFBIG: tell("the file would be larger than allowed there"),
        errno.ENOENT: tell("the folder does not exist; make it first"),
    }
    return OutputError(
        "{file} could not be written: {why}; the old file, if any, is unchanged",
        file=path,
        why=cures.get(error.errno or 0) or reason_of(error),
    )


@contextmanager
def told_of_folder(target: Path) -> Iterator[None]:
    """Turn what the operating system says about a folder into what its user can do."""
    try:
        yield
    except GeowoonzorgError:  # some are an OSError, too, and say more than we can
        raise
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(
            "{folder} is a file, not a folder; choose another name", folder=target
        ) from error
    except OSError as error:
        raise output_error(target, error) from error


def sync(path: Path) -> None:
    """Wait until a file is on disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk, too, where the system can be asked for that."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
