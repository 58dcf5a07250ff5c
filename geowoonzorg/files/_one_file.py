"""One output: the whole new file, or else the whole old one."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geowoonzorg.errors import OutputError
from geowoonzorg.files._disk import output_error, sync
from geowoonzorg.files._replacing import refuse_open_database
from geowoonzorg.files._stages import NEW, remove_leftovers, staged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def write_file(path: str | Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a temporary file of the same name, then put it in its place at once."""
    target = Path(path)
    try:
        with _file_stage(target.parent) as stage:
            refuse_open_database(target)
            temporary = stage / NEW / target.name
            fill(temporary)
            sync(temporary)
            temporary.replace(target)
    except OutputError:
        raise
    except OSError as error:
        raise output_error(target, error) from error


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
        raise output_error(Path(path), error) from error


@contextmanager
def _file_stage(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    remove_leftovers(folder)
    with staged(folder) as stage:
        yield stage
