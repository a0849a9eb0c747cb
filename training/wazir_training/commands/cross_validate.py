"""`wazir cross-validate`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from wazir.cli import app
from wazir_training.commands import Overrides, stopping, training_extra


@app.command()
def cross_validate(
    config: Annotated[Path, typer.Argument(help="YAML file of a training.", show_default=False)],
    source: Annotated[str, typer.Argument(help="The source of data.train to cut into parts.", show_default=False)],
    overrides: Overrides = None,
    folds: Annotated[int, typer.Option(min=2, help="Number of parts.")] = 5,
    seed: Annotated[list[int] | None, typer.Option(help="Seed; may be repeated.", show_default="1")] = None,
) -> None:
    """Score each part of a training source by a model that the other parts trained; the same command goes on."""
    with training_extra():
        from rich.console import Console

        from wazir_training.config import load_config
        from wazir_training.cross_validation import cross_validate as run_folds
        from wazir_training.cross_validation import fold_table
        from wazir_training.train import train
    values = load_config(config, overrides or [])
    command = shlex.join(["wazir", "cross-validate", str(config), source, *(overrides or [])])

    def train_fold(fold: Any) -> dict[str, Any]:
        return train(fold, resume=True, command=command)

    runs = []
    with stopping():
        for run in run_folds(values, source, folds, seed or [1], train_fold):
            runs.append(run)
            outer, dev = run.metrics["test"]["outer"]["f1"], run.metrics["dev"]["outer"]["f1"]
            typer.echo(f"seed {run.seed}, part {run.fold} of {folds}: F1 {outer:.4f}, on dev {dev:.4f}", err=True)
    Console().print(fold_table(runs))
