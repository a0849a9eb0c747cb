"""Labels that a model takes for each other."""

from __future__ import annotations

import pytest
from rich.console import Console

from wazir.markup import parse_markup
from wazir_training.confusion import confusion_table, count_confusion

GOLD = parse_markup("[T رئيس [O مجلس النواب]] [P عقيلة صالح] في [L مصر] ول[L ليبيا] و[L تونس]")
FOUND = parse_markup("[T رئيس مجلس النواب] [O عقيلة صالح] في [L مصر] و[L لليبيا] و[L تونس]")
LABELS = ("OFFICIAL", "TITLE", "ORG", "LOC")


def test_labels_are_confused_at_the_same_edges_alone() -> None:
    confusion = count_confusion([FOUND.spans, ()], [GOLD.spans, GOLD.spans[:1]], LABELS)
    assert confusion.rows == (*LABELS, "spurious")
    assert confusion.columns == (*LABELS, "missed")
    assert confusion.counts.tolist() == [
        [0, 0, 1, 0, 0],  # the person was taken for an organization
        [0, 1, 0, 0, 1],  # one title right, one missed
        [0, 0, 0, 0, 0],
        [0, 0, 0, 2, 1],  # ليبيا is missed …
        [0, 0, 0, 1, 0],  # … and لليبيا spurious
    ]


def test_shares_are_those_of_the_gold_spans_of_the_row_so_the_diagonal_is_recall() -> None:
    shares = count_confusion([FOUND.spans], [GOLD.spans], LABELS).share_of_gold
    assert shares[0].tolist() == [0, 0, 1, 0, 0]
    assert shares[2].tolist() == [0, 0, 0, 0, 0]  # no gold organization
    assert shares[3].tolist() == pytest.approx([0, 0, 0, 2 / 3, 1 / 3])
    assert shares.shape == (4, 5)


def test_the_table_shows_counts_and_shares() -> None:
    console = Console(width=100, record=True)
    console.print(confusion_table(count_confusion([FOUND.spans], [GOLD.spans], LABELS)))
    rows = [line.replace("│", " ").split() for line in console.export_text().splitlines()]
    assert ["LOC", "0", "0%", "0", "0%", "0", "0%", "2", "67%", "1", "33%"] in rows
    assert ["spurious", "0", "0", "0", "1"] in rows


def test_texts_and_predictions_must_pair_up() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        count_confusion([()], [(), ()], LABELS)
