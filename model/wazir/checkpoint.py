"""Checkpoint folders: where they are, what is in them, and clear words when something is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from wazir.errors import ModelError, short
from wazir.labels import LabelScheme, labels_of_tags

#: The compact model inside the package.
DEFAULT_MODEL = Path(__file__).parent / "compact"
CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
ONNX = "model.onnx"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What inference needs to know of a checkpoint folder.

    Attributes:
        folder: The folder.
        scheme: Labels of both layers.
        temperature: Divides logits before scores are made.
        window: Most sub-tokens that the network reads at once, special tokens included.
        pad_id: Id that fills shorter windows of a batch.
    """

    folder: Path
    scheme: LabelScheme
    temperature: float
    window: int
    pad_id: int


def find_checkpoint(name: str | Path, revision: str | None = None) -> Path:
    """The folder of a checkpoint given by path or by Hub id, downloading what inference needs.

    Raises:
        ModelError: neither a folder nor a reachable Hub model.
    """
    path = Path(name)
    if path.is_dir():
        return path
    if path.exists() or str(name).count("/") != 1 or str(name).startswith((".", "/", "~")):
        raise ModelError(f"{name}: no such model folder. Give a folder that holds {CONFIG}, or a Hub id org/name.")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(str(name), revision=revision, allow_patterns=[CONFIG, TOKENIZER, ONNX, WEIGHTS]))
    except (HfHubHTTPError, LocalEntryNotFoundError, HFValidationError, OSError) as error:
        raise ModelError(
            f"{name}: neither a folder here nor a model that the Hugging Face Hub gives us "
            f"({type(error).__name__}). Check the name and the network, or download it elsewhere and give its folder."
        ) from None


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint's `config.json`.

    Raises:
        ModelError: the file is missing, damaged, or not of a model that `wazir train` made.
    """
    return parse_checkpoint(folder, _read_json(folder / CONFIG))


def parse_checkpoint(folder: Path, config: Mapping[str, Any]) -> Checkpoint:
    """The same from the values of a `config.json`.

    Raises:
        ModelError: they are not those of a model that `wazir train` made.
    """
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


def read_tokenizer(folder: Path) -> Tokenizer:
    """Load `tokenizer.json` of a checkpoint.

    Raises:
        ModelError: the file is missing or damaged.
    """
    path = require(folder / TOKENIZER)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exception
        raise ModelError(f"{path}: damaged tokenizer ({short(error)}). Fetch the model again.") from None
    tokenizer.no_truncation()  # some libraries save the limits of their last call
    tokenizer.no_padding()
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
