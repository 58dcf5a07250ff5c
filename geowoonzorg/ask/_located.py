"""What places that were chosen bring, step by step: who is reached, how sure that is, and how crowded it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.ask._named import named
from geowoonzorg.choosing.covering import Choice, choose_places, least_places
from geowoonzorg.errors import InputError
from geowoonzorg.measure.openings import Openings, count_reached, share_out
from geowoonzorg.people.catchment import locate_in_areas
from geowoonzorg.progress import Progress, part
from geowoonzorg.walk.pairs import reached_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from geowoonzorg.measure.openings import Weight
    from geowoonzorg.town import Town

    FloatArray = NDArray[np.float64]

_FIVE: Final = 5.0  # people are told in fives, as CBS rounds


@dataclass(frozen=True, eq=False)
class Task:
    """What is looked for, once it is known to make sense."""

    facility_class: str
    k: int
    limit_m: float
    weight: Weight
    problem: str
    share: float | None
    seconds: float
    gap: float
    cap_m: float

    @property
    def walking(self) -> bool:
        """Whether what counts is how far is walked."""
        return self.problem == "p_median"


def choose(
    openings: Openings, task: Task, weight: FloatArray, *, progress: Progress
) -> tuple[Choice, int]:
    """Choose places for who counts for how much; give them with the number that is proven needed."""
    gains = openings.gains(weight, walking=task.walking)
    if task.share is None:
        choice = choose_places(
            gains, k=task.k, seconds=task.seconds, gap=task.gap, progress=progress
        )
        return choice, len(choice.chosen)
    counts = np.nan_to_num(weight) * openings.joins
    now = float(counts @ _reached_now(openings))
    most = now + float(gains.max(axis=1).sum())
    if most < task.share * counts.sum() * (1 - 1e-9):
        raise InputError(
            "share is {share}, but all {n} candidates together reach at most {most:.4f}; give a lower share, a "
            "longer limit_m or other candidates",
            share=task.share, n=openings.n_candidates, most=np.floor(most / counts.sum() * 1e4) / 1e4,
        )  # fmt: skip
    enough = min(task.share * counts.sum(), most) - now
    return least_places(gains, enough=enough, seconds=task.seconds, progress=progress)


def _reached_now(openings: Openings) -> FloatArray:
    within: FloatArray = openings.now["distance_m"].notna().to_numpy().astype(np.float64)
    return within


def within(now: pd.DataFrame, limit_m: float) -> pd.DataFrame:
    """Leave out the walks beyond a limit."""
    metres = ["distance_m", "distance_high_m"]
    return now.assign(**{name: now[name].where(now[name] <= limit_m) for name in metres})


def count_steps(
    town: Town, chosen: gpd.GeoDataFrame, now: pd.DataFrame, task: Task
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count who is reached after each step, 0 for now; and who is reached by that step first."""
    steps = pd.RangeIndex(len(chosen) + 1)
    metres = [now[name].to_numpy(dtype=np.float64) for name in ("distance_m", "distance_high_m")]
    table = np.full((2, len(now), len(steps)), np.nan)
    table[:, :, 0] = metres
    if len(chosen):
        who = town.knows(task.limit_m)
        pairs = reached_pairs(
            who.network, town.addresses, chosen, limit_m=task.limit_m, **town.walking.access
        )
        row = now.index.get_indexer(pd.Index(pairs["origin_id"]))
        step = pd.Index(chosen["id"]).get_indexer(pd.Index(pairs["facility_id"])) + 1
        table[0, row, step] = pairs["distance_m"]
        table[1, row, step] = pairs["distance_high_m"]
    near, sure = np.fmin.accumulate(table, axis=2) <= task.limit_m
    first = np.diff(near, axis=1, prepend=False)  # a step of who was not reached before
    first[:, 0] = near[:, 0]

    def walks(which: NDArray[np.bool_]) -> pd.DataFrame:
        at, step = np.nonzero(which)
        return pd.DataFrame({"site_id": step, "address_id": now.index[at], "sure": sure[at, step]})

    return tuple(  # type: ignore[return-value]
        count_reached(town, walks(which), task.weight, pd.Index(steps)) for which in (near, first)
    )


def lay_out(
    town: Town,
    chosen: gpd.GeoDataFrame,
    counted: pd.DataFrame,
    fresh: pd.DataFrame,
    weight: Weight,
) -> gpd.GeoDataFrame:
    """Lay out the places in their order; what a step adds never lies outside its own range."""
    total, before = counted.iloc[1:].to_numpy(), counted["reached"].iloc[:-1].to_numpy()
    own = fresh.iloc[1:].to_numpy()
    more = total[:, 0] - before
    new = np.where(np.isnan(more), own[:, 0], more)  # of who was reached before nothing is known
    columns: dict[str, Any] = {
        "id": chosen["id"], "order": np.arange(1, len(chosen) + 1),
        "reached_new": new, "reached_total": total[:, 0],
        "reached_new_low": np.fmin(own[:, 1], new), "reached_new_high": np.fmax(own[:, 2], new),
        "reached_total_low": total[:, 1], "reached_total_high": total[:, 2], "name": named(town, chosen),
    }  # fmt: skip
    if weight == "addresses":
        columns |= {c: columns[c].astype("int64") for c in columns if c.startswith("reached")}
    points = gpd.GeoDataFrame(geometry=chosen.geometry.representative_point()).set_axis(
        pd.Index(chosen["id"]), axis="index"
    )
    if town.figures is not None and len(chosen):
        columns["area_code"] = locate_in_areas(points, town.figures.frame).to_numpy()
    return gpd.GeoDataFrame(columns, geometry=chosen.geometry, crs=chosen.crs)


def mean_walks(openings: Openings, weight: FloatArray, choice: Choice) -> FloatArray:
    """Give the mean walk after each step (m)."""
    counts = np.nan_to_num(weight) * openings.joins
    now = float(counts @ np.nan_to_num(openings.now_m))
    return (now - np.cumsum(choice.values)) / (counts.sum() or np.nan)


def account(
    openings: Openings, task: Task, weight: FloatArray, choice: Choice, counted: pd.DataFrame
) -> dict[str, Any]:
    """Say what was asked, what came out and how good that is."""
    first, last = counted.iloc[0], counted.iloc[-1]
    record: dict[str, Any] = {
        "class": task.facility_class, "k": task.k, "weight": task.weight, "problem": task.problem,
        "limit_m": task.limit_m, "status": choice.status,
    }  # fmt: skip
    for name, row in (("before", first), ("after", last)):
        record |= {f"reached_{name}": row["reached"]}
        record |= {f"reached_{name}_{end}": row[end] for end in ("low", "high")}
    counts = np.nan_to_num(weight) * openings.joins
    record["on_network"] = _in_fives(float(counts.sum()), task, np.round)
    if task.walking:
        total = float(counts.sum()) or np.nan
        walked = float(counts @ np.nan_to_num(openings.now_m))
        record |= {
            "walked_before_m": walked / total,
            "walked_after_m": (walked - choice.objective) / total,
            "bound": (walked - choice.bound) / total,
        }
    else:
        most = float(counts @ _reached_now(openings)) + choice.bound
        record["bound"] = max(_in_fives(most, task, np.ceil), last["reached"])
    return plain(record) | {"gap": choice.gap}


def _in_fives(value: float, task: Task, how: Callable[[float], float]) -> float:
    return value if task.weight == "addresses" else float(how(value / _FIVE) * _FIVE)


def plain(record: Mapping[Any, Any]) -> dict[str, Any]:
    """Give whole numbers as such, and what is not known as nothing."""

    def one(value: object) -> object:
        if not isinstance(value, float | np.floating):
            return value
        if not np.isfinite(value):
            return None
        return int(value) if float(value).is_integer() else float(value)

    return {key: one(value) for key, value in record.items()}


def at_both_ends(
    openings: Openings,
    task: Task,
    weights: pd.DataFrame,
    places: gpd.GeoDataFrame,
    progress: Progress,
) -> dict[str, Any]:
    """Choose again for the fewest and the most people there may be."""
    record: dict[str, Any] = {}
    sets = []
    for at, (end, column, how) in enumerate(
        (("low", "least", np.floor), ("high", "most", np.ceil))
    ):
        weight = weights[column].to_numpy()
        hear = part(progress, at / 2, (at + 1) / 2)
        best, _ = choose(openings, task, weight, progress=hear)
        now = float((np.nan_to_num(weight) * openings.joins) @ _reached_now(openings))
        reached = np.nan if task.walking else _in_fives(now + best.objective, task, how)
        ids = sorted(places["id"].iloc[best.chosen])
        sets.append(ids)
        record[f"best_{end}"] = plain({"reached_after": reached, "ids": ids}) | {"gap": best.gap}
    return record | {"same_at_both_ends": sets[0] == sets[1]}


def crowding_of(
    town: Town, chosen: gpd.GeoDataFrame, task: Task, capacity: float | None
) -> dict[str, pd.DataFrame]:
    """Say how crowded facilities are, and what everybody has within reach, now and with the new ones."""
    present = town.facilities[town.facilities["facility_class"] == task.facility_class]
    present = present[["id", "capaciteit", "entrances", "geometry"]].assign(new=False)
    new = chosen.assign(capaciteit=capacity, new=True)
    new["id"] = "new " + new["id"]  # a candidate may carry the id of a facility
    parts = [one for one in (present, new[[c for c in present if c in new]]) if len(one)]
    if not parts or (capacity is None and not present["capaciteit"].notna().any()):
        return {"crowding": pd.DataFrame(), "accessibility": pd.DataFrame()}
    every = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True))
    every["capaciteit"] = every["capaciteit"].astype("float64")
    how: dict[str, Any] = {"weight": task.weight, "limit_m": task.limit_m}
    before, had = share_out(town, every[~every["new"]], **how)
    after, has = share_out(town, every, **how)
    crowding = pd.DataFrame({
        "facility_id": after.index, "new": every["new"].to_numpy(), "capaciteit": after["capaciteit"],
        "demand": after["demand"],
        "places_per_head_before": before["places_per_head"].reindex(after.index),
        "places_per_head_after": after["places_per_head"],
    })  # fmt: skip
    access = pd.DataFrame({"places_per_head_before": had, "places_per_head_after": has})
    return {
        "crowding": crowding.reset_index(drop=True),
        "accessibility": access.rename_axis("id").reset_index(),
    }
