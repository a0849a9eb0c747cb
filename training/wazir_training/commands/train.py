"""`wazir train` and `wazir average`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from wazir.cli import app
from wazir_training.commands import Overrides, stopping, training_extra
from wazir_training.launch import launch


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="YAML file, such as one of configs/.", show_default=False)],
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that stopped.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print every setting with where it comes from, and train nothing.")
    ] = False,
    processes: Annotated[int, typer.Option(min=1, help="Processes on this machine, one a GPU.")] = 1,
) -> None:
    """Fine-tune a model by a configuration and write its checkpoint."""
    with training_extra():
        from wazir_training.config import config_from_settings
        from wazir_training.settings import read_settings
    settings = read_settings(config, overrides or [])
    values = config_from_settings(settings)
    if explain:
        with training_extra():
            from rich.console import Console

            from wazir_training.explain import explain as table
            from wazir_training.explain import explain_lines
        if sys.stdout.isatty():
            Console().print(table(settings, values))
        else:
            typer.echo("\n".join(explain_lines(settings, values)))
        return
    if processes > 1:
        again = ["train", str(config), *(overrides or []), *(["--resume"] if resume else [])]
        raise typer.Exit(launch(processes, again))
    with training_extra():
        from wazir_training.train import train as run_training
    command = shlex.join(["wazir", "train", str(config), *(overrides or [])])
    with stopping():
        metrics = run_training(values, resume=resume, command=command)
    typer.echo(f"{_scores(metrics)}; checkpoint in {values.output}", err=True)
    if "test" in metrics:
        typer.echo(
            f"test, seqeval micro F1 over the words of the files: {100 * metrics['test']['conll']['f1']:.1f}", err=True
        )
        for name, score in values.data.published.items():
            typer.echo(f"published by {name}: {score:.1f}", err=True)


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
    typer.echo(f"{_scores(metrics)}; checkpoint in {output}")


def _scores(metrics: dict[str, dict[str, dict[str, float]]]) -> str:
    parts = [(name, metrics[name]) for name in ("dev", "test") if name in metrics]
    return "; ".join(f"{name} F1 {x['outer']['f1']:.4f} outer, {x['inner']['f1']:.4f} inner" for name, x in parts)
