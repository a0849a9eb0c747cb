"""The model card: every part in its place, and metadata that huggingface_hub reads back as they were meant."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from conftest import CORPUS, SEEDS
from wazir.labels import LabelScheme
from wazir.tagger import Tagger
from wazir_training.card import write_card
from wazir_training.card_texts import label_texts
from wazir_training.evaluate import evaluate

#: A whole card, its parts in order; what differs from model to model is a pattern.
PATTERN = r"""
# Wazir smoke test

A Wazir model: it reads Arabic political news and returns \*\*officials\*\*, \*\*titles\*\*, \*\*organizations\*\* and
\*\*locations\*\* as exact character spans, with OFFICIAL, ORG and LOC nested inside TITLE and ORG\. Particles .*

<div dir="rtl" lang="ar">

نموذج «وزير»: .*المسؤولين والمناصب والهيئات والأماكن.*

</div>

## Use

```python
from wazir import Tagger

tagger = Tagger\.from_pretrained\("checkpoint"\)
.*
`model\.onnx` is the same network .*

.*pipeline\("token-classification", model="checkpoint", aggregation_strategy="first"\)
.*
nlp\.add_pipe\("wazir", config={"model": "checkpoint"}\)
.*
## Labels

\| label \| marks \| بالعربية \|
.*
\| \*\*OFFICIAL\*\* \| the name of a person .*
\| \*\*LOC\*\* \| .*
## Intended use and limits

.*
Do not use it to decide about people.*
## Training

Base model: none, random weights \(licence: not stated\)\. Made by

    wazir train configs/smoke\.yaml output=\S+

with the settings in `training_config\.yaml`; \d+ paragraphs, seed 1\.

\| data that trained it \| licence \|
\|---\|---\|
\| training/corpus/test/hard-cases\.ann \| not stated \|

No paragraph trained it that shares eight words in a row with .*
\| learning rate \| 0\.001, of the heads 0\.002 \|
\| schedule \| linear, 10% warm-up, 2 epochs \|
.*
The last training took \d+ minutes on \S+\. Its energy and CO₂ were not measured\.

The weights are under \*\*cc-by-4\.0\*\*.*
## Scores

Exact spans: .* Measured on `model\.onnx`\. In brackets the 95% interval .*

\| \| Corpus test \| Article \|
\|---\|---\|---\|
\| \*\*outer F1\*\* \| 0\.\d{3} \(0\.\d{3}–\d\.\d{3}\) \| .*
\| OFFICIAL F1 \| .*
\| calibration error \| .*
!\[Scores against accuracy\]\(report/dev/calibration\.png\)
!\[Gold labels against those found\]\(report/dev/confusion\.png\)

## Citation

```bibtex
@software{wazir,
.*```
"""


@pytest.fixture(scope="module")
def card(smoke_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card") / "smoke"
    shutil.copytree(smoke_checkpoint, folder)
    tagger = Tagger.from_pretrained(folder)
    data = {"Corpus test": CORPUS / "test" / "levant.ann", "Article": SEEDS / "bashagha.ann"}
    return write_card(folder, {name: evaluate(tagger, path) for name, path in data.items()})


def test_it_has_every_part(card: Path) -> None:
    text = ModelCard.load(card).text.strip()
    one_line = " ".join(text.split())
    at = 0
    for part in PATTERN.strip().split("\n.*\n"):
        found = re.compile(" ".join(part.split()), re.DOTALL).search(one_line, at)
        assert found, f"missing, or not where it belongs:\n{part}"
        at = found.start() + 1
    assert "{" not in re.sub(r"```.*?```", "", text, flags=re.DOTALL)  # nothing is left unfilled


def test_its_pictures_are_there(card: Path) -> None:
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", card.read_text(encoding="utf-8"))
    assert len(pictures) == 2
    assert all((card.parent / picture).is_file() for picture in pictures)


def test_the_hub_reads_licence_and_scores_with_intervals_for_every_label(card: Path) -> None:
    data = ModelCard.load(card).data
    assert (data.license, data.language, data.library_name) == ("cc-by-4.0", "ar", "wazir")
    assert data.pipeline_tag == "token-classification"
    assert all(example["text"] for example in data.widget)
    results = {(r.dataset_name, r.metric_name): r for r in data.eval_results}
    for name in ("Corpus test", "Article"):
        for what in ("outer", "inner", "OFFICIAL", "TITLE", "ORG", "LOC"):
            result = results[name, f"{what} exact-span F1"]
            assert result.metric_type == "f1"
            assert 0 <= result.metric_value <= 1
            interval = (result.metric_args or {}).get("interval_95")
            assert interval is None or interval[0] <= result.metric_value + 1e-4 <= interval[1] + 2e-4
    assert results["Corpus test", "outer exact-span F1"].metric_args


def test_a_model_with_labels_of_its_own_is_described_by_them() -> None:
    texts = label_texts(LabelScheme(("PERS", "LOC"), (), (), proclitics=False))
    assert texts["what"] == "spans of PERS and LOC"
    assert texts["nested"] == texts["particles"] == texts["particles_arabic"] == ""
    assert "| **PERS** | as its training data mark it |" in texts["labels"]
