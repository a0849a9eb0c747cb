"""Documents to training features: sub-token ids with labels at each word's first sub-token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from datasets import Dataset
from tokenizers import Tokenizer

from wazir.decoding import WordLogits
from wazir.encoding import encode, windows
from wazir.labels import LabelScheme
from wazir.spans import Document, Span
from wazir.tagging import Floats, Ints, spans_from_tags, tag_words
from wazir.words import find_words, lead_words

#: The label that the loss ignores.
IGNORED = -100
#: Label columns of the outer, inner and proclitic heads.
LABEL_COLUMNS = ("labels", "inner_labels", "proclitic_labels")
#: Columns of probabilities to learn instead, by label column; they count where there is a label.
SOFT_COLUMNS = {name: f"soft_{name}" for name in LABEL_COLUMNS}


@dataclass(frozen=True, slots=True)
class LostSpan:
    """A gold span that word tags cannot represent."""

    document: str
    span: Span


def make_features(
    documents: Sequence[Document],
    tokenizer: Tokenizer,
    scheme: LabelScheme,
    window: int,
    probabilities: Sequence[WordLogits | None] = (),
) -> tuple[Dataset, list[LostSpan]]:
    """Turn documents into rows of ``input_ids``, ``attention_mask`` and the `LABEL_COLUMNS` of the scheme's heads.

    Args:
        documents: Gold documents, a paragraph each.
        tokenizer: A prepared tokenizer that adds two special tokens.
        scheme: The labels.
        window: Most sub-tokens of a row, special tokens included; longer paragraphs become several
            overlapping rows in which each word is labelled once.
        probabilities: What teachers hold probable at the words of each document, None where the gold alone counts.
            If given, rows have the `SOFT_COLUMNS` too, of shape [sub-tokens, classes].

    Returns:
        The rows, and the gold spans that they cannot represent.
    """
    begin, end = tokenizer.encode("").ids
    encodings = encode(tokenizer, [d.text for d in documents])
    # Plain transformers sees where words begin by such a prefix, or else by white space alone: see `lead_words`.
    splits_signs = bool(getattr(tokenizer.model, "continuing_subword_prefix", None))
    lost: list[LostSpan] = []
    layers = []
    for document, encoding in zip(documents, encodings, strict=True):
        tags, missed = tag_words(document.text, encoding.words, document.spans, scheme)
        lost += [LostSpan(document.id, span) for span in missed]
        if not splits_signs:
            leads, heads = lead_words(document.text, encoding.words).T
            tags.outer[leads] = tags.outer[heads]
        proclitics = np.where(tags.proclitics < 0, IGNORED, tags.proclitics)
        layers.append(dict(zip(LABEL_COLUMNS, (tags.outer, tags.inner, proclitics), strict=True)))
    columns = {name: width for name, width in zip(LABEL_COLUMNS, scheme.widths, strict=True) if width > 1}
    soft = [
        _soft_targets(each, layer, columns) for each, layer in zip(probabilities, layers, strict=bool(probabilities))
    ]
    rows: dict[str, list[Any]] = {name: [] for name in ("input_ids", "attention_mask", *columns)}
    rows |= {SOFT_COLUMNS[name]: [] for name in columns if soft}
    for piece in windows(encodings, window - 2, overlap=(window - 2) // 4):
        ids = [begin, *piece.ids.tolist(), end]
        rows["input_ids"].append(ids)
        rows["attention_mask"].append([1] * len(ids))
        for name, width in columns.items():
            labels = np.full(len(ids), IGNORED, dtype=np.int64)
            labels[piece.first + 1] = layers[piece.encoding][name][piece.words]
            rows[name].append(labels.tolist())
            if soft:
                targets = np.zeros((len(ids), width), dtype=np.float32)
                targets[piece.first + 1] = soft[piece.encoding][name][piece.words]
                rows[SOFT_COLUMNS[name]].append(targets)
    return Dataset.from_dict(rows), lost


def _soft_targets(
    probabilities: WordLogits | None, labels: Mapping[str, Ints], columns: Mapping[str, int]
) -> dict[str, Floats]:
    """Target probabilities of each head, [words, classes]: the teachers', or all on the gold class."""
    if probabilities is None:
        return {name: np.eye(width, dtype=np.float32)[labels[name].clip(0)] for name, width in columns.items()}
    heads = (probabilities.outer, probabilities.inner, probabilities.proclitic)
    return {name: head for name, head in zip(LABEL_COLUMNS, heads, strict=True) if name in columns}


def round_trip(document: Document, scheme: LabelScheme) -> tuple[Span, ...]:
    """The spans that come back from a document's word tags: features to spans, without a network."""
    words = find_words(document.text)
    tags, _ = tag_words(document.text, words, document.spans, scheme)
    return tuple(spans_from_tags(document.text, words, tags, scheme))
