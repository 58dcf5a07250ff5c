"""One facility, one row: the same facility drawn twice, and the platforms of one stop."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.errors import InputError
from geowoonzorg.osm.classes import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geowoonzorg.osm._candidates import Candidate
    from geowoonzorg.osm.classes import FacilityClass, Words

SAME_WITHIN_M: Final = 25.0
#: `difflib` ratio from which two names are taken for one, spelled differently.
_ALIKE: Final = 0.85
# Facilities of which the neighbours are looked for at once, and how many they may have.
_AT_ONCE: Final = 100
_MOST_NEIGHBOURS, _LEAST_PAIRS = 20, 100_000


def merge_facilities(
    candidates: Sequence[Candidate],
    classes: Sequence[FacilityClass],
    areas: Mapping[int, list[str]],
    counts: Counter[str],
    path: object,
) -> list[dict[str, Any]]:
    """Make one row per facility and class.

    Parameters
    ----------
    candidates
        Objects with a geometry in degrees.
    classes
        The classes asked for.
    areas
        Stop areas: relation id → members as ``n123``.
    counts
        Where numbers per class are added: objects read, merged, kept.
    path
        The file that errors name.

    Returns
    -------
    list of dict
        Rows of the facilities frame, by class and OSM id.

    Raises
    ------
    InputError
        When the facilities of a class lie closer together than in any town.
    """
    if not candidates:
        return []
    metres = _to_metres([c.geometry for c in candidates])
    area_of = {member: area for area, members in sorted(areas.items()) for member in members}
    rows = []
    for kind in classes:
        own = [i for i, c in enumerate(candidates) if kind.key in c.classes]
        own.sort(key=lambda i: _order(candidates[i]))
        group = [candidates[i] for i in own]
        counts[f"{kind.key}: read"] += len(group)
        if not group:
            continue
        stops = kind.group_m > 0
        near = _near(metres[own], kind.group_m if stops else SAME_WITHIN_M, path, kind.key)
        kept = _group(group, metres[own], kind, area_of, near) if stops else _same(group, near)
        counts[f"{kind.key}: merged"] += len(group) - len(kept)
        counts[f"{kind.key}: kept"] += len(kept)
        rows += [_row(kind, *one) for one in sorted(kept, key=lambda one: _order(one[0]))]
    return rows


def _order(candidate: Candidate) -> tuple[str, int]:
    return candidate.osm_id[0], int(candidate.osm_id[1:])


def _row(
    kind: FacilityClass,
    kept: Candidate,
    name: str | None,
    edited: int,
    entrances: NDArray[np.float64],
    told: Mapping[str, str],
) -> dict[str, Any]:
    key = kind.key
    first = kept.classes[0] == key
    capacity = next((told[tag] for tag in kind.capacity if tag in told), "").strip()
    return {
        "id": kept.osm_id if first else f"{kept.osm_id}-{key}",
        "facility_class": key,
        "name": name,
        "osm_id": kept.osm_id,
        "last_edit": edited,
        "geometry": kept.geometry,
        "entrances": entrances,
        # "60 beds" or "20-30" is not taken for a number: it is not known.
        "capacity": float(capacity) if capacity.isascii() and capacity.isdecimal() else np.nan,
    }


Kept = tuple["Candidate", "str | None", int, "NDArray[np.float64]", dict[str, str]]


def _same(group: Sequence[Candidate], near: Sequence[tuple[int, int]]) -> list[Kept]:
    """Keep one of the objects that are the same facility: a polygon before a point."""
    pairs = [(a, b) for a, b in near if _is_same(group[a], group[b])]
    kept: list[Kept] = []
    for members in _joined(len(group), pairs):
        ones = [group[i] for i in members]
        best = max(
            ones, key=lambda c: (c.geometry.area > 0, c.name is not None)
        )  # the first of equals
        name = best.name or next((c.name for c in ones if c.name), None)
        told = {key: value for c in (*ones, best) for key, value in c.told.items()}
        kept.append((best, name, max(c.edited for c in ones), best.entrances, told))
    return kept


def _group(
    group: Sequence[Candidate],
    metres: NDArray[np.object_],
    kind: FacilityClass,
    area_of: Mapping[str, int],
    near: Sequence[tuple[int, int]],
) -> list[Kept]:
    """Keep one object per stop: the one nearest to the middle, with all platforms as entrances."""
    named = [words(c.name) if c.name else () for c in group]
    named = [() if name[:1] and name[0] in kind.nameless else name for name in named]
    pairs = [(a, b) for a, b in near if named[a] == named[b] or _alike(named[a], named[b])]
    in_area: dict[int, int] = {}
    for i, candidate in enumerate(group):
        if candidate.osm_id in area_of:
            pairs.append((in_area.setdefault(area_of[candidate.osm_id], i), i))
    # A platform without a name belongs to the nearest stop that has one.
    centres = shapely.centroid(metres)
    closest: dict[int, tuple[float, int]] = {}
    for a, b in near:
        for one, other in ((a, b), (b, a)):
            if not named[one] and named[other]:
                gap = float(shapely.distance(centres[one], centres[other]))
                closest[one] = min(closest.get(one, (np.inf, -1)), (gap, other))
    pairs += [(one, other) for one, (_, other) in closest.items()]
    kept: list[Kept] = []
    for members in _joined(len(group), pairs):
        ones = [group[i] for i in members]
        middle = shapely.centroid(shapely.union_all(centres[members]))
        gaps = shapely.distance(centres[members], middle)
        best = ones[int(np.lexsort((np.arange(len(ones)), np.round(gaps, 3)))[0])]
        names = Counter(group[i].name for i in members if named[i])
        name = min(names, key=lambda n: (-names[n], n)) if names else best.name
        places = np.concatenate([_platform(c) for c in ones])
        edited = max(c.edited for c in ones)
        kept.append((best, name, edited, np.unique(places, axis=0), best.told))
    return kept


def _platform(stop: Candidate) -> NDArray[np.float64]:
    """Give the points where a platform can be stepped on: itself, its ends or its corners."""
    if len(stop.entrances):
        return stop.entrances
    return shapely.get_coordinates(stop.geometry)


def _is_same(one: Candidate, other: Candidate) -> bool:
    """Tell whether two near objects of a class are one facility, by their names."""
    if one.name and other.name:
        return _alike(words(one.name), words(other.name))
    # Without names only a point and the polygon around it say the same thing.
    return (one.geometry.area > 0) != (other.geometry.area > 0)


def _alike(one: Words, other: Words) -> bool:
    """Tell whether two names are one: equal, one within the other, or spelled almost the same."""
    if not one or not other:
        return False
    if set(one) <= set(other) or set(other) <= set(one):
        return True
    return SequenceMatcher(None, " ".join(one), " ".join(other)).ratio() >= _ALIKE


def _near(
    metres: NDArray[np.object_], within_m: float, path: object, kind: str
) -> list[tuple[int, int]]:
    tree = shapely.STRtree(metres)
    pairs = [np.empty((0, 2), np.int64)]
    n_pairs = 0
    for i in range(0, len(metres), _AT_ONCE):
        found = tree.query(metres[i : i + _AT_ONCE], predicate="dwithin", distance=within_m)
        left, right = found[0] + i, found[1]
        pairs.append(np.column_stack([left, right])[left < right])
        n_pairs += len(pairs[-1])
        if n_pairs > max(_LEAST_PAIRS, _MOST_NEIGHBOURS * len(metres)):
            raise InputError(
                "{file}: {kind}: {n} facilities, each with over {most} others around it,"
                " as in no town; fetch the file again from where you trust it",
                file=path,
                kind=kind,
                n=len(metres),
                most=_MOST_NEIGHBOURS,
            )
    return sorted(map(tuple, np.concatenate(pairs).tolist()))


def _joined(n: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Give the connected sets of n things, in order of their first member."""
    from scipy.sparse import coo_array  # which take a third of a second to load
    from scipy.sparse.csgraph import connected_components

    ends = np.array(pairs, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    sets: dict[int, list[int]] = {}
    for i, one in enumerate(label.tolist()):
        sets.setdefault(one, []).append(i)
    return list(sets.values())


def _to_metres(geometries: Sequence[BaseGeometry]) -> NDArray[np.object_]:
    """Project to metres around the middle of the data, true to 1e-4 within 100 km of it."""
    import pyproj

    shapes = np.array(geometries, object)
    west, south, east, north = shapely.total_bounds(shapes)
    around = pyproj.CRS.from_dict(
        {"proj": "laea", "lon_0": (west + east) / 2, "lat_0": (south + north) / 2, "datum": "WGS84"}
    )
    transform = pyproj.Transformer.from_crs("EPSG:4326", around, always_xy=True)
    return np.asarray(
        shapely.transform(
            shapes, lambda lonlat: np.column_stack(transform.transform(lonlat[:, 0], lonlat[:, 1]))
        )
    )
