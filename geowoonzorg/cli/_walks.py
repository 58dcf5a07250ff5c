"""Commands about walking: network, facilities, service-areas, nearest, matrix and route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import (
    CRS,
    FILE,
    FORCE,
    OUTPUT,
    PROFILE,
    Console,
    check_output,
    output_option,
    shared,
    walking,
)
from geowoonzorg.cli._network_report import report_lines, words_of
from geowoonzorg.errors import StudyError
from geowoonzorg.messages import tell
from geowoonzorg.progress import part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd


_LEAST_EXPECTED = 0.5  # under it "about 0 expected" tells nothing


@commands.command()
@click.argument("network")
@click.option("-o", "--output", type=FILE, help="Keep the network in this .npz file.")
@click.option(
    "--lines", type=FILE, help="Lay it out in this GeoPackage: streets, what was dropped, barriers."
)
@FORCE
@PROFILE
@CRS
@shared
def network(
    console: Console,
    network: str,
    output: Path | None,
    lines: Path | None,
    profile: str,
    crs: str,
    *,
    force: bool,
) -> None:
    """Tell what a network holds, what was dropped and why."""
    from geowoonzorg.town.streets import open_network

    if output:
        check_output(output, ".npz", force=force, inputs=[network, profile])
    if lines:
        check_output(lines, force=force, inputs=[network, profile], layers=3)
    net = open_network(
        network, profile=profile, crs=crs, cache=output, force=force,
        progress=part(console.progress, 0.0, 0.7 if lines else 1.0),
    )  # fmt: skip
    about = net.describe()
    counts = about.pop("counts")
    written = [tell("{file} written", file=file) for file in (output, lines) if file]
    if lines:
        from geowoonzorg.files import write_layers
        from geowoonzorg.town.street_layers import street_layers

        laid_out = street_layers(
            net, network, profile=profile, progress=part(console.progress, 0.7, 0.95)
        )
        write_layers(lines, laid_out)
        if "dropped" not in laid_out:
            written.insert(0, tell("nothing was dropped, or only an OSM file tells what was"))
    console.result(
        *report_lines(about, counts, lang=console.lang), *net.notes, *written,
        output=str(output or ""), network=about, counts=counts, notes=list(net.notes),
    )  # fmt: skip


@commands.command()
@click.argument("osm", type=FILE)
@OUTPUT
@click.option(
    "--class", "classes", multiple=True, help="A facility class; may be repeated. Default: all."
)
@click.option(
    "--no-expected",
    is_flag=True,
    help="Do not count the addresses to say how many of each class to expect; faster.",
)
@CRS
@shared
def facilities(
    console: Console,
    osm: Path,
    output: Path,
    classes: tuple[str, ...],
    crs: str,
    *,
    no_expected: bool,
    force: bool,
) -> None:
    """Take the facilities out of an OSM file, each one once."""
    from geowoonzorg.files import write_layers
    from geowoonzorg.knowledge import said
    from geowoonzorg.osm import read_facility_classes
    from geowoonzorg.town.completeness import expect_facilities
    from geowoonzorg.town.facilities import read_facilities

    check_output(output, force=force, inputs=[osm])
    found = read_facilities(
        osm, classes=classes or None, crs=crs, addresses=not no_expected, progress=console.progress
    )
    write_layers(output, {"facilities": found})
    counts = {
        str(k): int(n) for k, n in found["facility_class"].value_counts().sort_index().items()
    }
    known = read_facility_classes()
    asked = {name: counts.get(name, 0) for name in sorted({*counts, *(classes or known)})}
    expected = expect_facilities(asked, n_addresses=found.attrs.get("n_addresses", 0))
    lines: list[str] = []
    for name, row in expected.iterrows():
        title = said(known[str(name)], "title", console.lang)
        if row["expected"] >= _LEAST_EXPECTED:
            lines.append(
                tell(
                    "{n:6d} {title}, about {expected:.0f} expected ({source})",
                    n=row["found"], title=title, expected=row["expected"], source=row["complete_source"],
                )
            )  # fmt: skip
        elif row["found"] or name in classes:  # none found of a class asked for is told, too
            lines.append(f"{row['found']:6d} {title}")
    for what, n in found.attrs["counts"].get("twice", {}).items():
        lines.append(
            tell(
                "{n:6d} {what} stand in the file more than once and count once",
                n=n,
                what=words_of(what, console.lang),
            )
        )
    likely = expected["expected"].dropna().round(1).to_dict()
    console.result(
        *lines,
        tell("{file} written", file=output),
        output=str(output),
        counts=counts,
        expected=likely,
    )


@commands.command("service-areas")
@click.argument("network")
@click.argument("facilities")
@OUTPUT
@click.option(
    "--limit-m",
    "limits_m",
    type=float,
    multiple=True,
    required=True,
    help="Walking distance, metres; may be repeated.",
)
@click.option(
    "--shape",
    type=click.Choice(["lines", "polygons"]),
    default="lines",
    show_default=True,
    help="Streets cut at the limit, or the ground around them.",
)
@click.option(
    "--cautious",
    is_flag=True,
    help="Draw what is left when what is not known of the streets turns out badly.",
)
@click.option("--rings", is_flag=True, help="Only what lies beyond the limit before it.")
@click.option("--dissolve", is_flag=True, help="The facilities of each class taken together.")
@walking
@shared
def service_areas(
    console: Console,
    network: str,
    facilities: str,
    output: Path,
    *,
    force: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Find what lies within walking distance of each facility."""
    from geowoonzorg.walk.rings import service_rings
    from geowoonzorg.walk.service_area import service_areas as find

    laid_out = options["rings"] or options["dissolve"]
    if laid_out and options["cautious"]:
        raise StudyError("--cautious does not go with --rings or --dissolve: leave it out")
    check_output(output, force=force, inputs=[network, facilities, options["profile"]])
    net, places = open_walk(console, network, options, {"facilities": facilities})
    asked: dict[str, Any] = {
        "limit_m": options["limits_m"],
        "shape": options["shape"],
        "progress": part(console.progress, 0.4, 0.95),
    }
    if laid_out:
        asked |= {"rings": options["rings"], "dissolve": options["dissolve"]}
        areas = service_rings(net, places["facilities"], **asked, **legs_of(options))
    else:
        asked["cautious"] = options["cautious"]
        areas = find(net, places["facilities"], **asked, **legs_of(options))
    write_found(console, output, "service_areas", areas, net.notes)


@commands.command()
@click.argument("network")
@click.argument("origins")
@click.argument("facilities")
@OUTPUT
@click.option("--limit-m", type=float, help="Look no further than this walking distance, metres.")
@click.option("--k", type=int, help="The K nearest of each class, a row for each, with its rank.")
@walking
@shared
def nearest(
    console: Console,
    network: str,
    origins: str,
    facilities: str,
    output: Path,
    *,
    force: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Find the nearest facility of each class for each origin."""
    from geowoonzorg.walk.service_area import nearest as find
    from geowoonzorg.walk.within import nearest_ranked

    check_output(output, force=force, inputs=[network, origins, facilities, options["profile"]])
    net, places = open_walk(
        console, network, options, {"origins": origins, "facilities": facilities}
    )
    both = net, places["origins"], places["facilities"]
    if options["k"] is None:
        found = find(
            *both, limit_m=options["limit_m"], progress=part(console.progress, 0.4, 0.95),
            **legs_of(options),
        )  # fmt: skip
    else:
        found = nearest_ranked(
            *both, k=options["k"], limit_m=options["limit_m"], **legs_of(options)
        )
    write_found(console, output, "nearest", found, net.notes)


@commands.command()
@click.argument("network")
@click.argument("origins")
@click.argument("facilities")
@output_option(".csv")
@click.option(
    "--limit-m",
    type=float,
    required=True,
    help="Pairs further apart than this walking distance are left out, metres.",
)
@walking
@shared
def matrix(
    console: Console,
    network: str,
    origins: str,
    facilities: str,
    output: Path,
    *,
    force: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Measure every origin to every facility within a limit."""
    from geowoonzorg.files import write_csv
    from geowoonzorg.walk.pairs import reached_pairs

    check_output(
        output, ".csv", force=force, inputs=[network, origins, facilities, options["profile"]]
    )
    net, places = open_walk(
        console, network, options, {"origins": origins, "facilities": facilities}
    )
    pairs = reached_pairs(
        net, places["origins"], places["facilities"], limit_m=options["limit_m"],
        progress=part(console.progress, 0.4, 0.95), **legs_of(options),
    )  # fmt: skip
    write_csv(output, pairs)
    notes = list(net.notes)
    console.result(
        *notes,
        tell("{n} pairs within {limit_m:g} m", n=len(pairs), limit_m=options["limit_m"]),
        tell("{file} written", file=output),
        output=str(output), pairs=len(pairs), notes=notes,
    )  # fmt: skip


@commands.command()
@click.argument("network")
@click.argument("origins")
@click.argument("facilities")
@OUTPUT
@click.option("--limit-m", type=float, help="Look no further than this walking distance, metres.")
@walking
@shared
def route(
    console: Console,
    network: str,
    origins: str,
    facilities: str,
    output: Path,
    *,
    force: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Draw the walk to the nearest facility of each class.

    From each origin, with the steps, kerbs and benches on it.
    """
    from geowoonzorg.walk.route import nearest_routes

    check_output(output, force=force, inputs=[network, origins, facilities, options["profile"]])
    net, places = open_walk(
        console, network, options, {"origins": origins, "facilities": facilities}
    )
    found = nearest_routes(
        net, places["origins"], places["facilities"], limit_m=options["limit_m"],
        bench_lonlat=net.bench_lonlat, progress=part(console.progress, 0.4, 0.95), **legs_of(options),
    )  # fmt: skip
    if net.bench_lonlat is None:
        found.attrs["notes"] += [
            tell("benches unknown: only an OSM file tells of them, not {network}", network=network)
        ]
    write_found(console, output, "routes", found, net.notes)


def legs_of(options: dict[str, Any]) -> dict[str, Any]:
    """Give what a walk is told of its two ends."""
    return {"max_snap_m": options["max_snap_m"], "access_legs": not options["no_access_legs"]}


def open_walk(
    console: Console, network: str, options: dict[str, Any], places: dict[str, str]
) -> tuple[Any, dict[str, gpd.GeoDataFrame]]:
    """Read the places first: they are small, and most mistakes are in them."""
    from geowoonzorg.town.streets import open_network

    read = _read_places(options, places)
    streets = part(console.progress, 0.05, 0.4)
    net = open_network(network, profile=options["profile"], crs=options["crs"], progress=streets)
    return net, read


def _read_places(options: dict[str, Any], places: dict[str, str]) -> dict[str, gpd.GeoDataFrame]:
    from geowoonzorg.files import read_places
    from geowoonzorg.walk.reach import check_limits

    limits = options.get("limits_m") or options.get("limit_m")
    if limits is not None:
        check_limits(limits)
    return {role: read_places(path, role=role, crs=options["crs"]) for role, path in places.items()}


def write_found(
    console: Console, output: Path, layer: str, found: gpd.GeoDataFrame, about: Sequence[str] = ()
) -> None:
    """Write a layer, and tell how many rows of each status it has."""
    from geowoonzorg.files import write_layers

    write_layers(output, {layer: found})
    rows, counts = status_line(console, found)
    notes = [*about, *found.attrs.get("notes", [])]
    console.result(
        *notes,
        rows,
        tell("{file} written", file=output),
        output=str(output), counts=counts, notes=notes,
    )  # fmt: skip


def status_line(console: Console, found: gpd.GeoDataFrame) -> tuple[str, dict[str, int]]:
    """Say how many rows there are of each status, in words and as numbers."""
    from geowoonzorg.show.texts import read_texts

    counts = {str(k): int(n) for k, n in found["status"].value_counts().sort_index().items()}
    status_words = read_texts(console.lang)
    told = ", ".join(f"{n} {status_words.get('status', status)}" for status, n in counts.items())
    rows = tell("{n} rows: {statuses}", n=len(found), statuses=told)
    if len(found) < 2:  # noqa: PLR2004 - one, or none at all
        rows = tell("1 row: {statuses}", statuses=told) if len(found) else tell("0 rows")
    return rows, counts
