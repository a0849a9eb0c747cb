"""Training end to end through the command line, on a base that it makes itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file

from conftest import CORPUS, ROOT
from wazir import Tagger
from wazir.documents import read_documents
from wazir.encoding import encode
from wazir.errors import ModelError
from wazir.labels import LabelScheme, iob2_tags
from wazir_training.averaging import average_checkpoints
from wazir_training.bases import load_base
from wazir_training.card import add_metrics
from wazir_training.config import ModelConfig, load_config
from wazir_training.export import export, tag_agreement
from wazir_training.train import train

TEXTS = [d.text for d in read_documents(CORPUS / "test" / "hard-cases.ann")]


def test_the_checkpoint_folder_holds_what_users_need_and_no_pickle(smoke_checkpoint: Path) -> None:
    names = {p.name for p in smoke_checkpoint.iterdir()}
    assert names == {
        "config.json",
        "metrics.json",
        "model.onnx",
        "model.safetensors",
        "README.md",
        "report",
        "tokenizer.json",
        "tokenizer_config.json",
        "training_config.yaml",
    }
    found = {str(p.relative_to(smoke_checkpoint / "report")) for p in (smoke_checkpoint / "report").rglob("*.*")}
    pictures = ("calibration.png", "confusion.png", "errors.jsonl", "labels.csv", "learning_curves.png")
    assert found == {f"dev/{name}" for name in pictures}
    metrics = json.loads((smoke_checkpoint / "metrics.json").read_text())
    assert metrics["data"].keys() == {"train", "dev"}
    assert {"dev", "commands", "epochs", "lost_spans", "train_tokens_per_second"} <= metrics.keys()
    assert len(metrics["epochs"]) == 2


def test_plain_transformers_loads_it_and_sees_the_outer_tags(smoke_checkpoint: Path) -> None:
    model = transformers.AutoModelForTokenClassification.from_pretrained(smoke_checkpoint).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(smoke_checkpoint)
    assert list(model.config.id2label.values()) == iob2_tags(LabelScheme().outer)
    tagger = Tagger.from_pretrained(smoke_checkpoint, backend="torch")
    for text in TEXTS[:5]:
        batch = tokenizer(text, return_tensors="pt")
        with torch.inference_mode():
            plain = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[0].numpy()
        (encoding,) = encode(tagger.tokenizer, [text])
        assert batch["input_ids"][0, 1:-1].tolist() == encoding.ids.tolist()
        (ours,) = tagger.logits([encoding])
        np.testing.assert_allclose(ours.outer, plain[encoding.first + 1], atol=1e-4)


def test_a_checkpoint_trained_further_remembers_the_commands_that_made_it(
    smoke_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    overrides = ["fit.epochs=1", f"model.base={smoke_checkpoint}", f"output={tmp_path / 'more'}"]
    metrics = train(load_config("configs/smoke.yaml", overrides), command="wazir train more")
    first = json.loads((smoke_checkpoint / "metrics.json").read_text())["commands"]
    assert len(first) == 1
    assert metrics["commands"] == [*first, "wazir train more"]
    card = (tmp_path / "more" / "README.md").read_text(encoding="utf-8")
    assert all(f"    {command}\n" in card for command in metrics["commands"])


def test_the_same_seed_gives_the_same_model(
    smoke_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    overrides = ["fit.epochs=1", f"model.base={smoke_checkpoint}"]
    weights = []
    for run, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(load_config("configs/smoke.yaml", [*overrides, f"output={tmp_path / run}", f"fit.seed={seed}"]))
        weights.append((tmp_path / run / "model.safetensors").read_bytes())
    assert weights[0] == weights[1] != weights[2]


def test_an_average_holds_the_mean_of_the_weights_and_remembers_all_commands(
    smoke_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    folders = [tmp_path / "a", tmp_path / "b"]
    for i, folder in enumerate(folders):
        overrides = ["fit.epochs=1", f"model.base={smoke_checkpoint}", f"output={folder}", f"fit.seed={i}"]
        train(load_config("configs/smoke.yaml", overrides), command=f"train {i}")
    raw = {"name": "Raw news", "licence": "not stated", "share": 1.0}
    for folder in folders:
        add_metrics(folder, {"text": [raw], "earlier_sources": [{"name": "Other marks", "licence": "CC0"}]})
    metrics = average_checkpoints(folders, tmp_path / "mean", "average")
    a, b, mean = (load_file(f / "model.safetensors") for f in [*folders, tmp_path / "mean"])
    assert all(torch.allclose((a[name] + b[name]) / 2, mean[name]) for name in mean)
    assert any(not torch.equal(a[name], b[name]) for name in mean)
    assert metrics["commands"][1:] == ["train 0", "train 1", "average"]
    assert metrics["text"] == [raw]
    assert metrics["sources"]
    card = (tmp_path / "mean" / "README.md").read_text(encoding="utf-8")
    assert "| Raw news, as raw text | not stated |" in card
    assert "| Other marks, in an earlier run | CC0 |" in card
    assert len(Tagger.from_pretrained(tmp_path / "mean").predict(TEXTS)) == len(TEXTS)


def test_checkpoints_of_different_bases_are_not_averaged(smoke_checkpoint: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(smoke_checkpoint, other)
    (other / "tokenizer.json").write_text((other / "tokenizer.json").read_text() + " ")
    with pytest.raises(ModelError, match="Average runs of one base"):
        average_checkpoints([smoke_checkpoint, other], tmp_path / "mean")


def test_a_few_paragraphs_can_be_learned_by_heart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    path = tmp_path / "few.ann"
    path.write_text(
        "[T وزير الدفاع] [P سالم الغرياني] يزور [L مصر] و[L تونس]\n[T رئيس [O مجلس النواب]] يصل إلى [L ليبيا]\n",
        encoding="utf-8",
    )
    overrides = [f"data.train={path}", f"data.dev={path}", f"output={tmp_path / 'out'}"]
    config = load_config(
        "configs/smoke.yaml", [*overrides, "fit.epochs=80", "fit.learning_rate=1e-2", "fit.head_learning_rate=1e-2"]
    )
    # dev text never trains, so that this test must take the wall down to see learning at all
    monkeypatch.setattr("wazir_training.data.word_runs", lambda _: set())
    metrics = train(config)
    last = metrics["epochs"][-1]  # the best epoch is the first whose outer spans are right
    assert metrics["dev"]["outer"]["f1"] == last["eval_f1"] == last["eval_inner_f1"] == 1.0


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_damaged_base_is_one_clear_sentence(smoke_checkpoint: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "base"
    shutil.copytree(smoke_checkpoint, folder)
    (folder / name).write_text("{}")
    with pytest.raises(ModelError, match="damaged|cannot be reached"):
        load_base(ModelConfig(base=str(folder), window=64), LabelScheme(), [])


def test_a_former_onnx_model_does_not_outlive_its_network(
    smoke_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    folder = tmp_path / "out"
    shutil.copytree(smoke_checkpoint, folder)
    train(load_config("configs/smoke.yaml", ["fit.epochs=1", f"model.base={smoke_checkpoint}", f"output={folder}"]))
    assert (folder / "model.safetensors").is_file()
    assert not (folder / "model.onnx").exists()


def test_a_base_that_cannot_be_reached_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"cannot be reached.*model\.base=FOLDER") as error:
        load_base(ModelConfig(base="aubmindlab/no-such-model"), LabelScheme(), [])
    assert "\n" not in str(error.value)


def test_the_onnx_model_tags_as_torch_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    overrides = ["fit.epochs=30", "fit.learning_rate=5e-3", "data.train=training/corpus/test/levant.ann"]
    train(load_config("configs/smoke.yaml", [*overrides, f"output={tmp_path}"]))
    texts = [d.text for d in read_documents(CORPUS / "test" / "levant.ann")]
    torch = Tagger.from_pretrained(tmp_path, backend="torch")
    sizes = []
    for weights, share in (("fp32", 1.0), ("int8", 0.995), ("int4", 0.9)):
        path = export(tmp_path, tmp_path / weights, weights=weights)  # type: ignore[arg-type]
        onnx = Tagger.from_pretrained(path.parent, backend="onnx")
        assert tag_agreement(torch, onnx, texts) >= share
        sizes.append(path.stat().st_size)
    assert sizes == sorted(sizes, reverse=True)
    assert len({s.label for spans in onnx.predict(texts) for s in spans}) > 1  # it has learned to tell tags apart
