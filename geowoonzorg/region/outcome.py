"""Everything that is asked about a region, worked out of its files: one table per output, and what was noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_table
from geowoonzorg.messages import tell
from geowoonzorg.opendata.figures import figures_year
from geowoonzorg.region.figures import RegionFigures, read_region_figures
from geowoonzorg.region.fitting import fit_woningtypes
from geowoonzorg.region.form import Form, read_form
from geowoonzorg.region.form_layout import read_form_layout
from geowoonzorg.region.growing import social_rent_path
from geowoonzorg.region.key_rows import share_out_region
from geowoonzorg.region.known import COLUMNS as COUNT_COLUMNS
from geowoonzorg.region.known import know_counts
from geowoonzorg.region.moved import follow_merges
from geowoonzorg.region.needs import COLUMNS as NEED_COLUMNS
from geowoonzorg.region.needs import chain_needs, forecast_needs, read_chain
from geowoonzorg.region.spread import feature_of, goes_together, spread_groups
from geowoonzorg.region.supply import gap, read_plans, read_supply, sum_supply
from geowoonzorg.region.survey import COLUMNS as SURVEY_COLUMNS
from geowoonzorg.region.survey import read_survey
from geowoonzorg.region.tables import read_tables
from geowoonzorg.region.words import match_groups

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geowoonzorg.messages import Message
    from geowoonzorg.region.study import Region

PATH_YEARS: Final = 10  # over how many years the path to the floor of social rent is drawn
# What figures alone tell of who lives where: figure → the group that it is.
_SCANNED: Final = {"people_65plus": "65-plussers", "vulnerable": "Kwetsbare inwoners"}
_EMPTY: Final = {
    "spreiding": ["groep", "gemeente", "code", "year", "persons", "per_1000", "region_per_1000", "source"],
    "sociale_huur": ["gemeente", "code", "year", "social_share", "added_social", "converted_social", "source"],
    "samenhang": ["groep", "goes_with", "rank_correlation", "gemeenten", "source"],
    "aanbod": ["gemeente", "code", "category", "stay", "funding", "groep", "complexes", "homes", "source"],
    "plannen": ["gemeente", "code", "name", "category", "groep", "homes", "status", "year", "source"],
    "opgave": ["gemeente", "area", "groep", "need", "year", "amount", "supply", "plans", "gap", "source"],
    "hulpmiddel": ["gemeente", "groep", "row", "woningtype", "homes", "homes_low", "homes_high", "derived", "source"],
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a region's question comes to.

    Attributes
    ----------
    tables
        By name: ``aantallen, spreiding, samenhang, sociale_huur, verdeelsleutels, per_groep, mengsels, opgenomen,
        behoefte, aanbod, plannen, opgave, enquete, hulpmiddel``; without rows where a region gives nothing for it.
    form
        The government's form, blank where the region has not filled it in.
    persons_per_home
        Of the form; 1 where it is blank.
    figures
        The figures of its gemeenten.
    year
        The year of the counts.
    notes
        What was taken for what, left out, or cannot be known.
    """

    tables: Mapping[str, pd.DataFrame]
    form: Form
    persons_per_home: float
    figures: RegionFigures
    year: int | None
    notes: tuple[Message, ...] = field(default=())


def work_out(region: Region) -> Outcome:
    r"""Work out everything that a region asks.

    Parameters
    ----------
    region
        What is asked, and of which files.

    Returns
    -------
    Outcome
        All tables.

    Raises
    ------
    StudyError, InputError, MissingColumnError, DuplicateIdError, FormatError, SourceError
        When a file or what is asked cannot be used; the message says which, where and how to mend it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geowoonzorg.region.study import Region
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "figures_2023.csv"
    ...     _ = file.write_text("gemeente,inwoners,woningen,sociale huur\nKampen,55000,23000,5000\n")
    ...     outcome = work_out(Region(name="R", figures=file))
    >>> outcome.tables["sociale_huur"][["year", "social_share"]].round(2).values.tolist()[0]
    [2023.0, 0.22]
    """
    joined = (
        *region.tables, region.forecast, region.flow, region.supply, region.plans, region.areas, *region.studies,
    )  # fmt: skip
    figures = read_region_figures(
        region.figures, gemeenten=region.gemeenten, need_codes=any(joined)
    )
    notes: list[Message] = [*figures.notes]
    counts = _counts(region, figures, notes)
    year = _year(region, counts)
    tables = {"aantallen": _as_published(counts)}
    bound = _bound_groups(region, counts)
    spread, told = spread_groups(
        counts, figures.table, per=region.per, year=region.year, cannot_spread=bound
    )
    notes += told
    tables["spreiding"] = spread
    supply, plans = _listed(region, figures, notes)
    tables |= _needs(region, figures, year, supply, plans, notes)
    tables["samenhang"] = goes_together(
        spread, figures.table, beside=_institutions(supply, figures)
    )
    tables["sociale_huur"] = _social_rent(figures, region, year, notes)
    tables |= share_out_region(region, figures, notes)
    tables["enquete"] = pd.DataFrame(columns=list(SURVEY_COLUMNS))
    if region.survey is not None:
        tables["enquete"], told = read_survey(region.survey)
        notes += told
    form = _form(region, figures)
    notes += form.notes
    size = region.form.persons_per_home if region.form else 1.0
    fitted = fit_woningtypes(form.table1, form.table2, size) if region.form else pd.DataFrame()
    notes += fitted.attrs.get("notes", [])
    tables["hulpmiddel"] = fitted
    for name, columns in _EMPTY.items():
        if tables[name].empty and not len(tables[name].columns):
            tables[name] = pd.DataFrame(columns=columns)
    tables = {name: _codes_only(table) for name, table in tables.items()}
    return Outcome(tables, form, size, figures, year, tuple(dict.fromkeys(notes)))


def _codes_only(table: pd.DataFrame) -> pd.DataFrame:
    """Leave the code empty of a gemeente that has none and goes by its name."""
    if "code" not in table or table.empty:
        return table
    code = table["code"].astype("str")
    return table.assign(code=code.where(code.str.fullmatch("(?:GM|WK|BU|NL)[0-9A-Z]+")))


def _counts(region: Region, figures: RegionFigures, notes: list[Message]) -> pd.DataFrame:
    """Give what is known of every count, from tables or, without any, from the figures alone."""
    if not region.tables:
        notes.append(
            tell("no tables of people per group were given: told is what the figures alone say")
        )
        return _scanned(region, figures)
    cells, told = read_tables(
        region.tables, codes=figures.every, year=region.year, region=region.name
    )
    notes += told
    counts, told = know_counts(cells, suppressed_most=region.suppressed_most)
    notes += told
    counts, told = follow_merges(counts, {c: n for n, c in figures.every.items()})
    notes += told
    outside = counts.loc[~counts["code"].isin(figures.table["code"]), "gemeente"].nunique()
    if outside:
        notes.append(
            tell(
                "{n} {n:gemeente|gemeenten} of the tables {n:has|have} no figures: counted, not part of the region",
                n=outside,
            )
        )
    return counts


def _scanned(region: Region, figures: RegionFigures) -> pd.DataFrame:
    """Read groups out of the figures."""
    year = region.year or _figures_year(region)
    made = []
    for column, group in _SCANNED.items():
        if column in figures.table:
            known = figures.table[column].astype("float64")
            made.append(pd.DataFrame({
                "code": figures.table["code"], "groep": group, "sub": "", "part": "", "year": year,
                "gemeente": figures.table["gemeente"], "persons": known, "persons_low": known.fillna(0.0),
                "persons_high": known, "known": np.where(known.isna(), "unknown", "exact"),
                "source": f"{region.figures.name}, {column}",
            }))  # fmt: skip
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=list(COUNT_COLUMNS))


def _figures_year(region: Region) -> int | None:
    return figures_year(read_table(region.figures, role="figures"), str(region.figures))


def _year(region: Region, counts: pd.DataFrame) -> int | None:
    if region.year is not None:
        return region.year
    known = counts["year"].dropna()
    return int(known.max()) if len(known) else _figures_year(region)


def _as_published(counts: pd.DataFrame) -> pd.DataFrame:
    """Give counts as the output has them, in a fixed order."""
    made = counts.assign(
        kenmerk=[feature_of(s, p) for s, p in zip(counts["sub"], counts["part"], strict=True)]
    )
    made = made.sort_values(["code", "groep", "year"], kind="stable").reset_index(drop=True)
    columns = [
        "gemeente", "code", "groep", "kenmerk", "year", "persons", "persons_low", "persons_high", "known", "source",
    ]  # fmt: skip
    whole = dict.fromkeys(("year", "persons", "persons_low", "persons_high"), "Int64")
    return made[columns].astype(whole)


def _bound_groups(region: Region, counts: pd.DataFrame) -> list[str]:
    """Give the groups that cannot be spread, under the names that counts have."""
    known = match_groups(region.cannot_spread).keys
    bound = {name: known.get(name, name) for name in region.cannot_spread}
    there = set(counts["groep"])
    strange = [name for name, group in bound.items() if group not in there]
    if strange and region.tables:
        raise StudyError(
            "region.cannot_spread names groups that no table has: {names}; the tables have {groups}",
            names=", ".join(strange), groups=", ".join(sorted(there)),
        )  # fmt: skip
    return list(bound.values())


def _listed(
    region: Region, figures: RegionFigures, notes: list[Message]
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    supply = plans = None
    if region.supply is not None:
        supply, told = read_supply(region.supply, codes=figures.every)
        notes += told
        supply = _mine(supply, figures, region.supply, notes)
    if region.plans is not None:
        plans, told = read_plans(region.plans, codes=figures.every)
        notes += told
        plans = _mine(plans, figures, region.plans, notes)
    return supply, plans


def _needs(
    region: Region,
    figures: RegionFigures,
    year: int | None,
    supply: pd.DataFrame | None,
    plans: pd.DataFrame | None,
    notes: list[Message],
) -> dict[str, pd.DataFrame]:
    """Tell what is needed, what there is, and what is short."""
    made = []
    if (region.forecast or region.flow) and year is None:
        raise StudyError("the year that needs are counted from is not known; set region.year")
    if region.forecast is not None and year is not None:
        years = [year, *(year + n for n in region.ahead)]
        needs, told = forecast_needs(region.forecast, years=years, rates=region.rates)
        notes += told
        made.append(needs[_in_region(needs["code"], figures)])
    if region.flow is not None and year is not None:
        chain = read_chain(region.flow, codes=figures.every)
        chain = _mine(chain, figures, region.flow, notes)
        made.append(chain_needs(chain, year=year, ahead=region.ahead, file=region.flow.name))
    needs = pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=list(NEED_COLUMNS))
    short = gap(needs, supply, plans) if made else pd.DataFrame()
    found = {
        "behoefte": _named(needs, "code", figures),
        "opgave": _named(short, "area", figures) if len(short) else pd.DataFrame(),
        "aanbod": pd.DataFrame() if supply is None else _named(sum_supply(supply), "code", figures),
        "plannen": pd.DataFrame() if plans is None else _named(plans, "code", figures),
    }
    return found  # noqa: RET504 - what it is has a name


def _mine(
    table: pd.DataFrame, figures: RegionFigures, path: Path, notes: list[Message]
) -> pd.DataFrame:
    """Keep what is of the region, and say what is not."""
    mine = _in_region(table["code"], figures)
    if not mine.all():
        notes.append(
            tell(
                "{where}: left out, as of gemeenten outside the region: {n} {n:row|rows}",
                where=path.name, n=int((~mine).sum()),
            )
        )  # fmt: skip
    return table[mine].reset_index(drop=True)


def _in_region(codes: pd.Series[str], figures: RegionFigures) -> pd.Series[bool]:
    mine = {code[2:] for code in figures.table["code"]}
    return codes.astype("str").map(lambda code: code[:2] != "NL" and code[2:6] in mine)


def _named(frame: pd.DataFrame, column: str, figures: RegionFigures) -> pd.DataFrame:
    """Put the name of its gemeente before an area's code."""
    names = {code[2:]: name for name, code in figures.codes.items()}
    made = frame.reset_index(drop=True)
    made.insert(
        0, "gemeente", made[column].astype("str").map(lambda code: names.get(code[2:6], ""))
    )
    return made


def _institutions(supply: pd.DataFrame | None, figures: RegionFigures) -> pd.DataFrame | None:
    """Give places in sheltered housing and shelters per 1,000 inhabitants, where they are listed."""
    if supply is None or "inhabitants" not in figures.table:
        return None
    placed = supply[supply["category"].isin(["beschermd", "opvang"])]
    places = placed.groupby("code")["homes"].sum(min_count=1)
    told = figures.table.set_index("code")["inhabitants"]
    none = told.index.isin(supply["code"]) & ~told.index.isin(placed["code"])
    # Who is not in the list at all is not known; who is in it with other housing only has none of these.
    rate = places.reindex(told.index).mask(none, 0.0) / told * 1000
    return rate.rename("institutions_per_1000").reset_index()


def _social_rent(
    figures: RegionFigures, region: Region, year: int | None, notes: list[Message]
) -> pd.DataFrame:
    """Tell the share of social rent, and the path to the floor."""
    table, start = figures.table, year or 0
    if not {"dwellings", "social_homes"}.issubset(table.columns):
        return pd.DataFrame()
    if not start:
        notes.append(
            tell("the year of the figures is not known, so years count from 0; set region.year")
        )
    known = table[table[["dwellings", "social_homes"]].notna().all(axis=1)].reset_index(drop=True)
    if known.empty:
        return pd.DataFrame()
    path = social_rent_path(known, start=start, end=start + PATH_YEARS)
    path["source"] = f"{region.figures.name}: social_homes / dwellings"
    return path


def _form(region: Region, figures: RegionFigures) -> Form:
    """Read the form, or make a blank one of the region's gemeenten."""
    names = list(figures.table["gemeente"])
    if region.form is not None:
        one, other = region.form.table1, region.form.table2
        return read_form(
            read_table(one, role="table1"), read_table(other, role="table2"),
            where1=one.name, where2=other.name, gemeenten=names,
        )  # fmt: skip
    layout = read_form_layout()
    groups = [group.key for group in layout.groups if not group.outside]
    rows, kinds = ([one.key for one in of] for of in (layout.rows, layout.woningtypes))
    table1 = pd.MultiIndex.from_product([groups, names], names=["groep", "gemeente"])
    table2 = pd.MultiIndex.from_product([groups, rows, kinds], names=["groep", "row", "woningtype"])
    return Form(_blank(table1, "persons"), _blank(table2, "homes"))


def _blank(cells: pd.MultiIndex, name: str) -> pd.DataFrame:
    """Make a table of the form in which nothing is filled in."""
    open_ = {f"{name}{side}": np.nan for side in ("", "_low", "_high")}
    return cells.to_frame(index=False).assign(**open_, source="")
