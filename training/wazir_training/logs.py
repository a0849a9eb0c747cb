"""Where the figures of a run are logged as they come."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from wazir_training.config import TrainConfig
from wazir_training.settings import ConfigError

#: Folder of an output folder that TensorBoard reads.
LOGS = "logs"


def check_logger(name: str) -> None:
    """Make sure that the library is there before anything is trained.

    Raises:
        ConfigError: it is not installed.
    """
    if name != "none" and find_spec(name) is None:
        raise ConfigError(f"log_to={name} needs a library. Run `pip install {name}`, or set log_to=none.")


def reporters(name: str) -> list[str]:
    """Integrations that Trainer starts itself."""
    return [name] if name in ("trackio", "wandb") else []


def log_callbacks(config: TrainConfig) -> list[Any]:
    """Integrations that we start, as their logs are to outlive the states of the run."""
    if config.log_to != "tensorboard":
        return []
    from torch.utils.tensorboard import SummaryWriter
    from transformers.integrations import TensorBoardCallback

    return [TensorBoardCallback(SummaryWriter(str(Path(config.output) / LOGS)))]
