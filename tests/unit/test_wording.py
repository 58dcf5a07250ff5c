"""The headline: who leads, what is near, what is not, and what is not known."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.messages import spoken_distance
from geowoonzorg.prepare import demo_study
from geowoonzorg.ranking.scoring_profile import read_scoring_profile
from geowoonzorg.show.headline import outcome_sentence, stability_sentence
from geowoonzorg.show.site_account import SiteAccount
from geowoonzorg.show.spans import Span, span_reasons, span_words
from geowoonzorg.show.standing import possible, rank_cell, rank_line, standing
from geowoonzorg.show.texts import read_texts
from geowoonzorg.show.walks import Walk

NL, EN = read_texts("nl"), read_texts("en")
CLASSES = ("huisarts", "supermarkt", "apotheek", "inloopvoorziening", "ov_halte")


def walk(name, said):
    """Make a walk of so many metres, or the lack of one."""
    if isinstance(said, str):
        return Walk(name, "", "", said, known=False, within=False, lacking=said)
    return Walk(name, "f", "", f"{said} m", known=True, within=said <= 400, metres=float(said))


def site(
    name="De Werf", score=76.2, rank=1, low=1, high=1, known=1.0, *, shared=False, out=None, **walks
):
    return SiteAccount(
        name, name, score, rank, low, high, known, out, "", (),
        tuple(walk(key, said) for key, said in walks.items()), "", (), score, score, shared,
        by_weights=(low, high), by_unknown=(rank, rank), first_share=1.0 if high == 1 else 0.5 if low == 1 else 0.0,
    )  # fmt: skip


def told(*sites, wanted=CLASSES, texts=NL):
    sentence = outcome_sentence(sites, wanted=wanted, limit_m=400.0, texts=texts)
    return sentence.replace("\u00a0", " ")


LAST = site("De Laatste", 20.0, 9, 9, 9)


def test_whoever_may_come_first_is_named_also_behind_one_that_may_not():
    sites = [site("A", 79.0, 1, 1, 2), site("B", 74.0, 2, 2, 3), site("C", 72.0, 3, 1, 4), LAST]
    assert told(*sites).startswith("Twee locaties kunnen bovenaan komen: A en C")
    sites[1] = site("B", 78.0, 2, 1, 3)
    assert told(*sites).startswith("Drie locaties kunnen bovenaan komen: A, B en C")


def test_the_headline_says_what_is_near_what_is_not_and_what_is_unknown():
    best = site("Centrum IJsselmuiden", known=0.84, huisarts=2338, supermarkt=120, apotheek=400,
                inloopvoorziening=300, ov_halte=90)  # fmt: skip
    assert told(best, LAST) == (
        "Centrum IJsselmuiden past het best van de 2 locaties: 76 van de 100 punten, met supermarkt, "
        "apotheek, inloopvoorziening en halte binnen 400 m lopen; de huisarts ligt op 2,3 km; 16 % van "
        "de punten is nog onbekend."
    )
    assert told(best, LAST, texts=EN).endswith(
        "; the GP practice is 2.3 km away; 16% of the points is still unknown."
    )


def test_each_kind_of_lack_has_its_own_words():
    best = site(
        huisarts="unknown",
        supermarkt="unreachable",
        apotheek="none",
        ov_halte=640,
        inloopvoorziening=1290,
    )
    assert told(best, LAST) == (
        "De Werf past het best van de 2 locaties: 76 van de 100 punten; de halte ligt op 640 m en de "
        "inloopvoorziening op 1,3 km; de supermarkt is niet te voet bereikbaar; er is geen apotheek; "
        "de afstand tot de huisarts is onbekend."
    )


def test_what_the_study_did_not_look_for_is_unknown():
    assert told(site(huisarts=100), LAST, wanted=["huisarts", "apotheek"]).endswith(
        "met huisarts binnen 400 m lopen; de afstand tot de apotheek is onbekend."
    )


def test_half_a_point_makes_no_winner():
    first = site("De Werf", 79.2, 1, 1, 3, huisarts=100)
    second = site("De Zon", 78.7, 2, 1, 3, huisarts=388)
    third = site("Hof", 72.0, 3, 2, 4, huisarts=50)
    found = told(first, second, third, wanted=["huisarts"])
    assert found == (
        "Twee locaties liggen gelijk op: De Werf en De Zon, elk 79 van de 100 punten, "
        "met huisarts binnen 400 m lopen."
    )
    assert "hangt af van wat het zwaarst weegt." in stability_sentence(
        [first, second, third], texts=NL
    )
    moved = [replace(one, by_weights=(1, 2), by_unknown=(1, 2)) for one in (first, second, third)]
    assert "hangt af van wat het zwaarst weegt en van wat nog onbekend is" in stability_sentence(
        moved, texts=NL
    )
    assert told(first, second, third, wanted=["huisarts"], texts=EN).startswith(
        "Two sites are level: "
    )


def test_scores_that_are_printed_alike_are_level_whatever_the_weights():
    found = told(site("A", 79.4), site("B", 78.6, 2, 2, 2), LAST, wanted=[])
    assert found == "Twee locaties liggen gelijk op: A en B, elk 79 van de 100 punten."


def test_of_many_that_are_level_three_are_named():
    many = [site(name, 71.6 - i, i + 1, 1, 5) for i, name in enumerate("ABCDE")]
    assert told(*many[:3], wanted=[]).startswith(
        "Drie locaties kunnen bovenaan komen: A, B en C, nu 70 tot 72 van"
    )
    assert told(*many, wanted=[]) == (
        "Vijf locaties kunnen bovenaan komen: A, B, C en 2 andere, nu 68 tot 72 van de 100 punten."
    )


def test_of_level_sites_the_least_and_the_most_are_told():
    first = site(
        "A",
        79.2,
        1,
        1,
        2,
        known=0.9,
        huisarts=100,
        supermarkt=450,
        apotheek=2000,
        ov_halte="unknown",
    )
    second = site(
        "B", 78.9, 2, 1, 2, known=0.8, huisarts=500, supermarkt=470, apotheek=300, ov_halte=20
    )
    assert told(first, second, wanted=["huisarts", "supermarkt", "apotheek", "ov_halte"]) == (
        "Twee locaties liggen gelijk op: A en B, elk 79 van de 100 punten; de supermarkt ligt op 450 tot 470 m; "
        "de huisarts en de apotheek liggen niet bij elk daarvan binnen 400 m; de afstand tot de halte is niet overal "
        "bekend; tot 20 % van de punten is nog onbekend."
    )


def test_one_that_always_wins_wins():
    best, other = site("A", 79.0, 1, 1, 1), site("B", 71.0, 2, 2, 2)
    assert told(best, other, wanted=[]).startswith("A past het best van de 2 locaties")
    assert stability_sentence([best, other], texts=NL).endswith("negen van de tien keer op 1.")
    shaky = site(
        "A", 79.0, 1, 1, 2
    )  # others reach the first place too seldom to be one of the level
    now_and_then = replace(other, first_share=0.5)
    assert stability_sentence([shaky, now_and_then], texts=NL).replace("\u00a0", " ") == (
        "Met andere gewichten komt deze locatie tussen 1 en 2. Bij herhaald rekenen bovenaan: A 50 % en B 50 %."
    )


def test_what_is_not_certain_is_not_said_as_if_it_were():
    perhaps = replace(walk("huisarts", 390), within=False, perhaps=True)
    bound = replace(walk("apotheek", 900), nearest_known=True)
    best = replace(site("A", 79.0), walks=(perhaps, bound), may_drop_out="te luid")
    said = told(best, LAST, wanted=["huisarts", "apotheek"])
    assert "met huisarts" not in said
    assert "of de huisarts binnen de grens ligt, is niet zeker" in said
    assert "de apotheek ligt op 900 m, voor zover bekend" in said
    assert "A kan nog afvallen" in said


def test_who_has_no_rank_but_may_be_best_is_named():
    dark = site("Fort", None, None, 1, 9, known=0.2)
    assert told(site("A", 79.0), dark, wanted=[]).endswith(
        "Fort, zonder rang, kan ook bovenaan komen."
    )
    assert "Fort en Fort, zonder rang, kunnen ook" in told(site("A", 79.0), dark, dark, wanted=[])
    assert "Fort" not in told(site("A", 79.0), replace(dark, rank_low=2), wanted=[])


def test_the_two_causes_of_a_moving_rank_are_told_apart():
    moved = replace(site("A", 79.0, 1, 1, 5), by_weights=(1, 3), by_unknown=(1, 4))
    said = standing(moved, 9, NL)
    assert "(alleen gewichten: 1–3; alleen onbekend: 1–4)" in said
    only = replace(moved, by_weights=(1, 1), by_unknown=(1, 5))
    assert "tussen 1 en 5 door wat nog onbekend is ·" in standing(only, 9, NL)


@given(st.floats(0, 3000), st.floats(0, 3000), st.floats(0, 3000) | st.just(math.inf))
def test_a_range_of_a_walk_never_promises_more_than_is_known(raw, less, more):
    span = Span(raw, max(0.0, raw - less), raw + more)
    said = span_words(span, NL.distance, walked=True, texts=NL)
    if said.startswith("hoogstens"):
        assert said == f"hoogstens {NL.distance(span.high)}"
    elif math.isinf(span.high) or NL.distance(span.high) != NL.distance(raw):
        assert said != NL.distance(raw)
    if math.isinf(more):
        assert "niet bereikbaar" in span_reasons(span, NL.distance, texts=NL)


LACKS = st.sampled_from(["unknown", "unreachable", "none"])
WALKS = st.dictionaries(st.sampled_from(CLASSES), LACKS | st.floats(0, 5000))


@given(
    st.lists(st.tuples(WALKS, st.floats(0.5, 1)), min_size=1, max_size=5),
    st.sets(st.sampled_from(CLASSES)),
    st.booleans(),
    st.sampled_from(["nl", "en"]),
)
@settings(max_examples=400, deadline=None)
def test_the_headline_names_every_wanted_class_once_and_no_other(found, wanted, dropped, lang):
    texts = read_texts(lang)
    level = [
        site(f"P{i}", 80.0, 1, 1, len(found), known, shared=len(found) > 1, **walks)
        for i, (walks, known) in enumerate(found)
    ]
    rest = [site("Q", 50.0, None, None, None, out="te klein")] if dropped else []
    sentence = told(*level, *rest, wanted=wanted, texts=texts)
    for name in CLASSES:
        word = texts.facility_class(name)[0]
        times = len(re.findall(rf"\b{re.escape(word)}\b", sentence))
        assert times == (name in wanted), (name, sentence)
    least = min(known for _, known in found)
    unknown = {"nl": "van de punten is nog onbekend", "en": "of the points is still unknown"}[lang]
    assert (unknown in sentence) == (least < 1 - 1e-9)
    assert " 0 %" not in sentence
    assert sentence.endswith(".")
    assert ".." not in sentence


@pytest.mark.parametrize("metres", [400.4, 1000.0, 12345.0])
def test_what_is_not_near_has_its_distance(metres):
    found = told(site(huisarts=metres), wanted=["huisarts"])
    assert (
        f"de huisarts ligt op {NL.distance(metres, limit_m=400.0)}".replace("\u00a0", " ") in found
    )


@pytest.mark.parametrize("limit", [400.0, 1000.0, 1200.0])
@pytest.mark.parametrize("beyond", [0.01, 0.4, 0.6, 4.0, 49.0])
def test_no_distance_beyond_the_limit_reads_as_the_limit(limit, beyond):
    for texts in (NL, EN):
        shown, within = texts.limit(limit), texts.distance(limit, limit_m=limit)
        assert texts.distance(limit + beyond, limit_m=limit) not in {shown, within}
        found = outcome_sentence(
            [site(huisarts=limit + beyond), LAST], wanted=["huisarts"], limit_m=limit, texts=texts
        )
        assert f"op {within}" not in found
        assert f"op {shown}" not in found
        assert (
            within.replace("1.0", "1").replace("1,0", "1") == shown
        )  # the limit itself is within it
        assert (
            texts.distance(399.61, limit_m=399.6) == "401\u00a0m"
        )  # that limit is printed as 400 m


@given(
    metres=st.floats(0, 50_000),
    limit=st.none() | st.floats(1, 20_000),
    exact=st.booleans(),
)
def test_a_distance_is_rounded_and_stays_on_its_side_of_the_limit(metres, limit, exact):
    number, decimals, unit = spoken_distance(metres, limit_m=limit, exact=exact)
    printed = round(number * (1000 if unit == "km" else 1))
    assert (unit == "m") == (printed < 1000)  # never thousands of metres: 2.338 m reads as two
    assert round(number, decimals) == number
    assert abs(printed - metres) <= (0.5 if exact or unit == "m" else 50) + (limit is not None)
    if limit is None:
        assert decimals == (0 if unit == "m" else 1) or exact
    else:
        edge, _, edge_unit = spoken_distance(limit, exact=True)
        assert (printed > round(edge * (1000 if edge_unit == "km" else 1))) == (metres > limit)


def test_a_shared_rank_is_said_to_be_shared():
    both = site("A", 80.0, 1, 1, 2, shared=True)
    assert rank_cell(both, NL) == "gedeeld 1"
    assert rank_line(both, NL) == "gedeeld 1, 1–2"
    assert rank_cell(both, EN) == "joint 1"
    assert standing(both, 9, NL).startswith("Gedeelde rang 1 van 9; tussen 1 en 2 ")
    alone = site("A", 80.0, 2, 2, 2)
    assert (rank_cell(alone, NL), rank_line(alone, NL)) == ("2", "rang 2")
    assert stability_sentence([both, both], texts=NL) == ""  # nothing tells them apart


def test_what_is_possible_is_rounded_outwards_and_only_told_where_something_is_unknown():
    def between(low, high):
        return possible(
            SiteAccount("a", "A", None, None, None, None, 0.1, None, "", (), (), "", (), low, high),
            NL,
        )

    assert between(12.4, 86.1) == "12–87"
    assert between(50.0, 50.0 + 1e-9) == ""


@pytest.mark.parametrize(
    ("texts", "spoken_to"),
    [(NL, r"\b(u|uw|je|jij|jouw|we|wij|ons|onze)\b"), (EN, r"\b(we|our)\b|\bto you\b")],
)
def test_a_page_speaks_of_the_place_and_to_nobody(texts, spoken_to):
    def lines(part):
        parts = part.values() if isinstance(part, Mapping) else part
        return [part] if isinstance(part, str) else [line for one in parts for line in lines(one)]

    assert [s for s in lines(texts.table) if re.search(spoken_to, s, re.IGNORECASE)] == []


def test_the_study_that_ships_speaks_to_nobody():
    text = demo_study().read_text(encoding="utf-8")
    assert not re.search(r"\b(u|uw|je|jij|jouw|we)\b", text, re.IGNORECASE)


def test_one_thing_has_one_english_name():
    labels = [
        c.label_en
        for name in ("geclusterd", "zorggeschikt")
        for c in read_scoring_profile(name).criteria
    ]
    said = " ".join(
        [*labels, *EN.table["indicator"].values(), *EN.table["indicator_long"].values()]
    )
    assert "insecurity" not in said
    assert "menities" not in said


def test_who_comes_first_most_often_is_told_whether_ranked_or_not():
    best = replace(site("A", 79.0, 1, 1, 4), first_share=0.61)
    dark = replace(site("Fort", None, None, 1, 9, known=0.2), first_share=0.24)
    out = replace(site("Uit", 90.0, None, None, None, out="te klein"), first_share=0.9)
    said = stability_sentence([best, dark, out], texts=NL).replace("\u00a0", " ")
    assert said.endswith("bovenaan: A 61 % en Fort 24 %.")


def test_a_walk_that_is_found_and_has_two_ends_names_what_was_found():
    said = span_words(Span(158.0, 0.0, 461.0), NL.distance, walked=True, texts=NL)
    assert said.replace("\xa0", " ") == "158 m gevonden, hoogstens 461 m"
