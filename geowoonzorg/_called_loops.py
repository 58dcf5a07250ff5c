"""A loop that other loops call: compiled to what they link in, with no machine code and no way in from Python.

numba makes both for every loop, also for those that only ever become part of others, which are two of three.
"""

from __future__ import annotations

import functools
from typing import Any


def compile_for_callers(dispatcher: Any) -> None:  # noqa: ANN401 - numba's
    """Have a loop compiled for the loops that call it, and for nothing else.

    Parameters
    ----------
    dispatcher
        What numba made of the loop.

    Raises
    ------
    ImportError, AttributeError
        Where this numba has no such parts.

    Examples
    --------
    >>> import pytest; numba = pytest.importorskip("numba")
    >>> compile_for_callers(numba.njit(lambda x: x))
    """
    from numba.core import compiler

    library_class, inner = _linked_class(), dispatcher._compiler  # noqa: SLF001 - as below
    context = dispatcher.targetctx

    def compile_core(args: Any, return_type: Any) -> Any:  # noqa: ANN401 - as numba's own, but for the library
        flags = compiler.Flags()
        inner.targetdescr.options.parse_as_flags(flags, inner.targetoptions)
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        found = compiler.compile_extra(
            inner.targetdescr.typing_context, context, inner.py_func, args=args, return_type=return_type,
            flags=flags, locals=inner.locals, library=library_class(context.codegen(), inner.py_func.__qualname__),
            pipeline_class=inner.pipeline_class,
        )  # fmt: skip
        found = found._replace(entry_point=_key())
        context.insert_user_function(found.entry_point, found.fndesc, [found.library])
        return found

    inner._compile_core = compile_core  # noqa: SLF001


def parts_of(compiled: Any) -> tuple[Any, ...]:  # noqa: ANN401 - numba's
    """Give what of a loop that was compiled for its callers is kept.

    Parameters
    ----------
    compiled
        What numba's compiler gave.

    Returns
    -------
    tuple
        For `from_parts`.

    Examples
    --------
    >>> parts_of.__module__
    'geowoonzorg._called_loops'
    """
    about = compiled.fndesc
    about.typemap = about.calltypes = None  # as numba does: they may not be what can be kept
    environments = tuple(compiled._find_referenced_environments())  # noqa: SLF001
    code = compiled.library._get_module_for_linking().as_bitcode()  # noqa: SLF001
    return (
        compiled.library.name, code, about, compiled.environment, compiled.signature, compiled.reload_init,
        environments,
    )  # fmt: skip


def from_parts(context: Any, parts: tuple[Any, ...]) -> Any:  # noqa: ANN401 - numba's
    """Give a loop back to numba that was compiled for its callers.

    Parameters
    ----------
    context
        numba's, of what it compiles for.
    parts
        From `parts_of`.

    Returns
    -------
    numba.core.compiler.CompileResult
        What its callers are compiled with.

    Examples
    --------
    >>> from_parts.__module__
    'geowoonzorg._called_loops'
    """
    import llvmlite.binding as llvm
    from numba.core.compiler import compile_result

    name, code, about, environment, signature, reload_init, environments = parts
    for again in reload_init:
        again()
    library = _linked_class()(context.codegen(), name)
    library._shared_module, library._finalized = llvm.parse_bitcode(code), True  # noqa: SLF001
    return compile_result(
        target_context=context, typing_context=context.typing_context, library=library, environment=environment,
        entry_point=_key(), fndesc=about, signature=signature, objectmode=False, lifted=(), type_annotation="",
        reload_init=reload_init, referenced_envs=environments,
    )  # fmt: skip


def _key() -> Any:  # noqa: ANN401
    """Make what numba knows one compiled loop by: it must be a function in C, and another for each."""
    return object().__sizeof__


@functools.cache
def _linked_class() -> Any:  # noqa: ANN401 - numba is imported late
    from numba.core.codegen import JITCodeLibrary

    class Linked(JITCodeLibrary):
        """Code that others link in, of which no machine code is made: it is optimised where it ends up."""

        def _optimize_functions(self, ll_module: Any) -> None:  # noqa: ANN401
            ll_module.data_layout = self._codegen._data_layout  # noqa: SLF001

        def _optimize_final_module(self) -> None:
            passes, builder = self._codegen._module_pass_manager(  # noqa: SLF001 - numba's first of two
                loop_vectorize=False, slp_vectorize=False, opt=0, cost="cheap"
            )
            # Addresses in this process that nothing uses any more would keep it from being kept.
            passes.add_global_dead_code_eliminate_pass()
            passes.run(self._final_module, builder)

        def _finalize_final_module(self) -> None:
            self._finalize_dynamic_globals()
            self._verify_declare_only_symbols()
            self._finalized = True

    return Linked
