from __future__ import annotations

import pytest

from wazir.conll import format_conll
from wazir.errors import DataError
from wazir.markup import parse_markup, read_markup
from wazir.output import WRITERS, table_header, table_rows
from wazir.spans import Document, Span, make_span

TEXT = "رئيس وزراء ليبيا في أنقرة"
SPANS = (
    Span(0, 16, "TITLE", "رئيس وزراء ليبيا", 0.987, (Span(11, 16, "LOC", "ليبيا", 0.5),)),
    Span(20, 25, "LOC", "أنقرة", 1.0),
)


def test_a_table_names_the_document_and_its_columns() -> None:
    assert table_header("news.txt").plain == "news.txt\n   start      end  label      score  text"


def test_a_table_has_a_row_a_span_with_nested_spans_indented_and_the_text_last() -> None:
    assert table_rows(list(SPANS)).plain == (
        "       0       16  TITLE       0.99  \u2067رئيس وزراء ليبيا\u2069\n"
        "      11       16    LOC       0.50  \u2067ليبيا\u2069\n"
        "      20       25  LOC         1.00  \u2067أنقرة\u2069\n"
    )


def test_a_row_stands_under_its_columns() -> None:
    header = table_header("news.txt").plain.splitlines()[1]
    row = table_rows([SPANS[1]]).plain
    assert [row[: header.index(name) + len(name)].split()[-1] for name in ("start", "end", "score")] == [
        "20",
        "25",
        "1.00",
    ]
    assert row.index("LOC") == header.index("label")
    assert row.index("\u2067") == header.index("text")


@pytest.mark.parametrize("control", ["\x1b", "\x00", "\x9b", "\n", "\ud83d"])
def test_what_could_upset_a_terminal_is_not_shown(control: str) -> None:
    (row,) = table_rows([Span(0, 2, "LOC", f"ا{control}")]).plain.split("\n")[:-1]
    assert row.endswith("\u2067ا\ufffd\u2069")
    assert table_header(f"a{control}b").plain.startswith("a\ufffdb\n")


def test_console_markup_in_a_span_is_text() -> None:
    assert "[bold]ليبيا" in table_rows([Span(0, 11, "LOC", "[bold]ليبيا")]).plain


def test_unknown_labels_are_shown_too() -> None:
    assert "PLACE" in table_rows([Span(0, 5, "PLACE", "ليبيا")]).plain


def test_jsonl_is_one_line_a_document() -> None:
    assert WRITERS["jsonl"](Document("زار", id="7")) == '{"id": "7", "text": "زار", "spans": []}\n'


def test_conll_is_written_as_it_is_read() -> None:
    document = Document(TEXT, SPANS)
    assert WRITERS["conll"](document) == format_conll(document)


def test_markup_has_a_header_and_a_line_a_paragraph() -> None:
    text = " زار أنقرة \r\n\n \nثم تونس\n"
    document = Document(text, (make_span(text, 5, 10, "LOC"), make_span(text, 19, 23, "LOC")), "a\nb.txt")
    written = WRITERS["ann"](document)
    assert written == "### a b.txt\n زار [L أنقرة] \nثم [L تونس]\n"
    assert list(read_markup(written.splitlines())) == [parse_markup(x) for x in written.splitlines()[1:]]


def test_a_document_without_a_name_has_no_header() -> None:
    assert WRITERS["ann"](Document("زار")) == "زار\n"


@pytest.mark.parametrize(("name", "place"), [("news.txt", "news.txt"), ("", "text")])
def test_a_text_that_markup_cannot_say_is_sent_to_jsonl(name: str, place: str) -> None:
    with pytest.raises(DataError) as caught:
        WRITERS["ann"](Document("قال ثم [صمت]", id=name))
    assert str(caught.value) == f"{place}:1:8: '[' cannot be written as markup. Use --format jsonl for this text."
