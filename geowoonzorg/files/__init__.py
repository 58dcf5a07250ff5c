"""The only room that opens paths: formats by allow-list, checks at the boundary, atomic writes, content hashes."""

from geowoonzorg.files._arrays import read_arrays, write_arrays
from geowoonzorg.files._crs import (
    bring_points,
    bring_to,
    check_coordinates,
    known_crs,
    working_crs,
)
from geowoonzorg.files._grids import write_grid
from geowoonzorg.files._one_file import check_writable
from geowoonzorg.files._parquet import check_can_write, is_parquet
from geowoonzorg.files._paths import (
    LAYER_SUFFIXES,
    OSM_SUFFIXES,
    RASTER_SUFFIXES,
    TABLE_SUFFIXES,
    as_message,
    check_input,
    is_osm,
    read_head,
    reason_of,
    split_layer,
)
from geowoonzorg.files._placing import output_folder, place, set_aside
from geowoonzorg.files._points import as_points, read_places
from geowoonzorg.files._rasters import cells_at, grid_of, open_raster, sample_raster
from geowoonzorg.files._replacing import (
    OURS,
    PAGE_HASH,
    WRITTEN_BY,
    check_replaceable,
    foreign_layers,
    refuse_input,
    refuse_open_database,
)
from geowoonzorg.files._stages import remove_folder, remove_leftovers
from geowoonzorg.files._synonyms import column_for, plain_header, read_synonyms
from geowoonzorg.files._tables import parse_numbers, read_table
from geowoonzorg.files._toml import read_json, read_toml, toml_text
from geowoonzorg.files._vectors import check_layer, list_layers, read_vector
from geowoonzorg.files._witness import Witness, content_hash, witness, witnessed
from geowoonzorg.files._writing import (
    make_folder,
    write_bytes,
    write_csv,
    write_layers,
    write_text,
)

__all__ = [
    "LAYER_SUFFIXES",
    "OSM_SUFFIXES",
    "OURS",
    "PAGE_HASH",
    "RASTER_SUFFIXES",
    "TABLE_SUFFIXES",
    "WRITTEN_BY",
    "Witness",
    "as_message",
    "as_points",
    "bring_points",
    "bring_to",
    "cells_at",
    "check_can_write",
    "check_coordinates",
    "check_input",
    "check_layer",
    "check_replaceable",
    "check_writable",
    "column_for",
    "content_hash",
    "foreign_layers",
    "grid_of",
    "is_osm",
    "is_parquet",
    "known_crs",
    "list_layers",
    "make_folder",
    "open_raster",
    "output_folder",
    "parse_numbers",
    "place",
    "plain_header",
    "read_arrays",
    "read_head",
    "read_json",
    "read_places",
    "read_synonyms",
    "read_table",
    "read_toml",
    "read_vector",
    "reason_of",
    "refuse_input",
    "refuse_open_database",
    "remove_folder",
    "remove_leftovers",
    "sample_raster",
    "set_aside",
    "split_layer",
    "toml_text",
    "witness",
    "witnessed",
    "working_crs",
    "write_arrays",
    "write_bytes",
    "write_csv",
    "write_grid",
    "write_layers",
    "write_text",
]
