from __future__ import annotations

import pytest

from wazir.errors import DataError
from wazir_training.formats.omissions import Omissions


def test_each_kind_and_reason_is_a_line_with_its_number_and_first_place() -> None:
    omissions = Omissions()
    omissions.at("news.ann", 3)
    omissions.add("span", "in pieces")
    omissions.at("news.ann", 5)
    omissions.add("span", "in pieces", 2)
    omissions.add("document", "no words", 0)
    omissions.at("more.ann")
    omissions.add("span", "no words")
    omissions.add("span", "no words", done="trimmed")
    assert omissions.lines() == [
        "3 spans left out: in pieces (first: news.ann:3)",
        "1 span left out: no words (first: more.ann)",
        "1 span trimmed: no words (first: more.ann)",
    ]
    assert omissions.counts() == {"span left out": 4, "span trimmed": 1}


def test_strictness_refuses_the_loss_of_spans_and_counts_the_rest() -> None:
    omissions = Omissions(strict=True)
    omissions.at("news.ann", 3)
    omissions.skip("relation", "no span")
    omissions.add("span", "in pieces", 0)
    with pytest.raises(DataError) as caught:
        omissions.add("span", "in pieces")
    assert str(caught.value) == (
        "news.ann:3: span that would be left out: in pieces. "
        "Mend the data, or let `wazir convert` do so, which counts what it changes."
    )
    assert omissions.lines() == ["1 relation left out: no span (first: news.ann:3)"]
