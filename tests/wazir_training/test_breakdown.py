"""Scores by source, by length, and by whether training has seen the form."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given
from rich.console import Console

from strategies import decorated, documents
from wazir.labels import LabelScheme
from wazir.markup import parse_markup
from wazir.spans import Document, make_span
from wazir_training.breakdown import break_down, breakdown_table, form_of, source_of
from wazir_training.evaluate import evaluate_spans
from wazir_training.scoring import Score

SCHEME = LabelScheme()
SHORT = replace(parse_markup("زار [T وزير الدفاع] [P سالم الورفلي] [L سبها]"), id="a.ann:1")
LONG = replace(
    parse_markup(
        "أعلن [T رئيس لجنة الشؤون الاقتصادية والمالية والتجارية] [P نوري بلقاسم] أن [O المصرف المركزي] ينقل مقره من "
        "[L طرابلس] إلى [L سرت] في العام المقبل."
    ),
    id="b.ann:7",
)
FOUND_SHORT = parse_markup("زار [T وزير الدفاع] [P سالم] الورفلي [L سبها]")
FOUND_LONG = parse_markup(
    "أعلن [T رئيس لجنة الشؤون الاقتصادية والمالية والتجارية] [P نوري بلقاسم] أن [O المصرف المركزي] ينقل مقره من "
    "[O طرابلس] إلى سرت في [L العام] المقبل."
)
EVALUATION = evaluate_spans([SHORT, LONG], [FOUND_SHORT.spans, FOUND_LONG.spans], SCHEME)


def test_each_source_has_the_scores_of_its_documents() -> None:
    assert break_down(EVALUATION).sources == {"a.ann": Score(2, 3, 3), "b.ann": Score(3, 5, 5)}


def test_spans_are_grouped_by_their_words_on_either_side() -> None:
    assert break_down(EVALUATION).span_words == {
        "1": Score(right=1, predicted=4, gold=3),  # سبها; سالم, طرابلس as ORG and العام are wrong
        "2": Score(right=3, predicted=3, gold=4),
        "6–8": Score(right=1, predicted=1, gold=1),
    }


def test_spans_are_grouped_by_the_words_of_their_line() -> None:
    text = f"{SHORT.text}\n\n{LONG.text}"
    offset = len(SHORT.text) + 2
    both = [(*a.spans, *(s.shift(offset) for s in b.spans)) for a, b in ((SHORT, LONG), (FOUND_SHORT, FOUND_LONG))]
    evaluation = evaluate_spans([Document(text, both[0])], [both[1]], SCHEME)
    expected = {"1–10": Score(2, 3, 3), "11–25": Score(3, 5, 5)}
    assert break_down(evaluation).paragraph_words == break_down(EVALUATION).paragraph_words == expected


def test_a_form_is_seen_if_training_has_its_text_with_its_label() -> None:
    train = [parse_markup("في [L سـبـهـا] و[L سِرت] قال [T مدير [O المصرف  المركزي]] وهو [P طرابلس] و[T وزير الدفاع]")]
    forms = break_down(EVALUATION, train).forms
    assert forms == {
        "seen": Score(right=3, predicted=3, gold=4),  # وزير الدفاع, سبها, the nested المصرف المركزي; سرت is missed
        "unseen": Score(right=2, predicted=5, gold=4),  # طرابلس was seen with another label
    }
    assert forms["seen"].recall == 3 / 4
    assert forms["unseen"].precision == 2 / 5


def test_without_training_data_there_are_no_forms() -> None:
    breakdown = break_down(EVALUATION)
    assert breakdown.forms is None
    assert breakdown.to_dict()["forms"] is None
    assert breakdown.to_dict()["sources"]["a.ann"]["right"] == 2
    assert break_down(EVALUATION, []).forms == {"unseen": EVALUATION.spans.outer}


@given(st.data())
def test_invisible_characters_make_no_new_form(data: st.DataObject) -> None:
    text = data.draw(decorated("وزارة العدل"))
    span = make_span(text, 0, len(text), "ORG")
    assert form_of(span) == ("وزارة العدل", "ORG")


@pytest.mark.parametrize(
    ("id", "source"),
    [
        ("levant.ann:12", "levant.ann"),
        ("news.2024.jsonl:12", "news.2024.jsonl"),
        ("news.jsonl:https://example.org/a.html:8", "news.jsonl"),
        ("أخبار.conll:3", "أخبار.conll"),
        ("some/dataset:test:3", "some/dataset:test"),
        ("12", "(no source)"),
        ("", "(no source)"),
    ],
)
def test_the_source_is_the_file_of_the_id(id: str, source: str) -> None:
    assert source_of(Document("", (), id)) == source


@given(st.lists(st.tuples(documents(), st.booleans()), min_size=1, max_size=3))
def test_the_groups_of_every_part_add_up_to_the_whole(cases: list[tuple[Document, bool]]) -> None:
    scheme = replace(SCHEME, inner=SCHEME.outer)
    evaluation = evaluate_spans([d for d, _ in cases], [d.spans if right else () for d, right in cases], scheme)
    breakdown = break_down(evaluation, [cases[0][0]])
    total = evaluation.spans.outer
    for scores in (breakdown.sources, breakdown.span_words, breakdown.paragraph_words, breakdown.forms or {}):
        parts = [(s.right, s.predicted, s.gold) for s in scores.values()]
        assert [sum(column) for column in zip(*parts, strict=True)] in ([total.right, total.predicted, total.gold], [])
        assert all(any(part) for part in parts)


def test_the_table_names_every_part() -> None:
    console = Console(width=80, record=True)
    console.print(breakdown_table(break_down(EVALUATION, [SHORT])))
    rows = [line.split() for line in console.export_text().splitlines()]
    assert ["a.ann", "0.667", "0.667", "0.667", "2", "3", "3"] in rows
    assert ["6–8", "1.000", "1.000", "1.000", "1", "1", "1"] in rows
    assert [r for r in rows if r[:1] == ["by"]] == [
        ["by", "source"],
        ["by", "words", "of", "the", "span"],
        ["by", "words", "of", "the", "paragraph"],
        ["by", "form", "in", "training"],
    ]
