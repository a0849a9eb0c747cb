"""Model cards: what a checkpoint is, what made it, what it scores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from wazir.checkpoint import CONFIG, DEFAULT_MODEL, ONNX
from wazir.errors import ModelError, WazirError, short
from wazir_training.config import ScratchConfig, TrainConfig, load_config
from wazir_training.data import carved_every
from wazir_training.evaluate import Evaluation

CARD = "README.md"
METRICS = "metrics.json"
TRAINING_CONFIG = "training_config.yaml"

_TEMPLATE = """---
{metadata}
---

# {name}

A Wazir model: it reads Arabic political news and returns the **officials** (persons who hold, held or are acting in
an office), **titles** (offices, ranks and seats), **organizations** and **locations** in it as exact character spans,
with organizations, locations and officials nested inside titles and organizations.

## Use

```python
from wazir import Tagger

tagger = Tagger.from_pretrained({load})
for span in tagger.predict("التقى وزير الداخلية بحكومة الوفاق الوطني نظيره التركي في أنقرة"):
    print(span.start, span.end, span.label, span.text)
```

{formats}

## Limits

News in Modern Standard Arabic. Dialect, poetry, religious and historical text, and text without punctuation are out of
its experience. Every line is read on its own, so a name broken over two lines is missed. Whether a person holds an
office is decided from the paragraph and from names seen in training: officials of years and countries that the
training texts do not cover are found less surely. Do not use it to decide about people.

## Training

Base model: {base} (licence: {base_licence}). Made by

    {command}

with the settings in `{training_config}`; {paragraphs:,} paragraphs, seed {seed}.

| data that trained it | licence |
|---|---|
{sources}

No paragraph trained it that shares eight words in a row with the dev data or with {held_out}
({left_out} were left out). The best epoch and the temperature of the scores ({temperature}) were chosen on the dev
data, which is {dev}.

The weights are under **{licence}**, as their sources ask; the texts themselves are not part of the model.

## Scores

Exact spans: start, end and label all right.{runtime}

{scores}
"""


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
    is_onnx = (folder / ONNX).is_file()
    card = ModelCard(
        _TEMPLATE.format(
            metadata=_metadata(config, evaluations).to_yaml(),
            name=config.name,
            load="" if folder.resolve() == DEFAULT_MODEL else f'"{folder.name}"',
            formats=(
                "`model.onnx` is the same network for onnxruntime, and all that inference needs besides `config.json` "
                "and `tokenizer.json`."
                if is_onnx
                else "`AutoModelForTokenClassification` of transformers loads it too, and sees the top-level word tags."
            ),
            base=_base_name(config),
            base_licence=config.model.licence,
            command="\n    ".join(metrics["commands"]),
            training_config=TRAINING_CONFIG,
            paragraphs=metrics["train_paragraphs"],
            seed=metrics["seed"],
            sources=_sources(config, metrics),
            left_out=metrics["left_out_paragraphs"],
            temperature=temperature,
            dev=_dev(config),
            held_out=" or ".join(f"`{path}`" for path in config.data.held_out) or "other held-out data",
            licence=config.licence,
            runtime=_runtime(metrics) if is_onnx else "",
            scores=_scores(evaluations),
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


def _base_name(config: TrainConfig) -> str:
    if isinstance(config.model.base, ScratchConfig):
        return "none, random weights"
    return config.model.base_name or config.model.base


def _metadata(config: TrainConfig, evaluations: Mapping[str, Evaluation]) -> ModelCardData:
    results = [
        EvalResult(
            task_type="token-classification",
            dataset_type="-".join(name.lower().split()),
            dataset_name=name,
            metric_type="f1",
            metric_name=f"{layer} exact-span F1",
            metric_value=round(score.f1, 4),
        )
        for name, evaluation in evaluations.items()
        for layer, score in (("outer", evaluation.spans.outer), ("inner", evaluation.spans.inner))
    ]
    return ModelCardData(
        language="ar",
        license=config.licence,
        library_name="wazir",
        pipeline_tag="token-classification",
        tags=["arabic", "news", "named-entity-recognition", "nested-ner"],
        model_name=config.name,
        eval_results=results,
    )


def _scores(evaluations: Mapping[str, Evaluation]) -> str:
    lines = ["| | " + " | ".join(evaluations) + " |", "|---|" + "---|" * len(evaluations)]
    labels = sorted({label for e in evaluations.values() for label in e.spans.labels})
    rows: list[tuple[str, list[float | None]]] = [("**outer F1**", [e.spans.outer.f1 for e in evaluations.values()])]
    rows += [
        (f"{label} F1", [e.spans.labels[label].f1 if label in e.spans.labels else None for e in evaluations.values()])
        for label in labels
    ]
    rows += [
        ("outer precision", [e.spans.outer.precision for e in evaluations.values()]),
        ("outer recall", [e.spans.outer.recall for e in evaluations.values()]),
        ("edges only F1", [e.spans.edges.f1 for e in evaluations.values()]),
        ("**inner F1**", [e.spans.inner.f1 if e.scheme.inner else None for e in evaluations.values()]),
        ("seqeval strict F1 (words)", [e.seqeval["f1"] for e in evaluations.values()]),
        ("seqeval F1 as published for CoNLL data", [e.conll["f1"] for e in evaluations.values()]),
        ("calibration error", [e.calibration_error for e in evaluations.values()]),
    ]
    lines += [
        f"| {name} | " + " | ".join("" if v is None else f"{v:.3f}" for v in values) + " |"
        for name, values in rows
        if any(v is not None for v in values)
    ]
    return "\n".join(lines)
