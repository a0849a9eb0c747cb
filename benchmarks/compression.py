"""Size, speed and scores of a checkpoint in each form of weights, side by side in one run.

    python benchmarks/compression.py CHECKPOINT DATA [--rounds 3]

DATA is marked; its texts are tagged by each form in turn, so that a busy machine slows all.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from rich.console import Console

from wazir.tagger import Tagger
from wazir_training.evaluate import narrow_table
from wazir_training.export import WEIGHT_FORMS, WeightForm, export, tag_agreement
from wazir_training.scoring import score_spans
from wazir_training.sources import read_data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    documents = read_data(given.data)
    texts = [d.text for d in documents]
    words = sum(len(text.split()) for text in texts)
    with tempfile.TemporaryDirectory() as scratch:
        paths = {form: export(given.checkpoint, Path(scratch) / form, weights=form) for form in WEIGHT_FORMS}
        taggers = {form: Tagger.from_pretrained(path.parent, backend="onnx") for form, path in paths.items()}
        rates: dict[WeightForm, list[float]] = {form: [] for form in taggers}
        for _ in range(given.rounds):
            for form, tagger in taggers.items():
                start = time.perf_counter()
                tagger.predict(texts)
                rates[form].append(words / (time.perf_counter() - start))
        table = narrow_table("weights", "MB", "words a second", "same tags as fp32", "outer F1", "inner F1")
        for form, tagger in taggers.items():
            scores = score_spans(tagger.predict(texts), [d.spans for d in documents])
            table.add_row(
                form,
                f"{paths[form].stat().st_size / 1e6:.1f}",
                " ".join(f"{rate:,.0f}" for rate in rates[form]),
                f"{tag_agreement(taggers['fp32'], tagger, texts):.2%}",
                f"{scores.outer.f1:.4f}",
                f"{scores.inner.f1:.4f}",
            )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
