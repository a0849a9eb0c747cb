"""The label scheme of a run: the configuration's, or what the training data asks for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

from wazir.errors import DataError
from wazir.labels import OUTER_LABELS, LabelScheme
from wazir.spans import Document, Span
from wazir.words import find_words
from wazir_training.config import LabelConfig
from wazir_training.settings import ConfigError


def choose_scheme(documents: Sequence[Document], labels: LabelConfig | None) -> LabelScheme:
    """The labels that a configuration gives, or else those of the training data.

    Wazir's four labels stand in their usual order; others follow by name. Without nested spans there is no inner
    layer, and without a span that begins inside a word no proclitic head.

    Args:
        documents: Training documents.
        labels: Labels of the configuration, if it gives any.

    Raises:
        DataError: no labels given, and no span in the data.
    """
    if labels is not None:
        return LabelScheme(**asdict(labels))
    spans = [s for d in documents for s in d.spans]
    if not spans:
        raise DataError("the training data has no spans", "Mark some, or give data.train that has.")
    inner = {i.label for s in spans for i in s.inner}
    nesting = {s.label for s in spans if s.inner}
    proclitics = any(_begins_inside_word(d, s) for d in documents for t in d.spans for s in (t, *t.inner))
    return LabelScheme(_ordered({s.label for s in spans}), _ordered(inner), _ordered(nesting), proclitics)


def _ordered(labels: set[str]) -> tuple[str, ...]:
    return tuple(sorted(labels, key=lambda x: (OUTER_LABELS.index(x) if x in OUTER_LABELS else len(OUTER_LABELS), x)))


def _begins_inside_word(document: Document, span: Span) -> bool:
    around = document.text[max(0, span.start - 1) : span.start + 1]
    return bool(find_words(around).tolist() == [[0, 2]])


def check_weights(weights: Collection[str], scheme: LabelScheme) -> None:
    """Make sure that class weights are of labels of the scheme.

    Raises:
        ConfigError: one is not.
    """
    known = dict.fromkeys(["O", *scheme.outer, *scheme.inner])
    for label in weights:
        if label not in known:
            raise ConfigError(f"fit.class_weights: unknown label {label!r}. The labels are {', '.join(known)}.")


def check_labels(documents: Sequence[Document], scheme: LabelScheme) -> None:
    """Make sure that a scheme has all labels of some documents.

    Raises:
        DataError: it lacks one.
    """
    for document in documents:
        for span in document.spans:
            layers = [(span, scheme.outer, ""), *((s, scheme.inner, "nested ") for s in span.inner)]
            for s, labels, kind in layers:
                if s.label not in labels:
                    known = (
                        f"The {kind}labels of the model are {', '.join(labels)}"
                        if labels
                        else f"It has no {kind}labels"
                    )
                    raise DataError(
                        f"unknown {kind}label {s.label!r} of span {s.text!r:.60}",
                        f"{known}: mark training data with it, or name all labels under `labels:`.",
                        document.id or None,
                    )
