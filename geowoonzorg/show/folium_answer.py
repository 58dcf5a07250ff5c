"""The folium map of every question but the one that scores given sites: its places as its page has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import shapely

from geowoonzorg.errors import StudyError
from geowoonzorg.knowledge import said as in_language
from geowoonzorg.region.classes import UNSURE, read_map_knowledge
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.folium_parts import FINEST_M, add_layer, degrees, safe, said
from geowoonzorg.show.grid_image import grid_image
from geowoonzorg.show.question_marks import CHANGES, marks_of, view_of
from geowoonzorg.show.question_spec import question_pages
from geowoonzorg.show.region_map import region_atlas

if TYPE_CHECKING:
    from collections.abc import Mapping

    import folium
    import geopandas as gpd

    from geowoonzorg.findings import Findings
    from geowoonzorg.ranking.scoring_profile import Criterion
    from geowoonzorg.show.question_spec import DrawnLayer
    from geowoonzorg.show.texts import Texts

_INK: Final = "#12343b"
_STREET: Final = {"color": "#8d979e", "weight": 1}


def draws(findings: Findings) -> bool:
    """Say whether this module draws what was found, or `folium_map` does.

    Parameters
    ----------
    findings
        What was found.

    Returns
    -------
    bool
        Whether it is no answer about given sites.

    Raises
    ------
    StudyError
        When it has tables, and no table has places.

    Examples
    --------
    >>> draws(findings)
    False
    """
    tables = findings.tables
    if tables and not any("geometry" in table for table in tables.values()):
        raise StudyError(
            "there are no places to draw in an answer of {question}; its tables are {tables}",
            question=findings.question, tables=", ".join(tables),
        )  # fmt: skip
    return findings.question in {*question_pages(), "indicators", "region"}


def add_answer(chart: folium.Map, findings: Findings, texts: Texts) -> None:
    """Draw an answer, with streets below it where no background is asked for.

    Parameters
    ----------
    chart
        The map.
    findings
        What was found.
    texts
        The screen texts.

    Examples
    --------
    >>> import folium
    >>> import geopandas as gpd
    >>> from geowoonzorg.findings import Asked, Findings
    >>> from geowoonzorg.show.texts import read_texts
    >>> at = gpd.points_from_xy([5.9], [52.5])
    >>> spots = gpd.GeoDataFrame({"id": ["hier"], "rank": [1]}, geometry=at, crs=4326)
    >>> found, chart = Findings(question="search", asked=Asked(name="r"), tables={"spots": spots}), folium.Map()
    >>> add_answer(chart, found, read_texts("en"))
    >>> "hier" in chart.get_root().render()
    True
    """
    import folium

    streets: Any = findings.tables.get("streets")
    asked = findings.asked
    shown = asked.background and not asked.background_on_tap
    if streets is not None and len(streets) and not shown:
        shape = shapely.simplify(shapely.union_all(streets.geometry.array), FINEST_M)
        one = streets.iloc[:1].set_geometry([shape], crs=streets.crs)
        add_layer(chart, texts("question.streets"), degrees(one), [{"style": _STREET, "said": ""}])
    if findings.question == "region":
        seen = _add_region(chart, findings, texts)
    elif findings.question == "indicators":
        seen = _add_measures(chart, findings, texts)
    else:
        seen = _add_page(chart, findings, texts)
    folium.LayerControl().add_to(chart)
    chart.fit_bounds(view_of(seen), max_zoom=16)


def _add_page(chart: folium.Map, findings: Findings, texts: Texts) -> list[list[float]]:
    """Draw the layers of a question's page; where they lie."""
    import folium

    seen: list[list[float]] = []
    for spec in question_pages()[findings.question].layers:
        if spec.grid in findings.grids:
            image = grid_image(findings.grids[spec.grid])
            folium.raster_layers.ImageOverlay(
                image["url"], image["bounds"], name=texts("question.grid"), opacity=0.8
            ).add_to(chart)
            seen += image["bounds"]
        layer: Any = findings.tables.get(spec.table)
        if layer is None or layer.empty or "geometry" not in layer:
            continue
        layer = layer[layer.geometry.notna()]
        title = texts(f"question.table_{spec.table}")
        if spec.look != "change":
            seen += _add_marks(chart, title, layer, spec, texts)
            continue
        for (
            change
        ) in CHANGES:  # a layer each, so that the control says what their colours stand for
            some = layer[layer["change"] == change]
            if len(some):
                name = f"{title}: {texts(f'question.{change}')}"
                seen += _add_marks(chart, name, some, spec, texts, dot=CHANGES[change])
    return seen


def _add_marks(
    chart: folium.Map,
    title: str,
    layer: gpd.GeoDataFrame,
    spec: DrawnLayer,
    texts: Texts,
    *,
    dot: str = "",
) -> list[list[float]]:
    """Add a layer of places with what is told of each; where they lie."""
    import folium

    sign = f'<span style="color:{dot}">●</span> ' if dot else ""
    group = folium.FeatureGroup(name=f"{sign}{safe(title)}").add_to(chart)
    marks = marks_of(layer, spec, texts)
    for mark in marks:
        told = said(*map(safe, (mark["name"], *mark["told"])))
        if spec.number and mark["size"]:
            folium.Marker(mark["at"], icon=_sign(mark["sign"]), tooltip=told, popup=told).add_to(
                group
            )
            continue
        gone = spec.number or mark.get("state") == "closes"
        colour = mark.get("colour", _INK)
        folium.CircleMarker(
            mark["at"], radius=4 if spec.look == "change" else 6 if spec.number else 9, tooltip=told, popup=told,
            color=colour if gone else "#1b1f23", weight=3 if gone and not spec.number else 1,
            fill_color="#ffffff" if gone else colour, fill_opacity=0.9,
        ).add_to(group)  # fmt: skip
    return [mark["at"] for mark in marks]


def _sign(text: str) -> folium.DivIcon:
    """Draw a number on a dot."""
    import folium

    look = (
        f"background:{_INK};color:#ffffff;border:2px solid #ffffff;border-radius:50%;width:28px;height:28px;"
        "display:grid;place-items:center;font:700 13px/1 sans-serif;box-sizing:border-box"
    )
    return folium.DivIcon(
        html=f'<div style="{look}">{safe(text)}</div>', icon_size=(28, 28), icon_anchor=(14, 14),
        class_name="geowoonzorg-sign",
    )  # fmt: skip


def _add_measures(chart: folium.Map, findings: Findings, texts: Texts) -> list[list[float]]:
    """Draw places with what they measure; where they lie."""
    import folium

    layer: Any = findings.tables["indicators"]
    layer = layer[layer.geometry.notna()]
    criteria = findings.profile.criteria if findings.profile is not None else ()
    group = folium.FeatureGroup(name=safe(texts("page.sites_tab"))).add_to(chart)
    seen = []
    for at, row in zip(
        degrees(layer).representative_point(), layer.to_dict("records"), strict=True
    ):
        lines = [
            f"{in_language(one, 'label', texts.code)}: {_measure(row, one, texts)}"
            for one in criteria
        ]
        told = said(safe(plain(row["name"]) or row["id"]), *map(safe, lines))
        folium.CircleMarker(
            (at.y, at.x), radius=9, tooltip=safe(plain(row["name"]) or row["id"]),
            popup=folium.Popup(told, max_width=360, max_height=320),
            color="#1b1f23", weight=1, fill_color=_INK, fill_opacity=0.9,
        ).add_to(group)  # fmt: skip
        seen.append([at.y, at.x])
    return seen


def _measure(row: Mapping[str, Any], criterion: Criterion, texts: Texts) -> str:
    """Write what is measured, or between what it lies, or that it is not known."""
    unit = in_language(criterion, "unit", texts.code)

    def quantity(value: object) -> str:
        return texts.quantity(value, criterion.unit, shown=unit)

    value, low, high = (row[f"{criterion.key}{end}"] for end in ("", "_low", "_high"))
    if is_known(value):
        return quantity(value)
    if is_known(low) and is_known(high):
        return f"{quantity(low)} – {quantity(high)}"
    return texts("panel.unknown")


def _add_region(chart: folium.Map, findings: Findings, texts: Texts) -> list[list[float]]:
    """Draw the maps of a region's report, a layer each, of which the first is shown; where they lie."""
    layer: Any = findings.tables["outlines"]
    atlas = region_atlas(findings, texts)
    if atlas is None:
        return []
    known = read_map_knowledge()
    colours = {f"s{i}": c for i, c in enumerate(known.colours)}
    colours |= {f"f{i}": c for i, c in enumerate(known.fit_colours)}
    shapes = degrees(layer)
    first = True
    for part in atlas.parts:
        words = dict(part.legend)
        for one in part.maps:
            told = [
                {
                    "style": {
                        "color": "#53595f", "weight": 1, "fillColor": colours.get(found, "#bdbdbd"),
                        "fillOpacity": 0.25 if found == UNSURE else 0.7,
                    },
                    "said": said(safe(area.name), safe(one.title), safe(words[found])),
                }
                for area, found in zip(atlas.outlines, one.classes, strict=True)
            ]  # fmt: skip
            add_layer(chart, f"{part.title}: {one.title}", shapes, told, show=first)
            first = False
    west, south, east, north = shapes.total_bounds.tolist()
    return [[south, west], [north, east]]
