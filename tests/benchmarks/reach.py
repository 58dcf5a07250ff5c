"""Reach against its floor, and against a brute force."""

from __future__ import annotations

import numpy as np

from tests.benchmarks import engine
from tests.benchmarks.floors import Floor
from tests.benchmarks.measure import Row, Timing, interleave, one_core, say, show
from tests.benchmarks.towns import join_all, layer, near_streets, seeds_of, town
from tests.benchmarks.truth import Truth, wrong_side

LIMIT_M = 400.0
#: Milliseconds for one 400 m area, published or measured for QGIS' native algorithm and Valhalla.
FIELD_MS = 10.0


def area_jobs(net, xy: np.ndarray, seeds=None) -> dict:
    """Give the search of separate areas as a job, after its floor."""
    seeds = seeds_of(net, xy) if seeds is None else seeds
    start, node, _ = engine.search_within(net, seeds, LIMIT_M)
    floor = Floor(net, seeds, start, node)
    room, limits = engine.empty_workspace(len(net.node_xy)), np.array([LIMIT_M])
    size = engine.AREAS_AT_ONCE
    n_places = len(seeds.start) - 1
    at_once = np.split(np.arange(n_places), range(size, n_places, size))

    def cut() -> None:
        for places in at_once:  # as many as `cut_streets` takes
            engine.cut_edges(net.toward, seeds, places, limits, room)

    return {
        "floor": floor.each,
        "loop": cut,
    }


def both_jobs(net, xy: np.ndarray) -> dict:
    """Give the search of areas in both answers as a job, after the floor of both: places that join in both."""
    ends = [join_all(one, xy) for one in (net, net.cautious)]
    joined = np.flatnonzero(np.logical_and.reduce([one.status == 0 for one in ends]))
    alone = [
        area_jobs(one, xy, access.select(joined).seeds)
        for one, access in zip((net, net.cautious), ends, strict=True)
    ]
    return {
        name: lambda name=name: sum(job[name]() or 0 for job in alone) for name in ("floor", "loop")
    }


def label_jobs(net, xy: np.ndarray) -> dict:
    """Give the searches for the nearest place as jobs, each after its floor."""
    seeds = seeds_of(net, xy)
    floor = Floor(net, seeds, *engine.search_within(net, seeds, LIMIT_M)[:2])
    labels = engine.empty_labels(len(net.node_xy))

    def label(limit_m: float) -> object:
        engine.spread(net.toward, seeds, limit_m, labels, 1 << 60)
        return labels

    return {
        "floor within": lambda: floor.nearest(limited=True),
        "within": lambda: label(LIMIT_M),
        "floor": lambda: floor.nearest(limited=False),
        "nearest": lambda: label(np.inf),
    }


def search_rows(net, xy: np.ndarray, few: np.ndarray, where: str, *, repeats: int) -> list[Row]:
    """Measure separate areas of places, and the nearest of a few of them, against their floors.

    All in processor time of one core.
    """
    with one_core():
        a = interleave(area_jobs(net, xy), repeats=repeats)
        b = interleave(label_jobs(net, few), repeats=repeats)
        c = interleave(both_jobs(net, xy), repeats=repeats) if net.cautious is not net else None
    n, nodes = len(xy), a["floor"].result / len(xy)
    within, total = b["floor within"].result, b["floor"].result

    def against(
        best: dict[str, Timing], names: str, items: int, item: str, aim: float, what: str
    ) -> Row:
        name, floor = names.split(" / ")
        ratio = best[name].cpu_s / best[floor].cpu_s
        return Row(
            what,
            best[name].cpu_s,
            items,
            item,
            ratio=ratio,
            of="floor",
            aim=f"≤ {aim:g}×",
            met=ratio <= aim,
        )

    return [
        Row(
            f"{where}: floor, {n:,} separate walks of {nodes:.0f} nodes",
            a["floor"].cpu_s,
            n,
            "place",
        ),
        against(
            a,
            "loop / floor",
            n,
            "place",
            2,
            f"{where}: {n:,} separate areas as cut lines",
        ),
        *(
            []
            if c is None
            else [
                against(
                    c,
                    "loop / floor",
                    n,
                    "place",
                    2.5,
                    f"{where}: the same in both answers, against both walks",
                )
            ]
        ),
        Row(
            f"{where}: floor, the nodes near {len(few):,} places",
            b["floor within"].cpu_s,
            within,
            "node",
        ),
        against(
            b, "within / floor within", within, "node", 2, f"{where}: nearest within {LIMIT_M:g} m"
        ),
        Row(f"{where}: floor, all nodes", b["floor"].cpu_s, total, "node"),
        against(b, "nearest / floor", total, "node", 5, f"{where}: nearest without a limit"),
    ]


def measure() -> None:
    """Print the section."""
    place = town()
    net = place.net
    say(f"{place.name}: {net!r}")
    xy = near_streets(net, 2000, seed=1)
    rows = search_rows(net, xy, xy[::20], place.name.split()[0], repeats=300)

    shops, seeds = layer(xy), seeds_of(net, xy)
    limits = np.array([LIMIT_M])
    best = interleave(
        {
            "arrays": lambda: list(engine.cut_streets(net, seeds, limits)),
            "layer": lambda: engine.service_areas(net, shops, limit_m=LIMIT_M),
        },
        repeats=9,
    )
    for name, what in (
        ("arrays", "the same, all cores"),
        ("layer", "service_areas(), a layer in and a layer with lines out"),
    ):
        times = FIELD_MS / 1000 / (best[name].wall_s / len(xy))
        rows.append(Row(
            what, best[name].wall_s, len(xy), "area", ratio=1 / times, of=f"{FIELD_MS:g} ms (QGIS, Valhalla)",
            aim="≤ 0.01×", met=times >= 100,
        ))  # fmt: skip

    many = near_streets(net, 200_000, seed=2, away_m=15.0)
    with one_core():
        snap = interleave({"snap": lambda: net.snap(many)}, repeats=5)["snap"]
    each = snap.wall_s / len(many)
    rows.append(Row(
        "snapping sorted points, one core", snap.wall_s, len(many), "point", aim="< 2 µs", met=each < 2e-6,
    ))  # fmt: skip
    rows += _errors(place)
    show(
        "reach: searches against a breadth-first walk over the same nodes",
        rows,
        "The searches that stand against a floor are timed in processor time of one core.",
    )


def _errors(place) -> list[Row]:
    """Hold the answers against the brute force, on the streets that it knows."""
    net = place.streets_alone
    xy = near_streets(net, 100, seed=3)
    truth = Truth(place, xy, LIMIT_M)
    homes = np.column_stack([place.addresses.geometry.x, place.addresses.geometry.y])
    exact = interleave({"networkx": lambda: truth.nearest(homes)}, repeats=1, warm=False)[
        "networkx"
    ]
    ours = interleave(
        {"nearest": lambda: engine.nearest(net, place.addresses, layer(xy), limit_m=LIMIT_M)},
        repeats=3,
    )["nearest"]
    metres, true = ours.result["distance_m"].to_numpy(), exact.result
    known = np.isfinite(metres) & np.isfinite(true)
    misfit = float(np.abs(metres - true)[known].max())
    wrong = wrong_side(np.isfinite(metres), np.isfinite(true))
    n_wrong = int((np.isfinite(metres) ^ np.isfinite(true)).sum())
    lines = engine.service_areas(net, layer(xy), limit_m=LIMIT_M)
    recall, precision = truth.compare_streets(lines.geometry.to_numpy())
    per_metre = 1 - min(recall, precision)
    return [
        Row("networkx brute force, nearest of 100 places", exact.wall_s, len(homes), "address"),
        Row(
            "nearest(), a layer in and a layer out", ours.wall_s, len(homes), "address",
            ratio=ours.wall_s / exact.wall_s, of="networkx",
            error=f"{n_wrong} of {known.sum():,} within on the wrong side, {misfit:.1e} m", aim="0, ≤ 1e-6 m",
            met=wrong == 0 and misfit <= 1e-6,
        ),
        Row(
            "street metres of 100 areas", error=f"recall {recall:.6f}, precision {precision:.6f}", aim="1, 1",
            met=per_metre < 1e-5,
        ),
    ]  # fmt: skip
