"""What a study comes to: the layers, the scores, where each number came from, and how it is written."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geowoonzorg.errors import Cancelled, GeowoonzorgError, OutputError, first_ids
from geowoonzorg.files import (
    foreign_layers,
    output_folder,
    place,
    refuse_input,
    refuse_open_database,
    remove_folder,
    set_aside,
    write_csv,
    write_layers,
    write_text,
)
from geowoonzorg.progress import Progress, silent
from geowoonzorg.study import study_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import geopandas as gpd
    import pandas as pd

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.study import Study

_PAGES = ("map.html", "report.html")
_TABLES = ("scores.csv", "coverage.csv", "result.gpkg", "provenance.json")
_UNFINISHED = "unfinished"  # tables whose pages are being drawn, beside the earlier result


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
        self,
        directory: str | Path,
        *,
        lang: str = "nl",
        force: bool = False,
        progress: Progress = silent,
    ) -> list[Path]:
        """Write tables and layers, map and report into a folder, all or none.

        Parameters
        ----------
        directory
            The folder; made where it does not exist. Files of an earlier run are replaced, and are
            there, whole, until all new ones are ready. The tables do not wait for map and report:
            they are there before those are drawn, in a new folder at once, and beside an earlier
            result in a folder ``unfinished``, which goes when all is done.
        lang
            ``"nl"`` or ``"en"``, of map and report.
        force
            Also replace files of these names that no earlier run wrote.
        progress
            Hears how far the work is.

        Returns
        -------
        list of pathlib.Path
            The files, the map first.

        Raises
        ------
        OutputError
            As `check_output_folder`, before anything is written, or when a file in the folder is
            open in another program, or when map and report cannot be drawn; the message says where
            the tables are. An earlier result is still there, whole.
        Cancelled
            When ``progress`` cancels; the message says where the tables are, if they are ready.

        Examples
        --------
        >>> result.write("out")  # doctest: +SKIP
        """
        folder = Path(directory)
        check_output_folder(folder, force=force, inputs=study_files(self.study))
        with output_folder(folder) as stage:
            earlier = any((folder / name).exists() for name in (*_PAGES, *_TABLES))
            self._write_tables(stage, progress)
            if earlier:
                ready = set_aside(stage, _UNFINISHED)
            else:
                ready = folder
                place(stage)
            with _tables_stay(ready):
                self._write_pages(stage, lang, progress)
                place(stage)
            remove_folder(folder / _UNFINISHED)
        return [folder / name for name in (*_PAGES, *_TABLES)]

    def _write_tables(self, stage: Path, progress: Progress) -> None:
        provenance = json.dumps(self.provenance, indent=2, ensure_ascii=False, sort_keys=True)
        progress(0.1, "writing layers")
        write_layers(stage / "result.gpkg", self.layers, metadata={"provenance": provenance})
        progress(0.4, "writing table")
        write_csv(stage / "scores.csv", self.sites.drop(columns="geometry"))
        write_csv(stage / "coverage.csv", self.coverage)
        write_text(stage / "provenance.json", provenance + "\n")

    def _write_pages(self, stage: Path, lang: str, progress: Progress) -> None:
        from geowoonzorg.show.maps import render_map
        from geowoonzorg.show.report import render_report

        progress(0.5, "drawing map")
        page = render_map(self, lang=lang, background=self.study.background)
        write_text(stage / "map.html", page)
        progress(0.9, "writing report")
        write_text(stage / "report.html", render_report(self, lang=lang))

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


@contextmanager
def _tables_stay(folder: Path) -> Iterator[None]:
    """Say of whatever keeps the pages from being drawn that the tables are there."""
    told = f"the new tables are in {folder}, without map and report"
    try:
        yield
    except Cancelled as error:
        raise Cancelled(f"cancelled; {told}") from error
    except GeowoonzorgError as error:
        raise type(error)(f"{error} ({told})") from error
    except Exception as error:
        msg = f"map and report could not be drawn ({type(error).__name__}: {error}); {told}"
        raise OutputError(msg) from error


def check_output_folder(
    folder: str | Path, *, force: bool = False, inputs: Iterable[str | Path] = ()
) -> None:
    """Find out whether a result can be written into a folder, and what it would replace.

    Parameters
    ----------
    folder
        The output folder. What a killed run was putting in place there is put in place now.
    force
        Replace files that no earlier run wrote.
    inputs
        What the result is made of.

    Raises
    ------
    OutputError
        When nothing can be written there, when an output would replace an input, or, without
        ``force``, a file that no earlier run wrote or that others have worked in.

    Examples
    --------
    >>> check_output_folder("no/such/parent/out")
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/parent/out could not be written: the folder does not ...
    """
    folder, given = Path(folder), list(inputs)
    with output_folder(folder):
        pass  # a trial: nothing is staged
    for name in (*_PAGES, *_TABLES):
        refuse_input(folder / name, given)
        refuse_open_database(folder / name)
    aside = folder / _UNFINISHED
    if os.path.lexists(aside) and not _was_set_aside(aside):
        msg = f"{aside} is not of an earlier run; move it away, or choose another folder"
        raise OutputError(msg)
    there = [name for name in (*_PAGES, *_TABLES) if (folder / name).exists()]
    if force or not there:
        return
    if not _is_ours(folder / "provenance.json"):
        msg = (
            f"{folder} has {', '.join(there)} that no earlier run wrote; choose another folder, or "
            "give --force to replace them"
        )
        raise OutputError(msg)
    foreign = foreign_layers(folder / "result.gpkg") if "result.gpkg" in there else []
    if foreign:
        msg = (
            f"{folder / 'result.gpkg'} holds what no run wrote, or what was changed since: "
            f"{first_ids(foreign)}; move the file away or choose another folder, or give --force to "
            "replace the whole file"
        )
        raise OutputError(msg)


def _was_set_aside(folder: Path) -> bool:
    """Tell whether a folder holds the tables of a run whose pages were not drawn, and nothing else."""
    whole = folder.is_dir() and not folder.is_symlink()
    names = {p.name for p in folder.iterdir()} if whole else {""}
    return not names or (
        names <= set(_TABLES)
        and _is_ours(folder / "provenance.json")
        and not foreign_layers(folder / "result.gpkg")
    )


def _is_ours(provenance: Path) -> bool:
    try:
        return "geowoonzorg" in json.loads(provenance.read_text(encoding="utf-8"))["versions"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
