"""A study folder made of open data: the parts that came, the study.toml that binds them, their account."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from geowoonzorg.errors import CoverageError, OutputError, SourceError
from geowoonzorg.fetch._cache import default_cache
from geowoonzorg.fetch._client import Client
from geowoonzorg.fetch._parts import PARTS, FetchedFile, Job, fetch_areas, find_place
from geowoonzorg.files import output_folder, write_csv, write_text
from geowoonzorg.messages import tell, translate
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Collection

_EXAMPLE = tell("EXAMPLE: put your own sites in place of this row")


@dataclass(frozen=True)
class FetchReport:
    """What a study folder was made of, and what could not be had."""

    directory: Path
    study: Path
    files: tuple[FetchedFile, ...]
    missing: dict[str, str]
    notes: tuple[str, ...]


def fetch_study(
    gemeente: str,
    year: int,
    directory: str | Path,
    *,
    osm: str | Path | None = None,
    parts: Collection[str] = tuple(PARTS),
    client: Client | None = None,
    progress: Progress = silent,
) -> FetchReport:
    """Fetch the open data of a gemeente and write a study folder that is ready to run.

    Parameters
    ----------
    gemeente
        Its name or code: ``"Kampen"``, ``"GM0166"``.
    year
        The year of the borders and figures; other sources take their latest year up to it.
    directory
        The study folder; it is made where it does not exist.
    osm
        An OSM extract to use instead of downloading one; the study refers to it where it is.
    parts
        What to fetch besides the borders, out of ``osm``, ``figures``, ``leefbaarometer``,
        ``addresses``, ``squares`` and ``noise``.
    client
        How to download; default with the user's cache.
    progress
        Told what is being fetched; may raise to cancel.

    Returns
    -------
    FetchReport
        The files with their addresses, licences and hashes, and the parts that could not be had:
        those are left out of ``study.toml``, with the reason beside them.

    Raises
    ------
    CoverageError
        When there is no gemeente of that name in that year; likely names are given.
    SourceError
        When the borders cannot be had, or the street network cannot.
    OutputError
        When the folder holds a study already, or a file of a name that is fetched, or cannot be
        written.
    Cancelled
        When ``progress`` cancels; nothing is left half-written.

    Notes
    -----
    Addresses and licences: the catalogue, `geowoonzorg.opendata.sources`. Everything is laid into the
    folder at once, at the end.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> fetch_study("Kampen", 2023, demo_study().parent)
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: ...demo holds a study.toml already; choose another folder, or move it away
    """
    target = Path(directory)
    if (target / "study.toml").exists():
        raise OutputError(
            "{folder} holds a study.toml already; choose another folder, or move it away",
            folder=target,
        )
    steps = _Steps(progress)
    client = client or Client(cache=default_cache(), progress=steps)
    with output_folder(target, replace=False) as folder:
        job = find_place(client, folder, gemeente, year)
        report = _fill(job, target, osm, parts, steps)
    progress(1.0, tell("{folder} is ready", folder=target))
    return report


@dataclass
class _Steps:
    """Tells how far the parts are, also while one is downloaded: of that nobody knows the size."""

    progress: Progress
    reached: float = 0.0

    def __call__(self, fraction: float, message: str) -> None:
        self.reached = max(self.reached, fraction)
        self.progress(self.reached, message)


def _fill(
    job: Job, target: Path, osm: str | Path | None, parts: Collection[str], progress: Progress
) -> FetchReport:
    """Fetch the parts one by one and write the study that binds what came."""
    names, missing = {"areas": fetch_areas(job)}, {}
    if osm is not None:
        names["osm"] = str(Path(osm).resolve())
    chosen = [step for step in PARTS if step in parts and step not in names]
    for number, step in enumerate(chosen):
        progress(0.1 + 0.8 * number / len(chosen), tell("fetching {part}", part=step))
        try:
            names[step] = PARTS[step](job)
        except (SourceError, CoverageError) as error:
            if step == "osm":
                raise
            job.client.taken.clear()
            missing[step] = error.message
    if "osm" not in names:
        missing["osm"] = tell("not asked for; name an OSM file here")
    names["sites"] = _example_site(job)
    write_text(job.folder / "study.toml", _study_toml(job, names, missing))
    write_text(job.folder / "sources.json", _sources_json(job, missing))
    notes = tuple(job.client.notes)
    return FetchReport(target, target / "study.toml", tuple(job.files), missing, notes)


def _example_site(job: Job) -> str:
    """Write a table of sites with one example, in the middle of the buurt with most people.

    With it the study runs before there are candidates.
    """
    name = "kandidaten.csv"
    site = {
        "id": ["voorbeeld"],
        "naam": [translate(_EXAMPLE, "nl")],
        "x": [job.example_xy[0]],
        "y": [job.example_xy[1]],
    }
    write_csv(job.folder / name, pd.DataFrame(site))
    return name


def _sources_json(job: Job, missing: dict[str, str]) -> str:
    account = {
        "gemeente": job.code,
        "year": job.year,
        "fetched": dt.datetime.now(dt.UTC).date().isoformat(),
        "files": [asdict(f) for f in job.files],
        "missing": missing,
    }
    return json.dumps(account, indent=2, ensure_ascii=False) + "\n"


def _study_toml(job: Job, names: dict[str, str], missing: dict[str, str]) -> str:
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    def absent(*steps: str) -> list[str]:
        return [f"# {s}: {' '.join(missing[s].split())}" for s in steps if s in missing]

    areas = [
        f"source = {quoted(names['areas'])}",
        'level = "buurt"',
        f"gemeente = {quoted(job.code)}",
    ]
    if "figures" in names:
        areas.append(f"figures = [{quoted(names['figures'])}]")
    if "leefbaarometer" in names:
        areas.append(f"leefbaarometer = {quoted(names['leefbaarometer'])}")
        areas.append(f"leefbaarometer_year = {Path(names['leefbaarometer']).stem[-4:]}")
    sections = [
        ["[study]", f"name = {quoted(f'{job.name} {job.year}')}"],
        [
            "[network]",
            *absent("osm"),
            f"source = {quoted(names.get('osm', 'VUL-IN.osm.pbf'))}",
            'profile = "rollator"',
            "limits_m = [400]",
        ],
        ["[addresses]", *absent("addresses"), f"source = {quoted(names.get('addresses', 'osm'))}"],
        ["[areas]", *areas, *absent("figures", "leefbaarometer")],
        absent("squares", "noise"),
        ["[sites]", f"source = {quoted(names['sites'])}"],
        ["[scoring]", 'profile = "geclusterd"'],
    ]
    if "noise" in names:
        raster = ["[[rasters]]", 'name = "geluid"', f"source = {quoted(names['noise'])}"]
        raster += ['kind = "decibel"', f"year = {Path(names['noise']).stem[-4:]}"]
        sections.insert(4, raster)
    head = tell(
        "# {name} ({code}), fetched with `geowoonzorg sources fetch`: see sources.json.",
        name=job.name,
        code=job.code,
    )
    return (
        translate(head, "nl")
        + "\n\n"
        + "\n\n".join("\n".join(section) for section in sections if section)
        + "\n"
    )
