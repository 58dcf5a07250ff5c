"""Copies of a real extract side by side: time against size, ours and the peers', in one picture.

And pairs of sites and addresses in a town that grows, with their memory: the pairs stay as many.
"""

from __future__ import annotations

import json
import sys
import time

import networkx as nx
import numpy as np
from scipy.sparse.csgraph import dijkstra

from tests.benchmarks import engine
from tests.benchmarks.floors import Floor
from tests.benchmarks.measure import ROOT, Row, in_child, interleave, peak_mb, say, show
from tests.benchmarks.peers import junction_graph
from tests.benchmarks.towns import layer, near_streets, seeds_of, town

SCALES = (1, 4, 16, 36)
N_PLACES, N_HOMES = 100, 5000  # a copy
LIMIT_M, AIM = 400.0, 1.05
#: A peer is not asked for a size that would take longer than this (s).
PATIENCE_S = 25.0
#: Addresses in the growing town, and its sites.
ADDRESSES, N_SITES = (100_000, 200_000, 400_000, 800_000), 500
PICTURE = ROOT / "docs" / "img" / "bench.svg"

OURS = ("network from arrays", "separate areas as cut lines", "service_areas()", "nearest()")


def copies(xy: np.ndarray, segments: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Lay n copies side by side in a square, with a kilometre between them."""
    side = round(n**0.5)
    step = np.ptp(xy, axis=0) + 1000.0
    shift = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * step
    # keep the middle in place, so that the whole stays where RD New is defined
    shift -= shift.mean(axis=0)
    all_xy = (xy[None] + shift[:, None]).reshape(-1, 2)
    return all_xy, (segments[None] + len(xy) * np.arange(n)[:, None, None]).reshape(-1, 2)


def measure() -> None:
    """Print the section and draw the picture."""
    place = town()
    xy, segments = place.raw
    times: dict[str, dict[int, float]] = {}
    sizes: dict[int, int] = {}
    stopped: dict[str, float] = {}
    for n in SCALES:
        many, pairs = copies(xy, segments, n)
        net = engine.WalkNetwork.from_arrays(many, pairs)
        sizes[n] = len(net.edge_length_m)
        at = near_streets(net, N_PLACES * n, seed=n)
        homes = layer(near_streets(net, N_HOMES * n, seed=n + 1))
        shops, seeds = layer(at), seeds_of(net, at)
        start, node, _ = engine.search_within(net, seeds, LIMIT_M)
        jobs = {
            "breadth-first floor": Floor(net, seeds, start, node).each,
            OURS[0]: lambda many=many, pairs=pairs: engine.WalkNetwork.from_arrays(many, pairs),
            OURS[1]: lambda net=net, seeds=seeds: list(
                engine.cut_streets(net, seeds, np.array([LIMIT_M]))
            ),
            OURS[2]: lambda net=net, shops=shops: engine.service_areas(net, shops, limit_m=LIMIT_M),
            OURS[3]: lambda net=net, homes=homes, shops=shops: engine.nearest(
                net, homes, shops, limit_m=LIMIT_M
            ),
        }
        for name, timing in interleave(jobs, repeats=5 if n < 16 else 3).items():
            times.setdefault(name, {})[n] = timing.wall_s
        for name, job in _peers(net, seeds).items():
            if stopped.get(name, 0.0) <= PATIENCE_S:
                began = time.perf_counter()
                job()
                seconds = time.perf_counter() - began
                times.setdefault(name, {})[n] = seconds
                stopped[name] = (
                    seconds * 16
                )  # what the next size may take when it grows with the square
    rows = [
        Row(f"{name}, {n}× ({sizes[n]:,} edges)", seconds)
        for name, by_size in times.items()
        for n, seconds in by_size.items()
    ]
    for name in ("all of ours", *OURS):
        chosen = OURS if name == "all of ours" else (name,)
        total = [sum(times[c][n] for c in chosen) for n in SCALES]
        # a job has a fixed part of some milliseconds, which flatters: show the fit without the smallest, too
        slope = np.polyfit(np.log([sizes[n] for n in SCALES[1:]]), np.log(total[1:]), 1)[0]
        whole = np.polyfit(np.log([sizes[n] for n in SCALES]), np.log(total), 1)[0]
        rows.append(Row(
            f"{name}: exponent", error=f"{whole:.3f} over all sizes, {slope:.3f} from 4×", aim=f"≤ {AIM}",
            met=whole <= AIM,
        ))  # fmt: skip
    show(
        f"growth: 1, 4, 16, 36 copies of {place.name}, {N_PLACES} places and {N_HOMES:,} homes a copy",
        rows,
    )
    _draw(times, sizes)
    _show_pairs()


def _show_pairs() -> None:
    """Print how time and memory of `reached_pairs` grow with the addresses."""
    found = {n: in_child("growth", n) for n in ADDRESSES}
    rows = [
        Row(f"reached_pairs(), {n:,} addresses, {one['pairs']:,} pairs", one["cpu_s"], memory_mb=one["grown_mb"])
        for n, one in found.items()
    ]  # fmt: skip
    for what, unit in (("cpu_s", "time"), ("grown_mb", "memory")):
        amounts = [max(one[what], 1e-3) for one in found.values()]
        slope = np.polyfit(np.log(ADDRESSES), np.log(amounts), 1)[0]
        rows.append(
            Row(f"reached_pairs(): exponent of {unit}", error=f"{slope:.3f}", aim="≤ 1.3", met=slope <= 1.3)
        )  # fmt: skip
    show(
        f"growth of pairs: {N_SITES} sites within {LIMIT_M:.0f} m, in a town of streets every 70 m",
        rows,
    )


def _find_pairs(n: int) -> dict[str, float]:
    """Find the pairs in a town of n addresses, in this process: seconds, and the memory it takes on top."""
    random = np.random.default_rng(0)
    side = int((n / 2) ** 0.5)
    at = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    xy = at * 70.0 + [1e5, 4e5] + random.normal(0, 8, at.shape)
    number = np.arange(side**2).reshape(side, side)
    links = np.concatenate([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    net = engine.WalkNetwork.from_arrays(xy, links[random.random(len(links)) < 0.65])
    homes, sites = (layer(random.uniform(xy.min(0), xy.max(0), (size, 2))) for size in (n, N_SITES))
    engine.reached_pairs(net, homes.iloc[:100], sites.iloc[:2], limit_m=LIMIT_M)  # compiles
    held, began = peak_mb(), time.process_time()
    pairs = engine.reached_pairs(net, homes, sites, limit_m=LIMIT_M)
    return {
        "pairs": len(pairs), "cpu_s": time.process_time() - began, "grown_mb": peak_mb() - held,
    }  # fmt: skip


def _peers(net, seeds) -> dict:
    """Give the peers' searches for the distances of junctions within the limit of every place."""
    matrix, graph = junction_graph(net)
    first = net.edge_node[seeds.edge, 0]

    def with_scipy() -> None:
        for some in np.array_split(
            first, max(1, len(first) // 100)
        ):  # a dense row a place: in parts
            dijkstra(matrix, indices=some, limit=LIMIT_M)

    def with_networkx() -> None:
        for x in first.tolist():
            nx.single_source_dijkstra_path_length(graph, x, cutoff=LIMIT_M)

    return {"scipy (junctions only)": with_scipy, "networkx (junctions only)": with_networkx}


def _draw(times: dict[str, dict[int, float]], sizes: dict[int, int]) -> None:
    """Draw time against size on logarithmic axes."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "geowoonzorg"  # the same picture from the same numbers
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7.5, 5.0), layout="constrained")
    lowest = 0.0
    for name, by_size in sorted(times.items(), key=lambda kind: list(kind[1].values())[-1]):
        x, y = [sizes[n] for n in by_size], list(by_size.values())
        ours = name in OURS
        style = "-" if ours else "--"
        (line,) = axes.loglog(x, y, style, marker="o" if ours else ".", lw=2 if ours else 1)
        height = max(y[-1], lowest)  # names that would lie over each other move up
        lowest = height * 1.3
        axes.annotate(
            name, (x[-1], height), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8,
            color=line.get_color(),
        )  # fmt: skip
    axes.set_xlabel("edges in the network (copies of a real extract side by side)")
    axes.set_ylabel("seconds")
    axes.set_xlim(right=axes.get_xlim()[1] * 6)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.set_title("100 places of 400 m walking and 5,000 homes for each copy", fontsize=10)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, metadata={"Date": None})
    say(f"  drawn: {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    say(json.dumps(_find_pairs(int(sys.argv[1]))))
