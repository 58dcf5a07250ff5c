"""Addresses, as people write them, looked up among known ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import MissingColumnError
from geowoonzorg.files import column_for
from geowoonzorg.opendata.register._words import take
from geowoonzorg.osm.classes import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POSTCODE = r"(\d{4})\s?([A-Za-z]{2})\b"
_HOUSENUMBER = r"\b(\d{1,5})\s?-?\s?([A-Za-z]?\d{0,4}[A-Za-z]?)\b"
_SPREAD_M = 50.0  # addresses that match one entry and lie further apart name no single place


def check_addresses(table: pd.DataFrame, where: str) -> None:
    if take(table, "address") is None and take(table, "housenumber") is None:
        raise MissingColumnError(
            "{where} has no coordinates (x, y) and no address (adres, or postcode and huisnummer)",
            where=where,
        )


def _address_keys(table: pd.DataFrame) -> pd.DataFrame:
    """Split addresses into postcode, number with addition, and street with city, all in one form."""

    def cells(meaning: str) -> pd.Series[str]:
        shared = meaning == "addition" and column_for(table, "housenumber") == column_for(
            table, meaning
        )
        found = None if shared else take(table, meaning)
        return pd.Series(np.nan, index=table.index, dtype="str") if found is None else found

    whole = cells("address")
    pc = cells("postcode").fillna(whole).str.extract(_POSTCODE)
    before = whole.str.replace(_POSTCODE + ".*$", "", regex=True).str.extract(r"^([^,]*)")[0]
    extra = cells("letter").fillna("") + cells("addition").fillna("")
    number = (cells("housenumber") + extra).fillna(before)
    pieces = number.str.extract(_HOUSENUMBER)
    street = cells("street").fillna(before.str.replace(_HOUSENUMBER + r"\s*$", "", regex=True))
    city = cells("city").fillna(whole.str.extract(_POSTCODE + r"\s*(.+)$")[2])

    def plain(text: pd.Series[str]) -> pd.Series[str]:
        return text.map(lambda t: " ".join(words(t)), na_action="ignore")

    return pd.DataFrame(
        {
            "postcode": pc[0] + pc[1].str.upper(),
            "number": pieces[0],
            "addition": pieces[1].fillna("").str.upper(),
            "street": plain(street),
            "city": plain(city),
        }
    )


def _contradicted(wanted: pd.DataFrame, known: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which entries name another city, or else postcode, than every address with their street and number."""
    way = ["street", "number"]
    entries = wanted.astype(object).reset_index(drop=True).rename_axis("entry").reset_index()
    theirs = known[[*way, "city", "postcode"]].astype(object).drop_duplicates()
    pairs = entries.dropna(subset=way).merge(theirs, on=way, suffixes=("", "_known"))
    told = {c: pairs[c].notna() & pairs[f"{c}_known"].notna() for c in ("city", "postcode")}
    same = {c: pairs[c] == pairs[f"{c}_known"] for c in told}
    fits = same["city"].where(told["city"], same["postcode"].where(told["postcode"], other=True))
    agreed = fits.groupby(pairs["entry"]).any().reindex(entries["entry"], fill_value=True)
    return ~agreed.to_numpy(bool)


def locate(table: pd.DataFrame, addresses: gpd.GeoDataFrame, *, where: str) -> gpd.GeoSeries:
    """Look addresses up among known ones.

    Parameters
    ----------
    table
        Rows with ``adres``, or with ``postcode``, ``huisnummer``, ``straat`` and ``plaats``.
    addresses
        Known addresses, as OSM's or the BAG's columns have them, in a metric CRS.
    where
        The file, which starts the message.

    Returns
    -------
    geopandas.GeoSeries
        On the table's index: the address's point, None where it is not known or names several
        places over 50 m apart; of an area its middle.

    Raises
    ------
    MissingColumnError
        When the table has no address.

    Notes
    -----
    Looked for in this order: postcode, number and addition; street, number, addition and city;
    postcode and number; street and number. A later way is tried only where the ones before find
    nothing. By street and number alone nothing is found in another place than the entry names: a
    list of the whole country has a Schoolstraat 3 in many.

    Examples
    --------
    >>> known = gpd.GeoDataFrame({"postcode": ["8261 AA"], "housenumber": ["12a"]},
    ...     geometry=gpd.points_from_xy([190000], [507000], crs=28992))
    >>> locate(pd.DataFrame({"adres": ["Oudestraat 12-A, 8261AA Kampen"]}), known, where="x")[0].x
    190000.0
    """
    check_addresses(table, where)
    wanted, known = _address_keys(table), _address_keys(addresses)
    xy = shapely.get_coordinates(shapely.centroid(addresses.geometry.to_numpy()))
    result = np.full((len(table), 2), np.nan)
    ways = (
        ["postcode", "number", "addition"],
        ["street", "number", "addition", "city"],
        ["postcode", "number"],
        ["street", "number"],
    )
    for way in ways:
        places = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]}).groupby(
            [known[c].to_numpy() for c in way]
        )
        spans = places.agg(["min", "max"])
        one = (spans["x"]["max"] - spans["x"]["min"] <= _SPREAD_M) & (
            spans["y"]["max"] - spans["y"]["min"] <= _SPREAD_M
        )
        centre = places.first()[one]
        keys = pd.MultiIndex.from_frame(wanted[way])
        found = centre.reindex(keys).to_numpy()
        open_ = np.isnan(result[:, 0]) & wanted[way].notna().all(axis=1).to_numpy()
        result[open_] = found[open_]
        if way == ["street", "number"]:
            result[open_ & _contradicted(wanted, known)] = np.nan
    points = gpd.points_from_xy(result[:, 0], result[:, 1])
    series = gpd.GeoSeries(points, index=table.index, crs=addresses.crs)
    series[np.isnan(result[:, 0])] = None
    return series
