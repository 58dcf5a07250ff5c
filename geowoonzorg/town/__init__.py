"""A town: everything a question needs, in memory, and how to make one of a study or of frames."""

from geowoonzorg.town._data import About, Source, Walking
from geowoonzorg.town.town import Town

__all__ = ["About", "Source", "Town", "Walking"]
