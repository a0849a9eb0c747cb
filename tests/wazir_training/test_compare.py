"""Two models on the same data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

import wazir_training.cli  # noqa: F401  # adds its commands to the app
from conftest import CORPUS
from wazir.cli import app
from wazir.labels import LabelScheme
from wazir.markup import parse_markup
from wazir.spans import Document
from wazir_training.compare import Agreement, agreement_table, compare, comparison_table
from wazir_training.evaluate import Evaluation, evaluate_spans
from wazir_training.scoring import Score

SCHEME = LabelScheme()
GOLD = parse_markup("[T رئيس [O المجلس البلدي]] [P سالم الورفلي] في [L سبها]")
#: The title is nested wrong, and the place is missed.
FIRST = parse_markup("[T رئيس المجلس البلدي] [P سالم الورفلي] في سبها")
#: All but the person, who is taken for an organization.
SECOND = parse_markup("[T رئيس [O المجلس البلدي]] [O سالم الورفلي] في [L سبها]")


def evaluation(*found: Document) -> Evaluation:
    return evaluate_spans([GOLD] * len(found), [d.spans for d in found], SCHEME)


def test_the_difference_is_that_of_the_second_model_less_the_first() -> None:
    comparison = compare(evaluation(FIRST, FIRST), evaluation(SECOND, SECOND))
    difference = comparison.differences["outer", ""]
    assert (difference.a, difference.b) == (Score(4, 4, 6), Score(4, 6, 6))
    assert difference.f1 == pytest.approx(4 / 6 - 4 / 5)
    # both documents alike: each resample has the same difference
    assert difference.interval is not None
    assert difference.interval.to_list() == pytest.approx([difference.f1] * 2)
    assert difference.p == pytest.approx(1 / 2, abs=0.04)  # both or none of two changed sides
    assert comparison.differences["labels", "LOC"].f1 == 1.0
    assert comparison.differences["inner", ""].f1 == 1.0
    assert comparison.differences["inner_labels", "ORG"].f1 == 1.0


def test_a_label_that_one_model_alone_predicts_is_compared_too() -> None:
    difference = compare(evaluation(FIRST, FIRST), evaluation(SECOND, SECOND)).differences["labels", "ORG"]
    assert (difference.a, difference.b, difference.f1) == (Score(0, 0, 0), Score(0, 2, 0), 0.0)


def test_gold_spans_are_counted_by_who_has_them_right() -> None:
    comparison = compare(evaluation(FIRST, FIRST, SECOND), evaluation(SECOND, FIRST, SECOND))
    # title, person and place of each document
    assert comparison.outer == Agreement(both=1 + 2 + 2, only_a=1, only_b=1, neither=0 + 1 + 1)
    assert comparison.inner == Agreement(both=1, only_a=0, only_b=1, neither=1)


def test_a_model_does_not_differ_from_itself() -> None:
    same = compare(evaluation(FIRST, SECOND), evaluation(FIRST, SECOND))
    assert {(d.f1, d.p) for d in same.differences.values()} == {(0.0, 1.0)}
    assert same.outer.only_a == same.outer.only_b == 0


def test_other_documents_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="same documents"):
        compare(evaluation(FIRST), evaluation(FIRST, FIRST))


def test_json_has_both_models_and_their_difference() -> None:
    values = compare(evaluation(FIRST, FIRST), evaluation(SECOND, SECOND)).to_dict()
    assert json.loads(json.dumps(values)) == values
    assert values["a"]["outer"]["f1"] == pytest.approx(4 / 5)
    assert values["b"]["outer"]["f1"] == pytest.approx(4 / 6)
    assert values["difference"]["outer"]["f1"] == pytest.approx(4 / 6 - 4 / 5)
    assert values["difference"]["outer"]["f1_interval"] == pytest.approx([4 / 6 - 4 / 5] * 2)
    assert set(values["difference"]["labels"]) == {"OFFICIAL", "TITLE", "ORG", "LOC"}
    assert values["right"]["outer"] == {"both": 2, "only_a": 2, "only_b": 2, "neither": 0}


def test_the_tables_fit_a_terminal() -> None:
    comparison = compare(evaluation(FIRST, FIRST), evaluation(SECOND, SECOND))
    console = Console(width=80, record=True)
    console.print(comparison_table(comparison), agreement_table(comparison))
    rows = [line.split() for line in console.export_text().splitlines()]
    p = f"{comparison.differences['outer', ''].p:.3f}"
    assert ["outer,", "exact", "0.800", "0.667", "-0.133", "-0.133", "to", "-0.133", p, "6"] in rows
    assert ["outer", "2", "2", "2", "0"] in rows
    assert ["inner", "0", "0", "2", "0"] in rows


def call(*arguments: object) -> Any:
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_compares_two_models(tmp_path: Path) -> None:
    data = tmp_path / "data.ann"
    data.write_text("".join((CORPUS / "test" / "hard-cases.ann").read_text().splitlines(keepends=True)[:8]))
    result = call("compare", "-", "-", data)
    assert result.exit_code == 0, result.output
    assert "95% of B - A" in result.output
    assert "only A" in result.output
    values = json.loads(call("compare", "-", "-", data, "--json").output)
    assert values["difference"]["outer"] == {"f1": 0.0, "f1_interval": [0.0, 0.0], "p": 1.0}
    assert call("compare", "-", data).exit_code == 2
