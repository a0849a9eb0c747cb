"""Label sets and their IOB2 tags, as integers: 0 is O, 2k+1 is B and 2k+2 is I of label k."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wazir.errors import ModelError
from wazir.proclitics import MAX_PROCLITICS

OUTER_LABELS = ("OFFICIAL", "TITLE", "ORG", "LOC")
INNER_LABELS = ("OFFICIAL", "ORG", "LOC")
NESTING_LABELS = ("TITLE", "ORG")


@dataclass(frozen=True, slots=True)
class LabelScheme:
    """The labels of the two layers, in the order of their classes.

    Attributes:
        outer: Labels of top-level spans.
        inner: Labels of spans nested inside a top-level span.
        nesting: Labels of the top-level spans that may hold nested ones.
        proclitics: Whether spans may begin after particles written onto their first word.
    """

    outer: tuple[str, ...] = OUTER_LABELS
    inner: tuple[str, ...] = INNER_LABELS
    nesting: tuple[str, ...] = NESTING_LABELS
    proclitics: bool = True

    @property
    def widths(self) -> tuple[int, int, int]:
        """Classes of the outer, inner and proclitic heads; a head of one class is left out of the network."""
        return 2 * len(self.outer) + 1, 2 * len(self.inner) + 1, MAX_PROCLITICS + 1 if self.proclitics else 1


def iob2_tags(labels: Iterable[str]) -> list[str]:
    """Tag names in class order: ``["O", "B-OFFICIAL", "I-OFFICIAL", …]``."""
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]


def labels_of_tags(id2label: Mapping[int, str]) -> tuple[str, ...]:
    """Labels of a model whose classes are IOB2 tags in the order of `iob2_tags`.

    Raises:
        ModelError: the classes are not such tags.
    """
    tags = [id2label[i] for i in sorted(id2label)]
    labels = tuple(tag[2:] for tag in tags if tag.startswith("B-"))
    if not labels or tags != iob2_tags(labels):
        raise ModelError(
            f"the model's classes {tags} are not O, B-X, I-X … in this order. "
            "Use a token classifier with IOB2 labels, such as one that `wazir train` made."
        )
    return labels


def class_order(id2label: Mapping[int, str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Labels of a model whose classes are IOB2 tags in any order, and the class of each tag of `iob2_tags`.

    Returns:
        The labels in the order of their first class, and for each of `iob2_tags` the model's class, or -1 where the
        model has no such tag (some have no ``I-`` of a label that is one word long).

    Raises:
        ModelError: the classes are not such tags.
    """
    classes = {tag: number for number, tag in sorted(id2label.items())}
    labels = tuple(dict.fromkeys(tag[2:] for tag in classes if tag[:2] in ("B-", "I-") and tag[2:]))
    if not labels or "O" not in classes or len(classes) != len(id2label) or set(classes) - set(iob2_tags(labels)):
        raise ModelError(
            f"the model's classes {list(classes)[:12]} are not O, B-X and I-X. "
            "Use a token classifier with IOB2 labels, such as one that `wazir train` made."
        )
    without_b = [label for label in labels if f"B-{label}" not in classes]
    if without_b:
        raise ModelError(
            f"the model has no class B-{without_b[0]}, so its labels are not IOB2. "
            "Use a token classifier with IOB2 labels."
        )
    return labels, tuple(classes.get(tag, -1) for tag in iob2_tags(labels))
