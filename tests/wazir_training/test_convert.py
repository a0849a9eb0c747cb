from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

import wazir_training.commands.convert  # noqa: F401  (adds the command)
from conftest import CORPUS, ROOT
from marked import FILES
from wazir.cli import app
from wazir.documents import read_documents
from wazir.errors import DataError, WazirError
from wazir.markup import format_markup
from wazir.spans import Document
from wazir_training.convert import convert
from wazir_training.formats import registry
from wazir_training.formats.names import FormatName
from wazir_training.formats.omissions import Omissions

LINE = "زار [T رئيس [L تونس]] [L مصر] أمس"


def source(folder: Path, text: str = LINE) -> str:
    (folder / "in.ann").write_text(text, encoding="utf-8")
    return str(folder / "in.ann")


def wazir(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["convert", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.mark.parametrize("name", FILES)
def test_every_format_is_written_and_read_by_the_command(tmp_path: Path, name: FormatName) -> None:
    output, back = tmp_path / FILES[name], tmp_path / "back.ann"
    code, said = wazir(source(tmp_path), output, "--to", name)
    assert (code, said.splitlines()[0]) == (0, f"{output}: 1 document, 3 spans, 1 of them nested")
    assert wazir(output, back) == (0, f"{back}: 1 document, 3 spans, 1 of them nested\n")
    assert back.read_text(encoding="utf-8") == f"{LINE}\n"


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.ann", "زار [T رئيس"),
        ("a.jsonl", '{"id": "1", "text": '),
        ("a.JSON", "[\n"),
        ("a.conll", "زار\tO\tO\nرئيس\tB-TITLE\tO\nتونس\tI-TITLE\tB-LOC\nمصر\tB-LOC\tO\n"),
        ("a.iob", "زار\tO\tO\nرئيس\tB-TITLE\tO\n"),
        ("a.tsv", "زار\tO\tO\nرئيس\tB-TITLE\tO\n"),
        ("a.iob1", "زار\tO\tO\nرئيس\tI-TITLE\tO\nتونس\tI-TITLE\tI-LOC\nمصر\tI-LOC\tO\n"),
        ("a.bioes", "زار\tO\tO\nرئيس\tB-TITLE\tO\nتونس\tE-TITLE\tS-LOC\nمصر\tS-LOC\tO\n"),
        ("a.iobes", "زار\tO\tO\nرئيس\tB-TITLE\tO\nتونس\tE-TITLE\tS-LOC\n"),
    ],
)
def test_the_ending_of_the_output_says_its_format(tmp_path: Path, name: str, beginning: str) -> None:
    convert(source(tmp_path), tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)


def test_losses_are_printed_at_the_end(tmp_path: Path) -> None:
    texts = ["قال: نعم.", "زار مصر", "قال [لا]"]
    spans = [{"start": 4, "end": 7, "label": "بلد", "score": 0.5}]
    lines = [json.dumps({"id": f"d{n}", "text": t, "spans": spans}) for n, t in enumerate(texts, 1)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    output = tmp_path / "out.ann"
    assert wazir(tmp_path / "in.jsonl", output)[1].splitlines() == [
        f"{output}: 3 documents, 3 spans, 0 of them nested",
        "3 scores left out: no scores in this format (first: document d1)",
        "3 spans left out: a label that .ann cannot write (first: document d1)",
        "1 line left out: square brackets and a leading ### are marks in .ann (first: document d3)",
    ]
    output = tmp_path / "out.conll"
    assert wazir(tmp_path / "in.jsonl", output)[1].splitlines()[2:] == [
        "2 documents changed in white space: words are written one space apart (first: document d1)",
        "1 span trimmed: only words are written (first: document d1)",
    ]


def test_ids_are_kept_and_made_unique_where_there_are_several_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text('{"id": "x", "text": ""}\n{"text": ""}\n', encoding="utf-8")
    for path, ids in (("a.jsonl", ["x", "2"]), ("*.jsonl", ["a:x", "a:2", "b:x", "b:2"])):
        convert(str(tmp_path / path), tmp_path / "out.jsonl.new", target_format=FormatName.jsonl)
        lines = (tmp_path / "out.jsonl.new").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["id"] for line in lines] == ids


def test_a_file_may_be_converted_onto_itself(tmp_path: Path) -> None:
    path = source(tmp_path)
    convert(path, Path(path), target_format=FormatName.jsonl)
    assert json.loads(Path(path).read_text(encoding="utf-8"))["text"] == "زار رئيس تونس مصر أمس"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), WazirError("the library is missing")])
@pytest.mark.parametrize("kind", [FormatName.jsonl, FormatName.brat])
def test_a_failing_conversion_leaves_the_output_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: FormatName
) -> None:
    def write(documents: Sequence[Document], path: Path, omissions: Omissions) -> None:
        registry.FORMATS[FormatName.spacy].write(documents, path, omissions)
        raise error

    is_folder = kind is FormatName.brat
    monkeypatch.setitem(registry.FORMATS, kind, registry.Format(lambda *_: iter(()), write, (), is_folder))
    output = tmp_path / "out"
    if is_folder:
        output.mkdir()
    else:
        output.write_text("before", encoding="utf-8")
    with pytest.raises(WazirError, match=f"{output}: cannot be written, No space left|the library is missing"):
        convert(source(tmp_path), output, target_format=kind)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.ann", "out"]
    assert list(output.iterdir()) == [] if is_folder else output.read_text(encoding="utf-8") == "before"


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "target.jsonl")
    convert(source(tmp_path), tmp_path / "link.jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "target.jsonl").read_text(encoding="utf-8").count("\n") == 1
    convert(source(tmp_path), Path(os.devnull), target_format=FormatName.jsonl)
    assert Path(os.devnull).is_char_device()


def test_a_source_that_breaks_half_way_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("before", encoding="utf-8")
    with pytest.raises(DataError, match="in.ann:2:5: unknown label"):
        convert(source(tmp_path, f"{LINE}\nزار [X مصر]"), output)
    assert output.read_text(encoding="utf-8") == "before"


@pytest.mark.parametrize(
    ("output", "arguments", "message"),
    [
        (
            "out",
            [],
            "out: the ending '' names no format to write. Name one with --to: ann, jsonl, conll, ",
        ),
        ("out.txt", [], "out.txt: the ending '.txt' names no format to write."),
        ("folder", ["--to", "jsonl"], "folder: this is a folder. Name a file in it."),
        ("folder", ["--to", "brat"], "folder: this exists and is no empty folder. Name a new folder."),
        ("in.ann", ["--to", "brat"], "in.ann: this exists and is no empty folder. Name a new folder."),
        ("gone/out.jsonl", [], "gone/out.jsonl: cannot be written, No such file or directory. Check folder, "),
        ("out.jsonl", ["--from", "conll"], "in.ann:1: tag "),
        ("out.jsonl", ["--split", "train"], "in.ann: split 'train' of what is no data set."),
    ],
)
def test_bad_input_ends_with_one_line_and_exit_code_2(
    tmp_path: Path, output: str, arguments: list[str], message: str
) -> None:
    source(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").touch()
    line = [sys.executable, "-m", "wazir_training", "convert", "in.ann", output, *arguments]
    result = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {message}")
    assert result.stderr.count("\n") == 1


def test_a_data_set_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "wazir_training", "convert", "nobody-at-all/nothing", "out.jsonl"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    result = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    beginning = "error: nobody-at-all/nothing: no file or folder here, and no data set to be reached ("
    assert result.stderr.startswith(beginning)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", FILES)
def test_the_corpus_comes_back_from_every_format(tmp_path: Path, name: FormatName) -> None:
    files = ["hard-cases.ann", "headlines-and-posts.ann"]
    corpus = [d for file in files for d in read_documents(CORPUS / file)]
    done = convert(f"{CORPUS.relative_to(ROOT)}/h*.ann", tmp_path / FILES[name], target_format=name)
    assert done.documents == len(corpus)
    convert(str(tmp_path / FILES[name]), tmp_path / "back.jsonl")
    found = list(read_documents(tmp_path / "back.jsonl"))
    changed = sum(a != b for a, b in zip(corpus, found, strict=True))
    assert changed == done.omissions.counts().get("document changed in white space", 0)
    assert [len(d.spans) for d in found] == [len(d.spans) for d in corpus]
    if name not in (FormatName.conll, FormatName.iob1, FormatName.bioes):
        assert list(map(format_markup, found)) == list(map(format_markup, corpus))
