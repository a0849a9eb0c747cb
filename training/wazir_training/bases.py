"""Base models: fetched by path or Hub id, or made from scratch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer, models, processors, trainers
from transformers import AutoConfig, AutoTokenizer, BertConfig, BertPreTrainedModel

from wazir.errors import ModelError, short
from wazir.labels import LabelScheme
from wazir.network import WazirForTokenClassification, network_config
from wazir.normalization import Preprocessing, prepare_tokenizer
from wazir_training.config import ModelConfig, ScratchConfig
from wazir_training.settings import ConfigError

_Network = TypeVar("_Network", bound=BertPreTrainedModel)


@dataclass(frozen=True, slots=True)
class Base:
    """A network with new heads, and its prepared tokenizer."""

    model: WazirForTokenClassification
    tokenizer: Tokenizer


def load_base(config: ModelConfig, scheme: LabelScheme, texts: Iterable[str]) -> Base:
    """Load or make the base model.

    Args:
        config: The network.
        scheme: The labels of its heads.
        texts: Training texts, for the tokenizer of a base from scratch.

    Raises:
        ModelError: the base cannot be reached or is damaged, is no BERT, or its tokenizer is of another type.
    """
    changes = {
        "hidden_dropout_prob": config.dropout,
        "attention_probs_dropout_prob": config.dropout,
        "classifier_dropout": config.head_dropout,
        "dtype": "float32",
    }
    if isinstance(config.base, ScratchConfig):
        tokenizer = _train_tokenizer(config.base, config.preprocessing, texts)
        shape = _scratch_config(config.base, tokenizer, config.window)
        return Base(WazirForTokenClassification(network_config(shape, scheme, config.window, **changes)), tokenizer)
    with reading_base(config.base):
        shape = read_shape(config.base)
        if config.window > shape.max_position_embeddings:
            raise ModelError(
                f"model.window={config.window} is more than the {shape.max_position_embeddings} positions of "
                f"{config.base}. Lower it."
            )
        tokenizer = load_tokenizer(config, shape.vocab_size)
        model = load_network(
            WazirForTokenClassification, config.base, network_config(shape, scheme, config.window, **changes)
        )
        if not _has_heads_of(shape, scheme):
            model.reset_heads()
    return Base(model, tokenizer)


@contextmanager
def reading_base(base: str) -> Iterator[None]:
    """What goes wrong with a base is one clear error.

    Raises:
        ModelError: the base cannot be reached or is damaged.
    """
    try:
        yield
    except (ModelError, ConfigError):
        raise
    except SafetensorError as error:
        raise ModelError(f"{base}: damaged weights ({short(error)}). Fetch the base again.") from None
    except (KeyError, ValueError) as error:
        if Path(base).is_dir():
            raise ModelError(f"{base}: cannot be read as a BERT ({short(error)}). Fetch the base again.") from None
        raise _unreachable(base, error) from None
    except OSError as error:
        raise _unreachable(base, error) from None


def read_shape(base: str) -> BertConfig:
    """The config of a base.

    Raises:
        ModelError: it is no BERT.
    """
    shape = AutoConfig.from_pretrained(base)
    if not isinstance(shape, BertConfig):
        raise ModelError(f"{base}: a {shape.model_type} model. Use a BERT, such as AraBERT or CAMeLBERT.")
    return shape


def load_network(kind: type[_Network], base: str, config: BertConfig) -> _Network:
    """The weights of a base in a network of 32 bits; heads that it lacks are new.

    Raises:
        ModelError: weights of the encoder are missing or of another shape.
    """
    model: _Network
    model, loading = kind.from_pretrained(
        base,
        config=config,
        dtype="float32",
        # On CPU the plain way is faster in training (docs/decisions.md).
        attn_implementation="sdpa" if torch.cuda.is_available() else "eager",
        ignore_mismatched_sizes=True,
        output_loading_info=True,
    )
    missing = {*loading["missing_keys"], *(key for key, *_ in loading["mismatched_keys"])}
    lacking = sorted(key for key in missing if key.startswith("bert."))
    if lacking:
        raise ModelError(
            f"{base}: {len(lacking)} weights of the encoder are missing or of another shape, such as {lacking[0]}. "
            "Fetch the base again."
        )
    return model


def _unreachable(base: str, error: Exception) -> ModelError:
    return ModelError(
        f"the base model {base!r} cannot be reached: neither a model folder here nor on the Hugging Face "
        f"Hub ({type(error).__name__}). Check the name and the network, or download it and set model.base=FOLDER."
    )


def load_tokenizer(config: ModelConfig, rows: int) -> Tokenizer:
    """The tokenizer of a base that is no `ScratchConfig`, prepared.

    Args:
        config: The network.
        rows: Pieces for which the base has embeddings.

    Raises:
        ModelError: the base has no tokenizer that fits it, or one of another type.
        OSError: it cannot be reached.
    """
    base = AutoTokenizer.from_pretrained(config.base)
    # Without files, transformers makes a tokenizer of special tokens alone.
    if len(base) > rows or len(base) == len(base.added_tokens_decoder) or not hasattr(base, "backend_tokenizer"):
        raise ModelError(
            f"{config.base}: has no fast tokenizer, or one of {len(base):,} pieces for {rows:,} embeddings. "
            "Add the tokenizer.json that belongs to it."
        )
    return prepare_tokenizer(base.backend_tokenizer, config.preprocessing)


def _has_heads_of(shape: BertConfig, scheme: LabelScheme) -> bool:
    """Whether a base is a checkpoint of ours with the same labels, whose heads can learn on."""
    extra = getattr(shape, "wazir", None)
    new = network_config(shape, scheme, 0)
    kept = ("inner_labels", "nesting_labels", "proclitics")
    same = extra is not None and all(extra.get(k, True) == new.wazir[k] for k in kept)
    return same and dict(shape.id2label) == new.id2label


def _train_tokenizer(config: ScratchConfig, preprocessing: Preprocessing, texts: Iterable[str]) -> Tokenizer:
    special = {"wordpiece": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"], "unigram": ["<pad>", "<unk>", "<s>", "</s>"]}
    names = special[config.tokenizer]
    trainer: Any
    if config.tokenizer == "wordpiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token=names[1]))
        trainer = trainers.WordPieceTrainer(vocab_size=config.vocabulary, special_tokens=names, show_progress=False)
    else:
        tokenizer = Tokenizer(models.Unigram())
        trainer = trainers.UnigramTrainer(
            vocab_size=config.vocabulary, special_tokens=names, unk_token=names[1], show_progress=False
        )
    tokenizer = prepare_tokenizer(tokenizer, preprocessing)
    tokenizer.train_from_iterator(texts, trainer)
    ids = [(name, tokenizer.token_to_id(name)) for name in names[2:]]
    begin, end = names[2:]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{begin} $A {end}", special_tokens=ids)
    return tokenizer


def _scratch_config(config: ScratchConfig, tokenizer: Tokenizer, window: int) -> BertConfig:
    return BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=config.hidden,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=4 * config.hidden,
        max_position_embeddings=window,
        pad_token_id=0,
    )
