"""The tagger: any text in, spans with exact offsets out, in order and in bounded memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wazir import ModelError, Span, Tagger
from wazir.encoding import encode
from wazir.words import find_words

NEWS = "التقى وزير الداخلية المفوض بحكومة الوفاق الوطني “فتحي سالم” نظيره التركي بالعاصمة الـتركـية أنـقـرة."
HARD = st.text(
    st.sampled_from(
        [*"وفبكلاأحمدةى \n\t،«»“”[](-)0٣ـًَّﻻ😀👨a", *"\u200f\u2067\u200b\ufeff\x00\x85\u2028\ud800"],
    ),
    max_size=80,
)
NO_WORDS = ["", " \n\t ", "ـ", "ـــ ـ", "ً ٌ ٍ", "\u200f\u200b\u2067", "\x00\x01", "\ud800", "\ufeff"]


@pytest.fixture(scope="module")
def tagger(smoke_checkpoint: Path) -> Tagger:
    return Tagger.from_pretrained(smoke_checkpoint)


def check(text: str, spans: list[Span]) -> None:
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
        assert 0 <= span.score <= 1
        end = span.end
        inner_end = span.start
        for inner in span.inner:
            assert inner_end <= inner.start < inner.end <= span.end
            assert text[inner.start : inner.end] == inner.text
            assert inner.inner == ()
            inner_end = inner.end


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=HARD)
def test_spans_cut_out_what_they_say_in_any_text(tagger: Tagger, text: str) -> None:
    check(text, tagger.predict(text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(texts=st.lists(HARD, max_size=6), batch_size=st.integers(1, 5))
def test_texts_together_get_the_spans_that_each_gets_alone(tagger: Tagger, texts: list[str], batch_size: int) -> None:
    together = tagger.predict(texts, batch_size=batch_size)
    for text, spans in zip(texts, together, strict=True):
        assert places(spans) == places(tagger.predict(text))


def places(spans: Sequence[Span]) -> list[tuple[int, int, str, object]]:
    return [(s.start, s.end, s.label, places(s.inner)) for s in spans]


@pytest.mark.parametrize("text", NO_WORDS)
def test_text_without_words_has_no_spans(tagger: Tagger, text: str) -> None:
    assert [s for s in tagger.predict(text) if not s.text.strip("ـًٌٍ\x00\x01\ud800")] == []
    assert tagger.predict([text]) == [tagger.predict(text)]


def test_no_texts_give_no_results(tagger: Tagger) -> None:
    assert tagger.predict([]) == []
    assert list(tagger.stream(iter(()))) == []


def test_one_word_of_a_hundred_thousand_letters(tagger: Tagger) -> None:
    text = f"زار {'ا' * 100_000} مصر"
    check(text, tagger.predict(text))


@pytest.mark.parametrize("value", [None, 3, b"abc", object()])
def test_what_is_no_text_is_refused(tagger: Tagger, value: object) -> None:
    with pytest.raises(TypeError, match="predict takes a string or a list of strings"):
        tagger.predict(value)  # type: ignore[call-overload]


def test_an_element_that_is_no_text_is_refused(tagger: Tagger) -> None:
    with pytest.raises(TypeError, match="a text must be a string, not int"):
        tagger.predict(["مصر", 3])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="for one text call predict"):
        list(tagger.stream("مصر"))
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        tagger.predict(["مصر"], batch_size=0)


def test_a_stream_is_read_as_it_is_needed(tagger: Tagger) -> None:
    read = 0

    def texts() -> Iterator[str]:
        nonlocal read
        for _ in range(10_000):
            read += 1
            yield NEWS

    stream = tagger.stream(texts())
    first = next(stream)
    assert read < 2_000
    assert first == tagger.predict(NEWS)
    del stream


def test_long_lines_are_read_in_windows_that_lose_nothing(tagger: Tagger) -> None:
    text = " ".join([NEWS] * 60)  # many windows of 128 sub-tokens, several slices of the tokenizer
    spans = tagger.predict(text)
    check(text, spans)
    (encoding,) = encode(tagger.tokenizer, [text])
    (logits,) = tagger.logits([encoding])
    assert logits.outer.any(axis=1).tolist() == [True] * len(find_words(text))  # the network has seen every word


@pytest.mark.parametrize(
    ("before", "separator"),
    [("", "\n"), ("", " "), ("سطر قصير\n" * 100, " ")],
    ids=["lines", "one line", "one line after short ones"],
)
def test_two_megabytes_come_back_whole_in_bounded_memory(smoke_checkpoint: Path, before: str, separator: str) -> None:
    script = f"""
import resource, sys
from wazir import Tagger
text = {before!r} + {separator!r}.join([{NEWS!r}] * (2_000_000 // len({NEWS!r}.encode())))
tagger = Tagger.from_pretrained({str(smoke_checkpoint)!r})
tagger.predict({NEWS!r})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
spans = tagger.predict(text)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert all(text[s.start:s.end] == s.text for s in spans)
assert all(a.end <= b.start for a, b in zip(spans, spans[1:]))
assert spans[-1].end > len(text) - 200, spans[-1]
print((after - before) // 1024)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) < 250  # megabytes


def test_importing_wazir_loads_no_training_library_and_no_runtime() -> None:
    heavy = "torch transformers datasets onnxruntime seqeval huggingface_hub rich typer".split()  # noqa: SIM905
    script = f"import sys, wazir; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx"])
def test_a_missing_or_damaged_model_file_is_named(smoke_checkpoint: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(smoke_checkpoint, folder)
    (folder / name).write_bytes((folder / name).read_bytes()[:100])
    with pytest.raises(ModelError, match=f"{name}.* Fetch the model again") as error:
        Tagger.from_pretrained(folder, backend="onnx")
    assert "\n" not in str(error.value)
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"{name}: missing from the model folder"):
        Tagger.from_pretrained(folder, backend="onnx")


def test_damaged_weights_are_named(smoke_checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(smoke_checkpoint, folder)
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="safetensors: cannot be loaded"):
        Tagger.from_pretrained(folder, backend="torch")


WAZIR = {"inner_labels": ["ORG"], "nesting_labels": ["TITLE"], "temperature": 1.0, "window": 128}


@pytest.mark.parametrize(
    "change",
    [
        {"wazir": None},
        {"id2label": {"0": "LABEL_0"}},
        {"pad_token_id": "x"},
        {"wazir": WAZIR | {"window": 2}},
        {"wazir": WAZIR | {"window": 4096}},
        {"wazir": WAZIR | {"temperature": 0}},
        {"wazir": WAZIR | {"inner_labels": "ORG"}},
        {"wazir": WAZIR},  # the network has three inner labels
    ],
)
def test_a_model_that_is_not_ours_is_refused(smoke_checkpoint: Path, tmp_path: Path, change: dict[str, object]) -> None:
    folder = tmp_path / "model"
    shutil.copytree(smoke_checkpoint, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(ModelError, match="wazir train|wazir export"):
        Tagger.from_pretrained(folder)


def test_a_model_that_is_nowhere_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="no such model folder"):
        Tagger.from_pretrained(tmp_path / "none")
    with pytest.raises(ModelError, match="Check the network and try again"):
        Tagger.from_pretrained("nobody/no-such-model")
    with pytest.raises(ModelError, match="unknown backend"):
        Tagger.from_pretrained(backend="tpu")  # type: ignore[arg-type]
