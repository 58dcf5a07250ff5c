"""What an output may replace: what this program wrote, never an input, the rest only when forced."""

from __future__ import annotations

import hashlib
import html
import json
import re
import sqlite3
import zipfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geowoonzorg.errors import OutputError, first_ids
from geowoonzorg.files._paths import split_layer

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The item of a layer's metadata, in a GeoPackage, by which this program knows a layer that it wrote.
#: (One for the whole file would make GDAL write a file beside it whenever it is read.)
MARK = "GEOWOONZORG_LAYER"
WRITTEN_BY: Final = "written_by"  # key of a record that stands beside a layer
OURS: Final = "geowoonzorg"
PAGE_HASH: Final = "page_sha256"  # key in such a record of the page that stands beside it
#: GDAL stamps the present time into a GeoPackage; a fixed one keeps the bytes equal, and tells a
#: layer that another program has changed since.
FIXED_DATE = "2000-01-01T00:00:00.000Z"
_GDAL = "http://gdal.org"
_MARKED = re.compile(rf'<MDI key="{MARK}">(.*?)</MDI>', re.DOTALL)
_NETWORK = b"geowoonzorg network"
_DESCRIBED = (
    "select r.table_name, m.metadata from gpkg_metadata_reference r "
    "join gpkg_metadata m on m.id = r.md_file_id where m.md_standard_uri = ?"
)
_STORY_BYTES = 4096


def refuse_input(output: str | Path, inputs: Iterable[str | Path | None]) -> None:
    """Refuse an output that is one of the inputs, under whatever name.

    Parameters
    ----------
    output
        The file to write.
    inputs
        Files, with or without a layer's name; those that are not there, or None, are passed over.

    Raises
    ------
    OutputError
        When they are one file: by another spelling, a link, or a layer in it.

    Examples
    --------
    >>> refuse_input(__file__, [f"{__file__}|layername=sites"])
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: ... is also an input (...); choose another name
    """
    for given in inputs:
        same = False
        if given is not None:
            with suppress(
                OSError, ValueError
            ):  # not there; or no path, which is told when it is read
                same = Path(output).samefile(split_layer(given)[0])
        if same:
            raise OutputError(
                "{output} is also an input ({given}); choose another name",
                output=output,
                given=given,
            )


def check_replaceable(
    path: str | Path, *, force: bool = False, inputs: Iterable[str | Path | None] = ()
) -> None:
    """Refuse to replace what this program did not write.

    Parameters
    ----------
    path
        The file to write.
    force
        Replace it all the same, unless it is an input.
    inputs
        As `refuse_input`.

    Raises
    ------
    OutputError
        When it is an input or a folder; without ``force`` also when it is there and holds what this
        program, as far as it can tell, did not write.

    Notes
    -----
    A layer that this program wrote in a GeoPackage says so in its metadata; other layers, changed
    ones and other tables (such as QGIS's ``layer_styles``) are the user's. A cached network is known
    by its content, and a record beside a layer says who wrote it, and which page. A csv or any other file cannot be
    told from one that somebody has corrected by hand, so it is never replaced unasked. An empty file
    holds nothing.

    Examples
    --------
    >>> check_replaceable(__file__)
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: ... exists already; choose another name, or give --force to replace it
    """
    file = Path(path)
    refuse_input(file, inputs)
    if file.is_dir():
        raise OutputError(
            "{file} is a folder; choose another name",
            file=file,
        )
    if force or not file.exists() or file.stat().st_size == 0:
        return
    suffix = file.suffix.lower()
    if suffix == ".gpkg":
        if foreign := foreign_layers(file):
            raise OutputError(
                "{file} holds what this program did not write, or what was changed since: "
                "{layers}; choose another name, or give --force to replace the whole file",
                file=file,
                layers=first_ids(foreign),
            )
    elif not (suffix == ".npz" and _is_network(file)) and not (
        (suffix == ".json" and _is_record(file)) or (suffix == ".html" and _is_page(file))
    ):
        raise OutputError(
            "{file} exists already; choose another name, or give --force to replace it",
            file=file,
        )


def refuse_open_database(path: Path) -> None:
    """Refuse to replace an open GeoPackage: its last changes are still in a file beside it.

    Parameters
    ----------
    path
        A file that would be replaced.

    Raises
    ------
    OutputError
        When another program has it open.

    Examples
    --------
    >>> refuse_open_database(Path("no/such/file.gpkg"))
    """
    if Path(f"{path}-wal").exists() or Path(f"{path}-journal").exists():
        raise OutputError(
            "{file} is open in another program (QGIS?); remove the layer there or choose "
            "another name",
            file=path,
        )


def foreign_layers(path: Path) -> list[str]:
    """Name what in a GeoPackage this program did not write, or others have changed.

    Parameters
    ----------
    path
        A file that is there.

    Returns
    -------
    list of str
        Layers, tables and views; the file's own name when it is no GeoPackage.

    Examples
    --------
    >>> foreign_layers(Path(__file__)) == [Path(__file__).name]
    True
    """
    try:
        with closing(open_database(path)) as database:
            return _foreign(database)
    except sqlite3.Error:
        return [path.name]


def open_database(path: Path) -> sqlite3.Connection:
    """Open a GeoPackage to look at it, so that nothing beside it is made or changed.

    Parameters
    ----------
    path
        A file that is there.

    Returns
    -------
    sqlite3.Connection
        For reading only; what another program has not yet laid down in the file is read, too.
    """
    log = Path(f"{path}-wal")
    how = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)


def _foreign(database: sqlite3.Connection) -> list[str]:
    def column(query: str, *values: str) -> list[str]:
        with suppress(sqlite3.OperationalError):  # a table that not every GeoPackage has
            return [str(row[0]) for row in database.execute(query, values)]
        return []

    tables = database.execute("select name from sqlite_master where type in ('table', 'view')")
    names = [str(row[0]) for row in tables]
    ours: set[str] = set()
    with suppress(sqlite3.OperationalError):
        for name, text in database.execute(_DESCRIBED, [_GDAL]):
            mark = _MARKED.search(str(text))
            if mark and html.unescape(mark[1]) == f"{_count(database, name)} {name}":
                ours.add(name)
    changed = column("select table_name from gpkg_contents where last_change is not ?", FIXED_DATE)
    ours -= set(changed)
    indexes = tuple(f"rtree_{name}_" for name in (*ours, *changed))
    known = ("gpkg_", "sqlite_", *indexes)
    foreign = [name for name in names if name not in ours and not name.startswith(known)]
    described = "select distinct md_standard_uri from gpkg_metadata where md_standard_uri <> ?"
    return foreign + column(described, _GDAL)


def _count(database: sqlite3.Connection, table: str) -> int:
    """Count the rows of a table: SQL that adds or removes some leaves the date of the last change."""
    quoted = table.replace('"', '""')
    return int(database.execute(f'select count(*) from "{quoted}"').fetchone()[0])  # noqa: S608


def _is_record(file: Path) -> bool:
    """Tell whether a JSON file says that this program wrote it."""
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get(WRITTEN_BY) == OURS


def _is_page(file: Path) -> bool:
    """Tell whether a page is the one that the record beside it was written with."""
    record = file.with_suffix(".json")
    if not _is_record(record):
        return False
    told = json.loads(record.read_bytes()).get(PAGE_HASH)
    return bool(told == hashlib.sha256(file.read_bytes()).hexdigest())


def _is_network(path: Path) -> bool:
    """Tell a cached network by its content, or, when it is damaged, by its first bytes."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("story.npy") as member:
            return _NETWORK in member.read(_STORY_BYTES).replace(b"\x00", b"")
    except (zipfile.BadZipFile, EOFError, OSError):
        with suppress(OSError), path.open("rb") as file:
            return b"node_xy.npy" in file.read(64)
        return False
    except (KeyError, NotImplementedError, RuntimeError, ValueError):
        return False
