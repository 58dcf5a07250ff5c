"""Commands about what lies near: how many within reach, and where places join the streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from geowoonzorg.cli import commands
from geowoonzorg.cli._console import OUTPUT, Console, check_output, shared, walking
from geowoonzorg.cli._walks import legs_of, open_walk, status_line, write_found
from geowoonzorg.messages import tell
from geowoonzorg.progress import part

if TYPE_CHECKING:
    from pathlib import Path


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

    check_output(output, force=force, inputs=[network, places, options["profile"]])
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
