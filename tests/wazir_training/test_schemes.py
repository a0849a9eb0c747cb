"""Label schemes: the configuration's, or what the training data asks for."""

from __future__ import annotations

import pytest

from wazir.errors import DataError
from wazir.labels import LabelScheme
from wazir.markup import parse_markup
from wazir.spans import Document, make_span
from wazir_training.config import LabelConfig
from wazir_training.schemes import check_labels, choose_scheme

NESTED = parse_markup("التقى [T رئيس [O مجلس النواب]] ب[O حكومة الوفاق] في [L طرابلس] [P عقيلة صالح]")
FLAT = parse_markup("زار [P سالم الورفلي] [L مصر] مع [T الوزير] من [O الحزب]")


def test_the_data_says_labels_nesting_and_particles() -> None:
    assert choose_scheme([NESTED], None) == LabelScheme(inner=("ORG",), nesting=("TITLE",))


def test_flat_data_with_spans_at_word_edges_needs_the_outer_head_alone() -> None:
    scheme = choose_scheme([FLAT], None)
    assert scheme == LabelScheme(inner=(), nesting=(), proclitics=False)
    assert [width for width in scheme.widths if width > 1] == [9]


def test_other_labels_follow_by_name() -> None:
    text = "زار محمد مصر"
    document = Document(text, (make_span(text, 4, 8, "PERS"), make_span(text, 9, 12, "LOC")))
    assert choose_scheme([document], None).outer == ("LOC", "PERS")


def test_a_vowel_mark_before_a_span_is_inside_the_word_and_a_quote_is_not() -> None:
    quoted = "قال “مصر”"
    assert not choose_scheme([Document(quoted, (make_span(quoted, 5, 8, "LOC"),))], None).proclitics
    vowelled = "وَمصر"
    assert choose_scheme([Document(vowelled, (make_span(vowelled, 2, 5, "LOC"),))], None).proclitics


def test_the_configuration_has_the_last_word() -> None:
    labels = LabelConfig(("LOC", "ORG", "TITLE", "OFFICIAL"), ("LOC", "ORG"), ("TITLE",), proclitics=False)
    assert choose_scheme([NESTED], labels) == LabelScheme(labels.outer, labels.inner, labels.nesting, False)


def test_data_without_spans_is_refused() -> None:
    with pytest.raises(DataError, match="the training data has no spans"):
        choose_scheme([Document("لا شيء هنا")], None)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (NESTED, "unknown nested label 'ORG' of span 'مجلس النواب'. It has no nested labels"),
        (parse_markup("في [L مصر]"), "unknown label 'LOC' of span 'مصر'. The labels of the model are ORG, TITLE"),
    ],
)
def test_a_label_that_training_data_lacks_is_named(document: Document, message: str) -> None:
    scheme = LabelScheme(("ORG", "TITLE") if "LOC" in message else LabelScheme().outer, (), (), False)
    with pytest.raises(DataError) as error:
        check_labels([Document(document.text, document.spans, "dev.ann:7")], scheme)
    assert message in str(error.value)
    assert str(error.value).startswith("dev.ann:7: ")
