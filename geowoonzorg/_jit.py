"""What compiles the loops: the only place that knows numba, and the parts of it that are not documented.

Where numba is missing the loops run as plain Python. Where one of its inner parts is missing or has changed,
the loops are compiled without what that part was for: nothing else depends on them. A loop that is kept compiled
is called without loading numba at all.
"""

from __future__ import annotations

import functools
import importlib.util
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from geowoonzorg._argument_kinds import kind_of, words_of
from geowoonzorg._kernel_cache import keep_loops, ready_loop
from geowoonzorg.progress import tell_compiling

if TYPE_CHECKING:
    from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., object])
A = TypeVar("A", bound="NDArray[Any]")

#: Whether loops are compiled.
COMPILED: Final = importlib.util.find_spec("numba") is not None


def kernel(function: F) -> F:
    """Compile a loop without the GIL, and keep the machine code on disk between sessions.

    Parameters
    ----------
    function
        A loop over arrays.

    Returns
    -------
    callable
        The loop, which is compiled when it is first called; the same function where numba is missing. Where no
        folder can be written it is compiled again in every session.

    Examples
    --------
    >>> @kernel
    ... def add(a, b):
    ...     return a + b
    >>> add(1, 2)
    3
    """
    return Loop(function) if COMPILED else function  # type: ignore[return-value]


def bare_kernel(function: F) -> F:
    """Compile a small loop that makes no arrays and is called millions of times.

    Parameters
    ----------
    function
        A loop over arrays.

    Returns
    -------
    callable
        As `kernel`, without counting who uses which array.

    Examples
    --------
    >>> @bare_kernel
    ... def first(array):
    ...     return array[0]
    >>> import numpy as np
    >>> int(first(np.array([7])))
    7
    """
    return Loop(function, bare=True) if COMPILED else function  # type: ignore[return-value]


class Loop:
    """A loop that is compiled for the types of its arguments when it is first called with such.

    Parameters
    ----------
    function
        A loop over arrays.
    bare
        Compile it without counting who uses which array.
    """

    def __init__(self, function: Callable[..., Any], *, bare: bool = False) -> None:
        functools.update_wrapper(self, function)
        self.function, self._bare = function, bare
        module, ours, rest = function.__module__.partition("geowoonzorg.")
        self._name = f"{rest}:{function.__qualname__}" if ours and not module else ""
        self._ways_in: dict[Any, Callable[..., Any]] = {}

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - the loop's own
        """Run it."""
        kinds = kind_of(arguments)
        way_in = self._ways_in.get(kinds)
        if way_in is None:
            with _LOCK:
                way_in = self._ways_in.get(kinds) or self._find(arguments)
                self._ways_in[kinds] = way_in
        return way_in(*arguments)

    def _find(self, arguments: tuple[Any, ...]) -> Callable[..., Any]:
        words = [words_of(argument) for argument in arguments]
        if self._name and None not in words:
            ready = ready_loop(self._name, list(map(str, words)), self.function)
            if ready is not None:
                return ready
        return self.compiled

    @functools.cached_property
    def compiled(self) -> Any:  # noqa: ANN401 - numba's
        """What numba makes of it, to be called from Python."""
        with _LOCK:
            return _compile(self.function, self._name, bare=self._bare)

    @functools.cached_property
    def called(self) -> Any:  # noqa: ANN401 - numba's
        """What numba makes of it, to be called from other loops."""
        with _LOCK, suppress(Exception):
            return _compile_called(self.function, self._name, bare=self._bare)
        return self.compiled


_LOCK: Final = threading.RLock()


class _Prefetch:
    """What asks memory for an item of an array before it is needed: made when the first loop is compiled."""

    def __call__(self, array: object, index: object) -> None:
        """Do nothing: whoever waits for memory waits."""

    @functools.cached_property
    def called(self) -> Any:  # noqa: ANN401 - numba's
        """What numba makes of it."""
        with suppress(Exception):
            return _make_prefetch()
        from numba import njit

        return njit(nogil=True)(lambda array, index: None)  # noqa: ARG005


prefetch: Callable[[Any, Any], None] = _Prefetch()


def unchangeable(array: A) -> A:
    """Give an array as one that is not written to, so that a loop is not compiled once more for one that could be.

    Parameters
    ----------
    array
        Any.

    Returns
    -------
    numpy.ndarray
        The same values.

    Examples
    --------
    >>> import numpy as np
    >>> unchangeable(np.zeros(2)).flags.writeable
    False
    """
    view = array.view()
    view.flags.writeable = False
    return view


def _compile(function: Callable[..., Any], name: str, *, bare: bool) -> Any:  # noqa: ANN401 - numba's
    try:
        from numba import njit
    except ImportError:  # it is there but broken
        return function
    _hear_compiler()
    options = _options_of(bare=bare)
    theirs = _with_compiled_callees(function)
    if name:
        with suppress(Exception):
            compiled = njit(nogil=True, **options)(theirs)
            keep_loops(compiled, name)
            return _general(compiled)
    try:
        compiled = njit(cache=True, nogil=True, **options)(theirs)
    except (RuntimeError, OSError):  # no folder that can be written, not even the user's own
        compiled = njit(nogil=True, **options)(theirs)
    return _general(compiled)


def _compile_called(function: Callable[..., Any], name: str, *, bare: bool) -> Any:  # noqa: ANN401
    from numba import njit

    from geowoonzorg._called_loops import compile_for_callers

    compiled = njit(nogil=True, **_options_of(bare=bare))(_with_compiled_callees(function))
    compile_for_callers(compiled)
    if name:
        keep_loops(compiled, name, called=True)
    return _general(compiled)


def _options_of(*, bare: bool) -> dict[str, bool]:
    options = _options(
        "no_cfunc_wrapper", value=True
    )  # called from Python or from a loop, never through C
    return options | (_options("_nrt", value=False) if bare else {})


def _with_compiled_callees(function: Callable[..., Any]) -> Callable[..., Any]:
    """Copy a function, so that it calls what numba made of other loops: numba does not know ours."""
    known = function.__globals__
    used = {name: known[name] for name in function.__code__.co_names if name in known}
    loops = {name: one for name, one in used.items() if isinstance(one, Loop | _Prefetch)}
    if not loops:
        return function
    copied = FunctionType(
        function.__code__, {**known, **{name: one.called for name, one in loops.items()}},
        function.__name__, function.__defaults__, function.__closure__,
    )  # fmt: skip
    return functools.update_wrapper(copied, function)


def _general(compiled: Any) -> Any:  # noqa: ANN401 - numba's
    """Have a loop compiled once for whole numbers, and not again for each that a caller has written out."""
    with suppress(Exception):
        from numba.core.types import unliteral  # type: ignore[attr-defined]

        template = compiled.get_call_template
        compiled.get_call_template = lambda args, kws: template(
            tuple(unliteral(kind) for kind in args),
            {name: unliteral(kind) for name, kind in kws.items()},
        )
    return compiled


def _options(*names: str, value: bool) -> dict[str, bool]:
    """Give those options that this numba has."""
    with suppress(Exception):
        from numba.core.cpu import CPUTargetOptions

        return {name: value for name in names if hasattr(CPUTargetOptions, name)}
    return {}


@functools.cache
def _hear_compiler() -> None:
    """Have numba say when it compiles a loop; one that comes from the disk is not compiled."""
    with suppress(Exception):
        _listen()


def _listen() -> None:
    from numba.core import event

    class Ear(event.Listener):
        def on_start(self, event: object) -> None:  # noqa: ARG002
            tell_compiling(1)

        def on_end(self, event: object) -> None:  # noqa: ARG002
            tell_compiling(-1)

    event.register("numba:compile", Ear())


def _make_prefetch() -> Callable[[Any, Any], None]:
    """Make what asks memory for an item of an array before it is needed."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic
    from numba.np.arrayobj import make_array

    @intrinsic
    def prefetch(_context, array, index):  # noqa: ANN001, ANN202
        def write(context, builder, signature, arguments):  # noqa: ANN001, ANN202
            with suppress(Exception):  # then nothing is asked for
                data = make_array(signature.args[0])(context, builder, arguments[0]).data
                byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
                place = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
                call = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
                fetch = cgutils.get_or_insert_function(builder.module, call, "llvm.prefetch")
                # to read, to keep, as data
                builder.call(fetch, [place, number(0), number(3), number(1)])
            return context.get_dummy_value()

        return types.void(array, index), write

    return prefetch
