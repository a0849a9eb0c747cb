"""Hypothesis strategies: texts with everything that Arabic news and the web put into them, and spans in them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import settings

from wazir.labels import INNER_LABELS, NESTING_LABELS, OUTER_LABELS
from wazir.proclitics import proclitic_offsets
from wazir.spans import Document, Span, make_span
from wazir.words import TATWEEL, Words, find_words

# Machines that run other work as well make single examples slow.
settings.register_profile("wazir", deadline=None)
settings.load_profile("wazir")

VOWEL_MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = BIDI + "\u00ad\u200b\u200c\u200d\u2060\ufeff"
LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
SURROGATES = "\ud83d\udc00"

PHRASES = (
    "التقى وزير الداخلية الليبي نظيره التركي في العاصمة أنقرة",
    "أعلنت حكومة الوفاق الوطني أن رئيس مجلس النواب زار تونس",
    "قال المتحدث باسم الجيش إن لليبيا جيشا ولا سلام مع المليشيات",
    "بحث نائب رئيس الوزراء شؤون المؤتمر في طرابلس ومصراتة عام 2020",
)
_WORDS = (
    *" ".join(PHRASES).split(),
    *("بحكومة", "وتركيا", "لليبيا", "ولكن", "فبكل", "وبوزير", "لـيبيا", "الـتركـية", "للأمم", "بِوَزير", "ﻭﻻ", "لل"),
    *("“", "”", "(", "،", "…", "٢٠٢٠", TATWEEL, "🇱🇾", "ب\u200fوزير", "\u2067أنقرة\u2069"),
)

#: Any character, those that make trouble often.
characters = st.one_of(
    st.sampled_from("وفبكلاأإآءئؤةىنرحيمست"),
    st.sampled_from(TATWEEL + VOWEL_MARKS + "\u0653\u0654\u0655\u0301\ufe0f" + CONTROLS),
    st.sampled_from("“”«»()،؛؟.…:-_[]\"#'"),
    st.sampled_from(" \t\u00a0" + LINE_ENDS),
    st.sampled_from("ﻻﻭﺑﷲﹶﱠ09٢۳aZé½字ि😀🇱🏽⚖\x00" + SURROGATES),
    st.characters(exclude_categories=()),
)
words = st.sampled_from(_WORDS)
#: Sentences of real words, single spaces between.
sentences = st.lists(words, max_size=12).map(" ".join)


def texts(exclude: str = "") -> st.SearchStrategy[str]:
    """Sentences and any text at all, without the characters in ``exclude``."""
    alphabet = characters.filter(lambda c: c not in exclude)
    return st.one_of(st.text(alphabet, max_size=40), sentences)


@st.composite
def decorated(draw: st.DrawFn, text: str) -> str:
    """``text`` with tatweel, vowel marks and controls strewn behind its letters; white space stays as it is."""
    strewn = st.text(TATWEEL + VOWEL_MARKS + CONTROLS, max_size=2)
    return "".join(c if c.isspace() else c + draw(strewn) for c in text)


@st.composite
def documents(draw: st.DrawFn, exclude: str = "", keep: Callable[[str], bool] = bool) -> Document:
    """A text with spans at any offsets, nested one level, wherever ``keep`` allows the span's text."""

    def place(start: int, end: int, depth: int) -> list[Span]:
        cuts = sorted(draw(st.sets(st.integers(start, end), max_size=6)))
        spans = []
        for left, right in pairwise(cuts):
            if keep(text[left:right]) and draw(st.booleans()):
                inner = place(left, right, 1) if depth == 0 else []
                spans.append(make_span(text, left, right, draw(st.sampled_from(OUTER_LABELS)), inner))
        return spans

    text = draw(texts(exclude))
    return Document(text, tuple(place(0, len(text), 0)))


@st.composite
def word_spans(draw: st.DrawFn, text: str) -> list[Span]:
    """Spans that word tags can hold: they begin after proclitics, end with a word, nest as the labels allow."""

    def runs(first: int, after: int) -> list[tuple[int, int]]:
        cuts = sorted(draw(st.sets(st.integers(first, after), max_size=6)))
        return [run for run in pairwise(cuts) if draw(st.booleans())]

    def start_in(word: int) -> int:
        start, end = found[word].tolist()
        return int(start) + draw(st.sampled_from(proclitic_offsets(text[start:end])))

    found: Words = find_words(text)
    spans = []
    for first, after in runs(0, len(found)):
        label, start = draw(st.sampled_from(OUTER_LABELS)), start_in(first)
        inner = [
            make_span(
                text, start if a == first else start_in(a), int(found[b - 1, 1]), draw(st.sampled_from(INNER_LABELS))
            )
            for a, b in (runs(first, after) if label in NESTING_LABELS else [])
        ]
        spans.append(make_span(text, start, int(found[after - 1, 1]), label, inner))
    return spans
