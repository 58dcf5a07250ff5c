"""What OSM does not say of ways, filled in before they are judged: piece by piece between junctions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.osm._objects import Refs
from geowoonzorg.osm._selection import Selected
from geowoonzorg.osm.tag_values import ATTRIBUTE_KEYS, read_attribute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geowoonzorg.osm.profile import WalkProfile

#: Stretches of way → what is known of them: lines in EPSG:4326 with ``highway``, ``level`` and ``needs_…``
#: columns; gives ``width_m``, ``surface``, ``incline_pct`` and of each the source, on the same index.
Fill = Callable[[gpd.GeoDataFrame], pd.DataFrame]

#: What can be filled in, and the tag that it becomes.
FILLED: Final = {"surface": "surface", "width_m": "width", "incline_pct": "incline"}
#: The tag under which the source of an attribute is kept; no OSM key has a blank.
SOURCE: Final = "source of {}"


@dataclass(frozen=True)
class FilledIn:
    """Ways in pieces, and the sets of tags that their codes stand for, some of which are new."""

    ways: Selected
    kinds: list[dict[str, str]]
    found: dict[str, int]


def is_known(tags: Mapping[str, str], attribute: str) -> bool:
    """Tell whether tags say something of an attribute."""
    if attribute in ATTRIBUTE_KEYS:
        return not math.isnan(read_attribute(tags, attribute))
    return attribute in tags


def sources_of(kinds: Sequence[Mapping[str, str]], attribute: str) -> list[str | None]:
    """Say of sets of tags where an attribute is from; None where it is not known."""
    return [
        tags.get(SOURCE.format(attribute), "OSM") if is_known(tags, attribute) else None
        for tags in kinds
    ]


def may_open(tags: Mapping[str, str], profile: WalkProfile) -> bool:
    """Tell whether a closed way would be open if its surface, which is not known, were firm."""
    firm = min(profile.surface_firm, default=None)
    if firm is None or "surface" in tags:
        return False
    return profile.judge_way({**tags, "surface": firm}).reason is None


def fill_in(ways: Selected, kinds: Sequence[dict[str, str]], fill: Fill) -> FilledIn:
    """Break ways at their junctions and fill in what their tags do not say."""
    pieces = _break(ways)
    table = pd.DataFrame(
        {
            "highway": [tags["highway"] for tags in kinds],
            "level": [_level(tags) for tags in kinds],
            **{
                f"needs_{name}": [not is_known(tags, name) and not _is_area(tags) for tags in kinds]
                for name in FILLED
            },
        }
    )
    lines = gpd.GeoDataFrame(
        table.take(pieces.code).reset_index(drop=True),
        geometry=_lines(pieces.refs),
        crs="EPSG:4326",
    )
    found = fill(lines)
    told = {
        name: found[name].notna().to_numpy() & lines[f"needs_{name}"].to_numpy() for name in FILLED
    }
    texts = {name: found[name].tolist() for name in FILLED}
    sources = {name: found[f"{name}_source"].tolist() for name in FILLED if told[name].any()}
    new = list(kinds)
    number: dict[tuple[int, tuple[str, ...]], int] = {}
    code = pieces.code.copy()
    for row in np.flatnonzero(np.any(list(told.values()), axis=0)).tolist():
        more = {}
        for name, key in FILLED.items():
            if told[name][row]:
                more[key] = _text(name, texts[name][row])
                more[SOURCE.format(name)] = str(sources[name][row])
        made = (int(code[row]), (*more, *more.values()))
        if made not in number:
            number[made] = len(new)
            new.append(kinds[made[0]] | more)
        code[row] = number[made]
    ways = Selected(pieces.way_id, code, pieces.refs)
    return FilledIn(ways, new, {name: int(which.sum()) for name, which in told.items()})


def _text(name: str, value: float | str) -> str:
    """Write a value as OSM does: a width rounded down, a slope up, to what is worth telling."""
    if name == "width_m":
        return f"{math.floor(float(value) * 100 + 1e-6) / 100:.2f}"
    if name == "incline_pct":
        return f"{math.ceil(float(value) * 10 - 1e-6) / 10:.1f}%"
    return str(value)


def _is_area(tags: Mapping[str, str]) -> bool:
    """Tell whether a way is the outline of an area, which has no width."""
    return tags.get("area") == "yes" or tags.get("type") == "multipolygon"


def _level(tags: Mapping[str, str]) -> int:
    """Say whether a way lies on the ground (0), on a bridge (1) or in a tunnel (-1)."""
    if tags.get("tunnel", "no") != "no":
        return -1
    return int(tags.get("bridge", "no") != "no")


def _break(ways: Selected) -> Selected:
    """Break ways at the nodes where they meet others."""
    refs = ways.refs
    sizes = np.diff(refs.start)
    uses = np.bincount(refs.row, minlength=len(refs.nodes.id))
    end = np.zeros(len(refs.row), bool)
    end[refs.start[:-1][sizes > 0]] = end[refs.start[1:][sizes > 0] - 1] = True
    inner = ~end & (uses[refs.row] > 1)
    # Each node where a way is broken ends one piece and begins the next.
    row = np.repeat(refs.row, 1 + inner)
    way = np.repeat(np.repeat(np.arange(len(sizes)), sizes), 1 + inner)
    at = np.arange(len(refs.row)) + np.cumsum(inner)
    begins = np.zeros(len(row), bool)
    begins[at[inner]] = True
    begins[1:] |= way[1:] != way[:-1]
    begins[:1] = True
    first = np.flatnonzero(begins)
    start = np.append(first, len(row)).astype(np.int64)
    owner = way[first]
    return Selected(ways.way_id[owner], ways.code[owner], Refs(start, row, refs.nodes))


def _lines(refs: Refs) -> NDArray[np.object_]:
    """Draw each way; one of a single node is drawn twice there."""
    sizes = np.diff(refs.start)
    rows = np.repeat(refs.row, 1 + (np.repeat(sizes, sizes) == 1))
    sizes = np.maximum(sizes, 2)
    return shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING,
        refs.nodes.lonlat[rows],
        (np.concatenate([[0], np.cumsum(sizes)]),),
    )
