"""What a town holds: everything a question needs, in memory, and where each thing comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.people.catchment import locate_in_areas
from geowoonzorg.walk.reach import check_limits

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


class _Lent:
    """A field of which everybody gets a copy of his own, so that a town never changes; pandas copies on write."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}"

    def __get__(self, instance: object, owner: type | None = None) -> Any:  # noqa: ANN401 - a frame
        if instance is None:
            raise AttributeError(self._name)  # to dataclasses: there is no default
        return lend(instance.__dict__[self._name])

    def __set__(self, instance: object, value: object) -> None:
        instance.__dict__[self._name] = value


def lend(thing: Any) -> Any:  # noqa: ANN401 - a frame or a mapping
    """Give a copy that shares its data until one of the two is changed.

    Parameters
    ----------
    thing
        A frame, a column or a mapping.

    Returns
    -------
    same type
        The copy.

    Examples
    --------
    >>> one = pd.Series([1, 2])
    >>> other = lend(one)
    >>> other.iloc[0] = 7
    >>> one.tolist()
    [1, 2]
    """
    return thing.copy(deep=False) if isinstance(thing, pd.DataFrame | pd.Series) else dict(thing)


class Kept(dict[str, Any]):
    """What was worked out about a town and is asked again; it is no part of what the town is, nor of a copy of it."""

    def __reduce__(self) -> tuple[type[Kept], tuple[()]]:
        """Leave all of it behind when the town is sent to another process."""
        return (Kept, ())


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
    profile
        Who walks, by which a new path is judged: the name of a walking profile or its file; empty for the profile
        that the network says it was made with.
    """

    limits_m: tuple[float, ...] = (400.0,)
    max_snap_m: float = 100.0
    access_legs: bool = True
    profile: str = ""

    def __post_init__(self) -> None:
        """Refuse limits that make no sense where they are chosen, not where they are walked."""
        check_limits(self.limits_m)

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
        ``indicator``, ``raster``, ``sites`` or ``change``.
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
    background_on_tap
        Whether they do so only once their reader asks for it.
    """

    name: str = "town"
    date: str | None = None
    background: bool = True
    sha256: str = ""
    background_on_tap: bool = False


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
    around
        The addresses within the margin, its own among them.
    own_facilities
        The ids of the facilities that belong to the tile; the others are other tiles' own.
    completeness
        How complete each class is in the whole, as `class_completeness` gives it.
    whole
        The town it was cut from, which answers what the tile does not know; None in another process.
    """

    zone_sizes: pd.Series[int]
    known_m: float
    around: gpd.GeoDataFrame
    own_facilities: frozenset[str]
    completeness: pd.DataFrame | None = field(default=None, repr=False)
    whole: TownData | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the whole behind when a tile is sent to another process: that is what it was cut for."""
        return {**self.__dict__, "whole": None}


@dataclass(frozen=True)
class Tiling:
    """How a town is asked tile by tile.

    Attributes
    ----------
    km
        The side of a tile, in kilometres.
    scheduler
        The address of a Dask scheduler, or a client of one; None for this process.
    parts
        A folder for what each tile gave; None for none.
    key
        Of which data, so that parts of other data are told apart.
    """

    km: float
    scheduler: Any = None
    parts: Path | None = None
    key: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class TownData:
    """The fields of a town; `Town` adds how to make one and what can be asked of it.

    Attributes
    ----------
    network
        The streets, in the metric CRS that everything else is in, too.
    facilities
        ``id, facility_class, name, osm_id, last_edit, capaciteit, toegankelijk, doelgroep, entrances, geometry``.
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
    complete
        The classes of which every facility is known, because a list says so: absence is absence.
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
    tiling
        How it is asked tile by tile, or None for as a whole; see `Town.in_tiles`.
    """

    network: WalkNetwork
    facilities: gpd.GeoDataFrame = _Lent()
    addresses: gpd.GeoDataFrame = _Lent()
    figures: AreaFigures | None = None
    rasters: tuple[RasterInput, ...] = ()
    classes: tuple[str, ...] = ()
    absent: frozenset[str] = frozenset()
    complete: frozenset[str] = frozenset()
    homes: Homes = "addresses"
    walking: Walking = Walking()
    facility_origins: Mapping[str, tuple[str, int | None]] = _Lent()  # type: ignore[assignment]
    addresses_origin: tuple[str, int | None] = ("", None)
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    about: About = About()
    part: Part | None = None
    tiling: Tiling | None = None

    @property
    def crs(self) -> pyproj.CRS:
        """The metric CRS of everything in it."""
        return self.network.crs

    @property
    def zone_sizes(self) -> pd.Series[int] | None:
        """How many addresses each area has, where ``addresses`` are not all of them."""
        return None if self.part is None else self.part.zone_sizes

    def knows(self, limit_m: float | None) -> Self | TownData:
        """Give who knows every street and facility as far as a limit: this town, or the whole it was cut from.

        Parameters
        ----------
        limit_m
            How far is walked (m); None for everywhere.

        Returns
        -------
        TownData
            Its network and facilities answer what is asked.

        Raises
        ------
        StudyError
            When a tile that was sent here without its whole is asked for more than it knows.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> town.knows(None) is town
        True
        """
        if self.part is None or (limit_m is not None and limit_m <= self.part.known_m):
            return self
        if self.part.whole is None:
            raise StudyError(
                "this tile knows streets up to {known:g} m from its addresses; give limit_m up to that, or cut "
                "tiles with a wider margin",
                known=self.part.known_m,
            )  # fmt: skip
        return self.part.whole

    @property
    def around(self) -> gpd.GeoDataFrame:
        """Where people live that can walk to a place in it: its addresses, of a tile also those in the margin."""
        return self.addresses if self.part is None else self.part.around.copy(deep=False)

    @property
    def home(self) -> pd.Series[str]:
        """The area code of everybody ``around``, indexed by address id; missing where it lies in none."""
        return lend(self._home)

    @cached_property
    def kept(self) -> Kept:
        """What questions have worked out about it and will need again, by their names for it; nobody changes any."""
        return Kept()

    @cached_property
    def _home(self) -> pd.Series[str]:
        homes = self.around.set_index("id")
        if self.figures is None:
            return pd.Series(np.nan, index=homes.index, dtype="str")
        return locate_in_areas(homes, self.figures.frame)
