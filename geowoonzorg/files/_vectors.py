"""Vector layers: read through the drivers allowed, with coordinates that are what they say."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from geowoonzorg.errors import (
    FormatError,
    GeometryError,
    InputError,
)
from geowoonzorg.files._crs import check_coordinates
from geowoonzorg.files._parquet import is_parquet, read_parquet
from geowoonzorg.files._paths import (
    LAYER_SUFFIXES,
    as_message,
    check_input,
    split_layer,
)
from geowoonzorg.files._vetting import name_for_gdal, without_network
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from geowoonzorg.messages import Message


def read_vector(
    path: str | Path, *, layer: str | None = None, role: str = "layer"
) -> gpd.GeoDataFrame:
    """Read a vector layer as it is: all columns, flat geometries, a reference system that fits.

    Parameters
    ----------
    path
        A GeoPackage, GeoJSON, FlatGeobuf, shapefile or GeoParquet, or ``FILE|layername=NAME``.
    layer
        The layer's name; overrides the one in ``path``. Default: the only or first layer.
    role
        What the layer is for, used in messages.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per feature, indexed by feature id, Z and M dropped, CRS as in the file. Null
        geometries stay, as None. ``attrs["notes"]`` says which layer was taken where none of several was named.

    Raises
    ------
    InputError
        When the path is not a plain file of an allowed format, or has no such layer.
    FormatError
        When the file is not of the format its name says.
    SourceError
        When it is not there or cannot be read.
    CrsError
        When there is no CRS, or the numbers cannot be in it.
    GeometryError
        When the layer is a table without geometries.
    StudyError
        When what follows a bar is not ``layername=NAME``.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> demo = demo_study().parent
    >>> wijken = read_vector(demo / "wijkenbuurten_2023_v3.gpkg", layer="wijken", role="areas")
    >>> len(wijken), wijken.crs.to_string()
    (5, 'EPSG:28992')
    >>> read_vector("sites.kml", role="sites")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: sites: sites.kml has suffix .kml; allowed are ...
    """
    file, named = split_layer(path)
    layer = layer or named
    notes: list[str] = []
    checked = check_input(file, suffixes=LAYER_SUFFIXES, role=role)
    if is_parquet(checked):
        frame = read_parquet(checked, role)
        notes += frame.attrs.get("notes", [])
    else:
        name = name_for_gdal(checked, role=role)
        kinds = _list_layers(name, checked, role)
        taken = _choose_layer(kinds, layer, where=with_role(role, checked))
        others = [other for other, kind in kinds.items() if kind and other != taken]
        if layer is None and others:
            notes.append(_first_taken(checked, taken, others))
        try:
            with warnings.catch_warnings(), without_network():
                warnings.simplefilter("ignore")  # curves made straight, M dropped: meant to be
                frame = pyogrio.read_dataframe(name, layer=layer, fid_as_index=True)
        except (DataSourceError, DataLayerError, ValueError, shapely.errors.ShapelyError) as error:
            raise FormatError(
                "{role}: {file} cannot be read ({why})",
                role=as_message(role),
                file=checked,
                why=str(error),
            ) from error
    if not hasattr(frame, "total_bounds"):  # a table without geometries comes as a plain DataFrame
        raise GeometryError(
            "{role}: {file} has no geometries; give a layer of points, lines or polygons",
            role=as_message(role),
            file=checked,
        )
    if shapely.has_z(geometry := frame.geometry.to_numpy()).any() or shapely.has_m(geometry).any():
        frame.geometry = shapely.force_2d(geometry)
    check_coordinates(frame, where=with_role(role, checked))
    if notes:
        frame.attrs["notes"] = notes
    return frame


def _first_taken(file: Path, taken: str, others: list[str]) -> Message:
    """Note which layer is read when none is named and there are others."""
    return tell(
        "{file}: layer {taken} is read, not {others}; give FILE|layername=NAME for another",
        file=file,
        taken=taken,
        others=", ".join(others),
    )


def with_role(role: str, path: Path) -> Message:
    """Name a file with what it is for, as messages begin."""
    return tell("{role}: {file}", role=as_message(role), file=path)


def list_layers(path: str | Path, *, role: str = "layer") -> dict[str, str | None]:
    """Name the layers in a vector file and the kind of geometry of each.

    Parameters
    ----------
    path
        A file of an allowed vector format.
    role
        What the file is for, used in messages.

    Returns
    -------
    dict
        Name → kind, such as ``MultiPolygon``, None for a table; in the file's order.

    Raises
    ------
    InputError, SourceError, FormatError, StudyError
        As `read_vector`.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> demo = demo_study().parent
    >>> list_layers(demo / "wijkenbuurten_2023_v3.gpkg")
    {'buurten': 'MultiPolygon', 'wijken': 'MultiPolygon', 'gemeenten': 'MultiPolygon'}
    """
    checked = check_input(split_layer(path)[0], suffixes=LAYER_SUFFIXES, role=role)
    return _list_layers(name_for_gdal(checked, role=role), checked, role)


def _list_layers(name: str, path: Path, role: str) -> dict[str, str | None]:
    try:
        with warnings.catch_warnings(), without_network():
            warnings.simplefilter(
                "ignore"
            )  # of tables that are no layers, such as an index of texts
            return dict(pyogrio.list_layers(name).tolist())
    except (DataSourceError, DataLayerError) as error:
        raise FormatError(
            "{role}: {file} cannot be read ({why})",
            role=as_message(role),
            file=path,
            why=str(error),
        ) from error


def check_layer(path: str | Path, layer: str | None = None, *, role: str) -> str | None:
    """Check that a layer is there, without reading it.

    Parameters
    ----------
    path
        A file of an allowed vector format, or ``FILE|layername=NAME``.
    layer
        Its name; the first layer by default.
    role
        What the file is for, used in messages.

    Returns
    -------
    str or None
        The kind of its geometry, as `list_layers`.

    Raises
    ------
    InputError, SourceError, FormatError, StudyError
        As `read_vector`.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> demo = demo_study().parent
    >>> check_layer(demo / "wijkenbuurten_2023_v3.gpkg", "buurten", role="areas")
    'MultiPolygon'
    >>> check_layer(demo / "wijkenbuurten_2023_v3.gpkg", "straten", role="areas")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: areas: ... has no layer 'straten'; it has buurten, wijken, gemeenten
    """
    file, named = split_layer(path)
    kinds = list_layers(file, role=role)
    return kinds[_choose_layer(kinds, layer or named, where=with_role(role, file))]


def _choose_layer(kinds: dict[str, str | None], layer: str | None, *, where: str) -> str:
    if not kinds:
        raise FormatError(
            "{where} has no layers",
            where=as_message(where),
        )
    layer = layer or next(iter(kinds))
    if layer not in kinds:
        raise InputError(
            "{where} has no layer {layer!r}; it has {layers}",
            where=as_message(where),
            layer=layer,
            layers=", ".join(kinds),
        )
    return layer
