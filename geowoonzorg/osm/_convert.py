"""OSM files of any other format → PBF, by libosmium, so that one reader is enough."""

from __future__ import annotations

import re
import time
import zlib
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Final

from geowoonzorg.errors import FormatError, OutputError
from geowoonzorg.files import reason_of
from geowoonzorg.osm._coordinates import off_the_globe
from geowoonzorg.osm._head import open_xml
from geowoonzorg.osm._packing import abandon
from geowoonzorg.osm._pbf import MOST_RATIO, bomb
from geowoonzorg.progress import part

if TYPE_CHECKING:
    from io import BufferedIOBase
    from pathlib import Path

    from geowoonzorg.progress import Progress

_PULSE_SECONDS: Final = 0.25
_CHECK_SHARE: Final = 0.3
#: Packed XML of a map is a tenth of it; a small grid's much less.
_LEAST_UNPACKED: Final = 64 << 20
_CHUNK_BYTES: Final = 1 << 20
_TAIL_BYTES: Final = 1 << 12
_BROKEN_OFF: Final = re.compile(rb"<remark>([^<]*error[^<]*)</remark>", re.IGNORECASE)
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

    whole = _unpack(path, target.with_suffix(".osm"), part(progress, 0.0, _CHECK_SHARE))
    writer = None
    try:
        source = osmium.io.File(str(whole.resolve()))  # absolute, so never an URL or standard input
        form = "pbf,pbf_compression=none,add_metadata=version+timestamp,locations_on_ways=true"
        writer = osmium.SimpleWriter(osmium.io.File(str(target), form))
        watched = osmium.filter.TagFilter(*_WATCHED)
        kinds = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION
        with osmium.io.Reader(source, kinds) as reader:
            osmium.apply(reader, writer, watched, _Pulse(part(progress, _CHECK_SHARE, 1.0)))
        writer.close()
    except osmium.InvalidLocationError as error:
        abandon(writer)
        raise off_the_globe(path) from error
    except (RuntimeError, ValueError, MemoryError) as error:
        abandon(writer)
        if writer is None or "writ" in str(error).lower():
            raise OutputError(
                "temporary folder {folder}: {why}; free some disk space or set TMPDIR",
                folder=target.parent,
                why=reason_of(error),
            ) from error
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> FormatError:
    return FormatError(
        "{file} cannot be read as OSM data ({why}); fetch or export it again",
        file=path,
        why=reason_of(error),
    )


def _unpack(path: Path, target: Path, progress: Progress) -> Path:
    """Look through a file before libosmium does, which would go on until memory or disk is full.

    It also reads a bz2 to the end of its first stream only, and some programs write many: so of such a
    file it gets what is unpacked here. What Overpass could not finish is no whole answer.
    """
    suffix = path.suffix.lower()
    size = path.stat().st_size
    most = max(_LEAST_UNPACKED, size * MOST_RATIO)
    n, tail = 0, b""
    with ExitStack() as opened:
        try:
            packed = opened.enter_context(path.open("rb"))
            stream: IO[bytes] | BufferedIOBase = open_xml(packed, suffix)
            opened.callback(stream.close)
            if suffix == ".osm":
                stream.seek(max(0, size - _TAIL_BYTES))
            kept = opened.enter_context(target.open("wb")) if suffix == ".bz2" else None
        except OSError as error:
            raise _unreadable(path, error) from error
        while chunk := _read(path, stream):
            n += len(chunk)
            tail = (tail + chunk)[-_TAIL_BYTES:]
            progress(packed.tell() / max(size, 1), "unpacking OSM file")
            if n > most:
                raise FormatError(
                    "{file} {why}",
                    file=path,
                    why=bomb(size),
                )
            if kept:
                _keep(kept, chunk, target)
    if broken := _BROKEN_OFF.search(tail):
        said = " ".join(broken[1].decode("utf-8", "replace").split())
        raise FormatError(
            "{file} is not whole: Overpass says: {said}; ask for less, or allow more time and"
            " memory",
            file=path,
            said=said[:200],
        )
    return target if suffix == ".bz2" else path


def _read(path: Path, stream: IO[bytes] | BufferedIOBase) -> bytes:
    try:
        return stream.read(_CHUNK_BYTES)
    except (EOFError, OSError, zlib.error) as error:
        raise _unreadable(path, error) from error


def _keep(file: IO[bytes], chunk: bytes, path: Path) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise OutputError(
            "temporary folder {folder}: {why}; free some disk space or set TMPDIR",
            folder=path.parent,
            why=reason_of(error),
        ) from error
