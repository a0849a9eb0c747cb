"""All figures of a model together: what they are called, what they hold, how they are printed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console
from typer.testing import CliRunner

import wazir_training.cli  # noqa: F401  # adds its commands to the app
from conftest import CORPUS
from wazir.cli import app
from wazir.errors import DataError
from wazir.labels import LabelScheme
from wazir.markup import parse_markup
from wazir.spans import Document, Span, make_span
from wazir.tagger import Tagger
from wazir_training.evaluate import evaluate, evaluate_spans, score_table

GOLD = parse_markup("[T رئيس [O مجلس النواب]] [P عقيلة صالح] في [L مصر] ول[L ليبيا]")
FOUND = parse_markup("[T رئيس مجلس النواب] [O عقيلة صالح] في [L مصر] و[L لليبيا]")
SAME = parse_markup("غادر [P سالم الورفلي] [L سبها]")
FLAT = LabelScheme(("PERS", "GPE"), (), (), False)
DATA = CORPUS / "test" / "diplomacy-nationalities.ann"


@dataclass(frozen=True)
class Oracle:
    """A tagger that says what it was told to."""

    answers: dict[str, tuple[Span, ...]]
    scheme: LabelScheme

    @property
    def checkpoint(self) -> SimpleNamespace:
        return SimpleNamespace(scheme=self.scheme)

    def predict(self, texts: list[str]) -> list[list[Span]]:
        return [list(self.answers[text]) for text in texts]


def oracle(documents: list[Document], scheme: LabelScheme = LabelScheme()) -> Tagger:  # noqa: B008
    return cast("Tagger", Oracle({d.text: d.spans for d in documents}, scheme))


def flat_document() -> Document:
    text = "زار سالم طرابلس"
    return Document(text, (make_span(text, 4, 8, "PERS"), make_span(text, 9, 15, "GPE")), "flat.conll:1")


def table_rows(table: Any, width: int = 80) -> list[list[str]]:
    console = Console(width=width, record=True)
    console.print(table)
    return [line.split() for line in console.export_text().splitlines()]


def test_every_figure_stands_under_its_name() -> None:
    figures = evaluate(oracle([FOUND, SAME]), [GOLD, SAME]).to_dict()
    assert figures["outer"] | {"f1_interval": None} == {
        "precision": 4 / 6,
        "recall": 4 / 6,
        "f1": 8 / 12,
        "right": 4,
        "predicted": 6,
        "gold": 6,
        "f1_interval": None,
    }
    # of four equally likely resamples one has GOLD twice (F1 1/2) and one has SAME twice (F1 1)
    assert figures["outer"]["f1_interval"] == [0.5, 1.0]
    assert figures["labels"]["TITLE"]["f1_interval"] == [1.0, 1.0]
    assert figures["inner_labels"]["ORG"]["f1_interval"] == [0.0, 0.0]
    assert figures["edges"]["right"] == 5
    assert figures["conll"] == figures["seqeval"] == pytest.approx({"precision": 5 / 6, "recall": 5 / 6, "f1": 5 / 6})
    assert figures["partial"]["f1"] == pytest.approx((5 + 0.5) / 6)
    assert figures["calibration_error"] == pytest.approx(1 - 4 / 6)  # all scores are 1
    assert figures["confusion"]["counts"][0] == [1, 0, 1, 0, 0]
    assert figures["bootstrap"] == {"level": 0.95, "samples": 2000, "seed": 0, "unit": "document", "documents": 2}
    assert json.loads(json.dumps(figures)) == figures


def test_a_scheme_without_nested_labels_has_no_inner_rows() -> None:
    document = flat_document()
    evaluation = evaluate(oracle([document], FLAT), [document, document])
    assert evaluation.spans.outer.f1 == evaluation.seqeval["f1"] == evaluation.conll["f1"] == 1.0
    assert evaluation.confusion.labels == ("PERS", "GPE")
    names = [row[0] for row in table_rows(score_table(evaluation)) if row]
    assert "GPE" in names
    assert "inner," not in names


def test_data_without_text_or_with_unknown_labels_is_refused() -> None:
    with pytest.raises(DataError, match="no marked text"):
        evaluate(oracle([]), [])
    with pytest.raises(DataError, match="unknown label 'PERS'"):
        evaluate(oracle([flat_document()]), [flat_document()])


def test_the_table_fits_a_terminal_and_shows_the_interval() -> None:
    evaluation = evaluate_spans([GOLD, SAME], [FOUND.spans, SAME.spans], LabelScheme())
    rows = table_rows(score_table(evaluation))
    assert ["outer,", "exact", "0.667", "0.667", "0.667", "0.500–1.000", "4", "6", "6"] in rows
    assert ["LOC", "0.667", "0.667", "0.667", "0.500–1.000", "2", "3", "3"] in rows
    assert ["outer,", "conll", "0.833", "0.833", "0.833"] in rows
    assert ["calibration", "error", "0.333"] in rows


def test_one_document_has_no_interval_to_show() -> None:
    evaluation = evaluate_spans([GOLD], [FOUND.spans], LabelScheme())
    assert ["outer,", "exact", "0.500", "0.500", "0.500", "2", "4", "4"] in table_rows(score_table(evaluation))


def call(*arguments: object) -> Any:
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_prints_parts_and_writes_pictures_and_errors(tmp_path: Path) -> None:
    train = ("--train", CORPUS / "diplomacy-nationalities.ann", "--train", CORPUS / "levant.ann")
    outputs = ("--pictures", tmp_path / "pictures", "--errors", tmp_path / "errors.jsonl")
    result = call("evaluate", "-", DATA, "--breakdown", *train, *outputs)
    assert result.exit_code == 0, result.output
    for heading in ("by source", "diplomacy-nationalities.ann", "by words of the span", "unseen", "spurious"):
        assert heading in result.output
    assert {p.name for p in (tmp_path / "pictures").iterdir()} == {"confusion.png", "calibration.png"}
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "errors.jsonl").read_text().splitlines()]
    figures = json.loads(call("evaluate", "-", DATA, "--breakdown", "--json").output)
    assert figures["outer"]["gold"] == 137
    assert figures["breakdown"]["sources"]["diplomacy-nationalities.ann"]["f1"] == figures["outer"]["f1"]
    assert figures["breakdown"]["forms"] is None
    assert len(kinds) >= figures["outer"]["gold"] - figures["outer"]["right"] > 0


def test_training_data_without_a_breakdown_would_be_read_for_nothing() -> None:
    result = call("evaluate", "-", DATA, "--train", DATA)
    assert result.exit_code == 2
    assert "--breakdown" in result.output


def test_a_file_is_no_folder_for_pictures_and_a_folder_no_file_for_errors(tmp_path: Path) -> None:
    for option, path in (("--pictures", DATA), ("--errors", tmp_path)):
        result = call("evaluate", "-", DATA, option, path)
        assert result.exit_code == 2
        assert option in result.output
