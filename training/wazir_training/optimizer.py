"""Which weights learn, and how fast: rates by layer, a rate for the heads, weight decay, frozen layers."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from torch import nn

from wazir_training.config import OptimizationConfig
from wazir_training.settings import ConfigError

_LAYER = re.compile(r"bert\.encoder\.layer\.(\d+)\.")


def freeze_layers(model: nn.Module, layers: int, frozen: int) -> None:
    """Keep the embeddings and the lowest ``frozen`` of ``layers`` encoder layers as they are.

    Raises:
        ConfigError: there are not so many layers.
    """
    if frozen > layers:
        raise ConfigError(f"fit.frozen_layers={frozen} is more than the {layers} layers of the base. Lower it.")
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not frozen or depth_of(name, layers) > frozen


def parameter_groups(
    model: nn.Module, layers: int, fit: OptimizationConfig, decayed: Collection[str]
) -> list[dict[str, Any]]:
    """Groups of AdamW, one for each rate and decay.

    Args:
        model: The network.
        layers: Its encoder layers.
        fit: Rates and decay.
        decayed: Names of the parameters that decay.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            depth = depth_of(name, layers)
            is_head = depth > layers
            rate = fit.head_learning_rate if is_head else fit.learning_rate * fit.layer_decay ** (layers - depth)
            groups.setdefault((rate, fit.weight_decay if name in decayed else 0.0), []).append(parameter)
    return [{"params": params, "lr": rate, "weight_decay": decay} for (rate, decay), params in groups.items()]


def depth_of(name: str, layers: int) -> int:
    """0 for a weight of the embeddings, 1 to ``layers`` for one of an encoder layer, one more for a head."""
    layer = _LAYER.search(name)
    if layer:
        return int(layer[1]) + 1
    return 0 if "bert." in name else layers + 1
