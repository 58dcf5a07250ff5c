"""Kept machine code made ready to call, with LLVM's loader alone: numba, which made it, is not loaded.

Loading numba and what it knows of types takes longer than most commands take for their work. What its code needs
of it when it runs is in three small libraries written in C: how arrays are taken in and given out, and who still
uses which. Code that asks for anything else is not loaded here but by numba.
"""

from __future__ import annotations

import builtins
import ctypes
import functools
import importlib
import importlib.machinery
import importlib.util
import pickle
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LIBRARIES: Final = ("_helperlib", "_dynfunc", "core.runtime._nrt_python")
#: The versions of numba whose libraries this was tried with. What they are asked for is documented nowhere and a
#: mistake would end the process, so with any other version numba calls its code itself, as it always did.
_TRIED: Final = ("0.68",)


@functools.cache
def is_tried() -> bool:
    """Say whether code can be called without numba: whether this was tried with the version that is installed.

    Returns
    -------
    bool
        Whether `unpack` may be used.

    Examples
    --------
    >>> is_tried() in (True, False)
    True
    """
    spec = importlib.util.find_spec("numba")
    for place in (spec.submodule_search_locations if spec else None) or ():
        told = Path(place, "_version.py")
        if told.is_file():
            versions = re.findall(r"\b(\d+\.\d+)\.\d+", told.read_text(encoding="utf-8"))
            return bool(versions) and all(version in _TRIED for version in versions)
    return False


@functools.cache
def processor() -> tuple[str, ...]:
    """Name the processor that machine code is for.

    Returns
    -------
    tuple of str
        System, processor, and what it can.

    Examples
    --------
    >>> import pytest; llvmlite = pytest.importorskip("llvmlite")
    >>> len(processor())
    3
    """
    import llvmlite.binding as llvm

    return llvm.get_process_triple(), llvm.get_host_cpu_name(), str(llvm.get_host_cpu_features())


def pack(data: Any, machine_code: bytes) -> bytes | None:  # noqa: ANN401 - numba's
    """Put together what is needed to call a loop without numba.

    Parameters
    ----------
    data
        What numba's compiler gave.
    machine_code
        An object file, for this processor.

    Returns
    -------
    bytes or None
        As `unpack` takes it; None for a loop that has no way in from Python.

    Examples
    --------
    >>> pack.__module__
    'geowoonzorg._machine_code'
    """
    module, about = data.library._final_module, data.fndesc  # noqa: SLF001
    entry = about.llvm_cpython_wrapper_name
    functions = {function.name: function.is_declaration for function in module.functions}
    if functions.get(entry, True) or data.reload_init or data.objectmode:
        return None
    used = {env.env_name: list(env.consts) for env in data._find_referenced_environments()}  # noqa: SLF001
    own = data.target_context.get_env_name(about)
    used[own] = list(data.environment.consts)
    asked = [name for name, missing in functions.items() if missing]
    asked += [one.name for one in module.global_variables if one.is_declaration]
    asked = [name for name in asked if not name.startswith("llvm.")]
    return pickle.dumps((entry, own, used, asked, machine_code))


def unpack(content: bytes, module: str, name: str) -> Callable[..., Any]:
    """Make a loop ready to call.

    Parameters
    ----------
    content
        As `pack` made it, on this processor, with these versions: from a folder that is ours alone.
    module, name
        Of the function that was compiled.

    Returns
    -------
    callable
        It takes arguments of the types it was compiled for, and does not check the order of an array.

    Raises
    ------
    LookupError
        Where it asks for what is not here.

    Examples
    --------
    >>> unpack.__module__
    'geowoonzorg._machine_code'
    """
    import llvmlite.binding as llvm

    engine, dynfunc = _engine()
    entry, own, used, asked, machine_code = pickle.loads(content)  # noqa: S301 - see above
    _see_that_all_is_here(asked)
    engine.add_object_file(llvm.ObjectFileRef.from_data(machine_code))
    engine.finalize_object()
    address = engine.get_function_address(entry)
    if not address:
        raise LookupError(entry)
    home = sys.modules[module]
    environments = {}
    for env_name, constants in used.items():
        environment = dynfunc.Environment(vars(home))
        environment.consts[:] = constants
        environments[env_name] = environment
        place = engine.get_global_value_address(env_name)
        if place:
            ctypes.c_void_p.from_address(place).value = id(environment)
    kept_alive = engine, environments
    loop: Callable[..., Any] = dynfunc.make_function(
        home, name, "", address, environments[own], kept_alive
    )
    return loop


def _see_that_all_is_here(names: Iterable[str]) -> None:
    """Look for what code asks for: where something is missing LLVM would end the process."""
    import llvmlite.binding as llvm

    for name in names:
        if not llvm.address_of_symbol(name):
            raise LookupError(name)


@functools.cache
def _engine() -> tuple[Any, Any]:
    """Make what loads machine code, and tell it where that finds what it asks for."""
    import llvmlite.binding as llvm

    helpers, dynfunc, counting = (_library(name) for name in _LIBRARIES)
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.add_symbol("_Py_NoneStruct", id(None))
    for kind in vars(builtins).values():
        if isinstance(kind, type) and issubclass(kind, BaseException):
            llvm.add_symbol(f"PyExc_{kind.__name__}", id(kind))
    for name, address in (*helpers.c_helpers.items(), *dynfunc.c_helpers.items()):
        llvm.add_symbol(f"numba_{name}", address)
    for name, address in counting.c_helpers.items():
        llvm.add_symbol(name if name.startswith("_") else f"NRT_{name}", address)
    _give_way_out(helpers.c_helpers["unpickle"])
    target = llvm.Target.from_triple(llvm.get_process_triple())
    machine = target.create_target_machine(opt=0, codemodel="jitdefault", jit=True)
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine), dynfunc


def _give_way_out(address: int) -> None:
    """Give numba's C a small function for what it asks a large module for: to read back what code has in it.

    That is the class of an array that is given out, or an error. It looks for the function once, the first time.
    """
    top, whole = "numba", "numba.core.serialize"
    if top in sys.modules:
        return
    read: dict[tuple[int, bytes], object] = {}

    def read_once(place: int, content: bytes, known_by: bytes) -> object:
        key = place, known_by
        if key not in read:
            read[key] = pickle.loads(content)  # noqa: S301 - part of the code
        return read[key]

    stand_in = ModuleType(whole)
    stand_in._numba_unpickle = read_once  # type: ignore[attr-defined]  # noqa: SLF001
    sys.modules |= {top: ModuleType(top), whole: stand_in}
    try:
        nothing, key = pickle.dumps(None), bytes(20)
        ask = ctypes.PYFUNCTYPE(
            ctypes.py_object, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
        )(address)  # fmt: skip
        ask(nothing, len(nothing), key)
    finally:
        del sys.modules[top], sys.modules[whole]


def _library(name: str) -> ModuleType:
    """Load one of numba's libraries in C on its own; numba finds it there when it is loaded later."""
    whole = f"numba.{name}"
    if whole in sys.modules:
        return sys.modules[whole]
    if "numba" in sys.modules:
        return importlib.import_module(whole)
    numba = importlib.util.find_spec("numba")
    places = (numba.submodule_search_locations if numba else None) or []
    inner, _, last = name.rpartition(".")
    folders = ["/".join([place, *inner.split(".")]) if inner else place for place in places]
    found = importlib.machinery.PathFinder.find_spec(last, folders)
    if found is None or found.origin is None:
        raise LookupError(whole)
    loader = importlib.machinery.ExtensionFileLoader(whole, found.origin)
    spec = importlib.util.spec_from_file_location(whole, found.origin, loader=loader)
    assert spec is not None  # noqa: S101 - it was just found
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    sys.modules[whole] = module
    return module
