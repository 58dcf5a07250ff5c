"""What lies within walking distance: street metres or polygons per facility, the nearest facility per origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import StudyError
from geowoonzorg.files import bring_to
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.walk.access import classes_of, join_network, read_layer
from geowoonzorg.walk.both_answers import (
    join_both,
    join_cautiously,
    joins_elsewhere,
    nearest_with_unknown,
    no_less,
    unknown_shares,
)
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS, combine_labels, labels_of
from geowoonzorg.walk.class_walks import Walks, best_walks, list_walks, nearest_in_both
from geowoonzorg.walk.pairs import count_within, iter_pairs, nearest_few, reached_pairs
from geowoonzorg.walk.reach import check_limits
from geowoonzorg.walk.snapping import BEYOND_LIMIT, OK, STATUS
from geowoonzorg.walk.street_areas import cut_areas, cut_cautiously

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from geowoonzorg.walk.access import Access
    from geowoonzorg.walk.network import WalkNetwork

__all__ = ["count_within", "iter_pairs", "nearest", "nearest_few", "reached_pairs", "service_areas"]

_STATUS = np.array(STATUS, object)


def service_areas(
    net: WalkNetwork,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: ArrayLike = 400.0,
    shape: Literal["lines", "polygons"] = "lines",
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    cautious: bool = False,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Find what lies within walking distance of each facility, each on its own.

    Parameters
    ----------
    net
        The network.
    facilities
        Points or polygons with a CRS; the key is the column ``id``, else the index; ``facility_class``
        and ``entrances`` (as `geowoonzorg.read_facilities` gives it, or geometries) are optional.
    limit_m
        One walking distance or several, inclusive (m).
    shape
        ``"lines"``: the street metres from which the facility is within the limit. ``"polygons"``: the
        places whose own walking distance, with the straight metres to their nearest street, is.
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.
    cautious
        Draw what is left when what is not known of the ways is taken at its class's cautious default: the
        places from which the facility is within the limit in both answers.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per facility and limit, facilities in their own order and limits ascending, in the
        facilities' CRS and on their index; with several limits the limit (m) is one more level of it.
        Columns: ``facility_id``, ``facility_class``, ``limit_m``, ``length_m`` (each street
        metre once, on the ground), ``length_low_m`` (those that are left in the cautious answer),
        ``unknown_share`` (0–1, of ``length_m``, of which something that the profile's ``matters`` names is not
        known; 0 where there is no street), ``access_leg_m``, ``status``, ``geometry``; polygons also
        ``area_m2``, of what is drawn. A facility that does not join the network has NaN and no geometry; one
        whose access distance alone is beyond the limit has no street, and status ``beyond_limit``; one on
        private ground that no street is within the limit of has none either, and is ok.

    Raises
    ------
    StudyError
        When a limit, ``shape`` or ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When the facilities cannot be used.

    Notes
    -----
    The search around a facility is Dijkstra's (1959), bounded by the limit and seeded at both ends of
    the edge on which the facility stands. Directions that only some may walk are walked towards the
    facility. The metres over private ground on which a facility stands count, but are no street:
    lines and ``length_m`` leave them out, polygons hold the places on them.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> shop = gpd.GeoDataFrame({"id": ["shop"]}, geometry=gpd.points_from_xy([190_500], [500_010]), crs=28992)
    >>> service_areas(net, shop, limit_m=400)[["facility_id", "length_m", "status"]].round(1)
      facility_id  length_m status
    0        shop     780.0     ok
    """
    limits = check_limits(limit_m)
    if shape not in ("lines", "polygons"):
        raise StudyError("shape is {shape!r}: choose lines or polygons", shape=shape)
    places = read_layer(net, facilities, role=FACILITIES)
    labels = labels_of(facilities, role=FACILITIES)
    access = join_network(net, places, max_snap_m=max_snap_m)
    seeds = access.counted(access_legs=access_legs)
    other = join_cautiously(net, places, max_snap_m=max_snap_m)
    streets = progress if shape == "lines" else part(progress, 0.0, 0.2)
    draw, spots = shape == "lines", access.spots.counted(access_legs=access_legs)
    if other is None:
        found = cut_areas(net, seeds, limits, spots=spots, draw=draw, progress=streets)
        length_low = found.length_m
    else:
        elsewhere = joins_elsewhere(net, access, other)
        found = cut_areas(
            net,
            seeds,
            limits,
            spots=spots,
            draw=draw and not cautious,
            keep=elsewhere,
            progress=streets,
        )
        low = cut_cautiously(
            net,
            other,
            limits,
            found.kept,
            elsewhere,
            access_legs=access_legs,
            draw=draw and cautious,
        )
        length_low = np.where(np.isnan(found.length_m), np.nan, np.nan_to_num(low.length_m))
        low.geometry[np.isnan(low.length_m)] = shapely.MultiLineString()
        low.geometry[np.isnan(found.length_m)] = None
    geometry = low.geometry if other and cautious else found.geometry
    row = np.repeat(np.arange(len(places)), len(limits))
    joined = access.status[row] == OK
    status = access.status[row].copy()
    shortest = np.full(len(places), np.inf)
    np.minimum.at(shortest, access.place, access.leg_m if access_legs else 0.0)
    status[joined & (shortest[row] > np.tile(limits, len(places)))] = BEYOND_LIMIT
    columns: dict[str, object] = {
        "facility_id": places["id"].to_numpy()[row],
        "facility_class": classes_of(places).to_numpy()[row],
        "limit_m": np.tile(limits, len(places)),
        "length_m": found.length_m,
        "length_low_m": length_low,
        "unknown_share": unknown_shares(found.unknown_m, found.length_m),
        "access_leg_m": access.access_m[row],
        "status": _STATUS[status],
    }
    if shape == "polygons":
        from geowoonzorg.walk.catchments import both_grounds
        from geowoonzorg.walk.polygons import reach_polygons

        geometry = reach_polygons(
            net, access, limit_m=limits, max_snap_m=max_snap_m, access_legs=access_legs,
            progress=part(progress, 0.2, 1.0),
        )  # fmt: skip
        if other and cautious:
            geometry = both_grounds(
                other, geometry, limit_m=limits, max_snap_m=max_snap_m, access_legs=access_legs
            )
        geometry[~joined] = None
        columns["area_m2"] = np.where(joined, shapely.area(geometry), np.nan)
    if len(limits) > 1:
        which = np.tile(np.arange(len(limits)), len(places))
        labels = combine_labels((labels, row), (pd.Index(limits), which))
    result = gpd.GeoDataFrame(columns, geometry=geometry, crs=net.crs, index=labels)
    return _typed(bring_to(result, facilities.crs or net.crs), places)


def _typed(result: gpd.GeoDataFrame, *layers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give text columns their type, and pass on what was noted about the layers."""
    texts = [c for c in result.columns if c.endswith(("_id", "_class")) or c == "status"]
    result = result.astype(dict.fromkeys(texts, "str"))
    result.attrs["notes"] = [note for layer in layers for note in layer.attrs.get("notes", [])]
    return result


def nearest(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: float | None = None,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Find the nearest facility of every class for every origin, and how far it is to walk.

    Parameters
    ----------
    net
        The network.
    origins, facilities
        Points or polygons with a CRS; the key is the column ``id``, else the index. Facilities may
        have ``facility_class``; without it they are one class.
    limit_m
        Look no further than this, inclusive (m); by default look everywhere.
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per origin and class, by origin and then class, with the origin's own ``geometry`` and
        CRS. With one class (or none) it is on the origins' index, so ``origins.join(found[["distance_m"]])``
        works; with several the class is one more level of it. Columns: ``origin_id``, ``facility_class``,
        ``facility_id``, ``distance_m`` (over the network and to it at both ends, on the ground),
        ``distance_high_m`` (within which one is in both answers, also when what is not known of the ways is taken
        at its class's cautious default; NaN where none is left within the limit), ``unknown_share`` (0–1,
        of the metres over the network to ``facility_id``, of which something that the profile's ``matters``
        names is not known), ``access_leg_origin_m``, ``access_leg_facility_m``, ``status``, ``geometry``.
        Without an answer the distance is NaN, and ``status`` says why: ``off_network`` and ``island``
        are about the origin; ``beyond_limit`` also means that no facility can be reached at all.

    Raises
    ------
    StudyError
        When ``limit_m`` or ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When origins or facilities cannot be used.

    Notes
    -----
    Equal distances go to the facility whose id comes first. See `reach.nearest_seeds` for the method. The cautious
    answer is the same search over `WalkNetwork.cautious`, where places join streets that are open in it; it is
    not made where that is the network itself.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> def at(x, name):
    ...     return gpd.GeoDataFrame({"id": [name]}, geometry=gpd.points_from_xy([x], [500_010]), crs=28992)
    >>> nearest(net, at(190_100, "home"), at(190_400, "shop"))[["origin_id", "facility_id", "distance_m"]].round(1)
      origin_id facility_id  distance_m
    0      home        shop       320.0
    """
    limit = np.inf if limit_m is None else float(check_limits(limit_m)[-1])
    homes = read_layer(net, origins, role=ORIGINS)
    labels = labels_of(origins, role=ORIGINS)
    places = read_layer(net, facilities, role=FACILITIES, by_id=True)
    classes = classes_of(places)
    home_access = join_network(net, homes, max_snap_m=max_snap_m, leaving=True)
    place_access = join_network(net, places, max_snap_m=max_snap_m)
    points = home_access.counted(access_legs=access_legs)
    from_home = join_both(net, home_access, homes, max_snap_m=max_snap_m, leaving=True)
    to_place = join_both(net, place_access, places, max_snap_m=max_snap_m)
    names: list[Any] = list(classes.drop_duplicates().sort_values()) or [pd.NA]
    rows = []
    for i, name in enumerate(names):
        chosen = np.flatnonzero((classes == name) | (classes.isna() & pd.isna(name)))
        some = place_access.select(chosen)
        step = part(progress, i / len(names), (i + 1) / len(names))
        metres, seed, unknown = nearest_with_unknown(
            net, some.counted(access_legs=access_legs), points, limit, progress=step
        )
        walks = list_walks(
            net, home_access, some, (metres, seed, unknown), limit, access_legs=access_legs
        )
        frame = _nearest_rows(homes, home_access, places.iloc[chosen], walks, name)
        if from_home and to_place:
            high = nearest_in_both(
                from_home, to_place.select(chosen), limit, access_legs=access_legs
            )
            frame["distance_high_m"] = no_less(high, frame["distance_m"].to_numpy())
        rows.append(frame)
    progress(1.0, "nearest")
    result = pd.concat(rows).sort_index(kind="stable")
    row = result.index.to_numpy()
    if len(names) > 1:
        which = np.tile(np.arange(len(names)), len(homes))
        labels = combine_labels((labels, row), (pd.Index(names), which))
    geometry = origins.geometry.array.take(row)
    found = gpd.GeoDataFrame(result.set_axis(labels), geometry=geometry, crs=origins.crs or net.crs)
    return _typed(found, homes, places)


def _nearest_rows(
    homes: gpd.GeoDataFrame,
    home_access: Access,
    places: gpd.GeoDataFrame,
    walks: Walks,
    name: object,
) -> pd.DataFrame:
    """Make the rows of one class: per origin the best of its ways."""
    best = best_walks(walks.origin, walks.metres, walks.facility)
    at = walks.origin[best]
    n = len(homes)
    distance, facility_access_m, share = np.full((3, n), np.nan)
    access_m = home_access.access_m
    distance[at], access_m[at], share[at] = (
        walks.metres[best], walks.origin_leg[best], walks.unknown_share[best],
    )  # fmt: skip
    facility_access_m[at] = walks.facility_leg[best]
    facility = np.full(n, None, object)
    facility[at] = places["id"].to_numpy()[walks.facility[best]]
    status = home_access.status.copy()
    status[(status == OK) & np.isnan(distance)] = BEYOND_LIMIT
    return pd.DataFrame({
        "origin_id": homes["id"].to_numpy(), "facility_class": name, "facility_id": facility,
        "distance_m": distance, "distance_high_m": distance, "unknown_share": share,
        "access_leg_origin_m": access_m, "access_leg_facility_m": facility_access_m, "status": _STATUS[status],
    })  # fmt: skip
