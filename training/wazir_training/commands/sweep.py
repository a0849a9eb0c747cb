"""`wazir sweep`."""

from __future__ import annotations

import gc
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from wazir.cli import app
from wazir.errors import WazirError
from wazir_training.commands import training_extra


@app.command()
def sweep(
    config: Annotated[Path, typer.Argument(help="YAML file, such as configs/sweep.yaml.", show_default=False)],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Keys of it to change, such as trials=50.")
    ] = None,
) -> None:
    """Search the best values of a configuration's keys; the same command goes on where it stopped.

    Writes the study, a folder a trial, the best configuration as best.yaml and a picture as sweep.png.
    """
    try:
        import optuna  # noqa: F401
    except ModuleNotFoundError:
        raise WazirError('this command needs optuna. Run `pip install "wazir[sweep]"`.') from None
    with training_extra():
        from rich.console import Console

        from wazir_training.runs import StoppedError
        from wazir_training.sweep import run_sweep
        from wazir_training.sweep_config import load_sweep
        from wazir_training.sweep_report import draw_sweep, trial_table, write_best
        from wazir_training.sweep_study import best_of
        from wazir_training.train import train
    settings = load_sweep(config, overrides or [])
    command = shlex.join(["wazir", "sweep", str(config), *(overrides or [])])

    def train_trial(trial: Any) -> dict[str, Any]:
        try:
            return train(trial, command=command)
        except StoppedError as stopped:  # not the trial's fault: it is trained anew
            raise KeyboardInterrupt from stopped
        finally:
            gc.collect()  # the network, which refers to itself

    try:
        trials = run_sweep(settings, train_trial)
    except KeyboardInterrupt:
        typer.echo("stopped. The same command goes on.", err=True)
        raise typer.Exit(130) from None
    best = best_of(trials)
    Console(width=None if sys.stdout.isatty() else 200).print(trial_table(settings, trials))
    for trial in trials:
        if trial.error:
            typer.echo(f"trial {trial.number} failed: {trial.error}")
    typer.echo(
        f"best {settings.config.metric} {best.score:.4f}; checkpoint in {settings.config.output}/trial-{best.number}, "
        f"settings in {write_best(settings, trials)}, picture in {draw_sweep(settings, trials)}"
    )
