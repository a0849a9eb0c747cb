"""A sweep that trains nothing, for tests."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from wazir_training.config import TrainConfig
from wazir_training.sweep import run_sweep
from wazir_training.sweep_config import Sweep, load_sweep

CONFIG = """\
output: runs/base
model: {base: some/model}
data: {train: a.ann, dev: b.ann}
fit: {seed: 5}
"""
RANGES = """\
ranges:
  fit.learning_rate: {low: 1.0e-5, high: 1e-3, log: true}
  fit.epochs: {low: 1, high: 6}
  fit.warmup: {low: 0, high: 0.2, step: 0.05}
  fit.schedule: {choices: [linear, cosine]}
"""
HEAD = "config: base/config.yaml\noutput: out\ntrials: 6\noverrides: [log_to=none, fit.patience=2]\n"

Score = Callable[[TrainConfig], float]


def connect_without_waiting(*arguments: Any, _connect: Any = sqlite3.connect, **more: Any) -> sqlite3.Connection:
    """A study that does not wait for a slow disk: a kill loses nothing, only a power cut would."""
    connection: sqlite3.Connection = _connect(*arguments, **more)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def sweep_of(text: str = HEAD + RANGES, *overrides: str) -> Sweep:
    Path("sweep.yaml").write_text(text, encoding="utf-8")
    return load_sweep("sweep.yaml", overrides)


def by_rate(config: TrainConfig) -> float:
    """Best at a rate of 1e-4 and many epochs."""
    return 0.9 - 0.1 * abs(math.log10(config.fit.learning_rate) + 4) + config.fit.epochs / 1000


class Training:
    """Stands in for a training: notes the configurations, writes a checkpoint folder and returns a score."""

    def __init__(self, score: Score = by_rate) -> None:
        self.configs: list[TrainConfig] = []
        self._score = score

    def __call__(self, config: TrainConfig) -> Mapping[str, Any]:
        self.configs.append(config)
        folder = Path(config.output)
        (folder / "epochs" / "checkpoint-3").mkdir(parents=True)
        for name in ("metrics.json", "training_config.yaml", "model.safetensors", "epochs/checkpoint-3/optimizer.pt"):
            (folder / name).write_text(str(config.fit.learning_rate))
        score = self._score(config)
        labels = {"TITLE": {"f1": score / 2}, "B.LOC": {"f1": score / 4}}
        return {"dev": {"outer": {"f1": score, "recall": 0.5}, "labels": labels}, "seed": config.fit.seed}


def run(sweep: Sweep, training: Training) -> list[Any]:
    return run_sweep(sweep, training, Console(file=StringIO()))


def files(folder: str) -> set[str]:
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()}


def enter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder that holds a training configuration, with a study that does not wait for the disk."""
    monkeypatch.chdir(folder)
    Path("base").mkdir()
    Path("base/config.yaml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setattr("wazir_training.sweep_study.sqlite3.connect", connect_without_waiting)
