from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import documents
from wazir.labels import OUTER_LABELS
from wazir.selection import select_spans
from wazir.spans import Document, Span

BODY = Span(5, 10, "ORG", "وزراء", 0.9)
PLACE = Span(11, 16, "LOC", "ليبيا", 0.4)
TITLE = Span(0, 16, "TITLE", "رئيس وزراء ليبيا", 0.6, (BODY, PLACE))
CITY = Span(20, 25, "LOC", "أنقرة", 0.8)


@pytest.mark.parametrize(
    ("labels", "min_score", "kept"),
    [
        (None, 0.0, [TITLE, CITY]),
        ({"TITLE"}, 0.0, [Span(0, 16, "TITLE", "رئيس وزراء ليبيا", 0.6)]),
        ({"TITLE", "ORG"}, 0.0, [Span(0, 16, "TITLE", "رئيس وزراء ليبيا", 0.6, (BODY,))]),
        ({"LOC"}, 0.0, [PLACE, CITY]),
        (None, 0.6, [Span(0, 16, "TITLE", "رئيس وزراء ليبيا", 0.6, (BODY,)), CITY]),
        (None, 0.7, [BODY, CITY]),
        ({"LOC"}, 0.5, [CITY]),
        (None, 1.0, []),
        (set(), 0.0, []),
    ],
)
def test_spans_are_chosen_by_label_and_score_and_nested_ones_outlive_theirs(
    labels: set[str] | None, min_score: float, kept: list[Span]
) -> None:
    assert select_spans([TITLE, CITY], labels, min_score) == kept


@given(documents(), st.sets(st.sampled_from(OUTER_LABELS)))
def test_every_span_of_a_wanted_label_is_kept_in_order(document: Document, labels: set[str]) -> None:
    def flat(spans: list[Span]) -> list[tuple[int, int, str]]:
        return [(s.start, s.end, s.label) for top in spans for s in (top, *top.inner)]

    wanted = [s for s in flat(list(document.spans)) if s[2] in labels]
    kept = select_spans(document.spans, labels)
    assert flat(kept) == wanted
    assert all(left.end <= right.start for left, right in pairwise(kept))
