"""The lowest score to ask of each label for a wanted precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
from rich.table import Table

from wazir_training.evaluate import Evaluation, narrow_table
from wazir_training.scoring import Score, span_key


@dataclass(frozen=True, slots=True)
class Threshold:
    """What keeping the spans of a label from some score on gives.

    Attributes:
        score: The lowest score that is kept.
        reached: Whether the wanted precision is reached; if not, the score gives the best precision there is.
        result: Scores of the spans that are kept; gold spans that the model did not find count.
    """

    score: float
    reached: bool
    result: Score

    def to_dict(self) -> dict[str, Any]:
        """The threshold as JSON values: ``threshold`` is null if the precision is not reached."""
        return {"threshold": self.score if self.reached else None, **self.result.to_dict()}


def find_thresholds(evaluation: Evaluation, precision: float) -> dict[str, Threshold | None]:
    """The lowest score threshold of each label under which precision is at least as wanted, so recall is greatest.

    Thresholds are those of top-level spans, kept if their score is at least the threshold, and are rounded down to as
    few places (two at least) as keep the same spans. They hold for the data they were searched on: take data that did
    not train the model, and confirm them on other data.

    Args:
        evaluation: The model's spans and the gold ones.
        precision: Wanted precision in (0, 1].

    Returns:
        A threshold for each label of the model; None for a label that the model never predicts here.
    """
    gold = [{span_key(s) for s in d.spans} for d in evaluation.documents]
    found: dict[str, list[tuple[float, bool]]] = {label: [] for label in evaluation.scheme.outer}
    for keys, spans in zip(gold, evaluation.predicted, strict=True):
        for span in spans:
            found[span.label].append((span.score, span_key(span) in keys))
    wanted = {x: evaluation.spans.labels[x].gold for x in evaluation.spans.labels}
    return {label: _search(pairs, wanted[label], precision) if pairs else None for label, pairs in found.items()}


def _search(pairs: Sequence[tuple[float, bool]], gold: int, wanted: float) -> Threshold:
    """The threshold of one label from the score of each span and whether it is right."""
    ordered = np.array(sorted(pairs, reverse=True), dtype=np.float64)
    scores = ordered[:, 0]
    kept = np.flatnonzero(np.append(scores[1:] < scores[:-1], True)) + 1  # equal scores go or stay together
    right = ordered[:, 1].cumsum()[kept - 1].astype(np.int64)
    precisions = right / kept
    enough = np.flatnonzero(precisions >= wanted)
    best = int(enough[-1]) if len(enough) else int(np.flatnonzero(precisions == precisions.max())[-1])
    count = int(kept[best])
    below = float(scores[count]) if count < len(scores) else -1.0
    threshold = _short(float(scores[count - 1]), below)
    return Threshold(threshold, bool(len(enough)), Score(int(right[best]), count, gold))


def _short(score: float, below: float) -> float:
    """The shortest number of two places or more that is at most a score and above the next lower one."""
    if below < 0:
        return 0.0
    for places in range(2, 17):
        rounded = floor(score * 10.0**places) / 10.0**places
        if below < rounded <= score:
            return rounded
    return score


def threshold_table(thresholds: Mapping[str, Threshold | None], precision: float) -> Table:
    """A row for each label."""
    table = narrow_table("label", "threshold", "precision", "recall", "right", "kept", "gold", "")
    table.columns[-1].justify = "left"
    for label, threshold in thresholds.items():
        if threshold is None:
            table.add_row(label, *[""] * 6, " never predicted")
            continue
        s = threshold.result
        note = "" if threshold.reached else f" {precision:g} is out of reach, this is the best"
        counts = (f"{n:,}" for n in (s.right, s.predicted, s.gold))
        table.add_row(label, str(threshold.score), f"{s.precision:.3f}", f"{s.recall:.3f}", *counts, note)
    return table
