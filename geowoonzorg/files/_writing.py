"""Outputs by format: texts, tables, layers and arrays; the same content gives the same bytes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from geowoonzorg.errors import OutputError
from geowoonzorg.files._one_file import write_file
from geowoonzorg.files._parquet import check_can_write, fill_parquet, is_parquet
from geowoonzorg.files._paths import reason_of
from geowoonzorg.files._replacing import FIXED_DATE, MARK
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

# What SQLite says of a full disk: in a table, or when all is to be laid down at the end.
_FULL = ("disk is full", "disk I/O error", "commit transaction")
# The wide forms run, too, in a spreadsheet set to Chinese, Japanese or Korean.
_MANY_ROWS = 100_000
_FORMULA_STARTS = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file at once.

    Parameters
    ----------
    path
        The file; its folder must exist.
    content
        What to write.

    Raises
    ------
    OutputError
        When it cannot be written; an old file is still there, whole.

    Examples
    --------
    >>> write_bytes("no/such/folder/a.txt", b"")
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/a.txt could not be written: the folder does not ...
    """

    def fill(temporary: Path) -> None:
        temporary.write_bytes(content)

    write_file(path, fill)


def make_folder(path: str | Path) -> None:
    """Make a folder and those it lies in, where they are not there.

    Parameters
    ----------
    path
        The folder.

    Raises
    ------
    OutputError
        When it cannot be made, or is a file.

    Examples
    --------
    >>> make_folder(__file__)
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: ... could not be made (...)
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "{folder} could not be made ({reason})", folder=path, reason=reason_of(error)
        ) from error


def write_text(path: str | Path, text: str) -> None:
    """Write a text file at once, as UTF-8 with line feeds.

    Parameters
    ----------
    path
        The file; its folder must exist.
    text
        What to write. Lone surrogates become ``?``.

    Raises
    ------
    OutputError
        When it cannot be written; an old file is still there, whole.

    Examples
    --------
    >>> write_text("no/such/folder/a.txt", "")
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/a.txt could not be written: the folder does not ...
    """
    write_bytes(path, text.encode("utf-8", errors="replace"))


def _defuse(cell: object) -> object:
    """Keep a spreadsheet from running a text as a formula; numbers are not touched."""
    if isinstance(cell, str):
        # A return by itself is not quoted, and would begin a row of its own.
        text = cell.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
        return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    return cell


def write_csv(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table as csv: comma, UTF-8, dot decimals, empty for unknown, formulas defused.

    Parameters
    ----------
    path
        The file; its folder must exist.
    frame
        The table; the index is not written.

    Raises
    ------
    OutputError
        When it cannot be written; an old file is still there, whole.

    Notes
    -----
    A text that starts with ``=``, ``+``, ``-``, ``@``, tab or return gets an apostrophe in front,
    as OWASP advises against CSV injection. A return within a text is written as a line feed, in quotes.

    Examples
    --------
    >>> import pandas as pd
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_csv(Path(folder) / "a.csv", pd.DataFrame({"name": ["=1+1"], "score": [1.5]}))
    ...     print((Path(folder) / "a.csv").read_text())
    name,score
    '=1+1,1.5
    """
    text = frame.select_dtypes(exclude=["number", "bool"]).columns
    safe = frame.assign(**{c: frame[c].map(_defuse) for c in text})
    safe.columns = [str(_defuse(str(c))) for c in safe.columns]
    write_text(path, safe.to_csv(index=False, lineterminator="\n"))


def write_layers(
    path: str | Path,
    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
    *,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write layers into one GeoPackage, or one layer as GeoParquet, at once.

    Parameters
    ----------
    path
        The file, ending in ``.gpkg``, or ``.parquet`` or ``.geoparquet``; its folder must exist.
    layers
        The layers by name, in the order in which they are written; a frame without geometry becomes a
        table.
    metadata
        Texts that are kept with every layer of a GeoPackage, such as its provenance.

    Raises
    ------
    OutputError
        When it cannot be written, when the suffix is another, or when the old file is open in
        another program; an old file is still there, whole. Of GeoParquet also when there are several layers, or
        pyarrow is not installed.

    Examples
    --------
    >>> write_layers("no/such/folder/a.gpkg", {})
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/a.gpkg could not be written: the folder does not ...
    """
    if is_parquet(path):
        check_can_write(path, len(layers))
        write_file(Path(path), lambda temporary: fill_parquet(temporary, path, layers))
        return
    import pyogrio  # keeps the writers of text free of GDAL
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

    if Path(path).suffix.lower() != ".gpkg":
        raise OutputError(
            "{file}: layers are written as GeoPackage or GeoParquet; give a name that ends in .gpkg or .parquet",
            file=path,
        )

    def fill(temporary: Path) -> None:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
        try:
            for number, (name, frame) in enumerate(layers.items()):
                plain = frame.reset_index(drop=True)
                plain.attrs = {}
                pyogrio.write_dataframe(
                    plain,
                    temporary,
                    layer=name,
                    driver="GPKG",
                    append=number > 0,
                    promote_to_multi=False,
                    geometry_type=_geometry_type(plain) if "geometry" in plain else None,
                    layer_metadata={**(metadata or {}), MARK: f"{len(plain)} {name}"},
                    use_arrow=_as_arrow(plain),
                )
        except (DataSourceError, DataLayerError, FeatureError, FieldError) as error:
            why = _in_short(str(error).replace(str(temporary), str(path)))
            raise OutputError(
                "{file} could not be written: {why}; the old file, if any, is unchanged",
                file=path,
                why=why,
            ) from error
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})

    write_file(Path(path), fill)


def _in_short(said: str) -> str:
    """Keep of what GDAL says the reason, not the SQL that met it."""
    if any(words in said for words in _FULL):
        return tell("the disk is full, or fails; free some space")
    return said.rsplit(" failed: ", 1)[-1][:300]


def _as_arrow(frame: pd.DataFrame) -> bool:
    """Tell whether a layer goes to GDAL as Arrow: many rows, whose texts would else each be an object of Python."""
    many = len(frame) > _MANY_ROWS and importlib.util.find_spec("pyarrow") is not None
    return many and "object" not in map(str, frame.dtypes)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    """Name one type for the layer: QGIS styles and filters by it."""
    kinds: set[str] = set(frame.geom_type.dropna())
    simple = {k.removeprefix("Multi") for k in kinds}
    if len(simple) != 1:
        return "Unknown"
    return kinds.pop() if len(kinds) == 1 else "Unknown"
