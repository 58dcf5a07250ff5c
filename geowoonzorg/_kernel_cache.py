"""Which compiled loops are kept and how they come back: to Python without numba, to numba for loops that call them.

numba knows a loop by its file's path and content, so every environment compiles again, and a loop that calls another
is not compiled anew when that one changes. Here a file is known by a hash of the loop, the types it is for and the
processor, in a folder that is known by all that loops are made of.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geowoonzorg._called_loops import from_parts, parts_of
from geowoonzorg._kernel_folders import (
    files_in,
    folder_beside,
    folders,
    own_folder,
    read_kept,
    write_kept,
    writing_to,
)
from geowoonzorg._machine_code import is_tried, pack, processor, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
    content = read_kept(file)
    if content is None and _on_miss:
        _on_miss[0](name, tuple(words))
        content = read_kept(file)
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
    if mark.exists() or any(beside.suffix == ".loop" for beside in files_in(folder_beside())):
        return False
    with suppress(OSError):
        mark.touch()
    return True


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
            content = read_kept(self._name(sig) + self.ending)
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
                write_kept(path.with_name(path.name + self.ending), dumps(self.parts(data, path)))

        def made(self, target_context: Any, parts: Any) -> Any:  # noqa: ANN401
            return CompileResult._rebuild(target_context, *parts)  # noqa: SLF001

        def parts(self, data: Any, path: Path) -> Any:  # noqa: ANN401
            """Give what numba can be given back; what is called without numba is put beside it."""
            parts = data._reduce()  # noqa: SLF001
            _, kind, content = parts[0]
            code = None
            if kind == "object" and is_tried():
                with suppress(
                    Exception
                ):  # a part of numba's that is not there: numba calls it itself
                    code = pack(data, content[0])
            if code is not None:
                write_kept(path.with_name(f"{path.name}.code"), code)
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
