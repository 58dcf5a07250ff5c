"""What compiles the loops; where numba is missing the same loops run as plain Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from geowoonzorg.progress import tell_compiling

F = TypeVar("F", bound=Callable[..., object])

try:
    from llvmlite import ir
    from numba import njit, types
    from numba.core import cgutils, event
    from numba.extending import intrinsic
    from numba.np.arrayobj import make_array
except ImportError:
    COMPILED = False

    def kernel(function: F) -> F:
        """Leave a loop as it is.

        Parameters
        ----------
        function
            A loop over arrays.

        Returns
        -------
        callable
            The same function.

        Examples
        --------
        >>> @kernel
        ... def add(a, b):
        ...     return a + b
        >>> add(1, 2)
        3
        """
        return function

    bare_kernel = kernel

    def prefetch(array: object, index: object) -> None:
        """Do nothing: what is not compiled does not wait for memory.

        Parameters
        ----------
        array
            An array.
        index
            One of its items.

        Examples
        --------
        >>> prefetch([1, 2], 1)
        """
else:
    COMPILED = True

    class _Ear(event.Listener):
        """Hears numba compile a loop; one that comes from the disk is not compiled."""

        def on_start(self, event: object) -> None:  # noqa: ARG002
            """Say that a loop begins to be compiled."""
            tell_compiling(1)

        def on_end(self, event: object) -> None:  # noqa: ARG002
            """Say that it is."""
            tell_compiling(-1)

    event.register("numba:compile", _Ear())
    #: Compile without the GIL, and keep the machine code on disk between sessions.
    kernel = njit(cache=True, nogil=True)
    #: The same for small loops that make no arrays, called millions of times: no counting of who uses which array.
    bare_kernel = njit(cache=True, nogil=True, _nrt=False)

    @intrinsic
    def prefetch(_context, array, index):  # noqa: ANN001, ANN202
        """Ask memory for an item of an array before it is needed; nothing else happens."""

        def write(context, builder, signature, arguments):  # noqa: ANN001, ANN202
            data = make_array(signature.args[0])(context, builder, arguments[0]).data
            place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
            number = ir.IntType(32)
            call = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
            fetch = cgutils.get_or_insert_function(builder.module, call, "llvm.prefetch")
            # to read, to keep, as data
            builder.call(fetch, [place, number(0), number(3), number(1)])
            return context.get_dummy_value()

        return types.void(array, index), write
