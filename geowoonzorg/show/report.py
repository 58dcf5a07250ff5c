"""The printed account: the ranking, every score in its parts, the sources and what is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geowoonzorg.show.account import make_account
from geowoonzorg.show.page import policy, read_asset, render_template
from geowoonzorg.show.texts import read_texts
from geowoonzorg.show.wording import possible, rank_cell, rank_interval, standing

if TYPE_CHECKING:
    from geowoonzorg.result import Result


def render_report(result: Result, *, lang: str = "nl") -> str:
    """Write the account of a result, to read and to print on A4.

    Parameters
    ----------
    result
        What a run found.
    lang
        ``nl`` or ``en``: the language of the headings and sentences.

    Returns
    -------
    str
        One HTML file without scripts. The same result gives the same bytes.

    Raises
    ------
    StudyError
        When the language is not one of the two.

    Examples
    --------
    >>> import geowoonzorg  # doctest: +SKIP
    >>> html = render_report(geowoonzorg.run(study))  # doctest: +SKIP
    """
    from markupsafe import Markup

    texts = read_texts(lang)
    account = make_account(result, texts=texts)
    css = read_asset("report.css")
    return render_template(
        "report.html",
        t=texts,
        account=account,
        interval=rank_interval,
        possible=possible,
        rank_cell=rank_cell,
        standing=lambda site: standing(site, account.ranked, texts),
        policy=policy(styles=(css,)),
        css=Markup(css),  # noqa: S704 - our own file
    )
