"""Answers of the engine as tables to read: per class, per facility, per site and per walk."""

from __future__ import annotations

from .. import settings
from ..texts import tr
from .tables import number
from .try_layers import rows_of

Table = tuple[list[str], list[list[str]]]


def titles() -> dict[str, str]:
    """Give the names of the tables, in their order."""
    return {
        "classes": tr("Gained and lost"),
        "facilities": tr("Facilities"),
        "sites": tr("Sites"),
        "walks": tr("Walks"),
    }


def classes(answer: dict) -> Table:
    """Say per class who comes within reach and who falls out, everywhere together."""
    head = [tr("Class"), tr("Gained: addresses"), tr("Lost: addresses"), tr("Gained: people"), tr("Lost: people")]
    head += [tr("Gained: 65+"), tr("Lost: 65+")]
    rows = []
    for row in rows_of(answer["areas"]):
        if row["area_code"] is None:
            counts = [number(row["gained"], 0), number(row["lost"], 0)]
            ranges = [_range(row, f"{who}{{}}_{what}") for who in ("people", "people_65plus") for what in ("gained", "lost")]
            rows.append([_title(row["facility_class"]), *counts, *ranges])
    return head, rows


def facilities(answer: dict) -> Table:
    """Say of each facility for whom it is the nearest, before and after; those first that change themselves."""
    head = [tr("Facility"), tr("Class"), tr("State"), tr("Addresses"), tr("Within reach"), tr("65+")]
    words = _states()
    rows = []
    for row in rows_of(answer["ledger"]):
        pairs = [(row[f"{name}_before"], row[f"{name}_after"]) for name in ("addresses", "within", "people_65plus")]
        if row["state"] != "stays" or any(before != after for before, after in pairs):
            shown = [f"{number(before, 0)} → {number(after, 0)}" for before, after in pairs]
            state = words.get(row["state"], row["state"])
            rows.append(
                (row["state"] == "stays", [row["name"] or row["facility_id"], _title(row["facility_class"]), state, *shown])
            )
    rows.sort(key=lambda one: one[0])
    return head, [row for _stays, row in rows]


def sites(answer: dict) -> Table:
    """Say which sites get another score, and by what."""
    head = [tr("Site"), tr("Score"), tr("Rank"), tr("By")]
    rows = []
    for row in rows_of(answer["sites"]):
        score = row["score_before"], row["score_after"]
        if score[0] != score[1] or row["rank_before"] != row["rank_after"]:
            ranks = f"{number(row['rank_before'], 0)} → {number(row['rank_after'], 0)}"
            rows.append([str(row["name"]), f"{number(score[0], 1)} → {number(score[1], 1)}", ranks, row["why"] or "–"])
    return head, rows


def walks(answer: dict) -> Table:
    """Say how far the nearest of each class is, and where none can be reached."""
    head = [tr("Class"), tr("Facility"), tr("Metres"), tr("Cautiously")]
    rows = [
        [
            _title(row["facility_class"]),
            row["name"] or row["facility_id"],
            number(row["distance_m"], 0),
            number(row["distance_high_m"], 0),
        ]
        for row in rows_of(answer["walks"])
    ]
    return head, rows + [[_title(name), tr("not to be reached"), "–", "–"] for name in answer["not_reached"]]


def _range(row: dict, name: str) -> str:
    """Write a count with what it could be; unknown is a dash."""
    likely, low, high = (row[name.format(end)] for end in ("", "_low", "_high"))
    if likely is None:
        return "–"
    if low is None or high is None or round(low) == round(high):
        return number(likely, 0)
    return f"{number(likely, 0)} ({number(low, 0)}–{number(high, 0)})"


def _states() -> dict[str, str]:
    return {"opens": tr("opens"), "closes": tr("closes"), "moves": tr("moves"), "stays": tr("stays")}


def _title(name: str) -> str:
    known = {one["name"]: one["title"] for one in settings.catalogue()["facility_classes"]}
    return known.get(name, name)
