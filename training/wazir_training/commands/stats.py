"""`wazir stats`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wazir.cli import app
from wazir_training.commands import training_extra


@app.command()
def stats(
    data: Annotated[list[Path], typer.Argument(help="Marked files or folders.", show_default=False)],
) -> None:
    """Count documents, words and spans, and the spans that word tags can represent; name the others."""
    with training_extra():
        from rich.console import Console

        from wazir.labels import LabelScheme
        from wazir_training.data_report import label_table, length_table, size_table
        from wazir_training.sources import read_data
        from wazir_training.statistics import count
    scheme = LabelScheme()
    counts = {str(path): count(read_data(path), scheme) for path in data}
    console = Console()
    console.print(size_table(counts))
    console.print(label_table(counts, scheme))
    console.print(length_table(counts, scheme))
    for path, found in counts.items():
        for lost in found.lost:
            typer.echo(f"{path}: {lost.document}: {lost.span.label} {lost.span.text!r} {lost.reason}")
