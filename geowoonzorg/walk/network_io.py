"""A network as one cached file: arrays and a line of JSON, never pickle, checked before it is believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj

from geowoonzorg.errors import FormatError
from geowoonzorg.files import read_arrays, write_arrays
from geowoonzorg.walk.assembly import GATE, STREET, WAY_IN, WAY_OUT
from geowoonzorg.walk.ground import TERMS, Ground

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from geowoonzorg.walk.network import WalkNetwork

#: A cache written by code with another number is made anew.
FORMAT = "geowoonzorg network 2"
#: What is stored, and of which type and number of dimensions; the rest follows from it.
STORED = {
    "node_xy": ("float64", 2),
    "edge_node": ("int32", 2),
    "edge_length_m": ("float64", 1),
    "edge_forward": ("bool", 1),
    "edge_backward": ("bool", 1),
    "edge_layer": ("int8", 1),
    "vertex_start": ("int64", 1),
    "vertex_xy": ("float64", 2),
    "vertex_offset_m": ("float64", 1),
    "segment_way": ("int32", 1),
    "vertex_feature": ("int32", 1),
}
_TABLES = ("way_attributes", "node_attributes")


def write_network(net: WalkNetwork, path: str | Path) -> None:
    """Write a network as a cache.

    Parameters
    ----------
    net
        The network.
    path
        A ``.npz`` file.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    arrays = {name: getattr(net, name) for name in STORED}
    tables: dict[str, list[str]] = {}
    for name in _TABLES:
        table: pd.DataFrame = getattr(net, name)
        tables[name] = [str(column) for column in table.columns]
        for column in table.columns:
            values, categories = _pack(table[column])
            arrays[f"{name}.{column}"] = values
            if categories is not None:
                arrays[f"{name}.{column}.categories"] = categories
    story = {
        "format": FORMAT,
        "crs": net.crs.to_json_dict(),
        "ground": [*net.ground.centre, net.ground.half_m],
        "tables": tables,
        "table_rows": {name: len(getattr(net, name)) for name in _TABLES},
        "counts": net.counts,
        "notes": net.notes,
        "provenance": net.provenance,
    }
    arrays["ground_coefficients"] = net.ground.coefficients
    arrays["story"] = np.array(json.dumps(story))
    write_arrays(path, arrays)


def read_network(
    path: str | Path, *, provenance: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Read the stored part of a network.

    Parameters
    ----------
    path
        The cache.
    provenance
        Hashes it must have been made from.

    Returns
    -------
    dict
        The arguments from which `WalkNetwork` completes itself.

    Raises
    ------
    FormatError
        When it is damaged, of another version, or made from something else.
    SourceError
        When it is not there.
    """
    arrays = read_arrays(path)
    try:
        story = json.loads(str(arrays["story"]))
        _check_story(story, provenance or {}, path)
        core = {name: arrays[name] for name in STORED}
        _check(core, path)
        crs = pyproj.CRS.from_json_dict(story["crs"])
        x0, y0, half_m = story["ground"]
        ground = Ground(crs, (x0, y0), half_m, _check_scale(arrays["ground_coefficients"]))
        tables = {
            name: pd.DataFrame(
                {column: _unpack(arrays, f"{name}.{column}") for column in story["tables"][name]},
                index=pd.RangeIndex(story["table_rows"][name]),
            )
            for name in _TABLES
        }
    except FormatError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, pyproj.exceptions.CRSError) as error:
        raise FormatError(
            f"{path} is not a whole cached network ({error}): make it anew from its source"
        ) from error
    rows = {"segment_way": "way_attributes", "vertex_feature": "node_attributes"}
    for name, table in rows.items():
        if len(core[name]) and len(tables[table]) and core[name].max() >= len(tables[table]):
            raise FormatError(
                f"{path}: {name} points outside {table}: make it anew from its source"
            )
    return {
        **core, **tables, "ground": ground, "counts": story["counts"],
        "notes": tuple(story["notes"]), "provenance": story["provenance"],
    }  # fmt: skip


def _check_story(story: dict[str, Any], provenance: Mapping[str, str], path: str | Path) -> None:
    """Check that a cache is of this version, and made from what is asked for."""
    if story["format"] != FORMAT:
        raise FormatError(
            f"{path} is a {story['format']}, not a {FORMAT}: make it anew from its source"
        )
    stale = [key for key, value in provenance.items() if story["provenance"].get(key) != value]
    if stale:
        raise FormatError(f"{path} was made from another {' and '.join(stale)}: make it anew")


def _check_scale(coefficients: NDArray[Any]) -> NDArray[np.float64]:
    """Check that the projection's scale has the terms the compiled loop reads."""
    if coefficients.dtype != np.float64 or coefficients.shape not in ((3, 0), (3, TERMS)):
        raise ValueError(f"ground_coefficients have shape {coefficients.shape}")
    return coefficients


def _check(core: dict[str, NDArray[Any]], path: str | Path) -> None:
    """Check that arrays fit each other, since compiled loops will not."""
    n_nodes, n_edges, n_vertices = (len(core[k]) for k in ("node_xy", "edge_node", "vertex_xy"))
    start = core["vertex_start"]
    sizes = {"node": n_nodes, "edge": n_edges, "vertex": n_vertices, "segment": n_vertices}
    fits = (
        all(
            core[k].dtype == kind and core[k].ndim == dimensions
            for k, (kind, dimensions) in STORED.items()
        )
        and all(len(core[k]) == sizes[k.split("_")[0]] for k in STORED if k != "vertex_start")
        and all(core[k].shape[1] == 2 for k in ("node_xy", "vertex_xy", "edge_node"))  # noqa: PLR2004
        and n_edges > 0
        and len(start) == n_edges + 1
        and start[0] == 0
        and start[-1] == n_vertices
        and (np.diff(start) >= 2).all()  # noqa: PLR2004 - an edge has two ends
        and core["edge_node"].min() >= 0
        and core["edge_node"].max() < n_nodes
        and (core["edge_node"][:, 0] <= core["edge_node"][:, 1]).all()
        and np.isfinite(core["vertex_xy"]).all()
        and (core["edge_length_m"] >= 0).all()
        and _layered(core["edge_layer"], core["edge_length_m"])
        and (core["vertex_offset_m"] >= 0).all()
    )
    if not fits:
        raise FormatError(
            f"{path}: the arrays of this network do not fit each other: make it anew from its source"
        )


def _layered(layer: NDArray[np.int8], length: NDArray[np.float64]) -> bool:
    """Say whether there are streets first, then private ground on the way out and the same on the way in."""
    ascending = layer[0] == STREET and layer[-1] <= GATE and (np.diff(layer) >= 0).all()
    return bool(ascending and np.array_equal(length[layer == WAY_OUT], length[layer == WAY_IN]))


def _pack(column: pd.Series[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Give a column as numbers, and the texts they stand for when it holds texts."""
    if column.dtype.kind in "bifu":
        return column.to_numpy(), None
    codes, texts = pd.factorize(column.astype(object))
    return codes.astype(np.int32), np.array([str(t) for t in texts], np.str_)


def _unpack(arrays: Mapping[str, NDArray[Any]], name: str) -> Any:  # noqa: ANN401 - a column of any type
    values, categories = arrays[name], arrays.get(f"{name}.categories")
    return (
        values
        if categories is None
        else pd.Categorical.from_codes(values.tolist(), categories=pd.Index(list(categories)))
    )
