"""The pages that hold data: each a function of a language that gives Markdown, made from what the program reads."""

from __future__ import annotations

import csv
import html
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

import geowoonzorg
from geowoonzorg.cli import commands
from geowoonzorg.knowledge import said
from geowoonzorg.measure import metrics
from geowoonzorg.messages import translate
from geowoonzorg.opendata.sources import read_catalogue, year_runs
from geowoonzorg.osm.classes import read_facility_classes
from geowoonzorg.ranking.inheriting import scoring_profile_names
from geowoonzorg.ranking.scoring_profile import read_scoring_profile
from geowoonzorg.show.curves import HEIGHT, WIDTH, value_curves
from geowoonzorg.show.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile
    from geowoonzorg.show.curves import Curve

TRUTH: Final = Path(__file__).resolve().parents[2] / "tests" / "data"
_MARKS: Final = {"+": "✓", "-": "✗"}


def cell(text: object) -> str:
    """Write a text so that it stays in its cell and is no markup."""
    safe = html.escape(" ".join(str(text).split()), quote=False)
    return re.sub(r"([|*_`\[\]\\])", r"\\\1", safe)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table of cells that are Markdown already."""
    lines = [list(head), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _profiles() -> list[ScoringProfile]:
    return [read_scoring_profile(name) for name in scoring_profile_names()]


def _picture(curve: Curve) -> str:
    if not curve.line:
        return ""
    return (
        f'<svg class="curve" viewBox="-2 -2 {WIDTH + 4} {HEIGHT + 4}" role="img" '
        f'aria-label="{html.escape(curve.words)}"><polyline points="{curve.line}"/></svg>\n'
    )


def criteria(lang: str) -> str:
    """Every criterion of every profile: what it measures, its curve, its sources, who counts it and for how much."""
    english = lang == "en"
    texts = read_texts(lang)
    found: dict[str, list[tuple[ScoringProfile, Criterion, Curve]]] = {}
    for profile in _profiles():
        curves = value_curves(profile, (), texts=texts)
        for criterion, curve in zip(profile.criteria, curves, strict=True):
            found.setdefault(criterion.key, []).append((profile, criterion, curve))
    parts = [
        "# Criteria\n",
        "Every criterion turns a measure into a value from 0 (bad) to 1 (good), over fixed anchors. This page is "
        "made of the profiles' own files."
        if english
        else "Elk criterium maakt van een meting een waarde van 0 (slecht) tot 1 (goed), over vaste ijkpunten. Deze "
        "bladzijde is gemaakt uit de bestanden van de profielen zelf.",
    ]
    for key, uses in sorted(found.items()):
        metric = metrics()[uses[0][1].metric]
        parts.append(f"\n## `{key}` {{ #{key} }}\n")
        parts.append(f"**{cell(said(uses[0][1], 'label', lang))}** · `{metric.name}`\n")

        def alike(use: tuple[ScoringProfile, Criterion, Curve]) -> tuple[str, str]:
            return use[2].words, said(use[1], "source", lang)

        for (worth, source), same in groupby(sorted(uses, key=alike), alike):
            those = list(same)
            parts.append(_picture(those[0][2]))
            parts.append(f"{cell(worth)}\n")
            parts += [
                f"{'Knocks out' if english else 'Valt af'}: {cell(said(out, 'reason', lang))}\n"
                for out in {use[1].knock_out for use in those}
                if out is not None
            ]
            parts.append(f"{'Source' if english else 'Bron'}: {cell(source)}\n")
            shares = ", ".join(
                f"[{cell(said(profile, 'title', lang))}](scoring-profiles.md#{profile.name}) {curve.weight}"
                for profile, _, curve in those
            )
            parts.append(f"{'Weight' if english else 'Gewicht'}: {shares}\n")
    return "\n".join(parts)


def scoring_profiles(lang: str) -> str:
    """Every scoring profile: for whom, its criteria with their share of the weight, its sources."""
    english = lang == "en"
    texts = read_texts(lang)
    parts = [
        "# Scoring profiles\n" if english else "# Scoreprofielen\n",
        "What counts for whom, and how much. The weights are choices; [a profile of your own](profiles.md) makes "
        "others."
        if english
        else "Wat telt voor wie, en hoe zwaar. De gewichten zijn keuzes; met [een eigen profiel](profiles.md) maakt "
        "u andere.",
    ]
    for profile in _profiles():
        parts.append(f"\n## {cell(said(profile, 'title', lang))} {{ #{profile.name} }}\n")
        parts.append(f"`{profile.name}` · {cell(said(profile, 'description', lang))}\n")
        if profile.inherits:
            parts.append(
                f"{'Builds on' if english else 'Bouwt voort op'} [`{profile.inherits}`](#{profile.inherits}).\n"
            )
        if profile.source:
            parts.append(
                f"{'Source' if english else 'Bron'}: {cell(said(profile, 'source', lang))}\n"
            )
        head = ("criterion", "weight", "value") if english else ("criterium", "gewicht", "waarde")
        rows = (
            (f"[{cell(curve.label)}](criteria.md#{criterion.key})", curve.weight, cell(curve.words))
            for criterion, curve in zip(
                profile.criteria, value_curves(profile, (), texts=texts), strict=True
            )
        )
        parts.append(table(head, rows))
    return "\n".join(parts)


def classes(lang: str) -> str:
    """Every class of facilities: which objects of OpenStreetMap are one, and how many there are in the country."""
    english = lang == "en"
    parts = [
        "# Facility classes\n" if english else "# Soorten voorzieningen\n",
        "Which objects of OpenStreetMap belong to which class. How complete they are: [facilities](facilities.md)."
        if english
        else "Welke objecten van OpenStreetMap bij welke soort horen. Hoe volledig dat is: "
        "[voorzieningen](facilities.md).",
    ]
    for key, one in read_facility_classes().items():
        parts.append(f"\n## {cell(said(one, 'title', lang))} {{ #{key} }}\n")
        parts.append(f"`{key}` {cell(said(one, 'note', lang) or '')}\n")
        if one.includes:
            made = "Made of" if english else "Bestaat uit"
            parts.append(
                f"{made}: " + ", ".join(f"[`{name}`](#{name})" for name in one.includes) + "\n"
            )
        tags = sorted(
            {
                f"`{name}={value}`"
                for take in one.takes
                for condition in (take.any_of, take.all_of)
                for name, values in condition
                for value in values
            }
        )
        parts.append(("Tags: " if english else "Kenmerken: ") + ", ".join(tags) + "\n")
        if one.expected is not None:
            many = read_texts(lang).number(one.expected.count, 0)
            there = f"In the Netherlands {many}" if english else f"In Nederland {many}"
            parts.append(f"{there} ({one.expected.year}): {cell(one.expected.citation)}\n")
        parts.append(f"{'Source' if english else 'Bron'}: {cell(one.source)}\n")
    return "\n".join(parts)


def catalogue(lang: str) -> str:
    """Every publication of open data, and every column that is read from it."""
    english = lang == "en"
    known = read_catalogue()
    parts = [
        "# Sources\n" if english else "# Bronnen\n",
        "The open data that are known: whose, which years, which licence. `geowoonzorg sources list` tells "
        "the same."
        if english
        else "De open gegevens die bekend zijn: van wie, welke jaren, welke licentie. `geowoonzorg sources list` "
        "zegt hetzelfde.",
        "",
    ]
    head = ("source", "publisher", "licence", "years", "cite as")
    if not english:
        head = ("bron", "van wie", "licentie", "jaren", "zo te noemen")
    rows = (
        (
            f"{cell(said(one, 'title', lang))} `{one.key}`",
            cell(translate(one.publisher, lang)),
            cell(translate(one.licence, lang)),
            year_runs(one.years) if one.years else "",
            cell(one.citation),
        )
        for one in known.sources.values()
    )
    parts += [table(head, rows), "## Columns\n" if english else "## Kolommen\n"]
    head = ("column", "what", "unit", "source")
    if not english:
        head = ("kolom", "wat", "eenheid", "bron")
    columns = (
        (f"`{one.name}`", cell(one.en if english else one.nl), cell(one.unit), f"`{one.source}`")
        for one in known.columns.values()
    )
    return "\n".join([*parts, table(head, columns)])


def truth(lang: str) -> str:
    """Tell what may be walked, row by row: the tests' own tables."""
    english = lang == "en"
    with (TRUTH / "dutch_walking.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parts = [
        "# Truth table of the walk\n" if english else "# Waarheidstabel van het lopen\n",
        f"{len(rows)} rows that a test holds the program to: ✓ may be walked, ✗ may not. "
        "The rules themselves: [what is walked](walking.md)."
        if english
        else f"{len(rows)} regels waaraan een toets het programma houdt: ✓ er mag gelopen worden, ✗ niet. De redenen "
        "zijn in het Engels. De regels zelf: [wat er belopen wordt](walking.md).",
    ]
    head = ("tags", "wandelaar", "rollator", "rolstoel", "why", "source")
    for subject, those in groupby(rows, lambda row: row["subject"]):
        parts.append(f"\n## {cell(subject)}\n")
        lines = (
            (
                " ".join(f"`{tag}`" for tag in row["tags"].split()),
                *(_MARKS.get(row[name], cell(row[name])) for name in head[1:4]),
                cell(row["why"]),
                cell(row["source"]),
            )
            for row in those
        )
        parts.append(table(head, lines))
    return "\n".join([*parts, *_of_osrm(lang)])


def _of_osrm(lang: str) -> Iterator[str]:
    """Tell what OSRM's own foot scenarios say and what we say, those that differ first and with the reason."""
    with (TRUTH / "osrm_foot.csv").open(encoding="utf-8", newline="") as file:
        rows = [{**row, "differs": row["osrm"] != row["wandelaar"]} for row in csv.DictReader(file)]
    n = sum(row["differs"] for row in rows)
    if lang == "en":
        yield (
            f"\n## OSRM's foot scenarios\n\nThe {len(rows)} foot scenarios of OSRM that tell whether something may "
            f"be walked, in the same test; {n} are answered otherwise here, each with its reason.\n"
        )
    else:
        yield (
            f"\n## De voetgangersscenario's van OSRM\n\nDe {len(rows)} scenario's van OSRM die zeggen of er gelopen "
            f"mag worden, in dezelfde toets; op {n} geven wij een ander antwoord, elk met zijn reden.\n"
        )
    head = ("tags", "point" if lang == "en" else "punt", "OSRM", "wandelaar", "why")
    # the same tags stand in several scenarios
    once = {(row["way"], row["node"], row["osrm"]): row for row in rows}
    yield table(
        head,
        (
            (
                *(" ".join(f"`{tag}`" for tag in row[name].split()) for name in ("way", "node")),
                *(_MARKS.get(row[name], cell(row[name])) for name in ("osrm", "wandelaar")),
                cell(row["why"]),
            )
            for row in sorted(once.values(), key=lambda row: not row["differs"])
        ),
    )


def _each_command(
    group: click.Group, context: click.Context, before: str
) -> Iterator[tuple[str, click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        inner = click.Context(command, info_name=f"{before} {name}")
        yield f"{before} {name}", command, inner
        if isinstance(command, click.Group):
            yield from _each_command(command, inner, f"{before} {name}")


def command_reference(lang: str) -> str:
    """Every command with its own help, as `--help` tells it."""
    parts = [
        "# Commands\n" if lang == "en" else "# Opdrachten\n",
        "What `geowoonzorg COMMAND --help` tells."
        if lang == "en"
        else "Wat `geowoonzorg OPDRACHT --help` zegt; dat is in het Engels. Elke opdracht antwoordt zelf in het "
        "Nederlands.",
    ]
    top = click.Context(commands, info_name="geowoonzorg")
    for name, command, context in _each_command(commands, top, "geowoonzorg"):
        parts.append(f"\n## {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def python_reference(lang: str) -> str:
    """Every public name; mkdocstrings writes each from its docstring."""
    parts = [
        "# Python\n",
        "Every public name of the package. Each example runs as a test."
        if lang == "en"
        else "Alles wat het pakket in Python biedt, in het Engels, zoals het in de code staat. Elk voorbeeld is een "
        "toets.",
    ]
    for name in sorted(geowoonzorg.__all__):
        one = getattr(geowoonzorg, name)
        parts.append(f"\n::: {one.__module__}.{one.__qualname__}\n")
    return "\n".join(parts)


PAGES: Final[dict[str, Callable[[str], str]]] = {
    "criteria": criteria,
    "scoring-profiles": scoring_profiles,
    "classes": classes,
    "catalogue": catalogue,
    "truth": truth,
    "commands": command_reference,
    "python": python_reference,
}
