"""What trying a change in the page needs: walks to more than the nearest, between sites, and who lives around."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.site_account import profile_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geowoonzorg.findings import Findings
    from geowoonzorg.ranking.scoring_profile import Criterion
    from geowoonzorg.show.account import Account

_DECIMALS: Final = 9  # so that a trial is the library's answer to the last digit that counts


def trial_data(
    findings: Findings, account: Account, classes: Mapping[str, int], facilities: Sequence[str]
) -> dict[str, Any] | None:
    """Lay out for the page's script what closing, opening and building come to at the listed sites.

    Parameters
    ----------
    findings
        What was found; its ``near`` and ``beside`` hold the walks to the nearest few facilities of each class and
        to the other sites, its ``around`` who lives around each site.
    account
        In words; its order of sites is the page's.
    classes
        Class → its number on the page.
    facilities
        The ids of the page's facilities, by number.

    Returns
    -------
    dict or None
        ``walks``: the criteria that a walk decides; ``ways``: those of what the ways meet; ``near`` and ``beside``:
        per site rows of a number, metres, cautious metres (empty where none is left) and per criterion of ways
        between what lies what the way meets; ``sure``: per site the classes whose nearest is surely known;
        ``absent``: the classes of which there are none; ``more``: per class whether there are facilities beyond the
        rows; ``homes`` and ``balance`` where they are asked. None where nothing of it is known.

    Examples
    --------
    >>> from geowoonzorg.show.account import make_account
    >>> from geowoonzorg.show.texts import read_texts
    >>> trial_data(findings, make_account(findings, texts=read_texts("nl")), {}, []) is None
    True
    """
    near = findings.tables.get("near")
    if near is None or near.empty or not account.sites:
        return None
    order = [site.id for site in account.sites]
    profile = profile_of(findings)
    number = {name: i for i, name in enumerate(facilities)}
    place = {name: i for i, name in enumerate(order)}
    there = findings.tables["facilities"]["facility_class"].value_counts()
    few = near.groupby("facility_class")["rank"].max()
    walked = [
        {"k": k, "c": classes[str(c.facility_class)], **_scale(c)}
        for k, c in enumerate(profile.criteria)
        if c.metric == "distance" and c.measured != "straight" and c.facility_class in classes
    ]
    ways = [(k, c) for k, c in enumerate(profile.criteria) if c.metric.startswith("way_")]
    sites = findings.tables["sites"].set_index(findings.tables["sites"]["id"].map(plain))
    own = sites.to_dict("index")

    def of_class(row: Any) -> list[Any]:  # noqa: ANN401 - a row of the walks
        return [classes[row.facility_class], number.get(str(row.facility_id), -1)]

    def of_site(row: Any) -> list[Any]:  # noqa: ANN401 - a row of the walks
        return [place[plain(row.facility_id)]] if plain(row.facility_id) in place else [-1]

    return {
        "walks": walked,
        "ways": [
            {
                "k": k,
                "c": [classes[name] for name in c.facility_classes if name in classes],
                "ends": _ends(c),
                "raw": c.metric,
                "unit": c.unit,
                **_scale(c),
            }
            for k, c in ways
        ],
        "absent": [classes[name] for name in findings.asked.absent if name in classes],
        "near": _by_site(near, order, of_class, ways),
        "beside": _by_site(findings.tables["beside"], order, of_site, ways),
        "more": {
            classes[str(name)]: bool(there.get(name, 0) > count)
            for name, count in few.items()
            if name in classes
        },
        "sure": _sure(near, order, classes),
        "outBy": [_out_by(own[site.id], profile.criteria) for site in account.sites],
        "homes": _homes(sites, order, profile.criteria),
        "balance": _balance(findings, order),
    }


def _out_by(site: Mapping[Any, Any], criteria: Sequence[Criterion]) -> list[int]:
    """List the numbers of the criteria by which a site falls out."""
    said = str(site["knock_out_reason"]).split("; ")
    return [k for k, c in enumerate(criteria) if c.knock_out and c.knock_out.reason in said]


def _scale(criterion: Criterion) -> dict[str, Any]:
    out = criterion.knock_out
    limits = None if out is None else [out.below, out.above]
    return {"anchors": [list(pair) for pair in criterion.anchors], "out": limits}


def _ends(criterion: Criterion) -> list[float]:
    values = [value for _, value in criterion.anchors]
    return [min(values), max(values)]


def _by_site(
    table: pd.DataFrame,
    order: Sequence[str],
    first: Any,  # noqa: ANN401 - what a row begins with
    ways: Sequence[tuple[int, Criterion]],
) -> list[list[list[Any]]]:
    rows: dict[str, list[list[Any]]] = {site: [] for site in order}
    walks: Iterable[Any] = table.itertuples(index=False)
    met = [_met(table, c) for _, c in ways]
    for i, row in enumerate(walks):
        site = plain(row.origin_id)
        if site not in rows:
            continue
        high = (
            round(float(row.distance_high_m), _DECIMALS) if is_known(row.distance_high_m) else None
        )
        rows[site].append(
            [*first(row), round(float(row.distance_m), _DECIMALS), high, *(one[i] for one in met)]
        )
    return [rows[site] for site in order]


def _met(table: pd.DataFrame, criterion: Criterion) -> list[Any]:
    """Give per walk between what lies what its way meets: one number where they are the same, None for unknown.

    Of a pair the second is None where there is no most.
    """
    ends = [f"{criterion.key}_low", f"{criterion.key}_high"]
    if not set(ends) <= set(table.columns):
        return [None] * len(table)

    def said(low: float, high: float) -> float | list[float | None] | None:
        if np.isnan(low) or np.isnan(high):
            return None
        low, high = round(low, _DECIMALS), round(high, _DECIMALS)
        return low if low == high else [low, None if np.isinf(high) else high]

    return [said(*pair) for pair in table[ends].astype("float64").to_numpy().tolist()]


def _sure(near: pd.DataFrame, order: Sequence[str], classes: Mapping[str, int]) -> list[list[int]]:
    """Say per site of which classes what was found is surely the nearest there is."""
    known = near[near["sure"]] if "sure" in near else near.head(0)
    found: dict[str, set[int]] = {site: set() for site in order}
    for site, name in zip(known["origin_id"], known["facility_class"], strict=True):
        if plain(site) in found and str(name) in classes:
            found[plain(site)].add(classes[str(name)])
    return [sorted(found[site]) for site in order]


def _homes(
    sites: pd.DataFrame, order: Sequence[str], criteria: Sequence[Criterion]
) -> dict[str, Any] | None:
    if "n_woningen" not in sites:
        return None
    given = pd.to_numeric(sites.loc[list(order), "n_woningen"], errors="coerce")
    judged = [
        {"k": k, **_scale(c)}
        for k, c in enumerate(criteria)
        if c.metric == "site" and c.column == "n_woningen" and c.anchors
    ]
    return {
        "given": [None if np.isnan(n) else float(n) for n in given],
        "judged": judged,
    }


def _balance(findings: Findings, order: Sequence[str]) -> dict[str, Any] | None:
    """Give of each site's surroundings what the balance after building is made of."""
    around = findings.tables.get("around")
    if around is None or around.empty:
        return None
    own = around.set_index(around["site_id"].map(plain)).reindex(list(order))
    columns = ["inhabitants", "vragers_index", "dragers_index", "vragers_share"]
    cells = own[columns].astype("float64")
    mix = around[["persons_per_home", "reference_vragers_share"]].to_numpy(dtype=np.float64)[0]
    return {
        "sites": [[None if np.isnan(v) else v for v in row] for row in cells.to_numpy()],
        "perHome": float(mix[0]),
        "base": float(mix[1]),
    }
