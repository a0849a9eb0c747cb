"""What comes back of marked documents that are written in a format and read from it, and what is counted."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from marked import (
    FILES,
    flat,
    marked_documents,
    scored_spans,
    split_documents,
    there_and_back,
    unscored,
)
from wazir.spans import Document, Span, make_span
from wazir.words import CONTROLS, find_words
from wazir_training.formats.names import FormatName

some = st.lists(marked_documents(), min_size=1, max_size=3)
WORD_FORMATS = (FormatName.conll, FormatName.iob1, FormatName.bioes)


def is_utf8(document: Document) -> bool:
    return not re.search("[\ud800-\udfff]", document.text)


def spans_of(documents: Sequence[Document]) -> list[Span]:
    return [s for d in documents for s in flat(d)]


def visible(text: str) -> str:
    return re.sub(rf"[\s{CONTROLS}]", "", text)


def numbers(**expected: int) -> dict[str, int]:
    """What `Omissions.counts` gives, which has no zeros."""
    return {key.replace("_", " "): n for key, n in expected.items() if n}


@given(some)
def test_jsonl_holds_everything(written: list[Document]) -> None:
    journey = there_and_back(FormatName.jsonl, written)
    assert journey.documents == written
    assert [d.id for d in journey.documents] == [d.id or str(n) for n, d in enumerate(written, 1)]
    assert journey.lost.lines() == journey.lost_again.lines() == []


@given(some)
def test_label_studio_holds_everything(written: list[Document]) -> None:
    journey = there_and_back(FormatName.label_studio, written)
    assert journey.documents == written
    assert [d.id for d in journey.documents] == [d.id or str(n) for n, d in enumerate(written, 1)]
    assert journey.lost.lines() == journey.lost_again.lines() == []


@given(some)
def test_doccano_holds_everything_but_scores(written: list[Document]) -> None:
    journey = there_and_back(FormatName.doccano, written)
    assert journey.documents == list(map(unscored, written))
    nested = sum(len(s.inner) for d in written for s in d.spans)
    assert journey.lost.counts() == numbers(
        nested_span_written_as_overlapping=nested, score_left_out=scored_spans(written)
    )
    assert journey.lost_again.lines() == []


@given(some)
def test_spacy_holds_everything_but_scores_and_half_characters(written: list[Document]) -> None:
    journey = there_and_back(FormatName.spacy, written)
    kept = [d for d in written if is_utf8(d)]
    assert journey.documents == list(map(unscored, kept))
    assert journey.lost.counts() == numbers(
        document_left_out=len(written) - len(kept),
        span_left_out=len(spans_of(written)) - len(spans_of(kept)),
        score_left_out=scored_spans(kept),
    )
    assert journey.lost_again.lines() == []


@given(some)
def test_brat_holds_what_does_not_touch_line_ends(written: list[Document]) -> None:
    journey = there_and_back(FormatName.brat, written)
    kept = [d for d in written if is_utf8(d)]
    spans = [[s for s in flat(d) if s.text[0] != "\n" and s.text[-1] != "\n" and s.label != "two words"] for d in kept]
    assert [d.text for d in journey.documents] == [d.text for d in kept]
    assert list(map(flat, journey.documents)) == spans
    if sum(map(len, spans)) == len(spans_of(kept)):
        assert journey.documents == list(map(unscored, kept))
    assert journey.lost.counts() == numbers(
        document_left_out=len(written) - len(kept),
        span_left_out=len(spans_of(written)) - sum(map(len, spans)),
        score_left_out=scored_spans(kept),
    )
    assert journey.lost_again.lines() == []


@given(some)
def test_ann_holds_lines_without_brackets_and_labels_of_capitals(written: list[Document]) -> None:
    journey = there_and_back(FormatName.ann, written)
    kept = [d for d in written if is_utf8(d)]
    lines: list[str] = []
    spans: list[tuple[str, str]] = []
    trimmed = lost_lines = 0
    for document in kept:
        for line in re.finditer(r"[^\r\n]+", document.text):
            bad = re.search(r"[][]", line[0]) or line[0].startswith("###")
            lost_lines += bool(bad)
            if not bad and line[0].strip():
                lines.append(line[0])
                inside = [s for s in flat(document) if line.start() <= s.start and s.end <= line.end()]
                inside = [s for s in inside if re.match("[A-Z]", s.label) and s.text.strip()]
                spans += [(s.label, s.text.strip()) for s in inside]
        across = [s for s in flat(document) if re.match("[A-Z]", s.label) and not re.search(r"[\r\n]", s.text)]
        trimmed += sum(s.text != s.text.strip() != "" for s in across)
    cut = sum(bool(re.search(r"[\r\n]", d.text)) for d in kept)
    white = sum(not re.search(r"[\r\n]", d.text) and not d.text.strip() for d in kept)
    assert [d.text for d in journey.documents] == lines
    assert [(s.label, s.text) for s in spans_of(journey.documents)] == spans
    assert journey.lost.counts() == numbers(
        document_left_out=len(written) - len(kept) + white,
        document_cut_at_line_ends=cut,
        line_left_out=lost_lines,
        span_left_out=len(spans_of(written)) - len(spans),
        span_trimmed=trimmed,
        score_left_out=scored_spans(kept),
    )
    assert journey.lost_again.lines() == []


@pytest.mark.parametrize("name", WORD_FORMATS)
@given(written=st.lists(split_documents(), min_size=1, max_size=3))
def test_words_one_space_apart_come_back_from_conll_as_they_are(name: FormatName, written: list[Document]) -> None:
    journey = there_and_back(name, written)
    assert journey.documents == written
    assert journey.lost.lines() == journey.lost_again.lines() == []


@pytest.mark.parametrize("name", WORD_FORMATS)
@given(written=some)
def test_conll_holds_words_and_every_span_with_a_word(name: FormatName, written: list[Document]) -> None:
    kept = [d for d in written if is_utf8(d)]
    labelled = [[s for s in flat(d) if s.label != "two words"] for d in kept]
    edges = [{m.start() for m in re.finditer(" ", d.text)} | {len(d.text)} for d in kept]
    assume(
        not all(
            " ".join(d.text.split()) == d.text and all(s.end in e and s.start - 1 in e | {-1} for s in spans)
            for d, e, spans in zip(kept, edges, labelled, strict=True)
        )
    )
    journey = there_and_back(name, written)
    with_words = [s for spans in labelled for s in spans if len(find_words(s.text))]
    assert visible("".join(d.text for d in journey.documents)) == visible("".join(d.text for d in kept))
    assert [(s.label, visible(s.text)) for s in spans_of(journey.documents)] == [
        (s.label, visible(s.text)) for s in with_words
    ]
    alone = [there_and_back(name, [d]).documents for d in kept]
    found = journey.lost.counts()
    assert found.pop("document cut into sentences", 0) == sum(len(parts) > 1 for parts in alone)
    assert found.pop("document left out", 0) == len(written) - len(kept) + sum(
        not find_words(d.text).size for d in kept
    )
    found.pop("document changed in white space", 0)  # see the test below
    assert found == numbers(
        span_left_out=len(spans_of(written)) - len(with_words),
        span_trimmed=sum(s.text != re.sub(rf"^[\s{CONTROLS}]+|[\s{CONTROLS}]+$", "", s.text) for s in with_words),
        score_left_out=scored_spans(kept),
    )
    assert journey.lost_again.lines() == []


@given(st.lists(marked_documents(["LOC"], scored=False), min_size=1, max_size=3))
def test_every_document_that_does_not_come_back_from_conll_is_counted(written: list[Document]) -> None:
    spaced = Document("قال:  نعم.")  # so that no document's words are those between its spaces
    journey = there_and_back(FormatName.conll, [*written, spaced])
    found = journey.lost.counts()
    assume("document cut into sentences" not in found)
    whole = [d for d in [*written, spaced] if is_utf8(d) and find_words(d.text).size]
    changed = [a.text != b.text for a, b in zip(whole, journey.documents, strict=True)]
    assert found["document changed in white space"] == sum(changed)


@pytest.mark.parametrize("name", FILES)
def test_a_text_may_begin_with_what_looks_like_a_byte_order_mark(name: FormatName) -> None:
    text = "\ufeffزار مصر"
    document = Document(text, (make_span(text, 5, 8, "LOC"),))
    assert there_and_back(name, [document, document]).documents == [document, document]


@pytest.mark.parametrize("second", FILES)
@pytest.mark.parametrize("first", FILES)
@settings(max_examples=12)
@given(written=st.lists(marked_documents(), min_size=1, max_size=2))
def test_through_two_formats_spans_cut_out_the_same_text_or_are_counted(
    first: FormatName, second: FormatName, written: list[Document]
) -> None:
    there = there_and_back(first, written)
    further = there_and_back(second, there.documents)
    before, after = spans_of(written), spans_of(further.documents)
    assert len(after) == len(before) - there.lost.counts().get("span left out", 0) - further.lost.counts().get(
        "span left out", 0
    )
    left = [(s.label, visible(s.text)) for s in before]
    for span in after:  # in the same order
        key = (span.label, visible(span.text))
        assert key in left
        del left[: left.index(key) + 1]
    for document in further.documents:
        assert all(document.text[s.start : s.end] == s.text for s in flat(document))
    if not there.lost.lines() and not further.lost.lines():
        assert further.documents == written
