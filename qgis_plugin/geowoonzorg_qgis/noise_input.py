"""Noise as it is given, a raster layer or areas with decibels, and the GeoTIFF the engine gets for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsProcessingException,
    QgsRasterLayer,
    QgsRectangle,
)

from . import given, layers, parameters, rasters
from .texts import tr

if TYPE_CHECKING:
    from .call import Call

RASTER, AREAS, FIELD = "NOISE", "NOISE_AREAS", "NOISE_FIELD"
_BESIDE_M = 500  # of what is cut out: a walk of some metres over the limit, and cells that lie half in it


def problem(call: Call, raster_title: str, areas_title: str) -> str | None:
    """Say what is wrong with the noise, if anything is."""
    if call.is_given(RASTER) and call.is_given(AREAS):
        return tr("Choose noise as a raster or as areas, not both.")
    if call.is_given(RASTER):
        layer = call.layer(RASTER)
        if not isinstance(layer, QgsRasterLayer):
            return given.not_opened(raster_title)
        return None if rasters.own_geotiff(layer) else rasters.problem(layer, f"{raster_title}: {layer.name()}")
    return _areas_problem(call, areas_title)


def _areas_problem(call: Call, areas_title: str) -> str | None:
    if not call.is_given(AREAS):
        return tr("Choose the layer of areas that the field with decibels is of.") if call.text(FIELD) else None
    if not call.text(FIELD):
        return tr("{layer}: choose the field with decibels.").format(layer=call.titled(AREAS, areas_title))
    if found := call.crs_problem(AREAS, areas_title):
        return found
    source = call.algorithm.parameterAsSource(call.values, AREAS, call.context)
    return layers.field_problem(source.fields(), call.text(FIELD), call.titled(AREAS, areas_title))


def path(call: Call, folder: Path) -> str:
    """Give the engine's GeoTIFF, in ``folder`` where it is made here; empty where there is no noise."""
    target = str(folder / "noise.tif")
    if call.is_given(RASTER):
        layer = call.layer(RASTER)
        if file := rasters.own_geotiff(layer):
            return file
        titled = call.titled(RASTER, tr("Noise (Lden)"))
        rasters.write(layer, target, title=titled, around=_around(call, layer.crs()))
    elif call.is_given(AREAS):
        titled = call.titled(AREAS, tr("Noise: or a layer of areas"))
        source = call.algorithm.parameterAsSource(call.values, AREAS, call.context)
        if source is None:
            raise QgsProcessingException(call.algorithm.invalidSourceError(call.values, AREAS))
        crs, transforms = call.crs("CRS"), call.context.transformContext()
        rasters.burn(
            source, call.text(FIELD), target, title=titled, crs=crs, transforms=transforms, feedback=call.feedback,
            around=_around(call, crs),
        )  # fmt: skip
    else:
        return ""
    call.call_it(target, titled)
    return target


def _around(call: Call, crs: QgsCoordinateReferenceSystem) -> QgsRectangle | None:
    """Give what can be walked to from the sites, amply, in a reference system; None where that is not known here."""
    sites = call.algorithm.parameterAsSource(call.values, "SITES", call.context)
    if sites is None or sites.sourceExtent().isNull() or not sites.sourceCrs().isValid():
        return None
    metric, transforms = call.crs("CRS"), call.context.transformContext()
    box = QgsCoordinateTransform(sites.sourceCrs(), metric, transforms).transformBoundingBox(sites.sourceExtent())
    farthest = max(parameters.parse_metres(call.text("LIMITS_M"))) + (call.number("MAX_SNAP_M") or 0)
    box.grow(farthest + _BESIDE_M)
    return QgsCoordinateTransform(metric, crs, transforms).transformBoundingBox(box)
