"""Whole-process time and peak memory: `wazir predict` against transformers.pipeline on the torch checkpoint.

    python benchmarks/startup.py [CHECKPOINT] [--runs 5]

Without a checkpoint, one with random weights and the shape of the bundled model is made: speed does not need them.
The two run in turn, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from wazir.checkpoint import DEFAULT_MODEL, read_tokenizer

ARTICLE = Path(__file__).parent.parent / "seeds" / "bashagha.txt"
PIPELINE = """
import sys
from transformers import pipeline
tagger = pipeline("token-classification", model=sys.argv[1], aggregation_strategy="first")
text = open(sys.argv[2], encoding="utf-8").read()
paragraphs = [line for line in text.split("\\n") if line.strip()]
for paragraph, spans in zip(paragraphs, tagger(paragraphs)):
    for span in spans:
        print(span["start"], span["end"], span["entity_group"], round(float(span["score"]), 2), span["word"])
"""


def random_checkpoint(folder: Path) -> Path:
    from transformers import BertConfig

    from wazir.network import WazirForTokenClassification
    from wazir_training.checkpoints import save_checkpoint

    config = BertConfig.from_dict(json.loads((DEFAULT_MODEL / "config.json").read_text(encoding="utf-8")))
    save_checkpoint(WazirForTokenClassification(config), read_tokenizer(DEFAULT_MODEL), folder)
    return folder


def measure(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak MiB of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        checkpoint = arguments.checkpoint or random_checkpoint(Path(scratch))
        commands = {
            "wazir predict": [str(Path(sys.executable).with_name("wazir")), "predict", str(ARTICLE)],
            "transformers.pipeline": [sys.executable, "-c", PIPELINE, str(checkpoint), str(ARTICLE)],
        }
        for command in commands.values():
            measure(command)  # warms the disk cache
        runs = [{name: measure(command) for name, command in commands.items()} for _ in range(arguments.runs)]
    for name in commands:
        for what, unit, column in (("time", "s", 0), ("peak memory", "MiB", 1)):
            values = [run[name][column] for run in runs]
            low, middle, high = min(values), statistics.median(values), max(values)
            print(f"{name:<22} {what:<12} min {low:8.2f}  median {middle:8.2f}  max {high:8.2f} {unit}")
    for what, column in (("time", 0), ("peak memory", 1)):
        ratios = [run["transformers.pipeline"][column] / run["wazir predict"][column] for run in runs]
        print(f"ratio of {what}: min {min(ratios):.1f}  median {statistics.median(ratios):.1f}  max {max(ratios):.1f}")


if __name__ == "__main__":
    main()
