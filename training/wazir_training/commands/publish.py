"""`wazir publish` and `wazir publish-data`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wazir.cli import app
from wazir_training.commands import training_extra

if TYPE_CHECKING:
    from wazir_training.publishing.plan import PublishedFile

Private = Annotated[bool, typer.Option("--private", help="Make the repository private.")]
Revision = Annotated[str, typer.Option(help="Branch to commit to.", show_default="main")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show files, sizes and the card; send nothing.")]


@app.command()
def publish(
    model: Annotated[Path, typer.Argument(help="Folder that `wazir train` wrote and `wazir export` completed.")],
    repository: Annotated[str, typer.Argument(metavar="ORG/NAME", help="Repository of the Hugging Face Hub.")],
    private: Private = False,
    revision: Revision = "",
    message: Annotated[str, typer.Option(help="Message of the commit.")] = "Upload a Wazir model",
    dry_run: DryRun = False,
) -> None:
    """Put a model on the Hugging Face Hub in one commit."""
    with training_extra():
        from wazir_training.publishing import plan_model
        from wazir_training.publishing import publish as run_publish
    if dry_run:
        _show(repository, plan_model(model, repository))
    else:
        typer.echo(run_publish(model, repository, message=message, private=private, revision=revision or None))


@app.command()
def publish_data(
    repository: Annotated[str, typer.Argument(metavar="ORG/NAME", help="Data set of the Hugging Face Hub.")],
    splits: Annotated[
        list[str], typer.Argument(metavar="SPLIT=DATA...", help="Marked data of each split, such as train=my.ann.")
    ],
    card: Annotated[Path, typer.Option(help="Its card, with a licence.")] = Path("README.md"),
    private: Private = False,
    revision: Revision = "",
    message: Annotated[str, typer.Option(help="Message of the commit.")] = "Upload marked Arabic news",
    dry_run: DryRun = False,
) -> None:
    """Put marked data on the Hugging Face Hub as a data set, in one commit."""
    with training_extra():
        from wazir_training.publishing.dataset import plan_data
        from wazir_training.publishing.upload import upload
    named = dict(each.partition("=")[::2] for each in splits)
    if not all(name and data for name, data in named.items()) or len(named) < len(splits):
        raise typer.BadParameter("give each split once, as SPLIT=DATA", param_hint="SPLIT=DATA")
    files = plan_data(named, card)
    if dry_run:
        _show(repository, files)
    else:
        branch = revision or None
        typer.echo(upload(repository, files, message=message, kind="dataset", private=private, revision=branch))


def _show(repository: str, files: Sequence[PublishedFile]) -> None:
    """Print the files with their sizes, and the card, which comes first."""
    from rich.console import Console

    from wazir_training.evaluate import narrow_table

    table = narrow_table(repository, "size")
    for file in files:
        size = f"{file.size / 1e6:,.1f} MB" if file.size >= 1e5 else f"{file.size / 1e3:,.1f} kB"
        table.add_row(file.path, size)
    Console().print(table)
    card = files[0].content
    typer.echo(card.decode() if isinstance(card, bytes) else card.read_text(encoding="utf-8"))
