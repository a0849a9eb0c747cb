"""Exact-span scores: hand-counted figures, and counts of documents that add up to them."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from strategies import sentences, word_spans
from wazir.markup import parse_markup
from wazir.spans import Span
from wazir_training.scoring import Score, count_spans, nested_spans, score_spans, span_key

GOLD = parse_markup("[T رئيس [O مجلس النواب]] [P عقيلة صالح] في [L مصر] ول[L ليبيا]")
# a wrong label, a wrong edge, one right with a missed nested span
FOUND = parse_markup("[T رئيس مجلس النواب] [O عقيلة صالح] في [L مصر] و[L لليبيا]")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[Span], list[Span]]:
    text = draw(sentences)
    return draw(word_spans(text)), draw(word_spans(text))


def test_a_span_is_right_when_start_end_and_label_are() -> None:
    scores = score_spans([FOUND.spans], [GOLD.spans])
    assert scores.outer == Score(right=2, predicted=4, gold=4)
    assert scores.edges == Score(right=3, predicted=4, gold=4)
    assert scores.inner == Score(right=0, predicted=0, gold=1)
    assert scores.labels == {
        "LOC": Score(right=1, predicted=2, gold=2),
        "OFFICIAL": Score(right=0, predicted=0, gold=1),
        "ORG": Score(right=0, predicted=1, gold=0),
        "TITLE": Score(right=1, predicted=1, gold=1),
    }
    assert scores.inner_labels == {"ORG": Score(right=0, predicted=0, gold=1)}


def test_precision_recall_and_f1() -> None:
    score = Score(right=3, predicted=4, gold=6)
    assert [score.precision, score.recall, score.f1] == pytest.approx([0.75, 0.5, 0.6])
    assert Score(0, 0, 0).f1 == Score(0, 0, 0).precision == Score(0, 0, 0).recall == 0.0


def test_texts_and_predictions_must_pair_up() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        score_spans([[]], [[], []])


def test_counts_stand_in_the_row_of_their_document() -> None:
    other = parse_markup("وصل [L الخمس]")
    counts = count_spans([other.spans, FOUND.spans], [other.spans, GOLD.spans])
    assert counts.outer.tolist() == [[1, 1, 1], [2, 4, 4]]
    assert counts.labels["LOC"].tolist() == [[1, 1, 1], [1, 2, 2]]
    assert counts.labels["TITLE"].tolist() == [[0, 0, 0], [1, 1, 1]]
    assert counts.inner.tolist() == [[0, 0, 0], [0, 0, 1]]


@given(st.lists(pairs(), max_size=4))
def test_labels_add_up_to_their_layer(documents: list[tuple[list[Span], list[Span]]]) -> None:
    counts = count_spans([p for p, _ in documents], [g for _, g in documents])
    for layer, labels in ((counts.outer, counts.labels), (counts.inner, counts.inner_labels)):
        assert np.array_equal(sum(labels.values(), np.zeros_like(layer)), layer)
    for layer, nested in ((counts.outer, False), (counts.inner, True)):
        for row, sides in zip(layer.tolist(), documents, strict=True):
            found, wanted = ({span_key(s) for s in (nested_spans(x) if nested else x)} for x in sides)
            assert row == [len(found & wanted), len(found), len(wanted)]
