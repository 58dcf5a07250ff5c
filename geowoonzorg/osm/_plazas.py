"""Plazas, the areas that one walks on: their outlines as lines of nodes, in arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geowoonzorg.osm._objects import Line


@dataclass(frozen=True)
class Plaza:
    """An area to walk on.

    Attributes
    ----------
    kind
        ``w`` for one drawn as a way, ``r`` for a relation.
    osm_id
        The id of its way or relation.
    code
        The code of its tags.
    outline
        Ways of its boundary that are not walkable ways themselves.
    lines
        Its boundary: (node ids, lonlat) per way id, rings or parts of rings.
    """

    kind: str
    osm_id: int
    code: int
    outline: tuple[int, ...]
    lines: dict[int, Line]


@dataclass(frozen=True)
class Outlines:
    """The outlines of plazas, as drawn: of some it takes several lines to make one ring.

    Attributes
    ----------
    name
        What each plaza is in OSM, as ``w123`` or ``r123``.
    line_start
        int64 (n_plazas + 1,): where the lines of each begin.
    line_way
        int64 (n_lines,): the OSM way of each line.
    point_start
        int64 (n_lines + 1,): where the points of each line begin.
    node_id
        int64 (n_points,): OSM node ids along the lines.
    lonlat
        float64 (n_points, 2): WGS 84 degrees; NaN where the file does not hold the node.
    attributes
        DataFrame (n_plazas rows): what is known of the ground, as ``Walkways.way_attributes``.
    """

    name: tuple[str, ...]
    line_start: NDArray[np.int64]
    line_way: NDArray[np.int64]
    point_start: NDArray[np.int64]
    node_id: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    attributes: pd.DataFrame


def leave_out(plots: list[Plaza], plazas: list[Plaza]) -> list[Plaza]:
    """Give plazas without the private ground that is drawn on them: it is a hole in each, which a walk goes round.

    Private ground that lies on a plaza in part only leaves that as it is.
    """
    found = list(plazas)
    if not plots or not plazas:
        return found
    holes, areas = (_areas_of(some) for some in (plots, plazas))
    for i, k in shapely.STRtree(areas).query(holes, predicate="covered_by").T.tolist():
        more = {way: line for way, line in plots[i].lines.items() if way not in found[k].lines}
        outline = (*found[k].outline, *more)
        found[k] = replace(found[k], lines=found[k].lines | more, outline=outline)
    return found


def _areas_of(plazas: list[Plaza]) -> NDArray[np.object_]:
    """Draw plazas (degrees); nothing for one of which the file does not hold all."""
    drawn = [[xy for _, xy in plaza.lines.values() if len(xy) > 1] for plaza in plazas]
    whole = [all(np.isfinite(xy).all() for xy in lines) for lines in drawn]
    lines = [
        shapely.multilinestrings([shapely.linestrings(xy) for xy in own] if known else [])
        for own, known in zip(drawn, whole, strict=True)
    ]
    return np.asarray(shapely.build_area(np.array(lines, object)), object)


def outlines_of(plazas: list[Plaza]) -> list[tuple[int, int, NDArray[np.int64]]]:
    """Give the ways of boundaries that are not walkable ways themselves, as (way id, code of tags, node ids)."""
    return [(way, plaza.code, plaza.lines[way][0]) for plaza in plazas for way in plaza.outline]


def list_outlines(plazas: list[Plaza], way_table: pd.DataFrame) -> Outlines | None:
    """Put the outlines of plazas in arrays; ``way_table`` has a row per code. None where there is no plaza."""
    plazas = sorted((p for p in plazas if p.lines), key=lambda p: (p.kind, p.osm_id))
    if not plazas:
        return None
    lines = [line for plaza in plazas for line in plaza.lines.values()]
    return Outlines(
        name=tuple(f"{p.kind}{p.osm_id}" for p in plazas),
        line_start=_starts([len(p.lines) for p in plazas]),
        line_way=np.array([way for p in plazas for way in p.lines], np.int64),
        point_start=_starts([len(ids) for ids, _ in lines]),
        node_id=np.concatenate([ids for ids, _ in lines]),
        lonlat=np.concatenate([lonlat for _, lonlat in lines]),
        attributes=way_table.take([p.code for p in plazas]).assign(
            osm_id=np.array([-p.osm_id for p in plazas], np.int64)
        ),
    )


def _starts(sizes: list[int]) -> NDArray[np.int64]:
    return np.append(0, np.cumsum(sizes)).astype(np.int64)
