from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import LINE_ENDS, documents
from wazir.documents import paragraphs, read_documents, read_lines, read_text
from wazir.errors import DataError
from wazir.markup import format_markup
from wazir.spans import Document, Span, make_span

#: The same sentence in each format.
FILES = {
    "a.ann": "### صحيفة\nزار [L أنقرة]\n",
    "b.jsonl": '{"text": "زار أنقرة", "spans": [{"start": 4, "end": 9, "label": "LOC"}]}\n',
    "c.conll": "زار\tO\nأنقرة\tB-LOC\n",
    "d.iob2": "زار O O\nأنقرة B-LOC O\n",
    "e.IOB": "زار\tO\nأنقرة\tI-LOC\n",
    "f.bioes": "زار\tO\nأنقرة\tS-LOC\n",
    "g.tsv": "زار\tVBD\tO\nأنقرة\tNNP\tB-LOC\n",
}
IDS = {name: f"{name}:{2 if name == 'a.ann' else 1}" for name in FILES}


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path


def test_lines_come_without_their_ends_and_the_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path / "news.txt", "\ufeffقال\r\n\nثم\u2028صمت \ufeff\r\r\nعاد")
    assert list(read_lines(path)) == ["قال", "", "ثم\u2028صمت \ufeff\r", "عاد"]


def test_a_text_comes_whole_with_its_line_ends(tmp_path: Path) -> None:
    assert read_text(write(tmp_path / "news.txt", "\ufeffقال\r\n\nثم\u2028صمت\r")) == "قال\r\n\nثم\u2028صمت\r"


def test_a_text_may_keep_its_byte_order_mark(tmp_path: Path) -> None:
    assert read_text(write(tmp_path / "news.txt", "\ufeffقال\n\ufeff"), keep_mark=True) == "\ufeffقال\n\ufeff"


@pytest.mark.parametrize("text", ["", "\ufeff"])
def test_an_empty_file_is_an_empty_text(tmp_path: Path, text: str) -> None:
    assert read_text(write(tmp_path / "news.txt", text)) == ""


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("قال\nثم".encode())))
    assert read_text("-") == "قال\nثم"


def test_bytes_that_are_not_utf8_are_named_by_line_and_offset_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "news.txt"
    path.write_bytes("قال\n".encode() + b"ok " + "تونس".encode("windows-1256"))
    with pytest.raises(DataError) as caught:
        read_text(path)
    assert str(caught.value) == (
        f"{path}:2: byte 10 of the file (0xca) is not valid UTF-8. "
        "Save the file as UTF-8, for example with `iconv -f windows-1256 -t utf-8`."
    )


@pytest.mark.parametrize(
    "read", [read_text, lambda path: list(read_lines(path)), lambda path: list(read_documents(path))]
)
@pytest.mark.parametrize("name", ["none.jsonl", "none.ann", "none.txt"])
def test_a_missing_file_is_named(tmp_path: Path, read: type[str], name: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: no such file. Check the path."


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_text(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this is a directory. Name a file in it."


def test_a_path_through_a_file_cannot_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "news.txt", "") / "more.txt"
    with pytest.raises(DataError, match="cannot be read, Not a directory. Check its permissions."):
        read_text(path)


@pytest.mark.parametrize("name", FILES)
def test_documents_are_read_by_the_ending_of_the_file(tmp_path: Path, name: str) -> None:
    (document,) = read_documents(write(tmp_path / name, "\ufeff" + FILES[name]))
    assert format_markup(document) == "زار [L أنقرة]"
    assert document.id == IDS[name]


def test_a_folder_is_read_in_name_order_without_other_files_and_subfolders(tmp_path: Path) -> None:
    for name in reversed(FILES):
        write(tmp_path / name, FILES[name])
    write(tmp_path / "README.md", "x")
    (tmp_path / "test.ann").mkdir()
    assert [d.id for d in read_documents(tmp_path)] == list(IDS.values())


def test_a_folder_without_documents_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "README.md", "x")
    with pytest.raises(DataError, match="no marked files in this folder. It should hold .ann or .jsonl"):
        list(read_documents(tmp_path))


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unknown format '.txt'. Use one of .ann, .jsonl, .conll, "):
        list(read_documents(write(tmp_path / "news.txt", "x")))


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.ann", "زار [L أنقرة]\nزار [L أنقرة", ":2:5"),
        ("b.jsonl", '{"text": ""}\n\n{"text": 1}', ":3"),
        ("c.conll", "زار\tO\nأنقرة\tI-LOC\nأمس\tB-DATE\n", ":2"),
    ],
)
def test_a_fault_is_placed_in_its_file(tmp_path: Path, name: str, text: str, place: str) -> None:
    path = write(tmp_path / name, text)
    with pytest.raises(DataError) as caught:
        list(read_documents(path))
    assert str(caught.value).startswith(f"{path}{place}: ")


def test_paragraphs_are_lines_with_their_spans_and_without_white_lines() -> None:
    text = "زار أنقرة\n \r\nثم تونس"
    document = Document(text, (make_span(text, 4, 9, "LOC"), make_span(text, 16, 20, "LOC")), "7")
    found = list(paragraphs(document))
    assert found == [
        (1, Document("زار أنقرة\n", (make_span(text, 4, 9, "LOC"),))),
        (3, Document("ثم تونس", (Span(3, 7, "LOC", "تونس"),))),
    ]
    assert {d.id for _, d in found} == {"7"}


@given(st.lists(st.tuples(documents(LINE_ENDS), st.sampled_from(["\n", "\r\n", "\u2028", "\n \n"]))))
def test_paragraphs_put_together_are_the_document(parts: list[tuple[Document, str]]) -> None:
    text, spans, expected = "", [], []
    for part, end in parts:
        line = part.text + end.removesuffix(" \n")
        if line.isspace():
            part = Document(part.text)
        else:
            expected.append(Document(line, part.spans))
        spans += [s.shift(len(text)) for s in part.spans]
        text += part.text + end
    assert [d for _, d in paragraphs(Document(text, tuple(spans)))] == expected


@pytest.mark.parametrize(("name", "place"), [("7", "7"), ("", "text")])
def test_a_span_across_lines_is_refused(name: str, place: str) -> None:
    text = "مجلس\nالنواب"
    with pytest.raises(DataError) as caught:
        list(paragraphs(Document(text, (make_span(text, 0, 11, "ORG"),), name)))
    assert str(caught.value) == f"{place}: span 'مجلس\\nالنواب' crosses the end of a line. Cut it in two."
