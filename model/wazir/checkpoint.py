"""Checkpoint folders: where they are, what is in them, and clear words when something is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tokenizers import Tokenizer

from wazir.errors import ModelError, short
from wazir.labels import LabelScheme, class_order, labels_of_tags

#: The compact model inside the package.
DEFAULT_MODEL = Path(__file__).parent / "compact"
CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
#: Pieces of a WordPiece tokenizer, in models that have no `tokenizer.json`.
VOCABULARY = "vocab.txt"
ONNX = "model.onnx"
WEIGHTS = "model.safetensors"
#: Runtimes of the network.
BackendName = Literal["auto", "onnx", "torch"]
#: Most sub-tokens read at once by a model that does not say.
_WINDOW = 512


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What inference needs to know of a checkpoint folder.

    Attributes:
        folder: The folder.
        scheme: Labels of both layers.
        temperature: Divides logits before scores are made.
        window: Most sub-tokens that the network reads at once, special tokens included.
        pad_id: Id that fills shorter windows of a batch.
        foreign: Of a model that Wazir did not train, for each class of ours the model's; -1 where it has none.
    """

    folder: Path
    scheme: LabelScheme
    temperature: float
    window: int
    pad_id: int
    foreign: tuple[int, ...] | None = None


def find_checkpoint(name: str | Path, revision: str | None = None, backend: BackendName = "auto") -> Path:
    """The folder of a checkpoint given by path or by Hub id, downloading what a runtime needs.

    Raises:
        ModelError: neither a folder nor a reachable Hub model.
    """
    path = Path(name)
    if path.is_dir():
        return path
    if path.exists() or str(name).count("/") != 1 or str(name).startswith((".", "/", "~")):
        raise ModelError(f"{name}: no such model folder. Give a folder that holds {CONFIG}, or a Hub id org/name.")
    from wazir.hub import download

    return download(str(name), revision, backend)


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint's `config.json`.

    Raises:
        ModelError: the file is missing, damaged, or not of a model that `wazir train` made.
    """
    return parse_checkpoint(folder, _read_json(folder / CONFIG))


def parse_checkpoint(folder: Path, config: Mapping[str, Any]) -> Checkpoint:
    """The same from the values of a `config.json`.

    A BERT token classifier with IOB2 labels that this project did not make has no nested spans, spans at word edges,
    and scores that are not calibrated.

    Raises:
        ModelError: they are not those of a BERT token classifier with IOB2 labels.
    """
    if "wazir" not in config:
        return _parse_foreign(folder, config)
    try:
        extra: dict[str, Any] = config["wazir"]
        outer = labels_of_tags({int(k): v for k, v in config["id2label"].items()})
        checkpoint = Checkpoint(
            folder,
            LabelScheme(
                outer,
                _strings(extra["inner_labels"]),
                _strings(extra["nesting_labels"]),
                bool(extra.get("proclitics", True)),
            ),
            float(extra["temperature"]),
            int(extra["window"]),
            int(config["pad_token_id"]),
        )
        if not 0 < checkpoint.temperature < float("inf"):
            raise ValueError(f"temperature {checkpoint.temperature} is not positive")
        if not 8 <= checkpoint.window <= config["max_position_embeddings"]:
            raise ValueError(f"window {checkpoint.window} does not fit the network")
        return checkpoint
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            f"{folder / CONFIG}: {type(error).__name__} {error}, so this is no Wazir checkpoint or a damaged one. "
            "Train one with `wazir train` or fetch it again."
        ) from None


def _parse_foreign(folder: Path, config: Mapping[str, Any]) -> Checkpoint:
    kind, architectures = config.get("model_type"), config.get("architectures") or []
    if kind != "bert" or not any("TokenClassification" in str(name) for name in architectures):
        raise ModelError(
            f"{folder / CONFIG}: of a {kind} model ({', '.join(map(str, architectures)) or 'no architecture named'}), "
            "which is no BERT token classifier. Give a model that `wazir train` or transformers made as one."
        )
    try:
        labels, order = class_order({int(k): str(v) for k, v in config["id2label"].items()})
        window = min(_WINDOW, int(config["max_position_embeddings"]))
        return Checkpoint(
            folder,
            LabelScheme(labels, (), (), proclitics=False),
            1.0,
            window,
            int(config.get("pad_token_id") or 0),
            order,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            f"{folder / CONFIG}: {type(error).__name__} {error}, so this is a damaged token classifier. Fetch it again."
        ) from None


def read_tokenizer(folder: Path) -> Tokenizer:
    """Load `tokenizer.json` of a checkpoint, or what transformers makes of its `vocab.txt`.

    Raises:
        ModelError: the file is missing or damaged.
    """
    path = folder / TOKENIZER
    old = folder / VOCABULARY
    if not path.is_file() and old.is_file():
        return _read_vocabulary(folder)
    require(path)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exception
        raise ModelError(f"{path}: damaged tokenizer ({short(error)}). Fetch the model again.") from None
    tokenizer.no_truncation()  # some libraries save the limits of their last call
    tokenizer.no_padding()
    return tokenizer


def _read_vocabulary(folder: Path) -> Tokenizer:
    try:
        from transformers import AutoTokenizer
    except ImportError:
        raise ModelError(
            f'{folder / VOCABULARY}: reading it needs the training extra. Run `pip install "wazir[train]"`.'
        ) from None
    tokenizer: Tokenizer = AutoTokenizer.from_pretrained(folder).backend_tokenizer
    return tokenizer


def require(path: Path) -> Path:
    """The path, if there is a file.

    Raises:
        ModelError: there is none.
    """
    if not path.is_file():
        raise ModelError(f"{path}: missing from the model folder. Fetch the model again or run `wazir export`.")
    return path


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        raise ValueError(f"{value!r} is not a list of labels")
    return tuple(value)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(require(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read, {error.strerror}. Check its permissions.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: damaged JSON ({short(error)}). Fetch the model again.") from None
    if not isinstance(value, dict):
        raise ModelError(f"{path}: no JSON object. Fetch the model again.")
    return value
