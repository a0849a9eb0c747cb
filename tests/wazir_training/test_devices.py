"""Several processes, and batches read in parts, change memory and time but not what is learned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from safetensors.torch import load_file

from conftest import ROOT

TRAIN = (
    "train",
    "configs/smoke.yaml",
    "data.train=training/corpus/test/levant.ann",
    "fit.epochs=2",
    "fit.batch_tokens=512",
    "fit.precision=fp32",
    "fit.learning_rate=1e-3",
    "model.head_dropout=0",
    "log_to=none",
)


def call(base: Path, output: Path, *more: str, launch: Sequence[str] = (sys.executable,)) -> Path:
    result = subprocess.run(
        [*launch, "-m", "wazir_training", *TRAIN, f"model.base={base}", f"output={output}", *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=False,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr
    return output


@pytest.fixture(scope="module")
def single(smoke_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return call(smoke_checkpoint, tmp_path_factory.mktemp("single") / "run")


def assert_same_training(one: Path, other: Path) -> None:
    mine, theirs = (load_file(folder / "model.safetensors") for folder in (one, other))
    assert max(float((mine[name] - theirs[name]).abs().max()) for name in mine) < 1e-4
    metrics = [json.loads((folder / "metrics.json").read_text()) for folder in (one, other)]
    assert [e["eval_f1"] for e in metrics[0]["epochs"]] == pytest.approx([e["eval_f1"] for e in metrics[1]["epochs"]])
    losses = [[entry["loss"] for entry in m["history"] if "loss" in entry] for m in metrics]
    assert len(losses[0]) == len(losses[1]) > 0
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_accumulation_gives_the_trajectory_of_the_large_batch(
    single: Path, smoke_checkpoint: Path, tmp_path: Path
) -> None:
    for parts in (2, 5):
        assert_same_training(single, call(smoke_checkpoint, tmp_path / str(parts), f"fit.accumulation={parts}"))


def test_two_processes_give_the_loss_of_one(single: Path, smoke_checkpoint: Path, tmp_path: Path) -> None:
    two = call(smoke_checkpoint, tmp_path / "two", "--processes", "2")
    assert_same_training(single, two)
    assert json.loads((two / "metrics.json").read_text())["processes"] == 2


def test_accelerate_launches_it(single: Path, smoke_checkpoint: Path, tmp_path: Path) -> None:
    launch = (sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "1")
    assert_same_training(single, call(smoke_checkpoint, tmp_path / "launched", launch=launch))


def test_memory_savers_change_nothing_but_rounding(single: Path, smoke_checkpoint: Path, tmp_path: Path) -> None:
    assert_same_training(single, call(smoke_checkpoint, tmp_path / "saver", "fit.gradient_checkpointing=true"))
