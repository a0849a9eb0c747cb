"""Fine-tuning: from a configuration to a checkpoint folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import yaml
from datasets import Dataset
from rich.console import Console
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import PreTrainedTokenizerFast, set_seed

from wazir.backends import TorchBackend
from wazir.checkpoint import CONFIG, ONNX, WEIGHTS, Checkpoint
from wazir.labels import LabelScheme
from wazir.network import WazirForTokenClassification
from wazir.tagger import Tagger
from wazir_training.bases import Base, load_base
from wazir_training.batching import PadCollator
from wazir_training.calibration import fit_temperature, with_temperature
from wazir_training.card import METRICS, TRAINING_CONFIG, add_metrics, write_card
from wazir_training.config import TrainConfig
from wazir_training.data import TrainingData, load_data
from wazir_training.evaluate import evaluate
from wazir_training.features import make_features
from wazir_training.trainer import SpanTrainer, trainer_arguments

Weights = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Run:
    """One finished optimisation.

    Attributes:
        weights: Its best weights.
        epochs: Dev scores after each epoch.
        seconds: Time it took.
    """

    weights: Weights
    epochs: list[dict[str, float]]
    seconds: float


def train(config: TrainConfig, console: Console | None = None, command: str = "wazir train") -> dict[str, Any]:
    """Fine-tune a model and write its checkpoint to ``config.output``.

    With ``config.fit.soup`` several runs are made and their weights averaged; finished ones of an interrupted
    command are used again.

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
    tagger = _tagger(base, output, scheme)
    initial = _weights(base.model)  # all runs of a soup begin with the same heads
    runs = []
    for number, fit in enumerate(config.fit.runs(), 1):
        base.model.load_state_dict(initial)
        runs.append(_run(replace(config, fit=fit), output / "steps" / f"run-{number}", base, tagger, data, rows))
    base.model.load_state_dict(average([run.weights for run in runs]))
    base.model.eval()
    temperature = fit_temperature(tagger, data.dev)
    base.model.config.wazir["temperature"] = round(temperature, 4)
    save_checkpoint(base.model, base.tokenizer, output)
    evaluation = evaluate(with_temperature(tagger, temperature), data.dev)
    seconds = sum(run.seconds for run in runs)
    metrics = {
        "dev": evaluation.to_dict(),
        "runs": [run.epochs for run in runs],
        "commands": [*_commands_of(config.model.base), command],
        "seed": config.fit.seed,
        "train_paragraphs": len(data.train),
        "left_out_paragraphs": len(data.left_out),
        "lost_spans": len(lost),
        "train_seconds": seconds,
        "train_tokens_per_second": _tokens(rows) * config.fit.epochs * len(runs) / seconds,
        "versions": {name: version(name) for name in ("wazir", "torch", "transformers", "tokenizers")},
    }
    (output / METRICS).unlink(missing_ok=True)
    add_metrics(output, metrics)
    (output / TRAINING_CONFIG).write_text(_to_yaml(config), encoding="utf-8")
    write_card(output, {"dev": evaluation})
    shutil.rmtree(output / "steps")
    return metrics


def _commands_of(base: object) -> list[str]:
    """The commands that made a base which is itself a checkpoint of ours."""
    path = Path(base) / METRICS if isinstance(base, str) else None
    if path is None or not path.is_file():
        return []
    return list(json.loads(path.read_text(encoding="utf-8")).get("commands", []))


def average(weights: Sequence[Weights]) -> Weights:
    """Mean of the weights of runs from one base (model soup, Wortsman et al. 2022, arXiv 2203.05482)."""
    return {name: torch.stack([w[name].float() for w in weights]).mean(0) for name in weights[0]}


def _tagger(base: Base, folder: Path, scheme: LabelScheme) -> Tagger:
    config = base.model.config
    checkpoint = Checkpoint(folder, scheme, 1.0, config.wazir["window"], config.pad_token_id)
    return Tagger(checkpoint, base.tokenizer, TorchBackend(base.model))


def _weights(model: WazirForTokenClassification) -> Weights:
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def _run(config: TrainConfig, folder: Path, base: Base, tagger: Tagger, data: TrainingData, rows: Dataset) -> Run:
    """One optimisation of ``base``, or what is left of the same one in ``folder``."""
    settings = folder / TRAINING_CONFIG
    if settings.is_file() and settings.read_text(encoding="utf-8") == _to_yaml(config):
        finished = json.loads((folder / METRICS).read_text(encoding="utf-8"))
        return Run(load_file(folder / WEIGHTS), finished["epochs"], finished["seconds"])
    trainer = SpanTrainer(
        fit=config.fit,
        tagger=tagger,
        dev=data.dev,
        model=base.model,
        args=trainer_arguments(config.fit, folder / "epochs"),
        train_dataset=rows,
        eval_dataset=rows,  # Trainer wants one; `evaluate` reads the dev documents
        data_collator=PadCollator(base.model.config.pad_token_id),
    )
    result = trainer.train()
    weights = _weights(base.model)
    epochs = [entry for entry in trainer.state.log_history if "eval_f1" in entry]
    seconds = float(result.metrics["train_runtime"])
    save_file(weights, folder / WEIGHTS)
    add_metrics(folder, {"epochs": epochs, "seconds": seconds})
    settings.write_text(_to_yaml(config), encoding="utf-8")  # last: it says that the run is finished
    shutil.rmtree(folder / "epochs")
    return Run(weights, epochs, seconds)


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
