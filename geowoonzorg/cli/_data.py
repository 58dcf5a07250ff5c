"""Commands about data: sources, balance, reconcile and doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import CRS, FILE, FORCE, OUTPUT, TABLE, Console, check_output, shared
from geowoonzorg.errors import InputError, SourceError
from geowoonzorg.messages import listed, tell, translate

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from pathlib import Path

    import pandas as pd


# What the catalogue says of sources that are nobody's in particular.
_NOBODYS = (
    tell("the user"), tell("as the user states"), tell("as the layer says"), tell("CC0 1.0 (public domain)"),
    tell("licensed to the gemeente"),
    tell("the user's own, for instance RIVM Atlas Natuurlijk Kapitaal"),
    tell("Kadaster and the holders of the BGT"), tell("OpenStreetMap contributors"),
)  # fmt: skip


def fill_in(address: str) -> str:
    """Show what is to be filled in of an address as people write it: <year>."""
    return address.replace("{", "<").replace("}", ">")


@commands.group(invoke_without_command=True)
@click.pass_context
@shared
def sources(_console: Console, context: click.Context) -> None:
    """Show the catalogue of open data, or fetch from it."""
    if context.invoked_subcommand is None:
        context.invoke(list_sources)


@sources.command("list")
@shared
def list_sources(console: Console) -> None:
    """Show what there is, whose it is, which years and where."""
    from geowoonzorg.knowledge import said
    from geowoonzorg.opendata.sources import read_catalogue, year_runs

    catalogue = list(read_catalogue().sources.values())
    lines = []
    for source in catalogue:
        title = said(source, "title", console.lang)
        publisher, licence = console.said((source.publisher, source.licence))
        lines.append(f"{source.key:22} {title} ({publisher}); {licence}")
        if source.years:
            lines.append(f"{'':22} {year_runs(source.years)}")
        lines += [f"{'':22} {fill_in(address)}" for address in source.addresses.values()]
    rows = [
        {
            "key": s.key,
            "title": said(s, "title", console.lang),
            "publisher": translate(s.publisher, console.lang),
            "licence": translate(s.licence, console.lang),
            "years": list(s.years),
            "addresses": dict(s.addresses),
        }
        for s in catalogue
    ]
    console.result(*lines, sources=rows)


@sources.command()
@click.argument("directory", type=FILE)
@click.option("--gemeente", required=True, help="Name or code, such as Kampen or GM0166.")
@click.option(
    "--year", type=int, help="Of borders and figures; default the newest that is published."
)
@click.option("--osm", type=FILE, help="An OSM extract to use instead of downloading one.")
@click.option(
    "--streets",
    type=click.Choice(["extract", "overpass"]),
    default="extract",
    show_default=True,
    help="The extract of the province, or Overpass.",
)
@click.option("--refresh", is_flag=True, help="Fetch again what is there.")
@shared
def fetch(
    console: Console,
    directory: Path,
    gemeente: str,
    year: int | None,
    osm: Path | None,
    streets: str,
    *,
    refresh: bool,
) -> None:
    """Fetch a gemeente's open data into a folder, ready to run.

    In a folder that was fetched before only what is missing is fetched.
    """
    from geowoonzorg.fetch import fetch_study

    report = fetch_study(
        gemeente,
        directory,
        year=year,
        streets=osm or streets,
        refresh=refresh,
        progress=console.progress,
    )
    rows = report.table.astype(object).where(report.table.notna(), None).to_dict("records")
    for row in rows:  # a frame keeps text, and these are sentences that know their template
        row["reason"] = report.missing.get(row["part"], "") if row["reason"] else ""
    lines = [*_fetched(rows, console.lang), *report.notes]
    without = report.missing.get("osm")
    if without is None:
        lines.append(tell("{study} written; next: geowoonzorg check {study}", study=report.study))
    for row in rows:
        row["reason"] = translate(row["reason"], console.lang)
    console.result(*lines, output=str(directory), notes=lines, sources=rows)
    if without is not None:
        raise SourceError(
            "no streets came, and without them nothing can be walked: {why}\n{folder} holds the rest; the "
            "same command fetches only what is missing",
            why=without,
            folder=directory,
        )


def _fetched(rows: list[dict[Hashable, Any]], lang: str) -> list[str]:
    """Lay out what came, a line a file, and say what did not come and why."""
    from geowoonzorg.knowledge import said
    from geowoonzorg.opendata.sources import read_catalogue

    catalogue = read_catalogue().sources
    titles = {row["source"]: said(catalogue[row["source"]], "title", lang) for row in rows}
    yes, no, now = (translate(word, lang) for word in (tell("yes"), tell("no"), tell("now")))
    head = [tell("source"), tell("year"), tell("rows"), tell("complete"), tell("file")]
    came = [
        [
            titles[row["source"]],
            now if row["year"] is None else str(row["year"]),
            str(row["rows"]),
            yes if row["complete"] else no,
            row["file"],
        ]
        for row in rows
        if not row["reason"]
    ]
    table = [[translate(word, lang) for word in head], *came]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    told: list[str] = [
        f"{a:{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d:{widths[3]}}  {e}"
        for a, b, c, d, e in table
    ]
    told += [
        tell("not fetched: {name}: {reason}", name=titles[row["source"]], reason=row["reason"])
        for row in rows
        if row["reason"]
    ]
    return told


@sources.command()
@click.argument("place")
@click.option("-o", "--output", required=True, type=FILE, help="An OSM file: .osm.pbf.")
@FORCE
@shared
def streets(console: Console, place: str, output: Path, *, force: bool) -> None:
    """Fetch the streets and facilities of a place.

    By its name, or within the outline of a layer.
    """
    from geowoonzorg.fetch import fetch_place

    check_output(output, ".pbf", force=force, inputs=[place])
    n = fetch_place(place, output, progress=console.progress)
    console.result(
        tell("{file} written: {n:,d} nodes of OpenStreetMap", file=output, n=n), output=str(output)
    )


@sources.command()
@shared
def probe(console: Console) -> None:
    """Ask each service whether it still answers.

    For one record, which is compared with what is expected.
    """
    from geowoonzorg.fetch import probe_sources
    from geowoonzorg.knowledge import said
    from geowoonzorg.opendata.sources import read_catalogue

    catalogue = read_catalogue().sources
    found = probe_sources(progress=console.progress)
    lines = [
        tell(
            "{source}, {kind}: {status}",
            source=said(catalogue[p.source], "title", console.lang),
            kind=p.kind,
            status=p.said,
        )
        for p in found
    ]
    rows = [
        {
            "source": p.source,
            "kind": p.kind,
            "status": p.status,
            "message": translate(p.said, console.lang),
        }
        for p in found
    ]
    console.result(*lines, sources=rows, notes=lines)
    wrong = [p for p in found if p.status != "as_expected"]
    if wrong:
        raise SourceError(
            "{n} of {total} services do not answer as expected: {names}",
            n=len(wrong),
            total=len(found),
            names=", ".join(f"{p.source} ({p.kind})" for p in wrong),
        )


@commands.command()
@click.argument("areas", type=FILE)
@OUTPUT
@click.option(
    "--level",
    type=click.Choice(["buurt", "wijk"]),
    default="buurt",
    show_default=True,
    help="Of the areas.",
)
@click.option("--gemeente", help="Keep only this gemeente: a code or a name.")
@click.option(
    "--figures", type=FILE, multiple=True, help="A table joined on the code; may be repeated."
)
@click.option(
    "--older-years", is_flag=True, help="Let tables of an earlier year stand in, flagged with it."
)
@click.option(
    "--figures-borders", type=FILE, help="Borders of another year, that tables belong to."
)
@click.option(
    "--homes",
    type=FILE,
    help="Points where people live, by whom figures of other borders are carried over.",
)
@click.option("--leefbaarometer", type=FILE, help="Scores as published.")
@click.option("--leefbaarometer-year", type=int, help="Which of its years.")
@click.option(
    "--reference",
    default="auto",
    show_default=True,
    help="gemeente, region, country or a code; auto: the gemeente, or the region of several.",
)
@click.option(
    "--balance",
    "profile",
    default="vragers_dragers",
    show_default=True,
    help="vragers_dragers, dragers_ggd, or the path of an own profile.",
)
@CRS
@shared
def balance(
    console: Console,
    areas: Path,
    output: Path,
    crs: str,
    profile: str,
    homes: Path | None,
    *,
    force: bool,
    **given: object,
) -> None:
    """Lay the vragers/dragers balance over buurten or wijken.

    The Leefbaarometer stands beside it, never inside it.
    """
    from geowoonzorg.files import read_places, write_layers
    from geowoonzorg.people.balance_profile import read_balance_profile
    from geowoonzorg.study import study_files
    from geowoonzorg.study_areas import AreasInput
    from geowoonzorg.town.area_input import read_area_input
    from geowoonzorg.town.areas import figure_areas

    question = AreasInput(source=areas, balance=profile, **given)  # type: ignore[arg-type]
    check_output(output, force=force, inputs=[*study_files(question), homes])
    console.progress(0.1, "reading areas")
    figures = figure_areas(
        read_area_input(
            question,
            crs=crs,
            homes=None if homes is None else read_places(homes, role="homes", crs=crs),
        ),
        profile=read_balance_profile(profile),
        reference=question.reference,
    )
    layer, notes = figures.layer, figures.notes
    rows = figures.known
    console.say(*_known_lines(rows, console.lang))
    write_layers(output, {"areas": layer})
    known = int(layer["balans"].notna().sum())
    console.result(
        *notes,
        tell("{n} areas, balance known for {known}", n=len(layer), known=known),
        *([figures.advice] if figures.advice is not None else []),
        tell("{file} written", file=output),
        output=str(output), notes=notes,
        known=rows.astype(object).where(rows.notna(), None).to_dict("records"),
    )  # fmt: skip


def _known_lines(known: pd.DataFrame, lang: str) -> list[str]:
    """Lay out for a terminal which figures are known, of which year and for how many areas."""
    from geowoonzorg.opendata.sources import read_catalogue

    columns = read_catalogue().columns
    lines: list[str] = [
        tell("what is known, per figure: year, areas with their own, with a stand-in")
    ]
    rows: Iterable[Any] = known.itertuples(index=False)
    for row in rows:
        about = columns.get(row.column)
        label = str(row.column) if about is None else about.nl if lang == "nl" else about.en
        year = str(row.year).replace("<NA>", "-")
        lines.append(f"  {label[:58]:58} {year:>5} {row.own:>6}/{row.areas:<6} {row.stood_in:>6}")
    return lines


@commands.command()
@click.argument("osm", type=FILE)
@click.argument("register", type=FILE)
@TABLE
@click.option("--class", "facility_class", help="Of the places in the list that name none.")
@CRS
@shared
def reconcile(
    console: Console,
    osm: Path,
    register: Path,
    output: Path,
    crs: str,
    facility_class: str | None,
    *,
    force: bool,
) -> None:
    """Lay an own list of facilities beside OSM.

    The table is there to correct by hand and to use as register.
    """
    from geowoonzorg.opendata.reconcile import STATUS_WORDS, write_reconciled
    from geowoonzorg.town.facilities import reconcile_register

    check_output(output, ".csv", force=force, inputs=[osm, register])
    table = reconcile_register(
        osm, register, crs=crs, facility_class=facility_class, progress=console.progress
    )
    write_reconciled(output, table)
    counts = {str(k): int(n) for k, n in table["status"].value_counts().sort_index().items()}
    words = [tell("{n} {status}", n=n, status=STATUS_WORDS[status]) for status, n in counts.items()]
    notes = table.attrs["notes"]
    console.result(
        listed(words, between=", "),
        *notes,
        tell("{file} written", file=output),
        output=str(output),
        counts=counts,
        notes=notes,
    )


@commands.command()
@shared
def doctor(console: Console) -> None:
    """Tell versions and optional parts; test the coordinates."""
    from geowoonzorg.doctor import examine

    lines, healthy = examine()
    console.result(*lines, healthy=healthy, notes=lines)
    if not healthy:
        raise InputError("something is wrong with this installation; see the lines with 'WRONG'")
