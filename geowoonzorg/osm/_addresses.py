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
    numbers = objects.tags.column("addr:housenumber")
    return [row for row, number in enumerate(numbers) if number is not None]


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
    at_nodes, at_ways = address_rows(nodes), address_rows(ways)
    at_relations = [row for row in address_rows(relations) if place[row]]
    middles = [find_middle([ways.refs.line(row)[1]]) for row in at_ways]
    for row in at_relations:
        own = ways_among(relations.members[row])
        middles.append(find_middle([members[way][1] for way in own if way in members]))
    lonlat = np.concatenate([nodes.refs.nodes.lonlat[at_nodes], np.reshape(middles, (-1, 2))])
    chosen = [(nodes, "n", at_nodes), (ways, "w", at_ways), (relations, "r", at_relations)]
    ids = [f"{letter}{i}" for these, letter, rows in chosen for i in these.id[rows].tolist()]
    columns = []
    for key in ADDRESS_KEYS:
        column: list[str | None] = []
        for these, _, rows in chosen:
            texts = these.tags.column(key)
            column += [texts[row] for row in rows]
        columns.append(column)
    frame = _draw(ids, columns, lonlat)
    placed = np.isfinite(lonlat).all(axis=1)
    # A shop tagged with the address that the address point beside it already gives.
    whole = frame[[*_NAMES]].notna().all(axis=1)
    twice = frame[placed].duplicated([*_NAMES]).reindex(frame.index, fill_value=False)
    double = whole & placed & twice
    counts += Counter(
        {
            "read": len(frame),
            "dropped: nodes missing": int((~placed).sum()),
            "dropped: same address twice": int(double.sum()),
            "without street": int(frame["street"].isna().sum()),
        }
    )
    return frame[placed & ~double].reset_index(drop=True)


def no_addresses() -> gpd.GeoDataFrame:
    """Give the frame of an OSM file in which none were looked for."""
    return _draw((), ((),) * len(_NAMES), np.empty((0, 2)))


def _draw(
    ids: Sequence[str], columns: Sequence[Sequence[str | None]], lonlat: NDArray[np.float64]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": pd.Series(ids, dtype="str")}
        | {
            name: pd.Series(list(column), dtype="str")
            for name, column in zip(_NAMES, columns, strict=True)
        },
        geometry=shapely.points(lonlat),
        crs="EPSG:4326",
    )
