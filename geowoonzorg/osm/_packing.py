"""OSM objects → a PBF file, by libosmium."""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.errors import FormatError, OutputError
from geowoonzorg.files import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import osmium

#: When the objects are from, as the head of a PBF file says it.
DATA_DATE: Final = "osmosis_replication_timestamp"


@contextmanager
def pbf_writer(
    target: Path, *, source: object, header: osmium.io.Header | None = None
) -> Iterator[Any]:
    """Give a writer of a PBF file, and tell what goes wrong while it is filled.

    Parameters
    ----------
    target
        The file to write, in a folder of our own.
    source
        What the objects are read from, as errors name it.
    header
        What the head of the file says.

    Yields
    ------
    osmium.SimpleWriter
        The writer.

    Raises
    ------
    FormatError
        When the objects cannot be read.
    OutputError
        When the folder is full.
    """
    import osmium

    writer = None
    try:
        form = osmium.io.File(str(target), "pbf,add_metadata=version+timestamp")
        writer = osmium.SimpleWriter(form, header=header or osmium.io.Header(), overwrite=True)
        yield writer
        writer.close()
    except (RuntimeError, ValueError, MemoryError) as error:
        abandon(writer)
        if writer is None or "writ" in str(error).lower():
            raise OutputError(
                "{folder} could not be written ({reason})",
                folder=target.parent,
                reason=reason_of(error),
            ) from error
        raise FormatError(
            "{file} cannot be read as OSM data ({why}); fetch or export it again",
            file=source,
            why=reason_of(error),
        ) from error


def abandon(writer: object) -> None:
    """Keep a writer that failed alive for good.

    Its C++ destructor tries to write once more, and that exception, thrown from a destructor, would
    end the whole process.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
