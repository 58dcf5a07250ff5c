"""The page of a question about no given sites: its answer in words, on a map and as tables, in one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.messages import translate
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.credits import list_sources
from geowoonzorg.show.drawing import coordinates, to_degrees
from geowoonzorg.show.grid_image import COLOURS, UNKNOWN, grid_image
from geowoonzorg.show.map_data import to_json
from geowoonzorg.show.map_styles import class_style
from geowoonzorg.show.question_spec import DrawnLayer, QuestionPage, ShownTable, question_pages
from geowoonzorg.show.streets import Streets
from geowoonzorg.show.templates import policy, read_asset, render_template
from geowoonzorg.show.texts import Texts, read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd

    from geowoonzorg.findings import Findings

MOST_PLACES: Final = 5_000  # of one layer on the map
MOST_ROWS: Final = 500  # of one table on the page
_CHANGES: Final = {
    "gained": "#00695c", "nearer": "#4db6ac", "further": "#ffb74d", "lost": "#bf360c",
}  # fmt: skip
_STREET_TOLERANCE_M: Final = 5.0


@dataclass(frozen=True)
class _Table:
    title: str
    head: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: str


def render_question(findings: Findings, *, lang: str = "nl") -> str:
    """Make the page of a question's answer.

    Parameters
    ----------
    findings
        What was found; of a question that ``knowledge/question_pages.toml`` names.
    lang
        ``nl`` or ``en``.

    Returns
    -------
    str
        One HTML file that fetches nothing. The same findings give the same bytes.

    Raises
    ------
    StudyError
        When the language is not one of the two.

    Examples
    --------
    >>> from dataclasses import replace
    >>> empty = replace(findings, question="search", tables={}, summary=("Geen plek",))
    >>> "Geen plek" in render_question(empty)
    True
    """
    from markupsafe import Markup

    texts = read_texts(lang)
    page = question_pages()[findings.question]
    css = read_asset("leaflet/leaflet.css") + read_asset("page.css") + read_asset("question.css")
    script = "\n".join((read_asset("leaflet/leaflet.js"), read_asset("question.js")))
    lines = [translate(line, lang) for line in findings.summary if line]
    return render_template(
        "question.html",
        t=texts,
        title=texts(f"question.{findings.question.replace('-', '_')}"),
        study=findings.asked.name,
        facts=_facts(findings, texts),
        lines=lines,
        tables=[made for spec in page.tables if (made := _table(findings, spec, texts))],
        notes=[translate(note, lang) for note in findings.notes],
        sources=list_sources(findings.provenance, texts=texts),
        policy=policy(scripts=(script,), styles=(css,)),
        css=Markup(css),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        data=Markup(to_json(_map(findings, page, texts))),  # noqa: S704 - nothing in it can end a script
    )


def question_map(findings: Findings, lang: str) -> bytes:
    """Make the page of a question's answer as a file has it.

    Parameters
    ----------
    findings
        What was found.
    lang
        ``nl`` or ``en``.

    Returns
    -------
    bytes
        UTF-8.

    Examples
    --------
    >>> from dataclasses import replace
    >>> question_map(replace(findings, question="search", tables={}), "en")[:15]
    b'<!DOCTYPE html>'
    """
    return render_question(findings, lang=lang).encode("utf-8", errors="replace")


def _facts(findings: Findings, texts: Texts) -> list[tuple[str, str]]:
    asked = findings.asked
    limit = texts.metres(asked.limits_m[0])
    walks = texts("page.walking_value", profile=asked.walking, limit=limit)
    facts = [(texts("page.walking"), walks)]
    if findings.profile is not None:
        title = findings.profile.title
        if texts.code == "en" and findings.profile.title_en:
            title = findings.profile.title_en
        facts.insert(0, (texts("page.for_whom"), title))
    if asked.date:
        facts.append((texts("page.date"), texts.date(asked.date)))
    return facts


def _map(findings: Findings, page: QuestionPage, texts: Texts) -> dict[str, Any]:
    layers, legend, seen = [], [], []
    for spec in page.layers:
        if spec.grid:
            if spec.grid not in findings.grids:
                continue
            image = grid_image(findings.grids[spec.grid])
            layers.append({"look": "image", **image})
            seen += image["bounds"]
            legend += [
                [colour, texts("question.score_class", low=20 * i, high=20 * (i + 1))]
                for i, colour in enumerate(COLOURS)
            ]
            legend.append([UNKNOWN, texts("question.too_little")])
            continue
        table = findings.tables.get(spec.table)
        if table is None or table.empty or "geometry" not in table:
            continue
        drawn = table[table.geometry.notna()].head(MOST_PLACES)
        marks = _marks(drawn, spec, texts)
        layers.append({"look": spec.look, "marks": marks})
        seen += [mark["at"] for mark in marks]
        legend += _legend(drawn, spec, texts)
    return {
        "layers": layers,
        "legend": legend,
        "streets": _streets(findings, page),
        "view": _view(seen),
        "words": dict(texts.table["popup"]) | {"close": texts("panel.close")},
    }


def _legend(drawn: gpd.GeoDataFrame, spec: DrawnLayer, texts: Texts) -> list[list[str]]:
    if spec.look == "change":
        there = set(drawn["change"])
        return [
            [colour, texts(f"question.{name}")]
            for name, colour in _CHANGES.items()
            if name in there
        ]
    if spec.look == "facility":
        styles = [class_style(str(name), texts=texts) for name in drawn["facility_class"].unique()]
        return [[style["colour"], style["name"]] for style in styles]
    return [["#12343b", texts(f"question.{spec.table}_sign")]]


def _marks(drawn: gpd.GeoDataFrame, spec: DrawnLayer, texts: Texts) -> list[dict[str, Any]]:
    centres = shapely.get_coordinates(to_degrees(drawn.geometry.representative_point()))
    shapes = to_degrees(drawn.geometry)
    told = [name for name in spec.tell if name in drawn]
    marks = []
    for row, at, shape in zip(drawn.to_dict("records"), centres, shapes, strict=True):
        mark: dict[str, Any] = {
            "at": at.round(5).tolist(),
            "name": plain(row.get(spec.name)) or plain(row.get("id")),
            "told": [
                f"{_label(name, texts)}: {_cell(row[name], name, texts)}"
                for name in told
                if is_known(row[name])
            ],
        }
        if spec.number:
            value = row[spec.number]
            mark["sign"] = _cell(value, spec.number, texts) if is_known(value) else ""
            mark["size"] = float(value) if is_known(value) else 0.0
        if spec.look == "facility":
            style = class_style(str(row["facility_class"]), texts=texts)
            mark |= {
                "colour": style["colour"],
                "sign": style["letters"],
                "state": row.get("state", ""),
            }
        if spec.look == "change":
            mark["colour"] = _CHANGES.get(str(row["change"]), "#888888")
        if shape.geom_type.endswith("Polygon"):
            mark["shape"] = coordinates(shape)
        marks.append(mark)
    return marks


def _streets(findings: Findings, page: QuestionPage) -> list[list[int]]:
    streets = findings.tables.get("streets")
    if streets is None or streets.empty:
        return []
    placed = (findings.tables.get(one.table) for one in page.layers if one.table)
    near = next((one for one in placed if one is not None and "geometry" in one), streets.iloc[:0])
    return Streets(streets, near).draw(_STREET_TOLERANCE_M)


def _view(places: Iterable[Sequence[float]]) -> list[list[float]]:
    points = np.array(list(places), dtype=float)
    if not len(points):
        return [[50.7, 3.3], [53.6, 7.3]]
    return [points.min(axis=0).tolist(), points.max(axis=0).tolist()]


def _table(findings: Findings, spec: ShownTable, texts: Texts) -> _Table | None:
    table = findings.tables.get(spec.table)
    if table is None or table.empty:
        return None
    columns = [c for c in (spec.columns or table.columns) if c in table and c != "geometry"]
    cells = table[columns].head(MOST_ROWS)
    numeric = {
        c: pd.api.types.is_numeric_dtype(table[c]) and not c.endswith("year") for c in columns
    }
    left_out = ""
    if len(table) > MOST_ROWS:
        left_out = texts("question.more_rows", n=MOST_ROWS, all=len(table))
    return _Table(
        texts(f"question.table_{spec.table}"),
        tuple((_label(c, texts), bool(numeric[c])) for c in columns),
        tuple(
            tuple(_cell(value, c, texts) for c, value in zip(columns, row, strict=True))
            for row in cells.itertuples(index=False)
        ),
        left_out,
    )


def _label(column: str, texts: Texts) -> str:
    return str(texts.table["columns"].get(column, column.replace("_", " ")))


def _cell(value: Any, column: str, texts: Texts) -> str:  # noqa: ANN401, PLR0911 - a case per unit
    """Write a cell as a person reads it: by what its column's name says of its unit."""
    if not is_known(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return texts("question.yes" if value else "question.no")
    if isinstance(value, str):
        if column == "facility_class":
            return texts.facility_class(value)[0]
        if column in {"change", "state", "why"} and value in texts.table["question"]:
            return texts(f"question.{value}")
        return plain(value, longest=200)
    number = float(value)
    if column.endswith("_share"):
        return texts.percent(number)
    if column.endswith("_m"):
        return texts.metres(number)
    if column.endswith("year"):
        return str(int(number))
    if column.startswith("balans"):
        return texts.number(number, 2, signed=True)
    return texts.number(number, 0 if number.is_integer() else 1)
