"""geowoonzorg: where people who need care can live with what they need within walking distance.

The public names are looked up on first use, so importing the package reads nothing and is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geowoonzorg.ask import Answer, run, score_sites
    from geowoonzorg.measure import measure
    from geowoonzorg.ranking.scoring import score
    from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    from geowoonzorg.study import Study, read_study
    from geowoonzorg.town import Town
    from geowoonzorg.town.facilities import read_facilities
    from geowoonzorg.town.streets import open_network
    from geowoonzorg.walk.network import WalkNetwork
    from geowoonzorg.walk.service_area import nearest, service_areas

_HOMES = {
    "Answer": "ask",
    "Study": "study",
    "Town": "town",
    "WalkNetwork": "walk.network",
    "measure": "measure",
    "nearest": "walk.service_area",
    "open_network": "town.streets",
    "read_facilities": "town.facilities",
    "read_scoring_profile": "ranking.scoring_profile",
    "read_study": "study",
    "run": "ask",
    "score": "ranking.scoring",
    "score_sites": "ask",
    "service_areas": "walk.service_area",
}

__all__ = [
    "Answer",
    "Study",
    "Town",
    "WalkNetwork",
    "measure",
    "nearest",
    "open_network",
    "read_facilities",
    "read_scoring_profile",
    "read_study",
    "run",
    "score",
    "score_sites",
    "service_areas",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name in _HOMES:
        return getattr(importlib.import_module(f"geowoonzorg.{_HOMES[name]}"), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("geowoonzorg")
    msg = f"module 'geowoonzorg' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, "__version__"])
