"""One decorator for every compiled loop; where numba is missing the same loops run as plain Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

try:
    from numba import njit
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
else:
    COMPILED = True
    #: Compile without the GIL, and keep the machine code on disk between sessions.
    kernel = njit(cache=True, nogil=True)
