"""What happens around the steps of a run: the progress bar, states that can be taken up again, an orderly stop."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from accelerate import PartialState
from accelerate.utils import gather_object
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from transformers import TrainerCallback

from wazir_training.states import rotate, seal


class SealStates(TrainerCallback):  # type: ignore[misc]
    """Saves a state every so many steps, besides those of epochs, and seals each."""

    def __init__(self, folder: Path, every: int) -> None:
        self._folder = folder
        self._every = every

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Find the best state where it is now: the folder may have been moved since the run stopped."""
        best = self._folder / f"checkpoint-{state.best_global_step}"
        state.best_model_checkpoint = str(best) if best.is_dir() else None

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask for a state; the last step of an epoch is saved when the epoch has been scored."""
        if self._every and state.global_step % self._every == 0 and state.epoch % 1:
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Seal the state when all processes have written theirs."""
        PartialState().wait_for_everyone()
        if state.is_world_process_zero:
            seal(self._folder / f"checkpoint-{state.global_step}")
            rotate(self._folder, state.best_model_checkpoint and Path(state.best_model_checkpoint))
        PartialState().wait_for_everyone()


class StopOnSignal(TrainerCallback):  # type: ignore[misc]
    """Saves and stops after the present step on Ctrl-C or a request to terminate; a second one stops at once."""

    def __init__(self) -> None:
        self.stopped = False
        self._asked = self._agreed = False
        self._former: dict[signal.Signals, Any] = {}

    def __enter__(self) -> StopOnSignal:
        for each in (signal.SIGINT, signal.SIGTERM):
            try:
                self._former[each] = signal.signal(each, self._ask)
            except ValueError:  # not in the main thread: the caller handles signals
                break
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._former.items():
            signal.signal(each, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop all processes after the same step; the last one of an epoch is scored before."""
        self._agreed = any(gather_object([self._asked])) if args.world_size > 1 else self._asked
        if self._agreed and state.epoch % 1:
            self.stopped = True
            control.should_save = control.should_training_stop = True

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """An epoch that is broken off is not scored: the run that goes on will."""
        if self.stopped:
            control.should_log = control.should_evaluate = control.should_save = False
        elif self._agreed and state.global_step < state.max_steps:
            self.stopped = control.should_training_stop = True


class ShowProgress(TrainerCallback):  # type: ignore[misc]
    """A bar with loss, dev scores, speed and time left, and a line that stays for each evaluation."""

    def __init__(self, console: Console, tokens_per_step: float) -> None:
        self._console = console
        self._tokens_per_step = tokens_per_step
        self._loss = self._scores = ""
        self._first = 0
        self._start = 0.0
        self._task = TaskID(0)
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Open the bar."""
        self._first, self._start = state.global_step, time.perf_counter()
        self._task = self._bar.add_task(
            "train", total=state.max_steps, completed=state.global_step, epoch="1", figures=""
        )
        self._bar.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=state.global_step, figures=self._figures(state))

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
        """Note what is new, and write the scores of an epoch."""
        if "loss" in logs:
            self._loss = f"loss {logs['loss']:.3f}"
        if scores := _scores(logs):
            self._scores = scores
            self._bar.update(self._task, epoch=f"{int(state.epoch) + 1}")
            self._console.print(f"epoch {state.epoch:.0f}: {self._figures(state)}", highlight=False)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Close the bar."""
        self._bar.stop()

    def _figures(self, state: Any) -> str:
        seconds = max(time.perf_counter() - self._start, 1e-9)
        speed = (state.global_step - self._first) * self._tokens_per_step / seconds
        return ", ".join(x for x in (self._loss, self._scores, f"{speed:,.0f} sub-tokens a second") if x)


def _scores(logs: Mapping[str, float]) -> str:
    """What an evaluation found, of a tagger or of a language model."""
    if "eval_accuracy" in logs:
        return f"{100 * logs['eval_accuracy']:.1f}% of hidden sub-tokens guessed"
    if "eval_f1" not in logs:
        return ""
    nested = f" (nested {logs['eval_inner_f1']:.3f})" if "eval_inner_f1" in logs else ""
    return f"dev F1 {logs['eval_f1']:.3f}{nested}"
