"""The services of `replay`, with a gemeente of two buurten: small enough to fetch, check and run for every fault."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import geopandas as gpd
import replay
from loopback import Reply

from geowoonzorg.fetch import Client, Limits
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.osm import cut_extract

#: Two buurten of one wijk in the middle of the demo, and the gemeente and wijk that are only those.
BUURTEN = ("BU01660000", "BU01660002")
WIJK, GEMEENTE = "WK016600", "GM0166"
#: A server that never ends is left after this; of all others the client's own limits hold.
_PATIENCE_S = 0.2


@cache
def outline():
    """Give the ground of the two buurten, in RD New."""
    buurten = replay.layers()["buurten"]
    return buurten[buurten["buurtcode"].isin(BUURTEN)].union_all()


@cache
def layers():
    """Give the map of the small gemeente, beside one that is as large as it was."""
    found = {}
    for layer, code, own in (
        ("gemeenten", "gemeentecode", (GEMEENTE,)),
        ("wijken", "wijkcode", (WIJK,)),
        ("buurten", "buurtcode", BUURTEN),
    ):
        frame = replay.layers()[layer]
        ours = frame[frame[code].isin(own)].copy()
        if layer != "buurten":
            ours["geometry"] = [outline()]
        found[layer] = gpd.GeoDataFrame(ours, crs=28992)
    return found


@cache
def within(frame_of):
    """Keep what of a layer touches the small gemeente."""
    frame = frame_of()
    return frame[frame.intersects(outline())].reset_index(drop=True)


@cache
def extract():
    """Give the OpenStreetMap data of the small gemeente and of what lies 300 m around it."""
    around = gpd.GeoSeries([outline().buffer(300.0)], crs=28992).to_crs(4326).iloc[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.osm.pbf"
        cut_extract([replay.PBF], path, around)
        return path.read_bytes()


@cache
def rows(key, year):
    """Give the rows of a table of CBS: of the small gemeente, its wijk and buurten."""
    codes = {GEMEENTE, WIJK, *BUURTEN}
    own = replay.odata_rows(key, year, complete=key == "cbs_nabijheid" or year == 2022)
    return [row for row in own if row["Codering_3"].strip() in codes]


def routes():
    """Serve every source that is fetched, of 2023 and with figures of 2022."""
    found = dict(replay.routes())
    for layer, frame in layers().items():
        path = replay.ITEMS.format(year=replay.YEAR, layer=layer)
        found[path] = replay.ogc_items(frame, path)
    for year in (2022, 2023):
        for key, tables in (
            ("cbs_kerncijfers", replay.TABLES),
            ("cbs_nabijheid", replay.NEARNESS),
        ):
            path = replay.ODATA.format(table=tables[str(year)])
            found[path] = replay.odata(rows(key, year), path)
    outlines = layers()["gemeenten"][["gemeentecode", "gemeentenaam", "geometry"]].rename(
        columns={"gemeentecode": "statcode", "gemeentenaam": "statnaam"}
    )
    return found | {
        replay.OUTLINES: replay.wfs({"gebiedsindelingen:gemeente_gegeneraliseerd": outlines}),
        replay.LBM: replay.wfs({"lbm3:buurtscore22": within(replay.scores)}, geoserver=True),
        replay.BAG: replay.wfs({"bag:verblijfsobject": within(replay.homes)}, counts=False),
        replay.SQUARES: replay.wfs(
            {"vierkantstatistieken100m:vierkant_100m": within(replay.squares)}
        ),
        replay.EXTRACT: lambda _: Reply(extract()),
    }


class _Client(Client):
    """Has no patience with the paths that never end."""

    endless: frozenset[str] = frozenset()

    def _download(self, url, max_bytes, deadline_s):
        never = any(url.split("?")[0].endswith(path) for path in self.endless)
        return super()._download(url, max_bytes, _PATIENCE_S if never else deadline_s)


class SmallNetherlands(replay.Netherlands):
    """All of these on one local server; ``endless`` names the paths that trickle for ever."""

    def __init__(self):
        super().__init__()
        self.routes = routes()
        self.endless = set()

    def client(self, cache, **more):
        bases = dict.fromkeys(read_catalogue().hosts, self.base)
        limits = Limits(timeout_s=60, deadline_s=300, tries=2, backoff_s=0.0)
        client = _Client(cache=cache, limits=limits, bases=bases, **more)
        client.endless = frozenset(self.endless)
        return client
