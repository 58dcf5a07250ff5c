"""Places asked tile by tile: what each tile is given, where it is worked on, and what was kept of it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import StudyError
from geowoonzorg.progress import Progress, silent
from geowoonzorg.town._cluster import ask_cluster, connected
from geowoonzorg.town._data import Tiling, TownData
from geowoonzorg.town._parts import Parts
from geowoonzorg.town.tiles import Streets, plan_cuts, tree_of, ways_to_streets_m
from geowoonzorg.walk.access import read_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from numpy.typing import NDArray

    from geowoonzorg.town.tiles import Cut
    from geowoonzorg.walk.network import WalkNetwork

    Work = Callable[..., pd.DataFrame]

#: What of a layer a walk asks; the rest stays at home.
_SENT: Final = ("id", "facility_class", "entrances", "zone", "drawn")
_SPARE_M: Final = 1.0  # of the margin beyond what is needed: rounding


class Tile(NamedTuple):
    """What a tile is given: its streets, its own places, what is around them, and how places join streets."""

    network: WalkNetwork
    places: gpd.GeoDataFrame
    beside: gpd.GeoDataFrame
    access: dict[str, Any]


class Given(NamedTuple):
    """What a tile gave, and of which rows of the places."""

    own: NDArray[np.intp]
    frame: pd.DataFrame


class Asking(NamedTuple):
    """What is asked of every tile.

    Attributes
    ----------
    work
        A function of a module of this package: ``work(tile, **options)`` gives a frame on a range index.
    step
        Its name, which its folder of parts has.
    limit_m
        How far is walked (m).
    options
        For ``work``; JSON.
    most
        How many places a tile may have.
    one_of_each
        A column of ``beside`` of which a tile has every word, though far away: what is too far is not unheard of.
    """

    work: Work
    step: str
    limit_m: float
    options: dict[str, Any]
    most: int | None = None
    one_of_each: str = ""


def tiling_of(
    town: TownData, *, km: float, scheduler: object = None, parts: str | Path | None = None
) -> Tiling:
    """Check how a town is to be asked tile by tile.

    Parameters
    ----------
    town
        The town.
    km
        The side of a tile, in kilometres.
    scheduler
        The address of a Dask scheduler, or a client of one; None for this process.
    parts
        A folder for what each tile gave; None for none.

    Returns
    -------
    Tiling
        With a key of the town's data.

    Raises
    ------
    StudyError
        When a tile has no size, or the town is a tile itself.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> tiling_of(Town.demo(), km=5).km
    5.0
    """
    if not (np.isfinite(km) and km > 0):
        raise StudyError("tiles of {km} km have no size; give more than 0", km=km)
    if town.part is not None:
        raise StudyError("a tile is not cut into tiles; ask the town it was cut from")
    key = "" if parts is None else _key_of(town, km)
    return Tiling(float(km), scheduler, None if parts is None else Path(parts), key)


def check_cluster(scheduler: object) -> None:
    """Find out before the work whether a cluster can be used.

    Parameters
    ----------
    scheduler
        The address of a Dask scheduler, or a client of one; None for no cluster.

    Raises
    ------
    StudyError
        When there is no Dask, scheduler or worker, or one of another version.

    Examples
    --------
    >>> check_cluster(None)
    """
    if scheduler is not None:
        with connected(scheduler):
            pass


def over_tiles(
    town: TownData,
    asking: Asking,
    places: gpd.GeoDataFrame,
    beside: gpd.GeoDataFrame | None = None,
    *,
    progress: Progress = silent,
) -> list[Given]:
    """Ask every tile of a town something about its own places, and give the answers in the order of the tiles.

    Parameters
    ----------
    town
        The streets, and how it is asked: `Town.in_tiles`.
    asking
        What is asked.
    places
        Who is asked about, in the town's CRS.
    beside
        To or from where they walk, in the town's CRS.
    progress
        Hears how far the work is.

    Returns
    -------
    list of Given
        One per tile that has places; every place is one tile's own.

    Raises
    ------
    StudyError
        When parts are of something else, or the cluster cannot be used.
    InputError, SourceError
        When a part cannot be read, or the scheduler is lost.
    OutputError
        When a part cannot be written; those that were written stay.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> def count(tile, progress):
    ...     return pd.DataFrame({"n": [len(tile.places)]})
    >>> town = Town.demo().in_tiles(tiles_km=1)
    >>> found = over_tiles(town, Asking(count, "count", 400.0, {}), town.addresses)
    >>> sum(one.frame["n"].item() for one in found) == len(town.addresses)
    True
    """
    tiling = town.tiling
    assert tiling is not None  # noqa: S101 - who asks has looked
    margin_m = asking.limit_m + ways_to_streets_m(town) + _SPARE_M
    cuts = plan_cuts(places, km=tiling.km, margin_m=margin_m, most=asking.most)
    around = _lean(places.iloc[:0] if beside is None else beside)
    own_layer = _lean(places)
    digest = ""
    if tiling.parts is not None:
        digest = _digest(town, asking, [own_layer, around], [margin_m, tiling.km])
    kept = Parts(tiling.parts, key=tiling.key, step=asking.step, digest=digest)
    found: dict[int, pd.DataFrame] = {}
    for number in range(len(cuts)):
        if (old := kept.read(number)) is not None:
            found[number] = old
    asked, total = sum(len(cuts[number].own) for number in found), len(places)

    def hear(fraction: float = 0.0, message: str = "tiles", *, n: int = 0) -> None:
        progress((asked + fraction * n) / total, message)

    jobs = _jobs(town, asking, cuts, found, own_layer, around)
    if tiling.scheduler is None:
        run = _here(jobs, hear)
    else:
        run = ask_cluster(jobs, tiling.scheduler, hear=hear, kept=tiling.parts)
    with closing(run):  # whatever stops it, the cluster hears of it at once
        for number, answer in run:
            own = cuts[number].own
            kept.write(number, _located(answer, places, own))
            found[number] = answer
            asked += len(own)
            hear()
    return [Given(cut.own, found[number]) for number, cut in enumerate(cuts)]


def in_order(found: list[Given]) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Put the rows of tiles, as many for each place, in the order of the places; and say whose each is.

    Parameters
    ----------
    found
        What each tile gave.

    Returns
    -------
    table : pandas.DataFrame
        All rows, on a range index.
    row : numpy.ndarray
        The position of the place of each.

    Examples
    --------
    >>> tiles = [Given(np.array([at]), pd.DataFrame({"a": [word]})) for at, word in ((1, "x"), (0, "y"))]
    >>> in_order(tiles)[0]["a"].tolist()
    ['y', 'x']
    """
    row = np.concatenate([np.repeat(one.own, len(one.frame) // len(one.own)) for one in found])
    order = np.argsort(row, kind="stable")
    table = pd.concat([one.frame for one in found], ignore_index=True)
    return table.iloc[order].reset_index(drop=True), row[order]


def notes_of(town: TownData, *layers: tuple[gpd.GeoDataFrame, str]) -> list[Any]:
    """Give what a walk notes about its layers; only of entrances is there more to say than they say themselves.

    Parameters
    ----------
    town
        Its streets.
    *layers
        Places, and what they are for.

    Returns
    -------
    list of Message
        Those of the first layer first.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> notes_of(Town.demo(), (Town.demo().addresses, "origins"))
    []
    """
    return [
        note
        for layer, role in layers
        for note in (
            read_layer(town.network, layer, role=role) if "entrances" in layer else layer
        ).attrs.get("notes", [])
    ]


def _jobs(
    town: TownData,
    asking: Asking,
    cuts: list[Cut],
    done: dict[int, pd.DataFrame],
    places: gpd.GeoDataFrame,
    beside: gpd.GeoDataFrame,
) -> Iterator[tuple[int, Work, Tile, dict[str, Any]]]:
    """Cut the tiles that are still to be asked, one after another."""
    streets = Streets(town.network, cuts)
    tree = tree_of(beside)
    far = np.zeros(0, dtype=np.intp)
    if asking.one_of_each and asking.one_of_each in beside:
        words = beside[asking.one_of_each].reset_index(drop=True)
        far = words.drop_duplicates().index.to_numpy()
    for number, cut in enumerate(cuts):
        if number in done:
            continue
        near = np.union1d(tree.query(shapely.box(*cut.box)), far)
        tile = Tile(streets.of(cut), places.iloc[cut.own], beside.iloc[near], town.walking.access)
        yield number, asking.work, tile, asking.options


def _here(
    jobs: Iterator[tuple[int, Work, Tile, dict[str, Any]]], hear: Callable[..., None]
) -> Generator[tuple[int, pd.DataFrame]]:
    for number, work, tile, options in jobs:
        n = len(tile.places)

        def told(fraction: float, message: str, n: int = n) -> None:
            hear(fraction, message, n=n)

        yield number, work(tile, **options, progress=told)


def _lean(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave behind what a tile is not asked about, so that little is sent."""
    kept = [name for name in _SENT if name in layer]
    lean = gpd.GeoDataFrame(
        layer[kept].reset_index(drop=True), geometry=layer.geometry.to_numpy(), crs=layer.crs
    )
    lean.attrs = {}
    return lean


def _located(answer: pd.DataFrame, places: gpd.GeoDataFrame, own: NDArray[np.intp]) -> pd.DataFrame:
    """Give rows about places the places' own geometry, where they have none: a part is a layer of its own."""
    each, rest = divmod(len(answer), len(own))
    if isinstance(answer, gpd.GeoDataFrame) or rest or not each or "origin_id" not in answer:
        return answer
    shapes = places.geometry.array.take(np.repeat(own, each))
    return gpd.GeoDataFrame(answer, geometry=shapes, crs=places.crs)


def _key_of(town: TownData, km: float) -> str:
    """Name the data of a town and the size of its tiles."""
    digest = hashlib.sha256(f"{importlib.metadata.version('geowoonzorg')} {km}".encode())
    for layer in (town.addresses, town.facilities):
        _hash_layer(digest, _lean(layer))
    digest.update(pd.util.hash_array(town.home.to_numpy(dtype=object)).tobytes())
    told = [repr(town.walking), [*town.classes], sorted(town.absent)]
    digest.update(json.dumps(told).encode())
    _hash_network(digest, town.network)
    return digest.hexdigest()


def _digest(
    town: TownData, asking: Asking, layers: list[gpd.GeoDataFrame], numbers: list[float]
) -> str:
    """Name all that a step is asked about."""
    told = {
        "work": f"{asking.work.__module__}.{asking.work.__qualname__}",
        "options": asking.options,
        "access": town.walking.access,
        "numbers": [*numbers, asking.limit_m, asking.most or 0],
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    _hash_network(digest, town.network)
    for layer in layers:
        _hash_layer(digest, layer)
    return digest.hexdigest()


def _hash_network(digest: Any, net: WalkNetwork) -> None:  # noqa: ANN401 - what hashlib gives
    for array in (net.vertex_xy, net.edge_length_m, net.edge_cautious):
        digest.update(b"" if array is None else array.tobytes())


def _hash_layer(digest: Any, layer: gpd.GeoDataFrame) -> None:  # noqa: ANN401 - what hashlib gives
    for name in layer.columns:
        digest.update(str(name).encode())
        if name in {layer.geometry.name, "drawn"}:
            xy, row = shapely.get_coordinates(layer[name].to_numpy(), return_index=True)
            digest.update(xy.tobytes() + row.tobytes())
        else:
            words = layer[name].astype("str").to_numpy(dtype=object)
            digest.update(pd.util.hash_array(words, categorize=False).tobytes())
