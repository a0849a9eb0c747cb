"""Fine-tuning: from a configuration to a checkpoint folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from datasets import Dataset
from rich.console import Console
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast, set_seed

from wazir.backends import TorchBackend
from wazir.checkpoint import CONFIG, ONNX, Checkpoint
from wazir.labels import LabelScheme, labels_of_tags
from wazir.network import WazirForTokenClassification
from wazir.spans import Document
from wazir.tagger import Tagger
from wazir_training.bases import Base, load_base
from wazir_training.batching import PadCollator
from wazir_training.calibration import fit_temperature, with_temperature
from wazir_training.card import METRICS, TRAINING_CONFIG, add_metrics, write_card
from wazir_training.config import TrainConfig
from wazir_training.data import load_data
from wazir_training.evaluate import evaluate
from wazir_training.features import make_features
from wazir_training.trainer import SpanTrainer, trainer_arguments


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
    scheme = LabelScheme()
    data = load_data(config.data, scheme)
    set_seed(config.fit.seed)
    base = load_base(config.model, scheme, [d.text for d in data.train])
    rows, lost = make_features(data.train, base.tokenizer, scheme, config.model.window)
    console.print(
        f"{len(data.train):,} training paragraphs ({len(data.left_out)} left out: they share eight words in a row "
        f"with dev or held-out text), {len(data.dev):,} dev paragraphs; {len(lost)} gold spans cannot be represented."
    )
    for each in lost[:20]:
        console.print(f"  {each.document}: {each.span.label} {each.span.text}", markup=False, highlight=False)

    output = Path(config.output)
    trainer = SpanTrainer(
        fit=config.fit,
        tagger=_tagger(base, output),
        dev=data.dev,
        model=base.model,
        args=trainer_arguments(config.fit, output / "epochs"),
        train_dataset=rows,
        eval_dataset=rows,  # Trainer wants one; `evaluate` reads the dev documents
        data_collator=PadCollator(base.model.config.pad_token_id),
    )
    result = trainer.train()
    seconds = float(result.metrics["train_runtime"])
    metrics = {
        "commands": [*_commands_of(config.model.base), command],
        "seed": config.fit.seed,
        "train_paragraphs": len(data.train),
        "left_out_paragraphs": len(data.left_out),
        "lost_spans": len(lost),
        "epochs": [entry for entry in trainer.state.log_history if "eval_f1" in entry],
        "train_seconds": seconds,
        "train_tokens_per_second": _tokens(rows) * config.fit.epochs / seconds,
        "versions": {name: version(name) for name in ("wazir", "torch", "transformers", "tokenizers")},
    }
    metrics = finish(base, data.dev, config, metrics)
    shutil.rmtree(output / "epochs")
    return metrics


def finish(base: Base, dev: Sequence[Document], config: TrainConfig, metrics: dict[str, Any]) -> dict[str, Any]:
    """Calibrate a trained network and write its checkpoint folder, with scores, settings and card.

    Args:
        base: The network and its tokenizer.
        dev: Documents that calibrate and score it.
        config: The settings that made it; ``config.output`` is the folder.
        metrics: Figures of the run, for `metrics.json`.

    Returns:
        The metrics with the scores on ``dev``.
    """
    output = Path(config.output)
    base.model.eval()
    tagger = _tagger(base, output)
    temperature = fit_temperature(tagger, dev)
    base.model.config.wazir["temperature"] = round(temperature, 4)
    save_checkpoint(base.model, base.tokenizer, output)
    evaluation = evaluate(with_temperature(tagger, temperature), dev)
    metrics = {"dev": evaluation.to_dict(), **metrics}
    (output / METRICS).unlink(missing_ok=True)
    add_metrics(output, metrics)
    (output / TRAINING_CONFIG).write_text(_to_yaml(config), encoding="utf-8")
    write_card(output, {"dev": evaluation})
    return metrics


def _commands_of(base: object) -> list[str]:
    """The commands that made a base which is itself a checkpoint of ours."""
    path = Path(base) / METRICS if isinstance(base, str) else None
    if path is None or not path.is_file():
        return []
    return list(json.loads(path.read_text(encoding="utf-8")).get("commands", []))


def _tagger(base: Base, folder: Path) -> Tagger:
    config = base.model.config
    scheme = LabelScheme(
        labels_of_tags(config.id2label), tuple(config.wazir["inner_labels"]), tuple(config.wazir["nesting_labels"])
    )
    checkpoint = Checkpoint(folder, scheme, 1.0, config.wazir["window"], config.pad_token_id)
    return Tagger(checkpoint, base.tokenizer, TorchBackend(base.model))


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


def _tokens(rows: Dataset) -> int:
    return sum(len(ids) for ids in rows["input_ids"])


def _to_yaml(config: TrainConfig) -> str:
    values = asdict(config)
    plain = json.loads(json.dumps(values))
    return str(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False))
