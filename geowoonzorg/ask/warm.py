"""A town that stays read: a line of JSON asks, a line of JSON answers, with the numbers of the commands."""

from __future__ import annotations

import json
import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.ask._asked import as_profile
from geowoonzorg.ask._requests import (
    LONGEST_ID,
    Area,
    Fault,
    Nearest,
    Nothing,
    RefusedError,
    Snapped,
    WhatIf,
    as_asked,
    fault_in,
    fault_of,
    read_request,
    read_tried,
    short,
    take_number,
)
from geowoonzorg.ask.what_if import what_if
from geowoonzorg.errors import Cancelled, GeowoonzorgError
from geowoonzorg.files import split_layer, witness
from geowoonzorg.messages import Message, tell, translate
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.study import read_study, study_files
from geowoonzorg.town import Town
from geowoonzorg.town.changing import nearest_ids
from geowoonzorg.town.reading import read_sites
from geowoonzorg.walk.route import nearest_routes
from geowoonzorg.walk.service_area import service_areas
from geowoonzorg.walk.snapping import snap_points

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geowoonzorg.ask.answer import Answer
    from geowoonzorg.files import Witness
    from geowoonzorg.ranking.scoring_profile import ScoringProfile

__all__ = ["Fault", "WarmTown", "fault_of"]

MOST_ROWS: Final = 50_000  # of one table in an answer; how many were left off is told
_MARGIN_M: Final = (
    10_000.0  # a click farther than this from every street is in another reference system
)
_KEPT: Final = ("ledger", "facilities", "addresses", "areas", "handover", "sites")


class WarmTown:
    """A town that answers requests until it is let go.

    Parameters
    ----------
    town
        The town.
    sites
        The study's sites, or None.
    profile
        How sites are judged.
    seen
        The files that were read, each as it was.
    lang
        Of every sentence in an answer: ``"nl"`` or ``"en"``.

    Examples
    --------
    >>> warm = WarmTown(Town.demo(), lang="en")
    >>> warm.answer('{"ask": "nearest", "x": 0, "y": 0}')["error"]["code"]
    'place'
    """

    def __init__(
        self,
        town: Town,
        sites: gpd.GeoDataFrame | None = None,
        *,
        profile: str = "geclusterd",
        seen: tuple[Witness, ...] = (),
        lang: str = "nl",
    ) -> None:
        self.town, self.sites, self.profile, self.seen, self.lang = town, sites, profile, seen, lang
        self._answers: dict[str, tuple[type, Callable[[Any], dict[str, Any]]]] = {
            "facilities": (Nothing, self._facilities),
            "nearest": (Nearest, self._nearest),
            "service-area": (Area, self._service_area),
            "snap": (Snapped, self._snap),
        }

    @classmethod
    def read(cls, study: Path, *, lang: str = "nl", progress: Progress = silent) -> WarmTown:
        """Read a study's town and sites, and try something, so that all that is slow the first time is done.

        Parameters
        ----------
        study
            Its file.
        lang
            Of the answers.
        progress
            Hears how far the work is.

        Returns
        -------
        WarmTown
            Ready.

        Raises
        ------
        StudyError, InputError, FormatError, SourceError, CrsError
            As `geowoonzorg.town.Town.read`.

        Examples
        --------
        >>> from pathlib import Path
        >>> WarmTown.read(Path("missing.toml"))
        Traceback (most recent call last):
        geowoonzorg.errors.SourceError: missing.toml does not exist; give the path of an existing file
        """
        asked = read_study(study)
        files = {split_layer(path)[0] for path in (study, *study_files(asked))}
        seen = tuple(witness(path) for path in sorted(files) if path.is_file())
        town = Town.read(asked, progress=part(progress, 0.0, 0.6))
        sites = read_sites(asked) if asked.sites is not None else None
        warm = cls(town, sites, profile=str(asked.scoring.profile), seen=seen, lang=lang)
        warm.warm_up(part(progress, 0.6, 1.0))
        return warm

    def warm_up(self, progress: Progress = silent) -> None:
        """Ask one of everything and throw the answers away; what such a town cannot answer is no reason to stop."""
        places = self.town.facilities
        if places.empty:
            return
        first = str(places["id"].iloc[0])
        x, y = places.geometry.iloc[0].representative_point().coords[0]
        tried = [
            {"ask": "nearest", "x": x, "y": y},
            {"ask": "service-area", "facility": first},
            {"ask": "what-if", "change": {"close": [first]}, "sites": self.sites is not None},
            {"ask": "what-if", "change": {"path": [{"coordinates": [[x, y], [x + 20, y]],
                                                    "tags": {"highway": "footway"}}]}},
        ]  # fmt: skip
        for number, one in enumerate(tried):
            progress(number / len(tried), "trying what can be asked")
            self.answer(json.dumps(one))

    def about(self) -> dict[str, Any]:
        """Say what may be asked of it: name, CRS, limits, classes and extent.

        Returns
        -------
        dict
            ``name``, ``crs`` (as ``EPSG:28992``, else WKT), ``limits_m``, ``classes``, ``facilities`` and
            ``addresses`` (how many), ``sites`` (whether there are any) and ``bounds`` (x and y, least and most).

        Examples
        --------
        >>> WarmTown(Town.demo()).about()["crs"]
        'EPSG:28992'
        """
        town = self.town
        known = town.crs.to_authority()
        low, high = town.network.node_xy.min(axis=0), town.network.node_xy.max(axis=0)
        return {
            "name": town.about.name,
            "crs": ":".join(known) if known else town.crs.to_wkt(),
            "limits_m": list(town.walking.limits_m),
            "classes": sorted({*town.classes, *town.facilities["facility_class"].astype(str)}),
            "facilities": len(town.facilities),
            "addresses": len(town.addresses),
            "sites": self.sites is not None,
            "bounds": [*low.tolist(), *high.tolist()],
        }

    def answer(self, line: str | bytes) -> dict[str, Any]:
        """Answer one request; whatever is wrong with it is told in the answer.

        Parameters
        ----------
        line
            JSON: ``ask`` (such as ``what-if`` or ``nearest``), ``id`` (given back),
            and what is asked.

        Returns
        -------
        dict
            ``id``, and ``answer`` or ``error`` (``what``, ``where``, ``cure``, ``code``).

        Raises
        ------
        Cancelled
            When the process is asked to stop.
        MemoryError
            When there is too little memory: then the process is of no more use.

        Examples
        --------
        >>> WarmTown(Town.demo(), lang="en").answer('{"id": 1, "ask": "tea"}')["error"]["where"]
        'ask'
        """
        number: object = None
        asked: object = None
        try:
            request = read_request(line)
            number = take_number(request)
            asked = request.get("ask")
            for one in self.seen:
                _check_unchanged(one)
            return {"id": number, "answer": self._of(request)}
        except RefusedError as refused:
            fault = refused.fault
        except (Cancelled, MemoryError):
            raise
        except GeowoonzorgError as error:
            fault = fault_in(error, str(asked))
        except Exception as error:  # noqa: BLE001 - one wrong answer is no reason to read a town again
            what = tell(
                "this is a fault in geowoonzorg ({kind}: {what})",
                kind=type(error).__name__,
                what=str(error),
            )
            fault = Fault(
                what, "", tell("ask something else, and tell who maintains geowoonzorg"), "internal"
            )
        return {"id": number, "error": fault.told(self.lang)}

    def _of(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a request that is a table."""
        asked = request.pop("ask", None)
        if asked == "what-if":
            return self._what_if(request.pop("change", None), as_asked(WhatIf, request))
        if not isinstance(asked, str) or asked not in self._answers:
            known = ", ".join([*self._answers, "what-if"])
            raise RefusedError(
                Fault(tell("{asked!r} cannot be asked", asked=short(asked)), "ask",
                      tell("ask one of {known}", known=known), "request")
            )  # fmt: skip
        kind, answer = self._answers[asked]
        return answer(as_asked(kind, request))

    @cached_property
    def _judges_by(self) -> ScoringProfile:
        return as_profile(self.profile)

    def _what_if(self, change: object, asked: WhatIf) -> dict[str, Any]:
        tried = read_tried(change)
        sites = self.sites if asked.sites else None
        found = what_if(self.town, sites, tried, profile=self._judges_by)
        return self._tables(found)

    def _tables(self, found: Answer) -> dict[str, Any]:
        """Give the tables of an answer, what was found in words, and its notes."""
        return {
            **{name: self._table(found.tables[name]) for name in _KEPT},
            "summary": [translate(line, self.lang) for line in found.summary],
            "notes": [translate(line, self.lang) for line in found.notes],
        }

    def _facilities(self, _asked: Nothing) -> dict[str, Any]:
        columns = ["id", "facility_class", "name", "geometry"]
        return {"facilities": self._table(self.town.facilities[columns])}

    def _nearest(self, asked: Nearest) -> dict[str, Any]:
        town, origin = self.town, self._point(asked.x, asked.y)
        self._check_classes(asked.classes)
        places = town.places(asked.classes) if asked.classes else town.facilities
        found = nearest_routes(
            town.network, origin, places, limit_m=asked.limit_m,
            bench_lonlat=town.network.bench_lonlat, **town.walking.access,
        )  # fmt: skip
        walks = found.merge(
            places[["id", "name"]].rename(columns={"id": "facility_id"}),
            on="facility_id",
            how="left",
        )
        reached = set(found["facility_class"])
        missing = sorted({*(asked.classes or town.classes)} - reached)
        return {"walks": self._table(walks), "not_reached": missing}

    def _service_area(self, asked: Area) -> dict[str, Any]:
        town = self.town
        by_point = asked.x is not None and asked.y is not None
        if by_point == (asked.facility is not None) or (asked.x is None) != (asked.y is None):
            raise RefusedError(
                Fault(tell("needs x and y, or facility, one of the two"), "x",
                      tell("give either a place or the id of a facility"), "request")
            )  # fmt: skip
        if asked.facility is None:
            places = self._point(asked.x, asked.y)  # type: ignore[arg-type] # both are there
        else:
            ids = town.facilities["id"].astype(str)
            places = town.facilities[ids == asked.facility]
            if places.empty:
                near = ", ".join(nearest_ids(asked.facility[:LONGEST_ID], ids.tolist())) or "-"
                raise RefusedError(
                    Fault(tell("there is no facility {id!r}", id=short(asked.facility)), "facility",
                          tell("near it are {near}", near=near), "facility")
                )  # fmt: skip
        found = service_areas(
            town.network, places, limit_m=list(asked.limits_m or town.walking.limits_m),
            shape=asked.shape, cautious=asked.cautious, **town.walking.access,
        )  # fmt: skip
        return {"areas": self._table(found)}

    def _snap(self, asked: Snapped) -> dict[str, Any]:
        """Put the ends of a line on the nearest street, where one is near enough: a path must begin or end on one."""
        points = np.array(asked.points, dtype=np.float64)
        for x, y in points[[0, -1]]:
            self._point(x, y)
        ends = snap_points(self.town.network, points[[0, -1]], max_snap_m=asked.within_m)
        joined = ~np.isnan(ends.xy[:, 0])
        points[[0, -1]] = np.where(joined[:, None], ends.xy, points[[0, -1]])
        return {"points": points.tolist(), "joined": joined.tolist()}

    def _point(self, x: float, y: float) -> gpd.GeoDataFrame:
        """Give a place as a layer, if it lies anywhere near the streets."""
        low_x, low_y, high_x, high_y = self.about()["bounds"]
        if not (
            low_x - _MARGIN_M <= x <= high_x + _MARGIN_M
            and low_y - _MARGIN_M <= y <= high_y + _MARGIN_M
        ):
            raise RefusedError(
                Fault(tell("{x:g}, {y:g} lies far outside the study", x=x, y=y), "x",
                      tell("give a place in {crs}, near the streets of the study", crs=self.about()["crs"]),
                      "place")
            )  # fmt: skip
        points = gpd.points_from_xy([x], [y])
        return gpd.GeoDataFrame({"id": ["place"]}, geometry=points, crs=self.town.crs)

    def _check_classes(self, classes: tuple[str, ...]) -> None:
        known = {*self.town.facilities["facility_class"].astype(str), *self.town.absent}
        unknown = sorted(set(classes) - known)
        if unknown:
            raise RefusedError(
                Fault(tell("the study has no facilities of {asked}", asked=short(", ".join(unknown))),
                      "classes", tell("it has {known}", known=", ".join(sorted(known))), "class")
            )  # fmt: skip

    def _table(self, frame: pd.DataFrame) -> dict[str, Any]:
        """Give a table as columns and rows; unknown is null, places are WKT to the millimetre."""
        shown = frame.iloc[:MOST_ROWS]
        columns = [str(name) for name in shown.columns]
        values = [
            shapely.to_wkt(shown[name].to_numpy(), rounding_precision=3).tolist()
            if name == "geometry"
            else [self._cell(cell) for cell in shown[name].tolist()]
            for name in columns
        ]
        return {
            "columns": columns,
            "rows": [list(row) for row in zip(*values, strict=True)],
            "left_off": len(frame) - len(shown),
        }

    def _cell(self, cell: Any) -> Any:  # noqa: ANN401 - whatever is in a table
        if isinstance(cell, Message):
            return translate(cell, self.lang)
        if isinstance(cell, np.generic):
            cell = cell.item()
        if isinstance(cell, float):
            return cell if math.isfinite(cell) else None
        if isinstance(cell, bool | int | str):
            return cell
        return None if pd.isna(cell) else str(cell)


def _check_unchanged(seen: Witness) -> None:
    """Refuse to answer for a file that is no longer what was read."""
    try:
        seen.check()
    except GeowoonzorgError as error:
        raise RefusedError(
            Fault(tell("{file} has changed since it was read", file=seen.name), seen.name,
                  tell("start again, so that it is read again"), "changed")
        ) from error  # fmt: skip
