"""Where compiled loops are kept: in folders nobody else writes in, known by what made them and not by where it lay.

numba knows a loop by its file's path and content, so every environment compiles again, and a loop that calls another
is not compiled anew when that one changes. Here the name of the folder is a hash of all loops, numba and Python, and
that of a file a hash of the loop, the types it is for and the processor: all environments of the same versions share.
What is kept is unpickled, as numba does: so only from a folder that is ours alone, or lies with the code itself.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import pickle
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg._called_loops import from_parts, parts_of
from geowoonzorg._machine_code import is_tried, pack, processor, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
#: Called when a loop is looked for that is not kept.
_on_miss: list[Callable[[str, tuple[str, ...]], object]] = []


def call_on_miss(function: Callable[[str, tuple[str, ...]], object] | None) -> None:
    """Have something called before a loop is compiled that is not kept.

    Parameters
    ----------
    function
        What may compile loops in other processes, given the loop's name and the types of its arguments; it is
        looked for again after it. None for nothing.

    Examples
    --------
    >>> call_on_miss(None)
    """
    _on_miss[:] = [function] if function else []


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


@functools.cache
def _about() -> str:
    """Name what machine code depends on beside the loop: the processor, and what numba is told by its environment."""
    told = sorted(
        (name, value)
        for name, value in os.environ.items()
        if name.startswith("NUMBA_") and name != "NUMBA_CACHE_DIR"
    )
    asked = Path(".numba_config.yaml")
    return repr((processor(), told, asked.read_bytes() if asked.is_file() else b""))


def file_name(name: str, words: Iterable[str]) -> str:
    """Name the file in which a loop is kept, compiled for arguments of some types.

    Parameters
    ----------
    name
        Of the loop: module, colon, function. What is in it is known by the folder.
    words
        The type of each argument, as `words_of` says it.

    Returns
    -------
    str
        Without its ending: ``.code`` is what Python calls, ``.loop`` the same for numba, ``.called`` what other
        loops are compiled with.

    Examples
    --------
    >>> import pytest; llvmlite = pytest.importorskip("llvmlite")
    >>> file_name("walk:run", ["int64"]).partition("-")[0]
    'walk.run'
    """
    about = hashlib.sha256(repr((tuple(words), _about())).encode()).hexdigest()
    return f"{name.replace(':', '.')}-{about[:24]}"


def is_kept(name: str, words: Iterable[str], *, called: bool = False) -> bool:
    """Say whether a loop is kept compiled.

    Parameters
    ----------
    name, words
        As `file_name` takes them.
    called
        For the loops that call it, not for Python.

    Returns
    -------
    bool
        Whether it is; what is in the file is not looked at.

    Examples
    --------
    >>> import pytest; llvmlite = pytest.importorskip("llvmlite")
    >>> is_kept("walk:run", ["int64"])
    False
    """
    file = file_name(name, words) + (".called" if called else ".loop")
    return any((folder / file).is_file() for folder in folders())


def ready_loop(
    name: str, words: Sequence[str], function: Callable[..., Any]
) -> Callable[..., Any] | None:
    """Give a loop that is kept, ready to be called without numba.

    Parameters
    ----------
    name, words
        As `file_name` takes them.
    function
        What it is compiled from.

    Returns
    -------
    callable or None
        None where it is not kept, or needs numba.

    Examples
    --------
    >>> import pytest; llvmlite = pytest.importorskip("llvmlite")
    >>> ready_loop("walk:run", ["int64"], min)
    """
    file = f"{file_name(name, words)}.code"
    content = _read(file)
    if content is None and _on_miss:
        _on_miss[0](name, tuple(words))
        content = _read(file)
    if content is None or not is_tried():
        return None
    try:
        return unpack(content, function.__module__, function.__name__)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, numba has the other form or compiles it again
        return None


def is_first(command: str) -> bool:
    """Say whether a command is asked for the first time where its loops are kept, and remember that it was.

    Parameters
    ----------
    command
        Its name.

    Returns
    -------
    bool
        False also where numba is missing, and where nothing can be kept.

    Examples
    --------
    >>> is_first("an example"), is_first("an example")
    (..., False)
    """
    try:
        folder = own_folder()
    except ImportError:
        return False
    if folder is None:
        return False
    mark = folder / f"{command.replace(' ', '-')}.asked"
    if mark.exists() or any(beside.suffix == ".loop" for beside in _within(folder_beside())):
        return False
    with suppress(OSError):
        mark.touch()
    return True


def _within(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()


def keep_loops(dispatcher: Any, name: str, *, called: bool = False) -> None:  # noqa: ANN401 - numba's
    """Have a loop of this package kept here instead of where numba would.

    Parameters
    ----------
    dispatcher
        What numba made of the loop.
    name
        Of the loop: module, colon, function.
    called
        Whether it is compiled for the loops that call it, and not for Python.

    Examples
    --------
    >>> import pytest; numba = pytest.importorskip("numba")
    >>> keep_loops(numba.njit(lambda x: x), "walk:run")
    """
    dispatcher._cache = (_called_class() if called else _shelf_class())(name)  # noqa: SLF001 - as its enable_caching does


@functools.cache
def _shelf_class() -> Any:  # noqa: ANN401, C901 - numba is imported late
    from numba.core.caching import NullCache
    from numba.core.compiler import CompileResult
    from numba.core.serialize import dumps

    from geowoonzorg._argument_kinds import words_of_type

    class Shelf(NullCache):
        """What one function is compiled to."""

        ending = ".loop"

        def __init__(self, name: str) -> None:
            self._loop = name

        def _name(self, sig: Any) -> str:  # noqa: ANN401
            return file_name(self._loop, map(words_of_type, getattr(sig, "args", sig)))

        def load_overload(self, sig: Any, target_context: Any) -> object:  # noqa: ANN401
            content = _read(self._name(sig) + self.ending)
            if content is None:
                return None
            try:
                target_context.refresh()
                return self.made(target_context, pickle.loads(content))  # noqa: S301 - only what `folders` lets us read
            except Exception:  # noqa: BLE001 - whatever is wrong with it, it is compiled again
                return None

        def save_overload(self, sig: Any, data: Any) -> None:  # noqa: ANN401
            folder = writing_to()
            if folder is None or data.library.has_dynamic_globals or data.lifted:
                return
            path = folder / self._name(sig)
            with suppress(OSError):  # a full disk, a folder that is gone: next time again
                _write(path.with_name(path.name + self.ending), dumps(self.parts(data, path)))

        def made(self, target_context: Any, parts: Any) -> Any:  # noqa: ANN401
            return CompileResult._rebuild(target_context, *parts)  # noqa: SLF001

        def parts(self, data: Any, path: Path) -> Any:  # noqa: ANN401
            """Give what numba can be given back; what is called without numba is put beside it."""
            parts = data._reduce()  # noqa: SLF001
            _, kind, content = parts[0]
            code = pack(data, content[0]) if kind == "object" else None
            if code is not None:
                _write(path.with_name(f"{path.name}.code"), code)
            return parts

    return Shelf


@functools.cache
def _called_class() -> Any:  # noqa: ANN401 - numba is imported late
    class Called(_shelf_class()):  # type: ignore[misc]
        """What one function is compiled to for its callers."""

        ending = ".called"

        def made(self, target_context: Any, parts: Any) -> Any:  # noqa: ANN401
            return from_parts(target_context, parts)

        def parts(self, data: Any, path: Path) -> Any:  # noqa: ANN401, ARG002
            return parts_of(data)

    return Called


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
        _write(folder / ".trial", b"")
        (folder / ".trial").unlink()
    except OSError:
        return False
    return True


_for_all: list[bool] = []


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


def _read(name: str) -> bytes | None:
    """Read what is kept, None where it is not there or not whole."""
    for folder in folders():
        with suppress(OSError):
            content = (folder / name).read_bytes()
            if hashlib.sha256(content[_DIGEST:]).digest() == content[:_DIGEST]:
                return content[_DIGEST:]
    return None


def _write(path: Path, content: bytes) -> None:
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
