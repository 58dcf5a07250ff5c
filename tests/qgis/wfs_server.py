"""A WFS on this machine that speaks as PDOK's does: GML by pages of a few features; ``wfs_server.py FEATURES.geojson``.

It says its port, and then every request, on a line each. Beside QGIS and not in it, as QGIS waits for an answer without
letting Python go on.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

PAGE = 3  # PDOK gives a thousand
NAME = "wijkenbuurten:buurten"
SPACES = (
    'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:wijkenbuurten="http://wijkenbuurten.geonovum.nl"'
)
FEATURES = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["features"]
KINDS = {bool: "boolean", int: "integer", float: "double"}


def capabilities(address: str) -> str:
    """Say what there is."""
    get = f'<ows:DCP><ows:HTTP><ows:Get xlink:href="{address}?"/></ows:HTTP></ows:DCP>'
    operations = "".join(
        f'<ows:Operation name="{name}">{get}</ows:Operation>' for name in ("GetCapabilities", "DescribeFeatureType", "GetFeature")
    )
    return (
        f'<wfs:WFS_Capabilities version="2.0.0" {SPACES}><ows:ServiceIdentification><ows:Title>CBS Wijken en Buurten</ows:Title>'
        "<ows:ServiceType>WFS</ows:ServiceType><ows:ServiceTypeVersion>2.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>"
        f"<ows:OperationsMetadata>{operations}"
        '<ows:Constraint name="ImplementsResultPaging"><ows:NoValues/><ows:DefaultValue>TRUE</ows:DefaultValue></ows:Constraint>'
        f'<ows:Constraint name="CountDefault"><ows:NoValues/><ows:DefaultValue>{PAGE}</ows:DefaultValue></ows:Constraint>'
        f"</ows:OperationsMetadata><wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>{NAME}</wfs:Name><wfs:Title>Buurten</wfs:Title>"
        "<wfs:DefaultCRS>urn:ogc:def:crs:EPSG::28992</wfs:DefaultCRS><ows:WGS84BoundingBox><ows:LowerCorner>3 50</ows:LowerCorner>"
        "<ows:UpperCorner>8 54</ows:UpperCorner></ows:WGS84BoundingBox></wfs:FeatureType></wfs:FeatureTypeList></wfs:WFS_Capabilities>"
    )


def description() -> str:
    """Say of which kind each field is."""
    kinds: dict[str, str] = {}
    for feature in FEATURES:
        for name, value in feature["properties"].items():
            if value is not None or name not in kinds:
                kinds[name] = KINDS.get(type(value), "string")
    fields = "".join(f'<element name="{name}" type="{kind}" minOccurs="0"/>' for name, kind in kinds.items())
    return (
        '<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:gml="http://www.opengis.net/gml/3.2" '
        'xmlns:wijkenbuurten="http://wijkenbuurten.geonovum.nl" targetNamespace="http://wijkenbuurten.geonovum.nl" '
        'elementFormDefault="qualified"><element name="buurten" type="wijkenbuurten:buurtenType" '
        'substitutionGroup="gml:AbstractFeature"/><complexType name="buurtenType"><complexContent>'
        '<extension base="gml:AbstractFeatureType"><sequence><element name="geom" type="gml:MultiSurfacePropertyType" minOccurs="0"/>'
        f"{fields}</sequence></extension></complexContent></complexType></schema>"
    )


def page(start: int, count: int) -> str:
    """Give some of the features."""
    some = FEATURES[start : start + min(count, PAGE)]
    members = "".join(f"<wfs:member>{as_gml(number, one)}</wfs:member>" for number, one in enumerate(some, start=start))
    return f'<wfs:FeatureCollection {SPACES} numberMatched="{len(FEATURES)}" numberReturned="{len(some)}">{members}</wfs:FeatureCollection>'


def as_gml(number: int, feature: dict) -> str:
    """Write a feature; what is missing is left out."""
    given = {name: value for name, value in feature["properties"].items() if value is not None}
    fields = "".join(f"<wijkenbuurten:{name}>{escape(str(value))}</wijkenbuurten:{name}>" for name, value in given.items())
    surfaces = ""
    for rings in feature["geometry"]["coordinates"]:
        lines = [" ".join(f"{x!r} {y!r}" for x, y, *_ in ring) for ring in rings]
        ends = ["exterior", *["interior"] * (len(lines) - 1)]
        written = "".join(
            f"<gml:{end}><gml:LinearRing><gml:posList>{line}</gml:posList></gml:LinearRing></gml:{end}>"
            for end, line in zip(ends, lines)
        )
        surfaces += f"<gml:surfaceMember><gml:Polygon>{written}</gml:Polygon></gml:surfaceMember>"
    place = f'<gml:MultiSurface srsName="urn:ogc:def:crs:EPSG::28992" srsDimension="2">{surfaces}</gml:MultiSurface>'
    return f'<{NAME} gml:id="buurten.{number}"><wijkenbuurten:geom>{place}</wijkenbuurten:geom>{fields}</{NAME}>'


class Handler(BaseHTTPRequestHandler):
    """Answers what QGIS asks."""

    def do_GET(self) -> None:
        """Answer a request."""
        asked = {name.lower(): values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        request = asked.get("request", "").lower()
        print(request, asked.get("startindex", ""), flush=True)  # noqa: T201 - the test reads it
        if request == "getfeature":
            answer = page(int(asked.get("startindex", 0)), int(asked.get("count", asked.get("maxfeatures", PAGE))))
        else:
            address = f"http://127.0.0.1:{self.server.server_port}/wfs"
            answer = description() if request == "describefeaturetype" else capabilities(address)
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n{answer}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; subtype=gml/3.2")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing more."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()
