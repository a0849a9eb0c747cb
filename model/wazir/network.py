"""The three-head token classifier, a plain BERT with two heads more. Importing this module imports torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertForTokenClassification
from transformers.modeling_outputs import TokenClassifierOutput

from wazir.labels import LabelScheme, iob2_tags
from wazir.proclitics import MAX_PROCLITICS


@dataclass
class WazirOutput(TokenClassifierOutput):  # type: ignore[misc]
    """Outputs of the network; ``logits`` are the outer tags, [batch, sub-tokens, classes] like the others."""

    inner_logits: Tensor | None = None
    proclitic_logits: Tensor | None = None


class WazirForTokenClassification(BertForTokenClassification):  # type: ignore[misc]
    """BERT with linear heads for outer tags (``classifier``), inner tags and proclitic counts.

    A plain `AutoModelForTokenClassification` loads its checkpoint and sees the outer tags.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.inner = nn.Linear(config.hidden_size, len(iob2_tags(config.wazir["inner_labels"])))
        self.proclitic = nn.Linear(config.hidden_size, MAX_PROCLITICS + 1)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        labels: Tensor | None = None,
        inner_labels: Tensor | None = None,
        proclitic_labels: Tensor | None = None,
    ) -> WazirOutput:
        """Run the network.

        Args:
            input_ids: Shape [batch, sub-tokens].
            attention_mask: 1 for sub-tokens, 0 for padding; same shape.
            labels: Outer class of each word's first sub-token, -100 elsewhere; same shape.
            inner_labels: Inner classes, likewise.
            proclitic_labels: Proclitic counts at span-initial words, -100 elsewhere.

        Returns:
            Logits of the three heads; with ``labels`` also the sum of the three mean cross entropies.
        """
        hidden = self.dropout(self.bert(input_ids, attention_mask=attention_mask).last_hidden_state)
        logits = [head(hidden).float() for head in (self.classifier, self.inner, self.proclitic)]
        loss = None
        if labels is not None:
            targets = (labels, inner_labels, proclitic_labels)
            loss = torch.stack([_loss(x, y) for x, y in zip(logits, targets, strict=True) if y is not None]).sum()
        return WazirOutput(loss=loss, logits=logits[0], inner_logits=logits[1], proclitic_logits=logits[2])


def _loss(logits: Tensor, labels: Tensor) -> Tensor:
    total = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
    return total / (labels >= 0).sum().clamp(min=1)  # a batch without any span has no proclitic label


def network_config(base: BertConfig, scheme: LabelScheme, window: int, **changes: Any) -> BertConfig:
    """Config of a new network on a base.

    Args:
        base: Config of the base model.
        scheme: Labels of both layers.
        window: Most sub-tokens read at once.
        **changes: Other keys to set, such as dropout.
    """
    tags = iob2_tags(scheme.outer)
    config = BertConfig.from_dict({**base.to_dict(), **changes})
    config.id2label = dict(enumerate(tags))
    config.label2id = {tag: i for i, tag in enumerate(tags)}
    config.wazir = {
        "inner_labels": list(scheme.inner),
        "nesting_labels": list(scheme.nesting),
        "temperature": 1.0,
        "window": window,
    }
    return config
