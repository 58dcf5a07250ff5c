"""Notes as a Dutch reader gets them."""

from __future__ import annotations

from geowoonzorg.messages import translate


def dutch(notes):
    return [translate(note, "nl") for note in notes]
