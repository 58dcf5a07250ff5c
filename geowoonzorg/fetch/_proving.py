"""Whether what came can be read by what will read it: a part that cannot is no part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geowoonzorg.errors import FormatError, InputError, SourceError
from geowoonzorg.files import grid_of, open_raster
from geowoonzorg.messages import renamed
from geowoonzorg.opendata.areas import read_areas
from geowoonzorg.opendata.leefbaarometer import read_leefbaarometer
from geowoonzorg.opendata.squares import read_squares

if TYPE_CHECKING:
    from collections.abc import Callable

    from geowoonzorg.fetch._place import FetchedFile, Job


def prove(job: Job, file: FetchedFile) -> None:
    """Read a file of the study folder as a run will.

    Raises
    ------
    SourceError
        When that fails: then the service gave another form, or half of it.
    """
    read = _READERS.get(file.part)
    if read is None:  # it was read when it was written, or is of our own making
        return
    try:
        read(job, file)
    except (FormatError, InputError) as error:
        raise SourceError(
            "what came cannot be used: {why}; the service has changed, or it sent a part of it: try again "
            "later, or give a file of your own in study.toml",
            why=renamed(error.message, f"{job.folder}/", ""),
        ) from error


def _areas(job: Job, file: FetchedFile) -> None:
    read_areas(job.folder / file.name, level="buurt", crs="EPSG:28992", gemeente=job.code)


def _leefbaarometer(job: Job, file: FetchedFile) -> None:
    read_leefbaarometer(job.folder / file.name, year=file.year or job.year)


def _squares(job: Job, file: FetchedFile) -> None:
    read_squares(job.folder / file.name)


def _noise(job: Job, file: FetchedFile) -> None:
    with open_raster(job.folder / file.name) as dataset:
        grid_of(dataset, file.name)
        dataset.read(1)  # a file that was cut off has a good head


_READERS: dict[str, Callable[[Job, FetchedFile], None]] = {
    "areas": _areas,
    "leefbaarometer": _leefbaarometer,
    "squares": _squares,
    "noise": _noise,
}
