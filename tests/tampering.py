"""Saved networks with something changed, tried one by one: run in a process of its own, that may die of it.

    python tests/tampering.py NETWORK.npz again|as-it-was [random changes] [seed]

says for every change what came of it, as lines of ``name<tab>outcome``. ``again`` hashes the file again after the
change, as who makes it to harm would. An outcome is ``refused``, ``the same`` (every number is the original's),
``another`` (numbers that a network could have) or what went wrong.
"""

from __future__ import annotations

# ruff: noqa: T201 - what it prints is read by a test
import json
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import FormatError
from geowoonzorg.files import read_arrays, write_arrays
from geowoonzorg.walk.cells import snap_cells
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.route import nearest_routes
from geowoonzorg.walk.service_area import nearest, reached_pairs, service_areas

EXTREMES = {
    "f": [np.nan, np.inf, -np.inf, 1e300, -1.0, 0.0, 1e9],
    "i": [2**63 - 1, -(2**63), 2**62, -1, 0, 2**31 - 1, -(2**31), 127],
    "b": [True, False],
    "U": [""],
}
#: Columns of the tables, one of each kind: what goes for them goes for the others.
COLUMNS = {"highway", "steps", "width_m", "kerb", "kerb_height_m"}
NO_TEXT = [None, 5, -1, 1e400, True, "x", [], [5], {}, {"a": []}, "\ud800", ["\ud800"], [[[]]]]


def changes(arrays, random_changes, seed):
    """Give changes one by one: a name, and the arrays to write."""
    rng = np.random.default_rng(seed)
    yield "nothing", arrays
    yield from _wrapped(arrays)
    for name, array in arrays.items():
        yield f"{name}: absent", {k: v for k, v in arrays.items() if k != name}
        if name != "story" and ("." not in name or name.split(".")[1] in COLUMNS):
            for what, other in _others(array, rng):
                yield f"{name}: {what}", {**arrays, name: other}
    yield "an array more", {**arrays, "more": np.zeros(3)}
    yield from _stories(arrays)
    names = [name for name in arrays if name != "story"]
    for i in range(random_changes):
        name = names[rng.integers(len(names))]
        yield f"random {i}: {name}", {**arrays, name: _scattered(arrays[name], rng)}


def _wrapped(arrays):
    start = arrays["vertex_start"].copy()
    start[1:5] = [2**62, -(2**63), -(2**62), 0]
    yield "vertex_start: wraps", {**arrays, "vertex_start": start}
    for factor in (0.0, 0.1, 0.999, 1.001, 10.0):
        both = {name: arrays[name] * factor for name in ("edge_length_m", "vertex_offset_m")}
        yield f"lengths and offsets × {factor}", {**arrays, **both}
        scale = arrays["ground_coefficients"] * factor**2
        yield f"the projection, too × {factor}", {**arrays, **both, "ground_coefficients": scale}
    far = {name: arrays[name] * 1e4 for name in ("node_xy", "vertex_xy")}
    yield "coordinates × 10,000", {**arrays, **far}
    moved = {name: arrays[name] + [300.0, 0.0] for name in ("node_xy", "vertex_xy")}
    yield "coordinates moved", {**arrays, **moved}


def _others(array, rng):
    """Give other arrays: of another shape, another type, another order, with other numbers."""
    yield "shorter", array[:-1]
    yield "longer", np.concatenate([array, array[-1:]])
    yield "empty", array[:0]
    yield "deeper", array[:, None]
    if array.ndim > 1:
        yield "flat", array.ravel()
        yield "turned", array.T.copy()
    yield "reversed", array[::-1].copy()
    yield "shuffled", array[rng.permutation(len(array))]
    yield "rolled", np.roll(array, 1)
    kind = array.dtype.kind
    yield "of another type", array.astype("int64" if kind == "f" else "float64")
    yield "in a smaller type", array.astype("float32" if kind == "f" else "int16")
    for value in EXTREMES["i" if kind in "iu" else kind]:
        try:
            cell = np.array(value, array.dtype)
        except OverflowError:
            continue
        yield f"all {value}", np.full_like(array, cell)
        one = array.copy()
        if one.size:
            one.ravel()[rng.integers(one.size)] = cell
            yield f"one {value}", one
            one.ravel()[[0, -1]] = cell
            yield f"first and last {value}", one
    if kind != "b":
        yield "a little more", array + array.dtype.type(1)
        yield "the other sign", -array


def _scattered(array, rng):
    """Change some bytes, wherever they are."""
    raw = bytearray(array.tobytes())
    for _ in range(rng.integers(1, 6)):
        if raw:
            raw[rng.integers(len(raw))] ^= 1 << rng.integers(8)
    return np.frombuffer(bytes(raw), array.dtype).reshape(array.shape)


def _alike(some, others):
    return some.keys() == others.keys() and all(
        array.dtype == others[name].dtype
        and array.shape == others[name].shape
        and array.tobytes() == others[name].tobytes()
        for name, array in some.items()
    )


def _stories(arrays):
    story = json.loads(str(arrays["story"]))

    def told(**more):
        return {**arrays, "story": np.array(json.dumps({**story, **more}))}

    for key in story:
        rest = {k: v for k, v in story.items() if k != key}
        yield f"story: no {key}", {**arrays, "story": np.array(json.dumps(rest))}
        for value in NO_TEXT:
            yield f"story: {key} {value!r}", told(**{key: value})
    for ground in (
        [0, 0, 0],
        [1e400, 0, 1],
        ["a", 0, 1],
        [0.0, 0.0, -5.0],
        [150000, 500000, 1e-300],
    ):
        yield f"story: ground {ground}", told(ground=ground)
    for code in (4326, 3857, 25831, 2056, 32631):
        crs = json.loads(gpd.GeoSeries(crs=code).crs.to_json())
        yield f"story: crs {code}", told(crs=crs)
    tables = story["tables"]
    for name, table in tables.items():
        for rows in (0, -1, 1, 10**9, 10**30, 2.5, None, "5"):
            yield (
                f"story: {name} {rows} rows",
                told(tables={**tables, name: {**table, "rows": rows}}),
            )
        for column in COLUMNS.intersection(table["texts"]):
            for texts in (*NO_TEXT, ["a"] * 40, ["a"]):
                changed = {**table, "texts": {**table["texts"], column: texts}}
                yield f"story: {name}.{column} {texts!r}", told(tables={**tables, name: changed})
    bare = {name: {"rows": 0, "texts": {}} for name in tables}
    kept = {k: v for k, v in told(tables=bare).items() if "attributes" not in k}
    yield "tables without rows", kept
    yield "story: deep", {**arrays, "story": np.array("[" * 100_000)}
    yield "story: deep notes", told(notes=json.loads("[" * 400 + "]" * 400))
    yield "story: a list", {**arrays, "story": np.array("[]")}
    yield "story: nothing", {**arrays, "story": np.array("")}
    yield "story: numbers", {**arrays, "story": np.arange(5)}


def measure(net, places):
    """Measure in every way there is, and check what no network could give."""
    homes, shops = places
    near = nearest(net, homes, shops)
    lines = service_areas(net, shops, limit_m=[200, 400])
    polygons = service_areas(net, shops.iloc[:2], limit_m=300, shape="polygons")
    pairs = reached_pairs(net, homes, shops, limit_m=600)
    ways = nearest_routes(net, homes, shops)
    box = [*homes.total_bounds[:2], *(homes.total_bounds[:2] + 300)]
    cells = snap_cells(net, box, cell_m=20)
    net.describe()
    straight = pd.Series(
        shapely.distance(
            np.asarray(homes.geometry),
            np.asarray(shops.geometry.set_axis(shops["id"]).reindex(near["facility_id"])),
        )
    )
    known = near["distance_m"].notna()
    assert (near["distance_m"][known] >= 0.999 * straight[known]).all(), "shorter than straight"
    assert (lines["length_m"].dropna() >= 0).all(), "negative streets"
    assert (polygons["area_m2"].dropna() <= 1.01 * np.pi * 300**2).all(), "beyond the disc"
    assert (pairs["distance_m"] >= 0).all(), "negative pairs"
    assert (ways["length_m"].dropna() >= 0).all(), "negative routes"
    return [
        near["distance_m"].to_numpy(), lines["length_m"].to_numpy(), polygons["area_m2"].to_numpy(),
        pairs["distance_m"].to_numpy(), ways["length_m"].to_numpy(), cells.access_m.ravel(),
    ]  # fmt: skip


def _places(net):
    """Homes and shops beside streets, some on private ground, one far away."""
    xy = net.vertex_xy[:: max(1, len(net.vertex_xy) // 60)] + [7.0, -4.0]
    xy = np.concatenate([xy, net.node_xy[-4:], net.node_xy[:1] + 5000.0])

    def layer(some, letter):
        ids = [f"{letter}{i}" for i in range(len(some))]
        return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(some), crs=net.crs)

    return layer(xy[::2], "h"), layer(xy[1::4], "s")


def main() -> None:
    """Try every change."""
    path, hashed = Path(sys.argv[1]), sys.argv[2]
    random_changes, seed = (int(word) for word in [*sys.argv[3:], "40", "0"][:2])
    warnings.simplefilter("ignore")
    arrays, net = read_arrays(path), WalkNetwork.load(path)
    places = _places(net)
    expected = measure(net, places)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "net.npz")
        old_hash = dict(np.load(path))["sha256"]
        for name, changed in changes(arrays, random_changes, seed):
            if name != "nothing" and _alike(changed, arrays):
                continue
            print(name.encode("ascii", "backslashreplace").decode(), end="\t", flush=True)
            if hashed == "again":
                write_arrays(file, changed)
            else:
                np.savez(file, **changed, sha256=old_hash)
            try:
                found = measure(WalkNetwork.load(file), places)
            except FormatError:
                print("refused", flush=True)
            except BaseException:  # noqa: BLE001 - that is what is looked for
                print("BROKE", traceback.format_exc().replace("\n", " | ")[-900:], flush=True)
            else:
                same = all(
                    np.array_equal(*pair, equal_nan=True)
                    for pair in zip(found, expected, strict=True)
                )
                print("the same" if same else "another", flush=True)


if __name__ == "__main__":
    main()
