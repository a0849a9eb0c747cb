"""`wazir data check`: figures counted by hand, faults named, and the rest looked at all the same."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, PreTrainedTokenizerFast
from typer.testing import CliRunner

import wazir_training.cli  # noqa: F401 (adds the command)
from conftest import ROOT
from strategies import documents, sentences, word_spans
from wazir.cli import app
from wazir.labels import LabelScheme
from wazir.markup import parse_markup
from wazir.normalization import prepare_tokenizer
from wazir.spans import Document, Span, make_span
from wazir_training.config import Source, load_config
from wazir_training.data import load_data
from wazir_training.data_check import DataReport, SourceReport, check_data
from wazir_training.data_plots import draw_report, report_figure
from wazir_training.data_report import notes, report_values
from wazir_training.error_reading import MOST_ERRORS, read_around_errors
from wazir_training.features import round_trip
from wazir_training.overlap import word_runs
from wazir_training.repeats import find_repeats
from wazir_training.statistics import Lengths, count, count_pieces, summarize
from wazir_training.vocabulary import unknown_id

SCHEME = LabelScheme()
#: All that the tokenizer of these tests knows: طرابلس is two sub-tokens, أحمد is unknown.
VOCABULARY = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "زار", "وزير", "الدفاع", "طرا", "##بلس", "ليبيا", ".")
TRAIN = (  # white-space words, sub-tokens
    "زار [T وزير [O الدفاع]] [L طرابلس].",  # 4, 6
    "زار [P أحمد] [L ليبيا]",  # 3, 3 of which one unknown
    "زار [T وزير الدفاع] [L طرابلس].",  # 4, 6; the text of the first, without its nested span
    "زار [L ليبيا]",  # 2, 2; the text of the first dev paragraph
)
DEV = ("زار [L ليبيا]", "زار [T وزير] [L ليبيا]")  # 2, 2 and 3, 3
OPENING = "رئيس الوزراء سالم الورفلي يفتتح مطار سبها بعد صيانة"


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def tokenizer() -> Tokenizer:
    found = Tokenizer(models.WordPiece({x: i for i, x in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    found.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    found.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return found


@pytest.fixture
def config(tmp_path: Path) -> Path:
    base = tmp_path / "base"
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer(), **special).save_pretrained(base)
    BertConfig(vocab_size=100).save_pretrained(base)
    values = {
        "output": str(tmp_path / "run"),
        "model": {"base": str(base), "window": 16},
        "data": {
            "train": str(write(tmp_path / "train.ann", *TRAIN)),
            "dev": str(write(tmp_path / "dev.ann", *DEV)),
        },
    }
    return write(tmp_path / "config.yaml", json.dumps(values))


def report_of(config: Path, *overrides: str) -> DataReport:
    return check_data(load_config(config, overrides))


def split(report: DataReport, name: str) -> SourceReport:
    (found,) = [s for s in report.whole_splits() if s.split == name]
    return found


def flat(report: DataReport) -> str:
    return "\n".join([*report.faults, *notes(report)])


class TestFigures:
    def test_sizes_and_labels_of_both_layers(self, config: Path) -> None:
        report = report_of(config)
        train = split(report, "train")
        assert (train.documents, train.paragraphs, train.statistics.words) == (4, 4, 4 + 3 + 4 + 2)
        assert train.statistics.outer == {"TITLE": 2, "OFFICIAL": 1, "LOC": 4}
        assert train.statistics.inner == {"ORG": 1}
        assert train.statistics.outer_lengths["TITLE"] == {2: 2}
        assert train.statistics.inner_lengths["ORG"] == {1: 1}
        dev = split(report, "dev")
        assert (dev.documents, dev.paragraphs, dev.statistics.words) == (2, 2, 5)
        assert report.scheme.outer == ("OFFICIAL", "TITLE", "LOC")
        assert report.faults == ()

    def test_a_document_of_three_lines_one_of_them_white_has_two_paragraphs(self, config: Path, tmp_path: Path) -> None:
        text = json.dumps({"text": "زار ليبيا.\n \nزار طرابلس.", "spans": []})
        held_out = write(tmp_path / "more.jsonl", text)
        found = split(report_of(config, f"data.held_out={held_out}"), "held_out")
        assert (found.documents, found.paragraphs, found.statistics.words) == (1, 2, 4)

    def test_sources_of_a_split_are_reported_alone_and_together(self, config: Path, tmp_path: Path) -> None:
        more = write(tmp_path / "more.ann", "زار [L ليبيا] [P أحمد]")
        report = report_of(config, f"data.train=[{tmp_path / 'train.ann'}, {more}]")
        train = [s for s in report.sources if s.split == "train"]
        assert [s.statistics.words for s in train] == [13, 3]
        whole = split(report, "train")
        assert whole.statistics.words == 16
        assert whole.statistics.outer == {"TITLE": 2, "OFFICIAL": 2, "LOC": 5}
        assert whole.pieces is not None
        assert whole.pieces.lengths.tolist() == [6, 3, 6, 2, 3]

    def test_sub_tokens_unknown_ones_and_those_per_word(self, config: Path) -> None:
        report = report_of(config)
        (train, dev) = report_values(report)["splits"]
        assert (train["subtokens"], train["unknown"], train["longest"]) == (17, 1, 6)
        assert train["per_word"] == pytest.approx(17 / 13)
        assert train["unknown_share"] == pytest.approx(1 / 17)
        assert train["unknown_words"] == {"أحمد": 1}
        assert (dev["subtokens"], dev["unknown"], dev["unknown_words"]) == (5, 0, {})

    def test_a_paragraph_fills_the_window_or_is_cut(self, config: Path, tmp_path: Path) -> None:
        # 14 sub-tokens fit a window of 16; neighbours share 3, so that 15 to 25 need two windows, 26 three
        test = write(tmp_path / "test.ann", *(" ".join(["زار"] * n) + " [L ليبيا]" for n in (13, 14, 24, 25)))
        report = report_of(config, f"data.test={test}")
        found = split(report, "test")
        assert found.pieces is not None
        assert found.pieces.lengths.tolist() == [14, 15, 25, 26]
        assert found.pieces.windows.tolist() == [1, 2, 2, 3]
        values = report_values(report)["splits"][2]
        assert (values["cut_paragraphs"], values["cut_windows"]) == (3, 7)

    def test_span_lengths_are_in_white_space_words(self) -> None:
        documents_ = [parse_markup("[T نائب وزير الدفاع الوطني] [P أ. محمد] [L مصر]")]
        statistics = count(documents_, SCHEME)
        assert statistics.outer_lengths == {"TITLE": {4: 1}, "OFFICIAL": {2: 1}, "LOC": {1: 1}}

    @pytest.mark.parametrize(
        ("lengths", "median", "most", "longest"),
        [
            ({3: 1}, 3, 3, 3),
            ({1: 1, 2: 1}, 1.5, 2, 2),
            ({1: 19, 4: 1}, 1, 1, 4),  # 19 of 20 are 95 of 100
            ({1: 18, 4: 2}, 1, 4, 4),
            ({1: 2, 2: 2, 9: 1}, 2, 9, 9),
        ],
    )
    def test_median_95th_percentile_and_longest(
        self, lengths: dict[int, int], median: float, most: int, longest: int
    ) -> None:
        assert summarize(Counter(lengths)) == Lengths(median, most, longest)

    def test_dev_data_carved_from_train_is_what_training_carves(self, config: Path, tmp_path: Path) -> None:
        more = write(tmp_path / "more.ann", *(f"زار [L ليبيا] {n}" for n in range(8)))
        overrides = (f"data.train=[{tmp_path / 'train.ann'}, {more}]", "data.dev=[]", "data.dev_share=0.3")
        report, data = report_of(config, *overrides), load_data(load_config(config, overrides).data)
        dev, train = split(report, "dev"), split(report, "train")
        assert dev.documents is None
        assert dev.paragraphs == len(data.dev) == 4
        assert dev.statistics == count(data.dev, report.scheme)
        assert train.paragraphs == len(data.train) + len(data.left_out) == 8
        assert dev.statistics.words == sum(len(d.text.split()) for d in data.dev)

    def test_a_base_that_cannot_be_reached_is_a_line_and_no_fault(self, config: Path, tmp_path: Path) -> None:
        report = report_of(config, f"model.base={tmp_path / 'gone'}")
        assert report.faults == ()
        assert "gone cannot be reached" in flat(report)
        assert "subtokens" not in report_values(report)["splits"][0]
        assert split(report, "train").statistics.words == 13

    def test_a_base_from_scratch_has_the_tokenizer_that_training_would_make(self, config: Path) -> None:
        report = report_of(config, "model.base={vocabulary: 100, layers: 1, hidden: 16}")
        pieces = split(report, "train").pieces
        assert pieces is not None
        assert pieces.unknown == 0
        assert pieces.lengths.min() >= 2


class TestRepeats:
    def test_paragraphs_word_for_word_within_and_between_splits(self, config: Path) -> None:
        report = report_of(config)
        assert report.repeats.within == {"train": 1, "dev": 0}
        assert report.repeats.same == {("train", "dev"): 1}
        assert report.repeats.shared == {("train", "dev"): 0}  # two words are no run of eight
        assert report.repeats.left_out == ()

    def test_the_same_text_with_other_marks_is_named_with_both_places(self, config: Path) -> None:
        report = report_of(config)
        assert [(c.document.id, c.earlier) for c in report.repeats.conflicts] == [("train.ann:3", "train.ann:1")]
        assert "train.ann:3 and train.ann:1: 'زار وزير الدفاع طرابلس.'" in flat(report)

    def test_a_training_paragraph_that_is_left_out_is_named_with_the_splits(self, config: Path, tmp_path: Path) -> None:
        train = write(tmp_path / "train.ann", *TRAIN, f"قيل إن [T رئيس الوزراء]{OPENING[12:]}.", "زار [P أحمد]")
        test = write(tmp_path / "test.ann", f"{OPENING} [L ليبيا]")
        article = write(tmp_path / "article.txt", "أمس:", OPENING.replace(" ", "\n"))  # over the ends of lines
        overrides = (f"data.test={test}", f"data.held_out={article}")
        report, data = report_of(config, *overrides), load_data(load_config(config, overrides).data)
        assert str(train) in [s.path for s in report.sources]
        assert [(x.document, x.splits) for x in report.repeats.left_out] == [(data.left_out[0], ("test", "held_out"))]
        assert report.repeats.shared["train", "test"] == report.repeats.shared["train", "held_out"] == 1
        assert report.repeats.shared["test", "held_out"] == 1
        assert report.repeats.shared["dev", "test"] == 0
        assert "of another split (5 remain): 1\n  train.ann:5 (test, held_out): 'قيل إن رئيس الوزراء" in flat(report)

    def test_training_data_that_is_all_test_data_is_a_fault(self, config: Path, tmp_path: Path) -> None:
        write(tmp_path / "train.ann", f"{OPENING} [L ليبيا]")
        write(tmp_path / "dev.ann", f"{OPENING} [L طرابلس]")
        assert "all 1 paragraphs share eight words in a row with other splits" in flat(report_of(config))

    def test_repeats_are_those_that_every_pair_of_paragraphs_shows(self) -> None:
        chance = random.Random(3)
        words = ["زار", "عاد", "قال", "مصر", "تونس"]
        splits = {
            name: [
                Document(" ".join(chance.choices(words, k=chance.choice((1, 2, 9, 10)))), id=f"{name}{i}")
                for i in range(150)
            ]
            for name in ("train", "dev", "test", "held_out")
        }
        # a sentence that many paragraphs share a part of
        long = chance.choices(words, k=60)
        for documents_ in splits.values():
            for _ in range(20):
                start = chance.randrange(50)
                documents_.append(Document(" ".join(long[start : start + chance.choice((7, 8, 9))])))
        found = find_repeats(splits, [d.text for d in splits["held_out"]])
        assert found.shared[("train", "dev")] > 5
        assert min(found.same.values()) > 5
        for left, right in found.same:
            texts = {d.text for d in splits[right]}
            assert found.same[left, right] == sum(d.text in texts for d in splits[left])
            sharing = [
                d for d in splits[left] if any(word_runs(d.text) & word_runs(other.text) for other in splits[right])
            ]
            assert found.shared[left, right] == len(sharing)
        for name, n in found.within.items():
            seen = [d.text for d in splits[name]]
            assert n == sum(text in seen[:i] for i, text in enumerate(seen))


class TestFaults:
    def test_every_bad_line_is_named_and_the_others_are_counted(self, config: Path, tmp_path: Path) -> None:
        write(tmp_path / "train.ann", TRAIN[0], "زار [X مصر]", TRAIN[1], "زار [L مصر")
        report = report_of(config)
        assert len(report.faults) == 2
        assert f"train: {tmp_path / 'train.ann'}:2:5: unknown label" in report.faults[0]
        assert f"train: {tmp_path / 'train.ann'}:4:5: '[' is never closed" in report.faults[1]
        assert split(report, "train").statistics.words == 7

    def test_invalid_spans_of_jsonl_are_named(self, config: Path, tmp_path: Path) -> None:
        bad = [
            [{"start": 0, "end": 99, "label": "LOC"}],
            [{"start": 0, "end": 6, "label": "LOC"}, {"start": 4, "end": 9, "label": "LOC"}],
            [{"start": 4, "end": 4, "label": "LOC"}],
        ]
        lines = [json.dumps({"text": "زار ليبيا", "spans": spans}) for spans in [*bad, []]]
        dev = write(tmp_path / "dev.jsonl", *lines)
        report = report_of(config, f"data.dev={dev}")
        assert [f"{dev}:{i}: " in fault for i, fault in enumerate(report.faults, 1)] == [True, True, True]
        assert "out of range" in report.faults[0]
        assert "overlap" in report.faults[1]
        assert split(report, "dev").paragraphs == 1

    def test_a_span_across_two_paragraphs_is_named(self, config: Path, tmp_path: Path) -> None:
        value = {"id": "خبر", "text": "زار\nليبيا", "spans": [{"start": 0, "end": 9, "label": "LOC"}]}
        report = report_of(config, f"data.test={write(tmp_path / 'test.jsonl', json.dumps(value))}")
        assert "test: test.jsonl:خبر: span 'زار\\nليبيا' crosses the end of a line" in report.faults[0]

    def test_one_broken_file_of_a_folder_hides_no_other(self, config: Path, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        write(folder / "a.ann", "زار [L مصر")
        write(folder / "b.conll", "زار\tO", "ليبيا\tQ-LOC", "")
        write(folder / "c.ann", "زار [L ليبيا]")
        report = report_of(config, f"data.test={folder}")
        assert [fault.split(": ")[1] for fault in report.faults] == [
            f"{folder / 'a.ann'}:1:5",
            f"{folder / 'b.conll'}:2",
        ]
        assert split(report, "test").statistics.outer == {"LOC": 1}

    def test_spans_of_doccano_are_read_on_after_a_bad_line(self, config: Path, tmp_path: Path) -> None:
        good = json.dumps({"text": "زار ليبيا", "label": [[4, 9, "LOC"]]})
        bad = json.dumps({"text": "زار ليبيا", "label": [[4, 99, "LOC"]]})
        test = write(tmp_path / "test.jsonl", bad, good, "{", good)
        report = report_of(config, f"data.test={test}")
        assert [fault.split(": ")[1] for fault in report.faults] == [f"{test}:1", f"{test}:3:2"]
        assert split(report, "test").statistics.outer == {"LOC": 2}

    def test_one_broken_text_of_brat_hides_no_other_of_a_glob(self, config: Path, tmp_path: Path) -> None:
        for name, end in (("a", 99), ("b", 9)):
            write(tmp_path / f"{name}.txt", "زار ليبيا")
            write(tmp_path / f"{name}.ann", f"T1\tLOC 4 {end}\tليبيا")
        report = report_of(config, f"data.test={tmp_path / '[ab].ann'}")
        assert [fault.split(": ")[1] for fault in report.faults] == [f"{tmp_path / 'a.ann'}:1"]
        assert split(report, "test").statistics.outer == {"LOC": 1}

    def test_a_file_that_is_bad_throughout_is_given_up_and_this_is_said(self, tmp_path: Path) -> None:
        file = write(tmp_path / "bad.ann", *["]"] * (MOST_ERRORS + 5))
        found, errors = read_around_errors(Source(str(file)))
        assert found == []
        assert len(errors) == MOST_ERRORS + 1
        assert "The rest of the file was not read" in errors[-1]

    def test_a_missing_file_and_one_of_another_encoding_are_named(self, config: Path, tmp_path: Path) -> None:
        (tmp_path / "cp1256.ann").write_bytes("زار ليبيا".encode("cp1256"))
        report = report_of(
            config,
            f"data.test={tmp_path / 'cp1256.ann'}",
            f"data.held_out=[{tmp_path / 'no.txt'}, {tmp_path / 'no.ann'}]",
        )
        assert ["UTF-8" in report.faults[0], *("no such file" in x for x in report.faults[1:])] == [True] * 3
        assert split(report, "train").statistics.words == 13

    def test_an_empty_source_is_a_fault(self, config: Path, tmp_path: Path) -> None:
        (fault,) = report_of(config, f"data.dev={write(tmp_path / 'empty.ann', '### only a header')}").faults
        assert fault.startswith(f"dev: {tmp_path / 'empty.ann'}: no documents in it")

    def test_labels_of_dev_that_train_lacks_are_counted_and_placed(self, config: Path, tmp_path: Path) -> None:
        dev = write(tmp_path / "dev.ann", "زار [L ليبيا]", "زار [O الدفاع]", "زار [T وزير [L ليبيا]] [O الدفاع]")
        faults = report_of(config, f"data.dev={dev}").faults
        assert len(faults) == 2
        assert (
            "labels that the model lacks: ORG (2 spans, first in dev.ann:2); it has OFFICIAL, TITLE, LOC." in faults[0]
        )
        assert "nested labels that the model lacks: LOC (1 span, first in dev.ann:3); it has ORG." in faults[1]

    def test_a_label_that_the_configuration_names_and_no_training_paragraph_has(self, config: Path) -> None:
        labels = "labels={outer: [OFFICIAL, LOC, EVENT], inner: [], nesting: []}"
        faults = report_of(config, labels).faults
        assert [fault.split(":")[0] for fault in faults] == ["train", "train", "dev"]
        assert "labels that the model lacks: TITLE (2 spans, first in train.ann:1)" in faults[0]
        assert "nested labels that the model lacks: ORG (1 span, first in train.ann:1); it has none" in faults[1]
        labels = "labels={outer: [OFFICIAL, TITLE, LOC, ORG], inner: [ORG], nesting: [TITLE]}"
        assert report_of(config, labels).faults == ()

    def test_a_known_label_that_no_training_paragraph_has(self, config: Path, tmp_path: Path) -> None:
        write(tmp_path / "train.ann", "زار [L ليبيا] أمس", "زار [P أحمد]")
        (fault,) = report_of(config, "labels={outer: [OFFICIAL, TITLE, LOC]}").faults
        assert "dev.ann: labels that no training paragraph has: TITLE (1 span, first in dev.ann:2)" in fault

    def test_half_characters_do_not_break_the_report(self, config: Path, tmp_path: Path) -> None:
        value = {"text": "زار \ud83d ليبيا", "spans": [{"start": 4, "end": 5, "label": "LOC"}]}
        test = write(tmp_path / "test.jsonl", json.dumps(value), json.dumps(value))
        result = CliRunner().invoke(
            app, ["data", "check", str(config), f"data.test={test}", "--json", str(tmp_path / "out.json")]
        )
        assert result.exit_code == 0, result.output
        assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["splits"][2]["paragraphs"] == 2


class TestUnalignedSpans:
    @pytest.mark.parametrize(
        ("marked", "reason"),
        [
            ("زار الو[T زير] أمس", "begins inside the word 'الوزير'"),
            ("زار [T وز]ير أمس", "ends inside the word 'وزير'"),
            ("زار [L ليبيا] أمس", None),
            ("عاد إلى [L ليبيا] ول[L ليبيا]", None),
            ("زار [L \u200f] أمس", "holds no word"),
            ("زار [L ليبيا\u200f] أمس", "has white space or an invisible character at its edge"),
            ("زار [L لي][L بيا]", "ends inside the word 'ليبيا'"),
            ("زار [L لي][L بيا]", "begins inside the word 'ليبيا'"),
            ("زار [L ليبيا [O مصر]]", "lies in a span of the label LOC, which holds no nested spans"),
        ],
    )
    def test_each_is_named_with_its_reason(self, marked: str, reason: str | None) -> None:
        lost = count([parse_markup(marked)], SCHEME).lost
        assert reason in [x.reason for x in lost] if reason else lost == ()

    def test_two_spans_in_one_word_and_a_nested_span_of_a_lost_one(self) -> None:
        text = "ولبنان"
        doubled = Document(text, (make_span(text, 1, 6, "TITLE", [make_span(text, 0, 6, "LOC")]),))
        assert [x.reason for x in count([doubled], SCHEME).lost] == ["shares a word with another span"]
        text = "الوزير الدفاع"
        lost = count([Document(text, (make_span(text, 2, 13, "TITLE", [make_span(text, 7, 13, "ORG")]),))], SCHEME).lost
        assert [x.reason for x in lost] == [
            "begins inside the word 'الوزير'",
            "lies in 'وزير الدفاع', which is left out",
        ]

    def test_without_a_proclitic_head_spans_begin_with_words(self) -> None:
        document = parse_markup("عاد ل[L ليبيا]")
        assert count([document], SCHEME).lost == ()
        flat_scheme = LabelScheme(("LOC",), (), (), proclitics=False)
        assert [x.reason for x in count([document], flat_scheme).lost] == ["begins inside the word 'لليبيا'"]

    @given(documents())
    def test_the_others_are_those_that_come_back(self, document: Document) -> None:
        statistics = count([document], SCHEME)
        lost = {(x.layer, x.span.start, x.span.end, x.span.label) for x in statistics.lost}
        back = keyed(round_trip(document, SCHEME))
        gold = keyed(document.spans)
        forbidden = {k for s in document.spans if s.label not in SCHEME.nesting for k in keyed([s]) if k[0] == "inner"}
        assert lost == {k for k in gold if k not in back} | forbidden
        assert statistics.represented == len(gold) - len(lost)

    @given(st.data())
    def test_spans_of_words_are_never_among_them(self, data: st.DataObject) -> None:
        text = data.draw(sentences)
        spans = data.draw(word_spans(text))
        document = Document(text, tuple(spans))
        if keyed(round_trip(document, SCHEME)) == keyed(document.spans):
            assert count([document], SCHEME).lost == ()

    def test_few_are_named_and_many_are_a_fault(self, config: Path, tmp_path: Path) -> None:
        good = ["زار [L ليبيا]"] * 98
        write(tmp_path / "train.ann", *good, "زار [T وز]ير أمس", "زار [T وزير]")
        report = report_of(config)
        assert report.faults == ()  # 1 of 100
        assert "train: train.ann:99: TITLE 'وز' ends inside the word 'وزير'" in flat(report)
        write(tmp_path / "train.ann", *good[3:], *["زار [T وز]ير أمس"] * 3, "زار [T وزير]")
        (fault,) = report_of(config).faults
        assert "train.ann: 3 of 99 spans cannot be represented by word tags" in fault


def keyed(tops: Sequence[Span]) -> set[tuple[str, int, int, str]]:
    inner = {("inner", s.start, s.end, s.label) for top in tops for s in top.inner}
    return inner | {("outer", s.start, s.end, s.label) for s in tops}


class TestSubTokens:
    def test_unknown_sub_tokens_belong_to_the_words_that_hold_them(self) -> None:
        prepared = prepare_tokenizer(tokenizer())
        assert unknown_id(prepared) == VOCABULARY.index("[UNK]")
        pieces = count_pieces(prepared, ["أحمد زار أحمد، ـ", "ـ", "طرابلس"], 16, unknown_id(prepared))
        assert pieces.lengths.tolist() == [4, 0, 2]
        assert pieces.windows.tolist() == [1, 0, 1]
        assert pieces.unknown == 3
        assert pieces.unknown_words == {"أحمد": 2, "،": 1}

    @given(st.lists(sentences, max_size=4))
    def test_sums_of_parts_are_the_figures_of_the_whole(self, texts: list[str]) -> None:
        prepared = prepare_tokenizer(tokenizer())
        whole = count_pieces(prepared, texts, 16, 1)
        parts = [count_pieces(prepared, [text], 16, 1) for text in texts]
        assert whole.lengths.sum() == sum(int(x.lengths.sum()) for x in parts)
        assert whole.unknown == sum(x.unknown for x in parts)
        assert np.array_equal(whole.windows, [int(x.windows[0]) for x in parts])


class TestCommand:
    def test_it_prints_the_figures_draws_them_and_ends_with_zero(self, config: Path, tmp_path: Path) -> None:
        result = CliRunner().invoke(app, ["data", "check", str(config)])
        assert result.exit_code == 0, result.output
        rows = [line.split() for line in result.output.splitlines()]
        for row in (
            ["train", "4", "13", "7", "1", "0"],  # paragraphs, words, spans, nested, unaligned
            ["TITLE", "2", "1"],
            ["nested", "ORG", "1", "0"],
            ["TITLE", "2", "/", "2", "/", "2", "1", "/", "1", "/", "1"],
            ["train", "17", "1.31", "5.882%", "6", "0", "0"],
            ["within", "train", "1"],
            ["train", "in", "dev", "1", "0"],
            ["nothing", "to", "mend"],
        ):
            assert row in rows, row
        picture = tmp_path / "run" / "data-check.png"
        assert f"picture: {picture}" in result.output
        assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"

    def test_faults_end_with_one_and_are_in_the_json_too(self, config: Path, tmp_path: Path) -> None:
        write(tmp_path / "dev.ann", "زار [O الدفاع]", "زار [L ليبيا")
        files = ["--picture", str(tmp_path / "a" / "b.png"), "--json", str(tmp_path / "c" / "d.json")]
        result = CliRunner().invoke(app, ["data", "check", str(config), *files])
        assert result.exit_code == 1
        assert "2 to mend:" in result.output
        values = json.loads((tmp_path / "c" / "d.json").read_text(encoding="utf-8"))
        assert len(values["faults"]) == 2
        assert all(fault in result.output for fault in values["faults"])
        assert (tmp_path / "a" / "b.png").is_file()

    def test_a_configuration_that_cannot_be_read_ends_with_two(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "wazir_training", "data", "check", str(tmp_path / "none.yaml")]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("error: ")

    def test_every_line_of_a_kind_is_in_the_json_though_the_terminal_names_twenty(
        self, config: Path, tmp_path: Path
    ) -> None:
        write(tmp_path / "train.ann", *TRAIN, *(f"{OPENING} [L ليبيا] {n}" for n in range(23)))
        write(tmp_path / "dev.ann", OPENING, "زار [L ليبيا]")
        result = CliRunner().invoke(app, ["data", "check", str(config), "--json", str(tmp_path / "out.json")])
        assert "(4 remain): 23" in result.output
        assert "and 3 more; --json FILE writes all." in result.output
        values = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        assert [x["document"] for x in values["left_out"]] == [f"train.ann:{n}" for n in range(5, 28)]


class TestPicture:
    def test_it_shows_the_sizes_counts_and_shares_that_the_report_has(self, config: Path) -> None:
        figure = report_figure(report_of(config))
        counts, lengths, sizes, subtokens = ([t.get_text().strip() for t in axes.texts] for axes in figure.axes)
        assert counts == [*"1241", *"0120"]  # OFFICIAL, TITLE, LOC and nested ORG of train, then of dev
        assert lengths == ["100", "33", "67", "100", "100"]  # TITLE: one of three spans has one word, two have two
        assert sizes == ["13 words, 4 paragraphs", "5 words, 2 paragraphs"]
        assert subtokens == []
        (window,) = [line for line in figure.axes[3].lines if line.get_linestyle() == "--"]
        assert np.asarray(window.get_xdata()).tolist() == [14, 14]

    def test_it_is_drawn_without_a_base_and_without_spans(self, config: Path, tmp_path: Path) -> None:
        for name in ("train.ann", "dev.ann"):
            write(tmp_path / name, "زار أحمد ليبيا")
        report = report_of(config, f"model.base={tmp_path / 'gone'}")
        assert "train: text: the training data has no spans" in flat(report)
        draw_report(report, tmp_path / "empty.png")
        assert (tmp_path / "empty.png").stat().st_size > 10_000
