"""Make the ``.qml`` styles of what lies near: rings, differences, counts, and where places join the streets.

Run as ``styles.py``, of which it uses the colours and letters:

    QT_HASH_SEED=0 QT_QPA_PLATFORM=offscreen /usr/bin/python3 qgis_plugin/near_styles.py
"""

from __future__ import annotations

from qgis.core import (
    QgsApplication,
    QgsFillSymbol,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsRuleBasedRenderer,
    QgsSymbol,
)

from style_parts import UNKNOWN, area_labels, farthest_first, save

# The classes of the norms, as those of walking distances; near is dark, far is light.
DISTANCES = (
    ('"limit_m" <= 250', "tot 250 m", "#253494"),
    ('"limit_m" > 250 AND "limit_m" <= 400', "tot 400 m (rollatorafstand)", "#2c7fb8"),
    ('"limit_m" > 400 AND "limit_m" <= 500', "tot 500 m", "#41b6c4"),
    ('"limit_m" > 500 AND "limit_m" <= 800', "tot 800 m", "#a1dab4"),
    ('"limit_m" > 800', "verder dan 800 m", "#ffffcc"),
)
LOOK_OF_CHANGE = (
    ("gained", "erbij gekomen", "#1b7837", 45),
    ("lost", "verloren", "#b2182b", 135),
    ("both", "in beide", "#9e9e9e", None),
)


def rules(*made: tuple[QgsSymbol, str, str]) -> QgsRuleBasedRenderer:
    """Put symbols, rules and labels together."""
    root = QgsRuleBasedRenderer.Rule(None)
    for symbol, rule, label in made:
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, rule, label))
    return QgsRuleBasedRenderer(root)


def rings() -> QgsRuleBasedRenderer:
    """Fill each distance, see-through, with a firm edge."""

    def symbol(colour: str) -> QgsFillSymbol:
        made = QgsFillSymbol.createSimple({"color": colour, "outline_color": "#444444", "outline_width": "0.2"})
        made.setOpacity(0.6)
        return made

    return farthest_first(rules(*((symbol(colour), rule, label) for rule, label, colour in DISTANCES)))


def ring_lines() -> QgsRuleBasedRenderer:
    """Draw the streets of each distance, wider where they are near."""
    widths = ("1.4", "1.2", "1.0", "0.8", "0.6")
    drawn = rules(
        *(
            (QgsLineSymbol.createSimple({"color": colour if colour != "#ffffcc" else "#c9b400", "width": width}), rule, label)
            for (rule, label, colour), width in zip(DISTANCES, widths)
        )
    )
    return farthest_first(drawn)


def difference() -> QgsRuleBasedRenderer:
    """Hatch what is gained and lost each its own way: a change is never colour alone."""

    def symbol(colour: str, angle: int | None) -> QgsFillSymbol:
        plain = {"outline_color": colour, "outline_width": "0.3", "color": colour}
        if angle is None:
            made = QgsFillSymbol.createSimple(plain)
            made.setOpacity(0.35)
            return made
        made = QgsFillSymbol.createSimple({**plain, "style": "no"})
        hatch = QgsLinePatternFillSymbolLayer()
        hatch.setLineAngle(angle)
        hatch.setDistance(1.8)
        hatch.setSubSymbol(QgsLineSymbol.createSimple({"color": colour, "width": "0.5"}))
        made.appendSymbolLayer(hatch)
        return made

    return rules(*((symbol(colour, angle), f"\"change\" = '{key}'", label) for key, label, colour, angle in LOOK_OF_CHANGE))


def within() -> QgsRuleBasedRenderer:
    """Draw a disc for some, a ring for none and a cross for unknown; the number stands beside it."""
    disc = {"name": "circle", "size": "2.6", "outline_color": "#253494", "outline_width": "0.4"}
    cross = {"name": "cross2", "color": "#555555", "outline_color": "#555555", "size": "2.4"}
    return rules(
        (QgsMarkerSymbol.createSimple({**disc, "color": "#41b6c4"}), '"count" > 0', "aantal op loopafstand"),
        (QgsMarkerSymbol.createSimple({**disc, "color": "#ffffff"}), '"count" = 0', "geen op loopafstand"),
        (QgsMarkerSymbol.createSimple(cross), '"count" IS NULL', UNKNOWN),
    )


def snapped() -> QgsRuleBasedRenderer:
    """Draw a small square on the street."""
    look = {"name": "square", "size": "1.8", "color": "#ffffff", "outline_color": "#a84300", "outline_width": "0.4"}
    return rules((QgsMarkerSymbol.createSimple(look), "", "waar wordt gemeten"))


def legs() -> QgsRuleBasedRenderer:
    """Draw a thin dashed line."""
    look = {"color": "#a84300", "width": "0.3", "line_style": "dash"}
    return rules((QgsLineSymbol.createSimple(look), "", "van plek naar straat"))


def streets() -> QgsRuleBasedRenderer:
    """Draw the streets, and apart what hangs together with nothing else."""
    plain, loose = {"color": "#2c7fb8", "width": "0.5"}, {"color": "#d95f0e", "width": "0.7", "line_style": "dash"}
    return rules(
        (QgsLineSymbol.createSimple(plain), 'NOT coalesce("island", false)', "straten"),
        (QgsLineSymbol.createSimple(loose), 'coalesce("island", false)', "los stuk"),
    )


def dropped() -> QgsRuleBasedRenderer:
    """Draw what was dropped dotted; the reason stands beside it."""
    return rules((QgsLineSymbol.createSimple({"color": "#b2182b", "width": "0.5", "line_style": "dot"}), "", "weggelaten"))


def barriers() -> QgsRuleBasedRenderer:
    """Draw a cross."""
    look = {"name": "cross2", "color": "#b2182b", "outline_color": "#b2182b", "outline_width": "0.6", "size": "2.6"}
    return rules((QgsMarkerSymbol.createSimple(look), "", "hier kan niemand door"))


def main() -> None:
    """Write them all."""
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    save("service_rings", "MultiPolygon", rings())
    save("service_rings_lines", "MultiLineString", ring_lines())
    save("area_difference", "MultiPolygon", difference())
    save("within", "Point", within(), area_labels('"count"'))
    save("snapped", "Point", snapped())
    save("access_legs", "MultiLineString", legs())
    save("streets", "MultiLineString", streets())
    save("dropped", "MultiLineString", dropped(), area_labels('"reason"'))
    save("barriers", "Point", barriers())
    application.exitQgis()


if __name__ == "__main__":
    main()
