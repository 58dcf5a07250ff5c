"""What a town holds: everything a question needs, in memory, and where each thing comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.people.catchment import locate_in_areas

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pyproj

    from geowoonzorg.files import Witness
    from geowoonzorg.study import RasterInput
    from geowoonzorg.town.areas import AreaFigures
    from geowoonzorg.walk.network import WalkNetwork

OSM = "OpenStreetMap"
Homes = Literal["addresses", "squares"]


@dataclass(frozen=True)
class Walking:
    """How far and from where people walk.

    Attributes
    ----------
    limits_m
        Walking distances in metres; the first is the one places are judged by.
    max_snap_m
        How far from a street a place may lie, in metres.
    access_legs
        Whether the straight line from a place to its street counts.
    """

    limits_m: tuple[float, ...] = (400.0,)
    max_snap_m: float = 100.0
    access_legs: bool = True

    @property
    def access(self) -> dict[str, Any]:
        """The keyword arguments of every walk: ``max_snap_m`` and ``access_legs``."""
        return {"max_snap_m": self.max_snap_m, "access_legs": self.access_legs}


@dataclass(frozen=True)
class Source:
    """One input: what it is for, and which bytes were read.

    Attributes
    ----------
    role
        ``network``, ``register``, ``addresses``, ``areas``, ``figures``, ``leefbaarometer``,
        ``indicator``, ``raster`` or ``sites``.
    path
        The file as the study names it, with the layer's name where it has one; None for what was in memory.
    sha256
        Of its bytes, or of the content of what was in memory.
    key
        Its key in the catalogue of open data, or None for somebody's own file.
    dated
        Its year, or the day of its data (ISO), or None.
    seen
        The file as it was when it was hashed; what is read later, such as a raster, is held against it.
    """

    role: str
    path: Path | None
    sha256: str
    key: str | None = None
    dated: int | str | None = None
    seen: Witness | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class About:
    """What the town is called on outputs, and what they say of it.

    Attributes
    ----------
    name
        Such as ``Kampen 2022``.
    date
        The date printed on the outputs (ISO), or None.
    background
        Whether maps ask for a background from the internet.
    sha256
        Of the study's file; empty for what was made in memory.
    """

    name: str = "town"
    date: str | None = None
    background: bool = True
    sha256: str = ""


@dataclass(frozen=True, eq=False)
class Part:
    """What a tile must know of the whole town.

    Attributes
    ----------
    zone_sizes
        How many addresses each area has: people are counted by area as a whole, and not all of an area's
        addresses need lie in the tile.
    known_m
        How far from its addresses the tile knows every street and facility (m walking).
    """

    zone_sizes: pd.Series[int]
    known_m: float


@dataclass(frozen=True, eq=False, kw_only=True)
class TownData:
    """The fields of a town; `Town` adds how to make one and what can be asked of it.

    Attributes
    ----------
    network
        The streets, in the metric CRS that everything else is in, too.
    facilities
        ``id, facility_class, name, osm_id, last_edit, entrances, geometry``.
    addresses
        Where people live: ``id, geometry``; of squares also ``people_least, people_most, elderly_least,
        elderly_most``.
    figures
        The areas with what is known of them, or None.
    rasters
        Grids of values, read where they are measured.
    classes
        The facility classes that were asked for, in that order.
    absent
        Those of them of which it is known that there are none.
    homes
        Whether ``addresses`` are addresses, or CBS squares of 100 m.
    walking
        How far people walk.
    facility_origins
        Source and year of the facilities per class.
    addresses_origin
        Source and year of the addresses.
    sources
        Every input, in the order in which it was read.
    notes
        What was noticed about the facilities; the network, the addresses and the figures have their own.
    about
        What it is called.
    part
        Of which whole this is a tile, or None.
    """

    network: WalkNetwork
    facilities: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    figures: AreaFigures | None = None
    rasters: tuple[RasterInput, ...] = ()
    classes: tuple[str, ...] = ()
    absent: frozenset[str] = frozenset()
    homes: Homes = "addresses"
    walking: Walking = Walking()
    facility_origins: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)
    addresses_origin: tuple[str, int | None] = ("", None)
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    about: About = About()
    part: Part | None = None

    @property
    def crs(self) -> pyproj.CRS:
        """The metric CRS of everything in it."""
        return self.network.crs

    @property
    def zone_sizes(self) -> pd.Series[int] | None:
        """How many addresses each area has, where ``addresses`` are not all of them."""
        return None if self.part is None else self.part.zone_sizes

    def known_limit(self, limit_m: float | None) -> float | None:
        """Give how far may be looked: everywhere in a whole town, in a tile as far as it knows all.

        Parameters
        ----------
        limit_m
            What is asked (m); None for as far as possible.

        Returns
        -------
        float or None
            The limit (m), None for none.

        Raises
        ------
        StudyError
            When more is asked of a tile than it knows.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> Town.demo().known_limit(None) is None
        True
        """
        if self.part is None:
            return limit_m
        if limit_m is not None and limit_m > self.part.known_m:
            raise StudyError(
                "this tile knows streets up to {known:g} m from its addresses, not {limit:g} m; cut tiles "
                "with a wider margin",
                known=self.part.known_m, limit=limit_m,
            )  # fmt: skip
        return self.part.known_m if limit_m is None else limit_m

    @cached_property
    def home(self) -> pd.Series[str]:
        """The area code of every address, indexed by address id; missing where it lies in none."""
        homes = self.addresses.set_index("id")
        if self.figures is None:
            return pd.Series(np.nan, index=homes.index, dtype="str")
        return locate_in_areas(homes, self.figures.frame)
