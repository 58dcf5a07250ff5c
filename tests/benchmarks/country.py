"""A synthetic country: 5 million nodes, 6.5 million edges, 15,000 facilities, a million addresses."""

from __future__ import annotations

import time

import numpy as np

from tests.benchmarks import engine
from tests.benchmarks.measure import Row, peak_mb, say, show
from tests.benchmarks.reach import search_rows
from tests.benchmarks.towns import layer, near_streets

SIDE, SPACING_M, KEPT_SHARE = 2236, 70.0, 0.65
N_FACILITIES, N_ADDRESSES = 15_000, 1_000_000


def streets(side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """Lay crossings every 70 m, shake them, and keep two of three streets between them."""
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    xy = (
        np.column_stack([x.ravel(), y.ravel()]) * SPACING_M
        + rng.normal(0, 8, (side**2, 2))
        + [60_000, 350_000]
    )
    number = np.arange(side**2).reshape(side, side)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    up = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    segments = np.concatenate([across, up])
    return xy, segments[rng.random(len(segments)) < KEPT_SHARE].astype(np.int32)


def measure() -> None:
    """Print the section."""
    xy, segments = streets()
    _warm_up()
    rows, steps = [], []

    def step(what: str, job, items: int = 0, item: str = ""):
        began = time.perf_counter()
        result = job()
        seconds = time.perf_counter() - began
        steps.append(seconds)
        rows.append(Row(what, seconds, items, item, memory_mb=peak_mb()))
        return result

    net = step(
        "network from arrays",
        lambda: engine.WalkNetwork.from_arrays(xy, segments),
        len(segments),
        "segment",
    )
    shops = layer(near_streets(net, N_FACILITIES, seed=1))
    homes = layer(near_streets(net, N_ADDRESSES, seed=2, away_m=15.0))
    areas = step(
        "service_areas(): cut lines of every facility",
        lambda: engine.service_areas(net, shops, limit_m=400), N_FACILITIES, "area",
    )  # fmt: skip
    metres = areas["length_m"].mean()
    del areas
    within = step(
        "nearest() within 400 m",
        lambda: engine.nearest(net, homes, shops, limit_m=400),
        N_ADDRESSES,
        "address",
    )
    step(
        "nearest() without a limit",
        lambda: engine.nearest(net, homes, shops),
        N_ADDRESSES,
        "address",
    )
    total, memory = sum(steps), peak_mb()
    share = within["distance_m"].notna().mean()
    rows.append(Row(
        "all of this", total, memory_mb=memory, aim="< 60 s, < 6 GB", met=total < 60 and memory < 6000,
    ))  # fmt: skip
    few = np.column_stack([shops.geometry.x, shops.geometry.y])
    del within
    rows += search_rows(net, few, few, "country", repeats=9)
    say(f"\n{len(xy):,} nodes, {len(segments):,} segments: {net!r}")
    show(
        "country: synthetic, layers in and out",
        rows,
        f"Memory is the peak so far. {metres:,.0f} m of street an area; {share:.1%} of addresses within 400 m.",
    )


def _warm_up() -> None:
    """Do each step on a hamlet: that compiles the loops, or loads what was compiled before."""
    net = engine.WalkNetwork.from_arrays(*streets(30))
    shops, homes = layer(near_streets(net, 10, seed=1)), layer(near_streets(net, 20, seed=2))
    engine.service_areas(net, shops, limit_m=400)
    engine.nearest(net, homes, shops, limit_m=400)
