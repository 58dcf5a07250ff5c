"""Where a site stands among the others: its rank, how firm that is, which scores are possible."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from geowoonzorg.show.site_account import Part, SiteAccount
    from geowoonzorg.show.texts import Texts

_BITS: Final = 9  # decimals of a score
_SAME_POINTS: Final = 0.05  # of 100: less does not show in print


def standing(site: SiteAccount, ranked: int, texts: Texts) -> str:
    r"""Say where a site stands, how firmly, and of which part of the points the answer is known; each once.

    Parameters
    ----------
    site
        The site.
    ranked
        How many sites have a rank.
    texts
        The screen texts.

    Returns
    -------
    str
        For instance ``"Rang 2 van 9; tussen 1 en 4 met andere gewichten · van 84 % van de punten is het antwoord
        bekend"``.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import SiteAccount
    >>> from geowoonzorg.show.texts import read_texts
    >>> site = SiteAccount("a", "A", 70.0, 2, 1, 4, 0.84, None, "", (), (), "", by_weights=(1, 4), by_unknown=(2, 2))
    >>> standing(site, 9, read_texts("nl")).replace("\xa0", " ")[:49]
    'Rang 2 van 9; tussen 1 en 4 met andere gewichten '
    """
    if site.no_rank_reason:
        return site.no_rank_reason
    if site.rank is None:
        said = texts("page.no_rank").capitalize()
    else:
        said = texts("page.shared_of" if site.shared else "page.rank_of", rank=site.rank, n=ranked)
        if site.rank_low is not None and site.rank_high is not None:
            said += _moves(site, texts)
    if site.may_drop_out:
        said += f" · {texts('page.may_drop_out', reason=site.may_drop_out)}"
    return f"{said} · {texts('page.known_share', share=texts.percent(site.known_share))}"


def _moves(site: SiteAccount, texts: Texts) -> str:
    """Say between which ranks a site stays, and how far each cause moves it by itself."""
    cause = moves_by(site)
    said = texts(f"page.moves_{cause}", low=site.rank_low, high=site.rank_high)
    if cause != "both" or site.by_weights[0] is None or site.by_unknown[0] is None:
        return said
    apart = (_between(*site.by_weights), _between(*site.by_unknown))
    return said + texts("page.moves_apart", weights=apart[0], unknown=apart[1])


def _between(low: int | None, high: int | None) -> str:
    return str(low) if low == high else f"{low}–{high}"


def rank_cell(site: SiteAccount, texts: Texts) -> str:
    """Write a site's rank, saying when another has the same.

    Parameters
    ----------
    site
        The site.
    texts
        The screen texts.

    Returns
    -------
    str
        For instance ``"gedeeld 1"``; a dash when it has no rank.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import SiteAccount
    >>> from geowoonzorg.show.texts import read_texts
    >>> site = SiteAccount("a", "A", 70.0, 1, 1, 2, 1.0, None, "", (), (), "", shared=True)
    >>> rank_cell(site, read_texts("nl"))
    'gedeeld 1'
    """
    if site.rank is None:
        return "–"
    return texts("page.shared", rank=site.rank) if site.shared else str(site.rank)


def rank_line(site: SiteAccount, texts: Texts) -> str:
    """Write a site's rank with the interval it keeps, as beside its bar in the list.

    Parameters
    ----------
    site
        A site with a rank.
    texts
        The screen texts.

    Returns
    -------
    str
        For instance ``"rang 1–4"`` or ``"gedeeld 1, 1–2"``.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import SiteAccount
    >>> from geowoonzorg.show.texts import read_texts
    >>> rank_line(SiteAccount("a", "A", 70.0, 2, 1, 4, 1.0, None, "", (), (), ""), read_texts("nl"))
    'rang 1–4'
    """
    if site.shared:
        return f"{rank_cell(site, texts)}, {rank_interval(site)}"
    return texts("page.rank", rank=rank_interval(site))


def possible(site: SiteAccount, texts: Texts) -> str:
    """Write between which scores a site can still land when what is unknown becomes known.

    Parameters
    ----------
    site
        The site.
    texts
        The screen texts.

    Returns
    -------
    str
        Whole points, rounded outwards, such as ``"12–86"``; empty when nothing that counts is unknown.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import SiteAccount
    >>> from geowoonzorg.show.texts import read_texts
    >>> site = SiteAccount("a", "A", None, None, None, None, 0.1, None, "", (), (), "", (), 12.04, 98.2)
    >>> possible(site, read_texts("nl"))
    '12–99'
    """
    low, high = site.score_low, site.score_high
    if low is None or high is None or high - low < _SAME_POINTS:
        return ""
    # summing may lose the last bits
    least, most = math.floor(round(low, _BITS)), math.ceil(round(high, _BITS))
    return f"{texts.number(least)}–{texts.number(most)}"


def rank_interval(site: SiteAccount) -> str:
    """Write between which ranks a site moves when the weights and the unknown do.

    Parameters
    ----------
    site
        The site.

    Returns
    -------
    str
        For instance ``"1–4"``; a dash when it falls out.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import SiteAccount
    >>> rank_interval(SiteAccount("a", "A", 70.0, 2, 1, 4, 1.0, None, "", (), (), ""))
    '1–4'
    """
    if site.rank_low is None or site.rank_high is None:
        return "–"
    return _between(site.rank_low, site.rank_high)


def value_words(part: Part, texts: Texts) -> str:
    """Write the value of a criterion at a site, with what it can still become.

    Parameters
    ----------
    part
        A criterion that is known there.
    texts
        The screen texts.

    Returns
    -------
    str
        Two decimals, such as ``"0,46 (0,46 tot 1,00)"``.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import Part
    >>> from geowoonzorg.show.texts import read_texts
    >>> part = Part("a", "A", "602 m", 0.463, 6.5, 14.0, 0.14, "", "", "", 602.0, 0.463, 1.0)
    >>> value_words(part, read_texts("nl"))
    '0,46 (0,46 tot 1,00)'
    """
    value, low, high = (
        texts.number(one if one is not None else math.nan, 2)
        for one in (part.value, part.value_low, part.value_high)
    )
    return value if low == high else texts("span.value", value=value, low=low, high=high)


def moves_by(site: SiteAccount) -> str:
    """Say what moves a site's rank.

    Parameters
    ----------
    site
        A site with ranks by weights and by what is unknown.

    Returns
    -------
    str
        ``"nothing"``, ``"weights"``, ``"unknown"`` or ``"both"``.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import SiteAccount
    >>> site = SiteAccount("a", "A", 70.0, 1, 1, 4, 1.0, None, "", (), (), "", by_weights=(1, 4), by_unknown=(1, 1))
    >>> moves_by(site)
    'weights'
    """
    if site.rank_low == site.rank_high:
        return "nothing"
    whole = (site.rank_low, site.rank_high)
    if whole in (site.by_weights, site.by_unknown):
        return "weights" if whole == site.by_weights else "unknown"
    return "both"
