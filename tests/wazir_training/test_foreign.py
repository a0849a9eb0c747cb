"""Token classifiers that this project did not make: their classes in any order, spans at word edges, clear refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

from tiny_tokenizers import multilingual_wordpiece
from wazir.checkpoint import read_checkpoint
from wazir.errors import ModelError
from wazir.labels import class_order
from wazir.tagger import Tagger

TEXT = "زار وزير الخارجية بغداد ودمشق يوم الأحد"
#: As other people number them: O is last, one label has no I.
CLASSES = ["B-LOC", "I-LOC", "B-PER", "I-PER", "B-MISC", "O"]


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A tiny BERT with random weights and classes of its own, as transformers saves it."""
    torch.manual_seed(3)
    tokenizer = multilingual_wordpiece()
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        id2label=dict(enumerate(CLASSES)),
        label2id={tag: i for i, tag in enumerate(CLASSES)},
        initializer_range=1.0,
    )
    BertForTokenClassification(config).save_pretrained(tmp_path)
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(tmp_path)
    return tmp_path


def test_classes_in_any_order_are_brought_into_ours() -> None:
    labels, order = class_order(dict(enumerate(CLASSES)))
    assert labels == ("LOC", "PER", "MISC")
    assert order == (5, 0, 1, 2, 3, 4, -1)


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        (["LABEL_0", "LABEL_1"], "are not O, B-X and I-X"),
        (["O", "I-LOC"], "has no class B-LOC"),
        (["B-LOC", "I-LOC"], "are not O, B-X and I-X"),
    ],
)
def test_other_classes_are_refused(tags: list[str], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        class_order(dict(enumerate(tags)))


def test_it_tags_whole_words_as_transformers_would(foreign: Path) -> None:
    tagger = Tagger.from_pretrained(foreign)
    assert tagger.checkpoint.window == 64
    spans = tagger.predict(TEXT * 30)  # longer than its window
    assert {s.label for s in spans} <= {"LOC", "PER", "MISC"}
    starts = {0, *(i + 1 for i, c in enumerate(TEXT * 30) if c == " ")}
    assert spans
    assert all(s.start in starts and s.inner == () for s in spans)

    tokenizer = PreTrainedTokenizerFast.from_pretrained(foreign)
    model = BertForTokenClassification.from_pretrained(foreign).eval()
    encoded = tokenizer(TEXT, return_tensors="pt")
    with torch.inference_mode():
        classes = model(**encoded).logits[0].argmax(-1)
    begins = {
        TEXT[slice(*encoded.word_to_chars(word))]
        for word in {w for w in encoded.word_ids() if w is not None}
        if CLASSES[classes[encoded.word_to_tokens(word).start]].startswith("B-")
    }
    assert begins <= {s.text.split()[0] for s in tagger.predict(TEXT)}


def test_models_that_are_no_bert_token_classifiers_are_refused(foreign: Path) -> None:
    path = foreign / "config.json"
    config = json.loads(path.read_text())
    for change in ({"model_type": "roberta"}, {"architectures": ["BertForMaskedLM"]}):
        path.write_text(json.dumps({**config, **change}))
        with pytest.raises(ModelError, match="no BERT token classifier"):
            read_checkpoint(foreign)


def test_weights_in_a_pickle_are_not_read(foreign: Path) -> None:
    (foreign / "model.safetensors").rename(foreign / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"model.safetensors: missing"):
        Tagger.from_pretrained(foreign, backend="torch")
