"""How many places lie within walking distance, and the nearest few of them: a row for each, with its status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError, first_ids
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.access import classes_of, join_network, read_layer
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS, combine_labels, labels_of
from geowoonzorg.walk.pairs import iter_pairs, nearest_few
from geowoonzorg.walk.reach import check_limits
from geowoonzorg.walk.snapping import BEYOND_LIMIT, OK, STATUS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.network import WalkNetwork

_STATUS = np.array(STATUS, object)


def places_within(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: ArrayLike,
    per: Literal["origins", "facilities"] = "origins",
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Count what lies within walking distance: facilities of each class per origin, or origins per facility.

    Parameters
    ----------
    net
        The network.
    origins, facilities
        Points or polygons with a CRS; the key is the column ``id``, else the index. Facilities without
        ``facility_class`` are one class, ``all``.
    limit_m
        One walking distance or several, inclusive (m).
    per
        Whose rows these are: ``"origins"`` counts the facilities that each origin reaches, ``"facilities"`` the
        origins from which each facility is reached.
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per origin, class and limit, or per facility and limit, on the index and in the CRS of whose rows
        they are, with their geometry; class and limit are further levels of it where there are several. Columns:
        ``origin_id`` or ``facility_id``, ``facility_class``, ``limit_m``, ``count``, ``count_low`` (those that are
        left when what is not known of the ways turns out badly), ``status``, ``geometry``. Counts are whole numbers,
        missing where the place does not join the network. ``attrs["notes"]`` names what joins it nowhere, and so
        counts for nobody.

    Raises
    ------
    StudyError
        When a limit, ``per`` or ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When origins or facilities cannot be used.

    Notes
    -----
    One search per facility, bounded by the largest limit: see `geowoonzorg.walk.pairs.iter_pairs`.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100, 190_900], [500_000] * 2), crs=28992)
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_200], [500_000]), crs=28992)
    >>> places_within(net, homes, shops, limit_m=400)["count"].tolist()
    [1, 0]
    >>> places_within(net, homes, shops, limit_m=[400, 800], per="facilities")["count"].tolist()
    [1, 2]
    """
    limits = check_limits(limit_m)
    if per not in ("origins", "facilities"):
        raise StudyError("per is {per!r}: choose origins or facilities", per=per)
    homes = read_layer(net, origins, role=ORIGINS)
    places = read_layer(net, facilities, role=FACILITIES)
    joined = {
        "origins": join_network(net, homes, max_snap_m=max_snap_m, leaving=True).status,
        "facilities": join_network(net, places, max_snap_m=max_snap_m).status,
    }
    code, names = pd.factorize(classes_of(places).fillna("all"), sort=True)
    of_origins = per == "origins"
    n_rows, n_classes = (len(homes), len(names)) if of_origins else (len(places), 1)
    counts = np.zeros((2, n_rows, n_classes, len(limits)), np.int64)
    walking: dict[str, Any] = {"max_snap_m": max_snap_m, "access_legs": access_legs}
    for pairs in iter_pairs(
        net, origins, facilities, limit_m=float(limits[-1]), progress=progress, **walking
    ):
        origin, place = (pairs[f"{end}_id"].cat.codes.to_numpy() for end in ("origin", "facility"))
        row, column = (origin, code[place]) if of_origins else (place, np.zeros(len(place), int))
        for answer, name in enumerate(("distance_m", "distance_high_m")):
            least = np.searchsorted(limits, pairs[name].to_numpy())  # NaN lies behind the last
            near = least < len(limits)
            np.add.at(counts[answer], (row[near], column[near], least[near]), 1)
    own, layer, role = (homes, origins, ORIGINS) if of_origins else (places, facilities, FACILITIES)
    status = joined[per]
    row, which, at = (axis.ravel() for axis in np.indices(counts.shape[1:]))
    known = status[row] == OK
    classes = names[which] if of_origins else classes_of(places).to_numpy()[row]
    columns: dict[str, object] = {
        "origin_id" if of_origins else "facility_id": own["id"].to_numpy()[row],
        "facility_class": classes,
        "limit_m": limits[at],
    }
    for name, table in zip(("count", "count_low"), np.cumsum(counts, axis=3), strict=True):
        columns[name] = pd.Series(table.ravel(), dtype="Int64").where(known).array
    columns["status"] = _STATUS[status[row]]
    levels: list[tuple[pd.Index[Any], NDArray[Any]]] = [(labels_of(layer, role=role), row)]
    levels += [(pd.Index(names), which)] if n_classes > 1 else []
    levels += [(pd.Index(limits), at)] if len(limits) > 1 else []
    index = levels[0][0].take(row) if len(levels) == 1 else combine_labels(*levels)
    found = gpd.GeoDataFrame(
        columns,
        geometry=layer.geometry.array.take(row),
        crs=layer.crs or net.crs,
        index=index,
    )
    other = "facilities" if of_origins else "origins"
    notes = [*homes.attrs.get("notes", []), *places.attrs.get("notes", [])]
    notes += _left_out(places if of_origins else homes, joined[other])
    return _typed(found, notes)


def nearest_ranked(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    k: int,
    limit_m: float | None = None,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
) -> gpd.GeoDataFrame:
    """Find the k nearest facilities of every class for every origin, a row for each, and why there is none.

    Parameters
    ----------
    net
        The network.
    origins, facilities
        Points or polygons with a CRS; the key is the column ``id``, else the index.
    k
        How many at most.
    limit_m
        Look no further than this, inclusive (m); by default look everywhere.
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.

    Returns
    -------
    geopandas.GeoDataFrame
        By origin, class and rank, on the origins' index, with the origin's own geometry and CRS. Columns:
        ``origin_id``, ``facility_class``, ``rank`` (1 is the nearest), ``facility_id``, ``distance_m``,
        ``distance_high_m`` (within which so many are in both answers), ``status``, ``geometry``. Where nothing is
        reached there is one row, without rank, facility and metres, and ``status`` says why, as `nearest` does.

    Raises
    ------
    StudyError
        When ``k``, ``limit_m`` or ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When origins or facilities cannot be used.

    Notes
    -----
    See `geowoonzorg.walk.pairs.nearest_few`.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100, 196_000], [500_000] * 2), crs=28992)
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_300, 190_000], [500_000] * 2), crs=28992)
    >>> nearest_ranked(net, homes, shops, k=3)[["rank", "facility_id", "status"]]
       rank facility_id       status
    0     1           1           ok
    0     2           0           ok
    1  <NA>         NaN  off_network
    """
    homes = read_layer(net, origins, role=ORIGINS)
    places = read_layer(net, facilities, role=FACILITIES)
    status = join_network(net, homes, max_snap_m=max_snap_m, leaving=True).status
    few = nearest_few(
        net, origins, facilities, k=k, limit_m=limit_m, max_snap_m=max_snap_m, access_legs=access_legs
    ).reset_index(drop=True)  # fmt: skip
    names = classes_of(places).drop_duplicates().sort_values().to_numpy()
    every = pd.MultiIndex.from_product([range(len(homes)), range(len(names))])
    row, which = (every.get_level_values(level).to_numpy() for level in (0, 1))
    few["row"] = pd.Index(homes["id"]).get_indexer(pd.Index(few["origin_id"]))
    few["which"] = pd.Index(names).get_indexer(pd.Index(few["facility_class"]))
    asked = pd.DataFrame({"row": row, "which": which})
    found = asked.merge(
        few.drop(columns=["origin_id", "facility_class"]), on=["row", "which"], how="left"
    ).sort_values(["row", "which", "rank"], kind="stable")
    row = found["row"].to_numpy()
    why = status[row].copy()
    why[(why == OK) & found["rank"].isna().to_numpy()] = BEYOND_LIMIT
    columns = {
        "origin_id": homes["id"].to_numpy()[row],
        "facility_class": names[found["which"].to_numpy()],
        "rank": found["rank"].astype("Int64").array,
        "facility_id": found["facility_id"].to_numpy(),
        "distance_m": found["distance_m"].to_numpy(),
        "distance_high_m": found["distance_high_m"].to_numpy(),
        "status": _STATUS[why],
    }
    ranked = gpd.GeoDataFrame(
        columns,
        geometry=origins.geometry.array.take(row),
        crs=origins.crs or net.crs,
        index=labels_of(origins, role=ORIGINS).take(row),
    )
    return _typed(ranked, [*homes.attrs.get("notes", []), *places.attrs.get("notes", [])])


def _left_out(places: gpd.GeoDataFrame, status: NDArray[np.int8]) -> list[str]:
    """Name the places that join the network nowhere: they count for nobody."""
    lost = status != OK
    if not lost.any():
        return []
    ids = first_ids(places["id"][lost])
    return [tell("not on the network, so counted for nobody: {ids}", ids=ids)]


def _typed(found: gpd.GeoDataFrame, notes: list[Any]) -> gpd.GeoDataFrame:
    """Give text columns their type, and keep what was noted."""
    texts = [c for c in found.columns if c.endswith(("_id", "_class")) or c == "status"]
    found = found.astype(dict.fromkeys(texts, "str"))
    found.attrs["notes"] = notes
    return found
