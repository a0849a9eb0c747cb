"""Documents to training features: sub-token ids with labels at each word's first sub-token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from datasets import Dataset
from tokenizers import Tokenizer

from wazir.encoding import encode, windows
from wazir.labels import LabelScheme
from wazir.spans import Document, Span
from wazir.tagging import spans_from_tags, tag_words
from wazir.words import find_words

#: The label that the loss ignores.
IGNORED = -100
#: Label columns of the outer, inner and proclitic heads.
LABEL_COLUMNS = ("labels", "inner_labels", "proclitic_labels")


@dataclass(frozen=True, slots=True)
class LostSpan:
    """A gold span that word tags cannot represent."""

    document: str
    span: Span


def make_features(
    documents: Sequence[Document], tokenizer: Tokenizer, scheme: LabelScheme, window: int
) -> tuple[Dataset, list[LostSpan]]:
    """Turn documents into rows of ``input_ids``, ``attention_mask`` and the `LABEL_COLUMNS` of the scheme's heads.

    Args:
        documents: Gold documents, a paragraph each.
        tokenizer: A prepared tokenizer that adds two special tokens.
        scheme: The labels.
        window: Most sub-tokens of a row, special tokens included; longer paragraphs become several
            overlapping rows in which each word is labelled once.

    Returns:
        The rows, and the gold spans that they cannot represent.
    """
    begin, end = tokenizer.encode("").ids
    encodings = encode(tokenizer, [d.text for d in documents])
    lost: list[LostSpan] = []
    layers = []
    for document, encoding in zip(documents, encodings, strict=True):
        tags, missed = tag_words(document.text, encoding.words, document.spans, scheme)
        lost += [LostSpan(document.id, span) for span in missed]
        proclitics = np.where(tags.proclitics < 0, IGNORED, tags.proclitics)
        layers.append(dict(zip(LABEL_COLUMNS, (tags.outer, tags.inner, proclitics), strict=True)))
    columns = [name for name, width in zip(LABEL_COLUMNS, scheme.widths, strict=True) if width > 1]
    rows: dict[str, list[list[int]]] = {name: [] for name in ("input_ids", "attention_mask", *columns)}
    for piece in windows(encodings, window - 2, overlap=(window - 2) // 4):
        ids = [begin, *piece.ids.tolist(), end]
        rows["input_ids"].append(ids)
        rows["attention_mask"].append([1] * len(ids))
        for name in columns:
            labels = np.full(len(ids), IGNORED, dtype=np.int64)
            labels[piece.first + 1] = layers[piece.encoding][name][piece.words]
            rows[name].append(labels.tolist())
    return Dataset.from_dict(rows), lost


def round_trip(document: Document, scheme: LabelScheme) -> tuple[Span, ...]:
    """The spans that come back from a document's word tags: features to spans, without a network."""
    words = find_words(document.text)
    tags, _ = tag_words(document.text, words, document.spans, scheme)
    return tuple(spans_from_tags(document.text, words, tags, scheme))
