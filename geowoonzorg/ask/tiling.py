"""A town asked tile by tile: one after another or on a Dask cluster, and on from where it stopped."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import shapely

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.files import make_folder, read_json, write_text
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geowoonzorg.town import Town

    Work = Callable[..., pd.DataFrame]
    Job = tuple[int, Town, pd.Series[str]]

_ABOUT: Final = "tiles.json"
_RETRIES: Final = 2  # of a tile whose worker was lost, besides the scheduler's own
_PATIENCE_S: Final = 10.0  # for a scheduler to answer
_AHEAD: Final = 2  # tiles on their way to each thread: none waits, and the memory holds few


def over_tiles(
    town: Town,
    work: Work,
    *,
    km: float,
    margin_m: float,
    options: dict[str, Any] | None = None,
    scheduler: str | None = None,
    parts: Path | None = None,
    progress: Progress = silent,
) -> list[pd.DataFrame]:
    """Ask every tile of a town something, and give the answers in the order of the tiles.

    Parameters
    ----------
    town
        What is cut into tiles: `Town.tiles`.
    work
        A function of a module of this package: ``work(tile, zone, **options)`` gives a frame; ``zone`` is the area
        of each of the tile's addresses, by id. A tile has streets, facilities and addresses and no areas: those are
        the town's.
    km, margin_m
        As `Town.tiles`.
    options
        For ``work``; JSON.
    scheduler
        The address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``; None for this process.
    parts
        A folder for what each tile gave, so that it need not be asked again after a stop; None for none.
    progress
        Hears how far the work is.

    Returns
    -------
    list of pandas.DataFrame
        One per tile.

    Raises
    ------
    StudyError
        When a tile has no size, ``parts`` holds tiles of something else, or the cluster cannot be used.
    InputError
        When the town has no addresses, or a part cannot be read.
    OutputError
        When a part cannot be written; those that were written stay.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> def count(tile, zone):
    ...     return pd.DataFrame({"n": [len(tile.addresses)]})
    >>> town = Town.demo()
    >>> sum(found["n"].item() for found in over_tiles(town, count, km=1, margin_m=1_000)) == len(town.addresses)
    True
    """
    if town.addresses.empty:
        raise InputError("the town has no addresses to walk from; give it some")
    given = options or {}
    done = _Parts(parts, _key(town, work, given, km=km, margin_m=margin_m))
    total, asked = len(town.addresses), 0
    found: dict[int, pd.DataFrame] = {}

    def jobs() -> Iterator[Job]:
        nonlocal asked
        for number, tile in enumerate(town.tiles(km=km, margin_m=margin_m)):
            if (old := done.read(number)) is not None:
                found[number] = old
                asked += len(tile.addresses)
                continue
            yield number, _alone(tile), town.home.reindex(tile.addresses["id"])

    run = (
        _here(jobs(), work, given) if scheduler is None else _there(jobs(), work, given, scheduler)
    )
    for number, n, answer in run:
        done.write(number, answer)
        found[number] = answer
        asked += n
        progress(asked / total, "tiles")
    return [found[number] for number in sorted(found)]


def _alone(tile: Town) -> Town:
    """Leave behind what a tile is not asked about, so that little is sent."""
    assert tile.part is not None  # noqa: S101 - it is a tile
    part = replace(
        tile.part,
        around=tile.addresses,
        zone_sizes=tile.part.zone_sizes.iloc[:0],
        completeness=None,
    )
    return replace(tile, figures=None, rasters=(), sources=(), notes=(), part=part)


def _here(
    jobs: Iterator[Job], work: Work, given: dict[str, Any]
) -> Iterator[tuple[int, int, pd.DataFrame]]:
    for number, tile, zone in jobs:
        yield number, len(tile.addresses), work(tile, zone, **given)


def _there(
    jobs: Iterator[Job], work: Work, given: dict[str, Any], scheduler: str
) -> Iterator[tuple[int, int, pd.DataFrame]]:
    """Send tiles to the workers of a cluster, a few ahead of each; a tile travels in its task: none can be lost."""
    client, as_completed = _connect(scheduler)
    with client:
        _check_workers(client)
        room = _AHEAD * sum(client.nthreads().values())
        sizes: dict[Any, tuple[int, int]] = {}
        coming = as_completed(loop=client.loop)
        for number, tile, zone in jobs:
            task = client.submit(
                _work_on,
                pickle.dumps((tile, zone, work, given)),
                pure=False,
                retries=_RETRIES,
                key=f"tile-{number}",
            )
            sizes[task.key] = (number, len(tile.addresses))
            coming.add(task)
            while len(sizes) >= room:
                yield _arrived(next(coming), sizes)
        while sizes:
            yield _arrived(next(coming), sizes)


def _connect(scheduler: str) -> tuple[Any, Any]:
    """Reach a scheduler: a client of it, and what gives its tasks as they are done."""
    try:
        from distributed import Client, as_completed
        from distributed.comm.core import connect
        from distributed.utils import LoopRunner
    except ImportError as reason:
        raise StudyError("a scheduler needs Dask; install geowoonzorg[scale]") from reason
    try:
        # a client that finds nobody complains once more when it is thrown away
        LoopRunner().run_sync(connect, scheduler, timeout=_PATIENCE_S).abort()
        return Client(scheduler, set_as_default=False, timeout=_PATIENCE_S), as_completed
    except (OSError, ValueError) as reason:
        raise StudyError(
            "no Dask scheduler answers at {address} ({reason}); start one, or leave --scheduler out",
            address=scheduler, reason=str(reason),
        ) from reason  # fmt: skip


def _arrived(task: Any, sizes: dict[Any, tuple[int, int]]) -> tuple[int, int, pd.DataFrame]:  # noqa: ANN401 - a future
    from distributed import KilledWorker

    number, n = sizes.pop(task.key)
    try:
        return number, n, task.result()
    except KilledWorker as reason:
        raise StudyError(
            "tile {number} ended the workers that tried it, one after another; give workers more memory, or smaller "
            "tiles",
            number=number,
        ) from reason  # fmt: skip


def _work_on(sent: bytes) -> pd.DataFrame:
    """Work on a tile where it arrived: bytes of our own client, which Dask carries as they are."""
    tile, zone, work, given = pickle.loads(sent)  # noqa: S301
    return work(tile, zone, **given)


def _version() -> str:
    return importlib.metadata.version("geowoonzorg")


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
        raise StudyError(
            "{n} {n:worker has|workers have} another geowoonzorg than {version}, or none: {first}; install that "
            "version there",
            n=len(wrong), version=_version(), first=", ".join(wrong[:5]),
        )  # fmt: skip


class _Parts:
    """What tiles gave, in files of their own; those of another question are refused, not mixed."""

    def __init__(self, folder: Path | None, key: str) -> None:
        self.folder = folder
        if folder is None:
            return
        make_folder(folder)
        about = folder / _ABOUT
        if not about.exists():
            write_text(about, json.dumps({"key": key}))
        elif read_json(about).get("key") != key:
            raise StudyError(
                "{folder} holds tiles of another question, or of other data; give another folder or remove it",
                folder=folder,
            )

    def _file(self, number: int) -> Path:
        assert self.folder is not None  # noqa: S101 - asked only with one
        return self.folder / f"tile-{number:05}.json"

    def read(self, number: int) -> pd.DataFrame | None:
        """Give what a tile gave earlier, or nothing."""
        if self.folder is None or not self._file(number).exists():
            return None
        told = read_json(self._file(number))
        try:
            return pd.DataFrame.from_dict(told, orient="tight")
        except (KeyError, TypeError, ValueError) as reason:
            raise InputError(
                "{file} is not what a tile gave; remove it, and the tile is asked again",
                file=self._file(number),
            ) from reason

    def write(self, number: int, answer: pd.DataFrame) -> None:
        """Keep what a tile gave; a file is there whole or not at all."""
        if self.folder is not None:
            write_text(self._file(number), json.dumps(answer.to_dict(orient="tight")))


def _key(town: Town, work: Work, given: dict[str, Any], *, km: float, margin_m: float) -> str:
    """Name what is asked of what: other data, options or version make another name."""
    told = {
        "version": _version(),
        "work": f"{work.__module__}.{work.__qualname__}",
        "given": given,
        "tiles": [km, margin_m],
        "walking": repr(town.walking),
        "classes": [*town.classes, *sorted(town.absent)],
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for layer in (town.addresses, town.facilities):
        digest.update(pd.util.hash_array(layer["id"].to_numpy(dtype=object)).tobytes())
        digest.update(shapely.get_coordinates(layer.geometry.to_numpy()).tobytes())
    net = town.network
    for array in (net.vertex_xy, net.edge_length_m, net.edge_cautious):
        digest.update(b"" if array is None else array.tobytes())
    digest.update(pd.util.hash_array(town.home.to_numpy(dtype=object)).tobytes())
    return digest.hexdigest()
