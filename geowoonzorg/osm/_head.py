"""The head of an OSM file → the day up to which it holds the edits of OSM."""

from __future__ import annotations

import bz2
import gzip
import re
import zlib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from geowoonzorg.errors import FormatError
from geowoonzorg.files import OSM_SUFFIXES, check_input, reason_of
from geowoonzorg.osm._pbf import read_replication_time

if TYPE_CHECKING:
    from io import BufferedIOBase
    from pathlib import Path
    from typing import IO, BinaryIO

_HEAD_BYTES: Final = 64 << 10
_OBJECT: Final = re.compile(rb"<(?:node|way|relation)\b")
_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
#: What Overpass writes, and what osmconvert does.
_SAID: Final = tuple(
    re.compile(rb"<" + element + rb"\s[^<>]*?\b" + key + rb"\s*=\s*[\"'](\d{4}-\d\d-\d\d)")
    for element, key in ((b"meta", b"osm_base"), (b"osm", b"timestamp"))
)


def read_data_date(path: str | Path) -> date | None:
    """Read from the head of an OSM file up to which day it holds the edits of OSM.

    Parameters
    ----------
    path
        An OSM file: ``.osm.pbf``, ``.osm``, ``.osm.bz2`` or ``.osm.gz``.

    Returns
    -------
    datetime.date or None
        The day in UTC of the replication timestamp of PBF, of ``osm_base`` that Overpass writes, or of the
        ``timestamp`` of the whole file that osmconvert writes; None where the file says none of these.

    Raises
    ------
    InputError
        When the path is not a plain OSM file.
    SourceError
        When the file is not there or cannot be read.
    FormatError
        When the file does not start as its suffix says.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "town.osm"
    ...     _ = path.write_text("<osm version='0.6'><meta osm_base='2023-01-30T12:00:00Z'/></osm>")
    ...     read_data_date(path)
    datetime.date(2023, 1, 30)
    >>> read_data_date("town.osm.pbf")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: OSM file: town.osm.pbf does not exist; give the path of an existing file
    """
    file = check_input(path, suffixes=OSM_SUFFIXES, role="OSM file")
    try:
        with file.open("rb") as packed:
            if not file.name.lower().endswith(".pbf"):
                return _date_of_xml(open_xml(packed, file.suffix).read(_HEAD_BYTES))
            seconds = read_replication_time(packed)
    except (EOFError, OSError, ValueError, zlib.error) as error:
        raise FormatError(
            "{file} is truncated or not an OSM file ({why}); fetch or export it again",
            file=file,
            why=reason_of(error),
        ) from error
    if seconds is None or seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).date()
    except (OSError, OverflowError, ValueError):  # no time that any clock shows
        return None


def open_xml(file: BinaryIO, suffix: str) -> IO[bytes] | BufferedIOBase:
    """Unpack OSM XML while it is read, by the suffix of its file."""
    if suffix.lower() == ".gz":
        return gzip.GzipFile(fileobj=file)
    return bz2.BZ2File(file) if suffix.lower() == ".bz2" else file


def _date_of_xml(text: bytes) -> date | None:
    head = _OBJECT.split(_COMMENT.sub(b"", text), maxsplit=1)[0]
    said = next((found for pattern in _SAID if (found := pattern.search(head))), None)
    try:
        return date.fromisoformat(said[1].decode()) if said else None
    except ValueError:
        return None
