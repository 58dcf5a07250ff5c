"""Outputs: each file whole or not at all, and the one before it kept until then."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geowoonzorg.errors import GeowoonzorgError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd
    import pandas as pd
    from affine import Affine
    from numpy.typing import NDArray
    from pyproj import CRS

_TEMPORARY = ".geowoonzorg-tmp-"
_TILE = 256
_LOCK = ".geowoonzorg.lock"
# GDAL stamps the present time into a GeoPackage; a fixed one keeps the bytes equal.
_FIXED_DATE = "2000-01-01T00:00:00.000Z"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _output_error(path: Path, error: OSError) -> OutputError:
    cures = {
        errno.ENOSPC: "the disk is full; free some space",
        errno.EACCES: "no permission to write there; choose another folder",
        errno.EPERM: "no permission to write there; choose another folder",
        errno.EROFS: "the folder is read-only; choose another",
        errno.EFBIG: "the file would be larger than allowed there",
        errno.ENOENT: "the folder does not exist; make it first",
    }
    what = cures.get(error.errno or 0, error.strerror or str(error))
    return OutputError(f"{path} could not be written: {what}; the old file, if any, is unchanged")


def remove_leftovers(folder: Path) -> int:
    """Remove temporary files that a killed run left in a folder.

    Parameters
    ----------
    folder
        Where outputs are written.

    Returns
    -------
    int
        How many were removed. Those of a process that still lives are left alone.

    Examples
    --------
    >>> remove_leftovers(Path("no such folder"))
    0
    """
    removed = 0
    for path in folder.glob(f"{_TEMPORARY}*"):
        owner = path.name.removeprefix(_TEMPORARY).split("-")[0]
        if owner.isdigit() and _is_alive(int(owner)):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed += 1
    return removed


def _is_alive(process: int) -> bool:
    if os.name == "nt":  # signal 0 would end the process there
        return process != os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _temporary(folder: Path, name: str) -> Path:
    return folder / f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}-{name}"


def _write(path: str | Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a temporary file beside ``path``, then put it in its place at once."""
    target = Path(path)
    temporary = _temporary(target.parent, target.name)
    try:
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        remove_leftovers(target.parent)
        _refuse_open_database(target)
        fill(temporary)
        _sync(temporary)
        temporary.replace(target)
    except OutputError:
        raise
    except OSError as error:
        raise _output_error(target, error) from error
    finally:
        for extra in temporary.parent.glob(f"{temporary.name}*"):
            extra.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _refuse_open_database(path: Path) -> None:
    """Refuse to replace an open GeoPackage: its last changes are still in a file beside it."""
    if Path(f"{path}-wal").exists() or Path(f"{path}-journal").exists():
        msg = f"{path} is open in another program (QGIS?); remove the layer there or choose another name"
        raise OutputError(msg)


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

    _write(path, fill)


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
        text = cell.replace("\x00", "")
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
    as OWASP advises against CSV injection.

    Examples
    --------
    >>> import pandas as pd
    >>> write_csv("no/such/folder/a.csv", pd.DataFrame({"name": ["=1+1"]}))
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/a.csv could not be written: the folder does not ...
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
    """Write layers into one GeoPackage, at once.

    Parameters
    ----------
    path
        The file, ending in ``.gpkg``; its folder must exist.
    layers
        The layers by name, in the order in which they are written; a frame without geometry becomes a
        table.
    metadata
        Texts that are kept with every layer, such as its provenance.

    Raises
    ------
    OutputError
        When it cannot be written, when the suffix is another, or when the old file is open in
        another program; an old file is still there, whole.

    Examples
    --------
    >>> write_layers("no/such/folder/a.gpkg", {})
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/a.gpkg could not be written: the folder does not ...
    """
    import pyogrio  # keeps the writers of text free of GDAL
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

    if Path(path).suffix.lower() != ".gpkg":
        msg = f"{path}: layers are written as GeoPackage; give a name that ends in .gpkg"
        raise OutputError(msg)

    def fill(temporary: Path) -> None:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
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
                    layer_metadata=dict(metadata) if metadata else None,
                )
        except (DataSourceError, DataLayerError, FeatureError, FieldError) as error:
            msg = f"{path} could not be written: {error}; the old file, if any, is unchanged"
            raise OutputError(msg) from error
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})

    _write(Path(path).with_suffix(".gpkg"), fill)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    """Name one type for the layer: QGIS styles and filters by it."""
    kinds: set[str] = set(frame.geom_type.dropna())
    simple = {k.removeprefix("Multi") for k in kinds}
    if len(simple) != 1:
        return "Unknown"
    return kinds.pop() if len(kinds) == 1 else "Unknown"


def write_arrays(path: str | Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays into one uncompressed ``.npz``, at once and without pickle.

    Parameters
    ----------
    path
        The file; its folder must exist.
    arrays
        The arrays by name; arrays of Python objects are refused.

    Raises
    ------
    OutputError
        When it cannot be written; an old file is still there, whole.
    ValueError
        When an array holds Python objects.

    Examples
    --------
    >>> write_arrays("no/such/folder/a.npz", {"x": np.arange(3)})
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/a.npz could not be written: the folder does not ...
    """

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    _write(path, fill)


def write_raster(
    path: str | Path, array: NDArray[np.floating[Any]], *, transform: Affine, crs: CRS | str
) -> None:
    """Write one band as a compressed, tiled GeoTIFF of float32, at once; NaN is nodata.

    Parameters
    ----------
    path
        The file; its folder must exist.
    array
        The values, shape ``(rows, columns)``, north up.
    transform
        From cell to CRS coordinates.
    crs
        The reference system.

    Raises
    ------
    OutputError
        When it cannot be written; an old file is still there, whole.

    Examples
    --------
    >>> from affine import Affine
    >>> write_raster("no/such/folder/a.tif", np.zeros((2, 2)), transform=Affine.identity(), crs=28992)
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/a.tif could not be written: the folder does not ...
    """
    import rasterio  # half a second that only rasters pay
    from rasterio.errors import RasterioError

    def fill(temporary: Path) -> None:
        rows, columns = array.shape
        tiles = (
            {"tiled": True, "blockxsize": _TILE, "blockysize": _TILE}
            if min(rows, columns) >= _TILE
            else {}
        )
        try:
            with rasterio.open(
                temporary, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="float32",
                crs=crs, transform=transform, nodata=np.nan, compress="deflate", predictor=3, **tiles,
            ) as dataset:  # fmt: skip
                dataset.write(array.astype("float32"), 1)
        except RasterioError as error:
            msg = f"{path} could not be written: {error}; the old file, if any, is unchanged"
            raise OutputError(msg) from error

    _write(path, fill)


@contextmanager
def output_folder(folder: str | Path) -> Iterator[Path]:
    """Give a folder to write several files in, which appear together when all are done.

    Parameters
    ----------
    folder
        The output folder; it is made where it does not exist, but not its parents.

    Yields
    ------
    pathlib.Path
        An empty temporary folder. What is in it when the block ends takes the place of the files
        of the same names in ``folder``; when the block raises, nothing there changes.

    Raises
    ------
    OutputError
        When the folder cannot be made or written, when another run is writing in it, or when one
        of its files is open in another program.

    Examples
    --------
    >>> with output_folder("no/such/parent/out") as stage:
    ...     pass
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/parent/out could not be written: the folder does not ...
    """
    target = Path(folder)
    stage = _temporary(target, "stage")
    made = not target.exists()
    with ExitStack() as cleanup:
        with _told(target):
            target.mkdir(exist_ok=True)
            if made:
                cleanup.callback(_remove_empty, target)
            cleanup.enter_context(_lock(target))
            remove_leftovers(target)
            cleanup.callback(shutil.rmtree, stage, ignore_errors=True)
            stage.mkdir()
        yield stage
        with _told(target):
            _move_all(stage, target)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """Turn what the operating system says about a folder into what its user can do."""
    try:
        yield
    except GeowoonzorgError:  # some are an OSError, too, and say more than we can
        raise
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(f"{target} is a file, not a folder; choose another name") from error
    except OSError as error:
        raise _output_error(target, error) from error


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _move_all(stage: Path, target: Path) -> None:
    """Move all staged files into place; when one fails, put the old ones back."""
    files = sorted(p for p in stage.iterdir() if p.is_file())
    for file in files:
        _refuse_open_database(target / file.name)
        _sync(file)
    backup = stage / "old"
    backup.mkdir()
    moved: list[Path] = []
    try:
        for file in files:
            old = target / file.name
            if old.exists():
                os.link(old, backup / file.name) if hasattr(os, "link") else shutil.copy2(
                    old, backup / file.name
                )
            file.replace(old)
            moved.append(old)
    except BaseException:
        for path in moved:
            kept = backup / path.name
            if kept.exists():
                kept.replace(path)
            else:
                path.unlink(missing_ok=True)
        raise


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the operating system lets go when the process ends."""
    path = folder / _LOCK
    with path.open("a+b") as file:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = f"another run is writing in {folder}; wait for it or choose another folder"
            raise OutputError(msg) from error
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
