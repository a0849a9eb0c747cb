"""Transformers' Trainer, with batches by token budget, a rate for the heads, and exact-span scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments

from wazir.spans import Document
from wazir.tagger import Tagger
from wazir_training.batching import TokenBudgetSampler
from wazir_training.config import FitConfig
from wazir_training.features import LABEL_COLUMNS
from wazir_training.scoring import score_spans


class SpanTrainer(Trainer):  # type: ignore[misc]
    """A Trainer with batches by token budget that evaluates exact spans, decoded as in inference."""

    def __init__(
        self, *, fit: FitConfig, tagger: Tagger | None = None, dev: Sequence[Document] = (), **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self._fit = fit
        self._tagger = tagger
        self._dev = dev

    def get_train_dataloader(self) -> Any:
        """Batches of about ``fit.batch_tokens`` sub-tokens."""
        lengths = [len(ids) for ids in self.train_dataset["input_ids"]]
        sampler = TokenBudgetSampler(lengths, self._fit.batch_tokens, self.args.seed)
        loader = DataLoader(self.train_dataset, batch_sampler=sampler, collate_fn=self.data_collator)
        return self.accelerator.prepare(loader)

    def create_optimizer(self, model: Any = None) -> Any:
        """Trainer's optimizer, in which the heads learn at a rate of their own."""
        optimizer = super().create_optimizer(model)
        heads = {id(p) for n, p in self.model.named_parameters() if not n.startswith("bert.")}
        for group in list(optimizer.param_groups):
            mine = [p for p in group["params"] if id(p) in heads]
            group["params"] = [p for p in group["params"] if id(p) not in heads]
            optimizer.add_param_group({**group, "params": mine, "lr": self._fit.head_learning_rate})
        return optimizer

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Exact-span scores on the dev documents, logged under Trainer's names."""
        assert self._tagger is not None
        self.model.eval()
        with torch.autocast(self.model.device.type, torch.bfloat16, enabled=self.args.bf16):
            predicted = self._tagger.predict([d.text for d in self._dev])
        scores = score_spans(predicted, [d.spans for d in self._dev])
        metrics = {"eval_f1": scores.outer.f1, "eval_inner_f1": scores.inner.f1}
        metrics |= {f"eval_f1_{label}": score.f1 for label, score in scores.labels.items()}
        self.log(metrics)
        self.control: Any = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


def trainer_arguments(fit: FitConfig, folder: str | Path, **changes: Any) -> TrainingArguments:
    """Trainer's settings for an optimisation; it evaluates and saves after every epoch and keeps the best.

    Args:
        fit: The optimisation.
        folder: Where checkpoints of epochs are kept.
        **changes: Other settings of TrainingArguments.
    """
    settings: dict[str, Any] = {
        "output_dir": str(folder),
        "num_train_epochs": fit.epochs,
        "learning_rate": fit.learning_rate,
        "lr_scheduler_type": fit.schedule,
        "warmup_steps": fit.warmup,
        "weight_decay": fit.weight_decay,
        "bf16": fit.precision == "bf16",
        "use_cpu": not torch.cuda.is_available(),
        "seed": fit.seed,
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "save_total_limit": 1,
        "load_best_model_at_end": changes.get("save_strategy") != "no",
        "metric_for_best_model": "eval_f1",
        "logging_steps": 20,
        "label_names": list(LABEL_COLUMNS),
        "report_to": [],
        "disable_tqdm": False,
    }
    return TrainingArguments(**(settings | changes))
