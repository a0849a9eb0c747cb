"""Scores of other tools: seqeval over word tags, strict and as published for CoNLL data, and nervaluate."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from nervaluate.evaluator import Evaluator
from seqeval.metrics import sequence_labeling, v1
from seqeval.scheme import IOB2

from wazir.labels import LabelScheme, iob2_tags
from wazir.spans import Document, Span
from wazir.tagging import tag_words
from wazir.words import find_words

#: What separates the tokens of CoNLL data: white space, but for the spaces that are there to join.
_TOKEN = re.compile("[^ \t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")

#: Tags of the tokens of each text.
Tags = Sequence[Sequence[str]]


def strict_scores(
    documents: Sequence[Document], predicted: Sequence[Sequence[Span]], scheme: LabelScheme
) -> dict[str, float]:
    """Precision, recall and F1 of seqeval in strict mode over outer IOB2 tags of Wazir's words.

    Spans that word tags cannot represent do not count.

    Args:
        documents: Texts and gold spans.
        predicted: Top-level spans of each text.
        scheme: The labels.
    """
    names = iob2_tags(scheme.outer)
    sides: list[list[list[str]]] = [[], []]
    for document, found in zip(documents, predicted, strict=True):
        words = find_words(document.text)
        for side, spans in zip(sides, (document.spans, found), strict=True):
            tags, _ = tag_words(document.text, words, spans, scheme)
            side.append([names[tag] for tag in tags.outer.tolist()])
    return _seqeval(v1.precision_recall_fscore_support, *sides, scheme=IOB2)


def conll_scores(documents: Sequence[Document], predicted: Sequence[Sequence[Span]]) -> dict[str, float]:
    """Precision, recall and F1 as papers on CoNLL data give them: seqeval as it is, micro-averaged, over tokens.

    seqeval's default is the lenient reading of the `conlleval` script. For documents that were read from CoNLL tokens,
    joined by one space, it is what seqeval gives for the file's own tags and those of the model, however the file
    opens its entities.

    Args:
        documents: Texts and gold spans.
        predicted: Top-level spans of each text.
    """
    gold = [conll_tags(d.text, d.spans) for d in documents]
    found = [conll_tags(d.text, spans) for d, spans in zip(documents, predicted, strict=True)]
    return _seqeval(sequence_labeling.precision_recall_fscore_support, gold, found)


def conll_tags(text: str, spans: Sequence[Span]) -> list[str]:
    """IOB2 tags of the tokens of a text, which white space separates; a no-break space does not.

    A token has the tag of the first span that it shares a letter with, so a particle written onto a name takes the
    name's tag, and so does a full stop behind it. A span whose first token is already another's begins at its next one.

    Args:
        text: The text.
        spans: Spans in order that do not overlap.
    """
    tags = []
    position, begun = 0, -1
    for token in _TOKEN.finditer(text):
        while position < len(spans) and spans[position].end <= token.start():
            position += 1
        if position == len(spans) or spans[position].start >= token.end():
            tags.append("O")
            continue
        tags.append(("I-" if begun == position else "B-") + spans[position].label)
        begun = position
    return tags


def _seqeval(scores: Callable[..., Any], gold: Tags, found: Tags, **options: Any) -> dict[str, float]:
    """All three figures at once; seqeval's `f1_score` and its like each go through all tags again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a label that is never predicted
        precision, recall, f1, _ = scores(gold, found, average="micro", **options)
    return {"precision": float(precision), "recall": float(recall), "f1": float(f1)}


def partial_scores(predicted: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]]) -> dict[str, float]:
    """Precision, recall and F1 of nervaluate's ``partial`` strategy: half a point for a span that overlaps.

    Args:
        predicted: Top-level spans of each text.
        gold: The same, by hand.
    """
    labels = sorted({s.label for side in (predicted, gold) for spans in side for s in spans})
    if not labels:
        return {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    # nervaluate counts the last character, not one past it.
    sides = [
        [[{"label": s.label, "start": s.start, "end": s.end - 1} for s in spans] for spans in side]
        for side in (gold, predicted)
    ]
    result = Evaluator(*sides, tags=labels, loader="dict").evaluate()["overall"]["partial"]
    return {"precision": float(result.precision), "recall": float(result.recall), "f1": float(result.f1)}
