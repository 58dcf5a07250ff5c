"""What GDAL may open: by the driver of the suffix only, and nothing that names another file or the network."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from geowoonzorg.errors import FormatError, InputError
from geowoonzorg.files._geojson import check_geojson
from geowoonzorg.files._paths import as_message, read_head, suffix_of
from geowoonzorg.files._replacing import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
        check_geojson(path, role)
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
