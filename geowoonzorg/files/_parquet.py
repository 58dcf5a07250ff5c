"""GeoParquet: one layer a file, read as it says of itself and no larger than it can be, written at once."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.errors import FormatError, InputError, OutputError, first_ids
from geowoonzorg.files._paths import as_message, reason_of
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

PARQUET_SUFFIXES: Final = (".parquet", ".geoparquet")
_GEO: Final = b"geo"  # the key under which a Parquet file says that it has places
_LEAST_ROWS: Final = (
    1_000_000  # so many rows may be in a small file: all alike, they take next to nothing
)
_ROWS_A_GROUP: Final = 100_000


def is_parquet(path: str | Path) -> bool:
    """Tell by its name whether a file is GeoParquet.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    bool
        Whether it ends in ``.parquet`` or ``.geoparquet``.

    Examples
    --------
    >>> is_parquet("nearest.parquet"), is_parquet("nearest.gpkg")
    (True, False)
    """
    return str(path).lower().endswith(PARQUET_SUFFIXES)


def read_parquet(path: Path, role: str) -> gpd.GeoDataFrame:
    """Read a GeoParquet that `check_input` let pass; of several geometries a row only the first is kept.

    Parameters
    ----------
    path
        The file.
    role
        What it is for, used in messages.

    Returns
    -------
    geopandas.GeoDataFrame
        Its columns; ``attrs["notes"]`` names the geometries that were left out.

    Raises
    ------
    InputError
        When pyarrow is not installed.
    FormatError
        When it is no GeoParquet, is cut off, or says that it has more rows than it can have.
    """
    where: dict[str, Any] = {"role": as_message(role), "file": path}
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise InputError(
            "{role}: {file} needs pyarrow, which is not installed: pip install pyarrow", **where
        ) from error
    import geopandas as gpd

    try:
        about = pq.read_metadata(path)
        own = about.metadata or {}
    except Exception as error:  # pyarrow has its own tree
        raise FormatError(
            "{role}: {file} is not a readable GeoParquet ({why})", **where, why=str(error)
        ) from error
    if _GEO not in own:
        raise FormatError(
            "{role}: {file} is a Parquet table that does not say where its places are; write it as GeoParquet, as "
            "to_parquet of geopandas does",
            **where,
        )
    size = path.stat().st_size
    if about.num_rows > max(size, _LEAST_ROWS):
        raise FormatError(
            "{role}: {file} says that it has {n:,} rows, in {size:,} bytes; export it again",
            **where, n=about.num_rows, size=size,
        )  # fmt: skip
    try:
        frame = gpd.read_parquet(path)
    except Exception as error:  # what it says of itself may be anything
        raise FormatError(
            "{role}: {file} is not a readable GeoParquet ({why})", **where, why=str(error)
        ) from error
    pa.default_memory_pool().release_unused()  # a quarter of what a large layer took to read
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()].unique()
        raise FormatError(
            "{role}: {file} has columns that occur more than once: {columns}; name each its own",
            **where, columns=first_ids(twice),
        )  # fmt: skip
    first = frame.geometry.name
    others = [str(c) for c in frame.select_dtypes("geometry").columns if c != first]
    frame = frame.drop(columns=others)
    if others:
        note = tell(
            "{file}: the geometry {taken} is read, not {others}",
            file=path, taken=str(first), others=", ".join(others),
        )  # fmt: skip
        frame.attrs["notes"] = [note]
    return frame


def check_can_write(path: str | Path, layers: int = 1) -> None:
    """Refuse before the work a GeoParquet that could not be written after it.

    Parameters
    ----------
    path
        The file to write; of another format it is passed over.
    layers
        How many layers would go in it.

    Raises
    ------
    OutputError
        When pyarrow is not installed, or there are several layers.

    Examples
    --------
    >>> check_can_write("a.parquet", 2)
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: a.parquet: GeoParquet holds one layer and here are 2; give a name ...
    """
    if not is_parquet(path):
        return
    if layers != 1:
        raise OutputError(
            "{file}: GeoParquet holds one layer and here are {n}; give a name that ends in .gpkg",
            file=path, n=layers,
        )  # fmt: skip
    if importlib.util.find_spec("pyarrow") is None:
        raise OutputError(
            "{file} needs pyarrow, which is not installed: pip install pyarrow, or give a name that ends in .gpkg",
            file=path,
        )


def fill_parquet(
    temporary: Path,
    path: str | Path,
    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
) -> None:
    """Write the one layer of a GeoParquet.

    Parameters
    ----------
    temporary
        Where it is written first.
    path
        What it will be called, for messages.
    layers
        The layer by name.

    Raises
    ------
    OutputError
        When a column cannot be written, or as `check_can_write`.
    """
    check_can_write(path, len(layers))
    (frame,) = layers.values()
    plain = frame.reset_index(drop=True)
    plain.attrs = {}
    how: dict[str, Any] = {"index": False, "compression": "zstd", "row_group_size": _ROWS_A_GROUP}
    if "geometry" in plain:
        how["schema_version"] = "1.1.0"
    try:
        plain.to_parquet(temporary, **how)
    except OSError:
        raise
    except Exception as error:  # pyarrow has its own tree: a column of mixed things, say
        raise OutputError(
            "{file} could not be written: {why}; the old file, if any, is unchanged",
            file=path, why=reason_of(error),
        ) from error  # fmt: skip
