"""Training: a configuration against transformers' documented token classification recipe, on the same data and base.

    python benchmarks/training.py [CONFIG] [KEY=VALUE ...] [--steps 20] [--rounds 3] [--epochs 0]

The recipe is Trainer with its default settings: fp32, AdamW at 5e-5, batches of 8 rows in random order, words of
`is_split_into_words` with a label at their first sub-token, cut at 512 sub-tokens. Each side runs in a process of its
own, in turn, as a busy machine slows both; real sub-tokens (without padding) a second and peak memory are compared.
With --epochs both train that long too, and their word-level F1 on the dev data (seqeval, strict) is compared.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers.utils import logging

from wazir.labels import LabelScheme
from wazir.spans import Document, Span
from wazir.tagging import WordTags, spans_from_tags, tag_words
from wazir.words import find_words
from wazir_training.bases import load_base
from wazir_training.batching import PadCollator
from wazir_training.checkpoints import tagger_of
from wazir_training.config import TrainConfig, load_config
from wazir_training.data import load_data
from wazir_training.features import make_features
from wazir_training.schemes import choose_scheme
from wazir_training.trainer import SpanTrainer, trainer_arguments
from wazir_training.word_scores import strict_scores

SIDES = ("wazir", "recipe")


class Meter(TrainerCallback):  # type: ignore[misc]
    """Counts real sub-tokens a second after a first step that only warms up; may stop after some steps."""

    def __init__(self, collator: Any, steps: int) -> None:
        self.collator, self.steps = collator, steps
        self.tokens = 0
        self.start = self.end = 0.0

    def __call__(self, rows: Sequence[dict[str, Any]]) -> Any:
        self.tokens += sum(len(row["input_ids"]) for row in rows)
        return self.collator(rows)

    def on_step_end(self, _: Any, state: Any, control: Any, **__: Any) -> None:
        self.end = time.perf_counter()
        if state.global_step == 1:
            self.start, self.tokens = self.end, 0
        if self.steps and state.global_step > self.steps:
            control.should_training_stop = True


def run_wazir(
    config: TrainConfig, documents: Sequence[Document], dev: Sequence[Document], scheme: LabelScheme, steps: int
) -> tuple[Meter, list[list[Span]]]:
    base = load_base(config.model, scheme, [])
    rows, _ = make_features(documents, base.tokenizer, scheme, config.model.window)
    meter = Meter(PadCollator(base.model.config.pad_token_id), steps)
    with tempfile.TemporaryDirectory() as folder:
        arguments = trainer_arguments(config.fit, folder, eval_strategy="no", save_strategy="no")
        SpanTrainer(
            fit=config.fit,
            scheme=scheme,
            model=base.model,
            args=arguments,
            train_dataset=rows,
            data_collator=meter,
            callbacks=[meter],
        ).train()
    base.model.eval()
    return meter, [] if steps else tagger_of(base, Path(folder)).predict([d.text for d in dev])


def run_recipe(
    config: TrainConfig, documents: Sequence[Document], dev: Sequence[Document], scheme: LabelScheme, steps: int
) -> tuple[Meter, list[list[Span]]]:
    tokenizer = AutoTokenizer.from_pretrained(config.model.base)
    # The compact base is stored in 16 bits, in which a CPU would take half a minute a step.
    model = AutoModelForTokenClassification.from_pretrained(
        config.model.base, num_labels=scheme.widths[0], dtype="float32"
    )

    def encode(document: Document) -> tuple[Any, list[int]]:
        words = find_words(document.text)
        texts = [document.text[start:end] for start, end in words.tolist()]
        encoded = tokenizer(texts, is_split_into_words=True, truncation=True, max_length=512)
        owners = encoded.word_ids()
        first = [i for i, word in enumerate(owners) if word is not None and owners[i - 1] != word]
        return encoded, first

    columns: dict[str, list[list[int]]] = {"input_ids": [], "attention_mask": [], "labels": []}
    for document in documents:
        encoded, first = encode(document)
        tags, _ = tag_words(document.text, find_words(document.text), document.spans, scheme)
        labels = np.full(len(encoded["input_ids"]), -100)
        labels[first] = [tags.outer[encoded.word_ids()[i]] for i in first]
        for name, values in (*((k, encoded[k]) for k in ("input_ids", "attention_mask")), ("labels", labels.tolist())):
            columns[name].append(values)
    meter = Meter(DataCollatorForTokenClassification(tokenizer), steps)
    with tempfile.TemporaryDirectory() as folder:
        epochs = {"num_train_epochs": config.fit.epochs}
        arguments = TrainingArguments(folder, report_to=[], disable_tqdm=True, save_strategy="no", **epochs)
        rows = Dataset.from_dict(columns)
        Trainer(model=model, args=arguments, train_dataset=rows, data_collator=meter, callbacks=[meter]).train()
    if steps:
        return meter, []
    model.eval()
    predicted = []
    for document in dev:
        encoded, first = encode(document)
        with torch.inference_mode():
            logits = model(**{k: torch.tensor([v]) for k, v in encoded.items() if k != "token_type_ids"}).logits[0]
        words = find_words(document.text)
        outer = np.zeros(len(words), dtype=np.int64)
        outer[[encoded.word_ids()[i] for i in first]] = logits[first].argmax(-1).numpy()
        for i, tag in enumerate(outer.tolist()):  # an I- that continues nothing begins, as conlleval has it
            if tag and tag % 2 == 0 and (i == 0 or outer[i - 1] not in (tag, tag - 1)):
                outer[i] = tag - 1
        tags = WordTags(outer, np.zeros_like(outer), np.full_like(outer, -1))
        predicted.append(spans_from_tags(document.text, words, tags, scheme))
    return meter, predicted


def side(name: str, config: TrainConfig, steps: int) -> dict[str, float]:
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    set_seed(config.fit.seed)
    data = load_data(config.data)
    scheme = choose_scheme(data.train, config.labels)
    meter, predicted = (run_wazir if name == "wazir" else run_recipe)(config, data.train, data.dev, scheme, steps)
    result = {
        "tokens_per_second": meter.tokens / (meter.end - meter.start),
        "seconds": meter.end - meter.start,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if predicted:
        result["f1"] = strict_scores(data.dev, predicted, scheme)["f1"]
    return result


def call(name: str, arguments: argparse.Namespace, steps: int, *overrides: str) -> dict[str, float]:
    command = [sys.executable, __file__, arguments.config, *arguments.overrides, *overrides]
    result = subprocess.run([*command, "--side", name, "--steps", str(steps)], stdout=subprocess.PIPE, check=True)
    return dict(json.loads(result.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="configs/compact.yaml")
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        config = load_config(arguments.config, arguments.overrides)
        print(json.dumps(side(arguments.side, config, arguments.steps)))
        return
    ratios: dict[str, list[float]] = {"speed": [], "memory": []}
    for i in range(arguments.rounds):
        ours, theirs = (call(name, arguments, arguments.steps) for name in SIDES)
        ratios["speed"].append(ours["tokens_per_second"] / theirs["tokens_per_second"])
        ratios["memory"].append(theirs["peak_mib"] / ours["peak_mib"])
        print(
            f"round {i + 1}: wazir {ours['tokens_per_second']:,.0f} and recipe {theirs['tokens_per_second']:,.0f} "
            f"sub-tokens a second, peak memory {ours['peak_mib']:,.0f} and {theirs['peak_mib']:,.0f} MiB",
            flush=True,
        )
    for name, values in ratios.items() if arguments.rounds else ():
        print(f"{name}: {min(values):.2f} to {max(values):.2f} times better, median {statistics.median(values):.2f}")
    if arguments.epochs:
        ours, theirs = (call(name, arguments, 0, f"fit.epochs={arguments.epochs}") for name in SIDES)
        print(
            f"{arguments.epochs} epochs: word-level F1 on dev {ours['f1']:.3f} in {ours['seconds']:.0f} s and "
            f"{theirs['f1']:.3f} in {theirs['seconds']:.0f} s, {theirs['seconds'] / ours['seconds']:.2f} times faster"
        )


if __name__ == "__main__":
    main()
