"""Adaptation: from a configuration and raw text to an adapted base, through states from which a stopped run goes on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from datasets import Dataset
from rich.console import Console
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import set_seed

from wazir_training.adaptation.config import AdaptConfig, StudentConfig
from wazir_training.adaptation.language_model import (
    Guesses,
    MaskedLanguageModel,
    load_language_model,
    mask_of,
    ordinary_pieces,
    save_base,
    student_of,
)
from wazir_training.adaptation.masking import MaskingCollator
from wazir_training.adaptation.packing import pack
from wazir_training.callbacks import SealStates, StopOnSignal
from wazir_training.card import TRAINING_CONFIG, add_metrics
from wazir_training.checkpoints import replacing, to_yaml
from wazir_training.data import held_out_texts
from wazir_training.features import IGNORED
from wazir_training.overlap import all_runs
from wazir_training.raw_text import described, fingerprint
from wazir_training.record import lineage, record_of
from wazir_training.runs import guarded_disk, prepare_states, refuse_diverged, run_to_the_end
from wazir_training.states import STATES
from wazir_training.trainer import BudgetTrainer, trainer_arguments

#: Rows of the dev text that are read at once.
_DEV_BATCH = 32


def adapt(
    config: AdaptConfig, *, resume: bool = False, console: Console | None = None, command: str = "wazir adapt"
) -> dict[str, Any]:
    """Train a base on raw text and write it to ``config.output``, where `model.base` finds it.

    Args:
        config: What to do.
        resume: Go on from the last whole state of a run that stopped; begin anew where there is none.
        console: Where progress is told; standard error by default.
        command: The command that asked for it, for the model card of what is made of the base.

    Returns:
        The metrics that are also written to `metrics.json`.

    Raises:
        WazirError: the base, the text or the configuration cannot be used, the disk is full, or another run has left
            states in the output folder.
        StoppedError: the run was asked to stop; its last state is saved.
    """
    output = Path(config.output)
    states = output / STATES
    arguments = trainer_arguments(
        config.fit,
        states,
        label_names=["labels"],
        load_best_model_at_end=False,
        metric_for_best_model=None,
        restore_callback_states_from_checkpoint=True,
    )
    main = arguments.process_index == 0
    console = (console or Console(stderr=True)) if main else Console(quiet=True)
    set_seed(config.fit.seed)
    base, tokenizer = load_language_model(config)
    held_out = held_out_texts(config.data.held_out)
    state = prepare_states(record_of(config, {"text": fingerprint(config.data.text)}), states, resume, main, console)
    packed = pack(config.data, tokenizer, all_runs(held_out))
    console.print(
        f"{packed.words:,} words of raw text in {len(packed.train):,} rows ({packed.left_out:,} lines left out: they "
        f"share eight words in a row with held-out text), {len(packed.dev):,} rows to test.",
        highlight=False,
    )
    model = student_of(base, config.student.layers) if config.student else base
    hide = MaskingCollator(
        config.masking,
        mask_id=mask_of(tokenizer)[1],
        pad_id=base.config.pad_token_id,
        pieces=ordinary_pieces(tokenizer),
        seed=config.fit.seed,
    )
    if config.fit.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    with StopOnSignal() as stop:
        trainer = _AdaptTrainer(
            fit=config.fit,
            student=config.student,
            teacher=base if config.student else None,
            dev=packed.dev,
            model=model,
            args=arguments,
            train_dataset=packed.train,
            eval_dataset=packed.dev,
            data_collator=hide,
            callbacks=[SealStates(states, config.fit.save_steps), stop],
        )
        figures = run_to_the_end(trainer, stop, states, state, console)
    refuse_diverged(model, states, "fit.learning_rate or fit.head_learning_rate")

    former = lineage(config.base)
    metrics: dict[str, Any] = {
        **former,
        "commands": [*former["commands"], command],
        "text": [*former["text"], *described(config.data.text)],
        "words": packed.words,
        "left_out_lines": packed.left_out,
        "evaluations": [entry for entry in trainer.state.log_history if "eval_loss" in entry],
        **figures,
    }
    if main:
        with guarded_disk(states), replacing(output) as folder:
            save_base(model, tokenizer, folder)
            add_metrics(folder, metrics)
            (folder / TRAINING_CONFIG).write_text(to_yaml(config), encoding="utf-8")
        shutil.rmtree(states)
    PartialState().wait_for_everyone()
    return metrics


class _AdaptTrainer(BudgetTrainer):
    """Guesses hidden sub-tokens, alone or after a teacher."""

    def __init__(
        self, *, student: StudentConfig | None, teacher: MaskedLanguageModel | None, dev: Dataset, **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self._student = student
        self._teacher = None if teacher is None else teacher.eval().requires_grad_(False).to(self.args.device)
        self._dev = dev

    def begin_epoch(self, epoch: int) -> None:
        super().begin_epoch(epoch)
        self.data_collator.epoch = epoch

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | None = None,
    ) -> Any:
        """The loss of a part of a step: its sum over hidden sub-tokens, divided by those of the whole step."""
        guesses = model(**inputs)
        labels = inputs["labels"]
        loss = nn.functional.cross_entropy(guesses.logits, labels[labels != IGNORED], reduction="sum")
        if self._teacher is not None and self._student is not None:
            with torch.no_grad():
                taught = self._teacher(**inputs)
            loss = loss + distillation(guesses, taught, self._student)
        loss = self.mean_of_step(loss, labels, num_items_in_batch)
        return (loss, guesses) if return_outputs else loss

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Loss and share of right guesses at the hidden sub-tokens of the dev rows, always the same ones."""
        self.model.eval()
        epoch, self.data_collator.epoch = self.data_collator.epoch, 0
        loss = right = count = 0.0
        with torch.no_grad(), torch.autocast(self.args.device.type, torch.bfloat16, enabled=self.args.bf16):
            for batch in DataLoader(self._dev, batch_size=_DEV_BATCH, collate_fn=self.data_collator):
                batch = {name: tensor.to(self.args.device) for name, tensor in batch.items()}
                logits = self.model(**batch).logits
                targets = batch["labels"][batch["labels"] != IGNORED]
                loss += float(nn.functional.cross_entropy(logits, targets, reduction="sum"))
                right += float((logits.argmax(-1) == targets).sum())
                count += len(targets)
        self.data_collator.epoch = epoch
        metrics = {"eval_loss": loss / max(count, 1), "eval_accuracy": right / max(count, 1)}
        return self.tell(metrics)


def distillation(student: Guesses, teacher: Guesses, weights: StudentConfig) -> Tensor:
    """Sum over hidden sub-tokens of what a student's guesses lack of its teacher's.

    Cross entropy with the softened guesses, times the squared temperature (Hinton et al. 2015, arXiv 1503.02531,
    section 2), and the cosine distance of the hidden states (Sanh et al. 2019, arXiv 1910.01108, section 3).
    """
    t = weights.temperature
    soft = nn.functional.kl_div(
        (student.logits / t).log_softmax(-1), (teacher.logits / t).log_softmax(-1), reduction="sum", log_target=True
    )
    cosine = nn.functional.cosine_similarity(student.hidden.float(), teacher.hidden.float(), dim=-1)
    return weights.logits * t * t * soft + weights.hidden * (1 - cosine).sum()
