"""What was given in memory: on which index it stands, and which content it was."""

from __future__ import annotations

import hashlib
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from geowoonzorg.errors import DuplicateIdError, InputError, first_ids
from geowoonzorg.files import as_message

GIVEN: Final = "given"  # the source of what was in memory; told in words on outputs


def keep_index(
    given: gpd.GeoDataFrame, checked: gpd.GeoDataFrame, *, role: str
) -> gpd.GeoDataFrame:
    """Put checked places back on the index they came with, so that what is found of them can be joined.

    Parameters
    ----------
    given
        The places as given.
    checked
        The same rows in the same order.
    role
        What they are, which starts the message.

    Returns
    -------
    geopandas.GeoDataFrame
        ``checked`` on the index of ``given``.

    Raises
    ------
    DuplicateIdError
        When that index has duplicates: no join could tell its rows apart.
    InputError
        When it has several levels.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), index=[7], crs=28992)
    >>> keep_index(frame, frame.reset_index(drop=True), role="sites").index.tolist()
    [7]
    """
    if isinstance(given.index, pd.MultiIndex):
        raise InputError(
            "{role}: the index has {n} levels; give one level, for instance with reset_index()",
            role=as_message(role), n=given.index.nlevels,
        )  # fmt: skip
    if given.index.has_duplicates:
        twice = given.index[given.index.duplicated()].unique()
        raise DuplicateIdError(
            "{role}: in the index {ids} occur more than once; give a unique one, for instance with "
            "reset_index(drop=True)",
            role=as_message(role), ids=first_ids(twice),
        )  # fmt: skip
    found = checked.set_axis(given.index, axis="index")
    found.attrs.update(checked.attrs)
    return found


def hash_frame(frame: pd.DataFrame) -> str:
    """Hash the content of a frame: its columns, values and shapes, in the order in which they stand.

    Parameters
    ----------
    frame
        Any frame, with or without geometry.

    Returns
    -------
    str
        The SHA-256, 64 hexadecimal digits.

    Examples
    --------
    >>> hash_frame(pd.DataFrame({"a": [1]})) == hash_frame(pd.DataFrame({"a": [2]}))
    False
    """
    digest = hashlib.sha256()
    spatial = isinstance(frame, gpd.GeoDataFrame)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name)) if spatial else frame
    crs = frame.crs.to_wkt() if spatial and frame.crs else ""
    digest.update(repr((list(map(str, table.columns)), crs)).encode())
    digest.update(pd.util.hash_pandas_object(table.astype("str"), index=True).to_numpy().tobytes())
    if spatial:
        for shape in shapely.to_wkb(frame.geometry.to_numpy()):
            digest.update(shape or b"none")
    return digest.hexdigest()
