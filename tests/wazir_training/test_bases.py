"""Bases: heads of the same labels learn on, heads of others are new."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from wazir.errors import ModelError
from wazir.labels import LabelScheme
from wazir_training.bases import load_base
from wazir_training.config import ModelConfig


def test_a_checkpoint_with_the_same_labels_keeps_its_heads(smoke_checkpoint: Path) -> None:
    model = load_base(ModelConfig(base=str(smoke_checkpoint), window=64), _scheme(smoke_checkpoint), []).model
    weights = load_file(smoke_checkpoint / "model.safetensors")
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())


def test_as_many_labels_of_other_names_get_new_heads_on_the_same_encoder(smoke_checkpoint: Path) -> None:
    scheme = LabelScheme(("PERS", "LOC", "ORG", "MISC"), (), (), proclitics=False)
    model = load_base(ModelConfig(base=str(smoke_checkpoint), window=64), scheme, []).model
    weights = load_file(smoke_checkpoint / "model.safetensors")
    assert model.inner is None
    assert model.proclitic is None
    assert model.config.id2label[1] == "B-PERS"
    assert not torch.equal(model.classifier.weight, weights["classifier.weight"])
    assert float(model.classifier.weight.detach().std()) > 0.01
    encoder = [name for name in model.state_dict() if name.startswith("bert.")]
    assert all(torch.equal(weights[name], model.state_dict()[name]) for name in encoder)


def test_an_encoder_without_its_weights_is_refused(smoke_checkpoint: Path, tmp_path: Path) -> None:
    shutil.copytree(smoke_checkpoint, tmp_path / "base")
    weights = load_file(smoke_checkpoint / "model.safetensors")
    name = "bert.encoder.layer.0.output.dense.weight"
    for damaged in ({k: v for k, v in weights.items() if k != name}, {**weights, name: weights[name][:4]}):
        save_file(damaged, tmp_path / "base" / "model.safetensors")
        with pytest.raises(ModelError, match=f"weights of the encoder are missing or of another shape, such as {name}"):
            load_base(ModelConfig(base=str(tmp_path / "base"), window=64), LabelScheme(), [])


def test_a_base_without_its_tokenizer_is_refused(smoke_checkpoint: Path, tmp_path: Path) -> None:
    shutil.copytree(smoke_checkpoint, tmp_path / "base")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "base" / name).unlink()
    with pytest.raises(ModelError, match="has no fast tokenizer"):
        load_base(ModelConfig(base=str(tmp_path / "base"), window=64), LabelScheme(), [])


def _scheme(folder: Path) -> LabelScheme:
    from wazir.checkpoint import read_checkpoint

    return read_checkpoint(folder).scheme
