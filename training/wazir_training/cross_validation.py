"""Cross-validation: each part of a training source scored by a model that the other parts trained."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from wazir_training.card import METRICS
from wazir_training.config import FoldConfig, TrainConfig
from wazir_training.evaluate import narrow_table
from wazir_training.scoring import Score

Train = Callable[[TrainConfig], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class FoldRun:
    """A training without one part.

    Attributes:
        seed: Its seed.
        fold: The part, counted from 1.
        metrics: Its `metrics.json`.
    """

    seed: int
    fold: int
    metrics: Mapping[str, Any]


def cross_validate(
    config: TrainConfig, source: str, folds: int, seeds: Sequence[int], train: Train
) -> Iterator[FoldRun]:
    """Train once a part and seed; runs that are complete in the output folder are not repeated.

    Args:
        config: The recipe; each run has a folder below its ``output``.
        source: Path of the training source to cut into parts.
        folds: Number of parts.
        seeds: Seeds.
        train: Trains by a configuration and returns the metrics.

    Yields:
        The runs, as they end.
    """
    for seed in seeds:
        for fold in range(1, folds + 1):
            output = Path(config.output) / f"seed-{seed}-fold-{fold}"
            run = replace(
                config,
                output=str(output),
                data=replace(config.data, fold=FoldConfig(path=source, number=fold, of=folds)),
                fit=replace(config.fit, seed=seed),
            )
            done = output / METRICS
            metrics = json.loads(done.read_text(encoding="utf-8")) if done.is_file() else train(run)
            yield FoldRun(seed, fold, metrics)


def fold_table(runs: Sequence[FoldRun]) -> Table:
    """F1 over all parts together, of each seed, their mean and what the seeds differ by; and that on dev."""
    seeds = sorted({run.seed for run in runs})
    table = narrow_table("F1 over all parts", *(f"seed {seed}" for seed in seeds), "mean", "spread")
    for name in ("outer", "inner", *sorted({label for run in runs for label in run.metrics["test"]["labels"]})):
        scores = [_pooled([_part(run.metrics["test"], name) for run in runs if run.seed == seed]) for seed in seeds]
        _add(table, name, scores)
    for name in ("outer", "inner"):
        means = [statistics.mean(run.metrics["dev"][name]["f1"] for run in runs if run.seed == seed) for seed in seeds]
        _add(table, f"dev, {name}, mean of the parts", means)
    return table


def _part(scores: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    part: Mapping[str, Any] | None = scores[name] if name in ("outer", "inner") else scores["labels"].get(name)
    return part


def _pooled(parts: Sequence[Mapping[str, Any] | None]) -> float:
    there = [part for part in parts if part is not None]
    return Score(*(sum(part[key] for part in there) for key in ("right", "predicted", "gold"))).f1


def _add(table: Table, name: str, scores: Sequence[float]) -> None:
    cells = [f"{score:.4f}" for score in (*scores, statistics.mean(scores), max(scores) - min(scores))]
    table.add_row(name, *cells)
