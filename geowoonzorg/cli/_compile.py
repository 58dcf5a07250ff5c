"""The command that compiles all loops ahead of need: for installers and images."""

from __future__ import annotations

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import Console, shared
from geowoonzorg.errors import InputError, InternalError, OutputError
from geowoonzorg.messages import tell


@commands.command("compile")
@click.option(
    "--processes", type=click.IntRange(1), help="How many at a time; default: one for each core, at most 8."
)  # fmt: skip
@click.option(
    "--beside",
    is_flag=True,
    help="Keep them with the installed package, for all its users, instead of in your cache folder.",
)
@shared
def compile_all(console: Console, processes: int | None, *, beside: bool) -> None:
    """Compile all loops now, so that no first run waits for it.

    What is compiled is kept for this version of geowoonzorg, numba, Python and this kind of processor. Another
    environment of the same versions finds it, too.
    """
    from geowoonzorg._jit import COMPILED
    from geowoonzorg._kernel_folders import can_keep, folder_beside, own_folder, write_for_all
    from geowoonzorg.compiling import all_loops, compile_loops, missing_loops

    if not COMPILED:
        raise InputError("numba is missing, so nothing is compiled; run: pip install numba")
    if beside:
        write_for_all()
    folder = folder_beside() if beside else own_folder()
    if folder is None or not can_keep(folder):
        raise OutputError(
            "{folder}: compiled loops cannot be kept there; it must be a folder that you may write in and others may "
            "not; the environment variable NUMBA_CACHE_DIR names another",
            folder=folder or "NUMBA_CACHE_DIR",
        )
    n_before = len(all_loops()) - len(missing_loops())
    n, seconds = compile_loops(processes=processes, for_all=beside, progress=console.progress)
    failed = len(missing_loops())
    if failed:
        raise InternalError(
            "{n} of {total} loops could not be compiled; they are compiled when they are needed",
            n=failed,
            total=len(all_loops()),
        )
    console.result(
        tell(
            "{n} loops compiled in {seconds:.0f} s, {n_before} were there; kept in {folder}",
            n=n, seconds=seconds, n_before=n_before, folder=folder,
        ),
        output=str(folder), compiled=n, kept=n_before, seconds=round(seconds, 1),
    )  # fmt: skip
