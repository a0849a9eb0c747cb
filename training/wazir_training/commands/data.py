"""`wazir data check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from wazir.cli import app
from wazir_training.commands import training_extra

data_app = typer.Typer(no_args_is_help=True, help="Look at data before training.")
app.add_typer(data_app, name="data")


@data_app.command()
def check(
    config: Annotated[Path, typer.Argument(help="YAML file, such as one of configs/.", show_default=False)],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Settings to change, such as data.dev=FILE.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(help="PNG file to draw.", show_default="data-check.png in the configuration's output folder"),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="File that receives all figures as JSON.")] = None,
) -> None:
    """Look at the data of a configuration: sizes, labels, lengths, faults, repeats, sub-tokens.

    Ends with exit code 0 if the data can be trained on, 1 if something in it must be mended (a file that cannot be
    read, a wrong span, a label that the model lacks, an empty source, more than 2 in 100 spans of a source off the
    words), and 2 if the configuration itself cannot be read.
    """
    with training_extra():
        from rich.console import Console

        from wazir_training.config import load_config
        from wazir_training.data_check import check_data
        from wazir_training.data_plots import draw_report
        from wazir_training.data_report import notes, report_values, tables
    settings = load_config(config, overrides or [])
    report = check_data(settings)
    console = Console(soft_wrap=True, markup=False, highlight=False)
    for table in tables(report):
        console.print(table, soft_wrap=False)
    for note in notes(report):
        console.print(note)
    file = picture or Path(settings.output) / "data-check.png"
    draw_report(report, file)
    console.print(f"picture: {file}")
    if json_file:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report_values(report), ensure_ascii=False, indent=1) + "\n"
        json_file.write_text(text, encoding="utf-8", errors="backslashreplace")  # half characters: JSON's own escapes
    if report.faults:
        console.print(f"\n{len(report.faults)} to mend:")
        for fault in report.faults:
            console.print(f"  {fault}")
        raise typer.Exit(1)
    console.print("nothing to mend")
