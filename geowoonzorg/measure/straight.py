"""Straight-line distances from places to facilities, as noise and nuisance go: over the ground, not along streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geowoonzorg.walk.scale import ProjectionScale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.measure.reach import Reach


def straight_to_nearest(reach: Reach, facility_class: str) -> NDArray[np.float64]:
    """Measure from each place in a straight line to the nearest facility of a class.

    Parameters
    ----------
    reach
        The places, and the town with the facilities.
    facility_class
        Its name.

    Returns
    -------
    numpy.ndarray
        Metres on the ground, shape (n_places,), from the edge of a plot to the edge of a building; 0 where
        one lies in the other, NaN where there is no facility of the class.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> reach = Reach(town, town.addresses.head(3))
    >>> walked = reach.walks.query("facility_class == 'huisarts'")["distance_m"].to_numpy()
    >>> bool((straight_to_nearest(reach, "huisarts") <= walked + 0.01).all())
    True
    """
    known = reach.town.knows(None).facilities
    shapes = known.geometry[known["facility_class"] == facility_class].to_numpy()
    places = reach.places.geometry.to_numpy()
    if not len(shapes) or not len(places):
        return np.full(len(places), np.nan)
    nearest = shapely.STRtree(shapes).nearest(places)
    ends = shapely.get_coordinates(shapely.shortest_line(places, shapes[nearest])).reshape(-1, 2, 2)
    scale = ProjectionScale.fit(reach.town.crs, ends.reshape(-1, 2))
    return scale.lengths(ends[:, 0], ends[:, 1])
