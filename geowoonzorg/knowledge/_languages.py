"""The words of a profile, class or source in the reader's language."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def said(thing: object, name: str, lang: str) -> str:
    """Say a text of something that was read from a TOML file.

    Parameters
    ----------
    thing
        A profile, criterion, knock-out, measure, class or source.
    name
        Which of its texts: ``"label"``, ``"unit"``, ``"title"``, ``"source"``, …
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    str
        What ``<name>_<lang>`` holds; what ``<name>`` holds where its maker wrote no other language.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> profile = read_scoring_profile("geclusterd")
    >>> said(profile, "title", "nl"), said(profile, "title", "en")
    ('Geclusterd wonen', 'Clustered homes')
    """
    return getattr(thing, f"{name}_{lang}", None) or str(getattr(thing, name))


def profile_hash(content: Mapping[str, Any]) -> str:
    """Give one number to what a profile asks for, whatever the order, layout or English of its file.

    Parameters
    ----------
    content
        Its tables and keys.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits, of everything but the keys that end in ``_en``.

    Examples
    --------
    >>> profile_hash({"title": "Te voet"}) == profile_hash({"title": "Te voet", "title_en": "On foot"})
    True
    """
    text = json.dumps(_without_english(content), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_english(content: Any) -> Any:  # noqa: ANN401 - any part of a document
    if isinstance(content, dict):
        return {k: _without_english(v) for k, v in content.items() if not k.endswith("_en")}
    if isinstance(content, list | tuple):
        return [_without_english(one) for one in content]
    return content
