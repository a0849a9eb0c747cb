"""Fine-tuning: from a configuration to a checkpoint folder, through states from which a stopped run goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from accelerate import PartialState
from rich.console import Console
from transformers import EarlyStoppingCallback, set_seed

from wazir.errors import DataError
from wazir.labels import LabelScheme
from wazir.spans import Document
from wazir_training.augmentation.augment import augment
from wazir_training.bases import Base, load_base
from wazir_training.batching import PadCollator
from wazir_training.callbacks import SealStates, StopOnSignal
from wazir_training.card import METRICS
from wazir_training.checkpoints import finish, save_checkpoint, tagger_of
from wazir_training.config import ScratchConfig, TrainConfig
from wazir_training.data import TrainingData, load_data
from wazir_training.distillation import TaughtText, ask_teachers, lines_to_teach, read_taught
from wazir_training.features import make_features
from wazir_training.logs import check_logger, log_callbacks, reporters
from wazir_training.optimizer import freeze_layers
from wazir_training.raw_text import described, fingerprint
from wazir_training.record import joined, lineage, record_of
from wazir_training.runs import guarded_disk, prepare_states, refuse_diverged, run_to_the_end
from wazir_training.schemes import check_labels, check_weights, choose_scheme
from wazir_training.states import STATES
from wazir_training.trainer import SpanTrainer, trainer_arguments
from wazir_training.weight_average import RunningAverage


def train(
    config: TrainConfig, *, resume: bool = False, console: Console | None = None, command: str = "wazir train"
) -> dict[str, Any]:
    """Fine-tune a model and write its checkpoint to ``config.output``.

    Args:
        config: What to do.
        resume: Go on from the last whole state of a run that stopped; begin anew where there is none.
        console: Where progress is told; standard error by default.
        command: The command that asked for it, for the model card.

    Returns:
        The metrics that are also written to `metrics.json`.

    Raises:
        WazirError: the base, the data or the configuration cannot be used, the disk is full, or another run has
            left states in the output folder.
        StoppedError: the run was asked to stop; its last state is saved.
    """
    states = Path(config.output) / STATES
    check_logger(config.log_to)
    arguments = trainer_arguments(
        config.fit,
        states,
        report_to=reporters(config.log_to),
        run_name=Path(config.output).name,
        project="wazir",
        restore_callback_states_from_checkpoint=True,
    )
    main, quiet = arguments.process_index == 0, Console(quiet=True)
    console = (console or Console(stderr=True)) if main else quiet

    data = load_data(config.data)
    scheme = choose_scheme(data.train, config.labels)
    check_labels([*data.train, *data.dev, *data.test], scheme)
    check_weights(config.fit.class_weights, scheme)
    raw = {"raw text": fingerprint(config.distil.text)} if config.distil else {}
    record = record_of(config, data.fingerprints() | raw)
    state = prepare_states(record, states, resume, main, console)
    base = _load_base(config, scheme, data, states, main)
    freeze_layers(base.model, base.model.config.num_hidden_layers, config.fit.frozen_layers)
    train = augment(data.train, config.data.augment, config.fit.seed)
    taught = _read_taught(config, scheme, data, states, main, console)
    rows, lost = make_features(
        [*train, *taught.documents],
        base.tokenizer,
        scheme,
        config.model.window,
        [*([None] * len(train)), *taught.probabilities] if config.distil else (),
    )
    if not len(rows):
        raise DataError("the training paragraphs hold nothing that the base can read", "Give other data.train.")
    console.print(
        f"{len(data.train):,} training paragraphs{_and_copies(train, data)} ({len(data.left_out)} left out: they share "
        f"eight words in a row with dev, test or held-out text), {len(data.dev):,} dev paragraphs; {len(lost)} gold "
        "spans cannot be represented."
    )
    for each in lost[:20]:
        console.print(f"  {each.document}: {each.span.label} {each.span.text}", markup=False, highlight=False)

    if state and config.fit.patience and _stopped_early(state, config.fit.patience):
        arguments.num_train_epochs = _trainer_state(state)["epoch"]  # only the end is to do
    if config.fit.gradient_checkpointing:
        base.model.gradient_checkpointing_enable()
    average = RunningAverage(base.model, config.fit.average, states, state) if config.fit.average else None
    with StopOnSignal() as stop, redirect_stdout(StringIO()):  # trackio is talkative
        trainer = SpanTrainer(
            fit=config.fit,
            scheme=scheme,
            tagger=tagger_of(base, Path(config.output)),
            dev=data.dev,
            model=base.model,
            args=arguments,
            train_dataset=rows,
            eval_dataset=rows,  # Trainer wants one; `evaluate` reads the dev documents
            data_collator=PadCollator(base.model.config.pad_token_id),
            average=average,
            callbacks=[
                *([average] if average else []),
                SealStates(states, config.fit.save_steps),
                stop,
                *log_callbacks(config),
            ],
        )
        if config.fit.patience:
            trainer.add_callback(EarlyStoppingCallback(config.fit.patience))
        figures = run_to_the_end(trainer, stop, states, state, console)
    if average:
        best = trainer.state.best_model_checkpoint
        average.keep(Path(best) if best else None)
    teachers = config.distil.teachers if config.distil else ()
    former = joined([lineage(each) for each in (config.model.base, *teachers)])
    metrics: dict[str, Any] = {
        **former,
        "commands": [*former["commands"], command],
        "text": [*former["text"], *(described(config.distil.text) if config.distil else ())],
        "sources": [{"name": s.name or s.path, "licence": s.licence} for s in config.data.train],
        "seed": config.fit.seed,
        "train_paragraphs": len(data.train),
        "taught_lines": len(taught.documents),
        "left_out_paragraphs": len(data.left_out),
        "lost_spans": len(lost),
        "epochs": [entry for entry in trainer.state.log_history if "eval_f1" in entry],
        **figures,
        "data": record.data,
    }
    refuse_diverged(base.model, states, "fit.learning_rate, fit.head_learning_rate or fit.class_weights")
    if main:
        with guarded_disk(states):
            metrics = finish(base, {"dev": data.dev, "test": data.test}, config, metrics, trainer.state.log_history)
        shutil.rmtree(states)
    PartialState().wait_for_everyone()
    return metrics if main else json.loads((Path(config.output) / METRICS).read_text(encoding="utf-8"))


def _load_base(config: TrainConfig, scheme: LabelScheme, data: TrainingData, states: Path, main: bool) -> Base:
    """The base; one from scratch is made once and kept with the states, for other processes and for resuming."""
    set_seed(config.fit.seed)
    if not isinstance(config.model.base, ScratchConfig):
        return load_base(config.model, scheme, [])
    made = states / "base"
    if main and not (made / "tokenizer.json").is_file():
        base = load_base(config.model, scheme, [d.text for d in data.train])
        with guarded_disk(states):
            save_checkpoint(base.model, base.tokenizer, made)
    PartialState().wait_for_everyone()
    return load_base(replace(config.model, base=str(made)), scheme, [])


def _read_taught(
    config: TrainConfig, scheme: LabelScheme, data: TrainingData, states: Path, main: bool, console: Console
) -> TaughtText:
    """What teachers find in raw text; one process asks them, and keeps it with the states."""
    if not config.distil:
        return TaughtText()
    texts, left_out = lines_to_teach(config.distil.text, data.runs)
    console.print(
        f"{len(texts):,} lines of raw text as teachers read them ({left_out} left out: they share eight words in a row "
        "with dev, test or held-out text).",
        highlight=False,
    )
    kept = states / "taught.safetensors"
    if main and not kept.is_file():
        with guarded_disk(states):
            ask_teachers(config.distil.teachers, texts, scheme, kept, console)
    PartialState().wait_for_everyone()
    return read_taught(texts, config.distil.teachers[0], scheme, kept)


def _stopped_early(state: Path, patience: int) -> bool:
    """Whether a state is the one at which a run stopped for not getting better."""
    callbacks = _trainer_state(state)["stateful_callbacks"]
    waited = callbacks["EarlyStoppingCallback"]["attributes"]["early_stopping_patience_counter"]
    return bool(waited >= patience)


def _trainer_state(state: Path) -> dict[str, Any]:
    return dict(json.loads((state / "trainer_state.json").read_text(encoding="utf-8")))


def _and_copies(train: Sequence[Document], data: TrainingData) -> str:
    copies = len(train) - len(data.train)
    return f" and {copies:,} changed copies" if copies else ""
