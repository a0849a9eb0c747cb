"""Label Studio: a JSON list of tasks, with annotations or with pre-annotations.

The format is that of https://labelstud.io/guide/task_format and https://labelstud.io/guide/predictions, for a project
whose labels tag is named `label` and whose text tag `text`, as in Label Studio's template for named entities.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wazir.documents import read_text
from wazir.errors import DataError
from wazir.jsonl import document_id, dump_json, load_json
from wazir.spans import Document, Span
from wazir_training.formats.nesting import cut_span, flat_spans, from_utf16, nest_spans, squeezed
from wazir_training.formats.omissions import Omissions

_REMEDY = "Export the project from Label Studio as JSON."


def read(path: Path, omissions: Omissions) -> Iterator[Document]:
    """Read the tasks of an export.

    A task's annotation is the one marked as ground truth, or else its first. Only where no task of the file has any
    annotation, its first prediction is read. Offsets count characters, or UTF-16 units, as older versions write, if
    only so they give the text that a region repeats.

    Counted: tasks that were skipped or not annotated; further annotations of a task; regions without labels or on
    other than plain text, and those that cross others or nest deeper than one level; relations and other results,
    which are no spans.

    Raises:
        DataError: broken JSON, no list of tasks, a task without text, or a region that its text does not have.
    """
    try:
        tasks = load_json(read_text(path))
    except DataError as error:
        raise DataError(error.problem, _REMEDY, path, error.line, error.column) from None
    if not isinstance(tasks, list) or not all(map(_is_task, tasks)):
        raise DataError("no list of tasks, each an object with its 'data'", _REMEDY, path)
    kind = "annotations" if any(task.get("annotations") for task in tasks) else "predictions"
    for number, task in enumerate(tasks, 1):
        place = f"{path}, task {number}"
        omissions.at(place)
        try:
            results = _results(task, kind, omissions)
            if results is not None:
                text = _text(task["data"])
                spans = [span for result in results for span in _read_result(text, result, omissions)]
                name = document_id(task["data"]) or document_id(task) or str(number)
                yield Document(text, nest_spans(spans, omissions), name)
        except DataError as error:
            raise error.at(place, None) from None


def _is_task(value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("data"), Mapping)


def _results(task: Mapping[str, Any], kind: str, omissions: Omissions) -> list[Mapping[str, Any]] | None:
    """The results of one annotation, or None if the task has none."""
    given = [a for a in _objects(task.get(kind), kind) if not a.get("was_cancelled")]
    if not given:
        omissions.add("task", "skipped, or without annotation")
        return None
    omissions.add("annotation", "one is read of each task", len(given) - 1)
    return _objects(next((a for a in given if a.get("ground_truth")), given[0]).get("result"), "result")


def _objects(value: object, key: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise DataError(f"{key!r} is no list of objects", _REMEDY)
    return value


def _text(data: Mapping[str, Any]) -> str:
    """The value under ``text``, or else the only string."""
    strings = {key: value for key, value in data.items() if isinstance(value, str) and key != "id"}
    if "text" in strings:
        return strings["text"]
    if len(strings) != 1:
        raise DataError(f"'data' has no 'text', only {', '.join(data) or 'nothing'}", "Put the text under 'text'.")
    return next(iter(strings.values()))


def _read_result(text: str, result: Mapping[str, Any], omissions: Omissions) -> list[Span]:
    kind, value = result.get("type"), result.get("value")
    if kind in ("hypertextlabels", "paragraphlabels"):
        omissions.add("region", "only plain text has character offsets")
        return []
    if kind != "labels":
        omissions.skip("relation" if kind == "relation" else "result of another kind", "no span")
        return []
    if not isinstance(value, Mapping) or not isinstance(value.get("labels", []), list):
        raise DataError(f"region {value!r:.60} has no value with labels", _REMEDY)
    labels = value.get("labels", [])
    omissions.add("region", "no label", not labels)
    start, end, printed = value.get("start"), value.get("end"), value.get("text")
    if labels and isinstance(printed, str) and isinstance(start, int) and isinstance(end, int):
        start, end = _character_offsets(text, start, end, printed)
    score = 1.0 if result.get("score") is None else result["score"]
    return [cut_span(text, start, end, label, score) for label in labels]


def _character_offsets(text: str, start: int, end: int, printed: str) -> tuple[int, int]:
    wanted = squeezed(printed.replace("\\n", "\n"))  # Label Studio writes line ends as two characters
    for first, after in ((start, end), from_utf16(text, start, end)):
        if squeezed(text[first:after].replace("\\n", "\n")) == wanted:
            return first, after
    raise DataError(
        f"region {start}-{end} says {printed!r:.60} but the text has {text[start:end]!r:.60} there",
        "Offsets count characters of the text.",
    )


def write(documents: Sequence[Document], path: Path, omissions: Omissions) -> None:
    """Write tasks, one for each document, nested spans as overlapping regions.

    They are annotations, or, if any span has a score other than 1, pre-annotations with scores. Nothing is lost.
    """
    del omissions
    scored = any(s.score != 1 for document in documents for s in flat_spans(document))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[\n")
        file.write(",\n".join(dump_json(_task(document, scored)) for document in documents))
        file.write("\n]\n")


def _task(document: Document, scored: bool) -> dict[str, Any]:
    results = [_region(str(n), s, scored) for n, s in enumerate(flat_spans(document), 1)]
    data = {"text": document.text, **({"id": document.id} if document.id else {})}
    if scored:
        return {"data": data, "predictions": [{"model_version": "wazir", "result": results}]}
    return {"data": data, "annotations": [{"result": results}]}


def _region(name: str, span: Span, scored: bool) -> dict[str, Any]:
    value = {"start": span.start, "end": span.end, "text": span.text, "labels": [span.label]}
    region = {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "value": value}
    return {**region, "score": span.score} if scored else region
