"""How the map draws classes and indicators: colours, dashes, letters, and the legend's classes with them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import Bound, read_document
from geowoonzorg.messages import tell
from geowoonzorg.show.cells import is_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geowoonzorg.findings import Findings
    from geowoonzorg.messages import Message
    from geowoonzorg.show.texts import Texts

_STYLES: Final = Path(__file__).parents[1] / "knowledge" / "map_styles.toml"
_COLOUR: Final = Bound(tell("a colour, as #005ea8"), re.compile("#[0-9a-f]{6}").fullmatch)
_COUNT: Final = Bound(tell("a whole number of 0 or more"), lambda value: value >= 0)


@dataclass(frozen=True)
class Background:
    """The tiles under the map, and whom to thank for them."""

    name: str
    credit: str
    host: str
    url: str
    attribution: str
    min_zoom: int = field(metadata={"must_be": _COUNT})
    max_zoom: int = field(metadata={"must_be": _COUNT})


@dataclass(frozen=True)
class ClassStyle:
    """How a facility class is drawn: colour of badge, outline and route, and the route's dashes."""

    colour: str = field(metadata={"must_be": _COLOUR})
    dash: str = field(metadata={"blank": True})


@dataclass(frozen=True)
class IndicatorStyle:
    """How the figures of an indicator are written and coloured, from low to high.

    Attributes
    ----------
    group
        With which others it stands.
    colours
        One for each class.
    breaks
        The lower bound of each class but the first.
    categories
        The words that are its classes, where it is no number.
    classes
        The column that says which class an area is in, where its publisher does.
    without_classes
        How it is drawn where a file has no such column.
    decimals, signed, share
        How a figure is written: as a share, or with these decimals and perhaps a plus.
    """

    group: Literal["lbm", "balance", "people"]
    colours: tuple[str, ...] = field(metadata={"each_must_be": _COLOUR})
    breaks: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    classes: str | None = None
    without_classes: IndicatorStyle | None = None
    decimals: int = field(default=0, metadata={"must_be": _COUNT})
    signed: bool = False
    share: bool = False

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if sum(map(bool, (self.breaks, self.categories, self.classes))) != 1:
            yield "", tell("needs one of breaks, categories and classes")
        elif self.classes and not self.without_classes:
            yield "classes", tell("needs without_classes, for files that have no such column")
        elif not self.classes:
            needed = len(self.categories) or len(self.breaks) + 1
            if len(self.colours) != needed:
                yield "colours", tell("must be {n}, one for each class", n=needed)


@dataclass(frozen=True)
class Styles:
    """Everything `map_styles.toml` says; a page above the two limits is simplified."""

    limit_features: int = field(metadata={"must_be": _COUNT})
    limit_bytes: int = field(metadata={"must_be": _COUNT})
    background: Background
    score_colours: tuple[str, ...] = field(
        metadata={"key": "score.colours", "each_must_be": _COLOUR}
    )
    facility_class: Mapping[str, ClassStyle]
    indicator: Mapping[str, IndicatorStyle]


@cache
def read_styles() -> Styles:
    """Read how the map draws classes.

    Returns
    -------
    Styles
        Limits, background, and the looks of classes and indicators; the same object every time.

    Raises
    ------
    StudyError
        When the file is not as it should be, which is a fault of the installation.

    Examples
    --------
    >>> len(read_styles().indicator["lbm_afw"].colours)
    9
    """
    return read_document(read_toml(_STYLES), Styles, where=_STYLES.name)


def class_order(findings: Findings) -> list[str]:
    """List the facility classes that are shown: those asked for, then others that are there.

    Parameters
    ----------
    findings
        What was found.

    Returns
    -------
    list of str
        Keys such as ``huisarts``.

    Examples
    --------
    >>> class_order(findings)
    ['huisarts', 'supermarkt', 'inloopvoorziening', 'apotheek', 'ov_halte']
    """
    asked, tables = list(findings.asked.classes), findings.tables
    found = {
        str(name)
        for key in ("facilities", "routes")
        if key in tables
        for name in tables[key]["facility_class"]
    }
    return asked + sorted(found.difference(asked))


def class_style(key: str, *, texts: Texts) -> dict[str, Any]:
    """Say how a facility class is named and drawn.

    Parameters
    ----------
    key
        A class such as ``huisarts``.
    texts
        The screen texts of one language.

    Returns
    -------
    dict
        ``key, name, plural, letters, colour, dash``.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> class_style("huisarts", texts=read_texts("en"))["plural"]
    'GP practices'
    """
    styles = read_styles().facility_class
    style = styles.get(key, styles["other"])
    one, many, letters = texts.facility_class(key)
    return {"key": key, "name": one, "plural": many, "letters": letters, **vars(style)}


def list_indicators(findings: Findings, *, texts: Texts) -> list[dict[str, Any]]:
    """List the indicators that any area has, each with its legend and how to find an area's class.

    Parameters
    ----------
    findings
        What was found.
    texts
        The screen texts of one language.

    Returns
    -------
    list of dict
        ``key, group, title, long``, the legend's ``classes`` (label, colour, mark, whether dark),
        whether some are ``missing``, and ``find`` for `classify`; none where there are no areas.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> [one["key"] for one in list_indicators(findings, texts=read_texts("nl"))][:2]
    ['lbm_afw', 'lbm_fys']
    """
    areas, year = findings.tables.get("areas"), findings.asked.leefbaarometer_year
    if areas is None:
        return []
    rows = []
    for key, style in read_styles().indicator.items():
        if key not in areas or not areas[key].map(is_known).any():
            continue
        long = f"indicator_long.{key}"
        if style.without_classes and not (
            style.classes in areas and areas[style.classes].notna().any()
        ):
            style, long = style.without_classes, f"{long}_without_classes"  # noqa: PLW2901
        if style.categories:
            labels = [texts.get("quadrant", name) for name in style.categories]
        elif style.classes:
            labels = list(texts.table["classes"][style.classes])
        else:
            labels = _class_labels(style, texts)
        rows.append(
            {
                "key": key,
                "group": style.group,
                "title": texts(f"indicator.{key}"),
                "long": texts(long, year=year or "").replace("  ", " "),
                "classes": [
                    {
                        "label": label,
                        "colour": colour,
                        "mark": str(number),
                        "dark": is_dark(colour),
                    }
                    for number, (label, colour) in enumerate(
                        zip(labels, style.colours, strict=True), start=1
                    )
                ],
                "missing": not areas[key].map(is_known).all(),
                "find": style,
            }
        )
    return rows


def _class_labels(style: IndicatorStyle, texts: Texts) -> list[str]:
    written = [_figure(value, style, texts) for value in style.breaks]
    return [
        texts("classes.below", high=written[0]),
        *(
            texts("classes.between", low=low, high=high)
            for low, high in itertools.pairwise(written)
        ),
        texts("classes.above", low=written[-1]),
    ]


def is_dark(colour: str) -> bool:
    """Tell whether white reads better on a colour than ink.

    Parameters
    ----------
    colour
        ``#rrggbb``.

    Returns
    -------
    bool
        By WCAG 2's relative luminance.

    Examples
    --------
    >>> is_dark("#253494"), is_dark("#ffffcc")
    (True, False)
    """
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]  # noqa: PLR2004
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] < 0.12  # noqa: PLR2004


def _figure(value: float, style: IndicatorStyle, texts: Texts) -> str:
    if style.share:
        return texts.percent(value)
    return texts.number(value, style.decimals, signed=style.signed)


def classify(row: Mapping[Any, Any], one: Mapping[str, Any], *, texts: Texts) -> list[Any]:
    """Find the class of an area's figure and write the figure.

    Parameters
    ----------
    row
        The area's columns; the figure itself is known.
    one
        From `list_indicators`.
    texts
        The screen texts of one language.

    Returns
    -------
    list
        The number of the class, from 0 (-1 where it has none), and words.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> one = {"key": "balans", "find": read_styles().indicator["balans"]}
    >>> classify({"balans": 0.5}, one, texts=read_texts("nl"))
    [5, '+0,50']
    """
    style: IndicatorStyle = one["find"]
    if style.categories:
        found = style.categories.index(row[one["key"]])
        return [found, one["classes"][found]["label"]]
    value = float(row[one["key"]])
    written = _figure(value, style, texts)
    if not style.classes:
        return [int(np.searchsorted(style.breaks, value, side="right")), written]
    if not is_known(row.get(style.classes)):
        return [-1, written]
    found = int(row[style.classes]) - 1
    return [found, f"{found + 1} {one['classes'][found]['label']} ({written})"]
