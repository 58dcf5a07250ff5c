"""Coordinates as OSM keeps them: whole numbers of 1e-7 degrees, and whether they are on the globe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.errors import FormatError
from geowoonzorg.osm._kernels import NO_PLACE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geowoonzorg.osm._pbf import Block

#: OSM keeps coordinates as whole numbers of 1e-7 degrees, PBF as nanodegrees.
_FIXED, _NANO = 10_000_000, 100
#: Where a node is that the file does not hold.
NOWHERE: Final = 2**31 - 1
_MOST_LON, _MOST_LAT = 180 * _FIXED, 90 * _FIXED


class OffTheGlobeError(ValueError):
    """A coordinate is no longitude or latitude."""


def off_the_globe(source: Path) -> FormatError:
    """Make the error of a file whose coordinates are no longitudes and latitudes."""
    return FormatError(
        "{file}: a node that is needed lies outside longitude ±180 or latitude ±90; fetch the file "
        "again, or check that it is not in another coordinate system",
        file=source,
    )


def to_fixed(block: Block, lon: NDArray[np.int64], lat: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give longitude and latitude in 1e-7 degrees, rounded towards zero as libosmium does."""
    fixed = np.column_stack([lon, lat])
    if block.granularity != _NANO or block.lon_offset or block.lat_offset:
        nano = fixed * block.granularity + np.array([block.lon_offset, block.lat_offset])
        fixed = np.sign(nano) * (np.abs(nano) // _NANO)
    fixed[lon == NO_PLACE] = NOWHERE
    return fixed


def to_lonlat(fixed: NDArray[np.int64]) -> NDArray[np.float64]:
    lon, lat = fixed.T
    nowhere = (lon == NOWHERE) & (lat == NOWHERE)
    off = (lon > _MOST_LON) | (lon < -_MOST_LON) | (lat > _MOST_LAT) | (lat < -_MOST_LAT)
    if np.any(off & ~nowhere):
        raise OffTheGlobeError
    lonlat = fixed / _FIXED
    lonlat[nowhere] = np.nan
    return lonlat
