"""Tiles: what cutting a town up costs, here and on a cluster, in seconds of all processors together."""

from __future__ import annotations

import pickle
import resource
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.country import streets
from tests.benchmarks.engine import WalkNetwork
from tests.benchmarks.measure import Row, SkipError, peak_mb, show
from tests.benchmarks.towns import CRS, layer, near_streets

#: A synthetic region: crossings along a side (70 m apart), facilities and addresses, as dense as the country.
SIDE, N_FACILITIES, N_ADDRESSES, N_CLASSES = 430, 1_000, 220_000, 7
LIMITS_M = (400.0, 800.0)
MOST = 1.3  # times the processor of one run


def measure() -> None:
    """Print the section."""
    from geowoonzorg.town import Town, Walking

    try:
        from distributed import LocalCluster
    except ImportError as reason:
        raise SkipError("distributed is not installed") from reason
    net = WalkNetwork.from_arrays(*streets(SIDE), crs=CRS)
    classes = np.array([f"class{i}" for i in range(N_CLASSES)])
    shops = layer(near_streets(net, N_FACILITIES, seed=1))
    shops = shops.assign(facility_class=classes[np.arange(len(shops)) % N_CLASSES])
    homes = layer(near_streets(net, N_ADDRESSES, seed=2, away_m=15.0))
    town = Town.from_frames(net, facilities=shops, addresses=homes, walking=Walking(LIMITS_M))
    ask(town.in_tiles(tiles_km=20))  # compiles
    whole = _cpu_of(town)
    rows = [
        Row(f"as a whole, {SIDE * 0.07:.0f} km across", whole, memory_mb=peak_mb()),
        _row("in tiles of 5 km", _cpu_of(town, tiles_km=5), whole),
        _row("in tiles of 10 km, the default", _cpu_of(town, tiles_km=10), whole, judged=True),
    ]
    with tempfile.TemporaryDirectory() as folder:
        rows += [
            _row(what, _cpu_of(town, parts=Path(folder) / "parts"), whole)
            for what in ("with parts as GeoParquet", "again, all parts there")
        ]
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as cluster:  # fmt: skip
        asked = {"scheduler": cluster.scheduler_address}
        ask(town.in_tiles(**asked))  # the workers import, and load their loops
        before = _workers_cpu(cluster)
        own = _cpu_of(town, **asked)
        theirs = _workers_cpu(cluster) - before
        what = f"two workers ({theirs:.1f} s) and who leads them ({own:.1f} s)"
        rows.append(_row(what, own + theirs, whole, judged=True))
    show(
        f"tiles: {N_ADDRESSES:,} addresses to {N_CLASSES} classes, ground around {N_FACILITIES:,} facilities; "
        "seconds of processor of all",
        rows,
    )


def ask(town) -> None:
    """Walk from every address, and draw the ground around every facility."""
    town.nearest(limit_m=max(LIMITS_M))
    town.service_areas(shape="polygons")


def _row(what: str, cpu_s: float, whole: float, *, judged: bool = False) -> Row:
    aim = {"aim": f"≤ {MOST}×", "met": cpu_s <= MOST * whole} if judged else {}
    return Row(f"  {what}", cpu_s, ratio=cpu_s / whole, of="the whole", **aim)


def _cpu_of(town, **tiling) -> float:
    """Ask a town that has worked nothing out yet, as a command does."""
    best = np.inf
    for _ in range(1 if "parts" in tiling else 2):
        fresh = pickle.loads(pickle.dumps(town))  # noqa: S301 - our own bytes
        began = _own_cpu_now()
        ask(fresh.in_tiles(**tiling) if tiling else fresh)
        best = min(best, _own_cpu_now() - began)
        if "scheduler" in tiling:
            break
    return best


def _own_cpu_now() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _workers_cpu(cluster) -> float:
    """Add up the processor seconds of the workers, as the system counts them."""
    import psutil

    return sum(
        sum(psutil.Process(one.process.pid).cpu_times()[:2]) for one in cluster.workers.values()
    )
