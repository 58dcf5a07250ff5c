"""A town to look around in, in a notebook: a map and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geowoonzorg.messages import inert
from geowoonzorg.town.class_colours import class_sign

if TYPE_CHECKING:
    import folium

    from geowoonzorg.town._data import TownData


def explore_town(town: TownData, **options: Any) -> folium.Map:  # noqa: ANN401 - as folium has them
    """Draw the streets and the facilities on a map; see `Town.explore`, which documents it."""
    import folium

    chart = town.network.explore(**options)
    centres = town.facilities.geometry.representative_point().to_crs(4326)
    places = town.facilities.assign(lat=centres.y, lon=centres.x)
    for name, rows in places.groupby("facility_class"):
        sign = class_sign(str(name))
        group = folium.FeatureGroup(name=f"{sign} {inert(name)}").add_to(chart)
        for row in rows.itertuples():
            told = f"{inert(name)}: {inert(row.name if isinstance(row.name, str) else row.id)}"
            icon = folium.DivIcon(html=sign, icon_size=(18, 18), icon_anchor=(9, 9), class_name="")
            folium.Marker((row.lat, row.lon), icon=icon, tooltip=told).add_to(group)
    folium.LayerControl().add_to(chart)
    return chart


def table_of(town: TownData) -> str:
    """Tell what a town holds as a table (HTML)."""
    rows = {
        "streets": f"{float(town.network.component_length_m.sum()) / 1000:.1f} km",
        "facilities": f"{len(town.facilities)}",
        town.homes: f"{len(town.addresses)}",
        "areas": f"{0 if town.figures is None else len(town.figures.layer)}",
        "rasters": ", ".join(r.name for r in town.rasters) or "0",
        "CRS": town.crs.to_string(),
    }
    cells = "".join(f"<tr><th>{inert(k)}</th><td>{inert(v)}</td></tr>" for k, v in rows.items())
    return f"<table><caption>{inert(town.about.name)}</caption>{cells}</table>"
