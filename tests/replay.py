"""The services of the Netherlands on a local server: the town of the demo as Kampen, quirk by quirk as they answer.

What is odd in the answers is as in the recorded ones: opaque cursors and no count of all (PDOK's OGC API), a
count only in XML and HTTP 400 past so many features (BAG), padded keys and nulls (OData), six significant
digits and text years (Leefbaarometer), ids with a word of the service before them (RIVM), a redirect to the
dated file (Geofabrik), and a remark where nothing came for want of time (Overpass).
"""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from loopback import Loopback, Reply, as_json
from shapely.geometry import box, mapping

from geowoonzorg.fetch import Client, Limits
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.osm import read_osm

DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"
PBF = DEMO / "wierhaven.osm.pbf"
YEAR = 2023
LICENCE = "The data included in this document is from www.openstreetmap.org."
#: What the first version of a year does not tell yet.
LATER = (
    "netto_arbeidsparticipatie", "aantal_wmo_clienten_per_1000_inwoners",
    "percentage_huishoudens_onder_of_rond_sociaal_minimum", "percentage_huishoudens_met_hoog_inkomen",
    "opleidingsniveau_laag", "opleidingsniveau_middelbaar", "opleidingsniveau_hoog",
    "aantal_personen_met_een_alg_bijstandsuitkering_tot", "aantal_personen_met_een_ao_uitkering_totaal",
)  # fmt: skip
_AWAY_M = 30_000.0


def _renamed(frame, gemeente, name, letters=""):
    """Give a layer of the demo the codes of a real gemeente, with letters where CBS has these."""
    frame = frame.copy()
    for column, start in (("buurtcode", "BU"), ("wijkcode", "WK"), ("gemeentecode", "GM")):
        if column in frame:
            tail = frame[column].str[6:]
            if letters:
                tail = tail.str.replace(r"^(\d)(\d)", rf"{letters}\2", regex=True)
            frame[column] = start + gemeente + tail
    if "gemeentenaam" in frame:
        frame["gemeentenaam"] = name
    return frame.drop(columns=[c for c in frame if c == "jrstatcode"])


@cache
def layers():
    """Give the layers of the map: Kampen, Amsterdam with letters in its codes, water, and what is to come."""
    out = {}
    for layer in ("gemeenten", "wijken", "buurten"):
        own = gpd.read_file(DEMO / "wijkenbuurten_2023_v3.gpkg", layer=layer)
        kampen = _renamed(own, "0166", "Kampen")
        amsterdam = _renamed(own, "0363", "Amsterdam", "A")
        amsterdam["geometry"] = amsterdam.translate(-_AWAY_M)
        wet = amsterdam.iloc[:1].assign(water="JA", geometry=None)
        if layer == "buurten":
            wet["buurtcode"] = "BU03639997"  # whose water keeps digits
        frame = pd.concat([kampen, amsterdam, wet], ignore_index=True)
        for column in LATER:
            if column in frame:
                frame[column] = -99995
        out[layer] = frame
    return out


@cache
def known():
    """Give all layers with every figure, as a later year has them."""
    out = {}
    for layer in ("gemeenten", "wijken", "buurten"):
        own = gpd.read_file(DEMO / "wijkenbuurten_2023_v3.gpkg", layer=layer)
        out[layer] = pd.concat(
            [_renamed(own, "0166", "Kampen"), _renamed(own, "0363", "Amsterdam", "A")],
            ignore_index=True,
        )
    return out


def plain(value):
    """Make a value of a frame one of JSON."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def properties(frame):
    rows = pd.DataFrame(frame.drop(columns="geometry")).to_dict("records")
    return [{k: plain(v) for k, v in row.items()} for row in rows]


def bounds_of(query):
    return box(*map(float, query["bbox"].split(",")[:4])) if "bbox" in query else None


def touching(frame, query):
    """Keep what touches the box that is asked; what lies nowhere touches none."""
    area = bounds_of(query)
    return frame if area is None else frame[frame.geometry.intersects(area)]


def problem(status, title, detail):
    """Answer what went wrong as PDOK's program does."""
    document = {
        "detail": detail, "status": status, "timeStamp": "2000-01-01T00:00:00Z", "title": title,
    }  # fmt: skip
    return as_json(document, status=status)


def exception(code, text, status=400):
    """Answer what went wrong as OGC services do."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ows:ExceptionReport version="2.0.0" '
        'xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception exceptionCode="'
        f'{code}"><ows:ExceptionText>{text}</ows:ExceptionText></ows:Exception></ows:ExceptionReport>'
    )
    return Reply(body.encode(), status)


# ------------------------------------------------------------------------- OGC API Features


def ogc_items(frame, path, *, cap=30):
    """Serve a collection: an opaque cursor, no count of all, no system, geometries that may be null."""
    features = [
        {
            "type": "Feature",
            "properties": row,
            "geometry": None if shape is None else mapping(shape),
            "id": str(i),
        }
        for i, (row, shape) in enumerate(zip(properties(frame), frame.geometry, strict=True))
    ]

    def serve(query):
        if not query.get("crs", "").endswith("/EPSG/0/28992"):
            return problem(400, "Bad Request", "request doesn't conform to OpenAPI spec")
        found = [features[i] for i in touching(frame.reset_index(drop=True), query).index]
        start = int(base64.urlsafe_b64decode(query["cursor"])) if "cursor" in query else 0
        limit = min(int(query.get("limit", 10)), cap)
        page = found[start : start + limit]
        at = f"https://api.pdok.nl{path}"
        links = [{"rel": "self", "type": "application/geo+json", "href": f"{at}?f=json"}]
        links.append({"rel": "alternate", "type": "text/html", "href": f"{at}?f=html"})
        if start + limit < len(found):
            cursor = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
            more = "&".join(f"{k}={v}" for k, v in query.items() if k != "cursor")
            links.append({"rel": "next", "href": f"{at}?cursor={cursor}&{more}"})
        return as_json(
            {
                "type": "FeatureCollection",
                "timeStamp": "2000-01-01T00:00:00Z",
                "links": links,
                "features": page,
                "numberReturned": len(page),
            }
        )

    return serve


# --------------------------------------------------------------------------------------- WFS


def wfs(found, *, counts=True, cap=50_000, hits=True, geoserver=False):
    """Serve layers: name → frame. ``cap``: past so many features HTTP 400; ``counts``: whether pages tell them."""

    def serve(query):
        if query["typeNames"] not in found:
            return exception("InvalidParameterValue", "msWFSDispatch(): no such layer")
        name = query["typeNames"].partition(":")[2]
        frame = touching(found[query["typeNames"]], query)
        if query.get("resultType") == "hits":
            if not hits:
                return exception("InvalidParameterValue", "resultType")
            return Reply(
                b'<?xml version="1.0" encoding="UTF-8"?>\n<wfs:FeatureCollection '
                b'xmlns:wfs="http://www.opengis.net/wfs/2.0" timeStamp="2026-02-15T12:00:00" '
                b'numberMatched="%d" numberReturned="0"></wfs:FeatureCollection>' % len(frame)
            )
        start, count = int(query.get("startIndex", 0)), int(query["count"])
        if start > cap:
            return exception("NoApplicableCode", f"startIndex is larger than {cap}")
        page = frame.iloc[start : start + count]
        features = [
            {
                "type": "Feature", "id": f"{name}.{i}", "properties": row,
                "bbox": list(shape.bounds), "geometry": mapping(shape),
            }
            for i, row, shape in zip(page.index, properties(page), page.geometry, strict=True)
        ]  # fmt: skip
        document = {"type": "FeatureCollection", "name": name}
        if counts:
            document["numberMatched"] = len(frame)
        if geoserver:
            document |= {
                "totalFeatures": len(frame), "numberReturned": len(page),
                "timeStamp": "2026-02-15T12:00:00.000Z",
                "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}},
            }  # fmt: skip
        return as_json(document | {"features": features})

    return serve


@cache
def homes():
    """Give verblijfsobjecten: the addresses of the demo, one shop, one that is not built yet, one withdrawn."""
    found = read_osm(PBF, addresses=True).addresses.iloc[::6].to_crs(28992)  # enough, and soon read
    n = len(found)
    frame = gpd.GeoDataFrame(
        {
            "gid": range(n),
            "identificatie": [f"01660100{i:08d}" for i in range(n)],
            "oppervlakte": 90,
            "status": "Verblijfsobject in gebruik",
            "gebruiksdoel": "woonfunctie",
            "openbare_ruimte": found["street"].to_numpy(),
            "huisnummer": range(1, n + 1),
            "huisletter": None,
            "toevoeging": None,
            "postcode": found["postcode"].to_numpy(),
            "woonplaats": "Kampen",
        },
        geometry=found.geometry.to_numpy(),
        crs=28992,
    )
    frame.loc[3, "gebruiksdoel"] = "winkelfunctie"
    frame.loc[4, "gebruiksdoel"] = ""
    frame.loc[5, "gebruiksdoel"] = "woonfunctie,gezondheidszorgfunctie"
    frame.loc[6, "status"] = "Verblijfsobject gevormd"
    return frame


@cache
def squares():
    """Give 100 m squares: counts of addresses rounded to 5, small ones secret."""
    xy = shapely.get_coordinates(homes().geometry) // 100
    corner, n = np.unique(xy, axis=0, return_counts=True)
    people = np.where(n * 2 < 5, -99997, 5 * np.round(n * 2 / 5)).astype(int)
    return gpd.GeoDataFrame(
        {
            "crs28992res100m": [f"E{int(x):04d}N{int(y):04d}" for x, y in corner],
            "aantalInwoners": people,
            "aantalInwoners65JaarEnOuder": np.where(people < 20, -99997, 5),
            "aantalWoningen": np.where(n < 5, -99997, 5 * np.round(n / 5)).astype(int),
        },
        geometry=shapely.box(*(corner * 100).T, *(corner * 100 + 100).T),
        crs=28992,
    )


@cache
def scores():
    """Give the Leefbaarometer of a year as its service does: six significant digits, classes, text years."""
    rows = pd.read_csv(DEMO / "Leefbaarometer-scores buurten 2002-2022.csv")
    rows = rows[rows["jaar"] == 2022]
    buurten = layers()["buurten"]
    frames = []
    for start, name in (("BU0166", "Kampen"), ("BU0363", "Amsterdam")):
        own = buurten[buurten["buurtcode"].str.startswith(start) & (buurten["water"] == "NEE")]
        own = own.iloc[: len(rows)]
        part = rows.iloc[: len(own)].reset_index(drop=True)
        parts = ["fys", "onv", "soc", "vrz", "won"]
        six = part[["afw", *parts]].map(lambda v: float(f"{v:.6g}"))
        frames.append(
            gpd.GeoDataFrame(
                {
                    "gemeente": name, "name": own["buurtnaam"].to_numpy(),
                    "id": own["buurtcode"].to_numpy(), "scale": "buurt", "kscore": 6,
                    **{f"k{p}": 5 for p in ["afw", *parts]}, **six, "year": "2022",
                },
                geometry=own.geometry.to_numpy(), crs=28992,
            )
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


# ------------------------------------------------------------------------------------- OData


def odata_rows(key, year, *, complete):
    """Give the rows of a table: country, gemeenten, wijken and buurten, keys padded, nulls for what is missing."""
    columns = [
        (one.readings, next(r for r in one.readings if r.format == "odata"))
        for one in read_catalogue().columns.values()
        if one.source == key and any(r.format == "odata" for r in one.readings)
    ]
    # CBS names what belongs to a distance by itself alone ("Binnen1Km_6"), and puts it right behind that.
    firsts = [(readings, own) for readings, own in columns if " > " not in own.name]
    columns = [
        one
        for first in firsts
        for one in (
            first,
            *sorted(
                (c for c in columns if c[1].name.startswith(f"{first[1].name} > ")),
                key=lambda c: c[1].name,
            ),
        )
    ]
    rows = []
    for layer, code, kind in (
        ("gemeenten", "gemeentecode", "Gemeente"),
        ("wijken", "wijkcode", "Wijk"),
        ("buurten", "buurtcode", "Buurt"),
    ):
        for row in properties(known()[layer]):
            about = {
                "ID": len(rows),
                "WijkenEnBuurten": f"{row[code]:<10}",
                "Gemeentenaam_1": f"{row.get('gemeentenaam') or '':<40}",
                "SoortRegio_2": f"{kind:<10}",
                "Codering_3": f"{row[code]:<10}",
                "IndelingswijzigingWijkenEnBuurten_4": ".",
            }
            people, households = row["aantal_inwoners"], row["aantal_huishoudens"]
            for number, (readings, own) in enumerate(columns, 5):
                published = [r for r in readings if r.format == "gpkg" and r.name in row]
                later = any(r.name in LATER for r in published)
                value = (
                    row[published[0].name]
                    if published
                    else (1.0 if key == "cbs_nabijheid" else None)
                )
                if value is not None and value <= -99990:
                    value = None
                if value is not None and own.per:
                    value = round(
                        value / 100 * {"inhabitants": people, "households": households}[own.per]
                    )
                about[f"{own.name.rpartition(' > ')[2]}_{number + year - 2000}"] = (
                    None if later and not complete else value
                )
            rows.append(about)
    return rows


def odata(rows, path, *, page=40):
    """Serve a table page by page."""

    def serve(query):
        wanted = re.search(r"substringof\('(\d+)',WijkenEnBuurten\)", query.get("$filter", ""))
        found = [r for r in rows if wanted is None or wanted[1] in r["WijkenEnBuurten"]]
        found = found[: int(query.get("$top", len(found)))]
        start = int(query.get("$skip", 0))
        document = {
            "odata.metadata": f"https://opendata.cbs.nl{path.rpartition('/')[0]}/$metadata#x",
            "value": found[start : start + page],
        }
        if start + page < len(found):
            more = f"$filter={query['$filter']}&$format=json&$skip={start + page}"
            document["odata.nextLink"] = f"https://opendata.cbs.nl{path}?{more}"
        return as_json(document)

    return serve


# --------------------------------------------------------------------------------------- WCS

NOISE = "alo__rivm_20250101_Geluid_lden_wegverkeer_2022"
OTHERS = (
    "alo__rivm_20220601_Geluid_lden_allebronnen_2020",
    "alo__rivm_Geluid_lden_wegverkeer_actueel",
)


def wcs(body, *, ids=(NOISE, *OTHERS), axes=("X", "Y")):
    def serve(query):
        if query["request"] == "GetCapabilities":
            told = "".join(
                f"<wcs:CoverageSummary><wcs:CoverageId>{one}</wcs:CoverageId></wcs:CoverageSummary>"
                for one in ids
            )
            return Reply(
                f"<wcs:Capabilities><wcs:Contents>{told}</wcs:Contents></wcs:Capabilities>".encode()
            )
        if query["coverageId"] not in ids:
            return exception("NoSuchCoverage", "Could not find the requested coverage", 404)
        if query["request"] == "DescribeCoverage":
            labels = " ".join(axes)
            return Reply(
                f'<gml:boundedBy><gml:Envelope srsName="http://www.opengis.net/def/crs/EPSG/0/28992" '
                f'axisLabels="{labels}" uomLabels="m m" srsDimension="2"></gml:Envelope></gml:boundedBy>'.encode()
            )
        if [one.partition("(")[0] for one in query["subset"]] != list(axes):
            return exception("InvalidAxisLabel", "Invalid axis label", 404)
        return Reply(body)

    return serve


# ------------------------------------------------------------------------------ OpenStreetMap


@cache
def town_box():
    """Give the outline of the demo in degrees, with room around it."""
    outline = known()["gemeenten"].iloc[[0]].buffer(3000).to_crs(4326).iloc[0]
    return box(*outline.bounds)


def index(provinces=None):
    """Give Geofabrik's index: regions of the world, the country and its provinces."""
    provinces = provinces or {"overijssel": town_box(), "zeeland": box(3.3, 51.2, 4.2, 51.8)}
    at = "https://download.geofabrik.de/europe"
    names = read_catalogue().sources["osm"].expects["index"]
    features = [
        {
            "type": "Feature",
            "properties": {
                "id": one, "name": one.title(),
                "parent": "europe" if one == "netherlands" else "netherlands",
                "urls": {
                    "pbf": f"{at}/netherlands-latest.osm.pbf"
                    if one == "netherlands"
                    else f"{at}/netherlands/{one}-latest.osm.pbf"
                },
            },
            "geometry": mapping(provinces.get(one, box(0.0, 0.0, 0.1, 0.1))),
        }
        for one in names
    ]  # fmt: skip
    afghan = {"id": "afghanistan", "parent": "asia", "name": "Afghanistan"}
    afghan["urls"] = {"pbf": "https://download.geofabrik.de/asia/afghanistan-latest.osm.pbf"}
    features.insert(0, {"type": "Feature", "properties": afghan, "geometry": None})
    return {"type": "FeatureCollection", "features": features}


@cache
def elements():
    """Give the demo's OSM objects as Overpass does: no versions, members with their roles."""
    kinds = {"n": "node", "w": "way", "r": "relation"}
    found = []
    for one in osmium.FileProcessor(str(PBF)):
        about = {"type": kinds[one.type_str()], "id": one.id}
        if one.is_node():
            about |= {"lat": one.location.lat, "lon": one.location.lon}
        elif one.is_way():
            about["nodes"] = [node.ref for node in one.nodes]
        else:
            about["members"] = [
                {"type": kinds[m.type], "ref": m.ref, "role": m.role} for m in one.members
            ]
        if tags := {tag.k: tag.v for tag in one.tags}:
            about["tags"] = tags
        found.append(about)
    return found


def overpass(found=None, remark=""):
    found = elements() if found is None else found

    tagged = [one for one in found if "tags" in one and one["type"] == "node"]

    def serve(query):
        document = {
            "version": 0.6,
            "generator": "Overpass API 0.7.62.5 1bd436f1",
            "osm3s": {"timestamp_osm_base": "2026-02-15T12:00:00Z", "copyright": LICENCE},
            "elements": tagged[:1] if query["data"].endswith("out 1;") else found,
        }
        if remark:
            document |= {"elements": [], "remark": remark}
        return as_json(document)

    return serve


STATUS = b"""Connected as: 1234567890
Current time: 2026-02-15T12:00:00Z
Announced endpoint: gall.openstreetmap.de/
Rate limit: 2
2 slots available now.
Currently running queries (pid, space limit, time limit, start time):
"""


def nominatim(query):
    if "kampen" not in query.get("q", "").lower():
        return as_json([])
    west, south, east, north = town_box().bounds
    return as_json([{
        "place_id": 1, "osm_type": "relation", "osm_id": 417592, "lat": str((south + north) / 2),
        "lon": str((west + east) / 2), "class": "boundary", "type": "administrative", "importance": 0.6,
        "addresstype": "municipality", "name": "Kampen", "display_name": "Kampen, Overijssel, Nederland",
        "boundingbox": [str(south), str(north), str(west), str(east)], "geojson": mapping(town_box()),
        "place_rank": 14,
    }])  # fmt: skip


# ---------------------------------------------------------------------------------- together

ITEMS = "/cbs/wijken-en-buurten-{year}/ogc/v1/collections/{layer}/items"
ODATA = "/ODataApi/OData/{table}/TypedDataSet"
BAG, LBM, WCS, OVERPASS = "/lv/bag/wfs/v2_0", "/lbm3/ows", "/geo/alo/wcs", "/api/interpreter"
SQUARES = f"/cbs/vierkantstatistieken100m/{YEAR}/wfs/v1_0"
OUTLINES = f"/cbs/gebiedsindelingen/{YEAR}/wfs/v1_0"
INDEX = "/index-v1.json"
LATEST = "/europe/netherlands/overijssel-latest.osm.pbf"
EXTRACT = "/europe/netherlands/overijssel-260214.osm.pbf"
TABLES = read_catalogue().sources["cbs_kerncijfers"].tables
NEARNESS = read_catalogue().sources["cbs_nabijheid"].tables


def routes():
    """Serve every source that is fetched; figures of 2023 are not whole yet, those of 2022 are."""
    found = {
        ITEMS.format(year=YEAR, layer=layer): ogc_items(frame, ITEMS.format(year=YEAR, layer=layer))
        for layer, frame in layers().items()
    }
    for year in (2022, 2023, 2025):
        for key, tables, whole in (
            ("cbs_kerncijfers", TABLES, year == 2022),
            ("cbs_nabijheid", NEARNESS, True),
        ):
            path = ODATA.format(table=tables[str(year)])
            found[path] = odata(odata_rows(key, year, complete=whole), path)
    outlines = layers()["gemeenten"].dropna(subset="geometry")
    outlines = outlines[["gemeentecode", "gemeentenaam", "geometry"]].rename(
        columns={"gemeentecode": "statcode", "gemeentenaam": "statnaam"}
    )
    outlines.insert(0, "rubriek", "gemeente")
    moved = Reply(b"", 302, {"Location": f"https://download.geofabrik.de{EXTRACT}"})
    return found | {
        OUTLINES: wfs({"gebiedsindelingen:gemeente_gegeneraliseerd": outlines}),
        LBM: wfs({"lbm3:buurtscore22": scores(), "lbm3:buurtscore24": scores()}, geoserver=True),
        BAG: wfs({"bag:verblijfsobject": homes()}, counts=False),
        SQUARES: wfs({"vierkantstatistieken100m:vierkant_100m": squares()}),
        WCS: wcs((DEMO / "geluid_lden_2022.tif").read_bytes()),
        INDEX: lambda _: as_json(index()),
        LATEST: lambda _: moved,
        EXTRACT: lambda _: Reply(PBF.read_bytes()),
        OVERPASS: overpass(),
        "/api/status": lambda _: Reply(STATUS),
        "/search": nominatim,
    }


class Netherlands(Loopback):
    """All of these on one local server."""

    def __init__(self):
        super().__init__()
        self.routes = routes()

    def client(self, cache, **more):
        bases = dict.fromkeys(read_catalogue().hosts, self.base)
        limits = Limits(timeout_s=60, deadline_s=300, tries=2, backoff_s=0.01)
        return Client(cache=cache, limits=limits, bases=bases, **more)

    def paths(self):
        """Name what was asked, each path once."""
        return list(dict.fromkeys(path for path, _ in self.asked))
