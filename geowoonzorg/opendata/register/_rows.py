"""An own list's rows under the columns of facilities: ids, dates, what is not to be used or closed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import DuplicateIdError, InputError, first_ids
from geowoonzorg.files import parse_numbers
from geowoonzorg.messages import tell
from geowoonzorg.opendata.register._kinds import given_classes, read_classes
from geowoonzorg.opendata.register._words import read_rules, take
from geowoonzorg.opendata.telling import join_told
from geowoonzorg.osm.classes import words

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ["id", "facility_class", "name", "osm_id", "last_edit", "use", "geometry"]
ABOUT = ("capaciteit", "toegankelijk", "doelgroep")
USES = ("lijst", "osm", "nee")


def as_register(
    places: gpd.GeoDataFrame,
    *,
    where: str = "register",
    facility_class: str | None = None,
    classes_of: Mapping[str, str] | None = None,
    keep_gone: bool = False,
) -> gpd.GeoDataFrame:
    """Bring a list of places under the columns of facilities.

    Parameters
    ----------
    places
        Places with the user's own columns; ``id`` where there is one, else the index.
    where
        The file, which starts each message.
    facility_class
        The class of the places that name none.
    classes_of
        What the list calls a kind of place → its class, besides the words that are known.
    keep_gone
        Whether rows that are not to be used or closed stay, to be laid beside OSM: a column ``closed`` (bool)
        then says which are, and the others have ``use`` ``"nee"``.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id, facility_class, name, osm_id, last_edit`` (the list's own date), ``use``
        (``"lijst"``, ``"osm"`` or ``"nee"``), ``capaciteit`` (number of people, NaN where unknown),
        ``toegankelijk`` and ``doelgroep`` (as the list says), geometry, and ``entrances`` where the list has that
        column, as `read_facilities` gives it. Rows not to be used, rows of a kind that is no facility
        class (``kapper``) and facilities that are closed are left out. ``attrs["notes"]`` says which
        column was taken for what, and what was left out; ``attrs["classes"]`` the classes that the
        list speaks of, also where nothing of them is left.

    Raises
    ------
    MissingColumnError
        When there is no column with the class and no ``facility_class``.
    InputError
        When no class is known, one is a known one misspelt, a use is unknown, or whether a facility
        is closed is neither yes nor no, or a capacity is under 0.
    StudyError
        When ``facility_class`` or a class of ``classes_of`` is unknown.
    DuplicateIdError
        When an id occurs twice.

    Examples
    --------
    >>> point = gpd.points_from_xy([190000], [507000], crs=28992)
    >>> own = gpd.GeoDataFrame({"naam": ["Dr. Bos"], "klasse": ["Huisartsenpraktijk"]}, geometry=point)
    >>> as_register(own)["facility_class"].tolist()
    ['huisarts']
    """
    notes = list(places.attrs.get("notes", []))
    named = classes_of or {}
    given = given_classes(places, facility_class, where, named)
    classes = read_classes(given, where, notes, named)
    row = pd.Series([f"lijst{i + 1}" for i in range(len(places))], places.index)
    places, classes, row = places[classes.notna()], classes.dropna(), row[classes.notna()]
    cells = _read_cells(places, str(given.name), where, notes)
    ids = cells["id"].fillna(row)
    use = cells["use"].str.lower().fillna("lijst")
    _check_rows(ids, use, where)
    dropped, closed = use == "nee", _closed(places, where, notes)
    _tell_gone(ids, dropped, closed & ~dropped, where, notes)
    frame = gpd.GeoDataFrame(
        {
            "id": ids,
            "facility_class": classes,
            "name": cells["name"],
            "osm_id": cells["osm_id"],
            "last_edit": _read_dates(cells["date"], where, notes),
            "use": use,
            "capaciteit": _read_capacity(cells["capaciteit"], ids, where, notes),
            "toegankelijk": cells["toegankelijk"],
            "doelgroep": cells["doelgroep"],
        },
        geometry=places.geometry.to_numpy(),
        crs=places.crs,
    )
    if "entrances" in places.columns:  # a list that was made from a layer of facilities
        frame["entrances"] = places["entrances"]
    gone = dropped | closed
    _tell_twice(frame[~gone], where, notes)
    frame = (frame.assign(closed=closed) if keep_gone else frame[~gone]).reset_index(drop=True)
    frame.attrs = {
        "notes": notes,
        "classes": sorted(set(classes)),
        "closed": sorted(set(classes[gone])),
    }
    return frame


def _read_cells(
    places: pd.DataFrame, of_class: str, where: str, notes: list[str]
) -> dict[str, pd.Series]:
    """Take what the list says under each meaning; a note says which column was taken for what."""
    taken = {"facility_class": of_class}
    columns: dict[str, pd.Series] = {}
    for meaning in ("id", "name", "osm_id", "date", "use", *ABOUT):
        cells = take(places, *((meaning, "description") if meaning == "name" else (meaning,)))
        if cells is not None:
            taken[meaning] = str(cells.name)
        columns[meaning] = (
            pd.Series(np.nan, index=places.index, dtype="str") if cells is None else cells
        )
    told = [tell("{meaning} from {column}", meaning=m, column=c) for m, c in taken.items()]
    notes.append(tell("{where}: columns read as {columns}", where=where, columns=join_told(told)))
    return columns


def _check_rows(ids: pd.Series[str], use: pd.Series[str], where: str) -> None:
    twice = ids[ids.duplicated()].unique()
    if len(twice):
        raise DuplicateIdError(
            "{where}: ids that occur more than once: {ids}; make them unique",
            where=where,
            ids=first_ids(twice),
        )
    wrong = ~use.isin(USES)
    if wrong.any():
        raise InputError(
            "{where}: gebruik must be {names}; not so for {ids}",
            where=where,
            names=", ".join(USES),
            ids=first_ids(ids[wrong]),
        )


def _tell_gone(
    ids: pd.Series[str],
    dropped: pd.Series[bool],
    closed: pd.Series[bool],
    where: str,
    notes: list[str],
) -> None:
    if dropped.any():
        told = first_ids(ids[dropped])
        notes.append(tell("{where}: not to be used, says the list: {ids}", where=where, ids=told))
    if closed.any():
        told = first_ids(ids[closed])
        notes.append(tell("{where}: closed, says the list: {ids}", where=where, ids=told))


def _tell_twice(frame: gpd.GeoDataFrame, where: str, notes: list[str]) -> None:
    """Say which entries are of one class, name and place: each counts, so that a class looks fuller than it is."""
    placed = frame[frame.geometry.notna() & frame["name"].notna()]
    if placed.empty:
        return
    degrees = placed.crs is not None and placed.crs.is_geographic
    middle = shapely.get_coordinates(shapely.centroid(placed.geometry.to_numpy()))
    x, y = np.round(middle, 5 if degrees else 0).T  # about a metre
    name = placed["name"].map(words)
    same = pd.DataFrame({"class": placed["facility_class"], "name": name, "x": x, "y": y})
    twice = placed["id"][same.duplicated(keep=False)]
    if len(twice):
        told = first_ids(twice)
        note = tell(
            "{where}: entries of one class, name and place: {ids}; keep one", where=where, ids=told
        )
        notes.append(note)


def _read_dates(cells: pd.Series[str], where: str, notes: list[str]) -> pd.Series:
    # The Dutch way, 31-12-2023, unless one of them is written as 2023-12-31.
    day_first = not bool(cells.str.match(r"\d{4}").fillna(value=False).any())
    dates = pd.to_datetime(cells, errors="coerce", format="mixed", dayfirst=day_first)
    undated = cells.notna() & dates.isna()
    if undated.any():
        told = first_ids(cells[undated])
        notes.append(tell("{where}: dates that cannot be read: {dates}", where=where, dates=told))
    return dates


def _read_capacity(
    cells: pd.Series[str], ids: pd.Series[str], where: str, notes: list[str]
) -> pd.Series[float]:
    """Read how many people each holds; what is no number is told, and unknown."""
    numbers = parse_numbers(cells, where=where, thousands=True, spare=np.ones(len(cells), bool))
    numbers = numbers.mask(np.isinf(numbers))
    under = numbers < 0
    if under.any():
        raise InputError(
            "{where}: a capaciteit cannot be under 0, as it is for {ids}; correct it, or leave it empty",
            where=where,
            ids=first_ids(ids[under]),
        )
    unread = cells.notna() & numbers.isna()
    if unread.any():
        told = first_ids(cells[unread])
        notes.append(
            tell(
                "{where}: a capaciteit that is no number is taken as unknown: {cells}",
                where=where,
                cells=told,
            )
        )
    return numbers


def _closed(places: pd.DataFrame, where: str, notes: list[str]) -> pd.Series[bool]:
    """Tell which facilities the list says are closed; a note says how each status was read."""
    said_so = read_rules().closed
    closed = pd.Series(data=False, index=places.index)
    if (status := take(places, "status")) is not None:
        any_of = "|".join(map(re.escape, said_so.status))
        plain = status.str.lower().str.replace(rf"\b(?:niet|not) (?:{any_of})\b", "", regex=True)
        closed |= plain.str.contains(rf"\b(?:{any_of})\b", regex=True).fillna(value=False)
        _tell_status(status, closed, where, notes)
    if (given := take(places, "closed")) is not None:
        said = given.str.lower()
        wrong = said.notna() & ~said.isin(said_so.yes | said_so.no)
        if wrong.any():
            raise InputError(
                "{where}: {name} must be ja or nee, not {ids}",
                where=where,
                name=given.name,
                ids=first_ids(sorted(set(given[wrong]))),
            )
        closed |= said.isin(said_so.yes)
    return closed


def _tell_status(
    status: pd.Series[str], closed: pd.Series[bool], where: str, notes: list[str]
) -> None:
    shut, open_ = (sorted(set(status[which].dropna())) for which in (closed, ~closed))
    of_closed = tell("closed {words}", words=first_ids(shut))
    of_open = tell("open {words}", words=first_ids(open_))
    kinds = of_closed if shut else of_open
    if shut and open_:
        kinds = tell("{closed}; as {open}", closed=of_closed, open=of_open)
    if shut or open_:
        about = {"where": where, "column": status.name, "kinds": kinds}
        notes.append(tell("{where}: column {column} read as {kinds}", **about))
