"""The printed account: the ranking, every score in its parts, the sources and what is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geowoonzorg.show.account import make_account
from geowoonzorg.show.standing import possible, rank_cell, rank_interval, standing, value_words
from geowoonzorg.show.templates import policy, read_asset, render_template
from geowoonzorg.show.texts import read_texts

if TYPE_CHECKING:
    from geowoonzorg.findings import Findings


def render_report(findings: Findings, *, lang: str = "nl") -> str:
    """Write the account of what was found about sites, to read and to print on A4.

    Parameters
    ----------
    findings
        What was found.
    lang
        ``nl`` or ``en``: the language of the headings and sentences.

    Returns
    -------
    str
        One HTML file without scripts. The same findings give the same bytes.

    Raises
    ------
    StudyError
        When the language is not one of the two.

    Examples
    --------
    >>> "<script" in render_report(findings)
    False
    """
    from markupsafe import Markup

    texts = read_texts(lang)
    account = make_account(findings, texts=texts)
    css = read_asset("report.css")
    return render_template(
        "report.html",
        t=texts,
        account=account,
        interval=rank_interval,
        possible=possible,
        value_words=lambda part: value_words(part, texts),
        rank_cell=rank_cell,
        standing=lambda site: standing(site, account.ranked, texts),
        policy=policy(styles=(css,)),
        css=Markup(css),  # noqa: S704 - our own file
    )
