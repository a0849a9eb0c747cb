"""What a run leaves beside its checkpoint."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from wazir.labels import LabelScheme
from wazir.markup import parse_markup
from wazir.spans import Document, make_span
from wazir_training.evaluate import evaluate_spans
from wazir_training.report import write_report

GOLD = parse_markup("[T رئيس [O المجلس البلدي]] [P سالم الورفلي] في [L سبها]")
FOUND = parse_markup("[T رئيس المجلس البلدي] [P سالم الورفلي] في [O سبها]")
HISTORY = [{"step": 20, "loss": 1.2}, {"step": 40, "loss": 0.9, "learning_rate": 1e-4}]


def test_the_folder_holds_pictures_labels_and_errors(tmp_path: Path) -> None:
    evaluation = evaluate_spans([GOLD, GOLD], [FOUND.spans, GOLD.spans], LabelScheme())
    paths = write_report(tmp_path / "run" / "report", evaluation, HISTORY, "a run")
    names = {"confusion.png", "calibration.png", "learning_curves.png", "labels.csv", "errors.jsonl"}
    assert {p.name for p in paths} == {p.name for p in (tmp_path / "run" / "report").iterdir()} == names

    with (tmp_path / "run" / "report" / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row.pop("layer"), row.pop("label")): row for row in csv.DictReader(file)}
    assert rows["outer", "(all)"] == {
        "precision": "0.8333",
        "recall": "0.8333",
        "f1": "0.8333",
        "f1_low": "0.6667",
        "f1_high": "1.0000",
        "right": "5",
        "predicted": "6",
        "gold": "6",
    }
    assert rows["outer", "LOC"]["recall"] == "0.5000"
    assert rows["inner", "ORG"]["gold"] == "2"
    errors = [json.loads(line) for line in (tmp_path / "run" / "report" / "errors.jsonl").read_text().splitlines()]
    assert [(e["kind"], e["gold"]["text"]) for e in errors] == [("label", "سبها"), ("missed", "المجلس البلدي")]


def test_a_run_without_history_has_no_learning_curves_not_even_those_of_a_former_run(tmp_path: Path) -> None:
    text = "زار سالم طرابلس"
    document = Document(text, (make_span(text, 4, 8, "PERS"),))
    evaluation = evaluate_spans([document], [()], LabelScheme(("PERS",), (), (), False))
    write_report(tmp_path, evaluation, HISTORY)
    write_report(tmp_path, evaluation)
    assert not (tmp_path / "learning_curves.png").exists()
    lines = (tmp_path / "labels.csv").read_text().splitlines()
    assert lines[1:] == ["outer,(all),0.0000,0.0000,0.0000,,,0,0,1", "outer,PERS,0.0000,0.0000,0.0000,,,0,0,1"]
