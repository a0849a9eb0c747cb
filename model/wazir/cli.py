"""The command line of inference: `wazir predict`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from io import TextIOWrapper
from itertools import tee
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

import typer

import wazir
from wazir.errors import DataError, WazirError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Officials, titles, organizations and locations in Arabic political news.",
)


class Format(StrEnum):
    """What `wazir predict` writes."""

    table = "table"
    jsonl = "jsonl"
    ann = "ann"
    conll = "conll"
    html = "html"


def _version(value: bool) -> None:
    if value:
        typer.echo(f"wazir {wazir.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def predict(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|-...",
            help='UTF-8 text files, or - for standard input. A .jsonl file has one object with the key "text" a line.',
            show_default=False,
        ),
    ],
    model: Annotated[str, typer.Option(help="Model folder or Hub id.", show_default="the model in the package")] = "",
    format: Annotated[Format, typer.Option(help="What to write.")] = Format.table,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write to.", show_default="standard output")
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Make every line a document of its own.")] = False,
    labels: Annotated[
        str, typer.Option(help="Labels to keep, separated by commas, such as OFFICIAL,TITLE.", show_default="all")
    ] = "",
    min_score: Annotated[float, typer.Option(min=0, max=1, help="Lowest score of a span to keep.")] = 0.0,
    batch_size: Annotated[int, typer.Option(min=1, help="Most pieces of text the network reads at once.")] = 64,
) -> None:
    """Find officials, titles, organizations and locations in text.

    Writes every span with its exact character offsets into the text as given. A file is one document; each of its
    lines is read as a paragraph.
    """
    from wazir.checkpoint import DEFAULT_MODEL
    from wazir.selection import select_spans
    from wazir.spans import Document
    from wazir.tagger import Tagger

    tagger = Tagger.from_pretrained(model or DEFAULT_MODEL)
    known = tagger.checkpoint.scheme.outer
    wanted = {label.strip() for label in labels.split(",")} if labels else None
    for label in sorted((wanted or set()) - set(known)):
        raise typer.BadParameter(f"unknown label {label!r}; the model has {', '.join(known)}", param_hint="--labels")
    documents, again = tee(_documents(files, lines))
    results = (
        Document(document.text, tuple(select_spans(spans, wanted, min_score)), document.id)
        for document, spans in zip(again, tagger.stream((d.text for d in documents), batch_size), strict=True)
    )
    with _writer(output) as stream:
        if format is Format.table:
            _write_table(results, stream)
        elif format is Format.html:
            from wazir.html import html_page

            stream.writelines(html_page(results, known))
        else:
            _write_lines(results, format, stream)


def _documents(files: list[str], lines: bool) -> Iterator[wazir.Document]:
    from wazir.documents import read_lines, read_text
    from wazir.jsonl import parse_text, read_jsonl
    from wazir.spans import Document

    for file in files:
        name = "stdin" if file == "-" else file
        if file.lower().endswith(".jsonl"):
            yield from read_jsonl(read_lines(file), file, parse_text)
        elif lines:
            for number, line in enumerate(read_lines(file), 1):
                yield Document(line, id=f"{name}:{number}")
        else:
            yield Document(read_text(file), id=name)


def _write_lines(results: Iterator[wazir.Document], kind: Format, stream: TextIO) -> None:
    from wazir.output import WRITERS

    for document in results:
        text = WRITERS[kind](document)
        try:
            stream.write(text)
        except UnicodeEncodeError as error:
            problem = f"{text[error.start]!a} is half a character, which UTF-8 cannot hold"
            raise DataError(problem, "Use --format jsonl for this text.", document.id) from None


def _write_table(results: Iterator[wazir.Document], stream: TextIO) -> None:
    from rich.console import Console

    from wazir.output import table_header, table_rows

    console = Console(file=stream, soft_wrap=True, highlight=False)
    for document in results:
        console.print(table_header(document.id))
        console.print(table_rows(list(document.spans)) if document.spans else "no spans found", end="\n")


@contextmanager
def _writer(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears under its name only when all is written."""
    if path is None:
        yield sys.stdout
        return
    if path.is_dir():
        raise DataError("this is a directory", "Name a file in it.", path)
    whole = path.is_file() or not path.exists()  # a pipe or device is written to as it is
    part = path.with_name(path.name + ".part") if whole else path
    try:
        with part.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        if whole:
            part.replace(path)
    except OSError as error:
        raise DataError(f"cannot be written, {error.strerror}", "Check folder, permissions and space.", path) from None
    finally:
        if whole:
            part.unlink(missing_ok=True)


def run(application: typer.Typer = app) -> NoReturn:
    """Run the command line: bad input ends with one line on standard error and exit code 2."""
    if sys.stdout is None:
        _fail("error: standard output is closed. Give --output FILE.")
    for stream, errors in ((sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors, newline="\n")
    try:
        application()
        sys.stdout.flush()
    except WazirError as error:
        _fail(f"error: {error}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader has gone; say nothing at exit either
        sys.exit(1)
    except OSError as error:
        _fail(f"error: output cannot be written, {error.strerror}. Check space and permissions.")
    sys.exit(0)


def _fail(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(2)
