"""Runs that can stop and go on: their states at the start, their steps to the end, and a disk that may be full."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from rich.console import Console
from safetensors import SafetensorError
from torch import nn
from transformers import PrinterCallback

from wazir.errors import WazirError, short
from wazir_training.callbacks import ShowProgress, StopOnSignal
from wazir_training.record import RunRecord, git_commit, machine, versions
from wazir_training.settings import ConfigError
from wazir_training.states import all_states, is_whole, last_whole, remove_broken, step_of
from wazir_training.trainer import BudgetTrainer

#: Errors of a write that say that the disk is full, or cannot be written for another reason.
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO)


class StoppedError(WazirError):
    """A run that was asked to stop and can go on."""


def prepare_states(record: RunRecord, states: Path, resume: bool, main: bool, console: Console) -> Path | None:
    """The state to go on from, if any; makes a fresh folder for states otherwise."""
    state = last_whole(states)
    if state and not resume:
        raise ConfigError(
            f"{states}: a run stopped here after step {step_of(state)}. Go on with --resume, or delete that folder to "
            "begin anew."
        )
    PartialState().wait_for_everyone()
    if state:
        record.check(states)
        if main:
            for broken in remove_broken(states):
                console.print(f"{broken}: half-written, so left out.", highlight=False)
        console.print(f"Going on after step {step_of(state)}.", highlight=False)
    elif main:
        shutil.rmtree(states, ignore_errors=True)
        try:
            record.save(states)
        except OSError as error:
            raise WazirError(f"{states.parent}: cannot be written ({short(error)}). Give another output.") from None
    PartialState().wait_for_everyone()
    return state


def run_to_the_end(
    trainer: BudgetTrainer, stop: StopOnSignal, states: Path, state: Path | None, console: Console
) -> dict[str, Any]:
    """Train, tell of the progress, and return the figures that every run has.

    Args:
        trainer: What trains; ``stop`` is among its callbacks.
        stop: Knows whether the run was asked to stop.
        states: Folder of the run's states.
        state: The one of them from which it goes on, if any.
        console: Where progress is told.

    Raises:
        StoppedError: the run was asked to stop; its last state is saved.
        WazirError: the disk is full.
    """
    trainer.remove_callback(PrinterCallback)
    trainer.args.logging_steps = min(20, trainer.steps_per_epoch)
    trainer.add_callback(ShowProgress(console, trainer.tokens_per_step))
    with guarded_disk(states):
        result = trainer.train(resume_from_checkpoint=str(state) if state else None)
    at = trainer.state.global_step
    if stop.stopped:
        raise StoppedError(f"stopped and saved after step {at} of {trainer.state.max_steps}. Go on with --resume.")
    before = step_of(state) if state else None
    seconds = float(result.metrics["train_runtime"])
    return {
        "history": [entry for entry in trainer.state.log_history if "loss" in entry],
        "steps": at,
        "resumed_after_step": before,
        "train_seconds": seconds,
        "train_tokens_per_second": (at - (before or 0)) * trainer.tokens_per_step / seconds,
        "processes": trainer.args.world_size,
        "machine": machine(),
        "versions": versions(),
        "git_commit": git_commit(),
    }


def refuse_diverged(model: nn.Module, states: Path, to_lower: str) -> None:
    """Make sure that weights are finite.

    Raises:
        WazirError: they are not; names the settings ``to_lower``.
    """
    if not all(bool(torch.isfinite(p).all()) for p in model.parameters()):
        raise WazirError(
            f"{states.parent}: training diverged, weights are not finite. Delete {states}, and lower {to_lower}."
        )


@contextmanager
def guarded_disk(states: Path) -> Iterator[None]:
    """A write that fails is one clear error, and leaves the last whole state."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        broken = [state for state in all_states(states) if not is_whole(state)]
        full = isinstance(error, SafetensorError) or (isinstance(error, OSError) and error.errno in _DISK_ERRORS)
        if not full and not (broken and isinstance(error, RuntimeError)):  # torch.save has no error of its own
            raise
        remove_broken(states)
        last = last_whole(states)
        rest = f"go on with --resume after step {step_of(last)}" if last else "start again"
        raise WazirError(f"{states.parent}: cannot be written ({short(error)}). Make room there and {rest}.") from None
