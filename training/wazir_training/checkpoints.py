"""Writing checkpoint folders: calibrated, scored, with settings and card, and never half of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from tokenizers import Tokenizer
from transformers import BertPreTrainedModel, PreTrainedTokenizerFast

from wazir.backends import TorchBackend
from wazir.checkpoint import CONFIG, ONNX, parse_checkpoint
from wazir.network import WazirForTokenClassification
from wazir.spans import Document
from wazir.tagger import Tagger
from wazir_training.bases import Base
from wazir_training.calibration import fit_temperature, with_temperature
from wazir_training.card import REPORT, TRAINING_CONFIG, add_metrics, write_card
from wazir_training.config import TrainConfig
from wazir_training.evaluate import evaluate
from wazir_training.report import write_report


def tagger_of(base: Base, folder: Path) -> Tagger:
    """A tagger that runs a network as it is trained; ``folder`` names it."""
    return Tagger(parse_checkpoint(folder, base.model.config.to_dict()), base.tokenizer, TorchBackend(base.model))


def finish(
    base: Base,
    data: Mapping[str, Sequence[Document]],
    config: TrainConfig,
    metrics: dict[str, Any],
    history: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Calibrate a trained network and write its checkpoint folder, with scores, pictures, settings and card.

    Args:
        base: The network and its tokenizer.
        data: Documents that score it, by name; those named ``dev`` calibrate it too.
        config: The settings that made it; ``config.output`` is the folder.
        metrics: Figures of the run, for `metrics.json`.
        history: Logged figures of the run, for the learning curves.

    Returns:
        The metrics with the scores.
    """
    base.model.eval()
    output = Path(config.output)
    tagger = tagger_of(base, output)
    temperature = fit_temperature(tagger, data["dev"])
    base.model.config.wazir["temperature"] = round(temperature, 4)
    tagger = with_temperature(tagger, temperature)
    evaluations = {name: evaluate(tagger, documents) for name, documents in data.items() if documents}
    metrics = {**{name: evaluation.to_dict() for name, evaluation in evaluations.items()}, **metrics}
    with replacing(output) as folder:
        save_checkpoint(base.model, base.tokenizer, folder)
        add_metrics(folder, metrics)
        (folder / TRAINING_CONFIG).write_text(to_yaml(config), encoding="utf-8")
        for name, evaluation in evaluations.items():
            write_report(folder / REPORT / name, evaluation, history if name == "dev" else ())
        write_card(folder, evaluations)
    return metrics


def save_checkpoint(model: WazirForTokenClassification, tokenizer: Tokenizer, folder: Path) -> None:
    """Write safetensors, `config.json` and the tokenizer, as plain transformers loads them."""
    write_network(model, tokenizer, folder, "BertForTokenClassification", model.config.wazir["window"])


def write_network(
    model: BertPreTrainedModel, tokenizer: Tokenizer, folder: Path, architecture: str, longest: int, **special: str
) -> None:
    """Write a network as one of transformers' own classes.

    Args:
        model: The network.
        tokenizer: Its tokenizer, which adds two special tokens.
        folder: Receives safetensors, `config.json` and the tokenizer.
        architecture: Class of transformers that loads it.
        longest: Most sub-tokens read at once.
        **special: Special tokens besides those that begin, end and pad.
    """
    model.save_pretrained(folder)
    for path in folder.glob("*.safetensors"):
        path.chmod((folder / CONFIG).stat().st_mode)  # safetensors makes it readable by its owner alone
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    config["architectures"] = [architecture]
    (folder / CONFIG).write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    begin, end = (tokenizer.id_to_token(i) for i in tokenizer.encode("").ids)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token=begin,
        sep_token=end,
        pad_token=tokenizer.id_to_token(model.config.pad_token_id),
        model_max_length=longest,
        **special,
    ).save_pretrained(folder)


@contextmanager
def replacing(output: Path) -> Iterator[Path]:
    """A folder whose files replace those of ``output`` when all are written; `config.json` comes last."""
    part = output / "unfinished"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        (output / CONFIG).unlink(missing_ok=True)
        (output / ONNX).unlink(missing_ok=True)  # of a former network
        for path in sorted(part.iterdir(), key=lambda p: p.name == CONFIG):
            if path.is_dir():
                shutil.rmtree(output / path.name, ignore_errors=True)
            path.replace(output / path.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def to_yaml(config: Any) -> str:
    """A configuration, a dataclass, as it is read again."""
    plain = json.loads(json.dumps(asdict(config)))
    return str(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False))
