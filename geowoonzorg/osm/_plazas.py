"""Straight lines over plazas, the areas that one walks on, between the places where one can enter them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections import Counter

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geowoonzorg.osm._objects import Refs

#: With more entrances a plaza gets no lines of its own beyond the first of these: 780 lines.
MOST_ENTRANCES: Final = 40


@dataclass(frozen=True)
class Plaza:
    """An area to walk on.

    Attributes
    ----------
    osm_id
        The id of its way or relation.
    code
        The code of its tags.
    outline
        Ways of its boundary that are not walkable ways themselves.
    lines
        Its boundary: (node ids, lonlat) per way, rings or parts of rings.
    """

    osm_id: int
    code: int
    outline: tuple[int, ...]
    lines: list[tuple[NDArray[np.int64], NDArray[np.float64]]]


def cross_plazas(
    plazas: list[Plaza], refs: Refs, counts: Counter[str]
) -> list[tuple[int, int, NDArray[np.int64]]]:
    """Draw the lines that see each other over every plaza.

    Parameters
    ----------
    plazas
        The areas; their outlines are among the walkable ways.
    refs
        The nodes of all walkable ways, outlines included.
    counts
        Where the numbers of plazas, lines and plazas with too many entrances are added.

    Returns
    -------
    list of tuple
        (negative id of the plaza, code, two node ids).

    Notes
    -----
    An entrance is a boundary node that a walkable way other than the boundary runs through. Two
    entrances see each other when the segment between them lies within the area; neighbours on the
    boundary are left out, for the boundary itself joins them.
    """
    plazas = [s for s in plazas if s.lines]
    if not plazas:
        return []
    uses = _count_uses(refs, plazas)
    found = []
    for plaza in sorted(plazas, key=lambda s: s.osm_id):
        counts["squares"] += 1
        area = _area(plaza)
        if area is None:
            counts["squares_not_closed"] += 1
            continue
        ids = np.concatenate([node_ids for node_ids, _ in plaza.lines])
        lonlat = np.concatenate([places for _, places in plaza.lines])
        own: dict[int, int] = {}
        for node in ids.tolist():
            own[node] = own.get(node, 0) + 1
        at = dict(zip(ids.tolist(), lonlat, strict=True))
        entrances = [n for n in sorted(own) if uses.get(n, 0) > own[n]]
        if len(entrances) > MOST_ENTRANCES:
            counts["squares_with_too_many_entrances"] += 1
            entrances = entrances[:MOST_ENTRANCES]
        sides = {
            frozenset(pair) for node_ids, _ in plaza.lines for pair in pairwise(node_ids.tolist())
        }
        pairs = [
            (a, b)
            for i, a in enumerate(entrances)
            for b in entrances[i + 1 :]
            if frozenset((a, b)) not in sides
        ]
        if not pairs:
            continue
        places = np.array([(at[a], at[b]) for a, b in pairs])
        shapely.prepare(area)
        seen = shapely.covers(area, shapely.linestrings(places))
        counts["square_lines"] += int(seen.sum())
        found += [
            (-plaza.osm_id, plaza.code, np.array(pairs[i], np.int64))
            for i in np.flatnonzero(seen).tolist()
        ]
    return found


def _count_uses(refs: Refs, plazas: list[Plaza]) -> dict[int, int]:
    """Count how often the nodes of the plazas occur along the walkable ways."""
    corners = np.unique(np.concatenate([ids for s in plazas for ids, _ in s.lines]))
    uses = np.bincount(refs.row, minlength=len(refs.nodes.id))
    return dict(
        zip(
            corners.tolist(),
            uses[np.searchsorted(refs.nodes.id, corners)].tolist(),
            strict=True,
        )
    )


def _area(plaza: Plaza) -> BaseGeometry | None:
    lines = [shapely.LineString(p) for _, p in plaza.lines if len(p) > 1 and np.isfinite(p).all()]
    area = shapely.build_area(shapely.MultiLineString(lines))
    return None if area.is_empty else area
