"""Where would a few more facilities reach most? The best places among many candidates, with proof."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geowoonzorg.ask._asked import asked_of, background_streets
from geowoonzorg.ask._candidates import take_candidates
from geowoonzorg.ask._located import (
    Task,
    account,
    at_both_ends,
    choose,
    count_steps,
    crowding_of,
    lay_out,
    mean_walks,
    plain,
    within,
)
from geowoonzorg.ask._registry import question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.provenance import account_for, name_files
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.measure.openings import Openings, measure_openings, weigh_homes
from geowoonzorg.messages import Message, tell
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.show.question_page import question_map
from geowoonzorg.show.terminal import one_line
from geowoonzorg.walk.reach import check_limits

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from geowoonzorg.town import Town

OUTPUTS = Outputs(
    layers={"locations.gpkg": ("locations",)}, tables={}, pages=False, records={"locations.json": "locate"},
    documents={"map.html": question_map},
)  # fmt: skip


@question("locate", OUTPUTS, output=".gpkg", section="locate")
def locate(  # noqa: PLR0913 - each is an option
    town: Town,
    *,
    facility_class: str,
    k: int = 1,
    limit_m: float | None = None,
    weight: Literal["addresses", "people", "65plus"] = "addresses",
    candidates: str | Path | gpd.GeoDataFrame = "cells",
    cell_m: float = 100.0,
    problem: Literal["coverage", "p_median", "least_number"] = "coverage",
    share: float | None = None,
    capacity: float | None = None,
    seconds: float = 60.0,
    gap: float = 0.0,
    progress: Progress = silent,
) -> Answer:
    """Find where more facilities of a class reach most people.

    Parameters
    ----------
    town
        Whose addresses walk, and whose present facilities stay.
    facility_class
        Of which class, such as inloopvoorziening.
    k
        How many are added. Fewer are given where more would reach nobody.
    limit_m
        Within which walk people are reached (m); the study's first limit by default. Of p_median: beyond which a
        walk counts as no longer; the study's longest limit by default.
    weight
        Who is counted: addresses, people, or those of 65 and over.
    candidates
        Where they may come: cells along the streets, addresses, or a layer of points or polygons such as plots or
        buildings (FILE or FILE|layername=NAME).
    cell_m
        The side of a cell (m).
    problem
        coverage: k that reach most; p_median: k with which least is walked; least_number: the fewest that reach a
        share.
    share
        Of least_number: the share (0-1) of all on the network that must be reached.
    capacity
        How many places a new facility has, to tell how crowded they become.
    seconds
        How long the best is looked for; then the best so far is given, and how far it may be from the best.
    gap
        Which share (0-1) of what is gained may be left on the table.
    progress
        Hears how far the work is; when it asks to stop while the best is looked for, the best so far is given.

    Returns
    -------
    Answer
        Table ``locations`` in the town's CRS: ``id`` (of the candidate), ``order`` (in which they add most),
        ``reached_new`` and ``reached_total``, each with ``_low`` and ``_high``, ``walked_m`` (the mean walk, of
        p_median), ``area_code`` and geometry. Addresses are counted; low is who is reached in the cautious answer,
        too. People are told in fives with a band, as `count_people`. Where a capacity is known, table
        ``crowding`` by facility and ``accessibility`` by address: places per head, as `floating_catchment`.
        Record ``locate``: ``reached_before``, ``reached_after`` and their ends, ``bound`` (no choice of as many
        reaches more; of p_median: walks less on average; of least_number: no fewer are enough), ``gap`` (what may
        be left, as a share of what is gained, of least_number of the number), ``status``, and of people the best
        choice at either end of their numbers.

    Raises
    ------
    StudyError
        When an option makes no sense, the class was not asked for, or there are too many walks to hold.
    InputError
        When there are no addresses, no candidates or fewer than k, when nothing is known of the people, or when
        all candidates together do not reach the share.
    CrsError, DuplicateIdError, GeometryError, FormatError, SourceError
        When candidates cannot be used.
    Cancelled
        When ``progress`` asks to stop before there is a choice.

    Notes
    -----
    Walks are those of `nearest`: with the chosen places among its facilities the town reaches exactly as many. See
    `choose_places` for the method. As long as a class is not complete, who seems not reached may be near one that
    nobody has mapped.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> found = locate(Town.demo(), facility_class="inloopvoorziening", k=2)
    >>> found.locations["order"].tolist(), found.records["locate"]["gap"]
    ([1, 2], 0.0)
    """
    task = _checked(
        town, Task(facility_class, k, 0.0, weight, problem, share, seconds, gap, 0.0), limit_m
    )
    if capacity is not None and not 0 < capacity < np.inf:
        raise StudyError("capacity is {capacity}: give a number above 0", capacity=capacity)
    if town.addresses.empty:
        raise InputError("the town has no addresses to walk from; give it some")
    weights = weigh_homes(town, weight)
    places = take_candidates(
        candidates, town, cell_m=cell_m, near_m=task.limit_m, progress=part(progress, 0.0, 0.1)
    )
    if task.problem != "least_number" and task.k > len(places):
        raise InputError(
            "k is {k} and there {n:is|are} {n} {n:candidate|candidates}; give at most {n}",
            k=task.k, n=len(places),
        )  # fmt: skip
    openings = measure_openings(
        town, places, facility_class, limit_m=task.cap_m,
        walking=task.walking, progress=part(progress, 0.1, 0.5),
    )  # fmt: skip
    middle = weights.mean(axis=1, skipna=False).to_numpy()
    choice, least = choose(openings, task, middle, progress=part(progress, 0.5, 0.8))
    # From here on nobody is asked whether to stop: what was found is told.
    chosen = places.iloc[choice.chosen].reset_index(drop=True)
    now = openings.now if not task.walking else within(openings.now, task.limit_m)
    counted, fresh = count_steps(town, chosen, now, task)
    record = account(openings, task, middle, choice, counted)
    if task.problem == "least_number":
        n = len(chosen)
        record |= {"k": n, "share": share, "bound": least, "gap": (n - least) / n if n else 0.0}
    if weight != "addresses" and choice.status == "optimal":  # else nobody waits for more
        record |= at_both_ends(openings, task, weights, places, part(progress, 0.8, 1.0))
    locations = lay_out(town, chosen, counted, fresh, task.weight)
    if task.walking:
        locations.insert(
            len(locations.columns) - 1, "walked_m", mean_walks(openings, middle, choice)
        )
    crowded = crowding_of(town, chosen, task, capacity)
    if len(crowded["crowding"]):
        record["facilities"] = [plain(one) for one in crowded["crowding"].to_dict("records")]
    source = places.attrs.get("source")
    sources = [source] if source else []
    unknown = int((openings.joins & np.isnan(middle)).sum())
    notes = [*places.attrs["notes"], *_notes(town, task, openings, len(chosen), unknown)]
    return Answer(
        question="locate",
        asked=asked_of(town),
        tables={
            "locations": locations,
            "facilities": town.facilities[town.facilities["facility_class"] == facility_class],
            "streets": background_streets(town.network),
            **crowded,
        },
        records={"locate": record | {"candidates": len(places), "unknown_addresses": unknown}},
        notes=name_files([*town.sources, *sources], [*notes, *town.network.notes, *town.notes]),
        provenance=account_for(town, sources=sources),
        outputs=OUTPUTS,
        summary=tuple(_told(task, record, locations)),
        inputs=tuple(one.path for one in (*town.sources, *sources) if one.path is not None),
    )


def _checked(town: Town, task: Task, limit_m: float | None) -> Task:
    """Refuse what makes no sense before anything is walked."""
    k, share = task.k, task.share
    whole = isinstance(k, int | float | np.number) and not isinstance(k, bool) and np.isfinite(k)
    if not whole or int(k) != k or k < 1:
        raise StudyError("k is {k}: give a whole number of at least 1", k=k)
    for name, value, known in (
        ("weight", task.weight, ("addresses", "people", "65plus")),
        ("problem", task.problem, ("coverage", "p_median", "least_number")),
    ):
        if value not in known:
            raise StudyError(
                "{name} is {value}: choose one of {known}", name=name, value=value, known=", ".join(known)
            )  # fmt: skip
    if (task.problem == "least_number") != (share is not None):
        raise StudyError("give a share with the problem least_number, and only then")
    if share is not None and not 0 < share <= 1:
        raise StudyError("share is {share}: give more than 0 and at most 1", share=share)
    if not task.seconds > 0:
        raise StudyError("seconds is {seconds}: give a number above 0", seconds=task.seconds)
    if not 0 <= task.gap < 1:
        raise StudyError("gap is {gap}: give a share from 0, under 1", gap=task.gap)
    asked = town.walking.limits_m if limit_m is None else check_limits(limit_m).tolist()
    far = max(asked) if task.walking else asked[0]
    return replace(task, k=int(k), limit_m=asked[0], cap_m=far)


def _notes(town: Town, task: Task, openings: Openings, n: int, unknown: int) -> list[Message]:
    """Say what people should know of the outcome."""
    notes = []
    missed = int((~openings.joins).sum())
    if task.facility_class not in town.complete | town.absent:
        notes.append(tell(
            "of {name} it is not known whether all are on the map: who seems out of reach may be near one that is "
            "not",
            name=task.facility_class,
        ))  # fmt: skip
    if missed:
        notes.append(tell("{n} {n:address is|addresses are} not on the network", n=missed))
    if unknown:
        notes.append(tell(
            "of {n} {n:address|addresses} it is not known how many live there: they take no part", n=unknown
        ))  # fmt: skip
    if task.share is None and n < task.k:
        notes.append(tell(
            "{k} were asked, {n} {n:is|are} given: more would bring nothing to anybody", k=task.k, n=n
        ))  # fmt: skip
    return notes


def _told(task: Task, record: dict[str, Any], locations: gpd.GeoDataFrame) -> list[Message]:
    """Say what came out, for a terminal."""
    units = {
        "addresses": tell("addresses"), "people": tell("people"), "65plus": tell("people of 65 and over"),
    }  # fmt: skip
    about = {"name": task.facility_class, "limit": task.limit_m, "units": units[task.weight]}
    before, after = record["reached_before"], record["reached_after"]
    if before is None or after is None:
        lines = [
            tell("{name}: it is not known how many {units} live within {limit:limit}", **about)
        ]
    else:
        lines = [tell(
            "{name}: within {limit:limit} {before:,} {units} today, {after:,} with {n} more",
            before=before, after=after, n=len(locations), **about,
        )]  # fmt: skip
    if task.walking and record["walked_before_m"] is not None:
        lines.append(tell(
            "the mean walk goes from {before:walk} to {after:walk}",
            before=record["walked_before_m"], after=record["walked_after_m"],
        ))  # fmt: skip
    lines += [
        tell(
            "{order}. {id}: {new:+,.0f}",
            order=row.order,
            id=one_line(row.name),
            new=row.reached_new,
        )
        for row in locations.itertuples()
    ]
    if task.share is not None:
        lines.append(tell("proven: fewer than {n} are not enough", n=record["bound"]))
    elif record["gap"] == 0:
        lines.append(tell("proven: no other choice gains more"))
    elif record["status"] == "optimal":
        lines.append(
            tell("proven: no other choice gains more than {gap:.1%} more", gap=record["gap"])
        )
    else:
        lines.append(
            tell(
                "stopped before it was proven best: another choice may gain up to {gap:.1%} more",
                gap=record["gap"],
            )
        )
    return lines
