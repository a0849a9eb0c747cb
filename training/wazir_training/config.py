"""Training configurations: frozen dataclasses filled from YAML and `key=value` overrides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from wazir_training.augmentation.config import AugmentConfig
from wazir_training.schema import STRICT, Name, fill
from wazir_training.settings import Settings, read_settings


@dataclass(frozen=True, config=STRICT)
class Source:
    """A data source, with what the model card must say of it.

    Attributes:
        path: File, folder or glob of marked documents, or the id of a data set on the Hub.
        split: Split of a data set of the Hub, such as ``train``.
        name: Name for the model card.
        licence: Licence of the text and its marks.
    """

    path: Name
    split: str = ""
    name: str = ""
    licence: str = "not stated"


@dataclass(frozen=True, config=STRICT)
class TextSource:
    """Raw text, with what the model card must say of it.

    Attributes:
        path: File of one paragraph or article a line, plain or compressed (.xz, .gz, .bz2, .zst), or a glob of such.
        name: Name for the model card.
        licence: Licence of the text.
        share: Share of the lines to read, taken evenly over the file.
    """

    path: Name
    name: str = ""
    licence: str = "not stated"
    share: Annotated[float, Field(gt=0, le=1)] = 1.0


@dataclass(frozen=True, config=STRICT)
class LabelConfig:
    """Labels, where the data does not say them or says too many.

    Attributes:
        outer: Labels of top-level spans, in the order of their classes.
        inner: Labels of spans nested inside a top-level span; none, and the network has no inner head.
        nesting: Labels of ``outer`` that may hold nested spans.
        proclitics: Whether a span may begin after particles written onto its first word; if not, the network has
            no proclitic head.
    """

    outer: Annotated[tuple[str, ...], Field(min_length=1)]
    inner: tuple[str, ...] = ()
    nesting: tuple[str, ...] = ()
    proclitics: bool = True

    def __post_init__(self) -> None:
        for labels in (self.outer, self.inner):
            if len(set(labels)) < len(labels):
                raise ValueError("a label is named twice")
        unknown = set(self.nesting) - set(self.outer)
        if unknown or bool(self.inner) != bool(self.nesting):
            raise ValueError("nesting must name those of outer that hold inner spans, if and only if there are any")


@dataclass(frozen=True, config=STRICT)
class FoldConfig:
    """A part of a training source that tests instead, as in cross-validation.

    Attributes:
        path: The source, as ``data.train`` names it.
        number: Which part, counted from 1.
        of: Number of parts; every ``of``-th paragraph belongs to one.
    """

    path: Name
    number: Annotated[int, Field(ge=1)]
    of: Annotated[int, Field(ge=2)]

    def __post_init__(self) -> None:
        if self.number > self.of:
            raise ValueError(f"there is no part {self.number} of {self.of}")


@dataclass(frozen=True, config=STRICT)
class DataConfig:
    """What trains and what tests.

    Attributes:
        train: Sources that train.
        dev: Sources that choose the best epoch and calibrate scores.
        dev_share: Share of the training paragraphs to use as dev data where ``dev`` names none.
        test: Sources that are scored once, at the end; they choose nothing.
        fold: Part of a training source that is scored at the end, with ``test``.
        held_out: More files or folders that must not train. A training paragraph that shares eight words in
            a row with them, with ``dev`` or with ``test`` is left out, and counted.
        augment: Changed copies of the training paragraphs.
        published: Micro F1 in percent that others have published on ``test``, by name, to print beside ours; it is
            seqeval's over the words of the files.
    """

    train: Annotated[tuple[Source, ...], Field(min_length=1)]
    dev: tuple[Source, ...] = ()
    dev_share: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    test: tuple[Source, ...] = ()
    fold: FoldConfig | None = None
    held_out: tuple[str, ...] = ()
    augment: AugmentConfig = AugmentConfig()
    published: dict[str, Annotated[float, Field(gt=0, lt=100)]] = Field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.dev) == bool(self.dev_share):
            raise ValueError("give dev sources, or dev_share to carve dev data from train, and not both")
        if self.fold and self.fold.path not in [source.path for source in self.train]:
            raise ValueError(f"fold.path names none of the training sources: {self.fold.path}")


@dataclass(frozen=True, config=STRICT)
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


@dataclass(frozen=True, config=STRICT)
class ModelConfig:
    """The network.

    Attributes:
        base: Folder or Hub id of a pretrained BERT, or the shape of a new one.
        base_name: Name of the base in the model card; ``base`` by default.
        licence: Licence of the base, for the model card.
        preprocessing: What text is made to be like: ``arabert`` what AraBERT v0.2 was pre-trained on, ``plain`` what
            suits other bases; ``auto`` tells by the base's tokenizer.
        window: Most sub-tokens read at once; longer paragraphs are read in overlapping windows.
        dropout: Dropout in the encoder; its random numbers are slow on CPU.
        head_dropout: Dropout before the three heads.
    """

    base: Name | ScratchConfig
    base_name: str = ""
    licence: str = "not stated"
    preprocessing: Literal["auto", "plain", "arabert"] = "auto"
    window: Annotated[int, Field(ge=16)] = 512
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    head_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1


@dataclass(frozen=True, config=STRICT)
class OptimizationConfig:
    """What every optimisation has.

    Attributes:
        epochs: Passes over the data.
        learning_rate: Peak rate of AdamW for the encoder.
        head_learning_rate: Peak rate for the new heads, which start from nothing.
        layer_decay: Each layer's rate as a share of that of the layer above it (Howard and Ruder 2018,
            arXiv 1801.06146, section 3.2).
        schedule: Shape of the rate after warm-up.
        warmup: Share of the steps in which the rate rises.
        weight_decay: Weight decay of AdamW.
        max_grad_norm: Longer gradients are cut to this length; 0 leaves them.
        batch_tokens: Sub-tokens of one optimiser step, padding included, on all devices together.
        accumulation: Parts that a step's batch is read in, one after the other, to save memory; the result is the same.
        precision: ``bf16`` autocast, on CPU as on GPU, ``fp16`` on GPU alone, or ``fp32``.
        gradient_checkpointing: Compute activations anew in the backward pass, to save memory.
        compile: Compile the network with `torch.compile`.
        save_steps: Steps between saved states, from which `--resume` goes on; 0 saves at the end of epochs alone.
        seed: Seed of the heads, the order of the data and dropout.
    """

    epochs: Annotated[int, Field(ge=1)] = 5
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 2e-4
    head_learning_rate: Annotated[float, Field(gt=0, lt=1)] = 2e-3
    layer_decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    weight_decay: Annotated[float, Field(ge=0, lt=1)] = 0.01
    max_grad_norm: Annotated[float, Field(ge=0)] = 1.0
    batch_tokens: Annotated[int, Field(ge=16)] = 1_024
    accumulation: Annotated[int, Field(ge=1)] = 1
    precision: Literal["bf16", "fp16", "fp32"] = "bf16"
    gradient_checkpointing: bool = False
    compile: bool = False
    save_steps: Annotated[int, Field(ge=0)] = 0
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 1


@dataclass(frozen=True, config=STRICT)
class FitConfig(OptimizationConfig):
    """The optimisation of a fine-tuning.

    Attributes:
        patience: Epochs without a better dev F1 after which training stops; 0 to run all epochs.
        frozen_layers: Lowest encoder layers that stay as they are, with the embeddings; 0 trains everything.
        average: Share of a running average of the weights that stays at a step, such as 0.998; the average is what is
            evaluated and kept. 0 keeps the weights themselves.
        focal: Exponent by which words that are already right with confidence count less in the loss (Lin et al. 2017,
            arXiv 1708.02002, section 3.2); 0 is plain cross entropy.
        label_smoothing: Share of each target spread over all classes (Szegedy et al. 2016, arXiv 1512.00567, 7).
        passes: Times that each batch is read in a step, with other dropout each time; the losses are averaged (Inoue
            2019, arXiv 1905.09788, there for the last layer alone).
        r_drop: Weight of the difference between two passes in the loss (Liang et al. 2021, arXiv 2106.14448,
            equation 4); needs ``passes`` of 2.
        class_weights: Weight in the loss of words under a label, or under ``O``; 1 where not given.
    """

    patience: Annotated[int, Field(ge=0)] = 0
    frozen_layers: Annotated[int, Field(ge=0)] = 0
    average: Annotated[float, Field(ge=0, lt=1)] = 0.0
    focal: Annotated[float, Field(ge=0)] = 0.0
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    passes: Annotated[int, Field(ge=1)] = 1
    r_drop: Annotated[float, Field(ge=0)] = 0.0
    class_weights: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.r_drop and self.passes != 2:
            raise ValueError("r_drop compares two passes; set passes to 2")


@dataclass(frozen=True, config=STRICT)
class DistilConfig:
    """Checkpoints that teach the network what they find in raw text (Hinton et al. 2015, arXiv 1503.02531).

    Attributes:
        teachers: Folders or Hub ids of checkpoints with the same labels, of any base; the mean of their probabilities
            is learned.
        text: Raw text. Lines that share eight words in a row with dev, test or held-out text are left out.
    """

    teachers: Annotated[tuple[Name, ...], Field(min_length=1)]
    text: Annotated[tuple[TextSource, ...], Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class TrainConfig:
    """Everything that `wazir train` reads.

    Attributes:
        output: Folder that receives the checkpoint.
        name: Name of the model in its card.
        licence: Licence of the weights, as the Hub spells it (cc-by-sa-4.0, apache-2.0 …).
        labels: The labels; those of the training data by default, or Wazir's four where these are enough.
        model: The network.
        data: The data.
        fit: The optimisation.
        distil: Raw text that trains too, as teachers read it.
        log_to: Where loss and scores are logged as they come: trackio keeps them on this machine.
    """

    output: Name
    model: ModelConfig
    data: DataConfig
    labels: LabelConfig | None = None
    fit: FitConfig = FitConfig()
    distil: DistilConfig | None = None
    log_to: Literal["trackio", "tensorboard", "wandb", "none"] = "trackio"
    name: str = "Wazir model"
    licence: str = "unknown"


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> TrainConfig:
    """Read a YAML file and apply overrides such as ``fit.epochs=3``.

    Raises:
        DataError: the file cannot be read.
        ConfigError: broken YAML, an unknown key (with the nearest known one), or a wrong value, with file and line.
    """
    return config_from_settings(read_settings(path, overrides))


def config_from_settings(settings: Settings) -> TrainConfig:
    """Fill the dataclasses.

    Raises:
        ConfigError: an unknown key or a wrong value, with its place.
    """
    return fill(TrainConfig, settings, _expand(settings.values))


def flatten(values: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and their values; lists of mappings are entered, others are values."""
    if isinstance(values, Mapping) and values:
        for name, value in values.items():
            yield from flatten(value, f"{key}.{name}" if key else str(name))
    elif isinstance(values, list | tuple) and values and isinstance(values[0], Mapping):
        for i, value in enumerate(values):
            yield from flatten(value, f"{key}.{i}")
    else:
        yield key, values


def _expand(values: dict[str, Any]) -> dict[str, Any]:
    """Let a single path stand for a list of one, and a path for a source."""
    data = values.get("data")
    if isinstance(data, dict):
        data = dict(data)
        for key in ("train", "dev", "test", "held_out"):
            if isinstance(data.get(key), str | dict):
                data[key] = [data[key]]
            if isinstance(data.get(key), list) and key != "held_out":
                data[key] = [{"path": s} if isinstance(s, str) else s for s in data[key]]
        values = {**values, "data": data}
    return values
