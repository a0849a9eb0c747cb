"""`wazir adapt`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from wazir.cli import app
from wazir_training.commands import Overrides, stopping, training_extra


@app.command()
def adapt(
    config: Annotated[Path, typer.Argument(help="YAML file, such as configs/adapt.yaml.", show_default=False)],
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that stopped.")] = False,
) -> None:
    """Train a base on raw text, by guessing hidden words, before it is fine-tuned."""
    with training_extra():
        from wazir_training.adaptation.adapt import adapt as run_adaptation
        from wazir_training.adaptation.config import load_adapt_config
    values = load_adapt_config(config, overrides or [])
    command = shlex.join(["wazir", "adapt", str(config), *(overrides or [])])
    with stopping():
        metrics = run_adaptation(values, resume=resume, command=command)
    accuracy = metrics["evaluations"][-1]["eval_accuracy"]
    typer.echo(
        f"{100 * accuracy:.1f}% of hidden sub-tokens guessed, {metrics['train_tokens_per_second']:,.0f} sub-tokens a "
        f"second; base in {values.output}",
        err=True,
    )
