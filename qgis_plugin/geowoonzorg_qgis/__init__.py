"""The QGIS plugin: the Processing provider and dock of the geowoonzorg engine, which runs beside QGIS."""


def classFactory(iface):
    """Make the plugin; ``iface`` is None in qgis_process and QGIS Server."""
    from .plugin import GeowoonzorgPlugin

    return GeowoonzorgPlugin(iface)
