"""Profiles of the vragers/dragers balance: which measures, with what weight, against what, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg._faults import Faults
from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import profile_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT: Final = Path(__file__).parents[1] / "knowledge" / "vragers_dragers.toml"
_MEASURE_KEYS: Final = frozenset(
    {"key", "label", "label_en", "columns", "per", "weight", "source", "source_en"}
)
_KEYS: Final = frozenset(
    {
        "name",
        "title",
        "title_en",
        "description",
        "description_en",
        "reference",
        "region",
        "cap",
        "mix",
        "vragers",
        "dragers",
    }
)


@dataclass(frozen=True)
class Measure:
    """One measure of a side: the sum of ``columns``, over the sum of ``per`` where that is given."""

    key: str
    label: str
    columns: tuple[str, ...]
    per: tuple[str, ...]
    weight: float
    source: str
    label_en: str | None = None
    source_en: str | None = None


@dataclass(frozen=True)
class Side:
    """The measures of vragers or of dragers, and how many must be known for the side to exist."""

    measures: tuple[Measure, ...]
    minimum_known: int


@dataclass(frozen=True)
class BalanceProfile:
    """How V, D and the balance are made.

    Attributes
    ----------
    name, title, description, title_en, description_en
        What is printed on outputs.
    reference
        ``gemeente``, ``region``, ``country`` or the code of an area.
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
    """

    name: str
    title: str
    description: str
    reference: str
    region: tuple[str, ...]
    cap: float
    reference_vragers_share: float
    persons_per_home: float
    vragers: Side
    dragers: Side
    title_en: str | None = None
    description_en: str | None = None

    @property
    def hash(self) -> str:
        """The SHA-256 (64 hexadecimal digits) of everything in the profile but its English, as printed on outputs."""
        return profile_hash(asdict(self))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the areas that the measures read, each once."""
        measures = (*self.vragers.measures, *self.dragers.measures)
        return tuple(dict.fromkeys(c for m in measures for c in (*m.columns, *m.per)))


def read_balance_profile(path: str | Path | None = None) -> BalanceProfile:
    """Read the balance profile that ships with the package, or a user's own.

    Parameters
    ----------
    path
        A TOML file; None for the default.

    Returns
    -------
    BalanceProfile
        The profile, wholly checked.

    Raises
    ------
    StudyError
        When anything in the file is wrong: all faults at once, each with its key path.
    SourceError
        When the file is not there or cannot be read.

    Examples
    --------
    >>> profile = read_balance_profile()
    >>> profile.cap, [measure.weight for measure in profile.dragers.measures]
    (3.0, [0.5, 0.25, 0.25])
    """
    where = "the default balance profile" if path is None else str(path)
    return parse_balance_profile(read_toml(path or DEFAULT), where=where)


def parse_balance_profile(content: Mapping[str, Any], *, where: str = "profile") -> BalanceProfile:
    """Check the content of a balance profile's file and turn it into a profile.

    Parameters
    ----------
    content
        The parsed TOML document, of the shape of ``knowledge/vragers_dragers.toml``.
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
    >>> document = read_toml(DEFAULT)
    >>> parse_balance_profile(document | {"cap": 0.5}, where="mijn.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: mijn.toml has 1 fault:
      cap: must be a number above 1, not 0.5
    """
    faults = Faults(where)
    faults.check_keys(content, _KEYS)
    mix = _table(content, "mix", {"reference_vragers_share", "persons_per_home"}, faults)
    share = faults.number(mix, "reference_vragers_share", "mix", above=0)
    if share >= 1:
        faults.add("mix.reference_vragers_share", f"must be under 1, not {share:g}")
    profile = BalanceProfile(
        name=faults.text(content, "name"),
        title=faults.text(content, "title"),
        description=faults.text(content, "description"),
        reference=faults.text(content, "reference"),
        region=_texts(content, "region", "", faults),
        cap=faults.number(content, "cap", above=1),
        reference_vragers_share=share,
        persons_per_home=faults.number(mix, "persons_per_home", "mix", above=0),
        vragers=_parse_side(content, "vragers", faults),
        dragers=_parse_side(content, "dragers", faults),
        title_en=faults.other(content, "title_en"),
        description_en=faults.other(content, "description_en"),
    )
    faults.raise_any()
    return profile


def _parse_side(content: Mapping[str, Any], name: str, faults: Faults) -> Side:
    """Check ``[vragers]`` or ``[dragers]``."""
    side = _table(content, name, {"minimum_known", "measure"}, faults)
    measures: list[Measure] = []
    for path, table in faults.tables(side, "measure", name):
        faults.check_keys(table, _MEASURE_KEYS, path)
        measure = Measure(
            key=faults.text(table, "key", path),
            label=faults.text(table, "label", path),
            columns=_texts(table, "columns", path, faults),
            per=_texts(table, "per", path, faults),
            weight=faults.weight(table, path),
            source=faults.text(table, "source", path),
            label_en=faults.other(table, "label_en", path),
            source_en=faults.other(table, "source_en", path),
        )
        if not measure.columns:
            faults.add(f"{path}.columns", "must name at least one column")
        if measure.key and measure.key in {earlier.key for earlier in measures}:
            faults.add(f"{path}.key", f"{measure.key!r} is used before")
        measures.append(measure)
    if measures and sum(measure.weight for measure in measures) == 0:
        faults.add(f"{name}.measure", "the weights sum to 0; at least one must be positive")
    least = side.get("minimum_known")
    if not isinstance(least, int) or isinstance(least, bool) or not 1 <= least <= len(measures):
        faults.add(f"{name}.minimum_known", f"must be 1 to {len(measures)}, not {least!r}")
        least = 1
    return Side(measures=tuple(measures), minimum_known=least)


def _table(
    content: Mapping[str, Any], key: str, known: set[str], faults: Faults
) -> Mapping[str, Any]:
    """Give a table that must be there, its keys checked."""
    table = content.get(key)
    if not isinstance(table, dict):
        faults.add(key, "is missing" if table is None else f"must be a table, written as [{key}]")
        return {}
    faults.check_keys(table, known, key)
    return table


def _texts(table: Mapping[str, Any], key: str, path: str, faults: Faults) -> tuple[str, ...]:
    """Give a list of texts, empty when it is not there."""
    texts = table.get(key, [])
    if isinstance(texts, list) and all(isinstance(text, str) and text.strip() for text in texts):
        return tuple(texts)
    faults.add(f"{path}.{key}" if path else key, f"must be a list of texts, not {texts!r}")
    return ()
