"""Commands about data: sources, balance, reconcile and doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import CRS, FILE, OUTPUT, TABLE, Console, check_output, shared
from geowoonzorg.errors import InputError
from geowoonzorg.messages import listed, tell, translate

if TYPE_CHECKING:
    from pathlib import Path


# What the catalogue says of sources that are nobody's in particular.
_NOBODYS = (
    tell("the user"), tell("as the user states"), tell("as the layer says"), tell("CC0 1.0 (public domain)"),
    tell("the user's own, for instance RIVM Atlas Natuurlijk Kapitaal"),
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
    from geowoonzorg.opendata.sources import read_catalogue

    catalogue = list(read_catalogue().sources.values())
    lines = []
    for source in catalogue:
        span = f"{min(source.years)}-{max(source.years)}" if source.years else "-"
        title = said(source, "title", console.lang)
        publisher, licence = console.said((source.publisher, source.licence))
        lines.append(f"{source.key:22} {span:10} {title} ({publisher}); {licence}")
        lines += [f"{'':33} {fill_in(address)}" for address in source.addresses.values()]
    rows = [
        {
            "key": s.key,
            "title": said(s, "title", console.lang),
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
@click.option("--year", required=True, type=int, help="Of borders and figures.")
@click.option("--osm", type=FILE, help="An OSM extract to use instead of downloading one.")
@shared
def fetch(console: Console, directory: Path, gemeente: str, year: int, osm: Path | None) -> None:
    """Fetch a gemeente's open data into a folder, ready to run."""
    from geowoonzorg.fetch import fetch_study

    report = fetch_study(gemeente, year, directory, osm=osm, progress=console.progress)
    lines: list[str] = [
        tell(
            "{file}: {citation} ({licence}), {n} objects",
            file=file.name, citation=file.citation, licence=translate(file.licence, console.lang), n=file.count,
        )
        for file in report.files
    ]  # fmt: skip
    lines += [
        tell("not fetched: {name}: {reason}", name=name, reason=reason)
        for name, reason in report.missing.items()
    ]
    lines += report.notes
    lines += [tell("{study} written; next: geowoonzorg check {study}", study=report.study)]
    console.result(*lines, output=str(directory), notes=lines)


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
    *,
    force: bool,
    **given: object,
) -> None:
    """Lay the vragers/dragers balance over buurten or wijken.

    The Leefbaarometer stands beside it, never inside it.
    """
    from geowoonzorg.files import write_layers
    from geowoonzorg.people.balance_profile import read_balance_profile
    from geowoonzorg.study import AreasInput, study_files
    from geowoonzorg.town.areas import figure_areas, read_area_input

    question = AreasInput(source=areas, balance=profile, **given)  # type: ignore[arg-type]
    check_output(output, force=force, inputs=study_files(question))
    console.progress(0.1, "reading areas")
    figures = figure_areas(
        read_area_input(question, crs=crs),
        profile=read_balance_profile(profile),
        reference=question.reference,
    )
    layer, notes = figures.layer, figures.notes
    write_layers(output, {"areas": layer})
    known = int(layer["balans"].notna().sum())
    console.result(
        *notes,
        tell("{n} areas, balance known for {known}", n=len(layer), known=known),
        tell("{file} written", file=output),
        output=str(output), notes=notes,
    )  # fmt: skip


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
    console.result(
        listed(words, between=", "),
        tell("{file} written", file=output),
        output=str(output),
        counts=counts,
    )


@commands.command()
@shared
def doctor(console: Console) -> None:
    """Tell versions and optional parts, and test the coordinates."""
    from geowoonzorg.doctor import examine

    lines, healthy = examine()
    console.result(*lines, healthy=healthy, notes=lines)
    if not healthy:
        raise InputError("something is wrong with this installation; see the lines with 'WRONG'")
