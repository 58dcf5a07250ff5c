"""OSM objects → addresses, each once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.osm._objects import Line, Objects, ways_among
from geowoonzorg.osm._shapes import find_middle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ADDRESS_KEYS: Final = ("addr:street", "addr:housenumber", "addr:postcode", "addr:city")
_NAMES: Final = ("street", "housenumber", "postcode", "city")


def address_rows(objects: Objects) -> list[int]:
    """Give the rows of the objects that carry an address."""
    rows: list[int] = _address_rows(objects).tolist()
    return rows


def read_addresses(
    nodes: Objects,
    ways: Objects,
    relations: Objects,
    members: dict[int, Line],
    *,
    place: Sequence[bool],
    counts: Counter[str],
) -> gpd.GeoDataFrame:
    """Give the addresses: see `geowoonzorg.osm.OsmData`.

    ``place`` tells which relations stand for one place; to ``counts`` is added what was dropped and why.
    """
    at_nodes, at_ways, at_relations = map(_address_rows, (nodes, ways, relations))
    at_relations = at_relations[np.asarray(place, bool)[at_relations]]
    middles = [find_middle([ways.refs.line(row)[1]]) for row in at_ways.tolist()]
    for row in at_relations.tolist():
        own = ways_among(relations.members[row])
        middles.append(find_middle([members[way][1] for way in own if way in members]))
    lonlat = np.concatenate([nodes.refs.nodes.lonlat[at_nodes], np.reshape(middles, (-1, 2))])
    chosen = ((nodes, "n", at_nodes), (ways, "w", at_ways), (relations, "r", at_relations))
    # Millions of addresses have few texts: they stay numbers until those that count are known.
    text = np.column_stack(
        [
            np.concatenate([these.tags.numbers(key)[rows] for these, _, rows in chosen])
            for key in ADDRESS_KEYS
        ]
    )
    placed = np.isfinite(lonlat).all(axis=1)
    # A shop tagged with the address that the address point beside it already gives.
    again = np.zeros(len(text), bool)
    again[placed] = pd.DataFrame(text[placed]).duplicated().to_numpy()
    double = (text >= 0).all(axis=1) & again
    counts += Counter(
        {
            "read": len(text),
            "dropped: nodes missing": int((~placed).sum()),
            "dropped: same address twice": int(double.sum()),
            "without street": int((text[:, 0] < 0).sum()),
        }
    )
    kept = placed & ~double
    ids = pd.concat(
        [letter + pd.Series(these.id[rows]).astype("str") for these, letter, rows in chosen],
        ignore_index=True,
    )
    columns = [_told(text[kept, k], nodes.tags.texts) for k in range(len(ADDRESS_KEYS))]
    return _draw(ids[kept].reset_index(drop=True), columns, lonlat[kept])


def no_addresses() -> gpd.GeoDataFrame:
    """Give the frame of an OSM file in which none were looked for."""
    return _draw((), ((),) * len(_NAMES), np.empty((0, 2)))


def _address_rows(objects: Objects) -> NDArray[np.intp]:
    return np.flatnonzero(objects.tags.numbers("addr:housenumber") >= 0)


def _told(number: NDArray[np.int64], texts: Sequence[str]) -> pd.Series[str]:
    """Give the text of each number, missing for -1."""
    used, at = np.unique(number, return_inverse=True)
    own = pd.array([texts[one] if one >= 0 else None for one in used.tolist()], dtype="str")
    return pd.Series(own.take(at), dtype="str")


def _draw(
    ids: Sequence[str] | pd.Series[str],
    columns: Sequence[Sequence[str] | pd.Series[str]],
    lonlat: NDArray[np.float64],
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": pd.Series(ids, dtype="str")}
        | {
            name: pd.Series(column, dtype="str")
            for name, column in zip(_NAMES, columns, strict=True)
        },
        geometry=shapely.points(lonlat),
        crs="EPSG:4326",
    )
