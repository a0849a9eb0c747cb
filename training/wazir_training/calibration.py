"""Temperature scaling of span scores, and how far scores are from the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wazir.decoding import decode
from wazir.encoding import encode
from wazir.spans import Document, Span
from wazir.tagger import Tagger
from wazir.tagging import Floats, Ints
from wazir_training.bootstrap import Figures
from wazir_training.scoring import span_key

_TEMPERATURES = np.geomspace(0.5, 5.0, 47)


def fit_temperature(tagger: Tagger, documents: Sequence[Document]) -> float:
    """Temperature under which the scores of top-level spans best tell right from wrong ones.

    It minimises the log loss of "this span is right" (Guo et al. 2017, arXiv 1706.04599, section 4.2, with
    spans for classes), which changes scores alone, no span. Documents are single paragraphs.
    """
    texts = [d.text for d in documents]
    encodings = encode(tagger.tokenizer, texts)
    logits = tagger.logits(encodings)
    gold = [d.spans for d in documents]

    def loss(temperature: float) -> float:
        spans = decode(texts, encodings, logits, tagger.checkpoint.scheme, temperature)
        scores, right = score_pairs(spans, gold)
        if not len(scores):
            return 0.0
        scores = np.clip(scores, 1e-6, 1 - 1e-6)
        return float(-np.where(right, np.log(scores), np.log1p(-scores)).mean())

    return float(min(_TEMPERATURES, key=loss))


def with_temperature(tagger: Tagger, temperature: float) -> Tagger:
    """The same tagger with other scores."""
    return Tagger(replace(tagger.checkpoint, temperature=temperature), tagger.tokenizer, tagger.backend)


def score_pairs(predicted: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]]) -> tuple[Floats, Floats]:
    """Scores of all top-level predicted spans, and whether each is right (1 or 0); shape [spans] both."""
    scores: list[float] = []
    right: list[bool] = []
    for found, wanted in zip(predicted, gold, strict=True):
        keys = {span_key(s) for s in wanted}
        scores += [s.score for s in found]
        right += [span_key(s) in keys for s in found]
    return np.array(scores, dtype=np.float32), np.array(right, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Scores against accuracy, in bins of equal width that begin at 0, each with its lower edge (Guo et al. 2017).

    Attributes:
        counts: Spans in each bin, shape [bins].
        scores: Mean score of each bin's spans, shape [bins]; 0 in an empty bin.
        accuracies: Share of each bin's spans that are right, shape [bins]; 0 in an empty bin.
    """

    counts: Ints
    scores: Figures
    accuracies: Figures

    @property
    def error(self) -> float:
        """Expected calibration error: mean gap between score and accuracy over the spans (equation 3)."""
        gaps = self.counts * np.abs(self.scores - self.accuracies)
        return float(gaps.sum() / max(1, self.counts.sum()))


def calibration_curve(scores: Floats, right: Floats, bins: int = 10) -> CalibrationCurve:
    """Sort spans into bins by their score.

    Args:
        scores: Scores in [0, 1], shape [spans].
        right: 1 for each span that is right, 0 for the others, shape [spans].
        bins: Bins between 0 and 1.
    """
    bin_of = np.minimum((scores * bins).astype(int), bins - 1)
    counts = np.bincount(bin_of, minlength=bins)
    means = (np.bincount(bin_of, x, bins) / np.maximum(counts, 1) for x in (scores, right))
    return CalibrationCurve(counts, *means)
