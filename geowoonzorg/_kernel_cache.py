"""Where compiled loops are kept: in folders nobody else writes in, known by what made them and not by where it lay.

numba knows a loop by its file's path and content, so every environment compiles again, and a loop that calls another
is not compiled anew when that one changes. Here the name of the folder is a hash of all loops, numba and Python, and
that of a file a hash of the loop, the types it is for and the processor: all environments of the same versions share.
What is kept is unpickled, as numba does: so only from a folder that is ours alone, or lies with the code itself.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKAGE: Final = Path(__file__).resolve().parent
#: Every file with a loop in it, and what they are compiled by.
_SOURCES: Final = (
    "_jit.py", "walk/kernels/*.py", "osm/_kernels.py", "osm/_varints.py", "choosing/gains.py",
    "choosing/_branching.py",
)  # fmt: skip
#: How a file is laid out; a higher number when that changes.
_FORM: Final = 1
#: Folders of other versions that stay; the oldest beyond them go.
_OTHERS: Final = 5
#: What code may ask for by name: of Python, of numba's own C and its counting of arrays, of C, and of LLVM.
_READY: Final = (
    "Py", "_Py", "numba_", "NRT_", "llvm.", "mem", "hypot", "atan2", "fmod", "sqrt", "floor", "ceil", "sin",
    "cos", "pow",
)  # fmt: skip
_DIGEST: Final = hashlib.sha256().digest_size
#: Called once, when a loop is looked for that is not kept.
_on_miss: list[Callable[[], object]] = []


def call_on_miss(function: Callable[[], object] | None) -> None:
    """Have something called, once, before the first loop is compiled that is not kept.

    Parameters
    ----------
    function
        What may compile loops in other processes; they are looked for again after it. None for nothing.

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
    import llvmlite
    import numba
    import numpy as np

    versions = _FORM, sys.version, numba.__version__, llvmlite.__version__, np.__version__
    known = hashlib.sha256(repr(versions).encode())
    for pattern in _SOURCES:
        for path in sorted(_PACKAGE.glob(pattern)):
            known.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode() + path.read_bytes())
    return known.hexdigest()[:16]


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


def keep_loops(dispatcher: Any) -> None:  # noqa: ANN401 - numba's
    """Have a loop of this package kept here instead of where numba would.

    Parameters
    ----------
    dispatcher
        What numba made of the loop.

    Examples
    --------
    >>> from geowoonzorg._jit import COMPILED
    >>> from geowoonzorg.walk.kernels.search import search
    >>> COMPILED and type(search._cache).__name__ or "Shelf"
    'Shelf'
    """
    dispatcher._cache = _shelf_class()(dispatcher.py_func)  # noqa: SLF001 - as its enable_caching does


def _settings() -> tuple[str, ...]:
    """Give the settings of numba that change the code it makes."""
    from numba.core import config

    return tuple(
        map(str, (config.OPT, config.BOUNDSCHECK, config.LOOP_VECTORIZE, config.SLP_VECTORIZE))
    )


def _is_plain(library: Any) -> bool:  # noqa: ANN401 - numba's
    """Say whether machine code asks for nothing but what numba has ready before it loads all that it can compile."""
    functions = library._final_module.functions  # noqa: SLF001
    asked = (function.name for function in functions if function.is_declaration)
    return all(name.startswith(_READY) for name in asked)


def _ready(target_context: Any, *, plain: bool) -> None:  # noqa: ANN401 - numba's
    """Make numba ready for kept machine code; for plain code that takes a tenth of getting it ready to compile."""
    from numba.core.runtime import rtsys

    if plain:
        rtsys.initialize(target_context)
    else:
        target_context.refresh()


@functools.cache
def _shelf_class() -> Any:  # noqa: ANN401 - numba is imported late
    from numba.core.caching import NullCache
    from numba.core.compiler import CompileResult
    from numba.core.serialize import dumps

    class Shelf(NullCache):
        """The compiled loops of one function."""

        def __init__(self, function: Any) -> None:  # noqa: ANN401
            module = function.__module__.removeprefix("geowoonzorg.")
            self._name = f"{module}.{function.__qualname__}"
            self._code = hashlib.sha256(function.__code__.co_code).hexdigest()

        def file_name(self, sig: object, codegen: Any) -> str:  # noqa: ANN401
            about = repr((str(sig), codegen.magic_tuple(), self._code, _settings()))
            return f"{self._name}-{hashlib.sha256(about.encode()).hexdigest()[:24]}.loop"

        def is_kept(self, sig: object, target_context: Any) -> bool:  # noqa: ANN401
            name = self.file_name(sig, target_context.codegen())
            return any((folder / name).is_file() for folder in folders())

        def load_overload(self, sig: object, target_context: Any) -> object:  # noqa: ANN401
            name = self.file_name(sig, target_context.codegen())
            content = _read(name)
            if content is None and _on_miss:
                _on_miss.pop()()
                content = _read(name)
            if content is None:
                return None
            try:
                plain, parts = pickle.loads(content)  # noqa: S301 - only what `folders` lets us read
                _ready(target_context, plain=plain)
                return CompileResult._rebuild(target_context, *parts)  # noqa: SLF001
            except Exception:  # noqa: BLE001 - whatever is wrong with it, it is compiled again
                return None

        def save_overload(self, sig: object, data: Any) -> None:  # noqa: ANN401
            folder = writing_to()
            if folder is None or data.library.has_dynamic_globals or data.lifted:
                return
            content = dumps((_is_plain(data.library), data._reduce()))  # noqa: SLF001
            with suppress(OSError):  # a full disk, a folder that is gone: next time again
                _write(folder / self.file_name(sig, data.codegen), content)

    return Shelf


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
