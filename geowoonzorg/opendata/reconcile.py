"""An own list against OSM: what is in both, in one only, what has moved and how old it is."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.files import bring_to, write_csv
from geowoonzorg.messages import tell, translate
from geowoonzorg.opendata.register import read_rules
from geowoonzorg.osm.classes import whole_classes, words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

STATUS = ("matched", "moved", "only_list", "only_osm")
_DAYS_A_YEAR = 365.25
_ABOUT = {"capaciteit": "float64", "toegankelijk": "str", "doelgroep": "str"}
_MOVED = 2  # the rank of a pair with the same name at another place
# The table is for people to correct: its headers are Dutch, and `read_register` knows them.
_HEADERS = {
    "id": "id",
    "facility_class": "klasse",
    "name": "naam",
    "status": "status",
    "osm_id": "osm_id",
    "osm_name": "naam_osm",
    "distance_m": "afstand_m",
    "list_date": "peildatum",
    "osm_date": "osm_bewerkt",
    "list_age_years": "leeftijd_lijst_jaar",
    "osm_age_years": "leeftijd_osm_jaar",
    "x": "x",
    "y": "y",
    "use": "gebruik",
    "closed": "gesloten",
    "capaciteit": "capaciteit",
    "toegankelijk": "toegankelijk",
    "doelgroep": "doelgroep",
}
#: What the table to correct says of a facility that is closed; of others it says nothing.
_YES = "ja"
STATUS_WORDS = {
    "matched": tell("in both"),
    "moved": tell("moved"),
    "only_list": tell("only in the list"),
    "only_osm": tell("only in OSM"),
}


def names_alike(one: str | None, other: str | None) -> bool:
    """Tell whether two names are one facility's, apart from words that say what it is.

    Parameters
    ----------
    one, other
        Names, or None where there is none.

    Returns
    -------
    bool
        True when what is left is equal, one within the other, or spelled almost the same.

    Examples
    --------
    >>> names_alike("Huisartsenpraktijk De Hanze", "Praktijk Hanze")
    True
    >>> names_alike("Huisartsenpraktijk Bos", "Huisartsenpraktijk Vries")
    False
    """
    rules = read_rules().matching
    left, right = (
        [w for w in words(name) if w not in rules.generic] if isinstance(name, str) else []
        for name in (one, other)
    )
    if not left or not right:
        return False
    if set(left) <= set(right) or set(right) <= set(left):
        return True
    ratio = SequenceMatcher(None, " ".join(left), " ".join(right)).ratio()
    return ratio >= rules.alike_ratio


def _pairs(
    own: gpd.GeoDataFrame, osm: gpd.GeoDataFrame, kinds: Mapping[str, str]
) -> list[tuple[int, int, int, float]]:
    """Pair each entry with at most one of OSM's: rank (0 best), both positions, metres."""
    rules = read_rules().matching
    mine, theirs = own.geometry.to_numpy(), osm.geometry.to_numpy()
    left, right = shapely.STRtree(theirs).query(mine, predicate="dwithin", distance=rules.moved_m)
    candidates = []
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        if kinds[own["facility_class"].iloc[i]] != osm["facility_class"].iloc[j]:
            continue
        metres = float(shapely.distance(mine[i], theirs[j]))
        alike = names_alike(own["name"].iloc[i], osm["name"].iloc[j])
        if alike and metres <= rules.same_name_m:
            rank = 0
        elif metres <= rules.same_place_m:
            rank = 1
        elif alike:
            rank = _MOVED
        else:
            continue
        candidates.append((rank, metres, str(own["id"].iloc[i]), str(osm["id"].iloc[j]), i, j))
    chosen, used_own, used_osm = [], set(), set()
    for rank, metres, _, _, i, j in sorted(candidates):
        if i not in used_own and j not in used_osm:
            used_own.add(i)
            used_osm.add(j)
            chosen.append((rank, i, j, metres))
    return chosen


def reconcile(
    own: gpd.GeoDataFrame, osm: gpd.GeoDataFrame, *, as_of: dt.date | None = None
) -> pd.DataFrame:
    """Lay an own list beside the facilities of OSM.

    Parameters
    ----------
    own
        The list, from `geowoonzorg.opendata.register.read_register`; with ``keep_gone``, so that what is closed
        or not to be used keeps its row and is not taken from OSM again.
    osm
        Facilities of OSM; only the classes that the list holds are compared.
    as_of
        The day ages are counted to; None gives no ages.

    Returns
    -------
    pandas.DataFrame
        One row per facility: ``id, facility_class, name, status`` (``matched``, ``moved``,
        ``only_list``, ``only_osm``), ``osm_id, osm_name, distance_m`` (metres between the two),
        ``list_date, osm_date, list_age_years, osm_age_years, x, y`` (of the list's entry, else
        OSM's; metres), ``use`` (``lijst``, ``nee`` or, where only OSM has it, ``osm``), ``closed`` (bool; what the
        list says), and ``capaciteit`` (people), ``toegankelijk`` and ``doelgroep`` of whose row it is.

    Notes
    -----
    Two are the same within 25 m whatever their names, within 60 m when the names agree; further, up
    to 500 m, an agreeing name has moved. Each is paired once, best names and shortest first. The
    distances are our own choice (``knowledge/register.toml``).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.opendata.register import as_register
    >>> own = as_register(gpd.GeoDataFrame({"naam": ["Dr. Bos"], "klasse": ["huisarts"]},
    ...     geometry=gpd.points_from_xy([190000], [507000], crs=28992)))
    >>> osm = gpd.GeoDataFrame({"id": ["n1"], "facility_class": "huisarts", "name": "Praktijk Bos",
    ...     "osm_id": "n1", "last_edit": pd.NaT}, geometry=gpd.points_from_xy([190030], [507000], crs=28992))
    >>> reconcile(own, osm)[["id", "osm_id", "status", "distance_m"]].to_dict("records")
    [{'id': 'lijst1', 'osm_id': 'n1', 'status': 'matched', 'distance_m': 30.0}]
    """
    own = own.reset_index(drop=True)
    held = list(dict.fromkeys(own["facility_class"]))
    # Of a list that names both wholes and parts, all are laid beside the whole: else OSM's count twice.
    kinds = {name: next(w for w in reversed(whole_classes(name)) if w in held) for name in held}
    osm = osm[osm["facility_class"].isin(set(kinds.values()))].reset_index(drop=True)
    if own.crs is not None and len(osm):
        osm = bring_to(osm, own.crs)
    chosen = _pairs(own, osm, kinds) if len(osm) else []
    other = pd.Series(-1, index=own.index)
    metres = pd.Series(np.nan, index=own.index)
    status = pd.Series("only_list", index=own.index)
    for rank, i, j, distance in chosen:
        other[i], metres[i] = j, round(distance, 1)
        status[i] = "moved" if rank == _MOVED else "matched"
    alone = osm[~osm.index.isin(other)]
    in_osm = osm[["osm_id", "name", "last_edit"]].reindex(other.to_numpy()).set_axis(own.index)
    table = pd.concat(
        [
            _columns(own, status=status, in_osm=in_osm, list_date=own["last_edit"], use=own["use"]),
            _columns(alone, status="only_osm", in_osm=alone, list_date=pd.NaT, use="osm"),
        ],
        ignore_index=True,
    )
    table["distance_m"] = metres.reindex(table.index)
    for which in ("list", "osm"):
        date = pd.to_datetime(table[f"{which}_date"]).dt.tz_localize(None)
        days = (pd.Timestamp(as_of) - date).dt.days if as_of else pd.Series(np.nan, date.index)
        table[f"{which}_age_years"] = (days / _DAYS_A_YEAR).round(1)
        table[f"{which}_date"] = date.dt.strftime("%Y-%m-%d")
    return table[list(_HEADERS)]


def _columns(
    frame: gpd.GeoDataFrame,
    *,
    status: pd.Series[str] | str,
    in_osm: pd.DataFrame,
    list_date: object,
    use: pd.Series[str] | str,
) -> pd.DataFrame:
    points = frame.geometry.representative_point()
    return pd.DataFrame(
        {
            "id": frame["id"],
            "facility_class": frame["facility_class"],
            "name": frame["name"],
            "status": status,
            "osm_id": in_osm["osm_id"],
            "osm_name": in_osm["name"],
            "list_date": list_date,
            "osm_date": in_osm["last_edit"],
            "x": points.x.round(2),
            "y": points.y.round(2),
            "use": use,
            "closed": frame.get("closed", default=False),
            **{
                about: frame[about]
                if about in frame
                else pd.Series(np.nan, frame.index, dtype=kind)
                for about, kind in _ABOUT.items()
            },
        }
    )


def write_reconciled(path: str | Path, table: pd.DataFrame) -> None:
    """Write the comparison as a csv that people correct, and that reads back as a register.

    Parameters
    ----------
    path
        The csv.
    table
        From `reconcile`.

    Raises
    ------
    OutputError
        When it cannot be written.

    Notes
    -----
    Correct ``x``, ``y``, ``naam`` or ``klasse``, add rows, and set ``gebruik`` to ``lijst``, ``osm``
    or ``nee``. Then name the file as the study's register: the corrected list wins.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.opendata.register import as_register
    >>> own = as_register(gpd.GeoDataFrame({"naam": ["Dr. Bos"], "klasse": ["huisarts"]},
    ...     geometry=gpd.points_from_xy([190000], [507000], crs=28992)))
    >>> osm = gpd.GeoDataFrame({"id": ["n1"], "facility_class": "huisarts", "name": "Praktijk Bos",
    ...     "osm_id": "n1", "last_edit": pd.NaT}, geometry=gpd.points_from_xy([190030], [507000], crs=28992))
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_reconciled(f"{folder}/voorzieningen.csv", reconcile(own, osm))
    ...     Path(f"{folder}/voorzieningen.csv").read_text("utf-8").splitlines()[0][:36]
    'id,klasse,naam,status,osm_id,naam_os'
    """
    words = {status: translate(told, "nl") for status, told in STATUS_WORDS.items()}
    closed = table["closed"].map({True: _YES})
    dutch = table.assign(status=table["status"].map(words), closed=closed)
    write_csv(path, dutch.rename(columns=_HEADERS))
