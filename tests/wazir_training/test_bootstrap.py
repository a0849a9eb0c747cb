"""Intervals and p-values against figures that binomial distributions give."""

from __future__ import annotations

import numpy as np
import pytest

from wazir.markup import parse_markup
from wazir.tagging import Ints
from wazir_training import bootstrap
from wazir_training.bootstrap import Interval, difference_intervals, f1_intervals, randomization_p_values
from wazir_training.scoring import count_spans

NOTHING = parse_markup("لا شيء هنا")
FOUND = parse_markup("زار [L تونس]")
WRONG = parse_markup("زار [O تونس]")


def spans(right: list[int]) -> Ints:
    """Counts of documents of one gold and one predicted span each, which is right in some."""
    return np.array([[r, 1, 1] for r in right], dtype=np.int64)


def test_the_interval_of_a_share_of_one_half_of_a_hundred_documents_is_that_of_the_binomial() -> None:
    gold = [FOUND.spans] * 100
    counts = count_spans([FOUND.spans] * 50 + [WRONG.spans] * 50, gold)
    interval = f1_intervals(counts).outer
    assert interval is not None
    # F1 is k / 100, k of Binomial(100, 1/2), whose 2.5% and 97.5% quantiles are 40 and 60
    assert interval.to_list() == pytest.approx([0.40, 0.60], abs=0.0101)


def test_documents_that_are_all_alike_leave_no_doubt() -> None:
    found, wanted = parse_markup("[L مصر] و[L ليبيا]").spans[:1], parse_markup("[L مصر] و[L ليبيا]").spans
    counts = count_spans([found] * 5, [wanted] * 5)
    interval = f1_intervals(counts).labels["LOC"]
    assert interval is not None
    assert interval.to_list() == pytest.approx([2 / 3, 2 / 3])


def test_a_resample_without_a_span_says_nothing() -> None:
    # one resample in four draws the empty document twice; the others have an F1 of 1
    counts = count_spans([FOUND.spans, NOTHING.spans], [FOUND.spans, NOTHING.spans])
    assert f1_intervals(counts).outer == Interval(1.0, 1.0)


def test_there_is_no_interval_for_one_document_or_for_no_span() -> None:
    assert f1_intervals(count_spans([FOUND.spans], [FOUND.spans])).outer is None
    intervals = f1_intervals(count_spans([FOUND.spans] * 3, [FOUND.spans] * 3))
    assert intervals.outer == Interval(1.0, 1.0)
    assert intervals.inner is None


def test_the_document_is_drawn_and_not_the_span() -> None:
    # all fifty right spans are in one document: it is left out of a quarter of the resamples
    many = parse_markup(" ".join(["[L تونس]"] * 50))
    wrong = parse_markup(" ".join(["[O تونس]"] * 50))
    interval = f1_intervals(count_spans([many.spans, wrong.spans], [many.spans, many.spans])).outer
    assert interval == Interval(0.0, 1.0)


def test_intervals_come_back_the_same_however_many_samples_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = count_spans([FOUND.spans] * 30 + [WRONG.spans] * 9, [FOUND.spans] * 39)
    first = f1_intervals(counts)
    assert f1_intervals(counts) == first
    monkeypatch.setattr(bootstrap, "_CELLS", 39 * 7)
    assert f1_intervals(counts) == first


def test_models_that_err_on_the_same_documents_do_not_differ() -> None:
    same = spans([1, 0] * 20)
    assert difference_intervals([same], [same]) == [Interval(0.0, 0.0)]
    assert randomization_p_values([same], [same]) == [1.0]


def test_the_difference_is_that_of_the_second_model_less_the_first() -> None:
    half, all_right = spans([1, 0] * 50), spans([1] * 100)
    (up,), (down,) = difference_intervals([half], [all_right]), difference_intervals([all_right], [half])
    assert up is not None
    assert down is not None
    assert up.to_list() == pytest.approx([0.40, 0.60], abs=0.0101)  # 1 - k / 100
    assert down.to_list() == pytest.approx([-up.high, -up.low])


@pytest.mark.parametrize(
    ("a", "b", "p"),
    [
        ([1, 1, 1, 1], [0, 0, 0, 0], 2 / 16),  # only all or none changed sides differ as much
        ([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1], 14 / 64),  # 0, 1, 5 or 6 of six
        ([1, 1, 1, 1, 1, 0, 1, 0], [0, 0, 0, 0, 0, 1, 1, 0], 14 / 64),  # where they agree nothing changes
        ([1, 0], [0, 1], 1.0),
    ],
)
def test_the_p_value_is_the_share_of_shuffles_that_differ_as_much(a: list[int], b: list[int], p: float) -> None:
    values = randomization_p_values([spans(a), spans(b)], [spans(b), spans(a)])
    assert values == pytest.approx([p, p], abs=0.03)  # three standard errors of 2,000 shuffles
    assert values[0] == values[1]  # two-sided


def test_no_p_value_is_smaller_than_the_shuffles_can_tell() -> None:
    assert randomization_p_values([spans([1] * 60)], [spans([0] * 60)]) == [1 / (bootstrap.SAMPLES + 1)]


def test_f1_of_shuffled_counts_and_not_counts_are_compared() -> None:
    # same right spans, but one model predicts twice as many: F1 2/3 against 1
    many = np.array([[1, 2, 1]] * 4, dtype=np.int64)
    assert randomization_p_values([many], [spans([1] * 4)]) == pytest.approx([2 / 16], abs=0.03)


def test_a_label_that_nobody_knows_has_no_difference() -> None:
    empty = np.zeros((4, 3), dtype=np.int64)
    assert difference_intervals([empty], [empty]) == [None]
    assert randomization_p_values([empty], [empty]) == [1.0]
