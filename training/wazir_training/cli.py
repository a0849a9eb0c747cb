"""The whole command line: inference, and what the extra ``train`` adds."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from wazir.cli import app, run
from wazir.errors import WazirError


@contextmanager
def _training_extra() -> Iterator[None]:
    """Imports of a training command: a missing library is a clear error, and libraries keep their chatter."""
    try:
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        yield
    except ModuleNotFoundError as error:
        raise WazirError(f'this command needs {error.name}. Run `pip install "wazir[train]"`.') from None


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="YAML file, such as one of configs/.", show_default=False)],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Settings to change, such as fit.epochs=3.")
    ] = None,
) -> None:
    """Fine-tune a model by a configuration and write its checkpoint."""
    with _training_extra():
        from rich.console import Console

        from wazir_training.config import load_config
        from wazir_training.train import train as run_training
    settings = load_config(config, overrides or [])
    metrics = run_training(settings, command=shlex.join(["wazir", "train", str(config), *(overrides or [])]))
    outer, inner = metrics["dev"]["outer"]["f1"], metrics["dev"]["inner"]["f1"]
    Console(stderr=True).print(f"dev F1 {outer:.4f} outer, {inner:.4f} inner; checkpoint in {settings.output}")


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="Model folder, Hub id, or - for the model in the package.")],
    data: Annotated[Path, typer.Argument(help="Marked file (.ann, .jsonl, .conll) or a folder of them.")],
    backend: Annotated[Literal["auto", "onnx", "torch"], typer.Option(help="Runtime of the network.")] = "auto",
    errors: Annotated[Path | None, typer.Option(help="File that receives every error as JSONL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Score a model on marked data."""
    with _training_extra():
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


@app.command()
def average(
    checkpoints: Annotated[list[Path], typer.Argument(help="Folders that `wazir train` wrote, of one base.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")],
) -> None:
    """Average the weights of checkpoints into one."""
    with _training_extra():
        from wazir_training.averaging import average_checkpoints
    command = shlex.join(["wazir", "average", *map(str, checkpoints), "--output", str(output)])
    metrics = average_checkpoints(checkpoints, output, command)
    outer, inner = metrics["dev"]["outer"]["f1"], metrics["dev"]["inner"]["f1"]
    typer.echo(f"dev F1 {outer:.4f} outer, {inner:.4f} inner; checkpoint in {output}")


@app.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="Folder that `wazir train` wrote.", show_default=False)],
    output: Annotated[
        Path | None, typer.Argument(help="Folder for all that inference needs.", show_default="the checkpoint's own")
    ] = None,
    int8: Annotated[bool, typer.Option(help="8-bit weights, or 32-bit ones.")] = True,
    check: Annotated[
        Path | None, typer.Option(help="Marked data on which to compare the tags with those of the checkpoint.")
    ] = None,
) -> None:
    """Write the ONNX model of a checkpoint."""
    with _training_extra():
        from wazir.documents import read_documents
        from wazir.tagger import Tagger
        from wazir_training.card import add_metrics
        from wazir_training.export import export as run_export
        from wazir_training.export import tag_agreement
    path = run_export(checkpoint, output, int8=int8)
    typer.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    if check:
        taggers = (
            Tagger.from_pretrained(checkpoint, backend="torch"),
            Tagger.from_pretrained(path.parent, backend="onnx"),
        )
        share = tag_agreement(*taggers, [d.text for d in read_documents(check)])
        add_metrics(path.parent, {"onnx_tag_agreement": {"data": str(check), "share": share}})
        typer.echo(f"{share:.2%} of the words of {check} get the same tag as from the checkpoint")


@app.command()
def card(
    model: Annotated[Path, typer.Argument(help="Checkpoint folder.", show_default=False)],
    data: Annotated[list[str], typer.Argument(metavar="NAME=PATH...", help="Marked data to score it on.")],
) -> None:
    """Write the model card of a checkpoint, with its scores on marked data."""
    with _training_extra():
        from wazir.tagger import Tagger
        from wazir_training.card import write_card
        from wazir_training.evaluate import evaluate as run_evaluation
    tagger = Tagger.from_pretrained(model)
    named = [each.partition("=") for each in data]
    typer.echo(write_card(model, {name: run_evaluation(tagger, path or name) for name, _, path in named}))


@app.command()
def stats(
    data: Annotated[list[Path], typer.Argument(help="Marked files or folders.", show_default=False)],
) -> None:
    """Count documents, words and spans, and the spans that word tags can represent; name the others."""
    with _training_extra():
        from rich.console import Console

        from wazir.documents import read_documents
        from wazir.labels import LabelScheme
        from wazir_training.statistics import count, statistics_table
    scheme = LabelScheme()
    counts = {str(path): count(list(read_documents(path)), scheme) for path in data}
    Console().print(statistics_table(counts, scheme))
    for path, found in counts.items():
        for lost in found.lost:
            typer.echo(f"{path}: {lost.document}: {lost.span.label} {lost.span.text!r} cannot be represented")


def main() -> None:
    """Entry point of the command `wazir`."""
    run(app)


if __name__ == "__main__":
    main()
