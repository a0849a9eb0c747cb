from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from datasets import Dataset, disable_progress_bars

from wazir.errors import DataError
from wazir.markup import format_markup
from wazir_training.config import Source
from wazir_training.formats.names import FormatName
from wazir_training.formats.omissions import Omissions
from wazir_training.sources import read_marked, read_source

SPAN = {"start": 4, "end": 7, "label": "LOC"}
#: One sentence in every format that is a text file.
FILES = {
    "a.ann": "زار [L مصر]\n",
    "b.jsonl": json.dumps({"text": "زار مصر", "spans": [SPAN]}),
    "c.jsonl": json.dumps({"text": "زار مصر", "label": [[4, 7, "LOC"]]}),
    "d.conll": "زار\tO\nمصر\tB-LOC\n",
    "e.iob": "زار O\nمصر I-LOC\n",
    "f.bio": "زار O O\nمصر B-LOC O\n",
    "g.bioes": "زار\tO\nمصر\tS-LOC\n",
    "h.iobes": "زار\tO\nمصر\tS-LOC\n",
    "i.tsv": "زار\tVBD\tO\nمصر\tNNP\tU-LOC\n",
    "j.json": json.dumps(
        [
            {
                "data": {"text": "زار مصر"},
                "annotations": [{"result": [{"type": "labels", "value": {"start": 4, "end": 7, "labels": ["LOC"]}}]}],
            }
        ]
    ),
    "k.ann": "T1\tLOC 4 7\tمصر\n",
}


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_text(FILES.get(name, "زار مصر"), encoding="utf-8")
    return folder


def read(path: Path | str, split: str = "") -> list[tuple[str, str]]:
    return [(d.id, format_markup(d)) for d in read_source(Source(str(path), split))]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_by_its_ending_and_content(tmp_path: Path, name: str) -> None:
    fill(tmp_path, name, "k.txt")
    assert read(tmp_path / name) == [("k.ann" if name == "k.ann" else f"{name}:1", "زار [L مصر]")]


def test_a_folder_is_read_in_name_order_without_subfolders_and_other_endings(tmp_path: Path) -> None:
    fill(tmp_path, *reversed(FILES), "k.txt", "README.md")
    (tmp_path / "more.ann").mkdir()
    assert [name.split(":")[0] for name, _ in read(tmp_path)] == sorted(FILES)
    assert {text for _, text in read(tmp_path)} == {"زار [L مصر]"}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.jsonl", ["b.jsonl", "c.jsonl"]),
        ("[ad].*", ["a.ann", "d.conll"]),
        ("**/?.ann", ["a.ann", "k.ann"]),
        ("k.*", ["k.ann"]),
    ],
)
def test_a_glob_is_read_in_name_order(tmp_path: Path, pattern: str, names: list[str]) -> None:
    fill(tmp_path, *FILES, "k.txt")
    assert [name.split(":")[0] for name, _ in read(tmp_path / pattern)] == names


def test_a_glob_reaches_into_subfolders(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    fill(tmp_path / "more", "a.ann")
    assert read(f"{tmp_path}/**/*.ann") == [("a.ann:1", "زار [L مصر]")]


def test_a_name_with_the_signs_of_a_glob_is_a_name_first(tmp_path: Path) -> None:
    (tmp_path / "[a].ann").write_text("زار [L مصر]", encoding="utf-8")
    assert read(tmp_path / "[a].ann") == [("[a].ann:1", "زار [L مصر]")]


def test_a_data_set_is_named_by_its_path_and_rows(tmp_path: Path) -> None:
    disable_progress_bars()
    Dataset.from_dict({"text": ["زار مصر"], "spans": [[SPAN]]}).save_to_disk(tmp_path / "news")
    assert read(tmp_path / "news") == [(f"{tmp_path / 'news'}:1", "زار [L مصر]")]


@pytest.mark.parametrize(
    ("path", "split", "message"),
    [
        ("gone.ann", "", "gone.ann: no such file or folder. Check the path."),
        ("gone", "", "gone: no such file or folder. Check the path."),
        ("*.gone", "", "*.gone: no file matches. Mend the pattern."),
        ("k.txt", "", "k.txt: unknown format '.txt'. Use one of .ann, .jsonl, "),
        ("*", "", "README.md: unknown format '.md'"),
        ("emp*", "", "empty: the pattern {folder}/emp* matches this folder. Let it match files alone."),
        ("empty", "", "empty: no marked files in this folder. It should hold .ann or .jsonl or "),
        ("white.ann", "", "white.ann: no documents in it. Name a file that holds some."),
        ("a.ann", "train", "a.ann: split 'train' of what is no data set. Leave out the split."),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, path: str, split: str, message: str) -> None:
    fill(tmp_path, "README.md", "a.ann", "k.txt")
    (tmp_path / "white.ann").write_text("### صحيفة\n\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError) as caught:
        read(tmp_path / path, split)
    assert str(caught.value).startswith(f"{tmp_path}/{message.format(folder=tmp_path)}")


@pytest.mark.parametrize("path", ["data/train.jsonl", "../org/name", "org/name/more", "org"])
def test_what_is_no_id_of_the_hub_is_a_missing_file(path: str) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        read(path)


def test_training_data_loses_no_span(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps({"text": "زار مصر", "label": [[0, 5, "A"], [4, 7, "B"]]}), encoding="utf-8")
    with pytest.raises(DataError, match="c.jsonl:1: crossing span that would be left out"):
        read(path)


def test_what_is_no_span_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fill(tmp_path, "k.txt")
    (tmp_path / "k.ann").write_text("T1\tLOC 4 7\tمصر\nR1\tIn Arg1:T1 Arg2:T1\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert read(tmp_path / "k.ann") == [("k.ann", "زار [L مصر]")]
    place = tmp_path / "k.ann"
    assert caplog.messages == [f"{place}: 1 relation left out: no span (first: {place}:2)"]


def test_a_named_format_overrules_endings(tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text(FILES["d.conll"], encoding="utf-8")
    for path in ("news.txt", "*.txt"):
        found = read_marked(str(tmp_path / path), Omissions(), source_format=FormatName.conll)
        assert [format_markup(d) for _, d in found] == ["زار [L مصر]"]


def test_of_a_folder_the_files_of_a_named_format_are_read(tmp_path: Path) -> None:
    fill(tmp_path, "a.ann", "d.conll")
    found = read_marked(str(tmp_path), Omissions(), source_format=FormatName.conll)
    assert [file.name for file, _ in found if file] == ["d.conll"]
