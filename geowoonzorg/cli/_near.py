"""Commands about what lies near: how many, where places join the streets, what areas gain and lose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import OUTPUT, Console, check_output, shared, walking
from geowoonzorg.cli._walks import legs_of, open_walk, status_line, write_found
from geowoonzorg.messages import listed, tell
from geowoonzorg.progress import part

if TYPE_CHECKING:
    from pathlib import Path

CHANGES = {
    "gained": tell("gained"),
    "lost": tell("lost"),
    "both": tell("in both"),
    "unknown": tell("unknown"),
}


@commands.command()
@click.argument("network")
@click.argument("origins")
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
    "--per",
    type=click.Choice(["origins", "facilities"]),
    default="origins",
    show_default=True,
    help="Count facilities for each origin, or origins for each facility.",
)
@walking
@shared
def within(
    console: Console,
    network: str,
    origins: str,
    facilities: str,
    output: Path,
    *,
    force: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Count what lies within walking distance.

    The facilities of each class, for each origin; or the origins, for each facility.
    """
    from geowoonzorg.walk.within import places_within

    check_output(output, force=force, inputs=[network, origins, facilities, options["profile"]])
    net, places = open_walk(
        console, network, options, {"origins": origins, "facilities": facilities}
    )
    found = places_within(
        net, places["origins"], places["facilities"], limit_m=options["limits_m"], per=options["per"],
        progress=part(console.progress, 0.4, 0.95), **legs_of(options),
    )  # fmt: skip
    write_found(console, output, "within", found, net.notes)


@commands.command()
@click.argument("network")
@click.argument("places")
@OUTPUT
@walking
@shared
def snap(
    console: Console,
    network: str,
    places: str,
    output: Path,
    *,
    force: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Show where places join the streets.

    The points on the network from which is measured, and the lines that lead there.
    """
    from geowoonzorg.files import write_layers
    from geowoonzorg.walk.joining import joined_points

    check_output(output, force=force, inputs=[network, places, options["profile"]], layers=2)
    net, read = open_walk(console, network, options, {"places": places})
    points, legs = joined_points(net, read["places"], max_snap_m=options["max_snap_m"])
    write_layers(output, {"snapped": points, "access_legs": legs})
    rows, counts = status_line(console, points)
    notes = [*net.notes, *points.attrs["notes"]]
    console.result(
        *notes,
        rows,
        tell("{file} written", file=output),
        output=str(output), counts=counts, notes=notes,
    )  # fmt: skip


@commands.command("area-difference")
@click.argument("before")
@click.argument("after")
@OUTPUT
@shared
def area_difference(
    console: Console, before: str, after: str, output: Path, *, force: bool
) -> None:
    """Tell what two layers of areas gain and lose.

    Polygons, as service-areas writes them: gained, lost and in both, by facility or class and limit.
    """
    from geowoonzorg.files import read_vector, split_layer, write_layers
    from geowoonzorg.walk.rings import area_difference as find

    check_output(output, force=force, inputs=[before, after])
    layers = []
    for role, given in (("before", before), ("after", after)):
        path, layer = split_layer(given)
        layers.append(read_vector(path, layer=layer, role=role))
    found = find(*layers)
    write_layers(output, {"area_difference": found})
    counts = {str(k): int(n) for k, n in found["change"].value_counts().sort_index().items()}
    told = listed(
        [tell("{n} {what}", n=n, what=CHANGES[k]) for k, n in counts.items()], between=", "
    )
    console.result(
        told or tell("0 rows"),
        tell("{file} written", file=output),
        output=str(output), counts=counts,
    )  # fmt: skip
