"""Model cards: what a checkpoint is, what made it, what it scores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard

from wazir.checkpoint import CONFIG, ONNX, read_checkpoint
from wazir.errors import ModelError, WazirError, short
from wazir_training.card_metadata import metadata
from wazir_training.card_scores import score_lines
from wazir_training.card_texts import label_texts, usage
from wazir_training.config import ScratchConfig, TrainConfig, load_config
from wazir_training.data import carved_every
from wazir_training.evaluate import Evaluation
from wazir_training.report import CALIBRATION, CONFUSION

CARD = "README.md"
METRICS = "metrics.json"
TRAINING_CONFIG = "training_config.yaml"
#: Folder of a checkpoint with the pictures of each data set that scored it.
REPORT = "report"

_TEMPLATE = Path(__file__).with_name("card_template.md")


def add_metrics(folder: Path, values: dict[str, Any]) -> None:
    """Add figures to the `metrics.json` of a checkpoint folder, or begin one."""
    path = folder / METRICS
    metrics = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    path.write_text(json.dumps(metrics | values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_card(folder: Path, evaluations: Mapping[str, Evaluation]) -> Path:
    """Write `README.md` of a checkpoint that `wazir train` made.

    Args:
        folder: The checkpoint folder, with the metrics and settings of its run.
        evaluations: Scores to show, by the name of their data.

    Returns:
        The path of the card.

    Raises:
        ModelError: the metrics or settings of the run are missing.
    """
    try:
        metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))
        config = load_config(folder / TRAINING_CONFIG)
        temperature = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["wazir"]["temperature"]
    except (OSError, json.JSONDecodeError, KeyError, WazirError) as error:
        raise ModelError(
            f"{folder}: no card without {METRICS}, {TRAINING_CONFIG} and {CONFIG} of the run ({short(error)}). "
            "Give a folder that `wazir train` wrote."
        ) from None
    scheme = read_checkpoint(folder).scheme
    card = ModelCard(
        _TEMPLATE.read_text(encoding="utf-8").format(
            metadata=metadata(config, evaluations).to_yaml(),
            name=config.name,
            use=usage(folder, Path(config.output).name),
            **label_texts(scheme),
            base=config.model.base_name or _base(config),
            base_licence=config.model.licence,
            command="\n    ".join(metrics["commands"]),
            paragraphs=metrics["train_paragraphs"],
            taught=f" and {metrics['taught_lines']:,} lines that teachers read" if metrics.get("taught_lines") else "",
            seed=metrics["seed"],
            sources=_sources(config, metrics),
            left_out=metrics["left_out_paragraphs"],
            temperature=temperature,
            dev=_dev(config),
            held_out=" or ".join(f"`{path}`" for path in config.data.held_out) or "other held-out data",
            settings=_settings(config),
            cost=_cost(metrics),
            licence=config.licence,
            runtime=_runtime(metrics) if (folder / ONNX).is_file() else "",
            scores=score_lines(evaluations),
            pictures=_pictures(folder),
            version=metrics["versions"]["wazir"],
        )
    )
    card.save(folder / CARD)
    return folder / CARD


def _sources(config: TrainConfig, metrics: Mapping[str, Any]) -> str:
    """Rows of a table: the marked text of this run and of those before it, and raw text of the base's adaptation."""
    rows = [(s.name or s.path, s.licence) for s in config.data.train]
    earlier = [(s["name"], s["licence"]) for s in metrics.get("earlier_sources", [])]
    rows += [(f"{name}, in an earlier run", licence) for name, licence in earlier if (name, licence) not in rows]
    rows += [(f"{s['name']}, as raw text", s["licence"]) for s in metrics.get("text", [])]
    return "\n".join(f"| {name} | {licence} |" for name, licence in dict.fromkeys(rows))


def _dev(config: TrainConfig) -> str:
    named = " and ".join(f"{s.name or s.path} ({s.licence})" for s in config.data.dev)
    return named or f"one in {carved_every(config.data.dev_share)} of the training paragraphs, kept apart"


def _runtime(metrics: Mapping[str, Any]) -> str:
    agreement = metrics.get("onnx_tag_agreement")
    text = " Measured on `model.onnx`"
    if agreement:
        share, data = f"{agreement['share']:.2%}", agreement["data"]
        text += f", whose tags are those of the torch checkpoint on {share} of the words of {data}"
    return text + "."


def _base(config: TrainConfig) -> str:
    return "none, random weights" if isinstance(config.model.base, ScratchConfig) else config.model.base


def _settings(config: TrainConfig) -> str:
    """The hyper-parameters as rows of a table."""
    fit, model, copies = config.fit, config.model, config.data.augment.copies
    rows = {
        "optimiser": f"AdamW, weight decay {fit.weight_decay:g}, gradients cut to {fit.max_grad_norm:g}",
        "learning rate": f"{fit.learning_rate:g}, of the heads {fit.head_learning_rate:g}",
        "schedule": f"{fit.schedule}, {fit.warmup:.0%} warm-up, {fit.epochs} epochs",
        "batch": f"{fit.batch_tokens:,} sub-tokens",
        "window": f"{model.window} sub-tokens",
        "dropout": f"{model.dropout:g}, before the heads {model.head_dropout:g}",
        "precision": fit.precision,
        "running average of weights": f"{fit.average:g}" if fit.average else "",
        "changed copies of each paragraph": str(copies) if copies else "",
    }
    return "\n".join(f"| {name} | {value} |" for name, value in rows.items() if value)


def _cost(metrics: Mapping[str, Any]) -> str:
    if "train_seconds" not in metrics:
        return "Its energy and CO₂ were not measured."
    took = f"{metrics['train_seconds'] / 60:.0f} minutes on {metrics['machine']['device']}"
    return f"The last training took {took}. Its energy and CO₂ were not measured."


def _pictures(folder: Path) -> str:
    names = {CALIBRATION: "Scores against accuracy", CONFUSION: "Gold labels against those found"}
    found = [(path, title) for name, title in names.items() for path in sorted((folder / REPORT).glob(f"*/{name}"))]
    lines = [f"![{title}]({path.relative_to(folder).as_posix()})" for path, title in found]
    return "\n".join(["", *lines, ""]) if lines else ""
