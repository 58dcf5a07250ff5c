"""What a terminal says of an answer: the ranking, and texts from outside that may move no cursor."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

import pandas as pd

from geowoonzorg.knowledge import said
from geowoonzorg.messages import LANGUAGES, tell

if TYPE_CHECKING:
    from geowoonzorg.messages import Message
    from geowoonzorg.ranking.scoring_profile import ScoringProfile


def one_line(text: object, *, most: int = 60) -> str:
    """Keep a text from outside from moving the cursor or colouring the terminal, and short.

    Parameters
    ----------
    text
        Anything.
    most
        How many characters are kept.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> one_line("De Werf" + chr(27) + "[31m")
    'De Werf?[31m'
    """
    line = "".join(c if c.isprintable() else "?" for c in str(text))
    return line if len(line) <= most else line[: most - 1] + "…"


def ranking_lines(
    sites: pd.DataFrame, profile: ScoringProfile | None = None
) -> tuple[Message, ...]:
    """Lay the ranking out for a terminal; sites without a rank come last and say why.

    Parameters
    ----------
    sites
        With ``name`` and the columns of `geowoonzorg.score`; scores 0–100.
    profile
        What they were scored on, which says in two languages why a site drops out.

    Returns
    -------
    tuple of Message
        A header and a line per site.

    Examples
    --------
    >>> from geowoonzorg.ask import run
    >>> from geowoonzorg.town.reading import demo_study
    >>> ranking_lines(run(demo_study()).sites)[0]
    'rank  from-to  score   known  site'
    """
    lines = [tell("rank  from-to  score   known  site")]
    row: Any
    order = sites.sort_values(["rank", "knocked_out", "id"], na_position="last")
    shared = set(sites["rank"][sites["rank"].duplicated()].dropna())
    for row in order.itertuples():
        rank, moves = "   -", "   -     "
        if pd.notna(row.rank):
            rank = f"{row.rank:4.0f}"
        if pd.notna(row.rank_low):
            moves = f"{row.rank_low:3.0f}-{row.rank_high:<5.0f}"
        points = tell("{n:5.1f}", n=float(row.score)) if pd.notna(row.score) else "    -"
        why = tell("")
        if row.knocked_out:
            why = tell("; drops out: {reason}", reason=_reason(row.knock_out_reason, profile))
        elif not pd.notna(row.rank):
            least, most = floor(round(row.score_low, 9)), ceil(round(row.score_high, 9))
            why = tell(
                ": too little is known for a rank, {least}-{most} possible", least=least, most=most
            )
        elif row.rank in shared:
            why = tell(": shared {rank:.0f}", rank=row.rank)
        lines.append(
            tell(
                "{rank}  {moves}{points}    {known:4.0%}  {name}{why}",
                rank=rank, moves=moves, points=points, known=row.known_weight_share, name=one_line(row.name), why=why,
            )
        )  # fmt: skip
    return tuple(lines)


def _reason(text: str, profile: ScoringProfile | None) -> Message:
    """Say why a site drops out, in the profile's words of either language."""
    told = {}
    for lang in LANGUAGES:
        words = text
        for out in (c.knock_out for c in profile.criteria if c.knock_out) if profile else ():
            words = words.replace(out.reason, said(out, "reason", lang))
        told[lang] = one_line(words, most=100)
    return tell("{en}", **told)
