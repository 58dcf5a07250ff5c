"""The region: who lives where, who takes how many, in which kind of home, and how it lies against the region."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geowoonzorg.ask._fits import COLUMNS as FIT_COLUMNS
from geowoonzorg.ask._fits import Fits, try_homes
from geowoonzorg.ask._registry import question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.provenance import name_paths, versions
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.files import TABLE_SUFFIXES, content_hash, split_layer
from geowoonzorg.findings import Asked
from geowoonzorg.messages import Message, tell
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.region.classes import map_region
from geowoonzorg.region.columns import read_column_knowledge
from geowoonzorg.region.form import Form
from geowoonzorg.region.keys import TOGETHER
from geowoonzorg.region.outcome import Outcome, work_out
from geowoonzorg.region.outlines import no_outlines, read_outlines
from geowoonzorg.region.study import Region, read_region, region_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geowoonzorg.findings import Findings

_LIBRARIES: Final = ("geowoonzorg", "numpy", "pandas", "scipy", "openpyxl")


def _report(found: Findings, lang: str) -> bytes:
    from geowoonzorg.show.region_report import render_region_report

    return render_region_report(found, lang=lang).encode()


def _form(found: Findings, lang: str) -> bytes:
    from geowoonzorg.region.form_filled import fill_form

    tables, record = found.tables, found.records["form"]
    fitted = tables["hulpmiddel"]
    form = Form(tables["form_table1"], tables["form_table2"])
    size = float(record["persons_per_home"])
    return fill_form(form, size, fitted=None if fitted.empty else fitted, lang=lang)


OUTPUTS = Outputs(
    layers={"result.gpkg": ("maps",)},
    tables={
        "aantallen.csv": "aantallen",
        "spreiding.csv": "spreiding",
        "verdeelsleutels.csv": "verdeelsleutels",
        "hulpmiddel_gemeente_woningtype.csv": "hulpmiddel",
        "sociale_huur.csv": "sociale_huur",
        "samenhang.csv": "samenhang",
        "mengsels.csv": "mengsels",
        "verdeelsleutels_per_groep.csv": "per_groep",
        "opgenomen.csv": "opgenomen",
        "behoefte.csv": "behoefte",
        "aanbod.csv": "aanbod",
        "plannen.csv": "plannen",
        "opgave.csv": "opgave",
        "enquete.csv": "enquete",
        "past_het.csv": "past_het",
    },
    pages=False,
    documents={"report.html": _report, "hulpmiddel.xlsx": _form},
)


@question("region", OUTPUTS)
def ask_region(
    region: Region | str | Path, *, gemeente: Sequence[str] = (), progress: Progress = silent
) -> Answer:
    r"""Spread groups and homes over the gemeenten of a region.

    Parameters
    ----------
    region
        The path of a ``region.toml``, or a `Region`; or of a table of figures, such as key figures of CBS, for a
        first scan of them.
    gemeente
        Only these gemeenten, by name or code; what the region says by default.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        Tables ``aantallen, spreiding, verdeelsleutels, hulpmiddel, sociale_huur, samenhang, mengsels, per_groep,
        opgenomen, behoefte, aanbod, plannen, opgave, enquete``, as `geowoonzorg.region.outcome.work_out`, and
        ``past_het``: what fits on the sites of studies, and ``maps``, as `geowoonzorg.region.classes.map_region`;
        written with a report and the form. Without
        tables of people per group it is a first scan, of figures alone.

    Raises
    ------
    StudyError
        When the region, a key or an option is wrong.
    InputError, MissingColumnError, DuplicateIdError, FormatError, SourceError
        When an input cannot be used; the message says which, what and how to mend it.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     figures = Path(folder) / "figures_2023.csv"
    ...     _ = figures.write_text("gemeente,inwoners\nKampen,55000\nZwolle,130000\n")
    ...     keys = {"inwoners": {"inhabitants": 1.0}}
    ...     answer = ask_region(Region(name="R", figures=figures, homes=100, keys=keys))
    >>> answer.verdeelsleutels[["gemeente", "homes"]].values.tolist()
    [['Kampen', 30], ['Zwolle', 70]]
    """
    asked = region if isinstance(region, Region) else _read(Path(region))
    if gemeente:
        asked = replace(asked, gemeenten=tuple(gemeente))
    progress(0.05, "reading tables")
    outcome = work_out(asked)
    outlines, told = no_outlines(), list[Message]()
    if asked.areas is not None:
        outlines, told = read_outlines(asked.areas, codes=outcome.figures.codes)
    fitting = Fits(pd.DataFrame(columns=list(FIT_COLUMNS)))
    if asked.studies:
        fitting = try_homes(asked, outcome, progress=part(progress, 0.2, 0.95))
    progress(0.95, "telling where numbers are from")
    paths = [split_layer(one)[0] for one in (*region_files(asked), *fitting.inputs)]
    inputs = tuple(paths) if isinstance(region, Region) else (split_layer(region)[0], *paths)
    tables = dict(outcome.tables) | {"past_het": fitting.table, "outlines": outlines}
    tables |= {"form_table1": outcome.form.table1, "form_table2": outcome.form.table2}
    tables |= {"figures": outcome.figures.table}
    tables["maps"] = map_region(tables, outlines, base=outcome.year)
    return Answer(
        question="region",
        asked=Asked(name=asked.name, date=asked.date),
        tables=tables,
        notes=name_paths(inputs, [*outcome.notes, *told, *fitting.notes]),
        summary=(*_summary(asked, outcome), *_fit_summary(fitting.table)),
        provenance=_account(asked, outcome, paths),
        records={
            "form": {
                "persons_per_home": outcome.persons_per_home, "filled_in": asked.form is not None,
            },
            "region": {
                "per": asked.per, "homes": asked.homes, "year": outcome.year, "scan": not asked.tables,
            },
        },
        outputs=OUTPUTS,
        inputs=inputs,
    )  # fmt: skip


def _read(path: Path) -> Region:
    """Read a region, or make one of its figures alone."""
    file = split_layer(path)[0]
    if file.suffix.lower() in TABLE_SUFFIXES:
        return Region(name=file.stem, figures=path)
    return read_region(path)


def _summary(region: Region, outcome: Outcome) -> list[Message]:
    """Say in a few lines what was found."""
    tables, n = outcome.tables, len(outcome.figures.table)
    groups = tables["spreiding"]["groep"].nunique()
    hidden = int((tables["aantallen"]["known"] == "suppressed").sum())
    told = [
        tell(
            "{name}: {n} {n:gemeente|gemeenten}, {m} {m:group|groups} per 1,000",
            name=region.name, n=n, m=groups,
        )
    ]  # fmt: skip
    if hidden:
        told.append(tell("{n} suppressed {n:count|counts} told as intervals", n=hidden))
    shared = tables["verdeelsleutels"]
    for key in shared["key"].drop_duplicates() if len(shared) else ():
        of = shared[(shared["key"] == key) & (shared["moment"] == "now")]
        homes = ", ".join(f"{row['gemeente']} {_homes_of(row)}" for row in of.to_dict("records"))
        name = tell("each group by its own key") if key == TOGETHER else key
        told.append(tell("{key}: {homes}", key=name, homes=homes))
    if not region.tables:
        told.append(tell("a first scan: give tables of people per group to tell more"))
    return told


def _homes_of(row: Mapping[Any, Any]) -> str:
    """Write a number of homes, or between what it lies."""
    if pd.notna(row["homes"]):
        return str(int(row["homes"]))
    low, high = (
        "?" if pd.isna(row[end]) else str(int(row[end])) for end in ("homes_low", "homes_high")
    )
    return f"{low}–{high}"


def _fit_summary(fits: pd.DataFrame) -> list[Message]:
    """Say per gemeente how many homes fit."""
    known = fits[fits["fits"].notna()]
    return [
        tell(
            "{gemeente}: {fits} of {homes} {homes:home|homes} {fits:fits|fit} on the sites of its study",
            gemeente=gemeente, fits=int(rows["fits"].sum()), homes=int(rows["homes_high"].sum()),
        )
        for gemeente, rows in known.groupby("gemeente", sort=False)
        if rows["homes_high"].notna().all()
    ]  # fmt: skip


def _account(region: Region, outcome: Outcome, paths: Sequence[Path]) -> dict[str, Any]:
    """Account for an answer: its inputs with their hash, what was asked, versions."""
    return {
        "question": "region",
        "study": {
            "name": region.name,
            "date": region.date,
            "sha256": region.hash,
            "year": outcome.year,
        },
        "gemeenten": outcome.figures.codes,
        "inputs": [
            {"file": path.name, "sha256": content_hash(path)} for path in dict.fromkeys(paths)
        ],
        **rules_of(region),
        "persons_per_home": outcome.persons_per_home,
        "versions": versions(_LIBRARIES),
        "counts": {name: len(table) for name, table in sorted(outcome.tables.items())},
        "columns": {
            file: dict(getattr(read_column_knowledge(), name))
            for file, name in (*OUTPUTS.tables.items(), ("result.gpkg", "maps"))
        },
    }


def rules_of(region: Region) -> dict[str, Any]:
    """Give what a region agreed on, apart from what is counted.

    Parameters
    ----------
    region
        The region.

    Returns
    -------
    dict
        As provenance tells it: homes, keys, rates and bounds.

    Examples
    --------
    >>> rules_of(Region(name="R", figures=Path("f.csv"), homes=10))["homes"]
    10
    """
    return {
        "keys": {name: dict(key) for name, key in region.keys.items()},
        "homes": region.homes,
        "per": region.per,
        "cannot_spread": list(region.cannot_spread),
        "suppressed_most": region.suppressed_most,
        "ahead": list(region.ahead),
        "rates": dict(region.rates),
        "per_group": [asdict(one) for one in region.per_group],
        "fits": None if region.fits is None else asdict(region.fits),
    }
