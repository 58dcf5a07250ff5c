"""What every folium map is made of: harmless texts, shapes in degrees, named layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import shapely

from geowoonzorg.messages import inert
from geowoonzorg.show.cells import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import folium
    import geopandas as gpd

FINEST_M: Final = 2.0  # finer is not seen, and a notebook keeps every vertex
_DECIMALS: Final = 6  # of a degree: about 10 cm


def safe(text: object) -> str:
    """Make a text inert wherever folium puts it.

    Parameters
    ----------
    text
        From anywhere.

    Returns
    -------
    str
        Without anything that means something to HTML, to a script's template string or to a template of folium.

    Examples
    --------
    >>> "<" in safe("<b>")
    False
    """
    return inert(plain(text, longest=900))


def said(*lines: str) -> str:
    """Join lines of which the first is the title; each is inert already.

    Parameters
    ----------
    *lines
        Empty ones are left out.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> said("De Werf", "", "80")
    '<b>De Werf</b><br>80'
    """
    first, *others = filter(None, lines)
    return "<br>".join([f"<b>{first}</b>", *others])


def degrees(layer: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Bring shapes to WGS 84, to within 10 cm.

    Parameters
    ----------
    layer
        With a CRS.

    Returns
    -------
    geopandas.GeoSeries
        In degrees.

    Examples
    --------
    >>> import geopandas as gpd
    >>> place = gpd.GeoDataFrame(geometry=gpd.points_from_xy([155_000], [463_000]), crs=28992)
    >>> degrees(place).x.round(3).tolist()
    [5.387]
    """
    shapes = layer.geometry.to_crs("EPSG:4326")
    return shapes.set_precision(10.0**-_DECIMALS, mode="pointwise")


def _features(shapes: Iterable[Any], words: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "id": str(number),
            "geometry": shapely.geometry.mapping(shape),
            "properties": dict(told),
        }
        for number, (shape, told) in enumerate(zip(shapes, words, strict=True))
    ]
    return {"type": "FeatureCollection", "features": features}


def add_layer(
    chart: folium.Map,
    name: str,
    shapes: Iterable[Any],
    words: Sequence[Mapping[str, Any]],
    *,
    show: bool = True,
    **options: Any,  # noqa: ANN401 - folium's own
) -> None:
    """Add a layer whose features are drawn as their ``style`` says and told by their ``said``.

    Parameters
    ----------
    chart
        The map.
    name
        Of the layer, from anywhere.
    shapes
        In degrees.
    words
        Per shape its ``style`` and what is ``said``: empty on all for a layer that tells nothing.
    show
        Whether it is shown at first.
    **options
        As `folium.GeoJson` takes them.

    Examples
    --------
    >>> import folium
    >>> chart = folium.Map()
    >>> add_layer(chart, "plek", [shapely.Point(5.9, 52.5)], [{"style": {}, "said": "hier"}])
    >>> "hier" in chart.get_root().render()
    True
    """
    import folium

    group = folium.FeatureGroup(name=safe(name[:1].upper() + name[1:]), show=show)
    tells = any(word["said"] for word in words)
    folium.GeoJson(
        _features(shapes, words),
        style_function=lambda feature: feature["properties"]["style"],
        tooltip=folium.GeoJsonTooltip(fields=["said"], labels=False, sticky=True)
        if tells
        else None,
        **options,
    ).add_to(group)
    group.add_to(chart)
