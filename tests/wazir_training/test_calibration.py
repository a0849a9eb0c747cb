"""Scores of spans against how often they are right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wazir.markup import parse_markup
from wazir.spans import Document
from wazir_training.calibration import calibration_curve, score_pairs

GOLD = parse_markup("[T رئيس [O مجلس النواب]] [P عقيلة صالح] في [L مصر] ول[L ليبيا]")
FOUND = parse_markup("[T رئيس مجلس النواب] [O عقيلة صالح] في [L مصر] و[L لليبيا]")
NONE = np.empty(0, np.float32)


def test_the_curve_counted_by_hand() -> None:
    scores = np.array([0.05, 0.25, 0.20, 0.95, 0.85, 0.90, 1.0], np.float32)
    right = np.array([0, 1, 0, 1, 1, 0, 1], np.float32)
    curve = calibration_curve(scores, right, bins=5)
    assert curve.counts.tolist() == [1, 2, 0, 0, 4]
    assert curve.scores.tolist() == pytest.approx([0.05, 0.225, 0, 0, 0.925])
    assert curve.accuracies.tolist() == pytest.approx([0, 0.5, 0, 0, 0.75])
    assert curve.error == pytest.approx((1 * 0.05 + 2 * 0.275 + 4 * 0.175) / 7)


def test_calibration_error_is_the_gap_between_score_and_accuracy() -> None:
    scores = np.array([0.95, 0.95, 0.95, 0.95], dtype=np.float32)
    assert calibration_curve(scores, np.array([1, 1, 0, 0], np.float32)).error == pytest.approx(0.45)


def test_no_spans_have_no_error() -> None:
    assert calibration_curve(NONE, NONE).error == 0.0
    assert calibration_curve(NONE, NONE).counts.tolist() == [0] * 10


def test_scores_are_paired_with_whether_the_span_is_right() -> None:
    found = Document(FOUND.text, tuple(replace(s, score=0.5 + i / 10) for i, s in enumerate(FOUND.spans)))
    scores, right = score_pairs([found.spans], [GOLD.spans])
    assert scores.tolist() == pytest.approx([0.5, 0.6, 0.7, 0.8])
    assert right.tolist() == [1, 0, 1, 0]
