"""`wazir trim`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wazir.cli import app
from wazir_training.commands import training_extra


@app.command()
def trim(
    base: Annotated[str, typer.Argument(help="Folder or Hub id of a checkpoint.", show_default=False)],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="New folder to write.", show_default=False)],
    text: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Sample of text whose encoding must not change: a text file, - for standard input, marked data or a "
            "folder of it. May be given again.",
            show_default=False,
        ),
    ] = None,
    script: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Script to keep whole, such as Arabic. May be given again.", show_default=False
        ),
    ] = None,
    min_count: Annotated[
        int, typer.Option(min=1, help="Leave out pieces that the sample uses less often; letters stay.")
    ] = 1,
    float16: Annotated[
        bool, typer.Option("--float16", help="Store weights in 16 bits, not in the type that they have.")
    ] = False,
) -> None:
    """Cut a checkpoint's vocabulary to the pieces that a text sample or a script needs.

    Keeps special tokens, and the single characters of the sample and the script, A to Z, digits and common marks.
    """
    with training_extra():
        from rich.console import Console

        from wazir_training.trim_report import report_table
        from wazir_training.trimming import read_sample
        from wazir_training.trimming import trim as run_trimming
    report = run_trimming(
        base, output, texts=read_sample(text or ()), scripts=script or (), min_count=min_count, float16=float16
    )
    Console().print(report_table(report))
    if report.left_out:
        typer.echo(f"weights that the architecture has no place for were left out: {', '.join(report.left_out)}")
    typer.echo(f"written to {output}")
