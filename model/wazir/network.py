"""The token classifier, a plain BERT with up to two heads more. Importing this module imports torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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

    @property
    def heads(self) -> list[Tensor]:
        """Logits of the heads that there are: outer, inner, proclitic."""
        return [x for x in (self.logits, self.inner_logits, self.proclitic_logits) if x is not None]


class WazirForTokenClassification(BertForTokenClassification):  # type: ignore[misc]
    """BERT with linear heads for outer tags (``classifier``), inner tags and proclitic counts.

    Labels without nesting need no inner head, spans at word edges no proclitic head: then there is none. A plain
    `AutoModelForTokenClassification` loads its checkpoint and sees the outer tags.
    """

    accepts_loss_kwargs = True  # Trainer counts the labelled words of a whole step; see wazir_training.losses

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        inner = len(iob2_tags(config.wazir["inner_labels"]))
        self.inner = nn.Linear(config.hidden_size, inner) if inner > 1 else None
        has_proclitics = config.wazir.get("proclitics", True)
        self.proclitic = nn.Linear(config.hidden_size, MAX_PROCLITICS + 1) if has_proclitics else None
        self.post_init()

    def reset_heads(self) -> None:
        """Give the heads new random weights, as those of another label set mean nothing."""
        for head in (self.classifier, self.inner, self.proclitic):
            if head is not None:
                nn.init.normal_(head.weight, std=self.config.initializer_range)
                nn.init.zeros_(head.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> WazirOutput:
        """Run the network.

        Args:
            input_ids: Shape [batch, sub-tokens].
            attention_mask: 1 for sub-tokens, 0 for padding; same shape.

        Returns:
            Logits of the heads.
        """
        hidden = self.dropout(self.bert(input_ids, attention_mask=attention_mask).last_hidden_state)
        outer, inner, proclitic = (
            None if head is None else head(hidden).float() for head in (self.classifier, self.inner, self.proclitic)
        )
        return WazirOutput(logits=outer, inner_logits=inner, proclitic_logits=proclitic)


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
        "proclitics": scheme.proclitics,
        "temperature": 1.0,
        "window": window,
    }
    return config
