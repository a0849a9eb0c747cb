"""Scores: exact spans, edges, seqeval, partial matches, calibration, the list of errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wazir.labels import LabelScheme
from wazir.markup import parse_markup
from wazir.spans import Document
from wazir_training.calibration import expected_calibration_error, score_pairs
from wazir_training.evaluate import _partial, _seqeval, find_errors
from wazir_training.scoring import Score, score_spans

GOLD = parse_markup("[T رئيس [O مجلس النواب]] [P عقيلة صالح] في [L مصر] ول[L ليبيا]")
# a wrong label, a wrong edge, one missed, one spurious, one right with a missed nested span
FOUND = parse_markup("[T رئيس مجلس النواب] [O عقيلة صالح] في [L مصر] و[L لليبيا]")


def test_a_span_is_right_when_start_end_and_label_are() -> None:
    scores = score_spans([FOUND.spans], [GOLD.spans])
    assert scores.outer == Score(right=2, predicted=4, gold=4)
    assert scores.edges == Score(right=3, predicted=4, gold=4)
    assert scores.inner == Score(right=0, predicted=0, gold=1)
    assert scores.labels["LOC"] == Score(right=1, predicted=2, gold=2)
    assert scores.labels["ORG"] == Score(right=0, predicted=1, gold=0)
    assert scores.inner_labels["ORG"] == Score(right=0, predicted=0, gold=1)


def test_precision_recall_and_f1() -> None:
    score = Score(right=3, predicted=4, gold=6)
    assert [score.precision, score.recall, score.f1] == pytest.approx([0.75, 0.5, 0.6])
    assert Score(0, 0, 0).f1 == Score(0, 0, 0).precision == Score(0, 0, 0).recall == 0.0


def test_texts_and_predictions_must_pair_up() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        score_spans([[]], [[], []])


def test_seqeval_compares_whole_words_so_the_proclitic_edge_counts_as_right() -> None:
    figures = _seqeval([GOLD], [FOUND.spans], LabelScheme())
    assert figures["precision"] == figures["recall"] == figures["f1"] == pytest.approx(3 / 4)


def test_nervaluate_gives_half_a_point_for_a_partial_match() -> None:
    assert _partial([FOUND.spans], [GOLD.spans])["f1"] == pytest.approx((3 + 0.5) / 4)
    assert _partial([[]], [[]])["f1"] == 0.0


def test_every_error_is_listed_with_its_kind() -> None:
    missing = replace(GOLD, spans=GOLD.spans[:-1])
    errors = list(find_errors(GOLD, FOUND.spans)) + list(find_errors(missing, GOLD.spans))
    assert [(e.kind, (e.predicted or e.gold or errors[0].predicted).text) for e in errors] == [  # type: ignore[union-attr]
        ("label", "عقيلة صالح"),
        ("edge", "لليبيا"),
        ("missed", "مجلس النواب"),
        ("spurious", "ليبيا"),
    ]


def test_no_gold_span_that_was_not_found_is_left_out_of_the_errors() -> None:
    gold = parse_markup("[L مصر] و[L ليبيا]")
    errors = find_errors(gold, parse_markup("[L مصر وليبيا]").spans)
    assert [(e.kind, e.gold and e.gold.text) for e in errors] == [("edge", "مصر"), ("missed", "ليبيا")]


def test_calibration_error_is_the_gap_between_score_and_accuracy() -> None:
    scores = np.array([0.95, 0.95, 0.95, 0.95], dtype=np.float32)
    assert expected_calibration_error(scores, np.array([1, 1, 0, 0], np.float32)) == pytest.approx(0.45)
    assert expected_calibration_error(np.empty(0, np.float32), np.empty(0, np.float32)) == 0.0


def test_scores_are_paired_with_whether_the_span_is_right() -> None:
    found = Document(FOUND.text, tuple(replace(s, score=0.5 + i / 10) for i, s in enumerate(FOUND.spans)))
    scores, right = score_pairs([found.spans], [GOLD.spans])
    assert scores.tolist() == pytest.approx([0.5, 0.6, 0.7, 0.8])
    assert right.tolist() == [1, 0, 1, 0]
