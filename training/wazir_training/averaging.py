"""Averaging the weights of checkpoints into one (model soup, Wortsman et al. 2022, arXiv 2203.05482)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from wazir.checkpoint import TOKENIZER, WEIGHTS, read_checkpoint, read_tokenizer, require
from wazir.errors import ModelError
from wazir.network import WazirForTokenClassification
from wazir_training.bases import Base
from wazir_training.card import METRICS, TRAINING_CONFIG
from wazir_training.checkpoints import finish
from wazir_training.config import load_config
from wazir_training.data import read_dev
from wazir_training.record import joined


def average_checkpoints(checkpoints: Sequence[Path], output: Path, command: str = "wazir average") -> dict[str, Any]:
    """Write the checkpoint whose weights are the mean of those of several.

    They should come from one base, else the mean means nothing. It is calibrated and scored on the dev data of the
    first one's settings, which become its own.

    Args:
        checkpoints: Folders that `wazir train` wrote.
        output: Folder to write.
        command: The command that asked for it, for the model card.

    Returns:
        The metrics that are also written to `metrics.json`.

    Raises:
        ModelError: a file is missing, or the checkpoints differ in tokenizer, labels or shape.
        DataError: the dev data cannot be read.
    """
    first = checkpoints[0]
    for folder in checkpoints:
        same_labels = read_checkpoint(folder).scheme == read_checkpoint(first).scheme
        if not same_labels or require(folder / TOKENIZER).read_bytes() != (first / TOKENIZER).read_bytes():
            raise ModelError(f"{folder}: its labels or tokenizer are not those of {first}. Average runs of one base.")
    weights = [load_file(require(folder / WEIGHTS)) for folder in checkpoints]
    shapes = [{name: tensor.shape for name, tensor in w.items()} for w in weights]
    if any(shape != shapes[0] for shape in shapes):
        raise ModelError(f"the checkpoints differ in shape from {first}. Average runs of one base.")
    model = WazirForTokenClassification.from_pretrained(first)
    model.load_state_dict({name: torch.stack([w[name] for w in weights]).mean(0) for name in weights[0]})

    metrics = [json.loads(require(folder / METRICS).read_text(encoding="utf-8")) for folder in checkpoints]
    made_of = joined(metrics)
    config = replace(load_config(first / TRAINING_CONFIG), output=str(output))
    kept = {k: metrics[0][k] for k in ("seed", "train_paragraphs", "left_out_paragraphs", "versions")}
    figures = {**made_of, "commands": [*made_of["commands"], command], **kept}
    return finish(Base(model, read_tokenizer(first)), {"dev": read_dev(config.data)}, config, figures)
