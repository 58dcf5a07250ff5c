"""What to call places that have no name: the street of the nearest address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd

    from geowoonzorg.town import Town

_FAR_M: Final = 250.0  # a street further off is another one's


def named(town: Town, places: gpd.GeoDataFrame) -> pd.Series[str]:
    """Call places as they are called, else by the street of the nearest address.

    Parameters
    ----------
    town, places
        As `named_by_street`; ``name`` may be there.

    Returns
    -------
    pandas.Series
        On the places' index.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> named(town, town.addresses.iloc[[0]].assign(name="Oude school")).tolist()
    ['Oude school']
    """
    by_street = named_by_street(town, places)
    if "name" not in places:
        return by_street
    own = places["name"].fillna("").astype("str")
    return own.where(own.str.strip() != "", by_street)


def named_by_street(town: Town, places: gpd.GeoDataFrame) -> pd.Series[str]:
    """Call places by the street of the nearest address.

    Parameters
    ----------
    town
        With addresses that may have a ``street``.
    places
        With ``id``; points or polygons in the town's system.

    Returns
    -------
    pandas.Series
        On the places' index: the street, with the id where two places would have the same; the id where no address
        with a street is near.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> home = town.addresses.iloc[[0]]
    >>> named_by_street(town, home).tolist() == home["street"].tolist()
    True
    """
    ids = places["id"].astype("str")
    if "street" not in town.addresses:
        return ids.rename("name")
    known = town.addresses[town.addresses["street"].fillna("").astype("str").str.strip() != ""]
    found = ids.to_numpy(dtype=object).copy()
    tree = shapely.STRtree(known.geometry.to_numpy())
    # Of addresses as near the first in the table.
    place, address = tree.query_nearest(places.geometry.to_numpy(), max_distance=_FAR_M)
    first = np.lexsort((address, place))
    place, at = np.unique(place[first], return_index=True)
    found[place] = known["street"].astype("str").to_numpy()[address[first][at]]
    name = pd.Series(found, places.index, name="name")
    twice = name.duplicated(keep=False) & (name != ids)
    return name.where(~twice, name + " (" + ids + ")")
