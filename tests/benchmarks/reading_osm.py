"""Reading an OSM file beside the peers: decoding alone, streets and addresses taken from it, one process each."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from tests.benchmarks.measure import Row, in_child, peak_mb, say, show
from tests.benchmarks.towns import town

if TYPE_CHECKING:
    from collections.abc import Callable

#: Of processor, against libosmium that keeps nothing and against the same with locations.
MOST_TIMES = {"libosmium, nothing kept": 4.0, "libosmium with locations, nothing kept": 3.0}
TURNS = 5


def _ours(path: str) -> Callable[[], object]:
    from geowoonzorg.osm import read_osm
    from geowoonzorg.osm.profile import read_profile

    profile = read_profile("rollator")
    read_osm(path, profile=profile, addresses=True)  # compiles
    return lambda: read_osm(path, profile=profile, addresses=True)


def _libosmium(path: str) -> Callable[[], object]:
    import osmium

    def read() -> None:
        for _ in osmium.FileProcessor(path).with_filter(osmium.filter.IdFilter([])):
            pass

    return read


def _with_locations(path: str) -> Callable[[], object]:
    import osmium

    def read() -> None:
        places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
        osmium.apply(osmium.io.Reader(path), places)

    return read


def _pyosmium(path: str) -> Callable[[], object]:
    import osmium

    def read() -> int:
        keys = osmium.filter.KeyFilter("highway", "addr:housenumber")
        return sum(
            len(o.nodes) if o.is_way() else 1 for o in osmium.FileProcessor(path).with_filter(keys)
        )

    return read


def _gdal(path: str) -> Callable[[], object]:
    import pyogrio

    return lambda: pyogrio.read_arrow(path, layer="lines", columns=["osm_id", "highway"])


def _duckdb(path: str) -> Callable[[], object]:
    import duckdb
    from duckdb_extensions import import_extension

    import_extension("spatial")
    base = duckdb.connect()
    base.execute("LOAD spatial; SET threads = 2")
    statements = (
        "SELECT id, refs, tags FROM ST_ReadOSM(?) WHERE kind = 'way' AND tags['highway'] IS NOT NULL",
        "SELECT id, lat, lon FROM ST_ReadOSM(?) WHERE kind = 'node'",
        "SELECT id, lat, lon, tags FROM ST_ReadOSM(?) WHERE tags['addr:housenumber'] IS NOT NULL",
    )
    return lambda: [base.execute(one, [path]).fetch_arrow_table() for one in statements]


READERS = {
    "libosmium, nothing kept": _libosmium,
    "libosmium with locations, nothing kept": _with_locations,
    "geowoonzorg: streets, facilities' tags, addresses": _ours,
    "pyosmium: streets and addresses, object by object": _pyosmium,
    "GDAL: lines as Arrow": _gdal,
    "DuckDB: streets, nodes, addresses as Arrow": _duckdb,
}


def measure() -> None:
    """Print the section."""
    path, found, notes = town().path, {}, []
    for name in READERS:
        try:
            found[name] = in_child("reading_osm", name, path)
        except RuntimeError as error:
            notes.append(f"{name}: skipped: {str(error).splitlines()[-1]}")
    ours = found["geowoonzorg: streets, facilities' tags, addresses"]
    rows = []
    for name, one in found.items():
        times, most = ours["cpu_s"] / one["cpu_s"], MOST_TIMES.get(name)
        rows.append(Row(
            name, one["cpu_s"], memory_mb=one["peak_mb"], error=f"ours takes {times:.2g}×",
            aim=f"ours ≤ {most:g}×" if most else "", met=times <= most if most else None,
        ))  # fmt: skip
    size = f"{path.name}, {path.stat().st_size / 1e6:.1f} MB"
    show(f"reading OSM: {size}, seconds of processor", rows, *notes)


def _measure_one(name: str, path: str) -> dict[str, float]:
    job, best = READERS[name](path), float("inf")
    for _ in range(TURNS):
        began = time.process_time()
        job()
        best = min(best, time.process_time() - began)
    return {"cpu_s": best, "peak_mb": peak_mb()}


if __name__ == "__main__":
    say(json.dumps(_measure_one(*sys.argv[1:3])))
