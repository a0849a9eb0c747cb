"""`wazir train` and `wazir average`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from wazir.cli import app
from wazir_training.commands import training_extra


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="YAML file, such as one of configs/.", show_default=False)],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Settings to change, such as fit.epochs=3.")
    ] = None,
) -> None:
    """Fine-tune a model by a configuration and write its checkpoint."""
    with training_extra():
        from rich.console import Console

        from wazir_training.config import load_config
        from wazir_training.train import train as run_training
    settings = load_config(config, overrides or [])
    metrics = run_training(settings, command=shlex.join(["wazir", "train", str(config), *(overrides or [])]))
    outer, inner = metrics["dev"]["outer"]["f1"], metrics["dev"]["inner"]["f1"]
    Console(stderr=True).print(f"dev F1 {outer:.4f} outer, {inner:.4f} inner; checkpoint in {settings.output}")


@app.command()
def average(
    checkpoints: Annotated[list[Path], typer.Argument(help="Folders that `wazir train` wrote, of one base.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")],
) -> None:
    """Average the weights of checkpoints into one."""
    with training_extra():
        from wazir_training.averaging import average_checkpoints
    command = shlex.join(["wazir", "average", *map(str, checkpoints), "--output", str(output)])
    metrics = average_checkpoints(checkpoints, output, command)
    outer, inner = metrics["dev"]["outer"]["f1"], metrics["dev"]["inner"]["f1"]
    typer.echo(f"dev F1 {outer:.4f} outer, {inner:.4f} inner; checkpoint in {output}")
