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

_MILLIMETRES: Final = 3  # decimals of metres


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
        per site rows of a number, metres and cautious metres (empty where none is left); ``more``: per class whether
        there are facilities beyond the rows; ``homes`` and ``balance`` where they are asked. None where nothing of
        it is known.

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
    sites = findings.tables["sites"].set_index(findings.tables["sites"]["id"].map(plain))
    own = sites.to_dict("index")

    def of_class(row: Any) -> list[Any]:  # noqa: ANN401 - a row of the walks
        return [classes[row.facility_class], number.get(str(row.facility_id), -1)]

    def of_site(row: Any) -> list[Any]:  # noqa: ANN401 - a row of the walks
        return [place[plain(row.facility_id)]] if plain(row.facility_id) in place else [-1]

    return {
        "walks": walked,
        # What the ways meet was looked at for today's nearest only: of another nearest it is not known.
        "ways": [
            {
                "k": k,
                "c": [classes[name] for name in c.facility_classes if name in classes],
                "ends": _ends(c),
            }
            for k, c in enumerate(profile.criteria)
            if c.metric.startswith("way_")
        ],
        "near": _by_site(near, order, of_class),
        "beside": _by_site(findings.tables["beside"], order, of_site),
        "more": {
            classes[str(name)]: bool(there.get(name, 0) > count)
            for name, count in few.items()
            if name in classes
        },
        "sure": [_sure(own[site.id], profile.criteria) for site in account.sites],
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


def _by_site(table: pd.DataFrame, order: Sequence[str], first: Any) -> list[list[list[Any]]]:  # noqa: ANN401
    rows: dict[str, list[list[Any]]] = {site: [] for site in order}
    walks: Iterable[Any] = table.itertuples(index=False)
    for row in walks:
        site = plain(row.origin_id)
        if site not in rows:
            continue
        high = (
            round(float(row.distance_high_m), _MILLIMETRES)
            if is_known(row.distance_high_m)
            else None
        )
        rows[site].append([*first(row), round(float(row.distance_m), _MILLIMETRES), high])
    return [rows[site] for site in order]


def _sure(site: Mapping[Any, Any], criteria: Sequence[Criterion]) -> list[bool]:
    """Say of which walks what was found is surely the nearest: their range does not begin at 0."""
    return [
        not (is_known(low := site[f"{c.key}_raw_low"]) and float(low) == 0.0) if c.metric == "distance" else True
        for c in criteria
    ]  # fmt: skip


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
