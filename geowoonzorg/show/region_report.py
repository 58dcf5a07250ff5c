"""The printed account of a region: spread in sorted bars, social rent, keys, needs and the form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.messages import translate
from geowoonzorg.region.form import Form
from geowoonzorg.region.form_filled import render_form
from geowoonzorg.region.key_figures import read_key_knowledge
from geowoonzorg.region.words import group_title
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.region_map import map_style, region_atlas
from geowoonzorg.show.region_tables import region_tables, span_words
from geowoonzorg.show.templates import policy, read_asset, render_template
from geowoonzorg.show.texts import read_texts

if TYPE_CHECKING:
    import pandas as pd

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.texts import Texts

_SIDES: Final = ("", "_low", "_high")
_STYLE: Final = (
    ".regionbar { width: 100%; height: 1.1em; display: block; }\n"
    ".regionbar .mean { stroke: #1b1f23; stroke-width: 2; vector-effect: non-scaling-stroke; }\n"
    "table.region td, table.region th { vertical-align: middle; }\n"
    "table.region .graph { width: 45%; padding-top: 0; padding-bottom: 0; }\n"
    "caption { text-align: left; }\n"
    "td:nth-child(2), th[scope=row] { min-width: 7rem; hyphens: auto; }\n"
    "table.region td:nth-child(2) { min-width: 0; }\n"
    "th.about { text-align: left; padding-top: 0.9rem; }\n"
    "tbody { break-inside: avoid; }\n"
)


@dataclass(frozen=True)
class Bar:
    """A row of a chart: a name, what is written, and a bar in per cents of the widest."""

    name: str
    word: str
    cells: tuple[str, ...]
    low: float
    high: float
    line: float | None


@dataclass(frozen=True)
class Chart:
    """Sorted bars with the line they are held against."""

    title: str
    line_told: str
    heads: tuple[str, ...]
    rows: tuple[Bar, ...]


@dataclass(frozen=True)
class Charts:
    """Charts that are read the same way."""

    title: str
    help: str
    charts: tuple[Chart, ...]


def render_region_report(findings: Findings, *, lang: str = "nl") -> str:
    r"""Write the account of a region, to read and to print on A4.

    Parameters
    ----------
    findings
        What `geowoonzorg.ask.region.ask_region` found.
    lang
        ``nl`` or ``en``: the language of the headings and sentences.

    Returns
    -------
    str
        One HTML file without scripts; every text in it escaped. The same findings give the same bytes.

    Raises
    ------
    StudyError
        When the language is not one of the two.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile
    >>> from geowoonzorg.ask import ask_region
    >>> from geowoonzorg.region.study import Region
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     figures = Path(folder) / "figures_2023.csv"
    ...     _ = figures.write_text("gemeente,inwoners,kwetsbaar\nKampen,50000,9000\nZwolle,100000,9000\n")
    ...     page = render_region_report(ask_region(Region(name="<b>R", figures=figures)))
    >>> "&lt;b&gt;R" in page, "<script" in page, page.index("Kampen") < page.index("Zwolle")
    (True, False, True)
    """
    from markupsafe import Markup

    t = read_texts(lang)
    css = read_asset("report.css") + _STYLE + map_style()
    page = _page(findings, t)
    form = Markup(page["form"]) if page["form"] else ""  # noqa: S704 - escaped where it is made
    return render_template(
        "region.html", t=t, page=page | {"form": form}, policy=policy(styles=(css,)),
        css=Markup(css),  # noqa: S704 - our own
    )  # fmt: skip


def _page(findings: Findings, t: Texts) -> dict[str, Any]:
    tables, about = findings.tables, findings.records["region"]
    spread, counts = tables["spreiding"], tables["aantallen"]
    n, m = len(tables["figures"]), spread["groep"].nunique()
    hidden = int((counts["known"] == "suppressed").sum())
    facts = [t("region.year", year=about["year"])] if about["year"] else []
    facts += [t.plural("region.hidden", hidden, n=hidden)] if hidden else []
    facts += [str(findings.asked.date)] if findings.asked.date else []
    charts = [*_spread_charts(spread, t, about["per"]), *_social_charts(tables["sociale_huur"], t)]
    accounts = findings.provenance
    return {
        "name": plain(findings.asked.name),
        "outcome": t.plural(
            "region.outcome", n,
            groups=t.plural("region.groups", m, n=m), gemeenten=t.plural("region.gemeenten", n, n=n),
        ),
        "facts": facts,
        "scan": about["scan"],
        "charts": charts,
        "atlas": region_atlas(findings, t),
        "tables": region_tables(findings, t),
        "form": _form(findings, t),
        "notes": [translate(note, t.code) for note in findings.notes],
        "inputs": [(one["file"], one["sha256"]) for one in accounts.get("inputs", [])],
        "versions": sorted(accounts.get("versions", {}).items()),
    }  # fmt: skip


def _form(findings: Findings, t: Texts) -> str:
    record, tables = findings.records["form"], findings.tables
    if not record["filled_in"]:
        return ""
    fitted = tables["hulpmiddel"]
    form = Form(tables["form_table1"], tables["form_table2"])
    return render_form(
        form,
        float(record["persons_per_home"]),
        fitted=None if fitted.empty else fitted,
        lang=t.code,
    )


def _spread_charts(spread: pd.DataFrame, t: Texts, per: str) -> list[Charts]:
    if spread.empty:
        return []
    made = []
    for can, title, help_ in (
        (True, "region.spread", t("region.spread_help", per=t(f"region.per_{per}"))),
        (False, "region.bound", t("region.bound_help")),
    ):
        mine = spread[spread["can_spread"] == can]
        charts = tuple(_spread_chart(str(g), of, t) for g, of in mine.groupby("groep", sort=False))
        if charts:
            made.append(Charts(t(title), help_, charts))
    return made


def _spread_chart(group: str, of: pd.DataFrame, t: Texts) -> Chart:
    first = of.iloc[0]
    most = max(
        [1e-9, *(v for name in ("per_1000_high", "per_1000_low", "region_per_1000_high")
                 for v in of[name].dropna())]
    )  # fmt: skip
    told = bool(first["can_spread"])
    line = first["region_per_1000"]
    if not is_known(line):
        line = (first["region_per_1000_low"] + first["region_per_1000_high"]) / 2
    at = round(100 * float(line) / most, 2) if told and is_known(line) else None
    rows = tuple(
        Bar(
            plain(row.gemeente),
            t("region.unsure") if row.against_region == "unsure" else "",
            (
                span_words(t, (row.persons, row.persons_low, row.persons_high), 0),
                span_words(t, (row.per_1000, row.per_1000_low, row.per_1000_high), 1),
            ),
            *_reach(row.per_1000_low, row.per_1000_high, most),
            at,
        )
        for row in _rows(of)
    )
    rate = span_words(t, [first[f"region_per_1000{side}"] for side in _SIDES], 1)
    return Chart(
        plain(group_title(group, t.code)),
        t("region.region_line", rate=rate) if told else "",
        (t("region.persons"), t("region.per_1000")),
        rows,
    )


def _rows(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples(index=False))


def _reach(low: object, high: object, most: float) -> tuple[float, float]:
    """Give both ends of a bar, in per cents of the widest; without an end it runs to the edge."""
    start = round(100 * float(low) / most, 2)  # type: ignore[arg-type]
    end = round(100 * float(high) / most, 2) if is_known(high) else 100.0  # type: ignore[arg-type]
    return min(start, 100.0), min(max(start, end), 100.0)


def _social_charts(path: pd.DataFrame, t: Texts) -> list[Charts]:
    if path.empty:
        return []
    knowledge = read_key_knowledge()
    floor = knowledge.social_rent_floor
    now = path[path["year"] == path["year"].min()].set_index("gemeente")
    then = path[path["year"] == path["year"].max()].set_index("gemeente")
    now = now.sort_values("social_share_high", ascending=False, kind="stable")
    most = max(float(now["social_share_high"].max()), floor)
    rows = tuple(
        Bar(
            plain(name), "",
            (
                span_words(t, [100 * getattr(row, f"social_share{side}") for side in _SIDES], 0, "%"),
                _at_the_end(t, then.loc[name], "added_social"),
                _at_the_end(t, then.loc[name], "converted_social"),
            ),
            *_reach(row.social_share_low, row.social_share_high, most),
            round(100 * floor / most, 2),
        )
        for name, row in zip(now.index, _rows(now), strict=True)
    )  # fmt: skip
    told = t("region.social_help", floor=t.percent(floor), source=knowledge.social_rent_source)
    heads = (t("region.share"), t("region.to_add"), t("region.to_convert"))
    return [Charts(t("region.social"), told, (Chart(t("region.social"), "", heads, rows),))]


def _at_the_end(t: Texts, row: pd.Series, name: str) -> str:
    """Write what it takes to come to the floor."""
    return span_words(t, [row[f"{name}{side}"] for side in _SIDES], 0)
