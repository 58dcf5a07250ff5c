"""OSM objects → ways that may be walked, in arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg._tag_values import ATTRIBUTE_KEYS, read_attribute
from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.osm._objects import Line, Objects, Refs, ways_among
from geowoonzorg.osm._squares import Square, cross_squares

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from geowoonzorg.walking import Rule, WalkProfile, WayVerdict

SQUARE_HIGHWAYS: Final = frozenset({"pedestrian", "footway"})
_MISSING_LIMIT_SHARE: Final = 0.01
_WORDS: Final = ("surface", "smoothness", "crossing", "lit", "wheelchair", "tunnel", "bridge")
_NUMBERS: Final = ("width_m", "incline_pct")
_RAMPS: Final = ("ramp", "ramp:wheelchair", "ramp:stroller")
#: More branches than this at a node, and a rule that is not for junctions does not cut there.
_PASSING_BRANCHES: Final = 2


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
    """Judges what is read of an OSM file and keeps what may be walked.

    Each distinct set of tags is judged once: a country has millions of ways, and few thousand sets.
    """

    def __init__(self, profile: WalkProfile) -> None:
        attribute_keys = {key for a in _NUMBERS for key in ATTRIBUTE_KEYS[a]}
        node_tags = {"barrier", "crossing", "kerb", "highway"}
        for attribute in ("kerb_height_m", "opening_m"):
            node_tags.update(ATTRIBUTE_KEYS[attribute])
        self.profile = profile
        self._way_tags = profile.way_keys | attribute_keys | {*_WORDS, *_RAMPS, "area", "type"}
        self._node_tags = profile.node_keys | node_tags
        self.tag_keys = self._way_tags | self._node_tags
        self.node_keys = frozenset({"barrier", "crossing", "kerb"}).union(
            *(_asked(rule) for rule in profile.cut)
        )
        self.counts: Counter[str] = Counter()
        self._kinds: list[dict[str, str]] = []  # the distinct sets of tags of ways and squares
        self._verdicts: list[WayVerdict] = []

    def member_ways(self, relations: Objects) -> set[int]:
        """Give the ways that relations of squares are made of."""
        code, kinds = _sets_of(relations, self._way_tags, _is_square)
        is_open = [self.profile.judge_way(tags).reason is None for tags in kinds]
        return {
            way
            for members, i in zip(relations.members, code.tolist(), strict=True)
            if i >= 0 and is_open[i]
            for way in ways_among(members)
        }

    def build(
        self, path: object, nodes: Objects, ways: Objects, relations: Objects
    ) -> tuple[Walkways, Walkways]:
        """Put everything in arrays: what may be walked, and the private ground that may be a last leg.

        Raises
        ------
        InputError
            When over 1 % of the walkable ways miss a node.
        """
        code, kinds = _sets_of(ways, self._way_tags, lambda tags: "highway" in tags)
        square_code, square_kinds = _sets_of(relations, self._way_tags, _is_square)
        square_code[square_code >= 0] += len(kinds)
        self._kinds = kinds + square_kinds
        self._verdicts = [self.profile.judge_way(tags) for tags in self._kinds]
        is_open = np.array([v.reason is None for v in self._verdicts], bool)
        last_leg = np.array([v.last_leg for v in self._verdicts], bool)
        read = _select(Selected(ways.id, code, ways.refs), code >= 0)
        self._count_ways(read.code)
        members = ways.lines(self.member_ways(relations))
        squares = self._squares(read) + self._relation_squares(
            relations, square_code, read, members
        )
        outlines = [
            (way, square.code, members[way][0])
            for square in squares
            for way in square.outline
            if way in members
        ]
        private = _select(read, last_leg[read.code])
        walkable = _extend(_select(read, is_open[read.code]), outlines)
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
        table = self._kind_table()
        found = self._arrays(walkable, table, nodes)
        for reason, n in found.node_attributes["cut"].value_counts().items():
            self.counts[f"cut: {reason}"] += int(n)
        return found, self._arrays(private, table, nodes, private=True)

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

    def _squares(self, read: Selected) -> list[Square]:
        """Give the squares that are drawn as one way."""
        is_square = np.array(
            [
                tags["highway"] in SQUARE_HIGHWAYS
                and tags.get("area") == "yes"
                and not verdict.reason
                for tags, verdict in zip(self._kinds, self._verdicts, strict=True)
            ],
            bool,
        )
        squares = []
        for i in np.flatnonzero(is_square[read.code]).tolist():
            ids, lonlat = read.refs.line(i)
            if len(ids) > 3 and ids[0] == ids[-1]:  # noqa: PLR2004 - a ring has three corners
                rings = [(ids, lonlat)]
                squares.append(Square(int(read.way_id[i]), int(read.code[i]), (), rings))
        return squares

    def _relation_squares(
        self, relations: Objects, code: NDArray[np.int64], read: Selected, members: dict[int, Line]
    ) -> list[Square]:
        """Give the squares that are drawn as relations; ``code`` is -1 for other relations."""
        own = set(read.way_id.tolist())
        squares = []
        for i in np.flatnonzero(code >= 0).tolist():
            if self._verdicts[code[i]].reason:
                continue
            ways = ways_among(relations.members[i])
            rings = [members[way] for way in ways if way in members]
            outline = tuple(way for way in ways if way not in own)
            squares.append(Square(int(relations.id[i]), int(code[i]), outline, rings))
            if len(rings) < len(ways):
                self.counts["squares_with_missing_members"] += 1
        return squares

    def _arrays(
        self, ways: Selected, table: pd.DataFrame, nodes: Objects, *, private: bool = False
    ) -> Walkways:
        refs = ways.refs
        used = np.zeros(len(refs.nodes.id), bool)
        used[refs.row] = True
        node_id = refs.nodes.id[used]
        way_node = (np.cumsum(used, dtype=np.int32) - 1)[refs.row]
        node_attributes = self._node_attributes(
            node_id, way_node, refs.start, nodes, private=private
        )
        node_cut = np.zeros(len(node_id), bool)
        node_cut[node_attributes.index[node_attributes["cut"].notna()]] = True
        return Walkways(
            node_id=node_id,
            lonlat=refs.nodes.lonlat[used],
            way_start=refs.start,
            way_node=way_node,
            way_id=ways.way_id,
            forward=np.array([v.forward for v in self._verdicts], bool)[ways.code],
            backward=np.array([v.backward for v in self._verdicts], bool)[ways.code],
            node_cut=node_cut,
            way_attributes=table.take(ways.code).reset_index(drop=True),
            node_attributes=node_attributes,
        )

    def _kind_table(self) -> pd.DataFrame:
        """Give the attributes of ways, one row per set of tags."""
        kinds = self._kinds
        columns: dict[str, object] = {
            key: _words([tags.get(key) for tags in kinds]) for key in ("highway", *_WORDS)
        }
        columns["steps"] = np.array([tags["highway"] == "steps" for tags in kinds], bool)
        columns["ramp"] = np.array(
            [any(tags.get(k, "no") != "no" for k in _RAMPS) for tags in kinds], bool
        )
        for name in _NUMBERS:
            columns[name] = np.array([read_attribute(tags, name) for tags in kinds], np.float32)
        return pd.DataFrame(columns)

    def _node_attributes(
        self,
        node_id: NDArray[np.int64],
        way_node: NDArray[np.int32],
        start: NDArray[np.int64],
        nodes: Objects,
        *,
        private: bool,
    ) -> pd.DataFrame:
        code, kinds = nodes.tags.sets(self._node_tags)
        tells = np.array([bool(tags) for tags in kinds], bool)[code]
        at = np.searchsorted(node_id, nodes.id)
        used = np.flatnonzero(tells & (at < len(node_id)))
        used = used[node_id[at[used]] == nodes.id[used]][::-1]
        # Of a node that occurs twice the last one counts.
        node, last = np.unique(at[used], return_index=True)
        seen, kind = np.unique(code[used[last]], return_inverse=True)
        kinds = [kinds[i] for i in seen.tolist()]
        columns: dict[str, object] = {
            key: _words([tags.get(key) for tags in kinds])
            for key in ("barrier", "crossing", "kerb")
        }
        for name in ("kerb_height_m", "opening_m"):
            columns[name] = np.array([read_attribute(tags, name) for tags in kinds], np.float32)
        table = pd.DataFrame(columns).take(kind).set_axis(pd.Index(node, dtype=np.int64))
        branches = 2 * np.bincount(way_node, minlength=len(node_id))
        ends = way_node[np.concatenate([start[:-1], start[1:] - 1])]
        branches -= np.bincount(ends, minlength=len(node_id))
        rules = [self.profile.judge_node(tags, private=private) for tags in kinds]
        cut: list[str | None] = []
        for k, n in zip(kind.tolist(), branches[node].tolist(), strict=True):
            rule = rules[k]
            cuts = rule is not None and (rule.junctions or n <= _PASSING_BRANCHES)
            cut.append(rule.reason if rule is not None and cuts else None)
        table["cut"] = _words(cut)
        return table


@dataclass(frozen=True)
class Selected:
    """Some ways: their ids, the code of their tags and their nodes."""

    way_id: NDArray[np.int64]
    code: NDArray[np.int64]
    refs: Refs


def _sets_of(
    objects: Objects, keys: frozenset[str], belongs: Callable[[Mapping[str, str]], bool]
) -> tuple[NDArray[np.int64], list[dict[str, str]]]:
    """Give the sets of tags that belong, and which one each object has, -1 for another."""
    code, kinds = objects.tags.sets(keys)
    mine = np.array([belongs(tags) for tags in kinds], bool)
    number = np.where(mine, np.cumsum(mine) - 1, -1)
    return number[code], [tags for tags, own in zip(kinds, mine, strict=True) if own]


def _is_square(tags: Mapping[str, str]) -> bool:
    """Tell whether tags are those of a relation that is a square."""
    return tags.get("type") == "multipolygon" and tags.get("highway") in SQUARE_HIGHWAYS


def _words(values: Sequence[str | None]) -> pd.Categorical:
    """Make a categorical; pandas' own way costs more than all the rest."""
    categories = sorted({v for v in values if v is not None})
    number = {v: i for i, v in enumerate(categories)}
    codes = np.array([-1 if v is None else number[v] for v in values], np.int32)
    return pd.Categorical.from_codes(codes, categories=pd.Index(categories, dtype="str"))


def _asked(rule: Rule) -> frozenset[str]:
    """Give a key that every node the rule can hold for must carry."""
    if rule.when:
        return frozenset(list(rule.when)[:1])
    return frozenset(ATTRIBUTE_KEYS[rule.attribute]) if rule.attribute else frozenset()


def _select(ways: Selected, keep: NDArray[np.bool_]) -> Selected:
    sizes = np.diff(ways.refs.start)
    inside = np.repeat(keep, sizes)
    start = np.concatenate([[0], np.cumsum(sizes[keep])]).astype(np.int64)
    refs = Refs(start, ways.refs.row[inside], ways.refs.nodes)
    return Selected(ways.way_id[keep], ways.code[keep], refs)


def _extend(ways: Selected, more: Sequence[tuple[int, int, NDArray[np.int64]]]) -> Selected:
    """Add ways given one by one as (way id, code, node ids)."""
    if not more:
        return ways
    refs = ways.refs
    ends = refs.start[-1] + np.cumsum([len(ids) for *_, ids in more])
    rows = np.searchsorted(refs.nodes.id, np.concatenate([ids for *_, ids in more]))
    refs = Refs(np.concatenate([refs.start, ends]), np.concatenate([refs.row, rows]), refs.nodes)
    return Selected(
        np.concatenate([ways.way_id, np.array([way for way, *_ in more], np.int64)]),
        np.concatenate([ways.code, np.array([code for _, code, *_ in more], np.int64)]),
        refs,
    )


def _cut_missing(ways: Selected) -> tuple[Selected, list[int]]:
    """Split ways where a node is missing, and drop what has no length left."""
    refs = ways.refs
    way_of = np.repeat(np.arange(len(ways.way_id)), np.diff(refs.start))
    there = ~np.isnan(refs.nodes.lonlat[refs.row, 0])
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
    cut = Refs(start, refs.row[keep], refs.nodes)
    return Selected(ways.way_id[way], ways.code[way], cut), missing
