"""The project's own corpus, the guidelines' edges in it, and that no test text trains."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from conftest import CORPUS, ROOT, SEEDS
from wazir.checkpoint import DEFAULT_MODEL
from wazir.documents import read_documents, read_text
from wazir.labels import LabelScheme
from wazir.markup import format_markup
from wazir.spans import Document
from wazir_training.config import load_config
from wazir_training.data import load_data
from wazir_training.overlap import all_runs, word_runs
from wazir_training.statistics import count

FILES = sorted(CORPUS.glob("**/*.ann"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(CORPUS)))
def test_reading_and_writing_gives_every_line_back(path: Path) -> None:
    lines = [x for x in read_text(path).split("\n") if x and not x.startswith("###")]
    assert [format_markup(d) for d in read_documents(path)] == lines


@pytest.mark.parametrize("path", [CORPUS, CORPUS / "test", SEEDS / "bashagha.ann"], ids=lambda p: p.name)
def test_word_tags_represent_nearly_every_span(path: Path) -> None:
    statistics = count(list(read_documents(path)), LabelScheme())
    print(f"{path.relative_to(ROOT)}: {statistics.share:.2%} of {statistics.represented + len(statistics.lost)} spans")
    assert statistics.share > 0.995


@pytest.mark.parametrize("name", ["train.ann", "dev.ann"])
def test_word_tags_represent_nearly_every_span_of_the_gold_data(gold_data: Path, name: str) -> None:
    statistics = count(list(read_documents(gold_data / name)), LabelScheme())
    print(f"{name}: {statistics.share:.2%} of {statistics.represented + len(statistics.lost)} spans")
    assert statistics.share > 0.995


def test_no_span_has_punctuation_at_its_edge() -> None:
    edges = set(" \t“”\"'«».,،؛:()ـ")
    spans = [s for path in FILES for d in read_documents(path) for t in d.spans for s in (t, *t.inner)]
    assert [s.text for s in spans if s.text[0] in edges or s.text[-1] in edges - {"ـ"}] == []


def test_the_article_markup_is_the_article() -> None:
    article = read_text(SEEDS / "bashagha.txt")
    paragraphs = [line for line in article.split("\n") if line.strip()]
    assert [d.text for d in read_documents(SEEDS / "bashagha.ann")] == paragraphs


def _test_texts() -> list[str]:
    return [read_text(SEEDS / "bashagha.txt"), *(d.text for d in read_documents(CORPUS / "test"))]


def test_the_corpus_shares_no_eight_words_with_the_article_or_its_test_tenth() -> None:
    runs = all_runs(_test_texts())
    assert _sharing(read_documents(CORPUS), runs) == []


def test_nothing_that_trained_the_bundled_model_shares_eight_words_with_test_data(
    gold_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    data = load_data(load_config(DEFAULT_MODEL / "training_config.yaml").data)
    test_texts = [*_test_texts(), *(d.text for d in read_documents(gold_data / "dev.ann"))]
    assert len(data.train) > 5_000
    # said in another way than in wazir_training.overlap, which left paragraphs out of data.train
    runs = {run for text in test_texts for run in plain_runs(text)}
    assert [d.id for d in data.train if not runs.isdisjoint(plain_runs(d.text))] == []


def plain_runs(text: str) -> list[str]:
    words = re.sub(r"[^\w\s]+", " ", re.sub("[ـ\u064b-\u065f\u0670\u200b-\u200f\u2066-\u2069]", "", text)).split()
    return [" ".join(words[i : i + 8]) for i in range(len(words) - 7)]


def _sharing(documents: Iterable[Document], runs: set[tuple[str, ...]]) -> list[str]:
    return [d.id for d in documents if word_runs(d.text) & runs]
