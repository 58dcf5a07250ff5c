"""What a region's maps show: per theme and area between what a number lies, and its class where that is certain."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, read_document
from geowoonzorg.region.outlines import RD_NEW

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import pandas as pd

UNSURE: Final = "unsure"
SPREAD, GAP, FITS = "spread", "gap", "fits"
ALL_FIT, SOME_DO_NOT = "f0", "f1"
#: The columns of what is on the maps.
COLUMNS: Final = ("theme", "groep", "need", "year", "gemeente", "code", "low", "high", "class")
Span = tuple[float, float]


@dataclass(frozen=True)
class MapKnowledge:
    """What ``knowledge/region/maps.toml`` says: classes and how they are drawn."""

    source: str
    spread_bounds: tuple[float, ...]
    gap_bounds: tuple[float, ...]
    colours: tuple[str, ...]
    fit_colours: tuple[str, ...]
    width: float = field(metadata={"must_be": NOT_NEGATIVE})
    tolerance: float = field(metadata={"must_be": NOT_NEGATIVE})
    most_names: int = field(metadata={"must_be": NOT_NEGATIVE})


@cache
def read_map_knowledge() -> MapKnowledge:
    """Read in which classes maps are coloured.

    Returns
    -------
    MapKnowledge
        Wholly checked.

    Examples
    --------
    >>> len(read_map_knowledge().colours) - len(read_map_knowledge().spread_bounds)
    1
    """
    with as_file(files("geowoonzorg") / "knowledge" / "region" / "maps.toml") as path:
        return read_document(read_toml(path), MapKnowledge, where=path.name)


def class_of(span: Span, bounds: Sequence[float]) -> str:
    """Give the class of a number that lies between two, where it can only be in one.

    Parameters
    ----------
    span
        The least and the most that it can be; NaN where not even that is known.
    bounds
        Between classes, rising; a number on one is in the class above it.

    Returns
    -------
    str
        ``s0`` and on, or ``unsure``.

    Examples
    --------
    >>> class_of((0.9, 1.1), (0.8, 1.25)), class_of((0.7, 0.9), (0.8, 1.25)), class_of((1.25, np.inf), (0.8, 1.25))
    ('s1', 'unsure', 's2')
    """
    if np.isnan(span[0]) or np.isnan(span[1]):
        return UNSURE
    low, high = (bisect_right(bounds, end) for end in span)
    return f"s{low}" if low == high else UNSURE


def map_region(
    tables: Mapping[str, pd.DataFrame], outlines: pd.DataFrame, *, base: int | None
) -> gpd.GeoDataFrame:
    """Put on the outlines how groups are spread, what is short and what fits.

    Parameters
    ----------
    tables
        With ``spreiding, opgave, past_het, figures``.
    outlines
        ``code`` and geometry, as `geowoonzorg.region.outlines.read_outlines`; without rows nothing is on a map.
    base
        The year of the counts.

    Returns
    -------
    geopandas.GeoDataFrame
        A row per map and outline, in the order of both: ``theme`` (``spread``: people per 1,000 as a multiple of the
        region's; ``gap``: the share, 0-1, of a need that is short in the first year ahead, less the region's share;
        ``fits``: homes without a place), ``groep`` and ``need`` where the theme has them, ``year``, ``gemeente``,
        ``code``, ``low`` and ``high`` (between what the number lies; missing without an end), ``class`` as
        `class_of`, ``f0`` where all homes fit and ``f1`` where some do not, and the geometry.

    Examples
    --------
    >>> from geowoonzorg.ask import ask_region
    >>> from geowoonzorg.prepare import demo_study
    >>> answer = ask_region(demo_study().parent / "regio" / "region.toml")
    >>> made = map_region(answer.tables, answer.outlines, base=2023)
    >>> made[made["theme"] == "spread"].iloc[0][["groep", "gemeente", "class"]].tolist()
    ['Ouderen', 'Wierhaven', 's2']
    """
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    if len(outlines):
        figures = tables["figures"]
        names = dict(zip(figures["code"].str[2:6], figures["gemeente"], strict=True))
        codes = list(outlines["code"])
        for about, spans, classes in _themes(tables, codes, base):
            if not spans.keys() & set(
                codes
            ):  # told of gemeenten, and the outlines are of buurten, say
                continue
            for code, shape in zip(codes, outlines.geometry, strict=True):
                low, high = spans.get(code, (np.nan, np.nan))
                rows.append({
                    **about, "gemeente": names.get(code[2:6], ""), "code": code,
                    "low": low if np.isfinite(low) else np.nan, "high": high if np.isfinite(high) else np.nan,
                    "class": classes.get(code, UNSURE),
                })  # fmt: skip
                shapes.append(shape)
    table = gpd.GeoDataFrame(rows, columns=list(COLUMNS), geometry=shapes, crs=RD_NEW)
    return table.astype({"year": "Int64", "low": "float64", "high": "float64"})


def _themes(
    tables: Mapping[str, pd.DataFrame], codes: Collection[str], base: int | None
) -> Iterator[tuple[dict[str, Any], dict[str, Span], dict[str, str]]]:
    """Give each map: what it is about, its spans and its classes."""
    known = read_map_knowledge()
    for about, spans in _spread(tables["spreiding"]):
        yield about, spans, {c: class_of(s, known.spread_bounds) for c, s in spans.items()}
    for about, spans in _gaps(tables["opgave"], codes, base):
        yield about, spans, {c: class_of(s, known.gap_bounds) for c, s in spans.items()}
    spans, classes = _fitting(tables["past_het"])
    if spans:
        yield {"theme": FITS, "groep": "", "need": "", "year": None}, spans, classes


def _ratio(part: float, whole: float) -> float:
    """Divide; what cannot be told is not a number."""
    if whole == 0:
        return np.inf if part > 0 else np.nan
    return part / whole if np.isfinite(whole) else 0.0


def _spread(spread: pd.DataFrame) -> Iterator[tuple[dict[str, Any], dict[str, Span]]]:
    """Give each group's people per 1,000 as a multiple of the region's, by gemeente."""
    if spread.empty:
        return
    for group, of in spread[spread["can_spread"].astype(bool)].groupby("groep", sort=False):
        columns = ("per_1000_low", "per_1000_high", "region_per_1000_low", "region_per_1000_high")
        ends = of[list(columns)].astype("float64").to_numpy()
        about = {"theme": SPREAD, "groep": str(group), "need": "", "year": of["year"].iloc[0]}
        yield (
            about,
            {
                str(code): (_ratio(low, most), _ratio(np.nan_to_num(high, nan=np.inf), least))
                for code, (low, high, least, most) in zip(of["code"], ends, strict=True)
            },
        )


def _gaps(
    gaps: pd.DataFrame, codes: Collection[str], base: int | None
) -> Iterator[tuple[dict[str, Any], dict[str, Span]]]:
    """Give the share of each need that is short, less the region's share, in the first year ahead."""
    drawn = gaps[gaps["area"].isin(list(codes))]
    for (group, need), of in drawn.groupby(["groep", "need"], sort=False):
        ahead = of[of["year"] > (base or 0)]
        now = of[of["year"] == (ahead if len(ahead) else of)["year"].min()]
        amount, supply, plans = (
            now[[f"{name}_low", f"{name}_high"]].astype("float64").to_numpy()
            for name in ("amount", "supply", "plans")
        )
        met = np.nan_to_num(supply + plans, nan=np.inf)
        asked = np.nan_to_num(amount, nan=np.inf)
        region = _short(asked.sum(axis=0), met.sum(axis=0))
        about = {
            "theme": GAP, "groep": str(group), "need": str(need), "year": int(now["year"].iloc[0]),
        }  # fmt: skip
        found = {}
        for code, one, there in zip(now["area"], asked, met, strict=True):
            low, high = _short(one, there)
            found[str(code)] = (low - region[1], high - region[0])
        yield about, found


def _short(asked: Sequence[float], met: Sequence[float]) -> Span:
    """Give the least and the most share of a need that can be short."""
    return 1 - _ratio(met[1], asked[0]), 1 - _ratio(met[0], asked[1])


def _fitting(fits: pd.DataFrame) -> tuple[dict[str, Span], dict[str, str]]:
    """Tell of every gemeente how many of its homes have no place, and whether all have."""
    spans, classes = {}, {}
    for code, of in fits.groupby("code", sort=False):
        low, high = (
            of[f"short_{end}"].astype("float64").sum(skipna=False) for end in ("low", "high")
        )
        spans[str(code)] = (float(low), float(high))
        all_fit = bool((of["short_high"] == 0).fillna(value=False).all())
        some = bool((of["short_low"] > 0).fillna(value=False).any())
        classes[str(code)] = ALL_FIT if all_fit else SOME_DO_NOT if some else UNSURE
    return spans, classes
