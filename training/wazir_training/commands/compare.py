"""`wazir compare`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from wazir.cli import app
from wazir_training.commands import training_extra
from wazir_training.commands.evaluate import Data, Json, load_tagger


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="Model folder, Hub id, or - for the model in the package.")],
    b: Annotated[str, typer.Argument(help="The model to compare with it, named likewise.")],
    data: Data,
    as_json: Json = False,
) -> None:
    """Score two models on the same data, and say whether chance would explain the difference."""
    with training_extra():
        from rich.console import Console

        from wazir_training.compare import agreement_table, comparison_table
        from wazir_training.compare import compare as run_comparison
        from wazir_training.evaluate import evaluate
        from wazir_training.sources import read_data
    taggers = [load_tagger(model) for model in (a, b)]
    documents = read_data(data)
    comparison = run_comparison(*(evaluate(tagger, documents) for tagger in taggers))
    if as_json:
        typer.echo(json.dumps(comparison.to_dict(), indent=1))
    else:
        Console().print(comparison_table(comparison), "", agreement_table(comparison), sep="\n")
