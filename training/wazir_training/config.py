"""Training configurations: frozen dataclasses filled from YAML and `key=value` overrides."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from wazir.documents import read_text
from wazir.errors import WazirError

_STRICT = ConfigDict(extra="forbid")


class ConfigError(WazirError):
    """A configuration that cannot be used."""


@dataclass(frozen=True, config=_STRICT)
class Source:
    """A data source, with what the model card must say of it.

    Attributes:
        path: File or folder of marked documents.
        name: Name for the model card.
        licence: Licence of the text and its marks.
    """

    path: str
    name: str = ""
    licence: str = "not stated"


@dataclass(frozen=True, config=_STRICT)
class DataConfig:
    """What trains and what tests.

    Attributes:
        train: Sources that train.
        dev: Sources that choose the best epoch and calibrate scores.
        held_out: More files or folders that must not train. A training paragraph that shares eight words in
            a row with them or with ``dev`` is left out, and counted.
    """

    train: Annotated[tuple[Source, ...], Field(min_length=1)]
    dev: Annotated[tuple[Source, ...], Field(min_length=1)]
    held_out: tuple[str, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class ScratchConfig:
    """A small base with random weights, its tokenizer trained on the training text.

    The tokenizers library breaks ties at random there, so that two such bases differ even with one seed.

    Attributes:
        tokenizer: Type of the tokenizer.
        vocabulary: Most entries of its vocabulary.
        layers: Transformer layers.
        hidden: Width; a multiple of ``heads``. The feed-forward layer is four times as wide.
        heads: Attention heads.
    """

    tokenizer: Literal["wordpiece", "unigram"] = "wordpiece"
    vocabulary: Annotated[int, Field(ge=100)] = 2_000
    layers: Annotated[int, Field(ge=1)] = 2
    hidden: Annotated[int, Field(ge=4)] = 64
    heads: Annotated[int, Field(ge=1)] = 2

    def __post_init__(self) -> None:
        if self.hidden % self.heads:
            raise ValueError(f"hidden={self.hidden} is no multiple of heads={self.heads}")


@dataclass(frozen=True, config=_STRICT)
class ModelConfig:
    """The network.

    Attributes:
        base: Folder or Hub id of a pretrained BERT, or the shape of a new one.
        base_name: Name of the base in the model card; ``base`` by default.
        licence: Licence of the base, for the model card.
        window: Most sub-tokens read at once; longer paragraphs are read in overlapping windows.
        dropout: Dropout in the encoder; its random numbers are slow on CPU.
        head_dropout: Dropout before the three heads.
    """

    base: str | ScratchConfig
    base_name: str = ""
    licence: str = "not stated"
    window: Annotated[int, Field(ge=16)] = 512
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    head_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1


@dataclass(frozen=True, config=_STRICT)
class FitConfig:
    """The optimisation.

    Attributes:
        epochs: Passes over the data.
        learning_rate: Peak rate of AdamW for the encoder.
        head_learning_rate: Peak rate for the three new heads, which start from nothing.
        schedule: Shape of the rate after warm-up.
        warmup: Share of the steps in which the rate rises.
        weight_decay: Weight decay of AdamW.
        batch_tokens: Sub-tokens of a batch, padding included.
        precision: ``bf16`` autocast, on CPU as on GPU, or ``fp32``.
        seed: Seed of the heads, the order of the data and dropout.
    """

    epochs: Annotated[int, Field(ge=1)] = 5
    learning_rate: Annotated[float, Field(gt=0)] = 2e-4
    head_learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    schedule: Literal["linear", "cosine"] = "linear"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    batch_tokens: Annotated[int, Field(ge=16)] = 1_024
    precision: Literal["bf16", "fp32"] = "bf16"
    seed: int = 1


@dataclass(frozen=True, config=_STRICT)
class TrainConfig:
    """Everything that `wazir train` reads.

    Attributes:
        output: Folder that receives the checkpoint.
        name: Name of the model in its card.
        licence: Licence of the weights, as the Hub spells it (cc-by-sa-4.0, apache-2.0 …).
        model: The network.
        data: The data.
        fit: The optimisation.
    """

    output: str
    model: ModelConfig
    data: DataConfig
    fit: FitConfig = FitConfig()
    name: str = "Wazir model"
    licence: str = "unknown"


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read a YAML file and apply overrides such as ``fit.epochs=3``.

    Raises:
        DataError: the file cannot be read.
        ConfigError: broken YAML, an unknown key (with the nearest known one), or a wrong value.
    """
    values = _parse_yaml(read_text(path), str(path))
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: no mapping of keys to values. Start from one of the files in configs/.")
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise ConfigError(f"{override!r} is not key=value. Write for example fit.epochs=3.")
        _set(values, key, _parse_yaml(value, override))
    return config_from_dict(values, path)


def config_from_dict(values: Any, path: str | Path) -> TrainConfig:
    """Fill the dataclasses from plain values; ``path`` names them in errors.

    Raises:
        ConfigError: an unknown key or a wrong value.
    """
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: no mapping of keys to values. Start from one of the files in configs/.")
    try:
        return TypeAdapter(TrainConfig).validate_python(_expand(values))
    except ValidationError as error:
        raise ConfigError(f"{path}: " + "; ".join(_explain(e) for e in error.errors()) + ".") from None


def _parse_yaml(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: broken YAML ({' '.join(str(error).split())}).") from None


def _set(values: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    for parent in parents:
        child = values.setdefault(parent, {})
        if not isinstance(child, dict):
            raise ConfigError(f"{key}: {parent} holds no keys of its own.")
        values = child
    values[last] = value


def _expand(values: dict[str, Any]) -> dict[str, Any]:
    """Let a single path stand for a list of one, and a path for a source."""
    data = values.get("data")
    if isinstance(data, dict):
        lists = {k: [v] if isinstance(v, str | dict) else v for k, v in data.items()}
        for key in ("train", "dev"):
            if isinstance(lists.get(key), list):
                lists[key] = [{"path": s} if isinstance(s, str) else s for s in lists[key]]
        values = {**values, "data": lists}
    return values


def _explain(error: Any) -> str:
    names = [str(part) for part in error["loc"]]
    if error["type"] != "unexpected_keyword_argument":
        return f"{'.'.join(names)}: {error['msg']}, not {error['input']!r:.60}"
    known = sorted({name for kind in (_known(k) for k in _KINDS) for name in kind})
    near = difflib.get_close_matches(names[-1], known, n=1)
    hint = f", did you mean '{near[0]}'?" if near else f"; known keys are {', '.join(known)}"
    return f"unknown key '{'.'.join(names)}'{hint}"


_KINDS = (TrainConfig, ModelConfig, ScratchConfig, DataConfig, Source, FitConfig)


def _known(kind: Any) -> list[str]:
    return list(kind.__dataclass_fields__)
