"""Choosing: the best spots of ten thousand cells, and a programme of homes on five hundred sites, both with proof."""

from __future__ import annotations

import itertools
import time

import geopandas as gpd
import numpy as np

from geowoonzorg.choosing.candidates import Candidates, first_set
from geowoonzorg.choosing.conflicts import binding
from geowoonzorg.choosing.homes import Bound, HomesAsked, next_best, share_homes
from geowoonzorg.choosing.spots import choose_spots
from geowoonzorg.town.facilities import read_facilities
from geowoonzorg.walk.service_area import nearest
from tests.benchmarks.measure import Row, say, show
from tests.benchmarks.towns import CRS, town

N_CELLS, CELL_M = 10_000, 25.0
#: How many spots, and how far apart (m).
ASKED = ((3, 800.0), (5, 400.0), (10, 400.0), (10, 800.0))
WEIGHTS = {
    "supermarkt": 52,
    "huisarts": 12,
    "apotheek": 12,
    "inloopvoorziening": 12,
    "ov_halte": 12,
}
N_SITES, N_HOMES = 500, 3_000
GROWTH = (125, 250, 500, 1_000)
SPOTS_S, PROGRAMME_S = 10.0, 30.0


def measure() -> None:
    """Print the section."""
    place = town()
    rows = []
    fields = {
        f"{place.name}, by walks": walked(place),
        "at random": at_random(),
        "smooth hills": hills(),
    }
    for (name, (score, xy)), (k, apart_m) in itertools.product(fields.items(), ASKED):
        began = time.process_time()
        found = choose_spots(score, xy, k=k, apart_m=apart_m, seconds=60)
        took = time.process_time() - began
        greedy = greedy_pick(score, xy, k, apart_m)
        rows.append(
            Row(
                f"{k} of {len(score):,} cells, {apart_m:.0f} m apart; {name}", took,
                ratio=greedy / found.objective, of="greedy's points", error=f"gap {found.gap:.2g}",
                aim=f"gap 0, < {SPOTS_S:.0f} s", met=found.gap == 0 and took < SPOTS_S,
            )
        )  # fmt: skip
    show("Spots, seconds of processor", rows)
    rows, took = [], {}
    for n_sites in GROWTH:
        asked = programme(0, n_sites=n_sites, n_homes=N_HOMES * n_sites // N_SITES)
        took[n_sites] = min(_processor(lambda a=asked: share_homes(a)) for _ in range(3))
    slope = np.polyfit(np.log(list(took)), np.log(list(took.values())), 1)[0]
    rows.append(Row(f"{', '.join(map(str, GROWTH))} sites: exponent", error=f"{slope:.2f}"))
    for seed in range(2):
        asked = programme(seed)
        began = time.process_time()
        found = share_homes(asked)
        solved = time.process_time() - began
        rows.append(
            Row(
                f"{N_HOMES:,} homes on {N_SITES} sites, {len(asked.bounds)} bounds ({seed})", solved,
                error=f"gap {found.gap:.2g}", aim=f"gap 0, < {PROGRAMME_S:.0f} s",
                met=found.gap == 0 and solved < PROGRAMME_S,
            )
        )  # fmt: skip
        for name, job in (
            ("next best", lambda a=asked, f=found: next_best(a, f.homes)),
            ("what binds", lambda a=asked, f=found: binding(a, f)),
        ):
            began = time.process_time()
            job()
            rows.append(Row(name, time.process_time() - began))
    show("A programme of homes, seconds of processor", rows)
    say("Spots: the time holds what each bound costs, which is a second choice.")


def walked(place) -> tuple[np.ndarray, np.ndarray]:
    """Score cells around the middle of the facilities by the walk to the nearest of each class."""
    found = read_facilities(place.path, classes=list(WEIGHTS)).to_crs(CRS)
    found = found.set_geometry(found.representative_point())
    middle = np.median(np.column_stack([found.geometry.x, found.geometry.y]), axis=0)
    steps = (np.arange(400) - 200) * CELL_M
    xy = np.stack(np.meshgrid(*(middle // CELL_M * CELL_M)[:, None] + steps), axis=-1).reshape(
        -1, 2
    )
    xy = xy[np.argsort(np.hypot(*(xy - middle).T), kind="stable")[: 6 * N_CELLS]]
    cells = gpd.GeoDataFrame(
        {"id": np.arange(len(xy))}, geometry=gpd.points_from_xy(*xy.T), crs=CRS
    )
    walks = nearest(place.net, cells, found, limit_m=800).reset_index(drop=True)
    metres = walks.pivot_table(index="origin_id", columns="facility_class", values="distance_m")
    near = (1 - metres / 800).clip(lower=0).fillna(0.0)
    score = sum(near[c] * w for c, w in WEIGHTS.items() if c in near)
    score = 100 * score.to_numpy() / sum(WEIGHTS.values())
    best = np.sort(np.argsort(-score, kind="stable")[:N_CELLS])
    return score[best], xy[near.index.to_numpy(dtype=int)][best]


def at_random() -> tuple[np.ndarray, np.ndarray]:
    """Score cells without any order."""
    draw = np.random.default_rng(0)
    return draw.uniform(0, 100, N_CELLS), draw.uniform(0, 2_500, (N_CELLS, 2))


def hills() -> tuple[np.ndarray, np.ndarray]:
    """Score cells by twelve hills that run into each other: thousands of sets are almost as good."""
    draw = np.random.default_rng(3)
    xy = np.stack(np.meshgrid(*[np.arange(100) * CELL_M] * 2), axis=-1).reshape(-1, 2)
    tops, high, wide = (
        draw.uniform(0, 2_500, (12, 2)),
        draw.uniform(0.3, 1, 12),
        draw.uniform(0.08, 0.25, 12),
    )
    far = np.hypot(*(xy[:, None] - tops).transpose(2, 0, 1)) / 2_500
    score = (high * np.exp(-((far / wide) ** 2) / 2)).sum(axis=1)
    return 100 * score / score.max(), xy


def greedy_pick(score, xy, k, apart_m) -> float:
    """Take the best that is far enough from those that were taken, again and again."""
    none = np.zeros((0, 2), dtype=np.int64)
    group = np.full(len(score), -1)
    given = Candidates(score, xy, k, apart_m, group, k, none)
    taken: list[int] = []
    free = np.ones(len(score), dtype=bool)
    while len(taken) < k and free.any():
        left = np.flatnonzero(free)
        taken.append(int(left[np.argmax(score[left])]))
        free[given.near(taken[-1])] = False
    return float(score[taken].sum()) if len(taken) == k else float(score[first_set(given)].sum())


def _processor(job) -> float:
    began = time.process_time()
    job()
    return time.process_time() - began


def programme(seed: int, *, n_sites: int = N_SITES, n_homes: int = N_HOMES) -> HomesAsked:
    """Make sites in sixteen wijken, each with people around it whose balance may not pass a half."""
    draw = np.random.default_rng(seed)
    wide = 8_000 * (n_sites / N_SITES) ** 0.5
    xy = draw.uniform(0, wide, (n_sites, 2))
    most = draw.integers(8, 80, n_sites)
    least = np.where(draw.random(n_sites) < 0.5, np.minimum(12, most), 0)
    wijk = (xy * 4 // wide @ [4, 1]).astype(int)
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) < 450
    share, base, ratio = draw.uniform(0.2, 0.6, n_sites), 0.3, 2**0.5
    adds = 1.4 * (share / base - ratio * (1 - share) / (1 - base))
    people = draw.uniform(200, 2_500, n_sites)
    room = people * (ratio * draw.uniform(0.7, 1.3, n_sites) - draw.uniform(0.6, 1.6, n_sites))
    bounds = [
        Bound("wijk", str(one), (wijk == one).astype(float), 0.15 * n_homes) for one in range(16)
    ]
    bounds += [
        Bound("balance", str(i), np.where(near[i], adds, 0.0), float(room[i]), near[i])
        for i in range(n_sites)
    ]
    gain = np.round(draw.uniform(20, 95, n_sites), 2)
    return HomesAsked(gain, least, most, n_homes, tuple(bounds))
