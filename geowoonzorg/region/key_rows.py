"""The keys of a region put to work: now and after the woondeal, mixed, per group, and against what was taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import pandas as pd

from geowoonzorg.errors import MissingColumnError
from geowoonzorg.files import parse_numbers, read_table
from geowoonzorg.messages import tell
from geowoonzorg.region.dial import turn_dial
from geowoonzorg.region.gemeenten import code_of, plain_gemeente
from geowoonzorg.region.growing import after_woondeal
from geowoonzorg.region.keys import share_out, share_out_groups
from geowoonzorg.region.ledger import keep_ledger
from geowoonzorg.region.study import LIMITS
from geowoonzorg.region.words import match_groups, read_table_words

if TYPE_CHECKING:
    from pathlib import Path

    from geowoonzorg.messages import Message
    from geowoonzorg.region.figures import RegionFigures
    from geowoonzorg.region.study import KeyTable, Region

_WOONDEAL: Final = {"dwellings", "social_homes", "added_dwellings", "added_social"}
_COLUMNS: Final = {
    "verdeelsleutels": ["key", "gemeente", "share", "homes", "free_homes_share", "vulnerable_share_after", "source"],
    "per_groep": ["groep", "key", "gemeente", "share", "homes", "source"],
    "mengsels": ["key", "other_weight", "concentration", "gemeente", "share", "homes", "source"],
    "opgenomen": ["gemeente", "year", "due", "taken", "difference", "balance", "to_take"],
}  # fmt: skip


def share_out_region(
    region: Region, figures: RegionFigures, notes: list[Message]
) -> dict[str, pd.DataFrame]:
    """Share out the homes of a region by all of its keys.

    Parameters
    ----------
    region
        Its homes, keys, homes per group and what was taken.
    figures
        The figures of its gemeenten.
    notes
        Hears what is noted.

    Returns
    -------
    dict of pandas.DataFrame
        ``verdeelsleutels`` (as `geowoonzorg.region.keys.share_out`, with ``moment``: ``now``, or ``after`` the
        woondeal where the figures have it), ``per_groep``, ``mengsels`` (between the first two keys) and
        ``opgenomen`` (against the first key); without rows where nothing is asked.

    Raises
    ------
    StudyError, InputError, MissingColumnError, DuplicateIdError
        As the rooms that do it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.region.figures import RegionFigures
    >>> from geowoonzorg.region.study import Region
    >>> table = pd.DataFrame({"gemeente": ["A", "B"], "code": ["GM1", "GM2"], "inhabitants": [150_000, 30_000]})
    >>> region = Region(name="R", figures=Path("f.csv"), homes=200, keys={"inwoners": {"inhabitants": 1.0}})
    >>> found = share_out_region(region, RegionFigures(table, (), published=False), [])
    >>> found["verdeelsleutels"]["homes"].tolist()
    [167, 33]
    """
    found = {name: pd.DataFrame(columns=columns) for name, columns in _COLUMNS.items()}
    if not region.keys or region.homes is None:
        return found
    table, size = figures.table, region.form.persons_per_home if region.form else 1.0
    moments = {"now": table}
    if _WOONDEAL.issubset(table.columns):
        moments["after"] = after_woondeal(table)
    made = []
    for moment, of in moments.items():
        for name, key in region.keys.items():
            shared = share_out(
                of, {name: _weights(key)}, region.homes, persons_per_home=size,
                min_share=_limits(key, "min_share", figures, 0.0),
                max_share=_limits(key, "max_share", figures, 1.0),
            )  # fmt: skip
            notes += shared.attrs.get("notes", []) if moment == "now" else []
            made.append(shared.assign(moment=moment))
    found["verdeelsleutels"] = pd.concat(made, ignore_index=True)
    keys = {name: _weights(key) for name, key in region.keys.items()}
    names = list(keys)
    if len(names) > 1:
        mixed = turn_dial(
            table, keys[names[0]], keys[names[1]], region.homes, persons_per_home=size
        )
        found["mengsels"] = mixed.assign(key=f"{names[0]} / {names[1]}")
    if region.per_group:
        known = match_groups(one.group for one in region.per_group).keys
        homes = {known.get(one.group, one.group): float(one.homes) for one in region.per_group}
        key_of = {known.get(one.group, one.group): one.key for one in region.per_group}
        found["per_groep"], together = share_out_groups(
            table, keys, homes, key_of, persons_per_home=size
        )
        both = [found["verdeelsleutels"], together.assign(moment="now")]
        found["verdeelsleutels"] = pd.concat(both, ignore_index=True)
    if region.taken is not None:
        shares = found["verdeelsleutels"]
        first = shares[(shares["key"] == names[0]) & (shares["moment"] == "now")]
        due = first[["gemeente", "homes"]]
        found["opgenomen"] = _ledger(region.taken, due, figures, notes)
    return found


def _weights(key: KeyTable) -> dict[str, float]:
    return {name: w for name, w in key.items() if name not in LIMITS and not isinstance(w, Mapping)}


def _limits(
    key: KeyTable, name: str, figures: RegionFigures, otherwise: float
) -> Mapping[str, float] | float:
    """Give limits under the names that the figures have."""
    given = key.get(name)
    if not isinstance(given, Mapping):
        return otherwise
    return {_own_name(gemeente, figures): share for gemeente, share in given.items()}


def _own_name(gemeente: str, figures: RegionFigures) -> str:
    every = {**figures.every, **figures.codes}
    own = {plain_gemeente(name): name for name in every}
    by_code = {code: name for name, code in every.items()}
    return own.get(plain_gemeente(gemeente)) or by_code.get(code_of(gemeente) or "", gemeente)


def _ledger(
    path: Path, due: pd.DataFrame, figures: RegionFigures, notes: list[Message]
) -> pd.DataFrame:
    """Set what gemeenten took, per year, beside what they were due every year."""
    table, words = read_table(path, role="taken"), read_table_words()
    gemeente = next((c for c in table.columns if words.means("gemeente", c)), None)
    columns = {c.lower(): c for c in table.columns}
    year = next((columns[c] for c in ("jaar", "year") if c in columns), None)
    homes = next((columns[c] for c in ("woningen", "homes", "opgenomen") if c in columns), None)
    if gemeente is None or year is None or homes is None:
        raise MissingColumnError(
            "{where}: needs the columns gemeente, jaar and woningen; it has {columns}",
            where=str(path), columns=", ".join(map(str, table.columns[:10])),
        )  # fmt: skip
    at = tell("{where}, column {column}", where=str(path), column=homes)
    taken = pd.DataFrame({
        "gemeente": [_own_name(str(name), figures) for name in table[gemeente]],
        "year": parse_numbers(table[year], where=str(path)).astype("int64"),
        "homes": parse_numbers(table[homes], where=at, thousands=True),
    })  # fmt: skip
    outside = taken["gemeente"].isin(set(figures.every) - set(figures.codes))
    if outside.any():
        notes.append(
            tell(
                "{where}: left out, as of gemeenten outside the region: {n} {n:row|rows}",
                where=path.name, n=int(outside.sum()),
            )
        )  # fmt: skip
        taken = taken[~outside].reset_index(drop=True)
    years = sorted(taken["year"].unique())
    owed = pd.concat([due.assign(year=one) for one in years], ignore_index=True)
    found = keep_ledger(taken, owed)
    return found.assign(source=f"{path.name}; verdeelsleutels.csv")
