"""A network as layers to look at and to edit: the streets, what leads to doors, what was dropped and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
import shapely.ops

from geowoonzorg.files import is_osm, split_layer
from geowoonzorg.osm import read_dropped
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.walk.network import WalkNetwork

#: So far from a barrier that stops people the streets on either side of it end: in a layer, what touches is joined.
GAP_M = 0.05
_STREET, _LEADING = "street", ("way_out", "gate")


def street_layers(
    net: WalkNetwork,
    source: str | Path,
    *,
    profile: str | Path = "rollator",
    progress: Progress = silent,
) -> dict[str, gpd.GeoDataFrame]:
    """Lay a network out as layers.

    Parameters
    ----------
    net
        The network, as `geowoonzorg.open_network` opened it.
    source
        What it was opened from.
    profile
        Who walks.
    progress
        Hears how far the work is.

    Returns
    -------
    dict
        In the network's system: ``streets``, the lines that are walked with what is known of them, ``osm_id``,
        ``component``, ``island`` and ``length_m``; ``last_legs``, private ground and gates that are walked to a
        door only; ``barriers``, the points where ways are cut, and why (``cut``); and of an OSM file ``dropped``, the
        ways that are closed to who walks, with the ``reason``. A layer that would be empty is left out.

    Notes
    -----
    ``streets`` may be edited and opened as a network again: its lines meet where their vertices coincide. Where a
    barrier stops people they end 5 cm short of it, as whatever touches is joined. A line layer says neither
    directions nor squares nor private ground, so distances over it may differ where the network has these.

    Examples
    --------
    >>> from geowoonzorg.town.reading import demo_study
    >>> from geowoonzorg.town.streets import open_network
    >>> path = demo_study().parent / "wierhaven.osm.pbf"
    >>> found = street_layers(open_network(path), path)
    >>> {name: len(layer) for name, layer in found.items()}
    {'streets': 1297, 'last_legs': 5, 'barriers': 1, 'dropped': 54}
    """
    edges = net.edges(private=True).drop(columns=["u", "v"]).reset_index()
    kind = edges["kind"].astype("str")
    nodes = net.nodes(private=True)
    barred = nodes["cut"].notna() if "cut" in nodes else nodes["edge_ends"] < 0
    ends = barred.to_numpy()[net.edge_node]
    edges.geometry = _shortened(np.asarray(edges.geometry.array), ends)
    edges = edges.assign(kind=kind)
    barriers = nodes[barred].drop(columns="edge_ends").drop_duplicates("geometry")
    layers = {
        "streets": edges[kind == _STREET],
        "last_legs": edges[kind.isin(_LEADING)],
        "barriers": barriers.reset_index(drop=True),
    }
    path, _ = split_layer(source)
    if is_osm(path):
        layers["dropped"] = read_dropped(
            path, profile=read_profile(profile), progress=progress
        ).to_crs(net.crs)
    return {name: _plain(layer) for name, layer in layers.items() if len(layer)}


def _shortened(lines: NDArray[np.object_], ends: NDArray[np.bool_]) -> NDArray[np.object_]:
    """End lines a little before where they may not touch; a line too short for that is halved."""
    made = lines.copy()
    for at in np.flatnonzero(ends.any(axis=1)).tolist():
        length = lines[at].length
        gap = min(GAP_M, length / 4)
        first, last = gap * ends[at, 0], length - gap * ends[at, 1]
        made[at] = shapely.ops.substring(lines[at], first, last)
    return made


def _plain(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give words as text, for a file, and leave out columns in which nothing stands."""
    words = {name: "str" for name, kind in layer.dtypes.items() if str(kind) == "category"}
    layer = layer.astype(words)
    own = [name for name in layer.columns if name == "geometry" or layer[name].notna().any()]
    return layer[own].reset_index(drop=True)
