"""What GDAL may open: by the driver of the suffix only, and nothing that names another file or the network."""

from __future__ import annotations

import json
import mmap
import os
import re
import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from geowoonzorg.errors import FormatError, InputError
from geowoonzorg.files._paths import as_message, read_head, suffix_of
from geowoonzorg.files._replacing import open_database
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

#: GDAL's settings while it reads: what has slipped through goes to a proxy that cannot be.
_NO_NETWORK = {
    "GDAL_HTTP_PROXY": "http://0.0.0.0:0",
    "GDAL_HTTPS_PROXY": "http://0.0.0.0:0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
    "ALLOW_OGR_SQL_FUNCTIONS_FROM_TRIGGER_AND_VIEW": "NO",
}
#: The same for rasters, of which GDAL would also open masks and overviews that lie beside them.
RASTER_SETTINGS = {
    **_NO_NETWORK,
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
}

_TYPES = frozenset(
    {"FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint"}
    | {"LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)
#: Members that make something else of what else looks like a GeoJSON.
_OTHERS = {"stac_version": tell("a STAC item"), "coordrefsys": "JSON-FG", "conformsto": "JSON-FG"}
_NAMED_CRS = re.compile(
    r"(urn:(x-)?ogc:def:crs:)?EPSG:[\d.]*:?\d+|(urn:(x-)?ogc:def:crs:)?OGC:[\d.]*:?CRS84h?|CRS84|"
    r"https?://www\.opengis\.net/def/crs/(EPSG/0/\d+|OGC/1\.3/CRS84h?)",
    re.IGNORECASE,
)
# The key "crs" at any depth, in capitals or escaped too: GDAL obeys one in a geometry as well.
_CRS_KEY = re.compile(rb'"(?:[Cc]|\\u00[46]3)(?:[Rr]|\\u00[57]2)(?:[Ss]|\\u00[57]3)"\s*:\s*')
_CHUNK_BYTES = 1 << 22
_HEAD_BYTES = 1 << 16

# Per byte of JSON outside a text: 0 belongs there, 1 opens, 2 closes, 3 does not belong there.
_KIND = np.full(256, 3, np.uint8)
_KIND[np.frombuffer(b' \t\r\n",:+-.0123456789eEtrufalsnNIity', np.uint8)] = 0
_KIND[np.frombuffer(b"{[", np.uint8)] = 1
_KIND[np.frombuffer(b"}]", np.uint8)] = 2

# Indexes that are kept in the file itself: of places, and of texts.
_INDEX = re.compile(
    r"""CREATE VIRTUAL TABLE ("([^"]|"")*"|\w+) USING (rtree\(([^()"]|"([^"]|"")*")*\)|fts[345]\(.*\))""",
    re.IGNORECASE | re.DOTALL,
)
_NO_FUNCTION = re.compile(r"no such function: (\w+)")
_DBF_VERSIONS = frozenset({0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0xCB, 0xF5, 0xFB})

_reading = threading.Lock()
_readers = 0
_settings_before: dict[str, Any] = {}


@contextmanager
def without_network() -> Iterator[None]:
    """Keep pyogrio's GDAL off the network for a while; what its user had set comes back afterwards."""
    global _readers  # noqa: PLW0603 - GDAL's settings belong to the process, not to a thread
    import pyogrio

    with _reading:
        if not _readers:
            for name in _NO_NETWORK:
                _settings_before[name] = pyogrio.get_gdal_config_option(name)
            pyogrio.set_gdal_config_options(_NO_NETWORK)
        _readers += 1
    try:
        yield
    finally:
        with _reading:
            _readers -= 1
            if not _readers:
                pyogrio.set_gdal_config_options(_settings_before)


def name_for_gdal(path: Path, *, role: str) -> str:
    """Check a file that GDAL is to open, and name it so that only its own driver does.

    Parameters
    ----------
    path
        A file that `check_input` let pass.
    role
        What the file is for, used in messages.

    Returns
    -------
    str
        What to hand to pyogrio.

    Raises
    ------
    FormatError
        When the content is not plainly of the format that the suffix says: a GeoJSON that is not
        as RFC 7946 has it or whose reference system is not one of EPSG by name, a GeoPackage that
        reads other files or calls functions, a dbf that is none.
    InputError
        When GDAL would read the path as another one.

    Notes
    -----
    GDAL asks all its drivers in turn, by content. A ``.json`` may be a pipeline that reads any file
    or address; the reference system of a GeoJSON may be an address; a table in a GeoPackage may be
    another file.

    Examples
    --------
    >>> from pathlib import Path
    >>> name_for_gdal(Path("a;b.shp"), role="sites")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: sites: a;b.shp has a ; or ! in its path, ...; rename it
    """
    suffix, whole = suffix_of(path), os.path.abspath(path)  # noqa: PTH100 - GDAL is given a text
    if suffix in {".geojson", ".json"}:
        _check_geojson(path, role)
        return f"GeoJSON:{whole}"
    if ";" in whole or "!" in whole:
        raise InputError(
            "{role}: {file} has a ; or ! in its path, which GDAL reads as another one; rename it",
            role=as_message(role),
            file=path,
        )
    if suffix == ".gpkg":
        _check_geopackage(path, role)
    elif suffix == ".dbf":
        _check_dbf(path, role)
    return whole


# --- GeoJSON ------------------------------------------------------------------------------------


def _check_geojson(path: Path, role: str) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        why = _not_a_geojson(content)
        keys = [] if why else list(_CRS_KEY.finditer(content))
        for key in keys:
            if content[key.end() : key.end() + 1] == b"{":
                why = why or _not_a_named_crs(content[key.end() : key.end() + _HEAD_BYTES])
    if why:
        raise FormatError(
            "{role}: {file} {why}; export it as GeoJSON (RFC 7946) or GeoPackage",
            role=as_message(role),
            file=path,
            why=why,
        )


def _not_a_geojson(content: mmap.mmap) -> str | None:
    """Say what in its outermost object keeps a file from being a plain GeoJSON."""
    try:
        top = json.loads(_outline(content), object_pairs_hook=_Members)
    except (ValueError, RecursionError) as error:
        return tell("is not valid JSON ({why})", why=str(error))
    if not isinstance(top, _Members):
        return tell("is a list, not a GeoJSON")
    members = {key.lower(): value for key, value in top}
    other = next((what for key, what in _OTHERS.items() if key in members), None)
    if other:
        return tell("is {what}, not plain GeoJSON", what=other)
    kind = dict(top).get("type")
    if kind not in _TYPES or len(members) < len(top):
        if kind in _TYPES:
            why = tell("it has members twice")
        else:
            why = tell("its type is {kind!r}", kind=kind) if kind else tell("it has no type")
        return tell("is not GeoJSON ({why})", why=why)
    if not isinstance(members.get("crs"), _Members | None):
        return _other_crs(repr(members["crs"]))
    return None


def _other_crs(what: str) -> str:
    return tell("has a reference system (crs) that is not one of EPSG by name: {what}", what=what)


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object, also those of one name."""


def _not_a_named_crs(text: bytes) -> str | None:
    """Say what is wrong with the reference system that a text begins with."""
    name = said = None
    try:
        decoder = json.JSONDecoder(object_pairs_hook=_Members)
        crs, _ = decoder.raw_decode(text.decode("utf-8", errors="replace"))
        said = dict(crs).get("type")
        if sorted(key.lower() for key, _ in crs) == ["properties", "type"] and said == "name":
            name = dict(dict(crs)["properties"])["name"]
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    if isinstance(name, str) and _NAMED_CRS.fullmatch(name):
        return None
    what = repr(name) if name else tell("it is of type {kind!r}", kind=said)
    return _other_crs(what)


def _outline(content: mmap.mmap) -> bytes:
    """Keep of a JSON document what stands in its outermost object, with the inside of all in it left out.

    Raises
    ------
    ValueError
        When something stands outside a text that JSON has not, or the outline is unlikely long.
    """
    kept: list[bytes] = []
    in_text, depth, size = False, 0, 0
    at = 3 if content[:3] == b"\xef\xbb\xbf" else 0
    while at < len(content):
        raw = bytes(content[at : at + _CHUNK_BYTES])
        while raw.endswith(b"\\") and at + len(raw) < len(content):  # not between a \ and its "
            raw += bytes(content[at + len(raw) : at + len(raw) + 1])
        at += len(raw)
        letters = np.frombuffer(raw.replace(b"\\\\", b"__").replace(b'\\"', b"__"), np.uint8)
        quotes = np.bitwise_xor.accumulate((letters == ord('"')).view(np.uint8))
        outside = (quotes == 0) ^ in_text
        kind = _KIND[letters]
        if (strange := outside & (kind == 3)).any():  # noqa: PLR2004
            letter = raw[int(np.argmax(strange)) :][:1].decode("latin-1")
            msg = f"{letter!r} stands outside a text"
            raise ValueError(msg)
        part, depth = _shallow(raw, np.flatnonzero(outside & (kind > 0)), kind, depth)
        in_text ^= bool(quotes[-1])
        kept.append(part)
        size += len(part)
        if size > _HEAD_BYTES * 16:
            msg = "what stands around its features is over a megabyte long"
            raise ValueError(msg)
    return b"".join(kept)


def _shallow(
    raw: bytes, brackets: NDArray[np.intp], kind: NDArray[np.uint8], depth: int
) -> tuple[bytes, int]:
    """Cut what lies two or more levels deep out of a piece of JSON, brackets of the second level not."""
    if not len(brackets):
        return (raw if depth <= 1 else b""), depth
    steps = np.where(kind[brackets] == 1, 1, -1)
    after = depth + np.cumsum(steps)
    before = after - steps
    # A piece is kept from where the depth comes down to one until where it goes up to two.
    down = brackets[(before == 2) & (after == 1)]  # noqa: PLR2004
    up = brackets[(before == 1) & (after == 2)] + 1  # noqa: PLR2004
    starts = down if depth > 1 else np.r_[0, down]
    ends = up if after[-1] > 1 else np.r_[up, len(raw)]
    return b"".join(raw[a:b] for a, b in zip(starts, ends, strict=True)), int(after[-1])


# --- GeoPackage and dbf -------------------------------------------------------------------------


def _check_geopackage(path: Path, role: str) -> None:
    """Refuse a GeoPackage with tables that are other files, or views that call more than SQLite knows."""
    try:
        with closing(open_database(path)) as database:
            virtual = [
                str(name)
                for name, sql in database.execute(
                    "select name, sql from sqlite_master where type = 'table' and rootpage = 0"
                )
                if not _INDEX.fullmatch(str(sql))
            ]
            views = database.execute("select name from sqlite_master where type = 'view'")
            calling = {
                str(name): why
                for (name,) in views.fetchall()
                if (why := _calls(database, str(name)))
            }
    except sqlite3.Error as error:
        raise FormatError(
            "{role}: {file} cannot be read ({why})",
            role=as_message(role),
            file=path,
            why=str(error),
        ) from error
    if virtual:
        raise FormatError(
            "{role}: {file} has tables that lie outside it ({tables}); export it again",
            role=as_message(role),
            file=path,
            tables=", ".join(virtual[:5]),
        )
    for name, why in calling.items():
        raise FormatError(
            "{role}: {file} has a view {name} that cannot be trusted ({why}); export it as a layer",
            role=as_message(role),
            file=path,
            name=name,
            why=why,
        )


def _calls(database: sqlite3.Connection, view: str) -> str | None:
    """Say what keeps a view from being read with SQLite's own functions and those of geometry."""
    quoted = view.replace('"', '""')
    for _ in range(100):
        try:
            database.execute(f'explain select * from "{quoted}"')  # noqa: S608 - it is not run
        except sqlite3.Error as error:
            missing = _NO_FUNCTION.search(str(error))
            if missing is None or not missing[1].lower().startswith("st_"):
                return str(error)
            database.create_function(missing[1], -1, lambda *_: None)
        else:
            return None
    return "too many functions"


def _check_dbf(path: Path, role: str) -> None:
    head = read_head(path, 32)
    known = len(head) == 32 and head[0] in _DBF_VERSIONS and head[12:14] == b"\x00\x00"  # noqa: PLR2004
    if not known:
        raise FormatError(
            "{role}: {file} is not a dbf file (it starts with {start!r}); export it again",
            role=as_message(role),
            file=path,
            start=head[:8],
        )
