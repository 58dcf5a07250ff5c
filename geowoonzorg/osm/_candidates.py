"""Objects that may be facilities, before it is known which of them are one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

_NOTHING: Final = shapely.Point()


@dataclass
class Candidate:
    """An object that belongs to one or more facility classes."""

    osm_id: str
    classes: list[str]
    name: str | None
    edited: int  # seconds since 1970; 0 where unknown
    geometry: BaseGeometry = _NOTHING
    entrances: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    told: dict[str, str] = field(default_factory=dict)  # the tags that tell its capacity
    outline: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))  # node ids
