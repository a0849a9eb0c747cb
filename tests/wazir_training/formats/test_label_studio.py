from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wazir.errors import DataError
from wazir.spans import Document, Span, make_span
from wazir_training.formats import label_studio
from wazir_training.formats.omissions import Omissions

TEXT = "زار رئيس تونس مصر"


def region(start: object, end: object, *labels: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": list(labels), **more}
    return {"id": "x", "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def task(*results: dict[str, Any], text: str = TEXT, **more: Any) -> dict[str, Any]:
    return {"id": 1, "data": {"text": text}, "annotations": [{"result": list(results)}], **more}


def write(folder: Path, tasks: object) -> Path:
    path = folder / "export.json"
    path.write_text(tasks if isinstance(tasks, str) else json.dumps(tasks), encoding="utf-8")
    return path


def read(path: Path) -> tuple[list[Document], list[str]]:
    omissions = Omissions()
    return list(label_studio.read(path, omissions)), [line.split(" (first")[0] for line in omissions.lines()]


def test_an_export_is_read_with_overlapping_regions_nested(tmp_path: Path) -> None:
    path = write(tmp_path, [task(region(9, 13, "LOC", text="تونس"), region(4, 13, "TITLE"), region(14, 17, "LOC"))])
    (document,), lost = read(path)
    assert document == Document(
        TEXT,
        (make_span(TEXT, 4, 13, "TITLE", [make_span(TEXT, 9, 13, "LOC")]), make_span(TEXT, 14, 17, "LOC")),
    )
    assert (document.id, lost) == ("1", [])


def test_a_region_of_two_labels_is_two_spans(tmp_path: Path) -> None:
    (document,), _ = read(write(tmp_path, [task(region(9, 13, "ORG", "LOC"))]))
    assert [(s.label, [i.label for i in s.inner]) for s in document.spans] == [("ORG", ["LOC"])]


@pytest.mark.parametrize(("start", "end"), [(2, 6), (3, 7)])
def test_offsets_in_utf16_units_are_noticed_by_the_text_of_the_region(tmp_path: Path, start: int, end: int) -> None:
    path = write(tmp_path, [task(region(start, end, "LOC", text="تونس"), text="😀 تونس")])
    assert [s.text for s in read(path)[0][0].spans] == ["تونس"]


def test_label_studio_writes_line_ends_in_the_text_of_a_region_as_two_characters(tmp_path: Path) -> None:
    path = write(tmp_path, [task(region(0, 8, "ORG", text="مجلس\\nقطر"), text="مجلس\nقطر\n")])
    assert [s.text for s in read(path)[0][0].spans] == ["مجلس\nقطر"]


def test_the_ground_truth_or_else_the_first_annotation_is_read(tmp_path: Path) -> None:
    one, other = {"result": [region(9, 13, "LOC")]}, {"result": [region(14, 17, "LOC")]}
    tasks = [
        {"data": {"text": TEXT}, "annotations": [one, {**other, "ground_truth": True}]},
        {"data": {"text": TEXT}, "annotations": [{**one, "was_cancelled": True}, other, one]},
    ]
    documents, lost = read(write(tmp_path, tasks))
    assert [[s.text for s in d.spans] for d in documents] == [["مصر"], ["مصر"]]
    assert lost == ["2 annotations left out: one is read of each task"]


def test_skipped_and_bare_tasks_are_no_documents_without_spans(tmp_path: Path) -> None:
    tasks = [
        task(),
        {"data": {"text": TEXT}, "annotations": [{"result": [], "was_cancelled": True}]},
        {"data": {"text": TEXT}, "annotations": [], "predictions": [{"result": [region(9, 13, "LOC")]}]},
    ]
    path = write(tmp_path, tasks)
    documents, lost = read(path)
    assert documents == [Document(TEXT)]
    assert lost == ["2 tasks left out: skipped, or without annotation"]
    with pytest.raises(DataError, match="export.json, task 2: task that would be left out: skipped"):
        list(label_studio.read(path, Omissions(strict=True)))


def test_predictions_are_read_where_nothing_is_annotated_with_their_scores(tmp_path: Path) -> None:
    prediction = {"model_version": "7", "score": 0.9, "result": [{**region(9, 13, "LOC"), "score": 0.75}]}
    (document,), _ = read(write(tmp_path, [{"data": {"text": TEXT, "id": 5}, "predictions": [prediction]}]))
    assert document.spans == (Span(9, 13, "LOC", "تونس", 0.75),)
    assert document.id == "5"


def test_the_only_string_of_the_data_is_the_text(tmp_path: Path) -> None:
    tasks = [{"data": {"article": TEXT, "number": 3}, "annotations": [{"result": []}]}]
    assert read(write(tmp_path, tasks))[0] == [Document(TEXT)]


def test_other_results_are_counted(tmp_path: Path) -> None:
    results: list[dict[str, Any]] = [
        {"type": "relation", "from_id": "a", "to_id": "b"},
        {"type": "choices", "value": {"choices": ["سياسة"]}},
        region(9, 13),
        {"type": "hypertextlabels", "value": {"start": "/p[1]", "hypertextlabels": ["LOC"]}},
        region(4, 13, "A"),
        region(9, 17, "B"),
    ]
    (document,), lost = read(write(tmp_path, [task(*results)]))
    assert [s.label for s in document.spans] == ["A"]
    assert lost == [
        "1 relation left out: no span",
        "1 result of another kind left out: no span",
        "1 region left out: no label",
        "1 region left out: only plain text has character offsets",
        "1 crossing span left out: a span begins inside another and ends outside it",
    ]


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ('[\n{"data": }]', "export.json:2:10: broken JSON, Expecting value. Export the project"),
        ({"text": "x"}, "export.json: no list of tasks, each an object with its 'data'. Export the project"),
        ([{"text": "x"}], "export.json: no list of tasks"),
        (
            [{"data": {"a": "x", "b": "y"}, "annotations": [{}]}],
            "export.json, task 1: 'data' has no 'text', only a, b",
        ),
        ([task(), task(region(9, 99, "LOC"))], "export.json, task 2: span 9-99 is empty or out of range"),
        ([task(region("9", 13, "LOC"))], "export.json, task 1: span "),
        (
            [task(region(9, 13, "LOC", text="مصر"))],
            "export.json, task 1: region 9-13 says 'مصر' but the text has 'تونس'",
        ),
        ([task(region(9, 13, "LOC"), annotations=[3])], "export.json, task 1: 'annotations' is no list of objects"),
        ([task({"type": "labels"})], "export.json, task 1: region None has no value with labels"),
    ],
)
def test_a_fault_is_named_with_its_task(tmp_path: Path, tasks: object, message: str) -> None:
    with pytest.raises(DataError) as caught:
        list(label_studio.read(write(tmp_path, tasks), Omissions()))
    assert f"{tmp_path}/{message}" in str(caught.value)


def test_gold_spans_are_written_as_annotations(tmp_path: Path) -> None:
    span = make_span(TEXT, 9, 13, "LOC")
    label_studio.write([Document(TEXT, (span,), "5"), Document("")], tmp_path / "a.json", Omissions())
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == [
        {
            "data": {"text": TEXT, "id": "5"},
            "annotations": [
                {
                    "result": [
                        {
                            "id": "1",
                            "from_name": "label",
                            "to_name": "text",
                            "type": "labels",
                            "value": {"start": 9, "end": 13, "text": "تونس", "labels": ["LOC"]},
                        }
                    ]
                }
            ],
        },
        {"data": {"text": ""}, "annotations": [{"result": []}]},
    ]


def test_predicted_spans_are_written_as_pre_annotations_in_every_task(tmp_path: Path) -> None:
    documents = [Document(TEXT, (Span(9, 13, "LOC", "تونس", 0.5),)), Document("")]
    label_studio.write(documents, tmp_path / "a.json", Omissions())
    first, second = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert list(first) == list(second) == ["data", "predictions"]
    assert first["predictions"][0]["result"][0]["score"] == 0.5
    assert second["predictions"][0]["result"] == []
