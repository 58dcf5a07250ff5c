"""The page of a question about no given sites: its answer in words, on a map and as tables, in one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geowoonzorg.messages import translate
from geowoonzorg.show.credits import list_sources
from geowoonzorg.show.grid_image import COLOURS, UNKNOWN, grid_image
from geowoonzorg.show.map_data import to_json
from geowoonzorg.show.question_marks import (
    MOST_PLACES,
    cell_text,
    column_label,
    drawn_of,
    legend_of,
    marks_of,
    view_of,
)
from geowoonzorg.show.question_spec import QuestionPage, ShownTable, question_pages
from geowoonzorg.show.streets import Streets
from geowoonzorg.show.templates import policy, read_asset, render_template
from geowoonzorg.show.texts import Texts, read_texts

if TYPE_CHECKING:
    from geowoonzorg.findings import Findings

MOST_ROWS: Final = 500  # of one table on the page
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
    limit = texts.limit(asked.limits_m[0])
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
    layers, legend, seen, cut = [], [], [], False
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
        drawn = drawn_of(table, spec)
        cut |= len(drawn) == MOST_PLACES < len(table)
        marks = marks_of(drawn, spec, texts)
        layers.append({"look": spec.look, "marks": marks})
        seen += [mark["at"] for mark in marks]
        legend += legend_of(drawn, spec, texts)
    return {
        "layers": layers,
        "legend": legend,
        "cut": texts("question.more_places", n=texts.number(MOST_PLACES)) if cut else "",
        "streets": _streets(findings, page),
        "view": view_of(seen),
        "words": dict(texts.table["popup"]) | {"close": texts("panel.close")},
    }


def _streets(findings: Findings, page: QuestionPage) -> list[list[int]]:
    streets = findings.tables.get("streets")
    if streets is None or streets.empty:
        return []
    placed = (findings.tables.get(one.table) for one in page.layers if one.table)
    near = next((one for one in placed if one is not None and "geometry" in one), streets.iloc[:0])
    return Streets(streets, near).draw(_STREET_TOLERANCE_M)


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
        tuple((column_label(c, texts), bool(numeric[c])) for c in columns),
        tuple(
            tuple(cell_text(value, c, texts) for c, value in zip(columns, row, strict=True))
            for row in cells.itertuples(index=False)
        ),
        left_out,
    )
