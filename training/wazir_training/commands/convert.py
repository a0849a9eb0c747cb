"""`wazir convert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wazir.cli import app
from wazir_training.formats.names import FormatName


@app.command()
def convert(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="File, folder, glob, or data set of the Hub.", show_default=False)
    ],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="File to write; for brat, a new folder.")],
    source_format: Annotated[
        FormatName | None, typer.Option("--from", help="Format of IN.", show_default="what its ending says")
    ] = None,
    target_format: Annotated[
        FormatName | None, typer.Option("--to", help="Format of OUT.", show_default="what its ending says")
    ] = None,
    split: Annotated[str, typer.Option(help="Split of a data set.", show_default="the only one")] = "",
) -> None:
    """Convert marked data from one format to another, and count what the other cannot hold."""
    from wazir_training.convert import convert as run_conversion
    from wazir_training.formats.omissions import counted

    done = run_conversion(source, output, source_format=source_format, target_format=target_format, split=split)
    sizes = f"{counted(done.documents, 'document')}, {counted(done.spans, 'span')}, {done.nested} of them nested"
    typer.echo(f"{output}: {sizes}")
    for line in done.omissions.lines():
        typer.echo(line)
