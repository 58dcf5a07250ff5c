"""What a study says of its further questions: where to search, what to add, to change and to build."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - the reader looks at the annotations
from typing import Final, Literal

from geowoonzorg.knowledge import NOT_NEGATIVE, SHARE, Bound
from geowoonzorg.messages import tell

PART: Final = Bound(tell("more than 0 and at most 1"), lambda value: 0 < value <= 1)
POSITIVE: Final = Bound(tell("more than 0"), lambda value: value > 0)
WHOLE: Final = Bound(tell("a whole number of 1 or more"), lambda value: value >= 1)


@dataclass(frozen=True)
class SearchInput:
    """``[search]``: where places are looked for that nobody has named.

    Attributes
    ----------
    cell_m
        The side of a cell (m).
    homes
        How many homes a place is assumed to bring.
    spots
        How many places are chosen.
    apart_m
        How far apart they lie at least (m).
    max_per_wijk
        At most so many in a wijk.
    allow, forbid
        Layers or rasters of the ground that alone is looked at, and of that which is left out.
    assume
        What else a place is assumed to be, by column of a site, such as ``ontmoetingsruimte = "ja"``.
    min_area_m2
        The least piece of allowed ground that a chosen place is part of (m2).
    dragers_to_spare
        Whether only areas are looked at that have more dragers to vragers than the reference.
    buildings
        A list of buildings, as of the BAG, that are looked at instead of cells.
    building_use
        Only those with one of these uses, such as ``kantoorfunctie``.
    min_floor_m2
        Only those with at least so much floor (m2).
    built_from, built_until
        Only those of these years, both included.
    seconds
        How long is looked for a better set of spots.
    """

    cell_m: float = field(default=25.0, metadata={"must_be": POSITIVE})
    homes: int | None = field(default=None, metadata={"must_be": WHOLE})
    spots: int | None = field(default=None, metadata={"must_be": WHOLE})
    apart_m: float | None = field(default=None, metadata={"must_be": NOT_NEGATIVE})
    max_per_wijk: int | None = field(default=None, metadata={"must_be": WHOLE})
    allow: tuple[Path, ...] = ()
    forbid: tuple[Path, ...] = ()
    assume: Mapping[str, str] = field(default_factory=dict)
    min_area_m2: float | None = field(default=None, metadata={"must_be": NOT_NEGATIVE})
    dragers_to_spare: bool = False
    buildings: Path | None = None
    building_use: tuple[str, ...] = ()
    min_floor_m2: float | None = field(default=None, metadata={"must_be": NOT_NEGATIVE})
    built_from: int | None = None
    built_until: int | None = None
    seconds: float | None = field(default=None, metadata={"must_be": POSITIVE})


@dataclass(frozen=True)
class LocateInput:
    """``[locate]``: where more facilities of a class reach most people who are not reached now.

    Attributes
    ----------
    facility_class
        Of which class.
    k
        How many.
    limit_m
        Within which walk people are reached (m); the study's first limit by default.
    weight
        Who is counted: addresses, people or those of 65 and over.
    candidates
        Where they may come: cells (the default), addresses, or a layer.
    cell_m
        The side of those cells (m).
    problem
        Whether most are reached, the least is walked, or the fewest are opened for a share.
    share
        Of the fewest: which share (0-1) must be reached.
    capacity
        How many places a new facility has.
    seconds
        How long the best is looked for.
    gap
        Which share of what is gained may be left on the table.
    """

    facility_class: str = field(metadata={"key": "class"})
    k: int = field(default=1, metadata={"must_be": WHOLE})
    limit_m: float | None = field(default=None, metadata={"must_be": POSITIVE})
    weight: Literal["addresses", "people", "65plus"] = "addresses"
    candidates: Path | Literal["cells", "addresses"] = "cells"
    cell_m: float = field(default=100.0, metadata={"must_be": POSITIVE})
    problem: Literal["coverage", "p_median", "least_number"] = "coverage"
    share: float | None = field(default=None, metadata={"must_be": PART})
    capacity: float | None = field(default=None, metadata={"must_be": POSITIVE})
    seconds: float = field(default=60.0, metadata={"must_be": POSITIVE})
    gap: float = field(default=0.0, metadata={"must_be": NOT_NEGATIVE})


@dataclass(frozen=True)
class WhatIfInput:
    """``[what_if]``: a change that is tried.

    Attributes
    ----------
    change
        The file that says what opens, closes, moves or is built.
    """

    change: Path


@dataclass(frozen=True)
class ProgrammeInput:
    """``[programme]``: how homes fit on the sites.

    Attributes
    ----------
    homes
        How many in all.
    max_share_per_wijk
        At most this share (0-1) of them in one wijk.
    max_balance
        The balance that no touched catchment may exceed afterwards.
    by_year
        Only sites whose phase is no later.
    woonvorm
        Only sites of this woonvorm.
    min_per_site
        At least so many on a site that has no ``min_woningen`` of its own, or none.
    unscored
        Whether sites without a score take part, with the least that their score can be.
    facility_class
        Of which class it is told what moving homes does, and what adding facilities.
    """

    homes: int = field(metadata={"must_be": WHOLE})
    max_share_per_wijk: float | None = field(default=None, metadata={"must_be": SHARE})
    max_balance: float | None = None
    by_year: int | None = None
    woonvorm: str | None = None
    min_per_site: int | None = field(default=None, metadata={"must_be": WHOLE})
    unscored: bool | None = None
    facility_class: str | None = field(default=None, metadata={"key": "class"})
