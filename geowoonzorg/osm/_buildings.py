"""Buildings of an OSM file, as a list that says what each is for, how much floor it has and from which year it is."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError
from geowoonzorg.files import bring_to, read_toml
from geowoonzorg.knowledge import read_document
from geowoonzorg.messages import tell
from geowoonzorg.osm._objects import Keys, ways_among
from geowoonzorg.osm._shapes import draw_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import shapely
    from pyproj import CRS

    from geowoonzorg.osm._objects import Line, Objects

_TAGS: Final = frozenset({"building", "building:levels", "start_date", "type"})
KEYS: Final = Keys(
    node=frozenset(),
    way=frozenset({"building"}),
    relation=frozenset({"building"}),
    matter=_TAGS,
)
#: A year as such, or the first of a date; what is only about some year ("~1890", "C19") is not known.
_YEAR: Final = re.compile(r"(\d{4})(?:-\d\d){0,2}")
_NUMBER: Final = re.compile(r"\d{1,3}(?:[.,]\d)?")
_MOST_LEVELS: Final = 100


@dataclass(frozen=True)
class _Known:
    """The file of what buildings are for."""

    use: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, tuple[str, ...]]


@cache
def _read_known() -> _Known:
    with as_file(files("geowoonzorg") / "knowledge" / "osm_buildings.toml") as path:
        return read_document(read_toml(path), _Known, where=path.name)


def member_ways(relations: Objects) -> set[int]:
    """Give the ways that buildings with courts are made of."""
    return {way for row, _ in _marked(relations) for way in ways_among(relations.members[row])}


def draw_buildings(
    ways: Objects, relations: Objects, *, crs: str | CRS, path: Path
) -> gpd.GeoDataFrame:
    """Draw the buildings, and say of each what its tags do.

    Parameters
    ----------
    ways, relations
        What was read with `KEYS`.
    crs
        The metric CRS of the result.
    path
        The file, for what is said of it.

    Returns
    -------
    geopandas.GeoDataFrame
        As `geowoonzorg.osm.read_buildings`.

    Raises
    ------
    InputError
        When there are none.
    """
    known = _read_known()
    use = {value: name for name, values in known.use.items() for value in values}
    members = ways.lines(member_ways(relations))
    rows: list[dict[str, Any]] = []
    for letter, objects in (("w", ways), ("r", relations)):
        for row, tags in _marked(objects):
            if letter == "w":
                lines = [objects.refs.line(row)]
            else:
                own = ways_among(objects.members[row])
                lines = [members[way] for way in own if way in members]
            shape = _ground(lines)
            if tags["building"] in known.left_out["building"] or shape is None:
                continue
            year = _YEAR.fullmatch(tags.get("start_date", ""))
            rows.append({
                "id": f"{letter}{objects.id[row]}", "use": use.get(tags["building"]),
                "levels": _levels(tags), "year": int(year[1]) if year else None, "geometry": shape,
            })  # fmt: skip
    if not rows:
        raise InputError("buildings: {file} draws none", file=path.name)
    table = pd.DataFrame(rows).astype({"id": "str", "use": "str", "year": "Int64"})
    found = gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:4326")
    found = bring_to(found, crs)
    found["floor_m2"] = found.geometry.area * found["levels"]
    notes = [
        tell(
            "buildings of {file}: of {n} the use of {use} is told, the floor of {floor} and the year of {year}; "
            "floor is ground times levels",
            file=path.name, n=len(found), use=int(found["use"].notna().sum()),
            floor=int(found["floor_m2"].notna().sum()), year=int(found["year"].notna().sum()),
        )
    ]  # fmt: skip
    layer = found[["id", "use", "floor_m2", "year", "geometry"]]
    layer.attrs["notes"] = notes
    return layer


def _marked(objects: Objects) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows of buildings, and their tags; of relations those that draw ground."""
    code, kinds = objects.tags.sets(_TAGS)
    drawn = np.array(["building" in k and k.get("type") in {None, "multipolygon"} for k in kinds])
    if len(drawn):
        for row in np.flatnonzero(drawn[code]).tolist():
            yield row, kinds[code[row]]


def _ground(lines: Sequence[Line]) -> shapely.Geometry | None:
    """Give the ground within rings; None where a node is missing or they do not close."""
    if not lines or not all(len(ids) and np.isfinite(lonlat).all() for ids, lonlat in lines):
        return None
    shape = draw_shape(list(lines))[0]
    return None if shape.is_empty or shape.geom_type == "Point" else shape


def _levels(tags: Mapping[str, str]) -> float:
    """Give how many levels stand on the ground; NaN where that is not told."""
    told = _NUMBER.fullmatch(tags.get("building:levels", "").strip())
    levels = float(told[0].replace(",", ".")) if told else np.nan
    return levels if 0 < levels <= _MOST_LEVELS else np.nan
