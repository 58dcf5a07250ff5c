"""The groups of the toolbox, by subject, in the order in which a study needs them."""

from __future__ import annotations

from .texts import tr


def subjects() -> dict[str, str]:
    """Give each subject's id, which never changes, and its name."""
    return {
        "data": tr("1. Data"),
        "walking": tr("2. Walking"),
        "sites": tr("3. Sites and studies"),
        "questions": tr("4. What could be better"),
        "engine": tr("5. Engine"),
    }
