"""Thresholds for a wanted precision."""

from __future__ import annotations

import json
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from rich.console import Console
from typer.testing import CliRunner

import wazir_training.cli  # noqa: F401  # adds its commands to the app
from conftest import CORPUS
from wazir.cli import app
from wazir.labels import LabelScheme
from wazir.selection import select_spans
from wazir.spans import Document, Span, make_span
from wazir_training.evaluate import Evaluation, evaluate_spans
from wazir_training.scoring import Score
from wazir_training.thresholds import Threshold, find_thresholds, threshold_table

SCHEME = LabelScheme(("PERS", "LOC", "ORG"), (), (), False)


def evaluation_of(scored: list[tuple[str, float, bool]], missed: int = 0) -> Evaluation:
    """Spans of one letter in a document, of a label and score, right or not, and gold locations that are missed."""
    text = "س" * (len(scored) + missed)
    predicted = [Span(i, i + 1, label, "س", score) for i, (label, score, _) in enumerate(scored)]
    gold = [make_span(text, i, i + 1, label) for i, (label, _, right) in enumerate(scored) if right]
    gold += [make_span(text, i, i + 1, "LOC") for i in range(len(scored), len(text))]
    return evaluate_spans([Document(text, tuple(gold))], [predicted], SCHEME)


LOCATIONS = [(0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.5, False), (0.4, False)]
EVALUATION = evaluation_of([("LOC", *pair) for pair in LOCATIONS] + [("PERS", 0.3, True)], missed=2)


@pytest.mark.parametrize(
    ("precision", "threshold", "kept"),
    [
        (0.5, 0.0, Score(3, 6, 5)),  # all of them, 3 of 6, is enough
        (0.6, 0.41, Score(3, 5, 5)),  # 3 of 5; no score lies between 0.4 and 0.5
        (0.75, 0.51, Score(3, 4, 5)),  # though two, at 0.8, have a precision of 1/2 alone
        (0.76, 0.81, Score(1, 1, 5)),
        (1.0, 0.81, Score(1, 1, 5)),
    ],
)
def test_the_threshold_is_the_lowest_that_is_precise_enough(precision: float, threshold: float, kept: Score) -> None:
    found = find_thresholds(EVALUATION, precision)["LOC"]
    assert found is not None
    assert found.reached
    assert found.result == kept
    scores = [score for score, _ in LOCATIONS]
    assert [s for s in scores if s >= found.score] == [s for s in scores if s >= threshold]


def test_a_label_that_is_never_predicted_has_none_and_others_are_searched_alone() -> None:
    thresholds = find_thresholds(EVALUATION, 0.99)
    assert list(thresholds) == ["PERS", "LOC", "ORG"]
    assert thresholds["PERS"] == Threshold(0.0, True, Score(1, 1, 1))
    assert thresholds["ORG"] is None


def test_a_precision_out_of_reach_is_said_to_be() -> None:
    evaluation = evaluation_of([("LOC", 0.9, False), ("LOC", 0.8, True), ("LOC", 0.7, True), ("LOC", 0.6, False)])
    found = find_thresholds(evaluation, 0.9)["LOC"]
    assert found is not None
    assert found.to_dict() == {
        "threshold": None,
        "precision": 2 / 3,  # the best there is
        "recall": 1.0,
        "f1": 4 / 5,
        "right": 2,
        "predicted": 3,
        "gold": 2,
    }
    console = Console(width=100, record=True)
    console.print(threshold_table(find_thresholds(evaluation, 0.9), 0.9))
    text = console.export_text()
    assert "0.9 is out of reach, this is the best" in text
    assert "never predicted" in text


def test_spans_of_one_score_stay_together() -> None:
    evaluation = evaluation_of([("LOC", 0.9, True), ("LOC", 0.8, True), ("LOC", 0.8, False), ("LOC", 0.7, False)])
    found = find_thresholds(evaluation, 1.0)["LOC"]
    assert found is not None
    assert found.result == Score(1, 1, 2)
    assert 0.8 < found.score <= 0.9


def test_thresholds_are_short_but_exact() -> None:
    evaluation = evaluation_of([("LOC", 0.87654321, True), ("LOC", 0.87651, False), ("LOC", 0.2, False)])
    found = find_thresholds(evaluation, 1.0)["LOC"]
    assert found is not None
    assert found.score == 0.87654


@given(
    st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=12),
    st.floats(0.01, 1),
)
def test_keeping_spans_by_the_threshold_gives_what_it_says(pairs: list[tuple[float, bool]], wanted: float) -> None:
    evaluation = evaluation_of([("LOC", *pair) for pair in pairs])
    found = find_thresholds(evaluation, wanted)["LOC"]
    assert found is not None

    def scores_from(threshold: float) -> Score:
        kept = select_spans(evaluation.predicted[0], {"LOC"}, threshold)
        return evaluate_spans(evaluation.documents, [kept], SCHEME).spans.outer

    assert scores_from(found.score) == found.result
    others = [scores_from(score) for score, _ in pairs]
    assert found.reached == any(s.precision >= wanted for s in others)
    if found.reached:
        assert found.result.precision >= wanted
        assert found.result.predicted == max(s.predicted for s in others if s.precision >= wanted)
    else:
        assert found.result.precision == max(s.precision for s in others)


def call(*arguments: object) -> Any:
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_prints_what_json_says() -> None:
    data = CORPUS / "test" / "diplomacy-nationalities.ann"
    result = call("thresholds", "-", data, "--precision", "0.95")
    values = json.loads(call("thresholds", "-", data, "--precision", "0.95", "--json").output)
    assert values["precision"] == 0.95
    for label, value in values["thresholds"].items():
        (row,) = (line for line in result.output.splitlines() if line.split()[:1] == [label])
        if value["threshold"] is None:
            assert "0.95 is out of reach" in row
        else:
            assert value["precision"] >= 0.95
            assert row.split()[1] == str(value["threshold"])
    assert call("thresholds", "-", data, "--precision", "95").exit_code == 2
