"""A study folder made of open data: what came, what could not be had, and what is fetched again."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geowoonzorg.errors import FormatError, InputError, OutputError, SourceError
from geowoonzorg.fetch._cache import default_cache
from geowoonzorg.fetch._client import Client
from geowoonzorg.fetch._parts import OVERPASS_PARTS, PARTS
from geowoonzorg.fetch._place import FetchedFile, Job, find_place
from geowoonzorg.fetch._proving import prove
from geowoonzorg.fetch._streets import fetch_streets
from geowoonzorg.fetch._written import (
    ACCOUNT,
    SITES,
    STUDY,
    STUDY_BESIDE,
    read_account,
    source_of,
    stand_ins,
    write_account,
    write_example_site,
    write_study,
)
from geowoonzorg.files import (
    LAYER_SUFFIXES,
    check_writable,
    content_hash,
    output_folder,
    read_head,
    read_vector,
    remove_folder,
    split_layer,
    write_bytes,
)
from geowoonzorg.messages import renamed, tell
from geowoonzorg.progress import Progress, part, silent

if TYPE_CHECKING:
    from collections.abc import Collection

    import shapely


@dataclass(frozen=True)
class FetchReport:
    """What a study folder was made of, and what could not be had.

    Attributes
    ----------
    directory, study
        The folder, and the study in it.
    files
        What is there, also of an earlier fetch.
    missing
        Part → why it could not be had.
    notes
        What is good to know of what came.
    """

    directory: Path
    study: Path
    files: tuple[FetchedFile, ...]
    missing: dict[str, str]
    notes: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """Give a row per file and per part that could not be had.

        Returns
        -------
        pandas.DataFrame
            ``part, source`` (its key in the catalogue), ``year`` (NA where it tells of now), ``rows``, ``complete``
            (NA where nobody can tell), ``file`` and ``reason``, empty where it came.
        """
        rows: list[dict[str, Any]] = [
            {
                "part": f.part, "source": f.source, "year": f.year, "rows": f.count,
                "complete": f.complete, "file": f.name, "reason": "",
            }
            for f in self.files
        ]  # fmt: skip
        rows += [
            {
                "part": name, "source": source_of(name).key, "year": None, "rows": 0,
                "complete": False, "file": "", "reason": reason,
            }
            for name, reason in self.missing.items()
        ]  # fmt: skip
        kinds = {"year": "Int64", "rows": "int64", "complete": "boolean"}
        columns = ["part", "source", "year", "rows", "complete", "file", "reason"]
        return pd.DataFrame(rows, columns=columns).astype(kinds)


def fetch_study(
    gemeente: str,
    directory: str | Path,
    *,
    year: int | None = None,
    streets: str | Path = "extract",
    parts: Collection[str] = tuple(PARTS),
    client: Client | None = None,
    refresh: bool = False,
    progress: Progress = silent,
) -> FetchReport:
    """Fetch the open data of a gemeente and write a study folder that is ready to run.

    Parameters
    ----------
    gemeente
        Its name or code: ``"Kampen"``, ``"GM0166"``.
    directory
        The study folder; it is made where it does not exist. In a folder that was fetched before only what is
        missing is fetched.
    year
        The year of the borders and figures, by default the newest that is published; other sources take their
        latest year up to it.
    streets
        Where they come from: ``"extract"``, the extracts of provinces, and Overpass where these cannot be had;
        ``"overpass"``; or an OSM file of one's own, to which the study refers where it is.
    parts
        What to fetch, out of ``areas``, ``figures``, ``proximity``, ``leefbaarometer``, ``addresses``,
        ``squares``, ``noise`` and ``osm``.
    client
        How to download; default with the user's cache.
    refresh
        Whether to fetch again what is there.
    progress
        Told what is being fetched; may raise to cancel.

    Returns
    -------
    FetchReport
        The files with their addresses, licences and hashes, and the parts that could not be had, the streets
        among them: those are left out of ``study.toml``, with the reason beside them.

    Raises
    ------
    CoverageError
        When there is no gemeente of that name in that year; likely names are given.
    SourceError
        When it cannot be found where the gemeente lies.
    OutputError
        When the folder holds another study already, or a file of a name that is fetched, or cannot be
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
    >>> fetch_study("Kampen", demo_study().parent)
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: ...demo holds a study.toml already; choose another folder, or move it away
    """
    target = Path(directory)
    account = read_account(target)
    own_osm = None if streets in {"extract", "overpass"} else str(Path(streets).resolve())
    wanted = [name for name in PARTS if name in parts and not (name == "osm" and own_osm)]
    kept = [] if refresh else [f for f in account.get("files", []) if (target / f.name).exists()]
    if _is_all_there(target, account, gemeente, year, wanted, kept):
        return FetchReport(target, target / STUDY, tuple(kept), {}, ())
    if refresh:
        _check_unchanged(target, account)
    steps = _Steps(progress)
    client = client or Client(cache=default_cache(), progress=steps)
    client.refresh = client.refresh or refresh
    with output_folder(target, replace=bool(account)) as folder:
        job = find_place(client, folder, gemeente, year or account.get("year") or None)
        _check_same_place(account, job, target)
        job.files += kept
        if _is_there(job, "areas"):
            job.missing.pop("areas", None)
        fetchers = OVERPASS_PARTS if streets == "overpass" else PARTS
        _fill(job, [name for name in wanted if not _is_there(job, name)], fetchers, steps)
        study = _bind(job, target, account, own_osm)
        _check_own(folder, target, _own_names(account))
    progress(1.0, tell("{folder} is ready", folder=target))
    notes = (*client.notes, *_told(job))
    return FetchReport(target, target / study, tuple(job.files), dict(job.missing), notes)


def _is_all_there(
    target: Path,
    account: dict[str, Any],
    gemeente: str,
    year: int | None,
    wanted: list[str],
    kept: list[FetchedFile],
) -> bool:
    """Tell whether an earlier fetch of the same place left nothing to fetch."""
    names = {account.get("name", "").casefold(), account.get("gemeente", "").casefold()}
    same = gemeente.strip().casefold() in names and year in {None, account.get("year")}
    there = {f.part for f in kept}
    return (
        same
        and (target / STUDY).exists()
        and set(wanted) <= there
        and len(kept) == len(account["files"])
    )


def fetch_place(
    place: str, target: str | Path, *, client: Client | None = None, progress: Progress = silent
) -> int:
    """Fetch the OpenStreetMap data of a place from Overpass: streets, facilities, addresses and benches.

    Parameters
    ----------
    place
        Its name as OpenStreetMap knows it (``"Kampen, Nederland"``), or a layer with its outline.
    target
        The ``.osm.pbf`` file to write; its folder must exist.
    client
        How to download; default with the user's cache.
    progress
        Told what is being fetched; may raise to cancel.

    Returns
    -------
    int
        How many nodes were found.

    Raises
    ------
    CoverageError
        When no place has that name.
    SourceError
        When it cannot be fetched.
    InputError
        When the layer has no outline.
    OutputError
        When the file cannot be written.
    Cancelled
        When ``progress`` cancels.

    Examples
    --------
    >>> client = Client(cache=None, bases={"nominatim.openstreetmap.org": "http://127.0.0.1:9"})
    >>> fetch_place("Kampen, Nederland", "kampen.osm.pbf", client=client)
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: https://nominatim.openstreetmap.org: cannot be reached...
    """
    target = Path(target)
    check_writable(target)
    client = client or Client(cache=default_cache(), progress=_Steps(progress))
    outline = (
        _outline_of(place) if split_layer(place)[0].suffix.lower() in LAYER_SUFFIXES else place
    )
    with tempfile.TemporaryDirectory(prefix="geowoonzorg-") as folder:
        path = Path(folder) / "place.osm.pbf"
        _, n_nodes = fetch_streets(client, outline, path, progress=progress, extract=False)
        write_bytes(target, read_head(path, path.stat().st_size))
    return n_nodes


def _outline_of(layer: str) -> shapely.Polygon | shapely.MultiPolygon:
    """Read an outline, in degrees."""
    frame = read_vector(layer)
    outline = frame.to_crs(4326).geometry.union_all()
    if outline.geom_type not in {"Polygon", "MultiPolygon"}:
        raise InputError(
            "{file} has {kind} where polygons are needed", file=layer, kind=outline.geom_type
        )
    return outline


@dataclass
class _Steps:
    """Tells how far the parts are, also while one is downloaded: of that nobody knows the size."""

    progress: Progress
    reached: float = 0.0

    def __call__(self, fraction: float, message: str) -> None:
        self.reached = max(self.reached, fraction)
        self.progress(self.reached, message)


def _fill(job: Job, parts: list[str], fetchers: dict[str, Any], progress: Progress) -> None:
    """Fetch the parts one by one; one that fails takes no other with it."""
    for number, name in enumerate(parts):
        start, end = (0.1 + 0.85 * (number + i) / len(parts) for i in (0, 1))
        progress(start, tell("fetching {part}", part=source_of(name).title))
        if name in job.missing:
            continue
        before, there = list(job.files), set(job.folder.iterdir())
        try:
            fetchers[name](job, part(progress, start, end))
            for file in job.files[len(before) :]:
                prove(job, file)
        except (
            SourceError,
            FormatError,
            InputError,
        ) as error:  # not what this computer lacks: no room, no memory
            job.client.taken.clear()
            job.missing[name] = renamed(error.message, f"{job.folder}/", "")
            job.files[:] = before
            for path in set(job.folder.iterdir()) - there:  # half a part is no part
                remove_folder(path) if path.is_dir() else path.unlink()


def _bind(job: Job, target: Path, account: dict[str, Any], osm: str | None) -> str:
    """Write the study, the example and the account; the name of the study."""
    if osm is None and not _is_there(job, "osm") and "osm" not in job.missing:
        job.missing["osm"] = tell("not asked for; name an OSM file here")
    if not (target / SITES).exists():
        write_example_site(job)
    study = write_study(job, target, account, osm)
    told = content_hash(job.folder / study) if study == STUDY else account.get("study", "")
    write_account(job, told)
    return study


def _told(job: Job) -> list[str]:
    """Say which years of figures stand in, and how to go on when something is missing, a line each."""
    notes: list[str] = []
    if older := stand_ins(job.files, job.year):
        notes.append(
            tell(
                "figures of {year} are not all published yet: those of {older} stand in where one is missing, "
                "flagged",
                year=job.year,
                older=", ".join(map(str, older)),
            )
        )
    if n := len(job.missing.keys() - {"osm"}):
        notes.append(
            tell(
                "{n} {n:source|sources} did not come; the study runs without, and says so. The same command "
                "fetches only what is missing",
                n=n,
            )
        )
    return notes


def _is_there(job: Job, part: str) -> bool:
    return any(f.part == part for f in job.files)


def _own_names(account: dict[str, Any]) -> set[str]:
    """Name the files that an earlier fetch wrote."""
    return {ACCOUNT, STUDY, STUDY_BESIDE, *(f.name for f in account.get("files", []))}


def _check_own(stage: Path, target: Path, own: set[str]) -> None:
    """Refuse to put anything in the place of a file that no fetch wrote."""
    there = sorted(p.name for p in stage.iterdir() if (target / p.name).exists())
    foreign = [name for name in there if name not in own]
    if foreign:
        raise OutputError(
            "{folder} holds {files} already; move them away, or choose another folder",
            folder=target,
            files=", ".join(foreign),
        )


def _check_unchanged(target: Path, account: dict[str, Any]) -> None:
    """Refuse to fetch again what somebody has changed."""
    changed = [
        f.name
        for f in account.get("files", [])
        if (target / f.name).exists() and content_hash(target / f.name) != f.sha256
    ]
    if changed:
        raise OutputError(
            "{folder}: {files} were changed after they were fetched; move them away to fetch them again",
            folder=target,
            files=", ".join(changed),
        )


def _check_same_place(account: dict[str, Any], job: Job, target: Path) -> None:
    """Refuse another place or year in a folder that was fetched before."""
    if account and (account["gemeente"], account["year"]) != (job.code, job.year):
        raise OutputError(
            "{folder} holds {there} of {there_year}, not {name} of {year}; choose another folder",
            folder=target,
            there=account["name"],
            there_year=account["year"],
            name=job.name,
            year=job.year,
        )
