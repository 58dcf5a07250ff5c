"""The form of a feature: tabs, figures rounded and with their range, a score taken apart, and unknown said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qgis.core import (
    QgsAttributeEditorContainer,
    QgsAttributeEditorField,
    QgsAttributeTableConfig,
    QgsEditFormConfig,
    QgsEditorWidgetSetup,
    QgsVectorLayer,
)

from . import columns, figures, layers, ranking, settings
from .texts import tr

TEXT = "_text"  # the ending of a column that says another one in words
_WIDEST_LABEL = 26  # letters
# Type numbers of columns; the same in Qt 5 and Qt 6.
_DOUBLE = 6
_NUMBERS = {2, 3, 4, 5, _DOUBLE}
_DAYS = {14, 16}


@dataclass(frozen=True)
class Shown:
    """One line of a form: a column of the layer's own, or a text that an expression writes."""

    name: str
    alias: str = ""
    expression: str = ""  # empty: the column itself


def set_form(layer: QgsVectorLayer, preset: str, provenance: Mapping[str, str]) -> None:
    """Give a layer its form."""
    own = kinds_in(layer)
    tabs = {title: shown for title, shown in _tabs(preset, own, provenance).items() if shown}
    if not tabs:
        _round(layer)
        return
    whole = [Shown(name) for name in own if name != "fid"]
    tabs[tr("All columns")] = whole
    for one in (one for lines in tabs.values() for one in lines if one.expression):
        _write_text(layer, one)
    _round(layer)
    _lay_out(layer, tabs)
    _hide_texts(layer)


def kinds_in(layer: QgsVectorLayer) -> dict[str, int]:
    """Give the kind of each of a layer's own columns, without the texts of a form."""
    return {field.name(): field.type() for field in layer.fields() if not field.name().endswith(TEXT)}


def _tabs(preset: str, own: Mapping[str, int], provenance: Mapping[str, str]) -> dict[str, list[Shown]]:
    if preset in {"sites", "spots", "programme"}:
        return _of_sites(own, provenance)
    if preset in {"areas", "areas_balance"}:
        return _of_areas(own)
    if preset == "addresses":
        return _of_addresses(own)
    groups = {
        "facilities": {
            tr("Facility"): ("name", "facility_class", "capaciteit", "toegankelijk", "doelgroep"),
            tr("Source"): ("id", "osm_id", "last_edit", "bron", "peildatum"),
        },
        "service_areas": {
            tr("Reach"): ("facility_class", "facility_id", "limit_m", "length_m", "length_low_m", "area_m2", "status"),
            tr("What is unknown"): ("unknown_share", "access_leg_m"),
        },
        "site_areas": {tr("Reach"): ("site_id", "limit_m", "area_m2", "status")},
        "route": {
            tr("Walk"): ("site_id", "facility_class", "facility_id", "distance_m", "distance_high_m", "bench_gap_m", "status"),
            tr("On the way"): ("steps_count", "steps_m", "kerbs_high", "kerbs_unknown", "crossings", "steepest_pct"),
            tr("What is unknown"): (
                "unknown_share", "surface_unknown_share", "smoothness_unknown_share", "width_m_unknown_share",
                "incline_pct_unknown_share",
            ),
        },
        "changes": {
            tr("What changes"): ("id", "facility_class", "change", "distance_before_m", "distance_after_m"),
        },
        "locations": {tr("Place"): ("order", "reached_new", "reached_total")},
    }  # fmt: skip
    groups["service_rings"] = groups["service_areas"]
    return {title: [line(name, own) for name in names if name in own] for title, names in groups.get(preset, {}).items()}


def line(name: str, own: Mapping[str, int]) -> Shown:
    """Say a column as its kind asks; numbers as text, so that what is unknown is said."""
    if name == "facility_class":
        return Shown(name + TEXT, columns.alias(name), figures.facility_class(figures.column(name)))
    if own[name] in _NUMBERS:
        return number(name, own)
    expression = figures.words(name)
    if own[name] in _DAYS:
        expression = figures.day(name)
    elif meaning := columns.words(name):
        expression = f"coalesce({figures.lookup(meaning, figures.column(name))}, {expression})"
    return Shown(name + TEXT, columns.alias(name), expression)


def number(name: str, own: Iterable[str], alias: str = "", how: tuple[int, str] | None = None) -> Shown:
    """Say a column of numbers, with its range where the layer has one."""
    said = figures.said(name, figures.range_of(name, own), how or figures.places_and_unit(name))
    return Shown(name + TEXT, alias or columns.alias(name), said)


def _of_sites(own: Mapping[str, int], provenance: Mapping[str, str]) -> dict[str, list[Shown]]:
    profile = figures.scoring_profile(provenance)
    known = {table["key"]: table for table in profile.get("criterion", ())}
    keys = criteria_in(own)
    parts = [part(key, own, known.get(key, {})) for key in keys]
    far = [key for key in keys if unit_of(key, known.get(key, {})) == "m"]
    reach = [distance(key, own, known.get(key, {})) for key in far]
    return {
        tr("Score"): _there(own, "name", "id") + standing(own) + _there(own, "homes", "phase_year", "wijk_code"),
        tr("Parts"): parts,
        tr("Reach"): reach + ([number("people_65plus", own)] if "people_65plus" in own else []),
        tr("Balance"): [
            *(number(name, own) for name in ("balans_before", "balans_after", "complex_balans") if name in own),
            *([number("complex_vragers_share", own)] if "complex_vragers_share" in own else []),
            *([_caution()] if "balans_before" in own else []),
        ],
        tr("Source"): [
            *_there(own, "n_woningen", "woonvorm", "ontmoetingsruimte", "eigenaar", "planfase"),
            *origin(provenance),
        ],
    }


def standing(own: Iterable[str]) -> list[Shown]:
    """Say score and rank, each with its range, and who drops out or may."""
    there = set(own)
    lines = []
    if "score" in there:
        lines.append(number("score", own))
    if {"rank", "knocked_out"} <= there:
        out = figures.literal(tr("drops out"))
        if "knock_out_reason" in there:
            out += " || coalesce(': ' || nullif(\"knock_out_reason\", ''), '')"
        rank = figures.said("rank", figures.range_of("rank", own))
        lines.append(Shown("rank" + TEXT, tr("Rank"), f'CASE WHEN coalesce("knocked_out", false) THEN {out} ELSE {rank} END'))
    lines += [number(name, own) for name in ("known_weight_share", "first_share", "top3_share") if name in there]
    if "knock_out_possible" in there:
        said = f"coalesce(nullif({figures.column('knock_out_possible')}, ''), {figures.literal(tr('no reason'))})"
        lines.append(Shown("knock_out_possible" + TEXT, columns.alias("knock_out_possible"), said))
    return lines


def label_of(key: str, criterion: Mapping[str, object]) -> str:
    """Give a criterion's name: the run's own, else that of the profiles that come with the engine."""
    known = settings.catalogue()["criteria"].get(key, {})
    return figures.in_language(criterion, "label") or str(known.get("label", key))


def unit_of(key: str, criterion: Mapping[str, object]) -> str:
    """Give a criterion's unit."""
    return str(criterion.get("unit") or settings.catalogue()["criteria"].get(key, {}).get("unit", ""))


def measured(key: str, own: Mapping[str, int], criterion: Mapping[str, object]) -> str:
    """Write what was measured for a criterion; a text, such as yes or no, is left as it is."""
    raw = key + ranking.RAW
    if own[raw] not in _NUMBERS:
        return figures.words(raw)
    return figures.said(raw, figures.range_of(raw, own), figures.of_unit(unit_of(key, criterion)))


def criteria_in(own: Mapping[str, int]) -> list[str]:
    """Find the criteria among a layer's columns."""
    return ranking.criteria_in(own)


def distance(key: str, own: Mapping[str, int], criterion: Mapping[str, object]) -> Shown:
    """Say what was measured for a criterion."""
    return Shown(f"{key}_raw{TEXT}", label_of(key, criterion), measured(key, own, criterion))


def reasons() -> dict[str, str]:
    """Give in words why a figure is not known."""
    return {
        **{key: said for key, said in columns.words("status").items() if key not in {"ok", "unknown"}},
        "unknown": "",
    }


def part(key: str, own: Mapping[str, int], criterion: Mapping[str, object]) -> Shown:
    """Say a criterion's part in the score: what was measured, and its points; what the applicant left blank gives the least."""
    contribution = figures.column(key + ranking.CONTRIBUTION)
    before, _, after = tr("{points} points").format(points="@").partition("@")
    points = f"{figures.literal(' · ' + before)} || {figures.number(contribution, 1)} || {figures.literal(after)}"
    blank = f"if({figures.column(key + ranking.RAW)} IS NULL, {figures.literal(', ' + tr('as it was not told'))}, '')"
    expression = f"{measured(key, own, criterion)} || if({contribution} IS NULL, '', {points} || {blank})"
    return Shown(f"{key}_part{TEXT}", label_of(key, criterion), expression)


def origin(provenance: Mapping[str, str]) -> list[Shown]:
    """Say under which profile and by which engine a layer was made; the same for each of its features."""
    profile, run = figures.scoring_profile(provenance), figures.run_of(provenance)
    said = {
        "profile": (tr("Scoring profile"), figures.in_language(profile, "title")),
        "profile_hash": (tr("Hash of the profile"), str(profile.get("hash", ""))),
        "written": (tr("Made on"), str(run.get("written", ""))[:10] if isinstance(run.get("written"), str) else ""),
    }
    return [Shown(name + TEXT, alias, figures.literal(text)) for name, (alias, text) in said.items() if text]


def _of_areas(own: Mapping[str, int]) -> dict[str, list[Shown]]:
    balance = ("balans", "vragers_index", "dragers_index", "balans_gemeente", "balans_region")
    liveability = ("lbm_afw", "lbm_fys", "lbm_onv", "lbm_soc", "lbm_vrz", "lbm_won")
    numbers = [*(number(name, own) for name in balance if name in own)]
    return {
        tr("Area"): [
            *_there(own, "name", "code", "level"),
            *(number(name, own) for name in ("inhabitants", "share_65plus") if name in own),
        ],
        tr("Vragers and dragers"): [*numbers, *_there(own, "quadrant"), *([_caution()] if numbers else [])],
        tr("Liveability"): [*_there(own, "lbm_words"), *(number(name, own) for name in liveability if name in own)],
        tr("Source"): [*_there(own, "year", "status"), *(number(name, own) for name in own if name == "carried_share")],
    }


def _of_addresses(own: Mapping[str, int]) -> dict[str, list[Shown]]:
    about = _there(own, "street", "housenumber", "city", "area_code", "id", "status")
    return {tr("Address"): about, tr("Walking distance"): walks_of_address(own)}


def walks_of_address(own: Iterable[str]) -> list[Shown]:
    """Say per facility class how far it is from an address."""
    missing = tr("unknown or not within reach")
    return [
        Shown(name + TEXT, columns.class_name(key), figures.said(name, how=(0, " m"), missing=missing))
        for key, name in columns.distances_in(own).items()
    ]


def _caution() -> Shown:
    """Say at the balance what it is not."""
    text = tr("relative to the reference; no norm, and no judgement of persons")
    return Shown("balans_note" + TEXT, tr("Mind"), figures.literal(text))


def _there(own: Mapping[str, int], *names: str) -> list[Shown]:
    return [line(name, own) for name in names if name in own]


def _write_text(layer: QgsVectorLayer, line: Shown) -> None:
    """Add a column that an expression fills; it is kept with the layer's style, and never written into its file."""
    index = layer.fields().lookupField(line.name)
    if index < 0:
        layer.addExpressionField(line.expression, layers.text_field(line.name))
        index = layer.fields().lookupField(line.name)
    else:
        layer.updateExpressionField(index, line.expression)
    if line.alias:
        layer.setFieldAlias(index, line.alias)


def _round(layer: QgsVectorLayer) -> None:
    """Show numbers rounded in table and form too; what was worked out is not for typing in."""
    for index, field in enumerate(layer.fields()):
        if field.type() == _DOUBLE:
            places, unit = figures.places_and_unit(field.name())
            precision = places + 2 if unit == " %" and not field.name().endswith("_pct") else places
            setup = {"Precision": precision, "AllowNull": True, "Style": "SpinBox", "Min": -1e12, "Max": 1e12, "Step": 1}
            layer.setEditorWidgetSetup(index, QgsEditorWidgetSetup("Range", setup))


def _lay_out(layer: QgsVectorLayer, tabs: Mapping[str, list[Shown]]) -> None:
    config = layer.editFormConfig()
    config.clearTabs()
    config.setLayout(QgsEditFormConfig.EditorLayout.TabLayout)
    root = config.invisibleRootContainer()
    for title, lines in tabs.items():
        tab = QgsAttributeEditorContainer(title, root)
        tab.setIsGroupBox(False)
        # A long name beside its box would push the box out of sight.
        above = max(len(line.alias) for line in lines) > _WIDEST_LABEL
        for line in lines:
            index = layer.fields().lookupField(line.name)
            if index >= 0:
                config.setLabelOnTop(index, above)
                tab.addChildElement(QgsAttributeEditorField(layer.fields().at(index).name(), index, tab))
                # Rounded by its box: saving what it shows would lose the decimals.
                config.setReadOnly(index, layer.fields().at(index).type() == _DOUBLE or bool(line.expression))
        config.addTab(tab)
    layer.setEditFormConfig(config)


def _hide_texts(layer: QgsVectorLayer) -> None:
    """Leave the texts out of the table, where the numbers themselves can be sorted."""
    config = QgsAttributeTableConfig()
    config.update(layer.fields())
    shown = config.columns()
    for one in shown:
        one.hidden = one.name.endswith(TEXT)
    config.setColumns(shown)
    layer.setAttributeTableConfig(config)
