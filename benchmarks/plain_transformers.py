"""How far plain transformers agrees with the tagger on a torch checkpoint.

    python benchmarks/plain_transformers.py CHECKPOINT DATA

A span of the tagger counts as found if transformers' pipeline (``aggregation_strategy="first"``) has one of the same
label that ends at the same letter and begins between the same spaces: particles and signs at its edges do not count.
"""

from __future__ import annotations

import argparse
import re
import warnings

from rich.console import Console
from transformers import pipeline
from transformers.utils import logging

from wazir.tagger import Tagger
from wazir_training.sources import read_data

_LETTERS = re.compile(r"\w(?:[\w\u064b-\u0652]*\w)?")
Edges = tuple[int, int, str]


def words(text: str, start: int, end: int, label: str) -> Edges:
    """A span from the white space before it to the last letter in it."""
    inside = [m.end() for m in _LETTERS.finditer(text) if m.end() > start and m.start() < end]
    begin = len(text[: start + 1].rstrip().rpartition(" ")[0])
    return begin, min(end, inside[-1]) if inside else end, label


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("data")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.set_verbosity_error()
    tagger = Tagger.from_pretrained(given.checkpoint, backend="torch")
    tag = pipeline("token-classification", model=given.checkpoint, aggregation_strategy="first")
    spans = found = 0
    for document in read_data(given.data):
        text = document.text
        mine = {words(text, s.start, s.end, s.label) for s in tagger.predict(text)}
        theirs = {words(text, f["start"], f["end"], f["entity_group"]) for f in tag(text)}
        spans += len(mine)
        found += len(mine & theirs)
    Console().print(f"{found:,} of {spans:,} spans ({found / max(spans, 1):.2%})", highlight=False)


if __name__ == "__main__":
    main()
