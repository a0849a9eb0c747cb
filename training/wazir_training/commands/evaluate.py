"""`wazir evaluate` and `wazir thresholds`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wazir.checkpoint import BackendName
from wazir.cli import app
from wazir_training.commands import training_extra

if TYPE_CHECKING:
    from wazir.tagger import Tagger

Model = Annotated[str, typer.Argument(help="Model folder, Hub id, or - for the model in the package.")]
Data = Annotated[Path, typer.Argument(help="Marked file or a folder of them.")]
Backend = Annotated[BackendName, typer.Option(help="Runtime of the network.")]
Json = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]


def load_tagger(model: str, backend: BackendName = "auto") -> Tagger:
    """The model that a command names; ``-`` is the one in the package."""
    from wazir.checkpoint import DEFAULT_MODEL
    from wazir.tagger import Tagger

    return Tagger.from_pretrained(DEFAULT_MODEL if model == "-" else model, backend=backend)


@app.command()
def evaluate(
    model: Model,
    data: Data,
    backend: Backend = "auto",
    breakdown: Annotated[
        bool,
        typer.Option("--breakdown", help="Print scores by source and length too, and the labels that were confused."),
    ] = False,
    train: Annotated[
        list[Path] | None,
        typer.Option(help="Data that trained the model, to tell seen from unseen forms; may be repeated."),
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder that receives confusion.png and calibration.png.", file_okay=False)
    ] = None,
    errors: Annotated[
        Path | None, typer.Option(help="File that receives every error as JSONL.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Score a model on marked data, with 95% bootstrap intervals of the F1 figures."""
    with training_extra():
        from rich.console import Console

        from wazir_training.breakdown import break_down, breakdown_table
        from wazir_training.confusion import confusion_table
        from wazir_training.evaluate import evaluate as run_evaluation
        from wazir_training.evaluate import score_table
        from wazir_training.report import write_errors, write_pictures
        from wazir_training.sources import read_data
    if train and not breakdown:
        raise typer.BadParameter("it is used by --breakdown alone", param_hint="--train")
    seen = [d for path in train for d in read_data(path)] if train else None
    evaluation = run_evaluation(load_tagger(model, backend), data)
    parts = break_down(evaluation, seen) if breakdown else None
    if as_json:
        typer.echo(json.dumps(evaluation.to_dict() | ({"breakdown": parts.to_dict()} if parts else {}), indent=1))
    else:
        console = Console()
        console.print(score_table(evaluation))
        if parts:
            for table in (breakdown_table(parts), confusion_table(evaluation.confusion)):
                console.print("", table, sep="\n")
    if pictures:
        write_pictures(pictures, evaluation, f"{'the model in the package' if model == '-' else model} on {data}")
    if errors:
        write_errors(errors, evaluation)


@app.command()
def thresholds(
    model: Model,
    data: Data,
    precision: Annotated[float, typer.Option(min=0, max=1, help="Wanted precision of every label.")],
    backend: Backend = "auto",
    as_json: Json = False,
) -> None:
    """Find the lowest score of each label whose spans reach a precision, with the recall that is left."""
    with training_extra():
        from rich.console import Console

        from wazir_training.evaluate import evaluate as run_evaluation
        from wazir_training.thresholds import find_thresholds, threshold_table
    found = find_thresholds(run_evaluation(load_tagger(model, backend), data), precision)
    if as_json:
        values = {label: threshold and threshold.to_dict() for label, threshold in found.items()}
        typer.echo(json.dumps({"precision": precision, "thresholds": values}, indent=1))
    else:
        Console().print(threshold_table(found, precision))
