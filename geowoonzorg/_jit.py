"""What compiles the loops: the only place that knows numba, and the parts of it that are not documented.

Where numba is missing the loops run as plain Python. Where one of its inner parts is missing or has changed,
the loops are compiled without what that part was for: nothing else depends on them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from geowoonzorg._kernel_cache import keep_loops
from geowoonzorg.progress import tell_compiling

if TYPE_CHECKING:
    from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., object])
A = TypeVar("A", bound="NDArray[Any]")

try:
    from numba import njit
except ImportError:
    njit = None
#: Whether loops are compiled.
COMPILED = njit is not None


def kernel(function: F) -> F:
    """Compile a loop without the GIL, and keep the machine code on disk between sessions.

    Parameters
    ----------
    function
        A loop over arrays.

    Returns
    -------
    callable
        The compiled loop; the same function where numba is missing. Where no folder can be written it is
        compiled again in every session.

    Examples
    --------
    >>> @kernel
    ... def add(a, b):
    ...     return a + b
    >>> add(1, 2)
    3
    """
    return _compile(function)


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
    return _compile(function, **_BARE)


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


def _compile(function: F, **options: bool) -> F:
    if njit is None:
        return function
    options |= _LIGHT
    ours = function.__module__.startswith("geowoonzorg.")
    if ours:
        with suppress(Exception):
            compiled: F = njit(nogil=True, **options)(function)
            keep_loops(compiled)
            return _general(compiled)
    try:
        compiled = njit(cache=True, nogil=True, **options)(function)
    except (RuntimeError, OSError):  # no folder that can be written, not even the user's own
        compiled = njit(nogil=True, **options)(function)
    return _general(compiled)


def _general(compiled: F) -> F:
    """Have a loop compiled once for whole numbers, and not again for each that a caller has written out."""
    with suppress(Exception):
        from numba.core.types import unliteral  # type: ignore[attr-defined]

        template = compiled.get_call_template  # type: ignore[attr-defined]
        compiled.get_call_template = lambda args, kws: template(  # type: ignore[attr-defined]
            tuple(unliteral(kind) for kind in args),
            {name: unliteral(kind) for name, kind in kws.items()},
        )
    return compiled


def _options(*names: str, value: bool) -> dict[str, bool]:
    """Give those options that this numba has."""
    from numba.core.cpu import CPUTargetOptions

    return {name: value for name in names if hasattr(CPUTargetOptions, name)}


def _hear_compiler() -> None:
    """Have numba say when it compiles a loop; one that comes from the disk is not compiled."""
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


def _no_prefetch(array: object, index: object) -> None:
    """Do nothing: whoever waits for memory waits."""


_BARE: dict[str, bool] = {}
#: A loop is called from Python or from another loop, never through C.
_LIGHT: dict[str, bool] = {}
prefetch: Callable[[Any, Any], None] = _compile(_no_prefetch)
if COMPILED:
    # whatever the inner parts of another version of numba do, the loops themselves stay the same
    with suppress(Exception):
        _BARE = _options("_nrt", value=False)  # without numba's counting of arrays
        _LIGHT = _options("no_cfunc_wrapper", value=True)
    with suppress(Exception):
        prefetch = _make_prefetch()
    with suppress(Exception):
        _hear_compiler()
