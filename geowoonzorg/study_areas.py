"""What a study may say under ``[areas]``: borders, tables of figures, the Leefbaarometer, a forecast."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING, Literal

from geowoonzorg.knowledge import SHARE
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geowoonzorg.messages import Message


@dataclass(frozen=True)
class AreaTableInput:
    """``[[areas.tables]]``: a table whose columns are named here, so that its file stays as it is.

    Attributes
    ----------
    source
        A table with area codes.
    columns
        Our name → the table's column. A name that the catalogue does not have is an own indicator.
    code
        The column with the codes, where it is not known by its name.
    unit
        Of the figures: ``%``, ``share`` or ``per_1000``, or of own indicators any.
    period
        The year of the table, or which of its years to take.
    rows
        Of other dimensions, such as age: column → the value to take.
    """

    source: Path
    columns: Mapping[str, str]
    code: str | None = None
    unit: str = ""
    period: int | None = None
    rows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ForecastInput:
    """``[areas.forecast]``: how many people of 75 and 85 and over there will be.

    Attributes
    ----------
    source
        A table with area codes, a year, and people per age or variant, or a column for each.
    year
        The year that is asked for.
    columns
        Our name → the table's column, where it is not known by its name.
    code
        The column with the codes.
    """

    source: Path
    year: int
    columns: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None


@dataclass(frozen=True)
class AreasInput:
    """``[areas]``: buurten or wijken and what is known of them.

    Attributes
    ----------
    source
        The CBS wijk- en buurtkaart, or any polygon layer with buurt or wijk codes.
    level
        ``buurt`` or ``wijk``.
    figures
        Tables joined on the code.
    older_years
        Whether tables of an earlier year than the borders may stand in, flagged, instead of being an error.
    columns
        Our name → the column of the tables, where it is not known by its name.
    tables
        Tables whose columns are named one by one.
    figures_borders
        The borders, of another year, that tables belong to whose codes are not those of ``source``: their
        figures are carried over by shape, by homes, or by surface.
    forecast
        How many people of 75 and 85 and over there will be.
    leefbaarometer_grid
        The Leefbaarometer per square of 100 m, of ``leefbaarometer_year``: what people within walking
        distance live in, where it knows their square.
    leefbaarometer
        The Leefbaarometer's scores as published.
    leefbaarometer_year
        Which of its years; needed with ``leefbaarometer`` and ``leefbaarometer_grid``.
    reference
        What the balance compares with: ``gemeente``, ``region``, ``country`` or a code; ``auto`` for the gemeente,
        or the region where the sites lie in more than one.
    added_vragers_share
        Of the residents of each site's new homes; given it, sites tell the balance before and after.
    gemeente
        Keep only the areas of this gemeente.
    balance
        How the balance is made: ``vragers_dragers``, ``dragers_ggd``, or the path of a TOML file.
    """

    source: Path
    level: Literal["buurt", "wijk"] = "buurt"
    figures: tuple[Path, ...] = ()
    older_years: bool = False
    leefbaarometer: Path | None = None
    leefbaarometer_year: int | None = None
    reference: str = "auto"
    added_vragers_share: float | None = field(default=None, metadata={"must_be": SHARE})
    gemeente: str | None = None
    balance: str = "vragers_dragers"
    columns: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[AreaTableInput, ...] = ()
    figures_borders: Path | None = None
    forecast: ForecastInput | None = None
    leefbaarometer_grid: Path | None = None

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if self.columns and not self.figures:
            yield "columns", tell("names columns of figures; give those")
        scores = self.leefbaarometer is not None or self.leefbaarometer_grid is not None
        if scores != (self.leefbaarometer_year is not None):
            yield (
                "",
                tell(
                    "leefbaarometer and leefbaarometer_year go together: the file holds several years"
                ),
            )
