"""The streets of a town, and what their OSM file tells besides: facilities and addresses, in one pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from geowoonzorg.errors import FormatError, InputError, StudyError
from geowoonzorg.files import (
    LAYER_SUFFIXES,
    OSM_SUFFIXES,
    check_input,
    check_replaceable,
    content_hash,
    is_osm,
    read_vector,
    split_layer,
    working_crs,
)
from geowoonzorg.messages import tell
from geowoonzorg.osm import read_data_date, read_osm
from geowoonzorg.osm.profile import WalkProfile, read_profile
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.walk.network import WalkNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS

    Fill = Callable[[gpd.GeoDataFrame], pd.DataFrame]

_CACHE_SUFFIX = ".npz"


def open_network(
    source: str | Path,
    *,
    profile: str | Path = "rollator",
    crs: str | CRS = "EPSG:28992",
    cache: str | Path | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> WalkNetwork:
    """Open a network of any kind: an OSM file, a cached network or a line layer.

    Parameters
    ----------
    source
        ``.osm.pbf``, ``.osm``, ``.osm.bz2``; ``.npz`` as `WalkNetwork.save` writes it; or a line
        layer of what may be walked, with the columns of `judge_lines` if it tells what its streets are like.
    profile
        Who walks: a name, or the path of a TOML file.
    crs
        The metric CRS to work in.
    cache
        Where to keep the network: read from there when it was made of the same source with the
        same profile, else made anew and written there.
    force
        Whether what stands there may be replaced when it is no cached network.
    progress
        Hears how far the work is.

    Returns
    -------
    WalkNetwork
        The network; its ``notes`` say when a cache was not used and why.

    Raises
    ------
    StudyError
        When the profile is wrong, or a cached network was made with another profile or CRS.
    InputError, FormatError, SourceError, CrsError
        When the source cannot be read, or nothing in it may be walked.
    OutputError
        When the cache would replace another file, or cannot be written.

    Examples
    --------
    >>> from geowoonzorg.town.reading import demo_study
    >>> net = open_network(demo_study().parent / "wierhaven.osm.pbf", profile="wandelaar")
    >>> net.provenance["profile_name"]
    'wandelaar'
    """
    walker = read_profile(profile)
    target = working_crs(crs)
    path, layer = split_layer(source)
    check_input(path, suffixes=OSM_SUFFIXES | LAYER_SUFFIXES | {_CACHE_SUFFIX}, role="network")
    if cache is not None:
        check_replaceable(cache, force=force, inputs=[path])
    if path.suffix.lower() == _CACHE_SUFFIX:
        return _telling(_load(path, walker, target, cache=cache), walker)
    note = None
    if cache is not None and Path(cache).exists():
        expected = {"source": content_hash(path), "profile": walker.hash}
        try:
            kept = WalkNetwork.load(cache, provenance=expected)
        except FormatError as error:
            note = tell("the cached network was made anew: {why}", why=error.message)
        else:
            if kept.crs == target:
                return _telling(kept, walker)
            note = tell(
                "the cached network was made anew: it was in {crs}", crs=kept.crs.to_string()
            )
    if is_osm(path):
        net = WalkNetwork.from_osm(path, profile=walker, crs=target, progress=progress)
        net = replace(net, provenance=net.provenance | _dated(read_data_date(path)))
    else:
        lines = read_vector(path, layer=layer, role="network")
        from geowoonzorg.town.told_lines import network_of_lines

        net = network_of_lines(lines, walker, crs=target, where=tell("network: {file}", file=path))
        net = replace(net, provenance=_made_of([path], walker))
    if cache is not None:
        net.save(cache)
    if note:  # said once: the cache is as good as new
        net = replace(net, notes=(*net.notes, note))
    progress(1.0, "network read")
    return _telling(net, walker)


def _telling(net: WalkNetwork, walker: WalkProfile) -> WalkNetwork:
    """Add a note where hardly anything tells who walks from somebody on foot; it is not kept in a cache."""
    n = net.n_streets
    unknown_m = float(net.vertex_unknown_m[net.vertex_start[1 : n + 1] - 1].sum())
    on_foot = float(net.edge_length_m[:n].sum())
    on_foot += net.counts.get("ways", {}).get("metres_on_foot_only", 0)
    known = 1.0 - unknown_m / on_foot if on_foot else 0.0
    if not walker.way_matters or known >= walker.told_apart_share:
        return net
    about_it = {"profile": walker.name, "known": known, "least": walker.told_apart_share}
    if "cautious" in net.way_attributes.columns:
        note = tell(
            "{profile}: hardly other than on foot: of {known:.1%} of the streets it is known whether they are fit "
            "(under {least:.0%}). The cautious distance beside each one takes the rest at its usual state, or as "
            "closed",
            **about_it,
        )
    else:
        note = tell(
            "{profile}: no other than on foot: the network does not tell what its streets are like, so there is "
            "no cautious distance either; an OSM file does, and a line layer with columns such as width_m or surface",
            **about_it,
        )
    return replace(net, notes=(*net.notes, note))


def _made_of(files: Sequence[Path], walker: WalkProfile, day: date | None = None) -> dict[str, str]:
    """Say of which bytes a network is made, for whom, and of which day its data are where that is known."""
    source = " ".join(content_hash(file) for file in files)
    made = {"source": source, "profile": walker.hash, "profile_name": walker.name}
    return made | _dated(day)


def _dated(day: date | None) -> dict[str, str]:
    return {} if day is None else {"data_date": day.isoformat()}


def _load(
    path: Path, walker: WalkProfile, crs: CRS, *, cache: str | Path | None = None
) -> WalkNetwork:
    net = WalkNetwork.load(path)
    made_for = net.provenance.get("profile_name", "")
    if net.provenance.get("profile") not in {None, walker.hash}:
        raise StudyError(
            "network: {path} was made with the profile {made_for}, not {asked}; give --profile {made_for}, "
            "or make it anew from its source",
            path=path, made_for=made_for, asked=walker.name,
        )  # fmt: skip
    if net.crs != crs:
        raise StudyError(
            "network: {path} is in {crs}, not {asked}; give --crs {crs}",
            path=path, crs=net.crs.to_string(), asked=crs.to_string(),
        )  # fmt: skip
    if cache is not None:
        net.save(cache)
    return net


class Streets(NamedTuple):
    """What the source of the streets holds.

    Attributes
    ----------
    network
        What may be walked.
    facilities
        Of the classes asked for, as `read_facilities`; empty where the source is no OSM file.
    addresses
        Where people live (``id, geometry``), empty where not asked for.
    """

    network: WalkNetwork
    facilities: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame


def read_streets(
    source: str | Path,
    *,
    adjoining: Sequence[Path] = (),
    profile: str | Path,
    crs: str | CRS,
    classes: Sequence[str] = (),
    addresses: bool = False,
    fill: Fill | None = None,
    progress: Progress = silent,
) -> Streets:
    """Read streets, facilities and addresses, an OSM file in one pass.

    Parameters
    ----------
    source
        Anything `open_network` opens.
    adjoining
        OSM files that are read together with an OSM file.
    profile
        Who walks.
    crs
        The metric CRS to work in.
    classes
        The facility classes to take from an OSM file.
    addresses
        Whether to take addresses from an OSM file.
    fill
        What fills in what OSM does not say of ways, as `geowoonzorg.osm.read_osm` takes it.
    progress
        Hears how far the work is.

    Returns
    -------
    Streets
        Streets, facilities and addresses.

    Raises
    ------
    StudyError, InputError, FormatError, SourceError, CrsError
        As `open_network`.

    Examples
    --------
    >>> from geowoonzorg.town.reading import demo_study
    >>> streets = read_streets(
    ...     demo_study().parent / "wierhaven.osm.pbf", profile="rollator", crs="EPSG:28992", classes=["apotheek"]
    ... )
    >>> streets.facilities["facility_class"].unique().tolist()
    ['apotheek']
    """
    if not is_osm(source):
        net = open_network(source, profile=profile, crs=crs, progress=progress)
        from geowoonzorg.town.facilities import no_facilities

        nothing = no_facilities(net.crs)
        return Streets(net, nothing, nothing[["id", "geometry"]])
    walker = read_profile(profile)
    path = check_input(split_layer(source)[0], suffixes=OSM_SUFFIXES, role="network")
    data = read_osm(
        [path, *adjoining],
        profile=walker,
        facility_classes=classes,
        addresses=addresses,
        benches=True,
        fill=fill,
        progress=part(progress, 0.0, 0.7),
    )
    if data.walkways is None:
        raise InputError(
            "network: {path}: nothing in it may be walked with the profile {asked}",
            path=path, asked=walker.name,
        )  # fmt: skip
    net = WalkNetwork.from_walkways(
        data.walkways, private_ways=data.private_ways, crs=working_crs(crs), counts=data.counts,
        provenance=_made_of([path, *adjoining], walker, data.data_date), bench_lonlat=data.benches,
        notes=data.notes,
        matters=walker.way_matters,
    )  # fmt: skip
    progress(0.9, "network built")
    from geowoonzorg.town.facilities import as_facilities

    return Streets(
        _telling(net, walker), as_facilities(data, net.crs), data.addresses.to_crs(net.crs)
    )
