"""Make the plugin's ``.qml`` styles from the colours and letters the engine's own map uses.

Run with QGIS's Python, of the oldest QGIS that is supported, so that every newer one reads them:

    QT_HASH_SEED=0 QT_QPA_PLATFORM=offscreen /usr/bin/python3 qgis_plugin/styles.py
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import tomllib
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCentroidFillSymbolLayer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsFontMarkerSymbolLayer,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSimpleLineSymbolLayer,
    QgsSingleBandPseudoColorRenderer,
    QgsSymbol,
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


def facilities() -> QgsCategorizedSymbolRenderer:
    """Give every class a letter badge."""
    categories = [
        QgsRendererCategory(key, badge(style["colour"], names(key)[1]), names(key)[0]) for key, style in CLASSES.items()
    ]
    categories.append(QgsRendererCategory("", badge(OTHER, "?"), "Overige voorzieningen"))
    return QgsCategorizedSymbolRenderer("facility_class", categories)


def outline(style: dict, *, width: float) -> QgsSimpleLineSymbolLayer:
    """Make a line with the class's dashes."""
    line = QgsSimpleLineSymbolLayer(QColor(style["colour"]), width)
    if style["dash"]:
        line.setUseCustomDashPattern(True)
        line.setCustomDashVector([float(part) * 0.35 for part in style["dash"].split()])
        line.setCustomDashPatternUnit(QgsUnitTypes.RenderUnit.RenderMillimeters)
        line.setPenCapStyle(Qt.PenCapStyle.FlatCap)
    return line


def service_areas() -> QgsCategorizedSymbolRenderer:
    """Give every class a see-through area, so that overlaps darken, with the class's own dashes around it."""

    def symbol(style: dict) -> QgsFillSymbol:
        made = QgsFillSymbol.createSimple({"color": "0,0,0,0", "outline_style": "no"})
        made.symbolLayer(0).setFillColor(with_alpha(style["colour"], 38))
        made.appendSymbolLayer(outline(style, width=0.4))
        return made

    return _per_class(symbol)


def service_areas_lines() -> QgsCategorizedSymbolRenderer:
    """Give every class a line."""

    def symbol(style: dict) -> QgsLineSymbol:
        made = QgsLineSymbol()
        made.changeSymbolLayer(0, outline(style, width=0.7))
        return made

    return _per_class(symbol)


def _per_class(symbol) -> QgsCategorizedSymbolRenderer:
    categories = [QgsRendererCategory(key, symbol(style), names(key)[0]) for key, style in CLASSES.items()]
    categories.append(QgsRendererCategory("", symbol(MAP["facility_class"]["other"]), "Overige voorzieningen"))
    return QgsCategorizedSymbolRenderer("facility_class", categories)


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


def areas() -> QgsCategorizedSymbolRenderer:
    """Leefbaarometer's nine classes."""
    indicator = MAP["indicator"]["lbm_afw"]
    labels = TEXTS["classes"]["lbm_class"]
    categories = [
        QgsRendererCategory(number, filled(colour), f"{number} {label}")
        for number, (colour, label) in enumerate(zip(indicator["colours"], labels, strict=True), start=1)
    ]
    categories.append(QgsRendererCategory("", hatched(), UNKNOWN))
    return QgsCategorizedSymbolRenderer("lbm_class", categories)


def areas_balance() -> QgsRuleBasedRenderer:
    """Draw the balance of vragers and dragers, purple to orange: neither side is good or bad."""
    return _graded("balans", MAP["indicator"]["balans"], (" (minder vragers per drager)", " (meer vragers per drager)"))


def areas_deviation() -> QgsRuleBasedRenderer:
    """Draw the Leefbaarometer's deviation from the Netherlands, for sources that lack the nine classes."""
    return _graded("lbm_afw", MAP["indicator"]["lbm_afw"]["without_classes"], (" (onder Nederland)", " (boven Nederland)"))


def _graded(column: str, style: dict, ends: tuple[str, str]) -> QgsRuleBasedRenderer:
    """Draw the classes between the breaks; ``ends`` is what the lowest and the highest class add to their label."""
    breaks = style["breaks"]
    root = QgsRuleBasedRenderer.Rule(None)
    for number, colour in enumerate(style["colours"]):
        low = breaks[number - 1] if number else None
        high = breaks[number] if number < len(breaks) else None
        rule = " AND ".join(
            ([f'"{column}" >= {low}'] if low is not None else []) + ([f'"{column}" < {high}'] if high is not None else [])
        )
        label = _range(low, high, style["decimals"])
        label += ends[0] if low is None else ends[1] if high is None else ""
        root.appendChild(QgsRuleBasedRenderer.Rule(filled(colour), 0, 0, rule, label))
    root.appendChild(QgsRuleBasedRenderer.Rule(hatched(), 0, 0, f'"{column}" IS NULL', UNKNOWN))
    return QgsRuleBasedRenderer(root)


def _range(low: float | None, high: float | None, decimals: int) -> str:
    def said(value: float) -> str:
        return f"{value:+.{decimals}f}".replace(".", ",").replace("-", "−")  # noqa: RUF001 - a minus sign

    if low is None:
        return f"onder {said(high)}"
    if high is None:
        return f"{said(low)} en hoger"
    return f"{said(low)} tot {said(high)}"


def nearest() -> QgsRuleBasedRenderer:
    """Distances in the classes of the norms: 400, 500 and 800 m; size and colour both tell."""
    root = QgsRuleBasedRenderer.Rule(None)
    classes = [
        ('"distance_m" <= 400', "tot 400 m (rollatorafstand)", "#2c7bb6", 1.8),
        ('"distance_m" > 400 AND "distance_m" <= 500', "400 tot 500 m", "#abd9e9", 2.2),
        ('"distance_m" > 500 AND "distance_m" <= 800', "500 tot 800 m", "#fdae61", 2.6),
        ('"distance_m" > 800', "verder dan 800 m", "#d7191c", 3.0),
    ]
    for rule, label, colour, size in classes:
        symbol = QgsMarkerSymbol.createSimple(
            {"name": "circle", "color": colour, "size": str(size), "outline_color": "#444444", "outline_width": "0.1"}
        )
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, rule, label))
    cross = QgsMarkerSymbol.createSimple({"name": "cross2", "color": "#555555", "outline_color": "#555555", "size": "2.4"})
    root.appendChild(QgsRuleBasedRenderer.Rule(cross, 0, 0, '"distance_m" IS NULL', "onbekend of niet bereikbaar"))
    return QgsRuleBasedRenderer(root)


def _site_marker(kind: str) -> QgsMarkerSymbol:
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


def _site_fill(kind: str) -> QgsFillSymbol:
    symbol = QgsFillSymbol.createSimple({"color": "27,27,27,40", "outline_color": "#1b1b1b", "outline_width": "0.5"})
    centre = QgsCentroidFillSymbolLayer()
    centre.setPointOnSurface(True)
    centre.setSubSymbol(_site_marker(kind))
    symbol.appendSymbolLayer(centre)
    return symbol


def sites(symbol=_site_marker) -> QgsRuleBasedRenderer:
    """Draw a black disc with the rank in it, a cross for what dropped out, a ? where too little is known."""
    root = QgsRuleBasedRenderer.Rule(None)
    for rule, kind in (
        (f'NOT coalesce("knocked_out", false) AND {RANK} IS NOT NULL', "site"),
        ('coalesce("knocked_out", false)', "site_out"),
        (f'NOT coalesce("knocked_out", false) AND {RANK} IS NULL', "site_unranked"),
    ):
        made: QgsSymbol = symbol(kind)
        root.appendChild(QgsRuleBasedRenderer.Rule(made, 0, 0, rule, TEXTS["legend"][kind]))
    return QgsRuleBasedRenderer(root)


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


# The panel names the site that was clicked in a variable of the layer; without it every site shows.
CHOSEN = """(@geowoonzorg_site IS NULL OR "site_id" = @geowoonzorg_site)"""


def route() -> QgsRuleBasedRenderer:
    """Draw a walk in its class's colour and dashes, on a white bed."""
    root = QgsRuleBasedRenderer.Rule(None)
    styles = {f""""facility_class" = '{key}'""": (style, names(key)[0]) for key, style in CLASSES.items()}
    styles["ELSE"] = (MAP["facility_class"]["other"], "Overige voorzieningen")
    chosen = QgsRuleBasedRenderer.Rule(None, 0, 0, CHOSEN, "van de gekozen plek")
    for rule, (style, label) in styles.items():
        symbol = QgsLineSymbol.createSimple({"color": "#ffffff", "width": "1.7", "capstyle": "round", "joinstyle": "round"})
        symbol.appendSymbolLayer(outline(style, width=0.9))
        chosen.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, rule, label))
    root.appendChild(chosen)
    return QgsRuleBasedRenderer(root)


def route_labels() -> QgsVectorLayerSimpleLabeling:
    """Write the metres along the walk."""
    labeling = area_labels(f"""CASE WHEN {CHOSEN} THEN format_number("distance_m", 0) || ' m' END""")
    settings = labeling.settings()
    settings.placement = QgsPalLayerSettings.Placement.Line
    return QgsVectorLayerSimpleLabeling(settings)


def site_areas() -> QgsRuleBasedRenderer:
    """Draw what can be walked to: a light area with a firm edge, the farthest limit first."""
    root = QgsRuleBasedRenderer.Rule(None)
    for rule, label, alpha in (('"limit_m" > 400', "verder dan 400 m", 20), ('"limit_m" <= 400', "tot 400 m lopen", 45)):
        symbol = QgsFillSymbol.createSimple({"outline_color": "#1b1b1b", "outline_width": "0.4", "outline_style": "dash"})
        symbol.symbolLayer(0).setFillColor(with_alpha("#1b1b1b", alpha))
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, f"{rule} AND {CHOSEN}", label))
    return QgsRuleBasedRenderer(root)


def changes() -> QgsCategorizedSymbolRenderer:
    """Give who gains and who loses a shape of their own: what changes is never colour alone."""
    drawn = {
        "lost": ("cross_fill", "#b2182b", "2.6"),
        "gained": ("triangle", "#1b7837", "2.8"),
        "further": ("circle", "#f4a582", "1.4"),
        "nearer": ("square", "#7fbf7b", "1.4"),
    }
    categories = []
    for key, (shape, colour, size) in drawn.items():
        look = {"name": shape, "color": colour, "size": size, "outline_color": "#333333", "outline_width": "0.1"}
        categories.append(QgsRendererCategory(key, QgsMarkerSymbol.createSimple(look), TEXTS["question"][key]))
    return QgsCategorizedSymbolRenderer("change", categories)


def locations() -> QgsRuleBasedRenderer:
    """Draw a disc for the number of the place."""
    root = QgsRuleBasedRenderer.Rule(None)
    root.appendChild(QgsRuleBasedRenderer.Rule(_site_marker("site"), 0, 0, "", "volgorde van winst"))
    return QgsRuleBasedRenderer(root)


def programme(symbol=_site_marker) -> QgsRuleBasedRenderer:
    """Draw the disc with the homes in it, and otherwise the sites that get none."""
    root = QgsRuleBasedRenderer.Rule(None)
    for rule, kind, label in (
        ('coalesce("homes", 0) > 0', "site", "aantal woningen"),
        ("ELSE", "site_out", "geen woningen"),
    ):
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol(kind), 0, 0, rule, label))
    return QgsRuleBasedRenderer(root)


def region_maps() -> QgsRuleBasedRenderer:
    """Draw what a region's maps show: a theme each, in the report's own classes; hatched where not certain."""
    known = tomllib.loads((KNOWLEDGE / "region" / "maps.toml").read_text(encoding="utf-8"))
    words = TEXTS["region"]
    root = QgsRuleBasedRenderer.Rule(None)
    for theme, kind, places in (("spread", "times", 2), ("gap", "points", 0)):
        bounds = [_decimal(bound * (1 if theme == "spread" else 100), places) for bound in known[f"{theme}_bounds"]]
        labels = [words[f"{kind}_under"].format(high=bounds[0])]
        labels += [words[f"{kind}_between"].format(low=a, high=b) for a, b in itertools.pairwise(bounds)]
        labels.append(words[f"{kind}_over"].format(low=bounds[-1]))
        classes = {f"s{number}": pair for number, pair in enumerate(zip(known["colours"], labels, strict=True))}
        root.appendChild(_theme(theme, classes))
    fits = zip(known["fit_colours"], (words["fit_all"], words["fit_some"]), strict=True)
    root.appendChild(_theme("fits", {f"f{number}": pair for number, pair in enumerate(fits)}))
    return QgsRuleBasedRenderer(root)


def _theme(theme: str, classes: dict[str, tuple[str, str]]) -> QgsRuleBasedRenderer.Rule:
    rule = QgsRuleBasedRenderer.Rule(None, 0, 0, f""""theme" = '{theme}'""", theme)
    for name, (colour, label) in classes.items():
        rule.appendChild(QgsRuleBasedRenderer.Rule(filled(colour), 0, 0, f""""class" = '{name}'""", label))
    rule.appendChild(QgsRuleBasedRenderer.Rule(hatched(), 0, 0, "ELSE", TEXTS["region"]["map_unsure"]))
    return rule


def _decimal(value: float, places: int) -> str:
    said = f"{value:.{places}f}".rstrip("0").rstrip(".") if places else f"{value:+.0f}"
    return said.replace(".", ",").replace("-", "−")  # noqa: RUF001 - a minus sign


def save_suitability(folder: Path) -> None:
    """Write the style of a raster of scores, in the five steps of the engine's own map."""
    path = str(folder / "raster.tif")
    raster = gdal.GetDriverByName("GTiff").Create(path, 2, 2, 1, gdal.GDT_Float32)
    raster.SetGeoTransform((0, 1, 0, 2, 0, -1))
    del raster  # writes and closes it
    layer = QgsRasterLayer(path, "suitability")
    function = QgsColorRampShader(0, 100, None, QgsColorRampShader.Type.Discrete)
    colours = MAP["score"]["colours"]
    step = 100 / len(colours)
    ends = [step * (number + 1) for number in range(len(colours))]
    items = [
        QgsColorRampShader.ColorRampItem(
            float("inf") if end == ends[-1] else end, QColor(colour), f"{end - step:.0f} tot {end:.0f} punten"
        )
        for end, colour in zip(ends, colours, strict=True)
    ]
    function.setColorRampItemList(items)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(function)
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader))
    layer.renderer().setOpacity(0.75)
    layer.renderer().setClassificationMin(0)
    layer.renderer().setClassificationMax(100)
    _message, saved = layer.saveNamedStyle(str(STYLES / "suitability.qml"), CATEGORIES)
    if not saved:
        raise SystemExit("suitability.qml could not be written")


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


def main() -> None:
    """Write them all."""
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    save("facilities", "Point", facilities())
    save("service_areas", "MultiPolygon", service_areas())
    save("service_areas_lines", "MultiLineString", service_areas_lines())
    save("areas", "MultiPolygon", areas(), area_labels('"lbm_class"'))
    save("areas_deviation", "MultiPolygon", areas_deviation(), area_labels('format_number("lbm_afw", 2)'))
    save("areas_balance", "MultiPolygon", areas_balance(), area_labels('format_number("balans", 1)'))
    save("nearest", "Point", nearest())
    save("sites", "Point", sites(), rank_labels(polygon=False))
    save("sites_polygons", "MultiPolygon", sites(_site_fill), rank_labels(polygon=True))
    save("route", "MultiLineString", route(), route_labels())
    save("site_areas", "MultiPolygon", site_areas())
    save("changes", "Point", changes())
    save("locations", "Point", locations(), rank_labels(polygon=False, expression='"order"'))
    homes = """if("homes" > 0, "homes", NULL)"""
    save("programme", "Point", programme(), rank_labels(polygon=False, expression=homes))
    save("programme_polygons", "MultiPolygon", programme(_site_fill), rank_labels(polygon=True, expression=homes))
    save("region_maps", "MultiPolygon", region_maps(), area_labels('"gemeente"'))
    with tempfile.TemporaryDirectory() as folder:
        save_suitability(Path(folder))
    application.exitQgis()


if __name__ == "__main__":
    main()
