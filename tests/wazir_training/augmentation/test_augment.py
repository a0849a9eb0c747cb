"""Changed copies: every change keeps spans exact, whatever the text, and does what it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import hypothesis.strategies as st
import pytest
from hypothesis import given

from conftest import CORPUS
from strategies import documents, sentences, word_spans
from wazir.errors import DataError
from wazir.markup import format_markup, parse_markup
from wazir.spans import Document, Span, check_spans
from wazir.words import TATWEEL, is_invisible
from wazir_training.augmentation.augment import CHANGES, augment
from wazir_training.augmentation.config import AugmentConfig, FormList
from wazir_training.augmentation.edits import Edit, apply_edits
from wazir_training.augmentation.particles import after, particles_before
from wazir_training.augmentation.swaps import Pool, swap
from wazir_training.sources import read_data

seeds = st.integers(0, 10_000)


@st.composite
def marked(draw: st.DrawFn) -> Document:
    """Any text with any spans, or sentences with spans that word tags can hold."""
    if draw(st.booleans()):
        return draw(documents())
    text = draw(sentences)
    return Document(text, check_spans(draw(word_spans(text))))


def all_spans(document: Document) -> list[Span]:
    return [s for outer in document.spans for s in (outer, *outer.inner)]


def shape(document: Document) -> list[tuple[str, int]]:
    return [(span.label, len(span.inner)) for span in document.spans]


def folded(text: str) -> str:
    """What is left of a text when everything that a change of spelling may touch is made alike."""
    letters = "".join(c for c in text if not is_invisible(c))
    table = str.maketrans("أإآيةـ٠١٢٣٤٥٦٧٨٩", "اااىهـ0123456789")
    return re.sub("[“”«»\"'‘’]", '"', letters.translate(table))


def assert_exact(document: Document) -> None:
    check_spans(document.spans)
    for span in document.spans:
        assert document.text[span.start : span.end] == span.text != ""
        check_spans(span.inner)
        for inner in span.inner:
            assert span.start <= inner.start < inner.end <= span.end
            assert document.text[inner.start : inner.end] == inner.text


@pytest.mark.parametrize("name", CHANGES)
@given(document=marked(), seed=seeds)
def test_a_change_keeps_spans_exact(name: str, document: Document, seed: int) -> None:
    changed = CHANGES[name](document, Random(seed))  # type: ignore[index]
    assert_exact(changed)
    assert shape(changed) == shape(document)
    assert CHANGES[name](document, Random(seed)) == changed  # type: ignore[index]


@pytest.mark.parametrize("name", ["quotes", "digits", "letters", "tatweel", "vowels"])
@given(document=marked(), seed=seeds)
def test_a_change_of_spelling_leaves_the_same_letters_under_each_span(name: str, document: Document, seed: int) -> None:
    changed = CHANGES[name](document, Random(seed))  # type: ignore[index]
    assert folded(changed.text) == folded(document.text)
    assert [folded(s.text) for s in all_spans(changed)] == [folded(s.text) for s in all_spans(document)]


@given(document=marked(), seed=seeds)
def test_particles_change_no_span_but_for_a_swallowed_alif(document: Document, seed: int) -> None:
    changed = CHANGES["particles"](document, Random(seed))
    for old, new in zip(document.spans, changed.spans, strict=True):
        assert new.text in {old.text, old.text[1:], old.text[2:]}
        assert new.text == old.text or (old.text.startswith("ال") and changed.text[new.start - 1] == "ل")


@given(document=marked(), seed=seeds)
def test_typing_errors_keep_first_and_last_letters_of_spans(document: Document, seed: int) -> None:
    changed = CHANGES["typing"](document, Random(seed))
    for old, new in zip(all_spans(document), all_spans(changed), strict=True):
        assert (old.text[0], old.text[-1]) == (new.text[0], new.text[-1])


@given(document=marked(), others=st.lists(marked(), max_size=3), seed=seeds)
def test_swapped_spans_are_forms_of_the_pool_or_what_they_were(
    document: Document, others: Sequence[Document], seed: int
) -> None:
    changed = swap(document, Random(seed), Pool([document, *others]), share=1.0)
    assert_exact(changed)
    assert [s.label for s in changed.spans] == [s.label for s in document.spans]
    forms = {(s.label, s.text) for each in (document, *others) for s in all_spans(each)}
    forms |= {(label, text.rpartition(" ")[2]) for label, text in forms}  # surnames
    forms |= {(label, after("ل", text)) for label, text in forms}
    outer = [s for s in changed.spans if not s.inner]
    assert {(s.label, s.text) for s in outer} <= forms


def between(document: Document) -> list[str]:
    ends = [0, *(s.end for s in document.spans)]
    starts = [*(s.start for s in document.spans), len(document.text)]
    return [document.text[a:b] for a, b in zip(ends, starts, strict=True)]


@given(document=marked(), seed=seeds)
def test_swapping_leaves_the_text_between_spans(document: Document, seed: int) -> None:
    changed = swap(document, Random(seed), Pool([document]), share=1.0)
    assert between(changed) == between(document)


def test_on_the_corpus_every_change_keeps_word_edges_and_some_texts_change() -> None:
    data = read_data(CORPUS / "hard-cases.ann")[:60]
    config = AugmentConfig(copies=2, changes=dict.fromkeys(("swap", *CHANGES), 1.0))
    made = augment(data, config, seed=3)
    assert made[:60] == data
    assert len(made) == 180
    for document in made[60:]:
        assert_exact(document)
        for span in all_spans(document):  # no span begins or ends with a mark, or inside a word but for particles
            assert unicodedata.category(span.text[0])[0] in "LN"
            before = document.text[span.start - 1] if span.start else " "
            assert not before.isalpha() or particles_before(document.text, span.start) or before in "وفبكل"
    assert sum(a.text != b.text for a, b in zip(data, made[60:], strict=False)) == 60


def test_a_swap_by_example() -> None:
    pool = Pool([parse_markup("[T وزير التعليم] [P سالم بن علي] في [L الجزائر] مع [O الهلال]")])
    document = parse_markup("التقى [P فتحي ورفلي] بمدير وفدا من [L اليمن] وول[L ليبيا] وقال [P ورفلي] إنه من [L اليمن]")
    changed = format_markup(swap(document, Random(1), pool, share=1.0))
    assert changed == ("التقى [P سالم بن علي] بمدير وفدا من [L الجزائر] وول[L ليبيا] وقال [P علي] إنه من [L الجزائر]")


@pytest.mark.parametrize(
    ("particles", "form", "written"),
    [
        ("ول", "الجزائر", "لجزائر"),
        ("ل", "اللجنة الأولمبية", "لجنة الأولمبية"),
        ("ب", "الجزائر", "الجزائر"),
        ("ل", "ليبيا", "ليبيا"),
        ("", "الجزائر", "الجزائر"),
    ],
)
def test_the_article_behind_particles(particles: str, form: str, written: str) -> None:
    assert after(particles, form) == written


@pytest.mark.parametrize(
    ("text", "found"),
    [("زار وليبيا", "و"), ("زار فلليبيا", "فل"), ("ليبيا", ""), ("زار (بليبيا", "ب"), ("قصرليبيا", "")],
)
def test_particles_before_a_span(text: str, found: str) -> None:
    assert particles_before(text, text.index("ليبيا")) == found


def test_headline_order_fronts_who_acts() -> None:
    document = parse_markup("التقى [T وزير الخارجية] [P سالم علي] نظيره في [L تونس].")
    assert format_markup(CHANGES["order"](document, Random(0))) == (
        "[T وزير الخارجية] [P سالم علي] التقى نظيره في [L تونس]."
    )
    other = parse_markup("في [L تونس] التقى [T الوزير] نظيره")
    assert CHANGES["order"](other, Random(0)) == other


def test_an_insertion_at_an_edge_stays_outside_and_an_edit_across_one_is_refused() -> None:
    document = parse_markup("في [L تونس] أمس")
    moved = apply_edits(document, [Edit(3, 3, "و"), Edit(7, 7, TATWEEL), Edit(8, 11, "غدا")])
    assert format_markup(moved) == f"في و[L تونس]{TATWEEL} غدا"
    with pytest.raises(ValueError, match="crosses the edge"):
        apply_edits(document, [Edit(1, 5, "")])
    with pytest.raises(ValueError, match="overlap"):
        apply_edits(document, [Edit(0, 2, ""), Edit(1, 2, "")])


def test_lists_give_new_forms_and_parts_of_names_make_names(tmp_path: Path) -> None:
    (tmp_path / "names.tsv").write_text("x\tأوليكسندر\ny\tكوفالينكو\n\nz\n", encoding="utf-8")
    names = FormList(path=str(tmp_path / "names.tsv"), label="OFFICIAL", column=2, parts=2)
    document = replace(parse_markup("قال [P سالم علي] نعم"), id="a:1")
    config = AugmentConfig(copies=20, changes={"swap": 1.0}, lists=(names,))
    made = augment([document], config, seed=1)
    forms = {d.spans[0].text for d in made[1:]}
    assert any(set(form.split()) <= {"أوليكسندر", "كوفالينكو"} for form in forms)
    assert made[1].id == "a:1 (copy 1)"
    with pytest.raises(DataError, match=r"names\.tsv.*no form in that column"):
        augment([document], replace(config, lists=(replace(names, column=5),)), seed=1)


def test_no_copies_is_the_default() -> None:
    document = parse_markup("في [L تونس]")
    assert augment([document], AugmentConfig(), seed=1) == [document]
