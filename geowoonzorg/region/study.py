"""A region's question as TOML and as frozen dataclasses: its figures, tables, keys and form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from geowoonzorg.files import content_hash, read_toml, split_layer
from geowoonzorg.knowledge import NOT_NEGATIVE, SHARE, Bound, read_document
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geowoonzorg.messages import Message

KeyTable = Mapping[str, float | Mapping[str, float]]
LIMITS: Final = ("min_share", "max_share")
RATES: Final = ("independent", "severe_limits")
_HOMES: Final = Bound(tell("a whole number of homes, 0 or more"), lambda value: value >= 0)
_POSITIVE: Final = Bound(tell("a number above 0"), lambda value: value > 0)
_YEAR: Final = Bound(tell("a year, such as 2024"), lambda value: 1900 <= value <= 2200)  # noqa: PLR2004
_AHEAD: Final = Bound(tell("years ahead, from 1 to 50"), lambda value: 1 <= value <= 50)  # noqa: PLR2004


@dataclass(frozen=True)
class TableInput:
    """A table of which the file does not say itself whose it is: ``{ file = …, gemeente = … }``.

    Attributes
    ----------
    file
        As the databank exports it.
    gemeente
        The gemeente that it is about, where its rows are groups.
    year
        Its year, where neither its cells nor its name tell one.
    """

    file: Path
    gemeente: str | None = None
    year: int | None = field(default=None, metadata={"must_be": _YEAR})


@dataclass(frozen=True)
class FormInput:
    """``[form]``: the two tables of the government's form, as a region fills them in.

    Attributes
    ----------
    table1
        Groups by gemeenten: people.
    table2
        Groups by kinds of housing: homes available and to add.
    persons_per_home
        How many people live in one home.
    """

    table1: Path
    table2: Path
    persons_per_home: float = field(metadata={"must_be": _POSITIVE})


@dataclass(frozen=True)
class FitsInput:
    """``[fits]``: what homes that are tried on the sites of a study are held to.

    Attributes
    ----------
    max_share_per_wijk
        At most this share (0-1) of a gemeente's homes of one kind in one wijk.
    max_balance
        The balance of vragers and dragers that no site's surroundings may exceed afterwards.
    """

    max_share_per_wijk: float | None = field(default=None, metadata={"must_be": SHARE})
    max_balance: float | None = None


@dataclass(frozen=True)
class GroupHomes:
    """``[[per_group]]``: homes for one group, by a key of its own.

    Attributes
    ----------
    group
        The group.
    homes
        How many homes, a year.
    key
        The name of a key under ``[keys]``.
    """

    group: str
    homes: int = field(metadata={"must_be": _HOMES})
    key: str


@dataclass(frozen=True)
class Region:
    """What is asked about one region; see ``docs/region.md`` for what each part means.

    Attributes
    ----------
    name
        What the region is called in the report.
    figures
        A row per gemeente: ``gemeente, code, inhabitants, households, vulnerable, social_homes, free_homes,
        dwellings``; or key figures of CBS.
    tables
        Exports of the databank; without any, the region is scanned from its figures alone.
    homes
        Homes for urgent home-seekers to be shared out, a year.
    gemeenten
        Names or codes of the gemeenten of the region, where the figures have others as well.
    year
        The year that is looked at; the newest of the tables without one.
    date
        Printed on the report (ISO), or None to print none.
    per
        Per 1,000 of whom groups are told.
    cannot_spread
        Groups that are bound to a place, such as students to a university: counted, not compared.
    suppressed_most
        The largest count that the databank suppresses, where it is known; else it is inferred.
    forecast
        People of 75 and over in years to come, as `geowoonzorg.opendata.forecast.read_forecast`.
    ahead
        How many years ahead needs are told.
    rates
        Rates of the region's own instead of the country's: ``independent, severe_limits`` (shares, 0-1).
    flow
        The chain per group: stand, instroom, doorstroom, uitstroom, wachtlijst.
    supply, plans
        What there is and what is planned.
    keys
        Name of a key → weights by column of the figures, with ``min_share`` and ``max_share`` by gemeente.
    per_group
        Homes per group that go by a key of their own.
    taken
        Homes that gemeenten took in earlier years: ``gemeente, jaar, woningen``.
    survey
        Counted answers of a survey: ``vraag, antwoord, aantal, respondenten, percentage``.
    form
        The government's form, where it is filled in.
    areas
        Polygons with the codes of gemeenten, wijken or buurten, where maps are wanted.
    studies
        Gemeente → the study on whose sites its homes are tried.
    fits
        What those homes are held to, besides what the study says under ``[programme]``.
    hash
        The SHA-256 of the region's file, empty for one made in memory.
    """

    name: str = field(metadata={"key": "region.name"})
    figures: Path = field(metadata={"key": "region.figures"})
    tables: tuple[Path | TableInput, ...] = field(default=(), metadata={"key": "region.tables"})
    homes: int | None = field(default=None, metadata={"key": "region.homes", "must_be": _HOMES})
    gemeenten: tuple[str, ...] = field(default=(), metadata={"key": "region.gemeenten"})
    year: int | None = field(default=None, metadata={"key": "region.year", "must_be": _YEAR})
    date: str | None = field(default=None, metadata={"key": "region.date"})
    per: Literal["inhabitants", "households"] = field(
        default="inhabitants", metadata={"key": "region.per"}
    )
    cannot_spread: tuple[str, ...] = field(default=(), metadata={"key": "region.cannot_spread"})
    suppressed_most: float | None = field(
        default=None, metadata={"key": "region.suppressed_most", "must_be": NOT_NEGATIVE}
    )
    forecast: Path | None = field(default=None, metadata={"key": "region.forecast"})
    ahead: tuple[int, ...] = field(
        default=(5, 10, 15), metadata={"key": "region.ahead", "each_must_be": _AHEAD}
    )
    rates: Mapping[str, float] = field(default_factory=dict)
    flow: Path | None = field(default=None, metadata={"key": "region.flow"})
    supply: Path | None = field(default=None, metadata={"key": "region.supply"})
    plans: Path | None = field(default=None, metadata={"key": "region.plans"})
    survey: Path | None = field(default=None, metadata={"key": "region.survey"})
    taken: Path | None = field(default=None, metadata={"key": "region.taken"})
    keys: Mapping[str, KeyTable] = field(default_factory=dict)
    per_group: tuple[GroupHomes, ...] = field(default=(), metadata={"unique": "group"})
    form: FormInput | None = None
    areas: Path | None = field(default=None, metadata={"key": "region.areas"})
    studies: Mapping[str, Path] = field(default_factory=dict)
    fits: FitsInput | None = None
    hash: str = field(default="", metadata={"key": None})

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if self.keys and self.homes is None:
            yield "region.homes", tell("is missing; keys share out homes: say how many")
        if self.taken is not None and not self.keys:
            yield "region.taken", tell("is held against the first key; give one under [keys]")
        if self.studies and self.form is None and not self.keys:
            yield "studies", tell("have no homes to try; give a [form], or homes and [keys]")
        if self.fits is not None and not self.studies:
            yield "fits", tell("holds homes on the sites of a study; name one under [studies]")
        if self.rates and self.forecast is None:
            yield "rates", tell("are of the people in a forecast; give region.forecast")
        yield from _wrong_rates(self.rates)
        for number, one in enumerate(self.per_group, start=1):
            if one.key not in self.keys:
                yield (
                    f"per_group[{number}].key",
                    tell("{name} is no key; give it under [keys]", name=one.key),
                )
        for name, key in self.keys.items():
            yield from _wrong_in_key(f"keys.{name}", key)


def _wrong_rates(rates: Mapping[str, float]) -> Iterator[tuple[str, Message]]:
    """Name the rates that are unknown, or no share."""
    for name, rate in rates.items():
        if name not in RATES:
            yield f"rates.{name}", tell("is no rate; there are {names}", names=", ".join(RATES))
        elif not 0 <= rate <= 1:
            yield f"rates.{name}", tell("must be a share from 0 to 1, not {share}", share=rate)


def _wrong_in_key(path: str, key: KeyTable) -> Iterator[tuple[str, Message]]:
    """Name what is wrong in a key's weights and limits."""
    for column, weight in key.items():
        if (column in LIMITS) != isinstance(weight, Mapping):
            what = tell("must be a weight; only min_share and max_share are per gemeente")
            if column in LIMITS:
                what = tell("must be a table of gemeenten, such as {{ Kampen = 0.1 }}")
            yield f"{path}.{column}", what
        elif isinstance(weight, Mapping):
            for gemeente in (name for name, share in weight.items() if not 0 <= share <= 1):
                what = tell("must be a share from 0 to 1, not {share}", share=weight[gemeente])
                yield f"{path}.{column}.{gemeente}", what
        elif weight < 0:
            yield (
                f"{path}.{column}",
                tell("must be a weight of 0 or more, not {weight}", weight=weight),
            )
    if not any(not isinstance(weight, Mapping) and weight > 0 for weight in key.values()):
        yield path, tell("has no weight above 0, so it shares out nothing")
    least, most = (_limits(key, one) for one in LIMITS)
    for gemeente in sorted(g for g in set(least).intersection(most) if least[g] > most[g]):
        yield (
            f"{path}.min_share.{gemeente}",
            tell(
                "is {low}, above its max_share {high}; lower one or raise the other",
                low=least[gemeente], high=most[gemeente],
            ),
        )  # fmt: skip
    if sum(least.values()) > 1:
        yield (
            f"{path}.min_share",
            tell("adds up to {total:.2f}, above 1; lower some", total=sum(least.values())),
        )


def _limits(key: KeyTable, name: str) -> Mapping[str, float]:
    given = key.get(name, {})
    return given if isinstance(given, Mapping) else {}


def read_region(path: str | Path) -> Region:
    """Read a region from its TOML file.

    Parameters
    ----------
    path
        The file; the paths in it are relative to its folder.

    Returns
    -------
    Region
        The region, its paths made whole.

    Raises
    ------
    SourceError
        When the file cannot be read.
    StudyError
        When it is not TOML, or any key is unknown, missing or wrong; all are listed.

    Examples
    --------
    >>> read_region("missing.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: missing.toml does not exist; give the path of an existing file
    """
    file = Path(path)
    made = parse_region(read_toml(file), folder=file.parent, where=str(file))
    return replace(made, hash=content_hash(file))


def parse_region(document: dict[str, Any], *, folder: Path, where: str = "region") -> Region:
    """Make a region of a TOML document.

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
    Region
        The region.

    Raises
    ------
    StudyError
        When any key is unknown, missing or wrong; all are listed with their key path.

    Examples
    --------
    >>> parse_region({"region": {"name": "R", "homes": -1, "figuren": "x"}}, folder=Path(), where="region.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: region.toml has 3 faults:
      region.figuren: unknown key; did you mean figures?
      region.figures: is missing
      region.homes: must be a whole number of homes, 0 or more, not -1
    """

    def whole(text: str) -> Path:
        split_layer(text)  # refuses what names no layer
        return folder / text

    return read_document(document, Region, where=where, to_path=whole)


def region_files(region: Region) -> Iterator[Path]:
    """Name every file that a region reads.

    Parameters
    ----------
    region
        The region.

    Yields
    ------
    pathlib.Path
        As the region has it, figures first.

    Examples
    --------
    >>> [path.name for path in region_files(Region(name="R", figures=Path("figures.csv")))]
    ['figures.csv']
    """
    yield region.figures
    yield from (one.file if isinstance(one, TableInput) else one for one in region.tables)
    optional = (
        region.forecast, region.flow, region.supply, region.plans, region.taken, region.survey,
        region.areas, *region.studies.values(),
    )  # fmt: skip
    yield from (path for path in optional if path is not None)
    if region.form is not None:
        yield from (region.form.table1, region.form.table2)
