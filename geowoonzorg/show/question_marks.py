"""What is drawn of a question's answer, place by place, in words: for its page and for folium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.drawing import coordinates, to_degrees
from geowoonzorg.show.map_styles import class_style

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd

    from geowoonzorg.show.question_spec import DrawnLayer
    from geowoonzorg.show.texts import Texts

CHANGES: Final = {
    "gained": "#00695c", "nearer": "#4db6ac", "further": "#ffb74d", "lost": "#bf360c",
}  # fmt: skip


#: The most places of one layer on the map.
MOST_PLACES: Final = 5_000
_TELLING: Final = ("lost", "gained", "further", "nearer")  # of one place, what is told before what


def drawn_of(table: gpd.GeoDataFrame, spec: DrawnLayer) -> gpd.GeoDataFrame:
    """Give the places of a layer that are drawn, in the order in which they are.

    Parameters
    ----------
    table
        The layer.
    spec
        How it looks.

    Returns
    -------
    geopandas.GeoDataFrame
        Of changes one a place, who falls out of reach or comes within it before who walks further or less far; these
        are drawn last, so that none lies under others. At most `MOST_PLACES`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.show.question_spec import DrawnLayer
    >>> rows = {"id": ["a", "b", "b"], "change": ["gained", "further", "lost"]}
    >>> changed = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([0, 1, 1], [0, 0, 0]))
    >>> drawn_of(changed, DrawnLayer("change"))[["id", "change"]].to_numpy().tolist()
    [['a', 'gained'], ['b', 'lost']]
    """
    there = table[table.geometry.notna()]
    if spec.look != "change":
        return there.head(MOST_PLACES)
    order = there["change"].map(dict(zip(_TELLING, range(len(_TELLING)), strict=True)))
    first = there.loc[order.sort_values(kind="stable").index].drop_duplicates("id")
    return first.head(MOST_PLACES).iloc[::-1]


def legend_of(drawn: gpd.GeoDataFrame, spec: DrawnLayer, texts: Texts) -> list[list[str]]:
    """List what the colours of a layer stand for.

    Parameters
    ----------
    drawn
        The layer.
    spec
        How it looks.
    texts
        The screen texts.

    Returns
    -------
    list
        Pairs of a colour and what it stands for.

    Examples
    --------
    >>> import pandas as pd
    >>> from geowoonzorg.show.question_spec import DrawnLayer
    >>> from geowoonzorg.show.texts import read_texts
    >>> legend_of(pd.DataFrame({"change": ["lost"]}), DrawnLayer("change"), read_texts("en"))
    [['#bf360c', 'falls out of reach']]
    """
    if spec.look == "change":
        there = set(drawn["change"])
        return [
            [colour, texts(f"question.{name}")] for name, colour in CHANGES.items() if name in there
        ]
    if spec.look == "facility":
        styles = [class_style(str(name), texts=texts) for name in drawn["facility_class"].unique()]
        return [[style["colour"], style["name"]] for style in styles]
    signs = [["#12343b", texts(f"question.{spec.table}_sign")]]
    if spec.look == "homes":
        without = drawn[spec.number].fillna(0) == 0
        signs = [*([] if without.all() else signs)]
        signs += [["#ffffff", texts("question.no_homes_sign")]] if without.any() else []
    return signs


def marks_of(drawn: gpd.GeoDataFrame, spec: DrawnLayer, texts: Texts) -> list[dict[str, Any]]:
    """Say of each place of a layer where it is, what it is called, what is told of it and how it is drawn.

    Parameters
    ----------
    drawn
        The layer, without empty shapes.
    spec
        How it looks.
    texts
        The screen texts.

    Returns
    -------
    list of dict
        ``at`` (latitude and longitude), ``name``, ``told`` (lines), and where the look has them ``sign``, ``size``,
        ``colour``, ``state`` and ``shape``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.show.question_spec import DrawnLayer
    >>> from geowoonzorg.show.texts import read_texts
    >>> spots = gpd.GeoDataFrame({"id": ["a"], "rank": [1]}, geometry=gpd.points_from_xy([5.9], [52.5]), crs=4326)
    >>> look = DrawnLayer("numbered", number="rank", tell=("rank",))
    >>> marks_of(spots, look, read_texts("en"))
    [{'at': [52.5, 5.9], 'name': 'a', 'told': ['rank: 1'], 'sign': '1', 'size': 1.0}]
    """
    centres = shapely.get_coordinates(to_degrees(drawn.geometry.representative_point()))
    shapes = to_degrees(drawn.geometry)
    told = [name for name in spec.tell if name in drawn]
    marks = []
    for row, at, shape in zip(drawn.to_dict("records"), centres, shapes, strict=True):
        mark: dict[str, Any] = {
            "at": at.round(5).tolist(),
            "name": plain(row.get(spec.name)) or plain(row.get("id")),
            "told": [
                f"{column_label(name, texts)}: {cell_text(row[name], name, texts)}"
                for name in told
                if is_known(row[name])
            ],
        }
        if spec.number:
            value = row[spec.number]
            mark["sign"] = cell_text(value, spec.number, texts) if is_known(value) else ""
            mark["size"] = float(value) if is_known(value) else 0.0
        if spec.look == "facility":
            style = class_style(str(row["facility_class"]), texts=texts)
            mark |= {
                "colour": style["colour"],
                "sign": style["letters"],
                "state": row.get("state", ""),
            }
        if spec.look == "change":
            mark["colour"] = CHANGES.get(str(row["change"]), "#888888")
        if shape.geom_type.endswith("Polygon"):
            mark["shape"] = coordinates(shape)
        marks.append(mark)
    return marks


def view_of(places: Iterable[Sequence[float]]) -> list[list[float]]:
    """Find the box around places.

    Parameters
    ----------
    places
        Latitudes and longitudes (degrees).

    Returns
    -------
    list
        ``[[south, west], [north, east]]``; the Netherlands where there is no place.

    Examples
    --------
    >>> view_of([[52.5, 5.9], [52.6, 5.8]])
    [[52.5, 5.8], [52.6, 5.9]]
    """
    points = np.array(list(places), dtype=float)
    if not len(points):
        return [[50.7, 3.3], [53.6, 7.3]]
    return [points.min(axis=0).tolist(), points.max(axis=0).tolist()]


def column_label(column: str, texts: Texts) -> str:
    """Give a column the name that readers know.

    Parameters
    ----------
    column
        Its name in files.
    texts
        The screen texts.

    Returns
    -------
    str
        From the screen texts, else the name without underscores.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> column_label("wijk_code", read_texts("nl")), column_label("own_thing", read_texts("nl"))
    ('wijk', 'own thing')
    """
    return str(texts.table["columns"].get(column, column.replace("_", " ")))


def cell_text(value: Any, column: str, texts: Texts) -> str:  # noqa: ANN401, PLR0911 - a case per unit
    r"""Write a cell as a person reads it: by what its column's name says of its unit.

    Parameters
    ----------
    value
        Of the table.
    column
        Its name in files.
    texts
        The screen texts.

    Returns
    -------
    str
        Empty where nothing is known.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> nl = read_texts("nl")
    >>> cell_text(0.25, "known_weight_share", nl).replace("\xa0", " "), cell_text(float("nan"), "homes", nl)
    ('25 %', '')
    """
    if not is_known(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return texts("question.yes" if value else "question.no")
    if isinstance(value, str):
        if column == "facility_class":
            return texts.facility_class(value)[0]
        section = {"change": "question", "state": "question", "way": "question", "why": "why"}.get(
            column, ""
        )
        if section and value in texts.table[section]:
            return texts(f"{section}.{value}")
        return plain(value, longest=200)
    number = float(value)
    if column.endswith("_share"):
        return texts.percent(number)
    if column.endswith("_m"):
        return texts.distance(number)
    if column.endswith("year"):
        return str(int(number))
    if column.startswith("balans"):
        return texts.number(number, 2, signed=True)
    return texts.number(number, 0 if number.is_integer() else 1)
