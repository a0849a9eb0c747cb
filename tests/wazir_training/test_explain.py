"""`--explain`: every setting, its value and where it comes from."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from conftest import ROOT
from wazir_training.config import config_from_settings, flatten
from wazir_training.explain import explain, explain_lines, origins
from wazir_training.settings import read_settings

BASE = """\
output: runs/الأول
model: {base: some/model}
data:
  train:
    - training/a.ann
    - {path: "b.ann", licence: CC BY 4.0}
  dev: dev.ann
fit:
  epochs: 5
  seed: 3
"""
CHILD = """\
extends: base.yaml
fit:
  epochs: 7
  class_weights: {O: 0.5}
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE, encoding="utf-8")
    Path("child.yaml").write_text(CHILD, encoding="utf-8")
    return "child.yaml"


def test_each_value_stands_with_the_file_and_line_the_override_or_default(child: str) -> None:
    settings = read_settings(child, ["fit.patience=2", "labels={outer: [PERS, LOC]}"])
    found = {key: (value, origin) for key, value, origin in origins(settings, config_from_settings(settings))}
    expected = {
        "output": ("runs/الأول", "base.yaml:1"),
        "model.base": ("some/model", "base.yaml:2"),
        "model.window": (512, "default"),
        "data.train.0.path": ("training/a.ann", "base.yaml:5"),
        "data.train.0.licence": ("not stated", "default"),
        "data.train.1.path": ("b.ann", "base.yaml:6"),
        "data.train.1.licence": ("CC BY 4.0", "base.yaml:6"),
        "data.dev.0.path": ("dev.ann", "base.yaml:7"),
        "data.dev.0.name": ("", "default"),
        "fit.epochs": (7, "child.yaml:3"),
        "fit.class_weights.O": (0.5, "child.yaml:4"),
        "fit.seed": (3, "base.yaml:10"),
        "fit.patience": (2, "command line: fit.patience=2"),
        "fit.warmup": (0.1, "default"),
        "labels.outer": (("PERS", "LOC"), "command line: labels={outer: [PERS, LOC]}"),
        "labels.proclitics": (True, "default"),
    }
    assert {key: found[key] for key in expected} == expected


def test_no_setting_is_left_out_and_each_stands_once(child: str) -> None:
    settings = read_settings(child)
    config = config_from_settings(settings)
    keys = [key for key, _, _ in origins(settings, config)]
    assert keys == [key for key, _ in flatten(asdict(config))]
    assert len(keys) == len(set(keys)) == explain(settings, config).row_count == len(explain_lines(settings, config))


def test_a_narrow_terminal_folds_values_and_cuts_none(child: str) -> None:
    name = "[bold]نموذج الوزراء والمسؤولين والمناصب والهيئات في الأخبار السياسية العربية[/bold]"
    settings = read_settings(child, [f"name='{name}'"])
    console = Console(width=70, record=True, file=StringIO())
    console.print(explain(settings, config_from_settings(settings)))
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in console.export_text().splitlines()]
    rows = [cells_of_line for cells_of_line in cells if cells_of_line]
    begin = next(i for i, row in enumerate(rows) if row[0] == "name")
    end = next(i for i in range(begin + 1, len(rows)) if rows[i][0])
    assert "".join(row[1] for row in rows[begin:end]).replace(" ", "") == name.replace(" ", "")
    assert "gradient_checkpointing" in "".join(row[0] for row in rows)


def test_the_lines_say_the_same_as_the_table(child: str) -> None:
    settings = read_settings(child, ["fit.patience=2"])
    lines = explain_lines(settings, config_from_settings(settings))
    assert "fit.epochs=7  # child.yaml:3" in lines
    assert "fit.patience=2  # command line: fit.patience=2" in lines
    assert "fit.compile=false  # default" in lines
    assert 'data.dev.0.name=""  # default' in lines


def test_the_command_prints_the_settings_and_trains_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "wazir_training", "train", "configs/smoke.yaml", "--explain"]
    result = subprocess.run(
        [*command, f"output={tmp_path / 'out'}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "configs/smoke.yaml:20" in result.stdout
    assert "fit.epochs" in result.stdout
    assert not (tmp_path / "out").exists()
