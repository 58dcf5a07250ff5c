"""The commands: arguments in, one public function each, and a message or a table out."""

from __future__ import annotations

import json
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geowoonzorg.errors import Cancelled, GeowoonzorgError, InputError, OutputError, StudyError
from geowoonzorg.progress import part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    import pandas as pd

_USAGE_CODE = 2
_REPORT_S = 0.1


@dataclass
class Console:
    """What a command tells while it works, as a bar for people or as JSON lines for programs."""

    as_json: bool = False
    debug: bool = False
    _last_s: float = field(default=-1.0, repr=False)
    _width: int = field(default=0, repr=False)

    def progress(self, fraction: float, message: str) -> None:
        """Show how far the work is, at most ten times a second."""
        now = time.monotonic()
        if now - self._last_s < _REPORT_S and fraction < 1:
            return
        self._last_s = now
        if self.as_json:
            self._line({"type": "progress", "fraction": round(fraction, 4), "message": message})
        elif sys.stderr.isatty():
            bar = "█" * round(20 * fraction)
            text = f"\r{bar:░<20} {fraction:4.0%} {message}"
            click.echo(text.ljust(self._width), err=True, nl=False)
            self._width = len(text)

    def _clear(self) -> None:
        if self._width:
            click.echo("\r" + " " * self._width + "\r", err=True, nl=False)
            self._width = 0

    def result(self, text: str, **details: object) -> None:
        """Say what came out: ``text`` for people, ``details`` for programs."""
        if self.as_json:
            self._line({"type": "result", "message": text, **details})
        else:
            self._clear()
            click.echo(text)

    def error(self, error: GeowoonzorgError) -> None:
        """Say what went wrong."""
        if self.as_json:
            self._line(
                {
                    "type": "error",
                    "message": str(error),
                    "kind": type(error).__name__,
                    "exit_code": error.exit_code,
                }
            )
        self._clear()
        click.echo(f"geowoonzorg: {error}", err=True)

    def _line(self, content: dict[str, object]) -> None:
        try:
            click.echo(json.dumps(content, ensure_ascii=False))
            sys.stdout.flush()
        except OSError as error:  # whoever started this has closed the pipe
            raise Cancelled("cancelled; nothing was written") from error


def run_command(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; every error has been told.

    Parameters
    ----------
    arguments
        The words after ``geowoonzorg``.

    Returns
    -------
    int
        0 done, 2 wrong usage or configuration, 3 bad input, 4 a source could not be read or
        fetched, 5 output could not be written, 130 cancelled.

    Examples
    --------
    >>> run_command(["--version"])
    geowoonzorg, version ...
    0
    """
    console = Console(
        as_json="json" in _option(arguments, "--progress"), debug="--debug" in arguments
    )
    try:
        commands.main(
            args=list(arguments), prog_name="geowoonzorg", standalone_mode=False, obj=console
        )
    except click.ClickException as error:
        if console.as_json:
            console.error(StudyError(error.format_message()))
        else:
            error.show()
        return _USAGE_CODE
    except GeowoonzorgError as error:
        return _fail(console, error)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _fail(console, Cancelled("cancelled; nothing was written"))
    except MemoryError:
        return _fail(
            console, InputError("not enough memory; use a smaller extract or fewer limits")
        )
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback for users
        return _fail(
            console,
            InputError(
                f"unexpected {type(error).__name__}: {error}; run again with --debug and report it"
            ),
        )
    return 0


def _fail(console: Console, error: GeowoonzorgError) -> int:
    console.error(error)
    if console.debug:
        traceback.print_exc()
    return error.exit_code


def _option(arguments: Sequence[str], name: str) -> str:
    """Find an option's value before click has parsed the rest."""
    for number, argument in enumerate(arguments):
        if argument == name:
            return arguments[number + 1] if number + 1 < len(arguments) else ""
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return ""


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command has."""
    command = click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback.")(
        command
    )
    command = click.option(
        "--progress", type=click.Choice(["bar", "json"]), default="bar", expose_value=False,
        help="A bar on the terminal, or JSON lines on standard output.",
    )(command)  # fmt: skip
    return click.pass_obj(command)


def _walking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that walks."""
    for option in (
        click.option(
            "--crs", default="EPSG:28992", show_default=True, help="The metric CRS to work in."
        ),
        click.option(
            "--no-access-legs",
            is_flag=True,
            help="Leave out the lines from place to street.",
        ),
        click.option(
            "--max-snap-m",
            default=100.0,
            show_default=True,
            help="How far from a street, metres.",
        ),
        click.option(
            "--profile",
            default="rollator",
            show_default=True,
            help="A name or a TOML file.",
        ),
    ):
        command = option(command)
    return command


_OUTPUT = click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="A GeoPackage."
)
_LANG = click.option(
    "--lang",
    type=click.Choice(["nl", "en"]),
    default="nl",
    show_default=True,
    help="Of map and report.",
)


def _check_output(output: Path) -> None:
    """Refuse before the work what could not be written after it."""
    if output.suffix.lower() != ".gpkg":
        raise StudyError(f"--output {output}: give a name that ends in .gpkg")
    if not output.parent.is_dir():
        raise OutputError(f"--output {output}: the folder does not exist; make it first")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="geowoonzorg", prog_name="geowoonzorg")
def commands() -> None:
    """Find good places for people who need a home with care nearby."""


@commands.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("geowoonzorg-demo"),
    show_default=True,
    help="Output folder.",
)
@_LANG
@_shared
def demo(console: Console, out: Path, lang: str) -> None:
    """Do the whole job on the bundled fictional municipality, offline."""
    from geowoonzorg.prepare import demo_study

    _run(console, demo_study(), out, lang)


@commands.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Output folder; default: out, beside the study."
)
@click.option(
    "--force", is_flag=True, help="Replace files in the output folder that no earlier run wrote."
)
@_LANG
@_shared
def run(console: Console, study: Path, out: Path | None, lang: str, *, force: bool) -> None:
    """Do the whole job on a study: from streets and open data to a ranked list and a map."""
    _run(console, study, out or study.parent / "out", lang, force=force)


def _run(console: Console, study: Path, out: Path, lang: str, *, force: bool = False) -> None:
    from geowoonzorg.prepare import check_output
    from geowoonzorg.study import read_study

    check_output(out, force=force)
    question = read_study(study)
    from geowoonzorg import pipeline

    result = pipeline.run(question, progress=part(console.progress, 0.0, 0.9))
    written = result.write(out, lang=lang, progress=part(console.progress, 0.9, 1.0))
    ranking = result.sites[["rank", "rank_low", "rank_high", "score", "known_weight_share", "name"]]
    console.result(
        "\n".join([*_ranking(ranking), "", *(f"{path}" for path in written)]),
        output=str(out),
        files=[str(path) for path in written],
        notes=list(result.notes),
    )


def _ranking(sites: pd.DataFrame) -> list[str]:
    """Lay the ranking out for a terminal; sites without a rank come last."""
    from pandas import notna

    lines = ["rang  van-tot  score  bekend  locatie"]
    order = sites.sort_values(["rank", "score"], ascending=[True, False], na_position="last")
    row: Any
    for row in order.itertuples():
        ranked = notna(row.rank)
        rank = (
            f"{row.rank:4.0f}  {row.rank_low:3.0f}-{row.rank_high:<3.0f}"
            if ranked
            else "   -     -   "
        )
        points = f"{row.score:5.1f}" if notna(row.score) else "    -"
        lines.append(f"{rank}  {points}    {row.known_weight_share:4.0%}  {_one_line(row.name)}")
    return lines


def _one_line(name: object) -> str:
    """Keep a name from outside from moving the cursor or colouring the terminal."""
    return "".join(c if c.isprintable() else "?" for c in str(name))[:60]


@commands.command()
@click.argument("directory", type=click.Path(path_type=Path))
@_shared
def init(console: Console, directory: Path) -> None:
    """Write a commented study.toml to start from."""
    from geowoonzorg.prepare import write_template

    path = write_template(directory)
    console.result(
        f"{path} written: fill in your files, then run: geowoonzorg check {path}", output=str(path)
    )


@commands.command()
@click.argument("study", type=click.Path(path_type=Path))
@_shared
def check(console: Console, study: Path) -> None:
    """Tell every problem of a study at once; computes nothing."""
    from geowoonzorg.prepare import check_study

    lines = check_study(study)
    console.result(
        "\n".join([*lines, f"{study}: no problems found"]), study=str(study), notes=lines
    )


@commands.command()
@click.argument("osm", type=click.Path(path_type=Path))
@_OUTPUT
@click.option(
    "--class", "classes", multiple=True, help="A facility class; may be repeated. Default: all."
)
@click.option("--crs", default="EPSG:28992", show_default=True, help="The CRS to write in.")
@_shared
def facilities(
    console: Console, osm: Path, output: Path, classes: tuple[str, ...], crs: str
) -> None:
    """Take the facilities out of an OSM file, each counted once."""
    from geowoonzorg.files import write_layers
    from geowoonzorg.inputs import read_facilities

    _check_output(output)
    found = read_facilities(osm, classes=classes or None, crs=crs, progress=console.progress)
    write_layers(output, {"facilities": found})
    counts = {
        str(k): int(n) for k, n in found["facility_class"].value_counts().sort_index().items()
    }
    lines = [f"{n:6d} {name}" for name, n in counts.items()]
    console.result(
        "\n".join([*lines, f"{output} written"]),
        output=str(output),
        counts=counts,
        notes=found.attrs.get("notes", []),
    )


@commands.command("service-areas")
@click.argument("network")
@click.argument("facilities")
@_OUTPUT
@click.option(
    "--limit-m",
    "limits_m",
    type=float,
    multiple=True,
    required=True,
    help="Walking distance, metres.",
)
@click.option(
    "--shape", type=click.Choice(["lines", "polygons"]), default="lines", show_default=True
)
@_walking
@_shared
def service_areas(
    console: Console,
    network: str,
    facilities: str,
    output: Path,
    **options: Any,  # noqa: ANN401
) -> None:
    """Find what lies within walking distance of each facility, exactly."""
    from geowoonzorg.files import write_layers
    from geowoonzorg.service_area import service_areas as find

    _check_output(output)
    net, places = _open(console, network, options, {"facilities": facilities})
    areas = find(
        net, places["facilities"], limit_m=options["limits_m"], shape=options["shape"],
        max_snap_m=options["max_snap_m"], access_legs=not options["no_access_legs"],
        progress=part(console.progress, 0.4, 0.95),
    )  # fmt: skip
    write_layers(output, {"service_areas": areas})
    console.result(
        _with_status(areas, f"{len(areas)} service areas"),
        output=str(output),
        counts=_statuses(areas),
    )


@commands.command()
@click.argument("network")
@click.argument("origins")
@click.argument("facilities")
@_OUTPUT
@click.option("--limit-m", type=float, help="Look no further than this walking distance, metres.")
@_walking
@_shared
def nearest(
    console: Console,
    network: str,
    origins: str,
    facilities: str,
    output: Path,
    **options: Any,  # noqa: ANN401
) -> None:
    """Find the nearest facility of each class for each origin, exactly."""
    from geowoonzorg.files import write_layers
    from geowoonzorg.service_area import nearest as find

    _check_output(output)
    net, places = _open(console, network, options, {"origins": origins, "facilities": facilities})
    found = find(
        net, places["origins"], places["facilities"], limit_m=options["limit_m"],
        max_snap_m=options["max_snap_m"], access_legs=not options["no_access_legs"],
        progress=part(console.progress, 0.4, 0.95),
    )  # fmt: skip
    write_layers(output, {"nearest": found})
    console.result(
        _with_status(found, f"{len(found)} distances"), output=str(output), counts=_statuses(found)
    )


def _open(
    console: Console, network: str, options: dict[str, Any], places: dict[str, str]
) -> tuple[Any, dict[str, gpd.GeoDataFrame]]:
    """Read the places first: they are small, and most mistakes are in them."""
    from geowoonzorg.files import read_places
    from geowoonzorg.inputs import open_network
    from geowoonzorg.reach import check_limits

    limits = options.get("limits_m") or options.get("limit_m")
    if limits is not None:
        check_limits(limits)
    read = {role: read_places(path, role=role, crs=options["crs"]) for role, path in places.items()}
    net = open_network(
        network,
        profile=options["profile"],
        crs=options["crs"],
        progress=part(console.progress, 0.05, 0.4),
    )
    return net, read


def _statuses(frame: gpd.GeoDataFrame) -> dict[str, int]:
    return {str(k): int(n) for k, n in frame["status"].value_counts().sort_index().items()}


def _with_status(frame: gpd.GeoDataFrame, text: str) -> str:
    return f"{text}: " + ", ".join(f"{n} {status}" for status, n in _statuses(frame).items())


@commands.command()
@click.argument("network")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Keep the network in this .npz file.",
)
@click.option(
    "--profile",
    default="rollator",
    show_default=True,
    help="A name or a TOML file.",
)
@click.option("--crs", default="EPSG:28992", show_default=True, help="The metric CRS to work in.")
@_shared
def network(console: Console, network: str, output: Path | None, profile: str, crs: str) -> None:
    """Tell what was read of a network, what was dropped and why."""
    from geowoonzorg.inputs import open_network

    if output and (output.suffix.lower() != ".npz" or not output.parent.is_dir()):
        raise OutputError(
            f"--output {output}: give a name that ends in .npz, in a folder that exists"
        )
    net = open_network(network, profile=profile, crs=crs, cache=output, progress=console.progress)
    about = net.describe()
    counts = about.pop("counts")
    lines = [f"{name.replace('_', ' '):22} {value}" for name, value in about.items()]
    for group, of in counts.items():
        lines += [f"{group}:", *(f"{number:9,d} {what}" for what, number in of.items())]
    written = [f"{output} written"] if output else []
    console.result(
        "\n".join([*lines, *net.notes, *written]),
        output=str(output or ""),
        network=about,
        counts=counts,
        notes=list(net.notes),
    )


@commands.command()
@_shared
def doctor(console: Console) -> None:
    """Tell versions and optional parts, and test the coordinates."""
    from geowoonzorg.doctor import examine

    lines, healthy = examine()
    console.result("\n".join(lines), healthy=healthy, notes=lines)
    if not healthy:
        raise InputError("something is wrong with this installation; see the lines with 'WRONG'")
