"""The only room that uses the network: downloads from the catalogue's hosts, and a study folder made of them."""

from geowoonzorg.fetch._cache import default_cache
from geowoonzorg.fetch._client import Client
from geowoonzorg.fetch._coverages import Coverage, fetch_coverage, find_coverage
from geowoonzorg.fetch._features import count_features, fetch_items, fetch_wfs
from geowoonzorg.fetch._limits import Limits
from geowoonzorg.fetch._place import FetchedFile
from geowoonzorg.fetch._probe import Probed, probe_sources
from geowoonzorg.fetch._study import FetchReport, fetch_place, fetch_study
from geowoonzorg.fetch._tables import fetch_rows

__all__ = [
    "Client",
    "Coverage",
    "FetchReport",
    "FetchedFile",
    "Limits",
    "Probed",
    "count_features",
    "default_cache",
    "fetch_coverage",
    "fetch_items",
    "fetch_place",
    "fetch_rows",
    "fetch_study",
    "fetch_wfs",
    "find_coverage",
    "probe_sources",
]
