"""Whole jobs over a town that grows: time and memory grow with it, and not faster.

A gate, no measurement: exponents over two sizes, never seconds. What they are on a quiet machine is in the
benchmarks; here the bounds leave room for a machine with much else to do, and still none for a square.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from math import log
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geowoonzorg.ask import coverage, score_sites, search
from geowoonzorg.walk.pairs import reached_pairs
from geowoonzorg.walk.service_area import service_areas
from tests.benchmarks.large import lattice, sites_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from geowoonzorg import Town

#: Addresses of the town; streets, areas and facilities are in proportion.
ADDRESSES = (15_000, 60_000)
A_FACILITY_FOR = 100
#: A square would be 2.
MOST_TIME, MOST_MEMORY = 1.45, 1.15
WITHIN_M = 400.0


def _nearest(town: Town) -> object:
    return town.nearest(limit_m=WITHIN_M)


def _areas(town: Town) -> object:
    # Of enough places that what is laid out beforehand, for as many as are searched at a time, weighs little.
    return service_areas(town.network, town.addresses.iloc[::10].reset_index(), limit_m=WITHIN_M)


def _coverage(town: Town) -> object:
    return coverage(town)


def _in_tiles(town: Town) -> object:
    return coverage(town.in_tiles(tiles_km=4.0))


def _pairs(town: Town) -> object:
    # As many sites whatever the town: the pairs stay as many.
    return reached_pairs(town.network, sites_of(town, 100), town.addresses, limit_m=WITHIN_M)


def _sites(town: Town) -> object:
    return score_sites(town, sites_of(town, len(town.addresses) // 600), draws=50)


def _search(town: Town) -> object:
    return search(town, cell_m=100.0)


JOBS = {
    "nearest": _nearest,
    "service areas": _areas,
    "coverage": _coverage,
    "coverage in tiles": _in_tiles,
    "pairs": _pairs,
    "sites": _sites,
    "search": _search,
}


@pytest.fixture(scope="module")
def towns() -> list[Town]:
    """The same town, and one four times as large."""
    return [lattice(n // A_FACILITY_FOR, n) for n in ADDRESSES]


def _seconds(job: Callable[[Town], object], town: Town) -> float:
    """Give the processor time of a job, without what collecting garbage of others takes."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        job(town)
        return time.process_time() - began
    finally:
        gc.enable()


def _bytes(job: Callable[[Town], object], town: Town) -> int:
    """Give the most that a job held at a time, arrays included."""
    gc.collect()
    tracemalloc.start()
    try:
        job(town)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def exponent(small: float, large: float) -> float:
    """Say with which power of the size an amount grows."""
    return log(large / small) / log(ADDRESSES[1] / ADDRESSES[0])


def test_a_square_would_be_seen(towns: list[Town]):
    def square(town: Town) -> object:
        return np.sin(np.arange(len(town.addresses) ** 2 // 200, dtype=float))

    assert exponent(*(_bytes(square, town) for town in towns)) > MOST_MEMORY
    assert exponent(*(min(_seconds(square, town) for _ in range(3)) for town in towns)) > MOST_TIME


@pytest.mark.parametrize("name", JOBS)
def test_time_and_memory_grow_with_the_town(towns: list[Town], name: str):
    job = JOBS[name]
    job(towns[0])  # compiles
    held = exponent(*(_bytes(job, town) for town in towns))
    assert held <= MOST_MEMORY, f"memory of {name} grows as n^{held:.2f}"
    took = exponent(*(min(_seconds(job, town) for _ in range(3)) for town in towns))
    assert took <= MOST_TIME, f"time of {name} grows as n^{took:.2f}"
