"""Fine-tuning: from a configuration to a checkpoint folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import yaml
from datasets import Dataset
from rich.console import Console
from tokenizers import Tokenizer
from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerFast, Trainer, TrainingArguments, set_seed

from wazir.backends import TorchBackend
from wazir.checkpoint import CONFIG, ONNX, Checkpoint
from wazir.labels import LabelScheme
from wazir.network import WazirForTokenClassification
from wazir.spans import Document
from wazir.tagger import Tagger
from wazir_training.bases import load_base
from wazir_training.batching import PadCollator, TokenBudgetSampler
from wazir_training.calibration import fit_temperature, with_temperature
from wazir_training.card import METRICS, TRAINING_CONFIG, add_metrics, write_card
from wazir_training.config import FitConfig, TrainConfig
from wazir_training.data import load_data
from wazir_training.evaluate import evaluate
from wazir_training.features import LABEL_COLUMNS, make_features
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


def train(config: TrainConfig, console: Console | None = None, command: str = "wazir train") -> dict[str, Any]:
    """Fine-tune a model and write its checkpoint to ``config.output``.

    Args:
        config: What to do.
        console: Where progress is told; standard error by default.
        command: The command that asked for it, for the model card.

    Returns:
        The metrics that are also written to `metrics.json`.

    Raises:
        WazirError: the base, the data or the configuration cannot be used.
    """
    console = console or Console(stderr=True)
    set_seed(config.fit.seed)
    scheme = LabelScheme()
    data = load_data(config.data, scheme)
    base = load_base(config.model, scheme, [d.text for d in data.train])
    rows, lost = make_features(data.train, base.tokenizer, scheme, config.model.window)
    console.print(
        f"{len(data.train):,} training paragraphs ({len(data.left_out)} left out: they share eight words in a row "
        f"with dev or held-out text), {len(data.dev):,} dev paragraphs; {len(lost)} gold spans cannot be represented."
    )
    for each in lost[:20]:
        console.print(f"  {each.document}: {each.span.label} {each.span.text}", markup=False, highlight=False)

    output = Path(config.output)
    checkpoint = Checkpoint(output, scheme, 1.0, config.model.window, base.model.config.pad_token_id)
    tagger = Tagger(checkpoint, base.tokenizer, TorchBackend(base.model))
    trainer = SpanTrainer(
        fit=config.fit,
        tagger=tagger,
        dev=data.dev,
        model=base.model,
        args=trainer_arguments(config.fit, output / "steps"),
        train_dataset=rows,
        eval_dataset=rows,  # Trainer wants one; `evaluate` reads the dev documents
        data_collator=PadCollator(checkpoint.pad_id),
    )
    result = trainer.train()
    base.model.eval()

    temperature = fit_temperature(tagger, data.dev)
    base.model.config.wazir["temperature"] = round(temperature, 4)
    tagger = with_temperature(tagger, temperature)
    save_checkpoint(base.model, base.tokenizer, output)
    evaluation = evaluate(tagger, data.dev)
    metrics = {
        "dev": evaluation.to_dict(),
        "epochs": [entry for entry in trainer.state.log_history if "eval_f1" in entry],
        "command": command,
        "seed": config.fit.seed,
        "train_paragraphs": len(data.train),
        "left_out_paragraphs": len(data.left_out),
        "lost_spans": len(lost),
        "train_seconds": result.metrics["train_runtime"],
        "train_tokens_per_second": _tokens(rows) * config.fit.epochs / result.metrics["train_runtime"],
        "versions": {name: version(name) for name in ("wazir", "torch", "transformers", "tokenizers")},
    }
    (output / METRICS).unlink(missing_ok=True)
    add_metrics(output, metrics)
    (output / TRAINING_CONFIG).write_text(_to_yaml(config), encoding="utf-8")
    write_card(output, {"dev": evaluation})
    shutil.rmtree(output / "steps")
    return metrics


def save_checkpoint(model: WazirForTokenClassification, tokenizer: Tokenizer, folder: Path) -> None:
    """Write safetensors, `config.json` and the tokenizer, as plain transformers loads them."""
    model.save_pretrained(folder)
    (folder / ONNX).unlink(missing_ok=True)  # of a former network
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    config["architectures"] = ["BertForTokenClassification"]
    (folder / CONFIG).write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    begin, end = (tokenizer.id_to_token(i) for i in tokenizer.encode("").ids)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token=begin,
        sep_token=end,
        pad_token=tokenizer.id_to_token(model.config.pad_token_id),
        model_max_length=model.config.wazir["window"],
    ).save_pretrained(folder)


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


def _tokens(rows: Dataset) -> int:
    return sum(len(ids) for ids in rows["input_ids"])


def _to_yaml(config: TrainConfig) -> str:
    values = asdict(config)
    plain = json.loads(json.dumps(values))
    return str(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False))
