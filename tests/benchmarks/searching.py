"""A search over a whole place: every cell measured as a site, and how its time grows with the cells."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.kampen import _study
from tests.benchmarks.measure import Row, in_child, peak_mb, say, show

SIDES_M = (100, 50, 25)
#: Twenty seconds of two cores, in seconds of processor.
AIM_S, AIM_MB, AIM = 40.0, 2_000, 1.05


def measure() -> None:
    """Print the section."""
    from tests.benchmarks.towns import town

    place = town()
    with tempfile.TemporaryDirectory() as name:
        study = _study(place, Path(name))
        in_child("searching", study, 400, "compile")  # the first run compiles and fills caches
        found = {side: in_child("searching", study, side, "plain") for side in SIDES_M}
    rows = [
        Row(
            f"search at {side} m: {one['cells']:,} cells walked, {one['scored']:,} with a score",
            one["search_s"], memory_mb=one["peak_mb"],
            aim=f"< {AIM_S:g} s, < {AIM_MB:,} MB" if side == SIDES_M[-1] else "",
            met=one["search_s"] < AIM_S and one["peak_mb"] < AIM_MB if side == SIDES_M[-1] else None,
        )
        for side, one in found.items()
    ]  # fmt: skip
    cells, seconds = (np.log([one[key] for one in found.values()]) for key in ("cells", "search_s"))
    slope = np.polyfit(cells, seconds, 1)[0]
    rows.append(Row("exponent", error=f"{slope:.3f}", aim=f"≤ {AIM}", met=slope <= AIM))
    show(
        f"search: {place.name}, cells of {', '.join(map(str, SIDES_M))} m, seconds of processor",
        rows,
    )


def job(study: str, side: str, how: str) -> None:
    """Search in this process, and tell its time, its peak of memory and how many cells there were."""
    from tests.benchmarks import engine

    place = engine.Town.read(study)
    began = time.process_time()
    found = engine.search_town(
        place, cell_m=float(side), homes=24, assume={"ontmoetingsruimte": "ja"}
    )
    took = time.process_time() - began
    record = found.records["search"]
    cells = record["scored"] + record["too_little_known"] + record["knocked_out"]
    told = {
        "search_s": took,
        "peak_mb": peak_mb(),
        "cells": cells,
        "scored": record["scored"],
    }
    say(json.dumps(told))


if __name__ == "__main__":
    job(*sys.argv[1:])
