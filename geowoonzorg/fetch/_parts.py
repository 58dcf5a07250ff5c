"""The parts of a study folder: one function per source, each of which writes its files and where they are from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import shapely

from geowoonzorg.errors import CoverageError, GeowoonzorgError, SourceError
from geowoonzorg.fetch._coverages import fetch_coverage, find_coverage
from geowoonzorg.fetch._features import fetch_items, fetch_wfs
from geowoonzorg.fetch._streets import data_year, fetch_streets
from geowoonzorg.fetch._tables import fetch_rows
from geowoonzorg.files import read_table, write_bytes, write_csv, write_layers
from geowoonzorg.messages import tell
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.opendata.sources import Source, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geowoonzorg.fetch._place import Job
    from geowoonzorg.progress import Progress

#: How many years of figures are asked for, at most.
_MOST_YEARS = 5
_KEY = "WijkenEnBuurten"


def _areas(job: Job, _progress: Progress) -> None:
    """Write the borders and figures of its wijken and buurten, and of all gemeenten."""
    source = read_catalogue().sources["cbs_wijken_buurten"]
    layers = {}
    for collection in ("gemeenten", "wijken", "buurten"):
        url = source.address("items", year=job.year, collection=collection)
        # The figures of all gemeenten stay: they are the reference for region and country.
        layer = fetch_items(job.client, url, box=None if collection == "gemeenten" else job.box)
        if collection != "gemeenten" and len(layer):
            if "gemeentecode" not in layer:
                raise SourceError(
                    "{url}: no {columns} came; the service has changed",
                    url=url,
                    columns="gemeentecode",
                )
            layer = layer[layer["gemeentecode"] == job.code]
        if layer.empty:
            raise SourceError(
                "{url}: no {collection} of {name} came",
                url=url,
                collection=collection,
                name=job.name,
            )
        layers[collection] = layer.drop(columns="feature_id")
    layers["gemeenten"] = layers["gemeenten"].assign(
        geometry=layers["gemeenten"].geometry.simplify(100.0)  # they are for reference, not drawn
    )
    buurten = layers["buurten"]
    people = pd.to_numeric(buurten.get("aantal_inwoners", pd.Series(0, index=buurten.index)))
    place = buurten.geometry.iloc[int(people.to_numpy().argmax())].representative_point()
    job.example_xy = (round(place.x), round(place.y))
    name = f"wijkenbuurten_{job.year}.gpkg"
    write_layers(job.folder / name, dict(reversed(layers.items())))
    table = f"{job.folder / name}|layername=buurten"
    complete = _knows(table) >= _could_know("gpkg", "cbs_kerncijfers")
    job.add("areas", name, source, len(buurten), year=job.year, complete=complete)


def _latest(years: Sequence[int], year: int, what: str) -> int:
    known = [y for y in years if y <= year]
    if not known:
        raise CoverageError(
            "{what} has nothing up to {year}; its years are {known}",
            what=what,
            year=year,
            known=", ".join(map(str, years)),
        )
    return max(known)


def _could_know(form: str, source: str) -> set[str]:
    """Name the columns of a source that tables of a format can hold."""
    columns = read_catalogue().columns.values()
    return {
        c.name for c in columns if c.source == source and any(r.format == form for r in c.readings)
    }


def _knows(table: str) -> set[str]:
    """Name the columns of which a table knows a figure of any wijk or buurt."""
    figures = read_figures(read_table(table, role="figures"), where=table)
    own = figures.numbers[figures.level.isin(["buurt", "wijk"]).to_numpy()]
    return set(own.columns[own.notna().any()])


def _osm(job: Job, progress: Progress, *, extract: bool = True) -> None:
    """Write everything of OpenStreetMap within the gemeente and what can be walked to from it."""
    name = f"{job.slug}.osm.pbf"
    path = job.folder / name
    _, n_nodes = fetch_streets(
        job.client, job.in_degrees(), path, progress=progress, extract=extract
    )
    job.add("osm", name, read_catalogue().sources["osm"], n_nodes, year=data_year(path))


def _overpass(job: Job, progress: Progress) -> None:
    _osm(job, progress, extract=False)


def _figures(job: Job, _progress: Progress) -> None:
    """Write the key figures of the year, and of as many years before it as tell what it does not."""
    _years_of(job, "figures", "cbs_kerncijfers", "kerncijfers")


def _proximity(job: Job, _progress: Progress) -> None:
    """Write the proximity of facilities of the newest year that tells it."""
    _years_of(job, "proximity", "cbs_nabijheid", "nabijheid", most=1)


def _years_of(job: Job, part: str, key: str, stem: str, *, most: int = _MOST_YEARS) -> None:
    """Write a table a year, from the newest one back, as long as each tells what the newer ones do not."""
    source = read_catalogue().sources[key]
    years = sorted((int(y) for y in source.tables if int(y) <= job.year), reverse=True)
    if not years:
        raise CoverageError(
            "{title} of {year} is not in the catalogue (years: {years})",
            title=source.title,
            year=job.year,
            years=", ".join(source.tables),
        )
    wanted = _could_know("odata", key)
    told: set[str] = set()
    newest: set[str] = set()
    written = 0
    failed: GeowoonzorgError | None = None
    for year in years[:_MOST_YEARS]:
        job.client.taken.clear()
        try:
            rows = _rows_of(job, source, source.tables[str(year)])
        except (SourceError, CoverageError) as error:
            failed = failed or error
            continue
        codes = set(rows[_KEY].astype("str").str.strip())
        if newest and 2 * len(newest & codes) < len(newest):
            job.client.notes.append(
                tell(
                    "{title} of {year} has other wijken and buurten, so it does not stand in",
                    title=source.title,
                    year=year,
                )
            )
            break
        newest = newest or codes
        name = f"{stem}-{year}.csv"
        write_csv(job.folder / name, rows)
        known = _knows(str(job.folder / name)) & wanted
        if known <= told:
            (job.folder / name).unlink()
            continue
        job.add(part, name, source, len(rows), year=year, complete=wanted <= known)
        told |= known
        written += 1
        if wanted <= told or written == most:
            break
    if not written:
        raise failed or SourceError(
            "{title}: no figures came for {name}", title=source.title, name=job.name
        )
    if failed is not None:
        job.client.notes.append(failed.message)


def _rows_of(job: Job, source: Source, table: str) -> pd.DataFrame:
    """Fetch the rows of the gemeente and of its wijken and buurten."""
    url = source.address("odata", table=table)
    query = {"$filter": f"substringof('{job.digits}',{_KEY})", "$format": "json"}
    rows = fetch_rows(job.client, url, query)
    if not rows.empty and _KEY not in rows:
        raise SourceError(
            "{url}: no {columns} came; the service has changed", url=url, columns=_KEY
        )
    if not rows.empty:
        codes = rows[_KEY].astype("str").str.strip()
        rows = rows[codes.str.match(f"(GM|WK|BU){job.digits}")]
    if rows.empty:
        raise SourceError("{url}: no rows of {name} came", url=url, name=job.name)
    return rows


def _leefbaarometer(job: Job, _progress: Progress) -> None:
    source = read_catalogue().sources["leefbaarometer"]
    year = _latest(source.years, job.year, source.title)
    layer = source.layers["buurt"].format(yy=f"{year % 100:02d}")
    frame = fetch_wfs(job.client, source.address("wfs"), layer, box=job.box)
    codes = next(
        (
            c
            for c in ("id", "bu_code", "buurtcode")
            if c in frame and frame[c].astype("str").str.startswith("BU").any()
        ),
        None,
    )
    own = (
        frame[frame[codes].astype("str").str.startswith(f"BU{job.digits}")] if codes else frame[:0]
    )
    if own.empty:
        raise CoverageError(
            "{title} {year} has no buurten of {name} in {layer}",
            title=source.title,
            year=year,
            name=job.name,
            layer=layer,
        )
    table = pd.DataFrame(own.drop(columns=["geometry", "feature_id"]))
    table = table.rename(columns={codes: "bu_code", "name": "bu_naam"})
    table.insert(0, "jaar", year)
    name = f"leefbaarometer-{year}.csv"
    write_csv(job.folder / name, table)
    complete = "afw" in table and bool(table["afw"].notna().all())
    job.add("leefbaarometer", name, source, len(table), year=year, complete=complete)


def _addresses(job: Job, _progress: Progress) -> None:
    """Write the addresses where people live, of the gemeente and of what can be walked to from it."""
    source = read_catalogue().sources["bag"]
    frame = fetch_wfs(job.client, source.address("wfs"), source.layers["wfs"], box=job.box)
    frame = frame[frame.geometry.notna()]
    if frame.empty:
        raise SourceError(
            "{title}: no addresses came for {name}", title=source.title, name=job.name
        )
    around = job.around
    shapely.prepare(around)
    frame = frame[shapely.covers(around, frame.geometry.array)]
    homes = pd.Series(data=True, index=frame.index)
    if "gebruiksdoel" in frame:
        homes &= frame["gebruiksdoel"].astype("str").str.contains("woonfunctie")
    else:
        job.client.notes.append(
            tell(
                "{title}: no {columns} came, so that every address counts as a home; the service has changed",
                title=source.title,
                columns="gebruiksdoel",
            )
        )
    if "status" in frame:
        homes &= ~frame["status"].astype("str").str.strip().isin(source.no_homes)
    if n := int((~homes).sum()):
        job.client.notes.append(
            tell("{title}: {n} are no homes, left out", title=source.title, n=n)
        )
    if not homes.any():
        raise SourceError(
            "{title}: {n} addresses of {name} came, and not one is a home; the service has changed",
            title=source.title,
            n=len(homes),
            name=job.name,
        )
    frame = frame[homes]
    key = "identificatie" if "identificatie" in frame else "feature_id"
    frame = frame.rename(columns={key: "id"}).drop_duplicates("id")
    kept = [
        "id",
        "openbare_ruimte",
        "huisnummer",
        "huisletter",
        "toevoeging",
        "postcode",
        "woonplaats",
    ]
    frame = frame[[c for c in kept if c in frame] + ["geometry"]]
    name = "adressen.gpkg"
    write_layers(job.folder / name, {"adressen": frame})
    job.add("addresses", name, source, len(frame))


def _squares(job: Job, _progress: Progress) -> None:
    source = read_catalogue().sources["cbs_vierkanten_100m"]
    year = _latest(source.years, job.year, source.title)
    url = source.address("wfs", year=year)
    frame = fetch_wfs(job.client, url, source.layers["wfs"], box=job.box)
    if frame.empty:
        raise SourceError("{url}: no squares came for {name}", url=url, name=job.name)
    name = f"cbs_vk100_{year}.gpkg"
    write_layers(job.folder / name, {"vierkanten": frame.drop(columns="feature_id")})
    job.add("squares", name, source, len(frame), year=year)


def _noise(job: Job, _progress: Progress) -> None:
    source = read_catalogue().sources["rivm_geluid"]
    year = _latest(source.years, job.year, source.title)
    url = source.address("wcs")
    coverage = find_coverage(job.client, url, source.layers[str(year)])
    body = fetch_coverage(job.client, url, coverage, box=job.box)
    name = f"geluid-{year}.tif"
    write_bytes(job.folder / name, body)
    job.add("noise", name, source, 1, year=year, layer=coverage.id)


#: What may be fetched, in the order in which it is; streets last, since they take longest.
PARTS: dict[str, Callable[[Job, Progress], None]] = {
    "areas": _areas,
    "figures": _figures,
    "proximity": _proximity,
    "leefbaarometer": _leefbaarometer,
    "addresses": _addresses,
    "squares": _squares,
    "noise": _noise,
    "osm": _osm,
}
#: The same, with streets from Overpass alone.
OVERPASS_PARTS = {**PARTS, "osm": _overpass}
