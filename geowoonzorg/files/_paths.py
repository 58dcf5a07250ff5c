"""Input paths: what may be opened, and whether a file is what its name says."""

from __future__ import annotations

import errno
import os
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geowoonzorg.errors import FormatError, InputError, SourceError, StudyError
from geowoonzorg.messages import Message, tell

if TYPE_CHECKING:
    from collections.abc import Collection

LAYER_SUFFIXES = frozenset(
    {".gpkg", ".geojson", ".json", ".fgb", ".shp", ".parquet", ".geoparquet"}
)
TABLE_SUFFIXES = frozenset({".csv", ".txt", ".xlsx", ".dbf", ".gpkg", ".json"})
OSM_SUFFIXES = frozenset({".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz"})
RASTER_SUFFIXES = frozenset({".tif", ".tiff"})

# The first bytes of each format. GDAL looks at the content, not at the name: without this
# check a `.geojson` that is really an OGR VRT would open any path or URL it mentions.
_MAGIC: dict[str, tuple[bytes, ...]] = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".fgb": (b"fgb",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".parquet": (b"PAR1",),
    ".geoparquet": (b"PAR1",),
    ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".xlsx": (b"PK\x03\x04",),
    ".bz2": (b"BZh",),
    ".gz": (b"\x1f\x8b",),
    ".npz": (b"PK\x03\x04",),
}
_SCRIPT = re.compile(rb"(var|let|const)\s|[\w.$]+\s*[(=]")
_MAX_ZIP_ENTRIES = 10_000
_MAX_UNZIPPED_BYTES = 4 << 30
_MAX_ZIP_RATIO = 200  # real spreadsheets stay under 60; a bomb is over 1,000
#: What the operating system says, in words that have a translation.
_SYSTEM: Final = {
    errno.ENOENT: tell("No such file or directory"),
    errno.EISDIR: tell("Is a directory"),
    errno.ENOTDIR: tell("Not a directory"),
    errno.EEXIST: tell("File exists"),
    errno.EACCES: tell("Permission denied"),
    errno.EPERM: tell("Operation not permitted"),
    errno.ENOSPC: tell("No space left on device"),
    errno.EROFS: tell("Read-only file system"),
    errno.ENAMETOOLONG: tell("File name too long"),
    errno.EIO: tell("Input/output error"),
    errno.EMFILE: tell("Too many open files"),
    errno.EBUSY: tell("Device or resource busy"),
}


def split_layer(source: str | Path) -> tuple[Path, str | None]:
    """Split ``FILE|layername=NAME``, the way QGIS writes a layer, into its parts.

    Parameters
    ----------
    source
        A path, with or without a layer name.

    Returns
    -------
    path : pathlib.Path
        The file.
    layer : str or None
        The layer's name, where one is given.

    Raises
    ------
    StudyError
        When what follows the bar is not ``layername=NAME``.

    Examples
    --------
    >>> split_layer("town.gpkg|layername=stops")[1]
    'stops'
    """
    text = os.fspath(source)
    file, bar, option = text.partition("|")
    if not bar:
        return Path(text), None
    key, _, name = option.partition("=")
    if key != "layername" or not name:
        raise StudyError(
            "{file}: expected FILE|layername=NAME, got {option!r} after the bar",
            file=text,
            option=option,
        )
    return Path(file), name


def as_message(words: str) -> Message:
    """Make a role, or a file with its role, a message, so that it is told in the reader's language."""
    if isinstance(words, Message):
        return words
    return tell(words.replace("{", "{{").replace("}", "}}"))


def reason_of(error: Exception) -> Message:
    """Say why something failed, so that it is told in the reader's language where we know the words.

    Parameters
    ----------
    error
        From the operating system, or with a message or a text of its own.

    Returns
    -------
    Message
        What the system says in short, without number or path; or what the error says.

    Examples
    --------
    >>> reason_of(PermissionError(13, "Permission denied", "town.csv"))
    'Permission denied'
    """
    if isinstance(error, OSError):
        return _SYSTEM.get(error.errno or 0) or as_message(error.strerror or str(error))
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Message) else as_message(str(error))


def suffix_of(path: Path) -> str:
    """Return the lower-case suffix, both parts of a double one such as ``.osm.pbf``."""
    name = path.name.lower()
    double = next((s for s in sorted(OSM_SUFFIXES, key=len, reverse=True) if name.endswith(s)), "")
    return double or path.suffix.lower()


def is_osm(source: str | Path) -> bool:
    """Tell whether a path names an OSM file.

    Parameters
    ----------
    source
        A path.

    Returns
    -------
    bool
        By its suffix.

    Raises
    ------
    StudyError
        As `split_layer`.

    Examples
    --------
    >>> is_osm("town.osm.pbf"), is_osm("town.osm.gpkg")
    (True, False)
    """
    return suffix_of(split_layer(source)[0]) in OSM_SUFFIXES


def check_input(path: str | Path, *, suffixes: Collection[str], role: str) -> Path:
    """Check that a path names an existing, readable, ordinary file of an allowed format.

    Parameters
    ----------
    path
        The path as the user gave it.
    suffixes
        The suffixes allowed for this role, lower case with a dot.
    role
        What the file is for, used in messages: ``"network"``, ``"sites"``.

    Returns
    -------
    pathlib.Path
        The path, checked.

    Raises
    ------
    InputError
        When the path is a URL, a GDAL virtual path or of a format that is not allowed.
    SourceError
        When the file is not there or cannot be read.
    FormatError
        When the file is empty or its first bytes do not belong to its suffix.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> demo = demo_study().parent
    >>> check_input(demo / "kandidaten.gpkg", suffixes=LAYER_SUFFIXES, role="sites").name
    'kandidaten.gpkg'
    >>> check_input("/vsicurl/https://example.nl/a.tif", suffixes=RASTER_SUFFIXES, role="raster")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: raster: /vsicurl/https://example.nl/a.tif is not a plain file; ...
    """
    text = os.fspath(path)
    if "://" in text or text.lower().startswith(("/vsi", "http:", "https:")) or "\x00" in text:
        raise InputError(
            "{role}: {file} is not a plain file; download it first and give its path",
            role=as_message(role),
            file=text,
        )
    checked = Path(text)
    suffix = suffix_of(checked)
    if suffix not in suffixes:
        raise InputError(
            "{role}: {file} has suffix {suffix}; allowed are {allowed}",
            role=as_message(role),
            file=text,
            suffix=suffix or tell("(none)"),
            allowed=", ".join(sorted(suffixes)),
        )
    try:
        there, folder = checked.is_file(), checked.is_dir()
    except OSError as error:  # a name too long, a folder one may not look in
        raise SourceError(
            "{role}: {file} cannot be read ({why})",
            role=as_message(role),
            file=text,
            why=reason_of(error),
        ) from error
    if not there:
        what = tell("is a folder") if folder else tell("does not exist")
        raise SourceError(
            "{role}: {file} {what}; give the path of an existing file",
            role=as_message(role),
            file=text,
            what=what,
        )
    _check_content(checked, suffix, role)
    return checked


def _check_content(path: Path, suffix: str, role: str) -> None:
    head = read_head(path, 512)
    if not head:
        raise FormatError(
            "{role}: {file} is empty; fetch or export it again",
            role=as_message(role),
            file=path,
        )
    expected = _MAGIC.get(suffix) or _MAGIC.get(path.suffix.lower())
    if expected and not head.startswith(expected):
        raise FormatError(
            "{role}: {file} is not a {suffix} file (it starts with {start!r}); export it again",
            role=as_message(role),
            file=path,
            suffix=suffix,
            start=head[:8],
        )
    if suffix in {".geojson", ".json"}:
        _check_json(path, head, role)
    if suffix == ".xlsx":
        check_zip(path, role=role)


def _check_json(path: Path, head: bytes, role: str) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if text.startswith((b"{", b"[")):
        return
    start = text[:30].decode("latin-1")
    if _SCRIPT.match(text):
        raise FormatError(
            "{role}: {file} is JavaScript, not JSON (it starts with {start!r}); remove what stands "
            "before the first {{ and after the last }}",
            role=as_message(role),
            file=path,
            start=start,
        )
    raise FormatError(
        "{role}: {file} is not JSON (it starts with {start!r})",
        role=as_message(role),
        file=path,
        start=start,
    )


def check_zip(path: Path, *, role: str) -> None:
    """Refuse an archive that is a bomb or reaches outside its folder.

    Parameters
    ----------
    path
        A zip file, or a format that is one inside (xlsx).
    role
        What the file is for, used in messages.

    Raises
    ------
    FormatError
        When the archive is broken, holds over 10,000 entries, unpacks to over 4 GiB or to over
        200 times its size, or names a path outside itself.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise FormatError(
            "{role}: {file} is not a readable archive ({why})",
            role=as_message(role),
            file=path,
            why=str(error),
        ) from error
    size = sum(e.file_size for e in entries)
    packed = max(1, sum(e.compress_size for e in entries))
    outside = [
        e.filename for e in entries if e.filename.startswith("/") or ".." in Path(e.filename).parts
    ]
    if (
        len(entries) > _MAX_ZIP_ENTRIES
        or size > _MAX_UNZIPPED_BYTES
        or size > _MAX_ZIP_RATIO * packed
    ):
        raise FormatError(
            "{role}: {file} is refused: {n} entries that unpack to {size_mb:.0f} MB from "
            "{packed_mb:.2f} MB",
            role=as_message(role),
            file=path,
            n=len(entries),
            size_mb=size / 1e6,
            packed_mb=packed / 1e6,
        )
    if outside:
        raise FormatError(
            "{role}: {file} is refused: entries outside the archive ({entries})",
            role=as_message(role),
            file=path,
            entries=", ".join(outside[:5]),
        )


def read_head(path: str | Path, n_bytes: int) -> bytes:
    """Read the first bytes of a file.

    Parameters
    ----------
    path
        The file.
    n_bytes
        How many bytes at most.

    Returns
    -------
    bytes
        Up to ``n_bytes`` bytes.

    Raises
    ------
    SourceError
        When the file cannot be read.

    Examples
    --------
    >>> len(read_head(__file__, 3))
    3
    """
    try:
        with Path(path).open("rb") as file:
            return file.read(n_bytes)
    except OSError as error:
        raise SourceError(
            "{file} cannot be read ({why})",
            file=path,
            why=reason_of(error),
        ) from error
