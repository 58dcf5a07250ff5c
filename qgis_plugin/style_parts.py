"""What the makers of ``.qml`` styles share: colours and letters of the engine's own map, symbols, labels, and writing one."""

from __future__ import annotations

from pathlib import Path

import tomllib
from qgis.core import (
    QgsCentroidFillSymbolLayer,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsFontMarkerSymbolLayer,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRuleBasedRenderer,
    QgsSimpleLineSymbolLayer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QFont

ROOT = Path(__file__).resolve().parents[1]
KNOWLEDGE = ROOT / "geowoonzorg" / "knowledge"
STYLES = ROOT / "qgis_plugin" / "geowoonzorg_qgis" / "styles"
MAP = tomllib.loads((KNOWLEDGE / "map_styles.toml").read_text(encoding="utf-8"))
TEXTS = tomllib.loads((KNOWLEDGE / "texts_nl.toml").read_text(encoding="utf-8"))
CLASSES = {name: style for name, style in MAP["facility_class"].items() if name != "other"}
OTHER = MAP["facility_class"]["other"]["colour"]
UNKNOWN = "onbekend"
CATEGORIES = QgsMapLayer.StyleCategory.Symbology | QgsMapLayer.StyleCategory.Labeling
# The panel writes the ranks under moved weights into a variable of the layer, null for who has none; else the run's own.
RANK = """if(coalesce(@geowoonzorg_ranks, '{}') = '{}', "rank", map_get(from_json(@geowoonzorg_ranks), "id"))"""


def with_alpha(colour: str, alpha: int) -> QColor:
    """Give a colour with an opacity of 0-255."""
    made = QColor(colour)
    made.setAlpha(alpha)
    return made


def badge(colour: str, letters: str) -> QgsMarkerSymbol:
    """Make a disc with white letters: a class is never colour alone."""
    symbol = QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": colour, "size": "5", "outline_color": "#ffffff", "outline_width": "0.3"}
    )
    letter = QgsFontMarkerSymbolLayer("Sans Serif", letters, 2.9 if len(letters) == 1 else 2.3, QColor("#ffffff"))
    letter.setFontStyle("Bold")
    symbol.appendSymbolLayer(letter)
    return symbol


def names(key: str) -> tuple[str, str]:
    """Give a class's plural and letters."""
    _one, many, letters = TEXTS["facility_class"][key]
    return many[0].upper() + many[1:], letters


def outline(style: dict, *, width: float) -> QgsSimpleLineSymbolLayer:
    """Make a line with the class's dashes."""
    line = QgsSimpleLineSymbolLayer(QColor(style["colour"]), width)
    if style["dash"]:
        line.setUseCustomDashPattern(True)
        line.setCustomDashVector([float(part) * 0.35 for part in style["dash"].split()])
        line.setCustomDashPatternUnit(QgsUnitTypes.RenderUnit.RenderMillimeters)
        line.setPenCapStyle(Qt.PenCapStyle.FlatCap)
    return line


def hatched() -> QgsFillSymbol:
    """Grey hatching: missing, which is never a class."""
    symbol = QgsFillSymbol.createSimple({"color": "255,255,255,60", "outline_color": "#8a8a8a", "outline_width": "0.2"})
    hatch = QgsLinePatternFillSymbolLayer()
    hatch.setLineAngle(45)
    hatch.setDistance(2)
    hatch.setSubSymbol(QgsLineSymbol.createSimple({"color": "#8a8a8a", "width": "0.2"}))
    symbol.appendSymbolLayer(hatch)
    return symbol


def filled(colour: str) -> QgsFillSymbol:
    """Fill a class of areas, through which the background can be read."""
    symbol = QgsFillSymbol.createSimple({"color": colour, "outline_color": "#6b6b6b", "outline_width": "0.2"})
    symbol.setOpacity(0.55)
    return symbol


def graded(column: str, style: dict, ends: tuple[str, str]) -> QgsRuleBasedRenderer:
    """Draw the classes between the breaks; ``ends`` is what the lowest and the highest class add to their label."""
    breaks = style["breaks"]
    root = QgsRuleBasedRenderer.Rule(None)
    for number, colour in enumerate(style["colours"]):
        low = breaks[number - 1] if number else None
        high = breaks[number] if number < len(breaks) else None
        rule = " AND ".join(
            ([f'"{column}" >= {low}'] if low is not None else []) + ([f'"{column}" < {high}'] if high is not None else [])
        )
        label = range_label(low, high, style["decimals"])
        label += ends[0] if low is None else ends[1] if high is None else ""
        root.appendChild(QgsRuleBasedRenderer.Rule(filled(colour), 0, 0, rule, label))
    root.appendChild(QgsRuleBasedRenderer.Rule(hatched(), 0, 0, f'"{column}" IS NULL', UNKNOWN))
    return QgsRuleBasedRenderer(root)


def range_label(low: float | None, high: float | None, decimals: int) -> str:
    """Say what lies between two breaks; without one of them, what lies under or above."""

    def said(value: float) -> str:
        return f"{value:+.{decimals}f}".replace(".", ",").replace("-", "−")  # noqa: RUF001 - a minus sign

    if low is None:
        return f"onder {said(high)}"
    if high is None:
        return f"{said(low)} en hoger"
    return f"{said(low)} tot {said(high)}"


def site_marker(kind: str) -> QgsMarkerSymbol:
    """Make a site's disc, the cross of one that drops out, or the ? of one of which too little is known."""
    look = {"name": "circle", "size": "6.5", "outline_color": "#ffffff", "outline_width": "0.5", "color": "#1b1b1b"}
    if kind == "site_out":
        look |= {"name": "cross2", "size": "4", "color": "#555555", "outline_color": "#555555", "outline_width": "0.8"}
    if kind == "site_unranked":
        look |= {"size": "6", "color": "#ffffff", "outline_color": "#1b1b1b", "outline_style": "dot"}
    symbol = QgsMarkerSymbol.createSimple(look)
    if kind == "site_unranked":
        sign = QgsFontMarkerSymbolLayer("Sans Serif", "?", 3.4, QColor("#1b1b1b"))
        sign.setFontStyle("Bold")
        symbol.appendSymbolLayer(sign)
    return symbol


def site_fill(kind: str) -> QgsFillSymbol:
    """Make the same for a site that is drawn as an area."""
    symbol = QgsFillSymbol.createSimple({"color": "27,27,27,40", "outline_color": "#1b1b1b", "outline_width": "0.5"})
    centre = QgsCentroidFillSymbolLayer()
    centre.setPointOnSurface(True)
    centre.setSubSymbol(site_marker(kind))
    symbol.appendSymbolLayer(centre)
    return symbol


def rank_labels(*, polygon: bool, expression: str = RANK) -> QgsVectorLayerSimpleLabeling:
    """Write the rank, or another number, in the disc."""
    text = QgsTextFormat()
    text.setFont(QFont("Sans Serif", 8, QFont.Weight.Bold))
    text.setSize(8.5)
    text.setColor(QColor("#ffffff"))
    settings = QgsPalLayerSettings()
    settings.setFormat(text)
    settings.isExpression = True
    settings.fieldName = expression
    settings.placement = QgsPalLayerSettings.Placement.OverPoint
    settings.displayAll = True
    settings.obstacle = False
    if polygon:  # where the disc is
        settings.geometryGenerator = "point_on_surface($geometry)"
        settings.geometryGeneratorEnabled = True
    return QgsVectorLayerSimpleLabeling(settings)


def area_labels(expression: str) -> QgsVectorLayerSimpleLabeling:
    """Write a number in the area: a class is never colour alone."""
    text = QgsTextFormat()
    text.setFont(QFont("Sans Serif", 8))
    text.setSize(8)
    text.setColor(QColor("#333333"))
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.7)
    halo.setColor(QColor("#ffffff"))
    text.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.setFormat(text)
    settings.isExpression = True
    settings.fieldName = expression
    return QgsVectorLayerSimpleLabeling(settings)


def decimal(value: float, places: int) -> str:
    """Write a number with a comma; without places with its sign."""
    said = f"{value:.{places}f}".rstrip("0").rstrip(".") if places else f"{value:+.0f}"
    return said.replace(".", ",").replace("-", "−")  # noqa: RUF001 - a minus sign


def farthest_first(renderer: QgsRuleBasedRenderer) -> QgsRuleBasedRenderer:
    """Have what is near drawn over what is far, whatever the order in the file."""
    renderer.setOrderBy(QgsFeatureRequest.OrderBy([QgsFeatureRequest.OrderByClause('"limit_m"', False)]))
    renderer.setOrderByEnabled(True)
    return renderer


def save(name: str, geometry: str, renderer, labeling=None) -> None:
    """Write one style."""
    layer = QgsVectorLayer(f"{geometry}?crs=EPSG:28992", name, "memory")
    layer.setRenderer(renderer)
    if labeling is not None:
        layer.setLabeling(labeling)
        layer.setLabelsEnabled(True)
    _message, saved = layer.saveNamedStyle(str(STYLES / f"{name}.qml"), CATEGORIES)
    if not saved:
        raise SystemExit(f"{name}.qml could not be written")
