"""The page of coverage per area: a map of a country that opens at once, coloured where it is read, and its table."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geowoonzorg.files import bring_to
from geowoonzorg.messages import translate
from geowoonzorg.show.cells import plain
from geowoonzorg.show.credits import list_sources
from geowoonzorg.show.grid_image import COLOURS, UNKNOWN
from geowoonzorg.show.map_data import to_json
from geowoonzorg.show.templates import policy, read_asset, render_template
from geowoonzorg.show.texts import Texts, read_texts

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from geowoonzorg.findings import Findings

_WEB: Final = "EPSG:3857"
_PIXELS: Final = 2_500_000  # of the map: 120 m in a country, a metre or so in a village
_NOT_KNOWN: Final = 255  # of a share in per cents
_MOST_PEOPLE: Final = 65_534


def coverage_page(findings: Findings, lang: str) -> bytes:
    """Make the page of an answer about coverage.

    Parameters
    ----------
    findings
        With the tables ``coverage`` and ``areas`` of `geowoonzorg.ask.coverage.coverage`.
    lang
        ``nl`` or ``en``.

    Returns
    -------
    bytes
        UTF-8: one HTML file that fetches nothing. The same findings give the same bytes.

    Raises
    ------
    StudyError
        When the language is not one of the two.

    Notes
    -----
    The areas are one grid of their row numbers, which the page colours itself for each class and answer. So
    thousands of areas cost what a picture costs. Sharper than the cells of the grid a border is not.

    Examples
    --------
    >>> from geowoonzorg.ask.coverage import coverage
    >>> from geowoonzorg.town import Town
    >>> coverage_page(coverage(Town.demo()), "en")[:15]
    b'<!DOCTYPE html>'
    """
    from markupsafe import Markup

    texts = read_texts(lang)
    css = read_asset("leaflet/leaflet.css") + read_asset("page.css") + read_asset("question.css")
    css += read_asset("coverage.css")
    script = "\n".join((read_asset("leaflet/leaflet.js"), read_asset("coverage.js")))
    first, *more = [translate(line, lang) for line in findings.summary if line] or [""]
    page = render_template(
        "coverage.html",
        t=texts,
        study=findings.asked.name,
        first=first,
        more=more,
        facts=_facts(findings, texts),
        classes=_classes(findings.tables["coverage"], texts),
        notes=[translate(note, lang) for note in findings.notes],
        sources=list_sources(findings.provenance, texts=texts),
        policy=policy(scripts=(script,), styles=(css,)),
        css=Markup(css),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        data=Markup(to_json(_data(findings, texts))),  # noqa: S704 - nothing in it can end a script
    )
    return page.encode("utf-8", errors="replace")


def _facts(findings: Findings, texts: Texts) -> list[tuple[str, str]]:
    asked = findings.asked
    limit = texts.distance(asked.limits_m[0])
    facts = [
        (texts("page.walking"), texts("page.walking_value", profile=asked.walking, limit=limit))
    ]
    areas = findings.tables["areas"]
    facts.append((texts("area_coverage.areas"), texts.number(len(areas), 0)))
    if asked.date:
        facts.append((texts("page.date"), texts.date(asked.date)))
    return facts


def _classes(table: pd.DataFrame, texts: Texts) -> list[tuple[str, str]]:
    return [
        (str(name), plain(texts.facility_class(str(name))[0]))
        for name in sorted(table["facility_class"].unique())
    ]


def _data(findings: Findings, texts: Texts) -> dict[str, Any]:
    """Give what the script draws: the grid, and of every area its name and its numbers per class."""
    areas, table = findings.tables["areas"], findings.tables["coverage"]
    classes = _classes(table, texts)
    own = table[table["limit_m"] == findings.asked.limits_m[0]]
    numbers = {}
    for name, _ in classes:
        of_class = own[own["facility_class"] == name].set_index("area_code").reindex(areas["code"])
        # one place that may have more is enough to say so
        more = (of_class["share_high"] >= 1) & (of_class["share_within"] < 1)
        numbers[name] = {
            "near": _packed(_per_cent(of_class["share_within"])),
            "low": _packed(_per_cent(of_class["share_low"])),
            "least": _packed(_people(of_class["people_65plus_min"])),
            "most": _packed(_people(of_class["people_65plus_max"])),
            "known": not more.any(),
        }
    legend = [
        [colour, texts("area_coverage.share_class", low=20 * i, high=20 * (i + 1))]
        for i, colour in enumerate(COLOURS)
    ]
    return {
        "grid": _grid(areas),
        "code": [plain(code) for code in areas["code"]],
        "name": [plain(name) or plain(code) for name, code in zip(areas["name"], areas["code"], strict=True)],
        "homes": areas["addresses"].fillna(0).astype(int).tolist(),
        "numbers": numbers,
        "legend": [*legend, [UNKNOWN, texts("area_coverage.no_share")]],
        "words": dict(texts.table["area_coverage"])
        | {name: texts.table["popup"][name] for name in ("zoom_in", "zoom_out")},
        "locale": texts.code,
    }  # fmt: skip


def _per_cent(share: pd.Series[float]) -> NDArray[np.uint8]:
    known = share.notna().to_numpy()
    return np.where(known, np.round(100 * share.fillna(0.0)), _NOT_KNOWN).astype(np.uint8)


def _people(count: pd.Series[float]) -> NDArray[np.uint16]:
    """Give whole people; one more than the most there is room for where they are not known."""
    number = count.to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(number)
    whole = np.round(np.where(known, number, 0.0)).clip(0, _MOST_PEOPLE)
    return np.where(known, whole, _MOST_PEOPLE + 1).astype("<u2")


def _packed(numbers: NDArray[Any]) -> str:
    return base64.b64encode(zlib.compress(numbers.tobytes(), 9)).decode("ascii")


def _grid(areas: gpd.GeoDataFrame) -> dict[str, Any]:
    """Lay the areas on a grid in web Mercator: 0 for none, else the row of the area and one."""
    from affine import Affine
    from rasterio.features import rasterize
    from rasterio.warp import transform_bounds

    web = bring_to(areas.geometry, _WEB)
    west, south, east, north = web.total_bounds if len(web) else (0.0, 0.0, 1.0, 1.0)
    side = float(max(((east - west) * (north - south) / _PIXELS) ** 0.5, 1e-3))
    width, height = int(np.ceil((east - west) / side)), int(np.ceil((north - south) / side))
    drawn = [(shape, row + 1) for row, shape in enumerate(web) if shape and not shape.is_empty]
    here = Affine(side, 0.0, west, 0.0, -side, north)
    cells = np.zeros((height, width), np.uint32)
    if drawn:
        cells = rasterize(drawn, out=cells, transform=here)
    # Rows are alike: what changes from one to the next packs to a tenth.
    steps = np.diff(cells.astype("<u4"), axis=0, prepend=np.zeros((1, width), "<u4"))
    box = transform_bounds(
        _WEB, "EPSG:4326", west, north - height * side, west + width * side, north, densify_pts=2
    )
    w, s, e, n = (round(value, 7) for value in box)
    return {
        "width": width, "height": height, "bounds": [[s, w], [n, e]], "cells": _packed(steps.astype("<u4")),
    }  # fmt: skip
