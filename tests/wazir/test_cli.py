"""The command line, as a shell sees it."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wazir
from conftest import ROOT
from wazir.documents import read_documents
from wazir.words import find_words

ENVIRONMENT = {**os.environ, "COLUMNS": "120"}
LINES = ["استقبل وزير الخارجية المصري سفير ليبيا في القاهرة.", "", "الرئيس التونسي في الجزائر"]


def call(*arguments: str | Path, stdin: bytes = b"", cwd: Path = ROOT) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "wazir_training", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, env=ENVIRONMENT, check=False)


def predict(model: Path, *arguments: str | Path, stdin: bytes = b"") -> str:
    result = call("predict", *arguments, "--model", model, stdin=stdin)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode("utf-8")


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "news.txt"
    path.write_text("\n".join(LINES), encoding="utf-8")
    return path


def test_a_file_is_one_document(smoke_checkpoint: Path, text_file: Path) -> None:
    (line,) = predict(smoke_checkpoint, text_file, "--format", "jsonl").splitlines()
    document = json.loads(line)
    assert document["id"] == str(text_file)
    assert document["text"] == "\n".join(LINES)
    for span in document["spans"]:
        assert set(span) == {"start", "end", "label", "text", "score", "inner"}
        assert document["text"][span["start"] : span["end"]] == span["text"]


def test_lines_are_documents_on_request_and_none_is_lost(smoke_checkpoint: Path, text_file: Path) -> None:
    output = predict(smoke_checkpoint, text_file, "--format", "jsonl", "--lines")
    assert [json.loads(line)["text"] for line in output.splitlines()] == LINES


def test_standard_input_and_a_byte_order_mark(smoke_checkpoint: Path) -> None:
    for data in (LINES[0].encode(), b"\xef\xbb\xbf" + LINES[0].encode()):
        document = json.loads(predict(smoke_checkpoint, "-", "--format", "jsonl", stdin=data))
        assert (document["id"], document["text"]) == ("stdin", LINES[0])


def test_spans_of_another_scheme_do_not_disturb_prediction(smoke_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "foreign.jsonl"
    path.write_text(json.dumps({"text": LINES[0], "spans": [{"s": 4}]}), encoding="utf-8")
    assert json.loads(predict(smoke_checkpoint, path, "--format", "jsonl"))["text"] == LINES[0]


def test_jsonl_input_keeps_ids(smoke_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(
        "\n".join(json.dumps(d) for d in ({"id": "x7", "text": LINES[0]}, {"text": "\ud800 مصر"})), encoding="utf-8"
    )
    documents = [json.loads(x) for x in predict(smoke_checkpoint, path, "--format", "jsonl").splitlines()]
    assert [(d["id"], d["text"]) for d in documents] == [("x7", LINES[0]), ("2", "\ud800 مصر")]


@pytest.mark.parametrize(("name", "kind"), [("out.ann", "ann"), ("out.conll", "conll"), ("out.jsonl", "jsonl")])
def test_what_is_written_can_be_read_again(smoke_checkpoint: Path, text_file: Path, name: str, kind: str) -> None:
    output = text_file.with_name(name)
    assert predict(smoke_checkpoint, text_file, "--format", kind, "--output", output) == ""
    tagger = wazir.Tagger.from_pretrained(smoke_checkpoint)
    found = [s for d in read_documents(output) for s in d.spans]
    expected = tagger.predict("\n".join(LINES))
    assert [(s.label, find_word_texts(s.text)) for s in found] == [(s.label, find_word_texts(s.text)) for s in expected]
    assert sorted(p.name for p in output.parent.iterdir()) == sorted(["news.txt", name])


def find_word_texts(text: str) -> list[str]:
    """CoNLL keeps words, not the white space between them."""
    return [text[start:end] for start, end in find_words(text).tolist()]


def test_the_table_names_offsets_labels_and_texts(smoke_checkpoint: Path, text_file: Path) -> None:
    lines = predict(smoke_checkpoint, text_file).splitlines()
    assert lines[0] == str(text_file)
    assert lines[1].split() == ["start", "end", "label", "score", "text"]
    tagger = wazir.Tagger.from_pretrained(smoke_checkpoint)
    spans = [s for t in tagger.predict("\n".join(LINES)) for s in (t, *t.inner)]
    assert len(spans) > 0
    assert lines.pop() == ""  # an empty line ends a document
    for line, span in zip(lines[2:], spans, strict=True):
        start, end, label, score, text = line.split(maxsplit=4)
        assert (int(start), int(end), label) == (span.start, span.end, span.label)
        assert score == f"{span.score:.2f}"
        assert text == f"\u2067{span.text}\u2069"


def test_labels_and_scores_select(smoke_checkpoint: Path, text_file: Path) -> None:
    assert json.loads(predict(smoke_checkpoint, text_file, "--format", "jsonl", "--min-score", "1"))["spans"] == []
    everything = json.loads(predict(smoke_checkpoint, text_file, "--format", "jsonl"))["spans"]
    label = everything[0]["label"]
    spans = json.loads(predict(smoke_checkpoint, text_file, "--format", "jsonl", "--labels", label))["spans"]
    assert {s["label"] for s in spans} == {label}


def test_a_page_shows_the_text_and_runs_nothing_in_it(smoke_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "evil.txt"
    path.write_text(f"<script>alert(1)</script> {LINES[0]}\x00", encoding="utf-8")
    page = predict(smoke_checkpoint, path, "--format", "html")
    assert "<script" not in page
    article = page.partition("<article")[2].partition(">")[2].partition("</article>")[0]
    assert html.unescape(re.sub(r"</?mark[^>]*>", "", article)) == path.read_text(encoding="utf-8").replace(
        "\x00", "\ufffd"
    )
    assert article.count("<mark") == article.count("</mark>") > 0


def test_a_full_disk_ends_with_one_line(smoke_checkpoint: Path, text_file: Path) -> None:
    command = f"{sys.executable} -m wazir_training predict {text_file} --model {smoke_checkpoint} > /dev/full"
    result = subprocess.run(["bash", "-c", command], capture_output=True, cwd=ROOT, check=False)
    assert result.returncode == 2
    assert result.stderr.decode().count("\n") == 1
    assert "output cannot be written" in result.stderr.decode()


def test_output_into_a_pipe_leaves_it_a_pipe(smoke_checkpoint: Path, text_file: Path) -> None:
    pipe = text_file.with_name("pipe")
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        predict(smoke_checkpoint, text_file, "--format", "jsonl", "--output", pipe)
        assert reader.stdout
        assert json.loads(reader.stdout.read())["text"] == "\n".join(LINES)
    assert pipe.is_fifo()


@pytest.mark.parametrize(("redirection", "message"), [("<&-", "standard input is closed"), (">&-", "output is closed")])
def test_closed_streams_end_with_one_line(smoke_checkpoint: Path, redirection: str, message: str) -> None:
    command = f"{sys.executable} -m wazir_training predict - --model {smoke_checkpoint} {redirection}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, cwd=ROOT, check=False)
    assert (result.returncode, result.stderr.decode().count("\n")) == (2, 1)
    assert message in result.stderr.decode()


def test_version_and_help() -> None:
    assert call("--version").stdout.decode() == f"wazir {wazir.__version__}\n"
    help_text = call("predict", "--help").stdout.decode()
    assert "standard input" in help_text
    for option in ("--format", "--lines", "--labels", "--min-score", "--model", "--output"):
        assert option in help_text


def _bad(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("bad.txt", "سطر\n".encode() + b"abc\xff", "bad.txt:2: byte 10 of the file (0xff) is not valid UTF-8"),
        ("bad.jsonl", b'{"text": "a"}\n{"text": ', "bad.jsonl:2:10: broken JSON"),
        ("bad.jsonl", b'{"body": "a"}', "bad.jsonl:1: no object with a string under the key 'text'"),
        ("bad.jsonl", b"[" * 100_000, "bad.jsonl:1"),
    ],
)
def test_a_bad_file_ends_with_one_line_and_exit_code_2(
    smoke_checkpoint: Path, tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    result = call("predict", _bad(tmp_path, name, data), "--model", smoke_checkpoint)
    error = result.stderr.decode()
    assert (result.returncode, error.count("\n"), error[:7]) == (2, 1, "error: ")
    assert message in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.txt"], "none.txt: no such file"),
        (["."], ".: this is a directory"),
        (["README.md", "--model", "gone"], "gone: no such model folder"),
        (["README.md", "--output", "gone/out.txt"], "out.txt: cannot be written"),
        (["README.md", "--output", "."], ".: this is a directory"),
    ],
)
def test_a_bad_path_ends_with_one_line_and_exit_code_2(
    smoke_checkpoint: Path, arguments: list[str], message: str
) -> None:
    model = [] if "--model" in arguments else ["--model", str(smoke_checkpoint)]
    result = call("predict", *arguments, *model)
    error = result.stderr.decode()
    assert (result.returncode, error.count("\n")) == (2, 1)
    assert message in error


def test_markup_that_cannot_be_written_names_the_remedy(smoke_checkpoint: Path, tmp_path: Path) -> None:
    path = _bad(tmp_path, "brackets.txt", "وزير [الدفاع]".encode())
    output = tmp_path / "out.ann"
    result = call("predict", path, "--format", "ann", "--output", output, "--model", smoke_checkpoint)
    assert result.returncode == 2
    assert "Use --format jsonl" in result.stderr.decode()
    assert not output.exists()


@pytest.mark.parametrize("arguments", [["predict"], ["predict", "x", "--min-score", "2"], ["nonsense"]])
def test_wrong_usage_ends_with_exit_code_2(arguments: list[str]) -> None:
    assert call(*arguments).returncode == 2


def test_an_unknown_label_names_the_known_ones(smoke_checkpoint: Path, text_file: Path) -> None:
    result = call("predict", text_file, "--labels", "PERSON", "--model", smoke_checkpoint)
    assert result.returncode == 2
    assert "OFFICIAL, TITLE, ORG, LOC" in " ".join(result.stderr.decode().replace("│", " ").split())


def test_a_reader_that_has_gone_is_no_traceback(smoke_checkpoint: Path, text_file: Path) -> None:
    command = f"{sys.executable} -m wazir_training predict {text_file} --model {smoke_checkpoint} | true"
    result = subprocess.run(["bash", "-c", command], capture_output=True, cwd=ROOT, check=False)
    assert result.stderr == b""


def test_training_commands_end_with_one_line_too() -> None:
    result = call("train", "configs/smoke.yaml", "fit.epoch=3")
    assert result.returncode == 2
    assert result.stderr.decode().endswith("did you mean 'epochs'?\n")


def test_evaluate_prints_scores_and_lists_errors(smoke_checkpoint: Path, tmp_path: Path) -> None:
    errors = tmp_path / "errors.jsonl"
    data = "training/corpus/test/diplomacy-nationalities.ann"
    result = call("evaluate", smoke_checkpoint, data, "--errors", errors)
    assert result.returncode == 0, result.stderr.decode()
    table = result.stdout.decode()
    for row in (
        "outer, exact",
        "outer, edges only",
        "inner, exact",
        "outer, seqeval strict",
        "outer, partial",
        "TITLE",
    ):
        assert row in table
    kinds = {json.loads(line)["kind"] for line in errors.read_text(encoding="utf-8").splitlines()}
    assert kinds <= {"edge", "label", "missed", "spurious"}
    figures = json.loads(call("evaluate", smoke_checkpoint, data, "--json").stdout)
    assert figures["outer"]["gold"] == 137
