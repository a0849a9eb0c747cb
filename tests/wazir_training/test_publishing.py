"""Publishing against a Hub on loopback: what goes up, what comes down, and what each failure says and leaves behind."""

from __future__ import annotations

import pickle
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import CORPUS, ROOT
from hub_server import HubServer
from wazir.errors import ModelError, WazirError
from wazir.tagger import Tagger
from wazir_training.publishing import PublishError, publish
from wazir_training.publishing.dataset import plan_data
from wazir_training.publishing.upload import upload
from wazir_training.sources import read_data

NAME = "wazir-team/smoke"
TEXTS = [document.text for document in read_data(CORPUS / "test" / "levant.ann")][:8]


@pytest.fixture
def model(smoke_checkpoint: Path, tmp_path: Path) -> Path:
    """A checkpoint with both forms of its weights."""
    folder = tmp_path / "smoke"
    shutil.copytree(smoke_checkpoint, folder)
    return folder


@pytest.fixture
def writer(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """The Hub, for somebody whose token may write."""
    monkeypatch.setenv("HF_TOKEN", hub.token)
    return hub


def run(hub: HubServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wazir_training", *arguments]
    return subprocess.run(command, cwd=ROOT, env=hub.environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("backend", "weights"), [("auto", "model.onnx"), ("torch", "model.safetensors")])
def test_what_is_published_comes_back_from_an_empty_cache_and_tags_the_same(
    writer: HubServer, model: Path, backend: Any, weights: str
) -> None:
    address = publish(model, NAME)
    assert address.startswith(f"{writer.endpoint}/{NAME}/commit/")
    tagger = Tagger.from_pretrained(NAME, backend=backend)
    assert tagger.predict(TEXTS) == Tagger.from_pretrained(model, backend=backend).predict(TEXTS)
    fetched = {r.path.rpartition("/")[2] for r in writer.asked("/resolve/", "HEAD")}
    assert fetched == {"config.json", "tokenizer.json", weights}


def test_a_model_in_the_cache_needs_no_network(writer: HubServer, model: Path) -> None:
    publish(model, NAME)
    spans = Tagger.from_pretrained(NAME).predict(TEXTS)
    writer.fail(".", 503, times=1000)
    assert Tagger.from_pretrained(NAME).predict(TEXTS) == spans
    with pytest.raises(ModelError, match=r"not whole in the cache, and the Hugging Face Hub did not give it.*network"):
        Tagger.from_pretrained("wazir-team/other")


def test_it_is_one_commit_with_the_files_of_the_model_and_its_card(writer: HubServer, model: Path) -> None:
    publish(model, NAME, message="First")
    ours, initial = writer.repos["model", NAME].history()
    assert ours.message == "First"
    assert set(ours.files) - set(initial.files) == {
        "README.md",
        "config.json",
        "metrics.json",
        "model.onnx",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "training_config.yaml",
        *(f"report/dev/{name}" for name in ("calibration.png", "confusion.png", "labels.csv", "learning_curves.png")),
    }  # the list of errors quotes texts, so it stays at home
    assert f'Tagger.from_pretrained("{NAME}")' in ours.files["README.md"].data.decode()


def test_a_branch_is_made_and_the_main_one_stays_as_it_was(writer: HubServer, model: Path) -> None:
    publish(model, NAME)
    before = writer.repos["model", NAME].at().oid
    (model / "metrics.json").write_text((model / "metrics.json").read_text() + "\n")
    publish(model, NAME, revision="v2")
    repo = writer.repos["model", NAME]
    assert repo.at().oid == before != repo.at("v2").oid
    assert Tagger.from_pretrained(NAME, revision="v2").predict(TEXTS)
    with pytest.raises(ModelError, match="has no revision 'v3'"):
        Tagger.from_pretrained(NAME, revision="v3")


def test_a_private_repository_is_for_those_with_a_token(
    writer: HubServer, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(model, NAME, private=True)
    assert writer.repos["model", NAME].private
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(ModelError, match=r"that you may read.*hf auth login"):
        Tagger.from_pretrained(NAME)
    monkeypatch.setenv("HF_TOKEN", writer.token)
    publish(model, "wazir-team/open")
    with pytest.raises(PublishError, match="is public already"):
        publish(model, "wazir-team/open", private=True)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "does not accept the token"),
        (403, "may not write to wazir-team"),
        (404, "no such repository, or the token may not see it"),
        (409, "somebody else changed it"),
        (412, "somebody else changed it"),
        (429, "fewer requests"),
        (500, r"has trouble \(status 500\)"),
        (503, r"has trouble \(status 503\)"),
    ],
)
@pytest.mark.parametrize("where", ["/preupload/", "/info/lfs/objects/batch", "/storage/", "/commit/"])
def test_each_refusal_is_one_sentence_and_leaves_no_half_made_revision(
    writer: HubServer, model: Path, status: int, told: str, where: str
) -> None:
    writer.fail(where, status, method="PUT" if where == "/storage/" else "POST", times=1000)
    with pytest.raises(PublishError, match=told) as raised:
        publish(model, NAME)
    assert "\n" not in str(raised.value)
    assert writer.token not in str(raised.value)
    assert len(writer.repos["model", NAME].history()) == 1  # what every repository begins with


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_cut_in_the_middle_goes_on_where_it_broke(writer: HubServer, model: Path, reset: bool) -> None:
    writer.cut("/storage/", after_bytes=2_000, method="PUT", skip=1, times=1000, reset=reset)
    with pytest.raises(PublishError, match="what has arrived is not sent again"):
        publish(model, NAME)
    assert len(writer.repos["model", NAME].history()) == 1
    arrived = set(writer.store)
    assert arrived
    writer.faults.clear()
    writer.requests.clear()
    publish(model, NAME)
    assert len(writer.repos["model", NAME].history()) == 2
    sent = [r.path for r in writer.asked("/storage/", "PUT")]
    assert not [path for path in sent if any(oid in path for oid in arrived)]
    assert Tagger.from_pretrained(NAME).predict(TEXTS) == Tagger.from_pretrained(model).predict(TEXTS)


def test_a_download_cut_in_the_middle_is_told_and_works_the_next_time(writer: HubServer, model: Path) -> None:
    publish(model, NAME)
    writer.cut("/storage/", after_bytes=5_000, method="GET", during="response", times=1000)
    with pytest.raises(ModelError, match="Check the network and try again"):
        Tagger.from_pretrained(NAME)
    writer.faults.clear()
    assert Tagger.from_pretrained(NAME).predict(TEXTS) == Tagger.from_pretrained(model).predict(TEXTS)


def _lacks_onnx(folder: Path) -> None:
    (folder / "model.onnx").unlink()


def _cut_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _broken_onnx(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"nothing")


def _pickled(folder: Path) -> None:
    (folder / "report" / "notes.txt").write_bytes(pickle.dumps({"a": 1}))


def _no_licence(folder: Path) -> None:
    path = folder / "README.md"
    path.write_text(path.read_text(encoding="utf-8").replace("license: cc-by-4.0\n", ""), encoding="utf-8")


def _no_sources(folder: Path) -> None:
    path = folder / "README.md"
    path.write_text(path.read_text(encoding="utf-8").replace("training/corpus/test/hard-cases.ann", ""), "utf-8")


def _unfinished(folder: Path) -> None:
    (folder / "states").mkdir()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_lacks_onnx, r"lacks model\.onnx\. Run `wazir export`"),
        (_cut_weights, r"model\.safetensors: cannot be loaded"),
        (_broken_onnx, r"model\.onnx: damaged ONNX model"),
        (_pickled, r"notes\.txt: a pickle"),
        (_no_licence, "names no licence"),
        (_no_sources, "does not name the source"),
        (_unfinished, "its training has not ended"),
    ],
)
def test_an_unfit_folder_is_refused_before_anything_is_sent(
    writer: HubServer, model: Path, spoil: Callable[[Path], None], told: str
) -> None:
    spoil(model)
    with pytest.raises(ModelError, match=told):
        publish(model, NAME)
    assert writer.requests == []


def test_a_dry_run_shows_files_sizes_and_card_and_sends_nothing(hub: HubServer, model: Path) -> None:
    shown = run(hub, "publish", str(model), NAME, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "model.onnx" in shown.stdout
    assert "kB" in shown.stdout
    assert f'Tagger.from_pretrained("{NAME}")' in shown.stdout
    assert hub.requests == []


def test_the_command_publishes_and_never_prints_the_token(
    writer: HubServer, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(writer, "publish", str(model), NAME)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{writer.endpoint}/{NAME}/commit/")
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    refused = run(writer, "publish", str(model), NAME)
    assert refused.returncode == 2
    assert "does not accept the token" in refused.stderr
    assert "hf_w" not in done.stdout + done.stderr + refused.stdout + refused.stderr
    monkeypatch.delenv("HF_TOKEN")
    assert "hf auth login" in run(writer, "publish", str(model), NAME).stderr


def test_the_corpus_goes_up_as_a_typed_data_set_and_comes_back_the_same(writer: HubServer) -> None:
    files = plan_data({"test": str(CORPUS / "test" / "levant.ann")}, CORPUS / "README.md")
    upload("wazir-team/corpus", files, message="Corpus", kind="dataset")
    card = writer.repos["dataset", "wazir-team/corpus"].at().files["README.md"].data.decode()
    assert "license: cc-by-4.0" in card
    assert "dtype: int32" in card
    script = (
        "from wazir_training.sources import read_data; "
        "print([(d.text, d.spans) for d in read_data('wazir-team/corpus')] == "
        "[(d.text, d.spans) for d in read_data('training/corpus/test/levant.ann')])"
    )
    read = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=writer.environment, capture_output=True, text=True, check=False
    )
    assert read.stdout.strip() == "True", read.stderr


def test_a_data_set_without_a_licence_is_refused(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    with pytest.raises(WazirError, match="no data set card"):
        plan_data({"test": str(CORPUS / "test" / "levant.ann")}, card)
    card.write_text("---\nlanguage: ar\n---\n# Mine\n", encoding="utf-8")
    with pytest.raises(WazirError, match="names no licence"):
        plan_data({"test": str(CORPUS / "test" / "levant.ann")}, card)


def test_the_commands_of_the_publishing_page_work(writer: HubServer, model: Path) -> None:
    page = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    commands = [line for block in re.findall(r"```bash\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    assert len(commands) >= 7
    for command in commands[2:]:  # the first two train and export what is here already
        words = shlex.split(command.replace("runs/demo", str(model)))
        assert words[0] == "wazir"
        done = run(writer, *words[1:])
        assert done.returncode == 0, (command, done.stderr)
    assert {name for _, name in writer.repos} == {"wazir-team/demo", "wazir-team/corpus"}
