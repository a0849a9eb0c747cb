"""Runs that can stop and go on: their states at the start, and a disk that may be full."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accelerate import PartialState
from rich.console import Console
from safetensors import SafetensorError

from wazir.errors import WazirError, short
from wazir_training.record import RunRecord
from wazir_training.settings import ConfigError
from wazir_training.states import all_states, is_whole, last_whole, remove_broken, step_of

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
