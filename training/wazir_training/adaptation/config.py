"""Configurations of `wazir adapt`: frozen dataclasses filled from YAML and `key=value` overrides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from wazir_training.config import OptimizationConfig, TextSource
from wazir_training.schema import STRICT, Name, fill
from wazir_training.settings import read_settings


@dataclass(frozen=True, config=STRICT)
class TextConfig:
    """What the base reads.

    Attributes:
        text: Sources of raw text.
        held_out: Files or folders that must not train. A line that shares eight words in a row with them is left out,
            and counted.
        window: Sub-tokens of a row, special tokens included; rows are packed full.
        dev_rows: Rows kept apart, on which guesses at hidden words are scored.
    """

    text: Annotated[tuple[TextSource, ...], Field(min_length=1)]
    held_out: tuple[str, ...] = ()
    window: Annotated[int, Field(ge=16)] = 128
    dev_rows: Annotated[int, Field(ge=1)] = 500


@dataclass(frozen=True, config=STRICT)
class MaskingConfig:
    """Which words the network must guess.

    Attributes:
        share: Share of the sub-tokens to guess, in whole words (Cui et al. 2021, arXiv 1906.08101, section 3.1).
        kept: Share of the words to guess that stay as they are (Devlin et al. 2019, arXiv 1810.04805, section 3.1).
        random: Share of the words to guess whose sub-tokens are replaced by random ones.
    """

    share: Annotated[float, Field(gt=0, lt=1)] = 0.15
    kept: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    random: Annotated[float, Field(ge=0, le=0.5)] = 0.1


@dataclass(frozen=True, config=STRICT)
class StudentConfig:
    """A network of fewer layers that learns from the base (Sanh et al. 2019, arXiv 1910.01108, section 3).

    Attributes:
        layers: The base's layers, counted from 1, that it starts from.
        temperature: What logits of both are divided by when they are compared.
        logits: Weight of the cross entropy with the base's guesses.
        hidden: Weight of the cosine distance to the base's last hidden states.
    """

    layers: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    temperature: Annotated[float, Field(gt=0)] = 2.0
    logits: Annotated[float, Field(ge=0)] = 2.0
    hidden: Annotated[float, Field(ge=0)] = 1.0


@dataclass(frozen=True, config=STRICT)
class AdaptFitConfig(OptimizationConfig):
    """The optimisation of an adaptation; see `OptimizationConfig`."""

    epochs: Annotated[int, Field(ge=1)] = 1
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 3e-4
    head_learning_rate: Annotated[float, Field(gt=0, lt=1)] = 1e-3
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.06
    batch_tokens: Annotated[int, Field(ge=16)] = 4_096


@dataclass(frozen=True, config=STRICT)
class AdaptConfig:
    """Everything that `wazir adapt` reads.

    Attributes:
        output: Folder that receives the adapted base.
        base: Folder or Hub id of a pretrained BERT.
        data: The text.
        preprocessing: As in `ModelConfig`; must be that of the fine-tuning to come.
        masking: Which words are hidden.
        student: A smaller network to train in place of the base, which then teaches it.
        fit: The optimisation.
    """

    output: Name
    base: Name
    data: TextConfig
    preprocessing: Literal["auto", "plain", "arabert"] = "auto"
    masking: MaskingConfig = MaskingConfig()
    student: StudentConfig | None = None
    fit: AdaptFitConfig = AdaptFitConfig()


def load_adapt_config(path: str | Path, overrides: Sequence[str] = ()) -> AdaptConfig:
    """Read a YAML file and apply overrides such as ``fit.epochs=2``; raises as `wazir_training.config.load_config`."""
    return fill(AdaptConfig, read_settings(path, overrides))
