"""Transformers' Trainer, with batches by token budget, a loss over three heads, and exact-span scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import gather_object
from datasets import Dataset
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback, TrainingArguments

from wazir.labels import LabelScheme
from wazir.spans import Document
from wazir.tagger import Tagger
from wazir_training.batching import TokenBudgetSampler
from wazir_training.config import FitConfig, OptimizationConfig
from wazir_training.features import IGNORED, LABEL_COLUMNS, SOFT_COLUMNS
from wazir_training.losses import SpanLoss, disagreement
from wazir_training.optimizer import parameter_groups
from wazir_training.scoring import score_spans
from wazir_training.settings import ConfigError
from wazir_training.weight_average import RunningAverage


class _DataOrder(TrainerCallback):  # type: ignore[misc]
    """Tells the trainer the epoch, as Trainer does not reach a sampler below both of accelerate's wrappers."""

    def __init__(self, trainer: BudgetTrainer) -> None:
        self._trainer = trainer

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._trainer.begin_epoch(state.global_step // self._trainer.steps_per_epoch)


class BudgetTrainer(Trainer):  # type: ignore[misc]
    """A Trainer whose batches have a token budget, and whose steps depend on neither devices nor accumulation."""

    def __init__(self, *, fit: OptimizationConfig, train_dataset: Dataset, **arguments: Any) -> None:
        super().__init__(train_dataset=train_dataset, **arguments)
        self.optimizer: Any = None  # made by `create_optimizer`
        self._fit = fit
        lengths = [len(ids) for ids in train_dataset["input_ids"]]
        parts = fit.accumulation * self.args.world_size
        self._sampler = TokenBudgetSampler(lengths, fit.batch_tokens, self.args.seed, parts)
        self.steps_per_epoch = len(self._sampler) // parts
        self.tokens_per_step = sum(lengths) / self.steps_per_epoch
        self.add_callback(_DataOrder(self))

    def begin_epoch(self, epoch: int) -> None:
        """Order the data as that pass over it has it."""
        self._sampler.set_epoch(epoch)

    def get_train_dataloader(self) -> Any:
        """Steps of about ``fit.batch_tokens`` sub-tokens, in as many parts as devices and accumulation ask for."""
        first = self.train_dataset[0]
        empty = {name: [values[0], values[-1]] for name, values in first.items()}  # its special tokens alone
        rows = self.train_dataset.add_item(empty)
        loader = DataLoader(rows, batch_sampler=self._sampler, collate_fn=self.data_collator)
        return self.accelerator.prepare(loader)

    def create_optimizer(self, model: Any = None) -> Any:
        """AdamW with the rates of `wazir_training.optimizer`."""
        if not self.optimizer:
            model = self.model if model is None else model
            layers = self.model.config.num_hidden_layers
            groups = parameter_groups(model, layers, self._fit, self.get_decay_parameter_names(model))
            kind, settings = self.get_optimizer_cls_and_kwargs(self.args, model)
            self.optimizer = kind(groups, **settings)
        return self.optimizer

    def mean_of_step(self, total: Tensor, labels: Tensor, items: Tensor | None) -> Tensor:
        """The share of a part of a step in the mean loss of the step.

        Args:
            total: Sum of the losses of the part.
            labels: Its labels, -100 where there is none.
            items: Labels of the whole step on all devices, where Trainer has counted them.
        """
        count = labels.ne(IGNORED).sum() if items is None else items.max()
        # Devices average their gradients, which here must add up.
        mean: Tensor = total / count.clamp(min=1) * self.accelerator.num_processes
        return mean

    def tell(self, metrics: dict[str, float]) -> dict[str, float]:
        """Log what an evaluation found, and let callbacks know."""
        self.log(metrics)
        self.control: Any = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class SpanTrainer(BudgetTrainer):
    """Trains the heads by `SpanLoss`, and evaluates exact spans."""

    def __init__(
        self,
        *,
        fit: FitConfig,
        scheme: LabelScheme,
        train_dataset: Dataset,
        tagger: Tagger | None = None,
        dev: Sequence[Document] = (),
        average: RunningAverage | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(fit=fit, train_dataset=train_dataset, **arguments)
        self._loss = SpanLoss(fit, scheme, label_counts(train_dataset))
        self._passes, self._r_drop = fit.passes, fit.r_drop
        self._tagger = tagger
        self._dev = dev
        self._average = average

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | None = None,
    ) -> Any:
        """The loss of a part of a step: its sum over words, divided by the words of the whole step."""
        columns = (*LABEL_COLUMNS, *SOFT_COLUMNS.values())
        targets = {name: inputs.pop(name) for name in columns if name in inputs}
        outputs = [model(**inputs) for _ in range(self._passes)]
        total = torch.stack([self._loss(output, targets) for output in outputs]).mean()
        if self._r_drop:
            total = total + self._r_drop * disagreement(outputs[0], outputs[1], targets)
        loss = self.mean_of_step(total, targets["labels"], num_items_in_batch)
        return (loss, outputs[0]) if return_outputs else loss

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Exact-span scores on the dev documents, which the processes share out, logged under Trainer's names."""
        assert self._tagger is not None
        self.model.eval()
        rank, processes = self.args.process_index, self.args.world_size
        weights = self._average.applied() if self._average else nullcontext()
        with weights, torch.autocast(self.model.device.type, torch.bfloat16, enabled=self.args.bf16):
            predicted = self._tagger.predict([d.text for d in self._dev[rank::processes]])
        if processes > 1:
            parts = gather_object([predicted])
            predicted = [parts[i % processes][i // processes] for i in range(len(self._dev))]
        scores = score_spans(predicted, [d.spans for d in self._dev])
        metrics = {"eval_f1": scores.outer.f1}
        if scores.inner.gold:
            metrics["eval_inner_f1"] = scores.inner.f1
        metrics |= {f"eval_f1_{label}": score.f1 for label, score in scores.labels.items()}
        return self.tell(metrics)


def label_counts(rows: Dataset) -> Mapping[str, int]:
    """Labelled words of each label column."""
    return {
        name: sum(label != IGNORED for labels in rows[name] for label in labels)
        for name in LABEL_COLUMNS
        if name in rows.column_names
    }


def trainer_arguments(fit: OptimizationConfig, folder: str | Path, **changes: Any) -> TrainingArguments:
    """Trainer's settings for an optimisation; it evaluates and saves after every epoch and keeps the best.

    Args:
        fit: The optimisation.
        folder: Where states of the run are kept.
        **changes: Other settings of TrainingArguments.

    Raises:
        ConfigError: ``fp16`` without a GPU.
    """
    on_gpu = torch.cuda.is_available()
    if fit.precision == "fp16" and not on_gpu:
        raise ConfigError("fit.precision=fp16 needs a GPU. Use bf16 or fp32.")
    settings: dict[str, Any] = {
        "output_dir": str(folder),
        "num_train_epochs": fit.epochs,
        "learning_rate": fit.learning_rate,
        "lr_scheduler_type": "constant_with_warmup" if fit.schedule == "constant" else fit.schedule,
        "warmup_steps": fit.warmup,
        "weight_decay": fit.weight_decay,
        "max_grad_norm": fit.max_grad_norm,
        "gradient_accumulation_steps": fit.accumulation,
        "torch_compile": fit.compile,
        "bf16": fit.precision == "bf16",
        "fp16": fit.precision == "fp16",
        "use_cpu": not on_gpu,
        "seed": fit.seed,
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "load_best_model_at_end": changes.get("save_strategy") != "no",
        "metric_for_best_model": "eval_f1",
        "logging_steps": 20,
        "label_names": list(LABEL_COLUMNS),
        "remove_unused_columns": False,  # the loss is not the network's, so it does not name the labels
        "ddp_find_unused_parameters": False,
        "average_tokens_across_devices": True,
        "accelerator_config": {"even_batches": False},
        "report_to": [],
        "disable_tqdm": True,
    }
    return TrainingArguments(**(settings | changes))
