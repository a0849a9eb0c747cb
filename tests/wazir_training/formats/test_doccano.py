from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wazir.errors import DataError
from wazir.spans import Document, make_span
from wazir_training.formats import jsonl
from wazir_training.formats.omissions import Omissions

TEXT = "زار رئيس تونس مصر"
NESTED = Document(
    TEXT, (make_span(TEXT, 4, 13, "TITLE", [make_span(TEXT, 9, 13, "LOC")]), make_span(TEXT, 14, 17, "LOC"))
)


def write(folder: Path, *lines: object) -> Path:
    path = folder / "all.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "labels",
    [
        {"label": [[9, 13, "LOC"], [4, 13, "TITLE"], [14, 17, "LOC"]]},
        {"labels": [[4, 13, "TITLE"], [9, 13, "LOC"], [14, 17, "LOC"]]},
        {
            "entities": [
                {"id": 1, "label": "TITLE", "start_offset": 4, "end_offset": 13},
                {"id": 2, "label": "LOC", "start_offset": 9, "end_offset": 13},
                {"id": 3, "label": "LOC", "start_offset": 14, "end_offset": 17},
            ],
            "relations": [{"id": 1, "from_id": 1, "to_id": 3, "type": "visits"}],
            "Comments": ["نعم"],
        },
    ],
)
@pytest.mark.parametrize("reader", [jsonl.read, jsonl.read_doccano])
def test_the_three_shapes_of_its_export_are_read(tmp_path: Path, reader: Any, labels: dict[str, Any]) -> None:
    omissions = Omissions()
    (document,) = reader(write(tmp_path, {"id": 5, "text": TEXT, **labels}), omissions)
    assert (document, document.id) == (NESTED, "5")
    expected = {"relation left out": 1, "comment left out": 1} if "entities" in labels else {}
    assert omissions.counts() == expected


def test_wazirs_lines_and_doccanos_are_told_apart_by_their_keys(tmp_path: Path) -> None:
    span = {"start": 14, "end": 17, "label": "LOC"}
    doccano, wazir = {"text": TEXT, "label": [[9, 13, "LOC"]]}, {"text": TEXT, "spans": [span], "label": "news"}
    path = write(tmp_path, doccano, wazir, {"text": "x"})
    found = [[s.text for s in d.spans] for d in jsonl.read(path, Omissions())]
    assert found == [["تونس"], ["مصر"], []]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("news", "labels 'news' are no list of spans. Export a sequence labelling project."),
        ([[4, "LOC"]], "[4, 'LOC'] is no span"),
        ([[4, 99, "LOC"]], "span 4-99 is empty or out of range"),
        ([["4", 8, "LOC"]], "span {"),
        ([[4, 8, None]], "span {"),
        ([7], "7 is no span"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, labels: object, message: str) -> None:
    path = write(tmp_path, {"text": ""}, {"text": TEXT, "label": labels})
    with pytest.raises(DataError) as caught:
        list(jsonl.read(path, Omissions()))
    assert str(caught.value).startswith(f"{path}:2: {message}")


def test_a_crossing_span_is_counted_with_its_line_or_refused(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ""}, {"text": TEXT, "label": [[4, 13, "A"], [9, 17, "B"]]})
    omissions = Omissions()
    assert [len(d.spans) for d in jsonl.read(path, omissions)] == [0, 1]
    assert omissions.lines()[0].endswith(f"(first: {path}:2)")
    with pytest.raises(DataError, match=f"{path}:2: crossing span"):
        list(jsonl.read(path, Omissions(strict=True)))


def test_a_line_that_is_written(tmp_path: Path) -> None:
    jsonl.write_doccano([Document(NESTED.text, NESTED.spans, "5")], tmp_path / "a.jsonl", Omissions())
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == (
        f'{{"id": "5", "text": "{TEXT}", "label": [[4, 13, "TITLE"], [9, 13, "LOC"], [14, 17, "LOC"]]}}\n'
    )
