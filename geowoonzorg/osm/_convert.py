"""OSM files of any other format → PBF, by libosmium, so that one reader is enough."""

from __future__ import annotations

import ctypes
import time
import zlib
from typing import TYPE_CHECKING, Final

from geowoonzorg.errors import FormatError, OutputError
from geowoonzorg.osm._head import open_xml
from geowoonzorg.osm._pbf import MOST_RATIO, bomb
from geowoonzorg.osm._reader import off_the_globe
from geowoonzorg.progress import part

if TYPE_CHECKING:
    from pathlib import Path

    from geowoonzorg.progress import Progress

_PULSE_SECONDS: Final = 0.25
_CHECK_SHARE: Final = 0.3
#: Packed XML of a map is a tenth of it; a small grid's much less.
_LEAST_UNPACKED: Final = 64 << 20
_CHUNK_BYTES: Final = 1 << 20
#: Tags of some objects in every corner of a country, few enough to look at in Python.
_WATCHED: Final = (("highway", "service"), ("highway", "crossing"), ("amenity", "restaurant"))


class _Pulse:
    """Sees a part of the objects, so that the user hears of progress and can cancel."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.due = 0.0

    def _tell(self, fraction: float, message: str) -> None:
        now = time.monotonic()
        if now >= self.due:
            self.due = now + _PULSE_SECONDS
            self.progress(fraction, message)

    def node(self, _node: object) -> None:
        self._tell(0.1, "unpacking OSM nodes")

    def way(self, _way: object) -> None:
        self._tell(0.6, "unpacking OSM ways")

    def relation(self, _relation: object) -> None:
        self._tell(0.9, "unpacking OSM relations")


def write_pbf(path: Path, target: Path, progress: Progress) -> None:
    """Write the nodes, ways and relations of an OSM file as PBF.

    Parameters
    ----------
    path
        An OSM file that exists.
    target
        The file to write, in a temporary folder.
    progress
        Hears how far the work is, and may cancel it.

    Raises
    ------
    FormatError
        When the file cannot be read, or unpacks to far more than its size.
    OutputError
        When the folder is full.
    """
    import osmium

    _check_size(path, part(progress, 0.0, _CHECK_SHARE))
    writer = None
    try:
        source = osmium.io.File(str(path.resolve()))  # absolute, so never an URL or standard input
        form = "pbf,pbf_compression=none,add_metadata=version+timestamp,locations_on_ways=true"
        writer = osmium.SimpleWriter(osmium.io.File(str(target), form))
        watched = osmium.filter.TagFilter(*_WATCHED)
        kinds = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION
        with osmium.io.Reader(source, kinds) as reader:
            osmium.apply(reader, writer, watched, _Pulse(part(progress, _CHECK_SHARE, 1.0)))
        writer.close()
    except osmium.InvalidLocationError as error:
        _abandon(writer)
        raise off_the_globe(path) from error
    except (RuntimeError, ValueError, MemoryError) as error:
        _abandon(writer)
        if writer is None or "writ" in str(error).lower():
            msg = f"temporary folder {target.parent}: {error}; free some disk space or set TMPDIR"
            raise OutputError(msg) from error
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> FormatError:
    return FormatError(f"{path} cannot be read as OSM data ({error}); fetch or export it again")


def _check_size(path: Path, progress: Progress) -> None:
    """Unpack a packed file once for its size only: libosmium would go on until memory or disk is full."""
    if path.suffix.lower() not in {".gz", ".bz2"}:
        return
    size = path.stat().st_size
    most = max(_LEAST_UNPACKED, size * MOST_RATIO)
    n = 0
    try:
        with path.open("rb") as packed, open_xml(packed, path.suffix) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                n += len(chunk)
                progress(packed.tell() / size, "unpacking OSM file")
                if n > most:
                    raise FormatError(f"{path} {bomb(size)}")
    except (EOFError, OSError, zlib.error) as error:
        raise _unreadable(path, error) from error


def _abandon(writer: object) -> None:
    """Keep a writer that failed alive for good.

    Its C++ destructor tries to write once more, and that exception, thrown from a destructor, would
    end the whole process.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
