"""Sources that are offline, busy, slow, wrong or hostile: a source error in time, the cache untouched."""

from __future__ import annotations

import email.utils
import hashlib
import threading
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import replay
import shapely
from loopback import Loopback, Reply, as_json

from geowoonzorg.errors import Cancelled, CrsError, SourceError
from geowoonzorg.fetch import (
    Client,
    Coverage,
    Limits,
    count_features,
    fetch_coverage,
    fetch_items,
    fetch_rows,
    fetch_wfs,
    find_coverage,
)

HOST = "service.pdok.nl"
URL = f"https://{HOST}/data"
BOX = (190_000.0, 505_000.0, 191_000.0, 506_000.0)
# Long enough for any machine: what must end, ends by the clock of the test.
LIMITS = Limits(timeout_s=60, deadline_s=300, max_bytes=200_000, tries=3, backoff_s=0.5)
NOON = 1_700_000_000.0
PATIENCE_S = 60  # how long a server here holds its answer when nothing else happens


@pytest.fixture
def server():
    with Loopback() as loopback:
        yield loopback


class Clock:
    """Time that passes only when somebody sleeps, or by ``pace_s`` whenever somebody looks."""

    def __init__(self):
        self.now, self.pace_s, self.slept_s = 0.0, 0.0, 0.0

    def monotonic(self):
        self.now += self.pace_s
        return self.now

    def time(self):
        return NOON + self.now

    def sleep(self, seconds):
        self.now += seconds
        self.slept_s += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    inside = SimpleNamespace(monotonic=clock.monotonic, time=clock.time, sleep=clock.sleep)
    for room in ("_client", "_answers", "_waiting"):
        monkeypatch.setattr(f"geowoonzorg.fetch.{room}.time", inside)
    return clock


@pytest.fixture
def held():
    """Hold a server's answer until the test lets it go, at its end at the latest."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def client(server, tmp_path, clock):
    return Client(cache=tmp_path / "cache", limits=LIMITS, bases={HOST: server.base})


def kept(client):
    return {p.name: p.read_bytes() for p in client.cache.glob("*")} if client.cache.exists() else {}


def test_a_good_answer_comes_and_is_kept(server, client):
    server.routes["/data"] = lambda _: as_json({"a": 1})
    assert client.get(URL) == b'{"a": 1}'
    server.routes["/data"] = lambda _: as_json({"a": 2})
    assert client.get(URL) == b'{"a": 1}', "from the cache, without asking"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://service.pdok.nl/data",
        "https://example.com/data",
        "https://service.pdok.nl.example.com/data",
        "https://service.pdok.nl:8443/data",
        "https://service.pdok.nl@example.com/data",
        "file:///etc/passwd",
        "ftp://service.pdok.nl/data",
        "data:text/plain,x",
    ],
)
def test_only_the_catalogues_hosts_over_https(client, url):
    with pytest.raises(SourceError, match="not on a host of the catalogue"):
        client.get(url)


@pytest.mark.parametrize(
    "elsewhere", ["https://example.com/data", "http://service.pdok.nl/data", "file:///etc/passwd"]
)
def test_a_redirect_off_the_list_is_refused(server, client, elsewhere):
    server.routes["/data"] = lambda _: Reply(b"", 302, {"Location": elsewhere})
    with pytest.raises(SourceError, match=r"not on a host|HTTP 302"):
        client.get(URL)
    assert kept(client) == {}


def test_a_redirect_within_the_list_is_followed(server, client):
    server.routes["/data"] = lambda _: Reply(b"", 302, {"Location": f"https://{HOST}/moved"})
    server.routes["/moved"] = lambda _: as_json({"moved": True})
    assert client.get(URL) == b'{"moved": true}'


def test_a_redirect_in_a_circle_ends(server, client):
    server.routes["/data"] = lambda _: Reply(b"", 302, {"Location": f"https://{HOST}/data"})
    with pytest.raises(SourceError):
        client.get(URL)


def test_429_is_waited_for_as_asked(server, client, clock):
    asked_at = []
    replies = [Reply(b"", 429, {"Retry-After": "7"}), as_json({"ok": 1})]
    server.routes["/data"] = lambda _: asked_at.append(clock.now) or replies.pop(0)
    assert client.get(URL) == b'{"ok": 1}'
    assert asked_at == [0.0, pytest.approx(7.0)]


def test_429_with_a_date_is_understood(server, client, clock):
    moment = email.utils.formatdate(NOON + 12, usegmt=True)
    replies = [Reply(b"", 429, {"Retry-After": moment}), as_json({"ok": 1})]
    server.routes["/data"] = lambda _: replies.pop(0)
    assert client.get(URL) == b'{"ok": 1}'
    assert clock.slept_s == pytest.approx(12.0)


def test_429_that_asks_too_long_is_told_at_once(server, client, clock):
    server.routes["/data"] = lambda _: Reply(b"", 429, {"Retry-After": "3600"})
    with pytest.raises(SourceError, match=r"429.*asks to wait 3600 s.*work offline"):
        client.get(URL)
    assert clock.slept_s == 0
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_once_is_tried_again(server, client, status):
    replies = [Reply(b"", status), as_json({"ok": 1})]
    server.routes["/data"] = lambda _: replies.pop(0)
    assert client.get(URL) == b'{"ok": 1}'


@pytest.mark.parametrize(("status", "tries"), [(500, 3), (403, 1), (404, 1)])
def test_a_server_that_keeps_failing_is_told(server, client, status, tries):
    server.routes["/data"] = lambda _: Reply(b"", status)
    with pytest.raises(SourceError, match=f"HTTP {status}"):
        client.get(URL)
    assert len(server.asked) == tries
    assert kept(client) == {}


def test_what_went_wrong_is_told_in_dutch_down_to_the_cure(server, client):
    server.routes["/data"] = lambda _: Reply(b"", 503, {"Retry-After": "3600"})
    with pytest.raises(SourceError) as caught:
        client.get(URL)
    assert caught.value.told("nl") == (
        f"{URL}: HTTP 503 (Service Unavailable), vraagt om 3.600 s te wachten, na 1 keer proberen; om "
        "zonder internet te werken: download het ergens anders en noem het bestand in study.toml "
        "(`geowoonzorg sources list` geeft de adressen)"
    )


def test_no_server_at_all(client, server):
    client._bases[HOST] = "http://127.0.0.1:9"  # the discard port: nobody listens
    with pytest.raises(SourceError, match=r"cannot be reached.*work offline"):
        client.get(URL)


def test_a_proxy_of_the_user_is_never_before_a_local_server(server, client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.routes["/data"] = lambda _: as_json({"a": 1})
    assert client.get(URL) == b'{"a": 1}'


def test_a_proxy_of_the_user_is_asked(monkeypatch, clock):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody listens
    with pytest.raises(SourceError, match=r"cannot be reached.*work offline"):
        Client(cache=None, limits=LIMITS).get(URL)


def test_a_proxy_of_another_kind_is_told(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:9")
    with pytest.raises(SourceError, match=r"proxy .* cannot be used .*gopher"):
        Client(cache=None, limits=LIMITS).get(URL)


def test_a_redirect_whose_own_answer_has_no_end_is_followed_all_the_same(server, client):
    moved = {"Location": f"https://{HOST}/moved"}
    endless = Reply(b"", 302, moved, pieces=lambda: iter(lambda: b"x" * 10_000, b""))
    server.routes["/data"] = lambda _: endless
    server.routes["/moved"] = lambda _: as_json({"moved": True})
    assert client.get(URL) == b'{"moved": true}'


def test_a_server_that_trickles_is_left_at_the_deadline(server, client, clock, held):
    """It would send for an hour, byte by byte; the client looks at its clock and hangs up."""
    hung_up = threading.Event()
    clock.pace_s = 10.0

    def trickle():
        try:
            for _ in range(20 * PATIENCE_S):
                held.wait(0.05)
                yield b" "
        finally:
            hung_up.set()

    server.routes["/data"] = lambda _: Reply(pieces=trickle)
    with pytest.raises(SourceError, match="not done within 300 s"):
        client.get(URL)
    assert LIMITS.deadline_s <= clock.now < 2 * LIMITS.deadline_s
    assert not held.is_set()
    assert hung_up.wait(PATIENCE_S), "the connection was left open"
    assert kept(client) == {}


def test_a_server_that_says_nothing_times_out_at_every_try(server, client, held):
    client.limits = Limits(timeout_s=0.05, deadline_s=300, tries=3, backoff_s=0.5)
    server.routes["/data"] = lambda _: held.wait(PATIENCE_S) and Reply()
    with pytest.raises(SourceError, match=r"cannot be reached.*after 3 tries"):
        client.get(URL)
    assert not held.is_set(), "no answer had come"
    assert len(server.asked) == 3


def test_a_server_that_says_nothing_is_left_at_the_deadline(server, client, clock, held):
    clock.pace_s = 10.0
    server.routes["/data"] = lambda _: held.wait(PATIENCE_S) and Reply()
    with pytest.raises(SourceError, match="not done within 300 s"):
        client.get(URL)
    assert not held.is_set(), "no answer had come"


def test_too_much_is_refused_by_its_length_and_while_it_comes(server, client):
    server.routes["/data"] = lambda _: Reply(b"x" * 300_000)
    with pytest.raises(SourceError, match="larger than"):
        client.get(URL)
    server.routes["/data"] = lambda _: Reply(pieces=lambda: (b"x" * 10_000 for _ in range(1000)))
    with pytest.raises(SourceError, match="larger than"):
        client.get(URL)
    assert kept(client) == {}


def test_a_connection_that_breaks_off_is_noticed(server, client):
    server.routes["/data"] = lambda _: Reply(b"half", headers={"Content-Length": "100"})
    with pytest.raises(SourceError, match=r"broke off|cannot be reached"):
        client.get(URL)
    assert kept(client) == {}


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><p>login", b"\xef\xbb\xbf\n <HTML>", b""])
def test_a_web_page_instead_of_data(server, client, page):
    server.routes["/data"] = lambda _: Reply(page)
    with pytest.raises(SourceError, match=r"web page|empty answer"):
        client.get(URL)
    assert kept(client) == {}


def test_a_wrong_hash_keeps_the_old_copy(server, client):
    server.routes["/data"] = lambda _: as_json({"a": 1})
    good = client.get(URL)
    before = kept(client)
    client.refresh = True
    server.routes["/data"] = lambda _: as_json({"a": "changed"})
    with pytest.raises(SourceError, match="hash"):
        client.get(URL, sha256=hashlib.sha256(good).hexdigest())
    assert kept(client) == before


@pytest.mark.parametrize("fault", [Reply(b"", 403), Reply(b"", 500), Reply(b"<html>")])
def test_a_failed_refresh_leaves_the_cached_copy(server, client, fault):
    server.routes["/data"] = lambda _: as_json({"a": 1})
    client.get(URL)
    before = kept(client)
    client.refresh = True
    server.routes["/data"] = lambda _: fault
    with pytest.raises(SourceError):
        client.get(URL)
    assert kept(client) == before
    client.refresh = False
    assert client.get(URL) == b'{"a": 1}'


def test_a_damaged_cache_is_noticed_and_filled_again(server, client):
    server.routes["/data"] = lambda _: as_json({"a": 1})
    client.get(URL)
    (path,) = client.cache.glob("*.body")
    path.write_bytes(b'{"a": 7}')
    assert client.get(URL) == b'{"a": 1}'
    assert [n for n in client.notes if "damaged" in n]
    assert path.read_bytes() == b'{"a": 1}'


def test_cancel_is_heard_while_a_server_says_nothing(server, tmp_path, held):
    server.routes["/data"] = lambda _: held.wait(PATIENCE_S) and Reply()
    told = []

    def cancelled(fraction, message):
        told.append(message)
        raise Cancelled("stop")

    client = Client(cache=tmp_path, bases={HOST: server.base}, progress=cancelled)
    with pytest.raises(Cancelled):
        client.get(URL)
    assert not held.is_set(), "no answer had come"
    assert len(told) == 1, "it was asked once, and stopped"


# ------------------------------------------------------------------------------- the protocols


def points(n, step_m=10.0):
    """Lay n points on a diagonal."""
    at = np.arange(n) * step_m
    shapes = shapely.points(190_000.0 + at, 505_000.0 + at)
    return gpd.GeoDataFrame({"i": range(n)}, geometry=shapes, crs=28992)


def test_items_follow_their_cursors_and_need_no_count(server, client):
    server.routes["/items"] = replay.ogc_items(points(6), "/items", cap=2)
    api = "https://api.pdok.nl/items"
    client._bases["api.pdok.nl"] = server.base
    frame = fetch_items(client, api, box=BOX)
    assert frame["i"].tolist() == [0, 1, 2, 3, 4, 5]
    assert frame.crs == 28992
    assert server.asked[0][1]["bbox"] == "190000,505000,191000,506000"
    assert [query.get("cursor") for _, query in server.asked] == [None, "Mg==", "NA=="]


def test_items_without_a_place_or_without_any_are_read(server, client):
    frame = points(3)
    frame.loc[1, "geometry"] = None
    server.routes["/items"] = replay.ogc_items(frame, "/items")
    client._bases["api.pdok.nl"] = server.base
    found = fetch_items(client, "https://api.pdok.nl/items")
    assert found["i"].tolist() == [0, 1, 2]
    assert found.geometry.isna().tolist() == [False, True, False]
    nowhere = (250_000.0, 600_000.0, 250_001.0, 600_001.0)
    assert fetch_items(client, "https://api.pdok.nl/items", box=nowhere).empty


def test_items_that_go_round_or_fall_short(server, client):
    one = {"type": "Feature", "id": "1", "properties": {}, "geometry": None}
    server.routes["/items"] = lambda q: as_json(
        {"features": [one], "links": [{"rel": "next", "href": f"https://{HOST}/items?b=1"}]}
    )
    with pytest.raises(SourceError, match="circle"):
        fetch_items(client, f"https://{HOST}/items")
    server.routes["/short"] = lambda q: as_json({"features": [one], "numberMatched": 40})
    client.forget([f"https://{HOST}{path}" for path, _ in server.asked])
    before = kept(client)
    with pytest.raises(SourceError, match="only 1 of 40"):
        fetch_items(client, f"https://{HOST}/short")
    assert kept(client) == before, "what falls short is not kept"


def test_a_document_that_tells_what_went_wrong_is_no_page(server, client):
    wrong = replay.problem(500, "Internal Server Error", "querying the features took too long")
    server.routes["/items"] = lambda q: wrong
    with pytest.raises(SourceError, match="HTTP 500"):
        fetch_items(client, f"https://{HOST}/items")
    wrong.status = 200
    with pytest.raises(SourceError, match=r"no features \(querying the features took"):
        fetch_items(client, f"https://{HOST}/items")


def test_a_next_link_that_leads_elsewhere_is_refused(server, client):
    server.routes["/items"] = lambda q: as_json(
        {"features": [], "links": [{"rel": "next", "href": "https://example.com/items"}]}
    )
    with pytest.raises(SourceError, match="not on a host"):
        fetch_items(client, f"https://{HOST}/items")


WFS = f"https://{HOST}/wfs"


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("hits", [True, False])
def test_wfs_is_counted_and_paged_to_its_end(server, client, counts, hits):
    server.routes["/wfs"] = replay.wfs({"a:b": points(25)}, counts=counts, hits=hits)
    frame = fetch_wfs(client, WFS, "a:b", box=BOX, page=10)
    assert sorted(frame["i"]) == list(range(25))
    assert [q.get("resultType") for _, q in server.asked] == ["hits", None, None, None]
    assert [int(q["startIndex"]) for _, q in server.asked[1:]] == [0, 10, 20]
    assert count_features(client, WFS, "a:b", box=BOX) == (25 if hits else None)


@pytest.mark.parametrize("n", [20, 21, 30, 90])
@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("hits", [True, False])
def test_a_layer_larger_than_the_service_pages_through_is_asked_in_parts(
    server, client, monkeypatch, n, counts, hits
):
    """Whether it counts beforehand, on its pages, on both or never: every feature once, on seams too."""
    monkeypatch.setattr("geowoonzorg.fetch._features._MAX_START", 20)
    server.routes["/wfs"] = replay.wfs({"a:b": points(n)}, counts=counts, hits=hits, cap=20)
    frame = fetch_wfs(client, WFS, "a:b", box=BOX, page=10)
    assert sorted(frame["i"]) == list(range(n))


def test_a_place_that_is_asked_past_what_it_gives_is_asked_in_parts(server, client, monkeypatch):
    """Without a count, a service with a lower end than is known here answers HTTP 400 on the way."""
    server.routes["/wfs"] = replay.wfs({"a:b": points(90)}, counts=False, hits=False, cap=25)
    frame = fetch_wfs(client, WFS, "a:b", box=BOX, page=5)
    assert sorted(frame["i"]) == list(range(90))


def test_more_in_one_spot_than_the_service_gives_is_told(server, client, monkeypatch):
    monkeypatch.setattr("geowoonzorg.fetch._features._MAX_START", 20)
    server.routes["/wfs"] = replay.wfs({"a:b": points(30, step_m=0.1)}, cap=20)
    with pytest.raises(SourceError, match="more features of a:b"):
        fetch_wfs(client, WFS, "a:b", box=BOX, page=10)


def test_nothing_is_counted_and_not_paged(server, client):
    server.routes["/wfs"] = replay.wfs({"a:b": points(3)})
    assert fetch_wfs(client, WFS, "a:b", box=(0.0, 300_000.0, 1.0, 300_001.0)).empty
    assert len(server.asked) == 1


def test_wfs_that_falls_short_or_excepts(server, client):
    whole = replay.wfs({"a:b": points(3)})

    def short(query):
        return whole(query) if "resultType" in query else as_json({"features": []})

    server.routes["/wfs"] = short
    with pytest.raises(SourceError, match="only 0 of 3"):
        fetch_wfs(client, WFS, "a:b", box=BOX)
    server.routes["/bad"] = lambda q: replay.exception("InvalidParameterValue", "no layer", 200)
    with pytest.raises(SourceError, match="service exception"):
        fetch_wfs(client, f"https://{HOST}/bad", "a:b", box=BOX)
    server.routes["/none"] = replay.wfs({})
    with pytest.raises(SourceError, match="HTTP 400"):
        fetch_wfs(client, f"https://{HOST}/none", "a:b", box=BOX)


def test_coordinates_that_are_not_rd_are_refused(server, client):
    degrees = points(1).to_crs(4326)
    server.routes["/wfs"] = replay.wfs({"a:b": degrees})
    with pytest.raises(CrsError, match="degrees"):
        fetch_wfs(client, WFS, "a:b", box=(0.0, 0.0, 90.0, 90.0))


@pytest.mark.parametrize("key", ["odata.nextLink", "@odata.nextLink"])
@pytest.mark.parametrize("link", [f"https://{HOST}/feed?skip=2", "feed?skip=2"])
def test_odata_pages_are_followed(server, client, key, link):
    def feed(query):
        if "skip" in query:
            return as_json({"value": [{"a": 3}]})
        return as_json({"value": [{"a": 1}, {"a": 2}], key: link})

    server.routes["/feed"] = feed
    rows = fetch_rows(client, f"https://{HOST}/feed", {"$filter": "x"})
    assert rows["a"].tolist() == [1, 2, 3]


def test_odata_that_is_none_or_goes_round(server, client):
    server.routes["/feed"] = lambda q: as_json({"error": "too many records"})
    with pytest.raises(SourceError, match="no rows"):
        fetch_rows(client, f"https://{HOST}/feed", {})
    server.routes["/round"] = lambda q: as_json(
        {"value": [], "odata.nextLink": f"https://{HOST}/round?a=1"}
    )
    with pytest.raises(SourceError, match="circle"):
        fetch_rows(client, f"https://{HOST}/round", {})


WCS = f"https://{HOST}/wcs"
LDEN = "rivm_20250101_Geluid_lden_wegverkeer_2022"


@pytest.mark.parametrize("axes", [("X", "Y"), ("Y", "X"), ("E", "N"), ("x", "y")])
def test_a_raster_is_asked_by_the_id_and_axes_that_the_service_tells(server, client, axes):
    server.routes["/wcs"] = replay.wcs(b"II*\x00", axes=axes)
    coverage = find_coverage(client, WCS, LDEN)
    assert coverage.id == f"alo__{LDEN}"
    assert {coverage.east, coverage.north} == set(axes)
    east = next(name for name in axes if name.lower() in {"x", "e"})
    assert coverage.east == east
    server.routes["/wcs"] = lambda q: Reply(b"II*\x00" if "subset" in q else b"")
    assert fetch_coverage(client, WCS, coverage, box=BOX) == b"II*\x00"
    assert server.asked[-1][1]["subset"] == [
        f"{coverage.east}(190000,191000)",
        f"{coverage.north}(505000,506000)",
    ]


def test_a_raster_published_anew_is_taken_and_told(server, client):
    ids = (
        "alo__rivm_20260301_Geluid_lden_wegverkeer_2022",
        "alo__rivm_Geluid_lden_wegverkeer_actueel",
    )
    server.routes["/wcs"] = replay.wcs(b"", ids=ids)
    assert find_coverage(client, WCS, LDEN).id == ids[0]
    assert f"has no {LDEN} any more; taken is {ids[0]}" in client.notes[0]


def test_a_raster_that_is_not_there_is_told_and_never_the_current_one_taken(server, client):
    server.routes["/wcs"] = replay.wcs(b"", ids=("alo__rivm_Geluid_lden_wegverkeer_actueel",))
    with pytest.raises(SourceError, match=f"no raster {LDEN} among its 1"):
        find_coverage(client, WCS, LDEN)
    server.routes["/wcs"] = lambda q: Reply(b"<ServiceException>")
    client.refresh = True
    with pytest.raises(SourceError, match="GetCapabilities tells nothing"):
        find_coverage(client, WCS, LDEN)


def test_a_coverage_that_is_no_geotiff(server, client):
    server.routes["/wcs"] = lambda q: Reply(b"<ows:ExceptionReport>")
    with pytest.raises(SourceError, match="no GeoTIFF"):
        fetch_coverage(client, WCS, Coverage("layer", "X", "Y"), box=BOX)
    assert kept(client) == {}


def test_work_that_is_left_is_told_so(client, clock, held):
    clock.pace_s = 10.0
    seen = []

    def work(left):
        held.wait(PATIENCE_S)
        seen.append(left.is_set())

    with pytest.raises(SourceError, match="not done within 300 s"):
        client.watch(work, URL, deadline_s=300)
    held.set()
    with pytest.raises(ValueError, match="as it was"):
        client.watch(lambda left: int("as it was"), URL, deadline_s=300)
