"""The maps of the printed account: all sites, and of a site its reach and its walks, as SVG that holds in print."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import count, product
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import shapely

from geowoonzorg.files import bring_to
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.map_styles import class_style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.site_account import SiteAccount
    from geowoonzorg.show.texts import Texts

_WIDTH: Final = 680.0  # of a map over the page; SVG units
_HALF: Final = 400.0
_MOST_STREETS: Final = 12_000  # vertices under one map; above it only the longest
_NEAR: Final = 2.5  # times the limit: walks that are longer run off the map
_BADGE: Final = 10.0  # radius of a mark; SVG units, as all below
_GAP: Final = 4.0  # between a badge and its words
_LETTER: Final = 7.5  # wide, in the widest of the fonts that a page may be shown in
_BAR_WORDS: Final = 60.0  # beside the scale bar
# Where a mark may go when its own place is taken: nearest first, above before beside.
_SHIFTS: Final = sorted(
    ((dx * 11.0, dy * 11.0) for dx in range(-10, 11) for dy in range(-10, 11)),
    key=lambda to: (math.hypot(*to), abs(to[0]), to),
)
_SCALES: Final = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)


@dataclass(frozen=True)
class Mark:
    """Something with a place on a map: what is written there, its style, and for a walk its metres.

    ``leader`` leads from a mark that had to give way to its place.
    """

    x: float
    y: float
    letters: str
    style: str = ""
    told: str = ""
    anchor: str = "start"
    leader: str = ""


@dataclass(frozen=True)
class Line:
    """A walk: its path, colour and dashes."""

    path: str
    colour: str
    dash: str


@dataclass(frozen=True)
class ReportMap:
    """A map as it is drawn, in SVG units; ``scale`` is the scale bar's length and words."""

    width: float
    height: float
    alt: str
    areas: str = ""
    streets: str = ""
    reach: str = ""
    site: str = ""
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    scale: tuple[float, str] = (0.0, "")


@dataclass(frozen=True)
class _Frame:
    """From metres to SVG units, north up."""

    west: float
    south: float
    east: float
    north: float
    width: float
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", self.width / (self.east - self.west))

    @property
    def height(self) -> float:
        return round((self.north - self.south) * self.scale, 1)

    def at(self, point: Any) -> tuple[float, float]:  # noqa: ANN401
        return round((point.x - self.west) * self.scale, 1), round(
            (self.north - point.y) * self.scale, 1
        )

    def path(self, shapes: Any) -> str:  # noqa: ANN401 - geometries
        """Write what lies within the frame as one path, no finer than shows."""
        shapes = np.atleast_1d(np.asarray(shapes, object))
        shapes = shapes[~shapely.is_missing(shapes)]
        inside = shapely.clip_by_rect(shapes, self.west, self.south, self.east, self.north)
        parts = shapely.get_parts(shapely.simplify(inside, 0.6 / self.scale))
        return "".join(map(self._one, parts[~shapely.is_empty(parts)]))

    def _one(self, shape: Any) -> str:  # noqa: ANN401
        if shape.geom_type == "Polygon":
            rings = (shape.exterior, *shape.interiors)
            return "".join(self._points(ring, closed=True) for ring in rings)
        return self._points(shape) if shape.geom_type in {"LineString", "LinearRing"} else ""

    def _points(self, line: Any, *, closed: bool = False) -> str:  # noqa: ANN401
        xy = shapely.get_coordinates(line)[: -1 if closed else None]
        x, y = (xy[:, 0] - self.west) * self.scale, (self.north - xy[:, 1]) * self.scale
        told = "L".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        return f"M{told}{'Z' if closed else ''}"

    def bar(self, texts: Texts) -> tuple[float, str]:
        """Choose a scale bar of at most a quarter of the map."""
        room = self.width / 4 / self.scale
        metres = max((m for m in _SCALES if m <= room), default=_SCALES[0])
        return round(metres * self.scale, 1), texts.limit(metres)


class ReportMaps:
    """The layers of one outcome, gathered once, to draw the maps of its report of.

    Parameters
    ----------
    findings
        What was found about sites.
    texts
        The screen texts.
    """

    def __init__(self, findings: Findings, *, texts: Texts) -> None:
        tables, self._texts = findings.tables, texts
        crs: Any = tables["site_areas"].crs
        self._limit_m = findings.asked.limits_m[0]
        shapes = np.asarray(bring_to(tables["sites"].geometry, crs))
        self._sites = dict(zip(map(plain, tables["sites"]["id"]), shapes, strict=True))
        near = tables["site_areas"][tables["site_areas"]["limit_m"] == self._limit_m]
        self._reach = dict(zip(map(plain, near["site_id"]), near.geometry, strict=True))
        self._areas = np.asarray(bring_to(tables["areas"].geometry, crs))
        self._streets = np.asarray(bring_to(tables["streets"].geometry, crs))
        self._tree = shapely.STRtree(self._streets)
        self._routes = tables["routes"].assign(site_id=tables["routes"]["site_id"].map(plain))

    def all_sites(
        self, sites: Sequence[SiteAccount], letters: Mapping[str, str]
    ) -> ReportMap | None:
        """Draw where the sites are, with their ranks.

        Parameters
        ----------
        sites
            As they are told, best first.
        letters
            Site → what its mark says, as `map_letters` gives it.

        Returns
        -------
        ReportMap or None
            None where no site has a place.

        Examples
        --------
        >>> from geowoonzorg.show.site_account import tell_sites
        >>> from geowoonzorg.show.texts import read_texts
        >>> nl = read_texts("nl")
        >>> sites = tell_sites(findings, texts=nl)
        >>> len(ReportMaps(findings, texts=nl).all_sites(sites, map_letters(sites)).marks)
        12
        """
        placed: list[tuple[SiteAccount, Any]] = [
            (s, at) for s in sites if (at := self._sites.get(s.id)) is not None and not at.is_empty
        ]
        if not placed:
            return None
        frame = self._frame([at for _, at in placed], _WIDTH, 0.62, self._limit_m)
        asked = [
            _Asked(
                frame.at(at.representative_point()), letters[site.id],
                "out" if site.rank is None else "top" if site.rank <= 3 else "other",  # noqa: PLR2004 - as many as are told whole
            )
            for site, at in placed
        ]  # fmt: skip
        # The best has its place first, and lies on top.
        marks = _apart(asked, frame)[::-1]
        t = self._texts
        told = t.join(
            [
                f"{letters[s.id]}{' ' + t('report.unranked') if s.rank is None else ''} {s.name}"
                for s, _ in placed
            ]
        )
        return ReportMap(
            frame.width, frame.height, t("report.map_alt", sites=told),
            areas=frame.path(self._areas), streets=self._under(frame),
            marks=tuple(marks), scale=frame.bar(t),
        )  # fmt: skip

    def of_site(self, site: SiteAccount) -> ReportMap | None:
        """Draw what is within walking distance of a site, and its walks with their metres.

        Parameters
        ----------
        site
            As it is told.

        Returns
        -------
        ReportMap or None
            None where it has no place.

        Examples
        --------
        >>> from geowoonzorg.show.site_account import tell_sites
        >>> from geowoonzorg.show.texts import read_texts
        >>> nl = read_texts("nl")
        >>> best = tell_sites(findings, texts=nl)[0]
        >>> len(ReportMaps(findings, texts=nl).of_site(best).lines)
        5
        """
        at = self._sites.get(site.id)
        if at is None or at.is_empty:
            return None
        t, reach = self._texts, self._reach.get(site.id)
        rows = self._routes[self._routes["site_id"] == site.id]
        near = rows[rows["distance_m"] <= _NEAR * self._limit_m]
        shapes = [at, *([] if reach is None else [reach]), *near.geometry]
        frame = self._frame(shapes, _HALF, 0.85, self._limit_m / 8)
        lines, marks = [], []
        for name, line, close in zip(
            rows["facility_class"], rows.geometry, rows.index.isin(near.index), strict=True
        ):
            if not is_known(line) or line.is_empty:
                continue
            style = class_style(str(name), texts=t)
            lines.append(Line(frame.path([line]), style["colour"], style["dash"]))
            walk = next((w for w in site.walks if w.facility_class == name), None)
            if close and walk is not None:
                end = frame.at(shapely.Point(shapely.get_coordinates(line)[-1]))
                marks.append(_Asked(end, style["letters"], style["colour"], walk.said))
        here = frame.at(at.representative_point())
        told = [f"{t.facility_class(w.facility_class)[0]} {w.told or w.said}" for w in site.walks]
        return ReportMap(
            frame.width, frame.height,
            t("report.site_map_alt", name=site.name, limit=t.limit(self._limit_m), walks=t.join(told)),
            streets=self._under(frame), reach=frame.path([reach]), site=frame.path([at]),
            lines=tuple(lines),
            marks=(*_apart(sorted(marks), frame, clear=[here]), Mark(*here, "", "here")),
            scale=frame.bar(t),
        )  # fmt: skip

    def _under(self, frame: _Frame) -> str:
        box = shapely.box(frame.west, frame.south, frame.east, frame.north)
        lines = self._streets[np.sort(self._tree.query(box))] if len(self._streets) else []
        if len(lines):
            lines = shapely.simplify(lines, 1.0 / frame.scale)
            longest = np.argsort(-shapely.length(lines), kind="stable")
            room = np.cumsum(shapely.get_num_coordinates(lines[longest])) <= _MOST_STREETS
            lines = lines[np.sort(longest[room])]
        return frame.path(lines)

    @staticmethod
    def _frame(shapes: Sequence[Any], width: float, most: float, margin: float) -> _Frame:
        west, south, east, north = shapely.total_bounds(np.array(shapes, object))
        mid = (west + east) / 2, (south + north) / 2
        half = max((east - west) / 2, (north - south) / 2 / most) + margin
        tall = max((north - south) / 2 + margin, half * 0.4)
        return _Frame(
            float(mid[0] - half), float(mid[1] - tall), float(mid[0] + half), float(mid[1] + tall), width
        )  # fmt: skip


def map_letters(sites: Sequence[SiteAccount]) -> dict[str, str]:
    """Choose what the mark of each site says: its rank, or of one without a rank a letter.

    Parameters
    ----------
    sites
        As they are told.

    Returns
    -------
    dict
        Site → text.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import tell_sites
    >>> from geowoonzorg.show.texts import read_texts
    >>> list(map_letters(tell_sites(findings, texts=read_texts("nl"))).values())[-2:]
    ['b', 'c']
    """
    without = [site.id for site in sites if site.rank is None]
    letters = dict(zip(without, _letters(), strict=False))
    return {site.id: letters.get(site.id, str(site.rank)) for site in sites}


def _letters() -> Iterator[str]:
    """Give a, b and so on to z, then aa, ab and so on."""
    for length in count(1):
        yield from map("".join, product(ascii_lowercase, repeat=length))


class _Asked(NamedTuple):
    """A mark as it is asked for: where, and what it says."""

    at: tuple[float, float]
    letters: str
    style: str
    told: str = ""


_Box = tuple[float, float, float, float]  # left, top, right, bottom


def _apart(
    asked: Sequence[_Asked], frame: _Frame, *, clear: Sequence[tuple[float, float]] = ()
) -> list[Mark]:
    """Give every mark the nearest place where it is whole on the map and on no other; ``clear`` stays free."""
    taken = [_box(x, y, 0.0, "start") for x, y in clear]
    taken.append((0.0, frame.height - 24, frame.width / 4 + _BAR_WORDS, frame.height))
    marks = []
    for one in asked:
        wide = 0.0 if not one.told else _GAP + _LETTER * len(one.told)
        home = [
            min(max(v, _BADGE + 1), side - _BADGE - 1)
            for v, side in zip(one.at, (frame.width, frame.height), strict=True)
        ]
        places = [
            (home[0] + dx, home[1] + dy, anchor)
            for dx, dy in _SHIFTS
            for anchor in (("start", "end") if wide else ("start",))
        ]
        least, best = math.inf, places[0]
        for place in places:
            amiss = _amiss(_box(place[0], place[1], wide, place[2]), taken, frame)
            if amiss < least:
                least, best = amiss, place
            if not least:
                break
        x, y, anchor = best
        taken.append(_box(x, y, wide, anchor))
        moved = math.dist((x, y), one.at) > _BADGE
        leader = f"M{one.at[0]},{one.at[1]}L{x:.1f},{y:.1f}" if moved else ""
        marks.append(
            Mark(round(x, 1), round(y, 1), one.letters, one.style, one.told, anchor, leader)
        )
    return marks


def _box(x: float, y: float, wide: float, anchor: str) -> _Box:
    """Measure what a mark covers: its badge, and its words on one side."""
    left, right = (wide, 0.0) if anchor == "end" else (0.0, wide)
    return x - _BADGE - left, y - _BADGE, x + _BADGE + right, y + _BADGE


def _amiss(box: _Box, taken: Sequence[_Box], frame: _Frame) -> float:
    """Measure how much of a mark lies off the map or on another (square units); off the map is worse."""
    whole = (box[2] - box[0]) * (box[3] - box[1])
    on_map = _shared(box, (0.0, 0.0, frame.width, frame.height))
    return 10 * (whole - on_map) + sum(_shared(box, one) for one in taken)


def _shared(one: _Box, other: _Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(tall, 0.0)
