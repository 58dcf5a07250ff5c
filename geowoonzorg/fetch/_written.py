"""What binds the parts: the study that is ready to run, an example of a site, and the account of what came."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from geowoonzorg.errors import FormatError, OutputError
from geowoonzorg.fetch._place import FetchedFile, Job
from geowoonzorg.files import content_hash, read_head, write_csv, write_text
from geowoonzorg.messages import tell, translate
from geowoonzorg.opendata.sources import Source, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ACCOUNT = "sources.json"
STUDY = "study.toml"
#: Where the study goes when the one that is there is no longer as it was written.
STUDY_BESIDE = "study.new.toml"
SITES = "kandidaten.csv"
_MOST_ACCOUNT_BYTES = 10 << 20
_EXAMPLE = tell("EXAMPLE: put your own sites in place of this row")


def read_account(folder: Path) -> dict[str, Any]:
    """Read what an earlier fetch wrote down of a folder; empty where there was none.

    Raises
    ------
    OutputError
        When the folder holds a study that was not fetched, or its account is damaged.
    """
    path = folder / ACCOUNT
    if not path.exists():
        if (folder / STUDY).exists():
            raise OutputError(
                "{folder} holds a study.toml already; choose another folder, or move it away",
                folder=folder,
            )
        return {}
    try:
        account = json.loads(read_head(path, _MOST_ACCOUNT_BYTES))
        account["files"] = [
            FetchedFile(**{**one, "addresses": tuple(one["addresses"])}) for one in account["files"]
        ]
    except (ValueError, KeyError, TypeError, FormatError) as error:
        raise OutputError(
            "{file} is not as it was written; move it away, or choose another folder", file=path
        ) from error
    return {"gemeente": "", "year": 0, "name": "", "study": "", **account}


def write_example_site(job: Job) -> None:
    """Write a table of sites with one example, in the middle of the buurt with most people.

    With it the study runs before there are candidates.
    """
    if job.example_xy is None:
        place = job.outline.representative_point()
        job.example_xy = (round(place.x), round(place.y))
    site = {
        "id": ["voorbeeld"],
        "naam": [translate(_EXAMPLE, "nl")],
        "x": [job.example_xy[0]],
        "y": [job.example_xy[1]],
    }
    write_csv(job.folder / SITES, pd.DataFrame(site))


def write_study(job: Job, target: Path, account: Mapping[str, Any], osm: str | None) -> str:
    """Write the study beside the parts; where a hand has changed the one that is there, beside that.

    Returns
    -------
    str
        The name it was written under.
    """
    there = target / STUDY
    own = not there.exists() or content_hash(there) == account.get("study")
    name = STUDY if own else STUDY_BESIDE
    write_text(job.folder / name, _study_toml(job, osm))
    return name


def write_account(job: Job, study: str) -> None:
    """Write down what came, from where, and what did not."""
    account = {
        "gemeente": job.code,
        "name": job.name,
        "year": job.year,
        "fetched": dt.datetime.now(dt.UTC).date().isoformat(),
        "study": study,
        "files": [asdict(f) for f in job.files],
        "missing": job.missing,
    }
    text = json.dumps(account, indent=2, ensure_ascii=False) + "\n"
    write_text(job.folder / ACCOUNT, text)


def stand_ins(files: Iterable[FetchedFile], year: int) -> list[int]:
    """Name the earlier years of figures that stand in for the year of the borders, newest first."""
    years = {f.year for f in files if f.part in {"figures", "proximity"} and f.year is not None}
    return sorted((y for y in years if y < year), reverse=True)


def _study_toml(job: Job, osm: str | None) -> str:
    """Write the study in the words of its keys, with a comment on what is not there."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    def names(*parts: str) -> list[str]:
        return [f.name for part in parts for f in job.files if f.part == part]

    def absent(*parts: str) -> list[str]:
        return [
            f"# {source_of(p).title}: {' '.join(translate(job.missing[p], 'nl').split())}"
            for p in parts
            if p in job.missing
        ]

    streets = osm or next(iter(names("osm")), "VUL-IN.osm.pbf")
    sections = [
        ["[study]", f"name = {quoted(f'{job.name} {job.year}')}"],
        [
            "[network]",
            *absent("osm"),
            f"source = {quoted(streets)}",
            'profile = "rollator"',
            "limits_m = [400]",
        ],
        [
            "[addresses]",
            *absent("addresses"),
            f"source = {quoted(next(iter(names('addresses')), 'osm'))}",
        ],
        _areas_section(job, quoted, names) if names("areas") else [],
        absent("areas", "figures", "proximity", "leefbaarometer", "squares", "noise"),
        ["[sites]", f"source = {quoted(SITES)}"],
        ["[scoring]", 'profile = "geclusterd"'],
    ]
    for file in (f for f in job.files if f.part == "noise"):
        raster = ["[[rasters]]", 'name = "geluid"', f"source = {quoted(file.name)}"]
        sections.insert(-2, [*raster, 'kind = "decibel"', f"year = {file.year}"])
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


def _areas_section(job: Job, quoted: Any, names: Any) -> list[str]:  # noqa: ANN401 - two small functions
    lines = [
        "[areas]",
        f"source = {quoted(names('areas')[0])}",
        'level = "buurt"',
        f"gemeente = {quoted(job.code)}",
    ]
    if figures := names("figures", "proximity"):
        lines.append(f"figures = [{', '.join(map(quoted, figures))}]")
    if older := stand_ins(job.files, job.year):
        why = tell(
            "# Where {year} has no figure yet, the one of {older} stands in, and says so.",
            year=job.year,
            older=", ".join(map(str, older)),
        )
        lines += [translate(why, "nl"), "older_years = true"]
    for file in (f for f in job.files if f.part == "leefbaarometer"):
        lines.append(f"leefbaarometer = {quoted(file.name)}")
        lines.append(f"leefbaarometer_year = {file.year}")
    return lines


def source_of(part: str) -> Source:
    """Give the publication that a part is of."""
    return read_catalogue().sources[_SOURCES[part]]


_SOURCES = {
    "areas": "cbs_wijken_buurten",
    "figures": "cbs_kerncijfers",
    "proximity": "cbs_nabijheid",
    "leefbaarometer": "leefbaarometer",
    "addresses": "bag",
    "squares": "cbs_vierkanten_100m",
    "noise": "rivm_geluid",
    "osm": "osm",
}
