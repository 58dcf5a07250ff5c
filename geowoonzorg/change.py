"""A change that is tried: what opens, closes, moves or is built, as TOML and as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.errors import StudyError
from geowoonzorg.files import content_hash, read_toml
from geowoonzorg.knowledge import Bound, faults_error, find_faults, profile_hash, write_document
from geowoonzorg.messages import tell
from geowoonzorg.study_questions import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geowoonzorg.messages import Message

_LINE: Final = Bound(tell("two or more pairs of coordinates"), lambda pairs: len(pairs) > 1)
_TAGS: Final = Bound(tell("a table of OSM tags, as {{ surface = 'asphalt' }}"), bool)
XY = tuple[float, float]


class _Placed:
    """What stands somewhere: at ``x, y`` in the study's CRS, or at ``lon, lat`` in degrees."""

    x: float | None
    y: float | None
    lon: float | None
    lat: float | None

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        metric, degrees = (self.x, self.y), (self.lon, self.lat)
        given = [pair for pair in (metric, degrees) if pair != (None, None)]
        if len(given) != 1 or None in given[0]:
            yield "", tell("needs x and y in the study's CRS, or lon and lat in degrees")
        if self.lon is not None and not -180 <= self.lon <= 180:  # noqa: PLR2004 - degrees
            yield "lon", tell("must be from {low} to {high} degrees", low=-180, high=180)
        if self.lat is not None and not -90 <= self.lat <= 90:  # noqa: PLR2004 - degrees
            yield "lat", tell("must be from {low} to {high} degrees", low=-90, high=90)


class _Drawn:
    """A line: through ``coordinates`` in the study's CRS, or through ``lonlat`` in degrees."""

    coordinates: tuple[XY, ...]
    lonlat: tuple[XY, ...]

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if bool(self.coordinates) == bool(self.lonlat):
            yield (
                "",
                tell(
                    "needs coordinates (x, y) in the study's CRS, or lonlat (lon, lat) in degrees"
                ),
            )


@dataclass(frozen=True)
class Opening(_Placed):
    """``[[open]]``: a facility that comes.

    Attributes
    ----------
    facility_class
        Its class; ``class`` in the file.
    x, y
        Where, in the study's CRS (m).
    lon, lat
        Where, in degrees, instead of ``x, y``.
    name, id
        What it is called; ``new1``, ``new2`` … without an id.
    """

    facility_class: str = field(metadata={"key": "class"})
    x: float | None = None
    y: float | None = None
    lon: float | None = None
    lat: float | None = None
    name: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Closing:
    """``[[close]]``: a facility that goes, by its ``id``."""

    id: str


@dataclass(frozen=True)
class Moving(_Placed):
    """``[[move]]``: a facility that goes elsewhere and stays what it is, with its ``id``."""

    id: str
    x: float | None = None
    y: float | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class NewPath(_Drawn):
    """``[[path]]``: a way that is laid.

    Attributes
    ----------
    coordinates
        Its vertices, pairs of x and y in the study's CRS (m).
    lonlat
        The same in degrees, instead of ``coordinates``.
    tags
        What it is like, as OSM tags; the walking profile judges it by them as it does any way.
    """

    coordinates: tuple[XY, ...] = field(default=(), metadata={"must_be": _LINE})
    lonlat: tuple[XY, ...] = field(default=(), metadata={"must_be": _LINE})
    tags: Mapping[str, str] = field(default_factory=dict, metadata={"must_be": _TAGS})


@dataclass(frozen=True)
class Cutting(_Drawn):
    """``[[cut]]``: streets that can no longer be walked.

    Attributes
    ----------
    ways
        Whole ways, by their OSM id, such as ``w123``.
    coordinates, lonlat
        Or a line, as of `NewPath`: nobody passes where a street crosses it.
    """

    ways: tuple[str, ...] = ()
    coordinates: tuple[XY, ...] = field(default=(), metadata={"must_be": _LINE})
    lonlat: tuple[XY, ...] = field(default=(), metadata={"must_be": _LINE})

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if sum(map(bool, (self.ways, self.coordinates, self.lonlat))) != 1:
            yield "", tell("needs ways, coordinates or lonlat, one of the three")
        for way in self.ways:
            if not (way[:1] == "w" and way[1:].isdecimal()):
                yield "ways", tell("{way!r} is no id of a way, such as w123", way=way)


@dataclass(frozen=True)
class NewHomes:
    """``[[homes]]``: homes that are built on a site; they take the place of the number that it has as a plan.

    Attributes
    ----------
    site
        Its id.
    n
        How many homes.
    """

    site: str
    n: int = field(metadata={"must_be": WHOLE})


@dataclass(frozen=True)
class _Tables:
    """The tables of a change, as they stand in its file."""

    open: tuple[Opening, ...] = ()
    close: tuple[Closing, ...] = field(default=(), metadata={"unique": "id"})
    move: tuple[Moving, ...] = field(default=(), metadata={"unique": "id"})
    path: tuple[NewPath, ...] = ()
    cut: tuple[Cutting, ...] = ()
    homes: tuple[NewHomes, ...] = field(default=(), metadata={"unique": "site"})

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if not any(getattr(self, part) for part in _PARTS):
            tables = ", ".join(f"[[{part}]]" for part in _PARTS)
            yield "", tell("changes nothing; give {tables}", tables=tables)
        moved, closed = ({one.id for one in some} for some in (self.move, self.close))
        for name in sorted(moved & closed):
            yield "move", tell("{id} is closed, too; leave it out of one", id=name)


@dataclass(frozen=True)
class Change(_Tables):
    """What is tried, all of it at once.

    Each part may be given as its dataclass or as a table as in the file; ``close`` also as ids, ``homes`` also
    as site → number, ``path`` and ``cut`` also as lines in the study's CRS.

    Attributes
    ----------
    open, close, move
        Facilities that come, go or go elsewhere.
    path, cut
        Streets that are laid, and that can no longer be walked.
    homes
        Homes that are built on a site.
    source
        The file it was read from, or None.
    hash
        The SHA-256 of its content.

    Raises
    ------
    StudyError
        When a part is wrong, or nothing changes; all faults are listed.

    Examples
    --------
    >>> Change(close=["n123"], homes={"werf": 24}).homes
    (NewHomes(site='werf', n=24),)
    >>> Change(homes={"werf": 2.5})
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: change has 1 fault:
      homes[1].n: must be a whole number of 1 or more, not 2.5
    """

    source: Path | None = field(default=None, compare=False)
    hash: str = ""

    def __post_init__(self) -> None:
        """Take every part as its dataclass, checked as a file is."""
        given = {part: _several(getattr(self, part), part) for part in _PARTS}
        document = {
            part: [_as_table(part, one) for one in some] for part, some in given.items() if some
        }
        made, faults = find_faults(document, _Tables)
        if faults:
            raise faults_error("change" if self.source is None else str(self.source), faults)
        for part in _PARTS:
            object.__setattr__(self, part, getattr(made, part))
        object.__setattr__(self, "hash", self.hash or profile_hash(write_document(made)))

    @property
    def on_streets(self) -> bool:
        """Whether the streets change."""
        return bool(self.path or self.cut)


_PARTS: Final[dict[str, type]] = {
    "open": Opening, "close": Closing, "move": Moving, "path": NewPath, "cut": Cutting, "homes": NewHomes,
}  # fmt: skip


def read_change(path: str | Path) -> Change:
    """Read a change from its TOML file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Change
        What it says.

    Raises
    ------
    SourceError
        When the file cannot be read.
    StudyError
        When it is not TOML, or any key is unknown, missing or wrong; all are listed.

    Examples
    --------
    >>> read_change("missing.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: missing.toml does not exist; give the path of an existing file
    """
    file = Path(path)
    made, faults = find_faults(read_toml(file), _Tables)
    if faults:
        raise faults_error(str(file), faults)
    tables = {part: getattr(made, part) for part in _PARTS}
    return Change(**tables, source=file, hash=content_hash(file))


def _several(given: Any, part: str) -> list[Any]:  # noqa: ANN401 - as people give it
    """Take one or several, and site → number as pairs."""
    if part == "homes" and isinstance(given, Mapping) and "site" not in given:
        return list(given.items())
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        return [given]
    return list(given)


def _as_table(part: str, one: Any) -> Any:  # noqa: ANN401
    """Give one part as a table of the file."""
    if isinstance(one, _PARTS[part]):
        return write_document(one)
    if isinstance(one, Mapping):
        named = {("class" if key == "facility_class" else key): value for key, value in one.items()}
        return {key: _plain(value) for key, value in named.items()}
    if part == "close":
        return {"id": _plain(one)}
    if part == "homes" and isinstance(one, tuple) and len(one) == len(fields(NewHomes)):
        return {"site": one[0], "n": _plain(one[1])}
    if part in {"path", "cut"} and hasattr(one, "coords"):
        return {"coordinates": [list(xy[:2]) for xy in one.coords]}
    raise StudyError(
        "change: {part} takes tables as in its file, not {given}", part=part, given=repr(one)
    )


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Give numbers of numpy and tuples as TOML has them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value
