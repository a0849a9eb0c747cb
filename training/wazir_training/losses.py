"""The training loss, a sum over words, so that it does not depend on how a batch is cut or on how many devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from wazir.labels import LabelScheme
from wazir.network import WazirOutput
from wazir_training.config import FitConfig
from wazir_training.features import IGNORED, LABEL_COLUMNS, SOFT_COLUMNS


class SpanLoss:
    """Cross entropies of the heads, summed over words.

    The proclitic head has a label at few words; its sum is scaled so that it weighs as much as the others.
    """

    def __init__(self, fit: FitConfig, scheme: LabelScheme, counts: Mapping[str, int]) -> None:
        """Prepare the weights.

        Args:
            fit: Label smoothing, class weights and the focal exponent.
            scheme: The labels.
            counts: Labelled words of each label column over the training data.
        """
        self._smoothing = fit.label_smoothing
        self._focal = fit.focal
        words = counts["labels"]
        self._scale = {name: words / max(count, 1) for name, count in counts.items()}
        self._weights: dict[str, Tensor] = {}
        if fit.class_weights:
            for name, labels in (("labels", scheme.outer), ("inner_labels", scheme.inner)):
                self._weights[name] = torch.tensor(_by_class(labels, fit.class_weights))

    def __call__(self, output: WazirOutput, targets: Mapping[str, Tensor]) -> Tensor:
        """Sum over the words of a batch; divide by their number for a mean.

        Args:
            output: Logits, [batch, sub-tokens, classes] each.
            targets: Classes by label column, [batch, sub-tokens] each, -100 where there is none; and, where
                probabilities are to be learned, `SOFT_COLUMNS` of shape [batch, sub-tokens, classes].
        """
        columns = [name for name in LABEL_COLUMNS if name in targets]
        sums = [
            self._scale[name]
            * self._sum(logits, targets[name], targets.get(SOFT_COLUMNS[name]), self._weights.get(name))
            for name, logits in zip(columns, output.heads, strict=True)
        ]
        return torch.stack(sums).sum()

    def _sum(self, logits: Tensor, labels: Tensor, soft: Tensor | None, weights: Tensor | None) -> Tensor:
        labelled = labels != IGNORED
        logits, labels = logits[labelled], labels[labelled]
        losses = nn.functional.cross_entropy(
            logits,
            labels if soft is None else soft[labelled],
            weight=None if weights is None else weights.to(logits),
            reduction="none",
            label_smoothing=self._smoothing,
        )
        if self._focal:
            right = logits.softmax(-1).gather(-1, labels[:, None]).squeeze(-1)
            losses = (1 - right) ** self._focal * losses
        return losses.sum()


def disagreement(one: WazirOutput, other: WazirOutput, targets: Mapping[str, Tensor]) -> Tensor:
    """Sum over labelled words and heads of the mean of both Kullback-Leibler divergences between two outputs.

    Args:
        one: Logits of a pass over a batch, [batch, sub-tokens, classes] each.
        other: Those of another pass.
        targets: Classes by label column, [batch, sub-tokens] each, -100 where there is none.
    """
    columns = [name for name in LABEL_COLUMNS if name in targets]
    sums = []
    for name, first, second in zip(columns, one.heads, other.heads, strict=True):
        labelled = targets[name] != IGNORED
        p, q = first[labelled].log_softmax(-1), second[labelled].log_softmax(-1)
        sums.append(((p.exp() - q.exp()) * (p - q)).sum() / 2)
    return torch.stack(sums).sum()


def _by_class(labels: Sequence[str], weights: Mapping[str, float]) -> list[float]:
    return [weights.get("O", 1.0), *(weights.get(label, 1.0) for label in labels for _ in "BI")]
