"""The only room that uses the network: downloads from the catalogue's hosts, and a study folder made of them."""

from geowoonzorg.fetch._cache import default_cache
from geowoonzorg.fetch._client import Client, Limits
from geowoonzorg.fetch._parts import FetchedFile
from geowoonzorg.fetch._services import fetch_coverage, fetch_items, fetch_rows, fetch_wfs
from geowoonzorg.fetch._study import FetchReport, fetch_study

__all__ = [
    "Client",
    "FetchReport",
    "FetchedFile",
    "Limits",
    "default_cache",
    "fetch_coverage",
    "fetch_items",
    "fetch_rows",
    "fetch_study",
    "fetch_wfs",
]
