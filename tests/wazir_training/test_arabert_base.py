"""The AraBERT recipe on a base of AraBERT's exact architecture and tokenizer type, with random weights."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, trainers
from transformers import AutoModelForTokenClassification, AutoTokenizer, BertConfig, BertModel

from conftest import CORPUS, ROOT
from wazir import Tagger
from wazir.arabert import PLACEHOLDERS
from wazir.documents import read_documents
from wazir.encoding import encode
from wazir.normalization import prepare_tokenizer
from wazir.words import find_words
from wazir_training.config import load_config
from wazir_training.train import train

ENTRIES = 64_000
VISIT = "استقبلت [T وزيرة الخارجية الليبية] [P نجلاء المنقوش] نظيرها في [L طرابلس] أمس، وبحثت معه شؤون الحدود. "
HEALTH = "أعلنت [O وزارة الصحة] في [L الخرطوم] وصول 5 شحنات، وفق https://example.com/health، وشكرت [L قطر]. "
DEV = "زار [T رئيس الوزراء] [P حسين عرنوس] مدينة [L حلب].\n"
TEXT = "زار وزيـر الـدفـاع التـركـي طرابـلس، نقلا عن https://t.co/ab12 ومكتب @MFA_Turkiye في “أنـقـرة”."


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the Hub's: weights, `config.json`, `vocab.txt` and AraBERT's own tokenizer settings."""
    folder = tmp_path_factory.mktemp("arabert-base")
    tokenizer = prepare_tokenizer(Tokenizer(models.WordPiece(unk_token="[UNK]")), "arabert")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *PLACEHOLDERS]
    trainer = trainers.WordPieceTrainer(vocab_size=ENTRIES, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator((d.text for d in read_documents(CORPUS)), trainer)
    ids = tokenizer.get_vocab()
    pieces = sorted(ids, key=ids.__getitem__)
    pieces += [f"[unused{i}]" for i in range(ENTRIES - len(pieces))]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    settings = {"do_lower_case": False, "strip_accents": None, "max_len": 512, "never_split": list(PLACEHOLDERS)}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    torch.manual_seed(0)
    shape = BertConfig(
        vocab_size=ENTRIES,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3_072,
        max_position_embeddings=512,
        type_vocab_size=2,
    )
    BertModel(shape).save_pretrained(folder)
    return folder


def peak_gigabytes() -> float:
    """Most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


@pytest.fixture(scope="module")
def checkpoint(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arabert")
    (folder / "train.ann").write_text(f"{VISIT * 5}\n\n{HEALTH * 5}\n", encoding="utf-8")
    (folder / "dev.ann").write_text(DEV, encoding="utf-8")
    overrides = [
        f"model.base={base}",
        f"data.train={folder / 'train.ann'}",
        f"data.dev={folder / 'dev.ann'}",
        "data.held_out=[]",
        f"output={folder / 'run'}",
        "fit.epochs=1",
        "fit.batch_tokens=128",
        "log_to=none",
    ]
    train(load_config(ROOT / "configs" / "arabert.yaml", overrides))
    return folder / "run"


def test_two_steps_of_the_recipe_train_the_whole_network(base: Path, checkpoint: Path) -> None:
    metrics = json.loads((checkpoint / "metrics.json").read_text(encoding="utf-8"))
    assert (metrics["steps"], metrics["lost_spans"]) == (2, 0)
    before, after = load_file(base / "model.safetensors"), load_file(checkpoint / "model.safetensors")
    names = ["embeddings.word_embeddings.weight", "encoder.layer.0.attention.self.query.weight"]
    names += ["encoder.layer.11.output.dense.weight"]
    for name in names:
        assert after[f"bert.{name}"].shape == before[name].shape
        assert not torch.equal(after[f"bert.{name}"], before[name])
    assert before[names[0]].shape == (ENTRIES, 768)
    assert sum(weight.numel() for weight in after.values()) > 134e6


def test_it_reloads_and_predicts_with_offsets_of_the_text_as_given(checkpoint: Path) -> None:
    tagger = Tagger.from_pretrained(checkpoint)
    for span in tagger.predict(TEXT):
        assert TEXT[span.start : span.end] == span.text
    (encoding,) = encode(tagger.tokenizer, [TEXT])
    pieces = [str(tagger.tokenizer.id_to_token(i)) for i in encoding.ids.tolist()]
    assert {"[رابط]", "[مستخدم]"} <= set(pieces)
    first = {TEXT[a:b]: pieces[i] for (a, b), i in zip(find_words(TEXT).tolist(), encoding.first.tolist(), strict=True)}
    seen = {"وزيـر": "وزير", "الـدفـاع": "الدفاع", "طرابـلس": "طرابلس", "أنـقـرة": "أنقرة", "ab12": "[رابط]", "“": "“"}
    assert seen.items() <= first.items()


def test_plain_transformers_sees_the_same_sub_tokens(checkpoint: Path) -> None:
    (ours,) = encode(Tagger.from_pretrained(checkpoint).tokenizer, [TEXT])
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    batch = tokenizer(TEXT, return_tensors="pt")
    assert batch["input_ids"][0, 1:-1].tolist() == ours.ids.tolist()
    model = AutoModelForTokenClassification.from_pretrained(checkpoint)
    with torch.inference_mode():
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    assert logits.shape == (1, len(ours.ids) + 2, 9)


def test_speed_and_memory_are_told(checkpoint: Path, record_property: Callable[[str, object], None]) -> None:
    metrics = json.loads((checkpoint / "metrics.json").read_text(encoding="utf-8"))
    tagger = Tagger.from_pretrained(checkpoint)
    texts = [d.text for d in read_documents(CORPUS / "test" / "hard-cases.ann")][:20]
    sub_tokens = sum(len(encoding.ids) for encoding in encode(tagger.tokenizer, texts))
    tagger.predict(TEXT)
    start = time.perf_counter()
    tagger.predict(texts)
    figures = {
        "training_sub_tokens_per_second": round(metrics["train_tokens_per_second"]),
        "inference_sub_tokens_per_second": round(sub_tokens / (time.perf_counter() - start)),
        "peak_memory_gigabytes": round(peak_gigabytes(), 2),
    }
    for name, figure in figures.items():
        record_property(name, figure)
        print(f"{name}: {figure:,}")
    assert figures["peak_memory_gigabytes"] < 8
