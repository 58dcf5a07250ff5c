"""Whether this installation is sound: versions, optional parts and a coordinate of known place."""

from __future__ import annotations

import importlib
import importlib.metadata
import math
import platform
import sys

from geowoonzorg.messages import tell

# Kadaster's check on RDNAPTRANS: the Lange Jan in Amersfoort is the origin of RD.
_ETRS89 = (5.387203657, 52.155172897)
_RD = (155_000.01, 463_000.07)
_TOLERANCE_M = 0.5  # without the national grid PROJ is within a quarter of a metre
_NEEDED = ("numpy", "scipy", "numba", "pandas", "shapely", "pyproj", "geopandas", "pyogrio", "osmium",
           "rasterio", "exactextract", "folium", "jinja2", "babel", "httpx", "openpyxl", "click",
           "osmnx")  # fmt: skip
_OPTIONAL = ("pyarrow",)


def examine() -> tuple[list[str], bool]:
    """Examine the installation.

    Returns
    -------
    lines : list of str
        What was found, a line each; what is broken has ``WRONG`` in it.
    healthy : bool
        Whether nothing is broken.

    Examples
    --------
    >>> lines, healthy = examine()
    >>> lines[0].startswith("geowoonzorg")
    True
    """
    lines: list[str] = [
        f"geowoonzorg {importlib.metadata.version('geowoonzorg')}",
        tell(
            "python {version} on {system} ({path})",
            version=platform.python_version(), system=platform.system(), path=sys.executable,
        ),
        *(_version(name, needed=True) for name in _NEEDED),
        *(_version(name, needed=False) for name in _OPTIONAL),
        _coordinate_test(),
        _compiled(),
    ]  # fmt: skip
    return lines, not any("WRONG" in line for line in lines)


def _version(name: str, *, needed: bool) -> str:
    try:
        importlib.import_module(name)
    except ImportError as error:
        if needed:
            return tell(
                "{name}: WRONG: missing or broken; run: pip install {name} ({what})",
                name=name, what=str(error),
            )  # fmt: skip
        return tell(
            "{name}: not installed; optional: pip install {name} ({what})",
            name=name,
            what=str(error),
        )
    return f"{name} {importlib.metadata.version(name)}"


def _compiled() -> str:
    try:
        from geowoonzorg._kernel_folders import own_folder
        from geowoonzorg.compiling import all_loops, missing_loops
    except ImportError as error:
        return tell("loops: WRONG: {what}", what=str(error))
    n, total, folder = len(missing_loops()), len(all_loops()), own_folder()
    if n == 0:
        return tell("loops: all {total} are compiled", total=total)
    if folder is None:
        return tell(
            "loops: {n} of {total} are not compiled, and there is no folder of your own to keep them in, so every "
            "run compiles again; name one in the environment variable NUMBA_CACHE_DIR",
            n=n, total=total,
        )  # fmt: skip
    return tell(
        "loops: {n} of {total} are not compiled yet, so a first run takes longer; run: geowoonzorg compile",
        n=n,
        total=total,
    )


def _coordinate_test() -> str:
    try:
        from pyproj import Transformer, datadir
    except ImportError as error:
        return tell("coordinates: WRONG: {what}", what=str(error))
    transformer = Transformer.from_crs("EPSG:4258", "EPSG:28992", always_xy=True)
    found = transformer.transform(*_ETRS89)
    off_m = math.hypot(found[0] - _RD[0], found[1] - _RD[1])
    if not off_m <= _TOLERANCE_M:
        return tell(
            "coordinates: WRONG: ETRS89 to RD is {off_m:.2f} m off; PROJ's data is looked for in "
            "{folder}: unset PROJ_LIB and PROJ_DATA, or reinstall pyproj",
            off_m=off_m, folder=datadir.get_data_dir(),
        )  # fmt: skip
    return tell("coordinates: ETRS89 to RD is {off_mm:.0f} mm off", off_mm=off_m * 1000)
