"""GeoJSON: whether a file is that and nothing else, before GDAL sees it."""

from __future__ import annotations

import json
import mmap
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from geowoonzorg.errors import FormatError
from geowoonzorg.files._paths import as_message
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_TYPES = frozenset(
    {"FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint"}
    | {"LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)
#: Members that make something else of what else looks like a GeoJSON.
_OTHERS = {"stac_version": tell("a STAC item"), "coordrefsys": "JSON-FG", "conformsto": "JSON-FG"}
_NAMED_CRS = re.compile(
    r"(urn:(x-)?ogc:def:crs:)?EPSG:[\d.]*:?\d+|(urn:(x-)?ogc:def:crs:)?OGC:[\d.]*:?CRS84h?|CRS84|"
    r"https?://www\.opengis\.net/def/crs/(EPSG/0/\d+|OGC/1\.3/CRS84h?)",
    re.IGNORECASE,
)
# The key "crs" at any depth, in capitals or escaped too: GDAL obeys one in a geometry as well.
_CRS_KEY = re.compile(rb'"(?:[Cc]|\\u00[46]3)(?:[Rr]|\\u00[57]2)(?:[Ss]|\\u00[57]3)"\s*:\s*')
_CHUNK_BYTES = 1 << 22
_HEAD_BYTES = 1 << 16
_SEARCHED_BYTES = 1 << 26

# Per byte of JSON outside a text: 0 belongs there, 1 opens, 2 closes, 3 does not belong there.
_KIND = np.full(256, 3, np.uint8)
_KIND[np.frombuffer(b' \t\r\n",:+-.0123456789eEtrufalsnNIity', np.uint8)] = 0
_KIND[np.frombuffer(b"{[", np.uint8)] = 1
_KIND[np.frombuffer(b"}]", np.uint8)] = 2


def check_geojson(path: Path, role: str) -> None:
    """Refuse a GeoJSON that is something else as well, or whose reference system may be an address.

    Parameters
    ----------
    path
        A file that begins as JSON does.
    role
        What the file is for, used in messages.

    Raises
    ------
    FormatError
        When it is not as RFC 7946 has it, or names a reference system that is not one of EPSG or CRS84
        where GDAL obeys it. A property of a feature may have any name.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if why := _not_a_geojson(content):
            raise _refused(path, why, role)
        keys = list(_CRS_KEY.finditer(content))  # one that is not at its end holds on to the file
        heads = (content[key.end() : key.end() + _HEAD_BYTES] for key in keys)
        whys = (_not_a_named_crs(_decode(head)) for head in heads if head.startswith(b"{"))
        why = next(filter(None, whys), None)
        if why and not _is_property(content):
            raise _refused(path, why, role)


def _refused(path: Path, why: str, role: str) -> FormatError:
    return FormatError(
        "{role}: {file} {why}; export it as GeoJSON (RFC 7946) or GeoPackage",
        role=as_message(role),
        file=path,
        why=why,
    )


def _is_property(content: mmap.mmap) -> bool:
    """Tell whether the strange reference systems in a GeoJSON are properties of features, which are just data.

    A large file is not searched for that.
    """
    if len(content) > _SEARCHED_BYTES:
        return False
    try:
        top = json.loads(content[:].decode("utf-8-sig", "replace"), object_pairs_hook=_Members)
        if dict(top).get("type") != "FeatureCollection":
            return not _is_strange(_without_properties(top))
        lists = [value for key, value in top if key == "features" and type(value) is list]
        others = _Members((k, v) for k, v in top if k != "features" or type(v) is not list)
        features = [_without_properties(one) for these in lists for one in these]
        return not any(map(_is_strange, [others, *features]))
    except (ValueError, RecursionError):
        return False


def _without_properties(feature: object) -> object:
    if isinstance(feature, _Members) and dict(feature).get("type") == "Feature":
        return _Members((key, value) for key, value in feature if key != "properties")
    return feature


def _is_strange(value: object) -> bool:
    """Tell whether a reference system that is not one of EPSG by name stands anywhere within a value."""
    if isinstance(value, _Members):
        return any(
            _is_strange(own)
            or (key.lower() == "crs" and isinstance(own, _Members) and _not_a_named_crs(own))
            for key, own in value
        )
    return isinstance(value, list) and any(map(_is_strange, value))


def _not_a_geojson(content: mmap.mmap) -> str | None:
    """Say what in its outermost object keeps a file from being a plain GeoJSON."""
    try:
        top = json.loads(_outline(content), object_pairs_hook=_Members)
    except (ValueError, RecursionError) as error:
        return tell("is not valid JSON ({why})", why=str(error))
    if not isinstance(top, _Members):
        return tell("is a list, not a GeoJSON")
    members = {key.lower(): value for key, value in top}
    other = next((what for key, what in _OTHERS.items() if key in members), None)
    if other:
        return tell("is {what}, not plain GeoJSON", what=other)
    kind = dict(top).get("type")
    if kind not in _TYPES or len(members) < len(top):
        if kind in _TYPES:
            why = tell("it has members twice")
        else:
            why = tell("its type is {kind!r}", kind=kind) if kind else tell("it has no type")
        return tell("is not GeoJSON ({why})", why=why)
    if not isinstance(members.get("crs"), _Members | None):
        return _other_crs(repr(members["crs"]))
    return None


def _other_crs(what: str) -> str:
    return tell("has a reference system (crs) that is not one of EPSG by name: {what}", what=what)


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object, also those of one name."""


def _decode(text: bytes) -> object:
    """Read the object that a text begins with; None where it is not whole."""
    decoder = json.JSONDecoder(object_pairs_hook=_Members)
    try:
        return decoder.raw_decode(text.decode("utf-8", errors="replace"))[0]
    except (ValueError, RecursionError):
        return None


def _not_a_named_crs(crs: object) -> str | None:
    """Say what is wrong with a reference system."""
    name = said = None
    if isinstance(crs, _Members):
        said = dict(crs).get("type")
        if sorted(key.lower() for key, _ in crs) == ["properties", "type"] and said == "name":
            properties = dict(crs).get("properties")
            name = dict(properties).get("name") if isinstance(properties, _Members) else None
    if isinstance(name, str) and _NAMED_CRS.fullmatch(name):
        return None
    what = repr(name) if name else tell("it is of type {kind!r}", kind=said)
    return _other_crs(what)


def _outline(content: mmap.mmap) -> bytes:
    """Keep of a JSON document what stands in its outermost object, with the inside of all in it left out.

    Raises
    ------
    ValueError
        When something stands outside a text that JSON has not, or the outline is unlikely long.
    """
    kept: list[bytes] = []
    in_text, depth, size = False, 0, 0
    at = 3 if content[:3] == b"\xef\xbb\xbf" else 0
    while at < len(content):
        raw = bytes(content[at : at + _CHUNK_BYTES])
        while raw.endswith(b"\\") and at + len(raw) < len(content):  # not between a \ and its "
            raw += bytes(content[at + len(raw) : at + len(raw) + 1])
        at += len(raw)
        letters = np.frombuffer(raw.replace(b"\\\\", b"__").replace(b'\\"', b"__"), np.uint8)
        quotes = np.bitwise_xor.accumulate((letters == ord('"')).view(np.uint8))
        outside = (quotes == 0) ^ in_text
        kind = _KIND[letters]
        if (strange := outside & (kind == 3)).any():  # noqa: PLR2004
            letter = raw[int(np.argmax(strange)) :][:1].decode("latin-1")
            msg = f"{letter!r} stands outside a text"
            raise ValueError(msg)
        part, depth = _shallow(raw, np.flatnonzero(outside & (kind > 0)), kind, depth)
        in_text ^= bool(quotes[-1])
        kept.append(part)
        size += len(part)
        if size > _HEAD_BYTES * 16:
            msg = "what stands around its features is over a megabyte long"
            raise ValueError(msg)
    return b"".join(kept)


def _shallow(
    raw: bytes, brackets: NDArray[np.intp], kind: NDArray[np.uint8], depth: int
) -> tuple[bytes, int]:
    """Cut what lies two or more levels deep out of a piece of JSON, brackets of the second level not."""
    if not len(brackets):
        return (raw if depth <= 1 else b""), depth
    steps = np.where(kind[brackets] == 1, 1, -1)
    after = depth + np.cumsum(steps)
    before = after - steps
    # A piece is kept from where the depth comes down to one until where it goes up to two.
    down = brackets[(before == 2) & (after == 1)]  # noqa: PLR2004
    up = brackets[(before == 1) & (after == 2)] + 1  # noqa: PLR2004
    starts = down if depth > 1 else np.r_[0, down]
    ends = up if after[-1] > 1 else np.r_[up, len(raw)]
    return b"".join(raw[a:b] for a, b in zip(starts, ends, strict=True)), int(after[-1])
