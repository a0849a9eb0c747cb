"""Cross-validation: parts that never train the model that scores them, pooled counts, runs that go on."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conftest import ROOT
from wazir_training.config import FoldConfig, TrainConfig, load_config
from wazir_training.cross_validation import FoldRun, cross_validate, fold_table
from wazir_training.data import load_data
from wazir_training.settings import ConfigError

LEVANT, GULF = "training/corpus/test/levant.ann", "training/corpus/test/gulf-yemen.ann"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainConfig:
    monkeypatch.chdir(ROOT)
    data = f"data={{train: [{LEVANT}, {GULF}], dev: training/corpus/test/hard-cases.ann}}"
    return load_config("configs/smoke.yaml", [data, f"output={tmp_path}/cv"])


def test_the_parts_of_a_source_test_once_each_and_never_train_their_own_model(config: TrainConfig) -> None:
    whole = load_data(config.data)
    tested = []
    for number in (1, 2, 3):
        data = load_data(replace(config.data, fold=FoldConfig(path=LEVANT, number=number, of=3)))
        assert not {d.text for d in data.test} & {d.text for d in data.train}
        assert {d.text for d in (*data.train, *data.test, *data.left_out)} == {d.text for d in whole.train}
        tested += [d.text for d in data.test]
    levant = {d.text for d in load_data(replace(config.data, train=config.data.train[:1])).train}
    assert len(tested) == len(set(tested))
    assert set(tested) == levant


def test_a_part_that_is_not_there_is_refused() -> None:
    data = f"data={{train: {LEVANT}, dev: {GULF}, fold: {{path: {LEVANT}, number: 4, of: 3}}}}"
    with pytest.raises(ConfigError, match="no part 4 of 3"):
        load_config(ROOT / "configs/smoke.yaml", [data])
    with pytest.raises(ConfigError, match="none of the training sources"):
        load_config(ROOT / "configs/smoke.yaml", [data.replace(f"path: {LEVANT}", f"path: {GULF}").replace("4", "2")])


def metrics(right: int, predicted: int, gold: int, dev: float) -> dict[str, Any]:
    counts = {"right": right, "predicted": predicted, "gold": gold}
    scores = {"outer": counts, "inner": counts, "labels": {"LOC": counts}}
    return {"test": scores, "dev": {"outer": {"f1": dev}, "inner": {"f1": dev}}}


def test_counts_of_the_parts_are_pooled_and_seeds_averaged() -> None:
    runs = [
        FoldRun(1, 1, metrics(8, 10, 10, 0.7)),
        FoldRun(1, 2, metrics(0, 0, 10, 0.9)),
        FoldRun(2, 1, metrics(10, 10, 10, 0.6)),
        FoldRun(2, 2, metrics(10, 10, 10, 0.6)),
    ]
    out = StringIO()
    Console(file=out, width=120).print(fold_table(runs))
    rows = [line.split() for line in out.getvalue().splitlines()]
    assert ["outer", "0.5333", "1.0000", "0.7667", "0.4667"] in rows  # 2 * 8 / (10 + 20)
    assert ["dev,", "outer,", "mean", "of", "the", "parts", "0.8000", "0.6000", "0.7000", "0.2000"] in rows


def test_a_complete_part_is_not_trained_again(config: TrainConfig) -> None:
    trained: list[TrainConfig] = []

    def train(run: TrainConfig) -> dict[str, Any]:
        trained.append(run)
        found = metrics(1, 1, 1, 0.5)
        Path(run.output).mkdir(parents=True)
        (Path(run.output) / "metrics.json").write_text(json.dumps(found), encoding="utf-8")
        return found

    first = list(cross_validate(config, LEVANT, 2, (1, 7), train))
    assert [(r.seed, r.fold) for r in first] == [(1, 1), (1, 2), (7, 1), (7, 2)]
    assert [run.fit.seed for run in trained] == [1, 1, 7, 7]
    assert list(cross_validate(config, LEVANT, 2, (1, 7), train)) == first
    assert len(trained) == 4


def test_the_command_prints_the_table(tmp_path: Path) -> None:
    settings = [f"data={{train: [{LEVANT}], dev: {GULF}}}", "fit.epochs=1", "log_to=none", f"output={tmp_path}/cv"]
    command = [sys.executable, "-m", "wazir_training", "cross-validate", "configs/smoke.yaml", LEVANT, *settings]
    done = subprocess.run([*command, "--folds", "2"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "seed 1, part 2 of 2: F1" in done.stderr
    assert "F1 over all parts" in done.stdout
