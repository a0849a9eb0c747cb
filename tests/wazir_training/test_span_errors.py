"""The list of errors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given

from strategies import sentences, word_spans
from wazir.markup import parse_markup
from wazir.spans import Document, Span, make_span
from wazir_training.scoring import nested_spans, span_key
from wazir_training.span_errors import find_errors

GOLD = parse_markup("[T رئيس [O مجلس النواب]] [P عقيلة صالح] في [L مصر] ول[L ليبيا]")
# a wrong label, a wrong edge, one missed, one spurious, one right with a missed nested span
FOUND = parse_markup("[T رئيس مجلس النواب] [O عقيلة صالح] في [L مصر] و[L لليبيا]")


def test_every_error_is_listed_with_its_kind() -> None:
    missing = replace(GOLD, spans=GOLD.spans[:-1])
    errors = list(find_errors(GOLD, FOUND.spans)) + list(find_errors(missing, GOLD.spans))
    assert [(e.kind, (e.predicted or e.gold or errors[0].predicted).text) for e in errors] == [  # type: ignore[union-attr]
        ("label", "عقيلة صالح"),
        ("edge", "لليبيا"),
        ("missed", "مجلس النواب"),
        ("spurious", "ليبيا"),
    ]


def test_no_gold_span_that_was_not_found_is_left_out_of_the_errors() -> None:
    gold = parse_markup("[L مصر] و[L ليبيا]")
    errors = find_errors(gold, parse_markup("[L مصر وليبيا]").spans)
    assert [(e.kind, e.gold and e.gold.text) for e in errors] == [("edge", "مصر"), ("missed", "ليبيا")]


@st.composite
def marked(draw: st.DrawFn) -> tuple[Document, list[Span]]:
    text = draw(sentences)
    return Document(text, tuple(draw(word_spans(text)))), draw(word_spans(text))


def plainly(wanted: list[Span], found: list[Span]) -> Iterator[tuple[str, Span | None, Span | None]]:
    """The rules of the errors, each predicted span held against every gold one."""
    named = {span_key(s) for s in found} & {span_key(s) for s in wanted}
    for span in found:
        if span_key(span) in named:
            continue
        touched = [g for g in wanted if g.start < span.end and span.start < g.end]
        if not touched:
            yield "spurious", span, None
            continue
        named.add(span_key(touched[0]))
        yield "label" if (touched[0].start, touched[0].end) == (span.start, span.end) else "edge", span, touched[0]
    yield from (("missed", None, g) for g in wanted if span_key(g) not in named)


@given(marked())
def test_errors_are_those_of_the_plain_rules(case: tuple[Document, list[Span]]) -> None:
    document, found = case
    expected = [*plainly(list(document.spans), found), *plainly(nested_spans(document.spans), nested_spans(found))]
    assert [(e.kind, e.predicted, e.gold) for e in find_errors(document, found)] == expected


def test_a_long_document_takes_no_time() -> None:
    text = "س ص " * 40_000
    gold = tuple(make_span(text, i, i + 1, "LOC") for i in range(0, len(text), 4))
    found = [make_span(text, i + 2, i + 3, "LOC") for i in range(0, len(text), 4)]
    begin = time.perf_counter()
    assert len(list(find_errors(Document(text, gold), found))) == 80_000
    assert time.perf_counter() - begin < 10  # pair by pair it is 1,600,000,000 comparisons
