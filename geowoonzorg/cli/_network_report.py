"""What there is to tell of a network, as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geowoonzorg.messages import tell, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

# The engine counts under keys; these are their words, in the order of the report.
_ABOUT = (
    tell("nodes"), tell("edges"), tell("vertices"), tell("length m"), tell("components"), tell("islands"),
    tell("island length m"), tell("oneway edges"), tell("private edges"), tell("private length m"),
    tell("unknown m"), tell("cautious length m"), tell("longest components m"),
)  # fmt: skip
_GROUPS = (
    tell("ways"), tell("network"), tell("private"), tell("lines"), tell("addresses"), tell("facilities"),
    tell("twice"), tell("relations"), tell("public squares"),
)  # fmt: skip
_COUNTS = (
    tell("read"), tell("walkable"), tell("one way"), tell("one node"), tell("no node"), tell("missing nodes"),
    tell("private last leg"), tell("metres on foot only"),
    tell("square lines"), tell("public squares"), tell("squares not closed"),
    tell("squares that cross themselves"), tell("squares with missing members"), tell("segments"),
    tell("segments without length"), tell("segments twice"), tell("segment ends at barriers"), tell("plots"),
    tell("gates"), tell("metres"), tell("plots without gate"), tell("metres without gate"),
    tell("without geometry"), tell("at times"), tell("closed"), tell("cut"), tell("filled in"),
    tell("found closed"), tell("width m"), tell("incline pct"),
)  # fmt: skip
_REASONS = (
    tell("access"), tell("narrow"), tell("steps"), tell("escalator"), tell("elevator"), tell("smoothness"),
    tell("surface"), tell("ford"), tell("steep"), tell("stile"), tell("cattle grid"), tell("kerb"),
    tell("barrier"), tell("barrier known impassable"), tell("barrier closed"), tell("gate closed"),
    tell("wheelchair no"), tell("not in use"), tell("under construction"), tell("rough track"), tell("bridleway"),
    tell("highway"), tell("direction"), tell("trail"), tell("no sidewalk"), tell("elevator closed"),
)  # fmt: skip


def report_lines(
    about: Mapping[str, Any], counts: Mapping[str, Mapping[str, int]], *, lang: str
) -> list[str]:
    """Lay out what a network is and what was read and dropped for it.

    Parameters
    ----------
    about
        Name → number or numbers; lengths in metres.
    counts
        Per group, key → number.
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    list of str
        Lines, in that language.

    Examples
    --------
    >>> report_lines({"edges": 12_000}, {"ways": {"closed: gate_closed": 2}}, lang="nl")
    ['zijden                 12.000', 'wegen:', '        2 afgesloten: hek dicht']
    """
    lines = [f"{words_of(name, lang):22} {_figures(value, lang)}" for name, value in about.items()]
    for group, of in counts.items():
        lines += [f"{words_of(group, lang)}:"]
        lines += [
            translate(tell("{n:9,d} {what}", n=n, what=words_of(key, lang)), lang)
            for key, n in of.items()
        ]
    return lines


def words_of(key: str, lang: str) -> str:
    """Say what a key stands for.

    Parameters
    ----------
    key
        What the engine counts under; a reason of an own profile is given as it is.
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    str
        Words in that language.

    Examples
    --------
    >>> words_of("closed: gate_closed", "en")
    'closed: gate closed'
    """
    parts = [part.replace("_", " ") for part in key.split(": ")]
    # a word that elsewhere means the squares of CBS
    parts = [translate("public squares" if part == "squares" else part, lang) for part in parts]
    return ": ".join(parts)


def _figures(value: float | list[float], lang: str) -> str:
    """Write counts and whole metres as the counts below them are written."""
    return "; ".join(
        translate(tell("{n:,.0f}", n=one), lang)
        for one in (value if isinstance(value, list) else [value])
    )
