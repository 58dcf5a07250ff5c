"""Lists within a message, whose words are told in the reader's language as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 5  # as many as `first_ids` names


def join_told(parts: Sequence[str]) -> str:
    """Put messages after each other, with commas between.

    Parameters
    ----------
    parts
        Messages or plain words; at least one.

    Returns
    -------
    str
        A message, so that each part is translated with it.

    Examples
    --------
    >>> from geowoonzorg.messages import tell, translate
    >>> translate(join_told([tell("closed {words}", words="x"), "y"]), "nl")
    'gesloten x, y'
    """
    joined = parts[0]
    for part in parts[1:]:
        joined = tell("{head}, {tail}", head=joined, tail=part)
    return joined


def first_told(parts: Sequence[str]) -> str:
    """Count messages and give the first few, as `geowoonzorg.errors.first_ids` does with ids.

    Parameters
    ----------
    parts
        Messages or plain words; at least one.

    Returns
    -------
    str
        A message: ``"7 (a, b, c, d, e, …)"``.

    Examples
    --------
    >>> first_told(["a", "b"])
    '2 (a, b)'
    """
    return tell(
        "{n} ({named}{more})",
        n=len(parts),
        named=join_told(parts[:_SHOWN]),
        more=", …" if len(parts) > _SHOWN else "",
    )
