"""Tiles sent to the workers of a Dask cluster, and what they gave: a worker that is lost loses nothing."""

from __future__ import annotations

import importlib.metadata
import logging
import pickle
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.errors import GeowoonzorgError, SourceError, StudyError
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    import pandas as pd

    Job = tuple[int, Callable[..., pd.DataFrame], Any, dict[str, Any]]

_RETRIES: Final = 2  # of a tile whose worker was lost, besides the scheduler's own
_PATIENCE_S: Final = 10.0  # for a scheduler to answer
_POLL_S: Final = 0.4  # between looks whether a tile is done and whether work must stop
_AHEAD: Final = 2  # tiles on their way to each thread: none waits, and the memory holds few


def ask_cluster(
    jobs: Iterator[Job], scheduler: object, *, hear: Callable[[], None], kept: object = None
) -> Generator[tuple[int, pd.DataFrame]]:
    """Let the workers of a cluster work on tiles.

    Parameters
    ----------
    jobs
        Of each tile its number, what is done with it, the tile and its options.
    scheduler
        The address of a scheduler, or a client of one.
    hear
        Called at least twice a second; raises ``Cancelled`` when work must stop.
    kept
        Where what is done is kept, for the message when the scheduler is lost.

    Yields
    ------
    number : int
        Of a tile, as they are done.
    answer : pandas.DataFrame
        What it gave.

    Raises
    ------
    StudyError
        When there is no Dask, scheduler or worker, or one of another version, or a tile ends its workers.
    SourceError
        When the scheduler is lost on the way.
    """
    with connected(scheduler) as client:
        from distributed import wait

        room = _AHEAD * max(1, sum(client.nthreads().values()))
        going: dict[Any, int] = {}
        try:
            for number, *rest in jobs:
                sent = pickle.dumps((_version(), *rest))
                task = client.submit(
                    _work_on, sent, pure=False, retries=_RETRIES, key=f"tile-{number}-{id(sent)}"
                )
                going[task] = number
                while len(going) >= room:
                    yield from _arrived(client, going, wait, hear)
            while going:
                yield from _arrived(client, going, wait, hear)
        except GeowoonzorgError:
            raise
        except Exception as reason:
            if client.status == "running" and not _is_lost(reason):
                raise
            raise _lost(_address(scheduler), kept) from reason
        finally:
            if going and client.status == "running":
                client.cancel(list(going), force=True)


@contextmanager
def connected(scheduler: object) -> Iterator[Any]:
    """Reach a scheduler whose workers all have this version.

    Parameters
    ----------
    scheduler
        Its address, or a client of it, which stays open.

    Yields
    ------
    distributed.Client
        A client.

    Raises
    ------
    StudyError
        When there is no Dask, scheduler or worker, or one of another version.
    """
    if hasattr(scheduler, "submit"):
        _check_workers(scheduler)
        yield scheduler
        return
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [one.level for one in loggers]
    try:
        for one in loggers:  # what goes wrong is told once, as our own error
            one.setLevel(logging.CRITICAL + 1)
        with _connect(str(scheduler)) as client:
            _check_workers(client)
            yield client
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def _connect(scheduler: str) -> Any:  # noqa: ANN401 - a distributed.Client
    try:
        from distributed import Client
        from distributed.comm.core import connect
        from distributed.utils import LoopRunner
    except ImportError as reason:
        raise StudyError("a scheduler needs Dask; install geowoonzorg[scale]") from reason
    try:
        # a client that finds nobody complains once more when it is thrown away
        LoopRunner().run_sync(connect, scheduler, timeout=_PATIENCE_S).abort()
        return Client(scheduler, set_as_default=False, timeout=_PATIENCE_S)
    except (OSError, ValueError) as reason:
        raise StudyError(
            "no Dask scheduler answers at {address} ({reason}); start one, or leave --scheduler out",
            address=scheduler, reason=str(reason),
        ) from reason  # fmt: skip


def _arrived(
    client: Any,  # noqa: ANN401 - a distributed.Client
    going: dict[Any, int],
    wait: Callable[..., Any],
    hear: Callable[[], None],
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Wait until some tiles are done."""
    from distributed import KilledWorker

    while True:
        hear()
        try:
            with client.as_current():
                done = wait(list(going), timeout=_POLL_S, return_when="FIRST_COMPLETED").done
            break
        except TimeoutError:
            if client.status not in {"running", "connecting"}:
                raise
    for task in done:
        number = going.pop(task)
        try:
            answer = task.result()
        except KilledWorker as reason:
            raise StudyError(
                "tile {number} ended the workers that tried it, one after another; give workers more memory, or "
                "smaller tiles",
                number=number,
            ) from reason  # fmt: skip
        task.release()
        yield number, answer


def _is_lost(reason: BaseException) -> bool:
    """Say whether it is the connection that is gone, not the work that failed."""
    from asyncio import CancelledError
    from concurrent.futures import CancelledError as Cancelled

    from distributed.comm.core import CommClosedError

    return isinstance(reason, CancelledError | Cancelled | CommClosedError | TimeoutError)


def _lost(address: str, kept: object) -> SourceError:
    if kept is None:
        then = tell("nothing of it is kept; give --parts a folder to go on from")
    else:
        then = tell("what was done is kept in {folder}: the same command goes on", folder=kept)
    return SourceError(
        "the Dask scheduler at {address} was lost on the way; {then}", address=address, then=then
    )


def _address(scheduler: Any) -> str:  # noqa: ANN401 - an address or a client
    if hasattr(scheduler, "submit"):
        return str(getattr(scheduler.scheduler, "address", scheduler))
    return str(scheduler)


def _work_on(sent: bytes) -> pd.DataFrame:
    """Work on a tile where it arrived: bytes of our own client, which Dask carries as they are."""
    version, work, tile, options = pickle.loads(sent)  # noqa: S301
    if version != _version():  # a worker that came later
        raise _another(1, f"{_version()}")
    return work(tile, **options)


def _version() -> str:
    return importlib.metadata.version("geowoonzorg")


def _another(n: int, first: str) -> StudyError:
    return StudyError(
        "{n} {n:worker has|workers have} another geowoonzorg than {version}, or none: {first}; install that "
        "version there",
        n=n, version=_version(), first=first,
    )  # fmt: skip


def _check_workers(client: Any) -> None:  # noqa: ANN401 - a distributed.Client
    """Refuse a cluster without workers, or with one of another version: its numbers could be others."""
    told = client.run(_version, on_error="return")
    if not told:
        raise StudyError("the Dask scheduler has no workers; start some")
    wrong = sorted(
        f"{address}: {said if isinstance(said, str) else type(said).__name__}"
        for address, said in told.items()
        if said != _version()
    )
    if wrong:
        raise _another(len(wrong), ", ".join(wrong[:5]))
