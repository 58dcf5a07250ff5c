"""Rasters: one GeoTIFF as it is, without what lies beside it."""

from __future__ import annotations

import math
import re
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geowoonzorg.errors import FormatError, InputError
from geowoonzorg.files._paths import RASTER_SUFFIXES, check_input, read_head
from geowoonzorg.files._vetting import RASTER_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rasterio.io import DatasetReader

_BAND = re.compile(rb"<PAMRasterBand\b[^>]*?\bband\s*=\s*[\"'](\d{1,9})[\"'][^>]*>")
_CHANGES_VALUES = re.compile(rb"<(NoDataValue|Scale|Offset)\b[^>]*>([^<]*)<")
_AUX_BYTES = 1 << 24
_WORLD_FILES = (".tfw", ".tifw", ".tiffw", ".wld")


@contextmanager
def open_raster(path: str | Path) -> Iterator[DatasetReader]:
    """Open a GeoTIFF for reading.

    Parameters
    ----------
    path
        The file; any other driver than GeoTIFF is refused, whatever the suffix.

    Yields
    ------
    rasterio.io.DatasetReader
        The open dataset.

    Raises
    ------
    InputError
        When the path is not a plain file with a GeoTIFF suffix, or needs a file beside it to be
        read rightly: a mask, a world file, or values for no data that stand in its ``.aux.xml``.
    SourceError
        When the file is not there.
    FormatError
        When it is not a readable GeoTIFF.

    Notes
    -----
    What lies beside a GeoTIFF is not opened: GDAL would open a mask or overviews by any driver, so
    they can be other files or addresses. What would change a value without them is refused.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> demo = demo_study().parent
    >>> with open_raster(demo / "geluid_lden_2022.tif") as dataset:
    ...     dataset.shape, dataset.crs.to_string()
    ((585, 550), 'EPSG:28992')
    >>> with open_raster("noise.vrt") as dataset:
    ...     pass
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: raster: noise.vrt has suffix .vrt; allowed are .tif, .tiff
    """
    checked = check_input(path, suffixes=RASTER_SUFFIXES, role="raster")
    import rasterio  # half a second that only rasters pay
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with rasterio.Env(**RASTER_SETTINGS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)  # an error, below
                dataset = rasterio.open(checked, driver="GTiff")
            with dataset:
                _refuse_sidecars(checked, dataset)
                yield dataset
    except RasterioError as error:
        raise FormatError(
            "raster: {file} cannot be read ({why}); fetch or export it again",
            file=checked,
            why=str(error),
        ) from error


def _refuse_sidecars(path: Path, dataset: DatasetReader) -> None:
    """Refuse a raster whose values or place stand in files beside it, which are not read."""
    mask, aux = Path(f"{path}.msk"), Path(f"{path}.aux.xml")
    needed = [mask] if mask.exists() else []
    if aux.is_file() and _changes_values(read_head(aux, _AUX_BYTES), dataset):
        needed.append(aux)
    if dataset.transform.is_identity:
        needed += [p for suffix in _WORLD_FILES if (p := path.with_suffix(suffix)).exists()]
        if not needed:
            raise InputError(
                "raster: {file} does not say where it lies; georeference it",
                file=path,
            )
    if needed:
        names = ", ".join(p.name for p in needed)
        raise InputError(
            "raster: {file} needs {names} beside it, which is not read; make one file of them: "
            "gdal_translate {raster} one.tif",
            file=path,
            names=names,
            raster=path.name,
        )


def _changes_values(aux: bytes, dataset: DatasetReader) -> bool:
    """Tell whether an ``.aux.xml`` has another value for no data or another scale than the raster itself."""
    own = {b"NoDataValue": dataset.nodatavals, b"Scale": dataset.scales, b"Offset": dataset.offsets}
    _, *bands = _BAND.split(aux)
    told = zip(map(int, bands[::2]), bands[1::2], strict=True)
    said = [
        (own[key][band - 1] if 0 < band <= dataset.count else None, value)
        for band, text in told
        for key, value in _CHANGES_VALUES.findall(text)
    ]
    n_all = len(_CHANGES_VALUES.findall(aux))
    return n_all > len(said) or any(not _is_same(*pair) for pair in said)


def _is_same(own: float | None, said: bytes) -> bool:
    try:
        other = float(said)
    except ValueError:
        return False
    if own is None:
        return False
    # GDAL writes fewer digits there than a float of 32 bits has when it is told with 64.
    return math.isclose(own, other, rel_tol=1e-12) or (math.isnan(own) and math.isnan(other))
