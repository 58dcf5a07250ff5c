"""Where a few more facilities reach most: from a town that was read to a choice that is proven best."""

from __future__ import annotations

import time
import warnings

import geopandas as gpd
import numpy as np
from scipy import sparse

from tests.benchmarks import engine
from tests.benchmarks.measure import Row, show
from tests.benchmarks.towns import town

LIMIT_M = 400.0
AIM_S, AIM_GAP = 60.0, 0.01
#: A dense matrix of more distances than this is not given to spopt.
_MOST_DENSE = 5_000_000


def measure() -> None:
    """Print the section."""
    place = town()
    homes = gpd.GeoDataFrame(
        {"id": np.arange(len(place.addresses)).astype("str")}, geometry=place.addresses.geometry
    )
    here = engine.Town.from_frames(
        place.net, addresses=homes.set_index("id"), classes=["inloopvoorziening"]
    )
    asked = {"facility_class": "inloopvoorziening", "limit_m": LIMIT_M}
    engine.locate(here, k=1, **asked)  # compiles
    rows = [
        _ours(here, "cells of 100 m", k, asked) for k in (1, 3, 10)
    ] + [
        _ours(here, "addresses", k, {**asked, "candidates": "addresses"}) for k in (1, 10)
    ] + [
        _ours(here, "cells of 100 m, least walking", 5, {**asked, "problem": "p_median"})
    ]  # fmt: skip
    notes = []
    try:
        rows += _with_spopt(here)
    except ImportError as reason:
        notes.append(f"spopt: skipped: {reason}")
    show(
        f"locate: {len(homes):,} addresses of {place.name}, none reached before, seconds of processor",
        rows,
        "gap: how far a choice may be from the best, as a share of what it brings.",
        "spopt is given our distances of some of the addresses, as the dense matrix that it takes, and HiGHS;",
        "its time is without making that matrix.",
        *notes,
    )


def _ours(here, what: str, k: int, asked: dict) -> Row:
    began = time.process_time()
    record = engine.locate(here, k=k, **asked).records["locate"]
    seconds, gap = time.process_time() - began, record["gap"]
    return Row(
        f"k = {k:2}, candidates {what} ({record['candidates']:,})", seconds, error=f"gap {gap:.2%}",
        aim=f"{AIM_S:g} s, {AIM_GAP:.0%}", met=seconds <= AIM_S and gap <= AIM_GAP,
    )  # fmt: skip


def _with_spopt(here) -> list[Row]:
    """Choose three and ten among the cells: both solvers on the same walks."""
    import pulp
    from spopt.locate import MCLP

    cells = engine.take_candidates("cells", here, cell_m=100.0, near_m=0.0)
    found = engine.measure_openings(here, cells, "inloopvoorziening", limit_m=LIMIT_M)
    reached = found.gains(np.ones(len(found.now)), walking=False)
    used = np.flatnonzero(np.diff(reached.indptr))
    every = -(-reached.shape[0] * len(used) // _MOST_DENSE)
    reached = sparse.csr_array(reached)[::every]  # a dense matrix of all took minutes to hand over
    dense = np.where(reached[:, used].toarray() > 0, 0.0, 2.0)
    rows = []
    for k in (3, 10):
        began = time.process_time()
        ours = engine.choose_places(sparse.csc_array(reached), k=k)
        own_s = time.process_time() - began
        began = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = MCLP.from_cost_matrix(
                dense, np.ones(len(dense)), service_radius=1, p_facilities=k
            )
            model = model.solve(pulp.HiGHS(msg=False, timeLimit=300))
        theirs_s = time.process_time() - began
        rows += [
            Row(f"choose_places, k = {k}, {len(used):,} cells", own_s, error=f"reaches {ours.objective:,.0f}"),
            Row(
                f"spopt MCLP, k = {k}, the same", theirs_s, ratio=theirs_s / own_s, of="ours",
                error=f"reaches {model.problem.objective.value():,.0f}",
            ),
        ]  # fmt: skip
    return rows
