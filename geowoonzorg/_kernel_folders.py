"""The folders in which compiled loops are kept, and how they are read and written: only those nobody else writes in.

The name of a folder is a hash of all loops, numba and Python: all environments of the same versions share one.
What lies in it will be unpickled: so it is read only from a folder that is ours alone, or lies with the code itself.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_PACKAGE: Final = Path(__file__).resolve().parent
#: Every file with a loop in it, and what they are compiled by.
_SOURCES: Final = (
    "_jit.py", "_called_loops.py", "walk/kernels/*.py", "osm/_kernels.py", "osm/_varints.py", "choosing/gains.py",
    "choosing/_branching.py",
)  # fmt: skip
#: How a file is laid out; a higher number when that changes.
_FORM: Final = 2
#: Folders of other versions that stay; the oldest beyond them go.
_OTHERS: Final = 5
_DIGEST: Final = hashlib.sha256().digest_size
_for_all: list[bool] = []


@functools.cache
def made_by() -> str:
    """Name all that compiled loops depend on, but the processor.

    Returns
    -------
    str
        A hash of the sources of the loops and of the versions of Python, numba, llvmlite and numpy.

    Examples
    --------
    >>> len(made_by())
    16
    """
    known = hashlib.sha256(repr((_FORM, sys.version)).encode())
    for name in ("numba", "llvmlite", "numpy"):
        known.update(_version_of(name))
    for pattern in _SOURCES:
        for path in sorted(_PACKAGE.glob(pattern)):
            known.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode() + path.read_bytes())
    return known.hexdigest()[:16]


def _version_of(name: str) -> bytes:
    """Give what tells a library's version, without importing it: that of numba takes a third of a second."""
    spec = importlib.util.find_spec(name)
    for place in (spec.submodule_search_locations if spec else None) or ():
        for file in ("_version.py", "version.py"):
            if (path := Path(place, file)).is_file():
                return path.read_bytes()
    from importlib.metadata import version

    return version(name).encode()


def folder_beside() -> Path:
    """Give the folder that lies with the code: what is compiled for all users of an installation.

    Returns
    -------
    pathlib.Path
        It need not exist.

    Examples
    --------
    >>> folder_beside().parent.name
    '__pycache__'
    """
    return _PACKAGE / "__pycache__" / f"kernels-{made_by()}"


def own_folder() -> Path | None:
    """Give the folder in which this user's compiled loops are kept.

    Returns
    -------
    pathlib.Path or None
        In ``NUMBA_CACHE_DIR`` where that is set, else in the user's cache folder; it exists. None where it cannot be
        made, or where others could write in it.

    Examples
    --------
    >>> own_folder() == own_folder()
    True
    """
    return _made(os.environ.get("NUMBA_CACHE_DIR", ""))


@functools.cache
def _made(asked: str) -> Path | None:
    import platformdirs  # knows where each system keeps caches

    above = Path(asked) if asked else Path(platformdirs.user_cache_dir("geowoonzorg"))
    folder = above.absolute() / "kernels" / made_by()
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
            _leave_few(folder)
    except OSError:
        return None
    return folder if is_ours_alone(folder) else None


def is_ours_alone(folder: Path) -> bool:
    """Say whether nobody else can put anything in a folder, nor another folder in its place.

    Parameters
    ----------
    folder
        An existing folder.

    Returns
    -------
    bool
        Whether it and all that it lies in belong to this user or the system, and are closed to others for writing or
        let nobody take away another's (as ``/tmp``). On Windows always: a user's own folders are closed there.

    Examples
    --------
    >>> is_ours_alone(Path.home()) in (True, False)
    True
    """
    if not hasattr(os, "getuid"):
        return True
    here = folder.resolve()
    for place in (here, *here.parents):
        about = place.stat()
        open_to_all = about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if about.st_uid not in {os.getuid(), 0}:
            return False
        if open_to_all and (place == here or not about.st_mode & stat.S_ISVTX):
            return False
    return True


def _leave_few(folder: Path) -> None:
    """Take away what the oldest other versions left."""
    others = [path for path in folder.parent.iterdir() if path != folder and path.is_dir()]
    for path in sorted(others, key=lambda path: path.stat().st_mtime)[:-_OTHERS]:
        shutil.rmtree(path, ignore_errors=True)


def files_in(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()


def can_keep(folder: Path) -> bool:
    """Say whether a file can be put in a folder; it is made where it is not there.

    Parameters
    ----------
    folder
        As `own_folder` and `folder_beside` give it.

    Returns
    -------
    bool
        Whether it can.

    Examples
    --------
    >>> can_keep(own_folder())
    True
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_kept(folder / ".trial", b"")
        (folder / ".trial").unlink()
    except OSError:
        return False
    return True


def write_for_all() -> None:
    """Keep what this process compiles with the code, for all users, instead of for this user alone."""
    _for_all[:] = [True]


def writing_to() -> Path | None:
    """Give the folder that what is compiled is kept in.

    Returns
    -------
    pathlib.Path or None
        None where nothing can be kept.

    Examples
    --------
    >>> writing_to() in (own_folder(), folder_beside())
    True
    """
    return folder_beside() if _for_all else own_folder()


def folders() -> list[Path]:
    """Give the folders in which is looked for compiled loops.

    Returns
    -------
    list of pathlib.Path
        First this user's, then the one that lies with the code.

    Examples
    --------
    >>> folder_beside() in folders()
    True
    """
    own = own_folder()
    return [*([own] if own else []), folder_beside()]


def read_kept(name: str) -> bytes | None:
    """Read what is kept, None where it is not there or not whole."""
    for folder in folders():
        with suppress(OSError):
            content = (folder / name).read_bytes()
            if hashlib.sha256(content[_DIGEST:]).digest() == content[:_DIGEST]:
                return content[_DIGEST:]
    return None


def write_kept(path: Path, content: bytes) -> None:
    """Write all or nothing: another process may read it now."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        if _for_all:
            Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
