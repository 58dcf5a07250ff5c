"""Tiles: what cutting a town up costs, here and on a cluster, in seconds of all processors together."""

from __future__ import annotations

import resource
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from tests.benchmarks.country import streets
from tests.benchmarks.engine import WalkNetwork
from tests.benchmarks.measure import Row, SkipError, peak_mb, show
from tests.benchmarks.towns import CRS, layer, near_streets

#: A synthetic region: crossings along a side (70 m apart), facilities and addresses.
SIDE, N_FACILITIES, N_ADDRESSES, N_CLASSES = 430, 700, 150_000, 7
LIMIT_M = 800.0
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
    town = Town.from_frames(
        net, facilities=shops, addresses=homes, walking=Walking((400.0, LIMIT_M))
    )
    asked = {
        "nearest of every address": lambda one: one.nearest(limit_m=LIMIT_M),
        "ground around every facility": lambda one: one.service_areas(shape="polygons"),
    }
    rows = []
    km = SIDE * 70 / 1_000
    for what, ask in asked.items():
        ask(town)  # compiles, and fills what the network keeps
        whole = min(_own_cpu(partial(ask, town)) for _ in range(2))
        rows.append(Row(f"{what}: as a whole ({km:.0f} km across)", whole, memory_mb=peak_mb()))
        for side in (5.0, 10.0):
            cut = min(_own_cpu(partial(ask, town.in_tiles(tiles_km=side))) for _ in range(2))
            default = {"aim": f"≤ {MOST}×", "met": cut <= MOST * whole} if side == 10.0 else {}
            rows.append(
                Row(f"  in tiles of {side:g} km", cut, ratio=cut / whole, of="the whole", **default)
            )
        with tempfile.TemporaryDirectory() as folder, LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
        ) as cluster:  # fmt: skip
            there = town.in_tiles(scheduler=cluster.scheduler_address)
            ask(there)  # workers import and load their loops
            began, workers = _own_cpu_now(), _workers_cpu(cluster)
            wall = time.perf_counter()
            ask(there)
            wall = time.perf_counter() - wall
            own, theirs = _own_cpu_now() - began, _workers_cpu(cluster) - workers
            rows.append(
                Row(
                    f"  two workers and who leads them ({own:.1f} + {theirs:.1f} s of processor, {wall:.1f} s)",
                    own + theirs, ratio=(own + theirs) / whole, of="the whole", aim=f"≤ {MOST}×",
                    met=own + theirs <= MOST * whole,
                )
            )  # fmt: skip
            kept = town.in_tiles(parts=Path(folder) / "parts")
            parts = _own_cpu(partial(ask, kept))
            again = _own_cpu(partial(ask, kept))
            rows.append(
                Row("  with parts as GeoParquet", parts, ratio=parts / whole, of="the whole")
            )
            rows.append(Row("  again, all parts there", again, ratio=again / whole, of="the whole"))
    show(
        f"tiles: {N_ADDRESSES:,} addresses, {N_FACILITIES:,} facilities of {N_CLASSES} classes, seconds of processor",
        rows,
    )


def _own_cpu_now() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _own_cpu(job) -> float:
    began = _own_cpu_now()
    job()
    return _own_cpu_now() - began


def _workers_cpu(cluster) -> float:
    """Add up the processor seconds of the workers, as the system counts them."""
    import psutil

    return sum(
        sum(psutil.Process(one.process.pid).cpu_times()[:2]) for one in cluster.workers.values()
    )
