"""The model inside the package: its size, its card, and what it scores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from conftest import CORPUS, SEEDS
from wazir import Tagger, predict
from wazir.checkpoint import DEFAULT_MODEL
from wazir.documents import read_documents, read_text
from wazir_training.evaluate import evaluate
from wazir_training.scoring import score_spans


def test_the_article_is_read_nearly_without_fault() -> None:
    text = read_text(SEEDS / "bashagha.txt")
    gold, offset = [], 0
    for document in read_documents(SEEDS / "bashagha.ann"):
        offset = text.index(document.text, offset)
        gold += [span.shift(offset) for span in document.spans]
    scores = score_spans([predict(text)], [gold])
    assert scores.outer.gold == 71
    assert scores.outer.f1 >= 0.95


def test_the_test_tenth_of_the_corpus() -> None:
    spans = evaluate(Tagger.from_pretrained(), CORPUS / "test").spans
    assert spans.outer.f1 >= 0.91
    assert spans.inner.f1 >= 0.84


def test_news_of_other_newspapers(gold_data: Path) -> None:
    evaluation = evaluate(Tagger.from_pretrained(), gold_data / "dev.ann")
    assert evaluation.spans.outer.f1 >= 0.92
    assert evaluation.spans.inner.f1 >= 0.82
    assert evaluation.calibration_error < 0.03


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "وصل وزير الخارجية إلى بنغازي، ثم توجه إلى بغداد ولندن وأنقرة.",
            ["وزير الخارجية", "بنغازي", "بغداد", "لندن", "أنقرة"],
        ),
        ("وصل وفد من لـيبيـا إلى تونس", ["لـيبيـا", "تونس"]),
    ],
)
def test_particles_are_cut_off_and_first_letters_are_not(text: str, expected: list[str]) -> None:
    assert [s.text for s in predict(text)] == expected


def test_a_text_gets_nearly_the_same_spans_in_any_company() -> None:
    texts = [d.text for d in read_documents(CORPUS / "test" / "levant.ann")]
    agreement = score_spans(predict(texts), [predict(text) for text in texts])
    assert agreement.outer.f1 > 0.98  # the runtime rounds otherwise in batches of another shape


def test_it_is_small_and_holds_no_pickle() -> None:
    sizes = {p.name: p.stat().st_size for p in DEFAULT_MODEL.iterdir()}
    assert sizes["model.onnx"] < 30_000_000
    assert {Path(name).suffix for name in sizes} == {".onnx", ".json", ".yaml", ".md"}


def test_its_card_names_sources_licences_scores_and_the_command_that_made_it() -> None:
    card = ModelCard.load(DEFAULT_MODEL / "README.md")
    assert card.data.license == "cc-by-sa-4.0"
    names = {f"{what} exact-span F1" for what in ("outer", "inner", "OFFICIAL", "TITLE", "ORG", "LOC")}
    assert names <= {r.metric_name for r in card.data.eval_results}
    text = card.text
    parts = ["wazir train configs/compact.yaml", "antcorpus", "Wikipedia", "ANERcorp", "Wazir corpus", "MIT", "CC BY"]
    assert [part for part in parts if part not in text] == []


def test_its_tags_are_those_of_the_torch_checkpoint_it_was_exported_from() -> None:
    agreement = json.loads((DEFAULT_MODEL / "metrics.json").read_text())["onnx_tag_agreement"]
    assert agreement["share"] >= 0.995  # `wazir export --check` measured it
