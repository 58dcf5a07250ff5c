"""The small files that are changed: every way of writing that a PBF file may have."""

from __future__ import annotations

import tempfile
from pathlib import Path

import osmium
from osmium.osm import mutable

from .pbf import (
    VARINT,
    Blob,
    Texts,
    block,
    dense,
    header,
    node,
    read,
    relation,
    sized,
    steps,
    way,
    whole,
)

LON, LAT = 59_000_000, 525_000_000
PATH, DOOR = {"highway": "path"}, {"entrance": "yes"}
DOCTOR = {"amenity": "doctors", "name": "Huisarts"}


def _nodes(first: int, tags: dict[int, dict[str, str]]) -> list[tuple]:
    return [
        (first + i, LON + 1_000 * i, LAT + 700 * (first + i), tags.get(i, {})) for i in range(6)
    ]


def _town(pack: str = "zlib") -> list[Blob]:
    """Nodes, ways and relations in blocks of their own, as most programs write."""
    a, b, c, d = Texts(), Texts(), Texts(), Texts()
    blocks = [
        block(a, [(2, dense(a, _nodes(1, {1: DOCTOR, 4: DOOR}), versions=(3, 1, 1, 2, 9, 1)))]),
        block(b, [(2, dense(b, _nodes(101, {0: DOOR, 5: {"amenity": "cafe", "name": "'t Hoekje"}})))]),
        block(c, [
            (3, way(c, 1, [1, 2, 3, 101], PATH | {"name": "Pad"}, version=2, edited=1_675_000_000)),
            (3, way(c, 2, [101, 102, 103, 101], {"amenity": "school"})),
            (3, way(c, 7, [4, 5, 6], {})),
        ]),
        block(d, [
            (4, relation(d, 1, [(1, 7, "outer"), (0, 2, "entrance")], {"type": "multipolygon"} | DOCTOR)),
            (4, relation(d, 5, [(2, 1, ""), (1, 2, "")], {"type": "site", "name": "x"})),
        ]),
    ]  # fmt: skip
    for one in blocks:
        one.pack = pack
    return [header(), *blocks]


def _plain() -> list[Blob]:
    """Plain nodes, some deleted, in one block with all else; nanodegrees of another grain."""
    t = Texts()
    nodes = [
        (1, node(t, i, 2 * LON + i, 2 * LAT - 3 * i, DOOR if i % 2 else {}, version=i))
        for i in range(1, 5)
    ]
    nodes.append((1, node(t, 9, 0, 0, DOCTOR, version=2, visible=False)))
    ways = [(3, way(t, 1, [1, 2, 9, 3], PATH)), (3, way(t, 2, [], PATH)), (3, way(t, 3, [4], PATH))]
    grain = (whole(17, 50), whole(18, 500), whole(19, 1_000_000_050), whole(20, -77))
    return [header(), block(t, nodes, ways, [(4, relation(t, 3, [(1, 1, "x")], PATH))], more=grain)]  # fmt: skip


def _mixed() -> list[Blob]:
    """A group of several kinds, and dense nodes in two parts of it."""
    t = Texts()
    group = [
        (2, dense(t, _nodes(1, {2: DOCTOR}))),
        (3, way(t, 1, [1, 2, 8], PATH)),
        (1, node(t, 8, LON, LAT, DOOR)),
        (4, relation(t, 1, [(1, 4, "outer")], PATH)),
        (2, dense(t, _nodes(11, {0: DOOR}))),
        (3, way(t, 4, [11, 12, 13], {"name": "y"})),
    ]
    return [header(), block(t, group)]


def _placed() -> list[Blob]:
    """Ways that say where their nodes are, which the file need not hold then."""
    t = Texts()
    ways = []
    for i, refs in ((1, [1, 2, 3]), (2, [3, 4, 1])):
        one = way(t, i, refs, PATH)
        one += [sized(9, steps([LAT + r for r in refs])), sized(10, steps([LON - r for r in refs]))]
        ways.append((3, one))
    ways.append((3, way(t, 5, [2, 4], PATH)))
    return [header(), block(t, [(1, node(t, 2, LON, LAT, DOOR))]), block(t, ways)]


def _twice() -> list[Blob]:
    """Two extracts put together, of different dates; the newer one comes first or last."""
    blobs = [header()]
    for version, shift in ((2, 5), (1, 0), (2, 9)):
        t = Texts()
        about = {"version": version}
        tags = {shift: DOOR}
        nodes = [(1, node(t, i, LON + i + shift, LAT, tags.get(i), **about)) for i in (1, 2, 5)]
        ways = [(3, way(t, 1, [1, 2] if shift else [1, 5, 2], PATH, **about))]
        tags = DOCTOR if shift else {"name": "gone"}
        relations = [(4, relation(t, 1, [(1, 1, "")], tags, **about))]
        blobs += [block(t, nodes), block(t, ways, relations)]
    return blobs


def _unsorted() -> list[Blob]:
    """Relations before ways before nodes, and ids that fall."""
    a, b, c = Texts(), Texts(), Texts()
    return [
        header(),
        block(a, [(4, relation(a, 2, [(1, 3, "outer")], DOCTOR))]),
        block(b, [(3, way(b, 3, [-5, 4, 9], {})), (3, way(b, 1, [9, -5], PATH))]),
        block(
            c, [(2, dense(c, [(9, LON, LAT, DOOR), (4, LON, LAT, {}), (-5, LON, 1 + LAT, PATH)]))]
        ),
    ]


def _osmium() -> list[Blob]:
    """What libosmium itself writes, with who edited what."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.osm.pbf")
        about = {
            "version": 3,
            "changeset": 77,
            "uid": 5,
            "user": "ük",
            "timestamp": "2023-01-30T12:00:00Z",
        }
        with osmium.SimpleWriter(str(path)) as writer:
            for i in range(1, 6):
                tags = DOCTOR if i == 3 else {}
                writer.add_node(
                    mutable.Node(id=i, location=(5.9, 52 + i / 1e4), tags=tags, **about)
                )
            writer.add_way(mutable.Way(id=1, nodes=[1, 2, 3], tags=PATH, **about))
            members = [("w", 1, "outer"), ("n", 3, "")]
            writer.add_relation(mutable.Relation(id=1, members=members, tags=DOCTOR, **about))
        return read(path.read_bytes())


def _short() -> list[Blob]:
    """A list of one number written as that number, and dense tags without their last 0."""
    t = Texts()
    one = [whole(1, 1), [2, VARINT, t("highway")], [3, VARINT, t("path")], sized(8, steps([1, 2]))]
    nodes = dense(t, [(1, LON, LAT, {}), (2, LON, LAT, DOOR)])
    nodes[-1][2].pop()
    more = dense(t, [(3, LON, LAT, DOCTOR)])
    return [header(), block(t, [(2, nodes)]), block(t, [(2, more)], [(3, one)])]


def seeds() -> list[list[Blob]]:
    """Make all of them anew."""
    return [
        _town(), _town("raw"), _plain(), _mixed(), _placed(), _twice(), _unsorted(), _osmium(), _short(),
    ]  # fmt: skip
