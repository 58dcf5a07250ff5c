"""A folium map of what was found, for notebooks and for whoever goes on from there: named layers, nothing hidden.

Unlike the shared page it fetches its scripts from the internet, as folium's maps do. Folium puts texts into
scripts and markup as they are, so every text from outside is made inert here first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.errors import StudyError
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.folium_answer import add_answer, draws
from geowoonzorg.show.folium_parts import FINEST_M, add_layer, degrees, safe, said
from geowoonzorg.show.map_styles import (
    class_order,
    class_style,
    classify,
    is_dark,
    list_indicators,
    read_styles,
)
from geowoonzorg.show.site_account import tell_sites
from geowoonzorg.show.standing import standing
from geowoonzorg.show.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import folium
    import geopandas as gpd

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.site_account import SiteAccount
    from geowoonzorg.show.texts import Texts

_ACCOUNTED: Final = {"sites", "criteria", "routes", "facilities"}


def to_folium(findings: Findings, *, lang: str = "nl", indicator: str | None = None) -> folium.Map:
    """Make a folium map of what was found, in WGS 84, with a named layer for each thing.

    Parameters
    ----------
    findings
        What was found; a table that is not there is a layer less.
    lang
        ``nl`` or ``en``: the language of layers and labels.
    indicator
        The figure that areas are coloured by, such as ``"balans"``; default the first that is known.

    Returns
    -------
    folium.Map
        With the layers background, areas, service areas, reach, routes, facilities per class, and
        sites, and a control to show and hide them.

    Raises
    ------
    StudyError
        When the language is not one of the two, no area has the indicator, or the answer has no places.

    Notes
    -----
    Shapes are simplified to within 2 m. The map holds the figures and names themselves: it is as
    public as the place where it is put.

    Examples
    --------
    >>> chart = to_folium(findings, lang="en")
    >>> "Drop-in places" in chart.get_root().render()
    True
    """
    import folium

    texts = read_texts(lang)
    chart = folium.Map(tiles=None, control_scale=True, zoom_snap=0.5)
    tiles = read_styles().background
    folium.TileLayer(
        tiles.url,
        name=texts("roles.background"),
        attr=f"{texts('map.tiles_of')} {tiles.attribution}",
        min_zoom=tiles.min_zoom,
        max_zoom=tiles.max_zoom,
        show=findings.asked.background and not findings.asked.background_on_tap,
    ).add_to(chart)
    if draws(findings):
        add_answer(chart, findings, texts)
        return chart
    _add_areas(chart, findings, indicator, texts)
    _add_service_areas(chart, findings, texts)
    _add_reach(chart, findings, texts)
    _add_routes(chart, findings, texts)
    _add_facilities(chart, findings, texts)
    _add_sites(chart, findings, texts)
    folium.LayerControl().add_to(chart)
    if bounds := _bounds(findings):
        chart.fit_bounds(bounds, max_zoom=16)
    return chart


def _table(findings: Findings, name: str) -> gpd.GeoDataFrame | None:
    """Give a layer in degrees without what has no place; None where there is nothing to draw."""
    layer: Any = findings.tables.get(name)
    if layer is None or not len(layer):
        return None
    layer = layer[layer.geometry.notna() & ~layer.geometry.is_empty]
    return layer if len(layer) else None


def _add_areas(chart: folium.Map, findings: Findings, indicator: str | None, texts: Texts) -> None:
    listed = list_indicators(findings, texts=texts)
    keys = [one["key"] for one in listed]
    if indicator is not None and indicator not in keys:
        raise StudyError(
            "no area has the indicator {indicator}; choose one of {keys}",
            indicator=indicator,
            keys=", ".join(keys) or "–",
        )
    areas = _table(findings, "areas")
    if areas is None:
        return
    one = next((one for one in listed if one["key"] == indicator), listed[0] if listed else None)
    words = []
    for row in areas.to_dict("records"):
        known = one is not None and is_known(row[one["key"]])
        number, figure = (
            classify(row, one, texts=texts) if one and known else (-1, texts("panel.unknown"))
        )
        colour = one["classes"][number]["colour"] if one and number >= 0 else "#bdbdbd"
        style = {"color": "#55585c", "weight": 1, "fillColor": colour}
        style |= {"fillOpacity": (0.6 if number >= 0 else 0.25) if one else 0.0}
        told = f"{safe(one['title'])}: {safe(figure)}" if one else ""
        words.append({"style": style, "said": said(safe(row["name"]) or safe(row["code"]), told)})
    shapes = degrees(
        areas.set_geometry(
            shapely.coverage_simplify(np.asarray(areas.geometry), FINEST_M), crs=areas.crs
        )
    )
    title = f"{texts('roles.areas')}: {one['title']}" if one else texts("roles.areas")
    add_layer(chart, title, shapes, words)
    if one:
        _add_legend(chart, one)


def _add_legend(chart: folium.Map, one: Mapping[str, Any]) -> None:
    """Show the colours of classes that part a scale; categories are told at the areas."""
    from branca.colormap import StepColormap

    style, colours = one["find"], [each["colour"] for each in one["classes"]]
    if style.classes:
        edges = [float(n) for n in range(1, len(colours) + 2)]
    elif breaks := style.breaks:
        edges = [2 * breaks[0] - breaks[1], *breaks, 2 * breaks[-1] - breaks[-2]]
    else:
        return
    StepColormap(
        colours, index=edges, vmin=edges[0], vmax=edges[-1], caption=one["long"],
        tick_labels=edges[1:-1],
    ).add_to(chart)  # fmt: skip


def _add_service_areas(chart: folium.Map, findings: Findings, texts: Texts) -> None:
    layer = _table(findings, "service_areas")
    if layer is None:
        return
    for key in class_order(findings):
        own = layer[(layer["facility_class"] == key) & (layer.geometry.area > 0)]
        for limit_m, some in own.groupby("limit_m", sort=True):
            style = class_style(key, texts=texts)
            limit = texts.limit(float(limit_m))
            name = f"{texts('layers.within_of', limit=limit)} {style['plural']}"
            shape = shapely.simplify(shapely.union_all(np.asarray(some.geometry)), FINEST_M)
            look = {"color": style["colour"], "dashArray": style["dash"], "weight": 2}
            look |= {"fillColor": style["colour"], "fillOpacity": 0.12}
            shapes = degrees(some.iloc[:1].set_geometry([shape], crs=layer.crs))
            add_layer(chart, name, shapes, [{"style": look, "said": safe(name)}], show=False)


def _add_reach(chart: folium.Map, findings: Findings, texts: Texts) -> None:
    layer = _table(findings, "site_areas")
    if layer is None:
        return
    names = _site_names(findings)
    look = {"color": "#12343b", "weight": 2, "fillColor": "#12343b", "fillOpacity": 0.1}
    for limit_m, some in layer.groupby("limit_m", sort=True):
        limit = texts.limit(float(limit_m))
        words = [
            {"style": look, "said": said(names.get(str(site), safe(site)), safe(limit))}
            for site in some["site_id"]
        ]
        shapes = degrees(some.set_geometry(some.geometry.simplify(FINEST_M)))
        add_layer(chart, texts("layers.reach", limit=limit), shapes, words, show=False)


def _add_routes(chart: folium.Map, findings: Findings, texts: Texts) -> None:
    layer = _table(findings, "routes")
    if layer is None:
        return
    limit_m, names = findings.asked.limits_m[0], _site_names(findings)
    words = []
    for site, key, metres in zip(
        layer["site_id"], layer["facility_class"], layer["distance_m"], strict=True
    ):
        style = class_style(str(key), texts=texts)
        look = {"color": style["colour"], "dashArray": style["dash"], "weight": 4}
        walk = f"{style['name']}: {texts.distance(float(metres), limit_m=limit_m)}"
        words.append({"style": look, "said": said(names.get(str(site), safe(site)), safe(walk))})
    shapes = degrees(layer.set_geometry(layer.geometry.simplify(FINEST_M)))
    add_layer(chart, texts("panel.routes"), shapes, words, show=False)


def _add_facilities(chart: folium.Map, findings: Findings, texts: Texts) -> None:
    import folium

    layer = _table(findings, "facilities")
    if layer is None:
        return
    for key in class_order(findings):
        own = layer[layer["facility_class"] == key]
        if not len(own):
            continue
        style = class_style(key, texts=texts)
        look = {"color": "#ffffff", "weight": 1.5, "fillColor": style["colour"], "fillOpacity": 1}
        words = [
            {
                "style": look,
                "said": said(safe(name) or safe(texts("facilities.nameless")), safe(style["name"])),
            }
            for name in own["name"]
        ]
        points = degrees(own.set_geometry(own.geometry.representative_point()))
        add_layer(
            chart, style["plural"], points, words, marker=folium.CircleMarker(radius=6, fill=True)
        )


def _site_names(findings: Findings) -> dict[str, str]:
    sites = findings.tables.get("sites")
    if sites is None:
        return {}
    names = sites["name"] if "name" in sites else sites["id"]
    return {str(i): safe(name) or safe(i) for i, name in zip(sites["id"], names, strict=True)}


def _add_sites(chart: folium.Map, findings: Findings, texts: Texts) -> None:
    """Draw sites with their score on them; all that is said about one is in its popup."""
    import folium

    layer = _table(findings, "sites")
    if layer is None:
        return
    told: dict[str, SiteAccount] = {}
    if findings.profile is not None and set(findings.tables) >= _ACCOUNTED:
        told = {site.id: site for site in tell_sites(findings, texts=texts)}
    ranked = sum(site.rank is not None for site in told.values())
    names = _site_names(findings)
    group = folium.FeatureGroup(name=safe(texts("page.sites_tab")))
    shapes = degrees(layer)
    points = shapes.representative_point()
    for at, shape, site in zip(points, shapes, layer["id"], strict=True):
        account, name = told.get(plain(site)), names[str(site)]
        if shape.geom_type not in {"Point", "MultiPoint"}:
            folium.GeoJson(shapely.geometry.mapping(shape)).add_to(group)
        folium.Marker(
            (at.y, at.x),
            icon=_score_sign(account, texts),
            tooltip=said(name, safe(_score(account, texts)) if account else ""),
            popup=folium.Popup(
                _site_said(name, account, ranked, texts), max_width=360, max_height=320
            ),
        ).add_to(group)
    group.add_to(chart)


def _score(site: SiteAccount, texts: Texts) -> str:
    if site.score is None:
        return texts("map.no_score")
    return texts("page.score_value", score=texts.number(site.score))


def _score_sign(site: SiteAccount | None, texts: Texts) -> folium.DivIcon:
    import folium

    colours = read_styles().score_colours
    sign, colour = "", colours[-1]
    if site is not None and site.knock_out_reason is not None:
        sign, colour = "×", "#ffffff"
    elif site is not None and site.score is None:
        sign, colour = "?", "#ffffff"
    elif site is not None and site.score is not None:
        step = min(int(site.score * len(colours) / 100), len(colours) - 1)
        sign, colour = texts.number(site.score), colours[step]
    ink = "#ffffff" if is_dark(colour) else "#1b1f23"
    look = (
        f"background:{colour};color:{ink};border:2px solid #12343b;border-radius:50%;width:28px;height:28px;"
        "display:grid;place-items:center;font:700 13px/1 sans-serif;box-sizing:border-box"
    )
    return folium.DivIcon(
        html=f'<div style="{look}">{sign}</div>', icon_size=(28, 28), icon_anchor=(14, 14),
        class_name="geowoonzorg-site",
    )  # fmt: skip


def _site_said(name: str, site: SiteAccount | None, ranked: int, texts: Texts) -> str:
    if site is None:
        return said(name)
    out = site.knock_out_reason
    lines = [
        _score(site, texts),
        standing(site, ranked, texts),
        texts("page.drops_out_because", reason=out) if out else "",
        *(f"{part.label}: {part.raw}" for part in site.parts),
    ]
    return said(name, *map(safe, lines))


def _bounds(findings: Findings) -> list[list[float]]:
    """Find the corners of the sites, or of whatever else there is."""
    for name in ("sites", "facilities", "areas", "site_areas", "service_areas", "routes"):
        layer = _table(findings, name)
        if layer is not None:
            west, south, east, north = layer.to_crs("EPSG:4326").total_bounds.tolist()
            return [[south, west], [north, east]]
    return []
