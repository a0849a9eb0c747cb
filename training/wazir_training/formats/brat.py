"""brat standoff: a folder of texts, `.txt`, each with its annotations in an `.ann` file of the same name.

The format is that of https://brat.nlplab.org/standoff.html; offsets count characters of the text file, its byte order
mark included, and a span across lines is written in pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from wazir.documents import read_lines, read_text
from wazir.errors import DataError
from wazir.markup import is_brat
from wazir.spans import Document, Span
from wazir_training.formats.fitting import count_scores, fit_spans, fit_utf8
from wazir_training.formats.nesting import cut_span, flat_spans, nest_spans, squeezed
from wazir_training.formats.omissions import Omissions

_SPAN = re.compile(r"T\S*\t(\S+) (\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?", re.DOTALL)
_OTHERS = {
    "R": "relation",
    "E": "event",
    "A": "attribute",
    "M": "attribute",
    "N": "link",
    "#": "note",
    "*": "equivalence",
}
_FILE_NAME = re.compile(r"[\w-][\w.-]*")


def is_standoff(path: Path) -> bool:
    """Whether an `.ann` file is brat's and not Wazir's: by its first line, or empty beside a text."""
    line = next((line for line in read_lines(path) if line.strip()), None)
    return path.with_suffix(".txt").exists() if line is None else is_brat(line)


def read(path: Path, omissions: Omissions) -> Iterator[Document]:
    """Read the text of an `.ann` file with its spans, as one document without an id.

    Counted: spans in pieces with text between, those that cross others or nest deeper than one level; relations,
    events, attributes, links, notes and equivalences, which are no spans.

    Raises:
        DataError: no `.txt` file beside it, a line that is no annotation, or a span that its text does not have.
    """
    text_path = path.with_suffix(".txt")
    if not text_path.exists():
        raise DataError(f"brat annotations without {text_path.name}", "Put the text beside them.", path)
    text = read_text(text_path, keep_mark=True)
    spans: list[Span] = []
    for number, line in enumerate(read_lines(path), 1):
        omissions.at(path, number)
        try:
            spans += _read_line(text, line, omissions)
        except DataError as error:
            raise error.at(path, number) from None
    omissions.at(path)
    try:
        yield Document(text, nest_spans(spans, omissions))
    except DataError as error:
        raise error.at(path, None) from None


def _read_line(text: str, line: str, omissions: Omissions) -> list[Span]:
    if not line.strip():
        return []
    if line[0] in _OTHERS:
        omissions.skip(_OTHERS[line[0]], "no span")
        return []
    found = _SPAN.fullmatch(line)
    if not found:
        raise DataError(f"{line!r:.60} is no brat annotation", "Write T1, tab, label, start, end, tab, text.")
    label, offsets, printed = found.groups()
    bounds = sorted(tuple(map(int, pair.split())) for pair in offsets.split(";"))
    pieces = [cut_span(text, start, end, label) for start, end in bounds]
    whole = cut_span(text, pieces[0].start, pieces[-1].end, label)
    if squeezed("".join(s.text for s in pieces)) != squeezed(whole.text if printed is None else printed):
        raise DataError(
            f"span {offsets} says {printed!r:.60} but the text has {whole.text!r:.60} there",
            "Offsets count characters of the text file as it is, line ends included.",
        )
    if squeezed("".join(s.text for s in pieces)) != squeezed(whole.text):
        omissions.add("span", "in pieces, with text between")
        return []
    return [whole]


def write(documents: Sequence[Document], path: Path, omissions: Omissions) -> None:
    """Write two files for each document into a new folder.

    They are named by the ids of the documents where these are in name order and fit, otherwise numbered. Counted: spans
    that begin or end with a line end or have white space in their label; scores.
    """
    path.mkdir()
    for name, document in zip(_names(documents), documents, strict=True):
        omissions.at(f"document {document.id or name}")
        fitted = fit_utf8(document, omissions)
        if fitted is None:
            continue
        count_scores(fitted, omissions)
        fitted = fit_spans(fitted, lambda s: not re.search(r"\s", s.label), "white space in the label", omissions)
        fitted = fit_spans(fitted, lambda s: s.text == s.text.strip("\n"), "a line end at its edge", omissions)
        lines = (f"T{n}\t{_format_span(s)}\n" for n, s in enumerate(flat_spans(fitted), 1))
        (path / f"{name}.txt").write_bytes(fitted.text.encode())
        (path / f"{name}.ann").write_bytes("".join(lines).encode())


def _format_span(span: Span) -> str:
    pieces = [(span.start + m.start(), span.start + m.end()) for m in re.finditer(r"[^\n]+", span.text)]
    offsets = ";".join(f"{start} {end}" for start, end in pieces)
    return f"{span.label} {offsets}\t{' '.join(span.text.splitlines())}"


def _names(documents: Sequence[Document]) -> list[str]:
    ids = [document.id for document in documents]
    if ids == sorted(ids) and len({i.casefold() for i in ids}) == len(ids) and all(map(_FILE_NAME.fullmatch, ids)):
        return ids
    width = len(str(len(ids)))
    return [f"{n:0{width}d}" for n in range(1, len(ids) + 1)]
