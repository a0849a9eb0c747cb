from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wazir.errors import DataError
from wazir.iob import FoundScheme, TagScheme, find_scheme, is_span_tag, spell_tags, tagged_runs

#: IOB2 tags of a sentence: runs of one label, some of which touch.
sentences = st.lists(st.tuples(st.sampled_from(["", "LOC", "ORG", "B-X", "مكان"]), st.integers(1, 3)), max_size=6).map(
    lambda runs: [f"{'I' if i else 'B'}-{label}" if label else "O" for label, length in runs for i in range(length)]
)


def numbered(*sentences: str) -> list[list[tuple[int, str]]]:
    """Sentences of tags as a file has them, with an empty line after each."""
    lines = []
    number = 0
    for sentence in sentences:
        lines.append([(number := number + 1, tag) for tag in sentence.split()])
        number += 1
    return lines


@pytest.mark.parametrize(
    ("sentence", "scheme"),
    [
        ("", "IOB2"),
        ("O O", "IOB2"),
        ("B-A I-A O B-A B-A", "IOB2"),
        ("I-A I-A O I-A B-A", "IOB1"),
        ("I-A I-B", "IOB1"),
        ("B-A I-A E-A O S-A S-A", "BIOES"),
        ("S-A", "BIOES"),
        ("B-A I-A L-A O U-A U-A", "BILOU"),
        ("B-A L-A", "BILOU"),
    ],
)
def test_the_scheme_is_found_from_the_tags(sentence: str, scheme: str) -> None:
    assert find_scheme(numbered("O", sentence)) == FoundScheme(TagScheme(scheme))


def test_one_sentence_decides_for_the_file() -> None:
    assert find_scheme(numbered("I-A", "I-A B-A I-A")).scheme is TagScheme.IOB1


@pytest.mark.parametrize(
    ("strays", "others", "scheme"),
    [("O I-A", ["B-A I-A"] * 19, "IOB2"), ("B-A I-B", ["B-A I-A"] * 18, "IOB2"), ("O B-A", ["I-A I-A"] * 19, "IOB1")],
)
def test_one_stray_tag_in_twenty_spans_begins_a_span(strays: str, others: list[str], scheme: str) -> None:
    assert find_scheme(numbered(strays, *others)) == FoundScheme(TagScheme(scheme), 1, 2)


def test_more_stray_tags_than_that_fit_no_scheme() -> None:
    with pytest.raises(DataError, match="tag 'I-A' continues nothing after 'O', so these tags are not IOB2") as caught:
        find_scheme(numbered(*["B-A I-A"] * 18, "O I-A"))
    assert caught.value.line == 18 * 3 + 2


@pytest.mark.parametrize(
    ("sentence", "line", "message"),
    [
        ("B-A O E-A", 2, "span of tag 'B-A' never ends, so these tags are not BIOES. End it with 'E-A'."),
        ("S-A B-A", 2, "span of tag 'B-A' never ends, so these tags are not BIOES. End it with 'E-A'."),
        ("S-A B-A E-B", 3, "span of tag 'B-A' never ends, so these tags are not BIOES. End it with 'E-A'."),
        (
            "U-A I-A",
            2,
            "tag 'I-A' continues nothing after 'U-A', so these tags are not BILOU. Begin with 'B-A' or use 'U-A'.",
        ),
        (
            "O E-A",
            2,
            "tag 'E-A' continues nothing after 'O', so these tags are not BIOES. Begin with 'B-A' or use 'S-A'.",
        ),
        (
            "S-A U-A",
            2,
            "tag 'U-A' is none of O, B-, I-, E- and S-, so these tags are not BIOES. Use one scheme in a file.",
        ),
        ("B-A I-", 2, "tag 'I-' is of no known scheme. Use O, B-LABEL and I-LABEL."),
        ("B-A A", 2, "tag 'A' is of no known scheme. Use O, B-LABEL and I-LABEL."),
        ("B-A M-A", 2, "tag 'M-A' is of no known scheme. Use O, B-LABEL and I-LABEL."),
    ],
)
def test_tags_of_no_scheme_are_refused_with_their_line(sentence: str, line: int, message: str) -> None:
    with pytest.raises(DataError) as caught:
        find_scheme(numbered(sentence))
    assert caught.value.line == line
    assert f"{caught.value.problem}. {caught.value.remedy}" == message


def test_a_tag_of_two_tags_is_no_tag() -> None:
    with pytest.raises(DataError, match="tag 'I-ORG B-GPE' is of no known scheme"):
        find_scheme([[(1, "B-ORG"), (2, "I-ORG B-GPE")]])


@pytest.mark.parametrize(
    "tags", ["B-A I-A O B-A B-A B-B", "I-A I-A O I-A B-A I-B", "B-A E-A O S-A S-A S-B", "B-A L-A O U-A U-A U-B"]
)
def test_the_spans_of_a_sentence_in_each_scheme(tags: str) -> None:
    assert tagged_runs(tags.split()) == [(0, 2, "A"), (3, 4, "A"), (4, 5, "A"), (5, 6, "B")]


def test_a_stray_tag_begins_a_span_as_in_conlleval() -> None:
    assert tagged_runs(["O", "I-A", "I-A", "I-B", "B-B"]) == [(1, 3, "A"), (3, 4, "B"), (4, 5, "B")]


@given(st.lists(sentences, max_size=4), st.sampled_from(TagScheme))
def test_spelled_tags_are_found_to_be_of_their_scheme_and_mean_the_same(
    layers: list[list[str]], scheme: TagScheme
) -> None:
    spelled = [spell_tags(tags, scheme) for tags in layers]
    found = find_scheme([(1, tag) for tag in tags] for tags in spelled)
    if any(map(tagged_runs, layers)):
        assert found == FoundScheme(scheme)
    assert [tagged_runs(tags) for tags in spelled] == [tagged_runs(tags) for tags in layers]
    assert [spell_tags(tags, TagScheme.IOB2) for tags in spelled] == layers


@pytest.mark.parametrize(
    ("tag", "expected"), [("B-LOC", True), ("U-X", True), ("O", False), ("NN", False), ("B-", False)]
)
def test_a_span_tag_is_a_prefix_and_a_label(tag: str, expected: bool) -> None:
    assert is_span_tag(tag) is expected
