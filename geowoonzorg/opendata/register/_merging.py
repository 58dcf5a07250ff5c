"""An own list and the facilities of OSM made one: the list wins for the classes it speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, first_ids
from geowoonzorg.files import as_message, bring_to
from geowoonzorg.messages import listed, tell
from geowoonzorg.opendata.register._rows import COLUMNS, as_register
from geowoonzorg.osm.classes import whole_classes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def classes_held(register: gpd.GeoDataFrame, *, complete: Collection[str] = ()) -> frozenset[str]:
    """Name the classes for which a list speaks instead of OSM, also those of which nothing is left.

    Parameters
    ----------
    register
        From `read_register` or `as_register`.
    complete
        Classes of which the list is said to be complete.

    Returns
    -------
    frozenset of str
        The classes.

    Examples
    --------
    >>> classes_held(gpd.GeoDataFrame({"facility_class": ["huisarts"]}), complete=["apotheek"]) == {
    ...     "huisarts", "apotheek"}
    True
    """
    return frozenset({*register.attrs.get("classes", register["facility_class"]), *complete})


def for_classes(register: gpd.GeoDataFrame, classes: Sequence[str]) -> gpd.GeoDataFrame:
    """Let what is of a class count for every class asked for that includes it.

    Parameters
    ----------
    register
        From `read_register` or `as_register`.
    classes
        The classes that are asked for.

    Returns
    -------
    geopandas.GeoDataFrame
        A row for each class asked for that an entry is of, with an id of its own (``V1-buurthuis``) from the
        second on; entries of other kinds as they are. ``attrs`` name the classes in the same way.

    Examples
    --------
    >>> own = as_register(gpd.GeoDataFrame({"id": ["V1"], "klasse": ["Buurthuis"]},
    ...     geometry=gpd.points_from_xy([190000], [507000], crs=28992)))
    >>> for_classes(own, ["inloopvoorziening", "buurthuis"])[["id", "facility_class"]].values.tolist()
    [['V1', 'inloopvoorziening'], ['V1-buurthuis', 'buurthuis']]
    """

    def kinds(name: str) -> list[str]:
        return [asked for asked in dict.fromkeys(classes) if asked in whole_classes(name)] or [name]

    known = {name: kinds(name) for name in set(register["facility_class"])}
    parts = []
    for number in range(max(map(len, known.values()), default=0)):
        nth = {name: of[number] for name, of in known.items() if len(of) > number}
        rows = register[register["facility_class"].isin(nth)]
        kind = rows["facility_class"].map(nth)
        own = rows["id"] if number == 0 else rows["id"].astype("str") + "-" + kind
        parts.append(rows.assign(id=own, facility_class=kind))
    found = register if not parts else pd.concat(parts, ignore_index=True)
    named = {
        key: sorted({one for name in register.attrs[key] for one in kinds(name)})
        for key in ("classes", "closed", "unplaced")
        if key in register.attrs
    }
    found.attrs = {**register.attrs, **named}
    return found


def merge_register(
    osm: gpd.GeoDataFrame,
    own: gpd.GeoDataFrame | None,
    *,
    classes: Sequence[str],
    complete: Collection[str] = (),
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Merge an own list with the facilities of OSM: the list wins for the classes it holds.

    Parameters
    ----------
    osm
        Facilities of OSM: ``id, facility_class, name, osm_id, last_edit, geometry`` and any more.
    own
        The list, from `read_register` or with the user's own columns; None where there is none.
    classes
        The classes the study asks for.
    complete
        Those of which the list is complete: of them nothing is taken from OSM, even where the list has
        none.

    Returns
    -------
    facilities : geopandas.GeoDataFrame
        The columns of ``osm``. An entry of the list that says ``gebruik = osm`` keeps the geometry
        OSM has for it.
    notes : tuple of str
        How many came from where, and which classes of the list were not asked for.

    Raises
    ------
    DuplicateIdError
        When an id of the list is one of OSM's for something else.
    MissingColumnError, InputError
        As `as_register`.

    Examples
    --------
    >>> own = as_register(gpd.GeoDataFrame({"naam": ["Dr. Bos"], "klasse": ["huisarts"]},
    ...     geometry=gpd.points_from_xy([190000], [507000], crs=28992)))
    >>> osm = gpd.GeoDataFrame({"id": ["n1"], "facility_class": "huisarts", "name": "Praktijk Bos",
    ...     "osm_id": "n1", "last_edit": pd.NaT}, geometry=gpd.points_from_xy([190030], [507000], crs=28992))
    >>> merged, notes = merge_register(osm, own, classes=["huisarts"])
    >>> merged["name"].tolist(), notes[-1]
    (['Dr. Bos'], 'register: huisarts: 1 of the list instead of 1 of OSM')
    """
    if own is None:
        return osm, ()
    given = for_classes(
        own if set(COLUMNS) <= set(own.columns) else as_register(own), tuple(classes)
    )
    held = classes_held(given, complete=complete) & set(classes)
    notes = list(given.attrs.get("notes", []))
    if given.empty and not held:
        notes.append(tell("register: the list names no facility, and so says nothing"))
    other = ~given["facility_class"].isin(classes)
    if other.any():
        names = sorted(set(given["facility_class"][other]))
        notes.append(
            tell(
                "register: {n} {n:facility|facilities} of kinds that are not asked for ({names})",
                n=int(other.sum()),
                names=listed(map(as_message, names), between=", "),
            )
        )
    given = given[~other]
    kept = osm[~osm["facility_class"].isin(held)]
    key = osm["osm_id"].astype("str") + " " + osm["facility_class"].astype("str")
    wanted = given["osm_id"].astype("str") + " " + given["facility_class"]
    by_osm = (given["use"] == "osm") & wanted.isin(key)
    from_osm = osm[key.isin(wanted[by_osm])]
    from_list = given[~by_osm].drop(columns="use")
    clash = from_list["id"][from_list["id"].isin(pd.concat([kept["id"], from_osm["id"]]))]
    if len(clash):
        raise DuplicateIdError(
            "register: ids that OSM's facilities have, too: {ids}; choose others",
            ids=first_ids(clash),
        )
    for name in sorted(held):
        mine, theirs = (int((f["facility_class"] == name).sum()) for f in (given, osm))
        notes.append(
            tell(
                "register: {name}: {mine} of the list instead of {theirs} of OSM",
                name=as_message(name),
                mine=mine,
                theirs=theirs,
            )
        )
    from_list = bring_to(from_list, osm.crs) if osm.crs is not None else from_list
    # Mixed times of day and zones make one column of neither; a date says enough of a facility.
    from_list, kept, from_osm = (
        part.assign(last_edit=pd.to_datetime(part["last_edit"], utc=True))
        for part in (from_list, kept, from_osm)
    )
    parts = [part for part in (kept, from_osm, from_list.reindex(columns=osm.columns)) if len(part)]
    merged = (
        gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=osm.crs) if parts else osm[:0]
    )
    return merged, tuple(notes)
