"""A folder of outputs: all the new files at once, or else all the old ones."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geowoonzorg.errors import OutputError
from geowoonzorg.files._disk import sync, sync_folder, told_of_folder
from geowoonzorg.files._journal import finish_killed, keep, settle, write_journal
from geowoonzorg.files._locks import locked
from geowoonzorg.files._replacing import refuse_open_database
from geowoonzorg.files._stages import NEW, OLD, remove_folder, remove_leftovers, staged
from geowoonzorg.messages import renamed

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with output_folder(folder) as stage:
    ...         _ = (stage / "scores.csv").write_text("id")
    ...     [path.name for path in Path(folder).iterdir()]
    ['scores.csv']
    >>> with output_folder("no/such/parent/out") as stage:
    ...     pass
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/parent/out could not be written: the folder does not ...
    """
    target = Path(folder)
    made = not target.exists()
    with ExitStack() as cleanup:
        with told_of_folder(target):
            target.mkdir(exist_ok=True)
            if made:
                cleanup.callback(_remove_empty, target)
            cleanup.enter_context(locked(target))
            finish_killed(target)
            remove_leftovers(target)
            stage = cleanup.enter_context(staged(target)) / NEW
        try:
            yield stage
        except OutputError as error:  # people know the folder, not where it is made ready
            raise _named_in(target, stage, error) from error
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
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, output_folder(folder) as stage:
    ...     _ = (stage / "scores.csv").write_text("id")
    ...     place(stage)
    ...     (Path(folder) / "scores.csv").exists()
    True
    """
    whole, target = stage.parent, stage.parent.parent
    with told_of_folder(target):
        names = sorted(p.name for p in stage.iterdir() if p.is_file())
        there = [n for n in names if os.path.lexists(target / n)]
        if there and not replace:
            raise OutputError(
                "{folder} holds {files} already; move them away, or choose another folder",
                folder=target,
                files=", ".join(there),
            )
        if not names:
            return
        for name in names:
            refuse_open_database(target / name)
            sync(stage / name)
        shutil.rmtree(whole / OLD, ignore_errors=True)
        (whole / OLD).mkdir()
        for name in there:
            keep(target / name, whole / OLD / name)
        sync_folder(stage)
        write_journal(whole, {"new": names, "old": there, "back": False})
        settle(whole, target)


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
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, output_folder(folder) as stage:
    ...     _ = (stage / "scores.csv").write_text("id")
    ...     draft = set_aside(stage, "unfinished")
    ...     draft.name, [path.name for path in draft.iterdir()]
    ('unfinished', ['scores.csv'])
    """
    whole, target = stage.parent, stage.parent.parent
    with told_of_folder(target):
        draft = whole / name
        draft.mkdir()
        for file in stage.iterdir():
            sync(file)
            keep(file, draft / file.name)
        sync_folder(draft)
        remove_folder(target / name)
        draft.replace(target / name)
        sync_folder(target)
    return target / name


def _named_in(target: Path, stage: Path, error: OutputError) -> OutputError:
    """Make the same error about a file in the output folder instead of where it is made ready."""
    return OutputError(renamed(error.message, str(stage), str(target)))


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
