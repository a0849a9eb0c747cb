from __future__ import annotations

from pathlib import Path

import pytest

from wazir.errors import DataError
from wazir.spans import Document, make_span
from wazir_training.formats import brat
from wazir_training.formats.omissions import Omissions

TEXT = "التقى وزير الدفاع الليبي\nفي طرابلس الغرب"


def folder(path: Path, annotations: str, text: str = TEXT) -> Path:
    (path / "a.txt").write_bytes(text.encode())
    (path / "a.ann").write_bytes(annotations.encode())
    return path / "a.ann"


def read(path: Path) -> tuple[Document, list[str]]:
    omissions = Omissions()
    (document,) = brat.read(path, omissions)
    return document, [line.split(" (first")[0] for line in omissions.lines()]


def test_spans_are_read_and_overlapping_ones_nest(tmp_path: Path) -> None:
    annotations = "T1\tORG 11 17\tالدفاع\nT2\tTITLE 6 24\tوزير الدفاع الليبي\nT7\tLOC 28 34\tطرابلس\n"
    document, lost = read(folder(tmp_path, annotations))
    assert document == Document(
        TEXT,
        (
            make_span(TEXT, 6, 24, "TITLE", [make_span(TEXT, 11, 17, "ORG")]),
            make_span(TEXT, 28, 34, "LOC"),
        ),
    )
    assert lost == []


def test_pieces_with_white_space_between_are_one_span(tmp_path: Path) -> None:
    document, lost = read(folder(tmp_path, "T1\tX 18 24;25 34\tالليبي في طرابلس\n"))
    assert [s.text for s in document.spans] == ["الليبي\nفي طرابلس"]
    assert lost == []


def test_pieces_with_text_between_and_what_is_no_span_are_counted(tmp_path: Path) -> None:
    annotations = (
        "T1\tX 6 10;18 24\tوزير الليبي\nT2\tLOC 28 34\tطرابلس\nR1\tIn Arg1:T1 Arg2:T2\n*\tSame T1 T2\n"
        "E1\tMeet:T2 Who:T1\nA1\tSure T2\nM1\tSure T1\nN1\tReference T2 Q:3579\tطرابلس\n#1\tAnnotatorNotes T2\tمدينة\n"
    )
    path = folder(tmp_path, annotations)
    document, lost = read(path)
    assert [s.text for s in document.spans] == ["طرابلس"]
    assert lost == [
        "1 span left out: in pieces, with text between",
        "1 relation left out: no span",
        "1 equivalence left out: no span",
        "1 event left out: no span",
        "2 attributes left out: no span",
        "1 link left out: no span",
        "1 note left out: no span",
    ]
    with pytest.raises(DataError, match=f"{path}:1: span that would be left out: in pieces"):
        list(brat.read(path, Omissions(strict=True)))


@pytest.mark.parametrize(
    ("text", "start"), [("قال:\r\nمصر", 6), ("\ufeffزار مصر", 5), ("😀 مصر", 2), ("\u2028مصر", 1), ("\tمصر\t", 1)]
)
def test_offsets_count_every_character_of_the_file(tmp_path: Path, text: str, start: int) -> None:
    document, _ = read(folder(tmp_path, f"T1\tLOC {start} {start + 3}\tمصر\n", text))
    assert (document.text, document.spans[0].text) == (text, "مصر")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("T1\tLOC 27 33\tطرابلس", "span 27 33 says 'طرابلس' but the text has ' طرابل' there"),
        ("T1\tLOC 28 99\tطرابلس", "span 28-99 is empty or out of range of a text of 40 characters"),
        ("T1\tLOC 28 28\t", "span 28-28 is empty"),
        ("T1 LOC 28 34 طرابلس", "'T1 LOC 28 34 طرابلس' is no brat annotation"),
        ("في [L طرابلس]", "'في [L طرابلس]' is no brat annotation"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = folder(tmp_path, f"T9\tLOC 28 34\tطرابلس\n{line}\n")
    with pytest.raises(DataError) as caught:
        list(brat.read(path, Omissions()))
    assert str(caught.value).startswith(f"{path}:2: {message}")


def test_annotations_without_their_text_are_refused(tmp_path: Path) -> None:
    path = folder(tmp_path, "T1\tLOC 28 34\tطرابلس\n")
    path.with_suffix(".txt").unlink()
    with pytest.raises(DataError, match="a.ann: brat annotations without a.txt. Put the text beside them."):
        list(brat.read(path, Omissions()))


@pytest.mark.parametrize(
    ("annotations", "with_text", "expected"),
    [
        ("T1\tLOC 28 34\tطرابلس\n", True, True),
        ("#1\tNote T1\tx\n", True, True),
        ("زار [L مصر]\n", True, False),  # as seeds/bashagha.ann beside its .txt
        ("### صحيفة\n", True, False),
        ("", True, True),
        ("", False, False),
    ],
)
def test_brat_and_wazirs_markup_are_told_apart(
    tmp_path: Path, annotations: str, with_text: bool, expected: bool
) -> None:
    path = folder(tmp_path, annotations)
    if not with_text:
        path.with_suffix(".txt").unlink()
    assert brat.is_standoff(path) is expected


def test_the_files_that_are_written(tmp_path: Path) -> None:
    spans = (
        make_span(TEXT, 6, 17, "TITLE", [make_span(TEXT, 11, 17, "ORG")]),
        make_span(TEXT, 18, 34, "X"),
    )
    brat.write([Document(TEXT, spans, "a"), Document("", (), "b")], tmp_path / "out", Omissions())
    assert {p.name: p.read_bytes().decode() for p in (tmp_path / "out").iterdir()} == {
        "a.txt": TEXT,
        "a.ann": "T1\tTITLE 6 17\tوزير الدفاع\nT2\tORG 11 17\tالدفاع\nT3\tX 18 24;25 34\tالليبي في طرابلس\n",
        "b.txt": "",
        "b.ann": "",
    }


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["a-1", "a-2"], ["a-1", "a-2"]),
        (["2", "10"], ["1", "2"]),
        (["a", "a"], ["1", "2"]),
        (["A", "a"], ["1", "2"]),
        (["../a", "b"], ["1", "2"]),
        ([".a", "b"], ["1", "2"]),
        (["", "b"], ["1", "2"]),
        ([""] * 10, [f"{n:02}" for n in range(1, 11)]),
    ],
)
def test_files_are_named_by_ids_or_numbered(tmp_path: Path, ids: list[str], names: list[str]) -> None:
    brat.write([Document("", (), name) for name in ids], tmp_path / "out", Omissions())
    assert sorted(p.stem for p in (tmp_path / "out").glob("*.ann")) == names
