"""A town in which something opens, closes, moves or is built: another town, of which nothing is read again."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import StudyError
from geowoonzorg.knowledge import faults_error
from geowoonzorg.messages import tell
from geowoonzorg.osm import describe_ways, read_facility_classes
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.town._data import Source
from geowoonzorg.town.facilities import FACILITY_COLUMNS
from geowoonzorg.town.given import GIVEN
from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.line_layers import project
from geowoonzorg.walk.rebuilding import JOIN_M, Path, rebuild
from geowoonzorg.walk.snapping import ISLAND, OFF_NETWORK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from geowoonzorg.change import Change, Cutting, Moving, NewPath, Opening
    from geowoonzorg.messages import Message
    from geowoonzorg.town.town import Town

#: What a new path is where nothing is said of it.
_PATH_TAGS: Final = {"highway": "footway"}
_DEGREES: Final = "EPSG:4326"
#: Who walks to something so far outside all streets? Nearer it is told as in water.
_ELSEWHERE_M: Final = 5_000.0
_NEAR: Final = 3  # ids that a message gives for one that is not there


def change_town(town: Town, change: Change) -> Town:
    """Give the town as it would be after a change; nothing is read again.

    Parameters
    ----------
    town
        As it is.
    change
        What is tried. Its homes change sites, not the town.

    Returns
    -------
    Town
        The other town. What closes is gone, and of a class of which the last goes there are known to be none; what
        moves keeps its id and loses its own entrances; a path joins the streets where its vertices lie within a
        metre of them, and is open to who walks as its tags say, in both answers. The classes keep their origin, so
        that how complete they are is told as before.

    Raises
    ------
    StudyError
        When a facility or a way is not there, an id is taken, a class is not known, a place is far away, a path
        joins no street or is closed to who walks, or the town is a tile; all at once.

    Examples
    --------
    >>> from geowoonzorg.change import Change
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> last = town.places("apotheek")["id"].tolist()
    >>> after = change_town(town, Change(close=last))
    >>> "apotheek" in after.absent, after.nearest("apotheek")["distance_m"].notna().any()
    (True, np.False_)
    """
    if town.part is not None:
        raise StudyError("a tile of a town is not changed; change the town it was cut from")
    faults = [*_facility_faults(town, change), *_way_faults(town, change)]
    if faults:
        raise faults_error(str(change.source or "change"), faults)
    fields: dict[str, Any] = {}
    notes: list[Message] = []
    if change.open or change.close or change.move:
        fields["facilities"] = _facilities(town, change)
    if change.on_streets:
        fields["network"], told = _streets(town, change)
        notes += told
    after = town.replace(**fields)
    notes += _off_the_streets(after, change)
    last = [
        tell("{name}: the last one closes; there is none left", name=name)
        for name in sorted(after.absent - town.absent)
    ]
    own = dict.fromkeys(sorted({*after.facilities["facility_class"], *after.absent}), (GIVEN, None))
    after = replace(
        after,
        facility_origins={**own, **town.facility_origins},
        sources=(*town.sources, Source("change", change.source, change.hash)),
        notes=(*town.notes, *notes, *last),
    )
    if town.figures is not None and "_home" in vars(town):
        vars(after)["_home"] = vars(town)["_home"]  # neither addresses nor areas have changed
    return after


def new_ids(town: Town, change: Change) -> list[str]:
    """Give the id of each facility that opens.

    Parameters
    ----------
    town
        As it is.
    change
        What is tried.

    Returns
    -------
    list of str
        Those of the change, else ``new1``, ``new2`` …, as far as they are free.

    Examples
    --------
    >>> from geowoonzorg.change import Change
    >>> from geowoonzorg.town import Town
    >>> new_ids(Town.demo(), Change(open={"class": "bank", "x": 146_000, "y": 507_000}))
    ['new1']
    """
    taken = {*town.facilities["id"].astype(str), *(one.id for one in change.open if one.id)}
    free = (f"new{n}" for n in range(1, len(taken) + len(change.open) + 2))
    unused = (name for name in free if name not in taken)
    return [one.id or next(unused) for one in change.open]


def _facility_faults(town: Town, change: Change) -> Iterator[tuple[str, Message]]:
    """Name facilities that are not there, ids that are taken and classes that nobody knows."""
    ids = town.facilities["id"].astype(str).tolist()
    for part in ("close", "move"):
        for number, one in enumerate(getattr(change, part), start=1):
            if one.id not in ids:
                yield f"{part}[{number}].id", _not_there(one.id, ids, town.facilities)
    yield from _far_away(town, change)
    if not change.open:
        return
    classes = {*read_facility_classes(), *town.classes, *town.facilities["facility_class"]}
    given = [one.id for one in change.open if one.id]
    for number, opening in enumerate(change.open, start=1):
        if opening.facility_class not in classes:
            near = difflib.get_close_matches(opening.facility_class, sorted(classes), n=_NEAR)
            yield (
                f"open[{number}].class",
                tell(
                    "no class is called {name!r}; near it are {near}",
                    name=opening.facility_class, near=", ".join(near) or "-",
                ),
            )  # fmt: skip
        if opening.id and (opening.id in ids or given.count(opening.id) > 1):
            yield f"open[{number}].id", tell("{id} is taken; choose another", id=opening.id)


def _far_away(town: Town, change: Change) -> Iterator[tuple[str, Message]]:
    """Name what would open, or move, so far from all streets that its coordinates must be of elsewhere."""
    corners = town.network.node_xy
    if not len(corners):
        return
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    for part in ("open", "move"):
        for number, one in enumerate(getattr(change, part), start=1):
            x, y = _place(town, one)
            far = np.hypot(max(west - x, 0, x - east), max(south - y, 0, y - north))
            if not far <= _ELSEWHERE_M:
                yield (
                    f"{part}[{number}]",
                    tell(
                        "lies {km:.0f} km outside the streets of the study, which run from x {west:.0f} to "
                        "{east:.0f} and y {south:.0f} to {north:.0f}; correct x and y (or lon and lat)",
                        km=far / 1000, west=west, east=east, south=south, north=north,
                    ),
                )  # fmt: skip


def nearest_ids(name: str, ids: list[str]) -> list[str]:
    """Give the ids that look most like one that is not there.

    Parameters
    ----------
    name
        The one that is not there.
    ids
        Those that are.

    Returns
    -------
    list of str
        At most three.

    Examples
    --------
    >>> nearest_ids("K1", ["K01", "werf"])
    ['K01']
    """
    return difflib.get_close_matches(name, ids, n=_NEAR, cutoff=0.5)


def _not_there(name: str, ids: list[str], facilities: gpd.GeoDataFrame) -> Message:
    """Say that an id is not there, with ids and names like it."""
    near = nearest_ids(name, ids)
    called = facilities["name"].astype("str").where(facilities["name"].notna(), "")
    alike = called[called.str.contains(name, case=False, regex=False)].index if name else []
    near += facilities.loc[alike, "id"].astype(str).tolist()
    shown = [
        f"{i} ({called[facilities['id'].astype(str) == i].iloc[0]})"
        for i in dict.fromkeys(near[:_NEAR])
    ]
    return tell(
        "no facility has the id {id!r}; near it are {near}; `geowoonzorg facilities` lists all",
        id=name, near=", ".join(shown) or "-",
    )  # fmt: skip


def _way_faults(town: Town, change: Change) -> Iterator[tuple[str, Message]]:
    """Name ways that are not among the streets, or are ground that no line cuts."""
    ways = town.network.way_attributes
    named = ways["osm_id"].to_numpy() if "osm_id" in ways else np.empty(0, np.int64)
    streets = np.unique(
        town.network.segment_way[: town.network.vertex_start[town.network.n_streets]]
    )
    walked = set(named[streets[streets >= 0]].tolist())
    squares = set(named[town.network.pieces.drawn.way].tolist())
    for number, one in enumerate(change.cut, start=1):
        for way in one.ways:
            if int(way[1:]) in squares:
                yield (
                    f"cut[{number}].ways",
                    tell("{id} is a square; cut the streets that lead to it", id=way),
                )
            elif int(way[1:]) not in walked:
                yield (
                    f"cut[{number}].ways",
                    tell("no street of the network is {id}; `network` lists them", id=way),
                )


def _facilities(town: Town, change: Change) -> gpd.GeoDataFrame:
    """Give the facilities after the change, those that open behind the others."""
    places = town.facilities
    ids = places["id"].astype(str)
    places = places[~ids.isin([one.id for one in change.close])].reset_index(drop=True)
    for one in change.move:
        row = places.index[places["id"].astype(str) == one.id]
        places.loc[row, "geometry"] = shapely.Point(_place(town, one))
        places.loc[row, "entrances"] = None
    if not change.open:
        return places
    opened = gpd.GeoDataFrame(
        {
            "id": new_ids(town, change),
            "facility_class": [one.facility_class for one in change.open],
            "name": [one.name for one in change.open],
        },
        geometry=[shapely.Point(_place(town, one)) for one in change.open],
        crs=town.crs,
    ).reindex(columns=FACILITY_COLUMNS)
    if places.empty:
        return opened
    opened = opened.astype({c: places[c].dtype for c in FACILITY_COLUMNS if c != "geometry"})
    return gpd.GeoDataFrame(pd.concat([places, opened], ignore_index=True), crs=town.crs)


def _place(town: Town, one: Opening | Moving) -> NDArray[np.float64]:
    """Give where something stands, in the town's CRS."""
    if one.x is not None and one.y is not None:
        return np.array([one.x, one.y])
    return project(np.array([[one.lon, one.lat]], dtype=np.float64), _DEGREES, town.crs)[0]


def _line(town: Town, one: NewPath | Cutting) -> NDArray[np.float64]:
    """Give the vertices of a line, in the town's CRS."""
    if one.coordinates:
        return np.array(one.coordinates, dtype=np.float64)
    return project(np.array(one.lonlat, dtype=np.float64), _DEGREES, town.crs)


def _streets(town: Town, change: Change) -> tuple[Any, list[Message]]:
    """Give the network with paths more and streets less, and what to tell of it."""
    net = town.network
    paths, faults = _judged_paths(town, change)
    if faults:
        raise faults_error(str(change.source or "change"), faults)
    ways = net.way_attributes
    gone = {int(way[1:]) for one in change.cut for way in one.ways}
    rows = np.flatnonzero(ways["osm_id"].isin(gone)) if gone else np.empty(0, np.int64)
    lines = [_line(town, one) for one in change.cut if not one.ways]
    found = rebuild(net, paths=paths, without_ways=rows.tolist(), cuts=lines)
    alone = [
        (
            f"path[{number}]",
            tell(
                "no vertex lies within {join:g} m of a street, its nearer end at {near:.0f} m; begin or end it "
                "on one",
                join=JOIN_M, near=near,
            ),
        )
        for number, (n, near) in enumerate(zip(found.joined, found.near_m, strict=True), start=1)
        if not n
    ]  # fmt: skip
    if alone:
        raise faults_error(str(change.source or "change"), alone)
    notes = [
        tell(
            "path {number} crosses streets that it does not meet, {n} of them: it joins a street where it has a "
            "vertex on it",
            number=number, n=n,
        )
        for number, n in enumerate(found.crossed, start=1) if n
    ]  # fmt: skip
    drawn = [number for number, one in enumerate(change.cut, start=1) if not one.ways]
    notes += [
        tell("cut {number} crosses no street, so it changes nothing", number=number)
        for number, n in zip(drawn, found.cut, strict=True)
        if not n
    ]
    made = {"change": change.hash}
    return replace(found.network, provenance={**net.provenance, **made}), notes


def _judged_paths(town: Town, change: Change) -> tuple[list[Path], list[tuple[str, Message]]]:
    """Judge new paths as the walking profile judges any way; of a network that tells of no way nothing is judged."""
    lines = [_line(town, one) for one in change.path]
    ways = town.network.way_attributes
    if not lines or "cautious" not in ways.columns:
        return [Path(line) for line in lines], []
    walker = _walker(town)
    kinds = [{**_PATH_TAGS, **one.tags} for one in change.path]
    verdicts, table = describe_ways(kinds, walker)
    if "osm_id" in ways.columns:
        table = table.assign(osm_id=0)  # no way of OSM has it
    faults = [
        (
            f"path[{number}].tags",
            tell("closed to {profile}: {reason}", profile=walker.name, reason=verdict.reason),
        )
        for number, verdict in enumerate(verdicts, start=1)
        if verdict.reason is not None
    ]
    return [
        Path(line, verdict.forward, verdict.backward, table.iloc[[i]])
        for i, (line, verdict) in enumerate(zip(lines, verdicts, strict=True))
    ], faults


def _walker(town: Town) -> Any:  # noqa: ANN401 - a walking profile
    """Find the walking profile that the network was made with."""
    made = town.network.provenance
    named = town.walking.profile or made.get("profile_name") or ""
    walker = read_profile(named) if named else None
    if walker is None or made.get("profile") not in {None, walker.hash}:
        raise StudyError(
            "change: a path is judged by the walking profile of the network, {name}, which is not at hand; give "
            "it as Walking(profile=…)",
            name=named or "-",
        )
    return walker


def _off_the_streets(after: Town, change: Change) -> Iterable[Message]:
    """Tell which of the facilities that open or move nobody can walk to, as in water."""
    touched = [*_opened(after, change), *(one.id for one in change.move)]
    places = after.facilities[after.facilities["id"].astype(str).isin(touched)]
    if places.empty:
        return
    points = places[["id", "geometry"]].reset_index(drop=True)
    joined = join_network(after.network, points, max_snap_m=after.walking.max_snap_m)
    for name, status in zip(points["id"], joined.status, strict=True):
        if status == OFF_NETWORK:
            yield tell(
                "{id} lies within {snap:g} m of no street, as in water: nobody can walk to it",
                id=name, snap=after.walking.max_snap_m,
            )  # fmt: skip
        elif status == ISLAND:
            yield tell("{id} lies at streets that hang together with no others", id=name)


def _opened(after: Town, change: Change) -> list[str]:
    """Give the ids of what opened, which stands behind the other facilities."""
    n = len(change.open)
    return after.facilities["id"].astype(str).tolist()[-n:] if n else []
