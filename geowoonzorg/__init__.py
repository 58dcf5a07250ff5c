"""geowoonzorg: where people who need care can live with what they need within walking distance.

The public names are looked up on first use, so importing the package reads nothing and is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# What is public stands here and, for what runs, in the table below; a test holds that they are the same.
if TYPE_CHECKING:
    from geowoonzorg.ask import Answer as Answer
    from geowoonzorg.ask import ask_region as ask_region
    from geowoonzorg.ask import locate as locate
    from geowoonzorg.ask import run as run
    from geowoonzorg.ask import score_sites as score_sites
    from geowoonzorg.ask.compare import compare as compare
    from geowoonzorg.ask.coverage import coverage as coverage
    from geowoonzorg.ask.programme import programme as programme
    from geowoonzorg.ask.search import search as search
    from geowoonzorg.ask.what_if import what_if as what_if
    from geowoonzorg.change import Change as Change
    from geowoonzorg.change import read_change as read_change
    from geowoonzorg.people.crosswalk import carry_over as carry_over
    from geowoonzorg.people.crosswalk import cross_borders as cross_borders
    from geowoonzorg.prepare import demo_study as demo_study
    from geowoonzorg.ranking.lenses import compare_lenses as compare_lenses
    from geowoonzorg.ranking.scoring import score as score
    from geowoonzorg.ranking.scoring_profile import read_scoring_profile as read_scoring_profile
    from geowoonzorg.ranking.swing import swing_weights as swing_weights
    from geowoonzorg.region.study import Region as Region
    from geowoonzorg.region.study import read_region as read_region
    from geowoonzorg.study import Study as Study
    from geowoonzorg.study import read_study as read_study
    from geowoonzorg.town import Town as Town
    from geowoonzorg.town.facilities import read_facilities as read_facilities
    from geowoonzorg.town.streets import open_network as open_network
    from geowoonzorg.walk.nearest_arrays import nearest_array as nearest_array
    from geowoonzorg.walk.network import WalkNetwork as WalkNetwork
    from geowoonzorg.walk.service_area import nearest as nearest
    from geowoonzorg.walk.service_area import service_areas as service_areas

    __version__: str

_HOMES = {
    "Answer": "ask",
    "Region": "region.study",
    "Change": "change",
    "Study": "study",
    "Town": "town",
    "WalkNetwork": "walk.network",
    "ask_region": "ask",
    "carry_over": "people.crosswalk",
    "compare": "ask.compare",
    "coverage": "ask.coverage",
    "cross_borders": "people.crosswalk",
    "compare_lenses": "ranking.lenses",
    "demo_study": "prepare",
    "locate": "ask",
    "nearest": "walk.service_area",
    "nearest_array": "walk.nearest_arrays",
    "open_network": "town.streets",
    "read_change": "change",
    "programme": "ask.programme",
    "read_facilities": "town.facilities",
    "read_region": "region.study",
    "read_scoring_profile": "ranking.scoring_profile",
    "read_study": "study",
    "run": "ask",
    "score": "ranking.scoring",
    "score_sites": "ask",
    "search": "ask.search",
    "service_areas": "walk.service_area",
    "swing_weights": "ranking.swing",
    "what_if": "ask.what_if",
}

__all__ = tuple(_HOMES)

if not TYPE_CHECKING:  # a type checker that sees these would take any name for one of ours

    def __getattr__(name: str) -> object:
        import importlib

        if name in _HOMES:
            found = getattr(importlib.import_module(f"geowoonzorg.{_HOMES[name]}"), name)
        elif name == "__version__":
            import importlib.metadata

            found = importlib.metadata.version("geowoonzorg")
        else:
            msg = f"module 'geowoonzorg' has no attribute {name!r}"
            raise AttributeError(msg)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted([*_HOMES, "__version__"])
