"""A network as one cached file: arrays and a line of JSON, never pickle, checked before it is believed.

A file may be cut short, changed by accident, or made to harm. A hash notices the first two. It has no key, so
who makes a file can hash it, too: all that the compiled loops take for granted is checked as well, and every
length is compared with the line it belongs to.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj

from geowoonzorg.errors import FormatError
from geowoonzorg.files import read_arrays, working_crs, write_arrays
from geowoonzorg.walk.assembly import GATE, SIGHT, STREET, WAY_IN, WAY_OUT
from geowoonzorg.walk.scale import TERMS, ProjectionScale
from geowoonzorg.walk.square_io import as_stored, read_squares

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from geowoonzorg.walk.arrays import NetworkArrays

#: A cache written by code with another number is made anew.
FORMAT = "geowoonzorg network 6"
#: What is stored, and of which type and number of dimensions; the rest follows from it.
STORED = {
    "node_xy": ("float64", 2),
    "edge_node": ("int32", 2),
    "edge_length_m": ("float64", 1),
    "edge_forward": ("bool", 1),
    "edge_backward": ("bool", 1),
    "edge_layer": ("int8", 1),
    "edge_square": ("int32", 1),
    "vertex_start": ("int64", 1),
    "vertex_xy": ("float64", 2),
    "vertex_offset_m": ("float64", 1),
    "segment_way": ("int32", 1),
    "vertex_feature": ("int32", 1),
}
#: The tables, and the array that points into each.
_TABLES = {"way_attributes": "segment_way", "node_attributes": "vertex_feature"}
#: The columns that are counted with: yes and no, or numbers. Others may be of any kind.
_KINDS = {"steps": "b", "width_m": "f", "incline_pct": "f", "kerb_height_m": "f", "cautious": "b"}
#: What a part of a network knows of the whole.
_OF_A_PART = ("edge_cautious", "edge_island", "edge_component", "component_length_m")
#: No projection has numbers beyond this (m).
_FARTHEST_M = 1e8
#: A projection's scale may differ this much between two versions of it (relative).
_SCALE = 5e-5
#: Rounding may differ this much in a length (m, and relative).
_ROUNDING_M, _ROUNDING = 1e-6, 1e-9


def write_network(net: NetworkArrays, path: str | Path) -> None:
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

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> write_network(net, "no/such/folder/net.npz")
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/folder/net.npz could not be written: the folder does not ...
    """
    arrays = {name: getattr(net, name) for name in STORED}
    tables = {}
    for name in _TABLES:
        table: pd.DataFrame = getattr(net, name)
        texts = {}
        for column in table.columns:
            arrays[f"{name}.{column}"], texts[str(column)] = _pack(table[column])
        tables[name] = {"rows": len(table), "texts": texts}
    story = {
        "format": FORMAT,
        "crs": net.crs.to_json_dict(),
        "ground": [*net.scale.centre, net.scale.half_m],
        "tables": tables,
        "counts": net.counts,
        "notes": net.notes,
        "provenance": net.provenance,
        "matters": list(net.matters),
    }
    arrays |= as_stored(net.squares, net.pieces)
    if net.edge_cautious is not None:  # a part, which knows of islands as the whole does
        arrays |= {name: getattr(net, name) for name in _OF_A_PART}
    arrays["ground_coefficients"] = net.scale.coefficients
    if net.bench_lonlat is not None:
        arrays["bench_lonlat"] = net.bench_lonlat
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
        The fields from which `assembly.complete` makes the others.

    Raises
    ------
    FormatError
        When it is damaged, of another version, made from something else, or no network as this
        package makes them.
    SourceError
        When it is not there.

    Examples
    --------
    >>> read_network("missing.npz")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: ...missing.npz does not exist...
    """
    arrays = read_arrays(path)
    try:
        story = json.loads(str(arrays.pop("story")))
        _check_story(story, provenance or {}, path)
        core = {name: arrays.pop(name) for name in STORED}
        _check_shapes(core)
        _check_layers(core)
        scale = _read_scale(story, arrays.pop("ground_coefficients"))
        _check_lines(core, scale)
        tables = {name: _read_table(name, arrays, story["tables"][name]) for name in _TABLES}
        for name, rows in _TABLES.items():
            there = (core[rows] >= -1) & (core[rows] < len(tables[name]))
            _require(there.all(), f"{rows} points outside {name}")
        squares, pieces = read_squares(arrays, core, len(tables["way_attributes"]))
        part = _read_part(arrays, len(core["edge_node"]))
        benches = _check_benches(arrays.pop("bench_lonlat", None))
        _require(not arrays, f"{sorted(arrays)[:5]} do not belong in it")
    except FormatError:
        raise
    except Exception as error:  # whatever a file that was made to harm brings about
        raise FormatError(
            "{path} is not a whole cached network ({why}): make it anew from its source",
            path=path,
            why=error,
        ) from error
    return {
        **core, **tables, "scale": scale, "counts": story["counts"], "notes": tuple(story["notes"]),
        "provenance": story["provenance"], "bench_lonlat": benches, "matters": tuple(story["matters"]),
        "squares": squares, "pieces": pieces, **part,
    }  # fmt: skip


def _require(fact: object, otherwise: str) -> None:
    """Go on only when something is so."""
    if not fact:
        raise ValueError(otherwise)


def _check_story(story: dict[str, Any], provenance: Mapping[str, str], path: str | Path) -> None:
    """Check that a cache is of this version, made from what is asked for, and tells what can be told."""
    if story["format"] != FORMAT:
        raise FormatError(
            "{path} is a {found!r}, not a {wanted!r}: make it anew from its source",
            path=path,
            found=str(story["format"])[:60],
            wanted=FORMAT,
        )
    _check_texts(story["notes"], "notes")
    _check_texts(story["matters"], "matters")
    _check_texts([*story["provenance"], *story["provenance"].values()], "provenance")
    for group, counts in story["counts"].items():
        _check_texts([group, *counts], "counts")
        _require(all(type(n) is int and 0 <= n < 1 << 63 for n in counts.values()), "counts")
    stale = [key for key, value in provenance.items() if story["provenance"].get(key) != value]
    if stale:
        raise FormatError(
            "{path} was made from another {what}: make it anew", path=path, what=" and ".join(stale)
        )


def _check_texts(texts: object, what: str) -> None:
    """Check that something is a list of texts that can be written: half a character cannot."""
    _require(isinstance(texts, list) and all(isinstance(text, str) for text in texts), what)
    "".join(texts).encode()  # type: ignore[arg-type]


def _check_shapes(core: dict[str, NDArray[Any]]) -> None:
    """Check that arrays fit each other, since compiled loops will not."""
    for name, (kind, dimensions) in STORED.items():
        fits = core[name].dtype == kind and core[name].shape[1:] == (2,) * (dimensions - 1)
        _require(fits and core[name].ndim == dimensions, name)
    node, start = core["edge_node"], core["vertex_start"]
    n_nodes, n_edges, n_vertices = (len(core[k]) for k in ("node_xy", "edge_node", "vertex_xy"))
    sizes = {"node": n_nodes, "edge": n_edges, "vertex": n_vertices, "segment": n_vertices}
    for name in STORED:
        size = n_edges + 1 if name == "vertex_start" else sizes[name.split("_")[0]]
        _require(len(core[name]) == size, name)
    _require(n_edges > 0 and start[0] == 0 and start[-1] == n_vertices, "vertex_start")
    _require((start[1:] > start[:-1]).all(), "vertex_start")  # first, for a difference may wrap
    _require((np.diff(start) > 1).all(), "vertex_start: edges without two ends")
    _require(0 <= node.min() <= node.max() < n_nodes, "edge_node")
    _require((node[:, 0] <= node[:, 1]).all(), "edge_node: edges from a higher to a lower node")
    used = np.zeros(n_nodes, bool)
    used[node] = True
    _require(used.all(), "node_xy: nodes without an edge")
    _require((core["edge_forward"] | core["edge_backward"]).all(), "edge_forward")


def _check_layers(core: dict[str, NDArray[Any]]) -> None:
    """Check that private ground is there twice, after the streets, and joins them at gates only."""
    layer, node, start = core["edge_layer"], core["edge_node"], core["vertex_start"]
    _require(layer[0] == STREET and layer[-1] <= SIGHT, "edge_layer")
    _require((layer[1:] >= layer[:-1]).all(), "edge_layer")
    ends = np.searchsorted(layer, [STREET, WAY_OUT, WAY_IN, GATE, GATE + 1]).tolist()
    streets, out, back, gates = (slice(*pair) for pair in pairwise(ends))
    first_plot = int(node[streets].max()) + 1
    n_plots = (int(node[layer <= GATE].max()) + 1 - first_plot) // 2
    twice = [
        (node[out] + n_plots, node[back]),
        (np.diff(start)[out], np.diff(start)[back]),
        *((core[k][out], core[k][back]) for k in ("edge_length_m", "edge_forward", "edge_backward")),
    ]  # fmt: skip
    for name in ("vertex_xy", "vertex_offset_m"):
        there, here = (core[name][start[pair.start] : start[pair.stop]] for pair in (out, back))
        twice.append((there, here))
    _require(all(np.array_equal(*pair) for pair in twice), "edge_layer: private ground")
    step = node[gates]
    half = len(step) // 2
    plot = np.append(node[out].ravel(), step[:half, 1])
    leads_out = np.arange(len(step)) < half
    _require(
        (step[:, 0] < first_plot).all()
        and ((plot >= first_plot) & (plot < first_plot + n_plots)).all()
        and np.array_equal(step, np.concatenate([step[:half], step[:half] + [[0, n_plots]]]))
        and np.array_equal(core["edge_backward"][gates], leads_out)
        and np.array_equal(core["edge_forward"][gates], ~leads_out)
        and not core["edge_length_m"][gates].any(),
        "edge_layer: gates",
    )


def _read_scale(story: dict[str, Any], coefficients: NDArray[Any]) -> ProjectionScale:
    """Give the projection's scale, if it has the terms that the compiled loop reads."""
    crs = working_crs(pyproj.CRS.from_json_dict(story["crs"]))
    x, y, half_m = (float(number) for number in story["ground"])
    fits = coefficients.dtype == np.float64 and coefficients.shape in {(3, 0), (3, TERMS)}
    _require(fits and math.isfinite(x + y + half_m) and half_m > 0.0, "ground")
    return ProjectionScale(crs, (x, y), half_m, coefficients)


def _check_lines(core: dict[str, NDArray[Any]], scale: ProjectionScale) -> None:
    """Check that edges run from node to node, and are as long as their lines."""
    start, xy, offset = core["vertex_start"], core["vertex_xy"], core["vertex_offset_m"]
    first, last = start[:-1], start[1:] - 1
    _require(np.abs(xy).max() <= _FARTHEST_M, "vertex_xy")
    for at, node in zip((first, last), core["edge_node"].T, strict=True):
        _require(np.array_equal(xy[at], core["node_xy"][node]), "edge_node: nodes elsewhere")
    _require(scale.misfit(xy) <= _SCALE, "ground: not the scale of the projection")
    _require(np.isfinite(offset).all() and not offset[first].any(), "vertex_offset_m")
    _require(np.array_equal(offset[last], core["edge_length_m"]), "edge_length_m")
    inside = np.ones(len(offset) - 1, bool)
    inside[last[:-1]] = False
    step = np.diff(offset)[inside]
    line = scale.lengths(xy[:-1][inside], xy[1:][inside])
    _require(
        (step >= 0.0).all() and np.allclose(step, line, rtol=_ROUNDING, atol=_ROUNDING_M),
        "edge_length_m: not the length of the line",
    )


def _read_part(arrays: dict[str, NDArray[Any]], n_edges: int) -> dict[str, NDArray[Any]]:
    """Take what a part of a network knows of the whole out of the arrays; nothing for a whole network."""
    if "edge_cautious" not in arrays:
        return {}
    part = {name: arrays.pop(name) for name in _OF_A_PART}
    kinds = ("int8", "bool", "int32", "float64")
    for (name, array), kind in zip(part.items(), kinds, strict=True):
        _require(array.dtype == kind and array.ndim == 1, name)
        _require(name == "component_length_m" or len(array) == n_edges, name)
    state, component, metres = (
        part[k] for k in ("edge_cautious", "edge_component", "component_length_m")
    )
    _require(((state >= 0) & (state <= 2)).all(), "edge_cautious")  # noqa: PLR2004 - as `cautious` names them
    _require(((component >= -1) & (component < len(metres))).all(), "edge_component")
    _require(np.isfinite(metres).all() and (metres >= 0.0).all(), "component_length_m")
    return part


def _check_benches(lonlat: NDArray[Any] | None) -> NDArray[np.float64] | None:
    """Check that benches are in degrees."""
    if lonlat is not None:
        fits = lonlat.dtype == np.float64 and lonlat.ndim == 2 and lonlat.shape[1] == 2  # noqa: PLR2004 - x and y
        _require(fits and (np.abs(lonlat) <= [180.0, 90.0]).all(), "bench_lonlat")
    return lonlat


def _pack(column: pd.Series[Any]) -> tuple[NDArray[Any], list[str] | None]:
    """Give a column as numbers, and the texts they stand for when it holds texts."""
    if column.dtype.kind in "bifu":
        return column.to_numpy(), None
    codes, texts = pd.factorize(column.astype(object))
    return codes.astype(np.int32), [str(text) for text in texts]


def _read_table(name: str, arrays: dict[str, NDArray[Any]], story: dict[str, Any]) -> pd.DataFrame:
    """Take a table out of the arrays."""
    columns: dict[str, Any] = {}
    _check_texts(list(story["texts"]), name)
    for column, texts in story["texts"].items():
        values = arrays.pop(f"{name}.{column}")
        kind = values.dtype.kind if texts is None else "i"
        fits = values.dtype.kind == kind == _KINDS.get(column, kind) and not np.isinf(values).any()
        _require(fits and values.shape == (story["rows"],), f"{name}.{column!r}")
        columns[column] = values
        if texts is not None:
            _check_texts(texts, f"{name}.{column!r}")
            columns[column] = pd.Categorical.from_codes(values, pd.Index(texts, dtype="str"))
    return pd.DataFrame(columns, index=pd.RangeIndex(story["rows"]))
