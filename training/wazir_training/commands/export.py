"""`wazir export` and `wazir card`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from wazir.cli import app
from wazir_training.commands import training_extra


@app.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="Folder that `wazir train` wrote.", show_default=False)],
    output: Annotated[
        Path | None, typer.Argument(help="Folder for all that inference needs.", show_default="the checkpoint's own")
    ] = None,
    weights: Annotated[
        Literal["int8", "int4", "fp32"], typer.Option(help="Bits of the weights of matrix products.")
    ] = "int8",
    check: Annotated[
        Path | None, typer.Option(help="Marked data on which to compare the tags with those of the checkpoint.")
    ] = None,
) -> None:
    """Write the ONNX model of a checkpoint."""
    with training_extra():
        from wazir.tagger import Tagger
        from wazir_training.card import add_metrics
        from wazir_training.export import export as run_export
        from wazir_training.export import tag_agreement
        from wazir_training.sources import read_data
    path = run_export(checkpoint, output, weights=weights)
    typer.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    if check:
        taggers = (
            Tagger.from_pretrained(checkpoint, backend="torch"),
            Tagger.from_pretrained(path.parent, backend="onnx"),
        )
        share = tag_agreement(*taggers, [d.text for d in read_data(check)])
        add_metrics(path.parent, {"onnx_tag_agreement": {"data": str(check), "share": share}})
        typer.echo(f"{share:.2%} of the words of {check} get the same tag as from the checkpoint")


@app.command()
def card(
    model: Annotated[Path, typer.Argument(help="Checkpoint folder.", show_default=False)],
    data: Annotated[list[str], typer.Argument(metavar="NAME=PATH...", help="Marked data to score it on.")],
) -> None:
    """Write the model card of a checkpoint, with its scores on marked data."""
    with training_extra():
        from wazir.tagger import Tagger
        from wazir_training.card import write_card
        from wazir_training.evaluate import evaluate as run_evaluation
    tagger = Tagger.from_pretrained(model)
    named = [each.partition("=") for each in data]
    typer.echo(write_card(model, {name: run_evaluation(tagger, path or name) for name, _, path in named}))
