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
    QgsColorRampShader,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSingleBandPseudoColorRenderer,
    QgsSymbol,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from style_parts import (
    CATEGORIES,
    CLASSES,
    KNOWLEDGE,
    MAP,
    OTHER,
    RANK,
    STYLES,
    TEXTS,
    UNKNOWN,
    area_labels,
    badge,
    decimal,
    farthest_first,
    filled,
    graded,
    hatched,
    names,
    outline,
    rank_labels,
    save,
    site_fill,
    site_marker,
    with_alpha,
)

DAILY = (
    "huisarts",
    "supermarkt",
    "inloopvoorziening",
    "apotheek",
    "ov_halte",
)  # the classes that a study asks unless told otherwise
OTHERS = "Overige voorzieningen"
NEAR, FAR = "tot 400 m lopen", "verder dan 400 m"


def facilities() -> QgsCategorizedSymbolRenderer:
    """Give every class a letter badge."""
    categories = [
        QgsRendererCategory(key, badge(style["colour"], names(key)[1]), names(key)[0]) for key, style in CLASSES.items()
    ]
    categories.append(QgsRendererCategory("", badge(OTHER, "?"), OTHERS))
    return QgsCategorizedSymbolRenderer("facility_class", categories)


def service_areas() -> QgsRuleBasedRenderer:
    """Fill what is nearest to a facility, and only edge what is farther; a class by its hue and its dashes."""

    def near(style: dict) -> QgsFillSymbol:
        made = QgsFillSymbol.createSimple({"color": "0,0,0,0", "outline_style": "no"})
        made.symbolLayer(0).setFillColor(with_alpha(style["colour"], 30))
        made.appendSymbolLayer(outline(style, width=0.5))
        return made

    def far(style: dict) -> QgsFillSymbol:
        made = QgsFillSymbol.createSimple({"color": "0,0,0,0", "outline_style": "no"})
        made.appendSymbolLayer(outline(style, width=0.2))
        made.setOpacity(0.6)
        return made

    return _near_and_far(near, far)


def service_areas_lines() -> QgsRuleBasedRenderer:
    """Draw the streets, thick where they are nearest."""

    def line(width: float):
        def symbol(style: dict) -> QgsLineSymbol:
            made = QgsLineSymbol()
            made.changeSymbolLayer(0, outline(style, width=width))
            return made

        return symbol

    return _near_and_far(line(0.9), line(0.35))


def _near_and_far(near, far) -> QgsRuleBasedRenderer:
    """Draw each class by how far; the plugin writes the layer's own limits into the two rules (``legend.py``)."""
    root = QgsRuleBasedRenderer.Rule(None)
    # From below to above: what is farther lies under what is near.
    for rule, label, symbol in (('"limit_m" > 400', FAR, far), ('"limit_m" <= 400', NEAR, near)):
        group = QgsRuleBasedRenderer.Rule(None, 0, 0, rule, label)
        for key, style in CLASSES.items():
            of_class = f""""facility_class" = '{key}'"""
            group.appendChild(QgsRuleBasedRenderer.Rule(symbol(style), 0, 0, of_class, names(key)[0]))
        rest = symbol(MAP["facility_class"]["other"])
        group.appendChild(QgsRuleBasedRenderer.Rule(rest, 0, 0, "ELSE", OTHERS))
        root.appendChild(group)
    return farthest_first(QgsRuleBasedRenderer(root))


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
    return graded("balans", MAP["indicator"]["balans"], (" (minder vragers per drager)", " (meer vragers per drager)"))


def areas_deviation() -> QgsRuleBasedRenderer:
    """Draw the Leefbaarometer's deviation from the Netherlands, for sources that lack the nine classes."""
    return graded("lbm_afw", MAP["indicator"]["lbm_afw"]["without_classes"], (" (onder Nederland)", " (boven Nederland)"))


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


def sites(symbol=site_marker) -> QgsRuleBasedRenderer:
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


# The panel names the site that was clicked in a variable of the layer; without it every site shows.
# On a page of an atlas it is the site of the page.
CHOSEN = (
    'if(@atlas_featureid IS NULL, @geowoonzorg_site IS NULL OR "site_id" = @geowoonzorg_site, '
    "coalesce(\"site_id\" = attribute(@atlas_feature, 'id'), true))"
)


def route() -> QgsRuleBasedRenderer:
    """Draw a walk in its class's colour and dashes, on a white bed."""
    root = QgsRuleBasedRenderer.Rule(None)
    styles = {f""""facility_class" = '{key}'""": (style, names(key)[0]) for key, style in CLASSES.items()}
    styles["ELSE"] = (MAP["facility_class"]["other"], OTHERS)
    chosen = QgsRuleBasedRenderer.Rule(None, 0, 0, CHOSEN, "van de gekozen locatie")
    for rule, (style, label) in styles.items():
        symbol = QgsLineSymbol.createSimple({"color": "#ffffff", "width": "1.7", "capstyle": "round", "joinstyle": "round"})
        symbol.appendSymbolLayer(outline(style, width=0.9))
        chosen.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, rule, label))
    root.appendChild(chosen)
    return QgsRuleBasedRenderer(root)


def route_labels() -> QgsVectorLayerSimpleLabeling:
    """Write the metres along the walk."""
    labeling = area_labels(f"""CASE WHEN {CHOSEN} THEN to_string(to_int(round("distance_m"))) || ' m' END""")
    settings = labeling.settings()
    settings.placement = QgsPalLayerSettings.Placement.Line
    return QgsVectorLayerSimpleLabeling(settings)


def site_areas() -> QgsRuleBasedRenderer:
    """Draw what can be walked to: a light area with a firm edge, the farthest limit first."""
    root = QgsRuleBasedRenderer.Rule(None)
    for rule, label, alpha, width in (('"limit_m" > 400', FAR, 18, "0.3"), ('"limit_m" <= 400', NEAR, 45, "0.6")):
        symbol = QgsFillSymbol.createSimple({"outline_color": "#1b1b1b", "outline_width": width, "outline_style": "dash"})
        symbol.symbolLayer(0).setFillColor(with_alpha("#1b1b1b", alpha))
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, f"{rule} AND {CHOSEN}", label))
    return farthest_first(QgsRuleBasedRenderer(root))


def addresses() -> QgsRuleBasedRenderer:
    """Draw how many of the daily facilities lie within 400 m of an address; few is large, and unknown a cross."""
    found = " + ".join(f'if("{key}_m" <= 400, 1, 0)' for key in DAILY)
    known = " AND ".join(f'"{key}_m" IS NULL' for key in DAILY)
    root = QgsRuleBasedRenderer.Rule(None)
    odd = f"""coalesce("status", 'ok') <> 'ok' AND {known}"""
    cross = QgsMarkerSymbol.createSimple({"name": "cross2", "color": "#555555", "outline_color": "#555555", "size": "1.6"})
    shades = list(zip(range(len(DAILY), -1, -1), ("#08519c", "#3182bd", "#6baed6", "#fdbe85", "#fd8d3c", "#a63603"), strict=True))
    for number, colour in shades:
        look = {"name": "circle", "color": colour, "size": f"{1.0 + 0.12 * (len(DAILY) - number):.2f}", "outline_style": "no"}
        label = f"{number} van de {len(DAILY)} soorten binnen 400 m"
        rule = f"NOT ({odd}) AND {found} = {number}"
        root.appendChild(QgsRuleBasedRenderer.Rule(QgsMarkerSymbol.createSimple(look), 0, 0, rule, label))
    root.appendChild(QgsRuleBasedRenderer.Rule(cross, 0, 0, odd, UNKNOWN))
    return QgsRuleBasedRenderer(root)


def spots() -> QgsRuleBasedRenderer:
    """Draw a place that was found as a diamond, so that it is not taken for a site that was given."""

    def symbol(kind: str) -> QgsMarkerSymbol:
        made = site_marker(kind)
        if kind == "site":
            made.symbolLayer(0).setShape(made.symbolLayer(0).decodeShape("diamond")[0])
            made.symbolLayer(0).setSize(8.5)
        return made

    return sites(symbol)


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
    """Draw a square for the number of the place: neither a site that was given nor a spot for homes."""
    symbol = site_marker("site")
    symbol.symbolLayer(0).setShape(symbol.symbolLayer(0).decodeShape("square")[0])
    root = QgsRuleBasedRenderer.Rule(None)
    root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, "", "volgorde van winst"))
    return QgsRuleBasedRenderer(root)


def programme(symbol=site_marker) -> QgsRuleBasedRenderer:
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
        bounds = [decimal(bound * (1 if theme == "spread" else 100), places) for bound in known[f"{theme}_bounds"]]
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
    save("sites_polygons", "MultiPolygon", sites(site_fill), rank_labels(polygon=True))
    save("route", "MultiLineString", route(), route_labels())
    save("site_areas", "MultiPolygon", site_areas())
    save("addresses", "Point", addresses())
    save("spots", "Point", spots(), rank_labels(polygon=False))
    save("changes", "Point", changes())
    save("locations", "Point", locations(), rank_labels(polygon=False, expression='"order"'))
    homes = """if("homes" > 0, "homes", NULL)"""
    save("programme", "Point", programme(), rank_labels(polygon=False, expression=homes))
    save("programme_polygons", "MultiPolygon", programme(site_fill), rank_labels(polygon=True, expression=homes))
    save("region_maps", "MultiPolygon", region_maps(), area_labels('"gemeente"'))
    with tempfile.TemporaryDirectory() as folder:
        save_suitability(Path(folder))
    application.exitQgis()


if __name__ == "__main__":
    main()
