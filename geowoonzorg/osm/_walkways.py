"""OSM objects → ways that may be walked, in arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.messages import tell
from geowoonzorg.osm._attributes import NUMBERS, RAMPS, WORDS, table_of, words_of
from geowoonzorg.osm._filling import fill_in, may_open
from geowoonzorg.osm._layers import Layer, number_nodes, street_metres
from geowoonzorg.osm._objects import Objects, Refs, ways_among
from geowoonzorg.osm._plazas import Outlines, Plaza, leave_out, list_outlines, outlines_of
from geowoonzorg.osm._selection import Selected, cut_missing, extend, select
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.osm.tag_values import ATTRIBUTE_KEYS, read_attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from geowoonzorg.messages import Message
    from geowoonzorg.osm._filling import Fill
    from geowoonzorg.osm.profile import WalkProfile
    from geowoonzorg.osm.rules import Rule
    from geowoonzorg.osm.verdicts import WayVerdict

_MISSING_LIMIT_SHARE: Final = 0.01
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
        int64 (n_ways,): OSM way ids. A way cut at a missing node occurs more than once.
    forward, backward
        bool (n_ways,): the directions in which feet may go.
    node_cut
        bool (n_nodes,): barriers that cut every way through them.
    way_attributes
        DataFrame (n_ways rows): ``highway, surface, smoothness, crossing, lit, wheelchair, tunnel,
        bridge`` (categories, NaN unknown), ``steps, ramp, cautious`` (bool; open in the cautious answer,
        too), ``width_m``, ``incline_pct`` (float32, NaN unknown; downwards along the way negative); where
        something was filled in also ``surface_source, width_m_source, incline_pct_source`` (categories:
        ``OSM``, or a file).
    node_attributes
        DataFrame indexed by node index, only nodes that tell something: ``barrier, crossing, kerb``
        (categories), ``kerb_height_m``, ``opening_m`` (float32), ``cut`` and ``cautious_cut`` (why it cuts,
        and why in the cautious answer only, or NaN).
    squares
        The outlines of the areas that one walks on, which are among the ways; None where there are none. Of
        private ground those of the areas on which a walk may begin or end.
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
    squares: Outlines | None = None


class WalkwayCollector:
    """Judges what is read of an OSM file and keeps what may be walked.

    Each distinct set of tags is judged once: a country has millions of ways, and few thousand sets.
    """

    def __init__(self, profile: WalkProfile, fill: Fill | None = None) -> None:
        attribute_keys = {key for a in NUMBERS for key in ATTRIBUTE_KEYS[a]}
        node_tags = {"barrier", "crossing", "kerb", "highway"}
        for attribute in ("kerb_height_m", "opening_m"):
            node_tags.update(ATTRIBUTE_KEYS[attribute])
        self.profile = profile
        self.fill = fill
        self.on_foot = read_profile("wandelaar")
        self._own_tags = attribute_keys.union(
            WORDS, RAMPS, {"ramp", "ramp:bicycle", "area", "type"}
        )
        self._way_tags = profile.way_keys | self.on_foot.way_keys | self._own_tags
        self.way_keys = profile.kind_keys
        self._node_tags = profile.node_keys | node_tags
        self.tag_keys = self._way_tags | self._node_tags
        self.node_keys = frozenset({"barrier", "crossing", "kerb"}).union(
            *(_asked(rule) for rule in (*profile.cut, *profile.cautious_cut))
        )
        self.counts: Counter[str] = Counter()
        self.notes: list[Message] = []
        self._at_times: list[str] = []  # ways and nodes that are open at certain times only
        self._kinds: list[dict[str, str]] = []  # the distinct sets of tags of ways and plazas
        self._verdicts: list[WayVerdict] = []

    def member_ways(self, relations: Objects) -> set[int]:
        """Give the ways that relations of plazas are made of, those on private ground too."""
        code, kinds = _sets_of(relations, self._way_tags, self._is_plaza)
        verdicts = [self.profile.judge_way(tags) for tags in kinds]
        is_open = [verdict.reason is None or verdict.last_leg for verdict in verdicts]
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
        told = self.on_foot.way_keys - self.on_foot.presence_keys
        whether = self.profile.presence_keys - self._own_tags - told
        code, kinds = _sets_of(
            ways, self._way_tags, lambda tags: self._kind(tags) is not None, whether
        )
        plaza_code, plaza_kinds = _sets_of(relations, self._way_tags, self._is_plaza)
        plaza_code[plaza_code >= 0] += len(kinds)
        judged = kinds + plaza_kinds
        self._verdicts = [self.profile.judge_way(tags) for tags in judged]
        self._kinds = [{**tags, "highway": str(self._kind(tags))} for tags in judged]
        is_open = np.array([v.reason is None for v in self._verdicts], bool)
        last_leg = np.array([v.last_leg for v in self._verdicts], bool)
        read = select(Selected(ways.id, code, ways.refs), code >= 0)
        read = self._leave_empty_out(read, is_open)
        self._count_ways(read.code)
        if self.on_foot.hash != self.profile.hash:
            by_foot = [self.on_foot.judge_way(tags).reason is None for tags in self._kinds]
            only = np.array(by_foot, bool) & ~is_open
            lost, _ = cut_missing(select(read, only[read.code]))
            self.counts["metres_on_foot_only"] = round(street_metres(lost))
        drawn = self._plazas(read) + self._relation_plazas(relations, plaza_code, read, ways)
        plots = [plaza for plaza in drawn if last_leg[plaza.code]]
        plazas = leave_out(plots, [plaza for plaza in drawn if is_open[plaza.code]])
        private = extend(select(read, last_leg[read.code]), outlines_of(plots))
        hopeful = is_open
        if self.fill is not None:
            hopeful = is_open | [may_open(tags, self.profile) for tags in self._kinds]
        walkable = extend(select(read, hopeful[read.code]), outlines_of(plazas))
        if n_short := int((np.diff(walkable.refs.start) == 1).sum()):
            self.counts["one_node"] = n_short
        walkable, missing = cut_missing(walkable)
        private, _ = cut_missing(private)
        self._check_missing(path, missing)
        if self.fill is not None:
            walkable = self._fill_in(walkable, self.fill)
        bound = np.array([v.at_times for v in self._verdicts], bool)
        for kept in (walkable, private):
            self._at_times += [f"w{i}" for i in np.unique(kept.way_id[bound[kept.code]]).tolist()]
        layers = number_nodes(walkable), number_nodes(private, private=True)
        table = self._kind_table()
        of_streets, of_plots = self._node_attributes(layers, nodes)
        self.counts.update(f"cut: {reason}" for reason in of_streets["cut"].dropna())
        self._tell_at_times()
        squares, grounds = list_outlines(plazas, table), list_outlines(plots, table)
        if squares is not None:
            self.counts["squares"] = len(squares.name)
        streets, plot_ways = (
            self._arrays(layer, table, points)
            for layer, points in zip(layers, (of_streets, of_plots), strict=True)
        )
        return replace(streets, squares=squares), replace(plot_ways, squares=grounds)

    def dropped(self, ways: Objects) -> tuple[pd.DataFrame, Refs]:
        """Give the ways that are closed to who walks: what is known of each, and its nodes.

        Private ground that may be the last leg to a door is none of them.
        """
        code, kinds = _sets_of(ways, self._way_tags, lambda tags: self._kind(tags) is not None)
        verdicts = [self.profile.judge_way(tags) for tags in kinds]
        shut = np.array([v.reason is not None and not v.last_leg for v in verdicts], bool)
        found = Selected(ways.id, code, ways.refs)
        found = select(found, (code >= 0) & np.append(shut, False)[code])
        found, _ = cut_missing(found)
        table = table_of(
            [{**tags, "highway": str(self._kind(tags))} for tags in kinds],
            self.profile,
            filled=False,
        ).drop(columns="cautious", errors="ignore")
        table.insert(0, "reason", [verdict.reason for verdict in verdicts])
        table = table.take(found.code).reset_index(drop=True)
        table.insert(0, "osm_id", found.way_id)
        return table, found.refs

    def _check_missing(self, path: object, missing: list[int]) -> None:
        """Count the ways that miss a node, and refuse a file in which they are many."""
        n_missing = len(missing)
        self.counts["missing_nodes"] = n_missing
        if n_missing > _MISSING_LIMIT_SHARE * max(1, self.counts["walkable"]):
            raise InputError(
                "{file}: {n} of {n_walkable} walkable ways refer to nodes that are not in the"
                " file: {ids}; extract it again with complete ways (osmium "
                "extract --strategy complete_ways)",
                file=path,
                n=n_missing,
                n_walkable=self.counts["walkable"],
                ids=first_ids(missing),
            )

    def _tell_at_times(self) -> None:
        """Count and tell what is open at certain times only."""
        if self._at_times:
            self.counts["at_times"] = len(self._at_times)
            self.notes.append(
                tell(
                    "ways and barriers that may be passed at certain hours, seasons or tides only"
                    " count as open: {ids}",
                    ids=first_ids(self._at_times),
                )
            )

    def _fill_in(self, walkable: Selected, fill: Fill) -> Selected:
        """Fill in what the tags of ways do not say, judge anew, and leave out what is then closed."""
        filled = fill_in(walkable, self._kinds, fill)
        n_before = len(self._kinds)
        self._kinds = filled.kinds
        self._verdicts += [self.profile.judge_way(tags) for tags in self._kinds[n_before:]]
        self.counts.update({f"filled in: {name}": n for name, n in filled.found.items()})
        reasons = [verdict.reason for verdict in self._verdicts]
        of_pieces = np.bincount(filled.ways.code, minlength=len(reasons)).tolist()
        for reason, n in zip(reasons[n_before:], of_pieces[n_before:], strict=True):
            if reason is not None:
                self.counts[f"found closed: {reason}"] += n
        is_open = np.array([reason is None for reason in reasons], bool)
        return select(filled.ways, is_open[filled.ways.code])

    def _kind(self, tags: Mapping[str, str]) -> str | None:
        return self.profile.kind_of(tags)

    def _is_plaza(self, tags: Mapping[str, str]) -> bool:
        """Tell whether tags are those of a relation that is a plaza."""
        return tags.get("type") == "multipolygon" and self._kind(tags) in self.profile.areas

    def _leave_empty_out(self, read: Selected, is_open: NDArray[np.bool_]) -> Selected:
        """Leave ways without any node out, and count those that would be walkable."""
        empty = np.diff(read.refs.start) == 0
        self.counts["read"] = int(empty.sum())
        if n := int((empty & is_open[read.code]).sum()):
            self.counts["no_node"] = n
            ids = first_ids(read.way_id[empty & is_open[read.code]].tolist())
            self.notes.append(tell("ways without any node are not there to walk: {ids}", ids=ids))
        return select(read, ~empty)

    def _count_ways(self, code: NDArray[np.int64]) -> None:
        per_code = np.bincount(code, minlength=len(self._verdicts))
        self.counts["read"] += int(per_code.sum())
        self.counts["walkable"] = 0
        for verdict, n in zip(self._verdicts, per_code.tolist(), strict=True):
            if verdict.reason is None:
                self.counts["walkable"] += n
                self.counts["one_way"] += n * (verdict.forward != verdict.backward)
            elif verdict.last_leg:
                self.counts["private_last_leg"] += n
            else:
                self.counts[f"closed: {verdict.reason}"] += n

    def _plazas(self, read: Selected) -> list[Plaza]:
        """Give the plazas, private ones too, that are drawn as one way."""
        may_be = [
            tags["highway"] in self.profile.areas
            and (verdict.last_leg or not verdict.reason)
            and (tags.get("area") == "yes" or tags["highway"] in self.profile.areas_when_closed)
            and tags.get("area", "yes") == "yes"
            for tags, verdict in zip(self._kinds, self._verdicts, strict=True)
        ]
        said = np.array([tags.get("area") == "yes" for tags in self._kinds], bool)
        plazas = []
        for i in np.flatnonzero(np.array(may_be, bool)[read.code]).tolist():
            ids, lonlat = read.refs.line(i)
            way = int(read.way_id[i])
            # a platform that is drawn as a line is one
            if len(ids) > 1 and (said[read.code[i]] or ids[0] == ids[-1]):
                plazas.append(Plaza("w", way, int(read.code[i]), (), {way: (ids, lonlat)}))
        return plazas

    def _relation_plazas(
        self, relations: Objects, code: NDArray[np.int64], read: Selected, ways_read: Objects
    ) -> list[Plaza]:
        """Give the plazas, private ones too, that are drawn as relations; ``code`` is -1 for other relations.

        A street on the border of private ground is none of it, nor the other way about: the border is of both.
        """
        members = ways_read.lines(self.member_ways(relations))
        of_way = dict(zip(read.way_id.tolist(), read.code.tolist(), strict=True))
        plazas = []
        for i in np.flatnonzero(code >= 0).tolist():
            verdict = self._verdicts[code[i]]
            if verdict.reason and not verdict.last_leg:
                continue
            ways = ways_among(relations.members[i])
            lines = {way: members[way] for way in ways if way in members}
            outline = tuple(
                way for way in lines if way not in of_way or self._beside(of_way[way], verdict)
            )
            plazas.append(Plaza("r", int(relations.id[i]), int(code[i]), outline, lines))
            if not set(ways) <= lines.keys():
                self.counts["squares_with_missing_members"] += 1
        return plazas

    def _beside(self, code: int, verdict: WayVerdict) -> bool:
        """Tell whether a way is a street on the border of private ground, or private ground on that of a square."""
        way = self._verdicts[code]
        return way.reason is None if verdict.last_leg else way.last_leg

    def _arrays(
        self, layer: Layer, way_table: pd.DataFrame, node_attributes: pd.DataFrame
    ) -> Walkways:
        ways = layer.ways
        node_cut = np.zeros(len(layer.node_id), bool)
        node_cut[node_attributes.index[node_attributes["cut"].notna()]] = True
        return Walkways(
            node_id=layer.node_id,
            lonlat=ways.refs.nodes.lonlat.compress(layer.used, axis=0),
            way_start=ways.refs.start,
            way_node=layer.way_node,
            way_id=ways.way_id,
            forward=np.array([v.forward for v in self._verdicts], bool)[ways.code],
            backward=np.array([v.backward for v in self._verdicts], bool)[ways.code],
            node_cut=node_cut,
            way_attributes=way_table.take(ways.code).reset_index(drop=True),
            node_attributes=node_attributes,
        )

    def _kind_table(self) -> pd.DataFrame:
        """Give the attributes of ways, one row per set of tags."""
        return table_of(self._kinds, self.profile, filled=self.fill is not None)

    def _node_attributes(
        self, layers: tuple[Layer, Layer], nodes: Objects
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Give the attributes of the nodes of streets and of private ground, with the same categories."""
        code, kinds = nodes.tags.sets(self._node_tags)
        tells = np.array([bool(tags) for tags in kinds], bool)[code]
        rows = [layer.find(nodes.id, tells) for layer in layers]
        seen, kind = np.unique(code[np.concatenate([row for _, row in rows])], return_inverse=True)
        kinds = [kinds[i] for i in seen.tolist()]
        columns: dict[str, object] = {
            key: words_of([tags.get(key) for tags in kinds])
            for key in ("barrier", "crossing", "kerb")
        }
        for name in ("kerb_height_m", "opening_m"):
            columns[name] = np.array([read_attribute(tags, name) for tags in kinds], np.float32)
        table = pd.DataFrame(columns).take(kind)
        n_streets = len(rows[0][0])
        bound = np.array([self._binds(tags) for tags in kinds], bool)
        for column, cautious in (("cut", False), ("cautious_cut", True)):
            cut: list[str | None] = []
            for layer, (node, _), own in zip(
                layers, rows, np.split(kind, [n_streets]), strict=True
            ):
                branches = layer.branches()[node]
                cuts = self._cuts(kinds, own, branches, private=layer.private, cautious=cautious)
                cut += cuts
                if not cautious:
                    passed = bound[own] & np.array([reason is None for reason in cuts], bool)
                    self._at_times += [f"n{i}" for i in layer.node_id[node[passed]].tolist()]
            table[column] = words_of(cut)
        table.index = pd.Index(np.concatenate([node for node, _ in rows]), dtype=np.int64)
        return table.iloc[:n_streets], table.iloc[n_streets:]

    def _binds(self, tags: Mapping[str, str]) -> bool:
        """Tell whether a node lets people through at certain times only."""
        stops = "barrier" in tags or tags.get("highway") == "elevator"
        return stops and self.profile.is_at_times(tags)

    def _cuts(
        self,
        kinds: list[dict[str, str]],
        kind: NDArray[np.int64],
        branches: NDArray[np.int64],
        *,
        private: bool,
        cautious: bool,
    ) -> list[str | None]:
        """Say of nodes why they cut the ways through them, None where they do not."""
        rules = {
            k: self.profile.judge_node(kinds[k], private=private, cautious=cautious)
            for k in set(kind.tolist())
        }
        cut: list[str | None] = []
        for k, n in zip(kind.tolist(), branches.tolist(), strict=True):
            rule = rules[k]
            cuts = rule is not None and (rule.junctions or n <= _PASSING_BRANCHES)
            cut.append(rule.reason if rule is not None and cuts else None)
        return cut


def _sets_of(
    objects: Objects,
    keys: frozenset[str],
    belongs: Callable[[Mapping[str, str]], bool],
    whether: frozenset[str] = frozenset(),
) -> tuple[NDArray[np.int64], list[dict[str, str]]]:
    """Give the sets of tags that belong, and which one each object has, -1 for another."""
    code, kinds = objects.tags.sets(keys, whether)
    mine = np.array([belongs(tags) for tags in kinds], bool)
    number = np.where(mine, np.cumsum(mine) - 1, -1)
    return number[code], [tags for tags, own in zip(kinds, mine, strict=True) if own]


def _asked(rule: Rule) -> frozenset[str]:
    """Give a key that every node the rule can hold for must carry."""
    if rule.when:
        return frozenset(list(rule.when)[:1])
    return frozenset(ATTRIBUTE_KEYS[rule.attribute]) if rule.attribute else frozenset()
