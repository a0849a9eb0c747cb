"""`wazir evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from wazir.cli import app
from wazir_training.commands import training_extra


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="Model folder, Hub id, or - for the model in the package.")],
    data: Annotated[Path, typer.Argument(help="Marked file (.ann, .jsonl, .conll) or a folder of them.")],
    backend: Annotated[Literal["auto", "onnx", "torch"], typer.Option(help="Runtime of the network.")] = "auto",
    errors: Annotated[Path | None, typer.Option(help="File that receives every error as JSONL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Score a model on marked data."""
    with training_extra():
        from rich.console import Console

        from wazir.checkpoint import DEFAULT_MODEL
        from wazir.tagger import Tagger
        from wazir_training.evaluate import error_lines, score_table
        from wazir_training.evaluate import evaluate as run_evaluation
    tagger = Tagger.from_pretrained(DEFAULT_MODEL if model == "-" else model, backend=backend)
    evaluation = run_evaluation(tagger, data)
    if as_json:
        typer.echo(json.dumps(evaluation.to_dict(), indent=1))
    else:
        Console().print(score_table(evaluation))
    if errors:
        errors.write_text("".join(f"{line}\n" for line in error_lines(evaluation)), encoding="utf-8")
