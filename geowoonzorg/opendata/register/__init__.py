"""A gemeente's own list of facilities: read with coordinates or addresses, and merged with OSM's."""

from geowoonzorg.opendata.register._addresses import locate
from geowoonzorg.opendata.register._merging import classes_held, for_classes, merge_register
from geowoonzorg.opendata.register._reading import check_register, read_register
from geowoonzorg.opendata.register._rows import COLUMNS, USES, as_register
from geowoonzorg.opendata.register._words import read_rules

__all__ = [
    "COLUMNS",
    "USES",
    "as_register",
    "check_register",
    "classes_held",
    "for_classes",
    "locate",
    "merge_register",
    "read_register",
    "read_rules",
]
