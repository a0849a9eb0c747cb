from __future__ import annotations

import pytest
from hypothesis import assume, given

from strategies import documents
from wazir.errors import DataError
from wazir.jsonl import format_document, parse_document, read_jsonl
from wazir.spans import Document, Span, make_span

TEXT = "زار أنقرة"
LINE = (
    '{"id": "7", "text": "زار أنقرة", "spans": [{"start": 4, "end": 9, "label": "LOC", "text": "أنقرة", '
    '"score": 0.5, "inner": []}]}'
)


def test_a_document_is_one_object_with_readable_arabic() -> None:
    assert format_document(Document(TEXT, (Span(4, 9, "LOC", "أنقرة", 0.5),), "7")) == LINE


def test_a_line_comes_back_from_its_document() -> None:
    document = parse_document(LINE)
    assert document.id == "7"
    assert format_document(document) == LINE


@given(documents())
def test_a_document_comes_back_from_its_line(document: Document) -> None:
    assume("\ud83d\udc00" not in document.text)  # JSON takes two such halves for one character
    line = format_document(document)
    assert "\n" not in line
    assert parse_document(line) == document
    assert line.encode("utf-8").decode("utf-8") == line


def test_half_a_character_is_escaped() -> None:
    assert format_document(Document("قال \ud83d")) == r'{"id": "", "text": "قال \ud83d", "spans": []}'


@pytest.mark.parametrize("line", ['{"text": "زار أنقرة"}', '{"id": null, "text": "زار أنقرة", "spans": [], "x": 1}'])
def test_text_alone_will_do(line: str) -> None:
    assert list(read_jsonl(["", line])) == [Document(TEXT)]
    assert next(read_jsonl(["", line])).id == "2"


def test_a_documents_own_id_is_kept() -> None:
    assert [d.id for d in read_jsonl(['{"text": "", "id": "a"}', "\n", '{"text": "", "id": 0}'])] == ["a", "0"]


def test_spans_need_neither_order_nor_text() -> None:
    line = (
        '{"text": "زار أنقرة", "spans": [{"start": 4, "end": 9, "label": "LOC"}, {"start": 0, "end": 3, "label": "T"}]}'
    )
    assert parse_document(line).spans == (make_span(TEXT, 0, 3, "T"), make_span(TEXT, 4, 9, "LOC"))


@pytest.mark.parametrize(
    ("line", "place", "problem"),
    [
        ('{"text": "زار', ":10", "broken JSON, Unterminated string starting at"),
        ('{"text": "زار",}', ":16", "broken JSON"),
        ('{"text": ""} {"text": ""}', ":14", "broken JSON, Extra data"),
        ("زار أنقرة", ":1", "broken JSON, Expecting value"),
        ("[" * 100_000, "", "JSON nested too deep"),
        ('{"text": "", "id": ' + "1" * 5000 + "}", "", "JSON with a number of too many digits"),
        ("[]", "", "no object with a string under the key 'text'"),
        ('{"spans": []}', "", "no object with a string under the key 'text'"),
        ('{"text": 3}', "", "no object with a string under the key 'text'"),
        ('{"text": "زار", "spans": {}}', "", "'spans' is not a list"),
        ('{"text": "زار", "spans": [3]}', "", "a span must be an object"),
        ('{"text": "زار", "spans": [{"start": 0, "end": 4, "label": "LOC"}]}', "", "span 0-4 is empty or out of range"),
        (
            '{"text": "زار", "spans": [{"start": 0, "end": 2, "label": "LOC", "text": "زار"}]}',
            "",
            "span 0-2 says 'زار' but the text has 'زا' there",
        ),
        (
            '{"text": "زار", "spans": [{"start": 0, "end": 2, "label": "A"}, {"start": 1, "end": 3, "label": "B"}]}',
            "",
            "spans 0-2 'زا' and 1-3 'ار' overlap",
        ),
    ],
)
def test_a_fault_is_named_with_file_and_line(line: str, place: str, problem: str) -> None:
    with pytest.raises(DataError) as caught:
        list(read_jsonl(['{"text": ""}', line], "news.jsonl"))
    assert str(caught.value).startswith(f"news.jsonl:2{place}: {problem}")
    assert caught.value.remedy.endswith(".")
