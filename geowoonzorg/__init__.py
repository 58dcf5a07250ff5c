"""geowoonzorg: where people who need care can live with what they need within walking distance.

The public names are looked up on first use, so importing the package reads nothing and is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geowoonzorg.inputs import read_facilities
    from geowoonzorg.pipeline import run
    from geowoonzorg.ranking.scoring import score
    from geowoonzorg.result import Result
    from geowoonzorg.study import Study
    from geowoonzorg.study_file import read_study
    from geowoonzorg.walk.network import WalkNetwork
    from geowoonzorg.walk.service_area import nearest, service_areas

_HOMES = {
    "Result": "result",
    "Study": "study",
    "WalkNetwork": "walk.network",
    "nearest": "walk.service_area",
    "open_network": "inputs",
    "read_facilities": "inputs",
    "read_study": "study_file",
    "run": "pipeline",
    "score": "ranking.scoring",
    "service_areas": "walk.service_area",
}

__all__ = [
    "Result",
    "Study",
    "WalkNetwork",
    "nearest",
    "read_facilities",
    "read_study",
    "run",
    "score",
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
