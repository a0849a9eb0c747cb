"""Training data: sources, labels, and nothing of the test data in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wazir.errors import DataError
from wazir_training.config import DataConfig, Source
from wazir_training.data import load_data
from wazir_training.overlap import word_runs

OPENING = "[T رئيس الوزراء] [P سالم الورفلي] يفتتح [L مطار سبها] بعد صيانة استمرت ثلاثة أشهر"


def write(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def load(train: str, dev: str, *held_out: str) -> tuple[list[str], list[str]]:
    data = load_data(DataConfig((Source(train),), (Source(dev),), held_out=held_out))
    return [d.id for d in data.train], [d.id for d in data.left_out]


def test_a_paragraph_that_shares_eight_words_with_dev_does_not_train(tmp_path: Path) -> None:
    copied = f"قالت الوكالة إن {OPENING.replace('يفتتح', 'يـفـتـتـح')}."  # tatweel hides no copy
    train = write(tmp_path / "train.ann", copied, "غادر الوفد [L طرابلس] صباح اليوم.")
    dev = write(tmp_path / "dev.ann", OPENING)
    assert load(train, dev) == (["train.ann:2"], ["train.ann:1"])


def test_held_out_text_and_held_out_marked_data_do_not_train(tmp_path: Path) -> None:
    train = write(tmp_path / "train.ann", OPENING, "زار [L مصر].")
    dev = write(tmp_path / "dev.ann", "عاد من [L تونس].")
    text = write(tmp_path / "article.txt", "رئيس الوزراء سالم الورفلي يفتتح مطار سبها بعد صيانة استمرت ثلاثة أشهر")
    marked = write(tmp_path / "test.ann", OPENING)
    assert load(train, dev, text) == load(train, dev, marked) == (["train.ann:2"], ["train.ann:1"])


def test_seven_words_in_a_row_are_no_copy() -> None:
    words = ["واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة"]
    assert not word_runs(" ".join(words[:7]))
    assert len(word_runs("، ".join(words))) == 2


def test_documents_of_several_lines_train_line_by_line(tmp_path: Path) -> None:
    line = '{"text": "زار مصر.\\nثم عاد إلى ليبيا.", "spans": [{"start": 20, "end": 25, "label": "LOC"}]}'
    data = load_data(
        DataConfig((Source(write(tmp_path / "train.jsonl", line)),), (Source(write(tmp_path / "dev.ann", "عاد.")),))
    )
    assert [[s.text for s in d.spans] for d in data.train] == [[], ["ليبيا"]]


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("a.ann", "[X مصر]", "a.ann:1:1: unknown label"),
        ("a.jsonl", '{"text": "مصر", "spans": [{"start": 0, "end": 9, "label": "LOC"}]}', "out of range"),
        ("a.jsonl", '{"text": "من\\nمصر", "spans": [{"start": 0, "end": 6, "label": "LOC"}]}', "crosses the end"),
    ],
)
def test_bad_data_is_named(tmp_path: Path, name: str, line: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        load(write(tmp_path / name, line), write(tmp_path / "dev.ann", "عاد."))
    assert message in str(error.value)
    assert name in str(error.value)


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gone.ann: no such file or folder"):
        load(str(tmp_path / "gone.ann"), write(tmp_path / "dev.ann", "عاد."))


def test_data_that_is_all_test_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no training paragraphs, 1 were left out"):
        load(write(tmp_path / "train.ann", OPENING), write(tmp_path / "dev.ann", OPENING))
