"""Words about the people around: who lives within reach, of how many a mean is, the balance after building."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.messages import translate
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.town.known_whole import known_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from geowoonzorg.show.by_gemeente import Apart
    from geowoonzorg.show.texts import Texts

_ALL: Final = 0.9995  # a share above this is all of it: cell fractions do not sum to one exactly


@dataclass(frozen=True)
class Coverage:
    """Who lives within walking distance of a class: part of the addresses, and elderly people.

    ``found`` says how many of the class are known and how many to expect; empty where nobody counted.
    """

    facility_class: str
    share: str
    addresses: str
    elderly: str
    found: str = ""
    cautious: bool = False


def coverage_rows(
    coverage: pd.DataFrame, *, classes: Sequence[str], texts: Texts, apart: Apart | None = None
) -> tuple[Coverage, ...]:
    r"""Say per facility class who lives within the limit.

    Parameters
    ----------
    coverage
        As `geowoonzorg.people.coverage.cover_classes` counts it.
    classes
        The facility classes of the study, in its order; others come last.
    texts
        The screen texts of one language.
    apart
        What `judged_apart` found: of these classes it is told in which gemeenten some may be missing.

    Returns
    -------
    tuple of Coverage
        In the order of the classes; empty when nothing was counted.

    Notes
    -----
    The interval of people is rounded outwards to whole people, so that it still holds what it held.

    Examples
    --------
    >>> import pandas as pd
    >>> from geowoonzorg.show.texts import read_texts
    >>> within = {"share_within": [0.6], "addresses_within": [1200], "addresses": [2000]}
    >>> elderly = {"people_65plus": [157.0], "people_65plus_min": [3.4], "people_65plus_max": [421.7]}
    >>> coverage = pd.DataFrame({"facility_class": ["huisarts"], **within, **elderly})
    >>> row = coverage_rows(coverage, classes=["huisarts"], texts=read_texts("nl"))[0]
    >>> row.elderly.replace("\u2060", "")
    'ongeveer 157 (3–422)'
    """
    apart = apart or {}
    order = {name: i for i, name in enumerate(classes)}
    rows: Iterable[Any] = coverage.itertuples(index=False)
    return tuple(
        Coverage(
            facility_class=texts.facility_class(str(row.facility_class))[0],
            share=_share(row, texts),
            addresses=_addresses(row, texts),
            elderly=_elderly(row, texts),
            found="; ".join(
                filter(
                    None,
                    (
                        _found(row, texts),
                        _in_gemeenten(apart.get(str(row.facility_class), ()), texts),
                    ),
                )
            ),
            cautious=_certain(row) is not None,
        )
        for row in sorted(rows, key=lambda row: order.get(str(row.facility_class), len(order)))
    )


def _addresses(row: Any, texts: Texts) -> str:  # noqa: ANN401 - a row of the coverage
    if not is_known(row.addresses):
        return texts("panel.unknown")
    within, every = texts.number(row.addresses_within), texts.number(row.addresses)
    if (least := _certain(row)) is not None:
        return texts("coverage.cautious", least=texts.number(least), n=within, all=every)
    return texts("coverage.of", n=within, all=every)


def _share(row: Any, texts: Texts) -> str:  # noqa: ANN401 - a row of the coverage
    """Say which share of the addresses is within reach, from what is sure to what may be."""
    far = texts.percent(row.share_within)
    least = _certain(row)
    if least is None or (near := texts.percent(least / row.addresses)) == far:
        return far
    return texts("coverage.share_between", least=near, share=far)


def _found(row: Any, texts: Texts, *, short: bool = False) -> str:  # noqa: ANN401
    """Say how many are found and to expect, with who says so; in short without what that was reckoned by."""
    if not hasattr(row, "found"):
        return ""
    source = plain(translate(row.complete_source, texts.code))
    told = {"found": texts.number(row.found), "source": source.split(", ")[0] if short else source}
    if not is_known(row.expected):
        return texts("coverage.found_only", **told)
    if row.complete_share == 1.0 and row.expected == row.found:  # a list says so, or there are none
        return texts("coverage.found_all", **told)
    expected = texts.number(row.expected, 0 if row.expected >= 1 else 1)
    low, high = (getattr(row, f"expected_{end}", row.expected) for end in ("low", "high"))
    if (
        low != high
    ):  # outwards, so that as many as the most are found where the class is known whole
        ends = {"low": texts.number(math.floor(low)), "high": texts.number(math.ceil(high))}
        return texts("coverage.found_between", expected=expected, **ends, **told)
    return texts("coverage.found", expected=expected, **told)


def incomplete_line(
    coverage: pd.DataFrame, *, classes: Sequence[str], texts: Texts, apart: Apart | None = None
) -> str:
    """Say of which classes asked for fewer are found than there may be, so that a nearer one is not ruled out.

    Parameters
    ----------
    coverage
        With ``found``, ``expected`` and ``complete_source``, as `class_completeness` counts them.
    classes
        The facility classes of the study.
    texts
        The screen texts of one language.
    apart
        What `judged_apart` found: of these classes it is told in which gemeenten.

    Returns
    -------
    str
        One line; empty where there is none, or nobody counted.

    Examples
    --------
    >>> import pandas as pd
    >>> from geowoonzorg.show.texts import read_texts
    >>> coverage = pd.DataFrame({"facility_class": ["huisarts"], "found": [2], "expected": [13.6],
    ...     "expected_high": [13.6], "complete_share": [0.15], "complete_source": ["Nivel 2022"]})
    >>> incomplete_line(coverage, classes=["huisarts"], texts=read_texts("nl"))
    'huisarts: 2 gevonden, ±14 verwacht (Nivel 2022)'
    """
    if "found" not in coverage:
        return ""
    apart = apart or {}
    rows: Iterable[Any] = coverage.itertuples(index=False)
    # the same rule by which their distances are no more than upper bounds; of what nobody counts nothing is told
    few = {
        str(row.facility_class): _found(row, texts, short=True)
        for row, whole in zip(rows, known_whole(coverage), strict=True)
        if not whole and is_known(row.expected) and row.facility_class not in apart
    }
    for name, gemeenten in apart.items():
        if told := _in_gemeenten(gemeenten, texts):
            few[name] = told
    return "; ".join(
        f"{texts.facility_class(name)[0]}: {few[name]}" for name in classes if name in few
    )


def _in_gemeenten(gemeenten: Sequence[tuple[str, bool, Any]], texts: Texts) -> str:
    """Say in which gemeenten fewer are found than there may be, and that the others are known whole."""
    few = [
        texts("coverage.in_gemeente", name=name, found=_found(row, texts, short=True))
        for name, whole, row in gemeenten
        if not whole and is_known(row.expected)
    ]
    whole = [name for name, whole, _ in gemeenten if whole]
    if few and whole:
        few.append(texts("coverage.whole_in", names=texts.join(whole)))
    return ", ".join(few)


def _certain(row: Any) -> float | None:  # noqa: ANN401 - a row of the coverage
    """Count the addresses that are within reach whatever is unknown of the way; None where that is all of them."""
    least: Any = getattr(row, "within_low", None)
    if not is_known(least) or not is_known(row.addresses_within):
        return None
    return float(least) if float(least) < float(row.addresses_within) else None


def _elderly(row: Any, texts: Texts, about: str = "coverage.about") -> str:  # noqa: ANN401 - of coverage or sites
    if not is_known(row.people_65plus):
        return texts("panel.unknown")
    said = texts(
        about,
        n=texts.number(row.people_65plus),
        least=texts.number(math.floor(row.people_65plus_min)),
        most=texts.number(math.ceil(row.people_65plus_max)),
    )
    if getattr(row, "coverage_share", 1.0) < _ALL:
        said += "; " + texts("panel.covered", share=texts.percent(_down(row.coverage_share)))
    return said


def part_known(row: Any, *, of_area: bool, texts: Texts) -> str:  # noqa: ANN401
    r"""Say of which part of the surroundings a mean is, and for which part a figure stood in.

    Parameters
    ----------
    row
        With ``coverage_share`` and ``fallback_share`` (0–1, NaN where the measure is no mean).
    of_area
        Whether the share is of ground and not of addresses, as with a raster.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        Empty when the mean is of everybody and nothing stood in. Shares known are rounded down and
        shares stood in up, so that neither sounds better than it is.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from geowoonzorg.show.texts import read_texts
    >>> row = SimpleNamespace(coverage_share=0.839, fallback_share=0.391)
    >>> part_known(row, of_area=False, texts=read_texts("nl")).replace("\xa0", " ")
    'over 83 % van de adressen; voor 40 % een vervangend cijfer, van wijk, gemeente of ouder jaar'
    """
    said = []
    if row.coverage_share < _ALL:
        key = "panel.covered_area" if of_area else "panel.covered"
        said.append(texts(key, share=texts.percent(_down(row.coverage_share))))
    if row.fallback_share > 1 - _ALL:
        said.append(texts("panel.stood_in", share=texts.percent(1 - _down(1 - row.fallback_share))))
    return "; ".join(said)


def _down(share: float) -> float:
    return math.floor(100 * share + 1e-9) / 100


def resident_lines(site: Any, *, texts: Texts) -> tuple[str, ...]:  # noqa: ANN401 - a row of the sites
    """Say who lives around a site, and what its homes do to the balance.

    Parameters
    ----------
    site
        With the columns ``people_65plus*``, and ``balans_before``, ``balans_after`` and ``n_woningen``,
        as far as the study has them.
    texts
        The screen texts of one language.

    Returns
    -------
    tuple of str
        Sentences; none of what the study does not have.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from geowoonzorg.show.texts import read_texts
    >>> site = SimpleNamespace(balans_before=0.42, balans_after=0.51, n_woningen=40)
    >>> resident_lines(site, texts=read_texts("nl"))
    ('Balans nu +0,42 → met deze 40 woningen +0,51.',)
    """
    lines = []
    if hasattr(site, "people_65plus"):
        lines.append(texts("panel.elderly", people=_elderly(site, texts, "panel.about")))
    if hasattr(site, "balans_before"):
        lines.append(_balance(site, texts))
    if is_known(getattr(site, "complex_balans", None)):
        lines.append(
            texts(
                "panel.in_building",
                share=texts.percent(site.complex_vragers_share),
                balance=texts.number(site.complex_balans, 2, signed=True),
            )
        )
    return tuple(lines)


def _balance(site: Any, texts: Texts) -> str:  # noqa: ANN401 - a row of the sites
    if not is_known(site.balans_before) or not is_known(site.balans_after):
        return texts("panel.balance_unknown")
    return texts(
        "panel.balance_change",
        before=texts.number(site.balans_before, 2, signed=True),
        homes=texts.count("homes", int(float(site.n_woningen))),
        after=texts.number(site.balans_after, 2, signed=True),
    )


def balance_help(*, reference: str, texts: Texts) -> str:
    """Say what the balance before and after building means, and what it assumes.

    Parameters
    ----------
    reference
        What the balance compares with: ``gemeente``, ``region`` or ``country``.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        A few sentences.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> said = balance_help(reference="gemeente", texts=read_texts("nl"))
    >>> "geen norm en geen oordeel over personen" in said
    True
    """
    return texts(
        "panel.balance_help",
        reference=texts.get("reference", reference),
    )
