"""The only place where the benchmarks say in which rooms of the library things live."""

from geowoonzorg import Town, WalkNetwork, locate, nearest, service_areas
from geowoonzorg._jit import kernel
from geowoonzorg.ask import run
from geowoonzorg.ask import search as search_town
from geowoonzorg.ask._candidates import take_candidates
from geowoonzorg.choosing.covering import choose_places
from geowoonzorg.measure.openings import measure_openings
from geowoonzorg.measure.rasters import zonal
from geowoonzorg.opendata.areas import join_figures, read_areas
from geowoonzorg.opendata.squares import read_squares
from geowoonzorg.osm import read_osm
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.study import read_study
from geowoonzorg.walk.access import join_network, read_layer
from geowoonzorg.walk.kernels import cutting, multi_source, search
from geowoonzorg.walk.pairs import reached_pairs
from geowoonzorg.walk.polygons import reach_polygons
from geowoonzorg.walk.reach import search_within
from geowoonzorg.walk.street_parts import AREAS_AT_ONCE, cut_streets

cut_edges, along_edge = cutting.cut_edges, search.along_edge
empty_labels, spread = multi_source.empty_labels, multi_source.spread
empty_workspace = search.empty_workspace

__all__ = [
    "AREAS_AT_ONCE",
    "Town",
    "WalkNetwork",
    "along_edge",
    "choose_places",
    "cut_edges",
    "cut_streets",
    "empty_labels",
    "empty_workspace",
    "join_figures",
    "join_network",
    "kernel",
    "locate",
    "measure_openings",
    "nearest",
    "reach_polygons",
    "reached_pairs",
    "read_areas",
    "read_layer",
    "read_osm",
    "read_profile",
    "read_squares",
    "read_study",
    "run",
    "search_town",
    "search_within",
    "service_areas",
    "spread",
    "take_candidates",
    "zonal",
]
