"""Learning rates by layer, weight decay and frozen layers."""

from __future__ import annotations

import pytest

from wazir.labels import LabelScheme
from wazir_training.bases import load_base
from wazir_training.config import FitConfig, ModelConfig, ScratchConfig
from wazir_training.optimizer import depth_of, freeze_layers, parameter_groups
from wazir_training.settings import ConfigError


@pytest.fixture(scope="module")
def model() -> object:
    config = ModelConfig(base=ScratchConfig(vocabulary=100, hidden=8, layers=3))
    return load_base(config, LabelScheme(), ["زار وزير الخارجية مصر"]).model


def test_each_layer_learns_slower_than_the_one_above_and_heads_at_their_own_rate(model: object) -> None:
    fit = FitConfig(learning_rate=1e-3, head_learning_rate=5e-2, layer_decay=0.5, weight_decay=0.1)
    names = {id(p): n for n, p in model.named_parameters()}  # type: ignore[attr-defined]
    decayed = {n for n in names.values() if n.endswith("weight") and "LayerNorm" not in n}
    groups = parameter_groups(model, 3, fit, decayed)  # type: ignore[arg-type]
    rates = {names[id(p)]: (g["lr"], g["weight_decay"]) for g in groups for p in g["params"]}
    assert rates.keys() == set(names.values())
    assert rates["bert.encoder.layer.2.output.dense.weight"] == (1e-3, 0.1)
    assert rates["bert.encoder.layer.1.output.dense.weight"] == (5e-4, 0.1)
    assert rates["bert.encoder.layer.0.output.LayerNorm.weight"] == (2.5e-4, 0.0)
    assert rates["bert.embeddings.word_embeddings.weight"] == (1.25e-4, 0.1)
    assert rates["classifier.weight"] == rates["inner.weight"] == rates["proclitic.weight"] == (5e-2, 0.1)
    assert rates["classifier.bias"] == (5e-2, 0.0)


def test_frozen_layers_keep_their_weights_and_those_above_learn(model: object) -> None:
    freeze_layers(model, 3, 2)  # type: ignore[arg-type]
    learning = {n for n, p in model.named_parameters() if p.requires_grad}  # type: ignore[attr-defined]
    assert {depth_of(n, 3) for n in learning} == {3, 4}
    groups = parameter_groups(model, 3, FitConfig(), ())  # type: ignore[arg-type]
    assert sum(len(g["params"]) for g in groups) == len(learning)
    freeze_layers(model, 3, 0)  # type: ignore[arg-type]
    assert all(p.requires_grad for p in model.parameters())  # type: ignore[attr-defined]


def test_more_frozen_layers_than_there_are_is_an_error(model: object) -> None:
    with pytest.raises(ConfigError, match=r"fit\.frozen_layers=4 is more than the 3 layers"):
        freeze_layers(model, 3, 4)  # type: ignore[arg-type]
