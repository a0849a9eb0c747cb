"""Plain transformers finds the words and labels of the top level in what a network of ours is taught."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast, TokenClassificationPipeline
from transformers.modeling_outputs import TokenClassifierOutput

from conftest import CORPUS
from wazir.labels import LabelScheme, iob2_tags
from wazir.spans import Document, Span, make_span
from wazir_training.bases import load_base
from wazir_training.config import ModelConfig, ScratchConfig
from wazir_training.features import IGNORED, make_features
from wazir_training.sources import read_data

SCHEME = LabelScheme()
TAGS = iob2_tags(SCHEME.outer)
DOCUMENTS = [d for name in ("levant", "headlines-and-posts") for d in read_data(CORPUS / "test" / f"{name}.ann")]
#: Words without the marks behind them; signs may stay on the spans of plain transformers, marks may not.
_LETTERS = re.compile(r"\w(?:[\w\u064b-\u0652]*\w)?")
Edges = set[tuple[int, int, str]]


class Taught(TokenClassificationPipeline):  # type: ignore[misc]
    """The pipeline on a network that has learned its documents by heart; those inside a word go on with its class."""

    def __init__(self, kind: Any, documents: list[Document]) -> None:
        config = ModelConfig(base=ScratchConfig(tokenizer=kind, vocabulary=1_000, hidden=8, layers=1))
        base = load_base(config, SCHEME, [d.text for d in DOCUMENTS])
        first, last = base.tokenizer.encode("").tokens
        padding = base.tokenizer.id_to_token(0)
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=base.tokenizer, cls_token=first, sep_token=last, pad_token=padding
        )
        shape = BertConfig(
            vocab_size=10, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
        )
        shape.id2label = dict(enumerate(TAGS))
        super().__init__(
            model=BertForTokenClassification(shape).eval(),
            tokenizer=tokenizer,
            aggregation_strategy="first",
            device=torch.device("cpu"),
        )
        rows, _ = make_features(documents, base.tokenizer, SCHEME, 512)
        known = {tuple(row["input_ids"]): row["labels"] for row in rows}

        def forward(input_ids: torch.Tensor, **_: Any) -> TokenClassifierOutput:
            classes, last = [], 0
            for label in known[tuple(input_ids[0].tolist())]:
                last = label if label != IGNORED else last + last % 2  # inside a word B goes on as I
                classes.append(last)
            logits = torch.nn.functional.one_hot(torch.tensor([classes]), len(TAGS)).float()
            return TokenClassifierOutput(logits=logits)

        self.model.forward = forward

    def spans(self, text: str) -> Edges:
        """End and label of what it finds, without the signs and marks behind it; all but signs is in front."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "fallback heuristic", for tokenizers that are no WordPiece
            found = [f for f in self(text) if f["entity_group"] != "O"]
        return {(*trim(text, f["start"], f["end"]), f["entity_group"]) for f in found}


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Edges of the letters from the first whole word to the last."""
    letters = [m.span() for m in _LETTERS.finditer(text) if m.end() > start and m.start() < end]
    return (max(start, letters[0][0]), min(end, letters[-1][1])) if letters else (start, end)


def whole_words(text: str, spans: tuple[Span, ...]) -> Edges:
    """Spans that begin where white space or a sign does, before their particles."""
    found = set()
    for span in spans:
        _, end = trim(text, span.start, span.end)
        word = next(m.start() for m in _LETTERS.finditer(text) if m.end() > span.start)
        found.add((word, end, span.label))
    return found


@pytest.mark.parametrize("kind", ["wordpiece", "unigram"])
def test_its_spans_are_those_of_the_tagger_up_to_particles(kind: str) -> None:
    plain = Taught(kind, DOCUMENTS)
    gold = [(i, *span) for i, d in enumerate(DOCUMENTS) for span in whole_words(d.text, d.spans)]
    found = {(i, *span) for i, d in enumerate(DOCUMENTS) for span in plain.spans(d.text)}
    missed = [
        (DOCUMENTS[i].text[start:end], label) for i, start, end, label in gold if (i, start, end, label) not in found
    ]
    assert len(missed) <= 0.01 * len(gold), missed


@pytest.mark.parametrize("kind", ["wordpiece", "unigram"])
@pytest.mark.parametrize("text", ["زار «حلب» ثم (درعا)، و“دمشق”.", 'أبناء "حلب" ل«حلب» أو "حلب"'])
def test_names_in_quotes_are_found(kind: str, text: str) -> None:
    spans = tuple(make_span(text, *m.span(), "LOC") for m in re.finditer("حلب|درعا|دمشق", text))
    found = Taught(kind, [Document(text, spans)]).spans(text)
    assert {end for _, end, _ in found} == {span.end for span in spans}


@pytest.mark.parametrize("text", ["زار الـوزيـر مـديـنـة حـلـب أمـس", "زارَ الوَزِيرُ مَدِينَةَ حَلَبَ أمسِ"])
def test_its_offsets_are_right_in_text_with_tatweel_and_vowel_marks(text: str) -> None:
    words = [m.span() for m in re.finditer(r"\S+", text)]
    spans = (make_span(text, *words[1], "TITLE"), make_span(text, *words[3], "LOC"))
    assert Taught("unigram", [Document(text, spans)]).spans(text) == whole_words(text, spans)
