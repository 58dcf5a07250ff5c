"""What a study comes to: the layers, the scores, where each number came from, and how it is written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geowoonzorg.files import output_folder, write_csv, write_layers, write_text
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.study import Study


def _no_table() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()


def _no_lines() -> gpd.GeoDataFrame:
    import geopandas as gpd

    return gpd.GeoDataFrame(geometry=[], crs="EPSG:28992")


@dataclass(frozen=True)
class Result:
    """Everything a run found; `write` puts it on disk.

    Attributes
    ----------
    study
        What was asked.
    profile
        The scoring profile that was used.
    sites
        One row per site with score, what it may still become, rank and per criterion ``_raw``,
        ``_value`` and ``_contribution``. All layers are in the study's CRS.
    facilities, service_areas, areas, addresses
        The other layers of ``result.gpkg``.
    routes
        Per site and facility class the walk to the nearest: ``site_id, facility_class,
        facility_id, distance_m, geometry`` (LineString).
    site_areas
        Per site and limit the places within walking distance: ``site_id, limit_m, geometry``.
    criteria
        Per site and criterion one row: ``site_id, criterion, label, raw, unit, value, weight,
        contribution, known, reason, source, year, coverage_share, fallback_share``.
    coverage
        Per facility class who lives within the limit: addresses, their share, and people of 65 and
        over as an interval; missing where it is not known whether there are any facilities.
    area_gaps
        Per figure of an area that is missing, stood in for or to be minded: ``code, column, kind, what``.
    absent
        The facility classes of which the study's own list says that there are none.
    streets
        The walkable streets around sites and facilities (LineStrings), to draw under a map; not
        written to ``result.gpkg``.
    provenance
        Inputs with content hash, year and licence; profiles with hash; versions; counts.
    notes
        What was dropped, repaired, stood in for or unknown, in words, for people to read.
    """

    study: Study
    profile: ScoringProfile
    sites: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame
    site_areas: gpd.GeoDataFrame
    criteria: pd.DataFrame
    coverage: pd.DataFrame = field(default_factory=_no_table)
    area_gaps: pd.DataFrame = field(default_factory=_no_table)
    absent: frozenset[str] = frozenset()
    streets: gpd.GeoDataFrame = field(default_factory=_no_lines)
    provenance: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def write(
        self, directory: str | Path, *, lang: str = "nl", progress: Progress = silent
    ) -> list[Path]:
        """Write layers, map, report, table and provenance into a folder, all or none.

        Parameters
        ----------
        directory
            The folder; made where it does not exist. Files of an earlier run are replaced.
        lang
            ``"nl"`` or ``"en"``, of map and report.
        progress
            Hears how far the work is.

        Returns
        -------
        list of pathlib.Path
            The files, the map first.

        Raises
        ------
        OutputError
            When the folder cannot be written, or a file in it is open in another program; an
            earlier result is still there, whole.

        Examples
        --------
        >>> result.write("out")  # doctest: +SKIP
        """
        from geowoonzorg.show.maps import render_map
        from geowoonzorg.show.report import render_report

        with output_folder(directory) as stage:
            provenance = json.dumps(self.provenance, indent=2, ensure_ascii=False, sort_keys=True)
            progress(0.1, "writing layers")
            write_layers(stage / "result.gpkg", self.layers, metadata={"provenance": provenance})
            progress(0.4, "writing table")
            write_csv(stage / "scores.csv", self.sites.drop(columns="geometry"))
            write_csv(stage / "coverage.csv", self.coverage)
            write_text(stage / "provenance.json", provenance + "\n")
            progress(0.5, "drawing map")
            write_text(
                stage / "map.html", render_map(self, lang=lang, background=self.study.background)
            )
            progress(0.9, "writing report")
            write_text(stage / "report.html", render_report(self, lang=lang))
        names = [
            "map.html",
            "report.html",
            "scores.csv",
            "coverage.csv",
            "result.gpkg",
            "provenance.json",
        ]
        return [Path(directory) / name for name in names]

    @property
    def layers(self) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
        """The layers of ``result.gpkg`` by name."""
        return {
            "sites": self.sites,
            "facilities": self.facilities,
            "service_areas": self.service_areas,
            "areas": self.areas,
            "addresses": self.addresses,
            "routes": self.routes,
            "site_areas": self.site_areas,
            "criteria": self.criteria,
        }
