"""Writing an answer: all files or none, tables before pages, and nothing of the user's replaced unasked."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geowoonzorg.errors import Cancelled, GeowoonzorgError, OutputError, StudyError, first_ids
from geowoonzorg.files import (
    OURS,
    PAGE_HASH,
    WRITTEN_BY,
    foreign_layers,
    output_folder,
    place,
    reason_of,
    refuse_input,
    refuse_open_database,
    remove_folder,
    set_aside,
    write_bytes,
    write_csv,
    write_grid,
    write_layers,
    write_text,
)
from geowoonzorg.messages import Message, tell, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pandas as pd

    from geowoonzorg.findings import Findings
    from geowoonzorg.progress import Progress

PDF = "report.pdf"
_REPORT = "report.html"
_PROVENANCE = "provenance.json"
_UNFINISHED = "unfinished"  # tables whose pages are being drawn, beside the earlier result


@dataclass(frozen=True)
class Outputs:
    """Which files an answer is written as, into a folder or as one file.

    Attributes
    ----------
    layers
        Per GeoPackage the tables in it, in order.
    tables
        Per csv file its table, without geometry.
    pages
        Whether there is a map and a report: ``map.html`` and ``report.html``.
    printed
        Whether the report is there as ``report.pdf``, too.
    grids
        Per GeoTIFF the grid in it.
    records
        Per JSON file the record in it; beside an output of one file they carry its name.
    documents
        Per file what makes it of findings and a language, where it is neither map nor report of sites.
    """

    layers: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, str]
    pages: bool = True
    printed: bool = False
    grids: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, Callable[[Findings, str], bytes]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every file in the folder, the map first."""
        pages = ("map.html", _REPORT) if self.pages else ()
        printed = (PDF,) if self.pages and self.printed else ()
        return (
            *pages,
            *printed,
            *self.documents,
            *self.tables,
            *self.layers,
            *self.grids,
            *self.records,
            _PROVENANCE,
        )

    def beside(self, file: Path) -> tuple[Path, ...]:
        """Name the records and the page that go with an output of one file.

        Parameters
        ----------
        file
            The output.

        Returns
        -------
        tuple of pathlib.Path
            With the same name, ending in ``.json`` and ``.html``; none where there are no records.

        Examples
        --------
        >>> Outputs({}, {}, records={"locate.json": "locate"}).beside(Path("new.gpkg"))[0].name
        'new.json'
        """
        pages = self.documents if self.records else ()
        return tuple(file.with_suffix(Path(name).suffix) for name in (*self.records, *pages))


def write_folder(
    found: Findings, outputs: Outputs, folder: Path, *, lang: str, progress: Progress
) -> list[Path]:
    """Write findings into a folder that `check_output_folder` has found good.

    Parameters
    ----------
    found
        With every layer in one CRS.
    outputs
        Which files.
    folder
        Made where it does not exist.
    lang
        Of the pages, and of the sentences in a table.
    progress
        Hears how far the work is.

    Returns
    -------
    list of pathlib.Path
        The files, the map first; without ``report.pdf`` where no browser printed it.

    Raises
    ------
    OutputError, Cancelled
        As `Answer.write`.

    Examples
    --------
    >>> import tempfile
    >>> from geowoonzorg.findings import Asked, Findings
    >>> from geowoonzorg.progress import silent
    >>> nothing = Findings(question="none", asked=Asked(name="x"), tables={})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = write_folder(nothing, Outputs({}, {}, pages=False), Path(folder), lang="nl", progress=silent)
    >>> [file.name for file in files]
    ['provenance.json']
    """
    written = [folder / name for name in outputs.names]
    with output_folder(folder) as stage:
        earlier = any(file.exists() for file in written)
        outdated = PDF in _files_of(_told(folder / _PROVENANCE))
        _write_tables(found, outputs, stage, lang, progress)
        if not (outputs.pages or outputs.documents):
            place(stage)
            return written
        if earlier:
            ready = set_aside(stage, _UNFINISHED)
        else:
            ready = folder
            place(stage)
        with _tables_stay(ready):
            if outputs.pages:
                _write_pages(found, outputs, stage, lang, progress)
            for file, make in outputs.documents.items():
                write_bytes(stage / file, make(found, lang))
            printed = (stage / PDF).exists()
            if outputs.printed and not printed:  # what is not there is not ours
                told = _provenance(found, replace(outputs, printed=False))
                write_text(stage / _PROVENANCE, told + "\n")
            place(stage)
            if (
                outdated and not printed
            ):  # of the earlier run: no page stands beside tables of another
                _remove(folder / PDF)
        remove_folder(folder / _UNFINISHED)
    return [file for file in written if printed or file.name != PDF]


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            "{file} is of an earlier run and could not be removed: {reason}",
            file=file, reason=reason_of(error),
        ) from error  # fmt: skip


def write_file(found: Findings, outputs: Outputs, file: Path, *, lang: str = "nl") -> None:
    """Write the layers of findings as one GeoPackage, records and page beside it, or their first table as a csv.

    Parameters
    ----------
    found
        With every layer in one CRS.
    outputs
        Which tables.
    file
        Ends in ``.gpkg``, ``.parquet`` (for one layer) or ``.csv``.
    lang
        Of the sentences in a table.

    Raises
    ------
    StudyError
        When there is no such table.
    OutputError
        When it cannot be written.

    Examples
    --------
    >>> from geowoonzorg.findings import Asked, Findings
    >>> nothing = Findings(question="none", asked=Asked(name="x"), tables={})
    >>> write_file(nothing, Outputs({}, {}), Path("x.csv"))
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: x.csv: this answer has no table; give a name that ends in .gpkg
    """
    if file.suffix.lower() == ".csv":
        if not outputs.tables:
            raise StudyError(
                "{file}: this answer has no table; give a name that ends in .gpkg", file=file
            )
        write_csv(file, _plain(found.tables[next(iter(outputs.tables.values()))], lang))
        return
    names = next(iter(outputs.layers.values()), ())
    layers = {name: found.tables[name] for name in names}
    if not outputs.records:
        write_layers(file, layers)
        return
    pages = {
        file.with_suffix(Path(name).suffix).name: make(found, lang)
        for name, make in outputs.documents.items()
    }
    # By its hash the page is known as ours when it is replaced.
    hashes = dict.fromkeys(
        [PAGE_HASH] if pages else [], hashlib.sha256(b"".join(pages.values())).hexdigest()
    )
    with output_folder(file.parent) as stage:  # all of them or none
        write_layers(stage / file.name, layers)
        for name, of in outputs.records.items():
            record = {**found.records[of], WRITTEN_BY: OURS, **hashes}
            write_text(stage / file.with_suffix(Path(name).suffix).name, _as_json(record))
        for name, page in pages.items():
            write_bytes(stage / name, page)


def _layer(name: str) -> str:
    """Give a layer its own name, without that of its question."""
    return name.rpartition("/")[2]


def _as_json(record: Mapping[str, object]) -> str:
    return json.dumps(record, indent=2, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"


def _write_tables(
    found: Findings, outputs: Outputs, stage: Path, lang: str, progress: Progress
) -> None:
    provenance = _provenance(found, outputs)
    progress(0.1, "writing layers")
    for file, names in outputs.layers.items():
        layers = {_layer(name): found.tables[name] for name in names}
        write_layers(stage / file, layers, metadata={"provenance": provenance})
    progress(0.4, "writing table")
    for file, name in outputs.tables.items():
        write_csv(stage / file, _plain(found.tables[name], lang))
    for file, name in outputs.grids.items():
        grid = found.grids[name]
        write_grid(
            stage / file,
            grid.bands,
            west=grid.west,
            north=grid.north,
            cell_m=grid.cell_m,
            crs=grid.crs,
        )
    for file, name in outputs.records.items():
        write_text(stage / file, _as_json(found.records[name]))
    write_text(stage / _PROVENANCE, provenance + "\n")


def _provenance(found: Findings, outputs: Outputs) -> str:
    # What belongs together, so that nothing else is ever taken for it.
    written = {"question": found.question, "files": list(outputs.names)}
    return json.dumps(
        {**found.provenance, "written": written}, indent=2, ensure_ascii=False, sort_keys=True
    )


def _write_pages(
    found: Findings, outputs: Outputs, stage: Path, lang: str, progress: Progress
) -> None:
    from geowoonzorg.show.map_page import render_map
    from geowoonzorg.show.printing import find_browser, print_page
    from geowoonzorg.show.report import render_report

    progress(0.5, "drawing map")
    page = render_map(found, lang=lang, background=found.asked.background)
    write_text(stage / "map.html", page)
    progress(0.9, "writing report")
    report = render_report(found, lang=lang)
    write_text(stage / _REPORT, report)
    browser = find_browser() if outputs.printed else None
    if browser is not None:
        progress(0.95, "printing report")
        paper = print_page(report, browser)
        if paper is not None:
            write_bytes(stage / PDF, paper)


def _plain(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Give a table without places, with its sentences in the reader's language."""
    plain = table.drop(columns="geometry") if "geometry" in table else table
    told = {
        str(name): column.map(
            lambda cell: translate(cell, lang) if isinstance(cell, Message) else cell
        )
        for name, column in plain.items()
        if column.dtype == object
    }
    return plain.assign(**told) if told else plain


@contextmanager
def _tables_stay(folder: Path) -> Iterator[None]:
    """Say of whatever keeps the pages from being drawn that the tables are there."""
    told = tell("the new tables are in {folder}, without map and report", folder=folder)
    try:
        yield
    except Cancelled as error:
        raise Cancelled("cancelled; {told}", told=told) from error
    except GeowoonzorgError as error:
        raise type(error)("{what} ({told})", what=error.message, told=told) from error
    except Exception as error:
        raise OutputError(
            "map and report could not be drawn ({kind}: {error}); {told}",
            kind=type(error).__name__, error=error, told=told,
        ) from error  # fmt: skip


def check_output_folder(
    folder: str | Path,
    names: Iterable[str],
    *,
    force: bool = False,
    inputs: Iterable[str | Path] = (),
    question: str | None = None,
) -> None:
    """Find out whether an answer can be written into a folder, and what it would replace.

    Parameters
    ----------
    folder
        The output folder. What a killed run was putting in place there is put in place now.
    names
        The files that would be written.
    force
        Replace files that no earlier run wrote.
    inputs
        What the answer is made of.
    question
        Of which the answer is; a page never stands beside tables of another.

    Raises
    ------
    OutputError
        When nothing can be written there, when an output would replace an input, or, without
        ``force``, a file that no earlier run wrote, that others have worked in, or the answer to another question.

    Examples
    --------
    >>> check_output_folder("no/such/parent/out", ["scores.csv"])
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/parent/out could not be written: the folder does not ...
    """
    folder, given, names = Path(folder), list(inputs), list(names)
    refuse_input(folder, given)  # of a comparison the inputs are folders
    with output_folder(folder):
        pass  # a trial: nothing is staged
    for name in names:
        refuse_input(folder / name, given)
        refuse_open_database(folder / name)
    aside = folder / _UNFINISHED
    if os.path.lexists(aside) and not _was_set_aside(aside, names):
        raise OutputError(
            "{folder} is not of an earlier run; move it away, or choose another folder",
            folder=aside,
        )
    there = [name for name in names if (folder / name).exists()]
    if force or not there:
        return
    told = _told(folder / _PROVENANCE)
    written = (told or {}).get("written", {})
    strange = [name for name in there if name not in written.get("files", there)]
    if told is None or strange:
        raise OutputError(
            "{folder} has {names} that no earlier run wrote; choose another folder, or give --force to replace them",
            folder=folder, names=", ".join(strange or there),
        )  # fmt: skip
    if question is not None and written.get("question", question) != question:
        raise OutputError(
            "{folder} holds the answer to another question ({other}); choose another folder, or give --force to "
            "replace it",
            folder=folder, other=str(written["question"]),
        )  # fmt: skip
    for name in there:
        foreign = foreign_layers(folder / name) if name.endswith(".gpkg") else []
        if foreign:
            raise OutputError(
                "{file} holds what no run wrote, or what was changed since: {layers}; move the file away or choose "
                "another folder, or give --force to replace the whole file",
                file=folder / name, layers=first_ids(foreign),
            )  # fmt: skip


def _was_set_aside(folder: Path, names: Iterable[str]) -> bool:
    """Tell whether a folder holds the tables of a run whose pages were not drawn, and nothing else."""
    whole = folder.is_dir() and not folder.is_symlink()
    there = {p.name for p in folder.iterdir()} if whole else {""}
    tables = [name for name in names if not name.endswith(".html")]
    return not there or (
        there <= set(tables)
        and _told(folder / _PROVENANCE) is not None
        and not any(foreign_layers(folder / n) for n in there if n.endswith(".gpkg"))
    )


def _files_of(told: Mapping[str, Any] | None) -> list[str]:
    """List the files that an earlier run says it wrote; nothing of one that did not say so."""
    return list((told or {}).get("written", {}).get("files", []))


def _told(provenance: Path) -> dict[str, Any] | None:
    """Read what an earlier run of ours told of itself; None where none did."""
    try:
        told = json.loads(provenance.read_text(encoding="utf-8"))
        ours = "geowoonzorg" in told["versions"] and isinstance(told.get("written", {}), dict)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return told if ours else None
