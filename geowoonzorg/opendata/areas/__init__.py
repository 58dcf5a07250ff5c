"""Areas (buurten or wijken) with their figures: published files in, one frame with reasons and origins out."""

from geowoonzorg.opendata.areas._frame import (
    CARRIED,
    PROVENANCE,
    Areas,
    Carrier,
    figure_columns,
    with_provenance,
)
from geowoonzorg.opendata.areas._joining import (
    join_figures,
    join_forecast,
    join_indicator,
    join_leefbaarometer,
)
from geowoonzorg.opendata.areas._naming import TableColumns
from geowoonzorg.opendata.areas._reading import read_areas
from geowoonzorg.opendata.areas._status import area_status, carried_label, fallback_label

__all__ = [
    "CARRIED",
    "PROVENANCE",
    "Areas",
    "Carrier",
    "TableColumns",
    "area_status",
    "carried_label",
    "fallback_label",
    "figure_columns",
    "join_figures",
    "join_forecast",
    "join_indicator",
    "join_leefbaarometer",
    "read_areas",
    "with_provenance",
]
