"""A running average of the weights, which is what a run evaluates and keeps (Polyak averaging)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import TrainerCallback

_FILE = "average.safetensors"


class RunningAverage(TrainerCallback):  # type: ignore[misc]
    """Exponential moving average of a network's weights (Izmailov et al. 2018, arXiv 1803.05407, average all points).

    It is kept in the states of a run, so that a resumed run goes on with it.
    """

    def __init__(self, model: nn.Module, decay: float, states: Path, state: Path | None = None) -> None:
        """Begin an average.

        Args:
            model: The network.
            decay: Share of the average that stays at a step.
            states: Folder of the run's states.
            state: The one of them from which the run goes on.
        """
        self._model = model
        self._states = states
        self._average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))  # type: ignore[no-untyped-call]
        if state is not None:
            self._average.module.load_state_dict(load_file(state / _FILE))
            self._average.n_averaged.fill_(1)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take the weights of a step in; the first are taken as they are."""
        self._average.update_parameters(self._model)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The network has the average's weights for a while."""
        former = {name: weight.clone() for name, weight in self._model.state_dict().items()}
        self._load(self._average.module.state_dict())
        try:
            yield
        finally:
            self._load(former)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Write the average into a new state, before it is sealed."""
        if not state.is_world_process_zero:
            return
        weights = {name: weight.clone().contiguous() for name, weight in self._average.module.state_dict().items()}
        save_file(weights, self._states / f"checkpoint-{state.global_step}" / _FILE)

    def keep(self, state: Path | None) -> None:
        """Give the network the average that a state has, or the present one."""
        self._load(load_file(state / _FILE) if state else self._average.module.state_dict())

    @torch.no_grad()
    def _load(self, weights: dict[str, Tensor]) -> None:
        self._model.load_state_dict(weights)
