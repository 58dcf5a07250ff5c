"""Profiles of the vragers/dragers balance: which measures, with what weight, against what, as data."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the reader looks annotations up
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, Bound, profile_hash, read_document
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geowoonzorg.messages import Message

PROFILES_DIR: Final = Path(__file__).parents[1] / "knowledge" / "balance"
DEFAULT: Final = "vragers_dragers"
_CAP: Final = Bound(tell("a number above 1"), lambda value: value > 1)
_SHARE: Final = Bound(tell("a number above 0 and under 1"), lambda value: 0 < value < 1)
_PERSONS: Final = Bound(tell("a number above 0"), lambda value: value > 0)
_STEP: Final = Bound(tell("a number above 0"), lambda value: value > 0)
_COLUMNS: Final = Bound(tell("a list of at least one column"), bool)


@dataclass(frozen=True)
class Measure:
    """One measure of a side: the sum of ``columns``, over the sum of ``per`` where that is given."""

    key: str
    label: str
    columns: tuple[str, ...] = field(metadata={"must_be": _COLUMNS})
    weight: float = field(metadata={"must_be": NOT_NEGATIVE})
    source: str
    per: tuple[str, ...] = ()
    label_en: str | None = None
    source_en: str | None = None


@dataclass(frozen=True)
class Side:
    """The measures of vragers or of dragers, and how many must be known for the side to exist."""

    measures: tuple[Measure, ...] = field(metadata={"key": "measure", "unique": "key"})
    minimum_known: int

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if sum(measure.weight for measure in self.measures) == 0:
            yield "measure", tell("the weights sum to 0; at least one must be positive")
        most = len(self.measures)
        if not 1 <= self.minimum_known <= most:
            what = tell("must be 1 to {most}, not {value}", most=most, value=self.minimum_known)
            yield "minimum_known", what


@dataclass(frozen=True)
class Rounding:
    """How a column was rounded before it was published.

    Attributes
    ----------
    column
        Its name.
    step
        To the nearest multiple of this.
    source
        Who says so.
    decimal_step
        Instead of ``step`` in a table in which any figure of the column lies between its steps.
    most
        What it cannot be above, such as 100 per cent.
    """

    column: str = field(metadata={"named": True})
    step: float = field(metadata={"must_be": _STEP})
    source: str
    decimal_step: float | None = field(default=None, metadata={"must_be": _STEP})
    most: float | None = None
    source_en: str | None = None


@dataclass(frozen=True)
class BalanceProfile:
    """How V, D and the balance are made.

    Attributes
    ----------
    name, title, description, title_en, description_en
        What is printed on outputs.
    reference
        ``gemeente``, ``region``, ``country`` or the code of an area; ``auto`` for the gemeente, or the region
        where the areas asked about lie in more than one.
    region
        The gemeente codes of the region; empty for every gemeente in the data.
    cap
        A ratio to the reference is held between ``1 / cap`` and ``cap``.
    reference_vragers_share
        For adding homes: the share (0–1) of the reference's residents that counts as vragers.
    persons_per_home
        For adding homes: residents of one added home.
    vragers, dragers
        The two sides.
    rounding
        By column how it was rounded; one that is not in it counts as exact.
    """

    name: str
    title: str
    description: str
    reference: str
    cap: float = field(metadata={"must_be": _CAP})
    reference_vragers_share: float = field(
        metadata={"key": "mix.reference_vragers_share", "must_be": _SHARE}
    )
    persons_per_home: float = field(metadata={"key": "mix.persons_per_home", "must_be": _PERSONS})
    vragers: Side
    dragers: Side
    region: tuple[str, ...] = ()
    rounding: Mapping[str, Rounding] = field(default_factory=dict)
    title_en: str | None = None
    description_en: str | None = None

    @property
    def hash(self) -> str:
        """The SHA-256 (64 hexadecimal digits) of everything in the profile but its English, as printed on outputs."""
        return profile_hash(asdict(self))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the areas that the measures read, each once."""
        return tuple(dict.fromkeys(c for m in self.measures for c in (*m.columns, *m.per)))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures of both sides, those of vragers first."""
        return (*self.vragers.measures, *self.dragers.measures)


def balance_profile_names() -> list[str]:
    """Name the balance profiles that come with the package.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> balance_profile_names()
    ['dragers_ggd', 'vragers_dragers']
    """
    return sorted(path.stem for path in PROFILES_DIR.glob("*.toml"))


def read_balance_profile(name_or_path: str | Path | None = None) -> BalanceProfile:
    """Read a balance profile that ships with the package, or a user's own.

    Parameters
    ----------
    name_or_path
        ``"vragers_dragers"``, ``"dragers_ggd"`` or the path of a TOML file; None for the default.

    Returns
    -------
    BalanceProfile
        The profile, wholly checked.

    Raises
    ------
    StudyError
        When no profile has that name, or when anything in the file is wrong: all faults at once, each with
        its key path.
    SourceError
        When the file is not there or cannot be read.

    Examples
    --------
    >>> profile = read_balance_profile()
    >>> profile.cap, [measure.weight for measure in profile.dragers.measures]
    (3.0, [0.5, 0.25, 0.25])
    """
    name = DEFAULT if name_or_path is None else str(name_or_path)
    if name.lower().endswith(".toml"):
        return parse_balance_profile(read_toml(name), where=name)
    if name not in balance_profile_names():
        raise StudyError(
            "no balance profile is called {name!r}; choose from {known}, or give the path of a .toml file",
            name=name, known=", ".join(balance_profile_names()),
        )  # fmt: skip
    path = PROFILES_DIR / f"{name}.toml"
    return parse_balance_profile(read_toml(path), where=tell("balance profile {name}", name=name))


def parse_balance_profile(content: Mapping[str, Any], *, where: str = "profile") -> BalanceProfile:
    """Check the content of a balance profile's file and turn it into a profile.

    Parameters
    ----------
    content
        The parsed TOML document, of the shape of ``knowledge/balance/vragers_dragers.toml``.
    where
        What messages call the document.

    Returns
    -------
    BalanceProfile
        The profile.

    Raises
    ------
    StudyError
        When anything is wrong: all faults at once, each with its key path.

    Examples
    --------
    >>> document = read_toml(PROFILES_DIR / "vragers_dragers.toml")
    >>> parse_balance_profile(document | {"cap": 0.5}, where="mijn.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: mijn.toml has 1 fault:
      cap: must be a number above 1, not 0.5
    """
    return read_document(content, BalanceProfile, where=where)
