"""The base with a masked-language-model head, and a smaller student of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertConfig, BertForMaskedLM

from wazir.errors import ModelError
from wazir_training.adaptation.config import AdaptConfig
from wazir_training.bases import load_network, load_tokenizer, read_shape, reading_base
from wazir_training.checkpoints import write_network
from wazir_training.config import ModelConfig
from wazir_training.features import IGNORED
from wazir_training.settings import ConfigError

_LAYER = re.compile(r"(bert\.encoder\.layer\.)(\d+)(\..*)")


class Guesses(NamedTuple):
    """What the network makes of the hidden sub-tokens: last hidden states [hidden, width], logits [hidden, pieces]."""

    hidden: Tensor
    logits: Tensor


class MaskedLanguageModel(BertForMaskedLM):  # type: ignore[misc]
    """A BERT whose head, the dearest part, is run at hidden sub-tokens alone."""

    accepts_loss_kwargs = True  # Trainer counts the hidden sub-tokens of a whole step

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> Guesses:
        """Run the network.

        Args:
            input_ids: Shape [batch, sub-tokens].
            attention_mask: 1 for sub-tokens, 0 for padding; same shape.
            labels: -100 where nothing is to be guessed; same shape.
        """
        states = self.bert(input_ids, attention_mask=attention_mask).last_hidden_state
        hidden = states[labels != IGNORED]
        return Guesses(hidden=hidden, logits=self.cls(hidden).float())


def load_language_model(config: AdaptConfig) -> tuple[MaskedLanguageModel, Tokenizer]:
    """The base with its head, or a new one where it has none, and its tokenizer, prepared.

    Raises:
        ModelError: the base cannot be reached or is damaged, is no BERT, or has no mask token.
        ConfigError: the window is longer than the base's positions.
    """
    with reading_base(config.base):
        shape = read_shape(config.base)
        if config.data.window > shape.max_position_embeddings:
            raise ConfigError(
                f"data.window={config.data.window} is more than the {shape.max_position_embeddings} positions of "
                f"{config.base}. Lower it."
            )
        base = ModelConfig(base=config.base, preprocessing=config.preprocessing, window=config.data.window)
        tokenizer = load_tokenizer(base, shape.vocab_size)
        mask_of(tokenizer)
        shape.hidden_dropout_prob = shape.attention_probs_dropout_prob = 0.0
        model = load_network(MaskedLanguageModel, config.base, shape)
    return model, tokenizer


def student_of(teacher: MaskedLanguageModel, layers: Sequence[int]) -> MaskedLanguageModel:
    """A network that begins as some layers of another, with its embeddings and its head.

    Args:
        teacher: The whole network.
        layers: Its layers to keep, counted from 1, rising.

    Raises:
        ConfigError: there is no such layer, or they do not rise.
    """
    there = teacher.config.num_hidden_layers
    if max(layers) > there or list(layers) != sorted(set(layers)):
        raise ConfigError(f"student.layers={list(layers)} must rise, from 1 to {there} at most.")
    shape = BertConfig.from_dict({**teacher.config.to_dict(), "num_hidden_layers": len(layers)})
    shape._attn_implementation = teacher.config._attn_implementation
    student = MaskedLanguageModel(shape)
    weights: dict[str, Tensor] = {}
    for name, weight in teacher.state_dict().items():
        layer = _LAYER.fullmatch(name)
        if layer is None:
            weights[name] = weight
        elif int(layer[2]) + 1 in layers:
            weights[f"{layer[1]}{layers.index(int(layer[2]) + 1)}{layer[3]}"] = weight
    student.load_state_dict(weights)
    return student


def mask_of(tokenizer: Tokenizer) -> tuple[str, int]:
    """The token that hides another, and its number.

    Raises:
        ModelError: there is none.
    """
    for name in ("[MASK]", "<mask>"):
        number = tokenizer.token_to_id(name)
        if number is not None:
            return name, number
    raise ModelError("the base's tokenizer has neither [MASK] nor <mask>. Use a base that has one.")


def ordinary_pieces(tokenizer: Tokenizer) -> list[int]:
    """Sub-tokens that are no special tokens."""
    special = set(tokenizer.get_added_tokens_decoder())
    return [i for i in range(tokenizer.get_vocab_size()) if i not in special]


def save_base(model: MaskedLanguageModel, tokenizer: Tokenizer, folder: Path) -> None:
    """Write the base with its head, as `AutoModelForMaskedLM` and `wazir train` load it."""
    longest = model.config.max_position_embeddings
    write_network(model, tokenizer, folder, "BertForMaskedLM", longest, mask_token=mask_of(tokenizer)[0])
