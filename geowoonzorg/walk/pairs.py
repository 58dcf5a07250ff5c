"""Distances between many origins and many facilities: all within reach, the nearest few, how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.access import Access, classes_of, join_network, read_layer
from geowoonzorg.walk.both_answers import Cautious, join_both, join_cautiously, no_less
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS, combine_labels, labels_of
from geowoonzorg.walk.crossing import met_places
from geowoonzorg.walk.reach import check_limits, ranked_seeds
from geowoonzorg.walk.surely_near import iter_joined, rank_places, rank_surely

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.walk.access import Access
    from geowoonzorg.walk.network import WalkNetwork


def iter_pairs(  # noqa: PLR0913 - each an option
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: float | None = None,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    cautious: bool = True,
    memory_mb: float = 256.0,
    progress: Progress = silent,
) -> Iterator[pd.DataFrame]:
    """Measure every origin to every facility within a limit, in tables that fit in memory.

    Parameters
    ----------
    net
        The network.
    origins, facilities
        Points or polygons with a CRS; the key is the column ``id``, else the index.
    limit_m
        Pairs further apart than this are left out (m); by default all pairs that are connected.
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.
    cautious
        Whether to measure the cautious answer, too.
    memory_mb
        About how much memory the pairs held at once may take (MB); at least one facility's at a time.
    progress
        Hears how far the work is.

    Yields
    ------
    pandas.DataFrame
        ``origin_id``, ``facility_id`` (both categorical), ``distance_m``: over the network and to it at
        both ends, on the ground; ``distance_high_m``: the same in the cautious answer, at least as much,
        NaN where no way is left within the limit, or where that is not asked. Each pair once; no order is promised.

    Raises
    ------
    StudyError
        When a limit, ``max_snap_m`` or ``memory_mb`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When origins or facilities cannot be used.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100, 190_900], [500_000] * 2), crs=28992)
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_200], [500_000]), crs=28992)
    >>> [len(table) for table in iter_pairs(net, homes, shops, limit_m=400)]
    [1]
    """
    if not memory_mb > 0:
        raise StudyError("memory_mb is {memory_mb}: give megabytes above 0", memory_mb=memory_mb)
    limit = np.inf if limit_m is None else float(check_limits(limit_m)[-1])
    homes = read_layer(net, origins, role=ORIGINS)
    places = read_layer(net, facilities, role=FACILITIES)
    home_access = join_network(net, homes, max_snap_m=max_snap_m, leaving=True)
    place_access = join_network(net, places, max_snap_m=max_snap_m)
    from_home = to_place = None
    if cautious:
        from_home = join_cautiously(net, homes, max_snap_m=max_snap_m, leaving=True)
        to_place = join_cautiously(net, places, max_snap_m=max_snap_m)
    # one type for all tables: a categorical of its own hashes every id anew
    home_id, place_id = (pd.CategoricalDtype(layer["id"]) for layer in (homes, places))
    for place, origin, metres in iter_joined(
        net, home_access, place_access, limit, access_legs, memory_mb=memory_mb, progress=progress
    ):
        high = metres
        if from_home and to_place:
            high = _pairs_cautiously(
                from_home, to_place, origin, place, limit,
                access_legs=access_legs, memory_mb=memory_mb,
            )  # fmt: skip
        yield pd.DataFrame({
            "origin_id": pd.Categorical.from_codes(origin, dtype=home_id),
            "facility_id": pd.Categorical.from_codes(place, dtype=place_id),
            "distance_m": metres,
            "distance_high_m": no_less(high, metres) if cautious else np.full(len(metres), np.nan),
        })  # fmt: skip


def _pairs_cautiously(
    homes: Cautious,
    places: Cautious,
    origin: NDArray[np.int64],
    place: NDArray[np.int64],
    limit: float,
    *,
    access_legs: bool,
    memory_mb: float,
) -> NDArray[np.float64]:
    """Measure pairs again in the cautious answer; NaN where no way is left within the limit."""
    wanted = np.unique(place)
    none = np.empty(0, np.int64)
    found = [(none, none, np.empty(0))]
    found += iter_joined(
        homes.net,
        homes.access,
        places.access.select(wanted),
        limit,
        access_legs,
        memory_mb=memory_mb,
    )
    which, home, metres = (np.concatenate(column) for column in zip(*found, strict=True))
    known = pd.DataFrame({"place": wanted[which], "origin": home, "metres": metres})
    asked = pd.DataFrame({"place": place, "origin": origin})
    return asked.merge(known, on=["place", "origin"], how="left")["metres"].to_numpy()


def reached_pairs(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: float,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Find which origins lie in which facility's area: every pair within the limit, with its distance.

    Parameters
    ----------
    net
        The network.
    origins, facilities
        Points or polygons with a CRS; the key is the column ``id``, else the index.
    limit_m
        The limit, inclusive (m).
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        ``origin_id``, ``facility_id``, ``distance_m`` and ``distance_high_m`` as `iter_pairs` gives them, by
        origin and then facility, in the order of the layers; indexed by the labels of both, so
        ``pairs["distance_m"].unstack()`` is a matrix.

    Raises
    ------
    StudyError
        When ``limit_m`` or ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When origins or facilities cannot be used.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100, 190_900], [500_000] * 2), crs=28992)
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_200], [500_000]), crs=28992)
    >>> reached_pairs(net, homes, shops, limit_m=400).drop(columns="distance_high_m").round(1)
        origin_id facility_id  distance_m
    0 0         0           0       100.0
    """
    check_limits(limit_m)
    walking: dict[str, Any] = {
        "limit_m": limit_m,
        "max_snap_m": max_snap_m,
        "access_legs": access_legs,
    }
    labels = labels_of(origins, role=ORIGINS), labels_of(facilities, role=FACILITIES)
    tables = list(iter_pairs(net, origins, facilities, progress=progress, **walking))
    ids = ["origin_id", "facility_id"]
    if not tables:
        none = np.empty(0, np.int64)
        columns = dict.fromkeys(ids, "str") | dict.fromkeys(
            ["distance_m", "distance_high_m"], "float64"
        )
        return pd.DataFrame(
            {name: pd.Series(dtype=kind) for name, kind in columns.items()}
        ).set_axis(combine_labels(*((own, none) for own in labels)))
    pairs = pd.concat(tables)
    at = [pairs[name].cat.codes.to_numpy() for name in ids]
    order = np.lexsort(at[::-1])
    index = combine_labels(*((own, rows[order]) for own, rows in zip(labels, at, strict=True)))
    return pairs.iloc[order].set_axis(index).astype(dict.fromkeys(ids, "str"))


def count_within(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: float,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Count, per class, the facilities within walking distance of every origin.

    Parameters
    ----------
    net
        The network.
    origins, facilities
        Points or polygons with a CRS; facilities without ``facility_class`` are one class, ``all``.
    limit_m
        The limit, inclusive (m).
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        One row per origin, on the origins' index; one column per class: how many, as a whole
        number. Missing where the origin does not join the network.

    Raises
    ------
    StudyError
        When ``limit_m`` or ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When origins or facilities cannot be used.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100, 190_900], [500_000] * 2), crs=28992)
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_200], [500_000]), crs=28992)
    >>> count_within(net, homes, shops, limit_m=400)["all"].tolist()
    [1, 0]
    """
    limit = float(check_limits(limit_m)[-1])
    homes = read_layer(net, origins, role=ORIGINS)
    places = read_layer(net, facilities, role=FACILITIES)
    home_access = join_network(net, homes, max_snap_m=max_snap_m, leaving=True)
    place_access = join_network(net, places, max_snap_m=max_snap_m)
    code, names = pd.factorize(classes_of(places).fillna("all"), sort=True)
    counts = np.zeros((len(homes), len(names)), np.int64)
    for place, origin, _ in iter_joined(
        net, home_access, place_access, limit, access_legs, progress=progress
    ):
        np.add.at(counts, (origin, code[place]), 1)
    table = pd.DataFrame(
        counts, index=labels_of(origins, role=ORIGINS), columns=list(names), dtype="Int64"
    )
    table.loc[home_access.status != 0] = pd.NA
    return table


def nearest_few(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    k: int,
    limit_m: float | None = None,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
) -> pd.DataFrame:
    """Find the k nearest facilities of every class for every origin.

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
    pandas.DataFrame
        ``origin_id``, ``facility_class``, ``rank`` (1 is the nearest), ``facility_id``, ``distance_m``, and
        ``distance_high_m``, within which so many are in both answers, NaN where
        there are fewer; only as many rows as there are facilities to reach. Its index is that of the origins,
        the class where there are several, and the rank.

    Raises
    ------
    StudyError
        When ``k``, ``limit_m`` or ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When origins or facilities cannot be used.

    Notes
    -----
    Dijkstra's search with k labels of different facilities at every node.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> home = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100], [500_000]), crs=28992)
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_300, 190_000], [500_000] * 2), crs=28992)
    >>> nearest_few(net, home, shops, k=2)[["rank", "facility_id", "distance_m"]].round(1)
         rank facility_id  distance_m
    0 1     1           1       100.0
      2     2           0       200.0
    """
    if isinstance(k, bool) or int(k) != k or k < 1:
        raise StudyError("k is {k}: give a whole number of at least 1", k=k)
    limit = np.inf if limit_m is None else float(check_limits(limit_m)[-1])
    homes = read_layer(net, origins, role=ORIGINS)
    labels = labels_of(origins, role=ORIGINS)
    places = read_layer(net, facilities, role=FACILITIES, by_id=True)
    home_access = join_network(net, homes, max_snap_m=max_snap_m, leaving=True)
    place_access = join_network(net, places, max_snap_m=max_snap_m)
    from_home = join_both(net, home_access, homes, max_snap_m=max_snap_m, leaving=True)
    to_place = join_both(net, place_access, places, max_snap_m=max_snap_m)
    code, names = pd.factorize(classes_of(places), sort=True, use_na_sentinel=False)
    tables = []
    for which, name in enumerate(names):
        chosen = np.flatnonzero(code == which)
        wanted: dict[str, Any] = {"k": int(k), "limit_m": limit, "access_legs": access_legs}
        table = few_places(net, home_access, place_access.select(chosen), **wanted)
        table["distance_high_m"] = table["distance_m"]
        if from_home and to_place:
            some = to_place.select(chosen)
            high = few_places(from_home.nets[1], from_home.accesses[1], some.accesses[1], **wanted)
            high = rank_surely(high, from_home, some, **wanted)
            high = table[["origin", "rank"]].merge(high, on=["origin", "rank"], how="left")
            table["distance_high_m"] = no_less(
                high["distance_m"].to_numpy(), table["distance_m"].to_numpy()
            )
        tables.append(
            table.assign(which=which, facility_class=name, facility=chosen[table["facility"]])
        )
    table = pd.concat(tables).sort_values(["origin"], kind="stable", ignore_index=True)
    of_class = [(pd.Index(names), table["which"].to_numpy())] if len(names) > 1 else []
    ranks = pd.RangeIndex(1, int(k) + 1), table["rank"].to_numpy() - 1
    index = combine_labels((labels, table["origin"].to_numpy()), *of_class, ranks)
    few = pd.DataFrame({
        "origin_id": homes["id"].to_numpy()[table["origin"]],
        "facility_class": table["facility_class"].astype("str"),
        "rank": table["rank"],
        "facility_id": places["id"].to_numpy()[table["facility"]],
        "distance_m": table["distance_m"],
        "distance_high_m": table["distance_high_m"],
    }).astype({"origin_id": "str", "facility_id": "str"})  # fmt: skip
    return few.set_axis(index)


def few_places(
    net: WalkNetwork,
    homes: Access,
    places: Access,
    *,
    k: int,
    limit_m: float,
    access_legs: bool,
) -> pd.DataFrame:
    """Find the k nearest facilities for every origin.

    Parameters
    ----------
    net
        The network.
    homes, places
        Where origins and facilities join it.
    k, limit_m, access_legs
        As `nearest_few`.

    Returns
    -------
    pandas.DataFrame
        ``origin, facility, distance_m, rank``, by origin and rank.
    """
    points = homes.counted(access_legs=access_legs)
    metres, seed = ranked_seeds(net, places.counted(access_legs=access_legs), points, k, limit_m)
    point, _ = np.nonzero(seed >= 0)
    found = pd.DataFrame({
        "origin": homes.place[point], "facility": places.place[seed[seed >= 0]],
        "distance_m": metres[seed >= 0],
    })  # fmt: skip
    straight = met_places(
        net, places.spots.counted(access_legs=access_legs),
        homes.spots.counted(access_legs=access_legs), limit_m,
    )  # fmt: skip
    if straight is not None:
        place, origin, over = straight
        also = pd.DataFrame({"origin": origin, "facility": place, "distance_m": over})
        found = pd.concat([found, also])
    return rank_places(found, k)
