from __future__ import annotations

import pytest

from wazir.errors import ModelError
from wazir.labels import INNER_LABELS, OUTER_LABELS, iob2_tags, labels_of_tags


def test_tags_are_o_and_then_b_and_i_of_each_label() -> None:
    assert iob2_tags(["TITLE", "LOC"]) == ["O", "B-TITLE", "I-TITLE", "B-LOC", "I-LOC"]


@pytest.mark.parametrize("labels", [OUTER_LABELS, INNER_LABELS])
def test_labels_are_read_back_from_a_models_classes_in_any_order_of_keys(labels: tuple[str, ...]) -> None:
    id2label = dict(reversed(list(enumerate(iob2_tags(labels)))))
    assert labels_of_tags(id2label) == labels


@pytest.mark.parametrize(
    "tags",
    [[], ["O"], ["B-LOC", "I-LOC", "O"], ["O", "I-LOC", "B-LOC"], ["O", "B-LOC"], ["LABEL_0", "LABEL_1"]],
)
def test_other_classes_are_refused(tags: list[str]) -> None:
    with pytest.raises(ModelError, match="Use a token classifier with IOB2 labels"):
        labels_of_tags(dict(enumerate(tags)))
