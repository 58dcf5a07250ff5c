"""OSM lines → ways that may be walked, in arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg._tag_values import ATTRIBUTE_KEYS, read_attribute
from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.osm._squares import Square, cross_squares
from geowoonzorg.osm._text import Refs, TagTable, join_refs, parse_refs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geowoonzorg.walking import Rule, WalkProfile, WayVerdict

SQUARE_HIGHWAYS: Final = frozenset({"pedestrian", "footway"})
_MISSING_LIMIT_SHARE: Final = 0.01
_WORDS: Final = ("surface", "smoothness", "crossing", "lit", "wheelchair", "tunnel", "bridge")
_NUMBERS: Final = ("width_m", "incline_pct")
_RAMPS: Final = ("ramp", "ramp:wheelchair", "ramp:stroller")
#: More branches than this at a node, and a rule that is not for junctions does not cut there.
_PASSING_BRANCHES: Final = 2

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Walkways:
    """Ways that may be walked by one profile, connected by node id and never by place.

    Attributes
    ----------
    node_id
        int64 (n_nodes,): OSM node ids, ascending, each once.
    lonlat
        float64 (n_nodes, 2): WGS 84 degrees.
    way_start
        int64 (n_ways + 1,): where each way's nodes begin in ``way_node``.
    way_node
        int32 (sum,): node indices along the ways, in their drawn direction.
    way_id
        int64 (n_ways,): OSM way ids. A way cut at a missing node occurs more than once. The
        straight lines over a square carry the negative id of its way or relation.
    forward, backward
        bool (n_ways,): the directions in which feet may go.
    node_cut
        bool (n_nodes,): barriers that cut every way through them.
    way_attributes
        DataFrame (n_ways rows): ``highway, surface, smoothness, crossing, lit, wheelchair, tunnel,
        bridge`` (categories, NaN unknown), ``steps, ramp`` (bool), ``width_m``, ``incline_pct``
        (float32, NaN unknown; downwards along the way negative).
    node_attributes
        DataFrame indexed by node index, only nodes that tell something: ``barrier, crossing, kerb``
        (categories), ``kerb_height_m``, ``opening_m`` (float32), ``cut`` (why, or NaN).
    """

    node_id: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    way_start: NDArray[np.int64]
    way_node: NDArray[np.int32]
    way_id: NDArray[np.int64]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    node_cut: NDArray[np.bool_]
    way_attributes: pd.DataFrame
    node_attributes: pd.DataFrame


class WalkwayCollector:
    """Judges the lines of an OSM file one by one and keeps what may be walked."""

    def __init__(self, profile: WalkProfile) -> None:
        attribute_keys = {key for a in _NUMBERS for key in ATTRIBUTE_KEYS[a]}
        node_tags = {"barrier", "crossing", "kerb", "highway"}
        for attribute in ("kerb_height_m", "opening_m"):
            node_tags.update(ATTRIBUTE_KEYS[attribute])
        self.profile = profile
        self.way_tags = TagTable(
            profile.way_keys | attribute_keys | {*_WORDS, *_RAMPS, "area", "type"}
        )
        self.node_tags = TagTable(profile.node_keys | node_tags)
        self.node_keys = frozenset({"barrier", "crossing", "kerb"}).union(
            *(_asked(rule) for rule in profile.cut)
        )
        self.counts: Counter[str] = Counter()
        self._codes: dict[Pairs, int] = {}
        self._verdicts: list[WayVerdict] = []
        self._square: list[bool] = []
        self._node_ids: list[int] = []
        self._node_pairs: list[Pairs] = []
        self._ids: list[int] = []
        self._sections: list[str] = []
        self._code: list[int] = []
        self._blocks: list[Refs] = []
        self._relations: list[tuple[int, int, list[int]]] = []

    def add_node(self, osm_id: int, tags: str) -> None:
        """Keep a node that may cut a way or tells something about it."""
        pairs = self.node_tags.pairs(tags)
        if pairs:
            self._node_ids.append(osm_id)
            self._node_pairs.append(pairs)

    def add_way(self, osm_id: int, tags: str, section: str) -> None:
        """Judge a way; ``section`` is its node list."""
        pairs = self.way_tags.pairs(tags)
        code = self._codes.get(pairs)
        if code is None:
            code = self._judge(pairs)
        if code >= 0:
            self._ids.append(osm_id)
            self._code.append(code)
            self._sections.append(section)

    def add_relation(self, osm_id: int, tags: str, members: str) -> None:
        """Keep the relation of a square."""
        pairs = self.way_tags.pairs(tags)
        found = dict(pairs)
        if found.get("type") != "multipolygon" or found.get("highway") not in SQUARE_HIGHWAYS:
            return
        code = self._judge(pairs)
        if self._verdicts[code].reason is None:
            ways = [int(m.partition("@")[0][1:]) for m in members.split(",") if m.startswith("w")]
            self._relations.append((osm_id, code, ways))

    def close_block(self) -> None:
        """Parse the node lists of the ways seen since the last call, to let go of their text."""
        self._blocks.append(parse_refs(self._sections))
        self._sections.clear()

    def member_ids(self) -> set[int]:
        """Give the ways that relations of squares are made of."""
        return {way for _, _, ways in self._relations for way in ways}

    def _judge(self, pairs: Pairs) -> int:
        """Give the code of a set of tags, judged when it is new; -1 for what is no way at all."""
        tags = dict(pairs)
        if "highway" not in tags:
            return -1
        code = self._codes.setdefault(pairs, len(self._verdicts))
        if code == len(self._verdicts):
            self._verdicts.append(self.profile.judge_way(tags))
            self._square.append(tags["highway"] in SQUARE_HIGHWAYS and tags.get("area") == "yes")
        return code

    def build(
        self, path: object, members: dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]]
    ) -> tuple[Walkways, Walkways]:
        """Put everything in arrays: what may be walked, and the private ground that may be a last leg.

        Raises
        ------
        InputError
            When over 1 % of the walkable ways miss a node.
        """
        refs = join_refs(self._blocks)
        code = np.array(self._code, np.int64)
        way_id = np.array(self._ids, np.int64)
        open_codes = np.array([v.reason is None for v in self._verdicts], bool)
        last_codes = np.array([v.last_leg for v in self._verdicts], bool)
        self._count_ways(code)
        squares = self._squares(refs, way_id, code, members)
        outlines = [
            (way, square.code, *members[way])
            for square in squares
            for way in square.outline
            if way in members
        ]
        private = _select(refs, way_id, code, last_codes[code])
        walkable = _extend(_select(refs, way_id, code, open_codes[code]), outlines)
        walkable, missing = _cut_missing(walkable)
        private, _ = _cut_missing(private)
        n_missing = len(missing)
        self.counts["missing_nodes"] = n_missing
        if n_missing > _MISSING_LIMIT_SHARE * max(1, self.counts["walkable"]):
            msg = (
                f"{path}: {n_missing} of {self.counts['walkable']} walkable ways refer to nodes that "
                f"are not in the file: {first_ids(missing)}; extract it again with complete ways "
                "(osmium extract --strategy complete_ways), or sort it (osmium sort)"
            )
            raise InputError(msg)
        lines = cross_squares(squares, walkable.refs, self.counts)
        walkable = _extend(walkable, lines)
        found = self._arrays(walkable)
        for reason, n in found.node_attributes["cut"].value_counts().items():
            self.counts[f"cut: {reason}"] += int(n)
        return found, self._arrays(private, private=True)

    def _count_ways(self, code: NDArray[np.int64]) -> None:
        per_code = np.bincount(code, minlength=len(self._verdicts))
        self.counts["read"] = int(per_code.sum())
        self.counts["walkable"] = 0
        for verdict, n in zip(self._verdicts, per_code.tolist(), strict=True):
            if verdict.reason is None:
                self.counts["walkable"] += n
                self.counts["one_way"] += n * (verdict.forward != verdict.backward)
            elif verdict.last_leg:
                self.counts["private_last_leg"] += n
            else:
                self.counts[f"closed: {verdict.reason}"] += n

    def _squares(
        self,
        refs: Refs,
        way_id: NDArray[np.int64],
        code: NDArray[np.int64],
        members: dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]],
    ) -> list[Square]:
        is_square = np.array(self._square, bool)
        is_open = np.array([v.reason is None for v in self._verdicts], bool)
        squares = []
        for i in np.flatnonzero((is_square & is_open)[code]).tolist():
            part = slice(refs.start[i], refs.start[i + 1])
            ids = refs.node_id[part]
            if len(ids) > 3 and ids[0] == ids[-1]:  # noqa: PLR2004 - a ring has three corners
                rings = [(ids, refs.lonlat[part])]
                squares.append(Square(int(way_id[i]), int(code[i]), (), rings))
        own = set(way_id.tolist())
        for relation, relation_code, ways in self._relations:
            rings = [members[way] for way in ways if way in members]
            outline = tuple(way for way in ways if way not in own)
            squares.append(Square(relation, relation_code, outline, rings))
            if len(rings) < len(ways):
                self.counts["squares_with_missing_members"] += 1
        return squares

    def _arrays(self, ways: Selected, *, private: bool = False) -> Walkways:
        node_id, first, inverse = np.unique(
            ways.refs.node_id, return_index=True, return_inverse=True
        )
        way_node = inverse.astype(np.int32)
        node_attributes = self._node_attributes(node_id, way_node, ways.refs.start, private=private)
        node_cut = np.zeros(len(node_id), bool)
        node_cut[node_attributes.index[node_attributes["cut"].notna()]] = True
        return Walkways(
            node_id=node_id,
            lonlat=ways.refs.lonlat[first],
            way_start=ways.refs.start,
            way_node=way_node,
            way_id=ways.way_id,
            forward=np.array([v.forward for v in self._verdicts], bool)[ways.code],
            backward=np.array([v.backward for v in self._verdicts], bool)[ways.code],
            node_cut=node_cut,
            way_attributes=self._way_attributes(ways.code),
            node_attributes=node_attributes,
        )

    def _way_attributes(self, code: NDArray[np.int64]) -> pd.DataFrame:
        kinds = [dict(pairs) for pairs in self._codes]
        columns: dict[str, object] = {
            key: _words([tags.get(key) for tags in kinds], code) for key in ("highway", *_WORDS)
        }
        steps = np.array([tags["highway"] == "steps" for tags in kinds], bool)
        ramp = np.array([any(tags.get(k, "no") != "no" for k in _RAMPS) for tags in kinds], bool)
        columns |= {"steps": steps[code], "ramp": ramp[code]}
        for name in _NUMBERS:
            numbers = np.array([read_attribute(tags, name) for tags in kinds], np.float32)
            columns[name] = numbers[code]
        return pd.DataFrame(columns)

    def _node_attributes(
        self,
        node_id: NDArray[np.int64],
        way_node: NDArray[np.int32],
        start: NDArray[np.int64],
        *,
        private: bool,
    ) -> pd.DataFrame:
        seen = np.array(self._node_ids, np.int64)
        at = np.searchsorted(node_id, seen)
        used = np.flatnonzero(np.isin(seen, node_id))
        branches = 2 * np.bincount(way_node, minlength=len(node_id))
        ends = np.concatenate([start[:-1], start[1:] - 1])
        np.subtract.at(branches, way_node[ends], 1)
        rows: dict[int, dict[str, str]] = {int(at[i]): dict(self._node_pairs[i]) for i in used}
        cut: list[str | None] = []
        for node, tags in rows.items():
            rule = self.profile.judge_node(tags, private=private)
            cuts = rule is not None and (rule.junctions or branches[node] <= _PASSING_BRANCHES)
            cut.append(rule.reason if rule is not None and cuts else None)
        every = np.arange(len(rows))
        columns: dict[str, object] = {
            key: _words([tags.get(key) for tags in rows.values()], every)
            for key in ("barrier", "crossing", "kerb")
        }
        for name in ("kerb_height_m", "opening_m"):
            numbers = [read_attribute(tags, name) for tags in rows.values()]
            columns[name] = np.array(numbers, np.float32)
        columns["cut"] = _words(cut, every)
        return pd.DataFrame(columns, index=pd.Index(list(rows), dtype=np.int64)).sort_index()


@dataclass(frozen=True)
class Selected:
    """Some ways: their ids, the code of their tags and their nodes."""

    way_id: NDArray[np.int64]
    code: NDArray[np.int64]
    refs: Refs


def _words(values: Sequence[str | None], take: NDArray[np.int64]) -> pd.Categorical:
    """Make a categorical of ``values[take]``; pandas' own way costs more than all the rest."""
    categories = sorted({v for v in values if v is not None})
    number = {v: i for i, v in enumerate(categories)}
    codes = np.array([-1 if v is None else number[v] for v in values], np.int32)
    return pd.Categorical.from_codes(codes[take], categories=pd.Index(categories, dtype="str"))


def _asked(rule: Rule) -> frozenset[str]:
    """Give a key that every node the rule can hold for must carry."""
    if rule.when:
        return frozenset(list(rule.when)[:1])
    return frozenset(ATTRIBUTE_KEYS[rule.attribute]) if rule.attribute else frozenset()


def _select(
    refs: Refs, way_id: NDArray[np.int64], code: NDArray[np.int64], keep: NDArray[np.bool_]
) -> Selected:
    sizes = np.diff(refs.start)
    inside = np.repeat(keep, sizes)
    start = np.concatenate([[0], np.cumsum(sizes[keep])]).astype(np.int64)
    return Selected(
        way_id[keep], code[keep], Refs(start, refs.node_id[inside], refs.lonlat[inside])
    )


def _extend(
    ways: Selected,
    more: Sequence[tuple[int, int, NDArray[np.int64], NDArray[np.float64]]],
) -> Selected:
    """Add ways given one by one as (way id, code, node ids, lonlat)."""
    if not more:
        return ways
    start = np.concatenate([[0], np.cumsum([len(ids) for _, _, ids, _ in more])]).astype(np.int64)
    added = Refs(
        start,
        np.concatenate([ids for _, _, ids, _ in more]),
        np.concatenate([lonlat for *_, lonlat in more]),
    )
    return Selected(
        np.concatenate([ways.way_id, np.array([way for way, *_ in more], np.int64)]),
        np.concatenate([ways.code, np.array([code for _, code, *_ in more], np.int64)]),
        join_refs([ways.refs, added]),
    )


def _cut_missing(ways: Selected) -> tuple[Selected, list[int]]:
    """Split ways where a node is missing, and drop what has no length left."""
    refs = ways.refs
    way_of = np.repeat(np.arange(len(ways.way_id)), np.diff(refs.start))
    there = ~np.isnan(refs.lonlat[:, 0])
    missing = np.unique(ways.way_id[way_of[~there]]).tolist()
    begins = there.copy()
    begins[1:] &= ~there[:-1] | (way_of[1:] != way_of[:-1])
    run = np.cumsum(begins) - 1
    size = np.bincount(run[there], minlength=int(begins.sum()))
    long = size > 1
    keep = there.copy()
    keep[there] = long[run[there]]
    way = way_of[begins][long]
    start = np.concatenate([[0], np.cumsum(size[long])]).astype(np.int64)
    cut = Refs(start, refs.node_id[keep], refs.lonlat[keep])
    return Selected(ways.way_id[way], ways.code[way], cut), missing
