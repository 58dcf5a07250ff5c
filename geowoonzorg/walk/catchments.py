"""The ground within walking distance of places, and what of it is so for sure: polygons, without the streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.access import join_network, read_layer
from geowoonzorg.walk.both_answers import join_cautiously
from geowoonzorg.walk.caller_index import FACILITIES
from geowoonzorg.walk.polygons import only_ground, reach_polygons
from geowoonzorg.walk.snapping import OK

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.access import Access
    from geowoonzorg.walk.both_answers import Cautious
    from geowoonzorg.walk.network import WalkNetwork


def draw_ground(
    net: WalkNetwork,
    places: gpd.GeoDataFrame,
    *,
    limit_m: float,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    progress: Progress = silent,
) -> NDArray[np.object_]:
    """Draw the ground within walking distance of each place: the polygons of `service_areas`, and nothing else.

    Parameters
    ----------
    net
        The network.
    places
        Where from.
    limit_m
        The walking distance (m).
    max_snap_m, access_legs
        As `reach_polygons`.
    progress
        Hears how far the work is.

    Returns
    -------
    numpy.ndarray
        In the network's system, shape (n_places,); None for a place that does not join the network.

    Raises
    ------
    StudyError
        When the limit makes no sense.
    CrsError, DuplicateIdError, GeometryError
        When the places cannot be used.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> from geowoonzorg.walk.service_area import service_areas
    >>> town = Town.demo()
    >>> home = town.addresses.head(1)
    >>> ground = draw_ground(town.network, home, limit_m=400)[0]
    >>> ground.equals(service_areas(town.network, home, limit_m=400, shape="polygons").geometry.iloc[0])
    True
    """
    access = join_network(net, read_layer(net, places, role=FACILITIES), max_snap_m=max_snap_m)
    drawn = reach_polygons(
        net, access, limit_m=limit_m, max_snap_m=max_snap_m, access_legs=access_legs,
        progress=progress,
    )  # fmt: skip
    return _of_joined(drawn, access)


def draw_sure_ground(
    net: WalkNetwork,
    places: gpd.GeoDataFrame,
    drawn: NDArray[np.object_],
    *,
    limit_m: float,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    progress: Progress = silent,
) -> NDArray[np.object_]:
    """Draw what of the ground within walking distance is so in the cautious answer, too.

    Parameters
    ----------
    net
        The network.
    places
        Where from.
    drawn
        As `draw_ground` gives it for them.
    limit_m, max_snap_m, access_legs, progress
        As `draw_ground`.

    Returns
    -------
    numpy.ndarray
        As `draw_ground`; ``drawn`` itself where both answers are the same.

    Raises
    ------
    StudyError, CrsError, DuplicateIdError, GeometryError
        As `draw_ground`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> home = town.addresses.head(1)
    >>> ground = draw_ground(town.network, home, limit_m=400)
    >>> bool(draw_sure_ground(town.network, home, ground, limit_m=400)[0].area < ground[0].area)
    True
    """
    layer = read_layer(net, places, role=FACILITIES)
    other = join_cautiously(net, layer, max_snap_m=max_snap_m)
    if other is None:
        return drawn
    access = join_network(net, layer, max_snap_m=max_snap_m)
    sure = both_grounds(
        other, drawn, limit_m=limit_m, max_snap_m=max_snap_m, access_legs=access_legs,
        progress=progress,
    )  # fmt: skip
    return _of_joined(sure, access)


def both_grounds(
    other: Cautious,
    drawn: NDArray[np.object_],
    *,
    limit_m: ArrayLike,
    max_snap_m: float,
    access_legs: bool,
    progress: Progress = silent,
) -> NDArray[np.object_]:
    """Keep of ground what is within walking distance in the cautious answer, too.

    Parameters
    ----------
    other
        How the places join the streets that stay open in the cautious answer.
    drawn
        As `reach_polygons` gives it for the other answer.
    limit_m, max_snap_m, access_legs, progress
        As `reach_polygons`.

    Returns
    -------
    numpy.ndarray
        Of the shape of ``drawn``.
    """
    low = reach_polygons(
        other.net, other.access, limit_m=limit_m, max_snap_m=max_snap_m, access_legs=access_legs,
        progress=progress,
    )  # fmt: skip
    low[shapely.is_missing(low)] = shapely.Polygon()
    return only_ground(shapely.intersection(drawn, low))


def _of_joined(drawn: NDArray[np.object_], access: Access) -> NDArray[np.object_]:
    """Leave nothing for places that do not join the network."""
    drawn[access.status != OK] = None
    return drawn
