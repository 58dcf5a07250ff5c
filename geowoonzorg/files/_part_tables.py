"""Tables and layers as (Geo)Parquet: what a large answer is kept in, part by part."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geowoonzorg.errors import FormatError, StudyError
from geowoonzorg.files._paths import check_input
from geowoonzorg.files._writing import write_bytes

if TYPE_CHECKING:
    from pathlib import Path


def check_parquet() -> None:
    """Find out before the work whether Parquet can be written here.

    Raises
    ------
    StudyError
        When the library that it takes is not installed.

    Examples
    --------
    >>> check_parquet()
    """
    try:
        import pyarrow as pa  # noqa: F401
    except ImportError as reason:
        raise StudyError("parts are GeoParquet; install geowoonzorg[scale]") from reason


def write_parquet(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table or a layer as (Geo)Parquet, at once.

    Parameters
    ----------
    path
        The file; its folder must exist.
    frame
        On a range index; a GeoDataFrame becomes GeoParquet.

    Raises
    ------
    OutputError
        When it cannot be written; an old file is still there, whole.

    Examples
    --------
    >>> write_parquet("no/such/folder/a.parquet", pd.DataFrame({"a": [1]}))
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/a.parquet could not be written: the folder does not ...
    """
    plain = frame.copy(deep=False)
    plain.attrs = {}
    content = io.BytesIO()
    plain.to_parquet(content)
    write_bytes(path, content.getvalue())


def read_parquet(path: str | Path) -> pd.DataFrame:
    """Read a table or a layer that `write_parquet` wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    pandas.DataFrame
        A GeoDataFrame where it has geometries.

    Raises
    ------
    FormatError
        When it is no Parquet.
    InputError, SourceError
        When there is no such file, or it is no plain file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_parquet(f"{folder}/a.parquet", pd.DataFrame({"a": [1, 2]}))
    ...     read_parquet(f"{folder}/a.parquet")["a"].tolist()
    [1, 2]
    """
    from pyarrow import ArrowException, parquet

    file = check_input(path, suffixes=frozenset({".parquet"}), role="parts")
    try:
        kept = parquet.read_schema(file).metadata or {}
        return gpd.read_parquet(file) if b"geo" in kept else pd.read_parquet(file)
    except (ArrowException, ValueError, OSError) as reason:
        raise FormatError("{file} cannot be read ({why})", file=path, why=str(reason)) from reason
