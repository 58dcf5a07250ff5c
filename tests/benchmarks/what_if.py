"""A change tried on a town that is already read: one facility, with and without sites."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.kampen import CLASSES, N_SITES, _study
from tests.benchmarks.measure import Row, interleave, show
from tests.benchmarks.towns import town


def measure() -> None:
    """Print the section."""
    from geowoonzorg import Change, Town, read_study, what_if
    from geowoonzorg.town.reading import read_sites

    with tempfile.TemporaryDirectory() as name:
        study = read_study(_study(town(), Path(name)))
        read, sites = Town.read(study), read_sites(study)
    one = read.places("huisarts").iloc[0]
    middle = read.addresses.geometry.union_all().centroid
    street = read.network.node_xy[read.network.edge_node[0]]
    changes = {
        "a huisarts closes": Change(close=one["id"]),
        "a huisarts opens": Change(open={"class": "huisarts", "x": middle.x, "y": middle.y}),
        "a path is laid": Change(path={"coordinates": [street[0], street[0] + 30.0]}),
    }
    tried = {
        f"{what}, {who}": (lambda change=change, given=given: what_if(read, given, change))
        for what, change in changes.items()
        for who, given in (("no sites", None), (f"{N_SITES} sites", sites))
    }
    best = interleave(tried, repeats=5)
    rows = [
        Row(what, run.cpu_s, aim="< 1 s", met=run.cpu_s < 1)
        if "path" not in what  # then everything is walked again
        else Row(what, run.cpu_s)
        for what, run in best.items()
    ]
    show(
        f"what-if: {town().name}, {len(read.addresses):,} addresses, {len(CLASSES)} classes, after the town is read, "
        "seconds of processor",
        rows,
    )
