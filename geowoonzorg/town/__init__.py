"""A town: everything a question needs, in memory, and how to make one of a study or of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geowoonzorg.town._data import About as About
    from geowoonzorg.town._data import Source as Source
    from geowoonzorg.town._data import Walking as Walking
    from geowoonzorg.town.town import Town as Town

__all__ = ["About", "Source", "Town", "Walking"]

if not TYPE_CHECKING:  # whoever wants only the streets need not load all that a town is made of

    def __getattr__(name: str) -> object:
        import importlib

        if name not in __all__:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        room = "town" if name == "Town" else "_data"
        found = getattr(importlib.import_module(f"geowoonzorg.town.{room}"), name)
        globals()[name] = found
        return found
