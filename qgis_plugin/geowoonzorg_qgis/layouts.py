"""Print layouts: an A4 and an A3 with a page for each site, its reach and walks, its score taken apart, and the sources."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from qgis.core import (
    QgsLayoutFrame,
    QgsLayoutItem,
    QgsLayoutItemAttributeTable,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutMultiFrame,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLayoutTableColumn,
    QgsLegendStyle,
    QgsPrintLayout,
    QgsProject,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtGui import QColor, QFont

from . import columns, figures, forms, themes
from .reading import RUN
from .texts import FOLDER, tr

_MM = QgsUnitTypes.LayoutUnit.LayoutMillimeters
_SCALES = (2_500, 5_000, 7_500, 10_000, 12_500, 15_000, 20_000, 25_000, 50_000, 100_000)
_MARGIN = 1.1  # of the map beyond what can be walked to
_FALLBACK_REACH_M = 800.0
_LETTER_MM = 0.19  # of a point, as wide as letters are at most on average
_ON_TOP = {"score", "rank", "known_weight_share"}
_NEEDED = ("sites", "site_areas", "criteria")


@dataclass(frozen=True)
class Paper:
    """A size of paper and where things stand on it, in mm: x, y, width, height."""

    name: str
    width: float
    height: float
    title: QRectF
    standing: QRectF
    map: QRectF
    legend: QRectF
    table: QRectF
    notes: QRectF
    columns: tuple[float, ...]  # widths of the table
    text: float  # size of the small letters, points


PAPERS = (
    Paper(
        "A4", 210, 297, QRectF(12, 10, 186, 9), QRectF(12, 19, 186, 12), QRectF(12, 32, 130, 118), QRectF(145, 32, 55, 118),
        QRectF(12, 154, 186, 92), QRectF(12, 247, 186, 44), (64, 42, 14, 18, 40), 7,
    ),
    Paper(
        "A3", 420, 297, QRectF(12, 10, 396, 10), QRectF(12, 20, 396, 12), QRectF(12, 33, 206, 214), QRectF(221, 33, 47, 214),
        QRectF(270, 33, 138, 214), QRectF(12, 250, 396, 40), (46, 33, 13, 14, 27), 7.5,
    ),
)  # fmt: skip


def add_all(project: QgsProject) -> None:
    """Make the map themes and the layouts of what is loaded; to be called once layers were added."""
    themes.add_themes(project)
    add_layouts(project)


def add_layouts(project: QgsProject) -> list[str]:
    """Make the layouts of the sites that were loaded last, and give their names; none where a part is missing.

    A layout of these same sites is left as its user made it; one whose sites are gone is made anew.
    """
    found = themes.layers_by_preset(project)
    if any(preset not in found for preset in _NEEDED):
        return []
    manager = project.layoutManager()
    made = []
    for paper in PAPERS:
        name = tr("Geowoonzorg: a page for each site, {paper}").format(paper=paper.name)
        there = manager.layoutByName(name)
        if there is not None:
            covered = there.atlas().coverageLayer()
            if covered is not None and covered.id() == found["sites"].id():
                made.append(name)
                continue
            if covered is not None and covered.isValid():
                name = _free_name(project, name)
            else:
                manager.removeLayout(there)
        layout = QgsPrintLayout(project)
        layout.initializeDefaults()
        layout.setName(name)
        _fill(layout, paper, found)
        manager.addLayout(layout)
        made.append(name)
    return made


def _free_name(project: QgsProject, name: str) -> str:
    number = 2
    while project.layoutManager().layoutByName(f"{name} ({number})") is not None:
        number += 1
    return f"{name} ({number})"


def _fill(layout: QgsPrintLayout, paper: Paper, found: dict[str, QgsVectorLayer]) -> None:
    sites = found["sites"]
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(paper.width, paper.height, _MM))
    atlas = layout.atlas()
    atlas.setCoverageLayer(sites)
    atlas.setEnabled(True)
    # Who has a rank first, in its order; then who has none.
    atlas.setSortFeatures(True)
    atlas.setSortExpression('coalesce("rank", 1000000 + $id)')
    atlas.setPageNameExpression('coalesce("name", "id")')
    atlas.setFilenameExpression("'" + tr("site") + "-' || lpad(@atlas_featurenumber, 3, '0')")

    own = forms.kinds_in(sites)
    _label(layout, paper.title, f"[% {figures.words('name' if 'name' in own else 'id')} %]", size=18, bold=True)
    _label(layout, paper.standing, _standing(own), size=paper.text + 2)
    map_ = _map(layout, paper, found)
    _legend(layout, paper, map_, found)
    _scale_bar(layout, paper, map_)
    _table(layout, paper, found["criteria"])
    _label(layout, paper.notes, _notes(sites, own), size=paper.text)


def _add(layout: QgsPrintLayout, item: QgsLayoutItem, place: QRectF) -> None:
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(place.x(), place.y(), _MM))
    item.attemptResize(QgsLayoutSize(place.width(), place.height(), _MM))


def _letters(size: float, *, bold: bool = False) -> QFont:
    font = QFont("Sans Serif")
    font.setPointSizeF(size)
    font.setBold(bold)
    return font


def _format(size: float, *, bold: bool = False) -> QgsTextFormat:
    made = QgsTextFormat()
    made.setFont(_letters(size, bold=bold))
    made.setSize(size)
    made.setColor(QColor("#1b1b1b"))
    return made


def _label(layout: QgsPrintLayout, place: QRectF, text: str, *, size: float, bold: bool = False) -> None:
    label = QgsLayoutItemLabel(layout)
    label.setText(text)
    label.setFont(_letters(size, bold=bold))
    label.setHAlign(Qt.AlignmentFlag.AlignLeft)
    label.setMarginX(0)
    label.setMarginY(0)
    _add(layout, label, place)


def _standing(own: dict[str, int]) -> str:
    """Say score and rank, each with its range, how much is known, and what may still make the site drop out."""
    lines = [line for line in forms.standing(own) if line.name.removesuffix(forms.TEXT) in _ON_TOP]
    said = [f"{_plain(line.alias)}: [% {line.expression} %]" for line in lines]
    if "knock_out_possible" in own:
        may = f"{figures.literal('   ·   ' + columns.alias('knock_out_possible') + ': ')} || nullif(\"knock_out_possible\", '')"
        said[-1:] = [said[-1] + f"[% coalesce({may}, '') %]"] if said else []
    return "   ·   ".join(said)


def _plain(text: str) -> str:
    """Write a text into a label, in which ``[% %]`` would be worked out."""
    return text.replace("[%", "[ %")


def _map(layout: QgsPrintLayout, paper: Paper, found: dict[str, QgsVectorLayer]) -> QgsLayoutItemMap:
    map_ = QgsLayoutItemMap(layout)
    _add(layout, map_, paper.map)
    map_.setFrameEnabled(True)
    # The theme's layers as they are now, not the theme: that will be of the next run.
    collection = found["sites"].project().mapThemeCollection()
    map_.setKeepLayerSet(True)
    map_.setLayers(collection.mapThemeVisibleLayers(themes.one_site()))
    if "areas" in found:
        overrides = collection.mapThemeStyleOverrides(themes.one_site())
        map_.setKeepLayerStyles(True)
        map_.setLayerStyleOverrides({found["areas"].id(): overrides[found["areas"].id()]})
    map_.setCrs(found["sites"].crs())
    map_.setAtlasDriven(True)
    # One scale for every page, so that pages can be laid beside each other.
    map_.setAtlasScalingMode(QgsLayoutItemMap.AtlasScalingMode.Fixed)
    map_.setExtent(found["sites"].extent())
    map_.attemptResize(QgsLayoutSize(paper.map.width(), paper.map.height(), _MM))  # an extent changes the shape
    map_.setScale(_scale(found["site_areas"], paper))
    map_.setBackgroundColor(QColor("#ffffff"))
    return map_


def _scale(site_areas: QgsVectorLayer, paper: Paper) -> float:
    """Give the round scale at which all that can be walked to is on the map."""
    index = site_areas.fields().lookupField("limit_m")
    limits = [float(value) for value in site_areas.uniqueValues(index) if isinstance(value, (int, float))] if index >= 0 else []
    across_m = 2 * _MARGIN * max(limits, default=_FALLBACK_REACH_M)
    needed = across_m / (min(paper.map.width(), paper.map.height()) / 1000)
    return next((scale for scale in _SCALES if scale >= needed), math.ceil(needed))


def _legend(layout: QgsPrintLayout, paper: Paper, map_: QgsLayoutItemMap, found: dict[str, QgsVectorLayer]) -> None:
    """Explain what is on the map of the page, and no more."""
    legend = QgsLayoutItemLegend(layout)
    _add(layout, legend, paper.legend)
    legend.setLinkedMap(map_)
    legend.setAutoUpdateModel(False)
    group = legend.model().rootGroup()
    group.removeAllChildren()
    for preset in ("sites", "site_areas", "facilities", "areas"):
        if preset in found:
            node = group.addLayer(found[preset])
            if preset == "facilities" and "route" in found:  # drawn in the same colours, so not once more
                title = tr("{facilities}\n(the walk there: same colour)").format(facilities=found[preset].name())
                node.setCustomProperty("legend/title-label", title)
    legend.setLegendFilterByMapEnabled(True)
    legend.setResizeToContents(False)
    for style, size, bold in (
        (QgsLegendStyle.Style.Title, paper.text + 2, True),
        (QgsLegendStyle.Style.Group, paper.text + 1, True),
        (QgsLegendStyle.Style.Subgroup, paper.text, True),
        (QgsLegendStyle.Style.SymbolLabel, paper.text, False),
    ):
        text = legend.style(style)
        text.setFont(_letters(size, bold=bold))
        legend.setStyle(style, text)
    legend.setSymbolWidth(5)
    legend.setSymbolHeight(3)
    legend.setBoxSpace(0)
    legend.setWrapString("\n")


def _scale_bar(layout: QgsPrintLayout, paper: Paper, map_: QgsLayoutItemMap) -> None:
    """Draw a scale bar in metres and an arrow north, on the map."""
    bar = QgsLayoutItemScaleBar(layout)
    bar.setStyle("Single Box")
    bar.setLinkedMap(map_)
    bar.setUnits(QgsUnitTypes.DistanceUnit.DistanceMeters)
    bar.setUnitLabel("m")
    bar.setNumberOfSegmentsLeft(0)
    bar.setNumberOfSegments(2)
    bar.setUnitsPerSegment(200)
    bar.setHeight(2)
    bar.setFont(_letters(paper.text))
    bar.setBackgroundEnabled(True)
    bar.setBackgroundColor(QColor("#ffffff"))
    _add(layout, bar, QRectF(paper.map.x() + 2, paper.map.bottom() - 12, 50, 10))
    arrow = QgsLayoutItemPicture(layout)
    arrow.setPicturePath(str(FOLDER / "icons" / "north.svg"))
    arrow.setLinkedMap(map_)
    _add(layout, arrow, QRectF(paper.map.right() - 11, paper.map.y() + 2, 9, 9))


def _table(layout: QgsPrintLayout, paper: Paper, criteria: QgsVectorLayer) -> None:
    """Take the score apart: what was measured, how much it weighs, its points, and the source."""
    table = QgsLayoutItemAttributeTable.create(layout)
    table.setVectorLayer(criteria)
    table.setFilterFeatures(True)
    table.setFeatureFilter("\"site_id\" = attribute(@atlas_feature, 'id')")
    table.setMaximumNumberOfFeatures(200)
    # Wrapped here by letters: a row is sometimes too low for what the table wraps itself.
    letters = [int(width / (_LETTER_MM * paper.text)) for width in paper.columns]
    heads, texts = _columns(criteria)
    wrapped = [f"wordwrap({text}, {most})" for text, most in zip(texts, letters)]
    table.setColumns([_column(*about) for about in zip(heads, wrapped, paper.columns)])
    table.setSortColumns([_sorted_by('"weight"')])
    table.setHeaderTextFormat(_format(paper.text, bold=True))
    table.setContentTextFormat(_format(paper.text))
    table.setCellMargin(0.6)
    table.setGridColor(QColor("#c8c8c8"))
    table.setGridStrokeWidth(0.15)
    table.setVerticalGrid(False)
    table.setWrapBehavior(table.WrapBehavior.WrapText)
    table.setResizeMode(QgsLayoutMultiFrame.ResizeMode.UseExistingFrames)
    frame = QgsLayoutFrame(layout, table)
    layout.addMultiFrame(table)
    table.addFrame(frame)
    frame.attemptMove(QgsLayoutPoint(paper.table.x(), paper.table.y(), _MM))
    frame.attemptResize(QgsLayoutSize(paper.table.width(), paper.table.height(), _MM))
    table.refreshAttributes()


def _columns(criteria: QgsVectorLayer) -> tuple[list[str], list[str]]:
    """Give heads and expressions of the table."""
    run = figures.run_kept(criteria.customProperty(RUN))
    named = figures.column
    label = f"coalesce({figures.lookup(run.get('labels', {}), named('criterion'))}, {named('label')})"
    because = figures.lookup(forms.reasons(), named("reason"))
    why = f"coalesce(': ' || nullif(coalesce({because}, \"reason\"), ''), '')"
    unknown = f"{figures.literal(tr('unknown'))} || {why}"
    return (
        [tr("Part"), tr("Measured"), tr("Weight"), tr("Points"), tr("Source")],
        [
            label,
            f"CASE WHEN coalesce(\"raw\", '') = '' THEN {unknown} ELSE {_measured()} END",
            f"{figures.number(named('weight'), 0, ' %')} || ' %'",
            f"coalesce({figures.number(named('contribution'), 1)}, {figures.literal(tr('unknown'))})",
            'concat("source", \' \' || to_string("year"))',
        ],
    )


def _measured() -> str:
    """Write what was measured, by its unit, with its range."""
    cases = ""
    for unit, asked in (("m", 0), ("dB", 0), ("aandeel", 0), ("share", 0), ("log2", 2)):
        behind = " %" if unit in {"aandeel", "share"} else "" if unit == "log2" else f" {unit}"
        cases += f" WHEN \"unit\" = '{unit}' THEN {_with_range(asked, behind)}"
    whole = 'to_real("raw") = round(to_real("raw"))'
    # A word, such as yes, is no number.
    return (
        f'CASE WHEN NOT regexp_match("raw", \'^-?[0-9.]+(e-?[0-9]+)?$\') THEN "raw"{cases} '
        f"WHEN {whole} THEN {_with_range(0, '')} ELSE {_with_range(2, '')} END"
    )


def _with_range(places: int, unit: str) -> str:
    share = " %" if unit == " %" else ""
    value, low, high = (figures.number(figures.column(name), places, share) for name in ("raw", "raw_low", "raw_high"))
    span = f"if({low} <> {high}, ' (' || {figures.span('raw_low', low, high)} || ')', '')"
    return f"{value} || {figures.literal(unit)} || coalesce({span}, '')"


def _column(heading: str, expression: str, width: float) -> QgsLayoutTableColumn:
    column = QgsLayoutTableColumn(heading)
    column.setAttribute(expression)
    column.setWidth(width)
    return column


def _sorted_by(expression: str) -> QgsLayoutTableColumn:
    column = QgsLayoutTableColumn()
    column.setAttribute(expression)
    column.setSortOrder(Qt.SortOrder.DescendingOrder)
    return column


def _notes(sites: QgsVectorLayer, own: dict[str, int]) -> str:
    """Write what stands under every page: people, balance, what it is not, sources, profile and date."""
    return "\n".join(_note_lines(sites, own))


def _note_lines(sites: QgsVectorLayer, own: dict[str, int]) -> Iterator[str]:
    run = figures.run_kept(sites.customProperty(RUN))
    figures_ = [forms.number(name, own) for name in ("people_65plus", "balans_before", "balans_after") if name in own]
    if figures_:
        yield "   ·   ".join(f"{_plain(line.alias)}: [% {line.expression} %]" for line in figures_)
    yield tr(
        "The balance of vragers and dragers is relative to the reference: no norm, and no judgement of persons. "
        "A number in brackets is a range: what it can be, given what is not known. What is unknown has no points."
    )
    if sources := run.get("sources"):
        yield _plain(tr("Sources: {sources}").format(sources="; ".join(sources)))
    if run.get("profile"):
        yield _plain(tr("Scoring profile: {title}, hash {hash}").format(title=run["profile"], hash=run.get("hash", "")))
    printed = "[% format_date(now(), 'yyyy-MM-dd') %]"
    page = "[% @atlas_featurenumber %] / [% @atlas_totalfeatures %]"
    yield tr("Made with {engine} and QGIS, printed {date}. Page {page}.").format(
        engine=_plain(run.get("engine", "geowoonzorg")), date=printed, page=page
    )
