"""A gemeente's own list of facilities: read with coordinates or addresses, and merged with OSM's."""

from __future__ import annotations

import difflib
import re
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import (
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingColumnError,
    StudyError,
    first_ids,
)
from geowoonzorg.files import (
    column_for,
    plain_header,
    read_places,
    read_synonyms,
    read_table,
    read_toml,
    split_layer,
)
from geowoonzorg.osm.classes import words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from pyproj import CRS

COLUMNS = ["id", "facility_class", "name", "osm_id", "last_edit", "use", "geometry"]
USES = ("lijst", "osm", "nee")
_POSTCODE = r"(\d{4})\s?([A-Za-z]{2})\b"
_HOUSENUMBER = r"\b(\d{1,5})\s?-?\s?([A-Za-z]?\d{0,4}[A-Za-z]?)\b"
_PLACED = (("x", "y"), ("lon", "lat"))
_TYPO = 0.85  # a word this much like one we know is that one misspelt; huisartsenpost is under it
_SPREAD_M = 50.0  # addresses that match one entry and lie further apart name no single place


@cache
def read_rules() -> dict[str, Any]:
    """Read how a list is matched with OSM, from ``knowledge/register.toml``.

    Returns
    -------
    dict
        Matching distances in metres, and words that tell nothing apart.

    Examples
    --------
    >>> read_rules()["matching"]["same_place_m"]
    25.0
    """
    with as_file(files("geowoonzorg") / "knowledge" / "register.toml") as path:
        return read_toml(path)


def _take(table: pd.DataFrame, *meanings: str) -> pd.Series[str] | None:
    """Take the column of the first of some meanings that a table has."""
    column = next((c for meaning in meanings if (c := column_for(table, meaning))), None)
    return None if column is None else _cells(table[column])


def _cells(column: pd.Series) -> pd.Series[str]:
    cells = column.astype("str").str.strip()
    # A name that a spreadsheet would run was written with a quote before it: take that away again.
    cells = cells.str.replace(r"^'(?=[=+\-@\t\r])", "", regex=True)
    return cells.mask(column.isna() | (cells == ""))


def _given_classes(places: pd.DataFrame, facility_class: str | None, where: str) -> pd.Series[str]:
    """Take the column with the class of each place; the class of the whole list where it has none."""
    whole = pd.Series(facility_class, index=places.index, dtype="str", name="facility_class")
    if facility_class is not None and _understood(whole).isna().any():
        msg = (
            f"register_class: {facility_class!r} is no facility class; known are "
            f"{', '.join(read_synonyms()['classes'])}"
        )
        raise StudyError(msg)
    names = {plain_header(n) for n in read_synonyms()["columns"]["facility_class"]}
    columns = [c for c in places.columns if plain_header(str(c)) in names]
    if not columns:
        if facility_class is not None:
            return whole
        msg = (
            f"{where} has no column with the class of each facility (klasse, type, …); where all are of "
            "one class, name it in the study: [facilities] register_class; it has "
            f"{', '.join(map(str, places.columns[:10]))}"
        )
        raise MissingColumnError(msg)
    taken = [_cells(places[c]) for c in columns]
    # `type` may hold codes and `soort` the words: that in which most is understood says what they are.
    given = max(taken, key=lambda cells: int(_understood(cells).notna().sum()))
    if facility_class is None:
        return given
    return given.fillna(whole) if _understood(given).notna().any() else whole


def _understood(given: pd.Series[str]) -> pd.Series[str]:
    plain = given.str.lower().str.replace(r"[_-]", " ", regex=True).str.split().str.join(" ")
    return plain.map(_known_words())


@cache
def _known_words() -> dict[str, str]:
    """Give what people write for a class, in plain words → the class."""
    classes = read_synonyms()["classes"]
    return {
        word.replace("_", " ").replace("-", " "): name
        for name, known in classes.items()
        for word in [name, *known]
    }


def _classes(given: pd.Series[str], where: str, notes: list[str]) -> pd.Series[str]:
    """Understand the classes; NaN for rows of a kind that is none of ours, which a note names."""
    found = _understood(given)
    unknown = found.isna()
    if not unknown.any():
        return found
    words = sorted(set(given[unknown].fillna("(empty)")))
    known = f"known are {', '.join(read_synonyms()['classes'])}"
    typos = {}
    for word in words:
        alike = difflib.get_close_matches(word.lower(), list(_known_words()), n=1, cutoff=_TYPO)
        if alike:
            typos[word] = _known_words()[alike[0]]
    if typos or unknown.all():
        hint = f"; did you mean {', '.join(dict.fromkeys(typos.values()))}?" if typos else ""
        msg = f"{where}: unknown facility classes: {first_ids(typos or words)}{hint}; {known}"
        raise InputError(msg)
    told = first_ids(word.replace("(empty)", "(leeg)") for word in words)
    notes.append(
        f"{where}: {int(unknown.sum())} van {len(given)} rijen weggelaten, van soorten die hier niet "
        f"bekend zijn: {told}; bekend zijn {', '.join(read_synonyms()['classes'])}"
    )
    return found


def as_register(
    places: gpd.GeoDataFrame, *, where: str = "register", facility_class: str | None = None
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

    Returns
    -------
    geopandas.GeoDataFrame
        ``id, facility_class, name, osm_id, last_edit`` (the list's own date), ``use``
        (``"lijst"``, ``"osm"`` or ``"nee"``), geometry, and ``entrances`` where the list has that
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
        is closed is neither yes nor no.
    StudyError
        When ``facility_class`` is unknown.
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
    given = _given_classes(places, facility_class, where)
    classes = _classes(given, where, notes)
    row = pd.Series([f"lijst{i + 1}" for i in range(len(places))], places.index)
    places, classes, row = places[classes.notna()], classes.dropna(), row[classes.notna()]
    taken = {"facility_class": given.name}
    columns: dict[str, pd.Series] = {"facility_class": classes}
    for meaning in ("id", "name", "osm_id", "date", "use"):
        cells = _take(places, *((meaning, "description") if meaning == "name" else (meaning,)))
        if cells is not None:
            taken[meaning] = cells.name
        columns[meaning] = (
            pd.Series(np.nan, index=places.index, dtype="str") if cells is None else cells
        )
    ids = columns["id"].fillna(row)
    twice = ids[ids.duplicated()].unique()
    if len(twice):
        msg = f"{where}: ids that occur more than once: {first_ids(twice)}; make them unique"
        raise DuplicateIdError(msg)
    use = columns["use"].str.lower().fillna("lijst")
    wrong = ~use.isin(USES)
    if wrong.any():
        msg = f"{where}: gebruik must be {', '.join(USES)}; not so for {first_ids(ids[wrong])}"
        raise InputError(msg)
    dates = pd.to_datetime(
        columns["date"], errors="coerce", format="mixed", dayfirst=_day_first(columns["date"])
    )
    frame = gpd.GeoDataFrame(
        {
            "id": ids,
            "facility_class": columns["facility_class"],
            "name": columns["name"],
            "osm_id": columns["osm_id"],
            "last_edit": dates,
            "use": use,
        },
        geometry=places.geometry.to_numpy(),
        crs=places.crs,
    )
    if "entrances" in places.columns:  # a list that was made from a layer of facilities
        frame["entrances"] = places["entrances"]
    notes.append(
        f"{where}: kolommen gelezen als " + ", ".join(f"{m} uit {c}" for m, c in taken.items())
    )
    dropped, closed = use == "nee", _closed(places, where, notes)
    for gone, why in ((dropped, "niet te gebruiken"), (closed & ~dropped, "gesloten")):
        if gone.any():
            notes.append(f"{where}: {why} volgens de lijst: {first_ids(ids[gone])}")
    undated = columns["date"].notna() & dates.isna()
    if undated.any():
        notes.append(
            f"{where}: datums die niet te lezen zijn: {first_ids(columns['date'][undated])}"
        )
    gone = dropped | closed
    frame = frame[~gone].reset_index(drop=True)
    frame.attrs = {
        "notes": notes,
        "classes": sorted(set(classes)),
        "closed": sorted(set(classes[gone])),
    }
    return frame


def _closed(places: pd.DataFrame, where: str, notes: list[str]) -> pd.Series[bool]:
    """Tell which facilities the list says are closed; a note says how each status was read."""
    words = read_rules()["closed"]
    closed = pd.Series(data=False, index=places.index)
    if (status := _take(places, "status")) is not None:
        any_of = "|".join(map(re.escape, words["status"]))
        plain = status.str.lower().str.replace(rf"\b(?:niet|not) (?:{any_of})\b", "", regex=True)
        closed |= plain.str.contains(rf"\b(?:{any_of})\b", regex=True).fillna(value=False)
        kinds = [
            f"{what} {first_ids(sorted(set(status[which].dropna())))}"
            for what, which in (("gesloten", closed), ("open", ~closed))
            if status[which].notna().any()
        ]
        if kinds:
            notes.append(f"{where}: kolom {status.name} gelezen als {'; als '.join(kinds)}")
    if (given := _take(places, "closed")) is not None:
        said = given.str.lower()
        wrong = said.notna() & ~said.isin([*words["yes"], *words["no"]])
        if wrong.any():
            msg = f"{where}: {given.name} must be ja or nee, not {first_ids(sorted(set(given[wrong])))}"
            raise InputError(msg)
        closed |= said.isin(words["yes"])
    return closed


def _day_first(dates: pd.Series[str]) -> bool:
    """Tell whether dates are written the Dutch way, 31-12-2023, and not 2023-12-31."""
    return not bool(dates.str.match(r"\d{4}").fillna(value=False).any())


def read_register(
    path: str | Path,
    *,
    crs: str | CRS = "EPSG:28992",
    addresses: gpd.GeoDataFrame | None = None,
    facility_class: str | None = None,
) -> gpd.GeoDataFrame:
    """Read an own list of facilities, with coordinates or with addresses.

    Parameters
    ----------
    path
        csv, xlsx or a vector layer: ``id,naam,klasse`` and ``x,y``, ``lon,lat`` or an address
        (``adres``, or ``postcode`` and ``huisnummer``), optionally ``bron, peildatum``. The table
        that `geowoonzorg.opendata.reconcile.write_reconciled` wrote is such a list, too.
    crs
        The metric CRS to work in.
    addresses
        Where to look up addresses: those of OSM or of the BAG, in any CRS.
    facility_class
        The class of the places that name none: all, in a list of DUO, or in one whose column with
        types says something else.

    Returns
    -------
    geopandas.GeoDataFrame
        As `as_register`; entries whose address is not found are left out and named in
        ``attrs["notes"]``, with the count.

    Raises
    ------
    MissingColumnError
        When there is neither a coordinate nor an address, or no class.
    InputError
        When not one address is found, or there are no addresses to look them up in.
    DuplicateIdError, GeometryError, CrsError, FormatError, SourceError, StudyError
        As `geowoonzorg.files.read_places` and `as_register`.

    Examples
    --------
    >>> read_register("missing.csv")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: register: missing.csv does not exist; give the path of an existing file
    """
    where = f"register: {path}"
    table = _read_rows(path, crs)
    if isinstance(table, gpd.GeoDataFrame):
        return as_register(table, where=where, facility_class=facility_class)
    if addresses is None or addresses.empty:
        msg = f"{where} has no coordinates, and there are no addresses to look its places up in"
        raise InputError(msg)
    points = locate(table, addresses.to_crs(crs), where=where)
    places = gpd.GeoDataFrame(table, geometry=points)
    found = points.notna()
    if not found.any():
        msg = f"{where}: not one of its {len(table)} addresses is known in this place; check the columns"
        raise InputError(msg)
    if not found.all():
        lines = np.flatnonzero(~found.to_numpy()) + 2
        note = (
            f"{where}: addresses that are not found, or not one place, on lines {first_ids(lines)}"
        )
        places.attrs["notes"] = [note]
    whole = as_register(places, where=where, facility_class=facility_class)
    placed = whole.geometry.notna()
    register = whole[placed].reset_index(drop=True)
    # Of a class with a facility somewhere nothing is certain, neither where it is nor that there is none.
    closed = whole.attrs["closed"]
    register.attrs = whole.attrs | {
        "classes": sorted({*register["facility_class"], *closed}),
        "unplaced": sorted(set(whole["facility_class"][~placed])),
    }
    return register


def check_register(
    path: str | Path, *, crs: str | CRS = "EPSG:28992", facility_class: str | None = None
) -> gpd.GeoDataFrame:
    """Check an own list as far as that can be done without the addresses of the place.

    Parameters
    ----------
    path, facility_class
        As for `read_register`.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        As `as_register`, without geometries where the list has addresses.

    Raises
    ------
    MissingColumnError, InputError, DuplicateIdError, GeometryError, CrsError, FormatError, SourceError
        As `read_register`, but for addresses that are not found.

    Examples
    --------
    >>> check_register("missing.csv")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: register: missing.csv does not exist; give the path of an existing file
    """
    where = f"register: {path}"
    rows = _read_rows(path, crs)
    if not isinstance(rows, gpd.GeoDataFrame):
        _check_addresses(rows, where)
        rows = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(None, index=rows.index))
    return as_register(rows, where=where, facility_class=facility_class)


def _read_rows(path: str | Path, crs: str | CRS) -> pd.DataFrame:
    """Read the rows of a list: places, or a plain table when all it can have is addresses."""
    if split_layer(path)[0].suffix.lower() in {".csv", ".txt", ".xlsx"}:
        table = read_table(path, role="register")
        if not any(column_for(table, one) and column_for(table, other) for one, other in _PLACED):
            return table
    try:
        return read_places(path, role="register", crs=crs)
    except GeometryError as error:
        msg = (
            f"{error}. A facility that is closed needs its old place, too; or leave it out and name its class "
            "in the study: [facilities] complete"
        )
        raise GeometryError(msg) from error


def _check_addresses(table: pd.DataFrame, where: str) -> None:
    if _take(table, "address") is None and _take(table, "housenumber") is None:
        msg = (
            f"{where} has no coordinates (x, y) and no address (adres, or postcode and huisnummer)"
        )
        raise MissingColumnError(msg)


def _address_keys(table: pd.DataFrame) -> pd.DataFrame:
    """Split addresses into postcode, number with addition, and street with city, all in one form."""

    def cells(meaning: str) -> pd.Series[str]:
        shared = meaning == "addition" and column_for(table, "housenumber") == column_for(
            table, meaning
        )
        found = None if shared else _take(table, meaning)
        return pd.Series(np.nan, index=table.index, dtype="str") if found is None else found

    whole = cells("address")
    pc = cells("postcode").fillna(whole).str.extract(_POSTCODE)
    before = whole.str.replace(_POSTCODE + ".*$", "", regex=True).str.extract(r"^([^,]*)")[0]
    extra = cells("letter").fillna("") + cells("addition").fillna("")
    number = (cells("housenumber") + extra).fillna(before)
    pieces = number.str.extract(_HOUSENUMBER)
    street = cells("street").fillna(before.str.replace(_HOUSENUMBER + r"\s*$", "", regex=True))
    city = cells("city").fillna(whole.str.extract(_POSTCODE + r"\s*(.+)$")[2])

    def plain(text: pd.Series[str]) -> pd.Series[str]:
        return text.map(lambda t: " ".join(words(t)), na_action="ignore")

    return pd.DataFrame(
        {
            "postcode": pc[0] + pc[1].str.upper(),
            "number": pieces[0],
            "addition": pieces[1].fillna("").str.upper(),
            "street": plain(street),
            "city": plain(city),
        }
    )


def locate(table: pd.DataFrame, addresses: gpd.GeoDataFrame, *, where: str) -> gpd.GeoSeries:
    """Look addresses up among known ones.

    Parameters
    ----------
    table
        Rows with ``adres``, or with ``postcode``, ``huisnummer``, ``straat`` and ``plaats``.
    addresses
        Known addresses, as OSM's or the BAG's columns have them, in a metric CRS.
    where
        The file, which starts the message.

    Returns
    -------
    geopandas.GeoSeries
        On the table's index: the address's point, None where it is not known or names several
        places over 50 m apart; of an area its middle.

    Raises
    ------
    MissingColumnError
        When the table has no address.

    Notes
    -----
    Looked for in this order: postcode, number and addition; street, number, addition and city;
    postcode and number; street and number. A later way is tried only where the ones before find
    nothing.

    Examples
    --------
    >>> known = gpd.GeoDataFrame({"postcode": ["8261 AA"], "housenumber": ["12a"]},
    ...     geometry=gpd.points_from_xy([190000], [507000], crs=28992))
    >>> locate(pd.DataFrame({"adres": ["Oudestraat 12-A, 8261AA Kampen"]}), known, where="x")[0].x
    190000.0
    """
    _check_addresses(table, where)
    wanted, known = _address_keys(table), _address_keys(addresses)
    xy = shapely.get_coordinates(shapely.centroid(addresses.geometry.to_numpy()))
    result = np.full((len(table), 2), np.nan)
    ways = (
        ["postcode", "number", "addition"],
        ["street", "number", "addition", "city"],
        ["postcode", "number"],
        ["street", "number"],
    )
    for way in ways:
        places = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]}).groupby(
            [known[c].to_numpy() for c in way]
        )
        spans = places.agg(["min", "max"])
        one = (spans["x"]["max"] - spans["x"]["min"] <= _SPREAD_M) & (
            spans["y"]["max"] - spans["y"]["min"] <= _SPREAD_M
        )
        centre = places.first()[one]
        keys = pd.MultiIndex.from_frame(wanted[way])
        found = centre.reindex(keys).to_numpy()
        open_ = np.isnan(result[:, 0]) & wanted[way].notna().all(axis=1).to_numpy()
        result[open_] = found[open_]
    points = gpd.points_from_xy(result[:, 0], result[:, 1])
    series = gpd.GeoSeries(points, index=table.index, crs=addresses.crs)
    series[np.isnan(result[:, 0])] = None
    return series


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
    >>> merge_register(osm, own, classes=["huisarts"])  # doctest: +SKIP
    """
    if own is None:
        return osm, ()
    listed = own if set(COLUMNS) <= set(own.columns) else as_register(own)
    held = classes_held(listed, complete=complete) & set(classes)
    notes = list(listed.attrs.get("notes", []))
    if listed.empty and not held:
        notes.append("register: de lijst noemt geen voorziening en zegt dus niets")
    other = ~listed["facility_class"].isin(classes)
    if other.any():
        names = ", ".join(sorted(set(listed["facility_class"][other])))
        notes.append(
            f"register: {int(other.sum())} voorzieningen van niet gevraagde soorten ({names})"
        )
    listed = listed[~other]
    kept = osm[~osm["facility_class"].isin(held)]
    key = osm["osm_id"].astype("str") + " " + osm["facility_class"].astype("str")
    wanted = listed["osm_id"].astype("str") + " " + listed["facility_class"]
    by_osm = (listed["use"] == "osm") & wanted.isin(key)
    from_osm = osm[key.isin(wanted[by_osm])]
    from_list = listed[~by_osm].drop(columns="use")
    clash = from_list["id"][from_list["id"].isin(pd.concat([kept["id"], from_osm["id"]]))]
    if len(clash):
        msg = f"register: ids that OSM's facilities have, too: {first_ids(clash)}; choose others"
        raise DuplicateIdError(msg)
    for name in sorted(held):
        mine, theirs = (int((f["facility_class"] == name).sum()) for f in (listed, osm))
        notes.append(f"register: {name}: {mine} van de lijst in plaats van {theirs} van OSM")
    from_list = from_list.to_crs(osm.crs) if osm.crs is not None else from_list
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
