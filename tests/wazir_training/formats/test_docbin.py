from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from spacy.tokens import Doc, DocBin
from spacy.tokens import Span as DocSpan
from spacy.vocab import Vocab

from marked import flat, marked_documents
from wazir.errors import DataError, WazirError
from wazir.spans import Document, make_span
from wazir_training.formats import docbin
from wazir_training.formats.omissions import Omissions

TEXT = "وبحكومة ليبيا  أمس\nقال"
DOCUMENT = Document(TEXT, (make_span(TEXT, 2, 13, "ORG", [make_span(TEXT, 8, 13, "LOC")]),), "5")


def make_doc() -> Doc:
    """A document as spaCy's own tokenizer would give it."""
    return Doc(Vocab(), words=["زار", "رئيس", "تونس", "مصر"], spaces=[True, True, True, False])


def save(path: Path, *docs: Doc) -> Path:
    DocBin(docs=docs).to_disk(path)
    return path


def test_spacy_reads_what_is_written(tmp_path: Path) -> None:
    docbin.write([DOCUMENT], tmp_path / "a.spacy", Omissions())
    (doc,) = DocBin().from_disk(tmp_path / "a.spacy").get_docs(Vocab())
    assert doc.text == TEXT
    assert [(e.text, e.label_) for e in doc.ents] == [("حكومة ليبيا", "ORG")]
    assert [(s.text, s.label_) for s in doc.spans["sc"]] == [("حكومة ليبيا", "ORG"), ("ليبيا", "LOC")]
    assert [t.text for t in doc] == ["وب", "حكومة", "ليبيا", " ", "أمس", "\n", "قال"]
    assert doc.user_data["id"] == "5"


@given(marked_documents())
def test_tokens_are_the_text_and_hold_every_edge(document: Document) -> None:
    found = docbin.make_tokens(document)
    assert "".join(word + " " * space for _, word, space in found) == document.text
    assert all(document.text[start : start + len(word)] == word for start, word, _ in found)
    starts, ends = {start for start, _, _ in found}, {start + len(word) for start, word, _ in found}
    assert all(s.start in starts and s.end in ends for s in flat(document))


def test_entities_alone_are_read(tmp_path: Path) -> None:
    doc = make_doc()
    doc.set_ents([DocSpan(doc, 2, 3, "LOC")])
    (document,) = docbin.read(save(tmp_path / "a.spacy", doc), Omissions())
    assert document == Document("زار رئيس تونس مصر", (make_span("زار رئيس تونس مصر", 9, 13, "LOC"),))
    assert document.id == "1"


def test_a_span_group_alone_is_read_and_nested(tmp_path: Path) -> None:
    doc = make_doc()
    doc.spans["sc"] = [DocSpan(doc, 2, 3, "LOC"), DocSpan(doc, 1, 3, "TITLE")]
    (document,) = docbin.read(save(tmp_path / "a.spacy", doc), Omissions())
    assert [(s.label, [i.text for i in s.inner]) for s in document.spans] == [("TITLE", ["تونس"])]


def test_documents_without_marks_and_other_groups_are_counted(tmp_path: Path) -> None:
    bare, grouped, empty = make_doc(), make_doc(), make_doc()
    grouped.spans["rare"] = [DocSpan(grouped, 2, 3, "LOC")]
    empty.set_ents([])
    path = save(tmp_path / "a.spacy", bare, grouped, empty)
    omissions = Omissions()
    assert [d.spans for d in docbin.read(path, omissions)] == [(), ()]
    assert omissions.lines() == [
        f"1 document left out: neither entities nor spans were ever set (first: {path}, document 1)",
        f"1 span left out: in a group other than 'sc' (first: {path}, document 2)",
    ]
    with pytest.raises(DataError, match="a.spacy, document 1: document that would be left out"):
        list(docbin.read(path, Omissions(strict=True)))


def test_a_span_without_a_label_is_refused(tmp_path: Path) -> None:
    doc = make_doc()
    doc.spans["sc"] = [DocSpan(doc, 2, 3, "")]
    with pytest.raises(DataError, match="a.spacy, document 1: span .* or a label"):
        list(docbin.read(save(tmp_path / "a.spacy", doc), Omissions()))


@pytest.mark.parametrize("content", [b"", b"spacy", b"\x78\x9c\x03\x00\x00\x00\x00\x01"])
def test_another_file_is_no_docbin(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.spacy").write_bytes(content)
    with pytest.raises(DataError, match="a.spacy: no DocBin of spaCy .*Write it with DocBin.to_disk."):
        list(docbin.read(tmp_path / "a.spacy", Omissions()))


def test_without_spacy_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy.tokens", None)
    with pytest.raises(WazirError, match=r'the spaCy format needs spacy.*Run `pip install "wazir\[spacy\]"`'):
        docbin.write([DOCUMENT], tmp_path / "a.spacy", Omissions())
    with pytest.raises(WazirError, match="the spaCy format needs spacy"):
        list(docbin.read(tmp_path / "a.spacy", Omissions()))
