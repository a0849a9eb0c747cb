"""JSONL: Wazir's own objects and those of Doccano, told apart line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wazir.documents import read_lines
from wazir.errors import DataError
from wazir.jsonl import document_from_dict, document_id, dump_json, format_document, parse_object, read_jsonl
from wazir.spans import Document, Span
from wazir_training.formats.fitting import count_scores
from wazir_training.formats.nesting import cut_span, flat_spans, nest_spans
from wazir_training.formats.omissions import Omissions

_DOCCANO_KEYS = ("label", "labels", "entities")


def read(path: Path, omissions: Omissions) -> Iterator[Document]:
    """Read a JSONL file, each line Wazir's, with the key ``spans``, or else Doccano's.

    Raises:
        DataError: as `wazir.jsonl.read_jsonl`, and as `read_doccano` for its lines.
    """
    return _read(path, omissions, parse_values)


def read_doccano(path: Path, omissions: Omissions) -> Iterator[Document]:
    """Read Doccano's export: spans under ``label``, ``labels`` or ``entities``, offsets in characters.

    Counted: spans that cross others or nest deeper than one level; relations and comments, which are no spans.

    Raises:
        DataError: broken JSON, no text, or a span that is none; with file and line.
    """
    return _read(path, omissions, _doccano_document)


def _read(
    path: Path, omissions: Omissions, parse: Callable[[Mapping[str, Any], Omissions], Document]
) -> Iterator[Document]:
    def lines() -> Iterator[str]:
        for number, line in enumerate(read_lines(path), 1):
            omissions.at(path, number)
            yield line

    return read_jsonl(lines(), path, lambda line: parse(parse_object(line), omissions))


def parse_values(value: Mapping[str, Any], omissions: Omissions) -> Document:
    """Read one object of a JSONL file; raises as `read`, without a place."""
    if "spans" in value or not any(key in value for key in _DOCCANO_KEYS):
        return document_from_dict(value)
    return _doccano_document(value, omissions)


def _doccano_document(value: Mapping[str, Any], omissions: Omissions) -> Document:
    text = value["text"]
    given: object = next((value[key] for key in _DOCCANO_KEYS if value.get(key) is not None), [])
    if not isinstance(given, list):
        raise DataError(f"labels {given!r:.40} are no list of spans", "Export a sequence labelling project.")
    for key, what in (("relations", "relation"), ("Comments", "comment")):
        found = value.get(key)
        omissions.skip(what, "no span", len(found) if isinstance(found, list) else 0)
    return Document(text, nest_spans([_doccano_span(text, span) for span in given], omissions), document_id(value))


def _doccano_span(text: str, value: object) -> Span:
    if isinstance(value, Mapping):
        return cut_span(text, value.get("start_offset"), value.get("end_offset"), value.get("label"))
    if not isinstance(value, list) or len(value) != 3:
        raise DataError(f"{value!r:.60} is no span", 'Write [start, end, "label"].')
    return cut_span(text, *value)


def write(documents: Iterable[Document], path: Path, omissions: Omissions) -> None:
    """Write documents as Wazir's JSONL, which holds everything."""
    del omissions
    _write(path, map(format_document, documents))


def write_doccano(documents: Iterable[Document], path: Path, omissions: Omissions) -> None:
    """Write documents as Doccano's JSONL, nested spans as overlapping ones. Counted: scores."""
    _write(path, (_format_doccano(d, omissions) for d in documents))


def _format_doccano(document: Document, omissions: Omissions) -> str:
    omissions.at_document(document)
    count_scores(document, omissions)
    nested = sum(len(top.inner) for top in document.spans)
    omissions.skip("nested span", "the Doccano project must allow overlapping spans", nested, "written as overlapping")
    labels = [[s.start, s.end, s.label] for s in flat_spans(document)]
    return dump_json({**({"id": document.id} if document.id else {}), "text": document.text, "label": labels})


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
