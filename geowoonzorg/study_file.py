"""A study's file: TOML checked key by key against the study's dataclasses, every fault told at once."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from geowoonzorg._faults import Faults, is_number
from geowoonzorg.errors import StudyError
from geowoonzorg.files import content_hash, is_osm, read_toml, split_layer
from geowoonzorg.study import AddressesInput, AreasInput, FacilitiesInput, NetworkInput, Study

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Collection

    _Check = Callable[[Any], str | None]

_OSM: Final = "osm"
_IN_STUDY_TABLE: Final = ("name", "crs", "date", "background")
_TABLES: Final = tuple(f.name for f in fields(Study) if f.name not in {*_IN_STUDY_TABLE, "hash"})


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
    faults = Faults(where)
    reading = _Reading(folder, faults)
    head = document.get("study", {})
    rest = {key: value for key, value in document.items() if key != "study"}
    values: dict[str, Any] = {
        **reading.fields(Study, head, "study", _IN_STUDY_TABLE),
        **reading.fields(Study, rest, "", _TABLES),
    }
    if not faults.found:
        _add_contradictions(values, faults)
    faults.raise_any()
    for table in ("network", "scoring"):
        given = values.get(table)
        if given is not None and given.profile.lower().endswith(".toml"):
            values[table] = replace(given, profile=str(folder / given.profile))
    return Study(**values)


def _add_contradictions(values: dict[str, Any], faults: Faults) -> None:
    """Add what single keys cannot tell."""
    areas: AreasInput | None = values.get("areas")
    if areas and (areas.leefbaarometer is None) != (areas.leefbaarometer_year is None):
        faults.add(
            "areas",
            "leefbaarometer and leefbaarometer_year go together: the file holds several years",
        )
    homes: AddressesInput = values.get("addresses", AddressesInput())
    if homes.kind == "squares" and homes.source == _OSM:
        faults.add("addresses.source", "must be the file of the squares when kind is squares")
    facilities: FacilitiesInput = values.get("facilities", FacilitiesInput())
    _add_about_facilities(facilities, faults)
    network: NetworkInput = values["network"]
    if not network.limits_m:
        faults.add("network.limits_m", "must hold at least one limit")
    from_osm = is_osm(network.source)
    if not from_osm and facilities.osm:
        faults.add(
            "facilities.osm",
            "network.source is not an OSM file; set osm = false, give a register",
        )
    if not from_osm and homes.source == _OSM:
        faults.add("addresses.source", "network.source is not an OSM file; give a point layer")
    if values.get("indicators") and areas is None:
        faults.add("indicators", "need [areas] to belong to")
    names = [r.name for r in values.get("rasters", ())]
    for name in sorted({n for n in names if names.count(n) > 1}):
        faults.add("rasters", f"the name {name} occurs more than once")


def _add_about_facilities(facilities: FacilitiesInput, faults: Faults) -> None:
    """Add what is not so about the classes and where they come from."""
    if not facilities.osm and facilities.register is None:
        faults.add("facilities", "osm = false needs a register")
    if not facilities.classes:
        faults.add("facilities.classes", "must name at least one class")
    if facilities.complete and facilities.register is None:
        faults.add("facilities.complete", "says something about a register; give one")
    for name in sorted(facilities.complete_classes.difference(facilities.classes)):
        faults.add("facilities.complete", f"{name} is not one of facilities.classes")


# What each type accepts, and its name in a message.
_SCALARS: Final[dict[object, tuple[Callable[[object], bool], str]]] = {
    str: (lambda value: isinstance(value, str), "a text"),
    Path: (lambda value: isinstance(value, str), "a path"),
    bool: (lambda value: isinstance(value, bool), "true or false"),
    int: (lambda value: isinstance(value, int) and is_number(value), "a whole number"),
    float: (is_number, "a number"),
}


class _Reading:
    """One document being read: the folder its paths start from, and the faults found so far.

    What it gives for a wrong value is of no use; the fault sees to it that nothing is made of it.
    """

    def __init__(self, folder: Path, faults: Faults) -> None:
        self.folder = folder
        self.faults = faults

    def fields(
        self, kind: type, table: object, path: str, names: Collection[str]
    ) -> dict[str, object]:
        """Give the named fields of a dataclass, as far as the table holds them."""
        if not isinstance(table, dict):
            self.faults.add(path, "must be a table")
            return {}
        self.faults.check_keys(table, names, path)
        hints = typing.get_type_hints(kind)
        values = {}
        for item in fields(kind):
            where = f"{path}.{item.name}" if path else item.name
            if item.name not in names:
                continue
            if item.name in table:
                check = item.metadata.get("check")
                values[item.name] = self.value(table[item.name], hints[item.name], where, check)
            elif item.default is MISSING:
                self.faults.add(where, "is missing")
        return values

    def value(self, value: object, hint: object, path: str, check: _Check | None) -> object:
        """Turn one TOML value into the type that the dataclass asks for."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in {types.UnionType, typing.Union}:
            literal = next((a for a in arguments if typing.get_origin(a) is Literal), None)
            if value in typing.get_args(literal):
                return value
            rest = [a for a in arguments if a is not types.NoneType and a is not literal]
            kind = bool if bool in rest and isinstance(value, bool) else rest[-1]
            return self.value(value, kind, path, check)
        if origin is Literal:
            if value not in arguments:
                choice = ", ".join(map(str, arguments))
                self.faults.add(path, f"must be one of {choice}, not {value!r}")
            return value
        if origin is tuple:
            return self.several(value, arguments[0], path, check)
        if is_dataclass(hint) and isinstance(hint, type):
            return self.part(value, hint, path)
        return self.scalar(value, hint, path, check)

    def several(
        self, values: object, hint: object, path: str, check: _Check | None
    ) -> tuple[object, ...]:
        """Turn a list into a tuple of what the dataclass asks for."""
        if not isinstance(values, list):
            self.faults.add(path, "must be a list")
            return ()
        return tuple(self.value(v, hint, f"{path}[{i}]", check) for i, v in enumerate(values))

    def part(self, table: object, kind: type, path: str) -> object:
        """Turn a table into the dataclass it fills; None when something in it is wrong."""
        before = len(self.faults.found)
        values = self.fields(kind, table, path, [f.name for f in fields(kind)])
        return kind(**values) if len(self.faults.found) == before else None

    def scalar(self, value: object, hint: object, path: str, check: _Check | None) -> object:
        """Turn a single value into a text, a path, a number or a truth."""
        accepts, name = _SCALARS[hint]
        if not accepts(value):
            self.faults.add(path, f"must be {name}, not {value!r}")
            return None
        if hint is Path:
            return self.whole(str(value), path)
        problem = check(value) if check else None
        if problem:
            self.faults.add(path, f"{problem}, not {value!r}")
        return float(value) if hint is float and is_number(value) else value

    def whole(self, text: str, path: str) -> Path:
        """Start the path of a file, which may name a layer in it, from the folder of the study."""
        try:
            split_layer(text)
        except StudyError as error:
            self.faults.add(path, str(error))
        return self.folder / text
