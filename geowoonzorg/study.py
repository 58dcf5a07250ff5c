"""A study: what is asked about which place, read from TOML with every fault told at once."""

from __future__ import annotations

import difflib
import math
import types
import typing
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal

from geowoonzorg.errors import StudyError
from geowoonzorg.files import content_hash, read_toml, split_layer

MAX_LIMIT_M = 100_000.0
MAX_DRAWS = 1_000_000
_OSM = "osm"


def _is_limit(value: float) -> str | None:
    good = math.isfinite(value) and 0 < value <= MAX_LIMIT_M
    return None if good else f"must be more than 0 and at most {MAX_LIMIT_M:.0f} metres"


def _is_not_negative(value: float) -> str | None:
    return None if math.isfinite(value) and value >= 0 else "must be 0 or more"


def _is_share(value: float) -> str | None:
    return None if 0 <= value <= 1 else "must be 0 to 1"


def _is_draws(value: int) -> str | None:
    return None if 1 <= value <= MAX_DRAWS else f"must be 1 to {MAX_DRAWS}"


def _is_text(value: str) -> str | None:
    return None if value.strip() else "must not be empty"


def _is_column_name(value: str) -> str | None:
    return None if value.isidentifier() else "must be one word of letters, digits and underscores"


@dataclass(frozen=True)
class NetworkInput:
    """``[network]``: the streets, and how far who walks.

    Attributes
    ----------
    source
        An OSM file, a cached network or a line layer.
    profile
        ``wandelaar``, ``rollator``, ``rolstoel`` or the path of a TOML file.
    limits_m
        Walking distances in metres; the first is the one sites are judged by.
    max_snap_m
        How far from a street a place may lie, in metres.
    access_legs
        Whether the straight line from a place to its street counts.
    """

    source: Path
    profile: str = "rollator"
    limits_m: tuple[float, ...] = field(default=(400.0,), metadata={"check": _is_limit})
    max_snap_m: float = field(default=100.0, metadata={"check": _is_not_negative})
    access_legs: bool = True


@dataclass(frozen=True)
class FacilitiesInput:
    """``[facilities]``: which classes, and where they come from.

    Attributes
    ----------
    classes
        Names from the facility class file.
    osm
        Whether to take them from the network's OSM file.
    register
        An own list, which wins over OSM for the classes it holds.
    """

    classes: tuple[str, ...] = (
        "huisarts",
        "supermarkt",
        "inloopvoorziening",
        "apotheek",
        "ov_halte",
    )
    osm: bool = True
    register: Path | None = None


@dataclass(frozen=True)
class AddressesInput:
    """``[addresses]``: where people live.

    Attributes
    ----------
    source
        ``"osm"`` for ``addr:*`` in the OSM file, a point layer, or the CBS squares of 100 m.
    kind
        ``addresses``, or ``squares``: then people count by square, with their interval.
    """

    source: Path | Literal["osm"] = "osm"
    kind: Literal["addresses", "squares"] = "addresses"


@dataclass(frozen=True)
class AreasInput:
    """``[areas]``: buurten or wijken and what is known of them.

    Attributes
    ----------
    source
        The CBS wijk- en buurtkaart, or any polygon layer with buurt or wijk codes.
    level
        ``buurt`` or ``wijk``.
    figures
        Tables joined on the code.
    older_years
        Whether tables of an earlier year than the borders may stand in, flagged, instead of being an error.
    leefbaarometer
        The Leefbaarometer's scores as published.
    leefbaarometer_year
        Which of its years; needed with ``leefbaarometer``.
    reference
        What the balance compares with: ``gemeente``, ``region``, ``country`` or a code.
    added_vragers_share
        Of the residents of each site's new homes; given it, sites tell the balance before and after.
    gemeente
        Keep only the areas of this gemeente.
    balance
        An own vragers/dragers profile instead of the default.
    """

    source: Path
    level: Literal["buurt", "wijk"] = "buurt"
    figures: tuple[Path, ...] = ()
    older_years: bool = False
    leefbaarometer: Path | None = None
    leefbaarometer_year: int | None = None
    reference: str = "gemeente"
    added_vragers_share: float | None = field(default=None, metadata={"check": _is_share})
    gemeente: str | None = None
    balance: Path | None = None


@dataclass(frozen=True)
class RasterInput:
    """``[[rasters]]``: a grid of values, such as noise.

    Attributes
    ----------
    name
        The name that scoring profiles use.
    source
        A GeoTIFF.
    kind
        How cells are averaged: ``decibel`` by energy, ``share`` and ``mean`` as they are.
    over
        Where: ``catchment``, all that can be walked to within the limit, or ``site``, the plot itself.
    year
        The year of the data, for the account.
    """

    name: str = field(metadata={"check": _is_column_name})
    source: Path
    kind: Literal["decibel", "share", "mean"] = "mean"
    over: Literal["catchment", "site"] = "catchment"
    year: int | None = None


@dataclass(frozen=True)
class IndicatorInput:
    """``[[indicators]]``: a column of an own table per area, such as WoonZorgwijzer.

    Attributes
    ----------
    name
        The name that scoring profiles use as ``column``.
    source
        A table with area codes.
    column
        The column in it.
    unit
        Its unit, for the account.
    direction
        1 when higher is better, -1 when lower is, 0 when neither.
    """

    name: str = field(metadata={"check": _is_column_name})
    source: Path
    column: str
    unit: str
    direction: int = 0


@dataclass(frozen=True)
class SitesInput:
    """``[sites]``: the candidate locations.

    Attributes
    ----------
    source
        A point or polygon layer, or a table with coordinates.
    """

    source: Path


@dataclass(frozen=True)
class ScoringInput:
    """``[scoring]``: how a site is judged.

    Attributes
    ----------
    profile
        The name of a profile, such as ``geclusterd``, or the path of a TOML file.
    draws
        How many perturbed weight sets the rank intervals rest on.
    seed
        Of the random draws.
    """

    profile: str = "geclusterd"
    draws: int = field(
        default=1000,
        metadata={"check": _is_draws},
    )
    seed: int = field(default=1, metadata={"check": _is_not_negative})


@dataclass(frozen=True)
class Study:
    """One question about one place; see the README for what each part means.

    Attributes
    ----------
    name
        What the study is called on the map and in the report.
    network, sites
        The streets and the candidate locations.
    facilities, addresses, areas, rasters, indicators, scoring
        The rest of the inputs; ``areas`` may be absent, and then no figure of an area is known.
    crs
        The metric CRS to work in.
    date
        The date printed on the outputs, or None to print none.
    background
        Whether the map asks for a background from the internet.
    hash
        The SHA-256 of the study's file, empty for one made in memory.
    """

    name: str = field(metadata={"check": _is_text})
    network: NetworkInput
    sites: SitesInput
    facilities: FacilitiesInput = FacilitiesInput()
    addresses: AddressesInput = AddressesInput()
    areas: AreasInput | None = None
    rasters: tuple[RasterInput, ...] = ()
    indicators: tuple[IndicatorInput, ...] = ()
    scoring: ScoringInput = ScoringInput()
    crs: str = "EPSG:28992"
    date: str | None = None
    background: bool = True
    hash: str = ""


_IN_STUDY_TABLE = ("name", "crs", "date", "background")


def read_study(path: str | Path) -> Study:
    """Read a study from its TOML file.

    Parameters
    ----------
    path
        The file; the paths in it are relative to its folder.

    Returns
    -------
    Study
        The study, its paths made whole.

    Raises
    ------
    SourceError
        When the file cannot be read.
    StudyError
        When it is not TOML, or any key is unknown, missing or wrong; all are listed.

    Examples
    --------
    >>> read_study("missing.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: missing.toml cannot be read (No such file or directory)
    """
    file = Path(path)
    document = read_toml(file)
    study = parse_study(document, folder=file.parent, where=str(file))
    return replace(study, hash=content_hash(file))


def parse_study(document: dict[str, Any], *, folder: Path, where: str = "study") -> Study:
    """Make a study of a TOML document.

    Parameters
    ----------
    document
        Tables and keys as in the file.
    folder
        What relative paths are relative to.
    where
        The file's name, which starts the message.

    Returns
    -------
    Study
        The study.

    Raises
    ------
    StudyError
        When any key is unknown, missing or wrong; all are listed with their key path.

    Examples
    --------
    >>> parse_study({"study": {"nam": "Kampen"}}, folder=Path(), where="study.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: study.toml has 4 faults:
      study.nam: unknown key; did you mean name?
      study.name: is missing
      network: is missing
      sites: is missing
    """
    faults: list[str] = []
    tables = dict(document)
    head = tables.pop("study", {})
    if not isinstance(head, dict):
        faults.append("study: must be a table")
        head = {}
    _report_unknown(head, _IN_STUDY_TABLE, "study", faults)
    known = [f.name for f in fields(Study) if f.name not in {*_IN_STUDY_TABLE, "hash"}]
    _report_unknown(tables, known, "", faults)
    values: dict[str, Any] = {}
    hints = typing.get_type_hints(Study)
    for item in fields(Study):
        if item.name == "hash":
            continue
        source, prefix = (head, "study.") if item.name in _IN_STUDY_TABLE else (tables, "")
        if item.name in source:
            values[item.name] = _convert(
                source[item.name],
                hints[item.name],
                f"{prefix}{item.name}",
                folder,
                faults,
                item.metadata.get("check"),
            )
        elif item.default is MISSING:
            faults.append(f"{prefix}{item.name}: is missing")
    if not faults:
        faults += _contradictions(values)
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        msg = f"{where} has {count}:\n" + "\n".join(f"  {f}" for f in faults)
        raise StudyError(msg)
    for table in ("network", "scoring"):
        given = values.get(table)
        if given is not None and given.profile.lower().endswith(".toml"):
            values[table] = replace(given, profile=str(folder / given.profile))
    return Study(**values)


def _contradictions(values: dict[str, Any]) -> list[str]:
    """Check what single keys cannot tell."""
    faults = []
    areas: AreasInput | None = values.get("areas")
    if areas and (areas.leefbaarometer is None) != (areas.leefbaarometer_year is None):
        faults.append(
            "areas: leefbaarometer and leefbaarometer_year go together: the file holds several years"
        )
    homes: AddressesInput = values.get("addresses", AddressesInput())
    if homes.kind == "squares" and homes.source == _OSM:
        faults.append("addresses.source: must be the file of the squares when kind is squares")
    facilities: FacilitiesInput = values.get("facilities", FacilitiesInput())
    if not facilities.osm and facilities.register is None:
        faults.append("facilities: osm = false needs a register")
    if not facilities.classes:
        faults.append("facilities.classes: must name at least one class")
    network: NetworkInput = values["network"]
    if not network.limits_m:
        faults.append("network.limits_m: must hold at least one limit")
    is_osm = ".osm" in network.source.name.lower() or network.source.suffix.lower() == ".pbf"
    if not is_osm:
        if facilities.osm:
            faults.append(
                "facilities.osm: network.source is not an OSM file; set osm = false, give a register"
            )
        if homes.source == _OSM:
            faults.append("addresses.source: network.source is not an OSM file; give a point layer")
    if values.get("indicators") and areas is None:
        faults.append("indicators: need [areas] to belong to")
    names = [r.name for r in values.get("rasters", ())]
    faults += [
        f"rasters: the name {n} occurs more than once"
        for n in sorted({n for n in names if names.count(n) > 1})
    ]
    return faults


def _report_unknown(
    table: dict[str, Any], known: typing.Iterable[str], path: str, faults: list[str]
) -> None:
    known = list(known)
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            faults.append(f"{path}{'.' if path else ''}{key}: unknown key; {hint}")


def _convert(  # noqa: PLR0911 - one case per kind of value
    value: object,
    hint: Any,  # noqa: ANN401
    path: str,
    folder: Path,
    faults: list[str],
    check: Any = None,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Turn one TOML value into the type the dataclass asks for, or add a fault."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        literal = next((a for a in arguments if typing.get_origin(a) is Literal), None)
        if literal and value in typing.get_args(literal):
            return value
        rest = [a for a in arguments if a is not types.NoneType and a is not literal]
        return _convert(value, rest[0], path, folder, faults, check)
    if origin is Literal:
        if value not in arguments:
            faults.append(f"{path}: must be one of {', '.join(map(str, arguments))}, not {value!r}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            faults.append(f"{path}: must be a list")
            return ()
        return tuple(
            _convert(v, arguments[0], f"{path}[{i}]", folder, faults, check)
            for i, v in enumerate(value)
        )
    if is_dataclass(hint) and isinstance(hint, type):
        return _convert_table(value, hint, path, folder, faults)
    return _convert_scalar(value, hint, path, folder, faults, check)


# What each type accepts, and its name in a message.
_SCALARS: dict[Any, tuple[Any, str]] = {
    str: (str, "a text"),
    Path: (str, "a path"),
    bool: (bool, "true or false"),
    int: (int, "a whole number"),
    float: ((int, float), "a number"),
}


def _convert_scalar(
    value: object,
    hint: Any,  # noqa: ANN401
    path: str,
    folder: Path,
    faults: list[str],
    check: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    kind, name = _SCALARS[hint]
    if not isinstance(value, kind) or (hint in {int, float} and isinstance(value, bool)):
        faults.append(f"{path}: must be {name}, not {value!r}")
        return None
    if hint is Path:
        return _path(str(value), folder)
    converted = hint(value)
    problem = check(converted) if check else None
    if problem:
        faults.append(f"{path}: {problem}, not {value!r}")
    return converted


def _path(text: str, folder: Path) -> Path:
    file, layer = split_layer(text)
    whole = folder / file
    return whole if layer is None else whole.with_name(f"{whole.name}|layername={layer}")


def _convert_table(value: object, kind: type, path: str, folder: Path, faults: list[str]) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        faults.append(f"{path}: must be a table")
        return None
    hints = typing.get_type_hints(kind)
    items = fields(kind)
    before = len(faults)
    _report_unknown(value, [f.name for f in items], path, faults)
    values = {}
    for item in items:
        if item.name in value:
            values[item.name] = _convert(
                value[item.name],
                hints[item.name],
                f"{path}.{item.name}",
                folder,
                faults,
                item.metadata.get("check"),
            )
        elif item.default is MISSING:
            faults.append(f"{path}.{item.name}: is missing")
    return kind(**values) if len(faults) == before else None
