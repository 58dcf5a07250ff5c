"""What both readers make of a file, in one form, and what may differ."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import osmium

from geowoonzorg.errors import FormatError, GeowoonzorgError
from geowoonzorg.osm import read_osm
from geowoonzorg.osm._objects import Keys, ways_among
from geowoonzorg.osm._reader import read_pbf
from geowoonzorg.osm.profile import WalkProfile, read_profile
from geowoonzorg.progress import silent

OWN = frozenset({"amenity", "highway", "entrance"})
MATTER = OWN | {"name", "type"}
KEYS = Keys(node=OWN, way=OWN, relation=OWN, matter=MATTER)
_LETTER = {"n": "nodes", "w": "ways", "r": "relations"}

#: Why we may refuse what libosmium reads: it would leave something out without a word, or more.
STRICTER = {
    "a tag without": "keys and values that are no pairs; libosmium drops the rest",
    "a member": "members, kinds and roles that are not as many; libosmium drops the rest",
    "a way with places of some": "libosmium drops the nodes that have no place",
    "told of twice": "an object with two infos; libosmium mixes them",
    "an unknown number": "a number of a field beyond 32 bits; libosmium drops the upper half",
    "a number that does not end": "ten bytes with more than 64 bits; libosmium drops those",
    "a version that is none": "libosmium drops the upper half",
    "another unit": "libosmium drops the upper half",
    "blocks of another kind": "libosmium takes any start of a kind's name for it",
    "no header": "as above",
    "it needs": "libosmium takes any start of a feature's name for it",
    "it ends within a block": "libosmium passes over up to three bytes after the last block",
    "a NUL": "libosmium ends the text there",
    "outside longitude": "a place off the globe",
    "is packed by lz4": "libosmium may be able to unpack it",
    "holds the history": "libosmium leaves to its user which version counts",
    "two tables of texts": "libosmium passes over the first one where no text is in it",
    "another size than it says": "libosmium fills the rest with zeros",
    "a block of": "libosmium takes the last of several sizes",
}  # fmt: skip
#: Why we may read what libosmium refuses: the damage is in what we never look at.
LOOSER = {
    "string id out of range": "users; roles and tags of what is not asked for",
    "changeset_id must be": "changesets",
    "object version must not be negative": "versions, where no object stands twice",
    "unknown relation member type": "relations that are not asked for",
    "invalid bbox": "the box of the header",
    "illegal blob size": "a size beside content that is not packed",
    "not supported": "content packed otherwise beside content that is not packed",
    "utf-8": "bytes that are no UTF-8 become �",
    "end of buffer": "fields of what is not asked for",
    "varint too long": "as above",
    "unknown pbf field type": "as above",
    "invalid tag": "as above",
    "LZ4": "content packed otherwise beside content that is packed by zlib",
    "illegal coordinate format": "the greatest number there is, by which libosmium means none",
}


def read_ours(path: str) -> dict:
    """Read a file by our decoder."""
    file = Path(path)
    try:
        found = read_pbf([(file, file)], KEYS, _member_ways, silent)
    except FormatError as error:
        return {"refused": str(error)}
    out = {}
    for letter, objects in zip("nwr", found, strict=False):
        start, pair = objects.tags.start, objects.tags.pair.tolist()
        keys, texts = objects.tags.keys, objects.tags.texts
        for i, osm_id in enumerate(objects.id.tolist()):
            said = pair[start[i] : start[i + 1]]
            tags = [[keys[p >> 32], texts[p & 0xFFFFFFFF]] for p in said]
            line = []
            if letter != "r":
                ids, lonlat = objects.refs.line(i)
                line = [[n, _place(*at)] for n, at in zip(ids.tolist(), lonlat, strict=True)]
            members = objects.members[i] if letter == "r" else []
            out[f"{letter}{osm_id}"] = [int(objects.edited[i]), tags, line, members]
        if len(objects.id) != len(set(objects.id.tolist())):
            return {"broken": f"{_LETTER[letter]} that stand there twice"}
    return {"found": _asked(out)}


def read_whole(path: str) -> str | None:
    """Read all there is to read; says what is wrong where the error is none of ours."""
    try:
        read_osm(
            path, profile=_walker(), facility_classes=["huisarts"], addresses=True, benches=True
        )
    except GeowoonzorgError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return f"read_osm: {type(error).__name__}: {error}"
    return None


@cache
def _walker() -> WalkProfile:
    return read_profile("wandelaar")


def _member_ways(relations) -> set[int]:
    return {way for members in relations.members for way in ways_among(members)}


def _place(lon: float, lat: float) -> list[int] | None:
    return None if lon != lon else [round(lon * 1e7), round(lat * 1e7)]  # noqa: PLR0124 - NaN


def read_libosmium(path: str) -> dict:
    """Read a file by libosmium.

    Of an object that stands there twice the highest version counts, else the last with a key asked for; for
    where a node of a way lies just the last.
    """
    newest: dict[str, tuple] = {}
    placed: dict[int, tuple] = {}

    def rank(told: tuple) -> tuple[int, bool]:
        version, visible, (_, tags), *_ = told
        return version, any(k in OWN for k, _ in tags) or not visible

    try:
        for one in osmium.FileProcessor(path):
            key, told = f"{one.type_str()}{one.id}", _told(one)
            if key not in newest or rank(told) >= rank(newest[key]):
                newest.pop(key, None)
                newest[key] = told
            if one.is_node() and one.version >= placed.get(one.id, (-1,))[0]:
                placed[one.id] = one.version, one.visible, _at(one.location)
    except (RuntimeError, ValueError) as error:
        return {"refused": str(error)}
    newest = {key: told for key, told in newest.items() if told[1]}
    where = {node: at for node, (_, visible, at) in placed.items() if visible}
    found = _asked({key: [*about, *rest] for key, (_, _, about, *rest) in newest.items()})
    ways = [found[key] for key in newest if key[0] == "w" and key in found]
    # Where a node is that is not in the file, some ways may say; the last of them counts.
    told = {ref: own for way in ways for ref, own in way[2] if own}
    for way in ways:
        way[2] = [[ref, where.get(ref) or told.get(ref)] for ref, _ in way[2]]
    return {"found": found}


def _told(one) -> tuple:
    tags = [[tag.k, tag.v] for tag in one.tags if tag.k in MATTER]
    line, members = [], []
    if one.is_node():
        line = [[one.id, _at(one.location)]]
    elif one.is_way():
        line = [[node.ref, _at(node.location)] for node in one.nodes]
    else:
        members = [f"{member.type}{member.ref}" for member in one.members]
    return one.version, one.visible, [int(one.timestamp.timestamp()), tags], line, members


def _at(location) -> list[int] | None:
    return [location.x, location.y] if location.x != 2**31 - 1 else None


def _asked(found: dict[str, list]) -> dict[str, list]:
    """Leave what carries a key asked for, and the ways that relations are made of."""
    asked = {key: one for key, one in found.items() if any(k in OWN for k, _ in one[1])}
    members = {
        member
        for key, one in asked.items()
        if key[0] == "r"
        for member in one[3]
        if member[0] == "w" and member in found
    }
    return asked | {way: found[way] for way in sorted(members)}


def verdict(ours: dict, libosmium: dict) -> str | None:  # noqa: PLR0911 - one a difference
    """Say what is wrong between the two answers; None where nothing is."""
    if "broken" in ours:
        return ours["broken"]
    if "refused" in ours:
        if "refused" in libosmium or any(why in ours["refused"] for why in STRICTER):
            return None
        return f"only we refuse: {ours['refused']}"
    if "refused" in libosmium:
        if any(why in libosmium["refused"] for why in LOOSER):
            return None
        return f"only libosmium refuses: {libosmium['refused']}"
    one, other = ours["found"], libosmium["found"]
    for key in sorted(one.keys() | other.keys()):
        if key not in one or key not in other:
            return f"{key} is found by {'us' if key in one else 'libosmium'} only"
        # What is no time of this century is unknown to us.
        times = {one[key][0], other[key][0]} - {0}
        if one[key][1:] != other[key][1:] or len(times) > 1:
            return f"{key}: we {one[key]}, libosmium {other[key]}"
    return None
