"""A part of an OSM file as a file of its own: what lies within an outline, with its ways whole."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geowoonzorg.osm._coordinates import NOWHERE, to_fixed
from geowoonzorg.osm._kernels import (
    ASKED,
    COPIED,
    DENSE,
    NODE,
    RELATION,
    WAY,
    find_keys,
    read_objects,
)
from geowoonzorg.osm._packing import DATA_DATE, pbf_writer
from geowoonzorg.osm._pbf import Block, read_blocks
from geowoonzorg.osm._refusing import refusing
from geowoonzorg.osm._runs import ID_AT, NONE, REF_END, TAG_END, Located, read_dense
from geowoonzorg.progress import part, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geowoonzorg.progress import Progress

_FIXED: Final = 1e7
#: Members of relations, as PBF numbers their kinds.
_NODE_MEMBER, _WAY_MEMBER = 0, 1
_TYPE, _AREA = b"type", b"multipolygon"
_TOLD_EVERY: Final = 10_000


def cut_extract(
    paths: Sequence[str | Path],
    target: Path,
    within: shapely.Polygon | shapely.MultiPolygon,
    *,
    progress: Progress = silent,
) -> int:
    """Write the part of extracts that lies within an outline, with its ways whole, as one PBF file.

    Parameters
    ----------
    paths
        PBF files that exist, of any name, in the usual order; what stands in more than one of them is
        written once.
    target
        The file to write, in a folder that exists.
    within
        The outline, in degrees (WGS 84).
    progress
        Hears how far the work is, and may cancel it.

    Returns
    -------
    int
        How many nodes lie within.

    Raises
    ------
    FormatError
        When one is truncated, broken or refused; see `read_osm`.
    OutputError
        When the file cannot be written.
    Cancelled
        When ``progress`` raises it.

    Notes
    -----
    Kept are the nodes within; every way that has one of them, with all its nodes; every relation that has one
    of these, and of multipolygons all their ways: what osmium-tool calls the strategy *smart*.

    Examples
    --------
    >>> from geowoonzorg.osm import read_osm
    >>> from geowoonzorg.prepare import demo_study
    >>> town = demo_study().parent / "wierhaven.osm.pbf"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     whole = cut_extract([town], Path(folder) / "a.osm.pbf", shapely.box(4.0, 52.0, 6.0, 54.0))
    ...     classes = ["huisarts"]
    ...     same = len(read_osm(Path(folder) / "a.osm.pbf", facility_classes=classes).facilities)
    >>> whole > 1_000, same == len(read_osm(town, facility_classes=classes).facilities)
    (True, True)
    """
    files = [Path(path) for path in paths]
    shapely.prepare(within)
    with tempfile.TemporaryDirectory(prefix="geowoonzorg-") as folder:
        parts: list[Path] = []
        n_within = 0
        for i, file in enumerate(files):
            own = part(progress, i / len(files), (i + 1) / len(files))
            chosen = _choose(file, within, part(own, 0.0, 0.7))
            n_within += chosen.n_within
            one = target if len(files) == 1 else Path(folder) / f"{i}.osm.pbf"
            _write(file, one, chosen, part(own, 0.7, 1.0))
            parts.append(one)
        if len(parts) > 1:
            _merge(parts, target)
    return n_within


@dataclass(frozen=True)
class _Chosen:
    """Ids of what is kept of a file, and how many of the nodes lie within."""

    nodes: NDArray[np.int64]
    ways: NDArray[np.int64]
    relations: NDArray[np.int64]
    n_within: int


@dataclass(frozen=True)
class _Run:
    """Ways or relations with their nodes or members, one after the other.

    ``end`` says where the refs of each end; of members ``kind`` says what they are, of relations ``area``
    whether they are multipolygons.
    """

    id: NDArray[np.int64]
    end: NDArray[np.int64]
    ref: NDArray[np.int64]
    kind: NDArray[np.int64]
    area: NDArray[np.bool_]

    def having(self, refs: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Say which have one of some refs."""
        return np.bincount(self._owner[refs], minlength=len(self.id)) > 0

    def refs_of(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Say which refs are of some of them."""
        return chosen[self._owner]

    @property
    def _owner(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.id)), np.diff(self.end, prepend=0))


def _choose(file: Path, within: shapely.Geometry, progress: Progress) -> _Chosen:
    """Find what is kept, in two goes: which nodes lie within, and then what has them."""
    size = file.stat().st_size

    def look(block: Block) -> NDArray[np.int64]:
        return _nodes_within(block, within, size)

    found = [NONE]
    with refusing(file), file.open("rb") as opened:
        for share, ids in read_blocks(opened, look, size):
            progress(share / 2, "reading OSM nodes")
            found.append(ids)
        nodes = np.unique(np.concatenate(found))
        relations: list[_Run] = []
        own_ways, own_nodes = [NONE], [nodes]
        outlines: list[_Run] = []  # ways that multipolygons are made of, and that lie elsewhere
        members = NONE
        for share, block in read_blocks(opened, _itself, size):
            progress(0.5 + share / 2, "reading OSM ways")
            for kind, start, end in reversed(block.runs.tolist()):
                if kind == RELATION:
                    run = _relations(block, start, end, size)
                    relations.append(run)
                    ways_of_areas = run.ref[run.refs_of(run.area) & (run.kind == _WAY_MEMBER)]
                    members = np.union1d(members, ways_of_areas)
                elif kind == WAY:
                    run = _ways(block, start, end, members, size)
                    own = run.having(_is_among(run.ref, nodes))
                    own_ways.append(run.id[own])
                    own_nodes.append(run.ref[run.refs_of(own)])
                    outlines.append(_only(run, _is_among(run.id, members) & ~own))
    ways = np.unique(np.concatenate(own_ways))
    chosen, more = _having(relations, nodes, ways)
    own_nodes += [run.ref[run.refs_of(_is_among(run.id, more))] for run in outlines]
    every = np.unique(np.concatenate(own_nodes))
    return _Chosen(every, np.union1d(ways, more), chosen, len(nodes))


def _itself(block: Block) -> Block:
    return block


def _having(
    relations: list[_Run], nodes: NDArray[np.int64], ways: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the relations that have something of what is kept, and the ways of those that are areas."""
    chosen, more = [NONE], [NONE]
    for run in relations:
        is_way = run.kind == _WAY_MEMBER
        has = is_way & _is_among(run.ref, ways)
        has |= (run.kind == _NODE_MEMBER) & _is_among(run.ref, nodes)
        own = run.having(has)
        chosen.append(run.id[own])
        more.append(run.ref[run.refs_of(own & run.area) & is_way])
    return np.concatenate(chosen), np.unique(np.concatenate(more))


def _nodes_within(block: Block, within: shapely.Geometry, size: int) -> NDArray[np.int64]:
    """Give the nodes of a block that lie within the outline."""
    found = [NONE]
    unread = np.zeros(len(block.texts), np.uint8)
    for kind, start, end in block.runs.tolist():
        if kind == DENSE:
            place = read_dense(block.data, start, end, unread, most=size, wanted=None)[3]
        elif kind == NODE:
            *_, ids, where = read_objects(block.data, start, end, NODE, unread, NONE, size)
            place = Located(ids, *where.T)
        else:
            continue
        fixed = to_fixed(block, place.lon, place.lat)
        lon, lat = fixed.T / _FIXED
        west, south, east, north = within.bounds
        near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        near &= fixed[:, 0] != NOWHERE
        at = np.flatnonzero(near)
        found.append(place.id[at[shapely.contains_xy(within, lon[at], lat[at])]].copy())
    return np.concatenate(found)


def _ways(block: Block, start: int, end: int, members: NDArray[np.int64], size: int) -> _Run:
    """Read all ways with tags, and those that areas are made of."""
    every = np.full(len(block.texts), COPIED | ASKED, np.uint8)
    head, _, ref, *_ = read_objects(block.data, start, end, WAY, every, members, size)
    return _Run(head[:, ID_AT].copy(), head[:, REF_END].copy(), ref.copy(), NONE, np.empty(0, bool))


def _relations(block: Block, start: int, end: int, size: int) -> _Run:
    """Read all relations that say of what type they are."""
    is_type = find_keys(block.data, block.texts, _TYPE, np.array([0, len(_TYPE)])) == 0
    use = np.where(is_type, COPIED | ASKED, 0).astype(np.uint8)
    head, tag, ref, kind, *_ = read_objects(block.data, start, end, RELATION, use, NONE, size)
    said = block.texts[tag[head[:, TAG_END] - 1, 1]].tolist()
    area = np.array([block.data[a:b] == _AREA for a, b in said], bool)
    return _Run(head[:, ID_AT].copy(), head[:, REF_END].copy(), ref.copy(), kind.copy(), area)


def _only(run: _Run, chosen: NDArray[np.bool_]) -> _Run:
    """Keep some ways."""
    sizes = np.diff(run.end, prepend=0)[chosen]
    return _Run(run.id[chosen], np.cumsum(sizes), run.ref[run.refs_of(chosen)], NONE, run.area)


def _is_among(ids: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which ids are among ascending ones."""
    if not len(known):
        return np.zeros(len(ids), bool)
    at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return known[at] == ids


def _write(file: Path, target: Path, chosen: _Chosen, progress: Progress) -> None:
    """Write what is kept, as it stands in the file, with the day that its head tells."""
    import osmium

    source = osmium.io.File(
        str(file.resolve()), "pbf"
    )  # absolute, so never an URL or standard input
    header = osmium.io.Header()
    with osmium.io.Reader(source) as reader:
        if date := reader.header().get(DATA_DATE):
            header.set(DATA_DATE, date)
    tracker = osmium.IdTracker()
    for add, ids in (
        (tracker.add_node, chosen.nodes),
        (tracker.add_way, chosen.ways),
        (tracker.add_relation, chosen.relations),
    ):
        for osm_id in ids.tolist():
            add(osm_id)
    n_all = max(1, len(chosen.nodes) + len(chosen.ways) + len(chosen.relations))
    with pbf_writer(target, source=file, header=header) as writer:
        kept = osmium.FileProcessor(source).with_filter(tracker.id_filter())
        for n, thing in enumerate(kept):
            writer.add(thing)
            if n % _TOLD_EVERY == 0:
                progress(min(1.0, n / n_all), "cutting the OSM file")


def _merge(parts: list[Path], target: Path) -> None:
    """Put parts together, each object once, in the usual order."""
    import osmium

    merged = osmium.MergeInputReader()
    for path in parts:
        merged.add_file(str(path))
    with osmium.io.Reader(str(parts[0])) as reader:
        header = osmium.io.Header()
        if date := reader.header().get(DATA_DATE):
            header.set(DATA_DATE, date)
    with pbf_writer(target, source=parts[0], header=header) as writer:
        merged.apply(writer)
