"""The areas of a town: every figure, the balance beside it, what is missing and why, and where each is from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.errors import CoverageError
from geowoonzorg.messages import tell
from geowoonzorg.opendata.area_rules import deviation_words
from geowoonzorg.opendata.areas import Areas, area_status, carried_label, figure_columns
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.opendata.squares import squares_at
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.people.beside import correlate_leefbaarometer
from geowoonzorg.people.lived_beside import beside_notes, leefbaarometer_beside
from geowoonzorg.people.vragers_dragers import (
    AUTO,
    balance_against,
    choose_reference,
    compute_balance,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geowoonzorg.messages import Message
    from geowoonzorg.people.balance_profile import BalanceProfile

GAP_COLUMNS = ["code", "column", "kind", "what", "what_en"]
_BALANCE = ["vragers_index", "dragers_index", "balans", "quadrant"]
# Between what each of the area's own lies, and the balance with its gemeente and with the region.
BALANCE_COLUMNS = [
    *_BALANCE, "vragers_low", "vragers_high", "dragers_low", "dragers_high", "balans_low", "balans_high",
    "balans_gemeente", "balans_region",
]  # fmt: skip
AREA_COLUMNS = [
    "code", "name", "level", "year", "lbm_afw", "lbm_fys", "lbm_onv", "lbm_soc", "lbm_vrz", "lbm_won",
    "lbm_class", "lbm_words", *BALANCE_COLUMNS, "inhabitants", "share_65plus", "status", "geometry",
]  # fmt: skip
# Their columns stand in the output only as far as `AREA_COLUMNS` names them; those of other sources all do.
_OF_EVERY_STUDY = ("cbs_kerncijfers", "cbs_nabijheid", "leefbaarometer")
_BALANCE_SOURCE = "vragers/dragers, eigen constructie op CBS-cijfers"
_BALANCE_OF_MORE = "vragers/dragers, eigen constructie op open cijfers, niet alleen van het CBS"


@dataclass(frozen=True, eq=False)
class AreaFigures:
    """Areas with their figures and their balance.

    Attributes
    ----------
    areas
        Figures with their reasons, stand-ins and provenance.
    balance
        From `compute_balance`, on the areas' index.
    profile
        How the balance is made.
    reference
        What the balance compares with: ``gemeente``, ``region``, ``country`` or a code.
    added_vragers_share
        0–1: of the residents of new homes; None where nobody said.
    notes
        What was noticed while reading, and the balance's rank correlation with the Leefbaarometer.
    grid
        The Leefbaarometer per square of 100 m, indexed by square id; None where none was given.
    own
        Which areas belong to this part of a town, shape (n_areas,); all where there is only one part. The
        others are known, since people live in them, and stand in no output.
    """

    areas: Areas
    balance: pd.DataFrame
    profile: BalanceProfile
    reference: str = "gemeente"
    added_vragers_share: float | None = None
    notes: tuple[str, ...] = ()
    grid: gpd.GeoDataFrame | None = None
    own: NDArray[np.bool_] | None = None

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """The areas, indexed by code."""
        return self.areas.frame

    @property
    def layer(self) -> gpd.GeoDataFrame:
        """The output layer ``areas``: ``code, name, level, year``, figures, balance, ``status``, geometry."""
        return self._layer.copy(deep=False)

    @cached_property
    def _layer(self) -> gpd.GeoDataFrame:
        words = pd.concat(
            [
                area_status(self.areas, columns=self._told(), carried=self._of_balance()),
                self.balance["status"],
            ],
            axis=1,
        ).apply(_one_status, axis=1)
        lived = self.frame["lbm_afw"].map(partial(deviation_words, "lbm_afw"))
        layer = self.frame.assign(
            **{c: self.balance[c] for c in BALANCE_COLUMNS}, status=words, lbm_words=lived
        )
        if len(self.areas.carried):
            least = self.areas.carried.groupby("code")["known_share"].min()
            layer["carried_share"] = least.reindex(layer.index)
        if self.own is not None:
            layer = layer[self.own]
        return layer.rename_axis("code").reset_index()[self.columns]

    @property
    def numbers(self) -> pd.DataFrame:
        """Every number that can be averaged over people, indexed by code (float64, NaN where unknown)."""
        return self._numbers.copy(deep=False)

    @cached_property
    def _numbers(self) -> pd.DataFrame:
        every = self.frame.assign(**{c: self.balance[c] for c in BALANCE_COLUMNS})
        aside = {"code", "year", "status", "geometry", "carried_share", "lbm_words"}
        known = [c for c in self.columns if c not in aside]
        catalogue, read = read_catalogue().columns, set(self.areas.provenance["column"])
        known += [
            c for c in figure_columns()
            if c in read and c not in known and catalogue[c].kind in {"share", "number"}
        ]  # fmt: skip
        return pd.DataFrame(every[known]).select_dtypes("number").rename_axis("code")

    def at_homes(
        self, homes: gpd.GeoDataFrame, home: pd.Series[str], columns: Sequence[str]
    ) -> tuple[pd.Series[str], pd.DataFrame, pd.DataFrame]:
        """Give the figures where people live: of their square of 100 m where it is known, else of their area.

        Parameters
        ----------
        homes
            Where people live, with ``id``.
        home
            The area code of each, indexed by id.
        columns
            Figures that the areas have.

        Returns
        -------
        zone : pandas.Series of str
            The zone of each home, indexed by id: its area, or its square and its area.
        values, stands_in : pandas.DataFrame
            Per zone the figures, and what stands in for its own (an area for a square that is not known).

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> zone, values, _ = town.figures.at_homes(town.around, town.home, ["lbm_afw"])
        >>> bool(zone.dropna().isin(values.index).all())
        True
        """
        values = self.numbers[list(columns)]
        stands_in = self.fallbacks[list(columns)]
        of_squares = [c for c in columns if self.grid is not None and c in self.grid]
        if self.grid is None or not of_squares or homes.empty:
            return home, values, stands_in
        square = squares_at(homes.set_index("id").geometry).reindex(home.index)
        square = square.where(square.isin(self.grid.index))
        zone = (square.fillna("-") + " " + home.fillna("-")).mask(square.isna() & home.isna())
        each = pd.DataFrame({"zone": zone, "square": square, "home": home}).dropna(subset="zone")
        each = each.drop_duplicates("zone").set_index("zone")
        of_area = values.reindex(each["home"]).set_axis(each.index)
        stood = stands_in.reindex(each["home"]).fillna("").set_axis(each.index)
        cells = pd.DataFrame(self.grid[of_squares]).reindex(each["square"]).set_axis(each.index)
        known = cells.notna()
        stood[of_squares] = stood[of_squares].mask(stood[of_squares] == "", self.areas.level)
        stood[of_squares] = stood[of_squares].mask(known, "")
        of_area[of_squares] = cells.where(known, of_area[of_squares])
        return zone, of_area, stood

    @cached_property
    def fallbacks(self) -> pd.DataFrame:
        """By area what stands in for each number, the balance among them, as in ``Areas.fallbacks``."""
        stood_in = _balance_stood_in(self.balance)
        every = self.areas.fallbacks.assign(**dict.fromkeys(BALANCE_COLUMNS, stood_in))
        return every.reindex(columns=self.numbers.columns, fill_value="")

    @property
    def columns(self) -> list[str]:
        """The columns of the output layer."""
        carried = ["carried_share"] if len(self.areas.carried) else []
        catalogue, read = read_catalogue().columns, set(self.areas.provenance["column"])
        more = [
            c for c in figure_columns() if c in read and catalogue[c].source not in _OF_EVERY_STUDY
        ]
        return [*AREA_COLUMNS[:-1], *carried, *more, *self.areas.indicators, AREA_COLUMNS[-1]]

    @property
    def gaps(self) -> pd.DataFrame:
        """Per figure that is not its area's own or not whole a row: ``code, column, kind, what, what_en``.

        ``kind`` is ``missing`` (``what`` is a reason of the catalogue, or words), ``stand_in`` (the larger
        area or older year, as in ``Areas.fallbacks``) or ``remark`` (words); of words ``what_en`` has the English.
        """
        gaps = _gaps(self.areas, self.balance, self.columns, self._of_balance())
        return gaps if self.own is None else gaps[gaps["code"].isin(self.frame.index[self.own])]

    @cached_property
    def beside(self) -> pd.DataFrame:
        """The Leefbaarometer of gemeente, region and country, as `leefbaarometer_beside`."""
        return leefbaarometer_beside(self.areas)

    @property
    def known(self) -> pd.DataFrame:
        """Per figure that a file had, for how many areas it is known and of which year.

        A row per column and file: ``column, source, year, level, own`` (areas with their own figure),
        ``stood_in`` (with that of a larger area or an older year) and ``areas``, in the order read.
        """
        frame, stood = self.frame, self.areas.fallbacks != ""
        files = self.areas.provenance
        files = files[files["level"] != "square"]  # squares are no areas
        rows = files[["column", "source", "year", "level"]].drop_duplicates(
            ["column", "year", "level"]
        )
        own = (
            frame.reindex(columns=rows["column"]).notna() & ~stood.reindex(columns=rows["column"])
        ).sum()
        return rows.assign(
            own=own.to_numpy(),
            stood_in=stood.reindex(columns=rows["column"]).sum().to_numpy(),
            areas=len(frame),
        ).reset_index(drop=True)

    @property
    def advice(self) -> Message | None:
        """What would give a balance, where it is known for no area; None where it is for some."""
        if self.balance["balans"].notna().any():
            return None
        read = self.areas.provenance
        of_balance = read["column"].isin(self.profile.columns)
        years = [int(y) for y in read["year"][of_balance].dropna()]
        complete = read_catalogue().sources["cbs_kerncijfers"].complete_year
        measures = [*self.profile.vragers.measures, *self.profile.dragers.measures]
        lacking = [
            m.label for m in measures if self.frame[list(m.columns)].isna().any(axis=1).all()
        ]
        return tell(
            "no balance in {years}: no area has {measures}; figures of {complete} have them: add its table and "
            "let it stand in (--figures, --older-years; in a study figures and older_years = true)",
            years=", ".join(map(str, sorted(set(years)))) or tell("an unstated year"),
            measures=", ".join(lacking) or tell("enough measures"),
            complete=complete or tell("an earlier year"),
        )

    @cached_property
    def origins(self) -> dict[str, tuple[str, int | None]]:
        """Source and year of each number; the balance is our own construct on the areas' figures."""
        last = self.areas.provenance.drop_duplicates("column", keep="last").set_index("column")
        origins: dict[str, tuple[str, int | None]] = {}
        of_balance = self._of_balance()
        published = last["source"].reindex(of_balance).dropna().astype("str")
        others = {key for key in read_catalogue().sources if not key.startswith("cbs_")}
        more = any(column in self.areas.indicators for column in of_balance)
        more |= bool(published.isin(others).any())
        for column in self.numbers.columns:
            if column in BALANCE_COLUMNS:
                years = last["year"].reindex(of_balance).dropna()
                origins[column] = (
                    _BALANCE_OF_MORE if more else _BALANCE_SOURCE,
                    int(years.max()) if len(years) else self.areas.year,
                )
            elif column in last.index:
                found = last.loc[column]
                # An own table has no name in the catalogue; its file is what people know it by.
                own = column in self.areas.indicators
                source = Path(str(found["file"])).name if own else str(found["source"])
                origins[column] = (source, None if pd.isna(found["year"]) else int(found["year"]))
        return origins

    def _of_balance(self) -> list[str]:
        return [c for c in self.profile.columns if c in self.areas.columns]

    def _told(self) -> list[str]:
        """Leave out what the balance's own status says already."""
        files = self.areas.provenance
        known = set(files["column"][files["level"] != "square"])
        return [c for c in figure_columns() if c in known and c not in self.profile.columns]


def figure_areas(
    areas: Areas,
    *,
    profile: BalanceProfile | None = None,
    reference: str = AUTO,
    gemeenten: frozenset[str] | None = None,
    added_vragers_share: float | None = None,
    grid: gpd.GeoDataFrame | None = None,
) -> AreaFigures:
    """Lay the balance beside the figures of areas.

    Parameters
    ----------
    areas
        Such as `read_area_input` gives them.
    profile
        How the balance is made; None for the default.
    reference
        What it compares with; ``auto`` for the gemeente, or the region where ``gemeenten`` are several.
    gemeenten
        Those in which the places asked about lie; None for all of the areas'.
    added_vragers_share
        0–1: of the residents of new homes; None to ask nothing of it.
    grid
        The Leefbaarometer per square, from `read_grid_input`.

    Returns
    -------
    AreaFigures
        Figures, balance, and what is missing.

    Raises
    ------
    InputError, CoverageError, MissingColumnError
        As `compute_balance`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> Town.demo().figures.layer[["code", "balans"]].round(2).head(1).to_dict("records")
    [{'code': 'BU...', 'balans': ...}]
    """
    profile = profile or read_balance_profile()
    chosen = choose_reference(areas, reference, profile=profile, gemeenten=gemeenten)
    balance = compute_balance(areas, profile=profile, reference=chosen)
    for other in ("gemeente", "region"):
        balance[f"balans_{other}"] = _balance_with(other, balance, areas, profile, chosen)
    told = beside_notes(leefbaarometer_beside(areas))
    found = correlate_leefbaarometer(balance, areas.frame)
    known: pd.DataFrame = found[found["spearman_rho"].notna()]
    notes = [
        tell(
            "balance beside {name}: rank correlation {rho:.2f} over {n} areas; it takes no part in the balance",
            name=name, rho=rho, n=n,
        )
        for name, rho, n in zip(known.index, known["spearman_rho"], known["n_areas"], strict=True)
    ]  # fmt: skip
    if AUTO in (reference, profile.reference) and chosen == "region":
        notes.append(
            tell(
                "the places lie in more than one gemeente, so the balance compares with the region; balans_gemeente "
                "has it against each area's own gemeente"
            )
        )
    return AreaFigures(
        areas, balance, profile, chosen, added_vragers_share, (*areas.notes, *told, *notes), grid
    )


def _balance_with(
    other: str, balance: pd.DataFrame, areas: Areas, profile: BalanceProfile, chosen: str
) -> pd.Series[float]:
    """Give the balance with another reference than the one chosen; unknown where that has no figures."""
    if other == chosen:
        return balance["balans"]
    try:
        return balance_against(areas, profile=profile, reference=other)
    except CoverageError:
        return pd.Series(np.nan, balance.index)


def no_areas(crs: object) -> gpd.GeoDataFrame:
    """Give the output layer ``areas`` of a town without areas: its columns and no rows.

    Parameters
    ----------
    crs
        The CRS of the layer.

    Returns
    -------
    geopandas.GeoDataFrame
        No rows.

    Examples
    --------
    >>> len(no_areas("EPSG:28992"))
    0
    """
    return gpd.GeoDataFrame({c: [] for c in AREA_COLUMNS[:-1]}, geometry=[], crs=crs)


def _gaps(
    areas: Areas, balance: pd.DataFrame, columns: list[str], of_balance: list[str]
) -> pd.DataFrame:
    """List, figure by figure, what is missing, stood in for or to be minded."""
    parts: list[pd.DataFrame] = []

    def add(
        column: str, kind: str, what: pd.Series[str], english: pd.Series[str] | None = None
    ) -> None:
        some = what[what != ""]
        told = "" if english is None else english[some.index]
        row = {"code": some.index, "column": column, "kind": kind, "what": some, "what_en": told}
        parts.append(pd.DataFrame(row))

    for column in (c for c in columns if c in areas.columns):
        missing = areas.frame[column].isna()
        add(column, "missing", areas.reasons[column].where(missing, ""))
        add(column, "stand_in", areas.fallbacks[column])
        add(column, "remark", *_carried_words(areas, [column], areas.frame.index[~missing]))
    unknown = balance["basis"] == "unknown"
    for column in _BALANCE:
        add(column, "stand_in", _balance_stood_in(balance))
        add(column, "missing", balance["remarks"].where(unknown, ""), balance["remarks_en"])
        add(column, "remark", balance["remarks"].mask(unknown, ""), balance["remarks_en"])
        add(column, "remark", *_carried_words(areas, of_balance, balance.index[~unknown]))
    return pd.concat(parts, ignore_index=True)[GAP_COLUMNS]


def _carried_words(
    areas: Areas, columns: list[str], known: pd.Index
) -> tuple[pd.Series[str], pd.Series[str]]:
    """Say by area, in Dutch and English, that figures come from other borders."""
    changed = areas.carried[areas.carried["column"].isin(columns)].drop_duplicates(
        "code", keep="last"
    )
    changed = changed[changed["code"].isin(known)].set_index("code")
    rows: list[Any] = list(changed.itertuples())
    nl, en = (
        pd.Series({r.Index: carried_label(r, lang=lang) for r in rows}, dtype="str")
        for lang in ("nl", "en")
    )
    return nl, en


def _balance_stood_in(balance: pd.DataFrame) -> pd.Series[str]:
    """Say by area whose balance stands in for its own: ``"wijk"``, ``"2016"``, both, or nothing."""
    level = balance["basis"].map(lambda basis: "wijk" if basis.startswith("wijk") else "")
    year = balance["basis_year"].map(str).where(balance["basis_year"].notna(), "")
    return level.str.cat(year, sep=" ").str.strip()


def _one_status(parts: pd.Series[str]) -> str:
    return "; ".join(dict.fromkeys(p for p in parts if p != "ok")) or "ok"
