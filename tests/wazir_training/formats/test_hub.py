from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import datasets
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value

from wazir.errors import DataError, WazirError
from wazir.spans import Document, make_span
from wazir_training.formats.hub import is_dataset_folder, read_dataset
from wazir_training.formats.omissions import Omissions

TEXT = "زار رئيس تونس مصر"
SPANS = (make_span(TEXT, 4, 13, "TITLE", [make_span(TEXT, 9, 13, "LOC")]), make_span(TEXT, 14, 17, "LOC"))
WORDS = TEXT.split()
CLASSES = ["O", "B-TITLE", "I-TITLE", "B-LOC", "I-LOC"]


def save(path: Path, data: Dataset) -> str:
    data.save_to_disk(path)
    return str(path)


def read(name: str, split: str = "") -> list[Document]:
    return list(read_dataset(name, split, Omissions(strict=True)))


@pytest.fixture(autouse=True)
def _no_progress_bars() -> None:
    datasets.disable_progress_bars()


def test_rows_of_text_and_spans(tmp_path: Path) -> None:
    rows = [Document(TEXT, SPANS).to_dict(), Document("صمت").to_dict()]
    name = save(tmp_path / "data", Dataset.from_list(rows))
    assert read(name) == [Document(TEXT, SPANS), Document("صمت")]
    assert [d.id for d in read(name)] == ["1", "2"]


def test_spans_as_the_lists_of_their_columns_without_texts_and_scores(tmp_path: Path) -> None:
    spans = {"start": [14], "end": [17], "label": ["LOC"], "score": [None]}
    name = save(tmp_path / "data", Dataset.from_dict({"text": [TEXT], "spans": [spans]}))
    assert read(name) == [Document(TEXT, SPANS[1:])]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ([0, 1, 2, 3], ClassLabel(names=CLASSES)),
        (["O", "B-TITLE", "I-TITLE", "B-LOC"], Value("string")),
        (["O", "I-TITLE", "I-TITLE", "I-LOC"], Value("string")),
        (["O", "B-TITLE", "E-TITLE", "S-LOC"], Value("string")),
    ],
)
def test_rows_of_tokens_and_tags_as_classes_or_strings_of_any_scheme(
    tmp_path: Path, tags: list[Any], kind: Any
) -> None:
    features = Features({"tokens": List(Value("string")), "ner_tags": List(kind)})
    data = Dataset.from_dict({"tokens": [WORDS, []], "ner_tags": [tags, []]}, features=features)
    expected = (make_span(TEXT, 4, 13, "TITLE"), SPANS[1])
    assert read(save(tmp_path / "data", data)) == [Document(TEXT, expected), Document("")]


def test_a_split_is_read_from_a_saved_folder_and_from_one_of_parquet_files(tmp_path: Path) -> None:
    splits = {name: Dataset.from_dict({"text": [name], "spans": [[]]}) for name in ("train", "test")}
    DatasetDict(splits).save_to_disk(tmp_path / "saved")
    (tmp_path / "parquet" / "data").mkdir(parents=True)
    for name, data in splits.items():
        data.to_parquet(tmp_path / "parquet" / "data" / f"{name}-00000-of-00001.parquet")
    for folder in ("saved", "parquet"):
        assert is_dataset_folder(tmp_path / folder)
        assert [d.text for d in read(str(tmp_path / folder), "test")] == ["test"]
        with pytest.raises(DataError, match=f"{folder}: a data set of several splits. Name one of train, test"):
            read(str(tmp_path / folder))
        with pytest.raises(DataError, match="dev"):
            read(str(tmp_path / folder), "dev")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"sentence": ["x"]}, "unknown columns sentence. Give it the columns 'text' and 'spans', or 'tokens' and"),
        ({"text": ["", "x"], "spans": [[], [{"start": 0, "end": 9, "label": "LOC"}]]}, ":2: span 0-9 is empty or out"),
        ({"text": ["x", None], "spans": [[], []]}, ":2: 'text' is None"),
        ({"tokens": [["x"], ["y", "z"]], "ner_tags": [["O"], ["O"]]}, ":2: 'tokens' and 'ner_tags' are not a word"),
        ({"tokens": [["x", " "]], "ner_tags": [["O", "O"]]}, ":1: 'tokens' and 'ner_tags' are not a word"),
        ({"tokens": [["x"]], "ner_tags": [[0]]}, ":1: tags [0] have no names. Make 'ner_tags' strings"),
        ({"tokens": [["x"], ["y"]], "ner_tags": [["O"], ["LOC"]]}, ":2: tag 'LOC' is of no known scheme"),
    ],
)
def test_a_fault_is_named_with_its_row(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    name = save(tmp_path / "data", Dataset.from_dict(columns))
    with pytest.raises(DataError) as caught:
        read(name)
    assert str(caught.value).startswith(name)
    assert message in str(caught.value)


def test_stray_tags_are_counted(tmp_path: Path) -> None:
    columns = {"tokens": [["x", "y"]] * 20, "ner_tags": [["O", "B-LOC"]] * 19 + [["O", "I-LOC"]]}
    omissions = Omissions()
    name = save(tmp_path / "data", Dataset.from_dict(columns))
    assert all(len(d.spans) == 1 for d in read_dataset(name, "", omissions))
    assert omissions.lines() == [
        f"1 stray tag read as beginning a span: against the IOB2 of the others (first: {name}:20)"
    ]


def test_an_id_of_the_hub_is_loaded_with_its_configuration_and_split(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def load_dataset(*arguments: Any, **more: Any) -> Dataset:
        asked.append((arguments, more))
        return Dataset.from_dict({"text": [TEXT], "spans": [[]]})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert read("somebody/news:ar", "train") == read("somebody/news", "train") == [Document(TEXT)]
    assert asked == [(("somebody/news", "ar"), {"split": "train"}), (("somebody/news", None), {"split": "train"})]


def test_an_id_that_cannot_be_reached_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(*_: Any, **__: Any) -> Dataset:
        raise ConnectionError("Couldn't reach 'somebody/news'\non the Hub")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(DataError) as caught:
        read("somebody/news", "train")
    assert str(caught.value) == (
        "somebody/news: no file or folder here, and no data set to be reached (Couldn't reach 'somebody/news' on the "
        "Hub). Check name and network; org/name:CONFIGURATION names one of several configurations."
    )


def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(WazirError, match=r'data sets of the Hub need datasets. Run `pip install "wazir\[train\]"`'):
        read("somebody/news")
