"""Training speed: a configuration against the same model in a plain Trainer loop with default settings.

    python benchmarks/training.py [CONFIG] [KEY=VALUE ...] [--steps 20] [--rounds 3]

The plain loop is fp32, dropout 0.1, batches of 16 rows in random order, padded to the longest. Both train the same
rows from the same weights, in turn; real sub-tokens (without padding) a second are compared.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from typing import Any

from transformers import Trainer, TrainerCallback, TrainingArguments, set_seed
from transformers.utils import logging

from wazir.labels import LabelScheme
from wazir_training.bases import load_base
from wazir_training.batching import PadCollator
from wazir_training.config import TrainConfig, load_config
from wazir_training.data import load_data
from wazir_training.features import LABEL_COLUMNS, make_features
from wazir_training.trainer import SpanTrainer, trainer_arguments


class CountingCollator(PadCollator):
    """Counts the real sub-tokens of the batches that it pads."""

    tokens = 0

    def __call__(self, rows: Any) -> dict[str, Any]:
        self.tokens += sum(len(row["input_ids"]) for row in rows)
        return super().__call__(rows)


class Stop(TrainerCallback):  # type: ignore[misc]
    """Stops after some steps, the first of which only warms up."""

    def __init__(self, steps: int, collator: CountingCollator) -> None:
        self.steps, self.collator = steps, collator
        self.start = self.seconds = 0.0

    def on_step_end(self, _: Any, state: Any, control: Any, **__: Any) -> None:
        if state.global_step == 1:
            self.start, self.collator.tokens = time.perf_counter(), 0
        if state.global_step > self.steps:
            self.seconds = time.perf_counter() - self.start
            control.should_training_stop = True


def speed(config: TrainConfig, rows: Any, steps: int, plain: bool) -> float:
    set_seed(config.fit.seed)
    model_config = replace(config.model, dropout=0.1, head_dropout=0.1) if plain else config.model
    base = load_base(model_config, LabelScheme(), [])
    collator = CountingCollator(base.model.config.pad_token_id)
    stop = Stop(steps, collator)
    with tempfile.TemporaryDirectory() as folder:
        common = {"model": base.model, "train_dataset": rows, "data_collator": collator, "callbacks": [stop]}
        if plain:
            arguments = TrainingArguments(
                folder,
                per_device_train_batch_size=16,
                label_names=list(LABEL_COLUMNS),
                report_to=[],
                disable_tqdm=True,
                save_strategy="no",
                seed=config.fit.seed,
            )
            trainer = Trainer(args=arguments, **common)
        else:
            arguments = trainer_arguments(config.fit, folder, eval_strategy="no", save_strategy="no", disable_tqdm=True)
            trainer = SpanTrainer(fit=config.fit, args=arguments, **common)
        trainer.train()
    return collator.tokens / stop.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="configs/compact.yaml")
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    logging.set_verbosity_error()
    config = load_config(arguments.config, arguments.overrides)
    scheme = LabelScheme()
    data = load_data(config.data, scheme)
    rows, _ = make_features(data.train, load_base(config.model, scheme, []).tokenizer, scheme, config.model.window)
    ratios = []
    for i in range(arguments.rounds):
        ours, plain = (speed(config, rows, arguments.steps, plain=plain) for plain in (False, True))
        ratios.append(ours / plain)
        print(
            f"round {i + 1}: {arguments.config} {ours:,.0f}, plain loop {plain:,.0f} tokens a second: {ratios[-1]:.2f}x"
        )
    print(f"ratio: min {min(ratios):.2f}  median {statistics.median(ratios):.2f}  max {max(ratios):.2f}")


if __name__ == "__main__":
    main()
